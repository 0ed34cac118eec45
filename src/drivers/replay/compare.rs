//! What was expected against what came: only asserted headers count, `!Name` asserts absence, a body counts when present.

use super::http_file::{self, Message, Part, Rest, Wrong};
use super::played::Played;
use crate::message::{Headers, Url};

/// What is expected of each of so many requests: the calls, and at last the response. A file that holds one response
/// speaks of the last request only.
pub fn by_request(expected: &str, requests: usize) -> Result<Vec<Vec<Part<'_>>>, Wrong> {
    let mut groups: Vec<Vec<Part<'_>>> = vec![Vec::new()];
    let mut answered = 0;
    for part in http_file::split(expected) {
        if answered == groups.len() {
            groups.push(Vec::new());
        }
        if matches!(http_file::message(&part)?, Message::Response { .. }) {
            answered += 1;
        }
        if let Some(group) = groups.last_mut() {
            group.push(part);
        }
    }
    if groups.len() == 1 {
        groups.splice(0..0, (1..requests).map(|_| Vec::new()));
    }
    if groups.len() != requests {
        let line = groups.last().and_then(|group| group.first()).map_or(1, |part| part.line);
        let message = format!("{} responses are expected of {requests} requests", groups.len());
        return Err(Wrong { line, message });
    }
    Ok(groups)
}

/// The differences between what is expected of a request and what was played; empty when it holds.
pub fn compare(expected: &[Part<'_>], played: &Played) -> Result<Vec<String>, Wrong> {
    let mut differences = Vec::new();
    let mut calls = played.calls.iter();
    for part in expected {
        match http_file::message(part)? {
            Message::Request(line, rest) => match calls.next() {
                None => differences.push(format!("expected a call `{} {}`, and none was made", line.method, line.url)),
                Some(call) => {
                    let wanted = Url::parse(&line.url).map_or_else(|_| line.url.clone(), |url| url.to_string());
                    let got = if line.url.starts_with('/') {
                        Url::parse(&call.url).map_or_else(|_| call.url.clone(), |url| url.target())
                    } else {
                        call.url.clone()
                    };
                    differ(
                        &mut differences,
                        "the call",
                        &format!("{} {wanted}", line.method),
                        &format!("{} {got}", call.method),
                    );
                    let body = String::from_utf8_lossy(&call.body).into_owned();
                    message(&mut differences, "the call", &rest, &call.headers, &body);
                }
            },
            Message::Response { status, reason, rest } => match &played.response {
                None => differences.push("expected a response, and the caller got none".into()),
                Some(response) => {
                    differ(&mut differences, "the status", &status.to_string(), &response.status.as_u16().to_string());
                    if let Some(reason) = reason.filter(|_| response.reason.is_some()) {
                        differ(&mut differences, "the reason", &reason, response.reason_phrase());
                    }
                    let body = String::from_utf8_lossy(response.body.bytes().unwrap_or_default()).into_owned();
                    message(&mut differences, "the response", &rest, &response.headers, &body);
                }
            },
        }
    }
    for call in calls {
        differences.push(format!("a call that was not expected: `{} {}`", call.method, call.url));
    }
    Ok(differences)
}

pub fn differ(differences: &mut Vec<String>, what: &str, wanted: &str, got: &str) {
    if wanted != got {
        differences.push(format!("{what}:\n- {wanted}\n+ {got}"));
    }
}

fn message(differences: &mut Vec<String>, what: &str, rest: &Rest, headers: &Headers, body: &str) {
    for (name, wanted) in &rest.headers {
        if let Some(name) = name.strip_prefix('!') {
            if headers.contains(name) {
                differences.push(format!("{what}: `{name}` was to be absent"));
            }
            continue;
        }
        let values: Vec<_> = headers.all(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned()).collect();
        if values.is_empty() {
            differences.push(format!("{what}: `{name}` is absent\n- {name}: {wanted}"));
        } else if !values.contains(wanted) {
            differ(
                differences,
                &format!("{what}, header"),
                &format!("{name}: {wanted}"),
                &format!("{name}: {}", values.join(" | ")),
            );
        }
    }
    if let Some(wanted) = &rest.body
        && wanted.trim_end() != body.replace("\r\n", "\n").trim_end()
    {
        let diff = similar::TextDiff::from_lines(wanted.as_str(), body);
        differences.push(format!("{what}, body:\n{}", diff.unified_diff().context_radius(2)));
    }
}
