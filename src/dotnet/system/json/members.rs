//! The code behind the rows of the `Newtonsoft.Json` tables.

use super::convert;
use super::deserialize;
use super::document::Wanted;
use super::serialize::{self, Rules};
use super::stream::{Dates, Stream};
use super::token::{self, Result, Type};
use super::{equality, path, write, writers, xml_nodes};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::system::collections::pair_type;
use crate::dotnet::system::display;
use crate::dotnet::system::enumerate::{self, Cursor, sequence};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;
use std::sync::Arc;

fn element(cx: &Call<'_>) -> TypeId {
    cx.type_arguments.last().copied().unwrap_or_else(token::jtoken)
}

// ---- parsing and printing --------------------------------------------------------------------------------------------

pub fn parse(cx: &mut Call<'_>, a: &[Value], wanted: Wanted) -> Result {
    token::parse(cx, a[0], "s", wanted)
}

pub fn to_string(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if let Some(value) = token::leaf(cx, a[0]) {
        return if value.is_null() { cx.new_str("") } else { display::to_str(cx, value) };
    }
    let text = write::write(cx, a[0], true)?;
    cx.new_str(&text)
}

pub fn to_string_formatting(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let indented = is_indented(a[1])?;
    let text = write::write(cx, a[0], indented)?;
    cx.new_str(&text)
}

/// What a `Formatting` says.
fn is_indented(formatting: Value) -> Result<bool> {
    match formatting.integer() {
        Some(0) => Ok(false),
        Some(1) => Ok(true),
        _ => Err(Fault::out_of_range("Specified argument was out of the range of valid values.", "value")),
    }
}

/// `JValue.ToString(string format[, IFormatProvider])`.
pub fn to_string_format(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let Some(value) = token::leaf(cx, a[0]).filter(|value| !value.is_null()) else { return cx.new_str("") };
    let format = cx.heap.text(a[1]).map(std::borrow::Cow::into_owned);
    let text = display::format_value(cx, value, format.as_deref())?;
    cx.new_str(&text)
}

// ---- looking ---------------------------------------------------------------------------------------------------------

pub fn type_of(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let value = token::kind(cx, a[0])? as i64;
    Ok(Value::Enum { ty: token::jtoken_type(), value })
}

pub fn path(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let path = path::path_of(cx, a[0])?;
    cx.new_str(&path)
}

/// `object[name]`.
pub fn item_by_name(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.text(a[1], "propertyName")?;
    item(cx, a)
}

pub fn set_item_by_name(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.text(a[1], "name")?;
    set_item(cx, a)
}

/// `token[key]`: a name in an object, a position in an array.
pub fn item(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let kind = token::kind(cx, a[0])?;
    match kind {
        Type::Object => {
            let Some(name) = cx.heap.text(a[1]) else {
                if a[1].is_null() {
                    return Err(Fault::argument_null("key"));
                }
                return Err(wrong_key(
                    cx,
                    "Accessed JObject values with invalid key value: ",
                    ". Object property name expected.",
                    a[1],
                )?);
            };
            let name = name.into_owned();
            Ok(token::member(cx, a[0], &name)?.unwrap_or(Value::Null))
        }
        Type::Array | Type::Constructor => {
            let Value::Int32(at) = a[1] else {
                if a[1].is_null() {
                    return Err(Fault::argument_null("key"));
                }
                let (before, after) = if kind == Type::Array {
                    ("Accessed JArray values with invalid key value: ", ". Int32 array index expected.")
                } else {
                    ("Accessed JConstructor values with invalid key value: ", ". Argument position index expected.")
                };
                return Err(wrong_key(cx, before, after, a[1])?);
            };
            let found = match usize::try_from(at) {
                Ok(at) => token::child(cx, a[0], at)?,
                Err(_) => None,
            };
            found.ok_or_else(|| Fault::index("index"))
        }
        _ => Err(no_children(kind)),
    }
}

fn no_children(kind: Type) -> Fault {
    Fault::invalid_operation(format!("Cannot access child value on Newtonsoft.Json.Linq.{}.", token::class_name(kind)))
}

fn wrong_key(cx: &mut Call<'_>, before: &str, after: &str, key: Value) -> Result<Fault> {
    let text = if cx.heap.str(key).is_some() {
        format!("\"{}\"", display::display(cx, key)?)
    } else {
        display::display(cx, key)?
    };
    Ok(Fault::throw("System.ArgumentException", format!("{before}{text}{after}")))
}

pub fn set_item(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let kind = token::kind(cx, a[0])?;
    match kind {
        Type::Object => {
            if cx.heap.str(a[1]).is_none() {
                if a[1].is_null() {
                    return Err(Fault::argument_null("key"));
                }
                return Err(wrong_key(
                    cx,
                    "Set JObject values with invalid key value: ",
                    ". Object property name expected.",
                    a[1],
                )?);
            }
            set_member(cx, a[0], a[1], a[2])?;
        }
        Type::Array | Type::Constructor => {
            let Value::Int32(at) = a[1] else {
                if a[1].is_null() {
                    return Err(Fault::argument_null("key"));
                }
                let (before, after) = if kind == Type::Array {
                    ("Set JArray values with invalid key value: ", ". Int32 array index expected.")
                } else {
                    ("Set JConstructor values with invalid key value: ", ". Argument position index expected.")
                };
                return Err(wrong_key(cx, before, after, a[1])?);
            };
            let at = index(cx, a[0], at, "Index is equal to or greater than Count.")?;
            token::set(cx, a[0], at, a[2])?;
        }
        _ => {
            return Err(Fault::invalid_operation(format!(
                "Cannot set child value on Newtonsoft.Json.Linq.{}.",
                token::class_name(kind)
            )));
        }
    }
    Ok(Value::Null)
}

