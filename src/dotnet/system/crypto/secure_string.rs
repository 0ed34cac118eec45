//! `SecureString`: a password as constructors of certificates take it. It is not on the platform's list, so that a policy can
//! give them null at most; its text lies in the heap of its request like any other's.

use super::Result;
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, constructor, method, property, type_of};
use crate::dotnet::value::Value;

pub static TYPES: &[&TypeDef] = &[&SECURE_STRING];

static SECURE_STRING: TypeDef = TypeDef::new(
    "System.Security.SecureString",
    Kind::Class,
    &[&[
        constructor("SecureString()", |cx, _| make(cx, Vec::new())),
        property("int Length { get; }", |cx, a| Ok(Value::Int32(open(cx, a[0])?.units.len() as i32))),
        method("void AppendChar(char c)", |cx, a| {
            let at = changed(cx, a[0])?.units.len();
            put(cx, a[0], at, a[1])
        }),
        method("void InsertAt(int index, char c)", |cx, a| {
            let length = changed(cx, a[0])?.units.len();
            let at = place(a[1], length + 1)?;
            put(cx, a[0], at, a[2])
        }),
        method("void SetAt(int index, char c)", |cx, a| {
            let own = changed(cx, a[0])?;
            let at = place(a[1], own.units.len())?;
            own.units[at] = unit(a[2]);
            Ok(Value::Null)
        }),
        method("void RemoveAt(int index)", |cx, a| {
            let own = changed(cx, a[0])?;
            let at = place(a[1], own.units.len())?;
            own.units.remove(at);
            let moved = own.units.len();
            cx.charge_fuel(moved / 16)?;
            Ok(Value::Null)
        }),
        method("void Clear()", |cx, a| {
            changed(cx, a[0])?.units.clear();
            Ok(Value::Null)
        }),
        method("SecureString Copy()", |cx, a| {
            let units = open(cx, a[0])?.units.clone();
            make(cx, units)
        }),
        method("bool IsReadOnly()", |cx, a| Ok(Value::Bool(open(cx, a[0])?.is_read_only))),
        method("void MakeReadOnly()", |cx, a| {
            open(cx, a[0])?.is_read_only = true;
            Ok(Value::Null)
        }),
        method("void Dispose()", |cx, a| {
            let own = cx.this_mut::<Secure>(a[0])?;
            (own.units, own.is_disposed) = (Vec::new(), true);
            Ok(Value::Null)
        }),
    ]],
)
.interfaces(&["IDisposable"])
.off_list();

/// No `Debug`: what it holds is shown nowhere.
struct Secure {
    units: Vec<u16>,
    is_read_only: bool,
    is_disposed: bool,
}

impl std::fmt::Debug for Secure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecureString")
    }
}

fn make(cx: &mut Call<'_>, units: Vec<u16>) -> Result {
    cx.heap.charge(units.len() * 2)?;
    cx.heap.new_extension(type_of("SecureString"), Secure { units, is_read_only: false, is_disposed: false })
}

/// One that is not disposed of.
fn open<'a>(cx: &'a mut Call<'_>, this: Value) -> Result<&'a mut Secure> {
    let own = cx.this_mut::<Secure>(this)?;
    if own.is_disposed {
        return Err(super::disposed("SecureString"));
    }
    Ok(own)
}

/// One that may be changed.
fn changed<'a>(cx: &'a mut Call<'_>, this: Value) -> Result<&'a mut Secure> {
    let own = open(cx, this)?;
    if own.is_read_only { Err(Fault::invalid_operation("Instance is read-only.")) } else { Ok(own) }
}

fn put(cx: &mut Call<'_>, this: Value, at: usize, c: Value) -> Result {
    cx.heap.charge(2)?;
    let own = changed(cx, this)?;
    own.units.insert(at, unit(c));
    let moved = own.units.len() - at;
    cx.charge_fuel(moved / 16)?;
    Ok(Value::Null)
}

fn unit(c: Value) -> u16 {
    if let Value::Char(unit) = c { unit } else { 0 }
}

fn place(index: Value, end: usize) -> Result<usize> {
    usize::try_from(int(index)).ok().filter(|at| *at < end).ok_or_else(|| {
        let message = "Index was out of range. Must be non-negative and less than the length of the string.";
        Fault::out_of_range(message, "index")
    })
}

/// The password that a text or a secure string holds; none for null.
pub fn password(cx: &Call<'_>, value: Value) -> String {
    match cx.heap.extension::<Secure>(value) {
        Some(secure) => String::from_utf16_lossy(&secure.units),
        None => cx.heap.text(value).unwrap_or_default().into_owned(),
    }
}
