//! Connections to other servers: per worker, authority and transport a queue of idle HTTP/1.1 connections, opened when
//! none is free, or one HTTP/2 connection that calls share. In: a call. Out: the response's head with its body still on
//! the wire, or why there is none.

mod head;
mod open;
mod proxy;
mod tls;

use super::body::LiveBody;
use super::egress::Egress;
use crate::drivers::headers::{self, FREE_HEADERS};
use crate::effect::{Failure, FailureKind, Http2};
use crate::message::{Transport, Url};
use bytes::Bytes;
use head::HeadBound;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::upgrade::Upgraded;
use open::Opened;
use rustc_hash::{FxHashMap, FxHasher};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
pub use tls::Authorities;
use tokio::sync::Notify;

#[derive(Clone, Debug)]
pub struct Limits {
    pub connect_timeout: Duration,
    /// A connection unused for this long is closed.
    pub idle_timeout: Duration,
    /// A connection older than this is not used again, so that changes of DNS are seen.
    pub lifetime: Duration,
    /// Connections per worker to one authority over one transport; calls beyond them wait.
    pub connections: usize,
    /// Idle connections kept of those.
    pub idle_connections: usize,
    pub most_headers: usize,
    pub authorities: Arc<Authorities>,
    /// Every call goes here, in plain text, whatever its URL says: one server stands in for all others.
    pub stand_in: Option<SocketAddr>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connect_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(60),
            lifetime: Duration::from_secs(600),
            connections: 8192,
            idle_connections: 1024,
            most_headers: FREE_HEADERS,
            authorities: Arc::default(),
            stand_in: None,
        }
    }
}

/// The connections of one worker.
pub struct Upstream {
    limits: Limits,
    /// Where `echo.localhost` lives.
    echo: Arc<OnceLock<SocketAddr>>,
    pub egress: Egress,
    authorities: RefCell<FxHashMap<u64, Vec<Rc<Authority>>>>,
}

/// How a server is reached.
#[derive(Clone, Debug, Default)]
pub struct Way {
    pub transport: Option<Arc<Transport>>,
    pub http2: Http2,
    /// A proxy passes the bytes on unread.
    pub tunnel: bool,
}

impl Way {
    fn same(&self, other: &Way) -> bool {
        let transports = match (&self.transport, &other.transport) {
            (None, None) => true,
            (Some(own), Some(other)) => Arc::ptr_eq(own, other) || own == other,
            _ => false,
        };
        transports && self.http2 == other.http2 && self.tunnel == other.tunnel
    }
}

/// One server by one way.
struct Authority {
    tls: bool,
    host: Arc<str>,
    port: u16,
    way: Way,
    host_header: HeaderValue,
    idle: RefCell<VecDeque<Pooled>>,
    /// The HTTP/2 connection that calls share.
    shared: RefCell<Option<Shared>>,
    /// The server was asked for HTTP/2 and chose HTTP/1.1.
    only_http1: Cell<bool>,
    opening: tokio::sync::Mutex<()>,
    crowd: Rc<Crowd>,
    connector: OnceCell<tokio_rustls::TlsConnector>,
}

struct Pooled {
    sender: http1::SendRequest<LiveBody>,
    bound: HeadBound,
    born: Instant,
    used: Instant,
}

struct Shared {
    sender: http2::SendRequest<LiveBody>,
    born: Instant,
    used: Instant,
}

/// How many connections are open, and word for those who wait for one.
#[derive(Default)]
struct Crowd {
    open: Cell<usize>,
    waiting: Cell<usize>,
    changed: Notify,
}

/// An open connection, until it is dropped.
struct Place(Rc<Crowd>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get().saturating_sub(1));
        self.0.tell();
    }
}

impl Crowd {
    fn tell(&self) {
        if self.waiting.get() > 0 {
            self.changed.notify_one();
        }
    }
}

/// What is sent.
pub struct Call {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: LiveBody,
    pub way: Way,
}

fn failed(kind: FailureKind, message: impl Into<Box<str>>) -> Failure {
    Failure { kind, message: message.into() }
}

