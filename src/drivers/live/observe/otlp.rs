//! OpenTelemetry: spans out, as OTLP over HTTP in JSON. A worker puts its spans into a queue of its own and never waits;
//! when the queue is full the span is dropped and counted. One thread empties the queues and sends.

use super::SpanCounts;
use super::context::{TraceContext, hex};
use super::record::{Call, Record, Told};
use crate::drivers::live::body::{LiveBody, gather};
use crate::drivers::live::egress::Egress;
use crate::drivers::live::upstream::{self, Upstream};
use crate::drivers::redact::Redaction;
use crate::effect::FailureKind;
use crate::message::Url;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value as Json, json};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where spans go.
#[derive(Clone, Debug)]
pub struct Target {
    url: Url,
    headers: HeaderMap,
    service: String,
    /// Of requests without a trace of their own, this part begins one that is sampled.
    pub sample: f64,
}

const TRACES: &str = "/v1/traces";

impl Target {
    /// A collector's base URL, or that of its `/v1/traces`.
    pub fn new(url: &str, sample: f64) -> Result<Target, String> {
        let mut url = Url::parse(url).map_err(|error| error.to_string())?;
        if !url.path.ends_with(TRACES) {
            url.path = format!("{}{TRACES}", url.path.trim_end_matches('/'));
        }
        if !(0.0..=1.0).contains(&sample) {
            return Err(format!("{sample} is not between 0 and 1"));
        }
        Ok(Target { url, headers: HeaderMap::new(), service: "portcullis".to_owned(), sample })
    }

    /// What OpenTelemetry's own variables say: `OTEL_EXPORTER_OTLP_HEADERS` (`name=value,...`, escaped as in URLs) and
    /// `OTEL_SERVICE_NAME`.
    pub fn with_environment(mut self, headers: Option<&str>, service: Option<&str>) -> Result<Target, String> {
        for pair in headers.unwrap_or_default().split(',').filter(|pair| !pair.trim().is_empty()) {
            // The value may be a credential: it is not repeated.
            let wrong = |_| "OTEL_EXPORTER_OTLP_HEADERS holds a pair that is no header".to_owned();
            let (name, value) = pair.split_once('=').ok_or(()).map_err(wrong)?;
            let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8_lossy();
            let name = name.trim().parse::<HeaderName>().map_err(|_| ()).map_err(wrong)?;
            let mut value = HeaderValue::from_str(&value).map_err(|_| ()).map_err(wrong)?;
            value.set_sensitive(true);
            self.headers.insert(name, value);
        }
        if let Some(service) = service.filter(|service| !service.is_empty()) {
            service.clone_into(&mut self.service);
        }
        Ok(self)
    }
}

/// A span as it is sent, without its trace's constant parts.
pub struct Span {
    context: Arc<Ids>,
    id: [u8; 8],
    parent: Option<[u8; 8]>,
    name: String,
    kind: Kind,
    begun: SystemTime,
    took: Duration,
    attributes: Vec<(&'static str, Attribute)>,
    error: Option<String>,
}

struct Ids {
    trace: [u8; 16],
    state: Option<HeaderValue>,
}

#[derive(Clone, Copy)]
enum Kind {
    Server = 2,
    Client = 3,
}

enum Attribute {
    Text(String),
    Number(i64),
}

/// A worker's side.
pub struct Spans {
    queue: SyncSender<Span>,
    pub sample: f64,
}

/// Spans that wait, per worker.
const QUEUE: usize = 4096;
/// How long spans gather.
const GATHER: Duration = Duration::from_millis(500);
/// Spans in one request to the collector.
const BATCH: usize = 512;
const TRIES: u32 = 4;
const LONGEST_ANSWER: u64 = 64 * 1024;
const TIMEOUT: Duration = Duration::from_secs(10);

/// The thread that sends.
pub struct Exporter {
    stop: Arc<AtomicBool>,
    ended: Receiver<()>,
}

impl Exporter {
    /// Starts it; a queue for each worker.
    pub fn start(target: Target, workers: usize, counts: Arc<SpanCounts>) -> io::Result<(Exporter, Vec<Spans>)> {
        let (spans, queues): (Vec<Spans>, Vec<Receiver<Span>>) = (0..workers)
            .map(|_| {
                let (queue, waiting) = sync_channel(QUEUE);
                (Spans { queue, sample: target.sample }, waiting)
            })
            .unzip();
        let stop = Arc::new(AtomicBool::new(false));
        let (tell, ended) = sync_channel(1);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stopping = Arc::clone(&stop);
        let run = move || {
            let sending = send(target, queues, counts, stopping);
            tokio::task::LocalSet::new().block_on(&runtime, sending);
            let _ = tell.send(());
        };
        std::thread::Builder::new().name("otlp".into()).spawn(run)?;
        Ok((Exporter { stop, ended }, spans))
    }

