//! A tree as text: prefixes, escapes, line ends and indentation as `XmlWriter` decides them.
//!
//! In: a node. Out: UTF-16 text. Never: recursion over the depth of the tree.

use super::name::{Name, XML, XMLNS};
use super::node::{self, Content, Data};
use super::xml_convert::is_public;
use super::{Result, declaration};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Its declaration was written, or need not be.
    Written,
    NeedsWriting,
    Implied,
    /// `xml` and `xmlns`.
    Special,
}

struct Scoped {
    prefix: Arc<str>,
    uri: Arc<str>,
    state: State,
}

struct Open {
    prefix: Arc<str>,
    name: Arc<Name>,
    namespaces: usize,
    mixed: bool,
}

/// An `XmlWriter` on text.
struct Writer {
    out: Vec<u16>,
    indent: bool,
    omit_duplicates: bool,
    mixed: bool,
    /// Where text and a start tag ended last.
    text_end: usize,
    content_start: usize,
    tag_is_open: bool,
    open: Vec<Open>,
    namespaces: Vec<Scoped>,
    /// What the tree itself declares: prefix and namespace, oldest first, and where each open element's begin.
    declared: Vec<(Arc<str>, Arc<str>)>,
    scopes: Vec<usize>,
    charged: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Attribute,
    /// Comments, instructions and CDATA: nothing is escaped.
    Raw,
}

impl Writer {
    fn new(indent: bool, omit_duplicates: bool) -> Writer {
        let scoped = |prefix: &str, uri: &str, state| Scoped { prefix: prefix.into(), uri: uri.into(), state };
        Writer {
            out: Vec::new(),
            indent,
            omit_duplicates,
            mixed: false,
            text_end: 0,
            content_start: usize::MAX,
            tag_is_open: false,
            open: Vec::new(),
            namespaces: vec![
                scoped("xmlns", XMLNS, State::Special),
                scoped("xml", XML, State::Special),
                scoped("", "", State::Implied),
            ],
            declared: Vec::new(),
            scopes: Vec::new(),
            charged: 0,
        }
    }

    /// Charges what was written since the last time.
    fn charge(&mut self, cx: &mut Call<'_>) -> Result<()> {
        let grown = self.out.len() - self.charged;
        self.charged = self.out.len();
        cx.charge_fuel(1 + grown / 8)?;
        cx.heap.charge(grown * 2)
    }

    fn raw(&mut self, text: &str) {
        self.out.extend(text.encode_utf16());
    }

    fn indentation(&mut self) {
        self.out.push(10);
        // As deep as anything is shown: more would square the size of a deep tree.
        self.out.extend(std::iter::repeat_n(32, 2 * self.open.len()));
    }

    /// Begins a piece of markup on a line of its own, where lines are.
    fn begin_markup(&mut self) {
        self.close_tag();
        if self.indent && !self.mixed && self.text_end != self.out.len() {
            self.indentation();
        }
    }

