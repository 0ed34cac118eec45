//! `invoke-request` makes a call and takes its response as the current one.
//!
//! - `url`: schema: required
//! - `backend-id`: toolkit
//! - `method`: toolkit
//! - `response-variable-name`: toolkit: absent = response becomes current and the section stops
//! - `value`: holds schema only
//! - `header`: toolkit shape
//! - `header/@value`: toolkit: one header element per value
//! - `body`: toolkit shape
//!
//! At run time:
//! - editor text: sends the request to another URI of the same gateway and restarts processing
//! - toolkit shape differs from the schema
//! - toolkit: exactly the attributes method, url, backend-id, response-variable-name plus header and body children

use crate::document::spec::{Attr, ChildSpec, Kind, Reference, Spec, Status, Text};

pub static SPEC: Spec = Spec::new("invoke-request")
    .title("Invoke request (internal restart)")
    .status(Status::Undocumented)
    .attributes(&[
        Attr::new("url", Kind::Url).expression().undocumented(),
        Attr::text("backend-id").expression().refers(Reference::Backend).undocumented(),
        Attr::text("method").expression().undocumented(),
        Attr::text("response-variable-name").undocumented(),
    ])
    .children(&[
        ChildSpec::new("value").repeats().text(Text::VALUE),
        ChildSpec::new("header")
            .repeats()
            .attributes(&[Attr::text("name").required(), Attr::text("value").expression().undocumented()]),
        ChildSpec::new("body"),
    ]);
