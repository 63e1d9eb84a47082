//! Paths -> raw messages: [`find`] lists what is under files, folders, Maildirs, mboxes and standard input, [`Item::read`] reads one.
//!
//! Listing keeps places, not contents, so 100,000 messages or an mbox of 5 GB cost little memory; only a stream is kept whole, up to a
//! limit. What is named is always taken; what lies in a folder is taken if it looks like a message. Failures are values in the listing:
//! the rest goes on.

mod content;
mod folder;
mod item;
mod mbox;
mod sniff;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::error::Error;
use content::Content;
pub use item::Item;
use item::Slice;

/// A stream cannot be read twice, so it is kept in memory; at most this many bytes of it.
const STREAM: usize = 256 << 20;

/// What was found under the given paths.
#[derive(Debug, Default)]
pub struct Listing {
    /// The messages, each once, in path order (byte order of the components, so neither disk nor locale matters), and by number
    /// within an mbox.
    pub items: Vec<Item>,
    /// How many files in folders were left out because they do not look like a message or are not regular files; hidden files and
    /// folders are not counted.
    pub skipped: usize,
    /// What could not be read, each with its path.
    pub errors: Vec<Error>,
}

/// Lists the messages under `paths`; `-` is standard input.
///
/// A file or pipe that is named is taken whatever it is. In a folder and all below it, a file is taken if its name ends in .eml, .mbox
/// or .mbx, if it opens like a message, or if it lies in cur/ or new/ of a Maildir; hidden names are left out, but for the folders of a
/// Maildir. With `all`, every regular file in a folder is taken, hidden ones too. A file with several mbox separators is as many
/// messages.
///
/// Blocks while standard input or a named pipe is read. A file that becomes unreadable later is an error of [`Item::read`].
pub fn find(paths: &[PathBuf], all: bool) -> Listing {
    let mut listing = Listing::default();
    let mut walk = folder::Walk::new(all);
    let mut paths = paths.to_vec();
    paths.sort();
    paths.dedup();
    for path in paths {
        if path.as_os_str() == "-" {
            listing.stream(path, io::stdin().lock(), STREAM);
            continue;
        }
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => walk.visit(path),
            Ok(metadata) if metadata.is_file() => listing.file(path, true),
            Ok(_) => match File::open(&path) {
                Ok(pipe) => listing.stream(path, pipe, STREAM),
                Err(error) => listing.errors.push(Error::io(path, error)),
            },
            Err(error) => listing.errors.push(Error::io(path, error)),
        }
    }
    walk.follow();
    listing.skipped += walk.skipped;
    listing.errors.append(&mut walk.errors);
    // Each file is opened to see what it holds, which costs about as much as judging a small message: on all threads.
    let contents: Vec<Listing> = walk
        .files
        .into_par_iter()
        .with_min_len(64)
        .fold(Listing::default, |mut found, file| {
            if file.delivered {
                found.add(&file.path, Content::Message, None);
            } else {
                found.file(file.path, all);
            }
            found
        })
        .collect();
    for mut found in contents {
        listing.items.append(&mut found.items);
        listing.errors.append(&mut found.errors);
        listing.skipped += found.skipped;
    }
    listing.items.sort_by(|a, b| a.key().cmp(&b.key()));
    listing.items.dedup_by(|a, b| a.key() == b.key());
    listing
}

impl Listing {
    /// Adds the messages of a regular file, which must look like a message unless it is `taken` in any case.
    fn file(&mut self, path: PathBuf, taken: bool) {
        match Content::of_file(&path, taken) {
            Ok(Content::Other) => self.skipped += 1,
            Ok(content) => self.add(&path, content, None),
            Err(error) => self.errors.push(Error::io(path, error)),
        }
    }

    /// Adds the messages of a stream, of which at most `limit + 1` bytes are kept.
    fn stream(&mut self, path: PathBuf, source: impl Read, limit: usize) {
        // What came before an error is dropped: half a message could pass.
        match read_stream(source, limit) {
            Ok((bytes, content)) => {
                if bytes.len() > limit {
                    let text = format!("a stream over {} MB; write it to a file and name that", limit >> 20);
                    self.errors.push(Error::io(&path, io::Error::new(io::ErrorKind::FileTooLarge, text)));
                }
                self.add(&path, content, Some(&Arc::new(bytes)));
            }
            Err(error) => self.errors.push(Error::io(path, error)),
        }
    }

