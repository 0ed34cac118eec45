//! UTF-16 text read character by character, where only ASCII has a meaning.

/// What stands for a unit outside ASCII, and for the place after the end.
pub const NONE: char = '\u{FFFF}';

/// The ASCII character at `at`, else [`NONE`].
pub fn ascii(text: &[u16], at: usize) -> char {
    text.get(at).map_or(NONE, |&unit| ascii_of(unit))
}

/// The ASCII character that a unit is, else [`NONE`].
pub fn ascii_of(unit: u16) -> char {
    if unit < 0x80 { char::from(unit as u8) } else { NONE }
}

pub fn is_hex(c: char) -> bool {
    c.is_ascii_hexdigit()
}

/// The byte that `%XX` at `at` stands for.
pub fn escaped_byte(text: &[u16], at: usize) -> Option<u8> {
    if ascii(text, at) != '%' {
        return None;
    }
    let digit = |at| ascii(text, at).to_digit(16);
    Some((digit(at + 1)? << 4 | digit(at + 2)?) as u8)
}

pub fn push(out: &mut Vec<u16>, text: &str) {
    out.extend(text.encode_utf16());
}

/// Writes `%XX`.
pub fn push_escaped(out: &mut Vec<u16>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]].map(u16::from));
}

/// Blank to a URI.
pub fn is_blank(unit: u16) -> bool {
    matches!(ascii_of(unit), ' ' | '\n' | '\r' | '\t')
}
