//! `set-method` changes the HTTP method of the request.
//!
//! At run time:
//! - inside http-data-source only GET POST PUT PATCH DELETE (schema)

use super::values;
use crate::bytecode::builder::Builder;
use crate::bytecode::op::Reg;
use crate::document::Statement;
use crate::document::spec::{Kind, Section, Spec, Support, Text};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::message::Method;

pub static SPEC: Spec = Spec::new("set-method")
    .title("Set request method")
    .sections(&[Section::Inbound, Section::OnError])
    .also(&[Section::Backend, Section::Outbound])
    .support(Support::Built)
    .text(Text::new(Kind::Token).expression());

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let registers = evaluate(statement, out);
    apply(&registers, out);
}

pub fn evaluate(statement: &Statement, out: &mut Builder<'_>) -> Vec<Reg> {
    vec![out.content(&statement.element)]
}

pub fn apply(registers: &[Reg], out: &mut Builder<'_>) {
    out.native(set, "set-method", registers);
}

fn set(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let name = values::text(cx, arguments[0])?;
    let method = Method::from_bytes(name.trim().as_bytes())
        .map_err(|_| Fault::throw("System.FormatException", format!("`{name}` is not an HTTP method.")))?;
    values::request(cx).method = method;
    Ok(Value::Null)
}
