//! `cache-value` gives a cached value, and computes it by its own policies where the cache holds none.
//!
//! - `refresh-after`: less than expires-after
//! - `value`: wrapper name taken from the toolkit compiler
//!
//! At run time:
//! - toolkit only: lookup plus store with stampede protection; nested policies run on a miss or a due refresh

use crate::document::spec::{Attr, ChildSpec, Kind, Spec, Status};

pub static SPEC: Spec = Spec::new("cache-value")
    .title("Cached computation block")
    .status(Status::Undocumented)
    .attributes(&[
        Attr::text("key").required().expression().undocumented(),
        Attr::text("variable-name").required().undocumented(),
        Attr::new("expires-after", Kind::Seconds).expression().undocumented(),
        Attr::new("refresh-after", Kind::Seconds).expression().undocumented(),
        Attr::new("default-value", Kind::Any).expression().undocumented(),
        Attr::one_of("caching-type", &["prefer-external", "external", "internal"])
            .default("prefer-external")
            .undocumented(),
    ])
    .children(&[ChildSpec::new("value").children(&[ChildSpec::policies()])]);
