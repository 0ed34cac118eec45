//! Content of any kind becoming nodes, attributes and text of a container, by the platform's rules.

use super::node::{self, Content, Data};
use super::{Result, convert, name, streaming};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::system::{enumerate, json};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;

/// What a piece of content is.
enum Piece {
    Nothing,
    Node,
    Attribute,
    Text(Value),
    Many(Vec<Value>),
}

fn piece(cx: &mut Call<'_>, content: Value) -> Result<Piece> {
    if content.is_null() {
        return Ok(Piece::Nothing);
    }
    if cx.heap.str(content).is_some() {
        return Ok(Piece::Text(content));
    }
    if node::is_attribute(cx, content) {
        return Ok(Piece::Attribute);
    }
    if node::is_node(cx, content) {
        return Ok(Piece::Node);
    }
    if streaming::is(cx, content) {
        return Ok(Piece::Many(vec![streaming::element(cx, &[content])?]));
    }
    if let Value::Object(handle) = content {
        if let Object::Array { ty, items } = cx.heap.get(handle) {
            if *ty == TypeId::array(types::object()) {
                return Ok(Piece::Many(items.clone()));
            }
        }
    }
    if json::token::is_token(cx, content) || enumerate::is_enumerable(cx, content) {
        return Ok(Piece::Many(enumerate::collect(cx, content)?));
    }
    Ok(Piece::Text(convert::to_text(cx, content)?))
}

