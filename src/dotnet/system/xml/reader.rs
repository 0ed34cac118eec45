//! `System.Xml.XmlReader` over a tree, or over text that becomes one: a cursor that goes forward.
//!
//! In: a node or a `TextReader`. Out: one node after the other, and what stands at it. A text that is malformed is read up to
//! there. Never: a file, an address, an external entity, recursion over depth.

use super::node::{self, Content, Data};
use super::{Result, convert, element, name, read, write};
use crate::dotnet::call::{Call, enumeration, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::system::io;
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;
use std::sync::LazyLock;

pub(super) const ELEMENT: i64 = 1;
const ATTRIBUTE: i64 = 2;
const TEXT: i64 = 3;
const CDATA: i64 = 4;
const INSTRUCTION: i64 = 7;
const COMMENT: i64 = 8;
const DOCUMENT_TYPE: i64 = 10;
const WHITESPACE: i64 = 13;
const SIGNIFICANT: i64 = 14;
pub(super) const END_ELEMENT: i64 = 15;
const DECLARATION: i64 = 17;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Initial = 0,
    Interactive = 1,
    Error = 2,
    EndOfFile = 3,
    Closed = 4,
}

/// A stop of the cursor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    pub(super) kind: i64,
    pub(super) depth: i32,
    /// The node; null for text that has none, and for a declaration.
    pub(super) node: Value,
    pub(super) text: Value,
    pub(super) is_empty: bool,
    /// Of an element, the stop where it ends; `usize::MAX` where the text breaks off before.
    pub(super) end: usize,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Settings {
    pub(super) no_white_space: bool,
    pub(super) no_comments: bool,
    pub(super) no_instructions: bool,
    /// `DtdProcessing`.
    pub(super) document_types: i64,
}

#[derive(Debug)]
pub(super) struct Reader {
    pub(super) source: Value,
    /// The source is text.
    pub(super) parses: bool,
    pub(super) settings: Settings,
    pub(super) omit_duplicates: bool,
    pub(super) state: State,
    pub(super) stops: Vec<Stop>,
    pub(super) at: usize,
    /// The attribute that the cursor stands on, and whether on its value.
    pub(super) attribute: Option<(usize, bool)>,
    /// What is thrown behind the last stop.
    pub(super) failed: Option<Fault>,
}

fn reader_type() -> TypeId {
    static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::named("System.Xml.XmlReader"));
    *ID
}

fn new(cx: &mut Call<'_>, source: Value, parses: bool, settings: Settings, omit_duplicates: bool) -> Result {
    let reader = Reader {
        source,
        parses,
        settings,
        omit_duplicates,
        state: State::Initial,
        stops: Vec::new(),
        at: 0,
        attribute: None,
        failed: None,
    };
    cx.heap.new_extension(reader_type(), reader)
}

/// `XNode.CreateReader([readerOptions])`.
pub fn of_node(cx: &mut Call<'_>, a: &[Value]) -> Result {
    node::get(cx, a[0])?;
    let omit = a.get(1).is_some_and(|&options| enumeration(options) & 1 != 0);
    new(cx, a[0], false, Settings::default(), omit)
}

/// `XmlReader.Create(input[, settings])`.
pub(super) fn create(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let settings = match a.get(1) {
        Some(&given) => cx.heap.extension::<Settings>(given).copied().unwrap_or_default(),
        None => Settings::default(),
    };
    let text = io::read_to_end(cx, a[0])?;
    new(cx, text, true, settings, false)
}

// ---- the stops

pub(super) fn stop(kind: i64, depth: i32, node: Value, text: Value) -> Stop {
    Stop { kind, depth, node, text, is_empty: false, end: usize::MAX }
}

