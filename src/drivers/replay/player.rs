//! Plays a request against a gateway: from its arrival to what it came to.

use super::journal::Given;
use super::outside::{Answers, Outside, World, fit_length, whole};
use super::played::Played;
use super::tracing::Tracing;
use crate::dotnet::context::{Exchange, Rare, Symbol, from_json};
use crate::dotnet::heap::Heap;
use crate::dotnet::system::display;
use crate::drivers::begin::Caller;
use crate::drivers::headers;
use crate::drivers::process::Program;
use crate::drivers::program::Compiled;
use crate::effect::{Answer, Effect, EffectId, Moment};
use crate::gateway::{Gateway, Grant, Place, Refusal, Router, route};
use crate::message::{Body, Headers, Method, Request, Response, StatusCode, StreamId};
use crate::recording::{Hide, Recorder};
use crate::vm::limits::Limits;
use crate::vm::machine::{Machine, Poll, Spare};
use crate::vm::observe::Observer;
use bytes::Bytes;
use serde_json::Value as Json;
use std::sync::Arc;

/// Who else sees a request played.
#[derive(Default)]
pub struct Watching {
    pub observer: Option<Box<dyn Observer>>,
    /// Keep the request's journal.
    pub records: bool,
    /// Keep a trace in the platform's shape.
    pub traces: bool,
}

/// A gateway ready to be played against.
#[derive(Debug)]
pub struct Stage {
    pub gateway: Gateway,
    pub router: Router,
    pub program: Compiled,
}

impl Stage {
    /// Makes the gateway's secrets unreadable in a text.
    pub fn hide(&self) -> Arc<Hide> {
        let hidden = Arc::clone(self.gateway.secrets());
        Arc::new(move |text: &str| hidden.hide(text).into_owned())
    }
}

/// Puts what a context file names in place of what the request itself says. The request stays the recording's.
fn give_context(exchange: &mut Exchange, context: &Json, heap: &mut Heap) -> Result<(), String> {
    let given = from_json::read(context, heap).map_err(|error| error.to_string())?;
    let names = |part: &str| context.get(part).is_some_and(|value| !value.is_null());
    if names("User") {
        exchange.user = given.user;
    }
    if names("Product") {
        exchange.product = given.product;
    }
    if names("Subscription") {
        exchange.subscription = given.subscription;
    }
    if names("Operation") {
        exchange.operation = given.operation;
    }
    if names("Deployment") {
        exchange.deployment = given.deployment;
    }
    if names("Elapsed") {
        exchange.elapsed = given.elapsed;
    }
    if names("Tracing") {
        exchange.tracing = given.tracing;
    }
    if names("Variables") {
        exchange.variables = given.variables;
    }
    if context.pointer("/Request/IpAddress").is_some() {
        exchange.client_ip = given.client_ip;
    }
    let workspace = given.rare.workspace.is_none().then(|| exchange.rare.workspace.clone()).flatten();
    exchange.rare = match workspace {
        Some(workspace) => Arc::new(Rare { workspace: Some(workspace), ..(*given.rare).clone() }),
        None => given.rare,
    };
    Ok(())
}

/// Plays one request.
pub fn play(stage: &Stage, world: &mut World, request: Request, answers: &mut Answers, watching: Watching) -> Played {
    let head_only = request.method == Method::HEAD;
    let (mut arrived, body) = arrive(stage, world, request);
    let mut heap = Heap::new(Limits::DEFAULT.memory);
    if let Some(context) = &world.context
        && let Err(why) = give_context(&mut arrived.exchange, context, &mut heap)
    {
        let why = format!("the context cannot be read: {why}");
        return Played { unanswered: vec![why], ..Played::default() };
    }
    let Arrived { place, grant, exchange, entropy } = arrived;
    let recorder = watching
        .records
        .then(|| Recorder::new(&exchange, stage.program.chain(place, &grant), world.now, &entropy, stage.hide()));
    let trace = watching.traces.then(|| Tracing::begin(&exchange, &stage.gateway));
    let mut machine = stage.program.machine(place, &grant, exchange, Spare::from(heap), world.now, entropy);
    let inspector = trace.as_ref().map(Tracing::observer);
    let observers: Vec<_> =
        watching.observer.into_iter().chain(recorder.as_ref().map(Recorder::observer)).chain(inspector).collect();
    if !observers.is_empty() {
        machine.observe(Box::new(observers));
    }
    let backends = stage.program.backends();
    let outside = Outside { backends, world, answers, streams: vec![body], played: Played::default() };
    let mut course = Course { machine, outside, open: Vec::new(), sleeping: Vec::new(), recorder, trace, head_only };
    course.run();
    course.finish()
}

/// A request that the gateway has taken, or refused.
struct Arrived {
    place: Place,
    grant: Grant,
    exchange: Exchange,
    entropy: [u8; 32],
}

