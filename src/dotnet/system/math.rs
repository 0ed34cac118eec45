//! `System.Math`, `System.MidpointRounding` and `System.Random`.

use super::decimal::{self, bad_mode, round_row};
use super::hyperbolic;
use super::object;
use crate::dotnet::call::{Call, double, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Native, Row, TypeDef, constant, constructor, enum_value, method, static_method};
use crate::dotnet::value::Value;
use std::cmp::Ordering;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static MATH: TypeDef =
    TypeDef::new("System.Math", Kind::Static, &[REAL, ROUNDING, ABS, SIGN, MIN, MAX, CLAMP, INTEGERS]);

pub static MIDPOINT: TypeDef = TypeDef::new(
    "System.MidpointRounding",
    Kind::Enum,
    &[&[
        enum_value("ToEven = 0", 0),
        enum_value("AwayFromZero = 1", 1),
        enum_value("ToZero = 2", 2),
        enum_value("ToNegativeInfinity = 3", 3),
        enum_value("ToPositiveInfinity = 4", 4),
    ]],
);

fn real(a: &[Value], f: fn(f64) -> f64) -> Result {
    Ok(Value::Double(f(double(a[0]))))
}

macro_rules! real_rows {
    ($($signature:literal $f:expr;)*) => {
        &[$(static_method($signature, |_, a| real(a, $f))),*]
    };
}

const REAL: &[Row] = real_rows! {
    "double Acos(double d)" f64::acos;
    "double Acosh(double d)" hyperbolic::acosh;
    "double Asin(double d)" f64::asin;
    "double Asinh(double d)" hyperbolic::asinh;
    "double Atan(double d)" f64::atan;
    "double Atanh(double d)" hyperbolic::atanh;
    "double BitDecrement(double x)" |x| if x == f64::INFINITY { f64::MAX } else { x.next_down() };
    "double BitIncrement(double x)" |x| if x == f64::NEG_INFINITY { f64::MIN } else { x.next_up() };
    "double Cbrt(double d)" hyperbolic::cbrt;
    "double Ceiling(double a)" f64::ceil;
    "double Cos(double d)" f64::cos;
    "double Cosh(double value)" f64::cosh;
    "double Exp(double d)" f64::exp;
    "double Floor(double d)" f64::floor;
    "double Log(double d)" f64::ln;
    "double Log10(double d)" f64::log10;
    "double Log2(double x)" f64::log2;
    "double Sin(double a)" f64::sin;
    "double Sinh(double value)" f64::sinh;
    "double Sqrt(double d)" f64::sqrt;
    "double Tan(double a)" f64::tan;
    "double Tanh(double value)" f64::tanh;
    "double Truncate(double d)" f64::trunc;
};

