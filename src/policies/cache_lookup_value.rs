//! `cache-lookup-value` puts a cached value into a variable.
//!
//! - `default-value`: value on a miss
//!
//! At run time:
//! - on a miss without default-value the variable is NOT set (ContainsKey is false); the trace says so too
//!   (MicrosoftDocs/azure-docs issue 75289), although the default-value row says null
//! - allowed inside wait
//!
//! Limits: page repeats the GET-only and once-per-section notes of response caching; doubtful for values; page: not
//! supported inside a fragment.

use crate::document::spec::{Attr, Spec, Support};

pub static SPEC: Spec =
    Spec::new("cache-lookup-value").title("Get value from cache").support(Support::Built).attributes(&[
        Attr::text("key").required().expression(),
        Attr::text("default-value").expression(),
        Attr::text("variable-name").required(),
        Attr::one_of("caching-type", &["prefer-external", "external", "internal"]).default("prefer-external"),
    ]);
