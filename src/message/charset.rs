//! Charset decoding: bytes and the label they came with in, UTF-8 and its map out.
//!
//! The label is a claim. UTF-8 that is plainly UTF-8 wins over any label, a label that decodes badly or says no more than "ASCII" or
//! "Latin" gives way to detection, and `gb2312` and `gbk` are read as GB18030 (they cannot write 镕 or 㐂, people can).

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::span::{Mapped, SpanMap};

/// What decoding found out about the label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// Right, or not needed.
    Right,
    /// Missing, unknown or wrong: the charset was detected.
    Wrong,
}

/// Decodes `bytes`, which start at `base` of their buffer and were labelled `label`.
pub(super) fn decode<'a>(bytes: &'a [u8], base: usize, label: Option<&str>) -> (Mapped<'a>, Label) {
    let name = label.map(|label| label.trim().trim_matches(['"', '\'']).to_ascii_lowercase());
    let name = name.as_deref().unwrap_or("");
    match name {
        "utf-7" | "unicode-1-1-utf-7" | "x-unicode-2-0-utf-7" | "utf7" if bytes.contains(&b'+') => {
            return (by_line(bytes, base, utf7_line), Label::Right);
        }
        "hz-gb-2312" | "hz" if memchr::memmem::find(bytes, b"~{").is_some() => {
            return (by_line(bytes, base, hz_line), Label::Right);
        }
        "iso-2022-jp" | "csiso2022jp" if bytes.contains(&0x1b) => {
            return (by_line(bytes, base, iso_2022_jp_line), Label::Right);
        }
        _ => {}
    }
    if let Some((encoding, skip)) = Encoding::for_bom(bytes) {
        return (decode_as(&bytes[skip..], base + skip, encoding), Label::Right);
    }
    let declared = declared(name);
    if let Some(encoding) = declared.filter(|encoding| [UTF_16BE, UTF_16LE].contains(encoding)) {
        return (decode_as(bytes, base, encoding), Label::Right);
    }
    if bytes.is_ascii() {
        return (decode_as(bytes, base, UTF_8), Label::Right);
    }
    if std::str::from_utf8(bytes).is_ok() && (declared.is_none_or(says_little) || plainly_utf8(bytes)) {
        let right = declared.is_some_and(|encoding| encoding == UTF_8);
        return (decode_as(bytes, base, UTF_8), if right { Label::Right } else { Label::Wrong });
    }
    if let Some(encoding) = declared
        && !(says_little(encoding) && encoding != UTF_8 && high_bytes_in_pairs(bytes))
    {
        let decoded = decode_as(bytes, base, encoding);
        if replaced(&decoded.text) * 100 <= decoded.text.len() {
            return (decoded, Label::Right);
        }
        let detected = decode_as(bytes, base, detect(bytes));
        let better = replaced(&detected.text) < replaced(&decoded.text);
        return if better { (detected, Label::Wrong) } else { (decoded, Label::Wrong) };
    }
    (decode_as(bytes, base, detect(bytes)), Label::Wrong)
}

/// Whether `bytes` are whole characters of the charset that they are labelled with.
pub(super) fn is_whole(bytes: &[u8], label: &str) -> bool {
    declared(&label.to_ascii_lowercase())
        .is_none_or(|encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes).is_some())
}

/// The encoding that a label names, with the names that browsers do not know.
fn declared(name: &str) -> Option<&'static Encoding> {
    let name = match name {
        "" | "unknown-8bit" | "x-unknown" | "unknown" | "default" | "binary" | "8bit" => return None,
        "cp936" | "gb18030-2000" | "gb18030-2005" | "gb18030-2022" | "euc-cn" | "windows-936" => "gb18030",
        "cp950" | "windows-950" => "big5",
        "cp932" | "windows-932" => "shift_jis",
        "cp949" | "windows-949" => "euc-kr",
        "ansi_x3.4-1968" | "646" => "us-ascii",
        name => name,
    };
    Encoding::for_label_no_replacement(name.as_bytes())
}

/// Whether a label is what software writes when it does not know: ASCII, Latin-1, UTF-8.
fn says_little(encoding: &'static Encoding) -> bool {
    encoding == UTF_8 || encoding == encoding_rs::WINDOWS_1252
}

