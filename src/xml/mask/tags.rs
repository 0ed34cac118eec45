//! Start tags and their attributes. What is broken is reported once for a tag, and blanked out.

use super::*;

impl Mask<'_> {
    pub(super) fn start_tag(&mut self, start: usize) {
        let name_end = self.skip_name(start + 1);
        self.open_name = start + 1..name_end;
        let mut tag = Tag { start, sound: true };
        let mut at = name_end;
        loop {
            let spaced = self.skip_space(at);
            let had_space = spaced > at;
            at = spaced;
            match self.byte(at) {
                _ if at >= self.bytes.len() => return self.cut_tag(&mut tag, name_end, at),
                b'<' => return self.cut_tag(&mut tag, name_end, at),
                b'>' => {
                    self.at = at + 1;
                    return;
                }
                b'/' if self.byte(at + 1) == b'>' => {
                    self.at = at + 2;
                    return;
                }
                byte if is_name_start(byte) => {
                    if !had_space {
                        let end = self.skip_name(at);
                        let span = self.span(at, end);
                        self.damage(
                            &mut tag,
                            codes::XML_MALFORMED,
                            span,
                            "white space is missing before this",
                            QUOTE_HELP,
                        );
                    }
                    at = self.attribute(&mut tag, at);
                }
                _ => {
                    let span = self.one(at);
                    let message =
                        format!("`{}` cannot stand here in a tag", self.text.get(span.range()).unwrap_or("?"));
                    self.damage(&mut tag, codes::XML_MALFORMED, span, message, QUOTE_HELP);
                    let end = self.junk_end(at + span.len() as usize);
                    self.blank(at, end);
                    at = end;
                }
            }
        }
    }

    /// Where nonsense inside a tag ends: at white space, a bracket or the tag's end.
    pub(super) fn junk_end(&self, from: usize) -> usize {
        let stop = |(at, &byte): (usize, &u8)| {
            is_space(byte) || matches!(byte, b'<' | b'>') || byte == b'/' && self.byte(from + at + 1) == b'>'
        };
        let rest = &self.bytes[from..];
        rest.iter().enumerate().position(|(at, byte)| stop((at, byte))).map_or(self.bytes.len(), |at| from + at)
    }

    /// Reports what is wrong in a start tag; only the first of it, the rest follows from that.
    pub(super) fn damage(&mut self, tag: &mut Tag, code: Code, span: Span, message: impl Into<String>, help: &str) {
        if tag.sound {
            self.report(code, span, message, help);
            self.damaged.push(tag.start as u32);
        }
        tag.sound = false;
    }

    /// The tag has no `>` before the next `<`.
    pub(super) fn cut_tag(&mut self, tag: &mut Tag, name_end: usize, at: usize) {
        let span = self.span(tag.start, name_end);
        let message = format!("the tag `<{}` has no `>`", &self.text[tag.start + 1..name_end]);
        self.damage(tag, codes::XML_UNCLOSED, span, message, "");
        if at > name_end && is_space(self.byte(at - 1)) {
            self.out[at - 1] = b'>';
        } else {
            self.blank(tag.start, at);
        }
        self.at = at;
    }

    /// Reads an attribute and answers with its end.
    pub(super) fn attribute(&mut self, tag: &mut Tag, start: usize) -> usize {
        let name_end = self.skip_name(start);
        let name = &self.text[start..name_end];
        let equals = self.skip_space(name_end);
        if self.byte(equals) != b'=' {
            let span = self.span(start, name_end);
            self.damage(tag, codes::XML_MALFORMED, span, format!("the attribute `{name}` has no value"), QUOTE_HELP);
            self.blank(start, name_end);
            return name_end;
        }
        let open = self.skip_space(equals + 1);
        let quote = self.byte(open);
        if !matches!(quote, b'"' | b'\'') {
            let end = self.junk_end(open).max(equals + 1);
            let span = self.span(open, end);
            self.damage(tag, codes::XML_MALFORMED, span, format!("the value of `{name}` must be in quotes"), "");
            self.blank(start, end);
            return end;
        }
        let first = self.skip_any_space(open + 1);
        let close = if scan::begins_expression(&self.bytes[first..]) {
            self.attribute_expression(tag, first, quote)
        } else {
            self.attribute_text(tag, open, quote)
        };
        match close {
            Some(close) => close + 1,
            None => {
                let span = self.span(open, open + 1);
                self.damage(tag, codes::XML_UNCLOSED, span, format!("the value of `{name}` has no closing quote"), "");
                let end = open
                    + 1
                    + self.bytes[open + 1..]
                        .iter()
                        .position(|b| matches!(b, b'\n' | b'<' | b'>'))
                        .unwrap_or(self.bytes.len() - open - 1);
                let end = if self.bytes[..end].ends_with(b"/") && self.byte(end) == b'>' { end - 1 } else { end };
                self.blank(start, end);
                end
            }
        }
    }

    /// The closing quote of a constant.
    pub(super) fn attribute_text(&mut self, tag: &mut Tag, open: usize, quote: u8) -> Option<usize> {
        let close = self.find_byte(quote, open + 1)?;
        // The quote of a later attribute, after a line end that is hardly meant, closes nothing.
        if !self.ends_value(close) && self.bytes[open..close].contains(&b'\n') {
            return None;
        }
        if let Some(bracket) = self.find_byte_in(b'<', open + 1, close) {
            if !self.ends_value(close) || self.bytes[open..close].contains(&b'\n') && self.byte(bracket + 1) == b'/' {
                return None;
            }
            let span = self.span(bracket, bracket + 1);
            self.damage(
                tag,
                codes::XML_MALFORMED,
                span,
                "`<` cannot stand in an attribute's value",
                "write `&lt;` for the character itself",
            );
            self.cover(open + 1, close);
            return Some(close);
        }
        self.references(open + 1, close);
        Some(close)
    }

    /// Whether a quote can be the end of a value, by what follows it.
    pub(super) fn ends_value(&self, quote: usize) -> bool {
        let after = self.byte(quote + 1);
        quote + 1 >= self.bytes.len() || is_space(after) || matches!(after, b'>' | b'/' | b'?')
    }
}
