//! `X509Certificate`, `X509Certificate2` and what they show. Certificates never change and are never read from a file or a
//! store; what `Verify` trusts are the authorities of the gateway.

mod certificate;
mod files;
mod name;
mod pieces;
mod pkcs12;
mod show;

use super::hashing::{Algorithm, algorithm_of};
use super::key::Key;
use super::oid::new_oid;
use super::rsa::{key_of, new_rsa};
use super::{Result, cryptographic, random_bytes, secure_string};
use crate::dotnet::call::{Call, bool, enumeration};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{
    Form, Kind, Row, TypeDef, constructor, method, property, property_set, static_method, type_of,
};
use crate::dotnet::system::date_time::now;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::{DateTime, Kind as Clock, Value};
use certificate::Certificate;
use files::pem;
pub use files::{Parts, parts};
use name::NameType;
use pkcs12::Trouble;

use pieces::{
    BASIC_CONSTRAINTS, CONTENT_TYPE, DISTINGUISHED_NAME, ENHANCED_KEY_USAGE, EXTENSION, EXTENSIONS, KEY_USAGE,
    NAME_TYPE, PUBLIC_KEY, PublicKey, STORAGE_FLAGS, SUBJECT_KEY, distinguished_name, extensions,
};
use std::sync::Arc;

pub static TYPES: &[&TypeDef] = &[
    &CERTIFICATE,
    &CERTIFICATE2,
    &PUBLIC_KEY,
    &DISTINGUISHED_NAME,
    &RSA_EXTENSIONS,
    &CONTENT_TYPE,
    &NAME_TYPE,
    &STORAGE_FLAGS,
    &EXTENSIONS,
    &EXTENSION,
    &KEY_USAGE,
    &ENHANCED_KEY_USAGE,
    &BASIC_CONSTRAINTS,
    &SUBJECT_KEY,
];

const TWO: &str = "System.Security.Cryptography.X509Certificates.X509Certificate2";

/// A certificate object: empty until it is given one, with the private key where it is known.
#[derive(Clone, Debug, Default)]
struct Held {
    certificate: Option<Arc<Certificate>>,
    key: Option<Arc<Key>>,
}

const NO_HANDLES: &str = "there are no handles of the operating system here";

macro_rules! constructors {
    ($name:literal, $first:literal, $copied:literal) => {
        &[
            constructor(concat!($name, "()"), |cx, _| new(cx, Held::default())),
            constructor(concat!($name, "(byte[] ", $first, ")"), from_bytes),
            constructor(concat!($name, "(byte[] rawData, string password)"), from_bytes),
            constructor(concat!($name, "(byte[] rawData, SecureString password)"), from_bytes),
            constructor(
                concat!($name, "(byte[] rawData, string password, X509KeyStorageFlags keyStorageFlags)"),
                from_bytes,
            ),
            constructor(
                concat!($name, "(byte[] rawData, SecureString password, X509KeyStorageFlags keyStorageFlags)"),
                from_bytes,
            ),
            Row::refused(Form::Constructor, true, concat!($name, "(IntPtr handle)"), NO_HANDLES),
            constructor(concat!($name, "(string fileName)"), no_file),
            constructor(concat!($name, "(string fileName, string password)"), no_file),
            constructor(concat!($name, "(string fileName, SecureString password)"), no_file),
            constructor(
                concat!($name, "(string fileName, string password, X509KeyStorageFlags keyStorageFlags)"),
                no_file,
            ),
            constructor(
                concat!($name, "(string fileName, SecureString password, X509KeyStorageFlags keyStorageFlags)"),
                no_file,
            ),
            constructor(concat!($name, "(X509Certificate ", $copied, ")"), |cx, a| {
                let held = cx.heap.extension::<Held>(a[0]).cloned().ok_or_else(|| Fault::argument_null("cert"))?;
                new(cx, held)
            }),
        ]
    };
}

