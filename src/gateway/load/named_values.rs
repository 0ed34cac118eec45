//! Named values: those of the directory, and those that are given from outside.

use super::Loader;
use super::files::{strip_bom, text};
use crate::diagnostics::{Diagnostics, Finding, codes};
use crate::document::NamedValues;
use crate::source::{FileId, Place, Sources, Span};
use serde_json::Value;

impl Loader<'_> {
    pub(super) fn named_value(&mut self, name: &str, file: FileId) {
        let Some(properties) = self.properties(file) else { return };
        let display = text(&properties, "displayName").unwrap_or(name).to_owned();
        let secret = properties.get("secret").and_then(Value::as_bool).unwrap_or(false);
        if self.given.find(&display).is_some() {
            return;
        }
        match text(&properties, "value") {
            Some(value) => self.gateway.named_values.define(&display, value, secret),
            None if properties.contains_key("keyVault") => self.missing_value(
                file,
                "keyVault",
                format!("the named value `{display}` lies in a Key Vault, which is not asked"),
                &display,
            ),
            None => {
                self.missing_value(file, "value", format!("the named value `{display}` has no value here"), &display);
            }
        }
    }

    pub(super) fn missing_value(&mut self, file: FileId, near: &str, message: String, name: &str) {
        let finding = Finding::new(codes::GATEWAY_REFUSED, self.at(file, near), message)
            .help(format!("give `{name}` in the file of --named-values"));
        self.found.push(finding);
    }
}

/// The file of `--named-values`: `{"name": "value", "other": {"value": "...", "secret": true}}`.
pub fn named_values(file: FileId, sources: &Sources, found: &mut Diagnostics) -> NamedValues {
    let mut values = NamedValues::new();
    let mut wrong = |offset: u32, message: String| {
        found.push(Finding::new(codes::GATEWAY_FILE, Span::new(file, offset, offset), message));
    };
    match serde_json::from_str::<Value>(strip_bom(sources.text(file))) {
        Ok(Value::Object(members)) => {
            for (name, value) in members {
                let secret = value.get("secret").and_then(Value::as_bool).unwrap_or(false);
                match value.as_str().or_else(|| value.get("value")?.as_str()) {
                    Some(text) => values.define(&name, text, secret),
                    None => wrong(0, format!("`{name}` is neither a text nor an object with `value`")),
                }
            }
        }
        Ok(_) => wrong(0, "the file holds no JSON object of names and values".to_owned()),
        Err(error) => {
            let place = Place { line: (error.line() as u32).max(1), column: (error.column() as u32).max(1) };
            wrong(sources.offset(file, place).unwrap_or(0), error.to_string());
        }
    }
    values
}
