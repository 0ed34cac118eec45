//! `llm-semantic-cache-lookup` answers a prompt from a cache of prompts that mean nearly the same.
//!
//! - `score-threshold`: 0.0..1.0; SMALLER means closer match; start near 0.05, above 0.2 mismatches are likely
//! - `embeddings-backend-auth`: must be system-assigned; the schema also has header
//! - `max-message-count`: skip caching when more dialog messages than this remain
//! - `cache-id`: schema and toolkit only
//! - `vary-by`: holds expression; several values are concatenated into the partition key
//!
//! At run time:
//! - looks up by embedding distance in the external cache
//! - requires a vector capable Redis (RediSearch)
//! - failures behave as a miss
//!
//! Limits: may appear once per policy section; needs a matching *-semantic-cache-store.

use crate::document::spec::{Attr, ChildSpec, Gateway, Kind, Reference, Scope, Section, Spec, Text, Usage};

pub static SPEC: Spec = SHAPE;

/// Also of its namesake for Azure OpenAI.
pub(super) const SHAPE: Spec = Spec::new("llm-semantic-cache-lookup")
    .title("Get cached responses of LLM API requests")
    .sections(&[Section::Inbound])
    .scopes(&[Scope::Global, Scope::Product, Scope::Api, Scope::Operation])
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::Consumption, Gateway::SelfHosted])
    .usage(Usage::OncePerSection)
    .attributes(&[
        Attr::new("score-threshold", Kind::Number).required().expression(),
        Attr::text("embeddings-backend-id").required().expression().refers(Reference::Backend),
        Attr::one_of("embeddings-backend-auth", &["system-assigned", "header"]).required().expression(),
        Attr::bool("ignore-system-messages").expression().default("false"),
        Attr::int("max-message-count").expression(),
        Attr::text("cache-id").undocumented(),
    ])
    .children(&[ChildSpec::new("vary-by").repeats().text(Text::VALUE)]);
