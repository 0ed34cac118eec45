//! Text as a tree, with the errors that `XmlReader` reports and the white space that it drops.
//!
//! In: UTF-16 text. Out: nodes in the heap. Internal document types are read for their entities (`document_type.rs`);
//! nothing outside the text is ever fetched. Never: recursion over the depth of the text.

mod cursor;
mod tags;

use super::name::{self, Name, XML, XMLNS};
use super::node::{self, Content, Data};
use super::{Result, content, declaration};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Element,
    Document,
}

/// Text that entities may bring in, in characters.
const MAX_FROM_ENTITIES: usize = 10_000_000;

pub(super) struct Reader {
    pub(super) text: Vec<u16>,
    pub(super) at: usize,
    pub(super) preserve: bool,
    pub(super) entities: HashMap<String, Option<Vec<u16>>>,
    /// Entities under way: name, and how much text is left when it ends.
    pub(super) active: Vec<(String, usize)>,
    pub(super) from_entities: usize,
    pub(super) names: HashMap<(Arc<str>, String), Arc<Name>>,
    /// Prefix, namespace: newest last.
    pub(super) namespaces: Vec<(String, Arc<str>)>,
    pub(super) open: Vec<Open>,
    /// Character data since the last markup, and whether all of it is white space.
    pub(super) buffer: Vec<u16>,
}

pub(super) struct Open {
    element: Value,
    /// Where its qualified name stands.
    name: String,
    name_at: usize,
    namespaces: usize,
    keeps_space: bool,
}

fn is_white(unit: u16) -> bool {
    matches!(unit, 9 | 10 | 13 | 32)
}

fn is_legal(unit: u16) -> bool {
    matches!(unit, 9 | 10 | 13 | 0x20..=0xFFFD)
}

/// `XElement.Parse`, `XDocument.Parse`.
pub fn parse(cx: &mut Call<'_>, text: Value, preserve: bool, wanted: Wanted) -> Result {
    let units = cx.str(text, "s")?.to_wide();
    let reader = Reader::new(cx, units, preserve)?;
    // A text is characters already: only bytes begin with a mark.
    if reader.peek(0) == Some(BYTE_ORDER_MARK) {
        return Err(reader.error("Data at the root level is invalid.", 0));
    }
    read_all(cx, reader, wanted)
}

/// `XElement.Load`, `XDocument.Load` of bytes, by their text.
pub fn load(cx: &mut Call<'_>, text: Value, preserve: bool, wanted: Wanted) -> Result {
    let units = cx.str(text, "s")?.to_wide();
    let reader = Reader::new(cx, units, preserve)?;
    read_all(cx, reader, wanted)
}

const NAME_ENDED: &str = "Unexpected end of file while parsing Name has occurred.";
const BYTE_ORDER_MARK: u16 = 0xFEFF;

fn read_all(cx: &mut Call<'_>, mut reader: Reader, wanted: Wanted) -> Result {
    let document = node::new_document(cx, Value::Null)?;
    reader.document(cx, document)?;
    if wanted == Wanted::Document {
        return Ok(document);
    }
    let root = super::walk::root_element(cx, document)?;
    node::remove(cx, root)?;
    Ok(root)
}

/// Reads as far as the text is right: the document, the elements that are open at that place, and what is wrong there.
pub fn parse_partly(cx: &mut Call<'_>, text: Value) -> Result<(Value, Vec<Value>, Option<Fault>)> {
    let units = cx.str(text, "s")?.to_wide();
    let mut reader = Reader::new(cx, units, true)?;
    let document = node::new_document(cx, Value::Null)?;
    match reader.document(cx, document) {
        Ok(()) => Ok((document, Vec::new(), None)),
        Err(fault @ Fault::Throw(_)) => {
            Ok((document, reader.open.iter().map(|open| open.element).collect(), Some(fault)))
        }
        Err(other) => Err(other),
    }
}