const IMPORTS: &[Row] = &[
    method("void Import(byte[] rawData)", immutable),
    method("void Import(byte[] rawData, string password, X509KeyStorageFlags keyStorageFlags)", immutable),
    method("void Import(byte[] rawData, SecureString password, X509KeyStorageFlags keyStorageFlags)", immutable),
    method("void Import(string fileName)", immutable),
    method("void Import(string fileName, string password, X509KeyStorageFlags keyStorageFlags)", immutable),
    method("void Import(string fileName, SecureString password, X509KeyStorageFlags keyStorageFlags)", immutable),
];

pub static CERTIFICATE: TypeDef = TypeDef::new(
    "System.Security.Cryptography.X509Certificates.X509Certificate",
    Kind::Class,
    &[constructors!("X509Certificate", "data", "cert"), IMPORTS, CERTIFICATE_ROWS],
)
.interfaces(&["IDisposable"]);

const CERTIFICATE_ROWS: &[Row] = &[
    static_method("X509Certificate CreateFromCertFile(string filename)", no_file),
    static_method("X509Certificate CreateFromSignedFile(string filename)", no_file),
    method("void Dispose()", reset),
    method("bool Equals(object obj)", equals),
    method("bool Equals(X509Certificate other)", equals),
    method("byte[] Export(X509ContentType contentType)", export),
    method("byte[] Export(X509ContentType contentType, string password)", export),
    method("byte[] Export(X509ContentType contentType, SecureString password)", export),
    method("byte[] GetCertHash()", |cx, a| {
        let hash = certificate(cx, a[0])?.thumbprint(Algorithm::Sha1);
        cx.heap.new_bytes(hash)
    }),
    method("byte[] GetCertHash(HashAlgorithmName hashAlgorithm)", |cx, a| {
        let hash = certificate(cx, a[0])?.thumbprint(algorithm_of(cx, a[1])?);
        cx.heap.new_bytes(hash)
    }),
    method("string GetCertHashString()", thumbprint),
    method("string GetCertHashString(HashAlgorithmName hashAlgorithm)", |cx, a| {
        let hash = certificate(cx, a[0])?.thumbprint(algorithm_of(cx, a[1])?);
        cx.new_str(&hex(&hash))
    }),
    method("string GetEffectiveDateString()", |cx, a| {
        let date = show::date(certificate(cx, a[0])?.not_before);
        cx.new_str(&date)
    }),
    method("string GetExpirationDateString()", |cx, a| {
        let date = show::date(certificate(cx, a[0])?.not_after);
        cx.new_str(&date)
    }),
    method("string GetFormat()", |cx, _| cx.new_str("X509")),
    method("int GetHashCode()", |cx, a| {
        let held = cx.this::<Held>(a[0])?;
        let hash = held.certificate.as_ref().map(|own| own.thumbprint(Algorithm::Sha1));
        let first = hash.map_or([0; 4], |hash| [hash[0], hash[1], hash[2], hash[3]]);
        Ok(Value::Int32(i32::from_be_bytes(first)))
    }),
    method("string GetIssuerName()", |cx, a| {
        let name = name::text(&certificate(cx, a[0])?.issuer, false);
        cx.new_str(&name)
    }),
    method("string GetKeyAlgorithm()", |cx, a| {
        let oid = certificate(cx, a[0])?.key_algorithm.clone();
        cx.new_str(&oid)
    }),
    method("byte[] GetKeyAlgorithmParameters()", |cx, a| {
        let bytes = certificate(cx, a[0])?.key_parameters.clone();
        cx.heap.new_bytes(bytes)
    }),
    method("string GetKeyAlgorithmParametersString()", |cx, a| {
        let bytes = hex(&certificate(cx, a[0])?.key_parameters);
        cx.new_str(&bytes)
    }),
    method("string GetName()", |cx, a| {
        let name = name::text(&certificate(cx, a[0])?.subject, false);
        cx.new_str(&name)
    }),
    method("byte[] GetPublicKey()", |cx, a| {
        let bytes = certificate(cx, a[0])?.public_key.clone();
        cx.heap.new_bytes(bytes)
    }),
    method("string GetPublicKeyString()", |cx, a| {
        let bytes = hex(&certificate(cx, a[0])?.public_key);
        cx.new_str(&bytes)
    }),
    method("byte[] GetRawCertData()", raw_data),
    method("string GetRawCertDataString()", |cx, a| {
        let bytes = hex(&certificate(cx, a[0])?.raw);
        cx.new_str(&bytes)
    }),
    method("byte[] GetSerialNumber()", |cx, a| {
        let bytes = certificate(cx, a[0])?.serial.iter().rev().copied().collect();
        cx.heap.new_bytes(bytes)
    }),
    method("string GetSerialNumberString()", serial_number),
    Row::refused(Form::Property, false, "IntPtr Handle { get; }", NO_HANDLES),
    property("string Issuer { get; }", |cx, a| {
        let name = name::text(&certificate(cx, a[0])?.issuer, true);
        cx.new_str(&name)
    }),
    method("void Reset()", reset),
    property("string Subject { get; }", |cx, a| {
        let name = name::text(&certificate(cx, a[0])?.subject, true);
        cx.new_str(&name)
    }),
    method("string ToString()", |cx, a| to_string(cx, a[0], None)),
    method("string ToString(bool fVerbose)", |cx, a| to_string(cx, a[0], Some(bool(a[1])))),
];

