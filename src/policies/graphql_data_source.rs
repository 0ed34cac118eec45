//! `graphql-data-source` resolves a GraphQL field by a call to another GraphQL API.
//!
//! - `request/set-url`: holds URL
//! - `request/document`: holds GraphQL document
//! - `request/operationName`: holds name
//! - `request/variables/variable`: holds value
//!
//! At run time:
//! - editor schema only

use crate::document::spec::{Attr, ChildSpec, Gateway, Kind, Scope, Spec, Status, Text};

pub static SPEC: Spec = Spec::new("graphql-data-source")
    .title("GraphQL data source for resolver")
    .sections(&[])
    .scopes(&[Scope::Resolver])
    .gateways(&[Gateway::Classic, Gateway::V2])
    .status(Status::Undocumented)
    .children(&[
        ChildSpec::new("request").required().children(&[
            ChildSpec::policy("authentication-basic"),
            ChildSpec::policy("authentication-certificate"),
            ChildSpec::policy("authentication-managed-identity"),
            ChildSpec::policy("get-authorization-context"),
            ChildSpec::policy("set-backend-service"),
            ChildSpec::new("set-url").text(Text::VALUE),
            ChildSpec::policy("set-header"),
            ChildSpec::policy("include-fragment").repeats(),
            ChildSpec::new("document").required().text(Text::new(Kind::Text).expression().markup()),
            ChildSpec::new("operationName").text(Text::VALUE),
            ChildSpec::new("variables").children(&[ChildSpec::new("variable")
                .required()
                .repeats()
                .attributes(&[Attr::text("name").required()])
                .text(Text::VALUE)]),
        ]),
        ChildSpec::new("response").children(&[
            ChildSpec::policy("set-body"),
            ChildSpec::policy("include-fragment").repeats(),
            ChildSpec::policy("publish-event"),
        ]),
    ]);
