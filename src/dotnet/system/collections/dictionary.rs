//! `Dictionary<TKey, TValue>`.

use super::array::copy::{Copier, hand_out};
use super::comparer::{self, Equality};
use super::defaults;
use super::interfaces;
use super::pair::pair_type;
use super::set::room;
use super::table::{Table, prime};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, indexer_set, method, property};
use crate::dotnet::system::enumerate::{self, Cursor};
use crate::dotnet::system::object;
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;

/// The object behind a dictionary.
#[derive(Debug)]
pub struct Dictionary {
    pub table: Table,
    /// A form: a look-up of an absent name adds an empty list (`body["newKey"].Add("newValue")`).
    pub is_form: bool,
}

pub static DICTIONARY: TypeDef = TypeDef::new("System.Collections.Generic.Dictionary", Kind::Class, &[MAKING, MEMBERS])
    .parameters(&["TKey", "TValue"])
    .interfaces(&["IDictionary<TKey, TValue>", "IReadOnlyDictionary<TKey, TValue>", "ICollection"]);

pub static DICTIONARY_ENUMERATOR: TypeDef = TypeDef::new(
    "System.Collections.Generic.Dictionary+Enumerator",
    Kind::Struct,
    &[&[
        property("KeyValuePair<TKey, TValue> Current { get; }", interfaces::current),
        method("bool MoveNext()", interfaces::move_next),
        method("void Dispose()", |_, _| Ok(Value::Null)),
    ]],
)
.parameters(&["TKey", "TValue"])
.interfaces(&["IEnumerator<KeyValuePair<TKey, TValue>>"]);

/// A view of the keys or the values.
#[derive(Debug)]
struct View {
    dictionary: Value,
}

pub static KEY_COLLECTION: TypeDef = TypeDef::new(
    "System.Collections.Generic.Dictionary+KeyCollection",
    Kind::Class,
    &[&[
        property("int Count { get; }", view_count),
        method("bool Contains(TKey item)", |cx, args| {
            let dictionary = cx.this::<View>(args[0])?.dictionary;
            contains_key(cx, &[dictionary, args[1]])
        }),
        method("void CopyTo(TKey[] array, int index)", view_copy),
        method("IEnumerator<TKey> GetEnumerator()", |cx, args| {
            let dictionary = cx.this::<View>(args[0])?.dictionary;
            cursor_object(cx, dictionary, |_, key, _| Ok(key))
        }),
    ]],
)
.parameters(&["TKey", "TValue"])
.interfaces(&["ICollection<TKey>", "IReadOnlyCollection<TKey>"]);

pub static VALUE_COLLECTION: TypeDef = TypeDef::new(
    "System.Collections.Generic.Dictionary+ValueCollection",
    Kind::Class,
    &[&[
        property("int Count { get; }", view_count),
        method("void CopyTo(TValue[] array, int index)", view_copy),
        method("IEnumerator<TValue> GetEnumerator()", |cx, args| {
            let dictionary = cx.this::<View>(args[0])?.dictionary;
            cursor_object(cx, dictionary, |_, _, value| Ok(value))
        }),
    ]],
)
.parameters(&["TKey", "TValue"])
.interfaces(&["ICollection<TValue>", "IReadOnlyCollection<TValue>"]);

const MAKING: &[Row] = &[
    constructor("Dictionary<TKey, TValue>()", |cx, _| make(cx, Value::Null, None)),
    constructor("Dictionary<TKey, TValue>(int capacity)", |cx, args| make_with_room(cx, args[0], Value::Null)),
    constructor("Dictionary<TKey, TValue>(IEqualityComparer<TKey> comparer)", |cx, args| make(cx, args[0], None)),
    constructor("Dictionary<TKey, TValue>(int capacity, IEqualityComparer<TKey> comparer)", |cx, args| {
        make_with_room(cx, args[0], args[1])
    }),
    constructor("Dictionary<TKey, TValue>(IDictionary<TKey, TValue> dictionary)", |cx, args| {
        make(cx, Value::Null, Some((args[0], "dictionary")))
    }),
    constructor(
        "Dictionary<TKey, TValue>(IDictionary<TKey, TValue> dictionary, IEqualityComparer<TKey> comparer)",
        |cx, args| make(cx, args[1], Some((args[0], "dictionary"))),
    ),
    constructor("Dictionary<TKey, TValue>(IEnumerable<KeyValuePair<TKey, TValue>> collection)", |cx, args| {
        make(cx, Value::Null, Some((args[0], "collection")))
    }),
    constructor(
        "Dictionary<TKey, TValue>(IEnumerable<KeyValuePair<TKey, TValue>> collection, IEqualityComparer<TKey> comparer)",
        |cx, args| make(cx, args[1], Some((args[0], "collection"))),
    ),
];

