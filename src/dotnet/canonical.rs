//! The canonical form of a result: its run-time type, its text, and its JSON where it has one.
//!
//! In: a value. Out: what `eval` prints and tests compare. Deferred queries are enumerated here, so they may still throw.

use super::call::Call;
use super::fault::Fault;
use super::heap::Object;
use super::inherit;
use super::member::{Code, Form, Kind};
use super::system::display::{display, format_value};
use super::system::enumerate;
use super::system::linq::order;
use super::types::{self, Type, TypeId};
use super::value::Value;
use serde_json::Value as Json;

/// A result in its canonical form.
#[derive(Clone, Debug, PartialEq)]
pub struct Canonical {
    pub type_name: String,
    pub text: String,
    /// The text's UTF-16 units, where some are halves of pairs that `text` cannot hold.
    pub units: Option<Box<[u16]>>,
    pub json: Option<Json>,
}

/// More elements than this are an error.
const MAX_ELEMENTS: usize = 100_000;

/// The canonical form of a value.
pub fn canonical(cx: &mut Call<'_>, value: Value) -> Result<Canonical, Fault> {
    let type_name = if value.is_null() { "null".to_owned() } else { type_name(cx.heap.type_of(value)) };
    let (units, mut json) = text_and_json(cx, value)?;
    // The text and the JSON are two enumerations of a query.
    if json.is_some() && enumerate::is_deferred(cx, value) {
        json = text_and_json(cx, value)?.1;
    }
    let (text, units) = match String::from_utf16(&units) {
        Ok(text) => (text, None),
        Err(_) => (String::from_utf16_lossy(&units), Some(units.into())),
    };
    Ok(Canonical { type_name, text, units, json })
}

/// A type's name; a generic type inside another one goes by the outer one's name.
fn type_name(ty: TypeId) -> String {
    if let Some(base) = hidden(ty) {
        return base;
    }
    let name = ty.dotnet_name();
    // Classes of the runtime's own go by their public base.
    if let Some(base) = name.strip_suffix("+NullTextReader").or_else(|| name.strip_suffix("+NullTextWriter")) {
        return base.to_owned();
    }
    match (name.find('+'), name.find('<')) {
        (Some(plus), Some(open)) if plus < open => format!("{}{}", &name[..plus], &name[open..]),
        _ => name,
    }
}

/// What is made over an anonymous type can be named by nobody, and goes by what it is besides.
fn hidden(ty: TypeId) -> Option<String> {
    fn over_anonymous(ty: TypeId) -> bool {
        match ty.get() {
            Type::Anonymous(_) => true,
            Type::Named(_, arguments) | Type::Tuple(arguments, _) => arguments.iter().any(|own| over_anonymous(*own)),
            Type::Array(of, _) | Type::Nullable(of) => over_anonymous(*of),
            _ => false,
        }
    }
    match ty.def().map(|def| def.name) {
        // The class of `context.Api` goes by the interface of its base.
        Some("Apim.IContextApi") => return Some("Apim.IApi".to_owned()),
        Some("Apim.IProxyRequestContext") => return Some("Apim.IExpressionContext".to_owned()),
        _ => {}
    }
    if !over_anonymous(ty) {
        return None;
    }
    let kind = ty.def().map(|def| (def.kind, def.name));
    Some(match (ty.get(), kind) {
        (Type::Array(of, 1), _) => hidden(*of)? + "[]",
        (Type::Named(_, arguments), Some((_, "System.Linq.IGrouping"))) if !over_anonymous(arguments[1]) => {
            enumerate::enumerable_of(arguments[1]).dotnet_name()
        }
        (_, Some((_, "System.Tuple"))) => "System.Collections.IStructuralEquatable".to_owned(),
        (_, Some((Kind::Delegate, _))) => "System.MulticastDelegate".to_owned(),
        (Type::Named(..), _) if inherit::is_subtype(ty, TypeId::named("System.Collections.IEnumerable")) => {
            "System.Collections.IEnumerable".to_owned()
        }
        (Type::Named(..) | Type::Tuple(..), _) if inherit::is_value_type(ty) => "System.ValueType".to_owned(),
        (Type::Named(..), _) => "System.Object".to_owned(),
        _ => return None,
    })
}

/// UTF-16, as strings are: a half of a pair stays what it is.
type Units = Vec<u16>;

