//! `System.Object`, and what every value can do: be compared, hashed, printed.
//!
//! In: any two values. Out: what `Equals`, `GetHashCode` and `Comparer<T>.Default` say of them. Types of other tables take
//! part by their own rows: `bool Equals(object obj)`, `int GetHashCode()`, `int CompareTo(object obj)`.

use super::display;
use super::enumerate::call_native;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, method, static_method};
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::Value;
use std::cmp::Ordering;

pub use super::hash_code::{fnv, hash};
pub use display::{display, format_value, to_str};

type Result<T = Value> = std::result::Result<T, Fault>;

pub static OBJECT: TypeDef = TypeDef::new("System.Object", Kind::Class, &[ROWS]).alias("object");

const ROWS: &[Row] = &[
    constructor("Object()", new),
    method("bool Equals(object obj)", equals_row).doc("Whether both are equal, as their own type defines it."),
    static_method("bool Equals(object objA, object objB)", static_equals),
    method("int GetHashCode()", hash_row),
    method("Type GetType()", get_type).doc("The run-time type."),
    static_method("bool ReferenceEquals(object objA, object objB)", reference_equals),
    method("string ToString()", to_string),
];

/// A plain `new object()`.
#[derive(Debug)]
struct Plain;

fn new(cx: &mut Call<'_>, _: &[Value]) -> Result {
    cx.heap.new_extension(types::object(), Plain)
}

/// The code of `bool Equals(object obj)` for every type whose equality is built in.
pub fn equals_row(cx: &mut Call<'_>, a: &[Value]) -> Result {
    not_null(a[0])?;
    Ok(Value::Bool(equals(cx, a[0], a[1])?))
}

fn static_equals(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Bool(equals(cx, a[0], a[1])?))
}

/// The code of `int GetHashCode()`.
pub fn hash_row(cx: &mut Call<'_>, a: &[Value]) -> Result {
    not_null(a[0])?;
    Ok(Value::Int32(hash(cx, a[0])?))
}

/// The code of `int CompareTo(...)` for every type whose order is built in: another type is an error.
pub fn compare_row(cx: &mut Call<'_>, a: &[Value]) -> Result {
    not_null(a[0])?;
    // The small integers give their difference.
    let difference = match (a[0], a[1]) {
        (Value::Byte(x), Value::Byte(y)) => Some(i32::from(x) - i32::from(y)),
        (Value::SByte(x), Value::SByte(y)) => Some(i32::from(x) - i32::from(y)),
        (Value::Int16(x), Value::Int16(y)) => Some(i32::from(x) - i32::from(y)),
        (Value::UInt16(x), Value::UInt16(y)) => Some(i32::from(x) - i32::from(y)),
        _ => None,
    };
    if let Some(difference) = difference {
        return Ok(Value::Int32(difference));
    }
    let (own, other) = (cx.heap.type_of(a[0]), cx.heap.type_of(a[1]));
    if !a[1].is_null() && !crate::dotnet::inherit::same(own, other) {
        if let Value::Enum { .. } = a[0] {
            let message = format!(
                "Object must be the same type as the enum. The type passed in was '{}'; the enum type was '{}'.",
                other.clr_name(),
                own.clr_name()
            );
            return Err(Fault::throw("System.ArgumentException", message));
        }
        let name = own.def().map_or("", |def| def.simple_name());
        return Err(Fault::throw("System.ArgumentException", format!("Object must be of type {name}.")));
    }
    Ok(Value::Int32(compare(cx, a[0], a[1])? as i32))
}

fn get_type(cx: &mut Call<'_>, a: &[Value]) -> Result {
    not_null(a[0])?;
    Ok(Value::Type(cx.heap.type_of(a[0])))
}

fn reference_equals(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Bool(cx.heap.is_same(a[0], a[1])))
}

/// The code of `string ToString()`, and of `ToString(IFormatProvider provider)`.
pub fn to_string(cx: &mut Call<'_>, a: &[Value]) -> Result {
    not_null(a[0])?;
    to_str(cx, a[0])
}

/// The code of `string ToString(string format)`, with or without a provider after it.
pub fn to_string_format(cx: &mut Call<'_>, a: &[Value]) -> Result {
    not_null(a[0])?;
    let format = cx.heap.text(a[1]).map(std::borrow::Cow::into_owned);
    let text = format_value(cx, a[0], format.as_deref())?;
    cx.new_str(&text)
}