pub static CERTIFICATE2: TypeDef = TypeDef::new(
    TWO,
    Kind::Class,
    &[constructors!("X509Certificate2", "rawData", "certificate"), IMPORTS, CERTIFICATE2_ROWS],
)
.base("X509Certificate");

const CERTIFICATE2_ROWS: &[Row] = &[
    property_set(
        "bool Archived { get; set; }",
        |cx, a| certificate(cx, a[0]).map(|_| Value::Bool(false)),
        |cx, a| {
            certificate(cx, a[0])?;
            Err(platform("The Archived property cannot be set on Unix."))
        },
    ),
    property("X509ExtensionCollection Extensions { get; }", extensions),
    property_set(
        "string FriendlyName { get; set; }",
        |cx, a| {
            certificate(cx, a[0])?;
            cx.new_str("")
        },
        |cx, a| {
            certificate(cx, a[0])?;
            Err(platform("The FriendlyName value cannot be set on Unix."))
        },
    ),
    static_method("X509ContentType GetCertContentType(byte[] rawData)", content_type),
    static_method("X509ContentType GetCertContentType(string fileName)", no_file),
    method("string GetNameInfo(X509NameType nameType, bool forIssuer)", |cx, a| {
        let own = cx.this::<Held>(a[0])?.certificate.clone().ok_or_else(Fault::null_reference)?;
        let kind = NameType::of(enumeration(a[1])).ok_or_else(|| cryptographic("Invalid content type."))?;
        cx.new_str(&name::info(&own, kind, bool(a[2])))
    }),
    property("bool HasPrivateKey { get; }", |cx, a| {
        certificate(cx, a[0])?;
        Ok(Value::Bool(cx.this::<Held>(a[0])?.key.is_some()))
    }),
    property("X500DistinguishedName IssuerName { get; }", |cx, a| {
        let name = certificate(cx, a[0])?.issuer.clone();
        distinguished_name(cx, name)
    }),
    property("DateTime NotAfter { get; }", |cx, a| Ok(local(certificate(cx, a[0])?.not_after))),
    property("DateTime NotBefore { get; }", |cx, a| Ok(local(certificate(cx, a[0])?.not_before))),
    property_set(
        "AsymmetricAlgorithm PrivateKey { get; set; }",
        |cx, a| {
            certificate(cx, a[0])?;
            private_key(cx, a[0])
        },
        |_, _| Err(platform("Operation is not supported on this platform.")),
    ),
    property("PublicKey PublicKey { get; }", |cx, a| {
        let own = certificate(cx, a[0])?;
        cx.heap.new_extension(type_of("PublicKey"), PublicKey::of(&own))
    }),
    property("byte[] RawData { get; }", raw_data),
    method("void Reset()", reset),
    property("string SerialNumber { get; }", serial_number),
    property("Oid SignatureAlgorithm { get; }", |cx, a| {
        let oid = certificate(cx, a[0])?.signature_algorithm.clone();
        new_oid(cx, &oid)
    }),
    property("X500DistinguishedName SubjectName { get; }", |cx, a| {
        let name = certificate(cx, a[0])?.subject.clone();
        distinguished_name(cx, name)
    }),
    property("string Thumbprint { get; }", thumbprint),
    method("string ToString()", |cx, a| to_string(cx, a[0], None)),
    method("string ToString(bool verbose)", |cx, a| to_string(cx, a[0], Some(bool(a[1])))),
    method("bool Verify()", verify),
    property("int Version { get; }", |cx, a| Ok(Value::Int32(certificate(cx, a[0])?.version))),
];

