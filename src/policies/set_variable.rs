//! `set-variable` keeps a value under a name for the policies after it.
//!
//! - `value`: expression result keeps its .NET type; a literal becomes System.String
//!
//! At run time:
//! - allowed result types: the JSON.NET node types (JObject, JArray, JToken, JValue, JProperty, JContainer,
//!   JConstructor, JRaw), bool, (s)byte and arrays of them, all int widths, decimal, float, double, Guid, string,
//!   char, DateTime, TimeSpan and nullable forms; any other result type is an error
//! - variables live for the request only

use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Kind, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::context::Symbol;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;

pub static SPEC: Spec = Spec::new("set-variable")
    .title("Set variable")
    .support(Support::Built)
    .attributes(&[Attr::text("name").required(), Attr::new("value", Kind::Any).required().expression()]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let name = out.attribute(&statement.element, "name");
    let value = out.attribute(&statement.element, "value");
    out.native(set, "set-variable", &[name, value]);
}

fn set(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let name = values::text(cx, arguments[0])?;
    cx.exchange.set_variable(Symbol::of(&name), arguments[1]);
    Ok(Value::Null)
}
