//! The masked copy to the tree, by quick-xml. Matches end tags with start tags, and mends what does not match.

use super::mask::Copy;
use super::tree::{Attribute, Element, Node, NodeId, NodeKind, Tree};
use super::{MAX_DEPTH, MAX_FINDINGS};
use crate::diagnostics::{Diagnostics, Finding, codes, near_name};
use crate::source::{FileId, Span};
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

pub fn build<'s>(text: &'s str, file: FileId, copy: Copy, found: &mut Diagnostics) -> Tree<'s> {
    let Copy { bytes, expressions, damaged } = copy;
    let tree = Tree { file, text, nodes: Vec::new(), top: Vec::new(), expressions };
    let mut build = Build { tree, copy: &bytes, damaged, open: Vec::new(), too_deep: 0, told_depth: false, found };
    build.run();
    build.tree
}

struct Open {
    id: NodeId,
    /// An end tag inside it matched nothing: it was probably this element's own.
    stray_end: bool,
}

struct Build<'s, 'b> {
    tree: Tree<'s>,
    copy: &'b [u8],
    damaged: Vec<u32>,
    open: Vec<Open>,
    /// How many elements below the limit are open.
    too_deep: usize,
    told_depth: bool,
    found: &'b mut Diagnostics,
}

impl Build<'_, '_> {
    fn run(&mut self) {
        let mut reader = Reader::from_reader(self.copy);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        let before = self.found.len();
        loop {
            let start = reader.buffer_position() as u32;
            let event = reader.read_event();
            let span = self.span(start, reader.buffer_position() as u32);
            if self.found.len() - before >= MAX_FINDINGS {
                return;
            }
            match event {
                Ok(Event::Start(tag)) => self.start(&tag, span, false),
                Ok(Event::Empty(tag)) => self.start(&tag, span, true),
                Ok(Event::End(tag)) => self.end(span, tag.name().as_ref().len() as u32),
                Ok(Event::Text(_)) => self.leaf(span, NodeKind::Text),
                Ok(Event::CData(_)) => self.leaf(span, NodeKind::CData),
                Ok(Event::Comment(_)) => self.leaf(span, NodeKind::Comment),
                // The mask blanks these out.
                Ok(Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::GeneralRef(_)) => {}
                Ok(Event::Eof) => break,
                Err(error) => {
                    let at = (reader.error_position() as u32).min(self.copy.len() as u32);
                    let end = (at + 1).min(self.copy.len() as u32);
                    self.found.push(Finding::new(codes::XML_MALFORMED, self.span(at, end), error.to_string()));
                    break;
                }
            }
        }
        self.close_rest();
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span::new(self.tree.file, start, end)
    }

    fn add(&mut self, span: Span, kind: NodeKind) -> NodeId {
        let id = NodeId(self.tree.nodes.len() as u32);
        let parent = self.open.last().map(|open| open.id);
        self.tree.nodes.push(Node { span, parent, kind });
        match parent {
            Some(parent) => self.element(parent).children.push(id),
            None => self.tree.top.push(id),
        }
        id
    }

    fn element(&mut self, id: NodeId) -> &mut Element {
        match &mut self.tree.nodes[id.0 as usize].kind {
            NodeKind::Element(element) => element,
            _ => unreachable!("only elements are opened"),
        }
    }

