//! Arrays of several dimensions: `new int[2, 3]`, their initialisers, and `a[i, j]`.
//!
//! An element is read and written by its place in the order of all elements; the engine works that out and checks it.

use super::ErrorKind;
use super::access::Operand;
use super::constant;
use super::convert::{assign_local, implicitly};
use super::ir::{Const, Expr, ExprKind, Span};
use super::overload::Arg;
use super::scope::{Binder, erroneous};
use crate::dotnet::system::collections::grid;
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{self, ExprKind as S};

impl Binder<'_> {
    /// `new T[sizes] { ... }` of more than one dimension.
    pub fn new_grid(
        &mut self,
        ty: TypeId,
        sizes: &[syntax::Expr],
        initializer: Option<&syntax::ArrayInitializer>,
        span: Span,
    ) -> Expr {
        let Type::Array(element, rank) = ty.get() else { return erroneous(span) };
        let mut bound = Vec::new();
        for size in sizes {
            let operand = self.operand(size);
            bound.push(self.length(operand, size.span));
        }
        let Some(initializer) = initializer else {
            if bound.is_empty() {
                let message = "Array creation must have array size or array initializer";
                return self.error(ErrorKind::Type, "CS1586", span, message);
            }
            return Expr { kind: ExprKind::Engine { code: grid::make, name: "new", arguments: bound }, ty, span };
        };
        for (at, size) in bound.iter().enumerate() {
            let written = extent(initializer, at);
            match &size.kind {
                ExprKind::Error => {}
                ExprKind::Const(constant) if constant::integer(constant) == Some(written as i64) => {}
                ExprKind::Const(constant) => {
                    let message = format!("An array initializer of length '{}' is expected", constant::show(constant));
                    self.error(ErrorKind::Type, "CS0847", initializer.span, message);
                }
                _ => {
                    self.error(ErrorKind::Type, "CS0150", sizes[at].span, "A constant value is expected");
                }
            }
        }
        let mut leaves = Vec::new();
        self.leaves(initializer, usize::from(*rank), &mut leaves);
        let items = leaves
            .into_iter()
            .map(|leaf| {
                let operand = self.operand(leaf);
                self.convert(operand, *element, leaf.span)
            })
            .collect();
        grid_of(initializer, ty, items, span)
    }

    /// `new[,] { { 1, 2 }, { 3, 4 } }`
    pub fn implicit_grid(&mut self, rank: u32, initializer: &syntax::ArrayInitializer, span: Span) -> Expr {
        let rank = u8::try_from(rank).unwrap_or(u8::MAX);
        let mut leaves = Vec::new();
        self.leaves(initializer, usize::from(rank), &mut leaves);
        match self.of_one_type(leaves.into_iter(), span) {
            Ok((element, items)) => grid_of(initializer, TypeId::of(Type::Array(element, rank)), items, span),
            Err(why) => why,
        }
    }

    /// The values of an initialiser, in order; each level holds as many as its neighbours.
    fn leaves<'t>(&mut self, initializer: &'t syntax::ArrayInitializer, rank: usize, out: &mut Vec<&'t syntax::Expr>) {
        let expected = match initializer.elements.first().map(|first| &first.kind) {
            Some(S::ArrayInitializer(first)) => Some(first.elements.len()),
            _ => None,
        };
        for element in &initializer.elements {
            match (&element.kind, rank) {
                (S::ArrayInitializer(inner), 2..) => {
                    if let Some(expected) = expected.filter(|expected| *expected != inner.elements.len()) {
                        let message = format!("An array initializer of length '{expected}' is expected");
                        self.error(ErrorKind::Type, "CS0847", element.span, message);
                    }
                    self.leaves(inner, rank - 1, out);
                }
                (_, 2..) => {
                    let message = "A nested array initializer is expected";
                    self.error(ErrorKind::Type, "CS0846", element.span, message);
                }
                _ => out.push(element),
            }
        }
    }

    /// A length or an index: `int`, or a wider integer that is checked.
    pub fn length(&mut self, operand: Operand, span: Span) -> Expr {
        let Some(value) = self.value(operand) else { return erroneous(span) };
        let length = if super::dynamic::is_dynamic(value.ty) {
            let args = vec![super::dynamic::plain(value)];
            self.dynamic(super::dynamic::Operation::ArrayIndex, args, types::int32(), span)
        } else if implicitly(value.ty, types::int32()) {
            self.convert(Operand::Value(value), types::int32(), span)
        } else if super::convert::numeric(value.ty).is_some_and(super::convert::integral) {
            self.cast(Operand::Value(value), types::int32(), span)
        } else {
            self.convert(Operand::Value(value), types::int32(), span)
        };
        if let ExprKind::Const(Const::Int32(..0)) = length.kind {
            return self.error(ErrorKind::Type, "CS0248", span, "Cannot create an array with a negative size");
        }
        length
    }

    /// `a[i, j]`
    pub fn grid_item(&mut self, target: Expr, rank: usize, args: Vec<Arg>, span: Span) -> Expr {
        if args.len() != rank {
            let message = format!("Wrong number of indices inside []; expected {rank}");
            return self.error(ErrorKind::Call, "CS0022", span, message);
        }
        let Type::Array(element, _) = target.ty.get() else { return erroneous(span) };
        let ty = target.ty;
        let temp = self.temporary(ty);
        let read = || Expr { kind: ExprKind::Local(temp), ty, span };
        let array = ExprKind::Sequence { before: vec![assign_local(temp, target, span)], value: Box::new(read()) };
        let mut arguments = vec![read()];
        for arg in args {
            let index = self.array_index(arg, span);
            arguments.push(index);
        }
        let index = ExprKind::Engine { code: grid::index, name: "index", arguments };
        let index = Expr { kind: index, ty: types::int32(), span };
        let array = Expr { kind: array, ty, span };
        Expr { kind: ExprKind::ArrayItem { array: Box::new(array), index: Box::new(index) }, ty: *element, span }
    }
}

/// How many elements an initialiser has at a depth.
fn extent(initializer: &syntax::ArrayInitializer, depth: usize) -> usize {
    match (depth, initializer.elements.first().map(|first| &first.kind)) {
        (0, _) => initializer.elements.len(),
        (_, Some(S::ArrayInitializer(inner))) => extent(inner, depth - 1),
        _ => 0,
    }
}

fn grid_of(initializer: &syntax::ArrayInitializer, ty: TypeId, items: Vec<Expr>, span: Span) -> Expr {
    let rank = if let Type::Array(_, rank) = ty.get() { usize::from(*rank) } else { 1 };
    let int = |value: usize| Expr { kind: ExprKind::Const(Const::Int32(value as i32)), ty: types::int32(), span };
    let mut arguments: Vec<Expr> = (0..rank).map(|depth| int(extent(initializer, depth))).collect();
    arguments.extend(items);
    Expr { kind: ExprKind::Engine { code: grid::of_items, name: "new", arguments }, ty, span }
}