const ROUNDING: &[Row] = &[
    constant("const double E", Value::Double(std::f64::consts::E)),
    constant("const double PI", Value::Double(std::f64::consts::PI)),
    static_method("double Atan2(double y, double x)", |_, a| Ok(Value::Double(double(a[0]).atan2(double(a[1]))))),
    static_method("double CopySign(double x, double y)", |_, a| Ok(Value::Double(double(a[0]).copysign(double(a[1]))))),
    static_method("double FusedMultiplyAdd(double x, double y, double z)", |_, a| {
        Ok(Value::Double(double(a[0]).mul_add(double(a[1]), double(a[2]))))
    }),
    static_method("double IEEERemainder(double x, double y)", |_, a| {
        let (x, y) = (double(a[0]), double(a[1]));
        if x.is_nan() || y.is_nan() || x.is_infinite() || y == 0.0 {
            return Ok(Value::Double(f64::NAN));
        }
        if y.is_infinite() {
            return Ok(Value::Double(x));
        }
        // `%` is exact; the quotient is rounded half to even. Twice the largest numbers is none: they are made smaller.
        let scale = if y.abs() > 1e300 { 0.0625 } else { 1.0 };
        if x.abs() < y.abs() * 0.5 {
            return Ok(Value::Double(x));
        }
        let (x, y) = (x * scale, y * scale);
        let (size, step) = (x.abs() % (2.0 * y.abs()), y.abs());
        let rest = match () {
            () if size * 2.0 <= step => size,
            () if size * 2.0 < 3.0 * step => size - step,
            () => size - 2.0 * step,
        };
        let rest = if x.is_sign_negative() { -rest } else { rest };
        Ok(Value::Double(if rest == 0.0 { 0.0f64.copysign(x) } else { rest / scale }))
    }),
    static_method("int ILogB(double x)", |_, a| {
        let x = double(a[0]);
        Ok(Value::Int32(match x {
            0.0 => i32::MIN,
            x if x.is_nan() || x.is_infinite() => i32::MAX,
            x => {
                let bits = (x.to_bits() >> 52 & 0x7FF) as i32;
                if bits == 0 { ((x * 2f64.powi(54)).to_bits() >> 52 & 0x7FF) as i32 - 1023 - 54 } else { bits - 1023 }
            }
        }))
    }),
    static_method("double Log(double a, double newBase)", |_, a| {
        let (x, base) = (double(a[0]), double(a[1]));
        let undefined = base == 1.0 || x != 1.0 && (base == 0.0 || base == f64::INFINITY);
        let answer = match () {
            () if x.is_nan() => x,
            () if base.is_nan() => base,
            () if undefined => f64::NAN,
            () => x.ln() / base.ln(),
        };
        Ok(Value::Double(answer))
    }),
    static_method("double MaxMagnitude(double x, double y)", |_, a| {
        let (x, y) = (double(a[0]), double(a[1]));
        let first = x.abs() > y.abs() || x.is_nan() || x.abs() == y.abs() && !x.is_sign_negative();
        Ok(Value::Double(if first { x } else { y }))
    }),
    static_method("double MinMagnitude(double x, double y)", |_, a| {
        let (x, y) = (double(a[0]), double(a[1]));
        let first = x.abs() < y.abs() || x.is_nan() || x.abs() == y.abs() && x.is_sign_negative();
        Ok(Value::Double(if first { x } else { y }))
    }),
    static_method("double Pow(double x, double y)", |_, a| Ok(Value::Double(double(a[0]).powf(double(a[1]))))),
    static_method("double ScaleB(double x, int n)", |_, a| {
        let (mut x, mut n) = (double(a[0]), int(a[1]).clamp(-3000, 3000));
        while n != 0 {
            let step = n.clamp(-1000, 1000);
            x *= 2f64.powi(step);
            n -= step;
        }
        Ok(Value::Double(x))
    }),
    static_method("double Round(double a)", round),
    static_method("double Round(double value, int digits)", round),
    static_method("double Round(double value, MidpointRounding mode)", round),
    static_method("double Round(double value, int digits, MidpointRounding mode)", round),
    static_method("decimal Round(decimal d)", round_row),
    static_method("decimal Round(decimal d, int decimals)", round_row),
    static_method("decimal Round(decimal d, MidpointRounding mode)", round_row),
    static_method("decimal Round(decimal d, int decimals, MidpointRounding mode)", round_row),
    static_method("decimal Ceiling(decimal d)", |cx, a| {
        let value = decimal::decimal(cx, a[0]).ceil();
        cx.heap.new_decimal(value)
    }),
    static_method("decimal Floor(decimal d)", |cx, a| {
        let value = decimal::decimal(cx, a[0]).floor();
        cx.heap.new_decimal(value)
    }),
    static_method("decimal Truncate(decimal d)", |cx, a| {
        let value = decimal::decimal(cx, a[0]).trunc();
        cx.heap.new_decimal(value)
    }),
];

