//! `AsymmetricAlgorithm`, `RSA` and its classes, `RSAParameters`, and the padding types.

use super::hashing::{self, Algorithm, algorithm_of, new_hash_name};
use super::key::{Encryption, Key, Noise, Numbers, PrivateNumbers, Signature};
use super::symmetric::key_sizes;
use super::{Result, bytes, cryptographic, named, no_automatic_selection, short_name};
use crate::dotnet::call::{Call, bool, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::member::{
    Kind, TypeDef, constructor, enum_value, method, operator, property, property_set, static_method, static_property,
    type_of,
};
use crate::dotnet::system::stream;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

pub static TYPES: &[&TypeDef] = &[
    &ASYMMETRIC,
    &RSA,
    &CNG,
    &OPEN_SSL,
    &PROVIDER,
    &PARAMETERS,
    &ENCRYPTION,
    &ENCRYPTION_MODE,
    &SIGNATURE,
    &SIGNATURE_MODE,
];

const SPACE: &str = "System.Security.Cryptography.";
const RSA_NAME: &str = "System.Security.Cryptography.RSA";
const OPEN_SSL_NAME: &str = "System.Security.Cryptography.RSAOpenSsl";
const PROVIDER_NAME: &str = "System.Security.Cryptography.RSACryptoServiceProvider";

pub static ASYMMETRIC: TypeDef = TypeDef::new(
    "System.Security.Cryptography.AsymmetricAlgorithm",
    Kind::Class,
    &[&[
        method("void Clear()", dispose),
        static_method("AsymmetricAlgorithm Create()", |_, _| Err(no_automatic_selection())),
        static_method("AsymmetricAlgorithm Create(string algName)", |cx, a| {
            named(cx, a[0], "System.Security.Cryptography.AsymmetricAlgorithm")
        }),
        method("void Dispose()", dispose),
        method("byte[] ExportPkcs8PrivateKey()", |cx, a| {
            export(cx, a[0], |key| key.write_pkcs8().ok_or_else(no_private))
        }),
        method("byte[] ExportSubjectPublicKeyInfo()", |cx, a| export(cx, a[0], |key| Ok(key.write_public_info()))),
        method("void FromXmlString(string xmlString)", from_xml),
        property("string KeyExchangeAlgorithm { get; }", |cx, _| cx.new_str("RSA")),
        property_set("int KeySize { get; set; }", key_size, set_key_size),
        property("KeySizes[] LegalKeySizes { get; }", |cx, _| key_sizes(cx, &[(512, 16_384, 8)])),
        property("string SignatureAlgorithm { get; }", |cx, _| cx.new_str("RSA")),
        method("string ToXmlString(bool includePrivateParameters)", to_xml),
    ]],
)
.interfaces(&["IDisposable"])
.is_abstract();

pub static RSA: TypeDef = TypeDef::new(RSA_NAME, Kind::Class, &[&[
    static_method("RSA Create(string algName)", |cx, a| named(cx, a[0], RSA_NAME)),
    static_method("RSA Create(int keySizeInBits)", |cx, a| {
        let bits = legal_size(int(a[0]))?;
        new(cx, RSA_NAME, bits, None)
    }),
    static_method("RSA Create(RSAParameters parameters)", |cx, a| {
        let key = numbers_of(cx, a[0])?;
        new(cx, RSA_NAME, key.bits() as i32, Some(Arc::new(key)))
    }),
    static_method("RSA Create()", |cx, _| new(cx, RSA_NAME, 2048, None)),
    method("byte[] Decrypt(byte[] data, RSAEncryptionPadding padding)", |cx, a| {
        let padding = encryption(cx, a[2])?;
        decrypt(cx, a[0], a[1], padding)
    }),
    method("byte[] DecryptValue(byte[] rgb)", |_, _| Err(Fault::not_supported("Method not supported."))),
    method("byte[] Encrypt(byte[] data, RSAEncryptionPadding padding)", |cx, a| {
        bytes(cx, a[1], "data")?;
        let padding = encryption(cx, a[2])?;
        encrypt(cx, a[0], a[1], padding)
    }),
    method("byte[] EncryptValue(byte[] rgb)", |_, _| Err(Fault::not_supported("Method not supported."))),
    method("RSAParameters ExportParameters(bool includePrivateParameters)", export_parameters),
    method("byte[] ExportRSAPrivateKey()", |cx, a| export(cx, a[0], |key| key.write_private().ok_or_else(no_private))),
    method("byte[] ExportRSAPublicKey()", |cx, a| export(cx, a[0], |key| Ok(key.write_public()))),
    method("void FromXmlString(string xmlString)", from_xml),
    method("void ImportParameters(RSAParameters parameters)", |cx, a| {
        let key = numbers_of(cx, a[1])?;
        put(cx, a[0], key)
    }),
    property("string KeyExchangeAlgorithm { get; }", |cx, _| cx.new_str("RSA")),
    method("byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", |cx, a| {
        let data = bytes(cx, a[1], "data")?.to_vec();
        sign(cx, a[0], Message::Data(data), a[2], a[3])
    }),
    method("byte[] SignData(byte[] data, int offset, int count, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", |cx, a| {
        let data = part(cx, a)?;
        sign(cx, a[0], Message::Data(data), a[4], a[5])
    }),
    method("byte[] SignData(Stream data, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", |cx, a| {
        let data = stream::rest(cx, a[1], "data")?;
        sign(cx, a[0], Message::Data(data), a[2], a[3])
    }),
    method("byte[] SignHash(byte[] hash, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", |cx, a| {
        let hash = bytes(cx, a[1], "hash")?.to_vec();
        sign(cx, a[0], Message::Hash(hash), a[2], a[3])
    }),
    property("string SignatureAlgorithm { get; }", |cx, _| cx.new_str("RSA")),
    method("string ToXmlString(bool includePrivateParameters)", to_xml),
    method("bool VerifyData(byte[] data, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", |cx, a| {
        let data = bytes(cx, a[1], "data")?.to_vec();
        verify(cx, a[0], Message::Data(data), [a[2], a[3], a[4]])
    }),
    method("bool VerifyData(byte[] data, int offset, int count, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", |cx, a| {
        let data = part(cx, a)?;
        verify(cx, a[0], Message::Data(data), [a[4], a[5], a[6]])
    }),
    method("bool VerifyData(Stream data, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", |cx, a| {
        let data = stream::rest(cx, a[1], "data")?;
        verify(cx, a[0], Message::Data(data), [a[2], a[3], a[4]])
    }),
    method("bool VerifyHash(byte[] hash, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", |cx, a| {
        let hash = bytes(cx, a[1], "hash")?.to_vec();
        verify(cx, a[0], Message::Hash(hash), [a[2], a[3], a[4]])
    }),
]])
.base("AsymmetricAlgorithm")
.is_abstract();

/// What certificates hand out.
pub static OPEN_SSL: TypeDef = TypeDef::new(OPEN_SSL_NAME, Kind::Class, &[]).base("RSACng").off_list();

/// What keys are on Windows: published policies cast to it.
pub static CNG: TypeDef =
    TypeDef::new("System.Security.Cryptography.RSACng", Kind::Class, &[]).base("RSA").is_abstract().off_list();

pub static PROVIDER: TypeDef = TypeDef::new(
    PROVIDER_NAME,
    Kind::Class,
    &[&[
        constructor("RSACryptoServiceProvider()", |cx, _| new(cx, PROVIDER_NAME, 1024, None)),
        constructor("RSACryptoServiceProvider(int dwKeySize)", |cx, a| {
            let bits = legal_size(int(a[0]))?;
            new(cx, PROVIDER_NAME, bits, None)
        }),
        method("byte[] Encrypt(byte[] rgb, bool fOAEP)", |cx, a| {
            bytes(cx, a[1], "rgb")?;
            encrypt(cx, a[0], a[1], old_padding(a[2]))
        }),
        method("byte[] Decrypt(byte[] rgb, bool fOAEP)", |cx, a| decrypt(cx, a[0], a[1], old_padding(a[2]))),
    ]],
)
.base("RSA")
.off_list();

fn old_padding(oaep: Value) -> Encryption {
    if bool(oaep) { Encryption::Oaep(Algorithm::Sha1) } else { Encryption::Pkcs1 }
}

// ---- objects

/// An `RSA` object: its key is made when somebody first needs it.
#[derive(Debug)]
struct Rsa {
    bits: i32,
    key: Option<Arc<Key>>,
    disposed: bool,
}

fn new(cx: &mut Call<'_>, ty: &str, bits: i32, key: Option<Arc<Key>>) -> Result {
    cx.heap.charge(bits.unsigned_abs() as usize)?;
    cx.heap.new_extension(TypeId::named(ty), Rsa { bits, key, disposed: false })
}

/// The `RSA` of a certificate's key.
pub fn new_rsa(cx: &mut Call<'_>, key: Arc<Key>) -> Result {
    let bits = key.bits() as i32;
    new(cx, OPEN_SSL_NAME, bits, Some(key))
}

/// The key of an `RSA` object, made now if there is none yet.
pub fn key_of(cx: &mut Call<'_>, this: Value) -> Result<Arc<Key>> {
    let own = cx.this::<Rsa>(this)?;
    if own.disposed {
        return Err(super::disposed("RSA"));
    }
    if let Some(key) = &own.key {
        return Ok(Arc::clone(key));
    }
    let bits = own.bits as usize;
    // About a hundred candidates are tried, each with modular powers of half the length.
    let words = bits / 64 + 1;
    cx.charge_fuel(words * words * bits * 2)?;
    let made =
        Key::generate(bits, &mut Noise(cx.host)).ok_or_else(|| cryptographic("The key could not be generated."))?;
    let made = Arc::new(made);
    cx.this_mut::<Rsa>(this)?.key = Some(Arc::clone(&made));
    Ok(made)
}

fn put(cx: &mut Call<'_>, this: Value, key: Key) -> Result {
    let own = cx.this_mut::<Rsa>(this)?;
    own.bits = key.bits() as i32;
    own.key = Some(Arc::new(key));
    Ok(Value::Null)
}

pub(super) fn create(cx: &mut Call<'_>, name: Value) -> Result {
    let name = cx.text(name, "name")?.into_owned();
    match short_name(&name.to_ascii_uppercase()) {
        (_, "RSA" | "RSACRYPTOSERVICEPROVIDER") | (true, "ASYMMETRICALGORITHM") => new(cx, PROVIDER_NAME, 1024, None),
        (_, "DSA" | "DSACRYPTOSERVICEPROVIDER" | "ECDSA" | "ECDSACNG" | "ECDIFFIEHELLMAN" | "ECDH") => {
            Err(Fault::not_supported(format!("{SPACE}{name} is not among the algorithms that expressions may use.")))
        }
        _ => Ok(Value::Null),
    }
}

fn legal_size(bits: i32) -> Result<i32> {
    if (512..=16_384).contains(&bits) && bits % 8 == 0 {
        return Ok(bits);
    }
    Err(cryptographic("Specified key is not a valid size for this algorithm."))
}

fn key_size(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Int32(cx.this::<Rsa>(a[0])?.bits))
}

