//! Tokens as sequences: children, descendants, ancestors, siblings, and the extension methods over sequences of tokens.
//!
//! In: a token, or a sequence of them. Out: sequences that look when they are enumerated; a change meanwhile throws.

use super::convert;
use super::dynamic::has_properties;
use super::members::{container_only, element, item};
use super::token::{self, Result};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::system::collections::pair_type;
use crate::dotnet::system::enumerate::{self, Cursor, sequence};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;

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
    let cursor = pair_cursor(cx, a[0])?;
    let ty = cx.returns;
    enumerate::enumerator(cx, ty, cursor)
}

fn pair_cursor(cx: &mut Call<'_>, object: Value) -> Result<Cursor> {
    let mut inner = child_cursor(cx, object)?;
    let pair = pair();
    Ok(Cursor::new(move |cx| {
        let Some(property) = inner.next(cx)? else { return Ok(None) };
        let (name, value) = (token::name(cx, property)?, token::property_value(cx, property)?);
        cx.heap.new_record(pair, &[name, value]).map(Some)
    }))
}

/// The elements of a `JObject` that is seen by its interfaces of pairs.
pub fn pair() -> TypeId {
    pair_type(types::string(), token::jtoken())
}

/// The pairs of a `JObject`, for what would see its tokens; anything else as it is.
pub fn as_pairs(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let this = a[0];
    if !has_properties(cx, this) {
        return Ok(this);
    }
    sequence(cx, enumerate::enumerable_of(pair()), move |cx| pair_cursor(cx, this))
}

/// `Keys` of a `JObject` behind `IDictionary`; nothing for anything else.
pub fn keys(cx: &mut Call<'_>, this: Value) -> Result<Option<Value>> {
    if !has_properties(cx, this) {
        return Ok(None);
    }
    let mut names = Vec::new();
    for property in token::children(cx, this)? {
        names.push(token::name(cx, property)?);
    }
    cx.heap.new_list(TypeId::generic("System.Collections.Generic.List", &[types::string()]), names).map(Some)
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
