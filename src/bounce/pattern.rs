//! Texts that mail systems are known to say, as data in `policies/bounces/`: a text in, the entry that knows it best out.
//!
//! A phrase is beginnings of words in their order; `*` between them skips up to [`GAP`] bytes, `_` ends a word. Ranks order what is specific before what is general,
//! because one text often says both.

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;
use toml::Spanned;

use super::{
    cause::{Cause, Steps},
    fold::fold,
};
use crate::{
    error::PolicyError,
    policy::{Document, Localised},
};

/// Bytes that a `*` skips at most.
const GAP: usize = 80;

/// Hits of one fragment that are kept.
const HITS: usize = 64;

/// Files of patterns that ship with presend.
pub(super) const SHIPPED: &[(&str, &str)] = &[
    ("policies/bounces/address.toml", include_str!("../../policies/bounces/address.toml")),
    ("policies/bounces/content.toml", include_str!("../../policies/bounces/content.toml")),
    ("policies/bounces/identity.toml", include_str!("../../policies/bounces/identity.toml")),
    ("policies/bounces/network.toml", include_str!("../../policies/bounces/network.toml")),
    ("policies/bounces/provider.toml", include_str!("../../policies/bounces/provider.toml")),
    ("policies/bounces/refusal.toml", include_str!("../../policies/bounces/refusal.toml")),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pattern: Vec<Spanned<Pattern>>,
}

/// Texts that say the same.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// What they mean.
    pub cause: Cause,
    /// From 1, general, to 9, one system's own text for one thing.
    pub rank: u8,
    /// Whose texts they are, where they are one system's.
    pub system: Option<String>,
    /// The phrases.
    pub phrases: Vec<String>,
    /// Words beside which they mean something else.
    #[serde(default)]
    pub unless: Vec<String>,
    /// What to do, where it differs from what the cause says.
    pub steps: Option<Steps>,
    /// How to verify, where it differs.
    pub verify: Option<Localised>,
    /// Texts that are known by it.
    #[serde(rename = "match")]
    pub matches: Vec<String>,
    /// Texts that are not.
    #[serde(default, rename = "no_match")]
    pub no_matches: Vec<String>,
}

/// A pattern that knows a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// Index of the pattern.
    pub(super) pattern: usize,
    /// Its rank.
    pub(super) rank: u8,
    /// Where in the folded text.
    at: usize,
    /// Bytes of its words.
    length: usize,
}

/// All patterns, compiled.
#[derive(Debug)]
pub(super) struct Patterns {
    pub(super) list: Vec<Pattern>,
    /// One automaton over the fragments of all phrases.
    fragments: AhoCorasick,
    lengths: Vec<usize>,
    /// Of each phrase its pattern and its fragments, by the first of them.
    phrases: Vec<Vec<(usize, Vec<usize>)>>,
    /// Of each pattern the fragments beside which it does not count.
    unless: Vec<Vec<usize>>,
}

