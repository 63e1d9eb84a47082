//! 7z archives. Encrypted ones, with or without their names, are tried with the passwords of the message.

use std::io::{self, Cursor};

use sevenz_rust2::{ArchiveReader, EncoderMethod, Error, Password};

use super::{check_path, stream::MEMORY};
use crate::{
    extract::{attached::Reader, reading::Reading},
    message::Unread,
};

pub(super) const READER: Reader = Reader { knows: |head| head.format.id == "7z", read };

/// Passwords that are tried: each costs half a million hashes, and an archive may ask for more.
const TRIED: usize = 4;

type Archive<'b> = ArchiveReader<Cursor<&'b [u8]>>;

fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut closed = match open(bytes, "") {
        Ok(archive) if !is_encrypted(&archive) => return members(archive, bytes.len(), false, reading),
        Ok(archive) => Some(archive),
        Err(Unread::Encrypted) => None,
        Err(other) => return Err(other),
    };
    for word in reading.passwords().iter().take(TRIED) {
        if reading.is_spent() {
            return Err(Unread::OverLimit);
        }
        let Ok(archive) = open(bytes, word) else { continue };
        match members(archive, bytes.len(), true, reading) {
            Err(Unread::Encrypted) => {}
            result => return result,
        }
    }
    for entry in closed.iter_mut().flat_map(|archive| archive.archive().files.iter()) {
        if !entry.is_directory {
            reading.closed_member(&entry.name, entry.size, Unread::Encrypted);
        }
    }
    Err(Unread::Encrypted)
}

fn open<'b>(bytes: &'b [u8], password: &str) -> Result<Archive<'b>, Unread> {
    let password = if password.is_empty() { Password::empty() } else { Password::new(password) };
    ArchiveReader::new_with_memory_limit(Cursor::new(bytes), password, MEMORY as usize).map_err(|error| {
        match error {
            Error::PasswordRequired | Error::MaybeBadPassword(_) => Unread::Encrypted,
            Error::MaxMemLimited { .. } => Unread::OverLimit,
            _ => Unread::Broken,
        }
    })
}

fn is_encrypted(archive: &Archive<'_>) -> bool {
    let mut coders = archive.archive().blocks.iter().flat_map(|block| block.coders.iter());
    coders.any(|coder| coder.encoder_method_id() == EncoderMethod::ID_AES256_SHA256)
}

/// Reads all members; `is_tried`: with a password that may be wrong, which shows in the first.
fn members(
    mut archive: Archive<'_>,
    packed: usize,
    is_tried: bool,
    reading: &mut Reading<'_>,
) -> Result<(), Unread> {
    let mut outcome = Ok(());
    let mut is_open = !is_tried;
    let result = archive.for_each_entries(|entry, content| {
        if entry.is_directory {
            return Ok(true);
        }
        if reading.is_spent() {
            outcome = Err(Unread::OverLimit);
            return Err(stop());
        }
        check_path(&entry.name, reading);
        let (bytes, result) = reading.unpack(content, packed);
        match result {
            Ok(()) => {
                if !is_open {
                    is_open = true;
                    reading.opened_with_password();
                }
                reading.member(&entry.name, bytes);
                Ok(true)
            }
            Err(_) if !is_open => Err(stop()),
            Err(reason) => {
                reading.broken_member(&entry.name, bytes, reason);
                outcome = Err(reason);
                Err(stop())
            }
        }
    });
    match (result, outcome) {
        _ if !is_open => Err(Unread::Encrypted),
        (_, Err(reason)) => Err(reason),
        (Ok(()), Ok(())) => Ok(()),
        (Err(Error::MaxMemLimited { .. }), _) => Err(Unread::OverLimit),
        (Err(_), _) => Err(Unread::Broken),
    }
}

/// Ends the reading of an archive.
fn stop() -> Error {
    Error::from(io::Error::from(io::ErrorKind::Other))
}
