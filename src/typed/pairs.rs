//! `JObject` behind its interfaces of pairs: who enumerates such an interface sees pairs of names and values, where the
//! object itself is a sequence of tokens.

use super::ir::{Expr, ExprKind};
use super::lookup::element_type;
use crate::dotnet::member::Kind;
use crate::dotnet::system::json::sequences;
use crate::dotnet::types::{Type, TypeId};

/// Whether something of this type may be a `JObject` that is seen as pairs.
pub(super) fn is_seen_as_pairs(ty: TypeId) -> bool {
    matches!(ty.get(), Type::Named(..))
        && ty.def().is_some_and(|def| def.kind == Kind::Interface)
        && element_type(ty) == Some(sequences::pair())
}

/// The value, or the pairs of the `JObject` that it is.
pub(super) fn as_pairs(value: Expr) -> Expr {
    let (ty, span) = (value.ty, value.span);
    Expr { kind: ExprKind::Engine { code: sequences::as_pairs, name: "pairs", arguments: vec![value] }, ty, span }
}
