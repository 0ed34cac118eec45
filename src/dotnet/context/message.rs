//! `IRequest`, `IResponse` and `IMessageBody`: the exchange's messages, and the answers of `send-request`.

use super::{Seen, part, text};
use crate::dotnet::call::{self, Call};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::member::{Kind, TypeDef, method, property, type_of};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::{HostObject, Value};
use crate::message::{Headers, Response};
use bytes::Bytes;

type Result<T = Value> = std::result::Result<T, Fault>;

/// A response in a variable: what `send-request` was answered, body and all.
#[derive(Debug)]
pub struct ResponseObject {
    pub status: u16,
    pub reason: Box<str>,
    pub headers: Headers,
    /// `None` once it has been read without `preserveContent`.
    pub body: Option<Bytes>,
    pub has_body: bool,
}

/// The headers of a [`ResponseObject`].
#[derive(Debug)]
struct HeadersObject(Headers);

/// The body of a [`ResponseObject`], by the response's own value.
#[derive(Debug)]
struct BodyObject(Value);

/// Makes the `IResponse` object of an answer whose body has been buffered.
pub fn new_response(heap: &mut Heap, response: Response) -> Result {
    let reason = response.reason_phrase().into();
    let body = Bytes::copy_from_slice(response.body.bytes().unwrap_or_default());
    heap.charge(body.len() + response.headers.len() * 64)?;
    let object = ResponseObject {
        status: response.status.as_u16(),
        reason,
        headers: response.headers,
        has_body: !matches!(response.body, crate::message::Body::Empty),
        body: Some(body),
    };
    heap.new_extension(type_of("IResponse"), object)
}

/// The header fields that a headers object stands for.
pub(super) fn headers_of<'a>(cx: &'a Call<'_>, this: Value) -> Option<&'a Headers> {
    match this {
        Value::Host(HostObject::RequestHeaders) => Some(&cx.exchange.request.headers),
        Value::Host(HostObject::ResponseHeaders) => cx.exchange.response.as_ref().map(|r| &r.headers),
        other => cx.heap.extension::<HeadersObject>(other).map(|object| &object.0),
    }
}

/// The part of `context` that a value is.
pub(super) fn named(value: Value) -> Option<HostObject> {
    match value {
        Value::Host(part) => Some(part),
        _ => None,
    }
}

/// A header's name as enumeration shows it: the usual spelling, since HTTP does not say which case the sender used.
pub(super) fn display_name(name: &str) -> String {
    const SPELLED: &[(&str, &str)] = &[
        ("etag", "ETag"),
        ("www-authenticate", "WWW-Authenticate"),
        ("te", "TE"),
        ("dnt", "DNT"),
        ("content-md5", "Content-MD5"),
        ("soapaction", "SOAPAction"),
        ("x-ua-compatible", "X-UA-Compatible"),
        ("x-xss-protection", "X-XSS-Protection"),
    ];
    if let Some((_, spelled)) = SPELLED.iter().find(|(own, _)| *own == name) {
        return (*spelled).to_owned();
    }
    let mut at_start = true;
    name.chars()
        .map(|c| {
            let shown = if at_start { c.to_ascii_uppercase() } else { c };
            at_start = c == '-';
            shown
        })
        .collect()
}

pub static REQUEST: TypeDef = TypeDef::new(
    "Apim.IRequest",
    Kind::Interface,
    &[&[
        property("IMessageBody Body { get; }", |cx, _| {
            let empty = matches!(cx.exchange.request.body, crate::message::Body::Empty);
            Ok(if empty { Value::Null } else { part(HostObject::RequestBody) })
        }),
        property("X509Certificate2 Certificate { get; }", |cx, _| match cx.exchange.rare.client_certificate.clone() {
            Some(bytes) => super::rare::certificate(cx, &bytes),
            None => Ok(Value::Null),
        }),
        property("IHttpHeaders Headers { get; }", |_, _| Ok(part(HostObject::RequestHeaders))),
        shown!("string IpAddress { get; }", |exchange, _| Seen::text(Some(&exchange.client_ip))),
        property("IMatchedParameters MatchedParameters { get; }", |_, _| Ok(part(HostObject::MatchedParameters))),
        shown!("string Method { get; }", |exchange, _| Seen::text(Some(exchange.request.method.as_str()))),
        property("IUrl OriginalUrl { get; }", |_, _| Ok(part(HostObject::OriginalUrl))),
        property("IUrl Url { get; }", |_, _| Ok(part(HostObject::RequestUrl))),
        property("IPrivateEndpointConnection PrivateEndpointConnection { get; }", |cx, _| {
            super::present(cx.exchange.rare.private_endpoint.is_some(), HostObject::PrivateEndpoint)
        }),
        property("IAzureVnetInfo AzureVnetInfo { get; }", |cx, _| {
            super::present(cx.exchange.rare.vnet.is_some(), HostObject::Vnet)
        }),
        property("IFoundry Foundry { get; }", |cx, _| {
            super::present(cx.exchange.rare.foundry_deployment.is_some(), HostObject::Foundry)
        }),
    ]],
)
.unnameable();

