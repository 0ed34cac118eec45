//! What operators see of the service: counts, spans, request traces, access log. In: what happens to requests, told by
//! the workers. Out: lines, scrapes, exports. It changes no request and makes none wait.

pub mod access_log;
pub mod admin;
pub mod context;
pub mod counts;
mod exposition;
pub mod otlp;
pub mod record;
pub mod tracing;

use self::context::TraceContext;
use self::counts::{Count, Counter, Counts};
use self::otlp::{Exporter, Spans, Target};
use self::record::{Call, Record, Told};
use self::tracing::{Decision, Tracing};
use super::clock::Entropy;
use crate::dotnet::context::{ApiFacts, Exchange, SubscriptionFacts};
use crate::drivers::live::clock;
use crate::drivers::redact::{Redaction, credentials};
use crate::drivers::request_trace::{Hide, Inspector, RequestTrace};
use crate::effect::{Answer, Effect, EffectId, TraceMessage};
use crate::gateway::Gateway;
use crate::gateway::backends::BackendState;
use crate::vm::observe::Observer;
use access_log::{AccessLog, Format, Writer};
use http::header::HeaderMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

/// What is watched.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub access_log: Option<Format>,
    /// Where health, readiness, metrics and traces are asked for.
    pub admin: Option<SocketAddr>,
    /// Where spans go.
    pub otlp: Option<Target>,
    /// Callers may have their requests traced, with a token or a subscription that allows it.
    pub tracing: bool,
}

/// The breakers and pools of the configuration in force, as they are now.
pub type BackendStates = Box<dyn Fn() -> Vec<BackendState> + Send + Sync>;

/// What the process knows about itself, over all workers.
pub struct Observatory {
    pub started: SystemTime,
    pub workers: Vec<Arc<Counts>>,
    pub reloads: Reloads,
    pub spans: Arc<SpanCounts>,
    pub tracing: Option<Arc<Tracing>>,
    /// Set by whoever keeps the configuration.
    pub backends: OnceLock<BackendStates>,
    draining: AtomicBool,
    writer: Mutex<Option<Writer>>,
    exporter: Mutex<Option<Exporter>>,
}

#[derive(Debug, Default)]
pub struct Reloads {
    pub applied: AtomicU64,
    pub refused: AtomicU64,
    /// Seconds since 1970.
    pub at: AtomicU64,
}

/// Spans that left the workers.
#[derive(Debug, Default)]
pub struct SpanCounts {
    pub exported: AtomicU64,
    pub failed: AtomicU64,
}

/// How long the last lines and spans may take when the service stops.
const LAST_WORDS: Duration = Duration::from_secs(2);

impl Observatory {
    /// The observatory, and a view for each worker.
    pub fn new(options: &Options, workers: usize) -> io::Result<(Arc<Observatory>, Vec<View>)> {
        let spans = Arc::new(SpanCounts::default());
        let (exporter, mut queues) = match &options.otlp {
            Some(target) => {
                let (exporter, queues) = Exporter::start(target.clone(), workers, Arc::clone(&spans))?;
                (Some(exporter), queues)
            }
            None => (None, Vec::new()),
        };
        let tracing = match options.tracing {
            true => Some(Arc::new(
                Tracing::new(&Entropy::new()).ok_or_else(|| io::Error::other("the system has no random numbers"))?,
            )),
            false => None,
        };
        let writer = options.access_log.map(|_| Writer::start());
        let lines = writer.as_ref().map(Writer::lines);
        let mut views = Vec::with_capacity(workers);
        for _ in 0..workers {
            let counter = Counter::default();
            let log = options.access_log.zip(lines.clone()).map(|(format, lines)| AccessLog::new(format, lines));
            let (spans, tracing) = (queues.pop(), tracing.clone());
            views.push(View { counter, log, counts_requests: options.admin.is_some(), spans, tracing });
        }
        let observatory = Observatory {
            started: SystemTime::now(),
            workers: views.iter().map(|view| Arc::clone(&view.counter.counts)).collect(),
            reloads: Reloads::default(),
            spans,
            tracing,
            backends: OnceLock::new(),
            draining: AtomicBool::new(false),
            writer: Mutex::new(writer),
            exporter: Mutex::new(exporter),
        };
        observatory.loaded();
        Ok((Arc::new(observatory), views))
    }

    fn loaded(&self) {
        let now = SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        self.reloads.at.store(now, Ordering::Relaxed);
    }

