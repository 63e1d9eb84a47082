//! Markings: a word such as CONFIDENTIAL counts only where and as markings stand, never in prose.
//!
//! Position and form decide: in a subject or file name set apart by brackets or at its edge, alone on a short line, or behind a label.

use super::Confidence;
use crate::{extract::Kind, normalize::Text, span::Span};

/// A line longer than this is prose, in characters.
const SHORT_LINE: usize = 60;
/// How far a line is looked at either side of a term, bytes; more than a short line has.
const WINDOW: usize = 400;
/// So much of a line may be something else than markings, in letters and digits.
const STRANGERS: usize = 12;

/// How sure it is that the term at `span` is a marking; `None`: it is prose. `labels`: words such as `Classification` of the same rule.
pub(super) fn form(text: &Text<'_>, span: Span, labels: &[Span]) -> Option<Confidence> {
    let folded = &text.folded;
    // A line is looked at so far and no further: what is longer is prose.
    let from = crate::span::floor_boundary(folded, span.start.saturating_sub(WINDOW));
    let to = crate::span::ceil_boundary(folded, span.end + WINDOW);
    let start = folded[from..span.start].rfind('\n').map_or(from, |at| from + at + 1);
    let end = folded[span.end..to].find('\n').map_or(to, |at| span.end + at);
    let line = &folded[start..end];
    let before = &folded[start..span.start];
    let after = &folded[span.end..end];
    // 机密★10年: the star is the mark of state secrets wherever it stands.
    if folded[span.start..span.end].contains('★') {
        return Some(Confidence::High);
    }
    if bracketed(before, after)
        && (text.zoned.segment.kind != Kind::Plain || line.chars().count() <= 2 * SHORT_LINE)
    {
        return Some(Confidence::High);
    }
    if labelled(folded, start, span, after, labels) {
        return Some(Confidence::High);
    }
    match text.zoned.segment.kind {
        Kind::Subject => {
            let apart = |side: &str, edge: bool| {
                let side = side.trim();
                side.is_empty()
                    || if edge { side.ends_with(SEPARATORS) } else { side.starts_with(SEPARATORS) }
            };
            let first = before.trim().is_empty() || is_reply_prefix(before);
            // `机密 三季度预算`, `CONFIDENTIAL Q3 numbers`; but `Confidential report attached` is prose.
            let spaced = after.starts_with(' ') && !is_lower_case(text.original(span));
            ((first && (spaced || apart(after, false))) || (after.trim().is_empty() && apart(before, true)))
                .then_some(Confidence::High)
        }
        Kind::FileName => {
            let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() || SEPARATORS.contains(&c));
            (edge(before.chars().next_back()) || edge(after.chars().next())).then_some(Confidence::Medium)
        }
        Kind::Names | Kind::Links => None,
        _ => own_line(text, line, span, start),
    }
}

/// What sets a marking apart from the rest of a subject.
const SEPARATORS: &[char] =
    &['-', ':', '|', '/', ']', '[', '】', '【', ')', '(', '》', '《', '_', '·', '!', ',', ';'];

/// Whether brackets stand directly around the term, or around it and other marking words.
fn bracketed(before: &str, after: &str) -> bool {
    const PAIRS: &[(char, char)] = &[
        ('[', ']'),
        ('【', '】'),
        ('(', ')'),
        ('《', '》'),
        ('<', '>'),
        ('*', '*'),
        ('〔', '〕'),
        ('{', '}'),
    ];
    let (before, after) = (before.trim_end(), after.trim_start());
    PAIRS.iter().filter(|(open, _)| *open != '《' && *open != '(').any(|(open, close)| {
        let opened = before.rfind(*open).filter(|at| before[*at + open.len_utf8()..].chars().count() <= 12);
        let closed = after.find(*close).filter(|at| after[..*at].chars().count() <= 24);
        match (opened, closed) {
            (Some(at), Some(_)) => *open != '*' || at + 1 == before.len(),
            _ => false,
        }
    }) || (before.ends_with('(')
        && after.starts_with(')')
        && before.trim_end_matches('(').trim().chars().count() <= 24)
}

/// Whether a label and a colon stand before the term, and little stands behind it.
fn labelled(folded: &str, line: usize, span: Span, after: &str, labels: &[Span]) -> bool {
    let first = labels.partition_point(|label| label.start < line);
    labels[first..].iter().take_while(|label| label.end <= span.start).any(|label| {
        let between = folded[label.end..span.start].trim();
        let begins = folded[line..label.start].chars().filter(|c| c.is_alphanumeric()).count() <= 8;
        let ends =
            after.split([',', '，', '。', ';', '；', '\t', '|']).next().unwrap_or("").chars().count() <= 16;
        begins && ends && matches!(between, ":" | "=" | ":[" | ":【" | "为:" | "level:" | "等级:" | "级别:")
    })
}

/// Whether the line is short and says little more than markings, in capitals where the script has them.
fn own_line(text: &Text<'_>, line: &str, span: Span, line_start: usize) -> Option<Confidence> {
    if line.trim().chars().count() > SHORT_LINE {
        return None;
    }
    let others = line
        .char_indices()
        .filter(|(at, c)| {
            c.is_alphanumeric() && !(line_start + at >= span.start && line_start + at < span.end)
        })
        .count();
    // A sentence ends with a full stop, addresses someone, or asks.
    if line.trim_end().ends_with(['.', '。', '?', '？', ',', '，', ':', '；', ';']) && others > 0 {
        return None;
    }
    let original = text.original(span);
    let latin = original.chars().any(|c| c.is_ascii_alphabetic());
    let capitals = latin && !is_lower_case(original);
    let near_top = line_start <= WINDOW && text.folded[..line_start].matches('\n').count() < 4;
    let alone = others == 0;
    match (alone, capitals) {
        (true, _) if !latin || capitals || near_top => Some(Confidence::High),
        (true, _) => Some(Confidence::Medium),
        (false, true) if others <= 2 * STRANGERS && near_top => Some(Confidence::High),
        (false, true) if others <= 2 * STRANGERS => Some(Confidence::Medium),
        (false, false) if !latin && others <= STRANGERS / 2 => Some(Confidence::Medium),
        _ => None,
    }
}

/// Whether Latin letters of a term are not all capitals.
fn is_lower_case(original: &str) -> bool {
    original.chars().any(|c| c.is_ascii_lowercase())
}

fn is_reply_prefix(before: &str) -> bool {
    let before = before.trim();
    before.len() <= 12 && before.ends_with(':')
}
