//! `portcullis eval`: what an expression gives.

use super::repl::session::Session;
use crate::dotnet::context::from_json;
use crate::eval::{Form, Outcome, Settings, evaluate, result_line};
use clap::Args;
use serde_json::Value as Json;
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Evaluates a C# policy expression against a context.
///
/// Examples:
///   portcullis eval 'context.Request.Headers.GetValueOrDefault("Accept", "")'
///   portcullis eval '@{ var n = 0; for (var i = 0; i < 3; i++) n += i; return n; }'
///   portcullis eval --cases cases.jsonl > results.jsonl
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    /// The expression, with or without `@( )`; statements as `@{ }`. Without one, or with `-`, lines are read from the terminal or a pipe.
    expression: Option<String>,
    /// Evaluate each case (a line of JSON with `id`, `kind`, `code`, `context`) and print a result line for each.
    #[arg(long, value_name = "FILE", conflicts_with = "expression")]
    cases: Option<PathBuf>,
    /// The context, as JSON, in place of the built-in one.
    #[arg(long, value_name = "FILE")]
    context: Option<PathBuf>,
    /// Accept features of C# up to this version.
    #[arg(long, value_name = "VERSION", default_value = "7.0", value_parser = ["7.0", "7.3"])]
    csharp: String,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    super::with_stack(|| evaluate_all(arguments))
}

fn evaluate_all(arguments: &Arguments) -> ExitCode {
    let text = match &arguments.context {
        None => from_json::DEFAULT.to_owned(),
        Some(path) => match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return usage(&format!("{}: {error}", path.display())),
        },
    };
    let context: Json = match serde_json::from_str(&text) {
        Ok(context) => context,
        Err(error) => return usage(&format!("the context is not valid JSON: {error}")),
    };
    let mut settings = Settings::default();
    settings.typing.csharp_7_3 = arguments.csharp == "7.3";
    match (&arguments.cases, &arguments.expression) {
        (Some(path), _) => cases(path, &context, &settings),
        (None, Some(code)) if code != "-" => one(code, &context, &settings),
        (None, _) => super::repl::run(Session::new(settings, context)),
    }
}

fn usage(message: &str) -> ExitCode {
    eprintln!("portcullis eval: {message}");
    ExitCode::from(2)
}

fn one(code: &str, context: &Json, settings: &Settings) -> ExitCode {
    let code = code.trim();
    let (form, code) = if let Some(inner) = code.strip_prefix("@{").and_then(|c| c.strip_suffix('}')) {
        (Form::Block, inner)
    } else if let Some(inner) = code.strip_prefix("@(").and_then(|c| c.strip_suffix(')')) {
        (Form::Expression, inner)
    } else {
        (Form::Expression, code)
    };
    let outcome = evaluate(form, code, context, settings);
    let mut out = std::io::stdout().lock();
    let shown = if out.is_terminal() {
        match &outcome {
            Outcome::Value(value) => format!("{}    {}", value.text, value.type_name),
            Outcome::Exception { type_name, message } => format!("{type_name}: {message}"),
            Outcome::CompileError(error) | Outcome::BadContext(error) => error.clone(),
        }
    } else {
        result_line(None, &outcome)
    };
    if writeln!(out, "{shown}").is_err() {
        return ExitCode::from(2);
    }
    ExitCode::from(u8::from(!matches!(outcome, Outcome::Value(_))))
}

fn cases(path: &PathBuf, context: &Json, settings: &Settings) -> ExitCode {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) => return usage(&format!("{}: {error}", path.display())),
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (number, line) in std::io::BufReader::new(file).lines().enumerate() {
        let line = match line {
            Ok(line) if line.trim().is_empty() => continue,
            Ok(line) => line,
            Err(error) => return usage(&format!("{}:{}: {error}", path.display(), number + 1)),
        };
        let case: Json = match serde_json::from_str(&line) {
            Ok(case) => case,
            Err(error) => return usage(&format!("{}:{}: {error}", path.display(), number + 1)),
        };
        let form = if case["kind"] == "block" { Form::Block } else { Form::Expression };
        let own = case.get("context").filter(|c| !c.is_null());
        let outcome = evaluate(form, case["code"].as_str().unwrap_or_default(), own.unwrap_or(context), settings);
        if writeln!(out, "{}", result_line(case.get("id"), &outcome)).is_err() {
            return ExitCode::from(2);
        }
    }
    if out.flush().is_err() { ExitCode::from(2) } else { ExitCode::SUCCESS }
}