fn index(cx: &mut Call<'_>, container: Value, at: i32, beyond: &str) -> Result<usize> {
    let len = token::len(cx, container)?;
    match usize::try_from(at) {
        Err(_) => Err(Fault::out_of_range("Index is less than 0.", "index")),
        Ok(at) if at >= len => Err(Fault::out_of_range(beyond, "index")),
        Ok(at) => Ok(at),
    }
}

/// `object[name] = value`.
pub fn set_member(cx: &mut Call<'_>, object: Value, name: Value, value: Value) -> Result<()> {
    let text = cx.text(name, "propertyName")?.into_owned();
    match token::find(cx, object, &text)? {
        Some(at) => {
            if let Some(property) = token::child(cx, object, at)? {
                token::set(cx, property, 0, value)?;
            }
        }
        None => append_member(cx, object, name, value)?,
    }
    Ok(())
}

fn append_member(cx: &mut Call<'_>, object: Value, name: Value, value: Value) -> Result<()> {
    let value = token::adopt(cx, object, value)?;
    let property = token::new_property(cx, name, value)?;
    let end = token::len(cx, object)?;
    token::insert(cx, object, end, property)
}

pub fn first(cx: &mut Call<'_>, a: &[Value]) -> Result {
    container_only(cx, a[0])?;
    Ok(token::child(cx, a[0], 0)?.unwrap_or(Value::Null))
}

pub fn last(cx: &mut Call<'_>, a: &[Value]) -> Result {
    container_only(cx, a[0])?;
    match token::len(cx, a[0])? {
        0 => Ok(Value::Null),
        len => Ok(token::child(cx, a[0], len - 1)?.unwrap_or(Value::Null)),
    }
}

fn container_only(cx: &Call<'_>, token: Value) -> Result<()> {
    let kind = token::kind(cx, token)?;
    if kind.is_container() { Ok(()) } else { Err(no_children(kind)) }
}

pub fn has_values(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Bool(token::len(cx, a[0])? > 0))
}

pub fn count(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Int32(token::len(cx, a[0])? as i32))
}

pub fn next(cx: &mut Call<'_>, a: &[Value], step: i64) -> Result {
    let parent = token::parent(cx, a[0])?;
    if parent.is_null() {
        return Ok(Value::Null);
    }
    match token::place(cx, parent, a[0])? {
        Some(at) => match usize::try_from(at as i64 + step) {
            Ok(at) => Ok(token::child(cx, parent, at)?.unwrap_or(Value::Null)),
            Err(_) => Ok(Value::Null),
        },
        None => Ok(Value::Null),
    }
}

// ---- sequences -------------------------------------------------------------------------------------------------------

/// The children, one at a time; a change meanwhile throws.
pub fn child_cursor(cx: &mut Call<'_>, token: Value) -> Result<Cursor> {
    token::len(cx, token)?;
    let version = token::version(cx, token);
    let mut at = 0;
    Ok(Cursor::new(move |cx| {
        if token::version(cx, token) != version {
            return Err(enumerate::modified());
        }
        at += 1;
        token::child(cx, token, at - 1)
    }))
}

pub fn children(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (this, ty) = (a[0], cx.returns);
    token::kind(cx, this)?;
    sequence(cx, ty, move |cx| child_cursor(cx, this))
}

pub fn children_of_type(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (this, ty, wanted) = (a[0], cx.returns, element(cx));
    sequence(cx, ty, move |cx| {
        let mut inner = child_cursor(cx, this)?;
        Ok(Cursor::new(move |cx| {
            while let Some(token) = inner.next(cx)? {
                if token::is_instance(cx, token, wanted) {
                    return Ok(Some(token));
                }
            }
            Ok(None)
        }))
    })
}

/// `GetEnumerator` of any token.
pub fn get_enumerator(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let cursor = child_cursor(cx, a[0])?;
    let ty = cx.returns;
    enumerate::enumerator(cx, ty, cursor)
}

/// `GetEnumerator` of a `JObject`: pairs of names and values.
pub fn get_pairs(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let mut inner = child_cursor(cx, a[0])?;
    let pair = pair_type(types::string(), token::jtoken());
    let cursor = Cursor::new(move |cx| {
        let Some(property) = inner.next(cx)? else { return Ok(None) };
        let (name, value) = (token::name(cx, property)?, token::property_value(cx, property)?);
        cx.heap.new_record(pair, &[name, value]).map(Some)
    });
    let ty = cx.returns;
    enumerate::enumerator(cx, ty, cursor)
}

pub fn property_values(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (this, ty) = (a[0], cx.returns);
    sequence(cx, ty, move |cx| {
        let mut inner = child_cursor(cx, this)?;
        Ok(Cursor::new(move |cx| match inner.next(cx)? {
            Some(property) => token::property_value(cx, property).map(Some),
            None => Ok(None),
        }))
    })
}

/// `Values<T>()`: the children converted.
pub fn values(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (this, ty, wanted) = (a[0], cx.returns, element(cx));
    container_only(cx, this)?;
    sequence(cx, ty, move |cx| {
        let mut inner = child_cursor(cx, this)?;
        Ok(Cursor::new(move |cx| match inner.next(cx)? {
            Some(token) => convert::convert(cx, token, wanted).map(Some),
            None => Ok(None),
        }))
    })
}

