//! The case folders once more, over real sockets: a gateway of the live driver before one server that stands in for all
//! others and answers what the case's `answers.http` says. The expectations are those that hold in replay.
//!
//! A case whose `case.json` gives `replayOnly`, with the reason, needs virtual time or a seed and is left to replay.

use super::cases;
use super::wire::{Client, PATIENCE, Received, backend, configuration, say};
use portcullis::cli::run::{case_stage, read_case};
use portcullis::drivers::live::{Embedded, Options, start};
use portcullis::drivers::replay::compare;
use portcullis::drivers::replay::http_file::{self, Line, Message, Part, Recorded};
use portcullis::drivers::replay::played::{Call, Played};
use portcullis::drivers::replay::request_file;
use portcullis::effect::FailureKind;
use portcullis::message::{Body, Headers, Request, Response, StatusCode, Url};
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What is left to answer.
struct Left {
    answers: Vec<(Option<Line>, Recorded)>,
    /// A call that none of them fits gets no answer; else an empty 200.
    must_answer: bool,
}

type Answers = Arc<Mutex<Left>>;

fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

fn words(received: &Received) -> (String, String) {
    let mut words = received.first.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    (method, format!("{}{target}", received.header("host").unwrap_or_default()))
}

fn answer(answers: &Answers, received: &Received, out: &mut TcpStream) -> bool {
    let (method, called) = words(received);
    let taken = {
        let mut answers = answers.lock().expect("unpoisoned");
        let target = &called[called.find('/').unwrap_or(0)..];
        let fits = |line: &Line| {
            line.method.eq_ignore_ascii_case(&method) && (line.url == target || without_scheme(&line.url) == called)
        };
        let left = &mut answers.answers;
        let exact = left.iter().position(|(line, _)| line.as_ref().is_some_and(fits));
        let found = exact.or_else(|| left.iter().position(|(line, _)| line.is_none()));
        let taken = found.map(|at| left.remove(at).1);
        if taken.is_none() && !answers.must_answer {
            say(out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return false;
        }
        taken
    };
    let response = match taken {
        Some(Recorded::Response(response)) => response,
        Some(Recorded::Fails(FailureKind::Timeout)) => {
            std::thread::sleep(Duration::from_secs(5));
            return false;
        }
        Some(Recorded::Fails(_)) | None => return false,
    };
    let body = response.body.bytes().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {}\r\n", response.status.as_u16(), response.reason_phrase());
    for (name, value) in response.headers.iter() {
        head.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes())));
    }
    if response.status != StatusCode::NO_CONTENT && !response.headers.contains("content-length") {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("connection: close\r\n\r\n");
    // A caller that has left reads no answer.
    let _ = out.write_all(&[head.as_bytes(), body].concat());
    false
}

fn headers_of(received: &Received) -> Headers {
    http_file::headers(&received.headers, 0).expect("what came over the wire is made of headers")
}

fn call(received: &Received, expected: &str) -> Call {
    let (method, called) = words(received);
    // The wire does not tell the scheme: it is that of the expectation, if there is one.
    let plain = format!("http://{called}");
    let url = if expected.contains(&plain) { plain } else { format!("https://{called}") };
    Call { by: "the gateway", method, url, headers: headers_of(received), body: received.body.clone().into() }
}

/// Side by side, calls may arrive in any order: they are put in the order that is expected.
fn in_order(mut calls: Vec<Call>, expected: &[Part<'_>]) -> Vec<Call> {
    let mut ordered = Vec::new();
    for part in expected {
        let Ok(Message::Request(line, _)) = http_file::message(part) else { continue };
        let fits = |call: &Call| {
            let target = Url::parse(&call.url).map(|url| url.target()).unwrap_or_default();
            call.method == line.method && (line.url == target || line.url == call.url)
        };
        if let Some(at) = calls.iter().position(fits) {
            ordered.push(calls.remove(at));
        }
    }
    ordered.append(&mut calls);
    ordered
}

fn ask(client: &mut Client, request: &Request) -> Received {
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.url.target());
    for (name, value) in request.headers.iter() {
        head.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes())));
    }
    let body = request.body.bytes().unwrap_or_default();
    if !body.is_empty() && !request.headers.contains("content-length") {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    let _ = client.to.write_all(&[head.as_bytes(), body].concat());
    client.read(request.method == http::Method::HEAD)
}

