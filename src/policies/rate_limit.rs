//! `rate-limit` limits how many calls a subscription makes in a sliding window.
//!
//! - `calls`: most calls allowed in the window
//! - `renewal-period`: sliding window length; at most 300
//! - `retry-after-header-name`: response header that carries the suggested wait in seconds; replaces the default
//!   name
//! - `retry-after-variable-name`: context variable that receives the wait in seconds
//! - `remaining-calls-header-name`: response header with calls left, written after every execution
//! - `remaining-calls-variable-name`: context variable with calls left, written after every execution
//! - `total-calls-header-name`: response header echoing the value of calls
//! - `api/@name`: ignored when id is present
//! - `api/@id`: wins over name
//! - `api/@renewal-period`: sliding window, at most 300
//! - `api/operation/@name`: ignored when id is present
//! - `api/operation/@id`: wins over name
//! - `api/operation/@renewal-period`: sliding window, at most 300
//! - `operation`: schema also accepts operation directly under rate-limit
//! - `operation/@name`: ignored when id is present
//! - `operation/@id`: wins over name
//! - `operation/@renewal-period`: sliding window, at most 300
//!
//! At run time:
//! - sliding window, counted per subscription
//! - limits for product, api and operation entries are enforced independently of each other
//! - on refusal: status 429 plus Retry-After (or the renamed header) in seconds
//! - no counting and no headers when no subscription is attached to the request
//! - the documented last-error message is only "Rate limit is exceeded"; the client body observed in the field adds
//!   "Try again in N seconds."
//! - distributed counters: accuracy is approximate; a self-hosted gateway can sync counters per local cluster only
//!
//! Limits: may appear once per policy definition; only takes effect when the call carries a subscription key; not
//! offered at global or workspace scope.

use crate::document::spec::{Attr, ChildSpec, Kind, Need, Scope, Section, Spec, Usage};

pub static SPEC: Spec = Spec::new("rate-limit")
    .title("Limit call rate by subscription")
    .sections(&[Section::Inbound])
    .scopes(&[Scope::Product, Scope::Api, Scope::Operation])
    .usage(Usage::OncePerDocument)
    .attributes(&[
        Attr::int("calls").required(),
        Attr::new("renewal-period", Kind::Seconds).required().range(1, 300),
        Attr::text("retry-after-header-name").default("Retry-After"),
        Attr::text("retry-after-variable-name"),
        Attr::text("remaining-calls-header-name"),
        Attr::text("remaining-calls-variable-name"),
        Attr::text("total-calls-header-name"),
    ])
    .children(&[ChildSpec::new("api").repeats().attributes(LIMITED).needs(NAMED).children(&[OPERATION]), OPERATION])
    .sequence();

/// An API or operation with limits of its own.
const LIMITED: &[Attr] = &[
    Attr::text("name").required_when("one of name or id"),
    Attr::text("id").required_when("one of name or id"),
    Attr::int("calls").required(),
    Attr::new("renewal-period", Kind::Seconds).required().range(1, 300),
];
const NAMED: &[Need] = &[Need::AnyOf(&["name", "id"])];
const OPERATION: ChildSpec = ChildSpec::new("operation").repeats().attributes(LIMITED).needs(NAMED);
