//! The parts of an absolute URI as text: escaped, unescaped, or as `ToString()` shows them.

use super::super::units::{NONE, ascii, ascii_of, push};
use super::escape::{BadSequence, Escaping, Unescaping, escape, unescape, unescape_dots};
use super::parse::{Absolute, HostKind, part};
use super::syntax::{self, Syntax};

/// `System.UriFormat`, and what `ToString()` wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Escaped,
    Unescaped,
    SafeUnescaped,
    Display,
}

type Text = Result<Vec<u16>, BadSequence>;

impl Absolute {
    /// The parts that `wanted` names, with their delimiters where more than one is wanted.
    pub fn parts(&self, wanted: u32, form: Form, user_escaped: bool) -> Text {
        if wanted == part::SCHEME {
            return Ok(self.syntax.name.encode_utf16().collect());
        }
        let wanted = if wanted & part::SERIALIZATION != 0 { wanted | part::ABSOLUTE } else { wanted };
        let wanted = if wanted & part::NORMALIZED_HOST != 0 { wanted | part::HOST } else { wanted };
        if wanted == part::PORT || wanted == part::STRONG_PORT {
            let shown = self.has_other_port || wanted == part::STRONG_PORT;
            return Ok(self.port.filter(|_| shown).map(|p| p.to_string()).unwrap_or_default().encode_utf16().collect());
        }
        let wanted = if wanted & part::STRONG_PORT != 0 { wanted | part::PORT } else { wanted };
        if wanted == part::HOST {
            return Ok(self.host.clone());
        }
        let writer = Writer { uri: self, form, user_escaped };
        writer.write(wanted)
    }

    /// The path, compressed and with slashes as the scheme wants them, escaped or not.
    fn path_as(&self, form: Form, user_escaped: bool) -> Text {
        let mut out: Vec<u16> = if self.lacks_first_slash { vec![b'/'.into()] } else { Vec::new() };
        if self.path == self.query {
            return Ok(out);
        }
        let secured = self.secured();
        let odd_escape = self.not_escaped_so & part::PATH != 0;
        let odd = self.not_shown_so & part::PATH != 0;
        let keeps = !self.shape.implicit_file;
        let escaping = Escaping::part(['?', '#'], keeps);
        let mut body = self.text[self.path..self.query].to_vec();
        let fix_drive = |body: &mut Vec<u16>| {
            if secured != 0 && ascii(body, secured - 1) == '|' {
                body[secured - 1] = b':'.into();
            }
        };
        let escaped = form == Form::Escaped;
        if self.needs_compression {
            if self.syntax.has(syntax::UNESCAPE_DOTS) && odd && keeps {
                body = unescape_dots(&body, self.syntax.has(syntax::CONVERT_SLASHES));
            }
        } else if escaped && odd_escape && !user_escaped {
            fix_drive(&mut body);
            let mut made = Vec::with_capacity(body.len() + 16);
            escape(&body, &mut made, escaping)?;
            body = made;
        }
        let file_like = self.syntax.has(syntax::FILE_LIKE) && !self.syntax.has(syntax::CONVERT_SLASHES);
        if escaped && self.has_backslash && file_like && keeps {
            let mut made = Vec::with_capacity(body.len() + 16);
            escape(&body, &mut made, Escaping::part(['\\', NONE], true))?;
            body = made;
        }
        fix_drive(&mut body);
        if self.needs_compression {
            body = compress(&body, secured, &self.syntax);
            if ascii(&body, 0) == '\\' {
                body[0] = b'/'.into();
            }
            if escaped && !user_escaped && odd_escape {
                let mut made = Vec::with_capacity(body.len() + 16);
                escape(&body, &mut made, escaping)?;
                body = made;
            }
        } else if self.syntax.has(syntax::CONVERT_SLASHES) && self.has_backslash {
            body.iter_mut().filter(|unit| ascii_of(**unit) == '\\').for_each(|unit| *unit = b'/'.into());
        }
        if escaped || !odd {
            out.append(&mut body);
            return Ok(out);
        }
        let how = match form {
            Form::Unescaped if keeps => Unescaping::ALL,
            Form::Unescaped => Unescaping { unescapes: false, all: false, ..Unescaping::ALL },
            _ => {
                Unescaping { escapes: !user_escaped, unescapes: keeps, all: false, for_display: form == Form::Display }
            }
        };
        unescape(&body, &mut out, ['?', '#', NONE], how, true, false);
        Ok(out)
    }

