//! The charsets of rich text: by code page, and by the charset of a font.

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GB18030, MACINTOSH, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1250, WINDOWS_1251,
    WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, WINDOWS_1258,
};

/// Code page, charset number of a font, charset.
const CHARSETS: &[(i32, i32, &Encoding)] = &[
    (1252, -1, WINDOWS_1252),
    (936, 134, GB18030),
    (54936, 134, GB18030),
    (950, 136, BIG5),
    (932, 128, SHIFT_JIS),
    (949, 129, EUC_KR),
    (1250, 238, WINDOWS_1250),
    (1251, 204, WINDOWS_1251),
    (1253, 161, WINDOWS_1253),
    (1254, 162, WINDOWS_1254),
    (1255, 177, WINDOWS_1255),
    (1256, 178, WINDOWS_1256),
    (1257, 186, WINDOWS_1257),
    (1258, 163, WINDOWS_1258),
    (874, 222, WINDOWS_874),
    (10000, 77, MACINTOSH),
    (65001, -1, UTF_8),
];

/// The charset of a Windows code page.
pub(in crate::extract::document) fn of_codepage(number: i32) -> Option<&'static Encoding> {
    CHARSETS.iter().find(|(page, ..)| *page == number).map(|(.., encoding)| *encoding)
}

/// The charset that a font says its bytes are in; `None`: that of the document.
pub(super) fn of_font(number: i32) -> Option<&'static Encoding> {
    CHARSETS.iter().find(|(_, charset, _)| *charset == number && number > 0).map(|(.., encoding)| *encoding)
}
