//! `System.Security.Cryptography`: hashes and keyed hashes of byte arrays. Streams and incremental blocks are not here.

use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, constructor, method, property, property_set, static_method};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

type Result<T = Value> = std::result::Result<T, Fault>;

#[derive(Clone, Copy, Debug)]
enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// An object of a hash class; with a key, of an HMAC class.
#[derive(Debug)]
struct Hasher {
    algorithm: Algorithm,
    key: Option<Vec<u8>>,
    disposed: bool,
}

macro_rules! hash {
    ($name:ident, $managed:ident, $keyed:ident, $algorithm:ident, $short:literal, $managed_name:literal $(, $mark:ident)?) => {
        pub static $name: TypeDef = TypeDef::new(
            concat!("System.Security.Cryptography.", $short),
            Kind::Class,
            &[&[static_method(concat!($short, " Create()"), |cx, _| {
                plain(cx, concat!("System.Security.Cryptography.", $short), Algorithm::$algorithm)
            })]],
        )
        .base("HashAlgorithm")
        .is_abstract();
        pub static $managed: TypeDef = TypeDef::new(
            concat!("System.Security.Cryptography.", $managed_name),
            Kind::Class,
            &[&[constructor(concat!($managed_name, "()"), |cx, _| {
                plain(cx, concat!("System.Security.Cryptography.", $managed_name), Algorithm::$algorithm)
            })]],
        )
        .base($short) $(.$mark())?;
        pub static $keyed: TypeDef = TypeDef::new(
            concat!("System.Security.Cryptography.HMAC", $short),
            Kind::Class,
            &[&[
                constructor(concat!("HMAC", $short, "()"), |cx, a| {
                    keyed(cx, concat!("System.Security.Cryptography.HMAC", $short), Algorithm::$algorithm, a)
                }),
                constructor(concat!("HMAC", $short, "(byte[] key)"), |cx, a| {
                    keyed(cx, concat!("System.Security.Cryptography.HMAC", $short), Algorithm::$algorithm, a)
                }),
            ]],
        )
        .base("HMAC");
    };
}

hash!(MD5, MD5_PROVIDER, HMAC_MD5, Md5, "MD5", "MD5CryptoServiceProvider", off_list);
hash!(SHA1, SHA1_MANAGED, HMAC_SHA1, Sha1, "SHA1", "SHA1Managed");
hash!(SHA256, SHA256_MANAGED, HMAC_SHA256, Sha256, "SHA256", "SHA256Managed");
hash!(SHA384, SHA384_MANAGED, HMAC_SHA384, Sha384, "SHA384", "SHA384Managed");
hash!(SHA512, SHA512_MANAGED, HMAC_SHA512, Sha512, "SHA512", "SHA512Managed");

pub static HASH_ALGORITHM: TypeDef = TypeDef::new(
    "System.Security.Cryptography.HashAlgorithm",
    Kind::Class,
    &[&[
        method("byte[] ComputeHash(byte[] buffer)", compute),
        method("byte[] ComputeHash(byte[] buffer, int offset, int count)", compute),
        property("int HashSize { get; }", |cx, a| Ok(Value::Int32(cx.this::<Hasher>(a[0])?.algorithm.size()))),
        method("void Clear()", dispose),
        method("void Dispose()", dispose),
    ]],
)
.interfaces(&["IDisposable"])
.is_abstract();

pub static HMAC: TypeDef = TypeDef::new(
    "System.Security.Cryptography.HMAC",
    Kind::Class,
    &[&[
        property_set("byte[] Key { get; set; }", key, set_key),
        property("string HashName { get; }", |cx, a| {
            let name = cx.this::<Hasher>(a[0])?.algorithm.name();
            cx.new_str(name)
        }),
    ]],
)
.base("HashAlgorithm")
.is_abstract();

/// Every type of this file.
pub static TYPES: &[&TypeDef] = &[
    &HASH_ALGORITHM,
    &HMAC,
    &MD5,
    &MD5_PROVIDER,
    &HMAC_MD5,
    &SHA1,
    &SHA1_MANAGED,
    &HMAC_SHA1,
    &SHA256,
    &SHA256_MANAGED,
    &HMAC_SHA256,
    &SHA384,
    &SHA384_MANAGED,
    &HMAC_SHA384,
    &SHA512,
    &SHA512_MANAGED,
    &HMAC_SHA512,
];

