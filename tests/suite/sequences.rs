//! Collections, LINQ and JSON by evaluation. Every expected text is a real runtime's (.NET Core 3.1, Newtonsoft.Json 12).

use portcullis::eval::{Form, Outcome, Settings, evaluate};
use serde_json::json;

/// `@(...)`, and the run-time type and text that it has, or the exception.
const EXPRESSIONS: &[(&str, &str)] = &[
    ("new[] { 3, 1, 2, 3 }.Union(new[] { 3, 4 })", "System.Collections.Generic.IEnumerable<System.Int32> [3, 1, 2, 4]"),
    (
        "new[] { \"bb\", \"a\", \"ccc\", \"dd\" }.OrderBy(s => s.Length).ThenByDescending(s => s)",
        "System.Linq.IOrderedEnumerable<System.String> [a, dd, bb, ccc]",
    ),
    (
        "new[] { 3, 1, 2, 3 }.GroupJoin(new[] { 1, 3, 3 }, a => a, b => b, (a, bs) => a + \"x\" + bs.Count())",
        "System.Collections.Generic.IEnumerable<System.String> [3x2, 1x1, 2x0, 3x2]",
    ),
    (
        "new[] { \"apple\", \"bob\" }.ToLookup(s => s[0])['z']",
        "System.Collections.Generic.IEnumerable<System.String> []",
    ),
    ("new int[0].Single()", "System.InvalidOperationException: Sequence contains no elements"),
    ("new[] { int.MaxValue, 1 }.Sum()", "System.OverflowException: Arithmetic operation resulted in an overflow."),
    ("new double[] { double.NaN, 1 }.Min()", "System.Double NaN"),
    (
        "new Dictionary<string, int> { [\"a\"] = 1 }[\"z\"]",
        "System.Collections.Generic.KeyNotFoundException: The given key 'z' was not present in the dictionary.",
    ),
    ("JToken.Parse(\"[1,2,]\")", "Newtonsoft.Json.Linq.JArray [1,2]"),
    ("JToken.Parse(\"{\\\"a\\\":1,\\\"a\\\":2}\")", "Newtonsoft.Json.Linq.JObject {\"a\":2}"),
    (
        "JToken.Parse(\"[1\")",
        "Newtonsoft.Json.JsonReaderException: Unexpected end of content while loading JArray. Path '[0]', line 1, position 2.",
    ),
    (
        "JObject.Parse(\"{} x\")",
        "Newtonsoft.Json.JsonReaderException: Additional text encountered after finished reading JSON content: x. Path '', line 1, position 3.",
    ),
    ("JObject.Parse(\"{\\\"a b\\\":{\\\"c.d\\\":1}}\")[\"a b\"][\"c.d\"].Path", "System.String ['a b']['c.d']"),
    (
        "JArray.Parse(\"[{\\\"n\\\":\\\"a\\\"},{\\\"m\\\":\\\"b\\\"}]\").Children()[\"n\"]",
        "Newtonsoft.Json.Linq.JEnumerable<Newtonsoft.Json.Linq.JToken> [\"a\"]",
    ),
    ("(int)JObject.Parse(\"{\\\"a\\\":null}\")[\"a\"]", "System.ArgumentException: Can not convert Null to Int32."),
    ("JsonConvert.SerializeObject(Enumerable.Range(1, 3).Select(n => n * n))", "System.String [1,4,9]"),
];

/// `@{...}`.
const BLOCKS: &[(&str, &str)] = &[
    (
        "var l = new List<int> { 1, 2, 3 }; foreach (var n in l) if (n == 2) l.Remove(n); return l;",
        "System.InvalidOperationException: Collection was modified; enumeration operation may not execute.",
    ),
    (
        "var s = new HashSet<int> { 1, 2, 3 }; s.ExceptWith(new[] { 1 }); s.UnionWith(new[] { 9 }); \
         s.IntersectWith(new[] { 2, 9 }); return s;",
        "System.Collections.Generic.HashSet<System.Int32> [9, 2]",
    ),
    (
        "var l = new List<int> { 3, 1, 2 }; var q = l.OrderBy(x => x); l.Add(0); return q;",
        "System.Linq.IOrderedEnumerable<System.Int32> [0, 1, 2, 3]",
    ),
    (
        "var o = JObject.Parse(\"{\\\"a\\\":1,\\\"b\\\":2}\"); var s = \"\"; foreach (var p in o) s += p.Key + p.Value; return s;",
        "System.String a1b2",
    ),
    (
        "var a = JArray.Parse(\"[1,2,3]\"); a.Add(4); a.Insert(0, 0); a.RemoveAt(1); a[1] = \"two\"; return a;",
        "Newtonsoft.Json.Linq.JArray [0,\"two\",3,4]",
    ),
];

/// Nothing that nests or grows without end gets past the limits.
const HOSTILE: &[(&str, &str)] = &[
    (
        "var s = new string('[', 20000); return JToken.Parse(s + new string(']', 20000)).ToString(Formatting.None).Length;",
        "System.Int32 40000",
    ),
    (
        "JToken t = new JArray(); for (int i = 0; i < 2000; i++) t = new JArray(t); return t.ToString(Formatting.None).Length;",
        "System.Int32 4002",
    ),
    (
        "IEnumerable<int> q = new[] { 1 }; for (int i = 0; i < 5000; i++) q = q.Where(x => true); return q.Count();",
        "ProcessCrash: calls are nested too deeply",
    ),
    (
        "Func<int, IEnumerable<int>> f = null; f = n => new[] { n }.SelectMany(x => f(x + 1)); return f(0).First();",
        "ProcessCrash: calls are nested too deeply",
    ),
    ("return new List<int>(2000000000).Count;", "Timeout: the expression used up its memory"),
];

fn line(outcome: Outcome) -> String {
    match outcome {
        Outcome::Value(value) => format!("{} {}", value.type_name, value.text),
        Outcome::Exception { type_name, message } => format!("{type_name}: {message}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn sequences_and_tokens_answer_as_dotnet_does() {
    let settings = Settings::default();
    for (form, cases) in [(Form::Expression, EXPRESSIONS), (Form::Block, BLOCKS), (Form::Block, HOSTILE)] {
        for (code, expected) in cases {
            assert_eq!(line(evaluate(form, code, &json!({}), &settings)), *expected, "{code}");
        }
    }
}
