//! The live driver over real sockets. Both ends are written by hand, so that they can misbehave.

use super::program::{Folder, command, portcullis};
use super::support;
use portcullis::diagnostics::Severity;
use portcullis::dotnet::context::Exchange;
use portcullis::drivers::live::{Configuration, Embedded, Options, Server, start};
use portcullis::drivers::process::{PassThrough, PassThroughProcess, Poll, Process, Program};
use portcullis::effect::{Answer, Effect, EffectId, Moment, OutboundCall, Side};
use portcullis::gateway::{self, Gateway, Grant, Place, Router};
use portcullis::message::{Body, Headers, Method, Request, Response, StatusCode, Tap, Url};
use portcullis::source::FileId;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub const PATIENCE: Duration = Duration::from_secs(20);

// ---- both ends

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

fn serve_with<P: Program>(gateway: Gateway, program: P) -> Server<P> {
    let mut options = Options::new("127.0.0.1:0".parse().expect("an address"));
    options.workers = 1;
    options.drain_timeout = Duration::from_secs(5);
    start(options, configuration(gateway, program), Arc::new(Embedded::new(1 << 20))).expect("it listens")
}

fn serve(backend: SocketAddr) -> Server<PassThrough> {
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

fn ask(address: SocketAddr, request: &str) -> Received {
    Client::new(address).ask(request)
}

pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

// ---- forwarding

#[test]
fn a_request_is_forwarded_and_its_response_returned() {
    let backend = backend(|_, out| {
        say(
            out,
            "HTTP/1.1 201 Made It\r\nContent-Length: 4\r\nX-Answer: a\r\nConnection: X-Private\r\nX-Private: p\r\nKeep-Alive: timeout=5\r\n\r\nbody",
        )
    });
    let server = serve(backend.address);
    let response = ask(
        server.address(),
        "POST /a/../b%20c?x=1&y=%2F HTTP/1.1\nHost: gateway.example\nX-Forwarded-For: 10.1.1.1\nX-Kept: 1\nX-Kept: 2\n\
         Connection: X-Gone, keep-alive\nX-Gone: g\nTE: trailers\nContent-Length: 5\n\nhello",
    );
    assert_eq!((response.first.as_str(), response.text().as_str()), ("HTTP/1.1 201 Made It", "body"));
    assert_eq!(response.header("x-answer"), Some("a"));
    assert_eq!((response.header("x-private"), response.header("keep-alive")), (None, None));
    let seen = backend.seen.lock().expect("unpoisoned")[0].clone();
    assert_eq!(seen.first, "POST /base/b%20c?x=1&y=%2F HTTP/1.1");
    assert_eq!(seen.header("host"), Some(backend.address.to_string().as_str()));
    assert_eq!(seen.header("x-forwarded-for"), Some("10.1.1.1, 127.0.0.1"));
    assert_eq!((seen.header("x-gone"), seen.header("te"), seen.header("connection")), (None, None, None));
    assert_eq!(seen.headers.iter().filter(|(name, _)| name == "x-kept").count(), 2);
    assert_eq!(seen.text(), "hello");
}

#[test]
fn connections_are_kept_on_both_sides() {
    let backend = backend(|_, out| say(out, OK));
    let server = serve(backend.address);
    let mut client = Client::new(server.address());
    for _ in 0..5 {
        assert_eq!(client.ask("GET / HTTP/1.1\nHost: g\n\n").text(), "ok");
    }
    assert_eq!(backend.connections.load(Ordering::SeqCst), 1);
}

#[test]
fn a_connection_that_the_backend_closed_while_idle_does_no_harm() {
    // It closes without a word, so that the next request may go out on a connection that is gone.
    let backend = backend(|_, out| {
        say(out, OK);
        false
    });
    let server = serve(backend.address);
    let mut client = Client::new(server.address());
    for round in 0..20 {
        assert_eq!(client.ask("GET / HTTP/1.1\nHost: g\n\n").text(), "ok", "{round}");
    }
}

#[test]
fn bodies_without_a_length_stay_streams() {
    let backend = backend(|request, out| {
        assert!(request.header("content-length").is_none());
        say(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    });
    let server = serve(backend.address);
    let response = ask(server.address(), "POST / HTTP/1.1\nHost: g\nTransfer-Encoding: chunked\n\n4\nwiki\n0\n\n");
    assert_eq!(response.text(), "abcde");
    assert_eq!(backend.seen.lock().expect("unpoisoned")[0].text(), "wiki");
}

#[test]
fn responses_without_a_body_have_none() {
    let backend = backend(|request, out| match request.first.as_bytes()[0] {
        b'H' => say(out, "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"),
        _ => say(out, "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"),
    });
    let server = serve(backend.address);
    let mut client = Client::new(server.address());
    let head = client.ask("HEAD / HTTP/1.1\nHost: g\n\n");
    assert_eq!(head.header("content-length"), Some("1234"));
    let unchanged = client.ask("GET / HTTP/1.1\nHost: g\n\n");
    assert_eq!((unchanged.status(), unchanged.header("etag")), (304, Some("\"x\"")));
    assert_eq!(client.ask("HEAD / HTTP/1.1\nHost: g\n\n").status(), 200);
}

#[test]
fn a_caller_that_waits_for_100_is_told_to_go_on() {
    let backend = backend(|request, out| {
        assert!(request.header("expect").is_none());
        say(out, OK)
    });
    let server = serve(backend.address);
    let mut client = Client::new(server.address());
    client
        .to
        .write_all(b"POST / HTTP/1.1\r\nHost: g\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        .expect("sends");
    assert_eq!(client.read(false).status(), 100);
    client.to.write_all(b"abc").expect("sends");
    assert_eq!(client.read(false).text(), "ok");
}

#[test]
fn requests_that_could_be_read_two_ways_are_refused_or_made_plain() {
    let backend = backend(|_, out| say(out, OK));
    let server = serve(backend.address);
    let table = [
        ("GET / HTTP/1.1\nHost: g\nContent-Length: 3\nContent-Length: 4\n\nabcd", 400),
        ("GET / HTTP/1.1\nHost: g\nContent-Length: +3\n\nabc", 400),
        ("POST / HTTP/1.1\nHost: g\nTransfer-Encoding: gzip\n\n", 400),
        ("GET / HTTP/1.1\nHost: a\nHost: b\n\n", 400),
        ("GET / HTTP/1.1\nAccept: x\n\n", 400),
        ("GET / HTTP/1.1\nHost : g\n\n", 400),
        ("GET / HTTP/1.0\nHost: g\nTransfer-Encoding: chunked\n\n", 400),
    ];
    for (request, status) in table {
        assert_eq!(ask(server.address(), request).status(), status, "{request}");
    }
    assert_eq!(backend.seen.lock().expect("unpoisoned").len(), 0);
    // Both lengths: chunked counts (RFC 9112, 6.3), and the backend never sees the other.
    let both = "POST / HTTP/1.1\nHost: g\nContent-Length: 30\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n";
    assert_eq!(ask(server.address(), both).status(), 200);
    let seen = backend.seen.lock().expect("unpoisoned")[0].clone();
    assert_eq!((seen.header("content-length"), seen.text().as_str()), (None, "abc"));
}

#[test]
fn large_heads_are_refused() {
    let backend = backend(|_, out| say(out, OK));
    let server = serve(backend.address);
    let many: String = (0..500).map(|index| format!("X-{index}: y\n")).collect();
    assert_eq!(ask(server.address(), &format!("GET / HTTP/1.1\nHost: g\n{many}\n")).status(), 431);
    let long = "x".repeat(400_000);
    let response = ask(server.address(), &format!("GET / HTTP/1.1\nHost: g\nX: {long}\n\n"));
    assert!(matches!(response.status(), 0 | 431), "{}", response.first);
}

#[test]
fn no_operation_is_404_in_the_platforms_words() {
    let mut gateway = to("127.0.0.1:9".parse().expect("an address"));
    gateway.apis.clear();
    let server = serve_with(gateway, PassThrough::default());
    let response = ask(server.address(), "GET /x HTTP/1.1\nHost: g\n\n");
    assert_eq!(response.first, "HTTP/1.1 404 Resource Not Found");
    assert_eq!(response.text(), "{ \"statusCode\": 404, \"message\": \"Resource not found\" }");
    assert_eq!(response.header("content-type"), Some("application/json"));
}

// ---- trouble

#[test]
fn a_backend_that_is_down_is_500() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound");
    let server = serve(nobody);
    let mut client = Client::new(server.address());
    for _ in 0..2 {
        let response = client.ask("GET / HTTP/1.1\nHost: g\n\n");
        assert_eq!(response.status(), 500);
        assert!(response.text().contains("\"statusCode\": 500"), "{}", response.text());
    }
}

#[test]
fn a_slow_backend_runs_into_the_timeout() {
    let backend = backend(|_, out| {
        std::thread::sleep(Duration::from_secs(2));
        say(out, OK)
    });
    let server = serve_with(to(backend.address), PassThrough { timeout: Duration::from_millis(100) });
    let begun = Instant::now();
    assert_eq!(ask(server.address(), "GET / HTTP/1.1\nHost: g\n\n").status(), 500);
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_response_that_breaks_off_breaks_off_for_the_caller() {
    let backend = backend(|request, out| {
        if request.first.contains("chunked") {
            say(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc");
        } else {
            say(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
        }
        false
    });
    let server = serve(backend.address);
    for path in ["/length", "/chunked"] {
        let response = ask(server.address(), &format!("GET {path} HTTP/1.1\nHost: g\n\n"));
        assert_eq!(response.status(), 200, "{path}");
        assert!(!response.whole, "{path}: the caller can tell that bytes are missing");
    }
}

/// Notes how its processes end.
#[derive(Clone, Default)]
struct Noting {
    left: Arc<AtomicUsize>,
    sent: Arc<AtomicUsize>,
}

struct NotingProcess(PassThroughProcess, Noting);

impl Program for Noting {
    type Process = NotingProcess;

    fn begin(
        &self,
        place: Place,
        grant: &Grant,
        exchange: Exchange,
        now: Moment,
        entropy: [u8; 32],
        _: Option<()>,
    ) -> NotingProcess {
        let process = PassThrough::default().begin(place, grant, exchange, now, entropy, None);
        NotingProcess(process, self.clone())
    }
}

impl Process for NotingProcess {
    type Spare = ();

    fn into_spare(self) {}

    fn poll(&mut self) -> Poll {
        self.0.poll()
    }

    fn answer(&mut self, id: EffectId, answer: Answer, now: Moment) {
        self.0.answer(id, answer, now);
    }

    fn caller_left(&mut self, now: Moment) {
        self.1.left.fetch_add(1, Ordering::SeqCst);
        self.0.caller_left(now);
    }

    fn sent(&mut self, now: Moment) {
        self.1.sent.fetch_add(1, Ordering::SeqCst);
        self.0.sent(now);
    }
}

#[test]
fn a_process_is_told_how_its_response_ended() {
    let backend = backend(|request, out| {
        if request.first.contains("/slow") {
            std::thread::sleep(Duration::from_secs(1));
        }
        if request.first.contains("/long") {
            say(out, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
            while say(out, &"x".repeat(100_000)) {}
            return false;
        }
        say(out, OK)
    });
    let program = Noting::default();
    let server = serve_with(to(backend.address), program.clone());
    assert_eq!(ask(server.address(), "GET / HTTP/1.1\nHost: g\n\n").text(), "ok");
    until("sent is told", || program.sent.load(Ordering::SeqCst) == 1);
    for (path, left) in [("/slow", 1), ("/long", 2)] {
        let mut client = Client::new(server.address());
        client.to.write_all(format!("GET {path} HTTP/1.1\r\nHost: g\r\n\r\n").as_bytes()).expect("sends");
        if path == "/long" {
            read_head(&mut client.from).expect("a head");
        } else {
            until("it arrives", || backend.seen.lock().expect("unpoisoned").len() == 2);
        }
        drop(client);
        until(path, || program.left.load(Ordering::SeqCst) == left);
    }
    assert_eq!(program.sent.load(Ordering::SeqCst), 1);
}

/// `PORTCULLIS_TEST_MIB=1024` streams a gibibyte.
#[test]
fn a_large_body_streams_at_constant_memory() {
    let mib: usize = std::env::var("PORTCULLIS_TEST_MIB").ok().and_then(|mib| mib.parse().ok()).unwrap_or(128);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        let mut out = stream.try_clone().expect("a handle");
        let mut from = BufReader::new(stream);
        let request = read_head(&mut from).expect("a head");
        let mut count = 0_usize;
        read_body(&mut from, &request, |piece| count += piece.len());
        say(&mut out, &format!("HTTP/1.1 200 OK\r\nContent-Length: {count}\r\n\r\n"));
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..count >> 20 {
            out.write_all(&piece).expect("sends");
        }
    });
    let server = serve(address);
    let before = resident();
    let mut client = Client::new(server.address());
    let mut upload = client.to.try_clone().expect("a handle");
    let sender = std::thread::spawn(move || {
        upload
            .write_all(format!("POST / HTTP/1.1\r\nHost: g\r\nContent-Length: {}\r\n\r\n", mib << 20).as_bytes())
            .expect("sends");
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..mib {
            upload.write_all(&piece).expect("sends");
        }
    });
    let response = read_head(&mut client.from).expect("a head");
    let mut count = 0;
    let mut most = 0;
    assert!(read_body(&mut client.from, &response, |piece| {
        count += piece.len();
        if count % (8 << 20) < piece.len() {
            most = most.max(resident());
        }
    }));
    sender.join().expect("sent");
    assert_eq!(count, mib << 20);
    assert!(most.saturating_sub(before) < 48 << 20, "grew by {} MiB", most.saturating_sub(before) >> 20);
}

/// Bytes in memory, where the system says so.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

// ---- what processes may ask

/// What a scripted process is told.
pub enum Told {
    Begin,
    Answer(u32, Answer),
    Left,
    Sent,
}

pub type Course = dyn Fn(&mut VecDeque<Poll>, &mut Exchange, Told) + Send + Sync;

/// A process that does what a test says: the course pushes what comes next.
#[derive(Clone)]
pub struct Script(Arc<Course>);

pub struct ScriptProcess {
    queue: VecDeque<Poll>,
    exchange: Box<Exchange>,
    course: Arc<Course>,
}

impl Script {
    pub fn new(course: impl Fn(&mut VecDeque<Poll>, &mut Exchange, Told) + Send + Sync + 'static) -> Script {
        Script(Arc::new(course))
    }
}

impl Program for Script {
    type Process = ScriptProcess;

    fn begin(&self, _: Place, _: &Grant, exchange: Exchange, _: Moment, _: [u8; 32], _: Option<()>) -> ScriptProcess {
        let mut process =
            ScriptProcess { queue: VecDeque::new(), exchange: Box::new(exchange), course: Arc::clone(&self.0) };
        process.tell(Told::Begin);
        process
    }
}

impl ScriptProcess {
    fn tell(&mut self, told: Told) {
        (self.course)(&mut self.queue, &mut self.exchange, told);
    }
}

impl Process for ScriptProcess {
    type Spare = ();

    fn into_spare(self) {}

    fn poll(&mut self) -> Poll {
        self.queue.pop_front().unwrap_or(Poll::Idle)
    }

    fn answer(&mut self, id: EffectId, answer: Answer, _: Moment) {
        self.tell(Told::Answer(id.0, answer));
    }

    fn caller_left(&mut self, _: Moment) {
        self.tell(Told::Left);
    }

    fn sent(&mut self, _: Moment) {
        self.tell(Told::Sent);
    }
}

pub fn need(queue: &mut VecDeque<Poll>, id: u32, effect: Effect) {
    queue.push_back(Poll::Need(EffectId(id), effect));
}

pub fn call(request: Request) -> Box<OutboundCall> {
    Box::new(OutboundCall { follow_redirects: true, ..OutboundCall::new(request, PATIENCE) })
}

pub fn get(url: &str) -> Request {
    let url = Url::parse(url).expect("a URL");
    Request { method: Method::GET, url, headers: Headers::new(), body: Body::Empty }
}

pub fn respond(queue: &mut VecDeque<Poll>, text: impl Into<String>) {
    let mut response = Response::new(StatusCode::OK);
    response.body = Body::Bytes(text.into().into());
    queue.push_back(Poll::Respond(Box::new(response)));
}

pub fn text_of(answer: Answer) -> String {
    match answer {
        Answer::Response(response) => {
            String::from_utf8_lossy(response.body.bytes().unwrap_or(b"(stream)")).into_owned()
        }
        Answer::Body(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn the_first_answer_of_two_cancels_the_other() {
    let slow = backend(|_, out| {
        std::thread::sleep(Duration::from_secs(3));
        say(out, OK)
    });
    let fast = backend(|_, out| say(out, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfast"));
    let (slow_url, fast_url) = (format!("http://{}/", slow.address), format!("http://{}/", fast.address));
    let program = Script::new(move |queue, _, told| match told {
        Told::Begin => {
            need(queue, 1, Effect::Send(call(get(&slow_url))));
            need(queue, 2, Effect::Send(call(get(&fast_url))));
        }
        Told::Answer(id, answer) => {
            queue.push_back(Poll::Cancel(EffectId(3 - id)));
            respond(queue, format!("{id} {}", text_of(answer)));
        }
        Told::Sent | Told::Left => queue.push_back(Poll::Finished),
    });
    let server = serve_with(to(fast.address), program);
    let begun = Instant::now();
    assert_eq!(ask(server.address(), "GET / HTTP/1.1\nHost: g\n\n").text(), "2 fast");
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_body_is_read_where_it_is_asked_for_and_only_up_to_the_limit() {
    let backend = backend(|_, out| say(out, OK));
    let program = Script::new(|queue, exchange, told| match told {
        Told::Begin => {
            let Body::Stream(stream) = &exchange.request.body else { panic!("the body is still a stream") };
            need(queue, 1, Effect::ReadBody { side: Side::Request, stream: stream.id, limit: 5 });
        }
        Told::Answer(1, Answer::Body(bytes)) => {
            let mut request = get(&exchange.request.url.to_string());
            request.method = Method::POST;
            request.body = Body::Bytes(bytes.to_ascii_uppercase().into());
            need(queue, 2, Effect::Forward(call(request)));
        }
        Told::Answer(2, Answer::Response(response)) => queue.push_back(Poll::Respond(response)),
        Told::Answer(_, answer) => respond(queue, text_of(answer)),
        Told::Sent | Told::Left => queue.push_back(Poll::Finished),
    });
    let server = serve_with(to(backend.address), program);
    let mut client = Client::new(server.address());
    assert_eq!(client.ask("POST / HTTP/1.1\nHost: g\nContent-Length: 5\n\nhello").text(), "ok");
    let seen = backend.seen.lock().expect("unpoisoned")[0].clone();
    assert_eq!((seen.text().as_str(), seen.header("content-length")), ("HELLO", Some("5")));
    for request in [
        "POST / HTTP/1.1\nHost: g\nContent-Length: 6\n\nhello!",
        "POST / HTTP/1.1\nHost: g\nTransfer-Encoding: chunked\n\n3\nhel\n3\nlo!\n0\n\n",
    ] {
        assert!(ask(server.address(), request).text().contains("TooLarge"), "{request}");
    }
}

/// Doubles each chunk, and says how the body ended.
#[derive(Debug)]
struct Double;

impl Tap for Double {
    fn chunk(&mut self, chunk: bytes::Bytes) -> bytes::Bytes {
        [&chunk[..], &chunk[..]].concat().into()
    }

    fn end(&mut self) -> bytes::Bytes {
        bytes::Bytes::from_static(b"end")
    }
}

#[test]
fn a_tap_changes_a_stream_chunk_by_chunk() {
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let backend = backend(move |_, out| {
        say(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 8\r\n\r\ndata");
        let _ = wait.lock().expect("unpoisoned").recv_timeout(PATIENCE);
        say(out, "more")
    });
    let program = Script::new(|queue, exchange, told| match told {
        Told::Begin => {
            let request = get(&exchange.request.url.to_string());
            need(queue, 1, Effect::Forward(call(request)));
        }
        Told::Answer(_, Answer::Response(mut response)) => {
            response.body.tap(Box::new(Double));
            queue.push_back(Poll::Respond(response));
        }
        Told::Answer(_, answer) => respond(queue, text_of(answer)),
        Told::Sent | Told::Left => queue.push_back(Poll::Finished),
    });
    let server = serve_with(to(backend.address), program);
    let mut client = Client::new(server.address());
    client.to.write_all(b"GET / HTTP/1.1\r\nHost: g\r\n\r\n").expect("sends");
    let head = read_head(&mut client.from).expect("a head");
    assert_eq!((head.header("content-length"), head.header("transfer-encoding")), (None, Some("chunked")));
    let mut body = Vec::new();
    // The first chunk arrives while the backend still holds the rest back.
    let whole = read_body(&mut client.from, &head, |piece| {
        body.extend_from_slice(piece);
        if body == b"datadata" {
            go_on.send(()).expect("the backend waits");
        }
    });
    assert!(whole);
    assert_eq!(String::from_utf8_lossy(&body), "datadatamoremoreend");
}

#[test]
fn a_slot_comes_back_when_the_caller_leaves() {
    let backend = backend(|_, out| {
        std::thread::sleep(Duration::from_secs(3));
        say(out, OK)
    });
    let program = Script::new(|queue, exchange, told| match told {
        Told::Begin => need(queue, 1, Effect::Acquire { key: "k".into(), most: 1 }),
        Told::Answer(1, Answer::Acquired(true)) if exchange.request.url.path.ends_with("/hold") => {
            need(queue, 2, Effect::Forward(call(get(&exchange.request.url.to_string()))));
        }
        Told::Answer(1, Answer::Acquired(taken)) => {
            if taken {
                need(queue, 3, Effect::Release { key: "k".into() });
            }
            respond(queue, taken.to_string());
        }
        Told::Left => need(queue, 3, Effect::Release { key: "k".into() }),
        Told::Answer(3, _) | Told::Sent => queue.push_back(Poll::Finished),
        Told::Answer(..) => {}
    });
    let server = serve_with(to(backend.address), program);
    let mut holder = Client::new(server.address());
    holder.to.write_all(b"GET /hold HTTP/1.1\r\nHost: g\r\n\r\n").expect("sends");
    until("it arrives", || !backend.seen.lock().expect("unpoisoned").is_empty());
    let mut client = Client::new(server.address());
    let mut taken = || client.ask("GET / HTTP/1.1\nHost: g\n\n").text();
    assert_eq!(taken(), "false");
    drop(holder);
    until("the slot comes back", || taken() == "true");
}

#[test]
fn redirects_are_followed_where_the_call_says_so() {
    let backend = backend(|request, out| match request.first.split(' ').nth(1) {
        Some("/base/start") => say(out, "HTTP/1.1 302 Found\r\nLocation: next?x=1\r\nContent-Length: 0\r\n\r\n"),
        Some("/base/next?x=1") => say(out, "HTTP/1.1 307 X\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n"),
        Some("/base/round") => say(out, "HTTP/1.1 302 X\r\nLocation: /base/round\r\nContent-Length: 0\r\n\r\n"),
        _ => say(out, OK),
    });
    let program = Script::new(|queue, exchange, told| match told {
        Told::Begin => need(queue, 1, Effect::Send(call(get(&exchange.request.url.to_string())))),
        Told::Answer(_, answer) => respond(queue, text_of(answer)),
        Told::Sent | Told::Left => queue.push_back(Poll::Finished),
    });
    let server = serve_with(to(backend.address), program);
    assert_eq!(ask(server.address(), "GET /start HTTP/1.1\nHost: g\n\n").text(), "ok");
    assert!(ask(server.address(), "GET /round HTTP/1.1\nHost: g\n\n").text().contains("without end"));
}

// ---- change

#[test]
fn a_reload_moves_new_requests_only() {
    let first = backend(|request, out| {
        if request.first.contains("/slow") {
            std::thread::sleep(Duration::from_millis(300));
        }
        say(out, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst")
    });
    let second = backend(|_, out| say(out, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond"));
    let server = serve(first.address);
    let mut kept = Client::new(server.address());
    assert_eq!(kept.ask("GET / HTTP/1.1\nHost: g\n\n").text(), "first");
    let mut slow = Client::new(server.address());
    slow.to.write_all(b"GET /slow HTTP/1.1\r\nHost: g\r\n\r\n").expect("sends");
    until("it arrives", || first.seen.lock().expect("unpoisoned").len() == 2);
    server.replace(configuration(to(second.address), PassThrough::default()));
    assert_eq!(kept.ask("GET / HTTP/1.1\nHost: g\n\n").text(), "second");
    assert_eq!(slow.read(false).text(), "first");
}

#[test]
fn draining_lets_requests_end_and_takes_no_more() {
    let backend = backend(|_, out| {
        std::thread::sleep(Duration::from_millis(300));
        say(out, OK)
    });
    let server = serve(backend.address);
    let address = server.address();
    let mut idle = Client::new(address);
    let mut busy = Client::new(address);
    busy.to.write_all(b"GET / HTTP/1.1\r\nHost: g\r\n\r\n").expect("sends");
    until("it arrives", || !backend.seen.lock().expect("unpoisoned").is_empty());
    let drained = std::thread::spawn(move || server.drain());
    assert_eq!(busy.read(false).text(), "ok");
    drained.join().expect("drained");
    assert!(read_head(&mut idle.from).is_none(), "an idle connection is closed");
    assert!(TcpStream::connect(address).is_err(), "nobody listens");
}

// ---- the command

const ECHO_API: &str = r#"{"properties":{"path":"a","serviceUrl":"echo:/v1","subscriptionRequired":false}}"#;
const ECHO_PATHS: &str = "openapi: 3.0.0\npaths: {/x: {get: {operationId: x}}}\n";

#[test]
fn the_command_serves_reloads_and_drains() {
    let folder =
        Folder::new("reload", &[("apis/a/apiInformation.json", ECHO_API), ("apis/a/specification.yaml", ECHO_PATHS)]);
    let (mut command, address, mut out) = command(&[folder.path(), "--access-log", "json"]);
    let mut client = Client::new(address);
    let told: serde_json::Value =
        serde_json::from_slice(&client.ask("GET /a/x?y=1 HTTP/1.1\nHost: g\n\n").body).expect("JSON");
    assert_eq!((&told["path"], &told["query"]), (&"/v1/x".into(), &"y=1".into()));
    assert_eq!(told["headers"]["host"], "echo.localhost");
    // One with errors changes nothing; the next good one is taken.
    folder.write("apis/a/apiInformation.json", "{");
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(client.ask("GET /a/x HTTP/1.1\nHost: g\n\n").status(), 200);
    folder.write("apis/a/apiInformation.json", &ECHO_API.replace("\"a\"", "\"b\""));
    until("it reloads", || client.ask("GET /b/x HTTP/1.1\nHost: g\n\n").status() == 200);
    assert_eq!(client.ask("GET /a/x HTTP/1.1\nHost: g\n\n").status(), 404);
    let killed = std::process::Command::new("kill").arg(command.0.id().to_string()).status().expect("kill runs");
    assert!(killed.success());
    assert!(command.0.wait().expect("ends").success());
    let mut log = String::new();
    out.read_to_string(&mut log).expect("the log");
    let lines: Vec<serde_json::Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(lines.len() >= 4, "{log}");
    assert_eq!(
        (&lines[0]["status"], &lines[0]["api"], &lines[0]["operation"]),
        (&200.into(), &"a".into(), &"x".into())
    );
}

#[test]
fn a_configuration_with_errors_is_not_started() {
    let folder = Folder::new("broken", &[("apis/a/apiInformation.json", "{\"properties\": 1}")]);
    let (exit, _, said) = portcullis(&["serve", "--listen", "127.0.0.1:0", folder.path()]);
    assert_eq!(exit, 2);
    assert!(said.contains("gateway::file") && said.contains("/apis/a/apiInformation.json"), "{said}");
    let (exit, _, said) = portcullis(&["serve", "--listen", "127.0.0.1:0", "/nowhere/policy.xml"]);
    assert_eq!((exit, said.as_str()), (2, "error: /nowhere/policy.xml: No such file or directory (os error 2)\n"));
}

/// Every set of policies that comes with the product is one that can be read and routed.
#[test]
fn the_policy_sets_are_read_without_findings() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    for set in ["quickstart", "api-keys", "transform", "fallback", "breaker", "bench/j0", "bench/j1", "bench/j2"] {
        let mut texts = Vec::new();
        let mut folders = vec![root.join(set)];
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).expect("readable").flatten().map(|entry| entry.path()) {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(root.join(set)).expect("below").to_string_lossy().into_owned();
                    texts.push((name, std::fs::read(&path).expect("readable")));
                }
            }
        }
        for (name, bytes) in texts.iter().filter(|(name, _)| name.ends_with(".xml")) {
            let (_, found) = support::read_text(name, bytes.clone(), portcullis::xml::TextForm::Auto);
            let wrong: Vec<_> = found.iter().filter(|finding| finding.severity == Severity::Error).collect();
            assert!(wrong.is_empty(), "{set}/{name}: {wrong:?}");
        }
        let mut sources = portcullis::source::Sources::new();
        let mut found = portcullis::diagnostics::Diagnostics::new();
        let gateway = gateway::load(texts, "", &Default::default(), &mut sources, &mut found);
        let (_, shadowed) = Router::new(&gateway);
        assert!(found.is_empty() && shadowed.is_empty(), "{set}: {:?} {shadowed:?}", found.findings());
        assert!(gateway.apis.iter().all(|api| !api.operations.is_empty()));
    }
}
