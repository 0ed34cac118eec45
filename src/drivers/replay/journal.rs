//! Journals as recordings: what was told is told again, and what comes of it is compared with what came then.

use super::compare::differ;
use crate::drivers::replay::http_file::Recorded;
use crate::effect::Choice;
use crate::effect::{self, Moment};
use crate::gateway::backends::Backends;
use crate::message;
use crate::recording::{Answer, Body, Effect, Hide, Journal, Request, What};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::Arc;

/// What a journal still has to tell.
pub struct Told {
    begun: Moment,
    /// What was asked, and what was told when (in ticks after the begin).
    dialogue: Vec<(Effect, i64, Answer)>,
    streams: HashMap<u32, Bytes>,
    hide: Arc<Hide>,
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Told").field("dialogue", &self.dialogue).finish_non_exhaustive()
    }
}

/// What a journal gives to the request that is played: its id, its randomness, and its client.
#[derive(Clone, Debug)]
pub struct Given {
    pub request_id: [u8; 16],
    pub entropy: [u8; 32],
    pub client: Box<str>,
}

/// A journal, ready to be played.
pub struct Played {
    pub begun: Moment,
    pub given: Given,
    pub request: message::Request,
    pub told: Told,
}

/// The parts of a journal that a player needs. `hide` makes secrets unreadable, as they are in the journal.
pub fn read(journal: &Journal, hide: Arc<Hide>) -> Result<Played, String> {
    let digits = |what: &str, text: &str| unhex(text).ok_or_else(|| format!("the {what} of the journal is cut"));
    let request_id = digits("request id", &journal.request_id)?;
    let entropy = digits("entropy", &journal.entropy)?;
    let given = Given {
        request_id: request_id.try_into().map_err(|_| "the request id of the journal has no 16 bytes")?,
        entropy: entropy.try_into().map_err(|_| "the entropy of the journal has no 32 bytes")?,
        client: journal.client.as_str().into(),
    };
    let streams = journal.streams();
    let request = journal.request.message(&streams)?;
    let mut told: HashMap<u32, (i64, &Answer)> = HashMap::new();
    for event in &journal.events {
        if let What::Told { id, answer } = &event.what {
            told.insert(*id, (event.at, answer));
        }
    }
    let mut dialogue = Vec::new();
    for event in &journal.events {
        if let What::Asked { id, effect, .. } = &event.what
            && let Some((at, answer)) = told.get(id)
        {
            dialogue.push((effect.clone(), *at, (*answer).clone()));
        }
    }
    let told = Told { begun: journal.begun(), dialogue, streams, hide };
    Ok(Played { begun: journal.begun(), given, request, told })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| (b as char).to_digit(16);
    text.as_bytes().chunks(2).map(|pair| Some((digit(pair[0])? * 16 + digit(*pair.get(1)?)?) as u8)).collect()
}

impl Told {
    fn find(&mut self, wanted: impl Fn(&Effect) -> bool) -> Option<(i64, Answer)> {
        let at = self.dialogue.iter().position(|(effect, ..)| wanted(effect))?;
        let (_, at, answer) = self.dialogue.remove(at);
        Some((at, answer))
    }

    /// What was told of shared state. Everything else is answered as in any other run.
    pub fn take(&mut self, effect: &effect::Effect, backends: Option<&Backends>) -> Option<effect::Answer> {
        if let effect::Effect::ChooseBackend(asked) = effect {
            let (_, answer) = self.find(|own| matches!(own, Effect::ChooseBackend(name) if **name == *asked.name))?;
            let Answer::Chosen { backend, session } = answer else { return None };
            let choice = match backend {
                Some(name) => {
                    let at = backends?.place(&name)?;
                    Choice::Backend { at, name: name.into(), session: session.map(Into::into) }
                }
                None => Choice::Open,
            };
            return Some(effect::Answer::Chosen(choice));
        }
        let (effect::Effect::CacheLookup { key } | effect::Effect::Acquire { key, .. }) = effect else { return None };
        let lookup = matches!(effect, effect::Effect::CacheLookup { .. });
        let key = (self.hide)(key);
        let (_, answer) = self.find(|own| match own {
            Effect::CacheLookup(own) => lookup && *own == key,
            Effect::Acquire { key: own, .. } => !lookup && *own == key,
            _ => false,
        })?;
        match answer {
            Answer::Cached(value) => Some(effect::Answer::Cached(value.map(|value| value.value()))),
            Answer::Acquired(taken) => Some(effect::Answer::Acquired(taken)),
            _ => None,
        }
    }