    /// Sends what is left, once the workers are gone; not for ever.
    pub fn finish(self, patience: Duration) {
        self.stop.store(true, Ordering::Release);
        let _ = self.ended.recv_timeout(patience);
    }
}

async fn send(target: Target, queues: Vec<Receiver<Span>>, counts: Arc<SpanCounts>, stop: Arc<AtomicBool>) {
    let upstream = Upstream::new(upstream::Limits::default(), Arc::default(), Egress::new(None, None, Arc::default()));
    let resource = resource(&target.service);
    loop {
        let stopping = stop.load(Ordering::Acquire);
        loop {
            let batch: Vec<Span> = queues.iter().flat_map(Receiver::try_iter).take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            let number = batch.len() as u64;
            let body = Bytes::from(request(&resource, &batch).to_string());
            let well = deliver(&upstream, &target, body, if stopping { 1 } else { TRIES }).await;
            let count = if well { &counts.exported } else { &counts.failed };
            count.fetch_add(number, Ordering::Relaxed);
        }
        if stopping {
            return;
        }
        tokio::time::sleep(GATHER).await;
        upstream.sweep();
    }
}

/// Sends one batch, again where the collector asks for it or cannot be reached.
async fn deliver(upstream: &Upstream, target: &Target, body: Bytes, tries: u32) -> bool {
    for attempt in 0..tries {
        if attempt > 0 {
            tokio::time::sleep(GATHER * 2_u32.pow(attempt)).await;
        }
        let mut headers = target.headers.clone();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let call = upstream::Call {
            method: http::Method::POST,
            url: target.url.clone(),
            headers,
            body: LiveBody::Bytes(body.clone()),
            way: upstream::Way::default(),
        };
        match tokio::time::timeout(TIMEOUT, upstream.send(call)).await {
            Ok(Ok(response)) if response.status().is_success() => {
                // Read to its end, so that the connection can be used again.
                let _ = gather(response.into_body(), LONGEST_ANSWER).await;
                return true;
            }
            Ok(Ok(response)) if !matches!(response.status().as_u16(), 429 | 502 | 503 | 504) => return false,
            _ => {}
        }
    }
    false
}

fn resource(service: &str) -> Json {
    json!({"attributes": [
        attribute("service.name", &Attribute::Text(service.to_owned())),
        attribute("service.version", &Attribute::Text(env!("CARGO_PKG_VERSION").to_owned())),
    ]})
}

fn request(resource: &Json, spans: &[Span]) -> Json {
    let spans: Vec<Json> = spans.iter().map(Span::json).collect();
    json!({"resourceSpans": [{
        "resource": resource,
        "scopeSpans": [{
            "scope": {"name": "portcullis", "version": env!("CARGO_PKG_VERSION")},
            "spans": spans,
        }],
    }]})
}

fn attribute(name: &str, value: &Attribute) -> Json {
    match value {
        Attribute::Text(text) => json!({"key": name, "value": {"stringValue": text}}),
        // 64-bit numbers are texts in this encoding.
        Attribute::Number(number) => json!({"key": name, "value": {"intValue": number.to_string()}}),
    }
}

impl Span {
    fn json(&self) -> Json {
        let begun = self.begun.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut span = json!({
            "traceId": hex(&self.context.trace),
            "spanId": hex(&self.id),
            "name": self.name,
            "kind": self.kind as u8,
            "startTimeUnixNano": begun.as_nanos().to_string(),
            "endTimeUnixNano": (begun + self.took).as_nanos().to_string(),
            "attributes": self.attributes.iter().map(|(name, value)| attribute(name, value)).collect::<Vec<_>>(),
            "status": {},
            "flags": 1,
        });
        if let Some(parent) = &self.parent {
            span["parentSpanId"] = hex(parent).into();
        }
        if let Some(state) = self.context.state.as_ref().and_then(|state| state.to_str().ok()) {
            span["traceState"] = state.into();
        }
        if let Some(error) = &self.error {
            span["status"] = json!({"code": 2, "message": error});
        }
        span
    }
}

fn ids(context: &TraceContext) -> Arc<Ids> {
    Arc::new(Ids { trace: context.trace, state: context.state.clone() })
}

fn split(authority: &str, tls: bool) -> (String, i64) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host.to_owned(), port.parse().unwrap_or(0)),
        _ => (authority.to_owned(), if tls { 443 } else { 80 }),
    }
}

