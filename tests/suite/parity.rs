//! `docs/parity.md` has a row for each property of each entity, and what proves a row is there.

use std::collections::BTreeSet;
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
