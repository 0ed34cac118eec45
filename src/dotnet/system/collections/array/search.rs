//! Searching arrays and lists: by value, by a predicate, in sorted order.

use super::super::comparer::{self, Order, failed};
use super::elements::{given, one_dimension, read};
use super::span;
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;

pub fn index_of(cx: &mut Call<'_>, array: Value, value: Value) -> Result<Value, Fault> {
    first_index(cx, &[array, value])
}

/// `IndexOf` of arrays.
pub fn first_index(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    one_dimension(cx, given(args[0], "array")?)?;
    let items = read(cx, args[0], "array")?;
    let from = args.get(2).map_or(0, |&at| int(at));
    let Some(from) = usize::try_from(from).ok().filter(|&at| at <= items.len()) else {
        return Err(Fault::index("startIndex"));
    };
    let count = args.get(3).map_or(Some(items.len() - from), |&count| usize::try_from(int(count)).ok());
    let count = count.filter(|&count| count <= items.len() - from).ok_or_else(bad_count)?;
    for (at, &item) in items.iter().enumerate().skip(from).take(count) {
        cx.charge_fuel(1)?;
        if comparer::equals(cx, item, args[1])? {
            return Ok(Value::Int32(at as i32));
        }
    }
    Ok(Value::Int32(-1))
}

/// `LastIndexOf<T>` of arrays.
pub fn last_index_of(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = read(cx, args[0], "array")?;
    let from = args.get(2).map_or(items.len() as i32 - 1, |&at| int(at));
    last_index(cx, &items, args[1], from, args.get(3).map(|&count| int(count)))
}

/// `LastIndexOf` of any array: its arguments are looked at in another order.
pub fn last_index_of_any(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = read(cx, args[0], "array")?;
    if items.is_empty() {
        return Ok(Value::Int32(-1));
    }
    let from = args.get(2).map_or(items.len() as i32 - 1, |&at| int(at));
    if usize::try_from(from).ok().is_none_or(|from| from >= items.len()) {
        return Err(Fault::index("startIndex"));
    }
    match args.get(3).map(|&count| int(count)) {
        Some(..0) => return Err(bad_count()),
        Some(count) if count > from + 1 => {
            return Err(Fault::out_of_range("endIndex cannot be greater than startIndex.", "endIndex"));
        }
        _ => {}
    }
    one_dimension(cx, args[0])?;
    last_index(cx, &items, args[1], from, args.get(3).map(|&count| int(count)))
}

pub fn bad_count() -> Fault {
    let message = "Count must be positive and count must refer to a location within the string/array/collection.";
    Fault::out_of_range(message, "count")
}

pub fn last_index(
    cx: &mut Call<'_>,
    items: &[Value],
    value: Value,
    from: i32,
    count: Option<i32>,
) -> Result<Value, Fault> {
    if items.is_empty() {
        return match (from, count) {
            (-1 | 0, None | Some(0)) => Ok(Value::Int32(-1)),
            (-1 | 0, Some(_)) => Err(bad_count()),
            _ => Err(Fault::index("startIndex")),
        };
    }
    let Some(from) = usize::try_from(from).ok().filter(|&at| at < items.len()) else {
        return Err(Fault::index("startIndex"));
    };
    let count = match count.map(|count| usize::try_from(count).ok().filter(|&count| count <= from + 1)) {
        None => from + 1,
        Some(Some(count)) => count,
        Some(None) => return Err(bad_count()),
    };
    for at in (from + 1 - count..=from).rev() {
        cx.charge_fuel(1)?;
        if comparer::equals(cx, items[at], value)? {
            return Ok(Value::Int32(at as i32));
        }
    }
    Ok(Value::Int32(-1))
}

fn matcher(value: Value) -> Result<Value, Fault> {
    if value.is_null() { Err(Fault::argument_null("match")) } else { Ok(value) }
}

pub fn first_match(cx: &mut Call<'_>, items: &[Value], matches: Value) -> Result<Option<usize>, Fault> {
    let matches = matcher(matches)?;
    for (at, &item) in items.iter().enumerate() {
        cx.charge_fuel(1)?;
        if cx.test(matches, &[item])? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

pub fn last_match(cx: &mut Call<'_>, items: &[Value], matches: Value) -> Result<Option<usize>, Fault> {
    let matches = matcher(matches)?;
    for (at, &item) in items.iter().enumerate().rev() {
        cx.charge_fuel(1)?;
        if cx.test(matches, &[item])? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

pub fn all_matches(cx: &mut Call<'_>, items: &[Value], matches: Value) -> Result<Vec<Value>, Fault> {
    let matches = matcher(matches)?;
    let mut found = Vec::new();
    for &item in items {
        cx.charge_fuel(1)?;
        if cx.test(matches, &[item])? {
            found.push(item);
        }
    }
    Ok(found)
}

pub fn find_index(cx: &mut Call<'_>, items: &[Value], from: i32, count: i32, matches: Value) -> Result<Value, Fault> {
    let Some(from) = usize::try_from(from).ok().filter(|&at| at <= items.len()) else {
        return Err(Fault::index("startIndex"));
    };
    let Some(slice) = usize::try_from(count).ok().and_then(|count| items.get(from..from + count)) else {
        return Err(bad_count());
    };
    Ok(Value::Int32(first_match(cx, slice, matches)?.map_or(-1, |at| (from + at) as i32)))
}

pub fn find_last_index(
    cx: &mut Call<'_>,
    items: &[Value],
    from: i32,
    count: Option<i32>,
    matches: Value,
) -> Result<Value, Fault> {
    let matches = matcher(matches)?;
    if items.is_empty() {
        return if from == -1 { Ok(Value::Int32(-1)) } else { Err(Fault::index("startIndex")) };
    }
    let Some(from) = usize::try_from(from).ok().filter(|&at| at < items.len()) else {
        return Err(Fault::index("startIndex"));
    };
    let count = match count {
        None => from + 1,
        Some(count) => usize::try_from(count).ok().filter(|&count| count <= from + 1).ok_or_else(bad_count)?,
    };
    let first = from + 1 - count;
    Ok(Value::Int32(last_match(cx, &items[first..=from], matches)?.map_or(-1, |at| (first + at) as i32)))
}

/// `BinarySearch` of a whole array.
pub fn search_all(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = read(cx, args[0], "array")?;
    one_dimension(cx, args[0])?;
    let order = Order::new(cx, args.get(2).copied().unwrap_or(Value::Null));
    binary_search(cx, &items, 0, items.len(), args[1], order)
}

pub fn search_range(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = read(cx, args[0], "array")?;
    let (from, count) = span(int(args[1]), int(args[2]), items.len())?;
    one_dimension(cx, args[0])?;
    let order = Order::new(cx, args.get(4).copied().unwrap_or(Value::Null));
    binary_search(cx, &items, from, count, args[3], order)
}

pub fn binary_search(
    cx: &mut Call<'_>,
    items: &[Value],
    from: usize,
    count: usize,
    value: Value,
    order: Order,
) -> Result<Value, Fault> {
    let (mut low, mut high) = (from as i64, (from + count) as i64 - 1);
    while low <= high {
        let middle = low + (high - low) / 2;
        cx.charge_fuel(1)?;
        let compared = order.compare(cx, items[middle as usize], value).map_err(|fault| failed(cx, fault))?;
        match compared {
            std::cmp::Ordering::Equal => return Ok(Value::Int32(middle as i32)),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle - 1,
        }
    }
    Ok(Value::Int32(!low as i32))
}
