//! `redirect-content-urls` rewrites links in the body so that they lead through the gateway.
//!
//! At run time:
//! - outbound: backend links in the body become gateway links; inbound: the reverse
//! - page says headers are left alone; the editor knowledge base still claims Location is rewritten
//! - no duplicated slashes since Jan 2025
//!
//! Limits: may appear once per policy section.

use crate::document::spec::{Section, Spec, Usage};

pub static SPEC: Spec = Spec::new("redirect-content-urls")
    .title("Mask URLs in content")
    .sections(&[Section::Inbound, Section::Outbound])
    .usage(Usage::OncePerSection);
