//! Documents that ask the most of the machine, served over real sockets by the live driver.

use super::program::{Folder, command, portcullis};
use super::wire::{Backend, Client, PATIENCE, backend, configuration, read_body, read_head, say, until};
use portcullis::diagnostics::Diagnostics;
use portcullis::drivers::live::{Embedded, Options, Server, start};
use portcullis::drivers::program::{self, Compiled, Rules};
use portcullis::gateway;
use portcullis::message::Url;
use portcullis::source::Sources;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn document(inbound: &str, backend: &str, outbound: &str, on_error: &str) -> String {
    format!(
        "<policies><inbound>{inbound}</inbound><backend>{backend}</backend><outbound>{outbound}</outbound>\
         <on-error>{on_error}</on-error></policies>"
    )
}

fn serve(document: &str, backend: SocketAddr, change: impl FnOnce(&mut Options)) -> Server<Compiled> {
    let mut sources = Sources::new();
    let mut found = Diagnostics::new();
    let file = sources.add("policy.xml", document.as_bytes().to_vec()).expect("a short document");
    let url = Url::parse(&format!("http://{backend}/")).expect("a URL");
    let gateway = gateway::single(file, Some(url), Default::default());
    let program = super::support::with_stack(|| program::compile(&gateway, &mut sources, Rules::default(), &mut found));
    assert!(!found.has_errors(), "{:?}", found.findings());
    let mut options = Options::new("127.0.0.1:0".parse().expect("an address"));
    options.workers = 1;
    change(&mut options);
    start(options, configuration(gateway, program), Arc::new(Embedded::new(1 << 20))).expect("it listens")
}

fn ask(address: SocketAddr, request: &str) -> super::wire::Received {
    Client::new(address).ask(request)
}

const GET: &str = "GET / HTTP/1.1\nHost: g\n\n";

fn quick() -> Backend {
    backend(|_, out| say(out, OK))
}

