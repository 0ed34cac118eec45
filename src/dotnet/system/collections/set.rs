//! `HashSet<T>`.

use super::array::{
    self,
    copy::{Copier, actual, hand_out},
};
use super::comparer::{Equality, reserve};
use super::defaults;
use super::interfaces::ENUMERATOR_ROWS;
use super::table::{Table, prime};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, method, property, static_method};
use crate::dotnet::system::enumerate::{self, Cursor};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

/// The object behind a set.
#[derive(Debug)]
pub struct Set {
    pub table: Table,
}

pub static HASH_SET: TypeDef = TypeDef::new("System.Collections.Generic.HashSet", Kind::Class, &[MEMBERS, ALGEBRA])
    .parameters(&["T"])
    .interfaces(&["ISet<T>", "IReadOnlyCollection<T>"]);

pub static HASH_SET_ENUMERATOR: TypeDef =
    TypeDef::new("System.Collections.Generic.HashSet+Enumerator", Kind::Struct, &[ENUMERATOR_ROWS])
        .parameters(&["T"])
        .interfaces(&["IEnumerator<T>"]);

const MEMBERS: &[Row] = &[
    constructor("HashSet<T>()", |cx, _| make(cx, Value::Null, None)),
    constructor("HashSet<T>(IEqualityComparer<T> comparer)", |cx, args| make(cx, args[0], None)),
    constructor("HashSet<T>(int capacity)", |cx, args| make_with_room(cx, args[0], Value::Null)),
    constructor("HashSet<T>(IEnumerable<T> collection)", |cx, args| make(cx, Value::Null, Some(args[0]))),
    constructor("HashSet<T>(IEnumerable<T> collection, IEqualityComparer<T> comparer)", |cx, args| {
        make(cx, args[1], Some(args[0]))
    }),
    constructor("HashSet<T>(int capacity, IEqualityComparer<T> comparer)", |cx, args| {
        make_with_room(cx, args[0], args[1])
    }),
    method("bool Add(T item)", |cx, args| {
        with(cx, args[0], |cx, table| Ok(Value::Bool(table.insert(cx, args[1], Value::Null)?.1)))
    }),
    method("void Clear()", |cx, args| {
        let table = &mut cx.this_mut::<Set>(args[0])?.table;
        table.clear();
        table.version = table.version.wrapping_add(1);
        Ok(Value::Null)
    }),
    property("IEqualityComparer<T> Comparer { get; }", |cx, args| {
        let equality = cx.this::<Set>(args[0])?.table.equality;
        defaults::shown(cx, equality)
    }),
    method("bool Contains(T item)", |cx, args| {
        with(cx, args[0], |cx, table| Ok(Value::Bool(table.find(cx, args[1])?.is_some())))
    }),
    method("void CopyTo(T[] array, int arrayIndex)", copy_to),
    method("void CopyTo(T[] array)", copy_to),
    method("void CopyTo(T[] array, int arrayIndex, int count)", copy_to),
    property("int Count { get; }", |cx, args| Ok(Value::Int32(cx.this::<Set>(args[0])?.table.len() as i32))),
    static_method("IEqualityComparer<HashSet<T>> CreateSetComparer()", defaults::set_comparer),
    method("int EnsureCapacity(int capacity)", |cx, args| {
        let wanted = room(args[1])?;
        Ok(Value::Int32(cx.this_mut::<Set>(args[0])?.table.ensure(wanted) as i32))
    }),
    method("HashSet<T>.Enumerator GetEnumerator()", |cx, args| {
        let this = args[0];
        let version = cx.this::<Set>(this)?.table.version;
        let mut at = 0;
        let cursor = Cursor::new(move |cx| {
            let table = &cx.this::<Set>(this)?.table;
            if table.version != version {
                return Err(Fault::invalid_operation("Collection was modified after the enumerator was instantiated."));
            }
            let Some(slot) = table.next_slot(at) else { return Ok(None) };
            at = slot + 1;
            Ok(Some(table.at(slot).0))
        });
        let ty = cx.returns;
        enumerate::enumerator(cx, ty, cursor)
    }),
    method("bool Remove(T item)", |cx, args| {
        with(cx, args[0], |cx, table| Ok(Value::Bool(remove(cx, table, args[1])?)))
    }),
    method("int RemoveWhere(Predicate<T> match)", |cx, args| {
        if args[1].is_null() {
            return Err(Fault::argument_null("match"));
        }
        let mut removed = 0;
        for item in keys(cx, args[0])? {
            if cx.test(args[1], &[item])? {
                removed += i32::from(with(cx, args[0], |cx, table| remove(cx, table, item))?);
            }
        }
        Ok(Value::Int32(removed))
    }),
    method("void TrimExcess()", |cx, args| {
        with(cx, args[0], |cx, table| table.trim(cx, table.len()))?;
        Ok(Value::Null)
    }),
    method("bool TryGetValue(T equalValue, out T actualValue)", |cx, args| {
        let found = with(cx, args[0], |cx, table| Ok(table.find(cx, args[1])?.map(|slot| table.at(slot).0)))?;
        let value = match (found, cx.heap.type_of(args[0]).arguments()) {
            (Some(value), _) => value,
            (None, &[ty]) => inherit::zero(cx.heap, ty)?,
            _ => Value::Null,
        };
        cx.set_out(1, value);
        Ok(Value::Bool(found.is_some()))
    }),
];

