//! Making text of text: parts, joins, splits, replacements, case, composite formats.

use super::search::{self, How, chars};
use crate::dotnet::call::{Call, char as unit, enumeration, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{Heap, Str};
use crate::dotnet::system::enumerate;
use crate::dotnet::system::format::collate;
use crate::dotnet::system::format::unicode::{is_white_space, map_case};
use crate::dotnet::system::object::to_str;
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;
use smallvec::SmallVec;
use std::ops::Range;

type Result<T = Value> = std::result::Result<T, Fault>;

fn negative(parameter: &str, what: &str) -> Fault {
    Fault::out_of_range(&format!("{what} cannot be less than zero."), parameter)
}

/// `Substring(int startIndex)` and with a length.
pub fn substring(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let len = cx.this_str(a[0])?.len();
    let start = usize::try_from(int(a[1])).map_err(|_| negative("startIndex", "StartIndex"))?;
    if start > len {
        return Err(Fault::out_of_range("startIndex cannot be larger than length of string.", "startIndex"));
    }
    let count = match a.get(2) {
        None => len - start,
        Some(&count) => {
            let count = usize::try_from(int(count)).map_err(|_| negative("length", "Length"))?;
            if count > len - start {
                let message = "Index and length must refer to a location within the string.";
                return Err(Fault::out_of_range(message, "length"));
            }
            count
        }
    };
    part(cx.heap, a[0], start, count)
}

/// A part of a string, charged.
fn part(heap: &mut Heap, text: Value, start: usize, len: usize) -> Result {
    if start == 0 && heap.str(text).is_some_and(|t| t.len() == len) {
        return Ok(text);
    }
    heap.spend(len as u64 / 64)?;
    heap.substring(text, start, len)
}

/// `Remove(int startIndex)` and with a count.
pub fn remove(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let len = cx.this_str(a[0])?.len();
    let start = usize::try_from(int(a[1])).map_err(|_| negative("startIndex", "StartIndex"))?;
    let Some(&count) = a.get(2) else {
        if start >= len {
            return Err(Fault::out_of_range("startIndex must be less than length of string.", "startIndex"));
        }
        return part(cx.heap, a[0], 0, start);
    };
    let count = usize::try_from(int(count)).map_err(|_| negative("count", "Count"))?;
    if start > len || count > len - start {
        return Err(Fault::out_of_range("Index and count must refer to a location within the string.", "count"));
    }
    let (before, after) = (part(cx.heap, a[0], 0, start)?, part(cx.heap, a[0], start + count, len - start - count)?);
    concat(cx, &[before, after])
}

/// `Insert(int startIndex, string value)`.
pub fn insert(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let len = cx.this_str(a[0])?.len();
    cx.str(a[2], "value")?;
    let start = usize::try_from(int(a[1]))
        .ok()
        .filter(|&s| s <= len)
        .ok_or_else(|| Fault::out_of_range("Specified argument was out of the range of valid values.", "startIndex"))?;
    let (before, after) = (part(cx.heap, a[0], 0, start)?, part(cx.heap, a[0], start, len - start)?);
    concat(cx, &[before, a[2], after])
}

/// Joins strings; null is empty.
pub fn concat(cx: &mut Call<'_>, parts: &[Value]) -> Result {
    let made = cx.heap.concat(parts)?;
    let len = cx.heap.str(made).map_or(0, Str::len);
    cx.charge_fuel(len / 16 + parts.len())?;
    Ok(made)
}

/// `Concat(...)` of strings or objects, one by one.
pub fn concat_all(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let mut parts = Vec::with_capacity(a.len());
    for &value in a {
        parts.push(to_str(cx, value)?);
    }
    concat(cx, &parts)
}

/// `Concat(...)` of an array or a sequence.
pub fn concat_items(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let items = items(cx, a[0], "values")?;
    concat_all(cx, &items)
}

/// `Concat(params object[] args)`.
pub fn concat_arguments(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let items = items(cx, a[0], "args")?;
    concat_all(cx, &items)
}

/// The elements of an array or sequence.
pub fn items(cx: &mut Call<'_>, value: Value, parameter: &str) -> Result<Vec<Value>> {
    if value.is_null() {
        return Err(Fault::argument_null(parameter));
    }
    enumerate::collect(cx, value)
}

/// `Join(separator, ...)` of an array or a sequence, with an optional range.
pub fn join(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if let (2, Some(all)) = (a.len(), cx.heap.items(a[1])) {
        return join_items(cx, a[0], a[1], all.len());
    }
    let mut values = items(cx, a[1], if a.len() > 2 { "value" } else { "values" })?;
    if let (Some(&start), Some(&count)) = (a.get(2), a.get(3)) {
        let wrong =
            |name: &str| Fault::out_of_range("Index and count must refer to a location within the buffer.", name);
        let start = usize::try_from(int(start)).map_err(|_| negative("startIndex", "StartIndex"))?;
        let count = usize::try_from(int(count)).map_err(|_| negative("count", "Count"))?;
        if start > values.len() || count > values.len() - start {
            return Err(wrong("startIndex"));
        }
        values = values[start..start + count].to_vec();
    }
    let separator = to_str(cx, a[0])?;
    let mut parts: SmallVec<[Value; 64]> = SmallVec::with_capacity(values.len() * 2);
    for (at, value) in values.into_iter().enumerate() {
        if at > 0 {
            parts.push(separator);
        }
        parts.push(if cx.heap.is_str(value) { value } else { to_str(cx, value)? });
    }
    concat(cx, &parts)
}

/// Separators are at most that long, mostly.
const MOST_BETWEEN: usize = 16;

/// Joins the elements of an array or a list where they are.
fn join_items(cx: &mut Call<'_>, separator: Value, of: Value, count: usize) -> Result {
    cx.charge_fuel(count / 4)?;
    let separator = to_str(cx, separator)?;
    let mut own = [0; MOST_BETWEEN];
    if let Some(Str::Ascii(text)) = cx.heap.str(separator)
        && let Some(own) = own.get_mut(..text.len())
    {
        own.copy_from_slice(text.as_bytes());
        if let Some(joined) = cx.heap.join(own, of)? {
            let len = cx.heap.str(joined).map_or(0, Str::len);
            cx.charge_fuel(len / 16 + 2 * count)?;
            return Ok(joined);
        }
    }
    let mut parts: SmallVec<[Value; 64]> = SmallVec::new();
    if 2 * count > parts.inline_size() {
        cx.heap.room(2 * count * size_of::<Value>())?;
        parts.reserve(2 * count);
    }
    for at in 0..count {
        let value = cx.heap.items(of).and_then(|items| items.get(at).copied()).unwrap_or(Value::Null);
        if at > 0 {
            parts.push(separator);
        }
        parts.push(if matches!(value, Value::Text { .. }) { value } else { to_str(cx, value)? });
    }
    concat(cx, &parts)
}

/// `Join(separator, params string[] value)`.
pub fn join_texts(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[1].is_null() { Err(Fault::argument_null("value")) } else { join(cx, a) }
}

/// `PadLeft` and `PadRight`.
pub fn pad(cx: &mut Call<'_>, a: &[Value], left: bool) -> Result {
    let len = cx.this_str(a[0])?.len();
    let width =
        usize::try_from(int(a[1])).map_err(|_| Fault::out_of_range("Non-negative number required.", "totalWidth"))?;
    let fill = a.get(2).map_or(u16::from(b' '), |&c| unit(c));
    if width <= len {
        return Ok(a[0]);
    }
    let filling = repeat(cx, fill, width - len)?;
    concat(cx, &if left { [filling, a[0]] } else { [a[0], filling] })
}

/// A text of equal units.
pub fn repeat(cx: &mut Call<'_>, unit: u16, count: usize) -> Result {
    // What no string of .NET may have.
    if count > 0x3FFF_FFDF {
        let message = "Exception of type 'System.OutOfMemoryException' was thrown.";
        return Err(Fault::throw("System.OutOfMemoryException", message));
    }
    cx.charge_fuel(count / 16)?;
    cx.heap.charge(count * 2)?;
    cx.heap.new_wide(&vec![unit; count])
}

/// `new string(char c, int count)`.
pub fn new_repeated(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let count = usize::try_from(int(a[1])).map_err(|_| negative("count", "Count"))?;
    repeat(cx, unit(a[0]), count)
}

/// `new string(char[] value)` and with a range.
pub fn new_of_chars(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let Some(units) = chars(cx, a[0]) else {
        return if a.len() == 1 { cx.new_str("") } else { Err(Fault::argument_null("value")) };
    };
    let (Some(&start), Some(&len)) = (a.get(1), a.get(2)) else { return cx.heap.new_wide(&units) };
    let start = usize::try_from(int(start)).map_err(|_| negative("startIndex", "StartIndex"))?;
    let len = usize::try_from(int(len)).map_err(|_| negative("length", "Length"))?;
    match units.get(start..start.saturating_add(len)) {
        Some(units) => cx.heap.new_wide(units),
        None => Err(search::index_error("startIndex")),
    }
}

/// `ToCharArray()` and with a range.
pub fn to_char_array(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let units = cx.this_str(a[0])?.to_wide();
    let range = match (a.get(1), a.get(2)) {
        (Some(&start), Some(&len)) => {
            let start = usize::try_from(int(start)).ok().filter(|&s| s <= units.len());
            let start = start.ok_or_else(|| search::index_error("startIndex"))?;
            let len = usize::try_from(int(len)).map_err(|_| search::index_error("length"))?;
            if len > units.len() - start {
                return Err(search::index_error("startIndex"));
            }
            start..start + len
        }
        _ => 0..units.len(),
    };
    cx.charge_fuel(range.len() / 4)?;
    let items = units[range].iter().map(|&u| Value::Char(u)).collect();
    cx.heap.new_array(TypeId::array(types::char()), items)
}

/// Which ends `Trim` looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    Start,
    End,
    Both,
}

