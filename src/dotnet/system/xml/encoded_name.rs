//! Names whose characters XML does not take: each is written by its number (`_x0020_`), and read back.

use super::name_characters::{continues_name, starts_name};

const UNDERSCORE: u16 = 0x5F;
const COLON: u16 = 0x3A;

/// Which names are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name with colons.
    Name,
    Local,
    /// It may begin with what only goes on in other names.
    Token,
}

/// `XmlConvert.EncodeName` and its relatives.
pub fn encode(name: &[u16], kind: Kind) -> Vec<u16> {
    let mut out = Vec::with_capacity(name.len());
    let mut at = 0;
    while let Some(&unit) = name.get(at) {
        let is_colon = unit == COLON && kind != Kind::Local;
        let fits = if at == 0 && kind != Kind::Token { starts_name(unit) } else { continues_name(unit) };
        if (fits || is_colon) && written(name, at).is_none() {
            out.push(unit);
            at += 1;
            continue;
        }
        match (unit, name.get(at + 1)) {
            (0xD800..=0xDBFF, Some(&low @ 0xDC00..=0xDFFF)) => {
                let whole = 0x1_0000 + ((u32::from(unit) - 0xD800) << 10) + (u32::from(low) - 0xDC00);
                out.extend(format!("_x{whole:08X}_").encode_utf16());
                at += 2;
            }
            _ => {
                out.extend(format!("_x{unit:04X}_").encode_utf16());
                at += 1;
            }
        }
    }
    out
}

/// `XmlConvert.DecodeName`.
pub fn decode(name: &[u16]) -> Vec<u16> {
    let mut out = Vec::with_capacity(name.len());
    let mut at = 0;
    while let Some(&unit) = name.get(at) {
        match written(name, at) {
            Some((number, len)) if number <= 0x10_FFFF => {
                match number.checked_sub(0x1_0000) {
                    None => out.push(number as u16),
                    Some(rest) => out.extend([0xD800 + (rest >> 10) as u16, 0xDC00 + (rest & 0x3FF) as u16]),
                }
                at += len;
            }
            Some((_, len)) => {
                out.extend_from_slice(&name[at..at + len]);
                at += len;
            }
            None => {
                out.push(unit);
                at += 1;
            }
        }
    }
    out
}

/// The character that is written by its number here, and the length of that.
fn written(name: &[u16], at: usize) -> Option<(u32, usize)> {
    let rest = &name[at..];
    if rest.first() != Some(&UNDERSCORE) || !matches!(rest.get(1), Some(0x78 | 0x58)) {
        return None;
    }
    let digit = |unit: &u16| char::from_u32((*unit).into()).and_then(|c| c.to_digit(16));
    [4, 8].into_iter().find_map(|count| {
        let digits = rest.get(2..2 + count)?;
        if rest.get(2 + count) != Some(&UNDERSCORE) {
            return None;
        }
        let number = digits.iter().try_fold(0u32, |number, unit| Some(number << 4 | digit(unit)?))?;
        Some((number, count + 3))
    })
}
