//! Conversions said in IR, once they are chosen.

use super::ErrorKind;
use super::access::Operand;
use super::constant;
use super::convert::{Conv, assign_local, numeric};
use super::dynamic::Operation;
use super::ir::{Argument, Const, Expr, ExprKind, Numeric, Piece, Span};
use super::scope::Binder;
use crate::dotnet::types::{self, Type, TypeId};

impl Binder<'_> {
    /// Says a conversion in IR.
    pub fn apply(&mut self, value: Expr, to: TypeId, conv: Conv, span: Span) -> Expr {
        let from = value.ty;
        match conv {
            Conv::Retype => {
                if let ExprKind::Const(Const::Null) = value.kind {
                    return Expr { kind: ExprKind::Const(Const::Null), ty: to, span };
                }
                if from == to { value } else { Expr { kind: ExprKind::Retype(Box::new(value)), ty: to, span } }
            }
            Conv::Constant => self.fold_conversion(value, to, span),
            Conv::Number(a, b) => {
                if let ExprKind::Const(_) = value.kind {
                    return self.fold_conversion(value, to, span);
                }
                let checked = self.checked;
                Expr {
                    kind: ExprKind::ConvertNumber { from: a, to: b, checked, operand: Box::new(value) },
                    ty: to,
                    span,
                }
            }
            Conv::Wrap(inner) => {
                let Type::Nullable(of) = to.get() else { return value };
                let value = self.apply(value, *of, *inner, span);
                Expr { kind: ExprKind::Retype(Box::new(value)), ty: to, span }
            }
            Conv::Lift(inner) => {
                let (Type::Nullable(a), Type::Nullable(b)) = (from.get(), to.get()) else { return value };
                self.with_value(value, span, |binder, temp| {
                    let unwrapped = Expr { kind: ExprKind::Retype(Box::new(temp)), ty: *a, span };
                    let converted = binder.apply(unwrapped, *b, *inner, span);
                    Expr { kind: ExprKind::Retype(Box::new(converted)), ty: to, span }
                })
            }
            Conv::Unwrap(inner) => {
                let Type::Nullable(of) = from.get() else { return value };
                let unwrapped = Expr { kind: ExprKind::NullableValue(Box::new(value)), ty: *of, span };
                self.apply(unwrapped, to, *inner, span)
            }
            Conv::ToEnum => {
                if let ExprKind::Const(constant) = &value.kind
                    && let Some(number) = constant::integer(constant)
                {
                    // No enum of the tables holds more than 32 bits.
                    let range = i128::from(i32::MIN)..=i128::from(u32::MAX);
                    if self.checked_constants() && !range.contains(&number.into()) {
                        let message = format!(
                            "Constant value '{}' cannot be converted to a '{}' (use 'unchecked' syntax to override)",
                            constant::show(constant),
                            to.csharp_name()
                        );
                        return self.error(ErrorKind::Type, "CS0221", span, message);
                    }
                    return Expr { kind: ExprKind::Const(Const::Enum(to, number)), ty: to, span };
                }
                // Other numbers become the underlying type's first.
                let value = match numeric(from) {
                    Some(number) if number != Numeric::Int32 => self.cast(Operand::Value(value), types::int32(), span),
                    _ => value,
                };
                if let ExprKind::Const(Const::Int32(number)) = value.kind {
                    return Expr { kind: ExprKind::Const(Const::Enum(to, number.into())), ty: to, span };
                }
                Expr { kind: ExprKind::ConvertEnum { operand: Box::new(value) }, ty: to, span }
            }
            Conv::FromEnum(number) => {
                if let ExprKind::Const(Const::Enum(_, underlying)) = value.kind
                    && let Some(folded) = constant::convert(&Const::Int64(underlying), number, false)
                {
                    return Expr { kind: ExprKind::Const(folded), ty: to, span };
                }
                let underlying =
                    Expr { kind: ExprKind::ConvertEnum { operand: Box::new(value) }, ty: types::int32(), span };
                if number == Numeric::Int32 {
                    return underlying;
                }
                let checked = self.checked;
                Expr {
                    kind: ExprKind::ConvertNumber {
                        from: Numeric::Int32,
                        to: number,
                        checked,
                        operand: Box::new(underlying),
                    },
                    ty: to,
                    span,
                }
            }
            Conv::Ambiguous => {
                let message = format!(
                    "Ambiguous user defined conversions when converting from '{}' to '{}'",
                    from.csharp_name(),
                    to.csharp_name()
                );
                self.error(ErrorKind::Type, "CS0457", span, message)
            }
            Conv::Formattable => match value.kind {
                ExprKind::Interpolate(pieces) => formattable(pieces, to, span),
                _ => value,
            },
            Conv::Dynamic => self.dynamic(Operation::Convert(to), vec![super::dynamic::plain(value)], to, span),
            Conv::Cast => Expr { kind: ExprKind::Cast(Box::new(value)), ty: to, span },
            Conv::User { found, to_parameter, to_result } => {
                let parameter = found.own(found.member.parameters[0].ty);
                let result = found.own(found.member.returns);
                self.note_use(&found, span);
                let argument = self.apply(value, parameter, *to_parameter, span);
                let call = ExprKind::Call {
                    member: found.member,
                    type_arguments: found.owner.arguments().to_vec(),
                    arguments: vec![Argument::Value(argument)],
                    is_instance: false,
                };
                let call = Expr { kind: call, ty: result, span };
                self.apply(call, to, *to_result, span)
            }
            Conv::Tuple(convs) => {
                let (Type::Tuple(from_types, _), Type::Tuple(to_types, _)) = (from.get(), to.get()) else {
                    return value;
                };
                if let ExprKind::Record(elements) = value.kind {
                    let convs = convs.into_iter().zip(to_types);
                    let fields = elements.into_iter().zip(convs);
                    let fields = fields.map(|(element, (conv, to))| self.apply(element, *to, conv, span)).collect();
                    return Expr { kind: ExprKind::Record(fields), ty: to, span };
                }
                let temp = self.temporary(from);
                let mut fields = Vec::new();
                for (at, conv) in convs.into_iter().enumerate() {
                    let local = Expr { kind: ExprKind::Local(temp), ty: from, span };
                    let field = Expr {
                        kind: ExprKind::Field { record: Box::new(local), at: at as u32 },
                        ty: from_types[at],
                        span,
                    };
                    fields.push(self.apply(field, to_types[at], conv, span));
                }
                let assign = assign_local(temp, value, span);
                let record = Expr { kind: ExprKind::Record(fields), ty: to, span };
                Expr { kind: ExprKind::Sequence { before: vec![assign], value: Box::new(record) }, ty: to, span }
            }
        }
    }

    fn fold_conversion(&mut self, value: Expr, to: TypeId, span: Span) -> Expr {
        let ExprKind::Const(constant) = &value.kind else { return value };
        match numeric(to).and_then(|wanted| constant::convert(constant, wanted, false)) {
            Some(folded) => Expr { kind: ExprKind::Const(folded), ty: to, span },
            None => Expr { ty: to, ..value },
        }
    }

    /// Null where `value` is null, else what `then` makes of it (given as the same type, known not to be null).
    pub fn with_value(&mut self, value: Expr, span: Span, then: impl FnOnce(&mut Self, Expr) -> Expr) -> Expr {
        let ty = value.ty;
        let temp = self.temporary(ty);
        let local = |kind| Expr { kind, ty, span };
        let result = then(self, local(ExprKind::Local(temp)));
        let test = Expr { kind: ExprKind::IsNull(Box::new(local(ExprKind::Local(temp)))), ty: types::boolean(), span };
        let null = Expr { kind: ExprKind::Const(Const::Null), ty: result.ty, span };
        let result_ty = result.ty;
        let choice = ExprKind::Conditional { test: Box::new(test), then: Box::new(null), otherwise: Box::new(result) };
        let choice = Expr { kind: choice, ty: result_ty, span };
        Expr {
            kind: ExprKind::Sequence { before: vec![assign_local(temp, value, span)], value: Box::new(choice) },
            ty: result_ty,
            span,
        }
    }
}

