//! A URI's text taken apart: scheme, authority, host, port, path, query, fragment, and how far each is canonical.
//!
//! In: text, UTF-16 as .NET has it, and whether a relative one will do. Out: an [`Uri`] or the [`Problem`]. Nothing is
//! looked up. A rooted path is a file, as .NET reads it on Unix.

use super::super::address::{lenient_v4, read_v6, show_v4, show_v6};
use super::super::units::{NONE, ascii, ascii_of, is_blank, push};
use super::authority::{Authority, Place, find_authority, find_file_path, read_authority};
use super::check::{Found, check};
use super::escape::{IriPart, escapes_needlessly, holds_unicode, to_iri};
use super::syntax::{self, Syntax};

/// .NET refuses longer ones.
const MAX_LENGTH: usize = 0xFFF0;
const MAX_SCHEME: usize = 1024;

/// Why a text is no URI. The first ones still let it be a relative one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    Format,
    Scheme,
    Authority,
    Empty,
    SchemeLimit,
    SizeLimit,
    UnrootedDrive,
    HostName,
    Port,
    BackslashAfterHost,
    NotRelative,
}

impl Problem {
    pub fn message(self) -> &'static str {
        match self {
            Problem::Format => "Invalid URI: The format of the URI could not be determined.",
            Problem::Scheme => "Invalid URI: The URI scheme is not valid.",
            Problem::Authority => "Invalid URI: The Authority/Host could not be parsed.",
            Problem::Empty => "Invalid URI: The URI is empty.",
            Problem::SchemeLimit => "Invalid URI: The Uri scheme is too long.",
            Problem::SizeLimit => "Invalid URI: The Uri string is too long.",
            Problem::UnrootedDrive => "Invalid URI: A Dos path must be rooted, for example, 'c:\\\\'.",
            Problem::HostName => "Invalid URI: The hostname could not be parsed.",
            Problem::Port => "Invalid URI: Invalid port specified.",
            Problem::BackslashAfterHost => {
                "Invalid URI: The Authority/Host cannot end with a backslash character ('\\\\')."
            }
            Problem::NotRelative => {
                "A relative URI cannot be created because the 'uriString' parameter represents an absolute URI."
            }
        }
    }

    fn may_be_relative(self) -> bool {
        self <= Problem::Empty
    }
}

/// `System.UriKind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriKind {
    Either,
    Absolute,
    Relative,
}

/// `System.Uri`.
#[derive(Clone, Debug)]
pub struct Uri {
    pub original: Vec<u16>,
    /// The program said that it has escaped the text.
    pub user_escaped: bool,
    /// `None`: relative.
    pub absolute: Option<Box<Absolute>>,
    /// What a relative one shows.
    pub shown: Vec<u16>,
}

/// How the text stands for a file, and whether there is an authority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    pub authority: bool,
    /// No scheme was written: `\\server\share`, `c:\file`, `/file`.
    pub implicit_file: bool,
    /// `c:\`.
    pub drive: bool,
    /// `\\server\share`.
    pub unc: bool,
    /// `/file`.
    pub unix: bool,
    pub user_info: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostKind {
    Unknown,
    Dns,
    V4,
    V6,
    /// A name for a server that is no domain name.
    Loose,
    Basic,
}

/// Parts of a URI, as bits (`System.UriComponents`).
pub mod part {
    pub const SCHEME: u32 = 1;
    pub const USER_INFO: u32 = 2;
    pub const HOST: u32 = 4;
    pub const PORT: u32 = 8;
    pub const PATH: u32 = 16;
    pub const QUERY: u32 = 32;
    pub const FRAGMENT: u32 = 64;
    pub const STRONG_PORT: u32 = 128;
    pub const NORMALIZED_HOST: u32 = 256;
    pub const KEEP_DELIMITER: u32 = 0x4000_0000;
    pub const SERIALIZATION: u32 = 0x8000_0000;
    pub const ABSOLUTE: u32 = 127;
    pub const SERVER: u32 = SCHEME | HOST | PORT;
}

