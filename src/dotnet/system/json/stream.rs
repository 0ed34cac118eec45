//! JSON token by token, from a text or from tokens in memory: Newtonsoft's `JsonReader`. What it reads as a type is in
//! `read_as.rs`, the tokens that are made of it in `making.rs`.
//!
//! In: a text or a token. Out: the token that stands next with its .NET value, its path and its place in the text. Never:
//! recursion over the depth of the document.

use super::read_as::FLOAT;
use super::reader::{Kind as Scan, Paused, Reader, Span, Unescaped, unescape};
use super::token::{self, Result, Type};
use super::{date, number, select};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::system::display;
use crate::dotnet::system::format::parse;
use crate::dotnet::value::Value;
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

    pub(super) fn is_start(self) -> bool {
        matches!(self, Tok::StartObject | Tok::StartArray | Tok::StartConstructor)
    }

    pub(super) fn is_end(self) -> bool {
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
pub(super) enum Input {
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
    pub(super) input: Input,
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

    pub(super) fn set(&mut self, token: Tok, value: Value) {
        self.token = token;
        self.value = value;
    }

    pub(super) fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Reader<'_>) -> std::result::Result<T, String>,
    ) -> Result<T> {
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
                token => select::path_of(cx, token),
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
            Input::Tokens { is_over: true, .. } => None,
            Input::Tokens { current, .. } => token::line_and_position(cx, *current)?,
        };
        if let Some((line, position)) = place {
            text.push_str(&format!(", line {line}, position {position}"));
        }
        text.push('.');
        Ok(Fault::throw(exception, text))
    }

    pub(super) fn reader_fault<T>(&mut self, cx: &mut Call<'_>, message: &str) -> Result<T> {
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

    pub(super) fn text(&self) -> Arc<str> {
        match &self.input {
            Input::Text(text, _) => text.clone(),
            Input::Tokens { .. } => Arc::from(""),
        }
    }

    pub(super) fn new_string(&self, cx: &mut Call<'_>, span: Span) -> Result {
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

    pub(super) fn string_or_date(&self, cx: &mut Call<'_>, span: Span, dates: Dates) -> Result<(Tok, Value)> {
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
            && open.last().is_some_and(|top| top.0.is_same_object(*current))
        {
            open.pop();
            *depth -= usize::from(token::kind(cx, *current)? != Type::Property);
            return Ok(());
        }
        self.skip(cx)
    }
}
