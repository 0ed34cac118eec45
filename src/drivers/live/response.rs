//! A response on its way to hyper. The process lives on inside its body until the last byte was sent, or until the
//! caller has left.

use super::body::{Broken, LiveBody};
use super::drive::{Running, finish};
use super::front::activity::Busy;
use super::observe::record::Record;
use super::upstream;
use super::worker::Worker;
use crate::drivers::headers;
use crate::drivers::process::Program;
use crate::gateway::{Gateway, route};
use crate::message::{Headers, Response, StatusCode};
use bytes::Bytes;
use http::header::{self, HeaderValue};
use hyper::body::{Body as _, Frame, SizeHint};
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};

pub type HyperResponse<P> = http::Response<ResponseBody<P>>;

/// The body of a response, with the process that is told how it ends.
pub struct ResponseBody<P: Program> {
    body: LiveBody,
    broken: bool,
    running: Option<Box<Running<P>>>,
    /// When its time is up.
    limit: Option<Pin<Box<tokio::time::Sleep>>>,
    /// The request is under way on its connection until its body is gone.
    _busy: Busy,
}

pub fn respond<P: Program>(
    mut running: Box<Running<P>>,
    response: Option<Box<Response>>,
    head_only: bool,
    until: Option<tokio::time::Instant>,
    busy: Busy,
) -> HyperResponse<P> {
    let response = response
        .unwrap_or_else(|| Box::new(route::plain_error(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")));
    let Response { status, reason, headers, body } = *response;
    let live = running.streams.borrow_mut().live(body);
    let body = live.unwrap_or_else(|()| {
        if let Some(record) = &mut running.record {
            record.trouble = Some("the response's body was read already".into());
        }
        LiveBody::Empty
    });
    // A protocol that changes without another end to speak it would be a lie.
    let upgraded = running.streams.borrow_mut().upgraded.take().filter(|_| status == StatusCode::SWITCHING_PROTOCOLS);
    let status = match (status, &upgraded) {
        (StatusCode::SWITCHING_PROTOCOLS, None) => StatusCode::INTERNAL_SERVER_ERROR,
        (status, _) => status,
    };
    let mut head = head_of(status, reason, headers, &body, head_only);
    if let Some(record) = &mut running.record {
        record.status = status.as_u16();
        if let Some((name, value)) = record.answer_header.take() {
            head.headers_mut().insert(name, value);
        }
    }
    if let Some(upgraded) = upgraded {
        head.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        head.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        head.headers_mut().remove(header::CONTENT_LENGTH);
        running.set_upgrade(upgraded);
    }
    let body = if head_only { LiveBody::Empty } else { body };
    let limit = until.filter(|_| !body.is_end_stream()).map(|until| Box::pin(tokio::time::sleep_until(until)));
    head.map(|()| ResponseBody { body, broken: false, running: Some(running), limit, _busy: busy })
}

fn head_of(
    status: StatusCode,
    reason: Option<Box<str>>,
    headers: Headers,
    body: &LiveBody,
    head_only: bool,
) -> http::Response<()> {
    let mut answer = http::Response::new(());
    *answer.status_mut() = status;
    let mut headers = headers.into_map();
    headers::strip_hop_by_hop(&mut headers);
    match body {
        LiveBody::Bytes(bytes) if head_only => {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        }
        // A response to HEAD, and 304, announce the length of a body that they do not carry.
        _ if head_only || status == StatusCode::NOT_MODIFIED => {}
        body => upstream::fit_length(&mut headers, body),
    }
    *answer.headers_mut() = headers;
    if let Some(reason) = reason.filter(|reason| Some(&**reason) != status.canonical_reason())
        && let Ok(reason) = hyper::ext::ReasonPhrase::try_from(reason.as_bytes())
    {
        answer.extensions_mut().insert(reason);
    }
    answer
}

/// An answer of the gateway's own.
pub fn refuse<P: Program>(
    response: Response,
    mut record: Option<Box<Record>>,
    gateway: &Gateway,
    worker: &Worker<P>,
    busy: Busy,
) -> HyperResponse<P> {
    let Response { status, reason, headers, body } = response;
    let body = LiveBody::Bytes(body.bytes().map(Bytes::copy_from_slice).unwrap_or_default());
    if let Some(record) = &mut record {
        record.status = status.as_u16();
        record.bytes = body.size_hint().lower();
    }
    worker.view.finish(record, gateway);
    let head = head_of(status, reason, headers, &body, false);
    head.map(|()| ResponseBody { body, broken: false, running: None, limit: None, _busy: busy })
}

impl<P: Program> hyper::body::Body for ResponseBody<P> {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let own = &mut *self;
        let late = own.limit.as_mut().is_some_and(|limit| limit.as_mut().poll(cx).is_ready());
        let frame = match late {
            true => Some(Err(Broken::TooLate)),
            false => std::task::ready!(Pin::new(&mut own.body).poll_frame(cx)),
        };
        match &frame {
            Some(Ok(frame)) => {
                if let (Some(data), Some(record)) =
                    (frame.data_ref(), own.running.as_mut().and_then(|own| own.record.as_mut()))
                {
                    record.bytes += data.len() as u64;
                }
            }
            Some(Err(error)) => {
                own.broken = true;
                if let Some(record) = own.running.as_mut().and_then(|own| own.record.as_mut()) {
                    record.trouble = Some(format!("the response broke off: {error}").into());
                }
            }
            None => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<P: Program> Drop for ResponseBody<P> {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            finish(running, !self.broken && self.body.is_end_stream());
        }
    }
}
