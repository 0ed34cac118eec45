//! Policy text to XML that any parser reads: a copy of the same length in which expressions, comments, CDATA and
//! references are filled with plain characters, and what is broken is reported and blanked out. Every offset in the
//! copy is an offset in the file. Knows tags, quotes and expressions; builds nothing.

mod expressions;
mod tags;

use super::entity;
use super::scan::{self, Region};
use super::{MAX_FINDINGS, TextForm};
use crate::diagnostics::{Code, Diagnostics, Finding, codes};
use crate::source::{CookedBuilder, FileId, Span};

/// How the text of an expression is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As it stands.
    Raw,
    /// With its entities replaced.
    Escaped,
    /// Both read well: the rest of the file decides.
    Either,
}

/// An expression that was masked, `@` and brackets included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Masked {
    pub start: u32,
    pub end: u32,
    pub reading: Reading,
}

/// The copy, and what was learned while making it.
pub struct Copy {
    pub bytes: Vec<u8>,
    /// In the order of the file.
    pub expressions: Vec<Masked>,
    /// Offsets of start tags in which something was dropped, in order.
    pub damaged: Vec<u32>,
}

pub fn mask(text: &str, file: FileId, form: TextForm, found: &mut Diagnostics) -> Copy {
    let mut mask = Mask {
        text,
        bytes: text.as_bytes(),
        out: text.as_bytes().to_vec(),
        at: 0,
        file,
        form,
        findings: found.len(),
        found,
        expressions: Vec::new(),
        damaged: Vec::new(),
        saw_raw: false,
        patience: PATIENCE,
        open_name: 0..0,
    };
    mask.run();
    let either = if mask.saw_raw { Reading::Raw } else { Reading::Escaped };
    for masked in &mut mask.expressions {
        if masked.reading == Reading::Either {
            masked.reading = either;
        }
    }
    Copy { bytes: mask.out, expressions: mask.expressions, damaged: mask.damaged }
}

/// Looking for the end of an expression that has none may lead to the end of the file, each time: beyond this many
/// bytes, an expression counts as broken without a look.
const PATIENCE: usize = 4 << 20;

struct Mask<'a> {
    text: &'a str,
    bytes: &'a [u8],
    out: Vec<u8>,
    at: usize,
    file: FileId,
    form: TextForm,
    found: &'a mut Diagnostics,
    /// How many findings there were before this text.
    findings: usize,
    expressions: Vec<Masked>,
    damaged: Vec<u32>,
    /// Some expression is no well-formed XML, so the text is of the raw form.
    saw_raw: bool,
    /// How many bytes may still be walked in vain.
    patience: usize,
    /// The name in the last start tag.
    open_name: std::ops::Range<usize>,
}

