//! Broken input through `run`: mutated policies, recordings and configurations end in findings, an error in words or an
//! answer, never in a panic; what costs without end is stopped by a limit that has a name. Seeded, so a failure repeats.

use super::support::{Random, corpus_files, with_stack};
use portcullis::diagnostics::Diagnostics;
use portcullis::document::NamedValues;
use portcullis::dotnet::context::from_json;
use portcullis::dotnet::heap::Heap;
use portcullis::drivers::program::{self, Rules};
use portcullis::drivers::replay::case::{NOW, SEED};
use portcullis::drivers::replay::outside::{Answers, Otherwise, World};
use portcullis::drivers::replay::played::Played;
use portcullis::drivers::replay::player::{Stage, Watching, play};
use portcullis::drivers::replay::{har, http_file, request_file};
use portcullis::eval::{Form, Outcome, Settings, evaluate};
use portcullis::gateway::{self, Gateway, Router, load};
use portcullis::source::Sources;
use portcullis::vm::limits::Limits;
use std::path::Path;
use std::time::{Duration, Instant};

const LIMITS: Limits = Limits { fuel: 300_000, slice: 50_000, memory: 8 << 20, ..Limits::DEFAULT };

const REQUEST: &str = "POST https://gateway.example/orders/7?a=b\nHost: gateway.example\nX-User: u\n\n{\"id\": 7}\n";

/// Policies that read much of what a context holds.
const POLICIES: &[&str] = &[
    r#"<policies><inbound><base /><set-variable name="a" value="@(context.Request.Body.As<JObject>(true)["id"])" />
<choose><when condition="@((int)context.Variables["a"] > 3 && context.Request.Headers.ContainsKey("X-User"))"><set-header name="X" exists-action="append"><value>@(context.Request.Url.Path.Substring(1, 3))</value></set-header></when><otherwise><return-response><set-status code="400" /></return-response></otherwise></choose>
<rewrite-uri template="/v1/{b}" copy-unmatched-params="true" /><set-query-parameter name="q" exists-action="override"><value>@(DateTime.UtcNow.ToString("o"))</value></set-query-parameter></inbound>
<backend><retry condition="@(context.Response.StatusCode >= 500)" count="3" interval="1"><forward-request timeout="5" /></retry></backend><outbound><base /><find-and-replace from="a" to="b" /></outbound>
<on-error><set-body>@(context.LastError.Message + context.LastError.Reason)</set-body></on-error></policies>"#,
    r#"<policies><inbound><send-request mode="new" response-variable-name="r" timeout="2" ignore-error="true"><set-url>https://other.example/</set-url><set-method>GET</set-method></send-request>
<cache-lookup-value key="k" variable-name="v" default-value="none" /><cache-store-value key="k" value="@(context.RequestId.ToString())" duration="60" />
<set-variable name="n" value="@{ var total = 0; foreach (var c in context.Request.Url.Host) { total += c; if (total > 1000) { break; } } return new Dictionary<string, int> { ["n"] = total }.Select(p => p.Key + p.Value).First(); }" />
<limit-concurrency key="@(context.Request.IpAddress)" max-count="3"><wait for="any"><cache-lookup-value key="z" variable-name="z" /><send-request response-variable-name="s"><set-url>@($"https://x.example/{context.Variables["n"]}")</set-url></send-request></wait></limit-concurrency>
<trace source="t" severity="error"><message>@(string.Join(",", context.Variables.Keys))</message></trace></inbound></policies>"#,
];

/// Compiles for `run` and plays one request; `None` where the configuration has errors.
fn play_one(gateway: Gateway, sources: &mut Sources, found: &mut Diagnostics) -> Option<Played> {
    let (router, _) = Router::new(&gateway);
    let rules = Rules { allow_unsupported: true, limits: LIMITS };
    let program = program::compile(&gateway, sources, rules, found);
    if found.has_errors() {
        return None;
    }
    let stage = Stage { gateway, router, program };
    let request = http_file::request(&http_file::split(REQUEST)[0]).ok()?;
    let mut answers = Answers { recorded: Vec::new(), otherwise: Otherwise::Empty, journal: None };
    Some(play(&stage, &mut World::new(NOW, SEED), request, &mut answers, Watching::default()))
}

fn play_policy(name: &str, bytes: Vec<u8>) -> Option<Played> {
    let mut sources = Sources::new();
    let file = sources.add(name, bytes).expect("small");
    let backend = load::backend_url("https://backend.example").expect("a URL");
    let gateway = gateway::single(file, Some(backend), NamedValues::new());
    play_one(gateway, &mut sources, &mut Diagnostics::new())
}

