//! Single files that are compressed: gzip, bzip2, xz, lzma, zstd. What is inside is called as the file without its ending.

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use lzma_rust2::{LzmaReader, XzReader};

use super::{name, zstd::Zstd};
use crate::{
    extract::{attached::Reader, reading::Reading},
    message::Unread,
};

pub(super) const READER: Reader =
    Reader { knows: |head| matches!(head.format.id, "gz" | "bz2" | "xz" | "lzma" | "zst"), read };

/// Kilobytes that a dictionary may take.
pub(super) const MEMORY: u32 = 128 << 10;

fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let outer = reading.name();
    let (stem, ending) = outer.rsplit_once('.').unwrap_or((outer, ""));
    let mut inner = match ending.to_ascii_lowercase().as_str() {
        "gz" | "bz2" | "xz" | "lzma" | "zst" => stem.to_owned(),
        "tgz" | "tbz" | "tbz2" | "txz" | "tzst" => format!("{stem}.tar"),
        _ => format!("{outer} content"),
    };
    let (content, result) = match reading.format() {
        "gz" => {
            let mut decoder = MultiGzDecoder::new(bytes);
            if let Some(said) =
                decoder.header().and_then(|header| header.filename()).filter(|said| !said.is_empty())
            {
                inner = name(said);
            }
            reading.unpack(&mut decoder, bytes.len())
        }
        "bz2" => reading.unpack(&mut MultiBzDecoder::new(bytes), bytes.len()),
        "zst" => reading.unpack(&mut Zstd::new(bytes), bytes.len()),
        "xz" => reading.unpack(&mut XzReader::new_mem_limit(bytes, true, MEMORY), bytes.len()),
        _ => {
            let mut decoder = LzmaReader::new_mem_limit(bytes, MEMORY, None).map_err(|_| Unread::Broken)?;
            reading.unpack(&mut decoder, bytes.len())
        }
    };
    match result {
        Ok(()) => reading.member(&inner, content),
        Err(reason) if content.is_empty() => return Err(reason),
        Err(reason) => reading.broken_member(&inner, content, reason),
    }
    Ok(())
}
