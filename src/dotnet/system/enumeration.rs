//! `System.Enum`: names of values and back.
//!
//! In: an enum type and its underlying value. Out: the text. Which enums are flags is said here, once.

use super::object;
use crate::dotnet::call::{Call, bool};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Code, Kind, Row, TypeDef, method, static_method};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use std::cmp::Ordering;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static ENUM: TypeDef = TypeDef::new("System.Enum", Kind::Class, &[ROWS])
    .is_abstract()
    .base("ValueType")
    .interfaces(&["IComparable", "IConvertible", "IFormattable"]);

const ROWS: &[Row] = &[
    static_method("object Parse(Type enumType, string value)", parse),
    static_method("object Parse(Type enumType, string value, bool ignoreCase)", parse),
    static_method("TEnum Parse<TEnum>(string value)", parse_generic),
    static_method("TEnum Parse<TEnum>(string value, bool ignoreCase)", parse_generic),
    method("string ToString()", object::to_string),
    method("string ToString(string format, IFormatProvider provider)", object::to_string_format),
    method("string ToString(string format)", object::to_string_format),
    method("string ToString(IFormatProvider provider)", object::to_string),
    static_method("bool TryParse(Type enumType, string value, out object result)", try_parse),
    static_method("bool TryParse(Type enumType, string value, bool ignoreCase, out object result)", try_parse_case),
    static_method("bool TryParse<TEnum>(string value, out TEnum result)", try_parse_generic),
    static_method("bool TryParse<TEnum>(string value, bool ignoreCase, out TEnum result)", try_parse_generic_case),
    method("int CompareTo(object target)", object::compare_row).off_list(),
    method("bool HasFlag(Enum flag)", has_flag).off_list(),
    static_method("bool IsDefined(Type enumType, object value)", is_defined).off_list(),
    static_method("string GetName(Type enumType, object value)", get_name).off_list(),
    static_method("string[] GetNames(Type enumType)", get_names).off_list(),
    static_method("Array GetValues(Type enumType)", get_values).off_list(),
    static_method("object ToObject(Type enumType, object value)", to_object).off_list(),
];

/// Enums whose values combine.
const FLAGS: &[&str] = &[
    "System.Base64FormattingOptions",
    "System.Globalization.CompareOptions",
    "System.Globalization.DateTimeStyles",
    "System.Globalization.NumberStyles",
    "System.Security.Cryptography.X509Certificates.X509KeyStorageFlags",
    "System.Security.Cryptography.X509Certificates.X509KeyUsageFlags",
    "System.UriComponents",
    "System.StringSplitOptions",
    "System.Text.RegularExpressions.RegexOptions",
    "System.Xml.Linq.LoadOptions",
    "System.Xml.Linq.ReaderOptions",
    "System.Xml.Linq.SaveOptions",
];

/// Names and values of an enum, by value (as unsigned numbers), then as declared.
fn members(ty: TypeId) -> Vec<(&'static str, i64)> {
    let Some(def) = ty.def() else { return Vec::new() };
    let value = |code: &Code| if let Code::EnumValue(value) = code { Some(*value) } else { None };
    let mut found: Vec<_> =
        def.members().iter().filter_map(|m| value(&m.row.code).map(|value| (m.name, value))).collect();
    found.sort_by_key(|&(_, value)| value as u64);
    found
}

