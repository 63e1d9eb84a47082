//! TOML in, a [`Policy`] out: the packs that ship with presend, packs of one's own, and the organisation's `presend.toml` over them.
//!
//! Every mistake is an error that names file, line, column and the way out. A policy that could find nothing is a mistake.

mod auditor;
mod boilerplate;
pub mod delivery;
mod document;
pub mod gateway;
mod label;
mod organisation;
mod pack;
mod rule;
mod scoring;
mod sender;
pub mod words;

use std::{collections::HashMap, path::Path, sync::Arc};

pub(crate) use self::rule::fill;
pub use self::{
    auditor::Auditor,
    delivery::Lists,
    document::Document,
    gateway::Gateway,
    organisation::{NotInspectedAction, Organisation},
    pack::{PackContent, PackFile, shipped},
    rule::{Action, Category, Kind, Language, Localised, Marking, Rule},
    scoring::{Evidence, Scoring},
    sender::Exemption,
    words::WeightedTerm,
};
use crate::{
    error::{Error, PolicyError},
    zone::Boilerplate,
};

/// Rules and settings by which messages are judged.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Every rule that is not off, in pack order.
    pub rules: Vec<Arc<Rule>>,
    /// How findings become probabilities.
    pub scoring: Scoring,
    /// From this probability on a message is to be reviewed.
    pub review_at: f64,
    /// From this probability on a message would be rejected.
    pub reject_at: f64,
    /// The organisation's own domains, lower case; mail that stays within them is internal.
    pub internal_domains: Vec<String>,
    /// What a part that could not be read does to the verdict, by reason; a reason that is not listed asks for review.
    pub not_inspected: HashMap<String, NotInspectedAction>,
    /// Reasons of the waivers in force, by fingerprint.
    pub waivers: HashMap<String, String>,
    /// Rules that do not count for some senders.
    pub senders: Vec<Exemption>,
    /// Paragraphs that the organisation has learned to be disclaimers.
    pub boilerplate: Boilerplate,
    /// Key of the fingerprints.
    pub fingerprint_key: [u8; 32],
    /// The year that it is, for dates of birth; `None` where nobody said.
    pub year: Option<u16>,
    /// Whose reading of a message findings are told by.
    pub auditor: Arc<Auditor>,
    /// How the mail gateway is set.
    pub gateway: Gateway,
    /// What an operator should know, though it is no error: expired waivers.
    pub warnings: Vec<String>,
}

/// How a policy refers to the world around it; both come from the caller, stages read neither disk nor clock.
pub struct Context<'c> {
    /// Reads a pack that the policy names.
    pub read: &'c dyn Fn(&Path) -> Result<String, Error>,
    /// Today as `YYYY-MM-DD`, for waivers that expire.
    pub today: &'c str,
}

impl Policy {
    /// The policy that ships with presend, without any organisation's settings.
    pub fn shipped() -> Policy {
        let context = Context { read: &|path| Err(Error::Usage(path.display().to_string())), today: "" };
        Policy::new(&Organisation::default(), &Document::new("presend.toml", ""), &context)
            .expect("the shipped packs are tested to load")
    }

    /// Loads an organisation's policy from the text of its file.
    pub fn load(file: &Path, text: &str, context: &Context<'_>) -> Result<Policy, Error> {
        let document = Document::new(&file.display().to_string(), text);
        let organisation = document.parse::<Organisation>()?;
        Policy::new(&organisation, &document, context)
    }

    /// A policy of nothing but the given packs, for testing them.
    pub fn of_packs(packs: &[PackFile]) -> Result<Policy, Error> {
        let mut policy = Policy::empty();
        for pack in packs {
            policy.add(pack)?;
        }
        Ok(policy)
    }

    fn empty() -> Policy {
        let scoring = Scoring::shipped();
        Policy {
            rules: Vec::new(),
            review_at: scoring.review_at,
            reject_at: scoring.reject_at,
            not_inspected: scoring.not_inspected.clone(),
            scoring,
            internal_domains: Vec::new(),
            waivers: HashMap::new(),
            senders: Vec::new(),
            boilerplate: Boilerplate::default(),
            fingerprint_key: *blake3::hash(b"presend fingerprint, no key set").as_bytes(),
            year: None,
            auditor: Auditor::thorough(),
            gateway: Gateway::default(),
            warnings: Vec::new(),
        }
    }

    fn new(organisation: &Organisation, document: &Document, context: &Context<'_>) -> Result<Policy, Error> {
        let mut policy = Policy::empty();
        for pack in organisation.packs(document, context)? {
            policy.add(&pack)?;
        }
        policy.year = context.today.get(..4).and_then(|year| year.parse().ok());
        organisation.apply(&mut policy, document, context)?;
        policy.rules.retain(|rule| rule.action != Action::Off);
        if policy.rules.is_empty() {
            return Err(document
                .error_at(
                    organisation.extends_at(),
                    "no rule is in effect",
                    "list a pack in `extends`, add `keywords`, or turn a rule on",
                )
                .into());
        }
        Ok(policy)
    }

    /// Adds the rules of a pack.
    fn add(&mut self, pack: &PackFile) -> Result<(), PolicyError> {
        for rule in pack.rules()? {
            if let Some(other) = self.rule(&rule.id) {
                return Err(pack.document.error_at(
                    rule.source.1,
                    &format!("rule `{}` is already defined in pack {}", rule.id, other.pack),
                    "give it another id",
                ));
            }
            self.rules.push(Arc::new(rule));
        }
        Ok(())
    }

    /// Takes another auditor than the policy names.
    pub fn set_auditor(&mut self, name: &str) -> Result<(), PolicyError> {
        self.auditor = Auditor::find(name).map_err(|remedy| auditor::unknown(name, &remedy))?;
        Ok(())
    }

    /// The rule with this id.
    pub fn rule(&self, id: &str) -> Option<&Arc<Rule>> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// The id among the rules that is spelled most like `id`.
    pub fn nearest(&self, id: &str) -> Option<&str> {
        nearest(id, self.rules.iter().map(|rule| rule.id.as_str()))
    }

    /// Fingerprint of a value found by a rule: a keyed hash, so that a waiver names a value without holding it.
    pub fn fingerprint(&self, rule: &str, value: &str) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.fingerprint_key);
        hasher.update(rule.as_bytes()).update(&[0]).update(value.as_bytes());
        hasher.finalize().to_hex()[..24].to_owned()
    }
}

/// The candidate that is spelled most like `wanted`, if any is close.
pub(crate) fn nearest<'c>(wanted: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .map(|candidate| (distance(wanted, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 2 + candidate.len() / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Edit distance in bytes.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.bytes().enumerate() {
            let cost = (diagonal + usize::from(a != b)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests;
