//! Typed IR to instructions. Reads nothing but its arguments: the same input gives the same code.
//!
//! The entry of a program is written where its value is wanted; its lambdas and local functions become functions of the
//! unit. Locals that a lambda captures live in cells.

use super::builder::{Builder, Label};
use super::op::{CompareAs, Comparison, Number, Op, Reg};
use super::unit::{Closure, Handler, HandlerKind, NativeCall, TemplatePiece};
use crate::dotnet::context::{self, maps::KeyOf};
use crate::dotnet::inherit::substitute;
use crate::dotnet::member::{Code, Form, Member};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::{HostObject, Value};
use crate::source::Cooked;
use crate::typed::dynamic::{Site, What};
use crate::typed::ir::{
    Argument, Catch, Const, Expr, ExprKind, Function, FunctionId, LabelId, LocalId, Piece, Place, Program, Stmt,
    StmtKind,
};
use crate::typed::iterator::leaves_open;
use crate::vm::dynamic::CallSite;
use std::collections::HashMap;

/// A function of the program while its code is written.
struct Frame<'i> {
    id: FunctionId,
    /// The registers of its locals.
    locals: Vec<Reg>,
    /// The registers that hold captured cells.
    captures: Vec<Reg>,
    /// Where `return` goes: a register and a label for the inlined entry.
    result: Option<(Reg, Label)>,
    loops: Vec<Loop>,
    labels: HashMap<LabelId, Label>,
    label_depth: HashMap<LabelId, usize>,
    /// `finally` bodies that an exit must run, outermost first.
    finallies: Vec<&'i [Stmt]>,
    /// What a bare `throw;` throws.
    caught: Vec<Reg>,
}

struct Loop {
    again: Label,
    end: Label,
    /// How many `finally` bodies were open outside.
    finallies: usize,
}

/// Writes one program.
struct Lowering<'b, 'p, 'i> {
    out: &'b mut Builder<'p>,
    program: &'i Program,
    text: &'i Cooked,
    /// The unit's function of each of the program's.
    functions: Vec<Option<u32>>,
    frame: Frame<'i>,
}

impl Builder<'_> {
    /// Writes a program here; its value ends up in `to`.
    pub(super) fn inline(&mut self, program: &Program, text: &Cooked, to: Reg) {
        let result = self.label();
        let settles = std::mem::replace(&mut self.settles, leaves_open(&program.functions));
        let mut lowering = Lowering {
            out: self,
            program,
            text,
            functions: vec![None; program.functions.len()],
            frame: Frame::new(FunctionId(0), Some((to, result))),
        };
        lowering.declare_functions();
        let entry = &program.functions[0];
        lowering.enter(entry);
        lowering.body(&entry.body);
        lowering.out.emit(Op::LoadNull { to });
        lowering.out.place(result);
        self.settles = settles;
    }
}

impl Builder<'_> {
    /// Writes a program of one function that takes operands, as the unit's body.
    pub fn operation(&mut self, program: &Program) {
        let text = Cooked::verbatim("", crate::source::FileId(0), 0);
        let body = self.begin_function("operation") as u32;
        let mut lowering = Lowering {
            out: self,
            program,
            text: &text,
            functions: vec![Some(body); program.functions.len()],
            frame: Frame::new(FunctionId(0), None),
        };
        lowering.function(FunctionId(0));
        self.body = Some(body);
    }
}

impl Frame<'_> {
    fn new(id: FunctionId, result: Option<(Reg, Label)>) -> Self {
        Frame {
            id,
            locals: Vec::new(),
            captures: Vec::new(),
            result,
            loops: Vec::new(),
            labels: HashMap::new(),
            label_depth: HashMap::new(),
            finallies: Vec::new(),
            caught: Vec::new(),
        }
    }
}

impl<'i> Lowering<'_, '_, 'i> {
    /// Gives each lambda and local function its place in the unit, then writes it.
    fn declare_functions(&mut self) {
        for at in 1..self.program.functions.len() {
            let name = self.program.functions[at].name.clone();
            self.functions[at] = Some(self.out.begin_function(&name) as u32);
        }
        for at in 1..self.program.functions.len() {
            self.function(FunctionId(at as u32));
        }
    }

    fn function(&mut self, id: FunctionId) {
        let function = &self.program.functions[id.0 as usize];
        let Some(unit_function) = self.functions[id.0 as usize] else { return };
        let outer = std::mem::replace(&mut self.out.current, unit_function as usize);
        let outer_span = self.out.span;
        let frame = std::mem::replace(&mut self.frame, Frame::new(id, None));
        self.out.draft().function.parameters = function.parameters as u16;
        self.out.draft().function.captures = function.captures.len() as u16;
        // Parameters, then captures, then the rest.
        let parameters = self.out.registers(function.parameters as usize);
        self.frame.captures = (0..function.captures.len()).map(|_| self.out.register()).collect();
        self.frame.locals = (0..function.parameters as Reg).map(|n| parameters + n).collect();
        for (at, local) in function.locals.iter().enumerate() {
            if at >= function.parameters as usize {
                let reg = self.out.register();
                self.frame.locals.push(reg);
            } else if local.in_cell && !local.by_reference {
                let reg = self.frame.locals[at];
                self.out.emit(Op::NewCell { to: reg, a: reg });
            }
        }
        self.make_cells(function, function.parameters as usize);
        self.body(&function.body);
        let to = self.out.register();
        self.out.emit(Op::LoadNull { to });
        self.out.emit(Op::Return { a: to });
        self.out.end_function();
        self.out.current = outer;
        self.out.span = outer_span;
        self.frame = frame;
    }

