//! What each scheme allows: authority, port, query, paths that are compressed ...

use std::borrow::Cow;

/// The rules of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syntax {
    /// In lower case.
    pub name: Cow<'static, str>,
    pub port: Option<u16>,
    rules: u32,
}

pub const MUST_HAVE_AUTHORITY: u32 = 1;
pub const OPTIONAL_AUTHORITY: u32 = 1 << 1;
pub const USER_INFO: u32 = 1 << 2;
pub const PORT: u32 = 1 << 3;
pub const QUERY: u32 = 1 << 4;
pub const FRAGMENT: u32 = 1 << 5;
pub const EMPTY_HOST: u32 = 1 << 6;
/// A name that is no valid domain name (`_a`).
pub const LOOSE_HOST: u32 = 1 << 7;
/// A path behind an authority starts with a slash.
pub const ROOTED: u32 = 1 << 8;
pub const FILE_LIKE: u32 = 1 << 9;
pub const DRIVE_PATH: u32 = 1 << 10;
pub const CONVERT_SLASHES: u32 = 1 << 11;
pub const COMPRESS: u32 = 1 << 12;
/// Segments of dots are compressed as file systems do.
pub const AS_FILE_PATH: u32 = 1 << 13;
/// `%2E`, `%2F` and `%5C` count when a path is compressed.
pub const UNESCAPE_DOTS: u32 = 1 << 14;
pub const MAIL_LIKE: u32 = 1 << 15;
/// No scheme that .NET knows.
pub const UNKNOWN: u32 = 1 << 16;

const WEB: u32 = MUST_HAVE_AUTHORITY
    | USER_INFO
    | PORT
    | QUERY
    | FRAGMENT
    | LOOSE_HOST
    | ROOTED
    | CONVERT_SLASHES
    | COMPRESS
    | AS_FILE_PATH;
const FILE: u32 = MUST_HAVE_AUTHORITY
    | EMPTY_HOST
    | QUERY
    | FRAGMENT
    | LOOSE_HOST
    | ROOTED
    | FILE_LIKE
    | DRIVE_PATH
    | CONVERT_SLASHES
    | COMPRESS
    | AS_FILE_PATH
    | UNESCAPE_DOTS;
const UNIX_FILE: u32 = FILE & !CONVERT_SLASHES;
const MACROS: u32 = FILE & !(QUERY | ROOTED);
const PLAIN_SERVER: u32 = MUST_HAVE_AUTHORITY | USER_INFO | PORT | FRAGMENT | LOOSE_HOST | ROOTED;
const NET: u32 = (WEB | UNESCAPE_DOTS) & !(USER_INFO | PORT | LOOSE_HOST);
const ANY: u32 = UNKNOWN
    | OPTIONAL_AUTHORITY
    | USER_INFO
    | PORT
    | QUERY
    | FRAGMENT
    | EMPTY_HOST
    | LOOSE_HOST
    | ROOTED
    | DRIVE_PATH
    | CONVERT_SLASHES
    | COMPRESS;

const KNOWN: &[(&str, Option<u16>, u32)] = &[
    ("http", Some(80), WEB),
    ("https", Some(443), WEB),
    ("ws", Some(80), WEB),
    ("wss", Some(443), WEB),
    ("ftp", Some(21), WEB & !QUERY),
    ("file", None, FILE),
    ("gopher", Some(70), PLAIN_SERVER),
    ("nntp", Some(119), PLAIN_SERVER),
    ("telnet", Some(23), PLAIN_SERVER),
    ("ldap", Some(389), PLAIN_SERVER | EMPTY_HOST | QUERY),
    ("news", None, FRAGMENT),
    ("uuid", None, FRAGMENT),
    ("mailto", Some(25), MAIL_LIKE | EMPTY_HOST | LOOSE_HOST | USER_INFO | PORT | QUERY | FRAGMENT),
    ("net.tcp", Some(808), NET | PORT),
    ("net.pipe", None, NET),
    ("vsmacros", None, MACROS),
];

impl Syntax {
    pub fn has(&self, rule: u32) -> bool {
        self.rules & rule != 0
    }

    /// `file`.
    pub fn file() -> Syntax {
        Syntax { name: Cow::Borrowed("file"), port: None, rules: FILE }
    }

    /// `file` with a path that starts with a slash, where a backslash is a character like any other.
    pub fn unix_file() -> Syntax {
        Syntax { name: Cow::Borrowed("file"), port: None, rules: UNIX_FILE }
    }

    /// The rules of a scheme by its name, in any case; `None` where it is no valid name.
    pub fn of(name: &[u16]) -> Option<Syntax> {
        let name = String::from_utf16(name).ok()?;
        if !is_scheme(&name) {
            return None;
        }
        let name = name.to_ascii_lowercase();
        Some(match KNOWN.iter().find(|(known, ..)| *known == name) {
            Some(&(known, port, rules)) => Syntax { name: Cow::Borrowed(known), port, rules },
            None => Syntax { name: Cow::Owned(name), port: None, rules: ANY },
        })
    }
}

/// Whether a scheme may be called so.
pub fn is_scheme(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}
