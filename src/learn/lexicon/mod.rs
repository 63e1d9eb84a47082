//! Messages that were approved and refused in, the weighted terms out by which they are told apart.
//!
//! Terms are phrases of the text as the detectors see it, found by the same index. Sources count alike however large they are, and the measure is
//! always mail of a source that was left out: a split at random would only show that mails of one source are alike.

mod grams;
mod logistic;
mod metrics;
mod report;

use std::collections::{BTreeMap, HashSet};

pub use self::report::Report;
use self::{
    grams::{Counts, Demands},
    logistic::{Base, Column, Fit, Row},
};
use crate::{
    Filter,
    error::Error,
    extract::{self, Kind as SegmentKind},
    message::Message,
    normalize::{self, Text, fold_term},
    policy::{Category, Kind, Policy, Rule, WeightedTerm},
    verdict::{Detail, Envelope},
    zone::Zone,
};

/// What is to be learned.
#[derive(Clone, Debug)]
pub struct Task {
    /// The category that positives violate.
    pub category: Category,
    /// Rules whose place the learned terms take.
    pub replace: Vec<String>,
    /// Terms that a person weighted: where the fit starts from.
    pub given: Vec<WeightedTerm>,
    /// Phrases that are never learned.
    pub exclude: Vec<String>,
    /// How many terms are learned at most.
    pub terms: usize,
    /// Whether the weights of the other rules of the category are fitted too, as factors to what they are.
    pub rules: bool,
}

/// Where a message comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Number of its source.
    pub source: u32,
    /// Number of its group: messages of one kind within a source.
    pub group: u32,
    /// Whether it violates the category.
    pub is_positive: bool,
}

/// A message while it is learned from.
#[derive(Clone, Debug)]
pub struct Sample {
    origin: Origin,
    /// What the other rules of the category add, by their number.
    rules: Vec<(u32, f64)>,
    /// Terms that it holds, with the share of their zone.
    terms: Vec<(u32, f64)>,
}

/// Learns from messages in two passes: which phrases there are, and which message holds which.
#[derive(Debug)]
pub struct Learner {
    task: Task,
    filter: Filter,
    /// Names of the rules whose contributions are known.
    rules: Vec<String>,
    shares: BTreeMap<&'static str, f64>,
    base: Base,
}

/// The terms of the second pass, in a machine that finds them.
#[derive(Debug)]
pub struct Candidates {
    filter: Filter,
    terms: Vec<WeightedTerm>,
}

/// Where phrases are counted by message.
#[derive(Debug, Default)]
pub struct Phrases(Counts, HashSet<u32>);

/// How far a weight may be from the one that a person gave, as a factor to it: who gives little is sure that it is little.
const SPREAD: f64 = 1.25;
/// How strongly a learned weight is drawn to nothing, and a rule's factor to one.
const RIDGE_LEARNED: f64 = 5.0;
const RIDGE_RULE: f64 = 0.5;
/// How much a learned term must say.
const LASSO: f64 = 0.15;
/// A source counts as its messages, at most as so many.
const SOURCE: f64 = 80.0;
/// A learned term stands in so many groups of messages, so that it is no mark of one source.
const GROUPS: usize = 6;
/// Learned terms that weigh less are left out: they cost time and tell next to nothing.
const LEAST: f64 = 0.05;
/// Who gives a term gives it at least so much.
const GIVEN: f64 = 0.15;
/// How strongly the log-odds of a message with no term are drawn to those of the policy: terms of all languages share them.
const RIDGE_BASE: f64 = 1000.0;

