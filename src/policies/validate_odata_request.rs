//! `validate-odata-request` checks the request of an OData API.
//!
//! - `default-odata-version`: when OData-Version header is absent
//!
//! Limits: may appear once per policy section; OData APIs only.

use crate::document::spec::{Attr, Kind, Scope, Section, Spec, Usage};

pub static SPEC: Spec = Spec::new("validate-odata-request")
    .title("Validate OData request")
    .sections(&[Section::Inbound])
    .scopes(&[Scope::Global, Scope::Workspace, Scope::Product, Scope::Api])
    .usage(Usage::OncePerSection)
    .attributes(&[
        Attr::text("error-variable-name"),
        Attr::text("default-odata-version").default("4.0"),
        Attr::text("min-odata-version"),
        Attr::text("max-odata-version"),
        Attr::new("max-size", Kind::Bytes),
    ]);
