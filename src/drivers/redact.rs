//! Which headers and query parameters carry credentials, so that logs, traces and spans show `***` in their place.

use crate::document::{HIDDEN, Secrets};
use crate::dotnet::context::{ApiFacts, SubscriptionFacts};
use crate::message::{HeaderName, HeaderValue};
use smallvec::SmallVec;
use std::borrow::Cow;

/// In lower case.
const HEADERS: &[&str] = &[
    "apim-debug-authorization",
    "api-key",
    "authorization",
    "cookie",
    "ocp-apim-subscription-key",
    "proxy-authorization",
    "set-cookie",
    "x-api-key",
    "x-functions-key",
    "x-ms-client-principal",
];

/// Those that policies hand on as text.
const CARRIED: &[&str] = &["authorization", "ocp-apim-subscription-key", "api-key", "x-api-key", "cookie"];

/// In lower case.
const PARAMETERS: &[&str] = &[
    "access_token",
    "api-key",
    "api_key",
    "apikey",
    "client_assertion",
    "client_secret",
    "code",
    "id_token",
    "key",
    "password",
    "pwd",
    "refresh_token",
    "secret",
    "sig",
    "signature",
    "subscription-key",
    "token",
];

/// What is hidden in one request's texts: the configuration's secrets, and its own subscription's keys.
#[derive(Clone, Copy, Debug)]
pub struct Redaction<'r> {
    pub secrets: &'r Secrets,
    pub api: Option<&'r ApiFacts>,
    pub subscription: Option<&'r SubscriptionFacts>,
    /// The credentials that the caller sent.
    pub own: &'r [HeaderValue],
}

/// What of a request's headers is hidden wherever it turns up again. Copies nothing.
pub fn credentials(headers: &http::HeaderMap) -> SmallVec<[HeaderValue; 2]> {
    CARRIED.iter().flat_map(|name| headers.get_all(*name)).cloned().collect()
}

/// A shorter credential is not looked for in other texts.
const SHORTEST_CREDENTIAL: usize = 8;

impl Redaction<'_> {
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut shown = self.secrets.hide(text);
        for credential in self.own.iter().filter_map(|own| own.to_str().ok()) {
            // Without its scheme: `Bearer ...`
            let credential = credential.split_once(' ').map_or(credential, |(_, token)| token).trim();
            if credential.len() >= SHORTEST_CREDENTIAL && shown.contains(credential) {
                shown = Cow::Owned(shown.replace(credential, HIDDEN));
            }
        }
        let Some(subscription) = self.subscription else { return shown };
        for key in [&subscription.key, &subscription.primary_key, &subscription.secondary_key] {
            if !key.is_empty() && shown.contains(&**key) {
                shown = Cow::Owned(Secrets::new([&**key]).hide(&shown).into_owned());
            }
        }
        shown
    }

    pub fn header<'v>(&self, name: &HeaderName, value: &'v HeaderValue) -> Cow<'v, str> {
        let is_key = self.api.is_some_and(|api| api.key_header.eq_ignore_ascii_case(name.as_str()));
        // The caller's own Host is marked too, to be told from one that a policy wrote.
        let marked = value.is_sensitive() && name != http::header::HOST;
        if marked || is_key || HEADERS.contains(&name.as_str()) {
            return Cow::Borrowed(HIDDEN);
        }
        match value.to_str() {
            Ok(text) => self.text(text),
            Err(_) => Cow::Owned(self.text(&String::from_utf8_lossy(value.as_bytes())).into_owned()),
        }
    }

    /// A query, `a=1&b=2`.
    pub fn query(&self, query: &str) -> String {
        let mut out = String::with_capacity(query.len());
        for (at, pair) in query.split('&').enumerate() {
            if at > 0 {
                out.push('&');
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plain = percent_encoding::percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
            let is_key = self.api.is_some_and(|api| api.key_query.eq_ignore_ascii_case(&plain));
            if !value.is_empty() && (is_key || PARAMETERS.contains(&&*plain)) {
                out.extend([name, "=", HIDDEN]);
            } else {
                out.push_str(&self.text(pair));
            }
        }
        out
    }

    /// A URL with or without scheme and host.
    pub fn url(&self, url: &str) -> String {
        match url.split_once('?') {
            Some((before, query)) => format!("{}?{}", self.text(before), self.query(query)),
            None => self.text(url).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_known_by_name_and_secrets_by_value() {
        let secrets = Secrets::new(["canary"]);
        let api = ApiFacts { key_query: "Key-Of-Mine".into(), key_header: "X-Mine".into(), ..ApiFacts::default() };
        let own = [HeaderValue::from_static("Bearer t0ken-of-8")];
        let subscription = SubscriptionFacts { primary_key: "prim4ry".into(), ..SubscriptionFacts::default() };
        let redaction = Redaction { secrets: &secrets, api: Some(&api), subscription: Some(&subscription), own: &own };
        for (url, shown) in [
            ("http://h/a?x=1&Subscription-Key=abc&y=", "http://h/a?x=1&Subscription-Key=***&y="),
            ("/a/canary/b?z=canary&sig=1%2F2", "/a/***/b?z=***&sig=***"),
            ("/a?key-of-mine=1&key%2Dof%2Dmine=2", "/a?key-of-mine=***&key%2Dof%2Dmine=***"),
            ("/a?q=xprim4ryx", "/a?q=x***x"),
            ("/a/t0ken-of-8", "/a/***"),
        ] {
            assert_eq!(redaction.url(url), shown);
        }
        let header = |name: &str, value: &str| {
            let name: HeaderName = name.parse().expect("a name");
            redaction.header(&name, &HeaderValue::from_str(value).expect("a value")).into_owned()
        };
        assert_eq!(header("authorization", "Bearer x"), "***");
        assert_eq!(header("x-mine", "x"), "***");
        assert_eq!(header("accept", "text/canary"), "text/***");
    }
}