    /// How much of the path a drive takes: `c:` or `/c:`.
    pub fn secured(&self) -> usize {
        match (self.shape.drive, ascii(&self.text, self.path)) {
            (false, _) => 0,
            (true, '/' | '\\') => 3,
            (true, _) => 2,
        }
    }

    pub fn is_file_path(&self) -> bool {
        self.shape.unc || self.shape.drive
    }

    /// `LocalPath`.
    pub fn local_path(&self, user_escaped: bool) -> Text {
        if !self.is_file_path() {
            return self.parts(part::PATH | part::KEEP_DELIMITER, Form::Unescaped, user_escaped);
        }
        let odd = self.not_shown_so & part::PATH != 0;
        let mut out = Vec::new();
        if self.shape.unc {
            push(&mut out, "\\\\");
            out.extend_from_slice(&self.host);
        }
        let leads = self.shape.drive && matches!(ascii(&self.text, self.path), '/' | '\\');
        let start = self.path + usize::from(leads);
        let mut body = Vec::new();
        let how = if odd && !self.shape.implicit_file {
            Unescaping::ALL
        } else {
            Unescaping { escapes: false, unescapes: false, all: false, for_display: false }
        };
        unescape(&self.text[start..self.query.max(start)], &mut body, [NONE; 3], how, true, true);
        if self.shape.drive && ascii(&body, 1) == '|' {
            body[1] = b':'.into();
        }
        if self.needs_compression {
            body = compress(&body, if self.shape.drive { 2 } else { 0 }, &self.syntax);
        }
        out.append(&mut body);
        out.iter_mut().filter(|unit| ascii_of(**unit) == '/').for_each(|unit| *unit = b'\\'.into());
        Ok(out)
    }
}

struct Writer<'a> {
    uri: &'a Absolute,
    form: Form,
    user_escaped: bool,
}

impl Writer<'_> {
    fn write(&self, wanted: u32) -> Text {
        let uri = self.uri;
        let mut out = Vec::new();
        if wanted & part::SCHEME != 0 {
            push(&mut out, &uri.syntax.name);
            push(&mut out, if uri.shape.authority { "://" } else { ":" });
        }
        if wanted & part::USER_INFO != 0 && uri.shape.user_info {
            self.user_info(&mut out)?;
            if wanted == part::USER_INFO {
                out.pop();
            }
        }
        if wanted & part::HOST != 0 {
            if wanted & part::NORMALIZED_HOST != 0 && uri.host_kind == HostKind::Dns {
                push(&mut out, &super::idn::to_ascii(&uri.host));
            } else {
                out.extend_from_slice(&uri.host);
            }
            if let (true, Some(zone)) = (wanted & part::SERIALIZATION != 0, &uri.zone) {
                out.pop();
                out.extend_from_slice(zone);
                push(&mut out, "]");
            }
        }
        if wanted & part::PORT != 0 {
            if let Some(port) = uri.port.filter(|_| uri.has_other_port || wanted & part::STRONG_PORT != 0) {
                push(&mut out, &format!(":{port}"));
            }
        }
        if wanted & part::PATH != 0 {
            let path = uri.path_as(self.form, self.user_escaped)?;
            let bare = wanted == part::PATH && uri.shape.authority && ascii(&path, 0) == '/';
            out.extend_from_slice(&path[usize::from(bare)..]);
            if wanted == part::PATH {
                return Ok(out);
            }
        }
        if wanted & part::QUERY != 0 && uri.query < uri.fragment {
            if wanted != part::QUERY {
                push(&mut out, "?");
            }
            let text = &uri.text[uri.query + 1..uri.fragment];
            self.component(text, part::QUERY, ['#', NONE], &mut out)?;
        }
        if wanted & part::FRAGMENT != 0 && uri.fragment < uri.end {
            if wanted != part::FRAGMENT {
                push(&mut out, "#");
            }
            let text = &uri.text[uri.fragment + 1..uri.end];
            self.component(text, part::FRAGMENT, [NONE, NONE], &mut out)?;
        }
        Ok(out)
    }

    fn is_odd(&self, of: u32) -> bool {
        let odd = if self.form == Form::Escaped { self.uri.not_escaped_so } else { self.uri.not_shown_so };
        odd & of != 0
    }

    /// User and password with their `@`.
    fn user_info(&self, out: &mut Vec<u16>) -> Result<(), BadSequence> {
        let text = &self.uri.text[self.uri.user..self.uri.host_at];
        match self.form {
            Form::Escaped if self.is_odd(part::USER_INFO) && !self.user_escaped => {
                escape(text, out, Escaping::part(['?', '#'], true))?;
            }
            Form::SafeUnescaped if self.is_odd(part::USER_INFO) => {
                let how = Unescaping { escapes: !self.user_escaped, ..Unescaping::SAFE };
                unescape(&text[..text.len() - 1], out, ['@', '/', '\\'], how, true, false);
                push(out, "@");
            }
            Form::Unescaped if self.is_odd(part::USER_INFO) => {
                unescape(text, out, [NONE; 3], Unescaping::ALL, true, false);
            }
            _ => out.extend_from_slice(text),
        }
        Ok(())
    }

    /// A query or fragment.
    fn component(&self, text: &[u16], of: u32, force: [char; 2], out: &mut Vec<u16>) -> Result<(), BadSequence> {
        if !self.is_odd(of) {
            out.extend_from_slice(text);
            return Ok(());
        }
        let how = match self.form {
            Form::Escaped if self.user_escaped => {
                out.extend_from_slice(text);
                return Ok(());
            }
            Form::Escaped => return escape(text, out, Escaping::part(force, true)),
            Form::Unescaped => Unescaping::ALL,
            form => Unescaping { escapes: !self.user_escaped, for_display: form == Form::Display, ..Unescaping::SAFE },
        };
        unescape(text, out, ['#', NONE, NONE], how, true, of == part::QUERY);
        Ok(())
    }
}