fn set_key_size(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = cx.this_mut::<Rsa>(a[0])?;
    if own.bits != int(a[1]) {
        own.bits = legal_size(int(a[1]))?;
        own.key = None;
    }
    Ok(Value::Null)
}

fn dispose(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.this_mut::<Rsa>(a[0])?.disposed = true;
    Ok(Value::Null)
}

fn no_private() -> Fault {
    cryptographic("Object contains only the public half of a key pair. A private key must also be provided.")
}

fn export(cx: &mut Call<'_>, this: Value, write: fn(&Key) -> Result<Vec<u8>>) -> Result {
    let key = key_of(cx, this)?;
    let written = write(&key)?;
    cx.heap.new_bytes(written)
}

// ---- encryption and signatures

fn encrypt(cx: &mut Call<'_>, this: Value, data: Value, padding: Encryption) -> Result {
    let data = bytes(cx, data, "data")?.to_vec();
    let key = key_of(cx, this)?;
    cx.charge_fuel(key.cost(false))?;
    if let Some(most) = padding.most(key.bits().div_ceil(8)).filter(|&most| data.len() > most) {
        let message = format!("The message exceeds the maximum allowable length for the chosen options ({most}).");
        return Err(cryptographic(message));
    }
    let made = key.encrypt(&data, padding, &mut Noise(cx.host)).map_err(cryptographic)?;
    cx.heap.new_bytes(made)
}

