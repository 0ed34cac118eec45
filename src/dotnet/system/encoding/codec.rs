//! Text to bytes and back, by code page. Malformed input is replaced, as .NET's shared encodings do.

use super::utf7;

/// Its value is .NET's code page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Utf16 = 1200,
    Utf16Big = 1201,
    Utf32 = 12000,
    Utf32Big = 12001,
    Ascii = 20127,
    Latin1 = 28591,
    Utf7 = 65000,
    Utf8 = 65001,
}

/// In the order of `Encoding.GetEncodings()`.
pub const PAGES: [Page; 8] =
    [Page::Utf16, Page::Utf16Big, Page::Utf32, Page::Utf32Big, Page::Ascii, Page::Latin1, Page::Utf7, Page::Utf8];

/// Every name that .NET takes, in lower case.
const NAMES: &[(Page, &[&str])] = &[
    (Page::Utf16, &["utf-16", "iso-10646-ucs-2", "ucs-2", "unicode", "utf-16le"]),
    (Page::Utf16Big, &["utf-16be", "unicodefffe"]),
    (Page::Utf32, &["utf-32", "utf-32le"]),
    (Page::Utf32Big, &["utf-32be"]),
    (
        Page::Ascii,
        &[
            "us-ascii",
            "ansi_x3.4-1968",
            "ansi_x3.4-1986",
            "ascii",
            "cp367",
            "csascii",
            "ibm367",
            "iso-ir-6",
            "iso646-us",
            "iso_646.irv:1991",
            "us",
        ],
    ),
    (
        Page::Latin1,
        &[
            "iso-8859-1",
            "cp819",
            "csisolatin1",
            "ibm819",
            "iso-ir-100",
            "iso8859-1",
            "iso_8859-1",
            "iso_8859-1:1987",
            "l1",
            "latin1",
        ],
    ),
    (
        Page::Utf7,
        &[
            "utf-7",
            "csunicode11utf7",
            "unicode-1-1-utf-7",
            "unicode-2-0-utf-7",
            "x-unicode-1-1-utf-7",
            "x-unicode-2-0-utf-7",
        ],
    ),
    (Page::Utf8, &["utf-8", "unicode-1-1-utf-8", "unicode-2-0-utf-8", "x-unicode-1-1-utf-8", "x-unicode-2-0-utf-8"]),
];

