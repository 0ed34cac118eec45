//! JSON tokens as heap objects. A parsed container knows its place in the scanned [`Document`]; its children become objects
//! when somebody touches them, so that what nobody reads costs nothing.

use super::document::{Document, Node, Wanted};
use super::reader::{Kind, Unescaped};
use super::{date, number};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::system::enumerate;
use crate::dotnet::system::hidden::class_of;
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;
use std::sync::{Arc, LazyLock};

pub type Result<T = Value> = std::result::Result<T, Fault>;

/// `JTokenType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Type {
    Object = 1,
    Array = 2,
    Constructor = 3,
    Property = 4,
    Comment = 5,
    Integer = 6,
    Float = 7,
    String = 8,
    Boolean = 9,
    Null = 10,
    Undefined = 11,
    Date = 12,
    Raw = 13,
    Bytes = 14,
    Guid = 15,
    Uri = 16,
    TimeSpan = 17,
}

impl Type {
    pub fn name(self) -> &'static str {
        match self {
            Type::Object => "Object",
            Type::Array => "Array",
            Type::Constructor => "Constructor",
            Type::Property => "Property",
            Type::Comment => "Comment",
            Type::Integer => "Integer",
            Type::Float => "Float",
            Type::String => "String",
            Type::Boolean => "Boolean",
            Type::Null => "Null",
            Type::Undefined => "Undefined",
            Type::Date => "Date",
            Type::Raw => "Raw",
            Type::Bytes => "Bytes",
            Type::Guid => "Guid",
            Type::Uri => "Uri",
            Type::TimeSpan => "TimeSpan",
        }
    }

    pub fn is_container(self) -> bool {
        matches!(self, Type::Object | Type::Array | Type::Constructor | Type::Property)
    }
}

/// Where a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Made,
    /// A node of the document of the container around it, or its own.
    Node(u32),
    /// Line and position, of a value that is a text by itself.
    Place(u32, u32),
}

/// A token object.
#[derive(Debug)]
pub struct Token {
    pub kind: Type,
    /// The container, or null.
    pub parent: Value,
    /// Where in a text it came from.
    pub origin: Origin,
    /// What hangs on it.
    pub annotations: Option<Box<Vec<Value>>>,
    pub body: Body,
}

#[derive(Debug)]
pub enum Body {
    /// A `JValue`.
    Leaf(Value),
    /// A container that nobody has looked into.
    Scanned(Arc<Document>, u32),
    /// A container: the children of an array or constructor, the properties of an object, the one value of a property.
    Children { from: Option<Arc<Document>>, items: Vec<Child>, name: Value, version: u32 },
}

/// A child: an object, or a place in the document.
#[derive(Clone, Copy, Debug)]
pub enum Child {
    Scanned(u32),
    Made(Value),
}

macro_rules! token_types {
    ($($name:ident $dotnet:literal;)*) => {
        $(pub fn $name() -> TypeId {
            static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::named($dotnet));
            *ID
        })*
    };
}

token_types! {
    jtoken "Newtonsoft.Json.Linq.JToken";
    jobject "Newtonsoft.Json.Linq.JObject";
    jarray "Newtonsoft.Json.Linq.JArray";
    jvalue "Newtonsoft.Json.Linq.JValue";
    jproperty "Newtonsoft.Json.Linq.JProperty";
    jconstructor "Newtonsoft.Json.Linq.JConstructor";
    jraw "Newtonsoft.Json.Linq.JRaw";
    jtoken_type "Newtonsoft.Json.Linq.JTokenType";
    big_integer "System.Numerics.BigInteger";
}

/// An integer beyond 64 bits, by its decimal digits.
#[derive(Debug)]
pub struct BigInteger(pub Box<str>);

// ---- making ----------------------------------------------------------------------------------------------------------

pub fn new_token(cx: &mut Call<'_>, kind: Type, body: Body, parent: Value) -> Result {
    let ty = match kind {
        Type::Object => jobject(),
        Type::Array => jarray(),
        Type::Constructor => jconstructor(),
        Type::Property => jproperty(),
        Type::Raw => jraw(),
        _ => jvalue(),
    };
    cx.heap.new_extension(ty, Token { kind, parent, origin: Origin::Made, annotations: None, body })
}

