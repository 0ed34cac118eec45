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

use super::llm_semantic_cache_store::SHAPE;
use crate::document::spec::Spec;

pub static SPEC: Spec =
    SHAPE.called("azure-openai-semantic-cache-store").title("Cache responses to Azure OpenAI requests");