fn decrypt(cx: &mut Call<'_>, this: Value, data: Value, padding: Encryption) -> Result {
    let data = bytes(cx, data, "data")?.to_vec();
    let key = key_of(cx, this)?;
    cx.charge_fuel(key.cost(true))?;
    let made = key.decrypt(&data, padding, &mut Noise(cx.host)).map_err(cryptographic)?;
    cx.heap.new_bytes(made)
}

/// What is signed: data that is to be hashed, or a hash.
enum Message {
    Data(Vec<u8>),
    Hash(Vec<u8>),
}

fn part(cx: &Call<'_>, a: &[Value]) -> Result<Vec<u8>> {
    let data = bytes(cx, a[1], "data")?;
    let wrong = |name| Fault::out_of_range("Specified argument was out of the range of valid values.", name);
    let offset = usize::try_from(int(a[2])).ok().filter(|&at| at <= data.len()).ok_or_else(|| wrong("offset"))?;
    let count = usize::try_from(int(a[3])).ok().filter(|&n| n <= data.len() - offset).ok_or_else(|| wrong("count"))?;
    Ok(data[offset..offset + count].to_vec())
}

/// The algorithm, the padding and the hash of a message; the padding is looked at last.
fn hashed(cx: &mut Call<'_>, message: Message, name: Value, padding: Value) -> Result<(Algorithm, Signature, Vec<u8>)> {
    if matches!(hashing::name_of(cx, name), None | Some("")) {
        algorithm_of(cx, name)?;
    }
    let padding = cx.heap.extension::<SignaturePadding>(padding).ok_or_else(|| Fault::argument_null("padding"))?.0;
    let algorithm = algorithm_of(cx, name)?;
    Ok(match message {
        Message::Hash(hash) => (algorithm, padding, hash),
        Message::Data(data) => {
            cx.charge_fuel(data.len() / 16 + 1)?;
            (algorithm, padding, algorithm.hash(&data).to_vec())
        }
    })
}

