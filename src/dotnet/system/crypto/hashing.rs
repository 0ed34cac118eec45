//! Hashes and keyed hashes: `SHA256`, `HMACSHA256` and their relatives, whole or piece by piece.

use super::digest::{Digest, Hash, Keyed};
use super::{Result, bytes, cryptographic, named, no_automatic_selection, random_bytes, short_name, slice, store};
use crate::dotnet::call::{Call, bool, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::member::{
    Kind, Row, TypeDef, constructor, method, operator, property, property_set, static_method, static_property,
};
use crate::dotnet::system::stream;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    pub const ALL: [Algorithm; 5] =
        [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512];

    pub fn bits(self) -> i32 {
        match self {
            Algorithm::Md5 => 128,
            Algorithm::Sha1 => 160,
            Algorithm::Sha256 => 256,
            Algorithm::Sha384 => 384,
            Algorithm::Sha512 => 512,
        }
    }

    /// The bytes that it takes up at once.
    pub fn block(self) -> usize {
        if matches!(self, Algorithm::Sha384 | Algorithm::Sha512) { 128 } else { 64 }
    }

    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
            Algorithm::Sha384 => "SHA384",
            Algorithm::Sha512 => "SHA512",
        }
    }

    /// By the name that a `HashAlgorithmName` carries.
    pub fn named(name: &str) -> Option<Algorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    pub fn hash(self, bytes: &[u8]) -> Hash {
        let mut hash = Digest::new(self);
        hash.update(bytes);
        hash.finish()
    }

    pub fn keyed_hash(self, key: &[u8], bytes: &[u8]) -> Hash {
        let mut hash = Keyed::new(self, key);
        hash.update(bytes);
        hash.finish()
    }
}

/// A hash under way, with a key or without.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "it lives in an object that is there anyway")]
enum Running {
    Plain(Digest),
    Keyed(Keyed),
}

impl Running {
    fn start(algorithm: Algorithm, key: Option<&[u8]>) -> Running {
        match key {
            Some(key) => Running::Keyed(Keyed::new(algorithm, key)),
            None => Running::Plain(Digest::new(algorithm)),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Running::Plain(hash) => hash.update(bytes),
            Running::Keyed(hash) => hash.update(bytes),
        }
    }

    fn finish(self) -> Hash {
        match self {
            Running::Plain(hash) => hash.finish(),
            Running::Keyed(hash) => hash.finish(),
        }
    }
}

/// An object of a hash class; with a key, of an HMAC class.
#[derive(Debug)]
struct Hasher {
    algorithm: Algorithm,
    key: Option<Vec<u8>>,
    /// Data of `TransformBlock` that no hash has taken up yet.
    running: Option<Running>,
    /// The last hash that was finished; dropped when the next one begins.
    last: Option<Hash>,
    disposed: bool,
}

macro_rules! hash {
    ($name:ident, $managed:ident, $provider:ident, $keyed:ident, $algorithm:ident, $short:literal $(, $mark:ident)?) => {
        pub static $name: TypeDef = TypeDef::new(
            concat!("System.Security.Cryptography.", $short),
            Kind::Class,
            &[&[
                static_method(concat!($short, " Create()"), |cx, _| {
                    plain(cx, concat!("System.Security.Cryptography.", $short), Algorithm::$algorithm)
                }),
                static_method(concat!($short, " Create(string ", parameter!($algorithm), ")"), |cx, a| {
                    named(cx, a[0], concat!("System.Security.Cryptography.", $short))
                }),
            ]],
        )
        .base("HashAlgorithm")
        .is_abstract();
        pub static $managed: TypeDef = TypeDef::new(
            concat!("System.Security.Cryptography.", $short, "Managed"),
            Kind::Class,
            &[&[
                constructor(concat!($short, "Managed()"), |cx, _| {
                    plain(cx, concat!("System.Security.Cryptography.", $short, "Managed"), Algorithm::$algorithm)
                }),
                method("void Initialize()", initialize),
            ]],
        )
        .base($short) $(.$mark())?;
        pub static $provider: TypeDef = TypeDef::new(
            concat!("System.Security.Cryptography.", $short, "CryptoServiceProvider"),
            Kind::Class,
            &[&[constructor(concat!($short, "CryptoServiceProvider()"), |cx, _| {
                let ty = concat!("System.Security.Cryptography.", $short, "CryptoServiceProvider");
                plain(cx, ty, Algorithm::$algorithm)
            })]],
        )
        .base($short)
        .off_list();
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
                method("void Initialize()", initialize),
                property_set("byte[] Key { get; set; }", key, set_key),
            ], extra!($algorithm)],
        )
        .base("HMAC");
    };
}

