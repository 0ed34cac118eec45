//! Attributes by their specs: names, and what they need of each other.

use super::*;

impl Reader<'_, '_, '_> {
    pub(super) fn attributes(&mut self, element: &xml::Element, shape: &'static Shape, policy: bool) -> Vec<Attribute> {
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
    pub(super) fn renamed(&self, element: &xml::Element, shape: &'static Shape, policy: bool) -> Option<&'static str> {
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

    pub(super) fn needs(
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

    pub(super) fn no_attributes(&mut self, element: &xml::Element) {
        for attribute in &element.attributes {
            let name = self.tree.str(attribute.name);
            if !name.starts_with("xmlns") {
                let message = format!("`{}` has no attribute `{name}`", self.tree.str(element.name));
                self.found.push(Finding::new(codes::POLICY_UNKNOWN_ATTRIBUTE, attribute.name, message));
            }
        }
    }
}
