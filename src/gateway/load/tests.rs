//! Small directories and what is said of them.

use super::*;

const PFX_PASSWORD: &str = "pw";

fn read(texts: &[(&str, &str)]) -> (Gateway, Vec<String>) {
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let texts = texts.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let gateway = load(texts, "", &Given::default(), &mut sources, &mut found);
    let found = found
        .into_sorted()
        .into_iter()
        .map(|finding| {
            let place = sources.place(finding.span.file, finding.span.start);
            let path = sources.path(finding.span.file);
            format!("{path}:{}:{} {}: {}", place.line, place.column, finding.code.name, finding.message)
        })
        .collect();
    (gateway, found)
}

#[test]
fn the_layout_is_read_in_both_spellings_of_its_folders() {
    for (values, fragments) in [("named values", "policy fragments"), ("namedValues", "policyFragments")] {
        let value = format!("{values}/k/namedValueInformation.json");
        let fragment = format!("{fragments}/f/policy.xml");
        let about = format!("{fragments}/f/policyFragmentInformation.json");
        let (gateway, found) = read(&[
            ("policy.xml", "<policies />"),
            (&value, r#"{"properties":{"displayName":"Key","value":"v","secret":true}}"#),
            (&fragment, "<fragment />"),
            (&about, r#"{"properties":{}}"#),
            (
                "backends/b/backendInformation.json",
                r#"{"properties":{"url":"https://b.example/v1","protocol":"http"}}"#,
            ),
            ("apis/a/apiInformation.json", "\u{feff}{\"properties\":{\"path\":\"a\",\"serviceUrl\":\"echo:/x\"}}"),
            ("apis/a/specification.json", r#"{"openapi":"3.0.0","paths":{"/o/{id}":{"get":{"operationId":"getO"}}}}"#),
            ("apis/a/operations/getO/policy.xml", "<policies />"),
        ]);
        assert_eq!(found, Vec::<String>::new());
        assert!(gateway.policy.is_some() && gateway.uses_echo);
        assert!(gateway.named_values.find("Key").is_some_and(|value| value.secret));
        assert_eq!(gateway.fragments.len(), 1);
        assert_eq!(
            gateway.backend("b").and_then(|backend| backend.url.as_ref()).map(ToString::to_string).as_deref(),
            Some("https://b.example/v1")
        );
        let operation = &gateway.apis[0].operations[0];
        assert_eq!((operation.id.as_str(), operation.policy.is_some()), ("getO", true));
    }
}

#[test]
fn what_is_not_served_is_named() {
    let table: &[(&str, &str, &str)] = &[
        (
            "backends/p/backendInformation.json",
            r#"{"properties":{"type":"Pool","pool":{}}}"#,
            "gateway::file: the pool `p` has no members",
        ),
        (
            "backends/p/backendInformation.json",
            r#"{"properties":{"url":"ftp://x"}}"#,
            "gateway::file: the url of the backend `p`",
        ),
        ("backends/p/backendInformation.json", "{\n \"properties\": [\n}", "3:1 gateway::file"),
        (
            "namedValues/k/namedValueInformation.json",
            r#"{"properties":{"keyVault":{"secretIdentifier":"x"}}}"#,
            "lies in a Key Vault",
        ),
        ("namedValues/k/namedValueInformation.json", r#"{"properties":{"secret":true}}"#, "has no value here"),
        ("apis/a/policy.xml", "<policies/>", "has no apiInformation.json"),
        ("apis/a/apiInformation.json", r#"{"properties":{"path":"a","type":"grpc"}}"#, "APIs of type `grpc`"),
        ("apis/a/apiInformation.json", r#"{"properties":{"path":"a"}}"#, "has no operations"),
        (
            "apis/a/apiInformation.json",
            r#"{"properties":{"apiVersion":"1","apiVersionSetId":"x/s"}}"#,
            "no version set `s`",
        ),
        ("portcullis.yaml", "network: nowhere", "1:1 gateway::file: `network` is internal or external"),
        ("portcullis.yaml", "hosts: api.example", "`hosts` is a list of host names"),
        ("portcullis.yaml", "hopLimit: 0", "`hopLimit` is a number between 1 and 100"),
        (
            "apis/a/apiInformation.json",
            r#"{"properties":{"path":"a","subscriptionRequired":"false"}}"#,
            "1:27 gateway::file: `subscriptionRequired` is true or false",
        ),
        ("apis/a/apiInformation.json", r#"{"properties":{"apiVersion":1}}"#, "`apiVersion` is a text"),
        ("apis/a/apiInformation.json", r#"{"properties":{"protocols":"https"}}"#, "`protocols` is a list"),
        ("backends/b/backendInformation.json", r#"{"properties":{"url":"http://b","tls":true}}"#, "`tls` is an object"),
        ("portcullis.yaml", "protocols: no", "`protocols` is enforced or shown"),
        ("apis/a/schemas/s/apiSchemaInformation.json", r#"{"properties":{}}"#, "has no apiInformation.json"),
        ("portcullis.yaml", "colour: red", "`colour` is no setting"),
        ("portcullis.yaml", "- a", "the settings are a map"),
        ("portcullis.yaml", "network: [", "gateway::file"),
        ("workspaces/w/users/u/userInformation.json", "{}", "gateway::refused: a workspace has no `users`"),
        ("loggers/l/loggerInformation.json", "{}", "gateway::part: `loggers` has no effect"),
        ("unknown/x.json", "{}", "gateway::part: the file has no meaning"),
        ("subscriptions/s/subscriptionInformation.json", r#"{"properties":{"scope":"/apis"}}"#, "has no keys"),
        (
            "subscriptions/s/subscriptionInformation.json",
            r#"{"properties":{"scope":"/products/x","primaryKey":"k"}}"#,
            "names nothing",
        ),
        ("products/p/policy.xml", "<policies/>", "has no productInformation.json"),
    ];
    for (path, text, said) in table {
        let (_, found) = read(&[(path, text)]);
        let (own, others): (Vec<&String>, Vec<&String>) = found.iter().partition(|own| own.contains(said));
        let else_said = others.iter().any(|own| !own.contains("has no operations"));
        assert!(own.len() == 1 && !else_said, "{path} {text}: {found:?}");
    }
}

#[test]
fn an_operation_policy_without_its_operation_is_an_error() {
    let (_, found) = read(&[
        ("apis/a/apiInformation.json", r#"{"properties":{"path":"a"}}"#),
        ("apis/a/specification.yaml", "swagger: '2.0'\npaths: {/o: {get: {operationId: list}}}\n"),
        ("apis/a/operations/lists/policy.xml", "<policies/>"),
    ]);
    assert_eq!(
        found,
        ["apis/a/operations/lists/policy.xml:1:1 gateway::reference: the API `a` has no operation `lists`"]
    );
}

/// Reads with an environment's overrides; tokens are `NAME=value`.
fn read_for(texts: &[(&str, &str)], overrides: &str, tokens: &[(&str, &str)]) -> (Gateway, Vec<String>) {
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let mut given = Given::default();
    given.overrides = sources.add("configuration.prod.yaml", overrides.as_bytes().to_vec()).ok();
    given.tokens = tokens.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let texts = texts.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let gateway = load(texts, "", &given, &mut sources, &mut found);
    let found = found.into_sorted().into_iter().map(|finding| {
        let place = sources.place(finding.span.file, finding.span.start);
        format!("{}:{}:{} {}", sources.path(finding.span.file), place.line, place.column, finding.message)
    });
    (gateway, found.collect())
}

#[test]
fn an_environment_changes_properties_member_by_member() {
    let texts = [
        ("namedValues/site/namedValueInformation.json", r#"{"properties":{"displayName":"site","value":"dev"}}"#),
        ("namedValues/key/namedValueInformation.json", r#"{"properties":{"displayName":"key","secret":true}}"#),
        ("apis/a/apiInformation.json", r#"{"properties":{"path":"a","serviceUrl":"https://dev.example"}}"#),
        ("apis/a;rev=2/apiInformation.json", r#"{"properties":{"path":"a","apiRevision":"2"}}"#),
        ("apis/a/specification.yaml", "openapi: 3.0.0\npaths: {/x: {get: {operationId: x}}}\n"),
        ("apis/a;rev=2/specification.yaml", "openapi: 3.0.0\npaths: {/x: {get: {operationId: x}}}\n"),
    ];
    let overrides = "apimServiceName: prod\nnamedValues:\n  - name: SITE\n    properties: {value: prod}\n  - name: key\n    \
        properties:\n      value: \"{#keyText#}\"\napis:\n  - name: a\n    properties:\n      serviceUrl: https://prod.example\n      \
        subscriptionKeyParameterNames: {header: X-Key}\n";
    let (gateway, found) = read_for(&texts, overrides, &[("keyText", "say \"hi\": {#}")]);
    assert_eq!(found, Vec::<String>::new());
    let value = |name: &str| gateway.named_values.find(name).map(|own| (own.value.clone(), own.secret));
    assert_eq!(value("site"), Some(("prod".to_owned(), false)));
    assert_eq!(value("key"), Some(("say \"hi\": {#}".to_owned(), true)));
    for api in &gateway.apis {
        assert_eq!(api.facts.service_url.as_ref().map(ToString::to_string).as_deref(), Some("https://prod.example/"));
        assert_eq!((&*api.facts.key_header, &*api.facts.path), ("X-Key", "a"));
    }
}

#[test]
fn an_environment_changes_what_is_in_workspaces() {
    let texts = [
        ("workspaces/w/workspaceInformation.json", r#"{"properties":{"displayName":"W"}}"#),
        (
            "workspaces/w/named values/v/namedValueInformation.json",
            r#"{"properties":{"displayName":"v","value":"dev"}}"#,
        ),
        ("named values/own/namedValueInformation.json", r#"{"properties":{"displayName":"v","value":"service"}}"#),
    ];
    let overrides = "workspaces:\n  - name: w\n    properties: {displayName: Prod}\n    namedValues:\n      - name: v\n        \
        properties: {value: prod}\n      - name: x\n        properties: {}\n";
    let (gateway, found) = read_for(&texts, overrides, &[]);
    assert_eq!(found, ["configuration.prod.yaml:7:15 `namedValues` names `x`, which is not here"]);
    let value = |space| gateway.named_values_of(space).find("v").map(|own| own.value.as_str());
    assert_eq!((value(None), value(Some(0))), (Some("service"), Some("prod")));
    assert_eq!(gateway.workspaces[0].facts.workspace.as_ref().map(|own| &*own.name), Some("Prod"));
}

/// What is said of an entity that is named twice, or named where it is not seen.
#[test]
fn workspaces_keep_to_themselves() {
    let backend = r#"{"properties":{"url":"http://b.example","protocol":"http"}}"#;
    let api = r#"{"properties":{"path":"a","backendId":"of-service"}}"#;
    let definition = "openapi: 3.0.0\npaths: {/x: {get: {operationId: x}}}\n";
    let pool = r#"{"properties":{"type":"Pool","pool":{"services":[{"id":"of-service"}]}}}"#;
    let subscription = r#"{"properties":{"scope":"/workspaces/v/apis","primaryKey":"k","state":"active"}}"#;
    let texts = [
        ("backends/of-service/backendInformation.json", backend),
        ("workspaces/v/backends/of-v/backendInformation.json", backend),
        ("workspaces/w/apis/a/apiInformation.json", api),
        ("workspaces/w/apis/a/specification.yaml", definition),
        ("workspaces/w/backends/of-v/backendInformation.json", backend),
        ("workspaces/w/backends/p/backendInformation.json", pool),
        ("workspaces/w/subscriptions/s/subscriptionInformation.json", subscription),
        ("workspaces/w/workspaceInformation.json", r#"{"properties":{"displayName":"W"}}"#),
    ];
    let (_, found) = read(&texts);
    let said = [
        "the API `a` names the backend `of-service`, which is not here",
        "there are two backends `of-v`",
        "the pool `p` names the backend `of-service`, which is not here",
        "the scope `/workspaces/v/apis` of `s` names nothing that is here",
    ];
    for said in said {
        assert_eq!(found.iter().filter(|own| own.contains(said)).count(), 1, "{said}: {found:?}");
    }
    assert_eq!(found.len(), said.len(), "{found:?}");
}

#[test]
fn what_an_environment_changes_and_nobody_has_is_said() {
    let texts = [("namedValues/a/namedValueInformation.json", r#"{"properties":{"displayName":"a","value":"1"}}"#)];
    let table: &[(&str, &str)] = &[
        ("namedValues:\n  - name: b\n    properties: {value: x}\n", "2:11 `namedValues` names `b`, which is not here"),
        ("namedValue:\n  - name: a\n", "1:1 `namedValue` changes nothing that is read here"),
        ("namedValues:\n  - properties: {}\n", "1:1 an entry of `namedValues` has no name"),
        ("namedValues: a\n", "1:1 `namedValues` is no list, and was not read"),
        (
            "namedValues:\n  - name: a\n    value: x\n",
            "3:5 `value` of `a` was not read: overrides change properties only",
        ),
        (
            "namedValues:\n  - name: a\n    properties: {value: '{#none#}'}\n",
            "3:26 the environment has no variable `none`",
        ),
        ("namedValues: [\n", "2:1 "),
        ("- a\n", "1:1 the file holds no sections"),
    ];
    for (overrides, said) in table {
        let (_, found) = read_for(&texts, overrides, &[]);
        let said = format!("configuration.prod.yaml:{said}");
        assert!(found.len() == 1 && found[0].starts_with(&said), "{overrides}: {found:?}");
    }
}

/// Each mistake of a configuration, with its file and place.
#[test]
fn mistakes_have_their_place() {
    const API: (&str, &str) = ("apis/a/apiInformation.json", r#"{"properties":{"path":"a"}}"#);
    const OPERATIONS: (&str, &str) =
        ("apis/a/specification.yaml", "openapi: 3.0.0\npaths: {/x: {get: {operationId: x}}}\n");
    type Row = (&'static [(&'static str, &'static str)], &'static str);
    let table: &[Row] = &[
        // Named values.
        (
            &[("namedValues/k/namedValueInformation.json", r#"{"properties":{"displayName":"a b","value":"1"}}"#)],
            "namedValues/k/namedValueInformation.json:1:16 gateway::file: `a b` is no name",
        ),
        (
            &[
                ("namedValues/k/namedValueInformation.json", r#"{"properties":{"displayName":"k","value":"1"}}"#),
                ("namedValues/l/namedValueInformation.json", r#"{"properties":{"displayName":"k","value":"2"}}"#),
            ],
            "namedValues/l/namedValueInformation.json:1:16 gateway::file: there are two named values `k`",
        ),
        (
            &[("namedValues/k/namedValueInformation.json", r#"{"properties":{"displayName":"k","value":"{{k}}"}}"#)],
            "namedValues/k/namedValueInformation.json:1:16 gateway::file: the named value `k` holds `{{k}}`",
        ),
        (
            &[("namedValues/k/namedValueInformation.json", r#"{"properties":{"displayName":"k","keyVault":{}}}"#)],
            "gateway::file: the named value `k` lies in a Key Vault, but has no secretIdentifier",
        ),
        // APIs.
        (
            &[("apis/a/apiInformation.json", r#"{"properties":{"path":"a/{b}"}}"#)],
            "apis/a/apiInformation.json:1:16 gateway::file: the path of an API holds no `{`",
        ),
        (
            &[("apis/a/apiInformation.json", r#"{"properties":{"path":"a","apiVersion":"v1"}}"#), OPERATIONS],
            "apis/a/apiInformation.json:1:27 gateway::file: the version `v1` belongs to no version set",
        ),
        (
            &[("versionSets/s/versionSetInformation.json", r#"{"properties":{"versioningScheme":"Header"}}"#)],
            "gateway::file: the scheme `Header` needs a versionHeaderName",
        ),
        (
            &[
                API,
                OPERATIONS,
                ("apis/a;rev=2/apiInformation.json", r#"{"properties":{"path":"a","isCurrent":true}}"#),
                ("apis/a;rev=2/specification.yaml", OPERATIONS.1),
            ],
            "apis/a;rev=2/apiInformation.json:1:16 gateway::route: the API `a` has two current revisions",
        ),
        (
            &[
                ("apis/a;rev=2/apiInformation.json", r#"{"properties":{"path":"a","apiRevision":"3"}}"#),
                ("apis/a;rev=2/specification.yaml", OPERATIONS.1),
            ],
            "1:27 gateway::file: the folder is that of revision 2, the file of 3",
        ),
        (
            &[API, ("apis/a/specification.yaml", "openapi: 3.0.0\npaths:\n  /x: {get: {operationId: x}\n")],
            "apis/a/specification.yaml:",
        ),
        (
            &[
                API,
                OPERATIONS,
                (
                    "apis/a/operations/y/operationInformation.json",
                    r#"{"properties":{"method":"GET","urlTemplate":"/{a}/{a}"}}"#,
                ),
            ],
            "apis/a/operations/y/operationInformation.json:1:45 gateway::file: GET /{a}/{a}: the parameter `a` stands twice",
        ),
        // Products.
        (
            &[
                ("products/p/productInformation.json", r#"{"properties":{}}"#),
                ("products/p/apis/a/productApiInformation.json", "{}"),
            ],
            "products/p/apis/a/productApiInformation.json:1:1 gateway::reference: the product `p` names the API `a`",
        ),
        (
            &[
                ("products/p/productInformation.json", r#"{"properties":{}}"#),
                ("products/p/apis.json", "[\n {\"name\": \"a\"}]"),
            ],
            "products/p/apis.json:2:11 gateway::reference: the product `p` names the API `a`",
        ),
        (
            &[
                API,
                OPERATIONS,
                (
                    "products/p/productInformation.json",
                    r#"{"properties":{"state":"published","subscriptionRequired":false}}"#,
                ),
                ("products/p/apis/a/productApiInformation.json", "{}"),
                (
                    "products/q/productInformation.json",
                    r#"{"properties":{"state":"published","subscriptionRequired":false}}"#,
                ),
                ("products/q/apis/a/productApiInformation.json", "{}"),
            ],
            "products/q/productInformation.json:1:1 gateway::route: the API `a` is in two open products, `p` and `q`",
        ),
        // Subscriptions.
        (
            &[(
                "subscriptions/s/subscriptionInformation.json",
                r#"{"properties":{"primaryKey":"k","state":"asleep"}}"#,
            )],
            "1:33 gateway::file: `asleep` is no state of a subscription",
        ),
        (
            &[
                ("subscriptions/s/subscriptionInformation.json", r#"{"properties":{"primaryKey":"k"}}"#),
                ("subscriptions/t/subscriptionInformation.json", r#"{"properties":{"secondaryKey":"k"}}"#),
            ],
            "subscriptions/t/subscriptionInformation.json:1:1 gateway::file: the subscriptions `t` and `s` have the same key",
        ),
        // Certificates.
        (
            &[("certificates/c/certificateInformation.json", r#"{"properties":{}}"#)],
            "certificates/c/certificateInformation.json:1:1 gateway::file: the certificate `c` has no file here",
        ),
        (
            &[("certificates/c/certificateInformation.json", r#"{"properties":{"password":"{{p}}","data":"YQ=="}}"#)],
            "gateway::reference: there is no named value `p`",
        ),
        (
            &[("certificates/c/certificateInformation.json", r#"{"properties":{"data":"%"}}"#)],
            "gateway::file: the data of the certificate `c` is no Base64",
        ),
        (
            &[("certificates/c/c.pfx", "x")],
            "certificates/c/c.pfx:1:1 gateway::file: the certificate `c`: the file is neither",
        ),
        (
            &[("schemas/s/schemaInformation.json", r#"{"properties":{"schemaType":"avro"}}"#)],
            "gateway::file: `avro` is neither",
        ),
        (&[("authorizationProviders/x/y.json", "{}")], "gateway::refused: credential providers"),
        (
            &[
                API,
                OPERATIONS,
                ("apis/b/apiInformation.json", r#"{"properties":{"path":"b","value":"openapi: 3.0.0"}}"#),
            ],
            "apis/b/apiInformation.json:1:27 gateway::refused: a definition inside apiInformation.json",
        ),
        (
            &[("apis/b/apiInformation.json", r#"{"properties":{"path":"b","mcpTools":[{}]}}"#)],
            "apis/b/apiInformation.json:1:27 gateway::refused: MCP servers are not served",
        ),
        (
            &[("apis/b/apiInformation.json", r#"{"properties":{"path":"b","type":"mcp"}}"#)],
            "gateway::refused: APIs of type `mcp` are not served",
        ),
        (
            &[("apis/b/apiInformation.json", r#"{"properties":{"path":"b","type":"graphql"}}"#)],
            "gateway::refused: synthetic GraphQL APIs are not served",
        ),
        (
            &[("apis/b/resolvers/r/resolverInformation.json", "{}"), ("apis/b/apiInformation.json", API.1)],
            "GraphQL resolvers",
        ),
        (
            &[("users/u/userInformation.json", r#"{"properties":{"shoeSize":43}}"#)],
            "gateway::part: `shoeSize` is no part of a user",
        ),
        (
            &[("policyFragments/f/policyFragmentInformation.json", "{")],
            "policyFragments/f/policyFragmentInformation.json:1:1 gateway::file:",
        ),
        (&[("caches/x/cacheInformation.json", "{}")], "gateway::part: `caches` has no effect"),
    ];
    for (texts, said) in table {
        let (_, found) = read(texts);
        assert!(found.iter().any(|own| own.contains(said)), "{texts:?}: {found:?}");
    }
    let long = format!(r#"{{"properties":{{"displayName":"k","value":"{}"}}}}"#, "x".repeat(4097));
    let (_, found) = read(&[("namedValues/k/namedValueInformation.json", &long)]);
    assert!(
        found[0].contains("1:16 gateway::file: the named value `k` has 4097 characters, of 4096 at most"),
        "{found:?}"
    );
}

#[test]
fn certificates_are_read_from_every_kind_of_file() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dotnet/certificates");
    let file = |name: &str| std::fs::read(folder.join(name)).expect("the file is there");
    let about = |properties: &str| format!(r#"{{"properties":{{{properties}}}}}"#).into_bytes();
    let mut texts: Vec<(String, Vec<u8>)> = Vec::new();
    for (id, name) in [("der", "rsa.der"), ("pem", "rsa.pem"), ("ec", "ec.der")] {
        texts.push((format!("certificates/{id}/{name}"), file(name)));
    }
    texts.push(("certificates/pfx/modern.pfx".to_owned(), file("modern.pfx")));
    texts.push(("certificates/pfx/certificateInformation.json".to_owned(), about(r#""password":"{{pfx}}""#)));
    texts.push(("certificates/wrong/modern.pfx".to_owned(), file("modern.pfx")));
    texts.push(("certificates/wrong/certificateInformation.json".to_owned(), about(r#""password":"not it""#)));
    let mut given = Given::default();
    given.define_variable("PFX", PFX_PASSWORD.to_owned());
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let gateway = load(texts, "", &given, &mut sources, &mut found);
    let said: Vec<_> = found.into_sorted().into_iter().map(|own| own.message).collect();
    assert_eq!(said, ["the certificate `wrong`: the password does not fit"]);
    let ids: Vec<_> = gateway.deployment.certificates.iter().map(|own| (&*own.id, own.key.is_some())).collect();
    assert_eq!(ids, [("der", false), ("ec", false), ("pem", false), ("pfx", true)]);
    assert_eq!(gateway.certificates.keys().map(|id| &**id).collect::<Vec<_>>(), ["pfx"]);
}

#[test]
fn findings_quote_no_secret() {
    let texts = [
        (
            "namedValues/k/namedValueInformation.json",
            r#"{"properties":{"displayName":"k","secret":true,"value":"canary-one"}}"#,
        ),
        (
            "subscriptions/s/subscriptionInformation.json",
            r#"{"properties":{"state":"asleep","primaryKey":"canary-two","secondaryKey":"canary-three"}}"#,
        ),
        (
            "certificates/c/certificateInformation.json",
            r#"{"properties":{"password":"canary-four","data":"!canary-five"}}"#,
        ),
    ];
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let texts = texts.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let _ = load(texts, "", &Given::default(), &mut sources, &mut found);
    assert_eq!(found.findings().len(), 2, "{:?}", found.findings());
    for finding in found.findings() {
        assert!(!sources.text(finding.span.file).contains("canary"), "{}", sources.text(finding.span.file));
    }
}
