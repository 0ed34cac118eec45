//! `set-url` gives the URL of a request that the policy around it makes.
//!
//! At run time:
//! - no page; described on the parent pages
//!
//! Limits: only as a child of send-request, send-one-way-request, http-data-source/http-request and
//! graphql-data-source/request.

use crate::document::spec::{Kind, Spec, Status, Support, Text};

pub static SPEC: Spec = Spec::new("set-url")
    .title("Set URL")
    .sections(&[])
    .status(Status::ChildOnly)
    .support(Support::Built)
    .parents(&["send-request", "send-one-way-request", "http-data-source", "graphql-data-source"])
    .text(Text::new(Kind::Url).expression());
