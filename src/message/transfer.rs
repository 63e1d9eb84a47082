//! Content-Transfer-Encoding (RFC 2045 6): encoded bytes in, decoded bytes and their map out.
//!
//! Decodes as a mail client would: illegal characters are skipped, a wrong escape stays as it stands, missing padding is no
//! reason to lose the last byte.

use crate::span::SpanMap;

/// Decodes quoted-printable. `base` is where `encoded` starts in the source buffer.
pub(super) fn quoted_printable(encoded: &[u8], base: usize) -> (Vec<u8>, SpanMap) {
    let mut out = Vec::with_capacity(encoded.len());
    let mut map = SpanMap::builder_for(encoded.len());
    let mut at = 0;
    while at < encoded.len() {
        // Up to the next escape or line end everything is a copy.
        let stop = memchr::memchr2(b'=', b'\n', &encoded[at..]).map_or(encoded.len(), |found| at + found);
        let is_newline = encoded.get(stop) == Some(&b'\n');
        let mut end = stop;
        if is_newline {
            // White space before a line end was added on the way (RFC 2045 6.7 rule 3).
            while end > at && matches!(encoded[end - 1], b' ' | b'\t') {
                end -= 1;
            }
        }
        out.extend_from_slice(&encoded[at..end]);
        map.copy(base + at, end - at);
        if is_newline {
            out.push(b'\n');
            map.copy(base + stop, 1);
            at = stop + 1;
        } else if stop == encoded.len() {
            at = stop;
        } else {
            at = escape(encoded, stop, base, &mut out, &mut map);
        }
    }
    (out, map)
}

/// Decodes the `=` at `at`; returns where to go on.
fn escape(encoded: &[u8], at: usize, base: usize, out: &mut Vec<u8>, map: &mut SpanMap) -> usize {
    let rest = &encoded[at + 1..];
    if let [high, low, ..] = rest
        && let (Some(high), Some(low)) = (hex(*high), hex(*low))
    {
        out.push(high << 4 | low);
        map.units(base + at, 1, 3, 1);
        return at + 3;
    }
    // A soft line break, with the white space that some servers leave behind the `=`.
    let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match &rest[blank..] {
        [b'\r', b'\n', ..] => return at + 1 + blank + 2,
        [b'\n', ..] => return at + 1 + blank + 1,
        [] => return encoded.len(),
        _ => {}
    }
    out.push(b'=');
    map.copy(base + at, 1);
    at + 1
}

/// The value of a hexadecimal digit.
pub(super) fn hex(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|value| value as u8)
}

/// Decodes base64 leniently: what is not of the alphabet is skipped, `=` ends a group and decoding goes on behind it.
/// `None` where less than half of the text is of the alphabet: then it was never base64.
pub(super) fn base64(encoded: &[u8], base: usize) -> Option<(Vec<u8>, SpanMap)> {
    let mut out = Vec::with_capacity(encoded.len() / 4 * 3);
    let mut map = SpanMap::builder();
    let mut foreign = 0;
    let mut at = 0;
    while at < encoded.len() {
        // Whole groups without a gap are one run of units.
        let start = at;
        while let Some([a, b, c, d]) = encoded.get(at..at + 4)
            && let bits = [SEXTET[*a as usize], SEXTET[*b as usize], SEXTET[*c as usize], SEXTET[*d as usize]]
            && (bits[0] | bits[1] | bits[2] | bits[3]) < 64
        {
            out.extend_from_slice(&[
                bits[0] << 2 | bits[1] >> 4,
                bits[1] << 4 | bits[2] >> 2,
                bits[2] << 6 | bits[3],
            ]);
            at += 4;
        }
        map.units(base + start, 3, 4, (at - start) / 4 * 3);
        if at < encoded.len() {
            at = irregular_group(encoded, at, base, &mut out, &mut map, &mut foreign);
        }
    }
    (foreign * 2 <= encoded.len()).then_some((out, map))
}

/// Decodes base64 that is nothing else, with or without its padding; `None` where a letter is foreign.
pub(crate) fn plain_base64(letters: &[u8]) -> Option<Vec<u8>> {
    let padding = letters.iter().rev().take_while(|letter| **letter == b'=').count();
    let letters = &letters[..letters.len() - padding];
    let mut out = Vec::with_capacity(letters.len() / 4 * 3 + 2);
    let (mut held, mut bits) = (0u32, 0);
    for letter in letters {
        let six = SEXTET[usize::from(*letter)];
        // The other two letters of addresses are not of this alphabet.
        if six > 63 || matches!(letter, b'-' | b'_') {
            return None;
        }
        held = held << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
        }
    }
    Some(out)
}

