//! The files of a configuration as several readings share them, and what one reading leaves for the next. A file that is
//! known keeps its place among the sources, so that what was made of it keeps its spans.

use super::apis::{KeptApi, Reading};
use super::versions::VersionSet;
use crate::gateway::model::{BackendId, Space};
use crate::gateway::openapi::Definition;
use crate::source::{FileId, Source, Sources};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One file of a configuration.
#[derive(Debug)]
pub struct FileText {
    /// Below the configuration's root, with slashes.
    path: Box<str>,
    source: Arc<Source>,
    /// The bytes of a certificate or a key, of which nothing is ever shown.
    binary: Option<Vec<u8>>,
    is_too_large: bool,
}

impl FileText {
    /// `root` stands before the path in findings.
    pub fn new(root: &str, path: &str, bytes: Vec<u8>) -> FileText {
        let path = path.replace('\\', "/");
        let shown = if root.is_empty() { path.clone() } else { format!("{}/{path}", root.trim_end_matches('/')) };
        let (bytes, binary) =
            if super::certificates::is_binary(&path) { (Vec::new(), Some(bytes)) } else { (bytes, None) };
        let read = Source::new(shown.clone(), bytes);
        let is_too_large = read.is_err();
        let source = read.unwrap_or_else(|_| Source::new(shown, Vec::new()).expect("an empty text is small"));
        FileText { path: path.into(), source: Arc::new(source), binary, is_too_large }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn binary(&self) -> Option<&[u8]> {
        self.binary.as_deref()
    }

    pub(super) fn is_too_large(&self) -> bool {
        self.is_too_large
    }
}

/// What one reading leaves for the next.
#[derive(Debug, Default)]
pub struct Kept {
    /// How many sources stood before those of the configuration.
    base: u32,
    /// The places of paths, from `base` on.
    places: FxHashMap<Box<str>, u32>,
    /// By place; `None` where a file is gone.
    files: Vec<Option<Arc<FileText>>>,
    /// Definitions that were read, by their text, with the last reading that used them.
    pub(super) definitions: FxHashMap<(Box<str>, Reading), (Definition, u64)>,
    pub(super) apis: FxHashMap<(Space, Box<str>), KeptApi>,
    /// What the APIs of a space were read with.
    around: BTreeMap<Space, Around>,
    pub(super) reading: u64,
}

/// What an API takes from outside its own files.
#[derive(Debug, PartialEq)]
pub(super) struct Around {
    pub(super) workspace: Option<Box<str>>,
    pub(super) allow_unsupported: bool,
    pub(super) backends: Vec<BackendId>,
    pub(super) version_sets: BTreeMap<Box<str>, VersionSet>,
}

/// Places of files that are gone are given back at once when they are this many.
const MOST_GONE: usize = 1000;

impl Kept {
    /// A reading begins: gives each file its place among the sources.
    pub(super) fn place(&mut self, files: &[Arc<FileText>], sources: &mut Sources) -> Vec<(Arc<FileText>, FileId)> {
        self.reading += 1;
        let base = sources.len() as u32;
        if base != self.base || self.files.len() > files.len() + MOST_GONE {
            *self = Kept { base, reading: self.reading, ..Kept::default() };
        }
        let mut now: Vec<Option<Arc<FileText>>> = vec![None; self.files.len()];
        let mut placed = Vec::with_capacity(files.len());
        for file in files {
            let place = match self.places.get(&file.path) {
                Some(place) => *place,
                None => {
                    let place = now.len() as u32;
                    self.places.insert(file.path.clone(), place);
                    now.push(None);
                    place
                }
            };
            now[place as usize] = Some(Arc::clone(file));
            placed.push((Arc::clone(file), FileId(base + place)));
        }
        let gone = Arc::new(Source::new("", Vec::new()).expect("an empty text is small"));
        for file in &now {
            let source = file.as_ref().map_or(&gone, |file| &file.source);
            sources.share(Arc::clone(source)).expect("a configuration has fewer files");
        }
        self.files = now;
        placed
    }

    pub(super) fn file(&self, file: FileId) -> Option<&Arc<FileText>> {
        self.files.get(file.0.checked_sub(self.base)? as usize)?.as_ref()
    }

    /// Forgets the APIs of a space when what they were read with is not the same any more.
    pub(super) fn surround(&mut self, space: Space, around: Around) {
        if self.around.get(&space) != Some(&around) {
            self.apis.retain(|(own, _), _| *own != space);
            self.around.insert(space, around);
        }
    }

    /// A reading is over: what it did not use is forgotten.
    pub(super) fn end(&mut self) {
        let reading = self.reading;
        self.definitions.retain(|_, (_, used)| *used == reading);
        self.apis.retain(|_, kept| kept.used == reading);
    }
}
