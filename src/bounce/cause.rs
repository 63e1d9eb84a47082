//! Why mail comes back: the documented list of causes, and of each what it means, who can mend it and how. Texts are data in
//! `policies/bounces/causes.toml`.

use std::{collections::BTreeMap, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::{Language, Localised};

/// Why a message came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The sender's own provider holds the account back: weak password, too much mail.
    SenderThrottled,
    /// SPF of the sender's domain is missing, wrong or does not name the server.
    Spf,
    /// The recipient's domain sends its mail to the wrong servers.
    Mx,
    /// The recipient has blocked the sender.
    RecipientBlocklist,
    /// The account may not send outside.
    ExternalDenied,
    /// The organisation's auditor refused it.
    Auditor,
    /// A filter took the content for spam.
    ContentSpam,
    /// There is no such address, or it is no longer in use.
    UnknownAddress,
    /// The mailbox is full.
    MailboxFull,
    /// The message is larger than allowed.
    TooLarge,
    /// Too much mail in too short a time, or to too many recipients.
    RateLimited,
    /// The sending server or domain has a bad name.
    Reputation,
    /// A rule of the receiving system refuses it.
    Policy,
    /// The sender did not prove who it is: log-in, DKIM, DMARC.
    Authentication,
    /// The server asks to try again later, of everybody it does not know.
    Greylisted,
    /// A name does not resolve: the recipient's domain, or the sending server's.
    Dns,
    /// The receiving system cannot be reached or is in trouble.
    Network,
    /// An attachment is not allowed.
    Attachment,
    /// It is no bounce.
    NotABounce,
    /// The text is not known.
    Unknown,
}

/// Who can mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// Whoever wrote the message.
    Sender,
    /// The administrator of the sender's organisation.
    Administrator,
    /// The recipient.
    Recipient,
    /// The provider of either side.
    Provider,
    /// Nobody needs to.
    Nobody,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Cause; 20] = [
        Cause::SenderThrottled,
        Cause::Spf,
        Cause::Mx,
        Cause::RecipientBlocklist,
        Cause::ExternalDenied,
        Cause::Auditor,
        Cause::ContentSpam,
        Cause::UnknownAddress,
        Cause::MailboxFull,
        Cause::TooLarge,
        Cause::RateLimited,
        Cause::Reputation,
        Cause::Policy,
        Cause::Authentication,
        Cause::Greylisted,
        Cause::Dns,
        Cause::Network,
        Cause::Attachment,
        Cause::NotABounce,
        Cause::Unknown,
    ];

    /// The name in JSON and in data.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::SenderThrottled => "sender-throttled",
            Cause::Spf => "spf",
            Cause::Mx => "mx",
            Cause::RecipientBlocklist => "recipient-blocklist",
            Cause::ExternalDenied => "external-denied",
            Cause::Auditor => "auditor",
            Cause::ContentSpam => "content-spam",
            Cause::UnknownAddress => "unknown-address",
            Cause::MailboxFull => "mailbox-full",
            Cause::TooLarge => "too-large",
            Cause::RateLimited => "rate-limited",
            Cause::Reputation => "reputation",
            Cause::Policy => "policy",
            Cause::Authentication => "authentication",
            Cause::Greylisted => "greylisted",
            Cause::Dns => "dns",
            Cause::Network => "network",
            Cause::Attachment => "attachment",
            Cause::NotABounce => "not-a-bounce",
            Cause::Unknown => "unknown",
        }
    }

    /// Whether what the message holds is the cause: then its findings say which part of it.
    pub fn is_content(self) -> bool {
        matches!(self, Cause::Auditor | Cause::ContentSpam)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Cause {
    type Err = ();

    fn from_str(text: &str) -> Result<Cause, ()> {
        Cause::ALL.into_iter().find(|cause| cause.as_str() == text).ok_or(())
    }
}

impl Who {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Who::Sender => "sender",
            Who::Administrator => "administrator",
            Who::Recipient => "recipient",
            Who::Provider => "provider",
            Who::Nobody => "nobody",
        }
    }
}

/// Lines in every language.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// English.
    pub en: Vec<String>,
    /// Chinese, simplified.
    pub zh: Vec<String>,
}

impl Steps {
    /// The lines in a language.
    pub fn get(&self, language: Language) -> &[String] {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }
}

/// What is to be said of a cause.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advice {
    /// In one clause.
    pub title: Localised,
    /// What happened, in a sentence or two.
    pub what: Localised,
    /// Who can mend it.
    pub who: Who,
    /// What to do, in order.
    pub steps: Steps,
    /// How to see that it works again.
    pub verify: Localised,
}

/// The advice for every cause.
#[derive(Debug)]
pub(super) struct Causes(BTreeMap<Cause, Advice>);

impl Causes {
    pub(super) fn shipped() -> Causes {
        let text = include_str!("../../policies/bounces/causes.toml");
        Causes(toml::from_str(text).expect("the embedded file is tested to parse"))
    }

    pub(super) fn get(&self, cause: Cause) -> &Advice {
        self.0.get(&cause).expect("every cause is tested to have advice")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_advice_in_both_languages() {
        let causes = Causes::shipped();
        for cause in Cause::ALL {
            let advice = causes.0.get(&cause).unwrap_or_else(|| panic!("{cause} has no advice"));
            assert_eq!(advice.steps.en.len(), advice.steps.zh.len(), "{cause}");
            assert!(!advice.steps.en.is_empty() && !advice.verify.zh.is_empty(), "{cause}");
            assert_eq!(cause.as_str().parse(), Ok(cause));
            assert_eq!(serde_json::to_string(&cause).expect("a name"), format!("\"{cause}\""));
        }
    }
}
