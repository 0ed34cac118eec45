//! `return-response` ends the request and answers with the response that it holds.
//!
//! - `response-variable-name`: variable holding an IResponse to start from
//!
//! At run time:
//! - default is 200 OK with no body
//! - children modify the response taken from the variable
//! - ends the whole pipeline at once: outbound is not run when used in inbound
//! - Liquid in the nested set-body gets an empty input

use crate::document::spec::{Attr, ChildSpec, Spec, Support};

pub static SPEC: Spec = Spec::new("return-response")
    .title("Return response")
    .support(Support::Built)
    .attributes(&[Attr::text("response-variable-name")])
    .children(&[
        ChildSpec::policy("set-status"),
        ChildSpec::policy("set-header").repeats(),
        ChildSpec::policy("set-body"),
    ])
    .sequence();
