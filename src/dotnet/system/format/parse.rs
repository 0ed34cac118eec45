//! Numbers from text, by `System.Globalization.NumberStyles` in the invariant culture.
//!
//! In: text and styles. Out: a number, or why there is none. Never: a rounding that .NET does not do.

use rust_decimal::Decimal;

/// `System.Globalization.NumberStyles`.
pub mod styles {
    pub const LEADING_WHITE: i64 = 1;
    pub const TRAILING_WHITE: i64 = 2;
    pub const LEADING_SIGN: i64 = 4;
    pub const TRAILING_SIGN: i64 = 8;
    pub const PARENTHESES: i64 = 0x10;
    pub const DECIMAL_POINT: i64 = 0x20;
    pub const THOUSANDS: i64 = 0x40;
    pub const EXPONENT: i64 = 0x80;
    pub const CURRENCY_SYMBOL: i64 = 0x100;
    pub const HEX_SPECIFIER: i64 = 0x200;
    pub const INTEGER: i64 = 7;
    pub const NUMBER: i64 = 111;
    /// What `double.Parse(text)` takes.
    pub const DOUBLE: i64 = 231;
}

use styles::*;

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Format,
    Overflow,
}

/// The digits of a number: 0.d₁d₂d₃… × 10^scale.
struct Read {
    digits: Vec<u8>,
    scale: i32,
    negative: bool,
    /// A point was written.
    point: bool,
}

fn is_white(c: u8) -> bool {
    c == b' ' || (9..=13).contains(&c)
}

fn read(text: &str, style: i64) -> Option<Read> {
    let bytes = text.as_bytes();
    let has = |flag: i64| style & flag != 0;
    let currency_at = |at: usize| has(CURRENCY_SYMBOL) && text.is_char_boundary(at) && text[at..].starts_with('¤');
    let mut found = Read { digits: Vec::new(), scale: 0, negative: false, point: false };
    let (mut sign, mut parentheses, mut currency) = (false, false, false);
    let mut at = 0;
    while let Some(&c) = bytes.get(at) {
        if is_white(c) && has(LEADING_WHITE) && (!sign || currency) {
            at += 1;
        } else if (c == b'-' || c == b'+') && has(LEADING_SIGN) && !sign {
            sign = true;
            found.negative = c == b'-';
            at += 1;
        } else if c == b'(' && has(PARENTHESES) && !sign {
            sign = true;
            parentheses = true;
            found.negative = true;
            at += 1;
        } else if !currency && currency_at(at) {
            currency = true;
            at += '¤'.len_utf8();
        } else {
            break;
        }
    }
    let (mut any, mut point) = (false, false);
    while let Some(&c) = bytes.get(at) {
        match c {
            b'0'..=b'9' => {
                any = true;
                if c != b'0' || !found.digits.is_empty() {
                    found.digits.push(c);
                    found.scale += i32::from(!point);
                } else if point {
                    found.scale -= 1;
                }
            }
            b'.' if has(DECIMAL_POINT) && !point => point = true,
            b',' if has(THOUSANDS) && any && !point => {}
            _ => break,
        }
        at += 1;
    }
    if !any {
        return None;
    }
    found.point = point;
    if matches!(bytes.get(at), Some(b'e' | b'E')) && has(EXPONENT) {
        let mut next = at + 1;
        let negative = bytes.get(next) == Some(&b'-');
        next += usize::from(matches!(bytes.get(next), Some(b'-' | b'+')));
        if bytes.get(next).is_some_and(u8::is_ascii_digit) {
            let mut exponent = 0i32;
            while let Some(c) = bytes.get(next).filter(|c| c.is_ascii_digit()) {
                exponent = (exponent * 10 + i32::from(c - b'0')).min(9999);
                next += 1;
            }
            found.scale = found.scale.saturating_add(if negative { -exponent } else { exponent });
            at = next;
        }
    }
    while let Some(&c) = bytes.get(at) {
        if is_white(c) && has(TRAILING_WHITE) {
            at += 1;
        } else if (c == b'-' || c == b'+') && has(TRAILING_SIGN) && !sign {
            sign = true;
            found.negative = c == b'-';
            at += 1;
        } else if c == b')' && parentheses {
            parentheses = false;
            at += 1;
        } else if !currency && currency_at(at) {
            currency = true;
            at += '¤'.len_utf8();
        } else {
            break;
        }
    }
    (!parentheses && bytes[at..].iter().all(|&c| c == 0)).then_some(found)
}