    fn text_units(&mut self, units: impl Iterator<Item = u16>, place: Place) -> Result<()> {
        let mut units = units.peekable();
        while let Some(unit) = units.next() {
            match (unit, place) {
                (13, Place::Text | Place::Raw) => {
                    if units.peek() == Some(&10) {
                        units.next();
                    }
                    self.out.push(10);
                }
                (38, Place::Text | Place::Attribute) => self.raw("&amp;"),
                (60, Place::Text | Place::Attribute) => self.raw("&lt;"),
                (62, Place::Text | Place::Attribute) => self.raw("&gt;"),
                (34, Place::Attribute) => self.raw("&quot;"),
                (9, Place::Attribute) => self.raw("&#x9;"),
                (10, Place::Attribute) => self.raw("&#xA;"),
                (13, Place::Attribute) => self.raw("&#xD;"),
                (0xD800..=0xDBFF, _) => match units.next() {
                    Some(low @ 0xDC00..=0xDFFF) => self.out.extend([unit, low]),
                    Some(low) => {
                        let message = format!(
                            "The surrogate pair (0x{unit:X}, 0x{low:X}) is invalid. A high surrogate character (0xD800 - 0xDBFF) must always be paired with a low surrogate character (0xDC00 - 0xDFFF)."
                        );
                        return Err(Fault::throw("System.ArgumentException", message));
                    }
                    None => {
                        let message = "The surrogate pair is invalid. Missing a low surrogate character.";
                        return Err(Fault::throw("System.ArgumentException", message));
                    }
                },
                (0xDC00..=0xDFFF, _) => {
                    let message = format!(
                        "Invalid high surrogate character (0x{unit:X}). A high surrogate character must have a value from range (0xD800 - 0xDBFF)."
                    );
                    return Err(Fault::throw("System.ArgumentException", message));
                }
                (0..=8 | 11 | 12 | 14..=31 | 0xFFFE | 0xFFFF, _) => {
                    let shown = if unit == 0 { ".".to_owned() } else { String::from_utf16_lossy(&[unit]) };
                    let message = format!("'{shown}', hexadecimal value 0x{unit:02X}, is an invalid character.");
                    return Err(Fault::throw("System.ArgumentException", message));
                }
                _ => self.out.push(unit),
            }
        }
        Ok(())
    }

    /// A heap string; null is nothing.
    fn string(&mut self, cx: &Call<'_>, text: Value, place: Place) -> Result<()> {
        match cx.heap.str(text) {
            Some(text) => self.text_units(text.units(), place),
            None => Ok(()),
        }
    }

    // ---- namespaces

    fn in_scope(&self, prefix: &str) -> Option<usize> {
        self.namespaces.iter().rposition(|scoped| &*scoped.prefix == prefix)
    }

    /// The nearest prefix that stands for a namespace here.
    fn prefix_of(&self, uri: &str) -> Option<Arc<str>> {
        let at = self.namespaces.iter().rposition(|scoped| &*scoped.uri == uri)?;
        let prefix = &self.namespaces[at].prefix;
        let hidden = self.namespaces[at + 1..].iter().any(|scoped| scoped.prefix == *prefix);
        if hidden { None } else { Some(prefix.clone()) }
    }

    /// The prefix that the tree's own declarations give a namespace.
    fn declared_prefix(&self, uri: &str, default_too: bool) -> Option<Arc<str>> {
        if uri.is_empty() {
            return Some("".into());
        }
        for (at, (prefix, declared)) in self.declared.iter().enumerate().rev() {
            let hidden = || self.declared[at + 1..].iter().any(|(newer, _)| newer == prefix);
            if &**declared == uri && (default_too || !prefix.is_empty()) && !hidden() {
                return Some(prefix.clone());
            }
        }
        match uri {
            XML => Some("xml".into()),
            XMLNS => Some("xmlns".into()),
            _ => None,
        }
    }

    fn own_namespaces(&self) -> usize {
        self.open.last().map_or(self.namespaces.len(), |open| open.namespaces)
    }

    fn redefined(prefix: &str, from: &str, to: &str) -> Fault {
        let message = format!(
            "The prefix '{prefix}' cannot be redefined from '{from}' to '{to}' within the same start element tag."
        );
        Fault::throw("System.Xml.XmlException", message)
    }

    /// A prefix is used for a namespace: it must be declared unless it is already.
    fn use_prefix(&mut self, prefix: &Arc<str>, uri: &Arc<str>) -> Result<()> {
        let state = match self.in_scope(prefix) {
            Some(at) if at >= self.own_namespaces() => {
                let own = &self.namespaces[at];
                return if own.uri == *uri { Ok(()) } else { Err(Self::redefined(prefix, &own.uri, uri)) };
            }
            Some(at) if self.namespaces[at].uri == *uri => State::Implied,
            Some(at) if self.namespaces[at].state == State::Special => {
                let message = format!("Prefix \"{prefix}\" is reserved for use by XML.");
                return Err(Fault::throw("System.ArgumentException", message));
            }
            _ => State::NeedsWriting,
        };
        self.namespaces.push(Scoped { prefix: prefix.clone(), uri: uri.clone(), state });
        Ok(())
    }

