//! Findings that only the envelope tells: a sender who may not send outside, a recipient who has blocked us.

use super::{Case, context::domain};
use crate::{
    detect::{Confidence, Finding, Location, Value, Values},
    policy::{Kind, delivery},
    zone::Zone,
};

impl Case<'_, '_> {
    /// What stands in the way of delivery by the lists of the policy.
    pub(super) fn undeliverable(&self, values: &mut Values, findings: &mut Vec<Finding>) {
        for (index, rule) in self.policy.rules.iter().enumerate() {
            let Kind::Structure { check, values: listed } = &rule.kind else { continue };
            let is_listed = |address: &str| {
                let of_domain = format!("@{}", domain(address));
                listed.iter().any(|entry| *entry == address || *entry == of_domain)
            };
            let who: Vec<&String> = match check.as_str() {
                delivery::EXTERNAL_DENIED => {
                    let sender = self.envelope.from.as_ref().or(self.message.header.from.as_ref());
                    let leaves = self.recipients().iter().any(|recipient| self.is_outside(recipient));
                    sender.filter(|sender| leaves && is_listed(sender)).into_iter().collect()
                }
                delivery::BLOCKED_BY => self.recipients().iter().filter(|to| is_listed(to)).collect(),
                _ => continue,
            };
            for address in who {
                findings.push(Finding {
                    rule: index,
                    location: Location::Message,
                    confidence: Confidence::High,
                    zone: Zone::Header,
                    value: Value::Private(values.keep_address(address)),
                    strength: 1.0,
                    ignored: None,
                    evasion: None,
                    trace: None,
                });
            }
        }
    }
}
