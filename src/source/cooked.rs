//! Cooked text: what a reader (C#, an enumeration, Liquid) sees after entities, line ends and named values were
//! replaced, with a map from each of its bytes back to the bytes on disk.

use super::{FileId, Span};
use std::fmt;

/// A stand-in for an unresolved `{{name}}` in C# code starts with this; the rest is a number.
/// It reads as an identifier, and has no type: whatever is done with it is right.
pub const PLACEHOLDER: &str = "__named_value_";

/// Where a replaced stretch came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedOrigin {
    pub name: Box<str>,
    pub secret: bool,
}

/// An unresolved named value, in code, that reads as an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// The named value's own name.
    pub name: Box<str>,
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    /// Where it begins in the cooked text; it ends where the next begins.
    at: u32,
    /// Offsets in the file.
    start: u32,
    end: u32,
    /// Byte for byte the same as in the file, so that offsets inside it can be told.
    verbatim: bool,
    origin: Option<Box<NamedOrigin>>,
}

/// Text that remembers where each byte was written. `Debug` hides what a secret named value put in.
#[derive(Clone, PartialEq, Eq)]
pub struct Cooked {
    text: String,
    span: Span,
    pieces: Vec<Piece>,
    placeholders: Vec<Placeholder>,
}

impl Cooked {
    /// Text that stands in the file exactly so, from `start` on.
    pub fn verbatim(text: &str, file: FileId, start: u32) -> Cooked {
        let mut builder = CookedBuilder::new(Span::new(file, start, start + text.len() as u32));
        builder.verbatim(text, start);
        builder.finish()
    }

    /// Text that no file holds, such as an expression from the command line's own parts; all of it maps to `span`.
    pub fn made(text: &str, span: Span) -> Cooked {
        let mut builder = CookedBuilder::new(span);
        builder.replaced(text, span.start, span.end, None);
        builder.finish()
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The whole of it, in the file.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Where the bytes from `start` to `end` of the cooked text were written.
    pub fn source_span(&self, start: u32, end: u32) -> Span {
        let from = match self.piece_at(start) {
            Some(piece) if piece.verbatim => (piece.start + (start - piece.at)).min(piece.end),
            Some(piece) => piece.start,
            None => self.span.start,
        };
        let to = if end <= start {
            from
        } else {
            match self.piece_at(end - 1) {
                Some(piece) if piece.verbatim => (piece.start + (end - piece.at)).min(piece.end),
                Some(piece) => piece.end,
                None => self.span.end,
            }
        };
        Span::new(self.span.file, from, to.max(from))
    }

    /// The named value that put in any byte of the stretch.
    pub fn named_value(&self, start: u32, end: u32) -> Option<&NamedOrigin> {
        self.pieces_in(start, end).find_map(|piece| piece.origin.as_deref())
    }

    /// Whether any byte of the stretch came from a secret named value.
    pub fn is_secret(&self, start: u32, end: u32) -> bool {
        self.pieces_in(start, end).any(|piece| piece.origin.as_ref().is_some_and(|origin| origin.secret))
    }

    /// Whether any of the text came from a secret named value.
    pub fn holds_secret(&self) -> bool {
        self.is_secret(0, self.text.len() as u32)
    }

    /// The named values that were put in, in order.
    pub fn named_values(&self) -> impl Iterator<Item = &NamedOrigin> {
        self.pieces.iter().filter_map(|piece| piece.origin.as_deref())
    }

    /// Named values without a value, each standing as an identifier.
    pub fn placeholders(&self) -> &[Placeholder] {
        &self.placeholders
    }

    /// The text with each secret stretch as `***`: fit for a finding, a trace or a log.
    pub fn shown(&self) -> String {
        let mut shown = String::with_capacity(self.text.len());
        for (index, piece) in self.pieces.iter().enumerate() {
            let end = self.pieces.get(index + 1).map_or(self.text.len(), |next| next.at as usize);
            match &piece.origin {
                Some(origin) if origin.secret => shown.push_str("***"),
                _ => shown.push_str(self.text.get(piece.at as usize..end).unwrap_or("")),
            }
        }
        shown
    }

    /// A part of the text, with its own map.
    pub fn slice(&self, start: u32, end: u32) -> Cooked {
        let end = end.min(self.text.len() as u32).max(start);
        let mut pieces: Vec<Piece> = Vec::new();
        for (index, piece) in self.pieces.iter().enumerate() {
            let piece_end = self.pieces.get(index + 1).map_or(self.text.len() as u32, |next| next.at);
            if piece_end <= start || piece.at >= end {
                continue;
            }
            let mut cut = piece.clone();
            if cut.at < start {
                if cut.verbatim {
                    cut.start += start - cut.at;
                }
                cut.at = start;
            }
            if cut.verbatim {
                cut.end = cut.start + (end.min(piece_end) - cut.at);
            }
            cut.at -= start;
            pieces.push(cut);
        }
        let placeholders = self.placeholders.iter().filter(|p| p.start >= start && p.end <= end);
        Cooked {
            text: self.text.get(start as usize..end as usize).unwrap_or("").to_owned(),
            span: self.source_span(start, end),
            pieces,
            placeholders: placeholders
                .map(|p| Placeholder { name: p.name.clone(), start: p.start - start, end: p.end - start })
                .collect(),
        }
    }

    /// The same without white space at either end.
    pub fn trimmed(&self) -> Cooked {
        let start = self.text.len() - self.text.trim_start().len();
        let end = start + self.text.trim().len();
        self.slice(start as u32, end as u32)
    }

    fn piece_at(&self, offset: u32) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.at <= offset);
        self.pieces.get(after.checked_sub(1)?)
    }

    fn pieces_in(&self, start: u32, end: u32) -> impl Iterator<Item = &Piece> {
        let first = self.pieces.partition_point(|piece| piece.at <= start).saturating_sub(1);
        self.pieces[first.min(self.pieces.len())..].iter().take_while(move |piece| piece.at < end)
    }
}

