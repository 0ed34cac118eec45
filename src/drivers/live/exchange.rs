//! One request: routed, begun as a process, driven to its response, which goes to hyper with the process inside its
//! body.

use super::body::Streams;
use super::clock;
use super::drive::{Guard, Running, finish};
use super::front::activity::Busy;
use super::front::forwarded::Origin;
use super::observe::record::Record;
use super::response::{HyperResponse, refuse, respond};
use super::worker::{Configuration, Peer, Worker};
use crate::dotnet::context::{LastError, Rare};
use crate::drivers::begin::Caller;
use crate::drivers::headers;
use crate::drivers::process::{Process, Program};
use crate::gateway::{Grant, Place, Refusal, route};
use crate::message::{Headers, Response, StatusCode, Url};
use http::header::{self, HeaderValue};
use hyper::body::{Body as _, Incoming};
use std::rc::Rc;
use std::sync::Arc;

/// Answers one request. What a caller must be told is a response; nothing fails past that.
pub async fn handle<P: Program>(
    worker: Rc<Worker<P>>,
    peer: Rc<Peer>,
    request: http::Request<Incoming>,
) -> Result<HyperResponse<P>, std::convert::Infallible> {
    let busy = Busy::new(&peer.activity);
    let configuration = worker.configuration.get();
    let head_only = *request.method() == http::Method::HEAD;
    let until = worker.options.request_timeout.map(|limit| tokio::time::Instant::now() + limit);
    let mut record = worker.view.begin(&peer.address, &request, &worker.entropy);
    match begin(&worker, &peer, &configuration, request, &mut record) {
        Ok((process, streams)) => {
            let running = Box::new(Running::new(process, Rc::clone(&worker), peer, streams, configuration, record));
            let mut guard = Guard(Some(running));
            let running = guard.0.as_mut().expect("the guard was just filled");
            let response = match until {
                None => Ok(running.until_response().await),
                Some(until) => tokio::time::timeout_at(until, Box::pin(running.until_response())).await,
            };
            let mut running = guard.0.take().expect("only this function and drop empty the guard");
            match response {
                Ok(response) => Ok(respond(running, response, head_only, until, busy)),
                Err(_) => {
                    let record = running.take_record();
                    finish(running, false);
                    Ok(too_late(record, &worker, busy))
                }
            }
        }
        Err(refusal) => Ok(refuse(*refusal, record, &configuration.gateway, &worker, busy)),
    }
}

/// The request's time was up before it had a response.
fn too_late<P: Program>(mut record: Option<Box<Record>>, worker: &Worker<P>, busy: Busy) -> HyperResponse<P> {
    if let Some(record) = &mut record {
        record.trouble = Some("the request took longer than it may".into());
    }
    let response = refused(StatusCode::GATEWAY_TIMEOUT, "The request took too long");
    refuse(*response, record, &worker.configuration.get().gateway, worker, busy)
}

fn refused(status: StatusCode, message: &str) -> Box<Response> {
    Box::new(route::plain_error(status, message))
}

type Begun<P> = (<P as Program>::Process, Streams);

