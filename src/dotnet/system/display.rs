//! The text of any value: `ToString()`, and `ToString(format)` in the invariant culture.
//!
//! In: a value. Out: its text as .NET prints it. Types of other tables take part by their own `ToString` rows.

use super::enumerate::call_native;
use super::format::number::{self, Number};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::inherit::substitute;
use crate::dotnet::member::{Code, Form, Native};
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::Value;
use std::borrow::Cow;

/// `value.ToString()` in the invariant culture; null is empty, as in concatenation.
pub fn display(cx: &mut Call<'_>, value: Value) -> Result<String, Fault> {
    if let Some(text) = simple(value) {
        return Ok(text);
    }
    let Value::Object(handle) = value else {
        return match value {
            Value::Null => Ok(String::new()),
            Value::Enum { ty, value } => Ok(super::enumeration::name(ty, value)),
            Value::Type(ty) => Ok(type_text(ty)),
            Value::Text { .. } => Ok(cx.heap.text(value).unwrap_or_default().into_owned()),
            _ => by_row(cx, value),
        };
    };
    match cx.heap.get(handle) {
        Object::Decimal(value) => Ok(super::format::number::decimal_text(*value)),
        Object::Guid(bytes) => Ok(super::guid::text(*bytes, 'D')),
        Object::Bytes(_) => Ok("System.Byte[]".to_owned()),
        Object::Array { ty, .. }
        | Object::Grid { ty, .. }
        | Object::List { ty, .. }
        | Object::Closure { ty, .. }
        | Object::Multicast { ty, .. } => Ok(ty.clr_name()),
        Object::Record { ty, fields } => {
            let (ty, fields) = (*ty, fields.to_vec());
            cx.heap.enter()?;
            let text = record(cx, ty, &fields);
            cx.heap.leave();
            Ok(String::from_utf16_lossy(&text?))
        }
        Object::Exception(_) => super::exception::to_text(cx, value),
        Object::Extension { .. } => by_row(cx, value),
        Object::Cell(_) | Object::Element { .. } | Object::Part { .. } | Object::Taken => {
            Ok("System.Object".to_owned())
        }
        Object::Wide { .. } | Object::AsciiConstant(_) | Object::WideConstant(_) => {
            Ok(cx.heap.text(value).unwrap_or_default().into_owned())
        }
    }
}

/// `value.ToString()` as a string value: a string is itself, lone surrogates included; null is the empty string.
pub fn to_str(cx: &mut Call<'_>, value: Value) -> Result<Value, Fault> {
    if cx.heap.is_str(value) {
        return Ok(value);
    }
    if let Value::Char(unit) = value {
        return cx.heap.new_wide(&[unit]);
    }
    if let Some((native, declaring)) = own_row(cx, value, "ToString", &[]) {
        let made = call_native(cx, native, declaring, types::string(), &[value])?;
        return if made.is_null() { cx.new_str("") } else { Ok(made) };
    }
    if let Value::Object(handle) = value
        && let Object::Record { ty, fields } = cx.heap.get(handle)
    {
        let (ty, fields) = (*ty, fields.to_vec());
        cx.heap.enter()?;
        let text = record(cx, ty, &fields);
        cx.heap.leave();
        return cx.heap.new_wide(&text?);
    }
    let text = display(cx, value)?;
    cx.new_str(&text)
}

/// `value.ToString(format)` for what is formattable, else `ToString()`. An empty format is none.
pub fn format_value(cx: &mut Call<'_>, value: Value, format: Option<&str>) -> Result<String, Fault> {
    let Some(format) = format.filter(|f| !f.is_empty()) else { return display(cx, value) };
    if let Some(number) = number_of(cx, value) {
        cx.charge_fuel(format.len() / 8)?;
        return number::format(number, format).map_err(|_| invalid_specifier());
    }
    match value {
        Value::Enum { ty, value } => return super::enumeration::format(ty, value, format),
        Value::Null | Value::Bool(_) | Value::Char(_) => return display(cx, value),
        _ => {}
    }
    if let Some(bytes) = cx.heap.guid(value) {
        return super::guid::format(bytes, format);
    }
    let ty = cx.heap.type_of(value);
    for wanted in [&["System.String", "System.IFormatProvider"][..], &["System.String"]] {
        if let Some((native, declaring)) = find_row(ty, "ToString", wanted) {
            let format = cx.new_str(format)?;
            let args = [value, format, Value::Null];
            let made = call_native(cx, native, declaring, types::string(), &args[..=wanted.len()])?;
            return Ok(cx.heap.text(made).map(Cow::into_owned).unwrap_or_default());
        }
    }
    display(cx, value)
}

/// `Format specifier was invalid.`
pub fn invalid_specifier() -> Fault {
    Fault::throw("System.FormatException", "Format specifier was invalid.")
}

