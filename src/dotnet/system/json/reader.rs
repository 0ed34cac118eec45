//! Reads JSON text as Newtonsoft's `JsonTextReader` does: comments, single quotes, unquoted names, trailing commas, hex and
//! octal integers, `NaN`, constructors; the same messages with path, line and position.
//!
//! In: text. Out: tokens, each a span of the text. It keeps a stack of its own, so depth costs no recursion.

use super::number;
use crate::dotnet::system::format::unicode::category;
use std::borrow::Cow;

/// What a token is. Payloads are spans of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    StartObject,
    StartArray,
    StartConstructor,
    PropertyName,
    Comment,
    Integer,
    Float,
    String,
    True,
    False,
    Null,
    Undefined,
    NaN,
    Infinity,
    NegativeInfinity,
    EndObject,
    EndArray,
    EndConstructor,
}

impl Kind {
    /// The name of the `JsonToken` member, as messages print it.
    pub fn name(self, is_date: bool) -> &'static str {
        match self {
            Kind::StartObject => "StartObject",
            Kind::StartArray => "StartArray",
            Kind::StartConstructor => "StartConstructor",
            Kind::PropertyName => "PropertyName",
            Kind::Comment => "Comment",
            Kind::Integer => "Integer",
            Kind::Float | Kind::NaN | Kind::Infinity | Kind::NegativeInfinity => "Float",
            Kind::String if is_date => "Date",
            Kind::String => "String",
            Kind::True | Kind::False => "Boolean",
            Kind::Null => "Null",
            Kind::Undefined => "Undefined",
            Kind::EndObject => "EndObject",
            Kind::EndArray => "EndArray",
            Kind::EndConstructor => "EndConstructor",
        }
    }
}

/// A span of the text; `escaped` when it holds backslashes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
    pub escaped: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    Property,
    ObjectStart,
    Object,
    ArrayStart,
    Array,
    ConstructorStart,
    Constructor,
    PostValue,
    Finished,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    Object,
    Array,
    Constructor,
}

/// Where the reader is inside a container.
#[derive(Clone, Copy, Debug)]
struct Place {
    container: Container,
    index: i64,
    name: Option<Span>,
}

/// A message with its place, ready to be thrown.
pub type Failure = String;

pub struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    state: State,
    stack: Vec<Place>,
    pub span: Span,
    /// The last token was a comment.
    was_comment: bool,
}

/// Where a reader stands that does not hold its text.
#[derive(Debug)]
pub struct Paused {
    at: usize,
    state: State,
    stack: Vec<Place>,
    was_comment: bool,
}

impl Default for Paused {
    fn default() -> Paused {
        Paused { at: 0, state: State::Start, stack: Vec::new(), was_comment: false }
    }
}

/// What stands next, where a value of a certain kind is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// The end of the text; nothing more will come.
    End,
    /// The array ended.
    EndArray,
    /// A value begins with this byte; it was not consumed.
    Value(u8),
}

