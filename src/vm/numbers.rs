//! Arithmetic, comparison and conversion of numbers, as .NET computes them.

use crate::bytecode::op::{Arithmetic, Bitwise, Comparison, Number, Numeric};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::system::decimal::{Operation, calculate, from_double, from_single, to_double, unsigned_to_double};
use crate::dotnet::value::Value;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::cmp::Ordering;

fn integer(value: Value) -> i64 {
    value.integer().unwrap_or_default()
}

fn real(value: Value) -> f64 {
    match value {
        Value::Double(v) => v,
        Value::Single(v) => f64::from(v),
        other => integer(other) as f64,
    }
}

fn single(value: Value) -> f32 {
    match value {
        Value::Single(v) => v,
        other => real(other) as f32,
    }
}

pub fn decimal(heap: &Heap, value: Value) -> Decimal {
    heap.decimal(value).unwrap_or_default()
}

macro_rules! integral {
    ($op:expr, $checked:expr, $a:expr, $b:expr, $wrap:path) => {{
        let (a, b) = ($a, $b);
        match $op {
            Arithmetic::Add if $checked => $wrap(a.checked_add(b).ok_or_else(Fault::overflow)?),
            Arithmetic::Subtract if $checked => $wrap(a.checked_sub(b).ok_or_else(Fault::overflow)?),
            Arithmetic::Multiply if $checked => $wrap(a.checked_mul(b).ok_or_else(Fault::overflow)?),
            Arithmetic::Add => $wrap(a.wrapping_add(b)),
            Arithmetic::Subtract => $wrap(a.wrapping_sub(b)),
            Arithmetic::Multiply => $wrap(a.wrapping_mul(b)),
            Arithmetic::Divide | Arithmetic::Remainder if b == 0 => return Err(Fault::divide_by_zero()),
            // The smallest value by -1 overflows in hardware, checked or not.
            Arithmetic::Divide => $wrap(a.checked_div(b).ok_or_else(Fault::overflow)?),
            Arithmetic::Remainder => $wrap(a.checked_rem(b).ok_or_else(Fault::overflow)?),
        }
    }};
}

/// What two integers of one usual type give, where nothing can go wrong.
#[inline(always)]
pub fn plain_arithmetic(op: Arithmetic, number: Number, checked: bool, a: &Value, b: &Value) -> Option<i32> {
    let (&Value::Int32(a), &Value::Int32(b), Number::Int32) = (a, b, number) else { return None };
    // One test for the most usual rather than a table for all.
    let (value, overflows) = if op == Arithmetic::Add {
        a.overflowing_add(b)
    } else {
        match op {
            Arithmetic::Subtract => a.overflowing_sub(b),
            Arithmetic::Multiply => a.overflowing_mul(b),
            _ => return None,
        }
    };
    if overflows && checked { None } else { Some(value) }
}

#[inline(never)]
pub fn arithmetic(
    heap: &mut Heap,
    op: Arithmetic,
    number: Number,
    checked: bool,
    a: Value,
    b: Value,
) -> Result<Value, Fault> {
    Ok(match number {
        Number::Int32 => integral!(op, checked, integer(a) as i32, integer(b) as i32, Value::Int32),
        Number::Int64 => integral!(op, checked, integer(a), integer(b), Value::Int64),
        Number::UInt32 => integral!(op, checked, integer(a) as u32, integer(b) as u32, Value::UInt32),
        Number::UInt64 => integral!(op, checked, integer(a) as u64, integer(b) as u64, Value::UInt64),
        Number::Double => Value::Double(floating(op, real(a), real(b))),
        Number::Single => Value::Single(floating(op, f64::from(single(a)), f64::from(single(b))) as f32),
        Number::Decimal => return decimal_arithmetic(heap, op, a, b),
    })
}

fn floating(op: Arithmetic, a: f64, b: f64) -> f64 {
    match op {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Remainder => a % b,
    }
}

fn decimal_arithmetic(heap: &mut Heap, op: Arithmetic, a: Value, b: Value) -> Result<Value, Fault> {
    let (x, y) = (decimal(heap, a), decimal(heap, b));
    let op = match op {
        Arithmetic::Add => Operation::Add,
        Arithmetic::Subtract => Operation::Subtract,
        Arithmetic::Multiply => Operation::Multiply,
        Arithmetic::Divide => Operation::Divide,
        Arithmetic::Remainder => Operation::Remainder,
    };
    heap.new_decimal(calculate(op, x, y)?)
}

