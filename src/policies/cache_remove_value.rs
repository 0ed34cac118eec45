//! `cache-remove-value` removes a value from the cache.
//!
//! - `fail-on-cache-removal-error`: true: a failed removal fails the request; false: it is ignored
//!
//! At run time:
//! - a failed removal is ignored unless fail-on-cache-removal-error is true (June 2026)

use crate::document::spec::{Attr, Spec};

pub static SPEC: Spec = Spec::new("cache-remove-value").title("Remove value from cache").attributes(&[
    Attr::text("key").required().expression(),
    Attr::one_of("caching-type", &["prefer-external", "external", "internal"]).default("prefer-external"),
    Attr::bool("fail-on-cache-removal-error").expression().default("false"),
]);
