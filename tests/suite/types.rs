//! What `portcullis types` lists: it only grows, and it knows every member that the platform's list has.

use portcullis::dotnet::listing;
use std::collections::HashSet;
use std::path::Path;

/// Members that were supported when this was last written down. It may only rise.
const SUPPORTED: usize = 3251;
/// Members of the platform's list that have no row at all. It may only fall.
const WITHOUT_A_ROW: usize = 23;

#[test]
fn support_only_grows() {
    let (supported, all) = listing::count(&listing::types());
    assert!(supported >= SUPPORTED, "{supported} of {all} members are supported; {SUPPORTED} were");
}

/// Runs where the reference lies beside the checkout.
#[test]
fn every_member_of_the_platform_is_known() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/dotnet-members.json");
    let Ok(text) = std::fs::read_to_string(path) else { return };
    let reference: serde_json::Value = serde_json::from_str(&text).expect("the reference is JSON");
    let known: HashSet<(String, String)> = listing::types()
        .into_iter()
        .flat_map(|listed| {
            listed.members.into_iter().map(move |member| (listed.name.clone(), plain(&member.signature)))
        })
        .collect();
    let mut missing = Vec::new();
    for of in reference["types"].as_array().expect("a list of types") {
        let name = of["type"].as_str().unwrap_or_default();
        for member in of["members"].as_array().expect("a list of members") {
            let signature = member["signature"].as_str().unwrap_or_default();
            if !known.contains(&(name.to_owned(), plain(signature))) {
                missing.push(format!("{name}: {signature}"));
            }
        }
    }
    assert!(missing.len() <= WITHOUT_A_ROW, "{} members without a row:\n{}", missing.len(), missing.join("\n"));
}

/// A signature without accessors and blanks, which reflection and rows spell differently.
fn plain(signature: &str) -> String {
    let head = signature.split(" {").next().unwrap_or(signature);
    head.split_whitespace().collect::<Vec<_>>().join(" ")
}
