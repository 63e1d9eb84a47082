//! Where a thing is: [`Span`] (bytes of one named buffer), [`SpanMap`] (from a derived text back to the buffer that
//! it was made from) and [`Lines`] (from a byte to line and column).
//!
//! Every stage that rewrites text (transfer decoding, charset, HTML, folding) emits a map beside it. A finding is mapped back
//! through the chain of maps only once it exists, so building a map must be cheap and reading one may cost a binary search.

use std::borrow::Cow;

/// Half-open range of bytes, `start..end`, of one named buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span `start..end`; an end before the start makes an empty span.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start, end: end.max(start) }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether it covers no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies wholly inside.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share a byte.
    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The bytes of `buffer` that the span names, cut to what the buffer has.
    pub fn of(self, buffer: &[u8]) -> &[u8] {
        let end = self.end.min(buffer.len());
        &buffer[self.start.min(end)..end]
    }

    /// The text that the span names, widened to whole characters and cut to what the text has.
    pub fn of_str(self, text: &str) -> &str {
        let end = ceil_boundary(text, self.end);
        &text[floor_boundary(text, self.start.min(end))..end]
    }
}

/// The nearest character boundary at or before `at`.
pub fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The nearest character boundary at or after `at`.
pub fn ceil_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// A stretch of output made unit by unit: each `out_unit` output bytes come from `src_unit` source bytes.
/// `1:1` is a copy, `3:4` base64, `3:2` Chinese characters of GBK; a run of a single unit is a block that maps as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    out: usize,
    src: usize,
    out_unit: usize,
    src_unit: usize,
}

/// Bytes of a line of mail, about.
const LINE: usize = 32;
/// Lines that a map has room for from the start.
const MOST_LINES: usize = 1 << 10;

/// Maps spans of a derived text to spans of its source buffer.
///
/// Coarse, never wrong: a span inside a unit maps to the whole unit, so the mapped span always contains the bytes that the
/// text was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanMap {
    /// Empty: the text is a copy of the source from `base` on.
    runs: Vec<Run>,
    base: usize,
    out_len: usize,
}

impl SpanMap {
    /// The text is the source from byte `base` on, `len` bytes long.
    pub fn shifted(base: usize, len: usize) -> SpanMap {
        SpanMap { runs: Vec::new(), base, out_len: len }
    }

    /// An empty map, to be built by [`copy`](Self::copy), [`units`](Self::units) and [`block`](Self::block) in output order.
    pub fn builder() -> SpanMap {
        SpanMap::default()
    }

    /// The same for a text of about `len` bytes that is copied line by line.
    pub fn builder_for(len: usize) -> SpanMap {
        SpanMap { runs: Vec::with_capacity((len / LINE).min(MOST_LINES)), ..SpanMap::default() }
    }

    /// The next `len` output bytes are a copy of the source from `src` on.
    pub fn copy(&mut self, src: usize, len: usize) {
        self.units(src, 1, 1, len);
    }

    /// The next `out_len` output bytes are one unit, made from `src_len` source bytes at `src`.
    pub fn block(&mut self, src: usize, src_len: usize, out_len: usize) {
        self.units(src, out_len.max(1), src_len, out_len);
    }

    /// The next `out_len` output bytes are made unit by unit from the source at `src`.
    pub fn units(&mut self, src: usize, out_unit: usize, src_unit: usize, out_len: usize) {
        if out_len == 0 {
            return;
        }
        let next = Run { out: self.out_len, src, out_unit, src_unit };
        self.out_len += out_len;
        if let Some(last) = self.runs.last() {
            let done = next.out - last.out;
            // Most text is copied, and a division is slow.
            let units = || {
                if out_unit == 1 {
                    Some(done)
                } else {
                    done.is_multiple_of(out_unit).then(|| done / out_unit)
                }
            };
            let continues = last.out_unit == out_unit
                && last.src_unit == src_unit
                && units().is_some_and(|units| last.src + units * src_unit == src);
            if continues {
                return;
            }
        }
        self.runs.push(next);
    }

    /// Forgets the map of all text from `len` on.
    pub fn truncate(&mut self, len: usize) {
        while self.runs.last().is_some_and(|run| run.out >= len) {
            self.runs.pop();
        }
        self.out_len = self.out_len.min(len);
    }

    /// Length of the mapped text in bytes.
    pub fn out_len(&self) -> usize {
        self.out_len
    }

    /// The source span that `span` of the text was made from. An empty span maps to an empty one.
    pub fn source(&self, span: Span) -> Span {
        if self.runs.is_empty() {
            return Span::new(self.base + span.start, self.base + span.end);
        }
        let first = self.run_of(span.start);
        let (start, start_end) = self.unit(first, span.start);
        if span.is_empty() {
            return Span::new(start, start);
        }
        // Most spans are short.
        let is_within = self.runs.get(first + 1).is_none_or(|next| span.end <= next.out);
        let last = if is_within { first } else { self.run_of(span.end - 1) };
        let (end_start, end) = self.unit(last, span.end - 1);
        // Sources ascend in every text but one whose parts were moved; there the hull of all runs is the honest answer.
        let (mut low, mut high) = (start.min(end_start), end.max(start_end));
        if self.runs[first..=last].windows(2).any(|pair| pair[1].src < pair[0].src) {
            for run in &self.runs[first..=last] {
                low = low.min(run.src);
                high = high.max(run.src + run.src_unit);
            }
        }
        Span::new(low, high)
    }

