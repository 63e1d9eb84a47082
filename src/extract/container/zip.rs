//! Zip archives, both views of them: what the directory lists, and members that it does not, which some programs show all the same.
//!
//! APPNOTE 4.3. Encrypted members (ZipCrypto, AES) are tried with the passwords of the message.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
};

use flate2::read::DeflateDecoder;
use zip::{ZipArchive, read::ZipFile};

use super::{
    check_path,
    directory::{self, Local},
    name,
};
use crate::{
    extract::{
        attached::{Note, Piece, PieceKind, Reader},
        reading::Reading,
    },
    message::Unread,
};

pub(super) const READER: Reader = Reader { knows: |head| head.format.id == "zip", read };

/// Encrypted members on which all passwords are tried; where none opens these, none opens the rest.
const TRIED: usize = 3;

type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut covered = Vec::new();
    let mut names = BTreeSet::new();
    let opened = ZipArchive::new(Cursor::new(bytes));
    let is_listed = opened.is_ok();
    if let Ok(mut archive) = opened {
        reading.piece(Piece {
            text: name(archive.comment()),
            kind: PieceKind::Property,
            place: vec!["comment".into()],
            ..Piece::default()
        });
        let mut passwords = Passwords { words: reading.passwords(), failed: 0 };
        for index in 0..archive.len() {
            if reading.is_spent() {
                reading.over_limit();
                return Ok(());
            }
            let Ok(entry) = Entry::of(&mut archive, index, bytes) else {
                reading.unread(&[], Unread::Broken);
                continue;
            };
            covered.push(entry.start..entry.end);
            if !names.insert(entry.name.clone()) {
                reading.note(Note::Duplicate, &[&entry.name]);
            }
            check_path(&entry.name, reading);
            if entry.disagrees {
                reading.note(Note::TwoViews, &[&entry.name]);
            }
            if !entry.is_dir {
                passwords.read(&mut archive, index, &entry, reading);
            }
            // What the member says of itself may unpack to something else.
            if entry.disagrees
                && let Some(local) = directory::local(bytes, entry.start)
            {
                hidden(bytes, &local, bytes.len(), reading);
            }
        }
        if archive.is_empty() && !bytes.starts_with(b"PK\x05\x06") {
            reading.unread(&[], Unread::Broken);
        }
    }
    let found = unlisted(bytes, &covered, &names, is_listed, reading);
    if is_listed || found { Ok(()) } else { Err(Unread::Broken) }
}

/// A member as the directory lists it.
struct Entry {
    name: String,
    /// Where its header stands, and where its content ends.
    start: usize,
    end: usize,
    packed: usize,
    size: u64,
    is_dir: bool,
    is_encrypted: bool,
    /// Whether its own header says another name or packing.
    disagrees: bool,
}

impl Entry {
    fn of(archive: &mut Archive<'_>, index: usize, bytes: &[u8]) -> Result<Entry, ()> {
        let file = archive.by_index_raw(index).map_err(drop)?;
        let start = usize::try_from(file.header_start()).map_err(drop)?;
        let packed = usize::try_from(file.compressed_size()).unwrap_or(usize::MAX);
        let name = name(file.name_raw());
        let local = directory::local(bytes, start);
        let content = local.as_ref().map_or(start, |local| local.content);
        // AES is a method around the real one, which only the directory names after reading.
        let disagrees = local.is_some_and(|local| {
            let method = method(&file);
            local.name != name || (method.is_some_and(|method| method != local.method) && local.method != 99)
        });
        Ok(Entry {
            start,
            end: content.saturating_add(packed).min(bytes.len()),
            packed,
            size: file.size(),
            is_dir: file.is_dir(),
            is_encrypted: file.encrypted(),
            disagrees,
            name,
        })
    }
}

/// The number of a member's packing, of those that are common.
fn method(file: &ZipFile<'_, Cursor<&[u8]>>) -> Option<usize> {
    match file.compression() {
        zip::CompressionMethod::Stored => Some(0),
        zip::CompressionMethod::Deflated => Some(8),
        _ => None,
    }
}

/// Passwords to try on members.
struct Passwords {
    /// The one that worked last goes first.
    words: Vec<String>,
    /// Members that none opened.
    failed: usize,
}

