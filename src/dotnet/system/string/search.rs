//! Finding and comparing text: ordinal by units, or as the invariant culture does.

use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{Heap, Str};
use crate::dotnet::member::Light;
use crate::dotnet::system::format::collate::{self, Ignore};
use crate::dotnet::system::format::unicode::fold;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// How texts are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Culture {
        ignore_case: bool,
    },
    /// As the culture does, with more ignored than case.
    Loose(Ignore),
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

const ORDINAL: i64 = 0x4000_0000;
/// `IgnoreCase` to `IgnoreWidth`, and `StringSort`, which changes nothing here.
const OPTIONS: i64 = 0x2000_001F;

/// `CompareOptions`.
fn options(value: i64) -> Result<How> {
    Ok(match value {
        ORDINAL => How::Ordinal,
        0x1000_0000 => How::OrdinalIgnoreCase,
        bits if bits & ORDINAL != 0 => {
            let message = "CompareOption.Ordinal cannot be used with other options.";
            return Err(Fault::argument(message, "options"));
        }
        bits if bits & !OPTIONS != 0 => return Err(Fault::argument("Value of flags is invalid.", "options")),
        bits if bits & 0x1E != 0 => How::Loose(Ignore(bits as u8 & 0x1F)),
        bits => How::Culture { ignore_case: bits & 1 != 0 },
    })
}

fn case(ignore_case: bool) -> Ignore {
    if ignore_case { Ignore::CASE } else { Ignore::NOTHING }
}

/// What follows the texts in a call: numbers (start, count), and how to compare.
pub struct Extras {
    pub numbers: Vec<i32>,
    pub how: How,
    /// What says how to compare is no value that there is: it is told once the numbers have been looked at.
    wrong: Option<Fault>,
}

impl Extras {
    /// Throws for a comparison that there is not.
    pub fn checked(self) -> Result<Extras> {
        match self.wrong {
            Some(fault) => Err(fault),
            None => Ok(self),
        }
    }
}

/// Reads optional arguments by what they are; a culture says nothing, as there is one only.
pub fn extras(a: &[Value], default: How) -> Extras {
    let mut found = Extras { numbers: Vec::new(), how: default, wrong: None };
    for &value in a {
        match value {
            Value::Int32(number) => found.numbers.push(number),
            Value::Bool(ignore_case) => found.how = How::Culture { ignore_case },
            Value::Enum { ty, value: bits } => {
                let is_options = ty.def().is_some_and(|def| def.name.ends_with("CompareOptions"));
                match if is_options { options(bits) } else { comparison(value) } {
                    Ok(how) => found.how = how,
                    Err(fault) => found.wrong = Some(fault),
                }
            }
            _ => {}
        }
    }
    found
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
    matches!(text, Str::Ascii(text) if all_plain(text.as_bytes()))
}

/// All bytes are looked at, sixteen at a time, rather than each for itself.
fn all_plain(text: &[u8]) -> bool {
    text.iter().fold(true, |all, byte| all & (0x20..0x7F).contains(byte))
}

/// The order of two texts: negative, zero, positive.
pub fn compare(a: Str<'_>, b: Str<'_>, how: How) -> i32 {
    match how {
        How::Culture { ignore_case } => collate::compare(a, b, case(ignore_case)) as i32,
        How::Loose(ignore) => collate::compare(a, b, ignore) as i32,
        How::Ordinal => {
            // The first two units are compared before the lengths; a shorter text ends in zeros there.
            let unit = |text: Str<'_>, at: usize| if at < text.len() { i32::from(text.unit(at)) } else { 0 };
            match (0..2).map(|at| unit(a, at) - unit(b, at)).find(|&d| d != 0) {
                Some(different) => different,
                None => {
                    let least = a.len().min(b.len());
                    // Units are compared two by two: behind an odd number of them, the zero that ends the shorter text is too.
                    let is_start =
                        least % 2 == 1 && a.len() != b.len() && a.units().zip(b.units()).all(|(a, b)| a == b);
                    match if is_start { unit(a, least) - unit(b, least) } else { 0 } {
                        0 => difference(a, b),
                        different => different,
                    }
                }
            }
        }
        How::OrdinalIgnoreCase => difference_ignoring_case(a, b),
    }
}

/// The first difference between units, or between the lengths.
fn difference(a: Str<'_>, b: Str<'_>) -> i32 {
    let different = a.units().zip(b.units()).find(|(a, b)| a != b);
    different.map_or(a.len() as i32 - b.len() as i32, |(a, b)| i32::from(a) - i32::from(b))
}

