//! Word documents of 97 to 2003 (doc): the stories of the document by its piece table, with hidden and deleted text set apart. MS-DOC 2.4, 2.5, 2.9.
//!
//! What a character is, is told by runs of properties over file offsets; of these only three are read: deleted, hidden, end of a table row.

mod runs;

use std::io::Cursor;

use cfb::CompoundFile;

use self::runs::Runs;
use super::{
    bytes::{latin1, offset_at, slice, u16_at, u32_at, utf16},
    flow::Flow,
    ole, property_sets,
    wordml::lead,
};
use crate::{
    extract::{attached::PieceKind, reading::Reading},
    message::Unread,
};

/// Stories in the order of their characters: offset of their length, kind, name.
const STORIES: &[(usize, PieceKind, &str)] = &[
    (0x4c, PieceKind::Body, ""),
    (0x50, PieceKind::Body, "footnotes"),
    (0x54, PieceKind::Marked, "header and footer"),
    (0x58, PieceKind::Body, "macros"),
    (0x5c, PieceKind::Hidden, "comments"),
    (0x60, PieceKind::Body, "endnotes"),
    (0x64, PieceKind::Body, "text boxes"),
    (0x68, PieceKind::Marked, "text boxes of the header"),
];

/// Reads a Word document.
pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(|_| Unread::Broken)?;
    if file.is_stream("/EncryptedPackage") {
        return Err(Unread::Encrypted);
    }
    let document = ole::stream(&mut file, "/WordDocument", reading).ok_or(Unread::Broken)?;
    let flags = u16_at(&document, 0x0a).ok_or(Unread::Broken)?;
    if flags & 0x0100 != 0 {
        return Err(Unread::Encrypted);
    }
    let result = if u16_at(&document, 2).is_some_and(|version| version < 0xc1) {
        older(&document, reading)
    } else {
        let table = if flags & 0x0200 != 0 { "/1Table" } else { "/0Table" };
        let table = ole::stream(&mut file, table, reading).ok_or(Unread::Broken)?;
        stories(&document, &table, reading)
    };
    property_sets::read(&mut file, reading);
    ole::objects(&mut file, reading);
    result
}

/// Word 6 and 95: one run of bytes in the charset of its system.
fn older(document: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let (from, to) = offset_at(document, 0x18).zip(offset_at(document, 0x1c)).ok_or(Unread::Broken)?;
    let text = document.get(from..to.min(document.len())).ok_or(Unread::Broken)?;
    let mut story = Story::default();
    for c in crate::message::text_of(text).chars() {
        story.push(c, false, false, true);
    }
    story.finish(PieceKind::Body, "", reading);
    Ok(())
}

fn stories(document: &[u8], table: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let pieces = pieces(document, table).ok_or(Unread::Broken)?;
    let rows = Runs::of_paragraphs(document, table);
    let characters = Runs::of_characters(document, table);
    let mut ends = Vec::new();
    let mut end = 0_usize;
    for (at, ..) in STORIES {
        end = end.saturating_add(offset_at(document, *at).unwrap_or(0));
        ends.push(end);
    }
    let (mut story, mut index, mut cp) = (Story::default(), 0, 0_usize);
    for piece in pieces {
        let text = if piece.is_compressed { latin1(piece.bytes) } else { utf16(piece.bytes) };
        let width = if piece.is_compressed { 1 } else { 2 };
        let mut at = piece.offset;
        for c in text.chars() {
            while index < STORIES.len() && cp >= ends[index] {
                let done = std::mem::take(&mut story);
                done.finish(STORIES[index].1, STORIES[index].2, reading);
                index += 1;
            }
            if index == STORIES.len() {
                return Ok(());
            }
            let run = characters.at(at);
            story.push(c, run.is_deleted, run.is_hidden, rows.at(at).is_row_end);
            cp += c.len_utf16();
            at += width * c.len_utf16();
        }
    }
    let (_, kind, name) = STORIES[index.min(STORIES.len() - 1)];
    story.finish(kind, name, reading);
    Ok(())
}

/// A run of text in the file.
struct Piece<'d> {
    offset: usize,
    bytes: &'d [u8],
    is_compressed: bool,
}

