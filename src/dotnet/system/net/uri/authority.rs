//! Where the authority of a URI stands and what it is: user, host and port, or a drive, a server or a rooted path instead.
//!
//! In: text and the rules of its scheme. Out: places in the text, or the [`Problem`].

use super::super::address::{ends_host, lenient_v4, strict_v4, v6_of_host};
use super::super::units::{NONE, ascii, ascii_of};
use super::escape::{IriPart, composed, to_iri};
use super::parse::{HostKind, Problem, Shape};
use super::syntax::{self, Syntax};

/// Where a host ends and what it is, with the text before the path when that had to be rewritten.
pub(super) struct Authority {
    pub(super) end: usize,
    pub(super) kind: HostKind,
    pub(super) user_info: bool,
    pub(super) rewritten: Option<Vec<u16>>,
}

/// An authority's place in the text, before it is read.
pub(super) struct Place<'a> {
    pub(super) text: &'a [u16],
    /// Without trailing blanks.
    pub(super) length: usize,
    pub(super) at: usize,
    pub(super) has_unicode: bool,
}

/// Finds a drive, a server or a rooted path behind the scheme of a file; an unknown scheme may have a drive too.
pub(super) fn find_file_path(place: &mut Place<'_>, syntax: &mut Syntax, shape: &mut Shape) -> Result<(), Problem> {
    let (text, length, start) = (place.text, place.length, place.at);
    let looks = syntax.has(syntax::EMPTY_HOST) && syntax.has(syntax::DRIVE_PATH) && !shape.implicit_file;
    if !looks || start + 1 >= length {
        return Ok(());
    }
    let at = (start..length).find(|&at| !matches!(ascii(text, at), '/' | '\\')).unwrap_or(length);
    let slashes = at - start;
    let file = syntax.has(syntax::FILE_LIKE);
    if !file && slashes > 3 {
        return Ok(());
    }
    shape.authority |= slashes >= 2;
    let here = |at: usize| if at < length { ascii(text, at) } else { NONE };
    if matches!(here(at + 1), ':' | '|') && here(at).is_ascii_alphabetic() {
        if !matches!(here(at + 2), '\\' | '/') {
            return if file { Err(Problem::UnrootedDrive) } else { Ok(()) };
        }
        shape.drive = true;
        shape.authority |= syntax.has(syntax::MUST_HAVE_AUTHORITY);
        place.at = if slashes != 0 && slashes != 2 { at - 1 } else { at };
    } else if file && slashes >= 2 && slashes != 3 && at < length && !matches!(here(at), '?' | '#') {
        shape.unc = true;
        place.at = at;
    } else if file && slashes == 3 && here(at - 1) == '/' {
        *syntax = Syntax::unix_file();
        shape.unix = true;
        shape.authority = true;
        place.at = start + 2;
    }
    Ok(())
}

/// Whether there is an authority, or a path that stands for one; moves to it.
pub(super) fn find_authority(place: &mut Place<'_>, syntax: &Syntax, shape: &mut Shape) -> Result<bool, Problem> {
    if shape.unc || shape.drive || shape.unix {
        return Ok(true);
    }
    let must = syntax.has(syntax::MUST_HAVE_AUTHORITY);
    if place.at + 2 <= place.length {
        let (first, second) = (ascii(place.text, place.at), ascii(place.text, place.at + 1));
        let slashes = matches!(first, '/' | '\\') && matches!(second, '/' | '\\');
        if must && !slashes {
            return Err(Problem::Authority);
        }
        let optional = syntax.has(syntax::OPTIONAL_AUTHORITY) && (shape.authority || (first, second) == ('/', '/'));
        if must || optional {
            shape.authority = true;
            place.at += 2;
            return Ok(true);
        }
    } else if must {
        return Err(Problem::Authority);
    }
    Ok(syntax.has(syntax::MAIL_LIKE))
}

