//! Tree to [`Document`], by the table of specs it is handed. Reports what a document may not say, goes on after each
//! mistake, and reports no mistake twice. Knows what policies declare, never what they do.

mod attributes;
mod elements;
mod statements;
mod values;

use super::named::{self, NamedValues};
use super::spec::{
    ANY_POLICY, ChildSpec, Gateway, ID, Kind, Need, Order, Reference, Scope, Section, Shape, Spec, Specs, Status,
    Support, Usage,
};
use super::tree::{Attribute, Block, Child, Code, CodeKind, Document, DocumentKind, Element, Statement, Value};
use super::value;
use crate::diagnostics::{Diagnostics, Finding, Severity, codes, near_name};
use crate::source::{Cooked, Span};
use crate::xml::{self, NodeId, NodeKind, Tree, scan};
use std::collections::BTreeSet;

/// What is known around a document.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    pub specs: Specs,
    /// Where the document is attached, if that is known.
    pub scope: Option<Scope>,
    /// The kind of gateway that it must run in, if that is asked.
    pub gateway: Option<Gateway>,
    pub named_values: &'a NamedValues,
    /// The fragments and backends that exist; `None`: not known.
    pub fragments: Option<&'a BTreeSet<String>>,
    pub backends: Option<&'a BTreeSet<String>>,
    /// References that nothing resolves are errors.
    pub strict: bool,
}

impl<'a> Options<'a> {
    /// Nothing known but the policies and the named values.
    pub const fn new(specs: Specs, named_values: &'a NamedValues) -> Options<'a> {
        Options { specs, scope: None, gateway: None, named_values, fragments: None, backends: None, strict: false }
    }
}

/// Reads a document. `None`: the text is no policy document, which is noted.
pub fn read(tree: &Tree<'_>, options: &Options<'_>, found: &mut Diagnostics) -> Option<Document> {
    let error = |finding: &&Finding| finding.severity == Severity::Error && finding.span.file == tree.file;
    let broken = found.findings().iter().filter(error).map(|finding| finding.span).collect();
    Reader { tree, options, found, told: BTreeSet::new(), broken, statements: 0 }.document()
}

struct Reader<'t, 's, 'o> {
    tree: &'t Tree<'s>,
    options: &'o Options<'o>,
    found: &'o mut Diagnostics,
    /// References that were reported; once for a document is enough.
    told: BTreeSet<(&'static str, String)>,
    /// Places at which the text itself is wrong, which was reported.
    broken: Vec<Span>,
    statements: usize,
}

/// Where a statement stands.
#[derive(Clone, Copy)]
struct Around<'c> {
    kind: DocumentKind,
    section: Option<Section>,
    /// Of the element around it, for paths.
    path: &'c str,
    /// Names of the policies around it, the outermost first.
    parents: &'c [&'static str],
}

/// The platform takes documents of a few hundred kilobytes; this keeps the memory of a hostile one in bounds.
const MAX_STATEMENTS: usize = 50_000;

/// The outline: what a root may hold.
const ROOT: &str = "policies";
const FRAGMENT: &str = "fragment";

