//! `llm-content-safety` has prompts and completions checked by a content safety service.
//!
//! - `backend-id`: backend entity of the content safety service
//! - `shield-prompt`: prompt-attack check
//! - `enforce-on-completions`: inbound placement also checks chat completions; ignored in outbound
//! - `window-size`: characters per check, responses only; for requests the window is always 10000 (page of
//!   08/18/2026; earlier versions of this sheet had 10000 for both)
//! - `window-overlap-size`: characters shared by neighbouring windows, default none
//! - `categories/category/@threshold`: 0..7; severity at or above it blocks
//! - `blocklists/id`: holds blocklist id; expressions allowed
//!
//! At run time:
//! - inbound checks the request, outbound the response
//! - streams: events are held in a sliding window; on a violation forwarding just stops, no 403
//! - sees the concatenated text of the request
//! - covers MCP and A2A traffic since June 2026
//! - editor schema knows backend-id and shield-prompt only and a single blocklist id
//!
//! Limits: no operation scope in the 2025/2026 pages; backend must use managed identity with resource
//! `https://cognitiveservices.azure.com`.

use crate::document::spec::{Attr, ChildSpec, Reference, Scope, Section, Spec, Text};

pub static SPEC: Spec = Spec::new("llm-content-safety")
    .title("Enforce content safety checks on LLM requests")
    .sections(&[Section::Inbound, Section::Outbound])
    .scopes(&[Scope::Global, Scope::Workspace, Scope::Product, Scope::Api])
    .attributes(&[
        Attr::text("backend-id").required().expression().refers(Reference::Backend),
        Attr::bool("shield-prompt").expression().default("false"),
        Attr::bool("enforce-on-completions").expression().default("false"),
        Attr::int("window-size").expression().default("1000"),
        Attr::int("window-overlap-size").expression(),
    ])
    .children(&[
        ChildSpec::new("categories")
            .attributes(&[Attr::one_of("output-type", &["FourSeverityLevels", "EightSeverityLevels"])
                .expression()
                .default("FourSeverityLevels")])
            .children(&[ChildSpec::new("category").required().repeats().attributes(&[
                Attr::one_of("name", &["Hate", "SelfHarm", "Sexual", "Violence"]).required().expression(),
                Attr::int("threshold").required().expression().range(0, 7),
            ])]),
        ChildSpec::new("blocklists").children(&[ChildSpec::new("id").required().repeats().text(Text::VALUE)]),
    ]);
