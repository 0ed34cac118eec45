//! `log-to-eventhub` sends a text to an event hub.
//!
//! - `logger-id`: toolkit allows an expression, page does not
//! - `partition-id`: exclusive with partition-key
//!
//! At run time:
//! - over 200 KB is truncated
//! - not subject to App Insights sampling

use crate::document::spec::{Attr, Gateway, Kind, Need, Scope, Spec, Text};

pub static SPEC: Spec = Spec::new("log-to-eventhub")
    .title("Log to event hub")
    .scopes(&[Scope::Global, Scope::Product, Scope::Api, Scope::Operation])
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::Consumption, Gateway::SelfHosted])
    .attributes(&[
        Attr::text("logger-id").required().expression(),
        Attr::text("partition-id"),
        Attr::text("partition-key").expression(),
    ])
    .needs(&[Need::NotBoth(&["partition-id", "partition-key"])])
    .text(Text::new(Kind::Text).expression().markup());
