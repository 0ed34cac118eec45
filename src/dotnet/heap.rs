//! The objects of one request: charged when they are made, freed whole at its end.
//!
//! Objects refer to each other by [`Handle`]: parents and cycles cost nothing and no drop recurses. Strings lie in two
//! arenas (ASCII bytes, UTF-16 units), so that a string costs no allocation of its own.

use super::fault::{Fault, Limit, Thrown};
use super::types::{self, TypeId};
use super::value::{Handle, HostObject, Value};
use bytes::{Bytes, BytesMut};
use rust_decimal::Decimal;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A constant's handle has this bit; the next ten bits say which unit of the chain, the rest which constant.
const CONSTANT: u32 = 1 << 31;
const CONSTANTS_PER_UNIT: u32 = 1 << 21;

/// An object of a type that the heap itself does not know (a regex, a URI, an XML node ...).
pub trait Extension: Any + Send + Sync + fmt::Debug {
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<T: Any + Send + Sync + fmt::Debug> Extension for T {
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

/// An object.
#[derive(Debug)]
pub enum Object {
    /// UTF-16 units in the arena. ASCII text there is no object: see [`Value::Text`].
    Wide {
        start: u32,
        len: u32,
    },
    /// A constant's own text.
    AsciiConstant(Box<str>),
    WideConstant(Box<[u16]>),
    Decimal(Decimal),
    Guid([u8; 16]),
    /// `byte[]`.
    Bytes(Vec<u8>),
    /// Any other array of rank 1, with its own type (`string[]`).
    Array {
        ty: TypeId,
        items: Vec<Value>,
    },
    /// An array of several dimensions: its elements in order, and how long it is in each dimension.
    Grid {
        ty: TypeId,
        items: Vec<Value>,
        lengths: Box<[u32]>,
    },
    /// A reference to an element of an array.
    Element {
        array: Value,
        index: u32,
    },
    /// A reference to a field of the tuple that another reference refers to.
    Part {
        of: Value,
        at: u32,
    },
    /// `List<T>`; `version` grows with each change, so that enumeration can notice.
    List {
        ty: TypeId,
        items: Vec<Value>,
        version: u32,
    },
    /// A value tuple, `Tuple<...>`, `KeyValuePair<,>` or anonymous object: its fields in order.
    Record {
        ty: TypeId,
        fields: Box<[Value]>,
    },
    /// A lambda or method group: a function of a unit and the cells that it captured. The VM alone reads `function`.
    Closure {
        ty: TypeId,
        function: FunctionRef,
        captures: Box<[Value]>,
    },
    /// A delegate that calls several others, in order.
    Multicast {
        ty: TypeId,
        list: Box<[Value]>,
    },
    /// A captured local.
    Cell(Value),
    Exception(Box<Exception>),
    /// A type of its own.
    Extension {
        ty: TypeId,
        object: Box<dyn Extension>,
    },
    /// Being changed by a native further up the stack.
    Taken,
}

/// A function of a unit of the request's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionRef {
    pub unit: u32,
    pub function: u32,
}

/// A .NET exception object.
#[derive(Clone, Debug)]
pub struct Exception {
    /// An exception type of the table, or `System.Exception` itself.
    pub ty: TypeId,
    pub message: String,
    pub inner: Option<Value>,
    /// It was thrown: until then it has no stack trace.
    pub thrown: bool,
    /// `Source` and `HelpLink`, where they were set.
    pub source: Option<Value>,
    pub help_link: Option<Value>,
    /// `HResult`, where it was set.
    pub h_result: Option<i32>,
    /// `Data`, once somebody asked for it.
    pub data: Option<Value>,
    /// Those that an `AggregateException` holds.
    pub all: Box<[Value]>,
}

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

/// The constants of a unit.
pub type Constants = Arc<[Object]>;

/// The objects of one request.
#[derive(Debug, Default)]
pub struct Heap {
    objects: Vec<Object>,
    /// ASCII and nothing else: see [`ascii_text`].
    ascii: Vec<u8>,
    wide: Vec<u16>,
    /// Strings of ASCII made so far.
    texts: u32,
    constants: Arc<[Constants]>,
    /// Objects of which a request has one, by name.
    shared: Vec<(&'static str, Value)>,
    used: usize,
    limit: usize,
    nesting: u32,
    /// Where bytes that leave with a message are written: one piece of memory for many of them.
    leaving: BytesMut,
}

/// Longer ones have memory of their own, so that a short one that is kept does not hold much.
const MOST_LEAVING: usize = 256;

/// How deep sequences may pull from sequences: what keeps a native from overflowing the stack.
const MAX_NESTING: u32 = 300;

/// A point in a heap's growth.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    objects: usize,
    ascii: usize,
    wide: usize,
    used: usize,
}

/// What an object costs beside what it holds.
const PER_OBJECT: usize = size_of::<Object>();

impl Heap {
    /// A heap that may hold this many bytes.
    pub fn new(limit: usize) -> Heap {
        Heap { limit, ..Heap::default() }
    }

