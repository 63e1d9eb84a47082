//! The MIME tree: mail-parser finds headers, parts and their offsets; texts are decoded here, with maps.
//!
//! What mail-parser leaves out of its tree (preamble, epilogue, gaps) becomes parts of its own.

use std::borrow::Cow;

use mail_parser::{MessagePart, PartType};

use super::{
    Body, Buffer, BufferId, Defect, Field, Header, Limits, Message, NotInspected, Part, Unread,
    charset::{self, Label},
    coverage::Walk,
    described::{Described, describe},
    fields, structure, transfer,
};
use crate::span::{Mapped, Span, SpanMap};

pub(super) fn parse<'a>(raw: &'a [u8], limits: &Limits) -> Message<'a> {
    let mut message = Message {
        raw,
        header: Header::default(),
        fields: Vec::new(),
        parts: Vec::new(),
        not_inspected: Vec::new(),
        defects: Vec::new(),
        buffers: vec![Buffer { parent: None, map: SpanMap::default() }],
    };
    let seen = &raw[..raw.len().min(limits.message_bytes)];
    if seen.len() < raw.len() {
        message.over_limit("", &[], format!("all after {} MB", seen.len() >> 20));
    }
    let enclosing = Enclosing { number: String::new(), place: Vec::new(), buffer: BufferId::RAW, depth: 0 };
    message.read(seen, &enclosing, limits);
    message
}

/// Where a message being read stands in the outermost one.
struct Enclosing {
    /// IMAP number of the part that holds it, empty for the outermost.
    number: String,
    place: Vec<String>,
    buffer: BufferId,
    depth: usize,
}

impl Enclosing {
    /// The enclosing of a message that stands in part `number` of this one.
    fn of_message(&self, described: &Described, number: String, buffer: BufferId) -> Enclosing {
        let mut place = self.place.clone();
        place.push(described.name.clone().unwrap_or_else(|| "attached message".into()));
        Enclosing { number, place, buffer, depth: self.depth + 1 }
    }
}

/// How far into a page browsers look for its charset, bytes.
const PRESCAN: usize = 1024;

/// Whether a page names its charset itself.
fn names_charset(text: &[u8]) -> bool {
    let head = text[..text.len().min(PRESCAN)].to_ascii_lowercase();
    memchr::memmem::find(&head, b"charset=").is_some()
}

/// The IMAP number of the n-th part (from 1) of part `prefix`.
fn child_number(prefix: &str, index: usize) -> String {
    if prefix.is_empty() { index.to_string() } else { format!("{prefix}.{index}") }
}

impl<'a> Message<'a> {
    /// Reads one message, the outermost or one that had to be decoded first. Its spans name `enclosing.buffer`.
    fn read(&mut self, bytes: &'a [u8], enclosing: &Enclosing, limits: &Limits) {
        let structured = structure::end(bytes, limits.structure_lines);
        if structured < bytes.len() {
            self.note(Defect::OverLimit);
            self.over_limit(
                &enclosing.number,
                &enclosing.place,
                "structure beyond the limit, read as text".into(),
            );
            self.outside(&bytes[structured..], structured, enclosing);
        }
        let bytes = &bytes[..structured];
        let Some(parsed) = structure::tree_of(bytes) else {
            self.note(Defect::NoHeader);
            self.body_without_header(bytes, enclosing);
            return;
        };
        let mut walk = Walk::new(bytes, limits);
        self.nested(&parsed, enclosing, &mut walk);
        walk.gaps(|start, gap| self.outside(gap, start, enclosing));
    }

    /// Reads a message of mail-parser's tree whose offsets name `walk.bytes`.
    fn nested(&mut self, parsed: &mail_parser::Message<'_>, enclosing: &Enclosing, walk: &mut Walk<'a, '_>) {
        let Some(root) = parsed.parts.first() else { return };
        self.header_fields(root, enclosing, walk);
        let mut visited = vec![false; parsed.parts.len()];
        // (part, its number); children are pushed in reverse, so parts come in reading order.
        let mut stack = vec![(0usize, None::<String>)];
        let mut next = 1;
        loop {
            let Some((id, number)) = stack.pop() else {
                // A broken tree may leave parts that no multipart lists.
                let Some(lost) = visited.iter().position(|visited| !visited) else { break };
                stack.push((lost, Some(child_number(&enclosing.number, next))));
                next += 1;
                continue;
            };
            if std::mem::replace(&mut visited[id], true) {
                continue;
            }
            let part = &parsed.parts[id];
            walk.cover(part.offset_header, part.offset_body);
            if let PartType::Multipart(children) = &part.body {
                walk.boundary(part);
                let prefix = number.unwrap_or_else(|| enclosing.number.clone());
                if prefix == enclosing.number {
                    next = next.max(children.len() + 1);
                }
                for (index, &child) in children.iter().enumerate().rev() {
                    if (child as usize) < parsed.parts.len() {
                        stack.push((child as usize, Some(child_number(&prefix, index + 1))));
                    }
                }
            } else {
                let number = number.unwrap_or_else(|| child_number(&enclosing.number, 1));
                next = next.max(2);
                self.leaf(part, number, enclosing, walk);
            }
        }
    }

