//! `cosmosdb-data-source` resolves a GraphQL field by a Cosmos DB request.
//!
//! - `connection-info/connection-string`: holds AccountEndpoint=…;\[AccountKey=…;]
//! - `connection-info/database-name`: holds name
//! - `connection-info/container-name`: holds name
//! - `query-request`: exactly one of the four *-request elements
//! - `query-request/sql-statement`: holds SQL
//! - `query-request/parameters/parameter`: holds string, number, bool, JObject or JValue from an expression
//! - `query-request/parameters/parameter/@name`: with @
//! - `query-request/parameters/parameter/@type`: schema only
//! - `query-request/partition-key`: holds value; expressions
//! - `query-request/paging/max-item-count`: holds number, -1 = no limit
//! - `query-request/paging/continuation-token`: holds token
//! - `read-request/id`: holds id
//! - `read-request/partition-key`: holds value; expressions
//! - `delete-request/id`: holds id
//! - `delete-request/partition-key`: holds value; expressions
//! - `delete-request/etag`: holds etag
//! - `write-request/id`: holds required for replace
//! - `write-request/partition-key`: holds value; expressions
//! - `write-request/etag`: holds etag
//! - `write-request/set-body`: absent = arguments as JSON
//!
//! At run time:
//! - exactly one of the four request kinds
//! - without set-body in response, JSON members map to schema fields of the same name
//! - the syntax block of delete-request puts etag first, the table last

use crate::document::spec::{Attr, ChildSpec, Gateway, Scope, Spec, Status, Text};

pub static SPEC: Spec = Spec::new("cosmosdb-data-source")
    .title("Cosmos DB data source for resolver")
    .sections(&[])
    .scopes(&[Scope::Resolver])
    .gateways(&[Gateway::Classic, Gateway::V2])
    .status(Status::Preview)
    .children(&[
        ChildSpec::new("connection-info").required().children(&[
            ChildSpec::new("connection-string")
                .required()
                .attributes(&[
                    Attr::bool("use-managed-identity").default("false"),
                    Attr::text("client-id").undocumented(),
                ])
                .text(Text::VALUE),
            ChildSpec::new("database-name").required().text(Text::VALUE),
            ChildSpec::new("container-name").required().text(Text::VALUE),
        ]),
        ChildSpec::new("query-request").attributes(&[Attr::bool("enable-low-precision-order-by")]).children(&[
            ChildSpec::new("sql-statement").text(Text::VALUE),
            ChildSpec::new("parameters").children(&[ChildSpec::new("parameter")
                .repeats()
                .attributes(&[Attr::text("name").required(), Attr::text("type").undocumented()])
                .text(Text::VALUE)]),
            PARTITION_KEY,
            ChildSpec::new("paging").children(&[
                ChildSpec::new("max-item-count").required().attributes(&[TEMPLATE]).text(Text::VALUE),
                ChildSpec::new("continuation-token").required().attributes(&[TEMPLATE]).text(Text::VALUE),
            ]),
        ]),
        ChildSpec::new("read-request").children(&[ID.required(), PARTITION_KEY]),
        ChildSpec::new("delete-request")
            .attributes(&[CONSISTENCY, Attr::text("pre-trigger"), Attr::text("post-trigger")])
            .children(&[ID.required(), PARTITION_KEY, ETAG]),
        ChildSpec::new("write-request")
            .attributes(&[
                Attr::one_of("type", &["insert", "replace", "upsert"]).default("upsert"),
                CONSISTENCY,
                Attr::text("pre-trigger"),
                Attr::text("post-trigger"),
                Attr::text("indexing-directive").default("default"),
                Attr::text("enable-content-response-on-write").undocumented(),
            ])
            .children(&[
                ID,
                PARTITION_KEY,
                ETAG,
                ChildSpec::policy("set-body"),
                ChildSpec::policy("include-fragment").repeats(),
            ]),
        ChildSpec::new("response").children(&[
            ChildSpec::policy("set-body"),
            ChildSpec::policy("publish-event"),
            ChildSpec::policy("include-fragment").repeats(),
        ]),
    ])
    .sequence();

/// How the text of an element is made.
const TEMPLATE: Attr = Attr::one_of("template", &["liquid"]);

const CONSISTENCY: Attr =
    Attr::one_of("consistency-level", &["bounded-staleness", "consistent-prefix", "eventual", "session", "strong"]);

const ID: ChildSpec = ChildSpec::new("id").attributes(&[TEMPLATE]).text(Text::VALUE);

const PARTITION_KEY: ChildSpec = ChildSpec::new("partition-key")
    .attributes(&[Attr::one_of("data-type", &["string", "number", "bool", "none", "null"]).default("string"), TEMPLATE])
    .text(Text::VALUE);

const ETAG: ChildSpec = ChildSpec::new("etag")
    .attributes(&[Attr::one_of("type", &["match", "no-match"]).default("match"), TEMPLATE])
    .text(Text::VALUE);
