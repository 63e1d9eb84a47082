//! One message on its way through the gateway: envelope and content, as commands bring them, within bounds.
//!
//! The content is put together as it would be in a file: header fields as they were written, CRLF line ends. What has come so far may be
//! taken out at any time, to be kept elsewhere.

use super::protocol::split_nul;
use crate::verdict::Envelope;

/// Bytes of envelope addresses that are kept; a mail server allows far fewer.
const MAX_ADDRESSES: usize = 1 << 20;

/// Most characters of a queue id, a login, a subject, that are kept.
const MAX_NAME: usize = 255;

/// The field that a judged message is marked with, where the policy says so.
pub const TAG: &str = "X-Presend-Verdict";

/// A message that is coming in.
#[derive(Debug, Default)]
pub struct Transaction {
    /// Envelope sender, lower case; none for a bounce.
    pub sender: Option<String>,
    /// Envelope recipients, lower case.
    pub recipients: Vec<String>,
    /// Who is logged in.
    pub login: Option<String>,
    /// Address of the SMTP client.
    pub client: Option<String>,
    /// What the mail server calls the message; it is known late.
    pub queue: Option<String>,
    /// Subject, as it is in the header.
    pub subject: Option<String>,
    /// Whether it was handed over by a program on the same machine, not by SMTP.
    pub is_local: bool,
    /// Header fields by the name of [`TAG`] that it came with.
    pub tags: u32,
    /// Content that has come and was not taken out.
    pub content: Vec<u8>,
    /// Bytes of content that were kept.
    pub kept: usize,
    /// Bytes of content that came.
    pub size: usize,
    /// Whether recipients had to be left out.
    pub is_overfull: bool,
    in_body: bool,
    addresses: usize,
}

impl Transaction {
    /// A message by the arguments of its MAIL command.
    pub(super) fn begin(arguments: &[u8]) -> Transaction {
        let path = split_nul(arguments).0;
        Transaction { sender: address(path), is_local: !path.starts_with(b"<"), ..Transaction::default() }
    }

    /// Who sends and who receives.
    pub fn envelope(&self) -> Envelope {
        Envelope { from: self.sender.clone(), to: self.recipients.clone() }
    }

    /// Whether content was left out for its size.
    pub fn is_too_large(&self) -> bool {
        self.kept < self.size
    }

    pub(super) fn recipient(&mut self, arguments: &[u8]) {
        let Some(address) = address(split_nul(arguments).0) else { return };
        self.addresses += address.len() + size_of::<String>();
        if self.addresses > MAX_ADDRESSES {
            self.is_overfull = true;
        } else {
            self.recipients.push(address);
        }
    }

    /// A header field. `leading` is whether its value carries the white space behind the colon.
    pub(super) fn header(&mut self, name: &[u8], value: &[u8], leading: bool, limit: usize) {
        if name.eq_ignore_ascii_case(b"subject") && self.subject.is_none() {
            self.subject = Some(shown(value));
        }
        if name.eq_ignore_ascii_case(TAG.as_bytes()) {
            self.tags += 1;
        }
        self.keep(name, limit);
        self.keep(if leading { b":" } else { b": " }, limit);
        // A folded line comes with a bare LF.
        for (index, line) in value.split(|byte| *byte == b'\n').enumerate() {
            if index > 0 {
                self.keep(b"\r\n", limit);
            }
            self.keep(line.strip_suffix(b"\r").unwrap_or(line), limit);
        }
        self.keep(b"\r\n", limit);
    }

    /// The end of the header, said or implied.
    pub(super) fn end_of_header(&mut self, limit: usize) {
        if !self.in_body {
            self.in_body = true;
            self.keep(b"\r\n", limit);
        }
    }

    pub(super) fn body(&mut self, bytes: &[u8], limit: usize) {
        self.end_of_header(limit);
        self.keep(bytes, limit);
    }

    fn keep(&mut self, bytes: &[u8], limit: usize) {
        self.size = self.size.saturating_add(bytes.len());
        let room = limit.saturating_sub(self.kept).min(bytes.len());
        self.content.extend_from_slice(&bytes[..room]);
        self.kept += room;
    }
}

/// An address without its brackets, in lower case; none where it is empty.
fn address(path: &[u8]) -> Option<String> {
    let path = path.strip_prefix(b"<").unwrap_or(path);
    let path = path.strip_suffix(b">").unwrap_or(path);
    let text = String::from_utf8_lossy(path).trim().to_lowercase();
    (!text.is_empty()).then_some(text)
}

/// Foreign text as it may stand in a line of a log.
pub(super) fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim().chars().take(MAX_NAME).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_with_and_without_brackets() {
        for (arguments, sender, is_local) in [
            (&b"<A.B@Example.COM>\0SIZE=10\0BODY=8BITMIME\0"[..], Some("a.b@example.com"), false),
            (b"a@example.com\0", Some("a@example.com"), true),
            (b"<>\0", None, false),
            (b"", None, true),
            (b"<\xff@example.com>", Some("\u{fffd}@example.com"), false),
        ] {
            let transaction = Transaction::begin(arguments);
            assert_eq!((transaction.sender.as_deref(), transaction.is_local), (sender, is_local));
        }
    }

    #[test]
    fn content_is_as_it_would_be_in_a_file() {
        let mut message = Transaction::default();
        message.header(b"Subject", b" one\n\ttwo", true, 1000);
        message.header(b"X-B", b"none", false, 1000);
        message.end_of_header(1000);
        message.body(b"a\r\n", 1000);
        message.body(b"b\r\n", 1000);
        assert_eq!(message.content, b"Subject: one\r\n\ttwo\r\nX-B: none\r\n\r\na\r\nb\r\n");
        assert_eq!((message.subject.as_deref(), message.is_too_large()), (Some("one  two"), false));
    }

    #[test]
    fn a_body_without_a_header_is_no_header() {
        let mut message = Transaction::default();
        message.body(b"To: nobody\r\n", 1000);
        assert_eq!(message.content, b"\r\nTo: nobody\r\n");
    }

    #[test]
    fn what_is_over_the_limit_is_counted_and_not_kept() {
        let mut message = Transaction::default();
        message.body(&[b'x'; 500], 100);
        assert_eq!((message.content.len(), message.kept, message.size), (100, 100, 502));
        assert!(message.is_too_large());
    }

    #[test]
    fn recipients_without_end_are_left_out_and_it_shows() {
        let mut message = Transaction::default();
        let path = [&[b'a'; 1000][..], b"@example.com"].concat();
        for _ in 0..2000 {
            message.recipient(&path);
        }
        assert!(message.is_overfull && message.recipients.len() < 1100);
    }
}
