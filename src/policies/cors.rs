//! `cors` answers cross-origin calls and preflights of browsers.
//!
//! - `allowed-origins/origin`: holds * alone, or scheme://host\[:port]; missing port = 80/443
//! - `allowed-methods`: absent = GET and POST
//! - `allowed-methods/method`: holds verb or *; expressions allowed
//! - `allowed-headers`: page says required, schema optional
//! - `allowed-headers/header`: holds header name or *
//! - `expose-headers/header`: holds header name
//!
//! At run time:
//! - OPTIONS with Origin is a preflight: only cors policies run and the request ends there
//! - unmatched preflight: empty 200 either way; with false other cors policies that are direct children of inbound
//!   are tried first
//! - unmatched GET/HEAD with Origin: empty 200 when terminate, otherwise goes on without CORS headers
//! - an operation that declares OPTIONS disables preflight handling
//! - product scope cannot work with the key in a header because a preflight carries no key
//! - header-based versioning breaks API scope cors
//! - works inside fragments since Oct 2022
//! - so the default only shows on simple GET/HEAD calls with a foreign Origin and on preflights when several cors
//!   policies are in scope
//! - origin means scheme, host and port; the page's example writes origins with a trailing slash
//! - users report answers made by the gateway itself (quota, header check) without CORS headers
//!   (MicrosoftDocs/azure-docs issue 31889, 2019); not stated on the page
//!
//! Limits: may appear once per policy section; generally only the first cors executed applies; must come first in
//! inbound.

use crate::document::spec::{Attr, ChildSpec, Kind, Section, Spec, Text, Usage};

pub static SPEC: Spec = Spec::new("cors")
    .title("CORS")
    .sections(&[Section::Inbound])
    .usage(Usage::OncePerSection)
    .attributes(&[
        Attr::bool("allow-credentials").expression().default("false"),
        Attr::bool("terminate-unmatched-request").expression().default("false"),
    ])
    .children(&[
        ChildSpec::new("allowed-origins")
            .required()
            .children(&[ChildSpec::new("origin").required().repeats().text(Text::VALUE)]),
        ChildSpec::new("allowed-methods")
            .attributes(&[Attr::new("preflight-result-max-age", Kind::Seconds).expression().default("0")])
            .children(&[ChildSpec::new("method").required().repeats().text(Text::VALUE)]),
        ChildSpec::new("allowed-headers").children(&[ChildSpec::new("header").required().repeats().text(Text::VALUE)]),
        ChildSpec::new("expose-headers").children(&[ChildSpec::new("header").required().repeats().text(Text::VALUE)]),
    ]);
