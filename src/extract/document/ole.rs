//! Objects that are embedded in documents: a compound file around the file that was put in, or the file as it is.
//!
//! MS-OLEDS 2.3.6 (`Ole10Native`); the storages of Word, Excel and PowerPoint are themselves files of their kind.

use std::io::{Cursor, Read, Write};

use crate::extract::reading::Reading;
use cfb::CompoundFile;

/// First bytes of a compound file.
pub(super) const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Entries of a compound file that are looked at.
const MOST_OBJECTS: usize = 10_000;

/// Hands on what an embedded object holds, `name` being the part that holds it.
pub(super) fn embedded(name: &str, bytes: Vec<u8>, reading: &mut Reading<'_>) {
    let short = name.rsplit('/').next().unwrap_or(name);
    if !bytes.starts_with(MAGIC) {
        return reading.member(short, bytes);
    }
    let Ok(mut file) = CompoundFile::open(Cursor::new(bytes.as_slice())) else {
        return reading.member(short, bytes);
    };
    if let Some(native) = stream(&mut file, "/\u{1}Ole10Native", reading) {
        return packed(short, native.get(4..).unwrap_or_default(), reading);
    }
    for inner in ["/Package", "/CONTENTS", "/EmbeddedOdf"] {
        if let Some(content) = stream(&mut file, inner, reading) {
            return reading.member(short, content);
        }
    }
    drop(file);
    reading.member(short, bytes);
}

/// Hands on the file in the body of an `Ole10Native` stream, or the body where there is none in it.
pub(super) fn packed(name: &str, bytes: &[u8], reading: &mut Reading<'_>) {
    match native_file(bytes) {
        Some((own, content)) => reading.member(own.as_deref().unwrap_or(name), content.to_vec()),
        None => reading.member(name, bytes.to_vec()),
    }
}

/// A stream of a compound file, within the budget.
pub(super) fn stream(
    file: &mut CompoundFile<Cursor<&[u8]>>,
    name: &str,
    reading: &mut Reading<'_>,
) -> Option<Vec<u8>> {
    if !file.is_stream(name) {
        return None;
    }
    let most = reading.bytes_left();
    let mut bytes = Vec::new();
    // What a damaged chain gives before it breaks is read.
    let _ = file.open_stream(name).ok()?.take(most as u64).read_to_end(&mut bytes);
    reading.spend(bytes.len());
    Some(bytes)
}

/// Hands on the objects within a compound file: packed files, and storages that are files of office programs.
pub(super) fn objects(file: &mut CompoundFile<Cursor<&[u8]>>, reading: &mut Reading<'_>) {
    let inner: Vec<(String, bool)> = file
        .walk()
        .filter(|entry| entry.path().components().count() > 2)
        .filter_map(|entry| Some((entry.path().to_str()?.to_owned(), entry.is_stream())))
        .take(MOST_OBJECTS)
        .collect();
    for (path, _) in inner.iter().filter(|(_, is_stream)| *is_stream) {
        let (storage, name) = path.rsplit_once('/').unwrap_or(("", path));
        let of = storage.rsplit('/').next().unwrap_or(storage);
        match name {
            "\u{1}Ole10Native" => {
                if let Some(native) = stream(file, path, reading) {
                    packed(of, native.get(4..).unwrap_or_default(), reading);
                }
            }
            "Package" | "CONTENTS" | "EmbeddedOdf" => {
                if let Some(content) = stream(file, path, reading) {
                    reading.member(of, content);
                }
            }
            "WordDocument" | "Workbook" | "Book" | "PowerPoint Document" => {
                if let Some(content) = as_file(file, storage, &inner, reading) {
                    reading.member(of, content);
                }
            }
            _ => {}
        }
    }
}

/// A storage as a file of its own.
fn as_file(
    file: &mut CompoundFile<Cursor<&[u8]>>,
    storage: &str,
    inner: &[(String, bool)],
    reading: &mut Reading<'_>,
) -> Option<Vec<u8>> {
    let mut own = CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    for (path, is_stream) in inner {
        let Some(name) = path.strip_prefix(storage).filter(|name| name.starts_with('/')) else { continue };
        if *is_stream {
            let content = stream(file, path, reading)?;
            own.create_stream(name).ok()?.write_all(&content).ok()?;
        } else {
            own.create_storage_all(name).ok()?;
        }
    }
    own.flush().ok()?;
    Some(own.into_inner().into_inner())
}

/// Name and content of the file in an `Ole10Native` stream, behind its size.
fn native_file(bytes: &[u8]) -> Option<(Option<String>, &[u8])> {
    // Two bytes of flags, label, original path, four bytes, temporary path with its length, size of the content.
    let mut rest = bytes.get(2..)?;
    let label = zero_terminated(&mut rest)?;
    let _path = zero_terminated(&mut rest)?;
    rest = rest.get(4..)?;
    let length = u32::from_le_bytes(rest.get(..4)?.try_into().ok()?) as usize;
    rest = rest.get(4..)?.get(length..)?;
    let size = u32::from_le_bytes(rest.get(..4)?.try_into().ok()?) as usize;
    let content = rest.get(4..)?;
    let content = content.get(..size).unwrap_or(content);
    let (label, _, _) = encoding_rs::GBK.decode(label);
    let name = label.rsplit(['\\', '/']).next().map(str::to_owned).filter(|name| !name.trim().is_empty());
    Some((name, content))
}

fn zero_terminated<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let end = memchr::memchr(0, rest)?;
    let (text, after) = rest.split_at(end);
    *rest = &after[1..];
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_file_has_its_name_and_content() {
        let mut bytes = vec![0; 2];
        bytes.extend(b"list.csv\0C:\\tmp\\list.csv\0\0\0\x03\0\x02\0\0\0x\0\x03\0\0\0abc");
        let (name, content) = native_file(&bytes).expect("a packed file");
        assert_eq!((name.as_deref(), content), (Some("list.csv"), b"abc".as_slice()));
        assert!(native_file(&bytes[..20]).is_none());
    }
}
