//! `set-method` changes the HTTP method of the request.
//!
//! At run time:
//! - inside http-data-source only GET POST PUT PATCH DELETE (schema)

use crate::document::spec::{Kind, Section, Spec, Support, Text};

pub static SPEC: Spec = Spec::new("set-method")
    .title("Set request method")
    .sections(&[Section::Inbound, Section::OnError])
    .also(&[Section::Backend, Section::Outbound])
    .support(Support::Built)
    .text(Text::new(Kind::Text).expression());
