//! Under load, with reload after reload, a backend that is killed again and again, and a breaker that trips: each request
//! is numbered, so that a wrong answer, a lost request or one that was sent twice shows. A few seconds by default;
//! `PORTCULLIS_LOAD_SECONDS` says how many.

use super::wire::{Client, Received, configuration, read_body, read_head, say, until};
use portcullis::diagnostics::Diagnostics;
use portcullis::drivers::live::{Configuration, Embedded, Options, Server, start};
use portcullis::drivers::program::{self, Compiled, Rules};
use portcullis::gateway;
use portcullis::source::Sources;
use serde_json::json;
use std::collections::HashMap;
use std::io::BufReader;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Callers at once.
const CALLERS: u64 = 4;
/// No request takes longer, whatever happens around it.
const LONGEST: Duration = Duration::from_secs(5);

/// How often each number reached a backend.
type Seen = Arc<Mutex<HashMap<u64, u32>>>;

/// A backend that can be killed with its connections, and comes back on its port.
struct Site {
    address: SocketAddr,
    alive: Arc<AtomicBool>,
    connections: Arc<Mutex<Vec<TcpStream>>>,
}

impl Site {
    /// Answers with the request's number and generation; with 500 while `ill`.
    fn start(seen: Seen, ill: Arc<AtomicBool>) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let alive = Arc::new(AtomicBool::new(true));
        let connections: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let site = Site { address, alive: Arc::clone(&alive), connections: Arc::clone(&connections) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // The port stays taken, so that nobody else gets it: who comes is turned away.
                if !alive.load(Ordering::SeqCst) {
                    let _ = stream.shutdown(Shutdown::Both);
                    continue;
                }
                connections.lock().expect("unpoisoned").push(stream.try_clone().expect("a handle"));
                let (seen, ill) = (Arc::clone(&seen), Arc::clone(&ill));
                std::thread::spawn(move || answer(stream, &seen, &ill));
            }
        });
        site
    }

    fn kill(&self) {
        self.alive.store(false, Ordering::SeqCst);
        for stream in self.connections.lock().expect("unpoisoned").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn revive(&self) {
        self.alive.store(true, Ordering::SeqCst);
    }
}

fn answer(stream: TcpStream, seen: &Seen, ill: &AtomicBool) {
    let mut out = stream.try_clone().expect("a handle");
    let mut from = BufReader::new(stream);
    while let Some(request) = read_head(&mut from) {
        let mut body = Vec::new();
        if !read_body(&mut from, &request, |piece| body.extend_from_slice(piece)) {
            return;
        }
        let number = request.header("x-number").and_then(|number| number.parse().ok()).expect("a number");
        *seen.lock().expect("unpoisoned").entry(number).or_default() += 1;
        let status = if ill.load(Ordering::SeqCst) { "500 Ill" } else { "200 OK" };
        let generation = request.header("x-generation").unwrap_or("none");
        let text = format!("{number} {generation} {}", String::from_utf8_lossy(&body));
        let length = text.len();
        if !say(&mut out, &format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{text}")) {
            return;
        }
    }
}

/// An estate whose policies write the generation on the way in and on the way out.
fn estate(generation: u64, sites: [SocketAddr; 3]) -> Configuration<Compiled> {
    let policy = |backend: &str, call: &str| {
        format!(
            "<policies><inbound><base /><set-header name=\"X-Generation\" exists-action=\"override\">\
             <value>{{{{generation}}}}</value></set-header><set-backend-service backend-id=\"{backend}\" /></inbound>\
             <backend>{call}</backend><outbound><base /><set-header name=\"X-Generation\" exists-action=\"override\">\
             <value>@(\"{{{{generation}}}}\")</value></set-header></outbound><on-error><base /></on-error></policies>"
        )
    };
    let retried = "<retry condition=\"@(context.Response == null || context.Response.StatusCode >= 500)\" count=\"5\" \
                   interval=\"0\" first-fast-retry=\"true\"><forward-request /></retry>";
    let rule = json!({"rules": [{
        "name": "r", "tripDuration": "PT1S", "acceptRetryAfter": false,
        "failureCondition": {
            "count": 3, "interval": "PT10S", "statusCodeRanges": [{"min": 500, "max": 599}],
            "errorReasons": ["BackendConnectionFailure"],
        },
    }]});
    let single = |address: SocketAddr| json!({"properties": {"url": format!("http://{address}"), "protocol": "http", "circuitBreaker": rule}});
    let services = [json!({"id": "/backends/a"}), json!({"id": "/backends/b"})];
    let api = |path: &str| json!({"properties": {"path": path, "subscriptionRequired": false}}).to_string();
    let paths = "openapi: 3.0.0\npaths: {/n: {get: {operationId: g}, post: {operationId: p}}}\n";
    let mut texts: Vec<(String, String)> = vec![
        (
            "named values/generation/namedValueInformation.json".into(),
            json!({"properties": {"displayName": "generation", "value": generation.to_string()}}).to_string(),
        ),
        (
            "backends/pool/backendInformation.json".into(),
            json!({"properties": {"type": "Pool", "pool": {"services": services}}}).to_string(),
        ),
    ];
    for (name, address) in ["a", "b", "ill"].into_iter().zip(sites) {
        texts.push((format!("backends/{name}/backendInformation.json"), single(address).to_string()));
    }
    let apis =
        [("retried", "pool", retried), ("once", "pool", "<forward-request />"), ("ill", "ill", "<forward-request />")];
    for (path, backend, call) in apis {
        texts.push((format!("apis/{path}/apiInformation.json"), api(path)));
        texts.push((format!("apis/{path}/specification.yaml"), paths.into()));
        texts.push((format!("apis/{path}/policy.xml"), policy(backend, call)));
    }
    let texts = texts.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let gateway = gateway::load(texts, "", &Default::default(), &mut sources, &mut found);
    let program = program::compile(&gateway, &mut sources, Rules::default(), &mut found);
    assert!(!found.has_errors(), "{:?}", found.findings());
    configuration(gateway, program)
}

