//! `configuration.<env>.yaml`: what an environment changes, by the publisher's rule. A section per kind of entity holds
//! `{name, properties}` entries; their properties are merged into those of the entity of that name, objects member by
//! member, everything else replaced. `{#token#}` is replaced before that. An entry of `workspaces` holds such sections for its own entities. A section or name without an entity is a finding.

use super::Loader;
use super::files::Properties;
use super::layout::Layout;
use crate::diagnostics::{Finding, codes};
use crate::source::{FileId, Place, Span};
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{#\s*([A-Za-z0-9_.-]+)\s*#\}").expect("the pattern is a regular expression"));

/// The entities that overrides may change: section, name in lower case, information file.
type Entities = BTreeMap<(&'static str, String), Vec<Option<FileId>>>;

fn entities(layout: &Layout<'_>) -> Entities {
    let mut all = Entities::new();
    let mut add = |section, name: &str, file: Option<FileId>| {
        all.entry((section, name.to_ascii_lowercase())).or_default().push(file);
    };
    for (section, files) in [
        ("namedvalues", &layout.named_values),
        ("backends", &layout.backends),
        ("subscriptions", &layout.subscriptions),
        ("users", &layout.users),
        ("groups", &layout.groups),
        ("schemas", &layout.schemas),
        ("versionsets", &layout.version_sets),
    ] {
        for (name, file) in files {
            add(section, name, Some(*file));
        }
    }
    for (name, files) in &layout.apis {
        // An API's overrides are its revisions' as well.
        add("apis", name.split(";rev=").next().unwrap_or(name), files.information);
    }
    for (name, files) in &layout.products {
        add("products", name, files.information);
    }
    for (name, files) in &layout.certificates {
        add("certificates", name, files.information);
    }
    for (name, own) in &layout.workspaces {
        add("workspaces", name, own.information);
    }
    for (section, name) in &layout.without_effect {
        add(section, name, None);
    }
    all
}

impl Loader<'_> {
    pub(super) fn apply_overrides(&mut self, layout: &Layout<'_>) {
        let Some(file) = self.given.overrides else { return };
        let Some(Value::Object(sections)) = self.read_overrides(file) else { return };
        self.apply_sections(file, sections, layout);
    }

    fn apply_sections(&mut self, file: FileId, sections: Properties, layout: &Layout<'_>) {
        let entities = entities(layout);
        for (section, entries) in sections {
            if section.eq_ignore_ascii_case("apimServiceName") {
                continue;
            }
            let kind = super::layout::kind(&section);
            let Value::Array(entries) = entries else {
                self.report(codes::GATEWAY_PART, file, &section, format!("`{section}` is no list, and was not read"));
                continue;
            };
            for mut entry in entries {
                if kind == "workspaces" {
                    self.apply_to_workspace(file, &mut entry, layout);
                }
                self.apply_override(file, &section, &kind, entry, &entities);
            }
        }
    }

    /// An entry of `workspaces` holds, beside its name, sections as the file itself does.
    fn apply_to_workspace(&mut self, file: FileId, entry: &mut Value, layout: &Layout<'_>) {
        let Value::Object(members) = entry else { return };
        let name = members.get("name").and_then(Value::as_str).unwrap_or_default();
        let found = layout.workspaces.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        let Some((_, own)) = found else { return };
        let is_section = |name: &String| !matches!(name.as_str(), "name" | "properties");
        let names: Vec<String> = members.keys().filter(|name| is_section(name)).cloned().collect();
        let sections = names.into_iter().filter_map(|name| members.remove_entry(&name)).collect();
        self.apply_sections(file, sections, own);
    }

    fn apply_override(&mut self, file: FileId, section: &str, kind: &str, entry: Value, entities: &Entities) {
        let Value::Object(mut entry) = entry else {
            return self.error(file, section, format!("an entry of `{section}` is no object with a name"));
        };
        let Some(name) = entry.get("name").and_then(Value::as_str).map(str::to_owned) else {
            return self.error(file, section, format!("an entry of `{section}` has no name"));
        };
        let found = entities.iter().find(|((own, own_name), _)| *own == kind && *own_name == name.to_ascii_lowercase());
        let Some((_, files)) = found else {
            let known =
                entities.keys().any(|(own, _)| *own == kind) || matches!(kind, "namedvalues" | "backends" | "apis");
            let (near, message) = if known {
                (name.as_str(), format!("`{section}` names `{name}`, which is not here"))
            } else {
                (section, format!("`{section}` changes nothing that is read here"))
            };
            return self.report(codes::GATEWAY_PART, file, near, message);
        };
        for part in entry.keys().filter(|part| !matches!(part.as_str(), "name" | "properties")) {
            let message = match part.as_str() {
                "diagnostics" | "releases" | "tags" => format!("`{part}` has no effect here"),
                _ => format!("`{part}` of `{name}` was not read: overrides change properties only"),
            };
            self.report(codes::GATEWAY_PART, file, part, message);
        }
        let properties = match entry.remove("properties") {
            Some(Value::Object(properties)) => properties,
            None | Some(Value::Null) => return,
            Some(_) => return self.error(file, &name, format!("the properties of `{name}` are no object")),
        };
        for information in files.iter().flatten() {
            self.overrides.insert(*information, properties.clone());
        }
    }

    /// The text with its tokens replaced. They are put into the values that were read, so that none of them is markup.
    fn read_overrides(&mut self, file: FileId) -> Option<Value> {
        let text = self.sources.text(file).to_owned();
        let mut values: Vec<&str> = Vec::new();
        let mut marked = String::with_capacity(text.len());
        let mut from = 0;
        for found in TOKEN.captures_iter(&text) {
            let (whole, name) = (found.get_match(), &found[1]);
            marked.push_str(&text[from..whole.start()]);
            from = whole.end();
            match self.given.tokens.get(name) {
                Some(value) => {
                    marked.push_str(&mark(values.len()));
                    values.push(value);
                }
                None => {
                    let span = Span::new(file, whole.start() as u32, whole.end() as u32);
                    let message = format!("the environment has no variable `{name}`");
                    self.found.push(Finding::new(codes::GATEWAY_REFERENCE, span, message));
                    marked.push_str("missing");
                }
            }
        }
        marked.push_str(&text[from..]);
        match serde_yaml_ng::from_str::<Value>(&marked) {
            Ok(mut read) => {
                replace_marks(&mut read, &values);
                if !read.is_object() {
                    self.error(file, "", "the file holds no sections".to_owned());
                }
                Some(read)
            }
            Err(error) => {
                let place = error.location().map(|at| Place { line: at.line() as u32, column: at.column() as u32 });
                self.unreadable(file, &error.to_string(), place.map(|place| (place.line, place.column)));
                None
            }
        }
    }
}

/// Stands for a token while the text is read: a word that no text has.
fn mark(number: usize) -> String {
    format!("__portcullis_token_{number}__")
}

fn replace_marks(value: &mut Value, values: &[&str]) {
    match value {
        Value::String(text) => {
            for (number, value) in values.iter().enumerate().rev() {
                if text.contains("__portcullis_token_") {
                    *text = text.replace(&mark(number), value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace_marks(item, values)),
        Value::Object(members) => members.values_mut().for_each(|member| replace_marks(member, values)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Objects member by member, everything else replaced.
pub(super) fn merge(into: &mut Properties, other: &Properties) {
    for (name, value) in other {
        match (into.get_mut(name), value) {
            (Some(Value::Object(own)), Value::Object(value)) => merge(own, value),
            _ => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}