fn sign(cx: &mut Call<'_>, this: Value, message: Message, name: Value, padding: Value) -> Result {
    let (algorithm, padding, hash) = hashed(cx, message, name, padding)?;
    let key = key_of(cx, this)?;
    cx.charge_fuel(key.cost(true))?;
    let made = key.sign(&hash, algorithm, padding, &mut Noise(cx.host)).map_err(cryptographic)?;
    cx.heap.new_bytes(made)
}

/// `how`: signature, hash algorithm, padding.
fn verify(cx: &mut Call<'_>, this: Value, message: Message, how: [Value; 3]) -> Result {
    let signature = bytes(cx, how[0], "signature")?.to_vec();
    let (algorithm, padding, hash) = hashed(cx, message, how[1], how[2])?;
    let key = key_of(cx, this)?;
    cx.charge_fuel(key.cost(false))?;
    Ok(Value::Bool(key.verify(&hash, &signature, algorithm, padding)))
}

// ---- XML

const XML_NAMES: [&str; 6] = ["P", "Q", "DP", "DQ", "InverseQ", "D"];

fn to_xml(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let key = key_of(cx, a[0])?;
    let numbers = padded(&key.numbers);
    let mut out = String::from("<RSAKeyValue>");
    let mut add = |name: &str, number: &[u8]| {
        out.push_str(&format!("<{name}>{}</{name}>", STANDARD.encode(number)));
    };
    add("Modulus", &numbers.modulus);
    add("Exponent", &numbers.exponent);
    if bool(a[1]) {
        let own = numbers.private.as_ref().ok_or_else(no_private)?;
        for (name, number) in XML_NAMES.iter().zip([&own.p, &own.q, &own.dp, &own.dq, &own.inverse_q, &own.d]) {
            add(name, number);
        }
    }
    out.push_str("</RSAKeyValue>");
    cx.new_str(&out)
}