/// Cuts, repeats, swaps in and overwrites parts of a text.
fn mutated(random: &mut Random, texts: &[(String, Vec<u8>)]) -> (String, Vec<u8>) {
    let (name, bytes) = &texts[random.below(texts.len())];
    let mut bytes = bytes.clone();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() + 1);
        match random.below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..(at + random.below(20)).min(bytes.len()))),
            2 => {
                let other = &texts[random.below(texts.len())].1;
                let from = random.below(other.len() + 1);
                let part = other[from..(from + random.below(80)).min(other.len())].to_vec();
                bytes.splice(at..at, part);
            }
            3 => {
                let words: &[&str] = &[
                    "null",
                    "-1",
                    "0",
                    "2147483647",
                    "\"\"",
                    "1e999",
                    "true",
                    "[]",
                    "{}",
                    "::",
                    "@(1)",
                    "\u{a0}",
                    "&",
                ];
                bytes.splice(at..at, random.pick(words).bytes());
            }
            4 => {
                // A number becomes another.
                if let Some(digit) = bytes[at..].iter().position(u8::is_ascii_digit) {
                    bytes.splice(at + digit..=at + digit, random.pick(&["9", "-", "99999999999", ""]).bytes());
                }
            }
            _ => {
                for _ in 0..=random.below(4) {
                    let at = random.below(bytes.len().max(1));
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = random.pick(b"<>\"'@(){}[]&;:,/=\\$!-+*.?\0\xff \n09aZ");
                    }
                }
            }
        }
    }
    (name.clone(), bytes)
}

#[test]
fn mutated_policies_run_or_are_refused() {
    let mut policies: Vec<_> =
        POLICIES.iter().enumerate().map(|(n, text)| (format!("own {n}"), text.as_bytes().to_vec())).collect();
    for (name, bytes) in &policies {
        assert!(play_policy(name, bytes.clone()).is_some_and(|played| played.response.is_some()), "{name} runs");
    }
    for set in ["snippets", "docs"] {
        policies.extend(corpus_files(set));
    }
    with_stack(|| {
        let mut random = Random::new(3);
        let mut ran = 0;
        for round in 0..1_000 {
            let (name, bytes) = match round % 2 {
                0 => mutated(&mut random, &policies[..POLICIES.len()]),
                _ => mutated(&mut random, &policies),
            };
            let begin = Instant::now();
            ran += usize::from(play_policy(&format!("{name}, round {round}"), bytes).is_some());
            assert!(begin.elapsed() < Duration::from_secs(10), "{name}, round {round}: {:?}", begin.elapsed());
        }
        assert!(ran > 50, "only {ran} of the mutated policies could be run");
    });
}

const HAR: &str = r#"{"log": {"version": "1.2", "entries": [
  {"request": {"method": "GET", "url": "https://gateway.example/orders?x=1", "httpVersion": "HTTP/1.1", "headers": [{"name": "A", "value": "b"}], "queryString": [], "bodySize": 0},
   "response": {"status": 200, "statusText": "OK", "headers": [{"name": "Content-Type", "value": "application/json"}], "content": {"size": 2, "mimeType": "application/json", "text": "e30=", "encoding": "base64"}}},
  {"request": {"method": "POST", "url": "https://gateway.example/orders", "headers": [], "postData": {"mimeType": "text/plain", "text": "hello"}},
   "response": {"status": 503, "headers": [], "content": {"text": "down"}}}]}}"#;