/// Valid UTF-8 with so many sequences that no other charset makes it by chance.
fn plainly_utf8(bytes: &[u8]) -> bool {
    let three = bytes.iter().filter(|&&byte| byte >= 0xe0).take(2).count();
    three >= 2 || bytes.iter().filter(|&&byte| byte >= 0xc2).take(5).count() >= 5
}

/// Whether bytes above ASCII stand mostly side by side, as in double-byte charsets, and not alone, as in Latin text.
fn high_bytes_in_pairs(bytes: &[u8]) -> bool {
    let mut rest = &bytes[..bytes.len().min(64 * 1024)];
    let (mut runs, mut alone) = (0usize, 0usize);
    loop {
        rest = &rest[Encoding::ascii_valid_up_to(rest)..];
        let run = rest.iter().take_while(|byte| !byte.is_ascii()).count();
        if run == 0 {
            break;
        }
        runs += 1;
        alone += usize::from(run == 1);
        rest = &rest[run..];
    }
    runs > 0 && alone * 4 <= runs
}

/// The likeliest charset of text without a trustworthy label. East Asian charsets in mail without a label are GB18030 far more
/// often than anything else, so short text that reads as GB18030 Chinese is taken as that.
fn detect(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    let sample = &sample(bytes);
    detector.feed(sample, true);
    let guess = detector.guess(None, chardetng::Utf8Detection::Allow);
    let single_byte = guess.is_single_byte();
    if single_byte && high_bytes_in_pairs(sample) {
        let (text, had_errors) = encoding_rs::GB18030.decode_without_bom_handling(sample);
        let han = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
        let other = text.chars().filter(|c| !c.is_ascii() && !('\u{3000}'..='\u{9fff}').contains(c)).count();
        if !had_errors && han > other * 4 {
            return encoding_rs::GB18030;
        }
    }
    guess
}

/// What tells charsets apart: the bytes above ASCII, with a little of what stands around them.
fn sample(bytes: &[u8]) -> Vec<u8> {
    const MOST: usize = 2 << 10;
    const AROUND: usize = 6;
    let mut sample = Vec::with_capacity(1 << 10);
    let mut at = 0;
    while at < bytes.len() && sample.len() < MOST {
        let next = Encoding::ascii_valid_up_to(&bytes[at..]);
        if at + next == bytes.len() {
            break;
        }
        let start = (at + next).saturating_sub(AROUND).max(at);
        let mut end = at + next;
        while end < bytes.len() && bytes[end..bytes.len().min(end + 2)].iter().any(|byte| !byte.is_ascii()) {
            end += 1;
        }
        let end = (end + AROUND).min(bytes.len());
        sample.extend_from_slice(&bytes[start..end.min(start + MOST)]);
        at = end;
    }
    sample
}

/// How many bytes of U+FFFD the text holds.
fn replaced(text: &str) -> usize {
    text.matches('\u{fffd}').count() * 3
}

/// Decodes `bytes` as `encoding`.
fn decode_as<'a>(bytes: &'a [u8], base: usize, encoding: &'static Encoding) -> Mapped<'a> {
    if encoding == UTF_8 || (bytes.is_ascii() && encoding.is_ascii_compatible()) {
        return match std::str::from_utf8(bytes) {
            Ok(text) => Mapped { text: Cow::Borrowed(text), map: SpanMap::shifted(base, text.len()) },
            Err(_) => broken_utf8(bytes, base),
        };
    }
    if [UTF_16BE, UTF_16LE].contains(&encoding) {
        return utf16(bytes, base, encoding == UTF_16BE);
    }
    let mut text = String::with_capacity(bytes.len() * 3 / 2);
    let mut map = SpanMap::builder();
    let mut at = 0;
    while at < bytes.len() {
        let ascii = Encoding::ascii_valid_up_to(&bytes[at..]);
        if ascii > 0 {
            text.push_str(std::str::from_utf8(&bytes[at..at + ascii]).expect("checked to be ASCII"));
            map.copy(base + at, ascii);
            at += ascii;
            continue;
        }
        let mut end = at;
        while end < bytes.len() && !bytes[end].is_ascii() {
            end += unit_len(encoding, &bytes[end..]);
        }
        let end = end.min(bytes.len());
        wide_run(&bytes[at..end], base + at, encoding, &mut text, &mut map);
        at = end;
    }
    Mapped { text: Cow::Owned(text), map }
}

