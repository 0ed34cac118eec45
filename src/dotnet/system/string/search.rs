//! Finding and comparing text: ordinal by units, or as the invariant culture does.

use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Str;
use crate::dotnet::system::format::collate;
use crate::dotnet::system::format::unicode::to_upper;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// How texts are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Culture { ignore_case: bool },
    Ordinal,
    OrdinalIgnoreCase,
}

/// A `StringComparison`.
pub fn comparison(value: Value) -> Result<How> {
    Ok(match value.integer() {
        Some(0 | 2) => How::Culture { ignore_case: false },
        Some(1 | 3) => How::Culture { ignore_case: true },
        Some(4) => How::Ordinal,
        Some(5) => How::OrdinalIgnoreCase,
        _ => {
            let message = "The string comparison type passed in is currently not supported.";
            return Err(Fault::argument(message, "comparisonType"));
        }
    })
}

/// `CompareOptions` as far as they go.
fn options(value: i64) -> How {
    match value {
        0x4000_0000 => How::Ordinal,
        0x1000_0000 => How::OrdinalIgnoreCase,
        bits => How::Culture { ignore_case: bits & 1 != 0 },
    }
}

/// What follows the texts in a call: numbers (start, count), and how to compare.
pub struct Extras {
    pub numbers: Vec<i32>,
    pub how: How,
}

