//! The order of texts in the invariant culture: the root collation, as far as Latin, digits and punctuation go.
//!
//! In: two texts. Out: their order. First by letters, then by accents, then by case (small before capital); control
//! characters count for nothing. Other scripts are ordered by code point within their place after Latin.

use crate::dotnet::heap::Str;
use std::cmp::Ordering;

/// Punctuation and symbols in the order of the root collation.
const ORDER: &str = "\t\n\u{b}\u{c}\r\u{85}\u{2028}\u{2029} _\u{203f}-‐‑‒–—―,;:!¡?¿.…·'‘’‚“”„\"«»()[]{}§¶@*/\\&#%‰†‡•`´˜^¯¨°©®+±÷×<=>|¦~¬¤¢$£¥€";

/// Compares as `String.Compare` does.
pub fn compare(a: Str<'_>, b: Str<'_>, ignore_case: bool) -> Ordering {
    if a.eq_ordinal(b) {
        return Ordering::Equal;
    }
    let (x, y) = (elements(a), elements(b));
    let primary = |e: &[Element]| -> Vec<u32> { e.iter().map(|e| e.primary).filter(|&p| p != 0).collect() };
    let by_primary = primary(&x).cmp(&primary(&y));
    let by_accent = || x.iter().map(|e| e.secondary).cmp(y.iter().map(|e| e.secondary));
    let by_case =
        || if ignore_case { Ordering::Equal } else { x.iter().map(|e| e.upper).cmp(y.iter().map(|e| e.upper)) };
    by_primary.then_with(by_accent).then_with(by_case)
}

/// Whether both are the same text to the invariant culture.
pub fn equal(a: Str<'_>, b: Str<'_>, ignore_case: bool) -> bool {
    compare(a, b, ignore_case).is_eq()
}

/// Counts for nothing in a comparison: control and format characters.
pub fn is_ignorable(unit: u16) -> bool {
    matches!(unit, 0..=8 | 0xE..=0x1F | 0x7F..=0x84 | 0x86..=0x9F | 0xAD | 0x200B..=0x200F | 0x2060 | 0xFEFF)
}

/// A hash that agrees with [`equal`].
pub fn hash(text: Str<'_>, ignore_case: bool) -> i32 {
    let mut hash = 0x811c_9dc5u32;
    for e in elements(text) {
        for part in [e.primary, e.secondary, if ignore_case { 0 } else { e.upper.into() }] {
            hash = (hash ^ part).wrapping_mul(0x0100_0193);
        }
    }
    hash as i32
}

/// Where a text occurs in another, from its start or its end: position and length in units.
pub fn find(text: Str<'_>, wanted: Str<'_>, ignore_case: bool, last: bool) -> Option<(usize, usize)> {
    let (text_elements, wanted) = (elements(text), elements(wanted));
    if wanted.is_empty() {
        return Some((if last { text.len() } else { 0 }, 0));
    }
    let matches = |at: &usize| {
        text_elements[*at..]
            .iter()
            .zip(&wanted)
            .all(|(a, b)| a.primary == b.primary && a.secondary == b.secondary && (ignore_case || a.upper == b.upper))
    };
    let count = (text_elements.len() + 1).checked_sub(wanted.len())?;
    let at = if last { (0..count).rev().find(matches) } else { (0..count).find(matches) }?;
    let start = text_elements[at].start;
    Some((start, text_elements[at + wanted.len() - 1].end - start))
}

/// Whether a text begins (or ends) with another.
pub fn is_at_edge(text: Str<'_>, wanted: Str<'_>, ignore_case: bool, end: bool) -> bool {
    let (text, wanted) = (elements(text), elements(wanted));
    let Some(rest) = text.len().checked_sub(wanted.len()) else { return false };
    let part = if end { &text[rest..] } else { &text[..wanted.len()] };
    part.iter()
        .zip(&wanted)
        .all(|(a, b)| a.primary == b.primary && a.secondary == b.secondary && (ignore_case || a.upper == b.upper))
}

/// The third level of a capital; see [`form_of`] for what is added to it.
const CAPITAL: u8 = 0x40;

