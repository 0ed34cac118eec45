//! `cache-store` keeps the response in the response cache.
//!
//! - `caching-mode`: editor schema only
//!
//! At run time:
//! - GET responses only
//! - the key and the cache kind come from the cache-lookup executed earlier
//! - not executed on a cache hit
//!
//! Limits: may appear once per policy section; needs a matching cache-lookup.

use crate::document::spec::{Attr, Kind, Section, Spec, Usage};

pub static SPEC: Spec = Spec::new("cache-store")
    .title("Store to cache")
    .sections(&[Section::Outbound])
    .usage(Usage::OncePerSection)
    .attributes(&[
        Attr::new("duration", Kind::Seconds).required().expression(),
        Attr::bool("cache-response").expression(),
        Attr::text("caching-mode").undocumented(),
    ]);