impl Reader {
    fn new(cx: &mut Call<'_>, text: Vec<u16>, preserve: bool) -> Result<Reader> {
        cx.charge_fuel(text.len() / 4)?;
        cx.heap.charge(text.len() * 2)?;
        Ok(Reader {
            text,
            at: 0,
            preserve,
            entities: HashMap::new(),
            active: Vec::new(),
            from_entities: 0,
            names: HashMap::new(),
            namespaces: vec![("xml".into(), XML.into()), ("xmlns".into(), XMLNS.into())],
            open: Vec::new(),
            buffer: Vec::new(),
        })
    }

    fn document(&mut self, cx: &mut Call<'_>, document: Value) -> Result<()> {
        if self.text.is_empty() {
            return Err(Fault::throw("System.Xml.XmlException", "Root element is missing."));
        }
        if self.text[0] == BYTE_ORDER_MARK {
            self.at = 1;
        }
        let begin = self.at;
        if self.starts("<?xml") && self.peek(5).is_some_and(|unit| !name::continues_name(unit)) {
            self.at += 5;
            let made = self.xml_declaration(cx)?;
            if let Data::Document { declaration, .. } = &mut node::get_mut(cx, document)?.data {
                *declaration = made;
            }
        }
        let mut has_root = false;
        let mut has_type = false;
        loop {
            cx.charge_fuel(1)?;
            let from = self.at;
            self.skip_white();
            if self.preserve && self.at > from {
                let text = cx.heap.new_wide(&lines(&self.text[from..self.at]))?;
                content::add_text(cx, document, text, true)?;
            }
            if self.at >= self.text.len() {
                break;
            }
            let unit = self.text[self.at];
            if !is_legal(unit) || (0xD800..=0xDFFF).contains(&unit) {
                return Err(self.invalid_character(self.at));
            }
            if unit != 60 || self.text.len() - self.at < 4 || self.starts("<![CDATA[") {
                return Err(self.error("Data at the root level is invalid.", self.at));
            }
            if self.starts("<!--") || self.starts("<?") {
                if self.at > begin && self.starts("<?xml") && self.peek(5).is_some_and(is_white) {
                    let message = "Unexpected XML declaration. The XML declaration must be the first node in the document, and no whitespace characters are allowed to appear before it.";
                    return Err(self.error(message, self.at + 2));
                }
                let made = self.comment_or_instruction(cx)?;
                content::add_node(cx, document, made)?;
            } else if self.starts("<!DOCTYPE") {
                if has_root {
                    return Err(self.error("DTD must be defined before the document root element.", self.at));
                }
                if has_type {
                    return Err(self.error("Cannot have multiple DTDs.", self.at));
                }
                has_type = true;
                let made = self.document_type(cx)?;
                content::add_node(cx, document, made)?;
            } else if self.starts("<!-") {
                return Err(self.unexpected_word(self.at + 3, "'-'"));
            } else if self.starts("<!") {
                return Err(self.unexpected_word(self.at + 2, "'DOCTYPE'"));
            } else if self.starts("</") {
                return Err(self.error("Unexpected end tag.", self.at + 2));
            } else if has_root {
                return Err(self.error("There are multiple root elements.", self.at + 1));
            } else {
                has_root = true;
                self.element(cx, document)?;
            }
        }
        if has_root { Ok(()) } else { Err(Fault::throw("System.Xml.XmlException", "Root element is missing.")) }
    }

