//! `System.UriBuilder`: the parts of a URI, to be changed one by one.

use super::super::units::ascii;
use super::escape::{Escaping, escape};
use super::parse::{Uri, UriKind, part};
use super::syntax::{MAIL_LIKE, MUST_HAVE_AUTHORITY, OPTIONAL_AUTHORITY, Syntax, is_scheme};
use super::{Result, absolute, bad_sequence, escaped, failed, new, same_uri};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, method, property, property_set, type_of};
use crate::dotnet::system::display;
use crate::dotnet::system::object;
use crate::dotnet::value::Value;

/// Parts with what stands before them: `?` of a query, `#` of a fragment. `port` is -1 where none is shown.
#[derive(Clone, Debug)]
struct Builder {
    scheme: Vec<u16>,
    delimiter: &'static str,
    user: Vec<u16>,
    password: Vec<u16>,
    host: Vec<u16>,
    port: i32,
    path: Vec<u16>,
    query: Vec<u16>,
    fragment: Vec<u16>,
    /// The `Uri` that was made of these parts.
    made: Option<Value>,
}

pub static URI_BUILDER: TypeDef =
    TypeDef::new("System.UriBuilder", Kind::Class, &[CONSTRUCTORS, PARTS, TEXT]).off_list();

const CONSTRUCTORS: &[Row] = &[
    constructor("UriBuilder()", |cx, _| store(cx, local())),
    constructor("UriBuilder(string uri)", |cx, a| {
        let text = cx.str(a[0], "uriString")?.to_wide();
        let read = |text: &[u16], kind| Uri::parse(text, false, kind).map_err(|problem| failed(problem.into()));
        let mut uri = read(&text, UriKind::Either)?;
        if uri.absolute.is_none() {
            let whole: Vec<u16> = "http://".encode_utf16().chain(text).collect();
            uri = read(&whole, UriKind::Absolute)?;
        }
        let uri = new(cx, uri)?;
        of_uri(cx, uri)
    }),
    constructor("UriBuilder(Uri uri)", |cx, a| {
        if a[0].is_null() {
            return Err(Fault::argument_null("uri"));
        }
        of_uri(cx, a[0])
    }),
    constructor("UriBuilder(string schemeName, string hostName)", of_parts),
    constructor("UriBuilder(string scheme, string host, int portNumber)", of_parts),
    constructor("UriBuilder(string scheme, string host, int port, string pathValue)", of_parts),
    constructor("UriBuilder(string scheme, string host, int port, string path, string extraValue)", of_parts),
];

