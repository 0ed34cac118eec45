//! Operators that run at once: one value, list or dictionary out of a sequence.

use super::partition::Partition;
use super::{given, no_elements, order, start};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::inherit;
use crate::dotnet::member::Form;
use crate::dotnet::system::collections::comparer::{self, Equality};
use crate::dotnet::system::collections::{array, dictionary_add, new_dictionary, new_set};
use crate::dotnet::system::decimal;
use crate::dotnet::system::enumerate::{self, call_native, find_member};
use crate::dotnet::system::json;
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::Value;
use rust_decimal::Decimal;
use std::cmp::Ordering;

type Result<T = Value> = std::result::Result<T, Fault>;

// ---- counting and searching ------------------------------------------------------------------------------------------

pub fn counted(cx: &mut Call<'_>, source: Value, predicate: Value) -> Result<i64> {
    given(source, "source")?;
    if predicate.is_null() {
        if let Some(items) = cx.heap.items(source) {
            return Ok(items.len() as i64);
        }
        if let Some(count) = own_count(cx, source)? {
            return Ok(count);
        }
    }
    let mut cursor = start(cx, source)?;
    let mut count = 0;
    while let Some(item) = cursor.next(cx)? {
        if predicate.is_null() || cx.test(predicate, &[item])? {
            count += 1;
        }
    }
    Ok(count)
}

/// `Count` of a collection that knows it.
fn own_count(cx: &mut Call<'_>, source: Value) -> Result<Option<i64>> {
    let Value::Object(handle) = source else { return Ok(None) };
    let Object::Extension { ty, .. } = cx.heap.get(handle) else { return Ok(None) };
    match find_member(*ty, Form::Property, "Count", 0) {
        Some(((native, _), declaring)) => Ok(call_native(cx, native, declaring, types::int32(), &[source])?.integer()),
        None => Ok(None),
    }
}

pub fn count(cx: &mut Call<'_>, source: Value, predicate: Value) -> Result {
    given(source, "source")?;
    let count = match Partition::of(cx, source).filter(|own| predicate.is_null() && !own.has_selectors()) {
        Some(partition) => partition.len(cx)?,
        None => None,
    };
    let count = match count {
        Some(count) => count,
        None => counted(cx, source, predicate)?,
    };
    i32::try_from(count).map(Value::Int32).map_err(|_| Fault::overflow())
}

pub fn long_count(cx: &mut Call<'_>, source: Value, predicate: Value) -> Result {
    counted(cx, source, predicate).map(Value::Int64)
}

