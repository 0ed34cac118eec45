//! `forward-request` sends the request to the backend and waits for the response.
//!
//! - `timeout`: wait for response headers; over 240 may be cut by the network; exclusive with timeout-ms
//! - `timeout-ms`: exclusive with timeout
//! - `continue-timeout`: wait for 100 Continue
//! - `buffer-request-body`: needed to resend a body on retry
//! - `buffer-response`: false = pass chunks through at once (SSE)
//! - `fail-on-error-status-code`: true: 400..599 goes to on-error
//!
//! At run time:
//! - without it the backend is not called and the pipeline goes straight to outbound
//! - present at global scope by default
//! - timeout covers headers only, not the body
//! - body is not buffered unless asked, so it cannot be replayed by retry
//! - buffered chunks are released at 8 KB or end of stream
//! - HTTP/2 to the backend works on the self-hosted gateway and in preview on v2; 2or1 falls back to HTTP/1
//!
//! Limits: the backend section may hold a single policy element, so combine through choose, retry,
//! limit-concurrency and so on (set-edit-policies page).

use crate::document::spec::{Attr, Kind, Need, Section, Spec, Support};

pub static SPEC: Spec = Spec::new("forward-request")
    .title("Forward request")
    .sections(&[Section::Backend])
    .support(Support::Built)
    .attributes(&[
        Attr::new("timeout", Kind::Seconds).expression().default("300"),
        Attr::new("timeout-ms", Kind::Milliseconds).expression(),
        Attr::new("continue-timeout", Kind::Seconds).expression(),
        Attr::one_of("http-version", &["1", "2or1", "2"]).default("1"),
        Attr::bool("follow-redirects").expression().default("false"),
        Attr::bool("buffer-request-body").default("false"),
        Attr::bool("buffer-response").default("true"),
        Attr::bool("fail-on-error-status-code").default("false"),
    ])
    .needs(&[Need::NotBoth(&["timeout", "timeout-ms"])]);
