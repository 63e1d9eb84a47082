//! Word, Excel and PowerPoint documents.

use super::built::{package, read, relations, shown, whole};
use crate::{
    extract::{
        attached::Note,
        document::{docx, pptx, xlsx},
    },
    message::Unread,
};

fn word(body: &str, parts: &[(&str, &str)], of: &[(&str, &str, &str)]) -> Vec<u8> {
    let body = format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    let related = relations(of);
    let root = relations(&[("rId1", "officeDocument", "word/document.xml")]);
    let mut all = vec![
        ("_rels/.rels", root.as_str()),
        ("word/document.xml", body.as_str()),
        ("word/_rels/document.xml.rels", related.as_str()),
    ];
    all.extend(parts);
    package(&all)
}

#[test]
fn paragraphs_tables_and_runs_of_a_document() {
    let body = "<w:p><w:r><w:t>证件号：1101</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>01199003071233</w:t></w:r></w:p>\
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>姓名</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>电话</w:t></w:r></w:p></w:tc></w:tr>\
        <w:tr><w:tc><w:p/></w:tc><w:tc><w:p><w:r><w:t>13800000000</w:t></w:r></w:p></w:tc></w:tr></w:tbl>\
        <w:p><w:r><w:t>A</w:t><w:tab/><w:t>B</w:t><w:br/><w:t>C</w:t></w:r></w:p>";
    let reading = whole(docx::read, &word(body, &[], &[]));
    assert_eq!(shown(&reading), ["Body||证件号：110101199003071233\n姓名\t电话\n\t13800000000\nA B\nC"]);
    let piece = &reading.pieces[0];
    assert_eq!(piece.paragraphs.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [1, 2]);
    let cell =
        piece.cells.iter().find(|cell| cell.span.of_str(&piece.text) == "13800000000").expect("a cell");
    assert_eq!((cell.table, cell.row, cell.column), (1, 2, 2));
    let head = &piece.cells[piece.heads[&(1, 2)]];
    assert_eq!(head.span.of_str(&piece.text), "电话");
}

#[test]
fn what_a_document_does_not_show_is_set_apart() {
    let body = "<w:p><w:r><w:t xml:space=\"preserve\">Pay to IBAN </w:t></w:r><w:del><w:r><w:delText>DE89 3704 0044 0532 0130 00</w:delText></w:r></w:del>\
        <w:ins><w:r><w:t>see letter</w:t></w:r></w:ins></w:p>\
        <w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden words</w:t></w:r></w:p>\
        <w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></mc:Choice>\
        <mc:Fallback><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>";
    let (pieces, result) = read(docx::read, &word(body, &[], &[]));
    assert_eq!(result, Ok(()));
    assert_eq!(
        pieces,
        [
            "Body||Pay to IBAN see letter\nboxed",
            "Hidden|tracked deletion|Pay to IBAN DE89 3704 0044 0532 0130 00",
            "Hidden|hidden text|hidden words"
        ]
    );
}

#[test]
fn headers_watermarks_notes_comments_and_labels_of_a_document() {
    let header = "<w:hdr><w:p><w:r><w:t>CONFIDENTIAL</w:t></w:r></w:p><w:p><w:r><w:pict><v:shape><v:textpath string=\"绝密\"/></v:shape></w:pict></w:r></w:p></w:hdr>";
    let footnotes = "<w:footnotes><w:footnote w:type=\"separator\" w:id=\"-1\"><w:p/></w:footnote><w:footnote w:id=\"1\"><w:p><w:r><w:t>a note</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let comments = "<w:comments><w:comment w:id=\"0\" w:author=\"A\"><w:p><w:r><w:t>a comment</w:t></w:r></w:p></w:comment></w:comments>";
    let custom = "<Properties><property name=\"MSIP_Label_11_Name\"><vt:lpwstr>Internal</vt:lpwstr></property></Properties>";
    let bytes = word(
        "<w:p><w:r><w:t>text of the body that is long</w:t></w:r></w:p>",
        &[
            ("word/header1.xml", header),
            ("word/header2.xml", header),
            ("word/footnotes.xml", footnotes),
            ("word/comments.xml", comments),
            ("docProps/custom.xml", custom),
            ("word/embeddings/list.csv", "a,b"),
        ],
        &[
            ("r1", "header", "header1.xml"),
            ("r2", "header", "header2.xml"),
            ("r3", "footnotes", "footnotes.xml"),
            ("r4", "comments", "/word/comments.xml"),
            ("r5", "hyperlink", "https://example.com/a"),
        ],
    );
    let reading = whole(docx::read, &bytes);
    assert_eq!(
        shown(&reading)[1..],
        [
            "Marked|header|CONFIDENTIAL",
            "Body|footnotes|a note",
            "Hidden|comments|a comment",
            "Marked|watermark|绝密",
            "Property|links and fields|https://example.com/a",
            "Property|properties|Sensitivity label: Internal"
        ]
    );
    assert_eq!(reading.members, [("list.csv".to_owned(), b"a,b".to_vec())]);
}

