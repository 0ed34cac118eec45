//! A canary: the value of a secret named value goes into a header, a URL, a body, a trace and an error. The backend
//! gets it, and nothing that people read shows it.

use super::observe::Watched;
use super::program::{Folder, command, portcullis};
use super::wire::{Client, backend, say};
use std::io::Read;

/// Holds what JSON and URLs escape.
const CANARY: &str = "canary \"K9/7+x\" end";
/// Letters of it that no escaping touches.
const HEART: &str = "K9/7";
const ESCAPED_HEART: &str = "K9%2F7";

const POLICY: &str = r#"<policies>
    <inbound>
        <set-header name="X-Key" exists-action="override"><value>{{key}}</value></set-header>
        <set-query-parameter name="key" exists-action="override"><value>{{key}}</value></set-query-parameter>
        <set-body>{{key}}</set-body>
        <trace source="shop" severity="error"><message>{{key}}</message></trace>
        <choose>
            <when condition="@(context.Request.Url.Query.ContainsKey("fail"))">
                <set-variable name="n" value="@(JObject.Parse(@"{{broken}}"))" />
            </when>
        </choose>
    </inbound>
    <backend>
        <forward-request />
    </backend>
    <outbound />
    <on-error />
</policies>
"#;

fn folder(name: &str, policy: &str) -> Folder {
    let values = serde_json::json!({
        "key": {"value": CANARY, "secret": true},
        "broken": {"value": "K9/7+x", "secret": true},
    });
    let request = "POST /a HTTP/1.1\nHost: g\n\nx\n\n###\nPOST /a?fail=1 HTTP/1.1\nHost: g\n\nx\n";
    Folder::new(name, &[("policy.xml", policy), ("values.json", &values.to_string()), ("requests.http", request)])
}

fn hides(what: &str, text: &str) {
    for shown in [HEART, ESCAPED_HEART] {
        assert!(!text.contains(shown), "{what} shows the secret:\n{text}");
    }
}

fn said(arguments: &[&str]) -> String {
    let (_, out, error) = portcullis(arguments);
    out + &error
}

#[test]
fn check_and_run_hide_it() {
    let good = folder("secret-run", POLICY);
    let (policy, values, requests) = (good.file("policy.xml"), good.file("values.json"), good.file("requests.http"));
    let listing = said(&["check", &policy, "--named-values", &values, "--emit", "listing"]);
    assert!(listing.contains("set-header"), "{listing}");
    hides("the listing", &listing);
    for format in ["text", "json"] {
        let run = ["run", &policy, "--named-values", &values, "--requests", &requests, "--trace", "--format", format];
        let report = said(&run);
        assert!(report.contains("***") && report.to_lowercase().contains("x-key"), "{report}");
        hides("the report", &report);
    }
    // Findings right beside it, and in the C# that it stands in.
    let bad = POLICY
        .replace("name=\"X-Key\"", "name=\"X-Key\" nonsense=\"{{key}}\"")
        .replace("JObject.Parse(@\"{{broken}}\")", "1 + {{broken}} + unknown");
    let bad = folder("secret-check", &bad);
    for format in ["text", "json"] {
        let (policy, values) = (bad.file("policy.xml"), bad.file("values.json"));
        let findings = said(&["check", &policy, "--named-values", &values, "--format", format]);
        assert!(findings.contains("nonsense"), "{findings}");
        hides("a finding", &findings);
    }
}

