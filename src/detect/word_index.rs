//! Words by what they begin with: a text is cut into runs of ASCII letters and digits, each run is looked up whole, and only words that begin with it are compared
//! any further.
//!
//! Words of spaced scripts begin with a run and end where one ends, so a look-up by eight bytes settles most of a text. Words of other scripts are looked up by
//! their first two characters; beginnings of keys, and what names a key within a longer word (`dbPassword`), by the first and the last bytes of a run.

use std::{collections::BTreeMap, ops::Range};

use memchr::memmem::Finder;

use crate::span::Span;

/// Words to be found in texts.
#[derive(Debug)]
pub(super) struct WordIndex {
    /// Which of the tables may know a run, by its first bytes.
    starts: Starts,
    /// Words by their first run.
    exact: Table,
    /// Words that begin beyond ASCII, by their first two characters.
    beyond: Table,
    /// Words that end within a run, by its first bytes: those of [`SHORTEST_END`] bytes or fewer, and longer ones.
    open: [Edge; 2],
    /// Words whose first run may end a longer one, by its last bytes, in the same way.
    within: [Edge; 2],
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

/// Bytes by which words are looked up, if they have as many.
const KEY: usize = 8;

/// A word of fewer than [`KEY`] bytes is looked up by its first run, and by as many bytes behind that if it has them.
const BEHIND: usize = 2;

/// A run of fewer letters and digits holds no key, bytes.
const SHORTEST_KEY: usize = 20;

/// What ends a longer run and is shorter may be any word's ending, bytes.
const SHORTEST_END: usize = 3;

impl WordIndex {
    pub(super) fn new<'w>(words: impl Iterator<Item = Indexed<'w>>) -> WordIndex {
        let (mut exact, mut beyond) =
            (BTreeMap::<u64, Vec<Entry>>::new(), BTreeMap::<u64, Vec<Entry>>::new());
        let (mut open, mut within, mut amid, mut bare) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut starts = Starts::default();
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
            if place == Place::Within && entry.run >= SHORTEST_END {
                within.push(entry.clone());
            }
            if place != Place::Whole && entry.run > 0 && entry.lead + entry.run == text.len() {
                starts.add(entry.start_of_run(Starts::BYTES), Starts::OPEN);
                open.push(entry);
            } else {
                if entry.run > 0 {
                    let known = &entry.text[entry.lead..];
                    starts.add(&known[..known.len().min(Starts::BYTES)], Starts::of_key(&entry));
                }
                let table = if entry.run > 0 { &mut exact } else { &mut beyond };
                table.entry(entry.key()).or_default().push(entry);
            }
        }
        let (short, long) = open.into_iter().partition(|entry| entry.run <= SHORTEST_END);
        let open = [
            Edge::new(short, SHORTEST_END, Entry::start_of_run),
            Edge::new(long, SHORTEST_END + 1, Entry::start_of_run),
        ];
        let (short, long) = within.into_iter().partition(|entry| entry.run <= SHORTEST_END);
        let within = [
            Edge::new(short, SHORTEST_END, Entry::end_of_run),
            Edge::new(long, SHORTEST_END + 1, Entry::end_of_run),
        ];
        WordIndex { starts, exact: Table::new(exact), beyond: Table::new(beyond), open, within, amid, bare }
    }

    /// Calls `found` with the span and the number of each word of `text`, maybe twice where the text has a NUL or ends. Edges behind words, and beyond ASCII, are
    /// left to check.
    pub(super) fn scan(&self, text: &str, mut found: impl FnMut(Span, usize)) {
        let bytes = text.as_bytes();
        self.bare.iter().for_each(|word| word.find(bytes, Span::new(0, bytes.len()), &mut found));
        // Where the run being read starts, and whether the last byte of the last block is part of it.
        let (mut start, mut open) = (0, 0);
        let (blocks, rest) = bytes.as_chunks();
        let mut last = [0; Kinds::BYTES];
        last[..rest.len()].copy_from_slice(rest);
        for (index, block) in blocks.iter().chain([&last]).enumerate() {
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
                self.beyond.look_up(pair, bytes, from + at, &mut found);
                self.beyond.look_up(one, bytes, from + at, &mut found);
            }
        }
    }

    /// The words that a run begins, and those that it ends with.
    #[inline]
    fn run(&self, text: &[u8], run: Span, found: &mut impl FnMut(Span, usize)) {
        let first = bytes_at(text, run.start);
        let tables = self.starts.of(first);
        if tables & Starts::LONG != 0 {
            self.exact.look_up(first, text, run.start, found);
        }
        if tables & Starts::RUN != 0 && run.len() < KEY {
            self.exact.look_up(first_of(first, run.len()), text, run.start, found);
        }
        if tables & Starts::BEHIND != 0 && run.len() + BEHIND < KEY {
            self.exact.look_up(first_of(first, run.len() + BEHIND), text, run.start, found);
        }
        if tables & Starts::OPEN != 0 {
            self.open.iter().for_each(|edge| edge.from(run.start, first, text, found));
        }
        if run.len() <= SHORTEST_END {
            return;
        }
        self.within.iter().for_each(|edge| edge.within(run, text, found));
        if run.len() >= SHORTEST_KEY {
            let behind_first = Span::new(run.start + 1, run.end);
            self.amid.iter().for_each(|word| word.find(text, behind_first, found));
        }
    }
}

