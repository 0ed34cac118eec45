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
use crate::message::{HeaderName, HeaderValue};
use smallvec::SmallVec;

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

/// Name, action and values, in registers. What is constant is read here, so that running it only stores.
pub fn evaluate(statement: &Statement, out: &mut Builder<'_>) -> Vec<Reg> {
    let name = statement.attribute("name").and_then(|name| name.text()).and_then(|name| name.parse().ok());
    let name = match name {
        Some(name) => out.extension(HeaderConstant::Name(name)),
        None => out.attribute(&statement.element, "name"),
    };
    let mut registers = vec![name, out.attribute(&statement.element, "exists-action")];
    for value in statement.element.elements("value") {
        let constant = value.text.as_ref().and_then(|value| value.text());
        registers.push(match constant.and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok()) {
            Some(value) => out.extension(HeaderConstant::Value(value)),
            None => out.content(value),
        });
    }
    registers
}

/// A name or value that the document spells out.
#[derive(Debug)]
enum HeaderConstant {
    Name(HeaderName),
    Value(HeaderValue),
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Override,
    Skip,
    Append,
    Delete,
}

fn set(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let name = match cx.heap.extension(arguments[0]) {
        Some(HeaderConstant::Name(name)) => name.clone(),
        _ => values::header_name(&values::text(cx, arguments[0])?)?,
    };
    let action = match cx.heap.str(arguments[1]) {
        Some(action) if action.eq_text("delete") => Action::Delete,
        Some(action) if action.eq_text("skip") => Action::Skip,
        Some(action) if action.eq_text("append") => Action::Append,
        _ => Action::Override,
    };
    if KEPT.contains(&name.as_str()) {
        return Ok(Value::Null);
    }
    let of_response = cx.exchange.steering.outgoing.is_none() && cx.exchange.steering.on_response;
    if action == Action::Delete && of_response && name == http::header::SERVER {
        return Ok(Value::Null);
    }
    // Every value is evaluated, whatever becomes of it.
    let mut lines: SmallVec<[HeaderValue; 2]> = SmallVec::new();
    for &value in &arguments[2..] {
        lines.push(line(cx, value)?);
    }
    let headers = values::headers(cx)?;
    match action {
        Action::Delete => {
            headers.map_mut().remove(&name);
        }
        Action::Skip if headers.map().contains_key(&name) => {}
        Action::Append | Action::Skip | Action::Override => {
            if action == Action::Append {
                lines.insert_many(0, headers.all(name.as_str()).cloned());
            }
            if lines.len() > 1 && !SEPARATE.contains(&name.as_str()) {
                let joined = lines.iter().map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b","[..]);
                lines = SmallVec::from_iter([values::header_value_of(&joined)?]);
            }
            let mut lines = lines.into_iter();
            let stored = match lines.next() {
                Some(first) if lines.len() == 0 => headers.set(name, first),
                Some(first) => headers.set(name.clone(), first) && lines.all(|line| headers.append(name.clone(), line)),
                None => {
                    headers.remove(name.as_str());
                    true
                }
            };
            if !stored {
                return Err(Fault::invalid_operation("The message holds too many headers."));
            }
        }
    }
    Ok(Value::Null)
}

fn line(cx: &mut Call<'_>, value: Value) -> Result<HeaderValue, Fault> {
    if let Some(HeaderConstant::Value(value)) = cx.heap.extension(value) {
        return Ok(value.clone());
    }
    match cx.heap.text(value) {
        Some(text) => values::header_value(&text),
        None => values::header_value(&values::text(cx, value)?),
    }
}
