//! Deferred operators: a sequence in, a sequence out.

use super::partition;
use super::{given, start};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::system::collections::comparer::Equality;
use crate::dotnet::system::collections::table::Table;
use crate::dotnet::system::enumerate::{self, Cursor, Stage, sequence, staged};
use crate::dotnet::system::json::sequences;
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;
use std::collections::VecDeque;

type Result<T = Value> = std::result::Result<T, Fault>;

/// A deferred query of the call's own result type.
fn query(cx: &mut Call<'_>, begin: impl Fn(&mut Call<'_>) -> Result<Cursor> + Send + Sync + 'static) -> Result {
    let ty = cx.returns;
    sequence(cx, ty, begin)
}

/// Calls a lambda with the element, and its position where the lambda takes one.
#[inline]
fn call(cx: &mut Call<'_>, lambda: Value, item: Value, at: &mut i32, indexed: bool) -> Result {
    if !indexed {
        return cx.invoke(lambda, &[item]);
    }
    let index = *at;
    *at = index.checked_add(1).ok_or_else(Fault::overflow)?;
    cx.invoke(lambda, &[item, Value::Int32(index)])
}

fn is_true(value: Value) -> bool {
    matches!(value, Value::Bool(true))
}

pub fn filter(cx: &mut Call<'_>, source: Value, predicate: Value, indexed: bool) -> Result {
    given(source, "source")?;
    given(predicate, "predicate")?;
    if !indexed {
        let ty = cx.returns;
        return staged(cx, ty, source, Stage::Filter(predicate));
    }
    query(cx, move |cx| {
        let mut inner = start(cx, source)?;
        let mut at = 0;
        Ok(Cursor::new(move |cx| {
            while let Some(item) = inner.next(cx)? {
                if is_true(call(cx, predicate, item, &mut at, indexed)?) {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        }))
    })
}

pub fn select(cx: &mut Call<'_>, source: Value, selector: Value, indexed: bool) -> Result {
    given(source, "source")?;
    given(selector, "selector")?;
    if !indexed && let Some(source) = partition::selectable(cx, source) {
        return partition::select(cx, source, selector);
    }
    if !indexed {
        let ty = cx.returns;
        return staged(cx, ty, source, Stage::Map(selector));
    }
    query(cx, move |cx| {
        let mut inner = start(cx, source)?;
        let mut at = 0;
        Ok(Cursor::new(move |cx| match inner.next(cx)? {
            Some(item) => call(cx, selector, item, &mut at, indexed).map(Some),
            None => Ok(None),
        }))
    })
}

pub fn select_many(cx: &mut Call<'_>, source: Value, selector: Value, result: Value, indexed: bool) -> Result {
    given(source, "source")?;
    given(selector, if result.is_null() { "selector" } else { "collectionSelector" })?;
    let of_pairs = cx.type_arguments.get(1) == Some(&sequences::pair());
    query(cx, move |cx| {
        let mut outer = start(cx, source)?;
        let mut at = 0;
        let mut inner: Option<(Value, Cursor)> = None;
        Ok(Cursor::new(move |cx| {
            loop {
                if let Some((item, cursor)) = &mut inner {
                    if let Some(element) = cursor.next(cx)? {
                        return match result {
                            Value::Null => Ok(Some(element)),
                            result => cx.invoke(result, &[*item, element]).map(Some),
                        };
                    }
                    inner = None;
                }
                let Some(item) = outer.next(cx)? else { return Ok(None) };
                let collection = call(cx, selector, item, &mut at, indexed)?;
                let collection = if of_pairs { sequences::as_pairs(cx, &[collection])? } else { collection };
                inner = Some((item, enumerate::start(cx, collection)?));
            }
        }))
    })
}

pub fn skip_while(cx: &mut Call<'_>, source: Value, predicate: Value, indexed: bool) -> Result {
    given(source, "source")?;
    given(predicate, "predicate")?;
    query(cx, move |cx| {
        let mut inner = start(cx, source)?;
        let (mut at, mut skipping) = (0, true);
        Ok(Cursor::new(move |cx| {
            while let Some(item) = inner.next(cx)? {
                if !skipping || !is_true(call(cx, predicate, item, &mut at, indexed)?) {
                    skipping = false;
                    return Ok(Some(item));
                }
            }
            Ok(None)
        }))
    })
}

pub fn take_while(cx: &mut Call<'_>, source: Value, predicate: Value, indexed: bool) -> Result {
    given(source, "source")?;
    given(predicate, "predicate")?;
    query(cx, move |cx| {
        let mut inner = start(cx, source)?;
        let mut at = 0;
        Ok(Cursor::new(move |cx| match inner.next(cx)? {
            Some(item) if is_true(call(cx, predicate, item, &mut at, indexed)?) => Ok(Some(item)),
            _ => Ok(None),
        }))
    })
}

pub fn skip(cx: &mut Call<'_>, a: &[Value]) -> Result {
    partition::skip(cx, given(a[0], "source")?, int(a[1]))
}

pub fn take(cx: &mut Call<'_>, a: &[Value]) -> Result {
    partition::take(cx, given(a[0], "source")?, int(a[1]))
}

pub fn skip_last(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (source, count) = (given(a[0], "source")?, int(a[1]).max(0) as usize);
    if count == 0 {
        return partition::skip(cx, source, 0);
    }
    query(cx, move |cx| {
        let mut inner = start(cx, source)?;
        let mut held = VecDeque::new();
        Ok(Cursor::new(move |cx| {
            while let Some(item) = inner.next(cx)? {
                cx.heap.charge(size_of::<Value>())?;
                held.push_back(item);
                if held.len() > count {
                    return Ok(held.pop_front());
                }
            }
            Ok(None)
        }))
    })
}

pub fn take_last(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let source = given(a[0], "source")?;
    if let Some(made) = partition::take_last(cx, source, int(a[1]))? {
        return Ok(made);
    }
    let count = int(a[1]).max(0) as usize;
    buffered(cx, source, move |_, mut items| {
        let from = items.len().saturating_sub(count);
        items.drain(..from);
        Ok(items)
    })
}

/// A query that needs all of its source before its first element.
fn buffered(
    cx: &mut Call<'_>,
    source: Value,
    work: impl Fn(&mut Call<'_>, Vec<Value>) -> Result<Vec<Value>> + Send + Sync + Copy + 'static,
) -> Result {
    query(cx, move |_| {
        let mut items = None;
        Ok(Cursor::new(move |cx| {
            let items = match &mut items {
                Some(items) => items,
                empty => {
                    let all = enumerate::collect(cx, source)?;
                    empty.insert(work(cx, all)?.into_iter())
                }
            };
            Ok(items.next())
        }))
    })
}

pub fn reverse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    buffered(cx, given(a[0], "source")?, |_, mut items| {
        items.reverse();
        Ok(items)
    })
}

/// Sequences one after the other.
fn chain(cx: &mut Call<'_>, parts: [Part; 2]) -> Result {
    query(cx, move |_| {
        let mut at = 0;
        let mut inner = Cursor::Done;
        Ok(Cursor::new(move |cx| {
            loop {
                if let Some(item) = inner.next(cx)? {
                    return Ok(Some(item));
                }
                let Some(part) = parts.get(at) else { return Ok(None) };
                at += 1;
                match *part {
                    Part::One(item) => return Ok(Some(item)),
                    Part::All(source) => inner = enumerate::start(cx, source)?,
                }
            }
        }))
    })
}

#[derive(Clone, Copy)]
enum Part {
    One(Value),
    All(Value),
}

pub fn append(cx: &mut Call<'_>, a: &[Value]) -> Result {
    chain(cx, [Part::All(given(a[0], "source")?), Part::One(a[1])])
}

pub fn prepend(cx: &mut Call<'_>, a: &[Value]) -> Result {
    chain(cx, [Part::One(a[1]), Part::All(given(a[0], "source")?)])
}

pub fn concat(cx: &mut Call<'_>, a: &[Value]) -> Result {
    chain(cx, [Part::All(given(a[0], "first")?), Part::All(given(a[1], "second")?)])
}

pub fn as_enumerable(_: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(a[0])
}

pub fn default_if_empty(cx: &mut Call<'_>, source: Value, default: Option<Value>) -> Result {
    given(source, "source")?;
    let default = match default {
        Some(value) => value,
        None => {
            let element = cx.returns.arguments().first().copied().unwrap_or_else(types::object);
            inherit::zero(cx.heap, element)?
        }
    };
    query(cx, move |cx| {
        let mut inner = start(cx, source)?;
        let mut is_first = true;
        Ok(Cursor::new(move |cx| {
            let item = inner.next(cx)?;
            let empty = is_first && item.is_none();
            is_first = false;
            Ok(if empty { Some(default) } else { item })
        }))
    })
}

pub fn cast(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (source, wanted) = (given(a[0], "source")?, wanted(cx));
    if inherit::is_instance(cx.heap, source, cx.returns) {
        return Ok(source);
    }
    query(cx, move |cx| {
        let mut inner = start(cx, source)?;
        Ok(Cursor::new(move |cx| match inner.next(cx)? {
            Some(item) => inherit::cast(cx.heap, item, wanted).map(Some),
            None => Ok(None),
        }))
    })
}

pub fn of_type(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (source, wanted) = (given(a[0], "source")?, wanted(cx));
    query(cx, move |cx| {
        let mut inner = start(cx, source)?;
        Ok(Cursor::new(move |cx| {
            while let Some(item) = inner.next(cx)? {
                if inherit::is_instance(cx.heap, item, wanted) {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        }))
    })
}

fn wanted(cx: &Call<'_>) -> TypeId {
    cx.type_arguments.first().copied().unwrap_or_else(types::object)
}

pub fn empty(cx: &mut Call<'_>, _: &[Value]) -> Result {
    cx.once("Empty", |cx| query(cx, |_| Ok(Cursor::Done)))
}

pub fn range(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (first, count) = (int(a[0]), int(a[1]));
    let end = i64::from(first) + i64::from(count);
    if count < 0 || end - 1 > i64::from(i32::MAX) {
        return Err(Fault::out_of_range("Specified argument was out of the range of valid values.", "count"));
    }
    if count == 0 {
        return empty(cx, a);
    }
    partition::range(cx, first, count)
}

pub fn repeat(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (item, count) = (a[0], int(a[1]));
    if count < 0 {
        return Err(Fault::out_of_range("Specified argument was out of the range of valid values.", "count"));
    }
    if count == 0 {
        return empty(cx, a);
    }
    partition::repeat(cx, item, count)
}

pub fn zip(cx: &mut Call<'_>, first: Value, second: Value, result: Option<Value>) -> Result {
    given(first, "first")?;
    given(second, "second")?;
    if let Some(result) = result {
        given(result, "resultSelector")?;
    }
    let pair = cx.returns.arguments().first().copied().unwrap_or_else(types::object);
    query(cx, move |cx| {
        let mut a = enumerate::start(cx, first)?;
        let mut b = enumerate::start(cx, second)?;
        Ok(Cursor::new(move |cx| {
            let Some(x) = a.next(cx)? else { return Ok(None) };
            let Some(y) = b.next(cx)? else { return Ok(None) };
            match result {
                None => cx.heap.new_record(pair, &[x, y]).map(Some),
                Some(result) => cx.invoke(result, &[x, y]).map(Some),
            }
        }))
    })
}

// ---- sets ------------------------------------------------------------------------------------------------------------

pub fn distinct(cx: &mut Call<'_>, source: Value, comparer: Value) -> Result {
    given(source, "source")?;
    let equality = Equality::new(cx, comparer);
    query(cx, move |cx| {
        let mut inner = start(cx, source)?;
        let mut seen = Table::new(equality);
        Ok(Cursor::new(move |cx| {
            while let Some(item) = inner.next(cx)? {
                if seen.insert(cx, item, Value::Null)?.1 {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        }))
    })
}

pub fn union(cx: &mut Call<'_>, first: Value, second: Value, comparer: Value) -> Result {
    given(first, "first")?;
    given(second, "second")?;
    let equality = Equality::new(cx, comparer);
    query(cx, move |cx| {
        let mut inner = enumerate::start(cx, first)?;
        let mut rest = Some(second);
        let mut seen = Table::new(equality);
        Ok(Cursor::new(move |cx| {
            loop {
                while let Some(item) = inner.next(cx)? {
                    if seen.insert(cx, item, Value::Null)?.1 {
                        return Ok(Some(item));
                    }
                }
                match rest.take() {
                    Some(second) => inner = enumerate::start(cx, second)?,
                    None => return Ok(None),
                }
            }
        }))
    })
}

/// The elements of the second sequence, read when the first element is asked for.
fn second_as_table(cx: &mut Call<'_>, second: Value, equality: Equality) -> Result<Table> {
    let mut table = Table::new(equality);
    let mut cursor = enumerate::start(cx, second)?;
    while let Some(item) = cursor.next(cx)? {
        table.insert(cx, item, Value::Null)?;
    }
    Ok(table)
}

pub fn intersect(cx: &mut Call<'_>, first: Value, second: Value, comparer: Value) -> Result {
    given(first, "first")?;
    given(second, "second")?;
    let equality = Equality::new(cx, comparer);
    query(cx, move |cx| {
        let mut wanted = second_as_table(cx, second, equality)?;
        let mut inner = enumerate::start(cx, first)?;
        Ok(Cursor::new(move |cx| {
            while let Some(item) = inner.next(cx)? {
                if wanted.remove(cx, item)?.is_some() {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        }))
    })
}

pub fn except(cx: &mut Call<'_>, first: Value, second: Value, comparer: Value) -> Result {
    given(first, "first")?;
    given(second, "second")?;
    let equality = Equality::new(cx, comparer);
    query(cx, move |cx| {
        let mut seen = second_as_table(cx, second, equality)?;
        let mut inner = enumerate::start(cx, first)?;
        Ok(Cursor::new(move |cx| {
            while let Some(item) = inner.next(cx)? {
                if seen.insert(cx, item, Value::Null)?.1 {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        }))
    })
}
