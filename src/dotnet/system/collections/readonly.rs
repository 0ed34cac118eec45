//! `ReadOnlyCollection<T>`: a list of its own, or a view of somebody else's list or array, whose changes it shows.

use super::array;
use super::comparer;
use super::interfaces;
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, indexer, method, property};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

#[derive(Debug)]
struct View {
    of: Value,
}

pub static READONLY_COLLECTION: TypeDef = TypeDef::new(
    "System.Collections.ObjectModel.ReadOnlyCollection",
    Kind::Class,
    &[&[
        property("int Count { get; }", |cx, args| {
            let of = behind(cx, args[0]);
            Ok(Value::Int32(array::len(cx, of)? as i32))
        }),
        indexer("T this[int index] { get; }", |cx, args| {
            let of = behind(cx, args[0]);
            if usize::try_from(int(args[1])).is_ok_and(|at| array::len(cx, of).is_ok_and(|len| at < len)) {
                return array::get(cx, of, int(args[1]).into());
            }
            Err(Fault::index("index"))
        }),
        method("bool Contains(T value)", |cx, args| Ok(Value::Bool(find(cx, args)?.is_some()))),
        method("int IndexOf(T value)", |cx, args| Ok(Value::Int32(find(cx, args)?.map_or(-1, |at| at as i32)))),
        method("void CopyTo(T[] array, int index)", |cx, args| {
            let of = behind(cx, args[0]);
            array::copy::copy_to(cx, &[of, args[1], args[2]])
        }),
        method("IEnumerator<T> GetEnumerator()", |cx, args| {
            let of = behind(cx, args[0]);
            interfaces::get_enumerator(cx, &[of])
        }),
    ]],
)
.parameters(&["T"])
.interfaces(&["IList<T>", "IReadOnlyList<T>"])
.off_list();

/// A view of a list or an array, of this `ReadOnlyCollection<T>` type.
pub fn view(cx: &mut Call<'_>, ty: TypeId, of: Value) -> Result<Value, Fault> {
    cx.heap.new_extension(ty, View { of })
}

/// The list or array that a view shows.
pub fn behind_view(cx: &Call<'_>, value: Value) -> Option<Value> {
    cx.heap.extension::<View>(value).map(|view| view.of)
}

fn behind(cx: &Call<'_>, this: Value) -> Value {
    behind_view(cx, this).unwrap_or(this)
}

fn find(cx: &mut Call<'_>, args: &[Value]) -> Result<Option<usize>, Fault> {
    let of = behind(cx, args[0]);
    for at in 0..array::len(cx, of)? {
        cx.charge_fuel(1)?;
        let item = array::get(cx, of, at as i64)?;
        if comparer::equals(cx, item, args[1])? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}
