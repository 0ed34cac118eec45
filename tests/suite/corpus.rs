//! Real policies read without an error: the platform's own snippets and documentation, and documents of others.
//! They lie beside the checkout, under `../shared/corpus`; where they are absent, these tests have nothing to read.

use super::support::{NOTHING_KNOWN, corpus_files, read_text};
use portcullis::diagnostics::{Diagnostics, Finding, Severity};
use portcullis::document::{self, Child, Code, Document, Element, Value};
use portcullis::source::Sources;
use portcullis::xml::{self, TextForm};
use std::collections::{BTreeMap, BTreeSet};

/// Files that are truly wrong, with the layer that tells and the reason.
fn known_wrong() -> BTreeMap<&'static str, (&'static str, &'static str)> {
    let rows = include_str!("../corpus/known_wrong.tsv").lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.map(|row| {
        let columns: Vec<&str> = row.split('\t').collect();
        assert_eq!(columns.len(), 3, "{row}");
        (columns[0], (columns[1], columns[2]))
    })
    .collect()
}

fn shown(sources: &Sources, finding: &Finding) -> String {
    let place = sources.place(finding.span.file, finding.span.start);
    let path = sources.path(finding.span.file);
    format!("{path}:{}:{} {} {}", place.line, place.column, finding.code.name, finding.message)
}

#[test]
fn documentation_and_snippets_hold_the_known_errors_only() {
    let known = known_wrong();
    let mut wrong = BTreeSet::new();
    let mut unexpected = Vec::new();
    for set in ["snippets", "docs", "docs-2018"] {
        for (name, bytes) in corpus_files(set) {
            let path = format!("{set}/{name}");
            let (sources, found) = read_text(&path, bytes, TextForm::Auto);
            let errors: Vec<&Finding> = found.iter().filter(|finding| finding.severity == Severity::Error).collect();
            if errors.is_empty() {
                continue;
            }
            if !known.contains_key(path.as_str()) {
                unexpected.extend(errors.iter().map(|finding| shown(&sources, finding)));
            }
            wrong.insert(path);
        }
    }
    assert!(unexpected.is_empty(), "errors in files that are right:\n{}", unexpected.join("\n"));
    if !wrong.is_empty() {
        for (path, (layer, reason)) in known {
            assert!(layer == "csharp" || wrong.contains(path), "{path} reads without an error, yet: {reason}");
        }
    }
}

/// Documents of others are well-formed unless their table says otherwise; what their policies declare is their affair.
#[test]
fn documents_of_others_are_well_formed_but_for_the_known() {
    let Ok(table) = std::fs::read_to_string(super::support::corpus("wild.tsv")) else { return };
    let malformed: BTreeSet<&str> = table
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|columns| columns.get(1) == Some(&"malformed"))
        .map(|columns| columns[0])
        .collect();
    let mut mistaken = Vec::new();
    for (name, bytes) in corpus_files("wild") {
        let (sources, found) = read_text(&name, bytes, TextForm::Auto);
        let xml = |finding: &&Finding| finding.severity == Severity::Error && finding.code.name.starts_with("xml::");
        let errors: Vec<String> = found.iter().filter(xml).map(|finding| shown(&sources, finding)).collect();
        match (errors.is_empty(), malformed.contains(name.as_str())) {
            (true, true) => mistaken.push(format!("{name} is malformed, and nothing was found")),
            (false, false) => mistaken.extend(errors),
            _ => {}
        }
    }
    assert!(mistaken.is_empty(), "{}", mistaken.join("\n"));
}

/// Each byte of what C# reads leads to where it was written: the same character, an entity, or a line end.
#[test]
fn expressions_lead_back_to_the_file() {
    for set in ["snippets", "docs", "docs-2018", "wild"] {
        for (name, bytes) in corpus_files(set) {
            let mut sources = Sources::new();
            let file = sources.add(&name, bytes).expect("small");
            let mut found = Diagnostics::new();
            let tree = xml::read(&sources, file, TextForm::Auto, &mut found);
            let Some(document) = document::read(&tree, &NOTHING_KNOWN, &mut found) else { continue };
            for code in expressions(&document) {
                let text = code.text.text();
                let fresh = |at: usize| {
                    code.text.placeholders().iter().all(|p| !(p.start as usize..p.end as usize).contains(&at))
                };
                for (at, character) in text.char_indices().filter(|(at, _)| fresh(*at)) {
                    let span = code.text.source_span(at as u32, (at + character.len_utf8()) as u32);
                    let written = sources.slice(span);
                    let same = written.chars().eq([character]);
                    let replaced = written.starts_with('&') && written.ends_with(';')
                        || character == '\n' && written.starts_with('\r');
                    assert!(same || replaced, "{set}/{name}: {character:?} of {text:?} leads to {written:?}");
                }
            }
        }
    }
}

fn expressions(document: &Document) -> Vec<&Code> {
    let mut found = Vec::new();
    let mut open: Vec<&Element> =
        document.blocks().flat_map(|(_, block)| block.statements.iter().map(|s| &s.element)).collect();
    while let Some(element) = open.pop() {
        let values = element.attributes.iter().map(|attribute| &attribute.value).chain(&element.text);
        found.extend(values.filter_map(Value::expression));
        open.extend(element.children.iter().map(|child| match child {
            Child::Statement(statement) => &statement.element,
            Child::Element(element) => element,
        }));
    }
    found
}
