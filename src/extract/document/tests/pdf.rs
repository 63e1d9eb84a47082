//! PDF files.

use lopdf::{Document, EncryptionState, EncryptionVersion, Object, Permissions};

use super::built::{opened, pdf, read, shown, stream, whole};
use crate::{
    extract::{attached::Note, document::pdf as reader},
    message::Unread,
};

const HELVETICA: &str = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";

/// A file of one page with this content and these fonts, and more objects from 6 on.
fn one_page(content: &str, fonts: &str, catalog: &str, page: &str, more: &[String]) -> Vec<u8> {
    let mut objects = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>"),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 600 800] >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << {fonts} >> /XObject << /X 6 0 R >> >> {page} >>"
        ),
        stream("", content),
        HELVETICA.to_owned(),
    ];
    objects.extend(more.iter().cloned());
    pdf(&objects, "")
}

fn text(content: &str, fonts: &str, more: &[String]) -> String {
    let (pieces, _) = read(reader::read, &one_page(content, fonts, "", "", more));
    pieces.first().cloned().unwrap_or_default().replace("Body|page 1|", "")
}

#[test]
fn strings_become_words_and_lines() {
    let content = "BT /F1 12 Tf 100 700 Td (Card) Tj 30 0 Td (number) Tj 120 0 Td (4111) Tj 0 -14 Td [(next) -300 (line) 20 (s)] TJ ET \
        BT /F1 12 Tf 1 0 0 1 100 600 Tm (b) Tj (old) Tj 1 0 0 1 100.3 600 Tm (b) Tj (old) Tj ET";
    assert_eq!(text(content, "/F1 5 0 R", &[]), "Card number\t4111\nnext lines\nbold");
}

#[test]
fn fonts_that_are_not_in_the_file_have_their_characters() {
    let composite = |encoding: &str, ordering: &str, more: &str| {
        format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /STSong /Encoding /{encoding} {more} /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 \
            /CIDSystemInfo << /Registry (Adobe) /Ordering ({ordering}) /Supplement 2 >> >>] >>"
        )
    };
    let map = stream(
        "",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfchar <0005> <673A> endbfchar",
    );
    for (encoding, ordering, more, codes, want) in [
        ("UniGB-UCS2-H", "GB1", "", "673a5bc6", "机密"),
        ("GBK-EUC-H", "GB1", "", "bbfac3dc", "机密"),
        ("UniJIS-UTF16-H", "Japan1", "", "65e5672c", "日本"),
        ("Identity-H", "GB1", "", "11cf", "中"),
        ("Identity-H", "Identity", "/ToUnicode 7 0 R", "0005", "机"),
    ] {
        let more = [composite(encoding, ordering, more), map.clone()];
        let content = format!("BT /F1 12 Tf 100 700 Td <{codes}> Tj ET");
        assert_eq!(text(&content, "/F1 6 0 R", &more), want, "{encoding} {ordering}");
    }
}

#[test]
fn forms_notes_bookmarks_labels_and_files_are_read() {
    let more = [
        "<< /T (id) /TU (身份) /V (110101199003071233) /FT /Tx >>".replace("身份", "ID number"),
        "<< /Subtype /Text /Contents (a note) >>".to_owned(),
        "<< /First 9 0 R >>".to_owned(),
        "<< /Title (Chapter) /Next 9 0 R >>".to_owned(),
        "<< /Type /Filespec /UF (list.csv) /EF << /F 11 0 R >> >>".to_owned(),
        stream("/Type /EmbeddedFile", "a,b"),
        "<< /MSIP_Label_1_Name (Confidential) /Producer (x) >>".to_owned(),
        stream("/Subtype /Form", "BT /F1 9 Tf (APPROVED) Tj ET"),
        "<< /Subtype /Stamp /AP << /N 13 0 R >> >>".to_owned(),
    ];
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] >> /Outlines 8 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Annots [7 0 R 14 0 R] /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        stream("", "BT /F1 12 Tf (words) Tj ET"),
        HELVETICA.to_owned(),
    ];
    objects.extend(more);
    objects[12] =
        stream("/Subtype /Form /Resources << /Font << /F1 5 0 R >> >>", "BT /F1 9 Tf (APPROVED) Tj ET");
    let reading = whole(reader::read, &pdf(&objects, "/Info 12 0 R"));
    assert_eq!(
        shown(&reading),
        [
            "Body|page 1|words",
            "Hidden|page 1, annotations|a note\nAPPROVED",
            "Body|form fields|ID number: 110101199003071233",
            "Property|bookmarks|Chapter",
            "Property|properties|Sensitivity label: Confidential"
        ]
    );
    assert_eq!(reading.members, [("list.csv".to_owned(), b"a,b".to_vec())]);
}

