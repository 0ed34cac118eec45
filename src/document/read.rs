//! Tree to [`Document`], by the table of specs it is handed. Reports what a document may not say, goes on after each
//! mistake, and reports no mistake twice. Knows what policies declare, never what they do.

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
    // ---- the outline

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
        let near_root = self
            .root_by_sections(&tops)
            .or_else(|| near_name(first, [ROOT, FRAGMENT]))
            .filter(|_| names.len() == 1 && self.options.specs.find(first).is_none() && Section::of(first).is_none());
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
        let start = span.start + (text.len() - text.trim_start_matches(space).len()) as u32;
        Span { start, end: start + text.trim_matches(space).len() as u32, ..span }
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
            let near = near_name(name, Section::ALL.map(Section::name));
            match Section::of(name).or_else(|| near.and_then(Section::of)) {
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

    // ---- statements

    fn block(
        &mut self,
        nodes: &[NodeId],
        span: Span,
        around: Around<'_>,
        once: &mut Vec<(&'static Spec, Span)>,
    ) -> Block {
        let parent = if around.path.is_empty() { around.section.map(Section::name) } else { None };
        if !matches!(around.kind, DocumentKind::Bare | DocumentKind::Resolver) {
            self.no_text(nodes, parent);
        }
        let mut statements = Vec::new();
        let mut counts = Counts::default();
        let ids: Vec<NodeId> = self.tree.elements(nodes).map(|(id, _)| id).collect();
        for id in ids {
            if let Some(statement) = self.any_policy(id, around, once, &mut counts) {
                statements.push(statement);
            }
        }
        Block { statements, span }
    }

    /// A policy where any may stand.
    fn any_policy(
        &mut self,
        id: NodeId,
        around: Around<'_>,
        once: &mut Vec<(&'static Spec, Span)>,
        counts: &mut Counts,
    ) -> Option<Statement> {
        let name_span = self.tree.element(id)?.name;
        let name = self.tree.str(name_span);
        self.statements += 1;
        if self.statements > MAX_STATEMENTS {
            if self.statements == MAX_STATEMENTS + 1 {
                let message = format!("more than {MAX_STATEMENTS} policies in one document");
                self.found.push(Finding::new(codes::POLICY_TOO_LARGE, name_span, message));
            }
            return None;
        }
        let spec = match self.options.specs.find(name) {
            Some(spec) => spec,
            None => {
                if self.inside_unclosed(id) {
                    return None;
                }
                let near = near_name(name, self.options.specs.names());
                let mut finding =
                    Finding::new(codes::POLICY_UNKNOWN_ELEMENT, name_span, format!("there is no policy `{name}`"));
                if let Some(near) = near {
                    finding = finding.help(format!("did you mean `{near}`?"));
                } else if let Some(parent) = self.owner_of(name) {
                    finding = finding.help(format!("`<{name}>` stands inside `<{parent}>`"));
                }
                self.found.push(finding);
                return self.guessed(id, self.options.specs.find(near?)?, around, once, counts);
            }
        };
        self.place(spec, name_span, around, once);
        Some(self.statement(id, spec, around, once, counts))
    }

    /// A policy whose name was guessed: what is wrong inside it counts, its own attributes would only confirm the guess.
    fn guessed(
        &mut self,
        id: NodeId,
        spec: &'static Spec,
        around: Around<'_>,
        once: &mut Vec<(&'static Spec, Span)>,
        counts: &mut Counts,
    ) -> Option<Statement> {
        let inner = self.tree.element(id)?.inner;
        let mut outer = std::mem::take(self.found);
        let statement = self.statement(id, spec, around, once, counts);
        outer.extend(
            std::mem::take(self.found).into_sorted().into_iter().filter(|finding| inner.contains(finding.span)),
        );
        *self.found = outer;
        Some(statement)
    }

    /// Whether the element around has no end tag, so that its children may be its siblings.
    fn inside_unclosed(&self, id: NodeId) -> bool {
        let parent = self.tree.node(id).parent.and_then(|parent| self.tree.element(parent));
        parent.is_some_and(|parent| parent.unclosed)
    }

    /// A policy that has a child of this name.
    fn owner_of(&self, name: &str) -> Option<&'static str> {
        let owner = self.options.specs.0.iter().find(|spec| spec.shape.child(name).is_some_and(|child| !child.policy));
        owner.map(|spec| spec.name())
    }

    /// Whether the policy may stand where it stands.
    fn place(&mut self, spec: &'static Spec, name: Span, around: Around<'_>, once: &mut Vec<(&'static Spec, Span)>) {
        let policy = spec.name();
        let refused = |code, message: String| Finding::new(code, name, message);
        let wrong_parent =
            !spec.parents.is_empty() && !around.parents.iter().any(|parent| spec.parents.contains(parent));
        if wrong_parent {
            let parents = list(spec.parents);
            self.found.push(refused(codes::POLICY_WRONG_CHILD, format!("`{policy}` stands only inside {parents}")));
        } else if around.kind == DocumentKind::Fragment && !spec.in_fragments {
            self.found.push(refused(codes::POLICY_WRONG_SECTION, format!("`{policy}` cannot stand in a fragment")));
        } else if let Some(section) = around.section
            && !spec.runs_in(section)
        {
            let finding =
                refused(codes::POLICY_WRONG_SECTION, format!("`{policy}` cannot run in <{}>", section.name()));
            let allowed: Vec<&str> = Section::ALL.into_iter().filter(|&s| spec.runs_in(s)).map(Section::name).collect();
            self.found.push(match allowed.as_slice() {
                [] => finding.help("it is the root of a GraphQL resolver's own document"),
                allowed => finding.label("not in this section").help(format!("it runs in {}", angles(allowed))),
            });
        }
        if let Some(scope) = self.options.scope
            && !spec.scopes.is_empty()
            && !spec.scopes.contains(&scope)
            && !wrong_parent
        {
            let scopes: Vec<&str> = spec.scopes.iter().map(|scope| scope.name()).collect();
            let message = format!("`{policy}` cannot be used at {} scope", scope.name());
            self.found.push(refused(codes::POLICY_WRONG_SCOPE, message).help(format!("it is for {}", list(&scopes))));
        }
        self.availability(spec, name);
        if spec.usage == Usage::Any {
            return;
        }
        if let Some((_, earlier)) = once.iter().find(|(other, _)| other.name() == policy) {
            let place = if spec.usage == Usage::OncePerDocument { "a document" } else { "a section" };
            let finding = refused(codes::POLICY_USAGE_LIMIT, format!("`{policy}` may stand only once in {place}"));
            self.found.push(finding.related(*earlier, "first here"));
        } else {
            once.push((spec, name));
        }
    }

    /// Whether gateways, and this program, have the policy.
    fn availability(&mut self, spec: &'static Spec, name: Span) {
        let policy = spec.name();
        if let Some(gateway) = self.options.gateway
            && !spec.gateways.contains(&gateway)
        {
            let gateways: Vec<&str> = spec.gateways.iter().map(|gateway| gateway.name()).collect();
            let message = format!("`{policy}` is not available in the {} gateway", gateway.name());
            let finding = Finding::new(codes::POLICY_WRONG_GATEWAY, name, message);
            self.found.push(finding.help(format!("it is in {}", list(&gateways))));
        }
        if spec.status == Status::Retired {
            self.found.push(Finding::new(codes::POLICY_RETIRED, name, format!("the platform retired `{policy}`")));
        }
        match spec.support {
            Support::Built => {}
            Support::Partly(what) => {
                self.found.push(Finding::new(codes::POLICY_PARTLY_BUILT, name, format!("`{policy}`: {what}")));
            }
            Support::NotBuilt => {
                let message = format!("`{policy}` is checked, and this version does not run it");
                self.found.push(Finding::new(codes::POLICY_NOT_BUILT, name, message));
            }
            Support::Refused(why) => {
                let message = format!("`{policy}` is checked, and cannot run here: {why}");
                self.found.push(Finding::new(codes::POLICY_NOT_BUILT, name, message));
            }
        }
    }

    fn statement(
        &mut self,
        id: NodeId,
        spec: &'static Spec,
        around: Around<'_>,
        once: &mut Vec<(&'static Spec, Span)>,
        counts: &mut Counts,
    ) -> Statement {
        let path = counts.path(around.path, spec.name());
        let parents = [around.parents, &[spec.name()]].concat();
        let inside = Around { path: &path, parents: &parents, ..around };
        let element = self.element(id, &spec.shape, true, inside, once);
        Statement { spec, element, path: path.into() }
    }

    // ---- elements

    fn element(
        &mut self,
        id: NodeId,
        shape: &'static Shape,
        policy: bool,
        around: Around<'_>,
        once: &mut Vec<(&'static Spec, Span)>,
    ) -> Element {
        let span = self.tree.node(id).span;
        let Some(element) = self.tree.element(id) else {
            unreachable!("only elements are read as elements");
        };
        let attributes = self.attributes(element, shape, policy);
        let liquid = attributes.iter().any(|attribute| {
            &*attribute.name == "template"
                && attribute.value.text().is_some_and(|text| text.eq_ignore_ascii_case("liquid"))
        });
        let has_elements = self.tree.elements(&element.children).next().is_some();
        let markup = shape.text.is_some_and(|text| text.markup) && has_elements;
        let text = self.text(element, shape, markup, liquid);
        let children = if markup { Vec::new() } else { self.children(element, shape, &attributes, around, once) };
        Element { shape, attributes, children, text, span, name_span: element.name }
    }

    fn text(&mut self, element: &xml::Element, shape: &'static Shape, markup: bool, liquid: bool) -> Option<Value> {
        let name = self.tree.str(element.name);
        let Some(allowed) = shape.text else {
            self.no_text(&element.children, Some(name));
            return None;
        };
        if markup {
            let written = self.tree.markup_of(element);
            return Some(self.constant(&written, liquid));
        }
        let Some(cooked) = self.tree.text_of(element) else {
            if allowed.required && element.children.is_empty() {
                let finding =
                    Finding::new(codes::POLICY_BAD_VALUE, element.name, format!("`<{name}>` must not be empty"));
                self.found.push(finding);
            }
            return None;
        };
        // A body's white space is part of it.
        let cooked = if allowed.markup && !scan::begins_expression(cooked.text().trim_start().as_bytes()) {
            cooked
        } else {
            cooked.trimmed()
        };
        let value = self.value(&cooked, liquid);
        match &value {
            Value::Expression(code) if !allowed.expression => {
                let message = format!("`<{name}>` takes no expression");
                self.found.push(Finding::new(codes::POLICY_EXPRESSION, code.span, message));
            }
            Value::Constant(text) => self.check(text, allowed.kind, None, &format!("<{name}>")),
            Value::Expression(_) => {}
        }
        Some(value)
    }

    fn children(
        &mut self,
        element: &xml::Element,
        shape: &'static Shape,
        attributes: &[Attribute],
        around: Around<'_>,
        once: &mut Vec<(&'static Spec, Span)>,
    ) -> Vec<Child> {
        let parent = self.tree.str(element.name).to_owned();
        let mut children = Vec::new();
        let mut counts = Counts::default();
        let mut seen = vec![0u32; shape.children.len()];
        let mut last: Option<(usize, Span)> = None;
        let mut told_order = false;
        let before = once.len();
        let ids: Vec<(NodeId, Span)> =
            self.tree.elements(&element.children).map(|(id, child)| (id, child.name)).collect();
        let mut misnamed = false;
        // Text instead of elements: either it was reported, or the spec admits both.
        let has_text = self.tree.text_of(element).is_some();
        for (id, name_span) in ids {
            let name = self.tree.str(name_span);
            if element.unclosed && shape.child(name).is_none() && !shape.takes_policies() {
                continue;
            }
            let Some(child) = self.child_spec(shape, name, name_span, &parent) else {
                misnamed = true;
                continue;
            };
            if child.shape.element == ANY_POLICY {
                children.extend(self.any_policy(id, around, once, &mut counts).map(Child::Statement));
                continue;
            }
            let index = shape.children.iter().position(|other| std::ptr::eq(other, child)).unwrap_or(0);
            seen[index] += 1;
            if child.max.is_some_and(|max| seen[index] == max + 1) {
                let times = match child.max {
                    Some(1) => "once".to_owned(),
                    max => format!("{} times", max.unwrap_or_default()),
                };
                let message = format!("`<{name}>` may stand only {times} in `<{parent}>`");
                self.found.push(Finding::new(codes::POLICY_WRONG_CHILD, name_span, message));
            }
            if shape.order == Order::Sequence {
                match last {
                    Some((before, earlier)) if index < before && !told_order => {
                        let order: Vec<&str> = shape.children.iter().map(|child| child.shape.element).collect();
                        let message =
                            format!("`<{name}>` must stand before `<{}>`", shape.children[before].shape.element);
                        let finding = Finding::new(codes::POLICY_CHILD_ORDER, name_span, message)
                            .related(earlier, "which stands here");
                        self.found.push(finding.help(format!("the order is {}", joined(&order, "then"))));
                        told_order = true;
                    }
                    _ => last = Some((index, name_span)),
                }
            }
            children.push(self.child(id, child, around, once, &mut counts));
            // A policy in one branch does not count against another branch.
            if !child.policy {
                once.truncate(before);
            }
        }
        // An expression may yield any value.
        let spared = |child: &ChildSpec| {
            let value = child.unless.and_then(|(name, value)| {
                let attribute = attributes.iter().find(|attribute| &*attribute.name == name)?;
                Some(attribute.value.text().is_none_or(|text| text.trim() == value || text.contains("{{")))
            });
            value.unwrap_or(false)
        };
        for (child, seen) in shape.children.iter().zip(seen) {
            if seen < child.min && !misnamed && !spared(child) && !element.damaged && !element.unclosed && !has_text {
                let message = format!("`<{parent}>` needs a `<{}>`", child.shape.element);
                self.found.push(Finding::new(codes::POLICY_MISSING_CHILD, element.name, message));
            }
        }
        children
    }

    /// The spec of a child by its name, or by the near name that was meant.
    fn child_spec(&mut self, shape: &'static Shape, name: &str, at: Span, parent: &str) -> Option<&'static ChildSpec> {
        if let Some(child) = shape.child(name) {
            return Some(child);
        }
        let any = shape.child(ANY_POLICY);
        let known = self.options.specs.find(name).is_some();
        if any.is_some() && known {
            return any;
        }
        let own = || shape.children.iter().map(|child| child.shape.element).filter(|&name| name != ANY_POLICY);
        let near = near_name(name, own());
        if any.is_some() && near.is_none() {
            // Reports the name, and may know a near one.
            return any;
        }
        let finding = if known {
            Finding::new(codes::POLICY_WRONG_CHILD, at, format!("`<{name}>` cannot stand in `<{parent}>`"))
        } else {
            Finding::new(codes::POLICY_UNKNOWN_ELEMENT, at, format!("`<{parent}>` has no child `<{name}>`"))
        };
        let names: Vec<&str> = own().collect();
        self.found.push(match (near, names.as_slice()) {
            (Some(near), _) => finding.help(format!("did you mean `<{near}>`?")),
            (None, []) => finding.help(format!("`<{parent}>` takes no elements")),
            (None, names) => finding.help(format!("it takes {}", angles(names))),
        });
        near.filter(|_| !known).and_then(|near| shape.child(near))
    }

    fn child(
        &mut self,
        id: NodeId,
        child: &'static ChildSpec,
        around: Around<'_>,
        once: &mut Vec<(&'static Spec, Span)>,
        counts: &mut Counts,
    ) -> Child {
        let spec = if child.policy { self.options.specs.find(child.shape.element) } else { None };
        match spec {
            Some(spec) => {
                if let Some(element) = self.tree.element(id) {
                    self.availability(spec, element.name);
                }
                Child::Statement(self.statement(id, spec, around, once, counts))
            }
            None => {
                let path = counts.path(around.path, child.shape.element);
                let inside = Around { path: &path, ..around };
                Child::Element(self.element(id, &child.shape, false, inside, once))
            }
        }
    }

    // ---- attributes

    fn attributes(&mut self, element: &xml::Element, shape: &'static Shape, policy: bool) -> Vec<Attribute> {
        let owner = self.tree.str(element.name);
        let mut attributes = Vec::new();
        let mut meant: Vec<&str> = Vec::new();
        let renamed = self.renamed(element, shape, policy);
        for attribute in &element.attributes {
            let name = self.tree.str(attribute.name);
            let spec = shape.attribute(name).or_else(|| (policy && name == ID.name).then_some(&ID));
            // Namespaces are XML's own affair.
            if spec.is_none() && (name == "xmlns" || name.starts_with("xmlns:") || name.starts_with("xml:")) {
                continue;
            }
            if spec.is_none() && element.damaged {
                continue;
            }
            if spec.is_none() && !shape.any_attribute {
                let known = || shape.attributes.iter().map(|attribute| attribute.name);
                let free =
                    known().filter(|known| !element.attributes.iter().any(|other| self.tree.str(other.name) == *known));
                let near = near_name(name, free).or(renamed);
                meant.extend(near);
                let finding = Finding::new(
                    codes::POLICY_UNKNOWN_ATTRIBUTE,
                    attribute.name,
                    format!("`{owner}` has no attribute `{name}`"),
                );
                let names: Vec<&str> = known().collect();
                self.found.push(match (near, names.as_slice()) {
                    (Some(near), _) => finding.help(format!("did you mean `{near}`?")),
                    (None, []) => finding.help(format!("`{owner}` takes no attributes")),
                    (None, names) => finding.help(format!("it takes {}", list(names))),
                });
                continue;
            }
            let cooked = self.tree.value(attribute);
            let value = self.value(&cooked, false);
            match (&value, spec) {
                (Value::Expression(code), Some(spec)) if !spec.expression => {
                    let message = format!("`{name}` of `{owner}` takes no expression");
                    let finding = Finding::new(codes::POLICY_EXPRESSION, code.span, message);
                    self.found.push(finding.help("only a constant or a named value may stand here"));
                }
                // In a broken tag, a value may hold more than was meant.
                (Value::Constant(text), Some(spec)) if !element.damaged => {
                    self.check(text, spec.kind, spec.range, name);
                    if let Some(to) = spec.refers {
                        self.reference(text, to);
                    }
                }
                _ => {}
            }
            attributes.push(Attribute { name: name.into(), spec, value, name_span: attribute.name });
        }
        // Text alone, as in `<set-header>...</set-header>`, stands for what was left out.
        let left_out = shape.text.is_none() && element.attributes.is_empty() && self.tree.text_of(element).is_some();
        if !element.damaged && !left_out {
            self.needs(element, shape, owner, &attributes, &meant);
        }
        attributes
    }

    /// One name that is not known, and one that is needed and absent: the one was meant by the other.
    fn renamed(&self, element: &xml::Element, shape: &'static Shape, policy: bool) -> Option<&'static str> {
        let written = || element.attributes.iter().map(|attribute| self.tree.str(attribute.name));
        let known =
            |name: &str| shape.attribute(name).is_some() || policy && name == ID.name || name.starts_with("xml");
        let mut absent =
            shape.attributes.iter().filter(|known| known.required && !written().any(|name| name == known.name));
        match (written().filter(|name| !known(name)).count(), absent.next(), absent.next()) {
            (1, Some(absent), None) => Some(absent.name),
            _ => None,
        }
    }

    fn needs(
        &mut self,
        element: &xml::Element,
        shape: &'static Shape,
        owner: &str,
        attributes: &[Attribute],
        meant: &[&str],
    ) {
        let has = |name: &str| meant.contains(&name) || attributes.iter().any(|attribute| &*attribute.name == name);
        for attribute in shape.attributes.iter().filter(|attribute| attribute.required && !has(attribute.name)) {
            let message = format!("`{owner}` needs the attribute `{}`", attribute.name);
            self.found.push(Finding::new(codes::POLICY_MISSING_ATTRIBUTE, element.name, message));
        }
        for need in shape.needs {
            let finding = match need {
                Need::AnyOf(names) if !names.iter().any(|name| has(name)) => {
                    let message = format!("`{owner}` needs one of the attributes {}", list(names));
                    Finding::new(codes::POLICY_MISSING_ATTRIBUTE, element.name, message)
                }
                Need::Together(names) if names.iter().any(|name| has(name)) && !names.iter().all(|name| has(name)) => {
                    let absent: Vec<&str> = names.iter().copied().filter(|name| !has(name)).collect();
                    let message = format!("the attributes {} of `{owner}` go together", joined(names, "and"));
                    let finding = Finding::new(codes::POLICY_MISSING_ATTRIBUTE, element.name, message);
                    finding.help(format!("add {}", joined(&absent, "and")))
                }
                Need::NotBoth(names) => {
                    let mut present = attributes.iter().filter(|attribute| names.contains(&&*attribute.name));
                    let (Some(first), Some(second)) = (present.next(), present.next()) else { continue };
                    let message = format!("`{}` and `{}` exclude each other", first.name, second.name);
                    Finding::new(codes::POLICY_BAD_VALUE, second.name_span, message)
                        .related(first.name_span, "the other one")
                }
                _ => continue,
            };
            self.found.push(finding);
        }
    }

    fn no_attributes(&mut self, element: &xml::Element) {
        for attribute in &element.attributes {
            let name = self.tree.str(attribute.name);
            if !name.starts_with("xmlns") {
                let message = format!("`{}` has no attribute `{name}`", self.tree.str(element.name));
                self.found.push(Finding::new(codes::POLICY_UNKNOWN_ATTRIBUTE, attribute.name, message));
            }
        }
    }

    // ---- values

    /// Reports text where only elements may stand.
    fn no_text(&mut self, nodes: &[NodeId], parent: Option<&str>) {
        for &id in nodes {
            let node = self.tree.node(id);
            if !matches!(node.kind, NodeKind::Text | NodeKind::CData) {
                continue;
            }
            let span = self.trimmed(node.span);
            if span.is_empty() || self.told_within(span) {
                continue;
            }
            let written = self.tree.str(span);
            let mut names = named::names_in(written);
            if names.next() == Some((0, written.len())) {
                let name = &written[2..written.len() - 2];
                if self.options.named_values.find(name).is_none() {
                    self.unresolved(name, span);
                    continue;
                }
                // Its value would have to be read as markup, whose places no file holds.
                let message = format!("the named value `{name}` cannot stand for elements here");
                let finding = Finding::new(codes::POLICY_TEXT, span, message);
                self.found.push(finding.help("use a policy fragment for policies that several documents share"));
                continue;
            }
            let message = match parent {
                Some(parent) => format!("`<{parent}>` takes no text"),
                None => "text cannot stand here".to_owned(),
            };
            self.found.push(Finding::new(codes::POLICY_TEXT, span, message));
        }
    }

    /// Whether the text inside the span is wrong by itself.
    fn told_within(&self, span: Span) -> bool {
        self.broken.iter().any(|&broken| span.contains(broken))
    }

    /// Tells an expression from a constant, and replaces named values.
    fn value(&mut self, cooked: &Cooked, liquid: bool) -> Value {
        if !scan::begins_expression(cooked.text().trim_start().as_bytes()) {
            return self.constant(cooked, liquid);
        }
        let mut unresolved = Vec::new();
        let replaced = named::replace_in_code(&cooked.trimmed(), self.options.named_values, &mut unresolved);
        for name in unresolved {
            self.unresolved(&name.name, Span { start: name.start, end: name.end, ..cooked.span() });
        }
        self.expression(replaced)
    }

    fn expression(&mut self, text: Cooked) -> Value {
        let whole = text.text();
        match scan::expression_end(whole) {
            Some(end) if end == whole.len() => {
                let kind = if whole.starts_with("@(") { CodeKind::Expression } else { CodeKind::Block };
                let code = text.slice(2, end as u32 - 1);
                return Value::Expression(Code { kind, text: code, span: text.span() });
            }
            Some(end) => {
                let span = text.source_span(end as u32, whole.len() as u32);
                let finding = Finding::new(codes::POLICY_MIXED_EXPRESSION, span, "text follows the expression")
                    .label("this is not part of it")
                    .help("an expression must be the whole value: put the text into it as a string");
                self.found.push(finding);
            }
            None => {
                let span = text.source_span(0, 2);
                if !self.told_within(text.span()) {
                    let message = format!("the expression `{}` has no end", &whole[..2]);
                    self.found.push(Finding::new(codes::XML_EXPRESSION, span, message).label("begins here"));
                }
            }
        }
        Value::Constant(text)
    }

    fn constant(&mut self, cooked: &Cooked, liquid: bool) -> Value {
        let mut unresolved = Vec::new();
        let replaced = named::replace_in_text(cooked, self.options.named_values, &mut unresolved);
        if !liquid {
            for name in unresolved {
                self.unresolved(&name.name, Span { start: name.start, end: name.end, ..cooked.span() });
            }
            self.embedded(&replaced);
        }
        // A named value may hold an expression.
        if scan::begins_expression(replaced.text().trim_start().as_bytes()) {
            return self.expression(replaced.trimmed());
        }
        Value::Constant(replaced)
    }

    /// An expression inside other text is never evaluated: surely a mistake.
    fn embedded(&mut self, text: &Cooked) {
        let whole = text.text();
        for (at, _) in whole.match_indices('@').take(20) {
            let before = whole[..at].chars().next_back();
            let rest = &whole[at..];
            if !rest.starts_with("@(") || before.is_none_or(|c| c.is_alphanumeric() || c == '@') {
                continue;
            }
            let Some(end) = scan::expression_end(rest).filter(|end| rest[..*end].contains("context.")) else {
                continue;
            };
            let span = text.source_span(at as u32, (at + end) as u32);
            let finding =
                Finding::new(codes::POLICY_MIXED_EXPRESSION, span, "an expression inside other text is not evaluated")
                    .severity(Severity::Warning)
                    .help("make the whole value one expression, and put the text into it as a string");
            self.found.push(finding);
            return;
        }
    }

    fn unresolved(&mut self, name: &str, span: Span) {
        let message = format!("the named value `{name}` is not defined here");
        let near = near_name(name, self.options.named_values.names()).map(|near| format!("did you mean `{near}`?"));
        self.refer(codes::REFERENCE_NAMED_VALUE, name, span, message, near);
    }

    fn refer(&mut self, code: codes::Code, name: &str, span: Span, message: String, help: Option<String>) {
        if !self.told.insert((code.name, name.to_owned())) {
            return;
        }
        let mut finding = Finding::new(code, span, message);
        finding.help = help;
        self.found.push(if self.options.strict { finding.severity(Severity::Error) } else { finding });
    }

    fn reference(&mut self, text: &Cooked, to: Reference) {
        let name = text.text().trim();
        if name.is_empty() || named::names_in(name).next().is_some() || text.holds_secret() {
            return;
        }
        let (code, what, known) = match to {
            Reference::Fragment => (codes::REFERENCE_FRAGMENT, "policy fragment", self.options.fragments),
            Reference::Backend => (codes::REFERENCE_BACKEND, "backend", self.options.backends),
        };
        if known.is_some_and(|known| known.contains(name)) {
            return;
        }
        let near = known.and_then(|known| near_name(name, known.iter().map(String::as_str)));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        self.refer(code, name, text.span(), format!("the {what} `{name}` is not defined here"), help);
    }

    fn check(&mut self, text: &Cooked, kind: Kind, range: Option<(i64, i64)>, what: &str) {
        if named::names_in(text.text()).next().is_some() || scan::begins_expression(text.text().trim_start().as_bytes())
        {
            return;
        }
        let wrong = match (value::check(text.text(), kind), range) {
            (Err(wrong), _) => wrong,
            (Ok(()), Some(range)) if !value::in_range(text.text(), range) => {
                value::Wrong { expected: format!("from {} to {}", range.0, range.1), near: None }
            }
            _ => return,
        };
        let shown = text.shown();
        let finding = Finding::new(
            codes::POLICY_BAD_VALUE,
            text.span(),
            format!("`{what}` must be {}, not `{}`", wrong.expected, shown.trim()),
        );
        self.found.push(match wrong.near {
            Some(near) if !text.holds_secret() => finding.help(format!("did you mean `{near}`?")),
            _ => finding,
        });
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