pub fn bitwise(op: Bitwise, number: Number, a: Value, b: Value) -> Value {
    match (a, b) {
        (Value::Bool(x), Value::Bool(y)) => {
            return Value::Bool(match op {
                Bitwise::And => x & y,
                Bitwise::Or => x | y,
                _ => x ^ y,
            });
        }
        (Value::Enum { ty, value: x }, Value::Enum { value: y, .. }) => {
            let value = match op {
                Bitwise::And => x & y,
                Bitwise::Or => x | y,
                _ => x ^ y,
            };
            return Value::Enum { ty, value };
        }
        _ => {}
    }
    macro_rules! ints {
        ($t:ty, $mask:literal, $wrap:path) => {{
            let (x, y) = (integer(a) as $t, integer(b));
            $wrap(match op {
                Bitwise::And => x & y as $t,
                Bitwise::Or => x | y as $t,
                Bitwise::Xor => x ^ y as $t,
                Bitwise::ShiftLeft => x << (y & $mask),
                Bitwise::ShiftRight => x >> (y & $mask),
            })
        }};
    }
    match number {
        Number::UInt32 => ints!(u32, 31, Value::UInt32),
        Number::Int64 => ints!(i64, 63, Value::Int64),
        Number::UInt64 => ints!(u64, 63, Value::UInt64),
        _ => ints!(i32, 31, Value::Int32),
    }
}

#[inline(always)]
pub fn ordered(op: Comparison, order: Ordering) -> bool {
    // A bit for each order under which it holds: less, equal, greater.
    let holds = match op {
        Comparison::Equal => 0b010,
        Comparison::NotEqual => 0b101,
        Comparison::Less => 0b001,
        Comparison::LessOrEqual => 0b011,
        Comparison::Greater => 0b100,
        Comparison::GreaterOrEqual => 0b110,
    };
    holds >> (order as i8 + 1) & 1 == 1
}

/// The order of two `int`.
#[inline(always)]
pub fn int_order(op: Comparison, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int32(a), Value::Int32(b)) => ordered(op, a.cmp(b)),
        _ => payload(op, *a, *b),
    }
}

/// The order of an `int` and a constant.
#[inline(always)]
pub fn against(op: Comparison, a: &Value, b: i32) -> bool {
    match a {
        Value::Int32(a) => ordered(op, a.cmp(&b)),
        other => payload(op, *other, Value::Int32(b)),
    }
}

pub fn payload(op: Comparison, a: Value, b: Value) -> bool {
    ordered(op, integer(a).cmp(&integer(b)))
}

#[inline(never)]
pub fn compare(heap: &Heap, op: Comparison, number: Number, a: Value, b: Value) -> bool {
    match number {
        Number::Int32 | Number::UInt32 | Number::Int64 => ordered(op, integer(a).cmp(&integer(b))),
        Number::UInt64 => ordered(op, (integer(a) as u64).cmp(&(integer(b) as u64))),
        Number::Single | Number::Double => {
            let (x, y) = (real(a), real(b));
            match x.partial_cmp(&y) {
                Some(order) => ordered(op, order),
                None => op == Comparison::NotEqual,
            }
        }
        Number::Decimal => ordered(op, decimal(heap, a).cmp(&decimal(heap, b))),
    }
}

pub fn negate(heap: &mut Heap, number: Number, checked: bool, a: Value) -> Result<Value, Fault> {
    Ok(match number {
        Number::Single => Value::Single(-single(a)),
        Number::Double => Value::Double(-real(a)),
        // Zero has a sign too, which conversion to `double` shows.
        Number::Decimal => {
            let value = decimal(heap, a);
            heap.new_decimal(-value)?
        }
        Number::Int64 => {
            let value = integer(a);
            Value::Int64(if checked { value.checked_neg().ok_or_else(Fault::overflow)? } else { value.wrapping_neg() })
        }
        _ => {
            let value = integer(a) as i32;
            Value::Int32(if checked { value.checked_neg().ok_or_else(Fault::overflow)? } else { value.wrapping_neg() })
        }
    })
}

