//! Tokens as JSON text. Works with a stack of its own, so depth costs no recursion; what was never looked into is written
//! straight from the scanned text.

use super::document::Document;
use super::reader::Kind;
use super::token::{self, BigInteger, Body, Child, Result, Type};
use super::{date, number};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::system::display;
use crate::dotnet::system::format::number::decimal_text;
use crate::dotnet::value::Value;
use std::sync::Arc;

struct Frame {
    kind: Type,
    from: Option<Arc<Document>>,
    items: Vec<Child>,
    next: usize,
    /// Something else than a comment was written: the next value follows a comma.
    has_value: bool,
}

struct Writer {
    out: String,
    indented: bool,
    stack: Vec<Frame>,
}

/// A token's JSON.
pub fn write(cx: &mut Call<'_>, token: Value, indented: bool) -> Result<String> {
    let mut writer = Writer { out: String::new(), indented, stack: Vec::new() };
    if token::kind(cx, token)? == Type::Property {
        let name = token::name_text(cx, token)?;
        writer.name(&name);
        let value = token::property_value(cx, token)?;
        writer.begin(cx, None, Child::Made(value))?;
    } else {
        writer.begin(cx, None, Child::Made(token))?;
    }
    let mut charged = 0;
    while let Some(frame) = writer.stack.last_mut() {
        let grown = writer.out.len() - charged;
        if grown > 1024 {
            cx.heap.charge(grown)?;
            charged = writer.out.len();
        }
        cx.charge_fuel(1)?;
        let Some(&item) = frame.items.get(frame.next) else {
            writer.end();
            continue;
        };
        let (kind, from) = (frame.kind, frame.from.clone());
        frame.next += 1;
        let is_comment = match item {
            Child::Made(token) => token::kind(cx, token)? == Type::Comment,
            Child::Scanned(at) => from.as_ref().is_some_and(|from| from.node(at).kind == Kind::Comment),
        };
        if frame.has_value && !is_comment {
            writer.out.push(',');
        }
        frame.has_value |= !is_comment;
        writer.line();
        let item = if kind == Type::Object { writer.property(cx, from.as_ref(), item)? } else { item };
        writer.begin(cx, from, item)?;
    }
    Ok(writer.out)
}

impl Writer {
    fn line(&mut self) {
        if self.indented {
            self.out.push('\n');
            for _ in 0..self.stack.len() {
                self.out.push_str("  ");
            }
        }
    }

    fn name(&mut self, name: &str) {
        quote(&mut self.out, name);
        self.out.push_str(if self.indented { ": " } else { ":" });
    }

    /// Writes a property's name; its value comes next.
    fn property(&mut self, cx: &mut Call<'_>, from: Option<&Arc<Document>>, item: Child) -> Result<Child> {
        match (item, from) {
            (Child::Scanned(at), Some(document)) => {
                self.name(&document.string(document.node(at)).to_text());
                Ok(Child::Scanned(at + 1))
            }
            (Child::Made(property), _) => {
                let name = token::name_text(cx, property)?;
                self.name(&name);
                match &token::get(cx, property)?.body {
                    Body::Children { items, from: Some(document), .. }
                        if matches!(items.first(), Some(Child::Scanned(_))) =>
                    {
                        // The property is an object already, its value is not.
                        let (document, value) = (document.clone(), items[0]);
                        debug_assert!(from.is_none_or(|own| Arc::ptr_eq(own, &document)));
                        Ok(value)
                    }
                    _ => Ok(Child::Made(token::property_value(cx, property)?)),
                }
            }
            (Child::Scanned(_), None) => Err(Fault::null_reference()),
        }
    }

    fn begin(&mut self, cx: &mut Call<'_>, from: Option<Arc<Document>>, item: Child) -> Result<()> {
        match item {
            Child::Scanned(at) => {
                let Some(document) = from else { return Err(Fault::null_reference()) };
                self.scanned(document, at);
                Ok(())
            }
            Child::Made(token) => {
                let own = token::get(cx, token)?;
                let kind = own.kind;
                match &own.body {
                    Body::Leaf(value) => {
                        let value = *value;
                        self.leaf(cx, kind, value)
                    }
                    Body::Scanned(document, at) => {
                        let (document, at) = (document.clone(), *at);
                        self.scanned(document, at);
                        Ok(())
                    }
                    Body::Children { from, items, name, .. } => {
                        let (from, items) = (from.clone(), items.clone());
                        let name = cx.heap.text(*name).unwrap_or_default().into_owned();
                        self.open(kind, &name, from, items);
                        Ok(())
                    }
                }
            }
        }
    }

    fn open(&mut self, kind: Type, name: &str, from: Option<Arc<Document>>, items: Vec<Child>) {
        match kind {
            Type::Object => self.out.push('{'),
            Type::Constructor => {
                self.out.push_str("new ");
                self.out.push_str(name);
                self.out.push('(');
            }
            _ => self.out.push('['),
        }
        self.stack.push(Frame { kind, from, items, next: 0, has_value: false });
    }

