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
    .attributes(&[Attr::text("name").required(), Attr::new("value", Kind::Variable).required().expression()]);

/// The name, interned when the document was compiled.
#[derive(Debug)]
struct Name(Symbol);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let name = match statement.attribute("name").and_then(|name| name.text()) {
        Some(name) => out.extension(Name(Symbol::of(name))),
        None => out.attribute(&statement.element, "name"),
    };
    let value = out.attribute(&statement.element, "value");
    out.native(set, "set-variable", &[name, value]);
}

fn set(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let symbol = match cx.heap.extension(arguments[0]) {
        Some(Name(symbol)) => *symbol,
        None => Symbol::of(&values::text(cx, arguments[0])?),
    };
    cx.exchange.set_variable(symbol, arguments[1]);
    Ok(Value::Null)
}
