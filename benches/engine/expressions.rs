//! Typical expressions in the VM. The numbered ones are those that peers are measured with.

use divan::Bencher;
use portcullis::eval::{Form, Prepared, Settings};
use serde_json::{Value, json};

const EXPRESSIONS: &[(&str, &str)] = &[
    ("0 null", "null"),
    ("1 header ==", r#"context.Request.Headers.GetValueOrDefault("X-Region", "us") == "eu""#),
    (
        "2 interpolate ToUpper",
        r#"$"{context.Request.MatchedParameters["id"]}-{context.Request.Url.Query.GetValueOrDefault("tag", "")}-{context.Api.Name}".ToUpper()"#,
    ),
    ("3 int.Parse", r#"int.Parse((string)context.Variables["count"]) > 100"#),
    (
        "4 Regex group",
        r#"Regex.Match(context.Response.Headers.GetValueOrDefault("Cache-Control", ""), @"max-age=(?<maxAge>\d+)").Groups["maxAge"].Value"#,
    ),
    (
        "5 JObject.Parse 2 KiB",
        r#"{ var b = JObject.Parse(context.Request.Body.As<string>(preserveContent: true)); return (string)b["customer"]["name"] + (int)b["quantity"]; }"#,
    ),
    (
        "6 LINQ over 20",
        r#"string.Join(";", ((string)context.Variables["list"]).Split(',').Where(s => s.Length > 3).Select(s => s.Trim()).ToArray())"#,
    ),
    (
        "7 HMACSHA256 256 B",
        r#"{ using (var h = new HMACSHA256((byte[])context.Variables["key"])) { return Convert.ToBase64String(h.ComputeHash(Encoding.UTF8.GetBytes((string)context.Variables["text"]))); } }"#,
    ),
    (
        "8 StringBuilder loop",
        r#"{ var sb = new StringBuilder(); for (int i = 0; i < 100; i++) { sb.Append(i); sb.Append(';'); } return sb.ToString(); }"#,
    ),
    ("status test", "context.Response.StatusCode >= 500"),
    ("variable", r#"(string)context.Variables["count"]"#),
    ("bearer", r#"context.Request.Headers.GetValueOrDefault("Authorization", "").StartsWith("Bearer ")"#),
    ("path", r#"context.Request.Url.Path.Contains("/orders/") && context.Request.Method == "GET""#),
];

fn context() -> Value {
    let list: Vec<String> = (0..20).map(|i| if i % 3 == 0 { "ab".to_owned() } else { format!(" item{i}") }).collect();
    json!({
        "Request": {
            "Method": "GET",
            "Url": "http://api.contoso.example/api/orders/42?tag=alpha",
            "OriginalUrl": "http://api.contoso.example/api/orders/42?tag=alpha",
            "Headers": {
                "Host": ["api.contoso.example"], "Accept": ["*/*"], "User-Agent": ["bench/1.0"], "X-Region": ["eu"],
                "Content-Type": ["application/json"], "Ocp-Apim-Subscription-Key": ["0123456789abcdef"],
                "Accept-Encoding": ["gzip"], "X-Correlation-Id": ["abc"]
            },
            "MatchedParameters": { "id": "42" },
            "Body": body(),
        },
        "Response": {
            "StatusCode": 200,
            "Headers": { "Cache-Control": ["public, must-revalidate, max-age=3600, s-maxage=60"] }
        },
        "Api": { "Id": "orders", "Name": "orders" },
        "Variables": {
            "count": "12345",
            "list": list.join(","),
            "text": "m".repeat(256),
            "key": { "$type": "byte[]", "$value": "YmVuY2gtaHMyNTYtc2hhcmVkLWtleS0zMi1ieXRlcyE=" }
        }
    })
}

/// An order of 2 KiB.
fn body() -> String {
    let lines: Vec<Value> = (0..14)
        .map(|n| json!({"sku": format!("SKU-{n:05}"), "title": "A line of an order, as shops write it", "price": 12.5, "count": n, "tags": ["a", "b"]}))
        .collect();
    let order = json!({
        "id": "42", "customer": { "id": 7, "name": "Contoso", "city": "Bern" },
        "quantity": 3, "unitPrice": 19.5, "lines": lines
    });
    order.to_string()
}

#[divan::bench(args = EXPRESSIONS.iter().map(|(name, _)| name))]
fn evaluate(bencher: Bencher<'_, '_>, name: &str) {
    let (_, code) = EXPRESSIONS.iter().find(|(own, _)| *own == name).expect("one of the table");
    let (form, code) = match code.strip_prefix('{').and_then(|code| code.strip_suffix('}')) {
        Some(block) => (Form::Block, block),
        None => (Form::Expression, *code),
    };
    let mut prepared = match Prepared::new(form, code, &context(), &Settings::default()) {
        Ok(prepared) => prepared,
        Err(why) => panic!("{name}: {why}"),
    };
    if let Err(fault) = prepared.run() {
        panic!("{name}: {fault:?}");
    }
    bencher.bench_local(|| prepared.run().is_ok());
}
