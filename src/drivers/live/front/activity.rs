//! What a client's connection is doing and since when, so that one sweep per worker finds those that take too long. A
//! request pays for it with a few stores; there is no timer per connection.

use crate::effect::{Failure, FailureKind};
use hyper::upgrade::Upgraded;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, Instant};

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From a request's first byte (or the connection's start) to the end of its head, the TLS handshake included.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// For each KiB of a request's body.
    pub body: Duration,
    /// Without taking anything of a response.
    pub send: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        let seconds = Duration::from_secs;
        Patience { head: seconds(30), idle: seconds(75), body: seconds(60), send: seconds(60) }
    }
}

/// Milliseconds since the worker began, as of the last sweep: never 0.
#[derive(Debug)]
pub struct CoarseClock {
    begun: Instant,
    now: Cell<u64>,
}

impl CoarseClock {
    fn new() -> CoarseClock {
        CoarseClock { begun: Instant::now(), now: Cell::new(1) }
    }

    fn advance(&self) -> u64 {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        self.now.set(now);
        now
    }
}

/// Bytes of a body that count as progress.
pub const PROGRESS: usize = 1024;

/// One connection. Points in time are the coarse clock's; 0 is never.
pub struct Activity {
    clock: Rc<CoarseClock>,
    /// When the connection came to rest, or its next request's first byte arrived.
    since: Cell<u64>,
    /// Requests under way.
    requests: Cell<u32>,
    /// The next request's head has begun.
    heard: Cell<bool>,
    multiplexed: Cell<bool>,
    body_awaited: Cell<u64>,
    body_bytes: Cell<u64>,
    /// A request's body broke off, or grew too long, while it was sent on.
    body_failure: Cell<Option<(FailureKind, &'static str)>>,
    sending: Cell<u64>,
    overdue: Cell<bool>,
    /// No protocol was chosen yet.
    fresh: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    /// The other server's end of a connection that changes its protocol.
    upgrade: Cell<Option<Upgraded>>,
}

impl Activity {
    fn new(clock: Rc<CoarseClock>) -> Activity {
        let since = Cell::new(clock.now.get());
        Activity {
            clock,
            since,
            requests: Cell::new(0),
            // Whoever connects is to say something.
            heard: Cell::new(true),
            multiplexed: Cell::new(false),
            body_awaited: Cell::new(0),
            body_bytes: Cell::new(0),
            body_failure: Cell::new(None),
            sending: Cell::new(0),
            overdue: Cell::new(false),
            fresh: Cell::new(true),
            waker: RefCell::default(),
            upgrade: Cell::new(None),
        }
    }

    pub fn overdue(&self) -> bool {
        self.overdue.get()
    }

    /// A request's head began to come, and is not complete.
    pub fn awaits_head(&self) -> bool {
        self.idle() && self.heard.get() && !self.fresh.get() && !self.multiplexed.get()
    }

    pub fn is_fresh(&self) -> bool {
        self.fresh.get()
    }

    pub fn set_chosen(&self) {
        self.fresh.set(false);
    }

    fn idle(&self) -> bool {
        self.requests.get() == 0
    }

    /// Requests share this connection (HTTP/2): the bytes on it say nothing about one of them.
    pub fn set_multiplexed(&self) {
        self.multiplexed.set(true);
        self.heard.set(false);
    }

    pub fn is_multiplexed(&self) -> bool {
        self.multiplexed.get()
    }

