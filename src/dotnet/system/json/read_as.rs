//! Reading the next value of a stream as a type: `ReadAsInt32` and its like, for the serializer and for programs.
//!
//! In: a stream. Out: a value, or the exception with its path and place.

use super::reader::{Ahead, Span};
use super::stream::{As, Dates, Input, Stream, Tok};
use super::token::Result;
use super::{convert, number};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::system::convert::{Target, convert as to_target};
use crate::dotnet::system::display;
use crate::dotnet::system::format::parse;
use crate::dotnet::types;
use crate::dotnet::value::{DateTime, Kind, Value};

impl Stream {
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
                    // A decimal begins with a digit.
                    None if text.trim_start_matches('-').starts_with('.') => None,
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
}

/// `NumberStyles.Integer`, `Float`, `Float | AllowThousands`, `Number`.
const INTEGER: i64 = 7;
pub(super) const FLOAT: i64 = 167;
const DOUBLE: i64 = 231;
const NUMBER: i64 = 111;