    /// The locals of the inlined entry.
    fn enter(&mut self, function: &Function) {
        self.frame.locals = function.locals.iter().map(|_| self.out.register()).collect();
        self.make_cells(function, 0);
    }

    fn make_cells(&mut self, function: &Function, from: usize) {
        for (at, local) in function.locals.iter().enumerate().skip(from) {
            if local.in_cell && !local.by_reference {
                let reg = self.frame.locals[at];
                self.out.emit(Op::LoadNull { to: reg });
                self.out.emit(Op::NewCell { to: reg, a: reg });
            }
        }
    }

    fn current(&self) -> &'i Function {
        &self.program.functions[self.frame.id.0 as usize]
    }

    fn in_cell(&self, local: LocalId) -> bool {
        let local = &self.current().locals[local.0 as usize];
        local.in_cell || local.by_reference
    }

    fn local(&self, local: LocalId) -> Reg {
        self.frame.locals[local.0 as usize]
    }

    fn at(&mut self, span: portcullis_grammar::Span) {
        self.out.span = Some(self.text.source_span(span.start, span.end));
    }

    // ---- statements

    fn body(&mut self, body: &'i [Stmt]) {
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
                        None => self.out.null(),
                    };
                    self.out.emit(Op::NewCell { to: reg, a: first });
                } else if let Some(value) = value {
                    self.expr_into(value, reg);
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

    // ---- conditions

    /// Jumps when the condition has this value.
    fn branch(&mut self, test: &Expr, when: bool, to: Label) {
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

    // ---- expressions

    /// The value in some register: a local's own where it has one.
    fn expr(&mut self, value: &Expr) -> Reg {
        match &value.kind {
            ExprKind::Local(local) if !self.in_cell(*local) => self.local(*local),
            ExprKind::Retype(inner) => self.expr(inner),
            _ => {
                let to = self.out.register();
                self.expr_into(value, to);
                to
            }
        }
    }

    /// The value in a register that later operands cannot change.
    fn operand(&mut self, value: &Expr, others: &[&Expr]) -> Reg {
        let simple = |e: &&Expr| {
            matches!(strip(e).kind, ExprKind::Const(_) | ExprKind::Local(_) | ExprKind::Captured(_) | ExprKind::Context)
        };
        if others.iter().all(simple) {
            return self.expr(value);
        }
        let to = self.out.register();
        self.expr_into(value, to);
        to
    }

    fn consecutive(&mut self, values: &[Expr]) -> (Reg, u16) {
        let base = self.out.registers(values.len());
        for (at, value) in values.iter().enumerate() {
            self.expr_into(value, base + at as Reg);
        }
        (base, values.len() as u16)
    }

    fn expr_into(&mut self, value: &Expr, to: Reg) {
        let outer_span = self.out.span;
        match &value.kind {
            ExprKind::Const(constant) => self.constant(constant, to),
            ExprKind::Local(local) => {
                let from = self.local(*local);
                let op = if self.in_cell(*local) { Op::CellGet { to, cell: from } } else { Op::Move { to, from } };
                if !matches!(op, Op::Move { to, from } if to == from) {
                    self.out.emit(op);
                }
            }
            ExprKind::Captured(at) => {
                let cell = self.frame.captures[*at as usize];
                self.out.emit(Op::CellGet { to, cell });
            }
            ExprKind::Context => self.out.emit(Op::LoadContext { to }),
            ExprKind::Call { member, type_arguments, arguments, is_instance } => {
                if let Some(part) = fixed_part(value) {
                    let at = self.out.plain(Value::Host(part));
                    return self.out.emit(Op::LoadValue { to, at });
                }
                if let ([Argument::Value(text)], true) = (&arguments[..], is_text_length(member)) {
                    let a = self.expr(text);
                    self.at(value.span);
                    self.out.emit(Op::TextLength { to, a });
                } else {
                    self.call(value, member, type_arguments, arguments, *is_instance, false, to);
                }
            }
            ExprKind::Set { member, type_arguments, arguments } => {
                self.call(value, member, type_arguments, arguments, true, true, to);
            }
            ExprKind::CallLocal { function, arguments, .. } => self.call_local(value, *function, arguments, to),
            ExprKind::Invoke { delegate, arguments } => {
                let delegate = self.operand(delegate, &arguments.iter().collect::<Vec<_>>());
                let (base, count) = self.consecutive(arguments);
                self.at(value.span);
                self.out.emit(Op::Invoke { delegate, base, count, to });
            }
            ExprKind::Lambda(function) => self.closure(*function, value.ty, to),
            ExprKind::MemberDelegate { member, type_arguments, receiver } => {
                self.member_delegate(value, member, type_arguments, receiver.as_deref(), to);
            }
            ExprKind::Arithmetic { op, number: Number::Int32, checked, left, right }
                if int_constant(right).is_some() =>
            {
                let a = self.expr(left);
                self.at(value.span);
                let b = int_constant(right).unwrap_or_default();
                self.out.emit(Op::ArithmeticConstant { op: *op, checked: *checked, to, a, b });
            }
            ExprKind::Arithmetic { op, number, checked, left, right } => {
                let (a, b) = self.two(left, right);
                self.at(value.span);
                self.out.emit(Op::Arithmetic { op: *op, number: *number, checked: *checked, to, a, b });
            }
            ExprKind::Bitwise { op, number, left, right } => {
                let (a, b) = self.two(left, right);
                self.out.emit(Op::Bitwise { op: *op, number: *number, to, a, b });
            }
            ExprKind::Compare { op, by, left, right } => match header_test(*by, left, right) {
                Some(test) => self.header_test(&test, *op == Comparison::Equal, to),
                None => {
                    let (a, b) = self.two(left, right);
                    self.out.emit(Op::Compare { op: *op, by: *by, to, a, b });
                }
            },
            ExprKind::Negate { number, checked, operand } => {
                let a = self.expr(operand);
                self.at(value.span);
                self.out.emit(Op::Negate { number: *number, checked: *checked, to, a });
            }
            ExprKind::Complement { number, operand } => {
                let a = self.expr(operand);
                self.out.emit(Op::Complement { number: *number, to, a });
            }
            ExprKind::Not(inner) => {
                let a = self.expr(inner);
                self.out.emit(Op::Not { to, a });
            }
            ExprKind::AndAlso(..) | ExprKind::OrElse(..) => {
                let (no, end) = (self.out.label(), self.out.label());
                self.branch(value, false, no);
                self.load_bool(true, to);
                self.out.jump(end);
                self.out.place(no);
                self.load_bool(false, to);
                self.out.place(end);
            }
            ExprKind::Conditional { test, then, otherwise } => {
                let (no, end) = (self.out.label(), self.out.label());
                self.branch(test, false, no);
                self.expr_into(then, to);
                self.out.jump(end);
                self.out.place(no);
                self.expr_into(otherwise, to);
                self.out.place(end);
            }
            ExprKind::Coalesce { left, right } => {
                let end = self.out.label();
                self.expr_into(left, to);
                self.out.emit_jump(Op::JumpUnlessNull { a: to, to: 0 }, end);
                self.expr_into(right, to);
                self.out.place(end);
            }
            ExprKind::IsNull(inner) => {
                let a = self.expr(inner);
                self.out.emit(Op::IsNull { to, a });
            }
            ExprKind::Concat(parts) => {
                let (base, count) = self.consecutive(parts);
                self.out.emit(Op::Concat { to, base, count });
            }
            ExprKind::Interpolate(pieces) => self.interpolate(value, pieces, to),
            ExprKind::ConvertNumber { from, to: target, checked, operand } => {
                let a = self.expr(operand);
                self.at(value.span);
                self.out.emit(Op::ConvertNumber { from: *from, target: *target, checked: *checked, to, a });
            }
            ExprKind::ConvertEnum { operand } => {
                let a = self.expr(operand);
                let ty = self.out.ty(value.ty);
                self.out.emit(Op::ConvertEnum { to, a, ty });
            }
            ExprKind::Retype(inner) => self.expr_into(inner, to),
            ExprKind::Cast(inner) => {
                let a = self.expr(inner);
                let ty = self.out.ty(value.ty);
                self.at(value.span);
                self.out.emit(Op::Cast { to, a, ty });
            }
            ExprKind::NullableValue(inner) => {
                let a = self.expr(inner);
                self.at(value.span);
                self.out.emit(Op::NullableValue { to, a });
            }
            ExprKind::As(inner) => {
                let a = self.expr(inner);
                let ty = self.out.ty(value.ty);
                self.out.emit(Op::As { to, a, ty });
            }
            ExprKind::Is { operand, ty } => {
                let a = self.expr(operand);
                let ty = self.out.ty(*ty);
                self.out.emit(Op::Is { to, a, ty });
            }
            ExprKind::Record(fields) => {
                let (base, count) = self.consecutive(fields);
                let ty = self.out.ty(value.ty);
                self.out.emit(Op::Record { to, base, count, ty });
            }
            ExprKind::Field { record, at } => {
                let record = self.expr(record);
                self.out.emit(Op::Field { to, record, at: *at as u16 });
            }
            ExprKind::NewArray(length) => {
                let length = self.expr(length);
                let ty = self.out.ty(value.ty);
                self.at(value.span);
                self.out.emit(Op::NewArray { to, length, ty });
            }
            ExprKind::Array(items) => {
                let (base, count) = self.consecutive(items);
                let ty = self.out.ty(value.ty);
                self.out.emit(Op::ArrayOf { to, base, count, ty });
            }
            ExprKind::ArrayLength(array) => {
                let a = self.expr(array);
                self.at(value.span);
                self.out.emit(Op::ArrayLength { to, a });
            }
            ExprKind::ArrayItem { array, index } => {
                let (array, index) = self.two(array, index);
                self.at(value.span);
                self.out.emit(Op::ArrayGet { to, array, index });
            }
            ExprKind::Assign { place, value: stored } => {
                // A local is written where it lives, unless its own value is read on the way.
                if let Place::Local(local) = place
                    && !self.in_cell(*local)
                    && !mentions(stored, *local)
                {
                    let reg = self.local(*local);
                    self.expr_into(stored, reg);
                    if reg != to {
                        self.out.emit(Op::Move { to, from: reg });
                    }
                } else {
                    self.assign(place, stored, to);
                }
            }
            ExprKind::Sequence { before, value: last } => {
                for step in before {
                    let mark = self.out.draft().next;
                    self.effect_only(step);
                    self.out.draft().next = mark;
                }
                self.expr_into(last, to);
            }
            ExprKind::Throw(thrown) => {
                let a = self.expr(thrown);
                self.at(value.span);
                self.out.emit(Op::Throw { a });
            }
            ExprKind::Reference(place) => self.reference(value, place, to),
            ExprKind::Deref(reference) => {
                let cell = self.expr(reference);
                self.at(value.span);
                self.out.emit(Op::CellGet { to, cell });
            }
            ExprKind::Dynamic { site, arguments } => self.dynamic(value, site, arguments, to),
            ExprKind::Engine { code, name, arguments } => {
                let (base, count) = self.consecutive(arguments);
                self.at(value.span);
                let native = self.out.native_call(NativeCall::new(*code, name, value.ty));
                self.out.emit(Op::CallNative { native, base, count, to });
            }
            // Of what is wrong or of generic functions that nothing calls.
            ExprKind::GenericDelegate { .. } | ExprKind::NewOf | ExprKind::Error => self.out.emit(Op::LoadNull { to }),
        }
        self.out.span = outer_span;
    }

    /// An expression whose value nobody wants.
    fn effect_only(&mut self, value: &Expr) {
        if let ExprKind::Sequence { before, value } = &value.kind {
            if let Some((old, of)) = self.unused_old(before, value) {
                let of = self.local(of);
                let own = std::mem::replace(&mut self.frame.locals[old.0 as usize], of);
                self.effect_only(&before[1]);
                self.frame.locals[old.0 as usize] = own;
                return;
            }
            before.iter().for_each(|step| self.effect_only(step));
            return self.effect_only(value);
        }
        if let ExprKind::Assign { place: Place::Local(local), value: stored } = &value.kind
            && !self.in_cell(*local)
        {
            let reg = self.local(*local);
            if mentions(stored, *local) && !writes_last(stored) {
                let from = self.expr(stored);
                self.out.emit(Op::Move { to: reg, from });
            } else {
                self.expr_into(stored, reg);
            }
            return;
        }
        self.expr(value);
    }

    /// The local that would keep the old value in `i++`, where nobody looks at it: `old = i; i = old + 1; old`.
    fn unused_old(&self, before: &[Expr], value: &Expr) -> Option<(LocalId, LocalId)> {
        let ExprKind::Local(old) = value.kind else { return None };
        let [keep, step] = before else { return None };
        let ExprKind::Assign { place: Place::Local(kept), value: from } = &keep.kind else { return None };
        let ExprKind::Assign { place: Place::Local(to), value: stored } = &step.kind else { return None };
        let ExprKind::Local(of) = from.kind else { return None };
        let is_it = *kept == old && *to == of && writes_last(stored) && !self.in_cell(old) && !self.in_cell(of);
        is_it.then_some((old, of))
    }

    fn two(&mut self, left: &Expr, right: &Expr) -> (Reg, Reg) {
        let a = self.operand(left, &[right]);
        let b = self.expr(right);
        (a, b)
    }

    fn load_bool(&mut self, value: bool, to: Reg) {
        let at = self.out.plain(Value::Bool(value));
        self.out.emit(Op::LoadValue { to, at });
    }

    fn constant(&mut self, constant: &Const, to: Reg) {
        let plain = match constant {
            Const::Null => return self.out.emit(Op::LoadNull { to }),
            Const::String(units) => {
                let at = self.out.wide_string(units.clone());
                return self.out.emit(Op::LoadObject { to, at });
            }
            Const::Decimal(value) => {
                let at = self.out.decimal(*value);
                return self.out.emit(Op::LoadObject { to, at });
            }
            Const::Zero(ty) => {
                let ty = self.out.ty(*ty);
                return self.out.emit(Op::LoadZero { to, ty });
            }
            Const::Bool(v) => Value::Bool(*v),
            Const::Char(v) => Value::Char(*v),
            Const::SByte(v) => Value::SByte(*v),
            Const::Byte(v) => Value::Byte(*v),
            Const::Int16(v) => Value::Int16(*v),
            Const::UInt16(v) => Value::UInt16(*v),
            Const::Int32(v) => Value::Int32(*v),
            Const::UInt32(v) => Value::UInt32(*v),
            Const::Int64(v) => Value::Int64(*v),
            Const::UInt64(v) => Value::UInt64(*v),
            Const::Single(v) => Value::Single(*v),
            Const::Double(v) => Value::Double(*v),
            Const::Enum(ty, value) => Value::Enum { ty: *ty, value: *value },
            Const::Type(ty) => Value::Type(*ty),
        };
        let at = self.out.plain(plain);
        self.out.emit(Op::LoadValue { to, at });
    }

    fn interpolate(&mut self, value: &Expr, pieces: &[Piece], to: Reg) {
        if let Some(text) = plain_text(pieces) {
            let at = self.out.wide_string(text);
            return self.out.emit(Op::LoadObject { to, at });
        }
        let holes: Vec<&Expr> =
            pieces.iter().filter_map(|p| if let Piece::Hole { value, .. } = p { Some(value) } else { None }).collect();
        let base = self.out.registers(holes.len());
        for (at, hole) in holes.iter().enumerate() {
            self.expr_into(hole, base + at as Reg);
        }
        let template = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(units) => TemplatePiece::Text(self.out.wide_string(units.clone())),
                Piece::Hole { alignment, format, .. } => {
                    TemplatePiece::Hole { alignment: *alignment, format: format.clone() }
                }
            })
            .collect();
        self.out.templates.push(template);
        let template = self.out.templates.len() as u32 - 1;
        self.at(value.span);
        self.out.emit(Op::Interpolate { to, base, template });
    }

    // ---- calls

    #[expect(clippy::too_many_arguments, reason = "these are the parts of a call, each read once")]
    fn call(
        &mut self,
        value: &Expr,
        member: &'static Member,
        type_arguments: &[TypeId],
        arguments: &[Argument],
        is_instance: bool,
        is_set: bool,
        to: Reg,
    ) {
        // A body that a lambda among the arguments reads must be here before the member runs.
        for argument in arguments {
            if let Argument::Value(Expr { kind: ExprKind::Lambda(function), .. }) = argument
                && self.reads_body(*function, &mut Vec::new())
            {
                self.await_both_bodies();
            }
        }
        let base = self.out.registers(arguments.len());
        let key_of = context::maps::key_of(member);
        for (at, argument) in arguments.iter().enumerate() {
            let reg = base + at as Reg;
            match argument {
                Argument::Value(Expr { kind: ExprKind::Const(Const::String(name)), .. })
                    if at == 1 && key_of.is_some() =>
                {
                    self.key(key_of, name, reg);
                }
                Argument::Value(value) => self.expr_into(value, reg),
                Argument::Reference { place, is_out } => {
                    if *is_out {
                        self.out.emit(Op::LoadNull { to: reg })
                    } else {
                        self.read_place(place, reg)
                    }
                }
            }
        }
        self.at(value.span);
        if member.row.reads_body {
            self.out.emit(Op::AwaitBody { a: base });
        }
        let direct = match (key_of, arguments) {
            (Some(_), [Argument::Value(receiver), ..]) => fixed_part(receiver),
            _ => None,
        };
        let direct = direct.and_then(|part| context::maps::direct(member, part));
        let code = direct.unwrap_or(match (member.row.code, is_set) {
            (Code::GetSet(_, set), true) => set,
            (Code::Native(get) | Code::GetSet(get, _), _) => get,
            _ => unbuilt_member,
        });
        let own = &type_arguments[..type_arguments.len() - member.type_parameters.len().min(type_arguments.len())];
        let method = &type_arguments[own.len()..];
        let returns = substitute(member.returns, own, method);
        let name = if member.row.form == Form::Constructor { member.row.signature } else { member.name };
        let receiver = is_instance && !member.row.is_static;
        let native = self.out.native_call(NativeCall {
            type_arguments: type_arguments.into(),
            is_instance: receiver,
            has_outs: arguments.iter().any(|argument| matches!(argument, Argument::Reference { .. })),
            member: Some(member),
            ..NativeCall::new(code, name, returns)
        });
        self.out.emit(Op::CallNative { native, base, count: arguments.len() as u16, to });
        let skip = usize::from(receiver);
        for (at, argument) in arguments.iter().enumerate() {
            if let Argument::Reference { place, .. } = argument {
                let set = self.out.register();
                self.out.emit(Op::TakeOut { parameter: (at - skip) as u8, to: set });
                self.store(place, set);
            }
        }
        if is_set && !arguments.is_empty() {
            self.out.emit(Op::Move { to, from: base + arguments.len() as Reg - 1 });
        }
    }

    /// An operation that is bound at run time: its site, then its operands.
    fn dynamic(&mut self, value: &Expr, site: &Site, arguments: &[Argument], to: Reg) {
        let base = self.out.registers(arguments.len() + 1);
        let at = self.out.extension_constant(CallSite::new(site.clone()));
        for (at, argument) in arguments.iter().enumerate() {
            let reg = base + 1 + at as Reg;
            match argument {
                Argument::Value(value) => self.expr_into(value, reg),
                Argument::Reference { is_out: true, .. } => self.out.emit(Op::LoadNull { to: reg }),
                Argument::Reference { place, .. } => self.read_place(place, reg),
            }
        }
        self.at(value.span);
        // What it turns out to be may read a body.
        for (at, given) in site.given.iter().enumerate() {
            if matches!(given.what, What::Dynamic) {
                self.out.emit(Op::AwaitBody { a: base + 1 + at as Reg });
            }
        }
        self.out.emit(Op::LoadObject { to: base, at });
        let native = self.out.native_call(NativeCall {
            has_outs: arguments.iter().any(|argument| matches!(argument, Argument::Reference { .. })),
            ..NativeCall::new(crate::dotnet::system::dynamic::operate, "dynamic", value.ty)
        });
        self.out.emit(Op::CallNative { native, base, count: arguments.len() as u16 + 1, to });
        for (at, argument) in arguments.iter().enumerate() {
            if let Argument::Reference { place, .. } = argument {
                let set = self.out.register();
                self.out.emit(Op::TakeOut { parameter: at as u8, to: set });
                self.store(place, set);
            }
        }
    }

    /// A header compared with a text: the most usual condition of all, for which its text need not become a string.
    fn header_test(&mut self, test: &HeaderTest<'_>, equal: bool, to: Reg) {
        let base = self.out.registers(4);
        let at = self.out.plain(Value::Host(HostObject::RequestHeaders));
        self.out.emit(Op::LoadValue { to: base, at });
        self.key(Some(KeyOf::Header), test.name, base + 1);
        self.constant(test.default, base + 2);
        self.constant(test.wanted, base + 3);
        let native = self.out.native_call(NativeCall {
            member: Some(test.member),
            ..NativeCall::new(context::maps::is_header, test.member.name, crate::dotnet::types::boolean())
        });
        self.out.emit(Op::CallNative { native, base, count: 4, to });
        if !equal {
            self.out.emit(Op::Not { to, a: to });
        }
    }

    /// The name of a header or a variable, ready to be looked up; the text where it is no such name.
    fn key(&mut self, of: Option<KeyOf>, units: &[u16], to: Reg) {
        let at = match (of, String::from_utf16(units)) {
            (Some(KeyOf::Variable), Ok(text)) => {
                self.out.extension_constant(context::maps::VariableKey(context::Symbol::of(&text)))
            }
            (Some(KeyOf::Header), Ok(text)) => match text.parse() {
                Ok(name) => self.out.extension_constant(context::maps::HeaderKey(name)),
                Err(_) => self.out.wide_string(units.into()),
            },
            _ => self.out.wide_string(units.into()),
        };
        self.out.emit(Op::LoadObject { to, at });
    }

    fn await_both_bodies(&mut self) {
        self.out.await_body(true);
        self.out.await_body(false);
    }

    /// Whether a function, or one that it makes or calls, reads a body.
    fn reads_body(&self, id: FunctionId, seen: &mut Vec<FunctionId>) -> bool {
        if seen.contains(&id) {
            return false;
        }
        seen.push(id);
        let mut inner = Vec::new();
        let mut found = false;
        for statement in &self.program.functions[id.0 as usize].body {
            crate::typed::ir::visit::expressions(statement, &mut |expr| match &expr.kind {
                ExprKind::Call { member, .. } => found |= member.row.reads_body,
                ExprKind::Dynamic { .. } => found = true,
                ExprKind::Lambda(id) | ExprKind::CallLocal { function: id, .. } => inner.push(*id),
                _ => {}
            });
        }
        found || inner.into_iter().any(|id| self.reads_body(id, seen))
    }

    /// Copies the captured cells of a function into registers from `base`.
    fn load_captures(&mut self, function: FunctionId, base: Reg) {
        let captures = &self.program.functions[function.0 as usize].captures;
        for (at, (owner, local)) in captures.iter().enumerate() {
            let from = if *owner == self.frame.id {
                self.local(*local)
            } else {
                let own = self.current().captures.iter().position(|c| *c == (*owner, *local));
                own.map_or(base, |at| self.frame.captures[at])
            };
            self.out.emit(Op::Move { to: base + at as Reg, from });
        }
    }

    fn closure(&mut self, function: FunctionId, ty: TypeId, to: Reg) {
        let captures = self.program.functions[function.0 as usize].captures.len();
        let base = self.out.registers(captures);
        self.load_captures(function, base);
        let Some(unit_function) = self.functions[function.0 as usize] else { return };
        self.out.closures.push(Closure { function: unit_function, ty, captures: captures as u16 });
        let closure = self.out.closures.len() as u32 - 1;
        self.out.emit(Op::MakeClosure { to, closure, base });
    }

    /// A delegate of a member: a small function that calls it, with the receiver as its capture.
    fn member_delegate(
        &mut self,
        value: &Expr,
        member: &'static Member,
        type_arguments: &[TypeId],
        receiver: Option<&Expr>,
        to: Reg,
    ) {
        // Delegates of one member are equal: they share the function.
        let key = (std::ptr::from_ref(member) as usize, type_arguments.to_vec());
        let at = match self.out.member_functions.get(&key) {
            Some(at) => *at,
            None => {
                let at = self.member_function(member, type_arguments, receiver.is_some());
                self.out.member_functions.insert(key, at);
                at
            }
        };
        let capture = self.out.registers(usize::from(receiver.is_some()));
        if let Some(receiver) = receiver {
            self.expr_into(receiver, capture);
        }
        self.out.closures.push(Closure { function: at, ty: value.ty, captures: u16::from(receiver.is_some()) });
        let closure = self.out.closures.len() as u32 - 1;
        self.out.emit(Op::MakeClosure { to, closure, base: capture });
    }

    fn member_function(&mut self, member: &'static Member, type_arguments: &[TypeId], has_receiver: bool) -> u32 {
        let count = member.parameters.len();
        let at = self.out.begin_function(member.name);
        let outer = std::mem::replace(&mut self.out.current, at);
        let parameters = self.out.registers(count);
        let captured = has_receiver.then(|| self.out.register());
        self.out.draft().function.parameters = count as u16;
        self.out.draft().function.captures = u16::from(captured.is_some());
        let total = count + usize::from(captured.is_some());
        let base = self.out.registers(total);
        let mut next = base;
        for from in captured.into_iter().chain((0..count as Reg).map(|n| parameters + n)) {
            self.out.emit(Op::Move { to: next, from });
            next += 1;
        }
        let code = match member.row.code {
            Code::Native(code) | Code::GetSet(code, _) => code,
            _ => unbuilt_member,
        };
        let own = &type_arguments[..type_arguments.len() - member.type_parameters.len().min(type_arguments.len())];
        let returns = substitute(member.returns, own, &type_arguments[own.len()..]);
        let native = self.out.native_call(NativeCall {
            type_arguments: type_arguments.into(),
            is_instance: has_receiver,
            member: Some(member),
            ..NativeCall::new(code, member.name, returns)
        });
        let result = self.out.register();
        self.out.emit(Op::CallNative { native, base, count: total as u16, to: result });
        self.out.emit(Op::Return { a: result });
        self.out.end_function();
        self.out.current = outer;
        at as u32
    }

    fn call_local(&mut self, value: &Expr, function: FunctionId, arguments: &[Argument], to: Reg) {
        let captures = self.program.functions[function.0 as usize].captures.len();
        let base = self.out.registers(arguments.len() + captures);
        let mut write_back = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            let reg = base + at as Reg;
            match argument {
                Argument::Value(value) => self.expr_into(value, reg),
                Argument::Reference { place: Place::Local(local), .. } if self.in_cell(*local) => {
                    let from = self.local(*local);
                    self.out.emit(Op::Move { to: reg, from });
                }
                Argument::Reference { place: Place::Captured(at), .. } => {
                    let from = self.frame.captures[*at as usize];
                    self.out.emit(Op::Move { to: reg, from });
                }
                Argument::Reference {
                    place: place @ (Place::ArrayItem { .. } | Place::Deref(_) | Place::TupleField { .. }),
                    ..
                } if self.has_reference(place) => self.reference(value, place, reg),
                Argument::Reference { place, .. } => {
                    self.read_place(place, reg);
                    self.out.emit(Op::NewCell { to: reg, a: reg });
                    let kept = self.out.register();
                    self.out.emit(Op::Move { to: kept, from: reg });
                    write_back.push((place, kept));
                }
            }
        }
        self.load_captures(function, base + arguments.len() as Reg);
        let Some(unit_function) = self.functions[function.0 as usize] else { return };
        self.at(value.span);
        self.out.emit(Op::CallFunction {
            function: unit_function,
            base,
            count: (arguments.len() + captures) as u16,
            to,
        });
        for (place, cell) in write_back {
            let read = self.out.register();
            self.out.emit(Op::CellGet { to: read, cell });
            self.store(place, read);
        }
    }

    // ---- places

    /// A reference to a place, in a register.
    fn reference(&mut self, value: &Expr, place: &Place, to: Reg) {
        match place {
            Place::Local(local) => {
                let from = self.local(*local);
                self.out.emit(Op::Move { to, from });
            }
            Place::Captured(at) => {
                let from = self.frame.captures[*at as usize];
                self.out.emit(Op::Move { to, from });
            }
            Place::Deref(reference) => self.expr_into(reference, to),
            Place::ArrayItem { array, index } => {
                let base = self.out.registers(2);
                self.expr_into(array, base);
                self.expr_into(index, base + 1);
                self.at(value.span);
                let native = self.out.native_call(NativeCall::new(
                    crate::dotnet::system::collections::grid::reference,
                    "ref",
                    value.ty,
                ));
                self.out.emit(Op::CallNative { native, base, count: 2, to });
            }
            Place::TupleField { tuple, at } => {
                let base = self.out.registers(2);
                self.reference(value, tuple, base);
                let number = self.out.plain(Value::Int32(*at as i32));
                self.out.emit(Op::LoadValue { to: base + 1, at: number });
                let native =
                    self.out.native_call(NativeCall::new(crate::dotnet::system::tuple::reference, "ref", value.ty));
                self.out.emit(Op::CallNative { native, base, count: 2, to });
            }
            Place::Discard => {
                self.read_place(place, to);
                self.out.emit(Op::NewCell { to, a: to });
            }
        }
    }

    /// Whether a place lives where a reference can lead.
    fn has_reference(&self, place: &Place) -> bool {
        match place {
            Place::Local(local) => self.in_cell(*local),
            Place::TupleField { tuple, .. } => self.has_reference(tuple),
            Place::Captured(_) | Place::ArrayItem { .. } | Place::Deref(_) => true,
            Place::Discard => false,
        }
    }

    fn assign(&mut self, place: &Place, value: &Expr, to: Reg) {
        match place {
            Place::ArrayItem { array, index } => {
                let array = self.operand(array, &[index, value]);
                let index = self.operand(index, &[value]);
                self.expr_into(value, to);
                self.at(value.span);
                self.out.emit(Op::ArraySet { array, index, a: to });
            }
            Place::Deref(reference) => {
                let cell = self.operand(reference, &[value]);
                self.expr_into(value, to);
                self.at(value.span);
                self.out.emit(Op::CellSet { cell, a: to });
            }
            _ => {
                self.expr_into(value, to);
                self.store(place, to);
            }
        }
    }

    fn store(&mut self, place: &Place, from: Reg) {
        match place {
            Place::Local(local) => {
                let reg = self.local(*local);
                let op =
                    if self.in_cell(*local) { Op::CellSet { cell: reg, a: from } } else { Op::Move { to: reg, from } };
                self.out.emit(op);
            }
            Place::Captured(at) => {
                let cell = self.frame.captures[*at as usize];
                self.out.emit(Op::CellSet { cell, a: from });
            }
            Place::ArrayItem { array, index } => {
                let array = self.operand(array, &[index]);
                let index = self.expr(index);
                self.out.emit(Op::ArraySet { array, index, a: from });
            }
            Place::TupleField { tuple, at } => {
                let record = self.out.register();
                self.read_place(tuple, record);
                self.out.emit(Op::WithField { to: record, record, at: *at as u16, a: from });
                self.store(tuple, record);
            }
            Place::Deref(reference) => {
                let cell = self.expr(reference);
                self.out.emit(Op::CellSet { cell, a: from });
            }
            Place::Discard => {}
        }
    }

    fn read_place(&mut self, place: &Place, to: Reg) {
        match place {
            Place::Local(local) => {
                let from = self.local(*local);
                let op = if self.in_cell(*local) { Op::CellGet { to, cell: from } } else { Op::Move { to, from } };
                self.out.emit(op);
            }
            Place::Captured(at) => {
                let cell = self.frame.captures[*at as usize];
                self.out.emit(Op::CellGet { to, cell });
            }
            Place::ArrayItem { array, index } => {
                let (array, index) = self.two(array, index);
                self.out.emit(Op::ArrayGet { to, array, index });
            }
            Place::TupleField { tuple, at } => {
                let record = self.out.register();
                self.read_place(tuple, record);
                self.out.emit(Op::Field { to, record, at: *at as u16 });
            }
            Place::Deref(reference) => {
                let cell = self.expr(reference);
                self.out.emit(Op::CellGet { to, cell });
            }
            Place::Discard => self.out.emit(Op::LoadNull { to }),
        }
    }
}

