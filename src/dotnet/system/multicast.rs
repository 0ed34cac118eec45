//! `System.Delegate`: delegates that are combined, taken apart and compared.
//!
//! In: delegates. Out: those that call several others in order. What one of them does is the VM's.

use super::object;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::member::{Form, Kind, Row, TypeDef, method, operator, static_method};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

const NO_REFLECTION: &str =
    "delegates are called as they are, `f(x)`: there is no reflection of what they are made from";

pub static DELEGATE: TypeDef = TypeDef::new(
    "System.Delegate",
    Kind::Class,
    &[&[
        method("Delegate[] GetInvocationList()", |cx, a| {
            let list = parts(cx, a[0]);
            let ty = TypeId::array(TypeId::named("System.Delegate"));
            cx.heap.charge(list.len() * size_of::<Value>())?;
            cx.heap.new_array(ty, list)
        }),
        Row::refused(Form::Property, false, "MethodInfo Method { get; }", NO_REFLECTION).off_list(),
        Row::refused(Form::Property, false, "object Target { get; }", NO_REFLECTION).off_list(),
        Row::refused(Form::Method, false, "object DynamicInvoke(params object[] args)", NO_REFLECTION).off_list(),
        static_method("Delegate Combine(Delegate a, Delegate b)", combine),
        static_method("Delegate Remove(Delegate source, Delegate value)", remove),
        operator("bool op_Equality(Delegate d1, Delegate d2)", equal),
        operator("bool op_Inequality(Delegate d1, Delegate d2)", |cx, a| {
            Ok(Value::Bool(!matches!(equal(cx, a)?, Value::Bool(true))))
        }),
    ]],
)
.is_abstract()
.off_list();

pub static MULTICAST_DELEGATE: TypeDef =
    TypeDef::new("System.MulticastDelegate", Kind::Class, &[]).base("Delegate").is_abstract().off_list();

/// The delegates that one calls, in order.
pub fn parts(cx: &Call<'_>, delegate: Value) -> Vec<Value> {
    match delegate {
        Value::Null => Vec::new(),
        Value::Object(handle) => match cx.heap.get(handle) {
            Object::Multicast { list, .. } => list.to_vec(),
            _ => vec![delegate],
        },
        _ => vec![delegate],
    }
}

/// `new D(f)` and `f.Invoke` as a `D`: a delegate of the type asked for that does what `f` does.
pub fn of_type(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let Value::Object(handle) = a[0] else { return Err(Fault::null_reference()) };
    let ty = cx.returns;
    let made = match cx.heap.get(handle) {
        Object::Closure { function, captures, .. } => {
            Object::Closure { ty, function: *function, captures: captures.clone() }
        }
        Object::Multicast { list, .. } => Object::Multicast { ty, list: list.clone() },
        _ => return Err(Fault::null_reference()),
    };
    let held = match &made {
        Object::Closure { captures, .. } => captures.len(),
        Object::Multicast { list, .. } => list.len(),
        _ => 0,
    };
    cx.heap.charge(held * size_of::<Value>())?;
    cx.heap.alloc(made)
}

/// One that calls these, of the type of `like`.
fn of_parts(cx: &mut Call<'_>, list: Vec<Value>, like: Value) -> Result {
    match *list {
        [] => Ok(Value::Null),
        [one] => Ok(one),
        _ => {
            cx.heap.charge(list.len() * size_of::<Value>())?;
            cx.charge_fuel(list.len())?;
            let ty = cx.heap.type_of(like);
            cx.heap.alloc(Object::Multicast { ty, list: list.into() })
        }
    }
}

/// `a + b`
pub fn combine(cx: &mut Call<'_>, a: &[Value]) -> Result {
    match (a[0].is_null(), a[1].is_null()) {
        (true, _) => Ok(a[1]),
        (_, true) => Ok(a[0]),
        _ => {
            let mut list = parts(cx, a[0]);
            list.extend(parts(cx, a[1]));
            of_parts(cx, list, a[0])
        }
    }
}

/// `source - value`: without the last run of calls that is `value`'s.
pub fn remove(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (mut list, taken) = (parts(cx, a[0]), parts(cx, a[1]));
    if taken.is_empty() {
        return Ok(a[0]);
    }
    for start in (0..(list.len() + 1).saturating_sub(taken.len())).rev() {
        let mut all = true;
        for (own, wanted) in list[start..].iter().zip(&taken) {
            cx.charge_fuel(1)?;
            all &= object::equals(cx, *own, *wanted)?;
        }
        if all {
            list.drain(start..start + taken.len());
            return of_parts(cx, list, a[0]);
        }
    }
    Ok(a[0])
}

/// `a == b`
pub fn equal(cx: &mut Call<'_>, a: &[Value]) -> Result {
    object::equals(cx, a[0], a[1]).map(Value::Bool)
}
