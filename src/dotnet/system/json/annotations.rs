//! Objects that hang on a token, found by their type.

use super::token::{self, Result, Token};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::system::enumerate::{Cursor, sequence};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

pub fn add(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[1].is_null() {
        return Err(Fault::argument_null("annotation"));
    }
    cx.heap.charge(size_of::<Value>())?;
    cx.this_mut::<Token>(a[0])?.annotations.get_or_insert_default().push(a[1]);
    Ok(Value::Null)
}

/// The type that a member is about: its type argument, or its argument.
fn wanted(cx: &Call<'_>, a: &[Value]) -> Result<TypeId> {
    match (a.get(1), cx.type_arguments.last()) {
        (Some(Value::Type(ty)), _) => Ok(*ty),
        (None, Some(ty)) => Ok(*ty),
        _ => Err(Fault::argument_null("type")),
    }
}

fn of(cx: &Call<'_>, this: Value, wanted: TypeId) -> Result<Vec<Value>> {
    let all = token::get(cx, this)?.annotations.as_deref().cloned().unwrap_or_default();
    Ok(all.into_iter().filter(|&own| inherit::is_instance(cx.heap, own, wanted)).collect())
}

pub fn first(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = wanted(cx, a)?;
    Ok(of(cx, a[0], wanted)?.first().copied().unwrap_or(Value::Null))
}

pub fn all(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = wanted(cx, a)?;
    let (this, ty) = (a[0], cx.returns);
    token::kind(cx, this)?;
    sequence(cx, ty, move |cx| Ok(Cursor::over(of(cx, this, wanted)?)))
}

pub fn remove(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = wanted(cx, a)?;
    let mut kept = token::get(cx, a[0])?.annotations.as_deref().cloned().unwrap_or_default();
    kept.retain(|&own| !inherit::is_instance(cx.heap, own, wanted));
    cx.this_mut::<Token>(a[0])?.annotations = Some(Box::new(kept)).filter(|kept| !kept.is_empty());
    Ok(Value::Null)
}
