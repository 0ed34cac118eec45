//! The instructions that make a value of values and that the loop leaves to this one function, so that its own code stays
//! small: arrays, records, closures, conversions, interpolation.

use super::numbers;
use crate::bytecode::op::Op;
use crate::bytecode::unit::{TemplatePiece, Unit};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{FunctionRef, Heap, Object};
use crate::dotnet::inherit;
use crate::dotnet::system::{display, enumerate};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;

/// Runs an instruction of the unit at `slot` of the chain on the registers of a frame.
#[inline(never)]
pub fn make(op: &Op, unit: &Unit, slot: u32, cx: &mut Call<'_>, registers: &mut [Value]) -> Result<(), Fault> {
    let heap = &mut *cx.heap;
    macro_rules! reg {
        ($r:expr) => {
            registers[$r as usize]
        };
    }
    match *op {
        Op::LoadZero { to, ty } => reg!(to) = inherit::zero(heap, unit.types[ty as usize])?,
        Op::Bitwise { op, number, to, a, b } => reg!(to) = numbers::bitwise(op, number, reg!(a), reg!(b)),
        Op::Negate { number, checked, to, a } => reg!(to) = numbers::negate(heap, number, checked, reg!(a))?,
        Op::Complement { number, to, a } => reg!(to) = numbers::complement(number, reg!(a)),
        Op::ConvertNumber { from, target, checked, to, a } => {
            reg!(to) = numbers::convert(heap, from, target, checked, reg!(a))?;
        }
        Op::ConvertEnum { to, a, ty } => {
            let number = reg!(a).integer().unwrap_or_default();
            let ty = unit.types[ty as usize];
            reg!(to) =
                if ty == types::int32() { Value::Int32(number as i32) } else { Value::Enum { ty, value: number } };
        }
        Op::As { to, a, ty } => {
            let value = reg!(a);
            reg!(to) = if inherit::is_instance(heap, value, unit.types[ty as usize]) { value } else { Value::Null };
        }
        Op::Is { to, a, ty } => reg!(to) = Value::Bool(inherit::is_instance(heap, reg!(a), unit.types[ty as usize])),
        Op::NullableValue { to, a } => {
            let value = reg!(a);
            if value.is_null() {
                return Err(Fault::invalid_operation("Nullable object must have a value."));
            }
            reg!(to) = value;
        }
        Op::MakeClosure { to, closure, base: first } => {
            let closure = unit.closures[closure as usize];
            let start = first as usize;
            let captures = registers[start..start + closure.captures as usize].into();
            let function = FunctionRef { unit: slot, function: closure.function };
            heap.charge(closure.captures as usize * size_of::<Value>())?;
            reg!(to) = heap.alloc(Object::Closure { ty: closure.ty, function, captures })?;
        }
        Op::NewCell { to, a } => reg!(to) = heap.alloc(Object::Cell(reg!(a)))?,
        Op::Record { to, base: first, count, ty } => {
            let start = first as usize;
            let fields = &registers[start..start + count as usize];
            reg!(to) = heap.new_record(unit.types[ty as usize], fields)?;
        }
        Op::WithField { to, record, at, a } => {
            let (record, value) = (reg!(record), reg!(a));
            let ty = heap.type_of(record);
            let mut fields = heap.fields(record).unwrap_or_default().to_vec();
            if let Some(field) = fields.get_mut(at as usize) {
                *field = value;
            }
            reg!(to) = heap.new_record(ty, &fields)?;
        }
        Op::NewArray { to, length, ty } => {
            let length = reg!(length).integer().unwrap_or_default();
            reg!(to) = new_array(cx, length, unit.types[ty as usize])?;
        }
        Op::ArrayOf { to, base: first, count, ty } => {
            let start = first as usize;
            let items = &registers[start..start + count as usize];
            let ty = unit.types[ty as usize];
            reg!(to) = if element_of(ty) == types::byte() {
                let bytes = items.iter().map(|v| v.integer().unwrap_or_default() as u8).collect();
                heap.new_bytes(bytes)?
            } else {
                heap.new_array(ty, items.to_vec())?
            };
        }
        Op::ArrayLength { to, a } => {
            let array = reg!(a);
            let length = heap.items(array).map(<[Value]>::len).or_else(|| heap.bytes(array).map(<[u8]>::len));
            reg!(to) = match length {
                Some(length) => Value::Int32(length as i32),
                None => return Err(Fault::null_reference()),
            };
        }
        Op::ArraySet { array, index, a } => {
            let (array, index, value) = (reg!(array), reg!(index).integer().unwrap_or_default(), reg!(a));
            array_set(heap, array, index, value)?;
        }
        Op::Concat { to, base: first, count } => {
            let start = first as usize;
            let parts = &registers[start..start + count as usize];
            reg!(to) = heap.concat(parts)?;
        }
        Op::Interpolate { to, base: first, template } => {
            let pieces = &unit.templates[template as usize];
            cx.returns = types::string();
            reg!(to) = interpolate(cx, slot, pieces, &registers[first as usize..])?;
        }
        Op::StartEach { to, source } => {
            cx.returns = types::object();
            reg!(to) = enumerate::get_enumerator(cx, reg!(source))?;
        }
        _ => unreachable!("the loop has an arm for every other instruction"),
    }
    Ok(())
}

