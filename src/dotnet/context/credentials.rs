//! `Jwt` and `BasicAuthCredentials`, and the extension methods that read them from text. Reading verifies nothing.

use super::maps::MultiMap;
use super::{opt_str, text};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::member::{Kind, TypeDef, property, static_method, type_of};
use crate::dotnet::system::collections::dictionary_put;
use crate::dotnet::system::crypto::{symmetric, x509};
use crate::dotnet::system::json;
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;
use crate::effect::Moment;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value as Json;

type Result<T = Value> = std::result::Result<T, Fault>;

/// User and password of a `Basic` header. `Debug` prints neither.
#[derive(Clone)]
struct Basic {
    user: String,
    password: String,
}

impl std::fmt::Debug for Basic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Basic")
    }
}

fn parse_basic(input: &str) -> Option<Basic> {
    // .NET's base64 lets blanks stand anywhere.
    let encoded: String = strip_scheme(input, "Basic ")?.split([' ', '\t', '\r', '\n']).collect();
    let text = String::from_utf8_lossy(&STANDARD.decode(encoded.trim()).ok()?).into_owned();
    let (user, password) = text.split_once(':')?;
    Some(Basic { user: user.to_owned(), password: password.to_owned() })
}

fn strip_scheme<'a>(input: &'a str, scheme: &str) -> Option<&'a str> {
    let head = input.get(..scheme.len())?;
    head.eq_ignore_ascii_case(scheme).then(|| &input[scheme.len()..])
}

fn user(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let user = cx.this::<Basic>(a[0])?.user.clone();
    text(cx, &user)
}

pub static BASIC: TypeDef = TypeDef::new(
    "Apim.BasicAuthCredentials",
    Kind::Class,
    &[&[
        property("string UserId { get; }", user),
        property("string Username { get; }", user),
        property("string Password { get; }", |cx, a| {
            let password = cx.this::<Basic>(a[0])?.password.clone();
            text(cx, &password)
        }),
    ]],
);

/// What a connection of the credential manager gave. `Debug` prints no token.
struct Authorization {
    access_token: Value,
    claims: Value,
}

impl std::fmt::Debug for Authorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authorization")
    }
}

/// The `Authorization` of an access token and its claims.
pub fn new_authorization(cx: &mut Call<'_>, access_token: &str, claims: &serde_json::Map<String, Json>) -> Result {
    let access_token = cx.new_str(access_token)?;
    let made = super::maps::new_dictionary(cx, types::object(), false)?;
    for (name, value) in claims {
        let value = match value {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::String(value) => cx.new_str(value)?,
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Value::Int64(whole),
                None => Value::Double(number.as_f64().unwrap_or_default()),
            },
            Json::Array(_) | Json::Object(_) => {
                let text = cx.new_str(&value.to_string())?;
                json::token::parse(cx, text, "json", json::Wanted::Token)?
            }
        };
        let name = cx.new_str(name)?;
        dictionary_put(cx, made, name, value)?;
    }
    cx.heap.new_extension(type_of("Authorization"), Authorization { access_token, claims: made })
}

/// What `get-authorization-context` gives.
pub static AUTHORIZATION: TypeDef = TypeDef::new(
    "Apim.Authorization",
    Kind::Class,
    &[&[
        property("string AccessToken { get; }", |cx, a| Ok(cx.this::<Authorization>(a[0])?.access_token)),
        property("IReadOnlyDictionary<string, object> Claims { get; }", |cx, a| {
            Ok(cx.this::<Authorization>(a[0])?.claims)
        }),
    ]],
);

/// A token's two JSON parts.
#[derive(Clone, Debug)]
struct Jwt {
    header: serde_json::Map<String, Json>,
    payload: serde_json::Map<String, Json>,
}

/// The `Jwt` of a compact token, with or without `Bearer ` before it; null when the text is none.
pub fn new_jwt(heap: &mut Heap, input: &str) -> Result {
    match parse_jwt(input) {
        Some(jwt) => {
            heap.charge(input.len())?;
            heap.new_extension(type_of("Jwt"), jwt)
        }
        None => Ok(Value::Null),
    }
}

fn parse_jwt(input: &str) -> Option<Jwt> {
    let token = strip_scheme(input, "Bearer ").unwrap_or(input).trim();
    let mut parts = token.split('.');
    let (header, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else { return None };
    Some(Jwt { header: parse_part(header)?, payload: parse_part(payload)? })
}

fn parse_part(part: &str) -> Option<serde_json::Map<String, Json>> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
    let bytes = engine.decode(part.replace('-', "+").replace('_', "/")).ok()?;
    match serde_json::from_slice(&bytes).ok()? {
        Json::Object(map) => Some(map),
        _ => None,
    }
}

