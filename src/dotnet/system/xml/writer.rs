//! `System.Xml.XmlWriter`: what is written becomes a tree, which goes into a text when the writer is flushed or closed, or
//! into a container (`XContainer.CreateWriter`) when it is closed.
//!
//! In: names, texts and nodes in the order of the document. Out: text or nodes. Never: a file.

use super::name::{self, Name};
use super::node::{self, Content, Data};
use super::settings::setting;
use super::{Result, content, convert, reader, write};
use crate::dotnet::call::{Call, enumeration};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{
    Kind, Row, TypeDef, constructor, enum_value, method, property, property_set, static_method,
};
use crate::dotnet::system::{builder, io};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use std::sync::LazyLock;

#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) indent: bool,
    pub(super) no_declaration: bool,
    /// `ConformanceLevel`: Auto, Fragment, Document.
    pub(super) level: i64,
}

#[derive(Clone, Copy, Debug)]
enum Target {
    /// A `StringBuilder`.
    Builder(Value),
    Text(Value),
    Container(Value),
}

#[derive(Debug)]
struct Writer {
    target: Target,
    settings: Settings,
    /// Holds what is written at the top.
    holder: Value,
    /// Elements that are open, with the prefixes that they and their attributes ask for.
    open: Vec<(Value, Vec<(String, String)>)>,
    /// Attributes may follow.
    in_tag: bool,
    has_root: bool,
    begun: bool,
    declaration: Option<String>,
    /// How much of the text is in the target.
    given: usize,
    closed: bool,
}

fn new(cx: &mut Call<'_>, target: Target, settings: Settings) -> Result {
    static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::named("System.Xml.XmlWriter"));
    let holder = name::make(cx, "holder", "".into())?;
    let holder = node::new_element(cx, holder)?;
    let writer = Writer {
        target,
        settings,
        holder,
        open: Vec::new(),
        in_tag: false,
        has_root: false,
        begun: false,
        declaration: None,
        given: 0,
        closed: false,
    };
    cx.heap.new_extension(*ID, writer)
}

const USUAL: Settings = Settings { indent: false, no_declaration: false, level: 2 };

fn create(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let settings = a.get(1).and_then(|&given| cx.heap.extension::<Settings>(given)).copied().unwrap_or(USUAL);
    let target = match a[0] {
        Value::Null => return Err(Fault::argument_null("output")),
        given if builder::is_builder(cx, given) => Target::Builder(given),
        given => Target::Text(given),
    };
    new(cx, target, settings)
}

/// `XContainer.CreateWriter()`.
pub fn of_container(cx: &mut Call<'_>, a: &[Value]) -> Result {
    node::get(cx, a[0])?;
    new(cx, Target::Container(a[0]), Settings { level: 1, ..USUAL })
}

fn refused(token: &str, state: &str, hint: bool) -> Fault {
    let hint = if hint {
        " Make sure that the ConformanceLevel setting is set to ConformanceLevel.Fragment or ConformanceLevel.Auto if you want to write an XML fragment. "
    } else {
        ""
    };
    let message = format!("Token {token} in state {state} would result in an invalid XML document.{hint}");
    Fault::invalid_operation(message)
}

/// The writer, where something may still be written.
fn at<'a>(cx: &'a mut Call<'_>, this: Value) -> Result<&'a mut Writer> {
    cx.charge_fuel(1)?;
    let writer = cx.this_mut::<Writer>(this)?;
    if writer.closed { Err(Fault::invalid_operation("The Writer is closed or in error state.")) } else { Ok(writer) }
}

