//! The files of a directory as they were last read: after a change, only what has changed is read from disk. Told what
//! has changed, the others are not looked at; told nothing, a file's times and size say whether it has.

use super::configuration::{self, content};
use crate::gateway::load::FileText;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// What may have changed since the last look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    Anything,
    /// These files and folders, and what was below them.
    Paths(BTreeSet<PathBuf>),
}

/// The files below a directory.
#[derive(Debug, Default)]
pub struct Files(Option<Known>);

type Known = BTreeMap<String, Stored>;

#[derive(Debug)]
struct Stored {
    text: Arc<FileText>,
    /// `None`: written so shortly before it was read that another writing might show the same.
    stamp: Option<Stamp>,
}

/// What another content would change.
#[derive(Clone, Debug, PartialEq)]
struct Stamp {
    length: u64,
    modified: SystemTime,
    /// The file itself, and when the system last noted a change of it.
    identity: (u64, i64, i64),
}

/// Times of files are as coarse as the system's clock ticks.
const COARSE: Duration = Duration::from_millis(100);

impl Stamp {
    fn of(path: &Path) -> Option<Stamp> {
        let about = std::fs::metadata(path).ok()?;
        Some(Stamp { length: about.len(), modified: about.modified().ok()?, identity: identity(&about) })
    }

    fn is_settled(&self) -> bool {
        SystemTime::now().duration_since(self.modified).is_ok_and(|age| age > COARSE)
    }
}

#[cfg(unix)]
fn identity(about: &std::fs::Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (about.ino(), about.ctime(), about.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> (u64, i64, i64) {
    (0, 0, 0)
}

impl Files {
    /// Every file, as of now, in the order of paths.
    pub fn read(&mut self, root: &Path, changes: &Changes) -> Result<Vec<Arc<FileText>>, String> {
        let before = self.0.take().unwrap_or_default();
        let known = match changes {
            Changes::Paths(paths) if !before.is_empty() => match update(before, root, paths) {
                Ok(known) => known,
                Err(before) => all(root, before)?,
            },
            _ => all(root, before)?,
        };
        let texts = known.values().map(|stored| Arc::clone(&stored.text)).collect();
        self.0 = Some(known);
        Ok(texts)
    }
}

/// Whether a change of this path may change the configuration: what has an ending that no part of one has, and is there,
/// does not. A log may lie in the directory, and every line of it would be a reason to read all again.
pub fn may_matter(path: &Path) -> bool {
    const ENDINGS: [&str; 19] = [
        "xml", "json", "yaml", "yml", "graphql", "gql", "wsdl", "wadl", "xsd", "env", "pfx", "p12", "pem", "crt",
        "cer", "der", "key", "liquid", "csx",
    ];
    let known = |ending: &std::ffi::OsStr| ENDINGS.iter().any(|own| ending.eq_ignore_ascii_case(own));
    path.extension().is_some_and(known) || !path.is_file()
}

/// Looks at everything, and reads what is not as it was.
fn all(root: &Path, mut before: Known) -> Result<Known, String> {
    let mut known = Known::new();
    for (name, path) in configuration::paths(root)? {
        let stored = match before.remove(&name) {
            Some(stored) if stored.stamp.is_some() && stored.stamp == Stamp::of(&path) => stored,
            _ => read(root, &name, &path)?,
        };
        known.insert(name, stored);
    }
    Ok(known)
}

fn read(root: &Path, name: &str, path: &Path) -> Result<Stored, String> {
    let stamp = Stamp::of(path).filter(Stamp::is_settled);
    let bytes = content(path)?;
    let text = Arc::new(FileText::new(&root.display().to_string(), name, bytes));
    Ok(Stored { text, stamp })
}

/// What was known is handed back where only a look at everything tells: a folder came, or a path lies elsewhere.
fn update(mut known: Known, root: &Path, paths: &BTreeSet<PathBuf>) -> Result<Known, Known> {
    let Ok(absolute) = std::path::absolute(root) else { return Err(known) };
    for path in paths {
        let Ok(path) = std::path::absolute(path) else { return Err(known) };
        let Ok(below) = path.strip_prefix(&absolute) else { continue };
        // A mounted configuration changes as a whole, by a hidden link that all of its files lead through.
        if path.is_symlink() {
            return Err(known);
        }
        if below.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.')) {
            continue;
        }
        let name = below.to_string_lossy().replace('\\', "/");
        if path.is_dir() || name.is_empty() {
            return Err(known);
        }
        if path.is_file() {
            match read(root, &name, &path) {
                Ok(stored) => drop(known.insert(name, stored)),
                Err(_) => return Err(known),
            }
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
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Diagnostics;
    use crate::gateway::load::{self, Given, Kept};
    use crate::source::{FileId, Sources};

    /// Path and content of each file.
    fn shown(texts: &[Arc<FileText>]) -> Vec<String> {
        let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
        load::reload(texts, &Given::default(), &mut sources, &mut Kept::default(), &mut found);
        let line = |(at, text): (u32, &Arc<FileText>)| {
            let hidden = sources.text(FileId(at)).len();
            format!("{}={hidden}", text.path())
        };
        (0..).zip(texts).map(line).collect()
    }

    #[test]
    fn what_has_changed_is_seen() {
        let root = std::env::temp_dir().join(format!("portcullis-files-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        };
        let mut files = Files::default();
        // Lengths stand for contents.
        let mut look = |changes: &Changes| shown(&files.read(&root, changes).expect("readable"));
        let paths = |paths: &[&str]| Changes::Paths(paths.iter().map(|path| root.join(path)).collect());
        write("a/one", "1");
        write("a/two", "1");
        write("b/three", "1");
        assert_eq!(look(&Changes::Anything), ["a/one=1", "a/two=1", "b/three=1"]);
        write("a/one", "22");
        write("a/two", "not told");
        assert_eq!(look(&paths(&["a/one"])), ["a/one=2", "a/two=1", "b/three=1"]);
        // Nobody says what: all of it is looked at, although it was written a moment ago.
        assert_eq!(look(&Changes::Anything), ["a/one=2", "a/two=8", "b/three=1"]);
        write("a/two", "another.");
        assert_eq!(look(&Changes::Anything), ["a/one=2", "a/two=8", "b/three=1"]);
        std::fs::remove_dir_all(root.join("a")).expect("a folder");
        assert_eq!(look(&paths(&["a"])), ["b/three=1"]);
        write("c/four", "4444");
        assert_eq!(look(&paths(&["c"])), ["b/three=1", "c/four=4"]);
        write(".git/x", "hidden");
        assert_eq!(look(&paths(&[".git/x"])), ["b/three=1", "c/four=4"]);
        std::fs::remove_dir_all(&root).expect("the test's own folder");
    }
}
