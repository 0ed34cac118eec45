//! `GroupBy`, `ToLookup`, `Join`, `GroupJoin`: groups in the order of their first element.

use super::given;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, indexer, method, property};
use crate::dotnet::system::collections::array;
use crate::dotnet::system::collections::comparer::Equality;
use crate::dotnet::system::collections::table::Table;
use crate::dotnet::system::enumerate::{self, Cursor, sequence};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static IGROUPING: TypeDef = TypeDef::new(
    "System.Linq.IGrouping",
    Kind::Interface,
    &[&[
        property("TKey Key { get; }", |cx, args| Ok(cx.this::<Group>(args[0])?.key)),
        method("IEnumerator<TElement> GetEnumerator()", |cx, args| {
            let this = args[0];
            let mut at = 0;
            let cursor = Cursor::new(move |cx| {
                at += 1;
                Ok(cx.this::<Group>(this)?.items.get(at - 1).copied())
            });
            let ty = cx.returns;
            enumerate::enumerator(cx, ty, cursor)
        }),
    ]],
)
.parameters(&["out TKey", "out TElement"])
.interfaces(&["IEnumerable<TElement>"]);

pub static ILOOKUP: TypeDef = TypeDef::new(
    "System.Linq.ILookup",
    Kind::Interface,
    &[&[
        property("int Count { get; }", |cx, args| Ok(Value::Int32(cx.this::<Lookup>(args[0])?.groups.len() as i32))),
        indexer("IEnumerable<TElement> this[TKey key] { get; }", |cx, args| match find(cx, args[0], args[1])? {
            Some(group) => Ok(group),
            None => {
                let ty = cx.returns;
                sequence(cx, ty, |_| Ok(Cursor::Done))
            }
        }),
        method("bool Contains(TKey key)", |cx, args| Ok(Value::Bool(find(cx, args[0], args[1])?.is_some()))),
        method("IEnumerator<IGrouping<TKey, TElement>> GetEnumerator()", |cx, args| {
            let this = args[0];
            let mut at = 0;
            let cursor = Cursor::new(move |cx| {
                at += 1;
                Ok(cx.this::<Lookup>(this)?.groups.get(at - 1).copied())
            });
            let ty = cx.returns;
            enumerate::enumerator(cx, ty, cursor)
        }),
    ]],
)
.parameters(&["TKey", "TElement"])
.interfaces(&["IEnumerable<IGrouping<TKey, TElement>>"]);

#[derive(Debug)]
struct Group {
    key: Value,
    items: Vec<Value>,
}

#[derive(Debug)]
struct Lookup {
    /// A key's place among the groups.
    table: Table,
    groups: Vec<Value>,
}

fn find(cx: &mut Call<'_>, lookup: Value, key: Value) -> Result<Option<Value>> {
    let table = std::mem::take(&mut cx.this_mut::<Lookup>(lookup)?.table);
    let found = table.get(cx, key);
    let this = cx.this_mut::<Lookup>(lookup)?;
    this.table = table;
    let at = found?.and_then(Value::integer);
    Ok(at.and_then(|at| this.groups.get(at as usize).copied()))
}

/// Groups under way: keys with their places, and each group's elements.
struct Groups {
    table: Table,
    groups: Vec<Group>,
}

impl Groups {
    fn add(&mut self, cx: &mut Call<'_>, key: Value, item: Value) -> Result<()> {
        let (slot, is_new) = self.table.insert(cx, key, Value::Int64(self.groups.len() as i64))?;
        if is_new {
            self.groups.push(Group { key, items: Vec::new() });
        }
        // Lists that double hold room for as much again.
        cx.heap.charge(2 * size_of::<Value>())?;
        let at = self.table.at(slot).1.integer().unwrap_or_default() as usize;
        self.groups[at].items.push(item);
        Ok(())
    }

    fn get(&self, cx: &mut Call<'_>, key: Value) -> Result<&[Value]> {
        let at = self.table.get(cx, key)?.and_then(Value::integer);
        Ok(at.map_or(&[], |at| &self.groups[at as usize].items))
    }
}

/// `skip_null`: joins match no null key.
fn group(
    cx: &mut Call<'_>,
    source: Value,
    key: Value,
    element: Value,
    equality: Equality,
    skip_null: bool,
) -> Result<Groups> {
    let mut groups = Groups { table: Table::new(equality), groups: Vec::new() };
    let mut cursor = enumerate::start(cx, source)?;
    while let Some(item) = cursor.next(cx)? {
        let key = cx.invoke(key, &[item])?;
        if skip_null && key.is_null() {
            continue;
        }
        let item = if element.is_null() { item } else { cx.invoke(element, &[item])? };
        groups.add(cx, key, item)?;
    }
    Ok(groups)
}

/// `IGrouping<key, element>`, from the type arguments of the call (`TSource, TKey[, TElement][, TResult]`).
fn grouping_type(cx: &Call<'_>, has_element: bool) -> TypeId {
    let argument = |at: usize| cx.type_arguments.get(at).copied().unwrap_or_else(types::object);
    TypeId::generic("System.Linq.IGrouping", &[argument(1), argument(if has_element { 2 } else { 0 })])
}

