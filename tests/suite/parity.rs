//! `docs/parity.md` has a row for each property of each entity, and what proves a row is there.

use portcullis::diagnostics::{Diagnostics, Finding, Severity};
use portcullis::gateway;
use portcullis::source::Sources;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[test]
fn every_property_has_a_row_and_a_proof() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/parity.md")).expect("the table is there");
    let mut rows = BTreeSet::new();
    for line in text.lines().filter(|line| line.starts_with("| ") && line.contains(" | `")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [entity, property, state, proof] = cells[..] else { panic!("{line}: four cells") };
        assert!(["served", "refused", "no effect"].contains(&state), "{line}");
        assert!(!proof.is_empty(), "{line}");
        let proofs: Vec<&str> = proof.split('`').skip(1).step_by(2).filter(|own| own.starts_with(['t', 's'])).collect();
        for path in proofs.iter().filter(|own| own.starts_with("tests/") || own.starts_with("src/")) {
            assert!(root.join(path).exists(), "{line}: {path} is not there");
        }
        assert!(state == "no effect" || proof.contains("`tests/") || proof.contains("`src/"), "{line}: no proof");
        assert!(rows.insert(format!("{entity}.{}", property.trim_matches('`'))), "{line}: twice");
    }
    let Ok(reference) = std::fs::read(root.join("../shared/reference/entities.json")) else { return };
    let reference: serde_json::Value = serde_json::from_slice(&reference).expect("the reference is JSON");
    let entities = reference["entities"].as_object().expect("entities by name");
    let named = entities.iter().flat_map(|(entity, about)| {
        let properties = about["properties"].as_array().into_iter().flatten();
        properties.filter_map(move |own| Some(format!("{entity}.{}", own["name"].as_str()?)))
    });
    let missing: Vec<String> = named.filter(|own| !rows.contains(own)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}

