//! Reachability of ends: whether a statement list falls through.

use super::ir::{Const, Expr, ExprKind, Function, Stmt, StmtKind};
use super::{ErrorKind, TypeError};
use crate::dotnet::types::Type;

/// All paths of each function that returns a value end in a return or throw.
pub fn check(functions: &[Function]) -> Vec<TypeError> {
    let mut errors = Vec::new();
    super::assigned::check(functions, &mut errors);
    for function in functions {
        labels(function, &mut errors);
        if !matches!(function.returns.get(), Type::Void | Type::Error) && falls_through(&function.body) {
            let message = if &*function.name == "lambda" {
                "Not all code paths return a value in lambda expression".to_owned()
            } else {
                "not all code paths return a value".to_owned()
            };
            let csharp = if &*function.name == "lambda" { "CS1643" } else { "CS0161" };
            errors.push(TypeError {
                span: function.span,
                csharp: Some(csharp),
                message,
                help: Some("end each path with `return` or `throw`".into()),
                kind: ErrorKind::Flow,
            });
        }
    }
    errors
}

fn is_true(test: &Expr) -> bool {
    match &test.kind {
        ExprKind::Const(Const::Bool(true)) => true,
        // A pattern that always matches: `case var x`.
        ExprKind::Sequence { value, .. } => is_true(value),
        _ => false,
    }
}

fn is_false(test: &Expr) -> bool {
    matches!(test.kind, ExprKind::Const(Const::Bool(false)))
}

/// Whether control can reach the end of these statements.
pub fn falls_through(body: &[Stmt]) -> bool {
    let mut targets = Vec::new();
    loop {
        let known = targets.len();
        let mut found = Vec::new();
        let mut reachable = true;
        for statement in body {
            if let StmtKind::Label(label) = statement.kind {
                reachable |= targets.contains(&label) || found.contains(&label);
                continue;
            }
            if reachable {
                gotos(std::slice::from_ref(statement), &mut found);
                reachable = completes(statement);
            }
        }
        // A jump back may reach what only it reaches.
        if found.len() == known {
            return reachable;
        }
        targets = found;
    }
}

/// A jump goes to a label of its function, and a label stands once.
fn labels(function: &Function, errors: &mut Vec<TypeError>) {
    let (mut jumps, mut found) = (Vec::new(), Vec::new());
    statements(&function.body, &mut |statement| match &statement.kind {
        StmtKind::Goto(label) => jumps.push((*label, statement.span)),
        StmtKind::Label(label) => found.push((*label, statement.span)),
        _ => {}
    });
    let mut error = |csharp, span, message: &str| {
        let (message, kind) = (message.to_owned(), ErrorKind::Flow);
        errors.push(TypeError { span, csharp: Some(csharp), message, help: None, kind });
    };
    for (label, span) in jumps {
        if !found.iter().any(|(own, _)| *own == label) {
            error("CS0159", span, "No such label within the scope of the goto statement");
        }
    }
    for (at, (label, span)) in found.iter().enumerate() {
        if found[..at].iter().any(|(own, _)| own == label) {
            error("CS0140", *span, "The label is a duplicate");
        }
    }
}

/// Each statement, the inner ones too.
fn statements(body: &[Stmt], see: &mut dyn FnMut(&Stmt)) {
    for statement in body {
        see(statement);
        match &statement.kind {
            StmtKind::Block(inner) => statements(inner, see),
            StmtKind::If { then, otherwise, .. } => {
                statements(then, see);
                statements(otherwise, see);
            }
            StmtKind::Loop { body, .. } | StmtKind::ForEach { body, .. } => statements(body, see),
            StmtKind::Try { body, catches, finally } => {
                statements(body, see);
                catches.iter().for_each(|c| statements(&c.body, see));
                statements(finally, see);
            }
            _ => {}
        }
    }
}

fn completes(statement: &Stmt) -> bool {
    match &statement.kind {
        StmtKind::Expr(expr) => !matches!(expr.kind, ExprKind::Throw(_)),
        StmtKind::Declare { .. } | StmtKind::Label(_) => true,
        StmtKind::Block(body) => falls_through(body),
        StmtKind::If { test, then, otherwise } => {
            (!is_false(test) && falls_through(then)) || (!is_true(test) && falls_through(otherwise))
        }
        StmtKind::Loop { test, test_last, body, .. } => {
            let ends = test.as_ref().is_some_and(|t| !is_true(t));
            let reaches_test = !*test_last || falls_through(body) || breaks(body, true);
            breaks(body, false) || ends && reaches_test
        }
        StmtKind::ForEach { .. } => true,
        StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Return(_)
        | StmtKind::Throw(_)
        | StmtKind::Rethrow
        | StmtKind::Goto(_) => false,
        StmtKind::Try { body, catches, finally } => {
            falls_through(finally) && (falls_through(body) || catches.iter().any(|c| falls_through(&c.body)))
        }
    }
}

/// Whether a loop's own body holds a `break` (or `continue`) of that loop.
fn breaks(body: &[Stmt], looking_for_continue: bool) -> bool {
    body.iter().any(|statement| match &statement.kind {
        StmtKind::Break => !looking_for_continue,
        StmtKind::Continue => looking_for_continue,
        StmtKind::Block(inner) => breaks(inner, looking_for_continue),
        StmtKind::If { then, otherwise, .. } => {
            breaks(then, looking_for_continue) || breaks(otherwise, looking_for_continue)
        }
        StmtKind::Try { body, catches, finally } => {
            breaks(body, looking_for_continue)
                || breaks(finally, looking_for_continue)
                || catches.iter().any(|c| breaks(&c.body, looking_for_continue))
        }
        _ => false,
    })
}

fn gotos(body: &[Stmt], targets: &mut Vec<super::ir::LabelId>) {
    for statement in body {
        match &statement.kind {
            StmtKind::Goto(label) => targets.push(*label),
            StmtKind::Block(inner) => gotos(inner, targets),
            StmtKind::If { then, otherwise, .. } => {
                gotos(then, targets);
                gotos(otherwise, targets);
            }
            StmtKind::Loop { body, .. } | StmtKind::ForEach { body, .. } => gotos(body, targets),
            StmtKind::Try { body, catches, finally } => {
                gotos(body, targets);
                gotos(finally, targets);
                catches.iter().for_each(|c| gotos(&c.body, targets));
            }
            _ => {}
        }
    }
}
