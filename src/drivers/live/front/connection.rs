//! One client's connection from accept to close: TLS, the choice of protocol, requests, and what becomes of it when it
//! changes its protocol.

use super::super::exchange;
use super::super::local::Local;
use super::super::worker::{Peer, Worker};
use super::activity::{Activity, Busy, Connections, Noted};
use super::wire::{Stream, Wire};
use crate::dotnet::context::Rare;
use crate::drivers::headers::FREE_HEADERS;
use crate::drivers::process::Program;
use bytes::Bytes;
use http::header::HeaderValue;
use hyper::upgrade::Upgraded;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::net::TcpStream;

/// What a connection needs to know of its worker.
pub struct Front<P: Program> {
    pub worker: Rc<Worker<P>>,
    pub connections: Rc<Connections>,
}

impl<P: Program> Clone for Front<P> {
    fn clone(&self) -> Front<P> {
        Front { worker: Rc::clone(&self.worker), connections: Rc::clone(&self.connections) }
    }
}

/// Serves a connection until it ends, takes too long, or is drained.
pub async fn serve<P: Program>(
    front: Front<P>,
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<Arc<rustls::ServerConfig>>,
) {
    // Without it a small response may wait for an acknowledgement; the connection works all the same.
    let _ = stream.set_nodelay(true);
    let viewer = Rc::clone(&front.worker);
    let _connected = viewer.view.connected();
    let noted = front.connections.enter();
    let activity = Rc::clone(&noted.activity);
    let connections = Rc::clone(&front.connections);
    let mut course = std::pin::pin!(course(front, noted, stream, address, tls));
    let mut known = false;
    std::future::poll_fn(|cx| {
        if !known {
            activity.set_waker(cx.waker());
            known = true;
        }
        // A handshake that nobody has finished is no request under way.
        if activity.overdue() || (connections.draining() && activity.is_fresh()) {
            return Poll::Ready(());
        }
        course.as_mut().poll(cx)
    })
    .await;
    if activity.overdue() && activity.awaits_head() {
        let client = address.ip().to_canonical().to_string();
        let why = "the request's head took too long".to_owned();
        viewer.view.no_request(&client, 408, why, &viewer.configuration.get().gateway);
    }
}

