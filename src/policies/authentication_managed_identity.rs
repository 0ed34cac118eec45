//! `authentication-managed-identity` calls the backend with a token of the gateway's own identity.
//!
//! - `resource`: audience to ask a token for
//! - `client-id`: user-assigned identity; absent = system-assigned; the page forbids expressions, the toolkit
//!   allows them
//! - `output-token-variable-name`: receives the raw token string
//!
//! At run time:
//! - sets Authorization: Bearer on the outgoing request; with output-token-variable-name the variable gets the bare
//!   token (whether the header is then also set is not stated; the page's example sets it by hand)
//! - token cached until expiry
//! - toolkit also allows it in outbound; legal inside send-request and (schema) wait
//! - used at global scope the token is in reach of every API, those of workspaces included

use crate::document::spec::{Attr, Gateway, Scope, Section, Spec};

pub static SPEC: Spec = Spec::new("authentication-managed-identity")
    .title("Authenticate with managed identity")
    .sections(&[Section::Inbound])
    .also(&[Section::Outbound])
    .scopes(&[Scope::Global, Scope::Product, Scope::Api, Scope::Operation])
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::Consumption, Gateway::SelfHosted])
    .attributes(&[
        Attr::text("resource").required().expression(),
        Attr::text("client-id").expression(),
        Attr::text("output-token-variable-name"),
        Attr::bool("ignore-error").default("false"),
    ]);
