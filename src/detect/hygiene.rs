//! Checks of the header that a mail system sees first: message in, what it lacks or holds raw out.
//!
//! A draft that no program has sent yet may lack Date and Message-ID; they are missed only where something shows that the header was made by a
//! program that should have set them. Text without the header of a mail is judged as text.

use super::{Finding, Location, structure::plain};
use crate::{
    extract,
    message::{Body, Defect, Message},
    normalize::Text,
    policy::{Kind, Rule},
    span::Span,
    zone::Zone,
};

/// Whether it is a mail at all, with someone it comes from or goes to.
fn is_mail(message: &Message<'_>) -> bool {
    message.header.from.is_some() || !message.header.recipients.is_empty()
}

/// The header of the message itself, not of one within it.
const OWN: &str = "HEADER";

/// The subject of the message itself.
pub(super) fn subject<'t, 'm>(texts: &'t [Text<'m>]) -> Option<(usize, &'t Text<'m>)> {
    let is_subject =
        |text: &Text<'_>| text.zoned.segment.kind == extract::Kind::Subject && text.zoned.segment.part == OWN;
    texts.iter().enumerate().find(|(_, text)| is_subject(text))
}

/// No From with an address.
pub(super) fn no_sender(
    rule: usize,
    _: &Rule,
    message: &Message<'_>,
    _: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    if is_mail(message) && message.header.from.is_none() {
        findings.push(plain(rule));
    }
}

/// No subject, or an empty one.
pub(super) fn no_subject(
    rule: usize,
    _: &Rule,
    message: &Message<'_>,
    texts: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    if is_mail(message) && subject(texts).is_none() {
        findings.push(plain(rule));
    }
}

/// No Date, Message-ID or MIME-Version, in a header that was made by a program: it has one of them, went through a server, or holds raw bytes.
pub(super) fn incomplete_header(
    rule: usize,
    _: &Rule,
    message: &Message<'_>,
    texts: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    let header = &message.header;
    let has_id = header.message_id.is_some();
    let is_made = header.is_received
        || header.has_date != has_id
        || message.defects.contains(&Defect::NoCharset)
        || raw_texts(message, texts).next().is_some();
    let needs_mime = message.parts.iter().any(|part| match &part.body {
        Body::Text(content) | Body::Html(content) => !content.text.is_ascii(),
        Body::Binary(_) => true,
        Body::Outside(_) => false,
    });
    let is_whole = header.has_date && has_id && (header.has_mime_version || !needs_mime);
    if is_mail(message) && is_made && !is_whole {
        findings.push(plain(rule));
    }
}

/// Characters in the subject or in names that stand in the header as they are, not as encoded words.
pub(super) fn raw_header(
    rule: usize,
    _: &Rule,
    message: &Message<'_>,
    texts: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    for index in raw_texts(message, texts) {
        let span = Span::new(0, texts[index].folded.len());
        findings.push(Finding { location: Location::Text { text: index, span }, ..plain(rule) });
    }
}

/// Texts of the message's own header that hold raw bytes beyond ASCII.
fn raw_texts(message: &Message<'_>, texts: &[Text<'_>]) -> impl Iterator<Item = usize> {
    let is_raw = |text: &Text<'_>| {
        let segment = &text.zoned.segment;
        let is_header = matches!(segment.kind, extract::Kind::Subject | extract::Kind::Names);
        is_header
            && segment.part == OWN
            && segment.text.char_indices().filter(|(_, c)| !c.is_ascii()).any(|(at, c)| {
                let span = segment.buffer_span(Span::new(at, at + c.len_utf8()));
                let raw = message.raw_span(segment.buffer, span);
                raw.is_some_and(|raw| !message.raw[raw.start..raw.end].is_ascii())
            })
    };
    texts.iter().enumerate().filter(move |(_, text)| is_raw(text)).map(|(index, _)| index)
}

/// Text beyond ASCII whose charset is nowhere declared.
pub(super) fn no_charset(
    rule: usize,
    _: &Rule,
    message: &Message<'_>,
    _: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    if is_mail(message) && message.defects.contains(&Defect::NoCharset) {
        findings.push(plain(rule));
    }
}

/// Words of a text that says next to nothing; two Chinese characters are a word.
const NEXT_TO_NOTHING: usize = 2;

