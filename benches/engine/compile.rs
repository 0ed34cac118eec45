//! A document's text to its verified unit.

use divan::Bencher;
use portcullis::diagnostics::Diagnostics;
use portcullis::document::{NamedValues, Options, Scope};
use portcullis::source::{FileId, Sources};
use portcullis::xml::{self, TextForm};
use portcullis::{compile, policies, typed};

/// 5 KB of ordinary policies.
const DOCUMENT: &str = include_str!("five-kilobytes.xml");

/// Without a single expression: what is left is markup and lowering.
const EMPTY: &str = "<policies><inbound><base/></inbound><backend><base/></backend>\
                     <outbound><base/></outbound><on-error><base/></on-error></policies>";

fn sources(text: &str) -> (Sources, FileId) {
    let mut sources = Sources::new();
    let file = sources.add("policy.xml", text.as_bytes().to_vec()).expect("a small text");
    (sources, file)
}

#[divan::bench(args = ["5 KB", "empty"])]
fn document(bencher: Bencher<'_, '_>, name: &str) {
    let text = if name == "empty" { EMPTY } else { DOCUMENT };
    let named = NamedValues::new();
    bencher.with_inputs(|| sources(text)).bench_refs(|(sources, file)| {
        let mut options = Options::new(policies::SPECS, &named);
        options.scope = Some(Scope::Api);
        let mut found = Diagnostics::new();
        let unit = compile::compile(sources, *file, TextForm::Auto, &options, &typed::Options::default(), &mut found);
        assert!(unit.is_some(), "{:?}", found.into_sorted());
        unit
    });
}

/// The first of the three stages alone.
#[divan::bench]
fn markup(bencher: Bencher<'_, '_>) {
    let (sources, file) = sources(DOCUMENT);
    bencher.bench_local(|| xml::read(&sources, file, TextForm::Auto, &mut Diagnostics::new()));
}
