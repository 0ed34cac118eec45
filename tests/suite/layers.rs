//! Who may use whom: each folder of `src/` takes only from those listed before it.

use std::path::Path;

/// From the bottom to the top. `dotnet` and `vm::effect` name each other: effects are plain data of the VM's border.
const LAYERS: &[&str] = &[
    "source",
    "diagnostics",
    "message",
    "dotnet",
    "gateway",
    "xml",
    "document",
    "typed",
    "bytecode",
    "vm",
    "policies",
    "compile",
    "link",
    "eval",
    "recording",
    "drivers",
    "cli",
];

/// Uses that go up on purpose, each with its reason.
const ALLOWED: &[(&str, &str, &str)] = &[
    ("dotnet", "vm", "effects and moments are plain data that natives make"),
    ("gateway", "vm", "breakers count by moments"),
    ("gateway", "document", "named values are shared with the reader"),
    ("bytecode", "vm", "units hold functions that make and take effects"),
    ("bytecode", "policies", "run steps share one reading of values"),
    ("vm", "link", "a machine runs a chain"),
    ("document", "policies", "its tests read by the real table"),
    ("policies", "compile", "its tests run whole documents"),
    ("policies", "link", "its tests run whole documents"),
];

fn uses(folder: &Path, found: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            uses(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
                for part in line.split("crate::").skip(1) {
                    let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    found.push(name);
                }
            }
        }
    }
}

#[test]
fn layers_take_only_from_below() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (at, layer) in LAYERS.iter().enumerate() {
        let mut found = Vec::new();
        uses(&src.join(layer), &mut found);
        found.sort();
        found.dedup();
        for used in found {
            let above = LAYERS.iter().position(|other| **other == used).is_some_and(|other| other > at);
            if above && !ALLOWED.iter().any(|(a, b, _)| a == layer && *b == used) {
                wrong.push(format!("`{layer}` uses `{used}`, which stands above it"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
