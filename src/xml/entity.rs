//! Entities and line ends: which references exist, and what text they stand for.

use crate::source::CookedBuilder;

/// Longest reference between `&` and `;` (`#x0010FFFF` with some zeros to spare).
const MAX_REFERENCE: usize = 12;

/// The character that a reference at the start of the text (after `&`) stands for, and its length with `;`.
pub fn reference(after_ampersand: &str) -> Option<(char, usize)> {
    let head = &after_ampersand.as_bytes()[..after_ampersand.len().min(MAX_REFERENCE)];
    let end = memchr::memchr(b';', head)?;
    let name = after_ampersand.get(..end)?;
    let character = match name {
        "quot" => '"',
        "apos" => '\'',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16).ok()?,
                None if number.bytes().all(|b| b.is_ascii_digit()) => number.parse().ok()?,
                _ => return None,
            };
            char::from_u32(code).filter(|&c| is_xml_char(c))?
        }
    };
    Some((character, end + 1))
}

/// Whether XML 1.0 admits the character at all.
pub fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Adds the text from `start` to `end` with references replaced. In a constant attribute, a line end or tab reads as
/// a space, as XML says; elsewhere a line end is one `\n`. What is no reference stays as it is.
pub fn unescape(text: &str, start: u32, end: u32, spaces: bool, out: &mut CookedBuilder) {
    let bytes = text.as_bytes();
    let (mut at, end) = (start as usize, end as usize);
    let mut from = at;
    let plain = |from: usize, to: usize, out: &mut CookedBuilder| {
        out.verbatim(text.get(from..to).unwrap_or(""), from as u32);
    };
    while at < end {
        match bytes[at] {
            b'&' => match text.get(at + 1..end).and_then(reference) {
                Some((character, length)) => {
                    plain(from, at, out);
                    let next = at + 1 + length;
                    out.replaced(character.encode_utf8(&mut [0; 4]), at as u32, next as u32, None);
                    (at, from) = (next, next);
                }
                None => at += 1,
            },
            b'\r' => {
                plain(from, at, out);
                let next = if bytes.get(at + 1) == Some(&b'\n') && at + 1 < end { at + 2 } else { at + 1 };
                out.replaced(if spaces { " " } else { "\n" }, at as u32, next as u32, None);
                (at, from) = (next, next);
            }
            b'\n' | b'\t' if spaces => {
                plain(from, at, out);
                out.replaced(" ", at as u32, at as u32 + 1, None);
                at += 1;
                from = at;
            }
            _ => at += 1,
        }
    }
    plain(from, end, out);
}

/// Adds the text from `start` to `end` as it is, each line end as one `\n`.
pub fn normalise_lines(text: &str, start: u32, end: u32, out: &mut CookedBuilder) {
    let (mut from, end) = (start as usize, end as usize);
    let Some(slice) = text.as_bytes().get(..end) else { return };
    while let Some(found) = memchr::memchr(b'\r', &slice[from..]) {
        let at = from + found;
        let next = if slice.get(at + 1) == Some(&b'\n') { at + 2 } else { at + 1 };
        out.verbatim(text.get(from..at).unwrap_or(""), from as u32);
        out.replaced("\n", at as u32, next as u32, None);
        from = next;
    }
    out.verbatim(text.get(from..end).unwrap_or(""), from as u32);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    #[test]
    fn references() {
        let table = [
            ("quot;", Some(('"', 5))),
            ("amp;x", Some(('&', 4))),
            ("#65;", Some(('A', 4))),
            ("#x1F600;", Some(('😀', 8))),
            ("#0;", None),
            ("#xD800;", None),
            ("#x;", None),
            ("#;", None),
            ("nbsp;", None),
            ("b=2", None),
            ("", None),
            ("#99999999999999999999;", None),
        ];
        for (text, expected) in table {
            assert_eq!(reference(text), expected, "{text}");
        }
    }

    #[test]
    fn unescaped_text() {
        let table = [
            ("a&lt;b", false, "a<b"),
            ("a\r\nb\rc\n", false, "a\nb\nc\n"),
            ("a\r\n\tb", true, "a  b"),
            ("a &nope; & b", false, "a &nope; & b"),
            ("&#10;", true, "\n"),
        ];
        for (text, spaces, expected) in table {
            let mut out = CookedBuilder::new(Span::new(FileId(0), 0, text.len() as u32));
            unescape(text, 0, text.len() as u32, spaces, &mut out);
            assert_eq!(out.finish().text(), expected);
        }
    }
}