/// What the platform calls the parameter of `Create`.
macro_rules! parameter {
    (Md5) => {
        "algName"
    };
    ($other:ident) => {
        "hashName"
    };
}

macro_rules! extra {
    (Sha1) => {
        &[constructor("HMACSHA1(byte[] key, bool useManagedSha1)", |cx, a| {
            keyed(cx, "System.Security.Cryptography.HMACSHA1", Algorithm::Sha1, a)
        })]
    };
    (Sha384) => {
        LEGACY
    };
    (Sha512) => {
        LEGACY
    };
    ($other:ident) => {
        &[]
    };
}

const LEGACY: &[Row] = &[property_set(
    "bool ProduceLegacyHmacValues { get; set; }",
    |_, _| Ok(Value::Bool(false)),
    |_, a| match bool(a[1]) {
        false => Ok(Value::Null),
        true => Err(not_supported("Operation is not supported on this platform.")),
    },
)];

fn not_supported(message: &str) -> Fault {
    Fault::throw("System.PlatformNotSupportedException", message)
}

hash!(MD5, MD5_MANAGED, MD5_PROVIDER, HMAC_MD5, Md5, "MD5", off_list);
hash!(SHA1, SHA1_MANAGED, SHA1_PROVIDER, HMAC_SHA1, Sha1, "SHA1");
hash!(SHA256, SHA256_MANAGED, SHA256_PROVIDER, HMAC_SHA256, Sha256, "SHA256");
hash!(SHA384, SHA384_MANAGED, SHA384_PROVIDER, HMAC_SHA384, Sha384, "SHA384");
hash!(SHA512, SHA512_MANAGED, SHA512_PROVIDER, HMAC_SHA512, Sha512, "SHA512");

pub static HASH_ALGORITHM: TypeDef = TypeDef::new(
    "System.Security.Cryptography.HashAlgorithm",
    Kind::Class,
    &[&[
        property("bool CanReuseTransform { get; }", |_, _| Ok(Value::Bool(true))),
        property("bool CanTransformMultipleBlocks { get; }", |_, _| Ok(Value::Bool(true))),
        method("void Clear()", dispose),
        method("byte[] ComputeHash(byte[] buffer)", compute),
        method("byte[] ComputeHash(byte[] buffer, int offset, int count)", compute),
        method("byte[] ComputeHash(Stream inputStream)", |cx, a| {
            live(cx, a[0])?;
            let data = {
                if a[1].is_null() {
                    return Err(Fault::null_reference());
                }
                stream::rest(cx, a[1], "inputStream")?
            };
            feed(cx, a[0], &data)?;
            let hash = finish(cx, a[0])?;
            cx.heap.new_bytes(hash.to_vec())
        }),
        static_method("HashAlgorithm Create()", |_, _| Err(no_automatic_selection())),
        static_method("HashAlgorithm Create(string hashName)", |cx, a| {
            named(cx, a[0], "System.Security.Cryptography.HashAlgorithm")
        }),
        method("void Dispose()", dispose),
        property("byte[] Hash { get; }", last_hash),
        property("int HashSize { get; }", |cx, a| Ok(Value::Int32(cx.this::<Hasher>(a[0])?.algorithm.bits()))),
        method("void Initialize()", initialize),
        property("int InputBlockSize { get; }", |_, _| Ok(Value::Int32(1))),
        property("int OutputBlockSize { get; }", |_, _| Ok(Value::Int32(1))),
        method(
            "int TransformBlock(byte[] inputBuffer, int inputOffset, int inputCount, byte[] outputBuffer, int outputOffset)",
            transform_block,
        ),
        method("byte[] TransformFinalBlock(byte[] inputBuffer, int inputOffset, int inputCount)", transform_final),
    ]],
)
.interfaces(&["IDisposable"])
.is_abstract();

pub static KEYED: TypeDef = TypeDef::new(
    "System.Security.Cryptography.KeyedHashAlgorithm",
    Kind::Class,
    &[&[
        static_method("KeyedHashAlgorithm Create()", |_, _| Err(no_automatic_selection())),
        static_method("KeyedHashAlgorithm Create(string algName)", |cx, a| {
            named(cx, a[0], "System.Security.Cryptography.KeyedHashAlgorithm")
        }),
        property_set("byte[] Key { get; set; }", key, set_key),
    ]],
)
.base("HashAlgorithm")
.is_abstract();

