//! A request's trace in the platform's shape: entries by section, each with its source, time, elapsed time and data. In:
//! steps from the machine, calls and messages from the driver. Out: JSON. Secrets and credentials are taken out when an
//! entry is made, so that a trace that is kept holds none. Bodies are not part of it.

use super::changes::{Change, State};
use super::redact::Redaction;
use crate::bytecode::unit::Step;
use crate::document::{Scope, Secrets, Section};
use crate::dotnet::context::{ApiFacts, Exchange, LastError, SubscriptionFacts};
use crate::dotnet::heap::Heap;
use crate::effect::{Answer, Effect, Moment, OutboundCall, Severity, TraceMessage};
use crate::message::{HeaderValue, Headers, Url};
use crate::vm::observe::Observer;
use serde_json::{Value as Json, json};
use smallvec::SmallVec;
use std::sync::{Arc, Mutex};

/// What is taken out of a trace.
#[derive(Clone, Debug)]
pub struct Hide {
    pub secrets: Arc<Secrets>,
    pub api: Option<Arc<ApiFacts>>,
    pub subscription: Option<Arc<SubscriptionFacts>>,
    pub own: SmallVec<[HeaderValue; 2]>,
}

impl Hide {
    fn redaction(&self) -> Redaction<'_> {
        Redaction {
            secrets: &self.secrets,
            api: self.api.as_deref(),
            subscription: self.subscription.as_deref(),
            own: &self.own,
        }
    }
}

/// One request's trace, while it grows and afterwards.
#[derive(Debug)]
pub struct RequestTrace {
    pub id: Box<str>,
    service: Box<str>,
    begun: Moment,
    hide: Hide,
    /// By section.
    entries: [Vec<Entry>; 4],
    section: Section,
    /// The step that runs: what it changes is known when the next begins.
    pending: Option<Pending>,
    bytes: usize,
    cut: bool,
}

#[derive(Debug)]
struct Entry {
    source: Box<str>,
    at: Moment,
    data: Json,
}

#[derive(Debug)]
struct Pending {
    element: &'static str,
    path: Box<str>,
    scope: Scope,
    before: State,
}

/// A trace grows no further than this.
const MOST_BYTES: usize = 1 << 20;

/// Steps that say nothing of their own, or whose calls and messages have entries already.
const SILENT: &[&str] =
    &["base", "choose", "forward-request", "retry", "send-one-way-request", "send-request", "trace", "wait"];

impl RequestTrace {
    /// Begins with what the caller sent and what it was matched to.
    pub fn begin(id: Box<str>, exchange: &Exchange, hide: Hide) -> RequestTrace {
        let begun = exchange.timestamp;
        let mut trace = RequestTrace {
            id,
            service: exchange.deployment.service_name.clone(),
            begun,
            hide,
            entries: Default::default(),
            section: Section::Inbound,
            pending: None,
            bytes: 0,
            cut: false,
        };
        let original = &exchange.original_url;
        let request = json!({
            "scheme": {"received": original.scheme, "original": original.scheme},
            "method": exchange.request.method.as_str(),
            "url": trace.hide.redaction().url(&original.to_string()),
            "headers": trace.headers(&exchange.request.headers),
        });
        trace.add("api-inspector", begun, json!({ "request": request }));
        let configuration = json!({
            "api": exchange.api.as_ref().map(|api| json!({
                "from": format!("/{}", api.path),
                "to": api.service_url.as_ref().map(|url| target(url, &trace.hide.redaction())),
                "version": api.version,
                "revision": &*api.revision,
            })),
            "operation": exchange.operation.as_ref().map(|operation| json!({
                "method": &*operation.method,
                "uriTemplate": &*operation.url_template,
            })),
            "user": exchange.user.as_ref().map_or(json!("-"), |user| json!({
                "id": &*user.id,
                "groups": user.groups.iter().map(|group| &*group.name).collect::<Vec<_>>(),
            })),
            "product": exchange.product.as_ref().map_or(json!("-"), |product| json!({"id": &*product.id})),
        });
        trace.add("api-inspector", begun, json!({ "configuration": configuration }));
        trace
    }

