//! XML as JSON, as Newtonsoft's `XmlNodeConverter` writes it.
//!
//! In: nodes of LINQ to XML. Out: pieces for a JSON writer. Back again: `xml_read.rs`.

use super::token::{Result, Type};
use super::writers::{Inside, Piece, put};
use crate::dotnet::call::Call;
use crate::dotnet::system::xml::node::{self, Content, Data};
use crate::dotnet::system::xml::{declaration, encoded_name, name, value_of};
use crate::dotnet::value::Value;

/// The namespace of the converter's own attributes.
pub(super) const OWN: &str = "http://james.newtonking.com/projects/json";
pub(super) const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
pub(super) const FAILED: &str = "Newtonsoft.Json.JsonSerializationException";

/// Prefixes in scope, the innermost last.
pub(super) type Scope = Vec<(String, String)>;

fn lookup_prefix<'a>(scope: &'a Scope, namespace: &str) -> Option<&'a str> {
    match namespace {
        "" => None,
        XMLNS => Some("xmlns"),
        "http://www.w3.org/XML/1998/namespace" => Some("xml"),
        _ => scope.iter().rev().find(|(_, own)| own == namespace).map(|(prefix, _)| prefix.as_str()),
    }
}

pub(super) fn lookup_namespace<'a>(scope: &'a Scope, prefix: &str) -> Option<&'a str> {
    match prefix {
        "xmlns" => Some(XMLNS),
        "xml" => Some("http://www.w3.org/XML/1998/namespace"),
        _ => scope.iter().rev().find(|(own, _)| own == prefix).map(|(_, namespace)| namespace.as_str()),
    }
}

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

pub(super) fn attributes(cx: &mut Call<'_>, element: Value) -> Result<Vec<Value>> {
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
pub(super) fn parts(cx: &mut Call<'_>, attribute: Value) -> Result<(String, String, String)> {
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
    let units: Vec<u16> = local.encode_utf16().collect();
    String::from_utf16_lossy(&encoded_name::decode(&units))
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
