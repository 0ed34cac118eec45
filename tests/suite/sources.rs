//! Configurations of every source through the commands: directories that are checked whole, definitions that are imported
//! and run, effective policies.

use super::program::{Folder, portcullis};
use std::path::Path;

/// What `check` finds, as `severity code path:line message`, without the folder.
fn findings(folder: &Folder, more: &[&str]) -> Vec<String> {
    let root = folder.0.display().to_string();
    let (_, out, said) = portcullis(&[&["check", &root, "--format", "json"], more].concat());
    let page: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("no JSON: {out}{said}"));
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let findings = page["findings"].as_array().cloned().unwrap_or_default();
    let line = |finding: &serde_json::Value| {
        let path = text(&finding["file"]).replace(&format!("{root}/"), "");
        let (severity, code) = (text(&finding["severity"]), text(&finding["code"]));
        format!("{severity} {code} {path}:{} {}", finding["start"]["line"], text(&finding["message"]))
    };
    // Which policies run is another test's affair.
    let of_interest = |finding: &&serde_json::Value| finding["code"] != "policy::not_built";
    let mut lines: Vec<String> = findings.iter().filter(of_interest).map(line).collect();
    lines.sort();
    lines
}

const API: &str = r#"{"properties":{"path":"a","serviceUrl":"https://b.example"}}"#;
/// Files, options, and findings.
type Row<'t> = (&'t [(&'t str, &'t str)], &'t [&'t str], &'t [&'t str]);

const DEFINITION: &str = "openapi: 3.0.0\npaths: {/o: {get: {operationId: list}}}\n";

