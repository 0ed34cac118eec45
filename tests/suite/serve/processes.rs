//! What processes may ask of the driver.

use crate::script::*;
use crate::wire::*;
use portcullis::drivers::process::Poll;
use portcullis::effect::{Answer, Effect, EffectId, Side};
use portcullis::message::{Body, Method, Tap};
use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

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
