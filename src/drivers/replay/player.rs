//! Plays a request against a gateway: answers effects from a recording, in virtual time.

use super::http_file::{Line, Recorded};
use super::journal::{Given, Told};
use super::played::{Call, Played};
use super::tracing::Tracing;
use crate::dotnet::context::{Exchange, Rare, Symbol, from_json};
use crate::dotnet::heap::Heap;
use crate::dotnet::system::display;
use crate::drivers::backends;
use crate::drivers::begin::Caller;
use crate::drivers::headers;
use crate::drivers::process::Program;
use crate::drivers::program::Compiled;
use crate::drivers::redirect;
use crate::effect::{
    Answer, CacheValue, Effect, EffectId, Failure, FailureKind, Moment, OutboundCall, Severity, TraceMessage,
};
use crate::gateway::backends::Backends;
use crate::gateway::{Gateway, Grant, Place, Refusal, Router, route};
use crate::message::{Body, HeaderValue, Headers, Method, Request, Response, StatusCode, StreamId, Url};
use crate::recording::{Hide, Recorder};
use crate::vm::limits::Limits;
use crate::vm::machine::{Poll, Spare};
use crate::vm::observe::Observer;
use bytes::Bytes;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

/// What backends answer.
#[derive(Debug, Default)]
pub struct Answers {
    /// Each with the call it belongs to, if that is said. Used once, in order.
    pub recorded: Vec<(Option<Line>, Recorded)>,
    /// What answers when nothing recorded fits.
    pub otherwise: Otherwise,
    /// What a journal tells, before all others.
    pub journal: Option<Told>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Otherwise {
    /// The effect is reported as unanswered.
    #[default]
    Nothing,
    /// 200 without a body.
    Empty,
}

/// Who else sees a request played.
#[derive(Default)]
pub struct Watching {
    pub observer: Option<Box<dyn Observer>>,
    /// Keep the request's journal.
    pub records: bool,
    /// Keep a trace in the platform's shape.
    pub traces: bool,
}

/// Cache and slots, shared by the requests of one run, and its clock.
#[derive(Debug)]
pub struct World {
    pub now: Moment,
    seed: u64,
    /// What a context file says of every request: user, product, subscription, variables ...
    pub context: Option<Json>,
    /// What a journal says of the next request.
    pub given: Option<Given>,
    cache: HashMap<Box<str>, (CacheValue, Moment)>,
    slots: HashMap<Box<str>, u32>,
}

/// Cached values beyond this are dropped, oldest deadline first.
const MOST_CACHED: usize = 10_000;

impl World {
    pub fn new(now: Moment, seed: u64) -> World {
        World { now, seed, context: None, given: None, cache: HashMap::new(), slots: HashMap::new() }
    }

    /// The next 32 bytes of the run's seed (SplitMix64).
    fn entropy(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for word in bytes.chunks_exact_mut(8) {
            self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.seed;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            word.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes());
        }
        bytes
    }

    fn lookup(&self, key: &str) -> Option<CacheValue> {
        self.cache.get(key).filter(|(_, until)| *until > self.now).map(|(value, _)| value.clone())
    }

