//! What a file is: by its first bytes, then by its name, then by its declared type.
//!
//! Formats are data, `policies/data/formats.tsv`. Packages (zip, compound files) are told apart by the names in them, text by having no bytes that
//! text has not; that a name says something else than the bytes is noted, not believed.

use std::sync::LazyLock;

use super::container::{compound, directory};
use crate::message::Unread;

/// A format of files.
#[derive(Debug)]
pub struct Format {
    /// Short name: `xlsx`.
    pub id: &'static str,
    /// Kind of format.
    pub family: Family,
    /// Its media type.
    pub media_type: &'static str,
    endings: Vec<&'static str>,
    subtypes: Vec<&'static str>,
    magic: Vec<(usize, Vec<u8>)>,
}

/// Kinds of formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Pictures.
    Image,
    /// Sound and video.
    Media,
    /// Documents of office programs.
    Document,
    /// PDF.
    Pdf,
    /// Archives and compressed files.
    Archive,
    /// Messages and mailboxes.
    Mail,
    /// Text of any kind.
    Text,
    /// What is encrypted as a whole.
    Encrypted,
    /// Signatures and public keys.
    Signature,
    /// Programs.
    Program,
    /// Disk images and installers' cabinets.
    Disk,
    /// None of these.
    Unknown,
}

impl Family {
    /// Why a file of it that no reader knows is not read.
    pub(super) fn unread(self) -> Unread {
        match self {
            Family::Image => Unread::Image,
            Family::Media => Unread::Media,
            Family::Document => Unread::Document,
            Family::Pdf => Unread::Pdf,
            Family::Archive | Family::Disk => Unread::Archive,
            Family::Encrypted => Unread::Encrypted,
            Family::Signature => Unread::Signature,
            Family::Program => Unread::Program,
            Family::Mail | Family::Text | Family::Unknown => Unread::Unknown,
        }
    }

    fn of(word: &str) -> Family {
        match word {
            "image" => Family::Image,
            "media" => Family::Media,
            "document" => Family::Document,
            "pdf" => Family::Pdf,
            "archive" => Family::Archive,
            "mail" => Family::Mail,
            "text" => Family::Text,
            "encrypted" => Family::Encrypted,
            "signature" => Family::Signature,
            "program" => Family::Program,
            "disk" => Family::Disk,
            _ => Family::Unknown,
        }
    }
}

static FORMATS: LazyLock<Vec<Format>> = LazyLock::new(|| {
    let rows = include_str!("../../policies/data/formats.tsv").lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let mut fields = row.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        let words = |field: &'static str| field.split('|').filter(|word| !word.is_empty()).collect();
        Format {
            id: next(),
            family: Family::of(next()),
            media_type: next(),
            endings: words(next()),
            subtypes: words(next()),
            magic: next().split('|').filter_map(magic).collect(),
        }
    })
    .collect()
});

static UNKNOWN: Format = Format {
    id: "unknown",
    family: Family::Unknown,
    media_type: "application/octet-stream",
    endings: Vec::new(),
    subtypes: Vec::new(),
    magic: Vec::new(),
};

/// First bytes and where they stand, of `257:7573746172`.
fn magic(field: &str) -> Option<(usize, Vec<u8>)> {
    let (at, hex) = field.split_once(':')?;
    let bytes = (0..hex.len() / 2).map(|i| u8::from_str_radix(hex.get(2 * i..2 * i + 2)?, 16).ok());
    Some((at.parse().ok()?, bytes.collect::<Option<Vec<u8>>>()?))
}

/// What a file was found to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Detected {
    pub(super) format: &'static Format,
    /// Whether its name says that it is something else.
    pub(super) is_misnamed: bool,
}

/// The format of this id.
pub(super) fn by_id(id: &str) -> &'static Format {
    FORMATS.iter().find(|format| format.id == id).unwrap_or(&UNKNOWN)
}

/// The format that a file name says.
pub(super) fn by_name(name: &str) -> Option<&'static Format> {
    if name.eq_ignore_ascii_case("winmail.dat") {
        return Some(by_id("tnef"));
    }
    let ending = ending(name)?;
    FORMATS.iter().find(|format| format.endings.contains(&ending.as_str()))
}

/// The format that a media type says.
pub(super) fn by_type(media_type: &str) -> Option<&'static Format> {
    let (kind, subtype) = media_type.split_once('/')?;
    let by_subtype =
        FORMATS.iter().find(|format| format.media_type == media_type || format.subtypes.contains(&subtype));
    by_subtype.or_else(|| match kind {
        "image" => Some(by_id("png")),
        "audio" => Some(by_id("mp3")),
        "video" => Some(by_id("mp4")),
        "text" => Some(by_id("txt")),
        _ => None,
    })
}

