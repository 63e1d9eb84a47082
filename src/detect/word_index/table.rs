//! Words by keys, in tables that most runs of a text are turned away from by two bits.

use std::{collections::BTreeMap, ops::Range};

use super::{
    bytes::{bytes_at, first_of},
    entry::{Entry, Head},
};
use crate::span::Span;

/// Words by a key of up to eight bytes.
#[derive(Debug)]
pub(super) struct Table {
    seen: Bits,
    /// At least twice as many as there are keys.
    slots: Vec<Slot>,
    heads: Vec<Head>,
    entries: Vec<Entry>,
}

/// A key, and which words have it; none where the slot is free.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    key: u64,
    first: u32,
    words: u32,
}

impl Table {
    pub(super) fn new(words: BTreeMap<u64, Vec<Entry>>) -> Table {
        let size = (2 * words.len()).next_power_of_two().max(2);
        let mut table = Table {
            seen: Bits::default(),
            slots: vec![Slot::default(); size],
            heads: Vec::new(),
            entries: Vec::new(),
        };
        for (key, mut entries) in words {
            table.seen.add(key);
            let mut slot = table.slot(key);
            while table.slots[slot].words != 0 {
                slot = (slot + 1) % size;
            }
            table.slots[slot] = Slot { key, first: table.entries.len() as u32, words: entries.len() as u32 };
            table.heads.extend(entries.iter().map(Head::new));
            table.entries.append(&mut entries);
        }
        table
    }

    /// Whether there may be words of a key.
    #[inline(always)]
    pub(super) fn may_have(&self, key: u64) -> bool {
        self.seen.has(key)
    }

    /// Calls `found` with the words of a key that stand at byte `at`.
    pub(super) fn look_up(&self, key: u64, text: &[u8], at: usize, found: &mut impl FnMut(Span, usize)) {
        let (known, here) = (self.of(key), Head::at(text, at));
        for index in known {
            if self.heads[index].begins(here) {
                self.entries[index].check(text, at, found);
            }
        }
    }

    fn slot(&self, key: u64) -> usize {
        hash(key) as usize & (self.slots.len() - 1)
    }

    /// Which words have a key.
    fn of(&self, key: u64) -> Range<usize> {
        let mut index = self.slot(key);
        loop {
            let slot = self.slots[index];
            if slot.words == 0 {
                return 0..0;
            }
            if slot.key == key {
                return slot.first as usize..(slot.first + slot.words) as usize;
            }
            index = (index + 1) & (self.slots.len() - 1);
        }
    }
}

/// Words by the first or the last bytes of their first run, which a longer run may begin or end with.
#[derive(Debug)]
pub(super) struct Edge {
    /// How many bytes tell.
    bytes: usize,
    words: Table,
}

impl Edge {
    /// `known` gives the bytes that tell a word; fewer stand for all that begin with them.
    pub(super) fn new(words: Vec<Entry>, bytes: usize, known: impl Fn(&Entry, usize) -> &[u8]) -> Edge {
        let mut by_bytes: BTreeMap<u64, Vec<Entry>> = BTreeMap::new();
        for entry in words {
            for key in every(known(&entry, bytes), bytes) {
                by_bytes.entry(key).or_default().push(entry.clone());
            }
        }
        Edge { bytes, words: Table::new(by_bytes) }
    }

    /// Calls `found` with the words that start at byte `at` of `text`, with `bytes`.
    pub(super) fn from(&self, at: usize, bytes: u64, text: &[u8], found: &mut impl FnMut(Span, usize)) {
        self.words.look_up(first_of(bytes, self.bytes), text, at, found);
    }

    /// Calls `found` with the words whose first run ends a longer one.
    pub(super) fn within(&self, run: Span, text: &[u8], found: &mut impl FnMut(Span, usize)) {
        for index in self.words.of(first_of(bytes_at(text, run.end - self.bytes), self.bytes)) {
            let entry = &self.words.entries[index];
            let Some(at) = run.end.checked_sub(entry.run).filter(|at| *at > run.start) else { continue };
            if self.words.heads[index].begins(Head::at(text, at)) {
                entry.check(text, at, found);
            }
        }
    }
}

/// The keys of some bytes that begin with fewer.
pub(super) fn every(start: &[u8], bytes: usize) -> Vec<u64> {
    if start.len() >= bytes {
        return vec![bytes_at(start, 0)];
    }
    (0..=u8::MAX).flat_map(|next| every(&[start, &[next]].concat(), bytes)).collect()
}

/// A set of keys that may hold others; small enough to stay in the nearest cache.
#[derive(Debug)]
pub(super) struct Bits(Box<[u64; 1 << (Bits::LOG - 6)]>);

impl Default for Bits {
    fn default() -> Bits {
        Bits(Box::new([0; 1 << (Bits::LOG - 6)]))
    }
}

impl Bits {
    /// Logarithm of how many bits.
    const LOG: u32 = 16;

    /// The two places of a key.
    #[inline(always)]
    fn places(key: u64) -> (usize, usize) {
        let hash = hash(key);
        let place = |hash: u32| (hash >> (u32::BITS - Bits::LOG)) as usize;
        (place(hash), place(hash.wrapping_mul(0x85eb_ca6b)))
    }

    pub(super) fn add(&mut self, key: u64) {
        let (one, other) = Bits::places(key);
        self.0[one / 64] |= 1 << (one % 64);
        self.0[other / 64] |= 1 << (other % 64);
    }

    /// Reads both places always: a branch between them is guessed wrong too often.
    #[inline(always)]
    pub(super) fn has(&self, key: u64) -> bool {
        let (one, other) = Bits::places(key);
        (self.0[one / 64] >> (one % 64)) & (self.0[other / 64] >> (other % 64)) & 1 == 1
    }
}

/// The upper half of a product with the golden ratio.
fn hash(key: u64) -> u32 {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}
