//! What a service is started with, and what holds where nothing is said.

use super::egress;
use super::front::activity::Patience;
use super::front::forwarded::Trust;
use super::observe;
use super::reload::Current;
use super::upstream::Limits as UpstreamLimits;
use crate::drivers::headers::FREE_HEADERS;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Options {
    pub listeners: Vec<Listener>,
    /// For listeners that speak TLS; may be replaced while the service runs.
    pub tls: Option<Arc<Current<Arc<rustls::ServerConfig>>>>,
    /// Whose word about where a request came from counts.
    pub trust: Trust,
    pub workers: usize,
    /// Whom policies may call; `None`: anybody.
    pub egress_allow: Option<Arc<[egress::Pattern]>>,
    /// What operators see.
    pub observe: observe::Options,
    /// How long draining waits for requests that are under way.
    pub drain_timeout: Duration,
    pub patience: Patience,
    /// The longest request head, in bytes.
    pub longest_head: usize,
    pub most_headers: usize,
    /// The longest body of a request.
    pub longest_body: u64,
    /// How long a request may take as a whole: from its head to its response's last byte.
    pub request_timeout: Option<Duration>,
    /// Requests at once on one HTTP/2 connection.
    pub streams: u32,
    /// Connections at once, over all workers.
    pub connections: usize,
    /// The longest body that is buffered.
    pub body_limit: u64,
    pub upstream: UpstreamLimits,
    /// Where the echo service listens, once it does.
    pub echo: Arc<OnceLock<SocketAddr>>,
}

#[derive(Clone, Copy, Debug)]
pub struct Listener {
    pub address: SocketAddr,
    pub tls: bool,
}

impl Options {
    /// Plain HTTP at this address.
    pub fn new(listen: SocketAddr) -> Options {
        Options {
            listeners: vec![Listener { address: listen, tls: false }],
            tls: None,
            trust: Trust::default(),
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            egress_allow: None,
            observe: observe::Options::default(),
            drain_timeout: Duration::from_secs(30),
            patience: Patience::default(),
            longest_head: 64 * 1024,
            most_headers: FREE_HEADERS,
            longest_body: 1 << 30,
            request_timeout: None,
            streams: 128,
            connections: 65_536,
            body_limit: 64 << 20,
            upstream: UpstreamLimits::default(),
            echo: Arc::default(),
        }
    }
}