    /// Reads a part that is no multipart.
    fn leaf(
        &mut self,
        part: &MessagePart<'_>,
        number: String,
        enclosing: &Enclosing,
        walk: &mut Walk<'a, '_>,
    ) {
        let span = walk.cover(part.offset_body, part.offset_end);
        let content = &walk.bytes[span.start..span.end];
        let described = describe(part, walk.bytes);
        if described.duplicate {
            self.note(Defect::DuplicateHeader);
        }
        if let PartType::Message(inner) = &part.body
            && !described.is_encoded()
        {
            let inside = enclosing.of_message(&described, number, enclosing.buffer);
            if inside.depth > walk.limits.depth {
                self.over_limit(
                    &inside.number,
                    &inside.place,
                    "messages nested too deep, read as text".into(),
                );
                self.outside(content, span.start, enclosing);
            } else {
                self.nested(inner, &inside, walk);
            }
            return;
        }
        let (decoded, buffer, start) =
            self.transfer_decoded(content, span.start, &described, enclosing.buffer);
        if described.media_type.starts_with("message/") && described.is_message() {
            self.encoded_message(decoded, &described, number, enclosing, buffer, walk.limits);
            return;
        }
        let is_text = (matches!(part.body, PartType::Text(_) | PartType::Html(_)) || described.is_text())
            && !is_file(&decoded, &described);
        let body = if is_text {
            let is_own = enclosing.depth == 0 && !described.is_attachment;
            if is_own && described.charset.is_none() && !decoded.is_ascii() && !names_charset(&decoded) {
                self.note(Defect::NoCharset);
            }
            let mapped = self.charset_decoded(decoded, start, described.charset.as_deref());
            if described.media_type == "text/html" { Body::Html(mapped) } else { Body::Text(mapped) }
        } else {
            Body::Binary(decoded)
        };
        self.parts.push(Part {
            number,
            media_type: described.media_type,
            name: described.name,
            name_span: (enclosing.buffer, described.name_span),
            is_attachment: described.is_attachment,
            is_inline: described.is_inline,
            place: enclosing.place.clone(),
            body,
            buffer,
        });
    }

