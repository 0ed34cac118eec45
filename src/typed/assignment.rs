//! Assignments, and the variables that refuse them.

use super::ErrorKind;
use super::access::Operand;
use super::ir::{Expr, ExprKind, Place, Span};
use super::scope::{Binder, Readonly, Symbol, erroneous, is_error};
use crate::dotnet::inherit::is_value_type;
use crate::dotnet::types::Type;
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
        if self.refuse_readonly(target) {
            return erroneous(span);
        }
        if let S::Ref(_) = &value.kind {
            let message = "a reference is assigned by a statement alone in policy expressions";
            return self.error(ErrorKind::Unsupported, "", span, message);
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

    /// Reports an assignment to what cannot be assigned: the variable of a `foreach` or `using`, a constant, a range variable.
    pub(super) fn refuse_readonly(&mut self, target: &syntax::Expr) -> bool {
        if let S::Member { target: inner, name } = &target.kind
            && let S::Name(variable) = &inner.kind
            && let Some(Symbol::Variable(found)) = self.find(&variable.name.text)
            && matches!(found.readonly, Readonly::ForEach | Readonly::Using)
            && (matches!(found.ty.get(), Type::Tuple(..))
                || is_value_type(found.ty)
                    && self.members(found.ty, &name.name.text).iter().any(|f| f.member.has_setter))
        {
            let what = if found.readonly == Readonly::Using { "using variable" } else { "foreach iteration variable" };
            let message = format!("Cannot modify members of '{}' because it is a '{what}'", variable.name.text);
            self.error(ErrorKind::Type, "CS1654", target.span, message);
            return true;
        }
        let mut root = target;
        while let S::Member { target, .. } = &root.kind {
            root = target;
        }
        if let S::Name(variable) = &root.kind
            && let Some(Symbol::Variable(found)) = self.find(&variable.name.text)
            && found.readonly == Readonly::In
            && (std::ptr::eq(root, target) || is_value_type(found.ty))
        {
            let shown = found.ty.csharp_name();
            let (code, what) =
                if std::ptr::eq(root, target) { ("CS8331", "variable") } else { ("CS8332", "a member of variable") };
            let message = format!("Cannot assign to {what} 'in {shown}' because it is a readonly variable");
            self.error(ErrorKind::Type, code, target.span, message);
            return true;
        }
        let S::Name(name) = &target.kind else { return false };
        let text = &name.name.text;
        let (code, message) = match self.find(text) {
            Some(Symbol::Variable(variable)) if variable.readonly == Readonly::ForEach => {
                ("CS1656", format!("Cannot assign to '{text}' because it is a 'foreach iteration variable'"))
            }
            Some(Symbol::Variable(variable)) if variable.readonly == Readonly::Using => {
                ("CS1656", format!("Cannot assign to '{text}' because it is a 'using variable'"))
            }
            Some(Symbol::Constant(..)) => {
                ("CS0131", "The left-hand side of an assignment must be a variable, property or indexer".to_owned())
            }
            Some(Symbol::Variable(variable)) if variable.readonly == Readonly::Range => {
                ("CS1947", format!("Range variable '{text}' cannot be assigned to -- it is read only"))
            }
            Some(Symbol::Range(..)) => {
                ("CS1947", format!("Range variable '{text}' cannot be assigned to -- it is read only"))
            }
            Some(Symbol::Function(_)) => {
                ("CS1656", format!("Cannot assign to '{text}' because it is a 'method group'"))
            }
            _ => return false,
        };
        self.error(ErrorKind::Type, code, target.span, message);
        true
    }
}
