//! `send-request` makes a call of its own and keeps the response in a variable.
//!
//! - `response-variable-name`: page allows expressions; toolkit takes a plain string; schema makes it optional
//! - `timeout-ms`: schema only
//! - `buffer-response`: schema only
//! - `fail-on-error-status-code`: schema only
//! - `set-url`: required unless mode=copy
//! - `set-url`: holds absolute URL; expressions allowed
//! - `set-method`: required unless mode=copy; no expressions
//!
//! At run time:
//! - variable type is IResponse; its Body must be read with As`<T>`
//! - an HTTP error status is not an error: the response is stored as is
//! - ignore-error=true stores null
//! - mode=copy starts from the current request; in outbound the body is not copied
//! - allowed inside wait, retry, choose
//! - an unreachable or looping internal address ends in BackendConnectionFailure with 500
//! - without ignore-error a failure leaves the response variable unset

use super::values;
use super::{authentication_certificate, hops, proxy, set_body, set_header, set_method};
use crate::bytecode::builder::Builder;
use crate::bytecode::op::Reg;
use crate::document::Statement;
use crate::document::spec::{Attr, ChildSpec, Kind, Need, Spec, Support, Text};
use crate::dotnet::call::Call;
use crate::dotnet::context::Symbol;
use crate::dotnet::context::message::new_response;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::effect::{Answer, Effect, OutboundCall};
use crate::message::{Body, Headers, Method, Request, Url};
use crate::vm::machine::failed;
use std::time::Duration;

pub static SPEC: Spec = Spec::new("send-request")
    .title("Send request")
    .support(Support::Built)
    .attributes(&[
        Attr::one_of("mode", &["new", "copy"]).expression().default("new"),
        // The page requires it, and leaves it out in its own example; the editor's schema makes it optional.
        Attr::text("response-variable-name").expression(),
        Attr::new("timeout", Kind::Seconds).expression().default("60"),
        Attr::new("timeout-ms", Kind::Milliseconds).expression().undocumented(),
        Attr::bool("ignore-error").default("false"),
        Attr::bool("buffer-response").default("true").undocumented(),
        Attr::bool("fail-on-error-status-code").default("false").undocumented(),
    ])
    .needs(&[Need::NotBoth(&["timeout", "timeout-ms"])])
    .children(PARTS)
    .sequence();

/// The parts of a request of a policy's own, in their order.
pub(super) const PARTS: &[ChildSpec] = &[
    ChildSpec::new("set-url").required_unless("mode", "copy").text(Text::new(Kind::Url).expression()),
    // The page requires it unless the request is a copy, and leaves it out in its own example.
    ChildSpec::policy("set-method"),
    ChildSpec::policy("set-header").repeats(),
    ChildSpec::policy("set-body"),
    ChildSpec::policy("authentication-certificate"),
    ChildSpec::policy("authentication-token"),
    ChildSpec::policy("authentication-token-store"),
    ChildSpec::policy("authentication-managed-identity"),
    ChildSpec::policy("proxy"),
];

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let element = &statement.element;
    let constant = |name: &str| statement.attribute(name).and_then(|value| value.text()).map(str::trim);
    let registers = prepare(statement, out);
    let milliseconds = element.attribute("timeout-ms").is_some();
    let timeout = out.attribute(element, if milliseconds { "timeout-ms" } else { "timeout" });
    let unit = out.int(if milliseconds { 1000 } else { 1 });
    let ignore = out.bool(constant("ignore-error").is_some_and(|text| text.eq_ignore_ascii_case("true")));
    let variable = out.attribute(element, "response-variable-name");
    assemble(registers, out);
    out.effect(begin, finish, "send-request", &[timeout, unit, ignore, variable]);
}

