//! The collection interfaces. A member of an interface finds the code of the object's own type when it is called.

use super::array;
use super::comparer;
use super::linked;
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::inherit;
use crate::dotnet::member::{Form, Kind, Row, TypeDef, indexer, indexer_set, method, property};
use crate::dotnet::system::enumerate::{self, Enumerator, Place, call_native, find_member};
use crate::dotnet::system::json::dynamic::has_properties;
use crate::dotnet::system::json::sequences;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

pub static PLAIN_IENUMERABLE: TypeDef =
    TypeDef::new("System.Collections.IEnumerable", Kind::Interface, &[&[GET_PLAIN]]);

const GET_PLAIN: Row = method("IEnumerator GetEnumerator()", get_enumerator);

pub static IENUMERABLE: TypeDef = TypeDef::new(
    "System.Collections.Generic.IEnumerable",
    Kind::Interface,
    &[&[method("IEnumerator<T> GetEnumerator()", get_enumerator)]],
)
.parameters(&["out T"])
.interfaces(&["IEnumerable"]);

/// `GetEnumerator` of the generic interfaces: the object's type is the member's.
pub fn get_enumerator(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    // A collection has an enumerator of its own, also where it is seen as its interface.
    if let Value::Object(handle) = args[0]
        && matches!(cx.heap.get(handle), Object::List { .. } | Object::Extension { .. })
        && cx.returns.def().is_some_and(|def| def.kind == Kind::Interface)
        && let Some(((native, _), declaring)) = find_member(cx.heap.type_of(args[0]), Form::Method, "GetEnumerator", 0)
        && let Some(returns) = own_enumerator(declaring)
    {
        return call_native(cx, native, declaring, returns, args);
    }
    let pairs = *cx.returns.arguments() == [sequences::pair()];
    let of = if pairs { sequences::as_pairs(cx, args)? } else { args[0] };
    let cursor = enumerate::start(cx, of)?;
    let ty = cx.returns;
    enumerate::enumerator(cx, ty, cursor)
}

/// `List<T>.Enumerator` of `List<T>`, and so on.
fn own_enumerator(collection: TypeId) -> Option<TypeId> {
    let member = collection.def()?.members().iter().find(|member| member.name == "GetEnumerator")?;
    let returns = inherit::substitute(member.returns, collection.arguments(), &[]);
    returns.def().filter(|def| def.kind == Kind::Struct).map(|_| returns)
}

/// The members of an enumerator, for each type of enumerator.
pub const ENUMERATOR_ROWS: &[Row] = &[
    property("T Current { get; }", current),
    method("void Dispose()", enumerate::close),
    method("bool MoveNext()", move_next),
    method("void Reset()", reset),
];

pub fn current(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let (place, in_place) = enumerate::place(cx, args[0])?;
    if place == Place::At {
        return enumerate::current(cx, args[0]);
    }
    let owner = cx.heap.type_of(args[0]).def().map_or("", |def| def.name);
    if in_place || matches!(owner, QUEUE | STACK) {
        let before = place == Place::Before;
        let message =
            if before { "Enumeration has not started. Call MoveNext." } else { "Enumeration already finished." };
        return Err(Fault::invalid_operation(message));
    }
    // Before the first and after the last element there is the zero of its type.
    if inherit::is_value_type(cx.returns) { inherit::zero(cx.heap, cx.returns) } else { Ok(Value::Null) }
}

const QUEUE: &str = "System.Collections.Generic.Queue+Enumerator";
const STACK: &str = "System.Collections.Generic.Stack+Enumerator";

/// `IEnumerator.Current`: the enumerators of collections throw where their own has a zero.
fn plain_current(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let ty = cx.heap.type_of(args[0]);
    let of_collection = ty.def().is_some_and(|def| def.kind == Kind::Struct && def.name.ends_with("+Enumerator"));
    if of_collection
        && !matches!(ty.def().map_or("", |def| def.name), QUEUE | STACK)
        && enumerate::place(cx, args[0])?.0 != Place::At
    {
        return Err(Fault::invalid_operation("Enumeration has either not started or has already finished."));
    }
    current(cx, args)
}

fn reset(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    enumerate::reset(cx, args[0])?;
    Ok(Value::Null)
}

pub fn move_next(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    if cx.heap.extension::<Enumerator>(args[0]).is_some() {
        return Ok(Value::Bool(enumerate::move_next(cx, args[0])?.is_some()));
    }
    Err(Fault::null_reference())
}

