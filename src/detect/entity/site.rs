//! What an entity gets to see of a possible value, and what it says of it.

use super::stands_alone;
use crate::{normalize::Text, span::Span};

/// A place where a value may stand.
pub(super) struct Site<'t> {
    pub(super) text: &'t Text<'t>,
    /// What the trigger found, in folded text.
    pub(super) span: Span,
    /// The folded text of that; for a value in disguise, what it stands for.
    pub(super) value: &'t str,
    /// This year, if known.
    pub(super) year: Option<u16>,
}

impl Site<'_> {
    /// The value read as a number: separators alike and single, and `check` says what its digits are worth.
    pub(super) fn number(&self, check: fn(&str) -> Option<f64>) -> Option<Reading> {
        let mut digits = digits_of(self.value)?;
        digits.make_ascii_uppercase();
        // Behind a plus stands a telephone number.
        let is_telephone = self.text.folded[..self.span.start].ends_with('+');
        if is_telephone || is_filler(&digits) {
            return None;
        }
        let bits = check(&digits)?;
        Some(Reading { canonical: digits, bits, span: self.span })
    }

    /// The same, worth `more` where it is written in groups.
    pub(super) fn grouped(&self, more: f64, check: fn(&str) -> Option<f64>) -> Option<Reading> {
        let is_grouped = !self.value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let reading = self.number(check)?;
        Some(Reading { bits: reading.bits + if is_grouped { more } else { 0.0 }, ..reading })
    }

    /// The same for a number whose separators differ on purpose, such as `A123456(3)`.
    pub(super) fn grouped_freely(&self, more: f64, check: fn(&str) -> Option<f64>) -> Option<Reading> {
        let plain: String = self.value.chars().filter(char::is_ascii_alphanumeric).collect();
        let reading = Site { value: &plain, ..*self }.number(check)?;
        let is_grouped = plain.len() < self.value.len();
        Some(Reading { bits: reading.bits + if is_grouped { more } else { 0.0 }, ..reading })
    }

    /// The value read as a code whose pattern fixes its separators; `check` gets it bare, upper case, and whether it was written with separators.
    pub(super) fn code(&self, check: impl FnOnce(&str, bool) -> Option<f64>) -> Option<Reading> {
        let code: String =
            self.value.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
        if is_filler(&code) {
            return None;
        }
        let bits = check(&code, code.len() < self.value.len())?;
        Some(Reading { canonical: code, bits, span: self.span })
    }

    /// Whether the value was read from something else than itself.
    pub(super) fn is_disguised(&self) -> bool {
        self.value != self.span.of_str(&self.text.folded)
    }

    /// Whether the letters of the value are capitals, as codes are printed.
    pub(super) fn is_upper(&self) -> bool {
        !self.text.original(self.span).bytes().any(|byte| byte.is_ascii_lowercase())
    }

    /// The text before and behind the value, so many bytes of each; nothing around a value that was decoded.
    pub(super) fn around(&self, len: usize) -> (&str, &str) {
        let folded = &self.text.folded;
        if self.is_disguised() {
            return ("", "");
        }
        let from = crate::span::ceil_boundary(folded, self.span.start.saturating_sub(len));
        let to = crate::span::floor_boundary(folded, self.span.end + len);
        (&folded[from..self.span.start], &folded[self.span.end..to])
    }

    /// The value with groups of so many letters before it, each set apart by a sign: bare, and where it stands.
    pub(super) fn led_by(&self, groups: &[usize]) -> Option<(String, Span)> {
        let len = groups.iter().sum::<usize>() + groups.len();
        let (mut rest, _) = self.around(len);
        let mut code = String::new();
        for group in groups {
            let (letters, behind) = rest.split_at_checked(*group)?;
            let is_set_apart = behind.starts_with([' ', '-']);
            if !is_set_apart || !letters.bytes().all(|byte| byte.is_ascii_lowercase()) {
                return None;
            }
            code.push_str(letters);
            rest = &behind[1..];
        }
        let span = Span::new(self.span.start - len, self.span.end);
        code.extend(self.value.chars().filter(char::is_ascii_alphanumeric));
        (rest.is_empty() && stands_alone(&self.text.folded, span)).then_some((code, span))
    }
}

/// A value that passed its check.
pub(super) struct Reading {
    /// The value in canonical form.
    pub(super) canonical: String,
    /// What format and checksum are worth, in decimal digits of odds against chance.
    pub(super) bits: f64,
    /// The bytes of folded text that it takes.
    pub(super) span: Span,
}

/// The digits of a value whose separators are all alike; `None` where they are mixed or doubled.
pub(super) fn digits_of(value: &str) -> Option<String> {
    if value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Some(value.to_owned());
    }
    let mut separator = None;
    let mut digits = String::with_capacity(value.len());
    let mut last_was_digit = false;
    for c in value.chars() {
        if c.is_ascii_alphanumeric() {
            digits.push(c);
            last_was_digit = true;
        } else {
            if !last_was_digit || *separator.get_or_insert(c) != c {
                return None;
            }
            last_was_digit = false;
        }
    }
    Some(digits)
}

/// A number that people write to have a number: one digit over and over, or counting up or down.
pub(super) fn is_filler(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let step = |by: u8| {
        bytes
            .windows(2)
            .all(|pair| (pair[1].wrapping_sub(b'0')) % 10 == (pair[0].wrapping_sub(b'0') + by) % 10)
    };
    step(0) || step(1) || step(9)
}
