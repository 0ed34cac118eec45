//! Who may have a request traced, and the traces that are kept. In: a debug token or the legacy header. Out: traces, by
//! ids that nobody can guess.

use crate::dotnet::context::{ApiFacts, SubscriptionFacts};
use crate::drivers::live::clock::Entropy;
use crate::drivers::request_trace::RequestTrace;
use hmac::{Hmac, Mac};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::Sha256;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const AUTHORIZATION: HeaderName = HeaderName::from_static("apim-debug-authorization");
const EXPIRED: HeaderName = HeaderName::from_static("apim-debug-authorization-expired");
const WRONG_API: HeaderName = HeaderName::from_static("apim-debug-authorization-wrongapi");
const TRACE_ID: HeaderName = HeaderName::from_static("apim-trace-id");
const LEGACY: HeaderName = HeaderName::from_static("ocp-apim-trace");
const LOCATION: HeaderName = HeaderName::from_static("ocp-apim-trace-location");

/// A token is good for an hour at most.
pub const LONGEST_TOKEN: Duration = Duration::from_secs(3600);

/// Traces that are kept; the oldest go first.
const MOST_TRACES: usize = 100;

pub struct Tracing {
    /// Signs tokens; this process's own.
    key: [u8; 32],
    traces: Mutex<VecDeque<Arc<Mutex<RequestTrace>>>>,
    /// Where traces are fetched.
    pub admin: OnceLock<SocketAddr>,
}

/// What a request gets for asking to be traced.
pub enum Decision {
    /// It did not ask, or may not.
    No,
    /// It is told why not.
    Refused(HeaderName, HeaderValue),
    Traced {
        id: Box<str>,
        header: (HeaderName, HeaderValue),
    },
}

impl Tracing {
    /// `None` when the system has no randomness for the key.
    pub fn new(entropy: &Entropy) -> Option<Tracing> {
        Some(Tracing { key: entropy.take()?, traces: Mutex::default(), admin: OnceLock::new() })
    }

    /// A token with which requests to this API are traced.
    pub fn issue(&self, api: &str, good_for: Duration) -> String {
        let until = seconds(SystemTime::now() + good_for.min(LONGEST_TOKEN));
        let claims = format!("aid={}&p=tracing&ex={until}", utf8_percent_encode(api, NON_ALPHANUMERIC));
        let signature = super::context::hex(&self.mac(&claims).finalize().into_bytes());
        format!("{claims}&sn={signature}")
    }

    fn mac(&self, claims: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(claims.as_bytes());
        mac
    }

    /// The API and the end of a token that is genuine.
    fn read(&self, token: &str) -> Option<(String, u64)> {
        let (claims, signature) = token.rsplit_once("&sn=")?;
        let signature: Option<Vec<u8>> =
            (0..signature.len()).step_by(2).map(|at| u8::from_str_radix(signature.get(at..at + 2)?, 16).ok()).collect();
        self.mac(claims).verify_slice(&signature?).ok()?;
        let (api, rest) = claims.strip_prefix("aid=")?.split_once("&p=tracing&ex=")?;
        Some((percent_decode_str(api).decode_utf8_lossy().into_owned(), rest.parse().ok()?))
    }

    /// Whether a request is traced. Takes the headers that ask for it.
    pub fn decide(
        &self,
        headers: &mut HeaderMap,
        api: &ApiFacts,
        subscription: Option<&SubscriptionFacts>,
        entropy: &Entropy,
    ) -> Decision {
        let token = headers.remove(AUTHORIZATION);
        let legacy = headers.remove(LEGACY).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
        let token = token.as_ref().and_then(|token| self.read(token.to_str().ok()?));
        let by_token = token.is_some();
        if let Some((of, until)) = token {
            if until < seconds(SystemTime::now()) {
                let date = i64::try_from(until).ok().and_then(|until| jiff::Timestamp::from_second(until).ok());
                let text = date.map(|date| format!("The token expired at {date}")).unwrap_or_default();
                return refused(EXPIRED, &text);
            }
            if of != *api.id {
                return refused(WRONG_API, "The token was issued for another API");
            }
        } else if !legacy || !subscription.is_some_and(|own| own.allow_tracing) {
            return Decision::No;
        }
        let Some(id) = entropy.take::<16>() else { return Decision::No };
        let id: Box<str> = super::context::hex(&id).into();
        let header = match (by_token, self.admin.get()) {
            (false, Some(admin)) => (LOCATION, format!("http://{admin}/traces/{id}")),
            _ => (TRACE_ID, id.to_string()),
        };
        match HeaderValue::from_str(&header.1) {
            Ok(value) => Decision::Traced { id, header: (header.0, value) },
            Err(_) => Decision::No,
        }
    }

    /// Keeps a trace, from its beginning on.
    pub fn keep(&self, trace: Arc<Mutex<RequestTrace>>) {
        let mut traces = self.traces.lock().unwrap_or_else(PoisonError::into_inner);
        if traces.len() >= MOST_TRACES {
            traces.pop_front();
        }
        traces.push_back(trace);
    }

    /// A trace as JSON.
    pub fn find(&self, id: &str) -> Option<String> {
        let traces = self.traces.lock().unwrap_or_else(PoisonError::into_inner).clone();
        traces.iter().find_map(|trace| {
            let trace = trace.lock().unwrap_or_else(PoisonError::into_inner);
            (*trace.id == *id).then(|| trace.json().to_string())
        })
    }
}

fn refused(name: HeaderName, text: &str) -> Decision {
    HeaderValue::from_str(text).map_or(Decision::No, |value| Decision::Refused(name, value))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_genuine_for_one_api_and_not_for_ever() {
        let entropy = Entropy::new();
        let tracing = Tracing::new(&entropy).expect("randomness");
        let other = Tracing::new(&entropy).expect("randomness");
        let api = ApiFacts { id: "a b".into(), ..ApiFacts::default() };
        let allowed = SubscriptionFacts { allow_tracing: true, ..SubscriptionFacts::default() };
        let good = tracing.issue("a b", Duration::from_secs(60));
        let mut longer = good.clone();
        longer.insert(good.find("&sn").expect("signed"), '9');
        // Headers, whether the subscription allows tracing, what comes of it.
        let table = [
            (vec![("apim-debug-authorization", good.clone())], false, "apim-trace-id"),
            (vec![("apim-debug-authorization", tracing.issue("b", LONGEST_TOKEN))], true, "-wrongapi"),
            (vec![("apim-debug-authorization", other.issue("a b", LONGEST_TOKEN))], false, "no"),
            (vec![("apim-debug-authorization", longer)], false, "no"),
            (vec![("apim-debug-authorization", "aid=a&p=tracing&ex=1&sn=é".to_owned())], false, "no"),
            (vec![("ocp-apim-trace", "true".to_owned())], true, "apim-trace-id"),
            (vec![("ocp-apim-trace", "true".to_owned())], false, "no"),
            (vec![("ocp-apim-trace", "false".to_owned())], true, "no"),
            (vec![], true, "no"),
        ];
        for (given, allows, expected) in table {
            let mut headers = HeaderMap::new();
            for (name, value) in &given {
                headers.insert(*name, HeaderValue::from_str(value).expect("a value"));
            }
            let subscription = allows.then_some(&allowed);
            let decision = match tracing.decide(&mut headers, &api, subscription, &entropy) {
                Decision::No => "no".to_owned(),
                Decision::Refused(name, _) | Decision::Traced { header: (name, _), .. } => name.to_string(),
            };
            assert!(decision.ends_with(expected), "{given:?}: {decision}");
            assert!(headers.is_empty());
        }
    }
}