impl Learner {
    /// A learner of a task under a policy. A rule of `replace` that does not exist is an error.
    pub fn new(mut policy: Policy, task: Task) -> Result<Learner, Error> {
        let mut shares: Option<BTreeMap<&'static str, f64>> = None;
        for id in &task.replace {
            let Some(rule) = policy.rule(id) else {
                let near =
                    policy.nearest(id).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                return Err(Error::Usage(format!("no rule is called `{id}`{near}")));
            };
            shares = shares.or(Some(zone_shares(&policy, rule)));
        }
        let shares = shares.unwrap_or_else(|| {
            let share =
                |zone: Zone| (zone.as_str(), policy.scoring.zone_factor(task.category, zone.as_str()));
            Zone::ALL.map(share).into_iter().collect()
        });
        // Rules that need promotion say what is wrong with an advertisement, not that it is one.
        policy.rules.retain(|rule| !rule.needs_promotion && !task.replace.contains(&rule.id));
        // So that rules that only hint are told as well.
        policy.review_at = 0.0;
        let of_category = |rule: &&std::sync::Arc<Rule>| rule.category == task.category;
        let rules = policy.rules.iter().filter(of_category).map(|rule| rule.id.clone()).collect();
        let scoring = &policy.scoring;
        let given = scoring.category_base.get(&task.category).copied().unwrap_or(scoring.base);
        let base = Base { given, ridge: RIDGE_BASE };
        Ok(Learner { filter: Filter::new(policy, Detail::Places)?, task, rules, shares, base })
    }

    /// First pass: counts the phrases of a message, which weighs `weight`, and tells what the other rules make of it.
    pub fn read(&self, raw: &[u8], origin: Origin, weight: f64, phrases: &mut Phrases) -> Sample {
        let verdict = self.filter.check(raw, &Envelope::default());
        let rules = verdict.reasons.iter().filter_map(|reason| {
            let number = self.rules.iter().position(|id| *id == reason.rule.id)?;
            (reason.contribution != 0.0).then_some((number as u32, reason.contribution))
        });
        let rules = rules.collect();
        self.with_texts(raw, |texts| {
            let mut grams = HashSet::new();
            for text in texts.iter().filter(|text| is_text(text.zoned.segment.kind)) {
                let mut start = 0;
                for line in text.folded.split_inclusive('\n') {
                    if self.shares.get(text.zone_at(start).as_str()).is_some_and(|share| *share > 0.0) {
                        grams::of_line(line, &mut grams);
                    }
                    start += line.len();
                }
            }
            phrases.1.insert(origin.group);
            phrases.0.add(grams.into_iter(), origin.group, origin.is_positive, weight);
        });
        Sample { origin, rules, terms: Vec::new() }
    }

