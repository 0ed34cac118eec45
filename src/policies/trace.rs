//! `trace` adds a message to the request trace, to telemetry and to resource logs.
//!
//! - `message`: holds expressions allowed
//! - `metadata/@value`: page: literal or expression in the syntax block; toolkit says literal
//!
//! At run time:
//! - goes to request tracing, Application Insights (severity at or above the diagnostic verbosity) and resource
//!   logs
//! - not sampled
//! - v2 gateways do not show it in the test console (2024 note)

use crate::document::spec::{Attr, ChildSpec, Kind, Section, Spec, Support, Text};

pub static SPEC: Spec = Spec::new("trace")
    .title("Trace")
    .sections(&[Section::Inbound, Section::Backend, Section::Outbound])
    .also(&[Section::OnError])
    .support(Support::Built)
    .attributes(&[
        Attr::text("source").required(),
        Attr::one_of("severity", &["verbose", "information", "error"]).default("verbose"),
    ])
    .children(&[
        ChildSpec::new("message").required().text(Text::new(Kind::Text).expression().markup()),
        ChildSpec::new("metadata")
            .repeats()
            .attributes(&[Attr::text("name").required(), Attr::text("value").required().expression()]),
    ])
    // Before it had children, the message was the element's own text; published policies still write it so.
    .text(Text::new(Kind::Text).expression());
