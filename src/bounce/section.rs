//! Raw bytes in, the [`Sections`] of a notice out: what a person reads, what programs read (RFC 3464), and the message that came back.
//!
//! A notice is split by its outermost boundaries only, so that the returned message keeps its bytes and its text is not taken for the
//! notice's own.

use std::{borrow::Cow, sync::Arc};

use crate::{
    extract::{self, Markup},
    message::{self, Body, Limits, Message},
};

/// Bytes of one readable part that are looked at; what a notice has to say stands before.
const READABLE: usize = 256 << 10;

/// Parts within parts.
const DEPTH: usize = 5;

/// Parts that are looked at.
const PARTS: usize = 100;

/// Header fields that are looked at.
const FIELDS: usize = 2000;

/// The parts of a notice by what they are.
#[derive(Debug, Default)]
pub(super) struct Sections<'a> {
    /// The outermost header.
    pub(super) header: Fields<'a>,
    /// What a person reads.
    pub(super) text: String,
    /// What programs read: message/delivery-status.
    pub(super) report: String,
    /// The message that came back, or its header.
    pub(super) original: Option<Cow<'a, [u8]>>,
    /// Whether it is a report of another kind: a complaint (RFC 5965) or a receipt (RFC 8098).
    pub(super) other_report: bool,
}

/// Fields of a header in order, names in lower case, values unfolded.
#[derive(Debug, Default)]
pub(super) struct Fields<'a>(Vec<(String, Cow<'a, [u8]>)>);

impl<'a> Fields<'a> {
    /// Reads the header that `raw` starts with; also where its body starts. Empty where there is no header.
    pub(super) fn read(raw: &'a [u8]) -> (Fields<'a>, usize) {
        let mut fields: Vec<(String, Cow<'a, [u8]>)> = Vec::new();
        let mut at = 0;
        while at < raw.len() && fields.len() < FIELDS {
            let end = memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |length| at + length + 1);
            let line = &raw[at..end];
            let content = line.trim_ascii_end();
            if content.is_empty() {
                return (Fields(fields), end);
            }
            if matches!(line[0], b' ' | b'\t') {
                match fields.last_mut() {
                    Some((_, value)) => {
                        let value = value.to_mut();
                        value.push(b' ');
                        value.extend_from_slice(content.trim_ascii_start());
                    }
                    None => return (Fields(fields), 0),
                }
            } else if let Some(name) = field_name(content) {
                let value = content[name.len() + 1..].trim_ascii();
                fields.push((name.to_ascii_lowercase(), Cow::Borrowed(value)));
            } else if !(fields.is_empty() && (line.starts_with(b"From ") || line.starts_with(b">From "))) {
                return (Fields(fields), at);
            }
            at = end;
        }
        (Fields(fields), at)
    }

    /// The value of the first field of this name.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// The same as text.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).map(|value| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
    }

    /// Names in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

/// The name of the field that a line starts, if it does.
pub(super) fn field_name(line: &[u8]) -> Option<&str> {
    let colon = memchr::memchr(b':', &line[..line.len().min(80)])?;
    let name = &line[..colon];
    let is_name = !name.is_empty()
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && name[0].is_ascii_alphabetic();
    if is_name { std::str::from_utf8(name).ok() } else { None }
}

/// Splits the notice `raw`.
pub(super) fn split<'a>(raw: &'a [u8], markup: &Arc<Markup>) -> Sections<'a> {
    let (header, body) = Fields::read(raw);
    let mut sections = Sections { header, ..Sections::default() };
    let mut reader = Reader { sections: &mut sections, markup, parts: 0, html: String::new() };
    reader.part(raw, 0);
    let html = reader.html;
    if sections.text.chars().filter(|c| !c.is_whitespace()).count() < 20 {
        sections.text.push_str(&html);
    }
    if sections.text.is_empty() && sections.report.is_empty() && body == 0 {
        sections.text = message::text_of(&raw[..raw.len().min(READABLE)]).into_owned();
    }
    sections
}

struct Reader<'a, 's> {
    sections: &'s mut Sections<'a>,
    markup: &'s Arc<Markup>,
    parts: usize,
    /// Text of pages, for notices without any other.
    html: String,
}

