//! Iterators whose `finally` bodies run when they are left early.
//!
//! In: the functions of a program. Out: the same, where some iterator hands out elements inside a `try` with a `finally`: then
//! each `foreach` closes what it runs over, however it is left.

use super::convert::assign_local;
use super::generic::statements;
use super::ir::{Expr, ExprKind, Function, Local, LocalId, Stmt, StmtKind};
use crate::dotnet::system::enumerate;
use crate::dotnet::types::{self, TypeId};

/// Whether an iterator of these may be left with a `finally` to run.
pub fn leaves_open(functions: &[Function]) -> bool {
    functions.iter().flat_map(|function| &function.body).any(|statement| {
        let mut found = false;
        see(statement, &mut |statement| {
            if let StmtKind::Try { body, finally, .. } = &statement.kind
                && !finally.is_empty()
            {
                body.iter()
                    .for_each(|inner| see(inner, &mut |inner| found |= matches!(inner.kind, StmtKind::Yield(_))));
            }
        });
        found
    })
}

/// A statement and those in it.
fn see(statement: &Stmt, look: &mut dyn FnMut(&Stmt)) {
    look(statement);
    match &statement.kind {
        StmtKind::Block(body) | StmtKind::Loop { body, .. } | StmtKind::ForEach { body, .. } => {
            body.iter().for_each(|inner| see(inner, look));
        }
        StmtKind::If { then, otherwise, .. } => then.iter().chain(otherwise).for_each(|inner| see(inner, look)),
        StmtKind::Try { body, catches, finally } => {
            body.iter().chain(finally).for_each(|inner| see(inner, look));
            catches.iter().flat_map(|clause| &clause.body).for_each(|inner| see(inner, look));
        }
        _ => {}
    }
}

pub fn close_loops(functions: &mut [Function]) {
    if !leaves_open(functions) {
        return;
    }
    for function in functions {
        let mut body = std::mem::take(&mut function.body);
        for statement in &mut body {
            statements(statement, &mut |statement| close_loop(statement, &mut function.locals));
        }
        function.body = body;
    }
}

fn close_loop(statement: &mut Stmt, locals: &mut Vec<Local>) {
    let span = statement.span;
    let StmtKind::ForEach { source, .. } = &mut statement.kind else { return };
    // What is closed already: a loop is seen again inside the statement that it became.
    if matches!(&source.kind, ExprKind::Local(local) if locals[local.0 as usize].name.is_empty() && source.ty == enumerator())
    {
        return;
    }
    let ty = enumerator();
    let local = LocalId(locals.len() as u32);
    locals.push(Local::new("", ty, 0));
    let read = || Expr { kind: ExprKind::Local(local), ty, span };
    let source = std::mem::replace(source, read());
    let engine = |code, argument: Expr, ty| {
        let kind = ExprKind::Engine { code, name: "foreach", arguments: vec![argument] };
        Expr { kind, ty, span }
    };
    let opened = assign_local(local, engine(enumerate::open, source, ty), span);
    let close = engine(enumerate::close, read(), types::object());
    let stmt = |kind| Stmt { kind, span };
    let each = std::mem::replace(&mut statement.kind, StmtKind::Break);
    let guarded =
        StmtKind::Try { body: vec![stmt(each)], catches: Vec::new(), finally: vec![stmt(StmtKind::Expr(close))] };
    statement.kind = StmtKind::Block(vec![stmt(StmtKind::Expr(opened)), stmt(guarded)]);
}

/// `IEnumerator<object>`, which no text can name for a local without a name.
fn enumerator() -> TypeId {
    TypeId::generic("System.Collections.Generic.IEnumerator", &[types::object()])
}
