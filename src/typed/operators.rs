//! Binary operators: promotion, user-defined operators, folding.

use super::ErrorKind;
use super::access::Operand;
use super::constant::{self, FoldError};
use super::convert::{holds_error, is_enum, numeric, strip_nullable, widens};
use super::dynamic::{Operation, is_dynamic};
use super::ir::{Arithmetic, Bitwise, CompareAs, Comparison, Const, Expr, ExprKind, Number, Numeric, Piece, Span};
use super::overload::Arg;
use super::scope::{Binder, erroneous, is_wrong};
use super::tuple_equality::is_tuple;
use crate::dotnet::inherit::is_value_type;
use crate::dotnet::member::Native;
use crate::dotnet::system::multicast;
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{BinaryOp, Passing, UnaryOp};

pub(super) fn operator_name(op: BinaryOp) -> Option<&'static str> {
    Some(match op {
        BinaryOp::Multiply => "op_Multiply",
        BinaryOp::Divide => "op_Division",
        BinaryOp::Remainder => "op_Modulus",
        BinaryOp::Add => "op_Addition",
        BinaryOp::Subtract => "op_Subtraction",
        BinaryOp::Less => "op_LessThan",
        BinaryOp::Greater => "op_GreaterThan",
        BinaryOp::LessOrEqual => "op_LessThanOrEqual",
        BinaryOp::GreaterOrEqual => "op_GreaterThanOrEqual",
        BinaryOp::Equal => "op_Equality",
        BinaryOp::NotEqual => "op_Inequality",
        _ => return None,
    })
}

pub(super) fn arithmetic_of(op: BinaryOp) -> Option<Arithmetic> {
    Some(match op {
        BinaryOp::Add => Arithmetic::Add,
        BinaryOp::Subtract => Arithmetic::Subtract,
        BinaryOp::Multiply => Arithmetic::Multiply,
        BinaryOp::Divide => Arithmetic::Divide,
        BinaryOp::Remainder => Arithmetic::Remainder,
        _ => return None,
    })
}

pub(super) fn bitwise_of(op: BinaryOp) -> Option<Bitwise> {
    Some(match op {
        BinaryOp::And => Bitwise::And,
        BinaryOp::Or => Bitwise::Or,
        BinaryOp::Xor => Bitwise::Xor,
        _ => return None,
    })
}

