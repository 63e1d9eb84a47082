//! Values in disguise: in pieces, with look-alike letters or Chinese numerals among them, encoded once more, cut in two by the end of the subject.
//!
//! What is found so is a candidate in disguise, which is believed only where a keyword names it.

mod chain;
mod encoded;

pub(super) use self::{
    chain::{Chain, chains},
    encoded::{Decoded, base64, decoded},
};
use crate::{
    detect::{
        Evasion,
        lexicon::{ends_word, starts_word},
    },
    normalize::numeral,
    span::Span,
};

/// How the value that stands at `span` is disguised; `digits` is what it was read as.
pub(super) fn evasion(folded: &str, span: Span, digits: &str) -> Evasion {
    let value = span.of_str(folded);
    let plain = || value.chars().filter(char::is_ascii_alphanumeric);
    match () {
        () if value.chars().any(|c| numeral(c).is_some()) => Evasion::ChineseNumerals,
        () if !plain().eq(digits.chars()) => Evasion::LookAlikes,
        () if value.contains('\t') => Evasion::Cells,
        () if value.contains('\n') => Evasion::LineBreaks,
        () => Evasion::Separators,
    }
}

/// Whether a letter at `span` was read as a digit that follows no digit: it may as well be a letter.
pub(super) fn is_guessed(folded: &str, span: Span, digits: &str) -> bool {
    let is_digit = |at: usize| digits.as_bytes()[at].is_ascii_digit();
    let plain = span.of_str(folded).bytes().filter(u8::is_ascii_alphanumeric);
    let mut differing = plain.zip(digits.bytes()).enumerate().filter(|(_, (written, read))| written != read);
    differing.any(|(at, _)| at.checked_sub(1).is_none_or(|before| !is_digit(before)))
}

/// The end of the subject and the start of the text: a value that was cut in two.
pub(super) fn across(subject: &str, text: &str) -> Option<(String, Span)> {
    let trimmed = subject.trim_end();
    let body = text.trim_start();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric();
    let head = trimmed.bytes().rev().take(chain::LONGEST).take_while(is_part).count();
    let tail = body.bytes().take(chain::LONGEST).take_while(is_part).count();
    let span = Span::new(trimmed.len() - head, trimmed.len());
    let has_digit = |piece: &str| piece.bytes().any(|byte| byte.is_ascii_digit());
    let are_pieces = has_digit(span.of_str(trimmed)) && has_digit(&body[..tail]);
    let is_run = starts_word(subject, span.start) && ends_word(body, tail);
    (head >= SHORTEST_PIECE && tail >= SHORTEST_PIECE && are_pieces && is_run)
        .then(|| (format!("{}{}", span.of_str(subject), &body[..tail]), span))
}

/// Shorter ends are words and numbers of their own.
const SHORTEST_PIECE: usize = 3;
