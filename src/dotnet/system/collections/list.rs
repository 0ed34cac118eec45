//! `List<T>`.

use super::array;
use super::comparer::{self, Order, reserve};
use super::interfaces::ENUMERATOR_ROWS;
use super::readonly;
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::inherit;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, indexer_set, method, property, property_set};
use crate::dotnet::system::enumerate;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

pub static LIST: TypeDef = TypeDef::new("System.Collections.Generic.List", Kind::Class, &[MAKING, CHANGING, SEARCHING])
    .parameters(&["T"])
    .interfaces(&["IList<T>", "IReadOnlyList<T>", "ICollection"]);

pub static LIST_ENUMERATOR: TypeDef =
    TypeDef::new("System.Collections.Generic.List+Enumerator", Kind::Struct, &[ENUMERATOR_ROWS])
        .parameters(&["T"])
        .interfaces(&["IEnumerator<T>"]);

const MAKING: &[Row] = &[
    constructor("List<T>()", |cx, _| new_list(cx, Vec::new())),
    constructor("List<T>(int capacity)", |cx, args| {
        let capacity = reserve(int(args[0]).into(), "capacity")?;
        cx.heap.charge(capacity * size_of::<Value>())?;
        new_list(cx, Vec::with_capacity(capacity.min(1 << 16)))
    }),
    constructor("List<T>(IEnumerable<T> collection)", |cx, args| {
        let items = sequence(cx, args[0], "collection")?;
        let ty = cx.returns;
        cx.heap.alloc(Object::List { ty, items, version: 0 })
    }),
    method("ReadOnlyCollection<T> AsReadOnly()", |cx, args| {
        let ty = cx.returns;
        readonly::view(cx, ty, args[0])
    }),
    method("List<TOutput> ConvertAll<TOutput>(Converter<T, TOutput> converter)", |cx, args| {
        if args[1].is_null() {
            return Err(Fault::argument_null("converter"));
        }
        let mut items = snapshot(cx, args[0])?;
        for item in &mut items {
            cx.charge_fuel(1)?;
            *item = cx.invoke(args[1], &[*item])?;
        }
        new_list(cx, items)
    }),
    method("void CopyTo(T[] array)", |cx, args| array::copy::copy_to(cx, &[args[0], args[1], Value::Int32(0)])),
    method("void CopyTo(int index, T[] array, int arrayIndex, int count)", |cx, args| {
        let (from, count) = (int(args[1]), int(args[4]));
        if (len(cx, args[0])? as i32).wrapping_sub(from) < count {
            return Err(too_few());
        }
        array::copy::copy(cx, args[0], from.into(), args[2], int(args[3]).into(), count.into())
    }),
    method("void CopyTo(T[] array, int arrayIndex)", array::copy::copy_to),
    method("List<T> GetRange(int index, int count)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        let (from, count) = range(int(args[1]), int(args[2]), items.len())?;
        new_list(cx, items[from..from + count].to_vec())
    }),
    method("T[] ToArray()", |cx, args| {
        let items = snapshot(cx, args[0])?;
        let ty = cx.returns;
        array::new(cx, ty, items)
    }),
    method("List<T>.Enumerator GetEnumerator()", super::interfaces::get_enumerator),
    property("int Count { get; }", count),
    property_set(
        "int Capacity { get; set; }",
        |cx, args| Ok(Value::Int32(change_quietly(cx, args[0])?.capacity() as i32)),
        |cx, args| {
            let wanted = int(args[1]);
            let items = change_quietly(cx, args[0])?;
            reserve(wanted.max(0).into(), "value")?;
            let more = usize::try_from(wanted).ok().and_then(|wanted| wanted.checked_sub(items.len()));
            let Some(more) = more else {
                return Err(Fault::out_of_range("capacity was less than the current size.", "value"));
            };
            cx.heap.charge(more * size_of::<Value>())?;
            let items = change_quietly(cx, args[0])?;
            if wanted as usize > items.capacity() {
                items.reserve_exact(more);
            } else {
                items.shrink_to(wanted as usize);
            }
            Ok(Value::Null)
        },
    ),
    method("void TrimExcess()", |cx, args| {
        let items = change_quietly(cx, args[0])?;
        if items.len() < items.capacity() * 9 / 10 {
            items.shrink_to_fit();
        }
        Ok(Value::Null)
    }),
    indexer_set("T this[int index] { get; set; }", get, |cx, args| {
        let at = checked(cx, args[0], int(args[1]))?;
        change(cx, args[0])?[at] = args[2];
        Ok(Value::Null)
    }),
];

