//! Values planted in documents are found, each with its place: the whole pipeline on files that are built here.

#[path = "documents/built.rs"]
mod built;

use built::{attached, package, pdf, relations, stream};
use presend::{
    Filter,
    policy::Policy,
    verdict::{Detail, Envelope, Verdict},
};

fn check(name: &str, file: &[u8]) -> Verdict {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    filter.check(attached(name, file).as_bytes(), &Envelope::default())
}

/// Places below the file in which a rule found something.
fn places(verdict: &Verdict, rule: &str) -> Vec<String> {
    let found = verdict.findings.iter().filter(|found| found.rule.id == rule);
    found
        .map(|found| {
            assert_eq!((found.span, found.position), (None, None), "a place in the raw bytes is invented");
            found.place[1..].join(", ")
        })
        .collect()
}

fn rules(verdict: &Verdict) -> Vec<&str> {
    verdict.findings.iter().map(|found| found.rule.id.as_str()).collect()
}

fn word(body: &str, parts: &[(&str, &str)], of: &[(&str, &str, &str)]) -> Vec<u8> {
    let body = format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    let (root, related) = (relations(&[("r", "officeDocument", "word/document.xml")]), relations(of));
    let mut all = vec![
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", &root),
        ("word/document.xml", &body),
        ("word/_rels/document.xml.rels", &related),
    ];
    all.extend(parts);
    package(&all)
}

const PROSE: &str =
    "<w:p><w:r><w:t>The minutes of the meeting are below, with what was agreed.</w:t></w:r></w:p>";

#[test]
fn an_identity_number_in_a_hidden_sheet_below_its_heading() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>员工名单</t></is></c></row>\
        <row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>姓名</t></is></c><c r=\"C2\" t=\"inlineStr\"><is><t>身份证号</t></is></c></row>\
        <row r=\"14\"><c r=\"A14\" t=\"inlineStr\"><is><t>张三</t></is></c><c r=\"C14\"><v>110101199003071233</v></c></row>";
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let root = relations(&[("r", "officeDocument", "xl/workbook.xml")]);
    let of = relations(&[
        ("a", "worksheet", "worksheets/sheet1.xml"),
        ("b", "worksheet", "worksheets/sheet2.xml"),
    ]);
    let file = package(&[
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", &root),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"Sheet1\" r:id=\"a\"/><sheet name=\"Sheet2\" state=\"hidden\" r:id=\"b\"/></sheets></workbook>",
        ),
        ("xl/_rels/workbook.xml.rels", &of),
        (
            "xl/worksheets/sheet1.xml",
            "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>",
        ),
        ("xl/worksheets/sheet2.xml", &sheet),
    ]);
    let verdict = check("名单.xlsx", &file);
    assert_eq!(places(&verdict, "pii.cn-resident-id"), ["Sheet2!C14"]);
    assert!(verdict.is_complete());
}

#[test]
fn a_card_number_in_speaker_notes() {
    let slide = |text: &str| {
        format!("<p:sld><p:sp><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp></p:sld>")
    };
    let root = relations(&[("r", "officeDocument", "ppt/presentation.xml")]);
    let of = relations(&[("a", "slide", "slides/slide1.xml")]);
    let of_slide = relations(&[("n", "notesSlide", "../notesSlides/notes1.xml")]);
    let file = package(&[
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", &root),
        (
            "ppt/presentation.xml",
            "<p:presentation><p:sldIdLst><p:sldId id=\"1\" r:id=\"a\"/></p:sldIdLst></p:presentation>",
        ),
        ("ppt/_rels/presentation.xml.rels", &of),
        ("ppt/slides/slide1.xml", &slide("Quarterly review")),
        ("ppt/slides/_rels/slide1.xml.rels", &of_slide),
        ("ppt/notesSlides/notes1.xml", &slide("Credit card number 4539 5787 6362 1486")),
    ]);
    assert_eq!(places(&check("deck.pptx", &file), "pii.bank-card"), ["slide 1, notes"]);
}

