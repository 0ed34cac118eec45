//! `System.Decimal`: 96 bits and a scale.
//!
//! In: decimals. Out: decimals with the scale and the rounding of .NET; the VM's arithmetic is [`calculate`].

use super::format::parse::{self, styles};
use super::number::{style_of, too_large, type_code, wrong};
use super::object::{compare_row, equals_row, hash_row, to_string, to_string_format};
use crate::dotnet::call::{Call, bool as truth, double as number, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{
    Kind, Native, Row, TypeDef, constructor, method, operator, static_method, static_property,
};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use rust_decimal::{Decimal, RoundingStrategy};

type Result<T = Value> = std::result::Result<T, Fault>;

pub static DECIMAL: TypeDef =
    TypeDef::new("System.Decimal", Kind::Struct, &[MAKING, MEMBERS, READING, OPERATORS, CONVERSIONS])
        .alias("decimal")
        .interfaces(&["IComparable", "IComparable<decimal>", "IConvertible", "IEquatable<decimal>", "IFormattable"]);

/// What the arithmetic operators do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// `a + b` and the like, with .NET's scale.
pub fn calculate(operation: Operation, a: Decimal, b: Decimal) -> Result<Decimal> {
    if matches!(operation, Operation::Divide | Operation::Remainder) && b.is_zero() {
        return Err(Fault::divide_by_zero());
    }
    let (mut a, mut b) = (a, b);
    for side in [&mut a, &mut b] {
        if side.is_zero() {
            side.set_sign_negative(false);
        }
    }
    let answer = match operation {
        Operation::Add => a.checked_add(b).map(|sum| with_places(sum, a, b)),
        Operation::Subtract => a.checked_sub(b).map(|rest| with_places(rest, a, b)),
        // A zero keeps the places of both, if both are short.
        Operation::Multiply if a.is_zero() || b.is_zero() => {
            let scale = a.scale() + b.scale();
            let is_short = |side: Decimal| side.mantissa().unsigned_abs() <= u32::MAX.into();
            let keeps = is_short(a) && is_short(b) && scale <= 28 + 19;
            Some(Decimal::new(0, if keeps { scale.min(28) } else { 0 }))
        }
        Operation::Multiply => a.checked_mul(b),
        Operation::Divide => divide(a, b),
        Operation::Remainder if a.abs() < b.abs() => Some(a),
        Operation::Remainder => a.checked_rem(b).map(|mut rest| {
            let scale = a.scale().max(b.scale());
            if rest.is_zero() {
                rest = Decimal::new(0, scale);
            } else if rest.scale() < scale {
                rest.rescale(scale);
            }
            rest
        }),
    };
    answer.ok_or_else(|| too_large("Decimal"))
}

/// A sum has the places of the longer of both, as many as fit, also where one of them is zero.
fn with_places(mut sum: Decimal, a: Decimal, b: Decimal) -> Decimal {
    const MAX: u128 = (1 << 96) - 1;
    let scale = a.scale().max(b.scale());
    let mut mantissa = sum.mantissa().unsigned_abs();
    let mut places = sum.scale();
    while places < scale && mantissa.checked_mul(10).is_some_and(|m| m <= MAX) {
        mantissa *= 10;
        places += 1;
    }
    if places > sum.scale() {
        sum.rescale(places);
    }
    sum
}

/// Long division: as many digits as fit, rounded half to even; zeros at the end go unless the quotient is exact at once.
fn divide(a: Decimal, b: Decimal) -> Option<Decimal> {
    const MAX: u128 = (1 << 96) - 1;
    let (dividend, divisor) = (a.mantissa().unsigned_abs(), b.mantissa().unsigned_abs());
    let mut scale = a.scale() as i32 - b.scale() as i32;
    let (mut quotient, mut rest) = (dividend / divisor, dividend % divisor);
    let exact = rest == 0;
    while (rest != 0 && scale < 28) || scale < 0 {
        let digit = rest * 10 / divisor;
        match quotient.checked_mul(10).map(|q| q + digit).filter(|&q| q <= MAX) {
            Some(next) => quotient = next,
            None if scale < 0 => return None,
            None => break,
        }
        rest = rest * 10 % divisor;
        scale += 1;
    }
    let twice = rest * 2;
    if (twice > divisor || twice == divisor && quotient % 2 == 1) && quotient < MAX {
        quotient += 1;
    }
    while !exact && scale > 0 && quotient % 10 == 0 {
        quotient /= 10;
        scale -= 1;
    }
    let mut answer = Decimal::try_from_i128_with_scale(quotient as i128, scale as u32).ok()?;
    answer.set_sign_negative(a.is_sign_negative() != b.is_sign_negative() && quotient != 0);
    Some(answer)
}

/// `(decimal)value`: 15 significant digits.
pub fn from_double(value: f64) -> Result<Decimal> {
    from_float(value, 15)
}

/// `(decimal)value`: 7 significant digits.
pub fn from_single(value: f32) -> Result<Decimal> {
    from_float(value.into(), 7)
}

/// 2^96: no digit of it is looked at.
const BEYOND: f64 = 79_228_162_514_264_337_593_543_950_336.0;

/// The number that a binary fraction is taken for: scaled by a power of ten to so many digits, computed in doubles as the
/// runtime does it, so that zeros may stay at the end of what was rounded up.
fn from_float(value: f64, digits: i32) -> Result<Decimal> {
    if value.is_nan() || value.abs() >= BEYOND {
        return Err(too_large("Decimal"));
    }
    // The value is between a half and one, times this power of two.
    let exponent = (value.to_bits() >> 52 & 0x7FF) as i32 - 1022;
    if exponent < -94 {
        return Ok(Decimal::ZERO);
    }
    let by = |power: i32| POWERS[power as usize];
    let (least, beyond) = (by(digits - 1), by(digits));
    let mut scaled = value.abs();
    let mut power = (digits - 1 - ((exponent * 19728) >> 16)).min(28);
    if power >= 0 {
        scaled *= by(power);
    } else if power != -1 || scaled >= beyond {
        scaled /= by(-power);
    } else {
        power = 0;
    }
    if scaled < least && power < 28 {
        scaled *= 10.0;
        power += 1;
    }
    let mut mantissa = scaled.round_ties_even() as i128;
    if mantissa == 0 {
        return Ok(Decimal::ZERO);
    }
    // No more zeros are taken off than the digits before the last one.
    let mut most = power.min(digits - 1);
    while most > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        power -= 1;
        most -= 1;
    }
    if power < 0 {
        mantissa *= 10i128.pow(-power as u32);
        power = 0;
    }
    let signed = if value < 0.0 { -mantissa } else { mantissa };
    Decimal::try_from_i128_with_scale(signed, power as u32).map_err(|_| too_large("Decimal"))
}

