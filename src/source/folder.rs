//! Folders -> the files in them that may be messages, in path order (byte order of components), whatever order the disk has.
//!
//! The walk keeps its own stack, so no depth overflows it. Each folder is read once, and behind a symlink only if no other name leads
//! to it: neither loops nor many links to one folder multiply the work. In a Maildir (cur/ and new/ side by side) these two hold
//! messages of any name, and tmp/ what is still being delivered.

use std::collections::{HashSet, VecDeque};
use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A walk over folders and what it has met so far.
#[derive(Default)]
pub(super) struct Walk {
    /// Regular files and symlinks to them.
    pub(super) files: Vec<File>,
    /// How many files were something else: sockets, devices.
    pub(super) skipped: usize,
    /// Folders and links that could not be read.
    pub(super) errors: Vec<Error>,
    /// Whether hidden files and folders are visited.
    hidden: bool,
    stack: Vec<Entry>,
    /// Symlinks to folders, left until the folders under their own names are read.
    links: VecDeque<Folder>,
    /// Canonical paths of the folders read.
    seen: HashSet<PathBuf>,
}

impl Walk {
    /// A walk that visits hidden files and folders only if `hidden`; a hidden folder that is a Maildir is visited in any case, since
    /// Maildir++ names its folders so.
    pub(super) fn new(hidden: bool) -> Walk {
        Walk { hidden, ..Walk::default() }
    }

    /// Visits the folder at `path` and all below it but for symlinks to folders.
    pub(super) fn visit(&mut self, path: PathBuf) {
        self.visit_folder(Folder { path, mailbox: false });
    }

    /// Visits the symlinks to folders that were met.
    pub(super) fn follow(&mut self) {
        while let Some(folder) = self.links.pop_front() {
            self.visit_folder(folder);
        }
    }

    fn visit_folder(&mut self, folder: Folder) {
        self.stack.push(Entry::Folder(folder));
        while let Some(entry) = self.stack.pop() {
            match entry {
                Entry::File(file) => self.files.push(file),
                Entry::Folder(folder) => {
                    if let Err(error) = self.read(&folder) {
                        self.errors.push(Error::io(folder.path, error));
                    }
                }
            }
        }
    }