fn from_xml(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let xml = cx.text(a[1], "xmlString")?.into_owned();
    cx.charge_fuel(xml.len() / 4)?;
    if !xml.trim_start().starts_with('<') || !xml.trim_end().ends_with('>') {
        return Err(cryptographic("The provided XML could not be read."));
    }
    let element = |name: &str| -> Option<Vec<u8>> {
        let (_, rest) = xml.split_once(&format!("<{name}>"))?;
        let (text, _) = rest.split_once(&format!("</{name}>"))?;
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        STANDARD.decode(text).ok()
    };
    let wrong = |name: &str| {
        cryptographic(format!("Input string does not contain a valid encoding of the 'RSA' '{name}' parameter."))
    };
    let modulus = element("Modulus").ok_or_else(|| wrong("Modulus"))?;
    let exponent = element("Exponent").ok_or_else(|| wrong("Exponent"))?;
    let private = match XML_NAMES.map(element) {
        [Some(p), Some(q), Some(dp), Some(dq), Some(inverse_q), Some(d)] => {
            Some(PrivateNumbers { d, p, q, dp, dq, inverse_q })
        }
        _ => None,
    };
    let key = import(Numbers { modulus, exponent, private })?;
    put(cx, a[0], key)
}

// ---- RSAParameters

pub static PARAMETERS: TypeDef = TypeDef::new(
    "System.Security.Cryptography.RSAParameters",
    Kind::Struct,
    &[&[
        property_set("byte[] Modulus { get; set; }", |cx, a| field::<0>(cx, a), |cx, a| set_field::<0>(cx, a)),
        property_set("byte[] Exponent { get; set; }", |cx, a| field::<1>(cx, a), |cx, a| set_field::<1>(cx, a)),
        property_set("byte[] D { get; set; }", |cx, a| field::<2>(cx, a), |cx, a| set_field::<2>(cx, a)),
        property_set("byte[] P { get; set; }", |cx, a| field::<3>(cx, a), |cx, a| set_field::<3>(cx, a)),
        property_set("byte[] Q { get; set; }", |cx, a| field::<4>(cx, a), |cx, a| set_field::<4>(cx, a)),
        property_set("byte[] DP { get; set; }", |cx, a| field::<5>(cx, a), |cx, a| set_field::<5>(cx, a)),
        property_set("byte[] DQ { get; set; }", |cx, a| field::<6>(cx, a), |cx, a| set_field::<6>(cx, a)),
        property_set("byte[] InverseQ { get; set; }", |cx, a| field::<7>(cx, a), |cx, a| set_field::<7>(cx, a)),
    ]],
)
.off_list();

/// Modulus, Exponent, D, P, Q, DP, DQ, InverseQ.
#[derive(Debug)]
struct Parameters([Value; 8]);

/// `default(RSAParameters)` and `new RSAParameters()`.
pub fn no_parameters(heap: &mut Heap) -> Result {
    heap.new_extension(type_of("RSAParameters"), Parameters([Value::Null; 8]))
}

fn field<const AT: usize>(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(cx.this::<Parameters>(a[0])?.0[AT])
}

fn set_field<const AT: usize>(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.this_mut::<Parameters>(a[0])?.0[AT] = a[1];
    Ok(Value::Null)
}

fn numbers_of(cx: &mut Call<'_>, parameters: Value) -> Result<Key> {
    let fields = cx.heap.extension::<Parameters>(parameters).map_or([Value::Null; 8], |own| own.0);
    let [modulus, exponent, d, p, q, dp, dq, inverse_q] = fields.map(|v| cx.heap.bytes(v).map(<[u8]>::to_vec));
    let invalid = || cryptographic("Value was invalid.");
    let (modulus, exponent) = (modulus.ok_or_else(invalid)?, exponent.ok_or_else(invalid)?);
    let private = match (d, [p, q, dp, dq, inverse_q]) {
        (None, [None, None, None, None, None]) => None,
        (Some(d), [Some(p), Some(q), Some(dp), Some(dq), Some(inverse_q)]) => {
            Some(PrivateNumbers { d, p, q, dp, dq, inverse_q })
        }
        _ => return Err(invalid()),
    };
    import(Numbers { modulus, exponent, private })
}

