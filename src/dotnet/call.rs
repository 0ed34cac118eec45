//! What a native member may use: the heap, the exchange, and the VM behind [`Host`].

use super::context::Exchange;
use super::fault::Fault;
use super::heap::{Extension, Heap, Str};
use super::system::enumerate::Stage;
use super::types::TypeId;
use super::value::Value;
use crate::effect::Moment;
use std::any::Any;
use std::borrow::Cow;

/// What the VM does for a native member.
pub trait Host {
    /// Calls a delegate. Nested in the native that asks, so it cannot wait: bodies it reads are here already.
    fn invoke(
        &mut self,
        heap: &mut Heap,
        exchange: &mut Exchange,
        delegate: Value,
        arguments: &[Value],
    ) -> Result<Value, Fault>;

    /// Gives elements to lambdas, one after the other, where none of them can be noticed but by what it answers: what comes
    /// through is put behind what is there. False, and nothing done, where one of the lambdas can be.
    fn pass_all(
        &mut self,
        heap: &mut Heap,
        exchange: &Exchange,
        stages: &[Stage],
        items: &[Value],
        passed: &mut Vec<Value>,
    ) -> Result<bool, Fault>;

    /// Begins a function that hands out elements: its state, for [`Host::advance`].
    fn begin_iterator(&mut self, heap: &mut Heap, delegate: Value) -> Result<Box<dyn Any + Send + Sync>, Fault>;

    /// Runs such a function to its next element; `None` when it has ended.
    fn advance(
        &mut self,
        heap: &mut Heap,
        exchange: &mut Exchange,
        state: &mut (dyn Any + Send + Sync),
    ) -> Result<Option<Value>, Fault>;

    /// Binds the operation of a site (a constant that the VM knows) by the types of its operands, and does it.
    fn operate(
        &mut self,
        heap: &mut Heap,
        exchange: &mut Exchange,
        site: Value,
        operands: &[Value],
        outs: &mut Vec<(u8, Value)>,
    ) -> Result<Value, Fault>;

    /// The time of the last answer.
    fn now(&self) -> Moment;

    /// Random bits from the request's seed.
    fn random(&mut self) -> u64;
}

/// One call of a native member.
pub struct Call<'a> {
    pub heap: &'a mut Heap,
    pub exchange: &'a mut Exchange,
    pub host: &'a mut dyn Host,
    /// Type arguments: the generic method's own, after those of the type that declares it.
    pub type_arguments: &'a [TypeId],
    /// The static type of the result, instantiated: what `ToList()` or `new List<T>()` makes.
    pub returns: TypeId,
    /// What by-reference parameters receive: parameter position (receiver not counted) and value.
    pub outs: &'a mut Vec<(u8, Value)>,
}

impl Call<'_> {
    #[inline]
    pub fn invoke(&mut self, delegate: Value, arguments: &[Value]) -> Result<Value, Fault> {
        if delegate.is_null() {
            return Err(Fault::null_reference());
        }
        self.host.invoke(self.heap, self.exchange, delegate, arguments)
    }

    /// Calls a delegate that answers yes or no.
    #[inline]
    pub fn test(&mut self, delegate: Value, arguments: &[Value]) -> Result<bool, Fault> {
        Ok(matches!(self.invoke(delegate, arguments)?, Value::Bool(true)))
    }

    /// Charges work that grows with its input: see [`Heap::spend`].
    #[inline]
    pub fn charge_fuel(&mut self, units: usize) -> Result<(), Fault> {
        self.heap.spend(units as u64)
    }

    /// Sets an `out` or `ref` parameter.
    pub fn set_out(&mut self, parameter: u8, value: Value) {
        self.outs.push((parameter, value));
    }

    /// The text of a string argument; null throws `ArgumentNullException` for this parameter name.
    pub fn text(&self, value: Value, parameter: &str) -> Result<Cow<'_, str>, Fault> {
        self.heap.text(value).ok_or_else(|| Fault::argument_null(parameter))
    }

    /// The UTF-16 text of a string argument; null throws `ArgumentNullException` for this parameter name.
    #[inline]
    pub fn str(&self, value: Value, parameter: &str) -> Result<Str<'_>, Fault> {
        self.heap.str(value).ok_or_else(|| Fault::argument_null(parameter))
    }

    /// The receiver's own text; null throws `NullReferenceException`.
    #[inline]
    pub fn this_str(&self, value: Value) -> Result<Str<'_>, Fault> {
        self.heap.str(value).ok_or_else(Fault::null_reference)
    }

    /// The receiver's Rust object; null throws `NullReferenceException`.
    #[inline]
    pub fn this<T: Extension>(&self, value: Value) -> Result<&T, Fault> {
        self.heap.extension(value).ok_or_else(Fault::null_reference)
    }

    #[inline]
    pub fn this_mut<T: Extension>(&mut self, value: Value) -> Result<&mut T, Fault> {
        self.heap.extension_mut(value).ok_or_else(Fault::null_reference)
    }

    /// What a static of this name and of the call's type holds: made when it is first asked for, and the same object then.
    pub fn once(
        &mut self,
        name: &'static str,
        make: impl FnOnce(&mut Self) -> Result<Value, Fault>,
    ) -> Result<Value, Fault> {
        let ty = self.returns;
        if let Some(value) = self.heap.shared(name, ty) {
            return Ok(value);
        }
        let made = make(self)?;
        self.heap.share(name, ty, made);
        Ok(made)
    }

    #[inline]
    pub fn new_str(&mut self, text: &str) -> Result<Value, Fault> {
        self.heap.new_str(text)
    }
}

/// The `int` in an argument: the checker has made sure that it is one.
pub fn int(value: Value) -> i32 {
    value.integer().unwrap_or_default() as i32
}

/// The `long` (or any integral value) in an argument.
pub fn long(value: Value) -> i64 {
    value.integer().unwrap_or_default()
}

/// The `bool` in an argument.
pub fn bool(value: Value) -> bool {
    matches!(value, Value::Bool(true))
}

/// The `char` in an argument.
pub fn char(value: Value) -> u16 {
    value.integer().unwrap_or_default() as u16
}

/// The `double` or `float` in an argument.
pub fn double(value: Value) -> f64 {
    match value {
        Value::Double(v) => v,
        Value::Single(v) => f64::from(v),
        other => other.integer().unwrap_or_default() as f64,
    }
}

/// The underlying number of an enum argument.
pub fn enumeration(value: Value) -> i64 {
    value.integer().unwrap_or_default()
}
