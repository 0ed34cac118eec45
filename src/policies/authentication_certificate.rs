//! `authentication-certificate` calls the backend with a client certificate.
//!
//! - `certificate-id`: matched case-insensitively since March 2024
//! - `body`: expression giving byte\[] (PFX) when not in the store
//! - `password`: for body
//!
//! At run time:
//! - selects the client certificate for the backend TLS handshake
//! - Key Vault certificates should be referenced by id because rotation changes the thumbprint
//! - also a child of send-request, send-one-way-request, http-data-source and sql-data-source

use crate::document::spec::{Attr, Kind, Need, Section, Spec};

pub static SPEC: Spec = Spec::new("authentication-certificate")
    .title("Authenticate with client certificate")
    .sections(&[Section::Inbound])
    .attributes(&[
        Attr::text("thumbprint").required_when("thumbprint or certificate-id or body").expression(),
        Attr::text("certificate-id").required_when("thumbprint or certificate-id or body").expression(),
        Attr::new("body", Kind::Any).expression(),
        Attr::text("password").required_when("body holds a password-protected certificate").expression().secret(),
    ])
    .needs(&[Need::AnyOf(&["thumbprint", "certificate-id", "body"])]);