// ---- making

const UNREADABLE: &str = "error:0D07803A:asn1 encoding routines:asn1_item_embed_d2i:nested asn1 error";
const UNKNOWN: &str = "Error occurred during a cryptographic operation.";
const WRONG_PASSWORD: &str = "error:23076071:PKCS12 routines:PKCS12_parse:mac verify failure";
const WRONG_CONTENT: &str = "Invalid content type.";

fn platform(message: &str) -> Fault {
    Fault::throw("System.PlatformNotSupportedException", message)
}

fn immutable(_: &mut Call<'_>, _: &[Value]) -> Result {
    Err(platform("X509Certificate is immutable on this platform. Use the equivalent constructor instead."))
}

/// No file is ever there.
fn no_file(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.text(a[0], "fileName")?;
    Err(cryptographic("error:2006D080:BIO routines:BIO_new_file:no such file"))
}

/// A certificate of the type that the constructor is of.
fn new(cx: &mut Call<'_>, held: Held) -> Result {
    let ty = cx.returns;
    cx.heap.charge(held.certificate.as_ref().map_or(0, |own| own.raw.len() * 3))?;
    cx.heap.new_extension(ty, held)
}

/// The `X509Certificate2` of bytes that somebody else holds: DER, PEM, or PKCS #12 under a password.
pub fn of_bytes(cx: &mut Call<'_>, data: &[u8], password: &str) -> Result {
    let held = load(cx, data, password)?;
    cx.heap.charge(data.len() * 3)?;
    cx.heap.new_extension(TypeId::named(TWO), held)
}

/// The `X509Certificate2` of a certificate and its private key: DER, and DER of PKCS #8.
pub fn of_parts(cx: &mut Call<'_>, data: &[u8], key: &[u8]) -> Result {
    let mut held = load(cx, data, "")?;
    held.key = Key::read_pkcs8(key).map(Arc::new);
    cx.heap.charge(data.len() * 3 + key.len())?;
    cx.heap.new_extension(TypeId::named(TWO), held)
}

fn from_bytes(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (data, password, with_password) = (a[0], a.get(1).copied().unwrap_or(Value::Null), a.len() > 1);
    let data = cx.heap.bytes(data).unwrap_or_default().to_vec();
    if data.is_empty() {
        return match with_password {
            true => Err(Fault::argument("Array may not be empty or null.", "rawData")),
            false => new(cx, Held::default()),
        };
    }
    let password = secure_string::password(cx, password);
    let held = load(cx, &data, &password)?;
    new(cx, held)
}

fn load(cx: &mut Call<'_>, data: &[u8], password: &str) -> Result<Held> {
    cx.charge_fuel(data.len() / 8 + 100)?;
    let only = |certificate| Held { certificate: Some(Arc::new(certificate)), key: None };
    if let Some(found) = Certificate::read(data) {
        return Ok(only(found));
    }
    if let Some(found) = pem(data, "CERTIFICATE").and_then(|der| Certificate::read(&der)) {
        return Ok(only(found));
    }
    if is_pkcs7(data) {
        return Err(cryptographic("Cannot find the original signer."));
    }
    if !pkcs12::is_pkcs12(data) {
        return Err(cryptographic(UNREADABLE));
    }
    let contents = pkcs12::read(data, password, &mut |rounds| pay(cx, rounds)).map_err(trouble)?;
    let (certificate, key) = contents.into_pair().ok_or_else(|| cryptographic(UNREADABLE))?;
    Ok(Held { certificate: Some(Arc::new(certificate)), key: key.map(Arc::new) })
}

