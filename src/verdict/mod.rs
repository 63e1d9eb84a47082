//! Findings in, a [`Verdict`] out: contributions per rule, probabilities per category and of rejection, a decision and its reasons.
//!
//! Here is what a verdict says and the order in which it comes about; `weight` holds the model, `context` tells talk
//! about advertising from advertising, `direction` within from outside, `place` and `excerpt` say where.

mod context;
mod delivery;
mod direction;
mod excerpt;
mod place;
mod sight;
mod weight;

use std::{cell::LazyCell, collections::BTreeMap, sync::Arc};

use self::sight::View;
pub use self::{
    context::Context,
    sight::{Attachment, Sight},
};
use crate::{
    detect::{Confidence, Detectors, Evasion, Finding, Findings, Ignored, Trace, Value, Values},
    domain::{Obstacle, Status},
    extract::File,
    message::{Message, NotInspected},
    normalize::Text,
    policy::{Auditor, Category, Policy, Rule},
    span::Span,
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
    /// Files that are attached, and files within them.
    pub attachments: Vec<Attachment>,
    /// Whose reading `seen` of findings and attachments is about.
    pub auditor: Arc<Auditor>,
    /// File names that hold private values, with those masked.
    pub masked_names: BTreeMap<String, String>,
    /// What the DNS says stands in the way of its delivery; `None` where nobody asked.
    pub obstacles: Option<Vec<Obstacle>>,
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

/// What was found, as a report needs it. It is shown masked everywhere but where the caller asks for it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Matched {
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

/// Values never show themselves by accident.
impl std::fmt::Debug for Matched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Matched::Term(term) => write!(f, "Term({term:?})"),
            Matched::Private { masked, .. } => write!(f, "Private({masked:?})"),
            Matched::None => f.write_str("None"),
        }
    }
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
    pub value: Matched,
    /// Keyed hash of rule and value, for waivers.
    pub fingerprint: Option<String>,
    /// The line of text around it, where the caller wants to show it.
    pub excerpt: Option<Excerpt>,
    /// How it was disguised, if it was.
    pub evasion: Option<Evasion>,
    /// What its confidence is the sum of; only for entities.
    pub trace: Option<Trace>,
    /// Who comes to see it.
    pub seen: Sight,
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

    /// Adds what stands in the way of the delivery. What would come back is for a person to look at; the probability is the auditor's and stays.
    pub fn add_obstacles(&mut self, obstacles: Vec<Obstacle>) {
        if obstacles.iter().any(|obstacle| obstacle.finding.status() == Status::Failure) {
            self.decision = self.decision.max(Decision::Review);
        }
        self.obstacles = Some(obstacles);
    }
}

/// What a message is judged by.
pub struct Case<'c, 'm> {
    /// The policy.
    pub policy: &'c Policy,
    /// Its rules, compiled: what commercial mail must hold is asked of few messages, once the others are weighed.
    pub detectors: &'c Detectors,
    /// The message.
    pub message: &'c Message<'m>,
    /// Its texts.
    pub texts: &'c [Text<'c>],
    /// Files that are attached.
    pub files: &'c [File],
    /// Who sends and receives.
    pub envelope: &'c Envelope,
    /// What advertising is told from talk about it by.
    pub context: &'c Context,
    /// How much to say.
    pub detail: Detail,
    /// Findings of one rule that are listed.
    pub listed: usize,
}

