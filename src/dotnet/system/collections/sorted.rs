//! `SortedDictionary<TKey, TValue>`, `SortedList<TKey, TValue>` and `SortedSet<T>`: sorted by their keys at all times.

use super::array::copy::{Copier, hand_out};
use super::comparer::{self, Order};
use super::interfaces::ENUMERATOR_ROWS;
use super::pair::pair_type;
use super::sorted_views;
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, indexer_set, method, property};
use crate::dotnet::system::enumerate::{self, Cursor};
use crate::dotnet::system::object;
use crate::dotnet::types;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// Keys in order, each with its value; the values of a set are null.
#[derive(Debug)]
struct Sorted {
    items: Vec<(Value, Value)>,
    order: Order,
    version: u32,
}

/// The keys and values of a sorted dictionary, in order.
pub(super) fn items<'a>(cx: &'a Call<'_>, this: Value) -> Result<&'a [(Value, Value)]> {
    Ok(&cx.this::<Sorted>(this)?.items)
}

pub static DICTIONARY: TypeDef = TypeDef::new(
    "System.Collections.Generic.SortedDictionary",
    Kind::Class,
    &[
        &[
            constructor("SortedDictionary<TKey, TValue>()", |cx, _| make(cx, Value::Null, None)),
            constructor("SortedDictionary<TKey, TValue>(IComparer<TKey> comparer)", |cx, a| make(cx, a[0], None)),
            constructor("SortedDictionary<TKey, TValue>(IDictionary<TKey, TValue> dictionary)", |cx, a| {
                make(cx, Value::Null, Some(a[0]))
            }),
            constructor(
                "SortedDictionary<TKey, TValue>(IDictionary<TKey, TValue> dictionary, IComparer<TKey> comparer)",
                |cx, a| make(cx, a[1], Some(a[0])),
            ),
            property("SortedDictionary<TKey, TValue>.KeyCollection Keys { get; }", |cx, a| {
                sorted_views::of(cx, &sorted_views::KEYS, a[0])
            }),
            property("SortedDictionary<TKey, TValue>.ValueCollection Values { get; }", |cx, a| {
                sorted_views::of(cx, &sorted_views::VALUES, a[0])
            }),
        ],
        KEYED,
    ],
)
.parameters(&["TKey", "TValue"])
.interfaces(&["IDictionary<TKey, TValue>", "IReadOnlyDictionary<TKey, TValue>", "ICollection"])
.off_list();

pub static LIST: TypeDef = TypeDef::new(
    "System.Collections.Generic.SortedList",
    Kind::Class,
    &[
        &[
            constructor("SortedList<TKey, TValue>()", |cx, _| make(cx, Value::Null, None)),
            constructor("SortedList<TKey, TValue>(IComparer<TKey> comparer)", |cx, a| make(cx, a[0], None)),
            constructor("SortedList<TKey, TValue>(IDictionary<TKey, TValue> dictionary)", |cx, a| {
                make(cx, Value::Null, Some(a[0]))
            }),
            constructor(
                "SortedList<TKey, TValue>(IDictionary<TKey, TValue> dictionary, IComparer<TKey> comparer)",
                |cx, a| make(cx, a[1], Some(a[0])),
            ),
            property("IList<TKey> Keys { get; }", |cx, a| sorted_views::of(cx, &sorted_views::KEY_LIST, a[0])),
            property("IList<TValue> Values { get; }", |cx, a| sorted_views::of(cx, &sorted_views::VALUE_LIST, a[0])),
            method("int IndexOfKey(TKey key)", |cx, a| {
                key(a[1])?;
                Ok(Value::Int32(find(cx, a[0], a[1])?.map_or(-1, |at| at as i32)))
            }),
            method("int IndexOfValue(TValue value)", |cx, a| {
                Ok(Value::Int32(value_at(cx, a[0], a[1])?.map_or(-1, |at| at as i32)))
            }),
            method("void RemoveAt(int index)", |cx, a| {
                let own = cx.this_mut::<Sorted>(a[0])?;
                let at = usize::try_from(int(a[1])).ok().filter(|&at| at < own.items.len());
                own.items.remove(at.ok_or_else(|| Fault::index("index"))?);
                own.version += 1;
                Ok(Value::Null)
            }),
        ],
        KEYED,
    ],
)
.parameters(&["TKey", "TValue"])
.interfaces(&["IDictionary<TKey, TValue>", "IReadOnlyDictionary<TKey, TValue>", "ICollection"])
.off_list();

pub static SET: TypeDef = TypeDef::new("System.Collections.Generic.SortedSet", Kind::Class, &[MEMBERS])
    .parameters(&["T"])
    .interfaces(&["ISet<T>", "IReadOnlyCollection<T>", "ICollection"])
    .off_list();