/// Where the next node goes; what may not stand at the top is refused.
fn place(cx: &mut Call<'_>, this: Value, token: &str) -> Result {
    let writer = at(cx, this)?;
    writer.in_tag = false;
    if let Some((element, _)) = writer.open.last() {
        return Ok(*element);
    }
    let is_document = writer.settings.level == 2;
    let state = match (writer.has_root, writer.begun) {
        (true, _) => "EndRootElement",
        (false, true) => "Prolog",
        _ => "Start",
    };
    let may_stand = match token {
        "StartElement" => !writer.has_root,
        "Text" | "CData" => false,
        _ => true,
    };
    if is_document && !may_stand {
        return Err(refused(token, state, true));
    }
    writer.begun = true;
    writer.has_root |= token == "StartElement";
    Ok(writer.holder)
}

fn put(cx: &mut Call<'_>, this: Value, token: &str, made: Value) -> Result {
    let place = place(cx, this, token)?;
    node::text_to_node(cx, place)?;
    node::append(cx, place, made)?;
    Ok(Value::Null)
}

/// Writes a node and all that is below it: `XNode.WriteTo`.
fn put_node(cx: &mut Call<'_>, this: Value, own: Value) -> Result<()> {
    let token = match &node::get(cx, own)?.data {
        Data::Element { .. } => "StartElement",
        Data::Text(_) => "Text",
        Data::CData(_) => "CData",
        Data::Comment(_) => "Comment",
        Data::Instruction { .. } => "PI",
        _ => "Dtd",
    };
    let copy = node::clone(cx, own)?;
    put(cx, this, token, copy)?;
    // Prefixes that the tree around it declares stay in use.
    let mut named = if token == "StartElement" { copy } else { Value::Null };
    let mut attribute = if named.is_null() { Value::Null } else { node::first_attribute(cx, copy)? };
    while !named.is_null() {
        let space = node::name(cx, named)?.namespace.clone();
        if !space.is_empty() && &*space != name::XMLNS && super::element::prefix_of(cx, copy, &space)?.is_none() {
            if let Some(prefix) = super::element::prefix_of(cx, own, &space)? {
                declare(cx, copy, &prefix, &space)?;
            }
        }
        named = attribute;
        attribute = if named.is_null() { Value::Null } else { node::next(cx, named)? };
    }
    Ok(())
}

pub fn write_to(cx: &mut Call<'_>, a: &[Value]) -> Result {
    node::get(cx, a[0])?;
    if a[1].is_null() {
        return Err(Fault::argument_null("writer"));
    }
    if !node::is_document(cx, a[0]) {
        put_node(cx, a[1], a[0])?;
        return Ok(Value::Null);
    }
    if let Data::Document { declaration, .. } = node::get(cx, a[0])?.data
        && let Some(own) = cx.heap.extension::<super::declaration::Declaration>(declaration).copied()
    {
        let standalone = cx.heap.text(own.0[2]).unwrap_or_default().into_owned();
        begin(cx, a[1], Some(&standalone).filter(|text| matches!(text.as_str(), "yes" | "no")).map(String::as_str))?;
    }
    let mut child = node::first(cx, a[0])?;
    while !child.is_null() {
        put_node(cx, a[1], child)?;
        child = node::next(cx, child)?;
    }
    Ok(Value::Null)
}

fn begin(cx: &mut Call<'_>, this: Value, standalone: Option<&str>) -> Result<()> {
    let writer = at(cx, this)?;
    if writer.begun {
        return Err(Fault::invalid_operation(
            "Cannot write XML declaration. WriteStartDocument method has already written it.",
        ));
    }
    writer.begun = true;
    writer.declaration = standalone.map(|text| format!(" standalone=\"{text}\""));
    Ok(())
}

// ---- elements and attributes

