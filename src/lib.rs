//! presend reads an outgoing e-mail before it is sent and says whether the company's e-mail auditor would reject it, how likely that
//! is, what causes it and where.
//!
//! The pipeline is the layout; a stage imports only stages above it:
//!
//! | stage | in | out |
//! |---|---|---|
//! | [`span`] | | where a thing is: spans, maps between buffers, lines |
//! | [`message`] | raw bytes | [`message::Message`]: parts with decoded text and the way back to the raw bytes |
//! | [`extract`] | parts | [`extract::Segment`]s: text as a reader sees it |
//! | [`zone`] | segments | authored, quoted, signature, disclaimer, hidden |
//! | [`normalize`] | zoned segments | [`normalize::Text`]s: folded, with offset maps |
//! | [`policy`] | TOML | [`policy::Policy`]: rules and weights |
//! | [`domain`] | DNS | [`domain::Diagnosis`]: SPF, MX, DKIM, DMARC of a sending domain |
//! | [`detect`] | texts | [`detect::Findings`] |
//! | [`verdict`] | findings | [`verdict::Verdict`]: probability, decision, reasons |
//! | [`samples`] | packs | whether every rule does what its samples say |
//! | [`learn`] | messages | data for a policy: recurring paragraphs, weighted terms |
//! | [`bounce`] | returned messages | [`bounce::Diagnosis`]: why mail came back |
//! | [`report`] | verdicts | bytes: text, JSON |
//! | [`source`] | paths | raw messages |
//! | [`gateway`] | connections of mail servers | answers: a milter |
//!
//! ```
//! use presend::{Filter, policy::Policy, verdict::{Decision, Detail, Envelope}};
//!
//! let filter = Filter::new(Policy::shipped(), Detail::Excerpts)?;
//! let draft = "Subject: 报名\nContent-Type: text/plain; charset=utf-8\n\n张三的身份证号：110101199003071233\n";
//! let verdict = filter.check(draft.as_bytes(), &Envelope::default());
//! assert_eq!(verdict.decision, Decision::Reject);
//! assert_eq!(verdict.reasons[0].rule.id, "pii.cn-resident-id");
//! # Ok::<(), presend::error::Error>(())
//! ```

pub mod bounce;
pub mod cmd;
pub mod detect;
pub mod domain;
pub mod error;
pub mod extract;
#[cfg(unix)]
pub mod gateway;
pub mod learn;
pub mod message;
pub mod normalize;
pub mod policy;
pub mod report;
pub mod samples;
pub mod source;
pub mod span;
pub mod verdict;
pub mod zone;

use std::sync::Arc;

use crate::{
    detect::Detectors,
    error::Error,
    extract::Markup,
    message::{Limits, Message},
    policy::Policy,
    verdict::{Case, Context, Detail, Envelope, Verdict},
    zone::Wording,
};

/// A policy compiled into the machine that judges messages. Made once, shared by all threads.
#[derive(Debug)]
pub struct Filter {
    policy: Policy,
    detectors: Detectors,
    wording: Wording,
    markup: Arc<Markup>,
    context: Context,
    limits: Limits,
    detail: Detail,
}

impl Filter {
    /// Compiles a policy. An entity or check that does not exist is an error that names its line.
    pub fn new(policy: Policy, detail: Detail) -> Result<Filter, Error> {
        let wording = Wording::embedded().with(policy.boilerplate.clone());
        let context = Context::shipped();
        Ok(Filter {
            detectors: Detectors::compile(&policy, context.talk())?,
            markup: wording.markup(),
            wording,
            context,
            limits: Limits::default(),
            detail,
            policy,
        })
    }

    /// Judges one raw message. Never fails: what is broken or cannot be read is part of the verdict.
    pub fn check(&self, raw: &[u8], envelope: &Envelope) -> Verdict {
        let message = Message::parse(raw, &self.limits);
        let extracted = extract::all(&message, &self.markup, &self.limits);
        let texts = normalize::all(self.wording.mark(extracted.segments));
        let mut findings = self.detectors.run(&message, &texts);
        self.detectors.run_files(&extracted.files, &extracted.notes, &mut findings);
        let case = Case {
            policy: &self.policy,
            detectors: &self.detectors,
            message: &message,
            texts: &texts,
            files: &extracted.files,
            envelope,
            context: &self.context,
            detail: self.detail,
            listed: self.limits.findings_per_rule,
        };
        case.judge(findings, extracted.not_inspected)
    }

    /// The same with other limits.
    pub fn with_limits(self, limits: Limits) -> Filter {
        Filter { limits, ..self }
    }

    /// The policy that it was compiled from.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The bounds on what one message may make it do.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }
}