    /// What stands between `<?xml` and `?>`.
    fn xml_declaration(&mut self, cx: &mut Call<'_>) -> Result {
        let mut parts = [Value::Null; 3];
        let mut next = 0;
        loop {
            let spaced = self.skip_white();
            let bad = |reader: &Reader| reader.error("Syntax for an XML declaration is invalid.", reader.at);
            if self.starts("?>") {
                if parts[0].is_null() {
                    return Err(bad(self));
                }
                self.at += 2;
                break;
            }
            if self.peek(0) == Some(63) && self.peek(1).is_some() {
                return Err(self.unexpected(self.at, "''>''"));
            }
            if next > 0 && !spaced {
                return Err(self.unexpected_word(self.at, "'?>'"));
            }
            let names = ["version", "encoding", "standalone"];
            let word = self.word(self.at);
            let at = (next..3).find(|&at| word == names[at]).ok_or_else(|| bad(self))?;
            if at > 0 && parts[0].is_null() {
                return Err(bad(self));
            }
            self.at += names[at].len();
            self.skip_white();
            if self.peek(0) != Some(61) {
                return Err(self.unexpected(self.at, "'='"));
            }
            self.at += 1;
            self.skip_white();
            let quote = self.quote()?;
            let from = self.at;
            while self.peek(0).is_some_and(|unit| !matches!(unit, 9 | 10 | 13 | 34 | 38 | 39 | 60 | 62)) {
                self.at += 1;
            }
            match self.peek(0) {
                None => return Err(self.ended("XML declaration")),
                Some(unit) if unit != quote => {
                    return Err(self.error("Syntax for an XML declaration is invalid.", from));
                }
                Some(_) => {}
            }
            let value = String::from_utf16_lossy(&self.text[from..self.at]);
            let fits = match at {
                0 => value == "1.0",
                1 => true,
                _ => value == "yes" || value == "no",
            };
            if !fits {
                if at == 0 {
                    return Err(self.error(format!("Version number '{value}' is invalid."), from));
                }
                return Err(self.error("Syntax for an XML declaration is invalid.", from - 1));
            }
            parts[at] = cx.new_str(&value)?;
            next = at + 1;
            self.at += 1;
        }
        declaration::new(cx, parts)
    }

    fn comment_or_instruction(&mut self, cx: &mut Call<'_>) -> Result {
        if self.starts("<!--") {
            self.at += 4;
            let from = self.at;
            let text = self.until("--", "Comment")?;
            if self.peek(0) != Some(62) {
                let message = "An XML comment cannot contain '--', and '-' cannot be the last character.";
                return Err(self.error(message, from + text.len()));
            }
            self.at += 1;
            let text = cx.heap.new_wide(&text)?;
            return node::new(cx, Data::Comment(text));
        }
        self.at += 2;
        let from = self.at;
        let target = self.qualified_name()?;
        if target.eq_ignore_ascii_case("xml") {
            if target == "xml" {
                let message = "Unexpected XML declaration. The XML declaration must be the first node in the document, and no whitespace characters are allowed to appear before it.";
                return Err(self.error(message, from));
            }
            return Err(self.error(format!("'{target}' is an invalid name for processing instructions."), from));
        }
        if !self.skip_white() && !self.starts("?>") {
            return match self.peek(0) {
                Some(_) => Err(self.error(name::bad_character(&self.text[self.at..], false), self.at)),
                None => Err(self.error(NAME_ENDED, self.at)),
            };
        }
        let data = self.until("?>", "PI")?;
        let target = cx.new_str(&target)?;
        let data = cx.heap.new_wide(&data)?;
        node::new(cx, Data::Instruction { target, data })
    }

    // ---- elements