/// `Math.Round` of a double with what optional arguments follow.
fn round(_: &mut Call<'_>, a: &[Value]) -> Result {
    let value = double(a[0]);
    let mode = match a.last() {
        Some(Value::Enum { value, .. }) => *value,
        _ => 0,
    };
    let digits = if let Some(&Value::Int32(digits)) = a.get(1) { Some(digits) } else { None };
    if digits.is_some_and(|digits| !(0..=15).contains(&digits)) {
        return Err(Fault::out_of_range("Rounding digits must be between 0 and 15, inclusive.", "digits"));
    }
    if !(0..=4).contains(&mode) {
        return Err(bad_mode(mode));
    }
    let Some(digits) = digits else { return Ok(Value::Double(by_mode(value, mode))) };
    if value.abs() >= 1e16 {
        return Ok(Value::Double(value));
    }
    let power = 10f64.powi(digits);
    Ok(Value::Double(by_mode(value * power, mode) / power))
}

fn by_mode(value: f64, mode: i64) -> f64 {
    match mode {
        0 => value.round_ties_even(),
        1 => value.round(),
        2 => value.trunc(),
        3 => value.floor(),
        _ => value.ceil(),
    }
}

macro_rules! rows {
    ($name:literal $f:expr, $($ty:literal),*) => {
        &[$(static_method(concat!($ty, " ", $name, "(", $ty, " value)"), $f)),*]
    };
}

const ABS: &[Row] = rows!("Abs" ABSOLUTE, "double", "float", "short", "int", "long", "sbyte", "decimal");

const ABSOLUTE: Native = |cx, a| {
    let wrong = || {
        Fault::throw("System.OverflowException", "Negating the minimum value of a twos complement number is invalid.")
    };
    Ok(match a[0] {
        Value::Double(v) => Value::Double(v.abs()),
        Value::Single(v) => Value::Single(v.abs()),
        Value::SByte(v) => Value::SByte(v.checked_abs().ok_or_else(wrong)?),
        Value::Int16(v) => Value::Int16(v.checked_abs().ok_or_else(wrong)?),
        Value::Int32(v) => Value::Int32(v.checked_abs().ok_or_else(wrong)?),
        Value::Int64(v) => Value::Int64(v.checked_abs().ok_or_else(wrong)?),
        other => {
            let value = decimal::decimal(cx, other).abs();
            return cx.heap.new_decimal(value);
        }
    })
};

macro_rules! sign_rows {
    ($($ty:literal),*) => {
        &[$(static_method(concat!("int Sign(", $ty, " value)"), sign)),*]
    };
}

const SIGN: &[Row] = sign_rows!("decimal", "double", "short", "int", "long", "sbyte", "float");

fn sign(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let order = match a[0] {
        Value::Double(_) | Value::Single(_) => double(a[0]).partial_cmp(&0.0).ok_or_else(|| {
            Fault::throw("System.ArithmeticException", "Function does not accept floating point Not-a-Number values.")
        })?,
        other => match cx.heap.decimal(other) {
            Some(value) => value.cmp(&rust_decimal::Decimal::ZERO),
            None => long(other).cmp(&0),
        },
    };
    Ok(Value::Int32(order as i32))
}

macro_rules! two_rows {
    ($name:literal $f:expr, $($ty:literal),*) => {
        &[$(static_method(concat!($ty, " ", $name, "(", $ty, " val1, ", $ty, " val2)"), $f)),*]
    };
}

const MIN: &[Row] = two_rows!(
    "Min" | cx,
    a | extreme(cx, a, Ordering::Less),
    "byte",
    "decimal",
    "double",
    "short",
    "int",
    "long",
    "sbyte",
    "float",
    "ushort",
    "uint",
    "ulong"
);
const MAX: &[Row] = two_rows!(
    "Max" | cx,
    a | extreme(cx, a, Ordering::Greater),
    "byte",
    "decimal",
    "double",
    "short",
    "int",
    "long",
    "sbyte",
    "float",
    "ushort",
    "uint",
    "ulong"
);