    /// What it may hold from now on, in bytes.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Empties it for the next request and keeps its memory (up to a megabyte).
    pub fn reset(&mut self) {
        self.objects.clear();
        self.ascii.clear();
        self.wide.clear();
        self.shared.clear();
        self.used = 0;
        self.nesting = 0;
        self.ascii.shrink_to(1 << 20);
        self.wide.shrink_to(1 << 19);
        self.objects.shrink_to(1 << 15);
    }

    /// Bytes charged so far.
    pub fn used(&self) -> usize {
        self.used
    }

    /// Charges bytes that an object holds outside the heap's own slabs. Call it before growing.
    #[inline]
    pub fn charge(&mut self, bytes: usize) -> Result<(), Fault> {
        self.used = self.used.saturating_add(bytes);
        if self.used > self.limit { Err(Fault::Limit(Limit::Memory)) } else { Ok(()) }
    }

    /// Whether something may grow into that many bytes anew, while what it had is still there. Nothing is charged: what
    /// it comes to hold is charged on its own; an eighth of the limit may be overstepped for a moment.
    pub fn room(&self, bytes: usize) -> Result<(), Fault> {
        let fits = self.used.saturating_add(bytes) <= self.limit.saturating_add(self.limit / 8);
        if fits { Ok(()) } else { Err(Fault::Limit(Limit::Memory)) }
    }

    /// A native goes one level deeper into nested data or sequences; every success is paired with a [`Heap::leave`].
    pub fn enter(&mut self) -> Result<(), Fault> {
        if self.nesting >= MAX_NESTING {
            return Err(Fault::Limit(Limit::Depth));
        }
        self.nesting += 1;
        Ok(())
    }

    pub fn leave(&mut self) {
        self.nesting = self.nesting.saturating_sub(1);
    }

    /// Makes the constants of a chain's units reachable: those of unit `u` then have handles `constant_handle(u, n)`.
    pub fn attach(&mut self, constants: Arc<[Constants]>) {
        self.constants = constants;
    }

    /// How much there is, for [`Heap::rewind`].
    pub fn mark(&self) -> Mark {
        let (objects, ascii, wide) = (self.objects.len(), self.ascii.len(), self.wide.len());
        Mark { objects, ascii, wide, used: self.used }
    }

    /// Forgets what was made since the mark. Nothing older may refer to it.
    pub fn rewind(&mut self, mark: Mark) {
        if self.objects.len() > mark.objects {
            self.objects.truncate(mark.objects);
        }
        self.ascii.truncate(mark.ascii);
        self.wide.truncate(mark.wide);
        self.used = mark.used;
    }

    #[inline]
    pub fn constant_handle(unit: u32, constant: u32) -> Handle {
        Handle(CONSTANT | (unit * CONSTANTS_PER_UNIT) | constant)
    }

    #[inline]
    pub fn get(&self, handle: Handle) -> &Object {
        if handle.0 & CONSTANT == 0 {
            return &self.objects[handle.0 as usize];
        }
        constant(&self.constants, handle)
    }

    /// The object, to be changed. Constants are never changed: asking for one is a bug.
    #[inline]
    pub fn get_mut(&mut self, handle: Handle) -> &mut Object {
        assert!(handle.0 & CONSTANT == 0, "constants are immutable");
        &mut self.objects[handle.0 as usize]
    }

    /// Makes an object. What it holds outside the slabs is charged by the maker ([`Heap::charge`]).
    #[inline]
    pub fn alloc(&mut self, object: Object) -> Result<Value, Fault> {
        self.charge(PER_OBJECT)?;
        if self.objects.len() == self.objects.capacity() {
            self.room(2 * self.objects.len() * PER_OBJECT)?;
            if self.objects.len() >= CONSTANT as usize / 2 {
                return Err(Fault::Limit(Limit::Memory));
            }
        }
        self.objects.push(object);
        Ok(Value::Object(Handle((self.objects.len() - 1) as u32)))
    }

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

    // ---- strings

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