    fn end(&mut self) {
        let Some(frame) = self.stack.pop() else { return };
        if frame.next > 0 || frame.kind == Type::Constructor {
            self.line();
        }
        self.out.push(match frame.kind {
            Type::Object => '}',
            Type::Constructor => ')',
            _ => ']',
        });
    }

    fn scanned(&mut self, document: Arc<Document>, at: u32) {
        let node = document.node(at);
        let kind = match node.kind {
            Kind::StartObject => Type::Object,
            Kind::StartArray => Type::Array,
            Kind::StartConstructor => Type::Constructor,
            _ => return self.scanned_leaf(&document, at),
        };
        let items = token::scanned_children(&document, at);
        let name = document.raw(node).to_owned();
        self.open(kind, &name, Some(document), items);
    }

    fn scanned_leaf(&mut self, document: &Document, at: u32) {
        let node = document.node(at);
        match node.kind {
            Kind::String => match token::date_of(document, node) {
                Some(date) => {
                    self.out.push('"');
                    self.out.push_str(&date::write(date));
                    self.out.push('"');
                }
                None => quote(&mut self.out, &document.string(node).to_text()),
            },
            Kind::Integer => match number::integer(document.raw(node)) {
                Some(value) => self.out.push_str(&value.to_string()),
                None => self.out.push_str(document.raw(node)),
            },
            Kind::Float => self.out.push_str(&number::write_double(number::float(document.raw(node)))),
            Kind::NaN => self.out.push_str("\"NaN\""),
            Kind::Infinity => self.out.push_str("\"Infinity\""),
            Kind::NegativeInfinity => self.out.push_str("\"-Infinity\""),
            Kind::True => self.out.push_str("true"),
            Kind::False => self.out.push_str("false"),
            Kind::Undefined => self.out.push_str("undefined"),
            Kind::Comment => {
                self.out.push_str("/*");
                self.out.push_str(document.raw(node));
                self.out.push_str("*/");
            }
            _ => self.out.push_str("null"),
        }
    }

    fn leaf(&mut self, cx: &mut Call<'_>, kind: Type, value: Value) -> Result<()> {
        match kind {
            Type::Undefined => self.out.push_str("undefined"),
            _ if value.is_null() && kind != Type::Comment => self.out.push_str("null"),
            Type::Comment => {
                let text = cx.heap.text(value).unwrap_or_default();
                self.out.push_str("/*");
                self.out.push_str(&text);
                self.out.push_str("*/");
            }
            Type::Raw => {
                let text = display::display(cx, value)?;
                self.out.push_str(&text);
            }
            _ => {
                let text = primitive(cx, value)?;
                self.out.push_str(&text);
            }
        }
        Ok(())
    }
}

/// A .NET value as JSON, as `JsonConvert.ToString(object)` writes it.
pub fn primitive(cx: &mut Call<'_>, value: Value) -> Result<String> {
    let quoted = |text: &str| {
        let mut out = String::with_capacity(text.len() + 2);
        quote(&mut out, text);
        out
    };
    Ok(match value {
        Value::Null => "null".into(),
        Value::Bool(v) => v.to_string(),
        Value::Double(v) => number::write_double(v),
        Value::Single(v) => number::write_single(v),
        Value::DateTime(v) => format!("\"{}\"", date::write(v)),
        Value::DateTimeOffset { ticks, minutes } => format!("\"{}\"", date::write_offset(ticks, minutes)),
        Value::Enum { value, .. } => value.to_string(),
        Value::UInt64(v) => v.to_string(),
        Value::Char(_) | Value::TimeSpan(_) => quoted(&display::display(cx, value)?),
        _ => {
            if let Some(v) = value.integer() {
                return Ok(v.to_string());
            }
            if let Some(text) = cx.heap.text(value) {
                return Ok(quoted(&text));
            }
            if let Some(v) = cx.heap.decimal(value) {
                return Ok(number::with_point(decimal_text(v)));
            }
            if let Some(BigInteger(digits)) = cx.heap.extension(value) {
                return Ok(digits.to_string());
            }
            if let Some(bytes) = cx.heap.bytes(value) {
                return Ok(format!("\"{}\"", base64(bytes)));
            }
            if let Some(text) = super::convert::original_uri(cx, value)? {
                return Ok(quoted(&text));
            }
            quoted(&display::display(cx, value)?)
        }
    })
}

pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, &b| bits << 8 | u32::from(b)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at)) as usize & 63];
            out.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// A string in double quotes, escaped as Newtonsoft escapes by default.
pub fn quote(out: &mut String, text: &str) {
    out.push('"');
    let mut plain = 0;
    for (at, c) in text.char_indices() {
        let escape = match c {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\t' => "\\t",
            '\n' => "\\n",
            '\r' => "\\r",
            '\u{c}' => "\\f",
            '\u{8}' => "\\b",
            '\u{85}' => "\\u0085",
            '\u{2028}' => "\\u2028",
            '\u{2029}' => "\\u2029",
            '\0'..' ' => "",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        plain = at + c.len_utf8();
        if escape.is_empty() {
            out.push_str(&format!("\\u{:04x}", c as u32));
        } else {
            out.push_str(escape);
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
}
