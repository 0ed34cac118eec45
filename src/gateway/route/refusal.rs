//! Why the gateway answers for itself, and in which words.

use crate::gateway::model::Api;
use crate::message::{Body, HeaderValue, Response, StatusCode};

/// Why a request is answered by the gateway itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No API, or no operation of it, matches.
    NoOperation,
    KeyMissing,
    KeyInvalid,
}

impl Refusal {
    /// The source, reason and message of `LastError` (error-handling page, "Predefined errors for built-in steps").
    pub fn error(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Refusal::NoOperation => {
                ("configuration", "OperationNotFound", "Unable to match incoming request to an operation.")
            }
            Refusal::KeyMissing => (
                "authorization",
                "SubscriptionKeyNotFound",
                "Access denied due to missing subscription key. Make sure to include subscription key when making \
                 requests to this API.",
            ),
            Refusal::KeyInvalid => (
                "authorization",
                "SubscriptionKeyInvalid",
                "Access denied due to invalid subscription key. Make sure to provide a valid key for an active \
                 subscription.",
            ),
        }
    }

    /// The platform's words. `base` is the scheme, host and API path of the request.
    pub fn response(self, api: Option<&Api>, base: &str) -> Response {
        let (status, reason, message) = match self {
            Refusal::NoOperation => (StatusCode::NOT_FOUND, "Resource Not Found", "Resource not found"),
            Refusal::KeyMissing => (
                StatusCode::UNAUTHORIZED,
                "Access Denied",
                "Access denied due to missing subscription key. Make sure to include subscription key when making \
                 requests to an API.",
            ),
            Refusal::KeyInvalid => (
                StatusCode::UNAUTHORIZED,
                "Access Denied",
                "Access denied due to invalid subscription key. Make sure to provide a valid key for an active \
                 subscription.",
            ),
        };
        let mut response = plain_error(status, message);
        response.reason = Some(reason.into());
        if let (Refusal::KeyMissing | Refusal::KeyInvalid, Some(api)) = (self, api) {
            let challenge =
                format!("AzureApiManagementKey realm=\"{base}\",name=\"{}\",type=\"header\"", api.facts.key_header);
            if let Ok(value) = HeaderValue::from_str(&challenge) {
                let _ = response.headers.set(http::header::WWW_AUTHENTICATE, value);
            }
        }
        response
    }
}

/// `{ "statusCode": ..., "message": "..." }`, as the platform answers for itself. `message` holds no quotes.
pub fn plain_error(status: StatusCode, message: &str) -> Response {
    let body = format!("{{ \"statusCode\": {}, \"message\": \"{message}\" }}", status.as_u16());
    let mut response = Response::new(status);
    let json = HeaderValue::from_static("application/json");
    let _ = response.headers.set(http::header::CONTENT_TYPE, json);
    response.body = Body::Bytes(body.into());
    response
}
