//! What of a buffer stands in parts, and so what stands in none: preamble, epilogue, gaps between parts.
//!
//! Boundary lines and white space are no text. Everything else is, however unlikely a mail client is to show it.

use mail_parser::{MessagePart, MimeHeaders};

use super::Limits;
use crate::span::Span;

/// Reading one buffer: what of it is in parts, and the boundaries between them.
pub(super) struct Walk<'a, 'l> {
    pub(super) bytes: &'a [u8],
    pub(super) limits: &'l Limits,
    covered: Vec<Span>,
    boundaries: Vec<String>,
}

impl<'a, 'l> Walk<'a, 'l> {
    pub(super) fn new(bytes: &'a [u8], limits: &'l Limits) -> Walk<'a, 'l> {
        Walk { bytes, limits, covered: Vec::new(), boundaries: Vec::new() }
    }

    /// Offsets of mail-parser as a span that lies within the buffer.
    pub(super) fn within(&self, start: u32, end: u32) -> Span {
        let end = (end as usize).min(self.bytes.len());
        Span::new((start as usize).min(end), end)
    }

    pub(super) fn cover(&mut self, start: u32, end: u32) -> Span {
        let span = self.within(start, end);
        self.covered.push(span);
        span
    }

    pub(super) fn boundary(&mut self, part: &MessagePart<'_>) {
        if let Some(boundary) = part.content_type().and_then(|kind| kind.attribute("boundary")) {
            self.boundaries.push(boundary.to_owned());
        }
    }

    /// Calls `keep` with each stretch that is in no part and holds more than boundaries and white space.
    pub(super) fn gaps(mut self, mut keep: impl FnMut(usize, &'a [u8])) {
        if self.boundaries.is_empty() && self.covered.len() <= 2 {
            return;
        }
        self.covered.sort_unstable();
        let mut at = 0;
        for index in 0..=self.covered.len() {
            let next =
                self.covered.get(index).copied().unwrap_or(Span::new(self.bytes.len(), self.bytes.len()));
            if next.start > at {
                self.gap(Span::new(at, next.start), &mut keep);
            }
            at = at.max(next.end);
        }
    }

    fn gap(&self, gap: Span, keep: &mut impl FnMut(usize, &'a [u8])) {
        let is_boundary = |line: &[u8]| {
            line.strip_prefix(b"--")
                .is_some_and(|rest| self.boundaries.iter().any(|b| rest.starts_with(b.as_bytes())))
        };
        let mut stretch: Option<Span> = None;
        let mut at = gap.start;
        for line in self.bytes[gap.start..gap.end].split_inclusive(|&byte| byte == b'\n') {
            let content = line.trim_ascii();
            if is_boundary(content) {
                if let Some(stretch) = stretch.take() {
                    keep(stretch.start, &self.bytes[stretch.start..stretch.end]);
                }
            } else if !content.is_empty() && content != b"--" {
                let start = stretch.map_or(at, |stretch| stretch.start);
                stretch = Some(Span::new(start, at + line.len()));
            }
            at += line.len();
        }
        if let Some(stretch) = stretch {
            keep(stretch.start, &self.bytes[stretch.start..stretch.end]);
        }
    }
}
