//! Connections to other servers: per worker and authority a queue of idle HTTP/1.1 connections, opened when none is
//! free. In: a call. Out: the response's head with its body still on the wire, or why there is none.

use super::body::LiveBody;
use super::egress::Egress;
use super::server::FREE_HEADERS;
use crate::drivers::headers;
use crate::gateway::model::ECHO_HOST;
use crate::message::Url;
use crate::vm::effect::{Failure, FailureKind};
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustc_hash::{FxHashMap, FxHasher};
use std::cell::{OnceCell, RefCell};
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

#[derive(Clone, Debug)]
pub struct Limits {
    pub connect_timeout: Duration,
    /// A connection unused for this long is closed.
    pub idle_timeout: Duration,
    /// A connection older than this is not used again, so that changes of DNS are seen.
    pub lifetime: Duration,
    /// Idle connections kept per authority and worker.
    pub idle_connections: usize,
    pub most_headers: usize,
    /// Every call goes here, in plain text, whatever its URL says: one server stands in for all others.
    pub stand_in: Option<SocketAddr>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connect_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(60),
            lifetime: Duration::from_secs(600),
            idle_connections: 1024,
            most_headers: FREE_HEADERS,
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
    tls: OnceCell<tokio_rustls::TlsConnector>,
}

/// One server: scheme, host and port.
struct Authority {
    tls: bool,
    host: Arc<str>,
    port: u16,
    host_header: HeaderValue,
    idle: RefCell<VecDeque<Pooled>>,
}

struct Pooled {
    sender: SendRequest<LiveBody>,
    born: Instant,
    used: Instant,
}

/// What is sent.
pub struct Call {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: LiveBody,
}

fn failed(kind: FailureKind, message: impl Into<Box<str>>) -> Failure {
    Failure { kind, message: message.into() }
}

impl Upstream {
    pub fn new(limits: Limits, echo: Arc<OnceLock<SocketAddr>>, egress: Egress) -> Upstream {
        Upstream { limits, echo, egress, authorities: RefCell::default(), tls: OnceCell::new() }
    }

    /// Sends a request and waits for the response's head.
    pub async fn send(&self, call: Call) -> Result<Response<Incoming>, Failure> {
        let Call { method, url, mut headers, body } = call;
        if self.limits.stand_in.is_none() {
            self.egress.spares_admin(&url).await?;
        }
        let authority = self.authority(&url)?;
        let uri = target(url).map_err(|error| failed(FailureKind::Connection, error))?;
        headers::set_host(&mut headers, &authority.host_header);
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        if let Some(mut pooled) = self.idle(&authority) {
            let copy = copy_of(&request);
            match pooled.sender.try_send_request(request).await {
                Ok(response) => {
                    self.keep(&authority, pooled);
                    return Ok(response);
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
        let mut pooled = self.connect(&authority).await?;
        match pooled.sender.send_request(request).await {
            Ok(response) => {
                self.keep(&authority, pooled);
                Ok(response)
            }
            Err(error) => Err(cut(&error)),
        }
    }

    fn authority(&self, url: &Url) -> Result<Rc<Authority>, Failure> {
        let (tls, port) = (url.is_tls(), url.effective_port());
        let mut hasher = FxHasher::default();
        (tls, port, &*url.host).hash(&mut hasher);
        let authorities = &mut *self.authorities.borrow_mut();
        let same = authorities.entry(hasher.finish()).or_default();
        if let Some(found) = same.iter().find(|own| own.tls == tls && own.port == port && own.host == url.host) {
            return Ok(Rc::clone(found));
        }
        let host_header = HeaderValue::from_str(&url.authority())
            .map_err(|_| failed(FailureKind::Connection, format!("`{}` is no host name", url.host)))?;
        let authority = Authority { tls, host: url.host.clone(), port, host_header, idle: RefCell::default() };
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
    }

    async fn connect(&self, authority: &Authority) -> Result<Pooled, Failure> {
        let opened = tokio::time::timeout(self.limits.connect_timeout, self.open(authority)).await;
        let sender = opened.unwrap_or_else(|_| {
            let message = format!("no connection to {}:{} in time", authority.host, authority.port);
            Err(failed(FailureKind::Connection, message))
        })?;
        let born = Instant::now();
        Ok(Pooled { sender, born, used: born })
    }

    async fn open(&self, authority: &Authority) -> Result<SendRequest<LiveBody>, Failure> {
        let named = |error: &dyn std::fmt::Display| {
            failed(FailureKind::Connection, format!("{}:{}: {error}", authority.host, authority.port))
        };
        let bare = authority.host.trim_start_matches('[').trim_end_matches(']');
        let own = if bare == ECHO_HOST { self.echo.get().copied() } else { None };
        let stream = match self.limits.stand_in.or(own) {
            Some(address) => TcpStream::connect(address).await,
            None => self.egress.connect(bare, authority.port).await,
        };
        let stream = stream.map_err(|error| named(&error))?;
        stream.set_nodelay(true).map_err(|error| named(&error))?;
        let mut builder = http1::Builder::new();
        if self.limits.most_headers != FREE_HEADERS {
            builder.max_headers(self.limits.most_headers);
        }
        if !authority.tls || self.limits.stand_in.is_some() {
            let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|error| named(&error))?;
            // How it ends is told to whoever waits for a response or reads a body.
            tokio::task::spawn_local(async move { drop(connection.await) });
            return Ok(sender);
        }
        let name = rustls::pki_types::ServerName::try_from(bare.to_owned()).map_err(|error| named(&error))?;
        let stream = self.tls()?.connect(name, stream).await.map_err(|error| named(&error))?;
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|error| named(&error))?;
        tokio::task::spawn_local(async move { drop(connection.await) });
        Ok(sender)
    }

    fn tls(&self) -> Result<&tokio_rustls::TlsConnector, Failure> {
        if let Some(ready) = self.tls.get() {
            return Ok(ready);
        }
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(FailureKind::Connection, error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(self.tls.get_or_init(|| tokio_rustls::TlsConnector::from(Arc::new(config))))
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
                !idle.is_empty() || Rc::strong_count(authority) > 1
            });
            !same.is_empty()
        });
    }
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
    failed(FailureKind::Connection, format!("the connection to the backend failed: {error}"))
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
        LiveBody::Bytes(_) | LiveBody::Stream(_) => {
            headers.remove(header::CONTENT_LENGTH);
        }
    }
}
