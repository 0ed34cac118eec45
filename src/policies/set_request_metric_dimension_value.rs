//! `set-request-metric-dimension-value` sets a dimension of the request's metrics.
//!
//! At run time:
//! - editor schema only, first-party metrics

use crate::document::spec::{Attr, Spec, Status};

pub static SPEC: Spec = Spec::new("set-request-metric-dimension-value")
    .title("Set request metric dimension")
    .status(Status::Undocumented)
    .attributes(&[Attr::text("name").required().undocumented(), Attr::text("value").required().undocumented()]);