    fn add(&mut self, source: &str, at: Moment, data: Json) {
        self.add_to(self.section, source, at, data);
    }

    fn add_to(&mut self, section: Section, source: &str, at: Moment, data: Json) {
        let bytes = data.to_string().len() + source.len() + 64;
        if self.bytes + bytes > MOST_BYTES {
            self.cut = true;
            return;
        }
        self.bytes += bytes;
        self.entries[section as usize].push(Entry { source: source.into(), at, data });
    }

    /// A call goes out.
    pub fn calls(&mut self, now: Moment, effect: &Effect) {
        let (source, call) = match effect {
            Effect::Forward(call) => ("request-forwarder", call),
            Effect::Send(call) => ("send-request", call),
            Effect::SendOneWay(call) => ("send-one-way-request", call),
            _ => return,
        };
        let data = self.outbound(call);
        self.add(source, now, data);
    }

    fn outbound(&self, call: &OutboundCall) -> Json {
        let seconds = call.timeout.as_secs();
        json!({
            "message": format!("Request is being forwarded to the backend service. Timeout set to {seconds} seconds"),
            "request": {
                "method": call.request.method.as_str(),
                "protocol": call.request.url.scheme,
                "url": self.hide.redaction().url(&call.request.url.to_string()),
                "headers": self.headers(&call.request.headers),
            },
            "backend": call.backend.as_deref(),
        })
    }

    /// What came of a call; `forward` tells `forward-request` from `send-request`.
    pub fn answered(&mut self, now: Moment, forward: bool, answer: &Answer) {
        let source = if forward { "forward-request" } else { "send-request" };
        let data = match answer {
            Answer::Response(response) => json!({
                "response": {
                    "status": {"code": response.status.as_u16(), "reason": response.reason_phrase()},
                    "headers": self.headers(&response.headers),
                },
            }),
            Answer::Failed(failure) => json!({
                "messages": [
                    "Error occurred while calling backend service.",
                    self.hide.redaction().text(&failure.message),
                ],
            }),
            _ => return,
        };
        self.add(source, now, data);
    }

    /// A call made a circuit breaker open.
    pub fn breaker(&mut self, now: Moment, message: &str) {
        self.add("circuit-breaker", now, json!({ "message": message }));
    }

    /// A message of a `trace` policy, or of `context.Trace`.
    pub fn message(&mut self, now: Moment, message: &TraceMessage) {
        let redaction = self.hide.redaction();
        let severity = match message.severity {
            Severity::Verbose => "verbose",
            Severity::Information => "information",
            Severity::Error => "error",
        };
        let mut data = json!({ "message": redaction.text(&message.message), "severity": severity });
        if !message.metadata.is_empty() {
            let pairs = message.metadata.iter().map(|(name, value)| (name.to_string(), redaction.text(value).into()));
            data["metadata"] = Json::Object(pairs.collect());
        }
        let source = redaction.text(&message.source).into_owned();
        self.add(&source, now, data);
    }

    /// The gateway answered by itself, before any policy ran.
    pub fn refused(&mut self, now: Moment, error: &LastError) {
        self.fail(now, error);
    }

    /// The response is out, or its caller has left.
    pub fn ended(&mut self, now: Moment, sent: bool) {
        let message = match sent {
            true => "Response has been sent to the caller in full",
            false => "The caller left before the response was sent in full",
        };
        self.add_to(Section::Outbound, "transfer-response", now, json!({ "message": message }));
    }

    fn fail(&mut self, now: Moment, error: &LastError) {
        let message = self.hide.redaction().text(&error.message).into_owned();
        let data = json!({
            "messages": [message],
            "reason": error.reason,
            "section": error.section,
            "scope": error.scope,
            "path": error.path,
            "policyId": error.policy_id,
        });
        self.add_to(Section::OnError, &error.source, now, data);
    }

    fn headers(&self, headers: &Headers) -> Vec<Json> {
        let redaction = self.hide.redaction();
        headers
            .iter()
            .map(|(name, value)| json!({"name": name.as_str(), "value": redaction.header(name, value)}))
            .collect()
    }