fn text_and_json(cx: &mut Call<'_>, value: Value) -> Result<(Units, Option<Json>), Fault> {
    cx.heap.enter()?;
    let made = if let Value::Char(unit) = value {
        Ok((vec![unit], None))
    } else if let Some(text) = cx.heap.str(value) {
        Ok((text.to_wide(), Some(Json::String(text.to_text().into_owned()))))
    } else if is_listed(cx, value) {
        elements(cx, value, cx.heap.type_of(value))
    } else {
        of(cx, value).map(|(text, json)| (text.encode_utf16().collect(), json))
    };
    // What shows as its `ToString()` may hold halves of pairs.
    let made = match made {
        Ok((text, None)) if text.contains(&0xFFFD) && shows_text(cx, value) => {
            let shown = super::system::object::to_str(cx, value)?;
            Ok((cx.heap.str(shown).map_or(text, |own| own.to_wide()), None))
        }
        other => other,
    };
    cx.heap.leave();
    made
}

/// Whether it is an object of a type of its own that shows as its `ToString()`.
fn shows_text(cx: &Call<'_>, value: Value) -> bool {
    let Value::Object(handle) = value else { return false };
    let ty = cx.heap.type_of(value);
    matches!(cx.heap.get(handle), Object::Extension { .. } | Object::Record { .. })
        && !is_a(ty, "Newtonsoft.Json.Linq.JToken")
        && !is_a(ty, "System.Xml.Linq.XNode")
        && !enumerate::is_enumerable(cx, value)
}

/// Whether it shows as its elements.
fn is_listed(cx: &mut Call<'_>, value: Value) -> bool {
    let Value::Object(handle) = value else {
        return matches!(value, Value::Host(_) | Value::Text { .. }) && enumerate::is_enumerable(cx, value);
    };
    let own_form = match cx.heap.get(handle) {
        Object::Bytes(_)
        | Object::Exception(_)
        | Object::Decimal(_)
        | Object::Record { .. }
        | Object::Guid(_)
        | Object::Closure { .. }
        | Object::Multicast { .. } => true,
        _ => {
            let ty = cx.heap.type_of(value);
            // A `foreach` goes over the last one, though it is no sequence.
            is_a(ty, "Newtonsoft.Json.Linq.JToken")
                || is_a(ty, "System.Xml.Linq.XNode")
                || is_a(ty, "System.Text.StringBuilder+ChunkEnumerator")
        }
    };
    !own_form && enumerate::is_enumerable(cx, value)
}

fn of(cx: &mut Call<'_>, value: Value) -> Result<(String, Option<Json>), Fault> {
    match value {
        Value::Null => return Ok(("null".to_owned(), Some(Json::Null))),
        Value::DateTime(_) | Value::DateTimeOffset { .. } => return Ok((format_value(cx, value, Some("o"))?, None)),
        Value::TimeSpan(_) => return Ok((format_value(cx, value, Some("c"))?, None)),
        Value::Type(ty) => return Ok((ty.dotnet_name(), None)),
        Value::Bool(v) => return Ok((display(cx, value)?, Some(Json::Bool(v)))),
        Value::Single(_) => {
            let text = display(cx, value)?;
            // The shortest decimal that reads back as the same `float`, and no digit more.
            let json = text.parse().ok().and_then(number);
            return Ok((text, json));
        }
        Value::Double(v) => return Ok((display(cx, value)?, number(v))),
        Value::Enum { .. } => return Ok((display(cx, value)?, None)),
        Value::UInt64(v) => return Ok((v.to_string(), Some(v.into()))),
        Value::Object(handle) => match cx.heap.get(handle) {
            Object::Bytes(bytes) => {
                use base64::Engine;
                return Ok((base64::engine::general_purpose::STANDARD.encode(bytes), None));
            }
            Object::Exception(exception) => {
                return Ok((format!("{}: {}", exception.ty.dotnet_name(), exception.message), None));
            }
            Object::Decimal(v) => {
                let json = v.to_string().parse::<f64>().ok().and_then(number);
                return Ok((display(cx, value)?, json));
            }
            Object::Record { .. } | Object::Guid(_) | Object::Closure { .. } | Object::Multicast { .. } => {
                return Ok((display(cx, value)?, None));
            }
            _ => {}
        },
        Value::Host(_) | Value::Text { .. } => {}
        _ => {
            let number = value.integer().unwrap_or_default();
            return Ok((number.to_string(), Some(number.into())));
        }
    }
    let ty = cx.heap.type_of(value);
    if is_a(ty, "Newtonsoft.Json.Linq.JToken") {
        let text = by_option(cx, value, ty, "Newtonsoft.Json.Formatting", 0)?;
        let json = serde_json::from_str(&text).ok();
        return Ok((text, json));
    }
    if is_a(ty, "System.Xml.Linq.XNode") {
        return Ok((by_option(cx, value, ty, "System.Xml.Linq.SaveOptions", 1)?, None));
    }
    Ok((display(cx, value)?, None))
}

