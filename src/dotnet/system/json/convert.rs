//! From tokens to .NET values: the explicit operators, `Value<T>`, `ToObject<T>`.

use super::number;
use super::token::{self, BigInteger, Result, Type};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::member::Form;
use crate::dotnet::system::collections::comparer::Equality;
use crate::dotnet::system::collections::{array, dictionary_put, new_dictionary, new_set};
use crate::dotnet::system::enumerate::call_native;
use crate::dotnet::system::format::parse;
use crate::dotnet::system::{display, object};
use crate::dotnet::types::{self, Type as Dotnet, TypeId};
use crate::dotnet::value::{DateTime, Kind, Value};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// The type without `?`, and whether null is one of its values.
fn strip(ty: TypeId) -> (TypeId, bool) {
    match ty.get() {
        Dotnet::Nullable(of) => (*of, true),
        _ => (ty, !inherit::is_value_type(ty)),
    }
}

fn simple_name(ty: TypeId) -> &'static str {
    match ty.get() {
        Dotnet::Array(element, 1) if *element == types::byte() => "Byte[]",
        _ => ty.def().map_or("", |def| def.simple_name()),
    }
}

const NUMBERS: &[Type] = &[Type::Integer, Type::Float, Type::String, Type::Comment, Type::Raw, Type::Boolean];

/// Which token types an explicit conversion takes.
fn accepted(name: &str) -> Option<&'static [Type]> {
    Some(match name {
        "Boolean" | "SByte" | "Byte" | "Int16" | "UInt16" | "Int32" | "UInt32" | "Int64" | "UInt64" | "Single"
        | "Double" | "Decimal" => NUMBERS,
        "Char" => &[Type::Integer, Type::Float, Type::String, Type::Comment, Type::Raw],
        "String" => &[
            Type::Date,
            Type::Integer,
            Type::Float,
            Type::String,
            Type::Comment,
            Type::Raw,
            Type::Boolean,
            Type::Bytes,
            Type::Guid,
            Type::TimeSpan,
            Type::Uri,
        ],
        "DateTime" | "DateTimeOffset" => &[Type::Date, Type::String, Type::Comment, Type::Raw],
        "Guid" => &[Type::String, Type::Comment, Type::Raw, Type::Guid, Type::Bytes],
        "TimeSpan" => &[Type::String, Type::Comment, Type::Raw, Type::TimeSpan],
        "Uri" => &[Type::String, Type::Comment, Type::Raw, Type::Uri],
        "Byte[]" => &[Type::Bytes, Type::String, Type::Comment, Type::Raw, Type::Integer],
        _ => return None,
    })
}

/// `(T)token`.
pub fn explicit(cx: &mut Call<'_>, token: Value, wanted: TypeId) -> Result {
    let (ty, nullable) = strip(wanted);
    if token.is_null() {
        return if nullable { Ok(Value::Null) } else { Err(Fault::argument_null("value")) };
    }
    let token = match token::kind(cx, token)? {
        Type::Property => token::property_value(cx, token)?,
        _ => token,
    };
    let kind = token::kind(cx, token)?;
    let name = simple_name(ty);
    let takes = accepted(name).is_some_and(|kinds| kinds.contains(&kind))
        || nullable && matches!(kind, Type::Null | Type::Undefined);
    let Some(value) = token::leaf(cx, token).filter(|_| takes) else {
        let name = if name == "Byte[]" { "byte array" } else { name };
        return Err(Fault::throw("System.ArgumentException", format!("Can not convert {} to {name}.", kind.name())));
    };
    if value.is_null() {
        return if nullable { Ok(Value::Null) } else { change_type(cx, value, ty) };
    }
    match name {
        "String" if cx.heap.bytes(value).is_some() => {
            let text = super::write::base64(cx.heap.bytes(value).unwrap_or_default());
            cx.new_str(&text)
        }
        _ => to_type(cx, value, ty),
    }
}

