//! Composite formats: `string.Format`, `StringBuilder.AppendFormat`.
//!
//! In: a format and its arguments. Out: the text. Each hole is filled when it is reached.

use super::build::{concat, items, repeat};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Str;
use crate::dotnet::system::object::{format_value, to_str};
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// `Format(format, arg0, ...)`.
pub fn format(cx: &mut Call<'_>, a: &[Value]) -> Result {
    composite(cx, a[0], &a[1..])
}

/// `Format(format, params object[] args)`.
pub fn format_array(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() || a[1].is_null() {
        return Err(Fault::argument_null(if a[0].is_null() { "format" } else { "args" }));
    }
    let arguments = items(cx, a[1], "args")?;
    composite(cx, a[0], &arguments)
}

/// Fills a composite format; also what `StringBuilder.AppendFormat` appends.
pub fn composite(cx: &mut Call<'_>, format: Value, arguments: &[Value]) -> Result {
    let text = cx.str(format, "format")?;
    // What has halves of pairs is read with each of them as a character that no format has.
    let (text, halves) = match text {
        Str::Wide(units) if String::from_utf16(units).is_err() => (hidden(units), true),
        text => (text.to_text().into_owned(), false),
    };
    cx.charge_fuel(text.len() / 16)?;
    let mut out: Vec<Value> = Vec::new();
    let mut chars = text.chars().peekable();
    // A mistake shows when it is reached: what stands before it has been formatted then.
    while let Some(piece) = next_piece(&mut chars, arguments.len())? {
        match piece {
            Piece::Text(text) if halves => out.push(cx.heap.new_wide(&shown(&text))?),
            Piece::Text(text) => out.push(cx.new_str(&text)?),
            Piece::Hole { index, width, format } => {
                let argument = arguments[index];
                let text = if format.is_empty() {
                    to_str(cx, argument)?
                } else {
                    let text = format_value(cx, argument, Some(&format))?;
                    cx.new_str(&text)?
                };
                let len = cx.heap.str(text).map_or(0, Str::len);
                let filling = (width.unsigned_abs() as usize).saturating_sub(len);
                let filling = if filling > 0 { Some(repeat(cx, u16::from(b' '), filling)?) } else { None };
                if width < 0 {
                    out.push(text);
                    out.extend(filling);
                } else {
                    out.extend(filling);
                    out.push(text);
                }
            }
        }
    }
    concat(cx, &out)
}

/// Where halves of pairs hide: a plane for private use.
const HIDDEN: u32 = 0x10_0000;

fn hidden(units: &[u16]) -> String {
    let hide = |half: u16| char::from_u32(HIDDEN + u32::from(half & 0x7FF)).unwrap_or(char::REPLACEMENT_CHARACTER);
    char::decode_utf16(units.iter().copied())
        .map(|c| c.unwrap_or_else(|half| hide(half.unpaired_surrogate())))
        .collect()
}

fn shown(text: &str) -> Vec<u16> {
    let mut units = Vec::with_capacity(text.len());
    for c in text.chars() {
        match (c as u32).checked_sub(HIDDEN) {
            Some(half @ 0..0x800) => units.push(0xD800 + half as u16),
            _ => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
        }
    }
    units
}

#[derive(Debug, PartialEq)]
enum Piece {
    Text(String),
    Hole { index: usize, width: i32, format: String },
}

type Chars<'t> = std::iter::Peekable<std::str::Chars<'t>>;

/// The next stretch of text or hole; `None` at the end.
fn next_piece(chars: &mut Chars<'_>, arguments: usize) -> Result<Option<Piece>> {
    let mut text = String::new();
    while let Some(&c) = chars.peek() {
        match c {
            '{' | '}' => {
                let before = chars.clone();
                chars.next();
                if chars.next_if_eq(&c).is_some() {
                    text.push(c);
                } else if !text.is_empty() {
                    *chars = before;
                    break;
                } else if c == '}' {
                    return Err(Fault::format());
                } else {
                    return read_hole(chars, arguments).map(Some);
                }
            }
            _ => {
                chars.next();
                text.push(c);
            }
        }
    }
    Ok(Some(Piece::Text(text)).filter(|piece| *piece != Piece::Text(String::new())))
}

/// .NET's own limit of an index and a width.
const MAX_NUMBER: usize = 1_000_000;

fn read_hole(chars: &mut Chars<'_>, arguments: usize) -> Result<Piece> {
    let index = read_number(chars)?;
    skip_spaces(chars);
    if index >= arguments && chars.peek().is_some() {
        let message =
            "Index (zero based) must be greater than or equal to zero and less than the size of the argument list.";
        return Err(Fault::throw("System.FormatException", message));
    }
    let mut width = 0;
    if chars.next_if_eq(&',').is_some() {
        skip_spaces(chars);
        let left = chars.next_if_eq(&'-').is_some();
        width = read_number(chars)? as i32;
        width = if left { -width } else { width };
        skip_spaces(chars);
    }
    let mut format = String::new();
    if chars.next_if_eq(&':').is_some() {
        loop {
            match chars.peek() {
                None => return Err(Fault::format()),
                // No brace is escaped in here.
                Some('}') => break,
                Some('{') => return Err(Fault::format()),
                Some(&c) => {
                    chars.next();
                    format.push(c);
                }
            }
        }
    }
    if chars.next() != Some('}') {
        return Err(Fault::format());
    }
    Ok(Piece::Hole { index, width, format })
}

fn skip_spaces(chars: &mut Chars<'_>) {
    while chars.next_if_eq(&' ').is_some() {}
}

fn read_number(chars: &mut Chars<'_>) -> Result<usize> {
    let mut number = None;
    // A digit after a number that is too large already is the mistake, not the number.
    while number.is_none_or(|n| n < MAX_NUMBER)
        && let Some(digit) = chars.peek().and_then(|c| c.to_digit(10))
    {
        number = Some(number.unwrap_or(0) * 10 + digit as usize);
        chars.next();
    }
    number.ok_or_else(Fault::format)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(format: &str) -> Result<Vec<Piece>> {
        let mut chars = format.chars().peekable();
        std::iter::from_fn(|| next_piece(&mut chars, 9).transpose()).collect()
    }

    #[test]
    fn composite_formats() {
        let hole = |index, width, format: &str| Piece::Hole { index, width, format: format.to_owned() };
        let text = |t: &str| Piece::Text(t.to_owned());
        assert_eq!(all("a{{{0,-5:F2}|").expect("valid"), [text("a{"), hole(0, -5, "F2"), text("|")]);
        assert_eq!(all("{1 , 7 }").expect("valid"), [hole(1, 7, "")]);
        for wrong in ["}", "{a}", "{-1}", "{ 0}", "{0", "{0:", "{0,}", "{}"] {
            assert!(all(wrong).is_err(), "{wrong}");
        }
    }
}
