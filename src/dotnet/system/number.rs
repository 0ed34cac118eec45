//! The integer types, `float` and `double`.
//!
//! In: numbers and text. Out: numbers, their order and their text. Arithmetic is the VM's, `decimal` has its own file.

use super::format::parse::{self, Wrong, styles};
use super::object::{compare_row, equals_row, hash_row, to_string, to_string_format};
use crate::dotnet::call::{Call, double as number};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{Heap, Str};
use crate::dotnet::member::{Brief, Kind, Light, Native, Row, TypeDef, constant, method, operator, static_method};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// `Value was either too large or too small for an Int32.` and the like.
pub fn too_large(dotnet_name: &str) -> Fault {
    let what = match dotnet_name.rsplit('.').next().unwrap_or(dotnet_name) {
        "SByte" => "a signed byte",
        "Byte" => "an unsigned byte",
        "Int16" => "an Int16",
        "UInt16" => "a UInt16",
        "UInt32" => "a UInt32",
        "Int64" => "an Int64",
        "UInt64" => "a UInt64",
        "Char" => "a character",
        "Decimal" => "a Decimal",
        _ => "an Int32",
    };
    Fault::throw("System.OverflowException", format!("Value was either too large or too small for {what}."))
}

/// Why a number could not be read, as an exception.
pub fn wrong(why: Wrong, dotnet_name: &str) -> Fault {
    match why {
        Wrong::Format => Fault::format(),
        Wrong::Overflow => too_large(dotnet_name),
    }
}

/// The code of `GetTypeCode()`.
pub fn type_code(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(type_code_of(cx, a[0]))
}

/// `Convert.GetTypeCode(value)`.
pub fn type_code_of(cx: &Call<'_>, value: Value) -> Value {
    let code = match value {
        Value::Null => 0,
        Value::Bool(_) => 3,
        Value::Char(_) => 4,
        Value::SByte(_) => 5,
        Value::Byte(_) => 6,
        Value::Int16(_) => 7,
        Value::UInt16(_) => 8,
        Value::Int32(_) | Value::Enum { .. } => 9,
        Value::UInt32(_) => 10,
        Value::Int64(_) => 11,
        Value::UInt64(_) => 12,
        Value::Single(_) => 13,
        Value::Double(_) => 14,
        Value::DateTime(_) => 16,
        _ if cx.heap.decimal(value).is_some() => 15,
        _ if cx.heap.str(value).is_some() => 18,
        _ => 1,
    };
    Value::Enum { ty: TypeId::named("System.TypeCode"), value: code }
}

