//! `System.Collections.Generic.CollectionExtensions`: what dictionaries of every kind answer besides.

use super::super::super::call::Call;
use super::super::super::fault::Fault;
use super::super::super::inherit;
use super::super::super::member::{Form, Kind, TypeDef, static_method};
use super::super::super::value::Value;
use super::interfaces::{dynamic, dynamic_get};

/// What a dictionary of any kind holds under a key. `a`: the dictionary, the key.
pub fn found(cx: &mut Call<'_>, a: &[Value]) -> Result<Option<Value>, Fault> {
    if a[0].is_null() {
        return Err(Fault::argument_null("dictionary"));
    }
    match dynamic(cx, "ContainsKey", &a[..2])? {
        Value::Bool(true) => dynamic_get(cx, Form::Indexer, "Item", &a[..2]).map(Some),
        _ => Ok(None),
    }
}

pub static COLLECTION_EXTENSIONS: TypeDef = TypeDef::new(
    "System.Collections.Generic.CollectionExtensions",
    Kind::Static,
    &[&[
        static_method(
            "TValue GetValueOrDefault<TKey, TValue>(this IReadOnlyDictionary<TKey, TValue> dictionary, TKey key)",
            |cx, a| match found(cx, a)? {
                Some(value) => Ok(value),
                None => inherit::zero(cx.heap, cx.returns),
            },
        )
        .off_list(),
        static_method(
            "TValue GetValueOrDefault<TKey, TValue>(this IReadOnlyDictionary<TKey, TValue> dictionary, TKey key, TValue defaultValue)",
            |cx, a| Ok(found(cx, a)?.unwrap_or(a[2])),
        )
        .off_list(),
        static_method(
            "bool Remove<TKey, TValue>(this IDictionary<TKey, TValue> dictionary, TKey key, out TValue value)",
            |cx, a| {
                let value = found(cx, a)?;
                if value.is_some() {
                    dynamic(cx, "Remove", &a[..2])?;
                }
                let shown = match (value, cx.type_arguments) {
                    (Some(value), _) => value,
                    (None, &[.., ty]) => inherit::zero(cx.heap, ty)?,
                    _ => Value::Null,
                };
                cx.set_out(2, shown);
                Ok(Value::Bool(value.is_some()))
            },
        )
        .off_list(),
        static_method(
            "bool TryAdd<TKey, TValue>(this IDictionary<TKey, TValue> dictionary, TKey key, TValue value)",
            |cx, a| {
                if found(cx, a)?.is_some() {
                    return Ok(Value::Bool(false));
                }
                dynamic(cx, "Add", a)?;
                Ok(Value::Bool(true))
            },
        )
        .off_list(),
    ]],
)
.off_list();