    fn leaf(&mut self, span: Span, kind: NodeKind) {
        if self.too_deep == 0 && !span.is_empty() {
            self.add(span, kind);
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, span: Span, empty: bool) {
        if self.too_deep > 0 || self.open.len() >= MAX_DEPTH {
            if !self.told_depth {
                let message = format!("elements are nested more than {MAX_DEPTH} deep");
                self.found.push(Finding::new(codes::XML_DEPTH, span, message));
                self.told_depth = true;
            }
            self.too_deep += usize::from(!empty);
            return;
        }
        let name = self.span(span.start + 1, span.start + 1 + tag.name().as_ref().len() as u32);
        let attributes = self.attributes(tag);
        let damaged = self.damaged.binary_search(&span.start).is_ok();
        let inner = self.span(span.end, span.end);
        let element = Element { name, attributes, children: Vec::new(), inner, damaged, unclosed: false };
        let id = self.add(span, NodeKind::Element(element));
        if !empty {
            self.open.push(Open { id, stray_end: false });
        }
    }

    fn attributes(&mut self, tag: &BytesStart<'_>) -> Vec<Attribute> {
        let mut attributes: Vec<Attribute> = Vec::new();
        let base = self.copy.as_ptr() as usize;
        for attribute in tag.attributes().with_checks(false).flatten() {
            // The reader borrows from the copy, so a part's place in memory is its place in the file.
            let place = |part: &[u8]| (part.as_ptr() as usize).checked_sub(base).map(|at| (at, at + part.len()));
            let (Some(name), Some(value)) = (place(attribute.key.as_ref()), place(&attribute.value)) else { continue };
            let (name, value) = (self.span(name.0 as u32, name.1 as u32), self.span(value.0 as u32, value.1 as u32));
            if value.end as usize > self.copy.len() {
                continue;
            }
            let text = self.tree.str(name);
            match attributes.iter().find(|earlier| self.tree.str(earlier.name) == text) {
                Some(earlier) => self.found.push(
                    Finding::new(
                        codes::XML_DUPLICATE_ATTRIBUTE,
                        name,
                        format!("`{text}` stands twice on this element"),
                    )
                    .related(earlier.name, "first here"),
                ),
                None => attributes.push(Attribute { name, value }),
            }
        }
        attributes
    }

    fn end(&mut self, span: Span, name_length: u32) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let written = self.tree.str(self.span(span.start + 2, span.start + 2 + name_length)).trim_end().to_owned();
        let matching = self.open.iter().rposition(|open| self.name_of(open.id) == written);
        match matching {
            Some(index) => {
                let mut told: Vec<String> = Vec::new();
                while self.open.len() > index + 1 {
                    self.close_unclosed(span, &mut told);
                }
                self.close(span);
            }
            None => {
                let expected = self.open.last().map(|open| self.name_of(open.id).to_owned());
                let message = match &expected {
                    Some(name) => format!("`</{written}>` does not close `<{name}>`"),
                    None => format!("`</{written}>` closes nothing"),
                };
                let mut finding = Finding::new(codes::XML_MISMATCH, span, message);
                let open = self.open.last().map(|open| (open.id, self.tree.node(open.id).span));
                if let Some((id, _)) = open {
                    let name = self.tree.element(id).map_or(span, |element| element.name);
                    finding = finding.related(name, "the element that is open");
                }
                let near = expected.filter(|name| near_name(&written, [name.as_str()]).is_some());
                if let Some(name) = &near {
                    finding = finding.help(format!("write `</{name}>`"));
                }
                self.found.push(finding);
                if near.is_some() {
                    self.close(span);
                } else if let Some(open) = self.open.last_mut() {
                    open.stray_end = true;
                }
            }
        }
    }

    fn name_of(&self, id: NodeId) -> &str {
        self.tree.element(id).map_or("", |element| self.tree.str(element.name))
    }

    /// Closes the innermost element by its end tag.
    fn close(&mut self, end_tag: Span) {
        if let Some(open) = self.open.pop() {
            let node = &mut self.tree.nodes[open.id.0 as usize];
            node.span.end = end_tag.end;
            self.element(open.id).inner.end = end_tag.start;
        }
    }

    /// Closes the innermost element where another one's end tag, or the file's end, stands.
    fn close_unclosed(&mut self, at: Span, told: &mut Vec<String>) {
        let Some(open) = self.open.pop() else { return };
        let node = &mut self.tree.nodes[open.id.0 as usize];
        node.span.end = at.start;
        let element = self.element(open.id);
        element.inner.end = at.start;
        element.unclosed = true;
        let (name, plain) = (element.name, element.attributes.is_empty());
        let text = self.tree.str(name);
        // `<a>` for `</a>` leaves two open; the inner one is the mistake.
        let told_inside = told.iter().any(|inner| inner == text);
        if plain {
            told.push(text.to_owned());
        }
        if !open.stray_end && !told_inside {
            let mut finding = Finding::new(codes::XML_UNCLOSED, name, format!("`<{text}>` has no end tag"));
            finding = if at.is_empty() { finding } else { finding.related(at, "this closes an element around it") };
            self.found.push(finding.help(format!("add `</{text}>`, or close the tag itself by `/>`")));
        }
    }

    /// At the end of the file: one finding for the innermost open element tells enough.
    fn close_rest(&mut self) {
        let end = self.copy.len() as u32;
        let at = self.span(end, end);
        let mut told =
            self.found.findings().iter().any(|f| f.code == codes::XML_UNCLOSED && f.span.file == self.tree.file);
        while let Some(open) = self.open.last_mut() {
            open.stray_end |= told;
            told = true;
            self.close_unclosed(at, &mut Vec::new());
        }
    }
}