/// Takes `.` and `..` out of a path behind its first `secured` units; backslashes become slashes where the scheme wants it.
///
/// It goes from the end to the start, as .NET does: what it leaves of `..` at the start differs from RFC 3986.
pub fn compress(path: &[u16], secured: usize, syntax: &Syntax) -> Vec<u16> {
    let secured = secured.min(path.len());
    // What is done, last unit first. `mark` counts its units from the last slash that was met on.
    let mut done: Vec<u16> = Vec::with_capacity(path.len());
    let (mut slashes, mut dots, mut parents) = (0usize, 0usize, 0usize);
    let mut mark: Option<usize> = None;
    for &unit in path[secured..].iter().rev() {
        let mut c = ascii_of(unit);
        let mut unit = unit;
        if c == '\\' && syntax.has(syntax::CONVERT_SLASHES) {
            (c, unit) = ('/', b'/'.into());
        }
        if c == '/' {
            slashes += 1;
        } else {
            if slashes > 1 {
                mark = Some(done.len());
            }
            slashes = 0;
        }
        if c == '.' {
            dots += 1;
            done.push(unit);
            continue;
        }
        if dots != 0 {
            let whole = match mark {
                Some(mark) => mark + dots == done.len(),
                None => dots == done.len(),
            };
            if c == '/' && whole && dots <= 2 {
                let gone = dots + usize::from(mark.is_some());
                done.truncate(done.len() - gone);
                done.push(unit);
                mark = Some(done.len());
                parents += usize::from(dots == 2);
                dots = 0;
                continue;
            }
            dots = 0;
        }
        if c == '/' {
            if let (true, Some(mark)) = (parents != 0, mark) {
                parents -= 1;
                done.truncate(mark - 1);
            }
            done.push(unit);
            mark = Some(done.len());
        } else {
            done.push(unit);
        }
    }
    done.extend(path[..secured].iter().rev());
    done.reverse();
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compressed() {
        let http = Syntax::of(&"http".encode_utf16().collect::<Vec<_>>()).expect("a known scheme");
        let cases = [
            ("/a/./b/../c", "/a/c"),
            ("/../a", "/a"),
            ("/a/..", "/"),
            ("/a/...", "/a/..."),
            ("/a//../b", "/a/b"),
            ("/a\\b", "/a/b"),
            ("/a/.", "/a/"),
            ("/", "/"),
            ("", ""),
        ];
        for (path, wanted) in cases {
            let made = compress(&path.encode_utf16().collect::<Vec<_>>(), 0, &http);
            assert_eq!(String::from_utf16_lossy(&made), wanted, "{path}");
        }
    }
}
