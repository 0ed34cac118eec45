//! Elements of an array: their types, reading and writing them, finding their places.

use super::super::comparer::reserve;
use super::super::grid;
use crate::dotnet::call::{Call, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::inherit;
use crate::dotnet::system::enumerate;
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::Value;

/// The number of elements; null throws.
pub fn len(cx: &Call<'_>, array: Value) -> Result<usize, Fault> {
    match cx.heap.items(array) {
        Some(items) => Ok(items.len()),
        None => cx.heap.bytes(array).map(<[u8]>::len).ok_or_else(Fault::null_reference),
    }
}

pub fn element(cx: &Call<'_>, array: Value) -> TypeId {
    cx.heap.type_of(array).arguments().first().copied().unwrap_or_else(types::object)
}

/// An argument that must not be null.
pub fn given(array: Value, parameter: &str) -> Result<Value, Fault> {
    if array.is_null() { Err(Fault::argument_null(parameter)) } else { Ok(array) }
}

/// All elements; null throws `ArgumentNullException`.
pub fn read(cx: &mut Call<'_>, array: Value, parameter: &str) -> Result<Vec<Value>, Fault> {
    enumerate::collect(cx, given(array, parameter)?)
}

/// What takes arrays of one dimension only.
pub fn one_dimension(cx: &Call<'_>, array: Value) -> Result<(), Fault> {
    match cx.heap.type_of(array).get() {
        Type::Array(_, 2..) => {
            Err(Fault::throw("System.RankException", "Only single dimension arrays are supported here."))
        }
        _ => Ok(()),
    }
}

pub fn get(cx: &mut Call<'_>, array: Value, at: i64) -> Result<Value, Fault> {
    let at = usize::try_from(at).ok();
    let found = match (cx.heap.items(array), cx.heap.bytes(array)) {
        (Some(items), _) => at.and_then(|at| items.get(at).copied()),
        (_, Some(bytes)) => at.and_then(|at| bytes.get(at)).map(|&b| Value::Byte(b)),
        _ => return Err(Fault::null_reference()),
    };
    found.ok_or_else(Fault::index_of_array)
}

/// Stores an element at its place in the order of all.
pub fn set(cx: &mut Call<'_>, array: Value, at: i64, value: Value) -> Result<Value, Fault> {
    let size = len(cx, array)?;
    if usize::try_from(at).is_ok_and(|at| at < size) {
        let element = element(cx, array);
        let value = if value.is_null() { inherit::zero(cx.heap, element)? } else { value };
        let value = fitting(cx, value, element).ok_or_else(|| unfit(cx, value, element))?;
        write(cx, array, at, &[value])?;
        return Ok(Value::Null);
    }
    Err(Fault::index_of_array())
}

/// What storing a value of another type throws.
fn unfit(cx: &Call<'_>, value: Value, element: TypeId) -> Fault {
    if is_primitive(cx, value) && PRIMITIVES.contains(&type_name(element)) {
        return Fault::throw(
            "System.ArgumentException",
            "Cannot widen from source type to target type either because the source type is a not a primitive type or \
             the conversion cannot be accomplished.",
        );
    }
    Fault::throw("System.InvalidCastException", "Object cannot be stored in an array of this type.")
}

fn type_name(ty: TypeId) -> &'static str {
    ty.def().map_or("", |def| def.name)
}

fn is_primitive(cx: &Call<'_>, value: Value) -> bool {
    PRIMITIVES.contains(&type_name(cx.heap.type_of(value)))
}

const PRIMITIVES: &[&str] = &[
    "System.SByte",
    "System.Byte",
    "System.Char",
    "System.Int16",
    "System.UInt16",
    "System.Int32",
    "System.UInt32",
    "System.Int64",
    "System.UInt64",
    "System.Single",
    "System.Double",
    "System.Boolean",
];

