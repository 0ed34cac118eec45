//! Ends that break the protocol or take for ever: every one gets a status, costs no other request, and is told apart from
//! an end that did nothing wrong.

use super::program::command;
use super::wire::{Backend, Client, backend, configuration, read_head, say, until};
use portcullis::diagnostics::Diagnostics;
use portcullis::drivers::live::{Embedded, Options, Server, Watcher, start};
use portcullis::drivers::program::{self, Compiled, Rules};
use portcullis::gateway;
use portcullis::source::Sources;
use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One API at `/`, one backend with a breaker that one failure opens for an hour (when `fragile`), one worker.
fn serve(backend: &Backend, forward: &str, fragile: bool, change: impl FnOnce(&mut Options)) -> Server<Compiled> {
    let policy = format!(
        r#"<policies>
            <inbound><set-backend-service backend-id="own" /></inbound>
            <backend>{forward}</backend>
            <outbound />
            <on-error>
                <set-header name="X-Why" exists-action="override">
                    <value>@(context.LastError.Source + " " + context.LastError.Reason)</value>
                </set-header>
            </on-error>
        </policies>"#
    );
    let rules = r#"[{"name": "r", "tripDuration": "PT1H", "failureCondition": {"count": 1, "interval": "PT1H",
        "errorReasons": ["BackendConnectionFailure", "Timeout"]}}]"#;
    let rules = if fragile { rules } else { "[]" };
    let properties =
        format!(r#"{{"properties": {{"url": "http://{}", "circuitBreaker": {{"rules": {rules}}}}}}}"#, backend.address);
    let files = [
        ("apis/a/apiInformation.json", r#"{"properties": {"path": "", "subscriptionRequired": false}}"#),
        (
            "apis/a/operations/get/operationInformation.json",
            r#"{"properties": {"method": "GET", "urlTemplate": "/*"}}"#,
        ),
        (
            "apis/a/operations/post/operationInformation.json",
            r#"{"properties": {"method": "POST", "urlTemplate": "/*"}}"#,
        ),
        ("apis/a/policy.xml", &policy),
        ("backends/own/backendInformation.json", &properties),
    ];
    let texts = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let gateway = gateway::load(texts, "", &Default::default(), &mut sources, &mut found);
    let program = program::compile(&gateway, &mut sources, Rules::default(), &mut found);
    let found: Vec<_> = found.into_sorted().into_iter().map(|own| own.message).collect();
    assert_eq!(found, Vec::<String>::new());
    let mut options = Options::new("127.0.0.1:0".parse().expect("an address"));
    options.workers = 1;
    change(&mut options);
    start(options, configuration(gateway, program), Arc::new(Embedded::new(1 << 20))).expect("it listens")
}

const FORWARD: &str = r#"<forward-request timeout="5" />"#;

/// What comes back for these bytes; `cut` says that no more will come.
fn talk(address: SocketAddr, bytes: &[u8], cut: bool) -> super::wire::Received {
    let mut client = Client::new(address);
    // A server that refuses may close before it has read all.
    let _ = client.to.write_all(bytes);
    if cut {
        let _ = client.to.shutdown(Shutdown::Write);
    }
    client.read(false)
}

fn get(address: SocketAddr, path: &str) -> super::wire::Received {
    let mut client = Client::new(address);
    client.ask(&format!("GET {path} HTTP/1.1\nHost: g\n\n"))
}

/// What a backend does with a request; false closes the connection.
type Way = Box<dyn Fn(&mut TcpStream) -> bool + Send + Sync>;

/// Says this and closes.
fn last(out: &mut TcpStream, text: &str) -> bool {
    say(out, text);
    false
}

#[test]
fn a_backend_that_breaks_the_protocol_is_a_failed_connection() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\n";
    let endless = |out: &mut TcpStream, text: String| {
        for _ in 0..100_000 {
            if !say(out, &text) {
                break;
            }
        }
        false
    };
    let ways: Vec<(&str, Way)> = vec![
        ("/nothing", Box::new(|_| false)),
        ("/garbage", Box::new(|out| last(out, "\0\u{1} lorem ipsum\r\n\r\n"))),
        ("/old", Box::new(|out| last(out, "hello"))),
        ("/half", Box::new(|out| last(out, "HTTP/1.1 200 OK\r\nContent-"))),
        ("/fields", Box::new(move |out| say(out, HEAD) && endless(out, "X: 1\r\n".repeat(1000)))),
        ("/field", Box::new(move |out| say(out, &format!("{HEAD}X: ")) && endless(out, "a".repeat(65_536)))),
        ("/interim", Box::new(move |out| endless(out, "HTTP/1.1 102 Processing\r\n\r\n".repeat(1000)))),
        ("/lengths", Box::new(|out| say(out, &format!("{HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc")))),
        ("/negative", Box::new(|out| say(out, &format!("{HEAD}Content-Length: -2\r\n\r\nab")))),
        ("/huge", Box::new(|out| say(out, &format!("{HEAD}Content-Length: 99999999999999999999999\r\n\r\nab")))),
        ("/status", Box::new(|out| say(out, "HTTP/1.1 099 What\r\nContent-Length: 0\r\n\r\n"))),
        ("/folded", Box::new(|out| say(out, &format!("{HEAD}X: a\r\n b\r\nContent-Length: 0\r\n\r\n")))),
        ("/nul", Box::new(|out| say(out, &format!("{HEAD}X: a\0b\r\nContent-Length: 0\r\n\r\n")))),
        ("/space", Box::new(|out| say(out, &format!("{HEAD}X : a\r\nContent-Length: 0\r\n\r\n")))),
        ("/protocol", Box::new(|out| say(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nraw"))),
    ];
    let paths: Vec<&str> = ways.iter().map(|(path, _)| *path).collect();
    let backend = backend(move |request, out| {
        let path = request.first.split(' ').nth(1).unwrap_or_default();
        match ways.iter().find(|(own, _)| *own == path) {
            Some((_, way)) => way(out),
            None => say(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        }
    });
    let server = serve(&backend, FORWARD, false, |_| ());
    for path in paths {
        let answer = get(server.address(), path);
        let why = answer.header("x-why");
        assert_eq!((answer.status(), why), (500, Some("forward-request BackendConnectionFailure")), "{path}");
        assert_eq!(get(server.address(), "/fine").text(), "ok", "after {path}");
    }
}

#[test]
fn a_response_that_breaks_off_is_not_whole_for_the_caller_either() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\n";
    let chunked = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n");
    let table = [
        ("/short", format!("{HEAD}Content-Length: 100\r\n\r\nshort")),
        ("/cut", format!("{chunked}5\r\nab")),
        ("/size", format!("{chunked}zz\r\nab\r\n0\r\n\r\n")),
        ("/sizes", format!("{chunked}ffffffffffffffffff\r\nab\r\n0\r\n\r\n")),
        ("/extension", format!("{chunked}5;{}", "a".repeat(1 << 20))),
        ("/trailers", format!("{chunked}2\r\nab\r\n0\r\n{}", "X: 1\r\n".repeat(1 << 18))),
    ];
    let paths: Vec<&str> = table.iter().map(|(path, _)| *path).collect();
    let backend = backend(move |request, out| {
        let path = request.first.split(' ').nth(1).unwrap_or_default();
        let said = table.iter().find(|(own, _)| *own == path).map(|(_, text)| text.as_str());
        say(out, said.unwrap_or("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        false
    });
    let server = serve(&backend, FORWARD, false, |_| ());
    for path in paths {
        let answer = get(server.address(), path);
        assert!(answer.first.is_empty() || !answer.whole, "{path}");
        assert_eq!(get(server.address(), "/fine").text(), "ok", "after {path}");
    }
}

#[test]
fn chunks_count_where_a_response_has_both_lengths() {
    let backend = backend(|_, out| {
        say(out, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n")
    });
    let server = serve(&backend, FORWARD, false, |_| ());
    let answer = get(server.address(), "/");
    assert_eq!((answer.header("content-length"), answer.text().as_str()), (None, "abcde"));
}

#[test]
fn a_client_that_breaks_the_protocol_is_told_so() {
    let backend = backend(|_, out| say(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    let server = serve(&backend, FORWARD, true, |options| options.longest_body = 1 << 20);
    let post = "POST / HTTP/1.1\r\nHost: g\r\n";
    let table = [
        ("CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n".to_owned(), 400),
        ("OPTIONS * HTTP/1.1\r\nHost: g\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: g\r\nX: a\r\n b\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: g\r\nX: a\0b\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: g@other\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.2\r\nHost: g\r\n\r\n".to_owned(), 400),
        (format!("GET /{} HTTP/1.1\r\nHost: g\r\n\r\n", "a".repeat(70_000)), 431),
        (format!("GET / HTTP/1.1\r\nHost: g\r\n{}\r\n", "X: a\r\n".repeat(101)), 431),
        (format!("{post}Transfer-Encoding: identity, chunked, identity\r\n\r\n"), 400),
        // What is wrong with a body shows when it is read. None of it is the backend's doing.
        (format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n"), 400),
        (format!("{post}Transfer-Encoding: chunked\r\n\r\n2\nab\n0\n\n"), 400),
        (format!("{post}Transfer-Encoding: chunked\r\n\r\n2;{}\r\nab\r\n0\r\n\r\n", "a".repeat(100_000)), 400),
        (format!("{post}Content-Length: 10\r\n\r\nab"), 400),
        (format!("{post}Content-Length: 2000000\r\n\r\n"), 413),
        (
            format!(
                "{post}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
                format!("10000\r\n{}\r\n", "a".repeat(65_536)).repeat(20)
            ),
            413,
        ),
    ];
    for (request, status) in table {
        let begin = &request[..request.len().min(60)];
        let answer = talk(server.address(), request.as_bytes(), request.ends_with("\r\n\r\nab"));
        assert_eq!(answer.status(), status, "{begin:?}: {answer:?}");
        assert_eq!(get(server.address(), "/").status(), 200, "after {begin:?}");
    }
}

#[test]
fn a_request_has_its_time_as_a_whole() {
    let backend = backend(|request, out| match request.first.contains("/head") {
        true => {
            std::thread::sleep(Duration::from_secs(4));
            false
        }
        false => {
            say(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
            std::thread::sleep(Duration::from_secs(4));
            false
        }
    });
    let server = serve(&backend, FORWARD, false, |options| options.request_timeout = Some(Duration::from_millis(300)));
    let begun = Instant::now();
    let late = get(server.address(), "/head");
    assert_eq!(late.text(), r#"{ "statusCode": 504, "message": "The request took too long" }"#);
    assert_eq!(late.status(), 504);
    let cut = get(server.address(), "/body");
    assert_eq!((cut.status(), cut.whole), (200, false));
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[test]
fn a_redirect_is_followed_after_the_backend_refused_the_body() {
    // It answers from the head alone, as a server that does not want a body does.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut out = stream.try_clone().expect("a handle");
            let head = read_head(&mut BufReader::new(stream)).unwrap_or_default();
            let answer = match (head.header("expect"), head.first.as_str()) {
                (Some(_), "POST /first HTTP/1.1") => "303 See Other\r\nLocation: /second\r\nContent-Length: 0",
                (None, "GET /second HTTP/1.1") => "200 OK\r\nContent-Length: 6",
                _ => "400 Bad Request\r\nContent-Length: 6",
            };
            say(&mut out, &format!("HTTP/1.1 {answer}\r\nConnection: close\r\n\r\nsecond"));
        }
    });
    let backend = Backend { address, connections: Arc::default(), seen: Arc::default() };
    let forward = r#"<forward-request timeout="5" continue-timeout="2" follow-redirects="true" />"#;
    let server = serve(&backend, forward, false, |_| ());
    let mut client = Client::new(server.address());
    let answer = client.ask("POST /first HTTP/1.1\nHost: g\nContent-Length: 3\n\nabc");
    assert_eq!((answer.status(), answer.text().as_str()), (200, "second"));
}

#[test]
fn only_what_is_read_is_a_reason_to_read_again() {
    let folder = std::env::temp_dir().join(format!("portcullis-watched-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("estate")).expect("a folder");
    let write = |name: &str| std::fs::write(folder.join(name), "x").expect("a file");
    ["policy.xml", "estate/a.json"].into_iter().for_each(write);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let watched = [folder.join("policy.xml"), folder.join("estate")];
        let matters = |path: &std::path::Path| path.extension().is_none_or(|own| own != "log");
        let mut watcher = Watcher::new(&watched, matters).expect("it watches");
        for (name, concerns) in
            [("access.log", false), ("estate/access.log", false), ("policy.xml", true), ("estate/a.json", true)]
        {
            write(name);
            let told = tokio::time::timeout(Duration::from_millis(400), watcher.changed()).await;
            assert_eq!(told.is_ok(), concerns, "{name}");
        }
    });
    std::fs::remove_dir_all(&folder).expect("the test's own folder");
}

#[cfg(unix)]
#[test]
fn a_mounted_configuration_is_read_through_its_links() {
    use std::os::unix::fs::symlink;
    let folder = std::env::temp_dir().join(format!("portcullis-mounted-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let version = |name: &str, path: &str| {
        let api = folder.join(name).join("apis/a");
        std::fs::create_dir_all(&api).expect("a folder");
        let information = format!(r#"{{"properties": {{"path": "{path}", "subscriptionRequired": false}}}}"#);
        std::fs::write(api.join("apiInformation.json"), information).expect("a file");
        let operations = "openapi: 3.0.0\ninfo: {title: a, version: '1'}\nservers: [{url: 'https://echo.localhost'}]\npaths: {/x: {get: {operationId: x, responses: {}}}}\n";
        std::fs::write(api.join("specification.yaml"), operations).expect("a file");
        std::fs::write(
            api.join("policy.xml"),
            "<policies><inbound><return-response /></inbound><backend /><outbound /><on-error /></policies>",
        )
        .expect("a file");
    };
    version("..one", "one");
    symlink("..one", folder.join("..data")).expect("a link");
    symlink("..data/apis", folder.join("apis")).expect("a link");
    let root = folder.to_str().expect("text");
    let (_running, address, _said) = command(&[root, "--access-log", "off"]);
    let status = |path: &str| get(address, path).status();
    assert_eq!((status("/one/x"), status("/two/x")), (200, 404));
    version("..two", "two");
    symlink("..two", folder.join("..next")).expect("a link");
    std::fs::rename(folder.join("..next"), folder.join("..data")).expect("the link is replaced");
    until("the other version is served", || (status("/one/x"), status("/two/x")) == (404, 200));
    std::fs::remove_dir_all(&folder).expect("the test's own folder");
}

/// An HTTP/2 frame.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The kinds, streams and payloads of the frames that come until one of this kind does.
fn frames_until(from: &mut impl Read, kind: u8, stream: u32) -> Vec<u8> {
    loop {
        let mut head = [0; 9];
        from.read_exact(&mut head).expect("another frame");
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        from.read_exact(&mut payload).expect("its payload");
        if head[3] == kind && u32::from_be_bytes([head[5], head[6], head[7], head[8]]) == stream {
            return payload;
        }
    }
}

#[test]
fn a_body_that_does_not_come_ends_its_request_over_http2_too() {
    let backend = backend(|_, out| say(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    let server = serve(&backend, FORWARD, true, |options| options.patience.body = Duration::from_millis(300));
    let mut client = TcpStream::connect(server.address()).expect("connects");
    client.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    const HEADERS: u8 = 1;
    // `:method: POST`, `:scheme: http`, `:path: /`, `:authority: g`, by the static table (RFC 7541, appendix A).
    let post = frame(HEADERS, 4, 1, b"\x83\x86\x84\x01\x01g");
    let get = frame(HEADERS, 5, 3, b"\x82\x86\x84\x01\x01g");
    let begun = Instant::now();
    let opening = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(4, 0, 0, b""), &post].concat();
    client.write_all(&opening).expect("sends");
    // `:status: 400` is entry 12 of the static table, `:status: 200` entry 8.
    assert_eq!(frames_until(&mut client, HEADERS, 1)[0], 0x80 | 12);
    assert!(begun.elapsed() >= Duration::from_millis(250), "{:?}", begun.elapsed());
    // The connection goes on, and the backend's breaker does not mind.
    client.write_all(&get).expect("sends");
    assert_eq!(frames_until(&mut client, HEADERS, 3)[0], 0x80 | 8);
}
