//! Files built byte by byte.

use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

use crate::extract::document::reading::{Reading, Unread};

/// A zip of parts.
pub(super) fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a name");
        zip.write_all(text.as_bytes()).expect("memory");
    }
    zip.finish().expect("a zip").into_inner()
}

/// The relations of a part: id, kind, target.
pub(super) fn relations(of: &[(&str, &str, &str)]) -> String {
    let one = |(id, kind, target): &(&str, &str, &str)| {
        let outside = if target.contains("://") { " TargetMode=\"External\"" } else { "" };
        format!("<Relationship Id=\"{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\"{outside}/>")
    };
    format!("<Relationships>{}</Relationships>", of.iter().map(one).collect::<String>())
}

/// A reader of a format.
pub(super) type Read = fn(&[u8], &mut Reading<'_>) -> Result<(), Unread>;

/// Reads, and gives every piece as `kind|place|text`.
pub(super) fn read(reader: Read, bytes: &[u8]) -> (Vec<String>, Result<(), Unread>) {
    let mut reading = Reading::new();
    let result = reader(bytes, &mut reading);
    (shown(&reading), result)
}

/// Every piece as `kind|place|text`.
pub(super) fn shown(reading: &Reading<'_>) -> Vec<String> {
    let one = |piece: &crate::extract::document::reading::Piece| {
        let place = piece.sheet.iter().chain(&piece.place).cloned().collect::<Vec<_>>().join("/");
        format!("{:?}|{place}|{}", piece.kind, piece.text.trim_end())
    };
    reading.pieces.iter().map(one).collect()
}