/// Lists the stops of the source.
fn prepare(cx: &mut Call<'_>, this: Value) -> Result<()> {
    let (source, parses, settings) = {
        let reader = cx.this::<Reader>(this)?;
        (reader.source, reader.parses, reader.settings)
    };
    let (top, unclosed, mut failed) = if parses { read::parse_partly(cx, source)? } else { (source, Vec::new(), None) };
    let mut stops = Vec::new();
    if parses {
        node::text_to_node(cx, top)?;
    }
    if let (true, Data::Document { declaration, .. }) = (parses, &node::get(cx, top)?.data) {
        let declaration = *declaration;
        if !declaration.is_null() {
            let text = super::declaration::text(cx, declaration)?;
            let inside = text.trim_start_matches("<?xml ").trim_end_matches("?>");
            let value = cx.new_str(inside)?;
            stops.push(stop(DECLARATION, 0, Value::Null, value));
        }
    }
    // Elements that are open: their stops.
    let mut open: Vec<usize> = Vec::new();
    let is_document = node::is_document(cx, top);
    let mut at = if is_document { node::first(cx, top)? } else { top };
    'nodes: while !at.is_null() {
        cx.charge_fuel(1)?;
        cx.heap.charge(2 * size_of::<Stop>())?;
        let depth = open.len() as i32;
        match node::get(cx, at)?.data.clone() {
            Data::Element { content, .. } => {
                open.push(stops.len());
                let is_empty = matches!(content, Content::Nothing);
                stops.push(Stop { is_empty, ..stop(ELEMENT, depth, at, Value::Null) });
                match content {
                    Content::Text(text) if cx.heap.str(text).is_some_and(|text| !text.is_empty()) => {
                        let kind = text_kind(cx, text, parses);
                        if kind != WHITESPACE || !settings.no_white_space {
                            stops.push(stop(kind, depth + 1, Value::Null, text));
                        }
                    }
                    Content::Nodes { first, .. } if !first.is_null() => {
                        at = first;
                        continue 'nodes;
                    }
                    _ => {}
                }
                end_element(&mut stops, &mut open, &unclosed);
            }
            Data::Text(text) => {
                let kind = text_kind(cx, text, parses);
                if kind != WHITESPACE || !settings.no_white_space {
                    stops.push(stop(kind, depth, at, text));
                }
            }
            Data::CData(text) => stops.push(stop(CDATA, depth, at, text)),
            Data::Comment(_) if settings.no_comments => {}
            Data::Comment(text) => stops.push(stop(COMMENT, depth, at, text)),
            Data::Instruction { .. } if settings.no_instructions => {}
            Data::Instruction { data, .. } => stops.push(stop(INSTRUCTION, depth, at, data)),
            Data::DocumentType { .. } if parses && settings.document_types == 0 => {
                let message = "For security reasons DTD is prohibited in this XML document. To enable DTD processing set the DtdProcessing property on XmlReaderSettings to Parse and pass the settings into XmlReader.Create method.";
                failed = Some(Fault::throw("System.Xml.XmlException", message));
                break 'nodes;
            }
            Data::DocumentType { .. } if parses && settings.document_types == 1 => {}
            Data::DocumentType { subset, .. } => stops.push(stop(DOCUMENT_TYPE, depth, at, subset)),
            Data::Document { .. } | Data::Attribute { .. } => {}
        }
        // The next node: behind this one, or behind an element around it.
        loop {
            if node::is(at, top) {
                break 'nodes;
            }
            let following = node::next(cx, at)?;
            if !following.is_null() {
                at = following;
                break;
            }
            at = node::parent(cx, at)?;
            if node::is(at, top) && is_document || at.is_null() {
                break 'nodes;
            }
            end_element(&mut stops, &mut open, &unclosed);
        }
    }
    let reader = cx.this_mut::<Reader>(this)?;
    reader.stops = stops;
    reader.failed = failed;
    Ok(())
}

fn end_element(stops: &mut Vec<Stop>, open: &mut Vec<usize>, unclosed: &[Value]) {
    let Some(start) = open.pop() else { return };
    let element = stops[start];
    if unclosed.iter().any(|&open| node::is(open, element.node)) {
        return;
    }
    stops[start].end = stops.len();
    if element.is_empty {
        stops[start].end = start;
    } else {
        stops.push(stop(END_ELEMENT, element.depth, element.node, Value::Null));
    }
}