    fn add(&mut self, path: &Path, content: Content, stream: Option<&Arc<Vec<u8>>>) {
        let item = |slice| Item { path: path.to_owned(), slice, stream: stream.cloned() };
        match content {
            Content::Other => {}
            Content::Message => self.items.push(item(None)),
            Content::Mailbox(messages) => {
                let slices = messages.into_iter().zip(1..).map(|(bytes, number)| Slice { number, bytes });
                self.items.extend(slices.map(|slice| item(Some(slice))));
            }
        }
    }
}

fn read_stream(source: impl Read, limit: usize) -> io::Result<(Vec<u8>, Content)> {
    let mut bytes = Vec::new();
    source.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    let content = Content::of_stream(&bytes, bytes.len() > limit)?;
    Ok((bytes, content))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A message that looks like one.
    pub(super) const MESSAGE: &str = "From: a@example.com\nTo: b@example.com\n\nhi\n";
    /// A line before it in an mbox.
    pub(super) const SEPARATOR: &str = "From a@example.com Sat Jan  3 01:05:34 1996\n";
    const PROSE: &str = "Dear all,\n\nnothing here.\n";

    /// A folder of its own for one test, removed at the end.
    pub(super) struct Temp(PathBuf);

    impl Temp {
        pub(super) fn new(name: &str) -> Temp {
            static COUNT: AtomicUsize = AtomicUsize::new(0);
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let unique = format!("presend-source-{}-{count}-{name}", std::process::id());
            let path = std::env::temp_dir().join(unique);
            fs::create_dir(&path).expect("a temporary folder can be made");
            Temp(path)
        }

        pub(super) fn path(&self, below: &str) -> PathBuf {
            self.0.join(below)
        }

        pub(super) fn write(&self, below: &str, text: &str) -> PathBuf {
            let path = self.path(below);
            fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
            fs::write(&path, text).expect("a file can be written");
            path
        }

        /// `text` without the path of the folder in front.
        pub(super) fn below(&self, text: &str) -> String {
            let folder = format!("{}/", self.0.display());
            text.strip_prefix(&folder).unwrap_or(text).to_owned()
        }

        pub(super) fn names(&self, listing: &Listing) -> Vec<String> {
            listing.items.iter().map(|item| self.below(&item.name())).collect()
        }
    }

    impl Drop for Temp {
        fn drop(&mut self) {
            // A test that failed is told about by its own panic.
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    pub(super) fn texts(listing: &Listing) -> Vec<String> {
        let read = |item: &Item| item.read(1 << 20).expect("the item can be read");
        listing.items.iter().map(|item| String::from_utf8(read(item)).expect("tests are UTF-8")).collect()
    }

    #[test]
    fn a_file_is_taken_by_what_it_is() {
        let one = format!("{SEPARATOR}{MESSAGE}");
        let two = format!("{one}\n{one}");
        let cases: [(&str, &str, &[&str], &[&str]); 18] = [
            // Name, content, what is found in a folder, what is found when it is named.
            ("a.eml", MESSAGE, &["a.eml"], &["a.eml"]),
            ("a.EML", PROSE, &["a.EML"], &["a.EML"]),
            ("empty.eml", "", &["empty.eml"], &["empty.eml"]),
            ("one.eml", &one, &["one.eml"], &["one.eml"]),
            ("two.eml", &two, &["two.eml:1", "two.eml:2"], &["two.eml:1", "two.eml:2"]),
            ("one.mbox", &one, &["one.mbox:1"], &["one.mbox:1"]),
            ("two.MBX", &two, &["two.MBX:1", "two.MBX:2"], &["two.MBX:1", "two.MBX:2"]),
            ("blank.mbox", &format!("\n{one}"), &["blank.mbox:1"], &["blank.mbox:1"]),
            ("prose.mbox", PROSE, &["prose.mbox"], &["prose.mbox"]),
            ("empty.mbox", "", &[], &[]),
            ("message", MESSAGE, &["message"], &["message"]),
            ("message.txt", MESSAGE, &["message.txt"], &["message.txt"]),
            ("Inbox", &one, &["Inbox"], &["Inbox"]),
            ("Inbox", &two, &["Inbox:1", "Inbox:2"], &["Inbox:1", "Inbox:2"]),
            ("prose.txt", PROSE, &[], &["prose.txt"]),
            ("From.txt", "From the start\nwe write: prose\n", &[], &["From.txt"]),
            ("empty", "", &[], &["empty"]),
            ("binary", "\0\u{1}\n:\n", &[], &["binary"]),
        ];
        for (name, content, found, named) in cases {
            let folder = Temp::new("take");
            let path = folder.write(name, content);
            let listing = find(&[folder.path("")], false);
            assert_eq!(folder.names(&listing), found, "{name} in a folder");
            let skipped = usize::from(found.is_empty() && name != "empty.mbox");
            assert_eq!(listing.skipped, skipped, "{name} skipped");
            assert_eq!(folder.names(&find(&[folder.path("")], true)), named, "{name} with all");
            let listing = find(&[path], false);
            assert_eq!(folder.names(&listing), named, "{name} by name");
            assert!(listing.errors.is_empty() && listing.skipped == 0, "{name} by name");
        }
    }

    #[test]
    fn each_message_is_listed_once_in_path_order() {
        let folder = Temp::new("once");
        for name in ["a/2.eml", "a/10.eml", "b.eml", "a.eml"] {
            folder.write(name, MESSAGE);
        }
        folder.write("c.mbox", &format!("{SEPARATOR}{MESSAGE}\n").repeat(11));
        let mut want: Vec<String> = ["a/10.eml", "a/2.eml", "a.eml", "b.eml"].map(str::to_owned).into();
        want.extend((1..=11).map(|number| format!("c.mbox:{number}")));
        let given = ["c.mbox", "b.eml", "a/2.eml", "a", "", "a/", "b.eml"].map(|name| folder.path(name));
        for turn in 0..given.len() {
            let mut given = given.to_vec();
            given.rotate_left(turn);
            assert_eq!(folder.names(&find(&given, false)), want, "{given:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_the_rest_goes_on() {
        let folder = Temp::new("errors");
        let gone = folder.write("gone.eml", MESSAGE);
        folder.write("here.eml", MESSAGE);
        // Opening /proc/self/mem succeeds, even for root, and reading it fails.
        let given = [folder.path("missing.eml"), folder.path(""), "/proc/self/mem".into()];
        let listing = find(&given, false);
        assert_eq!(folder.names(&listing), ["gone.eml", "here.eml"]);
        let errors: Vec<String> =
            listing.errors.iter().map(|error| folder.below(&error.to_string())).collect();
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(errors[0].starts_with("/proc/self/mem: "), "{errors:?}");
        assert_eq!(errors[1], "missing.eml: no such file or folder; check the path");
        fs::remove_file(gone).expect("a file can be removed");
        assert!(matches!(listing.items[0].read(100), Err(Error::Io { .. })));
        assert!(listing.items[1].read(100).is_ok());
    }

    #[test]
    fn a_pipe_by_name_is_a_stream() {
        let two = format!("{SEPARATOR}{MESSAGE}\n{SEPARATOR}{MESSAGE}");
        for (text, want) in [(PROSE, vec![PROSE]), (&two, vec![MESSAGE, MESSAGE]), ("", vec![""])] {
            let (pipe, mut writer) = io::pipe().expect("a pipe can be made");
            writer.write_all(text.as_bytes()).expect("a pipe can be written");
            drop(writer);
            let listing = find(&[format!("/dev/fd/{}", pipe.as_raw_fd()).into()], false);
            assert!(listing.errors.is_empty(), "{:?}", listing.errors);
            assert_eq!(texts(&listing), want);
            assert_eq!(texts(&listing), want, "read twice");
        }
    }

    #[test]
    fn a_stream_is_kept_up_to_a_limit() {
        let one = format!("{SEPARATOR}{MESSAGE}\n");
        let three = one.repeat(3);
        for (text, limit, want, errors) in [
            (MESSAGE, MESSAGE.len(), vec![("-", MESSAGE)], 0),
            // Cut: as much as shows that it was cut.
            (MESSAGE, 9, vec![("-", &MESSAGE[..10])], 1),
            (&one, one.len(), vec![("-", one.as_str())], 0),
            (&three, three.len(), vec![("-:1", MESSAGE), ("-:2", MESSAGE), ("-:3", MESSAGE)], 0),
            (&three, three.len() - 1, vec![("-:1", MESSAGE), ("-:2", MESSAGE)], 1),
        ] {
            let mut listing = Listing::default();
            listing.stream("-".into(), text.as_bytes(), limit);
            let names: Vec<String> = listing.items.iter().map(Item::name).collect();
            let found: Vec<(&str, String)> = names.iter().map(String::as_str).zip(texts(&listing)).collect();
            let want: Vec<(&str, String)> =
                want.into_iter().map(|(name, text)| (name, text.to_owned())).collect();
            assert_eq!((found, listing.errors.len()), (want, errors), "limit {limit}");
        }
    }
}
