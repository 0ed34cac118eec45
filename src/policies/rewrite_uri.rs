//! `rewrite-uri` replaces path and query of the request by a template.
//!
//! - `template`: path plus optional query with {param} from the operation template; an expression must be the whole
//!   value
//! - `copy-unmatched-params`: true in table and examples; the editor schema alone says false
//!
//! At run time:
//! - template is relative to the backend base URL
//! - only template parameters of the operation may be used in the path; new query parameters are fine
//! - query parameters not named in the ORIGINAL operation template are appended when copying is on; parameters
//!   named there are consumed even if the new template drops them
//! - example: /get?a=b&c=d on operation /get?a={b} with template /put gives /put?c=d, and /put with copying off

use crate::document::spec::{Attr, Section, Spec, Support};

pub static SPEC: Spec = Spec::new("rewrite-uri")
    .title("Rewrite URL")
    .sections(&[Section::Inbound])
    .also(&[Section::Backend])
    .support(Support::Built)
    .attributes(&[
        Attr::text("template").required().expression(),
        Attr::bool("copy-unmatched-params").expression().default("true"),
    ]);
