//! `invoke-dapr-binding` invokes an output binding of Dapr.
//!
//! - `operation`: schema default create
//! - `response-variable-name`: receives the Dapr response (IResponse)
//! - `timeout`: 1..240
//! - `metadata/item`: holds value; expressions allowed
//! - `data`: holds message; expressions allowed
//!
//! At run time:
//! - POST http://localhost:3500/v1.0/bindings/{name}
//! - a Dapr error runs on-error; an empty backend section otherwise answers 200

use crate::document::spec::{Attr, ChildSpec, Gateway, Kind, Scope, Section, Spec, Text};

pub static SPEC: Spec = Spec::new("invoke-dapr-binding")
    .title("Trigger output binding (Dapr)")
    .sections(&[Section::Inbound, Section::Outbound, Section::OnError])
    .scopes(&[Scope::Global, Scope::Product, Scope::Api, Scope::Operation])
    .gateways(&[Gateway::SelfHosted])
    .attributes(&[
        Attr::text("name").required().expression(),
        Attr::text("operation"),
        Attr::bool("ignore-error").default("false"),
        Attr::text("response-variable-name"),
        Attr::new("timeout", Kind::Seconds).expression().default("5"),
        Attr::one_of("template", &["Liquid"]),
        Attr::one_of("content-type", &["application/json"]),
    ])
    .children(&[
        ChildSpec::new("metadata").children(&[ChildSpec::new("item")
            .repeats()
            .attributes(&[Attr::text("key").required()])
            .text(Text::VALUE)]),
        ChildSpec::new("data").text(Text::new(Kind::Text).expression().markup()),
    ])
    .sequence();