pub fn complement(number: Number, a: Value) -> Value {
    if let Value::Enum { ty, value } = a {
        return Value::Enum { ty, value: i64::from(!(value as i32)) };
    }
    match number {
        Number::UInt32 => Value::UInt32(!(integer(a) as u32)),
        Number::Int64 => Value::Int64(!integer(a)),
        Number::UInt64 => Value::UInt64(!(integer(a) as u64)),
        _ => Value::Int32(!(integer(a) as i32)),
    }
}

/// Converts between numeric types. Unchecked conversions wrap; from `decimal` they always throw when out of range.
pub fn convert(heap: &mut Heap, from: Numeric, to: Numeric, checked: bool, a: Value) -> Result<Value, Fault> {
    use Numeric as N;
    match to {
        N::Double => {
            return Ok(Value::Double(match from {
                N::Decimal => to_double(decimal(heap, a)),
                N::UInt64 => unsigned_to_double(integer(a) as u64),
                _ => real(a),
            }));
        }
        N::Single => {
            return Ok(Value::Single(match from {
                N::Decimal => to_double(decimal(heap, a)) as f32,
                N::UInt64 => unsigned_to_double(integer(a) as u64) as f32,
                N::Int64 => integer(a) as f32,
                _ => single(a),
            }));
        }
        N::Decimal => {
            let value = match from {
                N::Decimal => return Ok(a),
                N::Single => from_single(single(a))?,
                N::Double => from_double(real(a))?,
                N::UInt64 => Decimal::from(integer(a) as u64),
                _ => Decimal::from(integer(a)),
            };
            return heap.new_decimal(value);
        }
        _ => {}
    }
    let wide: i128 = match from {
        N::Single | N::Double => {
            let value = real(a);
            if checked && (value.is_nan() || !(-1e19..=2e19).contains(&value)) {
                return Err(Fault::overflow());
            }
            if checked { value.trunc() as i128 } else { to.of_floating(value) }
        }
        N::Decimal => {
            let value = decimal(heap, a).trunc().to_i128().unwrap_or(i128::MAX);
            if !range(to).contains(&value) {
                let name = name(to);
                let message = format!("Value was either too large or too small for {name}.");
                return Err(Fault::throw("System.OverflowException", message));
            }
            value
        }
        N::UInt64 => i128::from(integer(a) as u64),
        _ => i128::from(integer(a)),
    };
    if checked && !range(to).contains(&wide) {
        return Err(Fault::overflow());
    }
    Ok(match to {
        N::SByte => Value::SByte(wide as i8),
        N::Byte => Value::Byte(wide as u8),
        N::Int16 => Value::Int16(wide as i16),
        N::UInt16 => Value::UInt16(wide as u16),
        N::Char => Value::Char(wide as u16),
        N::Int32 => Value::Int32(wide as i32),
        N::UInt32 => Value::UInt32(wide as u32),
        N::Int64 => Value::Int64(wide as i64),
        N::UInt64 => Value::UInt64(wide as u64),
        N::Single | N::Double | N::Decimal => a,
    })
}

fn range(to: Numeric) -> std::ops::RangeInclusive<i128> {
    match to {
        Numeric::SByte => i8::MIN.into()..=i8::MAX.into(),
        Numeric::Byte => 0..=u8::MAX.into(),
        Numeric::Int16 => i16::MIN.into()..=i16::MAX.into(),
        Numeric::UInt16 | Numeric::Char => 0..=u16::MAX.into(),
        Numeric::Int32 => i32::MIN.into()..=i32::MAX.into(),
        Numeric::UInt32 => 0..=u32::MAX.into(),
        Numeric::Int64 => i64::MIN.into()..=i64::MAX.into(),
        Numeric::UInt64 => 0..=u64::MAX.into(),
        Numeric::Single | Numeric::Double | Numeric::Decimal => i128::MIN..=i128::MAX,
    }
}

fn name(to: Numeric) -> &'static str {
    match to {
        Numeric::SByte => "a signed byte",
        Numeric::Byte => "an unsigned byte",
        Numeric::Int16 => "an Int16",
        Numeric::UInt16 => "a UInt16",
        Numeric::Char => "a character",
        Numeric::Int32 => "an Int32",
        Numeric::UInt32 => "a UInt32",
        Numeric::Int64 => "an Int64",
        Numeric::UInt64 => "a UInt64",
        Numeric::Single => "a Single",
        Numeric::Double => "a Double",
        Numeric::Decimal => "a Decimal",
    }
}