/// A string with its values in their places still: a composite format and the values.
pub(super) fn formattable(pieces: Vec<Piece>, ty: TypeId, span: Span) -> Expr {
    let mut format: Vec<u16> = Vec::new();
    let mut items = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(units) => {
                for unit in units {
                    let brace = unit == u16::from(b'{') || unit == u16::from(b'}');
                    format.extend(std::iter::repeat_n(unit, 1 + usize::from(brace)));
                }
            }
            Piece::Hole { value, alignment, format: own } => {
                let alignment = if alignment == 0 { String::new() } else { format!(",{alignment}") };
                let own = own.map_or(String::new(), |own| format!(":{own}"));
                format.extend(format!("{{{}{alignment}{own}}}", items.len()).encode_utf16());
                let object = types::object();
                items.push(Expr { span: value.span, kind: ExprKind::Retype(Box::new(value)), ty: object });
            }
        }
    }
    let format = Expr { kind: ExprKind::Const(Const::String(format.into())), ty: types::string(), span };
    let items = Expr { kind: ExprKind::Array(items), ty: TypeId::array(types::object()), span };
    let kind = ExprKind::Engine {
        code: crate::dotnet::system::formattable::make,
        name: "formattable",
        arguments: vec![format, items],
    };
    Expr { kind, ty, span }
}