/// Forty units a round: a few million rounds are all that a request can pay for.
fn pay(cx: &mut Call<'_>, rounds: u64) -> Result<()> {
    cx.charge_fuel(usize::try_from(rounds.saturating_mul(40)).unwrap_or(usize::MAX))
}

fn trouble(trouble: Trouble) -> Fault {
    match trouble {
        Trouble::Broken => cryptographic(UNREADABLE),
        Trouble::Mac => cryptographic(WRONG_PASSWORD),
        Trouble::Fault(fault) => fault,
    }
}

fn is_pkcs7(data: &[u8]) -> bool {
    let signed = |data: &[u8]| {
        let oid = super::der::Reader(data).sequence().and_then(|mut info| info.oid());
        oid.as_deref() == Some("1.2.840.113549.1.7.2")
    };
    signed(data) || pem(data, "PKCS7").is_some_and(|der| signed(&der))
}

fn content_type(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let data = cx.heap.bytes(a[0]).unwrap_or_default();
    if data.is_empty() {
        return Err(Fault::argument("Array may not be empty or null.", "rawData"));
    }
    let is_certificate = |data: &[u8]| Certificate::read(data).is_some();
    let value = if is_certificate(data) || pem(data, "CERTIFICATE").is_some_and(|der| is_certificate(&der)) {
        1
    } else if is_pkcs7(data) {
        5
    } else if pkcs12::is_pkcs12(data) {
        3
    } else {
        return Err(cryptographic(UNKNOWN));
    };
    Ok(Value::Enum { ty: type_of("X509ContentType"), value })
}

fn reset(cx: &mut Call<'_>, a: &[Value]) -> Result {
    *cx.this_mut::<Held>(a[0])? = Held::default();
    Ok(Value::Null)
}

// ---- showing

