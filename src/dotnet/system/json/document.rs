//! A JSON text scanned once: a flat list of nodes that point into the text. Nothing becomes an object here.

use super::date;
use super::reader::{Failure, Kind, Reader, Span, Unescaped, unescape};
use super::strict;
use std::sync::Arc;

/// A value, or a property's name; what belongs to it follows, up to `next`.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub kind: Kind,
    pub span: Span,
    pub next: u32,
}

#[derive(Debug)]
pub struct Document {
    text: Arc<str>,
    nodes: Vec<Node>,
    /// Of properties with one name, the last counts in its own place, and not in that of the first.
    pub last_place: bool,
}

/// Which value the text must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Token,
    Object,
    Array,
    /// A text that the serializer makes the same of as the loader: no comments, constructors or names that it knows.
    Plain,
}

impl Document {
    /// Scans a text.
    pub fn scan(text: Arc<str>, wanted: Wanted) -> Result<Arc<Document>, Failure> {
        if u32::try_from(text.len()).is_err() {
            return Err("The text is too long.".into());
        }
        let fits = |nodes: &Vec<Node>| match wanted {
            Wanted::Object => nodes[0].kind == Kind::StartObject,
            Wanted::Array => nodes[0].kind == Kind::StartArray,
            Wanted::Token => true,
            // It has more to look at than what a text must be.
            Wanted::Plain => false,
        };
        let strict = if wanted == Wanted::Plain { None } else { strict::scan(&text) };
        let nodes = match strict.filter(fits) {
            Some(nodes) => nodes,
            None => read_nodes(&text, wanted)?,
        };
        Ok(Arc::new(Document { text, nodes, last_place: wanted == Wanted::Plain }))
    }

    /// Line and position after the token of a node; none in a text of one token.
    pub fn place(&self, at: u32) -> Option<(usize, usize)> {
        let node = self.nodes.get(at as usize)?;
        let bytes = self.text.as_bytes();
        let mut end = node.span.end as usize;
        match node.kind {
            // Past the closing quote, and past the colon after a name.
            Kind::String => end += 1,
            Kind::PropertyName => {
                end += self.text[end..].find(':').map_or(0, |at| at + 1);
            }
            Kind::StartConstructor => end += self.text[end..].find('(').map_or(0, |at| at + 1),
            _ => {}
        }
        let end = end.min(bytes.len());
        let before = &bytes[..end];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        let start = before.iter().rposition(|&byte| byte == b'\n' || byte == b'\r').map_or(0, |at| at + 1);
        Some((line, self.text.get(start..end).map_or(0, |text| text.encode_utf16().count())))
    }

    /// Whether tokens know their places: the loader tells them, the serializer does not.
    pub fn has_places(&self) -> bool {
        !self.last_place
    }

    pub fn node(&self, at: u32) -> Node {
        self.nodes[at as usize]
    }

    /// What the scan holds in memory.
    pub fn size(&self) -> usize {
        self.text.len() + self.nodes.len() * size_of::<Node>()
    }

    pub fn raw(&self, node: Node) -> &str {
        &self.text[node.span.start as usize..node.span.end as usize]
    }

    pub fn string(&self, node: Node) -> Unescaped<'_> {
        unescape(&self.text, node.span)
    }

    /// Whether a name or string is this text.
    pub fn is(&self, node: Node, wanted: &str) -> bool {
        if node.span.escaped { self.string(node).to_text() == wanted } else { self.raw(node) == wanted }
    }

    /// The positions of a container's values (the names, in an object).
    pub fn children(&self, at: u32) -> impl Iterator<Item = u32> + '_ {
        let end = self.nodes[at as usize].next;
        let mut next = at + 1;
        std::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let child = next;
            next = self.nodes[next as usize].next;
            Some(child)
        })
    }
}

fn is_date(reader: &Reader<'_>, kind: Kind) -> bool {
    kind == Kind::String && date::recognise(&reader.unescape(reader.span).to_text()).is_some()
}

