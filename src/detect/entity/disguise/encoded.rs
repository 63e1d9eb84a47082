//! Values that are encoded once more: base64 of readable text, bytes behind per cent signs.

use super::chain::LONGEST;
use crate::{message::plain_base64, normalize::Text, span::Span};

/// Runs of encoded text are looked at so far, bytes.
const LONGEST_RUN: usize = 4 << 10;
/// A run of fewer letters and digits encodes nothing that is looked for.
const SHORTEST_RUN: usize = 12;
/// Nor does text with fewer digits.
const FEWEST_DIGITS: usize = 4;
/// Fewer encoded characters are no encoding.
const FEWEST_ENCODED: usize = 2;

/// What is decoded, folded.
pub(in crate::detect::entity) struct Decoded {
    pub(in crate::detect::entity) plain: String,
    /// Where it stands, encoded.
    pub(in crate::detect::entity) span: Span,
}

impl Decoded {
    /// Whether it is no more than a value.
    pub(in crate::detect::entity) fn is_bare(&self) -> bool {
        self.plain.len() <= LONGEST && !self.plain.contains(char::is_whitespace)
    }
}

/// What the encoded text decodes to that holds a run of letters and digits.
pub(in crate::detect::entity) fn decoded(text: &Text<'_>, run: Span) -> Option<Decoded> {
    let folded = text.folded.as_bytes();
    let has_per_cent = |at: Option<&u8>| at == Some(&b'%');
    let (bytes, span) = if has_per_cent(folded[..run.start].last()) || has_per_cent(folded.get(run.end)) {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"%-._~+".contains(&byte);
        let span = around(folded, run, is_part);
        (percent(span.of_str(&text.folded))?, span)
    } else if run.len() >= SHORTEST_RUN && folded[run.start..run.end].iter().any(u8::is_ascii_alphabetic) {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        let span = around(folded, run, is_part);
        // Case matters.
        (base64(text.original(span))?, span)
    } else {
        return None;
    };
    let plain = String::from_utf8(bytes).ok()?;
    let readable = plain.chars().filter(|c| !c.is_control()).count();
    let has_number = plain.chars().filter(char::is_ascii_digit).count() >= FEWEST_DIGITS;
    (has_number && readable * 100 >= plain.chars().count() * 85)
        .then(|| Decoded { plain: crate::normalize::folded(&plain).into_owned(), span })
}

/// The characters around a run that go on with it.
fn around(folded: &[u8], run: Span, is_part: impl Fn(u8) -> bool) -> Span {
    let before =
        folded[..run.start].iter().rev().take(LONGEST_RUN).take_while(|byte| is_part(**byte)).count();
    let behind = folded[run.end..].iter().take(LONGEST_RUN).take_while(|byte| is_part(**byte)).count();
    Span::new(run.start - before, run.end + behind)
}

fn percent(value: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(value.len());
    let mut pieces = value.split('%');
    out.extend_from_slice(pieces.next()?.as_bytes());
    let mut encoded = 0;
    for piece in pieces {
        let byte = piece.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok())?;
        out.push(byte);
        out.extend_from_slice(&piece.as_bytes()[2..]);
        encoded += 1;
    }
    (encoded >= FEWEST_ENCODED).then_some(out)
}

pub(in crate::detect::entity) fn base64(value: &str) -> Option<Vec<u8>> {
    let value = value.trim_end_matches('=');
    let has = |class: fn(&u8) -> bool| value.as_bytes().iter().any(class);
    if !has(u8::is_ascii_uppercase) || !has(u8::is_ascii_lowercase) || value.len() % 4 == 1 {
        return None;
    }
    plain_base64(value.as_bytes())
}
