//! Where a finding is, in words. Names of files come from the message: they are escaped, and what is private in them is masked.

use super::{Text, line::escaped};
use crate::{
    report::names::public,
    verdict::{Found, Verdict},
    zone::Zone,
};

/// Words for the places of a verdict.
#[derive(Debug)]
pub(super) struct Places<'v> {
    text: &'v Text,
    verdict: &'v Verdict,
}

impl<'v> Places<'v> {
    pub(super) fn new(verdict: &'v Verdict, text: &'v Text) -> Places<'v> {
        Places { text, verdict }
    }

    /// The place of a finding in words; `None` where it stands in the text of the message itself.
    pub(super) fn words(&self, found: &Found) -> Option<String> {
        let text = self.text;
        if found.part.is_empty() && found.position.is_none() && found.place.is_empty() {
            return Some(text.word("place", "message").to_owned());
        }
        let (cell, names) = match found.place.split_last() {
            Some((last, names)) => match cell(last) {
                Some((table, cell)) => {
                    (Some(text.say("place", "cell", &[("table", table), ("cell", cell)])), names)
                }
                None => (None, found.place.as_slice()),
            },
            None => (None, &[][..]),
        };
        let in_file = (!names.is_empty()).then(|| text.say("place", "file", &[("name", &self.names(names))]));
        let words = match found.zone {
            Zone::Header => vec![Some(self.field(found))],
            Zone::Authored | Zone::Attachment => vec![in_file, cell],
            Zone::Filename if in_file.is_some() => {
                vec![Some(text.say("place", "filename", &[("name", &self.names(names))]))]
            }
            zone => vec![Some(text.word("zone", zone.as_str()).to_owned()), in_file, cell],
        };
        words
            .into_iter()
            .flatten()
            .reduce(|one, other| text.say("place", "at", &[("one", &one), ("other", &other)]))
    }

    /// The header field of a finding.
    fn field(&self, found: &Found) -> String {
        let key = match (found.place.last().map(String::as_str), found.part.contains('.')) {
            (Some("Subject"), false) => "subject",
            (Some("Subject"), true) => "inner-subject",
            (Some(_), _) => "names",
            (None, _) => return self.text.word("zone", Zone::Header.as_str()).to_owned(),
        };
        self.text.word("place", key).to_owned()
    }

    /// Names of files and messages, the outermost first.
    pub(super) fn names(&self, names: &[String]) -> String {
        let shown: Vec<String> = names
            .iter()
            .map(|name| {
                self.text.given(name).unwrap_or_else(|| {
                    self.text.say("place", "quote", &[("name", &escaped(&public(self.verdict, name)))])
                })
            })
            .collect();
        shown.join(" > ")
    }
}

/// Table and cell of `Table 1!C3`, the name that an extractor gives to a cell.
fn cell(name: &str) -> Option<(&str, &str)> {
    let (table, cell) = name.strip_prefix("Table ")?.split_once('!')?;
    let is_cell = cell.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_cell && table.bytes().all(|byte| byte.is_ascii_digit())).then_some((table, cell))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_told_from_names() {
        let cases = [
            ("Table 1!C3", Some(("1", "C3"))),
            ("Table plan!.xlsx", None),
            ("Table 1!C3.txt", None),
            ("Subject", None),
        ];
        for (name, want) in cases {
            assert_eq!(cell(name), want);
        }
    }
}
