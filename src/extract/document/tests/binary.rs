//! Documents of 97 to 2003, in compound files.

use std::io::{Cursor, Write};

use cfb::CompoundFile;

use super::built::{read, shown, whole};
use crate::{
    extract::{
        attached::Note,
        document::{binary_sheets, doc, ppt},
    },
    message::Unread,
};

/// A compound file of streams.
fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).expect("memory");
    for (name, content) in streams {
        if let Some((storage, _)) = name.rsplit_once('/').filter(|(storage, _)| !storage.is_empty()) {
            file.create_storage_all(storage).expect("a storage");
        }
        file.create_stream(name).expect("a stream").write_all(content).expect("memory");
    }
    file.flush().expect("memory");
    file.into_inner().into_inner()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn put(bytes: &mut [u8], at: usize, value: usize) {
    bytes[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes());
}

/// A Word document: the lengths of its stories, its text, and stretches of characters that are deleted.
fn word(stories: &[(usize, &str)], deleted: Option<(usize, usize)>) -> Vec<u8> {
    const TEXT: usize = 0x400;
    let mut document = vec![0; TEXT];
    document[..4].copy_from_slice(&[0xec, 0xa5, 0xc1, 0]);
    document[0x0b] = 0x02;
    let mut text = Vec::new();
    for (at, story) in stories {
        put(&mut document, *at, story.encode_utf16().count());
        text.extend(utf16(story));
    }
    let chars = text.len() / 2;
    document.extend(&text);
    let mut table = vec![2];
    table.extend(16_u32.to_le_bytes());
    for number in [0, chars as u32] {
        table.extend(number.to_le_bytes());
    }
    table.extend([0, 0]);
    table.extend((TEXT as u32).to_le_bytes());
    table.extend([0, 0]);
    put(&mut document, 0x1a2, 0);
    put(&mut document, 0x1a6, table.len());
    if let Some((from, to)) = deleted {
        // A page of runs behind the text, in which one run is deleted.
        document.resize(document.len().next_multiple_of(512), 0);
        let number = document.len() / 512;
        let mut page = vec![0; 512];
        put(&mut page, 0, TEXT + 2 * from);
        put(&mut page, 4, TEXT + 2 * to);
        page[8] = 100;
        page[200..204].copy_from_slice(&[3, 0x00, 0x08, 1]);
        page[511] = 1;
        document.extend(page);
        put(&mut document, 0xfa, table.len());
        put(&mut document, 0xfe, 12);
        for number in [0, 0, number as u32] {
            table.extend(number.to_le_bytes());
        }
    }
    compound(&[("/WordDocument", &document), ("/1Table", &table), ("/ObjectPool/_1/Package", b"PK inner")])
}

#[test]
fn the_stories_of_a_word_document() {
    let body =
        "IBAN \u{13} HYPERLINK \"https://example.com\" \u{14}DE89\u{15} 机密\r姓名\u{7}电话\u{7}\rend\r";
    let bytes = word(&[(0x4c, body), (0x54, "CONFIDENTIAL\r"), (0x5c, "a comment\r")], None);
    let reading = whole(doc::read, &bytes);
    assert_eq!(
        shown(&reading),
        [
            "Body||IBAN DE89 机密\nend\n姓名\t电话",
            "Property|links and fields|HYPERLINK \"https://example.com\"",
            "Marked|header and footer|CONFIDENTIAL",
            "Hidden|comments|a comment"
        ]
    );
    assert_eq!(reading.members, [("_1".to_owned(), b"PK inner".to_vec())]);
}

#[test]
fn deleted_text_of_a_word_document() {
    let (pieces, _) = read(doc::read, &word(&[(0x4c, "IBAN DE89 is gone\r")], Some((5, 9))));
    assert_eq!(pieces, ["Body||IBAN  is gone", "Hidden|tracked deletion|IBAN DE89"]);
}

#[test]
fn encrypted_and_cut_documents() {
    let mut bytes = word(&[(0x4c, "x\r")], None);
    assert_eq!(read(doc::read, &compound(&[("/EncryptedPackage", b"x")])).1, Err(Unread::Encrypted));
    for end in (0..bytes.len()).step_by(64) {
        let _ = read(doc::read, &bytes[..end]);
    }
    // Offsets that lead nowhere.
    for at in (0..bytes.len()).step_by(3) {
        bytes[at] = 0xff;
        let _ = read(doc::read, &bytes);
    }
}

fn record(kind: u16, start: u16, body: &[u8]) -> Vec<u8> {
    [&start.to_le_bytes()[..], &kind.to_le_bytes(), &(body.len() as u32).to_le_bytes(), body].concat()
}

