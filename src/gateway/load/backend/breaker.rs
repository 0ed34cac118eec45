//! When the breaker of a backend opens.

use super::{number, object};
use crate::diagnostics::{Finding, codes};
use crate::gateway::backends::breaker::{BreakerRule, FailureResponse, Threshold};
use crate::gateway::load::Loader;
use crate::gateway::load::files::{Properties, is_set, text};
use crate::source::FileId;
use serde_json::{Map, Value};
use std::time::Duration;

const MOST_FAILURES: u32 = 10_000;

/// The reasons of LastError that a call to a backend can fail with.
const REASONS: &[&str] = &["BackendConnectionFailure", "Timeout"];

type Condition = (Threshold, Duration, Vec<(u16, u16)>, Vec<Box<str>>);

/// Where a mistake stands, and what it is.
type Wrong = (&'static str, String);

/// What was read; a mistake goes to the others.
fn kept<T>(read: Result<T, Wrong>, wrong: &mut Vec<Wrong>) -> Option<T> {
    read.map_err(|why| wrong.push(why)).ok()
}

fn listed<'a>(properties: &'a Properties, part: &'static str, wrong: &mut Vec<Wrong>) -> &'a [Value] {
    match properties.get(part) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(items)) => items,
        Some(_) => {
            wrong.push((part, format!("`{part}` is a list")));
            &[]
        }
    }
}

impl Loader<'_> {
    /// The rule of a breaker; every mistake in it is said.
    pub(super) fn breaker(&mut self, name: &str, file: FileId, breaker: &Properties) -> Option<BreakerRule> {
        self.other_members(file, breaker, &["rules"], "`circuitBreaker`");
        let said = |own: &mut Self, why: &str| {
            own.error(file, "rules", format!("the breaker of the backend `{name}`: {why}"));
            None
        };
        let rule = match breaker.get("rules") {
            None | Some(Value::Null) => return None,
            Some(Value::Array(rules)) => match &rules[..] {
                [] => return None,
                [Value::Object(rule)] => rule,
                [_] => return said(self, "a rule is an object"),
                [_, ..] => return said(self, "a backend has one rule"),
            },
            Some(_) => return said(self, "the rules are a list"),
        };
        let known = ["name", "failureCondition", "tripDuration", "acceptRetryAfter", "failureResponse"];
        self.other_members(file, rule, &known, "a rule");
        let mut wrong = Vec::new();
        let trip = kept(duration(rule, "tripDuration"), &mut wrong);
        let response = rule.get("failureResponse").filter(|own| is_set(own)).map(failure_response);
        let failure_response = response.and_then(|own| kept(own, &mut wrong));
        let accept_retry_after = self.switch(file, rule, "acceptRetryAfter").unwrap_or(false);
        let condition = object(rule, "failureCondition");
        if condition.is_none() {
            wrong.push(("rules", "the rule has no failureCondition".to_owned()));
        }
        let condition = condition.and_then(|condition| self.condition(name, file, condition, &mut wrong));
        for (near, why) in wrong {
            self.error(file, near, format!("the breaker of the backend `{name}`: {why}"));
        }
        let (threshold, interval, statuses, reasons) = condition?;
        Some(BreakerRule {
            name: text(rule, "name").unwrap_or_default().into(),
            threshold,
            interval,
            statuses,
            reasons,
            trip: trip?,
            accept_retry_after,
            failure_response,
        })
    }

    /// What counts as a failure, and how many of them open the breaker.
    fn condition(
        &mut self,
        name: &str,
        file: FileId,
        condition: &Properties,
        wrong: &mut Vec<Wrong>,
    ) -> Option<Condition> {
        let known = ["count", "percentage", "interval", "statusCodeRanges", "errorReasons"];
        self.other_members(file, condition, &known, "`failureCondition`");
        let numbers = (kept(number(condition, "count"), wrong), kept(number(condition, "percentage"), wrong));
        let threshold = match numbers {
            // Said already.
            (None, _) | (_, None) => None,
            (Some(Some(count @ 1..=MOST_FAILURES)), Some(None)) => Some(Threshold::Count(count)),
            (Some(None), Some(Some(percent @ 1..=100))) => Some(Threshold::Percentage(percent)),
            (Some(Some(_)), Some(None)) => {
                wrong.push(("count", format!("a count is between 1 and {MOST_FAILURES}")));
                None
            }
            (Some(None), Some(Some(_))) => {
                wrong.push(("percentage", "a percentage is between 1 and 100".to_owned()));
                None
            }
            _ => {
                wrong.push(("failureCondition", "the condition has either a count or a percentage".to_owned()));
                None
            }
        };
        let interval = kept(duration(condition, "interval"), wrong);
        let (ranges, named) = (listed(condition, "statusCodeRanges", wrong), listed(condition, "errorReasons", wrong));
        let mut statuses = Vec::new();
        for range in ranges {
            let ends = range.as_object().map(|range| (number(range, "min"), number(range, "max")));
            match ends {
                Some((Ok(Some(min @ 100..=599)), Ok(Some(max @ 100..=599)))) if min <= max => {
                    statuses.push((min as u16, max as u16));
                }
                _ => wrong.push(("statusCodeRanges", "a range has min and max, between 100 and 599".to_owned())),
            }
        }
        let mut reasons: Vec<Box<str>> = Vec::new();
        for reason in named {
            let Some(reason) = reason.as_str() else {
                wrong.push(("errorReasons", "a reason is a text".to_owned()));
                continue;
            };
            if !REASONS.iter().any(|known| known.eq_ignore_ascii_case(reason)) {
                let message = format!("no call fails with the reason `{reason}`: {} exist", REASONS.join(" and "));
                self.found.push(Finding::new(codes::GATEWAY_PART, self.at(file, reason), message));
            }
            reasons.push(reason.into());
        }
        if ranges.is_empty() && named.is_empty() {
            let message = format!("the breaker of `{name}` calls nothing a failure: it never opens");
            self.found.push(Finding::new(codes::GATEWAY_PART, self.at(file, "failureCondition"), message));
        }
        Some((threshold?, interval?, statuses, reasons))
    }
}