fn descendant_cursor(token: Value, with_self: bool) -> Cursor {
    let mut open: Option<Vec<Value>> = None;
    Cursor::new(move |cx| {
        let open = match &mut open {
            Some(open) => open,
            empty => {
                let start = if with_self { vec![token] } else { reversed_children(cx, token)? };
                empty.insert(start)
            }
        };
        let Some(next) = open.pop() else { return Ok(None) };
        let more = reversed_children(cx, next)?;
        cx.heap.charge(size_of_val(more.as_slice()))?;
        open.extend(more);
        Ok(Some(next))
    })
}

fn reversed_children(cx: &mut Call<'_>, token: Value) -> Result<Vec<Value>> {
    let mut children = token::children(cx, token)?;
    children.reverse();
    Ok(children)
}

pub fn descendants(cx: &mut Call<'_>, a: &[Value], with_self: bool) -> Result {
    let (this, ty) = (a[0], cx.returns);
    sequence(cx, ty, move |_| Ok(descendant_cursor(this, with_self)))
}

fn ancestor_cursor(token: Value, with_self: bool) -> Cursor {
    let mut at = token;
    let mut is_first = true;
    Cursor::new(move |cx| {
        if !is_first || !with_self {
            at = if at.is_null() { at } else { token::parent(cx, at)? };
        }
        is_first = false;
        Ok(Some(at).filter(|token| !token.is_null()))
    })
}

pub fn ancestors(cx: &mut Call<'_>, a: &[Value], with_self: bool) -> Result {
    let (this, ty) = (a[0], cx.returns);
    sequence(cx, ty, move |_| Ok(ancestor_cursor(this, with_self)))
}

pub fn siblings(cx: &mut Call<'_>, a: &[Value], after: bool) -> Result {
    let parent = token::parent(cx, a[0])?;
    let mut items = Vec::new();
    if !parent.is_null()
        && let Some(at) = token::place(cx, parent, a[0])?
    {
        items = token::children(cx, parent)?;
        items = if after { items.split_off(at + 1) } else { items[..at].to_vec() };
    }
    let ty = cx.returns;
    sequence(cx, ty, move |_| Ok(Cursor::over(items.clone())))
}

// ---- of sequences of tokens ------------------------------------------------------------------------------------------

