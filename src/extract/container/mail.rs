//! Messages and mailboxes as files: they go through the parser of messages, with their own parts.
//!
//! A mailbox (RFC 4155) is messages behind lines that begin with `From `.

use std::{borrow::Cow, fmt::Write as _};

use crate::{
    extract::{
        attached::{Head, Reader},
        reading::Reading,
    },
    message::Unread,
};

/// Takes single messages.
pub(super) const MESSAGE: Reader = Reader {
    knows: |head: &Head<'_>| head.format.id == "eml",
    read: |bytes, reading| {
        reading.message(bytes);
        Ok(())
    },
};

/// Takes mailboxes.
pub(super) const MAILBOX: Reader = Reader { knows: |head| head.format.id == "mbox", read: mailbox };

/// Fields of which a message has some at its top.
const FIELDS: &[&str] = &[
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "received",
    "return-path",
    "reply-to",
    "delivered-to",
    "dkim-signature",
    "x-mailer",
    "sender",
];
/// So many of them make a message.
const ENOUGH: usize = 2;

/// Whether bytes begin as a message does: with fields of one, and a blank line behind them.
pub(in crate::extract) fn is_message(bytes: &[u8]) -> bool {
    let mut known = 0;
    for line in bytes.split(|byte| *byte == b'\n').take(200) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return known >= ENOUGH;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        let Some(colon) = line.iter().take(80).position(|byte| *byte == b':') else { return false };
        if !line[..colon].iter().all(u8::is_ascii_graphic) {
            return false;
        }
        let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
        known += usize::from(FIELDS.contains(&name.as_str()));
    }
    known > ENOUGH
}

fn mailbox(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let starts: Vec<usize> = [0]
        .into_iter()
        .chain(memchr::memmem::find_iter(bytes, b"\nFrom ").map(|at| at + 1))
        .filter(|at| bytes[*at..].starts_with(b"From "))
        .collect();
    if starts.is_empty() {
        reading.message(bytes);
    }
    for (number, start) in starts.iter().enumerate() {
        let message = &bytes[*start..starts.get(number + 1).copied().unwrap_or(bytes.len())];
        let line = memchr::memchr(b'\n', message).map_or(message.len(), |at| at + 1);
        reading.member(&format!("message {}.eml", number + 1), message[line..].to_vec());
        if reading.is_spent() {
            reading.over_limit();
            break;
        }
    }
    Ok(())
}

/// A message that is not stored as one, by its properties.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) subject: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) text: String,
    pub(super) html: String,
}

impl Written {
    /// Whether there is anything.
    pub(super) fn is_empty(&self) -> bool {
        [&self.subject, &self.from, &self.to, &self.text, &self.html]
            .iter()
            .all(|field| field.trim().is_empty())
    }

    /// It as a message.
    pub(super) fn to_message(&self) -> Vec<u8> {
        let line =
            |text: &str| -> String { text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect() };
        let quoted = |text: &str| line(text).replace(['"', '\\'], "");
        let mut out = String::new();
        // Without an address a name is no mailbox.
        let person = |name: &str| match name.contains('@') {
            true => line(name),
            false => format!("\"{}\" <unknown@example.com>", quoted(name)),
        };
        let mut field = |name: &str, value: &str| {
            let _ = writeln!(out, "{name}: {value}");
        };
        field("MIME-Version", "1.0");
        if !self.subject.is_empty() {
            field("Subject", &line(&self.subject));
        }
        if !self.from.is_empty() {
            field("From", &person(&self.from));
        }
        if !self.to.is_empty() {
            let all: Vec<String> = self.to.split(';').map(|one| person(one.trim())).collect();
            field("To", &all.join(", "));
        }
        let mut boundary = String::from("part");
        while self.text.contains(&boundary) || self.html.contains(&boundary) {
            boundary.push('+');
        }
        let _ = writeln!(out, "Content-Type: multipart/alternative; boundary=\"{boundary}\"\n");
        for (kind, text) in [("plain", &self.text), ("html", &self.html)] {
            if !text.trim().is_empty() {
                let _ = writeln!(
                    out,
                    "--{boundary}\nContent-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}"
                );
            }
        }
        let _ = writeln!(out, "--{boundary}--");
        out.into_bytes()
    }
}

/// UTF-16 in little-endian order, up to a zero.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let units = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .take_while(|unit| *unit != 0);
    char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
}

/// Text in the charset of some system, up to a zero.
pub(super) fn ansi(bytes: &[u8]) -> Cow<'_, str> {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    crate::message::text_of(&bytes[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_from_text() {
        for (text, want) in [
            ("From: a@example.com\r\nSubject: x\r\n\r\nhello", true),
            ("Received: from x\n by y\nDate: today\n\nhello", true),
            ("Subject: x\n\nhello", false),
            ("to: do\nfrom: now on\nand more: of it\nno field here\n\n", false),
            ("name: a\nport: 1\n\n", false),
            ("", false),
        ] {
            assert_eq!(is_message(text.as_bytes()), want, "{text}");
        }
    }

    #[test]
    fn a_written_message_can_be_parsed() {
        let written = Written {
            subject: "裁员\nBcc: x".into(),
            from: "张三".into(),
            to: "a@example.com; 李四".into(),
            text: "part of it".into(),
            html: String::new(),
        };
        let raw = written.to_message();
        let message = crate::message::Message::parse(&raw, &crate::message::Limits::default());
        assert_eq!(message.fields[0].content.text, "裁员 Bcc: x");
        assert_eq!(message.parts.len(), 1);
        assert_eq!(message.header.recipients, ["a@example.com", "unknown@example.com"]);
    }
}
