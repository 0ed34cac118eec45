//! Typed IR to instructions. Reads nothing but its arguments: the same input gives the same code.
//!
//! The entry of a program is written where its value is wanted; its lambdas and local functions become functions of the
//! unit. Locals that a lambda captures live in cells.

mod call;
mod glance;
mod place;
mod statement;

use super::builder::{Builder, Label};
use super::op::{CompareAs, NOWHERE, Number, Op, Reg};
use super::unit::{NativeCall, TemplatePiece};
use crate::dotnet::value::Value;
use crate::source::Cooked;
use crate::typed::ir::{
    Argument, Const, Expr, ExprKind, Function, FunctionId, LabelId, LocalId, Piece, Place, Program, Stmt,
};
use crate::typed::iterator::leaves_open;
use call::{fixed_part, is_text_length};
use statement::writes_last;
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
    /// What is being written stands behind a look at the same.
    in_glance: bool,
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
            in_glance: false,
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
            in_glance: false,
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

    // ---- conditions

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
        if self.glance(value, to) {
            self.out.span = outer_span;
            return;
        }
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
                let written = self.group_text(value, member, arguments, to);
                if written {
                    // It needs no call.
                } else if let ([Argument::Value(text)], true) = (&arguments[..], is_text_length(member)) {
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
            ExprKind::Compare { op, by: CompareAs::Number(Number::Int32), left, right }
                if int_constant(right).is_some() =>
            {
                let a = self.expr(left);
                let b = int_constant(right).unwrap_or_default();
                self.out.emit(Op::CompareConstant { op: *op, to, a, b });
            }
            ExprKind::Compare { op, by, left, right } => {
                let (a, b) = self.two(left, right);
                self.out.emit(Op::Compare { op: *op, by: *by, to, a, b });
            }
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
            ExprKind::Rebind { local, reference } => {
                let from = self.expr(reference);
                let own = self.local(*local);
                self.out.emit(Op::Move { to: own, from });
                self.out.emit(Op::Move { to, from });
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
        if let ExprKind::Call { member, .. } = &value.kind
            && fixed_part(value).is_none()
            && !is_text_length(member)
        {
            return self.expr_into(value, NOWHERE);
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
        match constant {
            Const::Null => self.out.emit(Op::LoadNull { to }),
            Const::String(units) => {
                let at = self.out.wide_string(units.clone());
                self.out.emit(Op::LoadObject { to, at });
            }
            Const::Decimal(value) => {
                let at = self.out.decimal(*value);
                self.out.emit(Op::LoadObject { to, at });
            }
            Const::Zero(ty) => {
                let ty = self.out.ty(*ty);
                self.out.emit(Op::LoadZero { to, ty });
            }
            other => {
                let at = self.out.plain(plain_value(other).expect("every other constant is plain"));
                self.out.emit(Op::LoadValue { to, at });
            }
        }
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
        let mut template = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Text(units) => template.push(TemplatePiece::Text(self.out.wide_string(units.clone()))),
                Piece::Hole { alignment, format, .. } => match hole_in_format(*alignment, format.as_deref()) {
                    Some((format, braces)) => {
                        template.push(TemplatePiece::Hole { alignment: *alignment, format: format.map(Box::from) });
                        if braces > 0 {
                            let text = vec![u16::from(b'}'); braces].into();
                            template.push(TemplatePiece::Text(self.out.wide_string(text)));
                        }
                    }
                    None => template.push(TemplatePiece::Malformed),
                },
            }
        }
        self.out.templates.push(template);
        let template = self.out.templates.len() as u32 - 1;
        self.at(value.span);
        self.out.emit(Op::Interpolate { to, base, template });
    }

    // ---- calls

    // ---- places
}

/// A constant that is no object.
fn plain_value(constant: &Const) -> Option<Value> {
    Some(match constant {
        Const::Null | Const::String(_) | Const::Decimal(_) | Const::Zero(_) => return None,
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
    })
}

/// A hole as the runtime reads it in a composite format: the format up to its first brace, and how many braces of text the closing one
/// leaves behind. Nothing where the format is malformed.
fn hole_in_format(alignment: i32, format: Option<&str>) -> Option<(Option<&str>, usize)> {
    if alignment.unsigned_abs() >= 10_000_000 {
        return None;
    }
    let Some((format, rest)) = format.and_then(|format| format.split_at_checked(format.find(['{', '}'])?)) else {
        return Some((format, 0));
    };
    rest.bytes().all(|byte| byte == b'}').then_some((Some(format), rest.len() / 2))
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