#[test]
fn mutated_recordings_are_read_or_refused() {
    let policy = POLICIES[0].as_bytes().to_vec();
    let mut sources = Sources::new();
    let file = sources.add("policy.xml", policy).expect("small");
    let gateway =
        gateway::single(file, Some(load::backend_url("https://backend.example").expect("a URL")), NamedValues::new());
    let (router, _) = Router::new(&gateway);
    let rules = Rules { allow_unsupported: true, limits: LIMITS };
    let program = program::compile(&gateway, &mut sources, rules, &mut Diagnostics::new());
    let stage = Stage { gateway, router, program };
    with_stack(|| {
        let mut random = Random::new(5);
        let mut seen = 0;
        let hars = [("har".to_owned(), HAR.as_bytes().to_vec())];
        let files = [
            ("http".to_owned(), REQUEST.as_bytes().to_vec()),
            ("http".to_owned(), b"### GET /orders/7\nHTTP/1.1 200 OK\nContent-Type: text/plain\n\nhello\n###\nGET /a HTTP/1.1\nHost: b\n".to_vec()),
        ];
        for _ in 0..2_000 {
            let (_, bytes) = mutated(&mut random, &hars);
            let _ = har::read(&bytes[..], &mut |_, request, response| {
                let recorded =
                    response.into_iter().map(|response| (None, http_file::Recorded::Response(response))).collect();
                let mut answers = Answers { recorded, otherwise: Otherwise::Nothing, journal: None };
                play(&stage, &mut World::new(NOW, SEED), request, &mut answers, Watching::default());
                seen += 1;
                Ok(())
            });
            let (_, bytes) = mutated(&mut random, &files);
            let text = String::from_utf8_lossy(&bytes);
            for part in http_file::split(&text) {
                let _ = http_file::answer(&part);
            }
            for request in request_file::requests(&text, &request_file::no_files).unwrap_or_default() {
                let mut answers = Answers { recorded: Vec::new(), otherwise: Otherwise::Empty, journal: None };
                play(&stage, &mut World::new(NOW, SEED), request, &mut answers, Watching::default());
                seen += 1;
            }
        }
        assert!(seen > 500, "only {seen} requests were readable");
    });
}

#[test]
fn mutated_configurations_are_read_or_refused() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/quickstart");
    let mut texts = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the quickstart").flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path => {
                    let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
                    texts.push((name, std::fs::read(&path).expect("readable")));
                }
            }
        }
    }
    texts.sort();
    with_stack(|| {
        let mut random = Random::new(9);
        for _ in 0..400 {
            let (name, bytes) = mutated(&mut random, &texts);
            let changed =
                texts.iter().map(|(own, old)| (own.clone(), if *own == name { bytes.clone() } else { old.clone() }));
            let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
            let gateway = load::load(changed.collect(), "config", &Default::default(), &mut sources, &mut found);
            play_one(gateway, &mut sources, &mut found);
        }
        let context = [("context".to_owned(), from_json::DEFAULT.as_bytes().to_vec())];
        for _ in 0..1_000 {
            let (_, bytes) = mutated(&mut random, &context);
            let _ = from_json::parse(&String::from_utf8_lossy(&bytes), &mut Heap::new(8 << 20));
        }
    });
}

/// What has no end, and the name of the limit that ends it first (large work costs fuel before it takes memory).
const ENDLESS: &[(&str, &str)] = &[
    ("while (true) { } return 1;", "Timeout"),
    ("for (;;) { var a = 1; }", "Timeout"),
    ("a: goto a;", "Timeout"),
    ("int F(int n) => F(n + 1) + 1; return F(0);", "ProcessCrash"),
    ("Func<int, int> f = null; f = n => f(n + 1) + 1; return f(0);", "ProcessCrash"),
    ("Func<int, int> f = null; f = n => new[] { n }.Select(x => f(x + 1)).First(); return f(0);", "ProcessCrash"),
    ("var s = \"ab\"; while (true) { s = s + s; }", "memory"),
    ("var b = new StringBuilder(); while (true) { b.Append(\"0123456789\", 0, 10); }", "Timeout"),
    ("return new string('a', 1000000000);", "Timeout"),
    ("return \"a\".PadLeft(1000000000);", "Timeout"),
    ("return new int[2000000000];", "Timeout"),
    // More than .NET itself holds in one object.
    ("return new string('a', int.MaxValue);", "System.OutOfMemoryException"),
    ("return \"a\".PadLeft(int.MaxValue);", "System.OutOfMemoryException"),
    ("return new int[int.MaxValue];", "System.OutOfMemoryException"),
    ("return Enumerable.Range(0, int.MaxValue).ToList();", "Timeout"),
    ("return Enumerable.Range(0, int.MaxValue).Sum(x => 0L);", "Timeout"),
    ("return Enumerable.Repeat(1, int.MaxValue).Count(n => n > 0);", "Timeout"),
    ("return Enumerable.Range(0, int.MaxValue).Where(x => false).Any();", "Timeout"),
    ("var l = new List<object>(); while (true) { l.Add(new object()); }", "Timeout"),
    ("var d = new Dictionary<int, int>(); for (var i = 0; ; i++) { d[i] = i; }", "Timeout"),
    ("return string.Join(\",\", Enumerable.Range(0, int.MaxValue));", "Timeout"),
    ("return string.Concat(Enumerable.Repeat(\"abcdefgh\", int.MaxValue));", "Timeout"),
    ("JToken t = 1; while (true) { t = new JArray(t, t); }", "memory"),
    ("JToken t = 1; while (true) { t = new JArray(t); }", "memory"),
    ("var x = new List<object>(); x.Add(x); return JsonConvert.SerializeObject(x);", ""),
    ("return Enumerable.Range(0, int.MaxValue).OrderBy(x => -x).First();", "Timeout"),
    ("return Enumerable.Range(0, 100000).SelectMany(x => Enumerable.Range(0, 100000)).Distinct().Count();", ""),
    ("return \"a\".Replace(\"a\", new string('b', 4000000)).Replace(\"b\", new string('c', 4000000));", "Timeout"),
    ("try { while (true) { } } catch (Exception) { return 1; } finally { while (true) { } }", "Timeout"),
];

