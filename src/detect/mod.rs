//! Texts in, [`Findings`] out. Every detector builds one machine from all rules of its kind, once.
//!
//! A finding says what was found where and how sure that is; what it means for the message is [`crate::verdict`]'s business.

mod commercial;
mod context;
pub mod entity;
mod evasion;
mod evidence;
mod feature;
mod files;
mod hygiene;
mod lexicon;
mod marking;
mod rivals;
mod sentence;
mod structure;
mod surroundings;
mod values;
mod weights;
mod word_index;

use std::sync::Arc;

use self::{
    commercial::Asked,
    entity::{Candidates, Entities, Words},
    lexicon::{Hit, Lexicon},
    marking::Markings,
    weights::{Present, Weights},
};
pub use self::{
    commercial::SaidOf,
    evasion::Evasion,
    evidence::{Clue, Trace},
    values::{Private, Value, Values},
};
use crate::{
    error::PolicyError,
    extract::{self, File, Noted},
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
    label_ends: Vec<String>,
    lexicon: Lexicon,
    markings: Markings,
    weights: Weights,
    entities: Entities,
    structure: Vec<(usize, structure::Check)>,
    commercial: Vec<(usize, commercial::Check)>,
    files: Vec<(usize, files::FileCheck)>,
    /// Rules that one of their words in the text or in a link is a signal for.
    spoken: Vec<usize>,
}

/// What was found in a message.
#[derive(Debug, Default)]
pub struct Findings {
    /// Each finding.
    pub list: Vec<Finding>,
    /// Their private values.
    pub values: Values,
    /// What the message says of advertising.
    pub said: SaidOf,
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
    /// The value itself.
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

/// Why something that was seen does not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ignored {
    /// In this zone it does not count.
    Zone(Zone),
    /// It is a published example.
    TestValue,
    /// It stands in running text, not as a marking.
    Prose,
    /// It says that the message may be passed on, or denies a marking.
    Released,
    /// The mail stays within the organisation.
    Internal,
    /// Its values are public.
    Public,
    /// The message is no advertising, where its rule needs one.
    NotPromotional,
    /// A word of the same sentence excuses it.
    Exempt,
    /// Its sender may send it.
    Sender,
    /// A waiver covers it.
    Waived(String),
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
    /// Compiles all rules of a policy; `talk` are the words of those who work on advertising. An entity or check that does not exist is an error.
    pub fn compile(policy: &Policy, talk: &[String]) -> Result<Detectors, PolicyError> {
        let (mut structure, mut commercial, mut files) = (Vec::new(), Vec::new(), Vec::new());
        let mut spoken = Vec::new();
        for (index, rule) in policy.rules.iter().enumerate() {
            let Kind::Structure { check, .. } = &rule.kind else { continue };
            if let Some(found) = commercial::find(check) {
                commercial.push((index, found));
            } else if let Some(found) = files::find(check) {
                files.push((index, found));
            } else if feature::WORDS.contains(&check.as_str()) {
                spoken.push(index);
            } else if let Some(found) = structure::find(check).or_else(|| feature::find(check)) {
                structure.push((index, found));
            } else {
                let known = structure::CHECKS.iter().chain(feature::FEATURES).map(|(name, _)| *name);
                let known = known.chain(files::CHECKS.iter().map(|(name, _)| *name));
                let known = known.chain(feature::WORDS.iter().copied());
                return Err(rule.unknown("check", check, known.chain(commercial::names())));
            }
        }
        let entities = Entities::compile(policy)?;
        Ok(Detectors {
            rules: policy.rules.clone(),
            evidence: policy.scoring.evidence,
            label_ends: policy.scoring.label_ends.clone(),
            lexicon: Lexicon::compile(policy, &entities, talk),
            markings: Markings::compile(policy),
            weights: Weights::compile(policy),
            entities,
            structure,
            commercial,
            files,
            spoken,
        })
    }

    /// The weighted terms that a message holds, by their number among those of the policy, each with the share of its zone.
    pub fn weighted(&self, texts: &[Text<'_>]) -> Vec<(u32, f64)> {
        let (mut present, mut said, mut hits) = (Present::default(), SaidOf::default(), Vec::new());
        for (index, text) in texts.iter().enumerate() {
            self.read(index, text, &mut hits, &mut present, &mut said);
        }
        Weights::shares(&present)
    }

    /// Finds the words of text number `index`, and takes note of what they say of the message as a whole.
    fn read(
        &self,
        index: usize,
        text: &Text<'_>,
        hits: &mut Vec<Hit>,
        present: &mut Present,
        said: &mut SaidOf,
    ) {
        hits.clear();
        self.lexicon.scan(text.zoned.segment.kind, &text.folded, hits, |term, span| {
            self.weights.note(term, index, text, span, present);
        });
        self.lexicon.weigh(index, text, hits, &self.weights, present, said);
    }

    /// Finds everything in a message.
    pub fn run(&self, message: &Message<'_>, texts: &[Text<'_>]) -> Findings {
        let mut findings = Vec::new();
        let mut candidates = Candidates::default();
        let mut hits = Vec::new();
        let mut present = Present::default();
        let mut all_hits = Vec::with_capacity(texts.len());
        let (mut subject, mut named, mut said) = (None, Vec::new(), SaidOf::default());
        for (index, text) in texts.iter().enumerate() {
            self.read(index, text, &mut hits, &mut present, &mut said);
            self.lexicon.findings(index, text, &hits, &mut findings);
            let marks = self.lexicon.marks(&hits);
            if !marks.is_empty() {
                self.markings.find(index, text, marks, &mut findings);
            }
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
            let has_candidate = is_subject || candidates.list.last().is_some_and(|last| last.text() == index);
            all_hits.push(if has_candidate { std::mem::take(&mut hits) } else { Vec::new() });
        }
        self.entities.scan_across(texts, &named, &mut candidates);
        let weighing = evidence::Weighing {
            rules: &self.rules,
            evidence: self.evidence,
            label_ends: &self.label_ends,
            lexicon: &self.lexicon,
            texts,
            hits: &all_hits,
            subject,
        };
        weighing.findings(&mut candidates, message, &mut findings);
        self.weights.findings(&present, &mut findings);
        for (rule, check) in &self.structure {
            check(*rule, &self.rules[*rule], message, texts, &mut findings);
        }
        let is_said = |rule: &&usize| {
            said.asked
                .iter()
                .any(|said| said.rule == **rule && feature::is_linked(&texts[said.text], said.span))
        };
        findings.extend(self.spoken.iter().filter(is_said).map(|rule| structure::plain(*rule)));
        Findings { list: findings, values: candidates.values, said }
    }

    /// What the law asks of commercial mail and a message does not hold.
    pub fn lacking(&self, message: &Message<'_>, texts: &[Text<'_>], said: &SaidOf) -> Vec<Finding> {
        let mail = Asked::new(message, texts, said);
        let lacks = |(rule, check): &(usize, commercial::Check)| {
            let location = check(*rule, &self.rules[*rule], &mail)?;
            Some(Finding { location, ..structure::plain(*rule) })
        };
        self.commercial.iter().filter_map(lacks).collect()
    }

    /// Finds what there is to say of attached files beside their text.
    pub fn run_files(&self, files: &[File], notes: &[Noted], findings: &mut Findings) {
        if files.is_empty() {
            return;
        }
        for (rule, check) in &self.files {
            files::run((*rule, &self.rules[*rule]), *check, (files, notes), &mut findings.list);
        }
    }
}
