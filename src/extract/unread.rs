//! Parts that cannot be read: named with type, size and reason.
//!
//! What a part is, is decided by its first bytes, then its name, then its declared type.

use super::{Extractor, with};
use crate::message::{Body, NotInspected, Part, Unread};

/// Takes what is not text, and text that only wraps something encrypted.
pub(super) const EXTRACTOR: Extractor = Extractor {
    knows: |part| matches!(part.body, Body::Binary(_)) || is_encrypted_text(part),
    read: |part, _, extracted| {
        let (reason, size) = match &part.body {
            Body::Binary(bytes) if bytes.is_empty() => return,
            Body::Binary(bytes) => (reason(part, bytes), bytes.len()),
            Body::Text(content) | Body::Html(content) | Body::Outside(content) => {
                (Unread::Encrypted, content.text.len())
            }
        };
        // A signature or a public key holds nothing that a sender wrote.
        if reason == Unread::Signature {
            return;
        }
        let name =
            part.name.as_deref().unwrap_or(if part.is_inline { "inline part" } else { "unnamed part" });
        extracted.not_inspected.push(NotInspected {
            part: part.number.clone(),
            place: with(&part.place, name),
            reason,
            what: format!("{}, {}", part.media_type, human_size(size)),
        });
    },
};

/// First bytes that tell what a file is, with the offset where they stand.
const MAGIC: &[(usize, &[u8], Unread)] = &[
    (0, b"\x89PNG", Unread::Image),
    (0, b"\xff\xd8\xff", Unread::Image),
    (0, b"GIF8", Unread::Image),
    (0, b"BM", Unread::Image),
    (0, b"II*\0", Unread::Image),
    (0, b"MM\0*", Unread::Image),
    (8, b"WEBP", Unread::Image),
    (4, b"ftypheic", Unread::Image),
    (0, b"%PDF", Unread::Pdf),
    (0, b"{\\rtf", Unread::Document),
    (0, b"\xd0\xcf\x11\xe0", Unread::Document),
    (0, b"7z\xbc\xaf\x27\x1c", Unread::Archive),
    (0, b"Rar!", Unread::Archive),
    (0, b"\x1f\x8b", Unread::Archive),
    (0, b"BZh", Unread::Archive),
    (0, b"\xfd7zXZ", Unread::Archive),
    (257, b"ustar", Unread::Archive),
    (0, b"ID3", Unread::Media),
    (0, b"RIFF", Unread::Media),
    (4, b"ftyp", Unread::Media),
    (0, b"OggS", Unread::Media),
];

/// File name endings and media types (the part after the slash) by what they are.
const NAMES: &[(Unread, &[&str])] = &[
    (Unread::Image, &["png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp", "heic", "ico", "svg"]),
    (Unread::Media, &["mp3", "wav", "m4a", "ogg", "mp4", "mov", "avi", "mkv", "wmv", "amr"]),
    (Unread::Pdf, &["pdf"]),
    (
        Unread::Document,
        &[
            "doc", "docx", "docm", "dotx", "xls", "xlsx", "xlsm", "xlsb", "ppt", "pptx", "pptm", "odt",
            "ods", "odp", "rtf", "wps", "et", "dps", "pages", "numbers", "key", "ofd", "ms-tnef", "dat",
        ],
    ),
    (Unread::Archive, &["zip", "7z", "rar", "tar", "gz", "tgz", "bz2", "xz", "jar", "cab", "iso"]),
    (Unread::Encrypted, &["p7m", "pgp", "gpg", "pkcs7-mime", "x-pkcs7-mime", "pgp-encrypted"]),
    (Unread::Signature, &["p7s", "asc", "pkcs7-signature", "x-pkcs7-signature", "pgp-signature", "pgp-keys"]),
];

fn reason(part: &Part<'_>, bytes: &[u8]) -> Unread {
    let ending =
        part.name.as_deref().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending.to_lowercase());
    let subtype = part.media_type.split_once('/').map_or("", |(_, subtype)| subtype);
    let by = |word: &str| NAMES.iter().find(|(_, words)| words.contains(&word)).map(|(reason, _)| *reason);
    let by_name = ending.as_deref().and_then(by);
    // An office file is a zip; its name tells which.
    if bytes.starts_with(b"PK\x03\x04") {
        return by_name.filter(|reason| *reason == Unread::Document).unwrap_or(Unread::Archive);
    }
    let by_magic = MAGIC
        .iter()
        .find(|(at, magic, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(magic)))
        .map(|(_, _, reason)| *reason);
    let by_type = || match part.media_type.split('/').next() {
        Some("image") => Some(Unread::Image),
        Some("audio" | "video") => Some(Unread::Media),
        _ => by(subtype),
    };
    by_magic.or(by_name).or_else(by_type).unwrap_or(Unread::Unknown)
}

/// Whether a text part is nothing but an encrypted block.
fn is_encrypted_text(part: &Part<'_>) -> bool {
    matches!(&part.body, Body::Text(content)
        if content.text.trim_start().starts_with("-----BEGIN PGP MESSAGE-----"))
}

/// A size for a person: `812 B`, `12 kB`, `3.4 MB`.
fn human_size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        for (bytes, want) in [(812, "812 B"), (12_345, "12 kB"), (3_400_000, "3.4 MB")] {
            assert_eq!(human_size(bytes), want);
        }
    }
}
