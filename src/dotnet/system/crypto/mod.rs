//! `System.Security.Cryptography`: hashes, symmetric ciphers, RSA, random numbers, certificates.
//!
//! In: bytes and keys. Out: bytes, yes or no, exceptions as .NET Core throws them. Random bytes come from the request's seed
//! ([`random_bytes`]), never from the machine; nothing is read from a file or a certificate store.

mod der;
mod digest;
pub mod hashing;
mod key;
pub mod oid;
pub mod random;
pub mod rsa;
pub mod secure_string;
pub mod symmetric;
pub mod x509;

use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{Heap, Object};
use crate::dotnet::inherit;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// Bytes from the request's own random numbers.
pub fn random_bytes(cx: &mut Call<'_>, count: usize) -> Result<Vec<u8>> {
    cx.charge_fuel(count / 8)?;
    cx.heap.charge(count)?;
    let mut bytes = Vec::with_capacity(count + 7);
    while bytes.len() < count {
        bytes.extend(cx.host.random().to_le_bytes());
    }
    bytes.truncate(count);
    Ok(bytes)
}

/// The zero value of a struct of this name; null for one that is not of this folder.
pub fn zero(heap: &mut Heap, name: &str) -> Result {
    match name {
        "System.Security.Cryptography.RSAParameters" => rsa::no_parameters(heap),
        "System.Security.Cryptography.HashAlgorithmName" => hashing::no_name(heap),
        "System.TimeZoneInfo+TransitionTime" => super::time_zone::no_transition(heap),
        _ => Ok(Value::Null),
    }
}

/// What an object says that was disposed of.
fn disposed(name: &str) -> Fault {
    Fault::throw("System.ObjectDisposedException", format!("Cannot access a disposed object.\nObject name: '{name}'."))
}

fn cryptographic(message: impl Into<String>) -> Fault {
    Fault::throw("System.Security.Cryptography.CryptographicException", message)
}

/// The bytes of an argument; null throws `ArgumentNullException`.
fn bytes<'a>(cx: &'a Call<'_>, value: Value, parameter: &str) -> Result<&'a [u8]> {
    cx.heap.bytes(value).ok_or_else(|| Fault::argument_null(parameter))
}

/// `buffer[offset..offset + count]`, refused as streams and hashes refuse it.
fn slice<'a>(cx: &'a Call<'_>, buffer: Value, offset: Value, count: Value, names: [&str; 2]) -> Result<&'a [u8]> {
    let (offset, count) = (int(offset), int(count));
    let all = bytes(cx, buffer, names[0])?;
    if offset < 0 {
        return Err(Fault::out_of_range("Non-negative number required.", names[1]));
    }
    if count < 0 || count as usize > all.len() {
        return Err(Fault::throw("System.ArgumentException", "Value was invalid."));
    }
    all.get(offset as usize..).and_then(|rest| rest.get(..count as usize)).ok_or_else(out_of_bounds)
}

fn out_of_bounds() -> Fault {
    let message = "Offset and length were out of bounds for the array or count is greater than the number of elements \
                   from index to the end of the source collection.";
    Fault::throw("System.ArgumentException", message)
}

/// Writes into a `byte[]` that the caller has checked.
fn store(cx: &mut Call<'_>, buffer: Value, offset: usize, data: &[u8]) {
    if let Value::Object(handle) = buffer {
        if let Object::Bytes(all) = cx.heap.get_mut(handle) {
            if let Some(place) = all.get_mut(offset..offset + data.len()) {
                place.copy_from_slice(data);
            }
        }
    }
}

/// What a static `Create(name)` gives: the object if it is a `wanted`, as a cast would have it.
/// `TYPE.Create(name)`: an algorithm of any kind by its name, which must then be of the type; null for a name nobody knows.
fn named(cx: &mut Call<'_>, name: Value, wanted: &str) -> Result {
    for create in [hashing::create, symmetric::create, rsa::create] {
        let made = create(cx, name)?;
        if !made.is_null() {
            return cast(cx, made, wanted);
        }
    }
    Ok(Value::Null)
}

fn cast(cx: &Call<'_>, made: Value, wanted: &str) -> Result {
    let (own, wanted) = (cx.heap.type_of(made), TypeId::named(wanted));
    if made.is_null() || inherit::is_subtype(own, wanted) {
        return Ok(made);
    }
    Err(Fault::invalid_cast(&own.dotnet_name(), &wanted.dotnet_name()))
}

fn no_automatic_selection() -> Fault {
    let message = "This platform does not allow the automatic selection of an algorithm.";
    Fault::throw("System.PlatformNotSupportedException", message)
}

/// The short name in the names that `CryptoConfig` knows: `SHA256`, `System.Security.Cryptography.SHA256`.
fn short_name(name: &str) -> (bool, &str) {
    const SPACE: &str = "System.Security.Cryptography.";
    match name.get(..SPACE.len()) {
        Some(space) if space.eq_ignore_ascii_case(SPACE) => (true, &name[SPACE.len()..]),
        _ => (false, name),
    }
}
