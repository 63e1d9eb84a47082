//! Files written into text as letters: uuencoded (POSIX), or base64 in lines of their own. They are read where they decode to something.

use super::{
    attached::{Carried, Work},
    format::{self, Family},
};
use crate::message::plain_base64;

/// Base64 letters of a line that may be part of a block; programs write 60, 64, 72 or 76, or all in one line.
const LINE: usize = 60;
/// Letters of a block below which words may look like one.
const LEAST: usize = 120;
/// Letters by which it is told whether a long block is something; whole groups.
const SAMPLE: usize = 64 << 10;
/// How a block without a name is called.
const UNNAMED: &str = "encoded block";

/// Reads the files written into a text, which is `file` or text of the message.
pub(super) fn read(text: &str, carried: &Carried<'_>, file: Option<usize>, work: &mut Work) {
    for (number, (name, bytes)) in find(text, work.budget.bytes_left()).into_iter().enumerate() {
        if !work.budget.take_member() {
            return;
        }
        work.budget.spend(bytes.len());
        let place = file.map_or_else(|| carried.place.to_vec(), |file| work.files[file].place.clone());
        let within = Carried {
            name: &name,
            media_type: "",
            place: &place,
            parent: file.or(carried.parent),
            number: number + 1,
            ..*carried
        };
        work.open(&within, &bytes);
    }
}

/// Files written into a text, with their names; together at most `most` bytes.
pub(super) fn find(text: &str, most: usize) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    if !may_hold(text.as_bytes()) {
        return found;
    }
    let mut left = most;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let (name, bytes) = if let Some(name) = begins(line) {
            let mut bytes = Vec::new();
            while let Some(line) =
                lines.next_if(|line| *line != "end" && uu_line(line, &mut Vec::new()).is_some())
            {
                uu_line(line, &mut bytes);
            }
            (name.to_owned(), bytes)
        } else if line.len() >= LINE && is_base64(line) {
            let mut letters = unpadded(line).to_vec();
            let length = line.trim_end().len();
            while let Some(line) = lines.next_if(|next| {
                is_base64(next) && !next.trim_end().is_empty() && next.trim_end().len() <= length
            }) {
                letters.extend_from_slice(unpadded(line));
                if line.trim_end().len() < length {
                    break;
                }
            }
            if letters.len() < LEAST {
                continue;
            }
            // Most of what looks like a block is none, and may be as large as a message.
            let is_file =
                |letters: &[u8]| plain_base64(letters).is_some_and(|bytes| is_something(UNNAMED, &bytes));
            if letters.len() > SAMPLE && !is_file(&letters[..SAMPLE]) {
                continue;
            }
            let Some(bytes) = plain_base64(&letters) else { continue };
            (UNNAMED.to_owned(), bytes)
        } else {
            continue;
        };
        if is_something(&name, &bytes) && !bytes.is_empty() && bytes.len() <= left {
            left -= bytes.len();
            found.push((name, bytes));
        }
    }
    found
}

/// Whether a text may hold a block. A line as long as those of blocks covers some words of eight bytes whole, and none holds a blank.
fn may_hold(text: &[u8]) -> bool {
    const EACH: u64 = u64::MAX / 0xff;
    let has_blank = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        word.wrapping_sub(EACH * (u64::from(b' ') + 1)) & (EACH * 0x80) != 0
    };
    let is_line_of_block = |at: usize| {
        let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |newline| newline + 1);
        let line = &text[start..];
        line.len() >= LINE && line[..LINE].iter().all(|byte| is_letter(*byte) || *byte == b'=')
    };
    let mut dense = 0;
    let may_be_line = |(index, eight): (usize, &[u8; 8])| {
        dense = if has_blank(eight) { 0 } else { dense + 1 };
        dense == LINE / 8 - 1 && is_line_of_block(index * 8)
    };
    text.as_chunks().0.iter().enumerate().any(may_be_line) || memchr::memmem::find(text, b"begin ").is_some()
}

/// Whether the bytes of a block are a file of some kind.
fn is_something(name: &str, bytes: &[u8]) -> bool {
    let detected = format::detect(bytes, if name == UNNAMED { "" } else { name }, "");
    !matches!(detected.format.family, Family::Unknown | Family::Encrypted | Family::Signature)
        && (detected.format.family != Family::Text || reads_well(bytes))
}

