//! Assignments: what stands on the left, and what is stored there.

use super::ErrorKind;
use super::access::Operand;
use super::ir::{Expr, ExprKind, Place, Span};
use super::scope::{Binder, erroneous, is_error};
use portcullis_grammar::syntax::{self, BinaryOp, ExprKind as S};

impl Binder<'_> {
    pub(super) fn assignment(
        &mut self,
        op: Option<BinaryOp>,
        target: &syntax::Expr,
        value: &syntax::Expr,
        span: Span,
    ) -> Expr {
        if op.is_none() && matches!(target.kind, S::Tuple(_) | S::Declaration { .. }) {
            return self.deconstruct(target, value, span);
        }
        if let (None, S::Name(name)) = (op, &target.kind)
            && &*name.name.text == "_"
            && self.find("_").is_none()
        {
            let value = self.value_of(value);
            let ty = value.ty;
            return Expr { kind: ExprKind::Assign { place: Place::Discard, value: Box::new(value) }, ty, span };
        }
        if let (S::Ref(of), None) = (&value.kind, op) {
            return self.assign_reference(target, of, span);
        }
        if self.refuse_readonly(target) {
            return erroneous(span);
        }
        let operand = self.operand(target);
        let target = match operand {
            Operand::Type(ty, at) => {
                let message = format!("'{}' is a type but is used like a variable", ty.csharp_name());
                self.error(ErrorKind::Name, "CS0118", at, message)
            }
            Operand::Group(group) => {
                let message = format!("Cannot assign to '{}' because it is a 'method group'", group.name);
                self.error(ErrorKind::Type, "CS1656", group.span, message)
            }
            operand => self.value(operand).unwrap_or_else(|| erroneous(target.span)),
        };
        let value = self.operand(value);
        if is_error(target.ty) && matches!(value, Operand::Lambda(_) | Operand::Group(_)) {
            return target;
        }
        match op {
            None => self.assign(target, value, span),
            Some(op) => {
                // A lambda or method group that is added to a delegate is one of its type.
                let value = match value {
                    Operand::Lambda(_) | Operand::Group(_)
                        if super::lookup::delegate_signature(target.ty).is_some() =>
                    {
                        Operand::Value(self.convert(value, target.ty, span))
                    }
                    other => other,
                };
                self.compound(op, target, value, span)
            }
        }
    }
}
