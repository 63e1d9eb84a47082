//! CMaps: from the codes of a font to Unicode. Those that a file brings (ToUnicode), and those that every reader knows by name.
//!
//! Of the known ones, those named after Unicode hold Unicode itself, and the others a charset of mail. Adobe Technical Notes 5014, 5411; ISO 32000-2, 9.7.5, 9.10.3.

use std::collections::HashMap;

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8, UTF_16BE};

use super::lexer::{Lexer, Token};

/// Codes that one range of a file may name; more is no map but an attack.
const LONGEST_RANGE: u32 = 1 << 16;
/// Bytes that one code may mean.
const LONGEST_TEXT: usize = 64;
/// Codes that all ranges of a map may name.
const MOST_CODES: usize = 1 << 18;

/// A map that a file brings.
#[derive(Debug, Default)]
pub(super) struct ToUnicode {
    by_code: HashMap<u32, String>,
    /// Lengths of codes in bytes, with the first and last code of that length, the shortest first.
    spaces: Vec<(usize, u32, u32)>,
}

impl ToUnicode {
    /// Reads a CMap.
    pub(super) fn parse(bytes: &[u8]) -> ToUnicode {
        let (mut map, mut operands) = (ToUnicode::default(), Vec::new());
        for token in Lexer::new(bytes) {
            match token {
                Token::Word(b"endcodespacerange") => {
                    for pair in strings(&operands).chunks_exact(2) {
                        let len = pair[0].len().clamp(1, 4);
                        map.spaces.push((len, code(pair[0]), code(pair[1])));
                    }
                    operands.clear();
                }
                Token::Word(b"endbfchar") => {
                    for pair in strings(&operands).chunks_exact(2) {
                        map.put(code(pair[0]), utf16(pair[1]));
                    }
                    operands.clear();
                }
                Token::Word(b"endbfrange") => {
                    map.ranges(&operands);
                    operands.clear();
                }
                Token::Word(_) => operands.clear(),
                other => operands.push(other),
            }
        }
        map.spaces.sort_unstable();
        map
    }

