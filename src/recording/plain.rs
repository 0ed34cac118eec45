//! Messages and values of the engine to the plain data of a journal, and back.

use super::{Answer, Body, Cached, Call, Effect, Hide, Request, Response};
use crate::effect::Choice;
use crate::effect::{self, CacheValue, CachedResponse, Failure, OutboundCall};
use crate::message::{self, HeaderName, HeaderValue, Headers, Method, StatusCode, Url};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::Arc;

/// What stands where a header is a credential of a backend.
const HIDDEN: &str = "***";

impl Body {
    /// Bytes as text where they are text.
    pub fn of(bytes: &[u8], hide: &Hide) -> Body {
        match std::str::from_utf8(bytes) {
            Ok("") => Body::Empty,
            Ok(text) => Body::Text(hide(text)),
            // A secret is found in text, also where other bytes are no text.
            Err(_) => {
                let shown = hide(&String::from_utf8_lossy(bytes));
                if shown.contains(HIDDEN) { Body::Text(shown) } else { Body::Base64(STANDARD.encode(bytes)) }
            }
        }
    }

    fn of_message(body: &message::Body, hide: &Hide) -> Body {
        match body {
            message::Body::Empty => Body::Empty,
            message::Body::Bytes(bytes) => Body::of(bytes, hide),
            message::Body::Stream(stream) => Body::Stream(stream.id.0),
        }
    }

    /// The bytes, if they are here.
    pub fn bytes(&self) -> Option<Bytes> {
        match self {
            Body::Empty => Some(Bytes::new()),
            Body::Text(text) => Some(Bytes::copy_from_slice(text.as_bytes())),
            Body::Base64(text) => STANDARD.decode(text).ok().map(Bytes::from),
            Body::Stream(_) | Body::TooLong(_) => None,
        }
    }

    /// The bytes, taken from where they went by. What was not recorded is empty.
    fn whole(&self, streams: &HashMap<u32, Bytes>) -> message::Body {
        let bytes = match self {
            Body::Stream(id) => streams.get(id).cloned(),
            other => other.bytes(),
        };
        match bytes {
            Some(bytes) if !bytes.is_empty() => message::Body::Bytes(bytes),
            _ => message::Body::Empty,
        }
    }
}

fn headers(headers: &Headers, hide: &Hide) -> Vec<(String, String)> {
    let value = |name: &HeaderName, value: &HeaderValue| {
        // The mark on a host says that its caller wrote it.
        if value.is_sensitive() && *name != http::header::HOST {
            HIDDEN.to_owned()
        } else {
            hide(&String::from_utf8_lossy(value.as_bytes()))
        }
    };
    headers.iter().map(|(name, own)| (name.to_string(), value(name, own))).collect()
}

fn read_headers(pairs: &[(String, String)]) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in pairs {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes())) {
            let _ = headers.append(name, value);
        }
    }
    headers
}

impl Request {
    pub fn of(request: &message::Request, hide: &Hide) -> Request {
        Request {
            method: request.method.to_string(),
            url: hide(&request.url.to_string()),
            headers: headers(&request.headers, hide),
            body: Body::of_message(&request.body, hide),
        }
    }

    /// The request as it came.
    pub fn message(&self, streams: &HashMap<u32, Bytes>) -> Result<message::Request, String> {
        Ok(message::Request {
            method: Method::from_bytes(self.method.as_bytes())
                .map_err(|_| format!("`{}` is no method", self.method))?,
            url: Url::parse(&self.url).map_err(|why| format!("`{}`: {why}", self.url))?,
            headers: read_headers(&self.headers),
            body: self.body.whole(streams),
        })
    }
}

impl Response {
    pub fn of(response: &message::Response, hide: &Hide) -> Response {
        Response {
            status: response.status.as_u16(),
            reason: response.reason.as_deref().map(hide),
            headers: headers(&response.headers, hide),
            body: Body::of_message(&response.body, hide),
        }
    }

    fn of_cached(response: &CachedResponse, hide: &Hide) -> Response {
        Response {
            status: response.status,
            reason: response.reason.as_deref().map(hide),
            headers: headers(&response.headers, hide),
            body: Body::of(&response.body, hide),
        }
    }

    pub fn message(&self, streams: &HashMap<u32, Bytes>) -> Result<message::Response, String> {
        let status = StatusCode::from_u16(self.status).map_err(|_| format!("{} is no HTTP status", self.status))?;
        let mut response = message::Response::new(status);
        response.reason = self.reason.as_deref().map(Into::into);
        response.headers = read_headers(&self.headers);
        response.body = self.body.whole(streams);
        Ok(response)
    }
}