/// An absolute URI in parts: places in `text`.
#[derive(Clone, Debug)]
pub struct Absolute {
    pub syntax: Syntax,
    pub shape: Shape,
    /// The text, its Unicode in the form that RFC 3987 wants.
    pub text: Vec<u16>,
    /// Where the scheme, user and password, host, path, query and fragment start, and where all ends.
    pub scheme: usize,
    pub user: usize,
    pub host_at: usize,
    pub path: usize,
    pub query: usize,
    pub fragment: usize,
    pub end: usize,
    pub host_kind: HostKind,
    /// In its usual form.
    pub host: Vec<u16>,
    /// The zone of an address of version 6, with its `%`.
    pub zone: Option<Vec<u16>>,
    pub is_loopback: bool,
    /// The port; `None` where the scheme has none and none is given.
    pub port: Option<u16>,
    pub has_other_port: bool,
    /// Parts that are not as they would be shown, and those not as they would be escaped.
    pub not_shown_so: u32,
    pub not_escaped_so: u32,
    /// Parts whose only flaw is Unicode that may stand there.
    pub only_unicode: u32,
    pub scheme_is_odd: bool,
    pub host_is_odd: bool,
    pub needs_compression: bool,
    pub lacks_first_slash: bool,
    pub has_backslash: bool,
    /// The text holds Unicode, or escapes that it does not need.
    pub has_unicode: bool,
}

impl Uri {
    /// Reads a text as `TryCreate` does: a relative one is shown as it was written.
    pub fn create(text: &[u16], kind: UriKind) -> Option<Uri> {
        let mut uri = Uri::parse(text, false, kind).ok()?;
        if uri.absolute.is_none() {
            uri.shown.clone_from(&uri.original);
        }
        Some(uri)
    }

    /// Reads a text as `kind` wants it.
    pub fn parse(text: &[u16], user_escaped: bool, kind: UriKind) -> Result<Uri, Problem> {
        let relative = |shown: Vec<u16>| Ok(Uri { original: text.to_vec(), user_escaped, absolute: None, shown });
        let (at, syntax, shape) = match read_scheme(text) {
            Ok(found) => found,
            Err(problem) if !problem.may_be_relative() || kind == UriKind::Absolute => return Err(problem),
            Err(_) => {
                let unicode = holds_unicode(text) || escapes_needlessly(text);
                return relative(if unicode { to_iri(text, IriPart::Relative) } else { text.to_vec() });
            }
        };
        if shape.implicit_file && kind != UriKind::Absolute {
            let server = ascii(text, 0) == '\\' && ascii(text, 1) == '\\';
            let wins = if shape.drive {
                kind == UriKind::Relative
            } else {
                kind == UriKind::Relative || shape.unix || text.len() >= 2 && !server
            };
            if wins {
                return relative(text.to_vec());
            }
        }
        match Absolute::read(text, at, syntax, shape) {
            Err(problem) if kind != UriKind::Absolute && problem.may_be_relative() => relative(text.to_vec()),
            Err(problem) => Err(problem),
            Ok(_) if kind == UriKind::Relative => Err(Problem::NotRelative),
            Ok(absolute) => {
                Ok(Uri { original: text.to_vec(), user_escaped, absolute: Some(Box::new(absolute)), shown: Vec::new() })
            }
        }
    }
}

/// The scheme and its rules, and where what follows it starts.
fn read_scheme(text: &[u16]) -> Result<(usize, Syntax, Shape), Problem> {
    if text.is_empty() {
        return Err(Problem::Empty);
    }
    if text.len() >= MAX_LENGTH {
        return Err(Problem::SizeLimit);
    }
    let start = text.iter().take_while(|&&unit| is_blank(unit)).count();
    let file = Shape { authority: true, implicit_file: true, ..Shape::default() };
    if ascii(text, start) == '/' {
        return Ok((start, Syntax::unix_file(), Shape { unix: true, ..file }));
    }
    let colon = (start..text.len()).find(|&at| ascii(text, at) == ':').unwrap_or(text.len());
    if start + 2 >= text.len() || colon == start {
        return Err(Problem::Format);
    }
    let (first, second, third) = (ascii(text, start), ascii(text, start + 1), ascii(text, start + 2));
    if matches!(second, ':' | '|') {
        return match (first.is_ascii_alphabetic(), third) {
            (true, '\\' | '/') => Ok((start, Syntax::file(), Shape { drive: true, ..file })),
            (true, _) => Err(Problem::UnrootedDrive),
            (false, _) => Err(if second == ':' { Problem::Scheme } else { Problem::Format }),
        };
    }
    if first == '\\' {
        if !matches!(second, '\\' | '/') {
            return Err(Problem::Format);
        }
        let slashes = text[start..].iter().take_while(|&&unit| matches!(ascii_of(unit), '/' | '\\')).count();
        return Ok((start + slashes, Syntax::file(), Shape { unc: true, ..file }));
    }
    if colon == text.len() {
        return Err(Problem::Format);
    }
    if colon - start > MAX_SCHEME {
        return Err(Problem::SchemeLimit);
    }
    let syntax = Syntax::of(&text[start..colon]).ok_or(Problem::Scheme)?;
    Ok((colon + 1, syntax, Shape::default()))
}

