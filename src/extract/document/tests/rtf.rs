//! Rich text.

use super::built::{read, shown, whole};
use crate::{extract::document::rtf, message::Unread};

fn pieces(text: &str) -> Vec<String> {
    read(rtf::read, text.as_bytes()).0
}

#[test]
fn text_in_its_charset_and_as_unicode() {
    let text = r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 SimSun;}{\f1\fcharset204 Arial;}}{\*\generator x;}\uc1 \f0\'d6\'a4\'bc\'fe\f1\'cf\plain\f0 : \uc2\u26426\'bb\'fa{\b 1}10\par second\line third\par}";
    assert_eq!(pieces(text), ["Body||证件П: 机110\nsecond\nthird"]);
}

#[test]
fn tables_notes_hidden_text_and_properties() {
    let text = r"{\rtf1\ansi{\info{\title Plan}{\author A}}{\*\userprops{\propname MSIP_Label_1_Name}\proptype30{\staticval Secret}}{\header CONFIDENTIAL\par}\pard IBAN {\deleted DE89 3704}{\v off} end\par\trowd a\cell b\cell\row\trowd c\cell d\cell\row\pard x{\*\annotation note}{\footnote foot}\par{\field{\*\fldinst HYPERLINK \'22https://example.com\'22}{\fldrslt link}}{\shp{\*\shpinst{\sp{\sn gtextUNICODE}{\sv DRAFT}}{\shptxt boxed\par}}}}";
    let reading = whole(rtf::read, text.as_bytes());
    assert_eq!(
        shown(&reading),
        [
            "Body||IBAN  end\na\tb\nc\td\nx\nlinkboxed",
            "Marked|header|CONFIDENTIAL",
            "Body|footnotes|foot",
            "Hidden|comments|note",
            "Hidden|hidden or deleted text|IBAN DE89 3704off",
            "Marked|watermark|DRAFT",
            "Property|links and fields|HYPERLINK \"https://example.com\"",
            "Property|properties|title: Plan\nauthor: A\nSensitivity label: Secret"
        ]
    );
    assert_eq!(reading.pieces[0].cells.len(), 4);
}

#[test]
fn objects_are_handed_on_and_damage_is_told() {
    let hex: String = b"\x01\x05\0\0\x02\0\0\0\x08\0\0\0Package\0\0\0\0\0\0\0\0\0\x20\0\0\0\x02\0a.csv\0a.csv\0\0\0\x03\0\x02\0\0\0x\0\x03\0\0\0abc"
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let text = format!("{{\\rtf1 words{{\\object{{\\*\\objdata {hex}}}}}}}");
    let reading = whole(rtf::read, text.as_bytes());
    assert_eq!(reading.members, [("a.csv".to_owned(), b"abc".to_vec())]);
    assert_eq!(read(rtf::read, b"{\\rtf1 cut {\\b off").1, Err(Unread::Broken));
    assert_eq!(read(rtf::read, b"{\\rtf1{\\pict 00}}").1, Err(Unread::ImageOnly));
    assert_eq!(read(rtf::read, b"{\\rtf1{\\bin99999999 x}").0.len(), 0);
}
