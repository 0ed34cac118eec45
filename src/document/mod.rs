//! Policy documents: what a policy may declare ([`spec`]), the document that was read ([`Document`]), and how the
//! documents of a request's scopes fit together ([`compose`]). Names no policy: the table of specs is handed in.

mod named;
pub mod spec;
mod tree;

pub use named::{NamedValue, NamedValues};
pub use spec::{Gateway, Scope, Section, Spec};
pub use tree::{Attribute, Block, Child, Code, CodeKind, Document, DocumentKind, Element, Statement, Value};
