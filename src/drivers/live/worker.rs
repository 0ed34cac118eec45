//! What the requests of one worker share, and who is at the other end of a connection. Nothing here is shared between
//! workers but the configuration, the state and the counts.

use super::clock::Entropy;
use super::deadline::Deadlines;
use super::front::activity::Activity;
use super::observe::View;
use super::options::Options;
use super::reload::Seen;
use super::state::State;
use super::upstream::Upstream;
use crate::dotnet::context::Rare;
use crate::drivers::process::{Process, Program};
use crate::gateway::{Gateway, Router};
use http::header::HeaderValue;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Notify;

/// What requests are answered with.
#[derive(Debug)]
pub struct Configuration<P> {
    pub gateway: Gateway,
    pub router: Router,
    pub program: P,
}

/// What a worker's requests share.
pub struct Worker<P: Program> {
    pub configuration: Seen<Configuration<P>>,
    pub upstream: Upstream,
    pub state: Arc<dyn State>,
    pub view: View,
    pub entropy: Entropy,
    pub deadlines: Deadlines,
    pub options: Arc<Options>,
    /// What goes on without a caller: one-way requests, processes whose caller was served or has left.
    background: RefCell<VecDeque<Background>>,
    more_background: Notify,
    /// What finished requests left for the next ones.
    spares: RefCell<Vec<<P::Process as Process>::Spare>>,
}

/// Spares beyond these are freed.
const MOST_SPARES: usize = 64;

pub type Background = Pin<Box<dyn Future<Output = ()>>>;

impl<P: Program> Worker<P> {
    pub fn new(
        configuration: Seen<Configuration<P>>,
        upstream: Upstream,
        state: Arc<dyn State>,
        view: View,
        options: Arc<Options>,
    ) -> Worker<P> {
        Worker {
            configuration,
            upstream,
            state,
            view,
            entropy: Entropy::new(),
            deadlines: Deadlines::new(Instant::now()),
            options,
            background: RefCell::default(),
            more_background: Notify::new(),
            spares: RefCell::default(),
        }
    }

    /// A body may be dropped where nothing can be spawned, so that its leftovers wait here.
    pub fn go_on(&self, task: Background) {
        self.background.borrow_mut().push_back(task);
        self.more_background.notify_one();
    }

    pub fn spare(&self) -> Option<<P::Process as Process>::Spare> {
        self.spares.borrow_mut().pop()
    }

    /// Keeps what a finished process leaves.
    pub fn give_back(&self, process: P::Process) {
        let spares = &mut *self.spares.borrow_mut();
        if spares.len() < MOST_SPARES {
            spares.push(process.into_spare());
        }
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
    /// Under TLS.
    pub secure: bool,
    /// A proxy whose word about where a request came from counts.
    pub trusted: bool,
    /// What few connections have: a client certificate.
    pub rare: Option<Arc<Rare>>,
    pub activity: Rc<Activity>,
}
