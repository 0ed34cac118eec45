//! What holds for every program: generated from seeds, by `generate`.
//!
//! To compare with a real runtime, write cases for it and evaluate them here too:
//! `PORTCULLIS_GENERATE=cases.jsonl PORTCULLIS_SEED=1 PORTCULLIS_COUNT=10000 cargo test --test suite generated::written`.

use crate::generate::Generator;
use portcullis::dotnet::context::from_json;
use portcullis::eval::{Form, Outcome, Settings, evaluate};
use portcullis_grammar::syntax::print;
use portcullis_grammar::{LanguageVersion, parse_block, parse_expression};
use serde_json::json;
use std::fmt::Write;

/// What a program is printed as, when it parses.
fn printed(form: Form, code: &str) -> Option<String> {
    let version = LanguageVersion::CSharp7;
    match form {
        Form::Expression => {
            let parsed = parse_expression(code, version);
            parsed.tree.filter(|_| parsed.errors.is_empty()).map(|tree| print::expression(&tree))
        }
        Form::Block => {
            let parsed = parse_block(code, version);
            parsed.tree.filter(|_| parsed.errors.is_empty()).map(|tree| print::statements(&tree))
        }
    }
}

#[test]
fn a_printed_program_parses_to_what_was_printed() {
    let mut generator = Generator::new(1);
    for _ in 0..2000 {
        let case = generator.case();
        // Some of them only the lexer refuses: a format that ends in a space.
        let Some(first) = printed(case.form, &case.code) else { continue };
        assert_eq!(printed(case.form, &first).as_deref(), Some(&*first), "{}", case.code);
    }
}

#[test]
fn a_program_ends_in_a_value_an_exception_or_a_limit() {
    let context = serde_json::from_str(from_json::DEFAULT).expect("the built-in context is JSON");
    let mut settings = Settings::default();
    settings.limits.fuel = 1_000_000;
    settings.limits.memory = 16 << 20;
    let mut generator = Generator::new(2);
    let mut refused = 0;
    for _ in 0..1000 {
        let case = generator.case();
        match evaluate(case.form, &case.code, &context, &settings) {
            Outcome::Value(_) => {}
            Outcome::Exception { type_name, .. } => {
                let known = ["System.", "Newtonsoft.", "Timeout", "ProcessCrash"];
                assert!(known.iter().any(|known| type_name.starts_with(known)), "{type_name}: {}", case.code);
            }
            Outcome::CompileError(why) => {
                refused += 1;
                assert!(why.starts_with("CS"), "{why}: {}", case.code);
            }
            Outcome::BadContext(why) => panic!("{why}: {}", case.code),
        }
    }
    assert!(refused < 200, "{refused} of 1,000 programs were refused: the generator makes well-typed ones");
}

#[test]
fn written() {
    let Ok(path) = std::env::var("PORTCULLIS_GENERATE") else { return };
    let number =
        |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (seed, count) = (number("PORTCULLIS_SEED", 1), number("PORTCULLIS_COUNT", 1000));
    let mut generator = Generator::new(seed);
    let mut out = String::new();
    for at in 0..count {
        let case = generator.case();
        let kind = if case.form == Form::Block { "block" } else { "expr" };
        let _ = writeln!(out, "{}", json!({"id": format!("gen-{seed}-{at}"), "kind": kind, "code": case.code}));
    }
    std::fs::write(path, out).expect("the file that was named can be written");
}
