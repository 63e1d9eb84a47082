//! Tables in text: the cells of lines that a delimiter divides, with the row that names the columns.
//!
//! The delimiter is found, not believed: German spreadsheets write semicolons into files called csv, and databases write tabs into files called txt.

use std::collections::HashMap;

use crate::{extract::Cell, span::Span};

/// Cells of a table that are told apart; what stands behind them is text.
const MOST_CELLS: usize = 2_000_000;
/// Rows in which the delimiter and the names of columns are looked for.
const FIRST_ROWS: usize = 12;
/// Digits in a cell that make its row one of values, not of names.
const VALUE_DIGITS: usize = 4;

/// The cells of a text.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) cells: Vec<Cell>,
    /// Index of the head of a column, by table and column.
    pub(crate) heads: HashMap<(u32, u32), usize>,
}

/// The table that a text is; `None` where it is none.
pub(crate) fn table(text: &str, format: &str) -> Option<Table> {
    let delimiters: &[u8] = match format {
        "csv" => b",\t;|",
        "txt" => b"\t",
        _ => return None,
    };
    let delimiter = delimiter(text, delimiters, format == "csv")?;
    let cells = cells(text, delimiter);
    let heads = heads(text, &cells);
    Some(Table { cells, heads })
}

/// The delimiter that divides the first lines into most columns, as many in each; alone in its column a value needs none.
fn delimiter(text: &str, delimiters: &[u8], is_certain: bool) -> Option<u8> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(FIRST_ROWS).collect();
    let columns = |delimiter: u8| {
        let counts: Vec<usize> =
            lines.iter().map(|line| memchr::memchr_iter(delimiter, line.as_bytes()).count()).collect();
        let most = counts.iter().copied().max().unwrap_or(0);
        let alike = counts.iter().filter(|count| **count > 0 && **count == most).count();
        (most > 0 && (is_certain || (alike >= 3 && alike * 3 >= lines.len() * 2))).then_some((alike, most))
    };
    let best = delimiters.iter().filter_map(|delimiter| Some((columns(*delimiter)?, *delimiter)));
    let best = best.max_by_key(|((alike, most), delimiter)| (*alike, *most, std::cmp::Reverse(*delimiter)));
    best.map(|(_, delimiter)| delimiter).or(if is_certain { delimiters.first().copied() } else { None })
}

/// Cells in text order (RFC 4180): quoted ones may hold delimiters and line ends, which their spans include; quotes are left out.
fn cells(text: &str, delimiter: u8) -> Vec<Cell> {
    let bytes = text.as_bytes();
    let (mut cells, mut at, mut row, mut column) = (Vec::new(), 0, 1, 1);
    while at < bytes.len() && cells.len() < MOST_CELLS {
        let (start, end);
        if bytes[at] == b'"' {
            start = at + 1;
            let mut from = start;
            end = loop {
                let quote = memchr::memchr(b'"', &bytes[from..]).map_or(bytes.len(), |len| from + len);
                if bytes.get(quote + 1) != Some(&b'"') {
                    break quote;
                }
                from = quote + 2;
            };
            at = (end + 1).min(bytes.len());
        } else {
            start = at;
            let rest = memchr::memchr3(delimiter, b'\n', b'\r', &bytes[at..]);
            end = rest.map_or(bytes.len(), |len| at + len);
            at = end;
        }
        cells.push(Cell { span: Span::new(start, end), table: 1, row, column });
        // Strays behind a closing quote are passed over.
        at += memchr::memchr2(delimiter, b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
        match bytes.get(at) {
            Some(b'\n') => (row, column) = (row + 1, 1),
            _ => column += 1,
        }
        at += 1;
    }
    cells
}

/// The heads of columns: the fullest row of words above the first row of values; titles may stand over it.
fn heads(text: &str, cells: &[Cell]) -> HashMap<(u32, u32), usize> {
    let mut best = (0, 0..0);
    for row in cells.chunk_by(|one, other| one.row == other.row).take(FIRST_ROWS) {
        let digits = |cell: &Cell| cell.span.of_str(text).bytes().filter(u8::is_ascii_digit).count();
        if row.iter().any(|cell| digits(cell) >= VALUE_DIGITS) {
            break;
        }
        let full = row.iter().filter(|cell| !cell.span.is_empty()).count();
        if full > best.0 {
            let from = cells.partition_point(|cell| cell.row < row[0].row);
            best = (full, from..from + row.len());
        }
    }
    best.1.map(|index| ((1, cells[index].column), index)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, format: &str) -> Vec<(String, String)> {
        let table = table(text, format).unwrap_or_default();
        let of = |cell: &Cell| cell.span.of_str(text).to_owned();
        let head = |cell: &Cell| table.heads.get(&(1, cell.column)).map(|index| of(&table.cells[*index]));
        table
            .cells
            .iter()
            .map(|cell| (format!("{}={}", cell.name(), of(cell)), head(cell).unwrap_or_default()))
            .collect()
    }

    #[test]
    fn cells_have_names_and_heads() {
        for (text, format, at, want) in [
            ("姓名,身份证号\n张三,110101199003071233\n", "csv", 3, ("B2=110101199003071233", "身份证号")),
            ("Name;IBAN\r\nA;DE89370400440532013000\r\n", "csv", 3, ("B2=DE89370400440532013000", "IBAN")),
            ("员工名单\n\"姓名\",\"电话\"\n\"张,三\",\"13800\"\n", "csv", 4, ("B3=13800", "电话")),
            ("a\tb\n1234\t2\n3\t4\n5\t6\n", "txt", 3, ("B2=2", "b")),
            ("n\n110101199003071233\n", "csv", 1, ("A2=110101199003071233", "n")),
        ] {
            let shown = shown(text, format);
            let (cell, head) = &shown[at];
            assert_eq!((cell.as_str(), head.as_str()), want, "{text}");
        }
    }

    #[test]
    fn prose_is_no_table() {
        for text in ["Dear all,\n\tas agreed\nregards\n", "one line", ""] {
            assert!(table(text, "txt").is_none(), "{text}");
        }
        assert!(table("a,b\n1,2\n", "json").is_none());
    }

    #[test]
    fn open_quotes_and_strays_end_with_the_text() {
        for text in ["\"a", "\"a\"\"", "\"a\" x,b\n", "\"", ",,,\n\n", "\r\n\r\n"] {
            for cell in cells(text, b',') {
                assert!(
                    cell.span.end <= text.len() && text.get(cell.span.start..cell.span.end).is_some(),
                    "{text:?}"
                );
            }
        }
    }
}
