//! Plain text: as it stands.

use super::{Extractor, Kind, Segment, text_kind, text_place};
use crate::message::Body;

/// Takes every part that is text.
pub(super) const EXTRACTOR: Extractor = Extractor {
    knows: |part| matches!(part.body, Body::Text(_) | Body::Outside(_)),
    read: |part, _, extracted| {
        if let Body::Text(content) | Body::Outside(content) = &part.body {
            extracted.segments.push(Segment {
                place: text_place(part),
                ..Segment::whole(text_kind(part, Kind::Plain), &part.number, content, part.buffer)
            });
        }
    },
};