impl Absolute {
    fn read(text: &[u16], at: usize, mut syntax: Syntax, mut shape: Shape) -> Result<Absolute, Problem> {
        let has_unicode = holds_unicode(text) || escapes_needlessly(text);
        let blanks = text[at..].iter().rev().take_while(|&&unit| is_blank(unit)).count();
        let mut place = Place { text, length: text.len() - blanks, at, has_unicode };
        let no_host = |kind, end| Authority { end, kind, user_info: false, rewritten: None };
        let authority = if shape.unix {
            no_host(HostKind::Basic, at)
        } else {
            find_file_path(&mut place, &mut syntax, &mut shape)?;
            if find_authority(&mut place, &syntax, &mut shape)? {
                if shape.drive {
                    no_host(if shape.authority { HostKind::Basic } else { HostKind::Unknown }, place.at)
                } else if shape.unix {
                    no_host(HostKind::Basic, place.at)
                } else {
                    let found = read_authority(&place, &syntax, &mut shape)?;
                    let after = if found.end < place.length { ascii(text, found.end) } else { NONE };
                    let file_like = shape.implicit_file || syntax.has(syntax::DRIVE_PATH);
                    if after == '\\' && !file_like {
                        return Err(Problem::BackslashAfterHost);
                    }
                    if after == '/' && !shape.implicit_file && shape.unc && syntax == Syntax::file() {
                        syntax = Syntax::unix_file();
                    }
                    found
                }
            } else {
                let rewritten = has_unicode.then(|| text[..place.at].to_vec());
                Authority { rewritten, ..no_host(HostKind::Unknown, place.at) }
            }
        };
        shape.user_info = authority.user_info;
        Ok(Absolute::divide(text, place.length, syntax, shape, authority, has_unicode))
    }

    /// Finds the places of all parts. `length` is the text's without trailing blanks.
    fn divide(
        text: &[u16],
        length: usize,
        syntax: Syntax,
        shape: Shape,
        authority: Authority,
        has_unicode: bool,
    ) -> Absolute {
        let index = authority.end;
        let head: &[u16] = authority.rewritten.as_deref().unwrap_or(text);
        let mut scheme_is_odd = shape.implicit_file;
        let (scheme, mut start) = if shape.implicit_file {
            let blanks = text.iter().take_while(|&&unit| is_blank(unit)).count();
            (blanks, blanks + if shape.unc { 2 } else { 0 })
        } else {
            let colon = head.iter().position(|&unit| ascii_of(unit) == ':').unwrap_or_default();
            let scheme = colon - syntax.name.len().min(colon);
            scheme_is_odd |= !head[scheme..colon].iter().copied().eq(syntax.name.encode_utf16());
            let slashes = [ascii(head, colon + 1), ascii(head, colon + 2)];
            scheme_is_odd |= shape.authority && (colon + 3 >= text.len() || slashes != ['/', '/']);
            (scheme, colon + 1 + if shape.authority { 2 } else { 0 })
        };
        if shape.unc || shape.drive && !shape.implicit_file {
            while start < index && matches!(ascii(head, start), '/' | '\\') {
                scheme_is_odd |= !shape.implicit_file;
                start += 1;
            }
        }
        let default_port = syntax.port;
        let mut made = Absolute {
            shape,
            text: text[..length].to_vec(),
            scheme,
            user: index,
            host_at: index,
            path: index,
            query: index,
            fragment: index,
            end: length,
            host_kind: authority.kind,
            host: Vec::new(),
            zone: None,
            is_loopback: false,
            port: default_port,
            has_other_port: false,
            not_shown_so: 0,
            not_escaped_so: 0,
            only_unicode: 0,
            scheme_is_odd,
            host_is_odd: false,
            needs_compression: false,
            lacks_first_slash: false,
            has_backslash: false,
            has_unicode,
            syntax,
        };
        let has_host = !shape.drive && !shape.unix && authority.kind != HostKind::Unknown;
        if has_host {
            made.user = start;
            made.host_at = start;
            if shape.user_info && authority.kind != HostKind::Basic {
                let sign = head[start..].iter().position(|&unit| ascii_of(unit) == '@').unwrap_or_default();
                made.host_at = start + sign + 1;
            }
            if authority.kind != HostKind::Basic {
                made.read_port(text, index, length);
            }
        } else if shape.unix {
            made.user = start.min(index);
            made.host_at = made.user;
        }
        if has_unicode {
            made.rewrite(text, authority.rewritten);
        }
        made.read_host();
        made.divide_rest();
        made
    }

