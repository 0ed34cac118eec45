//! A canary: the value of a secret named value goes into a header, a URL, a body, a trace and an error. The backend
//! gets it, and nothing that people read shows it.

use super::serve::{Client, Folder, backend, command, say};
use std::io::Read;
use std::process::Command;

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

fn path(folder: &Folder, file: &str) -> String {
    folder.0.join(file).to_str().expect("text").to_owned()
}

fn hides(what: &str, text: &str) {
    for shown in [HEART, ESCAPED_HEART] {
        assert!(!text.contains(shown), "{what} shows the secret:\n{text}");
    }
}

fn said(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis")).args(arguments).output().expect("it runs");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn check_and_run_hide_it() {
    let good = folder("secret-run", POLICY);
    let (policy, values, requests) =
        (path(&good, "policy.xml"), path(&good, "values.json"), path(&good, "requests.http"));
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
        let (policy, values) = (path(&bad, "policy.xml"), path(&bad, "values.json"));
        let findings = said(&["check", &policy, "--named-values", &values, "--format", format]);
        assert!(findings.contains("nonsense"), "{findings}");
        hides("a finding", &findings);
    }
}

#[test]
fn serve_hides_it() {
    let backend = backend(|_, out| say(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    let folder = folder("secret-serve", POLICY);
    let (policy, values) = (path(&folder, "policy.xml"), path(&folder, "values.json"));
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
        assert!(Command::new("kill").arg(command.0.id().to_string()).status().expect("runs").success());
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
