//! The tables of `System.Xml.Linq` and `System.Xml.XmlNodeType`, but those of elements and of what holds no other node.

use super::leaves::given;
use super::node::{self, Data};
use super::read::{self, Wanted};
use super::walk::{self, Axis};
use super::{Result, content, reader, write, writer};
use crate::dotnet::call::{Call, enumeration};
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::member::{
    Form, Kind, Native, Row, TypeDef, constructor, enum_value, method, property, property_set, static_method,
    static_property,
};
use crate::dotnet::system::enumerate::{self, Cursor, sequence};
use crate::dotnet::system::{encoding, io, stream};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;

pub(super) const NO_FILE: &str = "an expression has no files and no network";

// ---- objects

pub static XOBJECT: TypeDef = TypeDef::new("System.Xml.Linq.XObject", Kind::Class, &[OBJECT_ROWS]).is_abstract();

const OBJECT_ROWS: &[Row] = &[
    Row::event("event EventHandler<XObjectChangeEventArgs> Changed"),
    Row::event("event EventHandler<XObjectChangeEventArgs> Changing"),
    method("void AddAnnotation(object annotation)", |cx, a| {
        if a[1].is_null() {
            return Err(Fault::argument_null("annotation"));
        }
        cx.heap.charge(size_of::<Value>())?;
        node::get_mut(cx, a[0])?.annotations.push(a[1]);
        Ok(Value::Null)
    }),
    method("object Annotation(Type type)", |cx, a| first_annotation(cx, a[0], given_type(a[1])?)),
    method("T Annotation<T>()", |cx, a| {
        let wanted = cx.type_arguments.last().copied().unwrap_or_else(types::object);
        first_annotation(cx, a[0], wanted)
    }),
    method("IEnumerable<object> Annotations(Type type)", |cx, a| annotations(cx, a[0], given_type(a[1])?)),
    method("IEnumerable<T> Annotations<T>()", |cx, a| {
        let wanted = cx.type_arguments.last().copied().unwrap_or_else(types::object);
        annotations(cx, a[0], wanted)
    }),
    property("string BaseUri { get; }", |cx, a| {
        node::get(cx, a[0])?;
        cx.new_str("")
    }),
    property("XDocument Document { get; }", |cx, a| {
        let root = node::root(cx, a[0])?;
        Ok(if node::is_document(cx, root) { root } else { Value::Null })
    }),
    property("XmlNodeType NodeType { get; }", node_type),
    property("XElement Parent { get; }", |cx, a| {
        let parent = node::parent(cx, a[0])?;
        Ok(if node::is_element(cx, parent) { parent } else { Value::Null })
    }),
    method("void RemoveAnnotations(Type type)", |cx, a| remove_annotations(cx, a[0], given_type(a[1])?)),
    method("void RemoveAnnotations<T>()", |cx, a| {
        let wanted = cx.type_arguments.last().copied().unwrap_or_else(types::object);
        remove_annotations(cx, a[0], wanted)
    }),
];

fn given_type(value: Value) -> Result<TypeId> {
    match value {
        Value::Type(ty) => Ok(ty),
        _ => Err(Fault::argument_null("type")),
    }
}

fn annotations_of(cx: &mut Call<'_>, this: Value, wanted: TypeId) -> Result<Vec<Value>> {
    let all = node::get(cx, this)?.annotations.clone();
    cx.charge_fuel(all.len())?;
    Ok(all.into_iter().filter(|&own| inherit::is_instance(cx.heap, own, wanted)).collect())
}

fn first_annotation(cx: &mut Call<'_>, this: Value, wanted: TypeId) -> Result {
    Ok(annotations_of(cx, this, wanted)?.first().copied().unwrap_or(Value::Null))
}

fn annotations(cx: &mut Call<'_>, this: Value, wanted: TypeId) -> Result {
    node::get(cx, this)?;
    let ty = cx.returns;
    sequence(cx, ty, move |cx| Ok(Cursor::over(annotations_of(cx, this, wanted)?)))
}

