//! `set-graphql-resolver` resolved a GraphQL field inside a backend section; resolvers of their own replaced it.
//!
//! At run time:
//! - support removed Sept 2023 in favour of managed resolvers
//! - used context.ParentResult

use crate::document::spec::{Attr, ChildSpec, Gateway, Scope, Section, Spec, Status};

pub static SPEC: Spec = Spec::new("set-graphql-resolver")
    .title("Set GraphQL resolver")
    .sections(&[Section::Backend])
    .scopes(&[Scope::Global, Scope::Product, Scope::Api, Scope::Operation])
    .gateways(&[Gateway::Classic])
    .status(Status::Retired)
    .attributes(&[Attr::text("parent-type").required(), Attr::text("field").required()])
    .children(&[ChildSpec::policy("http-data-source").required()]);
