//! `cache-store-value` keeps a value in the cache.
//!
//! At run time:
//! - asynchronous: a lookup right after may still miss
//!
//! Limits: page repeats the once-per-section and GET-only notes of cache-store; doubtful for values.

use super::cached;
use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Kind, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::effect::{Answer, Effect};

pub static SPEC: Spec =
    Spec::new("cache-store-value").title("Store value in cache").support(Support::Built).attributes(&[
        Attr::text("key").required().expression(),
        Attr::new("value", Kind::Any).required().expression(),
        Attr::new("duration", Kind::Seconds).required().expression(),
        Attr::one_of("caching-type", &["prefer-external", "external", "internal"]).default("prefer-external"),
    ]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let element = &statement.element;
    let registers =
        [out.attribute(element, "key"), out.attribute(element, "value"), out.attribute(element, "duration")];
    out.effect(begin, finish, "cache-store-value", &registers);
}

fn begin(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Option<Effect>, Fault> {
    let key = values::text(cx, arguments[0])?.into();
    let value = cached::to_cache(cx, arguments[1])?;
    let duration = values::seconds(cx, arguments[2])?;
    Ok(Some(Effect::CacheStore { key, value, duration }))
}

fn finish(_: &mut Call<'_>, _: &[Value], _: Answer) -> Result<Value, Fault> {
    Ok(Value::Null)
}
