//! Real policies read without an error: the platform's own snippets and documentation, and documents of others.
//! They lie beside the checkout, under `../shared/corpus`; where they are absent, these tests have nothing to read.

use super::support::{NOTHING_KNOWN, check_with, corpus_files, with_stack};
use portcullis::diagnostics::{Diagnostics, Finding, Severity};
use portcullis::document::{self, Child, Code, Document, Element, Value};
use portcullis::source::Sources;
use portcullis::xml::{self, TextForm};
use std::collections::BTreeMap;

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
    let files = ["snippets", "docs", "docs-2018"].into_iter().flat_map(|set| {
        corpus_files(set).into_iter().map(move |(name, bytes)| (format!("{set}/{name}"), bytes)).collect::<Vec<_>>()
    });
    with_stack(|| {
        let mut unexpected = Vec::new();
        for (path, bytes) in files {
            let (sources, found) = check_with(&path, bytes, TextForm::Auto, &NOTHING_KNOWN);
            let errors: Vec<_> = found.iter().filter(|finding| finding.severity == Severity::Error).collect();
            match (errors.is_empty(), known.get(path.as_str())) {
                (false, None) => unexpected.extend(errors.iter().map(|finding| shown(&sources, finding))),
                (true, Some((_, reason))) => unexpected.push(format!("{path} has no error, yet: {reason}")),
                _ => {}
            }
        }
        assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
    });
}

/// Documents of others are well-formed and their C# is right, but for the known; what their policies declare is their affair.
#[test]
fn documents_of_others_hold_the_known_errors_only() {
    let Ok(table) = std::fs::read_to_string(super::support::corpus("wild.tsv")) else { return };
    let known = known_wrong();
    with_stack(|| {
        let mut mistaken = Vec::new();
        for row in table.lines().skip(1) {
            let columns: Vec<&str> = row.split('\t').collect();
            let (name, malformed) = (columns[0], columns[1] == "malformed");
            let bytes = std::fs::read(super::support::corpus("wild").join(name)).expect("a file that the table lists");
            // What stands for another tool's placeholder is a word here, a number there.
            let placeholders = columns.get(2).copied().unwrap_or_default();
            let fills = if placeholders.is_empty() { &["a1"][..] } else { &["a1", "1", "true", "\"a\""][..] };
            let (mut xml, mut csharp) = (Vec::new(), Vec::new());
            for (at, fill) in fills.iter().enumerate() {
                let text = filled(&bytes, placeholders, fill);
                let (sources, found) = check_with(name, text, TextForm::Auto, &NOTHING_KNOWN);
                let of_layer = |layers: &[&str]| -> Vec<String> {
                    let errors = found.iter().filter(|finding| finding.severity == Severity::Error);
                    let of_layer = errors.filter(|finding| layers.iter().any(|l| finding.code.name.starts_with(l)));
                    of_layer.map(|finding| shown(&sources, finding)).collect()
                };
                let fewer = of_layer(&["csharp::", "dotnet::"]);
                if at == 0 || fewer.len() < csharp.len() {
                    csharp = fewer;
                }
                if at == 0 {
                    xml = of_layer(&["xml::"]);
                }
                if csharp.is_empty() || malformed {
                    break;
                }
            }
            if malformed {
                csharp.clear();
            }
            match known.get(format!("wild/{name}").as_str()) {
                Some(("csharp", reason)) if csharp.is_empty() => {
                    mistaken.push(format!("{name} has no error, yet: {reason}"));
                }
                Some(_) => {}
                None => mistaken.extend(csharp),
            }
            match (xml.is_empty(), malformed) {
                (true, true) => mistaken.push(format!("{name} is malformed, and nothing was found")),
                (false, false) => mistaken.extend(xml),
                _ => {}
            }
        }
        assert!(mistaken.is_empty(), "{}", mistaken.join("\n"));
    });
}

/// The text as another tool hands it on: `${...}` and its like hold a value, of `%{ if }` the first branch is taken.
fn filled(bytes: &[u8], placeholders: &str, fill: &str) -> Vec<u8> {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    for (placeholder, from, to) in [("%{ if }", "%{", "}"), ("${...}", "${", "}"), ("__TOKEN__", "__", "__")] {
        if !placeholders.contains(placeholder) {
            continue;
        }
        let mut whole = String::new();
        let mut rest = text.as_str();
        let mut dropped = false;
        while let Some((before, after)) = rest.split_once(from) {
            if !dropped {
                whole.push_str(before);
            }
            let Some((inside, behind)) = after.split_once(to) else { break };
            match (from, inside.trim_matches(['~', ' ']).split(' ').next()) {
                ("%{", Some("else")) => dropped = true,
                ("%{", _) => dropped = false,
                _ => whole.push_str(fill),
            }
            rest = behind;
        }
        whole.push_str(rest);
        text = whole;
    }
    text.into_bytes()
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

pub fn expressions(document: &Document) -> Vec<&Code> {
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
