//! Documents run by a machine whose effects are answered from a script: what reaches the backend, what the caller gets.

use crate::diagnostics::Diagnostics;
use crate::document::{NamedValues, Options};
use crate::dotnet::context::from_json;
use crate::dotnet::heap::Heap;
use crate::effect::{Answer, Effect, Failure, FailureKind, Moment};
use crate::link::Chain;
use crate::message::{Body, Headers, Request, Response, StatusCode};
use crate::source::Sources;
use crate::vm::limits::Limits;
use crate::vm::machine::{Machine, Poll};
use crate::xml::TextForm;
use crate::{compile, policies, typed};
use std::sync::Arc;

/// What a backend does with one call.
#[derive(Clone, Copy)]
enum Backend {
    Status(u16),
    Lost,
}

/// What happened, one line an event.
fn run(inbound: &str, backend: &str, outbound: &str, mut script: &[Backend]) -> String {
    let text = format!(
        "<policies><inbound>{inbound}</inbound><backend>{backend}</backend><outbound>{outbound}</outbound>\
         <on-error /></policies>"
    );
    let mut sources = Sources::default();
    let file = sources.add("policy.xml", text.into_bytes()).expect("a short document");
    let named = NamedValues::default();
    let options = Options::new(policies::SPECS, &named);
    let mut found = Diagnostics::new();
    let unit = compile::compile(&sources, file, TextForm::Auto, &options, &typed::Options::default(), &mut found)
        .expect("a document without errors");
    let mut heap = Heap::new(Limits::DEFAULT.memory);
    let context = r#"{"Request": {"Method": "GET", "Url": "http://backend.test/get?a=b&c=d",
        "Headers": {"X-One": ["1"]}},
        "Operation": {"Id": "get", "Method": "GET", "Name": "get", "UrlTemplate": "/get?a={b}"}}"#;
    let exchange = from_json::parse(context, &mut heap).expect("a context");
    let now = Moment::UNIX_EPOCH;
    let mut machine =
        Machine::begin(Arc::new(Chain::single(unit)), exchange, heap.into(), &Limits::DEFAULT, now, [7; 32]);
    let mut lines = Vec::new();
    for _ in 0..1000 {
        match machine.poll() {
            Poll::Need(id, effect) => {
                let answer = match effect {
                    Effect::Forward(call) | Effect::Send(call) => {
                        lines.push(show_request(&call.request));
                        let (first, rest) = script.split_first().expect("the script holds another answer");
                        script = rest;
                        match first {
                            Backend::Status(code) => {
                                let status = StatusCode::from_u16(*code).expect("a status");
                                Answer::Response(Box::new(Response::new(status)))
                            }
                            Backend::Lost => Answer::Failed(Failure {
                                kind: FailureKind::Connection,
                                message: "connection refused".into(),
                            }),
                        }
                    }
                    Effect::Sleep(wait) => {
                        lines.push(format!("sleep {}", wait.as_secs()));
                        Answer::Done
                    }
                    Effect::Acquire { key, most } => {
                        lines.push(format!("acquire {key} {most}"));
                        Answer::Acquired(most > 1)
                    }
                    Effect::Release { key } => {
                        lines.push(format!("release {key}"));
                        Answer::Done
                    }
                    Effect::CacheLookup { .. } => Answer::Cached(None),
                    Effect::ReadBody { .. } => Answer::Body(Default::default()),
                    _ => Answer::Done,
                };
                machine.answer(id, answer, now);
            }
            Poll::Respond(response) => {
                lines.push(show_response(&response));
                machine.sent(now);
            }
            Poll::Finished => return lines.join(" | "),
            Poll::Cancel(_) => {}
            Poll::Idle => panic!("the machine waits for nothing: {lines:?}"),
        }
    }
    panic!("the machine does not end: {lines:?}");
}

fn show_request(request: &Request) -> String {
    format!("{} {}{}", request.method, request.url.target(), show(&request.headers, &request.body))
}

fn show_response(response: &Response) -> String {
    format!("{}{}", response.status.as_u16(), show(&response.headers, &response.body))
}

