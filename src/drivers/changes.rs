//! What a step of a policy document changed: the exchange before and after it, as names and texts. Looked at by traces,
//! never by policies.

use crate::dotnet::context::{BackendKind, Exchange};
use crate::dotnet::heap::{Heap, Object};
use crate::dotnet::value::Value;
use crate::message::{Body, Headers};
use std::collections::BTreeMap;

/// What policies can change, by name: `request.url`, `request.headers.x-tag`, `variable a`, `response.status` ...
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State(BTreeMap<String, String>);

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub name: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Change {
    /// `request.headers.x-tag: a -> b`
    pub fn line(&self) -> String {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!("{}: {before} -> {after}", self.name),
            (None, Some(after)) => format!("{}: {after}", self.name),
            (_, None) => format!("{}: removed", self.name),
        }
    }
}

/// A text as people may see it.
pub type Hide<'h> = &'h dyn Fn(&str) -> String;

/// Longer values are cut: a trace is read by people.
const LONGEST: usize = 200;

impl State {
    /// `hide` takes out what people must not see, before a text is cut: half a secret is not found any more.
    pub fn of(exchange: &Exchange, heap: &Heap, hide: Hide<'_>) -> State {
        let mut state = BTreeMap::new();
        let request = &exchange.request;
        state.insert("request.method".into(), request.method.to_string());
        state.insert("request.url".into(), short(&hide(&request.url.to_string())));
        headers(&mut state, "request", &request.headers, hide);
        state.insert("request.body".into(), body(&request.body, hide));
        if let Some(backend) = &exchange.backend {
            state.insert("backend".into(), backend.id.to_string());
        }
        let is_pool = exchange.backend.as_ref().is_some_and(|own| own.kind != BackendKind::Single);
        if let Some(member) = exchange.steering.member.as_ref().filter(|_| is_pool) {
            state.insert("backend.member".into(), member.id.to_string());
        }
        if let Some(response) = &exchange.response {
            state
                .insert("response.status".into(), format!("{} {}", response.status.as_u16(), response.reason_phrase()));
            headers(&mut state, "response", &response.headers, hide);
            state.insert("response.body".into(), body(&response.body, hide));
        }
        for (symbol, value) in &exchange.variables {
            state.insert(format!("variable {}", symbol.name()), shown(*value, heap, hide));
        }
        State(state)
    }

    /// What differs in `after`: new and changed first, then what is gone.
    pub fn changes(&self, after: &State) -> Vec<Change> {
        let mut changes = Vec::new();
        for (name, value) in &after.0 {
            let before = self.0.get(name);
            if before != Some(value) {
                changes.push(Change { name: name.clone(), before: before.cloned(), after: Some(value.clone()) });
            }
        }
        for (name, value) in self.0.iter().filter(|(name, _)| !after.0.contains_key(*name)) {
            changes.push(Change { name: name.clone(), before: Some(value.clone()), after: None });
        }
        changes
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

fn headers(state: &mut BTreeMap<String, String>, of: &str, headers: &Headers, hide: Hide<'_>) {
    for name in headers.map().keys() {
        let lines: Vec<_> = headers.all(name.as_str()).map(|v| String::from_utf8_lossy(v.as_bytes())).collect();
        state.insert(format!("{of}.headers.{name}"), short(&hide(&lines.join(", "))));
    }
}

fn body(body: &Body, hide: Hide<'_>) -> String {
    match body {
        Body::Empty => "empty".into(),
        Body::Bytes(bytes) => short(&hide(&String::from_utf8_lossy(bytes))),
        Body::Stream(stream) if stream.taps.is_empty() => "a stream, not read".into(),
        Body::Stream(_) => "a stream, not read, to be changed on its way".into(),
    }
}

/// A value in a few words; objects by their type.
fn shown(value: Value, heap: &Heap, hide: Hide<'_>) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Double(value) => value.to_string(),
        Value::Single(value) => value.to_string(),
        other => match (heap.text(other), other.integer(), other) {
            (Some(text), ..) => format!("\"{}\"", short(&hide(&text))),
            (None, Some(number), _) if !matches!(other, Value::Enum { .. }) => number.to_string(),
            (None, _, Value::Object(handle)) => match heap.get(handle) {
                Object::Decimal(number) => number.to_string(),
                _ => heap.type_of(other).csharp_name(),
            },
            _ => heap.type_of(other).csharp_name(),
        },
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}... ({} bytes)", &text[..at], text.len()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_what_was_and_what_is() {
        let state = |pairs: &[(&str, &str)]| State(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect());
        let before = state(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let after = state(&[("a", "1"), ("b", "x"), ("d", "4")]);
        let lines: Vec<String> = before.changes(&after).iter().map(Change::line).collect();
        assert_eq!(lines, ["b: 2 -> x", "d: 4", "c: removed"]);
    }

    #[test]
    fn long_values_are_cut() {
        assert_eq!(short("abc"), "abc");
        assert!(short(&"é".repeat(300)).ends_with("... (600 bytes)"));
    }
}