impl Upstream {
    pub fn new(limits: Limits, echo: Arc<OnceLock<SocketAddr>>, egress: Egress) -> Upstream {
        Upstream { limits, echo, egress, authorities: RefCell::default() }
    }

    /// Sends a request and waits for the response's head.
    pub async fn send(&self, call: Call) -> Result<Response<Incoming>, Failure> {
        self.send_prepared(call, |_| ()).await
    }

    /// As [`Upstream::send`]; `prepare` has a last look at the request.
    pub async fn send_prepared(
        &self,
        call: Call,
        prepare: impl FnOnce(&mut Request<LiveBody>),
    ) -> Result<Response<Incoming>, Failure> {
        self.spares_admin(&call.url).await?;
        let (authority, mut request) = self.request(call)?;
        prepare(&mut request);
        if authority.way.http2 != Http2::No && self.limits.stand_in.is_none() && !authority.only_http1.get() {
            match Box::pin(self.send_shared(&authority, request)).await? {
                Ok(response) => return Ok(response),
                Err(unsent) => request = unsent,
            }
        }
        if let Some(mut pooled) = self.idle(&authority) {
            let copy = copy_of(&request);
            pooled.bound.begin();
            match pooled.sender.try_send_request(request).await {
                Ok(response) => {
                    pooled.bound.end();
                    self.keep(&authority, pooled);
                    return self.checked(&authority, response);
                }
                Err(mut error) => match error.take_message() {
                    // Never sent: the connection had closed while it was idle.
                    Some(unsent) => request = unsent,
                    None => match copy {
                        Some(copy) if !error.error().is_parse() => request = copy,
                        _ => return Err(cut(error.error())),
                    },
                },
            }
        }
        // What happens once a connection stands in a box: every request would carry the room for it.
        let mut pooled = Box::pin(self.connect(&authority)).await?;
        pooled.bound.begin();
        match pooled.sender.send_request(request).await {
            Ok(response) => {
                pooled.bound.end();
                self.keep(&authority, pooled);
                self.checked(&authority, response)
            }
            Err(error) => Err(cut(&error)),
        }
    }

    /// Asks a server to change the protocol of a connection of its own. With `101` comes the connection.
    pub async fn upgrade(&self, mut call: Call) -> Result<(Response<Incoming>, Option<Upgraded>), Failure> {
        call.way.http2 = Http2::No;
        call.way.tunnel = true;
        self.spares_admin(&call.url).await?;
        let (authority, mut request) = self.request(call)?;
        request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        request.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        let (mut sender, bound) = self.in_time(&authority, self.open_alone(&authority)).await?;
        bound.begin();
        let mut response = sender.send_request(request).await.map_err(|error| cut(&error))?;
        bound.end();
        if response.status() != http::StatusCode::SWITCHING_PROTOCOLS {
            return Ok((response, None));
        }
        let upgraded = hyper::upgrade::on(&mut response).await.map_err(|error| cut(&error))?;
        Ok((response, Some(upgraded)))
    }

    async fn spares_admin(&self, url: &Url) -> Result<(), Failure> {
        if self.limits.stand_in.is_none() && self.egress.nears_admin(url) {
            return Box::pin(self.egress.spares_admin(url)).await;
        }
        Ok(())
    }

    fn request(&self, call: Call) -> Result<(Rc<Authority>, Request<LiveBody>), Failure> {
        let Call { method, url, mut headers, body, way } = call;
        let authority = self.authority(&url, way)?;
        let uri = target(url).map_err(|error| failed(FailureKind::Connection, error))?;
        headers::set_host(&mut headers, &authority.host_header);
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        if let Some(proxy) = authority.reads_all().filter(|_| self.limits.stand_in.is_none()) {
            if let Some(credentials) = proxy::credentials(proxy) {
                request.headers_mut().insert(header::PROXY_AUTHORIZATION, credentials);
            }
            let host = authority.host_header.clone();
            absolute(&mut request, "http", &host)?;
        }
        Ok((authority, request))
    }

