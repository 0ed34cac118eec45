//! Real policies read without an error: the platform's own snippets and documentation, and documents of others.
//! They lie beside the checkout, under `../shared/corpus`; where they are absent, these tests have nothing to read.

use portcullis::diagnostics::{Diagnostics, Finding, Severity};
use portcullis::document::{self, NamedValues, Options};
use portcullis::policies::SPECS;
use portcullis::source::Sources;
use portcullis::xml::{self, TextForm};
use std::path::{Path, PathBuf};

fn corpus(set: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus").join(set)
}

/// Every XML file of a set, by its path inside the set.
fn files(set: &str) -> Vec<(String, Vec<u8>)> {
    let root = corpus(set);
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "xml" || extension == "xslt") {
                let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
                found.push((name, std::fs::read(&path).expect("readable")));
            }
        }
    }
    found.sort();
    found
}

/// What xml and document find in a text.
fn findings(name: &str, bytes: Vec<u8>) -> (Sources, Vec<Finding>) {
    let mut sources = Sources::new();
    let file = sources.add(name, bytes).expect("small");
    let mut found = Diagnostics::new();
    let tree = xml::read(&sources, file, TextForm::Auto, &mut found);
    let options = Options {
        specs: SPECS,
        scope: None,
        gateway: None,
        named_values: &NamedValues::new(),
        fragments: None,
        backends: None,
        strict: false,
    };
    document::read(&tree, &options, &mut found);
    (sources, found.into_sorted())
}

#[test]
fn xml_of_the_corpus() {
    for set in ["snippets", "docs", "docs-2018", "wild"] {
        for (name, bytes) in files(set) {
            let (sources, found) = findings(&name, bytes);
            for finding in found.iter().filter(|f| f.severity == Severity::Error || f.code.name=="policy::mixed_expression" || f.code.name=="policy::not_policy") {
                let place = sources.place(finding.span.file, finding.span.start);
                println!("{set}/{name}:{}:{} {} {}", place.line, place.column, finding.code.name, finding.message);
            }
        }
    }
}
