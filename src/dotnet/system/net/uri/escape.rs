//! Escaping and unescaping of `%XX`, and what of Unicode may stand in a URI as it is (RFC 3986, RFC 3987).

use super::super::units::{NONE, ascii_of, escaped_byte, push_escaped};
use unicode_normalization::UnicodeNormalization;

/// The characters that have a meaning somewhere in a URI.
const RESERVED: &str = ";/?:@&=+$,#[]!'()*";

pub fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~')
}

pub fn is_reserved(c: char) -> bool {
    RESERVED.contains(c)
}

/// Would be misread when it stood unescaped.
fn is_unsafe(c: u8) -> bool {
    c.is_ascii_control()
        || (0x80..=0x9F).contains(&c)
        || c.is_ascii() && (is_reserved(c.into()) || b"%\\#".contains(&c))
}

/// A lone half of a surrogate pair where none may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadSequence;

/// What escaping leaves alone.
#[derive(Clone, Copy, Debug)]
pub struct Escaping {
    /// Reserved characters stay.
    pub whole: bool,
    /// Escaped in any case.
    pub force: [char; 2],
    /// A `%XX` stays what it is.
    pub keeps_escapes: bool,
}

impl Escaping {
    pub const DATA: Escaping = Escaping { whole: false, force: [NONE, NONE], keeps_escapes: false };
    pub const TEXT: Escaping = Escaping { whole: true, force: [NONE, NONE], keeps_escapes: false };

    pub const fn part(force: [char; 2], keeps_escapes: bool) -> Escaping {
        Escaping { whole: true, force, keeps_escapes }
    }
}

/// .NET escapes Unicode in runs of this many units; only the end of a run must not be half a pair.
const RUN: usize = 39;

/// Escapes text.
pub fn escape(text: &[u16], out: &mut Vec<u16>, how: Escaping) -> Result<(), BadSequence> {
    let mut at = 0;
    while at < text.len() {
        let unit = text[at];
        if unit > 0x7F {
            let most = RUN.min(text.len() - at);
            let mut count = text[at..at + most].iter().take_while(|&&unit| unit > 0x7F).count();
            if (0xD800..0xDC00).contains(&text[at + count - 1]) {
                if count == 1 || count == text.len() - at {
                    return Err(BadSequence);
                }
                count += 1;
            }
            for byte in String::from_utf16_lossy(&text[at..at + count]).bytes() {
                push_escaped(out, byte);
            }
            at += count;
            continue;
        }
        let c = ascii_of(unit);
        if c == '%' && how.keeps_escapes && escaped_byte(text, at).is_some() {
            out.extend_from_slice(&text[at..at + 3]);
            at += 3;
            continue;
        }
        let stays = is_unreserved(c) || how.whole && is_reserved(c);
        if stays && !how.force.contains(&c) {
            out.push(unit);
        } else {
            push_escaped(out, unit as u8);
        }
        at += 1;
    }
    Ok(())
}

/// What unescaping does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unescaping {
    /// Escapes what must not stand as it is.
    pub escapes: bool,
    /// Unescapes what may stand as it is.
    pub unescapes: bool,
    /// Unescapes everything.
    pub all: bool,
    /// For `ToString()`: also what would be misread.
    pub for_display: bool,
}

impl Unescaping {
    pub const ALL: Unescaping = Unescaping { escapes: false, unescapes: true, all: true, for_display: false };
    pub const SAFE: Unescaping = Unescaping { escapes: true, unescapes: true, all: false, for_display: false };
}

/// Unescapes text; `kept` neither loses nor gains an escape unless everything is unescaped. Escaped UTF-8 becomes text, as
/// far as it is well-formed; with `iri`, as far as RFC 3987 lets it stand (`query`: in a query).
pub fn unescape(text: &[u16], out: &mut Vec<u16>, kept: [char; 3], how: Unescaping, iri: bool, query: bool) {
    if !how.escapes && !how.unescapes {
        out.extend_from_slice(text);
        return;
    }
    let iri = iri && how.escapes && how.unescapes;
    let mut at = 0;
    while at < text.len() {
        let unit = text[at];
        let c = ascii_of(unit);
        if c != '%' {
            let escaped = !how.all
                && how.escapes
                && (c != NONE && kept.contains(&c)
                    || !how.for_display && (unit <= 0x1F || (0x7F..=0x9F).contains(&unit)));
            if escaped {
                push_escaped(out, unit as u8)
            } else {
                out.push(unit)
            }
            at += 1;
            continue;
        }
        let byte = if how.unescapes { escaped_byte(text, at) } else { None };
        let Some(byte) = byte else {
            // A `%` that escapes nothing.
            let incomplete = at + 2 >= text.len();
            if !how.unescapes || !how.all && (how.escapes || incomplete) {
                push_escaped(out, b'%');
            } else {
                out.push(unit);
            }
            at += 1;
            continue;
        };
        if !how.all {
            let stays = byte == b'%'
                || kept.contains(&char::from(byte)) && byte.is_ascii()
                || !how.for_display && is_unsafe(byte)
                || iri && byte <= 0x9F && is_unsafe(byte);
            if stays {
                out.extend_from_slice(&text[at..at + 3]);
                at += 3;
                continue;
            }
        }
        if byte.is_ascii() {
            out.push(byte.into());
            at += 3;
            continue;
        }
        let (bytes, next) = escaped_run(text, at);
        push_utf8(&bytes, out, iri, query);
        at = next;
    }
}

