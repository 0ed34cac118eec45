//! `backends/{name}/backendInformation.json` to a [`Backend`]: where it is, what is added to its requests, how its server
//! is checked, when its breaker opens, or which members it has.

use super::Loader;
use super::files::{Properties, is_set, near, text};
use crate::diagnostics::{Finding, codes};
use crate::document::{SHORTEST_ANYWHERE, names_in};
use crate::gateway::backends::breaker::{BreakerRule, FailureResponse, Threshold};
use crate::gateway::backends::pool::{Member, PoolRule};
use crate::gateway::model::{Backend, BackendId, BackendKind, Credentials, Space};
use crate::message::{ClientIdentity, HeaderName, HeaderValue, ProxyServer, Transport};
use crate::source::FileId;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// The platform's limit of a pool.
const MOST_MEMBERS: usize = 30;
const MOST_FAILURES: u32 = 10_000;

/// The reasons of LastError that a call to a backend can fail with.
const REASONS: &[&str] = &["BackendConnectionFailure", "Timeout"];

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

/// The members of a pool as they are named, before all backends are known.
struct NamedMember {
    id: String,
    weight: Option<u32>,
    priority: Option<u32>,
}

pub(super) struct NamedPool {
    file: FileId,
    space: Space,
    id: BackendId,
    members: Vec<NamedMember>,
    cookie: Option<Box<str>>,
}

/// Names with their values, of headers or query parameters.
type Lists = Vec<(Box<str>, Vec<Box<str>>)>;

