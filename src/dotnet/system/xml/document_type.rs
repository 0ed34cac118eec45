//! Reading a document type: its identifiers, and the entities that its subset declares.
//!
//! In: the reader at `<!DOCTYPE`. Out: the node; the entities are known to the reader. Never: an external entity.

use super::Result;
use super::node::{self, Data};
use super::read::{Reader, character, lines};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;

impl Reader {
    pub(super) fn document_type(&mut self, cx: &mut Call<'_>) -> Result {
        self.at += "<!DOCTYPE".len();
        if !self.skip_white() {
            return Err(
                self.error(format!("'{}' is an unexpected token. Expecting whitespace.", self.shown(self.at)), self.at)
            );
        }
        let name = self.qualified_name()?;
        self.skip_white();
        let (mut public, mut system, mut subset) = (Value::Null, Value::Null, Value::Null);
        if self.starts("PUBLIC") || self.starts("SYSTEM") {
            let is_public = self.starts("PUBLIC");
            self.at += 6;
            self.skip_white();
            if is_public {
                let text = self.literal()?;
                public = cx.heap.new_wide(&text)?;
                self.skip_white();
            }
            let text = self.literal()?;
            system = cx.heap.new_wide(&text)?;
            self.skip_white();
        }
        if self.peek(0) == Some(91) {
            self.at += 1;
            let from = self.at;
            self.subset(cx)?;
            subset = cx.heap.new_wide(&lines(&self.text[from..self.at]))?;
            self.at += 1;
            self.skip_white();
        }
        if self.peek(0) != Some(62) {
            return Err(self.unexpected(self.at, "'>'"));
        }
        self.at += 1;
        let name = cx.new_str(&name)?;
        if subset.is_null() {
            subset = cx.new_str("")?;
        }
        node::new(cx, Data::DocumentType { name, public, system, subset })
    }

    fn literal(&mut self) -> Result<Vec<u16>> {
        let quote = self.quote()?;
        let from = self.at;
        while self.peek(0).is_some_and(|unit| unit != quote) {
            self.at += 1;
        }
        if self.peek(0).is_none() {
            return Err(self.ended("DTD"));
        }
        self.at += 1;
        Ok(self.text[from..self.at - 1].to_vec())
    }

    /// Declarations up to `]`: general entities are kept, the rest only has to be well formed.
    fn subset(&mut self, cx: &mut Call<'_>) -> Result<()> {
        loop {
            cx.charge_fuel(2)?;
            self.skip_white();
            if self.peek(0) == Some(93) {
                return Ok(());
            } else if self.starts("<!--") {
                self.at += 4;
                self.until("-->", "Comment")?;
            } else if self.starts("<?") {
                self.at += 2;
                self.until("?>", "PI")?;
            } else if self.starts("<!ENTITY") {
                self.at += 8;
                self.entity(cx)?;
            } else if self.starts("<!ELEMENT") || self.starts("<!NOTATION") {
                self.at += 9;
                while self.peek(0).is_some_and(|unit| unit != 62) {
                    if matches!(self.peek(0), Some(34 | 39)) {
                        self.literal()?;
                    } else {
                        self.at += 1;
                    }
                }
                self.at += 1;
            } else if self.starts("<!ATTLIST") {
                let message = "A document type that declares attributes is not supported here.";
                return Err(Fault::not_supported(message));
            } else if self.peek(0) == Some(37) {
                return Err(Fault::not_supported("Parameter entities are not supported here."));
            } else if self.peek(0).is_none() {
                return Err(self.ended("DTD"));
            } else {
                return Err(self.error("Expected DTD markup was not found.", self.at));
            }
        }
    }

    fn entity(&mut self, cx: &mut Call<'_>) -> Result<()> {
        self.skip_white();
        if self.peek(0) == Some(37) {
            return Err(Fault::not_supported("Parameter entities are not supported here."));
        }
        let name = self.qualified_name()?;
        self.skip_white();
        let mut value = None;
        if self.starts("PUBLIC") || self.starts("SYSTEM") {
            // An external entity is declared, but nothing is ever fetched.
            while self.peek(0).is_some_and(|unit| unit != 62) {
                if matches!(self.peek(0), Some(34 | 39)) {
                    self.literal()?;
                } else {
                    self.at += 1;
                }
            }
        } else {
            let text = self.literal()?;
            let mut made = Vec::with_capacity(text.len());
            let mut at = 0;
            while at < text.len() {
                let number = if text[at..].starts_with(&[38, 35]) {
                    text[at..].iter().position(|&unit| unit == 59).and_then(|end| {
                        let digits = String::from_utf16_lossy(&text[at + 2..at + end]);
                        Some((character(&digits)?, end))
                    })
                } else {
                    None
                };
                match number {
                    Some((c, end)) => {
                        made.extend(c.encode_utf16(&mut [0; 2]).iter());
                        at += end + 1;
                    }
                    None => {
                        made.push(text[at]);
                        at += 1;
                    }
                }
            }
            cx.heap.charge(made.len() * 2)?;
            value = Some(made);
        }
        self.skip_white();
        if self.peek(0) != Some(62) {
            return Err(self.unexpected(self.at, "'>'"));
        }
        self.at += 1;
        self.entities.entry(name).or_insert(value);
        Ok(())
    }
}