/// Which tables hold words that begin with some bytes, or with others of the same hash: most runs are in few.
#[derive(Debug)]
struct Starts(Box<[u8; 1 << Starts::BITS]>);

impl Default for Starts {
    fn default() -> Starts {
        Starts(Box::new([0; 1 << Starts::BITS]))
    }
}

impl Starts {
    /// How many bytes tell.
    const BYTES: usize = 3;
    const BITS: u32 = 13;

    /// Words known by their first [`KEY`] bytes.
    const LONG: u8 = 1;
    /// By their first run.
    const RUN: u8 = 1 << 1;
    /// By their first run and [`BEHIND`] bytes behind it.
    const BEHIND: u8 = 1 << 2;
    /// By the first bytes of their run.
    const OPEN: u8 = 1 << 3;

    /// The table that an entry is found in by its key.
    fn of_key(entry: &Entry) -> u8 {
        match entry.known() {
            KEY => Starts::LONG,
            known if known == entry.run => Starts::RUN,
            _ => Starts::BEHIND,
        }
    }

    /// `start` may be shorter than what tells: it stands for all that begin with it.
    fn add(&mut self, start: &[u8], table: u8) {
        if start.len() < Starts::BYTES {
            return (0..=u8::MAX).for_each(|next| self.add(&[start, &[next]].concat(), table));
        }
        self.0[Starts::place(bytes_at(start, 0))] |= table;
    }

    fn of(&self, first: u64) -> u8 {
        self.0[Starts::place(first)]
    }

    fn place(first: u64) -> usize {
        hash(first_of(first, Starts::BYTES)) as usize >> (u32::BITS - Starts::BITS)
    }
}

/// A word by its first run of letters and digits.
#[derive(Clone, Debug)]
struct Entry {
    word: usize,
    text: Box<[u8]>,
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
        Entry { word, text: bytes.into(), lead, run }
    }

    /// What it is looked up by where it is not known by the first or last bytes of a run.
    fn key(&self) -> u64 {
        if self.run > 0 {
            return first_of(bytes_at(&self.text, self.lead), self.known());
        }
        // A word that is one character has nothing behind it.
        let (pair, one) = keys_beyond(&self.text, self.lead);
        if self.text.len() == self.lead + width(self.text[self.lead]) { one } else { pair }
    }

    /// How many bytes from its first run on it is looked up by.
    fn known(&self) -> usize {
        match self.text.len() - self.lead {
            KEY.. => KEY,
            len if len < self.run + BEHIND => self.run,
            _ => self.run + BEHIND,
        }
    }

    fn start_of_run(&self, len: usize) -> &[u8] {
        &self.text[self.lead..][..self.run.min(len)]
    }

    fn end_of_run(&self, len: usize) -> &[u8] {
        let run = &self.text[self.lead..][..self.run];
        &run[run.len().saturating_sub(len)..]
    }

    /// Calls `found` if the word, whose head stands at byte `at` of `text`, stands there whole.
    #[inline]
    fn check(&self, text: &[u8], at: usize, found: &mut impl FnMut(Span, usize)) {
        let Some(start) = at.checked_sub(self.lead) else { return };
        if (self.lead == 0 && self.text.len() <= 2 * KEY) || text[start..].starts_with(&self.text) {
            found(Span::new(start, start + self.text.len()), self.word);
        }
    }
}