async fn course<P: Program>(
    front: Front<P>,
    noted: Noted,
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<Arc<rustls::ServerConfig>>,
) {
    let activity = &noted.activity;
    let (wire, multiplexed, secure, rare) = match tls {
        None => {
            let Some((before, multiplexed)) = preface(&stream).await else { return };
            (Wire::new(before, Stream::Plain(stream), Rc::clone(activity)), multiplexed, false, None)
        }
        Some(config) => {
            // Who fails a handshake has been told why.
            let Ok(stream) = tokio_rustls::TlsAcceptor::from(config).accept(stream).await else { return };
            let (_, session) = stream.get_ref();
            let multiplexed = session.alpn_protocol() == Some(b"h2");
            let certificate = session.peer_certificates().and_then(|chain| chain.first());
            let rare = certificate
                .map(|own| Arc::new(Rare { client_certificate: Some(Arc::from(own.as_ref())), ..Rare::default() }));
            (Wire::new(Bytes::new(), Stream::Tls(Box::new(stream)), Rc::clone(activity)), multiplexed, true, rare)
        }
    };
    activity.set_chosen();
    let ip = address.ip().to_canonical();
    let text = ip.to_string();
    let Ok(header) = HeaderValue::from_str(&text) else { return };
    let trusted = front.worker.options.trust.covers(ip);
    let activity = Rc::clone(activity);
    let peer = Rc::new(Peer { address: text.into(), header, secure, trusted, rare, activity });
    if multiplexed {
        many(&front, wire, peer).await;
    } else {
        one_by_one(&front, wire, peer).await;
    }
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Reads until it is clear whether the client speaks HTTP/2 without being asked.
async fn preface(stream: &TcpStream) -> Option<(Bytes, bool)> {
    let mut read = [0; PREFACE.len()];
    let mut count = 0;
    loop {
        stream.readable().await.ok()?;
        match stream.try_read(&mut read[count..]) {
            Ok(0) => return None,
            Ok(more) => count += more,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(_) => return None,
        }
        if read[..count] != PREFACE[..count] || count == PREFACE.len() {
            return Some((Bytes::copy_from_slice(&read[..count]), count == PREFACE.len() && read == PREFACE));
        }
    }
}

/// HTTP/1.1.
async fn one_by_one<P: Program>(front: &Front<P>, wire: Wire, peer: Rc<Peer>) {
    let activity = Rc::clone(&peer.activity);
    let worker = Rc::clone(&front.worker);
    let client = peer.address.clone();
    let service =
        hyper::service::service_fn(move |request| exchange::handle(Rc::clone(&worker), Rc::clone(&peer), request));
    let mut builder = hyper::server::conn::http1::Builder::new();
    // The sweep over all connections does it without a timer for each.
    builder.header_read_timeout(None).max_buf_size(front.worker.options.longest_head.max(8192));
    if front.worker.options.most_headers != FREE_HEADERS {
        builder.max_headers(front.worker.options.most_headers);
    }
    let mut connection = builder.serve_connection(TokioIo::new(wire), service);
    let mut told = false;
    let ended = std::future::poll_fn(|cx| {
        if front.connections.draining() && !told {
            told = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        Pin::new(&mut connection).poll(cx)
    })
    .await;
    match ended {
        Ok(()) => {
            if let Some(other) = activity.take_upgrade() {
                let parts = connection.into_parts();
                activity.set_multiplexed();
                pipe(parts.io.into_inner(), parts.read_buf, other, &activity).await;
            }
        }
        // hyper has told the client, in a word.
        Err(error) if error.is_parse() => {
            let status = match error.is_parse_too_large() {
                true if error.to_string().contains("URI") => 414,
                true => 431,
                false => 400,
            };
            front.worker.view.no_request(&client, status, error.to_string(), &front.worker.configuration.get().gateway);
        }
        // A connection that fails otherwise has nobody left to be told.
        Err(_) => {}
    }
}

/// HTTP/2.
async fn many<P: Program>(front: &Front<P>, wire: Wire, peer: Rc<Peer>) {
    peer.activity.set_multiplexed();
    let worker = Rc::clone(&front.worker);
    let service =
        hyper::service::service_fn(move |request| exchange::handle(Rc::clone(&worker), Rc::clone(&peer), request));
    let options = &front.worker.options;
    let mut connection = std::pin::pin!(
        hyper::server::conn::http2::Builder::new(Local)
            .timer(TokioTimer::new())
            .keep_alive_interval(Some(Duration::from_secs(30)))
            .keep_alive_timeout(Duration::from_secs(20))
            .max_concurrent_streams(options.streams)
            .max_header_list_size(u32::try_from(options.longest_head).unwrap_or(u32::MAX))
            .serve_connection(TokioIo::new(wire), service)
    );
    let mut told = false;
    let _ = std::future::poll_fn(|cx| {
        if front.connections.draining() && !told {
            told = true;
            connection.as_mut().graceful_shutdown();
        }
        connection.as_mut().poll(cx)
    })
    .await;
}

/// Bytes both ways until both ends have said all.
async fn pipe(mut wire: Wire, before: Bytes, other: Upgraded, activity: &Rc<Activity>) {
    use tokio::io::AsyncWriteExt as _;
    let _busy = Busy::new(activity);
    let mut other = TokioIo::new(other);
    if !before.is_empty() && other.write_all(&before).await.is_err() {
        return;
    }
    // However it ends, both connections close.
    let _ = tokio::io::copy_bidirectional(&mut wire, &mut other).await;
}
