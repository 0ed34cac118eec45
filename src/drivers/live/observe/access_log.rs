//! The access log: a line per request on standard output, as text or JSON, written when the response has gone. Workers
//! gather lines; one thread writes them, so that a reader that stalls costs lines (counted) and no request.

use super::context;
use super::record::{Record, Told};
use crate::dotnet::context::LastError;
use crate::dotnet::context::from_json::show_guid;
use crate::drivers::redact::Redaction;
use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// A worker's lines.
pub struct AccessLog {
    format: Format,
    lines: RefCell<String>,
    count: Cell<u64>,
    writer: SyncSender<String>,
}

const FLUSH_AT: usize = 32 * 1024;

/// Pieces that wait for the thread that writes.
const MOST_WAITING: usize = 256;

/// The thread that writes.
pub struct Writer {
    lines: SyncSender<String>,
    ended: Receiver<()>,
}

impl Writer {
    pub fn start() -> Writer {
        let (lines, waiting) = sync_channel::<String>(MOST_WAITING);
        let (tell, ended) = sync_channel(1);
        let write = move || {
            for piece in waiting {
                // A log that nobody reads must not stop the service.
                let _ = std::io::stdout().lock().write_all(piece.as_bytes());
            }
            let _ = tell.send(());
        };
        // Without a thread the lines are dropped, and counted.
        let _ = std::thread::Builder::new().name("access-log".into()).spawn(write);
        Writer { lines, ended }
    }

    pub fn lines(&self) -> SyncSender<String> {
        self.lines.clone()
    }

    /// Waits until everything is written, at most this long. Every [`AccessLog`] must be gone.
    pub fn finish(self, patience: Duration) {
        drop(self.lines);
        let _ = self.ended.recv_timeout(patience);
    }
}

impl AccessLog {
    pub fn new(format: Format, writer: SyncSender<String>) -> AccessLog {
        AccessLog { format, lines: RefCell::default(), count: Cell::new(0), writer }
    }

    /// Gathers a line. Says how many lines were lost over it.
    pub fn write(&self, record: &Record, told: &Told, redaction: &Redaction<'_>, took: Duration) -> u64 {
        let mut lines = self.lines.borrow_mut();
        let time = jiff::Timestamp::now().to_string();
        match self.format {
            Format::Text => text(&mut lines, record, told, redaction, &time, took),
            Format::Json => json(&mut lines, record, told, redaction, &time, took),
        }
        self.count.set(self.count.get() + 1);
        if lines.len() < FLUSH_AT {
            return 0;
        }
        drop(lines);
        self.flush()
    }

    /// Hands the lines on. Says how many were lost.
    pub fn flush(&self) -> u64 {
        let lines = std::mem::take(&mut *self.lines.borrow_mut());
        let count = self.count.take();
        if lines.is_empty() || self.writer.try_send(lines).is_ok() { 0 } else { count }
    }
}

fn text(out: &mut String, record: &Record, told: &Told, redaction: &Redaction<'_>, time: &str, took: Duration) {
    let api = record.api.as_ref().map_or("-", |api| &*api.id);
    let operation = record.operation.as_ref().map_or("-", |operation| &*operation.id);
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "{time} {} \"{} {}\" {} {} {}us {api}/{operation}",
        told.client,
        told.method,
        target(told, redaction),
        record.status,
        record.bytes,
        took.as_micros()
    );
    if let Some(backend) = &record.backend {
        let micros = record.backend_time.as_micros();
        let name = redaction.text(backend.name());
        let _ = write!(out, " backend={name} {} {micros}us", backend.status);
        if let Some(member) = &backend.member {
            let _ = write!(out, " member={member}");
        }
    }
    let ids = [
        ("product", record.product.as_ref().map(|product| product.id.to_string())),
        ("subscription", record.subscription.as_ref().map(|subscription| subscription.id.to_string())),
        ("request", record.request_id.map(show_guid)),
        ("trace", record.trace_id()),
    ];
    for (name, id) in ids {
        if let Some(id) = id {
            let _ = write!(out, " {name}={id}");
        }
    }
    if let Some(error) = &record.error {
        let place = [&error.section, &error.scope, &error.path].map(|part| part.as_deref().unwrap_or("-")).join("/");
        let reason = error.reason.as_deref().unwrap_or("-");
        let message = serde_json::Value::from(&*redaction.text(&error.message));
        let _ = write!(out, " error={}:{reason} at {place} {message}", error.source);
        if let Some(remedy) = remedy(error) {
            let _ = write!(out, " ({remedy})");
        }
    }
    match record.trouble.as_ref().filter(|trouble| !record.says(trouble)) {
        Some(trouble) => {
            let _ = writeln!(out, " {}", serde_json::Value::from(&*redaction.text(trouble)));
        }
        None => out.push('\n'),
    }
}

