//! Where the content of a message is until it is complete: in memory, and from a size on in a file without a name.
//!
//! All messages that come in share a budget of memory; who cannot have more of it goes to the file earlier. Those that are judged have their own.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

/// Content of a message that is complete.
#[derive(Debug)]
pub(super) struct Content {
    /// What came first, if it was too much for memory, and its size.
    pub(super) file: Option<(File, usize)>,
    /// The rest, or all.
    pub(super) rest: Vec<u8>,
    /// Its share of the budget.
    pub(super) share: Share,
}

impl Content {
    /// All bytes in order, and their share of the memory, to be kept as long as they are.
    pub(super) fn read(self) -> io::Result<(Vec<u8>, Share)> {
        let Some((mut file, size)) = self.file else { return Ok((self.rest, self.share)) };
        let mut bytes = Vec::with_capacity(size + self.rest.len());
        bytes.resize(size, 0);
        file.seek(SeekFrom::Start(0))?;
        file.read_exact(&mut bytes)?;
        bytes.extend_from_slice(&self.rest);
        Ok((bytes, self.share))
    }
}

/// Appends to a file in `folder` that has no name any more; makes it first where there is none.
pub(super) fn append(file: Option<(File, usize)>, bytes: &[u8], folder: &Path) -> io::Result<(File, usize)> {
    let (mut file, size) = match file {
        Some(spooled) => spooled,
        None => (unnamed(folder)?, 0),
    };
    file.write_all(bytes)?;
    Ok((file, size + bytes.len()))
}

fn unnamed(folder: &Path) -> io::Result<File> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("presend-{}-{number}", process::id()));
        match OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => {
                fs::remove_file(&path)?;
                return Ok(file);
            }
            // Somebody else's; never written to.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// Memory that messages share.
#[derive(Debug)]
pub(super) struct Memory {
    used: AtomicUsize,
    limit: usize,
}

impl Memory {
    pub(super) fn new(limit: usize) -> Arc<Memory> {
        Arc::new(Memory { used: AtomicUsize::new(0), limit })
    }

    /// Bytes in use.
    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

/// A share of the memory, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    of: Arc<Memory>,
    bytes: usize,
}

impl Share {
    /// A share of nothing.
    pub(super) fn new(of: &Arc<Memory>) -> Share {
        Share { of: Arc::clone(of), bytes: 0 }
    }

    /// Makes the share so large, if there is room; smaller is always possible.
    pub(super) fn resize(&mut self, bytes: usize) -> bool {
        if bytes <= self.bytes {
            self.of.used.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
            self.bytes = bytes;
            return true;
        }
        let more = bytes - self.bytes;
        let grown = self.of.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(more).filter(|sum| *sum <= self.of.limit)
        });
        if grown.is_ok() {
            self.bytes = bytes;
        }
        grown.is_ok()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.resize(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spooled_comes_back_in_order() {
        let folder = std::env::temp_dir();
        let memory = Memory::new(100);
        let file = append(None, b"one ", &folder).expect("written");
        let file = append(Some(file), b"two ", &folder).expect("written");
        let content = Content { file: Some(file), rest: b"three".to_vec(), share: Share::new(&memory) };
        assert_eq!(content.read().expect("read").0, b"one two three");
        let left = fs::read_dir(&folder).expect("a folder").flatten().filter(|entry| {
            entry.file_name().to_string_lossy().starts_with(&format!("presend-{}-", process::id()))
        });
        assert_eq!(left.count(), 0, "the file has a name");
    }

    #[test]
    fn memory_is_given_back_and_never_over_the_limit() {
        let memory = Memory::new(100);
        let (mut one, mut other) = (Share::new(&memory), Share::new(&memory));
        assert!(one.resize(60) && other.resize(40) && !other.resize(41) && !one.resize(usize::MAX));
        assert_eq!(memory.used(), 100);
        assert!(one.resize(10));
        drop(other);
        assert_eq!(memory.used(), 10);
        drop(one);
        assert_eq!(memory.used(), 0);
    }
}
