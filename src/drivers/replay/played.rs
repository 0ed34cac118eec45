//! What one request came to: the calls, the response, and what its policies left behind.

use crate::dotnet::context::LastError;
use crate::effect::TraceMessage;
use crate::message::{Headers, Response};
use crate::recording::Journal;
use bytes::Bytes;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What one request came to.
#[derive(Debug, Default)]
pub struct Played {
    /// What was sent, in order.
    pub calls: Vec<Call>,
    pub response: Option<Response>,
    /// Effects that the recording does not answer, by name.
    pub unanswered: Vec<String>,
    /// Calls that were answered with an empty 200 because nothing was recorded.
    pub assumed: usize,
    pub traces: Vec<TraceMessage>,
    /// Names and texts of the variables at the end.
    pub variables: BTreeMap<String, String>,
    pub last_error: Option<LastError>,
    pub journal: Option<Journal>,
    /// In the platform's shape.
    pub trace: Option<Json>,
}

/// A call to another server.
#[derive(Debug)]
pub struct Call {
    /// `forward-request`, `send-request` or `send-one-way-request`.
    pub by: &'static str,
    pub method: String,
    pub url: String,
    pub headers: Headers,
    pub body: Bytes,
}