impl<'a> Reader<'a, '_> {
    /// Reads a part with its header, or what it is made of.
    fn part(&mut self, part: &'a [u8], depth: usize) {
        self.parts += 1;
        if self.parts > PARTS {
            return;
        }
        let (fields, start) = Fields::read(part);
        let body = &part[start..];
        let declared = fields.text("content-type");
        let media = declared.split([';', ' ', '\t']).next().unwrap_or_default().to_ascii_lowercase();
        if media.starts_with("multipart/")
            && depth < DEPTH
            && let Some(boundary) = boundary(&declared)
            && let Some(parts) = parts(body, boundary.as_bytes())
        {
            for part in parts {
                self.part(part, depth + 1);
            }
            return;
        }
        match media.as_str() {
            "message/delivery-status" | "message/global-delivery-status" => {
                let text = decoded(&fields, body);
                self.sections.report.push_str(&text);
                self.sections.report.push_str("\n\n");
            }
            "message/feedback-report" | "message/disposition-notification" => {
                self.sections.other_report = true;
            }
            "message/rfc822"
            | "message/global"
            | "text/rfc822-headers"
            | "message/rfc822-headers"
            | "message/global-headers"
            | "message/partial"
                if depth > 0 =>
            {
                self.original(&fields, body);
            }
            "text/html" => {
                let text = self.page(part, start);
                self.html.push_str(&text);
                self.html.push('\n');
            }
            _ if self.sections.text.len() > READABLE => {}
            _ if media.is_empty() || media.starts_with("text") || media.starts_with("multipart") => {
                let text = decoded(&fields, body);
                self.sections.text.push_str(&text);
                self.sections.text.push('\n');
            }
            _ => {}
        }
    }

    /// Takes the first message that came back.
    fn original(&mut self, fields: &Fields<'_>, body: &'a [u8]) {
        if self.sections.original.is_some() || body.trim_ascii().is_empty() {
            return;
        }
        let encoding = fields.text("content-transfer-encoding").to_ascii_lowercase();
        let is_encoded = encoding.contains("base64") || encoding.contains("quoted");
        self.sections.original = Some(if is_encoded {
            Cow::Owned(decoded(fields, body).into_bytes())
        } else {
            Cow::Borrowed(body.trim_ascii_start())
        });
    }

    /// The text of a page as a reader sees it.
    fn page(&self, part: &[u8], start: usize) -> String {
        let part = &part[..part.len().min(start + READABLE)];
        let limits = Limits::default();
        let message = Message::parse(part, &limits);
        let extracted = extract::all(&message, self.markup, &limits);
        let mut text = String::new();
        for segment in extracted.segments.iter().filter(|s| s.kind == extract::Kind::Html) {
            text.push_str(&segment.text);
            text.push('\n');
        }
        text
    }
}

/// The text of a leaf: transfer encoding and charset undone.
fn decoded(fields: &Fields<'_>, body: &[u8]) -> String {
    let body = &body[..body.len().min(READABLE)];
    let encoding = fields.text("content-transfer-encoding").to_ascii_lowercase();
    let charset = fields.text("content-type");
    let is_plain = !(encoding.contains("base64") || encoding.contains("quoted"));
    if is_plain && body.is_ascii() && !charset.to_ascii_lowercase().contains("2022") {
        return String::from_utf8_lossy(body).into_owned();
    }
    // Whatever a leaf says that it is, it is read as text.
    let charset = charset.to_ascii_lowercase().split_once("charset=").map(|(_, value)| {
        value
            .trim_start_matches('"')
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_:".contains(*c))
            .collect()
    });
    let charset: String = charset.unwrap_or_default();
    let declared = if charset.is_empty() { String::new() } else { format!("; charset={charset}") };
    let mut message = format!("Content-Type: text/plain{declared}\n").into_bytes();
    if !is_plain {
        message.extend_from_slice(format!("Content-Transfer-Encoding: {}\n", encoding.trim()).as_bytes());
    }
    message.push(b'\n');
    message.extend_from_slice(body);
    let parsed = Message::parse(&message, &Limits::default());
    let text = parsed.parts.iter().find_map(|part| match &part.body {
        Body::Text(content) => Some(content.text.clone().into_owned()),
        _ => None,
    });
    text.unwrap_or_else(|| message::text_of(body).into_owned())
}

/// The boundary that a Content-Type declares.
fn boundary(declared: &str) -> Option<String> {
    let at = declared.to_ascii_lowercase().find("boundary")? + "boundary".len();
    let value = declared.get(at..)?.trim_start().strip_prefix('=')?.trim_start();
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap_or_default(),
        None => value.split([';', ' ', '\t']).next().unwrap_or_default(),
    };
    (!value.is_empty()).then(|| value.to_owned())
}

/// The parts between the boundary lines of a body; `None` where there is no such line.
fn parts<'a>(body: &'a [u8], boundary: &[u8]) -> Option<Vec<&'a [u8]>> {
    let mut parts = Vec::new();
    let mut open: Option<usize> = None;
    let mut at = 0;
    while at < body.len() {
        let end = memchr::memchr(b'\n', &body[at..]).map_or(body.len(), |length| at + length + 1);
        let line = body[at..end].trim_ascii_end();
        if let Some(rest) = line.strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary))
            && (rest.is_empty() || rest == b"--")
        {
            if let Some(start) = open {
                parts.push(&body[start..at]);
            }
            open = rest.is_empty().then_some(end);
        }
        at = end;
    }
    if let Some(start) = open {
        parts.push(&body[start..]);
    }
    (!parts.is_empty()).then_some(parts)
}
