//! Compound files (MS-CFB): what kind of document or message one is, by the streams in it.

use std::io::Cursor;

use cfb::CompoundFile;

/// Streams and storages in the root, and the format that each tells. Encryption goes first: it wraps any of them.
const KINDS: &[(&str, &str)] = &[
    ("EncryptedPackage", "office-encrypted"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
    ("VisioDocument", "vsd"),
];

/// The format of a compound file; `None` where it is none of those.
pub(in crate::extract) fn kind(bytes: &[u8]) -> Option<&'static str> {
    let file = CompoundFile::open(Cursor::new(bytes)).ok()?;
    KINDS.iter().find(|(name, _)| file.exists(format!("/{name}"))).map(|(_, id)| *id)
}
