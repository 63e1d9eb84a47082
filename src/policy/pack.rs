//! Packs: files of rules, shipped or one's own.

use std::{collections::BTreeMap, sync::Arc};

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::{Action, Category, Document, Kind, Localised, Marking, Rule, words};
use crate::{error::PolicyError, normalize::fold_term};

/// The packs that ship with presend: name and text.
const SHIPPED: &[(&str, &str)] = &[
    ("policies/advertising/can-spam.toml", include_str!("../../policies/advertising/can-spam.toml")),
    ("policies/advertising/claims.toml", include_str!("../../policies/advertising/claims.toml")),
    ("policies/advertising/cn-ad-law.toml", include_str!("../../policies/advertising/cn-ad-law.toml")),
    ("policies/advertising/cn-email.toml", include_str!("../../policies/advertising/cn-email.toml")),
    ("policies/advertising/en.toml", include_str!("../../policies/advertising/en.toml")),
    ("policies/advertising/zh.toml", include_str!("../../policies/advertising/zh.toml")),
    ("policies/advertising/model.toml", include_str!("../../policies/advertising/model.toml")),
    ("policies/confidential/east-asia.toml", include_str!("../../policies/confidential/east-asia.toml")),
    ("policies/confidential/en.toml", include_str!("../../policies/confidential/en.toml")),
    ("policies/confidential/europe.toml", include_str!("../../policies/confidential/europe.toml")),
    ("policies/confidential/government.toml", include_str!("../../policies/confidential/government.toml")),
    ("policies/confidential/labels.toml", include_str!("../../policies/confidential/labels.toml")),
    ("policies/confidential/legal.toml", include_str!("../../policies/confidential/legal.toml")),
    ("policies/confidential/tlp.toml", include_str!("../../policies/confidential/tlp.toml")),
    ("policies/confidential/zh.toml", include_str!("../../policies/confidential/zh.toml")),
    ("policies/pii/americas.toml", include_str!("../../policies/pii/americas.toml")),
    ("policies/pii/asia.toml", include_str!("../../policies/pii/asia.toml")),
    ("policies/pii/bulk.toml", include_str!("../../policies/pii/bulk.toml")),
    ("policies/pii/china.toml", include_str!("../../policies/pii/china.toml")),
    ("policies/pii/contact.toml", include_str!("../../policies/pii/contact.toml")),
    ("policies/pii/eastern-europe.toml", include_str!("../../policies/pii/eastern-europe.toml")),
    ("policies/pii/financial.toml", include_str!("../../policies/pii/financial.toml")),
    ("policies/pii/northern-europe.toml", include_str!("../../policies/pii/northern-europe.toml")),
    ("policies/pii/oceania-africa.toml", include_str!("../../policies/pii/oceania-africa.toml")),
    ("policies/pii/public.toml", include_str!("../../policies/pii/public.toml")),
    ("policies/pii/southern-europe.toml", include_str!("../../policies/pii/southern-europe.toml")),
    ("policies/pii/us.toml", include_str!("../../policies/pii/us.toml")),
    ("policies/pii/western-europe.toml", include_str!("../../policies/pii/western-europe.toml")),
    ("policies/secrets/keys.toml", include_str!("../../policies/secrets/keys.toml")),
    ("policies/secrets/passwords.toml", include_str!("../../policies/secrets/passwords.toml")),
    ("policies/structure/attachment.toml", include_str!("../../policies/structure/attachment.toml")),
    ("policies/structure/document.toml", include_str!("../../policies/structure/document.toml")),
    ("policies/structure/header.toml", include_str!("../../policies/structure/header.toml")),
    ("policies/structure/message.toml", include_str!("../../policies/structure/message.toml")),
];

/// A pack, parsed.
#[derive(Debug, Clone)]
pub struct PackFile {
    /// Its text and name.
    pub document: Arc<Document>,
    content: PackContent,
}

/// The packs that ship with presend.
pub fn shipped() -> Vec<PackFile> {
    SHIPPED
        .iter()
        .map(|(name, text)| {
            PackFile::parse(Document::new(name, text)).expect("the shipped packs are tested to load")
        })
        .collect()
}

