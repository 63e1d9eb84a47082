//! Any bytes as an attached document -> a verdict: no panic, no endless work, no memory without bound.
//!
//! The first byte says what the rest is: a file as it stands, or the main part of an office document, which is packed here so that the
//! fuzzer changes XML and not what it is deflated to.

#![no_main]

use std::{
    io::{Cursor, Write},
    sync::LazyLock,
};

use libfuzzer_sys::fuzz_target;
use presend::{
    Filter,
    policy::Policy,
    verdict::{Detail, Envelope},
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Compiled once for all inputs.
static FILTER: LazyLock<Filter> =
    LazyLock::new(|| Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles"));

/// Names of files, and the part of a package that the input is; an empty one: the input is the file.
const KINDS: &[(&str, &str)] = &[
    ("a.pdf", ""),
    ("a.rtf", ""),
    ("a.doc", ""),
    ("a.ppt", ""),
    ("a.docx", ""),
    ("a.docx", "word/document.xml"),
    ("a.docx", "word/header1.xml"),
    ("a.xlsx", "xl/workbook.xml"),
    ("a.xlsx", "xl/worksheets/sheet1.xml"),
    ("a.xlsx", "xl/sharedStrings.xml"),
    ("a.xlsx", "xl/styles.xml"),
    ("a.xlsx", "xl/comments1.xml"),
    ("a.pptx", "ppt/slides/slide1.xml"),
    ("a.odt", "content.xml"),
    ("a.ods", "content.xml"),
    ("a.odt", "styles.xml"),
    ("a.docx", "docProps/custom.xml"),
    ("a.docx", "word/_rels/document.xml.rels"),
    ("a.xls", ""),
    ("a.xlsb", ""),
];

/// The library that reads the cells of binary workbooks panics on damage, which is caught where files are read: that is no failure. Any other panic ends the run.
fn tolerate_caught_panics() {
    let fails = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_caught = panic.location().is_some_and(|location| location.file().contains("/calamine-"));
        if !is_caught {
            fails(panic);
        }
    }));
}

/// Parts that lead to the part that is fuzzed.
const AROUND: &[(&str, &str)] = &[
    ("[Content_Types].xml", "<Types/>"),
    ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
    ("word/document.xml", "<w:document><w:body><w:p><w:r><w:t>text</w:t></w:r></w:p></w:body></w:document>"),
    (
        "word/_rels/document.xml.rels",
        "<R><Relationship Id=\"1\" Type=\"/header\" Target=\"header1.xml\"/></R>",
    ),
    ("xl/workbook.xml", "<workbook><sheets><sheet name=\"S\" r:id=\"1\"/></sheets></workbook>"),
    (
        "xl/_rels/workbook.xml.rels",
        "<R><Relationship Id=\"1\" Type=\"/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"2\" Type=\"/sharedStrings\" \
        Target=\"sharedStrings.xml\"/><Relationship Id=\"3\" Type=\"/styles\" Target=\"styles.xml\"/></R>",
    ),
    (
        "xl/worksheets/sheet1.xml",
        "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c><c s=\"0\"><v>1</v></c></row></sheetData></worksheet>",
    ),
    (
        "xl/worksheets/_rels/sheet1.xml.rels",
        "<R><Relationship Id=\"1\" Type=\"/comments\" Target=\"../comments1.xml\"/></R>",
    ),
    (
        "ppt/presentation.xml",
        "<p:presentation><p:sldIdLst><p:sldId r:id=\"1\"/></p:sldIdLst></p:presentation>",
    ),
    (
        "ppt/_rels/presentation.xml.rels",
        "<R><Relationship Id=\"1\" Type=\"/slide\" Target=\"slides/slide1.xml\"/></R>",
    ),
    ("content.xml", "<office:document-content/>"),
];

fuzz_target!(init: tolerate_caught_panics(), |input: &[u8]| {
    let Some((kind, content)) = input.split_first() else { return };
    let (name, part) = KINDS[usize::from(*kind) % KINDS.len()];
    let file = if part.is_empty() { content.to_vec() } else { package(part, content) };
    let mut message = format!(
        "Subject: x\r\nContent-Type: application/octet-stream; name={name}\r\nContent-Disposition: attachment; filename={name}\r\n\
        Content-Transfer-Encoding: base64\r\n\r\n"
    );
    base64(&file, &mut message);
    let verdict = FILTER.check(message.as_bytes(), &Envelope::default());
    assert!((0.0..=1.0).contains(&verdict.probability));
    for found in &verdict.findings {
        assert_eq!(found.span.is_some(), found.position.is_some(), "{} has half a place", found.rule.id);
    }
});

/// A package in which one part is the input, stored and not deflated.
fn package(part: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let family = part.split('/').next().unwrap_or_default();
    let is_family = |name: &str| name.starts_with('[') || name.starts_with(family) || !name.contains('/');
    let is_open = matches!(part, "content.xml" | "styles.xml");
    for (name, text) in AROUND.iter().filter(|(name, _)| *name != part && is_family(name)) {
        // A package is of one family: types make it Office Open XML, a media type OpenDocument.
        if is_open != matches!(*name, "mimetype" | "content.xml") {
            continue;
        }
        if zip.start_file(*name, options).is_ok() {
            let _ = zip.write_all(text.as_bytes());
        }
    }
    if zip.start_file(part, options).is_ok() {
        let _ = zip.write_all(content);
    }
    zip.finish().map(Cursor::into_inner).unwrap_or_default()
}

fn base64(bytes: &[u8], into: &mut String) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (index, three) in bytes.chunks(3).enumerate() {
        if index > 0 && index % 19 == 0 {
            into.push_str("\r\n");
        }
        let number =
            three.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let is_there = digit <= three.len();
            let six = (number >> (18 - 6 * digit)) & 63;
            into.push(if is_there { char::from(DIGITS[six as usize]) } else { '=' });
        }
    }
    into.push_str("\r\n");
}
