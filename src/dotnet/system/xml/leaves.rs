//! The tables of attributes, and of nodes that hold no others: texts, comments, instructions, document types.

use super::node::{self, Data};
use super::tables::{copy, node_type};
use super::{Result, content, convert, name, value_of, write, writer};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{
    Kind, Row, TypeDef, constructor, method, operator, property, property_set, static_property,
};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

pub static XATTRIBUTE: TypeDef =
    TypeDef::new("System.Xml.Linq.XAttribute", Kind::Class, &[ATTRIBUTE_ROWS, ATTRIBUTE_CONVERSIONS]).base("XObject");

pub(super) fn set_attribute(cx: &mut Call<'_>, a: &[Value]) -> Result {
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

pub(super) fn given(value: Value, parameter: &str) -> Result {
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
