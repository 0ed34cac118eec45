//! `XName` and `XNamespace`: expanded names, compared by text, and the rules that names follow.

use super::Result;
pub use super::name_characters::{continues_name, starts_name};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, method, operator, property, static_method, static_property};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use std::sync::{Arc, LazyLock};

pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
pub const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// An expanded name.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Name {
    pub local: Box<str>,
    pub namespace: Arc<str>,
}

/// An `XName` object.
#[derive(Debug)]
pub struct XName(pub Arc<Name>);

/// An `XNamespace` object.
#[derive(Debug)]
pub struct XNamespace(pub Arc<str>);

impl Name {
    /// `{namespace}local`, as `ToString()` shows it.
    pub fn expanded(&self) -> String {
        if self.namespace.is_empty() { self.local.to_string() } else { format!("{{{}}}{}", self.namespace, self.local) }
    }

    /// Declares a prefix or the default namespace when it names an attribute.
    pub fn declares_namespace(&self) -> bool {
        &*self.namespace == XMLNS || self.namespace.is_empty() && &*self.local == "xmlns"
    }
}

pub fn same(a: &Arc<Name>, b: &Arc<Name>) -> bool {
    Arc::ptr_eq(a, b) || a == b
}

// ---- the characters of names

/// A character at the beginning of these units and its number, as messages show them.
pub fn shown_character(units: &[u16]) -> (String, u32) {
    match char::decode_utf16(units.iter().copied()).next() {
        Some(Ok('\0')) | None => (".".to_owned(), 0),
        Some(Ok(c)) => (c.to_string(), c.into()),
        Some(Err(half)) => (char::REPLACEMENT_CHARACTER.to_string(), half.unpaired_surrogate().into()),
    }
}

/// What is wrong with the character of a name at the beginning of these units.
pub fn bad_character(units: &[u16], at_start: bool) -> String {
    let (shown, number) = shown_character(units);
    if at_start {
        format!("Name cannot begin with the '{shown}' character, hexadecimal value 0x{number:02X}.")
    } else {
        format!("The '{shown}' character, hexadecimal value 0x{number:02X}, cannot be included in a name.")
    }
}

/// `XmlConvert.VerifyNCName`.
pub fn verify(text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(empty("local name"));
    }
    verify_characters(text, false)
}

/// `XmlConvert.VerifyName`: colons are characters like others.
pub fn verify_with_colons(text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(empty("name"));
    }
    verify_characters(text, true)
}

fn empty(what: &str) -> Fault {
    let message = format!("The empty string '' is not a valid {what}. (Parameter 'name')");
    Fault::throw("System.ArgumentNullException", message)
}

fn verify_characters(text: &str, colons: bool) -> Result<()> {
    let units: Vec<u16> = text.encode_utf16().collect();
    for (at, &unit) in units.iter().enumerate() {
        let is_colon = colons && unit == 58;
        if at == 0 && !starts_name(unit) && !is_colon || !continues_name(unit) && !is_colon {
            return Err(Fault::throw("System.Xml.XmlException", bad_character(&units[at..], at == 0)));
        }
    }
    Ok(())
}

// ---- making

fn name_type() -> TypeId {
    static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::named("System.Xml.Linq.XName"));
    *ID
}

fn namespace_type() -> TypeId {
    static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::named("System.Xml.Linq.XNamespace"));
    *ID
}

pub fn new_name(cx: &mut Call<'_>, name: Arc<Name>) -> Result {
    cx.heap.new_extension(name_type(), XName(name))
}

pub fn new_namespace(cx: &mut Call<'_>, namespace: Arc<str>) -> Result {
    cx.heap.new_extension(namespace_type(), XNamespace(namespace))
}

/// A verified name, charged.
pub fn make(cx: &mut Call<'_>, local: &str, namespace: Arc<str>) -> Result<Arc<Name>> {
    verify(local)?;
    cx.charge_fuel(local.len() / 16)?;
    cx.heap.charge(local.len() + size_of::<Name>())?;
    Ok(Arc::new(Name { local: local.into(), namespace }))
}

/// `XName.Get(expandedName)`.
pub fn get(cx: &mut Call<'_>, text: Value) -> Result<Arc<Name>> {
    let text = cx.text(text, "expandedName")?.into_owned();
    let invalid = || Fault::throw("System.ArgumentException", format!("'{text}' is an invalid expanded name."));
    if text.is_empty() {
        return Err(invalid());
    }
    let Some(rest) = text.strip_prefix('{') else { return make(cx, &text, "".into()) };
    match rest.rfind('}') {
        Some(close) if close > 0 && close + 1 < rest.len() => {
            cx.heap.charge(close)?;
            make(cx, &rest[close + 1..], rest[..close].into())
        }
        _ => Err(invalid()),
    }
}

/// The name in an `XName` argument; `None` for null.
pub fn given(cx: &Call<'_>, value: Value) -> Option<Arc<Name>> {
    cx.heap.extension::<XName>(value).map(|name| name.0.clone())
}

/// The name in an `XName` argument; null throws.
pub fn required(cx: &Call<'_>, value: Value, parameter: &str) -> Result<Arc<Name>> {
    given(cx, value).ok_or_else(|| Fault::argument_null(parameter))
}

fn namespace_of(cx: &mut Call<'_>, text: Value, parameter: &str) -> Result {
    let text: Arc<str> = cx.text(text, parameter)?.as_ref().into();
    cx.heap.charge(text.len())?;
    new_namespace(cx, text)
}

