//! Files that are text: tables by their cells, markup as it is shown, escapes of JSON, XML, calendars and cards undone, anything else as it stands.

mod escape;
mod table;

pub(super) use self::{escape::plain, table::table};
use super::{
    attached::{Head, Piece, Reader},
    block,
    format::{self, Family},
    html,
    reading::Reading,
};
use crate::message::{self, Unread};

/// Takes everything that is text, whatever it is called.
pub(super) const READERS: &[Reader] = &[Reader { knows, read }];

fn knows(head: &Head<'_>) -> bool {
    head.format.family == Family::Text
        || (head.format.family == Family::Unknown && format::is_textual(head.bytes))
}

fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let text = message::text_of(bytes);
    if text.trim_start().starts_with("-----BEGIN PGP MESSAGE-----") {
        return Err(Unread::Encrypted);
    }
    let format = reading.format();
    if format == "html" {
        let pieces = html::pieces(&text, &reading.markup());
        reading.extend(pieces.map(Some));
        return Ok(());
    }
    let shown = plain(&text, format).map_or_else(|| text.clone().into_owned(), |(text, _)| text);
    let table = table(&shown, format).unwrap_or_default();
    let sheet = (!table.cells.is_empty()).then(String::new);
    reading.piece(Piece {
        text: shown,
        cells: table.cells,
        heads: table.heads,
        sheet,
        is_lined: true,
        ..Piece::default()
    });
    for (name, bytes) in block::find(&text, reading.bytes_left()) {
        reading.spend(bytes.len());
        reading.member(&name, bytes);
    }
    Ok(())
}