    /// What the step that ran has changed.
    fn settle(&mut self, now: Moment, after: State) {
        let Some(pending) = self.pending.take() else { return };
        if SILENT.contains(&pending.element) {
            return;
        }
        let changes: Vec<Change> = pending.before.changes(&after).into_iter().map(|own| self.redacted(own)).collect();
        let mut data = data(pending.element, &changes, &after);
        data["scope"] = pending.scope.name().into();
        data["path"] = (&*pending.path).into();
        self.add(pending.element, now, data);
    }

    /// A change whose name says that it is a credential shows that it changed. Bodies are not shown.
    fn redacted(&self, change: Change) -> Change {
        let of = |text: Option<String>| {
            text.map(|text| {
                let header = change.name.split_once(".headers.").and_then(|(_, name)| name.parse().ok());
                match (header, http::HeaderValue::from_str(&text)) {
                    (Some(name), Ok(value)) => self.hide.redaction().header(&name, &value).into_owned(),
                    _ if change.name.ends_with(".body") => format!("{} bytes", text.len()),
                    _ if change.name == "request.url" => self.hide.redaction().url(&text),
                    _ => text,
                }
            })
        };
        Change { before: of(change.before.clone()), after: of(change.after.clone()), name: change.name.clone() }
    }

    /// As the platform answers `listTrace`.
    pub fn json(&self) -> Json {
        let sections = Section::ALL.into_iter().filter(|section| !self.entries[*section as usize].is_empty());
        let entries: serde_json::Map<String, Json> = sections
            .map(|section| {
                let entries = self.entries[section as usize].iter().map(|entry| {
                    json!({
                        "source": &*entry.source,
                        "timestamp": timestamp(entry.at),
                        "elapsed": elapsed(self.begun, entry.at),
                        "data": entry.data,
                    })
                });
                (section.name().to_owned(), entries.collect())
            })
            .collect();
        let mut trace = json!({ "serviceName": &*self.service, "traceId": &*self.id, "traceEntries": entries });
        if self.cut {
            trace["message"] = "The trace is longer than what is kept: its end is missing.".into();
        }
        trace
    }
}

/// What an entry says of a step: in the platform's words where they are known.
fn data(element: &str, changes: &[Change], after: &State) -> Json {
    let of = |prefix: &'static str| changes.iter().filter(move |change| change.name.starts_with(prefix));
    let header = || changes.iter().find_map(|change| Some((change, change.name.split_once(".headers.")?.1)));
    let url = || json!({ "url": of("request.url").next().and_then(|change| change.after.as_deref()) });
    match element {
        "set-variable" if of("variable ").count() == 1 => of("variable ").next().map(|change| {
            json!({
                "message": "Context variable was successfully set.",
                "name": change.name.trim_start_matches("variable "),
                "value": change.after,
            })
        }),
        "set-header" => header().map(|(change, name)| match &change.after {
            Some(value) => json!({
                "message": "Specified value was assigned to the header (see below).",
                "header": {"name": name, "value": value},
            }),
            None => json!({ "message": "Header was removed.", "header": {"name": name} }),
        }),
        "set-status" => after.get("response.status").map(|status| {
            let (code, reason) = status.split_once(' ').unwrap_or((status, ""));
            json!({
                "message": [
                    format!("Response status code was set to {code}"),
                    format!("Response status reason was set to '{reason}'"),
                ],
            })
        }),
        "return-response" => after.get("response.status").map(|status| {
            let (code, reason) = status.split_once(' ').unwrap_or((status, ""));
            let headers: Vec<Json> = of("response.headers.")
                .filter_map(|change| {
                    let name = change.name.trim_start_matches("response.headers.");
                    Some(json!({"name": name, "value": change.after.as_deref()?}))
                })
                .collect();
            json!({
                "message": "Return response was applied",
                "response": {"status": {"code": code.parse::<u16>().ok(), "reason": reason}, "headers": headers},
            })
        }),
        "rewrite-uri" if of("request.url").next().is_some() => {
            Some(json!({ "message": "Updated request URL per specified rewrite template.", "request": url() }))
        }
        "set-backend-service" if of("request.url").next().is_some() => {
            Some(json!({ "message": "Backend service URL was changed.", "request": url() }))
        }
        _ => None,
    }
    .unwrap_or_else(|| {
        let lines: Vec<String> = changes.iter().map(Change::line).collect();
        json!({ "message": format!("{element} was applied."), "changes": lines })
    })
}

