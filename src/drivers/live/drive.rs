//! Drives a process: effects that need no waiting are answered at once, the others performed, several at a time where
//! the process asks for several. Tells the process how its response ended, and lets it do what is left.

use super::body::Streams;
use super::clock;
use super::effects::{Kind, perform, send};
use super::observe::record::Record;
use super::worker::{Configuration, Peer, Worker};
use crate::drivers::backends;
use crate::drivers::process::{Poll as Asked, Process, Program};
use crate::effect::{Answer, Effect, EffectId, Failure, FailureKind, Severity};
use crate::message::Response;
use smallvec::SmallVec;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

/// A process with all that its effects need.
pub struct Running<P: Program> {
    process: P::Process,
    worker: Rc<Worker<P>>,
    peer: Rc<Peer>,
    pub streams: Rc<RefCell<Streams>>,
    /// Handed out and not answered.
    open: SmallVec<[EffectId; 2]>,
    /// Handed out and not begun.
    waiting: Waiting,
    /// Calls under way whose end a breaker counts.
    watched: SmallVec<[(EffectId, u32); 1]>,
    /// What the request began with, whatever comes after it: effects name its backends.
    #[expect(clippy::redundant_allocation, reason = "counting a worker's own references writes to no shared memory")]
    configuration: Rc<Arc<Configuration<P>>>,
    pub record: Option<Box<Record>>,
    /// Its end was told.
    told: bool,
}

type Waiting = SmallVec<[(EffectId, Effect); 1]>;

enum Step {
    /// The process waits; these were cancelled.
    Wait(SmallVec<[EffectId; 1]>),
    Respond(Box<Response>),
    Finished,
}

type Performing = Pin<Box<dyn Future<Output = Answer>>>;

impl<P: Program> Running<P> {
    #[expect(clippy::redundant_allocation, reason = "as above")]
    pub fn new(
        process: P::Process,
        worker: Rc<Worker<P>>,
        peer: Rc<Peer>,
        streams: Streams,
        configuration: Rc<Arc<Configuration<P>>>,
        record: Option<Box<Record>>,
    ) -> Running<P> {
        let streams = Rc::new(RefCell::new(streams));
        Running {
            process,
            worker,
            peer,
            streams,
            open: SmallVec::new(),
            waiting: SmallVec::new(),
            watched: SmallVec::new(),
            configuration,
            record,
            told: false,
        }
    }

    /// The caller's connection goes on as a pipe to this one, once the response's head is sent.
    pub fn set_upgrade(&self, other: hyper::upgrade::Upgraded) {
        self.peer.activity.set_upgrade(other);
    }

    /// Answers what can be answered at once, until the process waits, responds or ends.
    fn step(&mut self) -> Step {
        let mut cancelled = SmallVec::new();
        loop {
            match self.process.poll() {
                Asked::Need(id, mut effect) => {
                    if let Some(record) = &mut self.record {
                        self.worker.view.begins(record, id, &mut effect, &self.worker.entropy);
                    }
                    if let Effect::Forward(call) = &effect
                        && let Some(at) = call.watched
                    {
                        self.watched.push((id, at));
                    }
                    match self.at_once(id, effect) {
                        Ok(answer) => self.process.answer(id, answer, clock::now()),
                        Err(effect) => {
                            self.open.push(id);
                            self.waiting.push((id, effect));
                        }
                    }
                }
                Asked::Cancel(id) => {
                    self.watched.retain(|(own, _)| *own != id);
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
    fn at_once(&mut self, id: EffectId, effect: Effect) -> Result<Answer, Effect> {
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
            Effect::ChooseBackend(asked) => {
                Answer::Chosen(backends::choose(self.configuration.program.backends(), &asked, clock::now()))
            }
            Effect::Trace(message) => {
                if let Some(record) = &mut self.record {
                    if message.severity == Severity::Error {
                        record.trouble = Some(format!("{}: {}", message.source, message.message).into());
                    }
                    self.worker.view.message(record, &message);
                }
                Answer::Done
            }
            Effect::SendOneWay(call) => {
                let (worker, streams, peer) =
                    (Rc::clone(&self.worker), Rc::clone(&self.streams), Rc::clone(&self.peer));
                let noted = self.record.as_mut().and_then(|record| self.worker.view.parts(record, id));
                let configuration = Rc::clone(&self.configuration);
                self.worker.go_on(Box::pin(async move {
                    let answer = send(Rc::clone(&worker), peer, streams, *call, Kind::OneWay).await;
                    if let Some(noted) = noted {
                        worker.view.ended(noted, &answer, &configuration.gateway);
                    }
                }));
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
        if let Some(record) = &mut self.record {
            self.worker.view.answered(record, id, &answer, &self.configuration.gateway);
        }
        if let Some(place) = self.watched.iter().position(|(own, _)| *own == id) {
            let (_, at) = self.watched.swap_remove(place);
            let backends = self.configuration.program.backends();
            let opened = backends.and_then(|backends| backends::report(backends, at, &answer, clock::now()));
            if let (Some(message), Some(record)) = (opened, &mut self.record) {
                record.traces(|trace| trace.breaker(clock::now(), &message));
                record.trouble = Some(message.into());
            }
        }
        self.process.answer(id, answer, clock::now());
    }

    fn perform(&self, effect: Effect) -> impl Future<Output = Answer> + use<P> {
        perform(Rc::clone(&self.worker), Rc::clone(&self.peer), Rc::clone(&self.streams), effect)
    }

    /// Drives to the response; `None` when the process ends without one.
    pub async fn until_response(&mut self) -> Option<Box<Response>> {
        let mut together: Vec<(EffectId, Performing)> = Vec::new();
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

    /// What is noted of the request, for somebody else to tell.
    pub fn take_record(&mut self) -> Option<Box<Record>> {
        self.told = true;
        self.record.take()
    }

    /// Tells what became of the request, once.
    fn tell(&mut self) {
        if std::mem::replace(&mut self.told, true) {
            return;
        }
        let mut record = self.record.take();
        if let Some(record) = &mut record {
            record.error = self.process.last_error().cloned();
        }
        self.worker.view.finish(record, &self.configuration.gateway);
    }
}

/// Does what is left when nobody waits for the response any more.
async fn until_finished<P: Program>(mut running: Box<Running<P>>) {
    while running.until_response().await.is_some() {}
}

/// Tells the process how its response ended; what it then waits for goes on in the background.
pub fn finish<P: Program>(mut running: Box<Running<P>>, sent: bool) {
    if std::thread::panicking() {
        running.worker.view.lost();
        // A bug ends its own request; driving its process on could end the whole service.
        return;
    }
    if let (false, Some(record)) = (sent, &mut running.record) {
        if running.peer.activity.overdue() {
            record.trouble.get_or_insert_with(|| "the caller took too long".into());
        }
        record.leave();
    }
    running.tell();
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
            Step::Finished => {
                let Running { process, worker, .. } = *running;
                worker.give_back(process);
                return;
            }
            Step::Wait(_) if running.waiting.is_empty() => return,
            Step::Wait(_) => break,
        }
    }
    let worker = Rc::clone(&running.worker);
    worker.go_on(Box::pin(until_finished(running)));
}

/// Holds a process whose response is awaited. hyper drops the waiting when the caller leaves.
pub struct Guard<P: Program>(pub Option<Box<Running<P>>>);

impl<P: Program> Drop for Guard<P> {
    fn drop(&mut self) {
        if let Some(running) = self.0.take() {
            finish(running, false);
        }
    }
}
