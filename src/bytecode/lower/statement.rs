//! Statements: jumps for loops and conditions, handlers for `try`, labels.

use super::super::builder::Label;
use super::super::op::{CompareAs, Number, Op, Reg};
use super::super::unit::{Handler, HandlerKind};
use super::{Loop, Lowering, int_constant};
use crate::dotnet::types::Type;
use crate::typed::ir::{Argument, Catch, Const, Expr, ExprKind, LocalId, Stmt, StmtKind};

impl<'i> Lowering<'_, '_, 'i> {
    pub(super) fn body(&mut self, body: &'i [Stmt]) {
        for statement in body {
            self.find_labels(statement);
        }
        for statement in body {
            self.statement(statement);
        }
    }

    /// Labels are known before the jumps to them are written.
    fn find_labels(&mut self, statement: &Stmt) {
        if let StmtKind::Label(id) = statement.kind {
            let label = self.out.label();
            self.frame.labels.insert(id, label);
            self.frame.label_depth.insert(id, self.frame.finallies.len());
        }
    }

    /// The fields of a tuple may be assigned one by one: there is one from the start.
    fn zero_tuple(&mut self, local: LocalId, to: Reg) {
        let ty = self.current().locals[local.0 as usize].ty;
        if matches!(ty.get(), Type::Tuple(..)) {
            let ty = self.out.ty(ty);
            self.out.emit(Op::LoadZero { to, ty });
        }
    }

    fn statement(&mut self, statement: &'i Stmt) {
        self.at(statement.span);
        let mark = self.out.draft().next;
        match &statement.kind {
            StmtKind::Expr(value) => self.effect_only(value),
            StmtKind::Declare { local, value } => {
                let reg = self.local(*local);
                if let (true, Some(reference)) = (self.current().locals[local.0 as usize].by_reference, value) {
                    self.expr_into(reference, reg);
                } else if self.in_cell(*local) {
                    let first = match value {
                        Some(value) => self.expr(value),
                        None => {
                            let first = self.out.null();
                            self.zero_tuple(*local, first);
                            first
                        }
                    };
                    self.out.emit(Op::NewCell { to: reg, a: first });
                } else if let Some(value) = value {
                    self.expr_into(value, reg);
                } else {
                    self.zero_tuple(*local, reg);
                }
            }
            StmtKind::Block(inner) => self.body(inner),
            StmtKind::If { test, then, otherwise } => {
                let (no, end) = (self.out.label(), self.out.label());
                self.branch(test, false, no);
                self.body(then);
                if otherwise.is_empty() {
                    self.out.place(no);
                    self.out.place(end);
                } else {
                    self.out.jump(end);
                    self.out.place(no);
                    self.body(otherwise);
                    self.out.place(end);
                }
            }
            StmtKind::Loop { test, test_last, step, body } => {
                self.loop_statement(test.as_ref(), *test_last, step, body)
            }
            StmtKind::ForEach { source, raw, local, item, body } => self.for_each(source, *raw, *local, item, body),
            StmtKind::Break | StmtKind::Continue => {
                let Some(found) = self.frame.loops.last() else { return };
                let (target, depth) = match statement.kind {
                    StmtKind::Break => (found.end, found.finallies),
                    _ => (found.again, found.finallies),
                };
                self.run_finallies(depth);
                self.out.jump(target);
            }
            StmtKind::Return(value) => {
                let (to, end) = match self.frame.result {
                    Some((to, end)) => (to, Some(end)),
                    None => (self.out.register(), None),
                };
                match value {
                    Some(value) => self.expr_into(value, to),
                    None => self.out.emit(Op::LoadNull { to }),
                }
                self.run_finallies(0);
                match end {
                    Some(end) => self.out.jump(end),
                    None => self.out.emit(Op::Return { a: to }),
                }
            }
            StmtKind::Yield(value) => {
                let a = self.expr(value);
                self.out.emit(Op::Yield { a });
            }
            StmtKind::Throw(value) => {
                let a = self.expr(value);
                self.out.emit(Op::Throw { a });
            }
            StmtKind::Rethrow => {
                if let Some(&a) = self.frame.caught.last() {
                    self.out.emit(Op::Throw { a });
                }
            }
            StmtKind::Try { body, catches, finally } => self.try_statement(body, catches, finally),
            StmtKind::Label(id) => {
                let label = self.frame.labels[id];
                self.out.place(label);
            }
            StmtKind::Goto(id) => {
                let depth = self.frame.label_depth.get(id).copied().unwrap_or(0);
                self.run_finallies(depth);
                if let Some(&label) = self.frame.labels.get(id) {
                    self.out.jump(label);
                }
            }
        }
        // Registers of temporaries are free again; locals were allotted before.
        self.out.draft().next = mark;
    }

    fn loop_statement(&mut self, test: Option<&Expr>, test_last: bool, step: &[Expr], body: &'i [Stmt]) {
        let (top, again, end) = (self.out.label(), self.out.label(), self.out.label());
        let check = self.out.label();
        if !test_last {
            self.out.jump(check);
        }
        self.out.place(top);
        self.frame.loops.push(Loop { again, end, finallies: self.frame.finallies.len() });
        self.body(body);
        self.frame.loops.pop();
        self.out.place(again);
        for value in step {
            let mark = self.out.draft().next;
            self.effect_only(value);
            self.out.draft().next = mark;
        }
        self.out.place(check);
        match test {
            Some(test) => self.branch(test, true, top),
            None => self.out.jump(top),
        }
        self.out.place(end);
    }