/// `(double)value`: by way of the signed number, which rounds twice beyond 2^63.
pub fn unsigned_to_double(value: u64) -> f64 {
    let signed = value as i64;
    if signed < 0 { signed as f64 + 18_446_744_073_709_551_616.0 } else { signed as f64 }
}

/// Powers of ten, each the nearest `double`.
const POWERS: [f64; 29] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28,
];

/// `(double)value`, computed as .NET does: the 96 bits as a double, divided by a power of ten.
pub fn to_double(value: Decimal) -> f64 {
    let mantissa = value.mantissa().unsigned_abs();
    let magnitude = (unsigned_to_double(mantissa as u64) + ((mantissa >> 64) as f64) * 18_446_744_073_709_551_616.0)
        / POWERS[value.scale() as usize];
    if value.is_sign_negative() { -magnitude } else { magnitude }
}

/// The integer part, for conversions to integers.
pub fn to_integer(value: Decimal) -> i128 {
    value.trunc().mantissa()
}

/// The decimal in an argument.
pub fn decimal(cx: &Call<'_>, value: Value) -> Decimal {
    cx.heap.decimal(value).unwrap_or_default()
}

/// `Math.Round(value, digits, mode)`.
pub fn round(value: Decimal, digits: i32, mode: i64) -> Result<Decimal> {
    let digits = u32::try_from(digits).ok().filter(|&d| d <= 28).ok_or_else(|| {
        Fault::out_of_range("Decimal can only round to between 0 and 28 digits of precision.", "decimals")
    })?;
    Ok(value.round_dp_with_strategy(digits, strategy(mode)?))
}

