//! What an object may be.

use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use rust_decimal::Decimal;
use std::any::Any;
use std::fmt;

/// An object of a type that the heap itself does not know (a regex, a URI, an XML node ...).
pub trait Extension: Any + Send + Sync + fmt::Debug {}

impl<T: Any + Send + Sync + fmt::Debug> Extension for T {}

/// Such an object, with the Rust type that it is.
#[derive(Debug)]
pub struct Own {
    of: std::any::TypeId,
    object: Box<dyn Extension>,
}

impl Own {
    pub fn new<T: Extension>(object: T) -> Own {
        Own { of: std::any::TypeId::of::<T>(), object: Box::new(object) }
    }

    #[inline]
    pub fn is<T: Extension>(&self) -> bool {
        self.of == std::any::TypeId::of::<T>()
    }

    #[inline]
    #[expect(unsafe_code, reason = "`Any` asks by a call that answers through memory, for which processors wait")]
    pub fn get<T: Extension>(&self) -> Option<&T> {
        // SAFETY: `of` is the type that `new` has boxed; neither is ever changed.
        self.is::<T>().then(|| unsafe { &*std::ptr::from_ref(&*self.object).cast::<T>() })
    }

    #[inline]
    #[expect(unsafe_code, reason = "as above")]
    pub fn get_mut<T: Extension>(&mut self) -> Option<&mut T> {
        // SAFETY: as above, and `self` is borrowed alone.
        self.is::<T>().then(|| unsafe { &mut *std::ptr::from_mut(&mut *self.object).cast::<T>() })
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
        object: Own,
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
