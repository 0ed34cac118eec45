//! What lies outside of the requests that are played: what answers their effects from a recording, in virtual time.

use super::http_file::{Line, Recorded};
use super::journal::{Given, Told};
use super::played::{Call, Played};
use crate::drivers::backends;
use crate::drivers::headers;
use crate::drivers::redirect;
use crate::effect::{Answer, CacheValue, Effect, Failure, FailureKind, Moment, OutboundCall, Severity, TraceMessage};
use crate::gateway::backends::Backends;
use crate::message::{Body, HeaderValue, Headers, Request, Response, StatusCode, StreamId, Url};
use bytes::Bytes;
use serde_json::Value as Json;
use std::collections::HashMap;

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
    pub(super) fn entropy(&mut self) -> [u8; 32] {
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

/// The world as one request meets it.
pub struct Outside<'a> {
    pub backends: Option<&'a Backends>,
    pub world: &'a mut World,
    pub answers: &'a mut Answers,
    /// Bodies, by the number of their stream.
    pub streams: Vec<Bytes>,
    /// What comes of the request.
    pub played: Played,
}

impl Outside<'_> {
    pub fn answer(&mut self, effect: Effect) -> Answer {
        // What a journal told, but calls to other servers are shown as calls of this run.
        if let Some(journal) = &mut self.answers.journal
            && let Some(answer) = journal.take(&effect, self.backends)
        {
            return answer;
        }
        match effect {
            Effect::Forward(call) => {
                let watched = call.watched;
                let answer = self.call_out("forward-request", *call);
                if let (Some(at), Some(backends)) = (watched, self.backends)
                    && let Some(message) = backends::report(backends, at, &answer, self.world.now)
                {
                    self.played.traces.push(TraceMessage {
                        source: "forward-request".into(),
                        severity: Severity::Information,
                        message: message.into(),
                        metadata: Vec::new(),
                    });
                }
                answer
            }
            Effect::ChooseBackend(asked) => Answer::Chosen(backends::choose(self.backends, &asked, self.world.now)),
            Effect::Send(call) => self.call_out("send-request", *call),
            Effect::SendOneWay(call) => {
                self.played.calls.push(sent("send-one-way-request", *call, &self.streams));
                Answer::Done
            }
            Effect::ReadBody { stream, limit, .. } => match self.streams.get(stream.0 as usize) {
                Some(bytes) if bytes.len() as u64 <= limit => Answer::Body(bytes.clone()),
                Some(_) => Answer::Failed(Failure {
                    kind: FailureKind::TooLarge,
                    message: "The body is too large to be read.".into(),
                }),
                None => Answer::Body(Bytes::new()),
            },
            Effect::CacheLookup { key } => Answer::Cached(self.world.lookup(&key)),
            Effect::CacheStore { key, value, duration } => {
                let until = self.world.now.after(duration);
                self.world.store(key, value, until);
                Answer::Done
            }
            Effect::CacheRemove { key } => {
                self.world.cache.remove(&key);
                Answer::Done
            }
            Effect::Acquire { key, most } => {
                let taken = self.world.slots.entry(key).or_default();
                let free = *taken < most;
                *taken += u32::from(free);
                Answer::Acquired(free)
            }
            Effect::Release { key } => {
                if let Some(taken) = self.world.slots.get_mut(&key) {
                    *taken = taken.saturating_sub(1);
                }
                Answer::Done
            }
            Effect::Trace(message) => {
                self.played.traces.push(*message);
                Answer::Done
            }
            Effect::Slice | Effect::Sleep(_) => Answer::Done,
        }
    }

    /// A call, and those that its redirects lead to.
    fn call_out(&mut self, by: &'static str, call: OutboundCall) -> Answer {
        let copy = |call: &OutboundCall| if call.follow_redirects { again(call) } else { None };
        let mut next = copy(&call);
        let mut answer = self.call_once(by, call);
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
            answer = self.call_once(by, call);
        }
        Answer::Failed(Failure { kind: FailureKind::Connection, message: redirect::ENDLESS.into() })
    }

    fn call_once(&mut self, by: &'static str, call: OutboundCall) -> Answer {
        let timeout = call.timeout;
        let call = sent(by, call, &self.streams);
        let fits = |line: &Line| line.method.eq_ignore_ascii_case(&call.method) && same_url(&line.url, &call.url);
        let exact = self.answers.recorded.iter().position(|(line, _)| line.as_ref().is_some_and(fits));
        let found = exact.or_else(|| self.answers.recorded.iter().position(|(line, _)| line.is_none()));
        let name = format!("{by}: {} {}", call.method, call.url);
        let told = self.answers.journal.as_mut().and_then(|journal| journal.call(by, &call.method, &call.url));
        self.played.calls.push(call);
        let recorded = match told {
            Some((when, recorded)) => {
                self.world.now = self.world.now.max(when);
                match recorded {
                    Ok(recorded) => Some(recorded),
                    Err(why) => {
                        self.played.unanswered.push(format!("{name}: {why}"));
                        None
                    }
                }
            }
            None => found.map(|at| self.answers.recorded.remove(at).1),
        };
        let response = match (recorded, self.answers.otherwise) {
            (Some(recorded), _) => match recorded {
                Recorded::Response(response) => response,
                Recorded::Fails(kind) => {
                    let message = match kind {
                        FailureKind::Timeout => {
                            if self.answers.journal.is_none() {
                                self.world.now = self.world.now.after(timeout);
                            }
                            format!("no response within {} ms", timeout.as_millis())
                        }
                        _ => "the connection to the backend failed".to_owned(),
                    };
                    return Answer::Failed(Failure { kind, message: message.into() });
                }
            },
            (None, Otherwise::Empty) => {
                self.played.assumed += 1;
                Response::new(StatusCode::OK)
            }
            (None, Otherwise::Nothing) => {
                self.played.unanswered.push(name);
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
            let id = StreamId(self.streams.len() as u32);
            response.body = Body::stream(id, Some(bytes.len() as u64));
            self.streams.push(bytes);
        }
        Answer::Response(Box::new(response))
    }
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
pub(super) fn fit_length(map: &mut http::HeaderMap, body: &Body) {
    let length = match body {
        Body::Bytes(bytes) => bytes.len(),
        Body::Empty if map.contains_key(http::header::CONTENT_LENGTH) => 0,
        Body::Empty | Body::Stream(_) => return,
    };
    map.insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
}

/// A body's bytes, taps applied.
pub(super) fn whole(body: Body, streams: &[Bytes]) -> Bytes {
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