impl<'t> Reader<'t> {
    pub fn new(text: &'t str) -> Reader<'t> {
        Reader::resume(text, Paused::default())
    }

    pub fn resume(text: &'t str, paused: Paused) -> Reader<'t> {
        let Paused { at, state, stack, was_comment } = paused;
        Reader { text, bytes: text.as_bytes(), at, state, stack, span: Span::default(), was_comment }
    }

    pub fn suspend(self) -> Paused {
        Paused { at: self.at, state: self.state, stack: self.stack, was_comment: self.was_comment }
    }

    /// Nothing more will come: the text ended between values, not inside one.
    pub fn is_finished(&self) -> bool {
        self.state == State::Finished
    }

    /// The containers that are open.
    pub fn depth(&self) -> usize {
        self.stack.len()
    }

    /// Line and position after the last token; both zero before the first.
    pub fn place(&self) -> (usize, usize) {
        self.line_and_position()
    }

    /// Goes to the next value as the `ReadAs` methods do: over space, comments and one comma.
    pub fn ahead(&mut self) -> Result<Ahead, Failure> {
        if self.state == State::PostValue {
            // A closing bracket or the end is a token of its own.
            self.skip_space();
            if let Some(byte @ (b'}' | b')')) = self.peek() {
                self.end(if byte == b'}' { Kind::EndObject } else { Kind::EndConstructor })?;
                return Ok(Ahead::End);
            }
        }
        let mut has_comma = self.state != State::PostValue;
        loop {
            if self.state == State::Finished {
                return match self.read()? {
                    None => Ok(Ahead::End),
                    Some(_) => continue,
                };
            }
            self.skip_space();
            match self.peek() {
                None => return Ok(Ahead::End),
                Some(b'/') => {
                    self.comment()?;
                }
                Some(b',') => {
                    self.at += 1;
                    if has_comma {
                        self.finish(Kind::Undefined)?;
                        let failure = self.unexpected_value_as(',');
                        self.at -= 1;
                        return Err(failure);
                    }
                    has_comma = true;
                    self.after_comma();
                }
                Some(b']') => {
                    if !matches!(self.state, State::Array | State::ArrayStart | State::PostValue) {
                        return Err(self.unexpected_after());
                    }
                    self.end(Kind::EndArray)?;
                    return Ok(Ahead::EndArray);
                }
                Some(byte) if self.state == State::PostValue => {
                    return Err(self.fail(&format!(
                        "After parsing a value an unexpected character was encountered: {}.",
                        char::from(byte)
                    )));
                }
                Some(byte) => return Ok(Ahead::Value(byte)),
            }
        }
    }

    /// A character that begins no value of the wanted kind; it counts as read.
    pub fn unexpected_after(&mut self) -> Failure {
        let c = self.current();
        self.at += c.len_utf8();
        self.unexpected_value_as(c)
    }

    /// The character that stands here begins no value.
    pub fn unexpected_here(&self) -> Failure {
        self.unexpected_value_as(self.current())
    }

    pub fn unexpected_value_as(&self, c: char) -> Failure {
        self.fail(&format!("Unexpected character encountered while parsing value: {c}."))
    }

    /// The inside of a string, unread so far; a value afterwards.
    pub fn take_string(&mut self, quote: u8) -> Result<Span, Failure> {
        self.at += 1;
        self.string(quote)?;
        self.finish(Kind::String)?;
        Ok(self.span)
    }

    /// A number's text, unread so far; a value afterwards.
    pub fn take_number(&mut self) -> Result<&'t str, Failure> {
        self.number_text()?;
        self.finish(Kind::Integer)?;
        Ok(&self.text[self.span.start as usize..self.span.end as usize])
    }

    /// Whether this word and then a separator stand here; a value afterwards.
    pub fn take_word(&mut self, word: &str) -> Result<bool, Failure> {
        if !self.match_word(word)? {
            return Ok(false);
        }
        self.finish(Kind::Null)?;
        Ok(true)
    }

    /// `null`, and nothing else that begins with `n`.
    pub fn take_null(&mut self) -> Result<(), Failure> {
        match self.bytes.get(self.at + 1) {
            Some(b'u') => self.word("null", "Error parsing null value.", Kind::Null).map(|_| ()),
            Some(_) => {
                self.at += 1;
                Err(self.unexpected_after())
            }
            None => {
                self.at = self.bytes.len();
                Err(self.fail("Unexpected end when reading JSON."))
            }
        }
    }

    fn after_comma(&mut self) {
        self.state = match self.stack.last().map(|place| place.container) {
            Some(Container::Object) => State::Object,
            Some(Container::Array) => State::Array,
            Some(Container::Constructor) => State::Constructor,
            None => State::Finished,
        };
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The character at the reader, for messages; a NUL at the end.
    fn current(&self) -> char {
        self.text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or('\0')
    }

    /// A message as Newtonsoft completes it.
    pub fn fail(&self, message: &str) -> Failure {
        let message = message.trim();
        let stop = if message.ends_with('.') { "" } else { "." };
        let (line, position) = self.line_and_position();
        format!("{message}{stop} Path '{}', line {line}, position {position}.", self.path())
    }

    fn line_and_position(&self) -> (usize, usize) {
        let read = &self.text[..floor(self.text, self.at)];
        let mut line = 1;
        let mut start = 0;
        let bytes = read.as_bytes();
        for (at, &byte) in bytes.iter().enumerate() {
            if byte == b'\n' || byte == b'\r' && bytes.get(at + 1) != Some(&b'\n') {
                line += 1;
                start = at + 1;
            }
        }
        let position = read[start..].encode_utf16().count();
        if self.state == State::Start && position == 0 && !self.was_comment {
            return (0, 0);
        }
        (line, position)
    }

    pub fn path(&self) -> String {
        let inside = !matches!(self.state, State::ArrayStart | State::ObjectStart | State::ConstructorStart);
        let mut path = String::new();
        let shown = self.stack.len() - usize::from(!inside && !self.stack.is_empty());
        for place in &self.stack[..shown] {
            match place.container {
                Container::Object => {
                    if let Some(name) = place.name {
                        push_name(&mut path, &self.unescape(name).to_text());
                    }
                }
                _ if place.index >= 0 => path.push_str(&format!("[{}]", place.index)),
                _ => {}
            }
        }
        path
    }

    pub fn unescape(&self, span: Span) -> Unescaped<'t> {
        unescape(self.text, span)
    }

    /// The next token; `None` at the end of the text.
    pub fn read(&mut self) -> Result<Option<Kind>, Failure> {
        loop {
            match self.state {
                State::Start
                | State::Property
                | State::Array
                | State::ArrayStart
                | State::Constructor
                | State::ConstructorStart => return self.value(),
                State::Object | State::ObjectStart => return self.member(),
                State::PostValue => {
                    if let Some(kind) = self.after_value()? {
                        return Ok(Some(kind));
                    }
                    if self.peek().is_none() && self.state == State::Finished {
                        return Ok(None);
                    }
                }
                State::Finished => {
                    self.skip_space();
                    return match self.peek() {
                        None => Ok(None),
                        Some(b'/') => self.comment().map(Some),
                        Some(_) => Err(self.fail(&format!(
                            "Additional text encountered after finished reading JSON content: {}.",
                            self.current()
                        ))),
                    };
                }
            }
        }
    }

    fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | 0 => self.at += 1,
                0..=0x7f if !matches!(byte, 0x0b | 0x0c) => return,
                _ => {
                    let c = self.current();
                    if !c.is_whitespace() {
                        return;
                    }
                    self.at += c.len_utf8();
                }
            }
        }
    }

    fn after_value(&mut self) -> Result<Option<Kind>, Failure> {
        self.skip_space();
        match self.peek() {
            None => {
                self.state = State::Finished;
                Ok(None)
            }
            Some(b'}') => self.end(Kind::EndObject).map(Some),
            Some(b']') => self.end(Kind::EndArray).map(Some),
            Some(b')') => self.end(Kind::EndConstructor).map(Some),
            Some(b'/') => self.comment().map(Some),
            Some(b',') => {
                self.at += 1;
                self.after_comma();
                Ok(None)
            }
            Some(_) => Err(self
                .fail(&format!("After parsing a value an unexpected character was encountered: {}.", self.current()))),
        }
    }

    fn value(&mut self) -> Result<Option<Kind>, Failure> {
        self.skip_space();
        let Some(byte) = self.peek() else { return Ok(None) };
        match byte {
            b'"' | b'\'' => {
                self.at += 1;
                self.string(byte)?;
                self.finish(Kind::String)
            }
            b't' => self.word("true", "Error parsing boolean value.", Kind::True),
            b'f' => self.word("false", "Error parsing boolean value.", Kind::False),
            b'n' => match self.bytes.get(self.at + 1) {
                Some(b'u') => self.word("null", "Error parsing null value.", Kind::Null),
                Some(b'e') => self.constructor(),
                Some(_) => Err(self.unexpected_value()),
                None => {
                    self.at += 1;
                    Err(self.fail("Unexpected end when reading JSON."))
                }
            },
            b'N' => self.word("NaN", "Error parsing NaN value.", Kind::NaN),
            b'I' => self.word("Infinity", "Error parsing Infinity value.", Kind::Infinity),
            b'-' if self.bytes.get(self.at + 1) == Some(&b'I') => {
                self.word("-Infinity", "Error parsing -Infinity value.", Kind::NegativeInfinity)
            }
            b'u' => self.word("undefined", "Error parsing undefined value.", Kind::Undefined),
            b'/' => self.comment().map(Some),
            b'{' => {
                self.at += 1;
                self.span = Span { start: self.at as u32, end: self.at as u32, escaped: false };
                Ok(Some(self.open(Container::Object, State::ObjectStart, Kind::StartObject)))
            }
            b'[' => {
                self.at += 1;
                self.span = Span { start: self.at as u32, end: self.at as u32, escaped: false };
                Ok(Some(self.open(Container::Array, State::ArrayStart, Kind::StartArray)))
            }
            b']' => self.end(Kind::EndArray).map(Some),
            b')' => self.end(Kind::EndConstructor).map(Some),
            b',' => self.finish(Kind::Undefined),
            b'0'..=b'9' | b'-' | b'.' => {
                let kind = self.number()?;
                self.finish(kind)
            }
            // A digit of another script begins a number, too, that then has no such digit.
            c if c >= 0x80 && (8..=10).contains(&category(self.current().into())) => Err(self.unexpected_in_number()),
            _ => Err(self.unexpected_value()),
        }
    }

    fn unexpected_in_number(&self) -> Failure {
        self.fail(&format!("Unexpected character encountered while parsing number: {}.", self.current()))
    }

    fn unexpected_value(&self) -> Failure {
        self.fail(&format!("Unexpected character encountered while parsing value: {}.", self.current()))
    }

    /// A value is complete.
    fn finish(&mut self, kind: Kind) -> Result<Option<Kind>, Failure> {
        self.state = if self.stack.is_empty() { State::Finished } else { State::PostValue };
        self.advance();
        Ok(Some(kind))
    }

    /// The place inside the container moves on to the value that begins or ends here.
    fn advance(&mut self) {
        if let Some(place) = self.stack.last_mut()
            && place.container != Container::Object
        {
            place.index += 1;
        }
    }

    fn open(&mut self, container: Container, state: State, kind: Kind) -> Kind {
        self.advance();
        self.stack.push(Place { container, index: -1, name: None });
        self.state = state;
        kind
    }

    fn end(&mut self, kind: Kind) -> Result<Kind, Failure> {
        self.at += 1;
        let Some(place) = self.stack.pop() else {
            return Err(self.fail(&format!("JsonToken {} is not valid for closing JsonType None.", kind.name(false))));
        };
        let matches = match kind {
            Kind::EndObject => place.container == Container::Object,
            Kind::EndArray => place.container == Container::Array,
            _ => place.container == Container::Constructor,
        };
        if !matches {
            let name = match place.container {
                Container::Object => "Object",
                Container::Array => "Array",
                Container::Constructor => "Constructor",
            };
            return Err(self.fail(&format!("JsonToken {} is not valid for closing JsonType {name}.", kind.name(false))));
        }
        self.state = if self.stack.is_empty() { State::Finished } else { State::PostValue };
        Ok(kind)
    }

    fn is_separator(&self) -> bool {
        match self.peek() {
            None | Some(b'}' | b']' | b',' | b' ' | b'\t' | b'\n' | b'\r' | 0) => true,
            Some(b'/') => matches!(self.bytes.get(self.at + 1), Some(b'/' | b'*')),
            Some(b')') => self.stack.last().is_some_and(|place| place.container == Container::Constructor),
            Some(_) => self.current().is_whitespace(),
        }
    }

    fn match_word(&mut self, word: &str) -> Result<bool, Failure> {
        let rest = &self.bytes[self.at..];
        if rest.len() < word.len() {
            self.at = self.bytes.len();
            return Err(self.fail("Unexpected end when reading JSON."));
        }
        let same = rest.iter().zip(word.as_bytes()).take_while(|(a, b)| a == b).count();
        self.at += same;
        self.span = Span { start: self.at as u32, end: self.at as u32, escaped: false };
        Ok(same == word.len() && self.is_separator())
    }

    fn word(&mut self, word: &str, message: &str, kind: Kind) -> Result<Option<Kind>, Failure> {
        if self.match_word(word)? { self.finish(kind) } else { Err(self.fail(message)) }
    }

    fn constructor(&mut self) -> Result<Option<Kind>, Failure> {
        if !self.match_word("new")? {
            return Err(self.fail("Unexpected content while parsing JSON."));
        }
        self.skip_space();
        let start = self.at;
        let end = loop {
            match self.peek() {
                None => return Err(self.fail("Unexpected end while parsing constructor.")),
                Some(b'(') => break self.at,
                Some(_) => {
                    let c = self.current();
                    if c.is_alphanumeric() {
                        self.at += c.len_utf8();
                    } else if c.is_whitespace() {
                        break self.at;
                    } else {
                        return Err(self.fail(&format!("Unexpected character while parsing constructor: {c}.")));
                    }
                }
            }
        };
        self.skip_space();
        match self.peek() {
            Some(b'(') => self.at += 1,
            _ => {
                return Err(self.fail(&format!("Unexpected character while parsing constructor: {}.", self.current())));
            }
        }
        self.span = Span { start: start as u32, end: end as u32, escaped: false };
        Ok(Some(self.open(Container::Constructor, State::ConstructorStart, Kind::StartConstructor)))
    }

    fn member(&mut self) -> Result<Option<Kind>, Failure> {
        self.skip_space();
        let Some(byte) = self.peek() else { return Ok(None) };
        match byte {
            b'}' => return self.end(Kind::EndObject).map(Some),
            b'/' => return self.comment().map(Some),
            b'"' | b'\'' => {
                self.at += 1;
                self.string(byte)?;
            }
            _ if is_identifier(self.current()) => {
                let start = self.at;
                loop {
                    match self.current() {
                        _ if self.peek().is_none() => {
                            return Err(self.fail("Unexpected end while parsing unquoted property name."));
                        }
                        c if is_identifier(c) => self.at += c.len_utf8(),
                        c if c.is_whitespace() || c == ':' => break,
                        c => {
                            return Err(self.fail(&format!("Invalid JavaScript property identifier character: {c}.")));
                        }
                    }
                }
                self.span = Span { start: start as u32, end: self.at as u32, escaped: false };
            }
            _ => return Err(self.fail(&format!("Invalid property identifier character: {}.", self.current()))),
        }
        let name = self.span;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.fail(&format!(
                "Invalid character after parsing property name. Expected ':' but got: {}.",
                self.current()
            )));
        }
        self.at += 1;
        if let Some(place) = self.stack.last_mut() {
            place.name = Some(name);
        }
        self.state = State::Property;
        Ok(Some(Kind::PropertyName))
    }

    /// A string's inside, the opening quote behind us.
    fn string(&mut self, quote: u8) -> Result<(), Failure> {
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = &self.bytes[self.at..];
            let Some(found) = rest.iter().position(|&b| b == quote || b == b'\\') else {
                self.at = self.bytes.len();
                return Err(self.fail(&format!("Unterminated string. Expected delimiter: {}.", char::from(quote))));
            };
            self.at += found + 1;
            if rest[found] == quote {
                self.span = Span { start: start as u32, end: (self.at - 1) as u32, escaped };
                return Ok(());
            }
            escaped = true;
            match self.peek() {
                None => {
                    return Err(self.fail(&format!("Unterminated string. Expected delimiter: {}.", char::from(quote))));
                }
                Some(b'b' | b't' | b'n' | b'f' | b'r' | b'\\' | b'"' | b'\'' | b'/') => self.at += 1,
                Some(b'u') => {
                    self.at += 1;
                    let rest = self.text.get(self.at..).unwrap_or("");
                    // One character more than the digits must be there.
                    if rest.chars().map(char::len_utf16).take(5).sum::<usize>() < 5 {
                        return Err(self.fail("Unexpected end while parsing Unicode escape sequence."));
                    }
                    if !rest.bytes().take(4).all(|byte| byte.is_ascii_hexdigit()) {
                        let shown: String = rest.chars().take(4).collect();
                        return Err(self.fail(&format!("Invalid Unicode escape sequence: \\u{shown}.")));
                    }
                    self.at += 4;
                }
                Some(_) => {
                    let c = self.current();
                    self.at += c.len_utf8();
                    return Err(self.fail(&format!("Bad JSON escape sequence: \\{c}.")));
                }
            }
        }
    }

    fn number_text(&mut self) -> Result<&'t str, Failure> {
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'-' | b'+' | b'a'..=b'f' | b'A'..=b'F' | b'x' | b'X' | b'.' | b'0'..=b'9') => self.at += 1,
                None | Some(b',' | b'}' | b']' | b')' | b'/' | 0) => break,
                Some(_) if self.current().is_whitespace() => break,
                Some(_) => {
                    return Err(self.unexpected_in_number());
                }
            }
        }
        self.span = Span { start: start as u32, end: self.at as u32, escaped: false };
        Ok(&self.text[start..self.at])
    }

    fn number(&mut self) -> Result<Kind, Failure> {
        let text = self.number_text()?;
        let wrong = match number::classify(text) {
            Ok(number::Class::Integer) => return Ok(Kind::Integer),
            Ok(number::Class::Float) => return Ok(Kind::Float),
            Err(number::Bad::TooLong) => format!("JSON integer {text} is too large to parse."),
            Err(number::Bad::Invalid) => format!("Input string '{text}' is not a valid number."),
        };
        // A value was there, though none that can be read: the path tells which.
        self.finish(Kind::Undefined)?;
        Err(self.fail(&wrong))
    }

    fn comment(&mut self) -> Result<Kind, Failure> {
        self.at += 1;
        self.was_comment = true;
        if self.at + 1 >= self.bytes.len() {
            return Err(self.fail("Unexpected end while parsing comment."));
        }
        let is_block = match self.bytes[self.at] {
            b'*' => true,
            b'/' => false,
            _ => {
                return Err(self.fail(&format!("Error parsing comment. Expected: *, got {}.", self.current())));
            }
        };
        self.at += 1;
        let start = self.at;
        let rest = &self.text[start..];
        let len = if is_block {
            match rest.find("*/") {
                Some(len) => len,
                None => {
                    self.at = self.bytes.len();
                    return Err(self.fail("Unexpected end while parsing comment."));
                }
            }
        } else {
            rest.find(['\r', '\n']).unwrap_or(rest.len())
        };
        self.at = start + len + if is_block { 2 } else { 0 };
        self.span = Span { start: start as u32, end: (start + len) as u32, escaped: false };
        Ok(Kind::Comment)
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn is_identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Appends a property to a path: `a.b`, `['c d']`.
pub fn push_name(path: &mut String, name: &str) {
    const SPECIAL: &[char] = &[
        '.', ' ', '\'', '/', '"', '[', ']', '(', ')', '\t', '\n', '\r', '\u{c}', '\u{8}', '\\', '\u{85}', '\u{2028}',
        '\u{2029}',
    ];
    if name.contains(SPECIAL) {
        path.push_str("['");
        path.push_str(&name.replace('\\', "\\\\").replace('\'', "\\'"));
        path.push_str("']");
    } else {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
    }
}

/// The text that a span stands for.
pub enum Unescaped<'t> {
    Plain(&'t str),
    Units(Vec<u16>),
}

impl Unescaped<'_> {
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Unescaped::Plain(text) => Cow::Borrowed(text),
            Unescaped::Units(units) => Cow::Owned(String::from_utf16_lossy(units)),
        }
    }
}

/// Replaces the escapes of a string that the reader has checked.
pub fn unescape(text: &str, span: Span) -> Unescaped<'_> {
    let inside = &text[span.start as usize..span.end as usize];
    if !span.escaped {
        return Unescaped::Plain(inside);
    }
    let mut units = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(found) = rest.find('\\') {
        units.extend(rest[..found].encode_utf16());
        let mut chars = rest[found + 1..].chars();
        let escape = chars.next().unwrap_or('\\');
        rest = chars.as_str();
        match escape {
            'b' => units.push(8),
            't' => units.push(9),
            'n' => units.push(10),
            'f' => units.push(12),
            'r' => units.push(13),
            'u' => {
                let digits = rest.get(..4).unwrap_or("0");
                units.push(u16::from_str_radix(digits, 16).unwrap_or(0xfffd));
                rest = rest.get(4..).unwrap_or("");
            }
            other => units.push(other as u16),
        }
    }
    units.extend(rest.encode_utf16());
    // Half a pair is no character: it is replaced.
    if char::decode_utf16(units.iter().copied()).any(|c| c.is_err()) {
        units = String::from_utf16_lossy(&units).encode_utf16().collect();
    }
    Unescaped::Units(units)
}
