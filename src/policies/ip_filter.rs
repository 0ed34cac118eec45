//! `ip-filter` allows or forbids callers by IP address.
//!
//! - `action`: schema gives allow as default
//! - `address`: at least one address or address-range overall
//! - `address`: holds single IP; expressions allowed
//!
//! At run time:
//! - each scope's filter is applied in evaluation order
//! - status 403 is the observed default; the page gives no number
//! - allow: whoever matches no entry is denied; forbid: whoever matches no entry passes

use crate::document::spec::{Attr, ChildSpec, Section, Spec, Text};

pub static SPEC: Spec = Spec::new("ip-filter")
    .title("Restrict caller IPs")
    .sections(&[Section::Inbound])
    .attributes(&[Attr::one_of("action", &["allow", "forbid"]).required().expression()])
    .children(&[
        ChildSpec::new("address").repeats().text(Text::VALUE),
        ChildSpec::new("address-range")
            .repeats()
            .attributes(&[Attr::text("from").required().expression(), Attr::text("to").required().expression()]),
    ]);
