//! A body is nothing, bytes, or a stream with pure taps on its chunks.

use bytes::Bytes;
use std::fmt;

/// Names a stream that the driver holds: the caller's request body, a backend's response body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(pub u32);

/// A pure transformation of a body's chunks, applied by the driver under back-pressure.
pub trait Tap: Send + fmt::Debug {
    /// Takes a chunk and returns what goes on in its place (possibly nothing yet).
    fn chunk(&mut self, chunk: Bytes) -> Bytes;
    /// The body has ended: returns what was held back.
    fn end(&mut self) -> Bytes {
        Bytes::new()
    }
    /// Whether the body's length may change, so that `Content-Length` must go.
    fn changes_length(&self) -> bool {
        true
    }
}

/// A body that passes through unread.
#[derive(Debug)]
pub struct BodyStream {
    pub id: StreamId,
    /// Applied in order to each chunk.
    pub taps: Vec<Box<dyn Tap>>,
    /// In bytes, when the sender said so.
    pub length: Option<u64>,
}

/// What follows a message's headers.
#[derive(Debug, Default)]
pub enum Body {
    #[default]
    Empty,
    Bytes(Bytes),
    Stream(BodyStream),
}

impl Body {
    /// A stream without taps.
    pub fn stream(id: StreamId, length: Option<u64>) -> Body {
        Body::Stream(BodyStream { id, taps: Vec::new(), length })
    }

    /// The bytes, unless the body is still a stream.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Body::Empty => Some(&[]),
            Body::Bytes(bytes) => Some(bytes),
            Body::Stream(_) => None,
        }
    }

    /// Runs a tap over the whole body when it is here, or puts it on the stream.
    pub fn tap(&mut self, mut tap: Box<dyn Tap>) {
        match self {
            Body::Empty => {}
            Body::Bytes(bytes) => {
                let head = tap.chunk(std::mem::take(bytes));
                let tail = tap.end();
                *bytes = if tail.is_empty() { head } else { [head, tail].concat().into() };
            }
            Body::Stream(stream) => stream.taps.push(tap),
        }
    }
}
