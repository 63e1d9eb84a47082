//! A word as the index keeps it: what it is looked up by, and the bytes that tell it from others with that key.

use super::bytes::{bytes_at, first_of, keys_beyond, width};
use crate::span::Span;

/// Bytes by which words are looked up, if they have as many.
pub(super) const KEY: usize = 8;

/// A word of fewer than [`KEY`] bytes is looked up by its first run, and by as many bytes behind that if it has them.
pub(super) const BEHIND: usize = 2;

/// A word by its first run of letters and digits.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) word: usize,
    pub(super) text: Box<[u8]>,
    /// Bytes before its first letter or digit.
    pub(super) lead: usize,
    /// Bytes of its first run; 0 if it begins beyond ASCII.
    pub(super) run: usize,
}

impl Entry {
    pub(super) fn new(word: usize, text: &str) -> Entry {
        let bytes = text.as_bytes();
        let lead = bytes.iter().take_while(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric()).count();
        let run = bytes[lead..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        Entry { word, text: bytes.into(), lead, run }
    }

    /// What it is looked up by where it is not known by the first or last bytes of a run.
    pub(super) fn key(&self) -> u64 {
        if self.run > 0 {
            return first_of(bytes_at(&self.text, self.lead), self.known());
        }
        // A word that is one character has nothing behind it.
        let (pair, one) = keys_beyond(&self.text, self.lead);
        if self.text.len() == self.lead + width(self.text[self.lead]) { one } else { pair }
    }

    /// How many bytes from its first run on it is looked up by.
    pub(super) fn known(&self) -> usize {
        match self.text.len() - self.lead {
            KEY.. => KEY,
            len if len < self.run + BEHIND => self.run,
            _ => self.run + BEHIND,
        }
    }

    pub(super) fn start_of_run(&self, len: usize) -> &[u8] {
        &self.text[self.lead..][..self.run.min(len)]
    }

    pub(super) fn end_of_run(&self, len: usize) -> &[u8] {
        let run = &self.text[self.lead..][..self.run];
        &run[run.len().saturating_sub(len)..]
    }

    /// Calls `found` if the word, whose head stands at byte `at` of `text`, stands there whole.
    #[inline]
    pub(super) fn check(&self, text: &[u8], at: usize, found: &mut impl FnMut(Span, usize)) {
        let Some(start) = at.checked_sub(self.lead) else { return };
        if (self.lead == 0 && self.text.len() <= 2 * KEY) || text[start..].starts_with(&self.text) {
            found(Span::new(start, start + self.text.len()), self.word);
        }
    }
}

/// The first sixteen bytes of a word from its first letter or digit on: most words differ within them.
#[derive(Debug)]
pub(super) struct Head {
    bytes: [u64; 2],
    /// Which of them it has.
    mask: [u64; 2],
}

impl Head {
    pub(super) fn new(entry: &Entry) -> Head {
        let known = &entry.text[entry.lead..];
        let len = [known.len().min(KEY), known.len().saturating_sub(KEY)];
        let mask = len.map(|len| if len == 0 { 0 } else { first_of(u64::MAX, len) });
        Head { bytes: Head::at(known, 0), mask }
    }

    /// Sixteen bytes of a text from `at` on, with zeros behind its end.
    #[inline]
    pub(super) fn at(text: &[u8], at: usize) -> [u64; 2] {
        let second = if at + KEY < text.len() { bytes_at(text, at + KEY) } else { 0 };
        [bytes_at(text, at), second]
    }

    #[inline]
    pub(super) fn begins(&self, text: [u64; 2]) -> bool {
        let differs = |half: usize| (self.bytes[half] ^ text[half]) & self.mask[half];
        differs(0) | differs(1) == 0
    }
}