/// What runs in place of a member that is known and not built: only under `--allow-unsupported`.
fn unbuilt_member(_: &mut crate::dotnet::call::Call<'_>, _: &[Value]) -> Result<Value, crate::dotnet::fault::Fault> {
    Err(crate::dotnet::fault::Fault::not_supported("This member is not supported here yet."))
}

/// The part of `context` that an expression always is.
fn fixed_part(value: &Expr) -> Option<HostObject> {
    match &value.kind {
        ExprKind::Context => Some(HostObject::Context),
        ExprKind::Retype(inner) => fixed_part(inner),
        ExprKind::Call { member, arguments, .. } if member.row.form == Form::Property => match &arguments[..] {
            [Argument::Value(of)] => context::fixed_part(fixed_part(of)?, member.name),
            _ => None,
        },
        _ => None,
    }
}

fn is_text_length(member: &Member) -> bool {
    member.name == "Length" && crate::dotnet::def(member.def).name == "System.String"
}

/// `context.Request.Headers.GetValueOrDefault("name", "default") == "text"`.
struct HeaderTest<'e> {
    member: &'static Member,
    name: &'e [u16],
    default: &'e Const,
    wanted: &'e Const,
}

fn header_test<'e>(by: CompareAs, left: &'e Expr, right: &'e Expr) -> Option<HeaderTest<'e>> {
    if by != CompareAs::String {
        return None;
    }
    let ExprKind::Const(wanted @ Const::String(_)) = &strip(right).kind else { return None };
    let ExprKind::Call { member, arguments, .. } = &strip(left).kind else { return None };
    let [Argument::Value(headers), Argument::Value(name), Argument::Value(default)] = &arguments[..] else {
        return None;
    };
    let is_of_request = fixed_part(headers) == Some(HostObject::RequestHeaders);
    match (&name.kind, &strip(default).kind) {
        (ExprKind::Const(Const::String(name)), ExprKind::Const(default @ (Const::String(_) | Const::Null)))
            if is_of_request && context::maps::is_look_up(member) && is_header_name(name) =>
        {
            Some(HeaderTest { member, name, default, wanted })
        }
        _ => None,
    }
}

