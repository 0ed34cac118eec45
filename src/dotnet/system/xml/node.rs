//! The objects of a tree: nodes and attributes, linked by handles, so that no operation recurses over depth.
//!
//! In: names and texts that were checked. Out: nodes in the request's heap, each in at most one tree.

use super::Result;
use super::name::{self, Name};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::{Handle, Value};
use std::sync::{Arc, LazyLock};

/// An `XObject`.
#[derive(Debug)]
pub struct Node {
    /// The container, the element of an attribute, or null.
    pub parent: Value,
    pub previous: Value,
    pub next: Value,
    pub annotations: Vec<Value>,
    pub data: Data,
}

#[derive(Clone, Debug)]
pub enum Data {
    Element { name: Arc<Name>, content: Content, first_attribute: Value, last_attribute: Value },
    Document { content: Content, declaration: Value },
    Text(Value),
    CData(Value),
    Comment(Value),
    Instruction { target: Value, data: Value },
    DocumentType { name: Value, public: Value, system: Value, subset: Value },
    Attribute { name: Arc<Name>, value: Value },
}

/// What a container holds: text alone needs no node until somebody asks for one.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    Nothing,
    Text(Value),
    Nodes { first: Value, last: Value },
}

macro_rules! types {
    ($($name:ident $dotnet:literal;)*) => {
        $(pub fn $name() -> TypeId {
            static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::named($dotnet));
            *ID
        })*
    };
}

types! {
    xelement "System.Xml.Linq.XElement";
    xdocument "System.Xml.Linq.XDocument";
    xtext "System.Xml.Linq.XText";
    xcdata "System.Xml.Linq.XCData";
    xcomment "System.Xml.Linq.XComment";
    xinstruction "System.Xml.Linq.XProcessingInstruction";
    xdocument_type "System.Xml.Linq.XDocumentType";
    xattribute "System.Xml.Linq.XAttribute";
    xml_node_type "System.Xml.XmlNodeType";
}

/// The same object (or both null).
pub fn is(a: Value, b: Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => a == b,
        (Value::Text { .. }, Value::Text { .. }) => crate::dotnet::heap::same_string(a, b),
        (Value::Null, Value::Null) => true,
        _ => false,
    }
}

/// The handle of an object, for ordering.
pub fn handle(value: Value) -> Option<Handle> {
    if let Value::Object(handle) = value { Some(handle) } else { None }
}

// ---- making

pub fn new(cx: &mut Call<'_>, data: Data) -> Result {
    let ty = match data {
        Data::Element { .. } => xelement(),
        Data::Document { .. } => xdocument(),
        Data::Text(_) => xtext(),
        Data::CData(_) => xcdata(),
        Data::Comment(_) => xcomment(),
        Data::Instruction { .. } => xinstruction(),
        Data::DocumentType { .. } => xdocument_type(),
        Data::Attribute { .. } => xattribute(),
    };
    let node = Node { parent: Value::Null, previous: Value::Null, next: Value::Null, annotations: Vec::new(), data };
    cx.heap.new_extension(ty, node)
}

pub fn new_element(cx: &mut Call<'_>, name: Arc<Name>) -> Result {
    let data =
        Data::Element { name, content: Content::Nothing, first_attribute: Value::Null, last_attribute: Value::Null };
    new(cx, data)
}

pub fn new_document(cx: &mut Call<'_>, declaration: Value) -> Result {
    new(cx, Data::Document { content: Content::Nothing, declaration })
}

/// A copy of a node and all that is below it.
pub fn clone(cx: &mut Call<'_>, node: Value) -> Result {
    let root = shallow(cx, node)?;
    let (mut source, mut copy) = (node, root);
    let mut child = first(cx, node)?;
    loop {
        if !child.is_null() {
            let made = shallow(cx, child)?;
            append(cx, copy, made)?;
            let below = first(cx, child)?;
            if below.is_null() {
                child = next(cx, child)?;
            } else {
                (source, copy, child) = (child, made, below);
            }
        } else if is(source, node) {
            return Ok(root);
        } else {
            child = next(cx, source)?;
            copy = parent(cx, copy)?;
            source = parent(cx, source)?;
        }
    }
}

