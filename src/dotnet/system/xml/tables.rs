//! The tables of `System.Xml.Linq` and `System.Xml.XmlNodeType`.

use super::node::{self, Content, Data};
use super::read::{self, Wanted};
use super::walk::{self, Axis};
use super::{Result, content, convert, name, reader, streaming, value_of, write, writer};
use crate::dotnet::call::{Call, enumeration};
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::member::{
    Form, Kind, Native, Row, TypeDef, constructor, enum_value, method, operator, property, property_set, static_method,
    static_property,
};
use crate::dotnet::system::enumerate::{self, Cursor, sequence};
use crate::dotnet::system::{encoding, io, stream};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;

const NO_FILE: &str = "an expression has no files and no network";

// ---- objects

pub static XOBJECT: TypeDef = TypeDef::new("System.Xml.Linq.XObject", Kind::Class, &[OBJECT_ROWS]).is_abstract();

const OBJECT_ROWS: &[Row] = &[
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

fn node_type(cx: &mut Call<'_>, a: &[Value]) -> Result {
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

fn save(cx: &mut Call<'_>, a: &[Value]) -> Result {
    node::get(cx, a[0])?;
    let text = write::document_text(cx, a[0], a.get(2).map_or(0, |&options| enumeration(options)), "utf-16")?;
    io::write_text(cx, a[1], text)
}

/// `Save(stream[, options])`: UTF-8 with its mark.
fn save_bytes(cx: &mut Call<'_>, a: &[Value]) -> Result {
    node::get(cx, a[0])?;
    let text = write::document_text(cx, a[0], a.get(2).map_or(0, |&options| enumeration(options)), "utf-8")?;
    let mut bytes = b"\xEF\xBB\xBF".to_vec();
    bytes.extend(cx.heap.text(text).unwrap_or_default().as_bytes());
    stream::write(cx, a[1], &bytes)?;
    Ok(Value::Null)
}

fn load_bytes(cx: &mut Call<'_>, a: &[Value], wanted: Wanted) -> Result {
    let bytes = stream::rest(cx, a[0], "input")?;
    let bytes = cx.heap.new_bytes(bytes)?;
    let utf8 = encoding::utf8(cx)?;
    let text = encoding::decode(cx, utf8, bytes)?;
    read::load(cx, text, a.get(1).is_some_and(|&options| enumeration(options) & 1 != 0), wanted)
}

fn load(cx: &mut Call<'_>, a: &[Value], wanted: Wanted) -> Result {
    let text = io::read_to_end(cx, a[0])?;
    read::parse(cx, text, a.get(1).is_some_and(|&options| enumeration(options) & 1 != 0), wanted)
}

/// `new XElement(other)` and its relatives.
fn copy(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() { Err(Fault::argument_null("other")) } else { node::clone(cx, a[0]) }
}

// ---- elements

pub static XELEMENT: TypeDef =
    TypeDef::new("System.Xml.Linq.XElement", Kind::Class, &[ELEMENT_ROWS, ELEMENT_CONVERSIONS]).base("XContainer");

fn new_element(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let name = name::required(cx, a[0], "name")?;
    let element = node::new_element(cx, name)?;
    if let Some(&new) = a.get(1) {
        content::add(cx, element, new, true)?;
    }
    Ok(element)
}

const REPLACE_ALL: Native = |cx, a| {
    node::get(cx, a[0])?;
    let new = content::snapshot(cx, a[1])?;
    node::remove_attributes(cx, a[0])?;
    node::remove_nodes(cx, a[0])?;
    content::add(cx, a[0], new, false)?;
    Ok(Value::Null)
};

const REPLACE_ATTRIBUTES: Native = |cx, a| {
    node::get(cx, a[0])?;
    let new = content::snapshot(cx, a[1])?;
    node::remove_attributes(cx, a[0])?;
    content::add(cx, a[0], new, false)?;
    Ok(Value::Null)
};

const ELEMENT_ROWS: &[Row] = &[
    constructor("XElement(XName name)", new_element),
    constructor("XElement(XName name, object content)", new_element),
    constructor("XElement(XName name, params object[] content)", new_element),
    constructor("XElement(XElement other)", copy),
    constructor("XElement(XStreamingElement other)", streaming::element),
    method("IEnumerable<XElement> AncestorsAndSelf()", |cx, a| walk::query(cx, a, Axis::AncestorsAndSelf)),
    method("IEnumerable<XElement> AncestorsAndSelf(XName name)", |cx, a| walk::query(cx, a, Axis::AncestorsAndSelf)),
    method("XAttribute Attribute(XName name)", |cx, a| {
        node::get(cx, a[0])?;
        match name::given(cx, a[1]) {
            Some(name) => node::attribute(cx, a[0], &name),
            None => Ok(Value::Null),
        }
    }),
    method("IEnumerable<XAttribute> Attributes()", |cx, a| walk::query(cx, a, Axis::Attributes)),
    method("IEnumerable<XAttribute> Attributes(XName name)", |cx, a| walk::query(cx, a, Axis::Attributes)),
    method("IEnumerable<XNode> DescendantNodesAndSelf()", |cx, a| walk::query(cx, a, Axis::DescendantNodesAndSelf)),
    method("IEnumerable<XElement> DescendantsAndSelf()", |cx, a| walk::query(cx, a, Axis::DescendantsAndSelf)),
    method("IEnumerable<XElement> DescendantsAndSelf(XName name)", |cx, a| {
        walk::query(cx, a, Axis::DescendantsAndSelf)
    }),
    static_property("IEnumerable<XElement> EmptySequence { get; }", |cx, _| {
        cx.heap.new_array(TypeId::array(node::xelement()), Vec::new())
    }),
    property("XAttribute FirstAttribute { get; }", |cx, a| node::first_attribute(cx, a[0])),
    method("XNamespace GetDefaultNamespace()", |cx, a| {
        let uri = namespace_of_prefix(cx, a[0], "")?.unwrap_or_default();
        name::new_namespace(cx, uri.into())
    }),
    method("XNamespace GetNamespaceOfPrefix(string prefix)", |cx, a| {
        node::get(cx, a[0])?;
        let prefix = cx.text(a[1], "prefix")?.into_owned();
        if prefix.is_empty() {
            return Err(Fault::throw("System.ArgumentException", "'' is an invalid prefix."));
        }
        match &*prefix {
            "xmlns" => name::new_namespace(cx, name::XMLNS.into()),
            _ => match namespace_of_prefix(cx, a[0], &prefix)? {
                Some(uri) => name::new_namespace(cx, uri.into()),
                None if prefix == "xml" => name::new_namespace(cx, name::XML.into()),
                None => Ok(Value::Null),
            },
        }
    }),
    method("string GetPrefixOfNamespace(XNamespace ns)", prefix_of_namespace),
    property("bool HasAttributes { get; }", |cx, a| Ok(Value::Bool(!node::first_attribute(cx, a[0])?.is_null()))),
    property("bool HasElements { get; }", |cx, a| {
        let mut at = node::first(cx, a[0])?;
        while !at.is_null() && !node::is_element(cx, at) {
            cx.charge_fuel(1)?;
            at = node::next(cx, at)?;
        }
        Ok(Value::Bool(!at.is_null()))
    }),
    property("bool IsEmpty { get; }", |cx, a| Ok(Value::Bool(matches!(node::content(cx, a[0])?, Content::Nothing)))),
    property("XAttribute LastAttribute { get; }", |cx, a| node::last_attribute(cx, a[0])),
    Row::refused(Form::Method, true, "XElement Load(string uri)", NO_FILE),
    Row::refused(Form::Method, true, "XElement Load(string uri, LoadOptions options)", NO_FILE),
    static_method("XElement Load(Stream stream)", |cx, a| load_bytes(cx, a, Wanted::Element)),
    static_method("XElement Load(Stream stream, LoadOptions options)", |cx, a| load_bytes(cx, a, Wanted::Element)),
    static_method("XElement Load(TextReader textReader)", |cx, a| load(cx, a, Wanted::Element)),
    static_method("XElement Load(TextReader textReader, LoadOptions options)", |cx, a| load(cx, a, Wanted::Element)),
    static_method("XElement Load(XmlReader reader)", reader::load_element),
    static_method("XElement Load(XmlReader reader, LoadOptions options)", reader::load_element),
    property_set(
        "XName Name { get; set; }",
        |cx, a| {
            let name = node::name(cx, a[0])?;
            name::new_name(cx, name)
        },
        |cx, a| {
            node::get(cx, a[0])?;
            let new = name::required(cx, a[1], "value")?;
            if let Data::Element { name, .. } = &mut node::get_mut(cx, a[0])?.data {
                *name = new;
            }
            Ok(Value::Null)
        },
    ),
    property("XmlNodeType NodeType { get; }", node_type),
    static_method("XElement Parse(string text)", |cx, a| read::parse(cx, a[0], false, Wanted::Element)),
    static_method("XElement Parse(string text, LoadOptions options)", |cx, a| {
        read::parse(cx, a[0], enumeration(a[1]) & 1 != 0, Wanted::Element)
    }),
    method("void RemoveAll()", |cx, a| {
        node::remove_attributes(cx, a[0])?;
        node::remove_nodes(cx, a[0])?;
        Ok(Value::Null)
    }),
    method("void RemoveAttributes()", |cx, a| {
        node::remove_attributes(cx, a[0])?;
        Ok(Value::Null)
    }),
    method("void ReplaceAll(object content)", REPLACE_ALL),
    method("void ReplaceAll(params object[] content)", REPLACE_ALL),
    method("void ReplaceAttributes(object content)", REPLACE_ATTRIBUTES),
    method("void ReplaceAttributes(params object[] content)", REPLACE_ATTRIBUTES),
    Row::refused(Form::Method, false, "void Save(string fileName)", NO_FILE),
    Row::refused(Form::Method, false, "void Save(string fileName, SaveOptions options)", NO_FILE),
    method("void Save(Stream stream)", save_bytes),
    method("void Save(Stream stream, SaveOptions options)", save_bytes),
    method("void Save(TextWriter textWriter)", save),
    method("void Save(TextWriter textWriter, SaveOptions options)", save),
    method("void Save(XmlWriter writer)", writer::save),
    method("void SetAttributeValue(XName name, object value)", set_attribute_value),
    method("void SetElementValue(XName name, object value)", set_element_value),
    method("void SetValue(object value)", set_value),
    property_set("string Value { get; set; }", |cx, a| node::text_below(cx, a[0]), set_value),
    method("void WriteTo(XmlWriter writer)", writer::write_to),
];

const ELEMENT_CONVERSIONS: &[Row] = &[
    operator("string op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("bool op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("bool? op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("int op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("int? op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("uint op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("uint? op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("long op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("long? op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("ulong op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("ulong? op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("float op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("float? op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("double op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("double? op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("decimal op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("decimal? op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("DateTime op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("DateTime? op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("DateTimeOffset op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("DateTimeOffset? op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("TimeSpan op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("TimeSpan? op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("Guid op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
    operator("Guid? op_Explicit(XElement element)", |cx, a| convert::explicit(cx, a[0], "element")),
];

/// The namespace that a prefix stands for at an element (the empty prefix: the default namespace).
pub(super) fn namespace_of_prefix(cx: &mut Call<'_>, element: Value, prefix: &str) -> Result<Option<String>> {
    let mut at = element;
    node::get(cx, at)?;
    while node::is_element(cx, at) {
        let mut attribute = node::first_attribute(cx, at)?;
        while !attribute.is_null() {
            cx.charge_fuel(1)?;
            let own = node::name(cx, attribute)?;
            let declares = own.declares_namespace()
                && if prefix.is_empty() {
                    own.namespace.is_empty()
                } else {
                    !own.namespace.is_empty() && *own.local == *prefix
                };
            if declares {
                let uri = node::attribute_value(cx, attribute)?;
                return Ok(Some(cx.heap.text(uri).unwrap_or_default().into_owned()));
            }
            attribute = node::next(cx, attribute)?;
        }
        at = node::parent(cx, at)?;
    }
    Ok(None)
}

fn prefix_of_namespace(cx: &mut Call<'_>, a: &[Value]) -> Result {
    node::get(cx, a[0])?;
    let uri = cx.heap.extension::<name::XNamespace>(a[1]).ok_or_else(|| Fault::argument_null("ns"))?.0.clone();
    match prefix_of(cx, a[0], &uri)? {
        Some(prefix) => cx.new_str(&prefix),
        None => Ok(Value::Null),
    }
}

/// The nearest prefix that stands for a namespace at an element; the default is none.
pub(super) fn prefix_of(cx: &mut Call<'_>, element: Value, uri: &str) -> Result<Option<String>> {
    let mut at = element;
    while node::is_element(cx, at) {
        let mut attribute = node::first_attribute(cx, at)?;
        while !attribute.is_null() {
            cx.charge_fuel(1)?;
            let own = node::name(cx, attribute)?;
            let value = node::attribute_value(cx, attribute)?;
            if own.declares_namespace()
                && !own.namespace.is_empty()
                && !uri.is_empty()
                && cx.heap.str(value).is_some_and(|value| value.eq_text(uri))
                && namespace_of_prefix(cx, element, &own.local)?.as_deref() == Some(uri)
            {
                return Ok(Some(own.local.to_string()));
            }
            attribute = node::next(cx, attribute)?;
        }
        at = node::parent(cx, at)?;
    }
    Ok(match uri {
        name::XML => Some("xml".to_owned()),
        name::XMLNS => Some("xmlns".to_owned()),
        _ => None,
    })
}

fn set_value(cx: &mut Call<'_>, a: &[Value]) -> Result {
    node::get(cx, a[0])?;
    if a[1].is_null() {
        return Err(Fault::argument_null("value"));
    }
    let text = convert::to_text(cx, a[1])?;
    replace_value(cx, a[0], text)
}

fn replace_value(cx: &mut Call<'_>, element: Value, text: Value) -> Result {
    node::remove_nodes(cx, element)?;
    content::add_text(cx, element, text, false)?;
    Ok(Value::Null)
}

fn set_element_value(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = walk::element(cx, a[0], a[1])?;
    if a[2].is_null() {
        if !own.is_null() {
            node::remove(cx, own)?;
        }
        return Ok(Value::Null);
    }
    let text = convert::to_text(cx, a[2])?;
    if !own.is_null() {
        return replace_value(cx, own, text);
    }
    let new = new_element(cx, &[a[1], text])?;
    content::add_node(cx, a[0], new)?;
    Ok(Value::Null)
}

fn set_attribute_value(cx: &mut Call<'_>, a: &[Value]) -> Result {
    node::get(cx, a[0])?;
    let own = match name::given(cx, a[1]) {
        Some(name) => node::attribute(cx, a[0], &name)?,
        None => Value::Null,
    };
    if a[2].is_null() {
        if !own.is_null() {
            node::remove_attribute(cx, own)?;
        }
    } else if own.is_null() {
        let new = content::new_attribute(cx, a[1], a[2])?;
        content::add_attribute(cx, a[0], new)?;
    } else {
        set_attribute(cx, &[own, a[2]])?;
    }
    Ok(Value::Null)
}

// ---- attributes

pub static XATTRIBUTE: TypeDef =
    TypeDef::new("System.Xml.Linq.XAttribute", Kind::Class, &[ATTRIBUTE_ROWS, ATTRIBUTE_CONVERSIONS]).base("XObject");

fn set_attribute(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let name = node::name(cx, a[0])?;
    if a[1].is_null() {
        return Err(Fault::argument_null("value"));
    }
    let text = convert::to_text(cx, a[1])?;
    content::check_declaration(cx, &name, text)?;
    if let Data::Attribute { value, .. } = &mut node::get_mut(cx, a[0])?.data {
        *value = text;
    }
    Ok(Value::Null)
}

const ATTRIBUTE_ROWS: &[Row] = &[
    constructor("XAttribute(XName name, object value)", |cx, a| content::new_attribute(cx, a[0], a[1])),
    constructor("XAttribute(XAttribute other)", copy),
    static_property("IEnumerable<XAttribute> EmptySequence { get; }", |cx, _| {
        cx.heap.new_array(TypeId::array(node::xattribute()), Vec::new())
    }),
    property("bool IsNamespaceDeclaration { get; }", |cx, a| {
        Ok(Value::Bool(node::name(cx, a[0])?.declares_namespace()))
    }),
    property("XName Name { get; }", |cx, a| {
        let name = node::name(cx, a[0])?;
        name::new_name(cx, name)
    }),
    property("XAttribute NextAttribute { get; }", |cx, a| node::next(cx, a[0])),
    property("XmlNodeType NodeType { get; }", node_type),
    property("XAttribute PreviousAttribute { get; }", |cx, a| Ok(node::get(cx, a[0])?.previous)),
    method("void Remove()", |cx, a| {
        node::remove_attribute(cx, a[0])?;
        Ok(Value::Null)
    }),
    method("void SetValue(object value)", set_attribute),
    method("string ToString()", |cx, a| write::attribute_text(cx, a[0])),
    property_set("string Value { get; set; }", |cx, a| node::attribute_value(cx, a[0]), set_attribute),
];

const ATTRIBUTE_CONVERSIONS: &[Row] = &[
    operator("string op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("bool op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("bool? op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("int op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("int? op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("uint op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("uint? op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("long op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("long? op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("ulong op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("ulong? op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("float op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("float? op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("double op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("double? op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("decimal op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("decimal? op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("DateTime op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("DateTime? op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("DateTimeOffset op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("DateTimeOffset? op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("TimeSpan op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("TimeSpan? op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("Guid op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
    operator("Guid? op_Explicit(XAttribute attribute)", |cx, a| convert::explicit(cx, a[0], "attribute")),
];

// ---- leaves

fn given(value: Value, parameter: &str) -> Result {
    if value.is_null() { Err(Fault::argument_null(parameter)) } else { Ok(value) }
}

fn set_leaf(cx: &mut Call<'_>, a: &[Value]) -> Result {
    node::get(cx, a[0])?;
    let new = given(a[1], "value")?;
    if let Data::Text(text) | Data::CData(text) | Data::Comment(text) = &mut node::get_mut(cx, a[0])?.data {
        *text = new;
    }
    Ok(Value::Null)
}

pub static XTEXT: TypeDef = TypeDef::new(
    "System.Xml.Linq.XText",
    Kind::Class,
    &[&[
        constructor("XText(string value)", |cx, a| node::new(cx, Data::Text(given(a[0], "value")?))),
        constructor("XText(XText other)", |cx, a| {
            let text = value_of(cx, given(a[0], "other")?)?;
            node::new(cx, Data::Text(text))
        }),
        property("XmlNodeType NodeType { get; }", node_type),
        property_set("string Value { get; set; }", |cx, a| value_of(cx, a[0]), set_leaf),
        method("void WriteTo(XmlWriter writer)", writer::write_to),
    ]],
)
.base("XNode");

pub static XCDATA: TypeDef = TypeDef::new(
    "System.Xml.Linq.XCData",
    Kind::Class,
    &[&[
        constructor("XCData(string value)", |cx, a| node::new(cx, Data::CData(given(a[0], "value")?))),
        constructor("XCData(XCData other)", copy),
        property("XmlNodeType NodeType { get; }", node_type),
        method("void WriteTo(XmlWriter writer)", writer::write_to),
    ]],
)
.base("XText");

pub static XCOMMENT: TypeDef = TypeDef::new(
    "System.Xml.Linq.XComment",
    Kind::Class,
    &[&[
        constructor("XComment(string value)", |cx, a| node::new(cx, Data::Comment(given(a[0], "value")?))),
        constructor("XComment(XComment other)", copy),
        property("XmlNodeType NodeType { get; }", node_type),
        property_set("string Value { get; set; }", |cx, a| value_of(cx, a[0]), set_leaf),
        method("void WriteTo(XmlWriter writer)", writer::write_to),
    ]],
)
.base("XNode");

fn check_target(cx: &Call<'_>, target: Value, parameter: &str) -> Result<()> {
    let text = cx.text(target, parameter)?;
    name::verify(&text)?;
    if text.eq_ignore_ascii_case("xml") {
        let message = format!("'{text}' is an invalid name for a processing instruction.");
        return Err(Fault::throw("System.ArgumentException", message));
    }
    Ok(())
}

fn part(cx: &Call<'_>, this: Value, at: usize) -> Result {
    Ok(match node::get(cx, this)?.data {
        Data::Instruction { target, data } => [target, data, Value::Null, Value::Null][at],
        Data::DocumentType { name, public, system, subset } => [name, public, system, subset][at],
        _ => Value::Null,
    })
}

fn set_part(cx: &mut Call<'_>, a: &[Value], at: usize) -> Result {
    match &mut node::get_mut(cx, a[0])?.data {
        Data::Instruction { target, data } => *(if at == 0 { target } else { data }) = a[1],
        Data::DocumentType { name, public, system, subset } => {
            *[name, public, system, subset][at] = a[1];
        }
        _ => {}
    }
    Ok(Value::Null)
}

pub static XINSTRUCTION: TypeDef = TypeDef::new(
    "System.Xml.Linq.XProcessingInstruction",
    Kind::Class,
    &[&[
        constructor("XProcessingInstruction(string target, string data)", |cx, a| {
            given(a[1], "data")?;
            check_target(cx, a[0], "target")?;
            node::new(cx, Data::Instruction { target: a[0], data: a[1] })
        }),
        constructor("XProcessingInstruction(XProcessingInstruction other)", copy),
        property_set(
            "string Data { get; set; }",
            |cx, a| part(cx, a[0], 1),
            |cx, a| {
                given(a[1], "value")?;
                set_part(cx, a, 1)
            },
        ),
        property("XmlNodeType NodeType { get; }", node_type),
        property_set(
            "string Target { get; set; }",
            |cx, a| part(cx, a[0], 0),
            |cx, a| {
                check_target(cx, a[1], "value")?;
                set_part(cx, a, 0)
            },
        ),
        method("void WriteTo(XmlWriter writer)", writer::write_to),
    ]],
)
.base("XNode");

pub static XDOCUMENT_TYPE: TypeDef = TypeDef::new(
    "System.Xml.Linq.XDocumentType",
    Kind::Class,
    &[&[
        constructor("XDocumentType(string name, string publicId, string systemId, string internalSubset)", |cx, a| {
            let name = cx.text(a[0], "name")?.into_owned();
            name::verify_with_colons(&name)?;
            node::new(cx, Data::DocumentType { name: a[0], public: a[1], system: a[2], subset: a[3] })
        }),
        constructor("XDocumentType(XDocumentType other)", copy),
        property_set("string InternalSubset { get; set; }", |cx, a| part(cx, a[0], 3), |cx, a| set_part(cx, a, 3)),
        property_set(
            "string Name { get; set; }",
            |cx, a| part(cx, a[0], 0),
            |cx, a| {
                let name = cx.text(a[1], "value")?.into_owned();
                name::verify_with_colons(&name)?;
                set_part(cx, a, 0)
            },
        ),
        property("XmlNodeType NodeType { get; }", node_type),
        property_set("string PublicId { get; set; }", |cx, a| part(cx, a[0], 1), |cx, a| set_part(cx, a, 1)),
        property_set("string SystemId { get; set; }", |cx, a| part(cx, a[0], 2), |cx, a| set_part(cx, a, 2)),
        method("void WriteTo(XmlWriter writer)", writer::write_to),
    ]],
)
.base("XNode");

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