impl Spans {
    /// The span of a request. False when it was dropped.
    pub fn request(&self, record: &Record, told: &Told, redaction: &Redaction<'_>, took: Duration) -> bool {
        let Some(context) = record.context.as_ref().filter(|context| context.sampled) else { return true };
        let text = |text: &str| Attribute::Text(redaction.text(text).into_owned());
        let (host, port) = split(&told.host, told.tls);
        let scheme = if told.tls { "https" } else { "http" };
        let mut attributes = vec![
            ("http.request.method", Attribute::Text(told.method.to_string())),
            ("url.scheme", Attribute::Text(scheme.to_owned())),
            ("url.path", text(&told.path)),
            ("server.address", text(&host)),
            ("server.port", Attribute::Number(port)),
            ("client.address", Attribute::Text(told.client.to_string())),
            ("network.protocol.version", Attribute::Text(version(told.version).to_owned())),
            ("http.response.status_code", Attribute::Number(i64::from(record.status))),
            ("http.response.body.size", Attribute::Number(i64::try_from(record.bytes).unwrap_or(i64::MAX))),
        ];
        if let Some(query) = &told.query {
            attributes.push(("url.query", Attribute::Text(redaction.query(query))));
        }
        if let Some(agent) = &told.user_agent {
            attributes.push(("user_agent.original", text(agent)));
        }
        let mut name = told.method.to_string();
        if let (Some(api), Some(operation)) = (&record.api, &record.operation) {
            let route = format!("/{}/{}", api.path, operation.url_template.trim_start_matches('/')).replace("//", "/");
            name = format!("{name} {route}");
            attributes.push(("http.route", Attribute::Text(route)));
            attributes.push(("portcullis.api.id", Attribute::Text(api.id.to_string())));
            attributes.push(("portcullis.operation.id", Attribute::Text(operation.id.to_string())));
        }
        if let Some(product) = &record.product {
            attributes.push(("portcullis.product.id", Attribute::Text(product.id.to_string())));
        }
        if let Some(subscription) = &record.subscription {
            attributes.push(("portcullis.subscription.id", Attribute::Text(subscription.id.to_string())));
        }
        let mut error = None;
        if record.status >= 500 || record.caller_left {
            let reason = record.error.as_ref().and_then(|error| error.reason.clone());
            let kind = reason.map_or_else(|| record.status.to_string(), |reason| reason.into());
            attributes.push(("error.type", Attribute::Text(kind)));
            let message = record.error.as_ref().map(|error| &*error.message).or(record.trouble.as_deref());
            error = Some(redaction.text(message.unwrap_or_default()).into_owned());
        }
        self.push(Span {
            context: ids(context),
            id: context.span,
            parent: context.parent,
            name,
            kind: Kind::Server,
            begun: record.at,
            took,
            attributes,
            error,
        })
    }

    /// The span of a call to a backend. False when it was dropped.
    pub fn call(
        &self,
        context: &TraceContext,
        call: &Call,
        outcome: Result<u16, FailureKind>,
        redaction: &Redaction<'_>,
    ) -> bool {
        let (true, Some(said)) = (context.sampled, &call.said) else { return true };
        let (host, port) = split(&call.backend.authority, said.url.is_tls());
        let mut attributes = vec![
            ("http.request.method", Attribute::Text(said.method.to_string())),
            ("url.full", Attribute::Text(redaction.url(&said.url.to_string()))),
            ("server.address", Attribute::Text(redaction.text(&host).into_owned())),
            ("server.port", Attribute::Number(port)),
        ];
        if let Some(id) = &call.backend.id {
            attributes.push(("portcullis.backend.id", Attribute::Text(id.to_string())));
        }
        if call.resend > 0 {
            attributes.push(("http.request.resend_count", Attribute::Number(i64::from(call.resend))));
        }
        let mut error = None;
        match outcome {
            Ok(status) => {
                attributes.push(("http.response.status_code", Attribute::Number(i64::from(status))));
                if status >= 400 {
                    attributes.push(("error.type", Attribute::Text(status.to_string())));
                    error = Some(String::new());
                }
            }
            Err(kind) => {
                attributes.push(("error.type", Attribute::Text(format!("{kind:?}").to_lowercase())));
                error = Some(String::new());
            }
        }
        self.push(Span {
            context: ids(context),
            id: said.span,
            parent: Some(context.span),
            name: said.method.to_string(),
            kind: Kind::Client,
            begun: said.at,
            took: call.begun.elapsed(),
            attributes,
            error,
        })
    }

    fn push(&self, span: Span) -> bool {
        self.queue.try_send(span).is_ok()
    }
}

fn version(version: http::Version) -> &'static str {
    match version {
        http::Version::HTTP_10 => "1.0",
        http::Version::HTTP_2 => "2",
        http::Version::HTTP_3 => "3",
        _ => "1.1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_named_by_its_base_or_whole_url() {
        for (url, expected) in [
            ("http://c:4318", "http://c:4318/v1/traces"),
            ("http://c:4318/", "http://c:4318/v1/traces"),
            ("https://c/otlp", "https://c/otlp/v1/traces"),
            ("https://c/v1/traces", "https://c/v1/traces"),
        ] {
            assert_eq!(Target::new(url, 1.0).expect("a target").url.to_string(), expected);
        }
        assert!(Target::new("c:4318", 1.0).is_err() && Target::new("http://c", 1.5).is_err());
        let target = Target::new("http://c", 1.0).expect("a target");
        let target = target.with_environment(Some("a=b%20c, api-key=x"), Some("shop")).expect("headers");
        assert_eq!((target.headers["a"].as_bytes(), target.service.as_str()), (&b"b c"[..], "shop"));
        let wrong = Target::new("http://c", 1.0).expect("a target").with_environment(Some("s3cret"), None);
        assert!(!wrong.expect_err("no pair").contains("s3cret"));
    }
}
