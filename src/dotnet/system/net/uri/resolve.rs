//! URIs against each other: a relative one against its base, the way from one to another, equality.

use super::super::units::{NONE, ascii, ascii_of, is_blank, push};
use super::escape::BadSequence;
use super::parse::{HostKind, Problem, Uri, UriKind, part};
use super::parts::{Form, compress};
use super::syntax::{self, Syntax};

/// Why a URI cannot be made of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    Text(Problem),
    Sequence,
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Text(problem)
    }
}

impl From<BadSequence> for Failure {
    fn from(_: BadSequence) -> Failure {
        Failure::Sequence
    }
}

type Text = Result<Vec<u16>, BadSequence>;

impl Uri {
    /// `relative` seen from this absolute URI; an absolute one is itself.
    pub fn resolve(&self, relative: &Uri) -> Result<Uri, Failure> {
        if relative.absolute.is_some() {
            return Ok(relative.clone());
        }
        let (text, user_escaped) = self.resolved_text(relative)?;
        Ok(Uri::parse(&text, user_escaped, UriKind::Absolute)?)
    }

    fn parts(&self, wanted: u32, form: Form) -> Text {
        self.absolute.as_ref().map_or(Ok(Vec::new()), |own| own.parts(wanted, form, self.user_escaped))
    }

    fn resolved_text(&self, relative: &Uri) -> Result<(Vec<u16>, bool), Failure> {
        let Some(base) = &self.absolute else { return Ok((relative.original.clone(), relative.user_escaped)) };
        let escaped = relative.user_escaped;
        let text = trim(&relative.original);
        let first = ascii(text, 0);
        if text.is_empty() {
            let form = if self.user_escaped { Form::Escaped } else { Form::SafeUnescaped };
            return Ok((self.parts(part::ABSOLUTE, form)?, escaped));
        }
        let explicit = !base.shape.implicit_file;
        let without = match first {
            '#' if explicit && base.syntax.has(syntax::FRAGMENT) => part::FRAGMENT,
            '?' if explicit && base.syntax.has(syntax::QUERY) => part::FRAGMENT | part::QUERY,
            _ => 0,
        };
        if without != 0 {
            let mut made = self.parts(part::ABSOLUTE & !without, Form::Escaped)?;
            made.extend_from_slice(text);
            return Ok((made, escaped));
        }
        let drive = text.len() >= 3
            && first.is_ascii_alphabetic()
            && matches!(ascii(text, 1), ':' | '|')
            && matches!(ascii(text, 2), '\\' | '/');
        if drive && !explicit {
            return Ok((text.to_vec(), escaped));
        }
        if drive && base.syntax.has(syntax::DRIVE_PATH) {
            let mut made: Vec<u16> = base.syntax.name.encode_utf16().collect();
            push(
                &mut made,
                match (base.shape.authority, base.syntax.has(syntax::ROOTED)) {
                    (true, true) => ":///",
                    (true, false) => "://",
                    (false, true) => ":/",
                    (false, false) => ":",
                },
            );
            made.extend_from_slice(text);
            return Ok((made, escaped));
        }
        let text = match scheme_of(text) {
            Some((other, rest)) if other == base.syntax => rest,
            Some(_) => return Ok((text.to_vec(), escaped)),
            None => text,
        };
        if text.is_empty() {
            return Ok((self.original.clone(), escaped));
        }
        let form = if escaped { Form::Escaped } else { Form::SafeUnescaped };
        Ok((self.combine(text, form)?, escaped))
    }

