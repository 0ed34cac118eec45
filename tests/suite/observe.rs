//! What operators see of `serve`: the admin listener, metrics, request traces, spans, the access log; and whom policies
//! may call.

use super::program::{Command, Folder, command_with};
use super::wire::{Backend, Client, PATIENCE, Received, backend, say, until};
use serde_json::{Value as Json, json};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::ChildStdout;

/// A service with an admin listener.
pub struct Watched {
    pub command: Command,
    pub address: SocketAddr,
    pub admin: SocketAddr,
    pub out: BufReader<ChildStdout>,
}

impl Watched {
    pub fn new(arguments: &[&str]) -> Watched {
        Watched::with(arguments, &[])
    }

    /// With variables in its environment.
    pub fn with(arguments: &[&str], environment: &[(&str, &str)]) -> Watched {
        let arguments = [&["--admin", "127.0.0.1:0"], arguments].concat();
        let (command, address, mut out) = command_with(&arguments, environment);
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        let admin = line.trim().strip_prefix("admin listens on http://").and_then(|admin| admin.parse().ok());
        Watched { command, address, admin: admin.unwrap_or_else(|| panic!("no admin in {line}")), out }
    }

    pub fn ask(&self, request: &str) -> Received {
        Client::new(self.address).ask(request)
    }

    pub fn admin(&self, request: &str) -> Received {
        Client::new(self.admin).ask(request)
    }

    pub fn get(&self, path: &str) -> Received {
        self.admin(&format!("GET {path} HTTP/1.1\nHost: a\n\n"))
    }

    pub fn post(&self, path: &str, body: &Json) -> Received {
        let body = body.to_string();
        self.admin(&format!("POST {path} HTTP/1.1\nHost: a\nContent-Length: {}\n\n{body}", body.len()))
    }

    /// The value of one series.
    pub fn metric(&self, series: &str) -> Option<f64> {
        let text = self.get("/metrics").text();
        text.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
    }

    pub fn signal(&self) {
        let pid = self.command.0.id().to_string();
        assert!(std::process::Command::new("kill").arg(pid).status().expect("kill runs").success());
    }

    /// Stops it; what it has written since.
    pub fn stop(mut self) -> String {
        self.signal();
        assert!(self.command.0.wait().expect("ends").success());
        let mut text = String::new();
        self.out.read_to_string(&mut text).expect("the log");
        self.command.0.stderr.take().expect("a pipe").read_to_string(&mut text).expect("the messages");
        text
    }
}

fn json_of(received: &Received) -> Json {
    serde_json::from_slice(&received.body).unwrap_or_else(|_| panic!("no JSON: {}", received.text()))
}

