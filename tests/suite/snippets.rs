//! Every expression of the platform's own snippets gives what a real runtime gives, in a context that fits it.
//!
//! `tests/corpus/snippets/` has a file of facts for each snippet that holds expressions: named values, what differs from
//! the built-in context, and the results in the document's order. The snippets lie beside the checkout, under
//! `../shared/corpus`; where they are absent, there is nothing to evaluate.
//!
//! `PORTCULLIS_SNIPPETS=cases.jsonl cargo test --test suite snippets::` writes the cases for a real runtime.

use super::corpus::expressions;
use super::dotnet::with_certificates;
use super::support::{corpus_files, with_stack};
use portcullis::diagnostics::Diagnostics;
use portcullis::document::{self, CodeKind, NamedValues, Options, names_in};
use portcullis::dotnet::context::from_json;
use portcullis::eval::{Form, Outcome, Settings, evaluate};
use portcullis::policies::SPECS;
use portcullis::source::Sources;
use portcullis::xml::{self, TextForm};
use serde_json::{Map, Value as Json, json};
use std::path::Path;

struct Snippet {
    name: String,
    facts: Json,
    expressions: Vec<(Form, String)>,
}

impl Snippet {
    fn context(&self) -> Json {
        let mut whole = serde_json::from_str(from_json::DEFAULT).expect("the built-in context is JSON");
        if !self.facts["context"].is_null() {
            overlay(&mut whole, &self.facts["context"]);
        }
        serde_json::from_str(&with_certificates(&whole.to_string())).expect("still JSON")
    }
}

/// Objects are merged, except where one says what it is (`$type`); all else replaces.
pub fn overlay(onto: &mut Json, with: &Json) {
    match (onto, with) {
        (Json::Object(onto), Json::Object(with)) if !with.contains_key("$type") => {
            for (name, value) in with {
                overlay(onto.entry(name.clone()).or_insert(Json::Null), value);
            }
        }
        (onto, with) => *onto = with.clone(),
    }
}

fn snippets() -> Vec<Snippet> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/snippets");
    let files = corpus_files("snippets").into_iter();
    let read = files.map(|(name, bytes)| {
        let facts = std::fs::read_to_string(folder.join(name.replace(".xml", ".json"))).unwrap_or("{}".into());
        let facts: Json = serde_json::from_str(&facts).unwrap_or_else(|error| panic!("{name}: {error}"));
        let given = facts["named_values"].as_object().cloned().unwrap_or_else(Map::new);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut named = NamedValues::new();
        for (start, end) in names_in(&text) {
            let name = &text[start + 2..end - 2];
            named.define(name, given.get(name).and_then(Json::as_str).unwrap_or("a-word"), false);
        }
        let mut sources = Sources::new();
        let file = sources.add(&name, bytes).expect("small");
        let mut found = Diagnostics::new();
        let tree = xml::read(&sources, file, TextForm::Auto, &mut found);
        let document = document::read(&tree, &Options::new(SPECS, &named), &mut found);
        let expressions = document.iter().flat_map(expressions);
        let expressions = expressions.map(|code| {
            let form = if code.kind == CodeKind::Block { Form::Block } else { Form::Expression };
            (form, code.text.text().to_owned())
        });
        Snippet { expressions: expressions.collect(), name, facts }
    });
    read.collect()
}

#[test]
fn every_expression_evaluates() {
    let snippets = snippets();
    if snippets.is_empty() {
        return eprintln!("the platform's snippets are not beside this checkout: nothing is evaluated");
    }
    if let Ok(path) = std::env::var("PORTCULLIS_SNIPPETS") {
        let cases = snippets.iter().flat_map(|snippet| {
            snippet.expressions.iter().enumerate().map(|(at, (form, code))| {
                let kind = if *form == Form::Block { "block" } else { "expr" };
                let id = format!("{} {at}", snippet.name);
                json!({"id": id, "kind": kind, "code": code, "context": snippet.context()}).to_string() + "\n"
            })
        });
        std::fs::write(path, cases.collect::<String>()).expect("the file that was named can be written");
        return;
    }
    let mut evaluated = 0;
    let mut wrong = Vec::new();
    with_stack(|| {
        for snippet in &snippets {
            let results = snippet.facts["results"].as_array().cloned().unwrap_or_default();
            if results.len() != snippet.expressions.len() {
                wrong.push(format!(
                    "{}: {} results for {} expressions",
                    snippet.name,
                    results.len(),
                    snippet.expressions.len()
                ));
            }
            for (at, ((form, code), expected)) in snippet.expressions.iter().zip(&results).enumerate() {
                let mut context = snippet.context();
                if !expected["context"].is_null() {
                    overlay(&mut context, &expected["context"]);
                }
                let expected = expected.as_str().or(expected["result"].as_str()).unwrap_or_default();
                let expected = with_certificates(expected);
                let found = match evaluate(*form, code, &context, &Settings::default()) {
                    Outcome::Value(value) => format!("{} {}", value.type_name, value.text),
                    Outcome::Exception { type_name, message } => format!("{type_name}: {message}"),
                    Outcome::CompileError(_) => "a compile error".to_owned(),
                    Outcome::BadContext(why) => why,
                };
                let fits = match expected.strip_suffix('*') {
                    Some(start) => found.starts_with(start),
                    None => found == expected,
                };
                if !fits {
                    wrong.push(format!("{} {at}: {code}\n    expected {expected}\n    found    {found}", snippet.name));
                }
                evaluated += usize::from(!expected.starts_with("a compile error"));
            }
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // With what is written several times: 310 different ones. The rest are no C#, each with its reason.
    let whole: usize = snippets.iter().map(|snippet| snippet.expressions.len()).sum();
    assert_eq!((whole, evaluated), (435, 423));
}