/// Reads `user:password@host:port` up to the port.
pub(super) fn read_authority(place: &Place<'_>, syntax: &Syntax, shape: &mut Shape) -> Result<Authority, Problem> {
    let Place { text, length, at, has_unicode } = *place;
    let file = syntax.has(syntax::FILE_LIKE);
    let mut rewritten = has_unicode.then(|| text[..at].to_vec());
    let first = if at < length { ascii(text, at) } else { NONE };
    if at == length || matches!(first, '/' | '#' | '?') || first == '\\' && file {
        if !syntax.has(syntax::EMPTY_HOST) || shape.implicit_file {
            return Err(Problem::HostName);
        }
        shape.unc = false;
        return Ok(Authority { end: at, kind: HostKind::Basic, user_info: false, rewritten });
    }
    let sign = if syntax.has(syntax::USER_INFO) { find_user_info(&text[..length], at) } else { None };
    let start = sign.map_or(at, |sign| sign + 1);
    if let (Some(made), Some(sign)) = (&mut rewritten, sign) {
        made.extend(to_iri(&text[at..=sign], IriPart::Component));
    }
    let Some((kind, end)) = find_host(&text[..length], start, syntax, !shape.implicit_file) else {
        return read_dots(&text[..length], at, syntax, rewritten);
    };
    if end < length && ascii(text, end) == '\\' && !file {
        return Err(Problem::HostName);
    }
    let mut port_end = end;
    if end < length && ascii(text, end) == ':' {
        if !syntax.has(syntax::PORT) {
            return Err(Problem::HostName);
        }
        port_end = check_port(&text[..length], end)?;
    }
    if let Some(made) = &mut rewritten {
        match kind {
            HostKind::Dns => made.extend(composed(&without_marks(&text[start..end]))),
            _ => made.extend(&text[start..end]),
        }
        made.extend(&text[end..port_end]);
    }
    Ok(Authority { end, kind, user_info: sign.is_some(), rewritten })
}

/// The place of the `@` behind user and password, if there is one with a host behind it.
pub(super) fn find_user_info(text: &[u16], from: usize) -> Option<usize> {
    for at in from..text.len().checked_sub(1)? {
        match ascii(text, at) {
            '?' | '#' | '\\' | '/' => return None,
            '@' => return Some(at),
            _ => {}
        }
    }
    None
}

/// What the host at `start` is and where it ends.
pub(super) fn find_host(text: &[u16], start: usize, syntax: &Syntax, explicit: bool) -> Option<(HostKind, usize)> {
    let first = ascii(text, start);
    if first == '[' {
        if let Some(end) = v6_of_host(text, start + 1) {
            return Some((HostKind::V6, end));
        }
    }
    if first.is_ascii_digit() {
        let found = if syntax.has(syntax::UNKNOWN) {
            strict_v4(text, start, text.len(), |c| ends_host(c, explicit))
        } else {
            lenient_v4(text, start, explicit).map(|(_, end)| end)
        };
        if let Some(end) = found {
            return Some((HostKind::V4, end));
        }
    }
    if let Some(end) = domain_name(text, start, explicit) {
        return Some((HostKind::Dns, end));
    }
    let end = syntax.has(syntax::LOOSE_HOST).then(|| loose_name(text, start, explicit)).flatten()?;
    (end - start <= 256).then_some((HostKind::Loose, end))
}

/// The longest name of a label.
const MAX_LABEL: usize = 63;

