//! Compiled patterns and the matcher's memory, kept per thread: a pattern that requests share is compiled once.

use super::machine::Machine;
use super::program::{Program, compile};
use super::scan::Wrong;
use crate::dotnet::heap::Str;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::Arc;

/// The most patterns, and UTF-16 units of patterns together, that a thread keeps.
const MAX_PATTERNS: usize = 256;
const MAX_UNITS: usize = 1 << 18;

/// A pattern and its options.
type Key = (Box<[u16]>, u16);

/// How many patterns in ASCII are found by their text as it stands, before all others.
const RECENT: usize = 8;

#[derive(Default)]
struct Cache {
    recent: Vec<(Box<str>, u16, Arc<Program>)>,
    /// Which of them gives way next.
    next: usize,
    programs: FxHashMap<Key, (Arc<Program>, u64)>,
    units: usize,
    /// Counts look-ups: what was not asked for since half of them ago makes room first.
    clock: u64,
}

thread_local! {
    static CACHE: RefCell<Cache> = RefCell::default();
    static MACHINE: RefCell<Machine> = RefCell::default();
}

/// The program of a pattern under these options (those that change its meaning).
pub fn program(pattern: Str<'_>, options: u16) -> Result<Arc<Program>, Wrong> {
    CACHE.with_borrow_mut(|cache| {
        let Str::Ascii(text) = pattern else { return cache.program(pattern.to_wide(), options) };
        let is_it = |(own, under, _): &&(Box<str>, u16, Arc<Program>)| *under == options && **own == *text;
        if let Some((_, _, program)) = cache.recent.iter().find(is_it) {
            return Ok(program.clone());
        }
        let program = cache.program(pattern.to_wide(), options)?;
        if text.len() <= MAX_UNITS / 64 {
            let recent = (text.into(), options, program.clone());
            match cache.recent.get_mut(cache.next) {
                Some(old) => *old = recent,
                None => cache.recent.push(recent),
            }
            cache.next = (cache.next + 1) % RECENT;
        }
        Ok(program)
    })
}

impl Cache {
    fn program(&mut self, pattern: Vec<u16>, options: u16) -> Result<Arc<Program>, Wrong> {
        let cache = self;
        cache.clock += 1;
        let key = (pattern.into_boxed_slice(), options);
        if let Some((program, used)) = cache.programs.get_mut(&key) {
            *used = cache.clock;
            return Ok(program.clone());
        }
        let program = Arc::new(compile(&key.0, options)?);
        let units = key.0.len();
        if units <= MAX_UNITS / 8 {
            if cache.programs.len() >= MAX_PATTERNS || cache.units + units > MAX_UNITS {
                cache.make_room();
            }
            cache.units += units;
            cache.programs.insert(key, (program.clone(), cache.clock));
        }
        Ok(program)
    }

    /// Drops the half that was not used for longest.
    fn make_room(&mut self) {
        let mut uses: Vec<u64> = self.programs.values().map(|entry| entry.1).collect();
        uses.sort_unstable();
        let middle = uses.get(uses.len() / 2).copied().unwrap_or_default();
        self.programs.retain(|_, entry| entry.1 > middle);
        self.units = self.programs.keys().map(|key| key.0.len()).sum();
    }
}

/// Runs a search with this thread's matcher. A search begins no other.
pub fn with_machine<R>(search: impl FnOnce(&mut Machine) -> R) -> R {
    MACHINE.with_borrow_mut(|machine| {
        let result = search(machine);
        machine.shrink();
        result
    })
}
