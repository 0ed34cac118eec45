//! The admin listener: health, readiness, metrics, request traces. A thread of its own with its own runtime, so that a scrape waits for
//! no request and no request for a scrape.
//!
//! It answers no browser's page: a request with an `Origin` is refused, so that a page elsewhere cannot reach a port of
//! this machine through its reader's browser.

use super::tracing::{LONGEST_TOKEN, Tracing};
use super::{Observatory, exposition};
use crate::drivers::live::body::gather;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
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
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let observatory = Arc::clone(&observatory);
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

async fn serve(stream: TcpStream, peer: SocketAddr, observatory: Arc<Observatory>) {
    let service = hyper::service::service_fn(move |request| {
        let observatory = Arc::clone(&observatory);
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
    if request.headers().contains_key(header::ORIGIN) {
        return problem(StatusCode::FORBIDDEN, "not for web pages");
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path().to_owned();
    let last = path.rsplit('/').next().unwrap_or_default();
    if let Some(tracing) = &observatory.tracing
        && (path.starts_with("/traces/") || matches!(last, "listDebugCredentials" | "listTrace"))
    {
        // Traces hold what requests held: whoever may log in here may see them.
        return match peer.ip().to_canonical().is_loopback() {
            true => traces(request, &path, last, tracing).await,
            false => problem(StatusCode::FORBIDDEN, "traces are shown to this machine only"),
        };
    }
    match (&*path, reads) {
        ("/health", true) => state(StatusCode::OK, "live"),
        // The listener begins once a configuration is loaded, and the last good one stays in force.
        ("/ready", true) if observatory.is_draining() => state(StatusCode::SERVICE_UNAVAILABLE, "draining"),
        ("/ready", true) => state(StatusCode::OK, "ready"),
        ("/metrics", true) => say(StatusCode::OK, exposition::CONTENT_TYPE, exposition::render(observatory)),
        ("/health" | "/ready" | "/metrics", false) => problem(StatusCode::METHOD_NOT_ALLOWED, "only GET"),
        _ => problem(StatusCode::NOT_FOUND, "there are /health, /ready and /metrics, and with --tracing traces"),
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    trace_id: Option<String>,
    api_id: Option<String>,
    credentials_expire_after: Option<String>,
    purposes: Option<Vec<String>>,
}

const LONGEST_QUESTION: u64 = 64 * 1024;

/// `GET /traces/{id}`, `POST .../listTrace` and `POST .../listDebugCredentials`, which may stand below the path that
/// they have in the management API.
async fn traces(request: Request<Incoming>, path: &str, last: &str, tracing: &Tracing) -> Answer {
    let is_post = *request.method() == Method::POST;
    if let (false, Some(id)) = (is_post, path.strip_prefix("/traces/")) {
        return trace(tracing, id);
    }
    if !is_post {
        return problem(StatusCode::METHOD_NOT_ALLOWED, "only POST");
    }
    let Ok(body) = gather(request.into_body(), LONGEST_QUESTION).await else {
        return problem(StatusCode::BAD_REQUEST, "no body could be read");
    };
    let Ok(asked) = serde_json::from_slice::<Asked>(&body) else {
        return problem(StatusCode::BAD_REQUEST, "the body is no JSON object of the documented shape");
    };
    if last == "listTrace" {
        return match asked.trace_id {
            Some(id) => trace(tracing, &id),
            None => problem(StatusCode::BAD_REQUEST, "`traceId` is missing"),
        };
    }
    if asked.purposes.is_some_and(|purposes| purposes.iter().any(|purpose| purpose != "tracing")) {
        return problem(StatusCode::BAD_REQUEST, "`purposes` knows `tracing` only");
    }
    let Some(api) = asked.api_id.as_deref().and_then(|id| id.trim_end_matches('/').rsplit('/').next()) else {
        return problem(StatusCode::BAD_REQUEST, "`apiId` is missing");
    };
    let good_for = match asked.credentials_expire_after.as_deref().map(str::parse::<jiff::SignedDuration>) {
        None => LONGEST_TOKEN,
        Some(given) => match given.ok().and_then(|given| Duration::try_from(given).ok()) {
            Some(given) if given <= LONGEST_TOKEN => given,
            _ => return problem(StatusCode::BAD_REQUEST, "`credentialsExpireAfter` is a duration up to PT1H"),
        },
    };
    let token = tracing.issue(api, good_for);
    say(StatusCode::OK, "application/json", serde_json::json!({ "token": token }).to_string())
}

fn trace(tracing: &Tracing, id: &str) -> Answer {
    match tracing.find(id) {
        Some(trace) => say(StatusCode::OK, "application/json", trace),
        None => problem(StatusCode::NOT_FOUND, "no trace of this id is kept"),
    }
}

fn problem(status: StatusCode, message: &str) -> Answer {
    say(status, "application/json", serde_json::json!({ "error": message }).to_string())
}

fn state(status: StatusCode, state: &str) -> Answer {
    say(status, "application/json", serde_json::json!({ "status": state }).to_string())
}

fn say(status: StatusCode, content_type: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    answer
}
