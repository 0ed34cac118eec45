//! The dictionaries of `context`: headers, query parameters, claims, matched parameters, variables.
//!
//! Each is an interface of its own under `IReadOnlyDictionary`, so that the common look-ups go straight to the message.
//! Names are found in any case, but for variables, whose names are exact.

use super::Symbol;
use super::exchange::Exchange;
use super::message::{headers_of, named};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::member::{Form, Kind, Member, TypeDef, indexer, method, property, static_method, type_of};
use crate::dotnet::system::collections::comparer::Equality;
use crate::dotnet::system::collections::{self, dictionary_put as put, extensions};
use crate::dotnet::system::enumerate::{call_native, find_member};
use crate::dotnet::system::string::comparer::ignoring_case;
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::{HostObject, Value};
use crate::message::{HeaderName, Headers, Wanted};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

type Result<T = Value> = std::result::Result<T, Fault>;

/// Names with their values, in order: claims, and the query of a URL that no request carries.
#[derive(Clone, Debug, Default)]
pub struct MultiMap(pub Vec<(String, Vec<String>)>);

impl MultiMap {
    pub fn find(&self, name: &str) -> Option<&[String]> {
        self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, values)| values.as_slice())
    }
}

/// The decoded parameters of a query string, grouped by name in the order of their first occurrence.
pub fn query_map(query: &str) -> MultiMap {
    let mut map = MultiMap::default();
    for (name, value) in query_pairs(query) {
        match map.0.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(&name)) {
            Some((_, values)) => values.push(value.into_owned()),
            None => map.0.push((name.into_owned(), vec![value.into_owned()])),
        }
    }
    map
}

/// Decoded names and values of a query string, in order.
pub fn query_pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// The decoded values of the parameters of this name, in order.
fn query_values<'q>(query: &'q str, name: &str) -> impl Iterator<Item = Cow<'q, str>> {
    let mut rest = Some(query);
    std::iter::from_fn(move || {
        while let Some(pairs) = rest {
            let (pair, others) = cut(pairs, b'&');
            rest = others;
            let (own, value) = cut(pair, b'=');
            let is_it = match is_escaped(own) {
                true => decode(own).eq_ignore_ascii_case(name),
                false => own.eq_ignore_ascii_case(name),
            };
            if is_it && !pair.is_empty() {
                return Some(decode(value.unwrap_or_default()));
            }
        }
        None
    })
}

/// The decoded values of the parameters of this name joined with `,`.
pub(super) fn joined_query<'q>(query: &'q str, name: &str) -> Option<Cow<'q, str>> {
    let mut all = query_values(query, name);
    let mut text = all.next()?;
    for more in all {
        let text = text.to_mut();
        text.push(',');
        text.push_str(&more);
    }
    Some(text)
}

/// Whether a name may stand in a query as it is.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.contains(['=', '&', '%', '+'])
}

/// The value of the parameter of a plain name, as it stands in the query; `None` where one of the name stands there twice or
/// something is escaped that matters.
pub(super) fn plain_parameter<'q>(query: &'q [u8], name: &[u8]) -> Option<Option<&'q [u8]>> {
    let (mut found, mut rest) = (None, query);
    loop {
        let is_it = match rest.split_at_checked(name.len()) {
            Some((own, after)) => {
                matches!(after, [] | [b'=' | b'&', ..]) && (own == name || own.eq_ignore_ascii_case(name))
            }
            None => false,
        };
        let from = if is_it { name.len() } else { 0 };
        let end = match special(&rest[from..]).map(|at| from + at) {
            None => rest.len(),
            Some(at) if rest[at] == b'&' => at,
            // An escaped value of another name does not matter.
            Some(at) if !is_it && rest[..at].contains(&b'=') => {
                memchr::memchr(b'&', &rest[at..]).map_or(rest.len(), |more| at + more)
            }
            Some(_) => return None,
        };
        if is_it && end > 0 {
            if found.is_some() {
                return None;
            }
            found = Some(rest[..end].get(name.len() + 1..).unwrap_or_default());
        }
        if end == rest.len() {
            return Some(found);
        }
        rest = &rest[end + 1..];
    }
}