    /// A declaration stands among the attributes; whether it is written.
    fn declare(&mut self, prefix: &Arc<str>, uri: &Arc<str>) -> Result<bool> {
        let mut written = true;
        if let Some(at) = self.in_scope(prefix) {
            let local = at >= self.own_namespaces();
            let own = &mut self.namespaces[at];
            if local {
                if own.uri != *uri {
                    return Err(Self::redefined(prefix, &own.uri, uri));
                }
                if own.state == State::Written {
                    let message = format!("'xmlns:{prefix}' is a duplicate attribute name.");
                    return Err(Fault::throw("System.Xml.XmlException", message));
                }
                written = !(self.omit_duplicates && own.state != State::NeedsWriting);
                own.state = State::Written;
                return Ok(written);
            }
            if self.omit_duplicates && own.uri == *uri {
                written = false;
            }
        }
        self.namespaces.push(Scoped { prefix: prefix.clone(), uri: uri.clone(), state: State::Written });
        Ok(written)
    }

    fn new_prefix(&self) -> Arc<str> {
        let first = format!("p{}", self.namespaces.len() - 3);
        if self.in_scope(&first).is_none() {
            return first.into();
        }
        (0..).map(|at| format!("{first}{at}")).find(|p| self.in_scope(p).is_none()).unwrap_or(first).into()
    }

    // ---- elements

    fn start_element(&mut self, cx: &mut Call<'_>, element: Value) -> Result<()> {
        self.scopes.push(self.declared.len());
        let mut attribute = node::first_attribute(cx, element)?;
        while !attribute.is_null() {
            declarations_of(cx, attribute, &mut self.declared)?;
            attribute = node::next(cx, attribute)?;
        }
        let name = node::name(cx, element)?;
        let prefix = self.declared_prefix(&name.namespace, true).or_else(|| self.prefix_of(&name.namespace));
        let prefix = prefix.unwrap_or_else(|| "".into());
        self.begin_markup();
        self.raw("<");
        self.qualified(&prefix, &name.local);
        self.open.push(Open {
            prefix: prefix.clone(),
            name: name.clone(),
            namespaces: self.namespaces.len(),
            mixed: self.mixed,
        });
        cx.heap.charge(size_of::<Open>() + size_of::<Scoped>())?;
        self.use_prefix(&prefix, &name.namespace)?;
        self.tag_is_open = true;
        let mut attribute = node::first_attribute(cx, element)?;
        while !attribute.is_null() {
            let name = node::name(cx, attribute)?;
            let value = node::attribute_value(cx, attribute)?;
            self.attribute(cx, &name, value)?;
            attribute = node::next(cx, attribute)?;
        }
        self.charge(cx)
    }

    fn qualified(&mut self, prefix: &str, local: &str) {
        if !prefix.is_empty() {
            self.raw(prefix);
            self.raw(":");
        }
        self.raw(local);
    }

    fn attribute(&mut self, cx: &mut Call<'_>, name: &Arc<Name>, value: Value) -> Result<()> {
        let declares = if name.namespace.is_empty() && &*name.local == "xmlns" {
            Some(Arc::from(""))
        } else if &*name.namespace == XMLNS {
            Some(Arc::from(&*name.local))
        } else {
            None
        };
        let mut prefix: Arc<str> = "".into();
        if let Some(declares) = declares {
            let uri: Arc<str> = cx.heap.text(value).unwrap_or_default().as_ref().into();
            if !self.declare(&declares, &uri)? {
                return Ok(());
            }
            if !declares.is_empty() {
                prefix = "xmlns".into();
            }
        } else if !name.namespace.is_empty() {
            prefix = match self.declared_prefix(&name.namespace, false) {
                Some(prefix) => {
                    let own = self.own_namespaces();
                    let local = self.in_scope(&prefix).filter(|&at| at >= own);
                    match local {
                        Some(at) if self.namespaces[at].uri != name.namespace => self.new_prefix(),
                        _ => prefix,
                    }
                }
                None => self.prefix_of(&name.namespace).filter(|p| !p.is_empty()).unwrap_or_else(|| self.new_prefix()),
            };
            // `xml:space` and `xml:lang` are there in every document.
            if !(&*name.namespace == XML && &*prefix == "xml" && matches!(&*name.local, "space" | "lang")) {
                self.use_prefix(&prefix, &name.namespace)?;
            }
        }
        if self.tag_is_open {
            self.raw(" ");
        }
        self.qualified(&prefix, &name.local);
        self.raw("=\"");
        self.string(cx, value, Place::Attribute)?;
        self.raw("\"");
        Ok(())
    }

