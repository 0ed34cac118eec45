//! `send-one-way-request` makes a call of its own and does not wait for the response.
//!
//! - `mode`: copy takes headers and body
//! - `set-url`: required unless mode=copy
//! - `set-url`: holds absolute URL; expressions allowed
//! - `set-method`: required unless mode=copy; no expressions
//!
//! At run time:
//! - does not wait and never fails the call
//! - not counted in backend time
//! - in outbound mode=copy does not copy the body
//! - several of them in outbound are not supported by the self-hosted gateway

use super::send_request;
use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Gateway, Kind, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::effect::{Answer, Effect};
use std::time::Duration;

pub static SPEC: Spec = Spec::new("send-one-way-request")
    .support(Support::Built)
    .title("Send one way request")
    .gateways(&[Gateway::Classic, Gateway::V2, Gateway::Consumption, Gateway::SelfHosted])
    .attributes(&[
        Attr::one_of("mode", &["new", "copy"]).expression().default("new"),
        Attr::new("timeout", Kind::Seconds).expression().default("60"),
    ])
    .children(send_request::PARTS)
    .sequence();

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let prepared = send_request::prepare(statement, out);
    let timeout = out.attribute(&statement.element, "timeout");
    send_request::assemble(prepared, out);
    out.effect(begin, finish, "send-one-way-request", &[timeout]);
}

fn begin(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Option<Effect>, Fault> {
    let timeout = if arguments[0].is_null() { Duration::from_secs(60) } else { values::seconds(cx, arguments[0])? };
    Ok(Some(Effect::SendOneWay(send_request::call(cx, "send-one-way-request", timeout)?)))
}

fn finish(_: &mut Call<'_>, _: &[Value], _: Answer) -> Result<Value, Fault> {
    Ok(Value::Null)
}
