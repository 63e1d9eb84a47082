//! Text in, the addresses that stand in it out, with their places.
//!
//! Lenient on the left (quoted local parts, every character of RFC 5321) and strict on the right, because notices wrap addresses in
//! brackets, quotes and sentences of any language.

use crate::span::Span;

/// Longest local part and domain that are looked for, bytes.
const LOCAL: usize = 128;
const DOMAIN: usize = 255;

/// Every address of a text.
pub(super) fn all(text: &str) -> impl Iterator<Item = Span> + '_ {
    let bytes = text.as_bytes();
    let mut behind = 0;
    memchr::memchr_iter(b'@', bytes).filter_map(move |at| {
        let start = local_start(bytes, at).max(behind);
        let end = domain_end(bytes, at + 1);
        if start >= at || end <= at + 1 {
            return None;
        }
        behind = end;
        Some(Span::new(start, end))
    })
}

/// Where the local part before the `@` at `at` starts.
fn local_start(bytes: &[u8], at: usize) -> usize {
    let least = at.saturating_sub(LOCAL);
    if at > least && bytes[at - 1] == b'"' {
        let opening = bytes[least..at - 1].iter().rposition(|byte| matches!(byte, b'"' | b'\n'));
        if let Some(opening) = opening.filter(|opening| bytes[least + opening] == b'"') {
            return least + opening;
        }
        return at;
    }
    let is_local = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_{|}~.".contains(byte);
    let length = bytes[least..at].iter().rev().take_while(|byte| is_local(byte)).count();
    let mut start = at - length;
    // `mailto=a@b`, `'a@b'` and `...a@b`: what opens is not part of it.
    while start < at && matches!(bytes[start], b'\'' | b'.' | b'*' | b'-' | b'/' | b'=' | b'|') {
        start += 1;
    }
    // `to=a@b`
    if let Some(equals) = memchr::memchr(b'=', &bytes[start..at])
        && [&b"to"[..], b"from", b"rcpt", b"recipient", b"mail", b"user"]
            .contains(&&bytes[start..start + equals])
    {
        start += equals + 1;
    }
    start
}

/// Where the domain that starts at `at` ends; `at` where there is none.
fn domain_end(bytes: &[u8], at: usize) -> usize {
    let most = bytes.len().min(at + DOMAIN);
    let is_domain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let mut end = at + bytes[at..most].iter().take_while(|byte| is_domain(byte)).count();
    // Dots that end a sentence, or go on as `...`.
    while end > at && matches!(bytes[end - 1], b'.' | b'-') {
        end -= 1;
    }
    if let Some(dots) = memchr::memmem::find(&bytes[at..end], b"..") {
        end = at + dots;
    }
    if bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) { end } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_cut_out_of_what_surrounds_them() {
        for (text, want) in [
            ("<a@example.com>: no", &["a@example.com"][..]),
            ("550 5.1.1 <a.b+c@example.com>... User unknown", &["a.b+c@example.com"]),
            ("收件人邮件地址（a@example.com）不存在", &["a@example.com"]),
            ("发给a@example.com，b@example.org。", &["a@example.com", "b@example.org"]),
            ("to=<a@example.com>, relay", &["a@example.com"]),
            ("rcpt=a@example.com.", &["a@example.com"]),
            ("<\"a..b \"@example.com> x", &["\"a..b \"@example.com"]),
            ("'a@example.com' is", &["a@example.com"]),
            ("at @ home, x@, @y.example", &[]),
            ("mailto:a@example.com...User", &["a@example.com"]),
        ] {
            let found: Vec<&str> = all(text).map(|span| span.of_str(text)).collect();
            assert_eq!(found, want, "{text}");
        }
    }
}
