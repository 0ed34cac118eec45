//! Message bodies on the wire: nothing, bytes, or a stream that taps change chunk by chunk as it is pulled.

use super::front::activity::{Activity, PROGRESS};
use super::front::wait::Gate;
use crate::effect::FailureKind;
use crate::message::{BodyStream, StreamId, Tap};
use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::upgrade::Upgraded;
use std::fmt;
use std::future::Future as _;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

/// Why a body ends before its time.
#[derive(Debug)]
pub enum Broken {
    /// The connection that it comes from failed.
    Wire(hyper::Error),
    /// It is longer than a request's body may be.
    TooLarge,
    /// Its time was up.
    TooLate,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Wire(error) => error.fmt(f),
            Broken::TooLarge => f.write_str("the body is longer than what is taken"),
            Broken::TooLate => f.write_str("it took longer than it may"),
        }
    }
}

impl std::error::Error for Broken {}

impl From<hyper::Error> for Broken {
    fn from(error: hyper::Error) -> Broken {
        Broken::Wire(error)
    }
}

/// A body that hyper pulls.
#[derive(Default)]
pub enum LiveBody {
    #[default]
    Empty,
    Bytes(Bytes),
    Stream(Streaming),
    /// Waits until the other side asks for it.
    Held(Box<(Gate, LiveBody)>),
}

pub struct Streaming {
    incoming: Incoming,
    taps: Vec<Box<dyn Tap>>,
    /// A caller's body: its connection is told what is waited for.
    caller: Option<Rc<Activity>>,
    /// How much may come yet.
    left: u64,
    /// Of a caller that shares its connection with itself: no other clock is told when it holds back.
    slow: Option<Slow>,
    ended: bool,
}

/// How long each KiB may take.
struct Slow {
    patience: Duration,
    since_progress: usize,
    late: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Slow {
    fn received(&mut self, bytes: usize) {
        self.since_progress += bytes;
        if self.since_progress >= PROGRESS {
            (self.since_progress, self.late) = (0, None);
        }
    }

    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let late = self.late.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.patience)));
        late.as_mut().poll(cx).is_ready()
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        if let Some(caller) = &self.caller {
            caller.body_ended();
        }
    }
}

impl LiveBody {
    pub fn held(body: LiveBody, gate: &Gate) -> LiveBody {
        LiveBody::Held(Box::new((gate.clone(), body)))
    }

    /// Whether the length that the sender announced still holds.
    pub fn keeps_length(&self) -> bool {
        match self {
            LiveBody::Empty | LiveBody::Bytes(_) => false,
            LiveBody::Stream(stream) => stream.keeps_length(),
            LiveBody::Held(held) => held.1.keeps_length(),
        }
    }

    /// A copy, when sending it twice is possible.
    pub fn copy(&self) -> Option<LiveBody> {
        match self {
            LiveBody::Empty => Some(LiveBody::Empty),
            LiveBody::Bytes(bytes) => Some(LiveBody::Bytes(bytes.clone())),
            LiveBody::Stream(_) | LiveBody::Held(_) => None,
        }
    }
}

impl Streaming {
    fn keeps_length(&self) -> bool {
        !self.taps.iter().any(|tap| tap.changes_length())
    }

