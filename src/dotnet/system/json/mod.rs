//! `Newtonsoft.Json`: tokens, parsing, printing, paths, conversions.
//!
//! In: JSON text and .NET values. Out: `JToken`s and .NET values. A text is scanned once ([`document`]); its tokens become
//! objects when they are touched ([`token`]). Never: recursion over a document's depth without a bound.

mod annotations;
mod changing;
pub mod convert;
mod date;
mod deserialize;
mod document;
pub mod dynamic;
mod equality;
mod json_convert;
mod making;
mod members;
mod merging;
pub mod number;
mod path;
mod plain;
mod read_as;
mod reader;
mod readers;
mod select;
pub mod sequences;
mod serialize;
mod settings;
mod stream;
mod strict;
mod tables;
pub mod token;
mod write;
mod writers;
mod xml_nodes;
mod xml_read;

pub use document::Wanted;
pub use equality::order;
pub use json_convert::parse_without_dates;
pub use sequences::child_cursor as children;
pub use tables::TYPES;
pub use write::write;
