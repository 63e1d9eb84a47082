//! Folding of text beyond ASCII, character by character with fast ways for what mail is made of.

use std::sync::LazyLock;

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

use super::Folder;
use crate::span::Span;

/// Folds one line, which starts at `at` of the text.
pub(super) fn fold(line: &str, at: usize, folder: &mut Folder) {
    // Whether look-alikes of the word being read are to be read as Latin.
    let mut word: Option<bool> = None;
    // Where the run of written-out digits that is being read ends.
    let mut numerals_end = 0;
    let mut next = 0;
    while let Some(c) = line[next..].chars().next() {
        let start = next;
        if c.is_ascii() {
            let run = &line[start..start + ascii_run(&line[start..])];
            if !run.is_empty() {
                folder.ascii(run, at + start);
                if run.bytes().any(|byte| !byte.is_ascii_alphanumeric()) {
                    word = None;
                }
                next += run.len();
                continue;
            }
        }
        next += c.len_utf8();
        let source = Span::new(at + start, at + next);
        let cluster_end = cluster_end(line, c, next);
        if cluster_end > next {
            push_normalized(&line[start..cluster_end], Span::new(at + start, at + cluster_end), folder);
            next = cluster_end;
            continue;
        }
        match c {
            '\t' => folder.push("\t", source),
            '\u{1d}'..='\u{1f}' | '\0'..='\u{8}' | '\u{b}'..='\u{1c}' | ' ' => folder.space(source),
            '\0'..='\u{7f}' => {
                folder.out.push(c.to_ascii_lowercase());
                folder.map.copy(source.start, 1);
            }
            '\u{3007}' | '\u{4e00}'..='\u{9fff}' if numeral(c).is_some() => {
                if start >= numerals_end {
                    let run: usize =
                        line[start..].chars().take_while(|c| numeral(*c).is_some()).map(char::len_utf8).sum();
                    numerals_end = if run >= NUMERALS * 3 { start + run } else { start };
                }
                match numeral(c).filter(|_| start < numerals_end) {
                    Some(digit) => folder.push(digit.encode_utf8(&mut [0; 1]), source),
                    None => {
                        folder.out.push(simplified(c));
                        folder.map.copy(source.start, 3);
                    }
                }
            }
            // Spans cut no characters: one that stays as long as it was is a copy of its bytes, and a line of Chinese is one run of the map.
            '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' => {
                folder.out.push(simplified(c));
                folder.map.copy(source.start, 3);
            }
            '\u{3001}'..='\u{3030}' => {
                folder.out.push(c);
                folder.map.copy(source.start, 3);
            }
            '\u{ff01}'..='\u{ff5e}' => {
                let ascii = char::from((c as u32 - 0xfee0) as u8);
                folder.out.push(ascii.to_ascii_lowercase());
                folder.map.units(source.start, 1, 3, 1);
            }
            _ if is_ignorable(c) => {}
            _ if c.is_whitespace() => folder.space(source),
            _ => {
                if let Some(latin) = look_alike(c) {
                    let mixed = *word.get_or_insert_with(|| is_mixed(word_around(line, start)));
                    if mixed {
                        folder.push(latin.encode_utf8(&mut [0; 1]), source);
                        continue;
                    }
                }
                push_other(c, source, folder);
            }
        }
        if !in_word(c) {
            word = None;
        }
    }
}

/// Length of the ASCII at the start of `text`, without a last character that a combining mark changes.
fn ascii_run(text: &str) -> usize {
    let len = text.bytes().take_while(u8::is_ascii).count();
    let combined = text[len..].chars().next().is_some_and(|next| canonical_combining_class(next) != 0);
    len - usize::from(combined)
}

/// So many written-out digits in a row are a number to be copied, not a year or an amount.
const NUMERALS: usize = 8;