/// ASCII by its capitals' difference; from the first other character on, by characters whose capitals differ.
fn difference_ignoring_case(a: Str<'_>, b: Str<'_>) -> i32 {
    let ascii = |u: u16| u8::try_from(u).ok().filter(u8::is_ascii);
    let mut at = 0;
    while at < a.len() && at < b.len() {
        let (Some(x), Some(y)) = (ascii(a.unit(at)), ascii(b.unit(at))) else {
            return difference_of_characters(slice(a, at, a.len() - at), slice(b, at, b.len() - at));
        };
        if !x.eq_ignore_ascii_case(&y) {
            return i32::from(x.to_ascii_uppercase()) - i32::from(y.to_ascii_uppercase());
        }
        at += 1;
    }
    a.len() as i32 - b.len() as i32
}

fn difference_of_characters(a: Str<'_>, b: Str<'_>) -> i32 {
    let code = |c: std::result::Result<char, std::char::DecodeUtf16Error>| match c {
        Ok(c) => c as u32,
        Err(half) => u32::from(half.unpaired_surrogate()),
    };
    let (mut x, mut y) = (char::decode_utf16(a.units()).map(code), char::decode_utf16(b.units()).map(code));
    loop {
        match (x.next(), y.next()) {
            (Some(x), Some(y)) if x == y || fold(x) == fold(y) => {}
            (Some(x), Some(y)) => return if x < y { -1 } else { 1 },
            (None, None) => return 0,
            (x, _) => return if x.is_some() { 1 } else { -1 },
        }
    }
}

/// Whether two texts are equal.
pub fn equal(a: Str<'_>, b: Str<'_>, how: How) -> bool {
    match how {
        How::Ordinal => a.eq_ordinal(b),
        How::OrdinalIgnoreCase => a.len() == b.len() && difference_ignoring_case(a, b) == 0,
        How::Culture { ignore_case } if is_plain(a) && is_plain(b) => {
            equal(a, b, if ignore_case { How::OrdinalIgnoreCase } else { How::Ordinal })
        }
        How::Culture { ignore_case } => collate::equal(a, b, case(ignore_case)),
        How::Loose(ignore) => collate::equal(a, b, ignore),
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
        (_, _, How::Loose(ignore)) => collate::find(text, wanted, ignore.0 & 1 != 0, last),
        (Str::Ascii(text), Str::Ascii(wanted), How::Ordinal) => {
            // Beginning a search of the standard library's takes longer than most texts take to be looked through.
            let (text, bytes) = (text.as_bytes(), wanted.as_bytes());
            let at = if last { memchr::memmem::rfind(text, bytes) } else { memchr::memmem::find(text, bytes) };
            at.map(|at| (at, wanted.len()))
        }
        _ => {
            let count = (text.len() + 1).checked_sub(wanted.len())?;
            let matches = |at: &usize| match how {
                How::Ordinal => (0..wanted.len()).all(|n| text.unit(at + n) == wanted.unit(n)),
                _ => {
                    let part = slice(text, *at, wanted.len());
                    difference_ignoring_case(part, wanted) == 0
                        && part.units().zip(wanted.units()).all(|(a, b)| (a == DOTLESS) == (b == DOTLESS))
                }
            };
            let at = if last { (0..count).rev().find(matches) } else { (0..count).find(matches) };
            at.map(|at| (at, wanted.len()))
        }
    }
}

/// `ı` compares equal to `I`, but has a hash of its own and is not found by it: searches use the invariant capitals.
const DOTLESS: u16 = 0x0131;

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
    let extras = extras(&a[2..], How::Culture { ignore_case: false });
    let (text, wanted) = (cx.this_str(a[0])?, cx.str(a[1], "value")?);
    let (start, count) = forward_range(text.len(), &extras.numbers)?;
    let extras = extras.checked()?;
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
    let extras = extras(&a[2..], How::Culture { ignore_case: false });
    let (text, wanted) = (cx.this_str(a[0])?, cx.str(a[1], "value")?);
    let len = text.len() as i32;
    // The form that leaves the comparison to the culture looks at the count first.
    if a.len() == 4 && extras.numbers.get(1).is_some_and(|&count| count < 0) {
        return Err(count_error());
    }
    let mut start = extras.numbers.first().copied().unwrap_or(len - 1);
    let mut count = extras.numbers.get(1).copied().unwrap_or(start.wrapping_add(1));
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
    let extras = extras.checked()?;
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
    let extras = extras(&a[2..], How::Ordinal).checked()?;
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
    is_in(cx.heap, a[0], a[1], &a[2..])
}

