//! `get-authorization-context` puts the access token of a credential manager connection into a variable.
//!
//! - `provider-id`: credential provider resource name
//! - `authorization-id`: connection resource name
//! - `context-variable-name`: receives an Authorization object
//! - `identity-type`: whose identity is checked against the connection access policy
//! - `identity`: JWT used when identity-type=jwt; audience must be `https://azure-api.net/authorization-manager`,
//!   needs oid and tid claims
//!
//! At run time:
//! - variable type: Authorization { string AccessToken; IReadOnlyDictionary`<string,object>` Claims }
//! - ignore-error=true leaves the variable set to null
//! - tokens are cached; expiry is checked on cache reads since March 2026
//! - also legal as first child of http-data-source/http-request and (schema) sql connection-info
//! - with identity-type jwt only app-only /.default scopes are supported
//! - a failure with ignore-error=false is visible in context.LastError inside on-error

use crate::document::spec::{Attr, Gateway, Scope, Section, Spec};

pub static SPEC: Spec = Spec::new("get-authorization-context")
    .title("Get authorization context")
    .sections(&[Section::Inbound])
    .also(&[Section::Backend, Section::Outbound])
    .scopes(&[Scope::Global, Scope::Product, Scope::Api, Scope::Operation])
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::Consumption])
    .attributes(&[
        Attr::text("provider-id").required().expression(),
        Attr::text("authorization-id").required().expression(),
        Attr::text("context-variable-name").required().expression(),
        Attr::one_of("identity-type", &["managed", "jwt"]).expression().default("managed"),
        Attr::text("identity").expression(),
        Attr::bool("ignore-error").expression().default("false"),
    ]);
