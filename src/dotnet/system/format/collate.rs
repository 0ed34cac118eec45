//! The order of texts in the invariant culture: the root collation, as far as Latin, digits and punctuation go.
//!
//! In: two texts. Out: their order. First by letters, then by accents, then by case (small before capital); control
//! characters count for nothing. Other scripts are ordered by code point within their place after Latin.

use crate::dotnet::heap::Str;
use std::cmp::Ordering;
use unicode_normalization::UnicodeNormalization;

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

struct Element {
    primary: u32,
    secondary: u32,
    upper: bool,
}

fn elements(text: Str<'_>) -> Vec<Element> {
    let mut found = Vec::with_capacity(text.len());
    match text {
        Str::Ascii(text) => text.chars().for_each(|c| push(&mut found, c)),
        Str::Wide(units) => {
            let chars = char::decode_utf16(units.iter().copied()).map(|c| c.unwrap_or('\u{FFFD}'));
            chars.nfd().for_each(|c| push(&mut found, c));
        }
    }
    found
}

fn push(found: &mut Vec<Element>, c: char) {
    if u16::try_from(c as u32).is_ok_and(is_ignorable) {
        return;
    }
    if ('\u{300}'..'\u{370}').contains(&c) {
        match found.last_mut() {
            Some(last) => last.secondary = last.secondary.wrapping_mul(1024).wrapping_add(c as u32 - 0x2FF),
            None => found.push(Element { primary: 0, secondary: c as u32, upper: false }),
        }
        return;
    }
    let plain = |primary| Element { primary, secondary: 0, upper: false };
    let letter = |c: char| Element {
        primary: 0x2000 + c.to_ascii_lowercase() as u32,
        secondary: 0,
        upper: c.is_ascii_uppercase(),
    };
    match c {
        '0'..='9' => found.push(plain(0x1000 + c as u32)),
        'a'..='z' | 'A'..='Z' => found.push(letter(c)),
        'ß' => found.extend([letter('s'), Element { secondary: 1, ..letter('s') }]),
        'æ' | 'Æ' => {
            let upper = c == 'Æ';
            found.extend([Element { secondary: 1, upper, ..letter('a') }, Element { upper, ..letter('e') }]);
        }
        'ø' | 'Ø' => found.push(Element { secondary: 0x338, upper: c == 'Ø', ..letter('o') }),
        _ => {
            if let Some(at) = ORDER.chars().position(|o| o == c) {
                found.push(plain(1 + at as u32));
                return;
            }
            let lower = c.to_lowercase().next().unwrap_or(c);
            let base = if c.is_alphabetic() { 0x3000 } else { 0x500 };
            let primary = if c.is_alphabetic() { base + lower as u32 } else { base + (c as u32 & 0x7FF) };
            found.push(Element { primary, secondary: 0, upper: lower != c });
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