fn strategy(mode: i64) -> Result<RoundingStrategy> {
    Ok(match mode {
        0 => RoundingStrategy::MidpointNearestEven,
        1 => RoundingStrategy::MidpointAwayFromZero,
        2 => RoundingStrategy::ToZero,
        3 => RoundingStrategy::ToNegativeInfinity,
        4 => RoundingStrategy::ToPositiveInfinity,
        _ => return Err(bad_mode(mode)),
    })
}

/// The value is no `MidpointRounding`.
pub fn bad_mode(mode: i64) -> Fault {
    Fault::argument(&format!("The value '{mode}' is not valid for this usage of the type MidpointRounding."), "mode")
}

fn make(cx: &mut Call<'_>, value: Decimal) -> Result {
    cx.heap.new_decimal(value)
}

const MAKING: &[Row] = &[
    constructor("Decimal(int value)", FROM_INTEGER),
    constructor("Decimal(uint value)", FROM_INTEGER),
    constructor("Decimal(long value)", FROM_INTEGER),
    constructor("Decimal(ulong value)", FROM_INTEGER),
    constructor("Decimal(float value)", FROM_FLOAT),
    constructor("Decimal(double value)", FROM_FLOAT),
    constructor("Decimal(int[] bits)", from_bits),
    constructor("Decimal(int lo, int mid, int hi, bool isNegative, byte scale)", from_parts),
    static_property("decimal MaxValue", |cx, _| make(cx, Decimal::MAX)),
    static_property("decimal MinValue", |cx, _| make(cx, Decimal::MIN)),
    static_property("decimal MinusOne", |cx, _| make(cx, Decimal::NEGATIVE_ONE)),
    static_property("decimal One", |cx, _| make(cx, Decimal::ONE)),
    static_property("decimal Zero", |cx, _| make(cx, Decimal::ZERO)),
    static_method("decimal FromOACurrency(long cy)", |cx, a| {
        let mut value = Decimal::from_i128_with_scale(long(a[0]).into(), 4);
        if !value.is_zero() {
            value = value.normalize();
        }
        make(cx, value)
    }),
];

const FROM_INTEGER: Native = |cx, a| {
    let value = match a[0] {
        Value::UInt64(v) => Decimal::from(v),
        other => Decimal::from(long(other)),
    };
    make(cx, value)
};

const FROM_FLOAT: Native = |cx, a| {
    let value = match a[0] {
        Value::Single(v) => from_single(v)?,
        other => from_double(number(other))?,
    };
    make(cx, value)
};

fn from_bits(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let bits: Vec<u32> =
        cx.heap.items(a[0]).ok_or_else(|| Fault::argument_null("bits"))?.iter().map(|&v| int(v) as u32).collect();
    let wrong = || {
        Fault::throw(
            "System.ArgumentException",
            "Decimal byte array constructor requires an array of length four containing valid decimal bytes.",
        )
    };
    let &[lo, mid, hi, flags] = bits.as_slice() else { return Err(wrong()) };
    let scale = flags >> 16 & 0xFF;
    if flags & 0x7F00_FFFF != 0 || scale > 28 {
        return Err(wrong());
    }
    make(cx, Decimal::from_parts(lo, mid, hi, flags >> 31 == 1, scale))
}

fn from_parts(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let scale = int(a[4]) as u32;
    if scale > 28 {
        let message = "Decimal's scale value must be between 0 and 28, inclusive.";
        return Err(Fault::out_of_range(message, "scale"));
    }
    make(cx, Decimal::from_parts(int(a[0]) as u32, int(a[1]) as u32, int(a[2]) as u32, truth(a[3]), scale))
}

fn two(cx: &mut Call<'_>, a: &[Value], operation: Operation) -> Result {
    let answer = calculate(operation, decimal(cx, a[0]), decimal(cx, a[1]))?;
    make(cx, answer)
}

