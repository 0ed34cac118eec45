//! What every entity's file has in common: its properties, and findings at their places.

use super::Loader;
use super::overrides::merge;
use super::{ECHO_HOST, backend_url};
use crate::diagnostics::{Code, Finding, Severity, codes};
use crate::effect::Moment;
use crate::message::Url;
use crate::source::{FileId, Place, Span};
use serde_json::{Map, Value};

pub(super) type Properties = Map<String, Value>;

const LARGEST_INFORMATION: usize = 1 << 20;

impl Loader<'_> {
    pub(super) fn url(&mut self, text: &str) -> Result<Url, String> {
        let url = backend_url(text)?;
        self.gateway.uses_echo |= &*url.host == ECHO_HOST;
        Ok(url)
    }

    /// The `properties` of an information file, with what the environment overrides.
    pub(super) fn properties(&mut self, file: FileId) -> Option<Properties> {
        let mut properties = self.own_properties(file)?;
        if let Some(other) = self.overrides.get(&file) {
            merge(&mut properties, other);
        }
        let wrong: Vec<(&String, &str)> = properties.iter().filter_map(|(name, value)| misfit(name, value)).collect();
        for (name, what) in wrong {
            self.error(file, name, format!("`{name}` is {what}"));
        }
        Some(properties)
    }

    /// Those of a file that was read before, without its findings again.
    pub(super) fn overridden(&self, file: FileId) -> Option<Properties> {
        let read = serde_json::from_str::<Value>(strip_bom(self.sources.text(file))).ok()?;
        let mut properties = read.get("properties")?.as_object()?.clone();
        if let Some(other) = self.overrides.get(&file) {
            merge(&mut properties, other);
        }
        Some(properties)
    }

    fn own_properties(&mut self, file: FileId) -> Option<Properties> {
        if self.sources.text(file).len() > LARGEST_INFORMATION {
            self.error(file, "", "the file is too large".to_owned());
            return None;
        }
        match serde_json::from_str::<Value>(strip_bom(self.sources.text(file))) {
            Ok(Value::Object(mut outer)) => match outer.remove("properties") {
                Some(Value::Object(properties)) => Some(properties),
                _ => {
                    self.error(file, "properties", "the file has no object `properties`".to_owned());
                    None
                }
            },
            Ok(_) => {
                self.error(file, "", "the file holds no JSON object".to_owned());
                None
            }
            Err(error) => {
                self.unreadable(file, &error.to_string(), Some((error.line() as u32, error.column() as u32)));
                None
            }
        }
    }

    pub(super) fn unreadable(&mut self, file: FileId, message: &str, place: Option<(u32, u32)>) {
        let offset = place
            .and_then(|(line, column)| self.sources.offset(file, Place { line: line.max(1), column: column.max(1) }))
            .unwrap_or(0);
        let span = Span::new(file, offset, offset);
        self.found.push(Finding::new(codes::GATEWAY_FILE, span, message.to_owned()));
    }

    /// The place of a property's name, or the file's start.
    pub(super) fn at(&self, file: FileId, near: &str) -> Span {
        let text = self.sources.text(file);
        let found = (!near.is_empty()).then(|| text.find(&format!("\"{near}\"")).or_else(|| text.find(near))).flatten();
        match found {
            Some(start) => {
                let quotes = if text[start..].starts_with('"') { 2 } else { 0 };
                Span::new(file, start as u32, (start + near.len() + quotes) as u32)
            }
            None => Span::new(file, 0, 0),
        }
    }

    pub(super) fn report(&mut self, code: Code, file: FileId, near: &str, message: String) {
        let span = self.at(file, near);
        self.found.push(Finding::new(code, span, message));
    }

    pub(super) fn error(&mut self, file: FileId, near: &str, message: String) {
        self.report(codes::GATEWAY_FILE, file, near, message);
    }

    pub(super) fn refuse(&mut self, file: FileId, near: &str, message: &str) {
        let finding = Finding::new(codes::GATEWAY_REFUSED, self.at(file, near), message.to_owned());
        let allowed = self.given.allow_unsupported;
        self.found.push(if allowed { finding.severity(Severity::Warning) } else { finding });
    }

    /// Members that have no meaning here.
    pub(super) fn other_members(&mut self, file: FileId, properties: &Properties, known: &[&str], of: &str) {
        for name in properties.iter().filter(|(name, value)| !known.contains(&name.as_str()) && is_set(value)) {
            let message = format!("`{}` is no part of {of}, and has no effect", name.0);
            self.found.push(Finding::new(codes::GATEWAY_PART, self.at(file, name.0), message));
        }
    }

    /// What is there and changes nothing.
    pub(super) fn part(&mut self, file: FileId, message: String) {
        self.report(codes::GATEWAY_PART, file, "", message);
    }

    pub(super) fn without_effect(&mut self, file: FileId, what: &str) {
        self.report(codes::GATEWAY_PART, file, "", format!("`{what}` has no effect here"));
    }

    pub(super) fn not_understood(&mut self, file: FileId) {
        let message = "the file has no meaning in this layout, and was not read".to_owned();
        let severity = match self.sources.path(file).rsplit('/').next() {
            Some(name) if name.ends_with(".md") || name.starts_with('.') => return,
            _ => codes::GATEWAY_PART,
        };
        // It may hold anything, secrets as well: nothing of it is quoted.
        let whole = self.sources.text(file).to_owned();
        self.sources.hide(file, &whole);
        self.report(severity, file, "", message);
    }
}

