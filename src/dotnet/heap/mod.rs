//! The objects of one request: charged when they are made, freed whole at its end.
//!
//! Objects refer to each other by [`Handle`]: parents and cycles cost nothing and no drop recurses. Strings lie in two
//! arenas (ASCII bytes, UTF-16 units), so that a string costs no allocation of its own: see [`text`]. The work that a
//! request may still do is counted here too.

mod object;
mod text;

pub use self::object::{Exception, Extension, FunctionRef, Object, Own};
pub use self::text::{Str, same_string};

use super::fault::{Fault, Limit, Thrown};
use super::types::{self, TypeId};
use super::value::{Handle, HostObject, Value};
use bytes::BytesMut;
use rust_decimal::Decimal;
use std::sync::Arc;

/// A constant's handle has this bit; the next ten bits say which unit of the chain, the rest which constant.
const CONSTANT: u32 = 1 << 31;
const CONSTANTS_PER_UNIT: u32 = 1 << 21;

/// The constants of a unit.
pub type Constants = Arc<[Object]>;

/// The objects of one request.
#[derive(Debug, Default)]
pub struct Heap {
    objects: Vec<Object>,
    /// ASCII and nothing else: see [`text`].
    ascii: Vec<u8>,
    wide: Vec<u16>,
    /// Strings of ASCII made so far.
    texts: u32,
    constants: Arc<[Constants]>,
    /// Objects of which a request has one, by name.
    shared: Vec<(&'static str, TypeId, Value)>,
    used: usize,
    limit: usize,
    /// Units of work that are left.
    fuel: u64,
    nesting: u32,
    /// Where bytes that leave with a message are written: one piece of memory for many of them.
    leaving: BytesMut,
}

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
    /// A heap that may hold this many bytes. Work is free until [`Heap::set_fuel`].
    pub fn new(limit: usize) -> Heap {
        Heap { limit, fuel: u64::MAX, ..Heap::default() }
    }

    /// What it may hold from now on, in bytes.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// The work that may be done from now on.
    #[inline]
    pub fn set_fuel(&mut self, units: u64) {
        self.fuel = units;
    }

    /// The work that may still be done.
    #[inline]
    pub fn fuel(&self) -> u64 {
        self.fuel
    }

    /// Takes fuel: instructions are paid when a function is entered and when a jump leads back, a unit for each that may
    /// run before the next such place; a native pays about a unit per 16 bytes or per element that it touches.
    #[inline]
    pub fn spend(&mut self, units: u64) -> Result<(), Fault> {
        if self.pay(units) {
            return Ok(());
        }
        self.fuel = 0;
        Err(Fault::Limit(Limit::Fuel))
    }

    /// Takes fuel where there is so much.
    #[inline]
    pub fn pay(&mut self, units: u64) -> bool {
        let Some(left) = self.fuel.checked_sub(units) else { return false };
        self.fuel = left;
        true
    }

    /// Whether there is fuel for so much, which is taken later.
    pub fn can_spend(&self, units: u64) -> Result<(), Fault> {
        if units <= self.fuel { Ok(()) } else { Err(Fault::Limit(Limit::Fuel)) }
    }

    /// Empties it for the next request and keeps its memory (up to a megabyte).
    pub fn reset(&mut self) {
        self.objects.clear();
        self.ascii.clear();
        self.wide.clear();
        self.shared.clear();
        self.used = 0;
        self.fuel = u64::MAX;
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
    #[inline]
    pub fn rewind(&mut self, mark: Mark) {
        self.used = mark.used;
        self.ascii.truncate(mark.ascii);
        self.wide.truncate(mark.wide);
        if self.objects.len() > mark.objects {
            self.forget(mark.objects);
        }
    }

    #[inline(never)]
    fn forget(&mut self, from: usize) {
        self.objects.truncate(from);
        self.shared.retain(|own| !matches!(own.2, Value::Object(Handle(at)) if at as usize >= from));
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

    /// The object that was shared under this name and type: a static of .NET that is compared by reference.
    pub fn shared(&self, name: &str, ty: TypeId) -> Option<Value> {
        self.shared.iter().find(|own| own.0 == name && own.1 == ty).map(|own| own.2)
    }

    pub fn share(&mut self, name: &'static str, ty: TypeId, value: Value) {
        self.shared.push((name, ty, value));
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
        self.alloc(Object::Extension { ty, object: Own::new(object) })
    }

    /// The extension of this Rust type behind a value.
    #[inline]
    pub fn extension<T: Extension>(&self, value: Value) -> Option<&T> {
        let Value::Object(handle) = value else { return None };
        match self.get(handle) {
            Object::Extension { object, .. } => object.get(),
            _ => None,
        }
    }

    #[inline]
    pub fn extension_mut<T: Extension>(&mut self, value: Value) -> Option<&mut T> {
        let Value::Object(handle) = value else { return None };
        match self.get_mut(handle) {
            Object::Extension { object, .. } => object.get_mut(),
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

    /// Changes a field of a record where it is: all that hold the record see it.
    pub fn set_field(&mut self, value: Value, at: usize, field: Value) {
        let Value::Object(handle) = value else { return };
        if let Object::Record { fields, .. } = self.get_mut(handle)
            && let Some(own) = fields.get_mut(at)
        {
            *own = field;
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

    /// Whether two values are one object, as `object.ReferenceEquals` asks: a boxed value is no other's equal; equal
    /// constants are one string, and so are all empty ones.
    pub fn is_same(&self, a: Value, b: Value) -> bool {
        match (a, b) {
            (Value::Null, Value::Null) => true,
            (Value::Host(a), Value::Host(b)) => a == b,
            (Value::Type(a), Value::Type(b)) => a == b,
            (Value::Text { .. }, Value::Text { .. }) => same_string(a, b),
            (Value::Object(x), Value::Object(y)) if x == y => true,
            (Value::Object(_) | Value::Text { .. }, Value::Object(_) | Value::Text { .. }) => {
                let (Some(x), Some(y)) = (self.str(a), self.str(b)) else { return false };
                x.is_empty() && y.is_empty() || self.is_constant(a) && self.is_constant(b) && x.eq_ordinal(y)
            }
            _ => false,
        }
    }

    /// A string that stands in a program.
    fn is_constant(&self, value: Value) -> bool {
        let Value::Object(handle) = value else { return false };
        matches!(self.get(handle), Object::AsciiConstant(_) | Object::WideConstant(_))
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

fn host_type(part: HostObject) -> TypeId {
    super::context::type_of(part)
}
