//! `Oid` and `AsnEncodedData`: object identifiers and the names that .NET Core has for them.

use super::{Result, cryptographic};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{
    Kind, TypeDef, constructor, enum_value, method, property, property_set, static_method, type_of,
};
use crate::dotnet::value::Value;

pub static TYPES: &[&TypeDef] = &[&OID, &OID_GROUP, &ENCODED];

pub static OID: TypeDef = TypeDef::new(
    "System.Security.Cryptography.Oid",
    Kind::Class,
    &[&[
        constructor("Oid()", |cx, _| cx.heap.new_extension(type_of("Oid"), Oid::default())),
        constructor("Oid(string oid)", |cx, a| {
            let given = text(cx, a[0]);
            let value = given.as_deref().and_then(value_of).map(str::to_owned).or(given);
            let name = value.as_deref().and_then(name_of).map(str::to_owned);
            cx.heap.new_extension(type_of("Oid"), Oid { value, name })
        }),
        constructor("Oid(string value, string friendlyName)", |cx, a| {
            let made = Oid { value: text(cx, a[0]), name: text(cx, a[1]) };
            cx.heap.new_extension(type_of("Oid"), made)
        }),
        constructor("Oid(Oid oid)", |cx, a| {
            let made = cx.heap.extension::<Oid>(a[0]).cloned().ok_or_else(|| Fault::argument_null("oid"))?;
            cx.heap.new_extension(type_of("Oid"), made)
        }),
        property_set("string FriendlyName { get; set; }", friendly_name, |cx, a| {
            let name = text(cx, a[1]);
            let value = name.as_deref().and_then(value_of).map(str::to_owned);
            let own = cx.this_mut::<Oid>(a[0])?;
            if value.is_some() {
                own.value = value;
            }
            own.name = name;
            Ok(Value::Null)
        }),
        static_method("Oid FromFriendlyName(string friendlyName, OidGroup group)", |cx, a| {
            let name = cx.text(a[0], "friendlyName")?.into_owned();
            let value = value_of(&name).ok_or_else(|| cryptographic("No OID value matches this name."))?.to_owned();
            cx.heap.new_extension(type_of("Oid"), Oid { value: Some(value), name: Some(name) })
        }),
        static_method("Oid FromOidValue(string oidValue, OidGroup group)", |cx, a| {
            let value = cx.text(a[0], "oidValue")?.into_owned();
            let name = name_of(&value).ok_or_else(|| cryptographic("The OID value is invalid."))?.to_owned();
            cx.heap.new_extension(type_of("Oid"), Oid { value: Some(value), name: Some(name) })
        }),
        property_set(
            "string Value { get; set; }",
            |cx, a| {
                let value = cx.this::<Oid>(a[0])?.value.clone();
                optional(cx, value.as_deref())
            },
            |cx, a| {
                let value = text(cx, a[1]);
                cx.this_mut::<Oid>(a[0])?.value = value;
                Ok(Value::Null)
            },
        ),
    ]],
);

pub static OID_GROUP: TypeDef = TypeDef::new(
    "System.Security.Cryptography.OidGroup",
    Kind::Enum,
    &[&[
        enum_value("All = 0", 0),
        enum_value("HashAlgorithm = 1", 1),
        enum_value("EncryptionAlgorithm = 2", 2),
        enum_value("PublicKeyAlgorithm = 3", 3),
        enum_value("SignatureAlgorithm = 4", 4),
        enum_value("Attribute = 5", 5),
        enum_value("ExtensionOrAttribute = 6", 6),
        enum_value("EnhancedKeyUsage = 7", 7),
        enum_value("Policy = 8", 8),
        enum_value("Template = 9", 9),
        enum_value("KeyDerivationFunction = 10", 10),
    ]],
)
.off_list();

pub static ENCODED: TypeDef = TypeDef::new(
    "System.Security.Cryptography.AsnEncodedData",
    Kind::Class,
    &[&[
        constructor("AsnEncodedData(Oid oid, byte[] rawData)", |cx, a| {
            let data = super::bytes(cx, a[1], "rawData")?.to_vec();
            let oid = cx.heap.extension::<Oid>(a[0]).and_then(|oid| oid.value.clone());
            new_encoded(cx, oid.as_deref(), &data)
        }),
        constructor("AsnEncodedData(string oid, byte[] rawData)", |cx, a| {
            let data = super::bytes(cx, a[1], "rawData")?.to_vec();
            let oid = text(cx, a[0]);
            new_encoded(cx, oid.as_deref(), &data)
        }),
        constructor("AsnEncodedData(byte[] rawData)", |cx, a| {
            let data = super::bytes(cx, a[0], "value")?.to_vec();
            new_encoded(cx, None, &data)
        }),
        property("Oid Oid { get; }", |cx, a| match cx.this::<Encoded>(a[0])?.oid.clone() {
            Some(oid) => new_oid(cx, &oid),
            None => Ok(Value::Null),
        }),
        property("byte[] RawData { get; }", |cx, a| {
            let data = cx.this::<Encoded>(a[0])?.data.clone();
            cx.heap.new_bytes(data)
        }),
        method("string Format(bool multiLine)", |cx, a| {
            let hex: Vec<_> = cx.this::<Encoded>(a[0])?.data.iter().map(|byte| format!("{byte:02X}")).collect();
            cx.new_str(&hex.join(" "))
        }),
    ]],
)
.off_list();

