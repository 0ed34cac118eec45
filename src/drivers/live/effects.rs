//! Effects that wait for the world: calls to other servers, bodies that are read, time.

use super::body::{self, LiveBody, Streams, Trouble};
use super::front::wait::Gate;
use super::upstream::{self, Way};
use super::worker::{Peer, Worker};
use crate::drivers::headers;
use crate::drivers::process::Program;
use crate::drivers::redirect;
use crate::effect::{Answer, Effect, Failure, FailureKind, OutboundCall, Side};
use crate::message::{Body, Headers, Request, Response, StatusCode, Transport};
use http::header;
use hyper::body::{Body as _, Incoming};
use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Forward,
    Send,
    OneWay,
}

pub async fn perform<P: Program>(
    worker: Rc<Worker<P>>,
    peer: Rc<Peer>,
    streams: Rc<RefCell<Streams>>,
    effect: Effect,
) -> Answer {
    match effect {
        Effect::Forward(call) => send(worker, peer, streams, *call, Kind::Forward).await,
        Effect::Send(call) => Box::pin(send(worker, peer, streams, *call, Kind::Send)).await,
        Effect::ReadBody { side, stream, limit } => {
            let taken = streams.borrow_mut().take(stream, Vec::new());
            let Some(incoming) = taken else {
                return failed(FailureKind::Connection, "the body was sent or read already");
            };
            match Box::pin(body::gather(incoming, limit.min(worker.options.body_limit))).await {
                Ok(bytes) => Answer::Body(bytes),
                Err(Trouble::TooLarge) => failed(FailureKind::TooLarge, "the body is larger than what is buffered"),
                Err(Trouble::Broken(error)) => {
                    let kind = match side {
                        Side::Request => FailureKind::ClientGone,
                        Side::Response => FailureKind::Connection,
                    };
                    failed(kind, format!("the body broke off: {error}"))
                }
            }
        }
        Effect::Sleep(wait) => {
            tokio::time::sleep(wait).await;
            Answer::Done
        }
        Effect::Slice => {
            tokio::task::yield_now().await;
            Answer::Done
        }
        Effect::SendOneWay(_)
        | Effect::CacheLookup { .. }
        | Effect::CacheStore { .. }
        | Effect::CacheRemove { .. }
        | Effect::Acquire { .. }
        | Effect::Release { .. }
        | Effect::ChooseBackend(_)
        | Effect::Trace(_) => unreachable!("at_once() answers what needs no waiting"),
    }
}

fn failed(kind: FailureKind, message: impl Into<Box<str>>) -> Answer {
    Answer::Failed(Failure { kind, message: message.into() })
}

pub async fn send<P: Program>(
    worker: Rc<Worker<P>>,
    peer: Rc<Peer>,
    streams: Rc<RefCell<Streams>>,
    call: OutboundCall,
    kind: Kind,
) -> Answer {
    let OutboundCall {
        request, timeout, follow_redirects, http2, transport, continue_timeout, buffer_response, ..
    } = call;
    let Request { method, url, headers, body } = request;
    if kind != Kind::Forward
        && let Err(failure) = worker.upstream.egress.permits(&url)
    {
        return Answer::Failed(failure);
    }
    let Ok(body) = streams.borrow_mut().live(body) else {
        let message = "the body was sent already and was not buffered, so that it cannot be sent again";
        return failed(FailureKind::Connection, message);
    };
    let mut headers = headers.into_map();
    headers::strip_hop_by_hop(&mut headers);
    headers.remove(header::EXPECT);
    if kind == Kind::Forward {
        headers::add_forwarded_for(&mut headers, &peer.header);
    }
    upstream::fit_length(&mut headers, &body);
    let way = Way { transport, http2, tunnel: false };
    if kind == Kind::Forward && matches!(url.scheme, "ws" | "wss") && streams.borrow().wants_upgrade {
        let call = upstream::Call { method, url, headers, body: LiveBody::Empty, way };
        return Box::pin(upgrade(&worker, &streams, call, timeout)).await;
    }
    peer.activity.take_body_failure();
    let sending = std::pin::pin!(async {
        let call = upstream::Call { method, url, headers, body, way };
        if follow_redirects {
            Box::pin(follow(&worker, call, kind, continue_timeout)).await
        } else if let Some(patience) = continue_timeout {
            Box::pin(send_expecting(&worker, call, patience)).await
        } else {
            worker.upstream.send(call).await
        }
    });
    let response = match worker.deadlines.within(timeout, sending).await {
        Ok(Ok(response)) => response,
        // Where the caller's body broke off, the server did not fail.
        Ok(Err(failure)) => return Answer::Failed(peer.activity.take_body_failure().unwrap_or(failure)),
        Err(_) => return too_late(timeout),
    };
    let (mut head, incoming) = response.into_parts();
    headers::strip_hop_by_hop(&mut head.headers);
    let body = match kind {
        Kind::OneWay => Body::Empty,
        Kind::Forward => {
            let held_back = buffer_response && is_held_back(head.version, &head.headers, &incoming);
            streams.borrow_mut().body_of_backend(incoming, held_back)
        }
        Kind::Send => match Box::pin(body::gather(incoming, worker.options.body_limit)).await {
            Ok(bytes) if bytes.is_empty() => Body::Empty,
            Ok(bytes) => Body::Bytes(bytes),
            Err(Trouble::TooLarge) => {
                return failed(FailureKind::TooLarge, "the response is larger than what is buffered");
            }
            Err(Trouble::Broken(error)) => {
                return failed(FailureKind::Connection, format!("the response broke off: {error}"));
            }
        },
    };
    Answer::Response(Box::new(as_policies_see(head, body)))
}

