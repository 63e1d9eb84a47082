//! The MIME structure, as mail-parser finds it: the only file that makes it parse.
//!
//! mail-parser keeps nested messages on the heap but drops them recursively, and keeps a value for each header line: structure is
//! bounded before it sees a byte.

use std::sync::LazyLock;

use mail_parser::{Header, HeaderName, Message, MessageParser, MimeHeaders, PartType};

/// The tree of a message; `None` where it has no header. Most mail is one text, for which the header is enough: mail-parser would decode the text,
/// which is done here anyway, with a map.
pub(super) fn tree_of(bytes: &[u8]) -> Option<Message<'_>> {
    let mut parsed = PARSER.parse_headers(bytes)?;
    let root = parsed.parts.first_mut().filter(|root| !root.headers.is_empty())?;
    if root.content_type().is_some_and(|kind| kind.ctype() != "text") {
        let parsed = PARSER.parse(bytes)?;
        return if holds_encoded_message(&parsed, bytes) { DECODING.parse(bytes) } else { Some(parsed) };
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

/// Finds the structure; of header fields it reads only what structure and envelope need, the rest is read from its place. Not told of transfer encodings it
/// takes every part as it stands, and decodes nothing that is decoded here.
static PARSER: LazyLock<MessageParser> = LazyLock::new(parser);

/// The same, told of them: a message that is encoded as a whole would be taken for lines of a header.
static DECODING: LazyLock<MessageParser> =
    LazyLock::new(|| parser().header_text(HeaderName::ContentTransferEncoding));

fn parser() -> MessageParser {
    MessageParser::new()
        .header_content_type(HeaderName::ContentType)
        .header_content_type(HeaderName::ContentDisposition)
        .header_address(HeaderName::From)
        .header_address(HeaderName::To)
        .header_address(HeaderName::Cc)
        .header_address(HeaderName::Bcc)
        .default_header_ignore()
}

/// Whether a part is a message under a transfer encoding that hides its lines.
fn holds_encoded_message(parsed: &Message<'_>, bytes: &[u8]) -> bool {
    let mut messages = vec![parsed];
    while let Some(message) = messages.pop() {
        for part in &message.parts {
            if let PartType::Message(inner) = &part.body {
                messages.push(inner);
            }
            let is_message = || part.content_type().is_some_and(|kind| kind.ctype() == "message");
            let is_encoded = |field: &Header<'_>| {
                let value = bytes.get(field.offset_start as usize..field.offset_end as usize);
                let value = value.unwrap_or_default().trim_ascii();
                field.name == HeaderName::ContentTransferEncoding
                    && [&b"base64"[..], b"quoted-printable"].iter().any(|one| one.eq_ignore_ascii_case(value))
            };
            if is_message() && part.headers.iter().any(is_encoded) {
                return true;
            }
        }
    }
    false
}

/// Below this size nesting cannot grow deep enough to matter.
const SMALL: usize = 64 << 10;

/// How much of `bytes` may be taken for MIME structure: all of it, or up to the line that is one header or boundary line too many.
pub(super) fn end(bytes: &[u8], limit: usize) -> usize {
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
