//! Replacement texts: `$1`, `${name}`, `$&` and their relatives. What is no such form stands for itself.

use super::class::is_word;
use super::scan::{Result, Scanner, is_digit, u};
use super::tree::Groups;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text(Vec<u16>),
    /// By slot.
    Group(u32),
    Before,
    After,
    LastGroup,
    Whole,
}

pub fn parse(replacement: &[u16], groups: &Groups, options: u16, ecma: bool) -> Result<Vec<Part>> {
    let mut scan = Scanner { pattern: replacement, at: 0, options };
    let mut parts = Vec::new();
    while scan.left() > 0 {
        let start = scan.at;
        while scan.peek(0).is_some_and(|unit| unit != u('$')) {
            scan.at += 1;
        }
        if scan.at > start {
            parts.push(Part::Text(replacement[start..scan.at].to_vec()));
        }
        if scan.take('$') {
            parts.push(dollar(&mut scan, groups, ecma)?);
        }
    }
    Ok(parts)
}

/// What follows a `$`.
fn dollar(scan: &mut Scanner<'_>, groups: &Groups, ecma: bool) -> Result<Part> {
    let literal = Part::Text(vec![u('$')]);
    let back = scan.at;
    let angled = scan.sees(0, '{') && scan.left() > 1;
    scan.at += usize::from(angled);
    let Some(unit) = scan.peek(0) else { return Ok(literal) };
    if is_digit(unit) {
        if !angled && ecma {
            if let Some(slot) = longest_number(scan, groups)? {
                return Ok(Part::Group(slot));
            }
        } else {
            let number = scan.decimal()?;
            if let Some(slot) = groups.slot(number).filter(|_| !angled || scan.take('}')) {
                return Ok(Part::Group(slot));
            }
        }
    } else if angled && is_word(unit) {
        let name = scan.name();
        if scan.take('}') {
            let slot = groups.names.as_ref().and_then(|names| names.iter().position(|own| *own == name));
            if let Some(slot) = slot {
                return Ok(Part::Group(slot as u32));
            }
        }
    } else if !angled {
        let part = match char::from_u32(unit.into()) {
            Some('$') => Some(literal.clone()),
            Some('&') => Some(Part::Group(0)),
            Some('`') => Some(Part::Before),
            Some('\'') => Some(Part::After),
            Some('+') => Some(Part::LastGroup),
            Some('_') => Some(Part::Whole),
            _ => None,
        };
        if let Some(part) = part {
            scan.at += 1;
            return Ok(part);
        }
    }
    scan.at = back;
    Ok(literal)
}

/// ECMAScript: the longest run of digits that is a group's number.
fn longest_number(scan: &mut Scanner<'_>, groups: &Groups) -> Result<Option<u32>> {
    let mut found = None;
    let mut number = 0i32;
    let mut end = scan.at;
    while let Some(unit) = scan.peek(0).filter(|&unit| is_digit(unit)) {
        let next = number.checked_mul(10).and_then(|n| n.checked_add(i32::from(unit - u('0'))));
        let Some(next) = next else {
            return scan.wrong("Capture group numbers must be less than or equal to Int32.MaxValue.");
        };
        number = next;
        scan.at += 1;
        if let Some(slot) = groups.slot(number) {
            found = Some(slot);
            end = scan.at;
        }
    }
    scan.at = end;
    Ok(found)
}

/// `Regex.Escape`.
pub fn escape(units: impl Iterator<Item = u16>) -> Vec<u16> {
    let mut out = Vec::new();
    for unit in units {
        let letter = match unit {
            9 => u('t'),
            10 => u('n'),
            12 => u('f'),
            13 => u('r'),
            _ if unit < 128 && br" #$()*+.?[\^{|".contains(&(unit as u8)) => unit,
            _ => {
                out.push(unit);
                continue;
            }
        };
        out.extend([u('\\'), letter]);
    }
    out
}

/// `Regex.Unescape`.
pub fn unescape(units: &[u16]) -> Result<Vec<u16>> {
    let mut scan = Scanner { pattern: units, at: 0, options: 0 };
    let mut out = Vec::with_capacity(units.len());
    while let Some(unit) = scan.next() {
        if unit == u('\\') {
            // A backslash at the end is dropped.
            if scan.left() > 0 {
                out.push(scan.char_escape()?);
            }
        } else {
            out.push(unit);
        }
    }
    Ok(out)
}
