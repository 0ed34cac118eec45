//! `authentication-token-store` calls the backend with a token of a token store.
//!
//! At run time:
//! - editor schema only; predecessor of credential manager

use crate::document::spec::{Attr, Section, Spec, Status};

pub static SPEC: Spec = Spec::new("authentication-token-store")
    .title("Token store token (legacy)")
    .sections(&[Section::Inbound])
    .status(Status::Undocumented)
    .attributes(&[
        Attr::text("token-id").undocumented(),
        Attr::text("client-id").undocumented(),
        Attr::text("output-token-variable-name").undocumented(),
        Attr::bool("ignore-error").undocumented(),
    ]);
