//! JSON token by token, from a text or from tokens in memory: Newtonsoft's `JsonReader` with its `ReadAs` methods.
//!
//! In: a text or a token. Out: the token that stands next with its .NET value, its path and its place in the text. Never:
//! recursion over the depth of the document.

use super::convert;
use super::reader::{Ahead, Kind as Scan, Paused, Reader, Span, Unescaped, unescape};
use super::token::{self, Result, Type};
use super::{date, number, path};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::system::convert::{Target, convert as to_target};
use crate::dotnet::system::display;
use crate::dotnet::system::format::parse;
use crate::dotnet::types;
use crate::dotnet::value::{DateTime, Kind, Value};
use std::sync::Arc;

/// `JsonToken`, with its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Tok {
    None = 0,
    StartObject = 1,
    StartArray = 2,
    StartConstructor = 3,
    PropertyName = 4,
    Comment = 5,
    Raw = 6,
    Integer = 7,
    Float = 8,
    String = 9,
    Boolean = 10,
    Null = 11,
    Undefined = 12,
    EndObject = 13,
    EndArray = 14,
    EndConstructor = 15,
    Date = 16,
    Bytes = 17,
}

impl Tok {
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    fn is_start(self) -> bool {
        matches!(self, Tok::StartObject | Tok::StartArray | Tok::StartConstructor)
    }

    fn is_end(self) -> bool {
        matches!(self, Tok::EndObject | Tok::EndArray | Tok::EndConstructor)
    }
}

/// What a contract wants to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    Any,
    Int32,
    Int64,
    Bytes,
    String,
    Decimal,
    DateTime,
    DateTimeOffset,
    Double,
    Boolean,
}

/// How tokens are made of a stream.
#[derive(Clone, Copy, Debug)]
pub enum Making {
    /// As the serializer does: of two properties with one name the last stays, at its own place.
    Serializing { comments: bool },
    /// As `JToken.Load` does; `DuplicatePropertyNameHandling` says what becomes of a name that is there.
    Loading { comments: bool, duplicates: i64 },
}

/// Which strings are dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dates {
    None = 0,
    #[default]
    DateTime = 1,
    DateTimeOffset = 2,
}

#[derive(Debug)]
enum Input {
    Text(Arc<str>, Paused),
    /// The root, the token that was read last (null before the first), and the containers that are open around it.
    Tokens {
        root: Value,
        current: Value,
        open: Vec<(Value, usize)>,
        depth: usize,
        is_over: bool,
    },
}

/// A reader.
#[derive(Debug)]
pub struct Stream {
    input: Input,
    pub token: Tok,
    pub value: Value,
    pub dates: Dates,
    /// Numbers with a fraction become decimals.
    pub decimals: bool,
    /// Every property of an object is kept, also of the same name.
    pub keeps_all: bool,
}

const READER: &str = "Newtonsoft.Json.JsonReaderException";

impl Stream {
    pub fn of_text(text: Arc<str>) -> Stream {
        Stream {
            input: Input::Text(text, Paused::default()),
            token: Tok::None,
            value: Value::Null,
            dates: Dates::default(),
            decimals: false,
            keeps_all: false,
        }
    }

    pub fn of_token(root: Value) -> Stream {
        let input = Input::Tokens { root, current: Value::Null, open: Vec::new(), depth: 0, is_over: false };
        Stream {
            input,
            token: Tok::None,
            value: Value::Null,
            dates: Dates::default(),
            decimals: false,
            keeps_all: false,
        }
    }

    /// The token that was read last, where tokens are read.
    pub fn current(&self) -> Option<Value> {
        match self.input {
            Input::Tokens { current, .. } => Some(current),
            Input::Text(..) => None,
        }
    }

    fn set(&mut self, token: Tok, value: Value) {
        self.token = token;
        self.value = value;
    }