/// Routes a request and begins its process, or refuses it.
fn begin<P: Program>(
    worker: &Worker<P>,
    peer: &Peer,
    configuration: &Configuration<P>,
    request: http::Request<Incoming>,
    record: &mut Option<Box<Record>>,
) -> Result<Begun<P>, Box<Response>> {
    let (mut head, incoming) = request.into_parts();
    if head.headers.len() > worker.options.most_headers {
        return Err(refused(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "The request holds too many header fields"));
    }
    if incoming.size_hint().lower() > worker.options.longest_body {
        return Err(refused(StatusCode::PAYLOAD_TOO_LARGE, "The request's body is too large"));
    }
    // There is no path to route by: a gateway is no forward proxy, and says nothing about the server as a whole.
    if head.method == http::Method::CONNECT || !head.uri.path().starts_with('/') {
        return Err(refused(StatusCode::BAD_REQUEST, "The request names no path"));
    }
    let no_host = || refused(StatusCode::BAD_REQUEST, "The request names no valid host");
    if head.version == http::Version::HTTP_2 && !as_http1(&mut head) {
        return Err(no_host());
    }
    let origin = if peer.trusted { worker.options.trust.origin(&head.headers) } else { Origin::default() };
    let original_url = original_url(&head, peer.secure, &origin).ok_or_else(no_host)?;
    let address = origin.client.map_or_else(|| peer.address.clone(), |client| client.to_string().into());
    let wants_upgrade = wants_upgrade(&head);
    headers::strip_hop_by_hop(&mut head.headers);
    headers::mark_host(&mut head.headers);
    let mut headers = Headers::from_map(head.headers);
    if let Some(told) = record.as_mut().and_then(|record| record.told.as_mut()) {
        told.client.clone_from(&address);
        told.tls = original_url.is_tls();
    }
    let gateway = &configuration.gateway;
    let path = route::normalise(&original_url.path).into_owned();
    let query = original_url.query.as_deref();
    let router = &configuration.router;
    let routed = router.route(&head.method, &path, query, &headers);
    let routed = match routed {
        Ok(found) if !gateway.takes(found.api, original_url.is_tls()) => Err(Refusal::NoOperation),
        routed => routed,
    };
    let granted = match &routed {
        Ok(found) => router.authorise(gateway, found.api, &headers, query),
        Err(refusal) => Err(*refusal),
    };
    let place = match &routed {
        Ok(found) => Place::from(found),
        Err(_) => Place { api: router.api_of(&path, query, &headers), operation: None },
    };
    if let (Some(record), Some(api)) = (&mut *record, place.api) {
        let api = &gateway.apis[api];
        record.api = Some(Arc::clone(&api.facts));
        record.operation = place.operation.map(|operation| Arc::clone(&api.operations[operation].facts));
    }
    let traced = match (&mut *record, &granted, place.api) {
        (Some(record), granted, Some(api)) => {
            let subscription = granted.as_ref().ok().and_then(|grant| grant.subscription.as_deref());
            let facts = &gateway.apis[api].facts;
            worker.view.decide(record, headers.map_mut(), facts, subscription, &worker.entropy)
        }
        _ => None,
    };
    let mut streams = Streams::new(&peer.activity, worker.options.longest_body, worker.options.patience.body);
    streams.wants_upgrade = wants_upgrade;
    let body = streams.body_of(incoming);
    let (Some(entropy), Some(request_id)) = (worker.entropy.take(), worker.entropy.take()) else {
        return Err(refused(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"));
    };
    if let Some(record) = &mut *record {
        record.request_id = Some(request_id);
        if let Ok(grant) = &granted {
            record.product = grant.product.map(|product| Arc::clone(&gateway.products[product].facts));
            record.subscription = grant.subscription.clone();
        }
    }
    if let Err(refusal) = &granted {
        note_refusal(record, *refusal);
    }
    let now = clock::now();
    let caller = Caller { original_url, address, method: head.method, headers, body };
    let (mut exchange, grant) = match (&routed, granted) {
        (Ok(found), Ok(grant)) => (caller.exchange(gateway, found, &grant, &path, now, request_id), grant),
        (Err(refusal), _) => (caller.refused(gateway, place, *refusal, now, request_id), Grant::default()),
        (Ok(_), Err(refusal)) => (caller.refused(gateway, place, refusal, now, request_id), Grant::default()),
    };
    if let Some(rare) = &peer.rare {
        exchange.rare = match exchange.rare.workspace.clone() {
            None => Arc::clone(rare),
            workspace => Arc::new(Rare { workspace, ..(**rare).clone() }),
        };
    }
    exchange.tracing = traced.is_some();
    let observer = record.as_mut().zip(traced).map(|(record, id)| worker.view.trace(record, id, &exchange, gateway));
    let mut process = configuration.program.begin(place, &grant, exchange, now, entropy, worker.spare());
    if let Some(observer) = observer {
        process.observe(observer);
    }
    Ok((process, streams))
}

fn note_refusal(record: &mut Option<Box<Record>>, refusal: Refusal) {
    if let Some(record) = record {
        let (source, reason, message) = refusal.error();
        record.error = Some(LastError {
            source: source.into(),
            reason: Some(reason.into()),
            message: message.into(),
            ..LastError::default()
        });
    }
}

/// The handshake of a WebSocket (RFC 6455, 4.1).
fn wants_upgrade(head: &http::request::Parts) -> bool {
    head.method == http::Method::GET
        && head.version == http::Version::HTTP_11
        && head.headers.get(header::UPGRADE).is_some_and(|own| own.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// HTTP/2 says some things in its own way; policies and backends read them as HTTP/1.1 says them. False when the host is
/// named twice, differently.
fn as_http1(head: &mut http::request::Parts) -> bool {
    if let Some(authority) = head.uri.authority() {
        let named = head.headers.get(header::HOST);
        if named.is_some_and(|named| !named.as_bytes().eq_ignore_ascii_case(authority.as_str().as_bytes())) {
            return false;
        }
        if let (None, Ok(host)) = (named, HeaderValue::from_str(authority.as_str())) {
            head.headers.insert(header::HOST, host);
        }
    }
    // RFC 9113, 8.2.3.
    if head.headers.get_all(header::COOKIE).iter().nth(1).is_some() {
        let crumbs: Vec<&[u8]> = head.headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
        if let Ok(cookie) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..])) {
            head.headers.insert(header::COOKIE, cookie);
        }
    }
    true
}

/// The URL as the caller wrote it. `None` when it names no host, or more than one.
fn original_url(head: &http::request::Parts, secure: bool, origin: &Origin) -> Option<Url> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let named = hosts.next();
    if hosts.next().is_some() {
        return None;
    }
    let authority = match (&origin.host, head.uri.authority(), named) {
        (Some(host), _, _) => host,
        (None, Some(authority), _) => authority.as_str(),
        (None, None, Some(host)) => host.to_str().ok()?,
        (None, None, None) if head.version == http::Version::HTTP_10 => "localhost",
        (None, None, None) => return None,
    };
    if authority.is_empty() || authority.contains(['/', '?', '#', '@', ' ']) {
        return None;
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (authority, None),
    };
    Some(Url {
        scheme: origin.scheme.unwrap_or(if secure { "https" } else { "http" }),
        host: host.into(),
        port,
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drivers::live::effects;
    use crate::drivers::process::PassThrough;

    fn room<A, B, C, F>(_: impl Fn(A, B, C) -> F) -> usize {
        size_of::<F>()
    }

    fn room_of_send<A, B, C, D, E, F>(_: impl Fn(A, B, C, D, E) -> F) -> usize {
        size_of::<F>()
    }

    /// hyper moves the future of a request: what is rare (connecting, upgrading, following) stands in a box.
    #[test]
    fn the_future_of_a_request_is_small() {
        let send = room_of_send(effects::send::<PassThrough>);
        let handle = room(handle::<PassThrough>);
        assert!(send <= 4096 && handle <= 5120, "sending takes {send} bytes, handling {handle}");
    }
}
