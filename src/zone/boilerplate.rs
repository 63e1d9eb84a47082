//! Learned boilerplate: paragraphs that an organisation's mails end with, known by keyed hashes alone.
//!
//! A paragraph is compared by its letters and digits, so that wrapping, quoting and markup do not matter; its end may stand below other lines, such as a name
//! card, so every line may be where it begins. Short ones are never learned: a marking is short.

use std::collections::HashSet;

use super::{Line, Zone, Zoned, disclaimer::units, split};
use crate::extract::Kind;

/// A keyed hash of a paragraph.
pub type Hash = [u8; 16];

/// A paragraph is at least so wide, a Han character counted twice; no marking is.
const LEAST: usize = 60;
/// From here on characters are those of Han, kana and Hangul.
const FIRST_WIDE: char = '\u{2e80}';
/// Among the first lines of a paragraph boilerplate begins, or not at all.
const LINES: usize = 30;

/// Paragraphs that are taken for disclaimers.
#[derive(Clone, Default)]
pub struct Boilerplate {
    key: [u8; 32],
    known: HashSet<Hash>,
}

/// The key stays out of reports.
impl std::fmt::Debug for Boilerplate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Boilerplate").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

impl Boilerplate {
    /// Paragraphs by their hashes under `key`.
    pub fn new(key: [u8; 32], known: HashSet<Hash>) -> Boilerplate {
        Boilerplate { key, known }
    }

    /// A hash of the key itself, by which a list and a key are known to belong together.
    pub fn check(&self) -> Hash {
        self.hash("")
    }

    /// Marks what is known as disclaimer.
    pub(super) fn mark(&self, lines: &mut [Line<'_>], wrapped: bool) {
        if self.known.is_empty() {
            return;
        }
        for unit in units(lines, wrapped) {
            let first = self.starts(&lines[unit.first..=unit.last]);
            if let Some((at, _)) = first.into_iter().find(|(_, hash)| self.known.contains(hash)) {
                for line in &mut lines[unit.first + at..=unit.last] {
                    line.zone = Zone::Disclaimer;
                }
            }
        }
    }

    /// The hashes of each paragraph in the last half of what the sender wrote, from every line on: the longest first.
    pub fn candidates(&self, zoned: &Zoned<'_>) -> Vec<Vec<Hash>> {
        if !matches!(zoned.segment.kind, Kind::Plain | Kind::Html) {
            return Vec::new();
        }
        let mut lines = split(&zoned.segment.text);
        lines.retain(|line| !matches!(zoned.zone_at(line.span.start), Zone::Quoted | Zone::Forwarded));
        let units = units(&lines, zoned.segment.kind == Kind::Plain);
        let late = units.len() / 2;
        units[late..]
            .iter()
            .map(|unit| {
                self.starts(&lines[unit.first..=unit.last]).into_iter().map(|(_, hash)| hash).collect()
            })
            .filter(|hashes: &Vec<Hash>| !hashes.is_empty())
            .collect()
    }

    /// The hash of a paragraph from each of its lines on, with the line, where enough is left.
    fn starts(&self, lines: &[Line<'_>]) -> Vec<(usize, Hash)> {
        let texts: Vec<String> = lines.iter().map(|line| normalized(line.text)).collect();
        let width = |text: &String| text.chars().map(|c| if c < FIRST_WIDE { 1 } else { 2 }).sum::<usize>();
        let mut left: usize = texts.iter().map(width).sum();
        let mut starts = Vec::new();
        for (at, text) in texts.iter().enumerate().take(LINES) {
            if left < LEAST {
                break;
            }
            if !text.is_empty() {
                starts.push((at, self.hash(&texts[at..].concat())));
            }
            left -= width(text);
        }
        starts
    }

    fn hash(&self, text: &str) -> Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(b"boilerplate\0").update(text.as_bytes());
        let mut hash = Hash::default();
        hash.copy_from_slice(&hasher.finalize().as_bytes()[..size_of::<Hash>()]);
        hash
    }
}

/// What a line says, whatever client wrote it.
fn normalized(line: &str) -> String {
    line.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