/// Text that was read is white space where it is nothing else.
fn text_kind(cx: &Call<'_>, text: Value, parses: bool) -> i64 {
    let is_white = cx.heap.str(text).is_some_and(|text| text.units().all(|unit| matches!(unit, 9 | 10 | 13 | 32)));
    if parses && is_white { WHITESPACE } else { TEXT }
}

// ---- the cursor

pub(super) fn advance(cx: &mut Call<'_>, this: Value) -> Result<bool> {
    cx.charge_fuel(1)?;
    match cx.this::<Reader>(this)?.state {
        State::Initial => {
            prepare(cx, this)?;
            cx.this_mut::<Reader>(this)?.state = State::Interactive;
        }
        State::Interactive => {
            let reader = cx.this_mut::<Reader>(this)?;
            reader.at += 1;
            reader.attribute = None;
        }
        State::Error | State::EndOfFile | State::Closed => return Ok(false),
    }
    let reader = cx.this_mut::<Reader>(this)?;
    if reader.at < reader.stops.len() {
        return Ok(true);
    }
    match reader.failed.take() {
        Some(fault) => {
            reader.state = State::Error;
            Err(fault)
        }
        None => {
            reader.state = State::EndOfFile;
            Ok(false)
        }
    }
}

/// The stop, while reading.
pub(super) fn here(cx: &Call<'_>, this: Value) -> Result<Option<Stop>> {
    let reader = cx.this::<Reader>(this)?;
    Ok(if reader.state == State::Interactive { reader.stops.get(reader.at).copied() } else { None })
}

pub(super) fn kind(cx: &Call<'_>, this: Value) -> Result<i64> {
    let Some(stop) = here(cx, this)? else { return Ok(0) };
    Ok(match cx.this::<Reader>(this)?.attribute {
        Some((_, false)) => ATTRIBUTE,
        Some((_, true)) => TEXT,
        None => stop.kind,
    })
}

pub(super) fn kind_value(kind: i64) -> Value {
    Value::Enum { ty: node::xml_node_type(), value: kind }
}

fn kind_name(kind: i64) -> String {
    crate::dotnet::system::enumeration::name(node::xml_node_type(), kind)
}

pub(super) fn to_element(cx: &mut Call<'_>, this: Value) -> Result<bool> {
    let reader = cx.this_mut::<Reader>(this)?;
    Ok(reader.attribute.take().is_some())
}

pub(super) fn to_content(cx: &mut Call<'_>, this: Value) -> Result<i64> {
    to_element(cx, this)?;
    loop {
        let kind = kind(cx, this)?;
        if matches!(kind, ELEMENT | END_ELEMENT | CDATA | TEXT) || !advance(cx, this)? {
            return self::kind(cx, this);
        }
    }
}

/// Goes behind the element that the cursor is on, or behind any other node.
pub(super) fn skip(cx: &mut Call<'_>, this: Value) -> Result<bool> {
    to_element(cx, this)?;
    if let Some(stop) = here(cx, this)?
        && stop.kind == ELEMENT
        && !stop.is_empty
    {
        while advance(cx, this)? && here(cx, this)?.is_some_and(|inner| inner.depth > stop.depth) {}
    }
    advance(cx, this)
}

// ---- what stands there

/// The attributes of the element that the cursor is on.
pub(super) fn attributes(cx: &mut Call<'_>, this: Value) -> Result<Vec<Value>> {
    let Some(stop) = here(cx, this)?.filter(|stop| stop.kind == ELEMENT) else { return Ok(Vec::new()) };
    let (omit, top) = {
        let reader = cx.this::<Reader>(this)?;
        (reader.omit_duplicates, reader.source)
    };
    let mut all = Vec::new();
    let mut attribute = node::first_attribute(cx, stop.node)?;
    while !attribute.is_null() {
        cx.charge_fuel(1)?;
        if !omit || node::is(stop.node, top) || !is_declared_above(cx, stop.node, attribute)? {
            all.push(attribute);
        }
        attribute = node::next(cx, attribute)?;
    }
    Ok(all)
}

