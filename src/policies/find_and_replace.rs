//! `find-and-replace` replaces a text in the body of the message at hand.
//!
//! - `to`: empty removes
//!
//! At run time:
//! - plain substring, not a pattern

use crate::document::spec::{Attr, Spec, Support};

pub static SPEC: Spec = Spec::new("find-and-replace")
    .title("Find and replace string in body")
    .support(Support::Built)
    .attributes(&[Attr::text("from").required().expression(), Attr::text("to").required().expression()]);
