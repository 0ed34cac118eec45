//! JSON numbers as Newtonsoft reads and writes them.

use crate::dotnet::system::format::number;

/// What a number's text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Integer,
    Float,
}

/// Why it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    Invalid,
    TooLong,
}

/// The most digits that an integer may have.
const MOST_DIGITS: usize = 380;

pub fn classify(text: &str) -> Result<Class, Bad> {
    if is_other_base(text) {
        return other_base(text).map(|_| Class::Integer).ok_or(Bad::Invalid);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return if digits.len() > MOST_DIGITS { Err(Bad::TooLong) } else { Ok(Class::Integer) };
    }
    if is_float(digits) { Ok(Class::Float) } else { Err(Bad::Invalid) }
}

fn is_float(text: &str) -> bool {
    let text = text.strip_prefix('+').unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|e| {
            let e = e.strip_prefix(['+', '-']).unwrap_or(e);
            !e.is_empty() && all_digits(e)
        })
}

fn is_other_base(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 1 && bytes[0] == b'0' && !matches!(bytes[1], b'.' | b'e' | b'E')
}

fn other_base(text: &str) -> Option<i64> {
    let bits = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => u64::from_str_radix(text, 8),
    };
    bits.ok().map(|bits| bits as i64)
}

/// An integer's value; `None` when it is beyond 64 bits.
pub fn integer(text: &str) -> Option<i64> {
    if is_other_base(text) { other_base(text) } else { text.parse().ok() }
}

/// A float's value.
pub fn float(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// A double as JSON text: with a decimal point or exponent; what is no number in quotes.
pub fn write_double(value: f64) -> String {
    let text = number::double_text(value);
    if value.is_finite() { with_point(text) } else { format!("\"{text}\"") }
}

pub fn write_single(value: f32) -> String {
    let text = number::single_text(value);
    if value.is_finite() { with_point(text) } else { format!("\"{text}\"") }
}

pub fn with_point(mut text: String) -> String {
    if !text.contains(['.', 'E', 'e']) {
        text.push_str(".0");
    }
    text
}
