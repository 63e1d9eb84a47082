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
        let own = rule.zones.iter().find(|(name, _)| name == zone.as_str()).map(|(_, factor)| *factor);
        own.unwrap_or_else(|| self.policy.scoring.zone_factor(rule.category, zone.as_str()))
    }

    /// What the findings of a rule add.
    pub(super) fn reason<'f>(
        &self,
        rule: Arc<Rule>,
        found: impl Iterator<Item = &'f Finding>,
        values: &Values,
        quotations: &Quotations,
    ) -> Reason {
        // Each distinct value counts once, where it weighs most.
        let mut shares: Vec<(&Value, f64)> = Vec::new();
        let mut index: HashMap<Option<&str>, usize> = HashMap::new();
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
            let at = *index.entry(values.identity(&finding.value)).or_insert_with(|| {
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
    pub(super) fn probabilities(&self, reasons: &[Reason]) -> ([(Category, f64); 4], f64) {
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

fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}
