//! `validate-graphql-request` checks a GraphQL query and who may see which field.
//!
//! - `max-size`: at most 102400 unless raised by support
//! - `max-total-depth`: editor schema only
//! - `max-complexity`: editor schema only
//! - `authorize/rule/@path`: /Type/field, or /__* for introspection
//!
//! At run time:
//! - reject fails the whole request (errors block, no data); remove drops the field and reports a field error;
//!   ignore falls to the next rule
//! - schema, size or depth failure is a request error
//! - errors are always put in variable GraphQLErrors, plus the named one
//! - authorization runs only for valid requests
//! - for each leaf field the most specific matching path wins (/Query/listUsers over /Query/*)
//! - permissions cannot be put on input types, fragments, unions, interfaces or the schema element
//! - one page example returns the action deny, which is not in the action table; treat as an error or as reject
//!   (open)
//!
//! Limits: may appear once per policy section; at most 250 query fields over all levels.

use crate::document::spec::{Attr, ChildSpec, Kind, Scope, Section, Spec, Usage};

pub static SPEC: Spec = Spec::new("validate-graphql-request")
    .title("Validate GraphQL request")
    .sections(&[Section::Inbound])
    .scopes(&[Scope::Global, Scope::Workspace, Scope::Product, Scope::Api])
    .usage(Usage::OncePerSection)
    .attributes(&[
        Attr::text("error-variable-name").expression(),
        Attr::new("max-size", Kind::Bytes).required().expression(),
        Attr::int("max-depth").expression().default("6"),
        Attr::int("max-total-depth").undocumented(),
        Attr::int("max-complexity").undocumented(),
    ])
    .children(&[ChildSpec::new("authorize").children(&[ChildSpec::new("rule").required().at_most(100).attributes(
        &[
            Attr::text("path").required(),
            Attr::one_of("action", &["allow", "remove", "reject", "ignore"]).expression().default("allow"),
        ],
    )])]);