/// The digit that a Chinese numeral writes out, small or capital; 幺 is one in spoken numbers.
pub(crate) fn numeral(c: char) -> Option<char> {
    Some(match c {
        '〇' | '零' => '0',
        '一' | '壹' | '幺' => '1',
        '二' | '贰' | '貳' => '2',
        '三' | '叁' | '參' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' | '陸' => '6',
        '七' | '柒' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        _ => return None,
    })
}

/// Pushes a character that has no fast way.
fn push_other(c: char, source: Span, folder: &mut Folder) {
    let plain = match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{fe58}' | '\u{fe63}' => Some('-'),
        '\u{2018}'..='\u{201b}' => Some('\''),
        '\u{201c}'..='\u{201f}' => Some('"'),
        _ => digit(c),
    };
    match plain {
        Some(plain) => folder.push(plain.encode_utf8(&mut [0; 4]), source),
        None => {
            let known = folder.normalized.remove(&c);
            let folded = known.unwrap_or_else(|| normalized(c.encode_utf8(&mut [0; 4])));
            push_folded(&folded, source, folder);
            // Few characters need the slow way, and those come again.
            if folder.normalized.len() < 256 {
                folder.normalized.insert(c, folded);
            }
        }
    }
}

/// Pushes a cluster of characters.
fn push_normalized(cluster: &str, source: Span, folder: &mut Folder) {
    push_folded(&normalized(cluster), source, folder);
}

/// Pushes folded text, as one space where it is nothing else.
fn push_folded(folded: &str, source: Span, folder: &mut Folder) {
    if folded.trim().is_empty() && !folded.is_empty() {
        folder.space(source);
    } else {
        folder.push(folded, source);
    }
}

/// The NFKC form of a cluster in lower case, folded until folding it again changes nothing.
fn normalized(cluster: &str) -> String {
    let mut folded: String = cluster.to_owned();
    for _ in 0..4 {
        let next: String = folded
            .nfkc()
            .flat_map(char::to_lowercase)
            .nfkc()
            .filter(|c| !is_ignorable(*c))
            .map(|c| match c {
                '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
                '\u{2018}'..='\u{201b}' => '\'',
                '\u{201c}'..='\u{201f}' => '"',
                c if c.is_whitespace() && c != '\n' => ' ',
                c => digit(c).unwrap_or_else(|| simplified(c)),
            })
            .collect();
        if next == folded {
            break;
        }
        folded = next;
    }
    folded
}

/// Where the cluster that starts with `c` ends: combining marks and Hangul vowels and finals belong to the character before.
fn cluster_end(line: &str, c: char, end: usize) -> usize {
    let next = line[end..].chars().next();
    let Some(first) = next.filter(|next| *next as u32 >= 0x300) else { return end };
    let continues = |c: char| {
        canonical_combining_class(c) != 0 || matches!(c, '\u{1160}'..='\u{11ff}' | '\u{ff9e}' | '\u{ff9f}')
    };
    if c.is_control() || c == ' ' || !continues(first) {
        return end;
    }
    // A tower of marks longer than any language writes is cut, so that hostile text stays linear.
    line[end..].char_indices().take(32).find(|(_, c)| !continues(*c)).map_or_else(
        || line[end..].char_indices().nth(32).map_or(line.len(), |(at, _)| end + at),
        |(at, _)| end + at,
    )
}

/// Characters that are not seen (Default_Ignorable_Code_Point, Unicode 15.0 DerivedCoreProperties), and those that draw a ring or a key around another.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{20dd}'..='\u{20e0}' | '\u{20e2}'..='\u{20e4}' |
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// First code points (the zeros) of the decimal digits of other scripts (General_Category Nd, Unicode 15.0).
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
    0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0,
    0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50,
    0x11d50, 0x11da0, 0x11f50, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6,
    0x1e140, 0x1e2f0, 0x1e4f0, 0x1e950, 0x1fbf0,
];

