//! `set-header` sets, appends to, or deletes a header of the message at hand.
//!
//! - `value`: holds expressions allowed; several = several values
//!
//! At run time:
//! - inbound/backend change the request, outbound/on-error change the response
//! - several values are joined as one comma separated line, except User-Agent, WWW-Authenticate,
//!   Proxy-Authenticate, Cookie, Set-Cookie, Warning, Date, Expires, If-Modified-Since, If-Unmodified-Since,
//!   Last-Modified, Retry-After which become separate lines
//! - Connection, Content-Length, Keep-Alive and Transfer-Encoding cannot be appended, overridden or deleted; Server
//!   cannot be deleted from responses; the client address in X-Forwarded-For cannot be deleted
//! - delete takes no value

use super::values;
use crate::bytecode::builder::Builder;
use crate::bytecode::op::Reg;
use crate::document::Statement;
use crate::document::spec::{Attr, ChildSpec, Kind, Spec, Support, Text};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;

pub static SPEC: Spec = Spec::new("set-header")
    .title("Set header")
    .support(Support::Built)
    .attributes(&[
        Attr::text("name").required().expression(),
        Attr::one_of("exists-action", &["override", "skip", "append", "delete"]).expression().default("override"),
    ])
    .children(&[ChildSpec::new("value").repeats().text(Text::new(Kind::Text).expression())]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let registers = evaluate(statement, out);
    apply(&registers, out);
}

/// Name, action and values, in registers.
pub fn evaluate(statement: &Statement, out: &mut Builder<'_>) -> Vec<Reg> {
    let mut registers =
        vec![out.attribute(&statement.element, "name"), out.attribute(&statement.element, "exists-action")];
    for value in statement.element.elements("value") {
        registers.push(out.content(value));
    }
    registers
}

pub fn apply(registers: &[Reg], out: &mut Builder<'_>) {
    out.native(set, "set-header", registers);
}

/// Header fields that policies cannot touch.
const KEPT: &[&str] = &["connection", "content-length", "keep-alive", "transfer-encoding"];
/// Header fields whose values are lines of their own; all others are joined with commas.
const SEPARATE: &[&str] = &[
    "user-agent",
    "www-authenticate",
    "proxy-authenticate",
    "cookie",
    "set-cookie",
    "warning",
    "date",
    "expires",
    "if-modified-since",
    "if-unmodified-since",
    "last-modified",
    "retry-after",
];

fn set(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let name = values::header_name(&values::text(cx, arguments[0])?)?;
    let action = values::text(cx, arguments[1])?;
    if KEPT.contains(&name.as_str()) {
        return Ok(Value::Null);
    }
    let mut texts = Vec::new();
    for value in &arguments[2..] {
        texts.push(values::text(cx, *value)?);
    }
    let of_response = cx.exchange.steering.outgoing.is_none() && cx.exchange.steering.on_response;
    if action == "delete" && of_response && name == http::header::SERVER {
        return Ok(Value::Null);
    }
    let full = || Fault::invalid_operation("The message holds too many headers.");
    let headers = values::headers(cx)?;
    match &*action {
        "delete" => headers.remove(name.as_str()),
        "skip" if headers.contains(name.as_str()) => {}
        action => {
            let mut lines: Vec<String> = Vec::new();
            if action == "append" {
                lines.extend(headers.all(name.as_str()).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned()));
            }
            lines.extend(texts);
            headers.remove(name.as_str());
            if !SEPARATE.contains(&name.as_str()) && lines.len() > 1 {
                lines = vec![lines.join(",")];
            }
            for line in lines {
                if !headers.append(name.clone(), values::header_value(&line)?) {
                    return Err(full());
                }
            }
        }
    }
    Ok(Value::Null)
}
