//! Files built byte by byte.

use std::{
    io::{Cursor, Write},
    sync::Arc,
};

use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    extract::{
        attached::{Carried, Note, Piece, Work},
        reading::Reading,
    },
    message::{Limits, Unread},
};

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
        format!(
            "<Relationship Id=\"{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\"{outside}/>"
        )
    };
    format!("<Relationships>{}</Relationships>", of.iter().map(one).collect::<String>())
}

/// A reader of a format.
pub(super) type Read = fn(&[u8], &mut Reading<'_>) -> Result<(), Unread>;

/// What a reader gave.
pub(super) struct Outcome {
    pub(super) pieces: Vec<Piece>,
    pub(super) members: Vec<(String, Vec<u8>)>,
    pub(super) notes: Vec<(Note, Vec<String>)>,
    pub(super) unread: Vec<(Vec<String>, Unread)>,
    pub(super) result: Result<(), Unread>,
}

/// Reads a file with one reader and nothing else.
pub(super) fn outcome(reader: Read, bytes: &[u8]) -> Outcome {
    opened(reader, bytes, &[])
}

/// Reads a file of a message in which these passwords stand.
pub(super) fn opened(reader: Read, bytes: &[u8], passwords: &[&str]) -> Outcome {
    let mut work = Work::new(&Limits::default(), Arc::default());
    work.kept = Some(Vec::new());
    work.passwords = passwords.iter().map(|&password| password.to_owned()).collect();
    let file = work.file(&Carried { name: "file", ..Carried::default() }, bytes);
    let mut reading = Reading::new(&mut work, file);
    let result = reader(bytes, &mut reading);
    let pieces = std::mem::take(&mut reading.pieces);
    let notes = work.notes.iter().filter(|noted| noted.note != Note::Misnamed);
    Outcome {
        pieces,
        notes: notes.map(|noted| (noted.note, noted.place[1..].to_vec())).collect(),
        unread: work.not_inspected.iter().map(|one| (one.place[1..].to_vec(), one.reason)).collect(),
        members: work.kept.unwrap_or_default(),
        result,
    }
}

/// Reads a file that can be read whole.
pub(super) fn whole(reader: Read, bytes: &[u8]) -> Outcome {
    let outcome = outcome(reader, bytes);
    assert_eq!(outcome.result, Ok(()));
    outcome
}

/// Reads, and gives every piece as `kind|place|text`.
pub(super) fn read(reader: Read, bytes: &[u8]) -> (Vec<String>, Result<(), Unread>) {
    let outcome = outcome(reader, bytes);
    (shown(&outcome), outcome.result)
}

/// Every piece as `kind|place|text`.
pub(super) fn shown(outcome: &Outcome) -> Vec<String> {
    let one = |piece: &Piece| {
        let place = piece.sheet.iter().chain(&piece.place).cloned().collect::<Vec<_>>().join("/");
        format!("{:?}|{place}|{}", piece.kind, piece.text.trim_end())
    };
    outcome.pieces.iter().map(one).collect()
}

/// A PDF of numbered objects from 1, of which the first is the catalog; `trailer` adds to its trailer.
pub(super) fn pdf(objects: &[String], trailer: &str) -> Vec<u8> {
    let (mut file, mut offsets) = (b"%PDF-1.7\n".to_vec(), Vec::new());
    for (at, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    let xref = file.len();
    let count = objects.len() + 1;
    file.extend(format!("xref\n0 {count}\n0000000000 65535 f \n").bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    file.extend(
        format!("trailer\n<< /Size {count} /Root 1 0 R {trailer} >>\nstartxref\n{xref}\n%%EOF\n").bytes(),
    );
    file
}

/// A stream object.
pub(super) fn stream(entries: &str, content: &str) -> String {
    format!("<< {entries} /Length {} >>\nstream\n{content}\nendstream", content.len())
}
