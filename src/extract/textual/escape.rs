//! Escapes undone: `\u4e2d` of JSON, `&#20013;` of XML, folded and quoted-printable lines of calendars and cards. What they hide is what a program shows.
//!
//! Stretches without escapes are copied, so that they map byte by byte.

use crate::span::SpanMap;

/// Digits of the longest number of a reference; more is no character.
const MOST_DIGITS: usize = 8;

/// The text that `text` stands for in `format`, with its map; `None` where it stands for itself.
pub(crate) fn plain(text: &str, format: &str) -> Option<(String, SpanMap)> {
    match format {
        "json" if text.contains('\\') => Some(escaped(text, '\\', json)),
        "xml" if text.contains('&') => Some(escaped(text, '&', xml)),
        "ics" | "vcf" => Some(unfolded(text)),
        _ => None,
    }
}

/// Undoes escapes that begin with `mark`. `undo` gives what an escape stands for and how long it is.
fn escaped(text: &str, mark: char, undo: fn(&str) -> Option<(char, usize)>) -> (String, SpanMap) {
    let mut out = String::with_capacity(text.len());
    let mut map = SpanMap::builder();
    let mut from = 0;
    let mut at = 0;
    while let Some(next) = text[at..].find(mark) {
        at += next;
        let Some((c, len)) = undo(&text[at..]) else {
            at += mark.len_utf8();
            continue;
        };
        out.push_str(&text[from..at]);
        map.copy(from, at - from);
        out.push(c);
        map.block(at, len, c.len_utf8());
        at += len;
        from = at;
    }
    out.push_str(&text[from..]);
    map.copy(from, text.len() - from);
    (out, map)
}

/// An escape of JSON (RFC 8259 7).
fn json(rest: &str) -> Option<(char, usize)> {
    let c = match rest.as_bytes().get(1)? {
        b'n' => '\n',
        b't' => '\t',
        b'"' => '"',
        b'/' => '/',
        b'\\' => '\\',
        b'u' => {
            let unit = |at: usize| u16::from_str_radix(rest.get(at..at + 4)?, 16).ok();
            let first = unit(2)?;
            if let Some(c) = char::from_u32(u32::from(first)) {
                return Some((c, 6));
            }
            let second = if rest.get(6..8)? == "\\u" { unit(8)? } else { return None };
            return Some((char::decode_utf16([first, second]).next()?.ok()?, 12));
        }
        _ => return None,
    };
    Some((c, 2))
}

/// A reference of XML: a number, or one of the five names. Entities of a document's own are not expanded.
fn xml(rest: &str) -> Option<(char, usize)> {
    let end = rest.bytes().take(MOST_DIGITS + 4).position(|byte| byte == b';')?;
    let name = &rest[1..end];
    let c = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)?
        }
    };
    Some((c, end + 1))
}

/// Lines of a calendar or card, each whole (RFC 5545 3.1), quoted-printable decoded (vCard 2.1), pictures left out.
fn unfolded(text: &str) -> (String, SpanMap) {
    let mut out = String::with_capacity(text.len());
    let mut map = SpanMap::builder();
    let mut lines = text.split_inclusive('\n').peekable();
    let mut at = 0;
    while let Some(first) = lines.next() {
        let start = at;
        at += first.len();
        let label = first.split(':').next().unwrap_or_default().to_ascii_uppercase();
        let is_quoted = label.contains("QUOTED-PRINTABLE");
        let mut line = first.trim_end_matches(['\r', '\n']).to_owned();
        let end = &first[line.len()..];
        let mut is_whole = true;
        while let Some(next) =
            lines.next_if(|next| next.starts_with([' ', '\t']) || (is_quoted && line.ends_with('=')))
        {
            at += next.len();
            is_whole = false;
            let next = next.trim_end_matches(['\r', '\n']);
            if is_quoted && line.ends_with('=') {
                line.pop();
                line.push_str(next);
            } else {
                line.push_str(&next[1..]);
            }
        }
        if label.contains("ENCODING=B") {
            continue;
        }
        if is_quoted {
            line = quoted_printable(&line);
        }
        let undone = line.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";");
        if is_whole && undone == first[..first.len() - end.len()] {
            out.push_str(first);
            map.copy(start, first.len());
        } else {
            let made = undone + "\n";
            map.block(start, at - start, made.len());
            out.push_str(&made);
        }
    }
    (out, map)
}

fn quoted_printable(line: &str) -> String {
    let bytes = line.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| bytes[at] == b'=') {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    crate::message::text_of(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    #[test]
    fn escapes_are_undone_and_map_back() {
        for (text, format, want) in [
            (r#"{"\u59d3\u540d":"\ud83d\ude42 \ud83d a\/b\\"}"#, "json", "{\"姓名\":\"🙂 \\ud83d a/b\\\"}"),
            ("<a>&#24352;&#x4e09; &amp; &lol; &#99999999;</a>", "xml", "<a>张三 & &lol; &#99999999;</a>"),
            ("SUMMARY:会\r\n 议\\, 10\\nend\r\nX:1\r\n", "ics", "SUMMARY:会议, 10\nend\nX:1\r\n"),
            (
                "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=\n=A0\nTEL:1\n",
                "vcf",
                "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:张\nTEL:1\n",
            ),
            ("PHOTO;ENCODING=b;TYPE=JPEG:/9j/\n AAAA\nTEL:2\n", "vcf", "TEL:2\n"),
        ] {
            let (got, map) = plain(text, format).expect("it has escapes");
            assert_eq!(got, want);
            assert_eq!(map.out_len(), got.len());
            let whole = map.source(Span::new(0, got.len()));
            assert!(whole.end <= text.len() && whole.len() > 3, "{whole:?}");
        }
        assert!(plain("no escapes", "json").is_none());
    }

    #[test]
    fn cut_escapes_stand_for_themselves() {
        for text in ["\\", "\\u", "\\u12", "\\ud83d", "\\u12\u{4e2d}", "\\中"] {
            assert_eq!(plain(text, "json").expect("a mark").0, text);
        }
        for text in ["&", "&#", "&#x;", "&中;"] {
            assert_eq!(plain(text, "xml").expect("a mark").0, text);
        }
    }
}