pub fn any(cx: &mut Call<'_>, source: Value, predicate: Value) -> Result {
    let mut cursor = start(cx, source)?;
    while let Some(item) = cursor.next(cx)? {
        if predicate.is_null() || cx.test(predicate, &[item])? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

pub fn all(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let mut cursor = start(cx, a[0])?;
    given(a[1], "predicate")?;
    while let Some(item) = cursor.next(cx)? {
        if !cx.test(a[1], &[item])? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

pub fn contains(cx: &mut Call<'_>, source: Value, value: Value, comparer: Value) -> Result {
    given(source, "source")?;
    if comparer.is_null()
        && let Some(((native, _), declaring)) =
            find_member(cx.heap.type_of(source), Form::Method, "Contains", 1).filter(|_| looks_up(cx, source))
    {
        return call_native(cx, native, declaring, types::boolean(), &[source, value]);
    }
    let equality = Equality::new(cx, comparer);
    // JSON's containers look for the token itself.
    let by_place = comparer.is_null() && json::token::is_container(cx, source);
    let mut cursor = start(cx, source)?;
    while let Some(item) = cursor.next(cx)? {
        if if by_place { item.is_same_object(value) } else { equality.equals(cx, item, value)? } {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

/// Collections that answer `Contains` by their own comparer.
fn looks_up(cx: &Call<'_>, value: Value) -> bool {
    const OWN: [&str; 2] =
        ["System.Collections.Generic.HashSet", "System.Collections.Generic.Dictionary+KeyCollection"];
    cx.heap.type_of(value).def().is_some_and(|def| OWN.contains(&def.name))
}

fn missing(cx: &mut Call<'_>, predicate: Value, or_default: bool) -> Result {
    if or_default {
        return inherit::zero(cx.heap, cx.returns);
    }
    Err(if predicate.is_null() {
        no_elements()
    } else {
        Fault::invalid_operation("Sequence contains no matching element")
    })
}

pub fn first(cx: &mut Call<'_>, source: Value, predicate: Value, or_default: bool) -> Result {
    if order::is_ordered(cx, source) {
        let found = order::best(cx, source, predicate, false)?;
        return found.map_or_else(|| missing(cx, predicate, or_default), Ok);
    }
    if predicate.is_null()
        && let Some(partition) = Partition::of(cx, source).filter(Partition::is_ordered)
    {
        let found = partition.at(cx, 0)?;
        return found.map_or_else(|| missing(cx, predicate, or_default), Ok);
    }
    let mut cursor = start(cx, source)?;
    while let Some(item) = cursor.next(cx)? {
        if predicate.is_null() || cx.test(predicate, &[item])? {
            return Ok(item);
        }
    }
    missing(cx, predicate, or_default)
}

pub fn last(cx: &mut Call<'_>, source: Value, predicate: Value, or_default: bool) -> Result {
    given(source, "source")?;
    if predicate.is_null()
        && let Some(&item) = cx.heap.items(source).and_then(<[Value]>::last)
    {
        return Ok(item);
    }
    let found = last_found(cx, source, predicate)?;
    match found {
        Some(item) => Ok(item),
        None => missing(cx, predicate, or_default),
    }
}

fn last_found(cx: &mut Call<'_>, source: Value, predicate: Value) -> Result<Option<Value>> {
    if order::is_ordered(cx, source) {
        return order::best(cx, source, predicate, true);
    }
    if let Some(partition) = Partition::of(cx, source) {
        if predicate.is_null() {
            return partition.last(cx);
        }
        // A list is looked through from its end.
        if partition.is_list() {
            for at in (0..partition.len(cx)?.unwrap_or_default()).rev() {
                cx.charge_fuel(2)?;
                if let Some(item) = partition.at(cx, at)?
                    && cx.test(predicate, &[item])?
                {
                    return Ok(Some(item));
                }
            }
            return Ok(None);
        }
    }
    let mut cursor = start(cx, source)?;
    let mut found = None;
    while let Some(item) = cursor.next(cx)? {
        if predicate.is_null() || cx.test(predicate, &[item])? {
            found = Some(item);
        }
    }
    Ok(found)
}

pub fn single(cx: &mut Call<'_>, source: Value, predicate: Value, or_default: bool) -> Result {
    let mut cursor = start(cx, source)?;
    let mut found = None;
    while let Some(item) = cursor.next(cx)? {
        if predicate.is_null() || cx.test(predicate, &[item])? {
            if found.is_some() {
                return Err(Fault::invalid_operation(if predicate.is_null() {
                    "Sequence contains more than one element"
                } else {
                    "Sequence contains more than one matching element"
                }));
            }
            found = Some(item);
        }
    }
    match found {
        Some(item) => Ok(item),
        None => missing(cx, predicate, or_default),
    }
}

pub fn element_at(cx: &mut Call<'_>, source: Value, at: Value, or_default: bool) -> Result {
    given(source, "source")?;
    let at = int(at);
    let partition = Partition::of(cx, source);
    let is_list = partition.as_ref().is_some_and(Partition::is_list) || json::token::is_container(cx, source);
    if let Ok(index) = usize::try_from(at) {
        if let Some(partition) = &partition {
            if let Some(item) = partition.at(cx, index as i64)? {
                return Ok(item);
            }
        } else {
            let mut cursor = start(cx, source)?;
            let mut left = index;
            while let Some(item) = cursor.next(cx)? {
                if left == 0 {
                    return Ok(item);
                }
                left -= 1;
            }
        }
    }
    if or_default {
        return inherit::zero(cx.heap, cx.returns);
    }
    Err(if is_list {
        Fault::index("index")
    } else {
        Fault::out_of_range("Specified argument was out of the range of valid values.", "index")
    })
}

pub fn sequence_equal(cx: &mut Call<'_>, first: Value, second: Value, comparer: Value) -> Result {
    let equality = Equality::new(cx, comparer);
    let mut a = enumerate::start(cx, given(first, "first")?)?;
    let mut b = enumerate::start(cx, given(second, "second")?)?;
    loop {
        match (a.next(cx)?, b.next(cx)?) {
            (None, None) => return Ok(Value::Bool(true)),
            (Some(x), Some(y)) if equality.equals(cx, x, y)? => {}
            _ => return Ok(Value::Bool(false)),
        }
    }
}

// ---- collecting ------------------------------------------------------------------------------------------------------

pub fn aggregate(cx: &mut Call<'_>, a: &[Value]) -> Result {
    given(a[0], "source")?;
    let step = given(a[if a.len() == 2 { 1 } else { 2 }], "func")?;
    if let Some(&result) = a.get(3) {
        given(result, "resultSelector")?;
    }
    let mut cursor = start(cx, a[0])?;
    let mut state = if a.len() == 2 { cursor.next(cx)?.ok_or_else(no_elements)? } else { a[1] };
    while let Some(item) = cursor.next(cx)? {
        state = cx.invoke(step, &[state, item])?;
    }
    match a.get(3) {
        Some(&result) => cx.invoke(result, &[state]),
        None => Ok(state),
    }
}

pub fn to_array(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let items = enumerate::collect(cx, given(a[0], "source")?)?;
    let ty = cx.returns;
    array::new(cx, ty, items)
}

pub fn to_list(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let items = enumerate::collect(cx, given(a[0], "source")?)?;
    let ty = cx.returns;
    cx.heap.alloc(Object::List { ty, items, version: 0 })
}

pub fn to_hash_set(cx: &mut Call<'_>, source: Value, comparer: Value) -> Result {
    let items = enumerate::collect(cx, given(source, "source")?)?;
    let equality = Equality::new(cx, comparer);
    let ty = cx.returns;
    new_set(cx, ty, equality, items)
}

pub fn to_dictionary(cx: &mut Call<'_>, source: Value, key: Value, element: Option<Value>, comparer: Value) -> Result {
    let equality = Equality::new(cx, comparer);
    given(source, "source")?;
    given(key, "keySelector")?;
    if let Some(element) = element {
        given(element, "elementSelector")?;
    }
    let mut cursor = start(cx, source)?;
    let ty = cx.returns;
    let made = new_dictionary(cx, ty, equality)?;
    while let Some(item) = cursor.next(cx)? {
        let key = cx.invoke(key, &[item])?;
        let value = match element {
            Some(element) => cx.invoke(element, &[item])?,
            None => item,
        };
        dictionary_add(cx, made, key, value)?;
    }
    Ok(made)
}

// ---- arithmetic ------------------------------------------------------------------------------------------------------

/// What the overload that was chosen answers: the number type and whether it is nullable.
fn result_type(cx: &Call<'_>) -> (TypeId, bool) {
    match cx.returns.get() {
        Type::Nullable(of) => (*of, true),
        _ => (cx.returns, false),
    }
}

/// Elements, or what the selector in the second argument makes of them; nulls are left out.
fn each(cx: &mut Call<'_>, a: &[Value], mut work: impl FnMut(&mut Call<'_>, Value) -> Result<()>) -> Result<usize> {
    let mut cursor = start(cx, a[0])?;
    let selector = match a.get(1) {
        Some(&selector) => Some(given(selector, "selector")?),
        None => None,
    };
    let mut count = 0;
    while let Some(item) = cursor.next(cx)? {
        let item = match selector {
            Some(selector) => cx.invoke(selector, &[item])?,
            None => item,
        };
        if !item.is_null() {
            count += 1;
            work(cx, item)?;
        }
    }
    Ok(count)
}

/// A running sum, in the width that .NET sums in.
enum Total {
    Int(i32),
    Long(i64),
    Real(f64),
    Decimal(Decimal),
}

impl Total {
    fn add(&mut self, cx: &Call<'_>, value: Value) -> Result<()> {
        match self {
            Total::Int(total) => {
                let value = value.integer().unwrap_or_default() as i32;
                *total = total.checked_add(value).ok_or_else(Fault::overflow)?;
            }
            Total::Long(total) => {
                *total = total.checked_add(value.integer().unwrap_or_default()).ok_or_else(Fault::overflow)?;
            }
            Total::Real(total) => *total += crate::dotnet::call::double(value),
            Total::Decimal(total) => {
                let value = cx.heap.decimal(value).unwrap_or_default();
                *total = decimal::calculate(decimal::Operation::Add, *total, value)?;
            }
        }
        Ok(())
    }
}

pub fn sum(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (ty, _) = result_type(cx);
    let mut total = if ty == types::int32() {
        Total::Int(0)
    } else if ty == types::int64() {
        Total::Long(0)
    } else if ty == types::decimal() {
        Total::Decimal(Decimal::ZERO)
    } else {
        Total::Real(0.0)
    };
    each(cx, a, |cx, value| total.add(cx, value))?;
    Ok(match total {
        Total::Int(v) => Value::Int32(v),
        Total::Long(v) => Value::Int64(v),
        Total::Real(v) if ty == types::single() => Value::Single(v as f32),
        Total::Real(v) => Value::Double(v),
        Total::Decimal(v) => cx.heap.new_decimal(v)?,
    })
}

pub fn average(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (ty, nullable) = result_type(cx);
    let mut total = None;
    let count = each(cx, a, |cx, value| {
        let total = total.get_or_insert(match value {
            Value::Object(_) => Total::Decimal(Decimal::ZERO),
            // The first is where the sum begins, not added to zero: it may be `-0`.
            Value::Double(_) | Value::Single(_) => Total::Real(-0.0),
            _ => Total::Long(0),
        });
        total.add(cx, value)
    })?;
    Ok(match total {
        None if nullable => Value::Null,
        None => return Err(no_elements()),
        Some(Total::Int(v)) => Value::Double(f64::from(v) / count as f64),
        Some(Total::Long(v)) => Value::Double(v as f64 / count as f64),
        Some(Total::Real(v)) if ty == types::single() => Value::Single((v / count as f64) as f32),
        Some(Total::Real(v)) => Value::Double(v / count as f64),
        Some(Total::Decimal(v)) => {
            let mean = decimal::calculate(decimal::Operation::Divide, v, Decimal::from(count as u64))?;
            cx.heap.new_decimal(mean)?
        }
    })
}

pub fn min(cx: &mut Call<'_>, a: &[Value]) -> Result {
    extreme(cx, a, Ordering::Less)
}

pub fn max(cx: &mut Call<'_>, a: &[Value]) -> Result {
    extreme(cx, a, Ordering::Greater)
}

/// The first element that no other goes beyond in this direction.
fn extreme(cx: &mut Call<'_>, a: &[Value], wanted: Ordering) -> Result {
    let mut best = None;
    each(cx, a, |cx, value| {
        let better = match best {
            None => true,
            Some(best) => comparer::compare(cx, value, best)? == wanted,
        };
        if better {
            best = Some(value);
        }
        Ok(())
    })?;
    match best {
        Some(best) => Ok(best),
        None if inherit::is_value_type(cx.returns) && !result_type(cx).1 => Err(no_elements()),
        None => Ok(Value::Null),
    }
}