    /// A proxy that wants other credentials is no backend that answers, nor is a server that leaves HTTP unasked.
    fn checked(&self, authority: &Authority, response: Response<Incoming>) -> Result<Response<Incoming>, Failure> {
        if response.status() == http::StatusCode::SWITCHING_PROTOCOLS {
            return Err(failed(FailureKind::Connection, "the backend changes the protocol unasked (101)"));
        }
        let refused = response.status() == http::StatusCode::PROXY_AUTHENTICATION_REQUIRED;
        if refused && authority.way.transport.is_some() && authority.reads_all().is_some() {
            return Err(failed(FailureKind::Connection, "the proxy wants other credentials (407)"));
        }
        Ok(response)
    }

    /// Over HTTP/2. The inner error is a request that was not sent, for a server that speaks HTTP/1.1 alone.
    async fn send_shared(
        &self,
        authority: &Rc<Authority>,
        mut request: Request<LiveBody>,
    ) -> Result<Result<Response<Incoming>, Request<LiveBody>>, Failure> {
        // Once more where a connection closed before it took the request.
        for _ in 0..2 {
            let Some(mut sender) = self.shared(authority).await? else { break };
            let mut sent = Request::new(LiveBody::Empty);
            std::mem::swap(&mut sent, &mut request);
            as_http2(&mut sent, authority.tls)?;
            let copy = copy_of(&sent);
            match sender.try_send_request(sent).await {
                Ok(response) => return Ok(Ok(response)),
                Err(mut error) => match error.take_message().or(copy.filter(|_| sender.is_closed())) {
                    Some(unsent) => {
                        authority.forget(&sender);
                        request = unsent;
                    }
                    None => return Err(cut(error.error())),
                },
            }
        }
        if authority.only_http1.get() && request.uri().authority().is_none() {
            return Ok(Err(request));
        }
        Err(failed(FailureKind::Connection, format!("{}:{} closes its connections", authority.host, authority.port)))
    }

    /// The connection that calls share; opened when there is none. `None` when the server chose HTTP/1.1.
    async fn shared(&self, authority: &Rc<Authority>) -> Result<Option<http2::SendRequest<LiveBody>>, Failure> {
        if let Some(sender) = authority.ready(self.limits.lifetime) {
            return Ok(Some(sender));
        }
        let _turn = authority.opening.lock().await;
        if authority.only_http1.get() {
            return Ok(None);
        }
        if let Some(sender) = authority.ready(self.limits.lifetime) {
            return Ok(Some(sender));
        }
        let place = Place::take(&authority.crowd);
        match self.in_time(authority, self.open(authority, place)).await? {
            Opened::Http2(sender) => {
                let now = Instant::now();
                *authority.shared.borrow_mut() = Some(Shared { sender: sender.clone(), born: now, used: now });
                Ok(Some(sender))
            }
            Opened::Http1(sender, bound) => {
                authority.only_http1.set(true);
                let now = Instant::now();
                authority.idle.borrow_mut().push_back(Pooled { sender, bound, born: now, used: now });
                Ok(None)
            }
        }
    }

    fn authority(&self, url: &Url, way: Way) -> Result<Rc<Authority>, Failure> {
        let (tls, port) = (url.is_tls(), url.effective_port());
        let mut hasher = FxHasher::default();
        (tls, port, &*url.host).hash(&mut hasher);
        if let Some(transport) = &way.transport {
            transport.hash(&mut hasher);
        }
        let authorities = &mut *self.authorities.borrow_mut();
        let same = authorities.entry(hasher.finish()).or_default();
        let known =
            |own: &&Rc<Authority>| own.tls == tls && own.port == port && own.host == url.host && own.way.same(&way);
        if let Some(found) = same.iter().find(known) {
            return Ok(Rc::clone(found));
        }
        let host_header = HeaderValue::from_str(&url.authority())
            .map_err(|_| failed(FailureKind::Connection, format!("`{}` is no host name", url.host)))?;
        // Without TLS there is nobody to choose between the two.
        let only_http1 = way.http2 == Http2::WithFallback && !tls;
        let authority = Authority {
            tls,
            host: url.host.clone(),
            port,
            way,
            host_header,
            idle: RefCell::default(),
            shared: RefCell::default(),
            only_http1: Cell::new(only_http1),
            opening: tokio::sync::Mutex::new(()),
            crowd: Rc::default(),
            connector: OnceCell::new(),
        };
        same.push(Rc::new(authority));
        Ok(Rc::clone(&same[same.len() - 1]))
    }

