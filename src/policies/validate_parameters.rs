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

use crate::document::spec::{Attr, ChildSpec, Section, Spec, Usage};

pub static SPEC: Spec = Spec::new("validate-parameters")
    .title("Validate parameters")
    .sections(&[Section::Inbound])
    .usage(Usage::OncePerSection)
    .attributes(&[
        Attr::one_of("specified-parameter-action", &["ignore", "prevent", "detect"]).required().expression(),
        Attr::one_of("unspecified-parameter-action", &["ignore", "prevent", "detect"]).required().expression(),
        Attr::text("errors-variable-name"),
    ])
    .children(&[
        ChildSpec::new("headers")
            .attributes(&[
                Attr::one_of("specified-parameter-action", &["ignore", "prevent", "detect"]).required().expression(),
                Attr::one_of("unspecified-parameter-action", &["ignore", "prevent", "detect"]).required().expression(),
            ])
            .children(&[ChildSpec::new("parameter").repeats().attributes(&[
                Attr::text("name").required(),
                Attr::one_of("action", &["ignore", "prevent", "detect"]).required().expression(),
            ])]),
        ChildSpec::new("query")
            .attributes(&[
                Attr::one_of("specified-parameter-action", &["ignore", "prevent", "detect"]).required().expression(),
                Attr::one_of("unspecified-parameter-action", &["ignore", "prevent", "detect"]).required().expression(),
            ])
            .children(&[ChildSpec::new("parameter").repeats().attributes(&[
                Attr::text("name").required(),
                Attr::one_of("action", &["ignore", "prevent", "detect"]).required().expression(),
            ])]),
        ChildSpec::new("path")
            .attributes(&[Attr::one_of("specified-parameter-action", &["ignore", "prevent", "detect"])
                .required()
                .expression()])
            .children(&[ChildSpec::new("parameter").repeats().attributes(&[
                Attr::text("name").required(),
                Attr::one_of("action", &["ignore", "prevent", "detect"]).required().expression(),
            ])]),
    ])
    .sequence();
