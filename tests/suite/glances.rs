//! Expressions that only look give what the ordinary instructions give: each is evaluated as it stands and with its text in
//! a local, which no look takes in.

use portcullis::eval::{Form, Settings, evaluate, result_line};
use portcullis::vm::limits::Limits;
use serde_json::{Value, json};

/// What a text is asked, with `X` for the text.
const QUESTIONS: &[&str] = &[
    r#"X == "eu""#,
    r#""eu" != X"#,
    "X == null",
    "X != null",
    r#"!(X == "eu") && X != "us""#,
    r#"X == "us" || X == "eu""#,
    r#"X.StartsWith("eu")"#,
    r#"X.EndsWith("u")"#,
    r#"X.Contains("yy")"#,
    r#"X.Contains("")"#,
    "string.IsNullOrEmpty(X)",
    "!string.IsNullOrWhiteSpace(X)",
    r#"X.ToUpper() == "EU""#,
    r#"X.ToLowerInvariant() == "k""#,
    r#"X.Trim() == "eu""#,
    r#"X.ToLower().Trim().StartsWith("e")"#,
    r#"(X ?? "none") == "none""#,
    "int.Parse(X) > 100",
    "int.Parse(X) == -7",
    "5 < X.Length",
    "X.Length",
    r#"$"{X}-{X}""#,
    r#"X + "-" + X"#,
    r#"("<" + X + ">").ToUpper()"#,
    r#"("  " + X).TrimStart()"#,
    r#"$"{X.Length}:{X}""#,
    r#"X + X.Length.ToString()"#,
    r#"(X + X).ToLower().Contains("eueu")"#,
];

const TEXTS: &[&str] = &[
    r#"context.Request.Headers.GetValueOrDefault("X-Plain", "us")"#,
    r#"context.Request.Headers.GetValueOrDefault("x-number", "")"#,
    r#"context.Request.Headers.GetValueOrDefault("X-Minus", "")"#,
    r#"context.Request.Headers.GetValueOrDefault("X-Large", "")"#,
    r#"context.Request.Headers.GetValueOrDefault("X-Padded", "")"#,
    r#"context.Request.Headers.GetValueOrDefault("X-Empty", "us")"#,
    r#"context.Request.Headers.GetValueOrDefault("X-Several", "us")"#,
    r#"context.Request.Headers.GetValueOrDefault("X-Wide", "us")"#,
    r#"context.Request.Headers.GetValueOrDefault("X-Wide-Space", "us")"#,
    r#"context.Request.Headers.GetValueOrDefault("X-Kelvin", "us")"#,
    r#"context.Request.Headers.GetValueOrDefault("X-Tab", "us")"#,
    r#"context.Request.Headers.GetValueOrDefault("X-Middle", "us")"#,
    r#"context.Request.Headers.GetValueOrDefault("X-Long", "us")"#,
    r#"context.Request.Headers.GetValueOrDefault("X-None", "us")"#,
    r#"context.Request.Headers.GetValueOrDefault("X-None")"#,
    r#"context.Response.Headers.GetValueOrDefault("X-Plain", "us")"#,
    r#"context.Request.MatchedParameters["ID"]"#,
    r#"context.Request.MatchedParameters["none"]"#,
    r#"context.Request.MatchedParameters.GetValueOrDefault("none", "us")"#,
    r#"context.Request.Url.Query.GetValueOrDefault("tag", "us")"#,
    r#"context.Request.Url.Query.GetValueOrDefault("Escaped", "us")"#,
    r#"context.Request.Url.Query.GetValueOrDefault("hidden", "us")"#,
    r#"context.Request.Url.Query.GetValueOrDefault("twice", "us")"#,
    r#"context.Request.Url.Query.GetValueOrDefault("bare", "us")"#,
    r#"context.Request.Url.Query.GetValueOrDefault("none", "us")"#,
    "context.Request.Url.Path",
    "context.Request.Method",
    "context.Api.Name",
    "context.Product.Name",
    r#"(string)context.Variables["text"]"#,
    r#"(string)context.Variables["wide"]"#,
    r#"(string)context.Variables["number"]"#,
    r#"(string)context.Variables["null"]"#,
    r#"(string)context.Variables["none"]"#,
    r#"context.Variables.GetValueOrDefault<string>("text", "us")"#,
    r#"context.Variables.GetValueOrDefault<string>("number", "us")"#,
    r#"context.Variables.GetValueOrDefault<string>("none", "us")"#,
];