/// Decodes one group that has line ends, foreign characters or padding in it; returns where to go on.
fn irregular_group(
    encoded: &[u8],
    start: usize,
    base: usize,
    out: &mut Vec<u8>,
    map: &mut SpanMap,
    foreign: &mut usize,
) -> usize {
    let mut at = start;
    let mut first = None;
    let mut sextets = [0u8; 4];
    let mut count = 0;
    let mut end = start;
    while at < encoded.len() && count < 4 {
        let byte = encoded[at];
        let value = SEXTET[byte as usize];
        at += 1;
        if value < 64 {
            first.get_or_insert(at - 1);
            end = at;
            sextets[count] = value;
            count += 1;
        } else if byte == b'=' {
            if count > 0 {
                break;
            }
        } else if !byte.is_ascii_whitespace() {
            *foreign += 1;
        } else if count == 0 {
            // Back to the fast path at the start of a line.
            return at;
        }
    }
    let bytes =
        [sextets[0] << 2 | sextets[1] >> 4, sextets[1] << 4 | sextets[2] >> 2, sextets[2] << 6 | sextets[3]];
    if let Some(first) = first
        && count >= 2
    {
        out.extend_from_slice(&bytes[..count - 1]);
        map.block(base + first, end - first, count - 1);
    }
    at
}

/// Value of each base64 character; 255 for what is not of the alphabet. The URL-safe alphabet is read as well.
const SEXTET: [u8; 256] = {
    let mut table = [255u8; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut index = 0;
    while index < 64 {
        table[alphabet[index] as usize] = index as u8;
        index += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    #[test]
    fn quoted_printable_joins_soft_breaks_and_keeps_wrong_escapes() {
        for (input, want) in [
            ("a=3Db", "a=b"),
            ("1101=\r\n01", "110101"),
            ("1101= \n01", "110101"),
            ("50=% off", "50=% off"),
            ("end=", "end"),
            ("tail  \r\nx", "tail  \r\nx"),
            ("tail \nx", "tail\nx"),
        ] {
            assert_eq!(quoted_printable(input.as_bytes(), 0).0, want.as_bytes(), "{input:?}");
        }
    }

    #[test]
    fn quoted_printable_maps_over_a_soft_break() {
        let raw = b"id 1101=\n01 end";
        let (out, map) = quoted_printable(raw, 100);
        assert_eq!(&out[3..9], b"110101");
        assert_eq!(map.source(Span::new(3, 9)), Span::new(103, 111));
    }

    #[test]
    fn base64_reads_what_clients_read() {
        for (input, want) in [
            ("aGVsbG8gd29ybGQ=", "hello world"),
            ("aGVsbG8gd29ybGQ", "hello world"),
            ("aGVs\r\nbG8gd2\r\n9ybGQ=\r\n", "hello world"),
            ("aGVs!bG8gd29ybGQ=", "hello world"),
            ("aGk=aGk=", "hihi"),
            ("", ""),
        ] {
            assert_eq!(base64(input.as_bytes(), 0).expect("base64").0, want.as_bytes(), "{input:?}");
        }
        assert!(base64("这不是编码".as_bytes(), 0).is_none());
    }

    #[test]
    fn plain_base64_is_nothing_else() {
        for (letters, want) in [
            ("", Some(&b""[..])),
            ("Q2F0", Some(b"Cat")),
            ("aGVsbG8=", Some(b"hello")),
            ("Q2E=", Some(b"Ca")),
            ("Q2E", Some(b"Ca")),
            ("+/+/", Some(b"\xfb\xff\xbf")),
            ("Q2E-", None),
            ("Q2 E", None),
            ("Q=2E", None),
        ] {
            assert_eq!(plain_base64(letters.as_bytes()).as_deref(), want, "{letters}");
        }
    }

    #[test]
    fn base64_maps_to_the_groups() {
        let (out, map) = base64(b"aGVs\nbG8g\nd29ybGQ=", 10).expect("base64");
        let at = out.windows(5).position(|window| window == b"world").expect("decoded");
        assert_eq!(map.source(Span::new(at, at + 5)), Span::new(20, 27));
    }
}