/// Where a pair ends, or something is escaped. To begin a search takes longer than to look through a short text.
fn special(query: &[u8]) -> Option<usize> {
    match query {
        _ if query.len() > 32 => memchr::memchr3(b'&', b'%', b'+', query),
        _ => query.iter().position(|byte| matches!(byte, b'&' | b'%' | b'+')),
    }
}

/// What stands before the first such byte, and what follows it. Pieces of a query are so short that looking at each byte
/// takes less than to begin a search.
fn cut(text: &str, at: u8) -> (&str, Option<&str>) {
    match text.bytes().position(|byte| byte == at) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

fn is_escaped(text: &str) -> bool {
    text.bytes().any(|b| b == b'%' || b == b'+')
}

fn decode(text: &str) -> Cow<'_, str> {
    if !is_escaped(text) {
        return Cow::Borrowed(text);
    }
    let spaced = text.replace('+', " ");
    Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

/// What a multi-valued map holds under a name.
fn values_of(cx: &Call<'_>, this: Value, name: &str) -> Result<Option<Vec<String>>> {
    if let Some(query) = query_of(cx, this) {
        let values: Vec<_> = query_values(query, name).map(Cow::into_owned).collect();
        return Ok((!values.is_empty()).then_some(values));
    }
    if let Some(headers) = headers_of(cx, this) {
        let values: Vec<_> = headers.all(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned()).collect();
        return Ok((!values.is_empty()).then_some(values));
    }
    Ok(cx.this::<MultiMap>(this)?.find(name).map(<[String]>::to_vec))
}

fn query_of<'a>(cx: &'a Call<'_>, this: Value) -> Option<&'a str> {
    match this {
        Value::Host(HostObject::RequestUrlQuery) => Some(cx.exchange.request.url.query.as_deref().unwrap_or_default()),
        Value::Host(HostObject::OriginalUrlQuery) => {
            Some(cx.exchange.original_url.query.as_deref().unwrap_or_default())
        }
        _ => None,
    }
}

/// Names and values of a multi-valued map, in order.
fn entries(cx: &Call<'_>, this: Value) -> Result<Vec<(String, Vec<String>)>> {
    if let Some(query) = query_of(cx, this) {
        return Ok(query_map(query).0);
    }
    if let Some(headers) = headers_of(cx, this) {
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        for (name, value) in headers.iter() {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            match found.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(name.as_str())) {
                Some((_, values)) => values.push(value),
                None => found.push((super::message::display_name(name.as_str()), vec![value])),
            }
        }
        return Ok(found);
    }
    Ok(cx.this::<MultiMap>(this)?.0.clone())
}

fn string_array(cx: &mut Call<'_>, values: &[String]) -> Result {
    let items = values.iter().map(|v| cx.new_str(v)).collect::<Result<Vec<_>>>()?;
    cx.heap.new_array(TypeId::array(types::string()), items)
}

pub(super) fn missing_key(name: &str) -> Fault {
    let message = format!("The given key '{name}' was not present in the dictionary.");
    Fault::throw("System.Collections.Generic.KeyNotFoundException", message)
}

fn key(cx: &Call<'_>, value: Value) -> Result<String> {
    if let Some(VariableKey(symbol)) = cx.heap.extension(value) {
        return Ok(symbol.name().to_owned());
    }
    Ok(cx.text(value, "key")?.into_owned())
}

// ---- headers, query parameters, claims

/// The name of a header that an expression spells out: members named by [`key_of`] take it for the text.
#[derive(Debug)]
pub struct HeaderKey(pub Wanted);

/// The name of a variable that an expression spells out: members named by [`key_of`] take it for the text.
#[derive(Debug)]
pub struct VariableKey(pub Symbol);

/// What the first argument of a member is looked up by, where that is all that the member does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOf {
    Header,
    Variable,
}