/// The key of numbers from outside.
fn import(mut numbers: Numbers) -> Result<Key> {
    let strip = |number: &mut Vec<u8>| *number = super::der::unsigned(number).to_vec();
    strip(&mut numbers.modulus);
    strip(&mut numbers.exponent);
    if let Some(own) = &mut numbers.private {
        for number in [&mut own.d, &mut own.p, &mut own.q, &mut own.dp, &mut own.dq, &mut own.inverse_q] {
            strip(number);
        }
    }
    Key::new(numbers).ok_or_else(|| cryptographic("The specified RSA parameters are not valid."))
}

/// The numbers at the lengths that an export has.
fn padded(numbers: &Numbers) -> Numbers {
    let mut numbers = numbers.clone();
    let whole = numbers.modulus.len();
    let half = whole.div_ceil(2);
    let pad = |number: &mut Vec<u8>, len: usize| {
        let missing = len.saturating_sub(number.len());
        number.splice(0..0, std::iter::repeat_n(0, missing));
    };
    if let Some(own) = &mut numbers.private {
        pad(&mut own.d, whole);
        for number in [&mut own.p, &mut own.q, &mut own.dp, &mut own.dq, &mut own.inverse_q] {
            pad(number, half);
        }
    }
    numbers
}

fn export_parameters(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let key = key_of(cx, a[0])?;
    let numbers = padded(&key.numbers);
    let mut fields = [Value::Null; 8];
    fields[0] = cx.heap.new_bytes(numbers.modulus)?;
    fields[1] = cx.heap.new_bytes(numbers.exponent)?;
    if bool(a[1]) {
        let own = numbers.private.ok_or_else(no_private)?;
        for (at, number) in [own.d, own.p, own.q, own.dp, own.dq, own.inverse_q].into_iter().enumerate() {
            fields[at + 2] = cx.heap.new_bytes(number)?;
        }
    }
    cx.heap.new_extension(type_of("RSAParameters"), Parameters(fields))
}

// ---- paddings

pub static ENCRYPTION: TypeDef = TypeDef::new(
    "System.Security.Cryptography.RSAEncryptionPadding",
    Kind::Class,
    &[&[
        static_method("RSAEncryptionPadding CreateOaep(HashAlgorithmName hashAlgorithm)", |cx, a| {
            match hashing::name_of(cx, a[0]).map(str::to_owned) {
                Some(name) if !name.is_empty() => oaep(cx, &name),
                _ => Err(Fault::argument("The hash algorithm name cannot be null or empty.", "hashAlgorithm")),
            }
        }),
        method("bool Equals(object obj)", same_encryption),
        method("bool Equals(RSAEncryptionPadding other)", same_encryption),
        method("int GetHashCode()", |cx, a| {
            let text = cx.this::<EncryptionPadding>(a[0])?.text();
            Ok(Value::Int32(super::super::object::fnv(text.encode_utf16())))
        }),
        property("RSAEncryptionPaddingMode Mode { get; }", |cx, a| {
            let value = i64::from(cx.this::<EncryptionPadding>(a[0])?.0.is_some());
            Ok(Value::Enum { ty: type_of("RSAEncryptionPaddingMode"), value })
        }),
        property("HashAlgorithmName OaepHashAlgorithm { get; }", |cx, a| {
            let name = cx.this::<EncryptionPadding>(a[0])?.0.clone();
            new_hash_name(cx, name.as_deref())
        }),
        static_property("RSAEncryptionPadding OaepSHA1", |cx, _| oaep(cx, "SHA1")),
        static_property("RSAEncryptionPadding OaepSHA256", |cx, _| oaep(cx, "SHA256")),
        static_property("RSAEncryptionPadding OaepSHA384", |cx, _| oaep(cx, "SHA384")),
        static_property("RSAEncryptionPadding OaepSHA512", |cx, _| oaep(cx, "SHA512")),
        static_property("RSAEncryptionPadding Pkcs1", |cx, _| {
            cx.heap.new_extension(type_of("RSAEncryptionPadding"), EncryptionPadding(None))
        }),
        method("string ToString()", |cx, a| {
            let text = cx.this::<EncryptionPadding>(a[0])?.text();
            cx.new_str(&text)
        }),
        operator("bool op_Equality(RSAEncryptionPadding left, RSAEncryptionPadding right)", same_encryption),
        operator("bool op_Inequality(RSAEncryptionPadding left, RSAEncryptionPadding right)", |cx, a| {
            let (left, right) = (cx.heap.extension::<EncryptionPadding>(a[0]), cx.heap.extension(a[1]));
            Ok(Value::Bool(left != right))
        }),
    ]],
)
.interfaces(&["IEquatable<RSAEncryptionPadding>"]);