/// A copy without child nodes.
fn shallow(cx: &mut Call<'_>, node: Value) -> Result {
    cx.charge_fuel(2)?;
    let mut data = get(cx, node)?.data.clone();
    let mut attribute = Value::Null;
    match &mut data {
        Data::Element { content, first_attribute, last_attribute, .. } => {
            attribute = std::mem::replace(first_attribute, Value::Null);
            *last_attribute = Value::Null;
            if matches!(content, Content::Nodes { .. }) {
                *content = Content::Nothing;
            }
        }
        Data::Document { content, declaration } => {
            if matches!(content, Content::Nodes { .. }) {
                *content = Content::Nothing;
            }
            if !declaration.is_null() {
                *declaration = super::declaration::copy(cx, *declaration)?;
            }
        }
        _ => {}
    }
    let made = new(cx, data)?;
    while !attribute.is_null() {
        let copy = get(cx, attribute)?.data.clone();
        let copy = new(cx, copy)?;
        append_attribute(cx, made, copy)?;
        attribute = next(cx, attribute)?;
    }
    Ok(made)
}

// ---- looking

pub fn get<'a>(cx: &'a Call<'_>, node: Value) -> Result<&'a Node> {
    cx.this::<Node>(node)
}

pub fn get_mut<'a>(cx: &'a mut Call<'_>, node: Value) -> Result<&'a mut Node> {
    cx.this_mut::<Node>(node)
}

pub fn data<'a>(cx: &'a Call<'_>, node: Value) -> Option<&'a Data> {
    cx.heap.extension::<Node>(node).map(|node| &node.data)
}

pub fn parent(cx: &Call<'_>, node: Value) -> Result {
    Ok(get(cx, node)?.parent)
}

pub fn next(cx: &Call<'_>, node: Value) -> Result {
    Ok(get(cx, node)?.next)
}

pub fn content(cx: &Call<'_>, node: Value) -> Result<Content> {
    Ok(match &get(cx, node)?.data {
        Data::Element { content, .. } | Data::Document { content, .. } => *content,
        _ => Content::Nothing,
    })
}

/// The first child node that exists as an object, or null.
pub fn first(cx: &Call<'_>, node: Value) -> Result {
    Ok(if let Content::Nodes { first, .. } = content(cx, node)? { first } else { Value::Null })
}

pub fn last(cx: &Call<'_>, node: Value) -> Result {
    Ok(if let Content::Nodes { last, .. } = content(cx, node)? { last } else { Value::Null })
}

pub fn is_element(cx: &Call<'_>, node: Value) -> bool {
    matches!(data(cx, node), Some(Data::Element { .. }))
}

pub fn is_document(cx: &Call<'_>, node: Value) -> bool {
    matches!(data(cx, node), Some(Data::Document { .. }))
}

pub fn is_container(cx: &Call<'_>, node: Value) -> bool {
    is_element(cx, node) || is_document(cx, node)
}

pub fn is_attribute(cx: &Call<'_>, node: Value) -> bool {
    matches!(data(cx, node), Some(Data::Attribute { .. }))
}

/// A node: not an attribute.
pub fn is_node(cx: &Call<'_>, node: Value) -> bool {
    data(cx, node).is_some_and(|data| !matches!(data, Data::Attribute { .. }))
}

/// The name of an element or attribute.
pub fn name(cx: &Call<'_>, node: Value) -> Result<Arc<Name>> {
    match &get(cx, node)?.data {
        Data::Element { name, .. } | Data::Attribute { name, .. } => Ok(name.clone()),
        _ => Err(Fault::null_reference()),
    }
}

/// An element of this name, or any element where there is none.
pub fn is_named(cx: &Call<'_>, node: Value, wanted: Option<&Arc<Name>>) -> bool {
    match data(cx, node) {
        Some(Data::Element { name, .. }) => wanted.is_none_or(|wanted| name::same(name, wanted)),
        _ => false,
    }
}

/// The text of a text node (not of CDATA).
pub fn plain_text(cx: &Call<'_>, node: Value) -> Option<Value> {
    if let Some(Data::Text(text)) = data(cx, node) { Some(*text) } else { None }
}

