//! Statements: each form to what binds it; blocks and `if` here.

use super::ErrorKind;
use super::access::Operand;
use super::ir::{Const, Expr, ExprKind, Span, Stmt, StmtKind};
use super::scope::{Binder, Breakable, Readonly, erroneous};
use crate::dotnet::inherit::is_value_type;
use portcullis_grammar::syntax::{self, ExprKind as S, StatementKind};

impl Binder<'_> {
    pub fn bind_entry_block(&mut self, tree: &syntax::Block) {
        let body = self.statements(&tree.statements);
        self.draft().function.span = tree.span;
        self.set_body(body);
    }

    pub fn block(&mut self, block: &syntax::Block) -> Vec<Stmt> {
        self.push_scope();
        let statements = self.statements(&block.statements);
        self.pop_scope();
        statements
    }

    pub(super) fn statements(&mut self, statements: &[syntax::Statement]) -> Vec<Stmt> {
        self.look_ahead(statements);
        // Local functions may be called before they are declared.
        let mut functions = Vec::new();
        for statement in statements {
            if let StatementKind::LocalFunction(function) = &statement.kind {
                functions.push(self.declare_function(function, statement.span));
            }
        }
        let mut functions = functions.into_iter();
        let mut out = Vec::new();
        for statement in statements {
            if let StatementKind::LocalFunction(function) = &statement.kind {
                if let Some(Some(at)) = functions.next() {
                    self.bind_function(at, function);
                }
                continue;
            }
            self.statement(statement, &mut out);
        }
        out
    }

    pub(super) fn embedded(&mut self, statement: &syntax::Statement) -> Vec<Stmt> {
        self.push_scope();
        let mut out = Vec::new();
        if let StatementKind::Local(_) | StatementKind::LocalFunction(_) | StatementKind::Labeled { .. } =
            statement.kind
        {
            self.error(
                ErrorKind::Flow,
                "CS1023",
                statement.span,
                "Embedded statement cannot be a declaration or labeled statement",
            );
        }
        match &statement.kind {
            StatementKind::Block(block) => out.extend(self.statements(&block.statements)),
            _ => self.statement(statement, &mut out),
        }
        self.pop_scope();
        out
    }

    pub(super) fn statement(&mut self, statement: &syntax::Statement, out: &mut Vec<Stmt>) {
        let span = statement.span;
        let push = |out: &mut Vec<Stmt>, kind| out.push(Stmt { kind, span });
        match &statement.kind {
            StatementKind::Block(block) => {
                let inner = self.block(block);
                push(out, StmtKind::Block(inner));
            }
            StatementKind::Empty | StatementKind::Error | StatementKind::LocalFunction(_) => {}
            StatementKind::Local(local) => self.local_declaration(local, span, Readonly::No, out),
            StatementKind::Expr(tree) => {
                let value = self.statement_expression(tree);
                push(out, StmtKind::Expr(value));
            }
            StatementKind::If { condition, then, otherwise } => {
                let test = self.condition(condition);
                let then = self.embedded(then);
                let otherwise = otherwise.as_ref().map(|s| self.embedded(s)).unwrap_or_default();
                push(out, StmtKind::If { test, then, otherwise });
            }
            StatementKind::While { condition, body } => {
                self.push_scope();
                let test = self.condition(condition);
                let body = self.loop_body(body);
                self.pop_scope();
                push(out, StmtKind::Loop { test: Some(test), test_last: false, step: Vec::new(), body });
            }
            StatementKind::Do { body, condition } => {
                let body = self.loop_body(body);
                self.push_scope();
                let test = self.condition(condition);
                self.pop_scope();
                push(out, StmtKind::Loop { test: Some(test), test_last: true, step: Vec::new(), body });
            }
            StatementKind::For { initializer, condition, iterators, body } => {
                self.push_scope();
                let mut inner = Vec::new();
                match initializer {
                    syntax::ForInitializer::None => {}
                    syntax::ForInitializer::Local(local) => {
                        self.local_declaration(local, span, Readonly::No, &mut inner)
                    }
                    syntax::ForInitializer::Exprs(list) => {
                        for tree in list {
                            let value = self.statement_expression(tree);
                            inner.push(Stmt { kind: StmtKind::Expr(value), span: tree.span });
                        }
                    }
                }
                let test = condition.as_ref().map(|c| self.condition(c));
                let step = iterators.iter().map(|tree| self.statement_expression(tree)).collect();
                let body = self.loop_body(body);
                self.pop_scope();
                inner.push(Stmt { kind: StmtKind::Loop { test, test_last: false, step, body }, span });
                push(out, StmtKind::Block(inner));
            }
            StatementKind::ForEach { variable, source, body } => self.for_each(variable, source, body, span, out),
            StatementKind::Switch { value, sections } => self.switch(value, sections, span, out),
            StatementKind::Break => match self.draft().breakables.last().copied() {
                Some(Breakable::Loop) => push(out, StmtKind::Break),
                Some(Breakable::Switch(end)) => push(out, StmtKind::Goto(end)),
                Some(Breakable::Finally) if self.draft().breakables.len() > 1 => {
                    self.error(ErrorKind::Flow, "CS0157", span, LEAVES_FINALLY);
                }
                None | Some(Breakable::Finally) => {
                    self.error(ErrorKind::Flow, "CS0139", span, "No enclosing loop out of which to break or continue");
                }
            },
            StatementKind::Continue => {
                let breakables = &self.draft().breakables;
                let inside = breakables.iter().rposition(|b| matches!(b, Breakable::Finally)).map_or(0, |at| at + 1);
                let loops = |all: &[Breakable]| all.iter().any(|b| matches!(b, Breakable::Loop));
                if loops(&breakables[inside..]) {
                    push(out, StmtKind::Continue);
                } else if loops(breakables) {
                    self.error(ErrorKind::Flow, "CS0157", span, LEAVES_FINALLY);
                } else {
                    self.error(ErrorKind::Flow, "CS0139", span, "No enclosing loop out of which to break or continue");
                }
            }
            StatementKind::Return(value) => {
                if self.draft().open_finally > 0 {
                    self.error(ErrorKind::Flow, "CS0157", span, LEAVES_FINALLY);
                }
                let kind = self.return_statement(value.as_ref(), span);
                push(out, kind);
            }
            StatementKind::Throw(Some(tree)) => {
                let value = self.thrown(tree);
                push(out, StmtKind::Throw(value));
            }
            StatementKind::Throw(None) => {
                if self.in_catch() {
                    push(out, StmtKind::Rethrow);
                } else {
                    self.error(
                        ErrorKind::Flow,
                        "CS0156",
                        span,
                        "A throw statement with no arguments is not allowed outside of a catch clause",
                    );
                    // Control does not go on here all the same.
                    push(out, StmtKind::Throw(erroneous(span)));
                }
            }
            StatementKind::Yield(value) => self.yield_statement(value.as_ref(), span, out),
            StatementKind::Try { body, catches, finally } => {
                self.try_statement(body, catches, finally.as_ref(), span, out)
            }
            StatementKind::Using { resource, body } => self.using(resource, body, span, out),
            StatementKind::Lock { value, body } => {
                let value = self.value_of(value);
                if is_value_type(value.ty) {
                    let message = format!(
                        "'{}' is not a reference type as required by the lock statement",
                        value.ty.csharp_name()
                    );
                    self.error(ErrorKind::Type, "CS0185", value.span, message);
                }
                let value = self.monitored(value);
                push(out, StmtKind::Expr(value));
                let body = self.embedded(body);
                push(out, StmtKind::Block(body));
            }
            StatementKind::Checked(block) | StatementKind::Unchecked(block) => {
                let checked = matches!(statement.kind, StatementKind::Checked(_));
                let before = (self.checked, self.unchecked);
                (self.checked, self.unchecked) = (checked, !checked);
                let inner = self.block(block);
                (self.checked, self.unchecked) = before;
                push(out, StmtKind::Block(inner));
            }
            StatementKind::Goto(target) => self.goto(target, span, out),
            StatementKind::Labeled { label, statement } => {
                if let Some((id, _)) = self.label(&label.text) {
                    push(out, StmtKind::Label(id));
                }
                self.statement(statement, out);
            }
        }
    }

    /// An expression that stands as a statement: a call, an assignment, an increment, `new`.
    fn statement_expression(&mut self, tree: &syntax::Expr) -> Expr {
        let allowed = stands_alone(tree);
        let operand = self.operand(tree);
        if !allowed && matches!(operand, Operand::Group(_) | Operand::Lambda(_)) {
            return self.no_statement(tree.span);
        }
        let value = self.value(operand).unwrap_or_else(|| erroneous(tree.span));
        if !allowed {
            return self.no_statement(tree.span);
        }
        value
    }

    pub fn no_statement(&mut self, span: Span) -> Expr {
        let help =
            "only an assignment, a call, `++`, `--` and `new` can stand alone; to answer with a value, write `return`";
        self.error_help(ErrorKind::Flow, "CS0201", span, NO_STATEMENT, Some(help.to_owned()))
    }
}

