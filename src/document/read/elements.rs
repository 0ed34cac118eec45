//! An element by its shape: text, children, their number and order.

use super::*;

impl Reader<'_, '_, '_> {
    pub(super) fn element(
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

    pub(super) fn text(
        &mut self,
        element: &xml::Element,
        shape: &'static Shape,
        markup: bool,
        liquid: bool,
    ) -> Option<Value> {
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

    pub(super) fn children(
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
    pub(super) fn child_spec(
        &mut self,
        shape: &'static Shape,
        name: &str,
        at: Span,
        parent: &str,
    ) -> Option<&'static ChildSpec> {
        if let Some(child) = shape.child(name) {
            return Some(child);
        }
        let any = shape.child(ANY_POLICY);
        let known = self.options.specs.find(name).is_some();
        if known && let Some(any) = any {
            if !any.except.contains(&name) {
                return Some(any);
            }
            let message = format!("`<{name}>` cannot stand in `<{parent}>`");
            self.found.push(Finding::new(codes::POLICY_WRONG_CHILD, at, message));
            return None;
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

    pub(super) fn child(
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
}
