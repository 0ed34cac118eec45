//! Types that policies may use and this version does not run: known by name and member, so that `check` can say so.
//!
//! A type leaves this file when it is built in a file of its own; one that stands in both places is taken from there.

use crate::dotnet::member::TypeDef;

/// None at the moment.
pub static TYPES: &[&TypeDef] = &[];