pub fn fitting(cx: &Call<'_>, value: Value, element: TypeId) -> Option<Value> {
    if element == types::object() || inherit::is_instance(cx.heap, value, element) {
        return Some(value);
    }
    // By rank: a wider type of the same kind, or a signed one with room for all.
    let (bits, signed) = match value {
        Value::SByte(_) => (8, true),
        Value::Byte(_) => (8, false),
        Value::Int16(_) => (16, true),
        Value::UInt16(_) | Value::Char(_) => (16, false),
        Value::Int32(_) => (32, true),
        Value::UInt32(_) => (32, false),
        Value::Int64(_) => (64, true),
        Value::UInt64(_) => (64, false),
        Value::Single(v) if type_name(element) == "System.Double" => return Some(Value::Double(v.into())),
        _ => return None,
    };
    let number = value.integer()?;
    let fits =
        |to: u32, to_signed: bool| if signed { to_signed && to >= bits } else { to > bits || !to_signed && to == bits };
    Some(match type_name(element) {
        "System.Char" if !signed && bits <= 16 => Value::Char(number as u16),
        "System.Int16" if fits(16, true) => Value::Int16(number as i16),
        "System.UInt16" if fits(16, false) && !signed => Value::UInt16(number as u16),
        "System.Int32" if fits(32, true) => Value::Int32(number as i32),
        "System.UInt32" if fits(32, false) && !signed => Value::UInt32(number as u32),
        "System.Int64" if fits(64, true) => Value::Int64(number),
        "System.UInt64" if !signed => Value::UInt64(number as u64),
        "System.Single" if bits < 64 || signed => Value::Single(number as f32),
        "System.Single" => Value::Single(number as u64 as f32),
        "System.Double" if bits < 64 || signed => Value::Double(number as f64),
        "System.Double" => Value::Double(number as u64 as f64),
        _ => return None,
    })
}

pub fn write(cx: &mut Call<'_>, array: Value, at: i64, values: &[Value]) -> Result<(), Fault> {
    let Value::Object(handle) = array else { return Err(Fault::argument_null("array")) };
    cx.charge_fuel(values.len() / 4)?;
    let at = usize::try_from(at).map_err(|_| Fault::out_of_range("Non-negative number required.", "index"))?;
    let short = || {
        Fault::throw(
            "System.ArgumentException",
            "Destination array was not long enough. Check the destination index, length, and the array's lower bounds. \
             (Parameter 'destinationArray')",
        )
    };
    match cx.heap.get_mut(handle) {
        Object::Array { items, .. } | Object::Grid { items, .. } => {
            items.get_mut(at..at + values.len()).ok_or_else(short)?.copy_from_slice(values);
        }
        Object::Bytes(bytes) => {
            let to = bytes.get_mut(at..at + values.len()).ok_or_else(short)?;
            for (to, value) in to.iter_mut().zip(values) {
                *to = value.integer().unwrap_or_default() as u8;
            }
        }
        _ => return Err(Fault::argument_null("array")),
    }
    Ok(())
}

pub fn new(cx: &mut Call<'_>, ty: TypeId, items: Vec<Value>) -> Result<Value, Fault> {
    if ty.arguments().first() == Some(&types::byte()) {
        let bytes = items.iter().map(|v| v.integer().unwrap_or_default() as u8).collect();
        return cx.heap.new_bytes(bytes);
    }
    cx.heap.new_array(ty, items)
}

pub fn zeros(cx: &mut Call<'_>, element: TypeId, len: usize) -> Result<Value, Fault> {
    cx.charge_fuel(len / 4)?;
    let zero = inherit::zero(cx.heap, element)?;
    new(cx, TypeId::array(element), vec![zero; len])
}

/// `new element[len]`, of any length.
pub fn charged_zeros(cx: &mut Call<'_>, element: TypeId, len: usize) -> Result<Value, Fault> {
    cx.heap.charge(len.saturating_mul(if element == types::byte() { 1 } else { size_of::<Value>() }))?;
    zeros(cx, element, len)
}

// ---- making ----------------------------------------------------------------------------------------------------------

