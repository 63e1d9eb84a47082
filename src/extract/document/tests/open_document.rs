//! OpenDocument files.

use super::built::{package, read, shown, whole};
use crate::{
    extract::{attached::Note, document::odf},
    message::Unread,
};

fn document(styles: &str, body: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:automatic-styles>{styles}</office:automatic-styles><office:body>{body}</office:body></office:document-content>"
    );
    let mut all =
        vec![("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", content.as_str())];
    all.extend(more);
    package(&all)
}

#[test]
fn text_tables_notes_and_what_is_not_shown() {
    let styles =
        "<style:style style:name=\"T1\"><style:text-properties text:display=\"none\"/></style:style>";
    let body = "<office:text><text:tracked-changes><text:changed-region><text:deletion><text:p>IBAN DE89</text:p></text:deletion></text:changed-region></text:tracked-changes>\
        <text:h>标题</text:h><text:p>one<text:s text:c=\"2\"/>two<text:note><text:note-body><text:p>foot</text:p></text:note-body></text:note></text:p>\
        <text:p>PIN: <text:span text:style-name=\"T1\">1234</text:span></text:p>\
        <table:table><table:table-row><table:table-cell><text:p>姓名</text:p></table:table-cell><table:table-cell><text:p>电话</text:p></table:table-cell></table:table-row></table:table>\
        <office:annotation><dc:creator>A</dc:creator><text:p>remark</text:p></office:annotation><text:p>end</text:p></office:text>";
    let styles_part = "<office:document-styles><office:master-styles><style:master-page><style:header><text:p>内部资料</text:p></style:header></style:master-page></office:master-styles></office:document-styles>";
    let meta = "<office:document-meta><office:meta><dc:title>T</dc:title><meta:user-defined meta:name=\"Label\">Secret</meta:user-defined></office:meta></office:document-meta>";
    let bytes = document(styles, body, &[("styles.xml", styles_part), ("meta.xml", meta)]);
    let (pieces, result) = read(odf::read, &bytes);
    assert_eq!(result, Ok(()));
    assert_eq!(
        pieces,
        [
            "Body||标题\none  two\nPIN: \n姓名\t电话\nend",
            "Body|notes|foot",
            "Hidden|comments|remark",
            "Hidden|tracked deletion|IBAN DE89",
            "Hidden|hidden text|PIN: 1234",
            "Marked|header and footer|内部资料",
            "Property|properties|title: T\nLabel: Secret"
        ]
    );
}

#[test]
fn sheets_with_repeats_hidden_ones_and_numbers() {
    let styles =
        "<style:style style:name=\"ta2\"><style:table-properties table:display=\"false\"/></style:style>";
    let body = "<office:spreadsheet><table:table table:name=\"A\"><table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>\
        <table:table-row><table:table-cell office:value-type=\"float\" office:value=\"1.10101199003071E+017\"><text:p>1.1E+17</text:p></table:table-cell></table:table-row></table:table>\
        <table:table table:name=\"B\" table:style-name=\"ta2\"><table:table-row><table:table-cell><text:p>身份证号</text:p></table:table-cell></table:table-row>\
        <table:table-row><table:table-cell office:value-type=\"string\"><text:p>110101199003071233</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet>";
    let reading = whole(odf::read, &document(styles, body, &[]));
    assert_eq!(shown(&reading), ["Body|A|110101199003071000", "Hidden|B|身份证号\n110101199003071233"]);
    assert_eq!(reading.pieces[0].cells[0].row, 1_000_001);
    assert_eq!(reading.notes, [(Note::LostDigits, vec!["A!A1000001".to_owned()])]);
}

#[test]
fn slides_with_their_notes() {
    let body = "<office:presentation><draw:page><draw:frame><draw:text-box><text:p>first</text:p></draw:text-box></draw:frame>\
        <presentation:notes><draw:text-box><text:p>said aloud</text:p></draw:text-box></presentation:notes></draw:page>\
        <draw:page draw:style-name=\"h\"><text:p>second</text:p></draw:page></office:presentation>";
    let styles = "<style:style style:name=\"h\"><style:drawing-page-properties presentation:visibility=\"hidden\"/></style:style>";
    let (pieces, _) = read(odf::read, &document(styles, body, &[]));
    assert_eq!(
        pieces,
        ["Body|slide 1|first", "Body|slide 1, notes|said aloud", "Hidden|slide 2, hidden|second"]
    );
}

#[test]
fn encrypted_files_are_told() {
    let bytes = document("", "", &[("META-INF/manifest.xml", "<manifest:encryption-data/>")]);
    assert_eq!(read(odf::read, &bytes).1, Err(Unread::Encrypted));
}
