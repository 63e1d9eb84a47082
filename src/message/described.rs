//! What a part's own header says about it: type, charset, transfer encoding, name.
//!
//! Type and charset are mail-parser's reading, the rest is read from the field's bytes: names come in more ways than the standards know.

use mail_parser::{HeaderName, MessagePart, MimeHeaders, PartType};

use super::header;
use crate::span::Span;

/// What a part's own header says about it.
pub(super) struct Described {
    pub(super) media_type: String,
    pub(super) charset: Option<String>,
    pub(super) encoding: String,
    pub(super) name: Option<String>,
    pub(super) name_span: Span,
    pub(super) is_attachment: bool,
    pub(super) is_inline: bool,
    pub(super) duplicate: bool,
}

impl Described {
    pub(super) fn is_encoded(&self) -> bool {
        matches!(self.encoding.as_str(), "base64" | "quoted-printable")
    }

    pub(super) fn is_message(&self) -> bool {
        matches!(self.media_type.as_str(), "message/rfc822" | "message/global")
    }

    pub(super) fn is_text(&self) -> bool {
        self.media_type.starts_with("text/")
            || matches!(
                self.media_type.as_str(),
                "message/delivery-status" | "message/disposition-notification"
            )
    }
}

/// Reads the header of a part; its offsets name `bytes`.
pub(super) fn describe(part: &MessagePart<'_>, bytes: &[u8]) -> Described {
    let content_type = part.content_type();
    let media_type = content_type.map_or_else(
        || if matches!(part.body, PartType::Message(_)) { "message/rfc822" } else { "text/plain" }.to_owned(),
        |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("*")).to_ascii_lowercase(),
    );
    let mut described = Described {
        media_type,
        charset: content_type.and_then(|kind| kind.attribute("charset")).map(str::to_owned),
        encoding: String::new(),
        name: None,
        name_span: Span::default(),
        is_attachment: false,
        is_inline: false,
        duplicate: false,
    };
    let (mut types, mut encodings) = (0, 0);
    for field in &part.headers {
        let end = (field.offset_end as usize).min(bytes.len());
        let span = Span::new((field.offset_start as usize).min(end), end);
        let value = &bytes[span.start..span.end];
        let (parameter, wins) = match field.name {
            HeaderName::ContentType => {
                types += 1;
                ("name", false)
            }
            HeaderName::ContentDisposition => {
                let kind = value.trim_ascii().to_ascii_lowercase();
                described.is_attachment = kind.starts_with(b"attachment");
                described.is_inline |= kind.starts_with(b"inline");
                ("filename", true)
            }
            HeaderName::ContentTransferEncoding => {
                encodings += 1;
                let value = String::from_utf8_lossy(value.trim_ascii()).to_ascii_lowercase();
                described.encoding = value.split([';', ' ']).next().unwrap_or_default().to_owned();
                continue;
            }
            HeaderName::ContentId => {
                described.is_inline = true;
                continue;
            }
            _ => continue,
        };
        if (wins || described.name.is_none())
            && let Some(name) = header::parameter(value, parameter).filter(|name| !name.trim().is_empty())
        {
            described.name = Some(name);
            described.name_span = span;
        }
    }
    described.duplicate = types > 1 || encodings > 1;
    described
}