fn extreme(cx: &mut Call<'_>, a: &[Value], wanted: Ordering) -> Result {
    if let Value::Double(_) | Value::Single(_) = a[0] {
        let (x, y) = (double(a[0]), double(a[1]));
        let zero_wins = x == 0.0 && y == 0.0 && x.is_sign_negative() == (wanted == Ordering::Less);
        return Ok(if x.is_nan() || x.partial_cmp(&y) == Some(wanted) || zero_wins { a[0] } else { a[1] });
    }
    let order = object::compare(cx, a[0], a[1])?;
    // Of equal ones, which may show differently, the first is the largest and the second the smallest.
    let first = order == wanted || order.is_eq() && wanted == Ordering::Greater;
    Ok(if first { a[0] } else { a[1] })
}

macro_rules! clamp_rows {
    ($($ty:literal),*) => {
        &[$(static_method(concat!($ty, " Clamp(", $ty, " value, ", $ty, " min, ", $ty, " max)"), clamp)),*]
    };
}

const CLAMP: &[Row] =
    clamp_rows!("byte", "decimal", "double", "short", "int", "long", "sbyte", "float", "ushort", "uint", "ulong");

fn clamp(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let order = |cx: &mut Call<'_>, x: Value, y: Value| match (x, y) {
        (Value::Double(_) | Value::Single(_), _) => Ok(double(x).partial_cmp(&double(y)).unwrap_or(Ordering::Equal)),
        _ => object::compare(cx, x, y),
    };
    if order(cx, a[1], a[2])?.is_gt() {
        let (min, max) = (object::display(cx, a[1])?, object::display(cx, a[2])?);
        return Err(Fault::throw("System.ArgumentException", format!("'{min}' cannot be greater than {max}.")));
    }
    if order(cx, a[0], a[1])?.is_lt() {
        return Ok(a[1]);
    }
    Ok(if order(cx, a[0], a[2])?.is_gt() { a[2] } else { a[0] })
}

const INTEGERS: &[Row] = &[
    static_method("long BigMul(int a, int b)", |_, a| Ok(Value::Int64(long(a[0]) * long(a[1])))),
    static_method("int DivRem(int a, int b, out int result)", |cx, a| {
        let (x, y) = (int(a[0]), int(a[1]));
        if y == 0 {
            return Err(Fault::divide_by_zero());
        }
        let quotient = x.checked_div(y).ok_or_else(Fault::overflow)?;
        cx.set_out(2, Value::Int32(x - quotient * y));
        Ok(Value::Int32(quotient))
    }),
    static_method("long DivRem(long a, long b, out long result)", |cx, a| {
        let (x, y) = (long(a[0]), long(a[1]));
        if y == 0 {
            return Err(Fault::divide_by_zero());
        }
        let quotient = x.checked_div(y).ok_or_else(Fault::overflow)?;
        cx.set_out(2, Value::Int64(x - quotient * y));
        Ok(Value::Int64(quotient))
    }),
];

// ---- random numbers --------------------------------------------------------------------------------------------------

