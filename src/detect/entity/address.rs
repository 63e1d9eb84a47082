//! E-mail addresses, which count only in bulk.

use super::{Entity, Mask, Reading, Site, Trigger};
use crate::span::Span;

/// E-mail address.
pub(super) const EMAIL_ADDRESS: Entity = Entity {
    name: "email-address",
    trigger: Trigger::At,
    examine: address,
    mask: Mask { head: 1, tail: 0 },
    about: "An address with a domain that has a dot. One is in most mails and says nothing; ten or more that are neither sender nor recipients are a list. Mistaken for it: Message-IDs, \
        of which only forms with a plain name are read; user and password in a URL. Reference: RFC 5322 3.4.1, the forms in use.",
};

fn address(site: &Site<'_>) -> Option<Reading> {
    let bytes = site.text.folded.as_bytes();
    let at = site.span.start;
    let local = bytes[..at]
        .iter()
        .rev()
        .take(65)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+'))
        .count();
    let domain = bytes[at + 1..]
        .iter()
        .take(254)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        .count();
    let span = Span::new(at - local, at + 1 + domain);
    let value = span.of_str(&site.text.folded).trim_end_matches(['.', '-']);
    let name = &value[..local];
    let host = value.get(local + 1..)?;
    let top = host.rsplit_once('.')?.1;
    // A long name of digits and hexadecimal letters is a Message-ID.
    let is_id = local > 20 && name.bytes().filter(u8::is_ascii_digit).count() * 3 > local;
    let folded = &site.text.folded;
    let before = &folded[crate::span::ceil_boundary(folded, span.start.saturating_sub(80))..span.start];
    // `redis://user:password@host`
    let is_user_info = before
        .rsplit(char::is_whitespace)
        .next()
        .is_some_and(|run| run.rsplit_once("://").is_some_and(|(_, user)| !user.contains(['/', '?'])));
    let label = before.trim_end_matches(['<', ' ', ':', '\n', '\t']);
    let is_id = is_id || ["message-id", "in-reply-to", "references"].iter().any(|name| label.ends_with(name));
    let is_plain = (1..=64).contains(&local) && top.len() >= 2 && top.bytes().all(|b| b.is_ascii_lowercase());
    (is_plain && !is_id && !is_user_info).then(|| Reading {
        canonical: value.to_owned(),
        bits: 0.0,
        span: Span::new(span.start, span.start + value.len()),
    })
}
