//! `backends/{name}/backendInformation.json` to a [`Backend`]: where it is, what is added to its requests, how its server
//! is checked, when its breaker opens, or which members it has.

mod breaker;
mod credentials;
mod pool;

use super::Loader;
use super::files::{Properties, is_set, near, text};
use crate::diagnostics::{Finding, codes};
use crate::gateway::model::{Backend, BackendId};
use crate::message::Transport;
use crate::source::FileId;
use serde_json::{Map, Value};
use std::sync::Arc;

pub(super) use pool::NamedPool;

const PROPERTIES: &[&str] = &[
    "title",
    "description",
    "type",
    "url",
    "protocol",
    "resourceId",
    "credentials",
    "proxy",
    "tls",
    "circuitBreaker",
    "pool",
    "properties",
    "azureRegion",
];

impl Loader<'_> {
    /// Reads the backends of a space. Named values and certificates are known by now.
    pub(in crate::gateway::load) fn backends(&mut self, files: Vec<(&str, FileId)>) {
        for (name, file) in files {
            if self.gateway.backends.contains_key(&BackendId::new(name)) {
                self.twice(file, "backends", name);
                continue;
            }
            if let Some(properties) = self.properties(file) {
                self.backend(name, file, &properties);
                self.hide_credentials(file, &properties);
            }
        }
    }

    /// The backend entity that an API names as its own.
    pub(in crate::gateway::load) fn backend_of_api(
        &mut self,
        api: &str,
        file: FileId,
        properties: &Properties,
    ) -> Option<BackendId> {
        let id = last_segment(text(properties, "backendId").filter(|id| !id.is_empty())?);
        let own = self.gateway.backends.values().filter(|own| own.space == self.space);
        let found = own.map(|own| &own.id).find(|own| own.as_str().eq_ignore_ascii_case(id)).cloned();
        if found.is_none() {
            self.unknown(file, "backendId", format!("the API `{api}` names the backend `{id}`, which is not here"), id);
        }
        found
    }

    fn backend(&mut self, name: &str, file: FileId, properties: &Properties) {
        if name.eq_ignore_ascii_case("dapr") {
            return self.error(file, "", "`dapr` is reserved: no backend has this name".to_owned());
        }
        self.other_members(file, properties, PROPERTIES, "a backend");
        let fabric = properties.get("properties").and_then(|inner| inner.get("serviceFabricCluster"));
        if fabric.is_some_and(is_set) {
            return self.refuse(file, "serviceFabricCluster", "Service Fabric is not served");
        }
        if let Some(protocol) = text(properties, "protocol")
            && !["http", "soap"].iter().any(|known| known.eq_ignore_ascii_case(protocol))
        {
            return self.error(file, "protocol", format!("`{protocol}` is no protocol of backends: http or soap"));
        }
        let mut backend = Backend::new(BackendId::new(name));
        backend.space = self.space;
        backend.title = text(properties, "title").map(Into::into);
        backend.description = text(properties, "description").map(Into::into);
        backend.region = text(properties, "azureRegion").map(Into::into);
        let pool = properties.get("pool").and_then(Value::as_object).filter(|pool| !pool.is_empty());
        match text(properties, "type") {
            Some(kind) if kind.eq_ignore_ascii_case("pool") => {}
            Some(kind) if !kind.eq_ignore_ascii_case("single") => {
                return self.error(file, "type", format!("`{kind}` is no type of backends: Single or Pool"));
            }
            Some(_) if pool.is_some() => {
                return self.error(file, "pool", format!("the backend `{name}` is Single, and has members"));
            }
            None if pool.is_some() => {}
            _ => return self.single(name, file, properties, backend),
        }
        if properties.get("circuitBreaker").is_some_and(is_set) {
            return self.refuse(
                file,
                "circuitBreaker",
                "a breaker of a pool is not served: its members have their own",
            );
        }
        for part in ["credentials", "proxy", "tls"] {
            if properties.get(part).is_some_and(is_set) {
                self.without_effect_of(file, part, "of a pool: its members have their own");
            }
        }
        let no_pool = Map::new();
        let Some((members, cookie)) = self.members(name, file, pool.unwrap_or(&no_pool)) else { return };
        let id = backend.id.clone();
        self.pools.push(NamedPool { file, space: self.space, id: id.clone(), members, cookie });
        self.gateway.backends.insert(id, backend);
    }

    fn single(&mut self, name: &str, file: FileId, properties: &Properties, mut backend: Backend) {
        // A part that is wrong is left out and said, so that one run says all of them.
        match text(properties, "url") {
            None => self.error(file, "", format!("the backend `{name}` has no url")),
            Some(url) => match self.filled(file, "url", url).map(|url| self.url(&url)) {
                None => {}
                Some(Ok(url)) => backend.url = Some(url),
                Some(Err(why)) => self.error(file, "url", format!("the url of the backend `{name}`: {why}")),
            },
        }
        let mut transport = Transport::default();
        if let Some(credentials) = object(properties, "credentials") {
            (backend.credentials, transport.certificate) = self.credentials(name, file, credentials);
        }
        if let Some(tls) = object(properties, "tls") {
            self.other_members(file, tls, &["validateCertificateChain", "validateCertificateName"], "`tls`");
            transport.validate_chain = self.switch(file, tls, "validateCertificateChain").unwrap_or(true);
            transport.validate_name = self.switch(file, tls, "validateCertificateName").unwrap_or(true);
        }
        transport.proxy =
            object(properties, "proxy").filter(|proxy| !proxy.is_empty()).and_then(|proxy| self.proxy(file, proxy));
        backend.transport = (transport != Transport::default()).then(|| Arc::new(transport));
        backend.breaker = object(properties, "circuitBreaker").and_then(|breaker| self.breaker(name, file, breaker));
        self.gateway.backends.insert(backend.id.clone(), backend);
    }

    /// True or false; anything else is said.
    fn switch(&mut self, file: FileId, properties: &Properties, part: &str) -> Option<bool> {
        match properties.get(part)? {
            Value::Null => None,
            Value::Bool(own) => Some(*own),
            _ => {
                self.error(file, part, format!("`{part}` is true or false"));
                None
            }
        }
    }

    fn unknown(&mut self, file: FileId, place: &str, message: String, id: &str) {
        let finding = Finding::new(codes::GATEWAY_REFERENCE, self.at(file, place), message);
        let help = near(id, self.gateway.backends.keys().map(BackendId::as_str));
        self.found.push(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }

    /// Names the members that have no meaning here.
    fn without_effect_of(&mut self, file: FileId, part: &str, why: &str) {
        let message = format!("`{part}` has no effect {why}");
        self.found.push(Finding::new(codes::GATEWAY_PART, self.at(file, part), message));
    }
}

