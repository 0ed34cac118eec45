//! `return-response` ends the request and answers with the response that it holds.
//!
//! - `response-variable-name`: variable holding an IResponse to start from
//!
//! At run time:
//! - default is 200 OK with no body
//! - children modify the response taken from the variable
//! - ends the whole pipeline at once: outbound is not run when used in inbound
//! - Liquid in the nested set-body gets an empty input

use super::values;
use super::{set_body, set_header, set_status};
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, ChildSpec, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::context::message::ResponseObject;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::message::{Body, Response, StatusCode};

pub static SPEC: Spec = Spec::new("return-response")
    .title("Return response")
    .support(Support::Built)
    .attributes(&[Attr::text("response-variable-name")])
    .children(&[
        ChildSpec::policy("set-status"),
        ChildSpec::policy("set-header").repeats(),
        ChildSpec::policy("set-body"),
    ])
    .sequence();

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    // Values are those of the exchange as it is; then the response is put in their place.
    type Apply = fn(&[crate::bytecode::op::Reg], &mut Builder<'_>);
    let mut steps: Vec<(Apply, Vec<crate::bytecode::op::Reg>)> = Vec::new();
    for child in statement.element.statements() {
        match child.name() {
            "set-status" => steps.push((set_status::apply, set_status::evaluate(child, out))),
            "set-header" => steps.push((set_header::apply, set_header::evaluate(child, out))),
            "set-body" => steps.push((set_body::apply, set_body::evaluate(child, out))),
            _ => {}
        }
    }
    let variable = out.attribute(&statement.element, "response-variable-name");
    out.native(begin, "return-response", &[variable]);
    for (apply, registers) in steps {
        apply(&registers, out);
    }
    out.finish_pipeline();
}

/// The response to start from: that of the variable, or an empty 200.
fn begin(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let mut response = Response::new(StatusCode::OK);
    let name = values::text(cx, arguments[0])?;
    if !name.is_empty() {
        let value = cx.exchange.variable(&name).unwrap_or(Value::Null);
        let Some(kept) = cx.heap.extension::<ResponseObject>(value) else {
            return Err(Fault::invalid_operation(format!("The variable `{name}` holds no response.")));
        };
        response.status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
        response.reason = Some(kept.reason.clone());
        response.headers = kept.headers.clone();
        response.headers.remove("content-length");
        response.headers.remove("transfer-encoding");
        response.body = kept.body.clone().map_or(Body::Empty, Body::Bytes);
    }
    cx.exchange.response = Some(response);
    cx.exchange.response_body_consumed = false;
    cx.exchange.steering.on_response = true;
    Ok(Value::Null)
}