pub static PLAIN_IENUMERATOR: TypeDef = TypeDef::new(
    "System.Collections.IEnumerator",
    Kind::Interface,
    &[&[
        property("object Current { get; }", plain_current),
        method("bool MoveNext()", move_next),
        method("void Reset()", reset),
    ]],
);

pub static IENUMERATOR: TypeDef =
    TypeDef::new("System.Collections.Generic.IEnumerator", Kind::Interface, &[ENUMERATOR_ROWS])
        .parameters(&["out T"])
        .interfaces(&["IEnumerator", "IDisposable"]);

pub static PLAIN_ICOLLECTION: TypeDef =
    TypeDef::new("System.Collections.ICollection", Kind::Interface, &[&[property("int Count { get; }", count)]])
        .interfaces(&["IEnumerable"])
        .off_list();

pub static ICOLLECTION: TypeDef = TypeDef::new(
    "System.Collections.Generic.ICollection",
    Kind::Interface,
    &[&[
        method("void Add(T item)", add),
        method("void Clear()", |cx, args| dynamic(cx, "Clear", args)),
        method("bool Contains(T item)", contains),
        method("void CopyTo(T[] array, int arrayIndex)", copy_to),
        property("int Count { get; }", count),
        property("bool IsReadOnly { get; }", |cx, args| {
            Ok(Value::Bool(match object_of(cx, args[0])? {
                Object::Array { .. } | Object::Bytes(_) => true,
                Object::Extension { ty, .. } => ty.def().is_some_and(|def| def.name.ends_with("Collection")),
                _ => false,
            }))
        }),
        method("bool Remove(T item)", |cx, args| dynamic(cx, "Remove", args)),
        GET_PLAIN,
    ]],
)
.parameters(&["T"])
.interfaces(&["IEnumerable<T>"]);

pub static IREADONLY_COLLECTION: TypeDef = TypeDef::new(
    "System.Collections.Generic.IReadOnlyCollection",
    Kind::Interface,
    &[&[property("int Count { get; }", count), GET_PLAIN]],
)
.parameters(&["out T"])
.interfaces(&["IEnumerable<T>"]);

pub static ILIST: TypeDef = TypeDef::new(
    "System.Collections.Generic.IList",
    Kind::Interface,
    &[&[
        method("int IndexOf(T item)", |cx, args| {
            if is_array(cx, args[0]) {
                return array::index_of(cx, args[0], args[1]);
            }
            dynamic(cx, "IndexOf", args)
        }),
        method("void Insert(int index, T item)", |cx, args| dynamic(cx, "Insert", args)),
        indexer_set("T this[int index] { get; set; }", item, set_item),
        method("void RemoveAt(int index)", |cx, args| dynamic(cx, "RemoveAt", args)),
        GET_PLAIN,
    ]],
)
.parameters(&["T"])
.interfaces(&["ICollection<T>"]);

pub static IREADONLY_LIST: TypeDef = TypeDef::new(
    "System.Collections.Generic.IReadOnlyList",
    Kind::Interface,
    &[&[indexer("T this[int index] { get; }", item)]],
)
.parameters(&["out T"])
.interfaces(&["IReadOnlyCollection<T>"])
.off_list();

pub static IDICTIONARY: TypeDef = TypeDef::new(
    "System.Collections.Generic.IDictionary",
    Kind::Interface,
    &[&[
        method("void Add(TKey key, TValue value)", |cx, args| dynamic(cx, "Add", args)),
        method("bool ContainsKey(TKey key)", |cx, args| dynamic(cx, "ContainsKey", args)),
        indexer_set(
            "TValue this[TKey key] { get; set; }",
            |cx, args| dynamic_get(cx, Form::Indexer, "Item", args),
            |cx, args| dynamic_set(cx, Form::Indexer, "Item", args),
        ),
        property("ICollection<TKey> Keys { get; }", |cx, args| match sequences::keys(cx, args[0])? {
            Some(names) => Ok(names),
            None => dynamic_get(cx, Form::Property, "Keys", args),
        }),
        method("bool Remove(TKey key)", |cx, args| dynamic(cx, "Remove", args)),
        method("bool TryGetValue(TKey key, out TValue value)", |cx, args| dynamic(cx, "TryGetValue", args)),
        property("ICollection<TValue> Values { get; }", |cx, args| {
            if has_properties(cx, args[0]) {
                let message = "The method or operation is not implemented.";
                return Err(Fault::throw("System.NotImplementedException", message));
            }
            dynamic_get(cx, Form::Property, "Values", args)
        }),
        GET_PLAIN,
    ]],
)
.parameters(&["TKey", "TValue"])
.interfaces(&["ICollection<KeyValuePair<TKey, TValue>>"]);