const CHANGING: &[Row] = &[
    method("void Add(T item)", |cx, args| {
        cx.heap.charge(size_of::<Value>())?;
        change(cx, args[0])?.push(args[1]);
        Ok(Value::Null)
    }),
    method("void AddRange(IEnumerable<T> collection)", |cx, args| {
        let items = sequence(cx, args[1], "collection")?;
        change(cx, args[0])?.extend(items);
        Ok(Value::Null)
    }),
    method("void Clear()", |cx, args| {
        change(cx, args[0])?.clear();
        Ok(Value::Null)
    }),
    method("void Insert(int index, T item)", |cx, args| insert(cx, args[0], int(args[1]), vec![args[2]])),
    method("void InsertRange(int index, IEnumerable<T> collection)", |cx, args| {
        let items = sequence(cx, args[2], "collection")?;
        if int(args[1]) as u32 as usize > len(cx, args[0])? {
            return Err(Fault::index("index"));
        }
        insert(cx, args[0], int(args[1]), items)
    }),
    method("bool Remove(T item)", |cx, args| {
        let at = find(cx, args[0], args[1], 0, None)?;
        if at >= 0 {
            change(cx, args[0])?.remove(at as usize);
        }
        Ok(Value::Bool(at >= 0))
    }),
    method("int RemoveAll(Predicate<T> match)", |cx, args| {
        let (items, matches) = (snapshot(cx, args[0])?, predicate(args[1])?);
        let mut kept = Vec::new();
        for &item in &items {
            cx.charge_fuel(1)?;
            if !cx.test(matches, &[item])? {
                kept.push(item);
            }
        }
        let removed = items.len() - kept.len();
        if removed > 0 {
            *change(cx, args[0])? = kept;
        }
        Ok(Value::Int32(removed as i32))
    }),
    method("void RemoveAt(int index)", |cx, args| {
        let at = checked(cx, args[0], int(args[1]))?;
        cx.charge_fuel(1)?;
        change(cx, args[0])?.remove(at);
        Ok(Value::Null)
    }),
    method("void RemoveRange(int index, int count)", |cx, args| {
        let (from, count) = range(int(args[1]), int(args[2]), len(cx, args[0])?)?;
        if count > 0 {
            change(cx, args[0])?.drain(from..from + count);
        }
        Ok(Value::Null)
    }),
    method("void Reverse()", |cx, args| {
        let len = len(cx, args[0])?;
        cx.charge_fuel(len / 4)?;
        change(cx, args[0])?.reverse();
        Ok(Value::Null)
    }),
    method("void Reverse(int index, int count)", |cx, args| {
        let (from, count) = range(int(args[1]), int(args[2]), len(cx, args[0])?)?;
        change(cx, args[0])?[from..from + count].reverse();
        Ok(Value::Null)
    }),
    method("void Sort()", |cx, args| sort(cx, args[0], Order::Natural, None)),
    method("void Sort(IComparer<T> comparer)", |cx, args| {
        let order = Order::new(cx, args[1]);
        sort(cx, args[0], order, None)
    }),
    method("void Sort(int index, int count, IComparer<T> comparer)", |cx, args| {
        let range = range(int(args[1]), int(args[2]), len(cx, args[0])?)?;
        let order = Order::new(cx, args[3]);
        sort(cx, args[0], order, Some(range))
    }),
    method("void Sort(Comparison<T> comparison)", |cx, args| {
        if args[1].is_null() {
            return Err(Fault::argument_null("comparison"));
        }
        sort(cx, args[0], Order::Delegate(args[1]), None)
    }),
];

