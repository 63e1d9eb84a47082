//! Excel workbooks as XML (xlsx, xlsm): every sheet with its hidden ones, header rows, comments, drawings, what was kept of other workbooks, names,
//! properties, and the files put into it.
//!
//! Cells are read here and not by a library: a library turns numbers into floating point, and the digits of an identity number with it.
//! ECMA-376 part 1, chapter 18.

use std::collections::{BTreeSet, HashMap};

use super::{
    docx::{drawings, embeddings, finish, links, main_part, related},
    drawing::{self, Shapes},
    flow::Flow,
    number::Formats,
    package::{Package, Relation},
    properties, sheetml,
    xml::{Node, Xml},
};
use crate::{
    extract::{
        attached::{Note, Piece, PieceKind},
        reading::Reading,
    },
    message::Unread,
};

/// A sheet of the workbook.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) is_hidden: bool,
}

/// What the workbook says of all its sheets.
#[derive(Debug, Default)]
struct Workbook {
    sheets: Vec<Sheet>,
    names: Flow,
    starts_1904: bool,
}

/// Reads a workbook.
pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut package = Package::open(bytes)?;
    let main = main_part(&mut package, "xl/workbook.xml", reading);
    let Some(text) = package.xml(&main, reading) else { return Err(Unread::Broken) };
    let (workbook, mut broken) = workbook(&text);
    let relations = package.relations(&main, reading);
    let mut part_of = |kind: &str, reading: &mut Reading<'_>| {
        related(&relations, kind).next().and_then(|relation| package.xml(&relation.target, reading))
    };
    let formats = part_of("styles", reading);
    let formats = Formats::read(formats.as_deref().unwrap_or_default(), workbook.starts_1904);
    let strings = part_of("sharedStrings", reading);
    let strings = sheetml::Strings::read(strings.as_deref().unwrap_or_default());
    let mut beside = BTreeSet::new();
    let by_id: HashMap<&str, &Relation> = relations
        .iter()
        .filter(|relation| !relation.is_external)
        .map(|relation| (relation.id.as_str(), relation))
        .collect();
    for sheet in &workbook.sheets {
        let Some(relation) = by_id.get(sheet.id.as_str()) else {
            broken = true;
            continue;
        };
        let Some(text) = package.xml(&relation.target, reading) else { continue };
        let read = sheetml::read(&text, &strings, &formats, reading.text_left());
        drop(text);
        broken |= read.is_broken;
        if read.is_cut {
            reading.over_limit();
        }
        let kind = if sheet.is_hidden { PieceKind::Hidden } else { PieceKind::Body };
        if let Some(cell) = &read.lost_digits {
            reading.note(Note::LostDigits, &[&format!("{}!{cell}", sheet.name)]);
        }
        reading.extend([
            read.cells.finish_sheet(kind, &sheet.name),
            read.headers.finish(PieceKind::Marked, &[&sheet.name, "header and footer"]),
            read.hints.finish(PieceKind::Property, &[&sheet.name, "input hints"]),
        ]);
        of_sheet(&mut package, sheet, &relation.target, &mut beside, reading);
    }
    reading.extend([workbook.names.finish(PieceKind::Property, &["defined names"])]);
    beside.extend(links(&relations));
    kept_elsewhere(&mut package, &relations, &mut beside, reading);
    drawings(&mut package, "xl/", reading);
    let mut flow = Flow::default();
    for link in beside {
        flow.paragraph(&link, None);
    }
    reading.extend([flow.finish(PieceKind::Property, &["links"])]);
    properties::read(&mut package, reading);
    embeddings(&mut package, reading);
    finish(&package, broken, false)
}

