//! `quota-by-key` limits how many calls, or how much data, a key of your own uses in a fixed window.
//!
//! - `renewal-period`: at least 300, or 0 for never
//! - `increment-count`: step added per counted request
//! - `first-period-start`: ISO 8601 yyyy-MM-ddTHH:mm:ssZ; anchor for the fixed windows
//!
//! At run time:
//! - if several policies would bump the same key in one request it is bumped once
//! - 403 plus Retry-After
//! - windows are aligned to first-period-start, so the default gives windows aligned to multiples of the period
//!   since year 1
//! - v2 tiers since May 2025
//! - the same key value in different APIs shares one total; make keys unique to keep them apart

use crate::document::spec::{Attr, Gateway, Kind, Need, Section, Spec};

pub static SPEC: Spec = Spec::new("quota-by-key")
    .title("Set usage quota by key")
    .sections(&[Section::Inbound])
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::SelfHosted, Gateway::Workspace])
    .attributes(&[
        Attr::int("calls").required_when("calls and/or bandwidth"),
        Attr::new("bandwidth", Kind::Kilobytes).required_when("calls and/or bandwidth"),
        Attr::new("renewal-period", Kind::Seconds).required(),
        Attr::text("counter-key").required().expression(),
        Attr::bool("increment-condition").expression(),
        Attr::int("increment-count").expression().default("1"),
        Attr::new("first-period-start", Kind::DateTime).default("0001-01-01T00:00:00Z"),
    ])
    .needs(&[Need::AnyOf(&["calls", "bandwidth"])]);
