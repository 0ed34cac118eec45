//! `set-query-parameter` sets, appends to, or deletes a query parameter of the request.
//!
//! - `value`: holds expressions allowed; required unless delete
//!
//! At run time:
//! - changes the request only

use crate::document::spec::{Attr, ChildSpec, Kind, Section, Spec, Support, Text};

pub static SPEC: Spec = Spec::new("set-query-parameter")
    .title("Set query string parameter")
    .sections(&[Section::Inbound, Section::Backend])
    .also(&[Section::Outbound, Section::OnError])
    .support(Support::Built)
    .attributes(&[
        Attr::text("name").required().expression(),
        Attr::one_of("exists-action", &["override", "skip", "append", "delete"]).expression().default("override"),
    ])
    .children(&[ChildSpec::new("value").repeats().text(Text::new(Kind::Text).expression())]);