impl Mask<'_> {
    fn run(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.blank(0, 3);
            self.at = 3;
        }
        while self.at < self.bytes.len() {
            if self.full() {
                self.blank(self.at, self.bytes.len());
                break;
            }
            if self.bytes[self.at] == b'<' { self.markup() } else { self.text() }
        }
    }

    // ---- places

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn find(&self, needle: &[u8], from: usize) -> Option<usize> {
        memchr::memmem::find(self.bytes.get(from..)?, needle).map(|found| from + found)
    }

    fn find_byte(&self, needle: u8, from: usize) -> Option<usize> {
        self.find_byte_in(needle, from, self.bytes.len())
    }

    /// Looks no further than `end`: a search to the end of the file for each tag would take quadratic time.
    fn find_byte_in(&self, needle: u8, from: usize, end: usize) -> Option<usize> {
        memchr::memchr(needle, self.bytes.get(from..end)?).map(|found| from + found)
    }

    fn full(&self) -> bool {
        self.found.len() - self.findings >= MAX_FINDINGS
    }

    fn skip_space(&self, mut at: usize) -> usize {
        while is_space(self.byte(at)) {
            at += 1;
        }
        at
    }

    /// Past white space as .NET's `Trim` sees it, such as the no-break spaces of pasted text.
    fn skip_any_space(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        self.text.len() - rest.trim_start().len()
    }

    fn skip_name(&self, mut at: usize) -> usize {
        while is_name_byte(self.byte(at)) {
            at += 1;
        }
        at
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end.min(self.bytes.len()) as u32)
    }

    /// A span of the whole character at an offset.
    fn one(&self, at: usize) -> Span {
        let length = self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        self.span(at, at + length)
    }

    // ---- the copy

    /// Fills with spaces, keeping line ends.
    fn blank(&mut self, start: usize, end: usize) {
        self.fill(start, end, b' ');
    }

    /// Fills with a character that means nothing to XML.
    fn cover(&mut self, start: usize, end: usize) {
        self.fill(start, end, b'_');
    }

    fn fill(&mut self, start: usize, end: usize, with: u8) {
        if let Some(bytes) = self.out.get_mut(start..end) {
            bytes.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = with);
        }
    }

    fn report(&mut self, code: Code, span: Span, message: impl Into<String>, help: &str) {
        let finding = Finding::new(code, span, message);
        self.found.push(if help.is_empty() { finding } else { finding.help(help) });
    }

    // ---- text

    fn text(&mut self) {
        let first = self.skip_any_space(self.at);
        if scan::begins_expression(&self.bytes[first..]) {
            self.at = self.text_expression(first);
            if self.byte(self.at) == b'<' {
                return;
            }
        }
        let end = self.find_byte(b'<', self.at).unwrap_or(self.bytes.len());
        self.references(self.at, end);
        self.at = end;
    }

    /// Masks the expression that begins a text, and answers with its end.
    fn text_expression(&mut self, start: usize) -> usize {
        let well_formed_end = self.find_byte(b'<', start).unwrap_or(self.bytes.len());
        if let Some((end, reading)) = self.well_formed(start, well_formed_end) {
            return self.expression(start, end, reading);
        }
        if self.form != TextForm::Escaped
            && let Some(length) = self.raw_length(start)
        {
            let end = start + length;
            let next = self.skip_any_space(end);
            if next >= self.bytes.len() || self.byte(next) == b'<' {
                let reading = self.raw_reading(start, end);
                self.saw_raw = true;
                return self.expression(start, end, reading);
            }
            // Something follows: a mixed value, if it is one as far as the next tag.
            let rest = self.find_byte(b'<', next).unwrap_or(self.bytes.len());
            if self.byte(rest + 1) == b'/' || rest >= well_formed_end && end <= well_formed_end {
                let reading = self.raw_reading(start, end);
                return self.expression(start, end, reading);
            }
        }
        self.broken_expression(start);
        let closing = [b"</", &self.bytes[self.open_name.clone()]].concat();
        let end = self.find(&closing, start).unwrap_or(well_formed_end).max(start + 2);
        self.cover(start, end);
        end
    }

    /// Checks the references of plain text, and takes the `&` out of the copy.
    fn references(&mut self, start: usize, end: usize) {
        let mut at = start;
        while let Some(found) = self.find_byte_in(b'&', at, end) {
            self.out[found] = b'_';
            at = found + 1;
            if self.full() || entity::reference(&self.text[at..end]).is_some() {
                continue;
            }
            let name_end = self.skip_name(if self.byte(at) == b'#' { at + 1 } else { at });
            if self.byte(name_end) == b';' && name_end > at && name_end < end {
                let name = &self.text[found..=name_end];
                let message = if self.byte(at) == b'#' {
                    format!("`{name}` is no character that XML admits")
                } else {
                    format!("there is no entity `{name}` here")
                };
                let span = self.span(found, name_end + 1);
                self.report(
                    codes::XML_ENTITY,
                    span,
                    message,
                    "only &lt; &gt; &amp; &quot; &apos; and numbers such as &#160; exist",
                );
            } else {
                let span = self.span(found, found + 1);
                self.report(codes::XML_ENTITY, span, "`&` stands alone", "write `&amp;` for the character itself");
            }
        }
    }

    // ---- markup

    fn markup(&mut self) {
        let start = self.at;
        let rest = &self.bytes[start..];
        if rest.starts_with(b"<!--") {
            self.comment(start);
        } else if rest.starts_with(b"<![CDATA[") {
            match self.find(b"]]>", start) {
                Some(end) => {
                    self.cover(start + 9, end);
                    self.at = end + 3;
                }
                None => self.unclosed(start, 9, "this CDATA section has no `]]>`"),
            }
        } else if rest.starts_with(b"<?") {
            match self.find(b"?>", start) {
                Some(end) => {
                    let declaration = self.bytes[start + 2..].starts_with(b"xml") && is_space(self.byte(start + 5));
                    if declaration && !matches!(&self.text[..start], "" | "\u{feff}") {
                        let span = self.span(start, end + 2);
                        let message = "an XML declaration stands only at the very beginning of a file";
                        self.report(codes::XML_MALFORMED, span, message, "remove it, or what stands before it");
                    }
                    self.cover(start + 2, end);
                    self.at = end + 2;
                }
                None => self.unclosed(start, 2, "this instruction has no `?>`"),
            }
        } else if rest.len() >= 9 && rest[..9].eq_ignore_ascii_case(b"<!DOCTYPE") {
            self.document_type(start);
        } else if rest.starts_with(b"</") && is_name_start(self.byte(start + 2)) {
            self.end_tag(start);
        } else if is_name_start(self.byte(start + 1)) {
            self.start_tag(start);
        } else {
            let run = rest.iter().take_while(|&&byte| byte == b'<').count();
            // The last of several may begin a tag.
            let next = self.byte(start + run);
            let end = start + run - usize::from(run > 1 && (is_name_start(next) || next == b'/'));
            let span = self.span(start, end);
            self.report(codes::XML_MALFORMED, span, "`<` begins no tag here", "write `&lt;` for the character itself");
            self.blank(start, end);
            self.at = end;
        }
    }

    fn unclosed(&mut self, start: usize, length: usize, message: &str) {
        let span = self.span(start, start + length);
        self.report(codes::XML_UNCLOSED, span, message, "");
        self.blank(start, self.bytes.len());
        self.at = self.bytes.len();
    }

    fn comment(&mut self, start: usize) {
        let content = start + 4;
        let end = self.find(b"-->", content);
        let inner = memchr::memmem::find(&self.bytes[content..end.unwrap_or(self.bytes.len())], b"<!--");
        let (Some(end), None) = (end, inner) else {
            // XML would run on to the end of a later comment; what stands on the next line is hardly part of this one.
            let finding = Finding::new(codes::XML_UNCLOSED, self.span(start, content), "this comment has no `-->`");
            self.found.push(match inner.filter(|_| end.is_some()) {
                Some(at) => finding.related(self.span(content + at, content + at + 4), "another one begins here"),
                None => finding,
            });
            let line_end = self.find_byte(b'\n', content).unwrap_or(self.bytes.len());
            let stop = inner.map_or(line_end, |at| line_end.min(content + at));
            self.blank(start, stop);
            self.at = stop;
            return;
        };
        if let Some(at) = memchr::memmem::find(&self.bytes[content..end], b"--") {
            let finding = Finding::new(
                codes::XML_COMMENT,
                self.span(content + at, content + at + 2),
                "XML admits no `--` inside a comment",
            );
            self.found.push(finding.related(self.span(start, content), "the comment begins here"));
        }
        self.blank(content, end);
        self.at = end + 3;
    }

    fn document_type(&mut self, start: usize) {
        let span = self.span(start, start + 9);
        self.report(
            codes::XML_DTD,
            span,
            "document type declarations are refused",
            "remove it: no entity of its own may be used",
        );
        let mut at = start + 9;
        let mut inside = false;
        while at < self.bytes.len() {
            match self.bytes[at] {
                b'[' => inside = true,
                b']' => inside = false,
                b'>' if !inside => break,
                _ => {}
            }
            at += 1;
        }
        let end = (at + 1).min(self.bytes.len());
        self.blank(start, end);
        self.at = end;
    }

    fn end_tag(&mut self, start: usize) {
        let name_end = self.skip_name(start + 2);
        let at = self.skip_space(name_end);
        if self.byte(at) == b'>' && at < self.bytes.len() {
            self.at = at + 1;
            return;
        }
        let name = &self.text[start + 2..name_end];
        let message = format!("the end tag `</{name}` has no `>`");
        let span = self.span(start, name_end);
        self.report(codes::XML_UNCLOSED, span, message, "");
        // Whatever follows up to `>` on this line is junk; without one, the tag ends where its name does.
        let stop =
            self.bytes[at..].iter().position(|b| matches!(b, b'<' | b'>' | b'\n')).map_or(self.bytes.len(), |p| at + p);
        if self.byte(stop) == b'>' {
            self.blank(name_end, stop);
            self.at = stop + 1;
        } else if stop > name_end {
            self.blank(name_end, stop);
            self.out[name_end] = b'>';
            self.at = stop;
        } else {
            // No room for a `>`: the last letter of the name makes some.
            self.blank(start, name_end);
            self.at = name_end;
        }
    }
}

struct Tag {
    start: usize,
    sound: bool,
}

const QUOTE_HELP: &str = "a quote inside a value is written `&quot;`";

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':') || byte >= 0x80
}

fn is_name_byte(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
}
