//! What a validation does with what does not fit.

use crate::document::spec::Attr;

/// An attribute that says it: let it pass, refuse the message, or tell and let it pass.
pub(super) const fn action(name: &'static str) -> Attr {
    Attr::one_of(name, &["ignore", "prevent", "detect"]).required().expression()
}