pub fn key_of(member: &Member) -> Option<KeyOf> {
    let def = crate::dotnet::def(member.def);
    match member.name {
        "ContainsKey" | "GetValueOrDefault" if std::ptr::eq(def, &HEADERS) => Some(KeyOf::Header),
        "ContainsKey" | "GetValueOrDefault" | "Item" | "TryGetValue" if std::ptr::eq(def, &VARIABLES) => {
            Some(KeyOf::Variable)
        }
        _ => None,
    }
}

fn contains(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if let Some(HeaderKey(name)) = cx.heap.extension(a[1]) {
        let headers = headers_of(cx, a[0]).ok_or_else(Fault::null_reference)?;
        return Ok(Value::Bool(headers.map().contains_key(&name.name)));
    }
    let name = cx.text(a[1], "key")?;
    if let Some(headers) = headers_of(cx, a[0]) {
        return Ok(Value::Bool(headers.contains(&*name)));
    }
    let name = name.into_owned();
    Ok(Value::Bool(values_of(cx, a[0], &name)?.is_some()))
}

fn item(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let name = key(cx, a[1])?;
    match values_of(cx, a[0], &name)? {
        Some(values) => string_array(cx, &values),
        None => Err(missing_key(&name)),
    }
}

fn try_get(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let name = key(cx, a[1])?;
    let found = values_of(cx, a[0], &name)?;
    let value = match &found {
        Some(values) => string_array(cx, values)?,
        None => Value::Null,
    };
    cx.set_out(1, value);
    Ok(Value::Bool(found.is_some()))
}

fn keys(cx: &mut Call<'_>, a: &[Value]) -> Result {
    of_dictionary(cx, a[0], "Keys")
}

fn values(cx: &mut Call<'_>, a: &[Value]) -> Result {
    of_dictionary(cx, a[0], "Values")
}

fn count(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Int32(entries(cx, a[0])?.len() as i32))
}

/// `GetValueOrDefault(name, default)`: the values joined with `,`. One value is the usual case and copies no more than it.
fn joined_or_default(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() {
        return Err(Fault::null_reference());
    }
    if cx.heap.extension::<HeaderKey>(a[1]).is_some() {
        return named_header(cx, a[0], a[1], a[2]);
    }
    let Call { heap, exchange, .. } = cx;
    let name = heap.text(a[1]).ok_or_else(|| Fault::argument_null("key"))?;
    let headers = match a[0] {
        Value::Host(HostObject::RequestHeaders) => Some(&exchange.request.headers),
        Value::Host(HostObject::ResponseHeaders) => exchange.response.as_ref().map(|r| &r.headers),
        _ => None,
    };
    if let Some(headers) = headers {
        let mut all = headers.all(&name);
        return match (all.next(), all.next()) {
            (None, _) => Ok(a[2]),
            (Some(one), None) => match std::str::from_utf8(one.as_bytes()) {
                Ok(text) => {
                    drop(name);
                    heap.new_str(text)
                }
                Err(_) => {
                    let text = String::from_utf8_lossy(one.as_bytes()).into_owned();
                    drop(name);
                    heap.new_str(&text)
                }
            },
            (Some(_), Some(_)) => {
                let texts: Vec<_> = headers.all(&name).map(|v| String::from_utf8_lossy(v.as_bytes())).collect();
                let text = texts.join(",");
                drop(name);
                heap.new_str(&text)
            }
        };
    }
    let query = match a[0] {
        Value::Host(HostObject::RequestUrlQuery) => Some(exchange.request.url.query.as_deref().unwrap_or_default()),
        Value::Host(HostObject::OriginalUrlQuery) => Some(exchange.original_url.query.as_deref().unwrap_or_default()),
        _ => None,
    };
    if let Some(query) = query {
        let found = joined_query(query, &name);
        drop(name);
        return found.map_or(Ok(a[2]), |text| heap.new_str(&text));
    }
    let name = name.into_owned();
    match values_of(cx, a[0], &name)? {
        Some(values) => cx.new_str(&values.join(",")),
        None => Ok(a[2]),
    }
}

