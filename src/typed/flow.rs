//! Reachability of ends: whether a statement list falls through.

use super::ir::{Const, Expr, ExprKind, Function, Stmt, StmtKind};
use super::{ErrorKind, TypeError};
use crate::dotnet::types::Type;

/// All paths of each function that returns a value end in a return or throw.
/// In what is wrong already, assignments say nothing.
pub fn check(functions: &[Function], is_right: bool) -> Vec<TypeError> {
    let mut errors = Vec::new();
    if is_right {
        super::assigned::check(functions, &mut errors);
    }
    for function in functions {
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
    end_reached(body, body.len())
}

/// Whether control can reach the end of the first `length` of these statements.
pub fn end_reached(body: &[Stmt], length: usize) -> bool {
    let mut targets = Vec::new();
    loop {
        let known = targets.len();
        let mut found = Vec::new();
        let mut reachable = true;
        let mut at_length = length == 0;
        for (at, statement) in body.iter().enumerate() {
            if let StmtKind::Label(label) = statement.kind {
                reachable |= targets.contains(&label) || found.contains(&label);
            } else if reachable {
                gotos(std::slice::from_ref(statement), &mut found);
                reachable = completes(statement);
            }
            if at + 1 == length {
                at_length = reachable;
            }
        }
        // A jump back may reach what only it reaches.
        if found.len() == known {
            return at_length;
        }
        targets = found;
    }
}

fn completes(statement: &Stmt) -> bool {
    match &statement.kind {
        StmtKind::Expr(expr) => !matches!(expr.kind, ExprKind::Throw(_)),
        StmtKind::Declare { .. } | StmtKind::Label(_) | StmtKind::Yield(_) => true,
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
            StmtKind::If { test, then, otherwise } => {
                if !is_false(test) {
                    gotos(then, targets);
                }
                if !is_true(test) {
                    gotos(otherwise, targets);
                }
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
