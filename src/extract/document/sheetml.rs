//! SpreadsheetML: the cells of a sheet, its comments, its headers and footers, and the tables that summaries were made from.
//!
//! A cell comes with the number that its reference names, however large the sheet says it is: nothing is laid out. ECMA-376 part 1, chapter 18.

use std::borrow::Cow;

use super::{
    flow::{Flow, cell_name},
    number::{Formats, digits_are_lost},
    xml::{Node, Xml},
};

/// A sheet that was read.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) cells: Flow,
    pub(super) headers: Flow,
    /// What the sheet says to one who fills it in.
    pub(super) hints: Flow,
    /// The first cell whose number has more digits than a number keeps.
    pub(super) lost_digits: Option<String>,
    pub(super) is_broken: bool,
    /// Whether cells were left out for the limit.
    pub(super) is_cut: bool,
}

/// The strings that cells share.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    /// Reads the strings of a workbook.
    pub(super) fn read(text: &str) -> Strings {
        let (mut xml, mut strings) = (Xml::new(text), Strings::default());
        let (mut takes, mut phonetic) = (false, false);
        while let Some(node) = xml.next() {
            match node {
                Node::Open(element) => match element.name() {
                    "t" => takes = !phonetic,
                    "rPh" => phonetic = true,
                    _ => {}
                },
                Node::Text(text) if takes => strings.text.push_str(&text),
                Node::Text(_) => {}
                Node::Close(name) => match name {
                    "t" => takes = false,
                    "rPh" => phonetic = false,
                    "si" => strings.ends.push(strings.text.len()),
                    _ => {}
                },
            }
        }
        strings
    }

    fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[start..end])
    }
}

/// A cell that is being read.
#[derive(Debug, Default)]
struct Open {
    row: u32,
    column: u32,
    kind: Kind,
    style: usize,
    value: String,
    formula: String,
}

/// The types of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    Shared,
    Text,
    Bool,
}

/// Where text between tags belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    Formula,
    Header,
}

/// Reads a sheet; of its cells, at most `most` bytes of text.
pub(super) fn read(text: &str, strings: &Strings, formats: &Formats, most: usize) -> Read {
    let (mut xml, mut read) = (Xml::new(text), Read::default());
    let (mut cell, mut takes, mut phonetic) = (Open::default(), Takes::Nothing, false);
    let (mut row, mut column) = (0_u32, 0_u32);
    let mut header = String::new();
    while let Some(node) = xml.next() {
        match node {
            Node::Open(element) => match element.name() {
                "row" => {
                    row = element.get("r").and_then(|row| row.parse().ok()).unwrap_or(row.saturating_add(1));
                    column = 0;
                }
                "c" => {
                    let (mut named, mut kind, mut style) = (None, Kind::Number, 0);
                    element.each(|key, value| match key {
                        "r" => named = reference(value),
                        "s" => style = value.parse().unwrap_or(0),
                        "t" => {
                            kind = match value {
                                "s" => Kind::Shared,
                                "b" => Kind::Bool,
                                "n" => Kind::Number,
                                _ => Kind::Text,
                            };
                        }
                        _ => {}
                    });
                    (cell.row, cell.column) = named.unwrap_or((row.max(1), column.saturating_add(1)));
                    (row, column) = (cell.row, cell.column);
                    (cell.kind, cell.style) = (kind, style);
                    cell.value.clear();
                    cell.formula.clear();
                }
                "v" => takes = Takes::Value,
                "t" if !phonetic => takes = Takes::Value,
                "rPh" => phonetic = true,
                "f" => takes = Takes::Formula,
                "oddHeader" | "oddFooter" | "evenHeader" | "evenFooter" | "firstHeader" | "firstFooter" => {
                    takes = Takes::Header;
                    header.clear();
                }
                "dataValidation" => {
                    for name in ["promptTitle", "prompt", "errorTitle", "error"] {
                        if let Some(hint) = element.get(name) {
                            read.hints.paragraph(&unescape(&hint), None);
                        }
                    }
                }
                _ => {}
            },
            Node::Text(text) => match takes {
                Takes::Nothing => {}
                Takes::Value => cell.value.push_str(&text),
                Takes::Formula => cell.formula.push_str(&text),
                Takes::Header => header.push_str(&text),
            },
            Node::Close(name) => match name {
                "v" | "t" | "f" => takes = Takes::Nothing,
                "rPh" => phonetic = false,
                "c" => {
                    if read.cells.len() > most {
                        read.is_cut = true;
                        break;
                    }
                    read.cell(&cell, strings, formats);
                }
                "oddHeader" | "oddFooter" | "evenHeader" | "evenFooter" | "firstHeader" | "firstFooter" => {
                    takes = Takes::Nothing;
                    read.headers.paragraph(header_text(&header).trim(), None);
                }
                _ => {}
            },
        }
    }
    read.is_broken = xml.is_broken();
    read
}

