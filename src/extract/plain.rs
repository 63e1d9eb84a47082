//! Text parts of a message: as they stand, or as their format is read where that differs; the way back to the raw bytes stays.

use std::borrow::Cow;

use super::{Kind, Segment, text_kind, text_place, textual};
use crate::{
    message::Part,
    span::{Mapped, Span},
};

/// Reads a part that is text; `format` where it is a file.
pub(super) fn read<'m>(
    part: &'m Part<'m>,
    content: &'m Mapped<'m>,
    format: Option<&'static str>,
    segments: &mut Vec<Segment<'m>>,
) {
    let mut segment = Segment {
        place: text_place(part),
        ..Segment::whole(text_kind(part, Kind::Plain), &part.number, content, part.buffer)
    };
    // A visiting card is a signature, wherever it is attached.
    let is_card = matches!(part.media_type.as_str(), "text/vcard" | "text/x-vcard" | "text/directory");
    if let Some(format) = format {
        if let Some((text, map)) = textual::plain(&content.text, format) {
            (segment.text, segment.map) = (Cow::Owned(text), map);
        }
        if let Some(table) = textual::table(&segment.text, format) {
            (segment.cells, segment.heads) = (table.cells, table.heads);
            segment.origin.sheet = Some(String::new());
        }
    }
    if is_card {
        segment.kind = Kind::Plain;
        segment.signature = vec![Span::new(0, segment.text.len())];
    }
    segments.push(segment);
}
