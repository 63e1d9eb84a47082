//! Words by their bytes: where one can start a trie is walked, behind a filter of first bytes that most text does not pass.

use aho_corasick::{Anchored, automaton::Automaton, nfa::contiguous::NFA};

use crate::span::Span;

/// Words by their bytes.
#[derive(Debug)]
pub(super) struct Trie {
    /// Walked anchored, so that what it would go on with after a failure is never read.
    automaton: NFA,
    /// Index in the lexicon of each pattern.
    words: Vec<usize>,
    /// Of each byte, where words begin with it; above [`Trie::NEXT`], where the byte behind it stands.
    classes: [u8; 256],
    heads: Heads,
    /// Of words that may stand within another: `dbPassword`.
    inner: Heads,
    /// The same by two bytes: at most places a word goes on with others.
    inner_pairs: Pairs,
}

impl Trie {
    /// Behind anything but an ASCII letter or digit.
    const AT_EDGE: u8 = 1;
    /// Anywhere.
    const ANYWHERE: u8 = 2;
    /// Behind one of those, where the word may stand within another.
    const INSIDE: u8 = 4;
    /// How far up what is said of the next byte stands.
    const NEXT: u32 = 4;

    /// `inner` are those of the words that may stand within others.
    pub(super) fn new(folded: &[String], words: Vec<usize>, inner: &[usize]) -> Trie {
        let mut classes: [u8; 256] = std::array::from_fn(|byte| {
            let in_word = (byte as u8).is_ascii_alphanumeric();
            (Trie::ANYWHERE | if in_word { Trie::INSIDE } else { Trie::AT_EDGE }) << Trie::NEXT
        });
        for first in words.iter().map(|index| folded[*index].as_bytes()[0]) {
            let place = if first.is_ascii_alphanumeric() { Trie::AT_EDGE } else { Trie::ANYWHERE };
            classes[usize::from(first)] |= place;
        }
        for word in inner.iter().map(|index| folded[*index].as_bytes()) {
            classes[usize::from(word[0])] |= Trie::INSIDE;
        }
        let automaton = NFA::builder()
            .build(words.iter().map(|index| &folded[*index]))
            .expect("words of a policy are far fewer than the automaton can hold");
        let heads = Heads::of(words.iter().map(|index| folded[*index].as_bytes()));
        let inner = || inner.iter().map(|index| folded[*index].as_bytes());
        let (inner, inner_pairs) = (Heads::of(inner()), Pairs::of(inner()));
        Trie { automaton, words, classes, heads, inner, inner_pairs }
    }

    /// Calls `found` with the span and the index of each word of `text`. Edges behind words and beyond ASCII are left to check.
    pub(super) fn scan(&self, text: &str, mut found: impl FnMut(Span, usize)) {
        let mut place = Trie::AT_EDGE | Trie::ANYWHERE;
        for (at, byte) in text.bytes().enumerate() {
            let class = self.classes[usize::from(byte)];
            let met = class & place;
            if met != 0 {
                let rest = &text.as_bytes()[at..];
                let may_begin = if met == Trie::INSIDE {
                    self.inner_pairs.may_begin(rest) && self.inner.may_begin(rest)
                } else {
                    self.heads.may_begin(rest)
                };
                if may_begin {
                    self.walk(text, at, &mut found);
                }
            }
            place = class >> Trie::NEXT;
        }
    }

    /// The words that start at byte `start`.
    fn walk(&self, text: &str, start: usize, found: &mut impl FnMut(Span, usize)) {
        let automaton = &self.automaton;
        let mut state = automaton.start_state(Anchored::Yes).expect("an NFA starts either way");
        for (end, byte) in (start + 1..).zip(&text.as_bytes()[start..]) {
            state = automaton.next_state(Anchored::Yes, state, *byte);
            if !automaton.is_special(state) {
                continue;
            }
            if automaton.is_dead(state) {
                return;
            }
            if automaton.is_match(state) {
                // A state also lists words that are suffixes of its own: those start elsewhere.
                (0..automaton.match_len(state))
                    .map(|index| automaton.match_pattern(state, index))
                    .filter(|pattern| automaton.pattern_len(*pattern) == end - start)
                    .for_each(|pattern| found(Span::new(start, end), self.words[pattern.as_usize()]));
            }
        }
    }
}