pub fn new_leaf(cx: &mut Call<'_>, kind: Type, value: Value) -> Result {
    new_token(cx, kind, Body::Leaf(value), Value::Null)
}

pub fn new_container(cx: &mut Call<'_>, kind: Type) -> Result {
    let body = Body::Children { from: None, items: Vec::new(), name: Value::Null, version: 0 };
    new_token(cx, kind, body, Value::Null)
}

/// A property without a parent; the value must have none either.
pub fn new_property(cx: &mut Call<'_>, name: Value, value: Value) -> Result {
    if kind(cx, value)? == Type::Property {
        let message = "Can not add Newtonsoft.Json.Linq.JProperty to Newtonsoft.Json.Linq.JProperty.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    cx.heap.charge(size_of::<Child>())?;
    let body = Body::Children { from: None, items: vec![Child::Made(value)], name, version: 0 };
    let property = new_token(cx, Type::Property, body, Value::Null)?;
    set_parent(cx, value, property)?;
    Ok(property)
}

/// Parses a text to a token.
pub fn parse(cx: &mut Call<'_>, text: Value, parameter: &str, wanted: Wanted) -> Result {
    let text: Arc<str> = Arc::from(&*cx.text(text, parameter)?);
    match scan(cx, text, wanted)? {
        Ok(token) => Ok(token),
        Err(message) => Err(Fault::throw("Newtonsoft.Json.JsonReaderException", message)),
    }
}

/// A token of a text, or why there is none.
pub fn scan(cx: &mut Call<'_>, text: Arc<str>, wanted: Wanted) -> Result<std::result::Result<Value, String>> {
    cx.charge_fuel(text.len() / 8)?;
    let document = match Document::scan(text, wanted) {
        Ok(document) => document,
        Err(message) => return Ok(Err(message)),
    };
    cx.heap.charge(document.size())?;
    make(cx, &document, 0, Value::Null).map(Ok)
}

/// The object of a place in a document.
fn make(cx: &mut Call<'_>, document: &Arc<Document>, at: u32, parent: Value) -> Result {
    let made = make_plain(cx, document, at, parent)?;
    let is_lone = parent.is_null() && matches!(get(cx, made)?.body, Body::Leaf(_)) && document.has_places();
    // To count lines takes a walk through the text.
    let place = if is_lone { document.place(at) } else { None };
    cx.this_mut::<Token>(made)?.origin = match place {
        Some((line, position)) => Origin::Place(line as u32, position as u32),
        None => Origin::Node(at),
    };
    Ok(made)
}

fn make_plain(cx: &mut Call<'_>, document: &Arc<Document>, at: u32, parent: Value) -> Result {
    let node = document.node(at);
    let container = match node.kind {
        Kind::StartObject => Some(Type::Object),
        Kind::StartArray => Some(Type::Array),
        Kind::StartConstructor => Some(Type::Constructor),
        _ => None,
    };
    if let Some(kind) = container {
        return new_token(cx, kind, Body::Scanned(document.clone(), at), parent);
    }
    if node.kind == Kind::PropertyName {
        let name = new_string(cx, document, node)?;
        cx.heap.charge(size_of::<Child>())?;
        let body =
            Body::Children { from: Some(document.clone()), items: vec![Child::Scanned(at + 1)], name, version: 0 };
        return new_token(cx, Type::Property, body, parent);
    }
    let (kind, value) = leaf_value(cx, document, node)?;
    new_token(cx, kind, Body::Leaf(value), parent)
}

fn new_string(cx: &mut Call<'_>, document: &Document, node: Node) -> Result {
    match document.string(node) {
        Unescaped::Plain(text) => cx.heap.new_str(text),
        Unescaped::Units(units) => cx.heap.new_wide(&units),
    }
}

/// The .NET value of a scanned leaf.
fn leaf_value(cx: &mut Call<'_>, document: &Document, node: Node) -> Result<(Type, Value)> {
    Ok(match node.kind {
        Kind::String => match date_of(document, node) {
            Some(date) => (Type::Date, Value::DateTime(date)),
            None => (Type::String, new_string(cx, document, node)?),
        },
        Kind::Integer => (Type::Integer, integer_value(cx, document.raw(node))?),
        Kind::Float => (Type::Float, Value::Double(number::float(document.raw(node)))),
        Kind::NaN => (Type::Float, Value::Double(f64::NAN)),
        Kind::Infinity => (Type::Float, Value::Double(f64::INFINITY)),
        Kind::NegativeInfinity => (Type::Float, Value::Double(f64::NEG_INFINITY)),
        Kind::True => (Type::Boolean, Value::Bool(true)),
        Kind::False => (Type::Boolean, Value::Bool(false)),
        Kind::Undefined => (Type::Undefined, Value::Null),
        Kind::Comment => (Type::Comment, cx.heap.new_str(document.raw(node))?),
        _ => (Type::Null, Value::Null),
    })
}

/// An integer: a long, or a `BigInteger` beyond 64 bits.
pub fn integer_value(cx: &mut Call<'_>, text: &str) -> Result {
    match number::integer(text) {
        Some(value) => Ok(Value::Int64(value)),
        None => cx.heap.new_extension(big_integer(), BigInteger(text.into())),
    }
}

pub fn date_of(document: &Document, node: Node) -> Option<crate::dotnet::value::DateTime> {
    let raw = document.raw(node);
    if raw.len() < 9 || !matches!(raw.as_bytes()[0], b'0'..=b'9' | b'/' | b'\\') {
        return None;
    }
    date::recognise(&document.string(node).to_text())
}

// ---- looking ---------------------------------------------------------------------------------------------------------

/// The token behind a value; null throws `NullReferenceException`.
pub fn get<'a>(cx: &'a Call<'_>, value: Value) -> Result<&'a Token> {
    cx.this::<Token>(value)
}

pub fn is_token(cx: &Call<'_>, value: Value) -> bool {
    cx.heap.extension::<Token>(value).is_some()
}

/// Whether it is a token that holds others by their places.
pub fn is_container(cx: &Call<'_>, value: Value) -> bool {
    let kind = cx.heap.extension::<Token>(value).map(|token| token.kind);
    matches!(kind, Some(Type::Object | Type::Array | Type::Constructor))
}

pub fn kind(cx: &Call<'_>, value: Value) -> Result<Type> {
    Ok(get(cx, value)?.kind)
}

/// The value of a `JValue`.
pub fn leaf(cx: &Call<'_>, token: Value) -> Option<Value> {
    match cx.heap.extension::<Token>(token)?.body {
        Body::Leaf(value) => Some(value),
        _ => None,
    }
}

/// Where a property was that a later one of its name took the place of.
const GONE: u32 = u32::MAX;

/// Up to so many names are sooner compared with each other than hashed.
const MOST_COMPARED: usize = 12;

/// A scanned container's children. The last of several properties with one name counts, in the place of the first.
pub fn scanned_children(document: &Document, at: u32) -> Vec<Child> {
    let children: Vec<u32> = document.children(at).collect();
    let is_plain = document.node(at).kind != Kind::StartObject || all_differ(document, &children);
    let kept = if is_plain { children } else { last_of_each_name(document, children) };
    kept.into_iter().map(Child::Scanned).collect()
}

/// Whether a few properties surely have a name each.
fn all_differ(document: &Document, children: &[u32]) -> bool {
    children.len() <= MOST_COMPARED
        && children.iter().enumerate().all(|(at, &child)| {
            let node = document.node(child);
            let is_same = |other: &u32| document.raw(document.node(*other)) == document.raw(node);
            !node.span.escaped && !children[..at].iter().any(is_same)
        })
}

fn last_of_each_name(document: &Document, children: Vec<u32>) -> Vec<u32> {
    let mut seen = std::collections::HashMap::with_capacity(children.len());
    let mut kept: Vec<u32> = Vec::with_capacity(children.len());
    for child in children {
        let node = document.node(child);
        let name = if node.span.escaped {
            document.string(node).to_text().into_owned().into()
        } else {
            std::borrow::Cow::Borrowed(document.raw(node))
        };
        match seen.entry(name) {
            std::collections::hash_map::Entry::Occupied(mut first) if document.last_place => {
                kept[*first.get()] = GONE;
                first.insert(kept.len());
                kept.push(child);
            }
            std::collections::hash_map::Entry::Occupied(first) => kept[*first.get()] = child,
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(child);
            }
        }
    }
    kept.retain(|&child| child != GONE);
    kept
}