const SEARCHING: &[Row] = &[
    method("int BinarySearch(int index, int count, T item, IComparer<T> comparer)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        let (from, count) = range(int(args[1]), int(args[2]), items.len())?;
        let order = Order::new(cx, args[4]);
        array::binary_search(cx, &items, from, count, args[3], order)
    }),
    method("int BinarySearch(T item)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        array::binary_search(cx, &items, 0, items.len(), args[1], Order::Natural)
    }),
    method("int BinarySearch(T item, IComparer<T> comparer)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        let order = Order::new(cx, args[2]);
        array::binary_search(cx, &items, 0, items.len(), args[1], order)
    }),
    method("bool Contains(T item)", |cx, args| Ok(Value::Bool(find(cx, args[0], args[1], 0, None)? >= 0))),
    method("int IndexOf(T item)", |cx, args| Ok(Value::Int32(find(cx, args[0], args[1], 0, None)?))),
    method("int IndexOf(T item, int index)", |cx, args| {
        Ok(Value::Int32(find(cx, args[0], args[1], int(args[2]), None)?))
    }),
    method("int IndexOf(T item, int index, int count)", |cx, args| {
        Ok(Value::Int32(find(cx, args[0], args[1], int(args[2]), Some(int(args[3])))?))
    }),
    method("int LastIndexOf(T item)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        let last = items.len() as i32 - 1;
        array::last_index(cx, &items, args[1], last, None)
    }),
    method("int LastIndexOf(T item, int index)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        last_index(cx, &items, args[1], int(args[2]), None)
    }),
    method("int LastIndexOf(T item, int index, int count)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        last_index(cx, &items, args[1], int(args[2]), Some(int(args[3])))
    }),
    method("bool Exists(Predicate<T> match)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        Ok(Value::Bool(array::first_match(cx, &items, args[1])?.is_some()))
    }),
    method("T Find(Predicate<T> match)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        match array::first_match(cx, &items, args[1])? {
            Some(at) => Ok(items[at]),
            None => inherit::zero(cx.heap, cx.returns),
        }
    }),
    method("List<T> FindAll(Predicate<T> match)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        let found = array::all_matches(cx, &items, args[1])?;
        new_list(cx, found)
    }),
    method("int FindIndex(Predicate<T> match)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        array::find_index(cx, &items, 0, items.len() as i32, args[1])
    }),
    method("int FindIndex(int startIndex, Predicate<T> match)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        let from = int(args[1]);
        array::find_index(cx, &items, from, (items.len() as i32).wrapping_sub(from), args[2])
    }),
    method("int FindIndex(int startIndex, int count, Predicate<T> match)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        array::find_index(cx, &items, int(args[1]), int(args[2]), args[3])
    }),
    method("T FindLast(Predicate<T> match)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        match array::last_match(cx, &items, args[1])? {
            Some(at) => Ok(items[at]),
            None => inherit::zero(cx.heap, cx.returns),
        }
    }),
    method("int FindLastIndex(Predicate<T> match)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        array::find_last_index(cx, &items, items.len() as i32 - 1, None, args[1])
    }),
    method("int FindLastIndex(int startIndex, Predicate<T> match)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        array::find_last_index(cx, &items, int(args[1]), None, args[2])
    }),
    method("int FindLastIndex(int startIndex, int count, Predicate<T> match)", |cx, args| {
        let items = snapshot(cx, args[0])?;
        array::find_last_index(cx, &items, int(args[1]), Some(int(args[2])), args[3])
    }),
    method("void ForEach(Action<T> action)", |cx, args| {
        if args[1].is_null() {
            return Err(Fault::argument_null("action"));
        }
        let mut cursor = enumerate::start(cx, args[0])?;
        while let Some(item) = cursor.next(cx)? {
            cx.invoke(args[1], &[item])?;
        }
        Ok(Value::Null)
    }),
    method("bool TrueForAll(Predicate<T> match)", |cx, args| {
        let matches = predicate(args[1])?;
        for item in snapshot(cx, args[0])? {
            cx.charge_fuel(1)?;
            if !cx.test(matches, &[item])? {
                return Ok(Value::Bool(false));
            }
        }
        Ok(Value::Bool(true))
    }),
];

fn predicate(value: Value) -> Result<Value, Fault> {
    if value.is_null() { Err(Fault::argument_null("match")) } else { Ok(value) }
}

fn new_list(cx: &mut Call<'_>, items: Vec<Value>) -> Result<Value, Fault> {
    let ty: TypeId = cx.returns;
    cx.heap.new_list(ty, items)
}

/// The elements of an argument that must not be null.
fn sequence(cx: &mut Call<'_>, value: Value, parameter: &str) -> Result<Vec<Value>, Fault> {
    if value.is_null() {
        return Err(Fault::argument_null(parameter));
    }
    enumerate::collect(cx, value)
}

fn snapshot(cx: &mut Call<'_>, list: Value) -> Result<Vec<Value>, Fault> {
    enumerate::collect(cx, list)
}

fn len(cx: &Call<'_>, list: Value) -> Result<usize, Fault> {
    cx.heap.items(list).map(<[Value]>::len).ok_or_else(Fault::null_reference)
}

fn count(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Int32(len(cx, args[0])? as i32))
}

fn get(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = cx.heap.items(args[0]).ok_or_else(Fault::null_reference)?;
    usize::try_from(int(args[1])).ok().and_then(|at| items.get(at).copied()).ok_or_else(|| Fault::index("index"))
}

fn checked(cx: &Call<'_>, list: Value, at: i32) -> Result<usize, Fault> {
    usize::try_from(at).ok().filter(|&at| len(cx, list).is_ok_and(|len| at < len)).ok_or_else(|| Fault::index("index"))
}

