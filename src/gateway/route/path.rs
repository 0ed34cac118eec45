//! A request's path and query as they are matched.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// The path that is routed and forwarded: escaped letters, digits, `-`, `.`, `_`, `~` are unescaped, backslashes are
/// slashes, dot segments are gone (so that `%2e%2e` reaches nothing that `..` would not). Begins with a slash.
pub fn normalise(path: &str) -> Cow<'_, str> {
    let bytes = path.as_bytes();
    let clean = bytes.first() == Some(&b'/')
        && memchr::memchr2(b'%', b'\\', bytes).is_none()
        && memchr::memmem::find(bytes, b"/.").is_none();
    if clean {
        return Cow::Borrowed(path);
    }
    let mut plain = String::with_capacity(path.len() + 1);
    if !path.starts_with(['/', '\\']) {
        plain.push('/');
    }
    let mut rest = path;
    while let Some(at) = rest.find(['%', '\\']) {
        plain.push_str(&rest[..at]);
        if rest.as_bytes()[at] == b'\\' {
            plain.push('/');
            rest = &rest[at + 1..];
            continue;
        }
        let code = rest.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') => {
                plain.push(char::from(byte));
                rest = &rest[at + 3..];
            }
            _ => {
                plain.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(without_dot_segments(&plain))
}

fn without_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path[1..].split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    let mut out = String::with_capacity(path.len());
    for segment in &kept {
        out.push('/');
        out.push_str(segment);
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

/// The first value of a query parameter, as written.
pub fn query_value<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query.split('&').find_map(|pair| {
        let (own, value) = pair.split_once('=').unwrap_or((pair, ""));
        decoded(own).eq_ignore_ascii_case(name).then_some(value)
    })
}

pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if text.contains('%') { percent_decode_str(text).decode_utf8_lossy() } else { Cow::Borrowed(text) }
}
