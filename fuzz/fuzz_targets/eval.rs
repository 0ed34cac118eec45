//! Typed evaluation: any text ends in a value, an exception, a compile error or a limit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::dotnet::context::from_json;
use portcullis::eval::{Form, Settings, evaluate};
use std::sync::LazyLock;

static CONTEXT: LazyLock<serde_json::Value> =
    LazyLock::new(|| serde_json::from_str(from_json::DEFAULT).expect("the built-in context is JSON"));

fuzz_target!(|text: &str| {
    let mut settings = Settings::default();
    settings.limits.fuel = 200_000;
    settings.limits.memory = 8 << 20;
    let form = if text.contains("return") { Form::Block } else { Form::Expression };
    let _ = evaluate(form, text, &CONTEXT, &settings);
});
