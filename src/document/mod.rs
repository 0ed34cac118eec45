//! Policy documents: what a policy may declare ([`spec`]), the document that was read ([`Document`]), and how the
//! documents of a request's scopes fit together ([`compose`]). Names no policy: the table of specs is handed in.

pub mod compose;
mod named;
mod read;
mod secrets;
pub mod spec;
mod tree;
mod value;

pub use named::{NamedValue, NamedValues, names_in};
pub use read::{Options, read};
pub use secrets::{HIDDEN, SHORTEST_ANYWHERE, Secrets};
pub use spec::{Gateway, Scope, Section, Spec};
pub use tree::{Attribute, Block, Child, Code, CodeKind, Document, DocumentKind, Element, Statement, Value};

#[cfg(test)]
mod tests;
