//! Making tokens and changing trees of them: `Add`, `Replace`, `Remove` and their like.
//!
//! In: containers and content of any kind. Out: the tree changed, or .NET's exception.

use super::members::{append_member, index};
use super::token::{self, Result, Type};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::system::enumerate::{self};
use crate::dotnet::value::Value;

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