/// A .NET value as another primitive type, by `Convert` or by parsing.
fn to_type(cx: &mut Call<'_>, value: Value, ty: TypeId) -> Result {
    let name = simple_name(ty);
    match name {
        "Guid" | "TimeSpan" if cx.heap.str(value).is_some() => call_static(cx, ty, "Parse", &[value]),
        "Uri" if cx.heap.str(value).is_some() => construct(cx, ty, &[value]),
        "DateTimeOffset" => match value {
            Value::DateTime(date) => Ok(Value::DateTimeOffset { minutes: 0, ticks: date.ticks() }),
            _ if cx.heap.str(value).is_some() => call_static(cx, ty, "Parse", &[value]),
            other => Ok(other),
        },
        "DateTime" => match value {
            Value::DateTimeOffset { ticks, .. } => Ok(Value::DateTime(DateTime::new(ticks, Kind::Unspecified))),
            other => change_type(cx, other, ty),
        },
        "Byte[]" if cx.heap.str(value).is_some() => {
            call_static(cx, TypeId::named("System.Convert"), "FromBase64String", &[value])
        }
        _ => change_type(cx, value, ty),
    }
}

/// Calls a static method by its name and its number of parameters.
pub fn call_static(cx: &mut Call<'_>, ty: TypeId, name: &str, args: &[Value]) -> Result {
    call_row(cx, ty, Form::Method, name, args)
}

fn construct(cx: &mut Call<'_>, ty: TypeId, args: &[Value]) -> Result {
    call_row(cx, ty, Form::Constructor, ".ctor", args)
}

fn call_row(cx: &mut Call<'_>, ty: TypeId, form: Form, name: &str, args: &[Value]) -> Result {
    let members = ty.def().map(|def| def.members()).unwrap_or_default();
    let found = members.iter().find_map(|member| match member.row.code {
        crate::dotnet::member::Code::Native(native)
            if member.row.form == form
                && member.name == name
                && member.parameters.len() == args.len()
                && args
                    .iter()
                    .zip(&member.parameters)
                    .all(|(&arg, parameter)| inherit::is_instance(cx.heap, arg, parameter.ty)) =>
        {
            Some(native)
        }
        _ => None,
    });
    match found {
        Some(native) => call_native(cx, native, ty, ty, args),
        None => Err(Fault::not_supported(format!("{} cannot be made of JSON.", ty.csharp_name()))),
    }
}

