//! What `dynamic` needs of the engine.
//!
//! In: a site's constant and its operands, or the parts of a value that a site spells out. Out: what the VM's binder
//! answers, or the value.

use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// Does what the site in `args[0]` says with the other arguments.
pub fn operate(cx: &mut Call<'_>, args: &[Value]) -> Result {
    cx.host.operate(cx.heap, cx.exchange, args[0], &args[1..], cx.outs)
}

/// Calls a delegate.
pub fn invoke(cx: &mut Call<'_>, args: &[Value]) -> Result {
    cx.invoke(args[0], &args[1..])
}

/// A `decimal` of the four words that it is made of.
pub fn decimal(cx: &mut Call<'_>, args: &[Value]) -> Result {
    let mut bytes = [0; 16];
    for (part, word) in bytes.chunks_exact_mut(4).zip(args) {
        part.copy_from_slice(&(word.integer().unwrap_or_default() as i32).to_le_bytes());
    }
    cx.heap.new_decimal(rust_decimal::Decimal::deserialize(bytes))
}

/// A string of its code units.
pub fn text(cx: &mut Call<'_>, args: &[Value]) -> Result {
    let units: Vec<u16> = args.iter().map(|unit| unit.integer().unwrap_or_default() as u16).collect();
    cx.heap.new_wide(&units)
}

/// Sets a field of the boxed tuple that `args[0]` is: the box itself changes, as the run-time binder has it.
pub fn set_field(cx: &mut Call<'_>, args: &[Value]) -> Result {
    let at = args[1].integer().unwrap_or_default() as usize;
    cx.heap.set_field(args[0], at, args[2]);
    Ok(args[2])
}

/// What boxing and unboxing make of a tuple: another one of the same fields. Anything else is itself.
pub fn copy(cx: &mut Call<'_>, args: &[Value]) -> Result {
    let Some(fields) = cx.heap.fields(args[0]).map(<[Value]>::to_vec) else { return Ok(args[0]) };
    let ty = cx.heap.type_of(args[0]);
    cx.heap.new_record(ty, &fields)
}
