//! `json-to-xml` turns a JSON body into XML.
//!
//! - `consider-accept-header`: convert only if the request Accept asks for XML
//! - `parse-date`: false copies date strings untouched; toolkit allows an expression
//! - `namespace-prefix`: properties starting with it become namespace declarations
//! - `attribute-block-name`: properties of this object become attributes
//!
//! At run time:
//! - Accept is taken from the request also when converting a response
//! - a JSON document with several roots needs a wrapper element; behaviour is not documented
//! - sets Content-Type to XML
//! - with attribute-block-name the members of that object become attributes; an empty object gives an empty element
//! - the page example loses one wrapper element (QueryItem) in its output; do not take that part as behaviour

use crate::document::spec::{Attr, Kind, Section, Spec};

pub static SPEC: Spec = Spec::new("json-to-xml")
    .title("Convert JSON to XML")
    .sections(&[Section::Inbound, Section::Outbound, Section::OnError])
    .also(&[Section::Backend])
    .attributes(&[
        Attr::one_of("apply", &["always", "content-type-json"]).required().expression(),
        Attr::bool("consider-accept-header").expression().default("true"),
        Attr::bool("parse-date").expression().default("true"),
        Attr::new("namespace-separator", Kind::Char).expression().default("_"),
        Attr::text("namespace-prefix").expression(),
        Attr::text("attribute-block-name").expression(),
        Attr::text("attribute-prefix").undocumented(),
        Attr::text("namespace-block-name").undocumented(),
        Attr::text("invalid-character-replacement").undocumented(),
        Attr::text("null-values").undocumented(),
        Attr::bool("trim-values").undocumented(),
        Attr::one_of("empty-values", &["preserve", "as-null"]).expression().undocumented(),
    ]);
