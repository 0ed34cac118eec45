//! `jsonp` wraps a JSON response in a callback for calls by script tag.
//!
//! - `callback-parameter-name`: name of the query parameter that carries the callback (example and last-error
//!   text); the attribute row describes it loosely
//!
//! At run time:
//! - without the query parameter plain JSON is returned
//! - wraps the body as callback(json);
//!
//! Limits: may appear once per policy section.

use crate::document::spec::{Attr, Section, Spec, Usage};

pub static SPEC: Spec = Spec::new("jsonp")
    .title("JSONP")
    .sections(&[Section::Outbound])
    .usage(Usage::OncePerSection)
    .attributes(&[Attr::text("callback-parameter-name").required().expression()]);
