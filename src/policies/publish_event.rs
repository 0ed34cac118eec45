//! `publish-event` publishes an event to GraphQL subscriptions.
//!
//! - `targets/graphql-subscription/@id`: subscription field
//!
//! At run time:
//! - delivers the resolver result to WebSocket subscribers
//! - no resolver may exist for the subscription field
//! - runs only when the related query or mutation is executed
//!
//! Limits: only inside the response part of a resolver data source.

use crate::document::spec::{Attr, ChildSpec, Gateway, Scope, Spec};

pub static SPEC: Spec = Spec::new("publish-event")
    .title("Publish event to GraphQL subscription")
    .sections(&[])
    .scopes(&[Scope::Resolver])
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::Consumption])
    .parents(&["http-data-source", "sql-data-source", "cosmosdb-data-source", "graphql-data-source"])
    .children(&[ChildSpec::new("targets").required().children(&[ChildSpec::new("graphql-subscription")
        .required()
        .repeats()
        .attributes(&[Attr::text("id").required()])])]);