/// Routes and authorises a request; its body is the first stream.
fn arrive(stage: &Stage, world: &mut World, request: Request) -> (Arrived, Bytes) {
    let mut map = request.headers.into_map();
    headers::strip_hop_by_hop(&mut map);
    headers::mark_host(&mut map);
    let request_headers = Headers::from_map(map);
    let path = route::normalise(&request.url.path).into_owned();
    let query = request.url.query.clone();
    let routed = stage.router.route(&request.method, &path, query.as_deref(), &request_headers);
    let routed = match routed {
        Ok(found) if !stage.gateway.takes(found.api, request.url.is_tls()) => Err(Refusal::NoOperation),
        routed => routed,
    };
    let granted = match &routed {
        Ok(found) => stage.router.authorise(&stage.gateway, found.api, &request_headers, query.as_deref()),
        Err(refusal) => Err(*refusal),
    };
    let place = match &routed {
        Ok(found) => Place::from(found),
        Err(_) => Place { api: stage.router.api_of(&path, query.as_deref(), &request_headers), operation: None },
    };
    let mut first_stream = Bytes::new();
    // Bodies stand as streams, so that what reads them is seen.
    let body = match request.body {
        Body::Bytes(bytes) => {
            first_stream = bytes;
            Body::stream(StreamId(0), Some(first_stream.len() as u64))
        }
        other => other,
    };
    let Given { request_id, entropy, client } = world.given.take().unwrap_or_else(|| Given {
        request_id: world.entropy()[..16].try_into().expect("sixteen of thirty-two bytes"),
        entropy: world.entropy(),
        client: "127.0.0.1".into(),
    });
    let caller =
        Caller { original_url: request.url, address: client, method: request.method, headers: request_headers, body };
    let (exchange, grant) = match (&routed, granted) {
        (Ok(found), Ok(grant)) => (caller.exchange(&stage.gateway, found, &grant, &path, world.now, request_id), grant),
        (Err(refusal), _) => (caller.refused(&stage.gateway, place, *refusal, world.now, request_id), Grant::default()),
        (Ok(_), Err(refusal)) => {
            (caller.refused(&stage.gateway, place, refusal, world.now, request_id), Grant::default())
        }
    };
    (Arrived { place, grant, exchange, entropy }, first_stream)
}

/// A request on its way: what its machine asks and is told.
struct Course<'a> {
    machine: Machine,
    outside: Outside<'a>,
    /// Answers that the machine has not been told yet, in the order of its questions.
    open: Vec<(EffectId, Answer)>,
    sleeping: Vec<(Moment, EffectId)>,
    recorder: Option<Recorder>,
    trace: Option<Tracing>,
    /// The response announces a body and has none.
    head_only: bool,
}

impl Course<'_> {
    fn run(&mut self) {
        loop {
            if let Some(trace) = &self.trace {
                trace.set_clock(self.now());
            }
            match self.machine.poll() {
                Poll::Need(id, effect) => self.asked(id, effect),
                Poll::Cancel(id) => self.cancelled(id),
                Poll::Idle if self.go_on() => {}
                Poll::Respond(response) => self.responding(*response),
                Poll::Idle | Poll::Finished => break,
            }
        }
    }

    fn now(&self) -> Moment {
        self.outside.world.now
    }

    fn asked(&mut self, id: EffectId, mut effect: Effect) {
        let now = self.now();
        if let Some(trace) = &mut self.trace {
            trace.asked(now, id, &effect);
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.asked(now, id, &mut effect);
        }
        if let Effect::Sleep(wait) = effect {
            self.sleeping.push((now.after(wait), id));
        } else {
            let answer = self.outside.answer(effect);
            self.open.push((id, answer));
        }
    }

    fn cancelled(&mut self, id: EffectId) {
        if let Some(recorder) = &mut self.recorder {
            recorder.cancelled(self.outside.world.now, id);
        }
        self.open.retain(|(own, _)| *own != id);
        self.sleeping.retain(|(_, own)| *own != id);
    }

    /// Answers come in the order of the questions; time passes when there is nothing else to wait for. `false` when
    /// nothing is left to wait for.
    fn go_on(&mut self) -> bool {
        if !self.open.is_empty() {
            let (id, answer) = self.open.remove(0);
            self.tell(id, answer);
        } else if let Some(at) = (0..self.sleeping.len()).min_by_key(|&at| self.sleeping[at]) {
            let (until, id) = self.sleeping.remove(at);
            self.outside.world.now = self.now().max(until);
            self.tell(id, Answer::Done);
        } else if self.outside.played.response.is_some() {
            let now = self.now();
            if let Some(recorder) = &mut self.recorder {
                recorder.sent(now);
            }
            self.machine.sent(now);
        } else {
            return false;
        }
        true
    }

    fn tell(&mut self, id: EffectId, answer: Answer) {
        let now = self.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.told(now, id, &answer);
        }
        if let Some(trace) = &mut self.trace {
            trace.told(now, id, &answer);
        }
        self.machine.answer(id, answer, now);
    }

    fn responding(&mut self, mut response: Response) {
        if let Some(recorder) = &mut self.recorder {
            recorder.responding(self.outside.world.now, &mut response);
        }
        let mut map = std::mem::take(&mut response.headers).into_map();
        headers::strip_hop_by_hop(&mut map);
        // A response to HEAD, and 304, announce the length of a body that they do not carry.
        if !self.head_only && response.status != StatusCode::NOT_MODIFIED {
            fit_length(&mut map, &response.body);
        }
        response.headers = Headers::from_map(map);
        response.body = Body::Bytes(whole(std::mem::take(&mut response.body), &self.outside.streams));
        self.outside.played.response = Some(response);
    }

    fn finish(mut self) -> Played {
        let now = self.now();
        let mut played = std::mem::take(&mut self.outside.played);
        let symbols: Vec<(Symbol, _)> = self.machine.exchange().variables.clone();
        for (symbol, value) in symbols {
            let text = self.machine.with_call(|cx| display::display(cx, value)).unwrap_or_default();
            played.variables.insert(symbol.name().to_owned(), text);
        }
        played.last_error = self.machine.exchange().last_error.clone();
        played.trace = self.trace.and_then(|trace| trace.finish(now));
        played.journal = self.recorder.map(|recorder| recorder.finish(now));
        played
    }
}
