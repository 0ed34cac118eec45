//! `KeyValuePair<TKey, TValue>`: a record of two fields.

use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, constructor, method, property};
use crate::dotnet::system::object;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

pub static KEY_VALUE_PAIR: TypeDef = TypeDef::new(
    "System.Collections.Generic.KeyValuePair",
    Kind::Struct,
    &[&[
        constructor("KeyValuePair<TKey, TValue>(TKey key, TValue value)", |cx, args| {
            let ty = cx.returns;
            cx.heap.new_record(ty, &args[args.len() - 2..])
        }),
        method("void Deconstruct(out TKey key, out TValue value)", |cx, args| {
            let (key, value) = (field(cx, args[0], 0), field(cx, args[0], 1));
            cx.set_out(0, key);
            cx.set_out(1, value);
            Ok(Value::Null)
        }),
        property("TKey Key { get; }", |cx, args| Ok(field(cx, args[0], 0))),
        method("string ToString()", |cx, args| {
            let (key, value) = (field(cx, args[0], 0), field(cx, args[0], 1));
            let (key, value) = (object::display(cx, key)?, object::display(cx, value)?);
            cx.new_str(&format!("[{key}, {value}]"))
        }),
        property("TValue Value { get; }", |cx, args| Ok(field(cx, args[0], 1))),
    ]],
)
.parameters(&["TKey", "TValue"]);

fn field(cx: &Call<'_>, pair: Value, at: usize) -> Value {
    cx.heap.fields(pair).and_then(|fields| fields.get(at).copied()).unwrap_or(Value::Null)
}

/// `KeyValuePair<key, value>`.
pub fn pair_type(key: TypeId, value: TypeId) -> TypeId {
    TypeId::generic("System.Collections.Generic.KeyValuePair", &[key, value])
}

/// A pair of this `KeyValuePair<,>` type.
pub fn new_pair(cx: &mut Call<'_>, ty: TypeId, key: Value, value: Value) -> Result<Value, Fault> {
    cx.heap.new_record(ty, &[key, value])
}