/// Looks into a container: its children are known afterwards, though no objects yet.
fn expand(cx: &mut Call<'_>, token: Value) -> Result<()> {
    let Body::Scanned(document, at) = &get(cx, token)?.body else { return Ok(()) };
    let (document, at) = (document.clone(), *at);
    let name = match document.node(at).kind {
        Kind::StartConstructor => cx.heap.new_str(document.raw(document.node(at)))?,
        _ => Value::Null,
    };
    let items = scanned_children(&document, at);
    cx.charge_fuel(items.len() / 2)?;
    cx.heap.charge(items.len() * size_of::<Child>())?;
    cx.this_mut::<Token>(token)?.body = Body::Children { from: Some(document), items, name, version: 0 };
    Ok(())
}

/// The number of children.
pub fn len(cx: &mut Call<'_>, token: Value) -> Result<usize> {
    expand(cx, token)?;
    Ok(match &get(cx, token)?.body {
        Body::Children { items, .. } => items.len(),
        _ => 0,
    })
}

pub fn version(cx: &Call<'_>, token: Value) -> u32 {
    match cx.heap.extension::<Token>(token).map(|token| &token.body) {
        Some(Body::Children { version, .. }) => *version,
        _ => 0,
    }
}

/// A child, made an object now if it is none yet.
pub fn child(cx: &mut Call<'_>, token: Value, at: usize) -> Result<Option<Value>> {
    expand(cx, token)?;
    let Body::Children { from, items, .. } = &get(cx, token)?.body else { return Ok(None) };
    match (items.get(at), from) {
        (Some(&Child::Made(value)), _) => Ok(Some(value)),
        (Some(&Child::Scanned(place)), Some(document)) => {
            let document = document.clone();
            let made = make(cx, &document, place, token)?;
            if let Body::Children { items, .. } = &mut cx.this_mut::<Token>(token)?.body {
                items[at] = Child::Made(made);
            }
            Ok(Some(made))
        }
        _ => Ok(None),
    }
}