/// `CreateInstance` with lengths; `name` tells what a length is called.
pub fn create(
    cx: &mut Call<'_>,
    element: Value,
    lengths: &[Value],
    name: impl Fn(usize) -> String,
) -> Result<Value, Fault> {
    let Value::Type(element) = element else { return Err(Fault::argument_null("elementType")) };
    if let [length] = lengths {
        let len = reserve(long(*length), &name(0))?;
        return charged_zeros(cx, element, len);
    }
    let mut all = Vec::with_capacity(lengths.len());
    for (at, length) in lengths.iter().enumerate() {
        let Ok(length) = u32::try_from(long(*length)) else {
            return Err(Fault::out_of_range("Non-negative number required.", &name(at)));
        };
        all.push(length);
    }
    let count = all.iter().fold(1usize, |count, length| count.saturating_mul(*length as usize));
    let count = reserve(count as i64, "")?;
    cx.heap.charge(count * size_of::<Value>())?;
    cx.charge_fuel(count / 16)?;
    let zero = inherit::zero(cx.heap, element)?;
    let ty = TypeId::of(Type::Array(element, all.len() as u8));
    cx.heap.alloc(Object::Grid { ty, items: vec![zero; count], lengths: all.into() })
}

pub fn create_by_list(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    given(args[0], "elementType")?;
    let lengths = list(cx, args[1], "lengths")?;
    if lengths.is_empty() {
        return Err(Fault::throw("System.ArgumentException", "Must provide at least one rank."));
    }
    countable(&lengths, &["len"])?;
    create(cx, args[0], &lengths, |at| format!("lengths[{at}]"))
}

// ---- places ----------------------------------------------------------------------------------------------------------

/// Numbers of type `long` that no `int` holds count no elements. Several may share the last name.
pub fn countable(numbers: &[Value], names: &[&str]) -> Result<(), Fault> {
    for (at, number) in numbers.iter().enumerate() {
        if i32::try_from(long(*number)).is_err() {
            let name = names.get(at).or(names.last()).copied().unwrap_or_default();
            return Err(Fault::out_of_range("Arrays larger than 2GB are not supported.", name));
        }
    }
    Ok(())
}

/// The elements of an argument that is an array of numbers.
pub fn list(cx: &Call<'_>, numbers: Value, parameter: &str) -> Result<Vec<Value>, Fault> {
    Ok(cx.heap.items(given(numbers, parameter)?).unwrap_or_default().to_vec())
}

pub fn dimension(cx: &Call<'_>, args: &[Value]) -> Result<u32, Fault> {
    let lengths = grid::lengths(cx, args[0])?;
    let at = usize::try_from(int(args[1])).ok();
    at.and_then(|at| lengths.get(at).copied())
        .ok_or_else(|| Fault::throw("System.IndexOutOfRangeException", "Array does not have that many dimensions."))
}

pub fn outside(fault: Fault) -> Fault {
    match fault {
        Fault::Throw(_) => Fault::index_of_array(),
        other => other,
    }
}

/// The place of an element by as many indices as the array has dimensions.
pub fn place(cx: &mut Call<'_>, array: Value, indices: &[Value]) -> Result<i64, Fault> {
    if grid::lengths(cx, array)?.len() != indices.len() {
        return Err(Fault::throw(
            "System.ArgumentException",
            match indices.len() {
                1 => "Array was not a one-dimensional array.",
                2 => "Array was not a two-dimensional array.",
                _ => "Array was not a three-dimensional array.",
            },
        ));
    }
    place_in_order(cx, array, indices)
}

/// The place of an element by a list of indices.
pub fn place_by_list(cx: &mut Call<'_>, array: Value, indices: Value) -> Result<i64, Fault> {
    let indices = list(cx, indices, "indices")?;
    if grid::lengths(cx, array)?.len() != indices.len() {
        return Err(Fault::throw("System.ArgumentException", "Indices length does not match the array rank."));
    }
    countable(&indices, &["index"])?;
    place_in_order(cx, array, &indices)
}

fn place_in_order(cx: &mut Call<'_>, array: Value, indices: &[Value]) -> Result<i64, Fault> {
    let mut all = vec![array];
    all.extend(indices);
    grid::index(cx, &all).map(long)
}
