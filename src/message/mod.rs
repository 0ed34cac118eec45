//! HTTP messages as plain data: shared by expressions, the VM and the drivers.
//!
//! Nothing here does I/O. A body that nobody has looked at is a token ([`StreamId`]) that only the driver can redeem.

mod body;
mod headers;
mod transport;
mod url;

pub use body::{Body, BodyStream, StreamId, Tap};
pub use headers::{Headers, Wanted};
pub use http::{HeaderName, HeaderValue, Method, StatusCode};
pub use transport::{ClientIdentity, ProxyServer, Transport};
pub use url::{Url, UrlError};

/// A request as policies see and change it.
#[derive(Debug)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: Headers,
    pub body: Body,
}

/// A response as policies see and change it.
#[derive(Debug)]
pub struct Response {
    pub status: StatusCode,
    /// The reason phrase; `None` means the standard one of the status.
    pub reason: Option<Box<str>>,
    pub headers: Headers,
    pub body: Body,
}

impl Response {
    /// An empty response with this status.
    pub fn new(status: StatusCode) -> Response {
        Response { status, reason: None, headers: Headers::new(), body: Body::Empty }
    }

    /// The reason phrase that goes on the wire.
    pub fn reason_phrase(&self) -> &str {
        self.reason.as_deref().or_else(|| self.status.canonical_reason()).unwrap_or("")
    }
}