    /// Reads a message that was transfer-encoded as a whole.
    fn encoded_message(
        &mut self,
        decoded: Cow<'a, [u8]>,
        described: &Described,
        number: String,
        enclosing: &Enclosing,
        buffer: BufferId,
        limits: &Limits,
    ) {
        let inside = enclosing.of_message(described, number, buffer);
        if inside.depth > limits.depth {
            self.over_limit(&inside.number, &inside.place, "messages nested too deep".into());
            return;
        }
        match decoded {
            Cow::Borrowed(bytes) => self.read(bytes, &inside, limits),
            Cow::Owned(bytes) => {
                let mut inner = Message {
                    raw: &[],
                    header: Header::default(),
                    fields: Vec::new(),
                    parts: Vec::new(),
                    not_inspected: Vec::new(),
                    defects: Vec::new(),
                    buffers: std::mem::take(&mut self.buffers),
                };
                inner.read(&bytes, &inside, limits);
                self.buffers = std::mem::take(&mut inner.buffers);
                self.defects.append(&mut inner.defects);
                self.not_inspected.append(&mut inner.not_inspected);
                self.fields.extend(inner.fields.into_iter().map(|field| -> Field<'a> { field.into_owned() }));
                self.parts.extend(inner.parts.into_iter().map(|part| -> Part<'a> { part.into_owned() }));
            }
        }
    }

    /// Undoes the transfer encoding. Returns the bytes, their buffer and where in it they start.
    fn transfer_decoded(
        &mut self,
        content: &'a [u8],
        start: usize,
        described: &Described,
        buffer: BufferId,
    ) -> (Cow<'a, [u8]>, BufferId, usize) {
        let decoded = match described.encoding.as_str() {
            "base64" => {
                let decoded = transfer::base64(content, start);
                if decoded.is_none() {
                    self.note(Defect::Encoding);
                }
                decoded
            }
            "quoted-printable" => Some(transfer::quoted_printable(content, start)),
            _ => None,
        };
        match decoded {
            Some((bytes, map)) => {
                self.buffers.push(Buffer { parent: Some(buffer), map });
                (Cow::Owned(bytes), BufferId(self.buffers.len() - 1), 0)
            }
            None => (Cow::Borrowed(content), buffer, start),
        }
    }

    /// Decodes the charset of a text that starts at `start` of its buffer.
    fn charset_decoded(&mut self, bytes: Cow<'a, [u8]>, start: usize, label: Option<&str>) -> Mapped<'a> {
        let (mapped, verdict) = match bytes {
            Cow::Borrowed(bytes) => charset::decode(bytes, start, label),
            Cow::Owned(bytes) => {
                let (mapped, verdict) = charset::decode(&bytes, start, label);
                let Mapped { text, map } = mapped;
                let text = match text {
                    Cow::Owned(text) => text,
                    Cow::Borrowed(text) if text.len() == bytes.len() => {
                        String::from_utf8(bytes).expect("the same bytes were just read as UTF-8")
                    }
                    Cow::Borrowed(text) => text.to_owned(),
                };
                (Mapped { text: Cow::Owned(text), map }, verdict)
            }
        };
        if verdict == Label::Wrong {
            self.note(Defect::Charset);
        }
        mapped
    }

    /// Takes subject and display names from a message's header.
    fn header_fields(&mut self, root: &MessagePart<'_>, enclosing: &Enclosing, walk: &Walk<'a, '_>) {
        let number = if enclosing.number.is_empty() {
            "HEADER".to_owned()
        } else {
            format!("{}.HEADER", enclosing.number)
        };
        for field in &root.headers {
            let span = walk.within(field.offset_start, field.offset_end);
            let value = &walk.bytes[span.start..span.end];
            if enclosing.depth == 0 {
                self.header.take(&field.name, &field.value, value);
            }
            if let Some((kind, content)) = fields::shown(&field.name, value, span.start) {
                let name = kind.name(field.name.as_str()).to_owned();
                self.fields.push(Field {
                    kind,
                    name,
                    number: number.clone(),
                    content,
                    buffer: enclosing.buffer,
                });
            }
        }
    }

    /// A message without any header is its own text.
    fn body_without_header(&mut self, bytes: &'a [u8], enclosing: &Enclosing) {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let (content, _) = charset::decode(bytes, 0, None);
        self.text_part(child_number(&enclosing.number, 1), Body::Text(content), enclosing);
    }

    /// Keeps text that stands in no part.
    fn outside(&mut self, bytes: &'a [u8], start: usize, enclosing: &Enclosing) {
        let (content, _) = charset::decode(bytes, start, None);
        self.text_part(enclosing.number.clone(), Body::Outside(content), enclosing);
    }

    /// Adds a part of text that has no header of its own.
    fn text_part(&mut self, number: String, body: Body<'a>, enclosing: &Enclosing) {
        self.parts.push(Part {
            number,
            media_type: "text/plain".into(),
            name: None,
            name_span: (enclosing.buffer, Span::default()),
            is_attachment: false,
            is_inline: false,
            place: enclosing.place.clone(),
            body,
            buffer: enclosing.buffer,
        });
    }

    fn over_limit(&mut self, part: &str, place: &[String], what: String) {
        self.not_inspected.push(NotInspected {
            part: part.to_owned(),
            place: place.to_vec(),
            reason: Unread::OverLimit,
            what,
        });
    }

    fn note(&mut self, defect: Defect) {
        if !self.defects.contains(&defect) {
            self.defects.push(defect);
        }
    }
}

/// First bytes of files that are sent as text by mistake, or to get past: office documents, PDF, RTF, archives, pictures, programs.
const FILES: &[&[u8]] = &[
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"%PDF-",
    b"{\\rtf",
    b"7z\xbc\xaf",
    b"Rar!\x1a",
    b"\x1f\x8b\x08",
    b"BZh9",
    b"\xfd7zXZ",
    b"\x78\x9f\x3e\x22",
    b"\x89PNG",
    b"\xff\xd8\xff",
];

/// Whether a part that is called text is the bytes of a file: by its first bytes, or by zeros that no text of its charset has.
fn is_file(bytes: &[u8], described: &Described) -> bool {
    if FILES.iter().any(|first| bytes.starts_with(first)) {
        return true;
    }
    let is_wide = described.charset.as_deref().is_some_and(|charset| {
        charset
            .get(..3)
            .is_some_and(|start| start.eq_ignore_ascii_case("utf") || start.eq_ignore_ascii_case("ucs"))
    });
    let has_mark = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let start = &bytes[..bytes.len().min(1024)];
    // Here and there a zero is a slip of a program; a file has many.
    described.is_attachment
        && !is_wide
        && !has_mark
        && memchr::memchr_iter(0, start).count() * 50 > start.len()
}

impl Field<'_> {
    fn into_owned(self) -> Field<'static> {
        let Field { kind, name, number, content, buffer } = self;
        Field { kind, name, number, content: owned(content), buffer }
    }
}

impl Part<'_> {
    fn into_owned(self) -> Part<'static> {
        let body = match self.body {
            Body::Text(mapped) => Body::Text(owned(mapped)),
            Body::Html(mapped) => Body::Html(owned(mapped)),
            Body::Outside(mapped) => Body::Outside(owned(mapped)),
            Body::Binary(bytes) => Body::Binary(Cow::Owned(bytes.into_owned())),
        };
        Part {
            number: self.number,
            media_type: self.media_type,
            name: self.name,
            name_span: self.name_span,
            is_attachment: self.is_attachment,
            is_inline: self.is_inline,
            place: self.place,
            body,
            buffer: self.buffer,
        }
    }
}

fn owned(mapped: Mapped<'_>) -> Mapped<'static> {
    Mapped { text: Cow::Owned(mapped.text.into_owned()), map: mapped.map }
}