    fn with<T>(&mut self, work: impl FnOnce(&mut Reader<'_>) -> std::result::Result<T, String>) -> Result<T> {
        let Input::Text(text, paused) = &mut self.input else { return Err(Fault::null_reference()) };
        let mut reader = Reader::resume(text, std::mem::take(paused));
        let done = work(&mut reader);
        *paused = reader.suspend();
        done.map_err(|message| Fault::throw(READER, message))
    }

    pub fn path(&mut self, cx: &mut Call<'_>) -> Result<String> {
        match &mut self.input {
            Input::Text(..) => self.with(|reader| Ok(reader.path())),
            Input::Tokens { current, .. } => match *current {
                Value::Null => Ok(String::new()),
                token => path::path_of(cx, token),
            },
        }
    }

    /// Line and position in the text.
    pub fn place(&mut self) -> Result<(usize, usize)> {
        self.with(|reader| Ok(reader.place()))
    }

    pub fn depth(&mut self) -> Result<usize> {
        let own = usize::from(self.token.is_start());
        match &self.input {
            Input::Text(..) => Ok(self.with(|reader| Ok(reader.depth()))? - own),
            Input::Tokens { depth, .. } => Ok(depth - own.min(*depth)),
        }
    }

    /// A message with the path and the place, as Newtonsoft completes it.
    pub fn fault(&mut self, cx: &mut Call<'_>, exception: &'static str, message: &str) -> Result<Fault> {
        let mut text = if message.ends_with('\n') {
            message.to_owned()
        } else {
            let message = message.trim();
            let stop = if message.ends_with('.') { "" } else { "." };
            format!("{message}{stop} ")
        };
        text.push_str(&format!("Path '{}'", self.path(cx)?));
        let place = match &mut self.input {
            Input::Text(..) => Some(self.with(|reader| Ok(reader.place()))?),
            Input::Tokens { current, .. } => token::line_and_position(cx, *current)?,
        };
        if let Some((line, position)) = place {
            text.push_str(&format!(", line {line}, position {position}"));
        }
        text.push('.');
        Ok(Fault::throw(exception, text))
    }

    fn reader_fault<T>(&mut self, cx: &mut Call<'_>, message: &str) -> Result<T> {
        Err(self.fault(cx, READER, message)?)
    }

    // ---- plain reading

    /// The next token; false at the end.
    pub fn read(&mut self, cx: &mut Call<'_>) -> Result<bool> {
        cx.charge_fuel(1)?;
        if matches!(self.input, Input::Tokens { .. }) {
            return self.read_token(cx);
        }
        let scanned = self.with(|reader| Ok(reader.read()?.map(|kind| (kind, reader.span))))?;
        match scanned {
            Some((kind, span)) => {
                self.scanned(cx, kind, span, self.dates)?;
                Ok(true)
            }
            None => {
                if self.with(|reader| Ok(reader.is_finished()))? {
                    self.set(Tok::None, Value::Null);
                }
                Ok(false)
            }
        }
    }

    fn text(&self) -> Arc<str> {
        match &self.input {
            Input::Text(text, _) => text.clone(),
            Input::Tokens { .. } => Arc::from(""),
        }
    }

    fn new_string(&self, cx: &mut Call<'_>, span: Span) -> Result {
        match unescape(&self.text(), span) {
            Unescaped::Plain(text) => cx.heap.new_str(text),
            Unescaped::Units(units) => cx.heap.new_wide(&units),
        }
    }

    fn scanned(&mut self, cx: &mut Call<'_>, kind: Scan, span: Span, dates: Dates) -> Result<()> {
        let text = self.text();
        let raw = &text[span.start as usize..span.end as usize];
        let (token, value) = match kind {
            Scan::StartObject => (Tok::StartObject, Value::Null),
            Scan::StartArray => (Tok::StartArray, Value::Null),
            Scan::StartConstructor => (Tok::StartConstructor, cx.heap.new_str(raw)?),
            Scan::PropertyName => (Tok::PropertyName, self.new_string(cx, span)?),
            Scan::Comment => (Tok::Comment, cx.heap.new_str(raw)?),
            Scan::Integer => (Tok::Integer, token::integer_value(cx, raw)?),
            Scan::Float if self.decimals => match parse::decimal(raw, FLOAT) {
                Ok(exact) => (Tok::Float, cx.heap.new_decimal(exact)?),
                Err(_) => return self.reader_fault(cx, &format!("Input string '{raw}' is not a valid decimal.")),
            },
            Scan::Float => (Tok::Float, Value::Double(number::float(raw))),
            Scan::NaN => (Tok::Float, Value::Double(f64::NAN)),
            Scan::Infinity => (Tok::Float, Value::Double(f64::INFINITY)),
            Scan::NegativeInfinity => (Tok::Float, Value::Double(f64::NEG_INFINITY)),
            Scan::String => self.string_or_date(cx, span, dates)?,
            Scan::True => (Tok::Boolean, Value::Bool(true)),
            Scan::False => (Tok::Boolean, Value::Bool(false)),
            Scan::Null => (Tok::Null, Value::Null),
            Scan::Undefined => (Tok::Undefined, Value::Null),
            Scan::EndObject => (Tok::EndObject, Value::Null),
            Scan::EndArray => (Tok::EndArray, Value::Null),
            Scan::EndConstructor => (Tok::EndConstructor, Value::Null),
        };
        self.set(token, value);
        Ok(())
    }

    fn string_or_date(&self, cx: &mut Call<'_>, span: Span, dates: Dates) -> Result<(Tok, Value)> {
        if dates != Dates::None {
            let text = self.text();
            let text = unescape(&text, span).to_text().into_owned();
            let found = match dates {
                Dates::DateTimeOffset => date::recognise_offset(&text),
                _ => date::recognise(&text).map(Value::DateTime),
            };
            if let Some(value) = found {
                return Ok((Tok::Date, value));
            }
        }
        Ok((Tok::String, self.new_string(cx, span)?))
    }

    /// The next token, comments passed over.
    pub fn read_content(&mut self, cx: &mut Call<'_>) -> Result<bool> {
        loop {
            if !self.read(cx)? {
                return Ok(false);
            }
            if self.token != Tok::Comment {
                return Ok(true);
            }
        }
    }

    /// Over the value that the current token begins, to its last token.
    pub fn skip(&mut self, cx: &mut Call<'_>) -> Result<()> {
        if self.token == Tok::PropertyName {
            self.read(cx)?;
        }
        if self.token.is_start() {
            let depth = self.depth()?;
            while self.read(cx)? && !(self.token.is_end() && self.depth()? <= depth) {}
        }
        Ok(())
    }

    // ---- tokens

    fn read_token(&mut self, cx: &mut Call<'_>) -> Result<bool> {
        let Input::Tokens { root, current, open, depth, is_over } = &mut self.input else { return Ok(false) };
        if *is_over {
            return Ok(false);
        }
        if current.is_null() {
            let root = *root;
            *current = root;
            return self.enter(cx, root);
        }
        if let Some(top) = open.last_mut() {
            let container = top.0;
            top.1 += 1;
            let at = top.1 - 1;
            if let Some(child) = token::child(cx, container, at)? {
                *current = child;
                return self.enter(cx, child);
            }
            *current = container;
            open.pop();
            let kind = token::kind(cx, container)?;
            *depth -= usize::from(kind != Type::Property);
            let end = match kind {
                Type::Object => Tok::EndObject,
                Type::Array => Tok::EndArray,
                Type::Constructor => Tok::EndConstructor,
                _ => return self.read_token(cx),
            };
            self.set(end, Value::Null);
            return Ok(true);
        }
        *is_over = true;
        self.set(Tok::None, Value::Null);
        Ok(false)
    }

    fn enter(&mut self, cx: &mut Call<'_>, own: Value) -> Result<bool> {
        let kind = token::kind(cx, own)?;
        if kind.is_container()
            && let Input::Tokens { open, depth, .. } = &mut self.input
        {
            cx.heap.charge(size_of::<(Value, usize)>())?;
            open.push((own, 0));
            *depth += usize::from(kind != Type::Property);
        }
        let leaf = token::leaf(cx, own).unwrap_or(Value::Null);
        let (token, value) = match kind {
            Type::Object => (Tok::StartObject, Value::Null),
            Type::Array => (Tok::StartArray, Value::Null),
            Type::Constructor => (Tok::StartConstructor, token::name(cx, own)?),
            Type::Property => (Tok::PropertyName, token::name(cx, own)?),
            Type::Comment => (Tok::Comment, leaf),
            Type::Integer => (Tok::Integer, leaf),
            Type::Float => (Tok::Float, leaf),
            Type::String => (Tok::String, leaf),
            Type::Boolean => (Tok::Boolean, leaf),
            Type::Null => (Tok::Null, Value::Null),
            Type::Undefined => (Tok::Undefined, Value::Null),
            Type::Date => (Tok::Date, leaf),
            Type::Raw => (Tok::Raw, leaf),
            Type::Bytes => (Tok::Bytes, leaf),
            Type::Guid | Type::Uri | Type::TimeSpan => (Tok::String, display::to_str(cx, leaf)?),
        };
        self.set(token, value);
        Ok(true)
    }

    /// Goes past the current token and all that belongs to it.
    pub fn skip_current(&mut self, cx: &mut Call<'_>) -> Result<()> {
        if let Input::Tokens { open, current, depth, .. } = &mut self.input
            && open.last().is_some_and(|top| token::is_same(top.0, *current))
        {
            open.pop();
            *depth -= usize::from(token::kind(cx, *current)? != Type::Property);
            return Ok(());
        }
        self.skip(cx)
    }

    // ---- reading as something

    /// The next value, read as what is wanted; null where there is none.
    pub fn read_as(&mut self, cx: &mut Call<'_>, wanted: As) -> Result {
        if matches!(self.input, Input::Tokens { .. }) {
            return self.token_as(cx, wanted);
        }
        cx.charge_fuel(1)?;
        match self.with(|reader| reader.ahead())? {
            Ahead::End => self.none(),
            Ahead::EndArray => {
                self.set(Tok::EndArray, Value::Null);
                Ok(Value::Null)
            }
            Ahead::Value(byte) => self.value_as(cx, wanted, byte),
        }
    }

    fn none(&mut self) -> Result {
        self.set(Tok::None, Value::Null);
        Ok(Value::Null)
    }

    fn value_as(&mut self, cx: &mut Call<'_>, wanted: As, byte: u8) -> Result {
        let is_number = matches!(byte, b'0'..=b'9' | b'.' | b'-');
        let is_text = matches!(wanted, As::String | As::DateTime | As::DateTimeOffset);
        match byte {
            b'"' | b'\'' => {
                let span = self.with(|reader| reader.take_string(byte))?;
                self.quoted_as(cx, wanted, span)
            }
            b'n' => {
                self.with(|reader| reader.take_null())?;
                self.set(Tok::Null, Value::Null);
                Ok(Value::Null)
            }
            b'{' | b'[' if wanted == As::Bytes => {
                self.read(cx)?;
                if byte == b'[' { self.array_as_bytes(cx) } else { self.wrapped_bytes(cx) }
            }
            b'N' | b'I' if wanted != As::Boolean && wanted != As::Bytes => self.not_finite(cx, wanted),
            b'-' if wanted != As::Boolean && wanted != As::Bytes && self.text_after_minus() => {
                self.not_finite(cx, wanted)
            }
            _ if is_number && wanted == As::Boolean => {
                self.read(cx)?;
                self.number_as_bool(cx)
            }
            b'-' if is_text => self.number_as(cx, wanted),
            _ if is_number && !matches!(wanted, As::Bytes | As::DateTime | As::DateTimeOffset) => {
                self.number_as(cx, wanted)
            }
            b't' | b'f' if matches!(wanted, As::String | As::Boolean) => {
                let word = if byte == b't' { "true" } else { "false" };
                let found =
                    self.with(|reader| if reader.take_word(word)? { Ok(()) } else { Err(reader.unexpected_here()) });
                found?;
                let value = if wanted == As::Boolean { Value::Bool(byte == b't') } else { cx.new_str(word)? };
                self.set(if wanted == As::Boolean { Tok::Boolean } else { Tok::String }, value);
                Ok(value)
            }
            _ => self.with(|reader| Err(reader.unexpected_after())),
        }
    }

    fn text_after_minus(&mut self) -> bool {
        self.with(|reader| Ok(reader.bytes.get(reader.at + 1) == Some(&b'I'))).unwrap_or(false)
    }

    fn not_finite(&mut self, cx: &mut Call<'_>, wanted: As) -> Result {
        self.read(cx)?;
        let (text, name) = match self.value {
            Value::Double(v) if v.is_nan() => ("NaN", "NaN"),
            Value::Double(v) if v > 0.0 => ("Infinity", "Infinity"),
            _ => ("-Infinity", "-Infinity"),
        };
        match wanted {
            As::Double => Ok(self.value),
            As::String => {
                let value = cx.new_str(text)?;
                self.set(Tok::String, value);
                Ok(value)
            }
            _ => self.reader_fault(cx, &format!("Cannot read {name} value.")),
        }
    }

    fn quoted_as(&mut self, cx: &mut Call<'_>, wanted: As, span: Span) -> Result {
        let dates = match wanted {
            As::DateTime => Dates::DateTime,
            As::DateTimeOffset => Dates::DateTimeOffset,
            As::Double => self.dates,
            _ => Dates::None,
        };
        let (token, value) = self.string_or_date(cx, span, dates)?;
        self.set(token, value);
        match (wanted, token) {
            (As::String, _) | (As::DateTime | As::DateTimeOffset, Tok::Date) => Ok(value),
            (As::Double, Tok::Date) => {
                let value = self.new_string(cx, span)?;
                self.text_as(cx, wanted, value)
            }
            _ => self.text_as(cx, wanted, value),
        }
    }

    /// A string, converted.
    fn text_as(&mut self, cx: &mut Call<'_>, wanted: As, text: Value) -> Result {
        let own = cx.heap.text(text).unwrap_or_default().into_owned();
        if wanted == As::Bytes {
            let bytes = convert::bytes_of_text(cx, text)?;
            self.set(Tok::Bytes, bytes);
            return Ok(bytes);
        }
        if own.is_empty() && wanted != As::String {
            self.set(Tok::Null, Value::Null);
            return Ok(Value::Null);
        }
        let (found, token, name) = match wanted {
            As::Int32 => {
                (parse::integer(&own, INTEGER, 32, true).ok().map(|v| Value::Int32(v as i32)), Tok::Integer, "integer")
            }
            As::Double => (parse::double(&own, DOUBLE).ok().map(Value::Double), Tok::Float, "double"),
            As::Boolean => (crate::dotnet::system::boolean::read(&own).map(Value::Bool), Tok::Boolean, "boolean"),
            As::Decimal => {
                let exact = parse::decimal(&own, NUMBER).or_else(|_| parse::decimal(&own, FLOAT)).ok();
                let value = match exact {
                    Some(exact) => Some(cx.heap.new_decimal(exact)?),
                    None => None,
                };
                (value, Tok::Float, "decimal")
            }
            As::DateTime => (convert::date_of_text(cx, text, types::date_time())?, Tok::Date, "DateTime"),
            As::DateTimeOffset => {
                (convert::date_of_text(cx, text, types::date_time_offset())?, Tok::Date, "DateTimeOffset")
            }
            As::Any | As::Int64 | As::String | As::Bytes => (Some(text), Tok::String, "string"),
        };
        match found {
            Some(value) => {
                self.set(token, value);
                Ok(value)
            }
            None => {
                self.set(Tok::String, text);
                self.reader_fault(cx, &format!("Could not convert string to {name}: {own}."))
            }
        }
    }

    fn number_as_bool(&mut self, cx: &mut Call<'_>) -> Result {
        let yes = match convert::big_digits(cx, self.value) {
            Some(digits) => digits.bytes().any(|b| matches!(b, b'1'..=b'9')),
            None => matches!(to_target(cx, self.value, Target::Boolean)?, Value::Bool(true)),
        };
        self.set(Tok::Boolean, Value::Bool(yes));
        Ok(self.value)
    }

    fn number_as(&mut self, cx: &mut Call<'_>, wanted: As) -> Result {
        let text = self.with(|reader| reader.take_number().map(str::to_owned))?;
        let bytes = text.as_bytes();
        let other_base = bytes.len() > 1 && bytes[0] == b'0' && !matches!(bytes[1], b'.' | b'e' | b'E');
        let based = if other_base { number::integer(&text) } else { None };
        let bad = |what: &str| format!("Input string '{text}' is not a valid {what}.");
        match wanted {
            As::Int32 if other_base => match based.map(u32::try_from) {
                Some(Ok(v)) => self.done(Tok::Integer, Value::Int32(v as i32)),
                _ => self.reader_fault(cx, &bad("integer")),
            },
            As::Int32 => {
                let digits = text.strip_prefix('-').unwrap_or(&text);
                if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return self.reader_fault(cx, &bad("integer"));
                }
                match text.parse() {
                    Ok(v) => self.done(Tok::Integer, Value::Int32(v)),
                    Err(_) => {
                        self.reader_fault(cx, &format!("JSON integer {text} is too large or small for an Int32."))
                    }
                }
            }
            As::Decimal => {
                let exact = match based {
                    Some(v) => Some(v.into()),
                    None if other_base => None,
                    None => parse::decimal(&text, FLOAT).ok(),
                };
                match exact {
                    Some(exact) => {
                        let value = cx.heap.new_decimal(exact)?;
                        self.done(Tok::Float, value)
                    }
                    None => self.reader_fault(cx, &bad("decimal")),
                }
            }
            As::Double => match if other_base { based.map(|v| v as f64) } else { parse::double(&text, FLOAT).ok() } {
                Some(v) => self.done(Tok::Float, Value::Double(v)),
                None => self.reader_fault(cx, &bad("double")),
            },
            As::String => {
                if if other_base { based.is_none() } else { parse::double(&text, FLOAT).is_err() } {
                    return self.reader_fault(cx, &bad("number"));
                }
                let value = cx.new_str(&text)?;
                self.done(Tok::String, value)
            }
            _ => self.reader_fault(cx, "Cannot read number value as type."),
        }
    }