/// An ISO 8601 duration of weeks, days and less.
fn duration(properties: &Properties, part: &'static str) -> Result<Duration, (&'static str, String)> {
    // What is missing is said where it belongs.
    let around = if part == "interval" { "failureCondition" } else { "rules" };
    let missing = || (around, format!("`{part}` is missing: a duration such as PT1M"));
    let text = text(properties, part).ok_or_else(missing)?;
    let wrong = || (part, format!("`{text}` is no duration such as PT30S, PT1H or P1D"));
    let span: jiff::Span = text.trim().parse().map_err(|_| wrong())?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err((part, format!("`{text}` has months or years, which have no length of their own")));
    }
    let exact = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    Duration::try_from(exact).ok().filter(|duration| !duration.is_zero()).ok_or_else(wrong)
}

/// A status, or an object with one and a reason.
fn failure_response(value: &Value) -> Result<FailureResponse, (&'static str, String)> {
    const PART: &str = "failureResponse";
    let wrong = || (PART, "a failureResponse has a statusCode between 200 and 599".to_owned());
    let (status, reason) = match value {
        Value::Object(members) => {
            let status = match number(members, "statusCode")? {
                Some(status) => Some(status),
                None => number(members, "code")?,
            };
            (status, text(members, "reason").or(text(members, "message")))
        }
        Value::Number(_) | Value::String(_) => {
            let wrapped = Map::from_iter([(PART.to_owned(), value.clone())]);
            (number(&wrapped, PART)?, None)
        }
        _ => return Err(wrong()),
    };
    match status {
        Some(status @ 200..=599) => Ok(FailureResponse { status: status as u16, reason: reason.map(Into::into) }),
        _ => Err(wrong()),
    }
}