    /// Joins strings (a null is empty) without a temporary.
    pub fn concat(&mut self, parts: &[Value]) -> Result<Value, Fault> {
        let start = self.ascii.len();
        for &part in parts {
            match part {
                Value::Text { start, len, .. } => {
                    self.room_for_ascii(len as usize)?;
                    self.ascii.extend_from_within(start as usize..(start + len) as usize);
                }
                Value::Object(handle) if handle.0 & CONSTANT == 0 => {
                    if let Object::Wide { .. } = self.objects[handle.0 as usize] {
                        return self.concat_wide(start, parts);
                    }
                }
                Value::Object(handle) => match constant(&self.constants, handle) {
                    Object::AsciiConstant(text) => {
                        let len = text.len();
                        self.room_for_ascii(len)?;
                        if let Object::AsciiConstant(text) = constant(&self.constants, handle) {
                            self.ascii.extend_from_slice(text.as_bytes());
                        }
                    }
                    Object::WideConstant(_) => return self.concat_wide(start, parts),
                    _ => {}
                },
                _ => {}
            }
        }
        self.finish_ascii(start)
    }

    /// Joins strings of which one is not ASCII. What was joined so far, from `start`, is taken back.
    #[cold]
    fn concat_wide(&mut self, start: usize, parts: &[Value]) -> Result<Value, Fault> {
        self.used -= self.ascii.len() - start;
        self.ascii.truncate(start);
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
            Object::Extension { object, .. } => Some((own, (**object).as_any_mut().downcast_mut()?)),
            _ => None,
        }
    }