impl Page {
    pub fn named(name: &str) -> Option<Page> {
        let name = name.to_ascii_lowercase();
        NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(page, _)| *page)
    }

    pub fn web_name(self) -> &'static str {
        match self {
            Page::Utf16 => "utf-16",
            Page::Utf16Big => "utf-16BE",
            Page::Utf32 => "utf-32",
            Page::Utf32Big => "utf-32BE",
            Page::Ascii => "us-ascii",
            Page::Latin1 => "iso-8859-1",
            Page::Utf7 => "utf-7",
            Page::Utf8 => "utf-8",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Page::Utf16 => "Unicode",
            Page::Utf16Big => "Unicode (Big-Endian)",
            Page::Utf32 => "Unicode (UTF-32)",
            Page::Utf32Big => "Unicode (UTF-32 Big-Endian)",
            Page::Ascii => "US-ASCII",
            Page::Latin1 => "Western European (ISO)",
            Page::Utf7 => "Unicode (UTF-7)",
            Page::Utf8 => "Unicode (UTF-8)",
        }
    }

    /// The byte order mark.
    pub fn mark(self) -> &'static [u8] {
        match self {
            Page::Utf8 => &[0xEF, 0xBB, 0xBF],
            Page::Utf16 => &[0xFF, 0xFE],
            Page::Utf16Big => &[0xFE, 0xFF],
            Page::Utf32 => &[0xFF, 0xFE, 0, 0],
            Page::Utf32Big => &[0, 0, 0xFE, 0xFF],
            Page::Ascii | Page::Latin1 | Page::Utf7 => &[],
        }
    }

    pub fn encode(self, units: &[u16]) -> Vec<u8> {
        let chars = || char::decode_utf16(units.iter().copied()).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        match self {
            Page::Utf8 => chars().collect::<String>().into_bytes(),
            // One `?` per UTF-16 unit that does not fit.
            Page::Ascii => units.iter().map(|&u| if u < 0x80 { u as u8 } else { b'?' }).collect(),
            Page::Latin1 => units.iter().map(|&u| u8::try_from(u).unwrap_or_else(|_| best_fit(u))).collect(),
            Page::Utf16 => chars().collect::<String>().encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Page::Utf16Big => chars().collect::<String>().encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Page::Utf32 => chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
            Page::Utf32Big => chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
            Page::Utf7 => utf7::encode(units),
        }
    }

    pub fn decode(self, bytes: &[u8]) -> Vec<u16> {
        let wide = |read: fn([u8; 2]) -> u16| -> Vec<u16> {
            let pairs = bytes.chunks_exact(2);
            let rest = if pairs.remainder().is_empty() { "" } else { "\u{FFFD}" };
            let units = pairs.map(|pair| read([pair[0], pair[1]]));
            let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
            text.chain(rest.chars()).collect::<String>().encode_utf16().collect()
        };
        let four = |read: fn([u8; 4]) -> u32| -> Vec<u16> {
            let chars = bytes.chunks(4).map(|four| {
                let four: Option<[u8; 4]> = four.try_into().ok();
                four.and_then(|four| char::from_u32(read(four))).unwrap_or(char::REPLACEMENT_CHARACTER)
            });
            chars.collect::<String>().encode_utf16().collect()
        };
        match self {
            Page::Utf8 => String::from_utf8_lossy(bytes).encode_utf16().collect(),
            Page::Ascii => bytes.iter().map(|&b| if b < 0x80 { b.into() } else { b'?'.into() }).collect(),
            Page::Latin1 => bytes.iter().map(|&b| b.into()).collect(),
            Page::Utf16 => wide(u16::from_le_bytes),
            Page::Utf16Big => wide(u16::from_be_bytes),
            Page::Utf32 => four(u32::from_le_bytes),
            Page::Utf32Big => four(u32::from_be_bytes),
            Page::Utf7 => utf7::decode(bytes),
        }
    }

    /// `GetMaxByteCount`.
    pub fn most_bytes(self, chars: i64) -> i64 {
        match self {
            Page::Utf8 => (chars + 1) * 3,
            Page::Ascii | Page::Latin1 => chars + 1,
            Page::Utf16 | Page::Utf16Big => (chars + 1) * 2,
            Page::Utf32 | Page::Utf32Big => (chars + 1) * 4,
            Page::Utf7 => chars * 3 + 2,
        }
    }

    /// `GetMaxCharCount`.
    pub fn most_chars(self, bytes: i64) -> i64 {
        match self {
            Page::Utf8 => bytes + 1,
            Page::Ascii | Page::Latin1 => bytes,
            Page::Utf16 | Page::Utf16Big => bytes / 2 + bytes % 2 + 1,
            Page::Utf32 | Page::Utf32Big => bytes / 2 + 2,
            Page::Utf7 => bytes.max(1),
        }
    }
}

/// Where a run of characters outside Latin-1 starts, and what .NET writes for each of them.
#[rustfmt::skip] // a table
const BEST_FIT: &[(u16, &str)] = &[
    (0x100, "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi"), (0x134, "JjKk"), (0x139, "LlLlLl"), (0x141, "LlNnNnNn"),
    (0x14C, "OoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZz"), (0x180, "b"), (0x189, "D"), (0x191, "Ff"), (0x197, "I"),
    (0x19A, "l"), (0x19F, "OOo"), (0x1AB, "t"), (0x1AE, "TUu"), (0x1B6, "z"), (0x1CD, "AaIiOoUuUuUuUuUu"), (0x1DE, "Aa"),
    (0x1E4, "GgGgKkOoOo"), (0x1F0, "j"), (0x261, "g"), (0x2B9, "'\""), (0x2BC, "'"), (0x2C4, "^"), (0x2C6, "^"), (0x2C8, "'"),
    (0x2CB, "`"), (0x2CD, "_"), (0x2DC, "~"), (0x300, "`"), (0x302, "^~"), (0x30E, "\""), (0x331, "__"), (0x2000, "       "),
    (0x2010, "--"), (0x2013, "--"), (0x2018, "'',"), (0x201C, "\"\"\""), (0x2022, "."), (0x2026, "."), (0x2032, "'"),
    (0x2035, "`"), (0x2039, "<>"), (0x2122, "T"), (0xFF01, "!\"#$%&'()*+,-./0123456789:;<=>"),
    (0xFF20, "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"),
];

fn best_fit(unit: u16) -> u8 {
    let after = BEST_FIT.partition_point(|(start, _)| *start <= unit);
    let run = after.checked_sub(1).map(|at| &BEST_FIT[at]);
    run.and_then(|(start, text)| text.as_bytes().get(usize::from(unit - start))).copied().unwrap_or(b'?')
}