impl Case<'_, '_> {
    /// Judges the findings of a message.
    pub fn judge(&self, findings: Findings, not_inspected: Vec<NotInspected>) -> Verdict {
        let Findings { list: mut findings, mut values, said } = findings;
        self.undeliverable(&mut values, &mut findings);
        let mut by_rule = self.by_rule(&mut findings, 0, &values);
        let quotations = self.quotations(&findings);
        let reason = |(rule, indices): (&usize, &Vec<usize>), findings: &[Finding]| {
            let found = indices.iter().map(|index| &findings[*index]);
            self.reason(Arc::clone(&self.policy.rules[*rule]), found, &values, &quotations)
        };
        let mut reasons: Vec<Reason> = by_rule.iter().map(|one| reason(one, &findings)).collect();
        let talk = LazyCell::new(|| self.talk(said.talk.len()));
        if self.is_promotional(&reasons, &talk) {
            let known = findings.len();
            findings.extend(self.detectors.lacking(self.message, self.texts, &said));
            let lacking = self.by_rule(&mut findings, known, &values);
            reasons.extend(lacking.iter().map(|one| reason(one, &findings)));
            by_rule.extend(lacking);
        } else {
            by_rule.retain(|rule, indices| {
                let counts = !self.policy.rules[*rule].needs_promotion;
                for index in indices.iter().filter(|_| !counts) {
                    findings[*index].ignored = Some(Ignored::NotPromotional);
                }
                counts
            });
            reasons.retain(|reason| !reason.rule.needs_promotion);
        }
        self.ease(&mut reasons, &talk);
        reasons.sort_by(|a, b| b.contribution.total_cmp(&a.contribution).then(a.rule.id.cmp(&b.rule.id)));
        let (categories, probability) = self.probabilities(&reasons);
        let (decision, probability) = self.decide(&reasons, probability, &not_inspected);
        self.drop_hints(&mut reasons);
        by_rule.retain(|rule, _| {
            let rule = &self.policy.rules[*rule];
            reasons.iter().any(|reason| Arc::ptr_eq(&reason.rule, rule))
        });
        let listed = self.list(&findings, &values, &by_rule);
        Verdict {
            message_id: self.message.header.message_id.clone(),
            decision,
            probability,
            categories,
            reasons,
            findings: listed,
            ignored: self.seen(&findings),
            not_inspected,
            attachments: self.view().attachments(),
            auditor: Arc::clone(&self.policy.auditor),
            masked_names: self.masked_names(&findings),
            obstacles: None,
        }
    }

    /// The findings from index `from` on that count, by rule; of the others is noted why they do not.
    fn by_rule(&self, findings: &mut [Finding], from: usize, values: &Values) -> BTreeMap<usize, Vec<usize>> {
        let internal = self.is_internal();
        let mut by_rule: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, finding) in findings.iter_mut().enumerate().skip(from) {
            // Standing in a disclaimer says more than standing in prose.
            if matches!(finding.ignored, None | Some(Ignored::Prose)) {
                finding.ignored = self.excuse(finding, values, internal).or(finding.ignored.take());
            }
            if finding.ignored.is_none() {
                by_rule.entry(finding.rule).or_default().push(index);
            }
        }
        by_rule
    }

    /// The auditor before the files of the message.
    fn view(&self) -> View<'_> {
        View { auditor: &self.policy.auditor, files: self.files }
    }

    /// Why a finding does not count, if it does not.
    fn excuse(&self, finding: &Finding, values: &Values, internal: bool) -> Option<Ignored> {
        let rule = &self.policy.rules[finding.rule];
        if internal && rule.category == Category::Confidential && !rule.also_internal {
            return Some(Ignored::Internal);
        }
        if self.zone_factor(rule, finding.zone) == 0.0 {
            return Some(Ignored::Zone(finding.zone));
        }
        if self.policy.senders.iter().any(|exemption| exemption.covers(rule, self.sender())) {
            return Some(Ignored::Sender);
        }
        if self.policy.waivers.is_empty() {
            return None;
        }
        let fingerprint = self.fingerprint(finding, values)?;
        self.policy.waivers.get(&fingerprint).cloned().map(Ignored::Waived)
    }

    /// Keyed hash of a finding's rule and value.
    fn fingerprint(&self, finding: &Finding, values: &Values) -> Option<String> {
        match &finding.value {
            Value::Private(private) => {
                let rule = &self.policy.rules[finding.rule].id;
                Some(self.policy.fingerprint(rule, values.canonical(*private)))
            }
            Value::Term(_) | Value::None => None,
        }
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
