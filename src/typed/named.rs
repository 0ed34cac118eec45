//! Named arguments that stand in another order than their parameters: they are evaluated as they are written.

use super::ir::{Argument, Expr, ExprKind, Place, Span};
use super::scope::Binder;

impl Binder<'_> {
    /// Puts arguments into temporaries where they are not written in the order of their parameters: what is to be evaluated
    /// before the call. `written`: their places among `arguments`, as they are written; what no one wrote goes first.
    pub(super) fn in_written_order(&mut self, arguments: &mut [Argument], written: &[usize], span: Span) -> Vec<Expr> {
        let mut before = Vec::new();
        if written.is_sorted() {
            return before;
        }
        let first = (0..arguments.len()).filter(|at| !written.contains(at));
        for at in first.chain(written.iter().copied()).collect::<Vec<_>>() {
            match arguments.get_mut(at) {
                Some(Argument::Value(value)) => self.ahead(value, &mut before, span),
                Some(Argument::Reference { place: Place::ArrayItem { array, index }, .. }) => {
                    self.ahead(array, &mut before, span);
                    self.ahead(index, &mut before, span);
                }
                Some(Argument::Reference { .. }) | None => {}
            }
        }
        before
    }

    /// Evaluates a value ahead of where it stands.
    fn ahead(&mut self, value: &mut Expr, before: &mut Vec<Expr>, span: Span) {
        if matches!(value.kind, ExprKind::Const(_) | ExprKind::Lambda(_) | ExprKind::Context | ExprKind::Error) {
            return;
        }
        let placeholder = Expr { kind: ExprKind::Error, ..*value };
        let (store, read) = self.keep(std::mem::replace(value, placeholder), span);
        before.push(store);
        *value = read;
    }
}

/// A call behind what was evaluated ahead of it.
pub(super) fn behind(before: Vec<Expr>, call: Expr) -> Expr {
    if before.is_empty() {
        return call;
    }
    let (ty, span) = (call.ty, call.span);
    Expr { kind: ExprKind::Sequence { before, value: Box::new(call) }, ty, span }
}