    /// What another server answered to such a call, and when.
    pub fn call(&mut self, by: &str, method: &str, url: &str) -> Option<(Moment, Result<Recorded, String>)> {
        let url = (self.hide)(url);
        let (at, answer) = self.find(|effect| {
            let own = match (effect, by) {
                (Effect::Forward(call), "forward-request") | (Effect::Send(call), "send-request") => call,
                _ => return false,
            };
            own.request.method == method && own.request.url == url
        })?;
        let when = Moment(self.begun.0.saturating_add(at));
        let recorded = match answer {
            Answer::Response(response) => response.message(&self.streams).map(Recorded::Response),
            Answer::Failed { kind, .. } => Ok(Recorded::Fails(kind.into())),
            _ => Err("the journal holds no response".to_owned()),
        };
        Some((when, recorded))
    }
}

/// What is written anew on the wire, or differs with the connection.
const PASSED_OVER: &[&str] = &["content-length", "transfer-encoding", "connection", "date"];

/// How what came now differs from what came then.
pub fn differences(then: &Journal, now: &Journal) -> Vec<String> {
    let mut found = Vec::new();
    let (old, new) = (calls(then), calls(now));
    for (at, (id, by, request)) in old.iter().enumerate() {
        match new.get(at) {
            None => found.push(format!("a call that is no longer made: {by} `{} {}`", request.method, request.url)),
            Some((id_now, by_now, request_now)) => {
                let what = format!("call {}", at + 1);
                let line = |by: &str, request: &Request| format!("{by} {} {}", request.method, request.url);
                differ(&mut found, &what, &line(by, request), &line(by_now, request_now));
                headers(&mut found, &what, &request.headers, &request_now.headers);
                let body = delivered(then, Some(*id), &request.body);
                bodies(&mut found, &what, body, delivered(now, Some(*id_now), &request_now.body));
            }
        }
    }
    for (_, by, request) in new.iter().skip(old.len()) {
        found.push(format!("a call that was not made then: {by} `{} {}`", request.method, request.url));
    }
    match (then.response(), now.response()) {
        (Some(old), Some(new)) => {
            differ(&mut found, "the status", &old.status.to_string(), &new.status.to_string());
            headers(&mut found, "the response", &old.headers, &new.headers);
            bodies(&mut found, "the response", delivered(then, None, &old.body), delivered(now, None, &new.body));
        }
        (Some(old), None) => found.push(format!("the caller got {} then, and gets nothing now", old.status)),
        (None, Some(new)) => found.push(format!("the caller got nothing then, and gets {} now", new.status)),
        (None, None) => {}
    }
    found
}

/// A call to another server: its effect's id, the policy, and what was sent.
type Sent<'j> = (u32, &'static str, &'j Request);

fn calls(journal: &Journal) -> Vec<Sent<'_>> {
    let asked = journal.events.iter().filter_map(|event| match &event.what {
        What::Asked { id, effect: Effect::Forward(call), .. } => Some((*id, "forward-request", &call.request)),
        What::Asked { id, effect: Effect::Send(call), .. } => Some((*id, "send-request", &call.request)),
        What::Asked { id, effect: Effect::SendOneWay(call), .. } => Some((*id, "send-one-way-request", &call.request)),
        _ => None,
    });
    asked.collect()
}

/// The bytes that arrived of a call's body, or of the response's; `None` when they were not recorded.
fn delivered(journal: &Journal, id: Option<u32>, body: &Body) -> Option<Bytes> {
    let changed = journal.events.iter().find_map(|event| match &event.what {
        What::Delivered { id: own, body } if *own == id => Some(body),
        _ => None,
    });
    match changed.unwrap_or(body) {
        Body::Stream(stream) => journal.streams().get(stream).cloned(),
        other => other.bytes(),
    }
}

fn headers(found: &mut Vec<String>, what: &str, then: &[(String, String)], now: &[(String, String)]) {
    let line = |(name, value): &(String, String)| format!("{name}: {value}");
    let kept = |pairs: &[(String, String)]| -> Vec<String> {
        pairs.iter().filter(|(name, _)| !PASSED_OVER.contains(&name.as_str())).map(line).collect()
    };
    let (then, now) = (kept(then), kept(now));
    for gone in then.iter().filter(|line| !now.contains(line)) {
        found.push(format!("{what}, header:\n- {gone}"));
    }
    for new in now.iter().filter(|line| !then.contains(line)) {
        found.push(format!("{what}, header:\n+ {new}"));
    }
}

fn bodies(found: &mut Vec<String>, what: &str, then: Option<Bytes>, now: Option<Bytes>) {
    let (Some(then), Some(now)) = (then, now) else { return };
    if then != now {
        let (then, now) = (String::from_utf8_lossy(&then), String::from_utf8_lossy(&now));
        let diff = similar::TextDiff::from_lines(&then, &now);
        found.push(format!("{what}, body:\n{}", diff.unified_diff().context_radius(2)));
    }
}
