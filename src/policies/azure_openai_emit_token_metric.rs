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

use crate::document::spec::{Attr, ChildSpec, Gateway, Section, Spec};

pub static SPEC: Spec = Spec::new("azure-openai-emit-token-metric")
    .title("Emit metrics for Azure OpenAI token consumption")
    .sections(&[Section::Inbound])
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::SelfHosted, Gateway::Workspace])
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
