//! PowerPoint presentations of 97 to 2003 (ppt): slides in their order, notes, masters, comments, headers. MS-PPT 2.
//!
//! The file grows at its end: a directory says where the present version of each slide stands. What no directory names is an earlier version, and is
//! still in the file.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    io::Cursor,
};

use cfb::CompoundFile;

use super::{
    bytes::{latin1, offset_at, u16_at, u32_at, utf16},
    flow::Flow,
    ole, property_sets,
};
use crate::{
    extract::{attached::PieceKind, reading::Reading},
    message::Unread,
};

/// Containers within containers.
const DEPTH: usize = 32;
/// Records that are looked at.
const MOST: usize = 4_000_000;

/// Types of records.
const SLIDE: u16 = 0x03ee;
const NOTES: u16 = 0x03f0;
const MASTER: u16 = 0x03f8;
const SLIDE_PERSIST: u16 = 0x03f3;
const NOTES_ATOM: u16 = 0x03f1;
const SHOW_INFO: u16 = 0x03f9;
const SLIDE_LIST: u16 = 0x0ff0;
const USER_EDIT: u16 = 0x0ff5;
const PERSIST_DIRECTORY: u16 = 0x1772;
const TEXT_CHARS: u16 = 0x0fa0;
const TEXT_BYTES: u16 = 0x0fa8;
const STRING: u16 = 0x0fba;
const HEADERS: u16 = 0x0fd9;
const COMMENT: u16 = 0x2ee0;
const ENCRYPTION: u16 = 0x2f14;

/// A record.
#[derive(Clone, Copy, Debug)]
struct Record<'b> {
    kind: u16,
    instance: u16,
    is_container: bool,
    /// Where its header stands.
    at: usize,
    body: &'b [u8],
}

/// The record at `at`.
fn record(bytes: &[u8], at: usize) -> Option<Record<'_>> {
    let start = u16_at(bytes, at)?;
    let body = bytes.get(at.checked_add(8)?..)?;
    let len = offset_at(bytes, at + 4)?.min(body.len());
    Some(Record {
        kind: u16_at(bytes, at + 2)?,
        instance: start >> 4,
        is_container: start & 0xf == 0xf,
        at,
        body: &body[..len],
    })
}

/// Reads a presentation.
pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(|_| Unread::Broken)?;
    if file.is_stream("/EncryptedPackage") || file.is_stream("/EncryptedSummary") {
        return Err(Unread::Encrypted);
    }
    let user = ole::stream(&mut file, "/Current User", reading).unwrap_or_default();
    let document = ole::stream(&mut file, "/PowerPoint Document", reading).ok_or(Unread::Broken)?;
    let mut show =
        Show { document: &document, records: 0, present: persist(&document, &user), ..Show::default() };
    show.list();
    let is_encrypted = show.walk(reading);
    property_sets::read(&mut file, reading);
    ole::objects(&mut file, reading);
    if is_encrypted { Err(Unread::Encrypted) } else { Ok(()) }
}

/// Where the present version of each object stands, newest directory first.
fn persist(document: &[u8], user: &[u8]) -> HashMap<u32, usize> {
    let mut present = HashMap::new();
    let (mut edit, mut seen) = (offset_at(user, 16), HashSet::new());
    while let Some(at) = edit.filter(|at| seen.insert(*at) && seen.len() < 10_000) {
        let Some(record_of_edit) = record(document, at).filter(|record| record.kind == USER_EDIT) else {
            break;
        };
        let directory = offset_at(record_of_edit.body, 12).and_then(|at| record(document, at));
        let entries =
            directory.filter(|record| record.kind == PERSIST_DIRECTORY).map_or(&[][..], |record| record.body);
        let mut from = 0;
        while let Some(head) = u32_at(entries, from) {
            let (first, count) = (head & 0xf_ffff, head >> 20);
            for index in 0..count {
                if let Some(offset) = offset_at(entries, from + 4 + 4 * index as usize) {
                    present.entry(first + index).or_insert(offset);
                }
            }
            from += 4 + 4 * count as usize;
        }
        edit = offset_at(record_of_edit.body, 8).filter(|at| *at > 0);
    }
    present
}

/// A presentation that is being read.
#[derive(Debug, Default)]
struct Show<'b> {
    document: &'b [u8],
    records: usize,
    present: HashMap<u32, usize>,
    /// Numbers of slides by where they stand, and by their id.
    numbers: HashMap<usize, u32>,
    ids: HashMap<u32, u32>,
    outline: BTreeMap<u32, Flow>,
}

impl<'b> Show<'b> {
    /// Numbers the slides by the list of the present document, and takes the text that stands in the list itself.
    fn list(&mut self) {
        let mut waiting = vec![(0, self.document, 0)];
        let mut lists = Vec::new();
        while let Some((base, bytes, depth)) = waiting.pop() {
            let mut at = 0;
            while let Some(record) = record(bytes, at) {
                self.records += 1;
                if self.records > MOST {
                    return;
                }
                if record.kind == SLIDE_LIST && record.instance == 0 {
                    lists.push((base + record.at, record.body));
                } else if record.is_container && depth < 3 && record.kind == 0x03e8 {
                    waiting.push((base + record.at + 8, record.body, depth + 1));
                }
                at = record.at + 8 + record.body.len();
            }
        }
        // The last is the present one.
        lists.sort_by_key(|(at, _)| *at);
        let Some((_, list)) = lists.pop() else { return };
        let (mut at, mut number) = (0, 0);
        while let Some(record) = record(list, at) {
            if record.kind == SLIDE_PERSIST {
                number += 1;
                if let Some(offset) = u32_at(record.body, 0).and_then(|id| self.present.get(&id)) {
                    self.numbers.insert(*offset, number);
                }
                self.ids.extend(u32_at(record.body, 12).map(|id| (id, number)));
            } else if let Some(text) = text(&record) {
                self.outline.entry(number).or_default().paragraph(&text, None);
            }
            at = record.at + 8 + record.body.len();
        }
    }