const MEMBERS: &[Row] = &[
    method("void Add(TKey key, TValue value)", |cx, args| {
        add(cx, args[0], args[1], args[2])?;
        Ok(Value::Null)
    }),
    method("void Clear()", |cx, args| {
        cx.this_mut::<Dictionary>(args[0])?.table.clear();
        Ok(Value::Null)
    }),
    property("IEqualityComparer<TKey> Comparer { get; }", |cx, args| {
        let equality = cx.this::<Dictionary>(args[0])?.table.equality;
        defaults::shown(cx, equality)
    }),
    method("bool ContainsKey(TKey key)", contains_key),
    method("bool ContainsValue(TValue value)", |cx, args| {
        let values: Vec<Value> = cx.this::<Dictionary>(args[0])?.table.iter().map(|(_, value)| value).collect();
        for value in values {
            cx.charge_fuel(1)?;
            if comparer::equals(cx, value, args[1])? {
                return Ok(Value::Bool(true));
            }
        }
        Ok(Value::Bool(false))
    }),
    property("int Count { get; }", count),
    method("int EnsureCapacity(int capacity)", |cx, args| {
        let wanted = room(args[1])?;
        Ok(Value::Int32(cx.this_mut::<Dictionary>(args[0])?.table.ensure(wanted) as i32))
    }),
    method("Dictionary<TKey, TValue>.Enumerator GetEnumerator()", |cx, args| {
        let pair = pair_of(cx, args[0]);
        cursor_object(cx, args[0], move |cx, key, value| cx.heap.new_record(pair, &[key, value]))
    }),
    indexer_set(
        "TValue this[TKey key] { get; set; }",
        |cx, args| match lookup(cx, args[0], args[1])? {
            Some(value) => Ok(value),
            None if cx.this::<Dictionary>(args[0])?.is_form => {
                let list = cx.heap.new_list(list_of_strings(), Vec::new())?;
                put(cx, args[0], args[1], list)?;
                Ok(list)
            }
            None => {
                let key = object::display(cx, args[1])?;
                Err(Fault::throw(
                    "System.Collections.Generic.KeyNotFoundException",
                    format!("The given key '{key}' was not present in the dictionary."),
                ))
            }
        },
        |cx, args| {
            put(cx, args[0], args[1], args[2])?;
            Ok(Value::Null)
        },
    ),
    property("Dictionary<TKey, TValue>.KeyCollection Keys { get; }", |cx, args| {
        view(cx, "System.Collections.Generic.Dictionary+KeyCollection", args[0])
    }),
    method("bool Remove(TKey key)", |cx, args| {
        let removed = remove(cx, args[0], args[1])?;
        Ok(Value::Bool(removed.is_some()))
    }),
    method("bool Remove(TKey key, out TValue value)", |cx, args| {
        let removed = remove(cx, args[0], args[1])?;
        answer(cx, args[0], removed)
    }),
    method("void TrimExcess()", |cx, args| {
        let count = cx.this::<Dictionary>(args[0])?.table.len();
        trim(cx, args[0], count)
    }),
    method("void TrimExcess(int capacity)", |cx, args| {
        let count = cx.this::<Dictionary>(args[0])?.table.len();
        match usize::try_from(int(args[1])) {
            Ok(wanted) if wanted >= count => trim(cx, args[0], wanted),
            _ => Err(Fault::out_of_range("Specified argument was out of the range of valid values.", "capacity")),
        }
    }),
    method("bool TryAdd(TKey key, TValue value)", |cx, args| {
        key(args[1])?;
        with(cx, args[0], |cx, table| Ok(Value::Bool(table.insert(cx, args[1], args[2])?.1)))
    }),
    method("bool TryGetValue(TKey key, out TValue value)", |cx, args| {
        let found = lookup(cx, args[0], args[1])?;
        answer(cx, args[0], found)
    }),
    property("Dictionary<TKey, TValue>.ValueCollection Values { get; }", |cx, args| {
        view(cx, "System.Collections.Generic.Dictionary+ValueCollection", args[0])
    }),
];

/// `List<string>`.
pub fn list_of_strings() -> TypeId {
    TypeId::generic("System.Collections.Generic.List", &[types::string()])
}

fn make_with_room(cx: &mut Call<'_>, capacity: Value, comparer: Value) -> Result<Value, Fault> {
    let wanted = room(capacity)?;
    let made = make(cx, comparer, None)?;
    cx.this_mut::<Dictionary>(made)?.table.ensure(wanted);
    Ok(made)
}

/// Makes the table smaller, if it is larger than one for so many.
fn trim(cx: &mut Call<'_>, this: Value, wanted: usize) -> Result<Value, Fault> {
    with(cx, this, |cx, table| if prime(wanted) < table.capacity() { table.trim(cx, wanted.max(1)) } else { Ok(()) })?;
    Ok(Value::Null)
}