fn is_declared_above(cx: &mut Call<'_>, element: Value, attribute: Value) -> Result<bool> {
    let own = node::name(cx, attribute)?;
    if !own.declares_namespace() {
        return Ok(false);
    }
    let prefix = if own.namespace.is_empty() { "" } else { &own.local };
    let value = node::attribute_value(cx, attribute)?;
    let above = node::parent(cx, element)?;
    let known = if node::is_element(cx, above) { element::namespace_of_prefix(cx, above, prefix)? } else { None };
    Ok(known.is_some_and(|known| cx.heap.text(value).is_some_and(|value| value == known)))
}

/// Prefix, local name, namespace.
type Parts = (String, String, String);

fn attribute_parts(cx: &mut Call<'_>, attribute: Value) -> Result<Parts> {
    let own = node::name(cx, attribute)?;
    let uri = if own.declares_namespace() { name::XMLNS } else { &own.namespace };
    let element = node::parent(cx, attribute)?;
    let prefix = match &*own.namespace {
        "" => String::new(),
        space => element::prefix_of(cx, element, space)?.unwrap_or_default(),
    };
    Ok((prefix, own.local.to_string(), uri.to_owned()))
}

/// The name that the cursor is on; empty names where a node has none.
pub(super) fn parts(cx: &mut Call<'_>, this: Value) -> Result<Parts> {
    let nothing = (String::new(), String::new(), String::new());
    let Some(stop) = here(cx, this)? else { return Ok(nothing) };
    match cx.this::<Reader>(this)?.attribute {
        Some((_, true)) => return Ok(nothing),
        Some((at, false)) => {
            let all = attributes(cx, this)?;
            return attribute_parts(cx, all[at]);
        }
        None => {}
    }
    let local = match stop.kind {
        ELEMENT | END_ELEMENT => {
            let own = node::name(cx, stop.node)?;
            let prefix = element::prefix_of(cx, stop.node, &own.namespace)?.unwrap_or_default();
            return Ok((prefix, own.local.to_string(), own.namespace.to_string()));
        }
        DECLARATION => "xml".to_owned(),
        INSTRUCTION | DOCUMENT_TYPE => match &node::get(cx, stop.node)?.data {
            Data::Instruction { target: name, .. } | Data::DocumentType { name, .. } => {
                cx.heap.text(*name).unwrap_or_default().into_owned()
            }
            _ => String::new(),
        },
        _ => String::new(),
    };
    Ok((String::new(), local, String::new()))
}

pub(super) fn qualified((prefix, local, _): &Parts) -> String {
    if prefix.is_empty() { local.clone() } else { format!("{prefix}:{local}") }
}

pub(super) fn value(cx: &mut Call<'_>, this: Value) -> Result {
    let Some(stop) = here(cx, this)? else { return cx.new_str("") };
    if let Some((at, _)) = cx.this::<Reader>(this)?.attribute {
        let all = attributes(cx, this)?;
        return node::attribute_value(cx, all[at]);
    }
    if stop.text.is_null() { cx.new_str("") } else { Ok(stop.text) }
}

/// The attribute of a name, or of a local name and a namespace: its place.
pub(super) fn find(cx: &mut Call<'_>, a: &[Value]) -> Result<Option<(usize, Value)>> {
    let wanted = cx.heap.text(a[1]).unwrap_or_default().into_owned();
    let space = a.get(2).map(|&space| cx.heap.text(space).unwrap_or_default().into_owned());
    for (at, attribute) in attributes(cx, a[0])?.into_iter().enumerate() {
        let own = attribute_parts(cx, attribute)?;
        let is_it = match &space {
            Some(space) => own.1 == wanted && own.2 == *space,
            None => qualified(&own) == wanted,
        };
        if is_it {
            return Ok(Some((at, attribute)));
        }
    }
    Ok(None)
}

pub(super) fn get_attribute(cx: &mut Call<'_>, a: &[Value]) -> Result {
    match find(cx, a)? {
        Some((_, attribute)) => node::attribute_value(cx, attribute),
        None => Ok(Value::Null),
    }
}

pub(super) fn attribute_at(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let all = attributes(cx, a[0])?;
    let found = usize::try_from(int(a[1])).ok().and_then(|at| all.get(at));
    match found {
        Some(&attribute) => node::attribute_value(cx, attribute),
        None => Err(Fault::out_of_range("Specified argument was out of the range of valid values.", "i")),
    }
}