/// The values of a header joined with `,`. `key` is a [`HeaderKey`].
fn named_header(cx: &mut Call<'_>, this: Value, key: Value, default: Value) -> Result {
    let Call { heap, exchange, .. } = cx;
    let Some(HeaderKey(name)) = heap.extension(key) else { return Ok(default) };
    let headers = match this {
        Value::Host(HostObject::RequestHeaders) => &exchange.request.headers,
        Value::Host(HostObject::ResponseHeaders) => match &exchange.response {
            Some(response) => &response.headers,
            None => return Err(Fault::null_reference()),
        },
        other => {
            let name = name.name.clone();
            let all = values_of(cx, other, name.as_str())?;
            return all.map_or(Ok(default), |all| cx.new_str(&all.join(",")));
        }
    };
    match headers.find(name) {
        Some((one, false)) => heap.new_text(one.as_bytes()),
        Some((_, true)) => {
            let text = several(headers, &name.name);
            heap.new_str(&text)
        }
        None => Ok(default),
    }
}

/// The values of a name joined with `,`. Bytes that somebody sent need not be UTF-8.
#[cold]
pub(super) fn several(headers: &Headers, name: &HeaderName) -> String {
    let texts: Vec<_> = headers.map().get_all(name).iter().map(|v| String::from_utf8_lossy(v.as_bytes())).collect();
    texts.join(",")
}

macro_rules! multi_map {
    ($name:literal, $interface:literal) => {
        TypeDef::new(
            $name,
            Kind::Interface,
            &[&[
                method("bool ContainsKey(string key)", contains),
                method("bool TryGetValue(string key, out string[] value)", try_get),
                indexer("string[] this[string key] { get; }", item),
                property("IEnumerable<string> Keys { get; }", keys),
                property("IEnumerable<string[]> Values { get; }", values),
                property("int Count { get; }", count),
                method("string GetValueOrDefault(string headerName, string defaultValue = null)", joined_or_default),
            ]],
        )
        .interfaces(&[$interface])
        .unnameable()
    };
}

pub static HEADERS: TypeDef = multi_map!("Apim.IHttpHeaders", "IReadOnlyDictionary<string, string[]>");
pub static QUERY: TypeDef = multi_map!("Apim.IHttpQuery", "IReadOnlyDictionary<string, string[]>");
pub static CLAIMS: TypeDef = multi_map!("Apim.IClaims", "IReadOnlyDictionary<string, string[]>");

// ---- matched parameters

pub(super) fn matched_value<'e>(exchange: &'e Exchange, name: &str) -> Option<&'e str> {
    let found = exchange.matched_parameters.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
    found.map(|(_, value)| &**value)
}

/// The value of a matched parameter, as a new string.
fn matched(cx: &mut Call<'_>, name: Value) -> Result<Option<Value>> {
    let Call { heap, exchange, .. } = cx;
    let name = heap.text(name).ok_or_else(|| Fault::argument_null("key"))?;
    let found = matched_value(exchange, &name);
    drop(name);
    found.map(|value| heap.new_str(value)).transpose()
}

fn matched_or_default(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(matched(cx, a[1])?.unwrap_or(a[2]))
}

pub static MATCHED: TypeDef = TypeDef::new(
    "Apim.IMatchedParameters",
    Kind::Interface,
    &[&[
        method("bool ContainsKey(string key)", |cx, a| Ok(Value::Bool(matched(cx, a[1])?.is_some()))),
        method("bool TryGetValue(string key, out string value)", |cx, a| {
            let found = matched(cx, a[1])?;
            cx.set_out(1, found.unwrap_or(Value::Null));
            Ok(Value::Bool(found.is_some()))
        }),
        indexer("string this[string key] { get; }", |cx, a| match matched(cx, a[1])? {
            Some(value) => Ok(value),
            None => Err(missing_key(&key(cx, a[1])?)),
        }),
        property("IEnumerable<string> Keys { get; }", keys),
        property("IEnumerable<string> Values { get; }", values),
        property("int Count { get; }", |cx, _| Ok(Value::Int32(cx.exchange.matched_parameters.len() as i32))),
        method("string GetValueOrDefault(string name, string defaultValue = null)", matched_or_default),
    ]],
)
.interfaces(&["IReadOnlyDictionary<string, string>"])
.unnameable();

