//! What operators see of the service: counts, spans, request traces, access log. In: what happens to requests, told by
//! the workers. Out: lines, scrapes, exports. It changes no request and makes none wait.

pub mod admin;
pub mod context;
pub mod counts;
mod exposition;
pub mod record;

use self::counts::{Count, Counter, Counts};
use self::record::{Record, Told};
use super::access_log::{AccessLog, Format, Writer};
use super::clock::Entropy;
use crate::drivers::redact::Redaction;
use crate::gateway::Gateway;
use crate::vm::effect::{Answer, EffectId};
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
}

/// By backend entity, whether its circuit breaker is open.
pub type BreakerStates = Box<dyn Fn() -> Vec<(String, bool)> + Send + Sync>;

/// What the process knows about itself, over all workers.
pub struct Observatory {
    pub started: SystemTime,
    pub workers: Vec<Arc<Counts>>,
    pub reloads: Reloads,
    pub spans: SpanCounts,
    /// Set by whoever keeps the breakers.
    pub breakers: OnceLock<BreakerStates>,
    draining: AtomicBool,
    writer: Mutex<Option<Writer>>,
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
    pub fn new(options: &Options, workers: usize) -> (Arc<Observatory>, Vec<View>) {
        let writer = options.access_log.map(|_| Writer::start());
        let lines = writer.as_ref().map(Writer::lines);
        let mut views = Vec::with_capacity(workers);
        for _ in 0..workers {
            let counter = Counter::default();
            let log = options.access_log.zip(lines.clone()).map(|(format, lines)| AccessLog::new(format, lines));
            views.push(View { counter, log, counts_requests: options.admin.is_some() });
        }
        let observatory = Observatory {
            started: SystemTime::now(),
            workers: views.iter().map(|view| Arc::clone(&view.counter.counts)).collect(),
            reloads: Reloads::default(),
            spans: SpanCounts::default(),
            breakers: OnceLock::new(),
            draining: AtomicBool::new(false),
            writer: Mutex::new(writer),
        };
        observatory.loaded();
        (Arc::new(observatory), views)
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
    }

    #[cfg(test)]
    pub fn for_test(workers: Vec<Arc<Counts>>) -> Observatory {
        Observatory {
            started: SystemTime::UNIX_EPOCH,
            workers,
            reloads: Reloads::default(),
            spans: SpanCounts::default(),
            breakers: OnceLock::new(),
            draining: AtomicBool::new(false),
            writer: Mutex::new(None),
        }
    }
}

/// A worker's side.
pub struct View {
    pub counter: Counter,
    log: Option<AccessLog>,
    counts_requests: bool,
}

impl View {
    /// Begins to note what becomes of a request; `None` when nobody wants to know.
    pub fn begin<B>(&self, client: &str, request: &http::Request<B>, entropy: &Entropy) -> Option<Box<Record>> {
        let _ = entropy;
        self.counter.counts.open_requests.add(1);
        if self.log.is_none() && !self.counts_requests {
            return None;
        }
        let told = self.log.is_some().then(|| Box::new(Told::of(client, request)));
        Some(Box::new(Record::new(told)))
    }

    /// An effect was answered.
    pub fn answered(&self, record: &mut Record, id: EffectId, answer: &Answer) {
        let Some((call, outcome)) = record.ends(id, answer) else { return };
        if self.counts_requests {
            self.counter.call(call.backend.name(), outcome);
        }
        if call.forward {
            record.backend = Some(call.backend);
        }
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
        if let (Some(log), Some(told)) = (&self.log, &record.told) {
            let redaction = Redaction {
                secrets: gateway.secrets(),
                api: record.api.as_deref(),
                subscription: record.subscription.as_deref(),
            };
            let dropped = log.write(&record, told, &redaction, took);
            self.counter.counts.log_lines_dropped.add(dropped);
        }
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

/// A connection that is open while this lives.
pub struct Connected<'v>(&'v Count);

impl Drop for Connected<'_> {
    fn drop(&mut self) {
        self.0.subtract(1);
    }
}
