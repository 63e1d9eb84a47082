//! Raw bytes in, a [`Message`] out: every part with its decoded text and the way back to the raw bytes.
//!
//! Total: no input is an error. What is broken is decoded as a mail client would and noted in [`Message::defects`]; what cannot be
//! read is listed in [`Message::not_inspected`]. This folder is the only place that knows mail-parser.

mod charset;
mod coverage;
mod described;
mod fields;
mod header;
mod structure;
mod transfer;
mod tree;

use std::{borrow::Cow, time::Duration};

pub(crate) use self::transfer::plain_base64;

use crate::span::{Mapped, Span, SpanMap};

/// Bounds on what one message may make us do, all of them. What lies beyond is listed as not inspected.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Raw bytes of a message that are looked at.
    pub message_bytes: usize,
    /// Messages within messages.
    pub depth: usize,
    /// Header lines and boundary lines of one message that are taken for structure; a mail client stops far below.
    pub structure_lines: usize,
    /// Findings of one rule that are listed one by one; all are counted.
    pub findings_per_rule: usize,
    /// Files within files.
    pub file_depth: usize,
    /// Files within files, of a message.
    pub members: usize,
    /// Bytes that all files of a message may unpack to.
    pub unpacked_bytes: usize,
    /// Bytes that one file may unpack to.
    pub member_bytes: usize,
    /// From so many bytes on that a file unpacks to, `ratio` is looked at.
    pub ratio_from: usize,
    /// Times its packed size that a file may unpack to.
    pub ratio: usize,
    /// Bytes of text that are read from all files of a message.
    pub text_bytes: usize,
    /// Bytes of text that are read from one piece of a file.
    pub piece_bytes: usize,
    /// Passwords of the message that are tried on a file.
    pub passwords: usize,
    /// How long files of one message may be read; only where there is a clock.
    pub time: Duration,
    /// What says how late it is. Without one, bytes alone bound the work, and the same message always comes to the same verdict.
    pub clock: Option<fn() -> Duration>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            message_bytes: 256 << 20,
            depth: 16,
            structure_lines: 10_000,
            findings_per_rule: 100,
            file_depth: 16,
            members: 10_000,
            unpacked_bytes: 512 << 20,
            member_bytes: 128 << 20,
            ratio_from: 16 << 20,
            ratio: 250,
            text_bytes: 128 << 20,
            piece_bytes: 32 << 20,
            passwords: 8,
            time: Duration::from_secs(20),
            clock: None,
        }
    }
}

/// A parsed message.
#[derive(Debug)]
pub struct Message<'a> {
    /// The bytes that it was parsed from.
    pub raw: &'a [u8],
    /// What the outermost header says.
    pub header: Header,
    /// Header texts that are shown to a reader, of the message and of the messages in it.
    pub fields: Vec<Field<'a>>,
    /// Parts in reading order; multiparts themselves are not listed, what stands between parts is.
    pub parts: Vec<Part<'a>>,
    /// Parts that could not be read.
    pub not_inspected: Vec<NotInspected>,
    /// What is wrong with the MIME structure.
    pub defects: Vec<Defect>,
    buffers: Vec<Buffer>,
}

/// Facts of the outermost header.
#[derive(Debug, Default)]
pub struct Header {
    /// Message-ID with its angle brackets.
    pub message_id: Option<String>,
    /// First address of From, lower case.
    pub from: Option<String>,
    /// Addresses of To, Cc and Bcc, lower case.
    pub recipients: Vec<String>,
    /// Whether In-Reply-To or References is there.
    pub is_reply: bool,
    /// Whether there is a Date.
    pub has_date: bool,
    /// Whether there is a MIME-Version.
    pub has_mime_version: bool,
    /// Whether there is a List-Unsubscribe.
    pub has_unsubscribe: bool,
    /// Whether a server has passed it on: there is a Received.
    pub is_received: bool,
}

/// A header text that a reader sees.
#[derive(Debug)]
pub struct Field<'a> {
    /// Which one.
    pub kind: FieldKind,
    /// Its name as a place: of labels as the header has it.
    pub name: String,
    /// IMAP section of the header: `HEADER`, `2.HEADER`.
    pub number: String,
    /// The decoded text; addresses are blanked out in name fields.
    pub content: Mapped<'a>,
    /// The buffer that `content` maps to.
    pub buffer: BufferId,
}

/// Kinds of header text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Subject.
    Subject,
    /// Display names of From, To, Cc and Reply-To.
    Names,
    /// The classification of the message.
    Label,
}

