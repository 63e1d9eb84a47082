//! zstd (RFC 8878): frames one after the other, with skippable ones between them, as one stream.

use std::io::{self, Read};

use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::u32_at;

/// Decodes frames until there are no more.
pub(super) struct Zstd<'b> {
    rest: &'b [u8],
    frame: Option<StreamingDecoder<&'b [u8], FrameDecoder>>,
}

/// What the first bytes of a skippable frame are, but for their last four bits.
const SKIPPABLE: usize = 0x184d_2a50;

impl<'b> Zstd<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Zstd<'b> {
        Zstd { rest: bytes, frame: None }
    }

    /// What stands behind the skippable frames at the start of the rest.
    fn skip(&mut self) {
        while let Some((magic, len)) = u32_at(self.rest, 0).zip(u32_at(self.rest, 4))
            && magic & !0xf == SKIPPABLE
        {
            self.rest = self.rest.get(len.saturating_add(8)..).unwrap_or_default();
        }
    }
}

impl Read for Zstd<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.frame.is_none() {
                self.skip();
                if self.rest.is_empty() {
                    return Ok(0);
                }
                self.frame = Some(StreamingDecoder::new(self.rest).map_err(io::Error::other)?);
            }
            let Some(frame) = &mut self.frame else { return Ok(0) };
            let read = frame.read(into)?;
            if read > 0 || into.is_empty() {
                return Ok(read);
            }
            self.rest = frame.get_ref();
            self.frame = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    #[test]
    fn frames_are_one_stream_and_damage_is_an_error() {
        let frame = |text: &str| compress_to_vec(text.as_bytes(), CompressionLevel::Fastest);
        let skipped = [0x5a_u8, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        let bytes = [&skipped[..], &frame("first "), &skipped, &frame(&"second ".repeat(90_000))].concat();
        let mut text = String::new();
        Zstd::new(&bytes).read_to_string(&mut text).expect("whole frames");
        assert_eq!(text, format!("first {}", "second ".repeat(90_000)));
        for end in 0..bytes.len() {
            let mut out = Vec::new();
            let result = Zstd::new(&bytes[..end]).read_to_end(&mut out);
            assert!(text.as_bytes().starts_with(&out), "cut at {end}");
            assert!(result.is_err() || out.len() < text.len(), "cut at {end}");
        }
    }
}
