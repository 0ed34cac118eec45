//! What `run --trace` shows: each step with its section and scope, and what it changed.

use crate::bytecode::unit::Step;
use crate::document::{Scope, Section};
use crate::dotnet::context::{BackendKind, Exchange};
use crate::dotnet::heap::{Heap, Object};
use crate::dotnet::value::Value;
use crate::message::{Body, Headers};
use crate::vm::observe::Observer;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// A step that ran.
#[derive(Clone, Debug, Default)]
pub struct Traced {
    /// `inbound/api choose[1]/when[1]/set-header[1]`, or `failed SOURCE: MESSAGE`.
    pub what: String,
    /// What differs after it: `request.headers.x-tag: a -> b`.
    pub changes: Vec<String>,
}

impl Traced {
    pub fn json(&self) -> Json {
        json!({"step": self.what, "changes": self.changes})
    }
}

/// Notes steps, and what each left behind when the next begins.
pub struct Tracer {
    pub steps: Arc<Mutex<Vec<Traced>>>,
    before: Option<State>,
}

/// What policies can change, as lines.
type State = BTreeMap<String, String>;

/// Longer values are cut: a trace is read by people.
const LONGEST: usize = 200;

impl Tracer {
    pub fn new(steps: Arc<Mutex<Vec<Traced>>>) -> Tracer {
        Tracer { steps, before: None }
    }

    fn settle(&mut self, exchange: &Exchange, heap: &Heap) {
        let after = state(exchange, heap);
        if let Some(before) = self.before.replace(after)
            && let (Some(after), Ok(mut steps)) = (&self.before, self.steps.lock())
            && let Some(last) = steps.last_mut()
        {
            last.changes.extend(differences(&before, after));
        }
    }
}

impl Observer for Tracer {
    fn step(&mut self, step: &Step, scope: Scope, section: Section, exchange: &Exchange, heap: &Heap) {
        self.settle(exchange, heap);
        if let Ok(mut steps) = self.steps.lock() {
            let what = format!("{}/{} {}", section.name(), scope.name(), step.path);
            steps.push(Traced { what, changes: Vec::new() });
        }
    }

    fn failed(&mut self, source: &str, message: &str) {
        if let Ok(mut steps) = self.steps.lock() {
            steps.push(Traced { what: format!("failed {source}: {message}"), changes: Vec::new() });
        }
    }

    fn responding(&mut self, exchange: &Exchange, heap: &Heap) {
        self.settle(exchange, heap);
    }
}

fn differences(before: &State, after: &State) -> Vec<String> {
    let mut changes = Vec::new();
    for (name, value) in after {
        match before.get(name) {
            Some(old) if old == value => {}
            Some(old) => changes.push(format!("{name}: {old} -> {value}")),
            None => changes.push(format!("{name}: {value}")),
        }
    }
    changes.extend(before.keys().filter(|name| !after.contains_key(*name)).map(|name| format!("{name}: removed")));
    changes
}

fn state(exchange: &Exchange, heap: &Heap) -> State {
    let mut state = State::new();
    let request = &exchange.request;
    state.insert("request.method".into(), request.method.to_string());
    state.insert("request.url".into(), short(&request.url.to_string()));
    headers(&mut state, "request", &request.headers);
    state.insert("request.body".into(), body(&request.body));
    if let Some(backend) = &exchange.backend {
        state.insert("backend".into(), backend.id.to_string());
    }
    let is_pool = exchange.backend.as_ref().is_some_and(|own| own.kind != BackendKind::Single);
    if let Some(member) = exchange.steering.member.as_ref().filter(|_| is_pool) {
        state.insert("backend.member".into(), member.id.to_string());
    }
    if let Some(response) = &exchange.response {
        state.insert("response.status".into(), format!("{} {}", response.status.as_u16(), response.reason_phrase()));
        headers(&mut state, "response", &response.headers);
        state.insert("response.body".into(), body(&response.body));
    }
    for (symbol, value) in &exchange.variables {
        state.insert(format!("variable {}", symbol.name()), shown(*value, heap));
    }
    state
}

fn headers(state: &mut State, of: &str, headers: &Headers) {
    for name in headers.map().keys() {
        let lines: Vec<_> = headers.all(name.as_str()).map(|v| String::from_utf8_lossy(v.as_bytes())).collect();
        state.insert(format!("{of}.headers.{name}"), short(&lines.join(", ")));
    }
}

fn body(body: &Body) -> String {
    match body {
        Body::Empty => "empty".into(),
        Body::Bytes(bytes) => short(&String::from_utf8_lossy(bytes)),
        Body::Stream(stream) if stream.taps.is_empty() => "a stream, not read".into(),
        Body::Stream(_) => "a stream, not read, to be changed on its way".into(),
    }
}

/// A value in a few words; objects by their type.
fn shown(value: Value, heap: &Heap) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Double(value) => value.to_string(),
        Value::Single(value) => value.to_string(),
        other => match (heap.text(other), other.integer(), other) {
            (Some(text), ..) => format!("\"{}\"", short(&text)),
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
        let state = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let before: State = state(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let after: State = state(&[("a", "1"), ("b", "x"), ("d", "4")]);
        assert_eq!(differences(&before, &after), ["b: 2 -> x", "d: 4", "c: removed"]);
    }

    #[test]
    fn long_values_are_cut() {
        assert_eq!(short("abc"), "abc");
        assert!(short(&"é".repeat(300)).ends_with("... (600 bytes)"));
    }
}
