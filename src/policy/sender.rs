//! What single senders may send that others may not: `[[senders]]` of `presend.toml`.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::{Category, Document, Policy, Rule, gateway::Pattern, nearest};
use crate::error::PolicyError;

/// Rules that do not count for some senders.
#[derive(Debug, Clone)]
pub struct Exemption {
    from: Vec<Pattern>,
    rules: Vec<String>,
}

impl Exemption {
    /// Whether a rule does not count in mail of this sender, whose address is in lower case.
    pub fn covers(&self, rule: &Rule, sender: &str) -> bool {
        let is_named = self.rules.iter().any(|name| *name == rule.id || name == rule.category.as_str());
        is_named && self.from.iter().any(|pattern| pattern.matches(sender))
    }
}

/// An entry of `senders` as it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Sender {
    /// Addresses, or domains with their subdomains.
    #[schemars(with = "Vec<String>")]
    from: Vec<Spanned<String>>,
    /// Rules, or whole categories, that do not count in their mail.
    #[schemars(with = "Vec<String>")]
    rules: Vec<Spanned<String>>,
}

impl Sender {
    /// The exemption, checked against the rules of the policy.
    pub(super) fn check(&self, policy: &Policy, document: &Document) -> Result<Exemption, PolicyError> {
        let mut exemption = Exemption { from: Vec::new(), rules: Vec::new() };
        for text in &self.from {
            let problem = || format!("`{}` is neither an address nor a domain", text.get_ref());
            let remedy = "write it as name@example.com or example.com; subdomains are included";
            let pattern = Pattern::new(text.get_ref())
                .ok_or_else(|| document.error_at(text.span().start, &problem(), remedy))?;
            exemption.from.push(pattern);
        }
        for name in &self.rules {
            let wanted = name.get_ref();
            let categories = || Category::JUDGED.iter().chain([&Category::Structure]).map(|one| one.as_str());
            if policy.rule(wanted).is_none() && !categories().any(|one| one == wanted) {
                let ids = policy.rules.iter().map(|rule| rule.id.as_str()).chain(categories());
                let remedy = nearest(wanted, ids)
                    .map_or("`presend policy list` lists every rule".into(), |near| {
                        format!("did you mean `{near}`?")
                    });
                let problem = format!("no rule or category is called `{wanted}`");
                return Err(document.error_at(name.span().start, &problem, &remedy));
            }
            exemption.rules.push(wanted.clone());
        }
        Ok(exemption)
    }
}
