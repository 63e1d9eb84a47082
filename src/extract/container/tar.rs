//! Tar archives: POSIX, GNU and PAX. Links and devices hold no content; their names are read.

use std::io::Cursor;

use super::{check_path, name};
use crate::{
    extract::{attached::Reader, reading::Reading},
    message::Unread,
};

pub(super) const READER: Reader = Reader { knows: |head| head.format.id == "tar", read };

fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut archive = tar::Archive::new(Cursor::new(bytes));
    let entries = archive.entries().map_err(|_| Unread::Broken)?;
    for entry in entries {
        // Behind a broken header nothing can be found.
        let mut entry = entry.map_err(|_| Unread::Broken)?;
        if reading.is_spent() {
            return Err(Unread::OverLimit);
        }
        let name = name(&entry.path_bytes());
        check_path(&name, reading);
        if !entry.header().entry_type().is_file() && !entry.header().entry_type().is_gnu_sparse() {
            continue;
        }
        // A sparse member takes less than its size.
        let packed =
            entry.header().entry_size().map_or(0, |size| usize::try_from(size).unwrap_or(usize::MAX));
        let packed = packed.min(bytes.len());
        match reading.unpack(&mut entry, packed) {
            (content, Ok(())) => reading.member(&name, content),
            (content, Err(reason)) => reading.broken_member(&name, content, reason),
        }
    }
    Ok(())
}
