//! Builders of messages and files.

use std::{
    fmt::Write as _,
    io::{Cursor, Write},
};

use zip::{AesMode, CompressionMethod, ZipWriter, write::FileOptions};

/// A resident number of nobody, with a right check digit.
pub(crate) const ID: &str = "110101199003071233";

/// A message with attachments.
pub(crate) struct Mail {
    body: String,
    parts: Vec<String>,
}

impl Mail {
    pub(crate) fn new(body: &str) -> Mail {
        Mail { body: body.to_owned(), parts: Vec::new() }
    }

    pub(crate) fn with(self, name: &str, bytes: &[u8]) -> Mail {
        self.typed(name, "application/octet-stream", bytes)
    }

    pub(crate) fn typed(mut self, name: &str, media_type: &str, bytes: &[u8]) -> Mail {
        let mut encoded = String::new();
        for byte in name.bytes() {
            let _ = write!(encoded, "%{byte:02X}");
        }
        self.parts.push(format!(
            "Content-Type: {media_type}\r\nContent-Disposition: attachment; filename*=utf-8''{encoded}\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            base64(bytes)
        ));
        self
    }

    pub(crate) fn raw(&self) -> Vec<u8> {
        let mut raw = "From: a@example.com\r\nTo: b@example.org\r\nSubject: list\r\nDate: Mon, 5 Jan 2026 09:00:00 +0800\r\n\
             Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n"
            .to_owned();
        let _ = write!(raw, "--=_b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n", self.body);
        for part in &self.parts {
            let _ = write!(raw, "--=_b\r\n{part}");
        }
        raw.push_str("--=_b--\r\n");
        raw.into_bytes()
    }
}

/// A message as a file, with an attachment.
pub(crate) fn eml(body: &str, name: &str, bytes: &[u8]) -> Vec<u8> {
    Mail::new(body).with(name, bytes).raw()
}

/// A table with a title, heads and a number, in GBK.
pub(crate) fn csv_gbk() -> Vec<u8> {
    let text = format!("员工名单,\r\n姓名,身份证号\r\n张三,{ID}\r\n");
    encoding_rs::GBK.encode(&text).0.into_owned()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len() * 3 / 2);
    for line in bytes.chunks(57) {
        for group in line.chunks(3) {
            let word = group
                .iter()
                .enumerate()
                .fold(0u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
            (0..4).for_each(|at| {
                out.push(if at <= group.len() {
                    char::from(ALPHABET[(word >> (18 - 6 * at)) as usize & 63])
                } else {
                    '='
                });
            });
        }
        out.push_str("\r\n");
    }
    out.truncate(out.trim_end().len());
    out
}

pub(crate) fn uuencode(name: &str, bytes: &[u8]) -> String {
    let letter = |six: u32| char::from(if six == 0 { b'`' } else { six as u8 + 32 });
    let mut out = format!("begin 644 {name}\n");
    for line in bytes.chunks(45) {
        out.push(letter(line.len() as u32));
        for group in line.chunks(3) {
            let word = group
                .iter()
                .enumerate()
                .fold(0u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
            (0..4).for_each(|at| out.push(letter(word >> (18 - 6 * at) & 63)));
        }
        out.push('\n');
    }
    out + "`\nend\n"
}

pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    packed_zip(members, options())
}

/// With a password: AES, or the old cipher.
pub(crate) fn zip_locked(members: &[(&str, &[u8])], password: &str, is_aes: bool) -> Vec<u8> {
    use zip::unstable::write::FileOptionsExt;
    packed_zip(
        members,
        if is_aes {
            options().with_aes_encryption(AesMode::Aes256, password)
        } else {
            options().with_deprecated_encryption(password.as_bytes()).expect("a password")
        },
    )
}

fn options<'p>() -> FileOptions<'p, 'static, ()> {
    FileOptions::default().compression_method(CompressionMethod::Deflated)
}

fn packed_zip(members: &[(&str, &[u8])], options: FileOptions<'_, 'static, ()>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, options).expect("a name");
        zip.write_all(bytes).expect("memory");
    }
    zip.finish().expect("a zip").into_inner()
}

pub(crate) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *bytes).expect("memory");
    }
    tar.into_inner().expect("memory")
}

pub(crate) fn gz(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut builder = flate2::GzBuilder::new();
    if !name.is_empty() {
        builder = builder.filename(name);
    }
    let mut out = builder.write(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).expect("memory");
    out.finish().expect("memory")
}

pub(crate) fn zst(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut out = lzma_rust2::XzWriter::new(Vec::new(), options).expect("memory");
    out.write_all(bytes).expect("memory");
    out.finish().expect("memory")
}

pub(crate) fn sevenz(members: &[(&str, &[u8])]) -> Vec<u8> {
    sevenz_with(members, None)
}

pub(crate) fn sevenz_locked(members: &[(&str, &[u8])], password: &str) -> Vec<u8> {
    sevenz_with(members, Some(password))
}

fn sevenz_with(members: &[(&str, &[u8])], password: Option<&str>) -> Vec<u8> {
    use sevenz_rust2::{ArchiveEntry, ArchiveWriter, EncoderMethod, encoder_options::AesEncoderOptions};
    let mut writer = ArchiveWriter::new(Cursor::new(Vec::new())).expect("memory");
    if let Some(password) = password {
        writer.set_content_methods(vec![
            AesEncoderOptions::new(password.into()).into(),
            EncoderMethod::LZMA2.into(),
        ]);
    }
    for (name, bytes) in members {
        writer.push_archive_entry(ArchiveEntry::new_file(name), Some(*bytes)).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}