/// All children as objects.
pub fn children(cx: &mut Call<'_>, token: Value) -> Result<Vec<Value>> {
    let len = len(cx, token)?;
    cx.charge_fuel(len)?;
    let mut all = Vec::with_capacity(len);
    for at in 0..len {
        all.extend(child(cx, token, at)?);
    }
    Ok(all)
}

/// What a member of an object is called.
fn name_is(cx: &Call<'_>, document: Option<&Arc<Document>>, child: Child, matches: &dyn Fn(&str) -> bool) -> bool {
    match (child, document) {
        (Child::Scanned(at), Some(document)) => matches(&document.string(document.node(at)).to_text()),
        (Child::Made(property), _) => match cx.heap.extension::<Token>(property).map(|token| &token.body) {
            Some(Body::Children { name, .. }) => cx.heap.text(*name).is_some_and(|name| matches(&name)),
            _ => false,
        },
        _ => false,
    }
}

/// The place of a property.
pub fn find(cx: &mut Call<'_>, object: Value, name: &str) -> Result<Option<usize>> {
    expand(cx, object)?;
    let Body::Children { from, items, .. } = &get(cx, object)?.body else { return Ok(None) };
    let found = items.iter().position(|&item| match (item, from) {
        (Child::Scanned(at), Some(document)) => document.is(document.node(at), name),
        _ => name_is(cx, from.as_ref(), item, &|own| own == name),
    });
    let walked = found.unwrap_or(items.len());
    // A name in the text is there to be compared, that of an object is looked up first.
    let made = matches!(items.last(), Some(Child::Made(_)));
    cx.charge_fuel(if made { walked } else { walked / 8 })?;
    Ok(found)
}

/// The first property whose name satisfies a test.
pub fn find_by(cx: &mut Call<'_>, object: Value, matches: &dyn Fn(&str) -> bool) -> Result<Option<usize>> {
    let len = len(cx, object)?;
    cx.charge_fuel(len / 4)?;
    let Body::Children { from, items, .. } = &get(cx, object)?.body else { return Ok(None) };
    Ok(items.iter().position(|&item| name_is(cx, from.as_ref(), item, matches)))
}

/// The value of an object's property.
pub fn member(cx: &mut Call<'_>, object: Value, name: &str) -> Result<Option<Value>> {
    let Some(at) = find(cx, object, name)? else { return Ok(None) };
    match child(cx, object, at)? {
        Some(property) => child(cx, property, 0),
        None => Ok(None),
    }
}