fn object<'a>(properties: &'a Properties, part: &str) -> Option<&'a Properties> {
    properties.get(part)?.as_object()
}

/// `/subscriptions/.../backends/name` and `name` name the same.
fn last_segment(id: &str) -> &str {
    id.trim_end_matches('/').rsplit('/').next().unwrap_or(id)
}

/// A number, which templates also write as a text.
fn number(properties: &Properties, part: &'static str) -> Result<Option<u32>, (&'static str, String)> {
    let number = match properties.get(part) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(value) => value.as_u64().and_then(|number| u32::try_from(number).ok()),
    };
    number.map(Some).ok_or_else(|| (part, format!("`{part}` is a whole number")))
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::Diagnostics;
    use crate::document::NamedValues;
    use crate::gateway::Gateway;
    use crate::gateway::backends::breaker::Threshold;
    use crate::gateway::load;
    use crate::gateway::model::BackendKind;
    use crate::source::Sources;
    use std::time::Duration;

    /// Backends by name with their properties, and what is found as `code: message`.
    fn read(backends: &[(&str, &str)]) -> (Gateway, Vec<String>) {
        let mut given = NamedValues::new();
        given.define("token", "s3cret-token", true);
        given.define("host", "named.example", false);
        let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
        let texts = backends.iter().map(|(name, properties)| {
            let text = format!("{{\"properties\": {properties}}}");
            (format!("backends/{name}/backendInformation.json"), text.into_bytes())
        });
        let gateway = load(texts.collect(), "", &given.into(), &mut sources, &mut found);
        let found = found.into_sorted().into_iter().map(|own| format!("{}: {}", own.code.name, own.message)).collect();
        (gateway, found)
    }

    #[test]
    fn a_service_is_read_with_all_its_parts() {
        let (gateway, found) = read(&[(
            "b",
            r#"{"title": "B", "description": "about b", "type": "Single", "url": "https://{{host}}/v1", "protocol": "http",
                "resourceId": "https://management.azure.com/x", "azureRegion": "westeurope",
                "credentials": {"header": {"X-Key": ["{{token}}", "b"]}, "query": {"code": "q-{{token}}"},
                    "authorization": {"scheme": "Bearer", "parameter": "{{token}}"}, "certificate": []},
                "tls": {"validateCertificateChain": false, "validateCertificateName": true},
                "proxy": {"url": "http://proxy.example:3128", "username": "u", "password": "literal-password"},
                "circuitBreaker": {"rules": [{"name": "r", "tripDuration": "PT1H", "acceptRetryAfter": true,
                    "failureResponse": {"statusCode": 429, "reason": "Busy"},
                    "failureCondition": {"count": "3", "interval": "P1D", "errorReasons": ["Timeout"],
                        "statusCodeRanges": [{"min": "500", "max": 599}]}}]}}"#,
        )]);
        assert_eq!(found, Vec::<String>::new());
        let backend = gateway.backend("b").expect("it was read");
        assert_eq!(backend.url.as_ref().map(ToString::to_string).as_deref(), Some("https://named.example/v1"));
        let list = |values: &[&str]| -> Vec<Box<str>> { values.iter().map(|value| (*value).into()).collect() };
        assert_eq!(backend.credentials.headers, [("X-Key".into(), list(&["s3cret-token", "b"]))]);
        assert_eq!(backend.credentials.query, [("code".into(), list(&["q-s3cret-token"]))]);
        assert_eq!(backend.credentials.authorization, Some(("Bearer".into(), "s3cret-token".into())));
        let transport = backend.transport.as_ref().expect("not the defaults");
        assert!(!transport.validate_chain && transport.validate_name && transport.certificate.is_none());
        assert_eq!(transport.proxy.as_ref().map(|proxy| &*proxy.url), Some("http://proxy.example:3128"));
        let rule = backend.breaker.as_ref().expect("a breaker");
        assert_eq!((rule.threshold, rule.interval), (Threshold::Count(3), Duration::from_secs(86_400)));
        assert_eq!((rule.statuses.as_slice(), rule.trip), (&[(500, 599)][..], Duration::from_secs(3600)));
        let said = gateway.secrets().hide("with literal-password and s3cret-token");
        assert_eq!(said, "with *** and ***");
        let shown = format!("{backend:?}");
        assert!(!shown.contains("s3cret") && !shown.contains("literal-password"), "{shown}");
    }

    #[test]
    fn a_pool_has_members_by_name() {
        let pool = r#"{"type": "Pool", "protocol": "http", "url": "http://unused.example", "pool": {
            "services": [{"id": "/backends/B", "weight": 3}, {"id": "/subscriptions/1/backends/a", "priority": 2}],
            "sessionAffinity": {"sessionId": {"source": "Cookie", "name": "sid"}}}}"#;
        let (gateway, found) = read(&[("a", r#"{"url": "http://a"}"#), ("b", r#"{"url": "http://b"}"#), ("p", pool)]);
        assert_eq!(found, Vec::<String>::new());
        let Some(BackendKind::Pool(rule)) = gateway.backend("p").map(|own| own.kind.clone()) else {
            panic!("`p` is a pool")
        };
        let members: Vec<_> = rule.members.iter().map(|own| (own.backend, own.weight, own.priority)).collect();
        assert_eq!(members, [(1, 3, 1), (0, 1, 2)]);
        assert_eq!(rule.cookie.as_deref(), Some("sid"));
    }

    #[test]
    fn what_cannot_be_is_said() {
        let rule = |condition: &str, rest: &str| {
            format!(
                r#"{{"url": "http://x", "circuitBreaker": {{"rules": [{{"failureCondition": {{{condition}}} {rest}}}]}}}}"#
            )
        };
        let ranges = r#""statusCodeRanges": [{"min": 500, "max": 599}]"#;
        let trip = r#", "tripDuration": "PT1M""#;
        let breaker = |threshold: &str| rule(&format!(r#"{threshold} "interval": "PT1M", {ranges}"#), trip);
        let word = breaker(r#""count": "many","#);
        let (none, both) = (breaker(""), breaker(r#""count": 1, "percentage": 5,"#));
        let (zero, percent) = (breaker(r#""count": 0,"#), breaker(r#""percentage": 101,"#));
        let month = rule(&format!(r#""count": 1, "interval": "P1M", {ranges}"#), r#", "tripDuration": "PT1M""#);
        let no_trip = rule(&format!(r#""count": 1, "interval": "PT1M", {ranges}"#), "");
        let span = rule(
            r#""count": 1, "interval": "PT1M", "statusCodeRanges": [{"min": 599, "max": 500}]"#,
            r#", "tripDuration": "PT1M""#,
        );
        let never = rule(r#""count": 1, "interval": "PT1M""#, r#", "tripDuration": "PT1M""#);
        let unknown =
            rule(r#""count": 1, "interval": "PT1M", "errorReasons": ["Server errors"]"#, r#", "tripDuration": "PT1M""#);
        let many: Vec<String> = (0..31).map(|at| format!(r#"{{"id": "b{at}"}}"#)).collect();
        let many = format!(r#"{{"type": "Pool", "pool": {{"services": [{}]}}}}"#, many.join(","));
        let table: &[(&str, &str)] = &[
            (r#"{"title": "x"}"#, "gateway::file: the backend `p` has no url"),
            (r#"{"url": "http://x?a=b"}"#, "a backend's URL holds no query"),
            (r#"{"url": "http://x", "protocol": "ftp"}"#, "`ftp` is no protocol"),
            (r#"{"url": "http://x", "type": "Many"}"#, "`Many` is no type"),
            (r#"{"url": "http://x", "colour": "red"}"#, "gateway::part: `colour` is no part of a backend"),
            (r#"{"properties": {"serviceFabricCluster": {"a": 1}}}"#, "gateway::refused: Service Fabric"),
            (r#"{"url": "http://x", "credentials": {"managedIdentity": {"resource": "r"}}}"#, "managed identity"),
            (r#"{"url": "http://x", "credentials": {"header": {"X": ["{{nope}}"]}}}"#, "no named value `nope`"),
            (r#"{"url": "http://x", "credentials": {"header": {"X Y": ["a"]}}}"#, "`X Y` cannot be a header's name"),
            (r#"{"url": "http://x", "credentials": {"header": {"X": ["a\nb"]}}}"#, "cannot be a header's value"),
            (r#"{"url": "http://x", "credentials": {"header": {"X": [1]}}}"#, "a list of texts"),
            (r#"{"url": "http://x", "credentials": {"authorization": {"parameter": "p"}}}"#, "has no scheme"),
            (
                r#"{"url": "http://x", "credentials": {"certificate": ["AB"]}}"#,
                "gateway::reference: the backend `p` names",
            ),
            (r#"{"url": "http://x", "proxy": {"url": "nowhere"}}"#, "the URL of the proxy"),
            (r#"{"url": "http://x", "circuitBreaker": {"rules": [{}, {}]}}"#, "a backend has one rule"),
            (
                r#"{"url": "http://x", "circuitBreaker": {"rules": [{"tripDuration": "PT1M"}]}}"#,
                "has no failureCondition",
            ),
            (&none, "either a count or a percentage"),
            (&both, "either a count or a percentage"),
            (&zero, "between 1 and 10000"),
            (&percent, "between 1 and 100"),
            (&word, "`count` is a whole number"),
            (r#"{"url": "http://x", "circuitBreaker": {"rules": {"name": "r"}}}"#, "the rules are a list"),
            (r#"{"url": "http://x", "tls": {"validateCertificateName": "no"}}"#, "`validateCertificateName` is true"),
            (&month, "months or years"),
            (&no_trip, "`tripDuration` is missing"),
            (&span, "a range has min and max"),
            (&never, "gateway::part: the breaker of `p` calls nothing a failure"),
            (&unknown, "gateway::part: no call fails with the reason `Server errors`"),
            (r#"{"type": "Pool"}"#, "the pool `p` has no members"),
            (r#"{"pool": {"services": [{"id": "/backends/none"}]}}"#, "gateway::reference: the pool `p` names"),
            (r#"{"pool": {"services": [{"id": "p"}]}}"#, "is a pool itself"),
            (r#"{"pool": {"services": [{"id": "x", "weight": 101}]}}"#, "between 0 and 100"),
            (
                r#"{"type": "Single", "url": "http://x", "pool": {"services": [{"id": "x"}]}}"#,
                "is Single, and has members",
            ),
            (&many, "more than 30 members"),
            (
                r#"{"pool": {"services": [{"id": "x"}], "sessionAffinity": {"sessionId": {"source": "Header"}}}}"#,
                "gateway::refused: a session's source `Header`",
            ),
        ];
        for (properties, said) in table {
            let (_, found) = read(&[("p", properties)]);
            assert!(found.len() == 1 && found[0].contains(said), "{properties}: {found:?}");
        }
    }

    #[test]
    fn all_mistakes_of_a_backend_are_said() {
        let (_, found) = read(&[(
            "p",
            r#"{"url": "http://x?q=1", "protocol": "http", "tls": {"validateCertificateChain": 1},
                "credentials": {"header": {"X Y": ["a"], "Z": [1]}, "query": {"k": "{{nope}}"},
                    "authorization": {"parameter": "p"}, "certificateIds": ["c"]},
                "proxy": {"url": "nowhere"},
                "circuitBreaker": {"rules": [{"acceptRetryAfter": "yes", "failureResponse": {"statusCode": 99},
                    "failureCondition": {"count": 0, "interval": "soon", "errorReasons": [1],
                        "statusCodeRanges": [{"min": 1}, {"min": 500, "max": 499}]}}]}}"#,
        )]);
        let said = [
            "the url of the backend `p`",
            "`validateCertificateChain` is true or false",
            "`X Y` cannot be a header's name",
            "the values of `Z` are a list of texts",
            "no named value `nope`",
            "has no scheme",
            "names the certificate `c`",
            "the URL of the proxy",
            "`acceptRetryAfter` is true or false",
            "a failureResponse has a statusCode",
            "`tripDuration` is missing",
            "a count is between",
            "`soon` is no duration",
            "a reason is a text",
            "a range has min and max",
        ];
        for own in said {
            assert_eq!(found.iter().filter(|found| found.contains(own)).count(), 1, "{own}: {found:#?}");
        }
        assert_eq!(found.len(), said.len(), "{found:#?}");
    }
}
