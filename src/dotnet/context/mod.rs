//! What `context` shows: the exchange and the types through which expressions see it.

mod exchange;

pub use exchange::{ApiFacts, Deployment, Exchange, Group, Identity, LastError, OperationFacts, ProductFacts, Symbol};
pub use exchange::{SubscriptionFacts, UserFacts};

use super::member::TypeDef;
use super::types::{self, TypeId};
use super::value::HostObject;

/// The types of the `context` graph.
pub static TYPES: &[&TypeDef] = &[];

/// The run-time type of a part of `context`.
pub fn type_of(_part: HostObject) -> TypeId {
    types::object()
}
