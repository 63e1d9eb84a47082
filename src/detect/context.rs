//! What the words around a candidate say of it: the nearest on its line, the heading of its column or row, a keyword further off, the subject.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Evasion,
    entity::Candidate,
    evidence::{Clue, Weighing},
    lexicon::Speaks,
    surroundings::{LONGEST_HEADING, Surroundings, Word},
};
use crate::{normalize::Text, span::Span};

impl<'w> Weighing<'w, '_> {
    /// The words of a text that say something about the values of a rule.
    pub(super) fn surroundings(&self, text: usize, rule: usize) -> Surroundings<'w> {
        let mut words: Vec<Word<'w>> = self
            .lexicon
            .speaks(&self.hits[text], rule)
            .map(|(span, speaks, text)| Word { span, speaks, text })
            .collect();
        words.sort_unstable_by_key(|word| (word.span.start, std::cmp::Reverse(word.span.end)));
        // `id number` within `tax id number` is the tail of another name; within `order id number` it says nothing.
        let mut longest = 0;
        let mut shadow = Span::default();
        // And `card number` behind `identity card number` is the tail of that name.
        let mut named = 0;
        let folded = &self.texts[text].folded;
        // `passport no.` of another rule is `passport no` to this one.
        let mut names: BTreeMap<usize, usize> = BTreeMap::new();
        for word in words.iter().filter(|word| word.speaks == Speaks::For) {
            names.entry(word.span.start).or_insert(word.span.end);
        }
        let is_same = |word: &Word<'_>| {
            let end = names.get(&word.span.start).filter(|end| **end <= word.span.end);
            end.is_some_and(|end| !folded[*end..word.span.end].contains(char::is_alphanumeric))
        };
        words.retain(|word| {
            let is_tail = word.speaks == Speaks::Other && (word.span.start < named || is_same(word));
            let is_shadowed = is_tail
                || (word.span.end <= longest && word.span.start > shadow.start && shadow.contains(word.span));
            if word.speaks == Speaks::For {
                named = named.max(word.span.end);
            }
            if word.span.end > longest {
                longest = word.span.end;
                shadow = word.span;
            }
            !is_shadowed
        });
        let head = crate::span::floor_boundary(folded, LONGEST_HEADING);
        Surroundings { words, heading: folded[..head].find('\n').unwrap_or(0) }
    }

    /// What the words around a candidate say.
    pub(super) fn context(
        &self,
        candidate: &Candidate<'_>,
        around: &Surroundings<'w>,
    ) -> Option<(Clue, &'w Arc<str>)> {
        if around.words.is_empty() {
            return self.in_subject(candidate);
        }
        let text = &self.texts[candidate.text()];
        let near = around.within(candidate.span, self.evidence.far_bytes);
        if let Some(label) = chinese_label(self.label_ends, &text.folded, candidate.span)
            && !near.iter().any(|word| word.span.overlaps(label))
        {
            return None;
        }
        if let Some(found) = self.nearest(text, candidate.span, near) {
            return Some(found);
        }
        if let Some(word) = around.heading(text, candidate.span) {
            let clue = match word.speaks {
                Speaks::For => Clue::Heading,
                Speaks::Hint => Clue::Hint,
                Speaks::Against => Clue::Against,
                Speaks::Other => Clue::Other,
            };
            return Some((clue, word.text));
        }
        let zone = text.zone_at(candidate.span.start);
        let far = near.iter().find(|word| {
            word.speaks == Speaks::For
                && !word.span.overlaps(candidate.span)
                && text.zone_at(word.span.start) == zone
        });
        far.map(|word| (Clue::Far, word.text)).or_else(|| self.in_subject(candidate))
    }

    /// Whether a word that names a candidate is its label, or heads its column or row.
    pub(super) fn is_labelled(&self, one: &Candidate<'_>, around: &Surroundings<'w>) -> bool {
        let text = &self.texts[one.text()];
        let mut words = around.within(one.span, self.evidence.near_bytes).iter();
        match one.context() {
            Some((Clue::Near, _)) if one.evasion == Some(Evasion::Encoded) => true,
            Some((Clue::Near, _)) => words.any(|word| {
                word.speaks == Speaks::For
                    && word.span.end <= one.span.start
                    && leads_to(&text.folded[word.span.end..one.span.start])
            }),
            Some((Clue::Heading, _)) => true,
            _ => false,
        }
    }

    /// What the subject says about a candidate in the text: `Subject: My SSN`.
    fn in_subject(&self, candidate: &Candidate<'_>) -> Option<(Clue, &'w Arc<str>)> {
        let subject = self.subject.filter(|subject| *subject != candidate.text())?;
        let mut words = self.lexicon.speaks(&self.hits[subject], candidate.rule());
        words.find(|(_, speaks, _)| *speaks == Speaks::For).map(|(_, _, word)| (Clue::Far, word))
    }

    /// What the nearest words on the same line say: the last ones before the candidate, else the first one behind it.
    fn nearest(&self, text: &Text<'_>, at: Span, words: &[Word<'w>]) -> Option<(Clue, &'w Arc<str>)> {
        let folded = &text.folded;
        let near = self.evidence.near_bytes;
        let is_near = |span: Span| {
            let between = &folded[span.end.min(at.end)..span.start.max(at.start)];
            if between.len() > 3 * near {
                return false;
            }
            let same_line = !between.contains(['\n', '\t']);
            // The cell to the left is a label; a label may stand on the line above.
            let label_cell = span.end <= at.start && between.trim_matches([' ', ':']) == "\t";
            same_line || label_cell || (between.len() <= near / 4 && !between.contains('\t'))
        };
        let mut before: Vec<&Word<'w>> =
            words.iter().filter(|word| word.span.end <= at.start && is_near(word.span)).collect();
        before.sort_unstable_by_key(|word| std::cmp::Reverse((word.span.end, word.span.len())));
        let mut lesser: Option<(Clue, &'w Arc<str>)> = None;
        for word in before {
            match word.speaks {
                Speaks::For => {
                    // Named, but another label stands between.
                    let is_far = matches!(lesser, Some((Clue::Other, _)));
                    return Some((if is_far { Clue::Far } else { Clue::Near }, word.text));
                }
                Speaks::Against if lesser.is_none() => {
                    // What labels the value settles it; in passing it gives way to a name.
                    if is_label(folded, word.span, at) {
                        return Some((Clue::Against, word.text));
                    }
                    lesser = Some((Clue::Against, word.text));
                }
                Speaks::Hint if lesser.is_none_or(|(clue, _)| clue == Clue::Other) => {
                    lesser = Some((Clue::Hint, word.text));
                }
                Speaks::Other if lesser.is_none() && is_label(folded, word.span, at) => {
                    lesser = Some((Clue::Other, word.text));
                }
                _ => {}
            }
        }
        let behind = words
            .iter()
            .filter(|word| word.speaks == Speaks::For && word.span.start >= at.end && is_near(word.span))
            // What begins another clause names what follows it.
            .filter(|word| !folded[at.end..word.span.start].contains([';', '。']))
            .min_by_key(|word| word.span.start);
        match (lesser, behind) {
            (Some((Clue::Other, _)) | None, Some(word)) => Some((Clue::Near, word.text)),
            (lesser, _) => lesser,
        }
    }
}

