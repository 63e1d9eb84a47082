//! Words that lines begin with, looked up by their first letter.

use std::{collections::HashMap, ops::Range};

use serde::Deserialize;

/// A set of lower-case words.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Vec<String>")]
pub(super) struct Prefixes {
    heads: Heads,
    /// By their first character, where that is ASCII.
    ascii: Vec<Vec<String>>,
    others: HashMap<char, Vec<String>>,
}

/// How words begin, by the last five bits of each of their first three bytes: most lines are done with one look.
#[derive(Clone, Debug)]
pub(super) struct Heads(Box<[u32; 1 << 10]>);

impl Default for Heads {
    fn default() -> Heads {
        Heads(Box::new([0; 1 << 10]))
    }
}

impl Heads {
    /// Those of several sets.
    pub(super) fn of<'p>(sets: impl IntoIterator<Item = &'p Prefixes>) -> Heads {
        let mut all = Heads::default();
        for set in sets {
            all.0.iter_mut().zip(set.heads.0.iter()).for_each(|(all, one)| *all |= one);
        }
        all
    }

    fn add(&mut self, word: &[u8]) {
        let [first, ref rest @ ..] = *word else { return };
        let pairs = Heads::with_first(first);
        match *rest {
            [] => self.0[pairs].fill(u32::MAX),
            [second] => self.0[pairs][usize::from(second % 32)] = u32::MAX,
            [second, third, ..] => self.0[pairs][usize::from(second % 32)] |= 1 << (third % 32),
        }
    }

    /// The places of what begins with a byte.
    fn with_first(first: u8) -> Range<usize> {
        let from = usize::from(first % 32) * 32;
        from..from + 32
    }

    /// Whether a word may begin `line`.
    pub(super) fn may_begin(&self, line: &str) -> bool {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
        match *line.as_bytes() {
            [] => false,
            [first, ..] if !first.is_ascii() => true,
            [first, second, ref rest @ ..] if is_letter(second) => {
                let thirds = self.0[usize::from(first % 32) * 32 + usize::from(second % 32)];
                match *rest {
                    [third, ..] if is_letter(third) => thirds >> (third % 32) & 1 == 1,
                    _ => thirds != 0,
                }
            }
            [first, ..] => self.0[Heads::with_first(first)].iter().any(|thirds| *thirds != 0),
        }
    }
}

impl From<Vec<String>> for Prefixes {
    fn from(words: Vec<String>) -> Prefixes {
        let mut prefixes =
            Prefixes { heads: Heads::default(), ascii: vec![Vec::new(); 128], others: HashMap::new() };
        for word in words {
            let Some(first) = word.chars().next() else { continue };
            prefixes.heads.add(word.as_bytes());
            match prefixes.ascii.get_mut(first as usize) {
                Some(words) => words.push(word),
                None => prefixes.others.entry(first).or_default().push(word),
            }
        }
        prefixes
    }
}

impl Prefixes {
    /// Whether a word may begin `line`, in any case and spaced or starred; wrong only in being too careful.
    pub(super) fn may_begin(&self, line: &str) -> bool {
        self.heads.may_begin(line)
    }

    /// The words that `line` begins with, in any case.
    pub(super) fn of<'p>(&'p self, line: &'p str) -> impl Iterator<Item = &'p str> {
        let first = line.chars().next().and_then(|c| c.to_lowercase().next());
        let words =
            first.and_then(|first| self.ascii.get(first as usize).or_else(|| self.others.get(&first)));
        words.into_iter().flatten().map(String::as_str).filter(|word| begins(line, word))
    }

    /// Whether `line` begins with a word as a whole word: `regards` does not begin `regardless`.
    pub(super) fn begin(&self, line: &str) -> bool {
        self.of(line).any(|word| {
            let rest = line.char_indices().nth(word.chars().count()).map_or("", |(at, _)| &line[at..]);
            !word.ends_with(|c: char| c.is_ascii_alphanumeric())
                || !rest.starts_with(|c: char| c.is_ascii_alphanumeric())
        })
    }

    /// Whether `line` is one of the words.
    pub(super) fn are(&self, line: &str) -> bool {
        self.of(line).any(|word| word.chars().count() == line.chars().count())
    }
}

/// Whether a line begins with a lower-case word, in any case.
pub(super) fn begins(line: &str, word: &str) -> bool {
    if let Some(start) = line.as_bytes().get(..word.len())
        && start.is_ascii()
    {
        return start.iter().zip(word.bytes()).all(|(letter, wanted)| letter.to_ascii_lowercase() == wanted);
    }
    let mut letters = line.chars().flat_map(char::to_lowercase);
    word.chars().all(|c| letters.next() == Some(c))
}
