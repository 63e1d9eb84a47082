//! How findings become probabilities: base log-odds, evidence, confidence levels and zone factors, from `policies/scoring.toml`.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{Category, NotInspectedAction, Rule};

/// Names of the zones, as policies write them.
pub(super) const ZONES: &[&str] = &[
    "header",
    "authored",
    "quoted",
    "forwarded",
    "signature",
    "disclaimer",
    "hidden",
    "filename",
    "metadata",
    "attachment",
];

/// Numbers of the judgement.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scoring {
    /// Log-odds that an auditor rejects a message with no finding at all.
    pub base: f64,
    /// Default threshold of review.
    pub review_at: f64,
    /// Default threshold of reject.
    pub reject_at: f64,
    /// Log-odds of each category without a finding.
    pub category_base: BTreeMap<Category, f64>,
    /// Log-odds of a category that are used up before it speaks for rejection.
    #[serde(default)]
    pub category_margin: BTreeMap<Category, f64>,
    /// The most log-odds that one category adds.
    pub category_cap: BTreeMap<Category, f64>,
    /// Share of a rule's weight by confidence.
    pub confidence: Confidences,
    /// What a disguise does to the weight of a finding, as a factor.
    pub evasion_factor: f64,
    /// Log-odds that the other findings for advertising must reach for rules that need promotion.
    pub promotional_at: f64,
    /// Weights of evidence.
    pub evidence: Evidence,
    /// Words that speak against every entity that does not have them as keywords.
    pub negative_words: Vec<String>,
    /// How Chinese labels of numbers end, the longest first.
    pub label_ends: Vec<String>,
    /// Share of the weight by category and zone.
    zones: BTreeMap<Category, BTreeMap<String, f64>>,
    /// What unread parts do.
    pub not_inspected: HashMap<String, NotInspectedAction>,
}

/// Share of a rule's weight by confidence.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confidences {
    /// High confidence.
    pub high: f64,
    /// Medium confidence.
    pub medium: f64,
    /// Low confidence.
    pub low: f64,
}

/// Evidence for and against a candidate, in decimal digits of odds (1.0 = ten to one).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// A keyword on the same line, in the same cell or within `near_bytes`.
    pub near: f64,
    /// A keyword within `far_bytes`.
    pub far: f64,
    /// A keyword in the column header or the label cell of the row.
    pub header: f64,
    /// A word that names it among other things, in place of a keyword.
    pub hint: f64,
    /// A word that speaks against it, in place of a keyword.
    pub negative: f64,
    /// The label of another kind of value directly before it.
    pub other: f64,
    /// At least `list_size` distinct values of the kind in the message.
    pub list: f64,
    /// How many make a list.
    pub list_size: usize,
    /// Width of the near window in bytes of folded text.
    pub near_bytes: usize,
    /// Width of the far window in bytes of folded text.
    pub far_bytes: usize,
    /// From here on a candidate is a finding of low confidence.
    pub low_at: f64,
    /// From here on medium.
    pub medium_at: f64,
    /// From here on high.
    pub high_at: f64,
    /// A disguised value needs a keyword near by and this much evidence.
    pub disguised_at: f64,
}

impl Scoring {
    /// The numbers that ship with presend.
    pub fn shipped() -> Scoring {
        toml::from_str(include_str!("../../policies/scoring.toml"))
            .expect("the shipped numbers are tested to load")
    }

    /// Share of its weight that a finding of a rule keeps in a zone.
    pub fn share(&self, rule: &Rule, zone: &str) -> f64 {
        let own = rule.zones.iter().find(|(name, _)| name == zone).map(|(_, share)| *share);
        own.unwrap_or_else(|| self.zone_factor(rule.category, zone))
    }

    /// Share of the weight that a finding of a category keeps in a zone.
    pub fn zone_factor(&self, category: Category, zone: &str) -> f64 {
        self.zones.get(&category).and_then(|zones| zones.get(zone)).copied().unwrap_or(1.0)
    }
}