/// A name of a prefix, a local name and a namespace, each of which may be null.
fn named(
    cx: &mut Call<'_>,
    prefix: Value,
    local: Value,
    space: Value,
    this: Value,
) -> Result<(std::sync::Arc<Name>, String, String)> {
    let local = cx.heap.text(local).unwrap_or_default().into_owned();
    let prefix = cx.heap.text(prefix).unwrap_or_default().into_owned();
    if local.is_empty() {
        let message = "The empty string '' is not a valid local name.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    let space = match cx.heap.text(space) {
        Some(space) => space.into_owned(),
        // What the prefix, or none, stands for here.
        None => known(cx, this, &prefix)?.unwrap_or_default(),
    };
    let units: Vec<u16> = local.encode_utf16().collect();
    let bad = |(at, unit): (usize, &u16)| !name::continues_name(*unit) || at == 0 && !name::starts_name(*unit);
    if let Some(at) = units.iter().enumerate().position(bad) {
        let why = name::bad_character(&units[at..], false);
        let message = format!("Invalid name character in '{local}'. {why}");
        return Err(Fault::throw("System.ArgumentException", message));
    }
    let made = name::make(cx, &local, space.as_str().into())?;
    Ok((made, prefix, space))
}

/// The namespace of a prefix among the elements that are open.
fn known(cx: &mut Call<'_>, this: Value, prefix: &str) -> Result<Option<String>> {
    let writer = cx.this::<Writer>(this)?;
    for (element, asked) in writer.open.iter().rev() {
        if let Some((_, space)) = asked.iter().rev().find(|(own, _)| own == prefix) {
            return Ok(Some(space.clone()));
        }
        // An element that goes by a prefix says nothing of the default.
        let own = node::name(cx, *element)?;
        let has_prefix = !asked.is_empty()
            || writer.open.iter().any(|(_, asked)| asked.iter().any(|(_, space)| **space == *own.namespace));
        if prefix.is_empty() && !has_prefix {
            return Ok(Some(own.namespace.to_string()));
        }
    }
    Ok(None)
}

fn start_element(cx: &mut Call<'_>, this: Value, prefix: Value, local: Value, space: Value) -> Result {
    let (made, prefix, space) = named(cx, prefix, local, space, this)?;
    let element = node::new_element(cx, made)?;
    put(cx, this, "StartElement", element)?;
    cx.heap.charge(64)?;
    let asked = if prefix.is_empty() { Vec::new() } else { vec![(prefix, space)] };
    let writer = cx.this_mut::<Writer>(this)?;
    writer.open.push((element, asked));
    writer.in_tag = true;
    Ok(Value::Null)
}

fn end_element(cx: &mut Call<'_>, this: Value, full: bool) -> Result {
    let writer = at(cx, this)?;
    let (has_root, begun) = (writer.has_root, writer.begun);
    writer.in_tag = false;
    let Some((element, asked)) = writer.open.pop() else {
        let state = if has_root {
            "EndRootElement"
        } else if begun {
            "Prolog"
        } else {
            "Start"
        };
        return Err(refused("EndElement", state, true));
    };
    for (prefix, space) in asked {
        declare(cx, element, &prefix, &space)?;
    }
    if full && matches!(node::content(cx, element)?, Content::Nothing) {
        let empty = cx.new_str("")?;
        node::set_content(cx, element, Content::Text(empty))?;
    }
    Ok(Value::Null)
}

/// Declares a prefix at an element, unless it stands for the namespace there.
fn declare(cx: &mut Call<'_>, element: Value, prefix: &str, space: &str) -> Result<()> {
    if super::element::namespace_of_prefix(cx, element, prefix)?.as_deref() == Some(space) {
        return Ok(());
    }
    let own = name::make(cx, prefix, name::XMLNS.into())?;
    let value = cx.new_str(space)?;
    let attribute = node::new(cx, Data::Attribute { name: own, value })?;
    node::append_attribute(cx, element, attribute)
}