    /// A connection that can be used now. One whose last body is still being read goes back to the queue's end.
    fn idle(&self, authority: &Authority) -> Option<Pooled> {
        let idle = &mut *authority.idle.borrow_mut();
        let mut busy = 0;
        while let Some(pooled) = idle.pop_back() {
            if pooled.sender.is_closed() || pooled.born.elapsed() > self.limits.lifetime {
                continue;
            }
            if pooled.sender.is_ready() {
                return Some(pooled);
            }
            idle.push_front(pooled);
            busy += 1;
            if busy == 2 {
                return None;
            }
        }
        None
    }

    /// Back to the queue at once: the connection is ready again when the response's body was read.
    fn keep(&self, authority: &Authority, mut pooled: Pooled) {
        let idle = &mut *authority.idle.borrow_mut();
        if idle.len() < self.limits.idle_connections && !pooled.sender.is_closed() {
            pooled.used = Instant::now();
            idle.push_front(pooled);
        }
        authority.crowd.tell();
    }

    /// A new connection, or one that comes free while there is no room for more.
    async fn connect(&self, authority: &Rc<Authority>) -> Result<Pooled, Failure> {
        self.in_time(authority, async {
            let place = match self.room(authority).await {
                Ok(place) => place,
                Err(pooled) => return Ok(pooled),
            };
            match self.open(authority, place).await? {
                Opened::Http1(sender, bound) => {
                    let born = Instant::now();
                    Ok(Pooled { sender, bound, born, used: born })
                }
                Opened::Http2(_) => Err(failed(FailureKind::Connection, "the server speaks HTTP/2 unasked")),
            }
        })
        .await
    }

    async fn in_time<T>(
        &self,
        authority: &Authority,
        opening: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::time::timeout(self.limits.connect_timeout, opening).await.unwrap_or_else(|_| {
            let message = format!("no connection to {}:{} in time", authority.host, authority.port);
            Err(failed(FailureKind::Connection, message))
        })
    }

    async fn room(&self, authority: &Authority) -> Result<Place, Pooled> {
        let crowd = &authority.crowd;
        while crowd.open.get() >= self.limits.connections.max(1) {
            if let Some(pooled) = self.idle(authority) {
                return Err(pooled);
            }
            crowd.waiting.set(crowd.waiting.get() + 1);
            let _waiting = Waiting(crowd);
            let mut changed = std::pin::pin!(crowd.changed.notified());
            std::future::poll_fn(|cx| {
                let ready = |own: &mut Pooled| own.sender.poll_ready(cx).is_ready();
                if authority.idle.borrow_mut().iter_mut().any(ready) {
                    return std::task::Poll::Ready(());
                }
                changed.as_mut().poll(cx)
            })
            .await;
            // Whoever waits next was told of this one too late.
            crowd.changed.notify_one();
        }
        Ok(Place::take(crowd))
    }

    /// Closes what was idle for too long, and forgets servers without connections.
    pub fn sweep(&self) {
        let now = Instant::now();
        self.authorities.borrow_mut().retain(|_, same| {
            same.retain(|authority| {
                let idle = &mut *authority.idle.borrow_mut();
                idle.retain(|pooled| {
                    let rested = pooled.sender.is_ready() && now.duration_since(pooled.used) > self.limits.idle_timeout;
                    !pooled.sender.is_closed() && !rested
                });
                let shared = &mut *authority.shared.borrow_mut();
                let rested =
                    |own: &Shared| own.sender.is_closed() || now.duration_since(own.used) > self.limits.idle_timeout;
                if shared.as_ref().is_some_and(rested) {
                    *shared = None;
                }
                !idle.is_empty() || shared.is_some() || Rc::strong_count(authority) > 1
            });
            !same.is_empty()
        });
    }
}