fn response(received: &Received) -> Option<Response> {
    let status = StatusCode::from_u16(received.status()).ok()?;
    let mut response = Response::new(status);
    response.reason = received.first.splitn(3, ' ').nth(2).map(Into::into);
    response.headers = headers_of(received);
    response.body = Body::Bytes(received.body.clone().into());
    Some(response)
}

fn differences(folder: &Path) -> Result<Vec<String>, String> {
    let case = read_case(folder)?;
    if case.settings["replayOnly"].is_string() {
        return Ok(Vec::new());
    }
    let Some(expected) = case.expected.clone() else { return Ok(Vec::new()) };
    let wrong = |w: http_file::Wrong| format!("line {}: {}", w.line, w.message);
    let parts = case.answers.as_deref().map(http_file::split).unwrap_or_default();
    let recorded = Left {
        answers: parts.iter().map(http_file::answer).collect::<Result<Vec<_>, _>>().map_err(wrong)?,
        must_answer: case.must_answer(),
    };
    let answers: Answers = Arc::new(Mutex::new(recorded));
    let others = backend(move |received, out| answer(&answers, received, out));
    let stage = case_stage(folder, &case)?;
    let mut options = Options::new("127.0.0.1:0".parse().expect("an address"));
    options.workers = 1;
    options.upstream.stand_in = Some(others.address);
    let live = configuration(stage.gateway, stage.program);
    let server = start(options, live, Arc::new(Embedded::new(1 << 20))).map_err(|error| error.to_string())?;
    let requests = request_file::requests(&case.request, &request_file::no_files).map_err(wrong)?;
    let groups = compare::by_request(&expected, requests.len()).map_err(wrong)?;
    let mut differences = Vec::new();
    for (at, (request, group)) in requests.iter().zip(&groups).enumerate() {
        others.seen.lock().expect("unpoisoned").clear();
        let received = ask(&mut Client::new(server.address()), request);
        let is_call = |part: &&Part<'_>| matches!(http_file::message(part), Ok(Message::Request(..)));
        let wanted = group.iter().filter(is_call).count();
        // One-way requests may be under way yet.
        let end = Instant::now() + PATIENCE.min(Duration::from_secs(2));
        while others.seen.lock().expect("unpoisoned").len() < wanted && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        if group.is_empty() {
            continue;
        }
        let calls = others.seen.lock().expect("unpoisoned").iter().map(|seen| call(seen, &expected)).collect();
        let played = Played { calls: in_order(calls, group), response: response(&received), ..Played::default() };
        let found = compare::compare(group, &played).map_err(wrong)?;
        differences.extend(found.into_iter().map(|difference| format!("request {}: {difference}", at + 1)));
    }
    Ok(differences)
}

#[test]
fn every_case_holds_over_sockets() {
    let folders = cases::all();
    let wrong = Mutex::new(Vec::new());
    let next = std::sync::atomic::AtomicUsize::new(0);
    // A few at a time: most of a case is waiting.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let work = || {
                loop {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(folder) = folders.get(at) else { break };
                    match differences(folder) {
                        Ok(differences) if differences.is_empty() => {}
                        Ok(differences) => wrong.lock().expect("unpoisoned").push(format!(
                            "{}\n{}",
                            folder.display(),
                            differences.join("\n")
                        )),
                        Err(why) => wrong.lock().expect("unpoisoned").push(format!("{}\n{why}", folder.display())),
                    }
                }
            };
            let builder = std::thread::Builder::new().stack_size(64 << 20);
            builder.spawn_scoped(scope, work).expect("a thread starts");
        }
    });
    let wrong = wrong.into_inner().expect("unpoisoned");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