    fn with_texts(&self, raw: &[u8], read: impl FnOnce(&[Text<'_>])) {
        let message = Message::parse(raw, &self.filter.limits);
        let extracted = extract::all(&message, &self.filter.markup, &self.filter.limits);
        read(&normalize::all(self.filter.wording.mark(extracted.segments)));
    }

    /// The terms that the second pass looks for, of `messages` with the given total weight of each kind.
    pub fn candidates(&self, phrases: Phrases, messages: usize, total: f64) -> Result<Candidates, Error> {
        let demands = Demands {
            messages: (messages / 1000).clamp(4, 12) as u32,
            groups: (phrases.1.len() / 3).clamp(1, GROUPS),
            at_most: self.task.terms.saturating_mul(3),
        };
        let mut terms = self.task.given.clone();
        let mut known: HashSet<String> = terms
            .iter()
            .map(|term| &term.term)
            .chain(&self.task.exclude)
            .map(|term| fold_term(term))
            .collect();
        for gram in phrases.0.select(demands, total) {
            if known.insert(gram.clone()) {
                terms.push(WeightedTerm { term: gram, weight: 0.0, given: None });
            }
        }
        if terms.is_empty() {
            return Err(Error::Usage(
                "no phrase stands in enough of the messages; give more messages".into(),
            ));
        }
        let mut policy = self.filter.policy.clone();
        let mut rule = match policy.rules.first() {
            Some(rule) => Rule::clone(rule),
            None => return Err(Error::Usage("no rule is left in the policy; replace fewer".into())),
        };
        rule.category = self.task.category;
        rule.kind = Kind::Weighted { terms: terms.clone() };
        rule.zones = self.shares.iter().map(|(zone, share)| ((*zone).to_owned(), *share)).collect();
        policy.rules = vec![rule.into()];
        Ok(Candidates { filter: Filter::new(policy, Detail::Places)?, terms })
    }

    /// Second pass: which terms a message holds.
    pub fn find(&self, candidates: &Candidates, raw: &[u8], sample: &mut Sample) {
        self.with_texts(raw, |texts| sample.terms = candidates.filter.detectors.weighted(texts));
    }

    /// Fits the terms to the samples, and measures on every source by what the others teach.
    pub fn fit(&self, candidates: &Candidates, samples: &[Sample], sources: &[String]) -> Report {
        let all: Vec<&Sample> = samples.iter().collect();
        let chosen = self.choose(candidates, &all);
        let fit = self.fit_chosen(&candidates.terms, &chosen, &all);
        let mut left_out = Vec::new();
        for source in 0..sources.len() as u32 {
            let (of, others): (Vec<&Sample>, Vec<&Sample>) =
                all.iter().copied().partition(|sample| sample.origin.source == source);
            let has = |kind: bool| others.iter().any(|sample| sample.origin.is_positive == kind);
            if of.is_empty() || !has(true) || !has(false) {
                continue;
            }
            // Which terms are looked at is chosen anew as well: the source must not have had a say.
            let chosen = self.choose(candidates, &others);
            let fit = self.fit_chosen(&candidates.terms, &chosen, &others);
            let scored = of.iter().map(|s| (self.score(&fit, &chosen, s), s.origin.is_positive));
            left_out.push((sources[source as usize].clone(), scored.collect()));
        }
        let mut terms: Vec<WeightedTerm> = chosen
            .iter()
            .zip(&fit.weights)
            .map(|(term, weight)| WeightedTerm { weight: *weight, ..candidates.terms[*term].clone() })
            .collect();
        terms.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.term.cmp(&b.term)));
        let rules = match self.task.rules {
            true => self.rules.iter().cloned().zip(fit.weights[chosen.len()..].iter().copied()).collect(),
            false => Vec::new(),
        };
        let trained = all.iter().map(|s| (self.score(&fit, &chosen, s), s.origin.is_positive)).collect();
        Report { terms, rules, base: fit.base, left_out, trained }
    }

    /// The terms that are worth a place, by their number: the given ones, and the learned ones that a lasso keeps and that weigh enough without it.
    fn choose(&self, candidates: &Candidates, samples: &[&Sample]) -> Vec<usize> {
        let everything: Vec<usize> = (0..candidates.terms.len()).collect();
        let fit = self.regress(&candidates.terms, &everything, samples, LASSO);
        let is_given = |term: &usize| candidates.terms[*term].given.is_some();
        let (mut chosen, mut learned): (Vec<usize>, Vec<usize>) = everything.into_iter().partition(is_given);
        learned.retain(|term| fit.weights[*term] != 0.0);
        learned.sort_by(|a, b| fit.weights[*b].abs().total_cmp(&fit.weights[*a].abs()).then(a.cmp(b)));
        learned.truncate(self.task.terms);
        chosen.extend(learned);
        chosen.sort_unstable();
        let fit = self.fit_chosen(&candidates.terms, &chosen, samples);
        let weighs = |(term, weight): &(usize, f64)| is_given(term) || weight.abs() >= LEAST;
        chosen.into_iter().zip(fit.weights).filter(weighs).map(|(term, _)| term).collect()
    }

    fn fit_chosen(&self, terms: &[WeightedTerm], chosen: &[usize], samples: &[&Sample]) -> Fit {
        self.regress(terms, chosen, samples, 0.0)
    }

