//! What holds for every program: generated from seeds, by `generate`.
//!
//! To compare with a real runtime, write cases for it and evaluate them here too:
//! `PORTCULLIS_GENERATE=cases.jsonl PORTCULLIS_SEED=1 PORTCULLIS_COUNT=10000 cargo test --test suite generated::written`.

use crate::generate::Generator;
use portcullis::eval::Form;
use serde_json::json;
use std::fmt::Write;

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