#[test]
fn serve_hides_it() {
    let backend = backend(|_, out| say(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    let folder = folder("secret-serve", POLICY);
    let (policy, values) = (folder.file("policy.xml"), folder.file("values.json"));
    let url = format!("http://{}", backend.address);
    for log in ["text", "json"] {
        let (mut command, address, mut out) =
            command(&[&policy, "--backend", &url, "--named-values", &values, "--access-log", log]);
        let mut client = Client::new(address);
        let well = client.ask("POST /a HTTP/1.1\nHost: g\nContent-Length: 1\n\nx");
        assert_eq!(well.text(), "ok");
        let failed = client.ask("POST /a?fail=1 HTTP/1.1\nHost: g\nContent-Length: 1\n\nx");
        assert_eq!(failed.status(), 500);
        hides("the answer", &format!("{} {:?} {}", failed.first, failed.headers, failed.text()));
        assert!(std::process::Command::new("kill").arg(command.0.id().to_string()).status().expect("runs").success());
        assert!(command.0.wait().expect("ends").success());
        let mut lines = String::new();
        out.read_to_string(&mut lines).expect("the log");
        command.0.stderr.take().expect("a pipe").read_to_string(&mut lines).expect("the messages");
        assert!(lines.contains("/a") && lines.contains("***"), "{lines}");
        hides("the log", &lines);
    }
    let seen = backend.seen.lock().expect("unpoisoned")[0].clone();
    assert_eq!((seen.header("x-key"), seen.text().as_str()), (Some(CANARY), CANARY));
}

// ---- a canary in every place of an estate

/// Where a secret lies, and what it is.
const PLANTED: &[(&str, &str)] = &[
    ("a named value", "canary-value-0001"),
    ("a short named value", "Zq"),
    ("a backend's header", "canary-header-0002"),
    ("a backend's query", "canary-query-0003"),
    ("a backend's authorization", "canary-parameter-0004"),
    ("a primary key", "canary-primary-0005"),
    ("a secondary key", "canary-secondary-0006"),
    ("a password of a policy", "canary-password-0007"),
    ("a Key Vault's secret", "canary-vaulted-0008"),
    ("a Key Vault's token", "canary-token-0009"),
    ("a collector's header", "canary-collector-0010"),
    ("a caller's token", "canary-bearer-0011"),
    ("a certificate's password", "canary-pfx-0012"),
    ("a certificate's data", "canary/data/0013"),
    ("a proxy's password", "canary-proxy-0014"),
];

fn planted(place: &str) -> &'static str {
    PLANTED.iter().find(|(own, _)| *own == place).expect("a place").1
}

/// Policies that show what they know wherever they can: messages, variables, URLs, errors.
const TALKATIVE: &str = r#"<policies>
    <inbound>
        <base />
        <set-backend-service backend-id="back" />
        <set-header name="X-Basic" exists-action="override">
            <value>@("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("user:{{password}}")))</value>
        </set-header>
        <set-header name="X-Value" exists-action="override"><value>{{value}} {{short}} {{vaulted}}</value></set-header>
        <set-query-parameter name="v" exists-action="override"><value>{{value}}</value></set-query-parameter>
        <set-variable name="all" value="@(context.Request.Headers.GetValueOrDefault("Authorization", "") + " {{vaulted}} " + context.Subscription?.PrimaryKey + " " + context.Subscription?.SecondaryKey + " " + context.Subscription?.Key)" />
        <set-variable name="long" value="@(new string('x', 190) + "{{value}}")" />
        <trace source="{{value}}" severity="error">
            <message>@("{{value}}, {{short}}, {{password}}, " + context.Request.Headers.GetValueOrDefault("X-Basic", "") + (string)context.Variables["all"])</message>
            <metadata name="m" value="{{vaulted}}" />
        </trace>
        <choose>
            <when condition="@(context.Request.Headers.ContainsKey("X-Fail"))">
                <set-variable name="n" value="@(JObject.Parse("{{value}}"))" />
            </when>
            <when condition="@(context.Request.Headers.ContainsKey("X-Away"))">
                <set-backend-service base-url="http://127.0.0.1:9/{{value}}" />
            </when>
        </choose>
    </inbound>
    <backend><base /></backend>
    <outbound><base /></outbound>
    <on-error>
        <trace source="on-error" severity="error"><message>@(context.LastError.Message + "{{value}}")</message></trace>
    </on-error>
</policies>
"#;

#[test]
fn no_log_trace_span_metric_or_listing_shows_a_planted_secret() {
    let back = backend(|_, out| say(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    let collector = backend(|_, out| say(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"));
    let vault = backend(|_, out| {
        let body = serde_json::json!({"value": planted("a Key Vault's secret")}).to_string();
        say(out, &format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    });
    let value = |name: &str, place: &str| {
        serde_json::json!({"properties": {"displayName": name, "value": planted(place), "secret": true}}).to_string()
    };
    let vaulted = serde_json::json!({"properties": {
        "displayName": "vaulted", "secret": true,
        "keyVault": {"secretIdentifier": "https://shop.vault.azure.net/secrets/vaulted"},
    }});
    let entity = serde_json::json!({"properties": {
        "url": format!("http://{}", back.address), "protocol": "http",
        "credentials": {
            "header": {"X-Back": [planted("a backend's header")]},
            "query": {"q": [planted("a backend's query")]},
            "authorization": {"scheme": "Own", "parameter": planted("a backend's authorization")},
        },
    }});
    let subscription = serde_json::json!({"properties": {
        "scope": "/apis", "state": "active", "allowTracing": true,
        "primaryKey": planted("a primary key"), "secondaryKey": planted("a secondary key"),
    }});
    let api = serde_json::json!({"properties": {"path": "shop", "subscriptionRequired": true}});
    let certificate = |thumbprint: &str| {
        let password = planted("a certificate's password");
        serde_json::json!({"properties": {"password": password, "thumbprint": thumbprint}}).to_string()
    };
    // One that cannot be read.
    let broken = serde_json::json!({"properties": {
        "password": planted("a certificate's password"), "data": planted("a certificate's data"),
    }});
    let behind = serde_json::json!({"properties": {
        "url": "http://behind.example", "protocol": "http",
        "proxy": {"url": "http://proxy.example:3128", "username": "me", "password": planted("a proxy's password")},
    }});
    let folder = Folder::new(
        "canary",
        &[
            ("apis/shop/apiInformation.json", &api.to_string()),
            ("apis/shop/specification.yaml", "openapi: 3.0.0\npaths: {'/x/{id}': {get: {operationId: get-x}}}\n"),
            ("apis/shop/policy.xml", TALKATIVE),
            ("backends/back/backendInformation.json", &entity.to_string()),
            ("named values/value/namedValueInformation.json", &value("value", "a named value")),
            ("named values/short/namedValueInformation.json", &value("short", "a short named value")),
            ("named values/password/namedValueInformation.json", &value("password", "a password of a policy")),
            ("named values/vaulted/namedValueInformation.json", &vaulted.to_string()),
            ("subscriptions/s/subscriptionInformation.json", &subscription.to_string()),
            ("certificates/own/certificateInformation.json", &certificate("")),
            ("certificates/own/own.pem", &super::network::issue(&super::network::authority(), "own").pem),
            ("backends/behind/backendInformation.json", &behind.to_string()),
        ],
    );
    let (vault_at, collector_at) = (format!("http://{}", vault.address), format!("http://{}", collector.address));
    let header = format!("x-api-key={}", planted("a collector's header"));
    let environment =
        [("PORTCULLIS_KEY_VAULT_TOKEN", planted("a Key Vault's token")), ("OTEL_EXPORTER_OTLP_HEADERS", &header)];
    let mut shown = Vec::new();
    for log in ["text", "json"] {
        let arguments = [
            folder.path(),
            "--tracing",
            "--otlp",
            &collector_at,
            "--access-log",
            log,
            "--key-vault",
            "token",
            "--key-vault-address",
            &vault_at,
        ];
        let service = Watched::with(&arguments, &environment);
        let key = planted("a primary key");
        let common = format!("Host: g\nAuthorization: Bearer {}\nOcp-Apim-Trace: true\n", planted("a caller's token"));
        let requests = [
            (format!("GET /shop/x/1?subscription-key={key} HTTP/1.1\n{common}\n"), 200),
            (
                format!(
                    "GET /shop/x/{} HTTP/1.1\n{common}Ocp-Apim-Subscription-Key: {key}\n\n",
                    planted("a named value")
                ),
                200,
            ),
            (format!("GET /shop/x/2 HTTP/1.1\n{common}Ocp-Apim-Subscription-Key: {key}\nX-Fail: 1\n\n"), 500),
            (format!("GET /shop/x/3 HTTP/1.1\n{common}Ocp-Apim-Subscription-Key: {key}\nX-Away: 1\n\n"), 500),
            (format!("GET /shop/x/4?subscription-key={} HTTP/1.1\n{common}\n", "wrong"), 401),
            (format!("GET /{} HTTP/1.1\n{common}\n", planted("a named value")), 404),
        ];
        for (request, status) in &requests {
            let answer = service.ask(request);
            assert_eq!(answer.status(), *status, "{request}{}", answer.text());
            if let Some(location) = answer.header("ocp-apim-trace-location") {
                let path = location.split_once("/traces/").expect("a trace").1;
                shown.push(("a trace", service.get(&format!("/traces/{path}")).text()));
            }
            if *status != 200 {
                shown.push(("an answer", answer.text()));
            }
        }
        // A reload with an error beside the secrets.
        folder.write("apis/shop/policy.xml", &TALKATIVE.replace("<base />", "<base nonsense=\"{{value}}\" />"));
        super::wire::until("the reload is refused", || {
            service.metric("portcullis_reloads_total{outcome=\"refused\"}") >= Some(1.0)
        });
        folder.write("certificates/own/certificateInformation.json", &certificate("00"));
        folder.write("certificates/broken/certificateInformation.json", &broken.to_string());
        super::wire::until("the certificates are refused", || {
            service.metric("portcullis_reloads_total{outcome=\"refused\"}") >= Some(2.0)
        });
        folder.write("certificates/own/certificateInformation.json", &certificate(""));
        std::fs::remove_dir_all(folder.0.join("certificates/broken")).expect("a folder");
        folder.write("apis/shop/policy.xml", TALKATIVE);
        super::wire::until("spans are out", || {
            service.metric("portcullis_spans_total{outcome=\"exported\"}") >= Some(8.0)
        });
        shown.push(("the metrics", service.get("/metrics").text()));
        shown.push(("the log", service.stop()));
    }
    assert_eq!(shown.iter().filter(|(what, _)| *what == "a trace").count(), 8);
    for request in collector.seen.lock().expect("unpoisoned").iter() {
        assert_eq!(request.header("x-api-key"), Some(planted("a collector's header")));
        shown.push(("a span", request.text()));
    }
    let values = folder.path().to_owned() + "/values.json";
    folder.write(
        "values.json",
        &serde_json::json!({"vaulted": {"value": planted("a Key Vault's secret"), "secret": true}}).to_string(),
    );
    shown.push(("check", said(&["check", folder.path(), "--named-values", &values])));
    shown.push(("effective", said(&["effective", folder.path(), "--named-values", &values])));
    // `user:canary-password-0007`, without its ends, which stand for other bytes as well.
    let encoded = ("a password in Base64", "5hcnktcGFzc3dvcmQtMDAw");
    for (place, canary) in PLANTED.iter().copied().chain([encoded]) {
        for (what, text) in &shown {
            assert!(!text.contains(canary), "{what} shows {place}:\n{text}");
        }
    }
    // They went where they should.
    let seen = back.seen.lock().expect("unpoisoned")[0].clone();
    assert_eq!(seen.header("x-back"), Some(planted("a backend's header")));
    assert!(
        seen.first.contains(planted("a backend's query")) && seen.header("x-value").is_some_and(|v| v.contains("Zq"))
    );
}
