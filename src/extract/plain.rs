//! Plain text: as it stands.

use super::{Extractor, Kind, Segment, text_kind, text_place};
use crate::{message::Body, span::Span};

/// Takes every part that is text.
pub(super) const EXTRACTOR: Extractor = Extractor {
    knows: |part| matches!(part.body, Body::Text(_) | Body::Outside(_)),
    read: |part, _, extracted| {
        if let Body::Text(content) | Body::Outside(content) = &part.body {
            let segment = Segment {
                place: text_place(part),
                ..Segment::whole(text_kind(part, Kind::Plain), &part.number, content, part.buffer)
            };
            // A visiting card is a signature, wherever it is attached.
            let is_card =
                matches!(part.media_type.as_str(), "text/vcard" | "text/x-vcard" | "text/directory");
            extracted.segments.push(if is_card {
                Segment { kind: Kind::Plain, signature: vec![Span::new(0, content.text.len())], ..segment }
            } else {
                segment
            });
        }
    },
};
