//! What mail providers ask their customers to publish: TOML in `policies/providers/`, or a file of one's own.
//!
//! A provider has editions with different records; which one a domain uses is told by the mail exchangers that it names.

use serde::Deserialize;

use super::{name::is_below, spf::includes};
use crate::{
    error::PolicyError,
    policy::{Document, Localised, nearest},
};

/// A mail provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its name on the command line: `alimail`.
    pub id: String,
    /// Its name for a person.
    pub title: Localised,
    /// When the records were last compared with what the provider says: `2026-11`.
    pub version: String,
    /// Its own way to verify what is published.
    pub verify: Option<Localised>,
    /// Domains at or below which its mail exchangers are.
    pub hosts: Vec<String>,
    /// Its editions, the usual one first.
    #[serde(rename = "edition")]
    pub editions: Vec<Edition>,
}

/// An edition of a provider's service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// Its name within the provider's.
    pub id: String,
    /// Its name for a person.
    pub title: Localised,
    /// Mail exchangers to publish; none where their names differ from customer to customer.
    #[serde(default)]
    pub mx: Vec<Exchange>,
    /// SPF record to publish, for mail that is sent through nobody else.
    pub spf: String,
}

/// A mail exchanger to publish.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Its name.
    pub host: String,
    /// The lower, the sooner tried.
    pub preference: u16,
}

/// Providers that ship with presend: file and text.
const SHIPPED: &[(&str, &str)] = &[
    ("policies/providers/alimail.toml", include_str!("../../policies/providers/alimail.toml")),
    ("policies/providers/exmail.toml", include_str!("../../policies/providers/exmail.toml")),
    ("policies/providers/netease.toml", include_str!("../../policies/providers/netease.toml")),
    ("policies/providers/feishu.toml", include_str!("../../policies/providers/feishu.toml")),
    ("policies/providers/google.toml", include_str!("../../policies/providers/google.toml")),
    ("policies/providers/microsoft.toml", include_str!("../../policies/providers/microsoft.toml")),
];

impl Provider {
    /// Every provider that ships with presend.
    pub fn shipped() -> Vec<Provider> {
        let parse = |(name, text): &(&str, &str)| {
            Provider::parse(&Document::new(name, text)).expect("shipped providers are tested to parse")
        };
        SHIPPED.iter().map(parse).collect()
    }

    /// A provider from the text of its file.
    pub fn parse(document: &Document) -> Result<Provider, PolicyError> {
        let provider: Provider = document.parse()?;
        if provider.editions.is_empty() {
            return Err(document.error("a provider without an `[[edition]]`", "say what it wants published"));
        }
        if let Some(edition) = provider.editions.iter().find(|edition| includes(&edition.spf).is_none()) {
            let problem = format!("the `spf` of edition `{}` is no SPF record", edition.id);
            return Err(document.error(&problem, "write it as v=spf1 include:spf.example.com -all"));
        }
        Ok(provider)
    }

    /// The shipped provider of this name; else what to write in its place.
    pub fn find(name: &str) -> Result<Provider, String> {
        let mut shipped = Provider::shipped();
        if let Some(at) = shipped.iter().position(|provider| provider.id == name) {
            return Ok(shipped.swap_remove(at));
        }
        let ids = || shipped.iter().map(|provider| provider.id.as_str());
        Err(match nearest(name, ids()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                format!("use one of {}, or a file that ends in .toml", ids().collect::<Vec<_>>().join(", "))
            }
        })
    }

    /// The edition of this name; else what to write in its place.
    pub fn edition_named(&self, name: &str) -> Result<&Edition, String> {
        let ids = || self.editions.iter().map(|edition| edition.id.as_str());
        let found = self.editions.iter().find(|edition| edition.id == name);
        found.ok_or_else(|| match nearest(name, ids()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of {}", ids().collect::<Vec<_>>().join(", ")),
        })
    }

    /// Whether a mail exchanger is the provider's.
    pub(super) fn owns(&self, host: &str) -> bool {
        self.hosts.iter().any(|parent| is_below(host, parent))
            || self.editions.iter().any(|edition| edition.mx.iter().any(|exchange| exchange.host == host))
    }

    /// The edition that these mail exchangers and included SPF records belong to; the usual one where neither tells.
    pub(super) fn edition(&self, hosts: &[String], included: &[String]) -> &Edition {
        let fit = |edition: &Edition| {
            let named = edition.mx.iter().filter(|exchange| hosts.contains(&exchange.host)).count();
            let wanted = edition.includes();
            let here = wanted.iter().filter(|domain| included.contains(domain)).count();
            // Where two editions want what is published, the one that wants no more than that.
            (named, here, usize::MAX - wanted.len())
        };
        let mut best = &self.editions[0];
        for edition in &self.editions[1..] {
            if fit(edition) > fit(best) {
                best = edition;
            }
        }
        best
    }
}

impl Edition {
    /// Domains whose SPF records it wants included.
    pub(super) fn includes(&self) -> Vec<String> {
        includes(&self.spf).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_providers_are_whole() {
        let shipped = Provider::shipped();
        assert_eq!(shipped.len(), SHIPPED.len());
        for provider in &shipped {
            for edition in &provider.editions {
                assert!(!edition.includes().is_empty(), "{}.{}", provider.id, edition.id);
                for exchange in &edition.mx {
                    assert!(provider.hosts.iter().any(|parent| is_below(&exchange.host, parent)));
                }
            }
        }
        assert_eq!(Provider::find("alimial").expect_err("misspelt"), "did you mean `alimail`?");
        assert!(Provider::find("nobody-at-all").expect_err("unknown").contains("alimail"));
    }

    #[test]
    fn an_edition_is_told_by_its_exchangers_then_by_its_includes() {
        let alimail = Provider::find("alimail").expect("shipped");
        let of = |hosts: &[&str], included: &[&str]| {
            let owned = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
            alimail.edition(&owned(hosts), &owned(included)).id.clone()
        };
        assert_eq!(of(&[], &[]), "standard");
        assert_eq!(of(&["mxw.mxhichina.com"], &["spf.qiye.aliyun.com"]), "enterprise");
        assert_eq!(of(&["mx2.sg.aliyun.com"], &[]), "singapore");
        assert_eq!(of(&["mx1.imm.aliyun.com"], &["spf.qiye.aliyun.com"]), "international");
        assert_eq!(of(&["mx1.qiye.aliyun.com"], &["spf.qiye.aliyun.com"]), "standard");
        let beside = ["spf.qiye.aliyun.com", "spf1.dm.aliyun.com"];
        assert_eq!(of(&["mx1.qiye.aliyun.com"], &beside), "directmail");
    }

    #[test]
    fn a_broken_file_names_what_is_wrong() {
        for (text, want) in [
            ("id = 1", "own.toml:1:6"),
            ("", "missing field `id`"),
            (
                "id='x'\ntitle={en='X',zh='X'}\nversion='1'\nhosts=[]\n[[edition]]\nid='a'\ntitle={en='A',zh='A'}\nspf='include:x'",
                "no SPF record",
            ),
        ] {
            let error = Provider::parse(&Document::new("own.toml", text)).expect_err("broken").to_string();
            assert!(error.contains(want), "{error}");
        }
    }
}
