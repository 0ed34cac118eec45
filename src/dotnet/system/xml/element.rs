//! The table of `XElement`.

use super::leaves::set_attribute;
use super::node::{self, Content, Data};
use super::read::{self, Wanted};
use super::tables::{NO_FILE, copy, load, load_bytes, node_type, save, save_bytes};
use super::walk::{self, Axis};
use super::{Result, content, convert, name, reader, streaming, writer};
use crate::dotnet::call::{Call, enumeration};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{
    Form, Kind, Native, Row, TypeDef, constructor, method, operator, property, property_set, static_method,
    static_property,
};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

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