struct Waiting<'a>(&'a Crowd);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.set(self.0.waiting.get() - 1);
    }
}

impl Place {
    fn take(crowd: &Rc<Crowd>) -> Place {
        crowd.open.set(crowd.open.get() + 1);
        Place(Rc::clone(crowd))
    }
}

impl Authority {
    /// The proxy that reads whole requests: plain HTTP goes to it in the absolute form.
    fn reads_all(&self) -> Option<&crate::message::ProxyServer> {
        let proxy = self.way.transport.as_ref()?.proxy.as_ref()?;
        (!self.tls && self.way.http2 != Http2::Yes && !self.way.tunnel).then_some(proxy)
    }

    fn ready(&self, lifetime: Duration) -> Option<http2::SendRequest<LiveBody>> {
        let shared = &mut *self.shared.borrow_mut();
        let own = shared.as_mut()?;
        if own.sender.is_closed() || own.born.elapsed() > lifetime {
            // Calls under way on it end as they would.
            *shared = None;
            return None;
        }
        own.used = Instant::now();
        Some(own.sender.clone())
    }

    /// Drops the shared connection when this sender belongs to it and it is closed.
    fn forget(&self, sender: &http2::SendRequest<LiveBody>) {
        let shared = &mut *self.shared.borrow_mut();
        if sender.is_closed() && shared.as_ref().is_some_and(|own| own.sender.is_closed()) {
            *shared = None;
        }
    }
}

/// Writes the whole URL where the request has only its path.
fn absolute(request: &mut Request<LiveBody>, scheme: &str, host: &HeaderValue) -> Result<(), Failure> {
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    let wrong = |error: http::Error| failed(FailureKind::Connection, format!("the URL cannot be sent: {error}"));
    parts.scheme = Some(scheme.parse::<http::uri::Scheme>().map_err(|error| wrong(error.into()))?);
    parts.authority = Some(http::uri::Authority::try_from(host.as_bytes()).map_err(|error| wrong(error.into()))?);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|error| wrong(error.into()))?;
    Ok(())
}

/// HTTP/2 says the host in the URL, and `TE` to servers of gRPC.
fn as_http2(request: &mut Request<LiveBody>, tls: bool) -> Result<(), Failure> {
    if request.uri().authority().is_none()
        && let Some(host) = request.headers_mut().remove(header::HOST)
    {
        absolute(request, if tls { "https" } else { "http" }, &host)?;
    }
    let kind = request.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc")) {
        request.headers_mut().insert(header::TE, HeaderValue::from_static("trailers"));
    }
    Ok(())
}

/// The request again, for when a connection closes before its response begins: only what may be sent twice.
fn copy_of(request: &Request<LiveBody>) -> Option<Request<LiveBody>> {
    if !request.method().is_idempotent() {
        return None;
    }
    let mut copy = Request::new(request.body().copy()?);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}

fn target(url: Url) -> Result<Uri, String> {
    let mut target = url.path;
    if let Some(query) = &url.query {
        target.reserve(query.len() + 1);
        target.push('?');
        target.push_str(query);
    }
    Uri::from_maybe_shared(Bytes::from(target)).map_err(|error| format!("the backend's URL cannot be sent: {error}"))
}

fn cut(error: &hyper::Error) -> Failure {
    use std::error::Error as _;
    let why = error.source().map(|why| format!(": {why}")).unwrap_or_default();
    failed(FailureKind::Connection, format!("the connection to the backend failed: {error}{why}"))
}

/// The lengths that a message announces fit its body: hyper writes that of bytes itself.
pub fn fit_length(headers: &mut HeaderMap, body: &LiveBody) {
    match body {
        LiveBody::Empty => {
            if headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0") {
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
        }
        LiveBody::Stream(_) if body.keeps_length() => {}
        LiveBody::Bytes(_) | LiveBody::Stream(_) | LiveBody::Held(_) => {
            headers.remove(header::CONTENT_LENGTH);
        }
    }
}