const ALGEBRA: &[Row] = &[
    method("void ExceptWith(IEnumerable<T> other)", |cx, args| {
        let other = sequence(cx, args[1])?;
        with(cx, args[0], |cx, table| {
            for item in other {
                remove(cx, table, item)?;
            }
            Ok(Value::Null)
        })
    }),
    method("void IntersectWith(IEnumerable<T> other)", |cx, args| {
        let other = as_table(cx, args[0], args[1])?;
        let own = keys(cx, args[0])?;
        with(cx, args[0], |cx, table| {
            for item in own {
                if other.find(cx, item)?.is_none() {
                    remove(cx, table, item)?;
                }
            }
            Ok(Value::Null)
        })
    }),
    method("bool IsProperSubsetOf(IEnumerable<T> other)", |cx, args| {
        let (common, own, other) = compare(cx, args)?;
        Ok(Value::Bool(common == own && other > own))
    }),
    method("bool IsProperSupersetOf(IEnumerable<T> other)", |cx, args| {
        let (common, own, other) = compare(cx, args)?;
        Ok(Value::Bool(common == other && own > other))
    }),
    method("bool IsSubsetOf(IEnumerable<T> other)", |cx, args| {
        let (common, own, _) = compare(cx, args)?;
        Ok(Value::Bool(common == own))
    }),
    method("bool IsSupersetOf(IEnumerable<T> other)", |cx, args| {
        let (common, _, other) = compare(cx, args)?;
        Ok(Value::Bool(common == other))
    }),
    method("bool Overlaps(IEnumerable<T> other)", |cx, args| Ok(Value::Bool(compare(cx, args)?.0 > 0))),
    method("bool SetEquals(IEnumerable<T> other)", |cx, args| {
        let (common, own, other) = compare(cx, args)?;
        Ok(Value::Bool(common == own && common == other))
    }),
    method("void SymmetricExceptWith(IEnumerable<T> other)", |cx, args| {
        let other = as_table(cx, args[0], args[1])?;
        let items: Vec<Value> = other.iter().map(|(key, _)| key).collect();
        let is_set = cx.heap.extension::<Set>(args[1]).is_some();
        with(cx, args[0], |cx, table| {
            let mut gone = std::collections::BTreeMap::new();
            for item in items {
                // What comes from another set takes the place of what goes; of other sequences, all is added first.
                if is_set {
                    if !remove(cx, table, item)? {
                        table.insert(cx, item, Value::Null)?;
                    }
                } else if let (slot, false) = table.insert(cx, item, Value::Null)? {
                    gone.insert(slot, item);
                }
            }
            for item in gone.into_values() {
                remove(cx, table, item)?;
            }
            Ok(Value::Null)
        })
    }),
    method("void UnionWith(IEnumerable<T> other)", |cx, args| {
        let other = sequence(cx, args[1])?;
        with(cx, args[0], |cx, table| {
            for item in other {
                table.insert(cx, item, Value::Null)?;
            }
            Ok(Value::Null)
        })
    }),
];