#[test]
fn wait_for_any_cancels_its_other_child() {
    let cut = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&cut);
    let slow = backend(move |_, out| {
        out.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        // Nothing more is sent on this connection: it can only be closed.
        noted.store(matches!(out.read(&mut [0]), Ok(0) | Err(_)), Ordering::SeqCst);
        false
    });
    let fast = backend(|_, out| say(out, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfast"));
    let send = |name: &str, address: SocketAddr| {
        format!(
            r#"<send-request mode="new" response-variable-name="{name}"><set-url>http://{address}/</set-url></send-request>"#
        )
    };
    let wait = format!(r#"<wait for="any">{}{}</wait>"#, send("slow", slow.address), send("fast", fast.address));
    let tell = r#"<return-response><set-body>@(((IResponse)context.Variables["fast"]).Body.As<string>() + " " + context.Variables.ContainsKey("slow"))</set-body></return-response>"#;
    let server = serve(&document(&(wait + tell), "", "", ""), fast.address, |_| {});
    let begun = Instant::now();
    assert_eq!(ask(server.address(), GET).text(), "fast False");
    assert!(begun.elapsed() < PATIENCE);
    until("the other call is cut", || cut.load(Ordering::SeqCst));
}

#[test]
fn a_sleeping_retry_inside_choose_holds_nobody_up() {
    let tries = AtomicUsize::new(0);
    let backend = backend(move |request, out| {
        if request.first.contains("/quick") || tries.fetch_add(1, Ordering::SeqCst) > 0 {
            return say(out, OK);
        }
        say(out, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
    });
    let retry = r#"<choose><when condition="@(context.Request.Url.Path != "/quick")">
        <retry condition="@(context.Response.StatusCode == 503)" count="2" interval="1"><forward-request /></retry>
        </when><otherwise><forward-request /></otherwise></choose>"#;
    let server = serve(&document("", retry, "", ""), backend.address, |_| {});
    let begun = Instant::now();
    let mut sleeper = Client::new(server.address());
    sleeper.to.write_all(b"GET /slow HTTP/1.1\r\nHost: g\r\n\r\n").expect("sends");
    until("the first try", || !backend.seen.lock().expect("unpoisoned").is_empty());
    assert_eq!(ask(server.address(), "GET /quick HTTP/1.1\nHost: g\n\n").status(), 200);
    let quick = begun.elapsed();
    assert_eq!(sleeper.read(false).text(), "ok");
    assert!(begun.elapsed() >= Duration::from_secs(1) && quick < begun.elapsed());
}

#[test]
fn a_place_of_limit_concurrency_is_free_when_the_caller_has_left() {
    let backend = backend(|request, out| {
        if request.first.contains("/hold") {
            std::thread::sleep(Duration::from_secs(6));
        }
        say(out, OK)
    });
    let limited = r#"<limit-concurrency key="k" max-count="1"><forward-request /></limit-concurrency>"#;
    let server = serve(&document("", limited, "", ""), backend.address, |_| {});
    let mut holder = Client::new(server.address());
    holder.to.write_all(b"GET /hold HTTP/1.1\r\nHost: g\r\n\r\n").expect("sends");
    until("it arrives", || !backend.seen.lock().expect("unpoisoned").is_empty());
    let begun = Instant::now();
    assert_eq!(ask(server.address(), GET).status(), 429);
    drop(holder);
    until("the place is free", || ask(server.address(), GET).status() == 200);
    assert!(begun.elapsed() < Duration::from_secs(6), "before the backend has answered");
}

/// With a buffer of 1,000 bytes, 5,000 bytes pass where no branch reads them, and nowhere else.
#[test]
fn bodies_are_read_in_one_branch_and_streamed_in_the_other() {
    let long = "x".repeat(5000);
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{long}");
    let backend = backend(move |request, out| {
        if request.header("x-short").is_some() {
            return say(out, OK);
        }
        say(out, &answer)
    });
    let read = |side: &str, header: &str| {
        format!(
            r#"<choose><when condition="@(context.Request.Headers.GetValueOrDefault("X-Read", "") == "{side}")">
            <set-header name="{header}"><value>@(context.{side}.Body.As<string>(preserveContent: true).Length.ToString())</value></set-header>
            </when></choose>"#
        )
    };
    let text = document(
        &read("Request", "X-Size"),
        "<forward-request />",
        &read("Response", "X-Size"),
        r#"<set-header name="X-Reason"><value>@(context.LastError.Reason)</value></set-header>"#,
    );
    let server = serve(&text, backend.address, |options| options.body_limit = 1000);
    let post = |headers: &str, body: &str| {
        ask(server.address(), &format!("POST / HTTP/1.1\nHost: g\n{headers}Content-Length: {}\n\n{body}", body.len()))
    };
    let streamed = post("", &long);
    assert_eq!((streamed.status(), streamed.body.len()), (200, 5000));
    assert_eq!(backend.seen.lock().expect("unpoisoned")[0].body.len(), 5000);
    assert_eq!(post("X-Read: Request\n", &long).status(), 413);
    assert_eq!(post("X-Read: Response\n", "short").status(), 500);
    let request = post("X-Read: Request\nX-Short: 1\n", "short");
    assert_eq!((request.status(), request.text().as_str()), (200, "ok"));
    let seen = backend.seen.lock().expect("unpoisoned").last().cloned().expect("a request");
    assert_eq!((seen.header("x-size"), seen.text().as_str()), (Some("5"), "short"));
    let response = post("X-Read: Response\nX-Short: 1\n", "short");
    assert_eq!((response.header("x-size"), response.text().as_str()), (Some("2"), "ok"));
}

#[test]
fn a_tap_on_an_event_stream_passes_each_event_on() {
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let backend = backend(move |_, out| {
        say(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        say(out, "16\r\ndata: one notebook!!\n\n\r\n");
        let _ = wait.lock().expect("unpoisoned").recv_timeout(PATIENCE);
        // The word is cut by the border of two chunks.
        say(out, "a\r\ndata: note\r\n") && say(out, "6\r\nbook\n\n\r\n0\r\n\r\n")
    });
    let replace = r#"<find-and-replace from="notebook" to="laptop" />"#;
    let server = serve(&document("", "<forward-request />", replace, ""), backend.address, |_| {});
    let mut client = Client::new(server.address());
    client.to.write_all(b"GET / HTTP/1.1\r\nHost: g\r\n\r\n").expect("sends");
    let head = read_head(&mut client.from).expect("a head");
    let mut body = Vec::new();
    let whole = read_body(&mut client.from, &head, |piece| {
        body.extend_from_slice(piece);
        if body.ends_with(b"laptop!!\n\n") {
            go_on.send(()).expect("the backend waits");
        }
    });
    assert!(whole);
    assert_eq!(String::from_utf8_lossy(&body), "data: one laptop!!\n\ndata: laptop\n\n");
}

/// A caller that does not read stops the backend, tap or not; a caller that leaves ends the backend's connection.
#[test]
fn a_caller_that_does_not_read_holds_the_event_stream_back() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let (sent, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let (count, end) = (Arc::clone(&sent), Arc::clone(&ended));
    std::thread::spawn(move || {
        let (mut out, _) = listener.accept().expect("a connection");
        let _ = out.read(&mut [0; 4096]);
        say(&mut out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
        let events = "data: notebook\n\n".repeat(4096);
        while out.write_all(events.as_bytes()).is_ok() {
            count.fetch_add(events.len(), Ordering::SeqCst);
        }
        end.store(true, Ordering::SeqCst);
    });
    let replace = r#"<find-and-replace from="notebook" to="laptop" />"#;
    let server = serve(&document("", "<forward-request />", replace, ""), address, |_| {});
    let mut client = Client::new(server.address());
    client.to.write_all(b"GET / HTTP/1.1\r\nHost: g\r\n\r\n").expect("sends");
    read_head(&mut client.from).expect("a head");
    // The buffers of the sockets fill, and then nothing moves.
    let mut last = 0;
    until("the backend stands still", || {
        std::thread::sleep(Duration::from_millis(300));
        let now = sent.load(Ordering::SeqCst);
        now > 0 && now == std::mem::replace(&mut last, now)
    });
    assert!(last < 64 << 20, "{last} bytes went out that nobody read");
    drop(client);
    until("the backend is told", || ended.load(Ordering::SeqCst));
}

#[test]
fn lambdas_handlers_and_deep_values() {
    let blocks = [
        // A function that calls itself inside Select: it doubles at each step.
        (
            "Func<int, int> f = null; f = n => 1 + Enumerable.Range(0, n).Select(m => f(m)).Sum(); return f(6).ToString();",
            "64",
        ),
        // Filters run before the inner finally.
        (
            "var log = \"\"; Func<string, bool> note = s => { log += s + \";\"; return true; }; \
             try { try { int.Parse(\"x\"); } finally { note(\"finally\"); } } \
             catch (Exception) when (note(\"filter\")) { note(\"catch\"); } return log;",
            "filter;finally;catch;",
        ),
        // A value a hundred deep is made, printed and left behind.
        (
            "JToken t = new JObject(); for (int i = 0; i < 100; i++) { var o = new JObject(); o[\"a\"] = t; t = o; } \
             return t.ToString(Newtonsoft.Json.Formatting.None).Length.ToString();",
            "602",
        ),
    ];
    let other = quick();
    for (code, expected) in blocks {
        let inbound = format!("<return-response><set-body>@{{ {code} }}</set-body></return-response>");
        let server = serve(&document(&inbound, "", "", ""), other.address, |_| {});
        assert_eq!(ask(server.address(), GET).text(), expected, "{code}");
    }
}

#[test]
fn a_deep_body_is_read_and_freed() {
    let inbound =
        r#"<set-body>@(context.Request.Body.As<JToken>().ToString(Newtonsoft.Json.Formatting.None))</set-body>"#;
    let backend = quick();
    let server = serve(&document(inbound, "<forward-request />", "", ""), backend.address, |_| {});
    let mut client = Client::new(server.address());
    for depth in [1, 100, 100] {
        let body = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let request = format!("POST / HTTP/1.1\nHost: g\nContent-Length: {}\n\n{body}", body.len());
        assert_eq!(client.ask(&request).status(), 200, "{depth}");
        let seen = backend.seen.lock().expect("unpoisoned").last().cloned().expect("a request");
        assert_eq!(seen.text(), body);
    }
}

#[test]
fn an_exception_goes_through_finally_into_on_error() {
    let inbound = r#"<set-variable name="log" value="@(new JObject())" />
        <set-variable name="n" value="@{
            var log = (JObject)context.Variables["log"];
            try { return int.Parse("x"); } finally { log["finally"] = 1; }
        }" />"#;
    let on_error = r#"<set-header name="X-Log"><value>@(((JObject)context.Variables["log"]).ToString(Newtonsoft.Json.Formatting.None))</value></set-header>
        <set-header name="X-Source"><value>@(context.LastError.Source + " " + context.LastError.Reason)</value></set-header>"#;
    let other = quick();
    let server = serve(&document(inbound, "", "", on_error), other.address, |_| {});
    let response = ask(server.address(), GET);
    assert_eq!(response.status(), 500);
    assert_eq!(response.header("x-log"), Some(r#"{"finally":1}"#));
    assert_eq!(response.header("x-source"), Some("set-variable ExpressionValueEvaluationFailure"));
}

// ---- backends in trouble, by documents

fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound")
}

#[test]
fn a_backend_that_is_down_is_told_in_header_trace_and_log() {
    let on_error = r#"<set-header name="X-Reason"><value>@(context.LastError.Reason)</value></set-header>"#;
    let text = document("", "<forward-request />", "", on_error);
    let folder =
        Folder::new("down", &[("policy.xml", &text), ("request.http", GET), ("answers.http", "!connection\n")]);
    let policy = folder.0.join("policy.xml");
    let policy = policy.to_str().expect("text");
    let url = format!("http://{}", nobody());
    let (mut command, address, mut out) = command(&[policy, "--backend", &url, "--access-log", "json"]);
    let response = ask(address, GET);
    assert_eq!((response.status(), response.header("x-reason")), (500, Some("BackendConnectionFailure")));
    let body: serde_json::Value = serde_json::from_slice(&response.body).expect("JSON");
    assert_eq!((&body["statusCode"], &body["message"]), (&500.into(), &"Internal server error".into()));
    assert!(std::process::Command::new("kill").arg(command.0.id().to_string()).status().expect("runs").success());
    assert!(command.0.wait().expect("ends").success());
    let mut log = String::new();
    out.read_to_string(&mut log).expect("the log");
    let line: serde_json::Value = serde_json::from_str(log.lines().next().expect("a line")).expect("JSON");
    assert_eq!(line["status"], 500);
    assert!(line["trouble"].as_str().is_some_and(|trouble| trouble.contains(&url["http://".len()..])), "{log}");

    let (requests, answers) = (folder.file("request.http"), folder.file("answers.http"));
    let (_, traced, _) = portcullis(&["run", policy, "--trace", "--requests", &requests, "--answers", &answers]);
    assert!(traced.contains("failed forward-request: "), "{traced}");
    assert!(traced.contains("x-reason: BackendConnectionFailure"), "{traced}");
}

#[test]
fn a_backend_that_resets_mid_body_is_seen_by_reader_and_caller() {
    let backend = backend(|_, out| {
        say(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
        false
    });
    let read = r#"<choose><when condition="@(context.Request.Headers.ContainsKey("X-Read"))">
        <set-variable name="body" value="@(context.Response.Body.As<string>())" /></when></choose>"#;
    let on_error = r#"<set-header name="X-Reason"><value>@(context.LastError.Reason)</value></set-header>"#;
    let server = serve(&document("", "<forward-request />", read, on_error), backend.address, |_| {});
    let streamed = ask(server.address(), GET);
    assert_eq!((streamed.status(), streamed.whole), (200, false), "the caller can tell that bytes are missing");
    let read = ask(server.address(), "GET / HTTP/1.1\nHost: g\nX-Read: 1\n\n");
    assert_eq!((read.status(), read.header("x-reason")), (500, Some("BackendConnectionFailure")));
}

/// What is forwarded of a request that says much about its connection.
#[test]
fn forwarded_fields_are_the_platforms() {
    let backend = quick();
    let server = serve(&document("", "<forward-request />", "", ""), backend.address, |_| {});
    ask(
        server.address(),
        "GET / HTTP/1.1\nHost: gateway.example\nX-Forwarded-For: 10.0.0.1\nX-Forwarded-Host: own\nX-Forwarded-Proto: https\n\
         Connection: close, X-Gone\nX-Gone: 1\nUpgrade: h2c\nTE: trailers\n\n",
    );
    let seen = backend.seen.lock().expect("unpoisoned")[0].clone();
    assert_eq!(seen.header("host"), Some(backend.address.to_string().as_str()));
    assert_eq!(seen.header("x-forwarded-for"), Some("10.0.0.1, 127.0.0.1"));
    // The caller's own words on them pass unchanged.
    assert_eq!((seen.header("x-forwarded-host"), seen.header("x-forwarded-proto")), (Some("own"), Some("https")));
    for gone in ["connection", "x-gone", "upgrade", "te"] {
        assert_eq!(seen.header(gone), None, "{gone}");
    }
}

/// The resident memory of another process, where the system tells it.
fn resident(process: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/statm")).unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

/// Through policies and a tap, in a process of its own: 256 MiB, or `PORTCULLIS_TEST_MIB` (1024 is a gibibyte).
#[test]
fn a_long_tapped_body_streams_in_constant_memory() {
    let mib: usize = std::env::var("PORTCULLIS_TEST_MIB").ok().and_then(|mib| mib.parse().ok()).unwrap_or(256);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        let (mut out, _): (TcpStream, _) = listener.accept().expect("a connection");
        let _ = out.read(&mut [0; 4096]);
        say(&mut out, &format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", mib << 20));
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..mib {
            out.write_all(&piece).expect("sends");
        }
    });
    let header = r#"<set-header name="X-Own"><value>1</value></set-header>"#;
    let replace = r#"<find-and-replace from="notebook" to="laptop" />"#;
    let text = document(header, "<forward-request />", replace, "");
    let folder = Folder::new("long", &[("policy.xml", &text)]);
    let policy = folder.0.join("policy.xml");
    let (command, address, _out) = command(&[policy.to_str().expect("text"), "--backend", &url]);
    let before = resident(command.0.id());
    let mut client = Client::new(address);
    client.to.write_all(b"GET / HTTP/1.1\r\nHost: g\r\n\r\n").expect("sends");
    let head = read_head(&mut client.from).expect("a head");
    let (mut count, mut most) = (0, 0);
    assert!(read_body(&mut client.from, &head, |piece| {
        count += piece.len();
        if count % (8 << 20) < piece.len() {
            most = most.max(resident(command.0.id()));
        }
    }));
    assert_eq!(count, mib << 20);
    assert!(most.saturating_sub(before) < 32 << 20, "grew by {} MiB", most.saturating_sub(before) >> 20);
}