/// `Convert.ChangeType(value, type, invariant)`.
pub fn change_type(cx: &mut Call<'_>, value: Value, ty: TypeId) -> Result {
    let own = cx.heap.type_of(value);
    if value.is_null() {
        return if inherit::is_value_type(ty) {
            Err(Fault::throw("System.InvalidCastException", "Null object cannot be converted to a value type."))
        } else {
            Ok(Value::Null)
        };
    }
    if own == ty {
        return Ok(value);
    }
    let name = simple_name(ty);
    let invalid = || {
        Fault::throw(
            "System.InvalidCastException",
            format!("Invalid cast from '{}' to '{}'.", own.clr_name(), ty.clr_name()),
        )
    };
    let is_date = matches!(value, Value::DateTime(_));
    Ok(match name {
        "String" => {
            let text = display::display(cx, value)?;
            cx.new_str(&text)?
        }
        _ if is_date => return Err(invalid()),
        "Boolean" => Value::Bool(match value {
            Value::Double(v) => v != 0.0,
            Value::Single(v) => v != 0.0,
            _ => match (value.integer(), cx.heap.text(value), cx.heap.decimal(value)) {
                (Some(v), ..) => v != 0,
                (_, Some(text), _) => match text.trim().to_ascii_lowercase().as_str() {
                    "true" => true,
                    "false" => false,
                    _ => {
                        return Err(Fault::throw(
                            "System.FormatException",
                            format!("String '{text}' was not recognized as a valid Boolean."),
                        ));
                    }
                },
                (_, _, Some(v)) => !v.is_zero(),
                _ => return Err(invalid()),
            },
        }),
        "Char" => match cx.heap.str(value) {
            Some(text) if text.len() == 1 => Value::Char(text.unit(0)),
            Some(_) => {
                return Err(Fault::throw("System.FormatException", "String must be exactly one character long."));
            }
            None => Value::Char(whole(cx, value, 16, false, "a character", &invalid)? as u16),
        },
        "SByte" => Value::SByte(whole(cx, value, 8, true, "a signed byte", &invalid)? as i8),
        "Byte" => Value::Byte(whole(cx, value, 8, false, "an unsigned byte", &invalid)? as u8),
        "Int16" => Value::Int16(whole(cx, value, 16, true, "an Int16", &invalid)? as i16),
        "UInt16" => Value::UInt16(whole(cx, value, 16, false, "a UInt16", &invalid)? as u16),
        "Int32" => Value::Int32(whole(cx, value, 32, true, "an Int32", &invalid)? as i32),
        "UInt32" => Value::UInt32(whole(cx, value, 32, false, "a UInt32", &invalid)? as u32),
        "Int64" => Value::Int64(whole(cx, value, 64, true, "an Int64", &invalid)? as i64),
        "UInt64" => Value::UInt64(whole(cx, value, 64, false, "a UInt64", &invalid)? as u64),
        "Double" => Value::Double(real(cx, value, &invalid)?),
        "Single" => Value::Single(match cx.heap.text(value) {
            Some(text) => parse::single(&text, FLOAT_STYLE).map_err(|_| Fault::format())?,
            None => real(cx, value, &invalid)? as f32,
        }),
        "Decimal" => {
            let exact = decimal(cx, value, &invalid)?;
            cx.heap.new_decimal(exact)?
        }
        "DateTime" if cx.heap.str(value).is_some() => return call_static(cx, ty, "Parse", &[value]),
        _ => return Err(invalid()),
    })
}

/// `NumberStyles.Integer`, `NumberStyles.Float | AllowThousands`, `NumberStyles.Number`.
const INTEGER_STYLE: i64 = 7;
const FLOAT_STYLE: i64 = 231;
const NUMBER_STYLE: i64 = 111;

fn whole(
    cx: &Call<'_>,
    value: Value,
    bits: u32,
    signed: bool,
    name: &str,
    invalid: &dyn Fn() -> Fault,
) -> Result<i128> {
    let overflow =
        || Fault::throw("System.OverflowException", format!("Value was either too large or too small for {name}."));
    let number = match value {
        Value::Double(v) => round(v).ok_or_else(overflow)?,
        Value::Single(v) => round(v.into()).ok_or_else(overflow)?,
        Value::UInt64(v) => i128::from(v),
        _ => {
            if let Some(v) = value.integer() {
                i128::from(v)
            } else if let Some(text) = cx.heap.text(value) {
                return parse::integer(&text, INTEGER_STYLE, bits, signed).map_err(|wrong| match wrong {
                    parse::Wrong::Overflow => overflow(),
                    _ => Fault::format(),
                });
            } else if let Some(v) = cx.heap.decimal(value) {
                v.round().to_i128().ok_or_else(overflow)?
            } else if let Some(BigInteger(digits)) = cx.heap.extension(value) {
                digits.parse().map_err(|_| overflow())?
            } else {
                return Err(invalid());
            }
        }
    };
    let (low, high) =
        if signed { (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1) } else { (0, (1i128 << bits) - 1) };
    if (low..=high).contains(&number) { Ok(number) } else { Err(overflow()) }
}

/// To the nearest whole number, halves to the even one.
fn round(v: f64) -> Option<i128> {
    (v.abs() < 1e30).then(|| v.round_ties_even() as i128)
}

