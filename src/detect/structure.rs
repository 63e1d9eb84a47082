//! Checks of how a message is built. A check is a function and a line in the registry; what it says is in `policies/structure/`.

use super::{Confidence, Finding, Location, Value, hygiene};
use crate::{
    extract,
    message::{Defect, Message},
    normalize::{Text, fold_term},
    policy::{Kind, Rule, delivery},
    span::Span,
    zone::Zone,
};

/// A check: rule index, rule, message, texts, findings.
pub(super) type Check = fn(usize, &Rule, &Message<'_>, &[Text<'_>], &mut Vec<Finding>);

/// Every check by its name in packs.
pub(super) const CHECKS: &[(&str, Check)] = &[
    ("hidden-text", hidden_text),
    ("broken-mime", broken_mime),
    ("sensitivity-label", sensitivity_label),
    ("no-sender", hygiene::no_sender),
    ("no-subject", hygiene::no_subject),
    ("incomplete-header", hygiene::incomplete_header),
    ("raw-header", hygiene::raw_header),
    ("no-charset", hygiene::no_charset),
    ("test-message", hygiene::test_message),
    (delivery::EXTERNAL_DENIED, by_the_verdict),
    (delivery::BLOCKED_BY, by_the_verdict),
];

/// The check of this name.
pub(super) fn find(name: &str) -> Option<Check> {
    CHECKS.iter().find(|(known, _)| *known == name).map(|(_, check)| *check)
}

/// What only the envelope tells is found by the verdict.
fn by_the_verdict(_: usize, _: &Rule, _: &Message<'_>, _: &[Text<'_>], _: &mut Vec<Finding>) {}

/// Letters of hidden text that say something; mail clients hide less.
const SAYS_SOMETHING: usize = 12;

/// Text that is not seen: hidden by style or outside all parts. The sentence for readers without MIME is no secret, and a preheader is what a list of mails shows.
fn hidden_text(rule: usize, _: &Rule, _: &Message<'_>, texts: &[Text<'_>], findings: &mut Vec<Finding>) {
    for (index, text) in texts.iter().enumerate() {
        if text.zoned.segment.kind != extract::Kind::Hidden {
            continue;
        }
        let from = preheader(text, texts);
        let folded = text.folded[from..].trim();
        let usual = ["this is a multi-part message", "this is a multipart message", "this is a mime-", "--"];
        if usual.iter().any(|usual| folded.starts_with(usual)) && folded.len() < 200 {
            continue;
        }
        let letters: usize =
            folded.chars().filter(|c| c.is_alphabetic()).map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        if letters >= SAYS_SOMETHING {
            let start = text.folded.len() - text.folded[from..].trim_start().len();
            findings.push(Finding {
                location: Location::Text { text: index, span: Span::new(start, start + folded.len()) },
                zone: Zone::Hidden,
                ..plain(rule)
            });
        }
    }
}

/// Characters of the longest preheader.
const PREHEADER: usize = 250;

/// Where the preheader of a page ends in its hidden text: the hidden sentence that stands before all that is seen.
fn preheader(hidden: &Text<'_>, texts: &[Text<'_>]) -> usize {
    let is_seen = |text: &&Text<'_>| {
        text.zoned.segment.kind == extract::Kind::Html && text.zoned.segment.part == hidden.zoned.segment.part
    };
    let source = |text: &Text<'_>, at: usize| {
        text.zoned.segment.map.source(text.original_span(Span::new(at, at + 1))).start
    };
    let Some(seen) = texts.iter().find(is_seen) else { return 0 };
    let Some(first) = seen.folded.find(char::is_alphanumeric) else { return 0 };
    let first = source(seen, first);
    // Its filler of invisible characters may be longer than itself.
    let (mut end, mut characters) = (0, 0);
    for (at, c) in hidden.folded.char_indices() {
        if source(hidden, at) >= first {
            break;
        }
        characters += usize::from(c.is_alphanumeric());
        if characters > PREHEADER {
            return 0;
        }
        end = at + c.len_utf8();
    }
    if hidden.folded[..end].contains("://") { 0 } else { end }
}
/// Encodings that do not decode and headers that stand twice.
fn broken_mime(rule: usize, _: &Rule, message: &Message<'_>, _: &[Text<'_>], findings: &mut Vec<Finding>) {
    let broken = [Defect::Encoding, Defect::DuplicateHeader, Defect::OverLimit];
    if message.defects.iter().any(|defect| broken.contains(defect)) {
        findings.push(plain(rule));
    }
}

/// Sensitivity labels by name or GUID: `MSIP_Label_<GUID>_Name=...` in `msip_labels`, or the whole value of another field or property.
fn sensitivity_label(
    rule: usize,
    content: &Rule,
    _: &Message<'_>,
    texts: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    let Kind::Structure { values, .. } = &content.kind else { return };
    let values: Vec<String> = values.iter().map(|value| fold_term(value)).collect();
    let is_listed = |entry: &str| {
        let (key, value) = entry.split_once('=').unwrap_or(("", entry));
        let (key, value) = (key.trim(), value.trim().trim_matches('"'));
        let guid = key.strip_prefix("msip_label_").and_then(|rest| rest.strip_suffix("_enabled"));
        values.iter().any(|listed| match guid {
            Some(guid) => guid == listed && value == "true",
            None => value == listed,
        })
    };
    for (index, text) in texts.iter().enumerate() {
        if text.zoned.segment.kind != extract::Kind::Label {
            continue;
        }
        let mut start = 0;
        for entry in text.folded.split_inclusive([';', ',']) {
            let span = Span::new(start, start + entry.len());
            start = span.end;
            if is_listed(entry.trim_end_matches([';', ','])) {
                let location = Location::Text { text: index, span };
                findings.push(Finding { location, zone: text.zone_at(span.start), ..plain(rule) });
            }
        }
    }
}

/// A finding of the message as a whole.
pub(super) fn plain(rule: usize) -> Finding {
    Finding {
        rule,
        location: Location::Message,
        confidence: Confidence::High,
        zone: Zone::Header,
        value: Value::None,
        strength: 1.0,
        ignored: None,
        evasion: None,
        trace: None,
    }
}
