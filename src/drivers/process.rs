//! What a driver drives: something that asks for effects, takes answers, and responds once.

use crate::dotnet::context::{Exchange, LastError};
use crate::effect::{Answer, Effect, EffectId, Moment, OutboundCall};
use crate::gateway::backends::Backends;
use crate::gateway::{Grant, Place};
use crate::message::Response;
pub use crate::vm::machine::Poll;
use crate::vm::observe::Observer;
use std::time::Duration;

/// One request's course, from accept until nothing is left to do (which may be after the response was sent).
pub trait Process {
    /// What the next request can use again: memory, nothing of what was in it.
    type Spare;

    /// Ends the process, wherever it is.
    fn into_spare(self) -> Self::Spare;
    fn poll(&mut self) -> Poll;
    /// An answer to an effect that was cancelled, or that nobody asked for, is passed over.
    fn answer(&mut self, id: EffectId, answer: Answer, now: Moment);
    /// The caller went away before the last byte.
    fn caller_left(&mut self, now: Moment);
    /// What the pipeline ended in, when it failed.
    fn last_error(&self) -> Option<&LastError> {
        None
    }

    /// Shows each step to an observer from now on.
    fn observe(&mut self, observer: Box<dyn Observer>) {
        drop(observer);
    }

    /// The response's last byte was handed to the connection.
    fn sent(&mut self, now: Moment);
}

/// Makes the process of a request that was matched.
pub trait Program: Send + Sync + 'static {
    type Process: Process + Unpin + 'static;

    /// The backends whose breakers and pools effects name.
    fn backends(&self) -> Option<&Backends> {
        None
    }

    /// Goes on with the state of what is as it was in the program that this one replaces.
    fn adopt(&mut self, before: &Self)
    where
        Self: Sized,
    {
        let _ = before;
    }

    /// The process of a request; of one that is refused when the exchange holds an error already.
    fn begin(
        &self,
        place: Place,
        grant: &Grant,
        exchange: Exchange,
        now: Moment,
        entropy: [u8; 32],
        spare: Option<<Self::Process as Process>::Spare>,
    ) -> Self::Process;
}

/// The documented global default and nothing else: the request goes to the API's backend, its answer to the caller.
#[derive(Clone, Copy, Debug)]
pub struct PassThrough {
    pub timeout: Duration,
}

impl Default for PassThrough {
    fn default() -> PassThrough {
        PassThrough { timeout: FORWARD_TIMEOUT }
    }
}

#[derive(Debug)]
pub enum PassThroughProcess {
    Ask(Box<Exchange>, Duration),
    Waiting,
    Answered(Box<Response>),
    Done,
}

/// How long the platform waits for a backend's headers by default.
pub const FORWARD_TIMEOUT: Duration = Duration::from_secs(300);

impl Program for PassThrough {
    type Process = PassThroughProcess;

    fn begin(
        &self,
        _: Place,
        _: &Grant,
        exchange: Exchange,
        _: Moment,
        _: [u8; 32],
        _: Option<()>,
    ) -> PassThroughProcess {
        let mut exchange = exchange;
        if let (Some(_), Some(refused)) = (&exchange.last_error, exchange.response.take()) {
            return PassThroughProcess::Answered(Box::new(refused));
        }
        PassThroughProcess::Ask(Box::new(exchange), self.timeout)
    }
}

impl Process for PassThroughProcess {
    type Spare = ();

    fn into_spare(self) {}

    fn poll(&mut self) -> Poll {
        match std::mem::replace(self, PassThroughProcess::Done) {
            PassThroughProcess::Ask(exchange, timeout) => {
                *self = PassThroughProcess::Waiting;
                let call = OutboundCall::new(exchange.request, timeout);
                Poll::Need(EffectId(0), Effect::Forward(Box::new(call)))
            }
            PassThroughProcess::Waiting => {
                *self = PassThroughProcess::Waiting;
                Poll::Idle
            }
            PassThroughProcess::Answered(response) => Poll::Respond(response),
            PassThroughProcess::Done => Poll::Finished,
        }
    }

    fn answer(&mut self, _: EffectId, answer: Answer, _: Moment) {
        *self = PassThroughProcess::Answered(match answer {
            Answer::Response(response) => response,
            _ => Box::new(crate::gateway::route::plain_error(
                http::StatusCode::INTERNAL_SERVER_ERROR,
                "Internal server error",
            )),
        });
    }

    fn caller_left(&mut self, _: Moment) {
        *self = PassThroughProcess::Done;
    }

    fn sent(&mut self, _: Moment) {}
}
