//! The sets under `policies/`, run as their READMEs say.

use super::program::{Command, Folder, command};
use super::wire::{Client, Received};

struct Served {
    _command: Command,
    client: Client,
}

fn served(set: &str) -> Served {
    served_with(set, &[])
}

fn served_with(set: &str, more: &[&str]) -> Served {
    let folder = format!("{}/policies/{set}", env!("CARGO_MANIFEST_DIR"));
    let (command, address, _) = command(&[&[&folder[..], "--no-watch", "--access-log", "off"], more].concat());
    Served { _command: command, client: Client::new(address) }
}

/// What the echo service says that it got.
fn echoed(response: &Received) -> serde_json::Value {
    serde_json::from_slice(&response.body).expect("JSON")
}

#[test]
fn api_keys_are_asked_for_once() {
    let mut set = served("api-keys");
    let refused = set.client.ask("GET /orders/42 HTTP/1.1\nHost: g\n\n");
    assert_eq!((refused.status(), refused.header("www-authenticate")), (401, Some("ApiKey header=\"X-Api-Key\"")));
    for by in ["service", "cache"] {
        let answer = set.client.ask("GET /orders/42 HTTP/1.1\nHost: g\nX-Api-Key: mine\n\n");
        assert_eq!(answer.status(), 200);
        let got = echoed(&answer);
        assert_eq!((&got["path"], &got["headers"]["x-key-checked"]), (&"/v1/orders/42".into(), &by.into()));
        assert!(got["headers"]["x-api-key"].is_null());
    }
}

#[test]
fn bodies_are_transformed_both_ways() {
    let mut set = served("transform");
    let order =
        r#"{"customer":"ann","lines":[{"sku":"a1","count":2,"price":1.50},{"sku":"b2","count":1,"price":2.25}]}"#;
    let mut post = |body: &str| {
        set.client.ask(&format!("POST /orders/ HTTP/1.1\nHost: g\nContent-Length: {}\n\n{body}", body.len()))
    };
    let created = post(order);
    assert_eq!(
        (created.first.as_str(), created.header("x-powered-by")),
        ("HTTP/1.1 201 Created", None),
        "{}",
        created.text()
    );
    let got = echoed(&created);
    assert_eq!(got["buyer"], "ann");
    assert_eq!(got["positions"][1]["item"], "B2");
    assert_eq!(got["total"].as_f64(), Some(5.25));
    let refused = post("{}");
    assert_eq!((refused.status(), refused.text().as_str()), (400, r#"{"message":"The order cannot be read."}"#));
}

#[test]
fn the_spare_backend_answers() {
    let mut set = served("fallback");
    let answer = set.client.ask("GET /orders/42 HTTP/1.1\nHost: g\n\n");
    assert_eq!((answer.status(), answer.header("x-tries")), (200, Some("2")), "{}", answer.text());
    assert_eq!(echoed(&answer)["path"], "/spare/orders/42");
}

#[test]
fn the_breaker_opens_after_three_failures() {
    let mut set = served("breaker");
    for _ in 0..3 {
        let failed = set.client.ask("GET /orders/42 HTTP/1.1\nHost: g\n\n");
        assert_eq!((failed.status(), failed.header("x-error-reason")), (500, Some("BackendConnectionFailure")));
    }
    let open = set.client.ask("GET /orders/42 HTTP/1.1\nHost: g\n\n");
    assert_eq!((open.status(), open.header("retry-after")), (503, Some("60")));
}

#[test]
fn the_quickstart_does_what_its_readme_says() {
    let mut set = served("quickstart");
    let order = set.client.ask("GET /orders/42 HTTP/1.1\nHost: g\n\n");
    assert_eq!((order.status(), &echoed(&order)["headers"]["x-shop"]), (200, &"Contoso".into()));
    let mut post = |body: &str| {
        set.client.ask(&format!("POST /orders/ HTTP/1.1\nHost: g\nContent-Length: {}\n\n{body}", body.len())).status()
    };
    assert_eq!((post(r#"{"quantity":2}"#), post("{}")), (201, 400));
    assert_eq!(set.client.ask("GET /orders/42/status HTTP/1.1\nHost: g\n\n").status(), 200);
    assert_eq!(set.client.ask("GET /nothing HTTP/1.1\nHost: g\n\n").status(), 404);
}

#[test]
fn the_estate_is_served_before_the_echo_service() {
    let mut set = served_with("estate", &["--env", "local"]);
    let items = set.client.ask("GET /catalog/items HTTP/1.1\nHost: g\n\n");
    assert_eq!((items.status(), items.header("cache-control")), (200, Some("public, max-age=60")), "{}", items.text());
    let got = echoed(&items);
    assert_eq!((&got["path"], &got["headers"]["x-audience"]), (&"/catalog/items".into(), &"public".into()));
    assert_eq!(set.client.ask("GET /orders/v2/42 HTTP/1.1\nHost: g\n\n").status(), 401);
    let order = set.client.ask("GET /orders/v2/42 HTTP/1.1\nHost: g\nOcp-Apim-Subscription-Key: acme-primary\n\n");
    assert_eq!((order.status(), order.header("x-product")), (200, Some("Partners")), "{}", order.text());
    let got = echoed(&order);
    assert_eq!((&got["path"], &got["headers"]["x-functions-key"]), (&"/east/42".into(), &"local-orders-key".into()));
    assert_eq!(set.client.ask("GET /reports/status?report-key=auditor-primary HTTP/1.1\nHost: g\n\n").status(), 200);
}

#[test]
fn a_definition_is_served_with_a_policy() {
    let definition = "openapi: 3.0.0\nservers: [{url: 'echo:/v1'}]\npaths: {'/o/{id}': {get: {operationId: one}}}\n";
    let policy = "<policies><inbound><base /><set-header name=\"X-Id\"><value>@(context.Request.MatchedParameters[\"id\"])</value></set-header></inbound></policies>";
    let folder = Folder::new("definition", &[("api.yaml", definition), ("p.xml", policy)]);
    let arguments =
        [&folder.file("api.yaml")[..], "--policy", &folder.file("p.xml"), "--no-watch", "--access-log", "off"];
    let (_command, address, _) = command(&arguments);
    let mut client = Client::new(address);
    let answer = client.ask("GET /o/7 HTTP/1.1\nHost: g\n\n");
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let got = echoed(&answer);
    assert_eq!((&got["path"], &got["headers"]["x-id"]), (&"/v1/o/7".into(), &"7".into()));
    assert_eq!(client.ask("GET /other HTTP/1.1\nHost: g\n\n").status(), 404);
}