fn make(cx: &mut Call<'_>, comparer: Value, from: Option<Value>) -> Result<Value, Fault> {
    let equality = Equality::new(cx, comparer);
    let ty = cx.returns;
    let Some(source) = from else { return new_set(cx, ty, equality, Vec::new()) };
    if source.is_null() {
        return Err(Fault::argument_null("collection"));
    }
    if let Some(set) = cx.heap.extension::<Set>(source)
        && set.table.equality.is(equality)
    {
        let mut table = set.table.clone();
        cx.charge_fuel(table.len())?;
        cx.heap.charge(table.len() * 48)?;
        // A table that is mostly empty is not copied as it is.
        if prime(2 * (table.len() + 1)) < table.capacity() {
            table.trim(cx, table.len())?;
        }
        return cx.heap.new_extension(ty, Set { table });
    }
    let known = cx.heap.items(source).map(<[Value]>::len);
    let items = enumerate::collect(cx, source)?;
    let made = new_set(cx, ty, equality, items)?;
    with(cx, made, |cx, table| {
        let room = table.ensure(known.unwrap_or_default().max(1));
        if !table.is_empty() && room / table.len() > 3 { table.trim(cx, table.len()) } else { Ok(()) }
    })?;
    Ok(made)
}

fn make_with_room(cx: &mut Call<'_>, capacity: Value, comparer: Value) -> Result<Value, Fault> {
    let wanted = room(capacity)?;
    let made = make(cx, comparer, None)?;
    cx.this_mut::<Set>(made)?.table.ensure(wanted);
    Ok(made)
}

/// A capacity that is asked for.
pub fn room(capacity: Value) -> Result<usize, Fault> {
    if int(capacity) < 0 {
        return Err(Fault::out_of_range("Specified argument was out of the range of valid values.", "capacity"));
    }
    reserve(int(capacity).into(), "capacity")
}

/// A set of this `HashSet<T>` type.
pub fn new_set(cx: &mut Call<'_>, ty: TypeId, equality: Equality, items: Vec<Value>) -> Result<Value, Fault> {
    let mut table = Table::new(equality);
    for item in items {
        cx.charge_fuel(1)?;
        table.insert(cx, item, Value::Null)?;
    }
    cx.heap.new_extension(ty, Set { table })
}

fn with<T>(
    cx: &mut Call<'_>,
    this: Value,
    work: impl FnOnce(&mut Call<'_>, &mut Table) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut table = std::mem::take(&mut cx.this_mut::<Set>(this)?.table);
    let result = work(cx, &mut table);
    cx.this_mut::<Set>(this)?.table = table;
    result
}

fn remove(cx: &mut Call<'_>, table: &mut Table, item: Value) -> Result<bool, Fault> {
    cx.charge_fuel(1)?;
    let removed = table.remove(cx, item)?.is_some();
    if removed {
        table.version = table.version.wrapping_add(1);
        table.reset_if_empty();
    }
    Ok(removed)
}

fn sequence(cx: &mut Call<'_>, value: Value) -> Result<Vec<Value>, Fault> {
    if value.is_null() {
        return Err(Fault::argument_null("other"));
    }
    enumerate::collect(cx, value)
}

fn keys(cx: &mut Call<'_>, this: Value) -> Result<Vec<Value>, Fault> {
    let keys: Vec<Value> = cx.this::<Set>(this)?.table.iter().map(|(key, _)| key).collect();
    cx.charge_fuel(keys.len())?;
    Ok(keys)
}

/// Another sequence's distinct elements, by this set's equality.
fn as_table(cx: &mut Call<'_>, this: Value, other: Value) -> Result<Table, Fault> {
    let mut table = Table::new(cx.this::<Set>(this)?.table.equality);
    for item in sequence(cx, other)? {
        cx.charge_fuel(1)?;
        table.insert(cx, item, Value::Null)?;
    }
    Ok(table)
}

/// How many elements both have, this set has, the other sequence has.
fn compare(cx: &mut Call<'_>, args: &[Value]) -> Result<(usize, usize, usize), Fault> {
    let other = as_table(cx, args[0], args[1])?;
    let own = keys(cx, args[0])?;
    let mut common = 0;
    for &item in &own {
        common += usize::from(other.find(cx, item)?.is_some());
    }
    Ok((common, own.len(), other.len()))
}

fn copy_to(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut items = keys(cx, args[0])?;
    let at = args.get(2).copied().unwrap_or(Value::Int32(0));
    if let Some(&count) = args.get(3)
        && !args[1].is_null()
        && int(at) >= 0
    {
        let count =
            usize::try_from(int(count)).map_err(|_| actual("Non-negative number required.", "count", int(count)))?;
        // Room for as many as are asked for, though there may be fewer.
        if count > items.len() && int(at) as usize + count > array::len(cx, args[1])? {
            return hand_out(cx, &vec![Value::Null; count.min(1 << 20)], args[1], at, Copier::Set);
        }
        items.truncate(count);
    }
    hand_out(cx, &items, args[1], at, Copier::Set)
}