/// White space of ASCII.
pub fn is_white(byte: &u8) -> bool {
    matches!(byte, 9..=13 | b' ')
}

/// What is left of a text of ASCII without the white space at its ends.
pub fn without_white(text: &[u8], ends: Ends) -> Range<usize> {
    let (mut start, mut end) = (0, text.len());
    if ends != Ends::End {
        start = text.iter().position(|byte| !is_white(byte)).unwrap_or(end);
    }
    if ends != Ends::Start {
        end = text[start..].iter().rposition(|byte| !is_white(byte)).map_or(start, |at| start + at + 1);
    }
    start..end
}

/// `Trim`, `TrimStart`, `TrimEnd`.
/// `Trim()` and its relatives: white space goes.
pub fn trim_white(heap: &mut Heap, value: Value, ends: Ends) -> Result {
    if let Some(Str::Ascii(text)) = heap.str(value) {
        let rest = without_white(text.as_bytes(), ends);
        let gone = text.len() - rest.len();
        if gone == 0 {
            return Ok(value);
        }
        heap.spend(gone as u64 / 16)?;
        return heap.substring(value, rest.start, rest.len());
    }
    trim_wide(heap, value, ends, is_white_space)
}

/// `Trim(...)` of the characters that it is given; of white space where those are none.
pub fn trim(cx: &mut Call<'_>, a: &[Value], ends: Ends) -> Result {
    let set: Vec<u16> = match a.get(1) {
        Some(Value::Char(c)) => vec![*c],
        Some(&array) => chars(cx, array).unwrap_or_default(),
        None => Vec::new(),
    };
    if set.is_empty() { trim_white(cx.heap, a[0], ends) } else { trim_wide(cx.heap, a[0], ends, |u| set.contains(&u)) }
}