/// Sheets, names and calendar of a workbook, and whether its XML broke off.
fn workbook(text: &str) -> (Workbook, bool) {
    let (mut xml, mut workbook) = (Xml::new(text), Workbook::default());
    let mut name: Option<String> = None;
    while let Some(node) = xml.next() {
        match node {
            Node::Open(element) => match element.name() {
                "sheet" => workbook.sheets.push(Sheet {
                    name: element.get("name").unwrap_or_default().into_owned(),
                    id: element.get_prefixed("id").unwrap_or_default().into_owned(),
                    is_hidden: element.get("state").is_some_and(|state| state != "visible"),
                }),
                "workbookPr" => {
                    workbook.starts_1904 =
                        element.get("date1904").is_some_and(|value| matches!(&*value, "1" | "true"));
                }
                "definedName" => {
                    let comment = element.get("comment").unwrap_or_default();
                    let called = element.get("name").unwrap_or_default();
                    name = Some(if comment.is_empty() {
                        called.into_owned()
                    } else {
                        format!("{called} ({comment})")
                    });
                }
                _ => {}
            },
            Node::Text(text) => {
                if let Some(name) = &mut name {
                    if !name.contains(": ") {
                        name.push_str(": ");
                    }
                    name.push_str(&text);
                }
            }
            Node::Close("definedName") => {
                // Names that the program made for itself: print areas, filters.
                if let Some(name) = name.take().filter(|name| !name.starts_with("_xlnm.")) {
                    workbook.names.paragraph(&name, None);
                }
            }
            Node::Close(_) => {}
        }
    }
    let is_broken = xml.is_broken();
    (workbook, is_broken)
}

/// Comments, drawings and links of a sheet.
fn of_sheet(
    package: &mut Package<'_>,
    sheet: &Sheet,
    part: &str,
    beside: &mut BTreeSet<String>,
    reading: &mut Reading<'_>,
) {
    let relations = package.relations(part, reading);
    beside.extend(links(&relations));
    for relation in relations.iter().filter(|relation| !relation.is_external) {
        let kind = relation.kind.as_str();
        if !matches!(kind, "comments" | "threadedComment" | "drawing") {
            continue;
        }
        let Some(text) = package.xml(&relation.target, reading) else { continue };
        if kind == "drawing" {
            let mut flow = Flow::default();
            drawing::read(&text, Shapes::All, &mut flow);
            let of = if sheet.is_hidden { PieceKind::Hidden } else { PieceKind::Body };
            reading.extend([flow.finish(of, &[&sheet.name, "drawing"])]);
            beside.extend(links(&package.relations(&relation.target, reading)));
        } else {
            let comments = sheetml::comments(&text).finish_sheet(PieceKind::Hidden, &sheet.name);
            reading.extend([comments.map(|piece| Piece { place: vec!["comments".to_owned()], ..piece })]);
        }
    }
}

/// What the workbook keeps of other workbooks and of tables that it was summed up from: values that no sheet shows.
fn kept_elsewhere(
    package: &mut Package<'_>,
    relations: &[Relation],
    beside: &mut BTreeSet<String>,
    reading: &mut Reading<'_>,
) {
    for (index, relation) in related(relations, "externalLink").enumerate() {
        let Some(text) = package.xml(&relation.target, reading) else { continue };
        let mut flow = Flow::default();
        drawing::read(&text, Shapes::All, &mut flow);
        reading.extend([flow.finish(PieceKind::Hidden, &[&format!("external workbook {}", index + 1)])]);
        beside.extend(links(&package.relations(&relation.target, reading)));
    }
    for (index, relation) in related(relations, "pivotCacheDefinition").enumerate() {
        let Some(definition) = package.xml(&relation.target, reading) else { continue };
        let records = package.relations(&relation.target, reading);
        let records = related(&records, "pivotCacheRecords").next();
        let records = records.and_then(|relation| package.xml(&relation.target, reading));
        let flow =
            sheetml::pivot_cache(&definition, records.as_deref().unwrap_or_default(), reading.text_left());
        reading.extend([flow.finish_sheet(PieceKind::Hidden, &format!("pivot data {}", index + 1))]);
    }
}
