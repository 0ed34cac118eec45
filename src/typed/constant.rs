//! Constant folding, as the compiler does it: integer overflow is an error unless `unchecked` says otherwise.

use super::convert::numeric;
use super::ir::{Arithmetic, Bitwise, Comparison, Const, Number, Numeric};
use crate::dotnet::system::decimal::{Operation, calculate};
use crate::dotnet::system::decimal::{from_double, from_single};
use crate::dotnet::types::TypeId;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

/// Why a constant expression is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldError {
    /// CS0220
    Overflow,
    /// CS0463
    Decimal,
    /// CS0020
    DivisionByZero,
}

/// The value of an integral constant (an enum's underlying one).
pub fn integer(constant: &Const) -> Option<i64> {
    Some(match constant {
        Const::Char(v) | Const::UInt16(v) => i64::from(*v),
        Const::SByte(v) => i64::from(*v),
        Const::Byte(v) => i64::from(*v),
        Const::Int16(v) => i64::from(*v),
        Const::Int32(v) => i64::from(*v),
        Const::UInt32(v) => i64::from(*v),
        Const::Int64(v) => *v,
        Const::UInt64(v) => i64::try_from(*v).ok()?,
        Const::Enum(_, v) => *v,
        _ => return None,
    })
}

fn wide(constant: &Const) -> Option<i128> {
    match constant {
        Const::UInt64(v) => Some(i128::from(*v)),
        other => integer(other).map(i128::from),
    }
}

fn real(constant: &Const) -> Option<f64> {
    match constant {
        Const::Single(v) => Some(f64::from(*v)),
        Const::Double(v) => Some(*v),
        Const::Decimal(v) => Some(crate::dotnet::system::decimal::to_double(*v)),
        other => wide(other).map(|v| v as f64),
    }
}

fn range(n: Numeric) -> (i128, i128) {
    match n {
        Numeric::SByte => (i8::MIN.into(), i8::MAX.into()),
        Numeric::Byte => (0, u8::MAX.into()),
        Numeric::Int16 => (i16::MIN.into(), i16::MAX.into()),
        Numeric::UInt16 | Numeric::Char => (0, u16::MAX.into()),
        Numeric::Int32 => (i32::MIN.into(), i32::MAX.into()),
        Numeric::UInt32 => (0, u32::MAX.into()),
        Numeric::Int64 => (i64::MIN.into(), i64::MAX.into()),
        Numeric::UInt64 => (0, u64::MAX.into()),
        Numeric::Single | Numeric::Double | Numeric::Decimal => (i128::MIN, i128::MAX),
    }
}

/// Whether an integral constant is in the range of a type.
pub fn fits(constant: &Const, n: Numeric) -> bool {
    wide(constant).is_some_and(|v| (range(n).0..=range(n).1).contains(&v))
}

fn make(value: i128, n: Numeric) -> Const {
    match n {
        Numeric::SByte => Const::SByte(value as i8),
        Numeric::Byte => Const::Byte(value as u8),
        Numeric::Int16 => Const::Int16(value as i16),
        Numeric::UInt16 => Const::UInt16(value as u16),
        Numeric::Char => Const::Char(value as u16),
        Numeric::Int32 => Const::Int32(value as i32),
        Numeric::UInt32 => Const::UInt32(value as u32),
        Numeric::Int64 => Const::Int64(value as i64),
        Numeric::UInt64 => Const::UInt64(value as u64),
        Numeric::Single => Const::Single(value as f32),
        Numeric::Double => Const::Double(value as f64),
        Numeric::Decimal => Const::Decimal(Decimal::from_i128(value).unwrap_or_default()),
    }
}

/// A constant in another numeric type; `None` when it does not fit and the conversion is checked.
pub fn convert(constant: &Const, to: Numeric, checked: bool) -> Option<Const> {
    match to {
        Numeric::Double => return real(constant).map(Const::Double),
        Numeric::Single => return real(constant).map(|v| Const::Single(v as f32)),
        Numeric::Decimal => {
            return match constant {
                Const::Decimal(v) => Some(Const::Decimal(*v)),
                Const::Single(v) => from_single(*v).ok().map(Const::Decimal),
                Const::Double(v) => from_double(*v).ok().map(Const::Decimal),
                other => wide(other).and_then(Decimal::from_i128).map(Const::Decimal),
            };
        }
        _ => {}
    }
    if let Some(value) = wide(constant) {
        let (low, high) = range(to);
        return if checked && !(low..=high).contains(&value) { None } else { Some(make(value, to)) };
    }
    let value = match constant {
        Const::Decimal(v) => v.trunc().to_i128()?,
        other => {
            let value = real(other)?.trunc();
            if !checked {
                return Some(make(to.of_floating(value), to));
            }
            if !value.is_finite() {
                return None;
            }
            value as i128
        }
    };
    let (low, high) = range(to);
    // A decimal is always checked.
    if (checked || matches!(constant, Const::Decimal(_))) && !(low..=high).contains(&value) {
        None
    } else {
        Some(make(value, to))
    }
}

/// The zero of a type that constants can say.
pub fn zero(ty: TypeId) -> Option<Const> {
    if ty == crate::dotnet::types::boolean() {
        return Some(Const::Bool(false));
    }
    if super::convert::is_enum(ty) {
        return Some(Const::Enum(ty, 0));
    }
    numeric(ty).map(|n| if n == Numeric::Decimal { Const::Decimal(Decimal::ZERO) } else { make(0, n) })
}

