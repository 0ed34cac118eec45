//! `validate-parameters` checks headers, query and path parameters against the API's definition.
//!
//! At run time:
//! - detect logs and continues; prevent stops at the first group of errors
//! - client sees 400 when the failing section is inbound and 502 with a generic text when outbound, so backend
//!   details never leak
//! - errors also go to the named variable and, with prevent, to context.LastError
//! - schema up to 4 MB
//! - innermost action wins
//! - repeated values are an error unless the parameter is an array
//! - needs API imported with management API 2021-01-01-preview or newer
//! - format: uuid supported
//! - for a named parameter the action beats specified-parameter-action or unspecified-parameter-action of the
//!   parents
//!
//! Limits: may appear once per policy section.

use super::action::action;
use crate::document::spec::{Attr, ChildSpec, Section, Spec, Usage};

pub static SPEC: Spec = Spec::new("validate-parameters")
    .title("Validate parameters")
    .sections(&[Section::Inbound])
    .usage(Usage::OncePerSection)
    .attributes(&[SPECIFIED, UNSPECIFIED, Attr::text("errors-variable-name")])
    .children(&[
        ChildSpec::new("headers").attributes(&[SPECIFIED, UNSPECIFIED]).children(&[PARAMETER]),
        ChildSpec::new("query").attributes(&[SPECIFIED, UNSPECIFIED]).children(&[PARAMETER]),
        ChildSpec::new("path").attributes(&[SPECIFIED]).children(&[PARAMETER]),
    ])
    .sequence();

const SPECIFIED: Attr = action("specified-parameter-action");
const UNSPECIFIED: Attr = action("unspecified-parameter-action");
const PARAMETER: ChildSpec =
    ChildSpec::new("parameter").repeats().attributes(&[Attr::text("name").required(), action("action")]);