#[test]
fn markings_in_a_header_and_as_a_watermark() {
    let header = "<w:hdr><w:p><w:r><w:t>CONFIDENTIAL</w:t></w:r></w:p></w:hdr>";
    let drawn = "<w:hdr><w:p><w:r><w:pict><v:shape><v:textpath string=\"CONFIDENTIAL\"/></v:shape></w:pict></w:r></w:p></w:hdr>";
    for (part, want) in [(header, "header"), (drawn, "watermark")] {
        let file = word(PROSE, &[("word/header1.xml", part)], &[("h", "header", "header1.xml")]);
        let verdict = check("minutes.docx", &file);
        let found = verdict.findings.iter().find(|found| found.rule.id == "confidential.marking");
        let found = found.unwrap_or_else(|| panic!("no marking in the {want}: {:?}", rules(&verdict)));
        assert_eq!(found.place[1], want);
    }
    let none = check("minutes.docx", &word(PROSE, &[], &[]));
    assert!(none.findings.is_empty(), "{:?}", rules(&none));
}

#[test]
fn an_account_number_in_a_tracked_deletion() {
    let body = format!(
        "{PROSE}<w:p><w:r><w:t xml:space=\"preserve\">Pay to IBAN </w:t></w:r><w:del><w:r><w:delText>DE25 1002 0030 0123 4567 89</w:delText></w:r></w:del></w:p>"
    );
    let verdict = check("offer.docx", &word(&body, &[], &[]));
    assert_eq!(places(&verdict, "pii.iban"), ["tracked deletion, paragraph 2"]);
}

#[test]
fn a_label_in_the_properties() {
    let custom = "<Properties><property name=\"MSIP_Label_0a1b_Name\"><vt:lpwstr>Highly Confidential</vt:lpwstr></property></Properties>";
    let verdict = check("plan.docx", &word(PROSE, &[("docProps/custom.xml", custom)], &[]));
    let found = verdict.findings.iter().find(|found| found.rule.category.as_str() == "confidential");
    let found = found.unwrap_or_else(|| panic!("no label: {:?}", rules(&verdict)));
    assert_eq!(found.place[1], "properties");
}

#[test]
fn a_value_in_a_pdf_whose_fonts_are_not_in_it() {
    let text: String =
        "身份证号：110101199003071233".encode_utf16().map(|unit| format!("{unit:04x}")).collect();
    let font = "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 \
        /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>] >>";
    let page = |content: u32| {
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {content} 0 R /Resources << /Font << /F 5 0 R >> >> >>"
        )
    };
    let file = pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R 6 0 R] /Count 2 >>".to_owned(),
        page(4),
        stream("", "BT /F 12 Tf 72 700 Td <76ee5f55> Tj ET"),
        font.to_owned(),
        page(7),
        stream("", &format!("BT /F 12 Tf 72 700 Td <{text}> Tj ET")),
    ]);
    assert_eq!(places(&check("表.pdf", &file), "pii.cn-resident-id"), ["page 2"]);
}

#[test]
fn what_cannot_be_read_is_listed() {
    let only_pictures = word("<w:p/>", &[("word/media/image1.png", "x")], &[]);
    let cut = word(&PROSE.repeat(200), &[], &[]);
    for (name, file, reason) in [
        ("scan.docx", only_pictures.as_slice(), "image only"),
        ("cut.docx", &cut[..cut.len() / 2], "broken"),
        ("cut.pdf", b"%PDF-1.7\nnothing", "broken"),
    ] {
        let verdict = check(name, file);
        let reasons: Vec<&str> = verdict.not_inspected.iter().map(|one| one.reason.as_str()).collect();
        assert!(reasons.contains(&reason), "{name}: {reasons:?}");
        assert!(!verdict.is_complete());
    }
}