fn as_policies_see(head: http::response::Parts, body: Body) -> Response {
    let reason = head
        .extensions
        .get::<hyper::ext::ReasonPhrase>()
        .and_then(|reason| std::str::from_utf8(reason.as_bytes()).ok())
        .map(Into::into);
    Response { status: head.status, reason, headers: Headers::from_map(head.headers), body }
}

fn too_late(timeout: Duration) -> Answer {
    failed(FailureKind::Timeout, format!("no response within {} ms", timeout.as_millis()))
}

/// `buffer-response` concerns chunked responses. Events are sent to be seen at once: they never wait.
fn is_held_back(version: http::Version, headers: &http::HeaderMap, body: &Incoming) -> bool {
    let events =
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    version <= http::Version::HTTP_11 && body.size_hint().exact().is_none() && !events
}

/// Sends, and lets the body wait until the server wants it.
async fn send_expecting<P: Program>(
    worker: &Worker<P>,
    call: upstream::Call,
    patience: Duration,
) -> Result<http::Response<Incoming>, Failure> {
    if call.body.is_end_stream() {
        return worker.upstream.send(call).await;
    }
    let upstream::Call { method, url, mut headers, body, way } = call;
    headers.insert(header::EXPECT, http::HeaderValue::from_static("100-continue"));
    let gate = Gate::new();
    let call = upstream::Call { method, url, headers, body: LiveBody::held(body, &gate), way };
    let open = Gate::clone(&gate);
    let sending = Box::pin(worker.upstream.send_prepared(call, move |request| {
        hyper::ext::on_informational(request, move |told| {
            if told.status() == StatusCode::CONTINUE {
                open.open();
            }
        });
    }));
    within(patience, &gate, sending).await
}

/// Sends, and gives the server this long to want the body, or to answer without it.
async fn within(
    patience: Duration,
    gate: &Gate,
    sending: impl Future<Output = Result<http::Response<Incoming>, Failure>>,
) -> Result<http::Response<Incoming>, Failure> {
    let mut sending = std::pin::pin!(sending);
    tokio::select! {
        response = &mut sending => return response,
        () = tokio::time::sleep(patience) => {}
    }
    if gate.is_open() {
        return sending.await;
    }
    let message = format!("the backend did not ask for the body within {} ms", patience.as_millis());
    Err(Failure { kind: FailureKind::Timeout, message: message.into() })
}

/// The handshake of a WebSocket. With `101` the connection waits until policies have seen the response.
async fn upgrade<P: Program>(
    worker: &Worker<P>,
    streams: &RefCell<Streams>,
    call: upstream::Call,
    timeout: Duration,
) -> Answer {
    let (response, upgraded) = match tokio::time::timeout(timeout, worker.upstream.upgrade(call)).await {
        Ok(Ok(answered)) => answered,
        Ok(Err(failure)) => return Answer::Failed(failure),
        Err(_) => return too_late(timeout),
    };
    let (mut head, incoming) = response.into_parts();
    headers::strip_hop_by_hop(&mut head.headers);
    let body = match upgraded {
        Some(upgraded) => {
            streams.borrow_mut().upgraded = Some(upgraded);
            Body::Empty
        }
        None => streams.borrow_mut().body_of_backend(incoming, false),
    };
    Answer::Response(Box::new(as_policies_see(head, body)))
}

/// Sends, and goes where redirects lead, as long as the body can be sent again or is not wanted there.
async fn follow<P: Program>(
    worker: &Worker<P>,
    mut call: upstream::Call,
    kind: Kind,
    patience: Option<Duration>,
) -> Result<http::Response<Incoming>, Failure> {
    for _ in 0..redirect::MOST {
        let copy = call.body.copy();
        let (mut headers, mut way) = (call.headers.clone(), call.way.clone());
        let (method, url) = (call.method.clone(), call.url.clone());
        let response = match patience {
            Some(patience) => send_expecting(worker, call, patience).await?,
            None => worker.upstream.send(call).await?,
        };
        let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let Some(onward) = redirect::onward(response.status(), location, &method, &url) else {
            return Ok(response);
        };
        let Some(body) = (if onward.drops_body { Some(LiveBody::Empty) } else { copy }) else { return Ok(response) };
        if onward.elsewhere || kind != Kind::Forward {
            worker.upstream.egress.permits(&onward.url)?;
        }
        onward.fit_headers(&mut headers);
        // The certificate is for the server that it was set for.
        if let Some(own) = way.transport.as_ref().filter(|own| onward.elsewhere && own.certificate.is_some()) {
            way.transport = Some(Arc::new(Transport { certificate: None, ..Transport::clone(own) }));
        }
        call = upstream::Call { method: onward.method, url: onward.url, headers, body, way };
    }
    Err(Failure { kind: FailureKind::Connection, message: redirect::ENDLESS.into() })
}