/// The value of a property.
pub fn property_value(cx: &mut Call<'_>, property: Value) -> Result {
    Ok(child(cx, property, 0)?.unwrap_or(Value::Null))
}

/// The name of a property or constructor.
pub fn name(cx: &mut Call<'_>, token: Value) -> Result {
    expand(cx, token)?;
    Ok(match &get(cx, token)?.body {
        Body::Children { name, .. } => *name,
        _ => Value::Null,
    })
}

pub fn set_name(cx: &mut Call<'_>, token: Value, new: Value) -> Result<()> {
    expand(cx, token)?;
    if let Body::Children { name, .. } = &mut cx.this_mut::<Token>(token)?.body {
        *name = new;
    }
    Ok(())
}

/// Where a token ended in the text that it was parsed from: line and position.
/// Says where in a text a token ended.
pub fn set_place(cx: &mut Call<'_>, token: Value, (line, position): (usize, usize)) -> Result<()> {
    cx.this_mut::<Token>(token)?.origin = Origin::Place(line as u32, position as u32);
    Ok(())
}

pub fn line_and_position(cx: &Call<'_>, token: Value) -> Result<Option<(usize, usize)>> {
    if token.is_null() {
        return Ok(None);
    }
    let own = get(cx, token)?;
    let at = match own.origin {
        Origin::Made => return Ok(None),
        Origin::Place(line, position) => return Ok(Some((line as usize, position as usize))),
        Origin::Node(at) => at,
    };
    let mut holder = token;
    while !holder.is_null() {
        let own = get(cx, holder)?;
        if let Body::Scanned(document, _) | Body::Children { from: Some(document), .. } = &own.body {
            return Ok(document.place(at).filter(|_| document.has_places()));
        }
        holder = own.parent;
    }
    Ok(None)
}

pub fn name_text(cx: &mut Call<'_>, token: Value) -> Result<String> {
    let name = name(cx, token)?;
    Ok(cx.heap.text(name).unwrap_or_default().into_owned())
}

/// The place of a child in its parent.
pub fn place(cx: &mut Call<'_>, parent: Value, token: Value) -> Result<Option<usize>> {
    let len = len(cx, parent)?;
    cx.charge_fuel(len / 4)?;
    let Body::Children { items, .. } = &get(cx, parent)?.body else { return Ok(None) };
    Ok(items.iter().position(
        |item| matches!(item, Child::Made(Value::Object(made)) if Value::Object(*made).is_same_object(token)),
    ))
}

pub fn parent(cx: &Call<'_>, token: Value) -> Result {
    Ok(get(cx, token)?.parent)
}

pub fn root(cx: &Call<'_>, token: Value) -> Result {
    let mut top = token;
    loop {
        match get(cx, top)?.parent {
            Value::Null => return Ok(top),
            parent => top = parent,
        }
    }
}

// ---- changing --------------------------------------------------------------------------------------------------------

pub fn set_parent(cx: &mut Call<'_>, token: Value, parent: Value) -> Result<()> {
    cx.this_mut::<Token>(token)?.parent = parent;
    Ok(())
}

/// The children, to be changed: enumerations under way will notice.
fn change<'a>(cx: &'a mut Call<'_>, container: Value) -> Result<&'a mut Vec<Child>> {
    expand(cx, container)?;
    cx.heap.charge(size_of::<Child>())?;
    match &mut cx.this_mut::<Token>(container)?.body {
        Body::Children { items, version, .. } => {
            *version = version.wrapping_add(1);
            Ok(items)
        }
        _ => Err(Fault::null_reference()),
    }
}

/// What may stand in a container: null becomes a null token, a token that has a place already is copied.
pub fn adopt(cx: &mut Call<'_>, container: Value, item: Value) -> Result {
    if item.is_null() {
        return new_leaf(cx, Type::Null, Value::Null);
    }
    let token = get(cx, item)?;
    let is_placed = !token.parent.is_null() || item.is_same_object(container);
    // Only what holds something can hold the container.
    let may_hold = match &token.body {
        Body::Children { items, .. } => !items.is_empty(),
        Body::Scanned(..) | Body::Leaf(_) => false,
    };
    if is_placed || may_hold && is_above(cx, item, container)? { clone(cx, item) } else { Ok(item) }
}

