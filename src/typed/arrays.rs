//! Arrays of one dimension: made by size, or from their elements.

use super::ErrorKind;
use super::access::Operand;
use super::constant;
use super::ir::{Expr, ExprKind, Span};
use super::scope::{Binder, erroneous, is_error};
use crate::dotnet::types::{Type, TypeId};
use portcullis_grammar::syntax::{self, ExprKind as S};

impl Binder<'_> {
    pub(super) fn new_array(
        &mut self,
        of: &syntax::Type,
        sizes: &[syntax::Expr],
        initializer: Option<&syntax::ArrayInitializer>,
        span: Span,
    ) -> Expr {
        let ty = self.resolve_type(of);
        let Type::Array(element, rank) = ty.get() else { return erroneous(span) };
        if is_error(*element) {
            for size in sizes {
                self.value_of(size);
            }
            return erroneous(span);
        }
        if *rank != 1 {
            return self.new_grid(ty, sizes, initializer, span);
        }
        if let Some(initializer) = initializer {
            if let [size] = sizes {
                let bound = self.value_of(size);
                match &bound.kind {
                    ExprKind::Const(constant)
                        if constant::integer(constant) == Some(initializer.elements.len() as i64) => {}
                    ExprKind::Const(constant) => {
                        let message =
                            format!("An array initializer of length '{}' is expected", constant::show(constant));
                        self.error(ErrorKind::Type, "CS0847", span, message);
                    }
                    _ => {
                        self.error(ErrorKind::Type, "CS0150", size.span, "A constant value is expected");
                    }
                }
            }
            return self.array_of(*element, &initializer.elements, ty, span);
        }
        let Some(size) = sizes.first() else {
            return self.error(
                ErrorKind::Type,
                "CS1586",
                span,
                "Array creation must have array size or array initializer",
            );
        };
        let operand = self.operand(size);
        let length = self.length(operand, size.span);
        if is_error(length.ty) {
            return Expr { ty, ..length };
        }
        Expr { kind: ExprKind::NewArray(Box::new(length)), ty, span }
    }

    /// The elements of an array initialiser, converted.
    pub fn array_of(&mut self, element: TypeId, elements: &[syntax::Expr], ty: TypeId, span: Span) -> Expr {
        let items = elements
            .iter()
            .map(|item| {
                if let (S::ArrayInitializer(nested), Type::Array(inner, 1)) = (&item.kind, element.get()) {
                    return self.array_of(*inner, &nested.elements, element, item.span);
                }
                let operand = self.operand(item);
                self.convert(operand, element, item.span)
            })
            .collect();
        Expr { kind: ExprKind::Array(items), ty, span }
    }

    pub(super) fn implicit_array(&mut self, rank: u32, initializer: &syntax::ArrayInitializer, span: Span) -> Expr {
        if rank != 1 {
            return self.implicit_grid(rank, initializer, span);
        }
        match self.of_one_type(initializer.elements.iter(), span) {
            Ok((element, items)) => Expr { kind: ExprKind::Array(items), ty: TypeId::array(element), span },
            Err(why) => why,
        }
    }

    /// Values converted to their best common type, and that type; what stands in where there is none.
    pub(super) fn of_one_type<'t>(
        &mut self,
        values: impl Iterator<Item = &'t syntax::Expr>,
        span: Span,
    ) -> Result<(TypeId, Vec<Expr>), Expr> {
        let operands: Vec<(Operand, Span)> = values.map(|value| (self.operand(value), value.span)).collect();
        let values: Vec<&Expr> =
            operands.iter().filter_map(|(o, _)| if let Operand::Value(v) = o { Some(v) } else { None }).collect();
        if values.iter().any(|v| is_error(v.ty)) {
            return Err(erroneous(span));
        }
        let Some(element) = self.common_type(&values) else {
            return Err(self.error(ErrorKind::Type, "CS0826", span, "No best type found for implicitly-typed array"));
        };
        Ok((element, operands.into_iter().map(|(operand, at)| self.convert(operand, element, at)).collect()))
    }
}
