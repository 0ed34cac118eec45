//! What `portcullis types` lists: it only grows, and it knows every member that the platform's list has.

use super::support::{NOTHING_KNOWN, check_with};
use portcullis::dotnet::listing;
use portcullis::xml::TextForm;
use std::collections::HashSet;
use std::path::Path;

/// Members that were supported when this was last written down. It may only rise.
const SUPPORTED: usize = 3374;

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
    assert!(missing.is_empty(), "{} members without a row:\n{}", missing.len(), missing.join("\n"));
}

/// A signature without accessors and blanks, which reflection and rows spell differently. Reflection calls a buffer that a
/// method fills `out`, which the language does not.
fn plain(signature: &str) -> String {
    let head = signature.split(" {").next().unwrap_or(signature).replace("out char[]", "char[]");
    head.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_manual_page_is_what_the_command_prints() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/expressions.md");
    let page = std::fs::read_to_string(page).expect("the page is part of the project");
    let (_, out, _) = super::program::portcullis(&["types", "--format", "markdown"]);
    assert!(page == out, "out of date: portcullis types --format markdown > docs/expressions.md");
}

/// By the allowed types of the page of `set-variable`.
#[test]
fn variables_hold_what_the_platform_lists() {
    for (value, taken) in [
        ("1", true),
        ("@(1)", true),
        ("@((int?)1)", true),
        ("@(1.5m)", true),
        ("@(new byte[2])", true),
        ("@(Guid.NewGuid())", true),
        ("@(DateTime.UtcNow)", true),
        ("@(TimeSpan.Zero)", true),
        ("@(new JObject())", true),
        ("@(JToken.Parse(\"1\"))", true),
        ("@(context.Variables[\"a\"])", true),
        ("@((string)null)", true),
        ("@(new List<string>())", false),
        ("@(new string[2])", false),
        ("@(context.Request.Certificate)", false),
        ("@(\"a\".AsJwt())", false),
        ("@{ return new Dictionary<string, string>(); }", false),
    ] {
        let text = format!(
            "<policies><inbound><set-variable name=\"v\" value='{value}' /></inbound><backend /><outbound /><on-error /></policies>"
        );
        let (_, found) = check_with("policy.xml", text.into_bytes(), TextForm::Auto, &NOTHING_KNOWN);
        let refused = found.iter().any(|own| own.code.name == "policy::bad_value");
        assert_eq!(refused, !taken, "{value}: {:?}", found.iter().map(|own| &own.message).collect::<Vec<_>>());
    }
}