/// What follows the last dot of a name, in lower case.
pub(super) fn ending(name: &str) -> Option<String> {
    let name = name.trim_end_matches(['.', ' ']);
    name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase())
}

/// Finds out what a file is.
pub(super) fn detect(bytes: &[u8], name: &str, media_type: &str) -> Detected {
    let named = by_name(name);
    let content = by_content(bytes, named);
    let format = match content {
        Some(content) => content,
        // Names say more than bytes about what kind of text it is; an empty file is what it is called.
        None if is_textual(bytes) => match named.or_else(|| by_type(media_type)) {
            Some(said)
                if matches!(
                    said.family,
                    Family::Text | Family::Mail | Family::Encrypted | Family::Signature
                ) =>
            {
                said
            }
            _ => text_by_content(bytes),
        },
        None => named
            .or_else(|| by_type(media_type))
            .filter(|said| said.family != Family::Text)
            .unwrap_or(&UNKNOWN),
    };
    let said = named.or_else(|| if name.is_empty() { by_type(media_type) } else { None });
    let is_misnamed = said.is_some_and(|said| disagrees(format, said)) && bytes.len() >= ENOUGH;
    Detected { format, is_misnamed }
}

/// Fewer bytes say little about what a file is.
const ENOUGH: usize = 64;

/// Whether a file that is one thing must not be called the other. What programs themselves confuse (Word opens RTF and HTML as .doc, every program has
/// a zip under its own ending) is no disagreement.
fn disagrees(is: &Format, said: &Format) -> bool {
    let group = |format: &Format| match format.family {
        Family::Image | Family::Media => 1,
        Family::Document | Family::Pdf | Family::Text | Family::Mail => 2,
        Family::Archive | Family::Disk => 3,
        Family::Program => 4,
        Family::Encrypted | Family::Signature | Family::Unknown => 0,
    };
    let (is_group, said_group) = (group(is), group(said));
    let package = matches!(is.id, "zip" | "ole") && said_group != 1 && said.family != Family::Text;
    // Scripts are text, installers are compound files.
    let script = said.family == Family::Program && (is.family == Family::Text || is.id == "ole");
    is_group != said_group && is_group != 0 && said_group != 0 && !package && !script
}

/// What the bytes say; `None` where they say nothing.
fn by_content(bytes: &[u8], named: Option<&'static Format>) -> Option<&'static Format> {
    let fits = |(at, magic): &(usize, Vec<u8>)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(magic));
    let format = FORMATS.iter().find(|format| format.magic.iter().any(fits))?;
    match format.id {
        "zip" => {
            let inner = directory::names(bytes);
            Some(
                package(&inner)
                    .map_or_else(|| named.filter(|named| is_other_package(named)).unwrap_or(format), by_id),
            )
        }
        "ole" => Some(compound::kind(bytes).map_or_else(
            || {
                named
                    .filter(|named| matches!(named.id, "doc" | "xls" | "ppt" | "msg" | "vsd" | "msi"))
                    .unwrap_or(format)
            },
            by_id,
        )),
        // Two letters prove little.
        "bmp" | "exe" | "arj" | "gz" if !confirmed(format.id, bytes) => None,
        "wav" | "mp4" => Some(
            named
                .filter(|named| named.family == Family::Media || named.family == Family::Image)
                .unwrap_or(format),
        ),
        _ => {
            // A PDF may begin with a few bytes of something else.
            Some(format)
        }
    }
    .or_else(|| {
        let start = &bytes[..bytes.len().min(1024)];
        memchr::memmem::find(start, b"%PDF-").filter(|_| !start.is_ascii()).map(|_| by_id("pdf"))
    })
}

/// Whether short first bytes are followed by what the format has there.
fn confirmed(id: &str, bytes: &[u8]) -> bool {
    match id {
        "bmp" => bytes.get(6..10) == Some(&[0; 4]) && bytes.len() > 26,
        "exe" => bytes.len() < ENOUGH || !is_textual(bytes),
        "gz" => bytes.get(2) == Some(&8),
        _ => !is_textual(bytes),
    }
}

/// Formats that are a zip inside but have no name in it that tells.
fn is_other_package(named: &Format) -> bool {
    matches!(
        named.id,
        "pages"
            | "vsdx"
            | "docx"
            | "xlsx"
            | "xlsb"
            | "pptx"
            | "odt"
            | "ods"
            | "odp"
            | "epub"
            | "ofd"
            | "doc"
            | "xls"
            | "ppt"
    )
}

