//! The bytes of an mbox, as a stream -> where each of its messages lies.
//!
//! One pass over a window of fixed size, so the size of the mailbox does not matter. Content-Length is not believed: a separator is a
//! "From " line at the start or after an empty line, with a header field below it. Quoted `>From ` lines stay as they are in the file,
//! so that spans name its bytes.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memmem;

use super::sniff;

/// Bytes of the mailbox held at a time.
const WINDOW: usize = 64 << 10;

/// Bytes within which a separator and the name of the field below it must lie; RFC 5322 2.1.1 allows lines of 1,000.
const AHEAD: usize = 2 << 10;

/// More messages than any person's archive holds. An index of more is mail made to fill the memory: a message can be 13 bytes.
pub(super) const MOST: usize = 1 << 22;

/// Byte ranges of the messages in `source`, in order, each without its separator and the empty line that ends it; more than `most`
/// are an error.
pub(super) fn index(mut source: impl Read, most: usize) -> io::Result<Vec<Range<u64>>> {
    let finder = memmem::Finder::new(b"\nFrom ");
    let (mut messages, mut open) = (Vec::new(), None);
    // Two newlines before the first byte make the start look like any other place after an empty line.
    let mut window = Vec::with_capacity(WINDOW);
    window.extend_from_slice(b"\n\n");
    let (mut base, mut next) = (0, 0);
    loop {
        let room = WINDOW - window.len();
        let more = source.by_ref().take(room as u64).read_to_end(&mut window)? == room;
        let place = |at: usize| base + at as u64 - 2;
        let sure = if more { window.len() - AHEAD } else { window.len() };
        while let Some(at) = finder.find(&window[next..]).map(|at| next + at).filter(|&at| at < sure) {
            next = at + 1;
            if let Some(empty) = empty_line(&window[..next])
                && let Some(start) = after_separator(&window[next..])
            {
                messages.extend(open.replace(place(next + start)).map(|start| start..place(empty)));
                if messages.len() == most {
                    let text = format!("an mbox of over {most} messages; split it");
                    return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
                }
            }
        }
        if !more {
            let end = empty_line(&window).unwrap_or(window.len());
            messages.extend(open.map(|start| start..place(end)));
            return Ok(messages);
        }
        // Kept: what is not sure, and before it the line end that tells whether a line is empty.
        let gone = sure - 3;
        window.drain(..gone);
        base += gone as u64;
        next = next.max(sure) - gone;
    }
}

/// Start of the empty line that ends `bytes`.
fn empty_line(bytes: &[u8]) -> Option<usize> {
    let before = bytes.strip_suffix(b"\n")?;
    let before = before.strip_suffix(b"\r").unwrap_or(before);
    before.ends_with(b"\n").then_some(before.len())
}