pub(super) fn is_unmanaged(kind: &syntax::ConstraintKind) -> bool {
    let syntax::ConstraintKind::Type(of) = kind else { return false };
    matches!(&of.kind, syntax::TypeKind::Named { alias: None, parts } if parts.len() == 1 && &*parts[0].name.text == "unmanaged")
}

pub(super) fn is_null_constant(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Const(Const::Null) => true,
        ExprKind::Retype(inner) => is_null_constant(inner),
        _ => false,
    }
}

pub(super) const LEAVES_FINALLY: &str = "Control cannot leave the body of a finally clause";

/// What is said of an expression that cannot be a statement.
pub(super) const NO_STATEMENT: &str = "this expression does nothing as a statement";

/// Whether an expression may stand as a statement.
pub fn stands_alone(tree: &syntax::Expr) -> bool {
    let mut inner = tree;
    while let S::ConditionalAccess { rest, .. } = &inner.kind {
        inner = rest;
    }
    matches!(&inner.kind, S::Invocation { .. } | S::Assign { .. } | S::New { .. } | S::Error | S::NamedValue(_))
        || matches!(
            &inner.kind,
            S::Unary {
                op: syntax::UnaryOp::PreIncrement
                    | syntax::UnaryOp::PreDecrement
                    | syntax::UnaryOp::PostIncrement
                    | syntax::UnaryOp::PostDecrement,
                ..
            }
        )
}
