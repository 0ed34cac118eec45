//! Start and end tags: attributes, the namespaces that they declare, and the names that those resolve.

use super::{NAME_ENDED, Open, Reader, is_legal};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::system::xml::Result;
use crate::dotnet::system::xml::name::{self, Name, XML, XMLNS};
use crate::dotnet::system::xml::node::{self, Content, Data};
use crate::dotnet::value::Value;
use std::collections::HashSet;
use std::sync::Arc;

impl Reader {
    pub(super) fn attribute_value(&mut self, cx: &mut Call<'_>) -> Result<Vec<u16>> {
        let quote = self.quote()?;
        // Quotes that an entity brings in do not end the value.
        let mut value = Vec::new();
        loop {
            let Some(unit) = self.peek(0) else {
                return Err(self.error("There is an unclosed literal string.", self.at));
            };
            let left = self.text.len() - self.at;
            self.active.retain(|(_, end)| *end < left);
            match unit {
                _ if unit == quote && self.active.is_empty() => break,
                38 => {
                    if let Some(c) = self.reference(cx)? {
                        value.extend(c.encode_utf16(&mut [0; 2]).iter());
                    }
                    continue;
                }
                60 => {
                    let message = "'<', hexadecimal value 0x3C, is an invalid attribute character.";
                    return Err(self.error(message, self.at));
                }
                13 if self.peek(1) == Some(10) => {}
                9 | 10 | 13 => value.push(32),
                0xD800..=0xDBFF if matches!(self.peek(1), Some(0xDC00..=0xDFFF)) => {
                    value.push(unit);
                    self.at += 1;
                    value.push(self.text[self.at]);
                }
                0xD800..=0xDFFF => return Err(self.half(self.at)),
                _ if !is_legal(unit) => return Err(self.invalid_character(self.at)),
                _ => value.push(unit),
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(value)
    }

    pub(super) fn namespace(&self, prefix: &str) -> Option<Arc<str>> {
        self.namespaces.iter().rev().find(|(own, _)| own == prefix).map(|(_, uri)| uri.clone())
    }

    pub(super) fn resolve(
        &mut self,
        cx: &mut Call<'_>,
        qualified: &str,
        at: usize,
        is_attribute: bool,
    ) -> Result<Arc<Name>> {
        let (prefix, local) = qualified.split_once(':').unwrap_or(("", qualified));
        cx.charge_fuel(self.namespaces.len() / 8)?;
        let uri = match (prefix, is_attribute) {
            ("", true) if local == "xmlns" => "".into(),
            ("", true) => "".into(),
            ("", false) => self.namespace("").unwrap_or_else(|| "".into()),
            _ => match self.namespace(prefix) {
                Some(uri) => uri,
                None => return Err(self.error(format!("'{prefix}' is an undeclared prefix."), at)),
            },
        };
        let key = (uri, local.to_owned());
        if let Some(known) = self.names.get(&key) {
            return Ok(known.clone());
        }
        cx.heap.charge(2 * local.len() + 96)?;
        let made = Arc::new(Name { local: local.into(), namespace: key.0.clone() });
        self.names.insert(key, made.clone());
        Ok(made)
    }

    pub(super) fn start_tag(&mut self, cx: &mut Call<'_>, container: Value) -> Result<()> {
        self.at += 1;
        let name_at = self.at;
        let qualified = self.qualified_name()?;
        let outer = self.namespaces.len();
        let mut keeps_space = self.open.last().is_some_and(|open| open.keeps_space);
        let mut attributes: Vec<(String, usize, Value)> = Vec::new();
        let is_empty = loop {
            cx.charge_fuel(1)?;
            let spaced = self.skip_white();
            match self.peek(0) {
                Some(62) => {
                    self.at += 1;
                    break false;
                }
                Some(47) => {
                    if self.peek(1) != Some(62) {
                        let behind = spaced || !attributes.is_empty() || self.peek(1).is_none();
                        return Err(self.unexpected_word(self.at + usize::from(behind), "'>'"));
                    }
                    self.at += 2;
                    break true;
                }
                None => {
                    self.at = self.text.len();
                    return Err(self.ended("Name"));
                }
                Some(unit) => {
                    if !name::starts_name(unit) {
                        let at_start = spaced || !attributes.is_empty();
                        return Err(self.error(name::bad_character(&self.text[self.at..], at_start), self.at));
                    }
                    if !spaced {
                        let message = format!("'{}' is an unexpected token. Expecting whitespace.", self.word(self.at));
                        return Err(self.error(message, self.at));
                    }
                }
            }
            let at = self.at;
            let own = self.qualified_name()?;
            if self.peek(0).is_none() {
                return Err(self.error(NAME_ENDED, self.at));
            }
            if self.peek(0) == Some(58) {
                return Err(self.error(name::bad_character(&self.text[self.at..], false), self.at));
            }
            self.skip_white();
            if self.peek(0) != Some(61) {
                return Err(self.unexpected_word(self.at, "'='"));
            }
            self.at += 1;
            self.skip_white();
            let value_at = self.at;
            let value = self.attribute_value(cx)?;
            if own == "xmlns" || own.starts_with("xmlns:") {
                self.declare(&own, &value, at, value_at)?;
            } else if own == "xml:space" {
                keeps_space =
                    match String::from_utf16_lossy(&value).trim_matches(|c| matches!(c, ' ' | '\t' | '\n' | '\r')) {
                        "preserve" => true,
                        "default" => false,
                        other => return Err(self.error(format!("'{other}' is an invalid xml:space value."), at)),
                    };
            }
            let value = cx.heap.new_wide(&value)?;
            attributes.push((own, at, value));
        };
        let resolved = self.resolve(cx, &qualified, name_at, false)?;
        let element = node::new_element(cx, resolved)?;
        let mut seen = HashSet::new();
        let several = attributes.len() > 1;
        for (own, at, value) in attributes {
            let resolved = self.resolve(cx, &own, at, true)?;
            if several && !seen.insert(resolved.clone()) {
                return Err(self.error(format!("'{own}' is a duplicate attribute name."), at));
            }
            let attribute = node::new(cx, Data::Attribute { name: resolved, value })?;
            node::append_attribute(cx, element, attribute)?;
        }
        node::text_to_node(cx, container)?;
        node::append(cx, container, element)?;
        if is_empty {
            self.namespaces.truncate(outer);
        } else {
            cx.heap.charge(size_of::<Open>() + qualified.len())?;
            self.open.push(Open { element, name: qualified, name_at, namespaces: outer, keeps_space });
        }
        Ok(())
    }

    pub(super) fn declare(&mut self, attribute: &str, value: &[u16], at: usize, value_at: usize) -> Result<()> {
        let uri = String::from_utf16_lossy(value);
        let prefix = attribute.strip_prefix("xmlns:").unwrap_or("");
        if !prefix.is_empty() && uri.is_empty() {
            return Err(self.error("Invalid namespace declaration.", value_at));
        }
        if prefix.is_empty() && (uri == XMLNS || uri == XML) {
            let message = "Prefix '' cannot be mapped to namespace name reserved for \"xml\" or \"xmlns\".";
            return Err(self.error(message, value_at + 1));
        }
        if prefix == "xmlns" || uri == XMLNS || (prefix == "xml") != (uri == XML) {
            let message = if prefix == "xmlns" || uri == XMLNS {
                "Prefix \"xmlns\" is reserved for use by XML."
            } else {
                "Prefix \"xml\" is reserved for use by XML and can be mapped only to namespace name \"http://www.w3.org/XML/1998/namespace\"."
            };
            return Err(self.error(message, at));
        }
        self.namespaces.push((prefix.to_owned(), uri.into()));
        Ok(())
    }

    pub(super) fn end_tag(&mut self, cx: &mut Call<'_>) -> Result<()> {
        self.at += 2;
        let at = self.at;
        let name = self.qualified_name()?;
        let Some(open) = self.open.last() else { return Ok(()) };
        let (element, namespaces) = (open.element, open.namespaces);
        if name != open.name {
            let before = self.error("", open.name_at);
            let Fault::Throw(thrown) = before else { return Err(before) };
            // " Line 1, position 5." as "line 1 position 5".
            let place = thrown.message.trim().trim_end_matches('.').replace("Line", "line").replace(',', "");
            let message = format!("The '{}' start tag on {place} does not match the end tag of '{name}'.", open.name);
            return Err(self.error(message, at));
        }
        self.skip_white();
        if self.peek(0) != Some(62) {
            return Err(if self.peek(0).is_none() { self.unclosed() } else { self.unexpected(self.at, "'>'") });
        }
        self.at += 1;
        if matches!(node::content(cx, element)?, Content::Nothing) {
            let empty = cx.new_str("")?;
            node::set_content(cx, element, Content::Text(empty))?;
        }
        self.namespaces.truncate(namespaces);
        self.open.pop();
        Ok(())
    }
}
