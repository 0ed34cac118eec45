//! `GetHashCode` of every value: .NET's own number where .NET gives the same one in each process, ours elsewhere (strings,
//! references, value tuples). Equal values have equal hashes.

use super::display;
use super::enumerate::call_native;
use super::object::utc;
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::Value;

type Result<T> = std::result::Result<T, Fault>;

/// `value.GetHashCode()`; 0 for null.
pub fn hash(cx: &mut Call<'_>, value: Value) -> Result<i32> {
    let handle = match value {
        Value::Null => return Ok(0),
        Value::Bool(v) => return Ok(i32::from(v)),
        Value::Char(v) => return Ok(i32::from(v) | i32::from(v) << 16),
        Value::SByte(v) => return Ok(i32::from(v)),
        Value::Int16(v) => return Ok(i32::from(v)),
        Value::Single(v) => return Ok(single(v)),
        Value::Double(v) => return Ok(double(v)),
        Value::DateTime(v) => return Ok(fold(v.ticks())),
        Value::TimeSpan(v) => return Ok(fold(v)),
        Value::DateTimeOffset { .. } => return Ok(fold(utc(value))),
        Value::Type(ty) => return Ok(fnv(ty.clr_name().bytes().map(u16::from))),
        Value::Host(part) => return Ok(part as i32),
        Value::Int64(v) => return Ok(fold(v)),
        Value::UInt64(v) => return Ok(fold(v as i64)),
        Value::Text { .. } => return text_hash(cx, value),
        Value::Object(handle) => handle,
        _ => {
            let number = value.integer().unwrap_or_default();
            return Ok(fold(number) & i32::MAX | (number as i32));
        }
    };
    match cx.heap.get(handle) {
        Object::Decimal(v) => {
            if v.is_zero() {
                return Ok(0);
            }
            let v = v.normalize();
            let bits = v.mantissa().unsigned_abs();
            let flags = v.scale() << 16 | u32::from(v.is_sign_negative()) << 31;
            Ok((flags ^ (bits >> 64) as u32 ^ (bits >> 32) as u32 ^ bits as u32) as i32)
        }
        Object::Guid(v) => {
            // Four words of a GUID's memory: its first three fields are numbers, of which the bytes stand as they are written.
            let word = |at: [usize; 4]| i32::from_le_bytes(at.map(|at| v[at]));
            Ok(word([3, 2, 1, 0]) ^ word([5, 4, 7, 6]) ^ word([8, 9, 10, 11]) ^ word([12, 13, 14, 15]))
        }
        Object::Record { ty, fields } => {
            let (ty, fields) = (*ty, fields.to_vec());
            cx.heap.enter()?;
            let hashes: Result<Vec<i32>> = fields.iter().map(|field| hash(cx, *field)).collect();
            cx.heap.leave();
            let rest = fields.get(7).map_or(0, |rest| tuple_length(cx, *rest));
            Ok(record(ty, &hashes?, rest))
        }
        Object::Extension { .. } => match display::own_row(cx, value, "GetHashCode", &[]) {
            Some((native, declaring)) => Ok(int(call_native(cx, native, declaring, types::int32(), &[value])?)),
            None => Ok(handle.0 as i32),
        },
        Object::Closure { function, .. } => Ok((function.unit ^ function.function.wrapping_mul(31)) as i32),
        Object::Multicast { list, .. } => Ok(list.len() as i32),
        _ if cx.heap.is_str(value) => text_hash(cx, value),
        _ => Ok(handle.0 as i32),
    }
}

fn fold(v: i64) -> i32 {
    (v as i32) ^ ((v >> 32) as i32)
}

/// All zeros are one, and all that are no number.
fn single(v: f32) -> i32 {
    let v = if v.is_nan() { f32::INFINITY } else { v };
    if v == 0.0 { 0 } else { v.to_bits() as i32 }
}

fn double(v: f64) -> i32 {
    let v = if v.is_nan() { f64::INFINITY } else { v };
    if v == 0.0 { 0 } else { fold(v.to_bits() as i64) }
}

/// The hash of a record by those of its fields; `rest` is how many elements the rest of a tuple has.
fn record(ty: TypeId, fields: &[i32], rest: usize) -> i32 {
    match ty.get() {
        Type::Anonymous(members) => {
            let names = members.iter().fold(0, |all: i32, (name, _)| {
                all.wrapping_mul(ANONYMOUS).wrapping_add(fnv(format!("<{name}>i__Field").encode_utf16()))
            });
            fields.iter().fold(names, |all, field| all.wrapping_mul(ANONYMOUS).wrapping_add(*field))
        }
        Type::Named(def, _) if crate::dotnet::def(*def).name == "System.Tuple" => match fields {
            [_, _, _, _, _, _, _, last] if rest >= 8 => *last,
            [first @ .., last] if first.len() == 7 => {
                // Of the elements before the rest, the last ones: eight in all.
                let own = &first[rest.clamp(1, 7) - 1..];
                pair_up(&[own, &[*last]].concat())
            }
            all => pair_up(all),
        },
        _ => fields.iter().fold(17, |all: i32, field| all.wrapping_mul(31).wrapping_add(*field)),
    }
}

/// What the compiler multiplies by in the anonymous types that it writes.
const ANONYMOUS: i32 = -1_521_134_295;

/// The hash of up to eight: halves of four, quarters of two.
fn pair_up(all: &[i32]) -> i32 {
    let cut = match all {
        [] => return 0,
        [one] => return *one,
        [_, _] => 1,
        [_, _, _] | [_, _, _, _] => 2,
        _ => 4,
    };
    let (a, b) = (pair_up(&all[..cut]), pair_up(&all[cut..]));
    (a << 5).wrapping_add(a) ^ b
}

/// How many elements a `System.Tuple` has, those of its rest included.
fn tuple_length(cx: &Call<'_>, tuple: Value) -> usize {
    let (mut length, mut at) = (0, tuple);
    while let Some(fields) = cx.heap.fields(at) {
        match fields {
            [_, _, _, _, _, _, _, rest] => {
                length += 7;
                at = *rest;
            }
            last => return length + last.len(),
        }
    }
    length
}

fn text_hash(cx: &mut Call<'_>, text: Value) -> Result<i32> {
    let Some(text) = cx.heap.str(text) else { return Ok(0) };
    let (hash, len) = (fnv(text.units()), text.len());
    cx.charge_fuel(len / 16)?;
    Ok(hash)
}

/// A hash of UTF-16 units (FNV-1a).
pub fn fnv(units: impl Iterator<Item = u16>) -> i32 {
    units.fold(0x811c_9dc5u32, |hash, unit| (hash ^ u32::from(unit)).wrapping_mul(0x0100_0193)) as i32
}