fn number(value: f64) -> Option<Json> {
    serde_json::Number::from_f64(value).map(Json::Number)
}

/// Whether the type or one of its bases has this name.
fn is_a(ty: TypeId, name: &str) -> bool {
    super::find_def(name, 0).is_some_and(|def| inherit::is_subtype(ty, TypeId::of(Type::Named(def, Vec::new()))))
}

/// `value.ToString(option)`, whatever parameters follow.
fn by_option(cx: &mut Call<'_>, value: Value, ty: TypeId, option: &str, bits: i64) -> Result<String, Fault> {
    let mut next = Some(ty);
    while let Some(ty) = next {
        let Some(def) = ty.def() else { break };
        for member in def.members() {
            let takes_option = member.parameters.first().is_some_and(|p| p.ty.dotnet_name() == option);
            if member.row.form == Form::Method && member.name == "ToString" && takes_option {
                if let Code::Native(native) = member.row.code {
                    let option = Value::Enum { ty: member.parameters[0].ty, value: bits };
                    let mut args = vec![value, option];
                    args.resize(member.parameters.len() + 1, Value::Null);
                    let made = enumerate::call_native(cx, native, ty, types::string(), &args)?;
                    return Ok(cx.heap.text(made).unwrap_or_default().into_owned());
                }
            }
        }
        next = def.base_type();
    }
    display(cx, value)
}

fn elements(cx: &mut Call<'_>, value: Value, ty: TypeId) -> Result<(Units, Option<Json>), Fault> {
    // An ordered sequence of objects is looked at as far as it is shown: it is sorted as a part then.
    let of_objects = ty.arguments().first() == Some(&types::object());
    let mut cursor = if of_objects && order::is_ordered(cx, value) {
        enumerate::Cursor::over(order::range(cx, value, 0, MAX_ELEMENTS as i64)?)
    } else {
        enumerate::start(cx, value)?
    };
    let mut text = vec![u16::from(b'[')];
    let keyed = has_text_keys(ty);
    let mut object = serde_json::Map::new();
    let mut list = Some(Vec::new());
    let mut count = 0;
    while let Some(item) = cursor.next(cx)? {
        count += 1;
        if count > MAX_ELEMENTS {
            return Err(Fault::invalid_operation("The sequence has more than 100,000 elements."));
        }
        let before = text.len();
        text.extend((if count == 1 { "" } else { ", " }).encode_utf16());
        let pair = if keyed { cx.heap.fields(item).and_then(|f| Some((*f.first()?, *f.get(1)?))) } else { None };
        let json = match pair {
            Some((key, of_key)) => {
                let shown = super::system::object::to_str(cx, item)?;
                text.extend(cx.heap.str(shown).into_iter().flat_map(|own| own.to_wide()));
                let key = cx.heap.text(key).map(std::borrow::Cow::into_owned);
                let json = text_and_json(cx, of_key)?.1;
                match (key, json) {
                    (Some(key), Some(json)) => {
                        object.insert(key, json.clone());
                        Some(json)
                    }
                    _ => None,
                }
            }
            None => {
                let (own, json) = text_and_json(cx, item)?;
                text.extend(own);
                json
            }
        };
        cx.heap.charge(2 * (text.len() - before))?;
        match (list.as_mut(), json) {
            (Some(items), Some(json)) => items.push(json),
            _ => list = None,
        }
    }
    text.push(u16::from(b']'));
    // Of no keys, all are strings.
    let keyed = keyed || count == 0 && ty.def().is_some_and(|def| def.simple_name() == "Dictionary");
    let json = list.map(|items| if keyed { Json::Object(object) } else { Json::Array(items) });
    Ok((text, json))
}

/// A dictionary whose keys are strings.
fn has_text_keys(ty: TypeId) -> bool {
    let is_dictionary = |ty: TypeId| {
        ty.def().is_some_and(|def| {
            matches!(
                def.name,
                "System.Collections.Generic.IDictionary"
                    | "System.Collections.Generic.IReadOnlyDictionary"
                    | "System.Collections.Generic.Dictionary"
            )
        }) && ty.arguments().first() == Some(&types::string())
    };
    is_dictionary(ty) || inherit::parents(ty).iter().copied().any(has_text_keys)
}
