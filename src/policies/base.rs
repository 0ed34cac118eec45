//! `base` runs what the wider scope says for this section.
//!
//! At run time:
//! - replaced by the effective content of the same section at the next broader scope
//! - left out = everything broader is dropped, global included
//! - at global scope it expands to nothing
//!
//! Limits: once per section (schema lets it repeat); not in fragments, resolvers or the global scope.

use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Spec, Support, Usage};

// The global document may hold it: there it has no effect.
pub static SPEC: Spec = Spec::new("base")
    .title("Inherit parent scope")
    .usage(Usage::OncePerSection)
    .support(Support::Built)
    .not_in_fragments();

pub fn lower(_: &Statement, out: &mut Builder<'_>) {
    out.call_base();
}