impl Read {
    /// Takes a cell that was closed.
    fn cell(&mut self, cell: &Open, strings: &Strings, formats: &Formats) {
        if cell.value.is_empty() {
            // What no program has computed yet is there as its formula.
            if !cell.formula.is_empty() {
                self.cells.sheet_cell(cell.row, cell.column, &format!("={}", cell.formula));
            }
            return;
        }
        match cell.kind {
            Kind::Shared => {
                let shared = cell.value.trim().parse().ok().and_then(|index| strings.get(index));
                if let Some(text) = shared.filter(|text| !text.is_empty()) {
                    self.cells.sheet_cell(cell.row, cell.column, &unescape(text));
                }
            }
            Kind::Text => self.cells.sheet_cell(cell.row, cell.column, &unescape(&cell.value)),
            Kind::Bool => {
                let shown = if cell.value.trim() == "0" { "FALSE" } else { "TRUE" };
                self.cells.sheet_cell(cell.row, cell.column, shown);
            }
            Kind::Number => {
                let mut shown = String::new();
                formats.show(&cell.value, cell.style, &mut shown);
                if self.lost_digits.is_none() && digits_are_lost(&shown) {
                    self.lost_digits = Some(cell_name(cell.row, cell.column));
                }
                self.cells.sheet_cell(cell.row, cell.column, &shown);
            }
        }
    }
}

/// The comments of a sheet, each in its cell.
pub(super) fn comments(text: &str) -> Flow {
    let (mut xml, mut flow) = (Xml::new(text), Flow::default());
    let (mut at, mut takes, mut comment) = ((1, 1), false, String::new());
    while let Some(node) = xml.next() {
        match node {
            Node::Open(element) => match element.name() {
                "comment" | "threadedComment" => {
                    at = element.get("ref").and_then(|name| reference(&name)).unwrap_or((1, 1));
                    comment.clear();
                }
                "t" | "text" => takes = true,
                "rPh" => takes = false,
                _ => {}
            },
            Node::Text(text) if takes => comment.push_str(&text),
            Node::Text(_) => {}
            Node::Close(name) => match name {
                "text" => takes = false,
                "comment" | "threadedComment" => flow.sheet_cell(at.0, at.1, comment.trim()),
                _ => {}
            },
        }
    }
    flow
}

