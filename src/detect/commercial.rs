//! What the law asks of commercial mail, missed: message and texts in, what is not there out.
//!
//! Which law is asked follows the language of the mail. Rules with these checks need promotion: ordinary mail lacks all of this rightly.

use super::{
    Finding, Location,
    hygiene::{is_han, subject},
    lexicon::ends_word,
    structure::plain,
};
use crate::{
    extract,
    message::Message,
    normalize::{Text, fold_term},
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
    let begins = |label: String| {
        bare.starts_with(&label) && (!label.is_ascii() || ends_word(folded, at + label.len()))
    };
    if !values(content).any(begins) {
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
    let says = |value: String| texts.iter().any(|text| text.folded.contains(&value));
    !message.header.has_unsubscribe && !values(content).any(says)
}

/// A mail, not in Chinese, without a line that holds one of the values beside a number: a street, a box, a floor.
pub(super) fn no_postal_address(
    rule: usize,
    content: &Rule,
    _: &Message<'_>,
    texts: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    let words: Vec<String> = values(content).collect();
    let is_address = |line: &str| {
        let mut said =
            line.split(|c: char| !c.is_alphanumeric() && c != '.').map(|word| word.trim_matches('.'));
        line.contains(|c: char| c.is_ascii_digit())
            && (said.any(|word| words.iter().any(|known| known == word))
                || words.iter().any(|known| known.contains(' ') && line.contains(known.as_str())))
    };
    let is_read =
        |text: &&Text<'_>| matches!(text.zoned.segment.kind, extract::Kind::Plain | extract::Kind::Html);
    if !is_chinese(texts) && !texts.iter().filter(is_read).any(|text| text.folded.lines().any(is_address)) {
        findings.push(plain(rule));
    }
}

/// What the rule lists, folded as texts are.
fn values(rule: &Rule) -> impl Iterator<Item = String> {
    let values = match &rule.kind {
        Kind::Structure { values, .. } => values.as_slice(),
        _ => &[],
    };
    values.iter().map(|value| fold_term(value))
}

/// Characters that tell the language of a mail.
const TELLING: usize = 4_000;

/// Whether a mail is in Chinese: names, links and code in it are often Latin, so that it takes one Chinese character to four other letters.
fn is_chinese(texts: &[Text<'_>]) -> bool {
    let is_read = |text: &&Text<'_>| {
        let kind = text.zoned.segment.kind;
        matches!(kind, extract::Kind::Subject | extract::Kind::Plain | extract::Kind::Html)
    };
    let (mut han, mut other) = (0, 0);
    for c in texts.iter().filter(is_read).flat_map(|text| text.folded.chars()).take(TELLING) {
        if is_han(c) {
            han += 1;
        } else if c.is_alphabetic() {
            other += 1;
        }
    }
    han > 0 && han * 4 >= other
}
