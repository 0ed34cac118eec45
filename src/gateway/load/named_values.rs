//! `named values/` to named values; what is given from outside goes first.

use super::Loader;
use super::files::text;
use crate::diagnostics::{Finding, codes};
use crate::source::FileId;
use serde_json::Value;

impl Loader<'_> {
    pub(super) fn named_value(&mut self, name: &str, file: FileId) {
        let Some(properties) = self.properties(file) else { return };
        let display = text(&properties, "displayName").unwrap_or(name).to_owned();
        let secret = properties.get("secret").and_then(Value::as_bool).unwrap_or(false);
        if let Some(given) = self.given.find(&display) {
            return self.gateway.named_values.define(&display, given.value, given.secret || secret);
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
