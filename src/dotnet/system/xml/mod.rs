//! `System.Xml.Linq`: trees of XML as objects of the request's heap.
//!
//! In: text and content. Out: nodes, queries over them, and text again. Never: a file, an address or an external entity.

pub mod content;
pub mod convert;
pub mod declaration;
mod document_type;
mod element;
pub mod encoded_name;
mod leaves;
pub mod name;
mod name_characters;
pub mod node;
pub mod read;
mod reader;
mod reader_tables;
mod schema_date;
mod settings;
mod streaming;
mod tables;
mod walk;
pub mod write;
mod writer;
mod xml_convert;

use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::TypeDef;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static TYPES: &[&TypeDef] = &[
    &tables::EXTENSIONS,
    &leaves::XATTRIBUTE,
    &leaves::XCDATA,
    &leaves::XCOMMENT,
    &tables::XCONTAINER,
    &declaration::XDECLARATION,
    &tables::XDOCUMENT,
    &leaves::XDOCUMENT_TYPE,
    &element::XELEMENT,
    &name::XNAME,
    &name::XNAMESPACE,
    &tables::XNODE,
    &tables::ORDER_COMPARER,
    &tables::EQUALITY_COMPARER,
    &tables::XOBJECT,
    &leaves::XINSTRUCTION,
    &leaves::XTEXT,
    &tables::SAVE_OPTIONS,
    &tables::LOAD_OPTIONS,
    &tables::XML_NODE_TYPE,
    &reader_tables::READER,
    &streaming::STREAMING,
    &writer::WRITER,
    &writer::SETTINGS,
    &writer::LEVEL,
    &writer::STATE,
    &reader_tables::READ_STATE,
    &reader_tables::SETTINGS,
    &reader_tables::DTD_PROCESSING,
    &reader_tables::READER_OPTIONS,
    &xml_convert::XML_CONVERT,
    &xml_convert::MODE,
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