fn nested(
    cx: &mut Call<'_>,
    items: Vec<Value>,
    mut each: impl FnMut(&mut Call<'_>, Value) -> Result<()>,
) -> Result<()> {
    cx.heap.enter()?;
    let done = items.into_iter().try_for_each(|item| {
        cx.charge_fuel(1)?;
        each(cx, item)
    });
    cx.heap.leave();
    done
}

/// The node itself where it is free, else a copy.
fn free(cx: &mut Call<'_>, container: Value, node: Value) -> Result {
    let taken = !node::parent(cx, node)?.is_null() || {
        node::is_container(cx, node) && {
            let root = node::root(cx, container)?;
            node::is(root, node)
        }
    };
    if taken { node::clone(cx, node) } else { Ok(node) }
}

// ---- what may stand where

fn cannot_add(kind: i64) -> Fault {
    let message = format!("A node of type {} cannot be added to content.", node::kind_name(kind));
    Fault::throw("System.ArgumentException", message)
}

fn attribute_refused() -> Fault {
    Fault::throw("System.ArgumentException", "An attribute cannot be added to content.")
}

fn check_text(cx: &Call<'_>, container: Value, text: Value) -> Result<()> {
    let blank = |text: Value| cx.heap.str(text).is_some_and(|t| t.units().all(|u| matches!(u, 9 | 10 | 13 | 32)));
    if node::is_document(cx, container) && !blank(text) {
        let message = "Non-whitespace characters cannot be added to content.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    Ok(())
}

fn check_node(cx: &mut Call<'_>, container: Value, new: Value, previous: Value) -> Result<()> {
    let kind = node::kind(cx, new)?;
    if !node::is_document(cx, container) {
        return if kind == 9 || kind == 10 { Err(cannot_add(kind)) } else { Ok(()) };
    }
    match kind {
        3 => match node::plain_text(cx, new) {
            Some(text) => check_text(cx, container, text),
            None => Ok(()),
        },
        1 => check_structure(cx, container, previous, 10, 0),
        10 => check_structure(cx, container, previous, 0, 1),
        4 | 9 => Err(cannot_add(kind)),
        _ => Ok(()),
    }
}

/// One root, at most one document type, which comes first.
fn check_structure(cx: &mut Call<'_>, document: Value, previous: Value, before: i64, after: i64) -> Result<()> {
    let mut allowed = if previous.is_null() { after } else { before };
    let mut at = node::first(cx, document)?;
    while !at.is_null() {
        cx.charge_fuel(1)?;
        let kind = node::kind(cx, at)?;
        if kind == 1 || kind == 10 {
            if kind != allowed {
                let message = "This operation would create an incorrectly structured document.";
                return Err(Fault::invalid_operation(message));
            }
            allowed = 0;
        }
        if node::is(at, previous) {
            allowed = after;
        }
        at = node::next(cx, at)?;
    }
    Ok(())
}

// ---- at the end

/// `Add(content)`; a constructor's own content is `fresh`: its first text needs no node.
pub fn add(cx: &mut Call<'_>, container: Value, content: Value, fresh: bool) -> Result<()> {
    match piece(cx, content)? {
        Piece::Nothing => Ok(()),
        Piece::Node => add_node(cx, container, content),
        Piece::Attribute => add_attribute(cx, container, content),
        Piece::Text(text) => add_text(cx, container, text, fresh),
        Piece::Many(items) => nested(cx, items, |cx, item| add(cx, container, item, fresh)),
    }
}

pub fn add_node(cx: &mut Call<'_>, container: Value, new: Value) -> Result<()> {
    let previous = node::last(cx, container)?;
    // What comes last stands behind all others.
    let previous = if previous.is_null() { container } else { previous };
    check_node(cx, container, new, previous)?;
    let new = free(cx, container, new)?;
    node::text_to_node(cx, container)?;
    node::append(cx, container, new)
}

pub fn add_text(cx: &mut Call<'_>, container: Value, text: Value, fresh: bool) -> Result<()> {
    check_text(cx, container, text)?;
    let len = cx.heap.str(text).map_or(0, |t| t.len());
    match node::content(cx, container)? {
        Content::Nothing if fresh || len == 0 => node::set_content(cx, container, Content::Text(text)),
        _ if len == 0 => Ok(()),
        Content::Text(own) if fresh => {
            cx.charge_fuel(len / 16)?;
            let joined = cx.heap.concat(&[own, text])?;
            node::set_content(cx, container, Content::Text(joined))
        }
        _ => {
            node::text_to_node(cx, container)?;
            let last = node::last(cx, container)?;
            append_text(cx, container, last, text)?;
            Ok(())
        }
    }
}

/// Lengthens the text node `after`, or puts a new one behind it, and says which node holds the text.
fn append_text(cx: &mut Call<'_>, container: Value, after: Value, text: Value) -> Result {
    if let Some(own) = node::plain_text(cx, after) {
        cx.charge_fuel(cx.heap.str(own).map_or(0, |t| t.len()) / 16)?;
        let joined = cx.heap.concat(&[own, text])?;
        node::get_mut(cx, after)?.data = Data::Text(joined);
        return Ok(after);
    }
    let made = node::new(cx, Data::Text(text))?;
    node::insert(cx, container, after, made)?;
    Ok(made)
}

pub fn add_attribute(cx: &mut Call<'_>, element: Value, attribute: Value) -> Result<()> {
    if !node::is_element(cx, element) {
        return Err(attribute_refused());
    }
    let name = node::name(cx, attribute)?;
    if !node::attribute(cx, element, &name)?.is_null() {
        return Err(Fault::invalid_operation("Duplicate attribute."));
    }
    let mut attribute = attribute;
    if !node::parent(cx, attribute)?.is_null() {
        let copy = node::get(cx, attribute)?.data.clone();
        attribute = node::new(cx, copy)?;
    }
    node::append_attribute(cx, element, attribute)
}

// ---- anywhere else

/// Where content goes that is not added at the end.
struct Place {
    container: Value,
    previous: Value,
    /// Text that waits for the next node.
    text: Option<Value>,
}

/// Puts content behind `previous`, or at the beginning where that is null.
pub fn insert(cx: &mut Call<'_>, container: Value, previous: Value, content: Value) -> Result<()> {
    let mut place = Place { container, previous, text: None };
    place.add(cx, content)?;
    let Some(text) = place.text else { return Ok(()) };
    let len = cx.heap.str(text).map_or(0, |t| t.len());
    if matches!(node::content(cx, container)?, Content::Nothing) && len == 0 {
        return node::set_content(cx, container, Content::Text(text));
    }
    if len > 0 {
        node::text_to_node(cx, container)?;
        append_text(cx, container, place.previous, text)?;
    }
    Ok(())
}

impl Place {
    fn add(&mut self, cx: &mut Call<'_>, content: Value) -> Result<()> {
        match piece(cx, content)? {
            Piece::Nothing => Ok(()),
            Piece::Attribute => Err(attribute_refused()),
            Piece::Many(items) => nested(cx, items, |cx, item| self.add(cx, item)),
            Piece::Text(text) => {
                check_text(cx, self.container, text)?;
                self.text = Some(match self.text {
                    Some(own) => cx.heap.concat(&[own, text])?,
                    None => text,
                });
                Ok(())
            }
            Piece::Node => {
                check_node(cx, self.container, content, self.previous)?;
                let new = free(cx, self.container, content)?;
                node::text_to_node(cx, self.container)?;
                if let Some(text) = self.text.take() {
                    if cx.heap.str(text).is_some_and(|t| !t.is_empty()) {
                        self.previous = append_text(cx, self.container, self.previous, text)?;
                    }
                }
                node::insert(cx, self.container, self.previous, new)?;
                self.previous = new;
                Ok(())
            }
        }
    }
}

pub fn replace_with(cx: &mut Call<'_>, old: Value, content: Value) -> Result<()> {
    let own = node::get(cx, old)?;
    let (container, previous) = (own.parent, own.previous);
    if container.is_null() {
        return Err(node::no_parent());
    }
    node::remove(cx, old)?;
    insert(cx, container, previous, content)
}

/// Content is taken down before what it replaces goes away: it may be a query over it.
pub fn snapshot(cx: &mut Call<'_>, content: Value) -> Result {
    match piece(cx, content)? {
        Piece::Many(items) => {
            let mut flat = Vec::new();
            nested(cx, items, |cx, item| {
                flat.push(snapshot(cx, item)?);
                cx.heap.charge(size_of::<Value>())
            })?;
            cx.heap.new_array(TypeId::array(types::object()), flat)
        }
        Piece::Text(text) => Ok(text),
        _ => Ok(content),
    }
}

/// A new attribute, its name and value checked.
pub fn new_attribute(cx: &mut Call<'_>, name_value: Value, value: Value) -> Result {
    let name = name::required(cx, name_value, "name")?;
    if value.is_null() {
        return Err(Fault::argument_null("value"));
    }
    let value = convert::to_text(cx, value)?;
    check_declaration(cx, &name, value)?;
    node::new(cx, Data::Attribute { name, value })
}

/// A prefix cannot be bound to nothing, nor to the namespaces that XML keeps for itself.
pub fn check_declaration(cx: &Call<'_>, attribute: &name::Name, value: Value) -> Result<()> {
    let Some(text) = cx.heap.str(value) else { return Ok(()) };
    let wrong = |message: String| Err(Fault::throw("System.ArgumentException", message));
    if &*attribute.namespace == name::XMLNS {
        if text.is_empty() {
            return wrong(format!("The prefix '{}' cannot be bound to the empty namespace name.", attribute.local));
        } else if text.eq_text(name::XML) && &*attribute.local != "xml" {
            return wrong("The prefix 'xml' is bound to the namespace name 'http://www.w3.org/XML/1998/namespace'. Other prefixes must not be bound to this namespace name, and it must not be declared as the default namespace.".into());
        } else if text.eq_text(name::XMLNS) {
            return wrong("The prefix 'xmlns' is bound to the namespace name 'http://www.w3.org/2000/xmlns/'. It must not be declared. Other prefixes must not be bound to this namespace name, and it must not be declared as the default namespace.".into());
        } else if &*attribute.local == "xml" && !text.eq_text(name::XML) {
            return wrong("The prefix 'xml' is bound to the namespace name 'http://www.w3.org/XML/1998/namespace'. Other prefixes must not be bound to this namespace name, and it must not be declared as the default namespace.".into());
        }
    }
    Ok(())
}