pub static HMAC: TypeDef = TypeDef::new(
    "System.Security.Cryptography.HMAC",
    Kind::Class,
    &[&[
        static_method("HMAC Create()", |_, _| Err(no_automatic_selection())),
        static_method("HMAC Create(string algorithmName)", |cx, a| {
            named(cx, a[0], "System.Security.Cryptography.HMAC")
        }),
        property_set("string HashName { get; set; }", hash_name, set_hash_name),
        method("void Initialize()", initialize),
        property_set("byte[] Key { get; set; }", key, set_key),
    ]],
)
.base("KeyedHashAlgorithm")
.is_abstract();

/// Every type of this file.
pub static TYPES: &[&TypeDef] = &[
    &HASH_ALGORITHM,
    &KEYED,
    &HMAC,
    &HASH_NAME,
    &MD5,
    &MD5_PROVIDER,
    &HMAC_MD5,
    &SHA1,
    &SHA1_MANAGED,
    &SHA1_PROVIDER,
    &HMAC_SHA1,
    &SHA256,
    &SHA256_MANAGED,
    &SHA256_PROVIDER,
    &HMAC_SHA256,
    &SHA384,
    &SHA384_MANAGED,
    &SHA384_PROVIDER,
    &HMAC_SHA384,
    &SHA512,
    &SHA512_MANAGED,
    &SHA512_PROVIDER,
    &HMAC_SHA512,
];

fn new(cx: &mut Call<'_>, ty: &str, algorithm: Algorithm, key: Option<Vec<u8>>) -> Result {
    let hasher = Hasher { algorithm, key, running: None, last: None, disposed: false };
    cx.heap.new_extension(TypeId::named(ty), hasher)
}

fn plain(cx: &mut Call<'_>, ty: &str, algorithm: Algorithm) -> Result {
    new(cx, ty, algorithm, None)
}

fn keyed(cx: &mut Call<'_>, ty: &str, algorithm: Algorithm, a: &[Value]) -> Result {
    let key = match a {
        [] => random_bytes(cx, algorithm.block())?,
        [key, ..] => cx.heap.bytes(*key).ok_or_else(Fault::null_reference)?.to_vec(),
    };
    new(cx, ty, algorithm, Some(short_key(algorithm, key)))
}

/// A key longer than a block is replaced by its hash.
fn short_key(algorithm: Algorithm, key: Vec<u8>) -> Vec<u8> {
    if key.len() > algorithm.block() { algorithm.hash(&key).to_vec() } else { key }
}

/// `HashAlgorithm.Create(name)` and its relatives, by the names that `CryptoConfig` knows; null for others.
pub(super) fn create(cx: &mut Call<'_>, name: Value) -> Result {
    let name = cx.text(name, "name")?.to_ascii_uppercase();
    let (full, short) = short_name(&name);
    match (full, short) {
        (true, "HASHALGORITHM") | (false, "SHA") => by_class(cx, "SHA1CryptoServiceProvider"),
        (true, "KEYEDHASHALGORITHM" | "HMAC") => by_class(cx, "HMACSHA1"),
        (_, "SHA1") => by_class(cx, "SHA1CryptoServiceProvider"),
        (_, "MD5") => by_class(cx, "MD5CryptoServiceProvider"),
        (_, "SHA256") | (false, "SHA-256") => by_class(cx, "SHA256Managed"),
        (_, "SHA384") | (false, "SHA-384") => by_class(cx, "SHA384Managed"),
        (_, "SHA512") | (false, "SHA-512") => by_class(cx, "SHA512Managed"),
        (_, "HMACMD5" | "HMACSHA1" | "HMACSHA256" | "HMACSHA384" | "HMACSHA512") => by_class(cx, short),
        (true, _) => by_class(cx, short),
        _ => Ok(Value::Null),
    }
}

/// An object of the class of this name, in any case: `SHA256Managed`, `HMACSHA1`.
fn by_class(cx: &mut Call<'_>, name: &str) -> Result {
    for algorithm in Algorithm::ALL {
        let short = algorithm.name();
        for class in [format!("{short}Managed"), format!("{short}CryptoServiceProvider"), format!("HMAC{short}")] {
            let exists = TYPES.iter().any(|def| def.simple_name() == class);
            if exists && class.eq_ignore_ascii_case(name) {
                let ty = format!("System.Security.Cryptography.{class}");
                let key = if class.starts_with("HMAC") { Some(random_bytes(cx, algorithm.block())?) } else { None };
                return new(cx, &ty, algorithm, key);
            }
        }
    }
    Ok(Value::Null)
}