/// A mail that looks like a trial: its subject is one of the values, and there is next to no text, no attachment and nothing that it answers.
pub(super) fn test_message(
    rule: usize,
    content: &Rule,
    message: &Message<'_>,
    texts: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    let Kind::Structure { values, .. } = &content.kind else { return };
    let has_file =
        message.parts.iter().any(|part| part.is_attachment || matches!(part.body, Body::Binary(_)));
    if !is_mail(message) || message.header.is_reply || has_file {
        return;
    }
    let Some((index, subject)) = subject(texts) else { return };
    let bare = subject.folded.trim_matches(|c: char| !c.is_alphabetic());
    if !values.iter().any(|value| value == bare) {
        return;
    }
    let bodies = texts
        .iter()
        .filter(|text| matches!(text.zoned.segment.kind, extract::Kind::Plain | extract::Kind::Html));
    if bodies.map(words).max().unwrap_or(0) <= NEXT_TO_NOTHING {
        let span = Span::new(0, subject.folded.len());
        findings.push(Finding { location: Location::Text { text: index, span }, ..plain(rule) });
    }
}

/// Words that the sender wrote, quotations and signature left out.
fn words(text: &Text<'_>) -> usize {
    let mut at = 0;
    let mut count = 0;
    for word in text.folded.split_inclusive(char::is_whitespace) {
        let start = at;
        at += word.len();
        if word.contains(char::is_alphanumeric) && text.zone_at(start) == Zone::Authored {
            let unspaced = word.chars().filter(|c| is_han(*c)).count();
            count += unspaced.div_ceil(2).max(1);
        }
    }
    count
}

/// Whether a character is Chinese.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3fffd}')
}

#[cfg(test)]
mod tests {
    use crate::{
        Filter,
        policy::Policy,
        verdict::{Decision, Detail, Envelope},
    };

    #[test]
    fn headers_by_what_they_lack() {
        let filter = Filter::new(Policy::shipped(), Detail::Places).expect("the shipped policy compiles");
        let whole = "Date: Mon, 2 Mar 2026 10:00:00 +0800\nMessage-ID: <1@example.com>\nMIME-Version: 1.0\n";
        let typed = "Content-Type: text/plain; charset=utf-8\n";
        for (raw, want) in [
            // a draft, typed by hand
            ("From: a@example.com\nTo: b@example.org\nSubject: Delivery\n\nThe pallets arrive on Monday.\n".to_owned(), vec![]),
            (format!("From: a@example.com\nSubject: =?UTF-8?B?6YCB6LSn?=\n{typed}\n货物周一到港。\n"), vec![]),
            // what a client sends
            (format!("From: a@example.com\nSubject: Delivery\n{whole}{typed}\n货物周一到港。\n"), vec![]),
            // what a script sends
            ("From: a@example.com\nSubject: 送货\n\n货物周一到港。\n".to_owned(), vec!["raw-header", "no-charset", "incomplete-header"]),
            (format!("From: a@example.com\nSubject: =?UTF-8?B?6YCB6LSn?=\n{whole}\n货物周一到港。\n"), vec!["no-charset"]),
            ("Received: from x by y; Mon, 2 Mar 2026 10:00:00 +0800\nFrom: a@example.com\nSubject: Delivery\n\nOn Monday it is.\n".to_owned(), vec!["incomplete-header"]),
            ("To: b@example.org\n\n测试\n".to_owned(), vec!["no-charset", "incomplete-header", "no-sender", "no-subject"]),
            // text, no mail
            ("货物周一到港。\n".to_owned(), vec![]),
            ("Subject: 送货\n\n货物周一到港。\n".to_owned(), vec!["raw-header"]),
            // the header of a message within is its own affair
            (format!("From: a@example.com\nSubject: Fwd\n{whole}Content-Type: message/rfc822\n\nSubject: 送货\n\n货物周一到港。\n"), vec![]),
            // everything at once is still no reason to stop a mail
            ("To: 张三 <b@example.org>\nDate: Mon, 2 Mar 2026 10:00:00 +0800\nSubject: 测试\n\n测试\n".to_owned(), vec!["test-message", "raw-header", "no-charset", "incomplete-header", "no-sender"]),
        ] {
            let verdict = filter.check(raw.as_bytes(), &Envelope::default());
            let mut found: Vec<&str> =
                verdict.reasons.iter().filter_map(|reason| reason.rule.id.strip_prefix("structure.")).collect();
            let mut want = want;
            found.sort_unstable();
            want.sort_unstable();
            assert_eq!(found, want, "{raw:?}");
            assert_eq!(verdict.decision, Decision::Pass, "{raw:?}");
        }
    }
}