/// The format of a zip by the names in it.
fn package(names: &[String]) -> Option<&'static str> {
    let has = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    let below = |folder: &str| {
        names
            .iter()
            .any(|name| name.get(..folder.len()).is_some_and(|start| start.eq_ignore_ascii_case(folder)))
    };
    if has("[Content_Types].xml") || has("_rels/.rels") {
        let xlsb = names.iter().any(|name| name.to_ascii_lowercase().starts_with("xl/workbook.bin"));
        let kinds = [("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"), ("visio/", "vsdx")];
        return if xlsb {
            Some("xlsb")
        } else {
            kinds.iter().find(|(folder, _)| below(folder)).map(|(_, id)| *id)
        };
    }
    if has("OFD.xml") {
        return Some("ofd");
    }
    if has("META-INF/container.xml") && has("mimetype") {
        return Some("epub");
    }
    // OpenDocument says its kind in the first member, which `directory` reads along.
    let odf = [("text", "odt"), ("spreadsheet", "ods"), ("presentation", "odp")];
    let kind = names.iter().find_map(|name| name.strip_prefix(directory::MIMETYPE))?;
    let kind = kind.strip_prefix("application/vnd.oasis.opendocument.")?;
    odf.iter().find(|(word, _)| kind.starts_with(word)).map(|(_, id)| *id)
}

/// What kind of text it is, by how it begins.
fn text_by_content(bytes: &[u8]) -> &'static Format {
    let start = &bytes[..bytes.len().min(512)];
    let start =
        String::from_utf8_lossy(start).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let id = if start.starts_with("<!doctype html") || start.starts_with("<html") {
        "html"
    } else if start.starts_with("<?xml") {
        if start.contains("<html") { "html" } else { "xml" }
    } else if start.starts_with("begin:vcard") {
        "vcf"
    } else if start.starts_with("begin:vcalendar") {
        "ics"
    } else if super::container::mail::is_message(bytes) {
        "eml"
    } else {
        "txt"
    };
    by_id(id)
}

/// Whether the bytes are text in some charset: no byte that text has not, but for a few strays.
pub(super) fn is_textual(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(64 << 10)];
    if sample.starts_with(b"\xff\xfe")
        || sample.starts_with(b"\xfe\xff")
        || sample.starts_with(b"\xef\xbb\xbf")
    {
        return true;
    }
    let is_stray = |byte: &u8| matches!(*byte, 0..=8 | 11 | 14..=26 | 28..=31 | 127);
    let strays = sample.iter().filter(|byte| is_stray(byte)).count();
    !sample.is_empty()
        && !sample.contains(&0)
        && strays * 200 <= sample.len()
        && (sample.len() >= 8 || strays == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_have_ids_and_each_ending_one_format() {
        assert!(FORMATS.len() > 60);
        let mut endings: Vec<&str> = FORMATS.iter().flat_map(|format| format.endings.clone()).collect();
        let all = endings.len();
        endings.sort_unstable();
        endings.dedup();
        assert_eq!(endings.len(), all, "an ending stands twice");
        for format in FORMATS.iter() {
            assert!(format.family != Family::Unknown && format.media_type.contains('/'), "{}", format.id);
        }
    }

    #[test]
    fn content_goes_before_name_and_name_before_type() {
        let gbk = encoding_rs::GBK.encode("姓名,电话\n张三,13800138000\n").0.into_owned();
        let jpeg = [b"\xff\xd8\xff\xe0".as_slice(), &[7; 200]].concat();
        let pdf = [b"%PDF-1.7\n".as_slice(), &[1; 200]].concat();
        for (bytes, name, media_type, want, misnamed) in [
            (pdf.as_slice(), "plan.jpg", "image/jpeg", "pdf", true),
            (&pdf, "plan.doc", "", "pdf", false),
            (&jpeg, "photo.png", "image/png", "jpg", false),
            (&jpeg, "list.xlsx", "", "jpg", true),
            (&gbk, "list.csv", "application/octet-stream", "csv", false),
            (&gbk, "list", "application/octet-stream", "txt", false),
            (b"{\"a\": 1}", "x.json", "", "json", false),
            (b"<html><body>x", "report.xls", "", "html", false),
            (&[0, 1, 2, 3, 0, 0, 9], "", "video/x-unheard", "mp4", false),
            (&[0, 1, 2, 3, 0, 0, 9], "x.bin", "application/octet-stream", "unknown", false),
            (b"BM is short for business model, as everybody knows", "n", "", "txt", false),
            (b"MZ", "setup.exe", "", "exe", false),
        ] {
            let got = detect(bytes, name, media_type);
            assert_eq!((got.format.id, got.is_misnamed), (want, misnamed), "{name} {media_type}");
        }
    }
}
