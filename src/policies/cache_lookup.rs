//! `cache-lookup` answers from the response cache when it holds the response.
//!
//! - `vary-by-developer`: listed as required and with default false
//! - `vary-by-developer-groups`: listed as required and with default false
//! - `allow-private-response-caching`: true lets requests with Authorization be cached
//! - `must-revalidate`: adds must-revalidate when downstream caching is on
//! - `vary-by-header`: holds header name
//! - `vary-by-query-parameter`: holds parameter name(s), semicolon separated
//!
//! At run time:
//! - GET only
//! - on a hit the rest of inbound, the backend section and the outbound policies up to and including the matching
//!   cache-store are skipped; outbound goes on with the step after cache-store (wording of the gateway trace,
//!   quoted in two public tutorials; not on the page)
//! - a miss never errors, nor does an unavailable cache
//! - no vary-by-query-parameter means all query parameters take part in the key (stated by older caching pages)
//! - internal cache is per region and volatile
//! - answers client revalidation and sets Cache-Control according to downstream-caching-type
//! - on a miss request headers such as Cache-Control are removed before the backend call, so that the backend sends
//!   a full answer (gateway trace)
//! - query parameters that vary the cache should be named by the rewrite-uri template, or copy-unmatched-params be
//!   false
//! - the page's examples put a rate-limit right after the lookup to protect the backend when the cache is down
//!
//! Limits: may appear once per policy section; needs a matching cache-store; newest page: not supported inside a
//! fragment (release notes of Oct 2022 say it is).

use crate::document::spec::{Attr, ChildSpec, Section, Spec, Text, Usage};

pub static SPEC: Spec = Spec::new("cache-lookup")
    .title("Get from cache")
    .sections(&[Section::Inbound])
    .usage(Usage::OncePerSection)
    .attributes(&[
        Attr::bool("vary-by-developer").required().expression().default("false"),
        Attr::bool("vary-by-developer-groups").required().expression().default("false"),
        Attr::bool("allow-private-response-caching").expression().default("false"),
        Attr::one_of("downstream-caching-type", &["none", "private", "public"]).expression().default("none"),
        Attr::bool("must-revalidate").expression().default("true"),
        Attr::one_of("caching-type", &["prefer-external", "external", "internal"]).default("prefer-external"),
    ])
    .children(&[
        ChildSpec::new("vary-by-header").repeats().text(Text::VALUE),
        ChildSpec::new("vary-by-query-parameter").repeats().text(Text::VALUE),
    ]);