#[test]
fn a_page_that_is_a_picture_is_not_read() {
    let image = [stream("/Subtype /Image /Width 1 /Height 1", "x")];
    let bytes = one_page("q 600 0 0 800 0 0 cm /X Do Q", "/F1 5 0 R", "", "", &image);
    let reading = whole(reader::read, &bytes);
    assert_eq!(reading.unread, [(vec!["page 1".to_owned()], Unread::ImageOnly)]);
    assert!(reading.pieces.is_empty());
}

#[test]
fn glyphs_without_meaning_are_not_read() {
    let font = "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [<< /CIDSystemInfo << /Ordering (Identity) >> >>] >>";
    let bytes = one_page("BT /F1 9 Tf <00010002> Tj ET", "/F1 6 0 R", "", "", &[font.to_owned()]);
    let reading = whole(reader::read, &bytes);
    assert_eq!(reading.unread, [(vec!["page 1".to_owned()], Unread::Broken)]);
}

#[test]
fn circles_and_garbage_end() {
    let form = [stream(
        "/Subtype /Form /Resources << /XObject << /X 6 0 R >> /Font << /F1 5 0 R >> >>",
        "BT /F1 9 Tf (once) Tj ET /X Do",
    )];
    assert_eq!(text("/X Do /X Do", "/F1 5 0 R", &form), "once");
    assert_eq!(text(") >> ] } BT /F1 9 Tf ( ) ' (kept) Tj", "/F1 5 0 R", &[]).trim(), "kept");
    let circle = pdf(
        &[
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [2 0 R 2 0 R] /Parent 2 0 R >>".to_owned(),
        ],
        "",
    );
    assert_eq!(read(reader::read, &circle).1, Err(Unread::Broken));
    assert_eq!(read(reader::read, b"%PDF-1.4 nothing").1, Err(Unread::Broken));
    let whole = one_page("BT /F1 9 Tf (words) Tj ET", "/F1 5 0 R", "", "", &[]);
    for end in (0..whole.len()).step_by(7) {
        let _ = read(reader::read, &whole[..end]);
    }
}

#[test]
fn encrypted_files_open_with_a_password_of_the_message() {
    let encrypted = |user_password: &str| {
        let plain = one_page("BT /F1 9 Tf (inner words) Tj ET", "/F1 5 0 R", "", "", &[]);
        let mut document = Document::load_mem(&plain).expect("a file");
        let id = Object::string_literal("0123456789abcdef");
        document.trailer.set("ID", vec![id.clone(), id]);
        let version = EncryptionVersion::V2 {
            document: &document,
            owner_password: "owner",
            user_password,
            key_length: 128,
            permissions: Permissions::all(),
        };
        let state = EncryptionState::try_from(version).expect("a state");
        document.encrypt(&state).expect("encrypted");
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).expect("memory");
        bytes
    };
    let open_to_all = opened(reader::read, &encrypted(""), &[]);
    assert_eq!(shown(&open_to_all), ["Body|page 1|inner words"]);
    let locked = encrypted("abc-123");
    assert_eq!(opened(reader::read, &locked, &["other"]).result, Err(Unread::Encrypted));
    let with_password = opened(reader::read, &locked, &["other", "abc-123"]);
    assert_eq!(shown(&with_password), ["Body|page 1|inner words"]);
    assert_eq!(with_password.notes, [(Note::PasswordSent, Vec::new())]);
}