fn trim_wide(heap: &mut Heap, value: Value, ends: Ends, strip: impl Fn(u16) -> bool) -> Result {
    let text = heap.str(value).ok_or_else(Fault::null_reference)?;
    let (mut start, mut end) = (0, text.len());
    if ends != Ends::End {
        start = (0..end).find(|&at| !strip(text.unit(at))).unwrap_or(end);
    }
    if ends != Ends::Start {
        end = (start..end).rev().find(|&at| !strip(text.unit(at))).map_or(start, |at| at + 1);
    }
    let len = text.len();
    heap.spend(((len - (end - start)) / 16) as u64)?;
    part(heap, value, start, end - start)
}

/// Capitals in place of the small letters of ASCII.
pub fn upper(text: &mut [u8]) {
    change_letters(text, b'a');
}

/// Small letters in place of the capitals of ASCII.
pub fn lower(text: &mut [u8]) {
    change_letters(text, b'A');
}

/// The other case for the letters of ASCII from this one on, eight bytes at a time: most texts are too short for more.
#[inline(always)]
fn change_letters(text: &mut [u8], first: u8) {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let changed = |word: [u8; 8]| {
        let word = u64::from_le_bytes(word);
        let low = word & (0x7F * ONES);
        // The top bit of each byte: from the first letter on, behind the last one.
        let from = low + u64::from(0x80 - first) * ONES;
        let behind = low + u64::from(0x80 - first - 26) * ONES;
        (word ^ ((from & !behind & !word & (0x80 * ONES)) >> 2)).to_le_bytes()
    };
    if let Some(last) = text.last_chunk::<8>().copied() {
        // The last eight overlap others, so they are worked out first.
        let last = changed(last);
        text.as_chunks_mut::<8>().0.iter_mut().for_each(|word| *word = changed(*word));
        if let Some(place) = text.last_chunk_mut::<8>() {
            *place = last;
        }
    } else {
        let mut word = [0; 8];
        word[..text.len()].copy_from_slice(text);
        text.copy_from_slice(&changed(word)[..text.len()]);
    }
}