fn attribute(cx: &mut Call<'_>, this: Value, [prefix, local, space, value]: [Value; 4]) -> Result {
    let writer = at(cx, this)?;
    let (in_tag, target) = (writer.in_tag, writer.target);
    let inside = writer.open.last().map(|(element, _)| *element);
    let value = if value.is_null() { cx.new_str("")? } else { value };
    // Without a prefix an attribute has no namespace.
    let space = if space.is_null() && prefix.is_null() { cx.new_str("")? } else { space };
    let (mut own, prefix, space) = named(cx, prefix, local, space, this)?;
    if prefix == "xmlns" {
        own = name::make(cx, &own.local, name::XMLNS.into())?;
    }
    let attribute = node::new(cx, Data::Attribute { name: own, value })?;
    match (inside, target) {
        (Some(element), _) if in_tag => {
            let same = node::name(cx, attribute)?;
            if !node::attribute(cx, element, &same)?.is_null() {
                let shown = if prefix.is_empty() { same.local.to_string() } else { format!("{prefix}:{}", same.local) };
                let message = format!("'{shown}' is a duplicate attribute name.");
                return Err(Fault::throw("System.Xml.XmlException", message));
            }
            node::append_attribute(cx, element, attribute)?;
            if !prefix.is_empty()
                && prefix != "xmlns"
                && let Some((_, asked)) = cx.this_mut::<Writer>(this)?.open.last_mut()
                && !asked.iter().any(|(own, _)| *own == prefix)
            {
                asked.push((prefix, space));
            }
            Ok(Value::Null)
        }
        (Some(_), _) => Err(refused("StartAttribute", "Element Content", false)),
        (None, Target::Container(container)) => {
            content::add(cx, container, attribute, false)?;
            Ok(Value::Null)
        }
        (None, _) => Err(refused("StartAttribute", "Start", true)),
    }
}

fn text(cx: &mut Call<'_>, this: Value, text: Value) -> Result {
    if text.is_null() {
        return Ok(Value::Null);
    }
    if cx.heap.str(text).is_none_or(|text| text.is_empty()) {
        // It closes the start tag all the same.
        let place = place(cx, this, "Text")?;
        if matches!(node::content(cx, place)?, Content::Nothing) {
            let empty = cx.new_str("")?;
            node::set_content(cx, place, Content::Text(empty))?;
        }
        return Ok(Value::Null);
    }
    let place = place(cx, this, "Text")?;
    content::add_text(cx, place, text, true)?;
    Ok(Value::Null)
}

fn element_string(cx: &mut Call<'_>, this: Value, [prefix, local, space, value]: [Value; 4]) -> Result {
    start_element(cx, this, prefix, local, space)?;
    if cx.heap.str(value).is_some_and(|value| !value.is_empty()) {
        text(cx, this, value)?;
    }
    end_element(cx, this, false)
}

// ---- giving it away

fn flush(cx: &mut Call<'_>, this: Value) -> Result {
    let writer = cx.this::<Writer>(this)?;
    let (holder, settings, target, given) = (writer.holder, writer.settings, writer.target, writer.given);
    // What is open is not complete yet.
    if !writer.open.is_empty() || !writer.begun || matches!(target, Target::Container(_)) {
        return Ok(Value::Null);
    }
    let standalone = writer.declaration.clone().unwrap_or_default();
    let declaration = (settings.level == 2 && !settings.no_declaration)
        .then(|| format!("<?xml version=\"1.0\" encoding=\"utf-16\"{standalone}?>"));
    let whole = write::fragment_text(cx, holder, settings.indent, declaration.as_deref())?;
    let len = cx.heap.str(whole).map_or(0, |text| text.len());
    let rest = cx.heap.substring(whole, given.min(len), len - given.min(len))?;
    cx.this_mut::<Writer>(this)?.given = len;
    match target {
        Target::Builder(builder) => builder::APPEND(cx, &[builder, rest]),
        Target::Text(writer) => io::write_text(cx, writer, rest),
        Target::Container(_) => Ok(Value::Null),
    }
}

