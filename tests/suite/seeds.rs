//! The inputs that fuzzing begins with, and those that it once failed on: `fuzz/seeds/`.

use super::support::with_stack;
use portcullis::diagnostics::Diagnostics;
use portcullis::document::{NamedValues, Options};
use portcullis::dotnet::context::from_json;
use portcullis::eval::{Form, Settings, bind, evaluate};
use portcullis::source::Sources;
use portcullis::xml::TextForm;
use portcullis::{compile, policies, typed};
use std::fs;
use std::path::Path;

fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let files = fs::read_dir(folder).expect("the folder of seeds").flatten();
    let seeds: Vec<_> = files
        .map(|file| {
            let bytes = fs::read(file.path()).expect("a file that was listed");
            (file.file_name().to_string_lossy().into_owned(), bytes)
        })
        .collect();
    assert!(!seeds.is_empty());
    seeds
}

#[test]
fn texts_are_read_and_evaluated() {
    with_stack(|| {
        let context = serde_json::from_str(from_json::DEFAULT).expect("the built-in context is JSON");
        let mut settings = Settings::default();
        settings.limits.fuel = 200_000;
        settings.limits.memory = 8 << 20;
        for (_, bytes) in seeds("check").into_iter().chain(seeds("eval")) {
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let _ = bind(Form::Expression, &text, &settings.typing);
            let _ = bind(Form::Block, &text, &settings.typing);
            let form = if text.contains("return") { Form::Block } else { Form::Expression };
            let _ = evaluate(form, &text, &context, &settings);
        }
    });
}

#[test]
fn documents_have_findings_inside_them() {
    with_stack(|| {
        for (name, bytes) in seeds("document") {
            let length = bytes.len();
            let mut sources = Sources::default();
            let Ok(file) = sources.add("policy.xml", bytes) else { continue };
            let values = NamedValues::default();
            let options = Options::new(policies::SPECS, &values);
            let mut found = Diagnostics::new();
            compile::compile(&sources, file, TextForm::Auto, &options, &typed::Options::default(), &mut found);
            for finding in found.into_sorted() {
                assert!(finding.span.start <= finding.span.end && finding.span.end as usize <= length, "{name}");
            }
        }
    });
}
