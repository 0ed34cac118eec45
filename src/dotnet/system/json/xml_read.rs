//! JSON as XML, as Newtonsoft's `XmlNodeConverter` reads it.
//!
//! In: tokens. Out: a document. Never: entities, files.

use super::token::{self, Result, Type};
use super::xml_nodes::{FAILED, OWN, Scope, XMLNS, attributes, lookup_namespace, parts};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::system::display;
use crate::dotnet::system::xml::node::{self, Data};
use crate::dotnet::system::xml::{content, convert as xml_text, declaration, encoded_name, name};
use crate::dotnet::value::Value;
use std::sync::Arc;

/// How a document is made.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Elements of arrays with one item are marked.
    pub mark_arrays: bool,
    /// `@`, `#` and their like mean nothing: they are escaped.
    pub encode: bool,
}

fn fail(cx: &mut Call<'_>, at: Value, message: &str) -> Result<Fault> {
    let path = super::select::path_of(cx, at)?;
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
    let document = node::new_document(cx, Value::Null)?;
    let mut reader = Reader { scope: Scope::new(), how };
    match root {
        Some(root) => reader.element(cx, document, root, json)?,
        None => reader.roots(cx, document, json)?,
    }
    Ok(document)
}

/// What is read so far: the namespaces that elements further out declare.
struct Reader {
    scope: Scope,
    how: Reading,
}

impl Reader {
    fn roots(&mut self, cx: &mut Call<'_>, holder: Value, object: Value) -> Result<()> {
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
            self.values(cx, holder, &name, value)?;
        }
        Ok(())
    }

    /// What a member holds: an array's items are elements side by side.
    fn values(&mut self, cx: &mut Call<'_>, holder: Value, name: &str, value: Value) -> Result<()> {
        if token::kind(cx, value)? != Type::Array {
            return self.value(cx, holder, name, value).map(drop);
        }
        let items = token::children(cx, value)?;
        let count = items.len();
        for item in items {
            self.value(cx, holder, name, item)?;
        }
        if count == 1 && self.how.mark_arrays {
            mark_last(cx, holder)?;
        }
        Ok(())
    }

    fn value(&mut self, cx: &mut Call<'_>, holder: Value, name: &str, value: Value) -> Result<()> {
        if !self.how.encode {
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
            let element = self.make_element(cx, holder, name)?;
            let items = token::children(cx, value)?;
            let count = items.len();
            for item in items {
                self.value(cx, element, name, item)?;
            }
            if self.how.mark_arrays {
                mark(cx, element)?;
                if count == 1 {
                    mark_last(cx, element)?;
                }
            }
            return Ok(());
        }
        self.element(cx, holder, name, value)
    }

    fn element(&mut self, cx: &mut Call<'_>, holder: Value, name: &str, value: Value) -> Result<()> {
        cx.charge_fuel(1)?;
        cx.heap.enter()?;
        let outer = self.scope.len();
        let done = self.nested(cx, holder, name, value);
        self.scope.truncate(outer);
        cx.heap.leave();
        done
    }

    fn nested(&mut self, cx: &mut Call<'_>, holder: Value, name: &str, value: Value) -> Result<()> {
        if name.is_empty() {
            return Err(fail(cx, value, "XmlNodeConverter cannot convert JSON with an empty property name to XML.")?);
        }
        if !self.how.encode
            && let Some(attribute) = name.strip_prefix('@')
        {
            let text = text_of(cx, value)?;
            return self.put_attribute(cx, holder, attribute, text);
        }
        if token::kind(cx, value)? != Type::Object {
            let element = self.make_element(cx, holder, name)?;
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
            let Some(attribute) = key.strip_prefix('@').filter(|_| !self.how.encode) else { continue };
            let leaf = token::property_value(cx, property)?;
            let text = text_of(cx, leaf)?;
            let namespace = cx.heap.text(text).unwrap_or_default().into_owned();
            if attribute == "xmlns" {
                self.scope.push((String::new(), namespace));
            } else if let Some(prefix) = attribute.strip_prefix("xmlns:") {
                self.scope.push((prefix.to_owned(), namespace));
            }
            if own.iter().any(|(other, _)| other == attribute) {
                let message = format!("An item with the same key has already been added. Key: {attribute}");
                return Err(Fault::throw("System.ArgumentException", message));
            }
            own.push((attribute.to_owned(), text));
        }
        let element = self.make_element(cx, holder, name)?;
        for (attribute, text) in own {
            self.put_attribute(cx, element, &attribute, text)?;
        }
        self.members(cx, element, value)
    }

    /// The members of an element that are no attributes.
    fn members(&mut self, cx: &mut Call<'_>, element: Value, object: Value) -> Result<()> {
        for property in token::children(cx, object)? {
            let name = token::name_text(cx, property)?;
            if !self.how.encode && name.starts_with('@') {
                continue;
            }
            let value = token::property_value(cx, property)?;
            self.values(cx, element, &name, value)?;
        }
        Ok(())
    }

    fn make_element(&self, cx: &mut Call<'_>, holder: Value, name: &str) -> Result {
        let full = encoded(name, self.how.encode);
        let (prefix, local) = if self.how.encode { ("", full.as_str()) } else { split(&full) };
        let namespace = lookup_namespace(&self.scope, prefix).unwrap_or_default().to_owned();
        let name = name::make(cx, local, namespace.as_str().into())?;
        let element = node::new_element(cx, name)?;
        content::add_node(cx, holder, element)?;
        Ok(element)
    }

    fn put_attribute(&self, cx: &mut Call<'_>, element: Value, name: &str, value: Value) -> Result<()> {
        let full = encoded(name, false);
        let (prefix, local) = split(&full);
        let namespace: Arc<str> = match prefix {
            "" => "".into(),
            prefix => lookup_namespace(&self.scope, prefix).unwrap_or_default().into(),
        };
        let value = if value.is_null() { cx.new_str("")? } else { value };
        add_attribute(cx, element, local, namespace, value)
    }
}

/// The element that a document holds, or null.
pub fn root_of(cx: &mut Call<'_>, document: Value) -> Result {
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
    let value = cx.new_str("true")?;
    add_attribute(cx, element, "Array", OWN.into(), value)?;
    let mut holder = element;
    while !holder.is_null() && node::is_element(cx, holder) {
        for attribute in attributes(cx, holder)? {
            let (value, namespace, _) = parts(cx, attribute)?;
            if namespace == XMLNS && value == OWN {
                return Ok(());
            }
        }
        holder = node::parent(cx, holder)?;
    }
    let value = cx.new_str(OWN)?;
    add_attribute(cx, element, "json", XMLNS.into(), value)
}

fn add_attribute(cx: &mut Call<'_>, element: Value, local: &str, namespace: Arc<str>, value: Value) -> Result<()> {
    let name = name::make(cx, local, namespace)?;
    let attribute = node::new(cx, Data::Attribute { name, value })?;
    content::add_attribute(cx, element, attribute)
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
    let kind = if also_colons { encoded_name::Kind::Local } else { encoded_name::Kind::Name };
    String::from_utf16_lossy(&encoded_name::encode(&units, kind))
}

fn split(name: &str) -> (&str, &str) {
    match name.split_once(':') {
        Some((prefix, local)) if !prefix.is_empty() && !local.is_empty() => (prefix, local),
        _ => ("", name),
    }
}
