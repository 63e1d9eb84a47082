//! `presend.toml`: what an organisation changes and adds.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::{Spanned, value::Datetime};

use super::{
    Action, Auditor, Category, Context, Document, Kind, Localised, PackFile, Policy, Rule, delivery,
    gateway::GatewayTable,
    label::{self, Labels},
    nearest, pack,
    sender::Sender,
    words,
};
use crate::error::{Error, PolicyError};

/// The file of an organisation.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "presend policy")]
pub struct Organisation {
    /// Packs to start from: `default` for all that ship with presend, or their ids. All when missing.
    #[schemars(with = "Option<Vec<String>>")]
    extends: Option<Spanned<Vec<Spanned<String>>>>,
    /// Pack files of one's own, relative to this file.
    #[schemars(with = "Vec<String>")]
    packs: Vec<Spanned<String>>,
    /// The organisation's own domains; mail that stays within them is internal.
    #[schemars(with = "Vec<String>")]
    internal_domains: Vec<Spanned<String>>,
    /// Whose reading of a message findings are told by: `thorough` (as if nothing was said), `alimail`, or a file of one's own, relative to this one.
    #[schemars(with = "Option<String>")]
    auditor: Option<Spanned<String>>,
    /// Senders who may not send outside, as addresses or `@example.com`: their mail to others would come back.
    #[schemars(with = "Vec<String>")]
    external_denied: Vec<Spanned<String>>,
    /// Recipients who have blocked the organisation's mail, as addresses or `@example.org`.
    #[schemars(with = "Vec<String>")]
    blocked_by: Vec<Spanned<String>>,
    /// More of both: a file that `presend explain --remember` wrote, relative to this one.
    #[schemars(with = "Option<String>")]
    remembered: Option<Spanned<String>>,
    /// Words of one's own.
    #[schemars(with = "Vec<Keywords>")]
    keywords: Vec<Spanned<Keywords>>,
    /// Sensitivity labels that must not leave, by name or GUID.
    #[schemars(with = "Vec<Labels>")]
    labels: Vec<Spanned<Labels>>,
    /// List of paragraphs that recur, relative to this file: what `presend learn boilerplate` wrote.
    #[schemars(with = "Option<String>")]
    boilerplate: Option<Spanned<String>>,
    /// Files of weighted terms, as `presend learn lexicon` writes them.
    #[schemars(with = "Vec<Lexicon>")]
    lexicons: Vec<Spanned<Lexicon>>,
    /// From which probability on to review and to reject.
    #[schemars(with = "Option<Thresholds>")]
    thresholds: Option<Spanned<Thresholds>>,
    /// Changes to rules, by id.
    #[schemars(with = "BTreeMap<String, RuleChange>")]
    rules: BTreeMap<Spanned<String>, RuleChange>,
    /// Values that are known and approved.
    #[schemars(with = "Vec<Waiver>")]
    waiver: Vec<Spanned<Waiver>>,
    /// Secret text that keys the fingerprints, so that nobody without it can try values against them.
    fingerprint_key: Option<String>,
    /// What a part that could not be read does to the verdict, by reason.
    #[schemars(with = "BTreeMap<String, NotInspectedAction>")]
    not_inspected: BTreeMap<Spanned<String>, NotInspectedAction>,
    /// What some senders may send that others may not.
    senders: Vec<Sender>,
    /// The mail gateway: what `presend milter` does with verdicts, its bounds, what it logs.
    gateway: GatewayTable,
}

/// Words of an organisation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keywords {
    /// The words; matched in any case, width and script.
    terms: Vec<String>,
    /// What they violate.
    category: Category,
    /// What they do; `score` adds `weight`.
    #[serde(default)]
    action: Action,
    /// Log-odds that they add; 3 when missing.
    weight: Option<f64>,
    /// What the sender is told.
    message: Option<String>,
}

/// Weighted terms of an organisation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Lexicon {
    /// The file, relative to this one: a term a line, its log-odds behind a tab.
    file: String,
    /// What the terms speak for.
    category: Category,
    /// A factor to their weights; 1 when missing.
    weight: Option<f64>,
    /// The most log-odds that all of them add or take off; 6 when missing.
    cap: Option<f64>,
}

