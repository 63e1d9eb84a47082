//! Words by what they begin with: a text is cut into runs of ASCII letters and digits, each run is looked up whole, and only words that begin with it are compared
//! any further.
//!
//! Words of spaced scripts begin with a run and end where one ends, so a look-up by eight bytes settles most of a text. Words of other scripts are looked up by
//! their first two characters; beginnings of keys, and what names a key within a longer word (`dbPassword`), by the first and the last bytes of a run.

use std::collections::BTreeMap;

use memchr::memmem::Finder;

use crate::span::Span;

/// Words to be found in texts.
#[derive(Debug)]
pub(super) struct WordIndex {
    /// Words by their first run, or by their first two characters where they begin beyond ASCII.
    exact: Table,
    /// Words that end within a run, by its first bytes.
    open: Edge,
    /// Words whose first run may end a longer one, by its last bytes.
    within: Edge,
    /// Words that other characters of a key stand before.
    amid: Vec<Anywhere>,
    /// Words without letter or digit, or that are not known by their first run.
    bare: Vec<Anywhere>,
}

/// A word to be indexed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Indexed<'w> {
    /// Its number.
    pub(super) word: usize,
    /// As it stands in folded text.
    pub(super) text: &'w str,
    /// Where it may stand.
    pub(super) place: Place,
}

/// Where a word may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// From edge to edge.
    Whole,
    /// Also at the start of a longer word.
    Start,
    /// Also where its first run ends a longer one.
    Within,
    /// Also in the middle of a long run.
    Amid,
}

/// Bytes by which words are looked up; a word of fewer by its first run.
const KEY: usize = 8;

/// A run of fewer letters and digits holds no key, bytes.
const SHORTEST_KEY: usize = 20;

impl WordIndex {
    pub(super) fn new<'w>(words: impl Iterator<Item = Indexed<'w>>) -> WordIndex {
        let mut exact: BTreeMap<u64, Vec<Entry>> = BTreeMap::new();
        let (mut open, mut within, mut amid, mut bare) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for Indexed { word, text, place } in words {
            let entry = Entry::new(word, text);
            let is_run = entry.lead == 0 && entry.run == text.len();
            if entry.lead == text.len() || (place == Place::Amid && !is_run) {
                bare.push(Anywhere::new(word, text));
                continue;
            }
            if place == Place::Amid {
                amid.push(Anywhere::new(word, text));
            }
            if place == Place::Within && entry.run >= Edge::BYTES {
                within.push(Entry::new(word, text));
            }
            if place != Place::Whole && entry.run > 0 && entry.lead + entry.run == text.len() {
                open.push(entry);
            } else {
                exact.entry(entry.key()).or_default().push(entry);
            }
        }
        let (open, within) = (Edge::new(open, Entry::start_of_run), Edge::new(within, Entry::end_of_run));
        WordIndex { exact: Table::new(exact), open, within, amid, bare }
    }

    /// Calls `found` with the span and the number of each word of `text`. Edges behind words, and beyond ASCII, are left to check.
    pub(super) fn scan(&self, text: &str, mut found: impl FnMut(Span, usize)) {
        let bytes = text.as_bytes();
        self.bare.iter().for_each(|word| word.find(bytes, Span::new(0, bytes.len()), &mut found));
        // Where the run being read starts, and whether the last byte of the last block is part of it.
        let (mut start, mut open) = (0, 0);
        for (index, block) in bytes.chunks(Kinds::BYTES).enumerate() {
            let kinds = Kinds::of(block);
            let from = index * Kinds::BYTES;
            for at in ones(kinds.in_runs ^ (kinds.in_runs << 1 | open)) {
                if kinds.in_runs >> at & 1 == 1 {
                    start = from + at;
                } else {
                    self.run(bytes, Span::new(start, from + at), &mut found);
                }
            }
            open = kinds.in_runs >> (Kinds::BYTES - 1);
            for at in ones(kinds.beyond) {
                let (pair, one) = keys_beyond(bytes, from + at);
                self.exact.look_up(pair, bytes, from + at, &mut found);
                self.exact.look_up(one, bytes, from + at, &mut found);
            }
        }
        if open == 1 {
            self.run(bytes, Span::new(start, bytes.len()), &mut found);
        }
    }

    /// The words that a run begins, and those that it ends with.
    #[inline]
    fn run(&self, text: &[u8], run: Span, found: &mut impl FnMut(Span, usize)) {
        let first = bytes_at(text, run.start);
        self.exact.look_up(first, text, run.start, found);
        if run.len() < KEY {
            self.exact.look_up(first_of(first, run.len()), text, run.start, found);
        }
        self.open.look_up(first, text, found, |_| run.start);
        if run.len() <= Edge::BYTES {
            return;
        }
        let last = bytes_at(text, run.end - Edge::BYTES);
        self.within.look_up(last, text, found, |entry| run.end.saturating_sub(entry.run).max(run.start + 1));
        if run.len() >= SHORTEST_KEY {
            let behind_first = Span::new(run.start + 1, run.end);
            self.amid.iter().for_each(|word| word.find(text, behind_first, found));
        }
    }
}