/// The ASCII digit of a decimal digit of any script, or of one in a ring.
fn digit(c: char) -> Option<char> {
    let code = c as u32;
    let ringed = match code {
        0x24f5..=0x24fd => code - 0x24f4,
        0x24ff => 0,
        0x2776..=0x277e => code - 0x2775,
        0x2780..=0x2788 => code - 0x277f,
        0x278a..=0x2792 => code - 0x2789,
        _ => 10,
    };
    if ringed < 10 {
        return Some(char::from(b'0' + ringed as u8));
    }
    let zero = *ZEROS.get(ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?)?;
    let value = code - zero;
    (value < 10).then(|| char::from(b'0' + value as u8))
}

/// Simplified characters of U+3400..U+9FFF, from `simplified.txt`.
static SIMPLIFIED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut table: Vec<char> = ('\u{3400}'..='\u{9fff}').collect();
    let pairs = include_str!("simplified.txt").lines().filter(|line| !line.starts_with('#'));
    for line in pairs {
        let mut characters = line.chars();
        while let (Some(traditional), Some(simplified)) = (characters.next(), characters.next()) {
            table[traditional as usize - 0x3400] = simplified;
        }
    }
    table
});

fn simplified(c: char) -> char {
    (c as usize).checked_sub(0x3400).and_then(|index| SIMPLIFIED.get(index)).copied().unwrap_or(c)
}

/// The Latin letter that a Cyrillic or Greek letter looks like, lower case (Unicode confusables, the letters that fake words are made of).
fn look_alike(c: char) -> Option<char> {
    Some(match c {
        'а' | 'А' | 'α' | 'Α' => 'a',
        'в' | 'В' | 'Β' => 'b',
        'с' | 'С' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'Е' | 'ё' | 'Ε' => 'e',
        'ɡ' => 'g',
        'һ' | 'Н' | 'Η' => 'h',
        'і' | 'І' | 'ι' | 'Ι' => 'i',
        'ј' | 'Ј' => 'j',
        'к' | 'К' | 'κ' | 'Κ' => 'k',
        'ӏ' | 'Ӏ' => 'l',
        'М' | 'м' | 'Μ' => 'm',
        'Ν' => 'n',
        'о' | 'О' | 'ο' | 'Ο' => 'o',
        'р' | 'Р' | 'ρ' | 'Ρ' => 'p',
        'ԛ' => 'q',
        'ѕ' | 'Ѕ' => 's',
        'т' | 'Т' | 'τ' | 'Τ' => 't',
        'υ' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ѡ' => 'w',
        'х' | 'Х' | 'χ' | 'Χ' => 'x',
        'у' | 'У' | 'Υ' => 'y',
        'Ζ' => 'z',
        _ => {
            let mut lower = c.to_lowercase();
            return lower.next().filter(|lower| *lower != c).and_then(look_alike);
        }
    })
}

/// The word around a byte of a line, cut to 64 bytes either side.
fn word_around(line: &str, at: usize) -> &str {
    let before = line[..at].char_indices().rev().take(64).take_while(|(_, c)| in_word(*c)).last();
    let start = before.map_or(at, |(start, _)| start);
    let len = line[at..]
        .char_indices()
        .take(64)
        .find(|(_, c)| !in_word(*c))
        .map_or(line.len() - at, |(len, _)| len);
    &line[start..(at + len).min(line.len())]
}

/// Letters, digits, and what is not seen between them.
fn in_word(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}') || c.is_alphanumeric() || is_ignorable(c)
}

/// Whether a word mixes Latin letters, or the digits of a long number, with letters that only look Latin.
fn is_mixed(word: &str) -> bool {
    let latin =
        |c: char| c.is_ascii_alphabetic() || matches!(c, '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}');
    let is_long_number = || word.bytes().filter(u8::is_ascii_digit).count() >= NUMERALS;
    (word.chars().any(latin) || is_long_number())
        && word.chars().all(|c| c.is_ascii() || latin(c) || look_alike(c).is_some() || !c.is_alphabetic())
}
