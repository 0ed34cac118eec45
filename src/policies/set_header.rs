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
use crate::dotnet::context::Exchange;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::message::{HeaderName, HeaderValue};
use smallvec::SmallVec;

pub static SPEC: Spec = Spec::new("set-header")
    .title("Set header")
    .support(Support::Built)
    .attributes(&[
        Attr::new("name", Kind::Token).required().expression(),
        Attr::one_of("exists-action", &["override", "skip", "append", "delete"]).expression().default("override"),
    ])
    .children(&[ChildSpec::new("value").repeats().text(Text::VALUE)]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let registers = evaluate(statement, out);
    apply(&registers, out);
}

/// What to do and the values, in registers. What is constant is read here, so that running it only stores.
pub fn evaluate(statement: &Statement, out: &mut Builder<'_>) -> Vec<Reg> {
    let name = statement.attribute("name").and_then(|name| name.text()).and_then(|name| name.parse().ok());
    let action = match statement.attribute("exists-action") {
        None => Some(Action::Override),
        Some(action) => action.text().map(Action::of),
    };
    let mut registers = match (name, action) {
        (Some(name), Some(action)) => vec![out.extension(Fixed { change: Change::new(name, action) })],
        _ => vec![out.attribute(&statement.element, "name"), out.attribute(&statement.element, "exists-action")],
    };
    for value in statement.element.elements("value") {
        let constant = value.text.as_ref().and_then(|value| value.text());
        registers.push(match constant.and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok()) {
            Some(value) => out.extension(FixedValue(value)),
            None => out.content(value),
        });
    }
    registers
}

/// A change whose name and action the document spells out.
#[derive(Debug)]
struct Fixed {
    change: Change,
}

/// A value that the document spells out.
#[derive(Debug)]
struct FixedValue(HeaderValue);

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Override,
    Skip,
    Append,
    Delete,
}

impl Action {
    fn of(text: &str) -> Action {
        match text {
            "delete" => Action::Delete,
            "skip" => Action::Skip,
            "append" => Action::Append,
            _ => Action::Override,
        }
    }
}

/// What is done to a header, and what its name says about that.
#[derive(Clone, Debug)]
struct Change {
    name: HeaderName,
    action: Action,
    /// Policies cannot touch it.
    is_kept: bool,
    /// Several values become one line.
    is_joined: bool,
}

impl Change {
    fn new(name: HeaderName, action: Action) -> Change {
        let is_kept = KEPT.contains(&name.as_str());
        let is_joined = !SEPARATE.contains(&name.as_str());
        Change { name, action, is_kept, is_joined }
    }

    fn is_refused(&self, exchange: &Exchange) -> bool {
        let of_response = || exchange.steering.outgoing.is_none() && exchange.steering.on_response;
        self.is_kept || self.action == Action::Delete && self.name == http::header::SERVER && of_response()
    }
}

fn set(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let Some(fixed) = cx.heap.extension::<Fixed>(arguments[0]) else {
        let name = values::header_name(&values::text(cx, arguments[0])?)?;
        let action = cx.heap.text(arguments[1]).map_or(Action::Override, |action| Action::of(&action));
        return change(cx, Change::new(name, action), &arguments[2..]);
    };
    if fixed.change.is_refused(cx.exchange) {
        return Ok(Value::Null);
    }
    match (fixed.change.action, &arguments[1..]) {
        (Action::Delete, []) => {
            values::headers_of(cx.exchange)?.map_mut().remove(&fixed.change.name);
        }
        (action @ (Action::Override | Action::Skip), &[value]) => {
            let name = fixed.change.name.clone();
            let line = line(cx, value)?;
            let headers = values::headers_of(cx.exchange)?;
            if action == Action::Skip && headers.has(&name) {
                return Ok(Value::Null);
            }
            if !headers.set(name, line) {
                return Err(too_many());
            }
        }
        (_, all) => {
            let fixed = fixed.change.clone();
            return change(cx, fixed, all);
        }
    }
    Ok(Value::Null)
}

fn change(cx: &mut Call<'_>, change: Change, all: &[Value]) -> Result<Value, Fault> {
    if change.is_refused(cx.exchange) {
        return Ok(Value::Null);
    }
    let Change { name, action, is_joined, .. } = change;
    // Every value is evaluated, whatever becomes of it.
    let mut lines: SmallVec<[HeaderValue; 2]> = SmallVec::new();
    for &value in all {
        lines.push(line(cx, value)?);
    }
    let headers = values::headers_of(cx.exchange)?;
    match action {
        Action::Delete => {
            headers.map_mut().remove(&name);
        }
        Action::Skip if headers.map().contains_key(&name) => {}
        Action::Append | Action::Skip | Action::Override => {
            if action == Action::Append {
                lines.insert_many(0, headers.map().get_all(&name).into_iter().cloned());
            }
            if lines.len() > 1 && is_joined {
                let joined = lines.iter().map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b","[..]);
                lines = SmallVec::from_iter([values::header_value_of(&joined)?]);
            }
            let mut lines = lines.into_iter();
            let stored = match lines.next() {
                Some(first) if lines.len() == 0 => headers.set(name, first),
                Some(first) => headers.set(name.clone(), first) && lines.all(|line| headers.append(name.clone(), line)),
                None => {
                    headers.remove(&name);
                    true
                }
            };
            if !stored {
                return Err(too_many());
            }
        }
    }
    Ok(Value::Null)
}

fn too_many() -> Fault {
    Fault::invalid_operation("The message holds too many headers.")
}

fn line(cx: &mut Call<'_>, value: Value) -> Result<HeaderValue, Fault> {
    if let Some(FixedValue(value)) = cx.heap.extension(value) {
        return Ok(value.clone());
    }
    match cx.heap.leaving_text(value) {
        Some(text) => HeaderValue::from_maybe_shared(text).map_err(|_| values::no_header_value()),
        None => values::header_value(&values::text(cx, value)?),
    }
}
