//! `forward-request` sends the request to the backend and waits for the response.
//!
//! - `timeout`: wait for response headers; over 240 may be cut by the network; exclusive with timeout-ms
//! - `timeout-ms`: exclusive with timeout
//! - `continue-timeout`: wait for 100 Continue
//! - `buffer-request-body`: needed to resend a body on retry
//! - `buffer-response`: false = pass chunks through at once (SSE)
//! - `fail-on-error-status-code`: true: 400..599 goes to on-error
//!
//! At run time:
//! - without it the backend is not called and the pipeline goes straight to outbound
//! - present at global scope by default
//! - timeout covers headers only, not the body
//! - body is not buffered unless asked, so it cannot be replayed by retry
//! - buffered chunks are released at 8 KB or end of stream
//! - HTTP/2 to the backend works on the self-hosted gateway and in preview on v2; 2or1 falls back to HTTP/1
//!
//! Limits: the backend section may hold a single policy element, so combine through choose, retry,
//! limit-concurrency and so on (set-edit-policies page).

use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Kind, Need, Section, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::message::{Body, Transport};
use crate::vm::effect::{Answer, Effect, Http2, OutboundCall};
use crate::vm::machine::failed;
use std::time::Duration;

pub static SPEC: Spec = Spec::new("forward-request")
    .title("Forward request")
    .sections(&[Section::Backend])
    .support(Support::Built)
    .attributes(&[
        Attr::new("timeout", Kind::Seconds).expression().default("300"),
        Attr::new("timeout-ms", Kind::Milliseconds).expression(),
        Attr::new("continue-timeout", Kind::Seconds).expression(),
        Attr::one_of("http-version", &["1", "2or1", "2"]).default("1"),
        Attr::bool("follow-redirects").expression().default("false"),
        Attr::bool("buffer-request-body").default("false"),
        Attr::bool("buffer-response").default("true"),
        Attr::bool("fail-on-error-status-code").default("false"),
    ])
    .needs(&[Need::NotBoth(&["timeout", "timeout-ms"])]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let element = &statement.element;
    let constant = |name: &str| statement.attribute(name).and_then(|value| value.text()).map(str::trim);
    if constant("buffer-request-body") == Some("true") {
        out.await_body(true);
    }
    let milliseconds = element.attribute("timeout-ms").is_some();
    let timeout = out.number_attribute(element, if milliseconds { "timeout-ms" } else { "timeout" });
    let unit = out.int(if milliseconds { 1000 } else { 1 });
    let redirects = out.flag_attribute(element, "follow-redirects");
    let http2 = out.int(match constant("http-version") {
        Some("2") => 2,
        Some("2or1") => 1,
        _ => 0,
    });
    let fail_on_error = out.bool(constant("fail-on-error-status-code") == Some("true"));
    out.effect(begin, finish, "forward-request", &[timeout, unit, redirects, http2, fail_on_error]);
}

fn begin(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Option<Effect>, Fault> {
    let timeout = values::number(cx, arguments[0])? / values::number(cx, arguments[1])?;
    let timeout = Duration::try_from_secs_f64(timeout).unwrap_or(Duration::from_secs(300));
    let follow_redirects = values::flag(cx, arguments[2])?;
    let exchange = &mut *cx.exchange;
    // A stream can be sent once; bytes stay for another try.
    let body = match &mut exchange.request.body {
        Body::Bytes(bytes) => Body::Bytes(bytes.clone()),
        other => std::mem::take(other),
    };
    let method = exchange.request.method.clone();
    let (url, headers) = if exchange.steering.keeps_request {
        (exchange.request.url.clone(), exchange.request.headers.clone())
    } else {
        (exchange.request.url.take(), std::mem::take(&mut exchange.request.headers))
    };
    let mut request = crate::message::Request { method, url, headers, body };
    let steering = &exchange.steering;
    let backend = exchange.backend.as_deref().and_then(|id| steering.backends.iter().find(|own| *own.id == *id));
    let of_backend = backend.and_then(|backend| backend.transport.as_ref());
    let transport = Transport::with(of_backend, steering.certificate.as_ref(), steering.proxy.as_deref());
    if let Some(backend) = backend {
        for (name, value) in &backend.headers {
            if !request.headers.set(name.clone(), value.clone()) {
                return Err(Fault::invalid_operation("The message holds too many headers."));
            }
        }
        if let Some(own) = &backend.query {
            let query = request.url.query.take().filter(|query| !query.is_empty());
            request.url.query = Some(query.map_or_else(|| own.to_string(), |query| format!("{query}&{own}")));
        }
    }
    Ok(Some(Effect::Forward(Box::new(OutboundCall {
        request,
        timeout,
        follow_redirects,
        http2: match arguments[3].integer() {
            Some(2) => Http2::Yes,
            Some(1) => Http2::WithFallback,
            _ => Http2::No,
        },
        buffer_response: false,
        transport,
        continue_timeout: None,
        backend: exchange.backend.clone(),
    }))))
}

fn finish(cx: &mut Call<'_>, arguments: &[Value], answer: Answer) -> Result<Value, Fault> {
    match answer {
        Answer::Response(response) => {
            let status = response.status;
            cx.exchange.set_response(response);
            cx.exchange.response_body_consumed = false;
            if matches!(arguments[4], Value::Bool(true)) && (status.is_client_error() || status.is_server_error()) {
                let message = format!("The backend answered with status {}.", status.as_u16());
                return Err(Fault::policy("BackendErrorStatus", message));
            }
            Ok(Value::Null)
        }
        Answer::Failed(failure) => {
            cx.exchange.response = None;
            Err(failed(&failure))
        }
        _ => Err(Fault::policy("BackendConnectionFailure", "The backend gave no response.")),
    }
}