/// Thresholds of the decision.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Thresholds {
    /// 0 to 1.
    review: Option<f64>,
    /// 0 to 1, not below review.
    reject: Option<f64>,
}

/// A change to a rule.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RuleChange {
    action: Option<Action>,
    /// Log-odds that a clear finding adds.
    weight: Option<f64>,
    /// The most that all its findings add.
    cap: Option<f64>,
}

/// A value that is known and approved.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Waiver {
    /// As a report shows it.
    fingerprint: String,
    /// Why it may pass.
    reason: String,
    /// Who answers for it.
    owner: String,
    /// The last day that it is good for.
    #[schemars(with = "String")]
    expires: Spanned<Datetime>,
}

/// What a part that could not be read does to the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NotInspectedAction {
    /// It is listed.
    Note,
    /// The message is at least to be reviewed.
    Review,
    /// The message is rejected.
    Reject,
}

impl Organisation {
    /// Where the file says what to start from.
    pub(super) fn extends_at(&self) -> usize {
        self.extends.as_ref().map_or(0, |extends| extends.span().start)
    }

    /// The packs that the file asks for.
    pub(super) fn packs(&self, document: &Document, context: &Context<'_>) -> Result<Vec<PackFile>, Error> {
        let shipped = pack::shipped();
        let Some(extends) = &self.extends else { return self.own_packs(shipped, document, context) };
        let mut packs: Vec<PackFile> = Vec::new();
        for name in extends.get_ref() {
            let wanted = name.get_ref();
            let found: Vec<&PackFile> =
                shipped.iter().filter(|pack| wanted == "default" || pack.id() == wanted).collect();
            if found.is_empty() {
                let ids = shipped.iter().map(PackFile::id).chain(["default"]);
                let remedy = match nearest(wanted, ids) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        "use `default` or an id of `presend policy list`; files of your own go into `packs`"
                            .into()
                    }
                };
                return Err(document
                    .error_at(name.span().start, &format!("no pack is called `{wanted}`"), &remedy)
                    .into());
            }
            for pack in found {
                if !packs.iter().any(|have| have.id() == pack.id()) {
                    packs.push(pack.clone());
                }
            }
        }
        self.own_packs(packs, document, context)
    }

    fn own_packs(
        &self,
        mut packs: Vec<PackFile>,
        document: &Document,
        context: &Context<'_>,
    ) -> Result<Vec<PackFile>, Error> {
        for name in &self.packs {
            let path = Path::new(&document.name).parent().unwrap_or(Path::new("")).join(name.get_ref());
            let text = (context.read)(&path).map_err(|error| {
                document.error_at(name.span().start, &error.to_string(), "the path is relative to this file")
            })?;
            packs.push(PackFile::parse(Document::new(&path.display().to_string(), &text))?);
        }
        Ok(packs)
    }

    /// Applies everything but the packs.
    pub(super) fn apply(
        &self,
        policy: &mut Policy,
        document: &Document,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let lists = (&self.external_denied[..], &self.blocked_by[..]);
        for rule in delivery::rules(lists, self.remembered.as_ref(), document, context)? {
            policy.rules.push(Arc::new(rule));
        }
        for (id, change) in &self.rules {
            change_rule(policy, id, change)
                .map_err(|(problem, remedy)| document.error_at(id.span().start, &problem, &remedy))?;
        }
        for (index, lexicon) in self.lexicons.iter().enumerate() {
            let rule = lexicon_rule(index, lexicon, document, context)?;
            policy.rules.push(Arc::new(rule));
        }
        for (index, keywords) in self.keywords.iter().enumerate() {
            let rule = keyword_rule(index, keywords, document)?;
            policy.rules.push(Arc::new(rule));
        }
        for (index, labels) in self.labels.iter().enumerate() {
            policy.rules.push(Arc::new(label::rule(index, labels, document)?));
        }
        if let Some(name) = &self.auditor {
            policy.auditor = Auditor::named(name.get_ref(), document, name.span().start, context)?;
        }
        if let Some(thresholds) = &self.thresholds {
            let value = thresholds.get_ref();
            policy.review_at = value.review.unwrap_or(policy.review_at);
            policy.reject_at = value.reject.unwrap_or(policy.reject_at);
            let in_order =
                0.0 < policy.review_at && policy.review_at <= policy.reject_at && policy.reject_at <= 1.0;
            if !in_order {
                let problem =
                    format!("thresholds review {} and reject {}", policy.review_at, policy.reject_at);
                let remedy = "give probabilities with 0 < review <= reject <= 1";
                return Err(document.error_at(thresholds.span().start, &problem, remedy).into());
            }
        }
        for (reason, action) in &self.not_inspected {
            if !policy.not_inspected.contains_key(reason.get_ref()) {
                let mut known: Vec<&str> = policy.not_inspected.keys().map(String::as_str).collect();
                known.sort_unstable();
                let problem =
                    format!("no part is left unread for the reason `{reason}`", reason = reason.get_ref());
                let remedy = format!("use one of {}", known.join(", "));
                return Err(document.error_at(reason.span().start, &problem, &remedy).into());
            }
            policy.not_inspected.insert(reason.get_ref().clone(), *action);
        }
        for domain in &self.internal_domains {
            let name = domain.get_ref().trim_start_matches('@').to_lowercase();
            let is_domain =
                name.contains('.') && !name.contains(|c: char| c.is_whitespace() || c == '@' || c == '*');
            if !is_domain {
                let problem = format!("`{}` is no domain", domain.get_ref());
                let remedy = "write it as example.com; subdomains are included";
                return Err(document.error_at(domain.span().start, &problem, remedy).into());
            }
            policy.internal_domains.push(name);
        }
        if let Some(key) = &self.fingerprint_key {
            policy.fingerprint_key = *blake3::hash(key.as_bytes()).as_bytes();
        }
        if let Some(boilerplate) = &self.boilerplate {
            policy.load_boilerplate(boilerplate, document, context)?;
        }
        for sender in &self.senders {
            let exemption = sender.check(policy, document)?;
            policy.senders.push(exemption);
        }
        policy.gateway = self.gateway.check(document)?;
        for waiver in &self.waiver {
            waive(policy, waiver, document, context.today)?;
        }
        Ok(())
    }
}