    fn store(&mut self, key: Box<str>, value: CacheValue, until: Moment) {
        if self.cache.len() >= MOST_CACHED
            && let Some(oldest) = self.cache.iter().min_by_key(|(_, (_, until))| *until).map(|(key, _)| key.clone())
        {
            self.cache.remove(&oldest);
        }
        self.cache.insert(key, (value, until));
    }
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
    let mut played = Played::default();
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
    let head_only = request.method == Method::HEAD;
    let mut request_body = Bytes::new();
    // Bodies stand as streams, so that what reads them is seen.
    let body = match request.body {
        Body::Bytes(bytes) => {
            request_body = bytes;
            Body::stream(StreamId(0), Some(request_body.len() as u64))
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
    let (mut exchange, grant) = match (&routed, granted) {
        (Ok(found), Ok(grant)) => (caller.exchange(&stage.gateway, found, &grant, &path, world.now, request_id), grant),
        (Err(refusal), _) => (caller.refused(&stage.gateway, place, *refusal, world.now, request_id), Grant::default()),
        (Ok(_), Err(refusal)) => {
            (caller.refused(&stage.gateway, place, refusal, world.now, request_id), Grant::default())
        }
    };
    let mut heap = Heap::new(Limits::DEFAULT.memory);
    if let Some(context) = &world.context
        && let Err(why) = give_context(&mut exchange, context, &mut heap)
    {
        played.unanswered.push(format!("the context cannot be read: {why}"));
        return played;
    }
    let mut recorder = watching
        .records
        .then(|| Recorder::new(&exchange, stage.program.chain(place, &grant), world.now, &entropy, stage.hide()));
    let mut trace = watching.traces.then(|| Tracing::begin(&exchange, &stage.gateway));
    let mut machine = stage.program.machine(place, &grant, exchange, Spare::from(heap), world.now, entropy);
    let inspector = trace.as_ref().map(Tracing::observer);
    let observers: Vec<_> =
        watching.observer.into_iter().chain(recorder.as_ref().map(Recorder::observer)).chain(inspector).collect();
    if !observers.is_empty() {
        machine.observe(Box::new(observers));
    }
    let mut streams = vec![request_body];
    let mut open: Vec<(EffectId, Answer)> = Vec::new();
    let mut sleeping: Vec<(Moment, EffectId)> = Vec::new();
    loop {
        if let Some(trace) = &trace {
            trace.set_clock(world.now);
        }
        match machine.poll() {
            Poll::Need(id, mut effect) => {
                if let Some(trace) = &mut trace {
                    trace.asked(world.now, id, &effect);
                }
                if let Some(recorder) = &mut recorder {
                    recorder.asked(world.now, id, &mut effect);
                }
                if let Effect::Sleep(wait) = effect {
                    sleeping.push((world.now.after(wait), id));
                } else {
                    let answer = answer(effect, stage.program.backends(), world, answers, &mut streams, &mut played);
                    open.push((id, answer));
                }
            }
            Poll::Cancel(id) => {
                if let Some(recorder) = &mut recorder {
                    recorder.cancelled(world.now, id);
                }
                open.retain(|(own, _)| *own != id);
                sleeping.retain(|(_, own)| *own != id);
            }
            Poll::Idle => {
                // Answers come in the order of the questions; time passes when there is nothing else to wait for.
                if !open.is_empty() {
                    let (id, answer) = open.remove(0);
                    if let Some(recorder) = &mut recorder {
                        recorder.told(world.now, id, &answer);
                    }
                    if let Some(trace) = &mut trace {
                        trace.told(world.now, id, &answer);
                    }
                    machine.answer(id, answer, world.now);
                } else if let Some(at) = (0..sleeping.len()).min_by_key(|&at| sleeping[at]) {
                    let (until, id) = sleeping.remove(at);
                    world.now = world.now.max(until);
                    if let Some(recorder) = &mut recorder {
                        recorder.told(world.now, id, &Answer::Done);
                    }
                    machine.answer(id, Answer::Done, world.now);
                } else if played.response.is_some() {
                    if let Some(recorder) = &mut recorder {
                        recorder.sent(world.now);
                    }
                    machine.sent(world.now);
                } else {
                    break;
                }
            }
            Poll::Respond(mut response) => {
                if let Some(recorder) = &mut recorder {
                    recorder.responding(world.now, &mut response);
                }
                let mut map = std::mem::take(&mut response.headers).into_map();
                headers::strip_hop_by_hop(&mut map);
                // A response to HEAD, and 304, announce the length of a body that they do not carry.
                if !head_only && response.status != StatusCode::NOT_MODIFIED {
                    fit_length(&mut map, &response.body);
                }
                response.headers = Headers::from_map(map);
                response.body = Body::Bytes(whole(std::mem::take(&mut response.body), &streams));
                played.response = Some(*response);
            }
            Poll::Finished => break,
        }
    }
    let symbols: Vec<(Symbol, _)> = machine.exchange().variables.clone();
    for (symbol, value) in symbols {
        let text = machine.with_call(|cx| display::display(cx, value)).unwrap_or_default();
        played.variables.insert(symbol.name().to_owned(), text);
    }
    played.last_error = machine.exchange().last_error.clone();
    played.trace = trace.and_then(|trace| trace.finish(world.now));
    played.journal = recorder.map(|recorder| recorder.finish(world.now));
    played
}

fn answer(
    effect: Effect,
    backends: Option<&Backends>,
    world: &mut World,
    answers: &mut Answers,
    streams: &mut Vec<Bytes>,
    played: &mut Played,
) -> Answer {
    // What a journal told, but calls to other servers are shown as calls of this run.
    if let Some(journal) = &mut answers.journal
        && let Some(answer) = journal.take(&effect, backends)
    {
        return answer;
    }
    match effect {
        Effect::Forward(call) => {
            let watched = call.watched;
            let answer = call_out("forward-request", *call, world, answers, streams, played);
            if let (Some(at), Some(backends)) = (watched, backends)
                && let Some(message) = backends::report(backends, at, &answer, world.now)
            {
                played.traces.push(TraceMessage {
                    source: "forward-request".into(),
                    severity: Severity::Information,
                    message: message.into(),
                    metadata: Vec::new(),
                });
            }
            answer
        }
        Effect::ChooseBackend(asked) => Answer::Chosen(backends::choose(backends, &asked, world.now)),
        Effect::Send(call) => call_out("send-request", *call, world, answers, streams, played),
        Effect::SendOneWay(call) => {
            played.calls.push(sent("send-one-way-request", *call, streams));
            Answer::Done
        }
        Effect::ReadBody { stream, limit, .. } => match streams.get(stream.0 as usize) {
            Some(bytes) if bytes.len() as u64 <= limit => Answer::Body(bytes.clone()),
            Some(_) => Answer::Failed(Failure {
                kind: FailureKind::TooLarge,
                message: "The body is too large to be read.".into(),
            }),
            None => Answer::Body(Bytes::new()),
        },
        Effect::CacheLookup { key } => Answer::Cached(world.lookup(&key)),
        Effect::CacheStore { key, value, duration } => {
            let until = world.now.after(duration);
            world.store(key, value, until);
            Answer::Done
        }
        Effect::CacheRemove { key } => {
            world.cache.remove(&key);
            Answer::Done
        }
        Effect::Acquire { key, most } => {
            let taken = world.slots.entry(key).or_default();
            let free = *taken < most;
            *taken += u32::from(free);
            Answer::Acquired(free)
        }
        Effect::Release { key } => {
            if let Some(taken) = world.slots.get_mut(&key) {
                *taken = taken.saturating_sub(1);
            }
            Answer::Done
        }
        Effect::Trace(message) => {
            played.traces.push(*message);
            Answer::Done
        }
        Effect::Slice | Effect::Sleep(_) => Answer::Done,
    }
}

/// A call, and those that its redirects lead to.
fn call_out(
    by: &'static str,
    call: OutboundCall,
    world: &mut World,
    answers: &mut Answers,
    streams: &mut Vec<Bytes>,
    played: &mut Played,
) -> Answer {
    let copy = |call: &OutboundCall| if call.follow_redirects { again(call) } else { None };
    let mut next = copy(&call);
    let mut answer = call_once(by, call, world, answers, streams, played);
    for _ in 0..redirect::MOST {
        let Answer::Response(response) = &answer else { return answer };
        let location = response.headers.first("location").and_then(|value| value.to_str().ok());
        let Some(mut call) = next.take() else { return answer };
        let request = &mut call.request;
        let Some(onward) = redirect::onward(response.status, location, &request.method, &request.url) else {
            return answer;
        };
        onward.fit_headers(request.headers.map_mut());
        if onward.drops_body {
            request.body = Body::Empty;
        }
        (request.method, request.url) = (onward.method, onward.url);
        next = copy(&call);
        answer = call_once(by, call, world, answers, streams, played);
    }
    Answer::Failed(Failure { kind: FailureKind::Connection, message: redirect::ENDLESS.into() })
}

/// The call once more; one whose body streams by is made once only.
fn again(call: &OutboundCall) -> Option<OutboundCall> {
    let body = match &call.request.body {
        Body::Empty => Body::Empty,
        Body::Bytes(bytes) => Body::Bytes(bytes.clone()),
        Body::Stream(_) => return None,
    };
    let Request { method, url, headers, .. } = &call.request;
    let request = Request { method: method.clone(), url: url.clone(), headers: headers.clone(), body };
    Some(OutboundCall { follow_redirects: true, ..OutboundCall::new(request, call.timeout) })
}

fn call_once(
    by: &'static str,
    call: OutboundCall,
    world: &mut World,
    answers: &mut Answers,
    streams: &mut Vec<Bytes>,
    played: &mut Played,
) -> Answer {
    let timeout = call.timeout;
    let call = sent(by, call, streams);
    let fits = |line: &Line| line.method.eq_ignore_ascii_case(&call.method) && same_url(&line.url, &call.url);
    let exact = answers.recorded.iter().position(|(line, _)| line.as_ref().is_some_and(fits));
    let found = exact.or_else(|| answers.recorded.iter().position(|(line, _)| line.is_none()));
    let name = format!("{by}: {} {}", call.method, call.url);
    let told = answers.journal.as_mut().and_then(|journal| journal.call(by, &call.method, &call.url));
    played.calls.push(call);
    let recorded = match told {
        Some((when, recorded)) => {
            world.now = world.now.max(when);
            match recorded {
                Ok(recorded) => Some(recorded),
                Err(why) => {
                    played.unanswered.push(format!("{name}: {why}"));
                    None
                }
            }
        }
        None => found.map(|at| answers.recorded.remove(at).1),
    };
    let response = match (recorded, answers.otherwise) {
        (Some(recorded), _) => match recorded {
            Recorded::Response(response) => response,
            Recorded::Fails(kind) => {
                let message = match kind {
                    FailureKind::Timeout => {
                        if answers.journal.is_none() {
                            world.now = world.now.after(timeout);
                        }
                        format!("no response within {} ms", timeout.as_millis())
                    }
                    _ => "the connection to the backend failed".to_owned(),
                };
                return Answer::Failed(Failure { kind, message: message.into() });
            }
        },
        (None, Otherwise::Empty) => {
            played.assumed += 1;
            Response::new(StatusCode::OK)
        }
        (None, Otherwise::Nothing) => {
            played.unanswered.push(name);
            return Answer::Failed(Failure {
                kind: FailureKind::Unanswered,
                message: "The recording holds no answer to this call.".into(),
            });
        }
    };
    let mut response = response;
    let mut map = response.headers.into_map();
    headers::strip_hop_by_hop(&mut map);
    response.headers = Headers::from_map(map);
    if by == "forward-request"
        && let Body::Bytes(bytes) = std::mem::take(&mut response.body)
    {
        let id = StreamId(streams.len() as u32);
        response.body = Body::stream(id, Some(bytes.len() as u64));
        streams.push(bytes);
    }
    Answer::Response(Box::new(response))
}

/// The URL of an answer is a whole one, or a path that any host may have.
fn same_url(written: &str, called: &str) -> bool {
    if written.starts_with('/') {
        return Url::parse(called).is_ok_and(|url| url.target() == written);
    }
    match Url::parse(written) {
        Ok(url) => url.to_string() == called,
        Err(_) => written == called,
    }
}

/// A call as it goes on the wire.
fn sent(by: &'static str, call: OutboundCall, streams: &[Bytes]) -> Call {
    let mut map = call.request.headers.into_map();
    headers::strip_hop_by_hop(&mut map);
    fit_length(&mut map, &call.request.body);
    let body = whole(call.request.body, streams);
    if let Ok(host) = HeaderValue::from_str(&call.request.url.authority()) {
        headers::set_host(&mut map, &host);
    }
    if by == "forward-request" {
        headers::add_forwarded_for(&mut map, &HeaderValue::from_static("127.0.0.1"));
    }
    Call {
        by,
        method: call.request.method.to_string(),
        url: call.request.url.to_string(),
        headers: Headers::from_map(map),
        body,
    }
}

/// The length of a body in memory is written anew, as on the wire.
fn fit_length(map: &mut http::HeaderMap, body: &Body) {
    let length = match body {
        Body::Bytes(bytes) => bytes.len(),
        Body::Empty if map.contains_key(http::header::CONTENT_LENGTH) => 0,
        Body::Empty | Body::Stream(_) => return,
    };
    map.insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
}

/// A body's bytes, taps applied.
fn whole(body: Body, streams: &[Bytes]) -> Bytes {
    match body {
        Body::Empty => Bytes::new(),
        Body::Bytes(bytes) => bytes,
        Body::Stream(stream) => {
            let mut bytes = streams.get(stream.id.0 as usize).cloned().unwrap_or_default();
            for mut tap in stream.taps {
                let head = tap.chunk(bytes);
                let tail = tap.end();
                bytes = if tail.is_empty() { head } else { [head, tail].concat().into() };
            }
            bytes
        }
    }
}
