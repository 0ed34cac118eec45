//! `cache-lookup-value` puts a cached value into a variable.
//!
//! - `default-value`: value on a miss
//!
//! At run time:
//! - on a miss without default-value the variable is NOT set (ContainsKey is false); the trace says so too
//!   (MicrosoftDocs/azure-docs issue 75289), although the default-value row says null
//! - allowed inside wait
//!
//! Limits: page repeats the GET-only and once-per-section notes of response caching; doubtful for values; page: not
//! supported inside a fragment.

use super::cached;
use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::context::Symbol;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::effect::{Answer, Effect};

pub static SPEC: Spec =
    Spec::new("cache-lookup-value").title("Get value from cache").support(Support::Built).attributes(&[
        Attr::text("key").required().expression(),
        Attr::text("default-value").expression(),
        Attr::text("variable-name").required(),
        Attr::one_of("caching-type", &["prefer-external", "external", "internal"]).default("prefer-external"),
    ]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let element = &statement.element;
    let registers = [
        out.attribute(element, "key"),
        out.attribute(element, "default-value"),
        out.attribute(element, "variable-name"),
    ];
    let has_default = out.bool(element.attribute("default-value").is_some());
    out.effect(begin, finish, "cache-lookup-value", &[registers[0], registers[1], registers[2], has_default]);
}

fn begin(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Option<Effect>, Fault> {
    Ok(Some(Effect::CacheLookup { key: values::text(cx, arguments[0])?.into() }))
}

fn finish(cx: &mut Call<'_>, arguments: &[Value], answer: Answer) -> Result<Value, Fault> {
    let value = match answer {
        Answer::Cached(Some(value)) => Some(cached::from_cache(cx, value)?),
        _ if matches!(arguments[3], Value::Bool(true)) => Some(arguments[1]),
        _ => None,
    };
    if let Some(value) = value {
        let name = values::text(cx, arguments[2])?;
        cx.exchange.set_variable(Symbol::of(&name), value);
    }
    Ok(Value::Null)
}
