//! Texts and places: the files that were read, and spans of bytes in them.
//! In: paths and bytes. Out: text of the same length, line and column of any offset. Never touches the disk.

mod cooked;

use std::sync::Arc;

pub use cooked::{Cooked, CookedBuilder, NamedOrigin, PLACEHOLDER, Placeholder};

/// A file among [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A stretch of a file: offsets into the bytes on disk, the end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub const fn new(file: FileId, start: u32, end: u32) -> Span {
        Span { file, start, end }
    }

    /// The smallest span that holds both; `other` must lie in the same file, else `self` is the answer.
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    pub fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place as people and editors count: both from 1, columns in Unicode characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

/// The file is larger than a span can point into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// One text that was read. Shared: a text that several readings of a configuration hold is kept once.
#[derive(Clone, Debug)]
pub struct Source {
    path: Box<str>,
    text: String,
    /// Offset of each line's first byte.
    lines: Vec<u32>,
    /// First byte that is not UTF-8, if there is one; such bytes read as `?`, so that offsets keep.
    first_bad_byte: Option<u32>,
}

/// Every text of one run.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Arc<Source>>,
}

const BOM: &str = "\u{feff}";

impl Source {
    pub fn new(path: impl Into<String>, bytes: Vec<u8>) -> Result<Source, TooLarge> {
        if bytes.len() >= u32::MAX as usize / 2 {
            return Err(TooLarge);
        }
        let (text, first_bad_byte) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let at = error.utf8_error().valid_up_to() as u32;
                (same_length_text(error.as_bytes()), Some(at))
            }
        };
        let mut lines = vec![0];
        lines.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1));
        Ok(Source { path: path.into().into(), text, lines, first_bad_byte })
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Sources {
    pub fn new() -> Sources {
        Sources::default()
    }

    /// Keeps a text. `path` is what findings show; it need not exist.
    pub fn add(&mut self, path: impl Into<String>, bytes: Vec<u8>) -> Result<FileId, TooLarge> {
        self.share(Arc::new(Source::new(path, bytes)?))
    }

    /// Keeps a text that others keep as well.
    pub fn share(&mut self, source: Arc<Source>) -> Result<FileId, TooLarge> {
        if self.files.len() >= u32::MAX as usize {
            return Err(TooLarge);
        }
        let id = FileId(self.files.len() as u32);
        self.files.push(source);
        Ok(id)
    }

    /// A text, to be kept elsewhere as well.
    pub fn shared(&self, file: FileId) -> &Arc<Source> {
        self.files.get(file.0 as usize).expect("a FileId is only made by `share`")
    }

    /// Puts stars over a secret wherever it stands in a file, as it is or escaped for JSON, so that no finding shows it.
    pub fn hide(&mut self, file: FileId, secret: &str) {
        if secret.is_empty() {
            return;
        }
        let json = serde_json::Value::from(secret).to_string();
        let source = &mut self.files[file.0 as usize];
        for form in [secret, json.trim_matches('"')] {
            if source.text.contains(form) {
                // Line ends stay: places count by them.
                let stars: String = form.bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' }).collect();
                // Whoever else keeps the text keeps it as it is.
                let source = Arc::make_mut(source);
                source.text = source.text.replace(form, &stars);
            }
        }
    }

    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    fn file(&self, file: FileId) -> &Source {
        self.shared(file)
    }

    pub fn path(&self, file: FileId) -> &str {
        &self.file(file).path
    }

    /// The text, byte for byte as long as the file (a byte-order mark included).
    pub fn text(&self, file: FileId) -> &str {
        &self.file(file).text
    }

    pub fn bytes(&self, file: FileId) -> &[u8] {
        self.file(file).text.as_bytes()
    }

    pub fn first_bad_byte(&self, file: FileId) -> Option<u32> {
        self.file(file).first_bad_byte
    }

    /// The text of a span; empty where it points outside or cuts a character.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.range()).unwrap_or("")
    }

    /// Line and column of an offset. A byte-order mark takes no column; past the end is the end.
    pub fn place(&self, file: FileId, offset: u32) -> Place {
        let source = self.file(file);
        let offset = (offset as usize).min(source.text.len());
        let line = source.lines.partition_point(|&start| start as usize <= offset) - 1;
        let mut start = source.lines[line] as usize;
        if start == 0 && source.text.starts_with(BOM) {
            start = BOM.len();
        }
        let before = source.text.as_bytes().get(start..offset).unwrap_or(&[]);
        let characters = before.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        Place { line: line as u32 + 1, column: characters as u32 + 1 }
    }

    /// The offset of a place; beyond a line's end is the line's end.
    pub fn offset(&self, file: FileId, place: Place) -> Option<u32> {
        let source = self.file(file);
        let mut start = *source.lines.get(place.line.checked_sub(1)? as usize)? as usize;
        let end = source.lines.get(place.line as usize).map_or(source.text.len(), |&next| next as usize);
        if start == 0 && source.text.starts_with(BOM) {
            start = BOM.len();
        }
        let line = source.text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r']);
        let skipped = line.char_indices().nth(place.column.checked_sub(1)? as usize).map_or(line.len(), |(at, _)| at);
        Some((start + skipped) as u32)
    }
}

/// Text of as many bytes as `bytes`: what is not UTF-8 becomes `?`, one for each byte.
fn same_length_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_skip_the_byte_order_mark() {
        let table: &[(&str, u32, (u32, u32))] = &[
            ("abc", 0, (1, 1)),
            ("abc", 3, (1, 4)),
            ("abc", 9, (1, 4)),
            ("a\nb", 2, (2, 1)),
            ("a\r\nb", 3, (2, 1)),
            ("é<x", 2, (1, 2)),
            ("😀<x", 4, (1, 2)),
            ("\u{feff}<x", 3, (1, 1)),
            ("\u{feff}<x", 4, (1, 2)),
            ("\u{feff}<x", 0, (1, 1)),
            ("\u{feff}<x\ny", 6, (2, 1)),
        ];
        for &(text, offset, (line, column)) in table {
            let mut sources = Sources::new();
            let file = sources.add("t.xml", text.as_bytes().to_vec()).expect("small");
            assert_eq!(sources.place(file, offset), Place { line, column }, "{text:?} at {offset}");
        }
    }

    #[test]
    fn a_place_leads_back_to_its_offset() {
        let mut sources = Sources::new();
        let text = "\u{feff}<a>\r\n é😀b\n";
        let file = sources.add("t.xml", text.as_bytes().to_vec()).expect("small");
        for (offset, character) in text.char_indices().filter(|(_, c)| !matches!(c, '\u{feff}' | '\r' | '\n')) {
            let place = sources.place(file, offset as u32);
            assert_eq!(sources.offset(file, place), Some(offset as u32), "{character}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_keep_their_offsets() {
        let mut sources = Sources::new();
        let file = sources.add("t.xml", b"<a>\xff\xfe</a>".to_vec()).expect("small");
        assert_eq!(sources.text(file), "<a>??</a>");
        assert_eq!(sources.first_bad_byte(file), Some(3));
    }
}