/// Whether a token is the root of the tree that a container is in.
fn is_above(cx: &mut Call<'_>, token: Value, container: Value) -> Result<bool> {
    let mut top = container;
    loop {
        cx.charge_fuel(1)?;
        match get(cx, top)?.parent {
            Value::Null => return Ok(top.is_same_object(token)),
            parent => top = parent,
        }
    }
}

/// Puts a token into a container at a place. `what` may be null.
pub fn insert(cx: &mut Call<'_>, container: Value, at: usize, item: Value) -> Result<()> {
    let item = adopt(cx, container, item)?;
    check(cx, container, item, None)?;
    set_parent(cx, item, container)?;
    let items = change(cx, container)?;
    let at = at.min(items.len());
    items.insert(at, Child::Made(item));
    Ok(())
}

/// Puts a token that has no place yet behind all others, without asking whether it may stand there.
pub fn push(cx: &mut Call<'_>, container: Value, item: Value) -> Result<()> {
    set_parent(cx, item, container)?;
    change(cx, container)?.push(Child::Made(item));
    Ok(())
}

/// Puts a token in the place of another.
pub fn set(cx: &mut Call<'_>, container: Value, at: usize, item: Value) -> Result<()> {
    let old = child(cx, container, at)?;
    if let Some(old) = old
        && (old.is_same_object(item) || item.is_null() && kind(cx, old)? == Type::Null)
    {
        return Ok(());
    }
    let item = adopt(cx, container, item)?;
    check(cx, container, item, old)?;
    if let Some(old) = old {
        set_parent(cx, old, Value::Null)?;
    }
    set_parent(cx, item, container)?;
    if let Some(slot) = change(cx, container)?.get_mut(at) {
        *slot = Child::Made(item);
    }
    Ok(())
}

pub fn remove_at(cx: &mut Call<'_>, container: Value, at: usize) -> Result<()> {
    if let Some(old) = child(cx, container, at)? {
        set_parent(cx, old, Value::Null)?;
        change(cx, container)?.remove(at);
    }
    Ok(())
}

pub fn clear(cx: &mut Call<'_>, container: Value) -> Result<()> {
    expand(cx, container)?;
    let made: Vec<Value> = match &get(cx, container)?.body {
        Body::Children { items, .. } => {
            items.iter().filter_map(|item| if let Child::Made(value) = item { Some(*value) } else { None }).collect()
        }
        _ => Vec::new(),
    };
    for token in made {
        set_parent(cx, token, Value::Null)?;
    }
    change(cx, container)?.clear();
    Ok(())
}

/// Whether a container may hold a token.
fn check(cx: &mut Call<'_>, container: Value, item: Value, old: Option<Value>) -> Result<()> {
    let (holder, kind) = (kind(cx, container)?, kind(cx, item)?);
    let refused = |what: &str, holder: &str| {
        Fault::throw(
            "System.ArgumentException",
            format!("Can not add Newtonsoft.Json.Linq.{what} to Newtonsoft.Json.Linq.{holder}."),
        )
    };
    match holder {
        Type::Object if kind != Type::Property => Err(refused(class_name(kind), "JObject")),
        Type::Object => {
            let name = name_text(cx, item)?;
            if let Some(old) = old
                && name_text(cx, old)? == name
            {
                return Ok(());
            }
            if find(cx, container, &name)?.is_some() {
                return Err(Fault::throw(
                    "System.ArgumentException",
                    format!(
                        "Can not add property {name} to Newtonsoft.Json.Linq.JObject. Property with the same name already exists on object."
                    ),
                ));
            }
            Ok(())
        }
        _ if kind == Type::Property => Err(refused("JProperty", class_name(holder))),
        _ => Ok(()),
    }
}

pub fn class_name(kind: Type) -> &'static str {
    match kind {
        Type::Object => "JObject",
        Type::Array => "JArray",
        Type::Constructor => "JConstructor",
        Type::Property => "JProperty",
        Type::Raw => "JRaw",
        _ => "JValue",
    }
}

/// `DeepClone()`. What was never looked into is shared, not copied.
pub fn clone(cx: &mut Call<'_>, token: Value) -> Result {
    cx.heap.enter()?;
    let copy = clone_nested(cx, token);
    cx.heap.leave();
    copy
}

