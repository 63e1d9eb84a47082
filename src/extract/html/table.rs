//! Numbers of table cells: table in document order, row and column, spans counted.
//!
//! As a spreadsheet would number them, but that a cell that spans rows moves nothing in the rows below it.

/// The tables that are open, innermost last.
#[derive(Debug, Default)]
pub(super) struct Tables {
    open: Vec<Table>,
    count: u32,
}

#[derive(Debug)]
struct Table {
    number: u32,
    row: u32,
    column: u32,
}

/// The place of a cell, each number from 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) table: u32,
    pub(super) row: u32,
    pub(super) column: u32,
    /// Whether no cell stands before it in its row.
    pub(super) is_first: bool,
}

impl Tables {
    /// Opens a table.
    pub(super) fn open(&mut self) {
        self.count += 1;
        self.open.push(Table { number: self.count, row: 0, column: 0 });
    }

    /// Closes the innermost table.
    pub(super) fn close(&mut self) {
        self.open.pop();
    }

    /// Starts a row of the innermost table.
    pub(super) fn row(&mut self) {
        if let Some(table) = self.open.last_mut() {
            table.row += 1;
            table.column = 0;
        }
    }

    /// Starts a cell of the innermost table that takes so many columns; `None` outside tables.
    pub(super) fn cell(&mut self, columns: u32) -> Option<Place> {
        let table = self.open.last_mut()?;
        table.row = table.row.max(1);
        let before = table.column;
        table.column += columns;
        Some(Place { table: table.number, row: table.row, column: before + 1, is_first: before == 0 })
    }
}