    /// The base with `text`, which is not empty, in place of its path or the end of it.
    fn combine(&self, text: &[u16], form: Form) -> Text {
        let Some(base) = &self.absolute else { return Ok(text.to_vec()) };
        let shape = base.shape;
        let (first, second) = (ascii(text, 0), ascii(text, 1));
        let is_slash = |c| matches!(c, '/' | '\\');
        if shape.drive && is_slash(first) && !is_slash(second) {
            // Behind the colon of the drive.
            let mut colons = (0..self.original.len()).filter(|&at| ascii(&self.original, at) == ':');
            let colon = colons.nth(usize::from(!shape.implicit_file)).unwrap_or_default();
            return Ok([&self.original[..colon + 1], text].concat());
        }
        if base.syntax.has(syntax::FILE_LIKE) && is_slash(first) {
            if is_slash(second) {
                let mut made = Vec::new();
                push(&mut made, if shape.implicit_file { "" } else { "file:" });
                made.extend_from_slice(text);
                return Ok(made);
            }
            let mut made: Vec<u16> = "file://".encode_utf16().collect();
            if shape.unc {
                let share = self.parts(part::PATH | part::KEEP_DELIMITER, Form::Unescaped)?;
                let end = (1..share.len()).find(|&at| ascii(&share, at) == '/').unwrap_or(share.len());
                if shape.implicit_file {
                    made = "\\\\".encode_utf16().collect();
                }
                made.extend(&base.host);
                made.extend_from_slice(&share[..end]);
            }
            made.extend_from_slice(text);
            return Ok(made);
        }
        let converts = base.syntax.has(syntax::CONVERT_SLASHES);
        if first == '/' || first == '\\' && converts {
            let mut made: Vec<u16> = Vec::new();
            if second == '/' {
                push(&mut made, &base.syntax.name);
                push(&mut made, ":");
                made.extend_from_slice(text);
                return Ok(made);
            }
            made = self.server(form)?;
            push(&mut made, "/");
            made.extend_from_slice(&text[1..]);
            return Ok(made);
        }
        let path_form = if shape.implicit_file { Form::Unescaped } else { form };
        let mut path = self.parts(part::PATH | part::KEEP_DELIMITER, path_form)?;
        let directory = (0..path.len()).rev().find(|&at| ascii(&path, at) == '/').map_or(0, |at| at + 1);
        path.truncate(directory);
        let query = if base.syntax.has(syntax::QUERY) { '?' } else { NONE };
        let fragment = if !shape.implicit_file && base.syntax.has(syntax::FRAGMENT) { '#' } else { NONE };
        let is_end = |&unit: &u16| ascii_of(unit) != NONE && (ascii_of(unit) == query || ascii_of(unit) == fragment);
        let end = text.iter().position(is_end).unwrap_or(text.len());
        path.extend_from_slice(&text[..end]);
        let rest = &text[end..];
        if shape.implicit_file && shape.drive {
            // The path of a drive comes as `/c:/path`.
            let made = compress(&path, 3, &base.syntax);
            return Ok([made.get(1..).unwrap_or_default(), rest].concat());
        }
        let mut made = if !shape.implicit_file {
            self.server(form)?
        } else if shape.unix {
            base.host.clone()
        } else {
            let mut left: Vec<u16> = "\\\\".encode_utf16().collect();
            left.extend(&base.host);
            left
        };
        made.extend(compress(&path, base.secured(), &base.syntax));
        made.extend_from_slice(rest);
        Ok(made)
    }

    /// Scheme, user, host with its zone, and port.
    fn server(&self, form: Form) -> Text {
        let Some(base) = &self.absolute else { return Ok(Vec::new()) };
        if base.host_kind != HostKind::V6 {
            return self.parts(part::SERVER | part::USER_INFO, form);
        }
        let mut made = self.parts(part::SCHEME | part::USER_INFO, form)?;
        made.extend_from_slice(&base.host);
        if let Some(zone) = &base.zone {
            made.pop();
            made.extend_from_slice(zone);
            push(&mut made, "]");
        }
        made.extend(self.parts(part::KEEP_DELIMITER | part::PORT, form)?);
        Ok(made)
    }

    /// The text of the way from this absolute URI to another; `None` where they have no server in common.
    pub fn way_to(&self, other: &Uri) -> Result<Option<Vec<u16>>, BadSequence> {
        let (Some(from), Some(to)) = (&self.absolute, &other.absolute) else { return Ok(None) };
        if from.syntax.name != to.syntax.name || from.host != to.host || from.port != to.port {
            return Ok(None);
        }
        Ok(Some(difference(&self.absolute_path()?, &other.absolute_path()?, !from.is_file_path())))
    }

    /// `AbsolutePath`.
    pub fn absolute_path(&self) -> Text {
        let path = self.parts(part::PATH | part::KEEP_DELIMITER, Form::Escaped)?;
        let drive = self.absolute.as_ref().is_some_and(|own| own.shape.drive) && ascii(&path, 0) == '/';
        Ok(if drive { path[1..].to_vec() } else { path })
    }

