//! Small directories and what is said of them.

use super::*;

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
        ("apis/a/apiInformation.json", r#"{"properties":{"path":"a","type":"graphql"}}"#, "APIs of type `graphql`"),
        ("apis/a/apiInformation.json", r#"{"properties":{"path":"a"}}"#, "has no operations"),
        (
            "apis/a/apiInformation.json",
            r#"{"properties":{"apiVersion":"1","apiVersionSetId":"x/s"}}"#,
            "no version set `s`",
        ),
        ("workspaces/w/policy.xml", "<policies/>", "gateway::refused: workspaces"),
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
        assert!(found.len() == 1 && found[0].contains(said), "{path} {text}: {found:?}");
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
