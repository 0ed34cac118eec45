//! `set-body` replaces the body of the message at hand: by text, by an expression, or by a Liquid template.
//!
//! - `template`: liquid is the only listed value; none appears in examples and schema
//! - `xsi-nil`: how xsi:nil nodes look in Liquid
//! - `parse-date`: true turns date-like strings into DateTime when the body is read; false copies them unchanged
//! - `use-value-element`: toolkit only
//! - `html-decode-expression`: schema only
//!
//! At run time:
//! - does not touch Content-Type
//! - reading context.*.Body without preserveContent consumes it
//! - throws when used on a message with no body, e.g. inbound GET
//! - Liquid runs in C# mode: PascalCase filters, .NET date formats
//! - Liquid needs Content-Type JSON (*/json, +json) or XML (*/xml, +xml) to bind body
//! - Liquid root objects: body and context (Request: Url, Method, OriginalMethod, OriginalUrl, IpAddress,
//!   MatchedParameters, HasBody, ClientCertificates, Headers; Response: StatusCode, Method, Headers)
//! - Liquid in return-response sees an empty body
//! - extra tag: {% JSONArrayFor x in list %} … {% endJSONArrayFor %}
//! - named values and Liquid share {{ }}; named values are replaced first when a named value of that name exists
//! - in resolvers Liquid sees body.arguments and body.parent
//! - a body read with preserveContent=true is still replaced by what the expression returns
//! - Url and OriginalUrl in Liquid offer Scheme, Host, Port, Path, Query, QueryString, ToUri, ToString

use super::values;
use crate::bytecode::builder::Builder;
use crate::bytecode::op::Reg;
use crate::document::Statement;
use crate::document::spec::{Attr, Kind, Section, Spec, Support, Text};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::message::{Body, Method};

pub static SPEC: Spec = Spec::new("set-body")
    .title("Set body")
    .sections(&[Section::Inbound, Section::Backend, Section::Outbound])
    .also(&[Section::OnError])
    .support(Support::Built)
    .attributes(&[
        Attr::one_of("template", &["none", "liquid"]),
        Attr::one_of("xsi-nil", &["blank", "null"]).default("blank"),
        Attr::bool("parse-date").default("true"),
        Attr::bool("use-value-element").undocumented(),
        Attr::bool("html-decode-expression").undocumented(),
    ])
    .text(Text::new(Kind::Text).expression().markup());

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let registers = evaluate(statement, out);
    apply(&registers, out);
}

pub fn evaluate(statement: &Statement, out: &mut Builder<'_>) -> Vec<Reg> {
    let liquid = statement.attribute("template").and_then(|value| value.text()) == Some("liquid");
    if liquid {
        out.refuse("`set-body` with a Liquid template is not supported here yet", statement.element.name_span);
    }
    vec![out.content(&statement.element), out.bool(liquid)]
}

pub fn apply(registers: &[Reg], out: &mut Builder<'_>) {
    out.native(set, "set-body", registers);
}

fn set(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    if matches!(arguments[1], Value::Bool(true)) {
        return Err(Fault::policy("NotSupported", "Liquid templates are not supported here yet."));
    }
    let exchange = &cx.exchange;
    let request = &exchange.request;
    if exchange.steering.outgoing.is_none()
        && !exchange.steering.on_response
        && matches!(request.body, Body::Empty)
        && matches!(request.method, Method::GET | Method::HEAD)
    {
        let message = format!("A {} request without a body takes none: give it another method first.", request.method);
        return Err(Fault::invalid_operation(message));
    }
    let bytes = values::bytes(cx, arguments[0])?;
    cx.heap.charge(bytes.len())?;
    cx.charge_fuel(bytes.len() / 16)?;
    values::set_body(cx, Body::Bytes(bytes.into()))?;
    Ok(Value::Null)
}