    /// What makes two URIs equal: all but user and fragment.
    pub fn remote(&self) -> Text {
        match &self.absolute {
            Some(_) => self.parts(part::SERVER | part::PATH | part::QUERY, Form::SafeUnescaped),
            None => Ok(self.original.clone()),
        }
    }

    pub fn equals(&self, other: &Uri) -> Result<bool, BadSequence> {
        if self.original == other.original {
            return Ok(true);
        }
        match (&self.absolute, &other.absolute) {
            (Some(own), Some(_)) => {
                let (a, b) = (self.remote()?, other.remote()?);
                Ok(if own.is_file_path() { fold(&a) == fold(&b) } else { a == b })
            }
            _ => Ok(false),
        }
    }

    /// Whether `other` lies below this one's directory.
    pub fn is_base_of(&self, other: &Uri) -> Result<bool, BadSequence> {
        let Some(own) = &self.absolute else { return Ok(false) };
        let other = match self.resolve(other) {
            Ok(other) => other,
            Err(_) => return Ok(false),
        };
        let Some(below) = &other.absolute else { return Ok(false) };
        if own.syntax.name != below.syntax.name {
            return Ok(false);
        }
        let wanted = part::ABSOLUTE & !part::FRAGMENT;
        let (mut a, mut b) = (self.parts(wanted, Form::SafeUnescaped)?, other.parts(wanted, Form::SafeUnescaped)?);
        if own.is_file_path() || below.is_file_path() {
            (a, b) = (fold(&a), fold(&b));
        }
        Ok(is_below(&a, &b))
    }
}

fn trim(text: &[u16]) -> &[u16] {
    let start = text.iter().take_while(|&&unit| is_blank(unit)).count();
    let end = text.len() - text[start..].iter().rev().take_while(|&&unit| is_blank(unit)).count();
    &text[start..end]
}

/// The scheme that a text starts with, and what follows it. One letter is a drive.
fn scheme_of(text: &[u16]) -> Option<(Syntax, &[u16])> {
    let end = (0..text.len()).find(|&at| matches!(ascii(text, at), '/' | '\\' | '?' | '#' | ':'))?;
    if ascii(text, end) != ':' || end < 2 {
        return None;
    }
    Some((Syntax::of(&text[..end])?, &text[end + 1..]))
}

fn fold(text: &[u16]) -> Vec<u16> {
    String::from_utf16_lossy(text).to_lowercase().encode_utf16().collect()
}

/// Segment by segment; a last segment without a slash may differ.
fn is_below(base: &[u16], other: &[u16]) -> bool {
    let mut same = true;
    let shared = base.len().min(other.len());
    let mut at = 0;
    while at < shared {
        let (a, b) = (ascii(base, at), ascii(other, at));
        if matches!(a, '?' | '#') {
            return true;
        }
        if a == '/' {
            if b != '/' || !same {
                return false;
            }
        } else if matches!(b, '?' | '#') {
            break;
        } else if base[at] != other[at] {
            same = false;
        }
        at += 1;
    }
    for &unit in &base[at..] {
        match ascii_of(unit) {
            '?' | '#' => return true,
            '/' => return false,
            _ => {}
        }
    }
    true
}

/// The relative path from one path to another.
fn difference(from: &[u16], to: &[u16], case_matters: bool) -> Vec<u16> {
    let same = |a: u16, b: u16| {
        a == b || !case_matters && ascii_of(a) != NONE && ascii_of(a).eq_ignore_ascii_case(&ascii_of(b))
    };
    let shared = from.iter().zip(to).take_while(|(a, b)| same(**a, **b)).count();
    if shared == 0 {
        return to.to_vec();
    }
    if shared == from.len() && shared == to.len() {
        return Vec::new();
    }
    let slash = (0..shared).rev().find(|&at| ascii(from, at) == '/');
    let ups = from[shared..].iter().filter(|&&unit| ascii_of(unit) == '/').count();
    let next = slash.map_or(0, |at| at + 1);
    if ups == 0 && next == to.len() {
        return "./".encode_utf16().collect();
    }
    let mut made: Vec<u16> = "../".repeat(ups).encode_utf16().collect();
    made.extend_from_slice(&to[next..]);
    made
}

/// Whether the first segment holds a colon, which would make it a scheme.
pub fn has_colon_first(text: &[u16]) -> bool {
    text.iter().map(|&unit| ascii_of(unit)).find(|c| matches!(c, ':' | '\\' | '/' | '?' | '#')) == Some(':')
}
