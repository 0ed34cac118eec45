//! Concurrency slots: how many requests are inside a `limit-concurrency` of this key.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

#[derive(Default)]
pub struct Slots(Mutex<HashMap<Box<str>, u32>>);

impl Slots {
    pub fn acquire(&self, key: &str, most: u32) -> bool {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(key) {
            Some(count) if *count >= most => false,
            Some(count) => {
                *count += 1;
                true
            }
            None if most == 0 => false,
            None => {
                taken.insert(key.into(), 1);
                true
            }
        }
    }

    pub fn release(&self, key: &str) {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Slots;

    #[test]
    fn a_slot_comes_back() {
        let slots = Slots::default();
        assert!(slots.acquire("k", 2) && slots.acquire("k", 2));
        assert!(!slots.acquire("k", 2));
        assert!(slots.acquire("other", 1));
        slots.release("k");
        assert!(slots.acquire("k", 2));
        slots.release("never taken");
        assert!(!slots.acquire("none", 0));
    }
}
