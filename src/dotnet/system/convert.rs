//! `System.Convert`: from any basic type to any other.
//!
//! In: a value of any type. Out: the wanted type, rounded half to even, or the exception that .NET throws.

use super::boolean;
use super::decimal::{self, from_double, from_single};
use super::format::parse::{self, styles};
use super::number::{too_large, type_code_of, wrong};
use super::object::{to_str, to_string};
use super::reflection::full_name;
use crate::dotnet::call::{Call, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Str;
use crate::dotnet::member::{Kind, Native, Row, TypeDef, method, static_method, static_property, type_of};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;
use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

type Result<T = Value> = std::result::Result<T, Fault>;

pub static CONVERT: TypeDef = TypeDef::new(
    "System.Convert",
    Kind::Static,
    &[
        GENERAL,
        BASE64,
        TO_BOOLEAN,
        TO_CHAR,
        TO_SBYTE,
        TO_BYTE,
        TO_INT16,
        TO_UINT16,
        TO_INT32,
        TO_UINT32,
        TO_INT64,
        TO_UINT64,
        TO_SINGLE,
        TO_DOUBLE,
        TO_DECIMAL,
        TO_DATE_TIME,
        TO_STRING,
        BASES,
    ],
);

/// What is converted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Boolean,
    Char,
    SByte,
    Byte,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Single,
    Double,
    Decimal,
    DateTime,
}

impl Target {
    fn name(self) -> String {
        format!("{self:?}")
    }

    /// Width and sign of an integer type.
    fn integer(self) -> Option<(u32, bool)> {
        Some(match self {
            Target::SByte => (8, true),
            Target::Byte => (8, false),
            Target::Int16 => (16, true),
            Target::UInt16 => (16, false),
            Target::Int32 => (32, true),
            Target::UInt32 => (32, false),
            Target::Int64 => (64, true),
            Target::UInt64 => (64, false),
            _ => return None,
        })
    }

    fn type_id(self) -> TypeId {
        TypeId::named(match self {
            Target::Boolean => "System.Boolean",
            Target::Char => "System.Char",
            Target::SByte => "System.SByte",
            Target::Byte => "System.Byte",
            Target::Int16 => "System.Int16",
            Target::UInt16 => "System.UInt16",
            Target::Int32 => "System.Int32",
            Target::UInt32 => "System.UInt32",
            Target::Int64 => "System.Int64",
            Target::UInt64 => "System.UInt64",
            Target::Single => "System.Single",
            Target::Double => "System.Double",
            Target::Decimal => "System.Decimal",
            Target::DateTime => "System.DateTime",
        })
    }

    /// The target that a type is.
    pub fn of(ty: TypeId) -> Option<Target> {
        Some(match ty.def()?.name {
            "System.Boolean" => Target::Boolean,
            "System.Char" => Target::Char,
            "System.SByte" => Target::SByte,
            "System.Byte" => Target::Byte,
            "System.Int16" => Target::Int16,
            "System.UInt16" => Target::UInt16,
            "System.Int32" => Target::Int32,
            "System.UInt32" => Target::UInt32,
            "System.Int64" => Target::Int64,
            "System.UInt64" => Target::UInt64,
            "System.Single" => Target::Single,
            "System.Double" => Target::Double,
            "System.Decimal" => Target::Decimal,
            "System.DateTime" => Target::DateTime,
            _ => return None,
        })
    }
}

fn invalid(cx: &Call<'_>, value: Value, to: Target) -> Fault {
    let from = cx.heap.type_of(value);
    if cx.heap.extension::<DbNull>(value).is_some() {
        return Fault::throw("System.InvalidCastException", "Object cannot be cast from DBNull to other types.");
    }
    let basic = type_code_of(cx, value).integer().is_some_and(|code| code > 2);
    if !basic {
        let message = format!(
            "Unable to cast object of type '{}' to type 'System.IConvertible'.",
            super::hidden::cast_name(cx.heap, value)
        );
        return Fault::throw("System.InvalidCastException", message);
    }
    let from = match value {
        Value::Enum { .. } => "Enum",
        _ => from.def().map_or("", |def| def.simple_name()),
    };
    Fault::throw("System.InvalidCastException", format!("Invalid cast from '{from}' to '{}'.", to.name()))
}

