//! A process that does what a test says.

use crate::wire::*;
use portcullis::dotnet::context::Exchange;
use portcullis::drivers::process::{Poll, Process, Program};
use portcullis::effect::{Answer, Effect, EffectId, Moment, OutboundCall};
use portcullis::gateway::{Grant, Place};
use portcullis::message::{Body, Headers, Method, Request, Response, StatusCode, Url};
use std::collections::VecDeque;
use std::sync::Arc;

/// What a scripted process is told.
pub enum Told {
    Begin,
    Answer(u32, Answer),
    Left,
    Sent,
}

pub type Course = dyn Fn(&mut VecDeque<Poll>, &mut Exchange, Told) + Send + Sync;

/// A process that does what a test says: the course pushes what comes next.
#[derive(Clone)]
pub struct Script(Arc<Course>);

pub struct ScriptProcess {
    queue: VecDeque<Poll>,
    exchange: Box<Exchange>,
    course: Arc<Course>,
}

impl Script {
    pub fn new(course: impl Fn(&mut VecDeque<Poll>, &mut Exchange, Told) + Send + Sync + 'static) -> Script {
        Script(Arc::new(course))
    }
}

impl Program for Script {
    type Process = ScriptProcess;

    fn begin(&self, _: Place, _: &Grant, exchange: Exchange, _: Moment, _: [u8; 32], _: Option<()>) -> ScriptProcess {
        let mut process =
            ScriptProcess { queue: VecDeque::new(), exchange: Box::new(exchange), course: Arc::clone(&self.0) };
        process.tell(Told::Begin);
        process
    }
}

impl ScriptProcess {
    fn tell(&mut self, told: Told) {
        (self.course)(&mut self.queue, &mut self.exchange, told);
    }
}

impl Process for ScriptProcess {
    type Spare = ();

    fn into_spare(self) {}

    fn poll(&mut self) -> Poll {
        self.queue.pop_front().unwrap_or(Poll::Idle)
    }

    fn answer(&mut self, id: EffectId, answer: Answer, _: Moment) {
        self.tell(Told::Answer(id.0, answer));
    }

    fn caller_left(&mut self, _: Moment) {
        self.tell(Told::Left);
    }

    fn sent(&mut self, _: Moment) {
        self.tell(Told::Sent);
    }
}

pub fn need(queue: &mut VecDeque<Poll>, id: u32, effect: Effect) {
    queue.push_back(Poll::Need(EffectId(id), effect));
}

pub fn call(request: Request) -> Box<OutboundCall> {
    Box::new(OutboundCall { follow_redirects: true, ..OutboundCall::new(request, PATIENCE) })
}

pub fn get(url: &str) -> Request {
    let url = Url::parse(url).expect("a URL");
    Request { method: Method::GET, url, headers: Headers::new(), body: Body::Empty }
}

pub fn respond(queue: &mut VecDeque<Poll>, text: impl Into<String>) {
    let mut response = Response::new(StatusCode::OK);
    response.body = Body::Bytes(text.into().into());
    queue.push_back(Poll::Respond(Box::new(response)));
}

pub fn text_of(answer: Answer) -> String {
    match answer {
        Answer::Response(response) => {
            String::from_utf8_lossy(response.body.bytes().unwrap_or(b"(stream)")).into_owned()
        }
        Answer::Body(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        other => format!("{other:?}"),
    }
}