/// A sequence that makes several tokens of each.
pub fn flat(
    cx: &mut Call<'_>,
    source: Value,
    each: impl Fn(&mut Call<'_>, Value) -> Result<Cursor> + Send + Sync + Copy + 'static,
) -> Result {
    if source.is_null() {
        return Err(Fault::argument_null("source"));
    }
    // What is declared as the interface is the struct at run time.
    let ty = match (cx.returns.def(), cx.returns.arguments()) {
        (Some(def), arguments) if def.simple_name() == "IJEnumerable" => {
            TypeId::generic("Newtonsoft.Json.Linq.JEnumerable", arguments)
        }
        _ => cx.returns,
    };
    sequence(cx, ty, move |cx| {
        let mut outer = enumerate::start(cx, source)?;
        let mut inner = Cursor::Done;
        Ok(Cursor::new(move |cx| {
            loop {
                if let Some(item) = inner.next(cx)? {
                    return Ok(Some(item));
                }
                match outer.next(cx)? {
                    Some(token) => inner = each(cx, token)?,
                    None => return Ok(None),
                }
            }
        }))
    })
}

/// `AsJEnumerable()`: what is a sequence of tokens already stays itself.
pub fn as_tokens(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let source = a[0];
    let own = cx.heap.type_of(source);
    let is_own = token::is_token(cx, source) || own.def().is_some_and(|def| def.simple_name() == "JEnumerable");
    if source.is_null() || is_own {
        return Ok(source);
    }
    let ty = TypeId::generic("Newtonsoft.Json.Linq.JEnumerable", &[element(cx)]);
    sequence(cx, ty, move |cx| enumerate::start(cx, source))
}

pub fn all_children(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = if cx.type_arguments.len() > 1 { element(cx) } else { token::jtoken() };
    flat(cx, a[0], move |cx, token| {
        let mut inner = child_cursor(cx, token)?;
        Ok(Cursor::new(move |cx| match inner.next(cx)? {
            Some(token) => convert::convert(cx, token, wanted).map(Some),
            None => Ok(None),
        }))
    })
}

pub fn all_descendants(cx: &mut Call<'_>, a: &[Value], with_self: bool) -> Result {
    flat(cx, a[0], move |cx, token| {
        token::kind(cx, token)?;
        Ok(descendant_cursor(token, with_self))
    })
}

pub fn all_ancestors(cx: &mut Call<'_>, a: &[Value], with_self: bool) -> Result {
    flat(cx, a[0], move |cx, token| {
        token::kind(cx, token)?;
        Ok(ancestor_cursor(token, with_self))
    })
}

pub fn all_properties(cx: &mut Call<'_>, a: &[Value]) -> Result {
    flat(cx, a[0], child_cursor)
}

/// `Values([key])` of a sequence: without a key, a value itself or a container's children; with one, what has that key.
pub fn all_values(cx: &mut Call<'_>, a: &[Value], generic: bool) -> Result {
    let key = a.get(1).copied().unwrap_or(Value::Null);
    let wanted = if generic { element(cx) } else { token::jtoken() };
    flat(cx, a[0], move |cx, token| {
        let kind = token::kind(cx, token)?;
        let items = if key.is_null() {
            if kind.is_container() { token::children(cx, token)? } else { vec![token] }
        } else {
            let found = item(cx, &[token, key])?;
            if found.is_null() { Vec::new() } else { vec![found] }
        };
        let mut items = items.into_iter();
        Ok(Cursor::new(move |cx| match items.next() {
            Some(token) => convert::convert(cx, token, wanted).map(Some),
            None => Ok(None),
        }))
    })
}

/// `tokens[key]` of a `JEnumerable<T>`.
pub fn keyed(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let key = a[1];
    flat(cx, a[0], move |cx, token| {
        let found = item(cx, &[token, key])?;
        Ok(Cursor::over(if found.is_null() { Vec::new() } else { vec![found] }))
    })
}

// ---- converting ------------------------------------------------------------------------------------------------------

pub fn explicit(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = cx.returns;
    convert::explicit(cx, a[0], wanted)
}

/// A `JValue` of a value whose token type its own type says.
pub fn implicit(cx: &mut Call<'_>, a: &[Value]) -> Result {
    token::of_content(cx, a[0])
}

/// A `JValue` of an integer: it is kept as a long.
pub fn implicit_long(cx: &mut Call<'_>, a: &[Value]) -> Result {
    token::new_leaf(cx, Type::Integer, Value::Int64(a[0].integer().unwrap_or_default()))
}

/// A `JValue` of a string; null stays a string.
pub fn implicit_string(cx: &mut Call<'_>, a: &[Value]) -> Result {
    token::new_leaf(cx, Type::String, a[0])
}

pub fn copy_value(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let Some(value) = token::leaf(cx, a[0]) else { return Err(Fault::null_reference()) };
    let kind = token::kind(cx, a[0])?;
    token::new_leaf(cx, kind, value)
}

pub fn set_value(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = token::kind(cx, a[0])?;
    let kind = token::type_of_value(cx, a[1])?;
    let kind = match (own, kind) {
        (_, Type::Null) => Type::Null,
        (Type::Comment | Type::Raw, Type::String) => own,
        (_, kind) => kind,
    };
    let this = cx.this_mut::<token::Token>(a[0])?;
    this.kind = kind;
    this.body = token::Body::Leaf(a[1]);
    Ok(Value::Null)
}

pub fn value_of_key(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = element(cx);
    let token = item(cx, a)?;
    convert::convert(cx, token, wanted)
}

/// `source.Value<U>()`: the receiver is a token, seen as a sequence.
pub fn value_of(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = element(cx);
    if a[0].is_null() {
        return Err(Fault::argument_null("value"));
    }
    if !token::is_token(cx, a[0]) {
        return Err(Fault::throw("System.ArgumentException", "Source value must be a JToken."));
    }
    convert::convert(cx, a[0], wanted)
}

pub fn to_object(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = element(cx);
    convert::to_object(cx, a[0], wanted)
}

pub fn to_object_type(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let Value::Type(wanted) = a[1] else { return Err(Fault::argument_null("key")) };
    convert::to_object_uncast(cx, a[0], wanted)
}

pub fn from_object(cx: &mut Call<'_>, a: &[Value], wanted: Option<Type>) -> Result {
    if a[0].is_null() {
        return Err(Fault::argument_null("o"));
    }
    make_from_object(cx, a[0], wanted, Rules::default())
}

fn make_from_object(cx: &mut Call<'_>, value: Value, wanted: Option<Type>, rules: Rules) -> Result {
    let made = serialize::to_token(cx, value, rules)?;
    let kind = token::kind(cx, made)?;
    match wanted {
        Some(wanted) if wanted != kind => Err(Fault::throw(
            "System.ArgumentException",
            format!("Object serialized to {}. {} instance expected.", kind.name(), token::class_name(wanted)),
        )),
        _ => Ok(made),
    }
}

/// A node of LINQ to XML, which is written as its names and texts.
pub fn is_xml(cx: &Call<'_>, value: Value) -> bool {
    crate::dotnet::system::xml::node::data(cx, value).is_some()
}

// ---- JsonConvert -----------------------------------------------------------------------------------------------------

pub fn serialize(cx: &mut Call<'_>, value: Value, formatting: Option<Value>, settings: Option<Value>) -> Result {
    let mut rules = Rules::default();
    let mut indented = false;
    if let Some(Value::Object(_)) = settings
        && let Some(settings) = settings.and_then(|settings| cx.heap.extension::<super::settings::Settings>(settings))
    {
        rules.skip_nulls = settings.get("NullValueHandling") == 1;
        indented = settings.get("Formatting") == 1;
    }
    if let Some(formatting) = formatting {
        indented = is_indented(formatting)?;
    }
    if is_xml(cx, value) {
        return writers::text_of(cx, indented, |cx, writer| xml_nodes::write(cx, writer, value, false));
    }
    let text = if value.is_null() {
        "null".to_owned()
    } else {
        let token = if token::is_token(cx, value) { value } else { serialize::to_token(cx, value, rules)? };
        write::write(cx, token, indented)?
    };
    cx.new_str(&text)
}

/// `SerializeXNode(node[, formatting[, omitRootObject]])`.
pub fn serialize_xml(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let indented = a.get(1).map_or(Ok(false), |&formatting| is_indented(formatting))?;
    let bare = matches!(a.get(2), Some(Value::Bool(true)));
    if a[0].is_null() {
        return cx.new_str("null");
    }
    writers::text_of(cx, indented, |cx, writer| xml_nodes::write(cx, writer, a[0], bare))
}

/// `DeserializeXNode(value[, rootName[, markArrays[, encode]]])`.
pub fn deserialize_xml(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let root = a.get(1).and_then(|&root| cx.heap.text(root)).map(std::borrow::Cow::into_owned);
    let yes = |at: usize| matches!(a.get(at), Some(Value::Bool(true)));
    let how = xml_nodes::Reading { mark_arrays: yes(2), encode: yes(3) };
    let text: Arc<str> = Arc::from(&*cx.text(a[0], "value")?);
    cx.charge_fuel(text.len() / 8)?;
    let mut stream = Stream::of_text(text);
    stream.keeps_all = true;
    let json = deserialize::deserialize(cx, &mut stream, token::jtoken(), true)?;
    xml_nodes::read(cx, json, root.as_deref().filter(|root| !root.is_empty()), how)
}

/// What the settings say of reading.
fn reading(cx: &Call<'_>, settings: Value) -> (Dates, bool) {
    match cx.heap.extension::<super::settings::Settings>(settings) {
        Some(settings) => {
            let dates = match settings.read("DateParseHandling") {
                Some(0) => Dates::None,
                Some(2) => Dates::DateTimeOffset,
                _ => Dates::DateTime,
            };
            (dates, settings.get("FloatParseHandling") == 1)
        }
        None => (Dates::DateTime, false),
    }
}

pub fn deserialize(cx: &mut Call<'_>, text: Value, wanted: TypeId, settings: Value) -> Result {
    let text: Arc<str> = Arc::from(&*cx.text(text, "value")?);
    let (dates, decimals) = reading(cx, settings);
    let is_plain = dates == Dates::DateTime && !decimals;
    let is_loose = wanted == types::object() || wanted == token::jtoken();
    if is_plain && (is_loose || wanted == token::jobject() || wanted == token::jarray()) {
        let kind = if wanted == token::jobject() { Type::Object } else { Type::Array };
        if let Ok(token) = token::scan(cx, text.clone(), Wanted::Plain)?
            && (is_loose || token::kind(cx, token)? == kind)
        {
            return Ok(match token::leaf(cx, token) {
                Some(value) if wanted == types::object() => value,
                _ => token,
            });
        }
    }
    cx.charge_fuel(text.len() / 8)?;
    let mut stream = Stream::of_text(text);
    stream.dates = dates;
    stream.decimals = decimals;
    deserialize::deserialize(cx, &mut stream, wanted, true)
}

/// `JsonConvert.ToString(value)`: of what one JSON value can say.
pub fn primitive_text(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let ty = cx.heap.type_of(a[0]);
    let is_primitive = !matches!(a[0], Value::Object(_) | Value::Host(_) | Value::Type(_))
        || cx.heap.is_str(a[0])
        || cx.heap.decimal(a[0]).is_some()
        || matches!(ty.def().map(|def| def.name), Some("System.Guid" | "System.Uri" | "System.DBNull"));
    if !is_primitive {
        let why = "Use the JsonSerializer class to get the object's JSON representation.";
        return Err(Fault::throw("System.ArgumentException", format!("Unsupported type: {}. {why}", ty.clr_name())));
    }
    serialize(cx, a[0], None, None)
}

/// A token whose strings stay strings, also those that look like dates.
pub fn parse_without_dates(cx: &mut Call<'_>, text: &str) -> Result {
    let mut stream = Stream::of_text(Arc::from(text));
    stream.dates = Dates::None;
    deserialize::deserialize(cx, &mut stream, token::jtoken(), true)
}

/// `DeserializeObject<T>(value[, settings or converters])`.
pub fn deserialize_generic(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = element(cx);
    deserialize(cx, a[0], wanted, a.get(1).copied().unwrap_or(Value::Null))
}

/// `DeserializeObject(value, type[, settings or converters])`.
pub fn deserialize_type(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = if let Value::Type(wanted) = a[1] { wanted } else { types::object() };
    deserialize(cx, a[0], wanted, a.get(2).copied().unwrap_or(Value::Null))
}

/// `ToObject<T>(serializer)`.
pub fn to_object_by(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = element(cx);
    let made = by_serializer(cx, a[0], wanted, a[1])?;
    deserialize::cast_token(cx, made, wanted)
}

/// `ToObject(type, serializer)`.
pub fn to_object_type_by(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = if let Value::Type(wanted) = a[1] { wanted } else { types::object() };
    by_serializer(cx, a[0], wanted, a[2])
}

fn by_serializer(cx: &mut Call<'_>, token: Value, wanted: TypeId, serializer: Value) -> Result {
    if serializer.is_null() {
        return Err(Fault::argument_null("jsonSerializer"));
    }
    convert::with_serializer(cx, token, wanted)
}

/// `FromObject(value, serializer)`.
pub fn from_object_by(cx: &mut Call<'_>, a: &[Value], wanted: Option<Type>) -> Result {
    if a[0].is_null() {
        return Err(Fault::argument_null("o"));
    }
    let Some(settings) = cx.heap.extension::<super::settings::Settings>(a[1]) else {
        return Err(Fault::argument_null("jsonSerializer"));
    };
    let rules = Rules { skip_nulls: settings.get("NullValueHandling") == 1 };
    make_from_object(cx, a[0], wanted, rules)
}

pub fn new_constructor(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let made = token::new_container(cx, Type::Constructor)?;
    if let Some(&name) = a.first() {
        match cx.heap.str(name).map(|name| name.len()) {
            None => return Err(Fault::argument_null("name")),
            Some(0) => return Err(Fault::argument("Constructor name cannot be empty.", "name")),
            Some(_) => token::set_name(cx, made, name)?,
        }
    }
    if let Some(&content) = a.get(1) {
        token::add_content(cx, made, 0, content)?;
    }
    Ok(made)
}

/// `JToken.EqualityComparer`: tokens are equal when they are deeply.
pub fn comparer(cx: &mut Call<'_>, _: &[Value]) -> Result {
    cx.heap.new_extension(TypeId::named("Newtonsoft.Json.Linq.JTokenEqualityComparer"), ByDepth)
}

/// The comparer object.
#[derive(Debug)]
struct ByDepth;

/// A hash that agrees with [`deep_equals`].
pub fn deep_hash(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[1].is_null() {
        return Ok(Value::Int32(0));
    }
    let mut hash = 0i32;
    for token in [vec![a[1]], token::children(cx, a[1])?].concat() {
        let own = match token::leaf(cx, token) {
            Some(_) => equality::hash(cx, token)?,
            None => token::kind(cx, token)? as i32,
        };
        hash = hash.wrapping_add(own);
    }
    Ok(Value::Int32(hash))
}

// ---- changing --------------------------------------------------------------------------------------------------------

/// `new JObject(content)`, `new JArray(content)`.
pub fn new_with(cx: &mut Call<'_>, kind: Type, content: Value) -> Result {
    let made = token::new_container(cx, kind)?;
    token::add_content(cx, made, 0, content)?;
    Ok(made)
}

/// `new JObject(other)` and its like.
pub fn copy(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() { Err(Fault::argument_null("other")) } else { token::clone(cx, a[0]) }
}

/// `new JObject(params object[])`.
pub fn new_params(cx: &mut Call<'_>, kind: Type, contents: Value) -> Result {
    let made = token::new_container(cx, kind)?;
    if !contents.is_null() {
        token::add_content(cx, made, 0, contents)?;
    }
    Ok(made)
}

pub fn new_property(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() {
        return Err(Fault::argument_null("name"));
    }
    let is_many = !token::is_token(cx, a[1])
        && cx.heap.str(a[1]).is_none()
        && cx.heap.bytes(a[1]).is_none()
        && enumerate::is_enumerable(cx, a[1]);
    let value = if is_many { new_with(cx, Type::Array, a[1])? } else { token::of_content(cx, a[1])? };
    // A comment is no value of a property.
    let value = match token::kind(cx, value)? {
        Type::Comment => token::new_leaf(cx, Type::Null, Value::Null)?,
        _ => value,
    };
    let value = match token::parent(cx, value)? {
        Value::Null => value,
        _ => token::clone(cx, value)?,
    };
    token::new_property(cx, a[0], value)
}

pub fn add(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let end = token::len(cx, a[0])?;
    token::add_content(cx, a[0], end, a[1])?;
    Ok(Value::Null)
}

pub fn add_first(cx: &mut Call<'_>, a: &[Value]) -> Result {
    token::add_content(cx, a[0], 0, a[1])?;
    Ok(Value::Null)
}

/// `JObject.Add(name, value)`.
pub fn add_member(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[1].is_null() {
        return Err(Fault::argument_null("name"));
    }
    append_member(cx, a[0], a[1], a[2])?;
    Ok(Value::Null)
}

fn place_in_parent(cx: &mut Call<'_>, token: Value) -> Result<(Value, usize)> {
    let parent = token::parent(cx, token)?;
    if parent.is_null() {
        return Err(Fault::invalid_operation("The parent is missing."));
    }
    let at = token::place(cx, parent, token)?.ok_or_else(|| Fault::invalid_operation("The parent is missing."))?;
    Ok((parent, at))
}

pub fn add_beside(cx: &mut Call<'_>, a: &[Value], offset: usize) -> Result {
    let (parent, at) = place_in_parent(cx, a[0])?;
    token::add_content(cx, parent, at + offset, a[1])?;
    Ok(Value::Null)
}

pub fn remove_self(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (parent, at) = place_in_parent(cx, a[0])?;
    if token::kind(cx, parent)? == Type::Property {
        return Err(Fault::throw(
            "Newtonsoft.Json.JsonException",
            "Cannot add or remove items from Newtonsoft.Json.Linq.JProperty.",
        ));
    }
    token::remove_at(cx, parent, at)?;
    Ok(Value::Null)
}

pub fn replace(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (parent, at) = place_in_parent(cx, a[0])?;
    token::set(cx, parent, at, a[1])?;
    Ok(Value::Null)
}

/// A property keeps its one value.
fn not_of_property(cx: &Call<'_>, container: Value) -> Result<()> {
    if token::kind(cx, container)? == Type::Property {
        let message = "Cannot add or remove items from Newtonsoft.Json.Linq.JProperty.";
        return Err(Fault::throw("Newtonsoft.Json.JsonException", message));
    }
    Ok(())
}

pub fn replace_all(cx: &mut Call<'_>, a: &[Value]) -> Result {
    not_of_property(cx, a[0])?;
    token::clear(cx, a[0])?;
    add(cx, a)
}

pub fn clear(cx: &mut Call<'_>, a: &[Value]) -> Result {
    not_of_property(cx, a[0])?;
    token::clear(cx, a[0])?;
    Ok(Value::Null)
}

pub fn index_of(cx: &mut Call<'_>, a: &[Value]) -> Result<Option<usize>> {
    if a[1].is_null() { Ok(None) } else { token::place(cx, a[0], a[1]) }
}

pub fn insert(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let len = token::len(cx, a[0])?;
    let at = match usize::try_from(int(a[1])) {
        Ok(at) if at <= len => at,
        Ok(_) => return Err(Fault::out_of_range("Index must be within the bounds of the List.", "index")),
        Err(_) => return Err(Fault::index("index")),
    };
    token::insert(cx, a[0], at, a[2])?;
    Ok(Value::Null)
}

pub fn remove_item(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let Some(at) = index_of(cx, a)? else { return Ok(Value::Bool(false)) };
    token::remove_at(cx, a[0], at)?;
    Ok(Value::Bool(true))
}

pub fn remove_at(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let at = index(cx, a[0], int(a[1]), "Index is equal to or greater than Count.")?;
    token::remove_at(cx, a[0], at)?;
    Ok(Value::Null)
}

/// `JObject.Remove(name)`.
pub fn remove_member(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let Some(name) = cx.heap.text(a[1]).map(std::borrow::Cow::into_owned) else { return Ok(Value::Bool(false)) };
    match token::find(cx, a[0], &name)? {
        Some(at) => {
            token::remove_at(cx, a[0], at)?;
            Ok(Value::Bool(true))
        }
        None => Ok(Value::Bool(false)),
    }
}

/// The property of a name: exactly, or by a `StringComparison` after the exact name was not found.
pub fn find_property(
    cx: &mut Call<'_>,
    object: Value,
    name: Value,
    comparison: Option<Value>,
) -> Result<Option<Value>> {
    let Some(name) = cx.heap.text(name).map(std::borrow::Cow::into_owned) else { return Ok(None) };
    let mut found = token::find(cx, object, &name)?;
    if found.is_none()
        && comparison.and_then(Value::integer).is_some_and(|comparison| !(0..=5).contains(&comparison))
        && token::len(cx, object)? > 0
    {
        let message = "The string comparison type passed in is currently not supported.";
        return Err(Fault::argument(message, "comparisonType"));
    }
    // The comparisons that ignore case have odd numbers.
    if found.is_none() && comparison.and_then(Value::integer).is_some_and(|c| c % 2 == 1) {
        let folded = name.to_lowercase();
        found = token::find_by(cx, object, &|own| own.to_lowercase() == folded)?;
    }
    match found {
        Some(at) => token::child(cx, object, at),
        None => Ok(None),
    }
}

pub fn get_value(cx: &mut Call<'_>, a: &[Value]) -> Result {
    match find_property(cx, a[0], a[1], a.get(2).copied())? {
        Some(property) => token::property_value(cx, property),
        None => Ok(Value::Null),
    }
}

pub fn try_get(cx: &mut Call<'_>, a: &[Value], comparison: Option<Value>, out: u8) -> Result {
    let found = match find_property(cx, a[0], a[1], comparison)? {
        Some(property) => Some(token::property_value(cx, property)?),
        None => None,
    };
    cx.set_out(out, found.unwrap_or(Value::Null));
    Ok(Value::Bool(found.is_some()))
}

// ---- paths -----------------------------------------------------------------------------------------------------------

pub fn select_token(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let text = cx.text(a[1], "expression")?.into_owned();
    let strict = a.get(2).is_some_and(|&strict| matches!(strict, Value::Bool(true)));
    let selected = path::select(cx, a[0], &text, strict)?;
    match (&*selected.found, selected.then) {
        ([] | [_], Some(fault)) => Err(fault),
        ([], _) => Ok(Value::Null),
        (&[token], _) => Ok(token),
        _ => Err(Fault::throw("Newtonsoft.Json.JsonException", "Path returned multiple tokens.")),
    }
}

pub fn select_tokens(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let text = cx.text(a[1], "expression")?.into_owned();
    let strict = a.get(2).is_some_and(|&strict| matches!(strict, Value::Bool(true)));
    let this = a[0];
    if path::is_root(&text)? {
        return cx.heap.new_array(TypeId::array(token::jtoken()), vec![this]);
    }
    let ty = cx.returns;
    sequence(cx, ty, move |_| {
        let text = text.clone();
        let mut found: Option<(std::vec::IntoIter<Value>, Option<Fault>)> = None;
        Ok(Cursor::new(move |cx| {
            let (found, then) = match &mut found {
                Some(found) => found,
                empty => {
                    let selected = path::select(cx, this, &text, strict)?;
                    empty.insert((selected.found.into_iter(), selected.then))
                }
            };
            match (found.next(), then.take()) {
                (None, Some(fault)) => Err(fault),
                (next, kept) => {
                    *then = kept;
                    Ok(next)
                }
            }
        }))
    })
}

// ---- comparing and merging -------------------------------------------------------------------------------------------

pub fn deep_equals(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Bool(equality::deep_equals(cx, a[0], a[1])?))
}

