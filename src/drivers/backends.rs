//! Backend entities between the model and the drivers: what policies know of them, and what drivers tell their breakers.

use crate::dotnet::context::{BackendFacts, BackendKind};
use crate::effect::Choice;
use crate::effect::{Answer, ChooseBackend, FailureKind, Moment};
use crate::gateway::backends::Backends;
use crate::gateway::backends::breaker::{Outcome, Trip};
use crate::gateway::model::{self, Backend, Gateway};
use crate::message::{HeaderName, HeaderValue, Response};
use crate::policies::set_query_parameter::ESCAPED;
use crate::vm::machine::reason_of;
use percent_encoding::utf8_percent_encode;
use std::sync::Arc;
use std::time::Duration;

/// What policies know of a gateway's backends, in their order.
pub fn facts(gateway: &Gateway) -> Vec<Arc<BackendFacts>> {
    gateway.backends.values().zip(0..).map(|(backend, at)| Arc::new(facts_of(gateway, backend, at))).collect()
}

fn facts_of(gateway: &Gateway, backend: &Backend, at: u32) -> BackendFacts {
    let credentials = &backend.credentials;
    let authorization = credentials.authorization.iter().map(|(scheme, parameter)| {
        let separator = if parameter.is_empty() { "" } else { " " };
        ("authorization", format!("{scheme}{separator}{parameter}"))
    });
    let headers = credentials.headers.iter().map(|(name, values)| (&**name, values.join(",")));
    let headers = authorization.chain(headers).filter_map(|(name, value)| {
        let (name, mut value) = (name.parse::<HeaderName>().ok()?, HeaderValue::from_str(&value).ok()?);
        value.set_sensitive(true);
        Some((name, value))
    });
    let pairs: Vec<String> = credentials
        .query
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| (name, value)))
        .map(|(name, value)| format!("{}={}", utf8_percent_encode(name, ESCAPED), utf8_percent_encode(value, ESCAPED)))
        .collect();
    BackendFacts {
        id: backend.id.as_str().into(),
        workspace: gateway.workspace(backend.space).map(|own| own.id.as_str().into()),
        at,
        url: backend.url.clone(),
        kind: match &backend.kind {
            model::BackendKind::Single => BackendKind::Single,
            model::BackendKind::Pool(rule) => BackendKind::Pool { cookie: rule.cookie.clone() },
        },
        region: backend.region.clone(),
        headers: headers.collect(),
        query: (!pairs.is_empty()).then(|| pairs.join("&").into()),
        transport: backend.transport.clone(),
        has_breaker: backend.breaker.is_some(),
        failure_response: backend
            .breaker
            .as_ref()
            .and_then(|rule| rule.failure_response.as_ref())
            .map(|own| (own.status, own.reason.clone())),
    }
}

/// Who takes a call.
pub fn choose(backends: Option<&Backends>, asked: &ChooseBackend, now: Moment) -> Choice {
    backends.map_or(Choice::Open, |own| own.choose(asked.at, asked.session.as_deref(), &asked.tried, now))
}

/// Tells a breaker how a call ended; says in words when that opened it.
pub fn report(backends: &Backends, at: u32, answer: &Answer, now: Moment) -> Option<String> {
    let trip = match answer {
        Answer::Response(response) => {
            let outcome = Outcome::Status(response.status.as_u16());
            backends.report(at, outcome, retry_after(response, now), now)
        }
        Answer::Failed(failure) => match failure.kind {
            FailureKind::Connection | FailureKind::Timeout => {
                backends.report(at, Outcome::Failed(reason_of(failure.kind)), None, now)
            }
            // Nobody at the other end has failed.
            FailureKind::ClientGone | FailureKind::TooLarge | FailureKind::Unanswered | FailureKind::Refused => None,
        },
        _ => None,
    };
    let Trip { until, failures } = trip?;
    let name = backends.name(at);
    let counted = if failures == 1 { "1 failure".to_owned() } else { format!("{failures} failures") };
    let seconds = until.since(now).as_secs_f64();
    Some(format!("the circuit breaker of the backend `{name}` opens for {seconds} s after {counted}"))
}

/// Seconds, or a date.
fn retry_after(response: &Response, now: Moment) -> Option<Duration> {
    let text = response.headers.first("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Moment::UNIX_EPOCH.after(Duration::try_from(date.as_duration()).ok()?).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::StatusCode;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Moment::UNIX_EPOCH.after(Duration::from_secs(784_111_777));
        for (text, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:49:27 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let mut response = Response::new(StatusCode::SERVICE_UNAVAILABLE);
            assert!(response.headers.set(http::header::RETRY_AFTER, HeaderValue::from_static(text)));
            assert_eq!(retry_after(&response, now).map(|wait| wait.as_secs()), seconds, "{text}");
        }
    }
}
