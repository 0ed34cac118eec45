//! `llm-semantic-cache-store` keeps a completion in the semantic cache.
//!
//! - `cache-response`: absent = only status 200 is stored, true = any status; read on the llm- page, not in schema
//!   or toolkit
//!
//! At run time:
//! - cache errors never fail the call
//! - only 200 responses are stored since June 2026
//!
//! Limits: may appear once per policy section.

use crate::document::spec::{Attr, Gateway, Kind, Scope, Section, Spec, Usage};

pub static SPEC: Spec = SHAPE;

/// Also of its namesake for Azure OpenAI.
pub(super) const SHAPE: Spec = Spec::new("llm-semantic-cache-store")
    .title("Cache responses to LLM API requests")
    .sections(&[Section::Outbound])
    .scopes(&[Scope::Global, Scope::Product, Scope::Api, Scope::Operation])
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::Consumption, Gateway::SelfHosted])
    .usage(Usage::OncePerSection)
    .attributes(&[
        Attr::new("duration", Kind::Seconds).required().expression(),
        Attr::bool("cache-response").expression().default("false"),
    ]);
