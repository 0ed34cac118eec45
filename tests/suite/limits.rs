//! Programs that would take all time or memory: each ends at a limit that its message names, in little of either.

use portcullis::dotnet::context::from_json;
use portcullis::eval::{Form, Outcome, Settings, evaluate};

const NESTED: &str = "CS8078 this is nested too deep, or has too many terms";
const LARGE: &str = "CS8078 the expression is too large: it needs more than 65,534 registers";
const FUEL: &str = "the expression used up its fuel";
const MEMORY: &str = "the expression used up its memory";
const DEPTH: &str = "calls are nested too deeply";
const REGEX: &str = "a regular expression took too many steps";

fn times(text: &str, count: usize) -> String {
    text.repeat(count)
}

fn numbered(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

/// A block when it has a `return`.
fn outcome(code: &str) -> Outcome {
    let context = serde_json::from_str(from_json::DEFAULT).expect("the built-in context is JSON");
    let mut settings = Settings::default();
    // A fortieth of what a policy has, so that a debug build is done in a second.
    settings.limits.fuel = 5_000_000;
    settings.limits.memory = 32 << 20;
    let form = if code.contains("return ") { Form::Block } else { Form::Expression };
    evaluate(form, code, &context, &settings)
}

#[test]
fn what_is_too_much_ends_at_a_limit() {
    let cases: Vec<(String, &str)> = vec![
        // Text that nests.
        (format!("{}1{}", times("(", 10_000), times(")", 10_000)), NESTED),
        (times("(", 10_000), NESTED),
        (format!("{}true", times("!", 10_000)), NESTED),
        (format!("{}1", times("- ", 10_000)), NESTED),
        (format!("1{}", times("+1", 100_000)), NESTED),
        (format!("{}1{}", times("true ? ", 5_000), times(" : 2", 5_000)), NESTED),
        (format!("\"a\"{}", times(".Trim()", 10_000)), NESTED),
        (format!("{}1", times("x => ", 5_000)), NESTED),
        (format!("new {}int{}()", times("List<", 5_000), times(">", 5_000)), NESTED),
        (format!("{}{}return 1;", times("{", 10_000), times("}", 10_000)), NESTED),
        (format!("{}return 1; return 2;", times("if (true) ", 10_000)), NESTED),
        (format!("{}1{}", times("$\"{", 200), times("}\"", 200)), NESTED),
        (format!("{}1", times("(int)", 10_000)), NESTED),
        // More than a frame holds.
        (format!("{}return 1;", numbered(70_000, |n| format!("var a{n} = 1;"))), LARGE),
        (format!("new[] {{ {} }}.Length", times("1,", 70_000)), LARGE),
        // Time.
        ("while (true) { } return 1;".into(), FUEL),
        ("again: goto again; return 1;".into(), FUEL),
        ("Enumerable.Range(0, int.MaxValue).Sum(x => (long)x)".into(), FUEL),
        ("Enumerable.Range(0, int.MaxValue).Where(x => false).Count()".into(), FUEL),
        ("IEnumerable<int> e = new[] { 1 }; for (var i = 0; i < 100; i++) e = e.Concat(e); return e.Count();".into(), FUEL),
        (r#"new string('a', 1000000).Replace("a", new string('b', 10000)).Length"#.into(), FUEL),
        // Memory.
        (r#"var s = "aaaaaaaaaa"; while (true) s += s; return s;"#.into(), MEMORY),
        (r#"var s = new StringBuilder("a"); while (true) s.Append(s); return s;"#.into(), MEMORY),
        ("new string('a', 1000000000)".into(), MEMORY),
        (r#""a".PadLeft(1000000000)"#.into(), MEMORY),
        ("Enumerable.Range(0, int.MaxValue).ToList()".into(), MEMORY),
        (r#"Enumerable.Repeat("a", int.MaxValue).ToArray()"#.into(), MEMORY),
        ("new int[2000000000]".into(), MEMORY),
        ("new List<int>(2000000000)".into(), MEMORY),
        ("new string(',', 10000000).Split(',').Length".into(), MEMORY),
        ("var all = new List<object>(); while (true) all.Add(new object()); return all;".into(), MEMORY),
        (r#"JToken.Parse(new string('[', 100000) + new string(']', 100000)).ToString()"#.into(), MEMORY),
        // Depth.
        ("int f(int x) { return f(x + 1); } return f(0);".into(), DEPTH),
        ("Func<int, int> f = null; f = x => f(x); return f(1);".into(), DEPTH),
        ("var all = new List<object>(); all.Add(all); return all;".into(), DEPTH),
        ("IEnumerable<int> e = new[] { 1 }; for (var i = 0; i < 20000; i++) e = e.Select(x => x + 1); return e.First();".into(), DEPTH),
        // Regular expressions.
        (r#"Regex.IsMatch(new string('a', 40), "^(a+)+$b")"#.into(), REGEX),
    ];
    let mut wrong = Vec::new();
    for (code, expected) in &cases {
        let found = match outcome(code) {
            Outcome::Exception { message, .. } => message,
            Outcome::CompileError(why) => why,
            other => format!("{other:?}"),
        };
        let either = [FUEL, MEMORY, REGEX];
        // Which of the two a program meets first may change as it gets faster.
        if found != *expected && !(either.contains(expected) && either.contains(&&*found)) {
            wrong.push(format!("{}\n    {:.200}", &code[..code.len().min(80)], found));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_long_but_flat_is_no_problem() {
    for (code, expected) in [
        (format!("\"{}\".Length", times("a", 1_000_000)), "1000000"),
        (format!("@\"{}\".Length", times("a", 1_000_000)), "1000000"),
        (format!("/* {} */ 1", times("a", 1_000_000)), "1"),
        (format!("new[] {{ {} }}.Length", times("1,", 20_000)), "20000"),
        (format!("switch (7) {{ {} }} return 0;", numbered(3_000, |n| format!("case {n}: return {n};"))), "7"),
    ] {
        match outcome(&code) {
            Outcome::Value(value) => assert_eq!(value.text, expected, "{}", &code[..40]),
            other => panic!("{}: {other:?}", &code[..40]),
        }
    }
}
