//! `validate-azure-ad-token` requires a token that Microsoft Entra issued.
//!
//! - `tenant-id`: tenant id, domain or URL; organizations and common (bare or as a login URL) are the well-known
//!   multi-tenant values
//! - `token-value`: without Bearer
//! - `authentication-endpoint`: other cloud login host, https:// optional, e.g. `https://login.microsoftonline.us`;
//!   the page misprints the default host with a hyphen; expressions not mentioned
//! - `require-scheme`: editor schema only
//! - `allow-protected-forwarded-tokens`: editor schema only
//! - `allow-proof-of-possession-tokens`: editor schema only
//! - `failed-validation-error-message`: default text depends on the failure, e.g. JWT not present.
//! - `output-token-variable-name`: receives a Jwt (decrypted token since Jan 2025)
//! - `client-application-ids`: without it give at least one audience; no expressions
//! - `client-application-ids/application-id`: holds accepted appid/azp; no expressions
//! - `backend-application-ids`: no expressions
//! - `backend-application-ids/application-id`: holds accepted backend app id; rarely needed
//! - `audiences/audience`: holds expressions allowed
//! - `required-claims/claim/@separator`: split a single claim string into several values before matching
//! - `required-claims/claim/value`: holds expected value; no value elements = claim only has to exist
//! - `decryption-keys/key/@certificate-id`: page and schema require it; release notes of Aug 2024 call it optional
//!
//! At run time:
//! - accepts v1 and v2 tokens
//! - with a custom header the value must be the bare token
//! - default token source is Authorization with Bearer
//! - error reasons assumed same as validate-jwt; not listed in the table
//! - customer (external) tenants are not supported

use super::validate_jwt::REQUIRED_CLAIMS;
use crate::document::spec::{Attr, ChildSpec, Kind, Section, Spec, Text};

pub static SPEC: Spec = Spec::new("validate-azure-ad-token")
    .title("Validate Microsoft Entra token")
    .sections(&[Section::Inbound])
    .attributes(&[
        Attr::text("tenant-id").required().expression(),
        Attr::text("header-name").expression().default("Authorization"),
        Attr::text("query-parameter-name").expression(),
        Attr::text("token-value").expression(),
        Attr::text("authentication-endpoint").expression().default("https://login.microsoftonline.com"),
        Attr::text("require-scheme").undocumented(),
        Attr::bool("allow-protected-forwarded-tokens").expression().undocumented(),
        Attr::bool("allow-proof-of-possession-tokens").expression().undocumented(),
        Attr::int("failed-validation-httpcode").expression().default("401"),
        Attr::text("failed-validation-error-message").expression(),
        Attr::text("output-token-variable-name"),
    ])
    .children(&[
        ChildSpec::new("client-application-ids")
            .children(&[ChildSpec::new("application-id").required().repeats().text(Text::new(Kind::Text))]),
        ChildSpec::new("backend-application-ids")
            .children(&[ChildSpec::new("application-id").required().repeats().text(Text::VALUE)]),
        ChildSpec::new("audiences").children(&[ChildSpec::new("audience").required().repeats().text(Text::VALUE)]),
        REQUIRED_CLAIMS,
        ChildSpec::new("decryption-keys").children(&[ChildSpec::new("key")
            .required()
            .repeats()
            .attributes(&[Attr::text("certificate-id").required()])]),
    ]);