/// The items, to be changed: enumerations under way will notice.
fn change<'a>(cx: &'a mut Call<'_>, list: Value) -> Result<&'a mut Vec<Value>, Fault> {
    let Value::Object(handle) = list else { return Err(Fault::null_reference()) };
    match cx.heap.get_mut(handle) {
        Object::List { items, version, .. } => {
            *version = version.wrapping_add(1);
            Ok(items)
        }
        _ => Err(Fault::not_supported("Collection is read-only.")),
    }
}

/// The elements, for what no enumeration notices.
fn change_quietly<'a>(cx: &'a mut Call<'_>, list: Value) -> Result<&'a mut Vec<Value>, Fault> {
    let Value::Object(handle) = list else { return Err(Fault::null_reference()) };
    match cx.heap.get_mut(handle) {
        Object::List { items, .. } => Ok(items),
        _ => Err(Fault::not_supported("Collection is read-only.")),
    }
}

fn insert(cx: &mut Call<'_>, list: Value, at: i32, items: Vec<Value>) -> Result<Value, Fault> {
    let len = len(cx, list)?;
    let Some(at) = usize::try_from(at).ok().filter(|&at| at <= len) else {
        return Err(Fault::out_of_range("Index must be within the bounds of the List.", "index"));
    };
    cx.heap.charge(size_of_val(items.as_slice()))?;
    cx.charge_fuel((len - at) / 16)?;
    change(cx, list)?.splice(at..at, items);
    Ok(Value::Null)
}

/// A range inside a list of this length.
fn range(index: i32, count: i32, len: usize) -> Result<(usize, usize), Fault> {
    let negative = |name| Fault::out_of_range("Non-negative number required.", name);
    let index = usize::try_from(index).map_err(|_| negative("index"))?;
    let count = usize::try_from(count).map_err(|_| negative("count"))?;
    if index + count > len {
        return Err(too_few());
    }
    Ok((index, count))
}

fn too_few() -> Fault {
    Fault::throw(
        "System.ArgumentException",
        "Offset and length were out of bounds for the array or count is greater than the number of elements from index \
         to the end of the source collection.",
    )
}

/// `LastIndexOf` from an index on.
fn last_index(cx: &mut Call<'_>, items: &[Value], item: Value, from: i32, count: Option<i32>) -> Result<Value, Fault> {
    let wrong = |message, name| Err(Fault::out_of_range(message, name));
    const NEGATIVE: &str = "Non-negative number required.";
    match count {
        None if from >= items.len() as i32 => return Err(Fault::index("index")),
        None if items.is_empty() => return Ok(Value::Int32(-1)),
        Some(_) if from < 0 && !items.is_empty() => return wrong(NEGATIVE, "index"),
        None if from < 0 => return wrong(NEGATIVE, "index"),
        Some(..0) if !items.is_empty() => return wrong(NEGATIVE, "count"),
        Some(_) if items.is_empty() => return Ok(Value::Int32(-1)),
        Some(_) if from >= items.len() as i32 => return wrong("Larger than collection size.", "index"),
        Some(count) if count > from + 1 => return wrong("Larger than collection size.", "count"),
        _ => {}
    }
    array::last_index(cx, items, item, from, count)
}

fn find(cx: &mut Call<'_>, list: Value, item: Value, from: i32, count: Option<i32>) -> Result<i32, Fault> {
    let len = len(cx, list)?;
    if from > len as i32 {
        return Err(Fault::index("index"));
    }
    let room = len as i64 - i64::from(from);
    let count = match count {
        None => room,
        Some(count) => match i64::from(count) {
            count if (0..=room).contains(&count) => count,
            _ => {
                return Err(Fault::out_of_range(
                    "Count must be positive and count must refer to a location within the string/array/collection.",
                    "count",
                ));
            }
        },
    };
    let Ok(from) = usize::try_from(from) else { return Err(Fault::index("startIndex")) };
    for at in from..from + count as usize {
        cx.charge_fuel(1)?;
        let Some(own) = cx.heap.items(list).and_then(|items| items.get(at).copied()) else { break };
        if comparer::equals(cx, own, item)? {
            return Ok(at as i32);
        }
    }
    Ok(-1)
}

fn sort(cx: &mut Call<'_>, list: Value, order: Order, range: Option<(usize, usize)>) -> Result<Value, Fault> {
    let mut items = snapshot(cx, list)?;
    let (from, count) = range.unwrap_or((0, items.len()));
    comparer::sort(cx, &mut items[from..from + count], None, order)?;
    *change(cx, list)? = items;
    Ok(Value::Null)
}
