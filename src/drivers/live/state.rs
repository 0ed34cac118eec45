//! State that outlives a request, behind one trait: in this process now, in a shared store later.

use super::cache::Cache;
use super::counters::Slots;
use crate::effect::CacheValue;
use std::time::{Duration, Instant};

pub trait State: Send + Sync + 'static {
    fn lookup(&self, key: &str, now: Instant) -> Option<CacheValue>;
    fn store(&self, key: &str, value: CacheValue, duration: Duration, now: Instant);
    fn remove(&self, key: &str);
    /// Takes a slot of `key` when fewer than `most` are taken.
    fn acquire(&self, key: &str, most: u32) -> bool;
    fn release(&self, key: &str);
}

/// In the memory of this process.
pub struct Embedded {
    cache: Cache,
    slots: Slots,
}

impl Embedded {
    /// A cache of at most this many bytes.
    pub fn new(cache_bytes: usize) -> Embedded {
        Embedded { cache: Cache::new(cache_bytes), slots: Slots::default() }
    }
}

impl State for Embedded {
    fn lookup(&self, key: &str, now: Instant) -> Option<CacheValue> {
        self.cache.lookup(key, now)
    }

    fn store(&self, key: &str, value: CacheValue, duration: Duration, now: Instant) {
        self.cache.store(key, value, duration, now);
    }

    fn remove(&self, key: &str) {
        self.cache.remove(key);
    }

    fn acquire(&self, key: &str, most: u32) -> bool {
        self.slots.acquire(key, most)
    }

    fn release(&self, key: &str) {
        self.slots.release(key);
    }
}