fn json(out: &mut String, record: &Record, told: &Told, redaction: &Redaction<'_>, time: &str, took: Duration) {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let mut line = serde_json::json!({
        "time": time,
        "request": record.request_id.map(show_guid),
        "client": &*told.client,
        "method": told.method.as_str(),
        "host": redaction.text(&told.host),
        "path": redaction.text(&told.path),
        "query": told.query.as_ref().map(|query| redaction.query(query)),
        "status": record.status,
        "bytes": record.bytes,
        "micros": micros(took),
        "api": record.api.as_ref().map(|api| &*api.id),
        "operation": record.operation.as_ref().map(|operation| &*operation.id),
        "product": record.product.as_ref().map(|product| &*product.id),
        "subscription": record.subscription.as_ref().map(|subscription| &*subscription.id),
        "trace": record.trace_id(),
        "trouble": record.trouble.as_ref().map(|trouble| redaction.text(trouble)),
    });
    if let Some(backend) = &record.backend {
        line["backend"] = serde_json::json!({
            "id": backend.id.as_deref(),
            "member": backend.member.as_deref(),
            "host": redaction.text(&backend.authority),
            "status": (backend.status > 0).then_some(backend.status),
            "micros": micros(record.backend_time),
            "calls": record.forwards,
        });
    }
    if let Some(error) = &record.error {
        line["error"] = serde_json::json!({
            "source": &*error.source,
            "reason": error.reason,
            "message": redaction.text(&error.message),
            "section": error.section,
            "scope": error.scope,
            "path": error.path,
            "policyId": error.policy_id,
            "remedy": remedy(error),
        });
    }
    let _ = writeln!(out, "{line}");
}

/// Path and query, without what must not be shown.
fn target(told: &Told, redaction: &Redaction<'_>) -> String {
    let path = redaction.text(&told.path);
    match &told.query {
        Some(query) => format!("{path}?{}", redaction.query(query)),
        None => path.into_owned(),
    }
}

impl Record {
    fn trace_id(&self) -> Option<String> {
        self.context.as_ref().map(|context| context::hex(&context.trace))
    }

    /// Whether the error says the same already.
    fn says(&self, trouble: &str) -> bool {
        self.error.as_ref().is_some_and(|error| error.message.contains(trouble))
    }
}

/// What helps against an error, where its reason says it.
fn remedy(error: &LastError) -> Option<&'static str> {
    Some(match error.reason.as_deref()? {
        "OperationNotFound" => {
            "no API path and operation template match method and path; compare them with `portcullis check`"
        }
        "SubscriptionKeyNotFound" => "send the key in the API's header or query parameter",
        "SubscriptionKeyInvalid" => "use a key of an active subscription whose scope covers this API",
        "BackendConnectionFailure" => "see whether the backend's host, port and certificate are reachable from here",
        "Timeout" => "raise `timeout` of the policy, or find out why the backend is slow",
        "ClientConnectionFailure" => {
            "the caller gave up, or sent a broken body: compare its timeout with the backend's time"
        }
        "ExpressionValueEvaluationFailure" => {
            "run the request with `portcullis run --trace` to see the values before the step"
        }
        "BodyTooLarge" => "raise --body-limit, or let the body stream (no policy that reads it)",
        "RateLimitExceeded" | "QuotaExceeded" => {
            "the caller has used up its calls; Retry-After says when to come again"
        }
        "TokenNotPresent" | "TokenInvalid" | "TokenSignatureInvalid" | "TokenExpired" => {
            "ask for another token; compare issuer, audience and keys with the policy"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Secrets;

    #[test]
    fn a_line_in_both_forms() {
        let request = http::Request::get("/a/s3cret?subscription-key=x&n=1").body(()).expect("a request");
        let told = Told::of("10.0.0.1", &request);
        let mut record = Record::new(None);
        record.status = 500;
        record.bytes = 3;
        record.trouble = Some("no \"connection\" with s3cret\n".into());
        record.error = Some(LastError {
            source: "set-body".into(),
            reason: Some("Timeout".into()),
            message: "late".into(),
            section: Some("inbound".into()),
            scope: Some("api".into()),
            path: Some("set-body[1]".into()),
            ..LastError::default()
        });
        let secrets = Secrets::new(["s3cret"]);
        let redaction = Redaction { secrets: &secrets, api: None, subscription: None, own: &[] };
        let mut line = String::new();
        text(&mut line, &record, &told, &redaction, "T", Duration::from_micros(12));
        assert_eq!(
            line,
            "T 10.0.0.1 \"GET /a/***?subscription-key=***&n=1\" 500 3 12us -/- error=set-body:Timeout at \
             inbound/api/set-body[1] \"late\" (raise `timeout` of the policy, or find out why the backend is slow) \
             \"no \\\"connection\\\" with ***\\n\"\n"
        );
        let mut line = String::new();
        json(&mut line, &record, &told, &redaction, "T", Duration::from_micros(12));
        let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!((value["status"].as_u64(), value["error"]["section"].as_str()), (Some(500), Some("inbound")));
        assert_eq!((line.lines().count(), line.contains("s3cret")), (1, false));
    }
}
