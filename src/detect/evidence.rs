//! Candidates in, findings out: evidence for and against each candidate adds up, and the sum is its confidence.
//!
//! What the format and checksum are worth comes with the candidate. To that: a word that names it near by or in the heading of its column or row, or a word that
//! speaks against it there, or a keyword further off, and being one of a list. Only words of the same zone count.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use super::{
    Confidence, Finding, Ignored, Location, Value, Values,
    entity::{Candidate, Candidates, Failed},
    evasion,
    lexicon::{Hit, Lexicon},
    rivals,
};
use crate::{
    message::Message,
    normalize::Text,
    policy::{Evidence, Kind, Rule},
};

/// What the confidence of a value is the sum of, in decimal digits of odds.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What format and checksum are worth.
    pub format: f64,
    /// What the words around it say, the word as the pack has it, and what that is worth.
    pub context: Option<(Clue, Arc<str>, f64)>,
    /// What being one of a list is worth.
    pub list: f64,
    /// What is taken off because others of its form fail the check: of many, some pass by chance.
    pub chance: f64,
    /// The sum.
    pub total: f64,
}

/// What a word around a value is to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clue {
    /// It names the value, near by.
    Near,
    /// It names the value in the heading of its column or row.
    Heading,
    /// It names the value, further off.
    Far,
    /// It names the value among other things.
    Hint,
    /// It speaks against it.
    Against,
    /// It is the label of another kind of value.
    Other,
}

impl Clue {
    /// Every clue.
    pub const ALL: [Clue; 6] = [Clue::Near, Clue::Heading, Clue::Far, Clue::Hint, Clue::Against, Clue::Other];

    /// Whether it speaks for the value.
    pub fn is_for(self) -> bool {
        !matches!(self, Clue::Against | Clue::Other)
    }

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Clue::Near => "near",
            Clue::Heading => "heading",
            Clue::Far => "far",
            Clue::Hint => "hint",
            Clue::Against => "against",
            Clue::Other => "other label",
        }
    }
}

/// What candidates are weighed by.
pub(super) struct Weighing<'w, 'm> {
    pub(super) rules: &'w [Arc<Rule>],
    pub(super) evidence: Evidence,
    /// How Chinese labels of numbers end.
    pub(super) label_ends: &'w [String],
    pub(super) lexicon: &'w Lexicon,
    pub(super) texts: &'w [Text<'m>],
    pub(super) hits: &'w [Vec<Hit>],
    /// Index of the subject.
    pub(super) subject: Option<usize>,
}

