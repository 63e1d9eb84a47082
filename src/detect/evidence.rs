//! Candidates in, findings out: evidence for and against each candidate adds up, and the sum is its confidence.
//!
//! What the format and checksum are worth comes with the candidate. To that: a keyword near by or in the heading of its column or row, or a word that speaks
//! against it there, or a keyword further off, and being one of a list. Only words of the same zone count.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::{
    Confidence, Finding, Ignored, Location, Value,
    entity::Candidate,
    lexicon::{Hit, Lexicon, Role},
};
use crate::{
    extract::Cell,
    message::Message,
    normalize::Text,
    policy::{Evidence, Kind, Rule},
    span::Span,
};

/// What candidates are weighed by.
pub(super) struct Weighing<'w, 'm> {
    pub(super) rules: &'w [Arc<Rule>],
    pub(super) evidence: Evidence,
    pub(super) lexicon: &'w Lexicon,
    pub(super) texts: &'w [Text<'m>],
    pub(super) hits: &'w [Vec<Hit>],
}

impl Weighing<'_, '_> {
    /// Weighs all candidates of a message.
    pub(super) fn findings(
        &self,
        candidates: Vec<Candidate>,
        message: &Message<'_>,
        findings: &mut Vec<Finding>,
    ) {
        if candidates.is_empty() {
            return;
        }
        let mut surroundings: HashMap<(usize, usize), Surroundings> = HashMap::new();
        let mut weighed: Vec<(Candidate, f64)> = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let around = surroundings
                .entry((candidate.text, candidate.rule))
                .or_insert_with(|| self.surroundings(candidate.text, candidate.rule));
            let score = candidate.bits + self.context(&candidate, around);
            weighed.push((candidate, score));
        }
        self.add_lists(&mut weighed);
        let counted = self.count_bulk(&weighed, message);
        // Where two readings of the same bytes compete, the likelier stands.
        weighed.sort_by(|(a, x), (b, y)| {
            y.total_cmp(x).then(a.text.cmp(&b.text)).then(a.span.cmp(&b.span)).then(a.rule.cmp(&b.rule))
        });
        let mut taken: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let mut kept = Vec::new();
        for (candidate, score) in weighed {
            let confidence = match counted.get(&candidate.rule) {
                Some(confidence) => *confidence,
                None => self.confidence(score),
            };
            let Some(confidence) = confidence else { continue };
            let (text, span) = (candidate.text, candidate.span);
            let before = taken.range((text, 0)..(text, span.end)).next_back();
            if before.is_some_and(|(_, end)| *end > span.start) {
                continue;
            }
            taken.insert((text, span.start), span.end);
            kept.push(self.finding(candidate, confidence));
        }
        kept.sort_by_key(|finding| match &finding.location {
            Location::Text { text, span } => (*text, *span),
            _ => (usize::MAX, Span::default()),
        });
        findings.append(&mut kept);
    }

    fn confidence(&self, score: f64) -> Option<Confidence> {
        // Sums of decimal fractions: a hair below the mark is the mark.
        let score = score + 1e-9;
        if score >= self.evidence.high_at {
            Some(Confidence::High)
        } else if score >= self.evidence.medium_at {
            Some(Confidence::Medium)
        } else if score >= self.evidence.low_at {
            Some(Confidence::Low)
        } else {
            None
        }
    }

    fn finding(&self, candidate: Candidate, confidence: Confidence) -> Finding {
        let is_test = matches!(&self.rules[candidate.rule].kind, Kind::Entity { test_values, .. }
            if test_values.iter().any(|value| value.eq_ignore_ascii_case(&candidate.canonical)));
        Finding {
            rule: candidate.rule,
            location: Location::Text { text: candidate.text, span: candidate.span },
            confidence,
            zone: self.texts[candidate.text].zone_at(candidate.span.start),
            value: Value::Private { canonical: candidate.canonical, masked: candidate.masked },
            strength: 1.0,
            ignored: is_test.then_some(Ignored::TestValue),
        }
    }

    /// The words of a text that speak for or against the values of a rule.
    fn surroundings(&self, text: usize, rule: usize) -> Surroundings {
        let mut words: Vec<(Span, bool)> = self
            .lexicon
            .roles(&self.hits[text], rule)
            .filter_map(|(span, role)| match role {
                Role::Keyword => Some((span, true)),
                Role::Negative => Some((span, false)),
                _ => None,
            })
            .collect();
        words.sort_unstable();
        let folded = &self.texts[text].folded;
        let head = crate::span::floor_boundary(folded, LONGEST_HEADING);
        Surroundings { words, heading: folded[..head].find('\n').unwrap_or(0) }
    }

    /// Evidence of the words around a candidate.
    fn context(&self, candidate: &Candidate, around: &Surroundings) -> f64 {
        if around.words.is_empty() {
            return 0.0;
        }
        let text = &self.texts[candidate.text];
        let near = around.within(candidate.span, self.evidence.far_bytes);
        if let Some(speaks_for) = self.nearest(text, candidate.span, near) {
            return if speaks_for { self.evidence.near } else { self.evidence.negative };
        }
        if let Some(speaks_for) = around.heading(text, candidate.span) {
            return if speaks_for { self.evidence.header } else { self.evidence.negative };
        }
        let zone = text.zone_at(candidate.span.start);
        let far = near.iter().any(|(span, speaks_for)| {
            *speaks_for && !span.overlaps(candidate.span) && text.zone_at(span.start) == zone
        });
        if far { self.evidence.far } else { 0.0 }
    }

    /// What the nearest word on the same line says: the last one before the candidate, else the first one behind it.
    fn nearest(&self, text: &Text<'_>, at: Span, words: &[(Span, bool)]) -> Option<bool> {
        let folded = &text.folded;
        let near = self.evidence.near_bytes;
        let is_near = |span: Span| {
            let between = &folded[span.end.min(at.end)..span.start.max(at.start)];
            let same_line = !between.contains(['\n', '\t']);
            // The cell to the left is a label; a label may stand on the line above.
            let label_cell = span.end <= at.start && between.trim_matches([' ', ':']) == "\t";
            (same_line && between.len() <= 3 * near)
                || label_cell
                || (between.len() <= near / 4 && !between.contains('\t'))
        };
        let before = words.iter().filter(|(span, _)| span.end <= at.start && is_near(*span));
        if let Some((_, speaks_for)) = before.max_by_key(|(span, _)| (span.end, span.len())) {
            return Some(*speaks_for);
        }
        let behind =
            words.iter().filter(|(span, speaks_for)| *speaks_for && span.start >= at.end && is_near(*span));
        behind.min_by_key(|(span, _)| span.start).map(|(_, speaks_for)| *speaks_for)
    }

    /// A value among at least `list_size` distinct ones of its kind is likelier to be one.
    fn add_lists(&self, weighed: &mut [(Candidate, f64)]) {
        let mut distinct: HashMap<usize, HashSet<&str>> = HashMap::new();
        for (candidate, _) in weighed.iter() {
            distinct.entry(candidate.rule).or_default().insert(&candidate.canonical);
        }
        let lists: HashSet<usize> = distinct
            .into_iter()
            .filter(|(_, values)| values.len() >= self.evidence.list_size)
            .map(|(rule, _)| rule)
            .collect();
        for (candidate, score) in weighed {
            if lists.contains(&candidate.rule) {
                *score += self.evidence.list;
            }
        }
    }

    /// Confidence of the rules that look for many values at once; values of the message's own correspondents do not count.
    fn count_bulk(
        &self,
        weighed: &[(Candidate, f64)],
        message: &Message<'_>,
    ) -> HashMap<usize, Option<Confidence>> {
        let mut distinct: HashMap<usize, HashSet<&str>> = HashMap::new();
        for (candidate, _) in weighed {
            let rule = &self.rules[candidate.rule];
            let Kind::Entity { counts, .. } = &rule.kind else { continue };
            if counts.is_empty() {
                continue;
            }
            let zone = self.texts[candidate.text].zone_at(candidate.span.start).as_str();
            let counts_here = rule.zones.iter().all(|(name, factor)| name != zone || *factor > 0.0);
            let is_correspondent = message.header.from.as_deref() == Some(&candidate.canonical)
                || message.header.recipients.contains(&candidate.canonical);
            let values = distinct.entry(candidate.rule).or_default();
            if counts_here && !is_correspondent {
                values.insert(&candidate.canonical);
            }
        }
        distinct
            .into_iter()
            .map(|(rule, values)| {
                let Kind::Entity { counts, .. } = &self.rules[rule].kind else { return (rule, None) };
                let reached = counts.iter().filter(|count| values.len() >= **count).count();
                let levels = [None, Some(Confidence::Low), Some(Confidence::Medium), Some(Confidence::High)];
                (rule, levels[reached.min(3)])
            })
            .collect()
    }
}