    /// The text of a string as Rust text.
    #[inline]
    pub fn text(&self, value: Value) -> Option<std::borrow::Cow<'_, str>> {
        self.str(value).map(Str::to_text)
    }

    // ---- other objects

    /// The object that was shared under this name: a static of .NET that is compared by reference.
    pub fn shared(&self, name: &str) -> Option<Value> {
        self.shared.iter().find(|own| own.0 == name).map(|own| own.1)
    }

    pub fn share(&mut self, name: &'static str, value: Value) {
        self.shared.push((name, value));
    }

    pub fn new_bytes(&mut self, bytes: Vec<u8>) -> Result<Value, Fault> {
        self.charge(bytes.len())?;
        self.alloc(Object::Bytes(bytes))
    }

    /// An array of this array type (`string[]`, not its element type). `byte[]` is [`Object::Bytes`]: see [`Heap::new_bytes`].
    pub fn new_array(&mut self, ty: TypeId, items: Vec<Value>) -> Result<Value, Fault> {
        self.charge(items.len() * size_of::<Value>())?;
        self.alloc(Object::Array { ty, items })
    }

    /// A `List<T>` of this type (`List<string>`).
    pub fn new_list(&mut self, ty: TypeId, items: Vec<Value>) -> Result<Value, Fault> {
        self.charge(items.len() * size_of::<Value>())?;
        self.alloc(Object::List { ty, items, version: 0 })
    }

    pub fn new_record(&mut self, ty: TypeId, fields: &[Value]) -> Result<Value, Fault> {
        self.charge(size_of_val(fields))?;
        self.alloc(Object::Record { ty, fields: fields.into() })
    }

    pub fn new_decimal(&mut self, value: Decimal) -> Result<Value, Fault> {
        self.alloc(Object::Decimal(value))
    }

    pub fn new_guid(&mut self, bytes: [u8; 16]) -> Result<Value, Fault> {
        self.alloc(Object::Guid(bytes))
    }

    /// An object of a type of its own; what it holds is charged by the maker.
    pub fn new_extension<T: Extension>(&mut self, ty: TypeId, object: T) -> Result<Value, Fault> {
        self.charge(size_of::<T>())?;
        self.alloc(Object::Extension { ty, object: Box::new(object) })
    }

    /// The extension of this Rust type behind a value.
    #[inline]
    pub fn extension<T: Extension>(&self, value: Value) -> Option<&T> {
        let Value::Object(handle) = value else { return None };
        match self.get(handle) {
            Object::Extension { object, .. } => (&**object as &dyn Any).downcast_ref(),
            _ => None,
        }
    }

    #[inline]
    pub fn extension_mut<T: Extension>(&mut self, value: Value) -> Option<&mut T> {
        let Value::Object(handle) = value else { return None };
        match self.get_mut(handle) {
            Object::Extension { object, .. } => (&mut **object as &mut dyn Any).downcast_mut(),
            _ => None,
        }
    }

    /// The items of an array (not of `byte[]`) or a list.
    pub fn items(&self, value: Value) -> Option<&[Value]> {
        let Value::Object(handle) = value else { return None };
        match self.get(handle) {
            Object::Array { items, .. } | Object::Grid { items, .. } | Object::List { items, .. } => Some(items),
            _ => None,
        }
    }

    pub fn bytes(&self, value: Value) -> Option<&[u8]> {
        let Value::Object(handle) = value else { return None };
        match self.get(handle) {
            Object::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub fn decimal(&self, value: Value) -> Option<Decimal> {
        let Value::Object(handle) = value else { return None };
        match self.get(handle) {
            Object::Decimal(value) => Some(*value),
            _ => None,
        }
    }

    pub fn guid(&self, value: Value) -> Option<[u8; 16]> {
        let Value::Object(handle) = value else { return None };
        match self.get(handle) {
            Object::Guid(value) => Some(*value),
            _ => None,
        }
    }

    pub fn fields(&self, value: Value) -> Option<&[Value]> {
        let Value::Object(handle) = value else { return None };
        match self.get(handle) {
            Object::Record { fields, .. } => Some(fields),
            _ => None,
        }
    }

    /// The exception object of a fault, or the limit that it is.
    pub fn exception(&mut self, fault: Fault) -> Result<Value, Limit> {
        match fault {
            Fault::Rethrow(value) => {
                if let Value::Object(handle) = value {
                    if let Object::Exception(exception) = self.get_mut(handle) {
                        exception.thrown = true;
                    }
                }
                Ok(value)
            }
            Fault::Limit(limit) => Err(limit),
            Fault::Policy(error) => {
                let thrown = Thrown { type_name: "System.Exception", message: error.message, inner: None };
                self.new_exception(thrown).map_err(|_| Limit::Memory)
            }
            Fault::Throw(thrown) => self.new_exception(*thrown).map_err(|_| Limit::Memory),
        }
    }

    fn new_exception(&mut self, thrown: Thrown) -> Result<Value, Fault> {
        let inner = match thrown.inner {
            Some(inner) => Some(self.new_exception(*inner)?),
            None => None,
        };
        self.charge(thrown.message.len())?;
        let ty =
            super::find_def(thrown.type_name, 0).map_or_else(types::exception, |_| TypeId::named(thrown.type_name));
        let message = thrown.message;
        let made = Exception {
            ty,
            message,
            inner,
            thrown: true,
            source: None,
            help_link: None,
            h_result: None,
            data: None,
            all: Box::default(),
        };
        self.alloc(Object::Exception(Box::new(made)))
    }

    /// The run-time type (`GetType()`); the null type for null.
    pub fn type_of(&self, value: Value) -> TypeId {
        match value {
            Value::Null => types::null(),
            Value::Bool(_) => types::boolean(),
            Value::Char(_) => types::char(),
            Value::SByte(_) => types::sbyte(),
            Value::Byte(_) => types::byte(),
            Value::Int16(_) => types::int16(),
            Value::UInt16(_) => types::uint16(),
            Value::Int32(_) => types::int32(),
            Value::UInt32(_) => types::uint32(),
            Value::Int64(_) => types::int64(),
            Value::UInt64(_) => types::uint64(),
            Value::Single(_) => types::single(),
            Value::Double(_) => types::double(),
            Value::DateTime(_) => types::date_time(),
            Value::TimeSpan(_) => types::time_span(),
            Value::DateTimeOffset { .. } => types::date_time_offset(),
            Value::Enum { ty, .. } => ty,
            Value::Type(_) => types::type_type(),
            Value::Host(part) => host_type(part),
            Value::Text { .. } => types::string(),
            Value::Object(handle) => match self.get(handle) {
                Object::Wide { .. } | Object::AsciiConstant(_) | Object::WideConstant(_) => types::string(),
                Object::Decimal(_) => types::decimal(),
                Object::Guid(_) => types::guid(),
                Object::Bytes(_) => types::bytes(),
                Object::Array { ty, .. }
                | Object::Grid { ty, .. }
                | Object::List { ty, .. }
                | Object::Record { ty, .. }
                | Object::Closure { ty, .. }
                | Object::Multicast { ty, .. }
                | Object::Extension { ty, .. } => *ty,
                Object::Exception(exception) => exception.ty,
                Object::Cell(_) | Object::Element { .. } | Object::Part { .. } | Object::Taken => types::object(),
            },
        }
    }
}

#[inline]
fn constant(constants: &[Constants], handle: Handle) -> &Object {
    let at = handle.0 & !CONSTANT;
    &constants[(at / CONSTANTS_PER_UNIT) as usize][(at % CONSTANTS_PER_UNIT) as usize]
}

/// Whether two values are one string object, both [`Value::Text`].
pub fn same_string(a: Value, b: Value) -> bool {
    matches!((a, b), (Value::Text { serial: a, .. }, Value::Text { serial: b, .. }) if a == b)
}

/// The text of bytes of the ASCII arena.
#[inline]
#[expect(unsafe_code, reason = "every look at a string would check again what was checked when its bytes went in")]
fn ascii_text(bytes: &[u8]) -> &str {
    debug_assert!(bytes.is_ascii());
    // SAFETY: the arena takes in bytes below 0x80 alone: `push_ascii` and `new_wide` are given such, `concat` and
    // `map_ascii` copy what is there, and `map_ascii` changes the case of letters. ASCII is UTF-8.
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

fn host_type(part: HostObject) -> TypeId {
    super::context::type_of(part)
}
