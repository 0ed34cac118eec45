//! One request: routed, begun as a process, its effects performed, its response handed to hyper. The process lives on
//! inside the response's body until the last byte was sent, or until the caller has left.

use super::access_log::{AccessLog, Entry};
use super::body::{self, LiveBody, Streams, Trouble};
use super::clock::{self, Entropy};
use super::reload::Seen;
use super::server::Configuration;
use super::state::State;
use super::upstream::{self, Upstream};
use crate::dotnet::context::Exchange;
use crate::drivers::headers;
use crate::drivers::process::{Poll as Asked, Process, Program};
use crate::gateway::route::{self, Refusal};
use crate::message::{Body, Headers, Request, Response, StatusCode, Url};
use crate::vm::effect::{Answer, Effect, EffectId, Failure, FailureKind, Http2, OutboundCall, Severity};
use bytes::Bytes;
use http::header::{self, HeaderValue};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::sync::Notify;

/// What a worker's requests share.
pub struct Worker<P: Program> {
    pub configuration: Seen<Configuration<P>>,
    pub upstream: Upstream,
    pub state: Arc<dyn State>,
    pub log: Option<AccessLog>,
    pub entropy: Entropy,
    /// Bodies are buffered up to this length, whatever a policy asks for.
    pub body_limit: u64,
    /// What goes on without a caller: one-way requests, processes whose caller was served or has left.
    background: RefCell<VecDeque<Background>>,
    more_background: Notify,
}

type Background = Pin<Box<dyn Future<Output = ()>>>;

/// What a worker is made of.
pub struct Parts<P: Program> {
    pub configuration: Seen<Configuration<P>>,
    pub upstream: Upstream,
    pub state: Arc<dyn State>,
    pub log: Option<AccessLog>,
    pub body_limit: u64,
}

impl<P: Program> Worker<P> {
    pub fn new(parts: Parts<P>) -> Worker<P> {
        let Parts { configuration, upstream, state, log, body_limit } = parts;
        Worker {
            configuration,
            upstream,
            state,
            log,
            entropy: Entropy::new(),
            body_limit,
            background: RefCell::default(),
            more_background: Notify::new(),
        }
    }

    /// A body may be dropped where nothing can be spawned, so that its leftovers wait here.
    fn go_on(&self, task: Background) {
        self.background.borrow_mut().push_back(task);
        self.more_background.notify_one();
    }

    pub fn has_background(&self) -> bool {
        !self.background.borrow().is_empty()
    }

    /// The next thing to do in the background.
    pub async fn next_background(&self) -> Background {
        loop {
            if let Some(task) = self.background.borrow_mut().pop_front() {
                return task;
            }
            self.more_background.notified().await;
        }
    }
}

/// Who is at the other end of a connection.
pub struct Peer {
    pub address: Box<str>,
    pub header: HeaderValue,
}

/// A process with all that its effects need.
pub struct Running<P: Program> {
    process: P::Process,
    worker: Rc<Worker<P>>,
    peer: Rc<Peer>,
    streams: Rc<RefCell<Streams>>,
    /// Handed out and not answered.
    open: SmallVec<[EffectId; 2]>,
    /// Handed out and not begun.
    waiting: Waiting,
    log: Option<Box<Entry>>,
}

type Waiting = SmallVec<[(EffectId, Effect); 1]>;

pub type HyperResponse<P> = http::Response<ResponseBody<P>>;

/// Answers one request. What a caller must be told is a response; nothing fails past that.
pub async fn handle<P: Program>(
    worker: Rc<Worker<P>>,
    peer: Rc<Peer>,
    request: http::Request<Incoming>,
) -> Result<HyperResponse<P>, std::convert::Infallible> {
    let configuration = worker.configuration.get();
    let head_only = *request.method() == http::Method::HEAD;
    let mut log = worker.log.as_ref().map(|_| {
        Box::new(Entry {
            begun: Instant::now(),
            client: peer.address.clone(),
            method: request.method().clone(),
            path: request.uri().path().into(),
            api: None,
            operation: None,
            status: 0,
            bytes: 0,
            trouble: None,
        })
    });
    match begin(&worker, &peer, &configuration, request, &mut log) {
        Ok((process, streams)) => {
            let running = Box::new(Running {
                process,
                worker: Rc::clone(&worker),
                peer,
                streams: Rc::new(RefCell::new(streams)),
                open: SmallVec::new(),
                waiting: SmallVec::new(),
                log,
            });
            let mut guard = Guard(Some(running));
            let running = guard.0.as_mut().expect("the guard was just filled");
            let response = running.until_response().await;
            let running = guard.0.take().expect("only this function and drop empty the guard");
            Ok(respond(running, response, head_only))
        }
        Err(refusal) => Ok(refuse(*refusal, log, &worker)),
    }
}

