//! `llm-token-limit` limits the tokens of a language model that a key uses, by the minute or by a longer window.
//!
//! - `tokens-per-minute`: page is silent on expressions; schema and toolkit allow them
//! - `token-quota`: expression allowed by page, schema and toolkit
//! - `prompt-type`: editor schema only
//! - `ignore-prompt`: editor schema only
//! - `retry-after-header-name`: used for the per-minute limit and for the quota
//! - `tokens-consumed-header-name`: added to the response only once the backend answered
//! - `tokens-consumed-variable-name`: starts at the estimate (or 0) before the backend call; replaced by reported
//!   usage in outbound
//!
//! At run time:
//! - token rate exceeded gives 429, token quota exceeded gives 403
//! - with estimate-prompt-tokens=false the over-limit prompt still goes through and later calls are blocked until
//!   the budget recovers
//! - streamed calls (stream: true) always estimate prompt tokens, and completion tokens too
//! - remaining-* values are written after each execution
//! - one counter per key value across scopes
//! - allowed in fragments since the June 2026 release
//! - tokens-per-minute and token-quota may be used together (page); the toolkit compiler takes only one of them
//! - only prompt and completion tokens count; image tokens come from the reported usage, but when streaming or
//!   estimating each image counts as up to 1200 tokens
//! - concurrent calls can overshoot, because usage is known only after the response
//! - the remaining quota value is an estimate that grows accurate near the limit

use crate::document::spec::{Attr, Gateway, Kind, Need, Section, Spec};

pub static SPEC: Spec = SHAPE;

/// Also of its namesake for Azure OpenAI.
pub(super) const SHAPE: Spec = Spec::new("llm-token-limit")
    .title("Limit large language model API token usage")
    .sections(&[Section::Inbound])
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::SelfHosted, Gateway::Workspace])
    .attributes(&[
        Attr::text("counter-key").required().expression(),
        Attr::int("tokens-per-minute")
            .required_when("tokens-per-minute, or token-quota together with token-quota-period")
            .expression(),
        Attr::new("token-quota", Kind::Long).required_when("with token-quota-period").expression(),
        Attr::one_of("token-quota-period", &["Hourly", "Daily", "Weekly", "Monthly", "Yearly"]).expression(),
        // The page requires it, and leaves it out in an example that has only a quota.
        Attr::bool("estimate-prompt-tokens").expression(),
        Attr::one_of("prompt-type", &["auto", "chat-completion", "completion", "embeddings"])
            .default("auto")
            .undocumented(),
        Attr::bool("ignore-prompt").default("false").undocumented(),
        Attr::text("retry-after-header-name").default("Retry-After"),
        Attr::text("retry-after-variable-name"),
        Attr::text("remaining-quota-tokens-header-name"),
        Attr::text("remaining-quota-tokens-variable-name"),
        Attr::text("remaining-tokens-header-name"),
        Attr::text("remaining-tokens-variable-name"),
        Attr::text("tokens-consumed-header-name"),
        Attr::text("tokens-consumed-variable-name"),
    ])
    .needs(&[
        Need::AnyOf(&["tokens-per-minute", "token-quota"]),
        Need::Together(&["token-quota", "token-quota-period"]),
    ]);
