//! The line around a finding: decoded text in, an [`Excerpt`] out in which everything private is masked.
//!
//! What no rule knows may still be private, so long numbers are cut short as well. Long lines are read and shown only around the finding.

use std::collections::HashMap;

use super::Excerpt;
use crate::{
    detect::{Finding, Location, Value},
    normalize::Text,
    span::{Span, ceil_boundary, floor_boundary},
};

/// Spans of private values by text, with their masks.
pub(super) type PrivateSpans<'f> = HashMap<usize, Vec<(Span, &'f str)>>;

pub(super) fn private_spans(findings: &[Finding]) -> PrivateSpans<'_> {
    let mut spans: PrivateSpans<'_> = HashMap::new();
    for finding in findings {
        if let Location::Text { text, span } = &finding.location {
            let private = spans.entry(*text).or_default();
            if let Value::Private { masked, .. } = &finding.value {
                private.push((*span, masked));
            }
        }
    }
    for list in spans.values_mut() {
        list.sort();
    }
    spans
}

/// Bytes of a line that are looked at either side of a finding.
const WINDOW: usize = 600;
/// Characters of a line that are shown either side of a finding.
const CONTEXT: usize = 48;

/// The line around `span` of a folded text, with every private value in it masked and every other long number as well.
pub(super) fn excerpt(folded: &Text<'_>, span: Span, private: &[(Span, &str)]) -> Excerpt {
    let text = &*folded.zoned.segment.text;
    let at = folded.original_span(span);
    let start = floor_boundary(text, at.start);
    let from = floor_boundary(text, start.saturating_sub(WINDOW));
    let line_start = text[from..start].rfind('\n').map_or(from, |n| from + n + 1);
    let end = ceil_boundary(text, at.end);
    let to = ceil_boundary(text, end + WINDOW);
    let line_end = text[end..to].find('\n').map_or(to, |n| end + n);
    let mut line = String::new();
    let mut shown = Span::default();
    let mut from = line_start;
    let push = |piece: &str, line: &mut String| {
        let mut digits = 0;
        for c in piece.chars() {
            digits = if c.is_ascii_digit() { digits + 1 } else { 0 };
            line.push(match c {
                c if c.is_control() => ' ',
                // What no rule knows may still be private: long numbers are not shown whole.
                _ if digits > 6 => '*',
                c => c,
            });
        }
    };
    let first = private.partition_point(|(other, _)| other.end + 2 * WINDOW < span.start);
    let values = private[first..]
        .iter()
        .take_while(|(other, _)| other.start <= span.end + 2 * WINDOW)
        .map(|(span, masked)| (folded.original_span(*span), *masked))
        .filter(|(span, _)| span.start < line_end && span.end > line_start);
    let mut pieces: Vec<(Span, Option<&str>)> = values.map(|(span, masked)| (span, Some(masked))).collect();
    if !pieces.iter().any(|(span, _)| span.overlaps(at)) {
        pieces.push((at, None));
    }
    pieces.sort();
    for (span, masked) in pieces {
        if span.start < from {
            continue;
        }
        push(Span::new(from, span.start).of_str(text), &mut line);
        let start = line.len();
        match masked {
            Some(masked) => line.push_str(masked),
            None => push(Span::new(span.start, span.end.min(line_end)).of_str(text), &mut line),
        }
        if span.overlaps(at) {
            shown = Span::new(start, line.len());
        }
        from = ceil_boundary(text, span.end);
    }
    if from < line_end {
        push(&text[from..line_end], &mut line);
    }
    cut(&line, shown)
}

/// Cuts a long line to what stands around the finding.
fn cut(line: &str, shown: Span) -> Excerpt {
    let start = line[..shown.start].char_indices().rev().nth(CONTEXT - 1).map_or(0, |(at, _)| at);
    let found = &line[shown.start..shown.end];
    // A value that runs over lines is shown by its first characters.
    let found_len = found.char_indices().nth(80).map_or(found.len(), |(at, _)| at);
    let behind = &line[shown.start + found_len..];
    let end = shown.start + found_len + behind.char_indices().nth(CONTEXT).map_or(behind.len(), |(at, _)| at);
    let (lead, trail) = (if start > 0 { "…" } else { "" }, if end < line.len() { "…" } else { "" });
    let text = format!("{lead}{}{trail}", &line[start..end]);
    let from = shown.start - start + lead.len();
    let trimmed = text.trim_end().len().max(from + found_len);
    Excerpt { line: text[..trimmed].to_owned(), span: Span::new(from, from + found_len) }
}

#[cfg(test)]
mod tests {
    use crate::{Filter, detect::Workload, policy::Policy, verdict::Envelope};

    /// The excerpt of the first finding of `rule` in a mail of plain text, the finding in brackets.
    fn shown(rule: &str, body: &str) -> String {
        let filter = Filter::new(Policy::shipped(), Workload::Single).expect("the shipped policy compiles");
        let raw = format!("Content-Type: text/plain; charset=utf-8\n\n{body}\n");
        let verdict = filter.check(raw.as_bytes(), &Envelope::default());
        let found = verdict.findings.iter().find(|found| found.rule.id == rule).expect("it is found");
        let excerpt = found.excerpt.as_ref().expect("a single message has excerpts");
        let (before, rest) = excerpt.line.split_at(excerpt.span.start);
        let (value, after) = rest.split_at(excerpt.span.len());
        format!("{before}[{value}]{after}")
    }

    #[test]
    fn everything_private_in_the_line_is_masked() {
        for (rule, body, want) in [
            (
                "pii.cn-resident-id",
                "前一行\n张三的身份证号：110101199003071233，谢谢\n后一行",
                "张三的身份证号：[110101********1233]，谢谢",
            ),
            // Another finding of the line is masked as well, and so is a number that no rule knows.
            (
                "pii.cn-resident-id",
                "工号 20261122334455，身份证号：110101199003071233，银行卡号 4111 1111 1111 1111",
                "工号 202611********，身份证号：[110101********1233]，银行卡号 4111 11** **** 1111",
            ),
            ("advertising.urgency", "Order 1234567890: act now", "Order 123456****: [act now]"),
        ] {
            assert_eq!(shown(rule, body), want, "{body}");
        }
    }

    #[test]
    fn a_long_line_is_cut_around_the_finding() {
        let long = "字".repeat(900);
        let line = shown("pii.cn-resident-id", &format!("{long}身份证号：110101199003071233，{long}"));
        let want = format!("…{}身份证号：[110101********1233]，{}…", "字".repeat(43), "字".repeat(47));
        assert_eq!(line, want);
    }
}