fn one(cx: &mut Call<'_>, a: &[Value], f: fn(Decimal) -> Decimal) -> Result {
    let value = f(decimal(cx, a[0]));
    make(cx, value)
}

const MEMBERS: &[Row] = &[
    static_method("decimal Add(decimal d1, decimal d2)", |cx, a| two(cx, a, Operation::Add)),
    static_method("decimal Ceiling(decimal d)", |cx, a| one(cx, a, |d| d.ceil())),
    static_method("int Compare(decimal d1, decimal d2)", compare_row),
    method("int CompareTo(object value)", compare_row),
    method("int CompareTo(decimal value)", compare_row),
    static_method("decimal Divide(decimal d1, decimal d2)", |cx, a| two(cx, a, Operation::Divide)),
    method("bool Equals(object value)", equals_row),
    method("bool Equals(decimal value)", equals_row),
    static_method("bool Equals(decimal d1, decimal d2)", equals_row),
    static_method("decimal Floor(decimal d)", |cx, a| one(cx, a, |d| d.floor())),
    static_method("int[] GetBits(decimal d)", get_bits),
    method("int GetHashCode()", hash_row),
    method("TypeCode GetTypeCode()", type_code),
    static_method("decimal Multiply(decimal d1, decimal d2)", |cx, a| two(cx, a, Operation::Multiply)),
    static_method("decimal Negate(decimal d)", |cx, a| one(cx, a, |d| -d)),
    static_method("decimal Remainder(decimal d1, decimal d2)", |cx, a| two(cx, a, Operation::Remainder)),
    static_method("decimal Round(decimal d)", round_row),
    static_method("decimal Round(decimal d, int decimals)", round_row),
    static_method("decimal Round(decimal d, MidpointRounding mode)", round_row),
    static_method("decimal Round(decimal d, int decimals, MidpointRounding mode)", round_row),
    static_method("decimal Subtract(decimal d1, decimal d2)", |cx, a| two(cx, a, Operation::Subtract)),
    static_method("byte ToByte(decimal value)", TO_BYTE),
    static_method("double ToDouble(decimal d)", TO_DOUBLE),
    static_method("short ToInt16(decimal value)", TO_INT16),
    static_method("int ToInt32(decimal d)", TO_INT32),
    static_method("long ToInt64(decimal d)", TO_INT64),
    static_method("long ToOACurrency(decimal value)", |cx, a| {
        let scaled = round(decimal(cx, a[0]), 4, 0)?.checked_mul(Decimal::from(10_000)).map(to_integer);
        scaled.and_then(|v| i64::try_from(v).ok()).map(Value::Int64).ok_or_else(|| {
            let message = "Value was either too large or too small for a Currency.";
            Fault::throw("System.OverflowException", message)
        })
    }),
    static_method("sbyte ToSByte(decimal value)", TO_SBYTE),
    static_method("float ToSingle(decimal d)", TO_SINGLE),
    method("string ToString()", to_string),
    method("string ToString(string format)", to_string_format),
    method("string ToString(IFormatProvider provider)", to_string),
    method("string ToString(string format, IFormatProvider provider)", to_string_format),
    static_method("ushort ToUInt16(decimal value)", TO_UINT16),
    static_method("uint ToUInt32(decimal d)", TO_UINT32),
    static_method("ulong ToUInt64(decimal d)", TO_UINT64),
    static_method("decimal Truncate(decimal d)", |cx, a| one(cx, a, |d| d.trunc())),
];

/// `Round` of a decimal with what optional arguments follow.
pub fn round_row(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let digits = match a.get(1) {
        Some(Value::Int32(digits)) => *digits,
        _ => 0,
    };
    let mode = match a.last() {
        Some(Value::Enum { value, .. }) => *value,
        _ => 0,
    };
    let value = round(decimal(cx, a[0]), digits, mode)?;
    make(cx, value)
}