pub static SET_ENUMERATOR: TypeDef =
    TypeDef::new("System.Collections.Generic.SortedSet+Enumerator", Kind::Struct, &[ENUMERATOR_ROWS])
        .parameters(&["T"])
        .interfaces(&["IEnumerator<T>"])
        .off_list();

const KEYED: &[Row] = &[
    method("void Add(TKey key, TValue value)", |cx, a| {
        add(cx, a[0], a[1], a[2])?;
        Ok(Value::Null)
    }),
    method("void Clear()", clear),
    method("bool ContainsKey(TKey key)", |cx, a| {
        key(a[1])?;
        Ok(Value::Bool(find(cx, a[0], a[1])?.is_some()))
    }),
    method("bool ContainsValue(TValue value)", |cx, a| Ok(Value::Bool(value_at(cx, a[0], a[1])?.is_some()))),
    property("int Count { get; }", count),
    method("IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator()", |cx, a| {
        let pair = match *cx.heap.type_of(a[0]).arguments() {
            [key, value] => pair_type(key, value),
            _ => pair_type(types::object(), types::object()),
        };
        cursor(cx, a[0], move |cx, item| cx.heap.new_record(pair, &[item.0, item.1]))
    }),
    indexer_set(
        "TValue this[TKey key] { get; set; }",
        |cx, a| {
            key(a[1])?;
            if let Some(at) = find(cx, a[0], a[1])? {
                return Ok(cx.this::<Sorted>(a[0])?.items[at].1);
            }
            let shown = object::display(cx, a[1])?;
            let message = format!("The given key '{shown}' was not present in the dictionary.");
            Err(Fault::throw("System.Collections.Generic.KeyNotFoundException", message))
        },
        |cx, a| {
            key(a[1])?;
            match search(cx, a[0], a[1])? {
                Ok(at) => {
                    let own = cx.this_mut::<Sorted>(a[0])?;
                    own.items[at].1 = a[2];
                    own.version += 1;
                }
                Err(at) => insert(cx, a[0], at, (a[1], a[2]))?,
            }
            Ok(Value::Null)
        },
    ),
    method("bool Remove(TKey key)", |cx, a| {
        key(a[1])?;
        remove(cx, a[0], a[1]).map(Value::Bool)
    }),
    method("bool TryGetValue(TKey key, out TValue value)", |cx, a| {
        key(a[1])?;
        let found = find(cx, a[0], a[1])?;
        let value = match (found, cx.heap.type_of(a[0]).arguments()) {
            (Some(at), _) => cx.this::<Sorted>(a[0])?.items[at].1,
            (None, &[_, ty]) => inherit::zero(cx.heap, ty)?,
            _ => Value::Null,
        };
        cx.set_out(1, value);
        Ok(Value::Bool(found.is_some()))
    }),
];