/// The integer in an integral value or enum.
fn integral(value: Value) -> Option<i128> {
    match value {
        Value::UInt64(v) => Some(v.into()),
        Value::Bool(_) | Value::Char(_) => None,
        other => other.integer().map(i128::from),
    }
}

/// Converts as `Convert.To…(value)` does.
pub fn convert(cx: &mut Call<'_>, value: Value, to: Target) -> Result {
    // A `JValue` converts as its explicit operators do.
    if super::json::token::leaf(cx, value).is_some() {
        return super::json::convert::explicit(cx, value, to.type_id());
    }
    if cx.heap.str(value).is_some() {
        return from_text(cx, value, to);
    }
    if value.is_null() {
        return match to {
            Target::DateTime => {
                Ok(Value::DateTime(crate::dotnet::value::DateTime::new(0, crate::dotnet::value::Kind::Unspecified)))
            }
            Target::Char => Ok(Value::Char(0)),
            _ => number_to(cx, 0, to),
        };
    }
    match (value, to) {
        (Value::Bool(v), Target::Boolean) => return Ok(Value::Bool(v)),
        (Value::Bool(_) | Value::DateTime(_), Target::Char) => return Err(invalid(cx, value, to)),
        (Value::Bool(v), Target::Single | Target::Double | Target::Decimal) => return number_to(cx, v.into(), to),
        (Value::Bool(v), _) if to != Target::DateTime => return number_to(cx, v.into(), to),
        (Value::Char(_), Target::Char) | (Value::DateTime(_), Target::DateTime) => return Ok(value),
        (Value::Char(_), Target::Boolean | Target::Single | Target::Double | Target::Decimal | Target::DateTime) => {
            return Err(invalid(cx, value, to));
        }
        (Value::Char(v), _) => return number_to(cx, v.into(), to),
        (_, Target::DateTime) => return Err(invalid(cx, value, to)),
        _ => {}
    }
    match (value, to) {
        (Value::UInt64(v), Target::Double) => return Ok(Value::Double(decimal::unsigned_to_double(v))),
        (Value::UInt64(v), Target::Single) => return Ok(Value::Single(decimal::unsigned_to_double(v) as f32)),
        _ => {}
    }
    if let Some(number) = integral(value) {
        return number_to(cx, number, to);
    }
    if let Some(number) = cx.heap.decimal(value) {
        return match to {
            Target::Char => Err(invalid(cx, value, to)),
            Target::Boolean => Ok(Value::Bool(!number.is_zero())),
            Target::Single => Ok(Value::Single(decimal::to_double(number) as f32)),
            Target::Double => Ok(Value::Double(decimal::to_double(number))),
            Target::Decimal => Ok(value),
            _ => number_to(cx, decimal::to_integer(decimal::round(number, 0, 0)?), to),
        };
    }
    let number = match value {
        Value::Single(v) => f64::from(v),
        Value::Double(v) => v,
        _ => return Err(invalid(cx, value, to)),
    };
    match to {
        Target::Char => Err(invalid(cx, value, to)),
        Target::Boolean => Ok(Value::Bool(number != 0.0)),
        Target::Single => Ok(Value::Single(number as f32)),
        Target::Double => Ok(Value::Double(number)),
        Target::Decimal => {
            let number = if let Value::Single(v) = value { from_single(v)? } else { from_double(number)? };
            cx.heap.new_decimal(number)
        }
        _ => {
            let rounded = number.round_ties_even();
            if !(-1e19..=1.9e19).contains(&rounded) {
                // 64-bit conversions are checked casts, which word it differently.
                return Err(match to {
                    Target::Int64 | Target::UInt64 => Fault::overflow(),
                    _ if is_small(to) => too_large("Int32"),
                    _ => too_large(&to.name()),
                });
            }
            if is_small(to) && i32::try_from(rounded as i128).is_err() {
                return Err(too_large("Int32"));
            }
            match number_to(cx, rounded as i128, to) {
                Err(_) if matches!(to, Target::Int64 | Target::UInt64) => Err(Fault::overflow()),
                other => other,
            }
        }
    }
}

/// Those that a floating-point number becomes by way of `int`.
fn is_small(to: Target) -> bool {
    matches!(to, Target::SByte | Target::Byte | Target::Int16 | Target::UInt16)
}

