//! The trace of a request that is played, in the platform's shape and in virtual time. In: what the machine asks and is
//! told. Out: JSON.

use crate::dotnet::context::Exchange;
use crate::drivers::redact;
use crate::drivers::request_trace::{Hide, Inspector, RequestTrace};
use crate::effect::{Answer, Effect, EffectId, Moment};
use crate::gateway::Gateway;
use crate::vm::observe::Observer;
use serde_json::Value as Json;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// The trace of a request while it is played.
pub struct Tracing {
    trace: Arc<Mutex<RequestTrace>>,
    /// Ticks of the virtual clock.
    now: Arc<AtomicI64>,
    /// Calls under way, and whether they are `forward-request`'s.
    calls: Vec<(EffectId, bool)>,
}

impl Tracing {
    pub fn begin(exchange: &Exchange, gateway: &Gateway) -> Tracing {
        let hide = Hide {
            secrets: Arc::clone(gateway.secrets()),
            api: exchange.api.clone(),
            subscription: exchange.subscription.clone(),
            own: redact::credentials(exchange.request.headers.map()),
        };
        let id: String = exchange.request_id.iter().map(|byte| format!("{byte:02x}")).collect();
        let trace = RequestTrace::begin(id.into(), exchange, hide);
        let now = Arc::new(AtomicI64::new(exchange.timestamp.0));
        Tracing { trace: Arc::new(Mutex::new(trace)), now, calls: Vec::new() }
    }

    /// What the clock shows from now on.
    pub fn set_clock(&self, now: Moment) {
        self.now.store(now.0, Ordering::Relaxed);
    }

    pub fn observer(&self) -> Box<dyn Observer> {
        let now = Arc::clone(&self.now);
        let clock = move || Moment(now.load(Ordering::Relaxed));
        Box::new(Inspector { trace: Arc::clone(&self.trace), clock })
    }

    pub fn asked(&mut self, now: Moment, id: EffectId, effect: &Effect) {
        let Ok(mut trace) = self.trace.lock() else { return };
        match effect {
            Effect::Forward(_) | Effect::Send(_) => self.calls.push((id, matches!(effect, Effect::Forward(_)))),
            Effect::Trace(message) => trace.message(now, message),
            _ => {}
        }
        trace.calls(now, effect);
    }

    pub fn told(&mut self, now: Moment, id: EffectId, answer: &Answer) {
        let Some(at) = self.calls.iter().position(|(own, _)| *own == id) else { return };
        let (_, forward) = self.calls.remove(at);
        if let Ok(mut trace) = self.trace.lock() {
            trace.answered(now, forward, answer);
        }
    }

    pub fn finish(self, now: Moment) -> Option<Json> {
        let mut trace = self.trace.lock().ok()?;
        trace.ended(now, true);
        Some(trace.json())
    }
}
