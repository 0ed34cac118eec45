//! `validate-headers` checks response headers against the API's definition.
//!
//! At run time:
//! - detect logs and continues; prevent stops at the first group of errors
//! - client sees 400 when the failing section is inbound and 502 with a generic text when outbound, so backend
//!   details never leak
//! - errors also go to the named variable and, with prevent, to context.LastError
//! - schema up to 4 MB
//! - response headers only
//!
//! Limits: may appear once per policy section.

use super::action::action;
use crate::document::spec::{Attr, ChildSpec, Section, Spec, Usage};

pub static SPEC: Spec = Spec::new("validate-headers")
    .title("Validate headers")
    .sections(&[Section::Outbound, Section::OnError])
    .usage(Usage::OncePerSection)
    .attributes(&[
        action("specified-header-action"),
        action("unspecified-header-action"),
        Attr::text("errors-variable-name"),
    ])
    .children(&[ChildSpec::new("header").repeats().attributes(&[Attr::text("name").required(), action("action")])]);
