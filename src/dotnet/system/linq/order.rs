//! `OrderBy`, `ThenBy`: stable sorts by one key after another.

use super::given;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, method};
use crate::dotnet::system::collections::comparer::{Order, stable};
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
            empty => empty.insert(sort(cx, this)?.into_iter()),
        };
        Ok(items.next())
    });
    let ty = cx.returns;
    enumerate::enumerator(cx, ty, cursor)
}

fn sort(cx: &mut Call<'_>, this: Value) -> Result<Vec<Value>, Fault> {
    let Ordered { source, keys } = cx.this::<Ordered>(this)?;
    let (source, keys) = (*source, keys.clone());
    let items = enumerate::collect(cx, source)?;
    let mut columns = Vec::with_capacity(keys.len());
    for key in &keys {
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
            let order = key.order.compare(cx, column[a], column[b])?;
            let order = if key.descending { order.reverse() } else { order };
            if order != Ordering::Equal {
                return Ok(order);
            }
        }
        Ok(Ordering::Equal)
    })?;
    Ok(positions.into_iter().map(|at| items[at]).collect())
}
