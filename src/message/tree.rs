//! The MIME tree: mail-parser finds headers, parts and their offsets; texts are decoded here, with maps.
//!
//! mail-parser keeps nested messages on the heap but drops them recursively, and keeps a value for each header line: structure is
//! bounded before it sees a byte. What it leaves out of its tree (preamble, epilogue, gaps) becomes parts of its own.

use std::{borrow::Cow, sync::LazyLock};

use mail_parser::{Address, HeaderName, HeaderValue, MessageParser, MessagePart, MimeHeaders, PartType};

use super::{
    Body, Buffer, BufferId, Defect, Field, FieldKind, Header, Limits, Message, NotInspected, Part, Unread,
    charset::{self, Label},
    header, transfer,
};
use crate::span::{Mapped, Span, SpanMap};

/// Below this size nesting cannot grow deep enough to matter.
const SMALL: usize = 64 << 10;

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

/// The IMAP number of the n-th part (from 1) of part `prefix`.
fn child_number(prefix: &str, index: usize) -> String {
    if prefix.is_empty() { index.to_string() } else { format!("{prefix}.{index}") }
}

impl<'a> Message<'a> {
    /// Reads one message, the outermost or one that had to be decoded first. Its spans name `enclosing.buffer`.
    fn read(&mut self, bytes: &'a [u8], enclosing: &Enclosing, limits: &Limits) {
        let structured = structure_end(bytes, limits.structure_lines);
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
        let Some(parsed) = structure(bytes) else {
            self.note(Defect::NoHeader);
            self.body_without_header(bytes, enclosing);
            return;
        };
        let mut walk = Walk { bytes, limits, covered: Vec::new(), boundaries: Vec::new() };
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
        let is_text = matches!(part.body, PartType::Text(_) | PartType::Html(_)) || described.is_text();
        let body = if is_text {
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
        let outermost = enclosing.depth == 0;
        for field in &root.headers {
            let span = walk.within(field.offset_start, field.offset_end);
            let value = &walk.bytes[span.start..span.end];
            let kind = match field.name {
                HeaderName::Subject => FieldKind::Subject,
                HeaderName::From | HeaderName::To | HeaderName::Cc | HeaderName::ReplyTo => FieldKind::Names,
                _ => {
                    if outermost {
                        self.header.take(&field.name, &field.value, value);
                    }
                    continue;
                }
            };
            if outermost {
                self.header.take(&field.name, &field.value, value);
            }
            let mut content = header::text(value, span.start);
            if kind == FieldKind::Names {
                blank_addresses(&mut content);
            }
            if !content.text.trim().is_empty() {
                self.fields.push(Field { kind, number: number.clone(), content, buffer: enclosing.buffer });
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

impl Field<'_> {
    fn into_owned(self) -> Field<'static> {
        Field { kind: self.kind, number: self.number, content: owned(self.content), buffer: self.buffer }
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

impl Header {
    /// Takes what is worth knowing from one field of the outermost header.
    fn take(&mut self, name: &HeaderName<'_>, value: &HeaderValue<'_>, raw: &[u8]) {
        match name {
            HeaderName::MessageId => {
                self.message_id =
                    Some(String::from_utf8_lossy(raw.trim_ascii()).into_owned()).filter(|id| !id.is_empty());
            }
            HeaderName::InReplyTo | HeaderName::References => self.is_reply |= !raw.trim_ascii().is_empty(),
            HeaderName::From => self.from = self.from.take().or_else(|| addresses(value).into_iter().next()),
            HeaderName::To | HeaderName::Cc | HeaderName::Bcc => self.recipients.extend(addresses(value)),
            _ => {}
        }
    }
}

fn addresses(value: &HeaderValue<'_>) -> Vec<String> {
    let lower = |address: &mail_parser::Addr<'_>| address.address.as_ref().map(|a| a.to_lowercase());
    match value {
        HeaderValue::Address(Address::List(list)) => list.iter().filter_map(lower).collect(),
        HeaderValue::Address(Address::Group(groups)) => {
            groups.iter().flat_map(|group| group.addresses.iter()).filter_map(lower).collect()
        }
        _ => Vec::new(),
    }
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

/// Finds the structure; of header fields it reads only what structure and envelope need, the rest is read from its place.
static PARSER: LazyLock<MessageParser> = LazyLock::new(|| {
    MessageParser::new()
        .with_mime_headers()
        .header_address(HeaderName::From)
        .header_address(HeaderName::To)
        .header_address(HeaderName::Cc)
        .header_address(HeaderName::Bcc)
        .default_header_ignore()
});

/// The tree of a message; `None` where it has no header. Most mail is one text, for which the header is enough: mail-parser would decode the text,
/// which is done here anyway, with a map.
fn structure(bytes: &[u8]) -> Option<mail_parser::Message<'_>> {
    let mut parsed = PARSER.parse_headers(bytes)?;
    let root = parsed.parts.first_mut().filter(|root| !root.headers.is_empty())?;
    if root.content_type().is_some_and(|kind| kind.ctype() != "text") {
        return PARSER.parse(bytes);
    }
    // What mail-parser passes over as no header field is passed over here as well, up to the blank line.
    let mut body = root.headers.last().map_or(0, |field| field.offset_end as usize);
    for line in bytes[body..].split_inclusive(|&byte| byte == b'\n') {
        body += line.len();
        if line.trim_ascii().is_empty() {
            break;
        }
    }
    root.offset_body = body as u32;
    Some(parsed)
}

/// What a part's own header says about it.
struct Described {
    media_type: String,
    charset: Option<String>,
    encoding: String,
    name: Option<String>,
    name_span: Span,
    is_attachment: bool,
    is_inline: bool,
    duplicate: bool,
}

impl Described {
    fn is_encoded(&self) -> bool {
        matches!(self.encoding.as_str(), "base64" | "quoted-printable")
    }

    fn is_message(&self) -> bool {
        matches!(self.media_type.as_str(), "message/rfc822" | "message/global")
    }

    fn is_text(&self) -> bool {
        self.media_type.starts_with("text/")
            || matches!(
                self.media_type.as_str(),
                "message/delivery-status" | "message/disposition-notification"
            )
    }
}

fn describe(part: &MessagePart<'_>, bytes: &[u8]) -> Described {
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

/// Reading one buffer: what of it is in parts, and the boundaries between them.
struct Walk<'a, 'l> {
    bytes: &'a [u8],
    limits: &'l Limits,
    covered: Vec<Span>,
    boundaries: Vec<String>,
}

impl<'a> Walk<'a, '_> {
    /// Offsets of mail-parser as a span that lies within the buffer.
    fn within(&self, start: u32, end: u32) -> Span {
        let end = (end as usize).min(self.bytes.len());
        Span::new((start as usize).min(end), end)
    }

    fn cover(&mut self, start: u32, end: u32) -> Span {
        let span = self.within(start, end);
        self.covered.push(span);
        span
    }

    fn boundary(&mut self, part: &MessagePart<'_>) {
        if let Some(boundary) = part.content_type().and_then(|kind| kind.attribute("boundary")) {
            self.boundaries.push(boundary.to_owned());
        }
    }

    /// Calls `keep` with each stretch that is in no part and holds more than boundaries and white space.
    fn gaps(mut self, mut keep: impl FnMut(usize, &'a [u8])) {
        if self.boundaries.is_empty() && self.covered.len() <= 2 {
            return;
        }
        self.covered.sort_unstable();
        let mut at = 0;
        for index in 0..=self.covered.len() {
            let next =
                self.covered.get(index).copied().unwrap_or(Span::new(self.bytes.len(), self.bytes.len()));
            if next.start > at {
                self.gap(Span::new(at, next.start), &mut keep);
            }
            at = at.max(next.end);
        }
    }

    fn gap(&self, gap: Span, keep: &mut impl FnMut(usize, &'a [u8])) {
        let is_boundary = |line: &[u8]| {
            line.strip_prefix(b"--")
                .is_some_and(|rest| self.boundaries.iter().any(|b| rest.starts_with(b.as_bytes())))
        };
        let mut stretch: Option<Span> = None;
        let mut at = gap.start;
        for line in self.bytes[gap.start..gap.end].split_inclusive(|&byte| byte == b'\n') {
            let content = line.trim_ascii();
            if is_boundary(content) {
                if let Some(stretch) = stretch.take() {
                    keep(stretch.start, &self.bytes[stretch.start..stretch.end]);
                }
            } else if !content.is_empty() && content != b"--" {
                let start = stretch.map_or(at, |stretch| stretch.start);
                stretch = Some(Span::new(start, at + line.len()));
            }
            at += line.len();
        }
        if let Some(stretch) = stretch {
            keep(stretch.start, &self.bytes[stretch.start..stretch.end]);
        }
    }
}

/// How much of `bytes` may be taken for MIME structure: all of it, or up to the line that is one header or boundary line too many.
fn structure_end(bytes: &[u8], limit: usize) -> usize {
    if bytes.len() <= SMALL {
        return bytes.len();
    }
    let mut count = 0;
    let mut at = 0;
    for newline in memchr::memchr_iter(b'\n', bytes).chain([bytes.len()]) {
        let line = &bytes[at..newline];
        let is_header = || {
            let name =
                line.iter().take(72).take_while(|byte| byte.is_ascii_graphic() && **byte != b':').count();
            name > 0 && line.get(name) == Some(&b':')
        };
        if line.starts_with(b"--") || is_header() {
            count += 1;
            if count > limit {
                return at;
            }
        }
        at = newline + 1;
    }
    bytes.len()
}
