//! The types of .NET's own libraries and of Newtonsoft.Json: a file per type or family, gathered here.

pub mod collections;
pub mod display;
pub mod enumerate;
mod enumeration;
pub mod exception;
pub mod format;
mod guid;
pub mod linq;
pub mod object;

use super::member::TypeDef;

/// One line per type; a family's file may hold several.
pub static TYPES: &[&TypeDef] = &[
    &object::OBJECT,
    &enumeration::ENUM,
    &guid::GUID,
    &exception::EXCEPTION,
    &exception::ARGUMENT_NULL,
    &exception::ARGUMENT_OUT_OF_RANGE,
    &exception::OBJECT_DISPOSED,
];