#[test]
fn what_has_no_end_is_stopped_by_a_limit() {
    let context = serde_json::from_str(from_json::DEFAULT).expect("the default context");
    let limits = Limits { fuel: 3_000_000, memory: 64 << 20, ..Limits::DEFAULT };
    let settings = Settings { limits, ..Settings::default() };
    with_stack(|| {
        let mut wrong = String::new();
        for (code, name) in ENDLESS {
            let begin = Instant::now();
            let outcome = evaluate(Form::Block, code, &context, &settings);
            let took = begin.elapsed();
            let named = match &outcome {
                Outcome::Exception { type_name, message } => {
                    type_name.contains(name) || message.to_lowercase().contains(name)
                }
                _ => name.is_empty(),
            };
            if !named || took > Duration::from_secs(15) {
                wrong += &format!("{code}\n    {took:?}: {:.200}\n", format!("{outcome:?}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    });
}

/// Nesting that only a machine writes: an answer or a refusal, on a bounded stack.
#[test]
fn nesting_is_bounded() {
    let context = serde_json::from_str(from_json::DEFAULT).expect("the default context");
    let settings = Settings::default();
    with_stack(|| {
        for count in [30, 120, 300, 10_000] {
            for (open, middle, close) in [
                ("(", "1", ")"),
                ("-", "1", ""),
                ("1 + ", "1", ""),
                ("\"a\" + ", "1", ""),
                ("true ? 1 : ", "1", ""),
                ("$\"{", "1", "}\""),
                ("((Func<int>)(() => ", "1", "))()"),
                ("new[] { 1 }.Select(x => ", "1", ").Count()"),
                ("new[] { ", "1", " }"),
                ("new { a = ", "1", " }"),
                ("new List<", "int", ">()"),
                ("(1, ", "1", ")"),
                ("(object)", "1", ""),
                ("from a in new[] { 1 } select ", "1", ""),
                ("new[] { 1 } ?? ", "null", ""),
                ("new List<int> { 1 } == null ? 1 : ", "2", ""),
                ("\"a\".Trim(", "' '", ")"),
                ("new JArray(", "1", ")"),
                ("true && ", "true", ""),
                ("(string)null ?? ", "\"a\"", ""),
            ] {
                let code = format!("{}{middle}{}", open.repeat(count), close.repeat(count));
                let begin = Instant::now();
                evaluate(Form::Expression, &code, &context, &settings);
                assert!(begin.elapsed() < Duration::from_secs(10), "{open} {count} times: {:?}", begin.elapsed());
            }
            for (open, middle, close) in [
                ("if (true) { ", "", "}"),
                ("{", "", "}"),
                ("while (false) ", ";", ""),
                ("try { ", "", "} finally { }"),
            ] {
                let code = format!("{}{middle}{} return 1;", open.repeat(count), close.repeat(count));
                evaluate(Form::Block, &code, &context, &settings);
            }
        }
        // A literal of a megabyte.
        let long = "x".repeat(1 << 20);
        for code in [format!("\"{long}\".Length"), format!("@\"{long}\".Length"), format!("$\"{long}{{1}}\".Length")] {
            let outcome = evaluate(Form::Expression, &code, &context, &settings);
            assert!(matches!(outcome, Outcome::Value(_)), "{:.200}", format!("{outcome:?}"));
        }
        for code in ["1".repeat(1 << 20), long.clone(), format!("'{long}'")] {
            assert!(matches!(evaluate(Form::Expression, &code, &context, &settings), Outcome::CompileError(_)));
        }
    });
}
