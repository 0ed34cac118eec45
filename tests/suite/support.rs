//! What several suites share: the corpus, reading a text as far as the document, and checking it whole.

use portcullis::diagnostics::{Diagnostics, Finding};
use portcullis::document::{self, NamedValues, Options};
use portcullis::policies::SPECS;
use portcullis::source::Sources;
use portcullis::typed;
use portcullis::xml::{self, TextForm};
use std::path::{Path, PathBuf};

pub fn corpus(set: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus").join(set)
}

/// Every file of a set by its path inside the set, in order; none where the corpus is absent.
pub fn corpus_files(set: &str) -> Vec<(String, Vec<u8>)> {
    let root = corpus(set);
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().contains(".xml") {
                let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
                found.push((name, std::fs::read(&path).expect("readable")));
            }
        }
    }
    found.sort();
    found
}

pub const NOTHING_KNOWN: Options<'static> = Options::new(SPECS, const { &NamedValues::new() });

/// What the XML and document layers find in a text.
pub fn read_text(name: &str, bytes: Vec<u8>, form: TextForm) -> (Sources, Vec<Finding>) {
    read_with(name, bytes, form, &NOTHING_KNOWN)
}

pub fn read_with(name: &str, bytes: Vec<u8>, form: TextForm, options: &Options<'_>) -> (Sources, Vec<Finding>) {
    let mut sources = Sources::new();
    let file = sources.add(name, bytes).expect("small");
    let mut found = Diagnostics::new();
    let tree = xml::read(&sources, file, form, &mut found);
    document::read(&tree, options, &mut found);
    (sources, found.into_sorted())
}

/// What `check` finds: all layers.
pub fn check_with(name: &str, bytes: Vec<u8>, form: TextForm, options: &Options<'_>) -> (Sources, Vec<Finding>) {
    let mut sources = Sources::new();
    let file = sources.add(name, bytes).expect("small");
    let mut found = Diagnostics::new();
    portcullis::compile::compile(&sources, file, form, options, &typed::Options::default(), &mut found);
    (sources, found.into_sorted())
}

/// Runs a test on a thread with the stack that the commands give themselves.
pub fn with_stack<T: Send>(test: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, test);
        match worker.expect("a thread starts").join() {
            Ok(answer) => answer,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// A small generator of numbers (xorshift), so that every run is the same.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 16) as usize % limit.max(1)
    }

    pub fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }
}