    /// Reads `:port` after the host; moves the start of the path behind it.
    fn read_port(&mut self, text: &[u16], index: usize, length: usize) {
        if index >= length || ascii(text, index) != ':' {
            return;
        }
        let digits = text[index + 1..length].iter().take_while(|&&unit| ascii_of(unit).is_ascii_digit());
        let (mut count, mut port) = (0usize, 0u32);
        for &unit in digits {
            port = port.wrapping_mul(10).wrapping_add(u32::from(unit) - u32::from(b'0'));
            count += 1;
        }
        if count > 0 && self.port.unwrap_or(0) != port as u16 {
            self.port = Some(port as u16);
            self.has_other_port = true;
        }
        self.path = index + 1 + count;
    }

    /// Replaces the text by one whose Unicode is as RFC 3987 wants it; the places before the path are those of `head`.
    fn rewrite(&mut self, text: &[u16], head: Option<Vec<u16>>) {
        let length = text.len();
        let mut made = match head {
            Some(head) if !self.shape.drive && !self.shape.unix => head,
            _ if self.shape.implicit_file => Vec::new(),
            _ => format!("{}://", self.syntax.name).encode_utf16().collect(),
        };
        if self.shape.drive || self.shape.unix {
            self.scheme = 0;
            self.user = made.len();
            self.host_at = made.len();
        }
        let path = self.path;
        let query = self.find_end(text, path, length, self.path_stop());
        let fragment = match ascii(text, query) {
            '?' if query < length => {
                let stop = if self.syntax.has(syntax::FRAGMENT) { '#' } else { NONE };
                self.find_end(text, query + 1, length, stop)
            }
            _ => query,
        };
        self.path = made.len();
        made.extend(to_iri(&text[path..query], IriPart::Component));
        made.extend(to_iri(&text[query..fragment], IriPart::Query));
        made.extend(to_iri(&text[fragment..length], IriPart::Component));
        // .NET forgets trailing blanks where the text got another and has no fragment.
        if fragment < length || made == text {
            let blanks = made[self.path..].iter().rev().take_while(|&&unit| is_blank(unit)).count();
            made.truncate(made.len() - blanks);
        }
        self.end = made.len();
        self.text = made;
    }

    /// What ends a path: a query's `?` (or a fragment's `#`), a fragment's `#`, or nothing.
    fn path_stop(&self) -> char {
        if self.shape.implicit_file || !self.syntax.has(syntax::QUERY | syntax::FRAGMENT) {
            NONE
        } else if self.syntax.has(syntax::QUERY) {
            '?'
        } else {
            '#'
        }
    }

    fn find_end(&self, text: &[u16], from: usize, length: usize, stop: char) -> usize {
        let fragment = stop == '?' && self.syntax.has(syntax::FRAGMENT);
        let ends = |at: &usize| {
            let c = ascii(text, *at);
            c != NONE && (c == stop || fragment && c == '#')
        };
        (from..length).find(ends).unwrap_or(length)
    }

    /// The host in its usual form.
    fn read_host(&mut self) {
        let end = self.path;
        let written = &self.text[self.host_at.min(end)..end];
        match self.host_kind {
            HostKind::Unknown => {}
            HostKind::Basic => {
                if !self.shape.drive && !self.shape.unix {
                    self.host = written.to_vec();
                }
                self.is_loopback = self.host.is_empty();
            }
            HostKind::Dns | HostKind::Loose => {
                let name = &written[..written.iter().position(|&u| ascii_of(u) == ':').unwrap_or(written.len())];
                let has_capitals = name.iter().any(|&unit| ascii_of(unit).is_ascii_uppercase());
                let name = if has_capitals { lower(name) } else { name.to_vec() };
                let text = String::from_utf16_lossy(&name);
                self.is_loopback = text == "localhost" || text == "loopback";
                self.host = if self.is_loopback { "localhost".encode_utf16().collect() } else { name };
            }
            HostKind::V4 => {
                let found = lenient_v4(&self.text[..end], self.host_at, true);
                let address = found.map(|(address, _)| address).unwrap_or_default();
                self.is_loopback = address >> 24 == 127;
                self.host = show_v4(address).encode_utf16().collect();
            }
            HostKind::V6 => {
                let (groups, zone) = read_v6(&self.text[..end], self.host_at + 1);
                let tail = u32::from(groups[6]) << 16 | u32::from(groups[7]);
                self.is_loopback = groups[..5] == [0; 5]
                    && (groups[5] == 0 && tail == 1
                        || groups[5] == 0xFFFF && tail == 0x7F00_0001
                        || groups[5] == 0 && tail == 0x7F00_0001);
                self.host = format!("[{}]", show_v6(&groups)).encode_utf16().collect();
                self.zone = zone;
            }
        }
        self.host_is_odd = self.zone.is_some() || !self.text[self.host_at.min(end)..].starts_with(&self.host);
    }