fn target(url: &Url, redaction: &Redaction<'_>) -> Json {
    let query = url.query.as_deref().unwrap_or_default();
    json!({
        "scheme": url.scheme,
        "host": redaction.text(&url.host),
        "port": url.effective_port(),
        "path": redaction.text(&url.path),
        "queryString": redaction.query(query),
        "query": {},
        "isDefaultPort": url.port.is_none_or(|port| port == if url.is_tls() { 443 } else { 80 }),
    })
}

/// `2026-01-31T12:00:00.1234567Z`
fn timestamp(at: Moment) -> String {
    let ticks = at.0 - Moment::UNIX_EPOCH.0;
    let (seconds, rest) = (ticks.div_euclid(Moment::TICKS_PER_SECOND), ticks.rem_euclid(Moment::TICKS_PER_SECOND));
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => format!("{}.{rest:07}Z", time.strftime("%Y-%m-%dT%H:%M:%S")),
        Err(_) => String::new(),
    }
}

/// `00:00:01.2345678`
fn elapsed(from: Moment, to: Moment) -> String {
    let ticks = to.0.saturating_sub(from.0).max(0);
    let (seconds, rest) = (ticks / Moment::TICKS_PER_SECOND, ticks % Moment::TICKS_PER_SECOND);
    format!("{:02}:{:02}:{:02}.{rest:07}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// What a machine shows its trace.
pub struct Inspector<C> {
    pub trace: Arc<Mutex<RequestTrace>>,
    pub clock: C,
}

impl<C: Fn() -> Moment + Send> Inspector<C> {
    fn look(&self, exchange: &Exchange, heap: &Heap, then: impl FnOnce(&mut RequestTrace, State)) {
        let Ok(mut trace) = self.trace.lock() else { return };
        let state = State::of(exchange, heap, &|text| trace.hide.redaction().text(text).into_owned());
        trace.settle((self.clock)(), state.clone());
        then(&mut trace, state);
    }
}

impl<C: Fn() -> Moment + Send> Observer for Inspector<C> {
    fn step(&mut self, step: &Step, scope: Scope, section: Section, exchange: &Exchange, heap: &Heap) {
        self.look(exchange, heap, |trace, before| {
            trace.section = section;
            trace.pending = Some(Pending { element: step.element, path: step.path.clone(), scope, before });
        });
    }

    fn responding(&mut self, exchange: &Exchange, heap: &Heap) {
        self.look(exchange, heap, |_, _| {});
    }

    fn failed(&mut self, error: &LastError) {
        if let Ok(mut trace) = self.trace.lock() {
            trace.pending = None;
            trace.fail((self.clock)(), error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_seven_digits() {
        let begun = Moment(Moment::UNIX_EPOCH.0 + 1_737_711_941 * Moment::TICKS_PER_SECOND + 3_078_483);
        assert_eq!(timestamp(begun), "2025-01-24T09:45:41.3078483Z");
        assert_eq!(elapsed(begun, Moment(begun.0 + 4_514_822_256)), "00:07:31.4822256");
        assert_eq!(elapsed(begun, Moment(0)), "00:00:00.0000000");
    }

    #[test]
    fn steps_are_told_in_the_platforms_words() {
        let change = |name: &str, after: &str| Change { name: name.into(), before: None, after: Some(after.into()) };
        let none = State::default();
        let set = data("set-variable", &[change("variable n", "1")], &none);
        assert_eq!(set, json!({"message": "Context variable was successfully set.", "name": "n", "value": "1"}));
        let rewritten = data("rewrite-uri", &[change("request.url", "http://b/x")], &none);
        assert_eq!(rewritten["request"]["url"], "http://b/x");
        let other = data("find-and-replace", &[], &none);
        assert_eq!(other["message"], "find-and-replace was applied.");
    }
}