fn claim_text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => match number.as_f64() {
            Some(value) if number.is_f64() => crate::dotnet::system::json::number::write_double(value),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

fn claims(jwt: &Jwt) -> MultiMap {
    let values = |value: &Json| match value {
        Json::Array(items) => items.iter().map(claim_text).collect(),
        other => vec![claim_text(other)],
    };
    MultiMap(jwt.payload.iter().map(|(name, value)| (name.clone(), values(value))).collect())
}

fn field(cx: &mut Call<'_>, a: &[Value], of_header: bool, name: &str) -> Result {
    let jwt = cx.this::<Jwt>(a[0])?;
    let found = if of_header { jwt.header.get(name) } else { jwt.payload.get(name) };
    let found = found.filter(|value| !value.is_null()).map(|value| match value {
        Json::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
        other => claim_text(other),
    });
    opt_str(cx, found.as_deref())
}

/// A claim in seconds since 1970.
fn time(cx: &mut Call<'_>, a: &[Value], name: &str) -> Result {
    let seconds = cx.this::<Jwt>(a[0])?.payload.get(name).and_then(|value| match value {
        Json::String(text) => text.trim().parse().ok(),
        other => other.as_i64().or_else(|| other.as_f64().map(|seconds| seconds.round_ties_even() as i64)),
    });
    let ticks = |s: i64| s.checked_mul(Moment::TICKS_PER_SECOND)?.checked_add(Moment::UNIX_EPOCH.0);
    Ok(seconds.and_then(ticks).map_or(Value::Null, |ticks| super::instant(Moment(ticks))))
}

pub static JWT: TypeDef = TypeDef::new(
    "Apim.Jwt",
    Kind::Class,
    &[&[
        property("string Algorithm { get; }", |cx, a| field(cx, a, true, "alg")),
        property("IEnumerable<string> Audiences { get; }", |cx, a| {
            let audiences = claims(cx.this::<Jwt>(a[0])?).find("aud").map(<[String]>::to_vec).unwrap_or_default();
            let items = audiences.iter().map(|v| cx.new_str(v)).collect::<Result<Vec<_>>>()?;
            cx.heap.new_array(TypeId::array(types::string()), items)
        }),
        property("IClaims Claims { get; }", |cx, a| {
            let map = claims(cx.this::<Jwt>(a[0])?);
            cx.heap.new_extension(super::maps::dictionary_of(TypeId::array(types::string())), map)
        }),
        property("DateTime? ExpirationTime { get; }", |cx, a| time(cx, a, "exp")),
        property("string Id { get; }", |cx, a| field(cx, a, false, "jti")),
        property("string Issuer { get; }", |cx, a| field(cx, a, false, "iss")),
        property("DateTime? IssuedAt { get; }", |cx, a| time(cx, a, "iat")),
        property("DateTime? NotBefore { get; }", |cx, a| time(cx, a, "nbf")),
        property("string Subject { get; }", |cx, a| field(cx, a, false, "sub")),
        property("string Type { get; }", |cx, a| field(cx, a, true, "typ")),
    ]],
);

fn as_basic(cx: &mut Call<'_>, a: &[Value]) -> Result {
    match cx.heap.text(a[0]).and_then(|input| parse_basic(&input)) {
        Some(basic) => cx.heap.new_extension(type_of("BasicAuthCredentials"), basic),
        None => Ok(Value::Null),
    }
}

fn as_jwt(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let Some(input) = cx.heap.text(a[0]).map(|input| input.into_owned()) else { return Ok(Value::Null) };
    cx.charge_fuel(input.len() / 4)?;
    new_jwt(cx.heap, &input)
}

fn try_parse(cx: &mut Call<'_>, a: &[Value], read: crate::dotnet::member::Native) -> Result {
    let found = read(cx, a)?;
    cx.set_out(1, found);
    Ok(Value::Bool(!found.is_null()))
}

pub static EXTENSIONS: TypeDef = TypeDef::new(
    "Apim.CredentialExtensions",
    Kind::Static,
    &[&[
        static_method("BasicAuthCredentials AsBasic(this string input)", as_basic),
        static_method("bool TryParseBasic(this string input, out BasicAuthCredentials result)", |cx, a| {
            try_parse(cx, a, as_basic)
        }),
        static_method("Jwt AsJwt(this string input)", as_jwt),
        static_method("byte[] Encrypt(this byte[] input, string alg, byte[] key, byte[] iv)", |cx, a| {
            symmetric::by_name(cx, a, true)
        }),
        static_method("byte[] Encrypt(this byte[] input, SymmetricAlgorithm alg)", |cx, a| {
            symmetric::by_algorithm(cx, a, true)
        }),
        static_method("byte[] Encrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv)", |cx, a| {
            symmetric::by_algorithm(cx, a, true)
        }),
        static_method("byte[] Decrypt(this byte[] input, string alg, byte[] key, byte[] iv)", |cx, a| {
            symmetric::by_name(cx, a, false)
        }),
        static_method("byte[] Decrypt(this byte[] input, SymmetricAlgorithm alg)", |cx, a| {
            symmetric::by_algorithm(cx, a, false)
        }),
        static_method("byte[] Decrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv)", |cx, a| {
            symmetric::by_algorithm(cx, a, false)
        }),
        static_method("bool VerifyNoRevocation(this X509Certificate2 input)", x509::verify),
        static_method("bool TryParseJwt(this string input, out Jwt result)", |cx, a| try_parse(cx, a, as_jwt)),
    ]],
)
.unnameable();
