//! `System.Net.WebUtility`: escaping for HTML and for forms.

use super::entities;
use super::units::{ascii_of, escaped_byte, push, push_escaped};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Native, Row, TypeDef, static_method};
use crate::dotnet::system::display::find_row;
use crate::dotnet::system::enumerate::call_native;
use crate::dotnet::types;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static WEB_UTILITY: TypeDef = TypeDef::new("System.Net.WebUtility", Kind::Static, &[ROWS]);

const ROWS: &[Row] = &[
    static_method("string HtmlDecode(string value)", HTML_DECODE),
    static_method("void HtmlDecode(string value, TextWriter output)", |cx, a| write(cx, a, HTML_DECODE)),
    static_method("string HtmlEncode(string value)", HTML_ENCODE),
    static_method("void HtmlEncode(string value, TextWriter output)", |cx, a| write(cx, a, HTML_ENCODE)),
    static_method("string UrlDecode(string encodedValue)", |cx, a| map(cx, a[0], url_decode)),
    static_method("byte[] UrlDecodeToBytes(byte[] encodedValue, int offset, int count)", |cx, a| {
        map_bytes(cx, a, url_decode_bytes)
    }),
    static_method("string UrlEncode(string value)", |cx, a| {
        map(cx, a[0], |text| {
            let mut out = Vec::with_capacity(text.len() + 16);
            url_encode(String::from_utf16_lossy(text).as_bytes(), &mut out);
            out
        })
    }),
    static_method("byte[] UrlEncodeToBytes(byte[] value, int offset, int count)", |cx, a| {
        map_bytes(cx, a, |bytes| {
            let mut out = Vec::with_capacity(bytes.len() + 16);
            url_encode(bytes, &mut out);
            out.into_iter().map(|unit| unit as u8).collect()
        })
    }),
];

const HTML_ENCODE: Native = |cx, a| map(cx, a[0], html_encode);
const HTML_DECODE: Native = |cx, a| map(cx, a[0], html_decode);

/// A text made of a text; null stays null.
fn map(cx: &mut Call<'_>, value: Value, make: fn(&[u16]) -> Vec<u16>) -> Result {
    let Some(text) = cx.heap.str(value).map(|text| text.to_wide()) else { return Ok(Value::Null) };
    cx.charge_fuel(text.len() / 8)?;
    let made = make(&text);
    if made == text { Ok(value) } else { cx.heap.new_wide(&made) }
}

/// Writes what `make` makes of the text to a writer.
fn write(cx: &mut Call<'_>, a: &[Value], make: Native) -> Result {
    if a[1].is_null() {
        return Err(Fault::argument_null("output"));
    }
    let made = make(cx, a)?;
    if made.is_null() {
        return Ok(Value::Null);
    }
    match find_row(cx.heap.type_of(a[1]), "Write", &["System.String"]) {
        Some((native, declaring)) => call_native(cx, native, declaring, types::void(), &[a[1], made]),
        None => Err(Fault::not_supported("This writer takes no text.")),
    }
}

fn map_bytes(cx: &mut Call<'_>, a: &[Value], make: fn(&[u8]) -> Vec<u8>) -> Result {
    let (offset, count) = (int(a[1]), int(a[2]));
    if a[0].is_null() && count == 0 {
        return Ok(Value::Null);
    }
    let bytes = cx.heap.bytes(a[0]).ok_or_else(|| Fault::argument_null("bytes"))?;
    let wrong = |name| Fault::out_of_range("Specified argument was out of the range of valid values.", name);
    let from = usize::try_from(offset).ok().and_then(|at| bytes.get(at..)).ok_or_else(|| wrong("offset"))?;
    let part = usize::try_from(count).ok().and_then(|count| from.get(..count)).ok_or_else(|| wrong("count"))?;
    let (length, made) = (part.len(), make(part));
    cx.charge_fuel(length / 8)?;
    cx.heap.new_bytes(made)
}

/// Markup, both quotes, U+00A0 to U+00FF and what lies beyond the first plane.
fn html_encode(text: &[u16]) -> Vec<u16> {
    let mut out = Vec::with_capacity(text.len() + 16);
    for c in char::decode_utf16(text.iter().copied()) {
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        match c {
            '<' => push(&mut out, "&lt;"),
            '>' => push(&mut out, "&gt;"),
            '"' => push(&mut out, "&quot;"),
            '\'' => push(&mut out, "&#39;"),
            '&' => push(&mut out, "&amp;"),
            '\u{A0}'..='\u{FF}' | '\u{10000}'.. => push(&mut out, &format!("&#{};", u32::from(c))),
            _ => out.extend_from_slice(c.encode_utf16(&mut [0; 2])),
        }
    }
    out
}

