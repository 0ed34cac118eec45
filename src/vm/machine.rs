//! One request's machine: `poll` for what it asks, `answer` what it was told, until it has responded and is finished.
//!
//! Children of `wait` are fibers. The caller's leaving is an input: what must be released is released, and `<on-error>` of
//! the documents runs. A machine outlives the response's headers until `sent`.

use super::core::Core;
use super::exec::{self, Asked, Exit, Fiber, Raised};
use super::limits::Limits;
use super::observe::Observer;
use super::unwind::unwind;
use crate::document::Section;
use crate::dotnet::call::Call;
use crate::dotnet::context::{Exchange, LastError, Symbol};
use crate::dotnet::fault::{Fault, PolicyError};
use crate::dotnet::heap::{Heap, Object};
use crate::dotnet::types;
use crate::dotnet::value::Value;
use crate::effect::{Answer, Effect, EffectId, Failure, FailureKind, Moment, Side};
use crate::link::Chain;
use crate::message::{Body, HeaderValue, Response, StatusCode};
use std::collections::VecDeque;
use std::sync::Arc;

/// What a machine wants next.
#[derive(Debug)]
pub enum Poll {
    /// Begin this effect and answer it.
    Need(EffectId, Effect),
    /// Nobody waits for this effect any more.
    Cancel(EffectId),
    /// All that is open was handed out.
    Idle,
    /// The response to the caller; once.
    Respond(Box<Response>),
    Finished,
}

#[derive(Debug)]
enum State {
    Ready,
    /// For the driver's answer.
    Waiting(EffectId, Asked),
    /// The end of a slice.
    Resting(EffectId),
    /// For its branches.
    Joining {
        children: Vec<usize>,
        any: bool,
    },
    Ended,
}

#[derive(Debug)]
struct Thread {
    fiber: Fiber,
    state: State,
    parent: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Section(Section),
    /// The response is out; the caller is still reading it.
    Responded,
    /// Nothing goes to the caller any more.
    Over,
}

/// A request under way.
pub struct Machine {
    /// The one of `core`, at hand while that is lent out.
    chain: Arc<Chain>,
    core: Core,
    heap: Heap,
    exchange: Exchange,
    threads: Vec<Thread>,
    phase: Phase,
    out: VecDeque<Poll>,
    next_effect: u32,
    /// Where the last fault was raised.
    failed_at: Option<(u32, u32)>,
    caller_left: bool,
    /// What is raised now comes from a branch of `wait`.
    from_branch: bool,
}

/// Registers beyond these are given back at a request's end.
const MOST_SPARE_REGISTERS: usize = 1 << 12;

const MOST_SPARE_VARIABLES: usize = 1 << 8;

/// What a finished request leaves for the next: memory, and nothing of what was in it.
#[derive(Debug, Default)]
pub struct Spare {
    heap: Heap,
    threads: Vec<Thread>,
    out: VecDeque<Poll>,
    #[expect(clippy::vec_box, reason = "they come and go with every call of a lambda")]
    fibers: Vec<Box<Fiber>>,
    variables: Vec<(Symbol, Value)>,
}

/// A heap that may hold variables already.
impl From<Heap> for Spare {
    fn from(heap: Heap) -> Spare {
        Spare { heap, ..Spare::default() }
    }
}

impl Machine {
    /// Begins a request, in `<inbound>`; in `<on-error>` when the exchange holds an error already. The exchange's variables
    /// must live in the heap of `spare`.
    pub fn begin(
        chain: Arc<Chain>,
        exchange: Exchange,
        spare: Spare,
        limits: &Limits,
        now: Moment,
        entropy: [u8; 32],
    ) -> Machine {
        let Spare { mut heap, mut threads, out, fibers, variables } = spare;
        heap.attach(chain.constants.clone());
        heap.set_limit(limits.memory);
        heap.set_fuel(limits.fuel);
        let core = Core::new(Arc::clone(&chain), *limits, now, entropy, fibers);
        if threads.is_empty() {
            threads.push(Thread { fiber: Fiber::default(), state: State::Ended, parent: None });
        }
        let mut machine = Machine {
            chain,
            core,
            heap,
            exchange,
            threads,
            phase: Phase::Section(Section::Inbound),
            out,
            next_effect: 0,
            failed_at: None,
            caller_left: false,
            from_branch: false,
        };
        if machine.exchange.variables.capacity() == 0 {
            machine.exchange.variables = variables;
        }
        machine.exchange.steering.keeps_request = machine.chain.keeps_request;
        let refused = machine.exchange.last_error.is_some();
        machine.enter(if refused { Section::OnError } else { Section::Inbound });
        machine
    }

