//! The hash table behind dictionaries, sets and grouping. It enumerates in the order in which .NET Core's does: insertion
//! order, a removed slot being used again by the next insertion.

use super::comparer::Equality;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;

const END: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u64,
    next: u32,
    live: bool,
    key: Value,
    value: Value,
}

/// Keys and values; a set has null values.
#[derive(Clone, Debug, Default)]
pub struct Table {
    slots: Vec<Slot>,
    /// Heads of the chains; a power of two.
    buckets: Vec<u32>,
    free: Vec<u32>,
    live: usize,
    /// Room that was asked for or was there before a `Clear`: what `EnsureCapacity` tells, nothing else.
    room: usize,
    /// Grows with each change that invalidates enumerators.
    pub version: u32,
    pub equality: Equality,
}

impl Table {
    pub fn new(equality: Equality) -> Table {
        Table { equality, ..Table::default() }
    }

    pub fn len(&self) -> usize {
        self.live
    }

    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    fn chain(&self, hash: u64) -> usize {
        hash as usize & (self.buckets.len() - 1)
    }

    /// The slot of a key.
    pub fn find(&self, cx: &mut Call<'_>, key: Value) -> Result<Option<usize>, Fault> {
        if self.live == 0 {
            return Ok(None);
        }
        let hash = self.equality.hash(cx, key)?;
        self.find_hashed(cx, key, hash)
    }

    fn find_hashed(&self, cx: &mut Call<'_>, key: Value, hash: u64) -> Result<Option<usize>, Fault> {
        if self.buckets.is_empty() {
            return Ok(None);
        }
        let mut at = self.buckets[self.chain(hash)];
        while at != END {
            let slot = &self.slots[at as usize];
            if slot.hash == hash {
                cx.charge_fuel(1)?;
                if self.equality.equals(cx, slot.key, key)? {
                    return Ok(Some(at as usize));
                }
            }
            at = slot.next;
        }
        Ok(None)
    }

    pub fn get(&self, cx: &mut Call<'_>, key: Value) -> Result<Option<Value>, Fault> {
        Ok(self.find(cx, key)?.map(|at| self.slots[at].value))
    }

    /// The key and value of a slot that [`Table::find`] or [`Table::insert`] named.
    pub fn at(&self, slot: usize) -> (Value, Value) {
        (self.slots[slot].key, self.slots[slot].value)
    }

    pub fn set_at(&mut self, slot: usize, value: Value) {
        self.slots[slot].value = value;
        self.version = self.version.wrapping_add(1);
    }

    /// Adds a key unless it is there: the slot, and whether it is new.
    pub fn insert(&mut self, cx: &mut Call<'_>, key: Value, value: Value) -> Result<(usize, bool), Fault> {
        let hash = self.equality.hash(cx, key)?;
        if let Some(at) = self.find_hashed(cx, key, hash)? {
            return Ok((at, false));
        }
        cx.heap.charge(size_of::<Slot>() + 8)?;
        if self.slots.len() >= self.buckets.len() && self.free.is_empty() {
            self.grow(cx)?;
        }
        let chain = self.chain(hash);
        let slot = Slot { hash, next: self.buckets[chain], live: true, key, value };
        let at = match self.free.pop() {
            Some(at) => {
                self.slots[at as usize] = slot;
                at as usize
            }
            None => {
                self.slots.push(slot);
                self.slots.len() - 1
            }
        };
        self.buckets[chain] = at as u32;
        self.live += 1;
        self.version = self.version.wrapping_add(1);
        Ok((at, true))
    }

    fn grow(&mut self, cx: &mut Call<'_>) -> Result<(), Fault> {
        let size = (self.buckets.len() * 2).max(4);
        cx.charge_fuel(size / 4)?;
        self.buckets.clear();
        self.buckets.resize(size, END);
        for at in 0..self.slots.len() {
            if self.slots[at].live {
                let chain = self.chain(self.slots[at].hash);
                self.slots[at].next = self.buckets[chain];
                self.buckets[chain] = at as u32;
            }
        }
        Ok(())
    }

