//! The files of a directory as they were last read: after a change, only what has changed is read from disk.

use super::configuration::texts;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What may have changed since the last look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    Anything,
    /// These files and folders, and what was below them.
    Paths(BTreeSet<PathBuf>),
}

/// The files below a directory.
#[derive(Debug, Default)]
pub struct Files(Option<BTreeMap<String, Vec<u8>>>);

impl Files {
    /// Path and content of every file, as of now.
    pub fn read(&mut self, root: &Path, changes: &Changes) -> Result<Vec<(String, Vec<u8>)>, String> {
        let updated = match (self.0.take(), changes) {
            (Some(known), Changes::Paths(paths)) => update(known, root, paths),
            _ => None,
        };
        let known = match updated {
            Some(known) => known,
            None => texts(root)?.into_iter().collect(),
        };
        let copy = known.iter().map(|(path, bytes)| (path.clone(), bytes.clone())).collect();
        self.0 = Some(known);
        Ok(copy)
    }
}

/// `None` where only a look at everything tells: a folder came, or a path lies elsewhere.
fn update(
    mut known: BTreeMap<String, Vec<u8>>,
    root: &Path,
    paths: &BTreeSet<PathBuf>,
) -> Option<BTreeMap<String, Vec<u8>>> {
    let root = std::path::absolute(root).ok()?;
    for path in paths {
        let path = std::path::absolute(path).ok()?;
        let Ok(below) = path.strip_prefix(&root) else { continue };
        if below.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.')) {
            continue;
        }
        let name = below.to_string_lossy().replace('\\', "/");
        if path.is_dir() || name.is_empty() {
            return None;
        }
        if path.is_file() {
            known.insert(name, super::configuration::content(&path).ok()?);
            continue;
        }
        known.remove(&name);
        let folder = format!("{name}/");
        let gone: Vec<String> = known
            .range(folder.clone()..)
            .map(|(path, _)| path)
            .take_while(|path| path.starts_with(&folder))
            .cloned()
            .collect();
        for path in gone {
            known.remove(&path);
        }
    }
    Some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed_is_seen() {
        let root = std::env::temp_dir().join(format!("portcullis-files-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        };
        let mut files = Files::default();
        let mut look = |changes: &Changes| -> Vec<String> {
            let texts = files.read(&root, changes).expect("readable");
            texts.into_iter().map(|(path, bytes)| format!("{path}={}", String::from_utf8_lossy(&bytes))).collect()
        };
        let paths = |paths: &[&str]| Changes::Paths(paths.iter().map(|path| root.join(path)).collect());
        write("a/one", "1");
        write("a/two", "2");
        write("b/three", "3");
        assert_eq!(look(&Changes::Anything), ["a/one=1", "a/two=2", "b/three=3"]);
        write("a/one", "changed");
        write("a/two", "not told");
        assert_eq!(look(&paths(&["a/one"])), ["a/one=changed", "a/two=2", "b/three=3"]);
        std::fs::remove_dir_all(root.join("a")).expect("a folder");
        assert_eq!(look(&paths(&["a"])), ["b/three=3"]);
        write("c/four", "4");
        assert_eq!(look(&paths(&["c"])), ["b/three=3", "c/four=4"]);
        write(".git/x", "hidden");
        assert_eq!(look(&paths(&[".git/x"])), ["b/three=3", "c/four=4"]);
        std::fs::remove_dir_all(&root).expect("the test's own folder");
    }
}
