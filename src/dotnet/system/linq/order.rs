//! `OrderBy`, `ThenBy`: stable sorts by one key after another.

use super::given;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::member::{Kind, TypeDef, method};
use crate::dotnet::system::collections::comparer::{Order, failed, stable};
use crate::dotnet::system::enumerate::{self, Cursor};
use crate::dotnet::value::Value;
use std::cmp::Ordering;

pub static IORDERED_ENUMERABLE: TypeDef = TypeDef::new(
    "System.Linq.IOrderedEnumerable",
    Kind::Interface,
    &[&[method("IEnumerator<TElement> GetEnumerator()", get_enumerator)]],
)
.parameters(&["out TElement"])
.interfaces(&["IEnumerable<TElement>"]);

#[derive(Clone, Copy, Debug)]
struct Key {
    selector: Value,
    order: Order,
    descending: bool,
}

/// A source and the keys that order it, the most important first.
#[derive(Debug)]
struct Ordered {
    source: Value,
    keys: Vec<Key>,
}

pub fn order_by(
    cx: &mut Call<'_>,
    source: Value,
    selector: Value,
    comparer: Value,
    descending: bool,
) -> Result<Value, Fault> {
    given(source, "source")?;
    given(selector, "keySelector")?;
    let keys = vec![Key { selector, order: Order::new(cx, comparer), descending }];
    let ty = cx.returns;
    cx.heap.new_extension(ty, Ordered { source, keys })
}

pub fn then_by(
    cx: &mut Call<'_>,
    ordered: Value,
    selector: Value,
    comparer: Value,
    descending: bool,
) -> Result<Value, Fault> {
    given(ordered, "source")?;
    given(selector, "keySelector")?;
    let key = Key { selector, order: Order::new(cx, comparer), descending };
    let Ordered { source, keys } = cx.this::<Ordered>(ordered)?;
    let (source, mut keys) = (*source, keys.clone());
    cx.heap.charge((keys.len() + 1) * size_of::<Key>())?;
    keys.push(key);
    let ty = cx.returns;
    cx.heap.new_extension(ty, Ordered { source, keys })
}

fn get_enumerator(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let this = args[0];
    let mut sorted: Option<std::vec::IntoIter<Value>> = None;
    let cursor = Cursor::new(move |cx| {
        let items = match &mut sorted {
            Some(items) => items,
            empty => empty.insert(all(cx, this)?.into_iter()),
        };
        Ok(items.next())
    });
    let ty = cx.returns;
    enumerate::enumerator(cx, ty, cursor)
}

pub fn is_ordered(cx: &Call<'_>, value: Value) -> bool {
    cx.heap.extension::<Ordered>(value).is_some()
}

/// The selector of the least important key.
pub fn last_selector(heap: &Heap, value: Value) -> Option<Value> {
    heap.extension::<Ordered>(value)?.keys.last().map(|key| key.selector)
}

fn parts(cx: &Call<'_>, this: Value) -> Result<(Value, Vec<Key>), Fault> {
    let Ordered { source, keys } = cx.this::<Ordered>(this)?;
    Ok((*source, keys.clone()))
}

/// How many elements there are: no key is asked for.
pub fn len(cx: &mut Call<'_>, this: Value) -> Result<i64, Fault> {
    let (source, _) = parts(cx, this)?;
    super::reduce::counted(cx, source, Value::Null)
}

/// The elements from one place to another, in order.
pub fn range(cx: &mut Call<'_>, this: Value, min: i64, max: i64) -> Result<Vec<Value>, Fault> {
    let (source, keys) = parts(cx, this)?;
    let items = enumerate::collect(cx, source)?;
    let Some(min) = usize::try_from(min).ok().filter(|&min| min < items.len()) else { return Ok(Vec::new()) };
    // A part is sorted in another way, which passes on what a comparison throws.
    let mut sorted = sort_by(cx, items, &keys, |_, fault| fault)?;
    sorted.truncate(usize::try_from(max).unwrap_or(usize::MAX).saturating_add(1));
    sorted.drain(..min.min(sorted.len()));
    Ok(sorted)
}