    /// Removes a key and answers its value. Enumerators stay valid, as in .NET Core 3.
    pub fn remove(&mut self, cx: &mut Call<'_>, key: Value) -> Result<Option<Value>, Fault> {
        let Some(found) = self.find(cx, key)? else { return Ok(None) };
        self.remove_at(found);
        Ok(Some(self.slots[found].value))
    }

    pub fn remove_at(&mut self, found: usize) {
        let chain = self.chain(self.slots[found].hash);
        let mut at = self.buckets[chain];
        if at as usize == found {
            self.buckets[chain] = self.slots[found].next;
        } else {
            while at != END && self.slots[at as usize].next as usize != found {
                at = self.slots[at as usize].next;
            }
            if at != END {
                self.slots[at as usize].next = self.slots[found].next;
            }
        }
        self.slots[found].live = false;
        self.free.push(found as u32);
        self.live -= 1;
    }

    /// Forgets freed slots when nothing is left, as `HashSet<T>` does.
    pub fn reset_if_empty(&mut self) {
        if self.live == 0 {
            self.clear();
        }
    }

    /// How many slots .NET's table would have: its sizes are primes.
    pub fn capacity(&mut self) -> usize {
        while self.room < self.slots.len() {
            self.room = prime(2 * self.room);
        }
        self.room
    }

    /// Makes the capacity at least this.
    pub fn ensure(&mut self, wanted: usize) -> usize {
        if self.capacity() < wanted {
            self.room = prime(wanted);
            self.version = self.version.wrapping_add(1);
        }
        self.room
    }

    /// Closes the gaps that removed keys left, in a table of the smallest size for so many.
    pub fn trim(&mut self, cx: &mut Call<'_>, wanted: usize) -> Result<(), Fault> {
        self.room = if wanted == 0 { 0 } else { prime(wanted) };
        self.version = self.version.wrapping_add(1);
        self.slots.retain(|slot| slot.live);
        self.free.clear();
        self.buckets.truncate(self.buckets.len() / 2);
        self.grow(cx)
    }

    pub fn clear(&mut self) {
        self.capacity();
        self.slots.clear();
        self.free.clear();
        self.buckets.fill(END);
        self.live = 0;
    }

    /// The first live slot from `from` on.
    pub fn next_slot(&self, from: usize) -> Option<usize> {
        (from..self.slots.len()).find(|&at| self.slots[at].live)
    }

    /// Live keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (Value, Value)> + '_ {
        self.slots.iter().filter(|s| s.live).map(|s| (s.key, s.value))
    }
}

/// The sizes that .NET's tables take: the first prime of its list, or beyond it the first prime, that is not smaller.
pub fn prime(least: usize) -> usize {
    const SIZES: &[usize] = &[
        3, 7, 11, 17, 23, 29, 37, 47, 59, 71, 89, 107, 131, 163, 197, 239, 293, 353, 431, 521, 631, 761, 919, 1103,
        1327, 1597, 1931, 2333, 2801, 3371, 4049, 4861, 5839, 7013, 8419, 10103, 12143, 14591, 17519, 21023, 25229,
        30293, 36353, 43627, 52361, 62851, 75431, 90523, 108631, 130363, 156437, 187751, 225307, 270371, 324449,
        389357, 467237, 560689, 672827, 807403, 968897, 1162687, 1395263, 1674319, 2009191, 2411033, 2893249, 3471899,
        4166287, 4999559, 5999471, 7199369,
    ];
    let is_prime = |n: usize| (3..).step_by(2).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d));
    let listed = SIZES.iter().copied().find(|&size| size >= least);
    listed.or_else(|| (least | 1..).step_by(2).find(|&n| is_prime(n) && (n - 1) % 101 != 0)).unwrap_or(least)
}