fn close(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if cx.this::<Writer>(a[0])?.closed {
        return Ok(Value::Null);
    }
    while !cx.this::<Writer>(a[0])?.open.is_empty() {
        end_element(cx, a[0], false)?;
    }
    flush(cx, a[0])?;
    let writer = cx.this_mut::<Writer>(a[0])?;
    writer.closed = true;
    if let Target::Container(container) = writer.target {
        let holder = writer.holder;
        node::text_to_node(cx, holder)?;
        let mut child = node::first(cx, holder)?;
        while !child.is_null() {
            let copy = node::clone(cx, child)?;
            content::add(cx, container, copy, false)?;
            child = node::next(cx, child)?;
        }
    }
    Ok(Value::Null)
}

/// `XElement.Save(writer)`, `XDocument.Save(writer)`.
pub fn save(cx: &mut Call<'_>, a: &[Value]) -> Result {
    node::get(cx, a[0])?;
    if a[1].is_null() {
        return Err(Fault::argument_null("writer"));
    }
    if !node::is_document(cx, a[0]) {
        begin(cx, a[1], None)?;
    }
    write_to(cx, a)?;
    flush(cx, a[1])
}

// ---- the tables

pub static WRITER: TypeDef = TypeDef::new("System.Xml.XmlWriter", Kind::Class, &[ROWS, VALUES])
    .is_abstract()
    .interfaces(&["IDisposable"])
    .off_list();

const NONE: Value = Value::Null;

const ROWS: &[Row] = &[
    static_method("XmlWriter Create(StringBuilder output)", create),
    static_method("XmlWriter Create(StringBuilder output, XmlWriterSettings settings)", create),
    static_method("XmlWriter Create(TextWriter output)", create),
    static_method("XmlWriter Create(TextWriter output, XmlWriterSettings settings)", create),
    method("void Close()", close),
    method("void Dispose()", close),
    method("void Flush()", |cx, a| flush(cx, a[0])),
    property("WriteState WriteState { get; }", |cx, a| {
        static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::named("System.Xml.WriteState"));
        let writer = cx.this::<Writer>(a[0])?;
        let state = match (writer.closed, writer.open.is_empty(), writer.in_tag) {
            (true, ..) => 5,
            (_, false, true) => 2,
            (_, false, false) => 4,
            _ if writer.has_root => 4,
            _ if writer.begun => 1,
            _ => 0,
        };
        Ok(Value::Enum { ty: *ID, value: state })
    }),
    method("void WriteStartDocument()", |cx, a| begin(cx, a[0], None).map(|()| Value::Null)),
    method("void WriteStartDocument(bool standalone)", |cx, a| {
        let standalone = if matches!(a[1], Value::Bool(true)) { "yes" } else { "no" };
        begin(cx, a[0], Some(standalone)).map(|()| Value::Null)
    }),
    method("void WriteEndDocument()", |cx, a| {
        while !at(cx, a[0])?.open.is_empty() {
            end_element(cx, a[0], false)?;
        }
        if at(cx, a[0])?.has_root { Ok(Value::Null) } else { Err(refused("EndDocument", "Document", false)) }
    }),
    method("void WriteStartElement(string localName)", |cx, a| start_element(cx, a[0], NONE, a[1], NONE)),
    method("void WriteStartElement(string localName, string ns)", |cx, a| start_element(cx, a[0], NONE, a[1], a[2])),
    method("void WriteStartElement(string prefix, string localName, string ns)", |cx, a| {
        start_element(cx, a[0], a[1], a[2], a[3])
    }),
    method("void WriteEndElement()", |cx, a| end_element(cx, a[0], false)),
    method("void WriteFullEndElement()", |cx, a| end_element(cx, a[0], true)),
    method("void WriteElementString(string localName, string value)", |cx, a| {
        element_string(cx, a[0], [NONE, a[1], NONE, a[2]])
    }),
    method("void WriteElementString(string localName, string ns, string value)", |cx, a| {
        element_string(cx, a[0], [NONE, a[1], a[2], a[3]])
    }),
    method("void WriteElementString(string prefix, string localName, string ns, string value)", |cx, a| {
        element_string(cx, a[0], [a[1], a[2], a[3], a[4]])
    }),
    method("void WriteAttributeString(string localName, string value)", |cx, a| {
        attribute(cx, a[0], [NONE, a[1], NONE, a[2]])
    }),
    method("void WriteAttributeString(string localName, string ns, string value)", |cx, a| {
        attribute(cx, a[0], [NONE, a[1], a[2], a[3]])
    }),
    method("void WriteAttributeString(string prefix, string localName, string ns, string value)", |cx, a| {
        attribute(cx, a[0], [a[1], a[2], a[3], a[4]])
    }),
    method("void WriteString(string text)", |cx, a| text(cx, a[0], a[1])),
    method("void WriteCData(string text)", |cx, a| {
        let value = if a[1].is_null() { cx.new_str("")? } else { a[1] };
        let made = node::new(cx, Data::CData(value))?;
        put(cx, a[0], "CData", made)
    }),
    method("void WriteComment(string text)", |cx, a| {
        let value = if a[1].is_null() { cx.new_str("")? } else { a[1] };
        let made = node::new(cx, Data::Comment(value))?;
        put(cx, a[0], "Comment", made)
    }),
    method("void WriteProcessingInstruction(string name, string text)", |cx, a| {
        let own = cx.text(a[1], "name")?.into_owned();
        name::verify(&own)?;
        let data = if a[2].is_null() { cx.new_str("")? } else { a[2] };
        let made = node::new(cx, Data::Instruction { target: a[1], data })?;
        put(cx, a[0], "PI", made)
    }),
    method("void WriteNode(XmlReader reader, bool defattr)", |cx, a| {
        for own in reader::all_from(cx, a[1])? {
            put_node(cx, a[0], own)?;
        }
        Ok(Value::Null)
    }),
];

