//! The place in the text: what stands there, what may not, and the words and marks that are read over.

use super::{NAME_ENDED, Reader, is_legal, is_white, lines};
use crate::dotnet::fault::Fault;
use crate::dotnet::system::xml::{Result, name};

impl Reader {
    pub(in super::super) fn peek(&self, ahead: usize) -> Option<u16> {
        self.text.get(self.at + ahead).copied()
    }

    pub(in super::super) fn starts(&self, text: &str) -> bool {
        text.encode_utf16().enumerate().all(|(ahead, unit)| self.peek(ahead) == Some(unit))
    }

    /// An `XmlException` at a place of the text.
    pub(in super::super) fn error(&self, message: impl AsRef<str>, at: usize) -> Fault {
        let before = &self.text[..at.min(self.text.len())];
        let (mut line, mut start) = (1, 0);
        for (place, &unit) in before.iter().enumerate() {
            if unit == 10 || unit == 13 && before.get(place + 1) != Some(&10) {
                line += 1;
                start = place + 1;
            }
        }
        let column = before.len() - start + 1;
        Fault::throw("System.Xml.XmlException", format!("{} Line {line}, position {column}.", message.as_ref()))
    }

    pub(in super::super) fn shown(&self, at: usize) -> String {
        self.text.get(at).map(|&unit| String::from_utf16_lossy(&[unit])).unwrap_or_default()
    }

    pub(in super::super) fn unexpected(&self, at: usize, expected: &str) -> Fault {
        if at >= self.text.len() {
            return self.ended("Name");
        }
        self.error(format!("'{}' is an unexpected token. The expected token is {expected}.", self.shown(at)), at)
    }

    /// The same for the whole word that stands there.
    pub(super) fn unexpected_word(&self, at: usize, expected: &str) -> Fault {
        if at >= self.text.len() {
            return self.ended("Name");
        }
        self.error(format!("'{}' is an unexpected token. The expected token is {expected}.", self.word(at)), at)
    }

    /// The name that stands at a place, or the one character.
    pub(super) fn word(&self, at: usize) -> String {
        let len = self.text[at..].iter().take_while(|&&unit| name::continues_name(unit)).count();
        String::from_utf16_lossy(&self.text[at..(at + len.max(1)).min(self.text.len())])
    }

    pub(in super::super) fn ended(&self, what: &str) -> Fault {
        if self.open.is_empty() && what != "Name" {
            return self.error(format!("Unexpected end of file while parsing {what} has occurred."), self.text.len());
        }
        if what != "Name" {
            return self.error(format!("Unexpected end of file while parsing {what} has occurred."), self.text.len());
        }
        self.error("Unexpected end of file has occurred.", self.text.len())
    }

    pub(super) fn unclosed(&self) -> Fault {
        let names: Vec<&str> = self.open.iter().rev().map(|open| &*open.name).collect();
        let list = names.join(", ");
        let message = format!("Unexpected end of file has occurred. The following elements are not closed: {list}.");
        self.error(message, self.text.len())
    }

    pub(super) fn invalid_character(&self, at: usize) -> Fault {
        let (shown, number) = name::shown_character(&self.text[at..]);
        self.error(format!("'{shown}', hexadecimal value 0x{number:02X}, is an invalid character."), at)
    }

    /// Half of a surrogate pair: after a first half, what follows it is what is wrong.
    pub(super) fn half(&self, at: usize) -> Fault {
        let is_first = (0xD800..=0xDBFF).contains(&self.text[at]);
        self.invalid_character(if is_first && at + 1 < self.text.len() { at + 1 } else { at })
    }

    pub(in super::super) fn skip_white(&mut self) -> bool {
        let from = self.at;
        while self.peek(0).is_some_and(is_white) {
            self.at += 1;
        }
        self.at > from
    }

    /// A name with at most one colon: the whole of it.
    pub(in super::super) fn qualified_name(&mut self) -> Result<String> {
        let from = self.at;
        let mut part = self.at;
        let mut colon = false;
        while let Some(unit) = self.peek(0) {
            if unit == 58 && !colon && self.at > part {
                colon = true;
                part = self.at + 1;
            } else if self.at == part && !name::starts_name(unit) || !name::continues_name(unit) {
                break;
            }
            self.at += 1;
        }
        match self.peek(0) {
            _ if self.at > part => Ok(String::from_utf16_lossy(&self.text[from..self.at])),
            // .NET looks for more of the name behind the last character before it looks at that.
            Some(_) if self.at + 1 == self.text.len() => Err(self.error(NAME_ENDED, self.at)),
            Some(_) => Err(self.error(name::bad_character(&self.text[self.at..], true), self.at)),
            None => Err(self.ended("Name")),
        }
    }

    /// The text up to `stop`, which is passed over too.
    pub(in super::super) fn until(&mut self, stop: &str, what: &str) -> Result<Vec<u16>> {
        let stop: Vec<u16> = stop.encode_utf16().collect();
        let rest = &self.text[self.at..];
        let Some(found) = rest.windows(stop.len()).position(|window| window == stop) else {
            return Err(self.ended(what));
        };
        let from = self.at;
        if let Some(bad) = rest[..found].iter().position(|&unit| !is_legal(unit)) {
            return Err(self.invalid_character(from + bad));
        }
        self.at += found + stop.len();
        Ok(lines(&self.text[from..from + found]))
    }

    // ---- the document

    pub(in super::super) fn quote(&mut self) -> Result<u16> {
        match self.peek(0) {
            Some(quote @ (34 | 39)) => {
                self.at += 1;
                Ok(quote)
            }
            _ => Err(self.unexpected_word(self.at, "'\"' or '''")),
        }
    }
}
