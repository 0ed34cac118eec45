//! The code behind the rows of the tokens' tables: texts, children by key and place, conversions, paths.
//!
//! In: tokens. Out: what stands in them. Changes are in `changing.rs`, sequences in `sequences.rs`, `JsonConvert` in
//! `json_convert.rs`.

use super::document::Wanted;
use super::serialize::{self, Rules};
use super::token::{self, Result, Type};
use super::{convert, path, select, write};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::system::display;
use crate::dotnet::system::enumerate::{Cursor, sequence};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

pub(super) fn element(cx: &Call<'_>) -> TypeId {
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
pub(super) fn is_indented(formatting: Value) -> Result<bool> {
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
    let path = select::path_of(cx, a[0])?;
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

pub(super) fn index(cx: &mut Call<'_>, container: Value, at: i32, beyond: &str) -> Result<usize> {
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

pub(super) fn append_member(cx: &mut Call<'_>, object: Value, name: Value, value: Value) -> Result<()> {
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

pub(super) fn container_only(cx: &Call<'_>, token: Value) -> Result<()> {
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

pub(super) fn make_from_object(cx: &mut Call<'_>, value: Value, wanted: Option<Type>, rules: Rules) -> Result {
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