fn ok_backend() -> Backend {
    backend(|_, out| say(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
}

/// An API `shop` before a backend, in a product whose subscription allows tracing.
fn shop(name: &str, backend: SocketAddr, policy: &str) -> Folder {
    let api = json!({"properties": {
        "path": "shop", "serviceUrl": format!("http://{backend}/base"), "subscriptionRequired": false,
    }});
    let subscription = |tracing: bool, key: &str| {
        json!({"properties": {
            "scope": "/apis", "primaryKey": key, "secondaryKey": format!("{key}-2"), "state": "active",
            "allowTracing": tracing,
        }})
        .to_string()
    };
    Folder::new(
        name,
        &[
            ("apis/shop/apiInformation.json", &api.to_string()),
            ("apis/shop/specification.yaml", "openapi: 3.0.0\npaths: {'/x/{id}': {get: {operationId: get-x}}}\n"),
            ("apis/shop/policy.xml", policy),
            ("subscriptions/tracer/subscriptionInformation.json", &subscription(true, "tracer-key")),
            ("subscriptions/plain/subscriptionInformation.json", &subscription(false, "plain-key")),
        ],
    )
}

const NO_POLICY: &str = "<policies><inbound><base /></inbound><backend><base /></backend><outbound><base /></outbound>\
                         <on-error><base /></on-error></policies>";

#[test]
fn the_admin_listener_tells_how_the_service_does() {
    let backend = backend(|request, out| {
        if request.first.contains("slow") {
            std::thread::sleep(std::time::Duration::from_millis(700));
        }
        let status = if request.first.contains("bad") { "503 No" } else { "200 OK" };
        say(out, &format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok"))
    });
    let folder = shop("admin", backend.address, NO_POLICY);
    let service = Watched::new(&[folder.path(), "--access-log", "off"]);
    for (path, status) in [("/health", 200), ("/ready", 200), ("/metrics", 200), ("/", 404), ("/listTrace", 404)] {
        assert_eq!(service.get(path).status(), status, "{path}");
    }
    assert_eq!(service.post("/health", &json!({})).status(), 405);
    assert_eq!(service.admin("GET /metrics HTTP/1.1\nHost: a\nOrigin: http://elsewhere\n\n").status(), 403);
    let mut client = Client::new(service.address);
    for (path, status) in [("/shop/x/1", 200), ("/shop/x/2", 200), ("/shop/x/bad", 503), ("/nowhere", 404)] {
        assert_eq!(client.ask(&format!("GET {path} HTTP/1.1\nHost: g\n\n")).status(), status);
    }
    let backend_name = backend.address.to_string();
    let table = [
        ("portcullis_requests_total{api=\"shop\",operation=\"get-x\",status=\"2xx\"}".to_owned(), 2.0),
        ("portcullis_requests_total{api=\"shop\",operation=\"get-x\",status=\"5xx\"}".to_owned(), 1.0),
        ("portcullis_requests_total{api=\"-\",operation=\"-\",status=\"4xx\"}".to_owned(), 1.0),
        ("portcullis_request_duration_seconds_count{api=\"shop\",operation=\"get-x\"}".to_owned(), 3.0),
        ("portcullis_backend_duration_seconds_count{api=\"shop\",operation=\"get-x\"}".to_owned(), 3.0),
        (format!("portcullis_backend_calls_total{{backend=\"{backend_name}\",outcome=\"5xx\"}}"), 1.0),
        ("portcullis_policy_errors_total{policy=\"configuration\",reason=\"OperationNotFound\"}".to_owned(), 1.0),
        ("portcullis_connections_open".to_owned(), 1.0),
        ("portcullis_requests_open".to_owned(), 0.0),
    ];
    for (series, value) in table {
        until(&series, || service.metric(&series) == Some(value));
    }
    // Reloads, good and bad.
    folder.write("apis/shop/policy.xml", "<policies>");
    until("a refused reload", || service.metric("portcullis_reloads_total{outcome=\"refused\"}") >= Some(1.0));
    folder.write("apis/shop/policy.xml", NO_POLICY);
    until("a reload", || service.metric("portcullis_reloads_total{outcome=\"applied\"}") >= Some(1.0));
    // A request under way holds the end up, and nobody is to send more.
    client.to.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    std::io::Write::write_all(&mut client.to, b"GET /shop/x/slow HTTP/1.1\r\nHost: g\r\n\r\n").expect("sends");
    until("the request is under way", || service.metric("portcullis_requests_open") == Some(1.0));
    service.signal();
    until("it drains", || service.get("/ready").status() == 503);
    assert_eq!(service.get("/health").status(), 200);
    assert_eq!(client.read(false).text(), "ok");
}

const TRACED: &str = r#"<policies>
    <inbound>
        <set-header name="X-Traced" exists-action="override"><value>@(context.Tracing.ToString())</value></set-header>
        <set-variable name="n" value="@(1 + 1)" />
        <trace source="shop" severity="information">
            <message>hello</message>
            <metadata name="kind" value="greeting" />
        </trace>
        <rewrite-uri template="/y/{id}" />
        <choose>
            <when condition="@(context.Request.Headers.ContainsKey("X-Fail"))">
                <set-variable name="n" value="@(JObject.Parse("no JSON"))" />
            </when>
        </choose>
    </inbound>
    <backend><base /></backend>
    <outbound><set-status code="202" reason="Taken" /></outbound>
    <on-error><set-header name="X-Error" exists-action="override"><value>yes</value></set-header></on-error>
</policies>"#;

/// The sources of a section's entries, in their order.
fn sources(trace: &Json, section: &str) -> Vec<String> {
    let entries = trace["traceEntries"][section].as_array();
    entries.into_iter().flatten().map(|entry| entry["source"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Sources, sections and the shape of entries are those of traces of real gateways (`listTrace`).
#[test]
fn requests_are_traced_as_the_platform_does() {
    let backend = ok_backend();
    let folder = shop("traced", backend.address, TRACED);
    let service = Watched::new(&[folder.path(), "--tracing"]);
    let token = |api: &str, expires: &str| {
        let asked = json!({
            "credentialsExpireAfter": expires, "purposes": ["tracing"],
            "apiId": format!("/subscriptions/s/resourceGroups/r/providers/Microsoft.ApiManagement/service/n/apis/{api}"),
        });
        let path = "/subscriptions/s/service/n/gateways/managed/listDebugCredentials?api-version=2023-05-01-preview";
        let answer = service.post(path, &asked);
        json_of(&answer)["token"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
    };
    let traced = |headers: &str| service.ask(&format!("GET /shop/x/7?sig=s3cr3t HTTP/1.1\nHost: g\n{headers}\n"));
    let good = token("shop", "PT1H");
    let answer = traced(&format!("Apim-Debug-Authorization: {good}\nAuthorization: Bearer t0k3n\n"));
    assert_eq!((answer.status(), answer.first.as_str()), (202, "HTTP/1.1 202 Taken"));
    let id = answer.header("apim-trace-id").expect("a trace").to_owned();
    let seen = backend.seen.lock().expect("unpoisoned").last().cloned().expect("a call");
    assert_eq!((seen.header("x-traced"), seen.header("apim-debug-authorization")), (Some("True"), None));
    let mut trace = Json::Null;
    // The last entry comes when the last byte has gone.
    until("the trace is whole", || {
        trace = json_of(&service.post("/gateways/managed/listTrace", &json!({ "traceId": id })));
        sources(&trace, "outbound").last().is_some_and(|last| last == "transfer-response")
    });
    assert_eq!(trace["traceId"], *id);
    let inbound = ["api-inspector", "api-inspector", "set-header", "set-variable", "shop", "rewrite-uri"];
    assert_eq!(sources(&trace, "inbound"), inbound);
    assert_eq!(sources(&trace, "backend"), ["request-forwarder", "forward-request"]);
    assert_eq!(sources(&trace, "outbound"), ["set-status", "transfer-response"]);
    let entries = &trace["traceEntries"];
    let data = |section: &str, at: usize| entries[section][at]["data"].clone();
    assert_eq!(data("inbound", 0)["request"]["method"], "GET");
    assert_eq!(data("inbound", 0)["request"]["url"], "http://g/shop/x/7?sig=***");
    assert_eq!(data("inbound", 1)["configuration"]["api"]["from"], "/shop");
    assert_eq!(data("inbound", 1)["configuration"]["operation"]["uriTemplate"], "/x/{id}");
    assert_eq!(
        (&data("inbound", 3)["message"], &data("inbound", 3)["name"], &data("inbound", 3)["value"]),
        (&"Context variable was successfully set.".into(), &"n".into(), &"2".into())
    );
    assert_eq!(data("inbound", 4)["metadata"]["kind"], "greeting");
    assert_eq!(data("inbound", 5)["message"], "Updated request URL per specified rewrite template.");
    let message = "Request is being forwarded to the backend service. Timeout set to 300 seconds";
    assert_eq!(data("backend", 0)["message"], message);
    assert_eq!(data("backend", 1)["response"]["status"], json!({"code": 200, "reason": "OK"}));
    assert_eq!(data("outbound", 0)["message"][0], "Response status code was set to 202");
    for secret in ["s3cr3t", "t0k3n", good.as_str()] {
        assert!(!trace.to_string().contains(secret), "{trace}");
    }
    let first = &entries["inbound"][0];
    let (time, elapsed) = (first["timestamp"].as_str().expect("text"), first["elapsed"].as_str().expect("text"));
    assert!(time.len() == 28 && time.ends_with('Z') && elapsed.len() == 16 && elapsed.starts_with("00:00:"), "{first}");

    // A failure shows in on-error, with what its policies did.
    let failed = traced(&format!("Apim-Debug-Authorization: {good}\nX-Fail: 1\n"));
    assert_eq!((failed.status(), failed.header("x-error")), (500, Some("yes")));
    let id = failed.header("apim-trace-id").expect("a trace").to_owned();
    let trace = json_of(&service.get(&format!("/traces/{id}")));
    assert_eq!(sources(&trace, "on-error"), ["set-variable", "set-header"]);
    assert_eq!(trace["traceEntries"]["on-error"][0]["data"]["reason"], "ExpressionValueEvaluationFailure");

    // Headers, what the response carries.
    let other = token("other", "PT1H");
    let expired = token("shop", "PT0S");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let table = [
        (String::new(), None),
        ("Ocp-Apim-Trace: true\n".to_owned(), None),
        ("Ocp-Apim-Trace: true\nOcp-Apim-Subscription-Key: plain-key\n".to_owned(), None),
        ("Ocp-Apim-Trace: true\nOcp-Apim-Subscription-Key: tracer-key\n".to_owned(), Some("ocp-apim-trace-location")),
        (format!("Apim-Debug-Authorization: {other}\n"), Some("apim-debug-authorization-wrongapi")),
        (format!("Apim-Debug-Authorization: {expired}\n"), Some("apim-debug-authorization-expired")),
        (format!("Apim-Debug-Authorization: {good}0\n"), None),
    ];
    for (headers, expected) in table {
        let answer = traced(&headers);
        assert_eq!(answer.status(), 202);
        let found = answer.headers.iter().find(|(name, _)| name.contains("apim-"));
        assert_eq!(found.map(|(name, _)| name.as_str()), expected, "{headers}");
        if let Some((_, location)) = found.filter(|(name, _)| name == "ocp-apim-trace-location") {
            let path = location.strip_prefix(&format!("http://{}", service.admin)).expect("at the admin listener");
            let trace = json_of(&service.get(path));
            assert!(!trace.to_string().contains("tracer-key") && trace["traceEntries"]["inbound"].is_array());
        }
    }
    assert_eq!(service.post("/listTrace", &json!({"traceId": "none"})).status(), 404);
    assert_eq!(
        service.post("/listDebugCredentials", &json!({"apiId": "shop", "credentialsExpireAfter": "PT2H"})).status(),
        400
    );
}

#[test]
fn nobody_is_traced_unless_it_is_allowed() {
    let backend = ok_backend();
    let folder = shop("untraced", backend.address, TRACED);
    let service = Watched::new(&[folder.path()]);
    assert_eq!(service.post("/listDebugCredentials", &json!({"apiId": "shop"})).status(), 404);
    let asked = "GET /shop/x/7 HTTP/1.1\nHost: g\nOcp-Apim-Trace: true\nOcp-Apim-Subscription-Key: tracer-key\n\n";
    assert!(service.ask(asked).headers.iter().all(|(name, _)| !name.contains("apim")));
    let seen = backend.seen.lock().expect("unpoisoned").last().cloned().expect("a call");
    assert_eq!(seen.header("x-traced"), Some("False"));
}

/// The attributes of a span, by name.
fn attributes(span: &Json) -> Json {
    let pairs = span["attributes"].as_array().into_iter().flatten().filter_map(|pair| {
        let value = pair["value"].as_object()?.values().next()?.clone();
        Some((pair["key"].as_str()?.to_owned(), value))
    });
    Json::Object(pairs.collect())
}

#[test]
fn spans_go_to_a_collector_and_traces_to_backends() {
    let (backend, collector) = (ok_backend(), ok_backend());
    let folder = shop("spans", backend.address, NO_POLICY);
    let url = format!("http://{}", collector.address);
    let service = Watched::new(&[folder.path(), "--otlp", &url, "--access-log", "json"]);
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let headers = format!("traceparent: {parent}\ntracestate: a=1\n");
    service.ask(&format!("GET /shop/x/7?subscription-key=plain-key HTTP/1.1\nHost: g:8080\n{headers}\n"));
    // What the caller does not sample is carried on and not exported.
    service.ask(&format!("GET /shop/x/8 HTTP/1.1\nHost: g\ntraceparent: {}\n\n", parent.replace("-01", "-00")));
    let spans = || -> Vec<Json> {
        let seen = collector.seen.lock().expect("unpoisoned");
        seen.iter()
            .flat_map(|request| {
                assert_eq!(request.first, "POST /v1/traces HTTP/1.1");
                let body = json_of(request);
                body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().cloned().unwrap_or_default()
            })
            .collect()
    };
    until("two spans", || spans().len() >= 2);
    let all = spans();
    assert_eq!(all.len(), 2, "{all:?}");
    let find = |kind: u64| all.iter().find(|span| span["kind"] == kind).expect("a span");
    let (server, client) = (find(2), find(3));
    assert_eq!(
        (&server["traceId"], &client["traceId"]),
        (&"4bf92f3577b34da6a3ce929d0e0e4736".into(), &server["traceId"])
    );
    assert_eq!((&server["parentSpanId"], &server["traceState"]), (&"00f067aa0ba902b7".into(), &"a=1".into()));
    assert_eq!((&client["parentSpanId"], &server["name"]), (&server["spanId"], &"GET /shop/x/{id}".into()));
    let said = attributes(server);
    for (name, value) in [
        ("http.request.method", json!("GET")),
        ("http.route", json!("/shop/x/{id}")),
        ("url.path", json!("/shop/x/7")),
        ("url.query", json!("subscription-key=***")),
        ("server.address", json!("g")),
        ("server.port", json!("8080")),
        ("http.response.status_code", json!("200")),
        ("portcullis.api.id", json!("shop")),
        ("portcullis.subscription.id", json!("plain")),
    ] {
        assert_eq!(said[name], value, "{name}");
    }
    let called = attributes(client);
    assert_eq!(
        called["url.full"].as_str().map(|url| url.ends_with("/base/x/7?subscription-key=***")),
        Some(true),
        "{called}"
    );
    let seen = backend.seen.lock().expect("unpoisoned").clone();
    let carried = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{}-01", client["spanId"].as_str().expect("an id"));
    assert_eq!((seen[0].header("traceparent"), seen[0].header("tracestate")), (Some(&*carried), Some("a=1")));
    assert_eq!(seen[1].header("traceparent").map(|own| own.ends_with("-00")), Some(true));
    until("they are counted", || service.metric("portcullis_spans_total{outcome=\"exported\"}") == Some(2.0));
    let log = service.stop();
    assert!(log.contains("\"trace\":\"4bf92f3577b34da6a3ce929d0e0e4736\""), "{log}");
}

#[test]
fn the_access_log_says_who_what_where_and_why() {
    let backend = ok_backend();
    let folder = shop("log", backend.address, TRACED);
    let service = Watched::new(&[folder.path(), "--access-log", "json"]);
    service.ask("GET /shop/x/7?subscription-key=plain-key&n=1 HTTP/1.1\nHost: g\n\n");
    service.ask("GET /shop/x/8 HTTP/1.1\nHost: g\nX-Fail: 1\n\n");
    let log = service.stop();
    let mut lines: Vec<Json> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    // Each connection may have another worker, whose lines come when they come.
    lines.sort_by_key(|line| line["error"].is_object());
    let [well, failed] = &lines[..] else { panic!("{log}") };
    assert_eq!((&well["query"], &well["subscription"]), (&"subscription-key=***&n=1".into(), &"plain".into()));
    assert_eq!(well["backend"]["host"], backend.address.to_string());
    assert_eq!((&well["backend"]["status"], &well["backend"]["calls"]), (&200.into(), &1.into()));
    assert!(well["micros"].as_u64() >= well["backend"]["micros"].as_u64() && well["request"].is_string());
    let error = &failed["error"];
    assert_eq!((&error["source"], &error["section"]), (&"set-variable".into(), &"inbound".into()));
    assert_eq!(error["path"], "choose[1]/when[1]/set-variable[1]");
    assert!(error["remedy"].as_str().is_some_and(|remedy| remedy.contains("portcullis run --trace")), "{error}");
    assert!(!log.contains("plain-key"));
}

const CALLS_OUT: &str = r#"<policies>
    <inbound>
        <send-request mode="new" response-variable-name="r" timeout="5" ignore-error="true">
            <set-url>@(context.Request.Headers.GetValueOrDefault("X-To", ""))</set-url>
            <set-method>GET</set-method>
        </send-request>
        <return-response>
            <set-status code="200" />
            <set-body>@(context.Variables["r"] == null ? "none" : ((IResponse)context.Variables["r"]).StatusCode.ToString())</set-body>
        </return-response>
    </inbound>
    <backend />
    <outbound />
    <on-error />
</policies>"#;

#[test]
fn policies_call_whom_they_may_and_never_the_admin() {
    let back =
        backend(|request, out| match request.first.split(' ').nth(1).and_then(|target| target.strip_prefix("/to?")) {
            Some(target) => say(out, &format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n")),
            None => say(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        });
    let other = ok_backend();
    let port = back.address.port();
    let folder = Folder::new("egress", &[("policy.xml", CALLS_OUT)]);
    let policy = folder.0.join("policy.xml");
    let policy = policy.to_str().expect("text");
    let url = format!("http://{}", back.address);
    // The addresses are the same machine's, and only one port of it is allowed.
    let allow = format!("127.0.0.1:{port},localhost:{port}");
    let restricted = Watched::new(&[policy, "--backend", &url, "--egress-allow", &allow]);
    let open = Watched::new(&[policy, "--backend", &url]);
    let admin = |service: &Watched| service.admin.port();
    let call = |service: &Watched, to: &str| {
        let answer = service.ask(&format!("GET / HTTP/1.1\nHost: g\nX-To: {to}\n\n"));
        assert_eq!(answer.status(), 200, "{}", answer.text());
        answer.text()
    };
    let table = [
        (&restricted, format!("http://127.0.0.1:{port}/"), "200"),
        (&restricted, format!("http://LOCALHOST:{port}/"), "200"),
        (&restricted, format!("http://{}/", other.address), "none"),
        (&restricted, "http://127.0.0.1/".to_owned(), "none"),
        (&open, format!("http://{}/", other.address), "200"),
        (&open, format!("http://127.0.0.1:{}/metrics", admin(&open)), "none"),
        (&open, format!("http://localhost:{}/metrics", admin(&open)), "none"),
        (&open, format!("http://127.1.2.3:{}/metrics", admin(&open)), "none"),
        (&open, format!("http://0.0.0.0:{}/metrics", admin(&open)), "none"),
        (&open, format!("http://[::ffff:127.0.0.1]:{}/metrics", admin(&open)), "none"),
    ];
    for (service, to, expected) in table {
        assert_eq!(call(service, &to), expected, "{to}");
    }
    assert!(restricted.metric("portcullis_egress_refused_total") == Some(2.0));
    assert!(open.metric("portcullis_egress_refused_total") >= Some(5.0));
    drop((restricted, open));
    // Nor does a request that is forwarded; and a redirect elsewhere is a call that a policy did not name.
    let folder = Folder::new("egress-forward", &[("policy.xml", FORWARDS)]);
    let policy = folder.0.join("policy.xml");
    let service =
        Watched::new(&[policy.to_str().expect("text"), "--backend", &url, "--egress-allow", "nowhere.example"]);
    let admin = service.admin.port();
    let table = [
        ("/".to_owned(), 200),
        (format!("/to?http://127.0.0.1:{port}/again"), 200),
        (format!("/to?http://{}/", other.address), 500),
        (format!("/to?http://127.0.0.1:{admin}/metrics"), 500),
    ];
    for (path, status) in table {
        let answer = service.ask(&format!("GET {path} HTTP/1.1\nHost: g\n\n"));
        assert_eq!(answer.status(), status, "{path}");
    }
    let to_admin = format!("GET / HTTP/1.1\nHost: g\nX-To: http://localhost:{admin}\n\n");
    assert_eq!(service.ask(&to_admin).status(), 500);
}

const FORWARDS: &str = r#"<policies>
    <inbound>
        <choose>
            <when condition="@(context.Request.Headers.ContainsKey("X-To"))">
                <set-backend-service base-url="@(context.Request.Headers.GetValueOrDefault("X-To", ""))" />
            </when>
        </choose>
    </inbound>
    <backend><forward-request follow-redirects="true" /></backend>
    <outbound />
    <on-error />
</policies>"#;
