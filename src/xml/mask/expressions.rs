//! Expressions in text and in attributes: where they end, in which form they are written, and what is left of a broken one.

use super::*;

impl Mask<'_> {
    /// How long the expression at an offset is, read as it stands.
    pub(super) fn raw_length(&mut self, start: usize) -> Option<usize> {
        let rest = self.text.get(start..)?;
        if self.patience == 0 {
            return None;
        }
        let length = scan::expression_end(rest);
        if length.is_none() {
            self.patience = self.patience.saturating_sub(rest.len());
        }
        length
    }

    /// The expression from `start`, if the text up to `end` is well-formed XML and holds just the expression.
    pub(super) fn well_formed(&self, start: usize, end: usize) -> Option<(usize, Reading)> {
        if self.form == TextForm::Raw {
            return None;
        }
        let candidate = self.text.get(start..end)?;
        let content = candidate.trim_end();
        let end = start + content.len();
        if !content.contains(['&', '<']) {
            return (scan::expression_end(content)? == content.len()).then_some((end, Reading::Raw));
        }
        if content.contains('<') {
            return None;
        }
        let mut rest = content;
        while let Some(at) = rest.find('&') {
            rest = &rest[at + 1..];
            entity::reference(rest)?;
        }
        let mut unescaped = CookedBuilder::new(self.span(start, end));
        entity::unescape(self.text, start as u32, end as u32, false, &mut unescaped);
        let unescaped = unescaped.finish();
        if scan::expression_end(unescaped.text()) != Some(unescaped.text().len()) {
            return None;
        }
        let reads_raw = scan::expression_end(content) == Some(content.len());
        let either = reads_raw && self.raw_reading(start, end) == Reading::Raw;
        Some((end, if either { Reading::Either } else { Reading::Escaped }))
    }

    /// Whether an expression of the raw form was escaped all the same: a reference stands where C# cannot want one.
    pub(super) fn raw_reading(&self, start: usize, end: usize) -> Reading {
        let text = &self.text[start..end];
        if self.form == TextForm::Raw || !text.contains('&') {
            return Reading::Raw;
        }
        let code = &text[2..text.len() - 1];
        let escaped = scan::regions(code).into_iter().any(|(from, to, region)| {
            region == Region::Code
                && code[from..to].match_indices('&').any(|(at, _)| entity::reference(&code[from + at + 1..]).is_some())
        });
        if escaped { Reading::Escaped } else { Reading::Raw }
    }

    pub(super) fn expression(&mut self, start: usize, end: usize, reading: Reading) -> usize {
        if self.text[start..end].contains('<') {
            self.saw_raw = true;
        }
        self.expressions.push(Masked { start: start as u32, end: end as u32, reading });
        self.cover(start, end);
        end
    }

    pub(super) fn broken_expression(&mut self, start: usize) {
        let open = self.byte(start + 1) as char;
        let span = self.span(start, start + 2);
        let finding = Finding::new(codes::XML_EXPRESSION, span, format!("the expression `@{open}` has no end"))
            .label("begins here")
            .help("a bracket, a quote or a comment in it is not closed");
        self.found.push(finding);
    }

    /// The closing quote of a value that begins with an expression, which is masked.
    pub(super) fn attribute_expression(&mut self, tag: &mut Tag, start: usize, quote: u8) -> Option<usize> {
        if let Some(close) = self.find_byte(quote, start)
            && let Some((end, reading)) = self.well_formed(start, close)
        {
            self.expression(start, end, reading);
            return Some(close);
        }
        if self.form != TextForm::Escaped
            && let Some(length) = self.raw_length(start)
        {
            let end = start + length;
            let close = self.skip_any_space(end);
            if self.byte(close) == quote && close < self.bytes.len() {
                let reading = self.raw_reading(start, end);
                self.saw_raw = true;
                self.expression(start, end, reading);
                return Some(close);
            }
            // Something follows: a mixed value, if its quote is where a quote can be.
            if let Some(close) = self.mixed_end(end, quote).filter(|&close| self.ends_value(close)) {
                let reading = self.raw_reading(start, end);
                self.expression(start, end, reading);
                self.cover(end, close);
                return Some(close);
            }
        }
        if tag.sound {
            self.broken_expression(start);
            self.damaged.push(tag.start as u32);
        }
        tag.sound = false;
        let close = self.plausible_close(start, quote)?;
        self.cover(start, close);
        Some(close)
    }

    /// The closing quote after an expression that other text follows, further expressions included.
    pub(super) fn mixed_end(&mut self, mut at: usize, quote: u8) -> Option<usize> {
        loop {
            let byte = *self.bytes.get(at)?;
            if byte == quote {
                return Some(at);
            }
            if matches!(byte, b'<' | b'\n') {
                return None;
            }
            at += match scan::begins_expression(&self.bytes[at..]) {
                true => self.raw_length(at)?,
                false => 1,
            };
        }
    }

    /// The first quote behind which the tag goes on as tags do.
    pub(super) fn plausible_close(&self, start: usize, quote: u8) -> Option<usize> {
        let mut from = start;
        while let Some(close) = self.find_byte(quote, from) {
            let next = self.skip_space(close + 1);
            let goes_on = match self.byte(next) {
                b'>' => true,
                b'/' => self.byte(next + 1) == b'>',
                byte if is_name_start(byte) && next > close + 1 => {
                    let equals = self.skip_space(self.skip_name(next));
                    let value = self.skip_space(equals + 1);
                    self.byte(equals) == b'=' && matches!(self.byte(value), b'"' | b'\'')
                }
                _ => false,
            };
            if goes_on {
                return Some(close);
            }
            from = close + 1;
        }
        None
    }
}