type Begun<P> = (<P as Program>::Process, Streams);

/// Routes a request and begins its process, or refuses it.
fn begin<P: Program>(
    worker: &Worker<P>,
    peer: &Peer,
    configuration: &Configuration<P>,
    request: http::Request<Incoming>,
    log: &mut Option<Box<Entry>>,
) -> Result<Begun<P>, Box<Response>> {
    let (mut head, incoming) = request.into_parts();
    let original_url = original_url(&head)
        .ok_or_else(|| Box::new(route::plain_error(StatusCode::BAD_REQUEST, "The request names no valid host")))?;
    headers::strip_hop_by_hop(&mut head.headers);
    headers::mark_host(&mut head.headers);
    let headers = Headers::from_map(head.headers);
    let gateway = &configuration.gateway;
    let path = route::normalise(&original_url.path);
    let query = original_url.query.as_deref();
    let place = configuration
        .router
        .route(&head.method, &path, query, &headers)
        .map_err(|refusal| Box::new(refusal.response(None, "")))?;
    let api = &gateway.apis[place.api];
    let operation = &api.operations[place.operation];
    if let Some(log) = log {
        log.api = Some(Arc::clone(&api.facts));
        log.operation = Some(Arc::clone(&operation.facts));
    }
    let grant = configuration.router.authorise(gateway, place.api, &headers, query).map_err(|refusal: Refusal| {
        let base = format!("{}://{}/{}", original_url.scheme, original_url.authority(), api.facts.path);
        Box::new(refusal.response(Some(api), &base))
    })?;
    let url = backend_url(api.facts.service_url.as_ref(), &original_url, &path[place.suffix..]);
    let mut streams = Streams::default();
    let body = streams.body_of(incoming);
    let (Some(entropy), Some(request_id)) = (worker.entropy.take(), worker.entropy.take()) else {
        return Err(Box::new(route::plain_error(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")));
    };
    let now = clock::now();
    let exchange = Exchange {
        request_id,
        timestamp: now,
        elapsed: None,
        tracing: false,
        request: Request { method: head.method, url, headers, body },
        original_url,
        client_ip: peer.address.clone(),
        response: None,
        matched_parameters: place.parameters.clone(),
        api: Some(Arc::clone(&api.facts)),
        operation: Some(Arc::clone(&operation.facts)),
        product: grant.product.map(|product| Arc::clone(&gateway.products[product].facts)),
        subscription: grant.subscription.clone(),
        user: None,
        deployment: Arc::clone(&gateway.deployment),
        last_error: None,
        variables: Vec::new(),
        request_body_consumed: false,
        response_body_consumed: false,
        traces: Vec::new(),
        backend: None,
    };
    Ok((configuration.program.begin(gateway, &place, &grant, exchange, now, entropy), streams))
}

/// The URL as the caller wrote it. `None` when it names no host, or more than one.
fn original_url(head: &http::request::Parts) -> Option<Url> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let named = hosts.next();
    if hosts.next().is_some() {
        return None;
    }
    let authority = match (head.uri.authority(), named) {
        (Some(authority), _) => authority.as_str(),
        (None, Some(host)) => host.to_str().ok()?,
        (None, None) if head.version == http::Version::HTTP_10 => "localhost",
        (None, None) => return None,
    };
    if authority.is_empty() || authority.contains(['/', '?', '#', '@', ' ']) {
        return None;
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (authority, None),
    };
    Some(Url {
        scheme: "http".into(),
        host: host.into(),
        port,
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
    })
}

/// The API's backend and what follows the API's path; without a backend, the gateway's own URL.
fn backend_url(service: Option<&Url>, original: &Url, suffix: &str) -> Url {
    let query = original.query.clone();
    let Some(service) = service else {
        return Url { path: suffix_path("", suffix), query, ..original.clone() };
    };
    let path = suffix_path(service.path.trim_end_matches('/'), suffix);
    Url { scheme: service.scheme.clone(), host: service.host.clone(), port: service.port, path, query }
}

fn suffix_path(base: &str, suffix: &str) -> String {
    let mut path = String::with_capacity(base.len() + suffix.len() + 1);
    path.push_str(base);
    path.push_str(suffix);
    if path.is_empty() {
        path.push('/');
    }
    path
}

// ---- driving

enum Step {
    /// The process waits; these were cancelled.
    Wait(SmallVec<[EffectId; 1]>),
    Respond(Box<Response>),
    Finished,
}

impl<P: Program> Running<P> {
    /// Answers what can be answered at once, until the process waits, responds or ends.
    fn step(&mut self) -> Step {
        let mut cancelled = SmallVec::new();
        loop {
            match self.process.poll() {
                Asked::Need(id, effect) => match self.at_once(effect) {
                    Ok(answer) => self.process.answer(id, answer, clock::now()),
                    Err(effect) => {
                        self.open.push(id);
                        self.waiting.push((id, effect));
                    }
                },
                Asked::Cancel(id) => {
                    self.open.retain(|own| *own != id);
                    self.waiting.retain(|(own, _)| *own != id);
                    cancelled.push(id);
                }
                Asked::Idle => return Step::Wait(cancelled),
                Asked::Respond(response) => return Step::Respond(response),
                Asked::Finished => return Step::Finished,
            }
        }
    }

    /// Effects that need no waiting.
    fn at_once(&mut self, effect: Effect) -> Result<Answer, Effect> {
        let state = &self.worker.state;
        Ok(match effect {
            Effect::CacheLookup { key } => Answer::Cached(state.lookup(&key, Instant::now())),
            Effect::CacheStore { key, value, duration } => {
                state.store(&key, value, duration, Instant::now());
                Answer::Done
            }
            Effect::CacheRemove { key } => {
                state.remove(&key);
                Answer::Done
            }
            Effect::Acquire { key, most } => Answer::Acquired(state.acquire(&key, most)),
            Effect::Release { key } => {
                state.release(&key);
                Answer::Done
            }
            Effect::Trace(message) => {
                if message.severity == Severity::Error
                    && let Some(log) = &mut self.log
                {
                    log.trouble = Some(format!("{}: {}", message.source, message.message).into());
                }
                Answer::Done
            }
            Effect::SendOneWay(call) => {
                let (worker, streams, peer) =
                    (Rc::clone(&self.worker), Rc::clone(&self.streams), Rc::clone(&self.peer));
                self.worker
                    .go_on(Box::pin(async move { drop(send(worker, peer, streams, *call, Kind::OneWay).await) }));
                Answer::Done
            }
            later @ (Effect::Forward(_)
            | Effect::Send(_)
            | Effect::ReadBody { .. }
            | Effect::Sleep(_)
            | Effect::Slice) => return Err(later),
        })
    }

    fn answered(&mut self, id: EffectId, answer: Answer) {
        self.open.retain(|own| *own != id);
        if let (Answer::Failed(failure), Some(log)) = (&answer, &mut self.log) {
            log.trouble = Some(failure.message.clone());
        }
        self.process.answer(id, answer, clock::now());
    }

    fn perform(&self, effect: Effect) -> impl Future<Output = Answer> + use<P> {
        perform(Rc::clone(&self.worker), Rc::clone(&self.peer), Rc::clone(&self.streams), effect)
    }

    /// Drives to the response; `None` when the process ends without one.
    async fn until_response(&mut self) -> Option<Box<Response>> {
        let mut together: Vec<(EffectId, Pin<Box<dyn Future<Output = Answer>>>)> = Vec::new();
        loop {
            let cancelled = match self.step() {
                Step::Wait(cancelled) => cancelled,
                Step::Respond(response) => return Some(response),
                Step::Finished => return None,
            };
            together.retain(|(id, _)| !cancelled.contains(id));
            let mut waiting = std::mem::take(&mut self.waiting);
            // The usual case: one thing at a time, without a box.
            if together.is_empty() && waiting.len() == 1 {
                let (id, effect) = waiting.remove(0);
                let answer = self.perform(effect).await;
                self.answered(id, answer);
                continue;
            }
            for (id, effect) in waiting {
                together.push((id, Box::pin(self.perform(effect))));
            }
            if together.is_empty() {
                // Waiting for nothing is a broken promise of the process, and no reason to hang.
                return None;
            }
            let (id, answer) = std::future::poll_fn(|cx| {
                for at in 0..together.len() {
                    if let Poll::Ready(answer) = together[at].1.as_mut().poll(cx) {
                        let (id, _) = together.swap_remove(at);
                        return Poll::Ready((id, answer));
                    }
                }
                Poll::Pending
            })
            .await;
            self.answered(id, answer);
        }
    }

    /// The access-log line, once.
    fn log(&mut self) {
        if let (Some(entry), Some(log)) = (self.log.take(), &self.worker.log) {
            log.write(&entry);
        }
    }
}

/// Does what is left when nobody waits for the response any more.
async fn until_finished<P: Program>(mut running: Box<Running<P>>) {
    while running.until_response().await.is_some() {}
}

/// Tells the process how its response ended; what it then waits for goes on in the background.
fn finish<P: Program>(mut running: Box<Running<P>>, sent: bool) {
    if std::thread::panicking() {
        // A bug ends its own request; driving its process on could end the whole service.
        return;
    }
    if let (false, Some(log)) = (sent, &mut running.log) {
        log.trouble.get_or_insert_with(|| "the caller left".into());
    }
    running.log();
    let now = clock::now();
    if sent {
        running.process.sent(now);
    } else {
        running.process.caller_left(now);
        for id in std::mem::take(&mut running.open) {
            let failure = Failure { kind: FailureKind::ClientGone, message: "the caller left".into() };
            running.process.answer(id, Answer::Failed(failure), now);
        }
    }
    loop {
        match running.step() {
            Step::Respond(_) => {}
            Step::Finished => return,
            Step::Wait(_) if running.waiting.is_empty() => return,
            Step::Wait(_) => break,
        }
    }
    let worker = Rc::clone(&running.worker);
    worker.go_on(Box::pin(until_finished(running)));
}

/// Holds a process whose response is awaited. hyper drops the waiting when the caller leaves.
struct Guard<P: Program>(Option<Box<Running<P>>>);

impl<P: Program> Drop for Guard<P> {
    fn drop(&mut self) {
        if let Some(running) = self.0.take() {
            finish(running, false);
        }
    }
}

// ---- effects that wait

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Forward,
    Send,
    OneWay,
}

async fn perform<P: Program>(
    worker: Rc<Worker<P>>,
    peer: Rc<Peer>,
    streams: Rc<RefCell<Streams>>,
    effect: Effect,
) -> Answer {
    match effect {
        Effect::Forward(call) => send(worker, peer, streams, *call, Kind::Forward).await,
        Effect::Send(call) => send(worker, peer, streams, *call, Kind::Send).await,
        Effect::ReadBody { side, stream, limit } => {
            let taken = streams.borrow_mut().take(stream);
            let Some(incoming) = taken else {
                return failed(FailureKind::Connection, "the body was sent or read already");
            };
            match body::gather(incoming, limit.min(worker.body_limit)).await {
                Ok(bytes) => Answer::Body(bytes),
                Err(Trouble::TooLarge) => failed(FailureKind::TooLarge, "the body is larger than what is buffered"),
                Err(Trouble::Broken(error)) => {
                    let kind = match side {
                        crate::vm::effect::Side::Request => FailureKind::ClientGone,
                        crate::vm::effect::Side::Response => FailureKind::Connection,
                    };
                    failed(kind, format!("the body broke off: {error}"))
                }
            }
        }
        Effect::Sleep(wait) => {
            tokio::time::sleep(wait).await;
            Answer::Done
        }
        Effect::Slice => {
            tokio::task::yield_now().await;
            Answer::Done
        }
        Effect::SendOneWay(_)
        | Effect::CacheLookup { .. }
        | Effect::CacheStore { .. }
        | Effect::CacheRemove { .. }
        | Effect::Acquire { .. }
        | Effect::Release { .. }
        | Effect::Trace(_) => unreachable!("at_once() answers what needs no waiting"),
    }
}

fn failed(kind: FailureKind, message: impl Into<Box<str>>) -> Answer {
    Answer::Failed(Failure { kind, message: message.into() })
}

/// As many as browsers follow.
const MOST_REDIRECTS: usize = 20;

async fn send<P: Program>(
    worker: Rc<Worker<P>>,
    peer: Rc<Peer>,
    streams: Rc<RefCell<Streams>>,
    call: OutboundCall,
    kind: Kind,
) -> Answer {
    let OutboundCall { request, timeout, follow_redirects, http2, buffer_response: _, proxy, backend: _ } = call;
    if proxy.is_some() {
        return failed(FailureKind::Refused, "requests through a proxy server are not sent by this version");
    }
    if http2 == Http2::Yes {
        return failed(FailureKind::Refused, "HTTP/2 to a backend is not spoken by this version");
    }
    let Request { method, url, headers, body } = request;
    let Ok(body) = streams.borrow_mut().live(body) else {
        let message = "the body was sent already and was not buffered, so that it cannot be sent again";
        return failed(FailureKind::Connection, message);
    };
    let mut headers = headers.into_map();
    headers::strip_hop_by_hop(&mut headers);
    headers.remove(header::EXPECT);
    if kind == Kind::Forward {
        headers::add_forwarded_for(&mut headers, &peer.header);
    }
    upstream::fit_length(&mut headers, &body);
    let sending = async {
        let call = upstream::Call { method, url, headers, body };
        if follow_redirects { follow(&worker, call).await } else { worker.upstream.send(call).await }
    };
    let response = match tokio::time::timeout(timeout, sending).await {
        Ok(Ok(response)) => response,
        Ok(Err(failure)) => return Answer::Failed(failure),
        Err(_) => {
            let message = format!("no response within {} ms", timeout.as_millis());
            return failed(FailureKind::Timeout, message);
        }
    };
    let (mut head, incoming) = response.into_parts();
    headers::strip_hop_by_hop(&mut head.headers);
    let body = match kind {
        Kind::OneWay => Body::Empty,
        Kind::Forward => streams.borrow_mut().body_of(incoming),
        Kind::Send => match body::gather(incoming, worker.body_limit).await {
            Ok(bytes) if bytes.is_empty() => Body::Empty,
            Ok(bytes) => Body::Bytes(bytes),
            Err(Trouble::TooLarge) => {
                return failed(FailureKind::TooLarge, "the response is larger than what is buffered");
            }
            Err(Trouble::Broken(error)) => {
                return failed(FailureKind::Connection, format!("the response broke off: {error}"));
            }
        },
    };
    let reason = head
        .extensions
        .get::<hyper::ext::ReasonPhrase>()
        .and_then(|reason| std::str::from_utf8(reason.as_bytes()).ok())
        .map(Into::into);
    Answer::Response(Box::new(Response { status: head.status, reason, headers: Headers::from_map(head.headers), body }))
}

/// Sends, and goes where redirects lead, as long as the body can be sent again.
async fn follow<P: Program>(worker: &Worker<P>, mut call: upstream::Call) -> Result<http::Response<Incoming>, Failure> {
    for _ in 0..MOST_REDIRECTS {
        let copy = call.body.copy().map(|body| upstream::Call {
            method: call.method.clone(),
            url: call.url.clone(),
            headers: call.headers.clone(),
            body,
        });
        let response = worker.upstream.send(call).await?;
        let Some(mut next) = copy else { return Ok(response) };
        let Some(url) = redirect_target(&response, &next.url) else { return Ok(response) };
        let status = response.status();
        let to_get = status == StatusCode::SEE_OTHER
            || (next.method == http::Method::POST && matches!(status.as_u16(), 301 | 302));
        if to_get && next.method != http::Method::HEAD {
            next.method = http::Method::GET;
            next.body = LiveBody::Empty;
            next.headers.remove(header::CONTENT_LENGTH);
            next.headers.remove(header::CONTENT_TYPE);
        }
        if url.host != next.url.host || url.effective_port() != next.url.effective_port() {
            next.headers.remove(header::AUTHORIZATION);
        }
        next.headers.remove(header::HOST);
        next.url = url;
        call = next;
    }
    Err(Failure { kind: FailureKind::Connection, message: "the backend redirects without end".into() })
}

fn redirect_target(response: &http::Response<Incoming>, from: &Url) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    if location.contains("://") {
        return Url::parse(location).ok().filter(|url| url.is_tls() || !from.is_tls());
    }
    let location = location.split('#').next().unwrap_or_default();
    let (path, query) = match location.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (location, None),
    };
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        let folder = from.path.rfind('/').map_or("/", |at| &from.path[..=at]);
        format!("{folder}{path}")
    };
    Some(Url { path: route::normalise(&path).into_owned(), query, ..from.clone() })
}

