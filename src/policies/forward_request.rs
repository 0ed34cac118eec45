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

use super::{hops, set_backend_service, values};
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Kind, Need, Section, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::context::{BackendFacts, BackendKind, Exchange};
use crate::dotnet::fault::{Fault, PolicyError};
use crate::dotnet::value::Value;
use crate::effect::Choice;
use crate::effect::{Answer, ChooseBackend, Effect, Http2, OutboundCall};
use crate::message::{Body, HeaderValue, Headers, Response, StatusCode, Transport};
use crate::vm::machine::{error_response, failed, failed_by_request};
use std::sync::Arc;
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
    out.effect(choose, chosen, "choose-backend", &[]);
    let buffer = out.bool(constant("buffer-response") != Some("false"));
    let patience = match element.attribute("continue-timeout") {
        Some(_) => out.number_attribute(element, "continue-timeout"),
        None => out.null(),
    };
    let arguments = [timeout, unit, redirects, http2, fail_on_error, buffer, patience];
    out.effect(begin, finish, "forward-request", &arguments);
}

/// A backend with a breaker or members is asked about before it is called; any other is called at once.
fn choose(cx: &mut Call<'_>, _: &[Value]) -> Result<Option<Effect>, Fault> {
    let exchange = &mut *cx.exchange;
    exchange.steering.unavailable = false;
    let Some(backend) = &exchange.backend else { return Ok(None) };
    let session = match &backend.kind {
        BackendKind::Single if !backend.has_breaker => return Ok(None),
        BackendKind::Single => None,
        BackendKind::Pool { cookie } => cookie.as_deref().and_then(|name| cookie_of(&exchange.request.headers, name)),
    };
    Ok(Some(Effect::ChooseBackend(Box::new(ChooseBackend {
        at: backend.at,
        name: Arc::clone(&backend.id),
        session,
        tried: exchange.steering.tried.clone(),
    }))))
}

fn chosen(cx: &mut Call<'_>, _: &[Value], answer: Answer) -> Result<Value, Fault> {
    let exchange = &mut *cx.exchange;
    let Some(backend) = exchange.backend.clone() else { return Ok(Value::Null) };
    let choice = match answer {
        Answer::Chosen(choice) => choice,
        Answer::Failed(failure) => return Err(failed(&failure)),
        _ => Choice::Open,
    };
    let Choice::Backend { at, session, .. } = choice else { return Err(unavailable(exchange, &backend)) };
    let Some(member) = exchange.steering.outside.backends.get(at as usize).cloned() else {
        return Err(unavailable(exchange, &backend));
    };
    exchange.steering.tried.push(at);
    exchange.steering.new_session = session;
    if backend.kind != BackendKind::Single {
        if let Some(url) = &member.url {
            set_backend_service::rebase(exchange, url);
        }
        exchange.trace(
            "forward-request",
            format!("the member `{}` of the pool `{}` takes the call", member.id, backend.id),
        );
    }
    exchange.steering.member = Some(member);
    Ok(Value::Null)
}

/// The breaker is open: the caller gets 503, or what the breaker says. It is there for the condition of a `retry` too.
fn unavailable(exchange: &mut Exchange, backend: &BackendFacts) -> Fault {
    let what = if backend.kind == BackendKind::Single { "Backend" } else { "Backend pool" };
    let usual = format!("{what} '{}' is temporarily unavailable", backend.id);
    let (status, phrase) = match &backend.failure_response {
        Some((status, phrase)) => (*status, phrase.clone()),
        None => (503, Some(usual.as_str().into())),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let caller_message = phrase.as_deref().filter(|_| backend.failure_response.is_some());
    let caller_message: Box<str> = caller_message.or(status.canonical_reason()).unwrap_or("Service Unavailable").into();
    let mut response = error_response(status, &caller_message, exchange.request_id);
    response.reason.clone_from(&phrase);
    exchange.response = Some(response);
    exchange.response_body_consumed = false;
    exchange.steering.unavailable = true;
    exchange.trace("forward-request", format!("{usual}: its circuit breaker is open"));
    Fault::Policy(Box::new(PolicyError {
        reason: Some("BackendConnectionFailure".into()),
        message: usual,
        status: status.as_u16(),
        caller_message: Some(caller_message),
        reason_phrase: phrase,
        ..PolicyError::default()
    }))
}

/// The value of a cookie that the caller sent.
fn cookie_of(headers: &Headers, name: &str) -> Option<Box<str>> {
    let lines = headers.all("cookie").filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(own, _)| *own == name).map(|(_, value)| value.trim_matches('"').into()).next()
}

fn begin(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Option<Effect>, Fault> {
    let timeout = values::number(cx, arguments[0])? / values::number(cx, arguments[1])?;
    let timeout = Duration::try_from_secs_f64(timeout).unwrap_or(Duration::from_secs(300));
    let follow_redirects = values::flag(cx, arguments[2])?;
    let continue_timeout = match arguments[6] {
        Value::Null => None,
        seconds => Duration::try_from_secs_f64(values::number(cx, seconds)?).ok(),
    };
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
    hops::count(exchange, "forward-request", &mut request)?;
    let steering = &exchange.steering;
    let named = exchange.backend.as_ref();
    let backend = steering.member.as_ref().filter(|_| named.is_some()).or(named);
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
        buffer_response: matches!(arguments[5], Value::Bool(true)),
        transport,
        continue_timeout,
        backend: named.map(|named| Arc::clone(&named.id)),
        member: backend.filter(|own| named.is_some_and(|named| named.at != own.at)).map(|own| Arc::clone(&own.id)),
        watched: backend.filter(|own| own.has_breaker).map(|own| own.at),
    }))))
}

/// The caller of a pool with sessions is told which member it was sent to, where it does not know.
fn keep_session(exchange: &mut Exchange, response: &mut Response) {
    let Some(session) = exchange.steering.new_session.take() else { return };
    let Some(BackendKind::Pool { cookie: Some(name) }) = exchange.backend.as_ref().map(|own| &own.kind) else { return };
    if let Ok(value) = HeaderValue::from_str(&format!("{name}={session}; Path=/; HttpOnly")) {
        // A response with as many headers as a message takes goes without.
        let _ = response.headers.append(http::header::SET_COOKIE, value);
    }
}

fn finish(cx: &mut Call<'_>, arguments: &[Value], answer: Answer) -> Result<Value, Fault> {
    match answer {
        Answer::Response(response) => {
            let status = response.status;
            let mut response = response;
            if cx.exchange.steering.new_session.is_some() {
                keep_session(cx.exchange, &mut response);
            }
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
            Err(failed_by_request(&failure))
        }
        _ => Err(Fault::policy("BackendConnectionFailure", "The backend gave no response.")),
    }
}