const MEMBERS: &[Row] = &[
    constructor("SortedSet<T>()", |cx, _| make(cx, Value::Null, None)),
    constructor("SortedSet<T>(IComparer<T> comparer)", |cx, a| make(cx, a[0], None)),
    constructor("SortedSet<T>(IEnumerable<T> collection)", |cx, a| make_set(cx, a[0], Value::Null)),
    constructor("SortedSet<T>(IEnumerable<T> collection, IComparer<T> comparer)", |cx, a| make_set(cx, a[0], a[1])),
    method("bool Add(T item)", |cx, a| put(cx, a[0], a[1]).map(Value::Bool)),
    method("void Clear()", clear),
    method("bool Contains(T item)", |cx, a| Ok(Value::Bool(find(cx, a[0], a[1])?.is_some()))),
    method("void CopyTo(T[] array, int index)", |cx, a| {
        let items = keys(cx, a[0])?;
        hand_out(cx, &items, a[1], a[2], Copier::Set)
    }),
    property("int Count { get; }", count),
    method("SortedSet<T>.Enumerator GetEnumerator()", |cx, a| cursor(cx, a[0], |_, item| Ok(item.0))),
    property("T Max { get; }", |cx, a| {
        let last = cx.this::<Sorted>(a[0])?.items.last().map(|item| item.0);
        last.map_or_else(|| inherit::zero(cx.heap, cx.returns), Ok)
    }),
    property("T Min { get; }", |cx, a| {
        let first = cx.this::<Sorted>(a[0])?.items.first().map(|item| item.0);
        first.map_or_else(|| inherit::zero(cx.heap, cx.returns), Ok)
    }),
    method("bool Remove(T item)", |cx, a| remove(cx, a[0], a[1]).map(Value::Bool)),
    method("int RemoveWhere(Predicate<T> match)", |cx, a| {
        if a[1].is_null() {
            return Err(Fault::argument_null("match"));
        }
        let mut removed = 0;
        for item in keys(cx, a[0])? {
            if cx.test(a[1], &[item])? {
                removed += i32::from(remove(cx, a[0], item)?);
            }
        }
        Ok(Value::Int32(removed))
    }),
    method("IEnumerable<T> Reverse()", |cx, a| {
        let (this, ty) = (a[0], cx.returns);
        enumerate::sequence(cx, ty, move |cx| {
            let mut items = keys(cx, this)?;
            items.reverse();
            Ok(Cursor::over(items))
        })
    }),
    method("void ExceptWith(IEnumerable<T> other)", |cx, a| {
        for item in other(cx, a[1])? {
            remove(cx, a[0], item)?;
        }
        Ok(Value::Null)
    }),
    method("void IntersectWith(IEnumerable<T> other)", |cx, a| {
        let (kept, _) = shared(cx, a)?;
        let own = cx.this_mut::<Sorted>(a[0])?;
        own.items = kept.into_iter().map(|item| (item, Value::Null)).collect();
        own.version += 1;
        Ok(Value::Null)
    }),
    method("void UnionWith(IEnumerable<T> other)", |cx, a| {
        for item in other(cx, a[1])? {
            put(cx, a[0], item)?;
        }
        Ok(Value::Null)
    }),
    method("void SymmetricExceptWith(IEnumerable<T> other)", |cx, a| {
        let (both, other) = shared(cx, a)?;
        for item in other {
            put(cx, a[0], item)?;
        }
        for item in both {
            remove(cx, a[0], item)?;
        }
        Ok(Value::Null)
    }),
    method("bool IsProperSubsetOf(IEnumerable<T> other)", |cx, a| {
        let (common, own, other) = compared(cx, a)?;
        Ok(Value::Bool(common == own && other > own))
    }),
    method("bool IsProperSupersetOf(IEnumerable<T> other)", |cx, a| {
        let (common, own, other) = compared(cx, a)?;
        Ok(Value::Bool(common == other && own > other))
    }),
    method("bool IsSubsetOf(IEnumerable<T> other)", |cx, a| {
        let (common, own, _) = compared(cx, a)?;
        Ok(Value::Bool(common == own))
    }),
    method("bool IsSupersetOf(IEnumerable<T> other)", |cx, a| {
        let (common, _, other) = compared(cx, a)?;
        Ok(Value::Bool(common == other))
    }),
    method("bool Overlaps(IEnumerable<T> other)", |cx, a| Ok(Value::Bool(compared(cx, a)?.0 > 0))),
    method("bool SetEquals(IEnumerable<T> other)", |cx, a| {
        let (common, own, other) = compared(cx, a)?;
        Ok(Value::Bool(common == own && common == other))
    }),
];

fn make(cx: &mut Call<'_>, comparer: Value, from: Option<Value>) -> Result {
    let (ty, order) = (cx.returns, Order::new(cx, comparer));
    let this = cx.heap.new_extension(ty, Sorted { items: Vec::new(), order, version: 0 })?;
    let Some(source) = from else { return Ok(this) };
    if source.is_null() {
        return Err(Fault::argument_null("dictionary"));
    }
    for item in enumerate::collect(cx, source)? {
        if let Some(&[key, value]) = cx.heap.fields(item) {
            add(cx, this, key, value)?;
        }
    }
    Ok(this)
}

fn make_set(cx: &mut Call<'_>, source: Value, comparer: Value) -> Result {
    if source.is_null() {
        return Err(Fault::argument_null("collection"));
    }
    let this = make(cx, comparer, None)?;
    for item in enumerate::collect(cx, source)? {
        put(cx, this, item)?;
    }
    Ok(this)
}

fn key(value: Value) -> Result<()> {
    if value.is_null() { Err(Fault::argument_null("key")) } else { Ok(()) }
}