#[test]
fn a_document_of_pictures_is_not_read() {
    let bytes = word("<w:p/>", &[("word/media/image1.png", "x")], &[]);
    assert_eq!(read(docx::read, &bytes).1, Err(Unread::ImageOnly));
}

fn excel(sheets: &[(&str, &str, &str)], parts: &[(&str, &str)]) -> Vec<u8> {
    let list: String = sheets
        .iter()
        .enumerate()
        .map(|(at, (name, state, _))| {
            format!("<sheet name=\"{name}\" sheetId=\"{at}\" state=\"{state}\" r:id=\"s{at}\"/>")
        })
        .collect();
    let workbook = format!(
        "<workbook><sheets>{list}</sheets><definedNames><definedName name=\"rate\">0.25</definedName></definedNames></workbook>"
    );
    let ids: Vec<String> = (0..sheets.len()).map(|at| format!("s{at}")).collect();
    let names: Vec<String> = (0..sheets.len()).map(|at| format!("worksheets/sheet{at}.xml")).collect();
    let mut of: Vec<(&str, &str, &str)> =
        ids.iter().zip(&names).map(|(id, name)| (id.as_str(), "worksheet", name.as_str())).collect();
    of.extend([("st", "styles", "styles.xml"), ("ss", "sharedStrings", "sharedStrings.xml")]);
    let related = relations(&of);
    let root = relations(&[("rId1", "officeDocument", "xl/workbook.xml")]);
    let full: Vec<(String, String)> = names
        .iter()
        .zip(sheets)
        .map(|(name, (_, _, rows))| {
            (format!("xl/{name}"), format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"))
        })
        .collect();
    let mut all = vec![
        ("_rels/.rels", root.as_str()),
        ("xl/workbook.xml", &workbook),
        ("xl/_rels/workbook.xml.rels", &related),
    ];
    all.extend(full.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    all.extend(parts);
    package(&all)
}

#[test]
fn sheets_with_their_hidden_ones_heads_and_numbers() {
    let shared = "<sst><si><t>员工名单</t></si><si><r><t>身份</t></r><r><t>证号</t></r><rPh><t>x</t></rPh></si><si><t>日期</t></si></sst>";
    let styles = "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";
    let hidden = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>\
        <row r=\"3\"><c r=\"B3\" t=\"s\"><v>1</v></c><c r=\"C3\" t=\"s\"><v>2</v></c></row>\
        <row r=\"4\"><c r=\"B4\"><v>1.10101199003071E+17</v></c><c r=\"C4\" s=\"1\"><v>32939</v></c></row>\
        <row r=\"1048576\"><c r=\"XFD1048576\" t=\"inlineStr\"><is><t>far</t></is></c></row>";
    let bytes = excel(
        &[
            ("Sheet1", "visible", "<row><c t=\"str\"><f>A2</f><v>shown</v></c><c><f>SUM(A1)</f></c></row>"),
            ("Sheet2", "veryHidden", hidden),
        ],
        &[("xl/sharedStrings.xml", shared), ("xl/styles.xml", styles)],
    );
    let reading = whole(xlsx::read, &bytes);
    assert_eq!(
        shown(&reading),
        [
            "Body|Sheet1|shown\t=SUM(A1)",
            "Hidden|Sheet2|员工名单\n身份证号\t日期\n110101199003071000\t1990-03-07\nfar",
            "Property|defined names|rate: 0.25"
        ]
    );
    let piece = &reading.pieces[1];
    let cell = piece.cells[3];
    assert_eq!((cell.row, cell.column), (4, 2));
    assert_eq!(piece.cells[piece.heads[&(1, 2)]].span.of_str(&piece.text), "身份证号");
    assert_eq!(reading.notes, [(Note::LostDigits, vec!["Sheet2!B4".to_owned()])]);
}

#[test]
fn comments_headers_and_kept_tables_of_a_workbook() {
    let comments = "<comments><commentList><comment ref=\"B3\"><text><r><t>请勿外传</t></r></text></comment></commentList></comments>";
    let definition = "<pivotCacheDefinition><cacheFields><cacheField name=\"id\"><sharedItems><s v=\"one\"/><s v=\"two\"/></sharedItems></cacheField></cacheFields></pivotCacheDefinition>";
    let of_sheet =
        relations(&[("c", "comments", "../comments1.xml"), ("h", "hyperlink", "https://example.com/x")]);
    let mut bytes_parts =
        vec![("xl/worksheets/_rels/sheet0.xml.rels", of_sheet.as_str()), ("xl/comments1.xml", comments)];
    let more = relations(&[
        ("s0", "worksheet", "worksheets/sheet0.xml"),
        ("p", "pivotCacheDefinition", "pivot.xml"),
    ]);
    bytes_parts.extend([("xl/_rels/book.xml.rels", more.as_str()), ("xl/pivot.xml", definition)]);
    let root = relations(&[("r", "officeDocument", "xl/book.xml")]);
    let book = "<workbook><sheets><sheet name=\"A\" r:id=\"s0\"/></sheets></workbook>";
    let sheet = "<worksheet><sheetData/><headerFooter><oddHeader>&amp;C机密&amp;P</oddHeader></headerFooter></worksheet>";
    bytes_parts.extend([
        ("_rels/.rels", root.as_str()),
        ("xl/book.xml", book),
        ("xl/worksheets/sheet0.xml", sheet),
    ]);
    let (pieces, result) = read(xlsx::read, &package(&bytes_parts));
    assert_eq!(result, Ok(()));
    assert_eq!(
        pieces,
        [
            "Marked|A/header and footer|机密",
            "Hidden|A/comments|请勿外传",
            "Hidden|pivot data 1|id\none\ntwo",
            "Property|links|https://example.com/x"
        ]
    );
}

#[test]
fn slides_in_order_with_notes_hidden_ones_and_masters() {
    let slide = |show: &str, text: &str| {
        format!(
            "<p:sld{show}><p:sp><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp></p:sld>"
        )
    };
    let (first, second) = (slide("", "first"), slide(" show=\"0\"", "second"));
    let master = "<p:sldMaster><p:sp><p:nvSpPr><p:nvPr><p:ph type=\"title\"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>Click to edit</a:t></a:r></a:p></p:txBody></p:sp>\
        <p:sp><p:txBody><a:p><a:r><a:t>公司机密</a:t></a:r></a:p></p:txBody></p:sp></p:sldMaster>";
    let notes = slide("", "card 4111 1111 1111 1111");
    let root = relations(&[("r", "officeDocument", "ppt/presentation.xml")]);
    let of = relations(&[("a", "slide", "slides/slide1.xml"), ("b", "slide", "slides/slide2.xml")]);
    let of_first = relations(&[("n", "notesSlide", "../notesSlides/notes1.xml")]);
    let bytes = package(&[
        ("_rels/.rels", &root),
        (
            "ppt/presentation.xml",
            "<p:presentation><p:sldIdLst><p:sldId id=\"1\" r:id=\"b\"/><p:sldId id=\"2\" r:id=\"a\"/></p:sldIdLst></p:presentation>",
        ),
        ("ppt/_rels/presentation.xml.rels", &of),
        ("ppt/slides/slide1.xml", &first),
        ("ppt/slides/slide2.xml", &second),
        ("ppt/slides/_rels/slide1.xml.rels", &of_first),
        ("ppt/notesSlides/notes1.xml", &notes),
        ("ppt/slideMasters/slideMaster1.xml", master),
    ]);
    let (pieces, result) = read(pptx::read, &bytes);
    assert_eq!(result, Ok(()));
    assert_eq!(
        pieces,
        [
            "Hidden|slide 1, hidden|second",
            "Body|slide 2|first",
            "Body|slide 2, notes|card 4111 1111 1111 1111",
            "Marked|slide master|公司机密"
        ]
    );
}

#[test]
fn broken_packages_give_what_they_have() {
    let whole = word("<w:p><w:r><w:t>kept words</w:t></w:r></w:p><w:p><w:r><w:t>more</w:t", &[], &[]);
    let (pieces, result) = read(docx::read, &whole);
    assert_eq!((pieces.len(), result), (1, Err(Unread::Broken)));
    assert!(pieces[0].contains("kept words"));
    assert_eq!(read(xlsx::read, b"PK\x03\x04 not a zip").1, Err(Unread::Broken));
    assert_eq!(read(pptx::read, &whole[..whole.len() - 30]).1, Err(Unread::Broken));
}
