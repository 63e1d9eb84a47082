//! A page being rendered: text with its map to the source, in a stream for each way that a reader meets it, and what is known of its stretches.
//!
//! White space is folded here, so that every stream reads as a browser shows it.

use std::{borrow::Cow, collections::HashMap};

use crate::{
    extract::{Cell, Kind, Origin, Segment, text_kind, text_place},
    message::Part,
    span::{Span, SpanMap},
};

/// A rendered page: what is seen, what is hidden, where links lead.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) shown: Stream,
    pub(super) hidden: Stream,
    pub(super) links: Stream,
    pub(super) cells: Vec<Cell>,
    pub(super) quoted: Vec<Span>,
    pub(super) signature: Vec<Span>,
}

/// Text being rendered, with its map to the source.
#[derive(Debug, Default)]
pub(super) struct Stream {
    pub(super) text: String,
    pub(super) map: SpanMap,
    /// Where in the source the last text came from.
    source_end: usize,
}

impl Page {
    pub(super) fn into_segments<'m>(
        self,
        part: &'m Part<'m>,
        under: &'m SpanMap,
        segments: &mut Vec<Segment<'m>>,
    ) {
        let segment = |kind, stream: Stream| Segment {
            kind,
            part: &part.number,
            place: text_place(part),
            text: Cow::Owned(stream.text),
            map: stream.map,
            under: Some(under),
            buffer: part.buffer,
            cells: Vec::new(),
            heads: HashMap::new(),
            quoted: Vec::new(),
            signature: Vec::new(),
            origin: Origin::default(),
        };
        let heads = self.cells.iter().enumerate().filter(|(_, cell)| cell.row == 1);
        let heads = heads.map(|(index, cell)| ((cell.table, cell.column), index)).collect();
        segments.push(Segment {
            heads,
            cells: self.cells,
            quoted: self.quoted,
            signature: self.signature,
            ..segment(text_kind(part, Kind::Html), self.shown)
        });
        for (kind, stream) in [(Kind::Hidden, self.hidden), (Kind::Links, self.links)] {
            if !stream.text.trim().is_empty() {
                segments.push(segment(kind, stream));
            }
        }
    }
}

impl Stream {
    /// Appends source text, white space folded to one space unless it is preformatted.
    pub(super) fn push_copy(&mut self, text: &str, at: usize, preformatted: bool) {
        if preformatted {
            self.text.push_str(text);
            self.map.copy(at, text.len());
            self.source_end = at + text.len();
            return;
        }
        let bytes = text.as_bytes();
        let mut from = 0;
        while from < bytes.len() {
            // Single spaces between words belong to the copy.
            let folds = |pair: &[u8]| is_space(pair[0]) && (pair[0] != b' ' || is_space(pair[1]));
            let rest = &bytes[from..];
            let len = if from == 0 && is_space(rest[0]) {
                0
            } else {
                rest.windows(2).position(folds).unwrap_or(rest.len())
            };
            let len = if len == rest.len() && len > 1 && is_space(rest[len - 1]) { len - 1 } else { len };
            self.text.push_str(&text[from..from + len]);
            self.map.copy(at + from, len);
            from += len;
            let blank = bytes[from..].iter().take_while(|byte| is_space(**byte)).count();
            if blank > 0 {
                if !self.ends_blank() {
                    self.text.push(' ');
                    self.map.block(at + from, blank, 1);
                }
                from += blank;
            }
        }
        self.source_end = at + text.len();
    }

    /// Appends text that maps as a whole to `source`: a decoded character reference, the value of an attribute.
    pub(super) fn push_reference(&mut self, decoded: &str, source: Span) {
        self.text.push_str(decoded);
        self.map.block(source.start, source.len(), decoded.len());
        self.source_end = source.end;
    }

    /// Appends layout that stands nowhere in the source; it maps to the place where the source goes on.
    pub(super) fn push_made(&mut self, text: &str) {
        self.text.push_str(text);
        self.map.block(self.source_end, 0, text.len());
    }

    fn ends_blank(&self) -> bool {
        self.text.is_empty() || self.text.ends_with([' ', '\n', '\t'])
    }

    /// Drops the space before a line break.
    pub(super) fn trim_blank(&mut self) {
        if self.text.ends_with(' ') {
            self.text.pop();
            self.map.truncate(self.text.len());
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b'\x0c')
}