pub fn value_equals(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let both = token::leaf(cx, a[0]).is_some() && token::leaf(cx, a[1]).is_some();
    Ok(Value::Bool(both && equality::values_equal(cx, a[0], a[1])?))
}

pub fn value_hash(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Int32(equality::hash(cx, a[0])?))
}

pub fn compare_to(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[1].is_null() {
        return Ok(Value::Int32(1));
    }
    let (own, other) = (token::kind(cx, a[0])?, token::kind(cx, a[1])?);
    // A string is compared as what the other is.
    let kind = if own == Type::String { other } else { own };
    if let (Some(x), Some(y)) = (token::leaf(cx, a[0]), token::leaf(cx, a[1]))
        && matches!(kind, Type::String | Type::Comment | Type::Raw)
        && !x.is_null()
        && !y.is_null()
    {
        let (x, y) = (display::to_str(cx, x)?, display::to_str(cx, y)?);
        return crate::dotnet::system::string::search::compare_ordinal(cx, &[x, y]);
    }
    Ok(Value::Int32(equality::compare_values(cx, a[0], a[1])? as i32))
}

/// How `Merge` treats arrays and nulls.
#[derive(Clone, Copy, Debug, Default)]
struct Merging {
    arrays: i64,
    nulls: bool,
    ignore_case: bool,
}