    /// The root element with all that is in it.
    fn element(&mut self, cx: &mut Call<'_>, document: Value) -> Result<()> {
        self.start_tag(cx, document)?;
        while let Some(open) = self.open.last() {
            let container = open.element;
            cx.charge_fuel(1)?;
            match self.peek(0) {
                None => return Err(self.unclosed()),
                Some(60) => {
                    if self.at + 1 >= self.text.len() {
                        self.at = self.text.len();
                        return Err(self.unclosed());
                    }
                    if self.starts("<![CDATA[") {
                        self.flush(cx, container)?;
                        self.at += 9;
                        let text = self.until("]]>", "CDATA")?;
                        let text = cx.heap.new_wide(&text)?;
                        let made = node::new(cx, Data::CData(text))?;
                        node::text_to_node(cx, container)?;
                        node::append(cx, container, made)?;
                    } else if self.starts("<!--") || self.starts("<?") {
                        self.flush(cx, container)?;
                        let made = self.comment_or_instruction(cx)?;
                        node::text_to_node(cx, container)?;
                        node::append(cx, container, made)?;
                    } else if self.starts("</") {
                        self.flush(cx, container)?;
                        self.end_tag(cx)?;
                    } else if self.starts("<!") {
                        return Err(self.bad_markup());
                    } else {
                        self.flush(cx, container)?;
                        self.start_tag(cx, container)?;
                    }
                }
                Some(_) => self.characters(cx)?,
            }
        }
        Ok(())
    }

    /// What is wrong with a `<!` inside an element that begins neither a comment nor a section.
    fn bad_markup(&self) -> Fault {
        let at = self.at + 2;
        let begun = if self.peek(2) == Some(91) { "[CDATA[" } else { "--" };
        let same = begun.encode_utf16().enumerate().take_while(|&(ahead, unit)| self.peek(2 + ahead) == Some(unit));
        if at + same.count() >= self.text.len() {
            return self.unclosed();
        }
        match self.peek(2) {
            Some(91) => self.unexpected_word(at + 1, "'CDATA['"),
            Some(45) => self.unexpected_word(at + 1, "'-'"),
            _ if self.word(at) == "DOCTYPE" => self.error("Unexpected DTD declaration.", at),
            _ => self.unexpected_word(at, "'<!--' or '<[CDATA['"),
        }
    }

    /// Character data up to the next markup, into the buffer.
    fn characters(&mut self, cx: &mut Call<'_>) -> Result<()> {
        while let Some(unit) = self.peek(0) {
            match unit {
                60 => return Ok(()),
                38 => {
                    if let Some(c) = self.reference(cx)? {
                        self.buffer.extend(c.encode_utf16(&mut [0; 2]).iter());
                    }
                    continue;
                }
                13 => {
                    if self.peek(1) != Some(10) {
                        self.buffer.push(10);
                    }
                }
                93 if self.starts("]]>") => {
                    return Err(self.error("']]>' is not allowed in character data.", self.at));
                }
                0xD800..=0xDBFF if matches!(self.peek(1), Some(0xDC00..=0xDFFF)) => {
                    self.buffer.push(unit);
                    self.at += 1;
                    self.buffer.push(self.text[self.at]);
                }
                0xD800..=0xDFFF => return Err(self.half(self.at)),
                _ if !is_legal(unit) => return Err(self.invalid_character(self.at)),
                _ => self.buffer.push(unit),
            }
            self.at += 1;
        }
        Ok(())
    }

    /// What was read as character data becomes text of the container, unless it is white space that nobody keeps.
    fn flush(&mut self, cx: &mut Call<'_>, container: Value) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let keeps = self.preserve || self.open.last().is_some_and(|open| open.keeps_space);
        if keeps || !self.buffer.iter().all(|&unit| is_white(unit)) {
            cx.charge_fuel(self.buffer.len() / 8)?;
            let text = cx.heap.new_wide(&self.buffer)?;
            match node::content(cx, container)? {
                Content::Nothing => node::set_content(cx, container, Content::Text(text))?,
                _ => content::add_text(cx, container, text, false)?,
            }
        }
        self.buffer.clear();
        Ok(())
    }

