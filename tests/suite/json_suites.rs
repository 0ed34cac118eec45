//! The public suites of JSON texts and of JSONPath through `JToken.Parse` and `SelectTokens`: what the standards ask, and
//! where Newtonsoft.Json answers otherwise, what a real runtime answers (`tests/corpus/json-lenient.txt`, `jsonpath.jsonl`).
//!
//! The suites lie beside the checkout, under `../shared/suites`; where they are absent, there is nothing to read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portcullis::eval::{Form, Outcome, Settings, evaluate};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn suite(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/suites").join(path)
}

/// A C# literal: every character that is not plain ASCII as its UTF-16 units.
fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte @ (b' '..=b'~')) if byte != b'"' && byte != b'\\' => out.push(byte.into()),
            _ => {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out + "\""
}

fn run(code: &str) -> Outcome {
    evaluate(Form::Expression, code, &json!({}), &Settings::default())
}

#[test]
fn texts_that_are_json_are_read_and_others_as_newtonsoft_does() {
    let Ok(entries) = std::fs::read_dir(suite("json-parsing/test_parsing")) else {
        return eprintln!("the suite of JSON texts is not beside this checkout: nothing is read");
    };
    let lenient: BTreeSet<&str> =
        include_str!("../corpus/json-lenient.txt").lines().filter(|line| !line.starts_with('#')).collect();
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let bytes = STANDARD.encode(std::fs::read(&path).expect("readable"));
        let code = format!("JToken.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(\"{bytes}\"))) == null");
        let found = run(&code);
        let fits = match &found {
            Outcome::Value(_) => !name.starts_with("n_") || lenient.contains(&*name),
            Outcome::Exception { type_name, .. } => {
                !name.starts_with("y_")
                    && !lenient.contains(&*name)
                    && type_name == "Newtonsoft.Json.JsonReaderException"
            }
            Outcome::CompileError(_) | Outcome::BadContext(_) => false,
        };
        count += 1;
        if !fits {
            wrong.push(format!("{name}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(count, 318);
}

#[test]
fn paths_select_what_the_standard_or_newtonsoft_selects() {
    let Ok(text) = std::fs::read_to_string(suite("jsonpath/cts.json")) else {
        return eprintln!("the suite of JSONPath is not beside this checkout: nothing is selected");
    };
    let rows = include_str!("../corpus/jsonpath.jsonl").lines();
    let differing: BTreeMap<String, String> =
        rows.map(|row| serde_json::from_str(row).expect("a name and a result")).collect();
    let suite: Json = serde_json::from_str(&text).expect("the suite is JSON");
    let tests = suite["tests"].as_array().expect("a list of tests");
    let mut wrong = Vec::new();
    for test in tests {
        let name = test["name"].as_str().unwrap_or_default();
        let document = if test["document"].is_null() { json!({}) } else { test["document"].clone() };
        let selector = literal(test["selector"].as_str().unwrap_or_default());
        let found = run(&format!("JToken.Parse({}).SelectTokens({selector})", literal(&document.to_string())));
        let shown = match &found {
            Outcome::Value(value) => value.text.clone(),
            Outcome::Exception { type_name, .. } => type_name.clone(),
            other => format!("{other:?}"),
        };
        let fits = match differing.get(name) {
            Some(expected) => *expected == shown,
            None if test["invalid_selector"] == true => matches!(found, Outcome::Exception { .. }),
            None => {
                let selected: Option<Json> = serde_json::from_str(&shown).ok();
                let several = test["results"].as_array().cloned().unwrap_or_default();
                selected.is_some_and(|selected| test["result"] == selected || several.contains(&selected))
            }
        };
        if !fits {
            wrong.push(format!("{name}: {} gives {shown}", test["selector"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), tests.len(), wrong.join("\n"));
    assert_eq!(tests.len(), 703);
}