/// Length of the separator that `bytes` starts with.
fn after_separator(bytes: &[u8]) -> Option<usize> {
    let bytes = &bytes[..bytes.len().min(AHEAD)];
    let length = memchr::memchr(b'\n', bytes)? + 1;
    let (line, below) = bytes.split_at(length);
    let below = &below[..memchr::memchr(b'\n', below).unwrap_or(below.len())];
    sniff::is_separator(line, below).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEPARATOR: &str = "From a@example.com Sat Jan  3 01:05:34 1996\n";

    /// Gives its bytes in chunks of `size`, interrupted before each.
    struct Trickle<'a> {
        bytes: &'a [u8],
        size: usize,
        interrupted: bool,
    }

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.interrupted = !self.interrupted;
            if self.interrupted {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let size = self.size.min(buffer.len());
            self.bytes.read(&mut buffer[..size])
        }
    }

    fn messages(mbox: &str) -> Vec<String> {
        let ranges = index(mbox.as_bytes(), MOST).expect("memory can be read");
        for size in [1, 2, 7] {
            let trickle = Trickle { bytes: mbox.as_bytes(), size, interrupted: false };
            let trickled = index(trickle, MOST).expect("a trickle can be read");
            assert_eq!(trickled, ranges, "chunks of {size}");
        }
        ranges.iter().map(|range| mbox[range.start as usize..range.end as usize].to_owned()).collect()
    }

    #[test]
    fn messages_lie_between_separators() {
        for (mbox, want) in [
            ("", vec![]),
            ("\n\n", vec![]),
            ("no separator\n", vec![]),
            ("%To: a\n\nhi\n", vec!["To: a\n\nhi\n"]),
            ("%To: a\n\nhi\n\n", vec!["To: a\n\nhi\n"]),
            ("%To: a\n\nhi\n\n\n", vec!["To: a\n\nhi\n\n"]),
            ("%To: a\n\nhi\n\n%To: b\n\nho", vec!["To: a\n\nhi\n", "To: b\n\nho"]),
            ("%To: a\n\n%To: b\n", vec!["To: a\n", "To: b\n"]),
            ("\n\n%To: a\n", vec!["To: a\n"]),
            // No empty line before, no field below, or nothing below: part of the message.
            ("%To: a\n\nhi\n%To: b\n", vec!["To: a\n\nhi\n%To: b\n"]),
            ("%To: a\n\n%hi\n", vec!["To: a\n\n%hi\n"]),
            ("%To: a\n\nhi\n\n%", vec!["To: a\n\nhi\n\n%"]),
            ("%To: a\n\nFrom the beginning,\nnote: hi\n", vec!["To: a\n\nFrom the beginning,\nnote: hi\n"]),
            // Quoting stays, whatever its depth.
            ("%To: a\n\n>%To: b\n\n>>%To: c\n", vec!["To: a\n\n>%To: b\n\n>>%To: c\n"]),
            // Content-Length is only a claim.
            ("%Content-Length: 99\n\nhi\n\n%To: b\n", vec!["Content-Length: 99\n\nhi\n", "To: b\n"]),
        ] {
            let mbox = mbox.replace('%', SEPARATOR);
            let want: Vec<String> = want.iter().map(|message| message.replace('%', SEPARATOR)).collect();
            assert_eq!(messages(&mbox), want, "{mbox:?}");
            let windows = |text: &str| text.replace('\n', "\r\n");
            let want: Vec<String> = want.iter().map(|message| windows(message)).collect();
            assert_eq!(messages(&windows(&mbox)), want, "{mbox:?} with CRLF");
        }
    }

    #[test]
    fn a_separator_may_lie_anywhere_in_the_window() {
        for ending in ["\n", "\r\n"] {
            let first = format!("From a@example.com{ending}To: a{ending}");
            let second = format!("{ending}From b@example.com{ending}To: b{ending}");
            // Every place around the point from which bytes are kept, and around the end of the window.
            for edge in [WINDOW - AHEAD, WINDOW] {
                for padding in edge - 80..edge + 80 {
                    let body = "x".repeat(padding - first.len() - ending.len());
                    let mbox = format!("{first}{body}{ending}{second}");
                    let ranges = index(mbox.as_bytes(), MOST).expect("memory can be read");
                    let end = padding as u64;
                    let start = (mbox.len() - 5 - ending.len()) as u64;
                    let want = [first.len() as u64 - 5 - ending.len() as u64..end, start..mbox.len() as u64];
                    assert_eq!(ranges, want, "padding {padding}");
                }
            }
        }
    }

    #[test]
    fn a_mailbox_of_many_windows_is_indexed_whole() {
        let mut mbox = String::new();
        for number in 0..20_000 {
            let body = "x".repeat(number % 97);
            mbox.push_str(&format!("{SEPARATOR}Message-ID: <{number}@example.com>\n\n{body}\n\n"));
        }
        let all = messages(&mbox);
        assert_eq!(all.len(), 20_000);
        for (number, message) in all.iter().enumerate() {
            let body = "x".repeat(number % 97);
            assert_eq!(*message, format!("Message-ID: <{number}@example.com>\n\n{body}\n"));
        }
    }

    #[test]
    fn long_lines_do_not_hide_separators() {
        let long = "x".repeat(1 << 20);
        let mbox =
            format!("{SEPARATOR}To: {long}\n\n{long}\n\n{SEPARATOR}To: {long}\n\nFrom {long}\nTo: b\n");
        assert_eq!(messages(&mbox).len(), 2);
    }

    #[test]
    fn too_many_messages_are_an_error() {
        let mbox = format!("{SEPARATOR}To: a\n\n").repeat(5);
        assert_eq!(index(mbox.as_bytes(), 5).expect("five are not too many").len(), 5);
        let error = index(mbox.as_bytes(), 4).expect_err("five are too many");
        assert_eq!(error.to_string(), "an mbox of over 4 messages; split it");
    }
}
