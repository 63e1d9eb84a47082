//! Folded text in, the phrases out that may become terms: one or two Latin words, two to four Chinese characters.
//!
//! A phrase stands within a line and holds no digit. Words that stand everywhere are phrases as well: whether a message says `your` or `i was` tells more of what
//! it is than what it is about, and holds in mail of other sources.

use std::collections::{HashMap, HashSet};

/// A Latin word that is longer is a name of a machine.
const LONGEST_WORD: usize = 18;
/// A shorter Latin word tells nothing alone.
const SHORTEST_ALONE: usize = 2;
/// Latin words of a phrase at most: longer ones are too rare to be learned, and are for people to give.
const LATIN_WORDS: usize = 2;

/// Adds the phrases of a folded line.
pub(super) fn of_line<'l>(line: &'l str, grams: &mut HashSet<&'l str>) {
    let is_latin = |c: char| c.is_ascii_lowercase() || matches!(c, '\'' | '-' | ' ');
    for run in line.split(|c| !is_latin(c)).filter(|run| !run.is_empty()) {
        latin(run, grams);
    }
    for run in line.split(|c| !is_han(c)).filter(|run| !run.is_empty()) {
        han(run, grams);
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

fn latin<'l>(run: &'l str, grams: &mut HashSet<&'l str>) {
    let starts = run.match_indices(' ').map(|(at, _)| at + 1);
    let starts: Vec<usize> = std::iter::once(0).chain(starts).chain([run.len() + 1]).collect();
    for first in 0..starts.len() - 1 {
        for last in first + 1..(first + 1 + LATIN_WORDS).min(starts.len()) {
            let gram = &run[starts[first]..starts[last] - 1];
            if is_phrase(gram) {
                grams.insert(gram);
            }
        }
    }
}

/// Whether words are worth counting together.
fn is_phrase(gram: &str) -> bool {
    let words: Vec<&str> = gram.split(' ').collect();
    let is_word = |word: &&str| {
        !word.is_empty()
            && word.len() <= LONGEST_WORD
            && !word.starts_with(['\'', '-'])
            && !word.ends_with(['\'', '-'])
    };
    words.iter().all(is_word) && (words.len() > 1 || gram.len() >= SHORTEST_ALONE)
}

fn han<'l>(run: &'l str, grams: &mut HashSet<&'l str>) {
    let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
    for length in 2..=4 {
        for span in starts.windows(length + 1) {
            grams.insert(&run[span[0]..span[length]]);
        }
    }
}

/// How often a phrase was met, and where.
#[derive(Clone, Debug, Default)]
struct Count {
    messages: u32,
    /// The first few groups of messages that it was met in.
    groups: Vec<u32>,
    /// Weight of the positives and of the negatives that hold it.
    held: [f64; 2],
}

/// Counts phrases over messages.
#[derive(Debug, Default)]
pub(super) struct Counts(HashMap<Box<str>, Count>);

/// What a phrase must have to become a candidate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demands {
    /// Messages that hold it.
    pub(super) messages: u32,
    /// Groups of messages that it stands in, so that it is no mark of one source.
    pub(super) groups: usize,
    /// How many candidates at most.
    pub(super) at_most: usize,
}

impl Counts {
    /// So many phrases are held; beyond that, those met once are forgotten.
    const HELD: usize = 3_000_000;

    /// Counts the phrases of a message.
    pub(super) fn add<'g>(
        &mut self,
        grams: impl Iterator<Item = &'g str>,
        group: u32,
        is_positive: bool,
        weight: f64,
    ) {
        for gram in grams {
            if !self.0.contains_key(gram) {
                self.0.insert(Box::from(gram), Count::default());
            }
            if let Some(count) = self.0.get_mut(gram) {
                count.messages += 1;
                count.held[usize::from(is_positive)] += weight;
                if count.groups.len() < 8 && !count.groups.contains(&group) {
                    count.groups.push(group);
                }
            }
        }
        if self.0.len() > Counts::HELD {
            self.0.retain(|_, count| count.messages > 1);
        }
    }

    /// The phrases that differ most between positives and negatives, in order of text. `total` is the weight of each.
    pub(super) fn select(self, demands: Demands, total: f64) -> Vec<String> {
        let mut candidates: Vec<(f64, Box<str>)> = self
            .0
            .into_iter()
            .filter(|(_, count)| count.messages >= demands.messages && count.groups.len() >= demands.groups)
            .map(|(gram, count)| {
                let [negative, positive] = count.held.map(|held| held / total.max(f64::MIN_POSITIVE));
                ((positive - negative).abs() / f64::sqrt((positive + negative) / 2.0 + RARE), gram)
            })
            .collect();
        candidates.retain(|(difference, _)| *difference >= DIFFERS);
        candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        candidates.truncate(demands.at_most);
        let mut grams: Vec<String> = candidates.into_iter().map(|(_, gram)| gram.into_string()).collect();
        grams.sort_unstable();
        grams
    }
}

/// A phrase that differs less says no more than that a message has words: it stands in 10 % of one kind and less than 11 % of the other.
const DIFFERS: f64 = 0.03;

/// What a difference is measured against where a phrase is rare.
const RARE: f64 = 0.002;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Vec<&str> {
        let mut grams = HashSet::new();
        of_line(line, &mut grams);
        let mut grams: Vec<&str> = grams.into_iter().collect();
        grams.sort_unstable();
        grams
    }

    #[test]
    fn phrases_stand_between_marks() {
        assert_eq!(of("shop now, it is"), ["is", "it", "it is", "now", "shop", "shop now"]);
        assert_eq!(of("we see you at 5 pm"), ["at", "pm", "see", "see you", "we", "we see", "you", "you at"]);
        assert_eq!(of("我们的"), ["们的", "我们", "我们的"]);
        assert_eq!(of("限时抢 购!"), ["时抢", "限时", "限时抢"]);
        assert_eq!(of("a - 'b"), Vec::<&str>::new());
    }

    #[test]
    fn a_phrase_of_one_group_is_no_candidate() {
        let mut counts = Counts::default();
        for group in 0..3 {
            counts.add(
                ["everywhere", if group == 0 { "here" } else { "there" }].into_iter(),
                group,
                group == 0,
                1.0,
            );
        }
        let demands = Demands { messages: 2, groups: 3, at_most: 10 };
        assert_eq!(counts.select(demands, 1.0), ["everywhere"]);
    }
}