    fn done(&mut self, token: Tok, value: Value) -> Result {
        self.set(token, value);
        Ok(value)
    }

    /// `{ "$type": "System.Byte[]", "$value": ... }`.
    fn wrapped_bytes(&mut self, cx: &mut Call<'_>) -> Result {
        self.read_or_end(cx)?;
        let is = |cx: &Call<'_>, stream: &Stream, name: &str| cx.heap.text(stream.value).is_some_and(|own| own == name);
        if self.token == Tok::PropertyName && is(cx, self, "$type") {
            self.read_or_end(cx)?;
            if cx.heap.text(self.value).is_some_and(|own| own.starts_with("System.Byte[]")) {
                self.read_or_end(cx)?;
                if self.token == Tok::PropertyName && is(cx, self, "$value") {
                    let bytes = self.read_as(cx, As::Bytes)?;
                    self.read_or_end(cx)?;
                    if self.token != Tok::EndObject {
                        let message = format!("Error reading bytes. Unexpected token: {}.", self.token.name());
                        return self.reader_fault(cx, &message);
                    }
                    self.set(Tok::Bytes, bytes);
                    return Ok(bytes);
                }
            }
        }
        self.reader_fault(cx, &format!("Error reading bytes. Unexpected token: {}.", Tok::StartObject.name()))
    }

