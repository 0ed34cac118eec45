//! `proxy` calls the backend through a forward proxy.
//!
//! - `url`: http://host:port only
//!
//! At run time:
//! - applies to forwarded requests; send-request needs its own nested proxy
//! - plain HTTP to the proxy only; Basic or NTLM auth

use crate::document::spec::{Attr, Kind, Section, Spec};

pub static SPEC: Spec = Spec::new("proxy").title("Set HTTP proxy").sections(&[Section::Inbound]).attributes(&[
    Attr::new("url", Kind::Url).required().expression(),
    Attr::text("username").expression(),
    Attr::text("password").expression().secret(),
]);
