//! Excel workbooks in binary (xlsb, xls): cells by calamine, and beside it comments, text boxes, headers and what makes a file too large to lay out.
//!
//! These files store numbers as floating point, so nothing is lost in reading that was not lost before. MS-XLS 2.4, MS-XLSB 2.4.

use std::io::Cursor;

use calamine::{Data, DataRef, Reader, SheetType, SheetVisible, Xls, Xlsb};
use cfb::CompoundFile;

use super::{
    biff,
    docx::{drawings, embeddings, finish},
    flow::{Flow, cell_name},
    number::{digits_are_lost, plain},
    ole,
    package::Package,
    properties, property_sets,
};
use crate::{
    extract::{
        attached::{Note, PieceKind},
        reading::Reading,
    },
    message::Unread,
};

/// Cells between the corners of all sheets that are laid out.
const MOST_CELLS: u64 = 12_000_000;

/// Reads an xlsb workbook.
pub(super) fn read_xlsb(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut package = Package::open(bytes)?;
    // The library unpacks without bounds: each part is tried within them first.
    for name in package.names().to_vec() {
        package.part(&name, reading);
    }
    if let Some(reason) = package.unread() {
        return Err(reason);
    }
    let mut workbook: Xlsb<_> = Xlsb::new(Cursor::new(bytes)).map_err(|_| Unread::Broken)?;
    let mut broken = false;
    for sheet in workbook.sheets_metadata().to_vec() {
        let mut cells = Cells::default();
        let most = reading.text_left();
        match workbook.worksheet_cells_reader(&sheet.name) {
            Ok(mut reader) => loop {
                match reader.next_cell() {
                    Ok(Some(cell)) if cells.flow.len() < most => {
                        let (row, column) = cell.get_position();
                        cells.add(row, column, &shown_ref(cell.get_value()));
                    }
                    Ok(Some(_)) => {
                        reading.over_limit();
                        break;
                    }
                    Ok(None) => break,
                    Err(_) => {
                        broken = true;
                        break;
                    }
                }
            },
            Err(_) => broken |= sheet.typ == SheetType::WorkSheet,
        }
        cells.finish(&sheet.name, sheet.visible != SheetVisible::Visible, reading);
    }
    names(workbook.defined_names(), reading);
    let comments: Vec<String> =
        package.names().iter().filter(|name| name.starts_with("xl/comments")).cloned().collect();
    for part in comments {
        if let Some(records) = package.part(&part, reading) {
            reading.extend([biff::xlsb_comments(&records).finish_sheet(PieceKind::Hidden, "comments")]);
        }
    }
    drawings(&mut package, "xl/", reading);
    properties::read(&mut package, reading);
    embeddings(&mut package, reading);
    finish(&package, broken, false)
}

/// Reads an xls workbook.
pub(super) fn read_xls(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(|_| Unread::Broken)?;
    if file.is_stream("/EncryptedPackage") {
        return Err(Unread::Encrypted);
    }
    let names_of_stream = ["/Workbook", "/WORKBOOK", "/Book", "/BOOK", "/workbook"];
    let stream = names_of_stream
        .into_iter()
        .find_map(|name| ole::stream(&mut file, name, reading))
        .ok_or(Unread::Broken)?;
    let beside = biff::read(&stream);
    if beside.is_encrypted {
        return Err(Unread::Encrypted);
    }
    let is_too_wide = beside.laid_out > MOST_CELLS;
    // Before the cells: the library that reads them may give up on damage.
    reading.extend([
        beside.comments.finish_sheet(PieceKind::Hidden, "comments"),
        beside.boxes.finish(PieceKind::Body, &["text boxes"]),
        beside.headers.finish(PieceKind::Marked, &["header and footer"]),
    ]);
    property_sets::read(&mut file, reading);
    ole::objects(&mut file, reading);
    if is_too_wide {
        return Err(Unread::OverLimit);
    }
    let mut broken = false;
    match Xls::new(Cursor::new(bytes)) {
        Ok(mut workbook) => {
            for sheet in workbook.sheets_metadata().to_vec() {
                let Ok(range) = workbook.worksheet_range(&sheet.name) else {
                    broken |= sheet.typ == SheetType::WorkSheet;
                    continue;
                };
                let mut cells = Cells::default();
                let (first_row, first_column) = range.start().unwrap_or_default();
                for (row, column, value) in range.used_cells() {
                    cells.add(first_row + row as u32, first_column + column as u32, &shown(value));
                }
                cells.finish(&sheet.name, sheet.visible != SheetVisible::Visible, reading);
            }
            names(workbook.defined_names(), reading);
        }
        Err(_) => broken = true,
    }
    if broken { Err(Unread::Broken) } else { Ok(()) }
}

/// Cells of a sheet.
#[derive(Debug, Default)]
struct Cells {
    flow: Flow,
    lost_digits: Option<String>,
}

impl Cells {
    /// Adds a cell by its place from 0.
    fn add(&mut self, row: u32, column: u32, value: &Shown) {
        let (Shown::Text(text) | Shown::Number(text)) = value;
        if text.is_empty() {
            return;
        }
        let (row, column) = (row.saturating_add(1), column.saturating_add(1));
        if self.lost_digits.is_none() && matches!(value, Shown::Number(_)) && digits_are_lost(text) {
            self.lost_digits = Some(cell_name(row, column));
        }
        self.flow.sheet_cell(row, column, text);
    }

    fn finish(self, name: &str, is_hidden: bool, reading: &mut Reading<'_>) {
        if let Some(cell) = &self.lost_digits {
            reading.note(Note::LostDigits, &[&format!("{name}!{cell}")]);
        }
        let kind = if is_hidden { PieceKind::Hidden } else { PieceKind::Body };
        reading.extend([self.flow.finish_sheet(kind, name)]);
    }
}

/// A value as a reader sees it.
enum Shown {
    Text(String),
    Number(String),
}

fn shown_ref(value: &DataRef<'_>) -> Shown {
    match value {
        DataRef::SharedString(text) => Shown::Text((*text).to_owned()),
        other => shown(&Data::from(other.clone())),
    }
}

fn shown(value: &Data) -> Shown {
    match value {
        Data::Int(number) => Shown::Number(number.to_string()),
        // Larger numbers are no numbers of persons, and would fill lines with zeros.
        Data::Float(number) if number.abs() < 1e22 => Shown::Number(plain(&format!("{number:e}"))),
        Data::Float(number) => Shown::Number(format!("{number:e}")),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Shown::Text(text.clone()),
        Data::Bool(value) => Shown::Text(if *value { "TRUE" } else { "FALSE" }.to_owned()),
        Data::DateTime(date) if date.is_datetime() => {
            let (year, month, day, hour, minute, ..) = date.to_ymd_hms_milli();
            let time =
                if (hour, minute) == (0, 0) { String::new() } else { format!(" {hour:02}:{minute:02}") };
            Shown::Text(format!("{year:04}-{month:02}-{day:02}{time}"))
        }
        Data::DateTime(date) => Shown::Text(date.as_f64().to_string()),
        Data::Error(error) => Shown::Text(error.to_string()),
        _ => Shown::Text(String::new()),
    }
}

/// Names that ranges and constants have.
fn names(names: &[(String, String)], reading: &mut Reading<'_>) {
    let mut flow = Flow::default();
    for (name, of) in names.iter().filter(|(name, _)| !name.starts_with("_xlnm.")) {
        flow.paragraph(&format!("{name}: {of}"), None);
    }
    reading.extend([flow.finish(PieceKind::Property, &["defined names"])]);
}
