//! What is added to the requests of a backend, and how it is reached: credentials, certificates, a proxy.

use super::{last_segment, object};
use crate::diagnostics::{Finding, codes};
use crate::document::{SHORTEST_ANYWHERE, names_in};
use crate::gateway::load::Loader;
use crate::gateway::load::files::{Properties, is_set, near, text};
use crate::gateway::model::Credentials;
use crate::message::{ClientIdentity, HeaderName, HeaderValue, ProxyServer};
use crate::source::FileId;
use serde_json::Value;
use std::sync::Arc;

/// Names with their values, of headers or query parameters.
type Lists = Vec<(Box<str>, Vec<Box<str>>)>;

impl Loader<'_> {
    /// Puts stars over what a backend's file holds as credentials: no finding quotes them.
    pub(super) fn hide_credentials(&mut self, file: FileId, properties: &Properties) {
        let credentials = properties.get("credentials").and_then(Value::as_object);
        let parts = ["header", "query"].into_iter().filter_map(|part| credentials?.get(part));
        let parameter = credentials.and_then(|own| own.get("authorization")?.get("parameter"));
        let password = properties.get("proxy").and_then(|own| own.get("password"));
        let mut open: Vec<&Value> = parts.chain(parameter).chain(password).collect();
        while let Some(value) = open.pop() {
            match value {
                Value::Array(items) => open.extend(items),
                Value::Object(members) => open.extend(members.values()),
                // Shorter ones would put stars over the file's own words.
                Value::String(text) if text.chars().count() >= SHORTEST_ANYWHERE && names_in(text).next().is_none() => {
                    self.sources.hide(file, text);
                    if let Some(overrides) = self.given.overrides {
                        self.sources.hide(overrides, text);
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn credentials(
        &mut self,
        name: &str,
        file: FileId,
        properties: &Properties,
    ) -> (Credentials, Option<Arc<ClientIdentity>>) {
        let known = ["header", "query", "authorization", "certificate", "certificateIds", "managedIdentity"];
        self.other_members(file, properties, &known, "`credentials`");
        if properties.get("managedIdentity").is_some_and(is_set) {
            self.refuse(file, "managedIdentity", "a managed identity is not served: there is none here");
        }
        let mut credentials = Credentials {
            headers: self.lists(file, properties, "header"),
            query: self.lists(file, properties, "query"),
            authorization: None,
        };
        if let Some(own) = object(properties, "authorization").filter(|own| !own.is_empty()) {
            self.other_members(file, own, &["scheme", "parameter"], "`authorization`");
            let scheme = text(own, "scheme").filter(|scheme| !scheme.is_empty());
            if scheme.is_none() {
                self.error(file, "authorization", format!("the authorization of the backend `{name}` has no scheme"));
            }
            let scheme = scheme.and_then(|scheme| self.filled(file, "scheme", scheme));
            let parameter = self.filled(file, "parameter", text(own, "parameter").unwrap_or(""));
            credentials.authorization = scheme.zip(parameter).map(|(own, parameter)| (own.into(), parameter.into()));
        }
        let authorization = credentials.authorization.iter().map(|(scheme, parameter)| format!("{scheme} {parameter}"));
        let headers = credentials.headers.iter().flat_map(|(_, values)| values.iter().map(ToString::to_string));
        if authorization.chain(headers).any(|value| HeaderValue::from_str(&value).is_err()) {
            self.error(file, "credentials", format!("a credential of `{name}` cannot be a header's value"));
        }
        let names = credentials.headers.iter().map(|(own, _)| own);
        let wrong: Vec<_> = names.filter(|own| own.parse::<HeaderName>().is_err()).cloned().collect();
        for wrong in wrong {
            self.error(file, &wrong, format!("`{wrong}` cannot be a header's name"));
        }
        let mut certificate = None;
        for part in ["certificateIds", "certificate"] {
            for given in properties.get(part).and_then(Value::as_array).into_iter().flatten() {
                let Some(given) = given.as_str() else {
                    self.error(file, part, format!("`{part}` is a list of texts"));
                    continue;
                };
                let found = self.certificate(last_segment(given), part == "certificate");
                if found.is_none() {
                    let message = format!("the backend `{name}` names the certificate `{given}`, which is not here");
                    self.found.push(Finding::new(codes::GATEWAY_REFERENCE, self.at(file, part), message));
                }
                certificate = certificate.or(found);
            }
        }
        (credentials, certificate)
    }

    fn certificate(&self, name: &str, by_thumbprint: bool) -> Option<Arc<ClientIdentity>> {
        let certificates = &self.gateway.certificates;
        let found = match by_thumbprint {
            false => certificates.iter().find(|(id, _)| id.eq_ignore_ascii_case(name)).map(|(_, own)| own),
            true => certificates.values().find(|own| thumbprint(own).eq_ignore_ascii_case(name)),
        };
        found.cloned()
    }

    pub(super) fn proxy(&mut self, file: FileId, properties: &Properties) -> Option<ProxyServer> {
        self.other_members(file, properties, &["url", "username", "password"], "`proxy`");
        let url = self.filled(file, "proxy", text(properties, "url").unwrap_or(""))?;
        match crate::message::Url::parse(&url) {
            Ok(parsed) if parsed.path == "/" && parsed.query.is_none() => {}
            Ok(_) => {
                self.error(file, "proxy", "the URL of a proxy has no path".to_owned());
                return None;
            }
            Err(why) => {
                self.error(file, "proxy", format!("the URL of the proxy: {why}"));
                return None;
            }
        }
        let mut part = |name: &str| -> Option<Option<Box<str>>> {
            match text(properties, name).filter(|text| !text.is_empty()) {
                Some(value) => self.filled(file, name, value).map(|value| Some(value.into())),
                None => Some(None),
            }
        };
        let (username, password) = (part("username")?, part("password")?);
        Some(ProxyServer { url: url.into(), username, password })
    }

    /// `{"name": ["value", ...]}`, named values filled in.
    fn lists(&mut self, file: FileId, properties: &Properties, part: &str) -> Lists {
        let mut lists = Vec::new();
        for (name, values) in object(properties, part).into_iter().flatten() {
            let values = match values {
                Value::Array(items) if items.iter().all(Value::is_string) => {
                    items.iter().filter_map(Value::as_str).collect::<Vec<_>>()
                }
                Value::String(one) => vec![one.as_str()],
                _ => {
                    self.error(file, name, format!("the values of `{name}` are a list of texts"));
                    continue;
                }
            };
            let filled = values.into_iter().filter_map(|value| self.filled(file, name, value));
            let filled: Vec<Box<str>> = filled.map(Into::into).collect();
            lists.push((name.as_str().into(), filled));
        }
        lists
    }

    /// A text with its named values; a name that nothing defines is a finding.
    pub(super) fn filled(&mut self, file: FileId, place: &str, text: &str) -> Option<String> {
        let (mut whole, mut from) = (String::with_capacity(text.len()), 0);
        for (start, end) in names_in(text) {
            let name = &text[start + 2..end - 2];
            let Some(value) = self.gateway.named_values.find(name) else {
                let finding = Finding::new(
                    codes::GATEWAY_REFERENCE,
                    self.at(file, place),
                    format!("there is no named value `{name}`"),
                );
                let help = near(name, self.gateway.named_values.names());
                self.found.push(match help {
                    Some(help) => finding.help(help),
                    None => finding,
                });
                return None;
            };
            whole.push_str(&text[from..start]);
            whole.push_str(&value.value);
            from = end;
        }
        whole.push_str(&text[from..]);
        Some(whole)
    }
}

/// SHA-1 of the certificate, as stores name it.
fn thumbprint(identity: &ClientIdentity) -> String {
    use sha1::{Digest, Sha1};
    let own = identity.chain.first().map_or(&[][..], Vec::as_slice);
    Sha1::digest(own).iter().map(|byte| format!("{byte:02X}")).collect()
}