/// A word by its first run of letters and digits.
#[derive(Debug)]
struct Entry {
    word: usize,
    text: Box<[u8]>,
    /// As many of the eight bytes from its first letter or digit on as it has, and of the eight behind those.
    head: [u64; 2],
    /// Bytes before its first letter or digit.
    lead: usize,
    /// Bytes of its first run; 0 if it begins beyond ASCII.
    run: usize,
}

impl Entry {
    fn new(word: usize, text: &str) -> Entry {
        let bytes = text.as_bytes();
        let lead = bytes.iter().take_while(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric()).count();
        let run = bytes[lead..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let head = [lead, lead + KEY].map(|at| if at < bytes.len() { bytes_at(bytes, at) } else { 0 });
        Entry { word, text: bytes.into(), head, lead, run }
    }

    /// What it is looked up by where it is not known by the first or last bytes of a run.
    fn key(&self) -> u64 {
        if self.run > 0 {
            return if self.text.len() - self.lead < KEY {
                first_of(self.head[0], self.run)
            } else {
                self.head[0]
            };
        }
        // A word that is one character has nothing behind it.
        let (pair, one) = keys_beyond(&self.text, self.lead);
        if self.text.len() == self.lead + width(self.text[self.lead]) { one } else { pair }
    }

    fn start_of_run(&self) -> &[u8] {
        &self.text[self.lead..][..self.run.min(Edge::BYTES)]
    }

    fn end_of_run(&self) -> &[u8] {
        let end = self.lead + self.run;
        &self.text[end - Edge::BYTES..end]
    }

    /// Calls `found` if the word stands in `text` with its first letter at byte `at`.
    #[inline]
    fn check(&self, text: &[u8], at: usize, found: &mut impl FnMut(Span, usize)) {
        // Most words differ within sixteen bytes.
        let known = self.text.len() - self.lead;
        if first_of(bytes_at(text, at), known) != self.head[0] {
            return;
        }
        if known > KEY
            && (at + KEY >= text.len() || first_of(bytes_at(text, at + KEY), known - KEY) != self.head[1])
        {
            return;
        }
        let Some(start) = at.checked_sub(self.lead) else { return };
        if (self.lead == 0 && known <= 2 * KEY) || text[start..].starts_with(&self.text) {
            found(Span::new(start, start + self.text.len()), self.word);
        }
    }
}

/// A word that is looked for at every byte.
#[derive(Debug)]
struct Anywhere {
    word: usize,
    finder: Finder<'static>,
}

impl Anywhere {
    fn new(word: usize, text: &str) -> Anywhere {
        Anywhere { word, finder: Finder::new(text).into_owned() }
    }