    /// The first output byte that was made from byte `src` of the source or what follows it; sources ascend.
    pub fn made_from(&self, src: usize) -> usize {
        if self.runs.is_empty() {
            return src.saturating_sub(self.base).min(self.out_len);
        }
        let behind = self.runs.partition_point(|run| run.src < src);
        let end = self.runs.get(behind).map_or(self.out_len, |run| run.out);
        let Some(run) = behind.checked_sub(1).map(|before| self.runs[before]) else { return end };
        // A run of nothing but its place has one unit.
        let units = (src - run.src).div_ceil(run.src_unit.max(1));
        end.min(run.out + units * run.out_unit)
    }

    /// The run that made output byte `at`.
    fn run_of(&self, at: usize) -> usize {
        self.runs.partition_point(|run| run.out <= at).saturating_sub(1)
    }

    /// Start and end in the source of the unit of a run that made output byte `at`.
    fn unit(&self, run: usize, at: usize) -> (usize, usize) {
        let run = self.runs[run];
        let made = at.saturating_sub(run.out);
        // Most text is copied, and a division is slow.
        let unit = if run.out_unit == 1 { made } else { made / run.out_unit };
        let start = run.src + unit * run.src_unit;
        (start, start + run.src_unit)
    }
}

/// Newlines of a buffer, for turning byte offsets into what an editor shows.
#[derive(Debug)]
pub struct Lines<'a> {
    buffer: &'a [u8],
    /// Newlines before each block: few places are asked for, so their lines are counted from there.
    before: Vec<usize>,
}

/// Bytes of a block.
const BLOCK: usize = 4 << 10;

impl<'a> Lines<'a> {
    /// Counts the newlines of `buffer`.
    pub fn new(buffer: &'a [u8]) -> Lines<'a> {
        let counts = buffer.chunks(BLOCK).scan(0, |count, block| {
            let before = *count;
            *count += newlines(block);
            Some(before)
        });
        Lines { buffer, before: counts.collect() }
    }

    /// Line and column, both from 1; the column counts code points, read as UTF-8 where the line is UTF-8 and
    /// otherwise by the lead and trail bytes of a double-byte charset.
    pub fn position(&self, at: usize) -> (usize, usize) {
        let before = &self.buffer[..at.min(self.buffer.len())];
        let block = (before.len() / BLOCK).min(self.before.len().saturating_sub(1));
        let count = self.before.get(block).unwrap_or(&0) + newlines(&before[block * BLOCK..]);
        let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        (1 + count, 1 + code_points(&before[start..]))
    }
}

/// Newlines in `bytes`.
fn newlines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

/// Code points in `bytes`.
fn code_points(bytes: &[u8]) -> usize {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.chars().count();
    }
    let (mut count, mut at) = (0, 0);
    while at < bytes.len() {
        at += if bytes[at] >= 0x81 { 2 } else { 1 };
        count += 1;
    }
    count
}

/// Text beside its map: what every decoding step returns.
#[derive(Clone, Debug)]
pub struct Mapped<'a> {
    /// The decoded text.
    pub text: Cow<'a, str>,
    /// From `text` to the buffer it was decoded from.
    pub map: SpanMap,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_blocks_and_units_map_back() {
        let mut map = SpanMap::builder();
        map.copy(10, 4); // out 0..4   <- 10..14
        map.block(14, 6, 2); // out 4..6   <- 14..20 (&nbsp;)
        map.units(20, 3, 4, 6); // out 6..12  <- 20..28 (base64)
        for (span, want) in [
            ((0, 4), (10, 14)),
            ((1, 2), (11, 12)),
            ((4, 5), (14, 20)),
            ((3, 7), (13, 24)),
            ((9, 10), (24, 28)),
            ((0, 12), (10, 28)),
            ((2, 2), (12, 12)),
        ] {
            assert_eq!(map.source(Span::new(span.0, span.1)), Span::new(want.0, want.1), "{span:?}");
        }
    }

    #[test]
    fn what_was_made_from_a_place_is_where_sources_reach_it() {
        let mut map = SpanMap::builder();
        map.copy(10, 4);
        map.block(14, 6, 2);
        map.units(23, 3, 4, 6);
        map.block(40, 0, 1);
        map.copy(40, 3);
        for map in [map, SpanMap::shifted(7, 12), SpanMap::builder()] {
            for src in 0..50 {
                let reached = (0..map.out_len()).find(|at| map.source(Span::new(*at, at + 1)).start >= src);
                assert_eq!(map.made_from(src), reached.unwrap_or(map.out_len()), "{src} in {map:?}");
            }
        }
    }

    #[test]
    fn continued_runs_are_one() {
        let mut map = SpanMap::builder();
        map.copy(0, 4);
        map.copy(4, 4);
        map.units(8, 3, 2, 6);
        map.units(12, 3, 2, 3);
        assert_eq!(map.runs.len(), 2);
        assert_eq!(map.source(Span::new(14, 17)), Span::new(12, 14));
    }

    #[test]
    fn moved_text_maps_to_its_hull() {
        let mut map = SpanMap::builder();
        map.copy(100, 5);
        map.copy(10, 5);
        assert_eq!(map.source(Span::new(3, 7)), Span::new(10, 104).min(Span::new(10, 104)));
    }

    #[test]
    fn lines_count_from_one_and_columns_in_code_points() {
        let lines = Lines::new("ab\n身份证号110\r\n\nx".as_bytes());
        assert_eq!(lines.position(0), (1, 1));
        assert_eq!(lines.position(3 + 12), (2, 5));
        assert_eq!(lines.position(usize::MAX), (4, 2));
    }
}
