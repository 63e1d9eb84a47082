//! The MIME structure, as mail-parser finds it: the only file that makes it parse.
//!
//! mail-parser keeps nested messages on the heap but drops them recursively, and keeps a value for each header line: structure is
//! bounded before it sees a byte.

use std::sync::LazyLock;

use mail_parser::{HeaderName, Message, MessageParser, MimeHeaders};

/// The tree of a message; `None` where it has no header. Most mail is one text, for which the header is enough: mail-parser would decode the text,
/// which is done here anyway, with a map.
pub(super) fn tree_of(bytes: &[u8]) -> Option<Message<'_>> {
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