/// Digits, perhaps behind a minus sign, that no 64 bits can be too small for: what most texts are.
pub fn plain_integer(text: &[u8], with_sign: bool) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] if with_sign => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut value = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(if negative { -value } else { value })
}

/// An integer of this many bits.
pub fn integer(text: &str, style: i64, bits: u32, signed: bool) -> Result<i128, Wrong> {
    if style & HEX_SPECIFIER != 0 {
        return hexadecimal(text, style, bits, signed);
    }
    if let Some(value) = plain_integer(text.as_bytes(), style & LEADING_SIGN != 0) {
        let (low, high) = match (signed, bits) {
            (true, 64) => (i64::MIN, i64::MAX),
            (false, 64) => (0, i64::MAX),
            (true, bits) => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
            (false, bits) => (0, (1 << bits) - 1),
        };
        return if value < low || value > high { Err(Wrong::Overflow) } else { Ok(i128::from(value)) };
    }
    let read = read(text, style).ok_or(Wrong::Format)?;
    let mut digits = read.digits.as_slice();
    while let [rest @ .., b'0'] = digits {
        digits = rest;
    }
    if digits.is_empty() {
        // Behind a point, a zero keeps its sign.
        return if !signed && read.negative && read.point { Err(Wrong::Overflow) } else { Ok(0) };
    }
    if read.scale > 20 || read.scale < digits.len() as i32 {
        return Err(Wrong::Overflow);
    }
    let magnitude = digits.iter().fold(0i128, |all, d| all * 10 + i128::from(d - b'0'));
    let magnitude = magnitude * 10i128.pow((read.scale - digits.len() as i32) as u32);
    let value = if read.negative { -magnitude } else { magnitude };
    let (low, high) =
        if signed { (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1) } else { (0, (1i128 << bits) - 1) };
    if value < low || value > high { Err(Wrong::Overflow) } else { Ok(value) }
}

fn hexadecimal(text: &str, style: i64, bits: u32, signed: bool) -> Result<i128, Wrong> {
    let white = |c: char| c == ' ' || ('\t'..='\r').contains(&c);
    let mut text = text;
    if style & LEADING_WHITE != 0 {
        text = text.trim_start_matches(white);
    }
    text = text.trim_end_matches('\0');
    if style & TRAILING_WHITE != 0 {
        text = text.trim_end_matches(white);
    }
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Wrong::Format);
    }
    let digits = text.trim_start_matches('0');
    if digits.len() > bits as usize / 4 {
        return Err(Wrong::Overflow);
    }
    let value = i128::from_str_radix(if digits.is_empty() { "0" } else { digits }, 16).map_err(|_| Wrong::Format)?;
    Ok(if signed && value >> (bits - 1) != 0 { value - (1i128 << bits) } else { value })
}

/// A `double`; too large is infinity, as since .NET Core 3.0.
pub fn double(text: &str, style: i64) -> Result<f64, Wrong> {
    match read(text, style) {
        Some(read) => Ok(scientific(&read).parse().unwrap_or(-f64::NAN)),
        None => symbol(text).ok_or(Wrong::Format),
    }
}

/// A `float`, rounded once.
pub fn single(text: &str, style: i64) -> Result<f32, Wrong> {
    match read(text, style) {
        Some(read) => Ok(scientific(&read).parse().unwrap_or(-f32::NAN)),
        None => symbol(text).map(|v| v as f32).ok_or(Wrong::Format),
    }
}

fn scientific(read: &Read) -> String {
    let sign = if read.negative { "-" } else { "" };
    if read.digits.is_empty() {
        return format!("{sign}0");
    }
    format!("{sign}0.{}e{}", String::from_utf8_lossy(&read.digits), read.scale)
}