/// What became of the requests of one caller.
#[derive(Default)]
struct Told {
    slowest: Vec<Duration>,
    /// Number, API, answer.
    answers: Vec<(u64, &'static str, Received)>,
}

fn call(server: SocketAddr, numbers: &AtomicU64, until: Instant) -> Told {
    let mut told = Told::default();
    let mut client = Client::new(server);
    while Instant::now() < until {
        let number = numbers.fetch_add(1, Ordering::SeqCst);
        let (api, method, body) = match number % 4 {
            0 | 1 => ("retried", "GET", String::new()),
            2 => ("once", "POST", format!("body-{number}")),
            _ => ("ill", "POST", format!("body-{number}")),
        };
        let begun = Instant::now();
        let answer = client.ask(&format!(
            "{method} /{api}/n HTTP/1.1\nHost: g\nX-Number: {number}\nContent-Length: {}\n\n{body}",
            body.len()
        ));
        told.slowest.push(begun.elapsed());
        told.answers.push((number, api, answer));
    }
    told
}

#[test]
fn each_request_is_answered_once_and_rightly_whatever_happens() {
    let seconds = std::env::var("PORTCULLIS_LOAD_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(4);
    let seen = Seen::default();
    let (well, ill) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let [a, b] = [(); 2].map(|()| Site::start(Arc::clone(&seen), Arc::clone(&well)));
    let c = Site::start(Arc::clone(&seen), Arc::clone(&ill));
    let sites = [a.address, b.address, c.address];
    let mut options = Options::new("127.0.0.1:0".parse().expect("an address"));
    options.workers = 2;
    options.observe.admin = "127.0.0.1:0".parse().ok();
    let server: Server<Compiled> =
        start(options, estate(0, sites), Arc::new(Embedded::new(1 << 20))).expect("it listens");
    let (numbers, end) = (AtomicU64::new(0), Instant::now() + Duration::from_secs(seconds));
    let mut reloads = 0;
    let told: Vec<Told> = std::thread::scope(|scope| {
        let (address, numbers) = (server.address(), &numbers);
        let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(move || call(address, numbers, end))).collect();
        let trouble = scope.spawn(|| {
            while Instant::now() < end {
                b.kill();
                ill.store(true, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(300));
                b.revive();
                ill.store(false, Ordering::SeqCst);
                // Longer than a breaker stays open: what is well again is also asked again.
                std::thread::sleep(Duration::from_millis(1_400));
            }
        });
        while Instant::now() < end {
            let begun = Instant::now();
            reloads += 1;
            server.replace(estate(reloads, sites));
            // A hundred a second, where the machine can.
            std::thread::sleep(Duration::from_millis(10).saturating_sub(begun.elapsed()));
        }
        trouble.join().expect("no panic");
        callers.into_iter().map(|caller| caller.join().expect("no panic")).collect()
    });
    b.revive();

    let seen = seen.lock().expect("unpoisoned");
    let mut counts: HashMap<(&str, u16), u64> = HashMap::new();
    let total = numbers.load(Ordering::SeqCst);
    assert_eq!(told.iter().map(|own| own.answers.len() as u64).sum::<u64>(), total);
    for (number, api, answer) in told.iter().flat_map(|own| &own.answers) {
        let (status, text) = (answer.status(), answer.text());
        *counts.entry((api, status)).or_default() += 1;
        let times = seen.get(number).copied().unwrap_or(0);
        let right = || {
            let generation = answer.header("x-generation").unwrap_or("-");
            let body = if *api == "retried" { String::new() } else { format!("body-{number}") };
            // One configuration saw the request in and out.
            text == format!("{number} {generation} {body}")
        };
        let holds = match (*api, status) {
            ("retried", 200) => right() && times >= 1,
            ("once", 200) => right() && times == 1,
            ("ill", 200 | 500) if right() => times == 1,
            // Not reached, or cut while it answered: at most once, and the caller is told.
            ("once", 500) => times <= 1,
            // The breaker was open: nobody was asked.
            ("ill", 503) => times == 0,
            _ => false,
        };
        assert!(holds, "{number} {api}: {status} {text:?}, sent {times} times");
    }
    let mut times: Vec<Duration> = told.iter().flat_map(|own| own.slowest.iter().copied()).collect();
    times.sort_unstable();
    let p99 = times[times.len() * 99 / 100];
    println!("{total} requests, {reloads} reloads, p99 {p99:?}, {counts:?}");
    assert!(p99 < Duration::from_secs(1), "{p99:?}");
    assert!(times.last().is_some_and(|slowest| *slowest < LONGEST), "{:?}", times.last());
    for what in [("retried", 200), ("once", 200), ("ill", 200), ("ill", 500), ("ill", 503)] {
        assert!(counts.contains_key(&what), "nothing was {what:?}: {counts:?}");
    }
    assert!(reloads >= 5);
    let admin = server.admin().expect("an admin listener");
    let answered = || {
        let text = Client::new(admin).ask("GET /metrics HTTP/1.1\nHost: a\n\n").text();
        let counts = text.lines().filter(|line| line.starts_with("portcullis_requests_total{"));
        counts.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum::<u64>()
    };
    until("metrics count each request", || answered() == total);
    server.drain();
}