pub(super) fn comparison_of(op: BinaryOp) -> Option<Comparison> {
    Some(match op {
        BinaryOp::Equal => Comparison::Equal,
        BinaryOp::NotEqual => Comparison::NotEqual,
        BinaryOp::Less => Comparison::Less,
        BinaryOp::LessOrEqual => Comparison::LessOrEqual,
        BinaryOp::Greater => Comparison::Greater,
        BinaryOp::GreaterOrEqual => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

pub fn type_of_number(number: Number) -> TypeId {
    match number {
        Number::Int32 => types::int32(),
        Number::UInt32 => types::uint32(),
        Number::Int64 => types::int64(),
        Number::UInt64 => types::uint64(),
        Number::Single => types::single(),
        Number::Double => types::double(),
        Number::Decimal => types::decimal(),
    }
}

/// The unary promotion: what `+x`, `-x`, `~x` compute in.
pub(super) fn promote_one(n: Numeric) -> Number {
    match n {
        Numeric::UInt32 => Number::UInt32,
        Numeric::Int64 => Number::Int64,
        Numeric::UInt64 => Number::UInt64,
        Numeric::Single => Number::Single,
        Numeric::Double => Number::Double,
        Numeric::Decimal => Number::Decimal,
        _ => Number::Int32,
    }
}

/// The binary numeric promotion; `None` where the types do not mix. `fits` tells that a constant is not negative.
pub(super) fn promote(a: Numeric, b: Numeric, a_fits: bool, b_fits: bool) -> Option<Number> {
    use Numeric as N;
    let either = |n| a == n || b == n;
    let other = |n| if a == n { b } else { a };
    if either(N::Decimal) {
        return (!matches!(other(N::Decimal), N::Single | N::Double)).then_some(Number::Decimal);
    }
    if either(N::Double) {
        return Some(Number::Double);
    }
    if either(N::Single) {
        return Some(Number::Single);
    }
    let signed = |n| matches!(n, N::SByte | N::Int16 | N::Int32 | N::Int64);
    if either(N::UInt64) {
        let (rest, fits) = if a == N::UInt64 { (b, b_fits) } else { (a, a_fits) };
        return (!signed(rest) || fits).then_some(Number::UInt64);
    }
    if either(N::Int64) {
        return Some(Number::Int64);
    }
    if either(N::UInt32) {
        let (rest, fits) = if a == N::UInt32 { (b, b_fits) } else { (a, a_fits) };
        return Some(if !signed(rest) || fits { Number::UInt32 } else { Number::Int64 });
    }
    Some(Number::Int32)
}

/// A constant that converts to an unsigned type: of `int` or `long`, and not negative.
pub(super) fn non_negative(value: &Expr) -> bool {
    matches!(&value.kind, ExprKind::Const(constant @ (Const::Int32(_) | Const::Int64(_)))
        if constant::integer(constant).is_some_and(|v| v >= 0))
}

impl Binder<'_> {
    pub fn binary(&mut self, op: BinaryOp, left: Operand, right: Operand, span: Span) -> Expr {
        if op == BinaryOp::Coalesce {
            return self.coalesce(left, right, span);
        }
        let equality = matches!(op, BinaryOp::Equal | BinaryOp::NotEqual);
        if equality && is_tuple(&left) && is_tuple(&right) {
            return self.tuple_equality(op, left, right, span);
        }
        if let (Some(at), false) = (default_place(&left).or(default_place(&right)), equality) {
            let message = format!("Operator '{}' cannot be applied to operand 'default'", op.symbol());
            return self.error(ErrorKind::Type, "CS8310", at, message);
        }
        let (left, right) = match (left, right) {
            (Operand::Value(l), Operand::Default(at)) => {
                let ty = l.ty;
                (Operand::Value(l), Operand::Value(self.default_value(ty, at)))
            }
            (Operand::Default(at), Operand::Value(r)) => {
                let ty = r.ty;
                (Operand::Value(self.default_value(ty, at)), Operand::Value(r))
            }
            other => other,
        };
        let typeless = |operand: &Operand| match operand {
            Operand::Value(value) => Some(value.ty.csharp_name()),
            Operand::Lambda(_) => Some("lambda expression".to_owned()),
            Operand::Group(_) => Some("method group".to_owned()),
            _ => None,
        };
        if let (Some(l), Some(r)) = (typeless(&left), typeless(&right))
            && !matches!((&left, &right), (Operand::Value(_), Operand::Value(_)))
            && ![&left, &right].iter().any(|o| matches!(o, Operand::Value(v) if is_wrong(v)))
        {
            let message = format!("Operator '{}' cannot be applied to operands of type '{l}' and '{r}'", op.symbol());
            return self.error(ErrorKind::Type, "CS0019", span, message);
        }
        if matches!(&left, Operand::Group(_)) && matches!(&right, Operand::Value(v) if is_wrong(v)) {
            return erroneous(span);
        }
        // A type among the operands is what is wrong first.
        let named = |operand: &Operand| matches!(operand, Operand::Type(..) | Operand::Namespace(..));
        let (left, right) = match (named(&left), named(&right)) {
            (true, false) => (self.value(left), None),
            (false, true) if !matches!(left, Operand::Value(_)) => (None, self.value(right)),
            _ => (self.value(left), self.value(right)),
        };
        let (Some(left), Some(right)) = (left, right) else { return erroneous(span) };
        if is_wrong(&left) || is_wrong(&right) {
            // A comparison is a truth value, whatever it compares.
            let ty = if comparison_of(op).is_some() || matches!(op, BinaryOp::AndAlso | BinaryOp::OrElse) {
                types::boolean()
            } else {
                types::error()
            };
            return Expr { kind: ExprKind::Error, ty, span };
        }
        let voids = [left.ty, right.ty].iter().any(|ty| matches!(ty.get(), Type::Void));
        if [left.ty, right.ty].into_iter().any(is_dynamic) && !voids {
            if matches!(op, BinaryOp::AndAlso | BinaryOp::OrElse) {
                return self.dynamic_logical(op, left, right, span);
            }
            let args = vec![operator_argument(left), operator_argument(right)];
            return self.dynamic(Operation::Binary(op), args, types::dynamic(), span);
        }
        match op {
            BinaryOp::AndAlso | BinaryOp::OrElse => self.logical(op, left, right, span),
            BinaryOp::ShiftLeft | BinaryOp::ShiftRight => self.shift(op, left, right, span),
            _ => self.plain_binary(op, left, right, span),
        }
    }

    fn not_applicable(&mut self, op: &str, left: &Expr, right: &Expr, span: Span) -> Expr {
        if holds_error(left) || holds_error(right) {
            return erroneous(span);
        }
        let message = format!(
            "Operator '{op}' cannot be applied to operands of type '{}' and '{}'",
            left.ty.csharp_name(),
            right.ty.csharp_name()
        );
        self.error(ErrorKind::Type, "CS0019", span, message)
    }

    fn ambiguous(&mut self, op: &str, left: &Expr, right: &Expr, span: Span) -> Expr {
        let message = format!(
            "Operator '{op}' is ambiguous on operands of type '{}' and '{}'",
            left.ty.csharp_name(),
            right.ty.csharp_name()
        );
        self.error(ErrorKind::Type, "CS0034", span, message)
    }

    fn logical(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        let bool_ty = types::boolean();
        if left.ty != bool_ty || right.ty != bool_ty {
            return self.not_applicable(op.symbol(), &left, &right, span);
        }
        if let (ExprKind::Const(Const::Bool(a)), ExprKind::Const(Const::Bool(b))) = (&left.kind, &right.kind) {
            let value = if op == BinaryOp::AndAlso { *a && *b } else { *a || *b };
            return Expr { kind: ExprKind::Const(Const::Bool(value)), ty: bool_ty, span };
        }
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = if op == BinaryOp::AndAlso { ExprKind::AndAlso(left, right) } else { ExprKind::OrElse(left, right) };
        Expr { kind, ty: bool_ty, span }
    }

    fn shift(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        let lifted = matches!(left.ty.get(), Type::Nullable(_)) || matches!(right.ty.get(), Type::Nullable(_));
        let null = |e: &Expr| matches!(e.ty.get(), Type::Null);
        // An operand may be null: it is a nullable of what the operator takes.
        let number = if null(&left) { Some(Number::Int32) } else { numeric(strip_nullable(left.ty)).map(promote_one) };
        let count = null(&right) || numeric(strip_nullable(right.ty)).is_some_and(|n| promote_one(n) == Number::Int32);
        let Some(number @ (Number::Int32 | Number::UInt32 | Number::Int64 | Number::UInt64)) = number.filter(|_| count)
        else {
            return self.not_applicable(op.symbol(), &left, &right, span);
        };
        let how = if op == BinaryOp::ShiftLeft { Bitwise::ShiftLeft } else { Bitwise::ShiftRight };
        if null(&left) || null(&right) {
            let ty = TypeId::nullable(type_of_number(number));
            let value = Box::new(Expr { kind: ExprKind::Const(Const::Null), ty, span });
            let before = vec![if null(&left) { right } else { left }];
            return Expr { kind: ExprKind::Sequence { before, value }, ty, span };
        }
        if lifted {
            return self.lift(left, right, span, |binder, l, r| binder.shift(op, l, r, span));
        }
        let ty = type_of_number(number);
        let left = self.convert(Operand::Value(left), ty, span);
        let right = self.convert(Operand::Value(right), types::int32(), span);
        if let (ExprKind::Const(a), ExprKind::Const(b)) = (&left.kind, &right.kind)
            && let Some(folded) = constant::bitwise(how, number, a, b)
        {
            return Expr { kind: ExprKind::Const(folded), ty, span };
        }
        Expr { kind: ExprKind::Bitwise { op: how, number, left: Box::new(left), right: Box::new(right) }, ty, span }
    }

    pub(super) fn plain_binary(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        let string = types::string();
        if op == BinaryOp::Add && (left.ty == string || right.ty == string) {
            // An operator of the other type (`XNamespace + string`) goes before concatenation.
            let other = if left.ty == string { right.ty } else { left.ty };
            let candidates = if other == string { Vec::new() } else { self.members(other, "op_Addition") };
            if candidates.is_empty() {
                return self.concatenate(left, right, span);
            }
            let args = [operator_argument(left), operator_argument(right)];
            if let Ok(chosen) = self.resolve(&candidates, &[], &args.iter().collect::<Vec<_>>()) {
                return self.finish_call(chosen, None, args.into(), span, span);
            }
            return match args.map(|argument| argument.operand) {
                [Operand::Value(left), Operand::Value(right)] => self.concatenate(left, right, span),
                _ => erroneous(span),
            };
        }
        // `true + null` is a text: null is a string where nothing else takes it.
        let alone = |value: &Expr, other: &Expr| {
            let ty = strip_nullable(other.ty);
            matches!(value.ty.get(), Type::Null)
                && !matches!(ty.get(), Type::Null | Type::Void | Type::Error)
                && numeric(ty).is_none()
                && !is_enum(ty)
                && super::lookup::delegate_signature(ty).is_none()
        };
        if op == BinaryOp::Add && (alone(&left, &right) || alone(&right, &left)) {
            let other = if matches!(left.ty.get(), Type::Null) { right.ty } else { left.ty };
            if self.members(strip_nullable(other), "op_Addition").is_empty() {
                return self.concatenate(left, right, span);
            }
        }
        let delegate = |ty: TypeId| super::lookup::delegate_signature(ty).is_some();
        let null = |e: &Expr| matches!(e.ty.get(), Type::Null);
        if let Some((code, ty)) = delegate_operator(op, left.ty, right.ty)
            && (delegate(left.ty) || delegate(right.ty))
            && !(comparison_of(op).is_some() && (null(&left) || null(&right)))
        {
            let call = ExprKind::Engine { code, name: op.symbol(), arguments: vec![left, right] };
            let call = Expr { kind: call, ty, span };
            return match op {
                BinaryOp::NotEqual => Expr { kind: ExprKind::Not(Box::new(call)), ty, span },
                _ => call,
            };
        }
        if matches!(left.ty.get(), Type::Void) || matches!(right.ty.get(), Type::Void) {
            return self.not_applicable(op.symbol(), &left, &right, span);
        }
        let (l, r) = (strip_nullable(left.ty), strip_nullable(right.ty));
        let lifted = l != left.ty || r != right.ty;
        let null = |e: &Expr| matches!(e.ty.get(), Type::Null);
        // A comparison with null needs no operator.
        if matches!(op, BinaryOp::Equal | BinaryOp::NotEqual) && (null(&left) || null(&right)) {
            return self.compare_null(op, left, right, span);
        }
        if null(&left) && null(&right) {
            if arithmetic_of(op).is_some_and(|how| how != Arithmetic::Add) {
                let ty = TypeId::nullable(types::int32());
                return Expr { kind: ExprKind::Const(Const::Null), ty, span };
            }
            if comparison_of(op).is_some() {
                return Expr { kind: ExprKind::Const(Const::Bool(false)), ty: types::boolean(), span };
            }
            return self.ambiguous(op.symbol(), &left, &right, span);
        }
        if null(&left) != null(&right)
            && bitwise_of(op).is_some()
            && (if null(&left) { r } else { l }) == types::boolean()
        {
            return self.bool_lifted(op, left, right, span);
        }
        if null(&left) != null(&right)
            && let Some(number) = numeric(if null(&left) { r } else { l }).map(promote_one)
            && (bitwise_of(op).is_none()
                || matches!(number, Number::Int32 | Number::UInt32 | Number::Int64 | Number::UInt64))
        {
            // `x + null` is null, `x < null` is false; `x` is computed all the same.
            let (value, ty) = match comparison_of(op) {
                Some(_) => (Const::Bool(false), types::boolean()),
                None => (Const::Null, TypeId::nullable(type_of_number(number))),
            };
            let answer = Box::new(Expr { kind: ExprKind::Const(value), ty, span });
            let before = vec![if null(&left) { right } else { left }];
            return Expr { kind: ExprKind::Sequence { before, value: answer }, ty, span };
        }
        let of_enum = is_enum(if null(&left) { r } else { l })
            && !matches!(op, BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder);
        if (lifted || of_enum) && (null(&left) || null(&right)) {
            let multiplies = matches!(op, BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder);
            let of = if null(&left) { r } else { l };
            if of == types::boolean() || is_enum(of) && multiplies {
                return self.not_applicable(op.symbol(), &left, &right, span);
            }
            // `x + null` is null, `x < null` is false.
            return match comparison_of(op) {
                Some(_) => Expr { kind: ExprKind::Const(Const::Bool(false)), ty: types::boolean(), span },
                None => {
                    let ty = TypeId::nullable(if null(&left) { r } else { l });
                    Expr { kind: ExprKind::Const(Const::Null), ty, span }
                }
            };
        }
        if let (Some(a), Some(b)) = (numeric(l), numeric(r))
            && let Some(number) = promote(a, b, non_negative(&left), non_negative(&right))
            && (bitwise_of(op).is_none()
                || matches!(number, Number::Int32 | Number::UInt32 | Number::Int64 | Number::UInt64))
        {
            if lifted {
                return self.lift_or_compare(op, left, right, span);
            }
            return self.numeric_binary(op, number, left, right, span);
        }
        if let (Some(a), Some(b)) = (numeric(l), numeric(r)) {
            let either = |n| a == n || b == n;
            let integers = super::convert::integral(a) && super::convert::integral(b);
            if either(Numeric::UInt64) && integers && bitwise_of(op).is_none() {
                return self.ambiguous(op.symbol(), &left, &right, span);
            }
        }
        let bool_ty = types::boolean();
        if l == bool_ty && r == bool_ty {
            if lifted {
                return self.bool_lifted(op, left, right, span);
            }
            if let Some(how) = bitwise_of(op) {
                return self.fold_bitwise(how, Number::Int32, left, right, bool_ty, span);
            }
            if let (Some(comparison), BinaryOp::Equal | BinaryOp::NotEqual) = (comparison_of(op), op) {
                return self.fold_compare(comparison, CompareAs::Payload, left, right, span);
            }
        }
        if is_enum(l) || is_enum(r) {
            return self.enum_binary(op, left, right, span);
        }
        if left.ty == string
            && right.ty == string
            && let (Some(comparison), BinaryOp::Equal | BinaryOp::NotEqual) = (comparison_of(op), op)
        {
            return self.fold_compare(comparison, CompareAs::String, left, right, span);
        }
        if let Some(name) = operator_name(op) {
            let mut candidates = self.members(l, name);
            for found in self.members(r, name) {
                if !candidates.iter().any(|c| std::ptr::eq(c.member, found.member)) {
                    candidates.push(found);
                }
            }
            if !candidates.is_empty() {
                if lifted && is_value_type(l) && is_value_type(r) {
                    return self.lift_or_compare(op, left, right, span);
                }
                let args = [operator_argument(left), operator_argument(right)];
                let by_reference: Vec<&Arg> = args.iter().collect();
                if let Ok(chosen) = self.resolve(&candidates, &[], &by_reference) {
                    return self.finish_call(chosen, None, args.into(), span, span);
                }
                let [a, b] = args;
                let (Operand::Value(left), Operand::Value(right)) = (a.operand, b.operand) else {
                    return erroneous(span);
                };
                return self.reference_compare(op, left, right, span);
            }
        }
        self.reference_compare(op, left, right, span)
    }

    fn reference_compare(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        let open = |ty: TypeId| matches!(ty.get(), Type::LocalParameter(own) if !own.is_class);
        let comparable = !open(left.ty)
            && !open(right.ty)
            && !is_value_type(left.ty)
            && !is_value_type(right.ty)
            && (super::convert::classify(left.ty, None, right.ty, true).is_some()
                || super::convert::classify(right.ty, None, left.ty, true).is_some());
        match comparison_of(op) {
            Some(comparison @ (Comparison::Equal | Comparison::NotEqual)) if comparable => {
                let kind = ExprKind::Compare {
                    op: comparison,
                    by: CompareAs::Reference,
                    left: Box::new(left),
                    right: Box::new(right),
                };
                Expr { kind, ty: types::boolean(), span }
            }
            _ => self.not_applicable(op.symbol(), &left, &right, span),
        }
    }

    fn compare_null(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        let null = |e: &Expr| matches!(e.ty.get(), Type::Null);
        let ty = types::boolean();
        if null(&left) && null(&right) {
            return Expr { kind: ExprKind::Const(Const::Bool(op == BinaryOp::Equal)), ty, span };
        }
        let of = if null(&left) { right.ty } else { left.ty };
        let nullable = !is_value_type(of) || matches!(of.get(), Type::Nullable(_));
        let known = || numeric(of).is_some() || is_enum(of) || of == types::boolean();
        if !nullable && !known() && self.members(of, "op_Equality").is_empty() {
            return self.not_applicable(op.symbol(), &left, &right, span);
        }
        let value = if null(&left) { right } else { left };
        if !nullable {
            // The compiler warns that the answer is always the same.
            let answer = Expr { kind: ExprKind::Const(Const::Bool(op == BinaryOp::NotEqual)), ty, span };
            return Expr { kind: ExprKind::Sequence { before: vec![value], value: Box::new(answer) }, ty, span };
        }
        let test = Expr { kind: ExprKind::IsNull(Box::new(value)), ty, span };
        if op == BinaryOp::Equal { test } else { Expr { kind: ExprKind::Not(Box::new(test)), ty, span } }
    }

    fn numeric_binary(&mut self, op: BinaryOp, number: Number, left: Expr, right: Expr, span: Span) -> Expr {
        let ty = type_of_number(number);
        let left = self.cast_number(left, ty, span);
        let right = self.cast_number(right, ty, span);
        if let Some(comparison) = comparison_of(op) {
            return self.fold_compare(comparison, CompareAs::Number(number), left, right, span);
        }
        if let Some(how) = bitwise_of(op) {
            return self.fold_bitwise(how, number, left, right, ty, span);
        }
        let Some(how) = arithmetic_of(op) else { return erroneous(span) };
        if let (ExprKind::Const(a), ExprKind::Const(b)) = (&left.kind, &right.kind) {
            match constant::arithmetic(how, number, a, b, self.checked_constants()) {
                Some(Ok(folded)) => return Expr { kind: ExprKind::Const(folded), ty, span },
                Some(Err(FoldError::Overflow)) => {
                    return self.error(
                        ErrorKind::Type,
                        "CS0220",
                        span,
                        "The operation overflows at compile time in checked mode",
                    );
                }
                Some(Err(FoldError::Decimal)) => {
                    let message = "Evaluation of the decimal constant expression failed";
                    return self.error(ErrorKind::Type, "CS0463", span, message);
                }
                Some(Err(FoldError::DivisionByZero)) => {
                    return self.error(ErrorKind::Type, "CS0020", span, "Division by constant zero");
                }
                None => {}
            }
        }
        let checked = self.checked;
        Expr {
            kind: ExprKind::Arithmetic { op: how, number, checked, left: Box::new(left), right: Box::new(right) },
            ty,
            span,
        }
    }

    /// Promotes an operand; a constant that fits needs no conversion at run time.
    pub(super) fn cast_number(&mut self, value: Expr, ty: TypeId, _span: Span) -> Expr {
        let at = value.span;
        if value.ty == ty {
            return value;
        }
        if let (ExprKind::Const(constant), Some(wanted)) = (&value.kind, numeric(ty))
            && let Some(folded) = constant::convert(constant, wanted, false)
        {
            return Expr { kind: ExprKind::Const(folded), ty, span: at };
        }
        let (Some(from), Some(to)) = (numeric(value.ty), numeric(ty)) else { return value };
        Expr { kind: ExprKind::ConvertNumber { from, to, checked: false, operand: Box::new(value) }, ty, span: at }
    }

    fn fold_compare(&mut self, op: Comparison, by: CompareAs, left: Expr, right: Expr, span: Span) -> Expr {
        let ty = types::boolean();
        if let (ExprKind::Const(a), ExprKind::Const(b)) = (&left.kind, &right.kind)
            && let Some(folded) = constant::compare(op, a, b)
        {
            return Expr { kind: ExprKind::Const(folded), ty, span };
        }
        Expr { kind: ExprKind::Compare { op, by, left: Box::new(left), right: Box::new(right) }, ty, span }
    }

    fn fold_bitwise(&mut self, op: Bitwise, number: Number, left: Expr, right: Expr, ty: TypeId, span: Span) -> Expr {
        if let (ExprKind::Const(a), ExprKind::Const(b)) = (&left.kind, &right.kind)
            && let Some(folded) = constant::bitwise(op, number, a, b)
        {
            return Expr { kind: ExprKind::Const(folded), ty, span };
        }
        Expr { kind: ExprKind::Bitwise { op, number, left: Box::new(left), right: Box::new(right) }, ty, span }
    }

    fn enum_binary(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        let (l, r) = (strip_nullable(left.ty), strip_nullable(right.ty));
        if l != left.ty || r != right.ty {
            return self.lift_or_compare(op, left, right, span);
        }
        let ty = if is_enum(l) { l } else { r };
        let zero = |e: &Expr| matches!(e.kind, ExprKind::Const(Const::Int32(0)));
        let both = l == r || zero(&left) || zero(&right);
        let payload = |binder: &mut Self, e: Expr| binder.convert(Operand::Value(e), ty, span);
        if both {
            if let Some(comparison) = comparison_of(op) {
                let (left, right) = (payload(self, left), payload(self, right));
                return self.fold_compare(comparison, CompareAs::Payload, left, right, span);
            }
            if let Some(how) = bitwise_of(op) {
                let (left, right) = (payload(self, left), payload(self, right));
                if let (ExprKind::Const(Const::Enum(_, a)), ExprKind::Const(Const::Enum(_, b))) =
                    (&left.kind, &right.kind)
                {
                    let value = match how {
                        Bitwise::And => a & b,
                        Bitwise::Or => a | b,
                        _ => a ^ b,
                    };
                    return Expr { kind: ExprKind::Const(Const::Enum(ty, value)), ty, span };
                }
                let kind =
                    ExprKind::Bitwise { op: how, number: Number::Int32, left: Box::new(left), right: Box::new(right) };
                return Expr { kind, ty, span };
            }
        }
        // enum + number, number + enum, enum - number, number - enum, enum - enum; the number converts to the type below
        // the enum. A zero on the left is one of the enum.
        let int = types::int32();
        let plain = |binder: &mut Self, e: Expr| binder.cast(Operand::Value(e), int, span);
        let number = |e: &Expr| numeric(e.ty).is_some_and(|own| own == Numeric::Int32 || widens(own, Numeric::Int32));
        match op {
            BinaryOp::Subtract if l == r || is_enum(r) && zero(&left) => {
                let (left, right) = (plain(self, left), plain(self, right));
                self.numeric_binary(op, Number::Int32, left, right, span)
            }
            BinaryOp::Add | BinaryOp::Subtract if is_enum(l) && number(&right) || is_enum(r) && number(&left) => {
                let (left, right) = (plain(self, left), plain(self, right));
                let sum = self.numeric_binary(op, Number::Int32, left, right, span);
                self.cast(Operand::Value(sum), ty, span)
            }
            _ => self.not_applicable(op.symbol(), &left, &right, span),
        }
    }

    // ---- strings

    fn concatenate(&mut self, left: Expr, right: Expr, span: Span) -> Expr {
        let ty = types::string();
        if let (ExprKind::Const(Const::String(a)), ExprKind::Const(Const::String(b))) = (&left.kind, &right.kind) {
            let joined: Vec<u16> = a.iter().chain(b.iter()).copied().collect();
            return Expr { kind: ExprKind::Const(Const::String(joined.into())), ty, span };
        }
        for (value, other) in [(&left, &right), (&right, &left)] {
            if matches!(value.ty.get(), Type::Void) {
                return self.not_applicable(
                    "+",
                    if std::ptr::eq(value, &left) { value } else { other },
                    if std::ptr::eq(value, &left) { other } else { value },
                    span,
                );
            }
        }
        let mut parts = Vec::new();
        for value in [left, right] {
            match value.kind {
                ExprKind::Concat(inner) => parts.extend(inner),
                _ => parts.push(self.as_text(value)),
            }
        }
        Expr { kind: ExprKind::Concat(parts), ty, span }
    }

    /// What concatenation shows of a value: null is empty.
    fn as_text(&mut self, value: Expr) -> Expr {
        let (ty, span) = (types::string(), value.span);
        if value.ty == ty || matches!(value.ty.get(), Type::Null) {
            return value;
        }
        let hole = Piece::Hole { value, alignment: 0, format: None };
        Expr { kind: ExprKind::Interpolate(vec![hole]), ty, span }
    }

    /// A value and one more, or one less.
    pub(super) fn stepped(&mut self, how: BinaryOp, value: Expr, one: Expr, span: Span) -> Expr {
        let ty = value.ty;
        if is_dynamic(ty) {
            let op = if how == BinaryOp::Add { UnaryOp::PreIncrement } else { UnaryOp::PreDecrement };
            return self.dynamic(Operation::Unary(op), vec![operator_argument(value)], ty, span);
        }
        let new = self.plain_binary(how, value, one, span);
        self.cast(Operand::Value(new), ty, span)
    }
}

pub(super) fn default_place(operand: &Operand) -> Option<Span> {
    match operand {
        Operand::Default(at) => Some(*at),
        _ => None,
    }
}

/// What combines, takes apart or compares delegates of one type, and its type.
pub(super) fn delegate_operator(op: BinaryOp, left: TypeId, right: TypeId) -> Option<(Native, TypeId)> {
    let null = |ty: TypeId| matches!(ty.get(), Type::Null);
    let ty = if null(left) { right } else { left };
    if !(left == right || null(left) || null(right)) {
        return None;
    }
    Some(match op {
        BinaryOp::Add => (multicast::combine, ty),
        BinaryOp::Subtract => (multicast::remove, ty),
        BinaryOp::Equal | BinaryOp::NotEqual => (multicast::equal, types::boolean()),
        _ => return None,
    })
}

pub(super) fn operator_argument(value: Expr) -> Arg {
    Arg { name: None, passing: Passing::Value, span: value.span, operand: Operand::Value(value) }
}