pub static ENCRYPTION_MODE: TypeDef = TypeDef::new(
    "System.Security.Cryptography.RSAEncryptionPaddingMode",
    Kind::Enum,
    &[&[enum_value("Pkcs1 = 0", 0), enum_value("Oaep = 1", 1)]],
)
.off_list();

/// The hash of OAEP; none is PKCS #1.
#[derive(Debug, PartialEq, Eq)]
struct EncryptionPadding(Option<String>);

impl EncryptionPadding {
    fn text(&self) -> String {
        self.0.as_ref().map_or_else(|| "Pkcs1".to_owned(), |hash| format!("Oaep{hash}"))
    }
}

fn oaep(cx: &mut Call<'_>, hash: &str) -> Result {
    cx.heap.new_extension(type_of("RSAEncryptionPadding"), EncryptionPadding(Some(hash.to_owned())))
}

fn same_encryption(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (left, right) = (cx.heap.extension::<EncryptionPadding>(a[0]), cx.heap.extension(a[1]));
    Ok(Value::Bool(left == right))
}

fn encryption(cx: &Call<'_>, padding: Value) -> Result<Encryption> {
    let padding = cx.heap.extension::<EncryptionPadding>(padding).ok_or_else(|| Fault::argument_null("padding"))?;
    match &padding.0 {
        None => Ok(Encryption::Pkcs1),
        Some(hash) => Algorithm::named(hash)
            .map(Encryption::Oaep)
            .ok_or_else(|| cryptographic(format!("'{hash}' is not a known hash algorithm."))),
    }
}

pub static SIGNATURE: TypeDef = TypeDef::new(
    "System.Security.Cryptography.RSASignaturePadding",
    Kind::Class,
    &[&[
        method("bool Equals(object obj)", same_signature),
        method("bool Equals(RSASignaturePadding other)", same_signature),
        method("int GetHashCode()", |cx, a| Ok(Value::Int32(cx.this::<SignaturePadding>(a[0])?.0 as i32))),
        property("RSASignaturePaddingMode Mode { get; }", |cx, a| {
            let value = cx.this::<SignaturePadding>(a[0])?.0 as i64;
            Ok(Value::Enum { ty: type_of("RSASignaturePaddingMode"), value })
        }),
        static_property("RSASignaturePadding Pkcs1", |cx, _| {
            cx.heap.new_extension(type_of("RSASignaturePadding"), SignaturePadding(Signature::Pkcs1))
        }),
        static_property("RSASignaturePadding Pss", |cx, _| {
            cx.heap.new_extension(type_of("RSASignaturePadding"), SignaturePadding(Signature::Pss))
        }),
        method("string ToString()", |cx, a| match cx.this::<SignaturePadding>(a[0])?.0 {
            Signature::Pkcs1 => cx.new_str("Pkcs1"),
            Signature::Pss => cx.new_str("Pss"),
        }),
        operator("bool op_Equality(RSASignaturePadding left, RSASignaturePadding right)", same_signature),
        operator("bool op_Inequality(RSASignaturePadding left, RSASignaturePadding right)", |cx, a| {
            let (left, right) = (cx.heap.extension::<SignaturePadding>(a[0]), cx.heap.extension(a[1]));
            Ok(Value::Bool(left != right))
        }),
    ]],
)
.interfaces(&["IEquatable<RSASignaturePadding>"]);

pub static SIGNATURE_MODE: TypeDef = TypeDef::new(
    "System.Security.Cryptography.RSASignaturePaddingMode",
    Kind::Enum,
    &[&[enum_value("Pkcs1 = 0", 0), enum_value("Pss = 1", 1)]],
)
.off_list();

#[derive(Debug, PartialEq, Eq)]
struct SignaturePadding(Signature);

fn same_signature(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (left, right) = (cx.heap.extension::<SignaturePadding>(a[0]), cx.heap.extension(a[1]));
    Ok(Value::Bool(left == right))
}