fn live<'a>(cx: &'a mut Call<'_>, this: Value) -> Result<&'a mut Hasher> {
    let hasher = cx.this_mut::<Hasher>(this)?;
    if hasher.disposed {
        return Err(Fault::throw("System.ObjectDisposedException", "Cannot access a disposed object."));
    }
    Ok(hasher)
}

/// Takes up data; a hash that `TransformBlock` began goes on.
fn feed(cx: &mut Call<'_>, this: Value, data: &[u8]) -> Result<()> {
    cx.charge_fuel(data.len() / 16 + 1)?;
    let hasher = live(cx, this)?;
    let running = hasher.running.get_or_insert_with(|| Running::start(hasher.algorithm, hasher.key.as_deref()));
    running.update(data);
    Ok(())
}

fn finish(cx: &mut Call<'_>, this: Value) -> Result<Hash> {
    let hasher = live(cx, this)?;
    let running = hasher.running.take();
    let running = running.unwrap_or_else(|| Running::start(hasher.algorithm, hasher.key.as_deref()));
    let hash = running.finish();
    hasher.last = Some(hash);
    Ok(hash)
}

fn compute(cx: &mut Call<'_>, a: &[Value]) -> Result {
    live(cx, a[0])?;
    let len = computed(cx, a)?.len();
    cx.charge_fuel(len / 16 + 1)?;
    let begun = live(cx, a[0])?.running.take();
    let hasher = cx.this::<Hasher>(a[0])?;
    let mut running = begun.unwrap_or_else(|| Running::start(hasher.algorithm, hasher.key.as_deref()));
    running.update(computed(cx, a)?);
    let hash = running.finish();
    live(cx, a[0])?.last = Some(hash);
    cx.heap.new_bytes(hash.to_vec())
}

/// What `ComputeHash` is given.
fn computed<'a>(cx: &'a Call<'_>, a: &[Value]) -> Result<&'a [u8]> {
    match *a {
        [_, buffer, offset, count] => slice(cx, buffer, offset, count, ["buffer", "offset"]),
        _ => bytes(cx, a[1], "buffer"),
    }
}

fn transform_block(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let data = transformed(cx, a)?;
    feed(cx, a[0], &data)?;
    if !a[4].is_null() {
        let offset = usize::try_from(int(a[5])).map_err(|_| out_of_array())?;
        let room = bytes(cx, a[4], "outputBuffer")?.len();
        if offset > room || data.len() > room - offset {
            return Err(out_of_array());
        }
        store(cx, a[4], offset, &data);
    }
    Ok(Value::Int32(data.len() as i32))
}

fn out_of_array() -> Fault {
    super::out_of_bounds()
}

fn transform_final(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let data = transformed(cx, a)?;
    feed(cx, a[0], &data)?;
    finish(cx, a[0])?;
    cx.heap.new_bytes(data)
}

fn transformed(cx: &mut Call<'_>, a: &[Value]) -> Result<Vec<u8>> {
    let data = slice(cx, a[1], a[2], a[3], ["inputBuffer", "inputOffset"])?.to_vec();
    live(cx, a[0])?;
    Ok(data)
}

fn last_hash(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let hasher = live(cx, a[0])?;
    if hasher.running.is_some() {
        let message = "Hash must be finalized before the hash value is retrieved.";
        return Err(Fault::throw("System.Security.Cryptography.CryptographicUnexpectedOperationException", message));
    }
    match hasher.last {
        Some(hash) => cx.heap.new_bytes(hash.to_vec()),
        None => Ok(Value::Null),
    }
}

/// .NET Core's own classes keep what `TransformBlock` took up.
fn initialize(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.this::<Hasher>(a[0])?;
    Ok(Value::Null)
}

fn dispose(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let hasher = cx.this_mut::<Hasher>(a[0])?;
    hasher.disposed = true;
    hasher.running = None;
    Ok(Value::Null)
}

fn key(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let hasher = cx.this::<Hasher>(a[0])?;
    match hasher.key.clone().filter(|_| !hasher.disposed) {
        Some(key) => cx.heap.new_bytes(key),
        None => Ok(Value::Null),
    }
}