/// Whether bytes that may be text by chance are text: UTF-8, or lines of letters in another charset.
fn reads_well(bytes: &[u8]) -> bool {
    let (is_utf8, bytes) = match std::str::from_utf8(bytes) {
        Ok(_) => (true, bytes),
        // A sample may end within a character.
        Err(error) if error.error_len().is_none() => (true, &bytes[..error.valid_up_to()]),
        Err(_) => (false, bytes),
    };
    let text = crate::message::text_of(bytes);
    let all = text.chars().count();
    let said =
        text.chars().filter(|c| c.is_alphanumeric() || c.is_whitespace() || c.is_ascii_punctuation()).count();
    let has_lines = text.trim().contains([' ', '\n']);
    !text.contains('\u{fffd}') && said * 10 >= all * 9 && (is_utf8 || has_lines)
}

/// The name in the first line of a uuencoded file.
fn begins(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("begin ")?;
    let (mode, name) = rest.split_once(' ')?;
    let is_mode = matches!(mode.len(), 3 | 4) && mode.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    (is_mode && !name.trim().is_empty()).then_some(name.trim())
}

/// Decodes a line of a uuencoded file; `None` where it is none.
fn uu_line(line: &str, out: &mut Vec<u8>) -> Option<()> {
    let bytes = line.as_bytes();
    let value = |byte: u8| (0x20..=0x60).contains(&byte).then(|| (byte - 0x20) & 0x3f);
    let length = usize::from(value(*bytes.first()?)?);
    let start = out.len();
    for group in bytes[1..].chunks(4) {
        let mut word = 0u32;
        for at in 0..4 {
            // Trailing spaces are lost in mail.
            word = word << 6 | u32::from(value(group.get(at).copied().unwrap_or(b' '))?);
        }
        out.extend_from_slice(&word.to_be_bytes()[1..]);
    }
    let is_full = out.len() - start + 3 > length && out.len() - start < length + 6;
    out.truncate(start + length);
    is_full.then_some(())
}

fn is_base64(line: &str) -> bool {
    let line = line.trim_end();
    let letters = line.trim_end_matches('=');
    line.len() - letters.len() <= 2 && letters.bytes().all(is_letter)
}

/// The letters of a line.
fn unpadded(line: &str) -> &[u8] {
    line.trim_end().trim_end_matches('=').as_bytes()
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes as base64.
    fn letters(bytes: &[u8]) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for group in bytes.chunks(3) {
            let word = group
                .iter()
                .enumerate()
                .fold(0u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
            (0..=group.len())
                .for_each(|at| out.push(char::from(ALPHABET[(word >> (18 - 6 * at)) as usize & 63])));
            (group.len()..3).for_each(|_| out.push('='));
        }
        out
    }

    #[test]
    fn what_decodes_to_something_is_found() {
        let uu = "text\nbegin 644 list.csv\n#0V%T\n`\nend\nmore\n";
        assert_eq!(find(uu, 100), [("list.csv".to_owned(), b"Cat".to_vec())]);
        let text = "姓名,身份证号\n张三,110101199003071233\n".repeat(4);
        let letters = letters(text.as_bytes());
        for width in [60, 76, letters.len()] {
            let lines: Vec<&str> = letters
                .as_bytes()
                .chunks(width)
                .map(|line| std::str::from_utf8(line).expect("ASCII"))
                .collect();
            let mail = format!("see below\n\n{}\n\nbye\n", lines.join("\n"));
            assert_eq!(find(&mail, 1000), [(UNNAMED.to_owned(), text.clone().into_bytes())], "{width}");
            assert!(find(&mail, 100).is_empty());
        }
    }

    #[test]
    fn a_long_block_is_told_by_its_first_letters() {
        // Some samples end within a character.
        for head in ["", "a", "ab"] {
            let text = format!("{head}{}", "序号一,姓名,部门\n7,王小镕,生产部\n".repeat(4_000));
            let letters = letters(text.as_bytes());
            assert!(letters.len() > 2 * SAMPLE);
            let lines = letters.as_bytes().chunks(76);
            let lines: Vec<&str> = lines.map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
            assert_eq!(find(&lines.join("\n"), 1 << 20), [(UNNAMED.to_owned(), text.into_bytes())]);
        }
        assert!(find(&format!("{}\n", "a".repeat(70)).repeat(4_000), 1 << 20).is_empty());
    }

    #[test]
    fn words_and_keys_are_no_blocks() {
        for text in [
            "begin 2024 with a smile\nand go on\n",
            "begin the work\n",
            // A control character is below all letters of the code.
            "begin 644 a.txt\n`\t\n\u{1}",
            &"deadbeef".repeat(40),
            &"Donaudampfschifffahrtsgesellschaft".repeat(10),
            &"A".repeat(400),
        ] {
            assert!(find(text, 10_000).is_empty(), "{text}");
        }
    }
}
