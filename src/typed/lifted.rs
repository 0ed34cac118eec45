//! Operators over nullable operands: null where an operand is null, and the three truths of `bool?`.

use super::access::Operand;
use super::convert::{assign_local, strip_nullable};
use super::ir::{CompareAs, Comparison, Const, Expr, ExprKind, Span};
use super::operators::comparison_of;
use super::scope::Binder;
use crate::dotnet::types::{self, TypeId};
use portcullis_grammar::syntax::BinaryOp;

/// What a lifted operator answers when an operand is null, from the two null tests.
pub(super) type WhenNull<B> = Box<dyn FnOnce(&mut B, Expr, Expr) -> Expr>;

impl Binder<'_> {
    /// Both operands in temporaries; null when one is null, else what `then` makes of their values.
    pub(super) fn lift(
        &mut self,
        left: Expr,
        right: Expr,
        span: Span,
        then: impl FnOnce(&mut Self, Expr, Expr) -> Expr,
    ) -> Expr {
        self.lifted(left, right, span, then, None)
    }

    fn lifted(
        &mut self,
        left: Expr,
        right: Expr,
        span: Span,
        then: impl FnOnce(&mut Self, Expr, Expr) -> Expr,
        when_null: Option<WhenNull<Self>>,
    ) -> Expr {
        let (lt, rt) = (left.ty, right.ty);
        let (l, r) = (self.temporary(lt), self.temporary(rt));
        let local = |at, ty| Expr { kind: ExprKind::Local(at), ty, span };
        let bare = |at, ty: TypeId| {
            let stripped = strip_nullable(ty);
            let value = local(at, ty);
            if stripped == ty { value } else { Expr { kind: ExprKind::Retype(Box::new(value)), ty: stripped, span } }
        };
        let result = then(self, bare(l, lt), bare(r, rt));
        let result_ty = result.ty;
        let is_null =
            |at, ty: TypeId| Expr { kind: ExprKind::IsNull(Box::new(local(at, ty))), ty: types::boolean(), span };
        let either = Expr {
            kind: ExprKind::OrElse(Box::new(is_null(l, lt)), Box::new(is_null(r, rt))),
            ty: types::boolean(),
            span,
        };
        let (null, ty, result) = match when_null {
            Some(answer) => {
                let answer = answer(self, is_null(l, lt), is_null(r, rt));
                (answer, result_ty, result)
            }
            None => {
                let ty = TypeId::nullable(result_ty);
                let null = Expr { kind: ExprKind::Const(Const::Null), ty, span };
                (null, ty, Expr { kind: ExprKind::Retype(Box::new(result)), ty, span })
            }
        };
        let choice =
            ExprKind::Conditional { test: Box::new(either), then: Box::new(null), otherwise: Box::new(result) };
        let choice = Expr { kind: choice, ty, span };
        let before = vec![assign_local(l, left, span), assign_local(r, right, span)];
        Expr { kind: ExprKind::Sequence { before, value: Box::new(choice) }, ty, span }
    }

    /// Lifts an operator: comparisons answer bool (equal when both are null), the rest null.
    pub(super) fn lift_or_compare(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        let ty = types::boolean();
        match comparison_of(op) {
            None => self.lift(left, right, span, |binder, l, r| binder.plain_binary(op, l, r, span)),
            Some(comparison) => {
                let when_null: WhenNull<Self> = Box::new(move |_, l_null, r_null| match comparison {
                    // Equal when both are null.
                    Comparison::Equal | Comparison::NotEqual => {
                        let kind = ExprKind::Compare {
                            op: comparison,
                            by: CompareAs::Payload,
                            left: Box::new(l_null),
                            right: Box::new(r_null),
                        };
                        Expr { kind, ty, span }
                    }
                    _ => Expr { kind: ExprKind::Const(Const::Bool(false)), ty, span },
                });
                self.lifted(left, right, span, |binder, l, r| binder.plain_binary(op, l, r, span), Some(when_null))
            }
        }
    }

    /// `bool?`: `&` and `|` follow three-valued logic.
    pub(super) fn bool_lifted(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        let nullable = TypeId::nullable(types::boolean());
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let left = self.convert(Operand::Value(left), nullable, span);
                let right = self.convert(Operand::Value(right), nullable, span);
                let (l, r) = (self.temporary(nullable), self.temporary(nullable));
                let local = |at| Expr { kind: ExprKind::Local(at), ty: nullable, span };
                // The decisive value on either side decides; else null when there is one.
                let decisive = op == BinaryOp::Or;
                let is = |at| {
                    let value = Expr { kind: ExprKind::Const(Const::Bool(decisive)), ty: types::boolean(), span };
                    let not_null = Expr {
                        kind: ExprKind::Not(Box::new(Expr {
                            kind: ExprKind::IsNull(Box::new(local(at))),
                            ty: types::boolean(),
                            span,
                        })),
                        ty: types::boolean(),
                        span,
                    };
                    let bare = Expr { kind: ExprKind::Retype(Box::new(local(at))), ty: types::boolean(), span };
                    let same = ExprKind::Compare {
                        op: Comparison::Equal,
                        by: CompareAs::Payload,
                        left: Box::new(bare),
                        right: Box::new(value),
                    };
                    let same = Expr { kind: same, ty: types::boolean(), span };
                    Expr { kind: ExprKind::AndAlso(Box::new(not_null), Box::new(same)), ty: types::boolean(), span }
                };
                let constant = |value| Expr { kind: ExprKind::Const(value), ty: nullable, span };
                let is_null = |at| Expr { kind: ExprKind::IsNull(Box::new(local(at))), ty: types::boolean(), span };
                let any_null = Expr {
                    kind: ExprKind::OrElse(Box::new(is_null(l)), Box::new(is_null(r))),
                    ty: types::boolean(),
                    span,
                };
                let rest = ExprKind::Conditional {
                    test: Box::new(any_null),
                    then: Box::new(constant(Const::Null)),
                    otherwise: Box::new(constant(Const::Bool(!decisive))),
                };
                let decided =
                    Expr { kind: ExprKind::OrElse(Box::new(is(l)), Box::new(is(r))), ty: types::boolean(), span };
                let choice = ExprKind::Conditional {
                    test: Box::new(decided),
                    then: Box::new(constant(Const::Bool(decisive))),
                    otherwise: Box::new(Expr { kind: rest, ty: nullable, span }),
                };
                let before = vec![assign_local(l, left, span), assign_local(r, right, span)];
                Expr {
                    kind: ExprKind::Sequence { before, value: Box::new(Expr { kind: choice, ty: nullable, span }) },
                    ty: nullable,
                    span,
                }
            }
            _ => self.lift_or_compare(op, left, right, span),
        }
    }
}
