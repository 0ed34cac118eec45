//! Writes the journal of one request while a driver drives it.

use super::{Answer, Body, Effect, Event, Journal, Request, Response, Step, UnitRef, VERSION, What};
use crate::bytecode::unit;
use crate::document::{Scope, Section};
use crate::dotnet::context::Exchange;
use crate::dotnet::heap::Heap;
use crate::effect::{self, EffectId, Moment};
use crate::link::Chain;
use crate::message::{self, Tap};
use crate::policies::hops::HOPS;
use crate::vm::observe::Observer;
use bytes::Bytes;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

/// Makes secrets unreadable in a text.
pub type Hide = dyn Fn(&str) -> String + Send + Sync;

/// Of a body that stays a stream, this much is kept.
const LONGEST_STREAM: usize = 4 << 20;
/// A request that asks for more than this is no longer recorded.
const MOST_EVENTS: usize = 10_000;

/// A journal under way.
pub struct Recorder {
    journal: Journal,
    begun: Moment,
    hide: Arc<Hide>,
    step: Arc<Mutex<Option<Step>>>,
    captured: Vec<(u32, Arc<Mutex<Captured>>)>,
    /// Bodies of calls (by the effect's id) and of the response, behind their taps.
    delivered: Vec<(Option<u32>, Arc<Mutex<Captured>>)>,
}

#[derive(Debug, Default)]
struct Captured {
    bytes: Vec<u8>,
    length: u64,
}

/// Keeps what passes.
#[derive(Debug)]
struct Capture(Arc<Mutex<Captured>>);

impl Tap for Capture {
    fn chunk(&mut self, chunk: Bytes) -> Bytes {
        if let Ok(mut captured) = self.0.lock() {
            captured.length += chunk.len() as u64;
            let room = LONGEST_STREAM.saturating_sub(captured.bytes.len());
            captured.bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        chunk
    }

    fn changes_length(&self) -> bool {
        false
    }
}

/// Knows which step runs.
struct Watch(Arc<Mutex<Option<Step>>>);

impl Observer for Watch {
    fn step(&mut self, step: &unit::Step, scope: Scope, section: Section, _: &Exchange, _: &Heap) {
        if let Ok(mut current) = self.0.lock() {
            *current = Some(Step {
                section: section.name().to_owned(),
                scope: scope.name().to_owned(),
                path: step.path.to_string(),
            });
        }
    }
}

impl Recorder {
    /// Begins the journal of a request as it came, before its machine ran.
    pub fn new(exchange: &Exchange, chain: &Chain, begun: Moment, entropy: &[u8; 32], hide: Arc<Hide>) -> Recorder {
        let units =
            chain.units.iter().map(|link| UnitRef { name: link.unit.name.to_string(), sha256: hex(&link.unit.sha256) });
        let mut request = Request::of(&exchange.request, &*hide);
        request.url = hide(&exchange.original_url.to_string());
        if exchange.steering.hops > 0 {
            request.headers.push((HOPS.to_string(), exchange.steering.hops.to_string()));
        }
        let journal = Journal {
            version: VERSION,
            begun: begun.0,
            entropy: hex(entropy),
            request_id: hex(&exchange.request_id),
            client: exchange.client_ip.to_string(),
            units: units.collect(),
            request,
            events: Vec::new(),
        };
        Recorder { journal, begun, hide, step: Arc::default(), captured: Vec::new(), delivered: Vec::new() }
    }

    /// Tells the recorder which step runs; goes to the machine.
    pub fn observer(&self) -> Box<dyn Observer> {
        Box::new(Watch(Arc::clone(&self.step)))
    }

    fn note(&mut self, now: Moment, what: What) {
        if self.journal.events.len() < MOST_EVENTS {
            self.journal.events.push(Event { at: now.0.saturating_sub(self.begun.0), what });
        }
    }

    /// Before a driver performs an effect.
    pub fn asked(&mut self, now: Moment, id: EffectId, effect: &mut effect::Effect) {
        let noted = Effect::of(effect, &*self.hide);
        let step = self.step.lock().ok().and_then(|step| step.clone());
        self.note(now, What::Asked { id: id.0, step, effect: noted });
        match effect {
            effect::Effect::Forward(call) | effect::Effect::Send(call) | effect::Effect::SendOneWay(call) => {
                self.capture(&mut call.request.body, Some(id.0));
            }
            _ => {}
        }
    }

    /// Before a machine is told.
    pub fn told(&mut self, now: Moment, id: EffectId, answer: &effect::Answer) {
        let answer = Answer::of(answer, &*self.hide);
        self.note(now, What::Told { id: id.0, answer });
    }

    pub fn cancelled(&mut self, now: Moment, id: EffectId) {
        self.note(now, What::Cancelled(id.0));
    }

    /// Before the response goes to the caller.
    pub fn responding(&mut self, now: Moment, response: &mut message::Response) {
        let noted = Response::of(response, &*self.hide);
        self.note(now, What::Responded(noted));
        self.capture(&mut response.body, None);
    }

    pub fn sent(&mut self, now: Moment) {
        self.note(now, What::Sent);
    }

    pub fn caller_left(&mut self, now: Moment) {
        self.note(now, What::CallerLeft);
    }

    /// A body that leaves as a stream is seen as it came, and again behind the taps that change it.
    fn capture(&mut self, body: &mut message::Body, by: Option<u32>) {
        let message::Body::Stream(stream) = body else { return };
        if !stream.taps.is_empty() {
            let delivered: Arc<Mutex<Captured>> = Arc::default();
            stream.taps.push(Box::new(Capture(Arc::clone(&delivered))));
            self.delivered.push((by, delivered));
        }
        let captured: Arc<Mutex<Captured>> = Arc::default();
        stream.taps.insert(0, Box::new(Capture(Arc::clone(&captured))));
        self.captured.push((stream.id.0, captured));
    }

    /// The journal, with the streams that went by.
    pub fn finish(mut self, now: Moment) -> Journal {
        for (stream, captured) in std::mem::take(&mut self.captured) {
            let body = self.body(&captured);
            self.note(now, What::Streamed { stream, body });
        }
        for (id, delivered) in std::mem::take(&mut self.delivered) {
            let body = self.body(&delivered);
            self.note(now, What::Delivered { id, body });
        }
        self.journal
    }

    fn body(&self, captured: &Mutex<Captured>) -> Body {
        let Ok(captured) = captured.lock() else { return Body::TooLong(0) };
        if captured.length > captured.bytes.len() as u64 {
            Body::TooLong(captured.length)
        } else {
            Body::of(&captured.bytes, &*self.hide)
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
