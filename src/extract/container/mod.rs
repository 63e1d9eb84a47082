//! Files that hold files: archives, compressed files, messages and mailboxes. Each format is a file here and a line in [`READERS`].
//!
//! A reader hands on members as it meets them; how deep and how many is not its business. Names are read as their writers meant them.

pub(super) mod compound;
pub(super) mod directory;
pub(super) mod mail;
mod msg;
mod rar;
mod sevenz;
mod smime;
mod stream;
mod tar;
mod tnef;
mod zip;
mod zstd;

use super::{attached::Note, attached::Reader, reading::Reading};

/// Every reader of containers.
pub(super) const READERS: &[Reader] = &[
    zip::READER,
    tar::READER,
    stream::READER,
    sevenz::READER,
    rar::READER,
    mail::MESSAGE,
    mail::MAILBOX,
    msg::READER,
    tnef::READER,
    smime::READER,
];

/// Readers of what no other reader knows.
pub(super) const LAST: &[Reader] = &[zip::PACKAGE];

/// A name in an archive: UTF-8, or what Windows writes in China, which says nothing about it.
fn name(raw: &[u8]) -> String {
    if let Ok(name) = std::str::from_utf8(raw) {
        return name.to_owned();
    }
    let (text, had_errors) = encoding_rs::GB18030.decode_without_bom_handling(raw);
    let is_chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    if !had_errors && is_chinese { text.into_owned() } else { crate::message::text_of(raw).into_owned() }
}

/// Notes names that lead out of the archive: absolute, up, or with a drive.
fn check_path(name: &str, reading: &mut Reading<'_>) {
    let is_drive = name.as_bytes().get(1) == Some(&b':') && name.as_bytes()[0].is_ascii_alphabetic();
    if is_drive || name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..") {
        reading.note(Note::PathTrick, &[]);
    }
}

/// Little-endian numbers of a format, `None` behind the end.
fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?)).ok()
}
