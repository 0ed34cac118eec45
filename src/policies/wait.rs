//! `wait` runs its children at the same time, and waits for all or for the first.
//!
//! - `for`: schema marks it required
//!
//! At run time:
//! - immediate children run in parallel
//! - any: the first to finish cancels the rest
//! - schema also lets in forward-request, cache-store-value, authentication-managed-identity and
//!   authentication-token
//! - only immediate children run side by side; policies inside a choose branch keep their order

use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, ChildSpec, Section, Spec, Support};

pub static SPEC: Spec = Spec::new("wait")
    .title("Wait")
    .sections(&[Section::Inbound, Section::Backend, Section::Outbound])
    .also(&[Section::OnError])
    .support(Support::Built)
    .attributes(&[Attr::one_of("for", &["all", "any"]).expression().default("all")])
    .children(&[
        ChildSpec::policy("send-request").repeats(),
        ChildSpec::policy("cache-lookup-value").repeats(),
        ChildSpec::policy("choose").repeats(),
    ]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let any = out.attribute(&statement.element, "for");
    out.fork(statement.element.statements(), any);
}
