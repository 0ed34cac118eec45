//! `http-data-source` resolves a GraphQL field by an HTTP call.
//!
//! - `http-request/set-url`: holds URL; expressions allowed
//! - `http-response`: absent = raw string; json-to-xml is in the schema only
//!
//! At run time:
//! - context.GraphQL.Arguments and .Parent hold the field inputs
//! - request body is the JSON {"arguments":…}
//! - response JSON members map to fields by name; unions and interfaces use __typename
//! - resolver scope inherits nothing and runs after inbound and backend
//! - runs only for a single field of a matching operation type
//! - each child at most once except include-fragment and set-header
//!
//! Limits: root of a resolver policy; one resolver per field.

use crate::document::spec::{ChildSpec, Gateway, Scope, Spec, Text};

pub static SPEC: Spec = Spec::new("http-data-source")
    .title("HTTP data source for resolver")
    .sections(&[])
    .scopes(&[Scope::Resolver])
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::Consumption])
    .children(&[
        ChildSpec::new("http-request").required().children(&[
            ChildSpec::policy("get-authorization-context"),
            ChildSpec::policy("set-backend-service"),
            ChildSpec::policy("set-method").required(),
            ChildSpec::new("set-url").required().text(Text::VALUE),
            ChildSpec::policy("include-fragment").repeats(),
            ChildSpec::policy("set-header").repeats(),
            ChildSpec::policy("set-body"),
            ChildSpec::policy("authentication-certificate"),
        ]),
        ChildSpec::new("backend").children(&[ChildSpec::policy("forward-request")]),
        ChildSpec::new("http-response").children(&[
            ChildSpec::policy("set-body"),
            ChildSpec::policy("json-to-xml"),
            ChildSpec::policy("xml-to-json"),
            ChildSpec::policy("find-and-replace"),
            ChildSpec::policy("publish-event"),
            ChildSpec::policy("include-fragment").repeats(),
        ]),
    ]);