    fn read_or_end(&mut self, cx: &mut Call<'_>) -> Result<()> {
        if self.read(cx)? { Ok(()) } else { self.reader_fault(cx, "Unexpected end when reading JSON.") }
    }

    fn array_as_bytes(&mut self, cx: &mut Call<'_>) -> Result {
        let mut bytes = Vec::new();
        loop {
            if !self.read(cx)? {
                return self.reader_fault(cx, "Unexpected end when reading bytes.");
            }
            match self.token {
                Tok::Integer => match to_target(cx, self.value, Target::Byte)? {
                    Value::Byte(byte) => bytes.push(byte),
                    _ => return Err(Fault::null_reference()),
                },
                Tok::EndArray => {
                    let value = cx.heap.new_bytes(bytes)?;
                    return self.done(Tok::Bytes, value);
                }
                Tok::Comment => {}
                other => {
                    return self.reader_fault(cx, &format!("Unexpected token when reading bytes: {}.", other.name()));
                }
            }
        }
    }

    /// What a reader of tokens makes of the next one.
    fn token_as(&mut self, cx: &mut Call<'_>, wanted: As) -> Result {
        if !self.read_content(cx)? {
            return self.none();
        }
        let value = self.value;
        match (self.token, wanted) {
            (Tok::None | Tok::Null | Tok::EndArray, _) => return Ok(Value::Null),
            (Tok::String, As::String) => return self.string_only(cx).map(|()| value),
            (Tok::String, _) => {
                self.string_only(cx)?;
                return self.text_as(cx, wanted, value);
            }
            (Tok::Integer | Tok::Float, As::Int32) => {
                if matches!(value, Value::Int32(_)) {
                    return Ok(value);
                }
                return self.number_token(cx, Target::Int32, Tok::Integer, "integer");
            }
            (Tok::Integer | Tok::Float, As::Decimal) => {
                if cx.heap.decimal(value).is_some() {
                    return Ok(value);
                }
                return self.number_token(cx, Target::Decimal, Tok::Float, "decimal");
            }
            (Tok::Integer | Tok::Float, As::Double) => {
                if matches!(value, Value::Double(_)) {
                    return Ok(value);
                }
                let made = convert::to_number(cx, value, Target::Double)?;
                return self.done(Tok::Float, made);
            }
            (Tok::Integer | Tok::Float, As::Boolean) => return self.number_as_bool(cx),
            (Tok::Boolean, As::Boolean) => return Ok(value),
            (Tok::Integer | Tok::Float | Tok::Boolean | Tok::Date | Tok::Bytes | Tok::Undefined, As::String) => {
                if value.is_null() {
                    return Ok(Value::Null);
                }
                let text = display::to_str(cx, value)?;
                return self.done(Tok::String, text);
            }
            (Tok::Date, As::DateTime) => {
                let made = match value {
                    Value::DateTimeOffset { ticks, .. } => Value::DateTime(DateTime::new(ticks, Kind::Unspecified)),
                    other => other,
                };
                return self.done(Tok::Date, made);
            }
            (Tok::Date, As::DateTimeOffset) => {
                let made = match value {
                    Value::DateTime(date) => Value::DateTimeOffset { minutes: 0, ticks: date.ticks() },
                    other => other,
                };
                return self.done(Tok::Date, made);
            }
            (Tok::Bytes, As::Bytes) => return Ok(value),
            (Tok::StartArray, As::Bytes) => return self.array_as_bytes(cx),
            (Tok::StartObject, As::Bytes) => return self.wrapped_bytes(cx),
            _ => {}
        }
        let name = match wanted {
            As::Int32 | As::Int64 => "integer",
            As::Decimal => "decimal",
            As::Double => "double",
            As::Boolean => "boolean",
            As::String => "string",
            As::Bytes => "bytes",
            _ => "date",
        };
        let message = format!("Error reading {name}. Unexpected token: {}.", self.token.name());
        self.reader_fault(cx, &message)
    }