macro_rules! values {
    ($($ty:literal),*) => {
        &[$(method(concat!("void WriteValue(", $ty, " value)"), |cx, a| {
            let shown = if a[1].is_null() { a[1] } else { convert::to_text(cx, a[1])? };
            text(cx, a[0], shown)
        }),)*]
    };
}

const VALUES: &[Row] =
    values!("string", "bool", "int", "long", "float", "double", "decimal", "DateTime", "DateTimeOffset", "object");

pub static SETTINGS: TypeDef = TypeDef::new(
    "System.Xml.XmlWriterSettings",
    Kind::Class,
    &[&[
        constructor("XmlWriterSettings()", |cx, _| {
            let ty = cx.returns;
            cx.heap.new_extension(ty, USUAL)
        }),
        setting!("Indent", indent),
        setting!("OmitXmlDeclaration", no_declaration),
        property_set(
            "ConformanceLevel ConformanceLevel { get; set; }",
            |cx, a| {
                static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::named("System.Xml.ConformanceLevel"));
                Ok(Value::Enum { ty: *ID, value: cx.this::<Settings>(a[0])?.level })
            },
            |cx, a| {
                cx.this_mut::<Settings>(a[0])?.level = enumeration(a[1]);
                Ok(Value::Null)
            },
        ),
    ]],
)
.off_list();

pub static LEVEL: TypeDef = TypeDef::new(
    "System.Xml.ConformanceLevel",
    Kind::Enum,
    &[&[enum_value("Auto = 0", 0), enum_value("Fragment = 1", 1), enum_value("Document = 2", 2)]],
)
.off_list();

pub static STATE: TypeDef = TypeDef::new(
    "System.Xml.WriteState",
    Kind::Enum,
    &[&[
        enum_value("Start = 0", 0),
        enum_value("Prolog = 1", 1),
        enum_value("Element = 2", 2),
        enum_value("Attribute = 3", 3),
        enum_value("Content = 4", 4),
        enum_value("Closed = 5", 5),
        enum_value("Error = 6", 6),
    ]],
)
.off_list();