    /// A task keeps its waker for life.
    pub fn set_waker(&self, waker: &Waker) {
        *self.waker.borrow_mut() = Some(waker.clone());
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    /// Bytes arrived.
    #[inline]
    pub fn received(&self) {
        if self.requests.get() == 0 && !self.heard.get() && !self.multiplexed.get() {
            self.heard.set(true);
            self.since.set(self.clock.now.get());
        }
    }

    /// Whether the client takes what is sent.
    #[inline]
    pub fn sent(&self, blocked: bool) {
        match (blocked, self.sending.get()) {
            (true, 0) => self.sending.set(self.clock.now.get()),
            (false, 1..) => self.sending.set(0),
            _ => {}
        }
    }

    /// More of a request's body is wanted and not there yet.
    pub fn body_awaited(&self) {
        if self.body_awaited.get() == 0 && !self.multiplexed.get() {
            self.body_awaited.set(self.clock.now.get());
            self.body_bytes.set(0);
        }
    }

    pub fn body_received(&self, bytes: usize) {
        let bytes = self.body_bytes.get() + bytes as u64;
        self.body_bytes.set(bytes);
        if bytes >= PROGRESS as u64 {
            self.body_awaited.set(0);
        }
    }

    pub fn body_ended(&self) {
        self.body_awaited.set(0);
    }

    pub fn body_failed(&self, kind: FailureKind, why: &'static str) {
        self.body_failure.set(Some((kind, why)));
    }

    /// Forgets it.
    pub fn take_body_failure(&self) -> Option<Failure> {
        let (kind, why) = self.body_failure.take()?;
        Some(Failure { kind, message: why.into() })
    }

    pub fn set_upgrade(&self, other: Upgraded) {
        self.upgrade.set(Some(other));
    }

    pub fn take_upgrade(&self) -> Option<Upgraded> {
        self.upgrade.take()
    }

    fn too_slow(&self, now: u64, patience: &Patience) -> bool {
        let over =
            |since: u64, limit: Duration| since != 0 && u128::from(now.saturating_sub(since)) > limit.as_millis();
        if over(self.sending.get(), patience.send) || over(self.body_awaited.get(), patience.body) {
            return true;
        }
        let limit = if self.heard.get() { patience.head } else { patience.idle };
        self.idle() && over(self.since.get(), limit)
    }
}

/// A request under way on its connection, until it is dropped.
pub struct Busy(Rc<Activity>);

impl Busy {
    pub fn new(activity: &Rc<Activity>) -> Busy {
        activity.requests.set(activity.requests.get() + 1);
        activity.heard.set(false);
        Busy(Rc::clone(activity))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.requests.set(self.0.requests.get().saturating_sub(1));
        self.0.since.set(self.0.clock.now.get());
    }
}

/// The connections of one worker.
pub struct Connections {
    clock: Rc<CoarseClock>,
    draining: Cell<bool>,
    next: Cell<u64>,
    open: RefCell<FxHashMap<u64, Rc<Activity>>>,
}

impl Connections {
    pub fn new() -> Connections {
        Connections {
            clock: Rc::new(CoarseClock::new()),
            draining: Cell::new(false),
            next: Cell::new(0),
            open: RefCell::default(),
        }
    }

    /// Notes a connection until the note is dropped.
    pub fn enter(self: &Rc<Self>) -> Noted {
        let number = self.next.get();
        self.next.set(number + 1);
        let activity = Rc::new(Activity::new(Rc::clone(&self.clock)));
        self.open.borrow_mut().insert(number, Rc::clone(&activity));
        Noted { connections: Rc::clone(self), number, activity }
    }

    pub fn draining(&self) -> bool {
        self.draining.get()
    }

    /// Tells all that they should end. Asking costs a connection nothing but a look at a flag.
    pub fn drain(&self) {
        self.draining.set(true);
        self.open.borrow().values().for_each(|activity| activity.wake());
    }

    /// Ends those that take too long.
    pub fn sweep(&self, patience: &Patience) {
        let now = self.clock.advance();
        for activity in self.open.borrow().values() {
            if !activity.overdue.get() && activity.too_slow(now, patience) {
                activity.overdue.set(true);
                activity.wake();
            }
        }
    }
}

pub struct Noted {
    connections: Rc<Connections>,
    number: u64,
    pub activity: Rc<Activity>,
}

impl Drop for Noted {
    fn drop(&mut self) {
        self.connections.open.borrow_mut().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phase_has_its_own_limit() {
        let seconds = Duration::from_secs;
        let patience = Patience { head: seconds(1), idle: seconds(2), body: seconds(3), send: seconds(4) };
        let connections = Rc::new(Connections::new());
        type Course = fn(&Rc<Activity>) -> Option<Busy>;
        let table: [(&str, Course, Option<u64>); 8] = [
            ("says nothing", |_| None, Some(1)),
            ("rests after a request", |own| drop_of(Busy::new(own)), Some(2)),
            (
                "begins another head",
                |own| {
                    drop(Busy::new(own));
                    own.received();
                    None
                },
                Some(1),
            ),
            ("waits for its response", |own| Some(Busy::new(own)), None),
            (
                "holds back its body",
                |own| {
                    let busy = Busy::new(own);
                    own.body_awaited();
                    own.body_received(100);
                    Some(busy)
                },
                Some(3),
            ),
            (
                "sends its body",
                |own| {
                    let busy = Busy::new(own);
                    own.body_awaited();
                    own.body_received(2000);
                    Some(busy)
                },
                None,
            ),
            (
                "does not read",
                |own| {
                    let busy = Busy::new(own);
                    own.sent(true);
                    Some(busy)
                },
                Some(4),
            ),
            (
                "shares a connection and pings",
                |own| {
                    own.set_multiplexed();
                    own.received();
                    None
                },
                Some(2),
            ),
        ];
        fn drop_of(busy: Busy) -> Option<Busy> {
            drop(busy);
            None
        }
        for (what, course, limit) in table {
            let noted = connections.enter();
            let _busy = course(&noted.activity);
            let reached = (1..10).find(|second| noted.activity.too_slow(1 + second * 1000 + 1, &patience));
            assert_eq!(reached, limit, "{what}");
        }
        assert!(connections.open.borrow().is_empty());
    }
}