fn number_to(cx: &mut Call<'_>, number: i128, to: Target) -> Result {
    if let Some((bits, signed)) = to.integer() {
        let (low, high) =
            if signed { (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1) } else { (0, (1i128 << bits) - 1) };
        if number < low || number > high {
            return Err(too_large(&to.name()));
        }
    }
    Ok(match to {
        Target::Boolean => Value::Bool(number != 0),
        Target::Char => Value::Char(u16::try_from(number).map_err(|_| too_large("Char"))?),
        Target::SByte => Value::SByte(number as i8),
        Target::Byte => Value::Byte(number as u8),
        Target::Int16 => Value::Int16(number as i16),
        Target::UInt16 => Value::UInt16(number as u16),
        Target::Int32 => Value::Int32(number as i32),
        Target::UInt32 => Value::UInt32(number as u32),
        Target::Int64 => Value::Int64(number as i64),
        Target::UInt64 => Value::UInt64(number as u64),
        Target::Single => Value::Single(number as f32),
        Target::Double => Value::Double(number as f64),
        Target::Decimal => return cx.heap.new_decimal(rust_decimal::Decimal::from_i128_with_scale(number, 0)),
        Target::DateTime => Value::Null,
    })
}

fn from_text(cx: &mut Call<'_>, value: Value, to: Target) -> Result {
    let text = cx.text(value, "value")?.into_owned();
    cx.charge_fuel(text.len() / 16)?;
    if let Some((bits, signed)) = to.integer() {
        let number = parse::integer(&text, styles::INTEGER, bits, signed).map_err(|why| wrong(why, &to.name()))?;
        return number_to(cx, number, to);
    }
    match to {
        Target::Boolean => boolean::read_or_throw(&text).map(Value::Bool),
        Target::Char => match cx.heap.str(value) {
            Some(text) if text.len() == 1 => Ok(Value::Char(text.unit(0))),
            _ => Err(Fault::throw("System.FormatException", "String must be exactly one character long.")),
        },
        Target::Single => parse::single(&text, styles::DOUBLE).map(Value::Single).map_err(|why| wrong(why, "Single")),
        Target::Double => parse::double(&text, styles::DOUBLE).map(Value::Double).map_err(|why| wrong(why, "Double")),
        Target::Decimal => {
            let number = parse::decimal(&text, styles::NUMBER).map_err(|why| wrong(why, "Decimal"))?;
            cx.heap.new_decimal(number)
        }
        _ => parse_date_time(cx, value),
    }
}

/// `DateTime.Parse(text)`, by that type's own row.
fn parse_date_time(cx: &mut Call<'_>, text: Value) -> Result {
    let def = types::date_time().def().map(|def| def.members()).unwrap_or_default();
    let row = def.iter().find(|m| m.name == "Parse" && m.row.is_static && m.parameters.len() == 1);
    match row.map(|m| m.row.code) {
        Some(crate::dotnet::member::Code::Native(native)) => {
            super::enumerate::call_native(cx, native, types::date_time(), types::date_time(), &[text])
        }
        _ => Err(Fault::not_supported("Dates cannot be read from text here.")),
    }
}

/// `Convert.ChangeType(value, type)`.
pub fn change_type(cx: &mut Call<'_>, value: Value, to: TypeId) -> Result {
    if value.is_null() {
        if crate::dotnet::inherit::is_value_type(to) {
            return Err(Fault::throw(
                "System.InvalidCastException",
                "Null object cannot be converted to a value type.",
            ));
        }
        return Ok(value);
    }
    if super::json::token::leaf(cx, value).is_some() {
        return match Target::of(to).filter(|_| !matches!(to.get(), types::Type::Nullable(_))) {
            Some(target) => convert(cx, value, target),
            None if to == types::string() => to_str(cx, value),
            None if to == types::object() => Ok(value),
            None => super::json::convert::to_object_uncast(cx, value, to),
        };
    }
    if cx.heap.extension::<DbNull>(value).is_some() {
        return match Target::of(to) {
            Some(target) => Err(invalid(cx, value, target)),
            None if to == types::string() => cx.new_str(""),
            None => Ok(value),
        };
    }
    let basic = type_code_of(cx, value).integer().is_some_and(|code| code > 1);
    if !basic && cx.heap.type_of(value) != to {
        return Err(Fault::throw("System.InvalidCastException", "Object must implement IConvertible."));
    }
    if to == types::string() {
        return to_str(cx, value);
    }
    match Target::of(to).filter(|_| !matches!(to.get(), types::Type::Nullable(_))) {
        Some(target) => convert(cx, value, target),
        None if !matches!(to.get(), types::Type::Nullable(_))
            && crate::dotnet::inherit::is_instance(cx.heap, value, to) =>
        {
            Ok(value)
        }
        None => {
            let from = cx.heap.type_of(value);
            let message = format!("Invalid cast from '{}' to '{}'.", full_name(from, false), full_name(to, false));
            Err(Fault::throw("System.InvalidCastException", message))
        }
    }
}

