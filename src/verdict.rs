//! Findings in, a [`Verdict`] out: contributions per rule, probabilities per category and of rejection, a decision and its reasons.
//!
//! The model is logistic: every rule adds log-odds, bounded per rule and per category, so each reason's share can be named. All numbers are data.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    detect::{Confidence, Finding, Ignored, Location, Value},
    extract,
    message::{Message, NotInspected},
    normalize::Text,
    policy::{Action, Category, Kind, NotInspectedAction, Policy, Rule},
    span::{Lines, Span},
    zone::Zone,
};

/// What presend says about a message.
#[derive(Debug)]
pub struct Verdict {
    /// Message-ID of the message.
    pub message_id: Option<String>,
    /// What to do.
    pub decision: Decision,
    /// Probability that the auditor rejects it, 0 to 1.
    pub probability: f64,
    /// Probability by category that it violates that category, 0 to 1.
    pub categories: [(Category, f64); 4],
    /// Rules that count against it, the weightiest first.
    pub reasons: Vec<Reason>,
    /// What counts, in reading order.
    pub findings: Vec<Found>,
    /// What was seen and does not count.
    pub ignored: Vec<Seen>,
    /// Parts that could not be read.
    pub not_inspected: Vec<NotInspected>,
    /// File names that hold private values, with those masked.
    pub masked_names: BTreeMap<String, String>,
}

/// What to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// It would go through.
    Pass,
    /// A person should look at it.
    Review,
    /// It would be rejected.
    Reject,
}

/// A rule that counts against a message.
#[derive(Debug)]
pub struct Reason {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Distinct values found.
    pub count: usize,
    /// Log-odds that it adds.
    pub contribution: f64,
    /// The terms that weigh most, as the pack has them; none for private values.
    pub terms: Vec<Arc<str>>,
}

/// One finding, placed.
#[derive(Debug)]
pub struct Found {
    /// The rule.
    pub rule: Arc<Rule>,
    /// How sure.
    pub confidence: Confidence,
    /// Its zone.
    pub zone: Zone,
    /// IMAP part number.
    pub part: String,
    /// Where for a person.
    pub place: Vec<String>,
    /// Bytes of the raw message, where they mean something.
    pub span: Option<Span>,
    /// Line and column in the raw message, from 1.
    pub position: Option<(usize, usize)>,
    /// What was found.
    pub value: Value,
    /// Keyed hash of rule and value, for waivers.
    pub fingerprint: Option<String>,
    /// The line of text around it, where the caller wants to show it.
    pub excerpt: Option<Excerpt>,
}

/// A line of decoded text with a finding in it, everything private masked.
#[derive(Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line.
    pub line: String,
    /// Bytes of `line` that are the finding.
    pub span: Span,
}

/// Something seen that does not count.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Why it does not count.
    pub why: Ignored,
    /// How often.
    pub count: usize,
}

/// Who sends and who receives.
#[derive(Clone, Debug, Default)]
pub struct Envelope {
    /// Sender; else the From header's.
    pub from: Option<String>,
    /// Recipients; else those of To, Cc and Bcc.
    pub to: Vec<String>,
}

/// How much a verdict says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Places.
    Places,
    /// Places and the lines around them.
    Excerpts,
}

impl Decision {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Pass => "pass",
            Decision::Review => "review",
            Decision::Reject => "reject",
        }
    }
}

impl Verdict {
    /// Whether every part was read.
    pub fn is_complete(&self) -> bool {
        self.not_inspected.is_empty()
    }
}

/// What a message is judged by.
pub struct Case<'c, 'm> {
    /// The policy.
    pub policy: &'c Policy,
    /// The message.
    pub message: &'c Message<'m>,
    /// Its texts.
    pub texts: &'c [Text<'c>],
    /// Who sends and receives.
    pub envelope: &'c Envelope,
    /// How much to say.
    pub detail: Detail,
    /// Findings of one rule that are listed.
    pub listed: usize,
}