pub(super) fn move_to(cx: &mut Call<'_>, this: Value, at: Option<usize>) -> Result {
    let there = at.filter(|&at| attributes(cx, this).is_ok_and(|all| at < all.len()));
    if let Some(at) = there {
        cx.this_mut::<Reader>(this)?.attribute = Some((at, false));
    }
    Ok(Value::Bool(there.is_some()))
}

// ---- reading elements

fn wrong_kind(kind: i64) -> Fault {
    Fault::throw("System.Xml.XmlException", format!("'{}' is an invalid XmlNodeType.", kind_name(kind)))
}

/// Whether the cursor's name is the one of `a[1..]`: any, a qualified one, or a local name with its namespace.
fn is_named(cx: &mut Call<'_>, a: &[Value]) -> Result<bool> {
    let own = parts(cx, a[0])?;
    let given = |at: usize| cx.heap.text(a[at]).unwrap_or_default();
    Ok(match a.len() {
        1 => true,
        2 => qualified(&own) == given(1),
        _ => own.1 == given(1) && own.2 == given(2),
    })
}

pub(super) fn is_start(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Bool(to_content(cx, a[0])? == ELEMENT && is_named(cx, a)?))
}

/// The cursor must come to an element, of this name if one is given.
fn expect_start(cx: &mut Call<'_>, a: &[Value]) -> Result<()> {
    let kind = to_content(cx, a[0])?;
    if kind != ELEMENT {
        return Err(wrong_kind(kind));
    }
    if !is_named(cx, a)? {
        let wanted = cx.heap.text(a[1]).unwrap_or_default();
        let message = match a.get(2) {
            Some(&space) => {
                let space = cx.heap.text(space).unwrap_or_default();
                format!("Element '{wanted}' with namespace name '{space}' was not found.")
            }
            None => format!("Element '{wanted}' was not found."),
        };
        return Err(Fault::throw("System.Xml.XmlException", message));
    }
    Ok(())
}

pub(super) fn read_start(cx: &mut Call<'_>, a: &[Value]) -> Result {
    expect_start(cx, a)?;
    advance(cx, a[0])?;
    Ok(Value::Null)
}

pub(super) fn read_end(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let kind = to_content(cx, a[0])?;
    if kind != END_ELEMENT {
        return Err(wrong_kind(kind));
    }
    advance(cx, a[0])?;
    Ok(Value::Null)
}

pub(super) fn read_string(cx: &mut Call<'_>, this: Value) -> Result {
    to_element(cx, this)?;
    if let Some(stop) = here(cx, this)?
        && stop.kind == ELEMENT
    {
        if stop.is_empty {
            return cx.new_str("");
        }
        advance(cx, this)?;
    }
    let mut texts = Vec::new();
    while let Some(stop) = here(cx, this)?
        && matches!(stop.kind, TEXT | CDATA | WHITESPACE | SIGNIFICANT)
    {
        cx.heap.charge(size_of::<Value>())?;
        texts.push(stop.text);
        advance(cx, this)?;
    }
    cx.heap.concat(&texts)
}

pub(super) fn read_element_string(cx: &mut Call<'_>, a: &[Value]) -> Result {
    expect_start(cx, a)?;
    let text = read_string(cx, a[0])?;
    if here(cx, a[0])?.is_some_and(|stop| stop.kind == ELEMENT && stop.is_empty) {
        advance(cx, a[0])?;
        return Ok(text);
    }
    let kind = kind(cx, a[0])?;
    if kind != END_ELEMENT {
        return Err(wrong_kind(kind));
    }
    advance(cx, a[0])?;
    Ok(text)
}

/// A text as the type `System.{dotnet}`, which messages call `name`.
fn converted(cx: &mut Call<'_>, text: Value, (name, dotnet): (&str, &str)) -> Result {
    let target = TypeId::named(&format!("System.{dotnet}"));
    if target == types::string() {
        return Ok(text);
    }
    convert::read(cx, text, target).map_err(|fault| match fault {
        Fault::Throw(_) => {
            let message = format!("Content cannot be converted to the type {name}.");
            Fault::throw("System.Xml.XmlException", message)
        }
        other => other,
    })
}

