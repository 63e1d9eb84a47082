//! Text extraction by family of files, in bytes of attached file a second: files of a few hundred kilobytes as programs write them, built here.

#[path = "../tests/documents/built.rs"]
mod built;

use std::sync::Arc;

use built::{attached, package, pdf, relations, stream};
use divan::{Bencher, counter::BytesCount};
use presend::{
    extract::{self, Markup},
    message::{Limits, Message},
};

fn main() {
    divan::main();
}

/// Rows of each file.
const ROWS: u32 = 4_000;

#[divan::bench(args = ["docx", "xlsx", "pptx", "pdf", "zip", "csv", "eml"])]
fn file(bencher: Bencher<'_, '_>, family: &str) {
    let (name, file) = (format!("list.{family}"), built_as(family));
    let raw = attached(&name, &file);
    let limits = Limits::default();
    let message = Message::parse(raw.as_bytes(), &limits);
    let markup = Arc::new(Markup::default());
    assert!(extract::all(&message, &markup, &limits).not_inspected.is_empty());
    bencher
        .counter(BytesCount::new(file.len()))
        .bench(|| extract::all(&message, &markup, &limits).segments.len());
}

/// A row of a list of goods.
fn row(number: u32) -> [String; 4] {
    [
        format!("SO-{number:06}"),
        "2024-03-05".to_owned(),
        format!("轴承 bearing {}", number % 97),
        format!("{}.{}", number * 7 % 1000, number % 9 + 1),
    ]
}

fn csv() -> String {
    (0..ROWS).map(|number| row(number).join(",") + "\r\n").collect()
}

fn built_as(family: &str) -> Vec<u8> {
    match family {
        "docx" => docx(),
        "xlsx" => xlsx(),
        "pptx" => pptx(),
        "pdf" => pages(),
        "zip" => package(&[("list.csv", &csv()), ("again.csv", &csv())]),
        "csv" => csv().into_bytes(),
        _ => attached("list.csv", csv().as_bytes()).into_bytes(),
    }
}

/// An office document: its main part, what that refers to, and the other parts.
fn office(main: &str, body: &str, of: &[(&str, &str, &str)], parts: &[(&str, &str)]) -> Vec<u8> {
    let (folder, file) = main.split_once('/').expect("a folder");
    let (root, related) = (relations(&[("r", "officeDocument", main)]), relations(of));
    let rels = format!("{folder}/_rels/{file}.rels");
    let mut all = vec![
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", &root),
        (main, body),
        (rels.as_str(), &related),
    ];
    all.extend(parts);
    package(&all)
}

fn docx() -> Vec<u8> {
    let cell = |text: &String| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
    let rows =
        (0..ROWS).map(|number| format!("<w:tr>{}</w:tr>", row(number).iter().map(cell).collect::<String>()));
    let body = format!(
        "<w:document xmlns:w=\"w\"><w:body><w:tbl>{}</w:tbl></w:body></w:document>",
        rows.collect::<String>()
    );
    office("word/document.xml", &body, &[], &[])
}

fn xlsx() -> Vec<u8> {
    let cell = |(column, text): (char, &String), number: u32| match column {
        'D' => format!("<c r=\"D{number}\"><v>{text}</v></c>"),
        _ => format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"),
    };
    let rows = (1..=ROWS).map(|number| {
        let cells = ('A'..).zip(&row(number)).map(|one| cell(one, number)).collect::<String>();
        format!("<row r=\"{number}\">{cells}</row>")
    });
    let sheet = format!("<worksheet><sheetData>{}</sheetData></worksheet>", rows.collect::<String>());
    let book = "<workbook><sheets><sheet name=\"Sheet1\" r:id=\"a\"/></sheets></workbook>";
    let of = [("a", "worksheet", "worksheets/sheet1.xml")];
    office("xl/workbook.xml", book, &of, &[("xl/worksheets/sheet1.xml", &sheet)])
}

fn pptx() -> Vec<u8> {
    let line = |number: u32| format!("<a:p><a:r><a:t>{}</a:t></a:r></a:p>", row(number).join(" "));
    let slide = format!(
        "<p:sld><p:sp><p:txBody>{}</p:txBody></p:sp></p:sld>",
        (0..ROWS).map(line).collect::<String>()
    );
    let show = "<p:presentation><p:sldIdLst><p:sldId id=\"1\" r:id=\"a\"/></p:sldIdLst></p:presentation>";
    office(
        "ppt/presentation.xml",
        show,
        &[("a", "slide", "slides/slide1.xml")],
        &[("ppt/slides/slide1.xml", &slide)],
    )
}

/// A PDF of forty lines a page.
fn pages() -> Vec<u8> {
    let count = ROWS / 40;
    let kids: String = (0..count).map(|page| format!("{} 0 R ", 4 + 2 * page)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {count} >>"),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    for page in 0..count {
        let line = |number: u32| {
            let [order, date, _, price] = row(number);
            format!("({order}  {date}  bearing  {price}) Tj 0 -18 Td ")
        };
        let lines: String = (page * 40..page * 40 + 40).map(line).collect();
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {} 0 R /Resources << /Font << /F 3 0 R >> >> >>",
            5 + 2 * page
        ));
        objects.push(stream("", &format!("BT /F 12 Tf 72 760 Td {lines}ET")));
    }
    pdf(&objects)
}
