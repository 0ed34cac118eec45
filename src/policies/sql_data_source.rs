//! `sql-data-source` resolves a GraphQL field by an SQL query.
//!
//! - `connection-info/connection-string`: holds connection string; expressions and named values
//! - `request/sql-statement`: holds T-SQL; results of the last statement are returned
//! - `request/parameters/parameter`: holds value; expressions
//! - `request/parameters/parameter/@name`: with @
//!
//! At run time:
//! - result is {"items":\[…]} or a single object with single-result

use crate::document::spec::{Attr, ChildSpec, Gateway, Scope, Spec, Status, Text};

pub static SPEC: Spec = Spec::new("sql-data-source")
    .title("Azure SQL data source for resolver")
    .sections(&[])
    .scopes(&[Scope::Resolver])
    .gateways(&[Gateway::Classic, Gateway::V2])
    .status(Status::Preview)
    .children(&[
        ChildSpec::new("connection-info").required().children(&[
            ChildSpec::policy("get-authorization-context"),
            ChildSpec::new("connection-string")
                .required()
                .attributes(&[
                    Attr::bool("use-managed-identity").expression().default("false"),
                    Attr::text("client-id").undocumented(),
                    Attr::text("scope").undocumented(),
                ])
                .text(Text::VALUE),
            ChildSpec::policy("include-fragment").repeats(),
            ChildSpec::policy("authentication-certificate"),
        ]),
        ChildSpec::policy("include-fragment").repeats(),
        ChildSpec::new("request")
            .required()
            .attributes(&[Attr::bool("single-result").expression().default("false")])
            .children(&[
                ChildSpec::policy("include-fragment"),
                ChildSpec::policy("set-body"),
                ChildSpec::new("sql-statement").required().text(Text::VALUE),
                ChildSpec::new("parameters").children(&[ChildSpec::new("parameter")
                    .required()
                    .repeats()
                    .attributes(&[Attr::text("name").required(), Attr::text("sql-type")])
                    .text(Text::VALUE)]),
            ]),
        ChildSpec::new("response").children(&[
            ChildSpec::policy("include-fragment"),
            ChildSpec::policy("set-body"),
            ChildSpec::policy("publish-event"),
        ]),
    ])
    .sequence();
