//! From tokens to .NET values: the explicit operators, `Value<T>`, and what the serializer converts with.

use super::token::{self, BigInteger, Result, Type};
use super::{date, deserialize};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::member::Form;
use crate::dotnet::system::convert::{Target, change_type, convert as to_target};
use crate::dotnet::system::display;
use crate::dotnet::system::enumerate::{call_native, find_member};
use crate::dotnet::types::{self, Type as Dotnet, TypeId};
use crate::dotnet::value::{DateTime, Kind, Value};

/// The type without `?`, and whether null is one of its values.
pub fn strip(ty: TypeId) -> (TypeId, bool) {
    match ty.get() {
        Dotnet::Nullable(of) => (*of, true),
        _ => (ty, !inherit::is_value_type(ty)),
    }
}

pub fn simple_name(ty: TypeId) -> &'static str {
    match ty.get() {
        Dotnet::Array(element, 1) if *element == types::byte() => "Byte[]",
        _ => ty.def().map_or("", |def| def.simple_name()),
    }
}

const NUMBERS: &[Type] = &[Type::Integer, Type::Float, Type::String, Type::Comment, Type::Raw, Type::Boolean];

/// Which token types an explicit conversion takes.
pub fn accepted(name: &str) -> Option<&'static [Type]> {
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
        || nullable && name != "Byte[]" && matches!(kind, Type::Null | Type::Undefined);
    let refused = || {
        let name = if name == "Byte[]" { "byte array" } else { name };
        Fault::throw("System.ArgumentException", format!("Can not convert {} to {name}.", kind.name()))
    };
    let Some(value) = token::leaf(cx, token).filter(|_| takes) else { return Err(refused()) };
    if value.is_null() && nullable {
        return if name == "Byte[]" { Err(refused()) } else { Ok(Value::Null) };
    }
    to_type(cx, value, ty, &refused)
}

/// What an explicit operator makes of a token's value.
fn to_type(cx: &mut Call<'_>, value: Value, ty: TypeId, refused: &dyn Fn() -> Fault) -> Result {
    let name = simple_name(ty);
    let is_text = cx.heap.str(value).is_some();
    match name {
        "String" => match cx.heap.bytes(value) {
            Some(bytes) => {
                let text = super::write::base64(bytes);
                cx.new_str(&text)
            }
            None => display::to_str(cx, value),
        },
        "Guid" => match cx.heap.guid(value) {
            Some(_) => Ok(value),
            None if cx.heap.bytes(value).is_some() => construct(cx, ty, &[value]),
            None => {
                let text = display::to_str(cx, value)?;
                construct(cx, ty, &[text])
            }
        },
        "TimeSpan" => match value {
            Value::TimeSpan(_) => Ok(value),
            _ => {
                let text = display::to_str(cx, value)?;
                call_static(cx, ty, "Parse", &[text])
            }
        },
        "Uri" => {
            if is_text {
                construct(cx, ty, &[value])
            } else if inherit::is_instance(cx.heap, value, ty) {
                Ok(value)
            } else {
                let text = display::to_str(cx, value)?;
                construct(cx, ty, &[text])
            }
        }
        "DateTimeOffset" => match value {
            Value::DateTimeOffset { .. } => Ok(value),
            _ if is_text => call_static(cx, ty, "Parse", &[value]),
            _ => match to_target(cx, value, Target::DateTime)? {
                Value::DateTime(date) => Ok(Value::DateTimeOffset { minutes: 0, ticks: date.ticks() }),
                other => Ok(other),
            },
        },
        "DateTime" => match value {
            Value::DateTimeOffset { ticks, .. } => Ok(Value::DateTime(DateTime::new(ticks, Kind::Unspecified))),
            _ => to_target(cx, value, Target::DateTime),
        },
        "Byte[]" => {
            if is_text {
                bytes_of_base64(cx, value)
            } else if cx.heap.bytes(value).is_some() {
                Ok(value)
            } else if let Some(digits) = big_digits(cx, value) {
                let bytes = little_endian(&digits);
                cx.heap.new_bytes(bytes)
            } else {
                Err(refused())
            }
        }
        _ => match Target::of(ty) {
            Some(target) => to_number(cx, value, target),
            None => Err(refused()),
        },
    }
}

