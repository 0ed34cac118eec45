//! `check-header` ends a request that lacks a header, or whose header has none of the listed values.
//!
//! - `failed-check-error-message`: goes to the body message
//! - `ignore-case`: applies to the value comparison; header names are always case-insensitive
//! - `value`: holds allowed value (expressions allowed); any match passes; none listed = presence check only
//!
//! At run time:
//! - last-error message is the predefined one, while the client body carries failed-check-error-message
//! - editor schema makes failed-check-error-message and ignore-case optional
//! - newest page lists the workspace gateway but leaves workspace out of the scopes

use crate::document::spec::{Attr, ChildSpec, Kind, Scope, Section, Spec, Support, Text};

pub static SPEC: Spec = Spec::new("check-header")
    .title("Check HTTP header")
    .sections(&[Section::Inbound])
    .scopes(&[Scope::Global, Scope::Product, Scope::Api, Scope::Operation])
    .support(Support::Built)
    .attributes(&[
        Attr::text("name").required().expression(),
        Attr::int("failed-check-httpcode").required().expression(),
        Attr::text("failed-check-error-message").required().expression(),
        Attr::bool("ignore-case").required().expression(),
    ])
    .children(&[ChildSpec::new("value").repeats().text(Text::new(Kind::Text).expression())]);