fn remove_annotations(cx: &mut Call<'_>, this: Value, wanted: TypeId) -> Result {
    let mut kept = node::get(cx, this)?.annotations.clone();
    kept.retain(|&own| !inherit::is_instance(cx.heap, own, wanted));
    node::get_mut(cx, this)?.annotations = kept;
    Ok(Value::Null)
}

pub(super) fn node_type(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Enum { ty: node::xml_node_type(), value: node::kind(cx, a[0])? })
}

// ---- nodes

pub static XNODE: TypeDef =
    TypeDef::new("System.Xml.Linq.XNode", Kind::Class, &[NODE_ROWS]).base("XObject").is_abstract();

const NODE_ROWS: &[Row] = &[
    method("void AddAfterSelf(object content)", add_after),
    method("void AddAfterSelf(params object[] content)", add_after),
    method("void AddBeforeSelf(object content)", add_before),
    method("void AddBeforeSelf(params object[] content)", add_before),
    method("IEnumerable<XElement> Ancestors()", |cx, a| walk::query(cx, a, Axis::Ancestors)),
    method("IEnumerable<XElement> Ancestors(XName name)", |cx, a| walk::query(cx, a, Axis::Ancestors)),
    static_method("int CompareDocumentOrder(XNode n1, XNode n2)", |cx, a| {
        Ok(Value::Int32(walk::order(cx, a[0], a[1])? as i32))
    }),
    method("XmlReader CreateReader()", reader::of_node),
    method("XmlReader CreateReader(ReaderOptions readerOptions)", reader::of_node),
    static_method("bool DeepEquals(XNode n1, XNode n2)", |cx, a| Ok(Value::Bool(walk::deep_equals(cx, a[0], a[1])?))),
    static_property("XNodeDocumentOrderComparer DocumentOrderComparer { get; }", NEW_ORDER),
    method("IEnumerable<XElement> ElementsAfterSelf()", |cx, a| walk::query(cx, a, Axis::ElementsAfter)),
    method("IEnumerable<XElement> ElementsAfterSelf(XName name)", |cx, a| walk::query(cx, a, Axis::ElementsAfter)),
    method("IEnumerable<XElement> ElementsBeforeSelf()", |cx, a| walk::query(cx, a, Axis::ElementsBefore)),
    method("IEnumerable<XElement> ElementsBeforeSelf(XName name)", |cx, a| walk::query(cx, a, Axis::ElementsBefore)),
    static_property("XNodeEqualityComparer EqualityComparer { get; }", NEW_EQUALITY),
    method("bool IsAfter(XNode node)", |cx, a| {
        node::get(cx, a[0])?;
        Ok(Value::Bool(walk::order(cx, a[0], a[1])?.is_gt()))
    }),
    method("bool IsBefore(XNode node)", |cx, a| {
        node::get(cx, a[0])?;
        Ok(Value::Bool(walk::order(cx, a[0], a[1])?.is_lt()))
    }),
    property("XNode NextNode { get; }", |cx, a| node::next(cx, a[0])),
    method("IEnumerable<XNode> NodesAfterSelf()", |cx, a| walk::query(cx, a, Axis::NodesAfter)),
    method("IEnumerable<XNode> NodesBeforeSelf()", |cx, a| walk::query(cx, a, Axis::NodesBefore)),
    property("XNode PreviousNode { get; }", |cx, a| Ok(node::get(cx, a[0])?.previous)),
    static_method("XNode ReadFrom(XmlReader reader)", reader::read_from),
    method("void Remove()", |cx, a| {
        node::remove(cx, a[0])?;
        Ok(Value::Null)
    }),
    method("void ReplaceWith(object content)", replace_with),
    method("void ReplaceWith(params object[] content)", replace_with),
    method("string ToString()", |cx, a| {
        node::get(cx, a[0])?;
        write::to_text(cx, a[0], 0)
    }),
    method("string ToString(SaveOptions options)", |cx, a| {
        node::get(cx, a[0])?;
        write::to_text(cx, a[0], enumeration(a[1]))
    }),
    method("void WriteTo(XmlWriter writer)", writer::write_to),
];

