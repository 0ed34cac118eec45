//! Syntax and types to typed IR: names resolved, overloads and conversions chosen, everything implicit made explicit.
//!
//! In: a syntax tree and the member tables. Out: a [`ir::Program`], or what is wrong with the text. Never: evaluation
//! beyond the folding of constants.

mod access;
mod apply;
mod arrays;
mod assigned;
mod assignment;
mod call;
mod call_local;
mod coalesce;
mod constant;
mod constraints;
mod construct;
mod convert;
mod declaration;
pub mod document;
pub mod dynamic;
mod dynamic_call;
mod element;
mod expression;
mod flow;
mod generic;
mod grid;
mod guarded;
mod infer;
pub mod ir;
pub mod iterator;
mod jump;
mod lambda;
mod lifted;
mod local_function;
mod lookup;
mod loops;
mod named;
mod of_type;
mod operators;
mod overload;
mod pairs;
mod pattern;
mod query;
mod readonly;
mod reference;
mod scope;
mod statement;
mod switch;
mod tuple_equality;
mod tuples;
mod unary;

use crate::dotnet::types::{self, TypeId};
use ir::Span;
use portcullis_grammar::syntax;
use scope::Binder;

/// What the place of an expression asks of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Target {
    /// The result is converted to this type; `None` takes any value as it is.
    pub ty: Option<TypeId>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Names that are not on the platform's list are taken where the tables have them (`eval`).
    pub allow_off_list: bool,
    /// Accept features of C# 7.1 to 7.3.
    pub csharp_7_3: bool,
}

/// Why a text is no valid expression.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeError {
    pub span: Span,
    /// The compiler's own code: `CS0103`.
    pub csharp: Option<&'static str>,
    pub message: String,
    pub help: Option<String>,
    pub kind: ErrorKind,
}

/// What kind of finding an error becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A name that nothing has.
    Name,
    /// Types do not fit.
    Type,
    /// A call that no overload takes.
    Call,
    /// Assignment and control flow.
    Flow,
    /// A feature of C# that has no place in a policy.
    Unsupported,
    /// A type or member that policies may not use.
    NotAllowed,
}

/// A member that is known and allowed, and not built yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Unbuilt {
    pub span: Span,
    /// `DateTime.FromBinary`.
    pub member: String,
    pub reason: Option<&'static str>,
}

/// What binding found.
#[derive(Debug)]
pub struct Bound {
    /// None when there are errors.
    pub program: Option<ir::Program>,
    /// The static type of the result, of an expression whose place takes any.
    pub result: Option<TypeId>,
    pub errors: Vec<TypeError>,
    pub unbuilt: Vec<Unbuilt>,
}

/// The name that stands in cooked text for a named value that is not defined: it has every type.
pub use crate::source::PLACEHOLDER;

/// Whether a type is a number's.
pub fn is_number(ty: TypeId) -> bool {
    convert::numeric(ty).is_some()
}

/// Binds the expression of `@(...)`.
pub fn bind_expression(tree: &syntax::Expr, target: Target, options: &Options) -> Bound {
    let mut binder = Binder::new(options, target.ty.unwrap_or_else(types::object));
    binder.bind_entry_expression(tree, target);
    binder.finish()
}

/// Binds the statements of `@{...}`.
pub fn bind_block(tree: &syntax::Block, target: Target, options: &Options) -> Bound {
    let mut binder = Binder::new(options, target.ty.unwrap_or_else(types::object));
    binder.bind_entry_block(tree);
    binder.finish()
}