    /// Ends the request for good, wherever it is, and keeps its memory for another.
    pub fn into_spare(self) -> Spare {
        let Machine { core, mut heap, mut threads, mut out, exchange, .. } = self;
        heap.reset();
        threads.truncate(1);
        if let Some(main) = threads.first_mut() {
            main.fiber.clear();
            main.fiber.registers.shrink_to(MOST_SPARE_REGISTERS);
            main.state = State::Ended;
            main.parent = None;
        }
        out.clear();
        let mut fibers = core.spare;
        fibers.truncate(4);
        for fiber in &mut fibers {
            fiber.registers.shrink_to(MOST_SPARE_REGISTERS);
        }
        let mut variables = exchange.variables;
        variables.clear();
        variables.shrink_to(MOST_SPARE_VARIABLES);
        Spare { heap, threads, out, fibers, variables }
    }

    pub fn observe(&mut self, observer: Box<dyn Observer>) {
        self.exchange.steering.keeps_request = true;
        self.core.observer = Some(observer);
    }

    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    pub fn heap(&self) -> &Heap {
        &self.heap
    }

    /// Evaluates something over the machine's state (a variable's text for a report).
    pub fn with_call<T>(&mut self, ask: impl FnOnce(&mut Call<'_>) -> T) -> T {
        let mut cx = Call {
            heap: &mut self.heap,
            exchange: &mut self.exchange,
            host: &mut self.core,
            type_arguments: &[],
            returns: types::object(),
            outs: &mut Vec::new(),
        };
        ask(&mut cx)
    }

    /// The next thing that the machine wants of its driver.
    pub fn poll(&mut self) -> Poll {
        loop {
            if let Some(next) = self.out.pop_front() {
                return next;
            }
            if let Some(at) = self.threads.iter().position(|t| matches!(t.state, State::Ready)) {
                self.run(at);
                continue;
            }
            let busy = self.threads.iter().any(|t| !matches!(t.state, State::Ended));
            return if self.phase == Phase::Over && !busy { Poll::Finished } else { Poll::Idle };
        }
    }

    /// The driver's answer. One that nobody waits for is passed over.
    pub fn answer(&mut self, id: EffectId, answer: Answer, now: Moment) {
        self.core.now = now;
        let Some(at) = self
            .threads
            .iter()
            .position(|t| matches!(&t.state, State::Waiting(own, _) | State::Resting(own) if *own == id))
        else {
            return;
        };
        let state = std::mem::replace(&mut self.threads[at].state, State::Ready);
        let State::Waiting(_, asked) = state else { return };
        match asked {
            Asked::Policy { effect, unit, base, count, to } => {
                let frame_base = self.threads[at].fiber.frames.last().map_or(0, |f| f.base as usize);
                let start = frame_base + base as usize;
                let arguments: smallvec::SmallVec<[Value; 8]> =
                    self.threads[at].fiber.registers[start..start + count as usize].into();
                let finish = self.core.unit(unit).effects[effect as usize].finish;
                match self.with_call(|cx| finish(cx, &arguments, answer)) {
                    Ok(value) => self.threads[at].fiber.registers[frame_base + to as usize] = value,
                    Err(fault) => self.raise(at, Raised::Fault(fault)),
                }
            }
            Asked::Body(side) => match answer {
                Answer::Body(bytes) => {
                    let charged = self.heap.charge(bytes.len());
                    match side {
                        Side::Request => self.exchange.request.body = Body::Bytes(bytes),
                        Side::Response => {
                            if let Some(response) = &mut self.exchange.response {
                                response.body = Body::Bytes(bytes);
                            }
                        }
                    }
                    if let Err(fault) = charged {
                        self.raise(at, Raised::Fault(fault));
                    }
                }
                Answer::Failed(failure) => {
                    let fault = if side == Side::Request { failed_by_request(&failure) } else { failed(&failure) };
                    self.raise(at, Raised::Fault(fault));
                }
                _ => self
                    .raise(at, Raised::Fault(Fault::policy("BackendConnectionFailure", "The body could not be read."))),
            },
        }
    }

    /// The caller went away before the last byte.
    pub fn caller_left(&mut self, now: Moment) {
        self.core.now = now;
        match self.phase {
            Phase::Section(_) if !self.caller_left => {
                self.caller_left = true;
                let error = PolicyError {
                    reason: Some("ClientConnectionFailure".into()),
                    message: "The client closed the connection before a response was sent.".into(),
                    status: 499,
                    ..PolicyError::default()
                };
                self.stop_branches(0);
                if let State::Waiting(id, _) | State::Resting(id) = self.threads[0].state {
                    self.out.push_back(Poll::Cancel(id));
                }
                if !matches!(self.threads[0].state, State::Ended) {
                    self.threads[0].state = State::Ready;
                    self.failed_at = exec::place(&self.threads[0].fiber);
                    self.raise(0, Raised::Fault(Fault::Policy(Box::new(error))));
                }
            }
            Phase::Section(_) | Phase::Over => {}
            Phase::Responded => self.phase = Phase::Over,
        }
    }

    /// The response's last byte has gone.
    pub fn sent(&mut self, now: Moment) {
        self.core.now = now;
        if self.phase == Phase::Responded {
            self.phase = Phase::Over;
        }
    }

    // ---- the pipeline

    /// Starts a section on the main fiber; goes on to what follows where no document defines it.
    fn enter(&mut self, section: Section) {
        self.phase = Phase::Section(section);
        self.core.section = section;
        self.exchange.steering.on_response = matches!(section, Section::Outbound | Section::OnError);
        self.exchange.steering.outgoing = None;
        if section == Section::Outbound && self.exchange.response.is_none() {
            // Nobody was called: outbound makes the answer from an empty one.
            self.exchange.response = Some(Response::new(StatusCode::OK));
        }
        let main = &mut self.threads[0];
        main.fiber.clear();
        match self.core.chain.first(section) {
            Some((unit, function)) => {
                match main.fiber.push_frame(&self.chain, &self.core, &mut self.heap, unit, function, 0) {
                    Ok(_) => main.state = State::Ready,
                    Err(fault) => self.fail(fault),
                }
            }
            None => {
                main.state = State::Ended;
                self.section_ended(section);
            }
        }
    }

    fn section_ended(&mut self, section: Section) {
        match section {
            Section::Inbound => self.enter(Section::Backend),
            Section::Backend => self.enter(Section::Outbound),
            Section::Outbound | Section::OnError => self.respond(),
        }
    }

    fn respond(&mut self) {
        self.threads[0].state = State::Ended;
        if self.caller_left {
            self.phase = Phase::Over;
            return;
        }
        if let Some(observer) = &mut self.core.observer {
            observer.responding(&self.exchange, &self.heap);
        }
        let response = self.exchange.response.take().unwrap_or_else(|| Response::new(StatusCode::OK));
        self.phase = Phase::Responded;
        let response = self.exchange.boxed(response);
        self.out.push_back(Poll::Respond(response));
    }

    /// The pipeline failed: LastError, the default response, `<on-error>`.
    fn fail(&mut self, fault: Fault) {
        let in_on_error = self.phase == Phase::Section(Section::OnError);
        let phrase = match &fault {
            Fault::Policy(error) => error.reason_phrase.clone(),
            _ => None,
        };
        let (error, caller_message) = self.describe(fault);
        if let Some(observer) = &mut self.core.observer {
            observer.failed(&error);
        }
        let status = StatusCode::from_u16(error.status).ok().filter(|s| s.as_u16() >= 200 && s.as_u16() != 499);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = error_response(status, &caller_message, self.exchange.request_id);
        response.reason = phrase;
        self.exchange.response = Some(response);
        self.exchange.response_body_consumed = false;
        self.exchange.last_error = Some(error);
        if in_on_error {
            self.respond();
        } else {
            self.enter(Section::OnError);
        }
    }

    /// What LastError says of a fault, and what the caller reads.
    fn describe(&mut self, fault: Fault) -> (LastError, String) {
        let place = self.failed_at.take().and_then(|(unit, step)| {
            let link = self.core.chain.units.get(unit as usize)?;
            Some((link.unit.steps.get(step as usize)?.clone(), link.scope))
        });
        let element = place.as_ref().map_or("policy", |(step, _)| step.element);
        let section = match self.phase {
            Phase::Section(section) => Some(section.name().into()),
            Phase::Responded | Phase::Over => None,
        };
        let mut error = LastError {
            source: element.into(),
            section,
            scope: place.as_ref().map(|(_, scope)| scope.name().into()),
            path: place.as_ref().map(|(step, _)| step.path.clone()),
            policy_id: place.as_ref().and_then(|(step, _)| step.id.clone()),
            status: 500,
            ..LastError::default()
        };
        let standard = "Internal server error".to_owned();
        let caller_message = match fault {
            Fault::Policy(policy) => {
                error.reason = policy.reason;
                error.status = policy.status;
                if let Some(source) = policy.source {
                    error.source = source;
                }
                let shown = policy.caller_message.map(String::from);
                let shown =
                    shown.unwrap_or_else(|| if policy.status == 500 { standard } else { policy.message.clone() });
                error.message = policy.message.into();
                shown
            }
            other => {
                let message = self.exception_message(other);
                error.reason = Some("ExpressionValueEvaluationFailure".into());
                error.message = format!("Expression evaluation failed. {message}").into();
                standard
            }
        };
        (error, caller_message)
    }

    fn exception_message(&self, fault: Fault) -> String {
        match fault {
            Fault::Throw(thrown) => thrown.message,
            Fault::Rethrow(Value::Object(handle)) => match self.heap.get(handle) {
                Object::Exception(exception) => exception.message.clone(),
                _ => String::new(),
            },
            Fault::Rethrow(_) => String::new(),
            Fault::Limit(limit) => limit.to_string(),
            Fault::Policy(error) => error.message,
        }
    }

    // ---- fibers

    fn run(&mut self, at: usize) {
        let fiber = &mut self.threads[at].fiber;
        let (core, heap, exchange) = (&mut self.core, &mut self.heap, &mut self.exchange);
        let exit = exec::run(&self.chain, core, heap, exchange, fiber, &mut self.failed_at);
        if !self.exchange.traces.is_empty() {
            self.hand_on_traces();
        }
        match exit {
            Exit::Done(_) => self.ended(at, None),
            Exit::Raised(raised) => self.ended(at, Some(raised)),
            Exit::Asks => {
                let Some((effect, asked)) = self.core.asked.take() else { return };
                let id = self.new_effect();
                self.threads[at].state = State::Waiting(id, asked);
                self.out.push_back(Poll::Need(id, effect));
            }
            Exit::Slice => {
                self.core.rested(self.heap.fuel());
                let id = self.new_effect();
                self.threads[at].state = State::Resting(id);
                self.out.push_back(Poll::Need(id, Effect::Slice));
            }
            Exit::Forks(fork, any) => self.fork(at, fork, any),
        }
    }

    /// What `context.Trace` was told, and what policies tell.
    fn hand_on_traces(&mut self) {
        for message in std::mem::take(&mut self.exchange.traces) {
            let id = self.new_effect();
            self.out.push_back(Poll::Need(id, Effect::Trace(Box::new(message))));
        }
    }

    fn new_effect(&mut self) -> EffectId {
        self.next_effect += 1;
        EffectId(self.next_effect - 1)
    }

    fn fork(&mut self, at: usize, fork: u32, any: bool) {
        let Some(frame) = self.threads[at].fiber.frames.last() else { return };
        let unit = frame.unit;
        let functions = self.core.unit(unit).forks[fork as usize].clone();
        let mut children = Vec::new();
        for function in functions {
            let mut fiber = Fiber::default();
            if let Err(fault) = fiber.push_frame(&self.chain, &self.core, &mut self.heap, unit, function, 0) {
                self.raise(at, Raised::Fault(fault));
                return;
            }
            children.push(self.threads.len());
            self.threads.push(Thread { fiber, state: State::Ready, parent: Some(at) });
        }
        self.threads[at].state = if children.is_empty() { State::Ready } else { State::Joining { children, any } };
    }

    /// A fiber has run out: normally, or with something that nobody took.
    fn ended(&mut self, at: usize, raised: Option<Raised>) {
        self.threads[at].state = State::Ended;
        self.threads[at].fiber.clear();
        match self.threads[at].parent.take() {
            Some(parent) => self.branch_ended(parent, raised),
            None if at == 0 => match (raised, self.phase) {
                (_, Phase::Responded | Phase::Over) => {}
                (None, Phase::Section(section)) => self.section_ended(section),
                (Some(Raised::Finish), _) => self.respond(),
                (Some(Raised::Cancel), _) => self.phase = Phase::Over,
                (Some(Raised::Fault(fault)), _) => self.fail(fault),
            },
            None => {}
        }
    }

    fn branch_ended(&mut self, parent: usize, raised: Option<Raised>) {
        let State::Joining { children, any } = &self.threads[parent].state else { return };
        let done = *any || children.iter().all(|&child| matches!(self.threads[child].state, State::Ended));
        match raised {
            Some(raised @ (Raised::Fault(_) | Raised::Finish)) => {
                self.stop_branches(parent);
                self.threads[parent].state = State::Ready;
                self.from_branch = true;
                self.raise(parent, raised);
                self.from_branch = false;
            }
            _ if done => {
                self.stop_branches(parent);
                self.threads[parent].state = State::Ready;
            }
            _ => {}
        }
    }

    /// Cancels the branches that a fiber waits for. What they must undo they still do, on their own.
    fn stop_branches(&mut self, at: usize) {
        let State::Joining { children, .. } = &self.threads[at].state else { return };
        for child in children.clone() {
            if matches!(self.threads[child].state, State::Ended) {
                continue;
            }
            self.threads[child].parent = None;
            self.stop_branches(child);
            if let State::Waiting(id, _) | State::Resting(id) = self.threads[child].state {
                self.out.push_back(Poll::Cancel(id));
            }
            self.threads[child].state = State::Ready;
            self.raise(child, Raised::Cancel);
        }
    }

    fn raise(&mut self, at: usize, raised: Raised) {
        let fiber = &mut self.threads[at].fiber;
        // A branch's failure was noted where it was raised; any other is raised here.
        if matches!(raised, Raised::Fault(_)) && !self.from_branch {
            self.failed_at = exec::place(fiber);
        }
        let result = unwind(&self.chain, &mut self.core, &mut self.heap, &mut self.exchange, fiber, raised);
        match result {
            Ok(()) => self.threads[at].state = State::Ready,
            Err(raised) => self.ended(at, Some(raised)),
        }
    }
}

/// The fault that a failed effect is, for policies that do not see to it themselves.
pub fn failed(failure: &Failure) -> Fault {
    let mut error = PolicyError {
        reason: Some(reason_of(failure.kind).into()),
        message: failure.message.to_string(),
        status: 500,
        ..PolicyError::default()
    };
    // The caller may still be there to read it: a body can break off in the middle of an open connection.
    if failure.kind == FailureKind::ClientGone {
        error.status = 400;
        error.caller_message = Some("The request's body could not be read".into());
    }
    Fault::Policy(Box::new(error))
}

/// The same, where what was too large is the request's body.
pub fn failed_by_request(failure: &Failure) -> Fault {
    let mut fault = failed(failure);
    if let (FailureKind::TooLarge, Fault::Policy(error)) = (failure.kind, &mut fault) {
        error.status = 413;
        error.caller_message = Some("The request's body is too large".into());
    }
    fault
}

/// LastError's reason for a failure.
pub fn reason_of(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Connection | FailureKind::Unanswered | FailureKind::Refused => "BackendConnectionFailure",
        FailureKind::Timeout => "Timeout",
        FailureKind::TooLarge => "BodyTooLarge",
        FailureKind::ClientGone => "ClientConnectionFailure",
    }
}

/// An error in the platform's shape.
pub fn error_response(status: StatusCode, message: &str, request_id: [u8; 16]) -> Response {
    let mut body = serde_json::Map::new();
    body.insert("statusCode".into(), status.as_u16().into());
    body.insert("message".into(), message.into());
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        body.insert("activityId".into(), crate::dotnet::context::from_json::show_guid(request_id).into());
    }
    let body = serde_json::Value::Object(body).to_string();
    let mut response = Response::new(status);
    let set = response.headers.set(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    debug_assert!(set, "an empty message takes a header");
    response.body = Body::Bytes(body.into());
    response
}