fn add_after(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let container = node::parent(cx, a[0])?;
    if container.is_null() {
        return Err(node::no_parent());
    }
    content::insert(cx, container, a[0], a[1])?;
    Ok(Value::Null)
}

fn add_before(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = node::get(cx, a[0])?;
    let (container, previous) = (own.parent, own.previous);
    if container.is_null() {
        return Err(node::no_parent());
    }
    content::insert(cx, container, previous, a[1])?;
    Ok(Value::Null)
}

fn replace_with(cx: &mut Call<'_>, a: &[Value]) -> Result {
    content::replace_with(cx, a[0], a[1])?;
    Ok(Value::Null)
}

// ---- containers

pub static XCONTAINER: TypeDef =
    TypeDef::new("System.Xml.Linq.XContainer", Kind::Class, &[CONTAINER_ROWS]).base("XNode").is_abstract();

const ADD: Native = |cx, a| {
    node::get(cx, a[0])?;
    content::add(cx, a[0], a[1], false)?;
    Ok(Value::Null)
};

const ADD_FIRST: Native = |cx, a| {
    node::get(cx, a[0])?;
    content::insert(cx, a[0], Value::Null, a[1])?;
    Ok(Value::Null)
};

const REPLACE_NODES: Native = |cx, a| {
    node::get(cx, a[0])?;
    let new = content::snapshot(cx, a[1])?;
    node::remove_nodes(cx, a[0])?;
    content::add(cx, a[0], new, false)?;
    Ok(Value::Null)
};

const CONTAINER_ROWS: &[Row] = &[
    method("void Add(object content)", ADD),
    method("void Add(params object[] content)", ADD),
    method("void AddFirst(object content)", ADD_FIRST),
    method("void AddFirst(params object[] content)", ADD_FIRST),
    method("XmlWriter CreateWriter()", writer::of_container),
    method("IEnumerable<XNode> DescendantNodes()", |cx, a| walk::query(cx, a, Axis::DescendantNodes)),
    method("IEnumerable<XElement> Descendants()", |cx, a| walk::query(cx, a, Axis::Descendants)),
    method("IEnumerable<XElement> Descendants(XName name)", |cx, a| walk::query(cx, a, Axis::Descendants)),
    method("XElement Element(XName name)", |cx, a| walk::element(cx, a[0], a[1])),
    method("IEnumerable<XElement> Elements()", |cx, a| walk::query(cx, a, Axis::Elements)),
    method("IEnumerable<XElement> Elements(XName name)", |cx, a| walk::query(cx, a, Axis::Elements)),
    property("XNode FirstNode { get; }", |cx, a| {
        node::text_to_node(cx, a[0])?;
        node::first(cx, a[0])
    }),
    property("XNode LastNode { get; }", |cx, a| {
        node::text_to_node(cx, a[0])?;
        node::last(cx, a[0])
    }),
    method("IEnumerable<XNode> Nodes()", |cx, a| walk::query(cx, a, Axis::Nodes)),
    method("void RemoveNodes()", |cx, a| {
        node::remove_nodes(cx, a[0])?;
        Ok(Value::Null)
    }),
    method("void ReplaceNodes(object content)", REPLACE_NODES),
    method("void ReplaceNodes(params object[] content)", REPLACE_NODES),
];

// ---- documents

pub static XDOCUMENT: TypeDef =
    TypeDef::new("System.Xml.Linq.XDocument", Kind::Class, &[DOCUMENT_ROWS]).base("XContainer");

