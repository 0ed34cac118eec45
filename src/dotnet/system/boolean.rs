//! `System.Boolean`.

use super::object::{compare_row, equals_row, hash_row, to_string};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, method, static_method, text_constant};
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static BOOLEAN: TypeDef = TypeDef::new("System.Boolean", Kind::Struct, &[ROWS]).alias("bool").interfaces(&[
    "IComparable",
    "IComparable<bool>",
    "IConvertible",
    "IEquatable<bool>",
]);

const ROWS: &[Row] = &[
    method("int CompareTo(object obj)", compare_row),
    method("int CompareTo(bool value)", compare_row),
    method("bool Equals(object obj)", equals_row),
    method("bool Equals(bool obj)", equals_row),
    text_constant("string FalseString", "False"),
    method("int GetHashCode()", hash_row),
    method("TypeCode GetTypeCode()", super::number::type_code),
    static_method("bool Parse(string value)", parse),
    method("string ToString()", to_string),
    method("string ToString(IFormatProvider provider)", to_string),
    text_constant("string TrueString", "True"),
    static_method("bool TryParse(string value, out bool result)", try_parse),
];

/// `bool.Parse`, without its exception.
pub fn read(text: &str) -> Option<bool> {
    match text.trim_matches(|c: char| c.is_whitespace() || c == '\0') {
        t if t.eq_ignore_ascii_case("true") => Some(true),
        t if t.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// `bool.Parse` with its exception.
pub fn read_or_throw(text: &str) -> Result<bool> {
    read(text).ok_or_else(|| {
        Fault::throw("System.FormatException", format!("String '{text}' was not recognized as a valid Boolean."))
    })
}

fn parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Bool(read_or_throw(&cx.text(a[0], "value")?)?))
}

fn try_parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let found = cx.heap.text(a[0]).and_then(|text| read(&text));
    cx.set_out(1, Value::Bool(found.unwrap_or(false)));
    Ok(Value::Bool(found.is_some()))
}
