//! Both ends of a connection over real sockets, written by hand, so that they can misbehave, and a server between them.

use portcullis::drivers::live::{Configuration, Embedded, Options, Server, start};
use portcullis::drivers::process::{PassThrough, Program};
use portcullis::gateway::{self, Gateway, Router};
use portcullis::message::Url;
use portcullis::source::FileId;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub const PATIENCE: Duration = Duration::from_secs(20);

/// A message as it came over the wire.
#[derive(Clone, Debug, Default)]
pub struct Received {
    pub first: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The body ended as its head had announced.
    pub whole: bool,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub fn status(&self) -> u16 {
        self.first.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Reads one head; `None` at the connection's end.
pub fn read_head(from: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut received = Received::default();
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            return Some(received);
        }
        match line.split_once(':') {
            Some((name, value)) if !received.first.is_empty() => {
                received.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
            _ => line.clone_into(&mut received.first),
        }
    }
}

/// Reads the body, giving each piece to `sink`. True when it came whole.
pub fn read_body(from: &mut BufReader<TcpStream>, head: &Received, mut sink: impl FnMut(&[u8])) -> bool {
    let mut piece = vec![0; 64 * 1024];
    let mut exactly = |from: &mut BufReader<TcpStream>, mut left: u64, sink: &mut dyn FnMut(&[u8])| {
        while left > 0 {
            let want = piece.len().min(left as usize);
            match from.read(&mut piece[..want]) {
                Ok(0) | Err(_) => return false,
                Ok(count) => {
                    sink(&piece[..count]);
                    left -= count as u64;
                }
            }
        }
        true
    };
    if head.header("transfer-encoding").is_some() {
        loop {
            let mut line = String::new();
            if from.read_line(&mut line).unwrap_or(0) == 0 {
                return false;
            }
            let Ok(size) = u64::from_str_radix(line.trim(), 16) else { return false };
            if !exactly(from, size, &mut sink) {
                return false;
            }
            let mut end = String::new();
            if from.read_line(&mut end).unwrap_or(0) == 0 {
                return false;
            }
            if size == 0 {
                return true;
            }
        }
    }
    let length = head.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    exactly(from, length, &mut sink)
}

/// What a backend does with a request; false closes the connection.
type Handler = dyn Fn(&Received, &mut TcpStream) -> bool + Send + Sync;

pub struct Backend {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
    pub seen: Arc<Mutex<Vec<Received>>>,
}

/// A backend that reads whole requests, notes them, and answers as it is told.
pub fn backend(handler: impl Fn(&Received, &mut TcpStream) -> bool + Send + Sync + 'static) -> Backend {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let (connections, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let backend = Backend { address, connections: Arc::clone(&connections), seen: Arc::clone(&seen) };
    let handler: Arc<Handler> = Arc::new(handler);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            connections.fetch_add(1, Ordering::SeqCst);
            let (handler, seen) = (Arc::clone(&handler), Arc::clone(&seen));
            std::thread::spawn(move || {
                let mut out = stream.try_clone().expect("a handle");
                let mut from = BufReader::new(stream);
                while let Some(mut request) = read_head(&mut from) {
                    let mut body = Vec::new();
                    request.whole = read_body(&mut from, &request, |piece| body.extend_from_slice(piece));
                    request.body = body;
                    seen.lock().expect("unpoisoned").push(request.clone());
                    if !handler(&request, &mut out) {
                        break;
                    }
                }
            });
        }
    });
    backend
}

pub fn say(out: &mut TcpStream, text: &str) -> bool {
    out.write_all(text.as_bytes()).is_ok()
}

pub const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

pub fn to(address: SocketAddr) -> Gateway {
    let url = Url::parse(&format!("http://{address}/base")).expect("a URL");
    gateway::single(FileId(0), Some(url), Default::default())
}

pub fn configuration<P: Program>(gateway: Gateway, program: P) -> Configuration<P> {
    let (router, _) = Router::new(&gateway);
    Configuration { gateway, router, program }
}

pub fn serve_with<P: Program>(gateway: Gateway, program: P) -> Server<P> {
    let mut options = Options::new("127.0.0.1:0".parse().expect("an address"));
    options.workers = 1;
    options.drain_timeout = Duration::from_secs(5);
    start(options, configuration(gateway, program), Arc::new(Embedded::new(1 << 20))).expect("it listens")
}

pub fn serve(backend: SocketAddr) -> Server<PassThrough> {
    serve_with(to(backend), PassThrough::default())
}

pub struct Client {
    pub from: BufReader<TcpStream>,
    pub to: TcpStream,
}

impl Client {
    pub fn new(address: SocketAddr) -> Client {
        let to = TcpStream::connect(address).expect("connects");
        to.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Client { from: BufReader::new(to.try_clone().expect("a handle")), to }
    }

    pub fn ask(&mut self, request: &str) -> Received {
        // A server that refuses may close before it has read all.
        let _ = self.to.write_all(request.replace('\n', "\r\n").as_bytes());
        self.read(request.starts_with("HEAD"))
    }

    pub fn read(&mut self, head_only: bool) -> Received {
        let mut response = read_head(&mut self.from).unwrap_or_default();
        let mut body = Vec::new();
        if !head_only && response.status() != 304 {
            response.whole = read_body(&mut self.from, &response, |piece| body.extend_from_slice(piece));
        }
        response.body = body;
        response
    }
}

pub fn ask(address: SocketAddr, request: &str) -> Received {
    Client::new(address).ask(request)
}

pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
