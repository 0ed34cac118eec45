//! `RNGCryptoServiceProvider` and its base `RandomNumberGenerator`, over the request's own random numbers.

use super::{Result, out_of_bounds, random_bytes, store};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, method, static_method, type_of};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

pub static TYPES: &[&TypeDef] = &[&GENERATOR, &PROVIDER, &PARAMETERS];

/// What picks one of Windows' cryptographic service providers.
static PARAMETERS: TypeDef = TypeDef::new(
    "System.Security.Cryptography.CspParameters",
    Kind::Class,
    &[&[constructor("CspParameters()", |cx, _| cx.heap.new_extension(type_of("CspParameters"), Parameters))]],
)
.off_list();

#[derive(Debug)]
struct Parameters;

const GENERATOR_NAME: &str = "System.Security.Cryptography.RandomNumberGenerator";
const PROVIDER_NAME: &str = "System.Security.Cryptography.RNGCryptoServiceProvider";

static GENERATOR: TypeDef =
    TypeDef::new(GENERATOR_NAME, Kind::Class, &[ROWS]).interfaces(&["IDisposable"]).is_abstract().off_list();

static PROVIDER: TypeDef = TypeDef::new(
    PROVIDER_NAME,
    Kind::Class,
    &[
        &[
            constructor("RNGCryptoServiceProvider()", |cx, _| new(cx, PROVIDER_NAME)),
            constructor("RNGCryptoServiceProvider(string str)", |cx, _| new(cx, PROVIDER_NAME)),
            constructor("RNGCryptoServiceProvider(byte[] rgb)", |cx, _| new(cx, PROVIDER_NAME)),
            constructor("RNGCryptoServiceProvider(CspParameters cspParams)", |cx, a| match a[0].is_null() {
                true => new(cx, PROVIDER_NAME),
                // Whatever they say: only Windows has such providers.
                false => Err(Fault::throw(
                    "System.PlatformNotSupportedException",
                    "Operation is not supported on this platform.",
                )),
            }),
        ],
        ROWS,
    ],
)
.base("RandomNumberGenerator");

/// The platform lists the members of the base with the provider: both have them.
const ROWS: &[Row] = &[
    method("void GetBytes(byte[] data)", |cx, a| fill(cx, a, false)),
    method("void GetBytes(byte[] data, int offset, int count)", fill_part),
    method("void GetNonZeroBytes(byte[] data)", |cx, a| fill(cx, a, true)),
    static_method("RandomNumberGenerator Create()", |cx, _| new(cx, GENERATOR_NAME)),
    static_method("RandomNumberGenerator Create(string rngName)", |cx, a| {
        let name = cx.text(a[0], "name")?.to_ascii_lowercase();
        match name.as_str() {
            "randomnumbergenerator" | "system.security.cryptography.randomnumbergenerator" => new(cx, PROVIDER_NAME),
            _ => Ok(Value::Null),
        }
    }),
    method("void Dispose()", |_, _| Ok(Value::Null)),
    static_method("int GetInt32(int fromInclusive, int toExclusive)", |cx, a| between(cx, int(a[0]), int(a[1]))),
    static_method("int GetInt32(int toExclusive)", |cx, a| match int(a[0]) {
        end if end <= 0 => Err(Fault::out_of_range("Positive number required.", "toExclusive")),
        end => between(cx, 0, end),
    }),
];

#[derive(Debug)]
struct Generator;

fn new(cx: &mut Call<'_>, ty: &str) -> Result {
    cx.heap.new_extension(TypeId::named(ty), Generator)
}

fn fill(cx: &mut Call<'_>, a: &[Value], non_zero: bool) -> Result {
    let len = super::bytes(cx, a[1], "data")?.len();
    let mut made = random_bytes(cx, len)?;
    if non_zero {
        for byte in &mut made {
            while *byte == 0 {
                *byte = cx.host.random() as u8;
            }
        }
    }
    store(cx, a[1], 0, &made);
    Ok(Value::Null)
}

fn fill_part(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let len = super::bytes(cx, a[1], "data")?.len();
    let negative = |name| Fault::out_of_range("Non-negative number required.", name);
    let offset = usize::try_from(int(a[2])).map_err(|_| negative("offset"))?;
    let count = usize::try_from(int(a[3])).map_err(|_| negative("count"))?;
    if count > len || offset > len - count {
        return Err(out_of_bounds());
    }
    let made = random_bytes(cx, count)?;
    store(cx, a[1], offset, &made);
    Ok(Value::Null)
}

fn between(cx: &mut Call<'_>, from: i32, to: i32) -> Result {
    if from >= to {
        let message = "Range of random number does not contain at least one possibility.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    let range = (i64::from(to) - i64::from(from)) as u64;
    // A draw beyond the last whole multiple of the range would favour small numbers.
    let limit = u64::MAX - u64::MAX % range;
    let draw = loop {
        let draw = cx.host.random();
        if draw < limit {
            break draw % range;
        }
    };
    Ok(Value::Int32((i64::from(from) + draw as i64) as i32))
}
