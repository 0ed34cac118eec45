//! The order of texts in the invariant culture: the root collation, as ICU has it.
//!
//! In: two texts and what to ignore. Out: their order, or where one occurs in the other. First by letters, then by
//! accents, then by case (small before capital); control characters count for nothing. ASCII has a table of its own.

use crate::dotnet::heap::Str;
use icu_collator::options::{AlternateHandling, CaseLevel, CollatorOptions, Strength};
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use std::cmp::Ordering;
use std::sync::LazyLock;

/// ASCII punctuation and symbols in the order of the root collation; digits and letters follow.
const ORDER: &str = "\t\n\u{b}\u{c}\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/// What a comparison ignores: the bits of `CompareOptions`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ignore(pub u8);

impl Ignore {
    pub const NOTHING: Ignore = Ignore(0);
    pub const CASE: Ignore = Ignore(1);
    const NON_SPACE: u8 = 2;
    const SYMBOLS: u8 = 4;
    const KANA: u8 = 8;
    const WIDTH: u8 = 16;

    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

/// A collator for each set of case, accents and symbols that may be ignored.
static COLLATORS: LazyLock<Vec<Option<CollatorBorrowed<'static>>>> = LazyLock::new(|| (0..8).map(collator).collect());

fn collator(bits: u8) -> Option<CollatorBorrowed<'static>> {
    let ignore = Ignore(bits);
    let mut options = CollatorOptions::default();
    options.strength = Some(match (ignore.has(1), ignore.has(Ignore::NON_SPACE)) {
        (_, true) => Strength::Primary,
        (true, false) => Strength::Secondary,
        _ => Strength::Tertiary,
    });
    // Case is told at the third level: below it, it has a level of its own.
    options.case_level =
        Some(if !ignore.has(1) && ignore.has(Ignore::NON_SPACE) { CaseLevel::On } else { CaseLevel::Off });
    if ignore.has(Ignore::SYMBOLS) {
        options.alternate_handling = Some(AlternateHandling::Shifted);
    }
    CollatorBorrowed::try_new(CollatorPreferences::default(), options).ok()
}

/// The place of each ASCII character; 0 counts for nothing.
static PLACES: LazyLock<[u8; 128]> = LazyLock::new(|| {
    let mut places = [0; 128];
    let digits_and_letters = ('0'..='9').chain('a'..='z');
    for (at, c) in ORDER.chars().chain(digits_and_letters).enumerate() {
        places[c as usize] = at as u8 + 1;
        places[c.to_ascii_uppercase() as usize] = at as u8 + 1;
    }
    places
});

fn compare_ascii(a: &str, b: &str, ignore: Ignore) -> Ordering {
    let places = &*PLACES;
    let mut a = a.bytes().filter(|&b| places[usize::from(b & 0x7F)] != 0);
    let mut b = b.bytes().filter(|&b| places[usize::from(b & 0x7F)] != 0);
    let mut by_case = Ordering::Equal;
    loop {
        let (x, y) = match (a.next(), b.next()) {
            (Some(x), Some(y)) => (x, y),
            (None, None) => return if ignore.has(1) { Ordering::Equal } else { by_case },
            (x, _) => return if x.is_some() { Ordering::Greater } else { Ordering::Less },
        };
        match places[usize::from(x)].cmp(&places[usize::from(y)]) {
            // Small letters come first; they are the greater bytes.
            Ordering::Equal => by_case = by_case.then_with(|| y.cmp(&x)),
            different => return different,
        }
    }
}

/// Compares as `String.Compare` does.
pub fn compare(a: Str<'_>, b: Str<'_>, ignore: Ignore) -> Ordering {
    if a.eq_ordinal(b) {
        return Ordering::Equal;
    }
    if let (Str::Ascii(a), Str::Ascii(b)) = (a, b)
        && ignore.0 & Ignore::SYMBOLS == 0
    {
        return compare_ascii(a, b, ignore);
    }
    let (x, y) = (prepared(a, ignore), prepared(b, ignore));
    let Some(Some(collator)) = COLLATORS.get(usize::from(ignore.0 & 7)) else { return a.cmp_ordinal(b) };
    collator.compare_utf16(&x, &y).then_with(|| forms(&x, ignore).cmp(&forms(&y, ignore)))
}

/// The text with what is ignored beyond the collator's own options taken away.
fn prepared(text: Str<'_>, ignore: Ignore) -> Vec<u16> {
    let mut units = text.to_wide();
    for unit in &mut units {
        if ignore.has(Ignore::KANA) && (0x30A1..=0x30F6).contains(unit) {
            *unit -= 0x60;
        } else if ignore.has(Ignore::WIDTH) && (0xFF01..=0xFF5E).contains(unit) {
            *unit -= 0xFEE0;
        } else if ignore.has(Ignore::WIDTH) && *unit == 0x3000 {
            *unit = 0x20;
        }
    }
    units
}