const DOCUMENT_ROWS: &[Row] = &[
    constructor("XDocument()", |cx, _| node::new_document(cx, Value::Null)),
    constructor("XDocument(params object[] content)", |cx, a| filled_document(cx, Value::Null, a[0])),
    constructor("XDocument(XDeclaration declaration, params object[] content)", |cx, a| {
        filled_document(cx, a[0], a[1])
    }),
    constructor("XDocument(XDocument other)", copy),
    property_set(
        "XDeclaration Declaration { get; set; }",
        |cx, a| match node::get(cx, a[0])?.data {
            Data::Document { declaration, .. } => Ok(declaration),
            _ => Ok(Value::Null),
        },
        |cx, a| {
            if let Data::Document { declaration, .. } = &mut node::get_mut(cx, a[0])?.data {
                *declaration = a[1];
            }
            Ok(Value::Null)
        },
    ),
    property("XDocumentType DocumentType { get; }", |cx, a| {
        let mut at = node::first(cx, a[0])?;
        while !at.is_null() && node::kind(cx, at)? != 10 {
            at = node::next(cx, at)?;
        }
        Ok(at)
    }),
    property("XmlNodeType NodeType { get; }", node_type),
    static_method("XDocument Parse(string text)", |cx, a| read::parse(cx, a[0], false, Wanted::Document)),
    static_method("XDocument Parse(string text, LoadOptions options)", |cx, a| {
        read::parse(cx, a[0], enumeration(a[1]) & 1 != 0, Wanted::Document)
    }),
    static_method("XDocument Load(TextReader textReader)", |cx, a| load(cx, a, Wanted::Document)).off_list(),
    static_method("XDocument Load(TextReader textReader, LoadOptions options)", |cx, a| load(cx, a, Wanted::Document))
        .off_list(),
    property("XElement Root { get; }", |cx, a| walk::root_element(cx, a[0])),
    method("void Save(Stream stream)", save_bytes),
    method("void Save(Stream stream, SaveOptions options)", save_bytes),
    method("void Save(TextWriter textWriter)", save),
    method("void Save(TextWriter textWriter, SaveOptions options)", save),
    method("void Save(XmlWriter writer)", writer::save),
    Row::refused(Form::Method, false, "void Save(string fileName)", NO_FILE),
    Row::refused(Form::Method, false, "void Save(string fileName, SaveOptions options)", NO_FILE),
    method("void WriteTo(XmlWriter writer)", writer::write_to),
];

fn filled_document(cx: &mut Call<'_>, declaration: Value, new: Value) -> Result {
    let document = node::new_document(cx, declaration)?;
    content::add(cx, document, new, true)?;
    Ok(document)
}

pub(super) fn save(cx: &mut Call<'_>, a: &[Value]) -> Result {
    node::get(cx, a[0])?;
    let text = write::document_text(cx, a[0], a.get(2).map_or(0, |&options| enumeration(options)), "utf-16")?;
    io::write_text(cx, a[1], text)
}

/// `Save(stream[, options])`: UTF-8 with its mark.
pub(super) fn save_bytes(cx: &mut Call<'_>, a: &[Value]) -> Result {
    node::get(cx, a[0])?;
    let text = write::document_text(cx, a[0], a.get(2).map_or(0, |&options| enumeration(options)), "utf-8")?;
    let mut bytes = b"\xEF\xBB\xBF".to_vec();
    bytes.extend(cx.heap.text(text).unwrap_or_default().as_bytes());
    stream::write(cx, a[1], &bytes)?;
    Ok(Value::Null)
}

pub(super) fn load_bytes(cx: &mut Call<'_>, a: &[Value], wanted: Wanted) -> Result {
    let bytes = stream::rest(cx, a[0], "input")?;
    let bytes = cx.heap.new_bytes(bytes)?;
    let utf8 = encoding::utf8(cx)?;
    let text = encoding::decode(cx, utf8, bytes)?;
    read::load(cx, text, a.get(1).is_some_and(|&options| enumeration(options) & 1 != 0), wanted)
}

