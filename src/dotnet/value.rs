//! .NET values as registers hold them: 16 bytes, copied freely; what does not fit lives in the request's heap.
//!
//! Boxing costs nothing (a value is its own box) and a nullable is the value or `Null`, as a boxed nullable is in .NET.
//! Typed instructions read the payload by the static type; the tag is there for natives, generics and `object`.

use super::types::TypeId;

/// An object in the request's heap, or a constant of a unit of the request's chain (the top bit is set then).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle(pub u32);

/// `System.DateTime`: ticks (100 ns since 0001-01-01) in the low 62 bits, the kind in the top two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateTime(pub u64);

/// `System.DateTimeKind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Unspecified = 0,
    Utc = 1,
    Local = 2,
}

impl DateTime {
    const TICKS: u64 = (1 << 62) - 1;
    /// Ticks of 9999-12-31T23:59:59.9999999.
    pub const MAX_TICKS: i64 = 3_155_378_975_999_999_999;

    /// `ticks` must be from 0 to [`DateTime::MAX_TICKS`].
    pub fn new(ticks: i64, kind: Kind) -> DateTime {
        DateTime((ticks as u64 & Self::TICKS) | (kind as u64) << 62)
    }

    pub fn ticks(self) -> i64 {
        (self.0 & Self::TICKS) as i64
    }

    pub fn kind(self) -> Kind {
        match self.0 >> 62 {
            0 => Kind::Unspecified,
            1 => Kind::Utc,
            _ => Kind::Local,
        }
    }
}

/// The parts of the exchange that `context` shows: they need no object in the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostObject {
    Context,
    Api,
    ApiServiceUrl,
    ApiSubscriptionKeyNames,
    Backend,
    Deployment,
    Gateway,
    Sustainability,
    LastError,
    Operation,
    Product,
    Request,
    RequestHeaders,
    RequestUrl,
    RequestUrlQuery,
    OriginalUrl,
    OriginalUrlQuery,
    MatchedParameters,
    RequestBody,
    PrivateEndpoint,
    Foundry,
    Vnet,
    Response,
    ResponseHeaders,
    ResponseBody,
    Subscription,
    User,
    Variables,
    Workspace,
    GraphQl,
}

/// A .NET value.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    Null,
    Bool(bool),
    Char(u16),
    SByte(i8),
    Byte(u8),
    Int16(i16),
    UInt16(u16),
    Int32(i32),
    UInt32(u32),
    Int64(i64),
    UInt64(u64),
    Single(f32),
    Double(f64),
    DateTime(DateTime),
    /// Ticks.
    TimeSpan(i64),
    /// Local ticks ("clock time") and the offset in minutes.
    DateTimeOffset {
        minutes: i16,
        ticks: i64,
    },
    /// An enum's type and its underlying value.
    Enum {
        ty: TypeId,
        value: i64,
    },
    /// `System.Type`.
    Type(TypeId),
    /// A part of `context`.
    Host(HostObject),
    /// A string of ASCII: where it lies in the heap's arena, and which string it is (`ReferenceEquals`). It needs no object,
    /// so that a part of a string costs nothing.
    Text {
        start: u32,
        len: u32,
        serial: u32,
    },
    /// Everything else: other strings, decimals, GUIDs, arrays, collections, tokens, closures, exceptions ...
    Object(Handle),
}

impl Value {
    #[inline]
    pub fn is_null(self) -> bool {
        matches!(self, Value::Null)
    }

    /// Whether both are one object of the heap that is no short string.
    #[inline]
    pub fn is_same_object(self, other: Value) -> bool {
        matches!((self, other), (Value::Object(one), Value::Object(other)) if one == other)
    }

    /// The payload of an integral value, a char, a bool or an enum, sign- or zero-extended.
    #[inline]
    pub fn integer(self) -> Option<i64> {
        Some(match self {
            Value::Bool(v) => i64::from(v),
            Value::Char(v) | Value::UInt16(v) => i64::from(v),
            Value::SByte(v) => i64::from(v),
            Value::Byte(v) => i64::from(v),
            Value::Int16(v) => i64::from(v),
            Value::Int32(v) => i64::from(v),
            Value::UInt32(v) => i64::from(v),
            Value::Int64(v) => v,
            Value::UInt64(v) => v as i64,
            Value::Enum { value, .. } => value,
            _ => return None,
        })
    }
}

const _: () = assert!(size_of::<Value>() == 16, "a register is 16 bytes");