/// `Convert.To…(value)`, and the explicit conversions of `BigInteger`.
pub fn to_number(cx: &mut Call<'_>, value: Value, target: Target) -> Result {
    // What most casts ask for.
    match (value, target) {
        (Value::Int64(v), Target::Int32) if i32::try_from(v).is_ok() => return Ok(Value::Int32(v as i32)),
        (Value::Int64(_), Target::Int64) | (Value::Double(_), Target::Double) => return Ok(value),
        _ => {}
    }
    let Some(digits) = big_digits(cx, value) else { return to_target(cx, value, target) };
    let overflow = |name: &str| {
        Fault::throw("System.OverflowException", format!("Value was either too large or too small for {name}."))
    };
    match target {
        Target::Double => Ok(Value::Double(digits.parse().unwrap_or(f64::NAN))),
        Target::Single => Ok(Value::Single(digits.parse::<f64>().unwrap_or(f64::NAN) as f32)),
        Target::Decimal => {
            let exact = digits.parse::<rust_decimal::Decimal>().map_err(|_| overflow("a Decimal"))?;
            cx.heap.new_decimal(exact)
        }
        Target::Boolean => Err(overflow("an Int32")),
        Target::Char | Target::UInt16 => Err(overflow("an Int32")),
        Target::SByte | Target::Byte | Target::Int16 | Target::Int32 => Err(overflow("an Int32")),
        Target::UInt32 => Err(overflow("a UInt32")),
        Target::Int64 => Err(overflow("an Int64")),
        Target::UInt64 => match digits.parse::<u64>() {
            Ok(v) => Ok(Value::UInt64(v)),
            Err(_) => Err(overflow("a UInt64")),
        },
        Target::DateTime => Err(not_convertible()),
    }
}

fn not_convertible() -> Fault {
    Fault::throw("System.InvalidCastException", "Object must implement IConvertible.")
}

/// The decimal digits of a `BigInteger`.
pub fn big_digits(cx: &Call<'_>, value: Value) -> Option<String> {
    cx.heap.extension::<BigInteger>(value).map(|BigInteger(digits)| digits.to_string())
}

/// A `BigInteger` as the serializer converts it.
pub fn of_big(cx: &mut Call<'_>, value: Value, ty: TypeId) -> Result {
    match (simple_name(ty), Target::of(ty)) {
        ("String", _) => display::to_str(cx, value),
        ("Boolean", _) => Ok(Value::Bool(true)),
        (_, Some(target)) => to_number(cx, value, target),
        _ => Err(not_convertible()),
    }
}

/// The two's complement of a decimal number, the lowest byte first, as short as it can be.
fn little_endian(digits: &str) -> Vec<u8> {
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits),
    };
    let mut bytes: Vec<u8> = Vec::new();
    for digit in digits.bytes() {
        let mut carry = u32::from(digit.wrapping_sub(b'0'));
        for byte in &mut bytes {
            carry += u32::from(*byte) * 10;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            bytes.push(carry as u8);
        }
    }
    if negative {
        let mut carry = true;
        for byte in &mut bytes {
            let (sum, over) = (!*byte).overflowing_add(u8::from(carry));
            *byte = sum;
            carry = over;
        }
    }
    if bytes.last().is_none_or(|top| (top & 0x80 != 0) != negative) {
        bytes.push(if negative { 0xff } else { 0 });
    }
    bytes
}

/// Calls a static method by its name and its number of parameters.
pub fn call_static(cx: &mut Call<'_>, ty: TypeId, name: &str, args: &[Value]) -> Result {
    call_row(cx, ty, Form::Method, name, args)
}

pub fn construct(cx: &mut Call<'_>, ty: TypeId, args: &[Value]) -> Result {
    call_row(cx, ty, Form::Constructor, ".ctor", args)
}

