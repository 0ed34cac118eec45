//! `rate-limit-by-key` limits how many calls a key of your own makes in a sliding window.
//!
//! - `calls`: most calls allowed per key in the window
//! - `renewal-period`: sliding window; at most 300 even when computed
//! - `counter-key`: counter identity; one counter per value across every scope that uses it
//! - `increment-condition`: count this request only when true; an expression here postpones the counting to the end
//!   of outbound
//! - `increment-count`: step added per counted request; an expression here postpones the counting to the end of
//!   outbound
//! - `increment-after-response`: present in schema and toolkit only: move the increment to after the response
//! - `flexible-retry-window`: present in the editor schema only
//! - `retry-after-header-name`: response header that carries the suggested wait in seconds; replaces the default
//!   name
//! - `retry-after-variable-name`: context variable that receives the wait in seconds
//! - `remaining-calls-header-name`: response header with calls left, written after every execution
//! - `remaining-calls-variable-name`: context variable with calls left, written after every execution
//! - `total-calls-header-name`: response header echoing the value of calls
//!
//! At run time:
//! - same key value used at several scopes shares one counter; make keys distinct to separate them
//! - an expression in increment-condition or increment-count moves both the evaluation and the increment to the end
//!   of outbound; the limit is then tested on the next call, so the first 429 comes one call later than with a
//!   plain counter
//! - 429 plus Retry-After
//! - accuracy is approximate

use crate::document::spec::{Attr, Gateway, Kind, Section, Spec};

pub static SPEC: Spec = Spec::new("rate-limit-by-key")
    .title("Limit call rate by key")
    .sections(&[Section::Inbound])
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::SelfHosted, Gateway::Workspace])
    .attributes(&[
        Attr::int("calls").required().expression(),
        Attr::new("renewal-period", Kind::Seconds).required().expression().range(1, 300),
        Attr::text("counter-key").required().expression(),
        Attr::bool("increment-condition").expression(),
        Attr::int("increment-count").expression().default("1"),
        Attr::bool("increment-after-response").undocumented(),
        Attr::bool("flexible-retry-window").undocumented(),
        Attr::text("retry-after-header-name").default("Retry-After"),
        Attr::text("retry-after-variable-name"),
        Attr::text("remaining-calls-header-name"),
        Attr::text("remaining-calls-variable-name"),
        Attr::text("total-calls-header-name"),
    ]);