/// What still tells apart texts that the collator takes for the same: halves of pairs, and where case is ignored, wide
/// letters and kana.
fn forms(units: &[u16], ignore: Ignore) -> Vec<u16> {
    let weak = ignore.0 & (1 | Ignore::NON_SPACE) != 0;
    let halves = char::decode_utf16(units.iter().copied());
    halves
        .filter_map(|c| match c {
            Err(half) => Some(half.unpaired_surrogate()),
            Ok(c @ ('\u{FF01}'..='\u{FFEE}' | '\u{3041}'..='\u{30FF}')) if weak => {
                // Capital or small does not matter here.
                let lower = c.to_lowercase().next().unwrap_or(c);
                u16::try_from(lower as u32).ok()
            }
            Ok(_) => None,
        })
        .collect()
}

/// Whether both are the same text to the invariant culture.
pub fn equal(a: Str<'_>, b: Str<'_>, ignore: Ignore) -> bool {
    compare(a, b, ignore).is_eq()
}

/// Counts for nothing in a comparison: control and format characters.
pub fn is_ignorable(unit: u16) -> bool {
    matches!(unit, 0..=8 | 0xE..=0x1F | 0x7F..=0x84 | 0x86..=0x9F | 0xAD | 0x200B..=0x200F | 0x2060 | 0xFEFF)
}

/// A hash that agrees with [`equal`].
pub fn hash(text: Str<'_>, ignore: Ignore) -> i32 {
    // Nothing has a hash of its own, though what counts for nothing equals it.
    if text.is_empty() {
        return 0;
    }
    let mut key = Vec::new();
    if let Some(Some(collator)) = COLLATORS.get(usize::from(ignore.0 & 7)) {
        let Ok(()) = collator.write_sort_key_utf16_to(&prepared(text, ignore), &mut key);
    }
    key.iter().fold(0x811c_9dc5u32, |hash, &b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193)) as i32
}

/// Where a text occurs in another, from its start or its end: position and length in units.
pub fn find(text: Str<'_>, wanted: Str<'_>, ignore_case: bool, last: bool) -> Option<(usize, usize)> {
    let (text_elements, wanted) = (elements(text), elements(wanted));
    if wanted.is_empty() {
        // Found at any unit, so not in a text without one.
        return (!text.is_empty()).then(|| (if last { text.len() - 1 } else { 0 }, 0));
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

/// Every occurrence of a text in another, one after the other, read once.
pub fn find_all(text: Str<'_>, wanted: Str<'_>, ignore_case: bool) -> Vec<(usize, usize)> {
    let (text, wanted) = (elements(text), elements(wanted));
    let (mut found, mut at) = (Vec::new(), 0);
    while !wanted.is_empty() && at + wanted.len() <= text.len() {
        let same = text[at..]
            .iter()
            .zip(&wanted)
            .all(|(a, b)| a.primary == b.primary && a.secondary == b.secondary && (ignore_case || a.upper == b.upper));
        if !same {
            at += 1;
            continue;
        }
        let (start, end) = (text[at].start, text[at + wanted.len() - 1].end);
        found.push((start, end - start));
        at += wanted.len();
        // What stands for one character with the last one is gone with it.
        while at < text.len() && text[at].start < end {
            at += 1;
        }
    }
    found
}

/// Whether a text begins (or ends) with another.
pub fn is_at_edge(text: Str<'_>, wanted: Str<'_>, ignore_case: bool, end: bool) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let is_empty = text.is_empty();
    let (text, wanted) = (elements(text), elements(wanted));
    if wanted.is_empty() {
        // What counts for nothing stands at the start of any text, but at no end.
        return !end && !is_empty;
    }
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
                if c == 'ſ' {
                    found.push(Element {
                        primary: 0x2000 + u32::from('s'),
                        secondary: 0x118,
                        upper: 0,
                        start: at,
                        end,
                    });
                    at = end;
                    continue;
                }
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
                        let wide = if form_of(c) == 1 { 0x20_0000 } else { 0 };
                        found[before..].iter_mut().for_each(|e| {
                            e.upper += form_of(c);
                            e.primary += wide;
                        });
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
            let lower = c.to_lowercase().next().unwrap_or(c);
            let primary = 0x3000 + if c.is_alphabetic() { lower } else { c } as u32;
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
            compare(Str::Wide(&a), Str::Wide(&b), Ignore::NOTHING)
        };
        for pair in ["a A", "a B", "1 a", "_ a", "a aa", "a-b ab", "a ä", "ä b", "co-op coop", "A aa"]
            .map(|p| p.split_once(' '))
        {
            let (less, more) = pair.expect("two words");
            assert_eq!(order(less, more), Ordering::Less, "{less} {more}");
            assert_eq!(compare(Str::Ascii("Aa"), Str::Ascii("aA"), Ignore::CASE), Ordering::Equal);
            if less.is_ascii() && more.is_ascii() {
                assert_eq!(
                    compare(Str::Ascii(less), Str::Ascii(more), Ignore::NOTHING),
                    Ordering::Less,
                    "{less} {more}"
                );
            }
        }
        assert_eq!(order("a\0", "a"), Ordering::Equal);
    }
}