// ---- the response

/// The body of a response, with the process that is told how it ends.
pub struct ResponseBody<P: Program> {
    body: LiveBody,
    broken: bool,
    running: Option<Box<Running<P>>>,
}

fn respond<P: Program>(
    mut running: Box<Running<P>>,
    response: Option<Box<Response>>,
    head_only: bool,
) -> HyperResponse<P> {
    let response = response
        .unwrap_or_else(|| Box::new(route::plain_error(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")));
    let Response { status, reason, headers, body } = *response;
    let live = running.streams.borrow_mut().live(body);
    let body = live.unwrap_or_else(|()| {
        if let Some(log) = &mut running.log {
            log.trouble = Some("the response's body was read already".into());
        }
        LiveBody::Empty
    });
    let mut answer = head_of(status, reason, headers, &body, head_only);
    if let Some(log) = &mut running.log {
        log.status = status.as_u16();
    }
    let body = if head_only { LiveBody::Empty } else { body };
    *answer.body_mut() = ResponseBody { body, broken: false, running: Some(running) };
    answer
}

fn head_of<P: Program>(
    status: StatusCode,
    reason: Option<Box<str>>,
    headers: Headers,
    body: &LiveBody,
    head_only: bool,
) -> HyperResponse<P> {
    let mut answer = http::Response::new(ResponseBody { body: LiveBody::Empty, broken: false, running: None });
    *answer.status_mut() = status;
    let mut headers = headers.into_map();
    headers::strip_hop_by_hop(&mut headers);
    match body {
        LiveBody::Bytes(bytes) if head_only => {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        }
        // A response to HEAD, and 304, announce the length of a body that they do not carry.
        _ if head_only || status == StatusCode::NOT_MODIFIED => {}
        body => upstream::fit_length(&mut headers, body),
    }
    *answer.headers_mut() = headers;
    if let Some(reason) = reason.filter(|reason| Some(&**reason) != status.canonical_reason())
        && let Ok(reason) = hyper::ext::ReasonPhrase::try_from(reason.as_bytes())
    {
        answer.extensions_mut().insert(reason);
    }
    answer
}

/// An answer of the gateway's own.
fn refuse<P: Program>(response: Response, log: Option<Box<Entry>>, worker: &Worker<P>) -> HyperResponse<P> {
    let Response { status, reason, headers, body } = response;
    let body = LiveBody::Bytes(body.bytes().map(Bytes::copy_from_slice).unwrap_or_default());
    if let (Some(mut entry), Some(log)) = (log, &worker.log) {
        entry.status = status.as_u16();
        entry.bytes = body.size_hint().lower();
        log.write(&entry);
    }
    let mut answer = head_of(status, reason, headers, &body, false);
    *answer.body_mut() = ResponseBody { body, broken: false, running: None };
    answer
}

impl<P: Program> hyper::body::Body for ResponseBody<P> {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let own = &mut *self;
        let frame = std::task::ready!(Pin::new(&mut own.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let (Some(data), Some(log)) =
                    (frame.data_ref(), own.running.as_mut().and_then(|own| own.log.as_mut()))
                {
                    log.bytes += data.len() as u64;
                }
            }
            Some(Err(error)) => {
                own.broken = true;
                if let Some(log) = own.running.as_mut().and_then(|own| own.log.as_mut()) {
                    log.trouble = Some(format!("the response broke off: {error}").into());
                }
            }
            None => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<P: Program> Drop for ResponseBody<P> {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            finish(running, !self.broken && self.body.is_end_stream());
        }
    }
}
