//! What may stand beside a value: no `\b`, which takes Chinese for letters, but a look at the bytes around it.

use crate::span::Span;

/// Whether a value stands by itself: not part of a longer number, name, address or link.
pub(super) fn stands_alone(folded: &str, span: Span) -> bool {
    let bytes = folded.as_bytes();
    let before = bytes[..span.start].last().copied().unwrap_or(b' ');
    let before_that = bytes[..span.start.saturating_sub(1)].last().copied().unwrap_or(b' ');
    let behind = bytes.get(span.end).copied().unwrap_or(b' ');
    let behind_that = bytes.get(span.end + 1).copied().unwrap_or(b' ');
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if part(before) || part(behind) || matches!(behind, b'@' | b'%') || matches!(before, b'@' | b'%') {
        return false;
    }
    // The tail of 8-4-4-4-12, of a version, of a path; the head of the same. A word before it is a label: `Tel.138...`, `ID-1101...`.
    if matches!(before, b'-' | b'.' | b'/' | b'+') && before_that.is_ascii_alphanumeric() {
        let word =
            bytes[..span.start - 1].iter().rev().take(12).take_while(|byte| byte.is_ascii_alphanumeric());
        if before_that.is_ascii_digit()
            || word.clone().any(u8::is_ascii_digit)
            || word.count() == 4 && before == b'-'
        {
            return false;
        }
    }
    if matches!(behind, b'-' | b'.' | b'/' | b'+') && behind_that.is_ascii_digit() {
        return false;
    }
    !in_locator(bytes, span)
}

/// Whether the unbroken run of ASCII around a span is a link, a path with a query, or a Message-ID.
pub(super) fn in_locator(bytes: &[u8], span: Span) -> bool {
    let in_run =
        |byte: &&u8| !matches!(**byte, b' ' | b'\t' | b'\n' | b'"' | b'<' | b'>' | b'(' | b')' | 0x80..);
    let start = span.start - bytes[..span.start].iter().rev().take(400).take_while(in_run).count();
    let run = &bytes[start..span.start];
    if run.is_empty() {
        return false;
    }
    let behind = bytes[span.end..].iter().take(200).take_while(in_run).count();
    memchr::memmem::find(run, b"://").is_some()
        || run.starts_with(b"www.")
        || run.starts_with(b"mailto:")
        || run.starts_with(b"cid:")
        || (run.contains(&b'?') && run.contains(&b'='))
        || bytes[span.end..span.end + behind].contains(&b'@')
}
