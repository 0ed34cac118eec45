//! Values between a request's heap and a cache that outlives it.

use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::system::{display, json};
use crate::dotnet::types;
use crate::dotnet::value::Value;
use crate::effect::CacheValue;

/// A value as plain data. What has no form of its own is kept as its text.
pub fn to_cache(cx: &mut Call<'_>, value: Value) -> Result<CacheValue, Fault> {
    Ok(match value {
        Value::Null => CacheValue::Null,
        Value::Bool(value) => CacheValue::Bool(value),
        other => {
            if let Some(text) = cx.heap.text(other) {
                return Ok(CacheValue::Text(text.into()));
            }
            if let Value::Object(handle) = other
                && let Object::Bytes(bytes) = cx.heap.get(handle)
            {
                return Ok(CacheValue::Bytes(bytes.clone().into()));
            }
            let type_name = cx.heap.type_of(other).dotnet_name();
            if type_name.starts_with("Newtonsoft.Json.Linq.") {
                return Ok(CacheValue::Json(json::write(cx, other, false)?.into()));
            }
            let number = other.integer().is_some()
                || matches!(other, Value::Double(_) | Value::Single(_))
                || cx.heap.decimal(other).is_some();
            let text = display::display(cx, other)?.into();
            if number { CacheValue::Scalar { type_name: type_name.into(), text } } else { CacheValue::Text(text) }
        }
    })
}

pub fn from_cache(cx: &mut Call<'_>, value: CacheValue) -> Result<Value, Fault> {
    Ok(match value {
        CacheValue::Null => Value::Null,
        CacheValue::Bool(value) => Value::Bool(value),
        CacheValue::Text(text) => cx.new_str(&text)?,
        CacheValue::Bytes(bytes) => cx.heap.new_bytes(bytes.to_vec())?,
        CacheValue::Json(text) => {
            let text = cx.new_str(&text)?;
            json::token::parse(cx, text, "json", json::Wanted::Token)?
        }
        CacheValue::Scalar { type_name, text } => scalar(cx, &type_name, &text)?,
        CacheValue::Response(_) => Value::Null,
    })
}

fn scalar(cx: &mut Call<'_>, type_name: &str, text: &str) -> Result<Value, Fault> {
    let whole = || text.parse::<i64>().unwrap_or_default();
    Ok(match type_name {
        "System.Int32" => Value::Int32(whole() as i32),
        "System.Int64" => Value::Int64(whole()),
        "System.Int16" => Value::Int16(whole() as i16),
        "System.Byte" => Value::Byte(whole() as u8),
        "System.SByte" => Value::SByte(whole() as i8),
        "System.UInt16" => Value::UInt16(whole() as u16),
        "System.UInt32" => Value::UInt32(whole() as u32),
        "System.UInt64" => Value::UInt64(text.parse().unwrap_or_default()),
        "System.Double" => Value::Double(text.parse().unwrap_or_default()),
        "System.Single" => Value::Single(text.parse().unwrap_or_default()),
        "System.Decimal" => cx.heap.new_decimal(text.parse().unwrap_or_default())?,
        "System.Char" => Value::Char(text.encode_utf16().next().unwrap_or_default()),
        _ => {
            let _ = types::object();
            cx.new_str(text)?
        }
    })
}