fn change_rule(
    policy: &mut Policy,
    id: &Spanned<String>,
    change: &RuleChange,
) -> Result<(), (String, String)> {
    let wanted = id.get_ref();
    let near = policy.nearest(wanted).map(str::to_owned);
    let Some(rule) = policy.rules.iter_mut().find(|rule| rule.id == *wanted) else {
        let remedy = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`presend policy list` lists every rule".to_owned(),
        };
        return Err((format!("no rule is called `{wanted}`"), remedy));
    };
    let rule = Arc::make_mut(rule);
    rule.action = change.action.unwrap_or(rule.action);
    if let Some(weight) = change.weight {
        rule.weight = weight;
        rule.cap = if weight < 0.0 { rule.cap.min(weight) } else { rule.cap.max(weight) };
    }
    rule.cap = change.cap.unwrap_or(rule.cap);
    if !rule.weight.is_finite() || !pack::reaches(rule.cap, rule.weight) {
        return Err((format!("rule `{wanted}` gets a `cap` below its `weight`"), "raise `cap`".to_owned()));
    }
    Ok(())
}

/// The rule that an entry of `keywords` is.
fn keyword_rule(
    index: usize,
    keywords: &Spanned<Keywords>,
    document: &Document,
) -> Result<Rule, PolicyError> {
    let offset = keywords.span().start;
    let content = keywords.get_ref();
    if content.terms.iter().all(|term| term.trim().is_empty())
        || content.terms.iter().any(|t| t.trim().is_empty())
    {
        return Err(document.error_at(
            offset,
            "an entry of `keywords` has an empty term or none",
            "give it `terms`",
        ));
    }
    let weight = content.weight.unwrap_or(3.0);
    if !weight.is_finite() {
        let problem = "the `weight` of an entry of `keywords` is no number";
        return Err(document.error_at(offset, problem, "write log-odds such as 3.0"));
    }
    let said = content.message.clone();
    Ok(Rule {
        id: format!("{}.keywords-{}", content.category.as_str(), index + 1),
        pack: document.name.clone(),
        source: (Arc::new(document.clone()), offset),
        category: content.category,
        kind: Kind::Lexicon {
            terms: content.terms.clone(),
            strong: Vec::new(),
            allow: Vec::new(),
            exempt: Vec::new(),
        },
        weight,
        cap: weight * 1.5,
        growth: 0.0,
        zones: Vec::new(),
        action: content.action,
        also_internal: false,
        needs_promotion: false,
        replacements: BTreeMap::new(),
        message: Localised {
            en: said.clone().unwrap_or_else(|| "a word on the organisation's own list".into()),
            zh: said.unwrap_or_else(|| "出现本单位词表中的词语".into()),
        },
        why: Localised {
            en: "The organisation's policy lists it.".into(),
            zh: "本单位的策略列出了该词语。".into(),
        },
        fix: Localised {
            en: "Remove the word, or ask the owner of the policy".into(),
            zh: "删除该词语，或咨询策略负责人".into(),
        },
        matches: Vec::new(),
        no_matches: Vec::new(),
    })
}