impl Patterns {
    /// Compiles files of patterns, each a name and a text.
    pub(super) fn compile(files: &[(&str, &str)]) -> Result<Patterns, PolicyError> {
        let mut list = Vec::new();
        for (name, text) in files {
            let document = Document::new(name, text);
            for pattern in document.parse::<File>()?.pattern {
                let at = pattern.span().start;
                let pattern = pattern.into_inner();
                let problem = if !(1..=9).contains(&pattern.rank) {
                    "a `rank` that is not 1 to 9"
                } else if pattern.phrases.iter().any(|phrase| split(phrase).is_empty())
                    || pattern.phrases.is_empty()
                {
                    "a pattern with an empty phrase or none"
                } else {
                    list.push(pattern);
                    continue;
                };
                return Err(document.error_at(at, problem, "see the patterns beside it"));
            }
        }
        let mut words: Vec<String> = Vec::new();
        let mut ids = std::collections::HashMap::new();
        let mut id_of = |word: String| {
            *ids.entry(word.clone()).or_insert_with(|| {
                words.push(word);
                words.len() - 1
            })
        };
        let mut all = Vec::new();
        let mut unless = Vec::new();
        for (index, pattern) in list.iter().enumerate() {
            for phrase in &pattern.phrases {
                all.push((index, split(phrase).into_iter().map(&mut id_of).collect::<Vec<_>>()));
            }
            unless.push(pattern.unless.iter().map(|word| id_of(fold(word))).collect());
        }
        let mut phrases = vec![Vec::new(); words.len()];
        for (pattern, fragments) in all {
            phrases[fragments[0]].push((pattern, fragments));
        }
        let lengths = words.iter().map(String::len).collect();
        let fragments = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&words)
            .expect("a few thousand short words fit an automaton");
        Ok(Patterns { list, fragments, lengths, phrases, unless })
    }

    /// The pattern that knows a folded text best: the highest rank, of these the longest, of these the first.
    pub(super) fn best(&self, text: &str) -> Option<Known> {
        let mut hits: Vec<Vec<usize>> = vec![Vec::new(); self.lengths.len()];
        let mut seen = Vec::new();
        for found in self.fragments.find_overlapping_iter(text) {
            let id = found.pattern().as_usize();
            if hits[id].len() < HITS && is_word_start(text, found.start()) {
                if hits[id].is_empty() {
                    seen.push(id);
                }
                hits[id].push(found.start());
            }
        }
        let mut best: Option<Known> = None;
        for &first in &seen {
            for (pattern, fragments) in &self.phrases[first] {
                if self.unless[*pattern].iter().any(|word| !hits[*word].is_empty()) {
                    continue;
                }
                let Some(at) = hits[first].iter().find_map(|&at| self.follow(fragments, at, &hits)) else {
                    continue;
                };
                let length = fragments.iter().map(|id| self.lengths[*id]).sum();
                let known = Known { pattern: *pattern, rank: self.list[*pattern].rank, at, length };
                let key = |known: &Known| (known.rank, known.length, usize::MAX - known.at);
                if best.as_ref().is_none_or(|best| key(&known) > key(best)) {
                    best = Some(known);
                }
            }
        }
        best
    }

    /// Where a phrase stands whose first fragment stands at `at`, if the others follow.
    fn follow(&self, fragments: &[usize], at: usize, hits: &[Vec<usize>]) -> Option<usize> {
        let mut end = at + self.lengths[fragments[0]];
        for fragment in &fragments[1..] {
            let next = hits[*fragment].iter().find(|start| (end..=end + GAP).contains(*start))?;
            end = next + self.lengths[*fragment];
        }
        Some(at)
    }
}

/// The fragments of a phrase, folded.
fn split(phrase: &str) -> Vec<String> {
    phrase
        .split('*')
        .map(|piece| {
            let folded = fold(piece.trim());
            // A short word that must not be the start of a longer one.
            match folded.strip_suffix('_') {
                Some(word) => format!("{word} "),
                None => folded,
            }
        })
        .filter(|piece| !piece.is_empty())
        .collect()
}

/// Whether no letter or digit stands before a fragment that begins with one.
fn is_word_start(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric();
    at == 0 || !(is_word(bytes[at]) && is_word(bytes[at - 1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str) -> Option<Cause> {
        let file = "[[pattern]]\ncause = \"mailbox-full\"\nrank = 6\nphrases = [\"mailbox * full\", \"箱已满\"]\nunless = [\"not * full\", \"half full\"]\nmatch = []\n\
                    [[pattern]]\ncause = \"policy\"\nrank = 2\nphrases = [\"mailbox\"]\nmatch = []\n";
        let patterns = Patterns::compile(&[("test.toml", file)]).expect("it compiles");
        patterns.best(&fold(text)).map(|known| patterns.list[known.pattern].cause)
    }

    #[test]
    fn phrases_skip_words_and_the_higher_rank_wins() {
        assert_eq!(known("the MAILBOX of a@example.com\r\n is  full"), Some(Cause::MailboxFull));
        assert_eq!(known("收件人邮箱已满"), Some(Cause::MailboxFull));
        assert_eq!(known("full mailbox"), Some(Cause::Policy));
        assert_eq!(known("mailbox half full"), Some(Cause::Policy));
        assert_eq!(known("a submailbox full"), None, "the start of a word");
        assert_eq!(known(&format!("mailbox{} full", " so".repeat(50))), Some(Cause::Policy), "too far");
    }

    #[test]
    fn mistakes_name_their_place() {
        let file = "[[pattern]]\ncause = \"policy\"\nrank = 0\nphrases = [\"a\"]\nmatch = []\n";
        let error = Patterns::compile(&[("test.toml", file)]).expect_err("a rank of 0").to_string();
        assert!(error.starts_with("test.toml:1:"), "{error}");
        let file = "[[pattern]]\ncause = \"polcy\"\nrank = 1\nphrases = [\"a\"]\nmatch = []\n";
        let error = Patterns::compile(&[("test.toml", file)]).expect_err("an unknown cause").to_string();
        assert!(error.starts_with("test.toml:2:") && error.contains("unknown variant"), "{error}");
    }
}
