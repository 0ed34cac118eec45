//! The documents of a request's scopes to one: statements in the order in which they run, each as it is written, with
//! its origin. Knows `<base />` and `<include-fragment />`, and no other policy.

use crate::diagnostics::{Diagnostics, Finding, codes};
use crate::document::{NamedValues, Section, names_in};
use crate::gateway::{Gateway, Space};
use crate::source::{FileId, Sources, Span};
use crate::xml::forms::{self, Edit};
use crate::xml::{self, Element, NodeId, NodeKind, TextForm, Tree};
use std::cell::Cell;
use std::collections::BTreeMap;

/// A document in its scope.
#[derive(Debug)]
pub struct Layer {
    pub scope: &'static str,
    /// The name of the operation, API, product or fragment; empty for the global document.
    pub owner: String,
    pub file: FileId,
    /// Whose named values it names.
    pub space: Space,
}

/// A statement of the effective policy, or a comment between two.
#[derive(Debug)]
pub struct Part {
    /// `None`: a comment.
    pub policy: Option<String>,
    pub scope: &'static str,
    pub owner: String,
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub text: String,
}

impl Part {
    /// Where a statement comes from, fit for a comment.
    pub fn origin(&self) -> Option<String> {
        self.policy.as_ref()?;
        let space = if self.owner.is_empty() { "" } else { " " };
        Some(in_comment(&format!("{}{space}{}: {}:{}", self.scope, self.owner, self.file, self.line)))
    }
}

/// XML admits no `--` in a comment.
pub fn in_comment(text: &str) -> String {
    let mut text = text.replace("--", "- -").replace("--", "- -");
    if text.ends_with('-') {
        text.push(' ');
    }
    text
}

/// A document that was read, and what is written otherwise in the form that is asked for.
struct Text<'s> {
    layer: Layer,
    tree: Tree<'s>,
    edits: Vec<Edit>,
}

/// The documents of the scopes, from the narrowest to the widest, and the fragments that may be put in.
pub struct Assembly<'s> {
    sources: &'s Sources,
    texts: Vec<Text<'s>>,
    fragments: BTreeMap<String, Text<'s>>,
    /// Bytes that may still be written: `<base />` many times over in each scope would multiply.
    room: Cell<usize>,
}

const LARGEST: usize = 16 << 20;
/// What a statement takes besides its text.
const OVERHEAD: usize = 200;