    /// Divides what follows the authority, and finds which parts are not canonical.
    fn divide_rest(&mut self) {
        if self.shape.user_info {
            let (found, _) = self.check(self.user, self.host_at, '@');
            self.note(part::USER_INFO, found);
        }
        let (mut found, query) = self.check(self.path, self.end, self.path_stop());
        self.query = query;
        let first = ascii(&self.text, self.path);
        let no_slash = self.path == self.end || !matches!(first, '/' | '\\');
        self.lacks_first_slash = self.shape.authority && self.syntax.has(syntax::ROOTED) && no_slash;
        self.check_path(&mut found);
        self.fragment = self.query;
        if self.query < self.end && ascii(&self.text, self.query) == '?' {
            let stop = if self.syntax.has(syntax::FRAGMENT) { '#' } else { NONE };
            let (found, fragment) = self.check(self.query + 1, self.end, stop);
            self.fragment = fragment;
            self.note(part::QUERY, found);
        }
        if self.fragment < self.end && ascii(&self.text, self.fragment) == '#' {
            let (found, _) = self.check(self.fragment + 1, self.end, NONE);
            self.note(part::FRAGMENT, found);
        }
    }

    fn check_path(&mut self, found: &mut Found) {
        let shape = self.shape;
        let mut odd = false;
        let rules = syntax::COMPRESS | syntax::CONVERT_SLASHES | syntax::UNESCAPE_DOTS;
        if shape.drive || shape.authority && self.syntax.has(rules) {
            let escaped = found.dot_or_slash_escaped && self.syntax.has(syntax::UNESCAPE_DOTS);
            if escaped || found.backslash && self.syntax.has(syntax::CONVERT_SLASHES) {
                self.not_escaped_so |= part::PATH;
                self.not_shown_so |= part::PATH;
                odd = true;
            }
            let attention = self.not_escaped_so & part::PATH != 0 || found.dots_or_slashes;
            self.needs_compression = self.syntax.has(syntax::COMPRESS) && attention;
            self.has_backslash = found.backslash;
        } else if found.backslash {
            self.not_escaped_so |= part::PATH;
            odd = true;
        }
        if !found.shown_so && (!shape.implicit_file || found.reserved) {
            self.not_shown_so |= part::PATH;
            odd = true;
        }
        if shape.implicit_file && (found.reserved || found.escaped_so) {
            found.escaped_so = false;
        }
        if !found.escaped_so {
            self.not_escaped_so |= part::PATH;
        }
        if !odd && found.is_only_unicode() {
            self.only_unicode |= part::PATH;
        }
    }

    fn note(&mut self, of: u32, found: Found) {
        if !found.shown_so {
            self.not_shown_so |= of;
        }
        if !found.escaped_so || found.backslash {
            self.not_escaped_so |= of;
        }
        if found.is_only_unicode() && !found.backslash {
            self.only_unicode |= of;
        }
    }

    /// Looks at `text[from..end]` up to `stop`; also where it stopped.
    pub fn check(&self, from: usize, end: usize, stop: char) -> (Found, usize) {
        check(&self.text, from, end, stop, Some(self), self.has_unicode)
    }
}

/// `ToLowerInvariant`.
fn lower(text: &[u16]) -> Vec<u16> {
    let mut out = Vec::with_capacity(text.len());
    for c in char::decode_utf16(text.iter().copied()) {
        match c {
            Ok(c) => {
                let mut lowered = c.to_lowercase();
                let single = if lowered.len() == 1 { lowered.next() } else { None };
                push(&mut out, single.unwrap_or(c).encode_utf8(&mut [0; 4]));
            }
            Err(lone) => out.push(lone.unpaired_surrogate()),
        }
    }
    out
}
