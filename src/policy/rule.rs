//! One rule: what it looks for, what it weighs and what it says.

use std::{collections::BTreeMap, str::FromStr, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Document, WeightedTerm, nearest};
use crate::{error::PolicyError, normalize::fold_term};

/// A rule of a pack, checked.
#[derive(Debug, Clone)]
pub struct Rule {
    /// `category.thing`; names what is flagged.
    pub id: String,
    /// The pack that it stands in.
    pub pack: String,
    /// The text that it stands in, and the byte where it starts.
    pub source: (Arc<Document>, usize),
    /// What a finding violates.
    pub category: Category,
    /// What it looks for.
    pub kind: Kind,
    /// Log-odds that a clear finding adds.
    pub weight: f64,
    /// The most log-odds that all its findings add; the least, where the weight is negative.
    pub cap: f64,
    /// How much of the weight ten times as many distinct values add.
    pub growth: f64,
    /// Findings by zone that weigh otherwise than the category's do, as factors.
    pub zones: Vec<(String, f64)>,
    /// What a finding does to the decision.
    pub action: Action,
    /// Whether it counts also in mail that stays within the organisation, although its category does not.
    pub also_internal: bool,
    /// Whether it counts only where the other findings make the message advertising.
    pub needs_promotion: bool,
    /// What may be written in place of a term, by its folded form.
    pub replacements: BTreeMap<String, String>,
    /// What was found.
    pub message: Localised,
    /// Why an auditor refuses it.
    pub why: Localised,
    /// The smallest thing to do about it.
    pub fix: Localised,
    /// Samples in which it must fire.
    pub matches: Vec<String>,
    /// Samples in which it must not.
    pub no_matches: Vec<String>,
}

impl Rule {
    /// What may be written in place of a term of the rule.
    pub fn replacement(&self, term: &str) -> Option<&str> {
        if self.replacements.is_empty() {
            return None;
        }
        self.replacements.get(&fold_term(term)).map(String::as_str)
    }

    /// The error that the rule names an entity or check that does not exist.
    pub(crate) fn unknown<'k>(
        &self,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'k str> + Clone,
    ) -> PolicyError {
        let remedy = match nearest(name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of {}", known.collect::<Vec<_>>().join(", ")),
        };
        let (document, offset) = &self.source;
        document.error_at(*offset, &format!("rule `{}` names an unknown {what} `{name}`", self.id), &remedy)
    }
}

/// What a rule looks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Words and phrases.
    Lexicon {
        /// Ordinary terms.
        terms: Vec<String>,
        /// Terms worth twice the weight.
        strong: Vec<String>,
        /// Harmless phrases that contain a term.
        allow: Vec<String>,
        /// Words that excuse a term of the same sentence.
        exempt: Vec<String>,
    },
    /// Words and phrases with weights of their own, each counted once in a message.
    Weighted {
        /// The terms; the rule's weight is a factor to theirs.
        terms: Vec<WeightedTerm>,
    },
    /// Words that count only as a marking, by their position and form.
    Marking(Marking),
    /// A kind of value with structure.
    Entity {
        /// Its name in the registry.
        entity: String,
        /// Words that name it.
        keywords: Vec<String>,
        /// Words that name it among other things.
        hints: Vec<String>,
        /// Words that speak against it.
        negative: Vec<String>,
        /// Values that are published examples.
        test_values: Vec<String>,
        /// Whether nothing is found without a keyword or hint.
        needs_context: bool,
        /// Whether its values are public: recognised so that they are not taken for something else.
        public: bool,
        /// Distinct values needed for low, medium and high confidence; empty where one is enough.
        counts: Vec<usize>,
    },
    /// A property of the message's structure.
    Structure {
        /// Its name in the registry.
        check: String,
        /// What the check looks for, where that is data.
        values: Vec<String>,
    },
}

/// The words of a marking rule. All but the first three serve every marking rule of a policy: one company's label stands before
/// another's level.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Marking {
    /// Markings.
    pub terms: Vec<String>,
    /// Words that are a marking only behind a label, in brackets or in capitals.
    pub weak: Vec<String>,
    /// Markings that go on with other words: `embargoed until`.
    pub open: Vec<String>,
    /// What says that a message may be passed on, and what denies a marking.
    pub released: Vec<String>,
    /// Phrases that speak about confidentiality.
    pub topics: Vec<String>,
    /// Harmless words that a term only happens to stand in.
    pub allow: Vec<String>,
    /// Labels of key-value markings: `Classification: ...`.
    pub labels: Vec<String>,
    /// Labels of titles: `Subject: ...` above a quoted message.
    pub titles: Vec<String>,
    /// Header fields whose markings the rule is for, lower case; its own terms count nowhere else.
    pub fields: Vec<String>,
}

/// What a message violates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Advertising and promotion.
    Advertising,
    /// Personal data.
    Pii,
    /// Confidential material.
    Confidential,
    /// Keys and passwords.
    Secret,
    /// The way the message is built.
    Structure,
}

impl Category {
    /// The categories that have a probability of their own.
    pub const JUDGED: [Category; 4] =
        [Category::Advertising, Category::Pii, Category::Confidential, Category::Secret];

    /// The name in rule ids, JSON and policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Category::Advertising => "advertising",
            Category::Pii => "pii",
            Category::Confidential => "confidential",
            Category::Secret => "secret",
            Category::Structure => "structure",
        }
    }
}

/// What a finding of a rule does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It adds its weight.
    #[default]
    Score,
    /// It is shown and adds nothing.
    Note,
    /// The message is at least to be reviewed.
    Review,
    /// The message is rejected.
    Reject,
    /// The rule is not run.
    Off,
}

/// A text in the languages of the product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Localised {
    /// English.
    pub en: String,
    /// Chinese, simplified.
    pub zh: String,
}

impl Localised {
    /// The text in a language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }
}

/// Fills placeholders in one pass, so that a value cannot bring in another.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = behind.split_once('}') else { break };
        out.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A language that reports are written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese, simplified.
    Chinese,
}

impl FromStr for Language {
    type Err = ();

    /// Reads a tag or locale: `zh`, `zh_CN.UTF-8`, `en`.
    fn from_str(tag: &str) -> Result<Language, ()> {
        let tag = tag.to_ascii_lowercase();
        if tag.starts_with("zh") {
            Ok(Language::Chinese)
        } else if tag.starts_with("en") || tag == "c" || tag == "posix" || tag.starts_with("c.") {
            Ok(Language::English)
        } else {
            Err(())
        }
    }
}