/// `ToUpper` and `ToLower`.
pub fn change_case(heap: &mut Heap, value: Value, upper: bool) -> Result {
    let len = heap.str(value).ok_or_else(Fault::null_reference)?.len();
    heap.spend(len as u64 / 16)?;
    match heap.str(value) {
        Some(Str::Ascii(text)) => {
            let changes = |b: u8| if upper { b.is_ascii_lowercase() } else { b.is_ascii_uppercase() };
            if !text.bytes().any(changes) {
                return Ok(value);
            }
            heap.map_ascii(value, if upper { self::upper } else { lower })
        }
        Some(Str::Wide(units)) => {
            let mut units = units.to_vec();
            map_case(&mut units, upper);
            heap.new_wide(&units)
        }
        None => Ok(value),
    }
}

/// `Replace(char, char)`.
pub fn replace_char(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (old, new) = (unit(a[1]), unit(a[2]));
    let mut units = cx.this_str(a[0])?.to_wide();
    cx.charge_fuel(units.len() / 16)?;
    if !units.contains(&old) {
        return Ok(a[0]);
    }
    units.iter_mut().filter(|u| **u == old).for_each(|u| *u = new);
    cx.heap.new_wide(&units)
}

/// `Replace(string, string, ...)`: ordinal unless told.
pub fn replace(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let how = search::extras(&a[3..], How::Ordinal).checked()?.how;
    let how = if a.len() > 3 && how == How::Ordinal && matches!(a[3], Value::Bool(_)) {
        How::Culture { ignore_case: false }
    } else {
        how
    };
    cx.this_str(a[0])?;
    if cx.str(a[1], "oldValue")?.is_empty() {
        return Err(Fault::argument("String cannot be of zero length.", "oldValue"));
    }
    let (Some(text), Some(old)) = (cx.heap.str(a[0]), cx.heap.str(a[1])) else { return Ok(a[0]) };
    let new = cx.heap.str(a[2]).unwrap_or(Str::Ascii(""));
    let mut work = 0;
    let found = match how {
        How::Culture { .. } | How::Loose(_) => {
            let ignore_case = matches!(how, How::Culture { ignore_case: true });
            work = text.len() * (1 + old.len() / 16);
            cx.heap.can_spend(work as u64)?;
            cx.heap.room(32 * text.len())?;
            collate::find_all(text, old, ignore_case)
        }
        _ => {
            let (mut found, mut at) = (Vec::new(), 0);
            while let Some((offset, len)) = search::find(search::slice(text, at, text.len() - at), old, how, false) {
                found.push((at + offset, len));
                at += offset + len;
                work += 1;
                if found.len() == found.capacity() {
                    cx.heap.can_spend(work as u64)?;
                    cx.heap.room(2 * found.len() * size_of::<(usize, usize)>())?;
                }
            }
            found
        }
    };
    if found.is_empty() {
        let len = text.len();
        cx.charge_fuel(work + len / 16)?;
        return Ok(a[0]);
    }
    let len = text.len().saturating_add(found.len().saturating_mul(new.len()));
    let (units, new) = (text.to_wide(), new.to_wide());
    cx.charge_fuel(work + len / 16 + found.len())?;
    cx.heap.charge(len.saturating_mul(2))?;
    let mut out = Vec::with_capacity(len);
    let mut from = 0;
    for (at, len) in found {
        out.extend_from_slice(&units[from..at]);
        out.extend_from_slice(&new);
        from = at + len;
    }
    out.extend_from_slice(&units[from..]);
    cx.heap.new_wide(&out)
}