impl Reader<'_, '_, '_> {
    fn document(&mut self) -> Option<Document> {
        let tops: Vec<(NodeId, Span)> =
            self.tree.elements(&self.tree.top).map(|(id, element)| (id, element.name)).collect();
        let whole = self.whole(&tops);
        let names: Vec<&str> = tops.iter().map(|&(_, name)| self.tree.str(name)).collect();
        let Some(&first) = names.first() else {
            let trimmed = self.trimmed(whole);
            let about = if trimmed.is_empty() { "the file is empty" } else { "the file holds no element" };
            self.found.push(Finding::new(codes::POLICY_NOT_POLICY, trimmed, format!("{about}; it was skipped")));
            return None;
        };
        let mut document = Document {
            file: self.tree.file,
            kind: DocumentKind::Policies,
            sections: [const { None }; 4],
            body: None,
            span: whole,
        };
        let resolver = |name: &str| self.options.specs.find(name).is_some_and(is_resolver);
        let is_unknown = names.len() == 1
            && !matches!(first, ROOT | FRAGMENT)
            && self.options.specs.find(first).is_none()
            && Section::of(first).is_none();
        let near = || self.root_by_sections(&tops).or_else(|| near_name(first, [ROOT, FRAGMENT]));
        let near_root = if is_unknown { near() } else { None };
        if first == ROOT || near_root == Some(ROOT) {
            self.root_name(tops[0].1, ROOT);
            self.alone(&tops);
            self.policies(tops[0].0, &mut document);
        } else if first == FRAGMENT || near_root == Some(FRAGMENT) {
            self.root_name(tops[0].1, FRAGMENT);
            self.alone(&tops);
            document.kind = DocumentKind::Fragment;
            let children = self.tree.element(tops[0].0).map(|element| element.children.clone()).unwrap_or_default();
            let span = self.tree.node(tops[0].0).span;
            let around = Around { kind: DocumentKind::Fragment, section: None, path: "", parents: &[] };
            document.body = Some(self.block(&children, span, around, &mut Vec::new()));
        } else if names.len() == 1 && resolver(first) {
            document.kind = DocumentKind::Resolver;
            let around = Around { kind: DocumentKind::Resolver, section: None, path: "", parents: &[] };
            document.body = Some(self.block(&self.tree.top.clone(), whole, around, &mut Vec::new()));
        } else if names.iter().any(|name| self.options.specs.find(name).is_some() || Section::of(name).is_some())
            || names.len() == 1 && near_name(first, self.options.specs.names()).is_some()
        {
            self.bare(&tops, whole, &mut document);
        } else {
            let message = format!("`<{first}>` is no policy; the file was skipped");
            self.found.push(Finding::new(codes::POLICY_NOT_POLICY, tops[0].1, message));
            return None;
        }
        Some(document)
    }

    /// An unknown root that holds sections is a policy document's.
    fn root_by_sections(&self, tops: &[(NodeId, Span)]) -> Option<&'static str> {
        let children = &self.tree.element(tops.first()?.0)?.children;
        // `backend` is a name that other files have too.
        if self.tree.str(tops[0].1) == FRAGMENT {
            return None;
        }
        let telling = |name: &str| Section::of(name).is_some_and(|section| section != Section::Backend);
        let sections = self.tree.elements(children).any(|(_, child)| telling(self.tree.str(child.name)));
        sections.then_some(ROOT)
    }

    fn whole(&self, tops: &[(NodeId, Span)]) -> Span {
        let start = Span::new(self.tree.file, 0, self.tree.length());
        match (tops.first(), tops.last()) {
            (Some(&(first, _)), Some(&(last, _))) => self.tree.node(first).span.to(self.tree.node(last).span),
            _ => start,
        }
    }

    fn trimmed(&self, span: Span) -> Span {
        let space = |c: char| c.is_whitespace() || c == '\u{feff}';
        let text = self.tree.str(span);
        // Indentation is ASCII, and long.
        let behind = text.trim_ascii_start();
        let inner = behind.trim_start_matches(space);
        let start = span.start + (text.len() - inner.len()) as u32;
        Span { start, end: start + inner.trim_ascii_end().trim_end_matches(space).len() as u32, ..span }
    }

    fn root_name(&mut self, name: Span, expected: &str) {
        let written = self.tree.str(name);
        if written != expected {
            let finding = Finding::new(codes::POLICY_ROOT, name, format!("`<{written}>` is no policy document's root"));
            self.found.push(finding.help(format!("did you mean `<{expected}>`?")));
        }
    }

    /// A document has one root and nothing beside it.
    fn alone(&mut self, tops: &[(NodeId, Span)]) {
        if let Some(&(_, name)) = tops.get(1) {
            let finding = Finding::new(codes::POLICY_ROOT, name, "a policy document has one root element")
                .related(tops[0].1, "the root stands here");
            self.found.push(finding);
        }
        self.no_text(&self.tree.top.clone(), None);
    }

    fn policies(&mut self, root: NodeId, document: &mut Document) {
        let Some(element) = self.tree.element(root) else { return };
        self.no_attributes(element);
        self.no_text(&element.children, Some(self.tree.str(element.name)));
        let mut once = Vec::new();
        for (id, child) in self.tree.elements(&element.children) {
            let name = self.tree.str(child.name);
            let near = || near_name(name, Section::ALL.map(Section::name)).and_then(Section::of);
            match Section::of(name).or_else(near) {
                Some(section) => {
                    if section.name() != name {
                        let finding = Finding::new(
                            codes::POLICY_UNKNOWN_ELEMENT,
                            child.name,
                            format!("there is no section `{name}`"),
                        );
                        self.found.push(finding.help(format!("did you mean `{}`?", section.name())));
                    }
                    self.section(id, section, document, &mut once);
                }
                None => {
                    let help = match self.options.specs.find(name) {
                        Some(spec) => match spec.sections.first() {
                            Some(section) => format!("put it into a section, such as <{}>", section.name()),
                            None => String::new(),
                        },
                        None => "the sections are <inbound>, <backend>, <outbound> and <on-error>".to_owned(),
                    };
                    let finding = Finding::new(
                        codes::POLICY_ROOT,
                        child.name,
                        format!("`<{name}>` cannot stand directly in <policies>"),
                    );
                    self.found.push(if help.is_empty() { finding } else { finding.help(help) });
                }
            }
        }
    }

    fn section(
        &mut self,
        id: NodeId,
        section: Section,
        document: &mut Document,
        once: &mut Vec<(&'static Spec, Span)>,
    ) {
        let Some(element) = self.tree.element(id) else { return };
        if let Some(earlier) = document.section(section) {
            let finding =
                Finding::new(codes::POLICY_USAGE_LIMIT, element.name, format!("<{}> stands twice", section.name()));
            self.found.push(finding.related(earlier.span, "first here"));
            return;
        }
        self.no_attributes(element);
        let span = self.tree.node(id).span;
        once.retain(|(spec, _)| spec.usage == Usage::OncePerDocument);
        let around = Around { kind: document.kind, section: Some(section), path: "", parents: &[] };
        let block = self.block(&element.children, span, around, once);
        // What a fragment adds is not known here.
        let counted = |statement: &&Statement| {
            !statement.spec.shape.attributes.iter().any(|a| a.refers == Some(Reference::Fragment))
        };
        let mut counted = block.statements.iter().filter(counted);
        if section == Section::Backend
            && let (Some(first), Some(second)) = (counted.next(), counted.next())
        {
            let finding = Finding::new(codes::POLICY_USAGE_LIMIT, second.element.name_span, "<backend> may hold a single policy")
                .related(first.element.name_span, "the first one")
                .help("put the others into <inbound> or <outbound>, or all of them into one policy such as `retry` or `choose`");
            self.found.push(finding);
        }
        document.sections[section as usize] = Some(block);
    }

    /// Statements, sections, or both, without a root around them.
    fn bare(&mut self, tops: &[(NodeId, Span)], whole: Span, document: &mut Document) {
        document.kind = DocumentKind::Bare;
        self.found.push(
            Finding::new(codes::POLICY_BARE, tops[0].1, "statements without a <policies> document around them")
                .help("each is read as if it stood in the section that it belongs to"),
        );
        self.no_text(&self.tree.top.clone(), None);
        let loose: Vec<NodeId> =
            tops.iter().filter(|(_, name)| Section::of(self.tree.str(*name)).is_none()).map(|&(id, _)| id).collect();
        let fits = |id: NodeId| Section::ALL.map(|section| self.fits(id, section));
        let all =
            loose.iter().map(|&id| fits(id)).fold([true; 4], |all, one| std::array::from_fn(|i| all[i] && one[i]));
        let common = Section::ALL.into_iter().find(|&section| all[section as usize]);
        let mut placed: [Vec<NodeId>; 4] = Default::default();
        for &id in &loose {
            let own = fits(id);
            let section = common.or_else(|| Section::ALL.into_iter().find(|&section| own[section as usize]));
            let section = section.or_else(|| self.spec_of(id).and_then(|spec| spec.sections.first().copied()));
            placed[section.unwrap_or(Section::Inbound) as usize].push(id);
        }
        let mut once = Vec::new();
        for &(id, name) in tops {
            if let Some(section) = Section::of(self.tree.str(name)) {
                self.section(id, section, document, &mut once);
            }
        }
        for (section, ids) in Section::ALL.into_iter().zip(placed) {
            if ids.is_empty() {
                continue;
            }
            let around = Around { kind: DocumentKind::Bare, section: Some(section), path: "", parents: &[] };
            once.clear();
            let block = self.block(&ids, whole, around, &mut once);
            match &mut document.sections[section as usize] {
                Some(existing) => existing.statements.extend(block.statements),
                empty => *empty = Some(block),
            }
        }
    }

    fn spec_of(&self, id: NodeId) -> Option<&'static Spec> {
        self.options.specs.find(self.tree.str(self.tree.element(id)?.name))
    }

    /// Whether a statement and all that stands in it may run in a section.
    fn fits(&self, id: NodeId, section: Section) -> bool {
        let Some(spec) = self.spec_of(id) else { return true };
        spec.runs_in(section) && self.children_fit(id, &spec.shape, section)
    }

    fn children_fit(&self, id: NodeId, shape: &Shape, section: Section) -> bool {
        let Some(element) = self.tree.element(id) else { return true };
        self.tree.elements(&element.children).all(|(child, element)| match shape.child(self.tree.str(element.name)) {
            Some(spec) if !spec.policy => self.children_fit(child, &spec.shape, section),
            Some(_) => true,
            None => !shape.takes_policies() || self.fits(child, section),
        })
    }
}

fn is_resolver(spec: &'static Spec) -> bool {
    spec.scopes == [Scope::Resolver] && spec.parents.is_empty()
}

/// How many elements of each name stood before, for paths.
#[derive(Default)]
struct Counts(Vec<(&'static str, u32)>);

impl Counts {
    fn path(&mut self, parent: &str, name: &'static str) -> String {
        let count = match self.0.iter_mut().find(|(other, _)| *other == name) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                self.0.push((name, 1));
                1
            }
        };
        if parent.is_empty() { format!("{name}[{count}]") } else { format!("{parent}/{name}[{count}]") }
    }
}

/// `a`, `b` or `c`.
fn list(names: &[&str]) -> String {
    joined(names, "or")
}

fn joined(names: &[&str], word: &str) -> String {
    join(&names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>(), word)
}

fn angles(names: &[&str]) -> String {
    join(&names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>(), "or")
}

fn join(names: &[String], word: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}