impl Algorithm {
    fn size(self) -> i32 {
        match self {
            Algorithm::Md5 => 128,
            Algorithm::Sha1 => 160,
            Algorithm::Sha256 => 256,
            Algorithm::Sha384 => 384,
            Algorithm::Sha512 => 512,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
            Algorithm::Sha384 => "SHA384",
            Algorithm::Sha512 => "SHA512",
        }
    }

    fn hash(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Algorithm::Md5 => Md5::digest(bytes).to_vec(),
            Algorithm::Sha1 => Sha1::digest(bytes).to_vec(),
            Algorithm::Sha256 => Sha256::digest(bytes).to_vec(),
            Algorithm::Sha384 => Sha384::digest(bytes).to_vec(),
            Algorithm::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    fn keyed_hash(self, key: &[u8], bytes: &[u8]) -> Vec<u8> {
        macro_rules! mac {
            ($hash:ty) => {{
                let mut mac = <Hmac<$hash> as Mac>::new_from_slice(key).expect("HMAC takes keys of every length");
                mac.update(bytes);
                mac.finalize().into_bytes().to_vec()
            }};
        }
        match self {
            Algorithm::Md5 => mac!(Md5),
            Algorithm::Sha1 => mac!(Sha1),
            Algorithm::Sha256 => mac!(Sha256),
            Algorithm::Sha384 => mac!(Sha384),
            Algorithm::Sha512 => mac!(Sha512),
        }
    }
}

fn plain(cx: &mut Call<'_>, ty: &str, algorithm: Algorithm) -> Result {
    cx.heap.new_extension(TypeId::named(ty), Hasher { algorithm, key: None, disposed: false })
}

fn keyed(cx: &mut Call<'_>, ty: &str, algorithm: Algorithm, a: &[Value]) -> Result {
    let key = match a {
        [] => {
            let block = if matches!(algorithm, Algorithm::Sha384 | Algorithm::Sha512) { 128 } else { 64 };
            (0..block / 8).flat_map(|_| cx.host.random().to_le_bytes()).collect()
        }
        [key, ..] => cx.heap.bytes(*key).ok_or_else(|| Fault::argument_null("key"))?.to_vec(),
    };
    cx.heap.new_extension(TypeId::named(ty), Hasher { algorithm, key: Some(key), disposed: false })
}

fn compute(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let hasher = cx.this::<Hasher>(a[0])?;
    let mut bytes = cx.heap.bytes(a[1]).ok_or_else(|| Fault::argument_null("buffer"))?;
    if let [_, _, offset, count] = *a {
        let (offset, count) = (int(offset), int(count));
        if offset < 0 {
            let message = "Non-negative number required. (Parameter 'offset')";
            return Err(Fault::throw("System.ArgumentOutOfRangeException", message));
        }
        if count < 0 || count as usize > bytes.len() {
            return Err(Fault::throw("System.ArgumentException", "Value was invalid."));
        }
        let wrong = || {
            let message = "Offset and length were out of bounds for the array or count is greater than the number of \
                           elements from index to the end of the source collection.";
            Fault::throw("System.ArgumentException", message)
        };
        bytes = bytes.get(offset as usize..).and_then(|rest| rest.get(..count as usize)).ok_or_else(wrong)?;
    }
    if hasher.disposed {
        return Err(Fault::throw("System.ObjectDisposedException", "Safe handle has been closed."));
    }
    let hash = match &hasher.key {
        Some(key) => hasher.algorithm.keyed_hash(key, bytes),
        None => hasher.algorithm.hash(bytes),
    };
    let units = bytes.len() / 16 + 1;
    cx.charge_fuel(units)?;
    cx.heap.new_bytes(hash)
}

fn dispose(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.this_mut::<Hasher>(a[0])?.disposed = true;
    Ok(Value::Null)
}

fn key(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let key = cx.this::<Hasher>(a[0])?.key.clone().unwrap_or_default();
    cx.heap.new_bytes(key)
}

fn set_key(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let key = cx.heap.bytes(a[1]).ok_or_else(|| Fault::argument_null("value"))?.to_vec();
    cx.this_mut::<Hasher>(a[0])?.key = Some(key);
    Ok(Value::Null)
}