type Apply = fn(&[Reg], &mut Builder<'_>);

/// The parts of a request of a policy's own, evaluated.
pub struct Prepared {
    start: Vec<Reg>,
    steps: Vec<(Apply, Vec<Reg>)>,
}

/// Evaluates all values before the request is put together, so that nothing waits in between.
pub fn prepare(statement: &Statement, out: &mut Builder<'_>) -> Prepared {
    let element = &statement.element;
    let mode = out.attribute(element, "mode");
    let url = match element.element("set-url") {
        Some(url) => out.content(url),
        None => out.null(),
    };
    let mut steps: Vec<(Apply, Vec<Reg>)> = Vec::new();
    for child in element.statements() {
        match child.name() {
            "set-method" => steps.push((set_method::apply, set_method::evaluate(child, out))),
            "set-header" => steps.push((set_header::apply, set_header::evaluate(child, out))),
            "set-body" => steps.push((set_body::apply, set_body::evaluate(child, out))),
            "proxy" => steps.push((proxy::apply, proxy::evaluate(child, out))),
            "authentication-certificate" => {
                steps.push((authentication_certificate::apply, authentication_certificate::evaluate(child, out)));
            }
            // Not built: says so when it runs.
            _ => out.statement(child),
        }
    }
    Prepared { start: vec![mode, url], steps }
}

pub fn assemble(prepared: Prepared, out: &mut Builder<'_>) {
    out.native(start, "new-request", &prepared.start);
    for (apply, registers) in prepared.steps {
        apply(&registers, out);
    }
}

fn start(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let copy = values::text(cx, arguments[0])? == "copy";
    let text = values::text(cx, arguments[1])?;
    let url = if text.is_empty() {
        cx.exchange.request.url.clone()
    } else {
        Url::parse(text.trim())
            .map_err(|why| Fault::invalid_operation(format!("The URL of the request cannot be used: {why}.")))?
    };
    let exchange = &mut *cx.exchange;
    let request = if copy {
        let body = match &exchange.request.body {
            Body::Bytes(bytes) if !exchange.steering.on_response => Body::Bytes(bytes.clone()),
            _ => Body::Empty,
        };
        Request { method: exchange.request.method.clone(), url, headers: exchange.request.headers.clone(), body }
    } else {
        Request { method: Method::GET, url, headers: Headers::new(), body: Body::Empty }
    };
    exchange.steering.outgoing = Some(Box::new(request));
    exchange.steering.outgoing_transport = None;
    Ok(Value::Null)
}

/// The request that was put together, as a call of this policy.
pub fn call(cx: &mut Call<'_>, policy: &str, timeout: Duration) -> Result<Box<OutboundCall>, Fault> {
    let request = cx.exchange.steering.outgoing.take();
    let mut request = request.ok_or_else(|| Fault::invalid_operation("There is no request to send."))?;
    hops::count(cx.exchange, policy, &mut request)?;
    let transport = cx.exchange.steering.outgoing_transport.take();
    Ok(Box::new(OutboundCall { buffer_response: true, transport, ..OutboundCall::new(*request, timeout) }))
}

fn begin(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Option<Effect>, Fault> {
    let timeout = values::number(cx, arguments[0])? / values::number(cx, arguments[1])?;
    let timeout = Duration::try_from_secs_f64(timeout).unwrap_or(Duration::from_secs(60));
    match call(cx, "send-request", timeout) {
        Ok(call) => Ok(Some(Effect::Send(call))),
        Err(Fault::Policy(_)) if matches!(arguments[2], Value::Bool(true)) => {
            let name = values::text(cx, arguments[3])?;
            if !name.is_empty() {
                cx.exchange.set_variable(Symbol::of(&name), Value::Null);
            }
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

fn finish(cx: &mut Call<'_>, arguments: &[Value], answer: Answer) -> Result<Value, Fault> {
    let name = values::text(cx, arguments[3])?;
    let value = match answer {
        Answer::Response(response) => new_response(cx.heap, *response)?,
        // Not answered by a recording is no error of the network: it is reported by name.
        Answer::Failed(_) if matches!(arguments[2], Value::Bool(true)) => Value::Null,
        Answer::Failed(failure) => return Err(failed(&failure)),
        _ => return Err(Fault::policy("BackendConnectionFailure", "The request was not answered.")),
    };
    if !name.is_empty() {
        cx.exchange.set_variable(Symbol::of(&name), value);
    }
    Ok(Value::Null)
}