fn element_of(ty: TypeId) -> TypeId {
    ty.arguments().first().copied().unwrap_or_else(types::object)
}

fn new_array(cx: &mut Call<'_>, length: i64, ty: TypeId) -> Result<Value, Fault> {
    let Ok(length) = usize::try_from(length) else {
        return Err(Fault::throw("System.OverflowException", "Arithmetic operation resulted in an overflow."));
    };
    let element = element_of(ty);
    // What no array of .NET may have.
    if length > if element == types::byte() { 0x7FFF_FFC7 } else { 0x7FEF_FFFF } {
        return Err(Fault::throw("System.OutOfMemoryException", "Array dimensions exceeded supported range."));
    }
    cx.charge_fuel(length / 16)?;
    let heap = &mut *cx.heap;
    if element == types::byte() {
        heap.charge(length)?;
        return heap.alloc(Object::Bytes(vec![0; length]));
    }
    heap.charge(length.saturating_mul(size_of::<Value>()))?;
    let zero = inherit::zero(heap, element)?;
    heap.alloc(Object::Array { ty, items: vec![zero; length] })
}

pub fn array_get(heap: &Heap, array: Value, index: i64) -> Result<Value, Fault> {
    let at = usize::try_from(index).unwrap_or(usize::MAX);
    if let Some(items) = heap.items(array) {
        return items.get(at).copied().ok_or_else(Fault::index_of_array);
    }
    match heap.bytes(array) {
        Some(bytes) => bytes.get(at).map(|&b| Value::Byte(b)).ok_or_else(Fault::index_of_array),
        None => Err(Fault::null_reference()),
    }
}

/// What a captured local, or what another reference refers to, holds.
#[inline]
pub fn cell_get(heap: &Heap, cell: Value) -> Result<Value, Fault> {
    let Value::Object(handle) = cell else { return Ok(Value::Null) };
    match heap.get(handle) {
        Object::Cell(value) => Ok(*value),
        &Object::Element { array, index } => array_get(heap, array, i64::from(index)),
        Object::Part { .. } => part_get(heap, cell),
        _ => Ok(Value::Null),
    }
}

pub fn cell_set(heap: &mut Heap, cell: Value, value: Value) -> Result<(), Fault> {
    let Value::Object(handle) = cell else { return Ok(()) };
    match heap.get_mut(handle) {
        &mut Object::Element { array, index } => array_set(heap, array, i64::from(index), value),
        Object::Part { .. } => part_set(heap, cell, value),
        own => {
            *own = Object::Cell(value);
            Ok(())
        }
    }
}

