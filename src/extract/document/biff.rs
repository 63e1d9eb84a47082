//! Records of binary workbooks that hold text beside the cells, and how far apart the cells stand. MS-XLS 2.4; MS-XLSB 2.1.4, 2.4.

use std::collections::HashMap;

use super::{
    bytes::{latin1, offset_at, slice, u16_at, u32_at, utf16},
    flow::Flow,
    sheetml::header_text,
};

/// What a workbook stream holds beside its cells.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// Comments, each in its cell.
    pub(super) comments: Flow,
    /// Text of boxes and shapes.
    pub(super) boxes: Flow,
    /// Headers and footers.
    pub(super) headers: Flow,
    /// Whether it is encrypted.
    pub(super) is_encrypted: bool,
    /// Cells that lie between the outermost cells of all sheets.
    pub(super) laid_out: u64,
}

/// Records of cells: each begins with row and column.
const CELLS: &[u16] = &[0x0006, 0x00bd, 0x00be, 0x00fd, 0x0201, 0x0203, 0x0204, 0x0205, 0x027e, 0x00d6];

/// Reads the stream of an xls workbook.
pub(super) fn read(stream: &[u8]) -> Beside {
    let (mut beside, mut at) = (Beside::default(), 0);
    let mut boxes = Boxes::default();
    let (mut object, mut text_len) = (0, 0);
    let mut corners: Option<(u16, u16, u16, u16)> = None;
    while let Some((kind, len)) = u16_at(stream, at).zip(u16_at(stream, at + 2)) {
        let Some(body) = slice(stream, at + 4, usize::from(len)) else { break };
        at += 4 + body.len();
        match kind {
            0x0809 => beside.lay_out(corners.take()),
            0x002f => beside.is_encrypted = true,
            0x001c => {
                let note = u16_at(body, 0).zip(u16_at(body, 2)).zip(u16_at(body, 6));
                boxes.notes.extend(note.map(|((row, column), object)| (row, column, object)));
            }
            0x005d => object = u16_at(body, 6).unwrap_or(0),
            0x01b6 => text_len = usize::from(u16_at(body, 10).unwrap_or(0)),
            // The text of a box follows its record.
            0x003c if text_len > 0 => {
                boxes.texts.insert(object, characters(body, std::mem::take(&mut text_len)));
                boxes.order.push(object);
            }
            0x0014 | 0x0015 if body.len() > 3 => {
                let text = characters(&body[2..], usize::from(u16_at(body, 0).unwrap_or(0)));
                beside.headers.paragraph(header_text(&text).trim(), None);
            }
            _ if CELLS.contains(&kind) => {
                if let Some((row, column)) = u16_at(body, 0).zip(u16_at(body, 2)) {
                    let last = if matches!(kind, 0x00bd | 0x00be) {
                        u16_at(body, body.len() - 2).unwrap_or(column)
                    } else {
                        column
                    };
                    let (top, left, bottom, right) = corners.unwrap_or((row, column, row, last));
                    corners = Some((top.min(row), left.min(column), bottom.max(row), right.max(last)));
                }
            }
            _ => {}
        }
        // Numbers of objects are those of one sheet.
        if kind == 0x000a {
            beside.take(&mut boxes);
        }
    }
    beside.lay_out(corners);
    beside.take(&mut boxes);
    beside
}

impl Beside {
    fn lay_out(&mut self, corners: Option<(u16, u16, u16, u16)>) {
        if let Some((top, left, bottom, right)) = corners {
            self.laid_out += (u64::from(bottom - top) + 1) * (u64::from(right.max(left) - left) + 1);
        }
    }

    fn take(&mut self, boxes: &mut Boxes) {
        boxes.notes.sort_unstable();
        for (row, column, object) in boxes.notes.drain(..) {
            if let Some(text) = boxes.texts.remove(&object) {
                self.comments.sheet_cell(u32::from(row) + 1, u32::from(column) + 1, text.trim());
            }
        }
        for object in boxes.order.drain(..) {
            if let Some(text) = boxes.texts.remove(&object) {
                self.boxes.paragraph(text.trim(), None);
            }
        }
    }
}

/// Text of boxes of a sheet, of which some are comments.
#[derive(Debug, Default)]
struct Boxes {
    /// Row, column and number of the box that holds the comment.
    notes: Vec<(u16, u16, u16)>,
    texts: HashMap<u16, String>,
    order: Vec<u16>,
}

/// `len` characters behind the byte that says how wide they are.
fn characters(bytes: &[u8], len: usize) -> String {
    let Some((flags, bytes)) = bytes.split_first() else { return String::new() };
    if flags & 1 == 0 {
        latin1(&bytes[..len.min(bytes.len())])
    } else {
        utf16(&bytes[..(2 * len).min(bytes.len())])
    }
}

/// Comments of an xlsb sheet, each in its cell.
pub(super) fn xlsb_comments(records: &[u8]) -> Flow {
    let (mut flow, mut at, mut cell) = (Flow::default(), 0, (1, 1));
    while let Some((kind, len)) = variable(records, &mut at).zip(variable(records, &mut at)) {
        let Some(body) = slice(records, at, len as usize) else { break };
        at += body.len();
        match kind {
            // BrtBeginComment: author, then first and last row and column.
            635 => {
                cell = (
                    u32_at(body, 4).unwrap_or(0).saturating_add(1),
                    u32_at(body, 12).unwrap_or(0).saturating_add(1),
                );
            }
            // BrtCommentText: flags, length, characters.
            637 => {
                let text = offset_at(body, 1).and_then(|len| slice(body, 5, len.checked_mul(2)?)).map(utf16);
                flow.sheet_cell(cell.0, cell.1, text.unwrap_or_default().trim());
            }
            _ => {}
        }
    }
    flow
}

/// A number of up to four bytes, seven bits each.
fn variable(bytes: &[u8], at: &mut usize) -> Option<u32> {
    let mut number = 0;
    for shift in 0..4 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number |= u32::from(byte & 0x7f) << (7 * shift);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, body: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes(), &(body.len() as u16).to_le_bytes(), body].concat()
    }

    #[test]
    fn comments_boxes_headers_and_corners() {
        let stream = [
            record(0x0809, &[]),
            record(0x0203, &[0, 0, 0, 0]),
            record(0x0203, &[0xff, 0xff, 0xff, 0]),
            record(0x0014, &[4, 0, 0, b'&', b'C', b'h', b'i']),
            record(0x005d, &[0x15, 0, 0x12, 0, 0x19, 0, 7, 0]),
            record(0x01b6, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]),
            record(0x003c, &[1, 0x2d, 0x4e]),
            record(0x001c, &[2, 0, 1, 0, 0, 0, 7, 0]),
            record(0x000a, &[]),
        ]
        .concat();
        let beside = read(&stream);
        assert_eq!(beside.laid_out, 65_536 * 256);
        assert_eq!((beside.comments.text(), beside.headers.text()), ("中", "hi\n"));
        assert!(beside.boxes.is_empty());
        for end in 0..stream.len() {
            read(&stream[..end]);
        }
    }
}