fn set_key(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let key = cx.heap.bytes(a[1]).ok_or_else(Fault::null_reference)?.to_vec();
    let hasher = cx.this_mut::<Hasher>(a[0])?;
    hasher.key = Some(short_key(hasher.algorithm, key));
    hasher.running = None;
    Ok(Value::Null)
}

fn hash_name(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let name = cx.this::<Hasher>(a[0])?.algorithm.name();
    cx.new_str(name)
}

fn set_hash_name(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = cx.this::<Hasher>(a[0])?.algorithm.name();
    if *cx.text(a[1], "HashName")? == *own {
        return Ok(Value::Null);
    }
    Err(not_supported("Setting the hashname after it's already been set is not supported on this platform."))
}

// ---- HashAlgorithmName

pub static HASH_NAME: TypeDef = TypeDef::new(
    "System.Security.Cryptography.HashAlgorithmName",
    Kind::Struct,
    &[&[
        constructor("HashAlgorithmName(string name)", |cx, a| {
            let name = cx.heap.text(a[0]).map(|name| name.into_owned());
            new_hash_name(cx, name.as_deref())
        }),
        method("bool Equals(object obj)", same_hash_name),
        method("bool Equals(HashAlgorithmName other)", same_hash_name),
        method("int GetHashCode()", |cx, a| {
            let name = name_of(cx, a[0]).map(str::to_owned);
            Ok(Value::Int32(name.map_or(0, |name| super::super::object::fnv(name.encode_utf16()))))
        }),
        static_property("HashAlgorithmName MD5 { get; }", |cx, _| new_hash_name(cx, Some("MD5"))),
        property("string Name { get; }", |cx, a| match name_of(cx, a[0]).map(str::to_owned) {
            Some(name) => cx.new_str(&name),
            None => Ok(Value::Null),
        }),
        static_property("HashAlgorithmName SHA1 { get; }", |cx, _| new_hash_name(cx, Some("SHA1"))),
        static_property("HashAlgorithmName SHA256 { get; }", |cx, _| new_hash_name(cx, Some("SHA256"))),
        static_property("HashAlgorithmName SHA384 { get; }", |cx, _| new_hash_name(cx, Some("SHA384"))),
        static_property("HashAlgorithmName SHA512 { get; }", |cx, _| new_hash_name(cx, Some("SHA512"))),
        method("string ToString()", |cx, a| {
            let name = name_of(cx, a[0]).unwrap_or_default().to_owned();
            cx.new_str(&name)
        }),
        operator("bool op_Equality(HashAlgorithmName left, HashAlgorithmName right)", same_hash_name),
        operator("bool op_Inequality(HashAlgorithmName left, HashAlgorithmName right)", |cx, a| {
            Ok(Value::Bool(name_of(cx, a[0]) != name_of(cx, a[1])))
        }),
    ]],
);

/// A `HashAlgorithmName`; the default one has no name.
#[derive(Debug)]
struct HashName(Option<Box<str>>);

pub fn new_hash_name(cx: &mut Call<'_>, name: Option<&str>) -> Result {
    let ty = TypeId::named("System.Security.Cryptography.HashAlgorithmName");
    cx.heap.new_extension(ty, HashName(name.map(Into::into)))
}

/// `default(HashAlgorithmName)`.
pub fn no_name(heap: &mut Heap) -> Result {
    heap.new_extension(TypeId::named("System.Security.Cryptography.HashAlgorithmName"), HashName(None))
}

/// The name in a `HashAlgorithmName`.
pub fn name_of<'a>(cx: &'a Call<'_>, value: Value) -> Option<&'a str> {
    cx.heap.extension::<HashName>(value)?.0.as_deref()
}

fn same_hash_name(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let is_name = cx.heap.extension::<HashName>(a[1]).is_some();
    Ok(Value::Bool(is_name && name_of(cx, a[0]) == name_of(cx, a[1])))
}

/// The algorithm of a `HashAlgorithmName` argument, refused as RSA's methods refuse it.
pub fn algorithm_of(cx: &Call<'_>, value: Value) -> Result<Algorithm> {
    match name_of(cx, value) {
        None | Some("") => Err(Fault::argument("The hash algorithm name cannot be null or empty.", "hashAlgorithm")),
        Some(name) => {
            Algorithm::named(name).ok_or_else(|| cryptographic(format!("'{name}' is not a known hash algorithm.")))
        }
    }
}