// ---- splitting -------------------------------------------------------------------------------------------------------

/// `Split(...)`: the separators, then a count, options, or both.
pub fn split(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let text = cx.this_str(a[0])?;
    let mut count = usize::MAX;
    let mut remove_empty = false;
    for &value in a.get(2..).unwrap_or_default() {
        match value {
            Value::Int32(n) => count = usize::try_from(n).map_err(|_| negative("count", "Count"))?,
            Value::Enum { value, .. } if !(0..=1).contains(&value) => {
                return Err(Fault::throw("System.ArgumentException", format!("Illegal enum value: {value}.")));
            }
            other => remove_empty = enumeration(other) == 1,
        }
    }
    let len = text.len();
    cx.charge_fuel(len / 8)?;
    let separator = a.get(1).copied().unwrap_or(Value::Null);
    if count == usize::MAX && !remove_empty {
        if let Some(byte) = single_byte(cx, separator) {
            return split_at_byte(cx, a[0], byte);
        }
    }
    let found = separators(cx, cx.this_str(a[0])?, separator)?;
    cx.charge_fuel(found.len())?;
    cx.heap.room(4 * found.len() * size_of::<(usize, usize)>())?;
    let ranges = if count == 0 || remove_empty && len == 0 {
        Vec::new()
    } else if count == 1 || found.is_empty() {
        vec![(0, len)]
    } else if remove_empty {
        pieces_without_empty(len, &found, count)
    } else {
        pieces(len, &found, count)
    };
    let mut items = Vec::with_capacity(ranges.len());
    cx.charge_fuel(len / 64)?;
    for (start, end) in ranges {
        items.push(if end - start == len { a[0] } else { cx.heap.substring(a[0], start, end - start)? });
    }
    cx.heap.new_array(strings(), items)
}

/// The one ASCII character that separates.
fn single_byte(cx: &Call<'_>, separator: Value) -> Option<u8> {
    let unit = match separator {
        Value::Char(unit) => unit,
        set => match cx.heap.items(set)? {
            [Value::Char(unit)] => *unit,
            _ => return None,
        },
    };
    u8::try_from(unit).ok().filter(u8::is_ascii)
}

/// The most usual split: by one character, all pieces.
fn split_at_byte(cx: &mut Call<'_>, text: Value, byte: u8) -> Result {
    if let Some(parts) = cx.heap.parts(text, byte)? {
        cx.charge_fuel(parts.len())?;
        return cx.heap.new_array(strings(), parts);
    }
    let Str::Wide(units) = cx.this_str(text)? else { return Err(Fault::null_reference()) };
    let (len, separator) = (units.len(), u16::from(byte));
    let count = units.iter().filter(|&&unit| unit == separator).count();
    cx.heap.room((count + 1) * size_of::<usize>())?;
    let ends: Vec<usize> =
        units.iter().enumerate().filter(|(_, unit)| **unit == separator).map(|(at, _)| at).chain([len]).collect();
    cx.charge_fuel(ends.len())?;
    if count == 0 {
        return cx.heap.new_array(strings(), vec![text]);
    }
    cx.heap.room(ends.len() * size_of::<Value>())?;
    let mut items = Vec::with_capacity(ends.len());
    let mut from = 0;
    for end in ends {
        items.push(cx.heap.substring(text, from, end - from)?);
        from = end + 1;
    }
    cx.heap.new_array(strings(), items)
}

/// `string[]`.
pub fn strings() -> TypeId {
    static ID: std::sync::LazyLock<TypeId> = std::sync::LazyLock::new(|| TypeId::array(types::string()));
    *ID
}