fn certificate(cx: &Call<'_>, this: Value) -> Result<Arc<Certificate>> {
    let own = cx.this::<Held>(this)?.certificate.clone();
    own.ok_or_else(|| cryptographic("m_safeCertContext is an invalid handle."))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Local time is UTC.
fn local(ticks: i64) -> Value {
    Value::DateTime(DateTime::new(ticks.clamp(0, DateTime::MAX_TICKS), Clock::Local))
}

fn thumbprint(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let hash = certificate(cx, a[0])?.thumbprint(Algorithm::Sha1);
    cx.new_str(&hex(&hash))
}

fn serial_number(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let serial = hex(&certificate(cx, a[0])?.serial);
    cx.new_str(&serial)
}

fn raw_data(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let raw = certificate(cx, a[0])?.raw.clone();
    cx.heap.new_bytes(raw)
}

fn equals(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = cx.this::<Held>(a[0])?;
    let Some(other) = cx.heap.extension::<Held>(a[1]) else { return Ok(Value::Bool(false)) };
    Ok(Value::Bool(match (&own.certificate, &other.certificate) {
        (Some(own), Some(other)) => own.same(other),
        (own, other) => own.is_none() && other.is_none(),
    }))
}

/// `X509Certificate2` shows itself, the older class its type only; `verbose` shows the older one as the newer one is.
fn to_string(cx: &mut Call<'_>, this: Value, verbose: Option<bool>) -> Result {
    let held = cx.this::<Held>(this)?.clone();
    let ty = cx.heap.type_of(this);
    let is_two = ty == TypeId::named(TWO);
    match (held.certificate, verbose) {
        (Some(own), Some(true)) if is_two => cx.new_str(&show::long(&own)),
        (Some(own), Some(true)) => cx.new_str(&show::short(&own)),
        (Some(own), _) if is_two => cx.new_str(&show::short(&own)),
        _ => cx.new_str(&ty.dotnet_name()),
    }
}

fn export(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let Some(own) = cx.this::<Held>(a[0])?.certificate.clone() else { return Err(cryptographic(UNKNOWN)) };
    match enumeration(a[1]) {
        1 => cx.heap.new_bytes(own.raw.clone()),
        2 | 4 => Err(platform(
            "X509ContentType.SerializedCert and X509ContentType.SerializedStore are not supported on Unix.",
        )),
        3 => {
            let password = secure_string::password(cx, a.get(2).copied().unwrap_or(Value::Null));
            let key = cx.this::<Held>(a[0])?.key.clone();
            let noise = random_bytes(cx, 24)?;
            let written = pkcs12::write(&own, key.as_deref(), &password, &noise, &mut |rounds| pay(cx, rounds));
            let written = written.map_err(trouble)?;
            cx.heap.new_bytes(written)
        }
        _ => Err(cryptographic(WRONG_CONTENT)),
    }
}

/// Whether a chain leads to an authority of the gateway; revocation lists are not asked.
pub fn verify(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = certificate(cx, a[0])?;
    let deployment = Arc::clone(&cx.exchange.deployment);
    let authorities: Vec<_> = deployment.authorities.iter().filter_map(|bytes| Certificate::read(bytes)).collect();
    let others: Vec<_> = deployment.certificates.iter().filter_map(|own| Certificate::read(&own.data)).collect();
    cx.charge_fuel((authorities.len() + others.len() + 1) * 1000)?;
    // Eight links at most, and a signature checked against each candidate.
    cx.charge_fuel((authorities.len() + others.len() * others.len()) * 20_000)?;
    Ok(Value::Bool(own.leads_to(&authorities, &others, now(cx))))
}

// ---- keys

fn private_key(cx: &mut Call<'_>, this: Value) -> Result {
    match cx.this::<Held>(this)?.key.clone() {
        Some(key) => new_rsa(cx, key),
        None => Ok(Value::Null),
    }
}

pub static RSA_EXTENSIONS: TypeDef = TypeDef::new(
    "System.Security.Cryptography.X509Certificates.RSACertificateExtensions",
    Kind::Static,
    &[&[
        static_method(
            "X509Certificate2 CopyWithPrivateKey(this X509Certificate2 certificate, RSA privateKey)",
            copy_with_private_key,
        ),
        static_method("RSA GetRSAPrivateKey(this X509Certificate2 certificate)", |cx, a| {
            given(cx, a[0])?;
            private_key(cx, a[0])
        }),
        static_method("RSA GetRSAPublicKey(this X509Certificate2 certificate)", |cx, a| {
            match given(cx, a[0])?.rsa_key() {
                Some(key) => new_rsa(cx, Arc::new(key)),
                None => Ok(Value::Null),
            }
        }),
    ]],
);

fn given(cx: &Call<'_>, value: Value) -> Result<Arc<Certificate>> {
    if value.is_null() {
        return Err(Fault::argument_null("certificate"));
    }
    certificate(cx, value)
}

fn copy_with_private_key(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = given(cx, a[0])?;
    if a[1].is_null() {
        return Err(Fault::argument_null("privateKey"));
    }
    if cx.this::<Held>(a[0])?.key.is_some() {
        return Err(Fault::invalid_operation("The certificate already has an associated private key."));
    }
    let key = key_of(cx, a[1])?;
    let Some(public) = own.rsa_key() else {
        return Err(Fault::argument(
            "The provided key does not match the public key algorithm for this certificate.",
            "privateKey",
        ));
    };
    if !public.matches(&key) {
        return Err(Fault::argument(
            "The provided key does not match the public key for this certificate.",
            "privateKey",
        ));
    }
    if !key.has_private() {
        return Err(cryptographic(
            "Object contains only the public half of a key pair. A private key must also be provided.",
        ));
    }
    cx.heap.new_extension(TypeId::named(TWO), Held { certificate: Some(own), key: Some(key) })
}
