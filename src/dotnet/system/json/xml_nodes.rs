//! XML as JSON and back, as Newtonsoft's `XmlNodeConverter` maps one to the other.
//!
//! In: nodes of LINQ to XML, or tokens. Out: pieces for a JSON writer, or a document. Never: entities, files.

use super::token::{self, Result, Type};
use super::writers::{Inside, Piece, put};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::system::display;
use crate::dotnet::system::xml::node::{self, Content, Data};
use crate::dotnet::system::xml::{content, convert as xml_text, declaration, name, value_of};
use crate::dotnet::value::Value;
use std::sync::Arc;

/// The namespace of the converter's own attributes.
const OWN: &str = "http://james.newtonking.com/projects/json";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
const FAILED: &str = "Newtonsoft.Json.JsonSerializationException";

/// Prefixes in scope, the innermost last.
type Scope = Vec<(String, String)>;

fn lookup_prefix<'a>(scope: &'a Scope, namespace: &str) -> Option<&'a str> {
    match namespace {
        "" => None,
        XMLNS => Some("xmlns"),
        "http://www.w3.org/XML/1998/namespace" => Some("xml"),
        _ => scope.iter().rev().find(|(_, own)| own == namespace).map(|(prefix, _)| prefix.as_str()),
    }
}

fn lookup_namespace<'a>(scope: &'a Scope, prefix: &str) -> Option<&'a str> {
    match prefix {
        "xmlns" => Some(XMLNS),
        "xml" => Some("http://www.w3.org/XML/1998/namespace"),
        _ => scope.iter().rev().find(|(own, _)| own == prefix).map(|(_, namespace)| namespace.as_str()),
    }
}

// ---- to JSON

/// Writes a node; with `bare`, without an object around the root.
pub fn write(cx: &mut Call<'_>, writer: Value, top: Value, bare: bool) -> Result<()> {
    let mut scope = Scope::new();
    let mut above = Vec::new();
    let mut holder = node::parent(cx, top)?;
    while !holder.is_null() {
        above.push(holder);
        holder = node::parent(cx, holder)?;
    }
    for &holder in above.iter().rev() {
        declare(cx, holder, &mut scope)?;
    }
    if !bare {
        put(cx, writer, Piece::Start(Inside::Object, Value::Null))?;
    }
    write_node(cx, writer, top, &mut scope, !bare)?;
    if !bare {
        put(cx, writer, Piece::End)?;
    }
    Ok(())
}

fn attributes(cx: &mut Call<'_>, element: Value) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    let mut attribute = node::first_attribute(cx, element)?;
    while !attribute.is_null() {
        cx.charge_fuel(1)?;
        all.push(attribute);
        attribute = node::next(cx, attribute)?;
    }
    Ok(all)
}

/// The text of an attribute, its namespace and its local name.
fn parts(cx: &mut Call<'_>, attribute: Value) -> Result<(String, String, String)> {
    let own = node::name(cx, attribute)?;
    let value = node::attribute_value(cx, attribute)?;
    let value = cx.heap.text(value).unwrap_or_default().into_owned();
    // A declaration without a prefix has the namespace of declarations, too.
    let namespace = if own.declares_namespace() { XMLNS } else { &own.namespace };
    Ok((value, namespace.to_owned(), own.local.to_string()))
}

fn declare(cx: &mut Call<'_>, element: Value, scope: &mut Scope) -> Result<()> {
    if !node::is_element(cx, element) {
        return Ok(());
    }
    for attribute in attributes(cx, element)? {
        let (value, namespace, local) = parts(cx, attribute)?;
        if namespace == XMLNS {
            scope.push((if local == "xmlns" { String::new() } else { local }, value));
        }
    }
    Ok(())
}

/// The nodes below; a lone text becomes a node.
fn children(cx: &mut Call<'_>, container: Value) -> Result<Vec<Value>> {
    node::text_to_node(cx, container)?;
    let mut all = Vec::new();
    let mut child = node::first(cx, container)?;
    while !child.is_null() {
        cx.charge_fuel(1)?;
        all.push(child);
        child = node::next(cx, child)?;
    }
    Ok(all)
}

