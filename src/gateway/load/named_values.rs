//! `named values/` to named values. What is given from outside goes first; one that lies in a Key Vault is told by it, or
//! given. A value is never resolved in itself: one that holds a defined name is a mistake, and said to be.

use super::Loader;
use super::files::{Properties, text};
use crate::diagnostics::{Finding, codes};
use crate::document::names_in;
use crate::gateway::model::VaultSecret;
use crate::source::FileId;
use serde_json::Value;

/// As the platform takes them.
const LONGEST_VALUE: usize = 4096;
const LONGEST_NAME: usize = 256;

/// How an entity's secret in a Key Vault is found.
pub(super) enum Vault {
    /// The entity names none.
    No,
    Told(String),
    /// Somebody is going to ask.
    Asked,
    /// A finding says why not.
    Failed,
}

impl Loader<'_> {
    pub(super) fn named_value(&mut self, name: &str, file: FileId) {
        let Some(properties) = self.properties(file) else { return };
        self.other_members(file, &properties, &["displayName", "value", "secret", "keyVault", "tags"], "a named value");
        let display = text(&properties, "displayName").unwrap_or(name).to_owned();
        let secret = properties.get("secret").and_then(Value::as_bool).unwrap_or(false);
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if display.is_empty() || display.len() > LONGEST_NAME || !display.chars().all(fits) {
            let message = format!("`{display}` is no name: up to {LONGEST_NAME} letters, digits, `.`, `-` and `_`");
            return self.error(file, "displayName", message);
        }
        if self.gateway.named_values.find(&display).is_some() {
            return self.error(file, "displayName", format!("there are two named values `{display}`"));
        }
        let value = text(&properties, "value").map(str::to_owned);
        if let Some(value) = value.as_deref().filter(|_| secret) {
            self.sources.hide(file, value);
            if let Some(overrides) = self.given.overrides {
                self.sources.hide(overrides, value);
            }
        }
        if let Some(given) = self.given.find(&display) {
            return self.gateway.named_values.define(&display, given.value, given.secret || secret);
        }
        let (value, secret) = match (value, self.vault(file, &properties, &format!("the named value `{display}`"))) {
            (Some(value), Vault::No) => (value, secret),
            (_, Vault::Told(value)) => (value, true),
            (_, Vault::Asked | Vault::Failed) => return,
            (None, Vault::No) => {
                let message = format!("the named value `{display}` has no value here");
                let finding = Finding::new(codes::GATEWAY_REFUSED, self.at(file, "displayName"), message);
                return self.found.push(finding.help(format!("give `{display}` with --named-values")));
            }
        };
        self.gateway.named_values.define(&display, value, secret);
    }

    /// What is given for names that no file declares.
    pub(super) fn values_from_outside(&mut self) {
        let given = self.given.all();
        for name in given.names() {
            if let (Some(value), None) = (given.find(name), self.gateway.named_values.find(name)) {
                self.gateway.named_values.define(name, value.value.clone(), value.secret);
            }
        }
    }

    /// What is wrong with values, now that all are known.
    pub(super) fn check_named_values(&mut self, declared: &[(&str, FileId)]) {
        for &(name, file) in declared {
            let Some(properties) = self.overridden(file) else { continue };
            let display = text(&properties, "displayName").unwrap_or(name);
            let Some(own) = self.gateway.named_values.find(display) else { continue };
            let length = own.value.chars().count();
            let inner = names_in(&own.value)
                .map(|(start, end)| &own.value[start + 2..end - 2])
                .find(|inner| self.gateway.named_values.find(inner).is_some())
                .map(str::to_owned);
            if length > LONGEST_VALUE {
                let message =
                    format!("the named value `{display}` has {length} characters, of {LONGEST_VALUE} at most");
                self.error(file, "displayName", message);
            }
            if let Some(inner) = inner {
                let message = format!(
                    "the named value `{display}` holds `{{{{{inner}}}}}`: a value is never resolved in itself, so that \
                     policies would see these braces"
                );
                self.error(file, "displayName", message);
            }
        }
    }

    /// The secret of a `keyVault` property.
    pub(super) fn vault(&mut self, file: FileId, properties: &Properties, what: &str) -> Vault {
        let Some(vault) = properties.get("keyVault").filter(|vault| !vault.is_null()) else { return Vault::No };
        let part = |key: &str| vault.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let Some(identifier) = part("secretIdentifier") else {
            self.error(file, "keyVault", format!("{what} lies in a Key Vault, but has no secretIdentifier"));
            return Vault::Failed;
        };
        let Some(told) = &self.given.vault else {
            let message = format!("{what} lies in a Key Vault, which is not asked");
            let finding = Finding::new(codes::GATEWAY_REFUSED, self.at(file, "keyVault"), message);
            self.found.push(finding.help("give its value with --named-values; `serve` asks a vault with --key-vault"));
            return Vault::Failed;
        };
        let wanted = VaultSecret { identifier: identifier.into(), client_id: part("identityClientId").map(Into::into) };
        let found = match told.get(&wanted) {
            Some(Ok(value)) => Vault::Told(value.clone()),
            Some(Err(why)) => {
                let message = format!("{what} could not be had from its Key Vault: {why}");
                let span = self.at(file, "secretIdentifier");
                self.found.push(Finding::new(codes::GATEWAY_REFERENCE, span, message));
                Vault::Failed
            }
            None => Vault::Asked,
        };
        self.gateway.vault.insert(wanted);
        found
    }

    /// A text outside of policies that may name values, such as a password.
    pub(super) fn with_named_values(&mut self, file: FileId, written: &str) -> String {
        let mut out = String::new();
        let mut from = 0;
        for (start, end) in names_in(written) {
            let name = &written[start + 2..end - 2];
            out.push_str(&written[from..start]);
            from = end;
            match self.gateway.named_values.find(name).cloned().or_else(|| self.given.find(name)) {
                Some(own) => out.push_str(&own.value),
                None => {
                    let message = format!("there is no named value `{name}`");
                    let span = self.at(file, &format!("{{{{{name}}}}}"));
                    self.found.push(Finding::new(codes::GATEWAY_REFERENCE, span, message));
                }
            }
        }
        out.push_str(&written[from..]);
        out
    }
}