impl Call {
    fn of(call: &OutboundCall, hide: &Hide) -> Call {
        Call {
            request: Request::of(&call.request, hide),
            timeout: u64::try_from(call.timeout.as_millis()).unwrap_or(u64::MAX),
            backend: call.backend.as_deref().map(str::to_owned),
            member: call.member.as_deref().map(str::to_owned),
        }
    }
}

fn ticks(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_nanos() / 100).unwrap_or(i64::MAX)
}

impl Effect {
    pub fn of(effect: &effect::Effect, hide: &Hide) -> Effect {
        match effect {
            effect::Effect::Forward(call) => Effect::Forward(Call::of(call, hide)),
            effect::Effect::Send(call) => Effect::Send(Call::of(call, hide)),
            effect::Effect::SendOneWay(call) => Effect::SendOneWay(Call::of(call, hide)),
            effect::Effect::ReadBody { side: _, stream, limit } => Effect::ReadBody { stream: stream.0, limit: *limit },
            effect::Effect::Sleep(wait) => Effect::Sleep(ticks(*wait)),
            effect::Effect::CacheLookup { key } => Effect::CacheLookup(hide(key)),
            effect::Effect::CacheStore { key, value, duration } => {
                Effect::CacheStore { key: hide(key), value: Cached::of(value, hide), ticks: ticks(*duration) }
            }
            effect::Effect::CacheRemove { key } => Effect::CacheRemove(hide(key)),
            effect::Effect::Acquire { key, most } => Effect::Acquire { key: hide(key), most: *most },
            effect::Effect::Release { key } => Effect::Release(hide(key)),
            effect::Effect::ChooseBackend(asked) => Effect::ChooseBackend(asked.name.to_string()),
            effect::Effect::Trace(message) => Effect::Trace {
                source: hide(&message.source),
                severity: format!("{:?}", message.severity).to_lowercase(),
                message: hide(&message.message),
                metadata: message.metadata.iter().map(|(name, value)| (hide(name), hide(value))).collect(),
            },
            effect::Effect::Slice => Effect::Slice,
        }
    }
}

impl Answer {
    pub fn of(answer: &effect::Answer, hide: &Hide) -> Answer {
        match answer {
            effect::Answer::Response(response) => Answer::Response(Response::of(response, hide)),
            effect::Answer::Body(bytes) => Answer::Body(Body::of(bytes, hide)),
            effect::Answer::Cached(value) => Answer::Cached(value.as_ref().map(|value| Cached::of(value, hide))),
            effect::Answer::Acquired(taken) => Answer::Acquired(*taken),
            effect::Answer::Chosen(Choice::Open) => Answer::Chosen { backend: None, session: None },
            effect::Answer::Chosen(Choice::Backend { name, session, .. }) => {
                Answer::Chosen { backend: Some(name.to_string()), session: session.as_deref().map(str::to_owned) }
            }
            effect::Answer::Done => Answer::Done,
            effect::Answer::Failed(Failure { kind, message }) => {
                Answer::Failed { kind: (*kind).into(), message: hide(message) }
            }
        }
    }
}

impl Cached {
    fn of(value: &CacheValue, hide: &Hide) -> Cached {
        match value {
            CacheValue::Null => Cached::Null,
            CacheValue::Bool(value) => Cached::Bool(*value),
            CacheValue::Scalar { type_name, text } => {
                Cached::Scalar { type_name: type_name.to_string(), text: hide(text) }
            }
            CacheValue::Text(text) => Cached::Text(hide(text)),
            CacheValue::Bytes(bytes) => Cached::Bytes(Body::of(bytes, hide)),
            CacheValue::Json(text) => Cached::Json(hide(text)),
            CacheValue::Response(response) => Cached::Response(Response::of_cached(response, hide)),
        }
    }

    pub fn value(&self) -> CacheValue {
        match self {
            Cached::Null => CacheValue::Null,
            Cached::Bool(value) => CacheValue::Bool(*value),
            Cached::Scalar { type_name, text } => {
                CacheValue::Scalar { type_name: type_name.as_str().into(), text: text.as_str().into() }
            }
            Cached::Text(text) => CacheValue::Text(text.as_str().into()),
            Cached::Bytes(body) => CacheValue::Bytes(body.bytes().unwrap_or_default()),
            Cached::Json(text) => CacheValue::Json(text.as_str().into()),
            Cached::Response(response) => CacheValue::Response(Arc::new(CachedResponse {
                status: response.status,
                reason: response.reason.as_deref().map(Into::into),
                headers: read_headers(&response.headers),
                body: response.body.bytes().unwrap_or_default(),
            })),
        }
    }
}
