//! `send-service-bus-message` sends a message to a service bus queue or topic.
//!
//! - `queue-name`: exactly one of queue-name and topic-name (toolkit refuses both)
//! - `namespace`: FQDN
//! - `client-id`: user-assigned identity; default system-assigned
//! - `message-id`: named in the June 2026 release notes; the page of 09/30/2025 does not list it
//! - `session-id`: named in the June 2026 release notes; the page of 09/30/2025 does not list it
//! - `time-to-live`: named in the June 2026 release notes; the page of 09/30/2025 does not list it
//! - `ignore-error`: named in the June 2026 release notes; the page of 09/30/2025 does not list it
//! - `message-properties/message-property`: holds value; expressions allowed
//! - `payload`: holds message; expressions allowed
//!
//! At run time:
//! - managed identity only
//! - does not stop the pipeline: request still goes to the backend
//! - output variables for the sent message exist since June 2026, names unknown

use crate::document::spec::{Attr, ChildSpec, Gateway, Kind, Need, Scope, Section, Spec, Status, Text};

pub static SPEC: Spec = Spec::new("send-service-bus-message")
    .title("Send service bus message")
    .sections(&[Section::Inbound, Section::Outbound, Section::OnError])
    .scopes(&[Scope::Global, Scope::Product, Scope::Api, Scope::Operation])
    .gateways(&[Gateway::Classic])
    .status(Status::Preview)
    .attributes(&[
        Attr::text("queue-name").required_when("queue-name or topic-name").expression(),
        Attr::text("topic-name").required_when("queue-name or topic-name").expression(),
        Attr::text("namespace").expression(),
        Attr::text("client-id").expression(),
        Attr::text("message-id").expression().undocumented(),
        Attr::text("session-id").expression().undocumented(),
        Attr::text("time-to-live").expression().undocumented(),
        Attr::bool("ignore-error").expression().undocumented(),
    ])
    .needs(&[Need::AnyOf(&["queue-name", "topic-name"]), Need::NotBoth(&["queue-name", "topic-name"])])
    .children(&[
        ChildSpec::new("message-properties").children(&[ChildSpec::new("message-property")
            .required()
            .repeats()
            .attributes(&[Attr::text("name").required()])
            .text(Text::VALUE)]),
        ChildSpec::new("payload").required().text(Text::new(Kind::Text).expression().markup()),
    ])
    .sequence();