/// Decodes a run of characters beyond ASCII and maps it character by character where the counts agree, else as one block.
fn wide_run(bytes: &[u8], base: usize, encoding: &'static Encoding, text: &mut String, map: &mut SpanMap) {
    let (decoded, _) = encoding.decode_without_bom_handling(bytes);
    let mut units = Vec::with_capacity(bytes.len() / 2);
    let mut at = 0;
    while at < bytes.len() {
        let len = unit_len(encoding, &bytes[at..]).min(bytes.len() - at);
        units.push((at, len));
        at += len;
    }
    if decoded.chars().count() == units.len() {
        for ((start, len), character) in units.into_iter().zip(decoded.chars()) {
            map.units(base + start, character.len_utf8(), len, character.len_utf8());
        }
    } else {
        map.block(base, bytes.len(), decoded.len());
    }
    text.push_str(&decoded);
}

/// Bytes of the character that starts with a byte above ASCII.
fn unit_len(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    use encoding_rs::{BIG5, EUC_JP, EUC_KR, GB18030, GBK, SHIFT_JIS};
    let lead = bytes[0];
    if lead <= 0x80 || lead == 0xff {
        1
    } else if encoding == GB18030 || encoding == GBK {
        if bytes.get(1).is_some_and(u8::is_ascii_digit) { 4 } else { 2 }
    } else if encoding == SHIFT_JIS {
        if (0xa1..=0xdf).contains(&lead) { 1 } else { 2 }
    } else if encoding == EUC_JP {
        if lead == 0x8f { 3 } else { 2 }
    } else if encoding == BIG5 || encoding == EUC_KR {
        2
    } else {
        1
    }
}

/// UTF-8 with errors: valid stretches are copies, each error is one U+FFFD.
fn broken_utf8(bytes: &[u8], base: usize) -> Mapped<'static> {
    let mut text = String::with_capacity(bytes.len() + 16);
    let mut map = SpanMap::builder();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        map.copy(base + at, chunk.valid().len());
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            text.push('\u{fffd}');
            map.block(base + at, chunk.invalid().len(), 3);
            at += chunk.invalid().len();
        }
    }
    Mapped { text: Cow::Owned(text), map }
}

/// UTF-16, unit by unit; a lone surrogate is one U+FFFD.
fn utf16(bytes: &[u8], base: usize, big_endian: bool) -> Mapped<'static> {
    let units = bytes.chunks_exact(2).map(|pair| match big_endian {
        true => u16::from_be_bytes([pair[0], pair[1]]),
        false => u16::from_le_bytes([pair[0], pair[1]]),
    });
    let mut text = String::with_capacity(bytes.len());
    let mut map = SpanMap::builder();
    let mut at = base;
    for decoded in char::decode_utf16(units) {
        let (character, width) = match decoded {
            Ok(character) => (character, character.len_utf16() * 2),
            Err(_) => ('\u{fffd}', 2),
        };
        text.push(character);
        map.units(at, character.len_utf8(), width, character.len_utf8());
        at += width;
    }
    Mapped { text: Cow::Owned(text), map }
}

/// Decodes a stateful charset line by line; each line that is not plain ASCII maps as one block.
fn by_line(bytes: &[u8], base: usize, decode: fn(&[u8]) -> String) -> Mapped<'static> {
    let mut text = String::with_capacity(bytes.len());
    let mut map = SpanMap::builder();
    let mut at = base;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let decoded = decode(line);
        if decoded.as_bytes() == line {
            map.copy(at, line.len());
        } else {
            map.block(at, line.len(), decoded.len());
        }
        text.push_str(&decoded);
        at += line.len();
    }
    Mapped { text: Cow::Owned(text), map }
}

fn iso_2022_jp_line(line: &[u8]) -> String {
    encoding_rs::ISO_2022_JP.decode_without_bom_handling(line).0.into_owned()
}