/// The headers that the documents here set, and the body.
fn show(headers: &Headers, body: &Body) -> String {
    let mut out = String::new();
    for (name, value) in headers.iter().filter(|(name, _)| name.as_str().starts_with("x-")) {
        out.push_str(&format!(" {name}={}", String::from_utf8_lossy(value.as_bytes())));
    }
    match body.bytes() {
        Some(bytes) if !bytes.is_empty() => out.push_str(&format!(" [{}]", String::from_utf8_lossy(bytes))),
        _ => {}
    }
    out
}

#[test]
fn inbound_policies_change_the_forwarded_request() {
    let rows = [
        (r#"<set-method>POST</set-method>"#, "POST /get?a=b&c=d x-one=1 | 200"),
        (r#"<set-header name="X-One"><value>2</value></set-header>"#, "GET /get?a=b&c=d x-one=2 | 200"),
        (
            r#"<set-header name="X-One" exists-action="skip"><value>2</value></set-header>"#,
            "GET /get?a=b&c=d x-one=1 | 200",
        ),
        (
            r#"<set-header name="X-One" exists-action="append"><value>2</value></set-header>"#,
            "GET /get?a=b&c=d x-one=1,2 | 200",
        ),
        (r#"<set-header name="X-One" exists-action="delete" />"#, "GET /get?a=b&c=d | 200"),
        (
            r#"<set-query-parameter name="c" exists-action="override"><value>e</value></set-query-parameter>"#,
            "GET /get?a=b&c=e x-one=1 | 200",
        ),
        (r#"<set-query-parameter name="c" exists-action="delete" />"#, "GET /get?a=b x-one=1 | 200"),
        // The example of the page.
        (r#"<rewrite-uri template="/put" />"#, "GET /put?c=d x-one=1 | 200"),
        (r#"<rewrite-uri template="/put" copy-unmatched-params="false" />"#, "GET /put x-one=1 | 200"),
        (r#"<set-method>POST</set-method><set-body>hello</set-body>"#, "POST /get?a=b&c=d x-one=1 [hello] | 200"),
        (
            r#"<return-response><set-status code="401" reason="Unauthorized" />
               <set-header name="X-Why"><value>no</value></set-header><set-body>out</set-body></return-response>"#,
            "401 x-why=no [out]",
        ),
        (
            r#"<choose><when condition="@(context.Request.Method == &quot;GET&quot;)"><set-method>PUT</set-method></when>
               <otherwise><set-method>PATCH</set-method></otherwise></choose>"#,
            "PUT /get?a=b&c=d x-one=1 | 200",
        ),
    ];
    for (inbound, expected) in rows {
        assert_eq!(run(inbound, "<forward-request />", "", &[Backend::Status(200)]), expected, "{inbound}");
    }
}

#[test]
fn retry_goes_on_while_its_condition_holds() {
    let call = "GET /get?a=b&c=d x-one=1";
    let retry = r#"<retry condition="@(context.Response == null || context.Response.StatusCode == 500)" count="2"
        interval="10" delta="10" first-fast-retry="false"><forward-request buffer-request-body="true" /></retry>"#;
    let rows: [(&[Backend], String); 3] = [
        (&[Backend::Status(200)], format!("{call} | 200")),
        (&[Backend::Status(500), Backend::Status(200)], format!("{call} | sleep 10 | {call} | 200")),
        (
            &[Backend::Lost, Backend::Status(500), Backend::Status(204)],
            format!("{call} | sleep 10 | {call} | sleep 20 | {call} | 204"),
        ),
    ];
    for (script, expected) in rows {
        assert_eq!(run("", retry, "", script), expected);
    }
}

#[test]
fn concurrency_slots_are_given_back() {
    let rows = [
        ("2", Backend::Status(200), "acquire k 2 | GET /get?a=b&c=d x-one=1 | release k | 200"),
        ("2", Backend::Lost, "acquire k 2 | GET /get?a=b&c=d x-one=1 | release k | 500"),
        ("1", Backend::Lost, "acquire k 1 | 429"),
    ];
    for (most, answer, expected) in rows {
        let limit = format!(r#"<limit-concurrency key="k" max-count="{most}"><forward-request /></limit-concurrency>"#);
        let got = run("", &limit, "", &[answer]);
        // Bodies of errors are another test's matter.
        let got = got.split(" [").next().unwrap_or_default();
        assert_eq!(got, expected, "{limit}");
    }
}
