//! A case: a folder with a policy, a request, answers, and what is expected.

use super::compare;
use super::http_file;
use super::outside::{Answers, Otherwise, World};
use super::played::Played;
use super::player::{Stage, Watching, play};
use super::request_file;
use crate::effect::Moment;
use serde_json::Value as Json;

/// The texts of a case's files.
#[derive(Clone, Debug, Default)]
pub struct Case {
    pub request: String,
    pub answers: Option<String>,
    pub expected: Option<String>,
    /// `case.json`: now, seed, variables, lastError.
    pub settings: Json,
    /// Keep the journal of each request.
    pub records: bool,
}

/// The time and seed that a run begins with when nobody says otherwise: 2024-01-01T00:00:00Z.
pub const NOW: Moment = Moment(638_396_640_000_000_000);
pub const SEED: u64 = 1;

impl Case {
    pub fn now(&self) -> Option<Moment> {
        crate::dotnet::context::from_json::parse_moment(self.settings["now"].as_str()?)
    }

    pub fn seed(&self) -> Option<u64> {
        self.settings["seed"].as_u64()
    }

    /// A call without an answer is a mistake; else it is answered with an empty 200.
    pub fn must_answer(&self) -> bool {
        self.answers.is_some() && self.settings["otherwise"] != "empty"
    }

    /// Plays the case's requests in order and compares them with what is expected.
    pub fn run(&self, stage: &Stage, world: &mut World) -> Result<(Vec<Played>, Vec<String>), String> {
        let wrong = |file: &'static str| move |w: http_file::Wrong| format!("{file}:{}: {}", w.line, w.message);
        let mut recorded = Vec::new();
        for part in http_file::split(self.answers.as_deref().unwrap_or_default()) {
            recorded.push(http_file::answer(&part).map_err(wrong("answers.http"))?);
        }
        let otherwise = if self.must_answer() { Otherwise::Nothing } else { Otherwise::Empty };
        let mut all = Vec::new();
        for request in request_file::requests(&self.request, &request_file::no_files).map_err(wrong("request.http"))? {
            let answers = Answers { recorded: std::mem::take(&mut recorded), otherwise, journal: None };
            let (played, rest) = play_with_rest(stage, world, request, answers, self.records);
            recorded = rest;
            all.push(played);
        }
        let mut differences = Vec::new();
        let Some(last) = all.last() else { return Err("request.http: there is no request".into()) };
        if let Some(expected) = &self.expected {
            let groups = compare::by_request(expected, all.len()).map_err(wrong("expected.http"))?;
            for (at, (expected, played)) in groups.iter().zip(&all).enumerate() {
                if expected.is_empty() {
                    continue;
                }
                let found = compare::compare(expected, played).map_err(wrong("expected.http"))?;
                let which = |difference: String| match all.len() {
                    1 => difference,
                    _ => format!("request {}: {difference}", at + 1),
                };
                differences.extend(found.into_iter().map(which));
            }
        }
        if let Some(variables) = self.settings["variables"].as_object() {
            for (name, wanted) in variables {
                let wanted = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
                match last.variables.get(name) {
                    Some(got) if *got == wanted => {}
                    Some(got) => differences.push(format!("variable `{name}`:\n- {wanted}\n+ {got}")),
                    None => differences.push(format!("variable `{name}` is not set\n- {wanted}")),
                }
            }
        }
        if let Some(error) = self.settings["lastError"].as_object() {
            for (field, wanted) in error {
                let got = last.last_error.as_ref().and_then(|e| match field.as_str() {
                    "source" => Some(e.source.to_string()),
                    "reason" => e.reason.as_deref().map(str::to_owned),
                    "message" => Some(e.message.to_string()),
                    "scope" => e.scope.as_deref().map(str::to_owned),
                    "section" => e.section.as_deref().map(str::to_owned),
                    "path" => e.path.as_deref().map(str::to_owned),
                    "policyId" => e.policy_id.as_deref().map(str::to_owned),
                    _ => None,
                });
                if got.as_deref() != wanted.as_str() {
                    differences
                        .push(format!("LastError.{field}:\n- {wanted}\n+ {}", got.as_deref().unwrap_or("(null)")));
                }
            }
        }
        Ok((all, differences))
    }
}

fn play_with_rest(
    stage: &Stage,
    world: &mut World,
    request: crate::message::Request,
    answers: Answers,
    records: bool,
) -> (Played, Recorded) {
    let mut answers = answers;
    let played = play(stage, world, request, &mut answers, Watching { records, ..Watching::default() });
    (played, answers.recorded)
}

type Recorded = Vec<(Option<http_file::Line>, http_file::Recorded)>;
