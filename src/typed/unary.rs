//! Operators of one operand, and assignments that operate: `-x`, `x++`, `x += y`.

use super::ErrorKind;
use super::access::Operand;
use super::constant;
use super::convert::{assign_local, is_enum, numeric, strip_nullable};
use super::dynamic::{Operation, is_dynamic};
use super::ir::{Argument, Const, Expr, ExprKind, Number, Span};
use super::operators::{operator_argument, promote_one, type_of_number};
use super::overload::Arg;
use super::readonly::Written;
use super::scope::{Binder, erroneous, is_error};
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{BinaryOp, UnaryOp};

impl Binder<'_> {
    pub fn unary(&mut self, op: UnaryOp, operand: Operand, span: Span) -> Expr {
        if matches!(op, UnaryOp::PreIncrement | UnaryOp::PreDecrement | UnaryOp::PostIncrement | UnaryOp::PostDecrement)
        {
            return self.increment(op, operand, span);
        }
        let Some(value) = self.value(operand) else { return erroneous(span) };
        if is_error(value.ty) {
            let ty = if op == UnaryOp::Not { types::boolean() } else { types::error() };
            return Expr { kind: ExprKind::Error, ty, span };
        }
        if is_dynamic(value.ty) {
            return self.dynamic(Operation::Unary(op), vec![operator_argument(value)], types::dynamic(), span);
        }
        if matches!(value.ty.get(), Type::Null) {
            let symbol = match op {
                UnaryOp::Minus => "-",
                UnaryOp::Plus => "+",
                UnaryOp::Complement => "~",
                _ => "!",
            };
            let message = format!("Operator '{symbol}' cannot be applied to operand '<null>'");
            return self.error(ErrorKind::Type, "CS8310", span, message);
        }
        if let Type::Nullable(of) = value.ty.get() {
            let of = *of;
            return self.with_value(value, span, |binder, temp| {
                let bare = Expr { kind: ExprKind::Retype(Box::new(temp)), ty: of, span };
                let result = binder.unary(op, Operand::Value(bare), span);
                let ty = TypeId::nullable(result.ty);
                Expr { kind: ExprKind::Retype(Box::new(result)), ty, span }
            });
        }
        match op {
            UnaryOp::Not if value.ty == types::boolean() => match value.kind {
                ExprKind::Const(Const::Bool(v)) => Expr { kind: ExprKind::Const(Const::Bool(!v)), ty: value.ty, span },
                _ => Expr { ty: value.ty, kind: ExprKind::Not(Box::new(value)), span },
            },
            UnaryOp::Complement if is_enum(value.ty) => {
                let ty = value.ty;
                let kind = ExprKind::Complement { number: Number::Int32, operand: Box::new(value) };
                Expr { kind, ty, span }
            }
            UnaryOp::Plus | UnaryOp::Minus | UnaryOp::Complement if numeric(value.ty).is_some() => {
                self.numeric_unary(op, value, span)
            }
            _ => {
                let (name, shown) = match op {
                    UnaryOp::Minus => ("op_UnaryNegation", "-"),
                    UnaryOp::Plus => ("op_UnaryPlus", "+"),
                    UnaryOp::Complement => ("op_OnesComplement", "~"),
                    _ => ("op_LogicalNot", "!"),
                };
                let candidates = self.members(value.ty, name);
                let ty = value.ty;
                if !candidates.is_empty() {
                    let args = [operator_argument(value)];
                    let by_reference: Vec<&Arg> = args.iter().collect();
                    if let Ok(chosen) = self.resolve(&candidates, &[], &by_reference) {
                        return self.finish_call(chosen, None, args.into(), span, span);
                    }
                }
                let message = format!("Operator '{shown}' cannot be applied to operand of type '{}'", ty.csharp_name());
                self.error(ErrorKind::Type, "CS0023", span, message)
            }
        }
    }

    fn numeric_unary(&mut self, op: UnaryOp, value: Expr, span: Span) -> Expr {
        let own = numeric(value.ty).map_or(Number::Int32, promote_one);
        let number = match (op, own) {
            (UnaryOp::Minus, Number::UInt32) => Number::Int64,
            (UnaryOp::Minus, Number::UInt64) => return self.no_unary("-", &value, span),
            (UnaryOp::Complement, Number::Single | Number::Double | Number::Decimal) => {
                return self.no_unary("~", &value, span);
            }
            _ => own,
        };
        let ty = type_of_number(number);
        let value = self.cast_number(value, ty, span);
        match op {
            UnaryOp::Plus => Expr { span, ..value },
            UnaryOp::Minus => {
                if let ExprKind::Const(constant) = &value.kind {
                    match constant::negate(number, constant, self.checked_constants()) {
                        Some(Ok(folded)) => return Expr { kind: ExprKind::Const(folded), ty, span },
                        Some(Err(_)) => {
                            return self.error(
                                ErrorKind::Type,
                                "CS0220",
                                span,
                                "The operation overflows at compile time in checked mode",
                            );
                        }
                        None => {}
                    }
                }
                let checked = self.checked;
                Expr { kind: ExprKind::Negate { number, checked, operand: Box::new(value) }, ty, span }
            }
            _ => {
                if let ExprKind::Const(constant) = &value.kind
                    && let Some(folded) = constant::complement(number, constant)
                {
                    return Expr { kind: ExprKind::Const(folded), ty, span };
                }
                Expr { kind: ExprKind::Complement { number, operand: Box::new(value) }, ty, span }
            }
        }
    }

    fn no_unary(&mut self, op: &str, value: &Expr, span: Span) -> Expr {
        let message = format!("Operator '{op}' cannot be applied to operand of type '{}'", value.ty.csharp_name());
        self.error(ErrorKind::Type, "CS0023", span, message)
    }

    /// `x++` and its relatives.
    fn increment(&mut self, op: UnaryOp, operand: Operand, span: Span) -> Expr {
        let Some(target) = self.value(operand) else { return erroneous(span) };
        if is_error(target.ty) || self.refuse_written(&target, Written::Stepped) {
            return erroneous(span);
        }
        let ty = target.ty;
        let assignable = match &target.kind {
            ExprKind::Call { member, .. } => {
                matches!(member.row.form, crate::dotnet::member::Form::Property | crate::dotnet::member::Form::Indexer)
            }
            ExprKind::Local(_)
            | ExprKind::Captured(_)
            | ExprKind::ArrayItem { .. }
            | ExprKind::ArrayLength(_)
            | ExprKind::Deref(_)
            | ExprKind::Dynamic { .. }
            | ExprKind::Field { .. } => true,
            _ => false,
        };
        if !assignable {
            let message = "The operand of an increment or decrement operator must be a variable, property or indexer";
            return self.error(ErrorKind::Type, "CS1059", span, message);
        }
        let bare = strip_nullable(ty);
        if numeric(bare).is_none() && !is_enum(bare) && !is_dynamic(ty) {
            let shown = if matches!(op, UnaryOp::PreIncrement | UnaryOp::PostIncrement) { "++" } else { "--" };
            return self.no_unary(shown, &target, span);
        }
        let plus = matches!(op, UnaryOp::PreIncrement | UnaryOp::PostIncrement);
        let how = if plus { BinaryOp::Add } else { BinaryOp::Subtract };
        let (mut before, read, write) = self.split_target(target, span);
        let one = Expr { kind: ExprKind::Const(Const::Int32(1)), ty: types::int32(), span };
        if matches!(op, UnaryOp::PostIncrement | UnaryOp::PostDecrement) {
            let old = self.temporary(ty);
            before.push(assign_local(old, read, span));
            let current = Expr { kind: ExprKind::Local(old), ty, span };
            let new = self.stepped(how, current, one, span);
            let stored = self.store(write, new, span);
            before.push(stored);
            let value = Expr { kind: ExprKind::Local(old), ty, span };
            return Expr { kind: ExprKind::Sequence { before, value: Box::new(value) }, ty, span };
        }
        let new = self.stepped(how, read, one, span);
        let stored = self.store(write, new, span);
        if before.is_empty() {
            return stored;
        }
        Expr { kind: ExprKind::Sequence { before, value: Box::new(stored) }, ty, span }
    }

    /// `target op= value`.
    pub fn compound(&mut self, op: BinaryOp, target: Expr, value: Operand, span: Span) -> Expr {
        if is_error(target.ty) {
            let _ = self.value(value);
            return erroneous(span);
        }
        let ty = target.ty;
        let (before, read, write) = self.split_target(target, span);
        let Some(value) = self.value(value) else { return erroneous(span) };
        let joins = matches!(op, BinaryOp::Add | BinaryOp::Subtract) && super::lookup::delegate_signature(ty).is_some();
        if joins && !is_error(value.ty) && self.classify_value(&value, ty, false).is_none() {
            return self.no_conversion(&value, ty, value.span);
        }
        let built_in = is_built_in(ty) && is_built_in(value.ty);
        let (again, value_ty) = (
            Expr {
                kind: match &value.kind {
                    ExprKind::Const(c) => ExprKind::Const(c.clone()),
                    _ => ExprKind::Error,
                },
                ty: value.ty,
                span: value.span,
            },
            value.ty,
        );
        let value_fits = self.classify_value(&value, ty, false).is_some()
            || matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight);
        self.compound = true;
        let result = self.binary(op, Operand::Value(read), Operand::Value(value), span);
        self.compound = false;
        // The specification casts the result where the operand itself would convert.
        let result = if is_error(result.ty) {
            result
        } else if !built_in && !is_dynamic(result.ty) {
            self.convert(Operand::Value(result), ty, span)
        } else if is_dynamic(result.ty) || value_fits && self.classify_value(&result, ty, false).is_none() {
            self.cast(Operand::Value(result), ty, span)
        } else if self.classify_value(&result, ty, false).is_none()
            && self.classify_value(&result, ty, true).is_some()
            && !is_error(value_ty)
        {
            // It is the operand that does not fit.
            let at = again.span;
            self.no_conversion(&again, ty, at)
        } else {
            self.convert(Operand::Value(result), ty, span)
        };
        self.compound = true;
        let stored = self.store(write, result, span);
        self.compound = false;
        if before.is_empty() {
            return stored;
        }
        Expr { kind: ExprKind::Sequence { before, value: Box::new(stored) }, ty, span }
    }

    /// A value in a temporary: what puts it there, and what reads it.
    pub(super) fn keep(&mut self, value: Expr, span: Span) -> (Expr, Expr) {
        let (ty, at) = (value.ty, value.span);
        let temp = self.temporary(ty);
        (assign_local(temp, value, span), Expr { kind: ExprKind::Local(temp), ty, span: at })
    }

    /// Arguments in temporaries. What stands behind `ref` is no part of what is read and written.
    fn kept(&mut self, arguments: Vec<Argument>, span: Span) -> (Vec<Expr>, Vec<Argument>) {
        let values = arguments.into_iter().filter_map(|argument| match argument {
            Argument::Value(value) => Some(value),
            Argument::Reference { .. } => None,
        });
        let kept = values.map(|value| self.keep(value, span));
        kept.map(|(before, value)| (before, Argument::Value(value))).unzip()
    }

    /// A target that is read and then written: its receiver and indexes are evaluated once, into temporaries.
    fn split_target(&mut self, target: Expr, span: Span) -> (Vec<Expr>, Expr, Expr) {
        let ty = target.ty;
        let at = target.span;
        match target.kind {
            ExprKind::Local(local) => {
                let read = || Expr { kind: ExprKind::Local(local), ty, span: at };
                (Vec::new(), read(), read())
            }
            ExprKind::Captured(slot) => {
                let read = || Expr { kind: ExprKind::Captured(slot), ty, span: at };
                (Vec::new(), read(), read())
            }
            ExprKind::ArrayItem { array, index } => {
                let (first, array) = self.keep(*array, span);
                let (second, index) = self.keep(*index, span);
                let make = || {
                    let (array, index) = (Box::new(array.clone()), Box::new(index.clone()));
                    Expr { kind: ExprKind::ArrayItem { array, index }, ty, span: at }
                };
                (vec![first, second], make(), make())
            }
            ExprKind::Call { member, type_arguments, arguments, is_instance } => {
                let (before, kept) = self.kept(arguments, span);
                let make = || {
                    let (type_arguments, arguments) = (type_arguments.clone(), kept.clone());
                    Expr { kind: ExprKind::Call { member, type_arguments, arguments, is_instance }, ty, span: at }
                };
                (before, make(), make())
            }
            ExprKind::Dynamic { site, arguments } if matches!(site.operation, Operation::Get(_) | Operation::Item) => {
                let (before, kept) = self.kept(arguments, span);
                let make =
                    || Expr { kind: ExprKind::Dynamic { site: site.clone(), arguments: kept.clone() }, ty, span: at };
                (before, make(), make())
            }
            ExprKind::Deref(reference) => {
                let temp = self.temporary(ty);
                let make = || {
                    let reference = Box::new(Expr { kind: ExprKind::Local(temp), ty, span: at });
                    Expr { kind: ExprKind::Deref(reference), ty, span: at }
                };
                (vec![assign_local(temp, *reference, span)], make(), make())
            }
            ExprKind::Field { record, at: field } if matches!(record.ty.get(), Type::Tuple(..)) => {
                let (before, read, write) = self.split_target(*record, span);
                let make =
                    |record| Expr { kind: ExprKind::Field { record: Box::new(record), at: field }, ty, span: at };
                (before, make(read), make(write))
            }
            _ => {
                let wrong = self.error(
                    ErrorKind::Type,
                    "CS0131",
                    at,
                    "The left-hand side of an assignment must be a variable, property or indexer",
                );
                (Vec::new(), erroneous(span), wrong)
            }
        }
    }
}

/// Whether the language itself has operators for a type: what types define of their own converts its result by no cast.
fn is_built_in(ty: TypeId) -> bool {
    let bare = strip_nullable(ty);
    let others = [types::boolean(), types::string(), types::object()];
    numeric(bare).is_some()
        || is_enum(bare)
        || others.contains(&bare)
        || matches!(bare.get(), Type::Null)
        || super::lookup::delegate_signature(bare).is_some()
}
