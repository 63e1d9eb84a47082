//! Texts in, [`Finding`]s out. Every detector builds one machine from all rules of its kind, once.
//!
//! A finding says what was found where and how sure that is; what it means for the message is [`crate::verdict`]'s business.

pub mod entity;
mod evasion;
mod evidence;
mod feature;
mod lexicon;
mod marking;
mod structure;
mod surroundings;
mod trie;
mod weights;

use std::sync::Arc;

use self::{
    entity::{Candidates, Entities, Words},
    lexicon::Lexicon,
    weights::Weights,
};
pub use self::{
    evasion::Evasion,
    evidence::{Clue, Trace},
};
use crate::{
    error::PolicyError,
    extract,
    message::Message,
    normalize::Text,
    policy::{Evidence, Kind, Policy, Rule},
    span::Span,
    zone::Zone,
};

/// All rules of a policy, compiled.
#[derive(Debug)]
pub struct Detectors {
    rules: Vec<Arc<Rule>>,
    evidence: Evidence,
    lexicon: Lexicon,
    weights: Weights,
    entities: Entities,
    structure: Vec<(usize, structure::Check)>,
}

/// Something that a rule found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Index of the rule in the policy.
    pub rule: usize,
    /// Where.
    pub location: Location,
    /// How sure it is that this is what the rule looks for.
    pub confidence: Confidence,
    /// The zone that it stands in.
    pub zone: Zone,
    /// The value itself, in the form in which equal values are equal.
    pub value: Value,
    /// Share of the rule's weight by the term's own strength.
    pub strength: f64,
    /// Why it does not count, where it does not.
    pub ignored: Option<Ignored>,
    /// How it was disguised, if it was.
    pub evasion: Option<Evasion>,
    /// What its confidence is the sum of; only for entities.
    pub trace: Option<Trace>,
}

/// Where a finding stands.
#[derive(Clone, Debug)]
pub enum Location {
    /// In a text.
    Text {
        /// Index of the text.
        text: usize,
        /// Bytes of its folded text.
        span: Span,
    },
    /// In a part as a whole.
    Part {
        /// IMAP part number.
        number: String,
        /// Names for a person.
        place: Vec<String>,
    },
    /// In the message as a whole.
    Message,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// 65 on the usual scale.
    Low,
    /// 75.
    Medium,
    /// 85.
    High,
}

/// What was found. Its text is shown masked everywhere but where the caller asks for it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// A term, as the pack has it: public.
    Term(Arc<str>),
    /// A value of the sender's: private.
    Private {
        /// In canonical form.
        canonical: String,
        /// As it may be shown.
        masked: String,
    },
    /// Nothing of one's own.
    None,
}

/// Why something that was seen does not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ignored {
    /// In this zone it does not count.
    Zone(Zone),
    /// It is a published example.
    TestValue,
    /// It stands in running text, not as a marking.
    Prose,
    /// The mail stays within the organisation.
    Internal,
    /// Its values are public.
    Public,
    /// A waiver covers it.
    Waived(String),
}

/// Values never show themselves by accident.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Term(term) => write!(f, "Term({term:?})"),
            Value::Private { masked, .. } => write!(f, "Private({masked:?})"),
            Value::None => f.write_str("None"),
        }
    }
}

impl Confidence {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

impl Detectors {
    /// Compiles all rules of a policy. An entity or check that does not exist is an error.
    pub fn compile(policy: &Policy) -> Result<Detectors, PolicyError> {
        let mut structure = Vec::new();
        for (index, rule) in policy.rules.iter().enumerate() {
            if let Kind::Structure { check, .. } = &rule.kind {
                structure.push((
                    index,
                    structure::find(check).or_else(|| feature::find(check)).ok_or_else(|| {
                        let known = structure::CHECKS.iter().chain(feature::FEATURES).map(|(name, _)| *name);
                        rule.unknown("check", check, known)
                    })?,
                ));
            }
        }
        let entities = Entities::compile(policy)?;
        Ok(Detectors {
            rules: policy.rules.clone(),
            evidence: policy.scoring.evidence,
            lexicon: Lexicon::compile(policy, &entities),
            weights: Weights::compile(policy),
            entities,
            structure,
        })
    }

    /// The weighted terms that a message holds, by their number among those of the policy, each with the share of its zone.
    pub fn weighted(&self, texts: &[Text<'_>]) -> Vec<(u32, f64)> {
        let (mut present, mut hits) = (self.weights.none(), Vec::new());
        for (index, text) in texts.iter().enumerate() {
            hits.clear();
            self.lexicon.scan(text.zoned.segment.kind, &text.folded, &mut hits);
            self.lexicon.weigh(index, text, &hits, &self.weights, &mut present);
        }
        Weights::shares(&present)
    }

    /// Finds everything in a message.
    pub fn run(&self, message: &Message<'_>, texts: &[Text<'_>]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut candidates = Candidates::default();
        let mut hits = Vec::new();
        let mut present = self.weights.none();
        let mut all_hits = Vec::with_capacity(texts.len());
        let (mut subject, mut named) = (None, Vec::new());
        for (index, text) in texts.iter().enumerate() {
            hits.clear();
            self.lexicon.scan(text.zoned.segment.kind, &text.folded, &mut hits);
            self.lexicon.findings(index, text, &hits, &self.rules, &mut findings);
            self.lexicon.weigh(index, text, &hits, &self.weights, &mut present);
            self.entities.scan(
                index,
                text,
                Words { hits: &hits, lexicon: &self.lexicon, named: &named },
                &mut candidates,
            );
            // Only texts with a candidate need their keywords again.
            // A subject names what the text holds.
            let is_subject = text.zoned.segment.kind == extract::Kind::Subject;
            if is_subject {
                self.lexicon.named(&hits, &mut named);
                subject = subject.or(Some(index));
            }
            let has_candidate = is_subject || candidates.list.last().is_some_and(|last| last.text == index);
            all_hits.push(if has_candidate { std::mem::take(&mut hits) } else { Vec::new() });
        }
        self.entities.scan_across(texts, &mut candidates.list);
        let weighing = evidence::Weighing {
            rules: &self.rules,
            evidence: self.evidence,
            lexicon: &self.lexicon,
            texts,
            hits: &all_hits,
            subject,
        };
        weighing.findings(candidates, message, &mut findings);
        self.weights.findings(&present, &mut findings);
        for (rule, check) in &self.structure {
            check(*rule, &self.rules[*rule], message, texts, &mut findings);
        }
        findings
    }
}
