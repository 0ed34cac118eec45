//! The whole front half: a document's text to its unit, and what was found on the way.

use crate::bytecode::builder::Builder;
use crate::bytecode::unit::Unit;
use crate::bytecode::verify;
use crate::diagnostics::{Diagnostics, Finding, codes};
use crate::document::{self, Document};
use crate::source::{FileId, Sources};
use crate::typed::document::Programs;
use crate::xml::{self, TextForm};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Reads, types and lowers one document. `None` when it has errors, or is no policy document.
pub fn compile(
    sources: &Sources,
    file: FileId,
    form: TextForm,
    options: &document::Options<'_>,
    typing: &crate::typed::Options,
    found: &mut Diagnostics,
) -> Option<Arc<Unit>> {
    compile_seen(sources, file, form, options, typing, found, &mut |_| ())
}

/// The same, for whoever wants to see the document on the way, with errors or without.
pub fn compile_seen(
    sources: &Sources,
    file: FileId,
    form: TextForm,
    options: &document::Options<'_>,
    typing: &crate::typed::Options,
    found: &mut Diagnostics,
    seen: &mut dyn FnMut(&Document),
) -> Option<Arc<Unit>> {
    let mut own = Diagnostics::new();
    let tree = xml::read(sources, file, form, &mut own);
    let document = document::read(&tree, options, &mut own);
    if let Some(document) = &document {
        seen(document);
    }
    let programs = document.as_ref().map(|document| crate::typed::document::bind(document, typing, &mut own));
    let failed = own.has_errors();
    found.extend(own.into_sorted());
    match (document, programs) {
        (Some(document), Some(programs)) if !failed => {
            let sha256 = Sha256::digest(sources.text(file)).into();
            Some(lower(&document, &programs, sources.path(file), sha256, found))
        }
        _ => None,
    }
}

/// Lowers a document whose expressions were bound. `sha256` is that of its text.
pub fn lower(
    document: &Document,
    programs: &Programs,
    name: &str,
    sha256: [u8; 32],
    found: &mut Diagnostics,
) -> Arc<Unit> {
    let mut builder = Builder::new(programs, crate::policies::lowering::find);
    for (section, block) in document.blocks() {
        match section {
            Some(section) => builder.section(section, block),
            None => builder.fragment_body(block),
        }
    }
    for (what, span) in std::mem::take(&mut builder.refused) {
        found.push(Finding::new(codes::POLICY_NOT_BUILT, span, what));
    }
    if let Some(why) = builder.too_large() {
        found.push(Finding::new(codes::CSHARP_OTHER, document.span, why));
    }
    let unit = Unit { sha256, ..builder.finish(name) };
    let broken = verify::verify(&unit);
    assert!(broken.is_empty(), "the compiler broke a promise: {}", broken.join("; "));
    Arc::new(unit)
}
