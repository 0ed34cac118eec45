//! Arrays of several dimensions: made, and their elements found by several indices. What they share with other arrays is in
//! `array.rs`.

use crate::dotnet::call::{Call, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::inherit;
use crate::dotnet::types::{self, Type};
use crate::dotnet::value::Value;

/// `new T[a, b]`: the arguments are the lengths.
pub fn make(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut count = 1usize;
    let mut lengths = Vec::with_capacity(args.len());
    for length in args {
        let Ok(length) = u32::try_from(long(*length)) else {
            return Err(Fault::throw("System.OverflowException", "Arithmetic operation resulted in an overflow."));
        };
        lengths.push(length);
        count = count.saturating_mul(length as usize);
    }
    cx.charge_fuel(count / 16)?;
    cx.heap.charge(count.saturating_mul(size_of::<Value>()))?;
    let element = cx.returns.arguments().first().copied().unwrap_or_else(types::object);
    let zero = inherit::zero(cx.heap, element)?;
    cx.heap.alloc(Object::Grid { ty: cx.returns, items: vec![zero; count], lengths: lengths.into() })
}

/// `new T[,] { ... }`: the lengths, then the elements in order.
pub fn of_items(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let rank = if let Type::Array(_, rank) = cx.returns.get() { usize::from(*rank) } else { 1 };
    let (lengths, items) = args.split_at(rank.min(args.len()));
    cx.heap.charge(std::mem::size_of_val(items))?;
    let lengths = lengths.iter().map(|length| u32::try_from(long(*length)).unwrap_or_default()).collect();
    cx.heap.alloc(Object::Grid { ty: cx.returns, items: items.to_vec(), lengths })
}

/// The place of an element in the order of all: the array, then its indices.
pub fn index(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let indices = &args[1..];
    let lengths = lengths(cx, args[0])?;
    let mut place = 0usize;
    for (at, length) in lengths.iter().enumerate() {
        let index = indices.get(at).and_then(|index| u32::try_from(long(*index)).ok());
        let Some(index) = index.filter(|index| index < length) else { return Err(Fault::index_of_array()) };
        place = place * *length as usize + index as usize;
    }
    Ok(Value::Int32(place as i32))
}

/// `ref a[i]`: the array, and the place of the element in the order of all.
pub fn reference(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let length: u32 = lengths(cx, args[0])?.iter().product();
    let index = u32::try_from(long(args[1])).ok().filter(|index| *index < length);
    let index = index.ok_or_else(Fault::index_of_array)?;
    cx.heap.alloc(Object::Element { array: args[0], index })
}

/// How long an array is in each dimension.
pub fn lengths(cx: &Call<'_>, array: Value) -> Result<Vec<u32>, Fault> {
    if let Value::Object(handle) = array
        && let Object::Grid { lengths, .. } = cx.heap.get(handle)
    {
        return Ok(lengths.to_vec());
    }
    let length = cx.heap.items(array).map(<[Value]>::len).or_else(|| cx.heap.bytes(array).map(<[u8]>::len));
    length.map(|length| vec![length as u32]).ok_or_else(Fault::null_reference)
}
