//! `check-header` ends a request that lacks a header, or whose header has none of the listed values.
//!
//! - `failed-check-error-message`: goes to the body message
//! - `ignore-case`: applies to the value comparison; header names are always case-insensitive
//! - `value`: holds allowed value (expressions allowed); any match passes; none listed = presence check only
//!
//! At run time:
//! - last-error message is the predefined one, while the client body carries failed-check-error-message
//! - editor schema makes failed-check-error-message and ignore-case optional
//! - newest page lists the workspace gateway but leaves workspace out of the scopes

use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, ChildSpec, Kind, Scope, Section, Spec, Support, Text};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::fault::PolicyError;
use crate::dotnet::value::Value;

pub static SPEC: Spec = Spec::new("check-header")
    .title("Check HTTP header")
    .sections(&[Section::Inbound])
    .scopes(&[Scope::Global, Scope::Product, Scope::Api, Scope::Operation])
    .support(Support::Built)
    .attributes(&[
        Attr::new("name", Kind::Token).required().expression(),
        Attr::int("failed-check-httpcode").required().expression().range(100, 999),
        Attr::text("failed-check-error-message").required().expression(),
        Attr::bool("ignore-case").required().expression(),
    ])
    .children(&[ChildSpec::new("value").repeats().text(Text::VALUE)]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let element = &statement.element;
    let mut registers = vec![
        out.attribute(element, "name"),
        out.attribute(element, "failed-check-httpcode"),
        out.attribute(element, "failed-check-error-message"),
        out.attribute(element, "ignore-case"),
    ];
    for value in element.elements("value") {
        registers.push(out.content(value));
    }
    out.native(check, "check-header", &registers);
}

fn check(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let name = values::text(cx, arguments[0])?;
    let status = u16::try_from(values::int(cx, arguments[1])?).unwrap_or(500);
    let shown = values::text(cx, arguments[2])?;
    let ignore_case = values::flag(cx, arguments[3])?;
    let mut allowed = Vec::new();
    for value in &arguments[4..] {
        allowed.push(values::text(cx, *value)?);
    }
    let found: Vec<String> =
        cx.exchange.request.headers.all(&name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned()).collect();
    let (reason, message) = if found.iter().all(String::is_empty) {
        ("HeaderNotFound", format!("Header {name} was not found in the request. Access denied."))
    } else {
        let fits = |value: &String| {
            allowed.iter().any(|own| own == value || ignore_case && own.to_lowercase() == value.to_lowercase())
        };
        let value = found.join(",");
        if allowed.is_empty() || found.iter().any(fits) || fits(&value) {
            return Ok(Value::Null);
        }
        ("HeaderValueNotAllowed", format!("Header {name} value of {value} is not allowed. Access denied."))
    };
    Err(Fault::Policy(Box::new(PolicyError {
        reason: Some(reason.into()),
        message,
        status,
        caller_message: Some(shown.into()),
        ..PolicyError::default()
    })))
}