/// `ReadElementContentAs...([localName, namespaceURI])`.
pub(super) fn read_element_as(cx: &mut Call<'_>, a: &[Value], method: &str, target: (&str, &str)) -> Result {
    if a.len() > 1 {
        expect_start(cx, a)?;
    }
    let this = a[0];
    let Some(stop) = here(cx, this)?.filter(|stop| stop.kind == ELEMENT) else {
        let kind = kind(cx, this)?;
        let rest = match kind {
            0 => " Line 0, position 0.",
            _ => " If you want to read typed content of an element, use the ReadContentAs method.",
        };
        let kind = kind_name(kind);
        let message = format!("The {method} method is not supported on node type {kind}.{rest}");
        return Err(Fault::invalid_operation(message));
    };
    to_element(cx, this)?;
    let mut texts = Vec::new();
    if !stop.is_empty {
        while advance(cx, this)? {
            let Some(inner) = here(cx, this)? else { break };
            match inner.kind {
                END_ELEMENT => break,
                ELEMENT => {
                    let message =
                        "ReadElementContentAs() methods cannot be called on an element that has child elements.";
                    return Err(Fault::throw("System.Xml.XmlException", message));
                }
                TEXT | CDATA | WHITESPACE | SIGNIFICANT => {
                    cx.heap.charge(size_of::<Value>())?;
                    texts.push(inner.text);
                }
                _ => {}
            }
        }
    }
    let text = cx.heap.concat(&texts)?;
    let value = converted(cx, text, target)?;
    advance(cx, this)?;
    Ok(value)
}

/// `ReadContentAs...()`: of an attribute, or of text up to the next element.
pub(super) fn read_as(cx: &mut Call<'_>, this: Value, method: &str, target: (&str, &str)) -> Result {
    if cx.this::<Reader>(this)?.attribute.is_some() {
        let text = value(cx, this)?;
        return converted(cx, text, target);
    }
    let kind = kind(cx, this)?;
    if !matches!(kind, TEXT | CDATA | WHITESPACE | SIGNIFICANT | END_ELEMENT | COMMENT | INSTRUCTION) {
        let kind = kind_name(kind);
        let message = format!(
            "The {method} method is not supported on node type {kind}. If you want to read typed content of an element, use the ReadElementContentAs method."
        );
        return Err(Fault::invalid_operation(message));
    }
    let mut texts = Vec::new();
    while let Some(stop) = here(cx, this)?
        && !matches!(stop.kind, ELEMENT | END_ELEMENT)
    {
        if matches!(stop.kind, TEXT | CDATA | WHITESPACE | SIGNIFICANT) {
            cx.heap.charge(size_of::<Value>())?;
            texts.push(stop.text);
        }
        if !advance(cx, this)? {
            break;
        }
    }
    let text = cx.heap.concat(&texts)?;
    converted(cx, text, target)
}

/// `ReadInnerXml`, `ReadOuterXml`: the text of what is below, or of all; the cursor goes behind it.
pub(super) fn read_markup(cx: &mut Call<'_>, this: Value, outer: bool) -> Result {
    let Some(stop) = here(cx, this)? else { return cx.new_str("") };
    if cx.this::<Reader>(this)?.attribute.is_some() {
        return if outer { cx.new_str("") } else { value(cx, this) };
    }
    let text = match stop.kind {
        ELEMENT if outer => write::to_text(cx, stop.node, 1)?,
        ELEMENT => match node::content(cx, stop.node)? {
            Content::Nothing => cx.new_str("")?,
            _ => {
                // As a document's children: each with the declarations that it needs.
                let copy = node::clone(cx, stop.node)?;
                node::text_to_node(cx, copy)?;
                let mut texts = Vec::new();
                let mut child = node::first(cx, copy)?;
                while !child.is_null() {
                    cx.charge_fuel(1)?;
                    texts.push(write::to_text(cx, child, 1)?);
                    child = node::next(cx, child)?;
                }
                cx.heap.concat(&texts)?
            }
        },
        END_ELEMENT => cx.new_str("")?,
        _ if outer && !stop.node.is_null() => write::to_text(cx, stop.node, 1)?,
        _ => cx.new_str("")?,
    };
    skip(cx, this)?;
    Ok(text)
}

