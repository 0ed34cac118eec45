//! Backends and callers that fail, and what a large body costs.

use crate::wire::*;
use portcullis::dotnet::context::Exchange;
use portcullis::drivers::process::{PassThrough, PassThroughProcess, Poll, Process, Program};
use portcullis::effect::{Answer, EffectId, Moment};
use portcullis::gateway::{Grant, Place};
use std::io::{BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

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