pub static RANDOM: TypeDef = TypeDef::new(
    "System.Random",
    Kind::Class,
    &[&[
        constructor("Random()", |cx, _| {
            let seed = cx.host.random() as i32;
            new_random(cx, seed)
        }),
        constructor("Random(int Seed)", |cx, a| new_random(cx, int(a[0]))),
        method("int Next()", |cx, a| Ok(Value::Int32(cx.this_mut::<Random>(a[0])?.sample()))),
        method("int Next(int minValue, int maxValue)", |cx, a| {
            let (min, max) = (int(a[1]), int(a[2]));
            if min > max {
                return Err(Fault::out_of_range("'minValue' cannot be greater than maxValue.", "minValue"));
            }
            let range = i64::from(max) - i64::from(min);
            let random = cx.this_mut::<Random>(a[0])?;
            let offset = if range <= i64::from(i32::MAX) {
                (random.fraction() * range as f64) as i64
            } else {
                (random.large_fraction() * range as f64) as i64
            };
            Ok(Value::Int32((offset + i64::from(min)) as i32))
        }),
        method("int Next(int maxValue)", |cx, a| {
            let max = int(a[1]);
            if max < 0 {
                return Err(Fault::out_of_range("'maxValue' must be greater than zero.", "maxValue"));
            }
            Ok(Value::Int32((cx.this_mut::<Random>(a[0])?.fraction() * f64::from(max)) as i32))
        }),
        method("void NextBytes(byte[] buffer)", |cx, a| {
            let len = cx.heap.bytes(a[1]).ok_or_else(|| Fault::argument_null("buffer"))?.len();
            cx.charge_fuel(len / 4)?;
            let random = cx.this_mut::<Random>(a[0])?;
            let drawn: Vec<u8> = (0..len).map(|_| random.sample() as u8).collect();
            if let Value::Object(handle) = a[1] {
                if let crate::dotnet::heap::Object::Bytes(bytes) = cx.heap.get_mut(handle) {
                    bytes.copy_from_slice(&drawn);
                }
            }
            Ok(Value::Null)
        }),
        method("double NextDouble()", |cx, a| Ok(Value::Double(cx.this_mut::<Random>(a[0])?.fraction()))),
    ]],
);

fn new_random(cx: &mut Call<'_>, seed: i32) -> Result {
    let ty = crate::dotnet::types::TypeId::named("System.Random");
    cx.heap.new_extension(ty, Random::new(seed))
}

/// Knuth's subtractive generator, as .NET has it.
#[derive(Debug)]
struct Random {
    seeds: [i32; 56],
    next: usize,
    other: usize,
}

impl Random {
    fn new(seed: i32) -> Random {
        let mut seeds = [0; 56];
        let mut last = 161_803_398 - seed.checked_abs().unwrap_or(i32::MAX);
        seeds[55] = last;
        let mut value = 1i32;
        let mut at = 0;
        for _ in 1..55 {
            at = (at + 21) % 55;
            seeds[at] = value;
            value = last.wrapping_sub(value);
            if value < 0 {
                value += i32::MAX;
            }
            last = seeds[at];
        }
        for _ in 1..5 {
            for k in 1..56 {
                let n = (k + 30) % 55;
                seeds[k] = i32::wrapping_sub(seeds[k], seeds[1 + n]);
                if seeds[k] < 0 {
                    seeds[k] = seeds[k].wrapping_add(i32::MAX);
                }
            }
        }
        Random { seeds, next: 0, other: 21 }
    }

    /// From 0 to `i32::MAX - 1`.
    fn sample(&mut self) -> i32 {
        self.next = if self.next >= 55 { 1 } else { self.next + 1 };
        self.other = if self.other >= 55 { 1 } else { self.other + 1 };
        let mut drawn = self.seeds[self.next].wrapping_sub(self.seeds[self.other]);
        if drawn == i32::MAX {
            drawn -= 1;
        }
        if drawn < 0 {
            drawn = drawn.wrapping_add(i32::MAX);
        }
        self.seeds[self.next] = drawn;
        drawn
    }

    fn fraction(&mut self) -> f64 {
        f64::from(self.sample()) * (1.0 / f64::from(i32::MAX))
    }

    fn large_fraction(&mut self) -> f64 {
        let size = self.sample();
        let negative = self.sample() % 2 == 0;
        let drawn = f64::from(if negative { -size } else { size });
        (drawn + f64::from(i32::MAX - 1)) / (2.0 * f64::from(i32::MAX) - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_random_is_dotnets() {
        assert_eq!(Random::new(42).fraction(), 0.6681064659115423);
        let mut random = Random::new(123);
        let drawn: Vec<i32> = (0..5).map(|_| (random.fraction() * 100.0) as i32).collect();
        assert_eq!(drawn, [98, 90, 74, 81, 73]);
    }
}
