//! Workers, listeners, connections, draining. In: options and a configuration. Each worker is a thread with a runtime
//! and a listener of its own on the same port, so that the kernel spreads connections over them.

use super::access_log::{AccessLog, Format};
use super::exchange::{self, Parts, Peer, Worker};
use super::reload::{Current, Seen};
use super::state::State;
use super::upstream::{Limits as UpstreamLimits, Upstream};
use crate::drivers::process::Program;
use crate::gateway::{Gateway, Router};
use http::header::HeaderValue;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};

/// What requests are answered with.
#[derive(Debug)]
pub struct Configuration<P> {
    pub gateway: Gateway,
    pub router: Router,
    pub program: P,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub listen: SocketAddr,
    pub workers: usize,
    pub access_log: Option<Format>,
    /// How long draining waits for requests that are under way.
    pub drain_timeout: Duration,
    /// A connection that sends no whole head, or nothing at all, for this long is closed.
    pub header_timeout: Duration,
    /// The longest request head, in bytes.
    pub longest_head: usize,
    pub most_headers: usize,
    /// Connections at once, over all workers.
    pub connections: usize,
    /// The longest body that is buffered.
    pub body_limit: u64,
    pub upstream: UpstreamLimits,
    /// Where the echo service listens, when the configuration uses it.
    pub echo: Option<SocketAddr>,
}

impl Options {
    pub fn new(listen: SocketAddr) -> Options {
        Options {
            listen,
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            access_log: None,
            drain_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(75),
            longest_head: 64 * 1024,
            most_headers: 128,
            connections: 65_536,
            body_limit: 64 << 20,
            upstream: UpstreamLimits::default(),
            echo: None,
        }
    }
}

/// A service that runs.
pub struct Server<P> {
    address: SocketAddr,
    configuration: Arc<Current<Configuration<P>>>,
    drain: watch::Sender<bool>,
    workers: Vec<JoinHandle<()>>,
}

/// Binds, and starts the workers.
pub fn start<P: Program>(
    options: Options,
    configuration: Configuration<P>,
    state: Arc<dyn State>,
) -> io::Result<Server<P>> {
    let workers = options.workers.max(1);
    let mut address = options.listen;
    let mut listeners = Vec::with_capacity(workers);
    for _ in 0..workers {
        let listener = listen(address)?;
        // Port 0 is settled by the first.
        address = listener.local_addr()?;
        listeners.push(listener);
    }
    let current = Arc::new(Current::new(configuration));
    let (drain, draining) = watch::channel(false);
    let mut threads = Vec::with_capacity(workers);
    for (index, listener) in listeners.into_iter().enumerate() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (options, current, state) = (options.clone(), Arc::clone(&current), Arc::clone(&state));
        let draining = draining.clone();
        let run = move || {
            let worker = Rc::new(Worker::new(Parts {
                configuration: Seen::new(current),
                upstream: Upstream::new(options.upstream.clone(), options.echo),
                state,
                log: options.access_log.map(AccessLog::new),
                body_limit: options.body_limit,
            }));
            tokio::task::LocalSet::new().block_on(&runtime, work(worker, listener, options, draining));
        };
        threads.push(std::thread::Builder::new().name(format!("worker-{index}")).spawn(run)?);
    }
    Ok(Server { address, configuration: current, drain, workers: threads })
}

impl<P> Server<P> {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Requests that come from now on are answered with this configuration.
    pub fn replace(&self, configuration: Configuration<P>) {
        self.configuration.replace(configuration);
    }

    /// Takes no more connections, lets requests under way end, and returns when all is quiet or the time is up.
    pub fn drain(self) {
        // Workers that are gone need no word.
        let _ = self.drain.send(true);
        for worker in self.workers {
            let _ = worker.join();
        }
    }
}

/// A listener that shares its port with those of the other workers. It joins a runtime when it is first used.
fn listen(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _entered = runtime.enter();
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    #[cfg(unix)]
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    socket.listen(1024)?.into_std()
}

const SWEEP: Duration = Duration::from_millis(500);

async fn work<P: Program>(
    worker: Rc<Worker<P>>,
    listener: std::net::TcpListener,
    options: Options,
    mut draining: watch::Receiver<bool>,
) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let background = Rc::clone(&worker);
    tokio::task::spawn_local(async move {
        loop {
            tokio::task::spawn_local(background.next_background().await);
        }
    });
    let swept = Rc::clone(&worker);
    tokio::task::spawn_local(async move {
        loop {
            tokio::time::sleep(SWEEP).await;
            swept.upstream.sweep();
            if let Some(log) = &swept.log {
                log.flush();
            }
        }
    });
    let most = options.connections.div_ceil(options.workers.max(1)).max(1);
    let places = Arc::new(Semaphore::new(most));
    loop {
        let place = tokio::select! {
            _ = draining.wait_for(|drain| *drain) => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let accepted = tokio::select! {
            _ = draining.wait_for(|drain| *drain) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                let (worker, draining) = (Rc::clone(&worker), draining.clone());
                let options = options.clone();
                tokio::task::spawn_local(async move {
                    serve_connection(worker, stream, address, &options, draining).await;
                    drop(place);
                });
            }
            // Out of file handles, or the caller was gone already: neither is helped by haste.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
    drop(listener);
    let until = Instant::now() + options.drain_timeout;
    while places.available_permits() < most && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // What callers left behind, such as a slot to give back, takes a moment at most.
    tokio::task::yield_now().await;
    if let Some(log) = &worker.log {
        log.flush();
    }
}

async fn serve_connection<P: Program>(
    worker: Rc<Worker<P>>,
    stream: TcpStream,
    address: SocketAddr,
    options: &Options,
    mut draining: watch::Receiver<bool>,
) {
    // Without it a small response may wait for an acknowledgement; the connection works all the same.
    let _ = stream.set_nodelay(true);
    let ip = address.ip().to_canonical().to_string();
    let Ok(header) = HeaderValue::from_str(&ip) else { return };
    let peer = Rc::new(Peer { address: ip.into(), header });
    let service =
        hyper::service::service_fn(move |request| exchange::handle(Rc::clone(&worker), Rc::clone(&peer), request));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .max_buf_size(options.longest_head.max(8192))
        .max_headers(options.most_headers)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        biased;
        // A connection that fails has nobody left to be told.
        _ = connection.as_mut() => return,
        _ = draining.wait_for(|drain| *drain) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