#[test]
fn slides_notes_and_earlier_versions() {
    const CONTAINER: u16 = 0xf;
    let chars = |text: &str| record(0x0fa0, 0, &utf16(text));
    let slide = |text: &str| record(0x03ee, CONTAINER, &chars(text));
    let persist_atom = [&1_u32.to_le_bytes()[..], &[0; 8], &256_u32.to_le_bytes(), &[0; 4]].concat();
    let list = [record(0x03f3, 0, &persist_atom), chars("title")].concat();
    let document = record(0x03e8, CONTAINER, &record(0x0ff0, CONTAINER, &list));
    let old = slide("old words");
    let notes = record(
        0x03f0,
        CONTAINER,
        &[record(0x03f1, 0, &256_u32.to_le_bytes()), chars("4111 1111 1111 1111")].concat(),
    );
    let mut stream = [document, old].concat();
    let present = stream.len() as u32;
    stream.extend(slide("new words"));
    stream.extend(notes);
    let directory = stream.len() as u32;
    stream.extend(record(0x1772, 0, &[(1_u32 | 1 << 20).to_le_bytes(), present.to_le_bytes()].concat()));
    let edit = stream.len() as u32;
    stream.extend(record(
        0x0ff5,
        0,
        &[0_u32.to_le_bytes(), [0; 4], [0; 4], directory.to_le_bytes()].concat(),
    ));
    let user = [&[0; 16][..], &edit.to_le_bytes()].concat();
    let bytes = compound(&[("/PowerPoint Document", &stream), ("/Current User", &user)]);
    let (pieces, result) = read(ppt::read, &bytes);
    assert_eq!(result, Ok(()));
    assert_eq!(
        pieces,
        [
            "Body|slide 1|new words\ntitle",
            "Body|slide 1, notes|4111 1111 1111 1111",
            "Hidden|earlier versions of slides|old words"
        ]
    );
}

/// A record of a workbook.
fn biff(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &(body.len() as u16).to_le_bytes(), body].concat()
}

fn workbook(cells: &[Vec<u8>], first: &[Vec<u8>]) -> Vec<u8> {
    let start = biff(0x0809, &[0, 6, 5, 0, 0xbb, 0x0d, 0xcc, 7, 0, 0, 0, 0, 6, 0, 0, 0]);
    let name = b"\x02\0S1";
    let at = start.len() + first.concat().len() + 4 + 6 + name.len() + 4;
    let sheet = [&(at as u32).to_le_bytes()[..], &[1, 0], name].concat();
    let of_sheet = biff(0x0809, &[0, 6, 16, 0, 0xbb, 0x0d, 0xcc, 7, 0, 0, 0, 0, 6, 0, 0, 0]);
    let stream = [
        start,
        first.concat(),
        biff(0x0085, &sheet),
        biff(0x000a, &[]),
        of_sheet,
        cells.concat(),
        biff(0x000a, &[]),
    ]
    .concat();
    compound(&[("/Workbook", &stream)])
}

fn number(row: u16, column: u16, value: f64) -> Vec<u8> {
    biff(0x0203, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0, 0], &value.to_le_bytes()].concat())
}

#[test]
fn cells_of_a_workbook_and_its_hidden_sheet() {
    let label = biff(0x0204, &[&[0, 0, 1, 0, 0, 0, 4, 0, 1][..], &utf16("身份证号")].concat());
    let bytes = workbook(&[label, number(1, 1, 110_101_199_003_071_000.0)], &[]);
    let reading = whole(binary_sheets::read_xls, &bytes);
    assert_eq!(shown(&reading), ["Hidden|S1|身份证号\n110101199003071000"]);
    assert_eq!(reading.pieces[0].cells[1].row, 2);
    assert_eq!(reading.notes, [(Note::LostDigits, vec!["S1!B2".to_owned()])]);
}

#[test]
fn workbooks_that_are_encrypted_or_too_wide() {
    let far = [number(0, 0, 1.0), number(65_535, 255, 1.0)];
    assert_eq!(read(binary_sheets::read_xls, &workbook(&far, &[])).1, Err(Unread::OverLimit));
    assert_eq!(
        read(binary_sheets::read_xls, &workbook(&[], &[biff(0x002f, &[0; 6])])).1,
        Err(Unread::Encrypted)
    );
    assert_eq!(read(binary_sheets::read_xls, &compound(&[("/Other", b"x")])).1, Err(Unread::Broken));
}