pub static IREADONLY_DICTIONARY: TypeDef = TypeDef::new(
    "System.Collections.Generic.IReadOnlyDictionary",
    Kind::Interface,
    &[&[
        method("bool ContainsKey(TKey key)", |cx, args| dynamic(cx, "ContainsKey", args)),
        indexer("TValue this[TKey key] { get; }", |cx, args| dynamic_get(cx, Form::Indexer, "Item", args)),
        property("IEnumerable<TKey> Keys { get; }", |cx, args| dynamic_get(cx, Form::Property, "Keys", args)),
        method("bool TryGetValue(TKey key, out TValue value)", |cx, args| dynamic(cx, "TryGetValue", args)),
        property("IEnumerable<TValue> Values { get; }", |cx, args| dynamic_get(cx, Form::Property, "Values", args)),
        GET_PLAIN,
    ]],
)
.parameters(&["TKey", "TValue"])
.interfaces(&["IReadOnlyCollection<KeyValuePair<TKey, TValue>>"]);

pub static ISET: TypeDef = TypeDef::new(
    "System.Collections.Generic.ISet",
    Kind::Interface,
    &[&[
        method("bool Add(T item)", |cx, args| dynamic(cx, "Add", args)),
        method("void ExceptWith(IEnumerable<T> other)", |cx, args| dynamic(cx, "ExceptWith", args)),
        method("void IntersectWith(IEnumerable<T> other)", |cx, args| dynamic(cx, "IntersectWith", args)),
        method("bool IsProperSubsetOf(IEnumerable<T> other)", |cx, args| dynamic(cx, "IsProperSubsetOf", args)),
        method("bool IsProperSupersetOf(IEnumerable<T> other)", |cx, args| dynamic(cx, "IsProperSupersetOf", args)),
        method("bool IsSubsetOf(IEnumerable<T> other)", |cx, args| dynamic(cx, "IsSubsetOf", args)),
        method("bool IsSupersetOf(IEnumerable<T> other)", |cx, args| dynamic(cx, "IsSupersetOf", args)),
        method("bool Overlaps(IEnumerable<T> other)", |cx, args| dynamic(cx, "Overlaps", args)),
        method("bool SetEquals(IEnumerable<T> other)", |cx, args| dynamic(cx, "SetEquals", args)),
        method("void SymmetricExceptWith(IEnumerable<T> other)", |cx, args| dynamic(cx, "SymmetricExceptWith", args)),
        method("void UnionWith(IEnumerable<T> other)", |cx, args| dynamic(cx, "UnionWith", args)),
        GET_PLAIN,
    ]],
)
.parameters(&["T"])
.interfaces(&["ICollection<T>"]);

const READ_ONLY: &str = "Collection is read-only.";

// ---- the object's own code -------------------------------------------------------------------------------------------

fn object_of<'a>(cx: &'a Call<'_>, value: Value) -> Result<&'a Object, Fault> {
    match value {
        Value::Object(handle) => Ok(cx.heap.get(handle)),
        _ => Err(Fault::null_reference()),
    }
}

fn is_array(cx: &Call<'_>, value: Value) -> bool {
    matches!(object_of(cx, value), Ok(Object::Array { .. } | Object::Bytes(_)))
}

/// Calls the method of this name that the receiver's own type has.
pub fn dynamic(cx: &mut Call<'_>, name: &str, args: &[Value]) -> Result<Value, Fault> {
    // By-reference parameters have a place in `args` too, so the number of parameters is exact.
    invoke_member(cx, Form::Method, name, args.len() - 1, args, false)
}

pub fn dynamic_get(cx: &mut Call<'_>, form: Form, name: &str, args: &[Value]) -> Result<Value, Fault> {
    invoke_member(cx, form, name, args.len() - 1, args, false)
}

fn dynamic_set(cx: &mut Call<'_>, form: Form, name: &str, args: &[Value]) -> Result<Value, Fault> {
    invoke_member(cx, form, name, args.len() - 2, args, true)
}