/// The Chinese label of a number, known by how it `ends`, that stands directly before `at`, such as 准考证号; where no rule knows it, it names another kind of number.
fn chinese_label(ends: &[String], folded: &str, at: Span) -> Option<Span> {
    const LONGEST_LABEL: usize = 8;
    let before = folded[..at.start].trim_end_matches([' ', ':', '是', '为']);
    let name = ends.iter().find_map(|end| before.strip_suffix(end.as_str()))?;
    let is_han = |c: &char| matches!(*c, '\u{4e00}'..='\u{9fff}');
    let han: usize = name.chars().rev().take(LONGEST_LABEL).take_while(is_han).map(char::len_utf8).sum();
    (han > 0).then(|| Span::new(name.len() - han, before.len()))
}

/// Whether a name with this behind it is the label of what follows: `passport no. (`.
fn leads_to(between: &str) -> bool {
    is_short(between.trim_start_matches(['.', ' ']).trim_end_matches([' ', '(', '[', '{', '"', '\'']))
}

/// Whether a word is the label of what stands at `at`.
fn is_label(folded: &str, word: Span, at: Span) -> bool {
    is_short(&folded[word.end..at.start])
}

/// Nothing but a few small words and signs.
fn is_short(between: &str) -> bool {
    between.len() <= 16 && !between.contains([',', '，', '。', ';', '；', '、', '.', '\n', '/', '(', '（'])
}