/// A file of rules.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "presend pack")]
pub struct PackContent {
    pack: About,
    #[schemars(with = "Vec<RuleContent>")]
    rule: Vec<Spanned<RuleContent>>,
}

/// What a pack is.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct About {
    /// Its name in `extends`.
    id: String,
    /// What it covers.
    title: Localised,
}

/// A rule as a pack holds it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RuleContent {
    /// `category.thing`, lower-kebab; names what is flagged.
    id: String,
    category: Category,
    kind: KindName,
    /// Log-odds that a clear finding adds.
    weight: f64,
    /// The most log-odds that all findings of the rule add; the weight where it is missing.
    cap: Option<f64>,
    /// How much of the weight ten times as many distinct values add; entities only.
    growth: Option<f64>,
    /// Factors by zone that differ from those of the category.
    zones: Option<BTreeMap<String, f64>>,
    #[serde(default)]
    action: Action,
    /// Lexicon, marking: words and phrases.
    #[serde(default)]
    terms: Vec<String>,
    /// Lexicon: phrases worth twice the weight.
    #[serde(default)]
    strong: Vec<String>,
    /// Lexicon, marking: harmless phrases that contain a term.
    #[serde(default)]
    allow: Vec<String>,
    /// Lexicon: words that excuse a term of the same sentence.
    #[serde(default)]
    exempt: Vec<String>,
    /// Lexicon: what may be written in place of a term.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    replacement: BTreeMap<Spanned<String>, String>,
    /// It counts only where the other findings make the message advertising.
    #[serde(default)]
    needs_promotion: bool,
    /// Marking: labels of key-value markings.
    #[serde(default)]
    labels: Vec<String>,
    /// Marking: words that count only behind a label, in brackets or in capitals.
    #[serde(default)]
    weak: Vec<String>,
    /// Marking: terms that go on with other words, such as a date.
    #[serde(default)]
    open: Vec<String>,
    /// Marking: public markings, and words that deny a marking.
    #[serde(default)]
    released: Vec<String>,
    /// Marking: phrases that speak about confidentiality.
    #[serde(default)]
    topics: Vec<String>,
    /// Marking: labels of titles, such as the subject of a quoted message.
    #[serde(default)]
    titles: Vec<String>,
    /// Marking: header fields that the rule is for, lower case.
    #[serde(default)]
    fields: Vec<String>,
    /// Whether it counts also in mail that stays within the organisation.
    #[serde(default)]
    also_internal: bool,
    /// Entity: its name.
    entity: Option<String>,
    /// Entity: words that name it.
    #[serde(default)]
    keywords: Vec<String>,
    /// Entity: words that name it among other things.
    #[serde(default)]
    hints: Vec<String>,
    /// Entity: nothing is found without a keyword or hint.
    #[serde(default)]
    needs_context: bool,
    /// Entity: its values are public; they are recognised so that they are not taken for something else.
    #[serde(default)]
    public: bool,
    /// Entity: words near by that speak against it.
    #[serde(default)]
    negative: Vec<String>,
    /// Entity: values that are published examples.
    #[serde(default)]
    test_values: Vec<String>,
    /// Entity: distinct values needed for low, medium and high confidence.
    #[serde(default)]
    counts: Vec<usize>,
    /// Weighted: the file of its terms, one of those that ship with presend; files of one's own go into `lexicons`.
    file: Option<String>,
    /// Structure: its name.
    check: Option<String>,
    /// Structure: what the check looks for.
    #[serde(default)]
    values: Vec<String>,
    /// What was found, for the sender.
    message: Localised,
    /// Why an auditor refuses it.
    why: Localised,
    /// The smallest thing to do.
    fix: Localised,
    /// At least two samples in which it must fire.
    #[serde(rename = "match")]
    matches: Vec<String>,
    /// At least two near misses in which it must not.
    #[serde(rename = "no_match")]
    no_matches: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum KindName {
    Lexicon,
    Weighted,
    Marking,
    Entity,
    Structure,
}

impl PackFile {
    /// Parses a pack.
    pub fn parse(document: Document) -> Result<PackFile, PolicyError> {
        let content = document.parse()?;
        Ok(PackFile { document: Arc::new(document), content })
    }

