//! `set-header` sets, appends to, or deletes a header of the message at hand.
//!
//! - `value`: holds expressions allowed; several = several values
//!
//! At run time:
//! - inbound/backend change the request, outbound/on-error change the response
//! - several values are joined as one comma separated line, except User-Agent, WWW-Authenticate,
//!   Proxy-Authenticate, Cookie, Set-Cookie, Warning, Date, Expires, If-Modified-Since, If-Unmodified-Since,
//!   Last-Modified, Retry-After which become separate lines
//! - Connection, Content-Length, Keep-Alive and Transfer-Encoding cannot be appended, overridden or deleted; Server
//!   cannot be deleted from responses; the client address in X-Forwarded-For cannot be deleted
//! - delete takes no value

use crate::document::spec::{Attr, ChildSpec, Kind, Spec, Support, Text};

pub static SPEC: Spec = Spec::new("set-header")
    .title("Set header")
    .support(Support::Built)
    .attributes(&[
        Attr::text("name").required().expression(),
        Attr::one_of("exists-action", &["override", "skip", "append", "delete"]).expression().default("override"),
    ])
    .children(&[ChildSpec::new("value").repeats().text(Text::new(Kind::Text).expression())]);
