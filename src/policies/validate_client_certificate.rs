//! `validate-client-certificate` checks the certificate that the client presented.
//!
//! - `ignore-error`: true: carry on after a failed check; false: jump to on-error
//! - `identities/identity/@subject`: distinguished name; quote RDN values with special characters
//! - `identities/identity/@dns-name`: SAN dnsName
//! - `identities/identity/@issuer-certificate-id`: exclusive with the other issuer attributes
//!
//! At run time:
//! - all top-level checks must pass AND all attributes of at least one identity must match
//! - no identities element = only the top-level checks

use crate::document::spec::{Attr, ChildSpec, Section, Spec};

pub static SPEC: Spec = Spec::new("validate-client-certificate")
    .title("Validate client certificate")
    .sections(&[Section::Inbound])
    .attributes(&[
        Attr::bool("validate-revocation").default("true"),
        Attr::bool("validate-trust").default("true"),
        Attr::bool("validate-not-before").default("true"),
        Attr::bool("validate-not-after").default("true"),
        Attr::bool("ignore-error").default("false"),
    ])
    .children(&[ChildSpec::new("identities").children(&[ChildSpec::new("identity")
        .required()
        .at_most(10)
        .attributes(&[
            Attr::text("thumbprint"),
            Attr::text("serial-number"),
            Attr::text("common-name"),
            Attr::text("subject"),
            Attr::text("dns-name"),
            Attr::text("issuer-subject"),
            Attr::text("issuer-thumbprint"),
            Attr::text("issuer-certificate-id"),
        ])])]);