/// The `XmlNodeType` of an object.
pub fn kind(cx: &Call<'_>, node: Value) -> Result<i64> {
    Ok(match &get(cx, node)?.data {
        Data::Element { .. } => 1,
        Data::Attribute { .. } => 2,
        Data::Text(_) => 3,
        Data::CData(_) => 4,
        Data::Instruction { .. } => 7,
        Data::Comment(_) => 8,
        Data::Document { .. } => 9,
        Data::DocumentType { .. } => 10,
    })
}

pub fn kind_name(kind: i64) -> &'static str {
    match kind {
        1 => "Element",
        2 => "Attribute",
        3 => "Text",
        4 => "CDATA",
        7 => "ProcessingInstruction",
        8 => "Comment",
        9 => "Document",
        _ => "DocumentType",
    }
}

pub fn first_attribute(cx: &Call<'_>, element: Value) -> Result {
    Ok(match &get(cx, element)?.data {
        Data::Element { first_attribute, .. } => *first_attribute,
        _ => Value::Null,
    })
}

pub fn last_attribute(cx: &Call<'_>, element: Value) -> Result {
    Ok(match &get(cx, element)?.data {
        Data::Element { last_attribute, .. } => *last_attribute,
        _ => Value::Null,
    })
}

/// The attribute of this name, or null.
pub fn attribute(cx: &mut Call<'_>, element: Value, wanted: &Arc<Name>) -> Result {
    let mut attribute = first_attribute(cx, element)?;
    while !attribute.is_null() {
        cx.charge_fuel(1)?;
        if name::same(&name(cx, attribute)?, wanted) {
            break;
        }
        attribute = next(cx, attribute)?;
    }
    Ok(attribute)
}

pub fn attribute_value(cx: &Call<'_>, attribute: Value) -> Result {
    match &get(cx, attribute)?.data {
        Data::Attribute { value, .. } => Ok(*value),
        _ => Err(Fault::null_reference()),
    }
}

/// The outermost node of the tree that a node is in.
pub fn root(cx: &mut Call<'_>, node: Value) -> Result {
    let mut at = node;
    loop {
        cx.charge_fuel(1)?;
        let up = parent(cx, at)?;
        if up.is_null() {
            return Ok(at);
        }
        at = up;
    }
}

/// The node after `at` in the document order of what is below `top`, by nodes that exist as objects; null at the end.
/// A node that was taken out of the tree has no place in it: `NullReferenceException`, as on the platform.
pub fn following(cx: &mut Call<'_>, top: Value, at: Value) -> Result {
    cx.charge_fuel(1)?;
    let below = first(cx, at)?;
    if !below.is_null() {
        return Ok(below);
    }
    let mut at = at;
    loop {
        if is(at, top) {
            return Ok(Value::Null);
        }
        let up = parent(cx, at)?;
        if up.is_null() {
            return Err(Fault::null_reference());
        }
        let next = next(cx, at)?;
        if !next.is_null() {
            return Ok(next);
        }
        at = up;
        cx.charge_fuel(1)?;
    }
}

/// All text below a node, joined.
pub fn text_below(cx: &mut Call<'_>, node: Value) -> Result {
    match content(cx, node)? {
        Content::Nothing => return cx.new_str(""),
        Content::Text(text) => return Ok(text),
        Content::Nodes { .. } => {}
    }
    let mut parts = Vec::new();
    let mut at = node;
    loop {
        at = following(cx, node, at)?;
        match data(cx, at) {
            None => break,
            Some(Data::Text(text) | Data::CData(text)) => parts.push(*text),
            Some(Data::Element { content: Content::Text(text), .. }) => parts.push(*text),
            _ => continue,
        }
        cx.heap.charge(size_of::<Value>())?;
    }
    match *parts {
        [] => cx.new_str(""),
        [only] => Ok(only),
        _ => cx.heap.concat(&parts),
    }
}

// ---- changing

pub fn set_content(cx: &mut Call<'_>, node: Value, to: Content) -> Result<()> {
    match &mut get_mut(cx, node)?.data {
        Data::Element { content, .. } | Data::Document { content, .. } => *content = to,
        _ => return Err(Fault::null_reference()),
    }
    Ok(())
}

/// Text that stands alone becomes a text node (an empty one stays as it is).
pub fn text_to_node(cx: &mut Call<'_>, container: Value) -> Result<()> {
    if let Content::Text(text) = content(cx, container)? {
        if cx.heap.str(text).is_some_and(|text| !text.is_empty()) {
            let node = new(cx, Data::Text(text))?;
            append(cx, container, node)?;
        }
    }
    Ok(())
}

