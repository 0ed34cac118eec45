//! Making tokens of a stream, as the loader (`JToken.Load`) and as the serializer do it.
//!
//! In: a stream that stands at a token. Out: the tree that begins there; the stream stands at its end.

use super::date;
use super::stream::{Making, Stream, Tok};
use super::token::{self, Result, Type};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::{DateTime, Kind, Value};

impl Stream {
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
        // Where the names of the members that are open ended, for whom that matters.
        let mut names = Vec::new();
        loop {
            let mut made = None;
            match self.token {
                Tok::StartObject | Tok::StartArray => {
                    let kind = if self.token == Tok::StartObject { Type::Object } else { Type::Array };
                    cx.heap.charge(size_of::<(Value, Option<Value>)>())?;
                    open.push((token::new_container(cx, kind)?, None));
                    self.mark(cx, open.last().map(|top| top.0))?;
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
                    if self.keeps_all {
                        names.push(self.place()?);
                    }
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
                if !self.token.is_end() {
                    self.mark(cx, Some(own))?;
                }
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
                                if let Some(place) = names.pop() {
                                    token::set_place(cx, property, place)?;
                                }
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

    /// Notes the place of a token, for whom that matters.
    fn mark(&mut self, cx: &mut Call<'_>, made: Option<Value>) -> Result<()> {
        match made {
            Some(made) if self.keeps_all => {
                let place = self.place()?;
                token::set_place(cx, made, place)
            }
            _ => Ok(()),
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
