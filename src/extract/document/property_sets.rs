//! Property sets of compound files: what doc, xls and ppt say about themselves. MS-OLEPS 2.

use std::{collections::HashMap, io::Cursor};

use cfb::CompoundFile;

use super::{
    bytes::{offset_at, slice, u16_at, u32_at, utf16},
    flow::Flow,
    ole,
    properties::property,
    rtf::charsets,
};
use crate::extract::{attached::PieceKind, reading::Reading};

/// Properties that a person wrote, by stream, section and number.
const NAMED: &[(usize, u32, &str)] = &[
    (0, 2, "title"),
    (0, 3, "subject"),
    (0, 4, "author"),
    (0, 5, "keywords"),
    (0, 6, "comments"),
    (0, 8, "last author"),
    (1, 2, "category"),
    (1, 14, "manager"),
    (1, 15, "company"),
];
/// Properties of a section that are looked at.
const MOST: u32 = 10_000;

/// Reads the properties of a compound file.
pub(super) fn read(file: &mut CompoundFile<Cursor<&[u8]>>, reading: &mut Reading<'_>) {
    let mut flow = Flow::default();
    for (index, name) in
        ["/\u{5}SummaryInformation", "/\u{5}DocumentSummaryInformation"].into_iter().enumerate()
    {
        if let Some(stream) = ole::stream(file, name, reading) {
            for (section, own) in sections(&stream).into_iter().enumerate() {
                // The second section of the second stream has names of its own.
                read_section(own, index, section == 1, &mut flow);
            }
        }
    }
    reading.extend([flow.finish(PieceKind::Property, &["properties"])]);
}

fn sections(stream: &[u8]) -> Vec<&[u8]> {
    let count = u32_at(stream, 24).unwrap_or(0).min(2) as usize;
    let section = |index: usize| stream.get(offset_at(stream, 28 + 20 * index + 16)?..);
    (0..count).filter_map(section).collect()
}

fn read_section(section: &[u8], stream: usize, is_custom: bool, flow: &mut Flow) {
    let count = u32_at(section, 4).unwrap_or(0).min(MOST) as usize;
    let entry = |index: usize| Some((u32_at(section, 8 + 8 * index)?, offset_at(section, 12 + 8 * index)?));
    let entries: Vec<(u32, usize)> = (0..count).map_while(entry).collect();
    let page =
        entries.iter().find(|(id, _)| *id == 1).and_then(|(_, at)| u16_at(section, at + 4)).unwrap_or(1252);
    let names = match entries.iter().find(|(id, _)| *id == 0) {
        Some((_, at)) if is_custom => dictionary(section, *at, page),
        _ => HashMap::new(),
    };
    for (id, at) in entries {
        let name = if is_custom {
            names.get(&id).map(String::as_str)
        } else {
            NAMED.iter().find(|(of, number, _)| (*of, *number) == (stream, id)).map(|(.., name)| *name)
        };
        if let Some((name, value)) = name.zip(value(section, at, page)) {
            property(name, &value, flow);
        }
    }
}

/// The names of custom properties by their numbers.
fn dictionary(section: &[u8], at: usize, page: u16) -> HashMap<u32, String> {
    let mut names = HashMap::new();
    let mut from = at.saturating_add(4);
    for _ in 0..u32_at(section, at).unwrap_or(0).min(MOST) {
        let Some((id, len)) = u32_at(section, from).zip(offset_at(section, from + 4)) else { break };
        let size = if page == 1200 { len.saturating_mul(2) } else { len };
        let Some(name) = slice(section, from + 8, size) else { break };
        names.insert(id, text(name, page));
        // Names of two-byte characters stand on multiples of four.
        from += 8 + if page == 1200 { size.next_multiple_of(4) } else { size };
    }
    names
}

fn value(section: &[u8], at: usize, page: u16) -> Option<String> {
    let len = offset_at(section, at.checked_add(4)?)?;
    match u16_at(section, at)? {
        0x1e => slice(section, at + 8, len).map(|bytes| text(bytes, page)),
        0x1f => slice(section, at + 8, len.checked_mul(2)?)
            .map(utf16)
            .map(|text| text.trim_end_matches('\0').to_owned()),
        3 => u32_at(section, at + 4).map(|number| number.to_string()),
        _ => None,
    }
}

fn text(bytes: &[u8], page: u16) -> String {
    let text = if page == 1200 {
        utf16(bytes)
    } else {
        let encoding = charsets::of_codepage(i32::from(page)).unwrap_or(encoding_rs::WINDOWS_1252);
        encoding.decode_without_bom_handling(bytes).0.into_owned()
    };
    text.trim_end_matches('\0').to_owned()
}