fn add(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let namespace = cx.heap.extension::<XNamespace>(a[0]).ok_or_else(|| Fault::argument_null("ns"))?.0.clone();
    let local = cx.text(a[1], "localName")?.into_owned();
    let name = make(cx, &local, namespace)?;
    new_name(cx, name)
}

// ---- comparing

fn names_equal(cx: &Call<'_>, a: Value, b: Value) -> bool {
    match (given(cx, a), given(cx, b)) {
        (Some(a), Some(b)) => same(&a, &b),
        (None, None) => a.is_null() && b.is_null(),
        _ => false,
    }
}

fn namespaces_equal(cx: &Call<'_>, a: Value, b: Value) -> bool {
    match (cx.heap.extension::<XNamespace>(a), cx.heap.extension::<XNamespace>(b)) {
        (Some(a), Some(b)) => a.0 == b.0,
        (None, None) => a.is_null() && b.is_null(),
        _ => false,
    }
}

/// A hash of text, for `GetHashCode()`.
pub fn hash_text(text: &str) -> i32 {
    text.bytes().fold(0x811C_9DC5u32, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193)) as i32
}

// ---- tables

pub static XNAME: TypeDef = TypeDef::new("System.Xml.Linq.XName", Kind::Class, &[NAME_ROWS]);

const NAME_ROWS: &[Row] = &[
    method("bool Equals(object obj)", |cx, a| Ok(Value::Bool(names_equal(cx, a[0], a[1])))),
    static_method("XName Get(string expandedName)", |cx, a| {
        let name = get(cx, a[0])?;
        new_name(cx, name)
    }),
    static_method("XName Get(string localName, string namespaceName)", |cx, a| {
        let namespace: Arc<str> = cx.text(a[1], "namespaceName")?.as_ref().into();
        let local = cx.text(a[0], "localName")?.into_owned();
        cx.heap.charge(namespace.len())?;
        let name = make(cx, &local, namespace)?;
        new_name(cx, name)
    }),
    method("int GetHashCode()", |cx, a| {
        let name = &cx.this::<XName>(a[0])?.0;
        Ok(Value::Int32(hash_text(&name.local) ^ hash_text(&name.namespace)))
    }),
    property("string LocalName { get; }", |cx, a| {
        let name = cx.this::<XName>(a[0])?.0.clone();
        cx.new_str(&name.local)
    }),
    property("XNamespace Namespace { get; }", |cx, a| {
        let namespace = cx.this::<XName>(a[0])?.0.namespace.clone();
        new_namespace(cx, namespace)
    }),
    property("string NamespaceName { get; }", |cx, a| {
        let name = cx.this::<XName>(a[0])?.0.clone();
        cx.new_str(&name.namespace)
    }),
    method("string ToString()", |cx, a| {
        let text = cx.this::<XName>(a[0])?.0.expanded();
        cx.new_str(&text)
    }),
    operator("bool op_Equality(XName left, XName right)", |cx, a| Ok(Value::Bool(names_equal(cx, a[0], a[1])))),
    operator("XName op_Implicit(string expandedName)", |cx, a| {
        if a[0].is_null() {
            return Ok(Value::Null);
        }
        let name = get(cx, a[0])?;
        new_name(cx, name)
    }),
    operator("bool op_Inequality(XName left, XName right)", |cx, a| Ok(Value::Bool(!names_equal(cx, a[0], a[1])))),
];

pub static XNAMESPACE: TypeDef = TypeDef::new("System.Xml.Linq.XNamespace", Kind::Class, &[NAMESPACE_ROWS]);

const NAMESPACE_ROWS: &[Row] = &[
    method("bool Equals(object obj)", |cx, a| Ok(Value::Bool(namespaces_equal(cx, a[0], a[1])))),
    static_method("XNamespace Get(string namespaceName)", |cx, a| namespace_of(cx, a[0], "namespaceName")),
    method("int GetHashCode()", |cx, a| Ok(Value::Int32(hash_text(&cx.this::<XNamespace>(a[0])?.0)))),
    method("XName GetName(string localName)", |cx, a| {
        cx.this::<XNamespace>(a[0])?;
        add(cx, a)
    }),
    property("string NamespaceName { get; }", namespace_text),
    static_property("XNamespace None { get; }", |cx, _| cx.once("None", |cx| new_namespace(cx, "".into()))),
    method("string ToString()", namespace_text),
    static_property("XNamespace Xml { get; }", |cx, _| cx.once("Xml", |cx| new_namespace(cx, XML.into()))),
    static_property("XNamespace Xmlns { get; }", |cx, _| cx.once("Xmlns", |cx| new_namespace(cx, XMLNS.into()))),
    operator("XName op_Addition(XNamespace ns, string localName)", add),
    operator("bool op_Equality(XNamespace left, XNamespace right)", |cx, a| {
        Ok(Value::Bool(namespaces_equal(cx, a[0], a[1])))
    }),
    operator("XNamespace op_Implicit(string namespaceName)", |cx, a| {
        if a[0].is_null() { Ok(Value::Null) } else { namespace_of(cx, a[0], "namespaceName") }
    }),
    operator("bool op_Inequality(XNamespace left, XNamespace right)", |cx, a| {
        Ok(Value::Bool(!namespaces_equal(cx, a[0], a[1])))
    }),
];

fn namespace_text(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let text = cx.this::<XNamespace>(a[0])?.0.clone();
    cx.new_str(&text)
}