impl Passwords {
    /// Reads a member.
    fn read(&mut self, archive: &mut Archive<'_>, index: usize, entry: &Entry, reading: &mut Reading<'_>) {
        let read = |file: Result<ZipFile<'_, _>, zip::result::ZipError>, reading: &mut Reading<'_>| match file
        {
            Ok(mut file) => reading.unpack(&mut file, entry.packed),
            Err(_) => (Vec::new(), Err(Unread::Broken)),
        };
        if !entry.is_encrypted {
            let (bytes, result) = read(archive.by_index(index), reading);
            match result {
                Ok(()) => reading.member(&entry.name, bytes),
                Err(reason) => reading.broken_member(&entry.name, bytes, reason),
            }
            return;
        }
        let tried = if self.failed < TRIED { self.words.len() } else { 0 };
        for at in 0..tried {
            let word = self.words[at].clone();
            for password in spellings(&word) {
                let (bytes, result) = read(archive.by_index_decrypt(index, &password), reading);
                if result.is_ok() {
                    self.words.swap(0, at);
                    self.failed = 0;
                    reading.opened_with_password();
                    reading.member(&entry.name, bytes);
                    return;
                }
            }
        }
        self.failed += 1;
        reading.closed_member(&entry.name, entry.size, Unread::Encrypted);
    }
}

/// A password as programs write it: UTF-8, or the charset of Chinese Windows.
fn spellings(word: &str) -> Vec<Vec<u8>> {
    let utf8 = word.as_bytes().to_vec();
    if word.is_ascii() {
        return vec![utf8];
    }
    vec![utf8, encoding_rs::GBK.encode(word).0.into_owned()]
}

/// Reads members that the directory does not list; whether there are any.
fn unlisted(
    bytes: &[u8],
    covered: &[std::ops::Range<usize>],
    names: &BTreeSet<String>,
    is_listed: bool,
    reading: &mut Reading<'_>,
) -> bool {
    // Content that is stored may hold a zip: only what stands outside of all content is a member.
    let mut ends: BTreeMap<usize, usize> = BTreeMap::new();
    for range in covered {
        let end = ends.entry(range.start).or_default();
        *end = (*end).max(range.end);
    }
    let (mut found, mut upto) = (false, 0);
    let mut known = ends.iter().peekable();
    for local in directory::locals(bytes) {
        while let Some((_, end)) = known.next_if(|(start, _)| **start <= local.start) {
            upto = upto.max(*end);
        }
        if local.start < upto || ends.contains_key(&local.start) {
            continue;
        }
        if reading.is_spent() {
            reading.over_limit();
            return true;
        }
        let next = known.peek().map_or(bytes.len(), |(start, _)| **start);
        if is_listed {
            let note = if names.contains(&local.name) { Note::Duplicate } else { Note::TwoViews };
            reading.note(note, &[&local.name]);
        }
        check_path(&local.name, reading);
        upto = upto.max(hidden(bytes, &local, next, reading));
        found = true;
    }
    found
}

/// Reads a member by its own header; where its content ends. `next`: where at the latest.
fn hidden(bytes: &[u8], local: &Local, next: usize, reading: &mut Reading<'_>) -> usize {
    let is_encrypted = local.flags & 1 != 0;
    let end = local.content.saturating_add(local.packed).min(bytes.len());
    let room = &bytes[local.content..next.max(local.content).min(bytes.len())];
    let (content, result, end) = match (local.method, is_encrypted) {
        (_, true) => {
            reading.closed_member(&local.name, local.unpacked as u64, Unread::Encrypted);
            return end;
        }
        // Directories.
        (0, _) if local.name.ends_with('/') => return end,
        (0, _) => (room.get(..local.packed).unwrap_or(room).to_vec(), Ok(()), end),
        (8, _) => {
            let mut decoder = DeflateDecoder::new(room);
            let (content, result) = reading.unpack(&mut decoder, room.len());
            let read = usize::try_from(decoder.total_in()).unwrap_or(room.len());
            (content, result, local.content + read)
        }
        _ => {
            reading.closed_member(&local.name, local.unpacked as u64, Unread::Archive);
            return end;
        }
    };
    match result {
        Ok(()) => reading.member(&local.name, content),
        Err(reason) => reading.broken_member(&local.name, content, reason),
    }
    end
}