fn is_header_name(name: &[u16]) -> bool {
    String::from_utf16(name).is_ok_and(|name| name.parse::<crate::message::HeaderName>().is_ok())
}

/// Whether the one instruction that writes an expression's value is its last, so that its target may be read before.
fn writes_last(value: &Expr) -> bool {
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

/// The text of an interpolated string without values.
fn plain_text(pieces: &[Piece]) -> Option<Box<[u16]>> {
    let mut text = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(units) => text.extend_from_slice(units),
            Piece::Hole { .. } => return None,
        }
    }
    Some(text.into())
}

/// An `int` that is spelled out.
fn int_constant(value: &Expr) -> Option<i32> {
    match strip(value).kind {
        ExprKind::Const(Const::Int32(value)) => Some(value),
        _ => None,
    }
}

fn strip(value: &Expr) -> &Expr {
    match &value.kind {
        ExprKind::Retype(inner) => strip(inner),
        _ => value,
    }
}

/// Whether an expression reads or writes a local.
fn mentions(value: &Expr, local: LocalId) -> bool {
    let mut found = false;
    crate::typed::ir::visit::expression(value, &mut |expr| match &expr.kind {
        ExprKind::Local(own) => found |= *own == local,
        ExprKind::Assign { place: Place::Local(own), .. } => found |= *own == local,
        ExprKind::Call { arguments, .. }
        | ExprKind::CallLocal { arguments, .. }
        | ExprKind::Dynamic { arguments, .. } => {
            found |= arguments
                .iter()
                .any(|a| matches!(a, Argument::Reference { place: Place::Local(own), .. } if *own == local));
        }
        _ => {}
    });
    found
}