fn get_bits(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let value = decimal(cx, a[0]);
    let mantissa = value.mantissa().unsigned_abs();
    let flags = value.scale() << 16 | u32::from(value.is_sign_negative()) << 31;
    let parts = [mantissa as u32, (mantissa >> 32) as u32, (mantissa >> 64) as u32, flags];
    let items = parts.into_iter().map(|part| Value::Int32(part as i32)).collect();
    cx.heap.new_array(TypeId::array(crate::dotnet::types::int32()), items)
}

macro_rules! to_integers {
    ($($id:ident $variant:ident $ty:ident $name:literal;)*) => {
        $(const $id: Native = |cx, a| {
            $ty::try_from(to_integer(decimal(cx, a[0]))).map(Value::$variant).map_err(|_| too_large($name))
        };)*
    };
}

to_integers! {
    TO_SBYTE SByte i8 "SByte";
    TO_BYTE Byte u8 "Byte";
    TO_INT16 Int16 i16 "Int16";
    TO_UINT16 UInt16 u16 "UInt16";
    TO_INT32 Int32 i32 "Int32";
    TO_UINT32 UInt32 u32 "UInt32";
    TO_INT64 Int64 i64 "Int64";
    TO_UINT64 UInt64 u64 "UInt64";
    TO_CHAR Char u16 "Char";
}

const TO_DOUBLE: Native = |cx, a| Ok(Value::Double(to_double(decimal(cx, a[0]))));
const TO_SINGLE: Native = |cx, a| Ok(Value::Single(to_double(decimal(cx, a[0])) as f32));

const READING: &[Row] = &[
    static_method("decimal Parse(string s)", parse),
    static_method("decimal Parse(string s, NumberStyles style)", parse),
    static_method("decimal Parse(string s, IFormatProvider provider)", parse),
    static_method("decimal Parse(string s, NumberStyles style, IFormatProvider provider)", parse),
    static_method("bool TryParse(string s, out decimal result)", try_parse),
    static_method(
        "bool TryParse(string s, NumberStyles style, IFormatProvider provider, out decimal result)",
        try_parse_style,
    ),
];

fn parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let style = style_of(a, 1, styles::NUMBER)?;
    let value = parse::decimal(&cx.text(a[0], "s")?, style).map_err(|why| wrong(why, "Decimal"))?;
    make(cx, value)
}

fn try_read(cx: &mut Call<'_>, text: Value, style: i64, out: u8) -> Result {
    let found = cx.heap.text(text).and_then(|text| parse::decimal(&text, style).ok());
    let value = make(cx, found.unwrap_or_default())?;
    cx.set_out(out, value);
    Ok(Value::Bool(found.is_some()))
}

fn try_parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    try_read(cx, a[0], styles::NUMBER, 1)
}

fn try_parse_style(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let style = style_of(a, 1, styles::NUMBER)?;
    try_read(cx, a[0], style, 3)
}

fn compared(cx: &mut Call<'_>, a: &[Value], yes: fn(std::cmp::Ordering) -> bool) -> Result {
    Ok(Value::Bool(yes(decimal(cx, a[0]).cmp(&decimal(cx, a[1])))))
}

