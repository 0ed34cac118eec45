//! `validate-content` checks the size and the schema of a body.
//!
//! - `max-size`: checked against Content-Length; for compressed bodies the decompressed length; at most 4 MB
//!   (4194304 assumed)
//! - `content-type-map/@any-content-type-value`: treat every body as this type
//! - `content-type-map/@missing-content-type-value`: type to assume when the header is missing or empty
//! - `content-type-map/type`: beats the two map attributes
//! - `content/@type`: empty = all types in the API schema
//! - `content/@schema-id`: schema resource; absent = schema of the API definition
//! - `content/@schema-ref`: JSON schemas only: local reference such as #/components/schemas/address; for XML any
//!   top-level element may be the root
//! - `content/@allow-additional-properties`: true allows, false refuses extra members whatever the schema says;
//!   absent = follow the schema
//! - `content/@case-insensitive-property-names`: JSON only
//!
//! At run time:
//! - detect logs and continues; prevent stops at the first group of errors
//! - client sees 400 when the failing section is inbound and 502 with a generic text when outbound, so backend
//!   details never leak
//! - errors also go to the named variable and, with prevent, to context.LastError
//! - schema up to 4 MB
//! - content types compare case-insensitively
//! - soap mode strips the envelope and validates the payload against an XML schema; type must be
//!   application/soap+xml or text/xml
//! - empty bodies are validated too
//! - validates required and additional properties, types, formats, patterns and ranges
//! - schemas may refer to others as /schemas/{id}
//! - the page's attribute table has no row for action on content; syntax block and examples show it
//!
//! Limits: several allowed per section since Jan 2022.

use super::action::action;
use crate::document::spec::{Attr, ChildSpec, Kind, Section, Spec};

pub static SPEC: Spec = Spec::new("validate-content")
    .title("Validate content")
    .sections(&[Section::Inbound, Section::Outbound, Section::OnError])
    .attributes(&[
        action("unspecified-content-type-action"),
        Attr::new("max-size", Kind::Bytes).required().expression(),
        action("size-exceeded-action"),
        Attr::text("errors-variable-name"),
    ])
    .children(&[
        ChildSpec::new("content-type-map")
            .attributes(&[Attr::text("any-content-type-value"), Attr::text("missing-content-type-value")])
            .children(&[ChildSpec::new("type").repeats().attributes(&[
                Attr::text("from").required_when("from or when"),
                Attr::bool("when").required_when("from or when").expression(),
                Attr::text("to").required(),
            ])]),
        ChildSpec::new("content").repeats().attributes(&[
            Attr::text("type"),
            Attr::one_of("validate-as", &["json", "xml", "soap"]).required(),
            Attr::text("schema-id"),
            Attr::text("schema-ref"),
            action("action"),
            Attr::bool("allow-additional-properties"),
            Attr::bool("case-insensitive-property-names").default("false"),
        ]),
    ])
    .sequence();
