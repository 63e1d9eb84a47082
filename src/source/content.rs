//! A file or the bytes of a stream -> [`Content`]: nothing to scan, one message, or the messages of an mbox.
//!
//! One separator does not make an mbox: programs that save a single message often keep the "From " line that it was stored under.
//! Only the name of the file can then say that it is a mailbox.

use std::fs;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use super::{mbox, sniff};

/// What a file holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing that looks like a message.
    Other,
    /// One message, which is the whole file.
    Message,
    /// The messages of an mbox, each a range of bytes; none if it is empty.
    Mailbox(Vec<Range<u64>>),
}

impl Content {
    /// Looks at the head of the file at `path`, and at all of it if it is an mbox. If `taken`, it is not [`Content::Other`].
    pub(super) fn of_file(path: &Path, taken: bool) -> io::Result<Content> {
        let mut file = fs::File::open(path)?;
        let mut head = Vec::with_capacity(sniff::HEAD);
        file.by_ref().take(sniff::HEAD as u64).read_to_end(&mut head)?;
        let mailbox = is_named(path, &["mbox", "mbx"]);
        Ok(if sniff::is_mbox(&head) {
            let messages = mbox::index(head.chain(file), mbox::MOST)?;
            if mailbox || messages.len() > 1 { Content::Mailbox(messages) } else { Content::Message }
        } else if mailbox && head.is_empty() {
            Content::Mailbox(Vec::new())
        } else if taken || mailbox || is_named(path, &["eml"]) || sniff::is_message(&head) {
            Content::Message
        } else {
            Content::Other
        })
    }

    /// Looks at all that was read of a stream. If there was more, the last message of an mbox is left out: it is not whole.
    pub(super) fn of_stream(bytes: &[u8], more: bool) -> io::Result<Content> {
        if !sniff::is_mbox(bytes) {
            return Ok(Content::Message);
        }
        let mut messages = mbox::index(bytes, mbox::MOST)?;
        if messages.len() < 2 {
            return Ok(Content::Message);
        }
        if more {
            messages.pop();
        }
        Ok(Content::Mailbox(messages))
    }
}

/// Whether the name of the file ends in one of `extensions`, in any case.
fn is_named(path: &Path, extensions: &[&str]) -> bool {
    path.extension()
        .is_some_and(|found| extensions.iter().any(|extension| found.eq_ignore_ascii_case(extension)))
}
