//! The tables of `XmlReader` and its settings.

use super::element;
use super::reader::{
    ELEMENT, END_ELEMENT, Reader, Settings, State, advance, attribute_at, attributes, close, create, find,
    get_attribute, here, is_start, kind, kind_value, move_to, parts, qualified, read_as, read_element_as,
    read_element_string, read_end, read_markup, read_start, read_string, read_to_descendant, read_to_following,
    read_to_sibling, skip, to_content, to_element, value,
};
use super::settings::setting;
use crate::dotnet::call::{enumeration, int};
use crate::dotnet::member::{
    Kind, Row, TypeDef, constructor, enum_value, indexer, method, property, property_set, static_method,
};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use std::sync::LazyLock;

pub static READER: TypeDef = TypeDef::new("System.Xml.XmlReader", Kind::Class, &[LOOKING, READING, TYPED])
    .is_abstract()
    .interfaces(&["IDisposable"])
    .off_list();

const LOOKING: &[Row] = &[
    static_method("XmlReader Create(TextReader input)", create),
    static_method("XmlReader Create(TextReader input, XmlReaderSettings settings)", create),
    property("int AttributeCount { get; }", |cx, a| Ok(Value::Int32(attributes(cx, a[0])?.len() as i32))),
    property("string BaseURI { get; }", |cx, _| cx.new_str("")),
    property("int Depth { get; }", |cx, a| {
        let inside = match cx.this::<Reader>(a[0])?.attribute {
            Some((_, on_value)) => 1 + i32::from(on_value),
            None => 0,
        };
        Ok(Value::Int32(here(cx, a[0])?.map_or(0, |stop| stop.depth + inside)))
    }),
    property("bool EOF { get; }", |cx, a| Ok(Value::Bool(cx.this::<Reader>(a[0])?.state == State::EndOfFile))),
    property("bool HasAttributes { get; }", |cx, a| Ok(Value::Bool(!attributes(cx, a[0])?.is_empty()))),
    property("bool HasValue { get; }", |cx, a| {
        let kind = kind(cx, a[0])?;
        Ok(Value::Bool(!matches!(kind, 0 | ELEMENT | END_ELEMENT)))
    }),
    property("bool IsEmptyElement { get; }", |cx, a| {
        Ok(Value::Bool(kind(cx, a[0])? == ELEMENT && here(cx, a[0])?.is_some_and(|stop| stop.is_empty)))
    }),
    indexer("string this[int i] { get; }", attribute_at),
    indexer("string this[string name] { get; }", get_attribute),
    indexer("string this[string name, string namespaceURI] { get; }", get_attribute),
    property("string LocalName { get; }", |cx, a| {
        let own = parts(cx, a[0])?;
        cx.new_str(&own.1)
    }),
    property("string Name { get; }", |cx, a| {
        let own = parts(cx, a[0])?;
        cx.new_str(&qualified(&own))
    }),
    property("string NamespaceURI { get; }", |cx, a| {
        let own = parts(cx, a[0])?;
        cx.new_str(&own.2)
    }),
    property("string Prefix { get; }", |cx, a| {
        let own = parts(cx, a[0])?;
        cx.new_str(&own.0)
    }),
    property("XmlNodeType NodeType { get; }", |cx, a| Ok(kind_value(kind(cx, a[0])?))),
    property("ReadState ReadState { get; }", |cx, a| {
        static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::named("System.Xml.ReadState"));
        Ok(Value::Enum { ty: *ID, value: cx.this::<Reader>(a[0])?.state as i64 })
    }),
    property("string Value { get; }", |cx, a| value(cx, a[0])),
    method("string ToString()", |cx, a| {
        let class = if cx.this::<Reader>(a[0])?.parses { "XmlTextReaderImpl" } else { "Linq.XNodeReader" };
        cx.new_str(&format!("System.Xml.{class}"))
    }),
    method("string GetAttribute(int i)", attribute_at),
    method("string GetAttribute(string name)", get_attribute),
    method("string GetAttribute(string name, string namespaceURI)", get_attribute),
    method("string LookupNamespace(string prefix)", |cx, a| {
        let Some(stop) = here(cx, a[0])?.filter(|stop| matches!(stop.kind, ELEMENT | END_ELEMENT)) else {
            return Ok(Value::Null);
        };
        let prefix = cx.heap.text(a[1]).unwrap_or_default().into_owned();
        match element::namespace_of_prefix(cx, stop.node, &prefix)? {
            Some(uri) => cx.new_str(&uri),
            None => Ok(Value::Null),
        }
    }),
];

