//! Header fields: the raw value of one field in, its text with a map, or its parameters, out.
//!
//! RFC 2047 encoded words and RFC 2231 parameters are joined before their charset is decoded: clients cut them in the middle of characters.

use std::borrow::Cow;

use super::{charset, transfer};
use crate::span::{Mapped, Span, SpanMap};

/// Decodes the value of an unstructured field. `base` is where `value` starts in its buffer.
pub(super) fn text(value: &[u8], base: usize) -> Mapped<'_> {
    let trimmed = value.trim_ascii();
    let base = base + (trimmed.as_ptr() as usize - value.as_ptr() as usize);
    let plain = memchr::memmem::find(trimmed, b"=?").is_none();
    if plain && trimmed.is_ascii() {
        return charset::decode(trimmed, base, None).0;
    }
    let mut text = String::with_capacity(trimmed.len());
    let mut map = SpanMap::builder();
    let mut at = 0;
    while at < trimmed.len() {
        if let Some(group) = encoded_group(&trimmed[at..]) {
            for (start, len, decoded) in &group.words {
                map.block(base + at + start, *len, decoded.len());
                text.push_str(decoded);
            }
            at += group.len;
            continue;
        }
        let next =
            (at + 1..trimmed.len()).find(|&i| trimmed[i..].starts_with(b"=?")).unwrap_or(trimmed.len());
        let decoded = charset::decode(&trimmed[at..next], base + at, None).0;
        append(&mut text, &mut map, &decoded);
        at = next;
    }
    Mapped { text: Cow::Owned(text), map }
}

/// Appends a decoded stretch, character by character where its map is not a copy.
fn append(text: &mut String, map: &mut SpanMap, decoded: &Mapped<'_>) {
    for (at, character) in decoded.text.char_indices() {
        let span = decoded.map.source(Span::new(at, at + character.len_utf8()));
        if span.len() == 1 && character.is_ascii() {
            map.copy(span.start, 1);
        } else {
            map.units(span.start, character.len_utf8(), span.len(), character.len_utf8());
        }
    }
    text.push_str(&decoded.text);
}

/// Encoded words that follow each other with nothing but white space between them.
struct EncodedGroup {
    /// Start, length and text of each word; one entry for all where a character is cut between two.
    words: Vec<(usize, usize, String)>,
    len: usize,
}

fn encoded_group(value: &[u8]) -> Option<EncodedGroup> {
    let mut words = vec![(0, encoded_word(value)?)];
    let mut len = words[0].1.len;
    loop {
        let blank = value[len..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let Some(next) = encoded_word(&value[len + blank..]) else { break };
        let start = len + blank;
        len = start + next.len;
        words.push((start, next));
    }
    let decode = |bytes: &[u8], charset: &str| charset::decode(bytes, 0, Some(charset)).0.text.into_owned();
    if words.iter().all(|(_, word)| charset::is_whole(&word.bytes, word.charset)) {
        let alone = words.iter().map(|(start, word)| (*start, word.len, decode(&word.bytes, word.charset)));
        return Some(EncodedGroup { words: alone.collect(), len });
    }
    let mut text = String::new();
    let mut words = words.into_iter().map(|(_, word)| word).peekable();
    while let Some(word) = words.next() {
        let mut bytes = word.bytes;
        while let Some(next) = words.next_if(|next| next.charset.eq_ignore_ascii_case(word.charset)) {
            bytes.extend_from_slice(&next.bytes);
        }
        text.push_str(&decode(&bytes, word.charset));
    }
    Some(EncodedGroup { words: vec![(0, len, text)], len })
}

/// One `=?charset?encoding?text?=` (RFC 2047 2), decoded to bytes.
struct EncodedWord<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
    len: usize,
}

fn encoded_word(value: &[u8]) -> Option<EncodedWord<'_>> {
    let rest = value.strip_prefix(b"=?")?;
    let charset_len = memchr::memchr(b'?', &rest[..rest.len().min(64)])?;
    // RFC 2231 5: a language may follow the charset.
    let charset = std::str::from_utf8(&rest[..charset_len]).ok()?.split('*').next()?;
    let [encoding, b'?', body @ ..] = &rest[charset_len + 1..] else { return None };
    let body_len = memchr::memmem::find(body, b"?=").filter(|&len| len <= 4096)?;
    let body = &body[..body_len];
    let bytes = match encoding.to_ascii_lowercase() {
        b'b' => transfer::base64(body, 0)?.0,
        b'q' => {
            let spaced: Vec<u8> = body.iter().map(|&b| if b == b'_' { b' ' } else { b }).collect();
            transfer::quoted_printable(&spaced, 0).0
        }
        _ => return None,
    };
    Some(EncodedWord { charset, bytes, len: 2 + charset_len + 3 + body_len + 2 })
}

