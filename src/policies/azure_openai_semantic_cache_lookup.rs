//! `azure-openai-semantic-cache-lookup` answers an Azure OpenAI prompt from a cache of prompts that mean nearly the same.
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
//! - checked against the llm- page of the same kind: both names share one schema type; the azure-openai pages were
//!   not in the newest set
//!
//! Limits: may appear once per policy section; needs a matching *-semantic-cache-store.

use super::llm_semantic_cache_lookup::SHAPE;
use crate::document::spec::Spec;

pub static SPEC: Spec =
    SHAPE.called("azure-openai-semantic-cache-lookup").title("Get cached responses of Azure OpenAI requests");
