//! Direction: whether a mail stays within the organisation, and whether what is quoted in it reaches someone outside who has not read it before.

use super::{Case, context::domain};
use crate::{
    policy::{Category, Rule},
    zone::Zone,
};

impl Case<'_, '_> {
    /// Whether the mail stays within the organisation: then nothing is disclosed.
    pub(super) fn is_internal(&self) -> bool {
        let recipients = self.recipients();
        !recipients.is_empty() && recipients.iter().all(|recipient| self.is_own(recipient))
    }

    pub(super) fn recipients(&self) -> &[String] {
        if self.envelope.to.is_empty() { &self.message.header.recipients } else { &self.envelope.to }
    }

    /// The sender, or nothing where nobody says.
    pub(super) fn sender(&self) -> &str {
        self.envelope.from.as_ref().or(self.message.header.from.as_ref()).map_or("", String::as_str)
    }

    /// Whether an address is the organisation's own.
    pub(super) fn is_own(&self, address: &str) -> bool {
        let domain = domain(address);
        self.policy.internal_domains.iter().any(|own| {
            domain == *own || domain.strip_suffix(own.as_str()).is_some_and(|rest| rest.ends_with('.'))
        })
    }

    /// The share of its weight that a finding keeps in its zone. A marking on an earlier message weighs less, as its readers have it already; in full where
    /// somebody outside gets it who had no part in that conversation.
    pub(super) fn place_factor(&self, rule: &Rule, zone: Zone) -> f64 {
        let factor = self.zone_factor(rule, zone);
        let is_earlier = matches!(zone, Zone::Quoted | Zone::Forwarded);
        if rule.category == Category::Confidential && is_earlier && factor > 0.0 && self.reaches_outsiders() {
            return factor.max(1.0);
        }
        factor
    }

    /// Whether a recipient outside the organisation is not among those whom the quoted messages name. Where they name nobody, nobody can tell.
    fn reaches_outsiders(&self) -> bool {
        let mut known = self.texts.iter().flat_map(|text| &text.zoned.participants).peekable();
        if known.peek().is_none() {
            return false;
        }
        let known: Vec<&String> = known.collect();
        self.recipients().iter().any(|recipient| {
            self.is_outside(recipient) && !known.iter().any(|one| one.eq_ignore_ascii_case(recipient))
        })
    }

    /// Whether an address is outside the organisation; where the policy does not say what is within, the sender's domain is.
    pub(super) fn is_outside(&self, address: &str) -> bool {
        if !self.policy.internal_domains.is_empty() {
            return !self.is_own(address);
        }
        let sender = self.envelope.from.as_ref().or(self.message.header.from.as_ref());
        sender.is_none_or(|sender| domain(sender) != domain(address))
    }
}