fn real(cx: &Call<'_>, value: Value, invalid: &dyn Fn() -> Fault) -> Result<f64> {
    Ok(match value {
        Value::Double(v) => v,
        Value::Single(v) => v.into(),
        Value::UInt64(v) => v as f64,
        _ => {
            if let Some(v) = value.integer() {
                v as f64
            } else if let Some(text) = cx.heap.text(value) {
                parse::double(&text, FLOAT_STYLE).map_err(|_| Fault::format())?
            } else if let Some(v) = cx.heap.decimal(value) {
                v.to_f64().unwrap_or(f64::NAN)
            } else if let Some(BigInteger(digits)) = cx.heap.extension(value) {
                digits.parse().unwrap_or(f64::NAN)
            } else {
                return Err(invalid());
            }
        }
    })
}

fn decimal(cx: &Call<'_>, value: Value, invalid: &dyn Fn() -> Fault) -> Result<Decimal> {
    let overflow =
        || Fault::throw("System.OverflowException", "Value was either too large or too small for a Decimal.");
    Ok(match value {
        // A double has 15 significant digits as a decimal, a float 7.
        Value::Double(v) => significant(v, 15).ok_or_else(overflow)?,
        Value::Single(v) => significant(v.into(), 7).ok_or_else(overflow)?,
        Value::UInt64(v) => v.into(),
        _ => {
            if let Some(v) = value.integer() {
                v.into()
            } else if let Some(text) = cx.heap.text(value) {
                parse::decimal(&text, NUMBER_STYLE).map_err(|wrong| match wrong {
                    parse::Wrong::Overflow => overflow(),
                    _ => Fault::format(),
                })?
            } else if let Some(v) = cx.heap.decimal(value) {
                v
            } else if let Some(BigInteger(digits)) = cx.heap.extension(value) {
                digits.parse().map_err(|_| overflow())?
            } else {
                return Err(invalid());
            }
        }
    })
}

fn significant(v: f64, digits: usize) -> Option<Decimal> {
    if !v.is_finite() {
        return None;
    }
    let text = format!("{v:.*e}", digits - 1);
    Decimal::from_scientific(&text).ok().map(|d| d.normalize())
}

/// `token.Value<T>(key)`, `Values<T>()`: by cast, else by `Convert.ChangeType`.
pub fn convert(cx: &mut Call<'_>, token: Value, wanted: TypeId) -> Result {
    if token.is_null() {
        return inherit::zero(cx.heap, wanted);
    }
    if token::is_instance(cx, token, wanted) {
        return Ok(token);
    }
    let Some(value) = token::leaf(cx, token) else {
        let own = cx.heap.type_of(token).clr_name();
        return Err(Fault::throw(
            "System.InvalidCastException",
            format!("Cannot cast {own} to Newtonsoft.Json.Linq.JToken."),
        ));
    };
    let (ty, _) = strip(wanted);
    if !value.is_null() && inherit::is_instance(cx.heap, value, ty) {
        return Ok(value);
    }
    if value.is_null() && matches!(wanted.get(), Dotnet::Nullable(_)) {
        return Ok(Value::Null);
    }
    change_type(cx, value, ty)
}

/// What `ToObject<T>` and `DeserializeObject<T>` need to know beside the type.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Straight from text: scalars keep their spelling when a string is wanted.
    pub from_text: bool,
}

/// A .NET object of a token.
pub fn to_object(cx: &mut Call<'_>, token: Value, wanted: TypeId, reading: Reading) -> Result {
    if !reading.from_text && accepted(simple_name(strip(wanted).0)).is_some() {
        return explicit(cx, token, wanted);
    }
    cx.heap.enter()?;
    let made = build(cx, token, wanted, reading);
    cx.heap.leave();
    made
}

fn mismatch(cx: &mut Call<'_>, token: Value, wanted: TypeId) -> Result<Fault> {
    let path = super::path::path_of(cx, token)?;
    let kind = match token::kind(cx, token)? {
        Type::Object => "JSON object (e.g. {\"name\":\"value\"})",
        Type::Array => "JSON array (e.g. [1,2,3])",
        kind => {
            let value = token::leaf(cx, token).unwrap_or(Value::Null);
            let text = display::display(cx, value)?;
            let _ = kind;
            return Ok(Fault::throw(
                "Newtonsoft.Json.JsonSerializationException",
                format!("Error converting value {text} to type '{}'. Path '{path}'.", wanted.clr_name()),
            ));
        }
    };
    Ok(Fault::throw(
        "Newtonsoft.Json.JsonSerializationException",
        format!("Cannot deserialize the current {kind} into type '{}'. Path '{path}'.", wanted.clr_name()),
    ))
}

