//! Large configurations: what documents share is compiled once, and a reload compiles what has changed.

#[path = "../../benches/growth/estate.rs"]
mod estate;

use portcullis::diagnostics::Diagnostics;
use portcullis::drivers::program::{self, Rules};
use portcullis::drivers::units::Units;
use portcullis::gateway::load::{self, FileText, Given, Kept};
use portcullis::source::Sources;
use std::sync::Arc;

/// As `serve` keeps them: a file that has not changed is the same one.
type Files = Vec<Arc<FileText>>;

fn files(texts: estate::Texts) -> Files {
    texts.into_iter().map(|(path, bytes)| Arc::new(FileText::new("estate", &path, bytes))).collect()
}

const APIS: usize = 6;
const OPERATIONS: usize = 40;

/// How many documents a load compiles, beside what earlier ones have.
fn compiled(texts: &Files, kept: &mut Kept, units: &mut Units) -> usize {
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let before = units.compiled;
    let given = Given::default();
    let gateway = load::reload(texts, &given, &mut sources, kept, &mut found);
    assert_eq!(gateway.apis.iter().map(|api| api.operations.len()).sum::<usize>(), APIS * OPERATIONS);
    program::recompile(&gateway, &mut sources, Rules::default(), units, &mut found);
    assert!(!found.has_errors(), "{:?}", found.into_sorted());
    units.compiled - before
}

#[test]
fn what_is_shared_is_compiled_once_and_a_reload_compiles_what_changed() {
    super::support::with_stack(|| {
        let (mut kept, mut units) = (Kept::default(), Units::default());
        let mut texts = files(estate::texts(APIS, OPERATIONS));
        // The global document, the fragment, a document per product and per API, and those that operations share.
        let distinct = 1 + 1 + estate::PRODUCTS + APIS + estate::OPERATION_POLICIES;
        assert_eq!(compiled(&texts, &mut kept, &mut units), distinct);
        assert_eq!(compiled(&texts, &mut kept, &mut units), 0);

        let mut change = |path: &str, text: String| {
            let file = texts.iter_mut().find(|own| own.path() == path).expect("a file of the estate");
            *file = Arc::new(FileText::new("estate", path, text.into_bytes()));
            compiled(&texts, &mut kept, &mut units)
        };
        assert_eq!(change("apis/api-3/policy.xml", estate::api_policy(3, 1)), 1);
        // A named value concerns the documents that name it: the fragment alone.
        let value = |text: &str| format!(r#"{{"properties":{{"displayName":"value-1","value":"{text}"}}}}"#);
        assert_eq!(change("named values/value-1/namedValueInformation.json", value("another")), 1);
        let unused = r#"{"properties":{"displayName":"value-2","value":"another"}}"#;
        assert_eq!(change("named values/value-2/namedValueInformation.json", unused.into()), 0);
        // A definition concerns no document.
        assert_eq!(change("apis/api-3/apiInformation.json", r#"{"properties":{"path":"moved"}}"#.into()), 0);
    });
}

#[test]
fn what_is_wrong_is_told_at_every_load() {
    super::support::with_stack(|| {
        let (mut kept, mut units) = (Kept::default(), Units::default());
        let mut texts = estate::texts(1, 2);
        let path = "apis/api-0/policy.xml";
        let file = texts.iter_mut().find(|(own, _)| own == path).expect("a file of the estate");
        file.1 = b"<policies><inbound><set-haeder name=\"a\" /></inbound></policies>".to_vec();
        let texts = files(texts);
        for load in 0..2 {
            let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
            let given = Given::default();
            let gateway = load::reload(&texts, &given, &mut sources, &mut kept, &mut found);
            program::recompile(&gateway, &mut sources, Rules::default(), &mut units, &mut found);
            let found = found.into_sorted();
            let wrong =
                found.iter().filter(|finding| sources.path(finding.span.file) == format!("estate/{path}")).count();
            assert_eq!(wrong, 1, "load {load}: {found:?}");
        }
    });
}

/// What a configuration comes to: operations with their documents' places, and the findings.
fn seen(texts: &Files, kept: &mut Kept) -> Vec<String> {
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let gateway = load::reload(texts, &Given::default(), &mut sources, kept, &mut found);
    let mut lines = Vec::new();
    for api in &gateway.apis {
        for operation in &api.operations {
            let policy = operation.policy.map(|file| sources.path(file).to_owned()).unwrap_or_default();
            let declared = sources.path(operation.declared.file);
            lines.push(format!("{} {} {policy} {declared}", api.facts.path, operation.id));
        }
    }
    lines.extend(found.into_sorted().into_iter().map(|own| format!("{} {}", sources.path(own.span.file), own.message)));
    lines.sort();
    lines
}

#[test]
fn what_is_kept_is_as_what_is_read() {
    let mut kept = Kept::default();
    let all = files(estate::texts(3, 3));
    let mut texts = all.clone();
    let mut check = |texts: &Files, why: &str| {
        assert_eq!(seen(texts, &mut kept), seen(texts, &mut Kept::default()), "{why}");
    };
    check(&texts, "the first reading");
    texts.retain(|own| !own.path().starts_with("apis/api-1/") && !own.path().starts_with("backends/backend-1/"));
    check(&texts, "an API and a backend are gone");
    texts.insert(0, Arc::new(FileText::new("estate", "apis/a/apiInformation.json", br#"{"properties":{}}"#.to_vec())));
    check(&texts, "another has come, without operations");
    texts.retain(|own| own.path() != "apis/api-0/operations/operation-1/policy.xml");
    check(&texts, "a document is gone");
    texts.push(Arc::new(FileText::new(
        "estate",
        "apis/api-2/apiInformation.json",
        br#"{"properties":{"path":"p","apiVersion":"v1","apiVersionSetId":"/apiVersionSets/set"}}"#.to_vec(),
    )));
    texts.dedup_by(|a, b| a.path() == b.path());
    let at = texts.iter().position(|own| own.path() == "apis/api-2/apiInformation.json").expect("the first one");
    texts.remove(at);
    check(&texts, "a version set is missing");
    let set = br#"{"properties":{"versioningScheme":"Segment"}}"#.to_vec();
    texts.push(Arc::new(FileText::new("estate", "version sets/set/versionSetInformation.json", set)));
    check(&texts, "a version set has come");
    check(&all, "all is as it was");
}