fn utf7_line(line: &[u8]) -> String {
    match mail_parser::decoders::charsets::map::charset_decoder(b"utf-7") {
        Some(decode) => decode(line),
        None => String::from_utf8_lossy(line).into_owned(),
    }
}

/// HZ (RFC 1843): `~{` opens two-byte GB2312 in seven bits, `~}` closes it, `~~` is a tilde.
fn hz_line(line: &[u8]) -> String {
    let mut gb = Vec::with_capacity(line.len());
    let (mut at, mut wide) = (0, false);
    while at < line.len() {
        match (wide, &line[at..]) {
            (false, [b'~', b'{', ..]) => (wide, at) = (true, at + 2),
            (true, [b'~', b'}', ..]) => (wide, at) = (false, at + 2),
            (false, [b'~', b'~', ..]) => {
                gb.push(b'~');
                at += 2;
            }
            (true, [high @ 0x21..=0x7e, low @ 0x21..=0x7e, ..]) => {
                gb.extend([high | 0x80, low | 0x80]);
                at += 2;
            }
            (_, rest) => {
                gb.push(rest[0]);
                at += 1;
            }
        }
    }
    encoding_rs::GB18030.decode_without_bom_handling(&gb).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn text(bytes: &[u8], label: Option<&str>) -> String {
        decode(bytes, 0, label).0.text.into_owned()
    }

    #[test]
    fn chinese_labels_are_read_as_gb18030() {
        let (bytes, _, _) = encoding_rs::GB18030.encode("朱镕基 㐂 €");
        for label in ["gb2312", "GBK", "gb18030", "cp936", " GB2312 "] {
            assert_eq!(text(&bytes, Some(label)), "朱镕基 㐂 €", "{label}");
        }
    }

    #[test]
    fn missing_and_wrong_labels_are_detected() {
        let chinese = "各位同事，附件是本周的会议纪要，请查收。";
        let (gbk, _, _) = encoding_rs::GBK.encode(chinese);
        for label in [None, Some("us-ascii"), Some("iso-8859-1"), Some("utf-8"), Some("x-unknown")] {
            assert_eq!(text(&gbk, label), chinese, "{label:?}");
        }
        for label in [None, Some("gb2312"), Some("us-ascii"), Some("big5")] {
            assert_eq!(text(chinese.as_bytes(), label), chinese, "{label:?}");
        }
        let (latin, _, _) =
            encoding_rs::WINDOWS_1252.encode("Le numéro de sécurité sociale, déjà reçu à Orléans");
        assert_eq!(text(&latin, Some("iso-8859-1")), "Le numéro de sécurité sociale, déjà reçu à Orléans");
    }

    #[test]
    fn stateful_charsets() {
        assert_eq!(text(b"~{<:Ky2;S{~} ~~ bye", Some("hz-gb-2312")), "己所不欲 ~ bye");
        assert_eq!(text(b"\x1b$B%F%9%H\x1b(B ok", Some("iso-2022-jp")), "テスト ok");
        assert_eq!(text(b"Hi +ZeVnLIqe-", Some("utf-7")), "Hi 日本語");
    }

    #[test]
    fn spans_of_gbk_and_utf16_map_back() {
        let (gbk, _, _) = encoding_rs::GBK.encode("卡号622202，谢谢");
        let decoded = decode(&gbk, 50, Some("gbk")).0;
        let at = decoded.text.find("622202").expect("decoded");
        assert_eq!(decoded.map.source(Span::new(at, at + 6)), Span::new(54, 60));
        let at = decoded.text.find("谢谢").expect("decoded");
        assert_eq!(decoded.map.source(Span::new(at, at + 3)), Span::new(62, 64));

        let utf16: Vec<u8> = "号1🙂2".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let decoded = decode(&utf16, 0, Some("utf-16le")).0;
        assert_eq!(decoded.text, "号1🙂2");
        assert_eq!(decoded.map.source(Span::new(3, 4)), Span::new(2, 4));
        assert_eq!(decoded.map.source(Span::new(8, 9)), Span::new(8, 10));
    }
}