/// Sets of the bytes that words begin with, which may hold others: of three words of a text, two are no term by their first four bytes, and are done with
/// here; of the others most by their first eight.
#[derive(Debug)]
struct Heads {
    /// First four bytes, of short words first two.
    heads: Box<[u64; 1 << 10]>,
    /// As many of the first bytes as the longest of [`Heads::LONG`] or [`Heads::SHORT`] that the word has.
    starts: Box<[u64; 1 << 11]>,
}

impl Heads {
    /// By how many bytes words of four and more are known.
    const LONG: [usize; 3] = [8, 6, 4];
    /// By how many bytes shorter words are.
    const SHORT: [usize; 2] = [3, 2];

    fn of<'w>(words: impl Iterator<Item = &'w [u8]>) -> Heads {
        let mut heads = Heads { heads: Box::new([0; 1 << 10]), starts: Box::new([0; 1 << 11]) };
        for word in words {
            match *word {
                [first] => (0..=u8::MAX).for_each(|next| heads.add(&[first, next])),
                _ => heads.add(word),
            }
        }
        heads
    }

    fn add(&mut self, word: &[u8]) {
        let mut bytes = [0; 8];
        let known = word.len().min(bytes.len());
        bytes[..known].copy_from_slice(&word[..known]);
        let start = u64::from_le_bytes(bytes);
        let is_long = word.len() >= 4;
        let (index, bit) = Heads::place(if is_long { start as u32 } else { start as u32 & 0xffff });
        self.heads[index] |= bit;
        let lengths = if is_long { &Heads::LONG[..] } else { &Heads::SHORT };
        if let Some(len) = lengths.iter().find(|len| **len <= word.len()) {
            let (index, bit) = Heads::place_of_start(start, *len);
            self.starts[index] |= bit;
        }
    }

    /// Whether a word may begin `text`.
    fn may_begin(&self, text: &[u8]) -> bool {
        self.may_begin_long(text) || self.may_begin_short(text)
    }

    /// The same for words of four bytes and more.
    fn may_begin_long(&self, text: &[u8]) -> bool {
        let Some(head) = text.first_chunk() else { return false };
        self.has_head(u32::from_le_bytes(*head)) && self.has_start(text, &Heads::LONG)
    }

    /// The same for words of fewer.
    fn may_begin_short(&self, text: &[u8]) -> bool {
        let Some(&[first, next]) = text.first_chunk() else { return true };
        self.has_head(u32::from_le_bytes([first, next, 0, 0])) && self.has_start(text, &Heads::SHORT)
    }

    fn has_head(&self, head: u32) -> bool {
        let (index, bit) = Heads::place(head);
        self.heads[index] & bit != 0
    }

    /// Whether a word that is known by one of `lengths` may begin `text`; one may where the text is too short to tell.
    fn has_start(&self, text: &[u8], lengths: &[usize]) -> bool {
        let Some(start) = text.first_chunk() else { return true };
        let start = u64::from_le_bytes(*start);
        lengths.iter().any(|len| {
            let (index, bit) = Heads::place_of_start(start, *len);
            self.starts[index] & bit != 0
        })
    }

    /// Index and bit of a head, by the upper half of a product with the golden ratio.
    fn place(head: u32) -> (usize, u64) {
        let hash = head.wrapping_mul(0x9e37_79b1) >> 16;
        (hash as usize >> 6, 1 << (hash & 63))
    }

    /// Index and bit of the first `len` bytes of a start.
    fn place_of_start(start: u64, len: usize) -> (usize, u64) {
        let hash = (start << (64 - 8 * len)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - 17);
        (hash as usize >> 6, 1 << (hash & 63))
    }
}

/// The pairs of bytes that words begin with.
#[derive(Debug)]
struct Pairs(Box<[u64; 1 << 10]>);

impl Pairs {
    fn of<'w>(words: impl Iterator<Item = &'w [u8]>) -> Pairs {
        let mut pairs = Pairs(Box::new([0; 1 << 10]));
        for word in words {
            match *word {
                [first, next, ..] => pairs.add([first, next]),
                [first] => (0..=u8::MAX).for_each(|next| pairs.add([first, next])),
                [] => {}
            }
        }
        pairs
    }

    fn add(&mut self, pair: [u8; 2]) {
        let pair = u16::from_le_bytes(pair);
        self.0[usize::from(pair >> 6)] |= 1 << (pair & 63);
    }

    /// Whether a word may begin `text`.
    fn may_begin(&self, text: &[u8]) -> bool {
        let Some(pair) = text.first_chunk() else { return true };
        let pair = u16::from_le_bytes(*pair);
        self.0[usize::from(pair >> 6)] & 1 << (pair & 63) != 0
    }
}
