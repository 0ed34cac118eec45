//! What a certificate consists of, as objects: its key, names, extensions, and the enums that speak of them.

use super::certificate::{Certificate, Extension};
use super::{certificate, name, show};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::member::{Kind, TypeDef, constructor, enum_value, indexer, method, property, type_of};
use crate::dotnet::system::crypto::key::{Key, RSA_OID};
use crate::dotnet::system::crypto::oid::{Encoded, encoded, new_encoded, new_oid, no_oid, own_value};
use crate::dotnet::system::crypto::rsa::new_rsa;
use crate::dotnet::system::crypto::{Result, cryptographic};
use crate::dotnet::value::Value;
use std::sync::Arc;

pub static PUBLIC_KEY: TypeDef = TypeDef::new(
    "System.Security.Cryptography.X509Certificates.PublicKey",
    Kind::Class,
    &[&[
        constructor("PublicKey(Oid oid, AsnEncodedData parameters, AsnEncodedData keyValue)", |cx, a| {
            let algorithm = own_value(cx, a[0])?;
            let (parameters, key) = (encoded(cx, a[1])?.clone(), encoded(cx, a[2])?.clone());
            cx.heap.charge(parameters.data.len() + key.data.len())?;
            cx.heap.new_extension(type_of("PublicKey"), PublicKey { algorithm, parameters, key })
        }),
        property("AsnEncodedData EncodedKeyValue { get; }", |cx, a| {
            let Encoded { oid, data } = cx.this::<PublicKey>(a[0])?.key.clone();
            new_encoded(cx, oid.as_deref(), &data)
        }),
        property("AsnEncodedData EncodedParameters { get; }", |cx, a| {
            let Encoded { oid, data } = cx.this::<PublicKey>(a[0])?.parameters.clone();
            new_encoded(cx, oid.as_deref(), &data)
        }),
        property("AsymmetricAlgorithm Key { get; }", |cx, a| {
            let own = cx.this::<PublicKey>(a[0])?;
            if own.algorithm.as_deref() != Some(RSA_OID) {
                return Err(Fault::not_supported("The certificate key algorithm is not supported."));
            }
            let key = Key::read_public(&own.key.data).ok_or_else(|| cryptographic("ASN1 corrupted data."))?;
            new_rsa(cx, Arc::new(key))
        }),
        property("Oid Oid { get; }", |cx, a| match cx.this::<PublicKey>(a[0])?.algorithm.clone() {
            Some(oid) => new_oid(cx, &oid),
            None => no_oid(cx),
        }),
    ]],
);

/// What a certificate says of its key, or what an expression put together.
#[derive(Debug)]
pub(super) struct PublicKey {
    algorithm: Option<String>,
    parameters: Encoded,
    key: Encoded,
}

impl PublicKey {
    pub(super) fn of(certificate: &Certificate) -> PublicKey {
        let algorithm = Some(certificate.key_algorithm.clone());
        let encoded = |data: &[u8]| Encoded { oid: algorithm.clone(), data: data.to_vec() };
        let (parameters, key) = (encoded(&certificate.key_parameters), encoded(&certificate.public_key));
        PublicKey { algorithm, parameters, key }
    }
}

pub static DISTINGUISHED_NAME: TypeDef = TypeDef::new(
    "System.Security.Cryptography.X509Certificates.X500DistinguishedName",
    Kind::Class,
    &[&[
        property("string Name { get; }", |cx, a| {
            let name = name::text(&cx.this::<DistinguishedName>(a[0])?.0, true);
            cx.new_str(&name)
        }),
        property("Oid Oid { get; }", |cx, a| {
            cx.this::<DistinguishedName>(a[0])?;
            Ok(Value::Null)
        })
        .off_list(),
        property("byte[] RawData { get; }", |cx, a| {
            let raw = cx.this::<DistinguishedName>(a[0])?.0.clone();
            cx.heap.new_bytes(raw)
        })
        .off_list(),
    ]],
);

#[derive(Debug)]
pub(super) struct DistinguishedName(Vec<u8>);

pub(super) fn distinguished_name(cx: &mut Call<'_>, encoded: Vec<u8>) -> Result {
    cx.heap.charge(encoded.len())?;
    cx.heap.new_extension(type_of("X500DistinguishedName"), DistinguishedName(encoded))
}

// ---- extensions

