//! `limit-concurrency` lets only so many requests inside at once.
//!
//! - `key`: concurrency scope; may be shared by several policies
//! - `max-count`: requests allowed inside at once
//!
//! At run time:
//! - no queueing: the request over the limit fails at once with 429
//! - the slot is held until the enclosed policies finish
//! - the error goes through on-error like any other
//! - the count is kept per gateway unit: with several units in a region the enforced maximum is lower than written,
//!   says the page

use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, ChildSpec, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::fault::PolicyError;
use crate::dotnet::value::Value;
use crate::effect::{Answer, Effect};

pub static SPEC: Spec = Spec::new("limit-concurrency")
    .title("Limit concurrency")
    .support(Support::Built)
    .attributes(&[Attr::text("key").required().expression(), Attr::int("max-count").required()])
    .children(&[ChildSpec::policies()]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let key = out.attribute(&statement.element, "key");
    let most = out.attribute(&statement.element, "max-count");
    let key = out.native(as_text, "limit-concurrency", &[key]);
    out.effect(acquire, acquired, "limit-concurrency", &[key, most]);
    out.with_cleanup(
        |out| out.statements(statement.element.statements()),
        |out| {
            out.effect(release, released, "limit-concurrency", &[key]);
        },
    );
}

fn as_text(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let text = values::text(cx, arguments[0])?;
    cx.new_str(&text)
}

fn acquire(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Option<Effect>, Fault> {
    let key = values::text(cx, arguments[0])?.into();
    let most = u32::try_from(values::int(cx, arguments[1])?).unwrap_or(0);
    Ok(Some(Effect::Acquire { key, most }))
}

fn acquired(_: &mut Call<'_>, _: &[Value], answer: Answer) -> Result<Value, Fault> {
    match answer {
        Answer::Acquired(true) => Ok(Value::Null),
        _ => Err(Fault::Policy(Box::new(PolicyError {
            message: "Too many requests are under way.".into(),
            status: 429,
            caller_message: Some("Too many requests".into()),
            ..PolicyError::default()
        }))),
    }
}

fn release(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Option<Effect>, Fault> {
    Ok(Some(Effect::Release { key: values::text(cx, arguments[0])?.into() }))
}

fn released(_: &mut Call<'_>, _: &[Value], _: Answer) -> Result<Value, Fault> {
    Ok(Value::Null)
}