pub(super) fn read_to_following(cx: &mut Call<'_>, a: &[Value]) -> Result {
    while advance(cx, a[0])? {
        if kind(cx, a[0])? == ELEMENT && is_named(cx, a)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

pub(super) fn read_to_descendant(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let outer = match here(cx, a[0])? {
        None if cx.this::<Reader>(a[0])?.state == State::Initial => -1,
        Some(stop) if stop.kind == ELEMENT && !stop.is_empty => stop.depth,
        _ => return Ok(Value::Bool(false)),
    };
    to_element(cx, a[0])?;
    while advance(cx, a[0])? && here(cx, a[0])?.is_some_and(|stop| stop.depth > outer) {
        if kind(cx, a[0])? == ELEMENT && is_named(cx, a)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

pub(super) fn read_to_sibling(cx: &mut Call<'_>, a: &[Value]) -> Result {
    while skip(cx, a[0])? {
        match kind(cx, a[0])? {
            ELEMENT if is_named(cx, a)? => return Ok(Value::Bool(true)),
            END_ELEMENT => break,
            _ => {}
        }
    }
    Ok(Value::Bool(false))
}

/// `XNode.ReadFrom(reader)`: the node under the cursor as a tree of its own; the cursor goes behind it.
pub fn read_from(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() {
        return Err(Fault::argument_null("reader"));
    }
    let Some(stop) = here(cx, a[0])? else {
        return Err(Fault::invalid_operation("The XmlReader state should be Interactive."));
    };
    let kind = kind(cx, a[0])?;
    let made = match kind {
        ELEMENT => {
            if stop.end == usize::MAX {
                // The text breaks off inside it: that is what the reader throws.
                while advance(cx, a[0])? {}
            }
            node::clone(cx, stop.node)?
        }
        TEXT | WHITESPACE | SIGNIFICANT => node::new(cx, Data::Text(stop.text))?,
        CDATA | COMMENT | INSTRUCTION | DOCUMENT_TYPE => node::clone(cx, stop.node)?,
        _ => {
            let message = format!("The XmlReader should not be on a node of type {}.", kind_name(kind));
            return Err(Fault::invalid_operation(message));
        }
    };
    skip(cx, a[0])?;
    Ok(made)
}

/// What is left to read, where reading has not begun; else the node under the cursor.
pub fn all_from(cx: &mut Call<'_>, this: Value) -> Result<Vec<Value>> {
    if this.is_null() {
        return Err(Fault::argument_null("reader"));
    }
    if cx.this::<Reader>(this)?.state != State::Initial {
        return Ok(vec![read_from(cx, &[this])?]);
    }
    let mut all = Vec::new();
    let mut goes = advance(cx, this)?;
    while goes {
        cx.heap.charge(size_of::<Value>())?;
        if kind(cx, this)? == DECLARATION {
            goes = advance(cx, this)?;
            continue;
        }
        all.push(read_from(cx, &[this])?);
        goes = here(cx, this)?.is_some();
    }
    Ok(all)
}

/// `XElement.Load(reader[, options])`.
pub fn load_element(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() {
        return Err(Fault::argument_null("reader"));
    }
    let kind = to_content(cx, a[0])?;
    if kind != ELEMENT {
        let kind = kind_name(kind);
        let message = format!("The XmlReader must be on a node of type Element instead of a node of type {kind}.");
        return Err(Fault::invalid_operation(message));
    }
    let made = read_from(cx, a)?;
    to_content(cx, a[0])?;
    if cx.this::<Reader>(a[0])?.state != State::EndOfFile {
        return Err(Fault::invalid_operation("The XmlReader state should be EndOfFile after this operation."));
    }
    Ok(made)
}

pub(super) fn close(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.this_mut::<Reader>(a[0])?.state = State::Closed;
    Ok(Value::Null)
}
