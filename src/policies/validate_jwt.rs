//! `validate-jwt` requires a JSON web token and checks its signature, issuer, audience, time and claims.
//!
//! - `token-value`: must not include the scheme prefix
//! - `failed-validation-error-message`: default text depends on the failure, e.g. JWT not present.
//! - `require-scheme`: e.g. Bearer; only enforced for the Authorization header, ignored with a custom header-name
//! - `clock-skew`: schema: integer seconds
//! - `output-token-variable-name`: receives a Jwt object
//! - `openid-config/@url`: discovery document URL
//! - `openid-config/@host`: schema only
//! - `openid-config/@validate-connectivity`: false skips the save-time check that the URL resolves through public
//!   DNS (needed inside virtual networks); default inferred from the wording
//! - `issuer-signing-tokens`: legacy; editor schema only
//! - `issuer-signing-tokens/token`: holds legacy
//! - `issuer-signing-keys/key`: holds Base64 symmetric key when no certificate-id/n/e
//! - `issuer-signing-keys/key/@id`: issuer-signing-keys only: matched with the kid header; when no key matches,
//!   every listed key is tried
//! - `issuer-signing-keys/key/@certificate-id`: uploaded certificate (PFX); public key for signatures, private key
//!   for decryption
//! - `issuer-signing-keys/key/@n`: RSA modulus, Base64url; with e
//! - `issuer-signing-keys/key/@e`: RSA exponent, Base64url; with n
//! - `issuer-signing-keys/zumo-master-key`: holds legacy; editor schema only
//! - `decryption-keys/key`: holds Base64 key
//! - `audiences/audience`: holds accepted audience; expressions allowed; any one match is enough
//! - `issuers/issuer`: holds accepted issuer; expressions allowed
//! - `required-claims/claim/@separator`: split a single claim string into several values before matching
//! - `required-claims/claim/value`: holds expected value; no value elements = claim only has to exist
//!
//! At run time:
//! - signing: HS256, HS512, RS256, RS512, PS256, ES256 (HS512 and RS512 March 2024, PS256 Feb 2024, ES256 Aug 2024)
//! - token encryption with symmetric keys: A128CBC-HS256, A192CBC-HS384, A256CBC-HS512
//! - OpenID configuration and JWKS are cached for 1 hour; an unknown kid or a failed fetch triggers a refetch at
//!   most every 5 minutes
//! - issuer from openid-config is accepted in addition to issuers
//! - outbound fetches of the discovery document carry a User-Agent since March 2026
//! - default Authorization header scheme Bearer is stripped; a custom header may carry the token with or without
//!   Bearer
//! - when kid matches no key id, all keys are tried; failure only when every key fails
//! - the audiences row says at least one audience is needed, yet the element is optional and the page shows
//!   policies without it
//! - algorithm list on the newest page: PS256, RS256, RS512, ES256 asymmetric; the symmetric row names the content
//!   encryption algorithms; HS256/HS512 come from examples and release notes
//! - inline symmetric keys are Base64

use crate::document::spec::{Attr, ChildSpec, Kind, Need, Section, Spec, Text};

// The page calls the order of children fixed, and an example of its own departs from it: any order is accepted.
pub static SPEC: Spec = Spec::new("validate-jwt")
    .title("Validate JWT")
    .sections(&[Section::Inbound])
    .attributes(&[
        Attr::text("header-name").required_when("one of header-name, query-parameter-name, token-value").expression(),
        Attr::text("query-parameter-name")
            .required_when("one of header-name, query-parameter-name, token-value")
            .expression(),
        Attr::text("token-value").required_when("one of header-name, query-parameter-name, token-value").expression(),
        Attr::int("failed-validation-httpcode").expression().default("401"),
        Attr::text("failed-validation-error-message").expression(),
        Attr::bool("require-expiration-time").expression().default("true"),
        Attr::text("require-scheme").expression(),
        Attr::bool("require-signed-tokens").expression().default("true"),
        Attr::new("clock-skew", Kind::Seconds).expression().default("0"),
        Attr::text("output-token-variable-name"),
    ])
    .needs(&[Need::AnyOf(&["header-name", "query-parameter-name", "token-value"])])
    .children(&[
        ChildSpec::new("openid-config").repeats().attributes(&[
            Attr::text("url").required(),
            Attr::text("host").undocumented(),
            Attr::bool("validate-connectivity").expression().default("true"),
        ]),
        ChildSpec::new("issuer-signing-tokens").children(&[ChildSpec::new("token").repeats().text(Text::VALUE)]),
        ChildSpec::new("issuer-signing-keys").children(&[
            KEY.repeats(),
            ChildSpec::new("zumo-master-key")
                .repeats()
                .attributes(&[Attr::text("id").undocumented()])
                .text(Text::VALUE),
        ]),
        ChildSpec::new("decryption-keys").children(&[KEY.required().repeats()]),
        ChildSpec::new("audiences").children(&[ChildSpec::new("audience").required().repeats().text(Text::VALUE)]),
        ChildSpec::new("issuers").children(&[ChildSpec::new("issuer").repeats().text(Text::VALUE)]),
        REQUIRED_CLAIMS,
    ]);

const KEY: ChildSpec = ChildSpec::new("key")
    .attributes(&[Attr::text("id").expression(), Attr::text("certificate-id"), Attr::text("n"), Attr::text("e")])
    .text(Text::VALUE);

/// Claims that a token must have, with their values.
pub(super) const REQUIRED_CLAIMS: ChildSpec = ChildSpec::new("required-claims").children(&[ChildSpec::new("claim")
    .required()
    .repeats()
    .attributes(&[
        Attr::text("name").required().expression(),
        Attr::one_of("match", &["all", "any"]).expression().default("all"),
        Attr::text("separator").expression(),
    ])
    .children(&[ChildSpec::new("value").repeats().text(Text::VALUE)])]);
