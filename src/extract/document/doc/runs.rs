//! Properties of stretches of the file: of characters and of paragraphs, in pages of 512 bytes. MS-DOC 2.9.22, 2.9.23, 2.9.33, 2.9.53.

use super::super::bytes::{offset_at, slice, u16_at, u32_at};

/// What is said of a stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) is_deleted: bool,
    pub(super) is_hidden: bool,
    pub(super) is_row_end: bool,
}

/// Stretches of which something is said, ascending.
#[derive(Debug, Default)]
pub(super) struct Runs(Vec<(usize, usize, Run)>);

/// Bytes of a page.
const PAGE: usize = 512;

impl Runs {
    /// The runs of characters.
    pub(super) fn of_characters(document: &[u8], table: &[u8]) -> Runs {
        Runs::read(document, table, 0xfa, |page, index, count| {
            let at = 2 * usize::from(*page.get(4 * (count + 1) + index)?);
            let len = usize::from(*page.get(at).filter(|_| at > 0)?);
            slice(page, at + 1, len)
        })
    }

    /// The runs of paragraphs.
    pub(super) fn of_paragraphs(document: &[u8], table: &[u8]) -> Runs {
        Runs::read(document, table, 0x102, |page, index, count| {
            let at = 2 * usize::from(*page.get(4 * (count + 1) + 13 * index)?);
            let words = usize::from(*page.get(at).filter(|_| at > 0)?);
            // A length of 0 is followed by the true one. The number of the style comes first.
            let (from, len) = if words == 0 {
                (at + 2, 2 * usize::from(*page.get(at + 1)?))
            } else {
                (at + 1, 2 * words - 1)
            };
            slice(page, from, len)?.get(2..)
        })
    }

    /// The properties at a file offset.
    pub(super) fn at(&self, offset: usize) -> Run {
        let after = self.0.partition_point(|(start, ..)| *start <= offset);
        let run = after.checked_sub(1).map(|index| self.0[index]).filter(|(_, end, _)| offset < *end);
        run.map(|(.., run)| run).unwrap_or_default()
    }

    fn read<'d>(
        document: &'d [u8],
        table: &[u8],
        entry: usize,
        properties: impl Fn(&'d [u8], usize, usize) -> Option<&'d [u8]>,
    ) -> Runs {
        let plc = offset_at(document, entry)
            .zip(offset_at(document, entry + 4))
            .and_then(|(from, len)| slice(table, from, len));
        let plc = plc.unwrap_or_default();
        let pages = plc.len().saturating_sub(4) / 8;
        let mut runs = Vec::new();
        for index in 0..pages {
            let number = u32_at(plc, 4 * (pages + 1) + 4 * index).unwrap_or(0) & 0x3f_ffff;
            let Some(page) = slice(document, number as usize * PAGE, PAGE) else { continue };
            let count = usize::from(page[PAGE - 1]);
            for run in 0..count {
                let Some((start, end)) = offset_at(page, 4 * run).zip(offset_at(page, 4 * run + 4)) else {
                    break;
                };
                let said = properties(page, run, count).map(read_properties).unwrap_or_default();
                if said != Run::default() && start < end {
                    runs.push((start, end, said));
                }
            }
        }
        runs.sort_unstable_by_key(|(start, ..)| *start);
        Runs(runs)
    }
}

/// Reads a list of property modifiers.
fn read_properties(list: &[u8]) -> Run {
    let (mut run, mut at) = (Run::default(), 0);
    while let Some(code) = u16_at(list, at) {
        at += 2;
        let first = list.get(at).copied().unwrap_or(0);
        match code {
            0x0800 => run.is_deleted = first & 1 == 1,
            0x083c => run.is_hidden = first & 1 == 1,
            0x2417 => run.is_row_end = first != 0,
            _ => {}
        }
        at += match code >> 13 {
            0 | 1 => 1,
            2 | 4 | 5 => 2,
            3 => 4,
            7 => 3,
            // The definition of a table has a length of two bytes.
            _ if code == 0xd608 => 1 + usize::from(u16_at(list, at).unwrap_or(1)),
            _ => 1 + usize::from(first),
        };
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_of_all_lengths_are_stepped_over() {
        let list = [0x08, 0xd6, 3, 0, 1, 2, 0x00, 0x6a, 1, 2, 3, 4, 0x17, 0x24, 1, 0x3c, 0x08, 1];
        assert_eq!(read_properties(&list), Run { is_deleted: false, is_hidden: true, is_row_end: true });
        assert_eq!(read_properties(&[0xff]), Run::default());
    }
}