    /// A reload took place, or was refused for the configuration's errors.
    pub fn reloaded(&self, well: bool) {
        if well {
            self.loaded();
            self.reloads.applied.fetch_add(1, Ordering::Relaxed);
        } else {
            self.reloads.refused.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Waits for the last lines, once the workers are gone; not for ever.
    pub fn finish(&self) {
        if let Some(writer) = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            writer.finish(LAST_WORDS);
        }
        if let Some(exporter) = self.exporter.lock().unwrap_or_else(PoisonError::into_inner).take() {
            exporter.finish(LAST_WORDS);
        }
    }

    #[cfg(test)]
    pub fn for_test(workers: Vec<Arc<Counts>>) -> Observatory {
        Observatory {
            started: SystemTime::UNIX_EPOCH,
            workers,
            reloads: Reloads::default(),
            spans: Arc::default(),
            tracing: None,
            backends: OnceLock::new(),
            draining: AtomicBool::new(false),
            writer: Mutex::new(None),
            exporter: Mutex::new(None),
        }
    }
}

/// A worker's side.
pub struct View {
    pub counter: Counter,
    log: Option<AccessLog>,
    counts_requests: bool,
    spans: Option<Spans>,
    tracing: Option<Arc<Tracing>>,
}

impl View {
    /// Begins to note what becomes of a request; `None` when nobody wants to know.
    pub fn begin<B>(&self, client: &str, request: &http::Request<B>, entropy: &Entropy) -> Option<Box<Record>> {
        self.counter.counts.open_requests.add(1);
        let tells = self.log.is_some() || self.spans.is_some();
        if !tells && !self.counts_requests && self.tracing.is_none() {
            return None;
        }
        let mut record = Box::new(Record::new(tells.then(|| Box::new(Told::of(client, request)))));
        let comes = tells && request.headers().contains_key(context::TRACEPARENT);
        if self.spans.is_some() || comes {
            // Without spans of its own the gateway still says in its log which trace the caller named.
            let sample = self.spans.as_ref().map_or(0.0, |spans| spans.sample);
            let ids = entropy.take::<16>().zip(entropy.take::<8>());
            record.context = ids
                .map(|(trace, span)| TraceContext::of(request.headers(), trace, span, sample))
                .filter(|context| self.spans.is_some() || context.parent.is_some());
        }
        Some(record)
    }

    /// Whether this request is traced as the platform traces: takes the headers that ask for it.
    pub fn decide(
        &self,
        record: &mut Record,
        headers: &mut HeaderMap,
        api: &ApiFacts,
        subscription: Option<&SubscriptionFacts>,
        entropy: &Entropy,
    ) -> Option<Box<str>> {
        match self.tracing.as_ref()?.decide(headers, api, subscription, entropy) {
            Decision::No => None,
            Decision::Refused(name, value) => {
                record.answer_header = Some((name, value));
                None
            }
            Decision::Traced { id, header } => {
                record.answer_header = Some(header);
                Some(id)
            }
        }
    }

    /// Begins the trace that was decided on. The observer goes to the machine.
    pub fn trace(
        &self,
        record: &mut Record,
        id: Box<str>,
        exchange: &Exchange,
        gateway: &Gateway,
    ) -> Box<dyn Observer> {
        let hide = Hide {
            secrets: Arc::clone(gateway.secrets()),
            api: exchange.api.clone(),
            subscription: exchange.subscription.clone(),
            own: credentials(exchange.request.headers.map()),
        };
        let trace = Arc::new(Mutex::new(RequestTrace::begin(id, exchange, hide)));
        if let Some(tracing) = &self.tracing {
            tracing.keep(Arc::clone(&trace));
        }
        self.counter.counts.traced.add(1);
        record.trace = Some(Arc::clone(&trace));
        Box::new(Inspector { trace, clock: clock::now })
    }

    /// An effect begins.
    pub fn begins(&self, record: &mut Record, id: EffectId, effect: &mut Effect, entropy: &Entropy) {
        if !matches!(effect, Effect::Forward(_) | Effect::Send(_) | Effect::SendOneWay(_)) {
            return;
        }
        let span = self.spans.as_ref().and_then(|_| entropy.take::<8>());
        record.begins(id, effect, span);
        record.traces(|trace| trace.calls(clock::now(), effect));
    }

