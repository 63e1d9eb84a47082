//! Weighted terms: which of them a message holds, and what they come to.
//!
//! Each counts once in a message, with the share of the zone where it counts most. A message holds dozens, so only those that weigh most become findings;
//! what the others come to is one finding of the message as a whole.

use std::sync::Arc;

use super::{Confidence, Finding, Location, Value};
use crate::{
    extract::Kind as SegmentKind,
    normalize::Text,
    policy::{Kind, Policy},
    span::Span,
    zone::Zone,
};

/// The terms of all weighted rules.
#[derive(Debug, Default)]
pub(super) struct Weights {
    terms: Vec<Term>,
    /// Of each weighted rule its index and its shares by zone.
    rules: Vec<(usize, [f64; Zone::ALL.len()])>,
}

#[derive(Debug)]
struct Term {
    /// Index in `Weights::rules`.
    rule: usize,
    text: Arc<str>,
    weight: f64,
}

/// The weighted terms that a message holds.
#[derive(Debug, Default)]
pub(super) struct Present {
    /// Where in `found` each term is, from 1; nothing until one is found. Words that stand everywhere are met so often that they must not be searched for.
    index: Vec<u32>,
    found: Vec<Place>,
}

/// Where a term counts most.
#[derive(Clone, Copy, Debug)]
struct Place {
    term: u32,
    share: f64,
    zone: Zone,
    text: usize,
    span: Span,
}

impl Weights {
    /// Terms of a rule that become findings.
    const SHOWN: usize = 3;

    pub(super) fn compile(policy: &Policy) -> Weights {
        let mut weights = Weights::default();
        for (index, rule) in policy.rules.iter().enumerate() {
            if let Kind::Weighted { terms } = &rule.kind {
                let shares = Zone::ALL.map(|zone| policy.scoring.share(rule, zone.as_str()));
                weights.terms.extend(terms.iter().map(|term| Term {
                    rule: weights.rules.len(),
                    text: Arc::from(term.term.as_str()),
                    weight: term.weight,
                }));
                weights.rules.push((index, shares));
            }
        }
        weights
    }

    /// Takes note of a term in text number `index`.
    pub(super) fn note(&self, term: u32, index: usize, text: &Text<'_>, span: Span, present: &mut Present) {
        let rule = self.terms[term as usize].rule;
        let known =
            present.index.get(term as usize).filter(|place| **place > 0).map(|place| *place as usize - 1);
        if known.is_some_and(|known| present.found[known].share >= 1.0) {
            return;
        }
        let kind = text.zoned.segment.kind;
        if matches!(kind, SegmentKind::Names | SegmentKind::FileName | SegmentKind::Links) {
            return;
        }
        let zone = text.zone_at(span.start);
        let share = self.rules[rule].1[zone as usize];
        let place = Place { term, share, zone, text: index, span };
        match known {
            None if share > 0.0 => {
                present.found.push(place);
                present.index.resize(self.terms.len(), 0);
                present.index[term as usize] = present.found.len() as u32;
            }
            Some(known) if share > present.found[known].share => present.found[known] = place,
            _ => {}
        }
    }

    /// What each weighted rule finds: the terms that weigh most, where they speak for it on the whole, and the sum of the others.
    pub(super) fn findings(&self, present: &Present, findings: &mut Vec<Finding>) {
        for (number, (rule, _)) in self.rules.iter().enumerate() {
            let weight = |place: &Place| self.terms[place.term as usize].weight * place.share;
            let mut found: Vec<&Place> =
                present.found.iter().filter(|place| self.terms[place.term as usize].rule == number).collect();
            if found.is_empty() {
                continue;
            }
            let sum: f64 = found.iter().map(|place| weight(place)).sum();
            found.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.term.cmp(&b.term)));
            let shown = if sum > 0.0 { Weights::SHOWN } else { 0 };
            let shown = found.iter().take(shown).filter(|place| weight(place) > 0.0);
            let mut rest = sum;
            for place in shown {
                rest -= weight(place);
                findings.push(Finding {
                    location: Location::Text { text: place.text, span: place.span },
                    zone: place.zone,
                    value: Value::Term(Arc::clone(&self.terms[place.term as usize].text)),
                    ..finding(*rule, weight(place))
                });
            }
            findings.push(finding(*rule, rest));
        }
    }

    /// The weighted terms of a message, by their number in pack order, each with its share.
    pub(super) fn shares(present: &Present) -> Vec<(u32, f64)> {
        let mut shares: Vec<(u32, f64)> =
            present.found.iter().map(|place| (place.term, place.share)).collect();
        shares.sort_unstable_by_key(|(term, _)| *term);
        shares
    }
}

/// A finding of a weighted rule in the message as a whole.
fn finding(rule: usize, strength: f64) -> Finding {
    Finding {
        rule,
        location: Location::Message,
        confidence: Confidence::High,
        zone: Zone::Header,
        value: Value::None,
        strength,
        ignored: None,
        evasion: None,
        trace: None,
    }
}