/// The name of a value. Of several .NET takes the one that its binary search meets.
fn find<'a>(members: &'a [(&'static str, i64)], value: i64) -> Option<&'a (&'static str, i64)> {
    let (mut low, mut high) = (0, members.len());
    while low < high {
        let middle = (low + high - 1) / 2;
        match (members[middle].1 as u64).cmp(&(value as u64)) {
            Ordering::Equal => return Some(&members[middle]),
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
        }
    }
    None
}

/// `value.ToString()`: the name, `A, B` for flags, the number where there is no name.
pub fn name(ty: TypeId, value: i64) -> String {
    let members = members(ty);
    if let Some((name, _)) = find(&members, value) {
        return (*name).to_owned();
    }
    let flags = ty.def().is_some_and(|def| FLAGS.contains(&def.name));
    if flags { flag_names(&members, value).unwrap_or_else(|| value.to_string()) } else { value.to_string() }
}

fn flag_names(members: &[(&'static str, i64)], value: i64) -> Option<String> {
    let mut rest = value;
    let mut names = Vec::new();
    for &(name, bits) in members.iter().rev() {
        if bits != 0 && rest & bits == bits {
            rest &= !bits;
            names.push(name);
        }
    }
    names.reverse();
    (rest == 0 && !names.is_empty()).then(|| names.join(", "))
}

/// `value.ToString(format)`: `G`, `F`, `D`, `X`.
pub fn format(ty: TypeId, value: i64, format: &str) -> Result<String> {
    match format {
        "G" | "g" => Ok(name(ty, value)),
        "F" | "f" => Ok(match find(&members(ty), value) {
            Some((name, _)) => (*name).to_owned(),
            None => flag_names(&members(ty), value).unwrap_or_else(|| value.to_string()),
        }),
        "D" | "d" => Ok(value.to_string()),
        "X" | "x" => Ok(format!("{:08X}", value as u32)),
        _ => Err(Fault::throw(
            "System.FormatException",
            "Format string can be only \"G\", \"g\", \"X\", \"x\", \"F\", \"f\", \"D\" or \"d\".",
        )),
    }
}

fn read(ty: TypeId, text: &str, ignore_case: bool) -> Result<i64> {
    let argument = |message: String| Fault::throw("System.ArgumentException", message);
    let whole = text;
    let text = text.trim();
    if text.is_empty() {
        return Err(Fault::argument("Must specify valid information for parsing in the string.", "value"));
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+') {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            let too_large = "Value was either too large or too small for an Int32.";
            let value = text.parse::<i32>().map_err(|_| Fault::throw("System.OverflowException", too_large));
            return value.map(i64::from);
        }
    }
    let members = members(ty);
    let mut all = 0;
    for part in text.split(',').map(str::trim) {
        let found =
            members.iter().find(|(name, _)| if ignore_case { name.eq_ignore_ascii_case(part) } else { *name == part });
        match found {
            Some((_, value)) => all |= value,
            None => return Err(argument(format!("Requested value '{whole}' was not found."))),
        }
    }
    Ok(all)
}

fn enum_type(value: Value) -> Result<TypeId> {
    let Value::Type(ty) = value else { return Err(Fault::argument_null("enumType")) };
    if ty.def().is_some_and(|def| def.kind == Kind::Enum) {
        return Ok(ty);
    }
    Err(Fault::argument("Type provided must be an Enum.", "enumType"))
}

fn parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let ty = enum_type(a[0])?;
    let value = read(ty, &cx.text(a[1], "value")?, a.get(2).is_some_and(|&v| bool(v)))?;
    Ok(Value::Enum { ty, value })
}

fn parse_generic(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let ty = enum_type(Value::Type(cx.returns))?;
    let value = read(ty, &cx.text(a[0], "value")?, a.get(1).is_some_and(|&v| bool(v)))?;
    Ok(Value::Enum { ty, value })
}

fn try_read(cx: &mut Call<'_>, ty: TypeId, text: Value, ignore_case: bool, out: u8, none: Value) -> Result {
    let found = cx.heap.text(text).and_then(|text| read(ty, &text, ignore_case).ok());
    cx.set_out(out, found.map_or(none, |value| Value::Enum { ty, value }));
    Ok(Value::Bool(found.is_some()))
}

fn try_parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let ty = enum_type(a[0])?;
    try_read(cx, ty, a[1], false, 2, Value::Null)
}

fn try_parse_case(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let ty = enum_type(a[0])?;
    try_read(cx, ty, a[1], bool(a[2]), 3, Value::Null)
}

/// The method's own type argument.
fn type_argument(cx: &Call<'_>) -> Result<TypeId> {
    enum_type(cx.type_arguments.last().map_or(Value::Null, |&ty| Value::Type(ty)))
}

fn try_parse_generic(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let ty = type_argument(cx)?;
    try_read(cx, ty, a[0], false, 1, Value::Enum { ty, value: 0 })
}

fn try_parse_generic_case(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let ty = type_argument(cx)?;
    try_read(cx, ty, a[0], bool(a[1]), 2, Value::Enum { ty, value: 0 })
}

fn has_flag(_: &mut Call<'_>, a: &[Value]) -> Result {
    if let (Value::Enum { ty: own, .. }, Value::Enum { ty, .. }) = (a[0], a[1])
        && own != ty
    {
        let (own, other) = (own.dotnet_name(), ty.dotnet_name());
        let message = format!("The argument type, '{other}', is not the same as the enum type '{own}'.");
        return Err(Fault::throw("System.ArgumentException", message));
    }
    let (this, flag) =
        (a[0].integer().unwrap_or_default(), a[1].integer().ok_or_else(|| Fault::argument_null("flag"))?);
    Ok(Value::Bool(this & flag == flag))
}

fn is_defined(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let ty = enum_type(a[0])?;
    let found = match cx.heap.text(a[1]) {
        Some(text) => members(ty).iter().any(|m| m.0 == text),
        None => members(ty).iter().any(|m| Some(m.1) == a[1].integer()),
    };
    Ok(Value::Bool(found))
}

fn get_name(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let members = members(enum_type(a[0])?);
    let found = a[1].integer().and_then(|value| find(&members, value));
    found.map_or(Ok(Value::Null), |(name, _)| cx.new_str(name))
}

fn get_names(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let names = members(enum_type(a[0])?).iter().map(|m| cx.new_str(m.0)).collect::<Result<Vec<_>>>()?;
    cx.heap.new_array(TypeId::array(crate::dotnet::types::string()), names)
}

fn get_values(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let ty = enum_type(a[0])?;
    let values = members(ty).iter().map(|m| Value::Enum { ty, value: m.1 }).collect();
    cx.heap.new_array(TypeId::array(ty), values)
}

fn to_object(_: &mut Call<'_>, a: &[Value]) -> Result {
    let ty = enum_type(a[0])?;
    let value = a[1].integer().ok_or_else(|| Fault::argument_null("value"))?;
    Ok(Value::Enum { ty, value })
}