fn change_type_row(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let to = match a[1] {
        Value::Type(ty) => ty,
        Value::Enum { value: code, .. } => {
            let name = match code {
                1 => "System.Object",
                3 => "System.Boolean",
                4 => "System.Char",
                5 => "System.SByte",
                6 => "System.Byte",
                7 => "System.Int16",
                8 => "System.UInt16",
                9 => "System.Int32",
                10 => "System.UInt32",
                11 => "System.Int64",
                12 => "System.UInt64",
                13 => "System.Single",
                14 => "System.Double",
                15 => "System.Decimal",
                16 => "System.DateTime",
                18 => "System.String",
                0 if a[0].is_null() => return Ok(Value::Null),
                0 | 2 => {
                    let basic = type_code_of(cx, a[0]).integer().is_some_and(|code| code > 1);
                    let message = match (basic, code) {
                        (false, _) => "Object must implement IConvertible.",
                        (true, 0) => "Object cannot be cast to Empty.",
                        _ => "Object cannot be cast to DBNull.",
                    };
                    return Err(Fault::throw("System.InvalidCastException", message));
                }
                _ => return Err(Fault::throw("System.ArgumentException", "Unknown TypeCode value.")),
            };
            if a[0].is_null() && !matches!(code, 1 | 18) {
                return Err(Fault::throw("System.InvalidCastException", "Object must implement IConvertible."));
            }
            TypeId::named(name)
        }
        _ => return Err(Fault::argument_null("conversionType")),
    };
    change_type(cx, a[0], to)
}

const GENERAL: &[Row] = &[
    static_method("object ChangeType(object value, TypeCode typeCode)", change_type_row),
    static_method("object ChangeType(object value, TypeCode typeCode, IFormatProvider provider)", change_type_row),
    static_method("object ChangeType(object value, Type conversionType)", change_type_row),
    static_method("object ChangeType(object value, Type conversionType, IFormatProvider provider)", change_type_row),
    static_property("object DBNull", |cx, _| cx.heap.new_extension(type_of("DBNull"), DbNull)),
    static_method("TypeCode GetTypeCode(object value)", |cx, a| Ok(type_code(cx, a[0]))),
    static_method("bool IsDBNull(object value)", |cx, a| Ok(Value::Bool(cx.heap.extension::<DbNull>(a[0]).is_some()))),
];

/// The code of a value's type; a `JValue` has that of its value.
pub fn type_code(cx: &Call<'_>, value: Value) -> Value {
    if cx.heap.extension::<DbNull>(value).is_some() {
        return Value::Enum { ty: type_of("TypeCode"), value: 2 };
    }
    type_code_of(cx, super::json::token::leaf(cx, value).unwrap_or(value))
}

macro_rules! conversions {
    ($($id:ident $target:ident $returns:literal $name:literal $([$based:expr])?;)*) => {
        $(
            const $id: &[Row] = {
                const NATIVE: Native = |cx, a| convert(cx, a[0], Target::$target);
                const TEXT: Native = |cx, a| {
                    if a[0].is_null() && Target::$target == Target::Char {
                        return Err(Fault::argument_null("value"));
                    }
                    convert(cx, a[0], Target::$target)
                };
                // This one goes to `sbyte.Parse` as it is.
                const BY_PROVIDER: Native = match Target::$target {
                    Target::SByte => |cx, a| match a[0] {
                        Value::Null => Err(Fault::argument_null("s")),
                        value => convert(cx, value, Target::SByte),
                    },
                    _ => TEXT,
                };
                &[
                    $(static_method(concat!($returns, " ", $name, "(string value, int fromBase)"), $based),)?
                    static_method(concat!($returns, " ", $name, "(object value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(object value, IFormatProvider provider)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(bool value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(sbyte value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(char value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(byte value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(short value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(ushort value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(int value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(uint value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(long value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(ulong value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(string value)"), TEXT),
                    static_method(concat!($returns, " ", $name, "(string value, IFormatProvider provider)"), BY_PROVIDER),
                    static_method(concat!($returns, " ", $name, "(float value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(double value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(decimal value)"), NATIVE),
                    static_method(concat!($returns, " ", $name, "(DateTime value)"), NATIVE),
                ]
            };
        )*
    };
}

