//! Workers, listeners, connections, draining. In: options and a configuration. Each worker is a thread with a runtime
//! and a listener of its own on the same port, so that the kernel spreads connections over them.

use super::egress::{self, Egress};
use super::exchange::{self, Parts, Peer, Worker};
use super::observe::{self, Observatory, admin};
use super::reload::{Current, Seen};
use super::state::State;
use super::upstream::{Limits as UpstreamLimits, Upstream};
use crate::drivers::process::Program;
use crate::gateway::{Gateway, Router};
use http::header::HeaderValue;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::task::Waker;
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
    /// Whom policies may call; `None`: anybody.
    pub egress_allow: Option<Arc<[egress::Pattern]>>,
    /// What operators see.
    pub observe: observe::Options,
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
    /// Where the echo service listens, once it does.
    pub echo: Arc<OnceLock<SocketAddr>>,
}

impl Options {
    pub fn new(listen: SocketAddr) -> Options {
        Options {
            listen,
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            egress_allow: None,
            observe: observe::Options::default(),
            drain_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(75),
            longest_head: 64 * 1024,
            most_headers: 128,
            connections: 65_536,
            body_limit: 64 << 20,
            upstream: UpstreamLimits::default(),
            echo: Arc::default(),
        }
    }
}

/// A service that runs.
pub struct Server<P> {
    address: SocketAddr,
    configuration: Arc<Current<Configuration<P>>>,
    drain: watch::Sender<bool>,
    workers: Vec<JoinHandle<()>>,
    observatory: Arc<Observatory>,
    admin: Option<SocketAddr>,
    /// Ends the admin listener when it goes.
    _stop_admin: watch::Sender<bool>,
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
    let (observatory, views) = Observatory::new(&options.observe, workers)?;
    let (stop_admin, admin_stopped) = watch::channel(false);
    let admin = match options.observe.admin {
        Some(address) => Some(admin::start(address, Arc::clone(&observatory), admin_stopped)?),
        None => None,
    };
    if let (Some(tracing), Some(admin)) = (&observatory.tracing, admin) {
        let _ = tracing.admin.set(admin);
    }
    let mut threads = Vec::with_capacity(workers);
    for (index, (listener, view)) in listeners.into_iter().zip(views).enumerate() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (options, current, state) = (options.clone(), Arc::clone(&current), Arc::clone(&state));
        let draining = draining.clone();
        let counts = Arc::clone(&view.counter.counts);
        let egress = Egress::new(options.egress_allow.clone(), admin, counts);
        let run = move || {
            let worker = Rc::new(Worker::new(Parts {
                configuration: Seen::new(current),
                upstream: Upstream::new(options.upstream.clone(), Arc::clone(&options.echo), egress),
                state,
                view,
                body_limit: options.body_limit,
            }));
            tokio::task::LocalSet::new().block_on(&runtime, work(worker, listener, options, draining));
        };
        threads.push(std::thread::Builder::new().name(format!("worker-{index}")).spawn(run)?);
    }
    Ok(Server { address, configuration: current, drain, workers: threads, observatory, admin, _stop_admin: stop_admin })
}

impl<P> Server<P> {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the admin listener is.
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin
    }

    pub fn observatory(&self) -> &Arc<Observatory> {
        &self.observatory
    }

    /// Requests that come from now on are answered with this configuration. Breakers and pools that are defined as they
    /// were go on where they are.
    pub fn replace(&self, mut configuration: Configuration<P>)
    where
        P: Program,
    {
        configuration.program.adopt(&self.configuration.get().program);
        self.configuration.replace(configuration);
        self.observatory.reloaded(true);
    }

    /// Takes no more connections, lets requests under way end, and returns when all is quiet or the time is up.
    pub fn drain(self) {
        self.observatory.drain();
        // Workers that are gone need no word.
        let _ = self.drain.send(true);
        for worker in self.workers {
            let _ = worker.join();
        }
        self.observatory.finish();
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
    let under_way = Rc::new(Cell::new(0_usize));
    let count = Rc::clone(&under_way);
    tokio::task::spawn_local(async move {
        loop {
            let task = background.next_background().await;
            let counted = Counted::new(&count);
            tokio::task::spawn_local(async move {
                task.await;
                drop(counted);
            });
        }
    });
    let swept = Rc::clone(&worker);
    tokio::task::spawn_local(async move {
        loop {
            tokio::time::sleep(SWEEP).await;
            swept.upstream.sweep();
            swept.view.flush();
        }
    });
    let most = options.connections.div_ceil(options.workers.max(1)).max(1);
    let places = Arc::new(Semaphore::new(most));
    let drain = Rc::new(Drain::default());
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
                let (worker, drain) = (Rc::clone(&worker), Rc::clone(&drain));
                let options = options.clone();
                tokio::task::spawn_local(async move {
                    serve_connection(worker, stream, address, &options, &drain).await;
                    drop(place);
                });
            }
            // Out of file handles, or the caller was gone already: neither is helped by haste.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
    drop(listener);
    drain.begin();
    let until = Instant::now() + options.drain_timeout;
    // What callers left behind, such as a log to send, is under way too.
    while (places.available_permits() < most || under_way.get() > 0 || worker.has_background())
        && Instant::now() < until
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.view.flush();
}

/// Counts itself while it lives.
struct Counted(Rc<Cell<usize>>);

impl Counted {
    fn new(count: &Rc<Cell<usize>>) -> Counted {
        count.set(count.get() + 1);
        Counted(Rc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// Word to a worker's connections that they should end. Asking costs a connection nothing but a look at a flag.
#[derive(Default)]
struct Drain {
    begun: Cell<bool>,
    next: Cell<u64>,
    connections: RefCell<FxHashMap<u64, Waker>>,
}

impl Drain {
    fn begin(&self) {
        self.begun.set(true);
        for waker in self.connections.borrow().values() {
            waker.wake_by_ref();
        }
    }
}

async fn serve_connection<P: Program>(
    worker: Rc<Worker<P>>,
    stream: TcpStream,
    address: SocketAddr,
    options: &Options,
    drain: &Drain,
) {
    // Without it a small response may wait for an acknowledgement; the connection works all the same.
    let _ = stream.set_nodelay(true);
    let ip = address.ip().to_canonical().to_string();
    let Ok(header) = HeaderValue::from_str(&ip) else { return };
    let peer = Rc::new(Peer { address: ip.into(), header });
    let viewer = Rc::clone(&worker);
    let _connected = viewer.view.connected();
    let service =
        hyper::service::service_fn(move |request| exchange::handle(Rc::clone(&worker), Rc::clone(&peer), request));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .max_buf_size(options.longest_head.max(8192))
        .max_headers(options.most_headers)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let number = drain.next.get();
    drain.next.set(number + 1);
    let (mut registered, mut told) = (false, false);
    // A connection that fails has nobody left to be told.
    let _ = std::future::poll_fn(|cx| {
        if !registered {
            // A task keeps its waker for life.
            drain.connections.borrow_mut().insert(number, cx.waker().clone());
            registered = true;
        }
        if drain.begun.get() && !told {
            told = true;
            connection.as_mut().graceful_shutdown();
        }
        connection.as_mut().poll(cx)
    })
    .await;
    drain.connections.borrow_mut().remove(&number);
}