/// Reads optional arguments by what they are; a culture says nothing, as there is one only.
pub fn extras(a: &[Value], default: How) -> Result<Extras> {
    let mut found = Extras { numbers: Vec::new(), how: default };
    for &value in a {
        match value {
            Value::Int32(number) => found.numbers.push(number),
            Value::Bool(ignore_case) => found.how = How::Culture { ignore_case },
            Value::Enum { ty, value: bits } => {
                let is_options = ty.def().is_some_and(|def| def.name.ends_with("CompareOptions"));
                found.how = if is_options { options(bits) } else { comparison(value)? };
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Part of a text.
pub fn slice(text: Str<'_>, start: usize, len: usize) -> Str<'_> {
    match text {
        Str::Ascii(text) => Str::Ascii(&text[start..start + len]),
        Str::Wide(units) => Str::Wide(&units[start..start + len]),
    }
}

/// Plain text: the culture's rules and the ordinal ones agree on it.
fn is_plain(text: Str<'_>) -> bool {
    matches!(text, Str::Ascii(text) if text.bytes().all(|b| (0x20..0x7F).contains(&b)))
}

/// The order of two texts: negative, zero, positive.
pub fn compare(a: Str<'_>, b: Str<'_>, how: How) -> i32 {
    match how {
        How::Culture { ignore_case } => collate::compare(a, b, ignore_case) as i32,
        How::Ordinal => difference(a, b, |u| u),
        How::OrdinalIgnoreCase => difference(a, b, to_upper),
    }
}

fn difference(a: Str<'_>, b: Str<'_>, map: fn(u16) -> u16) -> i32 {
    let different = a.units().zip(b.units()).map(|(a, b)| (map(a), map(b))).find(|(a, b)| a != b);
    different.map_or(a.len() as i32 - b.len() as i32, |(a, b)| i32::from(a) - i32::from(b))
}

/// Whether two texts are equal.
pub fn equal(a: Str<'_>, b: Str<'_>, how: How) -> bool {
    match how {
        How::Ordinal => a.eq_ordinal(b),
        How::OrdinalIgnoreCase => a.len() == b.len() && difference(a, b, to_upper) == 0,
        How::Culture { ignore_case } if is_plain(a) && is_plain(b) => {
            equal(a, b, if ignore_case { How::OrdinalIgnoreCase } else { How::Ordinal })
        }
        How::Culture { ignore_case } => collate::equal(a, b, ignore_case),
    }
}

/// Null-aware order: null comes first.
pub fn compare_values(cx: &mut Call<'_>, a: Value, b: Value, how: How) -> Result<i32> {
    let units = cx.heap.str(a).map_or(0, Str::len).min(cx.heap.str(b).map_or(0, Str::len));
    cx.charge_fuel(units / 8)?;
    Ok(match (cx.heap.str(a), cx.heap.str(b)) {
        (Some(a), Some(b)) => compare(a, b, how),
        (a, b) => a.is_some().cmp(&b.is_some()) as i32,
    })
}

/// Null-aware equality.
pub fn equal_values(cx: &mut Call<'_>, a: Value, b: Value, how: How) -> Result<bool> {
    let units = cx.heap.str(a).map_or(0, Str::len).min(cx.heap.str(b).map_or(0, Str::len));
    cx.charge_fuel(units / 16)?;
    Ok(match (cx.heap.str(a), cx.heap.str(b)) {
        (Some(a), Some(b)) => equal(a, b, how),
        (a, b) => a.is_none() && b.is_none(),
    })
}

/// Where `wanted` first (or last) occurs: position and length.
pub fn find(text: Str<'_>, wanted: Str<'_>, how: How, last: bool) -> Option<(usize, usize)> {
    match (text, wanted, how) {
        (_, _, How::Culture { ignore_case }) => {
            if is_plain(text) && is_plain(wanted) {
                return find(text, wanted, if ignore_case { How::OrdinalIgnoreCase } else { How::Ordinal }, last);
            }
            collate::find(text, wanted, ignore_case, last)
        }
        (Str::Ascii(text), Str::Ascii(wanted), How::Ordinal) => {
            let at = if last { text.rfind(wanted) } else { text.find(wanted) };
            at.map(|at| (at, wanted.len()))
        }
        _ => {
            let count = (text.len() + 1).checked_sub(wanted.len())?;
            let map = if how == How::Ordinal { |u| u } else { to_upper };
            let matches = |at: &usize| (0..wanted.len()).all(|n| map(text.unit(at + n)) == map(wanted.unit(n)));
            let at = if last { (0..count).rev().find(matches) } else { (0..count).find(matches) };
            at.map(|at| (at, wanted.len()))
        }
    }
}

/// The work of looking for one text in another.
fn search_cost(text: Str<'_>, wanted: Str<'_>, how: How) -> usize {
    match how {
        How::Ordinal => text.len() / 16 + wanted.len() / 16,
        _ => (text.len() / 4).saturating_mul(1 + wanted.len() / 16),
    }
}

pub fn index_error(parameter: &str) -> Fault {
    Fault::index(parameter)
}

fn count_error() -> Fault {
    let message = "Count must be positive and count must refer to a location within the string/array/collection.";
    Fault::out_of_range(message, "count")
}

/// `IndexOf(string value, ...)`.
pub fn index_of(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let extras = extras(&a[2..], How::Culture { ignore_case: false })?;
    let (text, wanted) = (cx.this_str(a[0])?, cx.str(a[1], "value")?);
    let (start, count) = forward_range(text.len(), &extras.numbers)?;
    let found = find(slice(text, start, count), wanted, extras.how, false);
    let cost = search_cost(slice(text, start, count), wanted, extras.how);
    cx.charge_fuel(cost)?;
    Ok(Value::Int32(found.map_or(-1, |(at, _)| (start + at) as i32)))
}

fn forward_range(len: usize, numbers: &[i32]) -> Result<(usize, usize)> {
    let start = numbers.first().copied().unwrap_or(0);
    let start = usize::try_from(start).ok().filter(|&s| s <= len).ok_or_else(|| index_error("startIndex"))?;
    let count = match numbers.get(1) {
        None => len - start,
        Some(&count) => usize::try_from(count).ok().filter(|&c| c <= len - start).ok_or_else(count_error)?,
    };
    Ok((start, count))
}

/// `LastIndexOf(string value, ...)`.
pub fn last_index_of(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let extras = extras(&a[2..], How::Culture { ignore_case: false })?;
    let (text, wanted) = (cx.this_str(a[0])?, cx.str(a[1], "value")?);
    let len = text.len() as i32;
    let mut start = extras.numbers.first().copied().unwrap_or(len - 1);
    let mut count = extras.numbers.get(1).copied().unwrap_or(start + 1);
    if len == 0 && (start == -1 || start == 0) {
        return Ok(Value::Int32(if wanted.is_empty() { 0 } else { -1 }));
    }
    if start < 0 || start > len {
        return Err(index_error("startIndex"));
    }
    if start == len {
        start -= 1;
        count -= i32::from(count > 0);
        if wanted.is_empty() && count >= 0 && start - count + 1 >= 0 {
            return Ok(Value::Int32(start));
        }
    }
    if count < 0 || start - count + 1 < 0 {
        return Err(count_error());
    }
    if wanted.is_empty() {
        return Ok(Value::Int32(start));
    }
    let from = (start - count + 1) as usize;
    let region = slice(text, from, count as usize);
    let found = find(region, wanted, extras.how, true);
    let cost = search_cost(region, wanted, extras.how);
    cx.charge_fuel(cost)?;
    Ok(Value::Int32(found.map_or(-1, |(at, _)| (from + at) as i32)))
}

/// `IndexOf(char value, ...)`.
pub fn index_of_char(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let extras = extras(&a[2..], How::Ordinal)?;
    let text = cx.this_str(a[0])?;
    let (start, count) = forward_range(text.len(), &extras.numbers)?;
    let wanted = [crate::dotnet::call::char(a[1])];
    let found = find(slice(text, start, count), Str::Wide(&wanted), extras.how, false);
    cx.charge_fuel(count / 16)?;
    Ok(Value::Int32(found.map_or(-1, |(at, _)| (start + at) as i32)))
}

/// The region that `LastIndexOf(char)` and `LastIndexOfAny` look at: its start and length; `None` in an empty text.
fn backward_range(len: usize, numbers: &[i32]) -> Result<Option<(usize, usize)>> {
    if len == 0 {
        return Ok(None);
    }
    let start = numbers.first().copied().unwrap_or(len as i32 - 1);
    let start = usize::try_from(start).ok().filter(|&s| s < len).ok_or_else(|| index_error("startIndex"))?;
    let count = match numbers.get(1) {
        None => start + 1,
        Some(&count) => usize::try_from(count).ok().filter(|&c| c <= start + 1).ok_or_else(count_error)?,
    };
    Ok(Some((start + 1 - count, count)))
}

/// `LastIndexOf(char value, ...)`.
pub fn last_index_of_char(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = crate::dotnet::call::char(a[1]);
    last_by(cx, a, move |unit| unit == wanted)
}

fn last_by(cx: &mut Call<'_>, a: &[Value], test: impl Fn(u16) -> bool) -> Result {
    let numbers: Vec<i32> = a[2..].iter().map(|&v| int(v)).collect();
    let text = cx.this_str(a[0])?;
    let Some((from, count)) = backward_range(text.len(), &numbers)? else { return Ok(Value::Int32(-1)) };
    let found = (from..from + count).rev().find(|&at| test(text.unit(at)));
    cx.charge_fuel(count / 16)?;
    Ok(Value::Int32(found.map_or(-1, |at| at as i32)))
}

/// The units of a `char[]` argument.
pub fn chars(cx: &Call<'_>, value: Value) -> Option<Vec<u16>> {
    cx.heap.items(value).map(|items| items.iter().map(|&v| crate::dotnet::call::char(v)).collect())
}

/// `IndexOfAny(char[] anyOf, ...)`.
pub fn index_of_any(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = chars(cx, a[1]).ok_or_else(|| Fault::argument_null("anyOf"))?;
    let numbers: Vec<i32> = a[2..].iter().map(|&v| int(v)).collect();
    let text = cx.this_str(a[0])?;
    let (start, count) = forward_range(text.len(), &numbers)?;
    let found = (start..start + count).find(|&at| wanted.contains(&text.unit(at)));
    cx.charge_fuel(count / 16 * (1 + wanted.len()))?;
    Ok(Value::Int32(found.map_or(-1, |at| at as i32)))
}

/// `LastIndexOfAny(char[] anyOf, ...)`.
pub fn last_index_of_any(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = chars(cx, a[1]).ok_or_else(|| Fault::argument_null("anyOf"))?;
    last_by(cx, a, move |unit| wanted.contains(&unit))
}

/// `Contains(...)` of a string or char: ordinal unless told.
pub fn contains(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let how = extras(&a[2..], How::Ordinal)?.how;
    let text = cx.this_str(a[0])?;
    let unit;
    let wanted = match a[1] {
        Value::Char(c) => {
            unit = [c];
            if c < 0x80 && how == How::Ordinal {
                return has_unit(cx, a[0], c);
            }
            Str::Wide(&unit)
        }
        _ => cx.str(a[1], "value")?,
    };
    let found = find(text, wanted, how, false).is_some();
    let cost = search_cost(text, wanted, how);
    cx.charge_fuel(cost)?;
    Ok(Value::Bool(found))
}

fn has_unit(cx: &mut Call<'_>, text: Value, unit: u16) -> Result {
    let text = cx.this_str(text)?;
    let (found, len) = (text.units().any(|u| u == unit), text.len());
    cx.charge_fuel(len / 16)?;
    Ok(Value::Bool(found))
}

/// `StartsWith(...)`.
pub fn starts_with(cx: &mut Call<'_>, a: &[Value]) -> Result {
    at_edge(cx, a, false)
}

/// `EndsWith(...)`.
pub fn ends_with(cx: &mut Call<'_>, a: &[Value]) -> Result {
    at_edge(cx, a, true)
}

fn at_edge(cx: &mut Call<'_>, a: &[Value], end: bool) -> Result {
    let text = cx.this_str(a[0])?;
    if let Value::Char(wanted) = a[1] {
        let at = if end { text.len().wrapping_sub(1) } else { 0 };
        return Ok(Value::Bool(!text.is_empty() && text.unit(at) == wanted));
    }
    let wanted = cx.str(a[1], "value")?;
    let mut how = extras(&a[2..], How::Culture { ignore_case: false })?.how;
    if let How::Culture { ignore_case } = how {
        if is_plain(text) && is_plain(wanted) {
            how = if ignore_case { How::OrdinalIgnoreCase } else { How::Ordinal };
        }
    }
    let answer = match how {
        How::Culture { ignore_case } => collate::is_at_edge(text, wanted, ignore_case, end),
        how => {
            let start = if end { text.len().wrapping_sub(wanted.len()) } else { 0 };
            wanted.len() <= text.len() && equal(slice(text, start, wanted.len()), wanted, how)
        }
    };
    let cost = match how {
        How::Culture { .. } => text.len() / 4,
        _ => wanted.len() / 16,
    };
    cx.charge_fuel(cost)?;
    Ok(Value::Bool(answer))
}

/// `Compare(string strA, string strB, ...)`.
pub fn compare_two(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let how = extras(&a[2..], How::Culture { ignore_case: false })?.how;
    compare_values(cx, a[0], a[1], how).map(Value::Int32)
}

/// `CompareOrdinal(string strA, string strB)`.
pub fn compare_ordinal(cx: &mut Call<'_>, a: &[Value]) -> Result {
    compare_values(cx, a[0], a[1], How::Ordinal).map(Value::Int32)
}

/// `Compare(string strA, int indexA, string strB, int indexB, int length, ...)`.
pub fn compare_parts(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let how = extras(&a[5..], How::Culture { ignore_case: false })?.how;
    parts(cx, a, how)
}

/// `CompareOrdinal` with indexes.
pub fn compare_parts_ordinal(cx: &mut Call<'_>, a: &[Value]) -> Result {
    parts(cx, a, How::Ordinal)
}

fn parts(cx: &mut Call<'_>, a: &[Value], how: How) -> Result {
    let (Some(x), Some(y)) = (cx.heap.str(a[0]), cx.heap.str(a[2])) else {
        return compare_values(cx, a[0], a[2], how).map(Value::Int32);
    };
    let wrong = |name: &str| Fault::out_of_range("Specified argument was out of the range of valid values.", name);
    let length = usize::try_from(int(a[4])).map_err(|_| wrong("length"))?;
    let part = |text: Str<'_>, at: Value| usize::try_from(int(at)).ok().filter(|&at| at <= text.len());
    let from_x = part(x, a[1]).ok_or_else(|| wrong("indexA"))?;
    let from_y = part(y, a[3]).ok_or_else(|| wrong("indexB"))?;
    let x = slice(x, from_x, length.min(x.len() - from_x));
    let y = slice(y, from_y, length.min(y.len() - from_y));
    let answer = compare(x, y, how);
    let cost = x.len().min(y.len()) / 8;
    cx.charge_fuel(cost)?;
    Ok(Value::Int32(answer))
}

/// `Equals(...)` with a comparison: the receiver or the first of two, the other, and how.
pub fn equals_how(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let how = match a.get(2) {
        Some(&how) => comparison(how)?,
        None => How::Ordinal,
    };
    Ok(Value::Bool(equal_values(cx, a[0], a[1], how)?))
}

/// The instance form: a null receiver throws.
pub fn equals_instance(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.this_str(a[0])?;
    equals_how(cx, a)
}

/// `CompareTo(...)`.
pub fn compare_to(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.this_str(a[0])?;
    if !a[1].is_null() && cx.heap.str(a[1]).is_none() {
        return Err(Fault::throw("System.ArgumentException", "Object must be of type String."));
    }
    compare_values(cx, a[0], a[1], How::Culture { ignore_case: false }).map(Value::Int32)
}

/// A hash that agrees with equality of this kind.
pub fn hash(cx: &mut Call<'_>, value: Value, how: How) -> Result<i32> {
    let text = cx.str(value, "obj")?;
    let len = text.len();
    let hash = match how {
        How::Ordinal => crate::dotnet::system::object::fnv(text.units()),
        How::OrdinalIgnoreCase => crate::dotnet::system::object::fnv(text.units().map(to_upper)),
        How::Culture { ignore_case } => collate::hash(text, ignore_case),
    };
    cx.charge_fuel(len / 8)?;
    Ok(hash)
}
