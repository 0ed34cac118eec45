//! A bound on what a server may send before its response's head is complete. hyper bounds one head, and passes over any
//! number of interim responses (1xx): a server that sends nothing else would keep a worker busy for good.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// More than hyper takes for one head (about 400 KiB).
const LONGEST: usize = 1 << 20;

/// Bytes that may come yet, while a head is awaited: between request and response, told by who waits.
#[derive(Clone, Debug)]
pub struct HeadBound(Arc<AtomicUsize>);

const NOT_AWAITED: usize = usize::MAX;

impl HeadBound {
    pub fn new() -> HeadBound {
        HeadBound(Arc::new(AtomicUsize::new(NOT_AWAITED)))
    }

    pub fn begin(&self) {
        self.0.store(LONGEST, Ordering::Relaxed);
    }

    pub fn end(&self) {
        self.0.store(NOT_AWAITED, Ordering::Relaxed);
    }
}

/// A connection that keeps to the bound.
pub struct Bounded<T> {
    stream: T,
    bound: HeadBound,
}

impl<T> Bounded<T> {
    pub fn new(stream: T, bound: &HeadBound) -> Bounded<T> {
        Bounded { stream, bound: bound.clone() }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Bounded<T> {
    #[inline]
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let left = self.bound.0.load(Ordering::Relaxed);
        if left == NOT_AWAITED {
            return Pin::new(&mut self.stream).poll_read(cx, into);
        }
        if left == 0 {
            return Poll::Ready(Err(io::Error::other("the server sends interim responses without end")));
        }
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, into);
        let left = left.saturating_sub(into.filled().len() - before);
        self.bound.0.store(left, Ordering::Relaxed);
        read
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Bounded<T> {
    #[inline]
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    #[inline]
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    #[inline]
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
