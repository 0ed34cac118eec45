//! Standard (`N2`, `X8`) and custom (`#,##0.00;(0)`) numeric format strings.
//!
//! In: a number and a format. Out: its text in the invariant culture. Digits of binary floating point are exact, rounded
//! half to even by standard formats; custom formats see the first 15 (single: 7) significant digits, as .NET Core 3.1 does.

use rust_decimal::Decimal;

/// A number to print.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// An integer with the width of its type in bits: `X` shows two's complement.
    Integer {
        value: i128,
        bits: u8,
    },
    Decimal(Decimal),
    Single(f32),
    Double(f64),
}

impl Number {
    pub fn signed(value: i64, bits: u8) -> Number {
        Number::Integer { value: value.into(), bits }
    }

    pub fn unsigned(value: u64, bits: u8) -> Number {
        Number::Integer { value: value.into(), bits }
    }
}

/// The format string is none that .NET knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid;

/// A short negative number is written by its bits where the format begins as a hexadecimal one, whatever follows.
fn as_hexadecimal(number: Number, format: &str) -> Number {
    match number {
        Number::Integer { value, bits } if value < 0 && bits <= 16 && format.starts_with(['x', 'X']) => {
            Number::Integer { value: value + (1 << bits), bits }
        }
        _ => number,
    }
}

/// Decimal digits without leading zeros: the value is 0.d₁d₂d₃… × 10^scale.
struct Digits {
    digits: Vec<u8>,
    scale: i32,
    negative: bool,
    /// Keeps its sign when it is rounded to zero.
    floating: bool,
}

impl Digits {
    fn digit(&self, at: i32) -> u8 {
        usize::try_from(at).ok().and_then(|at| self.digits.get(at)).copied().unwrap_or(b'0')
    }

    /// Keeps this many digits, rounding half away from zero.
    fn round(&mut self, keep: i32) {
        if let Ok(keep) = usize::try_from(keep) {
            if keep < self.digits.len() {
                let up = self.digits[keep] >= b'5';
                self.digits.truncate(keep);
                if up {
                    while self.digits.last() == Some(&b'9') {
                        self.digits.pop();
                    }
                    match self.digits.last_mut() {
                        Some(last) => *last += 1,
                        None => {
                            self.digits.push(b'1');
                            self.scale += 1;
                        }
                    }
                }
            }
        } else {
            self.digits.clear();
        }
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.scale = 0;
            self.negative &= self.floating;
        }
    }
}

/// What `ToString()` of a double prints: the shortest text that reads back as the same value.
pub fn double_text(value: f64) -> String {
    general(Number::Double(value), None, b'E')
}

/// What `ToString()` of a float prints.
pub fn single_text(value: f32) -> String {
    general(Number::Single(value), None, b'E')
}

/// The text of a number by a format string; an empty one means `G`.
pub fn format(number: Number, format: &str) -> Result<String, Invalid> {
    if let Some(text) = not_finite(number) {
        return Ok(text.to_owned());
    }
    match standard(format) {
        None if format.is_empty() || format.starts_with('\0') => Ok(general(number, None, b'E')),
        // A zero character ends the format.
        None => Ok(custom(as_hexadecimal(number, format), format.split('\0').next().unwrap_or(format))),
        Some((letter, precision)) => {
            if !is_known(number, letter) {
                return Err(Invalid);
            }
            Ok(by_letter(number, letter, precision))
        }
    }
}

/// `F2` → ('F', Some(2)); `None` for a custom format, which one with more than 99 digits is.
fn standard(format: &str) -> Option<(u8, Option<usize>)> {
    let (&letter, rest) = format.as_bytes().split_first()?;
    if !letter.is_ascii_alphabetic() {
        return None;
    }
    let mut precision = None;
    for &digit in rest {
        match (digit, precision) {
            (0, _) => break,
            (b'0'..=b'9', None | Some(0..=9)) => {
                precision = Some(precision.unwrap_or(0) * 10 + usize::from(digit - b'0'))
            }
            _ => return None,
        }
    }
    Some((letter, precision))
}

