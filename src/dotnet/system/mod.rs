//! The types of .NET's own libraries and of Newtonsoft.Json: a file per type or family, gathered here.

pub mod enumerate;
mod object;

use super::member::TypeDef;

/// One line per type; a family's file may hold several.
pub static TYPES: &[&TypeDef] = &[&object::OBJECT];