fn local() -> Builder {
    Builder {
        scheme: wide("http"),
        delimiter: "://",
        user: Vec::new(),
        password: Vec::new(),
        host: wide("localhost"),
        port: -1,
        path: wide("/"),
        query: Vec::new(),
        fragment: Vec::new(),
        made: None,
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn store(cx: &mut Call<'_>, builder: Builder) -> Result {
    cx.heap.new_extension(type_of("UriBuilder"), builder)
}

fn of_uri(cx: &mut Call<'_>, uri: Value) -> Result {
    let made = parts_of(cx, uri)?;
    store(cx, made)
}

/// The parts that a `Uri` shows.
fn parts_of(cx: &mut Call<'_>, value: Value) -> Result<Builder> {
    let (uri, own) = absolute(cx, value)?;
    let part = |wanted| escaped(uri, own, wanted).map_err(bad_sequence);
    let info = part(part::USER_INFO)?;
    let (user, password) = match info.iter().position(|&unit| unit == 0x3A) {
        Some(colon) => (info[..colon].to_vec(), info[colon + 1..].to_vec()),
        None => (info, Vec::new()),
    };
    let made = Builder {
        scheme: part(part::SCHEME)?,
        delimiter: if own.shape.authority { "://" } else { ":" },
        user,
        password,
        host: part(part::HOST)?,
        port: own.port.map_or(-1, i32::from),
        path: uri.absolute_path().map_err(bad_sequence)?,
        query: part(part::QUERY | part::KEEP_DELIMITER)?,
        fragment: part(part::FRAGMENT | part::KEEP_DELIMITER)?,
        made: None,
    };
    let size = uri.original.len() * 2;
    cx.heap.charge(size)?;
    cx.charge_fuel(size / 8)?;
    Ok(made)
}

fn of_parts(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let mut own = local();
    set_scheme(&mut own, &given(cx, a[0]))?;
    own.host = bracketed(given(cx, a[1]));
    if let Some(&port) = a.get(2) {
        own.port = port_of(port)?;
    }
    if let Some(&path) = a.get(3) {
        own.path = path_of(given(cx, path))?;
    }
    if let Some(&extra) = a.get(4) {
        let extra = given(cx, extra);
        match ascii(&extra, 0) {
            _ if extra.is_empty() => {}
            '#' => own.fragment = headed('#', extra[1..].to_vec()),
            '?' => {
                let end = extra.iter().position(|&unit| unit == 0x23);
                if let Some(end) = end {
                    own.fragment = headed('#', extra[end + 1..].to_vec());
                }
                own.query = headed('?', extra[1..end.unwrap_or(extra.len())].to_vec());
            }
            _ => return Err(Fault::argument("Extra portion of URI not valid.", "extraValue")),
        }
    }
    store(cx, own)
}

// ---- the parts

macro_rules! part {
    ($signature:literal, $field:ident, $set:expr) => {
        property_set(
            $signature,
            |cx, a| {
                let text = cx.this::<Builder>(a[0])?.$field.clone();
                cx.heap.new_wide(&text)
            },
            |cx, a| {
                let text = given(cx, a[1]);
                cx.heap.charge(text.len() * 2)?;
                let own = cx.this_mut::<Builder>(a[0])?;
                let set: fn(&mut Builder, Vec<u16>) -> Result<()> = $set;
                set(own, text)?;
                own.made = None;
                Ok(Value::Null)
            },
        )
    };
}

const PARTS: &[Row] = &[
    part!("string Fragment { get; set; }", fragment, |own, text| {
        own.fragment = headed('#', text);
        Ok(())
    }),
    part!("string Host { get; set; }", host, |own, text| {
        own.host = bracketed(text);
        Ok(())
    }),
    part!("string Password { get; set; }", password, |own, text| {
        own.password = text;
        Ok(())
    }),
    part!("string Path { get; set; }", path, |own, text| {
        own.path = path_of(text)?;
        Ok(())
    }),
    property_set(
        "int Port { get; set; }",
        |cx, a| Ok(Value::Int32(cx.this::<Builder>(a[0])?.port)),
        |cx, a| {
            let port = port_of(a[1])?;
            let own = cx.this_mut::<Builder>(a[0])?;
            (own.port, own.made) = (port, None);
            Ok(Value::Null)
        },
    ),
    part!("string Query { get; set; }", query, |own, text| {
        own.query = headed('?', text);
        Ok(())
    }),
    part!("string Scheme { get; set; }", scheme, |own, text| set_scheme(own, &text)),
    property("Uri Uri { get; }", uri),
    part!("string UserName { get; set; }", user, |own, text| {
        own.user = text;
        Ok(())
    }),
];

/// The text of an argument; null is empty.
fn given(cx: &Call<'_>, text: Value) -> Vec<u16> {
    cx.heap.str(text).map(|text| text.to_wide()).unwrap_or_default()
}

/// A query or fragment behind its sign, unless it is empty or begins with it.
fn headed(sign: char, mut text: Vec<u16>) -> Vec<u16> {
    if !text.is_empty() && ascii(&text, 0) != sign {
        text.insert(0, sign as u16);
    }
    text
}

/// An address of version 6 stands in brackets.
fn bracketed(mut host: Vec<u16>) -> Vec<u16> {
    if host.contains(&0x3A) && ascii(&host, 0) != '[' {
        host.insert(0, 0x5B);
        host.push(0x5D);
    }
    host
}

fn port_of(port: Value) -> Result<i32> {
    let port = int(port);
    if (-1..=0xFFFF).contains(&port) {
        return Ok(port);
    }
    let message = "Specified argument was out of the range of valid values. (Parameter 'value')";
    Err(Fault::throw("System.ArgumentOutOfRangeException", message))
}

fn path_of(text: Vec<u16>) -> Result<Vec<u16>> {
    if text.is_empty() {
        return Ok(wide("/"));
    }
    let slashes: Vec<u16> = text.into_iter().map(|unit| if unit == 0x5C { 0x2F } else { unit }).collect();
    let mut out = Vec::with_capacity(slashes.len());
    escape(&slashes, &mut out, Escaping::part(['?', '#'], true)).map_err(bad_sequence)?;
    Ok(out)
}

fn set_scheme(own: &mut Builder, text: &[u16]) -> Result<()> {
    let name = text.split(|&unit| unit == 0x3A).next().unwrap_or_default();
    let name = String::from_utf16_lossy(name);
    if !name.is_empty() && !is_scheme(&name) {
        return Err(Fault::argument("Invalid URI: The URI scheme is not valid.", "value"));
    }
    own.scheme = wide(&name.to_ascii_lowercase());
    Ok(())
}

// ---- the whole

const TEXT: &[Row] = &[
    method("bool Equals(object rparam)", |cx, a| {
        cx.this::<Builder>(a[0])?;
        if a[1].is_null() {
            return Ok(Value::Bool(false));
        }
        let other = display::to_str(cx, a[1])?;
        let own = uri(cx, a)?;
        same_uri(cx, own, other)
    }),
    method("int GetHashCode()", |cx, a| {
        let own = uri(cx, a)?;
        object::hash_row(cx, &[own])
    }),
    method("string ToString()", |cx, a| {
        let text = whole(cx, a[0])?;
        cx.heap.new_wide(&text)
    }),
];

/// `Uri`: made of the parts when it is asked for, and then what the parts are read from.
fn uri(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if let Some(made) = cx.this::<Builder>(a[0])?.made {
        return Ok(made);
    }
    let text = whole(cx, a[0])?;
    let made = Uri::parse(&text, false, UriKind::Absolute).map_err(|problem| failed(problem.into()))?;
    let made = new(cx, made)?;
    let parts = parts_of(cx, made)?;
    *cx.this_mut::<Builder>(a[0])? = Builder { made: Some(made), ..parts };
    Ok(made)
}

fn whole(cx: &mut Call<'_>, this: Value) -> Result<Vec<u16>> {
    let own = cx.this_mut::<Builder>(this)?;
    if own.user.is_empty() && !own.password.is_empty() {
        let message = "Invalid URI: The username:password construct is badly formed.";
        return Err(Fault::throw("System.UriFormatException", message));
    }
    let mut out = Vec::new();
    if !own.scheme.is_empty() {
        let has_host = !own.host.is_empty();
        let authority = match Syntax::of(&own.scheme) {
            Some(syntax) => {
                syntax.has(MUST_HAVE_AUTHORITY) || has_host && !syntax.has(MAIL_LIKE) && syntax.has(OPTIONAL_AUTHORITY)
            }
            None => has_host,
        };
        own.delimiter = if authority { "://" } else { ":" };
        out.extend_from_slice(&own.scheme);
        out.extend(own.delimiter.encode_utf16());
    }
    out.extend_from_slice(&own.user);
    if !own.password.is_empty() {
        out.push(0x3A);
        out.extend_from_slice(&own.password);
    }
    if !own.user.is_empty() {
        out.push(0x40);
    }
    if !own.host.is_empty() {
        out.extend_from_slice(&own.host);
        if own.port != -1 {
            out.extend(format!(":{}", own.port).encode_utf16());
        }
        if ascii(&own.path, 0) != '/' && !own.path.is_empty() {
            out.push(0x2F);
        }
    }
    out.extend_from_slice(&own.path);
    out.extend_from_slice(&own.query);
    out.extend_from_slice(&own.fragment);
    cx.charge_fuel(out.len() / 8)?;
    Ok(out)
}
