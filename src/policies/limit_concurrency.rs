//! `limit-concurrency` lets only so many requests inside at once.
//!
//! - `key`: concurrency scope; may be shared by several policies
//! - `max-count`: requests allowed inside at once
//!
//! At run time:
//! - no queueing: the request over the limit fails at once with 429
//! - the slot is held until the enclosed policies finish
//! - the error goes through on-error like any other
//! - the count is kept per gateway unit: with several units in a region the enforced maximum is lower than written,
//!   says the page

use crate::document::spec::{Attr, ChildSpec, Spec, Support};

pub static SPEC: Spec = Spec::new("limit-concurrency")
    .title("Limit concurrency")
    .support(Support::Built)
    .attributes(&[Attr::text("key").required().expression(), Attr::int("max-count").required()])
    .children(&[ChildSpec::policies()]);
