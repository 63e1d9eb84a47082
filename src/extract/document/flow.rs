//! Text in the making: paragraphs and tables as a reader meets them, with what each place is called.
//!
//! A paragraph is a line, the cells of a row stand between tabs, a row ends with a line. The readers of all formats write into this.

use std::collections::HashMap;

use crate::{
    extract::{
        Cell,
        attached::{Piece, PieceKind},
    },
    span::Span,
};

/// Rows at the top of a sheet in which its header is looked for.
const HEADER_ROWS: u32 = 12;
/// Cells of all tables that have names; text of more is read without.
const MOST_CELLS: usize = 4_000_000;
/// Columns that a spreadsheet can have.
const MOST_COLUMNS: u32 = 16_384;
/// Digits in a row that make it one of values, not of names.
const VALUE_DIGITS: usize = 4;

/// Text that grows line by line.
#[derive(Debug, Default)]
pub(super) struct Flow {
    text: String,
    cells: Vec<Cell>,
    /// Where numbered paragraphs start, with their number.
    paragraphs: Vec<(usize, u32)>,
    tables: u32,
    /// Tables that are open, the innermost last.
    open: Vec<Open>,
}

/// A table that is being written.
#[derive(Debug)]
struct Open {
    table: u32,
    row: u32,
    column: u32,
    /// The open cell, as an index.
    cell: Option<usize>,
}

impl Flow {
    /// Whether there is nothing but white space.
    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The text so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What it takes up: bytes of text, and a cell as much as a short text.
    pub(super) fn len(&self) -> usize {
        self.text.len().max(self.cells.len() * 8)
    }

    /// A paragraph; `number` is how a person would count it.
    pub(super) fn paragraph(&mut self, text: &str, number: Option<u32>) {
        if let Some(number) = number {
            self.paragraphs.push((self.text.len(), number));
        }
        if self.open.is_empty() && !text.contains('\r') {
            self.text.push_str(text);
        } else {
            push_clean(&mut self.text, text);
        }
        self.text.push('\n');
    }

    /// A table opens, in a cell of another or in the flow of text.
    pub(super) fn open_table(&mut self) {
        self.break_line();
        self.tables += 1;
        self.open.push(Open { table: self.tables, row: 0, column: 0, cell: None });
    }

    /// A row opens.
    pub(super) fn open_row(&mut self) {
        self.break_line();
        if let Some(open) = self.open.last_mut() {
            open.row += 1;
            open.column = 0;
        }
    }

    /// A cell opens.
    pub(super) fn open_cell(&mut self) {
        let Some(open) = self.open.last_mut() else { return };
        if open.column > 0 {
            self.text.push('\t');
        }
        let at = self.text.len();
        open.column = open.column.saturating_add(1);
        if self.cells.len() >= MOST_CELLS {
            return;
        }
        open.cell = Some(self.cells.len());
        self.cells.push(Cell {
            span: Span::new(at, at),
            table: open.table,
            row: open.row.max(1),
            column: open.column,
        });
    }

    /// The open cell, or what stands before the first of a row, takes `columns` more.
    pub(super) fn widen(&mut self, columns: u32) {
        if let Some(open) = self.open.last_mut() {
            open.column = open.column.saturating_add(columns.min(MOST_COLUMNS));
        }
    }

    /// The open cell ends.
    pub(super) fn close_cell(&mut self) {
        let Some(index) = self.open.last_mut().and_then(|open| open.cell.take()) else { return };
        let start = self.cells[index].span.start;
        // Its last paragraph left a line end behind.
        while self.text.len() > start && self.text.ends_with('\n') {
            self.text.pop();
        }
        self.cells[index].span = Span::new(start, self.text.len());
    }

    /// The table ends.
    pub(super) fn close_table(&mut self) {
        self.open.pop();
        self.break_line();
    }

    /// Whether a table is open.
    pub(super) fn is_in_table(&self) -> bool {
        !self.open.is_empty()
    }

    /// A cell of a sheet by its row and column, from 1; cells come in reading order.
    pub(super) fn sheet_cell(&mut self, row: u32, column: u32, text: &str) {
        match self.cells.last() {
            Some(last) if last.row == row => self.text.push('\t'),
            Some(_) => self.text.push('\n'),
            None => {}
        }
        let start = self.text.len();
        push_clean(&mut self.text, text);
        self.cells.push(Cell { span: Span::new(start, self.text.len()), table: 1, row, column });
    }

    /// The finished piece; `None` where there is nothing to read.
    pub(super) fn finish(mut self, kind: PieceKind, place: &[&str]) -> Option<Piece> {
        if self.is_empty() {
            return None;
        }
        self.cells.sort_by_key(|cell| cell.span.start);
        let heads = self.cells.iter().enumerate().filter(|(_, cell)| cell.row == 1);
        let heads = heads.map(|(index, cell)| ((cell.table, cell.column), index)).collect();
        Some(Piece {
            text: self.text,
            kind,
            place: place.iter().map(|&name| name.to_owned()).collect(),
            cells: self.cells,
            heads,
            paragraphs: self.paragraphs,
            sheet: None,
            is_lined: false,
        })
    }

    /// The finished sheet: its header row is found, and its cells are called by its name.
    pub(super) fn finish_sheet(self, kind: PieceKind, name: &str) -> Option<Piece> {
        let heads = self.sheet_heads();
        let piece = self.finish(kind, &[])?;
        Some(Piece { heads, sheet: Some(name.to_owned()), ..piece })
    }

    /// The heads of a sheet's columns. Titles and groups may stand over the header: it is the fullest row of words above the first row of values.
    fn sheet_heads(&self) -> HashMap<(u32, u32), usize> {
        let mut rows: Vec<(u32, usize, usize, bool)> = Vec::new();
        for (index, cell) in self.cells.iter().enumerate() {
            if rows.last().is_none_or(|(row, ..)| *row != cell.row) {
                if rows.len() as u32 >= HEADER_ROWS {
                    break;
                }
                rows.push((cell.row, index, 0, false));
            }
            let Some(row) = rows.last_mut() else { break };
            row.2 += 1;
            let text = cell.span.of_str(&self.text);
            row.3 |= text.bytes().filter(u8::is_ascii_digit).count() >= VALUE_DIGITS;
        }
        let words = rows.iter().take_while(|(.., has_values)| !has_values);
        // Of rows that are as full, the first.
        let fullest = words.reduce(|best, row| if row.2 > best.2 { row } else { best });
        let header = fullest.or(rows.first()).map_or(1, |(row, ..)| *row);
        let mut heads = HashMap::new();
        let upto = self.cells.partition_point(|cell| cell.row <= header);
        for (index, cell) in self.cells[..upto].iter().enumerate() {
            // A cell of the header row wins over a title above it.
            heads.insert((1, cell.column), index);
        }
        heads
    }

    fn break_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }
}

/// What a spreadsheet calls a cell: `C14`.
pub(super) fn cell_name(row: u32, column: u32) -> String {
    let (mut letters, mut column) = (Vec::new(), column);
    while column > 0 {
        letters.push(b'A' + ((column - 1) % 26) as u8);
        column = (column - 1) / 26;
    }
    letters.reverse();
    format!("{}{row}", String::from_utf8_lossy(&letters))
}

/// Adds text without the characters that make structure of it.
fn push_clean(into: &mut String, text: &str) {
    if text.bytes().all(|byte| byte >= b' ') {
        into.push_str(text);
    } else {
        into.extend(
            text.chars()
                .map(|c| if c == '\t' || c == '\r' { ' ' } else { c })
                .filter(|c| *c == '\n' || !c.is_control()),
        );
    }
}
