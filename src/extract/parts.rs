//! The parts of a message in reading order: text to its extractor, files to the reader of their format. Messages within files come the same way.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use super::{
    Extracted, Kind, Markup, Origin, Segment,
    attached::{Carried, Work},
    block, html, password, plain, with,
};
use crate::{
    message::{Body, BufferId, FieldKind, Limits, Message, Part, Unread},
    span::{Mapped, SpanMap},
};

/// Extracts all text of a message.
pub(super) fn all<'m>(message: &'m Message<'m>, markup: &Arc<Markup>, limits: &Limits) -> Extracted<'m> {
    let mut work = Work::new(limits, Arc::clone(markup));
    work.passwords = password::candidates(message, limits.passwords);
    let segments = segments(message, &mut work, None);
    let mut not_inspected = message.not_inspected.clone();
    not_inspected.append(&mut work.not_inspected);
    Extracted { segments, not_inspected, files: work.files, notes: work.notes }
}

/// The segments of a message, which may be within a file.
fn segments<'m>(message: &'m Message<'m>, work: &mut Work, within: Option<usize>) -> Vec<Segment<'m>> {
    let mut segments = Vec::new();
    for field in &message.fields {
        let kind = match field.kind {
            FieldKind::Subject => Kind::Subject,
            FieldKind::Names => Kind::Names,
            FieldKind::Label => Kind::Label,
        };
        segments.push(Segment {
            place: vec![field.name.clone()],
            ..Segment::whole(kind, &field.number, &field.content, field.buffer)
        });
    }
    for (index, part) in message.parts.iter().enumerate() {
        let from = segments.len();
        let file = read(part, index + 1, work, within, &mut segments);
        if file.is_some() {
            for segment in segments[from..].iter_mut().filter(|segment| segment.origin.file.is_none()) {
                segment.origin.file = file;
            }
        }
    }
    segments
}

/// Reads one part; the file that it is.
fn read<'m>(
    part: &'m Part<'m>,
    number: usize,
    work: &mut Work,
    within: Option<usize>,
    segments: &mut Vec<Segment<'m>>,
) -> Option<usize> {
    if let Some(name) = &part.name {
        segments.push(file_name(part, name));
    }
    let prefix = within.map_or(&[][..], |file| &work.files[file].place);
    let place: Vec<String> = prefix.iter().chain(&part.place).cloned().collect();
    let unnamed = if part.is_inline && part.name.is_none() { "inline part" } else { "" };
    let part_number = within.map_or(&part.number, |file| &work.files[file].part).clone();
    let carried = Carried {
        name: part.name.as_deref().unwrap_or(unnamed),
        media_type: &part.media_type,
        part: &part_number,
        place: &place,
        parent: within,
        number,
    };
    let mut file = None;
    match &part.body {
        Body::Binary(bytes) => {
            let index = work.file(&carried, bytes);
            work.read(index, bytes);
            file = Some(index);
        }
        Body::Html(source) => {
            if part.is_attachment {
                file = Some(work.file(&carried, source.text.as_bytes()));
            }
            html::read(part, source, &work.markup, segments);
        }
        Body::Text(content) | Body::Outside(content) => {
            if part.is_attachment || part.name.is_some() {
                file = Some(work.file(&carried, content.text.as_bytes()));
            }
            if is_encrypted(content) {
                let index = file.unwrap_or_else(|| work.file(&carried, content.text.as_bytes()));
                work.unread(index, &[], Unread::Encrypted);
                return Some(index);
            }
            plain::read(part, content, file.map(|file| work.files[file].format.id), segments);
            block::read(&content.text, &carried, file, work);
        }
    }
    segments.extend(work.segments.drain(..).map(|segment| Segment { part: &part.number, ..segment }));
    file
}

/// The name of a part as text.
fn file_name<'m>(part: &'m Part<'m>, name: &'m str) -> Segment<'m> {
    let (buffer, span) = part.name_span;
    let mut map = SpanMap::builder();
    map.block(span.start, span.len(), name.len());
    Segment {
        kind: Kind::FileName,
        part: &part.number,
        place: with(&part.place, name),
        text: Cow::Borrowed(name),
        map,
        under: None,
        buffer,
        cells: Vec::new(),
        heads: HashMap::new(),
        quoted: Vec::new(),
        signature: Vec::new(),
        origin: Origin::default(),
    }
}

/// Whether a text is nothing but an encrypted block.
fn is_encrypted(content: &Mapped<'_>) -> bool {
    content.text.trim_start().starts_with("-----BEGIN PGP MESSAGE-----")
}

impl Work {
    /// Reads a message that a file is.
    pub(super) fn message(&mut self, file: usize, bytes: &[u8]) {
        let message = Message::parse(bytes, &self.budget.limits);
        let before = std::mem::take(&mut self.segments);
        let prefix = self.files[file].place.clone();
        let number = self.files[file].part.clone();
        for mut unread in message.not_inspected.clone() {
            unread.part.clone_from(&number);
            unread.place = prefix.iter().cloned().chain(unread.place).collect();
            self.not_inspected.push(unread);
        }
        let inner = segments(&message, self, Some(file));
        self.segments = before;
        for segment in inner {
            // What a file within gave is placed already.
            let is_placed = segment.buffer == BufferId::NONE;
            let place =
                if is_placed { segment.place } else { prefix.iter().cloned().chain(segment.place).collect() };
            self.budget.spend_text(segment.text.len());
            self.segments.push(Segment {
                kind: segment.kind,
                part: "",
                place,
                map: SpanMap::shifted(0, segment.text.len()),
                text: Cow::Owned(segment.text.into_owned()),
                under: None,
                buffer: BufferId::NONE,
                cells: segment.cells,
                heads: segment.heads,
                quoted: segment.quoted,
                signature: segment.signature,
                origin: Origin { file: segment.origin.file.or(Some(file)), ..segment.origin },
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    #[test]
    fn empty_messages_have_no_files() {
        let message = Message::parse(b"Subject: x\n\nhello\n", &Limits::default());
        let extracted = all(&message, &Arc::default(), &Limits::default());
        assert!(extracted.files.is_empty() && extracted.not_inspected.is_empty());
        assert_eq!(extracted.segments.last().map(|segment| &*segment.text), Some("hello\n"));
        assert_eq!(extracted.segments[0].buffer_span(Span::new(0, 1)).len(), 1);
    }
}
