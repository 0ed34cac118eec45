//! `EqualityComparer<T>` and `Comparer<T>`: the default comparers as objects, and a comparer made of a delegate.

use super::comparer::{self, Equality};
use super::set::Set;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::member::{Kind, Row, TypeDef, method, static_method, static_property};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// A default comparer: equal and ordered as the elements themselves say.
#[derive(Debug)]
struct Default;

/// A comparer that asks a delegate.
#[derive(Debug)]
struct ByDelegate(Value);

/// `HashSet<T>.CreateSetComparer()`: sets are equal when they hold the same.
#[derive(Debug)]
struct BySet;

const EQUALITY: &[Row] = &[
    static_property("EqualityComparer<T> Default { get; }", |cx, _| {
        let element = cx.type_arguments.first().copied().unwrap_or_else(types::object);
        new_equality(cx, element)
    }),
    method("bool Equals(T x, T y)", |cx, a| Ok(Value::Bool(comparer::equals(cx, a[1], a[2])?))),
    method("int GetHashCode(T obj)", |cx, a| {
        if a[1].is_null() {
            return Ok(Value::Int32(0));
        }
        Ok(Value::Int32(crate::dotnet::system::object::hash(cx, a[1])?))
    }),
];

pub static EQUALITY_COMPARER: TypeDef =
    TypeDef::new("System.Collections.Generic.EqualityComparer", Kind::Class, &[EQUALITY])
        .parameters(&["T"])
        .interfaces(&["IEqualityComparer<T>"])
        .is_abstract()
        .off_list();

pub static GENERIC_EQUALITY: TypeDef =
    TypeDef::new("System.Collections.Generic.GenericEqualityComparer", Kind::Class, &[])
        .parameters(&["T"])
        .base("EqualityComparer<T>")
        .off_list();

pub static OBJECT_EQUALITY: TypeDef =
    TypeDef::new("System.Collections.Generic.ObjectEqualityComparer", Kind::Class, &[])
        .parameters(&["T"])
        .base("EqualityComparer<T>")
        .off_list();

pub static SET_EQUALITY: TypeDef = TypeDef::new(
    "System.Collections.Generic.HashSetEqualityComparer",
    Kind::Class,
    &[&[
        method("bool Equals(HashSet<T> x, HashSet<T> y)", |cx, a| match (a[1], a[2]) {
            (Value::Null, other) | (other, Value::Null) => Ok(Value::Bool(other.is_null())),
            (x, y) => {
                if cx.this::<Set>(x)?.table.len() != cx.this::<Set>(y)?.table.len() {
                    return Ok(Value::Bool(false));
                }
                let items: Vec<Value> = cx.this::<Set>(x)?.table.iter().map(|(item, _)| item).collect();
                for item in items {
                    let mut table = std::mem::take(&mut cx.this_mut::<Set>(y)?.table);
                    let found = table_find(cx, &mut table, item);
                    cx.this_mut::<Set>(y)?.table = table;
                    if !found? {
                        return Ok(Value::Bool(false));
                    }
                }
                Ok(Value::Bool(true))
            }
        }),
        method("int GetHashCode(HashSet<T> obj)", |cx, a| {
            if a[1].is_null() {
                return Ok(Value::Int32(0));
            }
            let items: Vec<Value> = cx.this::<Set>(a[1])?.table.iter().map(|(item, _)| item).collect();
            let mut hash = 0;
            for item in items {
                hash ^= crate::dotnet::system::object::hash(cx, item)? & i32::MAX;
            }
            Ok(Value::Int32(hash))
        }),
    ]],
)
.parameters(&["T"])
.interfaces(&["IEqualityComparer<HashSet<T>>"])
.off_list();

fn table_find(cx: &mut Call<'_>, table: &mut super::table::Table, item: Value) -> Result<bool> {
    Ok(table.find(cx, item)?.is_some())
}

const ORDER: &[Row] = &[
    static_property("Comparer<T> Default { get; }", |cx, _| {
        let element = cx.type_arguments.first().copied().unwrap_or_else(types::object);
        let is_generic = is_own(element);
        let name = if is_generic { "GenericComparer" } else { "ObjectComparer" };
        named(cx, name, element, Default)
    }),
    static_method("Comparer<T> Create(Comparison<T> comparison)", |cx, a| {
        if a[0].is_null() {
            return Err(Fault::argument_null("comparison"));
        }
        let element = cx.type_arguments.first().copied().unwrap_or_else(types::object);
        named(cx, "Comparer", element, ByDelegate(a[0]))
    }),
    method("int Compare(T x, T y)", |cx, a| {
        let delegate = cx.heap.extension::<ByDelegate>(a[0]).map(|own| own.0);
        match delegate {
            Some(delegate) => cx.invoke(delegate, &[a[1], a[2]]),
            None => Ok(Value::Int32(comparer::difference(cx, a[1], a[2])?)),
        }
    }),
];

pub static COMPARER: TypeDef = TypeDef::new("System.Collections.Generic.Comparer", Kind::Class, &[ORDER])
    .parameters(&["T"])
    .interfaces(&["IComparer<T>"])
    .is_abstract()
    .off_list();

pub static GENERIC_COMPARER: TypeDef = TypeDef::new("System.Collections.Generic.GenericComparer", Kind::Class, &[])
    .parameters(&["T"])
    .base("Comparer<T>")
    .off_list();

pub static OBJECT_COMPARER: TypeDef = TypeDef::new("System.Collections.Generic.ObjectComparer", Kind::Class, &[])
    .parameters(&["T"])
    .base("Comparer<T>")
    .off_list();

/// A value type, or one that says itself how it is compared.
fn is_own(element: TypeId) -> bool {
    element == types::string() || inherit::is_value_type(element)
}

fn named<T: crate::dotnet::heap::Extension>(cx: &mut Call<'_>, name: &str, element: TypeId, own: T) -> Result {
    let full = match name {
        "GenericEqualityComparer" => "System.Collections.Generic.GenericEqualityComparer",
        "ObjectEqualityComparer" => "System.Collections.Generic.ObjectEqualityComparer",
        "GenericComparer" => "System.Collections.Generic.GenericComparer",
        "ObjectComparer" => "System.Collections.Generic.ObjectComparer",
        _ => "System.Collections.Generic.Comparer",
    };
    cx.heap.new_extension(TypeId::generic(full, &[element]), own)
}

fn new_equality(cx: &mut Call<'_>, element: TypeId) -> Result {
    let name = if is_own(element) { "GenericEqualityComparer" } else { "ObjectEqualityComparer" };
    named(cx, name, element, Default)
}

/// The comparer of a collection as its `Comparer` property shows it: the default one where none was given.
pub fn shown(cx: &mut Call<'_>, equality: Equality) -> Result {
    match equality.object() {
        Value::Null => {
            let element = cx.type_arguments.first().copied().unwrap_or_else(types::object);
            new_equality(cx, element)
        }
        own => Ok(own),
    }
}

/// `HashSet<T>.CreateSetComparer()`.
pub fn set_comparer(cx: &mut Call<'_>, _: &[Value]) -> Result {
    let element = cx.type_arguments.first().copied().unwrap_or_else(types::object);
    cx.heap.new_extension(TypeId::generic("System.Collections.Generic.HashSetEqualityComparer", &[element]), BySet)
}
