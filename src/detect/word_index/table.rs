//! Words by keys, in tables that most runs of a text are turned away from by one bit.

use std::{collections::BTreeMap, ops::Range};

use super::{
    bytes::{bytes_at, first_of},
    entry::{Entry, Head, KEY},
};
use crate::span::Span;

/// Which tables hold words that begin with some bytes, or with others of the same hash: most runs are in few.
#[derive(Debug)]
pub(super) struct Starts(Box<[u8; 1 << Starts::BITS]>);

impl Default for Starts {
    fn default() -> Starts {
        Starts(Box::new([0; 1 << Starts::BITS]))
    }
}

impl Starts {
    /// How many bytes tell.
    pub(super) const BYTES: usize = 3;
    pub(super) const BITS: u32 = 13;

    /// Words known by their first [`KEY`] bytes.
    pub(super) const LONG: u8 = 1;
    /// By their first run.
    pub(super) const RUN: u8 = 1 << 1;
    /// By their first run and [`super::BEHIND`] bytes behind it.
    pub(super) const BEHIND: u8 = 1 << 2;
    /// By the first bytes of their run.
    pub(super) const OPEN: u8 = 1 << 3;

    /// The table that an entry is found in by its key.
    pub(super) fn of_key(entry: &Entry) -> u8 {
        match entry.known() {
            KEY => Starts::LONG,
            known if known == entry.run => Starts::RUN,
            _ => Starts::BEHIND,
        }
    }

    /// `start` may be shorter than what tells: it stands for all that begin with it.
    pub(super) fn add(&mut self, start: &[u8], table: u8) {
        if start.len() < Starts::BYTES {
            return (0..=u8::MAX).for_each(|next| self.add(&[start, &[next]].concat(), table));
        }
        self.0[Starts::place(bytes_at(start, 0))] |= table;
    }

    pub(super) fn of(&self, first: u64) -> u8 {
        self.0[Starts::place(first)]
    }

    pub(super) fn place(first: u64) -> usize {
        hash(first_of(first, Starts::BYTES)) as usize >> (u32::BITS - Starts::BITS)
    }
}

/// Words by a key of up to eight bytes.
#[derive(Debug)]
pub(super) struct Table {
    seen: Bits,
    /// Places in `keys`, plus one; at least twice as many as there are keys.
    slots: Vec<u32>,
    /// Each key, and where its words end; they start where those of the key before end.
    keys: Vec<(u64, usize)>,
    heads: Vec<Head>,
    entries: Vec<Entry>,
}

impl Table {
    pub(super) fn new(words: BTreeMap<u64, Vec<Entry>>) -> Table {
        let size = (2 * words.len()).next_power_of_two().max(2);
        let mut table = Table {
            seen: Bits::new(words.len()),
            slots: vec![0; size],
            keys: Vec::with_capacity(words.len()),
            heads: Vec::new(),
            entries: Vec::new(),
        };
        for (key, mut entries) in words {
            table.seen.add(key);
            table.heads.extend(entries.iter().map(Head::new));
            table.entries.append(&mut entries);
            table.keys.push((key, table.entries.len()));
            let mut slot = table.slot(key);
            while table.slots[slot] != 0 {
                slot = (slot + 1) % size;
            }
            table.slots[slot] = table.keys.len() as u32;
        }
        table
    }

    /// Calls `found` with the words of a key that stand at byte `at`.
    #[inline(always)] // most keys are not seen, and a call would cost more than that takes
    pub(super) fn look_up(&self, key: u64, text: &[u8], at: usize, found: &mut impl FnMut(Span, usize)) {
        if self.seen.has(key) {
            self.check(key, text, at, found);
        }
    }

    #[inline(never)]
    pub(super) fn check(&self, key: u64, text: &[u8], at: usize, found: &mut impl FnMut(Span, usize)) {
        let (known, here) = (self.of(key), Head::at(text, at));
        for index in known {
            if self.heads[index].begins(here) {
                self.entries[index].check(text, at, found);
            }
        }
    }

    pub(super) fn slot(&self, key: u64) -> usize {
        hash(key) as usize & (self.slots.len() - 1)
    }

    /// Which words have a key.
    pub(super) fn of(&self, key: u64) -> Range<usize> {
        let mut slot = self.slot(key);
        while let Some(index) = (self.slots[slot] as usize).checked_sub(1) {
            let (known, end) = self.keys[index];
            if known == key {
                return index.checked_sub(1).map_or(0, |before| self.keys[before].1)..end;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        0..0
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
            let mut keys = vec![known(&entry, bytes).to_vec()];
            while keys[0].len() < bytes {
                let longer = |key: Vec<u8>| (0..=u8::MAX).map(move |next| [key.as_slice(), &[next]].concat());
                keys = keys.into_iter().flat_map(longer).collect();
            }
            for key in keys {
                by_bytes.entry(bytes_at(&key, 0)).or_default().push(entry.clone());
            }
        }
        Edge { bytes, words: Table::new(by_bytes) }
    }

    /// Calls `found` with the words that start at byte `at` of `text`.
    #[inline(always)]
    pub(super) fn from(&self, at: usize, bytes: u64, text: &[u8], found: &mut impl FnMut(Span, usize)) {
        self.words.look_up(first_of(bytes, self.bytes), text, at, found);
    }

    /// Calls `found` with the words whose first run ends with a longer one.
    #[inline(always)]
    pub(super) fn within(&self, run: Span, text: &[u8], found: &mut impl FnMut(Span, usize)) {
        let key = first_of(bytes_at(text, run.end - self.bytes), self.bytes);
        if self.words.seen.has(key) {
            self.at_end(key, run, text, found);
        }
    }

    #[inline(never)]
    pub(super) fn at_end(&self, key: u64, run: Span, text: &[u8], found: &mut impl FnMut(Span, usize)) {
        for index in self.words.of(key) {
            let entry = &self.words.entries[index];
            let Some(at) = run.end.checked_sub(entry.run).filter(|at| *at > run.start) else { continue };
            if self.words.heads[index].begins(Head::at(text, at)) {
                entry.check(text, at, found);
            }
        }
    }
}

/// A set of keys that may hold others.
#[derive(Debug)]
pub(super) struct Bits {
    words: Box<[u64]>,
    /// How far a hash is shifted to be the place of a bit.
    shift: u32,
}

impl Bits {
    /// Room for some keys.
    pub(super) fn new(keys: usize) -> Bits {
        let bits = (16 * keys).next_power_of_two().clamp(64, 1 << 24);
        Bits { words: vec![0; bits / 64].into(), shift: u32::BITS - bits.trailing_zeros() }
    }

    /// The two places of a key.
    pub(super) fn places(&self, key: u64) -> [u32; 2] {
        let hash = hash(key);
        [hash, hash.wrapping_mul(0x85eb_ca6b)].map(|hash| hash >> self.shift)
    }

    pub(super) fn add(&mut self, key: u64) {
        for place in self.places(key) {
            self.words[place as usize / 64] |= 1 << (place % 64);
        }
    }

    #[inline]
    pub(super) fn has(&self, key: u64) -> bool {
        self.places(key).into_iter().all(|place| self.words[place as usize / 64] >> (place % 64) & 1 == 1)
    }
}

/// The upper half of a product with the golden ratio.
pub(super) fn hash(key: u64) -> u32 {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}
