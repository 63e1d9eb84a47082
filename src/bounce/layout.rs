//! The readable text of a notice in, its parts out: where the notice ends and the returned message starts, and which addresses it says
//! failed, each with the lines about it.
//!
//! Written for no program in particular: what all notices have in common is an address on a line of its own, or behind a word that
//! names it.

use serde::Deserialize;

use super::{address, section::field_name};
use crate::span::{Span, floor_boundary};

/// The words by which notices are read: `policies/bounces/notices.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    original: Vec<String>,
    lead: Vec<String>,
    other: Vec<String>,
    pub(super) subject: Vec<String>,
    pub(super) body: Vec<String>,
    pub(super) daemon: Vec<String>,
    pub(super) automatic: Vec<String>,
}

/// An address that a notice says failed.
#[derive(Debug, PartialEq)]
pub(super) struct Named {
    /// The address.
    pub(super) address: String,
    /// What the notice says about it: from its line to the next such address.
    pub(super) about: Span,
    /// How plainly it is named.
    pub(super) role: Role,
}

/// How an address stands in a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Anywhere.
    Mentioned,
    /// Behind a word that names a recipient.
    Led,
    /// At the start of a line.
    OwnLine,
}

/// Lines of a notice that are looked at.
const LINES: usize = 4000;

/// Bytes before and behind an address that say how it stands.
const NEAR: usize = 200;

/// Addresses of a notice that are looked at.
const ADDRESSES: usize = 500;

impl Words {
    pub(super) fn shipped() -> Words {
        toml::from_str(include_str!("../../policies/bounces/notices.toml"))
            .expect("the embedded file is tested to parse")
    }

    /// Where the notice ends, and where the returned message starts behind it.
    pub(super) fn end_of_notice(&self, text: &str) -> (usize, Option<usize>) {
        let lines: Vec<Span> = lines(text).take(LINES).collect();
        for (index, span) in lines.iter().enumerate() {
            let line = span.of_str(text);
            if self.is_marker(line) {
                let start = lines[index + 1..].iter().find(|span| !span.of_str(text).trim().is_empty());
                return (span.start, start.map(|span| span.start));
            }
            if index > 0 && opens_header(line) && is_header(text, &lines[index..]) {
                return (span.start, Some(span.start));
            }
        }
        (text.len(), None)
    }

    fn is_marker(&self, line: &str) -> bool {
        let line = line.trim();
        if line.is_empty() || line.len() > 160 {
            return false;
        }
        let line = line.to_lowercase();
        // A sentence about the message that goes on is none.
        self.original.iter().any(|marker| line.contains(marker.as_str()))
            && !line.contains("received at")
            && !line.contains("separate attachment")
    }

    /// The addresses that a notice says failed. `own` are the sender's, who may have written to themselves.
    pub(super) fn named(&self, text: &str, own: &[String]) -> Vec<Named> {
        let mut found: Vec<(Span, Role)> = Vec::new();
        let mut of_own = Vec::new();
        for span in address::all(text).take(ADDRESSES) {
            let Some(role) = self.role(text, span) else { continue };
            let is_own = own.iter().any(|own| own.eq_ignore_ascii_case(span.of_str(text)));
            if is_own { &mut of_own } else { &mut found }.push((span, role));
        }
        if found.iter().all(|(_, role)| *role == Role::Mentioned) {
            found.extend(of_own.into_iter().filter(|(_, role)| *role == Role::OwnLine));
        }
        let Some(best) = found.iter().map(|(_, role)| *role).max() else { return Vec::new() };
        found.retain(|(_, role)| *role == best);
        if best == Role::Mentioned {
            found.truncate(1);
        }
        let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let starts: Vec<usize> = found.iter().map(|(span, _)| line_start(span.start)).collect();
        let mut named: Vec<Named> = Vec::new();
        for (index, (span, role)) in found.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(text.len());
            let address = span.of_str(text).trim_matches('\'').to_owned();
            let about = Span::new(starts[index], end.max(span.end));
            match named.iter_mut().find(|known| known.address.eq_ignore_ascii_case(&address)) {
                // What is said of it behind its second mention, if nothing stood between.
                Some(known) if known.about.end >= about.start => {
                    known.about.end = known.about.end.max(about.end);
                }
                Some(_) => {}
                None => named.push(Named { address, about, role: *role }),
            }
        }
        named
    }

    /// How an address stands; `None` where it is somebody else's than a recipient's.
    fn role(&self, text: &str, span: Span) -> Option<Role> {
        let local = span.of_str(text).split('@').next().unwrap_or_default().to_ascii_lowercase();
        let line_start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let until = floor_boundary(text, text.len().min(span.end + NEAR));
        let line_end = text[span.end..until].find('\n').map_or(until, |at| span.end + at);
        let near = floor_boundary(text, span.start.saturating_sub(NEAR)).max(line_start);
        let before = text[near..span.start].to_lowercase();
        let opened = before.trim().trim_end_matches("mailto:");
        let opened =
            opened.trim_matches(|c: char| " \t<>\"'`*-·•|[](){}（【《「＜:：=,".contains(c) || c == '\u{a0}');
        if opened.is_empty() && near == line_start {
            let above = text[..line_start].trim_end().rsplit('\n').next().unwrap_or_default();
            let above = above.trim().trim_end_matches([':', '：']).to_lowercase();
            if above.chars().count() <= 24 && self.other.iter().any(|word| ends_with_word(&above, word)) {
                return None;
            }
            if local == "postmaster" || local == "mailer-daemon" {
                return Some(Role::Mentioned);
            }
            let behind =
                text[span.end..line_end].trim_start_matches([' ', '>', '"', '\'', ')', '\r', '\t', '`']);
            let is_own = behind.is_empty()
                || behind.starts_with([':', ',', ';', '(', '[', '<', '.', '-', '：', '，', '。', '（', '；'])
                || ["on ", "invalid", "delivery", "failed", "mailto", "was ", "is ", "could", "不", "无"]
                    .iter()
                    .any(|word| behind.get(..word.len()).is_some_and(|b| b.eq_ignore_ascii_case(word)))
                || behind.as_bytes()[0].is_ascii_digit();
            return Some(if is_own { Role::OwnLine } else { Role::Mentioned });
        }
        if self.other.iter().any(|word| ends_with_word(opened, word)) {
            return None;
        }
        if ["mailer-daemon", "postmaster", "noreply", "no-reply", "abuse", "support"]
            .contains(&local.as_str())
        {
            return None;
        }
        // A sentence that sends the reader to somebody.
        if ["contact", "assistance", "联系", "support", "questions"].iter().any(|word| before.contains(word))
        {
            return None;
        }
        // `>>> a@example.com`, `Recipient: a`, `RCPT TO:<a`, 收件人：a
        if self.lead.iter().any(|word| ends_with_word(opened, word)) {
            return Some(Role::Led);
        }
        let is_transcript = before.trim_start().starts_with(['>', '<']) || before.contains("rcpt to");
        Some(if is_transcript { Role::Led } else { Role::Mentioned })
    }
}

