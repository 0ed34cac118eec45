//! Who may use whom: each folder of `src/` takes only from those listed before it.

use std::path::Path;

/// From the bottom to the top.
const LAYERS: &[&str] = &[
    "source",
    "diagnostics",
    "message",
    "effect",
    "dotnet",
    "xml",
    "document",
    "typed",
    "bytecode",
    "link",
    "vm",
    "gateway",
    "eval",
    "policies",
    "compile",
    "recording",
    "drivers",
    "cli",
];

/// Uses that go up on purpose, each with its reason.
const ALLOWED: &[(&str, &str, &str)] = &[
    ("bytecode", "vm", "a call site of `dynamic` is a constant of its unit"),
    ("document", "policies", "its tests read by the real table"),
];

/// The folders and files of `src/` that a file, or all files of a folder, name.
fn uses(place: &Path, found: &mut Vec<String>) {
    if let Ok(entries) = std::fs::read_dir(place) {
        entries.flatten().for_each(|entry| uses(&entry.path(), found));
        return;
    }
    if place.extension().is_none_or(|extension| extension != "rs") {
        return;
    }
    let text = std::fs::read_to_string(place).expect("a file of the project can be read");
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for part in line.split("crate::").skip(1) {
            found.push(part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
}

#[test]
fn layers_take_only_from_below() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut needed = Vec::new();
    for (at, layer) in LAYERS.iter().enumerate() {
        let (folder, file) = (src.join(layer), src.join(format!("{layer}.rs")));
        assert!(folder.exists() || file.exists(), "`{layer}` is in the list and not in src/");
        let mut found = Vec::new();
        uses(&folder, &mut found);
        if file.exists() {
            uses(&file, &mut found);
        }
        found.sort();
        found.dedup();
        for used in found {
            if LAYERS.iter().position(|other| **other == used).is_none_or(|other| other <= at) {
                continue;
            }
            match ALLOWED.iter().position(|(a, b, _)| a == layer && *b == used) {
                Some(reason) => needed.push(reason),
                None => wrong.push(format!("`{layer}` uses `{used}`, which stands above it")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (at, (layer, used, _)) in ALLOWED.iter().enumerate() {
        assert!(needed.contains(&at), "`{layer}` no longer uses `{used}`: take the row away");
    }
}
