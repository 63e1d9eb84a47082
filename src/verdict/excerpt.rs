//! The line around a finding: decoded text in, an [`Excerpt`] out in which everything private is masked.
//!
//! What no rule knows may still be private, so long numbers are cut short as well. Long lines are read and shown only around the finding.

use std::collections::{BTreeSet, HashMap, HashSet};

use aho_corasick::{AhoCorasick, MatchKind};

use super::Excerpt;
use crate::{
    detect::{self, Finding, Location, Value, Values},
    normalize::Text,
    span::{Span, ceil_boundary, floor_boundary},
};

/// What excerpts may not show.
pub(super) struct Private<'f> {
    /// Private values by text and place.
    spans: HashMap<usize, Vec<(Span, &'f detect::Private)>>,
    /// The values, wherever they stand: a password is repeated without its label.
    values: Option<AhoCorasick>,
}

impl<'f> Private<'f> {
    /// Collects what was found in `texts`, as far as it may stand around what is `listed`.
    pub(super) fn of(
        findings: &'f [Finding],
        canonical: &Values,
        texts: &[Text<'_>],
        listed: &[&Finding],
    ) -> Private<'f> {
        let mut spans: HashMap<usize, Vec<(Span, &detect::Private)>> = HashMap::new();
        let mut values = BTreeSet::new();
        let grams = Grams::around(listed, texts);
        for finding in findings {
            if let Location::Text { text, span } = &finding.location
                && let Value::Private(private) = &finding.value
            {
                spans.entry(*text).or_default().push((*span, private));
                let both = [canonical.canonical(*private), texts[*text].original(*span)];
                values.extend(both.into_iter().filter(|value| grams.may_hold(value)));
            }
        }
        for list in spans.values_mut() {
            list.sort_unstable_by_key(|(span, _)| *span);
        }
        values.remove("");
        let mut finder = AhoCorasick::builder();
        finder.match_kind(MatchKind::LeftmostLongest);
        // Were the values more than it can hold, no excerpt would be worth showing.
        let values = (!values.is_empty()).then(|| finder.build(values).ok()).flatten();
        Private { spans, values }
    }

    /// The spans in a text.
    fn spans(&self, text: usize) -> &[(Span, &'f detect::Private)] {
        self.spans.get(&text).map_or(&[], Vec::as_slice)
    }

    /// A piece of a line with stars for the letters and digits of every value in it.
    fn without_values(&self, piece: &str) -> String {
        let mut shown = String::with_capacity(piece.len());
        let mut from = 0;
        for found in self.values.iter().flat_map(|values| values.find_iter(piece)) {
            shown.push_str(&piece[from..found.start()]);
            let value = &piece[found.range()];
            shown.extend(value.chars().map(|c| if c.is_alphanumeric() { '*' } else { c }));
            from = found.end();
        }
        shown.push_str(&piece[from..]);
        shown
    }
}

/// What stands around the findings that are shown, in pieces of [`GRAM`] bytes: of many values few occur there.
struct Grams<'t>(HashSet<&'t [u8]>);

/// Bytes of a piece.
const GRAM: usize = 8;

impl<'t> Grams<'t> {
    fn around(listed: &[&Finding], texts: &'t [Text<'_>]) -> Grams<'t> {
        let mut grams = HashSet::new();
        let mut read = (usize::MAX, 0);
        for finding in listed {
            let Location::Text { text: index, span } = &finding.location else { continue };
            let text = &*texts[*index].zoned.segment.text;
            let at = texts[*index].original_span(*span);
            // In order of place, so that nothing is read twice.
            let from = if read.0 == *index { read.1 } else { 0 };
            let from = floor_boundary(text, at.start.saturating_sub(WINDOW)).saturating_sub(GRAM).max(from);
            let to = ceil_boundary(text, at.end.saturating_add(WINDOW + GRAM));
            grams.extend(text.as_bytes().get(from..to).unwrap_or_default().windows(GRAM));
            read = (*index, to.saturating_sub(GRAM - 1).max(from));
        }
        Grams(grams)
    }

    /// Whether a value may occur: its beginning and its end do.
    fn may_hold(&self, value: &str) -> bool {
        let bytes = value.as_bytes();
        let ends = bytes.first_chunk::<GRAM>().zip(bytes.last_chunk::<GRAM>());
        ends.is_none_or(|(first, last)| self.0.contains(&first[..]) && self.0.contains(&last[..]))
    }
}

/// Bytes of a line that are looked at either side of a finding.
const WINDOW: usize = 600;
/// Characters of a line that are shown either side of a finding.
const CONTEXT: usize = 48;

/// The line around `span` of the folded text of that index, with every private value in it masked and every other long number as well.
pub(super) fn excerpt(folded: &Text<'_>, index: usize, span: Span, private: &Private<'_>) -> Excerpt {
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
        for c in private.without_values(piece).chars() {
            digits = if c.is_ascii_digit() { digits + 1 } else { 0 };
            line.push(match c {
                c if c.is_control() => ' ',
                // What no rule knows may still be private: long numbers are not shown whole.
                _ if digits > 6 => '*',
                c => c,
            });
        }
    };
    let spans = private.spans(index);
    let first = spans.partition_point(|(other, _)| other.end + 2 * WINDOW < span.start);
    let values = spans[first..]
        .iter()
        .take_while(|(other, _)| other.start <= span.end + 2 * WINDOW)
        .map(|(span, private)| (folded.original_span(*span), *private))
        .filter(|(span, _)| span.start < line_end && span.end > line_start);
    let masked = |(span, private): (Span, &detect::Private)| (span, Some(private.masked(span.of_str(text))));
    let mut pieces: Vec<(Span, Option<String>)> = values.map(masked).collect();
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
            Some(masked) => line.push_str(&masked),
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
    use crate::{
        Filter,
        policy::Policy,
        verdict::{Detail, Envelope},
    };

    /// The excerpt of the first finding of `rule` in a mail of plain text, the finding in brackets.
    fn shown(rule: &str, body: &str) -> String {
        let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
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
            // A value is masked where it stands again without its label.
            (
                "pii.phone-number",
                "会议号：684-213-905 密码：0812\n手机一键拨号 +867555550123,,684213905#,,#,0812#",
                "手机一键拨号 [+867*******23],,684213***#,,#,****#",
            ),
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