// ---- variables

fn variable(cx: &Call<'_>, name: Value) -> Result<Option<Value>> {
    if let Some(VariableKey(symbol)) = cx.heap.extension(name) {
        return Ok(cx.exchange.variable_of(*symbol));
    }
    let name = cx.text(name, "key")?;
    Ok(cx.exchange.variable(&name))
}

/// The stored value cast to `T`; the default when there is none.
fn variable_or_default(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() {
        return Err(Fault::null_reference());
    }
    let wanted = cx.type_arguments.last().copied().unwrap_or_else(types::object);
    match variable(cx, a[1])? {
        Some(value) => inherit::cast(cx.heap, value, wanted),
        None => match a.get(2) {
            Some(default) => Ok(*default),
            None => inherit::zero(cx.heap, wanted),
        },
    }
}

pub static VARIABLES: TypeDef = TypeDef::new(
    "Apim.IVariables",
    Kind::Interface,
    &[&[
        method("bool ContainsKey(string key)", |cx, a| Ok(Value::Bool(variable(cx, a[1])?.is_some()))),
        method("bool TryGetValue(string key, out object value)", |cx, a| {
            let found = variable(cx, a[1])?;
            cx.set_out(1, found.unwrap_or(Value::Null));
            Ok(Value::Bool(found.is_some()))
        }),
        indexer("object this[string key] { get; }", |cx, a| match variable(cx, a[1])? {
            Some(value) => Ok(value),
            None => Err(missing_key(&key(cx, a[1])?)),
        }),
        property("IEnumerable<string> Keys { get; }", keys),
        property("IEnumerable<object> Values { get; }", values),
        property("int Count { get; }", |cx, _| Ok(Value::Int32(cx.exchange.variables.len() as i32))),
        method("T GetValueOrDefault<T>(string variableName, T defaultValue = default(T))", variable_or_default),
        method("object GetValueOrDefault(string variableName)", variable_or_default),
    ]],
)
.interfaces(&["IReadOnlyDictionary<string, object>"])
.unnameable();

/// Whether a value is a map of `context`, and not a dictionary that an expression made.
fn is_own(cx: &Call<'_>, this: Value) -> bool {
    matches!(
        named(this),
        Some(
            HostObject::RequestHeaders
                | HostObject::ResponseHeaders
                | HostObject::RequestUrlQuery
                | HostObject::OriginalUrlQuery
        )
    ) || query_of(cx, this).is_some()
        || headers_of(cx, this).is_some()
        || cx.heap.extension::<MultiMap>(this).is_some()
}

/// The extension methods in their documented form, for maps that are known only as `IReadOnlyDictionary`, and for
/// dictionaries of the same shape.
pub static EXTENSIONS: TypeDef = TypeDef::new("Apim.ContextExtensions", Kind::Static, &[&[
    static_method(
        "string GetValueOrDefault(this IReadOnlyDictionary<string, string[]> map, string name, string defaultValue = null)",
        |cx, a| {
            if a[0].is_null() || is_own(cx, a[0]) {
                return joined_or_default(cx, a);
            }
            match extensions::found(cx, a)? {
                Some(values) => {
                    let items = cx.heap.items(values).unwrap_or_default();
                    let texts: Vec<_> = items.iter().map(|item| cx.heap.text(*item).unwrap_or_default()).collect();
                    let joined = texts.join(",");
                    cx.new_str(&joined)
                }
                None => Ok(a[2]),
            }
        },
    ),
    static_method(
        "T GetValueOrDefault<T>(this IReadOnlyDictionary<string, object> variables, string variableName, T defaultValue = default(T))",
        |cx, a| {
            if a[0].is_null() || is_own(cx, a[0]) {
                return variable_or_default(cx, a);
            }
            match extensions::found(cx, a)? {
                Some(value) => {
                    let wanted = cx.type_arguments.last().copied().unwrap_or_else(types::object);
                    inherit::cast(cx.heap, value, wanted)
                }
                None => Ok(a[2]),
            }
        },
    ),
]])
.unnameable();

