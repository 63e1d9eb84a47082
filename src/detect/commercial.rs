//! What the law asks of commercial mail, missed: message and texts in, what is not there out.
//!
//! Which law is asked follows the language of the mail. It is asked of advertising only: ordinary mail lacks all of this rightly.

use std::collections::BTreeSet;

use super::{Location, hygiene::subject, lexicon::ends_word};
use crate::{
    extract,
    message::Message,
    normalize::Text,
    policy::{Kind, Rule},
    span::Span,
};

/// A mail that is asked.
pub(super) struct Asked<'a> {
    pub(super) message: &'a Message<'a>,
    pub(super) texts: &'a [Text<'a>],
    /// Where the values of these rules stand, by rule.
    pub(super) said: &'a SaidOf,
    is_chinese: bool,
}

/// What a message says of advertising.
#[derive(Debug, Default)]
pub struct SaidOf {
    /// What the law asks of it.
    pub(super) asked: Vec<Said>,
    /// Words of those who work on it, by number, in what is new in the message.
    pub talk: BTreeSet<u32>,
}

/// A value of a rule that stands in a text, or in a link.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) rule: usize,
    pub(super) text: usize,
    pub(super) span: Span,
}

/// Where a mail lacks what a rule asks for; `None` if it does not.
pub(super) type Check = fn(usize, &Rule, &Asked<'_>) -> Option<Location>;

/// Every check by its name in packs. The values of its rule are looked for with all other words.
const CHECKS: &[(&str, Check)] = &[
    ("no-advertisement-label", no_label),
    ("no-opt-out-zh", |rule, _, mail| {
        (mail.is_chinese && mail.lacks_opt_out(rule)).then_some(Location::Message)
    }),
    ("no-opt-out-en", |rule, _, mail| {
        (!mail.is_chinese && mail.lacks_opt_out(rule)).then_some(Location::Message)
    }),
    ("no-postal-address", no_postal_address),
];

/// The check of this name.
pub(super) fn find(name: &str) -> Option<Check> {
    CHECKS.iter().find(|(known, _)| *known == name).map(|(_, check)| *check)
}

/// The names of all checks.
pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
    CHECKS.iter().map(|(name, _)| *name)
}

/// A Chinese mail whose subject begins with none of the values.
fn no_label(_: usize, content: &Rule, mail: &Asked<'_>) -> Option<Location> {
    if mail.message.header.is_reply || !mail.is_chinese {
        return None;
    }
    let Some((text, subject)) = subject(mail.texts) else { return Some(Location::Message) };
    let folded = &*subject.folded;
    let bare = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    let at = folded.len() - bare.len();
    let begins = |label: &String| {
        bare.starts_with(label.as_str()) && (!label.is_ascii() || ends_word(folded, at + label.len()))
    };
    let Kind::Structure { values, .. } = &content.kind else { return None };
    (!values.iter().any(begins)).then_some(Location::Text { text, span: Span::new(0, folded.len()) })
}

/// A mail, not in Chinese, without a line that holds one of the values beside a number: a street, a box, a floor.
fn no_postal_address(rule: usize, _: &Rule, mail: &Asked<'_>) -> Option<Location> {
    let is_address = |said: &Said| {
        let text = &mail.texts[said.text];
        let is_read = matches!(text.zoned.segment.kind, extract::Kind::Plain | extract::Kind::Html);
        let line = text.folded[..said.span.start].rfind('\n').map_or(0, |newline| newline + 1);
        let rest = &text.folded[line..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        is_read && line.contains(|c: char| c.is_ascii_digit())
    };
    let lacks = !mail.is_chinese && !mail.said.asked.iter().any(|said| said.rule == rule && is_address(said));
    lacks.then_some(Location::Message)
}

impl<'a> Asked<'a> {
    pub(super) fn new(message: &'a Message<'a>, texts: &'a [Text<'a>], said: &'a SaidOf) -> Asked<'a> {
        Asked { message, texts, said, is_chinese: is_chinese(texts) }
    }

    /// Whether neither the header nor a text or link holds one of the values.
    fn lacks_opt_out(&self, rule: usize) -> bool {
        !self.message.header.has_unsubscribe && !self.said.asked.iter().any(|said| said.rule == rule)
    }
}

/// Bytes of a text that tell the language of a mail.
const TELLING: usize = 8_000;

/// Whether a mail is in Chinese: names, links and code in it are often Latin, so that it takes one Chinese character to four other letters.
fn is_chinese(texts: &[Text<'_>]) -> bool {
    let is_read = |text: &&Text<'_>| {
        let kind = text.zoned.segment.kind;
        matches!(kind, extract::Kind::Subject | extract::Kind::Plain | extract::Kind::Html)
    };
    let (mut han, mut other) = (0, 0);
    for text in texts.iter().filter(is_read) {
        let bytes = &text.folded.as_bytes()[..text.folded.len().min(TELLING)];
        // By what characters begin with: of the Chinese ones all but the rarest, of letters also those of scripts beside Latin. Few at a time, so that they are
        // counted in bytes.
        for bytes in bytes.chunks(usize::from(u8::MAX)) {
            han += usize::from(bytes.iter().map(|byte| u8::from(matches!(byte, 0xe4..=0xe9))).sum::<u8>());
            let is_letter =
                |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, 0xc3..=0xe3 | 0xea..=0xed);
            other += usize::from(bytes.iter().map(|byte| u8::from(is_letter(*byte))).sum::<u8>());
        }
    }
    han > 0 && han * 4 >= other
}