/// How far a form of compatibility stands from the plain character.
fn form_of(c: char) -> u8 {
    if ('\u{FF00}'..'\u{FFF0}').contains(&c) { 1 } else { 2 }
}

#[derive(Clone, Copy)]
struct Element {
    primary: u32,
    secondary: u32,
    /// The third level: small letters first, then capitals; forms of compatibility after the plain ones.
    upper: u8,
    /// Where it stands in the text, in units.
    start: usize,
    end: usize,
}

fn elements(text: Str<'_>) -> Vec<Element> {
    let mut found = Vec::with_capacity(text.len());
    match text {
        Str::Ascii(text) => text.char_indices().for_each(|(at, c)| push(&mut found, c, at, at + 1)),
        Str::Wide(units) => {
            let mut at = 0;
            for c in char::decode_utf16(units.iter().copied()) {
                let c = c.unwrap_or('\u{FFFD}');
                let end = at + c.len_utf16();
                let before = found.len();
                let mut plain = true;
                unicode_normalization::char::decompose_compatible(c, |part| {
                    plain &= part == c;
                    push(&mut found, part, at, end);
                });
                if !plain {
                    let (mut canonical, mut compatible) = (String::new(), String::new());
                    unicode_normalization::char::decompose_canonical(c, |part| canonical.push(part));
                    unicode_normalization::char::decompose_compatible(c, |part| compatible.push(part));
                    if canonical != compatible {
                        found[before..].iter_mut().for_each(|e| e.upper += form_of(c));
                    }
                }
                at = end;
            }
        }
    }
    found
}

fn push(found: &mut Vec<Element>, c: char, start: usize, end: usize) {
    let plain = Element { primary: 0, secondary: 0, upper: 0, start, end };
    if u16::try_from(c as u32).is_ok_and(is_ignorable) {
        return;
    }
    if ('\u{300}'..'\u{370}').contains(&c) {
        match found.last_mut() {
            Some(last) => {
                last.secondary = last.secondary.wrapping_mul(1024).wrapping_add(c as u32 - 0x2FF);
                last.end = end;
            }
            None => found.push(Element { secondary: c as u32, ..plain }),
        }
        return;
    }
    let letter = |c: char| Element {
        primary: 0x2000 + c.to_ascii_lowercase() as u32,
        upper: CAPITAL * u8::from(c.is_ascii_uppercase()),
        ..plain
    };
    match c {
        '0'..='9' => found.push(Element { primary: 0x1000 + c as u32, ..plain }),
        'a'..='z' | 'A'..='Z' => found.push(letter(c)),
        'ß' => found.extend([letter('s'), Element { secondary: 1, ..letter('s') }]),
        'æ' | 'Æ' => {
            let upper = CAPITAL * u8::from(c == 'Æ');
            found.extend([Element { secondary: 1, upper, ..letter('a') }, Element { upper, ..letter('e') }]);
        }
        'ø' | 'Ø' => found.push(Element { secondary: 0x338, upper: CAPITAL * u8::from(c == 'Ø'), ..letter('o') }),
        _ => {
            if let Some(at) = ORDER.chars().position(|o| o == c) {
                found.push(Element { primary: 1 + at as u32, ..plain });
                return;
            }
            let lower = c.to_lowercase().next().unwrap_or(c);
            let primary = if c.is_alphabetic() { 0x3000 + lower as u32 } else { 0x500 + (c as u32 & 0x7FF) };
            found.push(Element { primary, upper: CAPITAL * u8::from(lower != c), ..plain });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_the_root_collation() {
        let order = |a: &str, b: &str| {
            let (a, b): (Vec<u16>, Vec<u16>) = (a.encode_utf16().collect(), b.encode_utf16().collect());
            compare(Str::Wide(&a), Str::Wide(&b), false)
        };
        for pair in ["a A", "a B", "1 a", "_ a", "a aa", "a-b ab", "a ä", "ä b", "co-op coop", "A aa"]
            .map(|p| p.split_once(' '))
        {
            let (less, more) = pair.expect("two words");
            assert_eq!(order(less, more), Ordering::Less, "{less} {more}");
        }
        assert_eq!(order("a\0", "a"), Ordering::Equal);
    }
}
