//! `llm-emit-token-metric` sends the token usage of a language model as custom metrics.
//!
//! - `dimension/@value`: may be left out for a default dimension
//!
//! At run time:
//! - Total, Prompt, Completion Tokens; cached, reasoning and others in preview
//! - usage from the response, estimated when streaming
//! - an interrupted stream leaves the counts wrong
//! - some streaming models report usage only when the request asks with include_usage
//!
//! Limits: at most 5 custom dimensions.

use crate::document::spec::{Attr, ChildSpec, Section, Spec};

pub static SPEC: Spec = SHAPE;

/// Also of its namesake for Azure OpenAI.
pub(super) const SHAPE: Spec = Spec::new("llm-emit-token-metric")
    .title("Emit metrics for LLM token consumption")
    .sections(&[Section::Inbound])
    .attributes(&[
        Attr::text("namespace").default("API Management"),
        Attr::text("name").undocumented(),
        Attr::one_of("value-type", &["all", "total-tokens", "prompt-tokens", "completion-tokens"])
            .default("all")
            .undocumented(),
        Attr::bool("ignore-prompt").default("false").undocumented(),
    ])
    .children(&[ChildSpec::new("dimension")
        .required()
        .repeats()
        .attributes(&[Attr::text("name").required().expression(), Attr::text("value").expression()])]);
