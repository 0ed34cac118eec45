//! The case folders: a policy, a request, answers, and what a page of the platform says comes of it.

use std::path::{Path, PathBuf};

/// Every case folder, in order.
pub fn all() -> Vec<PathBuf> {
    let mut found = Vec::new();
    folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"), &mut found);
    found.sort();
    assert!(found.len() >= 80, "only {} cases were found", found.len());
    found
}

fn folders(root: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(root) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.join("request.http").exists() {
            found.push(path);
        } else if path.is_dir() {
            folders(&path, found);
        }
    }
}

#[test]
fn every_case_holds_in_replay() {
    let mut wrong = Vec::new();
    for folder in all() {
        assert!(folder.join("why.md").exists(), "{}: a case says where its expectation comes from", folder.display());
        match portcullis::cli::run::differences(&folder) {
            Ok(differences) if differences.is_empty() => {}
            Ok(differences) => wrong.push(format!("{}\n{}", folder.display(), differences.join("\n"))),
            Err(why) => wrong.push(format!("{}\n{why}", folder.display())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
