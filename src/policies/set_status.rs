//! `set-status` changes the status code and reason of the response.
//!
//! - `reason`: the page lists it as required; examples on other pages and the schema leave it out
//!
//! At run time:
//! - in inbound it creates a response object that is not sent until something ends the pipeline
//! - child of return-response

use super::values;
use crate::bytecode::builder::Builder;
use crate::bytecode::op::Reg;
use crate::document::Statement;
use crate::document::spec::{Attr, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::message::{Response, StatusCode};

pub static SPEC: Spec = Spec::new("set-status")
    .title("Set status code")
    .support(Support::Built)
    .attributes(&[Attr::int("code").required().expression().range(100, 999), Attr::text("reason").expression()]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let registers = evaluate(statement, out);
    apply(&registers, out);
}

pub fn evaluate(statement: &Statement, out: &mut Builder<'_>) -> Vec<Reg> {
    vec![out.attribute(&statement.element, "code"), out.attribute(&statement.element, "reason")]
}

pub fn apply(registers: &[Reg], out: &mut Builder<'_>) {
    out.native(set, "set-status", registers);
}

fn set(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let code = values::int(cx, arguments[0])?;
    let reason = values::text(cx, arguments[1])?;
    let status = u16::try_from(code).ok().and_then(|code| StatusCode::from_u16(code).ok());
    let status =
        status.ok_or_else(|| Fault::throw("System.FormatException", format!("{code} is not an HTTP status.")))?;
    let response = cx.exchange.response.get_or_insert_with(|| Response::new(status));
    response.status = status;
    response.reason = (!reason.is_empty()).then(|| reason.into());
    Ok(Value::Null)
}