/// What a reference to a field of a tuple refers to.
pub fn part_get(heap: &Heap, reference: Value) -> Result<Value, Fault> {
    let Value::Object(handle) = reference else { return Err(Fault::null_reference()) };
    match heap.get(handle) {
        Object::Cell(value) => Ok(*value),
        &Object::Element { array, index } => array_get(heap, array, i64::from(index)),
        &Object::Part { of, at } => {
            let record = part_get(heap, of)?;
            let fields = heap.fields(record).ok_or_else(Fault::null_reference)?;
            fields.get(at as usize).copied().ok_or_else(Fault::null_reference)
        }
        _ => Err(Fault::null_reference()),
    }
}

/// Stores through a reference to a field of a tuple: the tuple that it stands in is replaced.
pub fn part_set(heap: &mut Heap, reference: Value, value: Value) -> Result<(), Fault> {
    let Value::Object(handle) = reference else { return Err(Fault::null_reference()) };
    match heap.get_mut(handle) {
        Object::Cell(cell) => *cell = value,
        &mut Object::Element { array, index } => array_set(heap, array, i64::from(index), value)?,
        &mut Object::Part { of, at } => {
            let record = part_get(heap, of)?;
            let mut fields = heap.fields(record).ok_or_else(Fault::null_reference)?.to_vec();
            if let Some(field) = fields.get_mut(at as usize) {
                *field = value;
            }
            let changed = heap.new_record(heap.type_of(record), &fields)?;
            part_set(heap, of, changed)?;
        }
        _ => return Err(Fault::null_reference()),
    }
    Ok(())
}

pub fn array_set(heap: &mut Heap, array: Value, index: i64, value: Value) -> Result<(), Fault> {
    let at = usize::try_from(index).unwrap_or(usize::MAX);
    let Value::Object(handle) = array else { return Err(Fault::null_reference()) };
    let element = element_of(heap.type_of(array));
    if !value.is_null() && !inherit::is_value_type(element) && !inherit::is_instance(heap, value, element) {
        return Err(Fault::throw(
            "System.ArrayTypeMismatchException",
            "Attempted to access an element as a type incompatible with the array.",
        ));
    }
    match heap.get_mut(handle) {
        Object::Array { items, .. } | Object::Grid { items, .. } => {
            *items.get_mut(at).ok_or_else(Fault::index_of_array)? = value;
        }
        Object::Bytes(bytes) => {
            *bytes.get_mut(at).ok_or_else(Fault::index_of_array)? = value.integer().unwrap_or_default() as u8
        }
        _ => return Err(Fault::null_reference()),
    }
    Ok(())
}

/// `$"..."`: texts and formatted values.
fn interpolate(cx: &mut Call<'_>, unit: u32, pieces: &[TemplatePiece], holes: &[Value]) -> Result<Value, Fault> {
    let mut parts: smallvec::SmallVec<[Value; 12]> = smallvec::SmallVec::new();
    let mut holes = holes.iter().copied();
    for piece in pieces {
        match piece {
            TemplatePiece::Text(at) => parts.push(Value::Object(Heap::constant_handle(unit, *at))),
            TemplatePiece::Hole { alignment, format } => {
                let value = holes.next().unwrap_or(Value::Null);
                if *alignment == 0 && format.is_none() && (value.is_null() || cx.heap.str(value).is_some()) {
                    parts.push(value);
                    continue;
                }
                if let (Value::Char(unit), 0) = (value, *alignment) {
                    parts.push(cx.heap.new_wide(&[unit])?);
                    continue;
                }
                let text =
                    if value.is_null() { String::new() } else { display::format_value(cx, value, format.as_deref())? };
                let text = pad(text, *alignment);
                parts.push(cx.new_str(&text)?);
            }
            TemplatePiece::Malformed => return Err(Fault::format()),
        }
    }
    cx.heap.concat(&parts)
}

/// Pads to a width in UTF-16 units: right-aligned when positive.
fn pad(text: String, alignment: i32) -> String {
    let width = alignment.unsigned_abs() as usize;
    let len = text.encode_utf16().count();
    if len >= width {
        return text;
    }
    let blanks = " ".repeat(width - len);
    if alignment > 0 { blanks + &text } else { text + &blanks }
}
