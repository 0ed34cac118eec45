//! The keys and the values of `SortedDictionary<TKey, TValue>` and `SortedList<TKey, TValue>`: views that follow what they
//! are of.

use super::array::copy::{Copier, hand_out};
use super::comparer;
use super::sorted;
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, indexer, method, property};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// A view, and whether it shows keys.
#[derive(Clone, Copy, Debug)]
struct View {
    of: Value,
    keys: bool,
}

macro_rules! view {
    ($name:ident, $full:literal, $element:literal, $interface:literal, $rows:expr) => {
        pub static $name: TypeDef = TypeDef::new(
            $full,
            Kind::Class,
            &[
                &[
                    method(concat!("void CopyTo(", $element, "[] array, int index)"), copy_to),
                    method(concat!("IEnumerator<", $element, "> GetEnumerator()"), get_enumerator),
                    method(concat!("bool Contains(", $element, " value)"), |cx, a| {
                        Ok(Value::Bool(index_of(cx, a)?.is_some()))
                    }),
                ],
                COMMON,
                $rows,
            ],
        )
        .parameters(&["TKey", "TValue"])
        .interfaces(&[$interface, concat!("IReadOnlyCollection<", $element, ">"), "ICollection"])
        .off_list();
    };
}

view!(KEYS, "System.Collections.Generic.SortedDictionary+KeyCollection", "TKey", "ICollection<TKey>", &[]);
view!(VALUES, "System.Collections.Generic.SortedDictionary+ValueCollection", "TValue", "ICollection<TValue>", &[]);
view!(
    KEY_LIST,
    "System.Collections.Generic.SortedList+KeyList",
    "TKey",
    "IList<TKey>",
    &[indexer("TKey this[int index] { get; }", item), method("int IndexOf(TKey value)", index),]
);
view!(
    VALUE_LIST,
    "System.Collections.Generic.SortedList+ValueList",
    "TValue",
    "IList<TValue>",
    &[indexer("TValue this[int index] { get; }", item), method("int IndexOf(TValue value)", index),]
);

const COMMON: &[Row] = &[property("int Count { get; }", |cx, a| {
    let of = cx.this::<View>(a[0])?.of;
    Ok(Value::Int32(sorted::items(cx, of)?.len() as i32))
})];

/// A view of a sorted dictionary or list.
pub fn of(cx: &mut Call<'_>, class: &'static TypeDef, of: Value) -> Result {
    sorted::items(cx, of)?;
    let ty = TypeId::generic(class.name, cx.heap.type_of(of).arguments());
    let keys = class.name.contains("+Key");
    cx.heap.new_extension(ty, View { of, keys })
}

fn snapshot(cx: &mut Call<'_>, this: Value) -> Result<Vec<Value>> {
    let View { of, keys } = *cx.this::<View>(this)?;
    let items: Vec<Value> = sorted::items(cx, of)?.iter().map(|&(key, value)| if keys { key } else { value }).collect();
    cx.charge_fuel(items.len() / 4)?;
    Ok(items)
}

fn copy_to(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let items = snapshot(cx, a[0])?;
    hand_out(cx, &items, a[1], a[2], Copier::Dictionary)
}

fn get_enumerator(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let View { of, keys } = *cx.this::<View>(a[0])?;
    sorted::cursor(cx, of, move |_, (key, value)| Ok(if keys { key } else { value }))
}

fn index_of(cx: &mut Call<'_>, a: &[Value]) -> Result<Option<usize>> {
    for (at, item) in snapshot(cx, a[0])?.into_iter().enumerate() {
        cx.charge_fuel(1)?;
        if comparer::equals(cx, item, a[1])? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn index(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Int32(index_of(cx, a)?.map_or(-1, |at| at as i32)))
}

fn item(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let items = snapshot(cx, a[0])?;
    let at = usize::try_from(int(a[1])).ok();
    at.and_then(|at| items.get(at).copied()).ok_or_else(|| Fault::index("index"))
}