    /// Columns of the chosen terms, and behind them of the rules where they are fitted too.
    fn regress(&self, terms: &[WeightedTerm], chosen: &[usize], samples: &[&Sample], lasso: f64) -> Fit {
        let mut place = vec![usize::MAX; terms.len()];
        let mut columns: Vec<Column> = Vec::new();
        for term in chosen {
            place[*term] = columns.len();
            columns.push(match terms[*term].given {
                Some(given) => Column { given, ridge: ridge(given), ..Column::default() },
                None => Column { ridge: RIDGE_LEARNED, lasso, ..Column::default() },
            });
        }
        let rules = columns.len();
        if self.task.rules {
            let column = Column { given: 1.0, ridge: RIDGE_RULE, ..Column::default() };
            columns.resize(rules + self.rules.len(), column);
        }
        let weights = weights(samples.iter().map(|sample| sample.origin));
        let mut rows = Vec::with_capacity(samples.len());
        for (index, sample) in samples.iter().enumerate() {
            let mut offset = 0.0;
            for (rule, contribution) in &sample.rules {
                match columns.get_mut(rules + *rule as usize) {
                    Some(column) => column.rows.push((index as u32, *contribution as f32)),
                    None => offset += contribution,
                }
            }
            for (term, share) in &sample.terms {
                if let Some(column) = columns.get_mut(place[*term as usize]) {
                    column.rows.push((index as u32, *share as f32));
                }
            }
            rows.push(Row { is_positive: sample.origin.is_positive, weight: weights[index], offset });
        }
        logistic::fit(&columns, &rows, self.base)
    }

    /// Log-odds of a sample.
    fn score(&self, fit: &Fit, chosen: &[usize], sample: &Sample) -> f64 {
        let rule = |number: u32| match self.task.rules {
            true => fit.weights[chosen.len() + number as usize],
            false => 1.0,
        };
        let rules: f64 = sample.rules.iter().map(|(number, value)| rule(*number) * value).sum();
        let terms = sample.terms.iter().filter_map(|(term, share)| {
            chosen.binary_search(&(*term as usize)).ok().map(|place| fit.weights[place] * share)
        });
        fit.base + rules + terms.sum::<f64>()
    }
}

/// How much each message counts: as many as its source has, at most so many, shared by the groups of the source alike; positives and negatives as much.
pub fn weights(origins: impl Iterator<Item = Origin> + Clone) -> Vec<f64> {
    let mut messages: BTreeMap<Origin, f64> = BTreeMap::new();
    for origin in origins.clone() {
        *messages.entry(origin).or_default() += 1.0;
    }
    let mut sources: BTreeMap<(u32, bool), (f64, f64)> = BTreeMap::new();
    for (origin, count) in &messages {
        let (all, groups) = sources.entry((origin.source, origin.is_positive)).or_default();
        *all += count;
        *groups += f64::sqrt(*count);
    }
    let of = |origin: &Origin| {
        let (all, groups) = sources[&(origin.source, origin.is_positive)];
        f64::min(all, SOURCE) / groups / f64::sqrt(messages[origin])
    };
    let mut totals = [0.0; 2];
    for origin in origins.clone() {
        totals[usize::from(origin.is_positive)] += of(&origin);
    }
    let half = totals.iter().sum::<f64>() / 2.0;
    origins.map(|origin| of(&origin) * half / totals[usize::from(origin.is_positive)]).collect()
}

/// How strongly a weight is drawn to the one that a person gave.
fn ridge(given: f64) -> f64 {
    (SPREAD * given.abs().max(GIVEN)).powi(-2)
}

/// Whether terms are looked for in a segment.
fn is_text(kind: SegmentKind) -> bool {
    !matches!(kind, SegmentKind::Names | SegmentKind::FileName | SegmentKind::Links)
}

/// Shares by zone of a rule.
fn zone_shares(policy: &Policy, rule: &Rule) -> BTreeMap<&'static str, f64> {
    Zone::ALL.map(|zone| (zone.as_str(), policy.scoring.share(rule, zone.as_str()))).into_iter().collect()
}

#[cfg(test)]
mod tests;
