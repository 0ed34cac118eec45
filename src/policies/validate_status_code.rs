//! `validate-status-code` checks the response status against the API's definition.
//!
//! - `status-code/@action`: override works only for codes NOT in the API schema
//!
//! At run time:
//! - detect logs and continues; prevent stops at the first group of errors
//! - client sees 400 when the failing section is inbound and 502 with a generic text when outbound, so backend
//!   details never leak
//! - errors also go to the named variable and, with prevent, to context.LastError
//! - schema up to 4 MB
//!
//! Limits: may appear once per policy section.

use super::action::action;
use crate::document::spec::{Attr, ChildSpec, Section, Spec, Usage};

pub static SPEC: Spec = Spec::new("validate-status-code")
    .title("Validate status code")
    .sections(&[Section::Outbound, Section::OnError])
    .usage(Usage::OncePerSection)
    .attributes(&[action("unspecified-status-code-action"), Attr::text("errors-variable-name")])
    .children(&[ChildSpec::new("status-code").repeats().attributes(&[Attr::int("code").required(), action("action")])]);
