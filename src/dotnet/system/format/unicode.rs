//! What a UTF-16 unit or character is, and its simple upper and lower case, as .NET's invariant culture has them.
//!
//! In: units and characters. Out: categories and units. Never: a mapping that changes the number of units.

use std::sync::LazyLock;

/// The categories in the order of `System.Globalization.UnicodeCategory`.
pub const CATEGORIES: [&str; 30] = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc",
    "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
];

/// Category of every range of characters, ordered by start.
static RANGES: LazyLock<Vec<(u32, u32, u8)>> = LazyLock::new(|| {
    let mut ranges = Vec::new();
    for (at, name) in CATEGORIES.iter().enumerate() {
        let Ok(parsed) = regex_syntax::parse(&format!(r"\p{{{name}}}")) else { continue };
        match parsed.kind() {
            regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => {
                ranges.extend(class.ranges().iter().map(|r| (r.start() as u32, r.end() as u32, at as u8)));
            }
            // A class of one character is a literal.
            regex_syntax::hir::HirKind::Literal(literal) => {
                let one = std::str::from_utf8(&literal.0).ok().and_then(|t| t.chars().next());
                ranges.extend(one.map(|c| (c as u32, c as u32, at as u8)));
            }
            _ => {}
        }
    }
    ranges.sort_unstable();
    ranges
});

const UNASSIGNED: u8 = 29;

/// The category of a code point, by position in [`CATEGORIES`].
pub fn category(code: u32) -> u8 {
    match code {
        0xD800..0xE000 => return 16,
        // The runtime has a table of its own for Latin-1, older than the rest.
        0xAA | 0xBA => return 1,
        0xA7 | 0xB6 => return 28,
        0xAD => return 19,
        _ => {}
    }
    let ranges = &*RANGES;
    let at = ranges.partition_point(|r| r.0 <= code);
    match at.checked_sub(1).map(|at| ranges[at]) {
        Some((_, end, category)) if code <= end => category,
        _ => UNASSIGNED,
    }
}

pub fn is_white_space(unit: u16) -> bool {
    matches!(unit, 9..=13 | 0x20 | 0x85 | 0xA0) || unit > 0xFF && (11..=13).contains(&category(unit.into()))
}

/// The upper-case unit, where one unit says it.
pub fn to_upper(unit: u16) -> u16 {
    match unit {
        0x61..=0x7A => unit - 32,
        0..=0x7F => unit,
        // The invariant culture leaves dotless i and sharp s alone.
        0x131 => unit,
        _ => one_unit(unit, upper_of),
    }
}

/// The capital of one character, where one character says it.
fn upper_of(c: char) -> Option<char> {
    // Greek with a iota below: its capital keeps it below, as one character.
    match c {
        '\u{1F80}'..='\u{1F87}' | '\u{1F90}'..='\u{1F97}' | '\u{1FA0}'..='\u{1FA7}' => char::from_u32(c as u32 + 8),
        '\u{1FB3}' | '\u{1FC3}' | '\u{1FF3}' => char::from_u32(c as u32 + 9),
        '\u{1F88}'..='\u{1FAF}' | '\u{1FBC}' | '\u{1FCC}' | '\u{1FFC}' => Some(c),
        _ => single(c.to_uppercase()),
    }
}

/// What an ordinal comparison that ignores case compares of a code point.
pub fn fold(code: u32) -> u32 {
    match code {
        0x61..=0x7A => code - 32,
        0..=0x7F => code,
        _ => char::from_u32(code).and_then(upper_of).map_or(code, |c| c as u32),
    }
}

/// The lower-case unit, where one unit says it.
pub fn to_lower(unit: u16) -> u16 {
    match unit {
        0x41..=0x5A => unit + 32,
        0..=0x7F => unit,
        0x130 => unit,
        _ => one_unit(unit, |c| single(c.to_lowercase())),
    }
}

fn one_unit(unit: u16, map: impl Fn(char) -> Option<char>) -> u16 {
    char::from_u32(unit.into()).and_then(map).and_then(|c| u16::try_from(c as u32).ok()).unwrap_or(unit)
}

fn single(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    let first = mapped.next()?;
    mapped.next().is_none().then_some(first)
}

/// Maps the case of a whole text; pairs of surrogates are one character.
pub fn map_case(units: &mut [u16], upper: bool) {
    let mut at = 0;
    while at < units.len() {
        let unit = units[at];
        let pair = (unit & 0xFC00 == 0xD800).then(|| units.get(at + 1).copied()).flatten();
        if let Some(low) = pair.filter(|low| low & 0xFC00 == 0xDC00) {
            let code = 0x10000 + ((u32::from(unit) & 0x3FF) << 10) + (u32::from(low) & 0x3FF);
            let mapped = char::from_u32(code).and_then(|c| if upper { upper_of(c) } else { single(c.to_lowercase()) });
            if let Some(mapped) = mapped {
                mapped.encode_utf16(&mut units[at..at + 2]);
            }
            at += 2;
            continue;
        }
        units[at] = if upper { to_upper(unit) } else { to_lower(unit) };
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_and_case() {
        for (c, expected) in [
            ('A', "Lu"),
            ('1', "Nd"),
            (' ', "Zs"),
            ('_', "Pc"),
            ('+', "Sm"),
            ('\u{2028}', "Zl"),
            ('ª', "Ll"),
            ('\u{378}', "Cn"),
        ] {
            assert_eq!(CATEGORIES[usize::from(category(c as u32))], expected, "{c}");
        }
        assert_eq!(to_upper(u16::from(b'a')), u16::from(b'A'));
        assert_eq!(to_upper(0xDF), 0xDF);
        assert_eq!(to_lower(0xC4), 0xE4);
    }
}