    /// Puts what is in `folder` on the stack, the first name on top.
    fn read(&mut self, folder: &Folder) -> io::Result<()> {
        if !self.seen.insert(fs::canonicalize(&folder.path)?) {
            return Ok(());
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(&folder.path)? {
            match entry {
                Ok(entry) => entries.push(entry),
                Err(error) => self.errors.push(Error::io(&folder.path, error)),
            }
        }
        entries.sort_by_cached_key(DirEntry::file_name);
        let maildir = is_maildir(&folder.path);
        let below = self.stack.len();
        for entry in entries {
            if let Err(error) = self.meet(&entry, folder.mailbox, maildir) {
                self.errors.push(Error::io(entry.path(), error));
            }
        }
        self.stack[below..].reverse();
        Ok(())
    }

    /// Puts one entry of a folder, which may be a Maildir or one of its mailboxes, where it is dealt with.
    fn meet(&mut self, entry: &DirEntry, mailbox: bool, maildir: bool) -> io::Result<()> {
        let (name, path) = (entry.file_name(), entry.path());
        if is_hidden(&name) && !self.hidden && !is_maildir(&path) {
            return Ok(());
        }
        let mut kind = entry.file_type()?;
        let link = kind.is_symlink();
        if link {
            kind = fs::metadata(&path)?.file_type();
        }
        if kind.is_file() {
            self.stack.push(Entry::File(File { path, delivered: mailbox }));
        } else if !kind.is_dir() {
            self.skipped += 1;
        } else if !(maildir && name == "tmp") {
            let folder = Folder { path, mailbox: maildir && (name == "cur" || name == "new") };
            if link {
                self.links.push_back(folder);
            } else {
                self.stack.push(Entry::Folder(folder));
            }
        }
        Ok(())
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn is_maildir(folder: &Path) -> bool {
    folder.join("cur").is_dir() && folder.join("new").is_dir()
}

/// A regular file, or a symlink to one.
pub(super) struct File {
    /// The folder as it was given, joined with the path below it.
    pub(super) path: PathBuf,
    /// Whether it lies in cur/ or new/ of a Maildir, and so is a message.
    pub(super) delivered: bool,
}

/// A folder to be read.
struct Folder {
    path: PathBuf,
    /// Whether it is cur/ or new/ of a Maildir.
    mailbox: bool,
}

/// What is still to be visited.
enum Entry {
    File(File),
    Folder(Folder),
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;
    use crate::source::tests::{MESSAGE, Temp};

    /// The names below `folder` that a walk finds, those in a Maildir's mailboxes marked by `!`.
    fn walk(folder: &Temp, hidden: bool) -> (Vec<String>, Walk) {
        let mut walk = Walk::new(hidden);
        walk.visit(folder.path(""));
        walk.follow();
        let names = walk.files.iter().map(|file| {
            let mark = if file.delivered { "!" } else { "" };
            format!("{mark}{}", folder.below(&file.path.display().to_string()))
        });
        (names.collect(), walk)
    }

    #[test]
    fn files_come_in_byte_order_of_components() {
        let folder = Temp::new("order");
        let sorted =
            ["1", "10", "2", "B/x", "a/b/y", "a/z", "a-b/x", "a.eml", "b", "b c", "\u{e9}", "中", "文/x"];
        for name in sorted.iter().rev() {
            folder.write(name, MESSAGE);
        }
        let (names, walk) = walk(&folder, false);
        assert_eq!(names, sorted);
        assert!(walk.errors.is_empty());
    }

    #[test]
    fn an_empty_folder_has_no_files() {
        let folder = Temp::new("empty");
        fs::create_dir(folder.path("below")).expect("a folder can be made");
        let (names, walk) = walk(&folder, true);
        assert!(names.is_empty() && walk.errors.is_empty() && walk.skipped == 0);
    }

    #[test]
    fn hidden_names_are_left_out_unless_asked_for() {
        let folder = Temp::new("hidden");
        for name in [".a.eml", ".b/c.eml", "d/.e/f.eml", "g.eml"] {
            folder.write(name, MESSAGE);
        }
        assert_eq!(walk(&folder, false).0, ["g.eml"]);
        assert_eq!(walk(&folder, true).0, [".a.eml", ".b/c.eml", "d/.e/f.eml", "g.eml"]);
        let mut named = Walk::new(false);
        named.visit(folder.path(".b"));
        assert_eq!(named.files.len(), 1, "a hidden folder that is named");
    }

    #[test]
    fn a_maildir_is_read_with_its_folders() {
        let folder = Temp::new("maildir");
        for name in [
            "box/cur/1:2,S",
            "box/cur/.nfs1",
            "box/new/2.host",
            "box/tmp/3",
            "box/dovecot.index",
            "box/.Sent/cur/4:2,",
            "box/.Sent/new/5",
            "box/.Sent/tmp/6",
            "box/.Sent.2025/cur/7",
            "box/.Sent.2025/new/8",
            "box/.cache/9",
            "box/plain/tmp/10",
            // One of the two is no Maildir.
            "half/cur/11",
            "half/tmp/12",
            "half/.cur/13",
        ] {
            folder.write(name, "any\n");
        }
        let want = [
            "!box/.Sent/cur/4:2,",
            "!box/.Sent/new/5",
            "!box/.Sent.2025/cur/7",
            "!box/.Sent.2025/new/8",
            "!box/cur/1:2,S",
            "box/dovecot.index",
            "!box/new/2.host",
            "box/plain/tmp/10",
            "half/cur/11",
            "half/tmp/12",
        ];
        assert_eq!(walk(&folder, false).0, want);
        let all = walk(&folder, true).0;
        assert!(all.contains(&"!box/cur/.nfs1".to_owned()) && all.contains(&"box/.cache/9".to_owned()));
        assert!(!all.iter().any(|name| name.starts_with("box/tmp/")), "what is being delivered");
    }

    #[test]
    fn links_are_followed_once_and_never_round() {
        let (folder, other) = (Temp::new("links"), Temp::new("linked"));
        folder.write("real/a.eml", MESSAGE);
        other.write("below/b.eml", MESSAGE);
        for (target, name) in [
            (folder.path("real/a.eml"), "file.eml"),
            (folder.path(""), "real/up"),
            (folder.path("real"), "again"),
            (other.path(""), "other"),
            (other.path("below"), "other2"),
            (other.path(""), "zother"),
            (folder.path("nowhere"), "dangling.eml"),
            (folder.path("round"), "round"),
            (folder.path("nowhere"), ".#lock"),
        ] {
            symlink(target, folder.path(name)).expect("a link can be made");
        }
        symlink(folder.path(""), other.path("back")).expect("a link can be made");
        let (names, walk) = walk(&folder, false);
        assert_eq!(names, ["file.eml", "real/a.eml", "other/below/b.eml"]);
        let errors: Vec<String> = walk.errors.iter().map(|error| folder.below(&error.to_string())).collect();
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(errors[0].starts_with("dangling.eml: no such file") && errors[1].starts_with("round: "));
    }

    #[test]
    fn what_is_not_a_file_is_counted() {
        let folder = Temp::new("socket");
        folder.write("a.eml", MESSAGE);
        let _socket = UnixListener::bind(folder.path("socket.eml")).expect("a socket can be made");
        let (names, walk) = walk(&folder, true);
        assert_eq!((names, walk.skipped), (vec!["a.eml".to_owned()], 1));
    }

    #[test]
    fn a_deep_tree_needs_no_stack() {
        let folder = Temp::new("deep");
        folder.write(&format!("{}a.eml", "d/".repeat(400)), MESSAGE);
        let path = folder.path("");
        let walked = std::thread::Builder::new().stack_size(128 << 10).spawn(move || {
            let mut walk = Walk::new(false);
            walk.visit(path);
            walk.files.len()
        });
        assert_eq!(walked.expect("a thread can start").join().expect("the walk does not panic"), 1);
    }

    #[test]
    fn an_unreadable_folder_does_not_end_the_walk() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Temp::new("unreadable");
        folder.write("a/b.eml", MESSAGE);
        folder.write("c.eml", MESSAGE);
        let set = |mode| fs::set_permissions(folder.path("a"), fs::Permissions::from_mode(mode));
        set(0o000).expect("permissions can be set");
        let root = fs::read_dir(folder.path("a")).is_ok();
        let (names, walk) = walk(&folder, false);
        set(0o700).expect("permissions can be set");
        // Root reads what it has no permission for.
        if root {
            assert_eq!((names.len(), walk.errors.len()), (2, 0));
        } else {
            assert_eq!((names, walk.errors.len()), (vec!["c.eml".to_owned()], 1));
        }
    }
}