impl Case<'_, '_> {
    /// Judges the findings of a message.
    pub fn judge(&self, mut findings: Vec<Finding>, not_inspected: Vec<NotInspected>) -> Verdict {
        let internal = self.is_internal();
        let mut by_rule: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, finding) in findings.iter_mut().enumerate() {
            // Standing in a disclaimer says more than standing in prose.
            if matches!(finding.ignored, None | Some(Ignored::Prose)) {
                finding.ignored = self.excuse(finding, internal).or(finding.ignored.take());
            }
            if finding.ignored.is_none() {
                by_rule.entry(finding.rule).or_default().push(index);
            }
        }
        let mut reasons: Vec<Reason> = by_rule
            .iter()
            .map(|(rule, indices)| {
                let found: Vec<&Finding> = indices.iter().map(|index| &findings[*index]).collect();
                self.reason(Arc::clone(&self.policy.rules[*rule]), &found)
            })
            .collect();
        reasons.sort_by(|a, b| b.contribution.total_cmp(&a.contribution).then(a.rule.id.cmp(&b.rule.id)));
        let (categories, probability) = self.probabilities(&reasons);
        let (decision, probability) = self.decide(&reasons, probability, &not_inspected);
        let listed = self.list(&findings, &by_rule);
        Verdict {
            message_id: self.message.header.message_id.clone(),
            decision,
            probability,
            categories,
            reasons,
            findings: listed,
            ignored: self.seen(&findings),
            not_inspected,
            masked_names: self.masked_names(&findings),
        }
    }

    /// Why a finding does not count, if it does not.
    fn excuse(&self, finding: &Finding, internal: bool) -> Option<Ignored> {
        let rule = &self.policy.rules[finding.rule];
        if internal && rule.category == Category::Confidential {
            return Some(Ignored::Internal);
        }
        if self.zone_factor(rule, finding.zone) == 0.0 {
            return Some(Ignored::Zone(finding.zone));
        }
        if self.policy.waivers.is_empty() {
            return None;
        }
        let fingerprint = self.fingerprint(finding)?;
        self.policy.waivers.get(&fingerprint).cloned().map(Ignored::Waived)
    }

    /// Keyed hash of a finding's rule and value.
    fn fingerprint(&self, finding: &Finding) -> Option<String> {
        match &finding.value {
            Value::Private { canonical, .. } => {
                Some(self.policy.fingerprint(&self.policy.rules[finding.rule].id, canonical))
            }
            Value::Term(_) | Value::None => None,
        }
    }

    fn zone_factor(&self, rule: &Rule, zone: Zone) -> f64 {
        let own = rule.zones.iter().find(|(name, _)| name == zone.as_str()).map(|(_, factor)| *factor);
        own.unwrap_or_else(|| self.policy.scoring.zone_factor(rule.category, zone.as_str()))
    }

    /// Whether the mail stays within the organisation: then nothing is disclosed.
    fn is_internal(&self) -> bool {
        let recipients =
            if self.envelope.to.is_empty() { &self.message.header.recipients } else { &self.envelope.to };
        let is_own = |address: &String| {
            let domain = address.rsplit('@').next().unwrap_or("").trim_end_matches('>').to_lowercase();
            self.policy.internal_domains.iter().any(|own| {
                domain == *own || domain.strip_suffix(own.as_str()).is_some_and(|rest| rest.ends_with('.'))
            })
        };
        !recipients.is_empty() && recipients.iter().all(is_own)
    }

    /// What the findings of a rule add.
    fn reason(&self, rule: Arc<Rule>, found: &[&Finding]) -> Reason {
        // Each distinct value counts once, where it weighs most.
        let mut shares: Vec<(&Value, f64)> = Vec::new();
        let mut index: std::collections::HashMap<&Value, usize> = std::collections::HashMap::new();
        for finding in found {
            let confidence = match finding.confidence {
                Confidence::High => self.policy.scoring.confidence.high,
                Confidence::Medium => self.policy.scoring.confidence.medium,
                Confidence::Low => self.policy.scoring.confidence.low,
            };
            let share = confidence * finding.strength * self.zone_factor(&rule, finding.zone);
            let at = *index.entry(&finding.value).or_insert_with(|| {
                shares.push((&finding.value, share));
                shares.len() - 1
            });
            shares[at].1 = shares[at].1.max(share);
        }
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        let most = shares[0].1;
        let sum = match rule.kind {
            Kind::Entity { .. } => {
                let others = shares.iter().map(|(_, share)| share).sum::<f64>() / most.max(1e-9);
                rule.weight * most + rule.growth * most.min(1.0) * others.log10().max(0.0)
            }
            // Each further term says less that is new.
            _ => shares.iter().enumerate().map(|(i, (_, share))| rule.weight * share / (i + 1) as f64).sum(),
        };
        let terms = shares
            .iter()
            .filter_map(|(value, _)| match value {
                Value::Term(term) => Some(Arc::clone(term)),
                _ => None,
            })
            .take(3)
            .collect();
        let contribution = if rule.action == Action::Note { 0.0 } else { f64::min(sum, rule.cap) };
        Reason { count: shares.len(), contribution, terms, rule }
    }

    /// Probability of each category, and of rejection.
    fn probabilities(&self, reasons: &[Reason]) -> ([(Category, f64); 4], f64) {
        let scoring = &self.policy.scoring;
        let sum_of = |category: Category| -> f64 {
            let sum = reasons.iter().filter(|r| r.rule.category == category).map(|r| r.contribution).sum();
            f64::min(sum, scoring.category_cap.get(&category).copied().unwrap_or(f64::MAX))
        };
        let categories = Category::JUDGED.map(|category| {
            let base = scoring.category_base.get(&category).copied().unwrap_or(scoring.base);
            (category, logistic(base + sum_of(category)))
        });
        let total: f64 = Category::JUDGED.iter().chain([&Category::Structure]).map(|c| sum_of(*c)).sum();
        (categories, logistic(scoring.base + total))
    }

    /// The decision, with actions and unread parts; a probability that the decision contradicts is raised to fit.
    fn decide(&self, reasons: &[Reason], probability: f64, unread: &[NotInspected]) -> (Decision, f64) {
        let scored = if probability >= self.policy.reject_at {
            Decision::Reject
        } else if probability >= self.policy.review_at {
            Decision::Review
        } else {
            Decision::Pass
        };
        let acted = reasons
            .iter()
            .map(|reason| match reason.rule.action {
                Action::Reject => Decision::Reject,
                Action::Review => Decision::Review,
                _ => Decision::Pass,
            })
            .max()
            .unwrap_or(Decision::Pass);
        let probability = match acted {
            Decision::Reject => probability.max(0.95).max(self.policy.reject_at),
            Decision::Review => probability.max(self.policy.review_at),
            Decision::Pass => probability,
        };
        let kept_out = unread
            .iter()
            .map(|part| match self.policy.not_inspected.get(part.reason.as_str()) {
                Some(NotInspectedAction::Note) => Decision::Pass,
                Some(NotInspectedAction::Reject) => Decision::Reject,
                Some(NotInspectedAction::Review) | None => Decision::Review,
            })
            .max()
            .unwrap_or(Decision::Pass);
        (scored.max(acted).max(kept_out), probability)
    }

    /// Places the findings that count, at most `listed` of a rule.
    fn list(&self, findings: &[Finding], by_rule: &BTreeMap<usize, Vec<usize>>) -> Vec<Found> {
        let mut indices: Vec<usize> =
            by_rule.values().flat_map(|indices| indices.iter().take(self.listed).copied()).collect();
        if indices.is_empty() {
            return Vec::new();
        }
        let order = |finding: &Finding| match &finding.location {
            Location::Text { text, span } => (*text, span.start),
            Location::Part { .. } => (usize::MAX - 1, 0),
            Location::Message => (usize::MAX, 0),
        };
        indices.sort_by_key(|index| (order(&findings[*index]), findings[*index].rule));
        let lines = Lines::new(self.message.raw);
        let private = (self.detail == Detail::Excerpts).then(|| private_spans(findings));
        indices.into_iter().map(|index| self.place(&findings[index], &lines, private.as_ref())).collect()
    }

    fn place(&self, finding: &Finding, lines: &Lines<'_>, private: Option<&PrivateSpans<'_>>) -> Found {
        let mut found = Found {
            rule: Arc::clone(&self.policy.rules[finding.rule]),
            confidence: finding.confidence,
            zone: finding.zone,
            part: String::new(),
            place: Vec::new(),
            span: None,
            position: None,
            value: finding.value.clone(),
            fingerprint: self.fingerprint(finding),
            excerpt: None,
        };
        match &finding.location {
            Location::Text { text: index, span } => {
                let text = &self.texts[*index];
                let segment = &text.zoned.segment;
                let original = text.original_span(*span);
                found.part = segment.part.to_owned();
                found.place.clone_from(&segment.place);
                found.place.extend(segment.cell(original).map(|cell| cell.name()));
                found.span = self.message.raw_span(segment.buffer, segment.buffer_span(original));
                found.position = found.span.map(|span| lines.position(span.start));
                found.excerpt =
                    private.map(|private| excerpt(&segment.text, original, text, *span, &private[index]));
            }
            Location::Part { number, place } => {
                found.part.clone_from(number);
                found.place.clone_from(place);
            }
            Location::Message => {}
        }
        found
    }

    /// File names with their private values masked: a name is shown in many places.
    fn masked_names(&self, findings: &[Finding]) -> BTreeMap<String, String> {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for finding in findings {
            let (Location::Text { text, span }, Value::Private { masked, .. }) =
                (&finding.location, &finding.value)
            else {
                continue;
            };
            let text = &self.texts[*text];
            if text.zoned.segment.kind != extract::Kind::FileName {
                continue;
            }
            let shown = names
                .entry(text.zoned.segment.text.clone().into_owned())
                .or_insert_with(|| text.zoned.segment.text.clone().into_owned());
            *shown = shown.replace(text.original(*span), masked);
        }
        names
    }

    /// What was seen and does not count, by rule and reason.
    fn seen(&self, findings: &[Finding]) -> Vec<Seen> {
        let mut seen: BTreeMap<(usize, Ignored), usize> = BTreeMap::new();
        for finding in findings {
            if let Some(why) = &finding.ignored {
                *seen.entry((finding.rule, why.clone())).or_default() += 1;
            }
        }
        seen.into_iter()
            .map(|((rule, why), count)| Seen { rule: Arc::clone(&self.policy.rules[rule]), why, count })
            .collect()
    }
}

fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// Spans of private values by text, with their masks.
type PrivateSpans<'f> = std::collections::HashMap<usize, Vec<(Span, &'f str)>>;

fn private_spans(findings: &[Finding]) -> PrivateSpans<'_> {
    let mut spans: PrivateSpans<'_> = std::collections::HashMap::new();
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

/// The line of `text` around `at`, with every private value in it masked and every other long number as well.
fn excerpt(text: &str, at: Span, folded: &Text<'_>, span: Span, private: &[(Span, &str)]) -> Excerpt {
    let start = crate::span::floor_boundary(text, at.start);
    let from = crate::span::floor_boundary(text, start.saturating_sub(WINDOW));
    let line_start = text[from..start].rfind('\n').map_or(from, |n| from + n + 1);
    let end = crate::span::ceil_boundary(text, at.end);
    let to = crate::span::ceil_boundary(text, end + WINDOW);
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
        from = crate::span::ceil_boundary(text, span.end);
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
