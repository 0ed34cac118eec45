//! Backend entities over sockets: loops that end, breakers that all workers share and that outlive a reload.

use super::wire::{Client, backend, configuration, say};
use portcullis::diagnostics::Diagnostics;
use portcullis::drivers::live::{Configuration, Embedded, Options, Server, start};
use portcullis::drivers::program::{self, Compiled, Rules};
use portcullis::gateway;
use portcullis::source::Sources;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

const POLICY: &str = r#"<policies>
    <inbound><base /><set-backend-service backend-id="own" /></inbound>
    <backend><base /></backend>
    <outbound><base /></outbound>
    <on-error><base /></on-error>
</policies>"#;

/// One API at `/shop` whose requests go to a backend with these properties.
fn gateway_to(backend: &str) -> Configuration<Compiled> {
    let files = [
        ("apis/a/apiInformation.json", r#"{"properties": {"path": "shop", "subscriptionRequired": false}}"#),
        ("apis/a/specification.yaml", "openapi: 3.0.0\npaths:\n  /items: {get: {operationId: items}}\n"),
        ("apis/a/policy.xml", POLICY),
    ];
    let mut texts: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    texts.push(("backends/own/backendInformation.json".into(), format!(r#"{{"properties": {backend}}}"#).into_bytes()));
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let gateway = gateway::load(texts, "", &Default::default(), &mut sources, &mut found);
    let program = program::compile(&gateway, &mut sources, Rules::default(), &mut found);
    assert!(!found.has_errors(), "the configuration is sound");
    configuration(gateway, program)
}

fn serve(configuration: Configuration<Compiled>, workers: usize) -> Server<Compiled> {
    let mut options = Options::new("127.0.0.1:0".parse().expect("an address"));
    options.workers = workers;
    start(options, configuration, Arc::new(Embedded::new(1 << 20))).expect("it listens")
}

/// Status and body of a call over a connection of its own.
fn get(address: SocketAddr) -> (u16, String) {
    let mut client = Client::new(address);
    write!(client.to, "GET /shop/items HTTP/1.1\r\nHost: {address}\r\n\r\n").expect("it takes the request");
    let received = client.read(false);
    (received.status(), received.text())
}

#[test]
fn a_loop_ends_with_an_error_that_says_so() {
    let nowhere = r#"{"url": "http://127.0.0.1:9", "protocol": "http"}"#;
    let server = serve(gateway_to(nowhere), 1);
    let own = server.address();
    server.replace(gateway_to(&format!(r#"{{"url": "http://{own}/shop", "protocol": "http"}}"#)));
    let (status, body) = get(own);
    assert_eq!(status, 508, "{body}");
    assert!(body.contains("has passed this gateway 8 times"), "{body}");
}

#[test]
fn all_workers_share_a_breaker_and_a_reload_keeps_it() {
    let failing = backend(|_, out| say(out, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"));
    let properties = |count: u32| {
        format!(
            r#"{{"url": "http://{}", "protocol": "http", "circuitBreaker": {{"rules": [{{"name": "r",
            "tripDuration": "PT1H", "failureCondition": {{"count": {count}, "interval": "PT1H",
            "statusCodeRanges": [{{"min": 500, "max": 599}}]}}}}]}}}}"#,
            failing.address
        )
    };
    let server = serve(gateway_to(&properties(3)), 4);
    let seen = || failing.seen.lock().expect("unpoisoned").len();
    let statuses = |count: usize| (0..count).map(|_| get(server.address()).0).collect::<Vec<_>>();
    assert_eq!(statuses(10), [500, 500, 500, 503, 503, 503, 503, 503, 503, 503]);
    assert_eq!(seen(), 3);
    server.replace(gateway_to(&properties(3)));
    assert_eq!((statuses(4), seen()), (vec![503; 4], 3));
    let states = server.observatory().backends.get().expect("set at the start")();
    let breaker = states[0].breaker.expect("it has one");
    assert!(&*states[0].backend == "own" && breaker.trips == 1 && breaker.open_until.is_some());
    // Another rule is another breaker.
    server.replace(gateway_to(&properties(2)));
    assert_eq!((statuses(3), seen()), (vec![500, 500, 503], 5));
}