/// The bytes of the escapes outside ASCII from `at` on, and where they end.
fn escaped_run(text: &[u16], mut at: usize) -> (Vec<u8>, usize) {
    let mut bytes = Vec::new();
    while let Some(byte) = escaped_byte(text, at).filter(|byte| !byte.is_ascii()) {
        bytes.push(byte);
        at += 3;
    }
    (bytes, at)
}

/// UTF-8 as text; what is none, and with `iri` what must not stand as it is, stays escaped.
fn push_utf8(bytes: &[u8], out: &mut Vec<u16>, iri: bool, query: bool) {
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if !iri || stands_in_iri(c, query) {
                out.extend_from_slice(c.encode_utf16(&mut [0; 2]));
            } else {
                c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push_escaped(out, byte));
            }
        }
        chunk.invalid().iter().for_each(|&byte| push_escaped(out, byte));
    }
}

/// Whether RFC 3987 lets a character outside ASCII stand unescaped.
pub fn stands_in_iri(c: char, query: bool) -> bool {
    let code = u32::from(c);
    match code {
        0xA0..=0xD7FF | 0xF900..=0xFDCF | 0xFDF0..=0xFFEF => true,
        0xE000..=0xF8FF | 0xF_0000..=0x10_FFFF => query && code & 0xFFFF <= 0xFFFD,
        0x1_0000..=0xE_FFFF => code & 0xFFFF <= 0xFFFD && !(0xE_0000..0xE_1000).contains(&code),
        _ => false,
    }
}

/// A part of a URI that holds Unicode, escaped or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IriPart {
    /// A whole relative URI.
    Relative,
    Component,
    Query,
}

/// Brings text that holds Unicode, or escapes it, to the form that RFC 3987 wants.
pub fn to_iri(text: &[u16], part: IriPart) -> Vec<u16> {
    let query = part == IriPart::Query;
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let unit = text[at];
        if ascii_of(unit) == '%' {
            let Some(byte) = escaped_byte(text, at) else {
                // .NET takes the two that follow along, whatever they are.
                let next = if at + 2 < text.len() { at + 3 } else { at + 1 };
                out.extend_from_slice(&text[at..next]);
                at = next;
                continue;
            };
            let meaning = match part {
                IriPart::Relative => byte.is_ascii() && ":/?#[]@".contains(char::from(byte)),
                IriPart::Component | IriPart::Query => byte.is_ascii() && is_reserved(byte.into()),
            };
            if byte == b'%' || meaning || is_unsafe(byte) {
                out.extend_from_slice(&text[at..at + 3]);
                at += 3;
            } else if byte.is_ascii() {
                out.push(byte.into());
                at += 3;
            } else {
                let (bytes, next) = escaped_run(text, at);
                if bytes.utf8_chunks().all(|chunk| chunk.valid().is_empty()) {
                    out.extend_from_slice(&text[at..next]);
                } else {
                    push_utf8(&bytes, &mut out, true, query);
                }
                at = next;
            }
            continue;
        }
        if unit <= 0x7F {
            out.push(unit);
            at += 1;
            continue;
        }
        let c = char::decode_utf16(text[at..].iter().take(2).copied()).next().and_then(Result::ok);
        match c {
            Some(c) if stands_in_iri(c, query) => {
                out.extend_from_slice(&text[at..at + c.len_utf16()]);
                at += c.len_utf16();
            }
            _ => {
                // .NET looks at the second half of a pair again, and finds half a pair.
                let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
                c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push_escaped(&mut out, byte));
                at += 1;
            }
        }
    }
    out
}

/// Normalization form C.
pub fn composed(text: &[u16]) -> Vec<u16> {
    match String::from_utf16(text) {
        Ok(text) if !text.is_ascii() => text.nfc().collect::<String>().encode_utf16().collect(),
        _ => text.to_vec(),
    }
}

/// Unescapes `%2E`, `%2F` and, with `backslash`, `%5C`, nothing else.
pub fn unescape_dots(text: &[u16], backslash: bool) -> Vec<u16> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        // What follows a `%` is taken along, whatever it is.
        let len = if ascii_of(text[at]) == '%' && at + 2 < text.len() { 3 } else { 1 };
        match escaped_byte(text, at) {
            Some(byte @ (b'.' | b'/')) => out.push(byte.into()),
            Some(byte @ b'\\') if backslash => out.push(byte.into()),
            _ => out.extend_from_slice(&text[at..at + len]),
        }
        at += len;
    }
    out
}

/// Whether the text holds, or escapes, anything outside ASCII; a `%` that escapes nothing counts too, as .NET has it.
pub fn holds_unicode(text: &[u16]) -> bool {
    let mut at = 0;
    while at < text.len() {
        if text[at] > 0x7F {
            return true;
        }
        if ascii_of(text[at]) == '%' && at + 2 < text.len() {
            if !escaped_byte(text, at).is_some_and(|byte| byte.is_ascii()) {
                return true;
            }
            at += 2;
        }
        at += 1;
    }
    false
}

/// Whether something is escaped that needs no escape.
pub fn escapes_needlessly(text: &[u16]) -> bool {
    (0..text.len()).any(|at| escaped_byte(text, at).is_some_and(|b| b.is_ascii() && is_unreserved(b.into())))
}