pub fn merge(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[1].is_null() {
        return Ok(Value::Null);
    }
    let mut how = Merging::default();
    if let Some(settings) = a.get(2).and_then(|&settings| cx.heap.extension::<super::settings::Settings>(settings)) {
        how.arrays = settings.get("MergeArrayHandling");
        how.nulls = settings.get("MergeNullValueHandling") == 1;
        how.ignore_case = settings.get("PropertyNameComparison") % 2 == 1;
    }
    merge_into(cx, a[0], a[1], how)?;
    Ok(Value::Null)
}

fn merge_into(cx: &mut Call<'_>, target: Value, content: Value, how: Merging) -> Result<()> {
    cx.heap.enter()?;
    let done = merge_nested(cx, target, content, how);
    cx.heap.leave();
    done
}

fn merge_nested(cx: &mut Call<'_>, target: Value, content: Value, how: Merging) -> Result<()> {
    match token::kind(cx, target)? {
        Type::Object => {
            if !token::is_token(cx, content) || token::kind(cx, content)? != Type::Object {
                return Ok(());
            }
            for property in token::children(cx, content)? {
                let name = token::name(cx, property)?;
                let value = token::property_value(cx, property)?;
                let comparison = how.ignore_case.then_some(Value::Int32(5));
                let Some(own) = find_property(cx, target, name, comparison)? else {
                    let value = token::clone(cx, value)?;
                    append_member(cx, target, name, value)?;
                    continue;
                };
                let is_null = token::kind(cx, value)? == Type::Null;
                if is_null && !how.nulls {
                    continue;
                }
                let existing = token::property_value(cx, own)?;
                let kind = token::kind(cx, existing)?;
                if kind.is_container() && kind == token::kind(cx, value)? {
                    merge_into(cx, existing, value, how)?;
                } else {
                    token::set(cx, own, 0, value)?;
                }
            }
            Ok(())
        }
        Type::Array => merge_array(cx, target, content, how),
        Type::Property => {
            if !token::is_token(cx, content) || token::kind(cx, content)? != Type::Property {
                return Ok(());
            }
            let value = token::property_value(cx, content)?;
            if token::kind(cx, value)? != Type::Null {
                token::set(cx, target, 0, value)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// `MergeArrayHandling.Merge`: the one that takes values which are no tokens.
const MERGE: i64 = 3;

fn merge_array(cx: &mut Call<'_>, target: Value, content: Value, how: Merging) -> Result<()> {
    let items = if token::is_token(cx, content) {
        if token::kind(cx, content)? != Type::Array {
            return Ok(());
        }
        token::children(cx, content)?
    } else if cx.heap.str(content).is_some()
        || cx.heap.bytes(content).is_some()
        || !enumerate::is_enumerable(cx, content)
    {
        // They hold several values, and are none.
        return Ok(());
    } else {
        enumerate::collect(cx, content)?
    };
    if how.arrays == 2 {
        token::clear(cx, target)?;
    }
    for (at, item) in items.into_iter().enumerate() {
        if how.arrays != MERGE && !item.is_null() && !token::is_token(cx, item) {
            let own = cx.heap.type_of(item).clr_name();
            return Err(Fault::invalid_cast(&own, "Newtonsoft.Json.Linq.JToken"));
        }
        let item = token::of_content(cx, item)?;
        let end = token::len(cx, target)?;
        match how.arrays {
            1 => {
                let mut is_there = false;
                for own in token::children(cx, target)? {
                    is_there |= equality::deep_equals(cx, own, item)?;
                }
                if is_there {
                    continue;
                }
                token::insert(cx, target, end, item)?;
            }
            MERGE if at < end => {
                let own = token::child(cx, target, at)?.unwrap_or(Value::Null);
                let kind = token::kind(cx, own)?;
                if kind.is_container() {
                    merge_into(cx, own, item, how)?;
                } else if token::kind(cx, item)? != Type::Null || how.nulls {
                    token::set(cx, target, at, item)?;
                }
            }
            _ => token::insert(cx, target, end, item)?,
        }
    }
    Ok(())
}

pub fn copy_to(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let items = token::children(cx, a[0])?;
    if a[1].is_null() {
        return Err(Fault::argument_null("array"));
    }
    let (at, room) = (i64::from(int(a[2])), crate::dotnet::system::collections::array::len(cx, a[1])? as i64);
    if at < 0 {
        return Err(Fault::out_of_range("arrayIndex is less than 0.", "arrayIndex"));
    }
    if at >= room && at != 0 {
        let message = "arrayIndex is equal to or greater than the length of array.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    if items.len() as i64 > room - at {
        let message = "The number of elements in the source JObject is greater than the available space from arrayIndex to the end of the destination array.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    crate::dotnet::system::collections::array::write(cx, a[1], int(a[2]).into(), &items)?;
    Ok(Value::Null)
}
