//! `is` and `as` with a type.

use super::ErrorKind;
use super::access::Operand;
use super::convert::strip_nullable;
use super::ir::{Expr, ExprKind, Span};
use super::scope::{Binder, is_error};
use crate::dotnet::inherit::is_value_type;
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{self};

impl Binder<'_> {
    pub(super) fn is_type(&mut self, operand: &syntax::Expr, of: &syntax::Type, span: Span) -> Expr {
        let bound = self.operand(operand);
        let value = self.tested(bound, operand.span);
        // `x is Name` may name a constant.
        if let syntax::TypeKind::Named { parts, .. } = &of.kind
            && let Some(constant) = self.constant_named(parts, of.span)
        {
            return self.match_constant(value, Operand::Value(constant), span);
        }
        let ty = self.resolve_type(of);
        self.type_test(value, ty, span)
    }

    pub fn type_test(&mut self, value: Expr, ty: TypeId, span: Span) -> Expr {
        if is_error(value.ty) || is_error(ty) {
            return Expr { kind: ExprKind::Error, ty: types::boolean(), span };
        }
        Expr { kind: ExprKind::Is { operand: Box::new(value), ty: strip_nullable(ty) }, ty: types::boolean(), span }
    }

    pub(super) fn as_type(&mut self, operand: &syntax::Expr, to: &syntax::Type, span: Span) -> Expr {
        let bound = self.operand(operand);
        let value = self.tested(bound, operand.span);
        let ty = self.resolve_type(to);
        if is_error(ty) || is_error(value.ty) {
            return Expr { kind: ExprKind::Error, ty, span };
        }
        if let Type::LocalParameter(parameter) = ty.get()
            && !parameter.is_class
        {
            let message = format!(
                "The type parameter '{}' cannot be used with the 'as' operator because it does not have a class type constraint nor a 'class' constraint",
                parameter.name
            );
            return self.error(ErrorKind::Type, "CS0413", span, message);
        }
        if is_value_type(ty) && !matches!(ty.get(), Type::Nullable(_)) {
            let message = format!(
                "The as operator must be used with a reference type or nullable type ('{}' is a non-nullable value type)",
                ty.csharp_name()
            );
            return self.error(ErrorKind::Type, "CS0077", span, message);
        }
        let possible = super::convert::classify(value.ty, None, ty, true).is_some()
            || super::convert::classify(ty, None, value.ty, true).is_some();
        if !possible {
            let message = format!(
                "Cannot convert type '{}' to '{}' via a reference conversion, boxing conversion, unboxing conversion, wrapping conversion, or null type conversion",
                value.ty.csharp_name(),
                ty.csharp_name()
            );
            return self.error(ErrorKind::Type, "CS0039", span, message);
        }
        Expr { kind: ExprKind::As(Box::new(value)), ty, span }
    }
}
