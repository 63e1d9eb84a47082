//! Where a finding is, in words. Names of files come from the message: they are escaped, and what is private in them is masked.

use std::collections::BTreeMap;

use super::{Text, line::escaped};
use crate::{
    detect::Value,
    verdict::{Found, Verdict},
    zone::Zone,
};

/// A longer run of digits in a name is more than a date, and masked.
const DATE_DIGITS: usize = 8;

/// Words for the places of a verdict.
#[derive(Debug)]
pub(super) struct Places<'v> {
    text: &'v Text,
    /// File names in which private values were found, with those masked.
    masked: BTreeMap<&'v str, &'v str>,
    /// Private values and their masks.
    private: BTreeMap<&'v str, &'v str>,
}

impl<'v> Places<'v> {
    pub(super) fn new(verdict: &'v Verdict, text: &'v Text) -> Places<'v> {
        let mut places = Places { text, masked: BTreeMap::new(), private: BTreeMap::new() };
        for found in &verdict.findings {
            let Value::Private { canonical, masked } = &found.value else { continue };
            places.private.insert(canonical, masked);
            if let (Zone::Filename, Some(name), Some(excerpt)) =
                (found.zone, found.place.last(), &found.excerpt)
            {
                places.masked.insert(name, &excerpt.line);
            }
        }
        places
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
                    self.text.say("place", "quote", &[("name", &escaped(&self.public(name)))])
                })
            })
            .collect();
        shown.join(" > ")
    }

    /// A name without what is private in it.
    fn public(&self, name: &str) -> String {
        if let Some(masked) = self.masked.get(name) {
            return (*masked).to_owned();
        }
        let name =
            self.private.iter().fold(name.to_owned(), |name, (value, masked)| name.replace(value, masked));
        mask_digits(&name)
    }
}

/// Table and cell of `Table 1!C3`, the name that an extractor gives to a cell.
fn cell(name: &str) -> Option<(&str, &str)> {
    let (table, cell) = name.strip_prefix("Table ")?.split_once('!')?;
    let is_cell = cell.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_cell && table.bytes().all(|byte| byte.is_ascii_digit())).then_some((table, cell))
}

/// Masks the middle of long runs of digits, the start as well where little would be left: no rule may know what they are.
fn mask_digits(name: &str) -> String {
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '０'..='９');
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(start) = rest.find(is_digit) {
        let run = &rest[start..];
        let run = &run[..run.find(|c| !is_digit(c)).unwrap_or(run.len())];
        out.push_str(&rest[..start]);
        let count = run.chars().count();
        let masked = match count {
            0..=DATE_DIGITS => 0..0,
            9 | 10 => 0..count - 4,
            _ => 3..count - 4,
        };
        out.extend(run.chars().enumerate().map(|(at, c)| if masked.contains(&at) { '*' } else { c }));
        rest = &rest[start + run.len()..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_in_names_are_masked() {
        let cases = [
            ("IMG_20240315_102233.jpg", "IMG_20240315_102233.jpg"),
            ("张三110101199003071233.pdf", "张三110***********1233.pdf"),
            ("６２２２０２１２３４５６.txt", "６２２*****３４５６.txt"),
            ("ssn 219099999", "ssn *****9999"),
            ("a", "a"),
        ];
        for (name, want) in cases {
            assert_eq!(mask_digits(name), want);
        }
    }

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