fn call_row(cx: &mut Call<'_>, ty: TypeId, form: Form, name: &str, args: &[Value]) -> Result {
    let members = ty.def().map(|def| def.members()).unwrap_or_default();
    let found = members.iter().find_map(|member| match member.row.code {
        crate::dotnet::member::Code::Native(native)
            if member.row.form == form
                && member.name == name
                && member.parameters.len() == args.len()
                && args.iter().zip(&member.parameters).all(|(&arg, parameter)| {
                    let wanted = inherit::substitute(parameter.ty, ty.arguments(), &[]);
                    arg.is_null() && !inherit::is_value_type(wanted) || inherit::is_instance(cx.heap, arg, wanted)
                }) =>
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

fn bytes_of_base64(cx: &mut Call<'_>, text: Value) -> Result {
    call_static(cx, TypeId::named("System.Convert"), "FromBase64String", &[text])
}

/// Bytes as the reader takes them: nothing, a GUID's 16, or base64.
pub fn bytes_of_text(cx: &mut Call<'_>, text: Value) -> Result {
    let own = match cx.heap.text(text) {
        Some(own) => own.into_owned(),
        None => return Err(Fault::null_reference()),
    };
    let is_guid = own.len() == 36
        && own.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_guid {
        let guid = construct(cx, types::guid(), &[text])?;
        let mut bytes = cx.heap.guid(guid).unwrap_or_default();
        bytes[..4].reverse();
        bytes[4..6].reverse();
        bytes[6..8].reverse();
        return cx.heap.new_bytes(bytes.to_vec());
    }
    bytes_of_base64(cx, text)
}

/// `new Uri(text, UriKind.RelativeOrAbsolute)`.
pub fn uri_of_text(cx: &mut Call<'_>, text: Value) -> Result {
    let either = Value::Enum { ty: TypeId::named("System.UriKind"), value: 0 };
    construct(cx, TypeId::named("System.Uri"), &[text, either])
}

/// The text that a URI was made of.
pub fn original_uri(cx: &mut Call<'_>, value: Value) -> Result<Option<String>> {
    let ty = cx.heap.type_of(value);
    if ty.def().is_none_or(|def| def.name != "System.Uri") {
        return Ok(None);
    }
    match find_member(ty, Form::Property, "OriginalString", 0) {
        Some(((native, _), declaring)) => {
            let text = call_native(cx, native, declaring, types::string(), &[value])?;
            Ok(cx.heap.text(text).map(std::borrow::Cow::into_owned))
        }
        None => Ok(None),
    }
}

/// A date in any form that JSON or `Parse` knows; `None` where it is none.
pub fn date_of_text(cx: &mut Call<'_>, text: Value, ty: TypeId) -> Result<Option<Value>> {
    let own = cx.heap.text(text).unwrap_or_default().into_owned();
    let with_offset = ty == types::date_time_offset();
    let found = if with_offset { date::recognise_offset(&own) } else { date::recognise(&own).map(Value::DateTime) };
    if found.is_some() {
        return Ok(found);
    }
    // `DateTimeStyles.RoundtripKind`.
    let styles = Value::Enum { ty: TypeId::named("System.Globalization.DateTimeStyles"), value: 128 };
    match call_static(cx, ty, "Parse", &[text, Value::Null, styles]) {
        Ok(value) => Ok(Some(value)),
        Err(Fault::Throw(_)) => Ok(None),
        Err(other) => Err(other),
    }
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
    if let (Value::Int64(v), "Int32") = (value, simple_name(ty))
        && let Ok(v) = i32::try_from(v)
    {
        return Ok(Value::Int32(v));
    }
    change_type(cx, value, ty)
}

/// `token.ToObject(type)` without a serializer: scalars by the explicit operators, everything else as the serializer reads.
pub fn to_object(cx: &mut Call<'_>, token: Value, wanted: TypeId) -> Result {
    let made = to_object_uncast(cx, token, wanted)?;
    let (bare, _) = strip(wanted);
    if let Value::Int32(value) = made
        && bare.def().is_some_and(|def| def.kind == crate::dotnet::member::Kind::Enum)
    {
        // An int is unboxed to the enum, not to the enum or null.
        return if bare == wanted {
            Ok(Value::Enum { ty: bare, value: value.into() })
        } else {
            Err(Fault::invalid_cast("System.Int32", &wanted.clr_name()))
        };
    }
    deserialize::cast_token(cx, made, wanted)
}

/// `token.ToObject(type)`: what comes out need not be of the type.
pub fn to_object_uncast(cx: &mut Call<'_>, token: Value, wanted: TypeId) -> Result {
    let (bare, _) = strip(wanted);
    if bare.def().is_some_and(|def| def.kind == crate::dotnet::member::Kind::Enum) {
        let kind = token::kind(cx, token)?;
        if kind == Type::String {
            return match with_serializer(cx, token, wanted) {
                Err(Fault::Throw(inner)) => {
                    let text = display::display(cx, token::leaf(cx, token).unwrap_or(Value::Null))?;
                    let name = bare.def().map_or("", |def| def.simple_name());
                    let message = format!("Could not convert '{text}' to {name}.");
                    Err(Fault::throw_with("System.ArgumentException", message, *inner))
                }
                other => other,
            };
        }
        if kind == Type::Integer {
            return match token::leaf(cx, token).and_then(Value::integer) {
                Some(value) => Ok(Value::Enum { ty: bare, value }),
                None => Err(Fault::argument(
                    "The value passed in must be an enum base or an underlying type for an enum, such as an Int32.",
                    "value",
                )),
            };
        }
        let number = if bare == wanted { types::int32() } else { TypeId::nullable(types::int32()) };
        return explicit(cx, token, number);
    }
    if !matches!(simple_name(bare), "Byte[]") && accepted(simple_name(bare)).is_some() {
        return explicit(cx, token, wanted);
    }
    with_serializer(cx, token, wanted)
}

/// `token.ToObject(type, serializer)`.
pub fn with_serializer(cx: &mut Call<'_>, token: Value, wanted: TypeId) -> Result {
    let mut stream = super::stream::Stream::of_token(token);
    deserialize::deserialize_uncast(cx, &mut stream, wanted, false)
}