#[derive(Clone, Debug, Default)]
struct Oid {
    value: Option<String>,
    name: Option<String>,
}

/// Bytes, and what they are the encoding of where that is known.
#[derive(Clone, Debug)]
pub struct Encoded {
    pub oid: Option<String>,
    pub data: Vec<u8>,
}

/// The value of an `Oid`, which may have none.
pub fn own_value(cx: &Call<'_>, oid: Value) -> Result<Option<String>> {
    let oid = cx.heap.extension::<Oid>(oid).ok_or_else(|| Fault::argument_null("oid"))?;
    Ok(oid.value.clone())
}

/// What an `AsnEncodedData` holds.
pub fn encoded<'a>(cx: &'a Call<'_>, data: Value) -> Result<&'a Encoded> {
    cx.heap.extension(data).ok_or_else(|| Fault::argument_null("asnEncodedData"))
}

fn text(cx: &Call<'_>, value: Value) -> Option<String> {
    cx.heap.text(value).map(|text| text.into_owned())
}

fn optional(cx: &mut Call<'_>, text: Option<&str>) -> Result {
    text.map_or(Ok(Value::Null), |text| cx.new_str(text))
}

/// An `Oid` of this value, with its name if it has one.
pub fn new_oid(cx: &mut Call<'_>, value: &str) -> Result {
    let made = Oid { value: Some(value.to_owned()), name: name_of(value).map(str::to_owned) };
    cx.heap.new_extension(type_of("Oid"), made)
}

/// An `Oid` without a value.
pub fn no_oid(cx: &mut Call<'_>) -> Result {
    cx.heap.new_extension(type_of("Oid"), Oid::default())
}

pub fn new_encoded(cx: &mut Call<'_>, oid: Option<&str>, data: &[u8]) -> Result {
    cx.heap.charge(data.len())?;
    cx.heap.new_extension(type_of("AsnEncodedData"), Encoded { oid: oid.map(str::to_owned), data: data.to_vec() })
}

fn friendly_name(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = cx.this::<Oid>(a[0])?;
    let name = own.name.clone().or_else(|| own.value.as_deref().and_then(name_of).map(str::to_owned));
    optional(cx, name.as_deref())
}

/// The name of an identifier.
pub fn name_of(value: &str) -> Option<&'static str> {
    NAMES.iter().find(|(own, _)| *own == value).map(|(_, name)| *name)
}

/// The identifier of a name, in any case.
fn value_of(name: &str) -> Option<&'static str> {
    let by_name = NAMES.iter().find(|(_, own)| own.eq_ignore_ascii_case(name));
    by_name.or_else(|| OTHER_NAMES.iter().find(|(_, own)| *own == name)).map(|(value, _)| *value)
}