fn response<'a>(cx: &'a Call<'_>) -> Result<&'a Response> {
    cx.exchange.response.as_ref().ok_or_else(Fault::null_reference)
}

/// Policies name this type: `(IResponse)context.Variables["answer"]`.
pub static RESPONSE: TypeDef = TypeDef::new(
    "Apim.IResponse",
    Kind::Interface,
    &[&[
        property("IMessageBody Body { get; }", |cx, a| match a[0] {
            Value::Host(_) => {
                let empty = matches!(response(cx)?.body, crate::message::Body::Empty);
                Ok(if empty { Value::Null } else { part(HostObject::ResponseBody) })
            }
            other if cx.this::<ResponseObject>(other)?.has_body => {
                cx.heap.new_extension(type_of("IMessageBody"), BodyObject(other))
            }
            _ => Ok(Value::Null),
        }),
        property("IHttpHeaders Headers { get; }", |cx, a| match a[0] {
            Value::Host(_) => Ok(part(HostObject::ResponseHeaders)),
            other => {
                let headers = cx.this::<ResponseObject>(other)?.headers.clone();
                cx.heap
                    .new_extension(super::maps::dictionary_of(TypeId::array(types::string())), HeadersObject(headers))
            }
        }),
        property("int StatusCode { get; }", |cx, a| {
            Ok(Value::Int32(match a[0] {
                Value::Host(_) => i32::from(response(cx)?.status.as_u16()),
                other => i32::from(cx.this::<ResponseObject>(other)?.status),
            }))
        })
        .shown(|exchange, _| match &exchange.response {
            Some(response) => Seen::Value(Value::Int32(i32::from(response.status.as_u16()))),
            None => Seen::Missing,
        }),
        property("string StatusReason { get; }", |cx, a| {
            let reason = match a[0] {
                Value::Host(_) => response(cx)?.reason_phrase().to_owned(),
                other => cx.this::<ResponseObject>(other)?.reason.to_string(),
            };
            text(cx, &reason)
        }),
    ]],
);

pub static BODY: TypeDef = TypeDef::new(
    "Apim.IMessageBody",
    Kind::Interface,
    &[&[
        method("T As<T>(bool preserveContent = false)", |cx, a| {
            let wanted = cx.type_arguments.last().copied().unwrap_or_else(crate::dotnet::types::object);
            let preserve = call::bool(a[1]);
            let (bytes, charset) = read(cx, a[0], preserve)?;
            super::body::convert(cx, bytes, charset, wanted)
        })
        .reads_body(),
        method("IDictionary<string, IList<string>> AsFormUrlEncodedContent(bool preserveContent = false)", |cx, a| {
            let (bytes, charset) = read(cx, a[0], call::bool(a[1]))?;
            super::form::read(cx, &bytes, charset)
        })
        .reads_body(),
    ]],
)
.unnameable();

/// How a body's bytes become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    Utf16,
    Latin1,
}

fn charset_of(headers: &Headers) -> Charset {
    let value = headers.first("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    match value.split("charset=").nth(1).map(|c| c.trim_matches(['"', ' ', ';'])) {
        Some("utf-16" | "utf-16le") => Charset::Utf16,
        Some("iso-8859-1" | "latin1" | "windows-1252") => Charset::Latin1,
        _ => Charset::Utf8,
    }
}

/// The bytes of a body, which the machine has buffered before this call.
fn read(cx: &mut Call<'_>, this: Value, preserve: bool) -> Result<(Bytes, Charset)> {
    let consumed = || Fault::invalid_operation("The message body has already been read.");
    match this {
        Value::Host(HostObject::RequestBody) => {
            if std::mem::replace(&mut cx.exchange.request_body_consumed, !preserve) {
                cx.exchange.request_body_consumed = true;
                return Err(consumed());
            }
            Ok((bytes_of(&cx.exchange.request.body)?, charset_of(&cx.exchange.request.headers)))
        }
        Value::Host(_) => {
            if std::mem::replace(&mut cx.exchange.response_body_consumed, !preserve) {
                cx.exchange.response_body_consumed = true;
                return Err(consumed());
            }
            let response = cx.exchange.response.as_ref().ok_or_else(Fault::null_reference)?;
            Ok((bytes_of(&response.body)?, charset_of(&response.headers)))
        }
        other => {
            let owner = cx.this::<BodyObject>(other)?.0;
            let response = cx.this_mut::<ResponseObject>(owner)?;
            let body = if preserve { response.body.clone() } else { response.body.take() };
            Ok((body.ok_or_else(consumed)?, charset_of(&response.headers)))
        }
    }
}

fn bytes_of(body: &crate::message::Body) -> Result<Bytes> {
    match body {
        crate::message::Body::Empty => Ok(Bytes::new()),
        crate::message::Body::Bytes(bytes) => Ok(bytes.clone()),
        crate::message::Body::Stream(_) => {
            Err(Fault::invalid_operation("The message body has not been buffered before it was read."))
        }
    }
}

/// The run-time type of the objects in this file, for those that need to know it.
pub fn response_type() -> TypeId {
    type_of("IResponse")
}
