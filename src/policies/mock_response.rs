//! `mock-response` ends the request and answers with an example of the API's definition.
//!
//! - `content-type`: response Content-Type and selector; absent = first content type found
//! - `index`: which example; schema and toolkit
//! - `enabled`: schema only
//!
//! At run time:
//! - ends normal processing and answers at once
//! - example first, then a sample generated from the schema, else empty body

use crate::document::spec::{Attr, Section, Spec};

pub static SPEC: Spec = Spec::new("mock-response")
    .title("Mock response")
    .sections(&[Section::Inbound, Section::Outbound, Section::OnError])
    .attributes(&[
        Attr::int("status-code").default("200"),
        Attr::text("content-type"),
        Attr::int("index").undocumented(),
        Attr::bool("enabled").undocumented(),
    ]);