/// The styles that an argument gives, if it is one.
pub fn style_of(a: &[Value], at: usize, default: i64) -> Result<i64> {
    let Some(Value::Enum { value, .. }) = a.get(at) else { return Ok(default) };
    let hex = value & styles::HEX_SPECIFIER != 0;
    if value & !0x3FF != 0 {
        return Err(Fault::argument("An undefined NumberStyles value is being used.", "style"));
    }
    if hex && default != styles::INTEGER {
        let message = "The number style AllowHexSpecifier is not supported on floating point data types.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    if hex && value & !(styles::HEX_SPECIFIER | styles::LEADING_WHITE | styles::TRAILING_WHITE) != 0 {
        let message = "With the AllowHexSpecifier bit set in the enum bit field, the only other valid bits that can be combined into the enum value must be a subset of those in HexNumber.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    Ok(*value)
}

/// An integer of so many bits, signed or not, from its text.
fn parsed(heap: &mut Heap, text: Value, style: i64, (bits, is_signed): (u32, bool), dotnet_name: &str) -> Result<i128> {
    let text = heap.text(text).ok_or_else(|| Fault::argument_null("s"))?;
    let parsed = parse::integer(&text, style, bits, is_signed);
    let len = text.len();
    drop(text);
    heap.spend(len as u64 / 16)?;
    parsed.map_err(|why| wrong(why, dotnet_name))
}

macro_rules! integers {
    ($($id:ident $alias:literal $dotnet:literal $variant:ident $ty:ident $signed:literal $other:literal;)*) => {
        $(
            pub static $id: TypeDef = TypeDef::new($dotnet, Kind::Struct, &[{
                const ROWS: &[Row] = &[
                    method(concat!("int CompareTo(object ", $other, ")"), compare_row),
                    method(concat!("int CompareTo(", $alias, " value)"), compare_row),
                    method("bool Equals(object obj)", equals_row),
                    method(concat!("bool Equals(", $alias, " obj)"), equals_row),
                    method("int GetHashCode()", hash_row),
                    method("TypeCode GetTypeCode()", type_code),
                    constant(concat!("const ", $alias, " MaxValue"), Value::$variant($ty::MAX)),
                    constant(concat!("const ", $alias, " MinValue"), Value::$variant($ty::MIN)),
                    static_method(concat!($alias, " Parse(string s)"), PARSE).light(PARSE_TEXT).brief(PARSE_BYTES),
                    static_method(concat!($alias, " Parse(string s, NumberStyles style)"), PARSE),
                    static_method(concat!($alias, " Parse(string s, IFormatProvider provider)"), PARSE),
                    static_method(concat!($alias, " Parse(string s, NumberStyles style, IFormatProvider provider)"), PARSE),
                    method("string ToString()", to_string),
                    method("string ToString(string format)", to_string_format),
                    method("string ToString(IFormatProvider provider)", to_string),
                    method("string ToString(string format, IFormatProvider provider)", to_string_format),
                    static_method(concat!("bool TryParse(string s, out ", $alias, " result)"), TRY_PARSE),
                    static_method(
                        concat!("bool TryParse(string s, NumberStyles style, IFormatProvider provider, out ", $alias, " result)"),
                        TRY_PARSE_STYLE,
                    ),
                ];
                const PARSE_BYTES: Brief = Brief::Integer(|text| {
                    let value = parse::plain_integer(text, true)?;
                    $ty::try_from(value).is_ok().then_some(value)
                });
                const PARSE_TEXT: Light = |heap, text, _| {
                    if let Some(Str::Ascii(text)) = heap.str(*text)
                        && let Some(plain) = parse::plain_integer(text.as_bytes(), true)
                        && let Ok(value) = $ty::try_from(plain)
                    {
                        return Ok(Value::$variant(value));
                    }
                    let parsed = parsed(heap, *text, styles::INTEGER, ($ty::BITS, $signed), $dotnet);
                    parsed.map(|v| Value::$variant(v as $ty))
                };
                const PARSE: Native = |cx, a| {
                    if let [text] = a {
                        return PARSE_TEXT(cx.heap, text, &Value::Null);
                    }
                    let style = style_of(a, 1, styles::INTEGER)?;
                    let parsed = parsed(cx.heap, a[0], style, ($ty::BITS, $signed), $dotnet);
                    parsed.map(|v| Value::$variant(v as $ty))
                };
                const TRY_PARSE: crate::dotnet::member::Native = |cx, a| {
                    let parsed = cx.heap.text(a[0]).and_then(|t| parse::integer(&t, styles::INTEGER, $ty::BITS, $signed).ok());
                    cx.set_out(1, Value::$variant(parsed.unwrap_or(0) as $ty));
                    Ok(Value::Bool(parsed.is_some()))
                };
                const TRY_PARSE_STYLE: crate::dotnet::member::Native = |cx, a| {
                    let style = style_of(a, 1, styles::INTEGER)?;
                    let parsed = cx.heap.text(a[0]).and_then(|t| parse::integer(&t, style, $ty::BITS, $signed).ok());
                    cx.set_out(3, Value::$variant(parsed.unwrap_or(0) as $ty));
                    Ok(Value::Bool(parsed.is_some()))
                };
                ROWS
            }])
            .alias($alias)
            .interfaces(&[
                "IComparable",
                concat!("IComparable<", $alias, ">"),
                "IConvertible",
                concat!("IEquatable<", $alias, ">"),
                "IFormattable",
            ]);
        )*
    };
}

integers! {
    SBYTE "sbyte" "System.SByte" SByte i8 true "obj";
    BYTE "byte" "System.Byte" Byte u8 false "value";
    INT16 "short" "System.Int16" Int16 i16 true "value";
    UINT16 "ushort" "System.UInt16" UInt16 u16 false "value";
    INT32 "int" "System.Int32" Int32 i32 true "value";
    UINT32 "uint" "System.UInt32" UInt32 u32 false "value";
    INT64 "long" "System.Int64" Int64 i64 true "value";
    UINT64 "ulong" "System.UInt64" UInt64 u64 false "value";
}

fn test(a: &[Value], yes: fn(f64) -> bool) -> Result {
    Ok(Value::Bool(yes(number(a[0]))))
}

macro_rules! floats {
    ($($id:ident $alias:literal $dotnet:literal $variant:ident $ty:ident $parse:ident $parameter:literal;)*) => {
        $(
            pub static $id: TypeDef = TypeDef::new($dotnet, Kind::Struct, &[{
                const ROWS: &[Row] = &[
                    method("int CompareTo(object value)", compare_row),
                    method(concat!("int CompareTo(", $alias, " value)"), compare_row),
                    constant(concat!("const ", $alias, " Epsilon"), Value::$variant($ty::from_bits(1))),
                    method("bool Equals(object obj)", equals_row),
                    method(concat!("bool Equals(", $alias, " obj)"), equals_row),
                    method("int GetHashCode()", hash_row),
                    method("TypeCode GetTypeCode()", type_code),
                    static_method(concat!("bool IsFinite(", $alias, " ", $parameter, ")"), |_, a| test(a, f64::is_finite)),
                    static_method(concat!("bool IsInfinity(", $alias, " ", $parameter, ")"), |_, a| test(a, f64::is_infinite)),
                    static_method(concat!("bool IsNaN(", $alias, " ", $parameter, ")"), |_, a| test(a, f64::is_nan)),
                    static_method(concat!("bool IsNegative(", $alias, " ", $parameter, ")"), |_, a| test(a, f64::is_sign_negative)),
                    static_method(concat!("bool IsNegativeInfinity(", $alias, " ", $parameter, ")"), |_, a| test(a, |v| v == f64::NEG_INFINITY)),
                    static_method(concat!("bool IsNormal(", $alias, " ", $parameter, ")"), |_, a| Ok(Value::Bool(own(a[0]).is_normal()))),
                    static_method(concat!("bool IsPositiveInfinity(", $alias, " ", $parameter, ")"), |_, a| test(a, |v| v == f64::INFINITY)),
                    static_method(concat!("bool IsSubnormal(", $alias, " ", $parameter, ")"), |_, a| Ok(Value::Bool(own(a[0]).is_subnormal()))),
                    constant(concat!("const ", $alias, " MaxValue"), Value::$variant($ty::MAX)),
                    constant(concat!("const ", $alias, " MinValue"), Value::$variant($ty::MIN)),
                    constant(concat!("const ", $alias, " NaN"), Value::$variant(-$ty::NAN)),
                    constant(concat!("const ", $alias, " NegativeInfinity"), Value::$variant($ty::NEG_INFINITY)),
                    static_method(concat!($alias, " Parse(string s)"), PARSE),
                    static_method(concat!($alias, " Parse(string s, NumberStyles style)"), PARSE),
                    static_method(concat!($alias, " Parse(string s, IFormatProvider provider)"), PARSE),
                    static_method(concat!($alias, " Parse(string s, NumberStyles style, IFormatProvider provider)"), PARSE),
                    constant(concat!("const ", $alias, " PositiveInfinity"), Value::$variant($ty::INFINITY)),
                    method("string ToString()", to_string),
                    method("string ToString(string format)", to_string_format),
                    method("string ToString(IFormatProvider provider)", to_string),
                    method("string ToString(string format, IFormatProvider provider)", to_string_format),
                    static_method(concat!("bool TryParse(string s, out ", $alias, " result)"), TRY_PARSE),
                    static_method(
                        concat!("bool TryParse(string s, NumberStyles style, IFormatProvider provider, out ", $alias, " result)"),
                        TRY_PARSE_STYLE,
                    ),
                    operator(concat!("bool op_Equality(", $alias, " left, ", $alias, " right)"), |_, a| Ok(Value::Bool(number(a[0]) == number(a[1])))),
                    operator(concat!("bool op_GreaterThan(", $alias, " left, ", $alias, " right)"), |_, a| Ok(Value::Bool(number(a[0]) > number(a[1])))),
                    operator(concat!("bool op_GreaterThanOrEqual(", $alias, " left, ", $alias, " right)"), |_, a| Ok(Value::Bool(number(a[0]) >= number(a[1])))),
                    operator(concat!("bool op_Inequality(", $alias, " left, ", $alias, " right)"), |_, a| Ok(Value::Bool(number(a[0]) != number(a[1])))),
                    operator(concat!("bool op_LessThan(", $alias, " left, ", $alias, " right)"), |_, a| Ok(Value::Bool(number(a[0]) < number(a[1])))),
                    operator(concat!("bool op_LessThanOrEqual(", $alias, " left, ", $alias, " right)"), |_, a| Ok(Value::Bool(number(a[0]) <= number(a[1])))),
                ];
                fn own(value: Value) -> $ty {
                    number(value) as $ty
                }
                const PARSE: crate::dotnet::member::Native = |cx, a| {
                    let style = style_of(a, 1, styles::DOUBLE)?;
                    let parsed = parse::$parse(&cx.text(a[0], "s")?, style);
                    parsed.map(Value::$variant).map_err(|why| wrong(why, $dotnet))
                };
                const TRY_PARSE: crate::dotnet::member::Native = |cx, a| {
                    let parsed = cx.heap.text(a[0]).and_then(|t| parse::$parse(&t, styles::DOUBLE).ok());
                    cx.set_out(1, Value::$variant(parsed.unwrap_or(0.0)));
                    Ok(Value::Bool(parsed.is_some()))
                };
                const TRY_PARSE_STYLE: crate::dotnet::member::Native = |cx, a| {
                    let style = style_of(a, 1, styles::DOUBLE)?;
                    let parsed = cx.heap.text(a[0]).and_then(|t| parse::$parse(&t, style).ok());
                    cx.set_out(3, Value::$variant(parsed.unwrap_or(0.0)));
                    Ok(Value::Bool(parsed.is_some()))
                };
                ROWS
            }])
            .alias($alias)
            .interfaces(&[
                "IComparable",
                concat!("IComparable<", $alias, ">"),
                "IConvertible",
                concat!("IEquatable<", $alias, ">"),
                "IFormattable",
            ]);
        )*
    };
}

floats! {
    SINGLE "float" "System.Single" Single f32 single "f";
    DOUBLE "double" "System.Double" Double f64 double "d";
}