fn symbol(text: &str) -> Option<f64> {
    match text.trim().to_ascii_lowercase().as_str() {
        "nan" | "-nan" | "+nan" => Some(-f64::NAN),
        "infinity" | "+infinity" => Some(f64::INFINITY),
        "-infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A `decimal`: its places are those of the text, rounded half to even where there are too many.
pub fn decimal(text: &str, style: i64) -> Result<Decimal, Wrong> {
    let read = read(text, style).ok_or(Wrong::Format)?;
    decimal_of(&read.digits, read.scale, read.negative).ok_or(Wrong::Overflow)
}

/// The decimal 0.d₁d₂d₃… × 10^scale; `None` when it is too large.
pub fn decimal_of(digits: &[u8], scale: i32, negative: bool) -> Option<Decimal> {
    const MAX: i128 = (1 << 96) - 1;
    if digits.is_empty() {
        let mut zero = Decimal::ZERO;
        // `0.00` keeps its places.
        zero.set_scale(scale.saturating_neg().clamp(0, 28) as u32).ok()?;
        return Some(zero);
    }
    if scale > 29 {
        return None;
    }
    let places = |kept: usize| kept as i64 - i64::from(scale);
    let mut kept = digits.len().min(30);
    loop {
        let mut mantissa = digits[..kept].iter().fold(0i128, |all, d| all * 10 + i128::from(d - b'0'));
        let dropped = &digits[kept..];
        if let Some((&first, rest)) = dropped.split_first() {
            let exactly_half = first == b'5' && rest.iter().all(|&d| d == b'0');
            mantissa += i128::from(if exactly_half { mantissa % 2 == 1 } else { first >= b'5' });
        }
        let mut at = places(kept);
        if at < 0 {
            mantissa = mantissa.checked_mul(10i128.checked_pow(u32::try_from(-at).ok()?)?)?;
            at = 0;
        }
        if mantissa <= MAX && at <= 28 {
            let mut value = Decimal::try_from_i128_with_scale(mantissa, at as u32).ok()?;
            value.set_sign_negative(negative && mantissa != 0);
            return Some(value);
        }
        if kept == 0 || places(kept) <= 0 {
            return (at > 28).then_some(Decimal::new(0, 28));
        }
        kept -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_the_oracle_does() {
        for (text, style, expected) in [
            (" 12 ", INTEGER, Ok(12)),
            ("-5", INTEGER, Ok(-5)),
            ("", INTEGER, Err(Wrong::Format)),
            ("1.5", INTEGER, Err(Wrong::Format)),
            ("1,000", NUMBER, Ok(1000)),
            ("(5)", 511, Ok(-5)),
            ("1.5", NUMBER, Err(Wrong::Overflow)),
            ("1.0", NUMBER, Ok(1)),
            ("99999999999999999999", INTEGER, Err(Wrong::Overflow)),
            ("12", 515, Ok(18)),
            ("ffffffff", 515, Ok(-1)),
            ("- 5", INTEGER, Err(Wrong::Format)),
        ] {
            assert_eq!(integer(text, style, 32, true), expected, "{text}");
        }
        assert_eq!(double("1,234.5", DOUBLE), Ok(1234.5));
        assert_eq!(double("1e309", DOUBLE), Ok(f64::INFINITY));
        assert_eq!(double("5.", DOUBLE), Ok(5.0));
        assert_eq!(double("∞", DOUBLE), Err(Wrong::Format));
        for (text, expected) in [
            ("1.50", "1.50"),
            ("0.00", "0.00"),
            ("79228162514264337593543950335", "79228162514264337593543950335"),
            ("0.12345678901234567890123456785", "0.1234567890123456789012345678"),
        ] {
            assert_eq!(decimal(text, NUMBER).map(|d| d.to_string()).as_deref(), Ok(expected));
        }
        assert_eq!(decimal("79228162514264337593543950336", NUMBER), Err(Wrong::Overflow));
    }
}