fn build(cx: &mut Call<'_>, token: Value, wanted: TypeId, reading: Reading) -> Result {
    cx.charge_fuel(1)?;
    let kind = token::kind(cx, token)?;
    if wanted == types::object() {
        return match token::leaf(cx, token) {
            Some(value) => Ok(value),
            None => token::clone(cx, token),
        };
    }
    if inherit::is_subtype(wanted, token::jtoken()) {
        if token::is_instance(cx, token, wanted) {
            return token::clone(cx, token);
        }
        return Err(mismatch(cx, token, wanted)?);
    }
    let (ty, nullable) = strip(wanted);
    if let Some(value) = token::leaf(cx, token)
        && value.is_null()
    {
        if nullable {
            return Ok(Value::Null);
        }
        let path = super::path::path_of(cx, token)?;
        return Err(Fault::throw(
            "Newtonsoft.Json.JsonSerializationException",
            format!("Error converting value {{null}} to type '{}'. Path '{path}'.", ty.clr_name()),
        ));
    }
    if accepted(simple_name(ty)).is_some() {
        return scalar(cx, token, ty, reading);
    }
    if ty.def().is_some_and(|def| def.kind == crate::dotnet::member::Kind::Enum) {
        let Some(value) = token::leaf(cx, token) else { return Err(mismatch(cx, token, wanted)?) };
        return match value.integer() {
            Some(value) => Ok(Value::Enum { ty, value }),
            None => enum_by_name(cx, token, value, ty),
        };
    }
    if let Dotnet::Array(element, 1) = ty.get() {
        let items = elements(cx, token, wanted, *element, reading)?;
        return array::new(cx, ty, items);
    }
    let name = ty.def().map_or("", |def| def.name);
    match (name.rsplit('.').next().unwrap_or_default(), ty.arguments()) {
        ("List" | "IList" | "ICollection" | "IEnumerable" | "IReadOnlyList" | "IReadOnlyCollection", &[element]) => {
            let items = elements(cx, token, wanted, element, reading)?;
            let list = TypeId::generic("System.Collections.Generic.List", &[element]);
            cx.heap.new_list(list, items)
        }
        ("HashSet" | "ISet", &[element]) => {
            let items = elements(cx, token, wanted, element, reading)?;
            let set = TypeId::generic("System.Collections.Generic.HashSet", &[element]);
            new_set(cx, set, Equality::default(), items)
        }
        ("Dictionary" | "IDictionary" | "IReadOnlyDictionary", &[key, value]) => {
            if kind != Type::Object {
                return Err(mismatch(cx, token, wanted)?);
            }
            let ty = TypeId::generic("System.Collections.Generic.Dictionary", &[key, value]);
            let made = new_dictionary(cx, ty, Equality::default())?;
            for property in token::children(cx, token)? {
                let name = token::name(cx, property)?;
                let name =
                    if key == types::string() || key == types::object() { name } else { to_type(cx, name, key)? };
                let item = token::property_value(cx, property)?;
                let item = to_object(cx, item, value, reading)?;
                dictionary_put(cx, made, name, item)?;
            }
            Ok(made)
        }
        ("KeyValuePair", &[key, value]) => {
            let first = field(cx, token, "Key", key, reading)?;
            let second = field(cx, token, "Value", value, reading)?;
            cx.heap.new_record(ty, &[first, second])
        }
        _ => match ty.get() {
            Dotnet::Anonymous(fields) if kind == Type::Object => {
                let mut values = Vec::with_capacity(fields.len());
                for (name, of) in fields {
                    values.push(field(cx, token, name, *of, reading)?);
                }
                cx.heap.new_record(ty, &values)
            }
            Dotnet::Tuple(elements, _) if kind == Type::Object => {
                let mut values = Vec::with_capacity(elements.len());
                for (at, of) in elements.iter().enumerate() {
                    values.push(field(cx, token, &format!("Item{}", at + 1), *of, reading)?);
                }
                cx.heap.new_record(ty, &values)
            }
            _ => Err(mismatch(cx, token, wanted)?),
        },
    }
}