const OPERATORS: &[Row] = &[
    operator("decimal op_Addition(decimal d1, decimal d2)", |cx, a| two(cx, a, Operation::Add)),
    operator("decimal op_Decrement(decimal d)", |cx, a| {
        let value = calculate(Operation::Subtract, decimal(cx, a[0]), Decimal::ONE)?;
        make(cx, value)
    }),
    operator("decimal op_Division(decimal d1, decimal d2)", |cx, a| two(cx, a, Operation::Divide)),
    operator("bool op_Equality(decimal d1, decimal d2)", |cx, a| compared(cx, a, |o| o.is_eq())),
    operator("bool op_GreaterThan(decimal d1, decimal d2)", |cx, a| compared(cx, a, |o| o.is_gt())),
    operator("bool op_GreaterThanOrEqual(decimal d1, decimal d2)", |cx, a| compared(cx, a, |o| o.is_ge())),
    operator("decimal op_Increment(decimal d)", |cx, a| {
        let value = calculate(Operation::Add, decimal(cx, a[0]), Decimal::ONE)?;
        make(cx, value)
    }),
    operator("bool op_Inequality(decimal d1, decimal d2)", |cx, a| compared(cx, a, |o| o.is_ne())),
    operator("bool op_LessThan(decimal d1, decimal d2)", |cx, a| compared(cx, a, |o| o.is_lt())),
    operator("bool op_LessThanOrEqual(decimal d1, decimal d2)", |cx, a| compared(cx, a, |o| o.is_le())),
    operator("decimal op_Modulus(decimal d1, decimal d2)", |cx, a| two(cx, a, Operation::Remainder)),
    operator("decimal op_Multiply(decimal d1, decimal d2)", |cx, a| two(cx, a, Operation::Multiply)),
    operator("decimal op_Subtraction(decimal d1, decimal d2)", |cx, a| two(cx, a, Operation::Subtract)),
    operator("decimal op_UnaryNegation(decimal d)", |cx, a| one(cx, a, |d| -d)),
    operator("decimal op_UnaryPlus(decimal d)", |_, a| Ok(a[0])),
];

const CONVERSIONS: &[Row] = &[
    operator("decimal op_Explicit(float value)", FROM_FLOAT),
    operator("decimal op_Explicit(double value)", FROM_FLOAT),
    operator("byte op_Explicit(decimal value)", TO_BYTE),
    operator("sbyte op_Explicit(decimal value)", TO_SBYTE),
    operator("char op_Explicit(decimal value)", TO_CHAR),
    operator("short op_Explicit(decimal value)", TO_INT16),
    operator("ushort op_Explicit(decimal value)", TO_UINT16),
    operator("int op_Explicit(decimal value)", TO_INT32),
    operator("uint op_Explicit(decimal value)", TO_UINT32),
    operator("long op_Explicit(decimal value)", TO_INT64),
    operator("ulong op_Explicit(decimal value)", TO_UINT64),
    operator("float op_Explicit(decimal value)", TO_SINGLE),
    operator("double op_Explicit(decimal value)", TO_DOUBLE),
    operator("decimal op_Implicit(byte value)", FROM_INTEGER),
    operator("decimal op_Implicit(sbyte value)", FROM_INTEGER),
    operator("decimal op_Implicit(short value)", FROM_INTEGER),
    operator("decimal op_Implicit(ushort value)", FROM_INTEGER),
    operator("decimal op_Implicit(char value)", FROM_INTEGER),
    operator("decimal op_Implicit(int value)", FROM_INTEGER),
    operator("decimal op_Implicit(uint value)", FROM_INTEGER),
    operator("decimal op_Implicit(long value)", FROM_INTEGER),
    operator("decimal op_Implicit(ulong value)", FROM_INTEGER),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_and_rounding_are_dotnets() {
        use Operation::*;
        let d = |text: &str| text.parse::<Decimal>().expect("a decimal");
        for (a, operation, b, expected) in [
            ("10.50", Remainder, "4", "2.50"),
            ("7", Remainder, "2.5", "2.0"),
            ("10.50", Multiply, "0.30", "3.1500"),
            ("10.50", Divide, "0.30", "35"),
            ("1.0", Multiply, "1.00", "1.000"),
            ("10", Divide, "4", "2.5"),
            ("1", Divide, "3", "0.3333333333333333333333333333"),
            ("2", Divide, "3", "0.6666666666666666666666666667"),
            ("1.50", Subtract, "1", "0.50"),
        ] {
            let answer = calculate(operation, d(a), d(b)).map(|d| d.to_string()).ok();
            assert_eq!(answer.as_deref(), Some(expected), "{a} {operation:?} {b}");
        }
        assert_eq!(from_double(65.99).map(|d| d.to_string()).ok().as_deref(), Some("65.99"));
        assert_eq!(from_single(1e-5).map(|d| d.to_string()).ok().as_deref(), Some("0.000010"));
        assert_eq!(from_single(0.1).map(|d| d.to_string()).ok().as_deref(), Some("0.1"));
        assert!(from_double(1e30).is_err());
    }
}
