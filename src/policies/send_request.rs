//! `send-request` makes a call of its own and keeps the response in a variable.
//!
//! - `response-variable-name`: page allows expressions; toolkit takes a plain string; schema makes it optional
//! - `timeout-ms`: schema only
//! - `buffer-response`: schema only
//! - `fail-on-error-status-code`: schema only
//! - `set-url`: required unless mode=copy
//! - `set-url`: holds absolute URL; expressions allowed
//! - `set-method`: required unless mode=copy; no expressions
//!
//! At run time:
//! - variable type is IResponse; its Body must be read with As`<T>`
//! - an HTTP error status is not an error: the response is stored as is
//! - ignore-error=true stores null
//! - mode=copy starts from the current request; in outbound the body is not copied
//! - allowed inside wait, retry, choose
//! - an unreachable or looping internal address ends in BackendConnectionFailure with 500
//! - without ignore-error a failure leaves the response variable unset

use crate::document::spec::{Attr, ChildSpec, Kind, Need, Spec, Support, Text};

pub static SPEC: Spec = Spec::new("send-request")
    .title("Send request")
    .support(Support::Built)
    .attributes(&[
        Attr::one_of("mode", &["new", "copy"]).expression().default("new"),
        // The page requires it, and leaves it out in its own example; the editor's schema makes it optional.
        Attr::text("response-variable-name").expression(),
        Attr::new("timeout", Kind::Seconds).expression().default("60"),
        Attr::new("timeout-ms", Kind::Milliseconds).expression().undocumented(),
        Attr::bool("ignore-error").default("false"),
        Attr::bool("buffer-response").default("true").undocumented(),
        Attr::bool("fail-on-error-status-code").default("false").undocumented(),
    ])
    .needs(&[Need::NotBoth(&["timeout", "timeout-ms"])])
    .children(&[
        ChildSpec::new("set-url").required_unless("mode", "copy").text(Text::new(Kind::Text).expression()),
        // The page requires it unless the request is a copy, and leaves it out in its own example.
        ChildSpec::policy("set-method"),
        ChildSpec::policy("set-header").repeats(),
        ChildSpec::policy("set-body"),
        ChildSpec::policy("authentication-certificate"),
        ChildSpec::policy("authentication-token"),
        ChildSpec::policy("authentication-token-store"),
        ChildSpec::policy("authentication-managed-identity"),
        ChildSpec::policy("proxy"),
    ])
    .sequence();