fn not_null(value: Value) -> Result<()> {
    if value.is_null() { Err(Fault::null_reference()) } else { Ok(()) }
}

/// `object.Equals(a, b)`.
pub fn equals(cx: &mut Call<'_>, a: Value, b: Value) -> Result<bool> {
    let both = match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            if x == y {
                return Ok(true);
            }
            (x, y)
        }
        (Value::Single(x), Value::Single(y)) => return Ok(x == y || x.is_nan() && y.is_nan()),
        (Value::Double(x), Value::Double(y)) => return Ok(x == y || x.is_nan() && y.is_nan()),
        (Value::DateTime(x), Value::DateTime(y)) => return Ok(x.ticks() == y.ticks()),
        (Value::TimeSpan(x), Value::TimeSpan(y)) => return Ok(x == y),
        (Value::DateTimeOffset { .. }, Value::DateTimeOffset { .. }) => return Ok(utc(a) == utc(b)),
        (Value::Enum { ty: t, value: x }, Value::Enum { ty: u, value: y }) => return Ok(t == u && x == y),
        (Value::Type(x), Value::Type(y)) => return Ok(x == y),
        (Value::Host(x), Value::Host(y)) => return Ok(x == y),
        (Value::Null, Value::Null) => return Ok(true),
        (Value::Null, _) | (_, Value::Null) => return Ok(false),
        (Value::Text { .. }, _) => return equal_texts(cx, a, b),
        (Value::Object(_), Value::Text { .. }) if cx.heap.is_str(a) => return equal_texts(cx, a, b),
        (Value::Object(_), _) => return by_equals_row(cx, a, b),
        _ => {
            let same_kind = std::mem::discriminant(&a) == std::mem::discriminant(&b);
            return Ok(same_kind && a.integer().is_some() && a.integer() == b.integer());
        }
    };
    match (cx.heap.get(both.0), cx.heap.get(both.1)) {
        (Object::Decimal(x), Object::Decimal(y)) => Ok(x == y),
        (Object::Guid(x), Object::Guid(y)) => Ok(x == y),
        (Object::Record { ty: t, fields: x }, Object::Record { ty: u, fields: y }) => {
            if t != u && !crate::dotnet::inherit::same(*t, *u) {
                return Ok(false);
            }
            let pairs: Vec<_> = x.iter().copied().zip(y.iter().copied()).collect();
            cx.charge_fuel(pairs.len())?;
            cx.heap.enter()?;
            let mut answer = Ok(true);
            for (x, y) in pairs {
                answer = equals(cx, x, y);
                if !matches!(answer, Ok(true)) {
                    break;
                }
            }
            cx.heap.leave();
            answer
        }
        (Object::Closure { function: f, captures: x, .. }, Object::Closure { function: g, captures: y, .. }) => {
            // The same function with the same variables, or of the same receiver.
            let same = |(x, y): (&Value, &Value)| match (x, y) {
                (Value::Object(x), Value::Object(y)) => x == y,
                (Value::Host(x), Value::Host(y)) => x == y,
                (x, y) => crate::dotnet::heap::same_string(*x, *y),
            };
            Ok(f == g && x.len() == y.len() && x.iter().zip(y).all(same))
        }
        (Object::Multicast { list: x, .. }, Object::Multicast { list: y, .. }) => {
            if x.len() != y.len() {
                return Ok(false);
            }
            let pairs: Vec<_> = x.iter().copied().zip(y.iter().copied()).collect();
            for (x, y) in pairs {
                cx.charge_fuel(1)?;
                if !equals(cx, x, y)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Object::Extension { .. }, _) => by_equals_row(cx, a, b),
        _ => equal_texts(cx, a, b),
    }
}

/// Whether both are strings, and equal ones.
fn equal_texts(cx: &mut Call<'_>, a: Value, b: Value) -> Result<bool> {
    let (Some(x), Some(y)) = (cx.heap.str(a), cx.heap.str(b)) else { return Ok(false) };
    let equal = x.eq_ordinal(y);
    let units = if x.len() == y.len() { x.len() / 16 } else { 0 };
    cx.charge_fuel(units)?;
    Ok(equal)
}