conversions! {
    TO_BOOLEAN Boolean "bool" "ToBoolean";
    TO_CHAR Char "char" "ToChar";
    TO_SBYTE SByte "sbyte" "ToSByte" [|cx, a| from_base(cx, a, Target::SByte)];
    TO_BYTE Byte "byte" "ToByte" [|cx, a| from_base(cx, a, Target::Byte)];
    TO_INT16 Int16 "short" "ToInt16" [|cx, a| from_base(cx, a, Target::Int16)];
    TO_UINT16 UInt16 "ushort" "ToUInt16" [|cx, a| from_base(cx, a, Target::UInt16)];
    TO_INT32 Int32 "int" "ToInt32" [|cx, a| from_base(cx, a, Target::Int32)];
    TO_UINT32 UInt32 "uint" "ToUInt32" [|cx, a| from_base(cx, a, Target::UInt32)];
    TO_INT64 Int64 "long" "ToInt64" [|cx, a| from_base(cx, a, Target::Int64)];
    TO_UINT64 UInt64 "ulong" "ToUInt64" [|cx, a| from_base(cx, a, Target::UInt64)];
    TO_SINGLE Single "float" "ToSingle";
    TO_DOUBLE Double "double" "ToDouble";
    TO_DECIMAL Decimal "decimal" "ToDecimal";
    TO_DATE_TIME DateTime "DateTime" "ToDateTime";
}

macro_rules! to_strings {
    ($($ty:literal),*) => {
        &[
            $(
                static_method(concat!("string ToString(", $ty, " value)"), |cx, a| to_str(cx, a[0])),
                static_method(concat!("string ToString(", $ty, " value, IFormatProvider provider)"), |cx, a| to_str(cx, a[0])),
            )*
            static_method("string ToString(string value)", |_, a| Ok(a[0])),
            static_method("string ToString(string value, IFormatProvider provider)", |_, a| Ok(a[0])),
        ]
    };
}

const TO_STRING: &[Row] = to_strings!(
    "object", "bool", "char", "sbyte", "byte", "short", "ushort", "int", "uint", "long", "ulong", "float", "double",
    "decimal", "DateTime"
);

const BASES: &[Row] = &[
    static_method("string ToString(byte value, int toBase)", |cx, a| to_base(cx, a, 8)),
    static_method("string ToString(short value, int toBase)", |cx, a| to_base(cx, a, 16)),
    static_method("string ToString(int value, int toBase)", |cx, a| to_base(cx, a, 32)),
    static_method("string ToString(long value, int toBase)", |cx, a| to_base(cx, a, 64)),
];

fn base_of(value: Value) -> Result<u32> {
    match int(value) {
        base @ (2 | 8 | 10 | 16) => Ok(base as u32),
        _ => Err(Fault::throw("System.ArgumentException", "Invalid Base.")),
    }
}

fn to_base(cx: &mut Call<'_>, a: &[Value], bits: u32) -> Result {
    let base = base_of(a[1])?;
    let value = long(a[0]) as u64 & (u64::MAX >> (64 - bits));
    let text = match base {
        2 => format!("{value:b}"),
        8 => format!("{value:o}"),
        16 => format!("{value:x}"),
        _ => return to_string(cx, a),
    };
    cx.new_str(&text)
}

