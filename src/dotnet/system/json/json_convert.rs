//! `JsonConvert`, and the members that take a serializer or its settings.
//!
//! In: texts, values, settings. Out: values of any type, or texts.

use super::document::Wanted;
use super::members::{element, is_indented, is_xml, make_from_object};
use super::serialize::{self, Rules};
use super::stream::{Dates, Stream};
use super::token::{self, Result, Type};
use super::{convert, deserialize, equality, write, writers, xml_nodes, xml_read};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;
use std::sync::Arc;

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
    let how = xml_read::Reading { mark_arrays: yes(2), encode: yes(3) };
    let text: Arc<str> = Arc::from(&*cx.text(a[0], "value")?);
    cx.charge_fuel(text.len() / 8)?;
    let mut stream = Stream::of_text(text);
    stream.keeps_all = true;
    if !stream.read(cx)? {
        return Ok(Value::Null);
    }
    let Some(json) = deserialize::xml_json(cx, &mut stream)? else { return Ok(Value::Null) };
    let made = xml_read::read(cx, json, root.as_deref().filter(|root| !root.is_empty()), how)?;
    deserialize::expect_end(cx, &mut stream)?;
    Ok(made)
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
