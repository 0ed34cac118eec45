//! Workers, listeners, draining. In: options and a configuration. Each worker is a thread with a runtime and listeners of
//! its own on the same ports, so that the kernel spreads connections over them.

use super::clock;
use super::egress::Egress;
use super::front::activity::Connections;
use super::front::connection::{self, Front};
use super::observe::{Observatory, admin};
use super::options::Options;
use super::reload::{Current, Seen};
use super::state::State;
use super::upstream::Upstream;
use super::worker::{Configuration, Worker};
use crate::drivers::process::Program;
use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Semaphore, watch};

/// A service that runs.
pub struct Server<P> {
    addresses: Vec<SocketAddr>,
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
    let options = Arc::new(options);
    let workers = options.workers.max(1);
    let mut addresses: Vec<SocketAddr> = options.listeners.iter().map(|own| own.address).collect();
    let mut listeners = Vec::with_capacity(workers);
    for _ in 0..workers {
        let mut own = Vec::with_capacity(addresses.len());
        for (address, about) in addresses.iter_mut().zip(&options.listeners) {
            let listener =
                listen(*address).map_err(|error| io::Error::new(error.kind(), format!("{address}: {error}")))?;
            // Port 0 is settled by the first worker.
            *address = listener.local_addr()?;
            own.push((listener, about.tls));
        }
        listeners.push(own);
    }
    let current = Arc::new(Current::new(configuration));
    let (drain, draining) = watch::channel(false);
    let (observatory, views) = Observatory::new(&options.observe, workers)?;
    let in_force = Arc::clone(&current);
    let states = move || in_force.get().program.backends().map(|own| own.states(clock::now())).unwrap_or_default();
    // Set here alone.
    let _ = observatory.backends.set(Box::new(states));
    let (stop_admin, admin_stopped) = watch::channel(false);
    let admin = match options.observe.admin {
        Some(address) => Some(admin::start(address, Arc::clone(&observatory), admin_stopped)?),
        None => None,
    };
    if let (Some(tracing), Some(admin)) = (&observatory.tracing, admin) {
        let _ = tracing.admin.set(admin);
    }
    let mut threads = Vec::with_capacity(workers);
    for (index, (listeners, view)) in listeners.into_iter().zip(views).enumerate() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (options, current, state) = (Arc::clone(&options), Arc::clone(&current), Arc::clone(&state));
        let draining = draining.clone();
        let counts = Arc::clone(&view.counter.counts);
        let egress = Egress::new(options.egress_allow.clone(), admin, counts);
        let run = move || {
            let upstream = Upstream::new(options.upstream.clone(), Arc::clone(&options.echo), egress);
            let worker = Rc::new(Worker::new(Seen::new(current), upstream, state, view, options));
            tokio::task::LocalSet::new().block_on(&runtime, work(worker, listeners, draining));
        };
        threads.push(std::thread::Builder::new().name(format!("worker-{index}")).spawn(run)?);
    }
    Ok(Server {
        addresses,
        configuration: current,
        drain,
        workers: threads,
        observatory,
        admin,
        _stop_admin: stop_admin,
    })
}

impl<P> Server<P> {
    /// The first listener's.
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// In the order of the options' listeners.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
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

const SWEEP: Duration = Duration::from_millis(250);

async fn work<P: Program>(
    worker: Rc<Worker<P>>,
    listeners: Vec<(std::net::TcpListener, bool)>,
    mut draining: watch::Receiver<bool>,
) {
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
    let options = Arc::clone(&worker.options);
    let connections = Rc::new(Connections::new());
    let swept = Rc::clone(&worker);
    let (swept_connections, patience) = (Rc::clone(&connections), options.patience);
    tokio::task::spawn_local(async move {
        loop {
            tokio::time::sleep(SWEEP).await;
            swept.deadlines.tick(Instant::now());
            swept.upstream.sweep();
            swept_connections.sweep(&patience);
            swept.view.flush();
        }
    });
    // Each listener holds a place for whoever comes next.
    let most = options.connections.div_ceil(options.workers.max(1)).max(1) + listeners.len().saturating_sub(1);
    let places = Arc::new(Semaphore::new(most));
    let mut accepting = Vec::new();
    for (listener, tls) in listeners {
        let Ok(listener) = TcpListener::from_std(listener) else { continue };
        let front = Front { worker: Rc::clone(&worker), connections: Rc::clone(&connections) };
        accepting.push(tokio::task::spawn_local(accept(listener, tls, front, Arc::clone(&places))));
    }
    // Without a server there is nobody to drain.
    let _ = draining.wait_for(|drain| *drain).await;
    for task in accepting {
        task.abort();
    }
    connections.drain();
    let until = Instant::now() + options.drain_timeout;
    // What callers left behind, such as a log to send, is under way too.
    while (places.available_permits() < most || under_way.get() > 0 || worker.has_background())
        && Instant::now() < until
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.view.flush();
}

/// Takes connections while there are places for them. Those that come then wait in the system's queue.
async fn accept<P: Program>(listener: TcpListener, tls: bool, front: Front<P>, places: Arc<Semaphore>) {
    let tls = if tls { front.worker.options.tls.clone().map(Seen::new) } else { None };
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, address)) => {
                let tls = tls.as_ref().map(|tls| Arc::clone(&**tls.get()));
                let front = front.clone();
                tokio::task::spawn_local(async move {
                    connection::serve(front, stream, address, tls).await;
                    drop(place);
                });
            }
            // Out of file handles, or the caller was gone already: neither is helped by haste.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
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
