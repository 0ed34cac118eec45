//! `backends/{name}/backendInformation.json` to a [`Backend`].

use super::Loader;
use super::files::{is_set, text};
use crate::gateway::model::{Backend, BackendId};
use crate::message::Url;
use crate::source::FileId;
use serde_json::Value;

impl Loader<'_> {
    pub(super) fn backend(&mut self, name: &str, file: FileId) {
        let Some(properties) = self.properties(file) else { return };
        if text(&properties, "type").is_some_and(|kind| !kind.eq_ignore_ascii_case("single")) {
            return self.refuse(file, "type", "backend pools are not served yet");
        }
        for (part, why) in [
            ("pool", "backend pools are not served yet"),
            ("circuitBreaker", "circuit breakers are not served yet"),
            ("proxy", "a backend behind a proxy is not served yet"),
        ] {
            if properties.get(part).is_some_and(is_set) {
                return self.refuse(file, part, why);
            }
        }
        if properties.get("properties").is_some_and(|inner| inner.get("serviceFabricCluster").is_some_and(is_set)) {
            return self.refuse(file, "serviceFabricCluster", "Service Fabric is not served");
        }
        if text(&properties, "protocol").is_some_and(|protocol| !protocol.eq_ignore_ascii_case("http")) {
            return self.refuse(file, "protocol", "a backend's protocol here is http");
        }
        if let Some(tls) = properties.get("tls").and_then(Value::as_object)
            && tls.values().any(|check| check.as_bool() == Some(false))
        {
            return self.refuse(file, "tls", "certificates are always validated here");
        }
        let mut backend = Backend {
            id: BackendId::new(name),
            title: text(&properties, "title").map(Into::into),
            url: Url { scheme: "http".into(), host: "".into(), port: None, path: "/".to_owned(), query: None },
            headers: Vec::new(),
            query: Vec::new(),
        };
        if let Some(credentials) = properties.get("credentials").and_then(Value::as_object) {
            for (part, value) in credentials.iter().filter(|(_, value)| is_set(value)) {
                match part.as_str() {
                    "header" => backend.headers = lists(value),
                    "query" => backend.query = lists(value),
                    _ => {
                        self.refuse(file, part, &format!("a backend's `credentials.{part}` is not served yet"));
                        return;
                    }
                }
            }
        }
        let Some(url) = text(&properties, "url") else {
            return self.error(file, "", format!("the backend `{name}` has no url"));
        };
        match self.url(url) {
            Ok(url) => backend.url = url,
            Err(why) => return self.error(file, "url", format!("the url of the backend `{name}`: {why}")),
        }
        self.gateway.backends.insert(backend.id.clone(), backend);
    }
}

fn lists(value: &Value) -> Vec<(Box<str>, Vec<Box<str>>)> {
    let members = value.as_object().into_iter().flatten();
    members
        .map(|(name, values)| {
            let values = match values {
                Value::Array(items) => items.iter().filter_map(Value::as_str).map(Into::into).collect(),
                Value::String(one) => vec![one.as_str().into()],
                _ => Vec::new(),
            };
            (name.as_str().into(), values)
        })
        .collect()
}
