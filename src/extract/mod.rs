//! Parts in, [`Segment`]s out: the text of a message as a reader sees it, piece by piece, each with the way back to the raw bytes.
//!
//! Text of the message is read by the extractor that knows the part, files by the reader that knows their format, and files within them by the next.
//! What none can read is listed with its reason, never passed over.

mod attached;
mod block;
mod budget;
mod container;
mod document;
mod format;
mod html;
mod parts;
mod password;
mod plain;
mod reading;
mod rich;
mod textual;

use std::{borrow::Cow, collections::HashMap, sync::Arc};

pub use self::{
    attached::{File, Note, Noted},
    format::{Family, Format},
};
use crate::{
    message::{Body, BufferId, Limits, Message, NotInspected, Part},
    span::{Span, SpanMap},
};

/// A piece of text with its kind and the maps back to its buffer.
#[derive(Debug)]
pub struct Segment<'m> {
    /// What it is.
    pub kind: Kind,
    /// IMAP part number or header section.
    pub part: &'m str,
    /// Where it stands for a person, outermost first: attachment names.
    pub place: Vec<String>,
    /// The text.
    pub text: Cow<'m, str>,
    /// From `text` to what it was extracted from.
    pub map: SpanMap,
    /// From there to the buffer, where that is another step.
    pub under: Option<&'m SpanMap>,
    /// The buffer that the maps lead to.
    pub buffer: BufferId,
    /// Table cells in text order; an inner table's cells follow the start of the cell that holds them.
    pub cells: Vec<Cell>,
    /// Index in `cells` of the first row's cells, by table and column.
    pub heads: HashMap<(u32, u32), usize>,
    /// Stretches that the markup names as quoted.
    pub quoted: Vec<Span>,
    /// Stretches that the markup names as signature.
    pub signature: Vec<Span>,
    /// The file that it is out of.
    pub origin: Origin,
}

/// What file a segment is out of, and how places in it are called.
#[derive(Debug, Default)]
pub struct Origin {
    /// Index of the file; `None` for text of the message itself.
    pub file: Option<usize>,
    /// Bytes of text of that file that stand before it.
    pub offset: usize,
    /// How places are called.
    pub spots: Spots,
    /// The sheet that its cells are of.
    pub sheet: Option<String>,
}

/// How places in a text are called that has no way back to the raw bytes.
#[derive(Debug, Default)]
pub enum Spots {
    /// Not at all.
    #[default]
    None,
    /// By its lines.
    Lines,
    /// By numbered paragraphs: where each starts, and its number.
    Paragraphs(Vec<(usize, u32)>),
}

/// What a segment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The subject.
    Subject,
    /// Display names of sender and recipients.
    Names,
    /// A header field that tells the classification of the message.
    Label,
    /// The name of an attached file.
    FileName,
    /// Text of the message. Lines may be wrapped by the mail client.
    Plain,
    /// Rendered HTML of the message. A line is a line.
    Html,
    /// Text of an attached file.
    Attached,
    /// Text that an attached file holds and does not show: hidden sheets, comments, tracked deletions.
    AttachedHidden,
    /// Headers, footers and watermarks of an attached file.
    Marked,
    /// Properties of an attached file.
    Property,
    /// Text that a reader does not see: hidden by style, outside all parts.
    Hidden,
    /// Link targets, one a line.
    Links,
}

/// A table cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its text, in the segment's text.
    pub span: Span,
    /// The table, from 1 in document order.
    pub table: u32,
    /// The row, from 1.
    pub row: u32,
    /// The column, from 1, spans counted.
    pub column: u32,
}

/// Class names and ids by which mail clients mark quotes and signatures, lower case.
#[derive(Debug, Default)]
pub struct Markup {
    /// Elements that hold a quoted message.
    pub quote: Vec<String>,
    /// Elements that hold a signature.
    pub signature: Vec<String>,
}

/// Segments of a message and what could not be read.
#[derive(Debug, Default)]
pub struct Extracted<'m> {
    /// In reading order: header, then parts.
    pub segments: Vec<Segment<'m>>,
    /// Parts that no extractor can read.
    pub not_inspected: Vec<NotInspected>,
    /// Files that are attached, and files within them.
    pub files: Vec<File>,
    /// What there is to say of files beside their text.
    pub notes: Vec<Noted>,
}