/// The pieces of the text in order.
fn pieces<'d>(document: &'d [u8], table: &[u8]) -> Option<Vec<Piece<'d>>> {
    let clx = slice(table, offset_at(document, 0x1a2)?, offset_at(document, 0x1a6)?)?;
    let mut at = 0;
    while clx.get(at) == Some(&1) {
        at += 3 + usize::from(u16_at(clx, at + 1)?);
    }
    let plc = slice(clx, at + 5, offset_at(clx, at + 1)?)?;
    let count = plc.len().checked_sub(4)? / 12;
    let piece = |index: usize| {
        let chars = offset_at(plc, 4 * index + 4)?.checked_sub(offset_at(plc, 4 * index)?)?;
        let fc = u32_at(plc, 4 * (count + 1) + 8 * index + 2)?;
        let is_compressed = fc & 0x4000_0000 != 0;
        let fc = (fc & 0x3fff_ffff) as usize;
        let (offset, len) = if is_compressed { (fc / 2, chars) } else { (fc, chars.checked_mul(2)?) };
        let rest = document.get(offset..)?;
        Some(Piece { offset, bytes: &rest[..len.min(rest.len())], is_compressed })
    };
    Some((0..count).filter_map(piece).collect())
}

/// A story that is being read.
#[derive(Debug, Default)]
struct Story {
    shown: Flow,
    hidden: Flow,
    deleted: Flow,
    links: Flow,
    line: String,
    aside: (String, bool),
    /// Fields that are open: whether their result has begun.
    fields: Vec<bool>,
    instruction: String,
    cells: Vec<String>,
    counted: u32,
}

impl Story {
    fn push(&mut self, c: char, is_deleted: bool, is_hidden: bool, is_row_end: bool) {
        match c {
            '\u{13}' => self.fields.push(false),
            '\u{14}' => {
                if let Some(field) = self.fields.last_mut() {
                    *field = true;
                }
                let instruction = std::mem::take(&mut self.instruction);
                if !instruction.trim().is_empty() {
                    self.links.paragraph(instruction.trim(), None);
                }
            }
            '\u{15}' => drop(self.fields.pop()),
            '\r' | '\u{c}' => self.end_paragraph(),
            '\u{7}' => self.end_cell(is_row_end),
            '\u{b}' => self.text("\n", is_deleted, is_hidden),
            '\u{1e}' => self.text("-", is_deleted, is_hidden),
            '\t' => self.text("\t", is_deleted, is_hidden),
            c if c < ' ' => {}
            '\u{1f}' => {}
            c => self.text(c.encode_utf8(&mut [0; 4]), is_deleted, is_hidden),
        }
    }

    fn text(&mut self, text: &str, is_deleted: bool, is_hidden: bool) {
        if self.fields.last() == Some(&false) {
            return self.instruction.push_str(text);
        }
        if is_deleted || is_hidden {
            if self.aside.1 != is_deleted {
                self.end_aside();
            }
            self.aside.1 = is_deleted;
            return self.aside.0.push_str(text);
        }
        self.end_aside();
        self.line.push_str(text);
    }

    fn end_aside(&mut self) {
        let (text, is_deleted) = std::mem::take(&mut self.aside);
        if !text.trim().is_empty() {
            let flow = if is_deleted { &mut self.deleted } else { &mut self.hidden };
            flow.paragraph(&format!("{}{text}", lead(&self.line)), Some(self.counted + 1));
        }
    }

    fn end_paragraph(&mut self) {
        self.end_aside();
        if self.shown.is_in_table() {
            self.shown.close_table();
        }
        self.counted += 1;
        let line = std::mem::take(&mut self.line);
        if !line.trim().is_empty() {
            self.shown.paragraph(&line, Some(self.counted));
        }
    }

    fn end_cell(&mut self, is_row_end: bool) {
        self.end_aside();
        if !is_row_end {
            return self.cells.push(std::mem::take(&mut self.line));
        }
        if !self.shown.is_in_table() {
            self.shown.open_table();
        }
        self.shown.open_row();
        for cell in std::mem::take(&mut self.cells)
            .into_iter()
            .chain(Some(std::mem::take(&mut self.line)).filter(|line| !line.is_empty()))
        {
            self.shown.open_cell();
            self.shown.paragraph(&cell, None);
            self.shown.close_cell();
        }
    }

    fn finish(mut self, kind: PieceKind, name: &str, reading: &mut Reading<'_>) {
        if !self.cells.is_empty() {
            self.end_cell(true);
        }
        self.end_paragraph();
        let of = |what: &'static str| if name.is_empty() { vec![what] } else { vec![name, what] };
        let place: &[&str] = if name.is_empty() { &[] } else { &[name] };
        reading.extend([
            self.shown.finish(kind, place),
            self.deleted.finish(PieceKind::Hidden, &of("tracked deletion")),
            self.hidden.finish(PieceKind::Hidden, &of("hidden text")),
            self.links.finish(PieceKind::Property, &of("links and fields")),
        ]);
    }
}