/// The nodes as the lenient reader gives them.
pub(super) fn read_nodes(text: &str, wanted: Wanted) -> Result<Vec<Node>, Failure> {
    let mut reader = Reader::new(text);
    let mut nodes = Vec::with_capacity(text.len() / 8);
    let name = match wanted {
        Wanted::Object => "JObject",
        Wanted::Array => "JArray",
        _ => "JToken",
    };
    let mut first = reader.read()?;
    if first.is_none() {
        return Err(reader.fail(&format!("Error reading {name} from JsonReader.")));
    }
    let is_comment = first == Some(Kind::Comment);
    if wanted != Wanted::Token {
        while first == Some(Kind::Comment) {
            first = reader.read()?;
        }
    }
    let Some(first) = first else {
        let item = if is_comment { "Comment" } else { "None" };
        let what = if wanted == Wanted::Array { "an array" } else { "an object" };
        return Err(reader
            .fail(&format!("Error reading {name} from JsonReader. Current JsonReader item is not {what}: {item}.")));
    };
    let expected = match wanted {
        Wanted::Object => Some((Kind::StartObject, "an object")),
        Wanted::Array => Some((Kind::StartArray, "an array")),
        _ => None,
    };
    if let Some((kind, what)) = expected
        && first != kind
    {
        let item = first.name(is_date(&reader, first));
        return Err(reader
            .fail(&format!("Error reading {name} from JsonReader. Current JsonReader item is not {what}: {item}.")));
    }
    match first {
        Kind::StartConstructor if wanted == Wanted::Plain => return Err(NOT_PLAIN.into()),
        Kind::StartObject | Kind::StartArray | Kind::StartConstructor => {
            container(&mut reader, &mut nodes, first, wanted == Wanted::Plain)?;
            if wanted == Wanted::Plain && is_comment {
                return Err(NOT_PLAIN.into());
            }
        }
        Kind::EndObject | Kind::EndArray | Kind::EndConstructor | Kind::PropertyName => {
            return Err(
                reader.fail(&format!("Error reading JToken from JsonReader. Unexpected token: {}.", first.name(false)))
            );
        }
        leaf => nodes.push(Node { kind: leaf, span: reader.span, next: 1 }),
    }
    while reader.read()?.is_some() {}
    Ok(nodes)
}

/// Reads a container to its end. The names of a property and the containers around stand on `open` until their end is known.
fn container(reader: &mut Reader<'_>, nodes: &mut Vec<Node>, kind: Kind, plain: bool) -> Result<(), Failure> {
    let name = match kind {
        Kind::StartObject => "JObject",
        Kind::StartArray => "JArray",
        _ => "JConstructor",
    };
    let mut open: Vec<u32> = Vec::new();
    let mut is_first = true;
    push(nodes, &mut open, kind, reader.span);
    while !open.is_empty() {
        let Some(kind) = reader.read()? else {
            return Err(reader.fail(&if is_first {
                format!("Error reading {name} from JsonReader.")
            } else {
                format!("Unexpected end of content while loading {name}.")
            }));
        };
        is_first = false;
        if plain && !is_plain(reader, kind) {
            return Err(NOT_PLAIN.into());
        }
        match kind {
            Kind::Comment => {}
            Kind::StartObject | Kind::StartArray | Kind::StartConstructor | Kind::PropertyName => {
                push(nodes, &mut open, kind, reader.span);
            }
            Kind::EndObject | Kind::EndArray | Kind::EndConstructor => {
                close(nodes, &mut open);
                end_property(nodes, &mut open);
            }
            leaf => {
                let next = nodes.len() as u32 + 1;
                nodes.push(Node { kind: leaf, span: reader.span, next });
                end_property(nodes, &mut open);
            }
        }
    }
    Ok(())
}

/// A text that is read token by token instead.
const NOT_PLAIN: &str = "The text means something else to the serializer.";

fn is_plain(reader: &Reader<'_>, kind: Kind) -> bool {
    match kind {
        Kind::Comment | Kind::Undefined | Kind::StartConstructor => false,
        Kind::PropertyName => reader.bytes.get(reader.span.start as usize) != Some(&b'$') && !reader.span.escaped,
        _ => true,
    }
}

fn push(nodes: &mut Vec<Node>, open: &mut Vec<u32>, kind: Kind, span: Span) {
    open.push(nodes.len() as u32);
    nodes.push(Node { kind, span, next: 0 });
}

fn close(nodes: &mut [Node], open: &mut Vec<u32>) {
    let next = nodes.len() as u32;
    if let Some(at) = open.pop() {
        nodes[at as usize].next = next;
    }
}

fn end_property(nodes: &mut [Node], open: &mut Vec<u32>) {
    if open.last().is_some_and(|&at| nodes[at as usize].kind == Kind::PropertyName) {
        close(nodes, open);
    }
}