const READING: &[Row] = &[
    method("void Close()", close),
    method("void Dispose()", close),
    method("bool Read()", |cx, a| Ok(Value::Bool(advance(cx, a[0])?))),
    method("bool IsStartElement()", is_start),
    method("bool IsStartElement(string name)", is_start),
    method("bool IsStartElement(string localname, string ns)", is_start),
    method("XmlNodeType MoveToContent()", |cx, a| Ok(kind_value(to_content(cx, a[0])?))),
    method("bool MoveToElement()", |cx, a| Ok(Value::Bool(to_element(cx, a[0])?))),
    method("bool MoveToFirstAttribute()", |cx, a| move_to(cx, a[0], Some(0))),
    method("bool MoveToNextAttribute()", |cx, a| {
        let next = cx.this::<Reader>(a[0])?.attribute.map_or(0, |(at, _)| at + 1);
        move_to(cx, a[0], Some(next))
    }),
    method("bool MoveToAttribute(string name)", |cx, a| {
        let found = find(cx, a)?.map(|(at, _)| at);
        move_to(cx, a[0], found)
    }),
    method("bool MoveToAttribute(string name, string ns)", |cx, a| {
        let found = find(cx, a)?.map(|(at, _)| at);
        move_to(cx, a[0], found)
    }),
    method("void MoveToAttribute(int i)", |cx, a| {
        attribute_at(cx, a)?;
        move_to(cx, a[0], usize::try_from(int(a[1])).ok())?;
        Ok(Value::Null)
    }),
    method("bool ReadAttributeValue()", |cx, a| {
        let reader = cx.this_mut::<Reader>(a[0])?;
        let goes = matches!(reader.attribute, Some((_, false)));
        if let (true, Some((_, on_value))) = (goes, &mut reader.attribute) {
            *on_value = true;
        }
        Ok(Value::Bool(goes))
    }),
    method("void Skip()", |cx, a| {
        skip(cx, a[0])?;
        Ok(Value::Null)
    }),
    method("void ReadStartElement()", read_start),
    method("void ReadStartElement(string name)", read_start),
    method("void ReadStartElement(string localname, string ns)", read_start),
    method("void ReadEndElement()", read_end),
    method("string ReadString()", |cx, a| read_string(cx, a[0])),
    method("string ReadElementString()", read_element_string),
    method("string ReadElementString(string name)", read_element_string),
    method("string ReadElementString(string localname, string ns)", read_element_string),
    method("string ReadInnerXml()", |cx, a| read_markup(cx, a[0], false)),
    method("string ReadOuterXml()", |cx, a| read_markup(cx, a[0], true)),
    method("bool ReadToFollowing(string name)", read_to_following),
    method("bool ReadToFollowing(string localName, string namespaceURI)", read_to_following),
    method("bool ReadToDescendant(string name)", read_to_descendant),
    method("bool ReadToDescendant(string localName, string namespaceURI)", read_to_descendant),
    method("bool ReadToNextSibling(string name)", read_to_sibling),
    method("bool ReadToNextSibling(string localName, string namespaceURI)", read_to_sibling),
];

macro_rules! typed {
    ($($csharp:literal $name:literal $dotnet:literal;)*) => {
        &[$(
            method(concat!($csharp, " ReadContentAs", $name, "()"), |cx, a| {
                read_as(cx, a[0], concat!("ReadContentAs", $name), ($name, $dotnet))
            }),
            method(concat!($csharp, " ReadElementContentAs", $name, "()"), |cx, a| {
                read_element_as(cx, a, concat!("ReadElementContentAs", $name), ($name, $dotnet))
            }),
            method(concat!($csharp, " ReadElementContentAs", $name, "(string localName, string namespaceURI)"), |cx, a| {
                read_element_as(cx, a, concat!("ReadElementContentAs", $name), ($name, $dotnet))
            }),
        )*]
    };
}

const TYPED: &[Row] = typed! {
    "string" "String" "String";
    "object" "Object" "String";
    "bool" "Boolean" "Boolean";
    "int" "Int" "Int32";
    "long" "Long" "Int64";
    "double" "Double" "Double";
    "float" "Float" "Single";
    "decimal" "Decimal" "Decimal";
    "DateTime" "DateTime" "DateTime";
    "DateTimeOffset" "DateTimeOffset" "DateTimeOffset";
};

pub static READ_STATE: TypeDef = TypeDef::new(
    "System.Xml.ReadState",
    Kind::Enum,
    &[&[
        enum_value("Initial = 0", 0),
        enum_value("Interactive = 1", 1),
        enum_value("Error = 2", 2),
        enum_value("EndOfFile = 3", 3),
        enum_value("Closed = 4", 4),
    ]],
)
.off_list();

pub static READER_OPTIONS: TypeDef = TypeDef::new(
    "System.Xml.Linq.ReaderOptions",
    Kind::Enum,
    &[&[enum_value("None = 0", 0), enum_value("OmitDuplicateNamespaces = 1", 1)]],
)
.off_list();

pub static DTD_PROCESSING: TypeDef = TypeDef::new(
    "System.Xml.DtdProcessing",
    Kind::Enum,
    &[&[enum_value("Prohibit = 0", 0), enum_value("Ignore = 1", 1), enum_value("Parse = 2", 2)]],
)
.off_list();

pub static SETTINGS: TypeDef = TypeDef::new(
    "System.Xml.XmlReaderSettings",
    Kind::Class,
    &[&[
        constructor("XmlReaderSettings()", |cx, _| {
            let ty = cx.returns;
            cx.heap.new_extension(ty, Settings::default())
        }),
        setting!("IgnoreWhitespace", no_white_space),
        setting!("IgnoreComments", no_comments),
        setting!("IgnoreProcessingInstructions", no_instructions),
        property_set(
            "DtdProcessing DtdProcessing { get; set; }",
            |cx, a| {
                static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::named("System.Xml.DtdProcessing"));
                Ok(Value::Enum { ty: *ID, value: cx.this::<Settings>(a[0])?.document_types })
            },
            |cx, a| {
                cx.this_mut::<Settings>(a[0])?.document_types = enumeration(a[1]);
                Ok(Value::Null)
            },
        ),
    ]],
)
.off_list();
