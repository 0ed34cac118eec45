//! `System.Xml.Linq`: trees of XML as objects of the request's heap.
//!
//! In: text and content. Out: nodes, queries over them, and text again. Never: a file, an address or an external entity.

pub mod content;
pub mod convert;
pub mod declaration;
pub mod name;
pub mod node;
pub mod read;
mod reader;
mod streaming;
mod tables;
mod walk;
pub mod write;
mod writer;

use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::TypeDef;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static TYPES: &[&TypeDef] = &[
    &tables::EXTENSIONS,
    &tables::XATTRIBUTE,
    &tables::XCDATA,
    &tables::XCOMMENT,
    &tables::XCONTAINER,
    &declaration::XDECLARATION,
    &tables::XDOCUMENT,
    &tables::XDOCUMENT_TYPE,
    &tables::XELEMENT,
    &name::XNAME,
    &name::XNAMESPACE,
    &tables::XNODE,
    &tables::ORDER_COMPARER,
    &tables::EQUALITY_COMPARER,
    &tables::XOBJECT,
    &tables::XINSTRUCTION,
    &tables::XTEXT,
    &tables::SAVE_OPTIONS,
    &tables::LOAD_OPTIONS,
    &tables::XML_NODE_TYPE,
    &reader::READER,
    &streaming::STREAMING,
    &writer::WRITER,
    &writer::SETTINGS,
    &writer::LEVEL,
    &writer::STATE,
    &reader::READ_STATE,
    &reader::SETTINGS,
    &reader::DTD_PROCESSING,
    &reader::READER_OPTIONS,
];

/// The `Value` of any node or attribute.
pub fn value_of(cx: &mut Call<'_>, of: Value) -> Result {
    match node::get(cx, of)?.data {
        node::Data::Text(text) | node::Data::CData(text) | node::Data::Comment(text) => Ok(text),
        node::Data::Attribute { value, .. } => Ok(value),
        node::Data::Instruction { data, .. } => Ok(data),
        _ => node::text_below(cx, of),
    }
}