    /// The next frame as the sender sent it.
    fn pull(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let polled = Pin::new(&mut self.incoming).poll_frame(cx);
        let Some(caller) = &self.caller else { return polled.map_err(Broken::Wire) };
        match polled {
            Poll::Pending => {
                caller.body_awaited();
                if self.slow.as_mut().is_some_and(|slow| slow.is_late(cx)) {
                    caller.body_failed(FailureKind::ClientGone, "the request's body came too slowly");
                    return Poll::Ready(Some(Err(Broken::TooLate)));
                }
                Poll::Pending
            }
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                caller.body_received(length);
                if let Some(slow) = &mut self.slow {
                    slow.received(length);
                }
                match self.left.checked_sub(length as u64) {
                    Some(left) => {
                        self.left = left;
                        Poll::Ready(Some(Ok(frame)))
                    }
                    None => {
                        caller.body_failed(FailureKind::TooLarge, "the request's body is longer than what is taken");
                        Poll::Ready(Some(Err(Broken::TooLarge)))
                    }
                }
            }
            Poll::Ready(other) => {
                caller.body_ended();
                if let Some(Err(_)) = &other {
                    caller.body_failed(FailureKind::ClientGone, "the request's body broke off");
                }
                Poll::Ready(other.map(|frame| frame.map_err(Broken::Wire)))
            }
        }
    }

    /// Sends a chunk through the taps from the one at `first` on.
    fn tapped(&mut self, first: usize, mut chunk: Bytes) -> Bytes {
        for tap in &mut self.taps[first..] {
            if chunk.is_empty() {
                break;
            }
            chunk = tap.chunk(chunk);
        }
        chunk
    }

    /// What the taps held back.
    fn tail(&mut self) -> Bytes {
        let mut tail = BytesMut::new();
        for index in 0..self.taps.len() {
            let held = self.taps[index].end();
            let rest = self.tapped(index + 1, held);
            // Later taps have not ended yet, so that what comes here goes through them in order.
            tail.extend_from_slice(&rest);
        }
        tail.freeze()
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        loop {
            if self.ended {
                return Poll::Ready(None);
            }
            match std::task::ready!(self.pull(cx)) {
                Some(Ok(frame)) if self.taps.is_empty() => return Poll::Ready(Some(Ok(frame))),
                Some(Ok(frame)) => {
                    // Trailers describe the body as it was: they go with the taps' first change.
                    let Ok(chunk) = frame.into_data() else { continue };
                    let chunk = self.tapped(0, chunk);
                    if !chunk.is_empty() {
                        return Poll::Ready(Some(Ok(Frame::data(chunk))));
                    }
                }
                Some(Err(error)) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    self.ended = true;
                    let tail = self.tail();
                    if !tail.is_empty() {
                        return Poll::Ready(Some(Ok(Frame::data(tail))));
                    }
                }
            }
        }
    }
}

impl Body for LiveBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match &mut *self {
            LiveBody::Empty => Poll::Ready(None),
            LiveBody::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = LiveBody::Empty;
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            LiveBody::Stream(stream) => stream.poll(cx),
            LiveBody::Held(held) => {
                std::task::ready!(held.0.poll(cx));
                Pin::new(&mut held.1).poll_frame(cx)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            LiveBody::Empty => true,
            LiveBody::Bytes(bytes) => bytes.is_empty(),
            LiveBody::Held(held) => held.1.is_end_stream(),
            LiveBody::Stream(stream) => stream.ended || (stream.taps.is_empty() && stream.incoming.is_end_stream()),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            LiveBody::Empty => SizeHint::with_exact(0),
            LiveBody::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            LiveBody::Held(held) => held.1.size_hint(),
            LiveBody::Stream(stream) if stream.keeps_length() => stream.incoming.size_hint(),
            LiveBody::Stream(_) => SizeHint::default(),
        }
    }
}

/// Why a body could not be gathered.
pub enum Trouble {
    TooLarge,
    Broken(Broken),
}

