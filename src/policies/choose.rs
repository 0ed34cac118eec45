//! `choose` runs the first branch whose condition holds, or the last resort.
//!
//! At run time:
//! - first true branch only; later conditions are not evaluated
//! - empty branches are fine

use crate::document::spec::{Attr, ChildSpec, Spec, Support};

pub static SPEC: Spec = Spec::new("choose")
    .title("Control flow")
    .support(Support::Built)
    .children(&[
        ChildSpec::new("when")
            .required()
            .repeats()
            .attributes(&[Attr::bool("condition").required().expression()])
            .children(&[ChildSpec::policies()]),
        ChildSpec::new("otherwise").children(&[ChildSpec::policies()]),
    ])
    .sequence();
