//! Policies in their places: sections, scopes, gateways, and how often.

use super::*;

impl Reader<'_, '_, '_> {
    pub(super) fn block(
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
    pub(super) fn any_policy(
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
    pub(super) fn guessed(
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
    pub(super) fn inside_unclosed(&self, id: NodeId) -> bool {
        let parent = self.tree.node(id).parent.and_then(|parent| self.tree.element(parent));
        parent.is_some_and(|parent| parent.unclosed)
    }

    /// A policy that has a child of this name.
    pub(super) fn owner_of(&self, name: &str) -> Option<&'static str> {
        let owner = self.options.specs.0.iter().find(|spec| spec.shape.child(name).is_some_and(|child| !child.policy));
        owner.map(|spec| spec.name())
    }

    /// Whether the policy may stand where it stands.
    pub(super) fn place(
        &mut self,
        spec: &'static Spec,
        name: Span,
        around: Around<'_>,
        once: &mut Vec<(&'static Spec, Span)>,
    ) {
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
    pub(super) fn availability(&mut self, spec: &'static Spec, name: Span) {
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

    pub(super) fn statement(
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
}