    /// What is kept as a string and is none (a char) cannot be read.
    fn string_only(&mut self, cx: &mut Call<'_>) -> Result<()> {
        if self.value.is_null() || cx.heap.str(self.value).is_some() {
            return Ok(());
        }
        let own = cx.heap.type_of(self.value).clr_name();
        Err(Fault::invalid_cast(&own, "System.String"))
    }

    fn number_token(&mut self, cx: &mut Call<'_>, target: Target, token: Tok, name: &str) -> Result {
        let value = self.value;
        let is_big = convert::big_digits(cx, value).is_some();
        match convert::to_number(cx, value, target) {
            Ok(made) => self.done(token, made),
            Err(Fault::Throw(_)) if !is_big => {
                let text = display::display(cx, value)?;
                self.reader_fault(cx, &format!("Could not convert to {name}: {text}."))
            }
            Err(other) => Err(other),
        }
    }

    /// Reads the next value as a contract wants it; false where there is none.
    pub fn read_for(&mut self, cx: &mut Call<'_>, wanted: As, name: &dyn Fn() -> String) -> Result<bool> {
        match wanted {
            As::Any => return self.read_content(cx),
            As::Int64 => {
                let found = self.read_content(cx)?;
                if self.token == Tok::Undefined {
                    return self.reader_fault(cx, &format!("An undefined token is not a valid {}.", name()));
                }
                return Ok(found);
            }
            _ => {
                self.read_as(cx, wanted)?;
            }
        }
        Ok(self.token != Tok::None)
    }

