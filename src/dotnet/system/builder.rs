//! `System.Text.StringBuilder`: text that changes.
//!
//! In: anything that has text. Out: the text. Its units are charged as they grow.

use super::object::to_str;
use super::string::search::chars;
use super::string::{build, composite};
use crate::dotnet::call::{Call, char as unit, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{Heap, Str};
use crate::dotnet::member::{Kind, Native, Row, TypeDef, constructor, indexer_set, method, property, property_set};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use smallvec::SmallVec;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static STRING_BUILDER: TypeDef =
    TypeDef::new("System.Text.StringBuilder", Kind::Class, &[MAKING, APPENDING, INSERTING, MEMBERS]);

/// The text so far.
#[derive(Debug, Default)]
struct Builder {
    units: Vec<u16>,
    capacity: usize,
    most: usize,
}

fn copy_to(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let room = cx.heap.items(a[2]).ok_or_else(|| Fault::argument_null("destination"))?.len();
    let units = &cx.this::<Builder>(a[0])?.units;
    let count =
        usize::try_from(int(a[4])).map_err(|_| Fault::out_of_range("Argument count must not be negative.", "count"))?;
    let outside = |name| {
        let message = "Index was out of range. Must be non-negative and less than the size of the collection.";
        Fault::out_of_range(message, name)
    };
    let to = usize::try_from(int(a[3])).map_err(|_| outside("destinationIndex"))?;
    if to > room || count > room - to {
        let message = "Either offset did not refer to a position in the string, or there is an insufficient length of destination character array.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    let from = usize::try_from(int(a[1])).ok().filter(|&at| at <= units.len()).ok_or_else(|| outside("sourceIndex"))?;
    let Some(part) = units.get(from..from + count) else {
        let message = "Source string was not long enough. Check sourceIndex and count.";
        return Err(Fault::throw("System.ArgumentException", message));
    };
    let part: Vec<Value> = part.iter().map(|&unit| Value::Char(unit)).collect();
    super::collections::array::write(cx, a[2], to as i64, &part)?;
    Ok(Value::Null)
}

/// Whether a value is a builder.
pub(super) fn is_builder(cx: &Call<'_>, value: Value) -> bool {
    cx.heap.extension::<Builder>(value).is_some()
}

const MAKING: &[Row] = &[
    constructor("StringBuilder()", new),
    constructor("StringBuilder(int capacity)", new),
    constructor("StringBuilder(string value)", new),
    constructor("StringBuilder(string value, int capacity)", new),
    constructor("StringBuilder(string value, int startIndex, int length, int capacity)", new),
    constructor("StringBuilder(int capacity, int maxCapacity)", new),
];

pub(super) fn new(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let text = a.first().copied().filter(|&v| cx.heap.str(v).is_some());
    if a.len() == 4 && int(a[3]) < 0 {
        return Err(Fault::out_of_range("'capacity' must be greater than zero.", "capacity"));
    }
    let text = match a {
        [_, start, length, _] => {
            let negative = |what: &str, name| Fault::out_of_range(&format!("{what} must be non-negative."), name);
            let count = usize::try_from(int(*length)).map_err(|_| negative("'length'", "length"))?;
            let start = usize::try_from(int(*start))
                .map_err(|_| Fault::out_of_range("StartIndex cannot be less than zero.", "startIndex"))?;
            let len = text.and_then(|t| cx.heap.str(t)).map_or(0, Str::len);
            if start.saturating_add(count) > len {
                let message = "Index and length must refer to a location within the string.";
                return Err(Fault::out_of_range(message, "length"));
            }
            match text {
                Some(text) => Some(cx.heap.substring(text, start, count)?),
                None => None,
            }
        }
        _ => text,
    };
    let mut numbers = a.iter().filter_map(|v| if let Value::Int32(n) = v { Some(*n) } else { None });
    let capacity = if a.len() == 4 { int(a[3]) } else { numbers.next().unwrap_or(0) };
    let most = if text.is_none() && a.len() == 2 { numbers.next().unwrap_or(i32::MAX) } else { i32::MAX };
    let wrong = |message: &str, name| Fault::out_of_range(message, name);
    if capacity > most {
        return Err(wrong("Capacity exceeds maximum capacity.", "capacity"));
    }
    let most = usize::try_from(most).ok().filter(|&m| m > 0);
    let most = most.ok_or_else(|| wrong("MaxCapacity must be one or greater.", "maxCapacity"))?;
    let capacity = usize::try_from(capacity).map_err(|_| wrong("'capacity' must be greater than zero.", "capacity"))?;
    no_room(capacity)?;
    let capacity = if capacity == 0 { 16.min(most) } else { capacity };
    // Room for a line of text: what it holds is charged as it grows.
    let builder = Builder { units: Vec::with_capacity(64), capacity, most };
    let made = cx.heap.new_extension(TypeId::named("System.Text.StringBuilder"), builder)?;
    if let Some(text) = text {
        append_text(cx.heap, made, text)?;
    }
    Ok(made)
}

/// An array of the runtime holds fewer characters than an `int` counts.
fn no_room(capacity: usize) -> Result<()> {
    if capacity > 0x7FFF_FFC7 - 32 || capacity > 0x3FFF_FFDF {
        return Err(Fault::throw("System.OutOfMemoryException", "Array dimensions exceeded supported range."));
    }
    Ok(())
}

/// Appends a string; null appends nothing.
fn append_text(heap: &mut Heap, this: Value, text: Value) -> Result {
    let Some(len) = heap.str(text).map(Str::len) else {
        builder(heap, this)?;
        return Ok(this);
    };
    heap.spend(len as u64 / 16)?;
    grow(heap, this, len)?;
    if let Some((text, builder)) = heap.text_beside::<Builder>(text, this) {
        match text {
            Str::Ascii(text) => builder.units.extend(text.as_bytes().iter().map(|&byte| u16::from(byte))),
            Str::Wide(units) => builder.units.extend_from_slice(units),
        }
    }
    Ok(this)
}

#[inline]
fn builder(heap: &mut Heap, this: Value) -> Result<&mut Builder> {
    heap.extension_mut(this).ok_or_else(Fault::null_reference)
}

/// Makes sure that so many units more may be appended, and charges them.
fn grow(heap: &mut Heap, this: Value, more: usize) -> Result<()> {
    heap.charge(more * 2)?;
    let builder = builder(heap, this)?;
    let (len, room) = (builder.units.len(), builder.units.capacity());
    if more > builder.most - len {
        let message = "The length cannot be greater than the capacity.";
        return Err(Fault::out_of_range(message, "valueCount"));
    }
    let len = len + more;
    while builder.capacity < len {
        builder.capacity = (builder.capacity * 2).max(len);
    }
    if len > room && room.max(more) > 1 << 12 {
        heap.room(2 * (2 * room).max(len))?;
    }
    Ok(())
}

fn append_units(heap: &mut Heap, this: Value, units: &[u16]) -> Result {
    let own = builder(heap, this)?;
    let len = own.units.len() + units.len();
    if len <= own.units.capacity() && len <= own.capacity {
        // So few that copying them as a block takes longer.
        for unit in units {
            own.units.push(*unit);
        }
        heap.charge(units.len() * 2)?;
        return Ok(this);
    }
    grow(heap, this, units.len())?;
    builder(heap, this)?.units.extend_from_slice(units);
    Ok(this)
}

/// The most digits of an `int`, and its sign.
const MOST_DIGITS: usize = 11;

/// Appends the decimal text of a number.
fn append_int(heap: &mut Heap, this: Value, number: i32) -> Result {
    let own = builder(heap, this)?;
    let start = own.units.len();
    if start + MOST_DIGITS > own.units.capacity().min(own.capacity) {
        return append_units(heap, this, &digits(number));
    }
    match number {
        0..10 => own.units.push(digit(number as u32)),
        10..100 => {
            own.units.push(digit(number as u32 / 10));
            own.units.push(digit(number as u32 % 10));
        }
        _ => own.units.extend_from_slice(&digits(number)),
    }
    let len = own.units.len() - start;
    heap.charge(len * 2)?;
    Ok(this)
}

fn digit(digit: u32) -> u16 {
    u16::from(b'0') + digit as u16
}

fn digits(number: i32) -> SmallVec<[u16; MOST_DIGITS]> {
    let mut units = SmallVec::new();
    let mut left = number.unsigned_abs();
    loop {
        units.push(digit(left % 10));
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if number < 0 {
        units.push(u16::from(b'-'));
    }
    units.reverse();
    units
}

/// The text of a value that is appended or inserted: a `char[]` is its characters.
fn text_of(cx: &mut Call<'_>, value: Value) -> Result {
    match chars(cx, value) {
        Some(units) if cx.heap.type_of(value) == TypeId::array(crate::dotnet::types::char()) => {
            cx.heap.new_wide(&units)
        }
        _ => to_str(cx, value),
    }
}

pub(super) const APPEND: Native = |cx, a| {
    if matches!(a[1], Value::Char(_) | Value::Int32(_)) {
        return append_plain(cx.heap, &a[0], &a[1]);
    }
    builder(cx.heap, a[0])?;
    let text = text_of(cx, a[1])?;
    append_text(cx.heap, a[0], text)
};

/// `Append` of a string, a character or an `int`.
fn append_plain(heap: &mut Heap, this: &Value, value: &Value) -> Result {
    match *value {
        Value::Char(unit) => {
            let builder = builder(heap, *this)?;
            let len = builder.units.len();
            if len < builder.units.capacity() && len < builder.capacity {
                builder.units.push(unit);
                heap.charge(2)?;
                return Ok(*this);
            }
            append_units(heap, *this, &[unit])
        }
        Value::Int32(number) => append_int(heap, *this, number),
        text => append_text(heap, *this, text),
    }
}

/// `Append(value, startIndex, count)` of a string, `char[]` or builder.
pub(super) const APPEND_PART: Native = |cx, a| {
    let (start, count) = (int(a[2]), int(a[3]));
    if a[1].is_null() {
        return if start == 0 && count == 0 { Ok(a[0]) } else { Err(Fault::argument_null("value")) };
    }
    let text = text_of(cx, a[1])?;
    let len = cx.heap.str(text).map_or(0, Str::len);
    let is_array = chars(cx, a[1]).is_some();
    let positive = |name| Fault::out_of_range("Value must be positive.", name);
    let outside = |name| if is_array { positive(name) } else { Fault::index(name) };
    let start = usize::try_from(start).map_err(|_| outside("startIndex"))?;
    let count = usize::try_from(count).map_err(|_| positive(if is_array { "charCount" } else { "count" }))?;
    if count == 0 && !is_array {
        return Ok(a[0]);
    }
    if start > len || count > len - start {
        return Err(Fault::index(if is_array { "charCount" } else { "startIndex" }));
    }
    let part = cx.heap.substring(text, start, count)?;
    append_text(cx.heap, a[0], part)
};

pub(super) const FORMAT: Native = |cx, a| {
    let text = composite::format(cx, &a[1..])?;
    append_text(cx.heap, a[0], text)
};
pub(super) const FORMAT_ARRAY: Native = |cx, a| {
    let text = composite::format_array(cx, &a[1..])?;
    append_text(cx.heap, a[0], text)
};
const FORMAT_CULTURE: Native = |cx, a| {
    let text = composite::format(cx, &a[2..])?;
    append_text(cx.heap, a[0], text)
};
const FORMAT_CULTURE_ARRAY: Native = |cx, a| {
    let text = composite::format_array(cx, &a[2..])?;
    append_text(cx.heap, a[0], text)
};
const JOIN: Native = |cx, a| {
    let text = build::join(cx, &a[1..])?;
    append_text(cx.heap, a[0], text)
};

macro_rules! append_rows {
    ($($ty:literal $($light:ident)?),*) => {
        &[
            $(method(concat!("StringBuilder Append(", $ty, " value)"), APPEND)$(.$light(append_plain))?,)*
            method("StringBuilder Append(char value, int repeatCount)", |cx, a| {
                let count = usize::try_from(int(a[2])).map_err(|_| Fault::out_of_range("Count cannot be less than zero.", "repeatCount"))?;
                let builder = cx.this::<Builder>(a[0])?;
                if count > builder.most - builder.units.len() {
                    return Err(Fault::out_of_range("The length cannot be greater than the capacity.", "repeatCount"));
                }
                let text = build::repeat(cx, unit(a[1]), count)?;
                append_text(cx.heap, a[0], text)
            }),
            method("StringBuilder Append(char[] value, int startIndex, int charCount)", APPEND_PART),
            method("StringBuilder Append(string value, int startIndex, int count)", APPEND_PART),
            method("StringBuilder Append(StringBuilder value, int startIndex, int count)", APPEND_PART),
            method("StringBuilder AppendFormat(string format, object arg0)", FORMAT),
            method("StringBuilder AppendFormat(string format, object arg0, object arg1)", FORMAT),
            method("StringBuilder AppendFormat(string format, object arg0, object arg1, object arg2)", FORMAT),
            method("StringBuilder AppendFormat(string format, params object[] args)", FORMAT_ARRAY),
            method("StringBuilder AppendFormat(IFormatProvider provider, string format, object arg0)", FORMAT_CULTURE),
            method("StringBuilder AppendFormat(IFormatProvider provider, string format, object arg0, object arg1)", FORMAT_CULTURE),
            method("StringBuilder AppendFormat(IFormatProvider provider, string format, object arg0, object arg1, object arg2)", FORMAT_CULTURE),
            method("StringBuilder AppendFormat(IFormatProvider provider, string format, params object[] args)", FORMAT_CULTURE_ARRAY),
            method("StringBuilder AppendJoin(string separator, params object[] values)", JOIN),
            method("StringBuilder AppendJoin<T>(string separator, IEnumerable<T> values)", JOIN),
            method("StringBuilder AppendJoin(string separator, params string[] values)", JOIN),
            method("StringBuilder AppendJoin(char separator, params object[] values)", JOIN),
            method("StringBuilder AppendJoin<T>(char separator, IEnumerable<T> values)", JOIN),
            method("StringBuilder AppendJoin(char separator, params string[] values)", JOIN),
            method("StringBuilder AppendLine()", |cx, a| append_units(cx.heap, a[0], &[10])),
            method("StringBuilder AppendLine(string value)", |cx, a| {
                append_text(cx.heap, a[0], a[1])?;
                append_units(cx.heap, a[0], &[10])
            }),
        ]
    };
}

const APPENDING: &[Row] = append_rows!(
    "string" light,
    "StringBuilder",
    "bool",
    "char" light,
    "sbyte",
    "byte",
    "short",
    "int" light,
    "long",
    "float",
    "double",
    "decimal",
    "ushort",
    "uint",
    "ulong",
    "object",
    "char[]"
);

macro_rules! insert_rows {
    ($($ty:literal),*) => {
        &[
            $(method(concat!("StringBuilder Insert(int index, ", $ty, " value)"), |cx, a| {
                let text = text_of(cx, a[2])?;
                insert(cx, a[0], a[1], text, 1)
            }),)*
            method("StringBuilder Insert(int index, string value, int count)", |cx, a| {
                let count = usize::try_from(int(a[3])).map_err(|_| Fault::out_of_range("Non-negative number required.", "count"))?;
                insert(cx, a[0], a[1], a[2], count)
            }),
            method("StringBuilder Insert(int index, char[] value, int startIndex, int charCount)", |cx, a| {
                let len = cx.this::<Builder>(a[0])?.units.len();
                if usize::try_from(int(a[1])).is_ok_and(|at| at <= len) && !a[2].is_null() {
                    let negative = |name| Fault::out_of_range("Value must be positive.", name);
                    let start = usize::try_from(int(a[3])).map_err(|_| Fault::out_of_range("StartIndex cannot be less than zero.", "startIndex"))?;
                    let count = usize::try_from(int(a[4])).map_err(|_| negative("charCount"))?;
                    let room = cx.heap.items(a[2]).map_or(0, <[Value]>::len);
                    if start > room || count > room - start {
                        return Err(Fault::index("startIndex"));
                    }
                    let text = text_of(cx, a[2])?;
                    let part = cx.heap.substring(text, start, count)?;
                    return insert(cx, a[0], a[1], part, 1);
                }
                if a[2].is_null() && int(a[3]) == 0 && int(a[4]) == 0 {
                    return insert(cx, a[0], a[1], Value::Null, 1);
                }
                if usize::try_from(int(a[1])).is_ok_and(|at| at <= len) {
                    return Err(Fault::throw("System.ArgumentNullException", "String reference not set to an instance of a String. (Parameter 'value')"));
                }
                Err(Fault::index("index"))
            }),
        ]
    };
}

const INSERTING: &[Row] = insert_rows!(
    "ulong", "object", "string", "bool", "sbyte", "byte", "short", "char", "char[]", "int", "long", "float", "double",
    "decimal", "ushort", "uint"
);

fn insert(cx: &mut Call<'_>, this: Value, index: Value, text: Value, count: usize) -> Result {
    let len = cx.this::<Builder>(this)?.units.len();
    let at = usize::try_from(int(index)).ok().filter(|&at| at <= len).ok_or_else(|| Fault::index("index"))?;
    let units = cx.heap.str(text).map(Str::to_wide).unwrap_or_default();
    let growth = units.len().saturating_mul(count);
    let most = cx.this::<Builder>(this)?.most;
    if growth > most - len {
        return Err(Fault::throw(
            "System.OutOfMemoryException",
            "Insufficient memory to continue the execution of the program.",
        ));
    }
    cx.charge_fuel((growth + len - at) / 16)?;
    cx.heap.charge(growth.saturating_mul(2))?;
    let units = units.repeat(count);
    let builder = cx.this_mut::<Builder>(this)?;
    builder.units.splice(at..at, units);
    builder.capacity = builder.capacity.max(builder.units.len());
    Ok(this)
}

const MEMBERS: &[Row] = &[
    property_set(
        "int Capacity { get; set; }",
        |cx, a| Ok(Value::Int32(cx.this::<Builder>(a[0])?.capacity as i32)),
        |cx, a| {
            let builder = cx.this_mut::<Builder>(a[0])?;
            match usize::try_from(int(a[1])) {
                Ok(capacity) if capacity >= builder.units.len() => builder.capacity = capacity,
                Ok(_) => return Err(Fault::out_of_range("capacity was less than the current size.", "value")),
                Err(_) => return Err(Fault::out_of_range("Capacity must be positive.", "value")),
            }
            Ok(Value::Null)
        },
    ),
    indexer_set(
        "char this[int index] { get; set; }",
        |cx, a| {
            let at = usize::try_from(int(a[1])).unwrap_or(usize::MAX);
            cx.this::<Builder>(a[0])?.units.get(at).map(|&u| Value::Char(u)).ok_or_else(Fault::index_of_array)
        },
        |cx, a| {
            let at = usize::try_from(int(a[1])).unwrap_or(usize::MAX);
            match cx.this_mut::<Builder>(a[0])?.units.get_mut(at) {
                Some(place) => *place = unit(a[2]),
                None => return Err(Fault::index("index")),
            }
            Ok(Value::Null)
        },
    ),
    method("StringBuilder Clear()", |cx, a| {
        cx.this_mut::<Builder>(a[0])?.units.clear();
        Ok(a[0])
    }),
    method("void CopyTo(int sourceIndex, char[] destination, int destinationIndex, int count)", copy_to),
    method("int EnsureCapacity(int capacity)", |cx, a| {
        let wanted =
            usize::try_from(int(a[1])).map_err(|_| Fault::out_of_range("Capacity must be positive.", "capacity"))?;
        if wanted > cx.this::<Builder>(a[0])?.most {
            return Err(Fault::out_of_range("Capacity exceeds maximum capacity.", "value"));
        }
        no_room(wanted)?;
        let builder = cx.this_mut::<Builder>(a[0])?;
        builder.capacity = builder.capacity.max(wanted);
        Ok(Value::Int32(builder.capacity as i32))
    }),
    method("bool Equals(StringBuilder sb)", |cx, a| {
        let units = &cx.this::<Builder>(a[0])?.units;
        let equal = cx.heap.extension::<Builder>(a[1]).is_some_and(|other| other.units == *units);
        let len = units.len();
        cx.charge_fuel(len / 16)?;
        Ok(Value::Bool(equal))
    }),
    method("StringBuilder.ChunkEnumerator GetChunks()", |cx, a| {
        let text = text(cx, &a[..1])?;
        super::string::runes::chunks(cx, text)
    }),
    property_set(
        "int Length { get; set; }",
        |cx, a| Ok(Value::Int32(cx.this::<Builder>(a[0])?.units.len() as i32)),
        |cx, a| {
            let len = usize::try_from(int(a[1]))
                .map_err(|_| Fault::out_of_range("Length cannot be less than zero.", "value"))?;
            let own = cx.this::<Builder>(a[0])?.units.len();
            cx.heap.charge(len.saturating_sub(own) * 2)?;
            cx.this_mut::<Builder>(a[0])?.units.resize(len, 0);
            Ok(Value::Null)
        },
    ),
    property("int MaxCapacity { get; }", |cx, a| Ok(Value::Int32(cx.this::<Builder>(a[0])?.most as i32))),
    method("StringBuilder Remove(int startIndex, int length)", |cx, a| {
        let len = cx.this::<Builder>(a[0])?.units.len();
        let count = usize::try_from(int(a[2]))
            .map_err(|_| Fault::out_of_range("Length cannot be less than zero.", "length"))?;
        let start = usize::try_from(int(a[1]))
            .map_err(|_| Fault::out_of_range("StartIndex cannot be less than zero.", "startIndex"))?;
        if start > len || count > len - start {
            return Err(Fault::index("length"));
        }
        cx.charge_fuel((len - start) / 16)?;
        cx.this_mut::<Builder>(a[0])?.units.drain(start..start + count);
        Ok(a[0])
    }),
    method("StringBuilder Replace(string oldValue, string newValue)", replace),
    method("StringBuilder Replace(string oldValue, string newValue, int startIndex, int count)", replace),
    method("StringBuilder Replace(char oldChar, char newChar)", replace),
    method("StringBuilder Replace(char oldChar, char newChar, int startIndex, int count)", replace),
    method("string ToString()", text),
    method("string ToString(int startIndex, int length)", |cx, a| {
        let whole = text(cx, &a[..1])?;
        build::substring(cx, &[whole, a[1], a[2]])
    }),
];

pub(super) fn text(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let len = cx.this::<Builder>(a[0])?.units.len();
    cx.charge_fuel(len / 16)?;
    let units = std::mem::take(&mut cx.this_mut::<Builder>(a[0])?.units);
    let text = cx.heap.new_wide(&units);
    cx.this_mut::<Builder>(a[0])?.units = units;
    text
}

fn replace(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let units = cx.this::<Builder>(a[0])?.units.clone();
    let (start, count) = match (a.get(3), a.get(4)) {
        (Some(&start), Some(&count)) => {
            let start = usize::try_from(int(start))
                .ok()
                .filter(|&s| s <= units.len())
                .ok_or_else(|| Fault::index("startIndex"))?;
            let count = usize::try_from(int(count))
                .ok()
                .filter(|&c| c <= units.len() - start)
                .ok_or_else(|| Fault::index("count"))?;
            (start, count)
        }
        _ => (0, units.len()),
    };
    if cx.heap.str(a[1]).is_some_and(|old| old.is_empty()) {
        return Err(Fault::argument("Empty name is not legal.", "oldValue"));
    }
    let part = cx.heap.new_wide(&units[start..start + count])?;
    let made = match a[1] {
        Value::Char(_) => build::replace_char(cx, &[part, a[1], a[2]])?,
        _ => build::replace(cx, &[part, a[1], a[2]])?,
    };
    let made = cx.heap.str(made).map(Str::to_wide).unwrap_or_default();
    cx.heap.charge(made.len().saturating_sub(count) * 2)?;
    cx.this_mut::<Builder>(a[0])?.units.splice(start..start + count, made);
    Ok(a[0])
}