/// Extracts all text of a message.
pub fn all<'m>(message: &'m Message<'m>, markup: &Arc<Markup>, limits: &Limits) -> Extracted<'m> {
    parts::all(message, markup, limits)
}

impl<'m> Segment<'m> {
    /// A segment that is the whole of a decoded text.
    fn whole(
        kind: Kind,
        part: &'m str,
        content: &'m crate::span::Mapped<'m>,
        buffer: BufferId,
    ) -> Segment<'m> {
        Segment {
            kind,
            part,
            place: Vec::new(),
            text: Cow::Borrowed(&content.text),
            map: SpanMap::shifted(0, content.text.len()),
            under: Some(&content.map),
            buffer,
            cells: Vec::new(),
            heads: HashMap::new(),
            quoted: Vec::new(),
            signature: Vec::new(),
            origin: Origin::default(),
        }
    }

    /// The span of the buffer that a span of the text was made from.
    pub fn buffer_span(&self, span: Span) -> Span {
        let span = self.map.source(span);
        self.under.map_or(span, |under| under.source(span))
    }

    /// The innermost table cell that holds `span`.
    pub fn cell(&self, span: Span) -> Option<&Cell> {
        let started = self.cells.partition_point(|cell| cell.span.start <= span.start);
        // The innermost is the nearest one before that is long enough; nested tables are shallow.
        self.cells[..started].iter().rev().take(256).find(|cell| cell.span.contains(span))
    }

    /// The cell of the same row that stands `steps` columns to the left of `cell`.
    pub fn cell_left_of(&self, cell: &Cell, steps: u32) -> Option<&Cell> {
        let at = self.cells.element_offset(cell)?;
        let column = cell.column.checked_sub(steps).filter(|column| *column > 0)?;
        let before = self.cells[..at].iter().rev().take(256);
        // Cells of another table may stand in one of this row.
        let mut before = before.take_while(|other| other.table != cell.table || other.row == cell.row);
        before.find(|other| (other.table, other.row, other.column) == (cell.table, cell.row, column))
    }

    /// The cell at the head of the column of `cell`; `None` for a head itself.
    pub fn cell_above(&self, cell: &Cell) -> Option<&Cell> {
        let head = self.heads.get(&(cell.table, cell.column))?;
        self.cells.get(*head).filter(|head| head.row < cell.row)
    }

    /// What the place of `span` is called within the text: `Table 1!C3`, `Sheet1!C3`, `line 7`, `paragraph 12`.
    pub fn spot(&self, span: Span) -> Option<String> {
        if let Some(cell) = self.cell(span) {
            return Some(match self.origin.sheet.as_deref() {
                None => format!("Table {}!{}", cell.table, cell.name()),
                Some("") => cell.name(),
                Some(sheet) => format!("{sheet}!{}", cell.name()),
            });
        }
        match &self.origin.spots {
            Spots::None => None,
            Spots::Lines => {
                let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
                Some(format!("line {}", 1 + memchr::memchr_iter(b'\n', before).count()))
            }
            Spots::Paragraphs(starts) => {
                let started = starts.partition_point(|(start, _)| *start <= span.start);
                let (_, number) = starts.get(started.checked_sub(1)?)?;
                Some(format!("paragraph {number}"))
            }
        }
    }
}

impl Cell {
    /// The cell as a spreadsheet would name it: `C3`.
    pub fn name(&self) -> String {
        let mut letters = Vec::new();
        let mut column = self.column;
        while column > 0 {
            letters.push(b'A' + ((column - 1) % 26) as u8);
            column = (column - 1) / 26;
        }
        letters.reverse();
        format!("{}{}", String::from_utf8_lossy(&letters), self.row)
    }
}

/// `place` with one more name.
fn with(place: &[String], name: &str) -> Vec<String> {
    place.iter().cloned().chain([name.to_owned()]).collect()
}

/// The kind of a part's running text.
fn text_kind(part: &Part<'_>, shown: Kind) -> Kind {
    match part.body {
        Body::Outside(_) => Kind::Hidden,
        _ if part.is_attachment => Kind::Attached,
        _ => shown,
    }
}

/// The place of a part's text: the names that it is nested in, with its own if it is a file.
fn text_place(part: &Part<'_>) -> Vec<String> {
    match &part.name {
        Some(name) if part.is_attachment => with(&part.place, name),
        _ => part.place.clone(),
    }
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
mod tests;
