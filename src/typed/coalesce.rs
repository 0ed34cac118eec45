//! `a ?? b`: the type that both have, and the value that is not null.

use super::ErrorKind;
use super::access::Operand;
use super::convert::strip_nullable;
use super::dynamic::is_dynamic;
use super::ir::{Expr, ExprKind, Span};
use super::scope::{Binder, erroneous, is_error, is_wrong};
use crate::dotnet::inherit::{is_subtype, is_value_type};
use crate::dotnet::types::{self, Type, TypeId};

impl Binder<'_> {
    pub(super) fn coalesce(&mut self, left: Operand, right: Operand, span: Span) -> Expr {
        let Some(left) = self.value(left) else { return erroneous(span) };
        if is_error(left.ty) {
            let _ = match right {
                Operand::Throw(..) | Operand::Default(_) | Operand::Lambda(_) | Operand::Group(_) => None,
                other => self.value(other),
            };
            return erroneous(span);
        }
        let nullable = !is_value_type(left.ty) || matches!(left.ty.get(), Type::Nullable(_));
        if matches!(&right, Operand::Value(value) if is_wrong(value)) {
            return erroneous(span);
        }
        if !nullable {
            let right_ty = match &right {
                Operand::Value(value) => value.ty.csharp_name(),
                _ => "?".into(),
            };
            let message = format!(
                "Operator '??' cannot be applied to operands of type '{}' and '{right_ty}'",
                left.ty.csharp_name()
            );
            return self.error(ErrorKind::Type, "CS0019", span, message);
        }
        if let (Type::Null, Operand::Value(value)) = (left.ty.get(), &right)
            && !matches!(value.ty.get(), Type::Null)
            && (!is_value_type(value.ty) || matches!(value.ty.get(), Type::Nullable(_)))
        {
            return self.value(right).unwrap_or_else(|| erroneous(span));
        }
        if matches!(left.ty.get(), Type::Null) {
            let right_ty = match &right {
                Operand::Value(value) => value.ty.csharp_name(),
                _ => "lambda expression".into(),
            };
            let message = format!("Operator '??' cannot be applied to operands of type '<null>' and '{right_ty}'");
            return self.error(ErrorKind::Type, "CS0019", span, message);
        }
        let bare = strip_nullable(left.ty);
        let right_dynamic = matches!(&right, Operand::Value(value) if is_dynamic(value.ty));
        let ty = if right_dynamic {
            types::dynamic()
        } else if bare != left.ty && self.converts(&right, bare) {
            bare
        } else if self.converts(&right, left.ty) {
            left.ty
        } else if let Operand::Value(value) = &right
            && self.converts_type(bare, value.ty)
        {
            value.ty
        } else {
            let right_ty = match &right {
                Operand::Value(value) => value.ty.csharp_name(),
                _ => "lambda expression".into(),
            };
            let message = format!(
                "Operator '??' cannot be applied to operands of type '{}' and '{right_ty}'",
                left.ty.csharp_name()
            );
            return self.error(ErrorKind::Type, "CS0019", span, message);
        };
        let right = self.convert(right, ty, span);
        if left.ty != ty && bare != ty && !is_subtype(bare, ty) && !is_dynamic(ty) {
            // The value converts only when there is one.
            let reference = !is_value_type(ty) || matches!(ty.get(), Type::Nullable(_));
            let may_be_null = if reference { ty } else { TypeId::nullable(ty) };
            let converted = self.with_value(left, span, |binder, temp| {
                let value = Expr { kind: ExprKind::Retype(Box::new(temp)), ty: bare, span };
                let value = binder.convert(Operand::Value(value), ty, span);
                Expr { kind: ExprKind::Retype(Box::new(value)), ty: may_be_null, span }
            });
            let left = Expr { kind: ExprKind::Retype(Box::new(converted)), ty, span };
            return Expr { kind: ExprKind::Coalesce { left: Box::new(left), right: Box::new(right) }, ty, span };
        }
        let left = if left.ty == ty { left } else { Expr { kind: ExprKind::Retype(Box::new(left)), ty, span } };
        Expr { kind: ExprKind::Coalesce { left: Box::new(left), right: Box::new(right) }, ty, span }
    }
}