/// A property by its name, in any case when none has it exactly.
fn field(cx: &mut Call<'_>, token: Value, name: &str, ty: TypeId, reading: Reading) -> Result {
    let found = match token::find(cx, token, name)? {
        Some(at) => Some(at),
        None => token::find_by(cx, token, &|own| own.eq_ignore_ascii_case(name))?,
    };
    match found {
        Some(at) => {
            let property = token::child(cx, token, at)?.unwrap_or(Value::Null);
            let value = token::property_value(cx, property)?;
            to_object(cx, value, ty, reading)
        }
        None => inherit::zero(cx.heap, ty),
    }
}

fn elements(cx: &mut Call<'_>, token: Value, wanted: TypeId, element: TypeId, reading: Reading) -> Result<Vec<Value>> {
    if token::kind(cx, token)? != Type::Array {
        return Err(mismatch(cx, token, wanted)?);
    }
    let mut items = token::children(cx, token)?;
    for item in &mut items {
        *item = if !reading.from_text && accepted(simple_name(strip(element).0)).is_some() {
            build(cx, *item, element, reading)?
        } else {
            to_object(cx, *item, element, reading)?
        };
    }
    Ok(items)
}

/// A scalar as the serializer reads it: a string that is no number fails with the reader's message.
fn scalar(cx: &mut Call<'_>, token: Value, ty: TypeId, reading: Reading) -> Result {
    let Some(value) = token::leaf(cx, token) else {
        let path = super::path::path_of(cx, token)?;
        let kind = match token::kind(cx, token)? {
            Type::Object => "StartObject",
            Type::Array => "StartArray",
            _ => "StartConstructor",
        };
        return Err(Fault::throw(
            "Newtonsoft.Json.JsonReaderException",
            format!("Unexpected character encountered while parsing value: {kind}. Path '{path}'."),
        ));
    };
    if ty == types::string() && reading.from_text {
        let text = match value {
            Value::Bool(value) => value.to_string(),
            Value::DateTime(date) => super::date::write(date),
            Value::Double(value) => number::write_double(value),
            other => object::display(cx, other)?,
        };
        return cx.new_str(&text);
    }
    let made = to_type(cx, value, ty);
    match made {
        Err(Fault::Throw(thrown)) if cx.heap.str(value).is_some() && thrown.type_name == "System.FormatException" => {
            let what = match simple_name(ty) {
                "Boolean" => "boolean",
                "Double" | "Single" => "double",
                "Decimal" => "decimal",
                "DateTime" => "DateTime",
                "DateTimeOffset" => "DateTimeOffset",
                "Guid" | "Uri" | "TimeSpan" | "Char" => return Err(mismatch(cx, token, ty)?),
                _ => "integer",
            };
            let path = super::path::path_of(cx, token)?;
            let text = object::display(cx, value)?;
            Err(Fault::throw(
                "Newtonsoft.Json.JsonReaderException",
                format!("Could not convert string to {what}: {text}. Path '{path}'."),
            ))
        }
        other => other,
    }
}

fn enum_by_name(cx: &mut Call<'_>, token: Value, name: Value, ty: TypeId) -> Result {
    let wanted = object::display(cx, name)?;
    let members = ty.def().map(|def| def.members()).unwrap_or_default();
    let found = members.iter().find_map(|member| match member.row.code {
        crate::dotnet::member::Code::EnumValue(value) if member.name.eq_ignore_ascii_case(&wanted) => Some(value),
        _ => None,
    });
    match found {
        Some(value) => Ok(Value::Enum { ty, value }),
        None => Err(mismatch(cx, token, ty)?),
    }
}