/// The first sixteen bytes of a word from its first letter or digit on: most words differ within them.
#[derive(Debug)]
struct Head {
    bytes: [u64; 2],
    /// Which of them it has.
    mask: [u64; 2],
}

impl Head {
    fn new(entry: &Entry) -> Head {
        let known = &entry.text[entry.lead..];
        let len = [known.len().min(KEY), known.len().saturating_sub(KEY)];
        let mask = len.map(|len| if len == 0 { 0 } else { first_of(u64::MAX, len) });
        Head { bytes: Head::at(known, 0), mask }
    }

    /// Sixteen bytes of a text from `at` on, with zeros behind its end.
    #[inline]
    fn at(text: &[u8], at: usize) -> [u64; 2] {
        let second = if at + KEY < text.len() { bytes_at(text, at + KEY) } else { 0 };
        [bytes_at(text, at), second]
    }

    #[inline]
    fn begins(&self, text: [u64; 2]) -> bool {
        let differs = |half: usize| (self.bytes[half] ^ text[half]) & self.mask[half];
        differs(0) | differs(1) == 0
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
        let mut from = within.start;
        while let Some(at) = self.finder.find(&text[from..within.end]) {
            found(Span::new(from + at, from + at + len), self.word);
            from += at + len;
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
    heads: Vec<Head>,
    entries: Vec<Entry>,
}

impl Table {
    fn new(words: BTreeMap<u64, Vec<Entry>>) -> Table {
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
    fn look_up(&self, key: u64, text: &[u8], at: usize, found: &mut impl FnMut(Span, usize)) {
        if self.seen.has(key) {
            self.check(key, text, at, found);
        }
    }

    #[inline(never)]
    fn check(&self, key: u64, text: &[u8], at: usize, found: &mut impl FnMut(Span, usize)) {
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
struct Edge {
    /// How many bytes tell.
    bytes: usize,
    words: Table,
}

impl Edge {
    /// `known` gives the bytes that tell a word; fewer stand for all that begin with them.
    fn new(words: Vec<Entry>, bytes: usize, known: impl Fn(&Entry, usize) -> &[u8]) -> Edge {
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
    fn from(&self, at: usize, bytes: u64, text: &[u8], found: &mut impl FnMut(Span, usize)) {
        self.words.look_up(first_of(bytes, self.bytes), text, at, found);
    }

    /// Calls `found` with the words whose first run ends with a longer one.
    #[inline(always)]
    fn within(&self, run: Span, text: &[u8], found: &mut impl FnMut(Span, usize)) {
        let key = first_of(bytes_at(text, run.end - self.bytes), self.bytes);
        if self.words.seen.has(key) {
            self.at_end(key, run, text, found);
        }
    }

    #[inline(never)]
    fn at_end(&self, key: u64, run: Span, text: &[u8], found: &mut impl FnMut(Span, usize)) {
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
struct Bits {
    words: Box<[u64]>,
    /// How far a hash is shifted to be the place of a bit.
    shift: u32,
}

impl Bits {
    /// Room for some keys.
    fn new(keys: usize) -> Bits {
        let bits = (16 * keys).next_power_of_two().clamp(64, 1 << 24);
        Bits { words: vec![0; bits / 64].into(), shift: u32::BITS - bits.trailing_zeros() }
    }

    /// The two places of a key.
    fn places(&self, key: u64) -> [u32; 2] {
        let hash = hash(key);
        [hash, hash.wrapping_mul(0x85eb_ca6b)].map(|hash| hash >> self.shift)
    }

    fn add(&mut self, key: u64) {
        for place in self.places(key) {
            self.words[place as usize / 64] |= 1 << (place % 64);
        }
    }

    #[inline]
    fn has(&self, key: u64) -> bool {
        self.places(key).into_iter().all(|place| self.words[place as usize / 64] >> (place % 64) & 1 == 1)
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

    fn of(block: &[u8; Kinds::BYTES]) -> Kinds {
        let in_runs =
            block.map(|byte| u8::from((byte | 0x20).wrapping_sub(b'a') < 26 || byte.wrapping_sub(b'0') < 10));
        let beyond = if block.is_ascii() { 0 } else { bits(&block.map(|byte| u8::from(byte >= 0xc0))) };
        Kinds { in_runs: bits(&in_runs), beyond }
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
