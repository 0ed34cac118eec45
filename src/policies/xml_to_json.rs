//! `xml-to-json` turns an XML body into JSON.
//!
//! At run time:
//! - repeated elements become arrays; a single one becomes an object unless always-array-child-elements
//! - sets Content-Type to JSON

use crate::document::spec::{Attr, Section, Spec};

pub static SPEC: Spec = Spec::new("xml-to-json")
    .title("Convert XML to JSON")
    .sections(&[Section::Inbound, Section::Outbound, Section::OnError])
    .also(&[Section::Backend])
    .attributes(&[
        Attr::one_of("kind", &["javascript-friendly", "direct"]).required().expression(),
        Attr::one_of("apply", &["always", "content-type-xml"]).required().expression(),
        Attr::bool("consider-accept-header").expression().default("true"),
        Attr::bool("always-array-child-elements").expression().default("false"),
        Attr::bool("preserve-whitespace-nodes").expression().undocumented(),
        Attr::bool("trim-values").expression().undocumented(),
        Attr::one_of("empty-values", &["preserve", "as-null"]).expression().undocumented(),
    ]);
