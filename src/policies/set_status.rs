//! `set-status` changes the status code and reason of the response.
//!
//! - `reason`: the page lists it as required; examples on other pages and the schema leave it out
//!
//! At run time:
//! - in inbound it creates a response object that is not sent until something ends the pipeline
//! - child of return-response

use crate::document::spec::{Attr, Spec, Support};

pub static SPEC: Spec = Spec::new("set-status")
    .title("Set status code")
    .support(Support::Built)
    .attributes(&[Attr::int("code").required().expression(), Attr::text("reason").expression()]);