impl<'w> Weighing<'w, '_> {
    /// Weighs all candidates of a message.
    pub(super) fn findings(
        &self,
        candidates: &mut Candidates<'w>,
        message: &Message<'_>,
        findings: &mut Vec<Finding>,
    ) {
        let Candidates { list, values, failed, .. } = candidates;
        let mut list = std::mem::take(list);
        if list.is_empty() {
            return;
        }
        // Of a few addresses nothing comes, whatever stands around them.
        let counted = self.count_bulk(&list, values, message);
        list.retain(|one| counted.get(&one.rule()) != Some(&None));
        // Of readings that begin together, the longest first; then as they were found.
        list.sort_unstable_by_key(|one| {
            (one.rule(), one.text(), one.span.start, std::cmp::Reverse(one.span.end), one.value.order())
        });
        for group in list.chunk_by_mut(|a, b| (a.rule(), a.text()) == (b.rule(), b.text())) {
            let around = self.surroundings(group[0].text(), group[0].rule());
            for one in group {
                // What was decoded may have named it.
                if one.context().is_none() {
                    one.set_context(self.context(one, &around));
                }
                if one.is_disguised && !self.is_labelled(one, &around) {
                    one.is_whole = false;
                }
            }
        }
        self.add_lists(&mut list, values, failed);
        let confidence = |one: &Candidate<'_>| match counted.get(&one.rule()) {
            Some(confidence) => *confidence,
            None => self.confidence(one, failed),
        };
        list.retain(|one| confidence(one).is_some());
        rivals::keep_likeliest(&mut list, |one| self.total(one, failed));
        list.shrink_to_fit();
        findings.reserve_exact(list.len());
        let found = |one| confidence(one).map(|confidence| self.finding(one, confidence, values, failed));
        findings.extend(list.iter().filter_map(found));
    }

    /// What is taken off a candidate that no word names: ten tries that fail make a chance pass ten times as likely.
    fn chance(one: &Candidate<'_>, failed: &Failed) -> f64 {
        match failed.of(one.rule()) {
            0 => 0.0,
            _ if one.is_named() => 0.0,
            failed => -((1 + failed) as f64).log10(),
        }
    }

    /// What being one of a list is worth.
    fn list(&self, one: &Candidate<'_>) -> f64 {
        if one.is_listed { self.evidence.list } else { 0.0 }
    }

    /// The evidence for a candidate.
    fn total(&self, one: &Candidate<'_>, failed: &Failed) -> f64 {
        let context = one.context().map_or(0.0, |(clue, _)| self.worth(clue));
        one.bits + self.list(one) + Weighing::chance(one, failed) + context
    }

    /// What a clue is worth.
    fn worth(&self, clue: Clue) -> f64 {
        match clue {
            Clue::Near => self.evidence.near,
            Clue::Heading => self.evidence.header,
            Clue::Far => self.evidence.far,
            Clue::Hint => self.evidence.hint,
            Clue::Against => self.evidence.negative,
            Clue::Other => self.evidence.other,
        }
    }

    fn confidence(&self, one: &Candidate<'_>, failed: &Failed) -> Option<Confidence> {
        // Sums of decimal fractions: a hair below the mark is the mark.
        let total = self.total(one, failed) + 1e-9;
        let Kind::Entity { needs_context, .. } = &self.rules[one.rule()].kind else { return None };
        if *needs_context && !one.is_named() {
            return None;
        }
        // In disguise anything looks like anything: only what is named there is believed, and is strong, or all that stands behind its label.
        let is_named = matches!(one.context(), Some((Clue::Near | Clue::Heading, _)));
        let least = if one.is_whole { self.evidence.medium_at } else { self.evidence.disguised_at };
        let lacks_label = one.needs_label && !one.is_whole;
        if one.is_disguised && (!is_named || lacks_label || total < least) {
            return None;
        }
        if total >= self.evidence.high_at {
            Some(Confidence::High)
        } else if total >= self.evidence.medium_at {
            Some(Confidence::Medium)
        } else if total >= self.evidence.low_at {
            Some(Confidence::Low)
        } else {
            None
        }
    }

    fn finding(
        &self,
        one: &Candidate<'_>,
        confidence: Confidence,
        values: &Values,
        failed: &Failed,
    ) -> Finding {
        let canonical = values.canonical(one.value);
        let text = &self.texts[one.text()];
        let ignored = match &self.rules[one.rule()].kind {
            Kind::Entity { test_values, .. }
                if test_values.iter().any(|value| value.eq_ignore_ascii_case(canonical)) =>
            {
                Some(Ignored::TestValue)
            }
            Kind::Entity { public: true, .. } => Some(Ignored::Public),
            _ => None,
        };
        Finding {
            rule: one.rule(),
            location: Location::Text { text: one.text(), span: one.span },
            confidence,
            zone: text.zone_at(one.span.start),
            evasion: one.evasion.or_else(|| evasion::of(text, one.span)),
            value: Value::Private(one.value),
            strength: 1.0,
            ignored,
            trace: Some(Trace {
                format: one.bits,
                context: one.context().map(|(clue, word)| (clue, Arc::clone(word), self.worth(clue))),
                list: self.list(one),
                chance: Weighing::chance(one, failed),
                total: self.total(one, failed),
            }),
        }
    }

    /// A value among at least `list_size` distinct ones of its kind is likelier to be one, and what names some of a list names all of it; unless as many of that
    /// form fail the check: of a column of other numbers, some pass by chance.
    fn add_lists(&self, candidates: &mut [Candidate<'w>], values: &Values, failed: &Failed) {
        let mut lists: BTreeSet<usize> = BTreeSet::new();
        let mut named: BTreeMap<(usize, usize), &'w Arc<str>> = BTreeMap::new();
        for of_rule in candidates.chunk_by(|a, b| a.rule() == b.rule()) {
            let rule = of_rule[0].rule();
            let mut distinct: HashSet<&str> = HashSet::new();
            let mut last: Option<&Candidate<'_>> = None;
            for one in of_rule {
                if let Some((_, word)) = one.context().filter(|_| one.is_named()) {
                    named.entry((rule, one.text())).or_insert(word);
                }
                // Of readings of the same digits, one counts.
                if last.is_none_or(|last| last.text() != one.text() || !last.span.overlaps(one.span)) {
                    distinct.insert(values.canonical(one.value));
                    last = Some(one);
                }
            }
            if distinct.len() >= self.evidence.list_size && distinct.len() > failed.of(rule) {
                lists.insert(rule);
            }
        }
        for one in candidates {
            if !lists.contains(&one.rule()) || one.is_disguised {
                continue;
            }
            if one.context().is_none() {
                let name = named.get(&(one.rule(), one.text()));
                one.set_context(name.map(|word| (Clue::Far, *word)));
            }
            // What has a form that nearly any number has is no likelier for being many, unless something names it.
            // And what is called another kind of number is none for being many.
            let is_called_otherwise = matches!(one.context(), Some((Clue::Against, _)));
            one.is_listed = !is_called_otherwise && (one.bits >= 0.0 || one.context().is_some());
        }
    }

    /// Confidence of the rules that look for many values at once.
    fn count_bulk(
        &self,
        candidates: &[Candidate<'_>],
        values: &Values,
        message: &Message<'_>,
    ) -> BTreeMap<usize, Option<Confidence>> {
        let mut of_rule = vec![0; self.rules.len()];
        for candidate in candidates {
            of_rule[candidate.rule()] += 1;
        }
        let mut bulk = BTreeMap::new();
        for (rule, most) in of_rule.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            let Kind::Entity { counts, .. } = &self.rules[rule].kind else { continue };
            let reached = |values: usize| counts.iter().filter(|count| values >= **count).count();
            if !counts.is_empty() {
                // Most messages hold too few, whichever of them count.
                let count =
                    if reached(most) == 0 { 0 } else { self.distinct(rule, candidates, values, message) };
                let levels = [None, Some(Confidence::Low), Some(Confidence::Medium), Some(Confidence::High)];
                bulk.insert(rule, levels[reached(count).min(3)]);
            }
        }
        bulk
    }

    /// How many distinct values of a rule count; those of the message's own correspondents do not.
    fn distinct(
        &self,
        rule: usize,
        candidates: &[Candidate<'_>],
        values: &Values,
        message: &Message<'_>,
    ) -> usize {
        let zones = &self.rules[rule].zones;
        let is_correspondent = |value: &str| {
            let header = &message.header;
            header.from.as_deref() == Some(value) || header.recipients.iter().any(|one| one == value)
        };
        let counts_in = |candidate: &&Candidate<'_>| {
            let zone = self.texts[candidate.text()].zone_at(candidate.span.start).as_str();
            zones.iter().all(|(name, factor)| name != zone || *factor > 0.0)
        };
        let of_rule = candidates.iter().filter(|candidate| candidate.rule() == rule);
        let counted = of_rule.filter(counts_in).map(|candidate| values.canonical(candidate.value));
        counted.filter(|value| !is_correspondent(value)).collect::<HashSet<_>>().len()
    }
}