/// The table that a summary was made from: names of its columns and the values that were kept.
pub(super) fn pivot_cache(definition: &str, records: &str, most: usize) -> Flow {
    let mut columns: Vec<(String, Vec<String>)> = Vec::new();
    let (mut kept, mut at) = (0, 0);
    for text in [definition, records] {
        let mut xml = Xml::new(text);
        while let Some(node) = xml.next() {
            let Node::Open(element) = node else { continue };
            match element.name() {
                "cacheField" => {
                    columns.push((element.get("name").unwrap_or_default().into_owned(), Vec::new()));
                }
                "r" => at = 0,
                // `x` refers to a value that is kept above.
                "x" => at += 1,
                "s" | "n" | "d" => {
                    let value = element.get("v").unwrap_or_default();
                    kept += value.len() + 8;
                    if kept > most {
                        break;
                    }
                    let column =
                        if records.as_ptr() == text.as_ptr() { at } else { columns.len().wrapping_sub(1) };
                    at += 1;
                    if let Some((_, values)) = columns.get_mut(column) {
                        values.push(value.into_owned());
                    }
                }
                _ => {}
            }
        }
    }
    let mut cells: Vec<(u32, u32, &str)> = Vec::new();
    for (column, (name, values)) in (1..).zip(&columns) {
        let all = std::iter::once(name).chain(values);
        cells.extend((1..).zip(all).map(|(row, value)| (row, column, value.as_str())));
    }
    cells.sort_unstable();
    let mut flow = Flow::default();
    for (row, column, value) in cells {
        flow.sheet_cell(row, column, value);
    }
    flow
}

/// Row and column, from 1, of `C14`.
pub(super) fn reference(name: &str) -> Option<(u32, u32)> {
    let name = name.trim_start_matches('$').as_bytes();
    let letters = name.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let column = name[..letters].iter().try_fold(0_u32, |column, byte| {
        column.checked_mul(26)?.checked_add(u32::from(byte.to_ascii_uppercase() - b'A') + 1)
    })?;
    let row = name[letters..].iter().filter(|byte| **byte != b'$').try_fold(0_u32, |row, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        row.checked_mul(10)?.checked_add(u32::from(digit))
    })?;
    (row > 0 && column > 0).then_some((row, column))
}

/// Text with the characters that XML cannot hold: `_x000D_`.
fn unescape(text: &str) -> Cow<'_, str> {
    let code = |at: usize| {
        let code =
            text.get(at + 2..at + 6).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        text[at + 6..].starts_with('_').then(|| u32::from_str_radix(code, 16).ok().and_then(char::from_u32))
    };
    if !text.contains('_') {
        return text.into();
    }
    let (mut plain, mut from) = (String::new(), 0);
    for (at, _) in text.match_indices("_x") {
        if at < from {
            continue;
        }
        if let Some(c) = code(at) {
            plain.push_str(&text[from..at]);
            plain.extend(c);
            from = at + 7;
        }
    }
    plain.push_str(&text[from..]);
    plain.into()
}

/// The text of a header or footer without its codes: `&L&"Arial"&12Secret&P`.
pub(super) fn header_text(coded: &str) -> String {
    let (mut text, mut chars) = (String::new(), coded.chars().peekable());
    while let Some(c) = chars.next() {
        if c != '&' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('&') => text.push('&'),
            Some('L' | 'C' | 'R') => text.push('\n'),
            Some('"') => {
                chars.by_ref().find(|c| *c == '"');
            }
            Some('K') => {
                for _ in 0..6 {
                    chars.next_if(char::is_ascii_hexdigit);
                }
            }
            Some(c) if c.is_ascii_digit() => while chars.next_if(char::is_ascii_digit).is_some() {},
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_rows_and_columns() {
        for (name, want) in
            [("A1", Some((1, 1))), ("$C$14", Some((14, 3))), ("XFD1048576", Some((1_048_576, 16_384)))]
        {
            assert_eq!(reference(name), want);
        }
        for name in ["", "A", "1", "A0", "A99999999999", "ZZZZZZZZZZ1", "A1:B2"] {
            assert_eq!(reference(name), None, "{name}");
        }
    }

    #[test]
    fn escapes_and_codes_are_not_text() {
        assert_eq!(unescape("a_x000D_b_x5F_ _x4E2D_"), "a\rb_x5F_ 中");
        assert_eq!(header_text("&L&\"Arial,Bold\"&12内部 R&&D&C&K00FF00机密&P"), "\n内部 R&D\n机密");
    }
}