    /// `&...;`: a character, or nothing where an entity's text was put in its place.
    fn reference(&mut self, cx: &mut Call<'_>) -> Result<Option<char>> {
        let from = self.at;
        self.at += 1;
        if self.peek(0) == Some(35) {
            self.at += 1;
            let hex = self.peek(0) == Some(120);
            let digits_from = self.at;
            self.at += usize::from(hex);
            while self.peek(0).is_some_and(|u| {
                char::from_u32(u.into()).is_some_and(|c| if hex { c.is_ascii_hexdigit() } else { c.is_ascii_digit() })
            }) {
                self.at += 1;
            }
            if self.peek(0) != Some(59) || self.at == digits_from + usize::from(hex) {
                let kind = if hex { "hexadecimal" } else { "decimal" };
                return Err(self.error(format!("Invalid syntax for a {kind} numeric entity reference."), self.at));
            }
            let digits = String::from_utf16_lossy(&self.text[digits_from..self.at]);
            let Some(c) = character(&digits) else {
                let number =
                    u32::from_str_radix(digits.trim_start_matches('x'), if hex { 16 } else { 10 }).unwrap_or(u32::MAX);
                if i32::try_from(number).is_err() {
                    return Err(self.error("Invalid value of a character entity reference.", self.at));
                }
                // Beyond the last plane, the first half that a pair would have.
                let number = if number > 0x10_FFFF { (0xD800 + (number - 0x1_0000) / 0x400) & 0xFFFF } else { number };
                let shown = match char::from_u32(number) {
                    Some('\0') => ".".to_owned(),
                    Some(c) => c.to_string(),
                    None => char::REPLACEMENT_CHARACTER.to_string(),
                };
                let message = format!("'{shown}', hexadecimal value 0x{number:02X}, is an invalid character.");
                return Err(self.error(message, from + 2 + usize::from(hex)));
            };
            self.at += 1;
            return Ok(Some(c));
        }
        let name_at = self.at;
        let bad_name = self.peek(0).is_none_or(|unit| !name::starts_name(unit));
        if bad_name {
            return Err(self.error("An error occurred while parsing EntityName.", self.at));
        }
        let plain = self.text[name_at..].iter().take_while(|&&unit| unit != 58 && name::continues_name(unit)).count();
        if self.peek(plain) == Some(58) {
            return Err(self.error("An error occurred while parsing EntityName.", name_at));
        }
        let name = self.qualified_name()?;
        if self.peek(0) != Some(59) {
            return Err(self.unexpected(self.at, "';'"));
        }
        self.at += 1;
        Ok(Some(match &*name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                self.put_in(cx, &name, name_at)?;
                return Ok(None);
            }
        }))
    }

    /// Puts an entity's text in the place of the reference that was just read.
    fn put_in(&mut self, cx: &mut Call<'_>, name: &str, name_at: usize) -> Result<()> {
        let Some(value) = self.entities.get(name) else {
            return Err(self.error(format!("Reference to undeclared entity '{name}'."), name_at));
        };
        let value = value.clone().unwrap_or_default();
        let left = self.text.len() - self.at;
        self.active.retain(|(_, end)| *end < left);
        if self.active.iter().any(|(open, _)| open == name) {
            return Err(self.error(format!("General entity '{name}' references itself."), name_at));
        }
        self.from_entities += value.len();
        if self.from_entities > MAX_FROM_ENTITIES {
            let message = "The input document has exceeded a limit set by MaxCharactersFromEntities.";
            return Err(self.error(message, name_at));
        }
        cx.charge_fuel(value.len() / 4 + left / 128 + 1)?;
        cx.heap.charge(value.len() * 2)?;
        self.active.push((name.to_owned(), left));
        self.text.splice(self.at..self.at, value);
        Ok(())
    }
}

/// Line ends as XML has them.
pub(super) fn lines(text: &[u16]) -> Vec<u16> {
    let mut out = Vec::with_capacity(text.len());
    for (at, &unit) in text.iter().enumerate() {
        match unit {
            13 if text.get(at + 1) == Some(&10) => {}
            13 => out.push(10),
            _ => out.push(unit),
        }
    }
    out
}

/// The character of `65` or `x41`, where XML allows it.
pub(super) fn character(digits: &str) -> Option<char> {
    let number = match digits.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    let c = char::from_u32(number.ok()?)?;
    (matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)).then_some(c)
}