fn make(cx: &mut Call<'_>, comparer: Value, from: Option<(Value, &str)>) -> Result<Value, Fault> {
    let equality = Equality::new(cx, comparer);
    let ty = cx.returns;
    let this = new_dictionary(cx, ty, equality)?;
    let Some((source, parameter)) = from else { return Ok(this) };
    if source.is_null() {
        return Err(Fault::argument_null(parameter));
    }
    let count = super::interfaces::known_count(cx, source);
    cx.this_mut::<Dictionary>(this)?.table.ensure(count);
    let mut cursor = enumerate::start(cx, source)?;
    while let Some(item) = cursor.next(cx)? {
        if let Some(&[key, value]) = cx.heap.fields(item) {
            add(cx, this, key, value)?;
        }
    }
    Ok(this)
}

/// An empty dictionary of this `Dictionary<,>` type.
pub fn new_dictionary(cx: &mut Call<'_>, ty: TypeId, equality: Equality) -> Result<Value, Fault> {
    cx.heap.new_extension(ty, Dictionary { table: Table::new(equality), is_form: false })
}

/// Takes the table out while its keys are compared, which needs the heap.
fn with<T>(
    cx: &mut Call<'_>,
    this: Value,
    work: impl FnOnce(&mut Call<'_>, &mut Table) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut table = std::mem::take(&mut cx.this_mut::<Dictionary>(this)?.table);
    let result = work(cx, &mut table);
    cx.this_mut::<Dictionary>(this)?.table = table;
    result
}

fn key(value: Value) -> Result<(), Fault> {
    if value.is_null() { Err(Fault::argument_null("key")) } else { Ok(()) }
}

fn lookup(cx: &mut Call<'_>, this: Value, wanted: Value) -> Result<Option<Value>, Fault> {
    key(wanted)?;
    with(cx, this, |cx, table| table.get(cx, wanted))
}

/// `Add`: a key that is there already throws.
pub fn add(cx: &mut Call<'_>, this: Value, new: Value, value: Value) -> Result<(), Fault> {
    key(new)?;
    if with(cx, this, |cx, table| Ok(table.insert(cx, new, value)?.1))? {
        return Ok(());
    }
    let text = object::display(cx, new)?;
    Err(Fault::throw(
        "System.ArgumentException",
        format!("An item with the same key has already been added. Key: {text}"),
    ))
}

/// `this[key] = value`.
pub fn put(cx: &mut Call<'_>, this: Value, new: Value, value: Value) -> Result<(), Fault> {
    key(new)?;
    with(cx, this, |cx, table| {
        let (slot, is_new) = table.insert(cx, new, value)?;
        if !is_new {
            table.set_at(slot, value);
        }
        Ok(())
    })
}

fn remove(cx: &mut Call<'_>, this: Value, old: Value) -> Result<Option<Value>, Fault> {
    key(old)?;
    with(cx, this, |cx, table| table.remove(cx, old))
}

fn contains_key(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Bool(lookup(cx, args[0], args[1])?.is_some()))
}

fn count(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Int32(cx.this::<Dictionary>(args[0])?.table.len() as i32))
}

/// The answer of `TryGetValue`: the value, or the zero of its type, goes to the `out` parameter.
fn answer(cx: &mut Call<'_>, this: Value, found: Option<Value>) -> Result<Value, Fault> {
    let value = match (found, cx.heap.type_of(this).arguments()) {
        (Some(value), _) => value,
        (None, &[_, ty]) => inherit::zero(cx.heap, ty)?,
        _ => Value::Null,
    };
    cx.set_out(1, value);
    Ok(Value::Bool(found.is_some()))
}

fn pair_of(cx: &Call<'_>, this: Value) -> TypeId {
    match *cx.heap.type_of(this).arguments() {
        [key, value] => pair_type(key, value),
        _ => pair_type(types::object(), types::object()),
    }
}

/// An enumerator of a dictionary's slots.
fn cursor_object(
    cx: &mut Call<'_>,
    dictionary: Value,
    mut make: impl FnMut(&mut Call<'_>, Value, Value) -> Result<Value, Fault> + Send + Sync + 'static,
) -> Result<Value, Fault> {
    let version = cx.this::<Dictionary>(dictionary)?.table.version;
    let mut at = 0;
    let cursor = Cursor::new(move |cx| {
        let table = &cx.this::<Dictionary>(dictionary)?.table;
        if table.version != version {
            return Err(enumerate::modified());
        }
        let Some(slot) = table.next_slot(at) else { return Ok(None) };
        at = slot + 1;
        let (key, value) = table.at(slot);
        make(cx, key, value).map(Some)
    });
    let ty = cx.returns;
    enumerate::enumerator(cx, ty, cursor)
}

fn view(cx: &mut Call<'_>, name: &str, dictionary: Value) -> Result<Value, Fault> {
    let arguments = cx.heap.type_of(dictionary).arguments();
    cx.heap.new_extension(TypeId::generic(name, arguments), View { dictionary })
}

fn view_count(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let dictionary = cx.this::<View>(args[0])?.dictionary;
    count(cx, &[dictionary])
}

fn view_copy(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = enumerate::collect(cx, args[0])?;
    hand_out(cx, &items, args[1], args[2], Copier::Dictionary)
}
