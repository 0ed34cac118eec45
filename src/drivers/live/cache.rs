//! The embedded cache: entries with a time to live, bounded in bytes; the entry unused for longest goes first.

use crate::effect::CacheValue;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

pub struct Cache {
    most: usize,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<Box<str>, Entry>,
    /// From the turn of the last use to the key.
    by_use: BTreeMap<u64, Box<str>>,
    turn: u64,
    bytes: usize,
}

struct Entry {
    value: CacheValue,
    until: Instant,
    used: u64,
    bytes: usize,
}

/// What an entry costs beside its key and value.
const OVERHEAD: usize = 160;
/// An entry without an end; the platform's longest is far shorter.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

impl Cache {
    pub fn new(most: usize) -> Cache {
        Cache { most, entries: Mutex::default() }
    }

    pub fn lookup(&self, key: &str, now: Instant) -> Option<CacheValue> {
        let entries = &mut *self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.by_key.get_mut(key)?;
        if entry.until <= now {
            entries.remove(key);
            return None;
        }
        entries.turn += 1;
        if let Some(name) = entries.by_use.remove(&entry.used) {
            entry.used = entries.turn;
            entries.by_use.insert(entries.turn, name);
        }
        Some(entry.value.clone())
    }

    pub fn store(&self, key: &str, value: CacheValue, duration: Duration, now: Instant) {
        let bytes = key.len() * 2 + size(&value) + OVERHEAD;
        let entries = &mut *self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.remove(key);
        if bytes > self.most || duration.is_zero() {
            return;
        }
        while entries.bytes + bytes > self.most {
            let Some((_, oldest)) = entries.by_use.pop_first() else { break };
            entries.remove(&oldest);
        }
        entries.turn += 1;
        let used = entries.turn;
        entries.by_use.insert(used, key.into());
        entries.bytes += bytes;
        let until = now + duration.min(LONGEST);
        entries.by_key.insert(key.into(), Entry { value, until, used, bytes });
    }

    pub fn remove(&self, key: &str) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

impl Entries {
    fn remove(&mut self, key: &str) {
        if let Some(entry) = self.by_key.remove(key) {
            self.bytes -= entry.bytes;
            self.by_use.remove(&entry.used);
        }
    }
}

fn size(value: &CacheValue) -> usize {
    match value {
        CacheValue::Null | CacheValue::Bool(_) => 0,
        CacheValue::Scalar { type_name, text } => type_name.len() + text.len(),
        CacheValue::Text(text) | CacheValue::Json(text) => text.len(),
        CacheValue::Bytes(bytes) => bytes.len(),
        CacheValue::Response(response) => {
            let headers: usize =
                response.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 64).sum();
            response.body.len() + headers
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_end_and_make_room() {
        let start = Instant::now();
        let cache = Cache::new(600);
        let text = |text: &str| CacheValue::Text(text.into());
        let second = Duration::from_secs(1);
        cache.store("a", text("1"), second, start);
        assert_eq!(cache.lookup("a", start), Some(text("1")));
        assert_eq!(cache.lookup("a", start + second), None);
        for key in ["a", "b", "c"] {
            cache.store(key, text(key), second, start);
        }
        assert_eq!(cache.lookup("a", start), Some(text("a")));
        cache.store("d", text("d"), second, start);
        assert_eq!(cache.lookup("b", start), None, "unused for longest");
        assert_eq!(cache.lookup("a", start), Some(text("a")));
        cache.store("huge", text(&"x".repeat(1_000)), second, start);
        assert_eq!(cache.lookup("huge", start), None);
        cache.remove("a");
        assert_eq!(cache.lookup("a", start), None);
    }
}
