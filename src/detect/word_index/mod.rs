//! Words by what they begin with: a text is cut into runs of ASCII letters and digits, each run is looked up whole, and only words that begin with it are compared
//! any further.
//!
//! Words of spaced scripts begin with a run and end where one ends, so a look-up by eight bytes settles most of a text. Words of other scripts are looked up by
//! their first two characters; beginnings of keys, and what names a key within a longer word (`dbPassword`), by the first and the last bytes of a run.

mod bytes;
mod entry;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use memchr::memmem::Finder;

use self::{
    bytes::{Kinds, bytes_at, first_of, keys_beyond, ones},
    entry::{BEHIND, Entry, KEY},
    table::{Bits, Edge, Table, every},
};
use crate::span::Span;

/// Words to be found in texts.
#[derive(Debug)]
pub(super) struct WordIndex {
    /// Words by their first run, or by what it and the bytes behind it begin with.
    exact: Table,
    /// Words that begin beyond ASCII, by their first two characters.
    beyond: Table,
    /// Words that end within a run, by its first bytes: those of [`SHORTEST_END`] bytes or fewer, and longer ones.
    open: [Edge; 2],
    /// The first bytes of all these.
    openings: Bits,
    /// Words whose first run may end a longer one, by its last bytes, in the same way.
    within: [Edge; 2],
    /// The last bytes of their first runs.
    endings: Bits,
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

/// A run of fewer letters and digits holds no key, bytes.
const SHORTEST_KEY: usize = 20;

/// What ends a longer run and is shorter may be any word's ending, bytes.
const SHORTEST_END: usize = 3;

impl WordIndex {
    pub(super) fn new<'w>(words: impl Iterator<Item = Indexed<'w>>) -> WordIndex {
        let (mut exact, mut beyond) =
            (BTreeMap::<u64, Vec<Entry>>::new(), BTreeMap::<u64, Vec<Entry>>::new());
        let (mut open, mut within, mut amid, mut bare) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut openings, mut endings) = (Bits::default(), Bits::default());
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
                endings.add(bytes_at(entry.end_of_run(SHORTEST_END), 0));
                within.push(entry.clone());
            }
            if place != Place::Whole && entry.run > 0 && entry.lead + entry.run == text.len() {
                open.push(entry);
            } else {
                let table = if entry.run > 0 { &mut exact } else { &mut beyond };
                table.entry(entry.key()).or_default().push(entry);
            }
        }
        for entry in &open {
            for key in every(entry.start_of_run(SHORTEST_END), SHORTEST_END) {
                openings.add(key);
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
        let (exact, beyond) = (Table::new(exact), Table::new(beyond));
        WordIndex { exact, beyond, open, openings, within, endings, amid, bare }
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
                for key in [pair, one] {
                    if self.beyond.may_have(key) {
                        self.beyond.look_up(key, bytes, from + at, &mut found);
                    }
                }
            }
        }
    }

    /// The words that a run begins, and those that it ends with. All tables are asked at once: most know nothing, and which one does cannot be guessed.
    #[inline(always)]
    fn run(&self, text: &[u8], run: Span, found: &mut impl FnMut(Span, usize)) {
        let first = bytes_at(text, run.start);
        let last = first_of(bytes_at(text, run.end.saturating_sub(SHORTEST_END)), SHORTEST_END);
        let long = self.exact.may_have(first);
        let whole = self.exact.may_have(first_of(first, run.len()));
        let behind = self.exact.may_have(first_of(first, run.len() + BEHIND));
        let open = self.openings.has(first_of(first, SHORTEST_END));
        let within = self.endings.has(last);
        if long | whole | behind | open | within | (run.len() >= SHORTEST_KEY) {
            self.look_up(text, run, first, found);
        }
    }

    #[inline(never)]
    fn look_up(&self, text: &[u8], run: Span, first: u64, found: &mut impl FnMut(Span, usize)) {
        let mut look_up = |key: u64| {
            if self.exact.may_have(key) {
                self.exact.look_up(key, text, run.start, found);
            }
        };
        look_up(first);
        // Longer keys are the same as the first.
        if run.len() < KEY {
            look_up(first_of(first, run.len()));
        }
        if run.len() + BEHIND < KEY {
            look_up(first_of(first, run.len() + BEHIND));
        }
        if self.openings.has(first_of(first, SHORTEST_END)) {
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