    // ---- making tokens

    /// A token of what stands here: the current token begins it, the last token of it is current afterwards.
    pub fn make_token(&mut self, cx: &mut Call<'_>, how: Making) -> Result {
        let (comments, duplicates) = match how {
            Making::Serializing { comments } => (comments, None),
            Making::Loading { comments, duplicates } => (comments, Some(duplicates)),
        };
        if let Some(current) = self.current()
            && (comments || duplicates.is_some())
            && !self.token.is_end()
        {
            let copy = token::clone(cx, current)?;
            self.skip_current(cx)?;
            return Ok(copy);
        }
        let mut open: Vec<(Value, Option<Value>)> = Vec::new();
        loop {
            let mut made = None;
            match self.token {
                Tok::StartObject | Tok::StartArray => {
                    let kind = if self.token == Tok::StartObject { Type::Object } else { Type::Array };
                    cx.heap.charge(size_of::<(Value, Option<Value>)>())?;
                    open.push((token::new_container(cx, kind)?, None));
                }
                Tok::StartConstructor => {
                    if cx.heap.text(self.value).is_none_or(|name| name.is_empty()) {
                        return Err(Fault::argument("Constructor name cannot be empty.", "name"));
                    }
                    if duplicates.is_none() && cx.heap.text(self.value).is_some_and(|name| name == "Date") {
                        made = Some(self.date_constructor(cx)?);
                    } else {
                        let own = token::new_container(cx, Type::Constructor)?;
                        token::set_name(cx, own, self.value)?;
                        open.push((own, None));
                    }
                }
                Tok::PropertyName => {
                    if let Some(top) = open.last_mut() {
                        top.1 = Some(self.value);
                        let (container, name) = (top.0, cx.heap.text(self.value).unwrap_or_default().into_owned());
                        if duplicates == Some(2) && token::find(cx, container, &name)?.is_some() {
                            let message =
                                format!("Property with the name '{name}' already exists in the current JSON object.");
                            return self.reader_fault(cx, &message);
                        }
                    }
                }
                Tok::EndObject | Tok::EndArray | Tok::EndConstructor => match open.pop() {
                    Some((own, _)) => made = Some(own),
                    None => return Err(Fault::null_reference()),
                },
                Tok::Comment => {
                    if comments && duplicates.is_none() && matches!(open.last(), Some((_, Some(_)))) {
                        // The serializer forgets the property whose value it was about to read.
                        let is_container = self.read(cx)? && self.token.is_start();
                        let is_date = cx.heap.text(self.value).is_some_and(|name| name == "Date");
                        let is_container = is_container && !(self.token == Tok::StartConstructor && is_date);
                        return Err(if is_container {
                            Fault::null_reference()
                        } else {
                            let message = "Can not add Newtonsoft.Json.Linq.JValue to Newtonsoft.Json.Linq.JObject.";
                            Fault::throw("System.ArgumentException", message)
                        });
                    }
                    if comments {
                        let own = token::new_leaf(cx, Type::Comment, self.value)?;
                        match open.last() {
                            None => return Ok(own),
                            Some((container, _)) if token::kind(cx, *container)? == Type::Array => made = Some(own),
                            Some(_) => {}
                        }
                    }
                }
                Tok::Raw => made = Some(token::new_leaf(cx, Type::Raw, self.value)?),
                Tok::Undefined if duplicates.is_some() => {
                    made = Some(token::new_leaf(cx, Type::Undefined, Value::Null)?);
                }
                Tok::Null | Tok::Undefined | Tok::None => {
                    made = Some(token::new_leaf(cx, Type::Null, Value::Null)?);
                }
                _ => made = Some(token::of_content(cx, self.value)?),
            }
            if let Some(own) = made {
                match open.last_mut() {
                    None => return Ok(own),
                    Some((container, name)) => {
                        let (container, name) = (*container, name.take());
                        match name {
                            Some(name) => {
                                let text = cx.heap.text(name).unwrap_or_default().into_owned();
                                let found = if self.keeps_all { None } else { token::find(cx, container, &text)? };
                                if let Some(at) = found {
                                    match duplicates {
                                        None => token::remove_at(cx, container, at)?,
                                        Some(0) => {
                                            if let Some(property) = token::child(cx, container, at)? {
                                                token::set(cx, property, 0, own)?;
                                            }
                                            self.advance_inside(cx, &open, true)?;
                                            continue;
                                        }
                                        Some(_) => {
                                            self.advance_inside(cx, &open, true)?;
                                            continue;
                                        }
                                    }
                                }
                                let property = token::new_property(cx, name, own)?;
                                token::push(cx, container, property)?;
                            }
                            None => {
                                let end = token::len(cx, container)?;
                                token::insert(cx, container, end, own)?;
                            }
                        }
                    }
                }
            }
            if !self.advance_inside(cx, &open, duplicates.is_some())? {
                return close_open(cx, open);
            }
        }
    }

