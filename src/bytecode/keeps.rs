//! Whether a document may look at the request after it was forwarded. Where no document of a chain does, the request
//! itself goes to the backend instead of a copy. In doubt the answer is yes.

use super::op::Op;
use super::unit::{Function, Unit};
use crate::document::Section;
use crate::dotnet::value::{HostObject, Value};

/// Policies' run steps that touch the response and the variables alone, once there is a response.
const HARMLESS: &[&str] = &["set-body", "set-header", "set-status", "set-variable"];

/// The effect that takes the request away.
const FORWARD: &str = "forward-request";

pub(super) fn request(unit: &Unit) -> bool {
    let inbound = unit.section(Section::Inbound);
    let backend = unit.section(Section::Backend);
    unit.functions.iter().enumerate().any(|(at, function)| {
        let at = Some(at as u32);
        let forwards = function.code.iter().position(|op| forwards(unit, op));
        if at == inbound {
            return forwards.is_some();
        }
        match (at == backend, forwards) {
            // What stands before it has run by then, unless something leads back.
            (true, Some(forwards)) => {
                let after = &function.code[forwards + 1..];
                leads_back(function) || calls(after) > 0 || looks(unit, after, true)
            }
            // A wider document may have forwarded the request.
            (true, None) => leads_back(function) || calls(&function.code) > 1 || looks(unit, &function.code, true),
            (false, Some(_)) => true,
            (false, None) => looks(unit, &function.code, false),
        }
    })
}

fn forwards(unit: &Unit, op: &Op) -> bool {
    matches!(op, Op::Effect { effect, .. } if unit.effects[*effect as usize].name == FORWARD)
}

/// Instructions may run again, or after a failure.
fn leads_back(function: &Function) -> bool {
    let back = |(at, op): (usize, &Op)| op.target().is_some_and(|target| target as usize <= at);
    !function.handlers.is_empty() || function.code.iter().enumerate().any(back)
}

/// How often another document may forward the request.
fn calls(code: &[Op]) -> usize {
    code.iter().filter(|op| matches!(op, Op::CallBase | Op::CallFragment { .. })).count()
}

fn looks(unit: &Unit, code: &[Op], in_backend: bool) -> bool {
    code.iter().enumerate().any(|(at, op)| match op {
        Op::LoadValue { at, .. } => is_of_request(unit.values[*at as usize]),
        Op::LoadContext { to } => !is_read_at_once(unit, *to, code.get(at + 1)),
        Op::CallNative { native, .. } => {
            let native = &unit.natives[*native as usize];
            native.values.iter().any(|(_, value)| is_of_request(*value))
                || native.member.is_none() && (in_backend || !HARMLESS.contains(&native.name))
        }
        // The instructions behind it stand for the same expression.
        Op::Glance { .. } => false,
        Op::LookUp { at, .. } => unit.look_ups[*at as usize].is_of_request(),
        Op::Effect { .. } | Op::Fork { .. } => true,
        _ => false,
    })
}

fn is_of_request(value: Value) -> bool {
    use HostObject::{Context, GraphQl, Request, RequestBody, RequestHeaders, RequestUrl, RequestUrlQuery};
    let Value::Host(part) = value else { return false };
    matches!(part, Context | GraphQl | Request | RequestBody | RequestHeaders | RequestUrl | RequestUrlQuery)
}

/// `context` is loaded for one of its properties, other than the request.
fn is_read_at_once(unit: &Unit, context: u16, next: Option<&Op>) -> bool {
    match next {
        Some(Op::CallNative { native, base, count: 1, .. }) if *base == context => {
            unit.natives[*native as usize].member.is_some_and(|member| !matches!(member.name, "Request" | "GraphQL"))
        }
        _ => false,
    }
}