pub(super) fn load(cx: &mut Call<'_>, a: &[Value], wanted: Wanted) -> Result {
    let text = io::read_to_end(cx, a[0])?;
    read::parse(cx, text, a.get(1).is_some_and(|&options| enumeration(options) & 1 != 0), wanted)
}

/// `new XElement(other)` and its relatives.
pub(super) fn copy(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() { Err(Fault::argument_null("other")) } else { node::clone(cx, a[0]) }
}

// ---- comparers

#[derive(Debug)]
struct Comparer;

const NEW_ORDER: Native =
    |cx, _| cx.heap.new_extension(TypeId::named("System.Xml.Linq.XNodeDocumentOrderComparer"), Comparer);

const NEW_EQUALITY: Native =
    |cx, _| cx.heap.new_extension(TypeId::named("System.Xml.Linq.XNodeEqualityComparer"), Comparer);

pub static ORDER_COMPARER: TypeDef = TypeDef::new(
    "System.Xml.Linq.XNodeDocumentOrderComparer",
    Kind::Class,
    &[&[
        constructor("XNodeDocumentOrderComparer()", NEW_ORDER),
        method("int Compare(XNode x, XNode y)", |cx, a| Ok(Value::Int32(walk::order(cx, a[1], a[2])? as i32))),
    ]],
)
.interfaces(&["IComparer<XNode>"]);

pub static EQUALITY_COMPARER: TypeDef = TypeDef::new(
    "System.Xml.Linq.XNodeEqualityComparer",
    Kind::Class,
    &[&[
        constructor("XNodeEqualityComparer()", NEW_EQUALITY),
        method("bool Equals(XNode x, XNode y)", |cx, a| Ok(Value::Bool(walk::deep_equals(cx, a[1], a[2])?))),
        method("int GetHashCode(XNode obj)", |cx, a| Ok(Value::Int32(walk::hash(cx, a[1])?))),
    ]],
)
.interfaces(&["IEqualityComparer<XNode>"]);

// ---- extension methods

pub static EXTENSIONS: TypeDef = TypeDef::new("System.Xml.Linq.Extensions", Kind::Static, &[EXTENSION_ROWS]);

const REMOVE_ALL: Native = |cx, a| {
    let all = enumerate::collect(cx, given(a[0], "source")?)?;
    for item in all {
        cx.charge_fuel(1)?;
        if node::is_attribute(cx, item) {
            node::remove_attribute(cx, item)?;
        } else if !item.is_null() {
            node::remove(cx, item)?;
        }
    }
    Ok(Value::Null)
};