#[test]
fn a_directory_is_checked_whole() {
    // The files stand besides one API.
    let table: &[Row<'_>] = &[
        (&[], &[], &[]),
        // Each document at its scope.
        (
            &[
                ("products/p/productInformation.json", r#"{"properties":{}}"#),
                ("products/p/policy.xml", "<policies><inbound><cross-domain><x /></cross-domain></inbound></policies>"),
            ],
            &[],
            &[
                "error policy::unknown_element products/p/policy.xml:1 `<cross-domain>` has no child `<x>`",
                "error policy::wrong_scope products/p/policy.xml:1 `cross-domain` cannot be used at product scope",
                "note gateway::unused products/p/productInformation.json:1 the product `p` holds no API",
            ],
        ),
        // References.
        (
            &[
                (
                    "apis/a/policy.xml",
                    "<policies><inbound>\n<set-backend-service backend-id=\"sotre\" />\n<include-fragment fragment-id=\"gone\" />\n<set-header name=\"{{nope}}\"><value>1</value></set-header>\n<authentication-certificate certificate-id=\"cert\" />\n</inbound></policies>",
                ),
                (
                    "backends/store/backendInformation.json",
                    r#"{"properties":{"url":"https://s.example","protocol":"http"}}"#,
                ),
            ],
            &[],
            &[
                "error reference::backend apis/a/policy.xml:2 the backend `sotre` is not defined here",
                "error reference::fragment apis/a/policy.xml:3 the policy fragment `gone` is not defined here",
                "error reference::named_value apis/a/policy.xml:4 the named value `nope` is not defined here",
                "note gateway::unused backends/store/backendInformation.json:1 nothing uses the backend `store`",
                "warning reference::certificate apis/a/policy.xml:5 the certificate `cert` is not defined here",
            ],
        ),
        // What nothing uses, and what is used from other files only.
        (
            &[
                (
                    "named values/in-backend/namedValueInformation.json",
                    r#"{"properties":{"displayName":"in-backend","value":"x"}}"#,
                ),
                (
                    "named values/unused/namedValueInformation.json",
                    r#"{"properties":{"displayName":"unused","value":"x"}}"#,
                ),
                ("policy fragments/f/policy.xml", "<fragment><set-status code=\"200\" reason=\"OK\" /></fragment>"),
                ("policy fragments/f/policyFragmentInformation.json", r#"{"properties":{}}"#),
                ("version sets/v/versionSetInformation.json", r#"{"properties":{"versioningScheme":"Segment"}}"#),
                (
                    "backends/one/backendInformation.json",
                    r#"{"properties":{"url":"https://s.example","protocol":"http","credentials":{"query":{"c":["{{in-backend}}"]}}}}"#,
                ),
                (
                    "backends/pool/backendInformation.json",
                    r#"{"properties":{"type":"Pool","pool":{"services":[{"id":"/backends/one"}]}}}"#,
                ),
                (
                    "apis/a/policy.xml",
                    "<policies><inbound><set-backend-service backend-id=\"pool\" /></inbound></policies>",
                ),
            ],
            &[],
            &[
                "note gateway::unused named values/unused/namedValueInformation.json:1 nothing uses the named value `unused`",
                "note gateway::unused policy fragments/f/policy.xml:1 nothing uses the policy fragment `f`",
                "note gateway::unused version sets/v/versionSetInformation.json:1 nothing uses the version set `v`",
            ],
        ),
        // A secret without a value is told once, and what it stands in is no mistake.
        (
            &[
                ("namedValues/k/namedValueInformation.json", r#"{"properties":{"displayName":"key","secret":true}}"#),
                ("namedValues/u/namedValueInformation.json", r#"{"properties":{"displayName":"where","secret":true}}"#),
                ("backends/one/backendInformation.json", r#"{"properties":{"url":"{{where}}","protocol":"http"}}"#),
                (
                    "apis/a/policy.xml",
                    "<policies><inbound><set-backend-service backend-id=\"one\" /><set-header name=\"X\"><value>{{key}}</value></set-header><wait for=\"{{key}}\" /></inbound></policies>",
                ),
            ],
            &[],
            &[
                "warning gateway::refused namedValues/k/namedValueInformation.json:1 the named value `key` has no value here",
                "warning gateway::refused namedValues/u/namedValueInformation.json:1 the named value `where` has no value here",
            ],
        ),
        // Broken files do not hide each other.
        (
            &[
                ("apis/b/apiInformation.json", "{\n\"properties\": }"),
                ("apis/b/policy.xml", "<policies><inbound><set-haeder /></inbound></policies>"),
                ("apis/a/policy.xml", "<policies><inbound></policies>"),
                ("backends/x/backendInformation.json", r#"{"properties":{"url":"ftp://x"}}"#),
            ],
            &[],
            &[
                "error gateway::file apis/b/apiInformation.json:2 expected value at line 2 column 15",
                "error gateway::file backends/x/backendInformation.json:1 the url of the backend `x`: the scheme of a URL here is http or https",
                "error policy::unknown_element apis/b/policy.xml:1 there is no policy `set-haeder`",
                "error xml::unclosed apis/a/policy.xml:1 `<inbound>` has no end tag",
                "note gateway::unused backends/x/backendInformation.json:1 nothing uses the backend `x`",
            ],
        ),
        // Two APIs at one path.
        (
            &[("apis/b/apiInformation.json", API), ("apis/b/specification.yaml", DEFINITION)],
            &[],
            &["error gateway::route apis/b/apiInformation.json:1 the APIs `a` and `b` have the same path `/a`"],
        ),
        // With a scope, the same directory holds loose documents.
        (
            &[(
                "apis/a/policy.xml",
                "<policies><inbound><set-backend-service backend-id=\"s\" /></inbound></policies>",
            )],
            &["--scope", "api"],
            &["note reference::backend apis/a/policy.xml:1 the backend `s` is not defined here"],
        ),
    ];
    let mut wrong = Vec::new();
    for (files, options, expected) in table {
        let own = [("apis/a/apiInformation.json", API), ("apis/a/specification.yaml", DEFINITION)];
        let folder = Folder::new("sources", &[&own, *files].concat());
        let found = findings(&folder, options);
        if found != *expected {
            wrong.push(format!("{files:?} {options:?}\nexpected {expected:#?}\nfound {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_estate_is_clean() {
    let (code, out, said) = portcullis(&["check", "policies/estate", "--env", "local", "--fail-level", "note"]);
    assert_eq!(code, 0, "{out}{said}");
}

#[test]
fn a_definition_is_imported_once() {
    let definition = "openapi: 3.1.0\ninfo: {title: 'Pet Store!'}\nservers: [{url: 'https://{e}.example/v1', variables: {e: {default: pets}}}]\npaths:\n  /pets/{id}:\n    get: {operationId: getPet, parameters: [{name: view, in: query, required: true}]}\n    trace: {}\n";
    let folder = Folder::new(
        "sources",
        &[
            ("pets.yaml", definition),
            ("out/apis/pet-store/policy.xml", "<policies />"),
            ("out/apis/pet-store/operations/getPets/policy.xml", "<policies />"),
        ],
    );
    let (file, out) = (folder.file("pets.yaml"), folder.file("out"));
    let (code, told, said) = portcullis(&["import", "openapi", &file, "--into", &out]);
    assert_eq!(code, 0, "{said}");
    for part in ["getpet  GET /pets/{id}?view={view}", "note: operations/getPets belongs to no operation"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert!(said.contains("TRACE /pets/{id}: the platform imports no TRACE operations"), "{said}");
    let read = |name: &str| std::fs::read_to_string(Path::new(&out).join(name)).expect("written");
    let information: serde_json::Value =
        serde_json::from_str(&read("apis/pet-store/apiInformation.json")).expect("JSON");
    let properties = &information["properties"];
    assert_eq!(properties["displayName"], "Pet Store!");
    assert_eq!(
        (&properties["path"], &properties["serviceUrl"]),
        (&"pet-store".into(), &"https://pets.example/v1".into())
    );
    assert_eq!(read("apis/pet-store/specification.yaml"), definition);
    assert_eq!(read("apis/pet-store/policy.xml"), "<policies />", "policies are left as they are");

    let again =
        portcullis(&["import", "openapi", &file, "--into", &out, "--path", "", "--backend", "http://pets.local"]);
    assert_eq!((again.0, again.2.contains("is there already")), (2, true), "{}", again.2);
    let forced = ["--force", "--path", "", "--backend", "http://pets.local", "--open"];
    assert_eq!(portcullis(&[&["import", "openapi", &file, "--into", &out], &forced[..]].concat()).0, 0);
    let text = read("apis/pet-store/apiInformation.json");
    for part in ["\"path\": \"\"", "http://pets.local", "\"subscriptionRequired\": false"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let broken = Folder::new("sources", &[("b.json", "{\"openapi\": \"3.0.0\",}")]);
    let (code, _, said) = portcullis(&["import", "openapi", &broken.file("b.json"), "--into", &broken.file("out")]);
    assert_eq!((code, said.contains("b.json:1:21")), (1, true), "{said}");
    assert!(!Path::new(&broken.file("out")).exists());
}

#[test]
fn a_definition_runs_without_a_directory() {
    let folder = Folder::new(
        "sources",
        &[
            (
                "api.yml",
                "swagger: 2.0\nhost: shop.example\nbasePath: /v2\nschemes: [http]\npaths:\n  /o/{id}:\n    get: {}\n",
            ),
            (
                "p.xml",
                "<policies><inbound><base /><set-header name=\"X-Id\"><value>@(context.Request.MatchedParameters[\"id\"])</value></set-header></inbound></policies>",
            ),
            ("r.http", "GET /o/7 HTTP/1.1\nHost: g\n\n###\nGET /p HTTP/1.1\nHost: g\n"),
        ],
    );
    let (api, policy, requests) = (folder.file("api.yml"), folder.file("p.xml"), folder.file("r.http"));
    let (code, out, said) = portcullis(&["run", &api, "--policy", &policy, "--requests", &requests]);
    assert_eq!(code, 0, "{said}");
    for part in ["--> GET http://shop.example/v2/o/7 (forward-request)", "x-id: 7", "<-- 404"] {
        assert!(out.contains(part), "{part} is not in {out}");
    }
    let elsewhere = portcullis(&["run", &api, "--backend", "https://else.example/b", "--requests", &requests]);
    assert!(elsewhere.1.contains("--> GET https://else.example/b/o/7"), "{}", elsewhere.1);
    let misplaced = portcullis(&["run", &policy, "--policy", &policy, "--requests", &requests]);
    assert_eq!((misplaced.0, misplaced.2.contains("--policy goes with an OpenAPI definition")), (2, true));
}

/// A small configuration: every scope, a fragment, and values, one of them secret.
fn scopes() -> Folder {
    Folder::new(
        "sources",
        &[
            (
                "policy.xml",
                "<policies>\n<inbound>\n<!-- first -->\n<trace source=\"global\"><message>{{plain}} {{hidden}}</message></trace>\n</inbound>\n<backend><forward-request /></backend>\n</policies>",
            ),
            ("products/p/productInformation.json", r#"{"properties":{"displayName":"Gold"}}"#),
            ("products/p/apis/a/productApiInformation.json", "{}"),
            (
                "products/p/policy.xml",
                "<policies><inbound><base /><trace source=\"product\"><message>m</message></trace></inbound></policies>",
            ),
            ("apis/a/apiInformation.json", API),
            ("apis/a/specification.yaml", DEFINITION),
            (
                "apis/a/policy.xml",
                "<policies><inbound>\n  <choose><when condition=\"@(a[&quot;b&quot;] &lt; 1)\">\n    <base />\n    <include-fragment fragment-id=\"f\" />\n  </when></choose>\n</inbound><outbound /></policies>",
            ),
            (
                "apis/a/operations/list/policy.xml",
                "<policies><inbound><base /></inbound><outbound><base /><set-status code=\"201\" reason=\"x\" /></outbound></policies>",
            ),
            ("policy fragments/f/policy.xml", "<fragment>\n<set-status code=\"200\" reason=\"OK\" />\n</fragment>"),
            ("policy fragments/f/policyFragmentInformation.json", r#"{"properties":{}}"#),
            (
                "named values/plain/namedValueInformation.json",
                r#"{"properties":{"displayName":"plain","value":"a < b"}}"#,
            ),
            (
                "named values/hidden/namedValueInformation.json",
                r#"{"properties":{"displayName":"hidden","value":"t0psecret","secret":true}}"#,
            ),
        ],
    )
}

#[test]
fn effective_policies_are_put_together() {
    let folder = scopes();
    let root = folder.0.display().to_string();
    let shown = |arguments: &[&str]| {
        let (code, out, said) = portcullis(&[&["effective", &root], arguments].concat());
        assert_eq!(code, 0, "{said}");
        out.replace(&format!("{root}/"), "")
    };
    // `choose` holds `<base />`; no product acts, the API's outbound is empty, and the global one is left out.
    let plain =
        "<!-- effective policy of the operation `list` of the API `a`, outside of any product (the API is in `p`) -->
<policies>
    <inbound>
        <!-- api a: apis/a/policy.xml:2 -->
        <choose><when condition=\"@(a[\"b\"] < 1)\">
    <!-- first -->
    <!-- global: policy.xml:4 -->
    <trace source=\"global\"><message>{{plain}} {{hidden}}</message></trace>
    <include-fragment fragment-id=\"f\" />
  </when></choose>
    </inbound>
    <backend>
        <!-- global: policy.xml:6 -->
        <forward-request />
    </backend>
    <outbound>
        <!-- operation list: apis/a/operations/list/policy.xml:1 -->
        <set-status code=\"201\" reason=\"x\" />
    </outbound>
    <on-error />
</policies>
";
    assert_eq!(shown(&["--operation", "GET /o"]), plain);
    let expanded = shown(&["--operation", "list", "--product", "gold", "--expand", "--text", "escaped"]);
    for part in [
        "condition=\"@(a[&quot;b&quot;] &lt; 1)\"",
        "<message>a &lt; b {{hidden}}</message>",
        "<!-- product p: products/p/policy.xml:1 -->",
        "<!-- fragment f: policy fragments/f/policy.xml:2 -->\n    <set-status code=\"200\" reason=\"OK\" />",
    ] {
        assert!(expanded.contains(part), "{part} is not in {expanded}");
    }
    assert!(!expanded.contains("t0psecret") && !expanded.contains("include-fragment"), "{expanded}");
    let json: serde_json::Value =
        serde_json::from_str(&shown(&["--product", "p", "--api", "a", "--format", "json"])).expect("JSON");
    let first = &json["sections"][0]["statements"][0];
    assert_eq!(
        (&json["product"], &first["policy"], &first["scope"], &first["line"]),
        (&"p".into(), &"choose".into(), &"api".into(), &2.into())
    );

    // What can be chosen is told.
    let table: &[(&[&str], &str)] = &[
        (&["--api", "b"], "there is no API `b`\n  a"),
        (&["--operation", "lst"], "there is no operation `lst`; did you mean `list`?\n  list"),
        (&["--product", "silver"], "there is no product `silver`\n  p  (Gold)"),
    ];
    for (arguments, expected) in table {
        let (code, _, said) = portcullis(&[&["effective", &root], *arguments].concat());
        assert_eq!((code, said.contains(expected)), (2, true), "{arguments:?}: {said}");
    }
    let (code, _, said) = portcullis(&["effective", "policies/estate", "--operation", "get-order"]);
    assert_eq!(
        (code, said.contains("choose one with --api\n  orders-v1  (Orders)\n  orders-v2  (Orders)")),
        (2, true),
        "{said}"
    );
}

/// What is put together reads without an error, in both forms.
#[test]
fn an_effective_policy_is_a_policy() {
    for form in ["raw", "escaped"] {
        for (operation, product) in [("create-order", "partners"), ("get-item", "public"), ("get-daily", "partners")] {
            let asked = ["effective", "policies/estate", "--operation", operation, "--product", product];
            let (code, out, said) = portcullis(&[&asked[..], &["--expand", "--text", form]].concat());
            assert_eq!(code, 0, "{said}");
            let folder = Folder::new("sources", &[("policy.xml", &out)]);
            let (code, found, _) = portcullis(&["check", &folder.file("policy.xml"), "--text", form]);
            assert_eq!(code, 0, "{operation} {form}: {found}\n{out}");
        }
    }
}

/// `<base />` over and over, in every scope, is refused before it fills the memory.
#[test]
fn an_effective_policy_that_multiplies_is_refused() {
    let bases = format!("<policies><inbound>{}</inbound></policies>", "<base />".repeat(5_000));
    let folder = scopes();
    for path in ["apis/a/operations/list/policy.xml", "apis/a/policy.xml", "products/p/policy.xml"] {
        std::fs::write(folder.file(path), &bases).expect("writable");
    }
    let root = folder.file("");
    let (code, _, said) = portcullis(&["effective", &root, "--operation", "list", "--product", "p"]);
    assert_eq!((code, said.contains("the effective policy is too large")), (2, true), "{said}");
}