pub static EXTENSIONS: TypeDef = TypeDef::new(
    "System.Security.Cryptography.X509Certificates.X509ExtensionCollection",
    Kind::Class,
    &[&[
        property("int Count { get; }", |cx, a| Ok(Value::Int32(cx.heap.items(a[0]).unwrap_or_default().len() as i32))),
        indexer("X509Extension this[int index] { get; }", |cx, a| {
            let items = cx.heap.items(a[0]).unwrap_or_default();
            usize::try_from(int(a[1])).ok().and_then(|at| items.get(at).copied()).ok_or_else(|| Fault::index("index"))
        }),
        indexer("X509Extension this[string oid] { get; }", |cx, a| {
            let oid = cx.text(a[1], "oid")?;
            let items = cx.heap.items(a[0]).unwrap_or_default().iter();
            let mut items =
                items.filter(|&&item| cx.heap.extension::<Extension>(item).is_some_and(|own| own.oid == *oid));
            Ok(items.next().copied().unwrap_or(Value::Null))
        }),
    ]],
)
.interfaces(&["ICollection", "IEnumerable"])
.off_list();

pub static EXTENSION: TypeDef = TypeDef::new(
    "System.Security.Cryptography.X509Certificates.X509Extension",
    Kind::Class,
    &[&[
        property("bool Critical { get; }", |cx, a| Ok(Value::Bool(cx.this::<Extension>(a[0])?.critical))),
        property("Oid Oid { get; }", |cx, a| {
            let oid = cx.this::<Extension>(a[0])?.oid.clone();
            new_oid(cx, &oid)
        }),
        property("byte[] RawData { get; }", |cx, a| {
            let value = cx.this::<Extension>(a[0])?.value.clone();
            cx.heap.new_bytes(value)
        }),
        method("string Format(bool multiLine)", |cx, a| {
            let text = show::extension(cx.this::<Extension>(a[0])?);
            cx.new_str(&text)
        }),
    ]],
)
.off_list();

macro_rules! extension_classes {
    ($($id:ident $name:literal;)*) => {
        $(pub static $id: TypeDef =
            TypeDef::new(concat!("System.Security.Cryptography.X509Certificates.", $name), Kind::Class, &[])
                .base("X509Extension")
                .off_list();)*
    };
}

extension_classes! {
    KEY_USAGE "X509KeyUsageExtension";
    ENHANCED_KEY_USAGE "X509EnhancedKeyUsageExtension";
    BASIC_CONSTRAINTS "X509BasicConstraintsExtension";
    SUBJECT_KEY "X509SubjectKeyIdentifierExtension";
}

pub(super) fn extensions(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = certificate(cx, a[0])?;
    let ty = type_of("X509Extension");
    let items = own.extensions.iter().map(|one| cx.heap.new_extension(ty, one.clone())).collect::<Result<Vec<_>>>()?;
    cx.heap.charge(items.len() * size_of::<Value>())?;
    cx.heap.alloc(Object::List { ty: type_of("X509ExtensionCollection"), items, version: 0 })
}

// ---- enums

pub static CONTENT_TYPE: TypeDef = TypeDef::new(
    "System.Security.Cryptography.X509Certificates.X509ContentType",
    Kind::Enum,
    &[&[
        enum_value("Unknown = 0", 0),
        enum_value("Cert = 1", 1),
        enum_value("SerializedCert = 2", 2),
        enum_value("Pfx = 3", 3),
        enum_value("Pkcs12 = 3", 3),
        enum_value("SerializedStore = 4", 4),
        enum_value("Pkcs7 = 5", 5),
        enum_value("Authenticode = 6", 6),
    ]],
);

pub static NAME_TYPE: TypeDef = TypeDef::new(
    "System.Security.Cryptography.X509Certificates.X509NameType",
    Kind::Enum,
    &[&[
        enum_value("SimpleName = 0", 0),
        enum_value("EmailName = 1", 1),
        enum_value("UpnName = 2", 2),
        enum_value("DnsName = 3", 3),
        enum_value("DnsFromAlternativeName = 4", 4),
        enum_value("UrlName = 5", 5),
    ]],
);

pub static STORAGE_FLAGS: TypeDef = TypeDef::new(
    "System.Security.Cryptography.X509Certificates.X509KeyStorageFlags",
    Kind::Enum,
    &[&[
        enum_value("DefaultKeySet = 0", 0),
        enum_value("UserKeySet = 1", 1),
        enum_value("MachineKeySet = 2", 2),
        enum_value("Exportable = 4", 4),
        enum_value("UserProtected = 8", 8),
        enum_value("PersistKeySet = 16", 16),
        enum_value("EphemeralKeySet = 32", 32),
    ]],
)
.off_list();
