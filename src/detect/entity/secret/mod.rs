//! Secrets: keys, tokens of services, signed tokens, connection strings, passwords, and what is assigned to a name such as `api_key`.
//!
//! All are met by words of the one automaton: first characters, or the labels that their rule has as keywords. Those stand in every mail, so each
//! examination looks at a bounded stretch and gives up at the first sign against it.

mod assignment;
mod connection;
mod http;
mod jwt;
mod key;
mod password;
mod strength;
mod token;

pub(super) use self::{
    assignment::GENERIC_ASSIGNMENT,
    connection::CONNECTION_STRING,
    http::HTTP_CREDENTIALS,
    jwt::SIGNED_TOKEN,
    key::PRIVATE_KEY,
    password::{ATTACHMENT_PASSWORD, PASSWORD},
    token::{ACCESS_KEY, SERVICE_TOKEN, WEBHOOK_URL},
};
pub(crate) use token::TOKENS;

use super::{Entity, Mask, Others, Reading, Site, Trigger};
use crate::span::{self, Span};

/// What a label is worth that the evidence does not see because it stands within a longer name, such as DB_PASSWORD; `named` is what it is worth elsewhere.
fn unseen(folded: &str, label: Span, named: f64) -> f64 {
    let stands = crate::detect::lexicon::starts_word(folded, label.start)
        && crate::detect::lexicon::ends_word(folded, label.end);
    if stands { 0.0 } else { named }
}

/// Words that say that a value is none.
const PLACEHOLDERS: &[&str] = &[
    "example",
    "xxxx",
    "****",
    "your",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "redacted",
    "dummy",
    "insert",
    "replace",
    "todo",
    "abcdefgh",
    "12345678901",
    "00000000",
    "...",
    "enter_",
    "put_",
    "secret_here",
    "token_here",
    "key_here",
    "my_secret",
    "my-secret",
];

/// Whether people write it where a secret would stand.
fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let opens = |c: char| matches!(c, '<' | '{' | '[' | '%' | '(');
    let is_variable = lower.strip_prefix(['$', '@']).is_some_and(|rest| {
        rest.starts_with(['{', '(', '_'])
            || rest
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.' | b'-' | b'>' | b'['))
    });
    lower.starts_with(opens)
        || is_variable
        || lower.contains("${")
        || lower.contains("{{")
        || lower.bytes().all(|byte| !byte.is_ascii_alphanumeric())
        || is_repeated(lower.as_bytes())
        || PLACEHOLDERS.iter().any(|word| lower.contains(word))
}

/// One character over and over, but for signs: `xxx-xxx`.
fn is_repeated(bytes: &[u8]) -> bool {
    let mut letters = bytes.iter().filter(|byte| byte.is_ascii_alphanumeric());
    letters.next().is_none_or(|first| first.is_ascii_alphabetic() && letters.all(|byte| byte == first))
}

/// What a secret is made of.
#[derive(Default)]
struct Classes {
    lower: usize,
    upper: usize,
    digits: usize,
    signs: usize,
}

impl Classes {
    fn of(value: &str) -> Classes {
        let mut classes = Classes::default();
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' => classes.lower += 1,
                b'A'..=b'Z' => classes.upper += 1,
                b'0'..=b'9' => classes.digits += 1,
                _ => classes.signs += 1,
            }
        }
        classes
    }

    fn letters(&self) -> usize {
        self.lower + self.upper
    }
}

/// Shannon entropy in bits a character.
fn entropy(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total = text.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum()
}

/// At most `len` bytes of `text` from `at` on.
fn ahead(text: &str, at: usize, len: usize) -> &str {
    &text[at..span::floor_boundary(text, at + len)]
}

/// At most `len` bytes of `text` before `at`.
fn behind(text: &str, at: usize, len: usize) -> &str {
    &text[span::ceil_boundary(text, at.saturating_sub(len))..at]
}

/// Bytes of base64, of either alphabet.
fn decoded(value: &str) -> Option<Vec<u8>> {
    super::disguise::base64(&value.replace('-', "+").replace('_', "/"))
}
