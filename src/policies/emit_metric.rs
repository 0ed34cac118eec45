//! `emit-metric` sends a custom metric.
//!
//! - `default-dimensions`: schema only
//! - `dimension/@value`: may be left out only for a default dimension
//!
//! At run time:
//! - dimension names are case-insensitive since May 2025
//!
//! Limits: at most 5 custom dimensions (page of 04/01/2025; the 2024 page said 10).

use crate::document::spec::{Attr, ChildSpec, Kind, Spec};

pub static SPEC: Spec = Spec::new("emit-metric")
    .title("Emit custom metrics")
    .attributes(&[
        Attr::text("name").required(),
        Attr::text("namespace").default("API Management"),
        Attr::new("value", Kind::Number).expression().default("1"),
        Attr::bool("default-dimensions").undocumented(),
    ])
    .children(&[ChildSpec::new("dimension")
        .required()
        .repeats()
        .attributes(&[Attr::text("name").required().expression(), Attr::text("value").expression()])]);