    fn ranges(&mut self, operands: &[Token<'_>]) {
        let mut at = 0;
        while let [Token::String(low), Token::String(high), rest @ ..] = &operands[at.min(operands.len())..] {
            let (low, high) = (code(low), code(high).min(code(low).saturating_add(LONGEST_RANGE)));
            match rest {
                [Token::String(first), ..] => {
                    at += 3;
                    let first = utf16(first);
                    let mut chars: Vec<char> = first.chars().collect();
                    let last = chars.pop().map_or(0, |last| last as u32);
                    let lead: String = chars.into_iter().collect();
                    for code in low..=high {
                        let next = last.checked_add(code - low).and_then(char::from_u32);
                        self.put(code, lead.chars().chain(next).collect());
                    }
                }
                [Token::ArrayStart, rest @ ..] => {
                    let listed = rest.iter().take_while(|token| matches!(token, Token::String(_))).count();
                    for (index, text) in strings(&rest[..listed]).into_iter().enumerate() {
                        self.put(low.saturating_add(index as u32), utf16(text));
                    }
                    at += listed + 4;
                }
                _ => return,
            }
        }
    }

    fn put(&mut self, code: u32, text: String) {
        if self.by_code.len() < MOST_CODES {
            self.by_code.insert(code, text);
        }
    }

    /// The text of a code.
    pub(super) fn get(&self, code: u32) -> Option<&str> {
        self.by_code.get(&code).map(String::as_str)
    }

    /// How many bytes the next code has, if the map says so.
    pub(super) fn code_len(&self, bytes: &[u8]) -> Option<usize> {
        let fits = |(len, low, high): &&(usize, u32, u32)| {
            bytes.get(..*len).is_some_and(|first| (*low..=*high).contains(&code(first)))
        };
        self.spaces.iter().find(fits).map(|(len, ..)| *len)
    }
}

/// The strings among tokens.
fn strings<'t>(tokens: &'t [Token<'_>]) -> Vec<&'t [u8]> {
    let string = |token: &'t Token<'_>| if let Token::String(text) = token { Some(&**text) } else { None };
    tokens.iter().filter_map(string).collect()
}

/// A code of up to four bytes.
pub(super) fn code(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |code, byte| code << 8 | u32::from(*byte))
}

fn utf16(bytes: &[u8]) -> String {
    match bytes {
        [byte] => char::from(*byte).to_string(),
        bytes if bytes.len() > LONGEST_TEXT => utf16(&bytes[..LONGEST_TEXT]),
        bytes => UTF_16BE.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// How the codes of a font with a known CMap are cut and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Two bytes that number a glyph of the font: no text without a map.
    Identity,
    /// Text in a charset.
    Charset(&'static Encoding),
    /// UTF-32.
    Utf32,
}

impl Known {
    /// The CMap of this name.
    pub(super) fn named(name: &[u8]) -> Option<Known> {
        let name = std::str::from_utf8(name).ok()?;
        let name = name.strip_suffix("-H").or_else(|| name.strip_suffix("-V")).unwrap_or(name);
        Some(match name {
            "Identity" => Known::Identity,
            "GB-EUC" | "GBpc-EUC" | "GBK-EUC" | "GBKp-EUC" | "GBK2K" => Known::Charset(GB18030),
            "B5pc" | "HKscs-B5" | "ETen-B5" | "ETenms-B5" => Known::Charset(BIG5),
            "83pv-RKSJ" | "90ms-RKSJ" | "90msp-RKSJ" | "90pv-RKSJ" | "Add-RKSJ" | "Ext-RKSJ" => {
                Known::Charset(SHIFT_JIS)
            }
            "EUC" => Known::Charset(EUC_JP),
            "KSC-EUC" | "KSCms-UHC" | "KSCms-UHC-HW" | "KSCpc-EUC" => Known::Charset(EUC_KR),
            _ if name.ends_with("-UTF32") => Known::Utf32,
            _ if name.ends_with("-UTF8") => Known::Charset(UTF_8),
            _ if name.starts_with("Uni") => Known::Charset(UTF_16BE),
            _ => return None,
        })
    }

    /// How many bytes the next code has.
    pub(super) fn code_len(self, bytes: &[u8]) -> usize {
        let Some(&first) = bytes.first() else { return 1 };
        match self {
            Known::Identity => 2,
            Known::Utf32 => 4,
            Known::Charset(encoding) if encoding == UTF_16BE => {
                if (0xd8..0xdc).contains(&first) {
                    4
                } else {
                    2
                }
            }
            Known::Charset(encoding) if encoding == UTF_8 => match first {
                0..0xc0 => 1,
                0xc0..0xe0 => 2,
                0xe0..0xf0 => 3,
                _ => 4,
            },
            Known::Charset(encoding) => match first {
                0..=0x80 | 0xff => 1,
                // Half-width kana.
                0xa0..=0xdf if encoding == SHIFT_JIS => 1,
                0x8f if encoding == EUC_JP => 3,
                _ if encoding == GB18030 && bytes.get(1).is_some_and(u8::is_ascii_digit) => 4,
                _ => 2,
            },
        }
    }

    /// The text of one code.
    pub(super) fn text(self, bytes: &[u8]) -> Option<String> {
        match self {
            Known::Identity => None,
            Known::Utf32 => char::from_u32(code(bytes)).map(String::from),
            Known::Charset(encoding) => {
                let (text, has_errors) = encoding.decode_without_bom_handling(bytes);
                (!has_errors).then(|| text.into_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_of_files_are_read() {
        let map = ToUnicode::parse(
            b"1 begincodespacerange <0000> <FFFF> endcodespacerange 2 beginbfchar <0001> <4E2D> <0002> <00660069> endbfchar \
            2 beginbfrange <0010> <0012> <0041> <0020> <0021> [<0058> <0059>] endbfrange",
        );
        for (code, want) in [(1, "中"), (2, "fi"), (0x11, "B"), (0x21, "Y")] {
            assert_eq!(map.get(code), Some(want));
        }
        assert_eq!(map.get(3), None);
        assert_eq!(map.code_len(b"\0\x01x"), Some(2));
    }

    #[test]
    fn endless_ranges_end() {
        let map = ToUnicode::parse(b"1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange");
        assert!(map.by_code.len() <= MOST_CODES);
    }

    #[test]
    fn known_maps_are_charsets() {
        for (name, bytes, want) in [
            (b"UniGB-UCS2-H".as_slice(), b"\x4e\x2d".as_slice(), "中"),
            (b"GBK-EUC-H", b"\xd6\xd0", "中"),
            (b"90ms-RKSJ-V", b"\x93\xfa", "日"),
            (b"ETen-B5-H", b"\xa4\xa4", "中"),
            (b"KSCms-UHC-H", b"\xc7\xd1", "한"),
            (b"UniJIS-UTF16-H", b"\xd8\x40\xdc\x0b", "𠀋"),
        ] {
            let known = Known::named(name).expect("a known map");
            assert_eq!(known.code_len(bytes), bytes.len(), "{want}");
            assert_eq!(known.text(bytes).as_deref(), Some(want));
        }
        assert_eq!(Known::named(b"Custom"), None);
    }
}