/// The element at a place.
pub fn at(cx: &mut Call<'_>, this: Value, place: i64) -> Result<Option<Value>, Fault> {
    match place {
        0 => best(cx, this, Value::Null, false),
        _ => Ok(range(cx, this, place, place)?.pop()),
    }
}

pub fn last(cx: &mut Call<'_>, this: Value) -> Result<Option<Value>, Fault> {
    best(cx, this, Value::Null, true)
}

/// The first element in order, or the last, of those that a predicate takes. Nothing is sorted: each element is compared
/// with the best so far, and less important keys are asked for only where the others are equal.
pub fn best(cx: &mut Call<'_>, this: Value, predicate: Value, is_last: bool) -> Result<Option<Value>, Fault> {
    let (source, keys) = parts(cx, this)?;
    let mut cursor = enumerate::start(cx, source)?;
    let mut best = Best { keys, values: Vec::new() };
    let mut found = None;
    while let Some(item) = cursor.next(cx)? {
        if !predicate.is_null() && !cx.test(predicate, &[item])? {
            continue;
        }
        let takes = match found {
            None => {
                best.set(cx, 0, item)?;
                true
            }
            Some(_) if is_last => best.compare(cx, 0, item, false)?.is_ge(),
            Some(_) => best.compare(cx, 0, item, true)?.is_lt(),
        };
        if takes {
            found = Some(item);
        }
    }
    Ok(found)
}

/// The keys of the best element so far.
struct Best {
    keys: Vec<Key>,
    values: Vec<Value>,
}

impl Best {
    /// Takes over the keys of an element, from this one on.
    fn set(&mut self, cx: &mut Call<'_>, from: usize, item: Value) -> Result<(), Fault> {
        self.values.truncate(from);
        for key in &self.keys[from..] {
            self.values.push(cx.invoke(key.selector, &[item])?);
        }
        Ok(())
    }

    /// Compares an element with the best, and takes over the keys of the lower or else the higher one.
    fn compare(&mut self, cx: &mut Call<'_>, at: usize, item: Value, lower: bool) -> Result<Ordering, Fault> {
        let key = self.keys[at];
        let value = cx.invoke(key.selector, &[item])?;
        let order = if key.descending {
            key.order.compare(cx, self.values[at], value)?
        } else {
            key.order.compare(cx, value, self.values[at])?
        };
        let is_least = at + 1 == self.keys.len();
        if order.is_eq() && !is_least {
            return self.compare(cx, at + 1, item, lower);
        }
        if lower == order.is_lt() {
            self.values[at] = value;
            if !is_least {
                self.set(cx, at + 1, item)?;
            }
        }
        Ok(order)
    }
}

/// All elements, in order.
pub fn all(cx: &mut Call<'_>, this: Value) -> Result<Vec<Value>, Fault> {
    let (source, keys) = parts(cx, this)?;
    let items = enumerate::collect(cx, source)?;
    sort_by(cx, items, &keys, failed)
}

/// The elements in order; `wrong` says what a comparison that fails becomes.
fn sort_by(
    cx: &mut Call<'_>,
    items: Vec<Value>,
    keys: &[Key],
    wrong: fn(&mut Call<'_>, Fault) -> Fault,
) -> Result<Vec<Value>, Fault> {
    let mut columns = Vec::with_capacity(keys.len());
    for key in keys {
        cx.heap.charge(items.len() * size_of::<Value>())?;
        let mut column = Vec::with_capacity(items.len());
        for &item in &items {
            cx.charge_fuel(1)?;
            column.push(cx.invoke(key.selector, &[item])?);
        }
        columns.push(column);
    }
    let positions = stable(cx, items.len(), |cx, a, b| {
        for (key, column) in keys.iter().zip(&columns) {
            let order = key.order.compare(cx, column[a], column[b]).map_err(|fault| wrong(cx, fault))?;
            let order = if key.descending { order.reverse() } else { order };
            if order != Ordering::Equal {
                return Ok(order);
            }
        }
        Ok(Ordering::Equal)
    })?;
    Ok(positions.into_iter().map(|at| items[at]).collect())
}
