//! `publish-to-dapr` publishes a message through Dapr.
//!
//! - `pubsub-name`: absent: topic must be pubsub/topic
//! - `response-variable-name`: receives the Dapr response (IResponse)
//! - `timeout`: 1..240
//!
//! At run time:
//! - POST http://localhost:3500/v1.0/publish/{pubsub}/{topic}
//! - with an empty backend section the caller gets 200
//! - a Dapr error runs on-error, where the stored response can be returned as is

use crate::document::spec::{Attr, Gateway, Kind, Scope, Section, Spec, Text};

pub static SPEC: Spec = Spec::new("publish-to-dapr")
    .title("Send message to Pub/Sub topic (Dapr)")
    .sections(&[Section::Inbound])
    .also(&[Section::Outbound, Section::OnError])
    .scopes(&[Scope::Global, Scope::Product, Scope::Api, Scope::Operation])
    .gateways(&[Gateway::SelfHosted])
    .attributes(&[
        Attr::text("pubsub-name").expression(),
        Attr::text("topic").required().expression(),
        Attr::bool("ignore-error").default("false"),
        Attr::text("response-variable-name"),
        Attr::new("timeout", Kind::Seconds).expression().default("5"),
        Attr::one_of("template", &["Liquid"]),
        Attr::one_of("content-type", &["application/json"]),
    ])
    .text(Text::new(Kind::Text).expression().markup());