pub fn group_by(
    cx: &mut Call<'_>,
    source: Value,
    key: Value,
    element: Option<Value>,
    result: Option<Value>,
    comparer: Value,
) -> Result {
    given(source, "source")?;
    given(key, "keySelector")?;
    if let Some(element) = element {
        given(element, "elementSelector")?;
    }
    if let Some(result) = result {
        given(result, "resultSelector")?;
    }
    let element = element.unwrap_or(Value::Null);
    let equality = Equality::new(cx, comparer);
    let grouping = grouping_type(cx, !element.is_null());
    let elements = TypeId::array(grouping.arguments()[1]);
    let ty = cx.returns;
    sequence(cx, ty, move |_| {
        let mut groups: Option<std::vec::IntoIter<Group>> = None;
        Ok(Cursor::new(move |cx| {
            let groups = match &mut groups {
                Some(groups) => groups,
                empty => empty.insert(group(cx, source, key, element, equality, false)?.groups.into_iter()),
            };
            let Some(group) = groups.next() else { return Ok(None) };
            let key = group.key;
            match result {
                None => cx.heap.new_extension(grouping, group).map(Some),
                // What makes something of a group is given its elements alone, as an array.
                Some(result) => {
                    let elements = array::new(cx, elements, group.items)?;
                    cx.invoke(result, &[key, elements]).map(Some)
                }
            }
        }))
    })
}

pub fn to_lookup(cx: &mut Call<'_>, source: Value, key: Value, element: Option<Value>, comparer: Value) -> Result {
    given(source, "source")?;
    given(key, "keySelector")?;
    if let Some(element) = element {
        given(element, "elementSelector")?;
    }
    let element = element.unwrap_or(Value::Null);
    let equality = Equality::new(cx, comparer);
    let grouping = grouping_type(cx, !element.is_null());
    let ty = cx.returns;
    let made = group(cx, source, key, element, equality, false)?;
    let mut groups = Vec::with_capacity(made.groups.len());
    for group in made.groups {
        groups.push(cx.heap.new_extension(grouping, group)?);
    }
    cx.heap.charge(groups.len() * size_of::<Value>())?;
    cx.heap.new_extension(ty, Lookup { table: made.table, groups })
}

/// `outer, inner, outerKeySelector, innerKeySelector, resultSelector`.
fn join_arguments(a: &[Value]) -> Result<[Value; 5]> {
    let names = ["outer", "inner", "outerKeySelector", "innerKeySelector", "resultSelector"];
    let mut out = [Value::Null; 5];
    for ((out, &value), name) in out.iter_mut().zip(a).zip(names) {
        *out = given(value, name)?;
    }
    Ok(out)
}

pub fn join(cx: &mut Call<'_>, a: &[Value], comparer: Value) -> Result {
    let [outer, inner, outer_key, inner_key, result] = join_arguments(a)?;
    let equality = Equality::new(cx, comparer);
    let ty = cx.returns;
    sequence(cx, ty, move |cx| {
        let mut cursor = enumerate::start(cx, outer)?;
        let mut groups = None;
        let mut matches: std::vec::IntoIter<Value> = Vec::new().into_iter();
        let mut current = Value::Null;
        Ok(Cursor::new(move |cx| {
            loop {
                if let Some(found) = matches.next() {
                    return cx.invoke(result, &[current, found]).map(Some);
                }
                let Some(item) = cursor.next(cx)? else { return Ok(None) };
                // The inner sequence is looked at once there is an outer element; without it none is asked for a key.
                let groups = match &mut groups {
                    Some(groups) => groups,
                    empty => empty.insert(group(cx, inner, inner_key, Value::Null, equality, true)?),
                };
                if groups.groups.is_empty() {
                    cursor = Cursor::Done;
                    return Ok(None);
                }
                current = item;
                let key = cx.invoke(outer_key, &[item])?;
                matches = groups.get(cx, key)?.to_vec().into_iter();
                cx.charge_fuel(matches.len())?;
            }
        }))
    })
}

pub fn group_join(cx: &mut Call<'_>, a: &[Value], comparer: Value) -> Result {
    let [outer, inner, outer_key, inner_key, result] = join_arguments(a)?;
    let equality = Equality::new(cx, comparer);
    let element = cx.type_arguments.get(1).copied().unwrap_or_else(types::object);
    let key_type = cx.type_arguments.get(2).copied().unwrap_or_else(types::object);
    let grouping = TypeId::generic("System.Linq.IGrouping", &[key_type, element]);
    let ty = cx.returns;
    sequence(cx, ty, move |cx| {
        let mut cursor = enumerate::start(cx, outer)?;
        let mut groups = None;
        Ok(Cursor::new(move |cx| {
            let Some(item) = cursor.next(cx)? else { return Ok(None) };
            let groups = match &mut groups {
                Some(groups) => groups,
                empty => empty.insert(group(cx, inner, inner_key, Value::Null, equality, true)?),
            };
            let key = cx.invoke(outer_key, &[item])?;
            let items = groups.get(cx, key)?.to_vec();
            cx.heap.charge(size_of_val(items.as_slice()))?;
            let matches = if items.is_empty() {
                sequence(cx, enumerate::enumerable_of(element), |_| Ok(Cursor::Done))?
            } else {
                cx.heap.new_extension(grouping, Group { key, items })?
            };
            cx.invoke(result, &[item, matches]).map(Some)
        }))
    })
}
