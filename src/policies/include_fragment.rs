//! `include-fragment` runs the statements of a policy fragment in its place.
//!
//! At run time:
//! - inlined as is before evaluation, id is static
//! - fragment root is `<fragment>`, max 512 KB, no sections, no base, no nested include-fragment
//! - contained policies must be legal where it is included
//! - also legal in resolver data sources
//! - editing rights on a policy are enough to include any fragment

use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Reference, Spec, Support};

pub static SPEC: Spec = Spec::new("include-fragment")
    .title("Include fragment")
    .support(Support::Built)
    .not_in_fragments()
    .attributes(&[Attr::text("fragment-id").required().refers(Reference::Fragment)]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    if let Some(id) = statement.attribute("fragment-id").and_then(|value| value.text()) {
        out.call_fragment(id);
    }
}