    /// The next token inside a container; false where the text ended between values, which the serializer lets pass.
    fn advance_inside(&mut self, cx: &mut Call<'_>, open: &[(Value, Option<Value>)], is_loading: bool) -> Result<bool> {
        if self.read(cx)? {
            return Ok(true);
        }
        if is_loading {
            let kind = match open.first() {
                Some((container, _)) => token::class_name(token::kind(cx, *container)?),
                None => "JToken",
            };
            return self.reader_fault(cx, &format!("Unexpected end of content while loading {kind}."));
        }
        if self.token == Tok::None {
            return Ok(false);
        }
        let mut place = String::new();
        for (container, name) in open {
            let len = token::len(cx, *container)?;
            match name {
                Some(name) => super::reader::push_name(&mut place, &cx.heap.text(*name).unwrap_or_default()),
                None if len == 0 => {}
                None if token::kind(cx, *container)? == Type::Object => {
                    if let Some(last) = token::child(cx, *container, len - 1)? {
                        let name = token::name_text(cx, last)?;
                        super::reader::push_name(&mut place, &name);
                    }
                }
                None => place.push_str(&format!("[{}]", len - 1)),
            }
        }
        Err(Fault::throw(
            "Newtonsoft.Json.JsonWriterException",
            format!("Unexpected end when reading token. Path '{place}'."),
        ))
    }

