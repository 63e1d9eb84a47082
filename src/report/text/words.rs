//! The fixed words of all reports, from `policies/messages.toml`: code names an entry and fills its placeholders, it holds no prose.

use std::{collections::BTreeMap, sync::LazyLock};

use super::Text;
use crate::policy::{Language, Localised, fill};

/// `policies/messages.toml`: entries by section and key.
type Entries = BTreeMap<String, BTreeMap<String, Localised>>;

static ENTRIES: LazyLock<Entries> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../policies/messages.toml"))
        .expect("the embedded file is tested to parse")
});

impl Text {
    /// A text with its placeholders filled.
    pub(in crate::report) fn say(&self, section: &str, key: &str, values: &[(&str, &str)]) -> String {
        say(self.language, section, key, values)
    }

    /// A text as it stands in the file; an entry that is not there is named by its key.
    pub(in crate::report) fn word<'k>(&self, section: &str, key: &'k str) -> &'k str {
        entry(self.language, section, key).unwrap_or(key)
    }

    /// A number of things: the key in `[count]` is singular for one.
    pub(in crate::report) fn count(&self, thing: &str, count: usize) -> String {
        let plural = format!("{thing}s");
        self.say("count", if count == 1 { thing } else { &plural }, &[("count", &count.to_string())])
    }

    /// A share as a percentage; it is certain neither way.
    pub(in crate::report) fn percent(&self, share: f64) -> String {
        let (kind, number) = match (share * 100.0).round() {
            number if number < 1.0 => ("under", 1.0),
            number if number > 99.0 && share < 1.0 => ("over", 99.0),
            number => ("exact", number),
        };
        self.say("percent", kind, &[("number", &format!("{number:.0}"))])
    }

    /// Words that presend gave to a place or part, in the language of the report; `None` for the sender's own.
    pub(in crate::report) fn given(&self, words: &str) -> Option<String> {
        if let Some(text) = entry(self.language, "given", words) {
            return Some(text.to_owned());
        }
        let digits = words.find(|c: char| c.is_ascii_digit())?;
        let rest = words[digits..].trim_start_matches(|c: char| c.is_ascii_digit());
        let number = &words[digits..words.len() - rest.len()];
        let pattern = format!("{}{{number}}{rest}", &words[..digits]);
        entry(self.language, "given", &pattern).map(|text| fill(text, &[("number", number)]))
    }
}

/// Fixed words outside a verdict, with their placeholders filled; an entry that is not there is named by its key.
pub fn say(language: Language, section: &str, key: &str, values: &[(&str, &str)]) -> String {
    fill(entry(language, section, key).unwrap_or(key), values)
}

fn entry(language: Language, section: &str, key: &str) -> Option<&'static str> {
    ENTRIES.get(section)?.get(key).map(|text| text.get(language))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        detect::{Clue, Confidence, Evasion},
        message::Unread,
        policy::Category,
        zone::Zone,
    };

    fn placeholders(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            text.split('{').skip(1).map(|rest| rest.split_once('}').expect("closed").0).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn languages_say_the_same() {
        let mut seen = 0;
        for (section, entries) in ENTRIES.iter() {
            for (key, text) in entries {
                assert!(!text.en.is_empty() && !text.zh.is_empty(), "{section}.{key}");
                assert_eq!(placeholders(&text.en), placeholders(&text.zh), "{section}.{key}");
                seen += 1;
            }
        }
        assert!(seen > 90, "{seen}");
    }

    #[test]
    fn every_name_of_a_type_has_words() {
        let mut names: Vec<(&str, &str)> = Vec::new();
        names.extend(Category::JUDGED.iter().chain([&Category::Structure]).map(|c| ("category", c.as_str())));
        names.extend(
            [Confidence::Low, Confidence::Medium, Confidence::High].map(|c| ("confidence", c.as_str())),
        );
        let zones = [
            Zone::Header,
            Zone::Authored,
            Zone::Quoted,
            Zone::Forwarded,
            Zone::Signature,
            Zone::Disclaimer,
            Zone::Hidden,
            Zone::Filename,
            Zone::Metadata,
            Zone::Attachment,
        ];
        names.extend(zones.map(|zone| ("zone", zone.as_str())));
        let unread = [
            Unread::Image,
            Unread::Media,
            Unread::Document,
            Unread::Pdf,
            Unread::Archive,
            Unread::Program,
            Unread::ImageOnly,
            Unread::Encrypted,
            Unread::Signature,
            Unread::Unknown,
            Unread::OverLimit,
            Unread::Broken,
        ];
        names.extend(unread.map(|reason| ("unread-reason", reason.as_str())));
        names.extend(Evasion::ALL.map(|evasion| ("evasion", evasion.as_str())));
        names.extend(Clue::ALL.map(|clue| ("evidence", clue.as_str())));
        for (section, key) in names {
            assert!(ENTRIES[section].contains_key(key), "{section}.{key}");
        }
    }

    /// Entries that the code names are there, and no other.
    #[test]
    fn code_and_file_name_the_same_entries() {
        let code = [
            include_str!("../text.rs"),
            include_str!("excerpt.rs"),
            include_str!("place.rs"),
            include_str!("words.rs"),
            include_str!("../summary.rs"),
            include_str!("../brief.rs"),
            include_str!("../../cmd/sendmail/mod.rs"),
            include_str!("../explanation.rs"),
            include_str!("../../bounce/cause.rs"),
            include_str!("../../cmd/policy.rs"),
        ]
        .concat();
        let quoted: Vec<&str> = code.split('"').collect();
        for (section, entries) in ENTRIES.iter().filter(|(section, _)| *section != "given") {
            for key in entries.keys() {
                let singular = key.trim_end_matches('s');
                assert!(
                    quoted.contains(&key.as_str())
                        || quoted.contains(&singular)
                        || is_name_in_json(section, key),
                    "{section}.{key} is not used"
                );
            }
        }
        for call in code.split("say(\"").chain(code.split("word(\"")).skip(1) {
            let mut words = call.split('"');
            let (section, between, key) = (words.next(), words.next(), words.next());
            if let (Some(section), Some(", "), Some(key)) = (section, between, key) {
                assert!(
                    ENTRIES.get(section).is_some_and(|entries| entries.contains_key(key)),
                    "{section}.{key}"
                );
            }
        }
    }

    fn is_name_in_json(section: &str, key: &str) -> bool {
        matches!(section, "category" | "zone" | "confidence" | "unread-reason" | "evasion")
            || Clue::ALL.iter().any(|clue| section == "evidence" && clue.as_str() == key)
            || matches!(key, "reject" | "review" | "pass")
    }

    #[test]
    fn percentages_never_claim_certainty() {
        let text = Text {
            language: Language::English,
            colour: false,
            show_matches: false,
            explain: false,
            width: 80,
        };
        for (share, want) in [
            (0.0, "<1 %"),
            (0.004, "<1 %"),
            (0.03, "3 %"),
            (0.934, "93 %"),
            (0.9999, ">99 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(text.percent(share), want);
        }
    }

    #[test]
    fn given_words_are_translated() {
        let zh = Text {
            language: Language::Chinese,
            colour: false,
            show_matches: false,
            explain: false,
            width: 80,
        };
        assert_eq!(zh.given("attached message").as_deref(), Some("内附邮件"));
        assert_eq!(zh.given("all after 256 MB").as_deref(), Some("256 MB 之后的全部内容"));
        assert_eq!(zh.given("a2.txt"), None);
    }
}
