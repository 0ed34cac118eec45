//! What users read when a document is wrong. `tests/check/*.txt` holds cases: a title after `===`, options such as
//! `--scope product` or `--define name=value`, the document, `---`, and a line for each finding.
//! `UPDATE_CHECK=1` writes what is found now: read the difference before keeping it.

use super::support::{NOTHING_KNOWN, read_with};
use portcullis::document::{Gateway, NamedValues, Options, Scope};
use portcullis::xml::TextForm;
use std::fmt::Write;
use std::path::Path;

#[test]
fn messages_are_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).expect("the folder of cases").flatten().map(|e| e.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    assert!(!files.is_empty());
    let mut failures = String::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("readable");
        let now = rewritten(&text);
        if now == text {
            continue;
        }
        if std::env::var_os("UPDATE_CHECK").is_some() {
            std::fs::write(&path, now).expect("writable");
        } else {
            let difference = similar::TextDiff::from_lines(&text, &now);
            let _ = writeln!(failures, "{}\n{}", path.display(), difference.unified_diff().context_radius(8));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// The file with the findings that there are.
fn rewritten(text: &str) -> String {
    let mut cases = text.split("=== ");
    let mut out = cases.next().unwrap_or_default().to_owned();
    for case in cases {
        let (input, _) = case.split_once("\n---\n").expect("a case has `---`");
        let (title, rest) = input.split_once('\n').expect("a title has a line");
        let options: String =
            rest.lines().take_while(|line| line.starts_with("--")).map(|line| format!("{line}\n")).collect();
        let document = &rest[options.len()..];
        let _ = writeln!(out, "=== {title}\n{options}{document}\n---\n{}", findings(&options, document));
    }
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}

fn findings(options: &str, document: &str) -> String {
    let mut values = NamedValues::new();
    let mut known = Options { ..NOTHING_KNOWN };
    let mut form = TextForm::Auto;
    for line in options.lines() {
        match line.split_once(' ').unwrap_or((line, "")) {
            ("--scope", name) => known.scope = Some(Scope::of(name).expect("a scope")),
            ("--gateway", name) => known.gateway = Some(Gateway::of(name).expect("a gateway")),
            ("--strict", _) => known.strict = true,
            ("--text", "raw") => form = TextForm::Raw,
            ("--text", "escaped") => form = TextForm::Escaped,
            ("--define", pair) => values.define(
                pair.split_once('=').expect("name=value").0,
                pair.split_once('=').expect("name=value").1,
                false,
            ),
            ("--secret", pair) => values.define(
                pair.split_once('=').expect("name=value").0,
                pair.split_once('=').expect("name=value").1,
                true,
            ),
            other => panic!("no such option: {other:?}"),
        }
    }
    let known = Options { named_values: &values, ..known };
    let (sources, found) = read_with("policy.xml", document.as_bytes().to_vec(), form, &known);
    let mut out = String::new();
    for finding in found {
        let (start, end) =
            (sources.place(finding.span.file, finding.span.start), sources.place(finding.span.file, finding.span.end));
        let _ = writeln!(
            out,
            "{}:{}-{}:{} {} {}: {}",
            start.line,
            start.column,
            end.line,
            end.column,
            finding.severity.word(),
            finding.code.name,
            finding.message
        );
        if let Some(help) = finding.help {
            let _ = writeln!(out, "    help: {help}");
        }
    }
    out
}
