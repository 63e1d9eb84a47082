//! What the law asks of commercial mail, missed: message and texts in, what is not there out.
//!
//! Which law is asked follows the language of the mail. Rules with these checks need promotion: ordinary mail lacks all of this rightly.

use std::collections::HashSet;

use memchr::memmem;

use super::{Finding, Location, hygiene::subject, lexicon::ends_word, structure::plain};
use crate::{
    extract,
    message::Message,
    normalize::Text,
    policy::{Kind, Rule},
    span::Span,
};

/// A Chinese mail whose subject begins with none of the values.
pub(super) fn no_label(
    rule: usize,
    content: &Rule,
    message: &Message<'_>,
    texts: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    if message.header.is_reply || !is_chinese(texts) {
        return;
    }
    let Some((index, subject)) = subject(texts) else {
        findings.push(plain(rule));
        return;
    };
    let folded = &*subject.folded;
    let bare = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    let at = folded.len() - bare.len();
    let begins = |label: &String| {
        bare.starts_with(label.as_str()) && (!label.is_ascii() || ends_word(folded, at + label.len()))
    };
    if !values(content).iter().any(begins) {
        let span = Span::new(0, folded.len());
        findings.push(Finding { location: Location::Text { text: index, span }, ..plain(rule) });
    }
}

/// A Chinese mail that says nowhere how not to get any more.
pub(super) fn no_opt_out_zh(
    rule: usize,
    content: &Rule,
    message: &Message<'_>,
    texts: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    if is_chinese(texts) && lacks_opt_out(content, message, texts) {
        findings.push(plain(rule));
    }
}

/// The same of a mail in another language.
pub(super) fn no_opt_out_en(
    rule: usize,
    content: &Rule,
    message: &Message<'_>,
    texts: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    if !is_chinese(texts) && lacks_opt_out(content, message, texts) {
        findings.push(plain(rule));
    }
}

/// Whether neither the header nor a text or link holds one of the values.
fn lacks_opt_out(content: &Rule, message: &Message<'_>, texts: &[Text<'_>]) -> bool {
    let says = |value: &String| {
        let value = memmem::Finder::new(value);
        texts.iter().any(|text| value.find(text.folded.as_bytes()).is_some())
    };
    !message.header.has_unsubscribe && !values(content).iter().any(says)
}

/// A mail, not in Chinese, without a line that holds one of the values beside a number: a street, a box, a floor.
pub(super) fn no_postal_address(
    rule: usize,
    content: &Rule,
    _: &Message<'_>,
    texts: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    let words: HashSet<&str> = values(content).iter().map(String::as_str).collect();
    let phrases: Vec<&&str> = words.iter().filter(|known| known.contains(' ')).collect();
    let is_address = |line: &str| {
        let mut said =
            line.split(|c: char| !c.is_alphanumeric() && c != '.').map(|word| word.trim_matches('.'));
        line.bytes().any(|byte| byte.is_ascii_digit())
            && (said.any(|word| words.contains(word)) || phrases.iter().any(|phrase| line.contains(**phrase)))
    };
    let is_read =
        |text: &&Text<'_>| matches!(text.zoned.segment.kind, extract::Kind::Plain | extract::Kind::Html);
    if !is_chinese(texts) && !texts.iter().filter(is_read).any(|text| text.folded.lines().any(is_address)) {
        findings.push(plain(rule));
    }
}

/// What the rule lists.
fn values(rule: &Rule) -> &[String] {
    match &rule.kind {
        Kind::Structure { values, .. } => values,
        _ => &[],
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
        // By what characters begin with: of the Chinese ones all but the rarest, of letters also those of scripts beside Latin.
        han += bytes.iter().filter(|byte| matches!(byte, 0xe4..=0xe9)).count();
        let is_letter = |byte: &&u8| byte.is_ascii_alphabetic() || matches!(byte, 0xc3..=0xe3 | 0xea..=0xed);
        other += bytes.iter().filter(is_letter).count();
    }
    han > 0 && han * 4 >= other
}
