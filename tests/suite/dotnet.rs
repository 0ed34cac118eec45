//! The language, cryptography, certificates, time zones, regular expressions, XML and what generated programs found, by
//! evaluation: `tests/dotnet/*.txt`, whose results are a real runtime's; what `context` shows.

use super::snippets::overlay;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portcullis::dotnet::context::from_json;
use portcullis::eval::{Form, Outcome, Settings, evaluate};
use portcullis::typed::Options;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dotnet")
}

/// `{file}` becomes that certificate in base64.
pub fn with_certificates(code: &str) -> String {
    let mut code = code.to_owned();
    for entry in fs::read_dir(folder().join("certificates")).expect("the folder of certificates").flatten() {
        let name = format!("{{{}}}", entry.file_name().to_string_lossy());
        if code.contains(&name) {
            let bytes = fs::read(entry.path()).expect("a file that was listed");
            code = code.replace(&name, &STANDARD.encode(bytes));
        }
    }
    code
}

fn check(file: &str) {
    check_as(file, &Settings::default());
}

fn check_as(file: &str, settings: &Settings) {
    let text = fs::read_to_string(folder().join(file)).expect("a file of cases");
    let mut wrong = Vec::new();
    let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).peekable();
    let mut context = serde_json::json!({});
    loop {
        // What differs from the built-in context, for the cases that follow.
        if let Some(change) = lines.next_if(|line| line.starts_with("@ ")) {
            context = serde_json::from_str(from_json::DEFAULT).expect("the built-in context is JSON");
            let change = serde_json::from_str(&change[2..]).unwrap_or_else(|error| panic!("{error}: {change}"));
            overlay(&mut context, &change);
        }
        let (Some(code), Some(expected)) = (lines.next(), lines.next()) else { break };
        let is_block = code.starts_with("var ") || code.contains("return ") || code.ends_with(';');
        let form = if is_block { Form::Block } else { Form::Expression };
        let found = match evaluate(form, &with_certificates(code), &context, settings) {
            Outcome::Value(value) => format!("{} {}", value.type_name, value.text),
            Outcome::Exception { type_name, message } => format!("{type_name}: {message}"),
            // The compiler's code.
            Outcome::CompileError(why) => why.split(' ').next().unwrap_or_default().to_owned(),
            other => format!("{other:?}"),
        };
        let found = found.replace('\\', "\\\\").replace('\n', "\\n");
        if found.trim_end() != expected.trim() {
            wrong.push(format!("{code}\n    expected {}\n    found    {found}", expected.trim()));
        }
    }
    assert!(wrong.is_empty(), "{} cases of {file}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn ciphers() {
    check("ciphers.txt");
}

#[test]
fn time_zones() {
    check("time-zones.txt");
}

#[test]
fn certificates() {
    check("certificates.txt");
}

#[test]
fn regular_expressions() {
    check("regex.txt");
}

#[test]
fn xml() {
    check("xml.txt");
}

#[test]
fn xml_parsing() {
    check("xml-parsing.txt");
}

#[test]
fn json() {
    check("json.txt");
}

#[test]
fn json_paths() {
    check("json-paths.txt");
}

#[test]
fn collections() {
    check("collections.txt");
}

#[test]
fn linq() {
    check("linq.txt");
}

#[test]
fn differences_that_generated_programs_found() {
    check("generated.txt");
}

#[test]
fn mistakes() {
    check("mistakes.txt");
}

#[test]
fn statements() {
    check("statements.txt");
}

#[test]
fn dates() {
    check("dates.txt");
}

#[test]
fn text() {
    check("text.txt");
}

#[test]
fn newer_language() {
    let typing = Options { csharp_7_3: true, ..Settings::default().typing };
    check_as("csharp-7.3.txt", &Settings { typing, ..Settings::default() });
}

#[test]
fn dynamic() {
    check("dynamic.txt");
}

#[test]
fn numbers() {
    check("numbers.txt");
}

#[test]
fn language() {
    check("language.txt");
}

#[test]
fn what_changed_cases_found() {
    check("probes.txt");
}

#[test]
fn types_beyond_the_list() {
    check("off-list.txt");
}

#[test]
fn context() {
    check("context.txt");
}

#[test]
fn headers_are_compared_in_place() {
    let context = json!({ "Request": { "Headers": {
        "X-One": ["eu"], "X-Two": ["a", "b"], "X-Wide": ["caf\u{e9}"], "X-Empty": [""]
    } } });
    let rows = [
        ("x-one", "null", "\"eu\"", true),
        ("X-One", "\"us\"", "\"EU\"", false),
        ("X-Two", "null", "\"a,b\"", true),
        ("X-Two", "null", "\"a\"", false),
        ("X-Wide", "null", "\"caf\u{e9}\"", true),
        ("X-Empty", "\"us\"", "\"\"", true),
        ("X-None", "\"us\"", "\"us\"", true),
        ("X-None", "null", "\"\"", false),
        ("not a name", "\"us\"", "\"us\"", true),
    ];
    for (name, default, text, equal) in rows {
        for (operator, expected) in [("==", equal), ("!=", !equal)] {
            let code = format!("context.Request.Headers.GetValueOrDefault(\"{name}\", {default}) {operator} {text}");
            match evaluate(Form::Expression, &code, &context, &Settings::default()) {
                Outcome::Value(value) => assert_eq!(value.text, if expected { "True" } else { "False" }, "{code}"),
                other => panic!("{code}: {other:?}"),
            }
        }
    }
}

#[test]
fn streams() {
    check("streams.txt");
}