fn by_equals_row(cx: &mut Call<'_>, a: Value, b: Value) -> Result<bool> {
    let Some((native, declaring)) = display::own_row(cx, a, "Equals", &["System.Object"]) else { return Ok(false) };
    cx.heap.enter()?;
    let answer = call_native(cx, native, declaring, types::boolean(), &[a, b]);
    cx.heap.leave();
    Ok(matches!(answer?, Value::Bool(true)))
}

/// The moment of a `DateTimeOffset`, in UTC ticks.
pub(super) fn utc(value: Value) -> i64 {
    match value {
        Value::DateTimeOffset { minutes, ticks } => ticks - i64::from(minutes) * 600_000_000,
        _ => 0,
    }
}

/// `Comparer<object>.Default.Compare(a, b)`: null is less than everything; strings compare as the invariant culture does.
pub fn compare(cx: &mut Call<'_>, a: Value, b: Value) -> Result<Ordering> {
    Ok(match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Single(x), Value::Single(y)) => float(x.into(), y.into()),
        (Value::Double(x), Value::Double(y)) => float(x, y),
        (Value::DateTime(x), Value::DateTime(y)) => x.ticks().cmp(&y.ticks()),
        (Value::TimeSpan(x), Value::TimeSpan(y)) => x.cmp(&y),
        (Value::DateTimeOffset { .. }, Value::DateTimeOffset { .. }) => utc(a).cmp(&utc(b)),
        (Value::UInt64(x), Value::UInt64(y)) => x.cmp(&y),
        _ if cx.heap.is_str(a) && cx.heap.is_str(b) => {
            let (Some(x), Some(y)) = (cx.heap.str(a), cx.heap.str(b)) else { return Ok(Ordering::Equal) };
            let order = super::format::collate::compare(x, y, super::format::collate::Ignore::NOTHING);
            let units = x.len().min(y.len());
            cx.charge_fuel(units / 4)?;
            order
        }
        (Value::Object(x), Value::Object(y)) => match (cx.heap.get(x), cx.heap.get(y)) {
            (Object::Decimal(x), Object::Decimal(y)) => x.cmp(y),
            (Object::Guid(x), Object::Guid(y)) => super::guid::order(x, y),
            (Object::Record { ty, fields: x }, Object::Record { ty: other, fields: y })
                if is_comparable_record(*ty) && crate::dotnet::inherit::same(*ty, *other) =>
            {
                let pairs: Vec<_> = x.iter().copied().zip(y.iter().copied()).collect();
                cx.heap.enter()?;
                let mut order = Ok(Ordering::Equal);
                for (x, y) in pairs {
                    order = compare(cx, x, y);
                    if !matches!(order, Ok(Ordering::Equal)) {
                        break;
                    }
                }
                cx.heap.leave();
                return order;
            }
            _ => return by_compare_row(cx, a, b),
        },
        _ if std::mem::discriminant(&a) == std::mem::discriminant(&b) && a.integer().is_some() => {
            a.integer().cmp(&b.integer())
        }
        _ => return by_compare_row(cx, a, b),
    })
}

fn is_comparable_record(ty: TypeId) -> bool {
    match ty.get() {
        Type::Tuple(..) => true,
        _ => ty.def().is_some_and(|def| def.name == "System.Tuple"),
    }
}

/// NaN is less than every number and equal to itself.
fn float(x: f64, y: f64) -> Ordering {
    x.partial_cmp(&y).unwrap_or_else(|| y.is_nan().cmp(&x.is_nan()))
}

fn by_compare_row(cx: &mut Call<'_>, a: Value, b: Value) -> Result<Ordering> {
    if let Some(order) = super::json::order(cx, a, b)? {
        return Ok(order);
    }
    for (this, other, flip) in [(a, b, false), (b, a, true)] {
        if let Some((native, declaring)) = display::own_row(cx, this, "CompareTo", &["System.Object"]) {
            let answer = call_native(cx, native, declaring, types::int32(), &[this, other])?;
            let order = crate::dotnet::call::int(answer).cmp(&0);
            return Ok(if flip { order.reverse() } else { order });
        }
    }
    let (ty, other) = (cx.heap.type_of(a), cx.heap.type_of(b));
    if ty != other && ty.def().is_some_and(|def| def.is_value_type() || def.name == "System.String") {
        let name = ty.def().map_or("", |def| def.simple_name());
        return Err(Fault::throw("System.ArgumentException", format!("Object must be of type {name}.")));
    }
    Err(Fault::throw("System.ArgumentException", "At least one object must implement IComparable."))
}