fn from_base(cx: &mut Call<'_>, a: &[Value], to: Target) -> Result {
    let base = base_of(a[1])?;
    let Some(text) = cx.heap.text(a[0]).map(std::borrow::Cow::into_owned) else { return number_to(cx, 0, to) };
    let Some((bits, signed)) = to.integer() else { return Ok(Value::Null) };
    cx.charge_fuel(text.len() / 16)?;
    if text.is_empty() {
        // The runtime has message and name the wrong way round.
        return Err(Fault::out_of_range(
            "Specified argument was out of the range of valid values.",
            "Index was out of range. Must be non-negative and less than the size of the collection.",
        ));
    }
    let mut digits = text.as_str();
    let mut negative = false;
    if base == 10 {
        if let Some(rest) = digits.strip_prefix('-') {
            if !signed {
                return Err(Fault::throw(
                    "System.OverflowException",
                    "The string was being parsed as an unsigned number and could not have a negative sign.",
                ));
            }
            (digits, negative) = (rest, true);
        } else {
            digits = digits.strip_prefix('+').unwrap_or(digits);
        }
    } else if base != 16 && digits.starts_with('+') {
        digits = &digits[1..];
    } else if digits.starts_with('-') {
        return Err(Fault::throw(
            "System.ArgumentException",
            "String cannot contain a minus sign if the base is not 10.",
        ));
    }
    if base == 16 {
        digits = digits.strip_prefix('+').unwrap_or(digits);
        digits = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(digits);
    }
    let none = digits.chars().next().is_none_or(|c| c.to_digit(base).is_none());
    if none {
        return Err(Fault::throw("System.FormatException", "Could not find any recognizable digits."));
    }
    // Small types are read by way of 32 bits.
    let wide = bits == 64;
    let by_sign = base == 10 && signed;
    let most: i128 = match (wide, by_sign) {
        (true, true) => i128::from(i64::MAX) + i128::from(negative),
        (true, false) => u64::MAX.into(),
        (false, true) => i128::from(i32::MAX) + i128::from(negative),
        (false, false) => u32::MAX.into(),
    };
    let read_as = match (wide, by_sign) {
        (true, true) => "Int64",
        (true, false) => "UInt64",
        (false, true) => "Int32",
        (false, false) => "UInt32",
    };
    let mut number: i128 = 0;
    for c in digits.chars() {
        let Some(digit) = c.to_digit(base) else {
            let message = "Additional non-parsable characters are at the end of the string.";
            return Err(Fault::throw("System.FormatException", message));
        };
        number = number * i128::from(base) + i128::from(digit);
        if number > most {
            return Err(too_large(read_as));
        }
    }
    if base == 10 {
        return number_to(cx, if negative { -number } else { number }, to);
    }
    if number >> bits != 0 {
        return Err(too_large(&to.name()));
    }
    let number = if signed && number >> (bits - 1) != 0 { number - (1i128 << bits) } else { number };
    number_to(cx, number, to)
}

// ---- base64 ----------------------------------------------------------------------------------------------------------

const BASE64: &[Row] = &[
    static_method("byte[] FromBase64CharArray(char[] inArray, int offset, int length)", from_base64_chars),
    static_method("byte[] FromBase64String(string s)", from_base64),
    static_method(
        "int ToBase64CharArray(byte[] inArray, int offsetIn, int length, char[] outArray, int offsetOut)",
        to_base64_chars,
    ),
    static_method(
        "int ToBase64CharArray(byte[] inArray, int offsetIn, int length, char[] outArray, int offsetOut, Base64FormattingOptions options)",
        to_base64_chars,
    ),
    static_method("string ToBase64String(byte[] inArray)", to_base64),
    static_method("string ToBase64String(byte[] inArray, Base64FormattingOptions options)", to_base64),
    static_method("string ToBase64String(byte[] inArray, int offset, int length)", to_base64),
    static_method(
        "string ToBase64String(byte[] inArray, int offset, int length, Base64FormattingOptions options)",
        to_base64,
    ),
];

pub static BASE64_OPTIONS: TypeDef = TypeDef::new(
    "System.Base64FormattingOptions",
    Kind::Enum,
    &[&[
        crate::dotnet::member::enum_value("None = 0", 0),
        crate::dotnet::member::enum_value("InsertLineBreaks = 1", 1),
    ]],
)
.off_list();

/// Lone bits after the last byte do not matter to .NET; padding does.
const STRICT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

fn decode(cx: &mut Call<'_>, text: String) -> Result {
    cx.charge_fuel(text.len() / 16)?;
    cx.heap.charge(text.len())?;
    let dense: Vec<u8> = text.bytes().filter(|b| !matches!(b, b' ' | b'\t' | b'\n' | b'\r')).collect();
    match STRICT.decode(dense) {
        Ok(bytes) => cx.heap.new_bytes(bytes),
        Err(_) => Err(Fault::throw(
            "System.FormatException",
            "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, or an illegal character among the padding characters.",
        )),
    }
}

fn from_base64(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let text = cx.text(a[0], "s")?.into_owned();
    decode(cx, text)
}

