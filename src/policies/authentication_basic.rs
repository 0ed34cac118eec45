//! `authentication-basic` calls the backend with a user name and a password.
//!
//! At run time:
//! - sets the backend Authorization header to Basic base64(user:password)
//!
//! Limits: may appear once per policy section.

use crate::document::spec::{Attr, Section, Spec, Usage};

pub static SPEC: Spec = Spec::new("authentication-basic")
    .title("Authenticate with Basic")
    .sections(&[Section::Inbound])
    .usage(Usage::OncePerSection)
    .attributes(&[
        Attr::text("username").required().expression(),
        Attr::text("password").required().expression().secret(),
    ]);