/// Properties of entities by what they hold.
const TYPES: [(&str, &[&str]); 4] = [
    ("true or false", &["subscriptionRequired", "approvalRequired", "isCurrent", "secret", "allowTracing"]),
    ("a list", &["protocols", "identities", "groups", "templateParameters", "responses"]),
    (
        "an object",
        &[
            "apiVersionSet",
            "subscriptionKeyParameterNames",
            "authenticationSettings",
            "keyVault",
            "credentials",
            "proxy",
            "tls",
            "circuitBreaker",
            "pool",
        ],
    ),
    (
        "a text",
        &[
            "displayName",
            "description",
            "path",
            "serviceUrl",
            "type",
            "apiType",
            "apiRevision",
            "apiVersion",
            "apiVersionSetId",
            "translateRequiredQueryParameters",
            "backendId",
            "method",
            "urlTemplate",
            "versioningScheme",
            "versionHeaderName",
            "versionQueryName",
            "schemaType",
            "state",
            "scope",
            "ownerId",
            "primaryKey",
            "secondaryKey",
            "title",
            "url",
            "protocol",
            "azureRegion",
            "password",
            "thumbprint",
            "contentType",
        ],
    ),
];

/// What a property should hold, if it holds something else.
fn misfit<'p>(name: &'p String, value: &Value) -> Option<(&'p String, &'static str)> {
    let &(what, _) = TYPES.iter().find(|(_, names)| names.contains(&name.as_str()))?;
    let fits = match what {
        "true or false" => value.is_boolean(),
        "a list" => value.is_array(),
        "an object" => value.is_object(),
        _ => value.is_string(),
    };
    (!fits && !value.is_null()).then_some((name, what))
}

pub(super) fn strip_bom(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// A time such as `2024-05-17T09:30:15Z`.
pub(super) fn moment(properties: &Properties, key: &str) -> Option<Moment> {
    crate::dotnet::context::from_json::parse_moment(text(properties, key)?)
}

pub(super) fn text<'a>(properties: &'a Properties, key: &str) -> Option<&'a str> {
    properties.get(key)?.as_str()
}

/// Neither null nor empty.
pub(super) fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}

pub(super) fn near<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    crate::diagnostics::near_name(name, names).map(|near| format!("did you mean `{near}`?"))
}