    /// Ends a start tag that is still open: the declarations that it needs, newest first, and `>`.
    fn close_tag(&mut self) {
        if !self.tag_is_open {
            return;
        }
        self.tag_is_open = false;
        for at in (self.own_namespaces()..self.namespaces.len()).rev() {
            if self.namespaces[at].state == State::NeedsWriting {
                let (prefix, uri) = (self.namespaces[at].prefix.clone(), self.namespaces[at].uri.clone());
                self.raw(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
                self.raw(&prefix);
                self.raw("=\"");
                // A namespace that is no text has been refused where it was made.
                let _ = self.text_units(uri.encode_utf16(), Place::Attribute);
                self.raw("\"");
            }
        }
        self.raw(">");
        self.content_start = self.out.len();
        if self.open.len() == 1 {
            self.mixed = false;
        }
    }

    fn end_element(&mut self, cx: &mut Call<'_>, full: bool) -> Result<()> {
        self.close_tag();
        let Some(open) = self.open.pop() else { return Ok(()) };
        let empty = self.content_start == self.out.len();
        if empty && !full {
            self.out.pop();
            self.raw(" />");
        } else {
            if self.indent && !self.mixed && !empty && self.text_end != self.out.len() {
                self.indentation();
            }
            self.raw("</");
            self.qualified(&open.prefix, &open.name.local);
            self.raw(">");
        }
        self.content_start = usize::MAX;
        self.mixed = open.mixed;
        self.namespaces.truncate(open.namespaces);
        if let Some(scope) = self.scopes.pop() {
            self.declared.truncate(scope);
        }
        self.charge(cx)
    }

    fn text(&mut self, cx: &mut Call<'_>, text: Value) -> Result<()> {
        self.close_tag();
        self.mixed = true;
        self.string(cx, text, Place::Text)?;
        self.text_end = self.out.len();
        self.charge(cx)
    }

    /// `stop` never occurs in the text: a space breaks it up.
    fn broken_text(&mut self, cx: &Call<'_>, text: Value, pair: [u16; 2], at_end: bool) -> Result<()> {
        let Some(text) = cx.heap.str(text) else { return Ok(()) };
        let mut spaced = Vec::with_capacity(text.len());
        for unit in text.units() {
            if unit == pair[1] && spaced.last() == Some(&pair[0]) {
                spaced.push(32);
            }
            spaced.push(unit);
        }
        if at_end && spaced.last() == Some(&pair[0]) {
            spaced.push(32);
        }
        self.text_units(spaced.into_iter(), Place::Raw)
    }

    /// A node that is neither element nor document.
    fn leaf(&mut self, cx: &mut Call<'_>, leaf: Value) -> Result<()> {
        match node::get(cx, leaf)?.data.clone() {
            Data::Text(text) => self.text(cx, text)?,
            Data::CData(text) => {
                self.close_tag();
                self.mixed = true;
                self.raw("<![CDATA[");
                let units = cx.heap.str(text).map(|t| t.to_wide()).unwrap_or_default();
                let mut rest = &units[..];
                while let Some(at) = rest.windows(3).position(|w| w == [93, 93, 62]) {
                    self.text_units(rest[..at + 2].iter().copied(), Place::Raw)?;
                    self.raw("]]><![CDATA[");
                    rest = &rest[at + 2..];
                }
                self.text_units(rest.iter().copied(), Place::Raw)?;
                self.raw("]]>");
                self.text_end = self.out.len();
            }
            Data::Comment(text) => {
                self.begin_markup();
                self.raw("<!--");
                self.broken_text(cx, text, [45, 45], true)?;
                self.raw("-->");
            }
            Data::Instruction { target, data } => {
                self.begin_markup();
                self.raw("<?");
                self.string(cx, target, Place::Raw)?;
                if cx.heap.str(data).is_some_and(|t| !t.is_empty()) {
                    self.raw(" ");
                    self.broken_text(cx, data, [63, 62], false)?;
                }
                self.raw("?>");
            }
            Data::DocumentType { name, public, system, subset } => {
                self.begin_markup();
                self.raw("<!DOCTYPE ");
                self.string(cx, name, Place::Raw)?;
                for (part, name) in [(public, "pubid"), (system, "sysid"), (subset, "subset")] {
                    check_part(cx, part, name)?;
                }
                if !public.is_null() {
                    self.raw(" PUBLIC \"");
                    self.string(cx, public, Place::Raw)?;
                    self.raw("\" \"");
                    self.string(cx, system, Place::Raw)?;
                    self.raw("\"");
                } else if !system.is_null() {
                    self.raw(" SYSTEM \"");
                    self.string(cx, system, Place::Raw)?;
                    self.raw("\"");
                } else {
                    self.raw(" ");
                }
                if !subset.is_null() {
                    self.raw("[");
                    self.string(cx, subset, Place::Raw)?;
                    self.raw("]");
                }
                self.raw(">");
            }
            Data::Element { .. } | Data::Document { .. } | Data::Attribute { .. } => {}
        }
        self.charge(cx)
    }

    /// A node and all that is below it.
    fn tree(&mut self, cx: &mut Call<'_>, top: Value) -> Result<()> {
        let mut at = top;
        loop {
            if node::is_element(cx, at) {
                self.start_element(cx, at)?;
                match node::content(cx, at)? {
                    Content::Nothing => self.end_element(cx, false)?,
                    Content::Text(text) => {
                        self.text(cx, text)?;
                        self.end_element(cx, true)?;
                    }
                    Content::Nodes { first, .. } => {
                        at = first;
                        continue;
                    }
                }
            } else {
                self.leaf(cx, at)?;
            }
            loop {
                if node::is(at, top) {
                    return Ok(());
                }
                let next = node::next(cx, at)?;
                if !next.is_null() {
                    at = next;
                    break;
                }
                at = node::parent(cx, at)?;
                self.end_element(cx, true)?;
            }
        }
    }
}

/// The prefix and namespace that an attribute declares, if it does.
fn declarations_of(cx: &mut Call<'_>, attribute: Value, into: &mut Vec<(Arc<str>, Arc<str>)>) -> Result<()> {
    let name = node::name(cx, attribute)?;
    if name.declares_namespace() {
        let prefix: &str = if name.namespace.is_empty() { "" } else { &name.local };
        let uri = node::attribute_value(cx, attribute)?;
        let uri: Arc<str> = cx.heap.text(uri).unwrap_or_default().as_ref().into();
        cx.heap.charge(uri.len() + 64)?;
        into.push((prefix.into(), uri));
    }
    Ok(())
}

/// `XNode.ToString(options)`.
pub fn to_text(cx: &mut Call<'_>, top: Value, options: i64) -> Result {
    let mut writer = Writer::new(options & 1 == 0, options & 2 != 0);
    write_node(cx, &mut writer, top)?;
    cx.heap.new_wide(&writer.out)
}

fn write_node(cx: &mut Call<'_>, writer: &mut Writer, top: Value) -> Result<()> {
    if node::is_document(cx, top) {
        if let Content::Text(text) = node::content(cx, top)? {
            writer.text(cx, text)?;
        }
        let mut child = node::first(cx, top)?;
        while !child.is_null() {
            writer.tree(cx, child)?;
            child = node::next(cx, child)?;
        }
        return Ok(());
    }
    // What the elements around it declare holds here too.
    let mut around = node::parent(cx, top)?;
    while node::is_element(cx, around) {
        cx.charge_fuel(1)?;
        let mut attribute = node::first_attribute(cx, around)?;
        while !attribute.is_null() {
            declarations_of(cx, attribute, &mut writer.declared)?;
            attribute = node::next(cx, attribute)?;
        }
        around = node::parent(cx, around)?;
    }
    writer.declared.reverse();
    writer.tree(cx, top)
}

/// The text of all that an element holds, behind a declaration if there is one.
pub fn fragment_text(cx: &mut Call<'_>, holder: Value, indent: bool, declaration: Option<&str>) -> Result {
    let mut writer = Writer::new(indent, false);
    writer.raw(declaration.unwrap_or_default());
    if let Content::Text(text) = node::content(cx, holder)? {
        writer.text(cx, text)?;
    }
    let mut child = node::first(cx, holder)?;
    while !child.is_null() {
        writer.tree(cx, child)?;
        child = node::next(cx, child)?;
    }
    cx.heap.new_wide(&writer.out)
}

/// The text that `Save` writes: with a declaration, in this encoding.
pub fn document_text(cx: &mut Call<'_>, top: Value, options: i64, encoding: &str) -> Result {
    let mut writer = Writer::new(options & 1 == 0, options & 2 != 0);
    let mut standalone = String::new();
    let mut has_root = true;
    if let Data::Document { declaration: own, .. } = node::get(cx, top)?.data {
        if let Some(declaration::Declaration(parts)) = cx.heap.extension::<declaration::Declaration>(own).copied() {
            let text = cx.heap.text(parts[2]).unwrap_or_default().into_owned();
            if text == "yes" || text == "no" {
                standalone = format!(" standalone=\"{text}\"");
            }
        }
        has_root = !super::walk::root_element(cx, top)?.is_null();
    }
    writer.raw(&format!("<?xml version=\"1.0\" encoding=\"{encoding}\"{standalone}?>"));
    write_node(cx, &mut writer, top)?;
    if !has_root {
        return Err(Fault::invalid_operation(
            "Token EndDocument in state Document would result in an invalid XML document.",
        ));
    }
    cx.heap.new_wide(&writer.out)
}

/// `XAttribute.ToString()`.
pub fn attribute_text(cx: &mut Call<'_>, attribute: Value) -> Result {
    let mut writer = Writer::new(false, false);
    let name = node::name(cx, attribute)?;
    let value = node::attribute_value(cx, attribute)?;
    let mut around = node::parent(cx, attribute)?;
    while node::is_element(cx, around) {
        let mut own = node::first_attribute(cx, around)?;
        let from = writer.declared.len();
        while !own.is_null() {
            declarations_of(cx, own, &mut writer.declared)?;
            own = node::next(cx, own)?;
        }
        writer.declared[from..].reverse();
        around = node::parent(cx, around)?;
    }
    writer.declared.reverse();
    writer.attribute(cx, &name, value)?;
    cx.heap.new_wide(&writer.out)
}

/// The parts of a document type: of a public identifier few characters are legal, of the others all of XML's.
fn check_part(cx: &Call<'_>, part: Value, name: &str) -> Result<()> {
    let Some(text) = cx.heap.str(part) else { return Ok(()) };
    let units: Vec<u16> = text.units().collect();
    let is_legal = |unit: u16| {
        if name == "pubid" { is_public(unit) } else { !matches!(unit, 0..=8 | 11 | 12 | 14..=31 | 0xFFFE | 0xFFFF) }
    };
    match units.iter().position(|&unit| !is_legal(unit)) {
        Some(at) => {
            let (shown, number) = super::name::shown_character(&units[at..]);
            let message = format!("'{shown}', hexadecimal value 0x{number:02X}, is an invalid character.");
            Err(Fault::argument(&message, name))
        }
        None => Ok(()),
    }
}