/// A leaf of the MIME tree, or text that stands in no part.
#[derive(Debug)]
pub struct Part<'a> {
    /// IMAP part number; empty for text outside all parts.
    pub number: String,
    /// Media type, lower case: `text/plain`.
    pub media_type: String,
    /// File name, decoded.
    pub name: Option<String>,
    /// The header bytes that hold the name, in `buffer` terms of the enclosing message.
    pub name_span: (BufferId, Span),
    /// Whether it is sent as a file, not as text of the message.
    pub is_attachment: bool,
    /// Whether it is shown inside the text (an inline image).
    pub is_inline: bool,
    /// Names of the messages that it is nested in.
    pub place: Vec<String>,
    /// What is in it.
    pub body: Body<'a>,
    /// The buffer that the body's spans name.
    pub buffer: BufferId,
}

/// Content of a part.
#[derive(Debug)]
pub enum Body<'a> {
    /// Text with its map to the part's buffer.
    Text(Mapped<'a>),
    /// HTML source with its map to the part's buffer.
    Html(Mapped<'a>),
    /// Decoded bytes.
    Binary(Cow<'a, [u8]>),
    /// Text that stands outside all parts: preamble, epilogue, gaps.
    Outside(Mapped<'a>),
}

/// A part that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotInspected {
    /// IMAP part number.
    pub part: String,
    /// File name, within the files and messages that it is in.
    pub place: Vec<String>,
    /// Why.
    pub reason: Unread,
    /// Media type and size for a person: `application/pdf, 12 kB`.
    pub what: String,
}

/// Why a part could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unread {
    /// A picture.
    Image,
    /// Sound or video.
    Media,
    /// An office document.
    Document,
    /// A PDF.
    Pdf,
    /// An archive.
    Archive,
    /// A program.
    Program,
    /// A document that holds pictures of text only.
    ImageOnly,
    /// Encrypted.
    Encrypted,
    /// A signature or key: nothing to read in it.
    Signature,
    /// Of no known type.
    Unknown,
    /// Larger, deeper or more than the limits allow.
    OverLimit,
    /// Damaged.
    Broken,
}

/// A defect of the MIME structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Transfer encoding is damaged.
    Encoding,
    /// The declared charset is not the one used.
    Charset,
    /// Text of the message is not ASCII, and no charset is declared.
    NoCharset,
    /// A Content-Type or Content-Transfer-Encoding stands twice.
    DuplicateHeader,
    /// Structure beyond the limits was read as plain text.
    OverLimit,
    /// There is no header.
    NoHeader,
}

/// Names a buffer of a message; the raw bytes are buffer 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BufferId(usize);

impl BufferId {
    /// The raw bytes.
    pub const RAW: BufferId = BufferId(0);
    /// No buffer: the text has no place in the raw bytes.
    pub const NONE: BufferId = BufferId(usize::MAX);
}

/// Bytes that were decoded from another buffer.
#[derive(Debug)]
struct Buffer {
    /// `None`: the raw bytes, or bytes that have no place in them.
    parent: Option<BufferId>,
    map: SpanMap,
}

impl<'a> Message<'a> {
    /// Parses `raw`. Never fails: bad input is a finding, not an error.
    pub fn parse(raw: &'a [u8], limits: &Limits) -> Message<'a> {
        tree::parse(raw, limits)
    }

    /// The raw bytes that a span of `buffer` was decoded from; `None` where it has no place in the raw bytes.
    pub fn raw_span(&self, buffer: BufferId, span: Span) -> Option<Span> {
        let (mut buffer, mut span) = (buffer, span);
        while buffer != BufferId::RAW {
            let entry = self.buffers.get(buffer.0)?;
            span = entry.map.source(span);
            buffer = entry.parent?;
        }
        Some(span)
    }
}

impl FieldKind {
    /// How a place in such a field is called; `header` is what the header calls it.
    fn name(self, header: &str) -> &str {
        match self {
            FieldKind::Subject => "Subject",
            FieldKind::Names => "From/To",
            FieldKind::Label => header,
        }
    }
}

impl Unread {
    /// The reason as it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Unread::Image => "image",
            Unread::Media => "audio or video",
            Unread::Document => "document",
            Unread::Pdf => "pdf",
            Unread::Archive => "archive",
            Unread::Program => "program",
            Unread::ImageOnly => "image only",
            Unread::Encrypted => "encrypted",
            Unread::Signature => "signature",
            Unread::Unknown => "unknown type",
            Unread::OverLimit => "over limit",
            Unread::Broken => "broken",
        }
    }
}

/// The text of a file of unknown or doubtful charset.
pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    charset::decode(bytes, 0, None).0.text
}
