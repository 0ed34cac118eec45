//! `retry` runs its children again while a condition holds.
//!
//! - `condition`: true = go on retrying
//! - `count`: 1..50 retries, not counting the first run
//! - `first-fast-retry`: first retry without waiting
//!
//! At run time:
//! - children run once, then up to count more times while condition is true
//! - waits before retry n (n from 1): interval alone = fixed; interval and delta = interval + (n-1)*delta; with
//!   max-interval too = min(max-interval, interval + (2^(n-1) - 1)*r) with r random in 0.8..1.2 times delta. The
//!   page prints 2^(n-1) without the -1, but its example (10, 20, 40, 80, 100 for interval=10 delta=10
//!   max-interval=100) needs the -1
//! - forward-request inside needs buffer-request-body=true to resend a body
//! - condition is evaluated after the children, so context.Response may be null
//! - when a child fails (Timeout, BackendConnectionFailure) the condition is evaluated with context.Response null
//!   and the block is retried while it holds; after the last try the error goes to on-error (from an
//!   Azure-Samples/Apim-Samples policy and the toolkit emulator; the page shows it only for send-request with
//!   ignore-error)
//! - picks another pool member on each try since mid 2024
//! - first-fast-retry concerns only the first retry; later ones wait

use crate::document::spec::{Attr, ChildSpec, Kind, Spec, Support};

pub static SPEC: Spec = Spec::new("retry")
    .title("Retry")
    .support(Support::Built)
    .attributes(&[
        Attr::bool("condition").required().expression(),
        Attr::int("count").required().expression().range(1, 50),
        Attr::new("interval", Kind::Seconds).required().expression(),
        Attr::new("max-interval", Kind::Seconds).expression(),
        Attr::new("delta", Kind::Seconds).expression(),
        Attr::bool("first-fast-retry").expression().default("false"),
    ])
    .children(&[ChildSpec::policies()]);
