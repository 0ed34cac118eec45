//! What `run --trace` shows: each step with its section and scope, and what it changed.

use crate::bytecode::unit::Step;
use crate::document::{Scope, Secrets, Section};
use crate::dotnet::context::{Exchange, LastError};
use crate::dotnet::heap::Heap;
use crate::drivers::changes::{Change, State};
use crate::vm::observe::Observer;
use serde_json::{Value as Json, json};
use std::sync::{Arc, Mutex};

/// A step that ran.
#[derive(Clone, Debug, Default)]
pub struct Traced {
    /// `inbound/api choose[1]/when[1]/set-header[1]`, or `failed SOURCE: MESSAGE`.
    pub what: String,
    /// `None`: an error.
    place: Option<(&'static str, &'static str, Box<str>)>,
    /// What differs after it: `request.headers.x-tag: a -> b`.
    pub changes: Vec<String>,
}

impl Traced {
    pub fn json(&self) -> Json {
        let mut step = json!({"step": self.what, "changes": self.changes});
        if let Some((section, scope, path)) = &self.place {
            step["section"] = (*section).into();
            step["scope"] = (*scope).into();
            step["path"] = (&**path).into();
        }
        step
    }
}

/// Notes steps, and what each left behind when the next begins.
pub struct Tracer {
    pub steps: Arc<Mutex<Vec<Traced>>>,
    secrets: Arc<Secrets>,
    before: Option<State>,
}

impl Tracer {
    pub fn new(steps: Arc<Mutex<Vec<Traced>>>, secrets: Arc<Secrets>) -> Tracer {
        Tracer { steps, secrets, before: None }
    }

    fn settle(&mut self, exchange: &Exchange, heap: &Heap) {
        let after = State::of(exchange, heap, &|text| self.secrets.hide(text).into_owned());
        if let Some(before) = self.before.replace(after)
            && let (Some(after), Ok(mut steps)) = (&self.before, self.steps.lock())
            && let Some(last) = steps.last_mut()
        {
            last.changes.extend(before.changes(after).iter().map(Change::line));
        }
    }
}

impl Observer for Tracer {
    fn step(&mut self, step: &Step, scope: Scope, section: Section, exchange: &Exchange, heap: &Heap) {
        self.settle(exchange, heap);
        if let Ok(mut steps) = self.steps.lock() {
            let what = format!("{}/{} {}", section.name(), scope.name(), step.path);
            let place = Some((section.name(), scope.name(), step.path.clone()));
            steps.push(Traced { what, place, changes: Vec::new() });
        }
    }

    fn failed(&mut self, error: &LastError) {
        if let Ok(mut steps) = self.steps.lock() {
            let what = format!("failed {}: {}", error.source, error.message);
            steps.push(Traced { what, ..Traced::default() });
        }
    }

    fn responding(&mut self, exchange: &Exchange, heap: &Heap) {
        self.settle(exchange, heap);
    }
}
