//! `azure-openai-semantic-cache-store` keeps an Azure OpenAI completion in the semantic cache.
//!
//! - `cache-response`: absent = only status 200 is stored, true = any status; read on the llm- page, not in schema
//!   or toolkit
//!
//! At run time:
//! - cache errors never fail the call
//! - only 200 responses are stored since June 2026
//! - checked against the llm- page of the same kind: both names share one schema type; the azure-openai pages were
//!   not in the newest set
//!
//! Limits: may appear once per policy section.

use crate::document::spec::{Attr, Gateway, Kind, Scope, Section, Spec, Usage};

pub static SPEC: Spec = Spec::new("azure-openai-semantic-cache-store")
    .title("Cache responses to Azure OpenAI requests")
    .sections(&[Section::Outbound])
    .scopes(&[Scope::Global, Scope::Product, Scope::Api, Scope::Operation])
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::Consumption, Gateway::SelfHosted])
    .usage(Usage::OncePerSection)
    .attributes(&[
        Attr::new("duration", Kind::Seconds).required().expression(),
        Attr::bool("cache-response").expression().default("false"),
    ]);
