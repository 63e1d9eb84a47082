//! Header fields: of one field its text for a reader, and what is worth knowing of it for the whole message.
//!
//! Texts are decoded from the raw value, for the map; of mail-parser's reading only the addresses are used.

use std::borrow::Cow;

use mail_parser::{Addr, Address, HeaderName, HeaderValue};

use super::{FieldKind, Header, header};
use crate::span::Mapped;

/// The text of a field that a reader sees, with addresses blanked out of names; `None` for other fields and empty ones. `base` is where `value` starts in
/// its buffer.
pub(super) fn shown<'a>(
    name: &HeaderName<'_>,
    value: &'a [u8],
    base: usize,
) -> Option<(FieldKind, Mapped<'a>)> {
    let kind = match name {
        HeaderName::Subject => FieldKind::Subject,
        HeaderName::From | HeaderName::To | HeaderName::Cc | HeaderName::ReplyTo => FieldKind::Names,
        HeaderName::Sensitivity | HeaderName::SioLabel => FieldKind::Label,
        HeaderName::Other(name) if is_label(name) => FieldKind::Label,
        _ => return None,
    };
    let mut content = header::text(value, base);
    if kind == FieldKind::Names {
        blank_addresses(&mut content);
    }
    (!content.text.trim().is_empty()).then_some((kind, content))
}

/// Whether a field tells the classification of the message, by its name: `Sensitivity` (RFC 2156 5.3), `SIO-Label` (RFC 7444), `msip_labels`,
/// `X-Protective-Marking`, `X-Classification` and what products call theirs. What its words mean is for policies to say.
fn is_label(name: &str) -> bool {
    let name = name.as_bytes();
    (0..name.len()).any(|at| {
        let stems: &[&str] = match name[at].to_ascii_lowercase() {
            b'c' => &["classif", "confidential"],
            b'l' => &["label"],
            b'm' => &["marking"],
            b's' => &["sensitiv"],
            _ => return false,
        };
        let rest = &name[at..];
        stems
            .iter()
            .any(|stem| rest.len() >= stem.len() && rest[..stem.len()].eq_ignore_ascii_case(stem.as_bytes()))
    })
}

/// Replaces addresses by spaces of the same length: only display names are text for a reader.
fn blank_addresses(content: &mut Mapped<'_>) {
    if !content.text.contains('@') {
        return;
    }
    let blank = |c: char| !c.is_whitespace() && !matches!(c, ',' | ';' | '<' | '>' | '"' | '(' | ')');
    let text = &content.text;
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c| !blank(c)) {
        let word = piece.trim_end_matches(|c| !blank(c));
        if word.contains('@') {
            out.extend(std::iter::repeat_n(' ', word.len()));
            out.push_str(&piece[word.len()..]);
        } else {
            out.push_str(piece);
        }
    }
    content.text = Cow::Owned(out);
}

impl Header {
    /// Takes what is worth knowing from one field of the outermost header.
    pub(super) fn take(&mut self, name: &HeaderName<'_>, value: &HeaderValue<'_>, raw: &[u8]) {
        match name {
            HeaderName::MessageId => {
                self.message_id =
                    Some(String::from_utf8_lossy(raw.trim_ascii()).into_owned()).filter(|id| !id.is_empty());
            }
            HeaderName::InReplyTo | HeaderName::References => self.is_reply |= !raw.trim_ascii().is_empty(),
            HeaderName::From => self.from = self.from.take().or_else(|| addresses(value).into_iter().next()),
            HeaderName::Date => self.has_date |= !raw.trim_ascii().is_empty(),
            HeaderName::MimeVersion => self.has_mime_version = true,
            HeaderName::ListUnsubscribe => self.has_unsubscribe |= !raw.trim_ascii().is_empty(),
            HeaderName::Received => self.is_received = true,
            HeaderName::To | HeaderName::Cc | HeaderName::Bcc => self.recipients.extend(addresses(value)),
            _ => {}
        }
    }
}

fn addresses(value: &HeaderValue<'_>) -> Vec<String> {
    let lower = |address: &Addr<'_>| address.address.as_ref().map(|a| a.to_lowercase());
    match value {
        HeaderValue::Address(Address::List(list)) => list.iter().filter_map(lower).collect(),
        HeaderValue::Address(Address::Group(groups)) => {
            groups.iter().flat_map(|group| group.addresses.iter()).filter_map(lower).collect()
        }
        _ => Vec::new(),
    }
}