/// An entity's file, what it holds at the least, and each property with a value.
type Entity = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const ENTITIES: &[Entity] = &[
    (
        "api",
        "apis/a/apiInformation.json",
        r#""path": "a""#,
        &[
            ("displayName", r#""An API""#),
            ("description", r#""words""#),
            ("path", r#""b""#),
            ("protocols", r#"["http"]"#),
            ("serviceUrl", r#""https://backend.example/v1""#),
            ("type", r#""websocket", "serviceUrl": "wss://b.example""#),
            ("apiType", r#""websocket", "serviceUrl": "wss://b.example""#),
            ("apiRevision", r#""3""#),
            ("apiRevisionDescription", r#""words""#),
            ("isCurrent", "false"),
            ("apiVersion", r#""v1""#),
            ("apiVersionDescription", r#""words""#),
            ("apiVersionSetId", r#""/apiVersionSets/set", "apiVersion": "v9""#),
            (
                "apiVersionSet",
                r#"{"name": "s", "versioningScheme": "Header", "versionHeaderName": "X-Version"}, "apiVersion": "v1""#,
            ),
            ("subscriptionRequired", "false"),
            ("subscriptionKeyParameterNames", r#"{"header": "X-Key", "query": "key"}"#),
            ("authenticationSettings", r#"{"oAuth2": {"authorizationServerId": "s"}}"#),
            ("format", r#""openapi", "value": "openapi: 3.0.0""#),
            ("value", r#""openapi: 3.0.0""#),
            ("wsdlSelector", r#"{"wsdlServiceName": "s"}"#),
            ("sourceApiId", r#""/apis/other""#),
            ("translateRequiredQueryParameters", r#""query""#),
            ("termsOfServiceUrl", r#""https://terms.example""#),
            ("contact", r#"{"name": "n"}"#),
            ("license", r#"{"name": "n"}"#),
            ("mcpTools", r#"[{"name": "n"}]"#),
            ("mcpProperties", r#"{"endpoints": {"a": "b"}}"#),
            ("backendId", r#""/backends/b""#),
        ],
    ),
    (
        "apiOperation",
        "apis/a/operations/o/operationInformation.json",
        r#""displayName": "o", "method": "GET", "urlTemplate": "/o""#,
        &[
            ("displayName", r#""other""#),
            ("method", r#""PURGE""#),
            ("urlTemplate", r#""/p/{id}""#),
            ("templateParameters", r#"[{"name": "id", "type": "string"}]"#),
            ("request", r#"{"queryParameters": []}"#),
            ("responses", r#"[{"statusCode": 200}]"#),
            ("policies", r#""<policies />""#),
        ],
    ),
    (
        "apiVersionSet",
        "version sets/set/apiVersionSetInformation.json",
        r#""displayName": "s", "versioningScheme": "Query", "versionQueryName": "v""#,
        &[
            ("displayName", r#""words""#),
            ("description", r#""words""#),
            ("versioningScheme", r#""Segment""#),
            ("versionHeaderName", r#""X-Version", "versioningScheme": "Header""#),
            ("versionQueryName", r#""w""#),
        ],
    ),
    (
        "apiRelease",
        "apis/a/releases/r/apiReleaseInformation.json",
        "",
        &[("apiId", r#""/apis/a""#), ("notes", r#""n""#)],
    ),
    (
        "apiSchema",
        "apis/a/schemas/s/apiSchemaInformation.json",
        r#""contentType": "application/vnd.oai.openapi.components+json""#,
        &[
            ("contentType", r#""application/vnd.ms-azure-apim.swagger.definitions+json""#),
            ("document", r#"{"definitions": {"D": {}}}"#),
        ],
    ),
    (
        "globalSchema",
        "schemas/s/schemaInformation.json",
        r#""schemaType": "json", "value": "{}""#,
        &[
            ("schemaType", r#""xml""#),
            ("description", r#""words""#),
            ("value", r#""{\"type\": \"object\"}""#),
            ("document", r#"{"type": "array"}, "value": null"#),
        ],
    ),
    (
        "product",
        "products/p/productInformation.json",
        r#""displayName": "P""#,
        &[
            ("displayName", r#""other""#),
            ("description", r#""words""#),
            ("terms", r#""words""#),
            ("subscriptionRequired", "false"),
            ("approvalRequired", "true"),
            ("subscriptionsLimit", "7"),
            ("state", r#""published""#),
        ],
    ),
    (
        "subscription",
        "subscriptions/s/subscriptionInformation.json",
        r#""displayName": "S", "scope": "/apis", "primaryKey": "first-key""#,
        &[
            ("displayName", r#""other""#),
            ("scope", r#""/products/p""#),
            ("ownerId", r#""/users/u""#),
            ("primaryKey", r#""another-key""#),
            ("secondaryKey", r#""second-key""#),
            ("state", r#""suspended""#),
            ("allowTracing", "true"),
        ],
    ),
    (
        "user",
        "users/u/userInformation.json",
        r#""email": "u@example.com""#,
        &[
            ("firstName", r#""U""#),
            ("lastName", r#""V""#),
            ("email", r#""w@example.com""#),
            ("state", r#""blocked""#),
            ("note", r#""n""#),
            ("identities", r#"[{"provider": "Basic", "id": "u"}]"#),
            ("registrationDate", r#""2024-05-17T09:30:15Z""#),
            ("groups", r#"["g"]"#),
        ],
    ),
    (
        "group",
        "groups/g/groupInformation.json",
        r#""displayName": "G""#,
        &[
            ("displayName", r#""other""#),
            ("description", r#""words""#),
            ("externalId", r#""e""#),
            ("type", r#""external""#),
        ],
    ),
    (
        "namedValue",
        "named values/n/namedValueInformation.json",
        r#""displayName": "n", "value": "v""#,
        &[
            ("displayName", r#""m""#),
            ("value", r#""w""#),
            ("secret", "true"),
            ("keyVault", r#"{"secretIdentifier": "https://v.vault.azure.net/secrets/s"}"#),
            ("tags", r#"["t"]"#),
        ],
    ),
    (
        "backend",
        "backends/b/backendInformation.json",
        r#""url": "https://b.example", "protocol": "http""#,
        &[
            ("title", r#""t""#),
            ("description", r#""words""#),
            ("type", r#""Pool", "pool": {"services": [{"id": "/backends/spare"}]}"#),
            ("url", r#""https://c.example""#),
            ("protocol", r#""soap""#),
            ("resourceId", r#""https://management.azure.com/x""#),
            ("credentials.authorization", r#"{"authorization": {"scheme": "Bearer", "parameter": "p"}}"#),
            ("credentials.header", r#"{"header": {"X-Key": ["k"]}}"#),
            ("credentials.query", r#"{"query": {"key": ["k"]}}"#),
            ("credentials.certificate", r#"{"certificate": ["00"]}"#),
            ("credentials.certificateIds", r#"{"certificateIds": ["c"]}"#),
            ("credentials.managedIdentity", r#"{"managedIdentity": {"resource": "r"}}"#),
            ("proxy", r#"{"url": "http://proxy.example:3128"}"#),
            ("tls.validateCertificateChain", r#"{"validateCertificateChain": false}"#),
            ("tls.validateCertificateName", r#"{"validateCertificateName": false}"#),
            (
                "circuitBreaker.rules[]",
                r#"{"rules": [{"tripDuration": "PT1M", "failureCondition": {"count": 1, "interval": "PT1M", "errorReasons": ["Timeout"]}}]}"#,
            ),
            (
                "circuitBreaker.rules[].failureCondition",
                r#"{"rules": [{"tripDuration": "PT1M", "failureCondition": {"percentage": 1, "interval": "PT1M", "errorReasons": ["Timeout"]}}]}"#,
            ),
            ("pool.services[]", r#"{"services": [{"id": "/backends/spare"}]}"#),
            (
                "pool.sessionAffinity",
                r#"{"services": [{"id": "/backends/spare"}], "sessionAffinity": {"sessionId": {"source": "Cookie", "name": "s"}}}"#,
            ),
            ("properties.serviceFabricCluster", r#"{"serviceFabricCluster": {"managementEndpoints": ["e"]}}"#),
            ("azureRegion", r#""westeurope""#),
        ],
    ),
    (
        "policyFragment",
        "policy fragments/f/policyFragmentInformation.json",
        "",
        &[("value", r#""<fragment />""#), ("format", r#""rawxml""#), ("description", r#""words""#)],
    ),
    (
        "logger",
        "loggers/l/loggerInformation.json",
        "",
        &[
            ("loggerType", r#""azureMonitor""#),
            ("description", r#""w""#),
            ("credentials", "{}"),
            ("isBuffered", "true"),
            ("resourceId", r#""r""#),
        ],
    ),
    (
        "diagnostic",
        "diagnostics/d/diagnosticInformation.json",
        "",
        &[
            ("loggerId", r#""l""#),
            ("alwaysLog", r#""allErrors""#),
            ("sampling", r#"{"percentage": 50}"#),
            ("verbosity", r#""error""#),
            ("logClientIp", "true"),
            ("metrics", "true"),
            ("httpCorrelationProtocol", r#""W3C""#),
            ("operationNameFormat", r#""Url""#),
            ("frontend", "{}"),
            ("backend", "{}"),
        ],
    ),
    (
        "cache",
        "caches/c/cacheInformation.json",
        "",
        &[
            ("connectionString", r#""c""#),
            ("useFromLocation", r#""default""#),
            ("description", r#""w""#),
            ("resourceId", r#""r""#),
        ],
    ),
    (
        "credentialProvider",
        "authorizationProviders/p/authorizationProviderInformation.json",
        "",
        &[("displayName", r#""d""#), ("identityProvider", r#""aad""#), ("oauth2", "{}")],
    ),
    (
        "gateway",
        "gateways/g/gatewayInformation.json",
        "",
        &[("description", r#""w""#), ("locationData", r#"{"name": "n"}"#)],
    ),
    ("tag", "tags/t/tagInformation.json", "", &[("displayName", r#""d""#)]),
    (
        "graphqlResolver",
        "apis/a/resolvers/r/resolverInformation.json",
        "",
        &[("displayName", r#""d""#), ("path", r#""Query/f""#), ("description", r#""w""#)],
    ),
    (
        "workspace",
        "workspaces/w/workspaceInformation.json",
        "",
        &[("displayName", r#""d""#), ("description", r#""w""#)],
    ),
];

/// Secrets and facts that are not printed, and what counts with another part only.
const NOT_SHOWN: &[&str] = &[
    "apiSchema.contentType",
    "subscription.displayName",
    "subscription.primaryKey",
    "subscription.secondaryKey",
    "subscription.allowTracing",
    "namedValue.keyVault",
    "backend.credentials.authorization",
    "backend.credentials.header",
    "backend.credentials.query",
    "policyFragment.format",
];

/// What else is there, so that every reference leads somewhere.
const AROUND: &[(&str, &str)] = &[
    ("apis/a/apiInformation.json", r#"{"properties": {"path": "a"}}"#),
    (
        "apis/a/specification.yaml",
        "openapi: 3.0.0\npaths: {/x: {get: {operationId: x, parameters: [{name: q, in: query, required: true}]}}}\n",
    ),
    (
        "version sets/set/apiVersionSetInformation.json",
        r#"{"properties": {"displayName": "s", "versioningScheme": "Query", "versionQueryName": "v"}}"#,
    ),
    (
        "apis/v/apiInformation.json",
        r#"{"properties": {"path": "v", "apiVersion": "v1", "apiVersionSetId": "/apiVersionSets/set"}}"#,
    ),
    ("apis/v/specification.yaml", "openapi: 3.0.0\npaths: {/x: {get: {operationId: x}}}\n"),
    ("backends/b/backendInformation.json", r#"{"properties": {"url": "https://b.example", "protocol": "http"}}"#),
    ("backends/spare/backendInformation.json", r#"{"properties": {"url": "https://s.example", "protocol": "http"}}"#),
    ("products/p/productInformation.json", r#"{"properties": {"displayName": "P"}}"#),
    ("products/p/apis/a/productApiInformation.json", "{}"),
    ("users/u/userInformation.json", r#"{"properties": {"email": "u@example.com"}}"#),
    (
        "subscriptions/owned/subscriptionInformation.json",
        r#"{"properties": {"displayName": "O", "scope": "/apis", "ownerId": "/users/u", "primaryKey": "k-of-u"}}"#,
    ),
    ("groups/g/groupInformation.json", r#"{"properties": {"displayName": "G"}}"#),
    ("products/p/groups/g/productGroupInformation.json", "{}"),
    ("policy fragments/f/policy.xml", "<fragment />"),
    ("workspaces/w/apis/wa/apiInformation.json", r#"{"properties": {"path": "wa"}}"#),
    ("workspaces/w/apis/wa/specification.yaml", "openapi: 3.0.0\npaths: {/x: {get: {operationId: x}}}\n"),
    ("workspaces/w/workspaceInformation.json", r#"{"properties": {}}"#),
];

/// What is loaded, without the places in files, and what is found.
fn load(path: &str, text: &str) -> (String, Vec<Finding>) {
    let mut files: BTreeMap<&str, &str> = AROUND.iter().copied().collect();
    files.insert(path, text);
    let texts = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let gateway = gateway::load(texts, "", &Default::default(), &mut sources, &mut found);
    let shown = format!("{gateway:?}");
    let mut plain = String::new();
    let mut rest = shown.as_str();
    while let Some(at) = rest.find("FileId(") {
        plain.push_str(&rest[..at]);
        rest = rest[at..].split_once(')').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    // `Span { file: , start: 1, end: 2 }`
    let pieces: Vec<&str> =
        plain.split("start: ").map(|piece| piece.trim_start_matches(|c: char| c.is_ascii_digit())).collect();
    let plain = pieces.join("");
    let pieces: Vec<&str> =
        plain.split("end: ").map(|piece| piece.trim_start_matches(|c: char| c.is_ascii_digit())).collect();
    (pieces.join(""), found.into_sorted())
}

fn states() -> BTreeMap<String, String> {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/parity.md")).expect("the table");
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains(" | `"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        (format!("{}.{}", cells[0], cells[1].trim_matches('`')), cells[2].to_owned())
    })
    .collect()
}

#[test]
fn every_property_is_loaded_or_named() {
    let states = states();
    let mut wrong = Vec::new();
    for (entity, path, base, properties) in ENTITIES {
        for (name, value) in *properties {
            let key = format!("{entity}.{name}");
            let Some(state) = states.get(&key) else {
                wrong.push(format!("{key}: no row"));
                continue;
            };
            let own = name.split(['.', '[']).next().unwrap_or(name);
            // The last of two members of the same name counts.
            let comma = if base.is_empty() { "" } else { ", " };
            let (before, _) = load(path, &format!(r#"{{"properties": {{{base}}}}}"#));
            let (after, found) = load(path, &format!(r#"{{"properties": {{{base}{comma}"{own}": {value}}}}}"#));
            let said: Vec<String> = found.iter().map(|own| format!("{} {}", own.code.name, own.message)).collect();
            let refused = found.iter().any(|own| own.code.name == "gateway::refused");
            let errors = found.iter().any(|own| own.severity == Severity::Error && own.code.name != "gateway::refused");
            // What `Debug` hides, or another file brings to life, is proven by the case that the table names.
            let elsewhere = NOT_SHOWN.contains(&key.as_str());
            let named = said.iter().any(|own| own.contains(&format!("`{}`", name.rsplit('.').next().unwrap_or(name))));
            let missing = found.iter().any(|own| own.code.name == "gateway::reference");
            let holds = match state.as_str() {
                "served" => elsewhere || named || missing || (before != after && !refused),
                "refused" => refused,
                _ => !refused && !errors && before == after,
            };
            if !holds {
                wrong.push(format!("{key} ({state}): changes {}, {said:?}", before != after));
            }
        }
        let (_, found) = load(
            path,
            &format!(r#"{{"properties": {{{base}{} "surprise": "s"}}}}"#, if base.is_empty() { "" } else { "," }),
        );
        let told = found.iter().any(|own| {
            own.message.contains("surprise")
                || own.code.name == "gateway::refused"
                || path.split('/').any(|part| own.message.contains(&format!("`{part}`")))
        });
        if !told {
            wrong.push(format!("{entity}: nobody names `surprise`"));
        }
    }
    let planted = |key: &str| {
        ENTITIES.iter().any(|(entity, _, _, own)| own.iter().any(|(name, _)| format!("{entity}.{name}") == key))
    };
    // A certificate is more than its information, and a policy has no file of properties.
    let elsewhere = |key: &str| key.starts_with("certificate.") || key.starts_with("policy.");
    wrong.extend(states.keys().filter(|key| !planted(key) && !elsewhere(key)).map(|key| format!("{key}: not planted")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
