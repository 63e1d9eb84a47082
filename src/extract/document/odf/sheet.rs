//! A sheet of an OpenDocument spreadsheet: cells and rows that are written once and stand for many.

use super::super::{
    flow::{Flow, cell_name},
    number::{digits_are_lost, plain},
    xml::Element,
};
use crate::extract::{
    attached::{Note, PieceKind},
    reading::Reading,
};

/// Times that one full cell or row is read.
const MOST_REPEATS: u32 = 1_000;

/// A sheet that is being read.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    name: String,
    pub(super) is_hidden: bool,
    flow: Flow,
    row: u32,
    column: u32,
    row_repeats: u32,
    repeats: u32,
    value: String,
    cell: String,
    /// Cells of the row: column and text.
    cells: Vec<(u32, String)>,
    pub(super) is_in_cell: bool,
    is_number: bool,
    /// The first cell whose number has more digits than a number keeps.
    lost_digits: Option<String>,
}

impl Sheet {
    pub(super) fn new(name: String, is_hidden: bool) -> Sheet {
        Sheet { name, is_hidden, ..Sheet::default() }
    }

    /// Bytes of its text.
    pub(super) fn len(&self) -> usize {
        self.flow.len()
    }

    /// A row opens that stands for so many.
    pub(super) fn open_row(&mut self, repeats: u32) {
        self.row = self.row.saturating_add(1);
        self.row_repeats = repeats;
        self.column = 0;
        self.cells.clear();
    }

    /// A cell opens that stands for so many.
    pub(super) fn open_cell(&mut self, element: &Element<'_>, repeats: u32) {
        self.column = self.column.saturating_add(1);
        self.repeats = repeats;
        self.cell.clear();
        self.value = stored(element);
        self.is_number = element.get("value-type").is_some_and(|kind| kind == "float");
        self.is_in_cell = true;
    }

    /// A paragraph of the open cell.
    pub(super) fn add_line(&mut self, line: &str) {
        if !self.cell.is_empty() {
            self.cell.push('\n');
        }
        self.cell.push_str(line);
    }

    /// Hands on the sheet.
    pub(super) fn finish(self, kind: PieceKind, reading: &mut Reading<'_>) {
        if let Some(cell) = &self.lost_digits {
            reading.note(Note::LostDigits, &[&format!("{}!{cell}", self.name)]);
        }
        reading.extend([self.flow.finish_sheet(kind, &self.name)]);
    }

    pub(super) fn close_cell(&mut self) {
        self.is_in_cell = false;
        // A column that is too narrow shows less than is stored.
        let is_short =
            self.cell.trim().is_empty() || self.cell.starts_with("###") || self.cell.contains("E+");
        let has_value = !self.value.is_empty();
        let text = std::mem::take(if is_short && has_value { &mut self.value } else { &mut self.cell });
        if self.is_number && self.lost_digits.is_none() && digits_are_lost(&text) {
            self.lost_digits = Some(cell_name(self.row, self.column));
        }
        if !text.is_empty() {
            for step in 0..self.repeats.min(MOST_REPEATS) {
                self.cells.push((self.column.saturating_add(step), text.clone()));
            }
        }
        self.column = self.column.saturating_add(self.repeats.saturating_sub(1));
    }

    pub(super) fn close_row(&mut self, most: usize) {
        let times = if self.cells.is_empty() { 0 } else { self.row_repeats.min(MOST_REPEATS) };
        for step in 0..times {
            for (column, text) in &self.cells {
                if self.flow.len() >= most {
                    return;
                }
                self.flow.sheet_cell(self.row.saturating_add(step), *column, text);
            }
        }
        self.row = self.row.saturating_add(self.row_repeats.saturating_sub(1));
    }
}

/// The value of a cell as stored.
fn stored(element: &Element<'_>) -> String {
    let value = ["date-value", "time-value", "string-value", "boolean-value", "value"]
        .into_iter()
        .find_map(|name| element.get(name));
    plain(&value.unwrap_or_default())
}
