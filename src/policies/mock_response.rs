//! `mock-response` ends the request and answers with an example of the API's definition.
//!
//! - `content-type`: response Content-Type and selector; absent = first content type found
//! - `index`: which example; schema and toolkit
//! - `enabled`: schema only; `false` leaves the policy out
//!
//! At run time:
//! - ends normal processing and answers at once
//! - example first, then a sample generated from the schema, else empty body

use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Section, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::message::{Response, StatusCode};

pub static SPEC: Spec = Spec::new("mock-response")
    .support(Support::Partly("examples and schemas of the API are not read: the body is empty"))
    .title("Mock response")
    .sections(&[Section::Inbound, Section::Outbound, Section::OnError])
    .attributes(&[
        Attr::int("status-code").default("200").range(100, 999),
        Attr::text("content-type"),
        Attr::int("index").undocumented(),
        Attr::bool("enabled").undocumented(),
    ]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    if statement.attribute("enabled").and_then(|own| own.text()).is_some_and(|own| own.trim() == "false") {
        return;
    }
    let registers =
        [out.attribute(&statement.element, "status-code"), out.attribute(&statement.element, "content-type")];
    out.native(mock, "mock-response", &registers);
    out.finish_pipeline();
}

fn mock(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let status = if arguments[0].is_null() { 200 } else { values::int(cx, arguments[0])? };
    let status = u16::try_from(status).ok().and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::OK);
    let content_type = values::text(cx, arguments[1])?;
    let mut response = Response::new(status);
    if !content_type.is_empty() {
        let value = values::header_value(&content_type)?;
        if !response.headers.set(http::header::CONTENT_TYPE, value) {
            return Err(Fault::invalid_operation("The message holds too many headers."));
        }
    }
    cx.exchange.response = Some(response);
    Ok(Value::Null)
}
