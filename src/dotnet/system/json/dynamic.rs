//! `JObject` and `JValue` as `dynamic`: they look members up, convert and compute by themselves, as Newtonsoft's proxies do.
//!
//! In: an operation that the VM was to bind. Out: its value, or nothing where it is left to the binder.

use super::{convert, deserialize, equality, members, token};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::system::convert::{Target, convert as to_target};
use crate::dotnet::system::display;
use crate::dotnet::types::{Type, TypeId};
use crate::dotnet::value::Value;
use std::cmp::Ordering;

type Result<T = Value> = std::result::Result<T, Fault>;

/// The operators that a `JValue` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// Whether members of a value are properties of a JSON object.
pub fn has_properties(cx: &Call<'_>, value: Value) -> bool {
    token::is_token(cx, value) && token::kind(cx, value).is_ok_and(|kind| kind == token::Type::Object)
}

/// `jobject.name`
pub fn property(cx: &mut Call<'_>, object: Value, name: &str) -> Result {
    Ok(token::member(cx, object, name)?.unwrap_or(Value::Null))
}

/// `jobject.name = value`: what is no token becomes a `JValue`.
pub fn set_property(cx: &mut Call<'_>, object: Value, name: &str, value: Value) -> Result {
    let own = if token::is_token(cx, value) { value } else { new_value(cx, value)? };
    let name = cx.new_str(name)?;
    members::set_member(cx, object, name, own)?;
    Ok(value)
}

fn new_value(cx: &mut Call<'_>, value: Value) -> Result {
    if value.is_null() {
        return token::new_leaf(cx, token::Type::Null, value);
    }
    convert::construct(cx, TypeId::named("Newtonsoft.Json.Linq.JValue"), &[value])
}

/// `(T)jvalue`; `None` where that is left to the binder.
pub fn convert_value(cx: &mut Call<'_>, value: Value, wanted: TypeId) -> Result<Option<Value>> {
    let Some(own) = token::leaf(cx, value).filter(|_| token::is_token(cx, value)) else { return Ok(None) };
    let name = wanted.def().map_or("", |def| def.name);
    if matches!(name, "Newtonsoft.Json.Linq.JValue" | "Newtonsoft.Json.Linq.JToken") {
        return Ok(Some(value));
    }
    if own.is_null() {
        let nullable = !inherit::is_value_type(wanted) || matches!(wanted.get(), Type::Nullable(_));
        return Ok(nullable.then_some(Value::Null));
    }
    let (bare, _) = convert::strip(wanted);
    if cx.heap.type_of(own) == bare {
        return Ok(Some(own));
    }
    deserialize::converted_by_binder(cx, own, bare).map(Some)
}

/// `jvalue op other`; `None` where that is left to the binder.
pub fn compute(cx: &mut Call<'_>, operator: Operator, value: Value, other: Value) -> Result<Option<Value>> {
    let Some(own) = token::leaf(cx, value).filter(|_| token::is_token(cx, value)) else { return Ok(None) };
    let other = match token::leaf(cx, other).filter(|_| token::is_token(cx, other)) {
        Some(inner) => inner,
        None => other,
    };
    let holds: fn(Ordering) -> bool = match operator {
        Operator::Equal => Ordering::is_eq,
        Operator::NotEqual => Ordering::is_ne,
        Operator::Less => Ordering::is_lt,
        Operator::LessOrEqual => Ordering::is_le,
        Operator::Greater => Ordering::is_gt,
        Operator::GreaterOrEqual => Ordering::is_ge,
        Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide => {
            return match arithmetic(cx, operator, own, other)? {
                Some(result) => new_value(cx, result).map(Some),
                None => Ok(None),
            };
        }
    };
    let kind = token::kind(cx, value)?;
    // What is of another type is compared as what the token is.
    let alike = kind == token::Type::String || cx.heap.type_of(own) == cx.heap.type_of(other);
    let other_kind = if alike { kind } else { token::Type::Raw };
    let order = equality::compare_leaves(cx, (kind, own), (other_kind, other))?;
    Ok(Some(Value::Bool(holds(order))))
}

fn arithmetic(cx: &mut Call<'_>, operator: Operator, a: Value, b: Value) -> Result<Option<Value>> {
    if operator == Operator::Add && (cx.heap.str(a).is_some() || cx.heap.str(b).is_some()) {
        let (a, b) = (shown(cx, a)?, shown(cx, b)?);
        return cx.heap.concat(&[a, b]).map(Some);
    }
    let any = |cx: &Call<'_>, test: &dyn Fn(&Call<'_>, Value) -> bool| test(cx, a) || test(cx, b);
    let exact = |cx: &Call<'_>, v: Value| matches!(v, Value::UInt64(_)) || cx.heap.decimal(v).is_some();
    let floating = |_: &Call<'_>, v: Value| matches!(v, Value::Single(_) | Value::Double(_));
    let whole = |_: &Call<'_>, v: Value| {
        matches!(
            v,
            Value::Int32(_)
                | Value::UInt32(_)
                | Value::Int64(_)
                | Value::Int16(_)
                | Value::UInt16(_)
                | Value::SByte(_)
                | Value::Byte(_)
        )
    };
    let target = if any(cx, &exact) {
        Target::Decimal
    } else if any(cx, &floating) {
        Target::Double
    } else if any(cx, &whole) {
        Target::Int64
    } else {
        return Ok(None);
    };
    if a.is_null() || b.is_null() {
        return Ok(Some(Value::Null));
    }
    let (a, b) = (to_target(cx, a, target)?, to_target(cx, b, target)?);
    if let (Some(x), Some(y)) = (cx.heap.decimal(a), cx.heap.decimal(b)) {
        let result = match operator {
            Operator::Add => x.checked_add(y),
            Operator::Subtract => x.checked_sub(y),
            Operator::Multiply => x.checked_mul(y),
            _ if y.is_zero() => return Err(Fault::divide_by_zero()),
            _ => x.checked_div(y),
        };
        let overflow =
            || Fault::throw("System.OverflowException", "Value was either too large or too small for a Decimal.");
        return cx.heap.new_decimal(result.ok_or_else(overflow)?).map(Some);
    }
    Ok(Some(match (a, b) {
        (Value::Double(x), Value::Double(y)) => Value::Double(match operator {
            Operator::Add => x + y,
            Operator::Subtract => x - y,
            Operator::Multiply => x * y,
            _ => x / y,
        }),
        (Value::Int64(x), Value::Int64(y)) => Value::Int64(match operator {
            Operator::Add => x.wrapping_add(y),
            Operator::Subtract => x.wrapping_sub(y),
            Operator::Multiply => x.wrapping_mul(y),
            _ if y == 0 => return Err(Fault::divide_by_zero()),
            _ => x.checked_div(y).ok_or_else(Fault::overflow)?,
        }),
        _ => return Ok(None),
    }))
}

/// The text of a value; null stays.
fn shown(cx: &mut Call<'_>, value: Value) -> Result {
    if value.is_null() { Ok(value) } else { display::to_str(cx, value) }
}