fn is_known(number: Number, letter: u8) -> bool {
    match letter.to_ascii_uppercase() {
        b'C' | b'E' | b'F' | b'G' | b'N' | b'P' => true,
        b'D' | b'X' => matches!(number, Number::Integer { .. }),
        b'R' => matches!(number, Number::Single(_) | Number::Double(_)),
        _ => false,
    }
}

fn not_finite(number: Number) -> Option<&'static str> {
    let value = match number {
        Number::Double(value) => value,
        Number::Single(value) => f64::from(value),
        _ => return None,
    };
    match value {
        v if v.is_nan() => Some("NaN"),
        f64::INFINITY => Some("Infinity"),
        f64::NEG_INFINITY => Some("-Infinity"),
        _ => None,
    }
}

fn by_letter(number: Number, letter: u8, precision: Option<usize>) -> String {
    match letter.to_ascii_uppercase() {
        b'D' => {
            let Number::Integer { value, .. } = number else { return String::new() };
            let digits = value.unsigned_abs().to_string();
            let sign = if value < 0 { "-" } else { "" };
            format!("{sign}{digits:0>width$}", width = precision.unwrap_or(1))
        }
        b'X' => {
            let Number::Integer { value, bits } = number else { return String::new() };
            let value = value as u128 & (u128::MAX >> (128 - u32::from(bits)));
            let width = precision.unwrap_or(1);
            if letter == b'X' { format!("{value:0width$X}") } else { format!("{value:0width$x}") }
        }
        b'R' => general(number, None, letter - b'R' + b'E'),
        // Of a decimal, no digits are all that it has.
        b'G' if precision == Some(0) && matches!(number, Number::Decimal(_)) => {
            general(number, Some(29), letter - b'G' + b'E')
        }
        b'G' => general(number, precision.filter(|&p| p > 0), letter - b'G' + b'E'),
        b'E' => {
            let precision = precision.unwrap_or(6);
            let mut digits = significant(number, precision + 1);
            digits.round(precision as i32 + 1);
            let mut out = sign(&digits);
            scientific(&mut out, &digits, precision, letter, 3);
            out
        }
        b'F' => {
            let digits = fixed_digits(number, precision.unwrap_or(2), 0);
            let mut out = sign(&digits);
            fixed(&mut out, &digits, precision.unwrap_or(2), false);
            out
        }
        b'N' => {
            let digits = fixed_digits(number, precision.unwrap_or(2), 0);
            let mut out = sign(&digits);
            fixed(&mut out, &digits, precision.unwrap_or(2), true);
            out
        }
        b'C' => {
            let digits = fixed_digits(number, precision.unwrap_or(2), 0);
            let mut out = String::from(if digits.negative { "(¤" } else { "¤" });
            fixed(&mut out, &digits, precision.unwrap_or(2), true);
            out.push_str(if digits.negative { ")" } else { "" });
            out
        }
        _ => {
            let digits = fixed_digits(number, precision.unwrap_or(2), 2);
            let mut out = sign(&digits);
            fixed(&mut out, &digits, precision.unwrap_or(2), true);
            out.push_str(" %");
            out
        }
    }
}

fn sign(digits: &Digits) -> String {
    String::from(if digits.negative { "-" } else { "" })
}

/// All digits of an integer or decimal (`None` for binary floating point).
fn exact(number: Number) -> Option<Digits> {
    let (text, places, negative) = match number {
        Number::Integer { value, .. } => (value.unsigned_abs().to_string(), 0, value < 0),
        Number::Decimal(value) => {
            (value.mantissa().unsigned_abs().to_string(), value.scale() as i32, value.is_sign_negative())
        }
        _ => return None,
    };
    let zero = text == "0";
    let digits = if zero { Vec::new() } else { text.into_bytes() };
    let scale = if zero { 0 } else { digits.len() as i32 - places };
    Some(Digits { digits, scale, negative: negative && !zero, floating: false })
}

/// Digits and exponent of Rust's `d.ddde±x`.
fn from_scientific(text: &str, floating: bool) -> Digits {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    let scale = if digits.is_empty() { 0 } else { exponent.parse::<i32>().unwrap_or(0) + 1 };
    Digits { digits, scale, negative, floating }
}

fn as_double(number: Number) -> f64 {
    match number {
        Number::Double(value) => value,
        Number::Single(value) => f64::from(value),
        _ => 0.0,
    }
}