const EXTENSION_ROWS: &[Row] = &[
    static_method("IEnumerable<XElement> Ancestors<T>(this IEnumerable<T> source)", |cx, a| {
        walk::query_all(cx, a, Axis::Ancestors)
    }),
    static_method("IEnumerable<XElement> Ancestors<T>(this IEnumerable<T> source, XName name)", |cx, a| {
        walk::query_all(cx, a, Axis::Ancestors)
    }),
    static_method("IEnumerable<XElement> AncestorsAndSelf(this IEnumerable<XElement> source)", |cx, a| {
        walk::query_all(cx, a, Axis::AncestorsAndSelf)
    }),
    static_method("IEnumerable<XElement> AncestorsAndSelf(this IEnumerable<XElement> source, XName name)", |cx, a| {
        walk::query_all(cx, a, Axis::AncestorsAndSelf)
    }),
    static_method("IEnumerable<XAttribute> Attributes(this IEnumerable<XElement> source)", |cx, a| {
        walk::query_all(cx, a, Axis::Attributes)
    }),
    static_method("IEnumerable<XAttribute> Attributes(this IEnumerable<XElement> source, XName name)", |cx, a| {
        walk::query_all(cx, a, Axis::Attributes)
    }),
    static_method("IEnumerable<XNode> DescendantNodes<T>(this IEnumerable<T> source)", |cx, a| {
        walk::query_all(cx, a, Axis::DescendantNodes)
    }),
    static_method("IEnumerable<XNode> DescendantNodesAndSelf(this IEnumerable<XElement> source)", |cx, a| {
        walk::query_all(cx, a, Axis::DescendantNodesAndSelf)
    }),
    static_method("IEnumerable<XElement> Descendants<T>(this IEnumerable<T> source)", |cx, a| {
        walk::query_all(cx, a, Axis::Descendants)
    }),
    static_method("IEnumerable<XElement> Descendants<T>(this IEnumerable<T> source, XName name)", |cx, a| {
        walk::query_all(cx, a, Axis::Descendants)
    }),
    static_method("IEnumerable<XElement> DescendantsAndSelf(this IEnumerable<XElement> source)", |cx, a| {
        walk::query_all(cx, a, Axis::DescendantsAndSelf)
    }),
    static_method(
        "IEnumerable<XElement> DescendantsAndSelf(this IEnumerable<XElement> source, XName name)",
        |cx, a| walk::query_all(cx, a, Axis::DescendantsAndSelf),
    ),
    static_method("IEnumerable<XElement> Elements<T>(this IEnumerable<T> source)", |cx, a| {
        walk::query_all(cx, a, Axis::Elements)
    }),
    static_method("IEnumerable<XElement> Elements<T>(this IEnumerable<T> source, XName name)", |cx, a| {
        walk::query_all(cx, a, Axis::Elements)
    }),
    static_method("IEnumerable<XNode> Nodes<T>(this IEnumerable<T> source)", |cx, a| {
        walk::query_all(cx, a, Axis::Nodes)
    }),
    static_method("IEnumerable<T> InDocumentOrder<T>(this IEnumerable<T> source)", walk::in_document_order),
    static_method("void Remove(this IEnumerable<XAttribute> source)", REMOVE_ALL),
    static_method("void Remove<T>(this IEnumerable<T> source)", REMOVE_ALL),
];

// ---- enums

pub static SAVE_OPTIONS: TypeDef = TypeDef::new(
    "System.Xml.Linq.SaveOptions",
    Kind::Enum,
    &[&[
        enum_value("DisableFormatting = 1", 1),
        enum_value("None = 0", 0),
        enum_value("OmitDuplicateNamespaces = 2", 2),
    ]],
)
.off_list();

pub static LOAD_OPTIONS: TypeDef = TypeDef::new(
    "System.Xml.Linq.LoadOptions",
    Kind::Enum,
    &[&[
        enum_value("None = 0", 0),
        enum_value("PreserveWhitespace = 1", 1),
        enum_value("SetBaseUri = 2", 2),
        enum_value("SetLineInfo = 4", 4),
    ]],
)
.off_list();

pub static XML_NODE_TYPE: TypeDef = TypeDef::new(
    "System.Xml.XmlNodeType",
    Kind::Enum,
    &[&[
        enum_value("Attribute = 2", 2),
        enum_value("CDATA = 4", 4),
        enum_value("Comment = 8", 8),
        enum_value("Document = 9", 9),
        enum_value("DocumentFragment = 11", 11),
        enum_value("DocumentType = 10", 10),
        enum_value("Element = 1", 1),
        enum_value("EndElement = 15", 15),
        enum_value("EndEntity = 16", 16),
        enum_value("Entity = 6", 6),
        enum_value("EntityReference = 5", 5),
        enum_value("None = 0", 0),
        enum_value("Notation = 12", 12),
        enum_value("ProcessingInstruction = 7", 7),
        enum_value("SignificantWhitespace = 14", 14),
        enum_value("Text = 3", 3),
        enum_value("Whitespace = 13", 13),
        enum_value("XmlDeclaration = 17", 17),
    ]],
);