    /// `new Date(...)` as a date; the constructor's start is current.
    fn date_constructor(&mut self, cx: &mut Call<'_>) -> Result {
        let writer = |message: &str| Fault::throw("Newtonsoft.Json.JsonWriterException", format!("{message} Path ''."));
        let mut parts = Vec::new();
        loop {
            if !self.read(cx)? {
                return Err(writer("Unexpected end when reading date constructor."));
            }
            match (self.token, self.value) {
                (Tok::EndConstructor, _) => break,
                (Tok::Integer, Value::Int64(part)) => parts.push(part),
                (other, _) => {
                    return Err(writer(&format!(
                        "Unexpected token when reading date constructor. Expected Integer, got {}.",
                        other.name()
                    )));
                }
            }
        }
        let ticks = match parts[..] {
            [] => return Err(writer("Date constructor has no arguments.")),
            [millis] => 621_355_968_000_000_000i64.checked_add(millis.saturating_mul(10_000)),
            [_, _, _, _, _, _, _, _, ..] => {
                return Err(writer("Unexpected number of arguments when reading date constructor."));
            }
            _ => {
                let at = |index: usize| parts.get(index).copied().unwrap_or(0);
                let day = if at(2) == 0 { 1 } else { at(2) };
                date::ticks_of(at(0), at(1) + 1, day)
                    .map(|ticks| ticks + ((at(3) * 60 + at(4)) * 60 + at(5)) * 10_000_000 + at(6) * 10_000)
            }
        };
        match ticks.filter(|ticks| (0..=DateTime::MAX_TICKS).contains(ticks)) {
            Some(ticks) => {
                let kind = if parts.len() == 1 { Kind::Utc } else { Kind::Unspecified };
                token::new_leaf(cx, Type::Date, Value::DateTime(DateTime::new(ticks, kind)))
            }
            None => Err(writer("Could not read the date of a constructor.")),
        }
    }
}

/// The outermost of containers that the text left open.
fn close_open(cx: &mut Call<'_>, mut open: Vec<(Value, Option<Value>)>) -> Result {
    let mut inner: Option<Value> = None;
    while let Some((container, name)) = open.pop() {
        let made = match (inner, name) {
            (Some(own), _) => Some(own),
            (None, Some(_)) => Some(token::new_leaf(cx, Type::Null, Value::Null)?),
            (None, None) => None,
        };
        if let Some(own) = made {
            let own = match name {
                Some(name) => token::new_property(cx, name, own)?,
                None => own,
            };
            let end = token::len(cx, container)?;
            token::insert(cx, container, end, own)?;
        }
        inner = Some(container);
    }
    inner.ok_or_else(Fault::null_reference)
}

/// `NumberStyles.Integer`, `Float`, `Float | AllowThousands`, `Number`.
const INTEGER: i64 = 7;
const FLOAT: i64 = 167;
const DOUBLE: i64 = 231;
const NUMBER: i64 = 111;