    /// An effect was answered.
    pub fn answered(&self, record: &mut Record, id: EffectId, answer: &Answer, gateway: &Gateway) {
        let Some((call, outcome)) = record.ends(id, answer) else { return };
        record.traces(|trace| trace.answered(clock::now(), call.forward, answer));
        if self.counts_requests {
            match call.backend.id {
                Some(_) => self.counter.call(call.backend.name(), outcome),
                // The host may come from a named value.
                None => self.counter.call(&gateway.secrets().hide(call.backend.name()), outcome),
            }
        }
        if let (Some(spans), Some(context)) = (&self.spans, &record.context)
            && !spans.call(context, &call, outcome, &redaction(record, gateway))
        {
            self.counter.counts.spans_dropped.add(1);
        }
        if call.forward {
            record.backend = Some(call.backend);
        }
    }

    /// A call that nobody waits for goes on without its request.
    pub fn parts(&self, record: &mut Record, id: EffectId) -> Option<(Call, Option<TraceContext>)> {
        let at = record.open.iter().position(|call| call.effect == id)?;
        Some((record.open.swap_remove(at), record.context.clone()))
    }

    /// Such a call has ended.
    pub fn ended(&self, (call, context): (Call, Option<TraceContext>), answer: &Answer, gateway: &Gateway) {
        let outcome = match answer {
            Answer::Response(response) => Ok(response.status.as_u16()),
            Answer::Failed(failure) => Err(failure.kind),
            _ => return,
        };
        if self.counts_requests {
            self.counter.call(&gateway.secrets().hide(call.backend.name()), outcome);
        }
        let redaction = Redaction { secrets: gateway.secrets(), api: None, subscription: None, own: &[] };
        if let (Some(spans), Some(context)) = (&self.spans, &context)
            && !spans.call(context, &call, outcome, &redaction)
        {
            self.counter.counts.spans_dropped.add(1);
        }
    }

    /// A message of a policy.
    pub fn message(&self, record: &mut Record, message: &TraceMessage) {
        record.traces(|trace| trace.message(clock::now(), message));
    }

    /// A request that a bug ended.
    pub fn lost(&self) {
        self.counter.counts.open_requests.subtract(1);
    }

    /// The request is over: its response was sent, or its caller has left. Comes once per request that began.
    pub fn finish(&self, record: Option<Box<Record>>, gateway: &Gateway) {
        self.counter.counts.open_requests.subtract(1);
        let Some(record) = record else { return };
        let took = record.begun.elapsed();
        if self.counts_requests {
            let api = record.api.as_ref().map_or("-", |api| &*api.id);
            let operation = record.operation.as_ref().map_or("-", |operation| &*operation.id);
            let backend = (record.forwards > 0).then_some(record.backend_time);
            self.counter.request(api, operation, record.status, took, backend);
            if let Some(error) = &record.error {
                self.counter.error(error);
            }
            self.counter.counts.sent_bytes.add(record.bytes);
            if record.caller_left {
                self.counter.counts.callers_left.add(1);
            }
        }
        record.traces(|trace| trace.ended(clock::now(), !record.caller_left));
        let Some(told) = &record.told else { return };
        let redaction = redaction(&record, gateway);
        if let Some(log) = &self.log {
            let dropped = log.write(&record, told, &redaction, took);
            self.counter.counts.log_lines_dropped.add(dropped);
        }
        if let Some(spans) = &self.spans
            && !spans.request(&record, told, &redaction, took)
        {
            self.counter.counts.spans_dropped.add(1);
        }
    }

    /// What a client sent was no request, or not one in time: it is counted and logged all the same.
    pub fn no_request(&self, client: &str, status: u16, why: String, gateway: &Gateway) {
        self.counter.counts.open_requests.add(1);
        let tells = self.log.is_some() || self.spans.is_some();
        let mut record = Box::new(Record::new(tells.then(|| Box::new(Told::nothing(client)))));
        record.status = status;
        record.trouble = Some(why.into());
        self.finish(Some(record), gateway);
    }

    /// Hands on what has gathered.
    pub fn flush(&self) {
        if let Some(log) = &self.log {
            self.counter.counts.log_lines_dropped.add(log.flush());
        }
    }

    pub fn connected(&self) -> Connected<'_> {
        self.counter.counts.connections.add(1);
        self.counter.counts.open_connections.add(1);
        Connected(&self.counter.counts.open_connections)
    }
}

fn redaction<'r>(record: &'r Record, gateway: &'r Gateway) -> Redaction<'r> {
    Redaction {
        secrets: gateway.secrets(),
        api: record.api.as_deref(),
        subscription: record.subscription.as_deref(),
        own: record.told.as_ref().map_or(&[], |told| &told.credentials),
    }
}

/// A connection that is open while this lives.
pub struct Connected<'v>(&'v Count);

impl Drop for Connected<'_> {
    fn drop(&mut self) {
        self.0.subtract(1);
    }
}
