//! A returned message, a line of an error or of a mail log in, a [`Diagnosis`] out: who did not get it, why, who can mend it and how.
//!
//! What every notice says alike is read in code: reports for programs (`report`), addresses and their lines (`layout`), codes
//! (`status`), logs (`log`). What each system says in its own words is data in `policies/bounces/` (`pattern`). Known words count
//! more than codes; codes alone are said to be what they are.

mod address;
mod cause;
mod codes;
mod diagnosis;
mod event;
mod fold;
mod layout;
mod log;
mod notice;
mod pattern;
pub mod remembered;
mod report;
mod section;
pub mod status;

use std::sync::Arc;

use self::{cause::Causes, codes::Codes, layout::Words, pattern::Patterns};
pub use self::{
    cause::{Advice, Cause, Steps, Who},
    diagnosis::{Diagnosis, Failure, Kind},
    pattern::Pattern,
    status::Status,
};
use crate::{error::PolicyError, extract::Markup, policy::Language, zone::Wording};

/// Explains notices. Made once, shared by all threads.
#[derive(Debug)]
pub struct Explainer {
    patterns: Patterns,
    causes: Causes,
    codes: Codes,
    words: Words,
    markup: Arc<Markup>,
}

impl Explainer {
    /// With the texts that ship with presend.
    pub fn shipped() -> Explainer {
        Explainer::of_patterns(pattern::SHIPPED).expect("the embedded files are tested to compile")
    }

    /// With files of patterns, each a name and a text, in place of the shipped ones.
    pub fn of_patterns(files: &[(&str, &str)]) -> Result<Explainer, PolicyError> {
        Ok(Explainer {
            patterns: Patterns::compile(files)?,
            causes: Causes::shipped(),
            codes: Codes::shipped(),
            words: Words::shipped(),
            markup: Wording::embedded().markup(),
        })
    }

    /// Explains a notice, a line or a log. Never fails: what is no notice is said to be none.
    pub fn explain(&self, raw: &[u8]) -> Diagnosis {
        self.diagnose(raw, 0)
    }

    /// What is to be said of a cause.
    pub fn advice(&self, cause: Cause) -> &Advice {
        self.causes.get(cause)
    }

    /// What to do about a failure, in order.
    pub fn steps(&self, diagnosis: &Diagnosis, language: Language) -> &[String] {
        let own = self.pattern(diagnosis).and_then(|pattern| pattern.steps.as_ref());
        own.unwrap_or(&self.advice(diagnosis.cause).steps).get(language)
    }

    /// How to see that it works again.
    pub fn verify(&self, diagnosis: &Diagnosis, language: Language) -> &str {
        let own = self.pattern(diagnosis).and_then(|pattern| pattern.verify.as_ref());
        own.unwrap_or(&self.advice(diagnosis.cause).verify).get(language)
    }

    /// The system whose own words the notice holds.
    pub fn system(&self, diagnosis: &Diagnosis) -> Option<&str> {
        self.pattern(diagnosis)?.system.as_deref()
    }

    /// What an enhanced status code means (RFC 3463); what its class means where the code is not registered.
    pub fn meaning(&self, status: Status, language: Language) -> Option<&str> {
        self.codes.meaning(status).map(|meaning| meaning.get(language))
    }

    /// What an SMTP reply code means (RFC 5321).
    pub fn reply_meaning(&self, code: u16, language: Language) -> Option<&str> {
        self.codes.reply(code).map(|meaning| meaning.get(language))
    }

    /// Every pattern, for testing them.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns.list
    }

    fn pattern(&self, diagnosis: &Diagnosis) -> Option<&Pattern> {
        let known = diagnosis.failures.iter().find(|failure| failure.cause == diagnosis.cause)?;
        self.patterns.list.get(known.pattern?)
    }
}

#[cfg(test)]
mod tests;
