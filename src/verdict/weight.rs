//! The model: what the findings of a rule add, the probabilities that follow, and the decision.
//!
//! It is logistic: every rule adds log-odds, bounded per rule and per category, so each reason's share can be named. All numbers are data.

use std::{collections::HashMap, sync::Arc};

use super::{Case, Decision, Reason, context::Quotations};
use crate::{
    detect::{Confidence, Finding, Value, Values},
    message::NotInspected,
    policy::{Action, Category, Kind, NotInspectedAction, Rule},
    zone::Zone,
};

impl Case<'_, '_> {
    pub(super) fn zone_factor(&self, rule: &Rule, zone: Zone) -> f64 {
        self.policy.scoring.share(rule, zone.as_str())
    }

    /// What the findings of a rule add.
    pub(super) fn reason<'f>(
        &self,
        rule: Arc<Rule>,
        found: impl Iterator<Item = &'f Finding>,
        values: &Values,
        quotations: &Quotations,
    ) -> Reason {
        if let Kind::Weighted { .. } = rule.kind {
            return self.weighted(rule, &found.collect::<Vec<_>>(), quotations);
        }
        // Each distinct value counts once, where it weighs most.
        let mut shares: Vec<(&Value, f64)> = Vec::new();
        let mut index = Index::default();
        for finding in found {
            let confidence = match finding.confidence {
                Confidence::High => self.policy.scoring.confidence.high,
                Confidence::Medium => self.policy.scoring.confidence.medium,
                Confidence::Low => self.policy.scoring.confidence.low,
            };
            let evasion = if finding.evasion.is_some() { self.policy.scoring.evasion_factor } else { 1.0 };
            let share = confidence
                * finding.strength
                * evasion
                * self.place_factor(&rule, finding.zone)
                * self.use_factor(&rule, finding, quotations);
            let at = index.of(values.identity(&finding.value));
            if at == shares.len() {
                shares.push((&finding.value, share));
            }
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
        let bounded = if rule.weight < 0.0 { f64::max(sum, rule.cap) } else { f64::min(sum, rule.cap) };
        let contribution = if rule.action == Action::Note { 0.0 } else { bounded };
        Reason { count: shares.len(), contribution, terms, rule }
    }

    /// What weighted terms add: each has its own weight, by its zone already.
    fn weighted(&self, rule: Arc<Rule>, found: &[&Finding], quotations: &Quotations) -> Reason {
        let terms: Vec<Arc<str>> = found
            .iter()
            .filter_map(|finding| match &finding.value {
                Value::Term(term) => Some(Arc::clone(term)),
                _ => None,
            })
            .collect();
        let sum: f64 =
            found.iter().map(|finding| finding.strength * self.use_factor(&rule, finding, quotations)).sum();
        let contribution = match rule.action {
            Action::Note => 0.0,
            _ => f64::clamp(rule.weight * sum, -rule.cap, rule.cap),
        };
        // Where they speak against it on the whole none is named, and they are one finding together.
        Reason { count: terms.len().max(1), contribution, terms, rule }
    }

    /// Probability of each category, and of rejection.
    pub(super) fn probabilities(&self, reasons: &[Reason]) -> ([(Category, f64); 4], f64) {
        let scoring = &self.policy.scoring;
        let sum_of = |category: Category| -> f64 {
            let sum = reasons.iter().filter(|r| r.rule.category == category).map(|r| r.contribution).sum();
            let cap = scoring.category_cap.get(&category).copied().unwrap_or(f64::MAX);
            f64::clamp(sum, -cap, cap)
        };
        let categories = Category::JUDGED.map(|category| {
            let base = scoring.category_base.get(&category).copied().unwrap_or(scoring.base);
            (category, logistic(base + sum_of(category)))
        });
        let total: f64 =
            Category::JUDGED.iter().chain([&Category::Structure]).map(|c| self.excess(*c, sum_of(*c))).sum();
        (categories, logistic(scoring.base + total))
    }

    /// What the evidence of a category adds to the log-odds of rejection. What speaks against one category is no excuse for another.
    pub(super) fn excess(&self, category: Category, sum: f64) -> f64 {
        let margin = self.policy.scoring.category_margin.get(&category).copied().unwrap_or(0.0);
        (sum - margin).max(0.0)
    }

    /// Drops the reasons that say something only together, where they do not come to a review: weighted terms and signals of advertising.
    pub(super) fn drop_hints(&self, reasons: &mut Vec<Reason>) {
        let advertising = |reason: &&Reason| reason.rule.category == Category::Advertising;
        let sum = reasons.iter().filter(advertising).map(|reason| reason.contribution).sum();
        let alone = logistic(self.policy.scoring.base + self.excess(Category::Advertising, sum));
        if alone >= self.policy.review_at {
            return;
        }
        reasons.retain(|reason| {
            let rule = &reason.rule;
            let is_hint = matches!(rule.kind, Kind::Weighted { .. } | Kind::Structure { .. });
            !is_hint || rule.category != Category::Advertising || rule.action != Action::Score
        });
    }

    /// The decision, with actions and unread parts; a probability that the decision contradicts is raised to fit.
    pub(super) fn decide(
        &self,
        reasons: &[Reason],
        probability: f64,
        unread: &[NotInspected],
    ) -> (Decision, f64) {
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
}

/// Numbers distinct values in order; most rules find few.
#[derive(Default)]
struct Index<'v> {
    few: Vec<Option<&'v str>>,
    many: HashMap<Option<&'v str>, usize>,
}

impl<'v> Index<'v> {
    /// So many are looked through faster than hashed.
    const FEW: usize = 16;

    fn of(&mut self, value: Option<&'v str>) -> usize {
        if let Some(at) = self.few.iter().position(|known| *known == value) {
            return at;
        }
        if self.few.len() < Index::FEW {
            self.few.push(value);
            return self.few.len() - 1;
        }
        let next = Index::FEW + self.many.len();
        *self.many.entry(value).or_insert(next)
    }
}

fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}