    /// Its name in `extends`.
    pub fn id(&self) -> &str {
        &self.content.pack.id
    }

    /// What it covers.
    pub fn title(&self) -> &Localised {
        &self.content.pack.title
    }

    /// Its rules, each checked for what it must have.
    pub fn rules(&self) -> Result<Vec<Rule>, PolicyError> {
        self.content.rule.iter().map(|rule| self.rule(rule)).collect()
    }

    fn rule(&self, spanned: &Spanned<RuleContent>) -> Result<Rule, PolicyError> {
        let content = spanned.get_ref().clone();
        let offset = spanned.span().start;
        let wrong = |problem: String, remedy: &str| Err(self.document.error_at(offset, &problem, remedy));
        let id = content.id.clone();
        let kebab = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        match id.split_once('.') {
            Some((category, thing)) if category == content.category.as_str() && kebab(thing) => {}
            _ => {
                let problem =
                    format!("rule id `{id}` is not of the form `{}.thing`", content.category.as_str());
                return wrong(
                    problem,
                    "write the category, a dot and a name in lower-case letters, digits and hyphens",
                );
            }
        }
        if content.matches.len() < 2 || content.no_matches.len() < 2 {
            let problem = format!("rule `{id}` has too few samples");
            return wrong(problem, "give it at least two `match` and two `no_match` samples");
        }
        if !content.weight.is_finite() || content.cap.is_some_and(|cap| !reaches(cap, content.weight)) {
            let problem =
                format!("rule `{id}` has a `cap` below its `weight`, or a weight that is no number");
            return wrong(problem, "raise `cap` to at least `weight`");
        }
        for (zone, _) in content.zones.iter().flatten() {
            if !super::scoring::ZONES.contains(&zone.as_str()) {
                let problem = format!("rule `{id}` names an unknown zone `{zone}`");
                return wrong(problem, &format!("use one of {}", super::scoring::ZONES.join(", ")));
            }
        }
        let kind = match Self::kind(&content) {
            Ok(kind) => kind,
            Err((problem, remedy)) => return wrong(format!("rule `{id}` {problem}"), remedy),
        };
        let replacements = self.replacements(&content)?;
        let kind = match &content.file {
            Some(file) if content.kind == KindName::Weighted => match words::shipped(file) {
                Some(document) => Kind::Weighted { terms: words::parse(&document)? },
                None => {
                    let problem = format!("rule `{id}` names `{file}`, which does not ship with presend");
                    return wrong(problem, "list a file of your own in `lexicons` of presend.toml");
                }
            },
            _ => kind,
        };
        Ok(Rule {
            id,
            pack: self.id().to_owned(),
            source: (Arc::clone(&self.document), offset),
            category: content.category,
            kind,
            weight: content.weight,
            cap: content.cap.unwrap_or(content.weight),
            growth: content.growth.unwrap_or(0.0),
            zones: content.zones.into_iter().flatten().collect(),
            action: content.action,
            also_internal: content.also_internal,
            needs_promotion: content.needs_promotion,
            replacements,
            message: content.message,
            why: content.why,
            fix: content.fix,
            matches: content.matches,
            no_matches: content.no_matches,
        })
    }

    /// What may be written in place of terms, by their folded form.
    fn replacements(&self, content: &RuleContent) -> Result<BTreeMap<String, String>, PolicyError> {
        let terms: Vec<String> =
            content.terms.iter().chain(&content.strong).map(|term| fold_term(term)).collect();
        let mut replacements = BTreeMap::new();
        for (term, replacement) in &content.replacement {
            let (written, term) = (term, fold_term(term.get_ref()));
            let folded = fold_term(replacement);
            let (problem, remedy) = if !terms.contains(&term) {
                ("which is no term of the rule", "add it to `terms` or `strong`, or remove the replacement")
            } else if folded.is_empty() {
                ("by nothing", "write what may stand there instead")
            } else if folded.contains(&term) {
                ("by words that hold it again", "write words without the term")
            } else {
                replacements.insert(term, replacement.clone());
                continue;
            };
            let problem = format!("rule `{}` replaces `{}`, {problem}", content.id, written.get_ref());
            return Err(self.document.error_at(written.span().start, &problem, remedy));
        }
        Ok(replacements)
    }

