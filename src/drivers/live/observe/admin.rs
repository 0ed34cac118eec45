//! The admin listener: health, readiness, metrics. A thread of its own with its own runtime, so that a scrape waits for
//! no request and no request for a scrape.
//!
//! It answers no browser's page: a request with an `Origin` is refused, so that a page elsewhere cannot reach a port of
//! this machine through its reader's browser.

use super::{Observatory, exposition};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Connections at once.
const CONNECTIONS: usize = 64;
/// A connection that is silent for this long is closed.
const PATIENCE: Duration = Duration::from_secs(30);

type Answer = Response<Full<Bytes>>;

/// Binds and starts; the service ends when `stop` is dropped or says true.
pub fn start(
    address: SocketAddr,
    observatory: Arc<Observatory>,
    mut stop: watch::Receiver<bool>,
) -> io::Result<SocketAddr> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let run = move || {
        tokio::task::LocalSet::new().block_on(&runtime, async move {
            tokio::select! {
                () = accept(listener, observatory) => {}
                // An error says that the sender is gone, which is the same.
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
    };
    std::thread::Builder::new().name("admin".into()).spawn(run)?;
    Ok(address)
}

async fn accept(listener: std::net::TcpListener, observatory: Arc<Observatory>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let observatory = Rc::new(observatory);
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let observatory = Rc::clone(&observatory);
                tokio::task::spawn_local(async move {
                    serve(stream, peer, observatory).await;
                    drop(place);
                });
            }
            // Out of file handles: not helped by haste.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, observatory: Rc<Arc<Observatory>>) {
    let service = hyper::service::service_fn(move |request| {
        let observatory = Rc::clone(&observatory);
        async move { Ok::<_, Infallible>(answer(request, peer, &observatory).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that fails has nobody left to be told.
    let _ = connection.await;
}

async fn answer(request: Request<Incoming>, peer: SocketAddr, observatory: &Observatory) -> Answer {
    let _ = peer;
    if request.headers().contains_key(header::ORIGIN) {
        return say(StatusCode::FORBIDDEN, "application/json", r#"{"error":"not for web pages"}"#.into());
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match (request.uri().path(), reads) {
        ("/health", true) => state(StatusCode::OK, "live"),
        // The listener begins once a configuration is loaded, and the last good one stays in force.
        ("/ready", true) if observatory.is_draining() => state(StatusCode::SERVICE_UNAVAILABLE, "draining"),
        ("/ready", true) => state(StatusCode::OK, "ready"),
        ("/metrics", true) => say(StatusCode::OK, exposition::CONTENT_TYPE, exposition::render(observatory)),
        ("/health" | "/ready" | "/metrics", false) => state(StatusCode::METHOD_NOT_ALLOWED, "only GET"),
        _ => state(StatusCode::NOT_FOUND, "there are /health, /ready and /metrics"),
    }
}

fn state(status: StatusCode, state: &str) -> Answer {
    say(status, "application/json", serde_json::json!({ "status": state }).to_string())
}

pub(super) fn say(status: StatusCode, content_type: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    answer
}
