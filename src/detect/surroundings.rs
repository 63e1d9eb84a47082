//! The words around a candidate that say something about it: near by, further off, in the heading of its column or the label of its row.

use std::sync::Arc;

use super::lexicon::Speaks;
use crate::{extract::Cell, normalize::Text, span::Span};

/// The first line of delimited text is a heading up to this length, bytes.
pub(super) const LONGEST_HEADING: usize = 4 << 10;
/// No word of a policy is longer, bytes.
const LONGEST_WORD: usize = 200;

/// A word around a candidate.
#[derive(Clone, Copy)]
pub(super) struct Word<'w> {
    pub(super) span: Span,
    pub(super) speaks: Speaks,
    /// As the pack has it.
    pub(super) text: &'w Arc<str>,
}

/// What stands around the candidates of a rule in a text.
pub(super) struct Surroundings<'w> {
    /// Words that say something about the values of the rule, by start.
    pub(super) words: Vec<Word<'w>>,
    /// Length of the text's first line, as far as it can be a heading.
    pub(super) heading: usize,
}

impl<'w> Surroundings<'w> {
    /// The words within `reach` bytes of `at`.
    pub(super) fn within(&self, at: Span, reach: usize) -> &[Word<'w>] {
        let from = self.words.partition_point(|word| word.span.start + LONGEST_WORD + reach < at.start);
        let to = self.words.partition_point(|word| word.span.start <= at.end + reach);
        &self.words[from..to.max(from)]
    }

    /// What the column heading or the label cell of a table says about a cell, at any distance.
    pub(super) fn heading(&self, text: &Text<'_>, at: Span) -> Option<&Word<'w>> {
        let segment = &text.zoned.segment;
        // A value may be spread over the cells of a row.
        let start = Span::new(at.start, at.start + 1);
        let Some(cell) = segment.cell(text.original_span(start)) else { return self.first_line(text, at) };
        let says = |heading: &Cell| {
            let heading = heading.span;
            let (start, end) = (text.folded_from(heading.start), text.folded_from(heading.end));
            let from = self.words.partition_point(|word| word.span.start < start);
            let within = self.words[from..].iter().take_while(|word| word.span.start < end);
            plainest(within.filter(|word| heading.contains(text.original_span(word.span))))
        };
        let label = (1..=2).find_map(|steps| segment.cell_left_of(cell, steps).and_then(says));
        label.or_else(|| segment.cell_above(cell).and_then(says))
    }

    /// What the first line of delimited text says about the same column.
    fn first_line(&self, text: &Text<'_>, at: Span) -> Option<&Word<'w>> {
        let folded = &text.folded;
        let head = &folded[..self.heading];
        if at.start <= head.len() {
            return None;
        }
        let delimiter = [',', '\t', ';', '|'].into_iter().find(|delimiter| head.contains(*delimiter))?;
        let from = crate::span::floor_boundary(folded, at.start.saturating_sub(LONGEST_HEADING));
        let line_start = folded[from..at.start].rfind('\n').map_or(from, |newline| from + newline + 1);
        let column = folded[line_start..at.start].matches(delimiter).count();
        // A line of fewer fields is no row below it.
        let line = &folded[line_start..crate::span::floor_boundary(folded, line_start + LONGEST_HEADING)];
        let fields = |line: &str| line.matches(delimiter).count();
        if fields(line.split('\n').next().unwrap_or_default()) < fields(head) {
            return None;
        }
        let field = head.split(delimiter).nth(column)?;
        let start = field.as_ptr() as usize - folded.as_ptr() as usize;
        let heading = Span::new(start, start + field.len());
        let words = &self.words[..self.words.partition_point(|word| word.span.start < heading.end)];
        plainest(words.iter().rev().take(200).filter(|word| heading.contains(word.span)))
    }
}

/// Of the words of a heading the one that says most: a name before a word against it before a hint, then the longest.
fn plainest<'a, 'w: 'a>(words: impl Iterator<Item = &'a Word<'w>>) -> Option<&'a Word<'w>> {
    let rank = |word: &Word<'_>| match word.speaks {
        Speaks::For => 3,
        Speaks::Against => 2,
        Speaks::Hint => 1,
        Speaks::Other => 0,
    };
    words.max_by_key(|word| (rank(word), word.span.len()))
}
