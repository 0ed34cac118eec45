//! Strings: UTF-16 text as .NET counts it, in two arenas of the heap. Most are ASCII and take a byte a character.

use super::{CONSTANT, Extension, Heap, Object, constant};
use crate::dotnet::fault::{Fault, Limit};
use crate::dotnet::value::{Handle, Value};
use bytes::{Bytes, BytesMut};

/// Longer ones have memory of their own, so that a short one that is kept does not hold much.
const MOST_LEAVING: usize = 256;

/// A string's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Str<'a> {
    Ascii(&'a str),
    Wide(&'a [u16]),
}

impl<'a> Str<'a> {
    /// UTF-16 code units, as `String.Length` counts.
    #[inline]
    pub fn len(self) -> usize {
        match self {
            Str::Ascii(text) => text.len(),
            Str::Wide(units) => units.len(),
        }
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The unit at `at`, which must be inside.
    pub fn unit(self, at: usize) -> u16 {
        match self {
            Str::Ascii(text) => u16::from(text.as_bytes()[at]),
            Str::Wide(units) => units[at],
        }
    }

    pub fn units(self) -> impl DoubleEndedIterator<Item = u16> + ExactSizeIterator + Clone + 'a {
        let (ascii, wide): (&'a [u8], &'a [u16]) = match self {
            Str::Ascii(text) => (text.as_bytes(), &[]),
            Str::Wide(units) => (&[], units),
        };
        let len = self.len();
        (0..len).map(move |at| if wide.is_empty() { u16::from(ascii[at]) } else { wide[at] })
    }

    /// As Rust text; lone surrogates become U+FFFD.
    pub fn to_text(self) -> std::borrow::Cow<'a, str> {
        match self {
            Str::Ascii(text) => text.into(),
            Str::Wide(units) => String::from_utf16_lossy(units).into(),
        }
    }

    pub fn to_wide(self) -> Vec<u16> {
        self.units().collect()
    }

    /// Compares code units, as `==` and `String.CompareOrdinal` do.
    pub fn cmp_ordinal(self, other: Str<'_>) -> std::cmp::Ordering {
        match (self, other) {
            (Str::Ascii(a), Str::Ascii(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Str::Wide(a), Str::Wide(b)) => a.cmp(b),
            _ => self.units().cmp(other.units()),
        }
    }

    #[inline]
    pub fn eq_ordinal(self, other: Str<'_>) -> bool {
        self.len() == other.len() && self.cmp_ordinal(other).is_eq()
    }

    #[inline]
    pub fn eq_text(self, text: &str) -> bool {
        match self {
            Str::Ascii(own) => own == text,
            Str::Wide(units) => units.iter().copied().eq(text.encode_utf16()),
        }
    }
}

impl Heap {
    /// A copy of some bytes for a message that outlives the heap. Short ones cost no allocation once the messages of
    /// earlier requests are gone.
    pub fn leaving(&mut self, bytes: &[u8]) -> Bytes {
        take_leaving(&mut self.leaving, bytes)
    }

    /// A string's text for a message, in UTF-8; `None` for what is no string.
    pub fn leaving_text(&mut self, value: Value) -> Option<Bytes> {
        if let Value::Text { start, len, .. } = value {
            return Some(take_leaving(&mut self.leaving, &self.ascii[start as usize..(start + len) as usize]));
        }
        match self.str(value)? {
            Str::Ascii(text) => Some(Bytes::copy_from_slice(text.as_bytes())),
            wide @ Str::Wide(_) => Some(Bytes::from(wide.to_text().into_owned())),
        }
    }

    /// A copy of a string whose ASCII bytes `change` turns into others.
    pub fn map_ascii(&mut self, value: Value, change: fn(&mut [u8])) -> Result<Value, Fault> {
        let start = self.ascii.len();
        if let Value::Text { start: from, len, .. } = value {
            self.room_for_ascii(len as usize)?;
            self.ascii.extend_from_within(from as usize..(from + len) as usize);
        } else {
            let Some(Str::Ascii(text)) = self.str(value) else { return Ok(value) };
            let text = text.to_owned();
            self.room_for_ascii(text.len())?;
            self.ascii.extend_from_slice(text.as_bytes());
        }
        change(&mut self.ascii[start..]);
        debug_assert!(self.ascii[start..].is_ascii());
        self.finish_ascii(start)
    }

    /// A string of Rust text.
    #[inline]
    pub fn new_str(&mut self, text: &str) -> Result<Value, Fault> {
        if text.is_ascii() {
            return self.push_ascii(text.as_bytes());
        }
        let start = self.wide.len();
        self.charge(text.len() * 2)?;
        self.wide.extend(text.encode_utf16());
        self.finish_wide(start)
    }

    /// A string of bytes that should be UTF-8; what is not becomes U+FFFD.
    #[inline]
    pub fn new_text(&mut self, bytes: &[u8]) -> Result<Value, Fault> {
        if bytes.is_ascii() { self.push_ascii(bytes) } else { self.new_str(&String::from_utf8_lossy(bytes)) }
    }

    /// A string of UTF-16 units.
    pub fn new_wide(&mut self, units: &[u16]) -> Result<Value, Fault> {
        self.charge(units.len() * 2)?;
        // The whole is looked at, sixteen units at a time, rather than each for itself.
        if units.iter().fold(0, |all, unit| all | unit) < 0x80 {
            self.room_for_ascii(units.len())?;
            let start = self.ascii.len();
            self.ascii.extend(units.iter().map(|&unit| unit as u8));
            return self.finish_ascii(start);
        }
        let start = self.wide.len();
        self.wide.extend_from_slice(units);
        self.finish_wide(start)
    }

    /// Whether so many bytes more may stand in the arena, which are charged.
    #[inline]
    fn room_for_ascii(&mut self, more: usize) -> Result<(), Fault> {
        self.charge(more)?;
        let (len, capacity) = (self.ascii.len(), self.ascii.capacity());
        if capacity - len >= more { Ok(()) } else { self.room((2 * capacity).max(len + more)) }
    }

    #[inline]
    fn push_ascii(&mut self, text: &[u8]) -> Result<Value, Fault> {
        self.room_for_ascii(text.len())?;
        let start = self.ascii.len();
        self.ascii.extend_from_slice(text);
        self.finish_ascii(start)
    }

    #[inline]
    fn finish_ascii(&mut self, start: usize) -> Result<Value, Fault> {
        let end = self.ascii.len();
        if end > u32::MAX as usize {
            return Err(Fault::Limit(Limit::Memory));
        }
        Ok(self.text_at(start as u32, (end - start) as u32))
    }

    /// A string of what lies there in the ASCII arena.
    #[inline]
    fn text_at(&mut self, start: u32, len: u32) -> Value {
        self.texts = self.texts.wrapping_add(1);
        Value::Text { start, len, serial: self.texts }
    }

    fn finish_wide(&mut self, start: usize) -> Result<Value, Fault> {
        let len = self.wide.len() - start;
        match (u32::try_from(start), u32::try_from(len)) {
            (Ok(start), Ok(len)) => self.alloc(Object::Wide { start, len }),
            _ => Err(Fault::Limit(Limit::Memory)),
        }
    }

    /// Where a text begins that is written piece by piece. Nothing else may be made before it is finished or dropped.
    #[inline]
    pub fn begin_text(&self) -> usize {
        self.ascii.len()
    }

    /// Writes a piece, whose bytes may be anything: whoever writes keeps it short.
    #[inline]
    pub fn write(&mut self, bytes: &[u8]) {
        match bytes {
            // What stands between two others.
            [one] => self.ascii.push(*one),
            _ => self.ascii.extend_from_slice(bytes),
        }
    }

    /// Writes a string of ASCII of at most so many bytes; whether it is one.
    pub fn write_text(&mut self, value: Value, most: usize) -> bool {
        match value {
            Value::Text { start, len, .. } if len as usize <= most => {
                self.ascii.extend_from_within(start as usize..(start + len) as usize);
                true
            }
            Value::Object(handle) if handle.0 & CONSTANT != 0 => match constant(&self.constants, handle) {
                Object::AsciiConstant(text) if text.len() <= most => {
                    self.ascii.extend_from_slice(text.as_bytes());
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// What is written so far.
    #[inline]
    pub fn written(&mut self, start: usize) -> &mut [u8] {
        &mut self.ascii[start..]
    }

    /// Leaves a part of what is written.
    pub fn keep_written(&mut self, start: usize, part: std::ops::Range<usize>) {
        self.ascii.truncate(start + part.end);
        self.ascii.drain(start..start + part.start);
    }

    /// Forgets what is written.
    #[inline]
    pub fn drop_text(&mut self, start: usize) -> Option<Value> {
        self.ascii.truncate(start);
        None
    }

    /// The string that is written; nothing, with nothing left of it, where it is not ASCII or there is no room for it.
    #[inline]
    pub fn finish_text(&mut self, start: usize) -> Option<Value> {
        let written = &self.ascii[start..];
        let len = written.len();
        if !written.is_ascii() || self.used + len > self.limit || self.ascii.len() > u32::MAX as usize {
            return self.drop_text(start);
        }
        self.used += len;
        Some(self.text_at(start as u32, len as u32))
    }

    /// Joins strings (a null is empty) without a temporary.
    pub fn concat(&mut self, parts: &[Value]) -> Result<Value, Fault> {
        let (start, used) = (self.ascii.len(), self.used);
        for &part in parts {
            match part {
                Value::Text { start, len, .. } => {
                    self.room_for_ascii(len as usize)?;
                    self.ascii.extend_from_within(start as usize..(start + len) as usize);
                }
                Value::Object(_) => match self.str(part) {
                    Some(Str::Ascii(text)) => {
                        let len = text.len();
                        self.room_for_ascii(len)?;
                        // Not of the arena, so a constant.
                        if let Value::Object(handle) = part
                            && let Object::AsciiConstant(text) = constant(&self.constants, handle)
                        {
                            self.ascii.extend_from_slice(text.as_bytes());
                        }
                    }
                    Some(Str::Wide(_)) => {
                        self.ascii.truncate(start);
                        self.used = used;
                        return self.concat_wide(parts);
                    }
                    None => {}
                },
                _ => {}
            }
        }
        self.finish_ascii(start)
    }

    /// Joins the elements of an array or a list; `None` where one of them is anything but ASCII in the arena or null.
    pub fn join(&mut self, separator: &[u8], of: Value) -> Result<Option<Value>, Fault> {
        debug_assert!(separator.is_ascii());
        let Value::Object(handle @ Handle(..CONSTANT)) = of else { return Ok(None) };
        let Some(items) = self.items(of) else { return Ok(None) };
        let mut len = separator.len().saturating_mul(items.len().saturating_sub(1));
        for item in items {
            match item {
                Value::Text { len: own, .. } => len += *own as usize,
                Value::Null => {}
                _ => return Ok(None),
            }
        }
        self.room_for_ascii(len)?;
        self.ascii.reserve(len);
        let start = self.ascii.len();
        let (Object::Array { items, .. } | Object::List { items, .. } | Object::Grid { items, .. }) =
            &self.objects[handle.0 as usize]
        else {
            return Ok(None);
        };
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.ascii.extend_from_slice(separator);
            }
            if let Value::Text { start, len, .. } = *item {
                self.ascii.extend_from_within(start as usize..(start + len) as usize);
            }
        }
        self.finish_ascii(start).map(Some)
    }

    /// Joins strings of which one is not ASCII.
    #[cold]
    fn concat_wide(&mut self, parts: &[Value]) -> Result<Value, Fault> {
        let len = parts.iter().filter_map(|&part| self.str(part)).map(Str::len).sum::<usize>();
        self.charge(len * 2)?;
        let mut units = Vec::with_capacity(len);
        for &part in parts {
            if let Some(text) = self.str(part) {
                units.extend(text.units());
            }
        }
        let start = self.wide.len();
        self.wide.append(&mut units);
        self.finish_wide(start)
    }

    /// A part of a string, which must lie inside it. Text in the arena is shared, not copied.
    #[inline]
    pub fn substring(&mut self, value: Value, start: usize, len: usize) -> Result<Value, Fault> {
        if let Value::Text { start: own, .. } = value {
            return Ok(self.text_at(own + start as u32, len as u32));
        }
        match self.str(value) {
            Some(Str::Ascii(text)) => {
                let part = text[start..start + len].to_owned();
                self.new_str(&part)
            }
            Some(Str::Wide(units)) => {
                let part = units[start..start + len].to_vec();
                self.new_wide(&part)
            }
            None => Ok(value),
        }
    }

    /// The parts of a string of ASCII between such bytes; `None` for any other value. Parts of what lies in the arena are
    /// shared, not copied.
    pub fn parts(&mut self, value: Value, byte: u8) -> Result<Option<Vec<Value>>, Fault> {
        let start = match value {
            Value::Text { start, .. } => start,
            _ => match self.str(value) {
                Some(Str::Ascii(text)) => {
                    let text = text.to_owned();
                    let Value::Text { start, .. } = self.push_ascii(text.as_bytes())? else { return Ok(None) };
                    start
                }
                _ => return Ok(None),
            },
        };
        let Some(Str::Ascii(text)) = self.str(value) else { return Ok(None) };
        let bytes = text.as_bytes();
        let count = bytes.iter().filter(|&&own| own == byte).count();
        if count == 0 {
            return Ok(Some(vec![value]));
        }
        self.room((count + 1) * size_of::<Value>())?;
        let mut parts = Vec::with_capacity(count + 1);
        let (mut from, mut serial) = (0, self.texts);
        let mut take = |end: usize| {
            serial = serial.wrapping_add(1);
            parts.push(Value::Text { start: start + from as u32, len: (end - from) as u32, serial });
            from = end + 1;
        };
        each_place(bytes, byte, &mut take);
        take(bytes.len());
        self.texts = serial;
        Ok(Some(parts))
    }

    /// The text of a string; `None` for null and for what is no string.
    #[inline]
    pub fn str(&self, value: Value) -> Option<Str<'_>> {
        let handle = match value {
            Value::Text { start, len, .. } => {
                return Some(Str::Ascii(ascii_text(&self.ascii[start as usize..][..len as usize])));
            }
            Value::Object(handle) => handle,
            _ => return None,
        };
        match self.get(handle) {
            Object::Wide { start, len } => Some(Str::Wide(&self.wide[*start as usize..(*start + *len) as usize])),
            Object::AsciiConstant(text) => Some(Str::Ascii(text)),
            Object::WideConstant(units) => Some(Str::Wide(units)),
            _ => None,
        }
    }

    /// Whether a value is a string.
    #[inline]
    pub fn is_str(&self, value: Value) -> bool {
        use Object::{AsciiConstant, Wide, WideConstant};
        match value {
            Value::Text { .. } => true,
            Value::Object(handle) => matches!(self.get(handle), Wide { .. } | AsciiConstant(_) | WideConstant(_)),
            _ => false,
        }
    }

    /// Whether two values are equal strings, or both none.
    #[inline]
    pub fn same_text(&self, a: Value, b: Value) -> bool {
        match (self.str(a), self.str(b)) {
            (Some(Str::Ascii(a)), Some(Str::Ascii(b))) => a == b,
            (Some(a), Some(b)) => a.eq_ordinal(b),
            (None, None) => true,
            _ => false,
        }
    }

    /// A string's text beside an object of a type of its own, which is to take it in.
    pub fn text_beside<T: Extension>(&mut self, text: Value, other: Value) -> Option<(Str<'_>, &mut T)> {
        let Value::Object(other) = other else { return None };
        let own = match text {
            Value::Text { start, len, .. } => Str::Ascii(ascii_text(&self.ascii[start as usize..][..len as usize])),
            Value::Object(text) if text.0 & CONSTANT == 0 => match self.objects[text.0 as usize] {
                Object::Wide { start, len } => Str::Wide(&self.wide[start as usize..(start + len) as usize]),
                _ => return None,
            },
            Value::Object(text) => match constant(&self.constants, text) {
                Object::AsciiConstant(text) => Str::Ascii(text),
                Object::WideConstant(units) => Str::Wide(units),
                _ => return None,
            },
            _ => return None,
        };
        match self.objects.get_mut(other.0 as usize)? {
            Object::Extension { object, .. } => Some((own, object.get_mut()?)),
            _ => None,
        }
    }

    /// The text of a string as Rust text.
    #[inline]
    pub fn text(&self, value: Value) -> Option<std::borrow::Cow<'_, str>> {
        self.str(value).map(Str::to_text)
    }
}

/// Calls `found` with every place where a byte stands, in order. Eight bytes are looked at together: where they stand close
/// to each other, to begin a search for each takes longer than this.
#[inline]
fn each_place(bytes: &[u8], byte: u8, found: &mut impl FnMut(usize)) {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    let (words, rest) = bytes.as_chunks::<8>();
    let wanted = u64::from_ne_bytes([byte; 8]);
    for (at, word) in words.iter().enumerate() {
        let other = u64::from_le_bytes(*word) ^ wanted;
        // The top bit of each byte that is none other.
        let mut same = !(((other & LOW) + LOW) | other | LOW);
        while same != 0 {
            found(at * 8 + same.trailing_zeros() as usize / 8);
            same &= same - 1;
        }
    }
    for (at, own) in rest.iter().enumerate() {
        if *own == byte {
            found(words.len() * 8 + at);
        }
    }
}

/// Whether two values are one string object, both [`Value::Text`]. All empty strings are one: .NET hands out
/// `String.Empty` wherever a text comes out empty.
pub fn same_string(a: Value, b: Value) -> bool {
    matches!(
        (a, b),
        (Value::Text { serial: x, len: m, .. }, Value::Text { serial: y, len: n, .. }) if x == y || m == 0 && n == 0
    )
}

/// The text of bytes of the ASCII arena.
#[inline]
#[expect(unsafe_code, reason = "every look at a string would check again what was checked when its bytes went in")]
fn ascii_text(bytes: &[u8]) -> &str {
    debug_assert!(bytes.is_ascii());
    // SAFETY: the arena takes in bytes below 0x80 alone: `push_ascii` and `new_wide` are given such, `concat` and
    // `map_ascii` copy what is there, and `map_ascii` changes the case of letters. What is being written (`write`) may hold
    // others, but no string lies there before `finish_text` has looked at it. ASCII is UTF-8.
    unsafe { std::str::from_utf8_unchecked(bytes) }
}

fn take_leaving(leaving: &mut BytesMut, bytes: &[u8]) -> Bytes {
    if bytes.len() > MOST_LEAVING {
        return Bytes::copy_from_slice(bytes);
    }
    if leaving.capacity() < bytes.len() {
        leaving.reserve(8 * MOST_LEAVING);
    }
    leaving.extend_from_slice(bytes);
    leaving.split().freeze()
}
