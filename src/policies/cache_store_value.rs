//! `cache-store-value` keeps a value in the cache.
//!
//! At run time:
//! - asynchronous: a lookup right after may still miss
//!
//! Limits: page repeats the once-per-section and GET-only notes of cache-store; doubtful for values.

use crate::document::spec::{Attr, Kind, Spec, Support};

pub static SPEC: Spec =
    Spec::new("cache-store-value").title("Store value in cache").support(Support::Built).attributes(&[
        Attr::text("key").required().expression(),
        Attr::new("value", Kind::Any).required().expression(),
        Attr::new("duration", Kind::Seconds).required().expression(),
        Attr::one_of("caching-type", &["prefer-external", "external", "internal"]).default("prefer-external"),
    ]);
