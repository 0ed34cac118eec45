//! Large configurations: what documents share is compiled once, and a reload compiles what has changed.

#[path = "../../benches/growth/estate.rs"]
mod estate;

use portcullis::diagnostics::Diagnostics;
use portcullis::drivers::program::{self, Rules};
use portcullis::drivers::units::Units;
use portcullis::gateway::load::{self, Given, Kept};
use portcullis::source::Sources;

const APIS: usize = 6;
const OPERATIONS: usize = 40;

/// How many documents a load compiles, beside what earlier ones have.
fn compiled(texts: &estate::Texts, kept: &mut Kept, units: &mut Units) -> usize {
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let before = units.compiled;
    let given = Given::default();
    let gateway = load::reload(texts.clone(), "estate", &given, &mut sources, kept, &mut found);
    assert_eq!(gateway.apis.iter().map(|api| api.operations.len()).sum::<usize>(), APIS * OPERATIONS);
    program::recompile(&gateway, &mut sources, Rules::default(), units, &mut found);
    assert!(!found.has_errors(), "{:?}", found.into_sorted());
    units.compiled - before
}

#[test]
fn what_is_shared_is_compiled_once_and_a_reload_compiles_what_changed() {
    super::support::with_stack(|| {
        let (mut kept, mut units) = (Kept::default(), Units::default());
        let mut texts = estate::texts(APIS, OPERATIONS);
        // The global document, the fragment, a document per product and per API, and those that operations share.
        let distinct = 1 + 1 + estate::PRODUCTS + APIS + estate::OPERATION_POLICIES;
        assert_eq!(compiled(&texts, &mut kept, &mut units), distinct);
        assert_eq!(compiled(&texts, &mut kept, &mut units), 0);

        let mut change = |path: &str, text: String| {
            let file = texts.iter_mut().find(|(own, _)| own == path).expect("a file of the estate");
            file.1 = text.into_bytes();
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
        for load in 0..2 {
            let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
            let given = Given::default();
            let gateway = load::reload(texts.clone(), "", &given, &mut sources, &mut kept, &mut found);
            program::recompile(&gateway, &mut sources, Rules::default(), &mut units, &mut found);
            let found = found.into_sorted();
            let wrong = found.iter().filter(|finding| sources.path(finding.span.file) == path).count();
            assert_eq!(wrong, 1, "load {load}: {found:?}");
        }
    });
}