    fn find(&self, text: &[u8], within: Span, found: &mut impl FnMut(Span, usize)) {
        let len = self.finder.needle().len();
        for at in self.finder.find_iter(&text[within.start..within.end]) {
            found(Span::new(within.start + at, within.start + at + len), self.word);
        }
    }
}

/// Words by a key of up to eight bytes.
#[derive(Debug)]
struct Table {
    seen: Bits,
    /// Places in `keys`, plus one; at least twice as many as there are keys.
    slots: Vec<u32>,
    /// Each key, and where its words end; they start where those of the key before end.
    keys: Vec<(u64, usize)>,
    entries: Vec<Entry>,
}

impl Table {
    fn new(words: BTreeMap<u64, Vec<Entry>>) -> Table {
        let size = (2 * words.len()).next_power_of_two().max(2);
        let (seen, slots) = (Bits::default(), vec![0; size]);
        let mut table = Table { seen, slots, keys: Vec::with_capacity(words.len()), entries: Vec::new() };
        for (key, mut entries) in words {
            table.seen.add(key);
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
    fn look_up(&self, key: u64, text: &[u8], at: usize, found: &mut impl FnMut(Span, usize)) {
        if self.seen.has(key) {
            self.check(key, text, at, found);
        }
    }

    #[inline(never)]
    fn check(&self, key: u64, text: &[u8], at: usize, found: &mut impl FnMut(Span, usize)) {
        self.of(key).iter().for_each(|entry| entry.check(text, at, found));
    }

    fn slot(&self, key: u64) -> usize {
        hash(key) as usize % self.slots.len()
    }

    /// The words of a key.
    fn of(&self, key: u64) -> &[Entry] {
        let mut slot = self.slot(key);
        while let Some(index) = (self.slots[slot] as usize).checked_sub(1) {
            let (known, end) = self.keys[index];
            if known == key {
                let start = index.checked_sub(1).map_or(0, |before| self.keys[before].1);
                return &self.entries[start..end];
            }
            slot = (slot + 1) % self.slots.len();
        }
        &[]
    }
}

/// Words by the first or the last bytes of their first run.
#[derive(Debug)]
struct Edge {
    seen: Bits,
    by_bytes: BTreeMap<u64, Vec<Entry>>,
}

impl Edge {
    /// How many bytes tell.
    const BYTES: usize = 3;

    /// `known` gives the bytes that tell a word; fewer than [`Edge::BYTES`] stand for all that they begin.
    fn new(words: Vec<Entry>, known: impl Fn(&Entry) -> &[u8]) -> Edge {
        let mut edge = Edge { seen: Bits::default(), by_bytes: BTreeMap::new() };
        let mut longer: Vec<(Vec<u8>, Entry)> =
            words.into_iter().map(|entry| (known(&entry).to_vec(), entry)).collect();
        while let Some((bytes, entry)) = longer.pop() {
            if bytes.len() == Edge::BYTES {
                let key = bytes_at(&bytes, 0);
                edge.seen.add(key);
                edge.by_bytes.entry(key).or_default().push(entry);
                continue;
            }
            for next in 0..=u8::MAX {
                let text = entry.text.clone();
                let entry = Entry { text, ..entry };
                longer.push(([bytes.as_slice(), &[next]].concat(), entry));
            }
        }
        edge
    }

    /// Calls `found` with the words of the first of `bytes`, at the byte that `at` says.
    #[inline(always)]
    fn look_up(
        &self,
        bytes: u64,
        text: &[u8],
        found: &mut impl FnMut(Span, usize),
        at: impl Fn(&Entry) -> usize,
    ) {
        let key = first_of(bytes, Edge::BYTES);
        if self.seen.has(key) {
            let entries = self.by_bytes.get(&key).into_iter().flatten();
            entries.for_each(|entry| entry.check(text, at(entry), found));
        }
    }
}

/// A set of keys that may hold others.
#[derive(Debug)]
struct Bits(Box<[u64; 1 << 11]>);

impl Default for Bits {
    fn default() -> Bits {
        Bits(Box::new([0; 1 << 11]))
    }
}

impl Bits {
    fn place(key: u64) -> (usize, u64) {
        let hash = hash(key) >> (32 - 17);
        (hash as usize >> 6, 1 << (hash & 63))
    }

    fn add(&mut self, key: u64) {
        let (index, bit) = Bits::place(key);
        self.0[index] |= bit;
    }

    fn has(&self, key: u64) -> bool {
        let (index, bit) = Bits::place(key);
        self.0[index] & bit != 0
    }
}

/// The upper half of a product with the golden ratio.
fn hash(key: u64) -> u32 {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

/// Which bytes of a block are letters and digits, and which begin characters beyond ASCII; a bit each.
struct Kinds {
    in_runs: u64,
    beyond: u64,
}

impl Kinds {
    const BYTES: usize = 64;

    /// Kinds of at most [`Kinds::BYTES`] bytes.
    fn of(bytes: &[u8]) -> Kinds {
        let mut block = [0; Kinds::BYTES];
        block[..bytes.len()].copy_from_slice(bytes);
        let in_runs =
            block.map(|byte| u8::from((byte | 0x20).wrapping_sub(b'a') < 26 || byte.wrapping_sub(b'0') < 10));
        let beyond = block.map(|byte| u8::from(byte >= 0xc0));
        Kinds { in_runs: bits(&in_runs), beyond: bits(&beyond) }
    }
}

/// Gathers bytes that are 0 or 1 into bits.
fn bits(flags: &[u8; Kinds::BYTES]) -> u64 {
    let eight = |(index, eight): (usize, &[u8; 8])| {
        (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index)
    };
    flags.as_chunks().0.iter().enumerate().map(eight).sum()
}

/// The places of the bits that are set, the lowest first.
fn ones(bits: u64) -> impl Iterator<Item = usize> {
    let mut left = bits;
    std::iter::from_fn(move || {
        let at = left.trailing_zeros() as usize;
        left &= left.checked_sub(1)?;
        Some(at)
    })
}

/// Eight bytes of a text from `at` on, with zeros behind its end.
#[inline]
fn bytes_at(text: &[u8], at: usize) -> u64 {
    let rest = &text[at..];
    if let Some(eight) = rest.first_chunk() {
        return u64::from_le_bytes(*eight);
    }
    let mut eight = [0; 8];
    eight[..rest.len()].copy_from_slice(rest);
    u64::from_le_bytes(eight)
}

/// The first `len` of eight bytes, at least one.
fn first_of(bytes: u64, len: usize) -> u64 {
    bytes & u64::MAX >> (64 - 8 * len.min(KEY))
}

/// The first two characters of a text from `at` on, and the first.
fn keys_beyond(text: &[u8], at: usize) -> (u64, u64) {
    let bytes = bytes_at(text, at);
    let one = width(text[at]);
    let next = text.get(at + one).map_or(0, |byte| width(*byte));
    (first_of(bytes, one + next), first_of(bytes, one))
}

/// Bytes of the character that a byte begins.
fn width(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}
