//! What findings say: `policies/doctor.toml`. Code names an entry and fills its placeholders; it holds no prose and decides not how bad a thing is.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::Finding;
use crate::policy::{Language, Localised, fill};

/// How bad it is, the better first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// In order; what is said is for information.
    Ok,
    /// Mail goes, some of it perhaps not.
    Warning,
    /// Nobody could be asked.
    Unknown,
    /// Mail is lost or refused.
    Failure,
}

/// `policies/doctor.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    finding: BTreeMap<String, Entry>,
    /// Reasons for which a term of an SPF record is wrong.
    syntax: BTreeMap<String, Localised>,
    /// Everything else, by section and key.
    say: BTreeMap<String, BTreeMap<String, Localised>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    status: Status,
    message: Localised,
    fix: Localised,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    toml::from_str(include_str!("../../policies/doctor.toml")).expect("the embedded file is tested to parse")
});

impl Status {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Unknown => "unknown",
            Status::Failure => "failure",
        }
    }
}

impl Finding {
    /// How bad it is.
    pub fn status(&self) -> Status {
        WORDS.finding.get(self.id).map_or(Status::Unknown, |entry| entry.status)
    }

    /// What was found.
    pub fn message(&self, language: Language) -> String {
        self.said(language, |entry| &entry.message)
    }

    /// What to do about it.
    pub fn fix(&self, language: Language) -> String {
        self.said(language, |entry| &entry.fix)
    }

    fn said(&self, language: Language, which: impl Fn(&Entry) -> &Localised) -> String {
        let Some(entry) = WORDS.finding.get(self.id) else { return self.id.to_owned() };
        let shown: Vec<(&str, &str)> = self
            .values
            .iter()
            .map(|(name, value)| {
                let value = match *name {
                    "why" => WORDS.syntax.get(value).map_or(value.as_str(), |why| why.get(language)),
                    _ => value.as_str(),
                };
                (*name, value)
            })
            .collect();
        fill(which(entry).get(language), &shown)
    }
}

/// Fixed words of a report, with their placeholders filled; an entry that is not there is named by its key.
pub fn say(language: Language, section: &str, key: &str, values: &[(&str, &str)]) -> String {
    let text = WORDS.say.get(section).and_then(|entries| entries.get(key));
    fill(text.map_or(key, |text| text.get(language)), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            text.split('{').skip(1).map(|rest| rest.split_once('}').expect("closed").0).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    #[test]
    fn languages_say_the_same() {
        let texts = WORDS
            .finding
            .values()
            .flat_map(|entry| [&entry.message, &entry.fix])
            .chain(WORDS.syntax.values())
            .chain(WORDS.say.values().flat_map(BTreeMap::values));
        let mut seen = 0;
        for text in texts {
            assert!(!text.en.is_empty() && !text.zh.is_empty());
            assert_eq!(placeholders(&text.en), placeholders(&text.zh), "{}", text.en);
            seen += 1;
        }
        assert!(seen > 90, "{seen}");
    }

    /// Findings that the code names are there, and no other; so are the reasons of broken terms.
    #[test]
    fn code_and_file_name_the_same_findings() {
        let code = [
            include_str!("dkim.rs"),
            include_str!("dmarc.rs"),
            include_str!("dns.rs"),
            include_str!("mod.rs"),
            include_str!("mx.rs"),
            include_str!("spf/mod.rs"),
            include_str!("spf/walk.rs"),
            include_str!("spf/record.rs"),
        ]
        .concat();
        let quoted: Vec<&str> = code.split('"').collect();
        for id in WORDS.finding.keys().chain(WORDS.syntax.keys()) {
            assert!(quoted.contains(&id.as_str()), "{id} is not used");
        }
        let is_id = |text: &&str| {
            text.split_once('.').is_some_and(|(subject, rest)| {
                ["spf", "mx", "dkim", "dmarc", "dns"].contains(&subject)
                    && rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
                    && !rest.is_empty()
            })
        };
        let ids: Vec<&&str> = quoted.iter().filter(|text| is_id(text)).collect();
        assert!(ids.len() > 40, "{}", ids.len());
        for id in ids {
            assert!(WORDS.finding.contains_key(*id), "{id} has no words");
        }
        for why in code.split("Broken(\"").skip(1).chain(code.split("broken(\"").skip(1)) {
            let why = why.split('"').next().unwrap_or_default();
            assert!(WORDS.syntax.contains_key(why), "{why} has no words");
        }
    }
}
