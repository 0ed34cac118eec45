//! How far a part of a URI is written as it would be escaped, and as it would be shown.

use super::super::units::{NONE, ascii, ascii_of, escaped_byte};
use super::escape::stands_in_iri;
use super::parse::Absolute;
use super::syntax;

/// What a look at a part has found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// As it would be escaped; as it would be shown.
    pub escaped_so: bool,
    pub shown_so: bool,
    pub dots_or_slashes: bool,
    pub dot_or_slash_escaped: bool,
    pub backslash: bool,
    pub reserved: bool,
    pub unicode: bool,
    pub bad_unicode: bool,
}

impl Found {
    pub fn is_only_unicode(&self) -> bool {
        self.shown_so && self.unicode && !self.escaped_so && !self.bad_unicode
    }
}

/// Looks at `text[from..end]` up to `stop`. `of` is the absolute URI that it belongs to; `has_unicode`: the whole text holds
/// Unicode, or escapes that it does not need.
pub fn check(
    text: &[u16],
    from: usize,
    end: usize,
    stop: char,
    of: Option<&Absolute>,
    has_unicode: bool,
) -> (Found, usize) {
    let mut found = Found::default();
    let (mut needs_escape, mut has_escape) = (false, false);
    let implicit = of.is_some_and(|of| of.shape.implicit_file);
    let takes = |rule| of.is_some_and(|of| of.syntax.has(rule));
    let next = |at: usize| if at + 1 < text.len() { ascii(text, at + 1) } else { NONE };
    let mut at = from;
    while at < end {
        let unit = text[at];
        let c = ascii_of(unit);
        if unit <= 0x1F || (0x7F..=0x9F).contains(&unit) {
            (needs_escape, has_escape, found.reserved) = (true, true, true);
        } else if c == NONE {
            found.unicode = true;
            // A pair's second half is looked at alone, as .NET does.
            let pair = char::decode_utf16(text[at..end.min(at + 2)].iter().copied()).next().and_then(Result::ok);
            if !pair.is_some_and(|c| stands_in_iri(c, true)) {
                found.bad_unicode = true;
            }
            needs_escape = true;
        } else if c == stop && stop != NONE || stop == '?' && c == '#' && takes(syntax::FRAGMENT) {
            break;
        } else if c == '?' {
            if implicit || of.is_some() && !takes(syntax::QUERY) && stop != NONE {
                (needs_escape, has_escape, found.reserved) = (true, true, true);
            }
        } else if c == '#' {
            needs_escape = true;
            if implicit || of.is_some() && !takes(syntax::FRAGMENT) {
                (has_escape, found.reserved) = (true, true);
            }
        } else if matches!(c, '/' | '\\') {
            found.backslash |= c == '\\';
            found.dots_or_slashes |= at + 1 != end && matches!(next(at), '/' | '\\');
        } else if c == '.' {
            found.dots_or_slashes |= at + 1 == end || matches!(next(at), '.' | '/' | '\\' | '?' | '#');
        } else if c <= '"' && c != '!' || ('['..='^').contains(&c) || matches!(c, '<' | '>' | '`') {
            needs_escape = true;
            found.bad_unicode |= has_unicode;
        } else if ('{'..='}').contains(&c) {
            needs_escape = true;
        } else if c == '%' {
            has_escape = true;
            match escaped_byte(text, at).filter(|_| at + 2 < end) {
                Some(byte) => {
                    found.dot_or_slash_escaped |= matches!(byte, b'.' | b'/' | b'\\');
                    at += 2;
                }
                None => needs_escape = true,
            }
        }
        at += 1;
    }
    found.escaped_so = !needs_escape;
    found.shown_so = !has_escape;
    (found, at)
}