/// A map of `context` as the dictionary that it is in .NET, for whoever enumerates it or knows it by an interface only;
/// `None` for any other value.
pub fn dictionary(cx: &mut Call<'_>, this: Value) -> Result<Option<Value>> {
    let string = types::string;
    let map = match named(this) {
        Some(HostObject::Variables) => {
            let made = new_dictionary(cx, types::object(), false)?;
            for (symbol, value) in cx.exchange.variables.clone() {
                let name = cx.new_str(symbol.name())?;
                put(cx, made, name, value)?;
            }
            made
        }
        Some(HostObject::MatchedParameters) => {
            let made = new_dictionary(cx, string(), true)?;
            for (name, value) in cx.exchange.matched_parameters.clone() {
                let (name, value) = (cx.new_str(&name)?, cx.new_str(&value)?);
                put(cx, made, name, value)?;
            }
            made
        }
        _ if is_own(cx, this) => {
            let made = new_dictionary(cx, TypeId::array(string()), true)?;
            for (name, values) in entries(cx, this)? {
                let (name, values) = (cx.new_str(&name)?, string_array(cx, &values)?);
                put(cx, made, name, values)?;
            }
            made
        }
        _ => return Ok(None),
    };
    Ok(Some(map))
}

/// An empty `Dictionary<string, value>`.
pub fn new_dictionary(cx: &mut Call<'_>, value: TypeId, ignores_case: bool) -> Result {
    let comparer = if ignores_case { ignoring_case(cx)? } else { Value::Null };
    let equality = Equality::new(cx, comparer);
    collections::new_dictionary(cx, dictionary_of(value), equality)
}

/// A member of the dictionary that a map is.
fn of_dictionary(cx: &mut Call<'_>, this: Value, property: &str) -> Result {
    let Some(map) = dictionary(cx, this)? else { return Err(Fault::null_reference()) };
    let found = find_member(cx.heap.type_of(map), Form::Property, property, 0);
    let ((native, _), declaring) = found.ok_or_else(Fault::null_reference)?;
    let returns = cx.returns;
    call_native(cx, native, declaring, returns, &[map])
}

/// The type that results print for a map: the dictionary that stands behind the interface in .NET.
pub fn dictionary_of(value: TypeId) -> TypeId {
    match crate::dotnet::find_def("System.Collections.Generic.Dictionary", 2) {
        Some(_) => TypeId::generic("System.Collections.Generic.Dictionary", &[types::string(), value]),
        None => type_of("object"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_parameters() {
        let rows: &[(&str, Option<Option<&str>>)] = &[
            ("", Some(None)),
            ("tag=alpha", Some(Some("alpha"))),
            ("a=1&TAG=x=y&b", Some(Some("x=y"))),
            ("tag", Some(Some(""))),
            ("tag&a", Some(Some(""))),
            ("tags=1&ta=2&=tag&&", Some(None)),
            ("tag=1&tag=2", None),
            ("tag=a%20b", None),
            ("tag=a+b&c", None),
            ("t%61g=1", None),
            ("a=%20&tag=1", Some(Some("1"))),
            ("tag=1&a=b+c%20d", Some(Some("1"))),
        ];
        for (query, expected) in rows {
            let expected = expected.map(|found| found.map(str::as_bytes));
            assert_eq!(plain_parameter(query.as_bytes(), b"tag"), expected, "{query}");
            // What it tells, the members tell.
            if let Some(found) = expected {
                assert_eq!(joined_query(query, "tag").as_deref().map(str::as_bytes), found, "{query}");
            }
        }
    }
}