const NAMES: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.1", "RSA"),
    ("1.2.840.113549.1.1.2", "md2RSA"),
    ("1.2.840.113549.1.1.4", "md5RSA"),
    ("1.2.840.113549.1.1.5", "sha1RSA"),
    ("1.2.840.113549.1.1.7", "RSAES_OAEP"),
    ("1.2.840.113549.1.1.8", "mgf1"),
    ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
    ("1.2.840.113549.1.1.11", "sha256RSA"),
    ("1.2.840.113549.1.1.12", "sha384RSA"),
    ("1.2.840.113549.1.1.13", "sha512RSA"),
    ("1.2.840.113549.1.1.14", "sha224WithRSAEncryption"),
    ("1.2.840.10045.2.1", "ECC"),
    ("1.2.840.10045.4.1", "sha1ECDSA"),
    ("1.2.840.10045.4.3.2", "sha256ECDSA"),
    ("1.2.840.10045.4.3.3", "sha384ECDSA"),
    ("1.2.840.10045.4.3.4", "sha512ECDSA"),
    ("1.2.840.10045.3.1.7", "ECDSA_P256"),
    ("1.3.132.0.34", "ECDSA_P384"),
    ("1.3.132.0.35", "ECDSA_P521"),
    ("1.3.101.110", "X25519"),
    ("1.3.101.112", "ED25519"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.10040.4.3", "sha1DSA"),
    ("1.3.14.3.2.26", "sha1"),
    ("1.2.840.113549.2.5", "md5"),
    ("2.16.840.1.101.3.4.2.1", "sha256"),
    ("2.16.840.1.101.3.4.2.2", "sha384"),
    ("2.16.840.1.101.3.4.2.3", "sha512"),
    ("2.16.840.1.101.3.4.2.4", "sha224"),
    ("1.2.840.113549.2.7", "hmacWithSHA1"),
    ("1.2.840.113549.2.9", "hmacWithSHA256"),
    ("1.2.840.113549.3.2", "rc2"),
    ("1.2.840.113549.3.7", "3des"),
    ("1.3.14.3.2.7", "des"),
    ("2.16.840.1.101.3.4.1.2", "aes128"),
    ("2.16.840.1.101.3.4.1.22", "aes192"),
    ("2.16.840.1.101.3.4.1.42", "aes256"),
    ("1.2.840.113549.1.9.16.3.6", "CMS3DESwrap"),
    ("1.2.840.113549.1.5.12", "PBKDF2"),
    ("1.2.840.113549.1.5.13", "PBES2"),
    ("1.2.840.113549.1.7.1", "pkcs7-data"),
    ("1.2.840.113549.1.7.2", "pkcs7-signedData"),
    ("1.2.840.113549.1.9.1", "E"),
    ("1.2.840.113549.1.9.2", "unstructuredName"),
    ("1.2.840.113549.1.9.3", "contentType"),
    ("1.2.840.113549.1.9.8", "unstructuredAddress"),
    ("1.2.840.113549.1.9.14", "Extension Request"),
    ("0.9.2342.19200300.100.1.1", "userId"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "SERIALNUMBER"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "S"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "T"),
    ("2.5.4.13", "Description"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.16", "postalAddress"),
    ("2.5.4.17", "PostalCode"),
    ("2.5.4.20", "Phone"),
    ("2.5.4.41", "name"),
    ("2.5.4.42", "G"),
    ("2.5.4.43", "I"),
    ("2.5.4.44", "generationQualifier"),
    ("2.5.4.45", "x500UniqueIdentifier"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.65", "pseudonym"),
    ("2.5.4.72", "role"),
    ("2.5.4.97", "organizationIdentifier"),
    ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionStateOrProvinceName"),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionCountryName"),
    ("2.5.29.14", "X509v3 Subject Key Identifier"),
    ("2.5.29.15", "X509v3 Key Usage"),
    ("2.5.29.17", "X509v3 Subject Alternative Name"),
    ("2.5.29.18", "X509v3 Issuer Alternative Name"),
    ("2.5.29.19", "X509v3 Basic Constraints"),
    ("2.5.29.20", "X509v3 CRL Number"),
    ("2.5.29.21", "X509v3 CRL Reason Code"),
    ("2.5.29.30", "X509v3 Name Constraints"),
    ("2.5.29.31", "X509v3 CRL Distribution Points"),
    ("2.5.29.32", "X509v3 Certificate Policies"),
    ("2.5.29.35", "X509v3 Authority Key Identifier"),
    ("2.5.29.37", "X509v3 Extended Key Usage"),
    ("2.5.29.46", "X509v3 Freshest CRL"),
    ("2.5.29.54", "X509v3 Inhibit Any Policy"),
    ("1.3.6.1.5.5.7.1.1", "Authority Information Access"),
    ("1.3.6.1.5.5.7.3.1", "TLS Web Server Authentication"),
    ("1.3.6.1.5.5.7.3.2", "TLS Web Client Authentication"),
    ("1.3.6.1.5.5.7.3.3", "Code Signing"),
    ("1.3.6.1.5.5.7.3.4", "E-mail Protection"),
    ("1.3.6.1.5.5.7.3.8", "Time Stamping"),
    ("1.3.6.1.5.5.7.3.9", "OCSP Signing"),
    ("1.3.6.1.5.5.7.48.1", "OCSP"),
    ("1.3.6.1.5.5.7.48.2", "CA Issuers"),
    ("1.3.6.1.4.1.311.20.2.3", "Microsoft User Principal Name"),
    ("1.3.6.1.4.1.11129.2.4.2", "CT Precertificate SCTs"),
    ("2.16.840.1.113730.1.1", "Netscape Cert Type"),
    ("1.2", "ISO Member Body"),
];

/// Names that lead to an identifier but are not shown for it.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("2.5.4.8", "ST"),
    ("2.5.4.3", "commonName"),
    ("2.5.4.10", "organizationName"),
    ("2.5.4.11", "organizationalUnitName"),
    ("2.5.4.6", "countryName"),
    ("2.5.4.7", "localityName"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("2.5.29.14", "subjectKeyIdentifier"),
    ("2.5.29.15", "keyUsage"),
    ("2.5.29.17", "subjectAltName"),
    ("2.5.29.19", "basicConstraints"),
    ("2.5.29.37", "extendedKeyUsage"),
    ("1.3.6.1.5.5.7.3.1", "serverAuth"),
    ("1.3.6.1.5.5.7.3.2", "clientAuth"),
    ("1.3.6.1.5.5.7.3.3", "codeSigning"),
    ("1.3.6.1.5.5.7.3.4", "emailProtection"),
];
