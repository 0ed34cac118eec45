//! `cross-domain` serves the cross-domain policy file of Flash and Silverlight clients.
//!
//! At run time:
//! - content is an Adobe cross-domain policy file, the usual location is /crossdomain.xml (not stated on the page)
//! - the editor schema defines allow-access-from-identity, signatory and certificate but refers to them nowhere

use crate::document::spec::{Attr, ChildSpec, Gateway, Scope, Section, Spec};

pub static SPEC: Spec = Spec::new("cross-domain")
    .title("Allow cross-domain calls")
    .sections(&[Section::Inbound])
    .scopes(&[Scope::Global])
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::Consumption, Gateway::SelfHosted])
    .children(&[ChildSpec::new("cross-domain-policy").children(&[
        ChildSpec::new("site-control").attributes(&[Attr::one_of(
            "permitted-cross-domain-policies",
            &["all", "by-content-type", "master-only", "none"],
        )
        .required()]),
        ChildSpec::new("allow-access-from")
            .repeats()
            .attributes(&[Attr::text("domain").required(), Attr::bool("secure").default("true")]),
        ChildSpec::new("allow-http-request-headers-from").repeats().attributes(&[
            Attr::text("domain").required(),
            Attr::text("headers").required(),
            Attr::bool("secure").default("true"),
        ]),
    ])]);