pub const CONTAINS: Light = |heap, text, wanted| is_in(heap, *text, *wanted, &[]);

/// Whether bytes occur in others.
pub fn holds(text: &[u8], wanted: &[u8]) -> bool {
    let Some((first, _)) = wanted.split_first() else { return true };
    // Beginning a search takes longer than a short text takes to be looked through.
    if text.len() > 64 {
        return memchr::memmem::find(text, wanted).is_some();
    }
    text.windows(wanted.len()).any(|part| part[0] == *first && part == wanted)
}

/// Whether a text of ASCII begins or ends with another by the culture's rules, where these are the ordinal ones: for what
/// is compared, nothing behind it in ASCII makes a difference.
pub fn is_at_plain_edge(text: &[u8], wanted: &[u8], end: bool) -> Option<bool> {
    let len = wanted.len().min(text.len());
    let part = if end { &text[text.len() - len..] } else { &text[..len] };
    (all_plain(part) && all_plain(wanted)).then(|| part == wanted)
}

fn is_in(heap: &mut Heap, text: Value, wanted: Value, more: &[Value]) -> Result {
    let how = extras(more, How::Ordinal).checked()?.how;
    let text = heap.str(text).ok_or_else(Fault::null_reference)?;
    let unit;
    let (found, cost) = match wanted {
        Value::Char(c @ 0..0x80) if how == How::Ordinal => (text.units().any(|u| u == c), text.len() / 16),
        _ => {
            let wanted = match wanted {
                Value::Char(c) => {
                    unit = [c];
                    Str::Wide(&unit)
                }
                _ => heap.str(wanted).ok_or_else(|| Fault::argument_null("value"))?,
            };
            (find(text, wanted, how, false).is_some(), search_cost(text, wanted, how))
        }
    };
    heap.spend(cost as u64)?;
    Ok(Value::Bool(found))
}

/// `StartsWith(...)`.
pub fn starts_with(cx: &mut Call<'_>, a: &[Value]) -> Result {
    is_at_edge(cx.heap, a[0], a[1], &a[2..], false)
}

pub const STARTS_WITH: Light = |heap, text, wanted| is_at_edge(heap, *text, *wanted, &[], false);
pub const ENDS_WITH: Light = |heap, text, wanted| is_at_edge(heap, *text, *wanted, &[], true);

/// `EndsWith(...)`.
pub fn ends_with(cx: &mut Call<'_>, a: &[Value]) -> Result {
    is_at_edge(cx.heap, a[0], a[1], &a[2..], true)
}

fn is_at_edge(heap: &mut Heap, text: Value, wanted: Value, more: &[Value], end: bool) -> Result {
    let text = heap.str(text).ok_or_else(Fault::null_reference)?;
    if let Value::Char(wanted) = wanted {
        let at = if end { text.len().wrapping_sub(1) } else { 0 };
        return Ok(Value::Bool(!text.is_empty() && text.unit(at) == wanted));
    }
    let wanted = heap.str(wanted).ok_or_else(|| Fault::argument_null("value"))?;
    let mut how = extras(more, How::Culture { ignore_case: false }).checked()?.how;
    if let How::Culture { ignore_case } = how {
        if is_plain(text) && is_plain(wanted) {
            how = if ignore_case { How::OrdinalIgnoreCase } else { How::Ordinal };
        }
    }
    let answer = match how {
        How::Culture { ignore_case } => collate::is_at_edge(text, wanted, ignore_case, end),
        How::Loose(ignore) => collate::is_at_edge(text, wanted, ignore.0 & 1 != 0, end),
        how => {
            let start = if end { text.len().wrapping_sub(wanted.len()) } else { 0 };
            wanted.len() <= text.len() && equal(slice(text, start, wanted.len()), wanted, how)
        }
    };
    let cost = match how {
        How::Culture { .. } | How::Loose(_) => text.len() / 4,
        _ => wanted.len() / 16,
    };
    heap.spend(cost as u64)?;
    Ok(Value::Bool(answer))
}

/// `Compare(string strA, string strB, ...)`.
pub fn compare_two(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let how = extras(&a[2..], How::Culture { ignore_case: false }).checked()?.how;
    compare_values(cx, a[0], a[1], how).map(Value::Int32)
}