/// The place of a key, or where it would stand.
fn search(cx: &mut Call<'_>, this: Value, wanted: Value) -> Result<std::result::Result<usize, usize>> {
    let order = cx.this::<Sorted>(this)?.order;
    let (mut low, mut high) = (0, cx.this::<Sorted>(this)?.items.len());
    while low < high {
        cx.charge_fuel(1)?;
        let middle = (low + high) / 2;
        let own = cx.this::<Sorted>(this)?.items[middle].0;
        match order.compare(cx, own, wanted)? {
            std::cmp::Ordering::Equal => return Ok(Ok(middle)),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    Ok(Err(low))
}

pub(super) fn find(cx: &mut Call<'_>, this: Value, wanted: Value) -> Result<Option<usize>> {
    Ok(search(cx, this, wanted)?.ok())
}

fn value_at(cx: &mut Call<'_>, this: Value, wanted: Value) -> Result<Option<usize>> {
    for at in 0..cx.this::<Sorted>(this)?.items.len() {
        cx.charge_fuel(1)?;
        let own = cx.this::<Sorted>(this)?.items[at].1;
        if comparer::equals(cx, own, wanted)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn insert(cx: &mut Call<'_>, this: Value, at: usize, item: (Value, Value)) -> Result<()> {
    cx.heap.charge(2 * size_of::<Value>())?;
    let own = cx.this_mut::<Sorted>(this)?;
    own.items.insert(at, item);
    own.version += 1;
    let moved = own.items.len() - at;
    cx.charge_fuel(moved / 16)
}

fn add(cx: &mut Call<'_>, this: Value, new: Value, value: Value) -> Result<()> {
    key(new)?;
    match search(cx, this, new)? {
        Err(at) => insert(cx, this, at, (new, value)),
        Ok(_) => {
            let shown = object::display(cx, new)?;
            let is_list = cx.heap.type_of(this).def().is_some_and(|def| def.name.ends_with("SortedList"));
            let tell = |key: &str| format!("An item with the same key has already been added. Key: {key}");
            if is_list {
                return Err(Fault::argument(&tell(&shown), "key"));
            }
            let value = object::display(cx, value)?;
            Err(Fault::throw("System.ArgumentException", tell(&format!("[{shown}, {value}]"))))
        }
    }
}

/// Adds an element to a set unless it is there.
fn put(cx: &mut Call<'_>, this: Value, item: Value) -> Result<bool> {
    match search(cx, this, item)? {
        Ok(_) => Ok(false),
        Err(at) => insert(cx, this, at, (item, Value::Null)).map(|()| true),
    }
}

fn remove(cx: &mut Call<'_>, this: Value, old: Value) -> Result<bool> {
    let Some(at) = find(cx, this, old)? else { return Ok(false) };
    let own = cx.this_mut::<Sorted>(this)?;
    own.items.remove(at);
    own.version += 1;
    Ok(true)
}

fn clear(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = cx.this_mut::<Sorted>(a[0])?;
    own.items.clear();
    own.version += 1;
    Ok(Value::Null)
}

fn count(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Int32(cx.this::<Sorted>(a[0])?.items.len() as i32))
}

fn keys(cx: &mut Call<'_>, this: Value) -> Result<Vec<Value>> {
    let keys: Vec<Value> = cx.this::<Sorted>(this)?.items.iter().map(|item| item.0).collect();
    cx.charge_fuel(keys.len())?;
    cx.heap.charge(keys.len() * size_of::<Value>())?;
    Ok(keys)
}

/// The keys or the values as they are now.
pub(super) fn cursor(
    cx: &mut Call<'_>,
    this: Value,
    mut shown: impl FnMut(&mut Call<'_>, (Value, Value)) -> Result + Send + Sync + 'static,
) -> Result {
    let version = cx.this::<Sorted>(this)?.version;
    let is_set = cx.heap.type_of(this).arguments().len() == 1;
    let mut at = 0;
    let cursor = Cursor::new(move |cx| {
        let own = cx.this::<Sorted>(this)?;
        if own.version != version {
            return Err(if is_set {
                Fault::invalid_operation("Collection was modified after the enumerator was instantiated.")
            } else {
                enumerate::modified()
            });
        }
        let Some(&item) = own.items.get(at) else { return Ok(None) };
        at += 1;
        shown(cx, item).map(Some)
    });
    let ty = cx.returns;
    enumerate::enumerator(cx, ty, cursor)
}

fn other(cx: &mut Call<'_>, value: Value) -> Result<Vec<Value>> {
    if value.is_null() {
        return Err(Fault::argument_null("other"));
    }
    enumerate::collect(cx, value)
}

/// The own elements that another sequence has too, in order, and that sequence.
fn shared(cx: &mut Call<'_>, a: &[Value]) -> Result<(Vec<Value>, Vec<Value>)> {
    let items = other(cx, a[1])?;
    let mut places = std::collections::BTreeSet::new();
    for &item in &items {
        places.extend(find(cx, a[0], item)?);
    }
    let own = &cx.this::<Sorted>(a[0])?.items;
    Ok((places.into_iter().map(|at| own[at].0).collect(), items))
}

/// How many elements both have, this set has, the other sequence has.
fn compared(cx: &mut Call<'_>, a: &[Value]) -> Result<(usize, usize, usize)> {
    let (common, items) = shared(cx, a)?;
    let own = cx.this::<Sorted>(a[0])?;
    let (len, order) = (own.items.len(), own.order);
    let ty = cx.heap.type_of(a[0]);
    let distinct = cx.heap.new_extension(ty, Sorted { items: Vec::new(), order, version: 0 })?;
    for item in items {
        put(cx, distinct, item)?;
    }
    Ok((common.len(), len, cx.this::<Sorted>(distinct)?.items.len()))
}