fn decoded(local: &str) -> String {
    let mut out = String::with_capacity(local.len());
    let mut rest = local;
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        let digits = rest.get(at + 2..at + 6);
        let code = digits.filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        match code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                rest = &rest[at + 7..];
            }
            None => {
                out.push_str("_x");
                rest = &rest[at + 2..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn full_name(scope: &Scope, own: &name::Name, namespace: &str) -> String {
    let prefix = if &*own.local == "xmlns" && namespace == XMLNS { None } else { lookup_prefix(scope, namespace) };
    match prefix.filter(|prefix| !prefix.is_empty()) {
        Some(prefix) => format!("{prefix}:{}", decoded(&own.local)),
        None => decoded(&own.local),
    }
}

fn property_name(cx: &mut Call<'_>, own: Value, scope: &Scope) -> Result<String> {
    Ok(match node::data(cx, own) {
        Some(Data::Element { name, .. }) if &*name.namespace == OWN => format!("${}", name.local),
        Some(Data::Element { name, .. }) => full_name(scope, name, &name.namespace),
        Some(Data::Attribute { name, .. }) if &*name.namespace == OWN => format!("${}", name.local),
        Some(Data::Attribute { name, .. }) => {
            let namespace = if name.declares_namespace() { XMLNS } else { &name.namespace };
            format!("@{}", full_name(scope, name, namespace))
        }
        Some(Data::Text(_)) => "#text".to_owned(),
        Some(Data::CData(_)) => "#cdata-section".to_owned(),
        Some(Data::Comment(_)) => "#comment".to_owned(),
        Some(Data::Instruction { target, .. }) => format!("?{}", cx.heap.text(*target).unwrap_or_default()),
        Some(Data::DocumentType { .. }) => "!DOCTYPE".to_owned(),
        _ => String::new(),
    })
}

fn put_name(cx: &mut Call<'_>, writer: Value, name: &str) -> Result<()> {
    let name = cx.new_str(name)?;
    put(cx, writer, Piece::Name(name)).map(|_| ())
}

/// Whether an element asks to be written as an array.
fn is_array(cx: &mut Call<'_>, own: Value) -> Result<bool> {
    if !node::is_element(cx, own) {
        return Ok(false);
    }
    for attribute in attributes(cx, own)? {
        let (value, namespace, local) = parts(cx, attribute)?;
        if namespace == OWN && local == "Array" {
            return Ok(matches!(value.trim(), "true" | "1"));
        }
    }
    Ok(false)
}

fn write_node(cx: &mut Call<'_>, writer: Value, own: Value, scope: &mut Scope, named: bool) -> Result<()> {
    cx.charge_fuel(1)?;
    cx.heap.enter()?;
    let outer = scope.len();
    let done = write_nested(cx, writer, own, scope, named);
    scope.truncate(outer);
    cx.heap.leave();
    done
}

fn write_nested(cx: &mut Call<'_>, writer: Value, own: Value, scope: &mut Scope, named: bool) -> Result<()> {
    match node::data(cx, own) {
        Some(Data::Element { .. }) => write_element(cx, writer, own, scope, named),
        Some(Data::Document { declaration, .. }) => {
            let own_declaration = *declaration;
            if !own_declaration.is_null() {
                put_name(cx, writer, "?xml")?;
                let parts = cx.this::<declaration::Declaration>(own_declaration)?.0;
                put_parts(cx, writer, &["@version", "@encoding", "@standalone"], &parts)?;
            }
            let below = children(cx, own)?;
            write_groups(cx, writer, &below, scope, named)
        }
        Some(Data::Comment(text)) => {
            let text = *text;
            if named {
                put(cx, writer, Piece::Leaf(Type::Comment, text))?;
            }
            Ok(())
        }
        Some(Data::DocumentType { name, public, system, subset }) => {
            let parts = [*name, *public, *system, *subset];
            if named {
                put_name(cx, writer, "!DOCTYPE")?;
            }
            put_parts(cx, writer, &["@name", "@public", "@system", "@internalSubset"], &parts)
        }
        _ => {
            if node::is_attribute(cx, own) {
                let (value, namespace, local) = parts(cx, own)?;
                if namespace == XMLNS && value == OWN || namespace == OWN && local == "Array" {
                    return Ok(());
                }
            }
            if named {
                let name = property_name(cx, own, scope)?;
                put_name(cx, writer, &name)?;
            }
            let value = value_of(cx, own)?;
            put(cx, writer, Piece::Leaf(Type::String, value)).map(|_| ())
        }
    }
}

/// An object of the texts that are there.
fn put_parts(cx: &mut Call<'_>, writer: Value, names: &[&str], parts: &[Value]) -> Result<()> {
    put(cx, writer, Piece::Start(Inside::Object, Value::Null))?;
    for (name, &part) in names.iter().zip(parts) {
        if cx.heap.str(part).is_some_and(|part| !part.is_empty()) {
            put_name(cx, writer, name)?;
            put(cx, writer, Piece::Leaf(Type::String, part))?;
        }
    }
    put(cx, writer, Piece::End).map(|_| ())
}

fn write_element(cx: &mut Call<'_>, writer: Value, own: Value, scope: &mut Scope, named: bool) -> Result<()> {
    let below = children(cx, own)?;
    let local = node::name(cx, own)?.local.clone();
    if !below.is_empty() && is_array(cx, own)? {
        let mut same = true;
        for &child in &below {
            same &= node::is_element(cx, child) && node::name(cx, child)?.local == local;
        }
        if same {
            return write_groups(cx, writer, &below, scope, false);
        }
    }
    let mut own_attributes = attributes(cx, own)?;
    // An element that was made with a namespace says so.
    let own_name = node::name(cx, own)?;
    let above = node::parent(cx, own)?;
    let outer = if node::is_element(cx, above) { node::name(cx, above)?.namespace.to_string() } else { String::new() };
    declare(cx, own, scope)?;
    if !own_name.namespace.is_empty() && *own_name.namespace != *outer {
        let mut known = scope.iter().any(|(prefix, own)| !prefix.is_empty() && **own == *own_name.namespace)
            || matches!(&*own_name.namespace, XMLNS | "http://www.w3.org/XML/1998/namespace");
        for &attribute in &own_attributes {
            let (value, namespace, local) = parts(cx, attribute)?;
            known |= namespace == XMLNS && local == "xmlns" && value == *own_name.namespace;
        }
        if !known {
            let attribute_name = name::make(cx, "xmlns", "".into())?;
            let value = cx.new_str(&own_name.namespace)?;
            let implied = node::new(cx, Data::Attribute { name: attribute_name, value })?;
            own_attributes.insert(0, implied);
            scope.push((String::new(), own_name.namespace.to_string()));
        }
    }
    if named {
        let name = property_name(cx, own, scope)?;
        put_name(cx, writer, &name)?;
    }
    let mut has_values = false;
    for &attribute in &own_attributes {
        let (value, namespace, _) = parts(cx, attribute)?;
        has_values |= namespace != OWN && !(namespace == XMLNS && value == OWN);
    }
    if !has_values
        && let [only] = below[..]
        && let Some(text) = node::plain_text(cx, only)
    {
        return put(cx, writer, Piece::Leaf(Type::String, text)).map(|_| ());
    }
    if below.is_empty() && own_attributes.is_empty() {
        let is_empty = matches!(node::content(cx, own)?, Content::Nothing);
        let piece =
            if is_empty { Piece::Leaf(Type::Null, Value::Null) } else { Piece::Leaf(Type::String, cx.new_str("")?) };
        return put(cx, writer, piece).map(|_| ());
    }
    put(cx, writer, Piece::Start(Inside::Object, Value::Null))?;
    for attribute in own_attributes {
        write_node(cx, writer, attribute, scope, true)?;
    }
    write_groups(cx, writer, &below, scope, true)?;
    put(cx, writer, Piece::End).map(|_| ())
}

/// Nodes of one name stand together, in the place of the first.
fn write_groups(cx: &mut Call<'_>, writer: Value, nodes: &[Value], scope: &mut Scope, named: bool) -> Result<()> {
    let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for &own in nodes {
        let name = property_name(cx, own, scope)?;
        match places.get(&name) {
            Some(&at) => {
                let group: &mut (String, Vec<Value>) = &mut groups[at];
                group.1.push(own);
            }
            None => {
                places.insert(name.clone(), groups.len());
                groups.push((name, vec![own]));
            }
        }
    }
    for (name, group) in groups {
        let as_array = match group[..] {
            [only] => is_array(cx, only)?,
            _ => true,
        };
        if as_array {
            if named {
                put_name(cx, writer, &name)?;
            }
            put(cx, writer, Piece::Start(Inside::Array, Value::Null))?;
            for own in group {
                write_node(cx, writer, own, scope, false)?;
            }
            put(cx, writer, Piece::End)?;
        } else {
            for own in group {
                write_node(cx, writer, own, scope, named)?;
            }
        }
    }
    Ok(())
}

// ---- from JSON

/// How a document is made.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Elements of arrays with one item are marked.
    pub mark_arrays: bool,
    /// `@`, `#` and their like mean nothing: they are escaped.
    pub encode: bool,
}

fn fail(cx: &mut Call<'_>, at: Value, message: &str) -> Result<Fault> {
    let path = super::path::path_of(cx, at)?;
    let place = match token::line_and_position(cx, at)? {
        Some((line, position)) => format!(", line {line}, position {position}"),
        None => String::new(),
    };
    let stop = if message.ends_with('.') { "" } else { "." };
    Ok(Fault::throw(FAILED, format!("{message}{stop} Path '{path}'{place}.")))
}

/// A document of a token; null of null.
pub fn read(cx: &mut Call<'_>, json: Value, root: Option<&str>, how: Reading) -> Result {
    if json.is_null() || token::kind(cx, json)? == Type::Null {
        return Ok(Value::Null);
    }
    if token::kind(cx, json)? != Type::Object {
        return Err(fail(cx, json, "XmlNodeConverter can only convert JSON that begins with an object.")?);
    }
    let document = node::new_document(cx, Value::Null)?;
    let mut scope = Scope::new();
    match root {
        Some(root) => read_element(cx, document, root, json, &mut scope, how)?,
        None => read_members(cx, document, json, &mut scope, how)?,
    }
    Ok(document)
}

fn read_members(cx: &mut Call<'_>, holder: Value, object: Value, scope: &mut Scope, how: Reading) -> Result<()> {
    for property in token::children(cx, object)? {
        if token::kind(cx, property)? != Type::Property {
            let text = token::leaf(cx, property).unwrap_or(Value::Null);
            let comment = node::new(cx, Data::Comment(text))?;
            content::add_node(cx, holder, comment)?;
            continue;
        }
        if node::is_document(cx, holder) && !root_of(cx, holder)?.is_null() {
            let message = "JSON root object has multiple properties. The root object must have a single property in order to create a valid XML document. Consider specifying a DeserializeRootElementName.";
            return Err(fail(cx, property, message)?);
        }
        let name = token::name_text(cx, property)?;
        let value = token::property_value(cx, property)?;
        read_values(cx, holder, &name, value, scope, how)?;
    }
    Ok(())
}

fn root_of(cx: &mut Call<'_>, document: Value) -> Result {
    let mut child = node::first(cx, document)?;
    while !child.is_null() && !node::is_element(cx, child) {
        child = node::next(cx, child)?;
    }
    Ok(child)
}

/// `json:Array="true"` on the last element.
fn mark_last(cx: &mut Call<'_>, holder: Value) -> Result<()> {
    let last = node::last(cx, holder)?;
    if last.is_null() || !node::is_element(cx, last) {
        return Ok(());
    }
    mark(cx, last)
}

fn mark(cx: &mut Call<'_>, element: Value) -> Result<()> {
    let mut holder = element;
    let mut declared = false;
    while !holder.is_null() && node::is_element(cx, holder) {
        for attribute in attributes(cx, holder)? {
            let (value, namespace, _) = parts(cx, attribute)?;
            declared |= namespace == XMLNS && value == OWN;
        }
        holder = node::parent(cx, holder)?;
    }
    if !declared {
        let value = cx.new_str(OWN)?;
        add_attribute(cx, element, "json", XMLNS.into(), value)?;
    }
    let value = cx.new_str("true")?;
    add_attribute(cx, element, "Array", OWN.into(), value)
}

fn add_attribute(cx: &mut Call<'_>, element: Value, local: &str, namespace: Arc<str>, value: Value) -> Result<()> {
    let name = name::make(cx, local, namespace)?;
    let attribute = node::new(cx, Data::Attribute { name, value })?;
    content::add_attribute(cx, element, attribute)
}

fn read_value(
    cx: &mut Call<'_>,
    holder: Value,
    name: &str,
    value: Value,
    scope: &mut Scope,
    how: Reading,
) -> Result<()> {
    if !how.encode {
        match name {
            "#text" | "#whitespace" | "#significant-whitespace" => {
                let text = text_of(cx, value)?;
                let text = node::new(cx, Data::Text(text))?;
                return content::add_node(cx, holder, text);
            }
            "#cdata-section" => {
                let text = text_of(cx, value)?;
                let text = node::new(cx, Data::CData(text))?;
                return content::add_node(cx, holder, text);
            }
            _ if name.starts_with('?') => return read_instruction(cx, holder, name, value),
            _ if name.eq_ignore_ascii_case("!DOCTYPE") => {
                let mut part = |key: &str| match token::member(cx, value, key)? {
                    Some(own) => text_of(cx, own),
                    None => Ok(Value::Null),
                };
                let (name, public, system, subset) =
                    (part("@name")?, part("@public")?, part("@system")?, part("@internalSubset")?);
                let own = node::new(cx, Data::DocumentType { name, public, system, subset })?;
                return content::add_node(cx, holder, own);
            }
            _ => {}
        }
    }
    if token::kind(cx, value)? == Type::Array {
        let element = make_element(cx, holder, name, scope, how)?;
        let items = token::children(cx, value)?;
        let count = items.len();
        for item in items {
            read_value(cx, element, name, item, scope, how)?;
        }
        if how.mark_arrays {
            mark(cx, element)?;
            if count == 1 {
                mark_last(cx, element)?;
            }
        }
        return Ok(());
    }
    read_element(cx, holder, name, value, scope, how)
}

fn read_instruction(cx: &mut Call<'_>, holder: Value, name: &str, value: Value) -> Result<()> {
    if name == "?xml" {
        let mut found = [Value::Null; 3];
        for property in token::children(cx, value)? {
            let key = token::name_text(cx, property)?;
            let own = token::property_value(cx, property)?;
            let text = text_of(cx, own)?;
            match key.as_str() {
                "@version" => found[0] = text,
                "@encoding" => found[1] = text,
                "@standalone" => found[2] = text,
                other => {
                    let message =
                        format!("Unexpected property name encountered while deserializing XmlDeclaration: {other}");
                    return Err(fail(cx, property, &message)?);
                }
            }
        }
        let own = declaration::new(cx, found)?;
        if let Data::Document { declaration, .. } = &mut node::get_mut(cx, holder)?.data {
            *declaration = own;
        }
        return Ok(());
    }
    let target = cx.new_str(&name[1..])?;
    let data = text_of(cx, value)?;
    let own = node::new(cx, Data::Instruction { target, data })?;
    content::add_node(cx, holder, own)
}

/// The text of a scalar; null of null.
fn text_of(cx: &mut Call<'_>, value: Value) -> Result {
    let kind = token::kind(cx, value)?;
    let Some(leaf) = token::leaf(cx, value) else {
        let what = match kind {
            Type::Object => "StartObject",
            Type::Array => "StartArray",
            _ => "StartConstructor",
        };
        return Err(fail(cx, value, &format!("Cannot get an XML string value from token type '{what}'."))?);
    };
    match kind {
        Type::Null | Type::Undefined => Ok(Value::Null),
        Type::Bytes => {
            let text = super::write::base64(cx.heap.bytes(leaf).unwrap_or_default());
            cx.new_str(&text)
        }
        Type::Integer => display::to_str(cx, leaf),
        _ => xml_text::to_text(cx, leaf),
    }
}

/// A name that XML takes: other characters are written by number.
fn encoded(name: &str, also_colons: bool) -> String {
    let units: Vec<u16> = name.encode_utf16().collect();
    let mut out = Vec::with_capacity(units.len());
    for (at, &unit) in units.iter().enumerate() {
        let fits = if at == 0 { name::starts_name(unit) } else { name::continues_name(unit) };
        let is_escape = unit == u16::from(b'_')
            && units.get(at + 1) == Some(&u16::from(b'x'))
            && units
                .get(at + 2..at + 6)
                .is_some_and(|digits| digits.iter().all(|&d| u8::try_from(d).is_ok_and(|d| d.is_ascii_hexdigit())))
            && units.get(at + 6) == Some(&u16::from(b'_'));
        if fits && !is_escape || unit == u16::from(b':') && !also_colons {
            out.push(unit);
        } else {
            out.extend(format!("_x{unit:04X}_").encode_utf16());
        }
    }
    String::from_utf16_lossy(&out)
}

fn split(name: &str) -> (&str, &str) {
    match name.split_once(':') {
        Some((prefix, local)) if !prefix.is_empty() && !local.is_empty() => (prefix, local),
        _ => ("", name),
    }
}

fn make_element(cx: &mut Call<'_>, holder: Value, name: &str, scope: &Scope, how: Reading) -> Result {
    let full = encoded(name, how.encode);
    let (prefix, local) = if how.encode { ("", full.as_str()) } else { split(&full) };
    let namespace = lookup_namespace(scope, prefix).unwrap_or_default().to_owned();
    let name = name::make(cx, local, namespace.as_str().into())?;
    let element = node::new_element(cx, name)?;
    content::add_node(cx, holder, element)?;
    Ok(element)
}

fn put_attribute(cx: &mut Call<'_>, element: Value, name: &str, value: Value, scope: &Scope) -> Result<()> {
    let full = encoded(name, false);
    let (prefix, local) = split(&full);
    let namespace: Arc<str> = match prefix {
        "" => "".into(),
        prefix => lookup_namespace(scope, prefix).unwrap_or_default().into(),
    };
    let value = if value.is_null() { cx.new_str("")? } else { value };
    add_attribute(cx, element, local, namespace, value)
}

fn read_element(
    cx: &mut Call<'_>,
    holder: Value,
    name: &str,
    value: Value,
    scope: &mut Scope,
    how: Reading,
) -> Result<()> {
    cx.charge_fuel(1)?;
    cx.heap.enter()?;
    let outer = scope.len();
    let done = read_nested(cx, holder, name, value, scope, how);
    scope.truncate(outer);
    cx.heap.leave();
    done
}

fn read_nested(
    cx: &mut Call<'_>,
    holder: Value,
    name: &str,
    value: Value,
    scope: &mut Scope,
    how: Reading,
) -> Result<()> {
    if name.is_empty() {
        return Err(fail(cx, value, "XmlNodeConverter cannot convert JSON with an empty property name to XML.")?);
    }
    if !how.encode
        && let Some(attribute) = name.strip_prefix('@')
    {
        let text = text_of(cx, value)?;
        return put_attribute(cx, holder, attribute, text, scope);
    }
    if token::kind(cx, value)? != Type::Object {
        let element = make_element(cx, holder, name, scope, how)?;
        if token::leaf(cx, value).is_some_and(|leaf| !leaf.is_null()) {
            let text = text_of(cx, value)?;
            content::add_text(cx, element, text, true)?;
        }
        return Ok(());
    }
    // Declarations come first: names depend on them.
    let mut own = Vec::new();
    for property in token::children(cx, value)? {
        let key = token::name_text(cx, property)?;
        let Some(attribute) = key.strip_prefix('@').filter(|_| !how.encode) else { continue };
        let leaf = token::property_value(cx, property)?;
        let text = text_of(cx, leaf)?;
        let namespace = cx.heap.text(text).unwrap_or_default().into_owned();
        if attribute == "xmlns" {
            scope.push((String::new(), namespace));
        } else if let Some(prefix) = attribute.strip_prefix("xmlns:") {
            scope.push((prefix.to_owned(), namespace));
        }
        if own.iter().any(|(other, _)| other == attribute) {
            let message = format!("An item with the same key has already been added. Key: {attribute}");
            return Err(Fault::throw("System.ArgumentException", message));
        }
        own.push((attribute.to_owned(), text));
    }
    let element = make_element(cx, holder, name, scope, how)?;
    for (attribute, text) in own {
        put_attribute(cx, element, &attribute, text, scope)?;
    }
    read_members_of(cx, element, value, scope, how)
}

/// What a member holds: an array's items are elements side by side.
fn read_values(
    cx: &mut Call<'_>,
    holder: Value,
    name: &str,
    value: Value,
    scope: &mut Scope,
    how: Reading,
) -> Result<()> {
    if token::kind(cx, value)? != Type::Array {
        return read_value(cx, holder, name, value, scope, how).map(drop);
    }
    let items = token::children(cx, value)?;
    let count = items.len();
    for item in items {
        read_value(cx, holder, name, item, scope, how)?;
    }
    if count == 1 && how.mark_arrays {
        mark_last(cx, holder)?;
    }
    Ok(())
}

/// The members of an element that are no attributes.
fn read_members_of(cx: &mut Call<'_>, element: Value, object: Value, scope: &mut Scope, how: Reading) -> Result<()> {
    for property in token::children(cx, object)? {
        let name = token::name_text(cx, property)?;
        if !how.encode && name.starts_with('@') {
            continue;
        }
        let value = token::property_value(cx, property)?;
        read_values(cx, element, &name, value, scope, how)?;
    }
    Ok(())
}
