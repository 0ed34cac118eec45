//! `azure-openai-emit-token-metric` sends the token usage of an Azure OpenAI model as custom metrics.
//!
//! - `dimension/@value`: may be left out for a default dimension
//!
//! At run time:
//! - usage from the response, estimated when streaming
//! - checked against the llm- page of the same kind: both names share one schema type; the azure-openai pages were
//!   not in the newest set
//!
//! Limits: at most 5 custom dimensions.

use super::llm_emit_token_metric::SHAPE;
use crate::document::spec::{Gateway, Spec};

pub static SPEC: Spec = SHAPE
    .called("azure-openai-emit-token-metric")
    .title("Emit metrics for Azure OpenAI token consumption")
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::SelfHosted, Gateway::Workspace]);
