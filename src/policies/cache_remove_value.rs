//! `cache-remove-value` removes a value from the cache.
//!
//! - `fail-on-cache-removal-error`: true: a failed removal fails the request; false: it is ignored
//!
//! At run time:
//! - a failed removal is ignored unless fail-on-cache-removal-error is true (June 2026)

use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::effect::{Answer, Effect};

pub static SPEC: Spec =
    Spec::new("cache-remove-value").support(Support::Built).title("Remove value from cache").attributes(&[
        Attr::text("key").required().expression(),
        Attr::one_of("caching-type", &["prefer-external", "external", "internal"]).default("prefer-external"),
        Attr::bool("fail-on-cache-removal-error").expression().default("false"),
    ]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let key = out.attribute(&statement.element, "key");
    out.effect(begin, finish, "cache-remove-value", &[key]);
}

fn begin(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Option<Effect>, Fault> {
    Ok(Some(Effect::CacheRemove { key: values::text(cx, arguments[0])?.into() }))
}

fn finish(_: &mut Call<'_>, _: &[Value], _: Answer) -> Result<Value, Fault> {
    Ok(Value::Null)
}