/// At least the first `count` significant digits.
fn significant(number: Number, count: usize) -> Digits {
    exact(number)
        .unwrap_or_else(|| from_scientific(&format!("{:.*e}", count.saturating_sub(1), as_double(number)), true))
}

/// The digits up to `places` after the point, of the number × 10^shift.
fn fixed_digits(number: Number, places: usize, shift: i32) -> Digits {
    let mut digits = exact(number).unwrap_or_else(|| {
        let value = as_double(number);
        // The exact decimal expansion of a double ends after at most 1074 places.
        let text = format!("{:.*}", (places + shift as usize).min(1100), value.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let leading = all.iter().take_while(|&&d| d == b'0').count();
        let digits = all[leading..].to_vec();
        let scale = if digits.is_empty() { 0 } else { whole.len() as i32 - leading as i32 };
        Digits { digits, scale, negative: value.is_sign_negative(), floating: true }
    });
    if !digits.digits.is_empty() {
        digits.scale += shift;
    }
    let keep = digits.scale.saturating_add(places as i32);
    digits.round(keep);
    digits
}

fn fixed(out: &mut String, digits: &Digits, places: usize, grouped: bool) {
    if digits.scale <= 0 {
        out.push('0');
    }
    for at in 0..digits.scale {
        if grouped && at > 0 && (digits.scale - at) % 3 == 0 {
            out.push(',');
        }
        out.push(char::from(digits.digit(at)));
    }
    if places > 0 {
        out.push('.');
        for at in 0..places as i32 {
            out.push(char::from(digits.digit(digits.scale + at)));
        }
    }
}

fn scientific(out: &mut String, digits: &Digits, places: usize, letter: u8, exponent_digits: usize) {
    out.push(char::from(digits.digit(0)));
    if places > 0 {
        out.push('.');
        for at in 1..=places as i32 {
            out.push(char::from(digits.digit(at)));
        }
    }
    let exponent = if digits.digits.is_empty() { 0 } else { digits.scale - 1 };
    out.push(char::from(letter));
    out.push(if exponent < 0 { '-' } else { '+' });
    out.push_str(&format!("{:0exponent_digits$}", exponent.unsigned_abs()));
}

/// `G`: plain where that is short, else scientific with two exponent digits.
fn general(number: Number, precision: Option<usize>, letter: u8) -> String {
    if let Some(text) = not_finite(number) {
        return text.to_owned();
    }
    if precision.is_none() {
        match number {
            Number::Integer { value, .. } => return value.to_string(),
            Number::Decimal(value) => return decimal_text(value),
            _ => {}
        }
    }
    let (digits, limit) = match (number, precision) {
        (Number::Double(value), None) => (shortest(value), 15),
        (Number::Single(value), None) => (shortest_single(value), 7),
        (_, precision) => {
            let precision = precision.unwrap_or(match number {
                Number::Integer { bits: 8, .. } => 3,
                Number::Integer { bits: 16, .. } => 5,
                Number::Integer { bits: 32, .. } => 10,
                Number::Integer { .. } => 19,
                _ => 29,
            });
            let mut digits = significant(number, precision);
            digits.round(precision as i32);
            let limit = precision as i32;
            (digits, limit)
        }
    };
    // The shortest form of a double may have up to 17 digits (a float 9): those stay plain too.
    let limit = if precision.is_none() { limit.max(digits.digits.len() as i32).max(limit + 2) } else { limit };
    let mut out = sign(&digits);
    if digits.scale > limit || digits.scale < -3 {
        let places = digits.digits.len().saturating_sub(1);
        scientific(&mut out, &digits, places, letter, 2);
    } else {
        let places = (digits.digits.len() as i32 - digits.scale).max(0) as usize;
        fixed(&mut out, &digits, if digits.digits.is_empty() { 0 } else { places }, false);
    }
    out
}

/// A decimal with all its places; zero has no sign.
pub fn decimal_text(value: Decimal) -> String {
    let text = value.to_string();
    if value.is_zero() { text.trim_start_matches('-').to_owned() } else { text }
}

/// The shortest digits strictly between the midpoints to the neighbours of a double.
fn shortest(value: f64) -> Digits {
    let digits = from_scientific(&format!("{value:e}"), true);
    // Below 15 digits none lies half-way between two decimals.
    if digits.digits.len() < 15 && !is_midpoint(&digits, 53) {
        return digits;
    }
    (digits.digits.len()..=17)
        .map(|count| from_scientific(&format!("{value:.*e}", count.saturating_sub(1)), true))
        .find(|d| !is_midpoint(d, 53) && reads_back(d, value))
        .unwrap_or(digits)
}

fn shortest_single(value: f32) -> Digits {
    let digits = from_scientific(&format!("{value:e}"), true);
    if digits.digits.len() < 6 && !is_midpoint(&digits, 24) {
        return digits;
    }
    (digits.digits.len()..=9)
        .map(|count| from_scientific(&format!("{value:.*e}", count.saturating_sub(1)), true))
        .find(|d| !is_midpoint(d, 24) && reads_back(d, f64::from(value)))
        .unwrap_or(digits)
}

fn reads_back(digits: &Digits, value: f64) -> bool {
    let text = format!("0.{}e{}", String::from_utf8_lossy(&digits.digits), digits.scale);
    text.parse::<f64>().is_ok_and(|read| read == value.abs() || (read as f32) == value.abs() as f32)
}

/// Whether the decimal lies exactly half-way between two binary numbers of this precision.
fn is_midpoint(digits: &Digits, precision: u32) -> bool {
    let Ok(mut mantissa) = String::from_utf8_lossy(&digits.digits).parse::<u128>() else { return false };
    if mantissa == 0 {
        return false;
    }
    let exponent = digits.scale - digits.digits.len() as i32;
    // Powers of two do not matter: the odd part must have exactly one bit more than the precision.
    for _ in 0..exponent.unsigned_abs() {
        if exponent > 0 {
            match mantissa.checked_mul(5) {
                Some(next) => mantissa = next,
                None => return false,
            }
        } else if mantissa % 5 == 0 {
            mantissa /= 5;
        } else {
            return false;
        }
    }
    let odd = mantissa >> mantissa.trailing_zeros();
    128 - odd.leading_zeros() == precision + 1
}

// ---- custom formats --------------------------------------------------------------------------------------------------

/// What one section of a custom format says.
#[derive(Default)]
struct Shape {
    /// Digit places before and after the point, in all.
    places: i32,
    decimal_at: Option<i32>,
    first_zero: Option<i32>,
    last_zero: i32,
    scientific: bool,
    thousands: bool,
    /// Powers of ten that `%`, `‰` and trailing commas add.
    shift: i32,
}

fn read_shape(section: &[char]) -> Shape {
    let mut shape = Shape::default();
    let (mut comma_at, mut commas) = (None, 0);
    let mut at = 0;
    while at < section.len() {
        let c = section[at];
        at += 1;
        match c {
            '#' | '0' => {
                if c == '0' {
                    shape.first_zero.get_or_insert(shape.places);
                    shape.last_zero = shape.places + 1;
                }
                shape.places += 1;
            }
            '.' => {
                shape.decimal_at.get_or_insert(shape.places);
            }
            ',' => {
                if shape.places > 0 && shape.decimal_at.is_none() {
                    if let Some(comma) = comma_at {
                        if comma == shape.places {
                            commas += 1;
                            continue;
                        }
                        shape.thousands = true;
                    }
                    comma_at = Some(shape.places);
                    commas = 1;
                }
            }
            '%' => shape.shift += 2,
            '‰' => shape.shift += 3,
            '\'' | '"' => {
                while at < section.len() && section[at] != c {
                    at += 1;
                }
                at += 1;
            }
            '\\' => at += 1,
            'E' | 'e' => {
                let signed = matches!(section.get(at), Some('+' | '-'));
                let zeros = at + usize::from(signed);
                if section.get(zeros) == Some(&'0') {
                    shape.scientific = true;
                    at = zeros;
                    while section.get(at) == Some(&'0') {
                        at += 1;
                    }
                }
            }
            _ => {}
        }
    }
    if let Some(comma) = comma_at {
        if comma == shape.decimal_at.unwrap_or(shape.places) {
            shape.shift -= commas * 3;
        } else {
            shape.thousands = true;
        }
    }
    shape
}

/// The sections of a format: semicolons outside quotes separate them.
fn sections(format: &str) -> Vec<Vec<char>> {
    let mut found = vec![Vec::new()];
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        let last = found.last_mut().expect("there is always a section");
        match c {
            ';' => found.push(Vec::new()),
            '\\' => {
                last.push(c);
                last.extend(chars.next());
            }
            '\'' | '"' => {
                last.push(c);
                for inner in chars.by_ref() {
                    last.push(inner);
                    if inner == c {
                        break;
                    }
                }
            }
            _ => last.push(c),
        }
    }
    found
}