/// Whether a text ends with a word, not with the end of a longer one.
fn ends_with_word(text: &str, word: &str) -> bool {
    let text = text.trim_end_matches([':', '：', ' ', '<', '"']);
    let word = word.trim_end_matches(':');
    text.strip_suffix(word).is_some_and(|before| {
        !word.is_ascii() || before.is_empty() || !before.ends_with(|c: char| c.is_alphanumeric())
    })
}

/// The lines of a text, without their ends.
fn lines(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at > text.len() || (at == text.len() && at > 0) || text.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length);
        let line = Span::new(at, end);
        at = end + 1;
        Some(line)
    })
}

/// Whether a line may be the first of a returned message.
fn opens_header(line: &str) -> bool {
    const FIRST: [&str; 14] = [
        "received:",
        "return-path:",
        "dkim-signature:",
        "x-received:",
        "delivered-to:",
        "arc-seal:",
        "message-id:",
        "x-google-smtp-source:",
        "x-google-dkim-signature:",
        "authentication-results:",
        "mime-version:",
        "x-originating-ip:",
        "domainkey-signature:",
        "x-mailer:",
    ];
    line.is_ascii()
        && FIRST.iter().any(|name| line.get(..name.len()).is_some_and(|l| l.eq_ignore_ascii_case(name)))
        || line.starts_with("From ") && line.contains(':')
}

/// Whether the lines that start here are a header: at least three fields, and nothing else.
fn is_header(text: &str, lines: &[Span]) -> bool {
    let mut fields = 0;
    for (index, span) in lines.iter().take(40).enumerate() {
        let line = span.of_str(text).trim_end();
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) || (index == 0 && line.starts_with("From ")) {
            continue;
        }
        if field_name(line.as_bytes()).is_none() {
            // Folded lines lose their blanks in some notices.
            if fields < 3 {
                return false;
            }
            break;
        }
        fields += 1;
    }
    fields >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        let own = ["me@example.com".to_owned()];
        Words::shipped().named(text, &own).into_iter().map(|named| named.address).collect()
    }

    #[test]
    fn recipients_are_told_from_other_addresses() {
        for (text, want) in [
            ("Sorry.\n\n<a@example.org>:\nUser unknown\n", &["a@example.org"][..]),
            (
                "failed:\n\n  a@example.org\n    host mx said: 550 no\n  b@example.org\n    550\n",
                &["a@example.org", "b@example.org"],
            ),
            ("for help, contact <help@example.net>\n\n<a@example.org>: said 550\n", &["a@example.org"]),
            (
                "Hello me@example.com,\nYour message to a@example.org couldn't be delivered",
                &["a@example.org"],
            ),
            ("发件人：\nme2@example.com\n收件人：\na@example.org\n", &["a@example.org"]),
            ("收件人邮件地址（a@example.org）不存在，邮件无法送达。", &["a@example.org"]),
            ("550 5.1.1 <a@example.org>... User unknown", &["a@example.org"]),
            ("RCPT TO:<a@example.org>\n550 no", &["a@example.org"]),
            ("nobody@ nowhere", &[]),
        ] {
            assert_eq!(named(text), want, "{text}");
        }
    }

    #[test]
    fn a_notice_ends_where_the_message_starts() {
        let words = Words::shipped();
        for (text, want) in [
            (
                "no\n--- Below this line is a copy of the message.\n\nReturn-Path: <a>\n",
                Some("Return-Path: <a>\n"),
            ),
            ("no\n\nReceived: from a\n\tby b\nMessage-Id: <1>\nFrom: a\nTo: b\n\nhi", Some("Received:")),
            ("The original message was received at 9 from a\n\n550 no", None),
            ("Message-Id: is what we need", None),
        ] {
            let start = words.end_of_notice(text).1.map(|at| &text[at..]);
            assert_eq!(start.is_some(), want.is_some(), "{text}");
            assert!(start.unwrap_or_default().starts_with(want.unwrap_or_default()), "{start:?}");
        }
    }
}