/// Named and numbered characters; what is neither stays, up to its `;`.
fn html_decode(text: &[u16]) -> Vec<u16> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    // The next `;`, looked for once.
    let mut end = 0;
    while at < text.len() {
        let unit = text[at];
        at += 1;
        if ascii_of(unit) != '&' {
            out.push(unit);
            continue;
        }
        if end < at {
            end = (at..text.len()).find(|&at| ascii_of(text[at]) == ';').unwrap_or(text.len());
        }
        let name = &text[at..end];
        if end == text.len() {
            out.push(unit);
        } else if name.len() > 1 && ascii_of(name[0]) == '#' {
            match number(&name[1..]).and_then(char::from_u32) {
                Some(c) => {
                    out.extend_from_slice(c.encode_utf16(&mut [0; 2]));
                    at = end + 1;
                }
                None => out.push(unit),
            }
        } else {
            match entities::character(name) {
                Some(character) => out.push(character),
                None => out.extend_from_slice(&text[at - 1..=end]),
            }
            at = end + 1;
        }
    }
    out
}

/// The code point in `&#…;`: decimal, with a sign and blanks as .NET lets numbers have, or hexadecimal behind an `x`.
fn number(text: &[u16]) -> Option<u32> {
    if matches!(ascii_of(text[0]), 'x' | 'X') {
        return digits(&text[1..], 16);
    }
    let blank = |unit: &&u16| matches!(ascii_of(**unit), '\t'..='\r' | ' ');
    let text = &text[text.iter().take_while(blank).count()..];
    let signed = matches!(text.first().map(|&unit| ascii_of(unit)), Some('+' | '-'));
    let negative = signed && ascii_of(text[0]) == '-';
    let text = &text[usize::from(signed)..];
    let count = text.iter().take_while(|&&unit| ascii_of(unit).is_ascii_digit()).count();
    if !text[count..].iter().all(|unit| blank(&unit)) {
        return None;
    }
    digits(&text[..count], 10).filter(|&code| code == 0 || !negative)
}

fn digits(text: &[u16], radix: u32) -> Option<u32> {
    let mut value = 0u32;
    for &unit in text {
        value = value.checked_mul(radix)?.checked_add(ascii_of(unit).to_digit(radix)?)?;
    }
    (!text.is_empty()).then_some(value)
}

/// Escapes all but letters, digits and `-_.!*()`; a blank becomes `+`.
fn url_encode(bytes: &[u8], out: &mut Vec<u16>) {
    for &byte in bytes {
        match byte {
            b' ' => out.push(b'+'.into()),
            b'-' | b'_' | b'.' | b'!' | b'*' | b'(' | b')' => out.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            _ => push_escaped(out, byte),
        }
    }
}

/// Unescapes bytes of UTF-8, and `+` to a blank.
fn url_decode(text: &[u16]) -> Vec<u16> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = Vec::new();
    let mut at = 0;
    let flush = |bytes: &mut Vec<u8>, out: &mut Vec<u16>| {
        push(out, &String::from_utf8_lossy(bytes));
        bytes.clear();
    };
    while at < text.len() {
        let unit = text[at];
        if let Some(byte) = escaped_byte(text, at) {
            bytes.push(byte);
            at += 3;
            continue;
        }
        match u8::try_from(unit).ok().filter(u8::is_ascii) {
            Some(b'+') => bytes.push(b' '),
            Some(byte) => bytes.push(byte),
            None => {
                flush(&mut bytes, &mut out);
                out.push(unit);
            }
        }
        at += 1;
    }
    flush(&mut bytes, &mut out);
    out
}

fn url_decode_bytes(bytes: &[u8]) -> Vec<u8> {
    let units: Vec<u16> = bytes.iter().map(|&byte| byte.into()).collect();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (escaped_byte(&units, at), bytes[at]) {
            (Some(byte), _) => {
                out.push(byte);
                at += 2;
            }
            (None, b'+') => out.push(b' '),
            (None, byte) => out.push(byte),
        }
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(make: fn(&[u16]) -> Vec<u16>, text: &str) -> String {
        String::from_utf16_lossy(&make(&text.encode_utf16().collect::<Vec<_>>()))
    }

    #[test]
    fn html() {
        let cases = [
            ("&lt;&amp;&quot;&#39;&eacute;&#x41;&nope;&nbsp;", "<&\"'éA&nope;\u{A0}"),
            ("&&lt; &lt;&lt", "&&lt; <&lt"),
            ("&#128512;&# 65 ;", "😀A"),
            ("&#0;&#x110000;&#xD800;", "\0&#x110000;&#xD800;"),
        ];
        for (text, wanted) in cases {
            assert_eq!(apply(html_decode, text), wanted);
        }
        assert_eq!(apply(html_encode, "<é€😀'>"), "&lt;&#233;€&#128512;&#39;&gt;");
    }
}