/// `CompareOrdinal(string strA, string strB)`.
pub fn compare_ordinal(cx: &mut Call<'_>, a: &[Value]) -> Result {
    compare_values(cx, a[0], a[1], How::Ordinal).map(Value::Int32)
}

/// `Compare(string strA, int indexA, string strB, int indexB, int length, ...)`.
pub fn compare_parts(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let extras = extras(&a[5..], How::Culture { ignore_case: false });
    let by_comparison = matches!(a.get(5), Some(Value::Enum { .. }));
    if by_comparison {
        let how = extras.checked()?.how;
        return parts(cx, a, how, "Length cannot be less than zero.");
    }
    if extras.how == How::OrdinalIgnoreCase {
        return parts(cx, a, extras.how, "Length cannot be less than zero.");
    }
    // By a culture: what is null has no units, and the lengths are checked before the places.
    let of = |text: Value, at: Value| {
        let own = cx.heap.str(text).map(|t| t.len() as i32);
        // The length is computed without a look at the place: it may wrap.
        let count = own.map_or(int(a[4]), |own| int(a[4]).min(own.wrapping_sub(int(at))));
        (i64::from(own.unwrap_or(0)), i64::from(int(at)), i64::from(count))
    };
    let ((len_x, x, count_x), (len_y, y, count_y)) = (of(a[0], a[1]), of(a[2], a[3]));
    let wrong = |name: &str| Err(Fault::out_of_range("Positive number required.", name));
    let outside =
        |name: &str| Err(Fault::out_of_range("Offset and length must refer to a position in the string.", name));
    if count_x < 0 || count_y < 0 {
        return wrong(if count_x < 0 { "length1" } else { "length2" });
    }
    if x < 0 || y < 0 {
        return wrong(if x < 0 { "offset1" } else { "offset2" });
    }
    if x > len_x - count_x || y > len_y - count_y {
        return outside(if x > len_x - count_x { "string1" } else { "string2" });
    }
    let extras = extras.checked()?;
    let (Some(x_text), Some(y_text)) = (cx.heap.str(a[0]), cx.heap.str(a[2])) else {
        return compare_values(cx, a[0], a[2], extras.how).map(Value::Int32);
    };
    let x = slice(x_text, x as usize, count_x as usize);
    let y = slice(y_text, y as usize, count_y as usize);
    compare_slices(cx, x.to_wide(), y.to_wide(), extras.how)
}

/// `CompareOrdinal` with indexes.
pub fn compare_parts_ordinal(cx: &mut Call<'_>, a: &[Value]) -> Result {
    parts(cx, a, How::Ordinal, "Count cannot be less than zero.")
}

fn compare_slices(cx: &mut Call<'_>, x: Vec<u16>, y: Vec<u16>, how: How) -> Result {
    cx.charge_fuel(x.len().min(y.len()) / 8)?;
    let (x, y) = (Str::Wide(&x), Str::Wide(&y));
    Ok(Value::Int32(if how == How::Ordinal { difference(x, y) } else { compare(x, y, how) }))
}

fn parts(cx: &mut Call<'_>, a: &[Value], how: How, negative: &str) -> Result {
    let (Some(x), Some(y)) = (cx.heap.str(a[0]), cx.heap.str(a[2])) else {
        return compare_values(cx, a[0], a[2], how).map(Value::Int32);
    };
    let length = usize::try_from(int(a[4])).map_err(|_| Fault::out_of_range(negative, "length"))?;
    let (from_x, from_y) = (usize::try_from(int(a[1])), usize::try_from(int(a[3])));
    let from_x_first = from_x.map_err(|_| Fault::index("indexA"))?;
    let from_y = from_y.map_err(|_| Fault::index("indexB"))?;
    let from_x = Some(from_x_first).filter(|&at| at <= x.len()).ok_or_else(|| Fault::index("indexA"))?;
    let from_y = Some(from_y).filter(|&at| at <= y.len()).ok_or_else(|| Fault::index("indexB"))?;
    let x = slice(x, from_x, length.min(x.len() - from_x)).to_wide();
    let y = slice(y, from_y, length.min(y.len() - from_y)).to_wide();
    compare_slices(cx, x, y, how)
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
        How::OrdinalIgnoreCase => crate::dotnet::system::object::fnv(
            text.units().map(|u| if u == DOTLESS { u } else { fold(u.into()) as u16 }),
        ),
        How::Culture { ignore_case } => collate::hash(text, case(ignore_case)),
        How::Loose(ignore) => collate::hash(text, ignore),
    };
    cx.charge_fuel(len / 8)?;
    Ok(hash)
}
