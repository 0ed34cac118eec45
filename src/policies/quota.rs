//! `quota` limits how many calls, or how much data, a subscription uses in a fixed window.
//!
//! - `renewal-period`: fixed window; 0 = infinite; windows are measured from the subscription start time
//! - `api/@id`: wins over name
//! - `api/@renewal-period`: 0 means never resets
//! - `api/operation/@id`: wins over name
//! - `api/operation/@renewal-period`: 0 means never resets
//!
//! At run time:
//! - fixed window anchored to the start of the subscription, not a sliding one
//! - 403 (not 429) plus Retry-After seconds
//! - product, api and operation quotas are independent
//! - time left is printed like a .NET TimeSpan (d.hh:mm:ss when over a day)
//! - api and operation rows accept calls, bandwidth and renewal-period although the syntax block shows calls only
//!
//! Limits: may appear once per policy definition; product scope only; only takes effect when the call carries a
//! subscription key.

use crate::document::spec::{Attr, ChildSpec, Kind, Need, Scope, Section, Spec, Usage};

pub static SPEC: Spec = Spec::new("quota")
    .title("Set usage quota by subscription")
    .sections(&[Section::Inbound])
    .scopes(&[Scope::Product])
    .usage(Usage::OncePerDocument)
    .attributes(&[
        Attr::int("calls").required_when("calls and/or bandwidth"),
        Attr::new("bandwidth", Kind::Kilobytes).required_when("calls and/or bandwidth"),
        Attr::new("renewal-period", Kind::Seconds).required(),
    ])
    .needs(&[Need::AnyOf(&["calls", "bandwidth"])])
    .children(&[ChildSpec::new("api").repeats().attributes(LIMITED).needs(NEEDS).children(&[ChildSpec::new(
        "operation",
    )
    .repeats()
    .attributes(LIMITED)
    .needs(NEEDS)])]);

/// An API or operation with a quota of its own.
const LIMITED: &[Attr] = &[
    Attr::text("name").required_when("one of name or id"),
    Attr::text("id").required_when("one of name or id"),
    Attr::int("calls").required_when("calls and/or bandwidth"),
    Attr::new("bandwidth", Kind::Kilobytes).required_when("calls and/or bandwidth"),
    Attr::new("renewal-period", Kind::Seconds).required(),
];
const NEEDS: &[Need] = &[Need::AnyOf(&["name", "id"]), Need::AnyOf(&["calls", "bandwidth"])];
