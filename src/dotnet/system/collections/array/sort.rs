//! Sorting and reversing arrays.

use super::super::comparer::{self, Order};
use super::elements::{given, one_dimension, read, write};
use super::{span, span_fault};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;

/// `Sort` of one array, or of keys and the items that move along; `parameter` names the first.
pub fn by_arguments(
    cx: &mut Call<'_>,
    keys: Value,
    items: Value,
    rest: &[Value],
    parameter: &str,
) -> Result<Value, Fault> {
    given(keys, parameter)?;
    let (range, comparer) = match *rest {
        [] => (None, Value::Null),
        [comparer] => (None, comparer),
        [index, length] => (Some((int(index), int(length))), Value::Null),
        [index, length, comparer, ..] => (Some((int(index), int(length))), comparer),
    };
    let order = Order::new(cx, comparer);
    sort(cx, keys, items, range, order)
}

pub fn sort(
    cx: &mut Call<'_>,
    array: Value,
    items: Value,
    range: Option<(i32, i32)>,
    order: Order,
) -> Result<Value, Fault> {
    let mut keys = read(cx, array, "array")?;
    one_dimension(cx, array)?;
    one_dimension(cx, items)?;
    let (from, count) = match range {
        Some((index, length)) => span(index, length, keys.len())?,
        None => (0, keys.len()),
    };
    if items.is_null() {
        comparer::sort(cx, &mut keys[from..from + count], None, order)?;
    } else {
        let mut values = read(cx, items, "items")?;
        if values.len() < from + count {
            return Err(span_fault());
        }
        comparer::sort(cx, &mut keys[from..from + count], Some(&mut values[from..from + count]), order)?;
        write(cx, items, 0, &values)?;
    }
    write(cx, array, 0, &keys)?;
    Ok(Value::Null)
}

pub fn reverse(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut items = read(cx, args[0], "array")?;
    let (from, count) = match *args {
        [_, index, length, ..] => span(int(index), int(length), items.len())?,
        _ => (0, items.len()),
    };
    one_dimension(cx, args[0])?;
    items[from..from + count].reverse();
    write(cx, args[0], 0, &items)?;
    Ok(Value::Null)
}