impl fmt::Debug for Cooked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{}..{}", self.shown(), self.span.start, self.span.end)
    }
}

/// Builds a [`Cooked`] from left to right.
#[derive(Debug)]
pub struct CookedBuilder {
    cooked: Cooked,
}

impl CookedBuilder {
    /// `span` is the whole stretch of the file that is being cooked.
    pub fn new(span: Span) -> CookedBuilder {
        CookedBuilder { cooked: Cooked { text: String::new(), span, pieces: Vec::new(), placeholders: Vec::new() } }
    }

    /// Adds text that stands at `start` of the file byte for byte.
    pub fn verbatim(&mut self, text: &str, start: u32) {
        if text.is_empty() {
            return;
        }
        let at = self.cooked.text.len() as u32;
        let end = start + text.len() as u32;
        match self.cooked.pieces.last_mut() {
            Some(last) if last.verbatim && last.origin.is_none() && last.end == start => last.end = end,
            _ => self.cooked.pieces.push(Piece { at, start, end, verbatim: true, origin: None }),
        }
        self.cooked.text.push_str(text);
    }

    /// Adds text in the place of what stands from `start` to `end` of the file.
    pub fn replaced(&mut self, text: &str, start: u32, end: u32, origin: Option<NamedOrigin>) {
        if text.is_empty() {
            return;
        }
        let at = self.cooked.text.len() as u32;
        self.cooked.pieces.push(Piece { at, start, end, verbatim: false, origin: origin.map(Box::new) });
        self.cooked.text.push_str(text);
    }

    /// Adds an identifier in the place of an unresolved named value.
    pub fn placeholder(&mut self, name: &str, start: u32, end: u32) {
        let at = self.cooked.text.len() as u32;
        let identifier = format!("{PLACEHOLDER}{}", self.cooked.placeholders.len());
        let to = at + identifier.len() as u32;
        self.cooked.placeholders.push(Placeholder { name: name.into(), start: at, end: to });
        self.replaced(&identifier, start, end, None);
    }

    /// Adds a part of another cooked text with its map.
    pub fn append(&mut self, other: &Cooked, start: u32, end: u32) {
        let part = other.slice(start, end);
        let at = self.cooked.text.len() as u32;
        self.cooked.pieces.extend(part.pieces.into_iter().map(|piece| Piece { at: piece.at + at, ..piece }));
        self.cooked.placeholders.extend(part.placeholders.into_iter().map(|p| Placeholder {
            start: p.start + at,
            end: p.end + at,
            ..p
        }));
        self.cooked.text.push_str(&part.text);
    }

    pub fn text(&self) -> &str {
        &self.cooked.text
    }

    pub fn finish(self) -> Cooked {
        self.cooked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a &quot;{{key}}&quot; b` in the file from byte 10 on, cooked to `a "VALUE" b`.
    fn sample(secret: bool) -> Cooked {
        let mut builder = CookedBuilder::new(Span::new(FileId(0), 10, 33));
        builder.verbatim("a ", 10);
        builder.replaced("\"", 12, 18, None);
        builder.replaced("VALUE", 18, 25, Some(NamedOrigin { name: "key".into(), secret }));
        builder.replaced("\"", 25, 31, None);
        builder.verbatim(" b", 31);
        builder.finish()
    }

    #[test]
    fn cooked_offsets_lead_to_the_file() {
        let cooked = sample(false);
        assert_eq!(cooked.text(), "a \"VALUE\" b");
        let table = [
            ((0, 1), (10, 11)),
            ((1, 1), (11, 11)),
            ((0, 3), (10, 18)),
            ((2, 3), (12, 18)),
            ((3, 8), (18, 25)),
            ((4, 5), (18, 25)),
            ((2, 9), (12, 31)),
            ((9, 11), (31, 33)),
            ((0, 11), (10, 33)),
        ];
        for ((start, end), (from, to)) in table {
            assert_eq!(cooked.source_span(start, end), Span::new(FileId(0), from, to), "{start}..{end}");
            let sliced = cooked.slice(start, end);
            assert_eq!(sliced.text(), &cooked.text()[start as usize..end as usize]);
            assert_eq!(sliced.source_span(0, end - start), Span::new(FileId(0), from, to), "slice {start}..{end}");
        }
    }

    #[test]
    fn a_secret_is_known_and_never_shown() {
        let cooked = sample(true);
        assert!(cooked.is_secret(4, 5) && cooked.is_secret(0, 11) && !cooked.is_secret(0, 3));
        assert_eq!(cooked.named_value(2, 9).map(|origin| &*origin.name), Some("key"));
        assert!(!format!("{cooked:?}").contains("VALUE"));
        assert_eq!(cooked.shown(), "a \"***\" b");
    }

    #[test]
    fn an_unresolved_name_stands_as_an_identifier() {
        let mut builder = CookedBuilder::new(Span::new(FileId(0), 0, 9));
        builder.verbatim("1+", 0);
        builder.placeholder("key", 2, 9);
        let cooked = builder.finish();
        assert_eq!(cooked.text(), "1+__named_value_0");
        let found = &cooked.placeholders()[0];
        assert_eq!(cooked.source_span(found.start, found.end), Span::new(FileId(0), 2, 9));
    }
}
