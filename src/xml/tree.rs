//! The tree of a text: elements, attributes, text, comments, each with its place in the file.

use super::entity;
use super::mask::{Masked, Reading};
use crate::source::{Cooked, CookedBuilder, FileId, Span};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(pub(super) u32);

#[derive(Clone, Debug)]
pub struct Node {
    /// From `<` to the last `>`; of text, the text.
    pub span: Span,
    pub parent: Option<NodeId>,
    pub kind: NodeKind,
}

#[derive(Clone, Debug)]
pub enum NodeKind {
    Element(Element),
    Text,
    CData,
    Comment,
}

#[derive(Clone, Debug)]
pub struct Element {
    pub name: Span,
    pub attributes: Vec<Attribute>,
    pub children: Vec<NodeId>,
    /// All that stands between start tag and end tag.
    pub inner: Span,
    /// The start tag was broken, and something in it was dropped: an absent attribute may be the broken one.
    pub damaged: bool,
    /// It has no end tag of its own: what it holds may belong after it.
    pub unclosed: bool,
}

#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: Span,
    /// Between the quotes.
    pub value: Span,
}

/// What was read from one text. Broken input yields a tree too; what was wrong is among the findings.
#[derive(Debug)]
pub struct Tree<'s> {
    pub file: FileId,
    pub(super) text: &'s str,
    pub(super) nodes: Vec<Node>,
    /// Nodes that stand at the top.
    pub top: Vec<NodeId>,
    pub(super) expressions: Vec<Masked>,
}

impl<'s> Tree<'s> {
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub fn element(&self, id: NodeId) -> Option<&Element> {
        match &self.node(id).kind {
            NodeKind::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The text of a span.
    pub fn str(&self, span: Span) -> &'s str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// How long the text is.
    pub fn length(&self) -> u32 {
        self.text.len() as u32
    }

    /// The elements among these nodes.
    pub fn elements<'t>(&'t self, nodes: &'t [NodeId]) -> impl Iterator<Item = (NodeId, &'t Element)> {
        nodes.iter().filter_map(|&id| Some((id, self.element(id)?)))
    }

    /// Where expressions stand, `@` and brackets included, in order.
    pub fn expressions(&self) -> impl Iterator<Item = (u32, u32)> {
        self.expressions.iter().map(|masked| (masked.start, masked.end))
    }

    /// An attribute's value: entities and line ends replaced, expressions as C# reads them.
    pub fn value(&self, attribute: &Attribute) -> Cooked {
        let mut out = CookedBuilder::new(attribute.value);
        self.cook(attribute.value, true, &mut out);
        out.finish()
    }

    /// Text and CDATA directly inside an element, put together; `None` where there is none but white space.
    pub fn text_of(&self, element: &Element) -> Option<Cooked> {
        let mut out = CookedBuilder::new(element.inner);
        for &child in &element.children {
            let node = self.node(child);
            match node.kind {
                NodeKind::Text => self.cook(node.span, false, &mut out),
                NodeKind::CData => self.verbatim(cdata_content(node.span), &mut out),
                NodeKind::Element(_) | NodeKind::Comment => {}
            }
        }
        Some(out.finish()).filter(|text| !text.text().trim().is_empty())
    }

    /// Everything between an element's tags as it is written, line ends apart.
    pub fn markup_of(&self, element: &Element) -> Cooked {
        let mut out = CookedBuilder::new(element.inner);
        self.verbatim(element.inner, &mut out);
        out.finish()
    }

    fn cook(&self, span: Span, in_attribute: bool, out: &mut CookedBuilder) {
        let mut at = span.start;
        let first = self.expressions.partition_point(|masked| masked.start < span.start);
        for masked in self.expressions[first..].iter().take_while(|masked| masked.end <= span.end) {
            entity::unescape(self.text, at, masked.start, in_attribute, out);
            match masked.reading {
                Reading::Escaped => entity::unescape(self.text, masked.start, masked.end, false, out),
                Reading::Raw | Reading::Either => {
                    self.verbatim(Span { start: masked.start, end: masked.end, ..span }, out)
                }
            }
            at = masked.end;
        }
        entity::unescape(self.text, at, span.end, in_attribute, out);
    }

    fn verbatim(&self, span: Span, out: &mut CookedBuilder) {
        entity::normalise_lines(self.text, span.start, span.end, out);
    }
}

fn cdata_content(span: Span) -> Span {
    const OPEN: u32 = "<![CDATA[".len() as u32;
    const CLOSE: u32 = "]]>".len() as u32;
    let start = (span.start + OPEN).min(span.end);
    Span { start, end: span.end.saturating_sub(CLOSE).max(start), ..span }
}
