//! `authentication-token` calls the backend with a token that a token service gives.
//!
//! At run time:
//! - editor schema only; predecessor of authentication-managed-identity

use crate::document::spec::{Attr, Kind, Section, Spec, Status};

pub static SPEC: Spec = Spec::new("authentication-token")
    .title("OAuth2 token (legacy)")
    .sections(&[Section::Inbound])
    .status(Status::Undocumented)
    .attributes(&[
        Attr::one_of("token-type", &["managed-service-identity", "token-service"])
            .default("managed-service-identity")
            .undocumented(),
        Attr::new("token-service-url", Kind::Url).undocumented(),
        Attr::new("resource-url", Kind::Url).undocumented(),
        Attr::bool("ignore-error").undocumented(),
    ]);
