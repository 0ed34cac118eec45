//! What a machine asks of its driver, and what the driver may answer.
//!
//! Both are plain data, so that a recording can hold them. Drivers match both without a wildcard.

pub use crate::message::{ClientIdentity, ProxyServer, Transport};
use crate::message::{Request, Response, StreamId};
use bytes::Bytes;
use smallvec::SmallVec;
use std::sync::Arc;
use std::time::Duration;

/// Names one open effect of one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EffectId(pub u32);

/// A point in time: 100 ns ticks since 0001-01-01 UTC, as .NET counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    pub const TICKS_PER_SECOND: i64 = 10_000_000;
    /// Ticks of 1970-01-01.
    pub const UNIX_EPOCH: Moment = Moment(621_355_968_000_000_000);

    /// This moment and a duration later.
    pub fn after(self, wait: Duration) -> Moment {
        Moment(self.0.saturating_add(i64::try_from(wait.as_nanos() / 100).unwrap_or(i64::MAX)))
    }

    /// The time from `earlier` to this moment; zero when it is the other way round.
    pub fn since(self, earlier: Moment) -> Duration {
        let ticks = u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0);
        Duration::new(ticks / 10_000_000, (ticks % 10_000_000) as u32 * 100)
    }
}

/// Which of the exchange's two bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Request,
    Response,
}

/// A call to another server.
#[derive(Debug)]
pub struct OutboundCall {
    pub request: Request,
    /// From the connection's start to the response's headers.
    pub timeout: Duration,
    pub follow_redirects: bool,
    /// Speak HTTP/2 (`2` or `2or1`) where the driver can.
    pub http2: Http2,
    /// Hand over the response's body once it is whole.
    pub buffer_response: bool,
    /// TLS rules, client certificate and proxy; `None`: the defaults.
    pub transport: Option<Arc<Transport>>,
    /// How long the body of a request that expects it is held back for a `100 Continue`; `None`: it is not.
    pub continue_timeout: Option<Duration>,
    /// Which backend entity this call belongs to, when one was named.
    pub backend: Option<Arc<str>>,
    /// The member of the backend's pool that takes the call.
    pub member: Option<Arc<str>>,
    /// The backend whose breaker counts how the call ends, by its place among the gateway's.
    pub watched: Option<u32>,
}

impl OutboundCall {
    /// A plain call, of no backend entity.
    pub fn new(request: Request, timeout: Duration) -> OutboundCall {
        OutboundCall {
            request,
            timeout,
            follow_redirects: false,
            http2: Http2::No,
            buffer_response: false,
            transport: None,
            continue_timeout: None,
            backend: None,
            member: None,
            watched: None,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Http2 {
    #[default]
    No,
    Yes,
    WithFallback,
}

/// What a machine asks for.
#[derive(Debug)]
pub enum Effect {
    /// `forward-request`: the response's body may stream. Answer: `Response` or `Failed`.
    Forward(Box<OutboundCall>),
    /// `send-request`: the response arrives buffered. Answer: `Response` or `Failed`.
    Send(Box<OutboundCall>),
    /// `send-one-way-request`: nobody waits for what comes of it. Answer: `Done`.
    SendOneWay(Box<OutboundCall>),
    /// Evaluation has reached a body that is still a stream: buffer it, up to `limit` bytes. Answer: `Body` or `Failed`.
    ReadBody { side: Side, stream: StreamId, limit: u64 },
    /// Answer: `Done` when the time has come.
    Sleep(Duration),
    /// Answer: `Cached`.
    CacheLookup { key: Box<str> },
    /// Answer: `Done`.
    CacheStore { key: Box<str>, value: CacheValue, duration: Duration },
    /// Answer: `Done`.
    CacheRemove { key: Box<str> },
    /// `limit-concurrency`: takes a slot when fewer than `most` are taken. Answer: `Acquired`.
    Acquire { key: Box<str>, most: u32 },
    /// Gives a slot back. Answer: `Done`.
    Release { key: Box<str> },
    /// A backend with a breaker or members is to be called: who takes the call. Answer: `Chosen`.
    ChooseBackend(Box<ChooseBackend>),
    /// A message for the trace, at a severity. Answer: `Done`.
    Trace(Box<TraceMessage>),
    /// A slice of fuel is used up: let others run. Answer: `Done`.
    Slice,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChooseBackend {
    /// Its place among the gateway's backends, and its name.
    pub at: u32,
    pub name: Arc<str>,
    /// What the caller's cookie says of the member that it was sent to before.
    pub session: Option<Box<str>>,
    /// The backends that this request has called already, by their places.
    pub tried: SmallVec<[u32; 4]>,
}

/// Who takes a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The backend at this place, by this name. `session` is the cookie's new value, where the caller does not have it yet.
    Backend { at: u32, name: Arc<str>, session: Option<Box<str>> },
    /// Nobody: the backend's breaker is open, or those of all its members.
    Open,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceMessage {
    pub source: Box<str>,
    pub severity: Severity,
    pub message: Box<str>,
    pub metadata: Vec<(Box<str>, Box<str>)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    #[default]
    Verbose,
    Information,
    Error,
}

/// A value as a cache keeps it: plain data that outlives the request's heap.
#[derive(Clone, Debug, PartialEq)]
pub enum CacheValue {
    Null,
    Bool(bool),
    /// With the .NET name of its type: `System.Int32`, `System.Decimal`, ...
    Scalar {
        type_name: Box<str>,
        text: Box<str>,
    },
    Text(Box<str>),
    Bytes(Bytes),
    /// Compact JSON of a Newtonsoft token.
    Json(Box<str>),
    /// A whole response (`cache-store`).
    Response(std::sync::Arc<CachedResponse>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct CachedResponse {
    pub status: u16,
    pub reason: Option<Box<str>>,
    pub headers: crate::message::Headers,
    pub body: Bytes,
}

/// What a driver tells a machine.
#[derive(Debug)]
pub enum Answer {
    Response(Box<Response>),
    Body(Bytes),
    Cached(Option<CacheValue>),
    Acquired(bool),
    Chosen(Choice),
    Done,
    Failed(Failure),
}

/// The world failed: data, so that a recording can hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: FailureKind,
    /// For LastError and the trace; holds no secret.
    pub message: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// No connection, or it was cut: LastError `BackendConnectionFailure`.
    Connection,
    /// No response in time: LastError `Timeout`.
    Timeout,
    /// A body grew past its limit.
    TooLarge,
    /// The caller went away: LastError `ClientConnectionFailure`.
    ClientGone,
    /// A recording holds no answer to this effect.
    Unanswered,
    /// The driver does not do this.
    Refused,
}