    /// Reads all slides; whether the presentation is encrypted.
    fn walk(&mut self, reading: &mut Reading<'_>) -> bool {
        let mut slides: BTreeMap<u32, (PieceKind, Flow)> = BTreeMap::new();
        let (mut notes, mut comments): (BTreeMap<u32, Flow>, Flow) = (BTreeMap::new(), Flow::default());
        let (mut earlier, mut marked, mut said) = (Flow::default(), Flow::default(), BTreeSet::new());
        let (mut at, mut is_encrypted) = (0, false);
        while let Some(record) = record(self.document, at) {
            at = record.at + 8 + record.body.len();
            is_encrypted |= record.kind == ENCRYPTION;
            let mut found = Found::default();
            self.collect(&record, 0, &mut found);
            is_encrypted |= found.is_encrypted;
            for line in &found.comments {
                comments.paragraph(line, None);
            }
            for line in found.headers.iter().chain(found.texts.iter().filter(|_| record.kind == MASTER)) {
                if said.insert(line.clone()) {
                    marked.paragraph(line, None);
                }
            }
            let flow = match (record.kind, self.numbers.get(&record.at)) {
                (SLIDE, Some(number)) => {
                    let kind = if found.is_hidden { PieceKind::Hidden } else { PieceKind::Body };
                    &mut slides.entry(*number).or_insert_with(|| (kind, Flow::default())).1
                }
                (SLIDE, None) => &mut earlier,
                (NOTES, _) => notes.entry(self.ids.get(&found.notes_of).copied().unwrap_or(0)).or_default(),
                _ => continue,
            };
            for line in &found.texts {
                flow.paragraph(line, None);
            }
        }
        for (number, outline) in std::mem::take(&mut self.outline) {
            let (_, flow) = slides.entry(number).or_insert_with(|| (PieceKind::Body, Flow::default()));
            let said: HashSet<String> = flow.text().lines().map(str::to_owned).collect();
            for line in outline.text().lines().filter(|line| !said.contains(*line)) {
                flow.paragraph(line, None);
            }
        }
        for (number, (kind, flow)) in slides {
            let hidden = if kind == PieceKind::Hidden { ", hidden" } else { "" };
            reading.extend([flow.finish(kind, &[&format!("slide {number}{hidden}")])]);
        }
        for (number, flow) in notes {
            let place = if number == 0 { "notes".to_owned() } else { format!("slide {number}, notes") };
            reading.extend([flow.finish(PieceKind::Body, &[&place])]);
        }
        reading.extend([
            comments.finish(PieceKind::Hidden, &["comments"]),
            marked.finish(PieceKind::Marked, &["slide master"]),
            earlier.finish(PieceKind::Hidden, &["earlier versions of slides"]),
        ]);
        is_encrypted
    }

    fn collect(&mut self, record_in: &Record<'b>, depth: usize, found: &mut Found) {
        self.records += 1;
        if depth > DEPTH || self.records > MOST {
            return;
        }
        match record_in.kind {
            ENCRYPTION => found.is_encrypted = true,
            SLIDE_LIST => return,
            SHOW_INFO => found.is_hidden |= u16_at(record_in.body, 10).is_some_and(|flags| flags & 4 != 0),
            NOTES_ATOM => found.notes_of = u32_at(record_in.body, 0).unwrap_or(0),
            STRING if found.within == COMMENT && record_in.instance == 1 => {
                found.comments.push(utf16(record_in.body));
            }
            STRING if found.within == HEADERS => found.headers.push(utf16(record_in.body)),
            _ => {
                if let Some(text) = text(record_in) {
                    found.texts.push(text);
                }
            }
        }
        if !record_in.is_container {
            return;
        }
        let outer = found.within;
        if matches!(record_in.kind, COMMENT | HEADERS) {
            found.within = record_in.kind;
        }
        let mut at = 0;
        while let Some(inner) = record(record_in.body, at) {
            at = inner.at + 8 + inner.body.len();
            self.collect(&inner, depth + 1, found);
        }
        found.within = outer;
    }
}

/// What a record holds.
#[derive(Debug, Default)]
struct Found {
    texts: Vec<String>,
    comments: Vec<String>,
    headers: Vec<String>,
    is_hidden: bool,
    is_encrypted: bool,
    notes_of: u32,
    within: u16,
}

/// The text of a record that is text.
fn text(record: &Record<'_>) -> Option<String> {
    let text = match record.kind {
        TEXT_CHARS => utf16(record.body),
        TEXT_BYTES => latin1(record.body),
        _ => return None,
    };
    Some(text.replace(['\r', '\u{b}'], "\n"))
}
