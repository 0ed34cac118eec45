//! What is forwarded, and how messages are read.

use crate::wire::*;
use portcullis::drivers::process::PassThrough;
use std::io::Write;
use std::sync::atomic::Ordering;

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