impl<'s> Assembly<'s> {
    /// Reads the documents. `expand`: fragments and plain named values are put in.
    pub fn new(
        gateway: &Gateway,
        sources: &'s Sources,
        layers: Vec<Layer>,
        form: TextForm,
        expand: bool,
        found: &mut Diagnostics,
    ) -> Assembly<'s> {
        let read = |layer: Layer, root: &str, found: &mut Diagnostics| {
            let tree = xml::read(sources, layer.file, TextForm::Auto, found);
            let is_document = tree.elements(&tree.top).next().is_some_and(|(_, top)| tree.str(top.name) == root);
            if !is_document {
                let message = format!("the document's root is not <{root}>");
                found.push(Finding::new(codes::POLICY_ROOT, Span::new(layer.file, 0, 0), message));
            }
            let mut edits = forms::edits(&tree, form);
            if expand {
                let values = gateway.named_values_of(layer.space);
                edits = with_values(&tree, edits, values, form);
            }
            Text { layer, tree, edits }
        };
        let mut fragments = BTreeMap::new();
        for fragment in gateway.fragments.values().filter(|_| expand) {
            let owner = fragment.id.as_str().to_owned();
            let layer = Layer { scope: "fragment", owner: owner.clone(), file: fragment.policy, space: fragment.space };
            // One that is not included may be broken.
            let mut own = Diagnostics::new();
            let text = read(layer, "fragment", &mut own);
            if !own.has_errors() {
                fragments.insert(owner, text);
            }
        }
        let texts = layers.into_iter().map(|layer| read(layer, "policies", found)).collect();
        Assembly { sources, texts, fragments, room: Cell::new(LARGEST) }
    }

    /// The sections in the order in which they run; `None` where they would be larger than any gateway takes.
    pub fn sections(&self) -> Option<Vec<(Section, Vec<Part>)>> {
        self.room.set(LARGEST);
        let sections = Section::ALL.map(|section| {
            let mut parts = Vec::new();
            self.section(section, 0, &mut parts);
            (section, parts)
        });
        (self.room.get() > 0).then(|| sections.into())
    }

    /// The statements of the first document, from `first` on, that defines the section.
    fn section(&self, section: Section, first: usize, parts: &mut Vec<Part>) {
        self.room.set(self.room.get().saturating_sub(1));
        let defining = self.texts.iter().enumerate().skip(first);
        let Some((at, text, element)) =
            defining.filter_map(|(at, text)| Some((at, text, section_of(&text.tree, section)?))).next()
        else {
            return;
        };
        self.statements(text, &element.children, Some((section, at + 1)), parts);
    }

    /// `base`: where `<base />` leads; in a fragment, nowhere.
    fn statements(&self, text: &Text<'_>, children: &[NodeId], base: Option<(Section, usize)>, parts: &mut Vec<Part>) {
        let tree = &text.tree;
        for &child in children {
            if self.room.get() == 0 {
                return;
            }
            let node = tree.node(child);
            let name = match &node.kind {
                NodeKind::Element(element) => match (tree.str(element.name), base) {
                    ("base", Some((section, next))) => {
                        self.section(section, next, parts);
                        continue;
                    }
                    ("include-fragment", Some(_)) if self.fragment(text, element).is_some() => {
                        let Some((fragment, root)) = self.fragment(text, element) else { continue };
                        self.statements(fragment, &root.children, None, parts);
                        continue;
                    }
                    (name, _) => Some(name.to_owned()),
                },
                NodeKind::Comment => None,
                NodeKind::Text | NodeKind::CData if tree.str(node.span).trim().is_empty() => continue,
                NodeKind::Text | NodeKind::CData => None,
            };
            let place = self.sources.place(text.layer.file, node.span.start);
            parts.push(Part {
                policy: name,
                scope: text.layer.scope,
                owner: text.layer.owner.clone(),
                file: self.sources.path(text.layer.file).to_owned(),
                line: place.line,
                column: place.column,
                text: self.written(text, child, base).trim().to_owned(),
            });
        }
    }

    /// A node as it is written, with what stands in place of `<base />` and of fragments deep inside it.
    fn written(&self, text: &Text<'_>, node: NodeId, base: Option<(Section, usize)>) -> String {
        let mut replaced = Vec::new();
        self.replaced_inside(text, node, base, &mut replaced);
        let span = text.tree.node(node).span;
        let inside = |edit: &&Edit| !replaced.iter().any(|own: &Edit| own.start <= edit.start && edit.end <= own.end);
        let first = text.edits.partition_point(|edit| edit.start < span.start);
        let own = text.edits[first..].iter().take_while(|edit| edit.end <= span.end);
        let mut edits: Vec<Edit> = own.filter(inside).cloned().collect();
        edits.extend(replaced.iter().cloned());
        edits.sort_by_key(|edit| edit.start);
        let written = forms::apply(&text.tree, span, &edits);
        self.room.set(self.room.get().saturating_sub(written.len() + OVERHEAD));
        written
    }

    fn replaced_inside(&self, text: &Text<'_>, node: NodeId, base: Option<(Section, usize)>, out: &mut Vec<Edit>) {
        let Some(element) = text.tree.element(node) else { return };
        for (child, own) in text.tree.elements(&element.children) {
            let mut parts = Vec::new();
            match (text.tree.str(own.name), base) {
                ("base", Some((section, next))) => self.section(section, next, &mut parts),
                ("include-fragment", Some(_)) if self.fragment(text, own).is_some() => {
                    let Some((fragment, root)) = self.fragment(text, own) else { continue };
                    self.statements(fragment, &root.children, None, &mut parts);
                }
                _ => {
                    self.replaced_inside(text, child, base, out);
                    continue;
                }
            }
            let lines = parts.iter().flat_map(|part| {
                let origin = part.origin().map(|origin| format!("<!-- {origin} -->"));
                origin.into_iter().chain([part.text.clone()])
            });
            let span = text.tree.node(child).span;
            let indent = indentation(&text.tree, span.start);
            let joined = lines.collect::<Vec<_>>().join(&format!("\n{indent}"));
            out.push(Edit { start: span.start, end: span.end, text: joined });
        }
    }

    /// The fragment that an element includes, where fragments are put in.
    fn fragment(&self, text: &Text<'_>, element: &Element) -> Option<(&Text<'s>, &Element)> {
        let id = element.attributes.iter().find(|attribute| text.tree.str(attribute.name) == "fragment-id")?;
        let fragment = self.fragments.get(text.tree.value(id).text().trim())?;
        let root = fragment.tree.elements(&fragment.tree.top).next()?.1;
        Some((fragment, root))
    }
}

fn section_of<'t>(tree: &'t Tree<'_>, section: Section) -> Option<&'t Element> {
    let (_, root) = tree.elements(&tree.top).next()?;
    tree.elements(&root.children).find(|(_, child)| tree.str(child.name) == section.name()).map(|(_, child)| child)
}

/// The white space before an offset, on its line.
fn indentation<'s>(tree: &Tree<'s>, at: u32) -> &'s str {
    let before = tree.str(Span::new(tree.file, 0, at));
    let line = before.rsplit('\n').next().unwrap_or("");
    &line[..line.len() - line.trim_start().len()]
}

/// The edits, and those that put plain named values in.
fn with_values(tree: &Tree<'_>, edits: Vec<Edit>, values: &NamedValues, form: TextForm) -> Vec<Edit> {
    let mut all = Vec::new();
    let text = tree.str(Span::new(tree.file, 0, tree.length()));
    let expressions: Vec<(u32, u32)> = tree.expressions().collect();
    for &(start, end) in &expressions {
        let edit = edits.iter().find(|edit| edit.start == start && edit.end == end);
        let written = edit.map_or(tree.str(Span::new(tree.file, start, end)), |edit| edit.text.as_str());
        let filled = filled(written, values, form == TextForm::Escaped);
        if edit.is_some() || filled != written {
            all.push(Edit { start, end, text: filled });
        }
    }
    for (start, end) in names_in(text) {
        let (from, to) = (start as u32, end as u32);
        if expressions.iter().any(|&(start, end)| start <= from && to <= end) {
            continue;
        }
        let text = filled(&text[start..end], values, true);
        all.push(Edit { start: from, end: to, text });
    }
    all.sort_by_key(|edit| edit.start);
    all
}

fn filled(text: &str, values: &NamedValues, escape: bool) -> String {
    let mut out = String::new();
    let mut at = 0;
    for (start, end) in names_in(text) {
        let Some(found) = values.find(&text[start + 2..end - 2]).filter(|found| !found.secret) else { continue };
        out.push_str(&text[at..start]);
        if escape {
            let value = found.value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            out.push_str(&value.replace('\'', "&apos;"));
        } else {
            out.push_str(&found.value);
        }
        at = end;
    }
    out + &text[at..]
}