/// Puts a free node at the end; text that stood alone is dropped.
pub fn append(cx: &mut Call<'_>, container: Value, node: Value) -> Result<()> {
    let after = last(cx, container)?;
    insert(cx, container, after, node)
}

/// Puts a free node behind a child, or at the beginning where that is null.
pub fn insert(cx: &mut Call<'_>, container: Value, after: Value, node: Value) -> Result<()> {
    let (old_first, old_last) = (first(cx, container)?, last(cx, container)?);
    let following = if after.is_null() { old_first } else { next(cx, after)? };
    let own = get_mut(cx, node)?;
    own.parent = container;
    own.previous = after;
    own.next = following;
    if !after.is_null() {
        get_mut(cx, after)?.next = node;
    }
    if !following.is_null() {
        get_mut(cx, following)?.previous = node;
    }
    let first = if after.is_null() { node } else { old_first };
    let last = if following.is_null() { node } else { old_last };
    set_content(cx, container, Content::Nodes { first, last })
}

/// What .NET throws where a node must be in a tree.
pub fn no_parent() -> Fault {
    Fault::invalid_operation("The parent is missing.")
}

/// Takes a node out of its container.
pub fn remove(cx: &mut Call<'_>, node: Value) -> Result<()> {
    let own = get(cx, node)?;
    let (container, previous, next) = (own.parent, own.previous, own.next);
    if container.is_null() {
        return Err(no_parent());
    }
    let (old_first, old_last) = (first(cx, container)?, last(cx, container)?);
    unlink(cx, node, previous, next)?;
    let first = if previous.is_null() { next } else { old_first };
    let last = if next.is_null() { previous } else { old_last };
    let content = if first.is_null() { Content::Nothing } else { Content::Nodes { first, last } };
    set_content(cx, container, content)
}

fn unlink(cx: &mut Call<'_>, node: Value, previous: Value, next: Value) -> Result<()> {
    if !previous.is_null() {
        get_mut(cx, previous)?.next = next;
    }
    if !next.is_null() {
        get_mut(cx, next)?.previous = previous;
    }
    let own = get_mut(cx, node)?;
    own.parent = Value::Null;
    own.previous = Value::Null;
    own.next = Value::Null;
    Ok(())
}

pub fn remove_nodes(cx: &mut Call<'_>, container: Value) -> Result<()> {
    let mut node = first(cx, container)?;
    while !node.is_null() {
        cx.charge_fuel(1)?;
        let next = next(cx, node)?;
        unlink(cx, node, Value::Null, Value::Null)?;
        node = next;
    }
    set_content(cx, container, Content::Nothing)
}

/// Puts a free attribute at the end.
pub fn append_attribute(cx: &mut Call<'_>, element: Value, attribute: Value) -> Result<()> {
    let before = last_attribute(cx, element)?;
    let own = get_mut(cx, attribute)?;
    own.parent = element;
    own.previous = before;
    if !before.is_null() {
        get_mut(cx, before)?.next = attribute;
    }
    if let Data::Element { first_attribute, last_attribute, .. } = &mut get_mut(cx, element)?.data {
        if before.is_null() {
            *first_attribute = attribute;
        }
        *last_attribute = attribute;
    }
    Ok(())
}

pub fn remove_attribute(cx: &mut Call<'_>, attribute: Value) -> Result<()> {
    let own = get(cx, attribute)?;
    let (element, previous, next) = (own.parent, own.previous, own.next);
    if element.is_null() {
        return Err(no_parent());
    }
    unlink(cx, attribute, previous, next)?;
    if let Data::Element { first_attribute, last_attribute, .. } = &mut get_mut(cx, element)?.data {
        if previous.is_null() {
            *first_attribute = next;
        }
        if next.is_null() {
            *last_attribute = previous;
        }
    }
    Ok(())
}

pub fn remove_attributes(cx: &mut Call<'_>, element: Value) -> Result<()> {
    loop {
        let attribute = first_attribute(cx, element)?;
        if attribute.is_null() {
            return Ok(());
        }
        cx.charge_fuel(1)?;
        remove_attribute(cx, attribute)?;
    }
}
