//! Reloads, draining, and the command itself.

use crate::program::{Folder, command, portcullis};
use crate::support;
use crate::wire::*;
use portcullis::diagnostics::Severity;
use portcullis::drivers::process::PassThrough;
use portcullis::gateway::{self, Router};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

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