/// Reads a stream to its end, at most `limit` bytes.
pub async fn gather<B>(mut incoming: B, limit: u64) -> Result<Bytes, Trouble>
where
    B: Body<Data = Bytes> + Unpin,
    Broken: From<B::Error>,
{
    use http_body_util::BodyExt;
    let announced = incoming.size_hint().lower();
    if announced > limit {
        return Err(Trouble::TooLarge);
    }
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| match Broken::from(error) {
            Broken::TooLarge => Trouble::TooLarge,
            other @ (Broken::Wire(_) | Broken::TooLate) => Trouble::Broken(other),
        })?;
        let Ok(chunk) = frame.into_data() else { continue };
        if (first.len() + whole.len() + chunk.len()) as u64 > limit {
            return Err(Trouble::TooLarge);
        }
        if first.is_empty() && whole.is_empty() {
            first = chunk;
            continue;
        }
        if whole.is_empty() {
            whole.reserve((announced as usize).min(1 << 20).max(first.len() + chunk.len()));
            whole.extend_from_slice(&std::mem::take(&mut first));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// The bodies that one exchange has not read yet.
pub struct Streams {
    held: smallvec::SmallVec<[(StreamId, Incoming); 2]>,
    next: u32,
    /// The caller's connection, and how much may come over it.
    caller: Rc<Activity>,
    longest: u64,
    patience: Duration,
    /// The caller asks for a WebSocket.
    pub wants_upgrade: bool,
    /// The backend's end of it.
    pub upgraded: Option<Upgraded>,
}

/// Lets go of a response's chunks when there are 8 KiB of them, or no more to come.
#[derive(Debug, Default)]
struct HoldBack(BytesMut);

const HELD_BACK: usize = 8 * 1024;

impl Tap for HoldBack {
    fn chunk(&mut self, chunk: Bytes) -> Bytes {
        if self.0.is_empty() && chunk.len() >= HELD_BACK {
            return chunk;
        }
        self.0.extend_from_slice(&chunk);
        if self.0.len() < HELD_BACK { Bytes::new() } else { self.0.split().freeze() }
    }

    fn end(&mut self) -> Bytes {
        self.0.split().freeze()
    }

    fn changes_length(&self) -> bool {
        false
    }
}

/// The caller's own body is the first that is held.
const CALLERS: StreamId = StreamId(0);

impl Streams {
    pub fn new(caller: &Rc<Activity>, longest: u64, patience: Duration) -> Streams {
        Streams {
            held: Default::default(),
            next: CALLERS.0,
            caller: Rc::clone(caller),
            longest,
            patience,
            wants_upgrade: false,
            upgraded: None,
        }
    }

    pub fn hold(&mut self, incoming: Incoming) -> StreamId {
        let id = StreamId(self.next);
        self.next += 1;
        self.held.push((id, incoming));
        id
    }

    pub fn take(&mut self, id: StreamId, taps: Vec<Box<dyn Tap>>) -> Option<LiveBody> {
        let at = self.held.iter().position(|(own, _)| *own == id)?;
        let incoming = self.held.swap_remove(at).1;
        let (caller, left) =
            if id == CALLERS { (Some(Rc::clone(&self.caller)), self.longest) } else { (None, u64::MAX) };
        let shared = caller.as_ref().is_some_and(|caller| caller.is_multiplexed());
        let slow = shared.then(|| Slow { patience: self.patience, since_progress: 0, late: None });
        Some(LiveBody::Stream(Streaming { incoming, taps, caller, left, slow, ended: false }))
    }

    /// As [`Streams::body_of`], with chunks that wait for each other when they are to be held back.
    pub fn body_of_backend(&mut self, incoming: Incoming, held_back: bool) -> crate::message::Body {
        let mut body = self.body_of(incoming);
        if held_back {
            body.tap(Box::new(HoldBack::default()));
        }
        body
    }

    /// As a message carries it: nothing when there is nothing to come.
    pub fn body_of(&mut self, incoming: Incoming) -> crate::message::Body {
        if incoming.is_end_stream() {
            self.next += 1;
            return crate::message::Body::Empty;
        }
        let length = incoming.size_hint().exact();
        crate::message::Body::stream(self.hold(incoming), length)
    }

    /// `Err` when the stream was sent or read already.
    pub fn live(&mut self, body: crate::message::Body) -> Result<LiveBody, ()> {
        Ok(match body {
            crate::message::Body::Empty => LiveBody::Empty,
            crate::message::Body::Bytes(bytes) => LiveBody::Bytes(bytes),
            crate::message::Body::Stream(BodyStream { id, taps, .. }) => self.take(id, taps).ok_or(())?,
        })
    }
}