fn from_base64_chars(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let units = super::string::search::chars(cx, a[0]).ok_or_else(|| Fault::argument_null("inArray"))?;
    let len = usize::try_from(int(a[2])).map_err(|_| Fault::index("length"))?;
    let start = usize::try_from(int(a[1])).map_err(|_| Fault::out_of_range("Value must be positive.", "offset"))?;
    let outside = "Offset and length must refer to a position in the string.";
    let units = units.get(start..start.saturating_add(len)).ok_or_else(|| Fault::out_of_range(outside, "offset"))?;
    decode(cx, Str::Wide(units).to_text().into_owned())
}

/// The value of a database that is no value.
#[derive(Debug)]
struct DbNull;

pub static DB_NULL: TypeDef = TypeDef::new(
    "System.DBNull",
    Kind::Class,
    &[&[
        static_property("DBNull Value", |cx, _| cx.heap.new_extension(type_of("DBNull"), DbNull)),
        method("bool Equals(object obj)", |cx, a| Ok(Value::Bool(cx.heap.extension::<DbNull>(a[1]).is_some()))),
        method("int GetHashCode()", |_, _| Ok(Value::Int32(0))),
        method("string ToString()", |cx, _| cx.new_str("")),
    ]],
)
.interfaces(&["IConvertible"])
.off_list();

fn to_base64_chars(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let bytes = cx.heap.bytes(a[0]).ok_or_else(|| Fault::argument_null("inArray"))?;
    let room = cx.heap.items(a[3]).ok_or_else(|| Fault::argument_null("outArray"))?.len();
    let len = usize::try_from(int(a[2])).map_err(|_| Fault::index("length"))?;
    let positive = |value: Value, name| {
        usize::try_from(int(value)).map_err(|_| Fault::out_of_range("Value must be positive.", name))
    };
    let (from, to) = (positive(a[1], "offsetIn")?, positive(a[4], "offsetOut")?);
    if let Some(&Value::Enum { value: bits, .. }) = a.get(5)
        && !(0..=1).contains(&bits)
    {
        return Err(Fault::argument(&format!("Illegal enum value: {bits}."), "options"));
    }
    if from > bytes.len() || len > bytes.len() - from {
        let message = "Offset and length must refer to a position in the string.";
        return Err(Fault::out_of_range(message, "offsetIn"));
    }
    let mut arguments = vec![a[0], Value::Int32(from as i32), Value::Int32(len as i32)];
    arguments.extend(a.get(5));
    let text = to_base64(cx, &arguments)?;
    let units: Vec<Value> = cx.heap.str(text).map(|text| text.units().map(Value::Char).collect()).unwrap_or_default();
    if to > room || units.len() > room - to {
        let message = "Either offset did not refer to a position in the string, or there is an insufficient length of destination character array.";
        return Err(Fault::out_of_range(message, "offsetOut"));
    }
    super::collections::array::write(cx, a[3], to as i64, &units)?;
    Ok(Value::Int32(units.len() as i32))
}

fn to_base64(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let bytes = cx.heap.bytes(a[0]).ok_or_else(|| Fault::argument_null("inArray"))?;
    let (start, len) = match (a.get(1), a.get(2)) {
        (Some(&Value::Int32(start)), Some(&Value::Int32(len))) => (start, len),
        _ => (0, bytes.len() as i32),
    };
    let len = usize::try_from(len).map_err(|_| Fault::index("length"))?;
    let start = usize::try_from(start).map_err(|_| Fault::out_of_range("Value must be positive.", "offset"))?;
    let part = bytes.get(start..start.saturating_add(len));
    let part =
        part.ok_or_else(|| Fault::out_of_range("Offset and length must refer to a position in the string.", "offset"))?;
    if let Some(Value::Enum { value, .. }) = a.last()
        && !(0..=1).contains(value)
    {
        return Err(Fault::argument(&format!("Illegal enum value: {value}."), "options"));
    }
    let mut text = base64::engine::general_purpose::STANDARD.encode(part);
    if matches!(a.last(), Some(Value::Enum { value: 1, .. })) {
        let lines: Vec<String> = text.as_bytes().chunks(76).map(|l| String::from_utf8_lossy(l).into_owned()).collect();
        text = lines.join("\r\n");
    }
    cx.charge_fuel(text.len() / 16)?;
    cx.new_str(&text)
}