    fn for_each(&mut self, source: &Expr, raw: LocalId, local: LocalId, item: &Expr, body: &'i [Stmt]) {
        let source = self.expr(source);
        let each = self.out.register();
        self.out.emit(Op::StartEach { to: each, source });
        let (again, end) = (self.out.label(), self.out.label());
        self.out.place(again);
        let to = self.local(raw);
        self.out.emit_jump(Op::NextEach { to, each, end: 0 }, end);
        let mark = self.out.draft().next;
        let value = self.expr(item);
        let reg = self.local(local);
        if self.in_cell(local) {
            self.out.emit(Op::NewCell { to: reg, a: value });
        } else {
            self.out.emit(Op::Move { to: reg, from: value });
        }
        self.out.draft().next = mark;
        self.frame.loops.push(Loop { again, end, finallies: self.frame.finallies.len() });
        self.body(body);
        self.frame.loops.pop();
        self.out.jump(again);
        self.out.place(end);
    }

    /// Writes the `finally` bodies that lie between here and this depth, innermost first.
    fn run_finallies(&mut self, depth: usize) {
        let open = self.frame.finallies.len();
        for at in (depth..open).rev() {
            let body = self.frame.finallies[at];
            let kept = self.frame.finallies.split_off(at);
            self.body(body);
            self.frame.finallies.extend(kept);
        }
    }

    fn try_statement(&mut self, body: &'i [Stmt], catches: &'i [Catch], finally: &'i [Stmt]) {
        let after = self.out.label();
        let outer_start = self.out.position();
        if !finally.is_empty() {
            self.frame.finallies.push(finally);
        }
        let start = self.out.position();
        self.body(body);
        let end = self.out.position();
        let done = self.out.label();
        self.out.jump(done);
        let mut handlers = Vec::new();
        for clause in catches {
            let exception = self.out.register();
            let filter = clause.filter.as_ref().map(|filter| {
                let position = self.out.position();
                self.bind_exception(clause, exception);
                let a = self.expr(filter);
                self.out.emit(Op::EndFilter { a });
                position
            });
            let target = self.out.position();
            self.bind_exception(clause, exception);
            self.frame.caught.push(exception);
            self.body(&clause.body);
            self.frame.caught.pop();
            self.out.jump(done);
            handlers.push(Handler {
                start,
                end,
                target,
                exception,
                kind: HandlerKind::Catch { ty: clause.ty, filter },
            });
        }
        for handler in handlers {
            self.out.handler(handler);
        }
        self.out.place(done);
        if !finally.is_empty() {
            let outer_end = self.out.position();
            self.frame.finallies.pop();
            self.body(finally);
            self.out.jump(after);
            let exception = self.out.register();
            let target = self.out.position();
            self.body(finally);
            self.out.emit(Op::Rethrow { a: exception });
            self.out.handler(Handler {
                start: outer_start,
                end: outer_end,
                target,
                exception,
                kind: HandlerKind::Finally,
            });
        }
        self.out.place(after);
    }

    fn bind_exception(&mut self, clause: &Catch, exception: Reg) {
        if let Some(local) = clause.local {
            let reg = self.local(local);
            let op = if self.in_cell(local) {
                Op::NewCell { to: reg, a: exception }
            } else {
                Op::Move { to: reg, from: exception }
            };
            self.out.emit(op);
        }
    }

    /// Jumps when the condition has this value.
    pub(super) fn branch(&mut self, test: &Expr, when: bool, to: Label) {
        if self.branch_at_glance(test, when, to) {
            return;
        }
        match &test.kind {
            ExprKind::Not(inner) => self.branch(inner, !when, to),
            ExprKind::Const(Const::Bool(value)) => {
                if *value == when {
                    self.out.jump(to);
                }
            }
            ExprKind::AndAlso(a, b) if !when => {
                self.branch(a, false, to);
                self.branch(b, false, to);
            }
            ExprKind::OrElse(a, b) if when => {
                self.branch(a, true, to);
                self.branch(b, true, to);
            }
            ExprKind::AndAlso(a, b) => {
                let no = self.out.label();
                self.branch(a, false, no);
                self.branch(b, true, to);
                self.out.place(no);
            }
            ExprKind::OrElse(a, b) => {
                let yes = self.out.label();
                self.branch(a, true, yes);
                self.branch(b, false, to);
                self.out.place(yes);
            }
            ExprKind::Compare { op, by: CompareAs::Number(Number::Int32), left, right } => {
                let op = if when { *op } else { op.opposite() };
                let mark = self.out.draft().next;
                let jump = match int_constant(right).and_then(|b| i16::try_from(b).ok()) {
                    Some(b) => Op::JumpCompareConstant { op, a: self.expr(left), b, to: 0 },
                    None => {
                        let (a, b) = self.two(left, right);
                        Op::JumpCompare { op, a, b, to: 0 }
                    }
                };
                self.out.emit_jump(jump, to);
                self.out.draft().next = mark;
            }
            ExprKind::IsNull(inner) => {
                let a = self.expr(inner);
                let op = if when { Op::JumpIfNull { a, to: 0 } } else { Op::JumpUnlessNull { a, to: 0 } };
                self.out.emit_jump(op, to);
            }
            _ => {
                let mark = self.out.draft().next;
                let a = self.expr(test);
                let op = if when { Op::JumpIf { a, to: 0 } } else { Op::JumpUnless { a, to: 0 } };
                self.out.emit_jump(op, to);
                self.out.draft().next = mark;
            }
        }
    }
}

/// Whether the one instruction that writes an expression's value is its last, so that its target may be read before.
pub(super) fn writes_last(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Arithmetic { .. }
        | ExprKind::Bitwise { .. }
        | ExprKind::Negate { .. }
        | ExprKind::ConvertNumber { .. }
        | ExprKind::Concat(_) => true,
        ExprKind::Call { arguments, .. } => arguments.iter().all(|argument| matches!(argument, Argument::Value(_))),
        _ => false,
    }
}
