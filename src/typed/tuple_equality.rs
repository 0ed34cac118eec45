//! `==` and `!=` of tuples, element by element.

use super::ErrorKind;
use super::access::Operand;
use super::convert::{assign_local, strip_nullable};
use super::dynamic::is_dynamic;
use super::ir::{CompareAs, Comparison, Const, Expr, ExprKind, Span};
use super::scope::{Binder, erroneous, is_error};
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::BinaryOp;

impl Binder<'_> {
    /// `==` and `!=` of tuples (C# 7.3): all elements are there before the first pair is compared.
    pub(super) fn tuple_equality(&mut self, op: BinaryOp, left: Operand, right: Operand, span: Span) -> Expr {
        if !self.options.csharp_7_3 {
            let message =
                "Feature 'tuple equality' is not available in C# 7.0. Please use language version 7.3 or greater.";
            return self.error(ErrorKind::Unsupported, "CS8107", span, message);
        }
        let nullable =
            |operand: &Operand| matches!(operand, Operand::Value(v) if matches!(v.ty.get(), Type::Nullable(_)));
        let mut before = Vec::new();
        let mut tests = Vec::new();
        let lifted = nullable(&left) || nullable(&right);
        let (a, a_null) = self.tuple_parts(left, &mut before, span);
        let (b, b_null) = self.tuple_parts(right, &mut before, span);
        if a.len() != b.len() {
            let message = format!(
                "Tuple types used as operands of an == or != operator must have matching cardinalities. But this operator has tuple types of cardinality {} on the left and {} on the right.",
                a.len(),
                b.len()
            );
            return self.error(ErrorKind::Type, "CS8384", span, message);
        }
        for (a, b) in a.into_iter().zip(b) {
            let test = self.binary(op, a, b, span);
            if is_error(test.ty) || matches!(test.kind, ExprKind::Error) {
                return erroneous(span);
            }
            tests.push(if is_dynamic(test.ty) {
                self.dynamic_truth(test)
            } else {
                self.convert(Operand::Value(test), types::boolean(), span)
            });
        }
        let bool_ty = types::boolean();
        let join = |left: Expr, right: Expr, and: bool| {
            let (left, right) = (Box::new(left), Box::new(right));
            let kind = if and { ExprKind::AndAlso(left, right) } else { ExprKind::OrElse(left, right) };
            Expr { kind, ty: bool_ty, span }
        };
        let equal = op == BinaryOp::Equal;
        let truth = |value: bool| Expr { kind: ExprKind::Const(Const::Bool(value)), ty: bool_ty, span };
        let mut answer = tests.into_iter().reduce(|all, test| join(all, test, equal)).unwrap_or_else(|| truth(equal));
        if lifted {
            let null = |test: Option<Expr>| test.unwrap_or_else(|| truth(false));
            let (a_null, b_null) = (null(a_null), null(b_null));
            let by = CompareAs::Payload;
            let op = if equal { Comparison::Equal } else { Comparison::NotEqual };
            let kind = ExprKind::Compare { op, by, left: Box::new(a_null.clone()), right: Box::new(b_null) };
            let alike = Expr { kind, ty: bool_ty, span };
            let none = if equal { a_null } else { Expr { kind: ExprKind::Not(Box::new(a_null)), ty: bool_ty, span } };
            let rest = join(none, answer, !equal);
            answer = join(alike, rest, equal);
        }
        Expr { kind: ExprKind::Sequence { before, value: Box::new(answer) }, ty: bool_ty, span }
    }

    /// The elements of a tuple, computed; and whether it is null, where it may be.
    fn tuple_parts(&mut self, tuple: Operand, before: &mut Vec<Expr>, span: Span) -> (Vec<Operand>, Option<Expr>) {
        let Operand::Value(value) = tuple else {
            let Operand::Tuple(elements, _) = tuple else { return (Vec::new(), None) };
            let parts = elements.into_iter().map(|(_, element)| match element {
                Operand::Value(value) if !matches!(value.ty.get(), Type::Null) => {
                    let ty = value.ty;
                    let temp = self.temporary(ty);
                    before.push(assign_local(temp, value, span));
                    Operand::Value(Expr { kind: ExprKind::Local(temp), ty, span })
                }
                other => other,
            });
            return (parts.collect(), None);
        };
        let ty = value.ty;
        let bare = strip_nullable(ty);
        let temp = self.temporary(ty);
        before.push(assign_local(temp, value, span));
        let read = || Expr { kind: ExprKind::Local(temp), ty: bare, span };
        let is_null =
            (bare != ty).then(|| Expr { kind: ExprKind::IsNull(Box::new(read())), ty: types::boolean(), span });
        let Type::Tuple(elements, _) = bare.get() else { return (Vec::new(), None) };
        let field = |(at, ty): (usize, &TypeId)| {
            let kind = ExprKind::Field { record: Box::new(read()), at: at as u32 };
            Operand::Value(Expr { kind, ty: *ty, span })
        };
        (elements.iter().enumerate().map(field).collect(), is_null)
    }
}

pub(super) fn is_tuple(operand: &Operand) -> bool {
    match operand {
        Operand::Tuple(..) => true,
        Operand::Value(value) => matches!(strip_nullable(value.ty).get(), Type::Tuple(..)),
        _ => false,
    }
}
