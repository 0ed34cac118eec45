//! Constants and expressions, told apart; named values and references; which constants fit.

use super::*;

impl Reader<'_, '_, '_> {
    /// Reports text where only elements may stand.
    pub(super) fn no_text(&mut self, nodes: &[NodeId], parent: Option<&str>) {
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
    pub(super) fn told_within(&self, span: Span) -> bool {
        self.broken.iter().any(|&broken| span.contains(broken))
    }

    /// Tells an expression from a constant, and replaces named values.
    pub(super) fn value(&mut self, cooked: &Cooked, liquid: bool) -> Value {
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

    pub(super) fn expression(&mut self, text: Cooked) -> Value {
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

    pub(super) fn constant(&mut self, cooked: &Cooked, liquid: bool) -> Value {
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
    pub(super) fn embedded(&mut self, text: &Cooked) {
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

    pub(super) fn unresolved(&mut self, name: &str, span: Span) {
        let message = format!("the named value `{name}` is not defined here");
        let near = near_name(name, self.options.named_values.names()).map(|near| format!("did you mean `{near}`?"));
        self.refer(codes::REFERENCE_NAMED_VALUE, name, span, message, near);
    }

    pub(super) fn refer(&mut self, code: codes::Code, name: &str, span: Span, message: String, help: Option<String>) {
        if !self.told.insert((code.name, name.to_owned())) {
            return;
        }
        let mut finding = Finding::new(code, span, message);
        finding.help = help;
        self.found.push(if self.options.strict { finding.severity(Severity::Error) } else { finding });
    }

    pub(super) fn reference(&mut self, text: &Cooked, to: Reference) {
        let name = text.text().trim();
        if name.is_empty() || named::names_in(name).next().is_some() || text.holds_secret() {
            return;
        }
        // Reserved: no backend has this name.
        if to == Reference::Backend && name.eq_ignore_ascii_case("dapr") {
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

    pub(super) fn check(&mut self, text: &Cooked, kind: Kind, range: Option<(i64, i64)>, what: &str) {
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
        let mut finding = Finding::new(
            codes::POLICY_BAD_VALUE,
            text.span(),
            format!("`{what}` must be {}, not `{}`", wrong.expected, shown.trim()),
        );
        // The platform takes the document, and fails when it comes here.
        if matches!(kind, Kind::Url | Kind::Token) {
            finding = finding.severity(Severity::Warning);
        }
        self.found.push(match wrong.near {
            Some(near) if !text.holds_secret() => finding.help(format!("did you mean `{near}`?")),
            _ => finding,
        });
    }
}
