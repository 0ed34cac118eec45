//! `System.Buffer`: the bytes behind arrays of simple types.
//!
//! In: arrays of numbers, characters and truths. Out: the same arrays, changed byte by byte in little-endian order.

use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::member::{Kind, TypeDef, static_method};
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static BUFFER: TypeDef = TypeDef::new(
    "System.Buffer",
    Kind::Static,
    &[&[
        static_method("void BlockCopy(Array src, int srcOffset, Array dst, int dstOffset, int count)", block_copy),
        static_method("int ByteLength(Array array)", |cx, a| Ok(Value::Int32(bytes(cx, a[0], "array")?.len() as i32))),
        static_method("byte GetByte(Array array, int index)", |cx, a| {
            let bytes = bytes(cx, a[0], "array")?;
            let at = usize::try_from(int(a[1])).ok().and_then(|at| bytes.get(at).copied());
            at.map(Value::Byte).ok_or_else(|| Fault::index("index"))
        }),
        static_method("void SetByte(Array array, int index, byte value)", |cx, a| {
            let mut bytes = bytes(cx, a[0], "array")?;
            let place = usize::try_from(int(a[1])).ok().and_then(|at| bytes.get_mut(at));
            *place.ok_or_else(|| Fault::index("index"))? = int(a[2]) as u8;
            set(cx, a[0], &bytes)
        }),
    ]],
)
.off_list();

/// What a value takes, byte by byte; `None` for what is no simple type.
fn of_value(value: Value) -> Option<Vec<u8>> {
    Some(match value {
        Value::Bool(v) => vec![u8::from(v)],
        Value::Byte(v) => vec![v],
        Value::SByte(v) => v.to_le_bytes().to_vec(),
        Value::Char(v) | Value::UInt16(v) => v.to_le_bytes().to_vec(),
        Value::Int16(v) => v.to_le_bytes().to_vec(),
        Value::Int32(v) => v.to_le_bytes().to_vec(),
        Value::UInt32(v) => v.to_le_bytes().to_vec(),
        Value::Int64(v) => v.to_le_bytes().to_vec(),
        Value::UInt64(v) => v.to_le_bytes().to_vec(),
        Value::Single(v) => v.to_le_bytes().to_vec(),
        Value::Double(v) => v.to_le_bytes().to_vec(),
        _ => return None,
    })
}

/// The value of the same type from its bytes.
fn to_value(like: Value, bytes: &[u8]) -> Value {
    let mut all = [0; 8];
    all[..bytes.len()].copy_from_slice(bytes);
    let number = u64::from_le_bytes(all);
    match like {
        Value::Bool(_) => Value::Bool(number != 0),
        Value::Byte(_) => Value::Byte(number as u8),
        Value::SByte(_) => Value::SByte(number as i8),
        Value::Char(_) => Value::Char(number as u16),
        Value::UInt16(_) => Value::UInt16(number as u16),
        Value::Int16(_) => Value::Int16(number as i16),
        Value::Int32(_) => Value::Int32(number as i32),
        Value::UInt32(_) => Value::UInt32(number as u32),
        Value::Int64(_) => Value::Int64(number as i64),
        Value::UInt64(_) => Value::UInt64(number),
        Value::Single(_) => Value::Single(f32::from_bits(number as u32)),
        Value::Double(_) => Value::Double(f64::from_bits(number)),
        other => other,
    }
}

fn bytes(cx: &mut Call<'_>, array: Value, name: &str) -> Result<Vec<u8>> {
    if let Some(bytes) = cx.heap.bytes(array) {
        return Ok(bytes.to_vec());
    }
    let len = cx.heap.items(array).ok_or_else(|| Fault::argument_null(name))?.len();
    cx.charge_fuel(len)?;
    cx.heap.room(len * 8)?;
    let mut out = Vec::new();
    for &item in cx.heap.items(array).unwrap_or_default() {
        out.extend(of_value(item).ok_or_else(|| Fault::argument("Object must be an array of primitives.", name))?);
    }
    Ok(out)
}

fn set(cx: &mut Call<'_>, array: Value, bytes: &[u8]) -> Result {
    let Value::Object(handle) = array else { return Ok(Value::Null) };
    match cx.heap.get_mut(handle) {
        Object::Bytes(own) => own.copy_from_slice(bytes),
        Object::Array { items, .. } => {
            let width = if items.is_empty() { 1 } else { bytes.len() / items.len() };
            for (item, part) in items.iter_mut().zip(bytes.chunks(width)) {
                *item = to_value(*item, part);
            }
        }
        _ => {}
    }
    Ok(Value::Null)
}

fn block_copy(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let from = bytes(cx, a[0], "src")?;
    let mut to = bytes(cx, a[2], "dst")?;
    let positive = |value: Value, name: &str| {
        usize::try_from(int(value)).map_err(|_| Fault::out_of_range("Non-negative number required.", name))
    };
    let (at, place, count) = (positive(a[1], "srcOffset")?, positive(a[3], "dstOffset")?, positive(a[4], "count")?);
    if at > from.len() || count > from.len() - at || place > to.len() || count > to.len() - place {
        let message = "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    cx.charge_fuel(count / 16)?;
    to[place..place + count].copy_from_slice(&from[at..at + count]);
    set(cx, a[2], &to)
}
