//! The first bytes of a file -> does it look like a message, does it look like an mbox.
//!
//! A folder holds more than mail, so a file without a telling name is a message only if it opens with header fields, one of them
//! usual. The separator of an mbox is looked at with the line after it: prose also starts lines with "From ".

/// How many bytes at the start of a file decide what it is.
pub(super) const HEAD: usize = 4096;

/// Fields of which a message that was ever written by a mail program has at least one.
const USUAL: [&[u8]; 10] = [
    b"From",
    b"To",
    b"Subject",
    b"Date",
    b"Received",
    b"Message-ID",
    b"Return-Path",
    b"MIME-Version",
    b"Content-Type",
    b"Delivered-To",
];

/// Whether `head` opens with at least two header fields, one of them usual, after an optional mbox separator.
pub(super) fn is_message(head: &[u8]) -> bool {
    let mut lines = content(head).split(|&byte| byte == b'\n').peekable();
    lines.next_if(|line| line.starts_with(b"From "));
    let (mut fields, mut usual) = (0, false);
    for line in lines {
        if let Some(name) = field_name(line) {
            fields += 1;
            usual |= is_usual(name);
        } else if fields == 0 || !line.starts_with(b" ") && !line.starts_with(b"\t") {
            break;
        }
        if usual && fields >= 2 {
            return true;
        }
    }
    false
}

/// Whether `head` opens with an mbox separator; empty lines before it are not content.
pub(super) fn is_mbox(head: &[u8]) -> bool {
    let mut lines = content(head).split(|&byte| byte == b'\n');
    match (lines.next(), lines.next()) {
        (Some(first), Some(second)) => is_separator(first, second),
        _ => false,
    }
}

/// Whether `line` separates messages of an mbox, `next` being the line after it (RFC 4155, but writers differ in what follows "From ").
///
/// A sender or a time tells a separator from the prose "From here on"; without either the next line must be a usual field.
pub(super) fn is_separator(line: &[u8], next: &[u8]) -> bool {
    line.starts_with(b"From ")
        && field_name(next).is_some_and(|name| is_usual(name) || line.contains(&b'@') || has_time(line))
}

/// Whether `line` holds digits around a colon, as every date of a separator does.
fn has_time(line: &[u8]) -> bool {
    line.windows(3).any(|three| three[0].is_ascii_digit() && three[1] == b':' && three[2].is_ascii_digit())
}

/// The name of the header field that `line` starts (RFC 5322 2.2), with the spaces before the colon that 4.5 allows.
fn field_name(line: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memchr(b':', line)?;
    let name = line[..colon].trim_ascii_end();
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(name)
}

fn is_usual(name: &[u8]) -> bool {
    USUAL.iter().any(|usual| usual.eq_ignore_ascii_case(name))
        || name.len() > 2 && name[..2].eq_ignore_ascii_case(b"X-")
}

/// `head` without a byte order mark and empty lines before its first line.
fn content(head: &[u8]) -> &[u8] {
    let mut head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    while let Some(rest) = head.strip_prefix(b"\n").or_else(|| head.strip_prefix(b"\r\n")) {
        head = rest;
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_open_with_fields() {
        for (head, want) in [
            ("From: a@example.com\nTo: b@example.com\n\nhi", true),
            ("From: a@example.com\r\nTo: b@example.com\r\n\r\nhi", true),
            ("subject : hi\nDATE: now", true),
            ("Foo: 1\nBar: 2\nX-Mailer: x\n\n", true),
            ("Received: from x\n\tby y\n z\nFoo: 1\n", true),
            ("From a@example.com Sat Jan  3 01:05:34 1996\nFoo: 1\nTo: b\n", true),
            ("\n\r\nTo: b\nFoo: 1\n", true),
            ("\u{feff}To: b\nFoo: 1\n", true),
            // One field, no usual field, no field at all, or only after the header block.
            ("Subject: hi\n\nbody: text\nTo: c", false),
            ("Name: presend\nVersion: 1\n", false),
            ("X-: 1\nFoo: 2\n", false),
            ("", false),
            ("Dear all,\nSubject: hi\nTo: b\n", false),
            (" To: b\nSubject: hi\nFoo: 1\n", false),
            ("To: b\nprose\nSubject: hi\n", false),
            ("{\"To\": 1,\n\"Date\": 2}", false),
            ("收件人: b\n主题: hi\n", false),
            ("From a@example.com Sat Jan  3 01:05:34 1996\nprose\nTo: b\nSubject: c", false),
        ] {
            assert_eq!(is_message(head.as_bytes()), want, "{head:?}");
        }
    }

    #[test]
    fn separators_need_a_field_below() {
        for (line, next, want) in [
            ("From a@example.com Sat Jan  3 01:05:34 1996", "Return-Path: <>", true),
            ("From a@example.com Sat Jan  3 01:05:34 1996", "DKIM-Signature: v=1", true),
            ("From - Sat Jan 03 01:05:34 2026\r", "X-Mozilla-Status: 0001\r", true),
            ("From a@example.com", "Sensitivity: private", true),
            ("From MAILER-DAEMON", "Subject: hi", true),
            ("From the beginning of the year", "we write: 1", false),
            ("From the beginning of the year", "Note: 1", false),
            ("From a@example.com Sat Jan  3 01:05:34 1996", "Hello,", false),
            ("From a@example.com Sat Jan  3 01:05:34 1996", "", false),
            ("From: a@example.com", "Subject: hi", false),
            (">From a@example.com", "Subject: hi", false),
            ("from a@example.com", "Subject: hi", false),
        ] {
            assert_eq!(is_separator(line.as_bytes(), next.as_bytes()), want, "{line:?} {next:?}");
        }
        assert!(is_mbox(b"\n\r\nFrom a@example.com\r\nTo: b\r\n"));
        assert!(!is_mbox(b"To: b\n\nFrom a@example.com\nTo: b\n"));
        assert!(!is_mbox(b"From a@example.com"));
    }
}
