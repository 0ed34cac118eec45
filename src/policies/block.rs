//! `block` groups policies.
//!
//! At run time:
//! - editor schema only; groups policies under one id

use crate::document::spec::{ChildSpec, Spec, Status};

pub static SPEC: Spec =
    Spec::new("block").title("Grouping element").status(Status::Undocumented).children(&[ChildSpec::policies()]);