fn custom(number: Number, format: &str) -> String {
    let sections = sections(format);
    let section_or_first = |at: usize| if sections.get(at).is_some_and(|s| !s.is_empty()) { at } else { 0 };
    let mut digits = match number {
        Number::Double(_) => significant(number, 15),
        Number::Single(_) => significant(number, 7),
        _ => significant(number, 0),
    };
    let zero = digits.digits.is_empty();
    let mut section = if zero {
        if sections.len() > 2 { section_or_first(2) } else { 0 }
    } else if digits.negative {
        section_or_first(1)
    } else {
        0
    };
    let shape = loop {
        let shape = read_shape(&sections[section]);
        if digits.digits.is_empty() {
            digits.scale = 0;
            digits.negative &= digits.floating;
            break shape;
        }
        digits.scale += shape.shift;
        let decimal_at = shape.decimal_at.unwrap_or(shape.places);
        let keep = if shape.scientific { shape.places } else { digits.scale + shape.places - decimal_at };
        digits.round(keep);
        if digits.digits.is_empty() && section_or_first(2) != section {
            section = section_or_first(2);
            continue;
        }
        break shape;
    };
    write_custom(&digits, &sections[section], &shape, section)
}

fn write_custom(digits: &Digits, section: &[char], shape: &Shape, number_of_section: usize) -> String {
    let decimal_at = shape.decimal_at.unwrap_or(shape.places);
    let first_zero = shape.first_zero.map_or(0, |at| if at < decimal_at { decimal_at - at } else { 0 });
    let last_zero = if shape.last_zero > decimal_at { decimal_at - shape.last_zero } else { 0 };
    // `position` counts places down to the point; `extra` is how many digits stand before the first place.
    let (mut position, mut extra) =
        if shape.scientific { (decimal_at, 0) } else { (digits.scale.max(decimal_at), digits.scale - decimal_at) };
    let mut out = String::new();
    let signed = digits.negative && number_of_section == 0;
    if signed && digits.scale != 0 {
        out.push('-');
    }
    let mut next = 0i32;
    let mut point_written = false;
    let mut exponent_written = false;
    let put = |out: &mut String, digit: u8, position: i32| {
        out.push(char::from(digit));
        if shape.thousands && position > 1 && (position - 1) % 3 == 0 {
            out.push(',');
        }
    };
    let mut at = 0;
    while at < section.len() {
        let c = section[at];
        at += 1;
        if matches!(c, '#' | '0' | '.') {
            while extra > 0 {
                put(&mut out, digits.digit(next), position);
                next += 1;
                position -= 1;
                extra -= 1;
            }
        }
        match c {
            '#' | '0' => {
                let digit = if extra < 0 {
                    extra += 1;
                    (position <= first_zero).then_some(b'0')
                } else if (next as usize) < digits.digits.len() {
                    next += 1;
                    Some(digits.digit(next - 1))
                } else {
                    (position > last_zero).then_some(b'0')
                };
                if let Some(digit) = digit {
                    put(&mut out, digit, position);
                }
                position -= 1;
            }
            '.' => {
                if position == 0
                    && !point_written
                    && (last_zero < 0 || decimal_at < shape.places && (next as usize) < digits.digits.len())
                {
                    out.push('.');
                    point_written = true;
                }
            }
            ',' => {}
            '\'' | '"' => {
                while at < section.len() && section[at] != c {
                    out.push(section[at]);
                    at += 1;
                }
                at += 1;
            }
            '\\' => {
                out.extend(section.get(at));
                at += 1;
            }
            'E' | 'e' => {
                let sign = section.get(at).copied().filter(|s| matches!(s, '+' | '-'));
                let zeros = at + usize::from(sign.is_some());
                if shape.scientific && !exponent_written && section.get(zeros) == Some(&'0') {
                    exponent_written = true;
                    at = zeros;
                    while section.get(at) == Some(&'0') {
                        at += 1;
                    }
                    let width = (at - zeros).min(10);
                    let exponent = if digits.digits.is_empty() { 0 } else { digits.scale - decimal_at };
                    out.push(c);
                    if exponent < 0 {
                        out.push('-');
                    } else if sign == Some('+') {
                        out.push('+');
                    }
                    out.push_str(&format!("{:0width$}", exponent.unsigned_abs()));
                } else {
                    // A second one is text, its sign and zeros included.
                    out.push(c);
                    if let Some(sign) = sign {
                        out.push(sign);
                        at += 1;
                    }
                    while section.get(at) == Some(&'0') {
                        out.push('0');
                        at += 1;
                    }
                }
            }
            other => out.push(other),
        }
    }
    // Nothing has no sign.
    if signed && digits.scale == 0 && !out.is_empty() {
        out.insert(0, '-');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(v: i64) -> Number {
        Number::signed(v, 32)
    }

    #[test]
    fn formats_as_the_oracle_does() {
        let dec = |text: &str| Number::Decimal(text.parse().expect("a decimal"));
        for (number, text, expected) in [
            (int(-42), "N", "-42.00"),
            (int(-42), "P", "-4,200.00 %"),
            (int(1_234_567), "C", "¤1,234,567.00"),
            (int(-255), "c0", "(¤255)"),
            (int(1_234_567), "G3", "1.23E+06"),
            (int(-255), "x", "ffffff01"),
            (int(10), "x4", "000a"),
            (int(42), "D4", "0042"),
            (int(0), "E2", "0.00E+000"),
            (Number::Double(-1_234_567.891), "G3", "-1.23E+06"),
            (Number::Double(0.000_012_345), "E", "1.234500E-005"),
            (Number::Double(0.1), "G17", "0.10000000000000001"),
            (Number::Double(0.1), "F20", "0.10000000000000000555"),
            (Number::Double(0.125), "F2", "0.12"),
            (Number::Double(2.5), "N0", "2"),
            (Number::Double(1e21), "G9", "1E+21"),
            (Number::Double(1e23), "R", "9.999999999999999E+22"),
            (Number::Double(5e22), "R", "4.9999999999999996E+22"),
            (Number::Double(1e16), "R", "10000000000000000"),
            (Number::Double(1e17), "R", "1E+17"),
            (Number::Double(1e-5), "", "1E-05"),
            (Number::Single(1e9), "G", "1E+09"),
            (Number::Single(123_456_789.0), "R", "123456790"),
            (Number::Single(0.1), "G9", "0.100000001"),
            (dec("12345.6789"), "G3", "1.23E+04"),
            (dec("0.125"), "F2", "0.13"),
            (dec("1.0"), "G", "1.0"),
            (dec("1.10"), "0.##", "1.1"),
            (int(255), "0,0", "255"),
            (int(0), "0,0", "00"),
            (int(0), "#.##", ""),
            (int(255), "0%", "25500%"),
            (int(-255), "0‰", "-255000‰"),
            (int(-255), "pos;neg;zero", "neg"),
            (int(0), "pos;neg;zero", "zero"),
            (int(-255), "0.0;(0.0)", "(255.0)"),
            (int(-255), "0E+0", "-3E+2"),
            (int(0), "0.###e-00", "0e00"),
            (int(255), "0.###e-00", "2.55e02"),
            (int(255), "#,#,,", ""),
            (Number::Double(0.1), "#.####", ".1"),
            (Number::Double(1_234_567.891), "#,##0.00", "1,234,567.89"),
            (Number::Double(0.256), "0.#%", "25.6%"),
            (Number::Double(1.005), "0.00", "1.01"),
            (Number::Double(f64::NAN), "0.0", "NaN"),
        ] {
            assert_eq!(super::format(number, text).as_deref(), Ok(expected), "{number:?} {text}");
        }
        assert_eq!(super::format(int(255), "R"), Err(Invalid));
        assert_eq!(super::format(int(255), "Z"), Err(Invalid));
    }
}