fn invoke_member(
    cx: &mut Call<'_>,
    form: Form,
    name: &str,
    parameters: usize,
    args: &[Value],
    set: bool,
) -> Result<Value, Fault> {
    if args[0].is_null() {
        return Err(Fault::null_reference());
    }
    if is_array(cx, args[0]) {
        let readonly = name == "Clear";
        return Err(Fault::not_supported(if readonly { READ_ONLY } else { "Collection was of a fixed size." }));
    }
    if let Some(map) = crate::dotnet::context::maps::dictionary(cx, args[0])? {
        let args: Vec<Value> = std::iter::once(map).chain(args[1..].iter().copied()).collect();
        return invoke_member(cx, form, name, parameters, &args, set);
    }
    let ty = cx.heap.type_of(args[0]);
    let returns = cx.returns;
    // `TryGetValue` may be called with or without a place for its `out` argument.
    let found = find_member(ty, form, name, parameters).or_else(|| find_member(ty, form, name, parameters + 1));
    match found {
        Some(((_, Some(setter)), declaring)) if set => call_native(cx, setter, declaring, returns, args),
        Some(((native, _), declaring)) if !set => call_native(cx, native, declaring, returns, args),
        _ if ty.def().is_some_and(|def| def.name.ends_with(".ReadOnlyCollection")) => {
            Err(Fault::not_supported(READ_ONLY))
        }
        _ => Err(Fault::not_supported("Specified method is not supported.")),
    }
}

fn add(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    if linked::is_list(cx, args[0]) {
        return linked::add_last(cx, args);
    }
    // A dictionary takes a pair.
    let pair = match cx.heap.fields(args[1]) {
        Some(&[key, value]) if cx.heap.extension::<super::Dictionary>(args[0]).is_some() => Some((key, value)),
        _ => None,
    };
    match pair {
        Some((key, value)) => dynamic(cx, "Add", &[args[0], key, value]),
        None => dynamic(cx, "Add", args),
    }
}

fn contains(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    if !is_array(cx, args[0]) && find_member(cx.heap.type_of(args[0]), Form::Method, "Contains", 1).is_some() {
        return dynamic(cx, "Contains", args);
    }
    let mut cursor = enumerate::start(cx, args[0])?;
    while let Some(item) = cursor.next(cx)? {
        if comparer::equals(cx, item, args[1])? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn copy_to(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let of_pairs = cx.heap.type_of(args[1]) == TypeId::array(sequences::pair());
    if cx.heap.extension::<super::Dictionary>(args[0]).is_some() || of_pairs && has_properties(cx, args[0]) {
        let of = if of_pairs { sequences::as_pairs(cx, args)? } else { args[0] };
        let items = enumerate::collect(cx, of)?;
        return array::copy::hand_out(cx, &items, args[1], args[2], array::copy::Copier::Dictionary);
    }
    if is_array(cx, args[0]) || cx.heap.items(args[0]).is_some() {
        return array::copy::copy_to(cx, args);
    }
    dynamic(cx, "CopyTo", args)
}

/// The number of elements of a collection that knows it; zero for others.
pub fn known_count(cx: &Call<'_>, value: Value) -> usize {
    match cx.heap.extension::<super::Dictionary>(value) {
        Some(dictionary) => dictionary.table.len(),
        None => cx.heap.items(value).map_or(0, <[Value]>::len),
    }
}

/// `Count` of anything that has one.
pub fn count(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Int32(match object_of(cx, args[0]) {
        Ok(Object::Array { items, .. } | Object::List { items, .. }) => items.len() as i32,
        Ok(Object::Bytes(bytes)) => bytes.len() as i32,
        _ => return dynamic_get(cx, Form::Property, "Count", args),
    }))
}

fn item(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    if let Some(items) = cx.heap.items(args[0]) {
        return usize::try_from(int(args[1]))
            .ok()
            .and_then(|at| items.get(at).copied())
            .ok_or_else(|| Fault::index("index"));
    }
    if is_array(cx, args[0]) {
        return array::get(cx, args[0], int(args[1]).into()).map_err(|_| Fault::index("index"));
    }
    dynamic_get(cx, Form::Indexer, "Item", args)
}

fn set_item(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    if is_array(cx, args[0]) {
        let size = array::len(cx, args[0])?;
        if usize::try_from(int(args[1])).ok().is_none_or(|at| at >= size) {
            return Err(Fault::index("index"));
        }
        return array::set(cx, args[0], int(args[1]).into(), args[2]);
    }
    dynamic_set(cx, Form::Indexer, "Item", args)
}