    /// What a rule looks for; or what is wrong with that, and the remedy.
    fn kind(content: &RuleContent) -> Result<Kind, (&'static str, &'static str)> {
        let marking = [
            &content.weak,
            &content.open,
            &content.released,
            &content.topics,
            &content.titles,
            &content.fields,
        ];
        let has_terms = !content.terms.is_empty()
            || !content.strong.is_empty()
            || !content.weak.is_empty()
            || !content.open.is_empty();
        if content.kind != KindName::Marking && marking.iter().any(|words| !words.is_empty()) {
            return Err((
                "has `weak`, `open`, `released`, `topics`, `titles` or `fields`",
                "only marking rules have them",
            ));
        }
        let is_entity = content.kind == KindName::Entity;
        let is_wordy = matches!(content.kind, KindName::Lexicon | KindName::Marking);
        if !is_wordy && (has_terms || !content.allow.is_empty() || !content.labels.is_empty()) {
            return Err((
                "has `terms`, `strong`, `allow` or `labels`",
                "only lexicon and marking rules have words",
            ));
        }
        let context = [&content.keywords, &content.hints, &content.negative];
        if !is_entity && (content.entity.is_some() || context.iter().any(|words| !words.is_empty())) {
            return Err(("has `entity`, `keywords`, `hints` or `negative`", "only entity rules have them"));
        }
        if content.kind != KindName::Lexicon && !(content.exempt.is_empty() && content.replacement.is_empty())
        {
            return Err(("has `exempt` or `replacement`", "only lexicon rules have them"));
        }
        if !is_entity && (content.needs_context || content.public) {
            return Err(("has `needs_context` or `public`", "only entity rules have them"));
        }
        if content.file.is_some() && content.kind != KindName::Weighted {
            return Err(("has `file`", "only weighted rules have one"));
        }
        if content.needs_context && content.keywords.is_empty() {
            return Err(("needs context and has no `keywords`", "add the words that name its values"));
        }
        let all = content.terms.iter().chain(&content.strong).chain(&content.allow).chain(&content.labels);
        let all = all.chain(&content.exempt);
        if all.chain(context.into_iter().chain(marking).flatten()).any(|term| term.trim().is_empty()) {
            return Err(("has an empty term", "remove it: it would match everywhere"));
        }
        let content = content.clone();
        match content.kind {
            KindName::Lexicon | KindName::Marking if !has_terms => Err(("has no terms", "add `terms`")),
            KindName::Weighted if content.file.is_none() => Err(("names no file", "add `file = \"...\"`")),
            KindName::Weighted => Ok(Kind::Weighted { terms: Vec::new() }),
            KindName::Lexicon => Ok(Kind::Lexicon {
                terms: content.terms,
                strong: content.strong,
                allow: content.allow,
                exempt: content.exempt,
            }),
            KindName::Marking => Ok(Kind::Marking(Marking {
                terms: content.terms,
                weak: content.weak,
                open: content.open,
                released: content.released,
                topics: content.topics,
                allow: content.allow,
                labels: content.labels,
                titles: content.titles,
                fields: content.fields,
            })),
            KindName::Entity => match content.entity {
                Some(entity) => Ok(Kind::Entity {
                    entity,
                    keywords: content.keywords,
                    hints: content.hints,
                    negative: content.negative,
                    test_values: content.test_values,
                    needs_context: content.needs_context,
                    public: content.public,
                    counts: content.counts,
                }),
                None => Err(("names no entity", "add `entity = \"...\"`")),
            },
            KindName::Structure => match content.check {
                Some(check) => {
                    let values = content.values.iter().map(|value| fold_term(value)).collect();
                    Ok(Kind::Structure { check, values })
                }
                None => Err(("names no check", "add `check = \"...\"`")),
            },
        }
    }
}

/// Whether a cap leaves room for a weight of either sign.
pub(super) fn reaches(cap: f64, weight: f64) -> bool {
    if weight < 0.0 { cap <= weight } else { cap >= weight }
}
