//! Lines: where the line of a marking begins and ends, what stands above and below it.

use super::{Word, form::Words};
use crate::{
    normalize::Text,
    span::{Span, ceil_boundary, floor_boundary},
    zone::Zone,
};

/// How far a line is looked at either side, bytes; what is longer is prose.
const WINDOW: usize = 400;
/// Among so many lines with text at the top of a stretch a marking is at its head.
const HEAD: usize = 3;
/// The same at its end.
const FOOT: usize = 2;
/// So many lines of a list are looked at either side.
const LIST: usize = 5;

/// A line of folded text, without its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Where in its stretch of text a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    Head,
    Foot,
}

impl Line {
    /// The line that holds `span`.
    pub(super) fn of(folded: &str, span: Span) -> Line {
        let Line { start: from, end: to } = Line::around(folded, span);
        Line {
            start: folded[from..span.start].rfind('\n').map_or(from, |at| from + at + 1),
            end: folded[span.end..to].find('\n').map_or(to, |at| span.end + at),
        }
    }

    /// Its text.
    pub(super) fn of_text(self, folded: &str) -> &str {
        &folded[self.start..self.end]
    }

    /// Characters, blanks at its ends left out.
    pub(super) fn len(self, folded: &str) -> usize {
        self.of_text(folded).trim().chars().count()
    }

    /// Whether nothing but signs stands before `label`, and a colon behind it.
    pub(super) fn begins_with(self, folded: &str, label: Span) -> bool {
        label.start >= self.start
            && label.end < self.end
            && !folded[self.start..label.start].contains(char::is_alphanumeric)
            && folded[label.end..].starts_with(':')
    }

    /// The line directly above; none where this one goes on beyond what was looked at.
    fn before(self, folded: &str) -> Option<Line> {
        let end = self.start.checked_sub(1).filter(|at| folded.as_bytes()[*at] == b'\n')?;
        Some(Line::of(folded, Span::new(end, end)))
    }

    /// The line directly below.
    fn behind(self, folded: &str) -> Option<Line> {
        let start = self.end + 1;
        let is_whole = folded.as_bytes().get(self.end) == Some(&b'\n');
        (is_whole && start < folded.len()).then(|| Line::of(folded, Span::new(start, start)))
    }

    /// The next line with text above.
    pub(super) fn above(self, folded: &str) -> Option<Line> {
        std::iter::successors(self.before(folded), |line| line.before(folded))
            .take(HEAD)
            .find(|line| line.len(folded) > 0)
    }

    /// Whether it stands at the head or the foot of its stretch of text; headers of quoted messages are not counted.
    pub(super) fn edge(self, text: &Text<'_>) -> Option<Edge> {
        let folded = &*text.folded;
        let zone = text.zone_at(self.start);
        let is_quoted = matches!(zone, Zone::Quoted | Zone::Forwarded);
        let counts = |line: &Line| {
            let said = line.of_text(folded);
            let start = &said[..floor_boundary(said, 24)];
            line.len(folded) > 0 && !(is_quoted && start.contains(':'))
        };
        let here = |line: &Line| text.zone_at(line.start) == zone;
        let upwards = std::iter::successors(self.before(folded), |line| line.before(folded)).take(4 * HEAD);
        let mut above = upwards.collect::<Vec<Line>>();
        let reaches_top =
            above.last().is_none_or(|line| line.start == 0) || above.iter().any(|line| !here(line));
        above.truncate(above.iter().position(|line| !here(line)).unwrap_or(above.len()));
        if reaches_top && above.iter().filter(|line| counts(line)).count() < HEAD {
            return Some(Edge::Head);
        }
        let downwards = std::iter::successors(self.behind(folded), |line| line.behind(folded)).take(4 * FOOT);
        let mut below = downwards.collect::<Vec<Line>>();
        let reaches_end =
            below.last().is_none_or(|line| line.end >= folded.len()) || below.iter().any(|line| !here(line));
        below.truncate(below.iter().position(|line| !here(line)).unwrap_or(below.len()));
        let is_foot = reaches_end && below.iter().filter(|line| counts(line)).count() < FOOT;
        is_foot.then_some(Edge::Foot)
    }

    /// Whether it is an entry of a list of levels, one of them public: then none is meant.
    pub(super) fn is_among_levels(self, words: &Words<'_, '_>) -> bool {
        let folded = &*words.text.folded;
        let is_public = |line: &Line| line.is_entry_of(folded, words.released);
        let is_level = |line: &Line| is_public(line) || line.is_entry_of(folded, words.marks);
        let up = std::iter::successors(self.before(folded), |line| line.before(folded)).take(LIST);
        let down = std::iter::successors(self.behind(folded), |line| line.behind(folded)).take(LIST);
        up.take_while(is_level).any(|line| is_public(&line))
            || down.take_while(is_level).any(|line| is_public(&line))
    }

    /// Whether the line begins or ends with one of `words`, which ascend.
    fn is_entry_of(self, folded: &str, words: &[Word<'_>]) -> bool {
        let is_sign = |c: char| !c.is_alphabetic();
        let said = self.of_text(folded);
        let first = self.start + said.len() - said.trim_start_matches(is_sign).len();
        let last = self.start + said.trim_end_matches(is_sign).len();
        let from = words.partition_point(|word| word.span.start < self.start);
        words[from..]
            .iter()
            .take_while(|word| word.span.start < self.end)
            .any(|word| word.span.start <= first && word.span.end > first || word.span.end >= last)
    }

    /// What is looked at around `span` in a text that is one line.
    pub(super) fn around(folded: &str, span: Span) -> Line {
        Line {
            start: floor_boundary(folded, span.start.saturating_sub(WINDOW)),
            end: ceil_boundary(folded, span.end + WINDOW),
        }
    }
}