/// For messages.
pub fn show(constant: &Const) -> String {
    match constant {
        Const::Single(v) => v.to_string(),
        Const::Double(v) => v.to_string(),
        Const::Decimal(v) => v.to_string(),
        Const::Char(v) => char::from_u32(u32::from(*v)).map_or_else(|| "?".into(), |c| c.to_string()),
        Const::Bool(v) => if *v { "true" } else { "false" }.into(),
        Const::String(v) => String::from_utf16_lossy(v),
        other => wide(other).map_or_else(|| "null".into(), |v| v.to_string()),
    }
}

fn of_number(n: Number) -> Numeric {
    match n {
        Number::Int32 => Numeric::Int32,
        Number::UInt32 => Numeric::UInt32,
        Number::Int64 => Numeric::Int64,
        Number::UInt64 => Numeric::UInt64,
        Number::Single => Numeric::Single,
        Number::Double => Numeric::Double,
        Number::Decimal => Numeric::Decimal,
    }
}

/// Folds arithmetic on two constants that were promoted to the same kind of number.
pub fn arithmetic(
    op: Arithmetic,
    number: Number,
    left: &Const,
    right: &Const,
    checked: bool,
) -> Option<Result<Const, FoldError>> {
    match number {
        Number::Single | Number::Double => {
            let (a, b) = (real(left)?, real(right)?);
            let value = match op {
                Arithmetic::Add => a + b,
                Arithmetic::Subtract => a - b,
                Arithmetic::Multiply => a * b,
                Arithmetic::Divide => a / b,
                Arithmetic::Remainder => a % b,
            };
            Some(Ok(if number == Number::Single { Const::Single(value as f32) } else { Const::Double(value) }))
        }
        Number::Decimal => {
            let (Const::Decimal(a), Const::Decimal(b)) = (left, right) else { return None };
            if matches!(op, Arithmetic::Divide | Arithmetic::Remainder) && b.is_zero() {
                return Some(Err(FoldError::DivisionByZero));
            }
            let operation = match op {
                Arithmetic::Add => Operation::Add,
                Arithmetic::Subtract => Operation::Subtract,
                Arithmetic::Multiply => Operation::Multiply,
                Arithmetic::Divide => Operation::Divide,
                Arithmetic::Remainder => Operation::Remainder,
            };
            Some(calculate(operation, *a, *b).map(Const::Decimal).map_err(|_| FoldError::Decimal))
        }
        _ => {
            let (a, b) = (wide(left)?, wide(right)?);
            if matches!(op, Arithmetic::Divide | Arithmetic::Remainder) && b == 0 {
                return Some(Err(FoldError::DivisionByZero));
            }
            let value = match op {
                Arithmetic::Add => a + b,
                Arithmetic::Subtract => a - b,
                // Beyond 128 bits the lowest are still those of the product.
                Arithmetic::Multiply if checked && a.checked_mul(b).is_none() => {
                    return Some(Err(FoldError::Overflow));
                }
                Arithmetic::Multiply => a.wrapping_mul(b),
                Arithmetic::Divide => a / b,
                Arithmetic::Remainder => a % b,
            };
            let n = of_number(number);
            let (low, high) = range(n);
            if !(low..=high).contains(&value) && checked {
                return Some(Err(FoldError::Overflow));
            }
            Some(Ok(make(value, n)))
        }
    }
}

pub fn bitwise(op: Bitwise, number: Number, left: &Const, right: &Const) -> Option<Const> {
    if let (Const::Bool(a), Const::Bool(b)) = (left, right) {
        return Some(Const::Bool(match op {
            Bitwise::And => a & b,
            Bitwise::Or => a | b,
            Bitwise::Xor => a ^ b,
            Bitwise::ShiftLeft | Bitwise::ShiftRight => return None,
        }));
    }
    let (a, b) = (wide(left)?, wide(right)?);
    let n = of_number(number);
    let bits: u32 = if matches!(number, Number::Int64 | Number::UInt64) { 63 } else { 31 };
    Some(make(
        match op {
            Bitwise::And => a & b,
            Bitwise::Or => a | b,
            Bitwise::Xor => a ^ b,
            Bitwise::ShiftLeft => a << (b as u32 & bits),
            Bitwise::ShiftRight => a >> (b as u32 & bits),
        },
        n,
    ))
}

pub fn compare(op: Comparison, left: &Const, right: &Const) -> Option<Const> {
    use std::cmp::Ordering;
    let order = match (left, right) {
        (Const::String(a), Const::String(b)) if matches!(op, Comparison::Equal | Comparison::NotEqual) => {
            Some(if a == b { Ordering::Equal } else { Ordering::Less })
        }
        (Const::Bool(a), Const::Bool(b)) => Some(a.cmp(b)),
        (Const::Decimal(a), Const::Decimal(b)) => Some(a.cmp(b)),
        _ => match (wide(left), wide(right)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => {
                let (a, b) = (real(left)?, real(right)?);
                let Some(order) = a.partial_cmp(&b) else { return Some(Const::Bool(op == Comparison::NotEqual)) };
                Some(order)
            }
        },
    }?;
    Some(Const::Bool(match op {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }))
}

pub fn negate(number: Number, operand: &Const, checked: bool) -> Option<Result<Const, FoldError>> {
    match (number, operand) {
        (Number::Single, c) => Some(Ok(Const::Single(-(real(c)? as f32)))),
        (Number::Double, c) => Some(Ok(Const::Double(-real(c)?))),
        (Number::Decimal, Const::Decimal(v)) => Some(Ok(Const::Decimal(-*v))),
        _ => arithmetic(Arithmetic::Subtract, number, &Const::Int32(0), operand, checked),
    }
}

pub fn complement(number: Number, operand: &Const) -> Option<Const> {
    let value = wide(operand)?;
    Some(make(!value, of_number(number)))
}