/// Other expressions that only look, each beside one of the same meaning that does not.
const OTHERS: &[(&str, &str)] = &[
    ("context.Response.StatusCode >= 200", "{ var s = context.Response.StatusCode; return s >= 200; }"),
    ("500 > context.Response.StatusCode", "{ var s = context.Response.StatusCode; return 500 > s; }"),
    (
        r#"(bool)context.Variables["flag"] && !context.Variables.GetValueOrDefault<bool>("none", false)"#,
        r#"{ var a = (bool)context.Variables["flag"]; return a && !false; }"#,
    ),
    (r#"(bool)context.Variables["text"] || true"#, r#"{ var a = (bool)context.Variables["text"]; return a || true; }"#),
    (
        r#"(int)context.Variables["number"] + 1 > 5 && (int)context.Variables["number"] < 6"#,
        r#"{ var n = (int)context.Variables["number"]; return n + 1 > 5 && n < 6; }"#,
    ),
    (
        r#"context.Variables.GetValueOrDefault<int>("none", 7) == 7"#,
        r#"{ var n = context.Variables.GetValueOrDefault<int>("none", 7); return n == 7; }"#,
    ),
    (
        r#"context.Variables.ContainsKey("null") && !context.Variables.ContainsKey("none")"#,
        r#"{ var v = context.Variables; return v.ContainsKey("null") && !v.ContainsKey("none"); }"#,
    ),
    (
        r#"context.Request.Headers.ContainsKey("X-Several") && !context.Request.Headers.ContainsKey("none")"#,
        r#"{ var h = context.Request.Headers; return h.ContainsKey("X-Several") && !h.ContainsKey("none"); }"#,
    ),
    (
        r#"context.Response.Headers.ContainsKey("X-Plain") == true"#,
        r#"{ var h = context.Response.Headers; return h.ContainsKey("X-Plain") == true; }"#,
    ),
    (
        r#"context.Request.Url.Query.ContainsKey("bare") && !context.Request.Url.Query.ContainsKey("none")"#,
        r#"{ var q = context.Request.Url.Query; return q.ContainsKey("bare") && !q.ContainsKey("none"); }"#,
    ),
    (
        r#"context.Request.MatchedParameters.ContainsKey("id") || context.Request.Method == "GET""#,
        r#"{ var m = context.Request.MatchedParameters; return m.ContainsKey("id") || false; }"#,
    ),
    (
        r#"$"{context.Response.StatusCode}/{int.Parse("-2147483648")}/{0}""#,
        r#"{ var s = context.Response.StatusCode; return s + "/" + int.MinValue + "/0"; }"#,
    ),
];

fn context() -> Value {
    json!({
        "Request": {
            "Method": "GET",
            "Url": "http://a.example/api/eu?=&tag=eu&Escaped=a+b%20&h%69dden=eu&twice=1&TWICE=2&bare&x=%31",
            "Headers": {
                "X-Plain": ["eu"], "X-Number": ["120"], "X-Minus": ["-7"], "X-Large": ["99999999999"],
                "X-Padded": ["  eu \t"], "X-Empty": [""], "X-Several": ["eu", "us"], "X-Wide": ["Zürich"],
                "X-Wide-Space": ["\u{a0}eu\u{a0}"], "X-Kelvin": ["\u{212a}"], "X-Tab": ["e\tu"],
                "X-Middle": ["y".repeat(200)], "X-Long": ["eu".repeat(2_000)]
            },
            "MatchedParameters": { "id": "120" }
        },
        "Response": { "StatusCode": 200, "Headers": { "X-Plain": ["eu"] } },
        "Api": { "Id": "orders", "Name": "orders" },
        "Variables": { "text": "eu", "wide": "Zürich", "number": 5, "flag": true, "null": null }
    })
}

/// What an expression, or a block in braces, gives.
fn outcome(code: &str, context: &Value) -> String {
    let (form, code) = match code.strip_prefix("{ ").and_then(|code| code.strip_suffix(" }")) {
        Some(block) => (Form::Block, block),
        None => (Form::Expression, code),
    };
    let outcome = evaluate(form, code, context, &Settings::default());
    result_line(None, &outcome)
}

#[test]
fn looks_tell_what_the_machine_tells() {
    let context = context();
    let mut wrong = Vec::new();
    for text in TEXTS {
        for question in QUESTIONS {
            let (looked, ran) =
                (question.replace('X', &format!("({text})")), format!("{{ string X = {text}; return {question}; }}"));
            let (looked, ran) = (outcome(&looked, &context), outcome(&ran, &context));
            if looked != ran {
                wrong.push(format!("{question} of {text}:\n  {looked}\n  {ran}"));
            }
            assert!(!looked.contains("compile_error"), "{question} of {text}: {looked}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn looks_at_what_is_no_text() {
    let whole = context();
    let mut without = context();
    without["Response"] = Value::Null;
    without["Variables"] = json!({});
    for (looked, ran) in OTHERS {
        for context in [&whole, &without] {
            let (looked, ran) = ((looked, outcome(looked, context)), outcome(ran, context));
            assert_eq!(looked.1, ran, "{}", looked.0);
        }
    }
}

#[test]
fn looks_use_fuel() {
    let code = r#"for (;;) { if (context.Request.Headers.GetValueOrDefault("X-Plain", "us") == "us") return 1; }"#;
    let limits = Limits { fuel: 100_000, ..Limits::DEFAULT };
    let outcome = evaluate(Form::Block, code, &context(), &Settings { limits, ..Settings::default() });
    assert!(result_line(None, &outcome).contains("Timeout"));
}