impl Loader<'_> {
    /// Reads the backends of a space. Named values and certificates are known by now.
    pub(super) fn backends(&mut self, files: Vec<(&str, FileId)>) {
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

    /// Puts stars over what a backend's file holds as credentials: no finding quotes them.
    fn hide_credentials(&mut self, file: FileId, properties: &Properties) {
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

    /// Finds the members of pools, now that the backends of all spaces are known, and their places with them.
    pub(super) fn pools(&mut self) {
        let places: BTreeMap<String, u32> =
            self.gateway.backends.keys().zip(0..).map(|(id, at)| (id.as_str().to_ascii_lowercase(), at)).collect();
        let named = std::mem::take(&mut self.pools);
        let pools: BTreeSet<BackendId> = named.iter().map(|pool| pool.id.clone()).collect();
        for pool in named {
            self.pool(pool, &places, &pools);
        }
    }

    /// The backend entity that an API names as its own.
    pub(super) fn backend_of_api(&mut self, api: &str, file: FileId, properties: &Properties) -> Option<BackendId> {
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

    // ---- credentials and transport

    fn credentials(
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

    fn proxy(&mut self, file: FileId, properties: &Properties) -> Option<ProxyServer> {
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
    fn filled(&mut self, file: FileId, place: &str, text: &str) -> Option<String> {
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

    // ---- breaker

    /// The rule of a breaker; every mistake in it is said.
    fn breaker(&mut self, name: &str, file: FileId, breaker: &Properties) -> Option<BreakerRule> {
        self.other_members(file, breaker, &["rules"], "`circuitBreaker`");
        let said = |own: &mut Self, why: &str| {
            own.error(file, "rules", format!("the breaker of the backend `{name}`: {why}"));
            None
        };
        let rule = match breaker.get("rules") {
            None | Some(Value::Null) => return None,
            Some(Value::Array(rules)) => match &rules[..] {
                [] => return None,
                [Value::Object(rule)] => rule,
                [_] => return said(self, "a rule is an object"),
                [_, ..] => return said(self, "a backend has one rule"),
            },
            Some(_) => return said(self, "the rules are a list"),
        };
        let known = ["name", "failureCondition", "tripDuration", "acceptRetryAfter", "failureResponse"];
        self.other_members(file, rule, &known, "a rule");
        let mut wrong = Vec::new();
        let trip = kept(duration(rule, "tripDuration"), &mut wrong);
        let response = rule.get("failureResponse").filter(|own| is_set(own)).map(failure_response);
        let failure_response = response.and_then(|own| kept(own, &mut wrong));
        let accept_retry_after = self.switch(file, rule, "acceptRetryAfter").unwrap_or(false);
        let condition = object(rule, "failureCondition");
        if condition.is_none() {
            wrong.push(("rules", "the rule has no failureCondition".to_owned()));
        }
        let condition = condition.and_then(|condition| self.condition(name, file, condition, &mut wrong));
        for (near, why) in wrong {
            self.error(file, near, format!("the breaker of the backend `{name}`: {why}"));
        }
        let (threshold, interval, statuses, reasons) = condition?;
        Some(BreakerRule {
            name: text(rule, "name").unwrap_or_default().into(),
            threshold,
            interval,
            statuses,
            reasons,
            trip: trip?,
            accept_retry_after,
            failure_response,
        })
    }

    /// What counts as a failure, and how many of them open the breaker.
    fn condition(
        &mut self,
        name: &str,
        file: FileId,
        condition: &Properties,
        wrong: &mut Vec<Wrong>,
    ) -> Option<Condition> {
        let known = ["count", "percentage", "interval", "statusCodeRanges", "errorReasons"];
        self.other_members(file, condition, &known, "`failureCondition`");
        let numbers = (kept(number(condition, "count"), wrong), kept(number(condition, "percentage"), wrong));
        let threshold = match numbers {
            // Said already.
            (None, _) | (_, None) => None,
            (Some(Some(count @ 1..=MOST_FAILURES)), Some(None)) => Some(Threshold::Count(count)),
            (Some(None), Some(Some(percent @ 1..=100))) => Some(Threshold::Percentage(percent)),
            (Some(Some(_)), Some(None)) => {
                wrong.push(("count", format!("a count is between 1 and {MOST_FAILURES}")));
                None
            }
            (Some(None), Some(Some(_))) => {
                wrong.push(("percentage", "a percentage is between 1 and 100".to_owned()));
                None
            }
            _ => {
                wrong.push(("failureCondition", "the condition has either a count or a percentage".to_owned()));
                None
            }
        };
        let interval = kept(duration(condition, "interval"), wrong);
        let (ranges, named) = (listed(condition, "statusCodeRanges", wrong), listed(condition, "errorReasons", wrong));
        let mut statuses = Vec::new();
        for range in ranges {
            let ends = range.as_object().map(|range| (number(range, "min"), number(range, "max")));
            match ends {
                Some((Ok(Some(min @ 100..=599)), Ok(Some(max @ 100..=599)))) if min <= max => {
                    statuses.push((min as u16, max as u16));
                }
                _ => wrong.push(("statusCodeRanges", "a range has min and max, between 100 and 599".to_owned())),
            }
        }
        let mut reasons: Vec<Box<str>> = Vec::new();
        for reason in named {
            let Some(reason) = reason.as_str() else {
                wrong.push(("errorReasons", "a reason is a text".to_owned()));
                continue;
            };
            if !REASONS.iter().any(|known| known.eq_ignore_ascii_case(reason)) {
                let message = format!("no call fails with the reason `{reason}`: {} exist", REASONS.join(" and "));
                self.found.push(Finding::new(codes::GATEWAY_PART, self.at(file, reason), message));
            }
            reasons.push(reason.into());
        }
        if ranges.is_empty() && named.is_empty() {
            let message = format!("the breaker of `{name}` calls nothing a failure: it never opens");
            self.found.push(Finding::new(codes::GATEWAY_PART, self.at(file, "failureCondition"), message));
        }
        Some((threshold?, interval?, statuses, reasons))
    }

    // ---- pools

    fn members(&mut self, name: &str, file: FileId, pool: &Properties) -> Option<(Vec<NamedMember>, Option<Box<str>>)> {
        self.other_members(file, pool, &["services", "sessionAffinity"], "`pool`");
        let services = pool.get("services").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if services.is_empty() {
            self.error(file, "pool", format!("the pool `{name}` has no members"));
            return None;
        }
        if services.len() > MOST_MEMBERS {
            self.error(file, "services", format!("the pool `{name}` has more than {MOST_MEMBERS} members"));
            return None;
        }
        let mut members = Vec::new();
        for service in services {
            let service = service.as_object();
            let Some((service, id)) = service.and_then(|service| Some((service, text(service, "id")?))) else {
                self.error(file, "services", format!("a member of the pool `{name}` has no id"));
                return None;
            };
            self.other_members(file, service, &["id", "weight", "priority", "preferredCarbonEmission"], "a member");
            if service.get("preferredCarbonEmission").is_some_and(is_set) {
                self.without_effect_of(file, "preferredCarbonEmission", "here, where no region's emission is known");
            }
            let mut part = |part: &'static str| match number(service, part) {
                Ok(number @ (None | Some(0..=100))) => Some(number),
                Ok(Some(_)) | Err(_) => {
                    self.error(file, part, format!("the {part} of a member is between 0 and 100"));
                    None
                }
            };
            let (weight, priority) = (part("weight")?, part("priority")?);
            members.push(NamedMember { id: last_segment(id).to_owned(), weight, priority });
        }
        let mut cookie = None;
        if let Some(affinity) = object(pool, "sessionAffinity").filter(|own| !own.is_empty()) {
            self.other_members(file, affinity, &["sessionId"], "`sessionAffinity`");
            let session = object(affinity, "sessionId");
            let source = session.and_then(|own| text(own, "source")).unwrap_or("Cookie");
            if !source.eq_ignore_ascii_case("cookie") {
                self.refuse(file, "source", &format!("a session's source `{source}` is not served: Cookie is"));
                return None;
            }
            let name = session.and_then(|own| text(own, "name")).unwrap_or_default();
            // A cookie's name is a token, as a header's.
            if name.parse::<HeaderName>().is_err() {
                self.error(file, "sessionAffinity", format!("`{name}` cannot be a cookie's name"));
                return None;
            }
            cookie = Some(name.into());
        }
        Some((members, cookie))
    }

    fn pool(&mut self, pool: NamedPool, places: &BTreeMap<String, u32>, pools: &BTreeSet<BackendId>) {
        let weighted = pool.members.iter().any(|member| member.weight.is_some());
        let mut rule = PoolRule { members: Vec::new(), cookie: pool.cookie };
        for member in pool.members {
            let at = places.get(&member.id.to_ascii_lowercase()).copied();
            let of = at.and_then(|at| self.gateway.backends.values().nth(at as usize));
            let of = of.filter(|own| own.space == pool.space);
            match (at, of) {
                (Some(at), Some(found)) if !pools.contains(&found.id) => rule.members.push(Member {
                    backend: at,
                    weight: if weighted { member.weight.unwrap_or(1) } else { 1 },
                    priority: member.priority.unwrap_or(1),
                }),
                (Some(_), Some(_)) => {
                    let message = format!("the member `{}` of `{}` is a pool itself", member.id, pool.id);
                    self.error(pool.file, &member.id, message);
                }
                _ => {
                    let message =
                        format!("the pool `{}` names the backend `{}`, which is not here", pool.id, member.id);
                    self.unknown(pool.file, &member.id, message, &member.id);
                }
            }
        }
        if let Some(own) = self.gateway.backends.get_mut(&pool.id) {
            own.kind = BackendKind::Pool(rule);
        }
    }

    // ---- findings

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

type Condition = (Threshold, Duration, Vec<(u16, u16)>, Vec<Box<str>>);

/// Where a mistake stands, and what it is.
type Wrong = (&'static str, String);

/// What was read; a mistake goes to the others.
fn kept<T>(read: Result<T, Wrong>, wrong: &mut Vec<Wrong>) -> Option<T> {
    read.map_err(|why| wrong.push(why)).ok()
}

fn listed<'a>(properties: &'a Properties, part: &'static str, wrong: &mut Vec<Wrong>) -> &'a [Value] {
    match properties.get(part) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(items)) => items,
        Some(_) => {
            wrong.push((part, format!("`{part}` is a list")));
            &[]
        }
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

/// An ISO 8601 duration of weeks, days and less.
fn duration(properties: &Properties, part: &'static str) -> Result<Duration, (&'static str, String)> {
    // What is missing is said where it belongs.
    let around = if part == "interval" { "failureCondition" } else { "rules" };
    let missing = || (around, format!("`{part}` is missing: a duration such as PT1M"));
    let text = text(properties, part).ok_or_else(missing)?;
    let wrong = || (part, format!("`{text}` is no duration such as PT30S, PT1H or P1D"));
    let span: jiff::Span = text.trim().parse().map_err(|_| wrong())?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err((part, format!("`{text}` has months or years, which have no length of their own")));
    }
    let exact = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    Duration::try_from(exact).ok().filter(|duration| !duration.is_zero()).ok_or_else(wrong)
}

/// A status, or an object with one and a reason.
fn failure_response(value: &Value) -> Result<FailureResponse, (&'static str, String)> {
    const PART: &str = "failureResponse";
    let wrong = || (PART, "a failureResponse has a statusCode between 200 and 599".to_owned());
    let (status, reason) = match value {
        Value::Object(members) => {
            let status = match number(members, "statusCode")? {
                Some(status) => Some(status),
                None => number(members, "code")?,
            };
            (status, text(members, "reason").or(text(members, "message")))
        }
        Value::Number(_) | Value::String(_) => {
            let wrapped = Map::from_iter([(PART.to_owned(), value.clone())]);
            (number(&wrapped, PART)?, None)
        }
        _ => return Err(wrong()),
    };
    match status {
        Some(status @ 200..=599) => Ok(FailureResponse { status: status as u16, reason: reason.map(Into::into) }),
        _ => Err(wrong()),
    }
}

/// SHA-1 of the certificate, as stores name it.
fn thumbprint(identity: &ClientIdentity) -> String {
    use sha1::{Digest, Sha1};
    let own = identity.chain.first().map_or(&[][..], Vec::as_slice);
    Sha1::digest(own).iter().map(|byte| format!("{byte:02X}")).collect()
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