/// The rule that an entry of `lexicons` is.
fn lexicon_rule(
    index: usize,
    lexicon: &Spanned<Lexicon>,
    document: &Document,
    context: &Context<'_>,
) -> Result<Rule, Error> {
    let (offset, content) = (lexicon.span().start, lexicon.get_ref());
    let path = Path::new(&document.name).parent().unwrap_or(Path::new("")).join(&content.file);
    let text = (context.read)(&path).map_err(|error| {
        document.error_at(offset, &error.to_string(), "the path is relative to this file")
    })?;
    let terms = words::parse(&Document::new(&path.display().to_string(), &text))?;
    let (weight, cap) = (content.weight.unwrap_or(1.0), content.cap.unwrap_or(6.0));
    if !(weight > 0.0 && weight.is_finite() && cap > 0.0) {
        let problem = "the `weight` or `cap` of an entry of `lexicons` is not above zero";
        return Err(document
            .error_at(offset, problem, "write a factor such as 1.0 and log-odds such as 6.0")
            .into());
    }
    Ok(Rule {
        id: format!("{}.lexicon-{}", content.category.as_str(), index + 1),
        pack: document.name.clone(),
        source: (Arc::new(document.clone()), offset),
        category: content.category,
        kind: Kind::Weighted { terms },
        weight,
        cap,
        growth: 0.0,
        zones: Vec::new(),
        action: Action::Score,
        also_internal: false,
        needs_promotion: false,
        replacements: BTreeMap::new(),
        message: Localised {
            en: "wording that the organisation's own mail is judged by".into(),
            zh: "符合本单位历史邮件特征的措辞".into(),
        },
        why: Localised {
            en: "Mail with such words was refused before.".into(),
            zh: "含有此类措辞的邮件曾被拒绝。".into(),
        },
        fix: Localised {
            en: "Say it in other words, or ask the owner of the policy".into(),
            zh: "改用其他说法，或咨询策略负责人".into(),
        },
        matches: Vec::new(),
        no_matches: Vec::new(),
    })
}

fn waive(
    policy: &mut Policy,
    waiver: &Spanned<Waiver>,
    document: &Document,
    today: &str,
) -> Result<(), PolicyError> {
    let content = waiver.get_ref();
    let is_hash =
        content.fingerprint.len() == 24 && content.fingerprint.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hash {
        return Err(document.error_at(
            waiver.span().start,
            &format!("`{}` is no fingerprint", content.fingerprint),
            "copy the 24 hexadecimal digits that `presend check --format json` shows",
        ));
    }
    if content.reason.trim().is_empty() || content.owner.trim().is_empty() {
        return Err(document.error_at(
            waiver.span().start,
            "a waiver without reason or owner",
            "say why, and who answers for it",
        ));
    }
    let Some(date) = content.expires.get_ref().date else {
        return Err(document.error_at(
            content.expires.span().start,
            "`expires` has no date",
            "write it as 2027-03-31",
        ));
    };
    if date.to_string().as_str() < today {
        policy.warnings.push(format!(
            "{}: the waiver {} of {} expired on {date}; renew or remove it",
            document.name, content.fingerprint, content.owner
        ));
    } else {
        policy.waivers.insert(content.fingerprint.to_ascii_lowercase(), content.reason.clone());
    }
    Ok(())
}