/// The parameter `name` of a structured field such as Content-Disposition, decoded; `None` where the field has none.
pub(super) fn parameter(value: &[u8], name: &str) -> Option<String> {
    let mut plain = None;
    let mut pieces: Vec<(usize, bool, Vec<u8>)> = Vec::new();
    for (key, content) in parameters(value) {
        let key = key.to_ascii_lowercase();
        let Some(suffix) = key.strip_prefix(name) else { continue };
        let encoded = suffix.ends_with('*');
        let number = suffix.trim_matches('*');
        match (suffix, number.parse::<usize>()) {
            ("", _) => plain = plain.or(Some(content)),
            ("*", _) => pieces.push((0, true, content)),
            (_, Ok(index)) if suffix.starts_with('*') => pieces.push((index, encoded, content)),
            _ => {}
        }
    }
    if pieces.is_empty() {
        return plain.map(|content| text(&content, 0).text.into_owned());
    }
    pieces.sort_by_key(|piece| piece.0);
    let mut charset = None;
    let mut bytes = Vec::new();
    for (index, encoded, content) in pieces {
        let mut content = &content[..];
        if index == 0 && encoded {
            // charset'language'text
            let mut fields = content.splitn(3, |&byte| byte == b'\'');
            if let (Some(label), Some(_), Some(rest)) = (fields.next(), fields.next(), fields.next()) {
                charset = std::str::from_utf8(label).ok().map(str::to_owned);
                content = rest;
            }
        }
        if encoded { percent_decode(content, &mut bytes) } else { bytes.extend_from_slice(content) }
    }
    let decoded = charset::decode(&bytes, 0, charset.as_deref()).0.text.into_owned();
    // Some clients put encoded words into continued parameters.
    Some(text(decoded.as_bytes(), 0).text.into_owned())
}

fn percent_decode(content: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < content.len() {
        let digits = content.get(at + 1..at + 3).map(|pair| (transfer::hex(pair[0]), transfer::hex(pair[1])));
        if content[at] == b'%'
            && let Some((Some(high), Some(low))) = digits
        {
            out.push(high << 4 | low);
            at += 3;
        } else {
            out.push(content[at]);
            at += 1;
        }
    }
}

/// The `; key=value` pairs of a structured field, quotes removed.
fn parameters(value: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut at = memchr::memchr(b';', value).unwrap_or(value.len());
    while at < value.len() {
        at += 1;
        let Some(equals) = value[at..].iter().position(|&byte| byte == b'=' || byte == b';') else { break };
        let key = String::from_utf8_lossy(value[at..at + equals].trim_ascii()).into_owned();
        at += equals;
        if value[at] == b';' {
            continue;
        }
        at += 1;
        at += value[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let mut content = Vec::new();
        if value.get(at) == Some(&b'"') {
            at += 1;
            while at < value.len() && value[at] != b'"' {
                if value[at] == b'\\' && at + 1 < value.len() {
                    at += 1;
                }
                if !matches!(value[at], b'\r' | b'\n') {
                    content.push(value[at]);
                }
                at += 1;
            }
            at += memchr::memchr(b';', &value[at.min(value.len())..]).unwrap_or(value.len());
        } else {
            let len = memchr::memchr(b';', &value[at..]).unwrap_or(value.len() - at);
            content.extend_from_slice(value[at..at + len].trim_ascii());
            at += len;
        }
        found.push((key, content));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_join_before_decoding() {
        for (value, want) in [
            ("Re: =?UTF-8?B?5L2g?= =?UTF-8?B?5aW9?= all", "Re: 你好 all"),
            ("=?gb2312?B?xOO6w6Osyc/W3A==?=", "你好，上周"),
            // 你 cut after its first byte
            ("=?UTF-8?Q?=E4?=\r\n =?UTF-8?Q?=BD=A0?=", "你"),
            ("=?utf-8?q?a_b=3F?=", "a b?"),
            ("=?UTF-8*zh?B?5L2g?=", "你"),
            ("plain =? text", "plain =? text"),
            ("=?bad?X?abc?=", "=?bad?X?abc?="),
        ] {
            assert_eq!(text(value.as_bytes(), 0).text, want, "{value:?}");
        }
    }

    #[test]
    fn subject_spans_cover_their_encoded_word() {
        let value = " Re: =?UTF-8?B?5L2g5aW9?= 110";
        let decoded = text(value.as_bytes(), 10);
        assert_eq!(decoded.text, "Re: 你好 110");
        let at = decoded.text.find("好").expect("decoded");
        assert_eq!(decoded.map.source(Span::new(at, at + 3)), Span::new(15, 35));
        let at = decoded.text.find("110").expect("decoded");
        assert_eq!(decoded.map.source(Span::new(at, at + 3)), Span::new(36, 39));
    }

    #[test]
    fn raw_eight_bit_subjects_are_detected() {
        let (gbk, _, _) = encoding_rs::GBK.encode("关于第三季度预算的通知");
        assert_eq!(text(&gbk, 0).text, "关于第三季度预算的通知");
    }

    #[test]
    fn parameters_of_every_kind() {
        for (value, want) in [
            ("attachment; filename=a.pdf", "a.pdf"),
            ("attachment; filename=\"a;b.pdf\"; size=3", "a;b.pdf"),
            ("attachment; filename=\"=?UTF-8?B?5ZCN5Y2VLnhsc3g=?=\"", "名单.xlsx"),
            ("attachment; filename*=UTF-8''%E5%90%8D%E5%8D%95.xlsx", "名单.xlsx"),
            (
                "attachment; filename*0*=UTF-8''%E5%90%8D%E5;\r\n filename*1*=%8D%95;\r\n filename*2=.xlsx",
                "名单.xlsx",
            ),
            ("attachment; filename=\"名单.xlsx\"", "名单.xlsx"),
            ("attachment; x=1; filename = b.txt", "b.txt"),
        ] {
            assert_eq!(parameter(value.as_bytes(), "filename").as_deref(), Some(want), "{value:?}");
        }
        assert_eq!(parameter(b"attachment; filename", "filename"), None);
        assert_eq!(
            parameter(b"attachment; filename=\"never closed", "filename").as_deref(),
            Some("never closed")
        );
    }
}