/// The number in a value, for formatting.
pub fn number_of(cx: &Call<'_>, value: Value) -> Option<Number> {
    Some(match value {
        Value::SByte(v) => Number::signed(v.into(), 8),
        Value::Int16(v) => Number::signed(v.into(), 16),
        Value::Int32(v) => Number::signed(v.into(), 32),
        Value::Int64(v) => Number::signed(v, 64),
        Value::Byte(v) => Number::unsigned(v.into(), 8),
        Value::UInt16(v) => Number::unsigned(v.into(), 16),
        Value::UInt32(v) => Number::unsigned(v.into(), 32),
        Value::UInt64(v) => Number::unsigned(v, 64),
        Value::Single(v) => Number::Single(v),
        Value::Double(v) => Number::Double(v),
        _ => Number::Decimal(cx.heap.decimal(value)?),
    })
}

/// `Type.ToString()`.
pub fn type_text(ty: TypeId) -> String {
    ty.clr_name()
}

/// What needs no heap.
fn simple(value: Value) -> Option<String> {
    Some(match value {
        Value::Bool(v) => if v { "True" } else { "False" }.to_owned(),
        Value::Char(v) => String::from_utf16_lossy(&[v]),
        Value::SByte(v) => v.to_string(),
        Value::Byte(v) => v.to_string(),
        Value::Int16(v) => v.to_string(),
        Value::UInt16(v) => v.to_string(),
        Value::Int32(v) => v.to_string(),
        Value::UInt32(v) => v.to_string(),
        Value::Int64(v) => v.to_string(),
        Value::UInt64(v) => v.to_string(),
        Value::Single(v) => number::single_text(v),
        Value::Double(v) => number::double_text(v),
        _ => return None,
    })
}

/// The text of a tuple, a pair or an anonymous object, in UTF-16: its parts may hold halves of surrogate pairs.
fn record(cx: &mut Call<'_>, ty: TypeId, fields: &[Value]) -> Result<Vec<u16>, Fault> {
    let names: &[(Box<str>, TypeId)] = if let Type::Anonymous(names) = ty.get() { names } else { &[] };
    let is_pair = ty.def().is_some_and(|def| def.name == "System.Collections.Generic.KeyValuePair");
    let (open, close) = match ty.get() {
        Type::Anonymous(_) if fields.is_empty() => ("{", " }"),
        Type::Anonymous(_) => ("{ ", " }"),
        _ if is_pair => ("[", "]"),
        _ => ("(", ")"),
    };
    let mut out: Vec<u16> = open.encode_utf16().collect();
    for (at, &field) in fields.iter().enumerate() {
        if at > 0 {
            out.extend(", ".encode_utf16());
        }
        if let Some((name, _)) = names.get(at) {
            out.extend(name.encode_utf16().chain(" = ".encode_utf16()));
        }
        let text = to_str(cx, field)?;
        let start = out.len();
        out.extend(cx.heap.str(text).into_iter().flat_map(|text| text.units().collect::<Vec<_>>()));
        // The rest of a long tuple continues it, without brackets of its own.
        if at == 7 && open == "(" && out.get(start) == Some(&u16::from(b'(')) {
            out.remove(start);
            out.pop();
        }
    }
    out.extend(close.encode_utf16());
    cx.charge_fuel(out.len() / 16)?;
    Ok(out)
}

fn by_row(cx: &mut Call<'_>, value: Value) -> Result<String, Fault> {
    let Some((native, declaring)) = own_row(cx, value, "ToString", &[]) else {
        return Ok(super::hidden::class_of(cx.heap, value));
    };
    cx.heap.enter()?;
    let made = call_native(cx, native, declaring, types::string(), &[value]);
    cx.heap.leave();
    let made = made?;
    Ok(cx.heap.text(made).map(Cow::into_owned).unwrap_or_default())
}

/// A member of an object whose type is in no way known here: never `object`'s own.
pub(super) fn own_row(cx: &Call<'_>, value: Value, name: &str, parameters: &[&str]) -> Option<(Native, TypeId)> {
    match value {
        Value::DateTime(_) | Value::DateTimeOffset { .. } | Value::TimeSpan(_) | Value::Host(_) => {}
        Value::Object(handle) if matches!(cx.heap.get(handle), Object::Extension { .. }) => {}
        _ => return None,
    }
    find_row(cx.heap.type_of(value), name, parameters)
}

/// An instance method by name and parameter types (.NET names), looked for in the base classes too, but not in `object`.
pub(super) fn find_row(mut ty: TypeId, name: &str, parameters: &[&str]) -> Option<(Native, TypeId)> {
    loop {
        if ty == types::object() {
            return None;
        }
        let def = ty.def()?;
        for member in def.members() {
            if member.row.form == Form::Method
                && !member.row.is_static
                && member.name == name
                && member.parameters.len() == parameters.len()
                && member.parameters.iter().zip(parameters).all(|(own, wanted)| own.ty.dotnet_name() == *wanted)
            {
                if let Code::Native(native) = member.row.code {
                    return Some((native, ty));
                }
            }
        }
        ty = substitute(def.base_type()?, ty.arguments(), &[]);
    }
}
