//! [`Item`]: the place of one message -> its name and its bytes, read anew each time and never more of them than asked for.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Error;

/// The most that is reserved for a file before it is read; its size is only a claim.
const RESERVE: u64 = 1 << 20;

/// One message that can be read.
#[derive(Clone, Debug)]
pub struct Item {
    /// The file, as the user would name it: the given path, joined with the path below it; "-" for standard input.
    pub path: PathBuf,
    /// Where in the file the message is; none where it is the whole file.
    pub(super) slice: Option<Slice>,
    /// What was read of a stream.
    pub(super) stream: Option<Arc<Vec<u8>>>,
}

impl Item {
    /// The name to show: `outbox/q3.eml`, `archive.mbox:17` (number of the message in an mbox, from 1), `-` for standard input.
    ///
    /// Bytes of the path that are not UTF-8 are shown as U+FFFD; control characters are left to the report.
    pub fn name(&self) -> String {
        match &self.slice {
            None => self.path.display().to_string(),
            Some(slice) => format!("{}:{}", self.path.display(), slice.number),
        }
    }

    /// The bytes of the message, cut after `limit + 1` bytes: a result longer than `limit` says that there was more.
    ///
    /// A message that is a whole file keeps an mbox separator in its first line, so that lines count as an editor counts them; a
    /// message of an mbox is without its separator.
    pub fn read(&self, limit: usize) -> Result<Vec<u8>, Error> {
        let most = limit.saturating_add(1);
        match &self.stream {
            Some(stream) => {
                let Range { start, end } = self.slice.as_ref().map_or(0..stream.len(), Slice::of_memory);
                Ok(stream[start..end.min(start.saturating_add(most))].to_vec())
            }
            None => self.read_file(most as u64).map_err(|error| Error::io(&self.path, error)),
        }
    }

    fn read_file(&self, most: u64) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        let length = match &self.slice {
            None => file.metadata()?.len(),
            Some(slice) => {
                file.seek(SeekFrom::Start(slice.bytes.start))?;
                slice.bytes.end - slice.bytes.start
            }
        };
        // A file may have grown since it was listed, or report no size at all; a message of an mbox ends where its index says.
        let most = if self.slice.is_some() { most.min(length) } else { most };
        let mut bytes = Vec::with_capacity(length.saturating_add(1).min(most).min(RESERVE) as usize);
        file.take(most).read_to_end(&mut bytes)?;
        if self.slice.is_some() && (bytes.len() as u64) < most {
            // What is left of a message could pass where the whole would not.
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "changed since it was listed; scan it again",
            ));
        }
        Ok(bytes)
    }

    /// What sorts items and tells them apart.
    pub(super) fn key(&self) -> (&Path, usize) {
        (&self.path, self.slice.as_ref().map_or(0, |slice| slice.number))
    }
}

/// Place of a message in an mbox.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    /// Number of the message, from 1.
    pub(super) number: usize,
    pub(super) bytes: Range<u64>,
}

impl Slice {
    /// The bytes as a range of a buffer; an index made of a buffer stays within it.
    fn of_memory(&self) -> Range<usize> {
        self.bytes.start as usize..self.bytes.end as usize
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt as _;

    use crate::source::find;
    use crate::source::tests::{MESSAGE, SEPARATOR, Temp, texts};

    #[test]
    fn messages_are_read_as_they_lie() {
        let folder = Temp::new("read");
        let quoted = "To: b\r\n\r\n>From me\r\n";
        folder.write("a.mbox", &format!("{SEPARATOR}{MESSAGE}\n{SEPARATOR}{quoted}"));
        folder.write("b.eml", &format!("{SEPARATOR}{MESSAGE}"));
        folder.write("c/cur/1", &format!("{SEPARATOR}{MESSAGE}\n{SEPARATOR}{MESSAGE}"));
        fs::create_dir(folder.path("c/new")).expect("a folder can be made");
        let listing = find(&[folder.path("")], false);
        assert_eq!(folder.names(&listing), ["a.mbox:1", "a.mbox:2", "b.eml", "c/cur/1"]);
        let whole = format!("{SEPARATOR}{MESSAGE}");
        let delivered = format!("{whole}\n{whole}");
        assert_eq!(texts(&listing), [MESSAGE, quoted, &whole, &delivered]);
    }

    #[test]
    fn reading_stops_one_byte_past_the_limit() {
        let folder = Temp::new("limit");
        let mbox = format!("{SEPARATOR}{MESSAGE}\n{SEPARATOR}{MESSAGE}");
        folder.write("a.eml", MESSAGE);
        folder.write("b.mbox", &mbox);
        let mut listing = find(&[folder.path("")], false);
        listing.stream("-".into(), MESSAGE.as_bytes(), 1000);
        listing.stream("-".into(), mbox.as_bytes(), 1000);
        assert_eq!(listing.items.len(), 6);
        for item in &listing.items {
            for limit in [0, 1, 10, MESSAGE.len() - 1, MESSAGE.len(), MESSAGE.len() + 1, usize::MAX] {
                let bytes = item.read(limit).expect("the item can be read");
                let want = &MESSAGE[..MESSAGE.len().min(limit.saturating_add(1))];
                assert_eq!(bytes, want.as_bytes(), "{} with limit {limit}", item.name());
            }
        }
    }

    #[test]
    fn a_mailbox_that_has_shrunk_is_an_error() {
        let folder = Temp::new("shrink");
        let path = folder.write("a.mbox", &format!("{SEPARATOR}{MESSAGE}\n{SEPARATOR}{MESSAGE}"));
        let listing = find(&[path], false);
        folder.write("a.mbox", &format!("{SEPARATOR}{MESSAGE}"));
        assert!(listing.items[0].read(100).is_ok());
        for limit in [1, 100] {
            let error = listing.items[1].read(limit).expect_err("nothing is left of it");
            assert!(error.to_string().ends_with("a.mbox: changed since it was listed; scan it again"));
        }
    }

    #[test]
    fn names_need_not_be_utf8() {
        let folder = Temp::new("bytes");
        let path = folder.path("").join(OsStr::from_bytes(b"\xB1\xA8\xB1\xED.eml"));
        fs::write(&path, MESSAGE).expect("a file can be written");
        let listing = find(&[folder.path("")], false);
        assert_eq!(listing.items[0].path, path);
        assert_eq!(folder.names(&listing), ["\u{fffd}\u{fffd}\u{fffd}\u{fffd}.eml"]);
        assert_eq!(texts(&listing), [MESSAGE]);
    }
}