/// Where a domain name ends, Unicode allowed.
pub fn domain_name(text: &[u16], start: usize, explicit: bool) -> Option<usize> {
    let end = (start..text.len()).find(|&at| ends_host(ascii(text, at), explicit)).unwrap_or(text.len());
    if end == start {
        return None;
    }
    let is_dot = |unit: u16| matches!(unit, 0x2E | 0x3002 | 0xFF0E | 0xFF61);
    let name = &text[start..end];
    // A name may end with a dot.
    let name = if is_dot(name[name.len() - 1]) { &name[..name.len() - 1] } else { name };
    for label in name.split(|&unit| is_dot(unit)) {
        let octets: usize = label.iter().map(|&unit| if unit > 0xFF { 2 } else { 1 }).sum();
        let prefix = if label.iter().any(|&unit| unit >= 0xA0) { 4 } else { 0 };
        let first = *label.first()?;
        let fine = |unit: u16| unit >= 0xA0 || ascii_of(unit).is_ascii_alphanumeric();
        let rest = |unit: u16| fine(unit) || matches!(ascii_of(unit), '-' | '_');
        if octets + prefix > MAX_LABEL || !fine(first) || !label.iter().all(|&unit| rest(unit)) {
            return None;
        }
    }
    Some(end)
}

/// Where the name of a server ends that need not be a domain name: letters, digits, `-` and `_`, not digits alone.
pub(super) fn loose_name(text: &[u16], start: usize, explicit: bool) -> Option<usize> {
    let end = (start..text.len()).find(|&at| ends_host(ascii(text, at), explicit)).unwrap_or(text.len());
    let is_letter = |unit: u16| char::from_u32(unit.into()).is_some_and(is_letter);
    let name = &text[start..end];
    let mut named = false;
    let mut at = 0;
    while at < name.len() && ascii_of(name[at]) != '.' {
        let c = ascii_of(name[at]);
        if is_letter(name[at]) || matches!(c, '-' | '_') {
            named = true;
        } else if !c.is_ascii_digit() {
            return None;
        }
        at += 1;
    }
    if !named {
        return None;
    }
    at += 1;
    while at < name.len() {
        let c = ascii_of(name[at]);
        if c == '.' {
            if !named || ascii_of(name[at - 1]) == '.' {
                return None;
            }
            named = false;
        } else if matches!(c, '-' | '_') {
            if !named {
                return None;
            }
        } else if is_letter(name[at]) || c.is_ascii_digit() {
            named = true;
        } else {
            return None;
        }
        at += 1;
    }
    (named || name.last().is_some_and(|&unit| ascii_of(unit) == '.')).then_some(end)
}

/// `Char.IsLetter`.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !c.is_numeric()
}

/// An unknown scheme may have `.` or `..` as its host.
pub(super) fn read_dots(
    text: &[u16],
    start: usize,
    syntax: &Syntax,
    mut rewritten: Option<Vec<u16>>,
) -> Result<Authority, Problem> {
    if !syntax.has(syntax::UNKNOWN) {
        return Err(Problem::HostName);
    }
    let dots = text[start..].iter().take(2).take_while(|&&unit| ascii_of(unit) == '.').count();
    let end = start + dots;
    if dots == 0 || end < text.len() && !matches!(ascii(text, end), '/' | '?' | '#') {
        return Err(Problem::HostName);
    }
    if let Some(made) = &mut rewritten {
        made.extend(&text[start..end]);
    }
    Ok(Authority { end, kind: HostKind::Basic, user_info: false, rewritten })
}

/// Where the port behind the colon ends.
pub(super) fn check_port(text: &[u16], colon: usize) -> Result<usize, Problem> {
    let mut port = 0;
    for at in colon + 1..text.len() {
        match ascii(text, at) {
            c @ '0'..='9' => {
                port = port * 10 + c.to_digit(10).unwrap_or(0);
                if port > 0xFFFF {
                    return Err(Problem::Port);
                }
            }
            '/' | '?' | '#' => return Ok(at),
            _ => return Err(Problem::Port),
        }
    }
    Ok(text.len())
}

/// Without the marks that say which way text runs.
pub(super) fn without_marks(text: &[u16]) -> Vec<u16> {
    text.iter().copied().filter(|unit| !matches!(unit, 0x200E | 0x200F | 0x202A..=0x202E)).collect()
}