/// The first line of delimited text is a heading up to this length, bytes.
const LONGEST_HEADING: usize = 4 << 10;
/// No word of a policy is longer, bytes.
const LONGEST_WORD: usize = 200;

/// What stands around the candidates of a rule in a text.
struct Surroundings {
    /// Words that speak for (true) or against, by start.
    words: Vec<(Span, bool)>,
    /// Length of the text's first line, as far as it can be a heading.
    heading: usize,
}

impl Surroundings {
    /// The words within `reach` bytes of `at`.
    fn within(&self, at: Span, reach: usize) -> &[(Span, bool)] {
        let from = self.words.partition_point(|(span, _)| span.start + LONGEST_WORD + reach < at.start);
        let to = self.words.partition_point(|(span, _)| span.start <= at.end + reach);
        &self.words[from..to.max(from)]
    }

    /// What the column heading or the label cell of a table says about a cell, at any distance.
    fn heading(&self, text: &Text<'_>, at: Span) -> Option<bool> {
        let segment = &text.zoned.segment;
        let Some(cell) = segment.cell(text.original_span(at)) else { return self.first_line(text, at) };
        let says = |heading: &Cell| {
            let heading = heading.span;
            let from =
                self.words.partition_point(|(span, _)| text.original_span(*span).start < heading.start);
            self.words[from..]
                .iter()
                .take_while(|(span, _)| text.original_span(*span).start < heading.end)
                .filter(|(span, _)| heading.contains(text.original_span(*span)))
                .max_by_key(|(span, _)| span.len())
                .map(|(_, speaks_for)| *speaks_for)
        };
        let label = (1..=2).find_map(|steps| segment.cell_left_of(cell, steps).and_then(says));
        label.or_else(|| segment.cell_above(cell).and_then(says))
    }

    /// What the first line of delimited text says about the same column.
    fn first_line(&self, text: &Text<'_>, at: Span) -> Option<bool> {
        let folded = &text.folded;
        let head = &folded[..self.heading];
        if at.start <= head.len() {
            return None;
        }
        let delimiter = [',', '\t', ';', '|'].into_iter().find(|delimiter| head.contains(*delimiter))?;
        let from = crate::span::floor_boundary(folded, at.start.saturating_sub(LONGEST_HEADING));
        let line_start = folded[from..at.start].rfind('\n').map_or(from, |newline| from + newline + 1);
        let column = folded[line_start..at.start].matches(delimiter).count();
        let field = head.split(delimiter).nth(column)?;
        let start = field.as_ptr() as usize - folded.as_ptr() as usize;
        let heading = Span::new(start, start + field.len());
        let words = &self.words[..self.words.partition_point(|(span, _)| span.start < heading.end)];
        let found = words.iter().rev().take(200).filter(|(span, _)| heading.contains(*span));
        found.max_by_key(|(span, _)| span.len()).map(|(_, speaks_for)| *speaks_for)
    }
}