/// Position and length of every separator.
fn separators(cx: &Call<'_>, text: Str<'_>, by: Value) -> std::result::Result<Vec<(usize, usize)>, Fault> {
    let set: Option<Vec<u16>> = match by {
        Value::Char(c) => Some(vec![c]),
        Value::Null => Some(Vec::new()),
        _ => match cx.heap.items(by) {
            Some([]) => Some(Vec::new()),
            Some(items) if matches!(items[0], Value::Char(_)) => chars(cx, by),
            _ => None,
        },
    };
    let mut found = Vec::new();
    let mut note = |at: usize, len: usize| {
        if found.len() == found.capacity() {
            cx.heap.room(2 * found.len() * size_of::<(usize, usize)>())?;
        }
        found.push((at, len));
        Ok::<_, Fault>(())
    };
    if let (Some([one]), Str::Ascii(text)) = (set.as_deref(), text) {
        if let Ok(one @ 0..0x80) = u8::try_from(*one) {
            for at in memchr::memchr_iter(one, text.as_bytes()) {
                note(at, 1)?;
            }
        }
        return Ok(found);
    }
    if let Some(set) = set {
        let is_one = |u: u16| if set.is_empty() { is_white_space(u) } else { set.contains(&u) };
        for (at, _) in text.units().enumerate().filter(|&(_, u)| is_one(u)) {
            note(at, 1)?;
        }
        return Ok(found);
    }
    let one = [by];
    let wanted: Vec<Str<'_>> =
        cx.heap.items(by).unwrap_or(&one).iter().filter_map(|&v| cx.heap.str(v)).filter(|s| !s.is_empty()).collect();
    let mut at = 0;
    if let [only] = wanted[..] {
        while let Some((offset, len)) =
            search::find(search::slice(text, at, text.len() - at), only, How::Ordinal, false)
        {
            note(at + offset, len)?;
            at += offset + len;
        }
        return Ok(found);
    }
    while at < text.len() {
        let here =
            wanted.iter().find(|w| w.len() <= text.len() - at && search::slice(text, at, w.len()).eq_ordinal(**w));
        match here {
            Some(separator) => {
                note(at, separator.len())?;
                at += separator.len();
            }
            None => at += 1,
        }
    }
    Ok(found)
}

fn pieces(len: usize, separators: &[(usize, usize)], count: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    for &(at, width) in separators.iter().take(count - 1) {
        found.push((from, at));
        from = at + width;
    }
    found.push((from, len));
    found
}

fn pieces_without_empty(len: usize, separators: &[(usize, usize)], count: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut next = 0;
    while next < separators.len() && from < len {
        let (at, width) = separators[next];
        if at > from {
            found.push((from, at));
        }
        from = at + width;
        next += 1;
        if found.len() == count - 1 {
            // What is left is one piece, but for the separators at its start.
            while next < separators.len() && separators[next].0 == from {
                from += separators[next].1;
                next += 1;
            }
            break;
        }
    }
    if from < len {
        found.push((from, len));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_as_split_makes_them() {
        let commas = |t: &str| t.match_indices(',').map(|(at, _)| (at, 1)).collect::<Vec<_>>();
        let show = |t: &str, ranges: Vec<(usize, usize)>| {
            ranges.into_iter().map(|(a, b)| t[a..b].to_owned()).collect::<Vec<_>>()
        };
        let plain = |t: &str, n| show(t, pieces(t.len(), &commas(t), n));
        let dense = |t: &str, n| show(t, pieces_without_empty(t.len(), &commas(t), n));
        assert_eq!(plain("a,b,c,d", 2), ["a", "b,c,d"]);
        assert_eq!(plain(",,", 9), ["", "", ""]);
        assert_eq!(dense("a,,b,c,,", 2), ["a", "b,c,,"]);
        assert_eq!(dense(",,", 9), Vec::<String>::new());
    }

    #[test]
    fn letters_change_as_the_standard_library_says() {
        let all: Vec<u8> = (0..=255).collect();
        for (from, to) in [(0, 256), (60, 67), (62, 70), (90, 99), (95, 124), (120, 129), (5, 5)] {
            let (mut own, mut other) = (all[from..to].to_vec(), all[from..to].to_vec());
            upper(&mut own);
            other.make_ascii_uppercase();
            assert_eq!(own, other);
            let (mut own, mut other) = (all[from..to].to_vec(), all[from..to].to_vec());
            lower(&mut own);
            other.make_ascii_lowercase();
            assert_eq!(own, other);
        }
    }
}
