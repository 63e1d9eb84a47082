//! Values that mean nothing without the word before them: a few digits after `CVV`, letters after `SWIFT`.
//!
//! The word is the trigger, so text without it costs nothing; what follows it is read here, over `no.`, `is`, `:` and the like.

use super::Site;
use crate::{extract, span::Span};

/// Words that may stand between a label and its value.
const BETWEEN: &[&str] = &[
    "number", "numbers", "n", "no", "num", "nr", "code", "codes", "id", "is", "are", "was", "of", "the",
    "for", "my", "your", "his", "her", "card", "account", "acct", "us", "usa", "date", "value", "and", "bic",
    "swift", "state", "license", "licence", "on", "back", "as", "follows", "we", "have", "issued",
];

/// Chinese words and signs between a label and its value.
const SIGNS: &[char] = &[
    ' ', '\t', '\n', ':', '#', '=', '-', '.', '(', ')', '/', '"', '\'', '*', '°', 'º', '号', '码', '是',
    '为', '：', '（', '）', '，', ',', '|',
];

impl<'t> Site<'t> {
    /// Where the value begins that the label at this site stands before, and the folded text from there on.
    pub(super) fn labelled(&self, more: &[&str]) -> Option<(usize, &'t str)> {
        // Link targets are full of names and numbers.
        if self.text.zoned.segment.kind == extract::Kind::Links {
            return None;
        }
        let folded = &self.text.folded;
        let is_letter = |c: char| c.is_ascii_alphabetic();
        let rest = &folded[self.span.end..];
        let rest = if rest.starts_with("s ") || rest.starts_with("s:") { &rest[1..] } else { rest };
        if rest.starts_with(is_letter) {
            return None;
        }
        let mut at = folded.len() - rest.len();
        for _ in 0..6 {
            let rest = folded[at..].trim_start_matches(SIGNS);
            at = folded.len() - rest.len();
            let word = &rest[..rest.find(|c: char| !is_letter(c)).unwrap_or(rest.len())];
            let is_between = BETWEEN.contains(&word) || more.contains(&word);
            if !is_between || rest[word.len()..].starts_with(|c: char| c.is_ascii_digit()) {
                break;
            }
            at += word.len();
        }
        (at - self.span.end <= LONGEST_BETWEEN).then(|| (at, &folded[at..]))
    }

    /// The characters as they were written, where case matters.
    pub(super) fn written(&self, span: Span) -> &str {
        self.text.original(span)
    }
}

/// A value stands no further behind its label, bytes.
const LONGEST_BETWEEN: usize = 48;

/// The length of the run of characters at the start of `text` for which `is_part` holds.
pub(super) fn run(text: &str, is_part: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| is_part(*byte)).count()
}

/// Whether a value of `len` bytes at the start of `text` ends there.
pub(super) fn ends(text: &str, len: usize) -> bool {
    let mut behind = text.bytes().skip(len);
    let (next, after) = (behind.next(), behind.next());
    let part = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let joins = matches!(next, Some(b'-' | b'.' | b'/' | b',' | b'@' | b'%'));
    !(part(next) || joins && part(after))
}
