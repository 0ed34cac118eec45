//! `azure-openai-token-limit` limits the tokens of an Azure OpenAI model that a key uses, by the minute or by a longer window.
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
//! - same schema as llm-token-limit; page read lists only the per-minute form
//! - checked against the llm- page of the same kind: both names share one schema type; the azure-openai pages were
//!   not in the newest set
//! - tokens-per-minute and token-quota may be used together (page); the toolkit compiler takes only one of them
//! - only prompt and completion tokens count; image tokens come from the reported usage, but when streaming or
//!   estimating each image counts as up to 1200 tokens
//! - concurrent calls can overshoot, because usage is known only after the response
//! - the remaining quota value is an estimate that grows accurate near the limit

use super::llm_token_limit::SHAPE;
use crate::document::spec::Spec;

pub static SPEC: Spec = SHAPE.called("azure-openai-token-limit").title("Limit Azure OpenAI API token usage");
