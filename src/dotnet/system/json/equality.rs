//! `DeepEquals`, and how `JValue`s compare.

use super::token::{self, Result, Type};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::system::convert::Target;
use crate::dotnet::system::object;
use crate::dotnet::value::Value;
use std::cmp::Ordering;

pub fn deep_equals(cx: &mut Call<'_>, a: Value, b: Value) -> Result<bool> {
    let mut pairs = vec![(a, b)];
    while let Some((a, b)) = pairs.pop() {
        cx.charge_fuel(1)?;
        if a.is_same_object(b) || a.is_null() && b.is_null() {
            continue;
        }
        if a.is_null() || b.is_null() {
            return Ok(false);
        }
        let (kind, other) = (token::kind(cx, a)?, token::kind(cx, b)?);
        if !kind.is_container() && !other.is_container() {
            if !values_equal(cx, a, b)? {
                return Ok(false);
            }
            continue;
        }
        if kind != other || token::len(cx, a)? != token::len(cx, b)? {
            return Ok(false);
        }
        if matches!(kind, Type::Property | Type::Constructor) && token::name_text(cx, a)? != token::name_text(cx, b)? {
            return Ok(false);
        }
        if kind == Type::Object {
            // The order of properties does not count.
            for property in token::children(cx, a)? {
                let name = token::name_text(cx, property)?;
                let Some(own) = token::member(cx, b, &name)? else { return Ok(false) };
                pairs.push((token::property_value(cx, property)?, own));
            }
            continue;
        }
        let (left, right) = (token::children(cx, a)?, token::children(cx, b)?);
        pairs.extend(left.into_iter().zip(right));
    }
    Ok(true)
}

/// `JValue.Equals`: the same token type and the same value.
pub fn values_equal(cx: &mut Call<'_>, a: Value, b: Value) -> Result<bool> {
    if token::kind(cx, a)? != token::kind(cx, b)? {
        return Ok(false);
    }
    Ok(compare_values(cx, a, b)? == Ordering::Equal)
}

/// `IComparable.CompareTo` of a token; `None` for what has none.
pub fn order(cx: &mut Call<'_>, a: Value, b: Value) -> Result<Option<Ordering>> {
    if token::is_token(cx, a) && token::leaf(cx, a).is_some() && token::is_token(cx, b) {
        if token::leaf(cx, b).is_none() {
            return Err(Fault::throw("System.ArgumentException", "Object must be of type JValue."));
        }
        return compare_values(cx, a, b).map(Some);
    }
    Ok(None)
}

/// `JValue.CompareTo`.
pub fn compare_values(cx: &mut Call<'_>, a: Value, b: Value) -> Result<Ordering> {
    let (own, other) = (token::kind(cx, a)?, token::kind(cx, b)?);
    let (Some(x), Some(y)) = (token::leaf(cx, a), token::leaf(cx, b)) else {
        return Ok(Ordering::Greater);
    };
    compare_leaves(cx, (own, x), (other, y))
}

/// The value of an integer, which may be beyond a long.
fn whole(value: Value) -> Option<i128> {
    match value {
        Value::UInt64(value) => Some(value.into()),
        other => other.integer().map(i128::from),
    }
}

/// `JValue.Compare` of two values with the types of their tokens.
pub fn compare_leaves(cx: &mut Call<'_>, (own, x): (Type, Value), (other, y): (Type, Value)) -> Result<Ordering> {
    // A string is compared as what the other is.
    let kind = if own == Type::String { other } else { own };
    match (x, y) {
        (Value::Null, Value::Null) => return Ok(Ordering::Equal),
        (Value::Null, _) => return Ok(Ordering::Less),
        (_, Value::Null) => return Ok(Ordering::Greater),
        _ => {}
    }
    let (mut x, mut y) = (x, y);
    if own != other && matches!(kind, Type::Integer | Type::Float | Type::Boolean) {
        let target = match kind {
            Type::Boolean => Target::Boolean,
            Type::Integer if !matches!((x, y), (Value::Double(_), _) | (_, Value::Double(_))) => Target::Int64,
            _ => Target::Double,
        };
        for value in [&mut x, &mut y] {
            if cx.heap.decimal(*value).is_none() && super::convert::big_digits(cx, *value).is_none() {
                *value = super::convert::to_number(cx, *value, target)?;
            }
        }
    }
    match kind {
        Type::Integer | Type::Float => {
            if let (Some(x), Some(y)) = (whole(x), whole(y)) {
                return Ok(x.cmp(&y));
            }
            match (cx.heap.decimal(x), cx.heap.decimal(y)) {
                (None, None) => {}
                (x_decimal, y_decimal) => {
                    let exact = |own: Option<_>, value: Value| {
                        own.or_else(|| value.integer().map(rust_decimal::Decimal::from))
                            .or_else(|| rust_decimal::Decimal::try_from(number(cx, value)).ok())
                    };
                    if let (Some(x), Some(y)) = (exact(x_decimal, x), exact(y_decimal, y)) {
                        return Ok(x.cmp(&y));
                    }
                }
            }
            let (x, y) = (number(cx, x), number(cx, y));
            Ok(x.partial_cmp(&y).unwrap_or_else(|| y.is_nan().cmp(&x.is_nan())))
        }
        Type::String | Type::Comment | Type::Raw => {
            let (x, y) = (object::display(cx, x)?, object::display(cx, y)?);
            Ok(x.encode_utf16().cmp(y.encode_utf16()))
        }
        Type::Bytes => match (cx.heap.bytes(x), cx.heap.bytes(y)) {
            (Some(x), Some(y)) => Ok(x.cmp(y)),
            _ => Err(Fault::throw("System.ArgumentException", "Object must be of type byte[].")),
        },
        Type::Date if own != other => {
            for value in [&mut x, &mut y] {
                if !matches!(value, Value::DateTimeOffset { .. }) {
                    *value = super::convert::to_number(cx, *value, Target::DateTime)?;
                }
            }
            object::compare(cx, x, y)
        }
        Type::Guid | Type::TimeSpan | Type::Uri if own != other => {
            Err(Fault::throw("System.ArgumentException", format!("Object must be of type {}.", kind.name())))
        }
        Type::Uri => {
            let (x, y) = (object::display(cx, x)?, object::display(cx, y)?);
            Ok(x.encode_utf16().cmp(y.encode_utf16()))
        }
        _ => object::compare(cx, x, y),
    }
}

fn number(cx: &Call<'_>, value: Value) -> f64 {
    match value {
        Value::Double(v) => v,
        Value::Single(v) => v.into(),
        _ => match (value.integer(), cx.heap.decimal(value)) {
            (Some(v), _) => v as f64,
            (_, Some(v)) => f64::try_from(v).unwrap_or(f64::NAN),
            _ => match cx.heap.extension::<token::BigInteger>(value) {
                Some(big) => big.0.parse().unwrap_or(f64::NAN),
                None => cx.heap.text(value).and_then(|text| text.trim().parse().ok()).unwrap_or(f64::NAN),
            },
        },
    }
}

/// A hash that agrees with [`values_equal`].
pub fn hash(cx: &mut Call<'_>, token: Value) -> Result<i32> {
    let kind = token::kind(cx, token)?;
    match (kind, token::leaf(cx, token)) {
        (_, None | Some(Value::Null)) => Ok(0),
        (_, Some(value)) => object::hash(cx, value),
    }
}