fn clone_nested(cx: &mut Call<'_>, token: Value) -> Result {
    cx.charge_fuel(1)?;
    let own = get(cx, token)?;
    let kind = own.kind;
    match &own.body {
        Body::Leaf(value) => {
            let body = Body::Leaf(*value);
            new_token(cx, kind, body, Value::Null)
        }
        Body::Scanned(document, at) => {
            let body = Body::Scanned(document.clone(), *at);
            new_token(cx, kind, body, Value::Null)
        }
        Body::Children { from, items, name, .. } => {
            let (from, items, name) = (from.clone(), items.clone(), *name);
            cx.heap.charge(items.len() * size_of::<Child>())?;
            let body = Body::Children { from, items: items.clone(), name, version: 0 };
            let copy = new_token(cx, kind, body, Value::Null)?;
            for (at, item) in items.into_iter().enumerate() {
                if let Child::Made(own) = item {
                    let own = clone(cx, own)?;
                    set_parent(cx, own, copy)?;
                    if let Body::Children { items, .. } = &mut cx.this_mut::<Token>(copy)?.body {
                        items[at] = Child::Made(own);
                    }
                }
            }
            Ok(copy)
        }
    }
}

// ---- content ---------------------------------------------------------------------------------------------------------

/// The token type of a .NET value, as `new JValue(object)` decides it.
pub fn type_of_value(cx: &Call<'_>, value: Value) -> Result<Type> {
    Ok(match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Boolean,
        Value::Int32(_)
        | Value::Int64(_)
        | Value::Int16(_)
        | Value::SByte(_)
        | Value::Byte(_)
        | Value::UInt16(_)
        | Value::UInt32(_)
        | Value::UInt64(_)
        | Value::Enum { .. } => Type::Integer,
        Value::Double(_) | Value::Single(_) => Type::Float,
        Value::DateTime(_) | Value::DateTimeOffset { .. } => Type::Date,
        Value::TimeSpan(_) => Type::TimeSpan,
        _ if cx.heap.str(value).is_some() => Type::String,
        _ if cx.heap.decimal(value).is_some() => Type::Float,
        _ if cx.heap.guid(value).is_some() => Type::Guid,
        _ if cx.heap.bytes(value).is_some() => Type::Bytes,
        _ if cx.heap.extension::<BigInteger>(value).is_some() => Type::Integer,
        _ => {
            let ty = cx.heap.type_of(value);
            if ty.def().is_some_and(|def| def.name == "System.Uri") {
                return Ok(Type::Uri);
            }
            let message = format!("Could not determine JSON object type for type {}.", class_of(cx.heap, value));
            return Err(Fault::throw("System.ArgumentException", message));
        }
    })
}

/// A token of anything that may stand in one: a token itself, or a `JValue`.
pub fn of_content(cx: &mut Call<'_>, content: Value) -> Result {
    if is_token(cx, content) {
        return Ok(content);
    }
    let kind = type_of_value(cx, content)?;
    new_leaf(cx, kind, content)
}

/// Adds content at a place: a token, a value, or each element of a sequence.
pub fn add_content(cx: &mut Call<'_>, container: Value, at: usize, content: Value) -> Result<usize> {
    let is_multiple = !is_token(cx, content)
        && cx.heap.str(content).is_none()
        && cx.heap.bytes(content).is_none()
        && enumerate::is_enumerable(cx, content);
    if is_multiple {
        let items = enumerate::collect(cx, content)?;
        let mut next = at;
        cx.heap.enter()?;
        for item in items {
            match add_content(cx, container, next, item) {
                // However many an item was itself: the next one follows its first.
                Ok(_) => next += 1,
                Err(fault) => {
                    cx.heap.leave();
                    return Err(fault);
                }
            }
        }
        cx.heap.leave();
        return Ok(next);
    }
    let item = of_content(cx, content)?;
    if kind(cx, container)? == Type::Property && len(cx, container)? > 0 {
        return Err(Fault::throw(
            "Newtonsoft.Json.JsonException",
            "Newtonsoft.Json.Linq.JProperty cannot have multiple values.",
        ));
    }
    insert(cx, container, at, item)?;
    Ok(at + 1)
}

/// Whether a run-time type is asked for that every token of it is.
pub fn is_instance(cx: &Call<'_>, value: Value, wanted: TypeId) -> bool {
    wanted == types::object() || inherit::is_instance(cx.heap, value, wanted)
}
