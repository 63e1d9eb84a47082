//! OpenDocument (odt, ods, odp, ott): text, tables, sheets with their header rows, slides with notes, comments, tracked deletions, headers and footers, properties, and
//! the files put in. OpenDocument 1.3 part 3.
//!
//! Cells and rows are written once and repeated by number: an empty one is stepped over, a full one is read as often as it fits.

mod sheet;

use std::collections::BTreeSet;

use self::sheet::Sheet;
use super::{
    flow::Flow,
    package::Package,
    properties,
    wordml::lead,
    xml::{Element, Node, Xml},
};
use crate::{
    extract::{attached::PieceKind, reading::Reading},
    message::Unread,
};

/// Reads an OpenDocument file.
pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut package = Package::open(bytes)?;
    let manifest = package.xml("META-INF/manifest.xml", reading).unwrap_or_default();
    if manifest.contains("encryption-data") {
        return Err(Unread::Encrypted);
    }
    let Some(content) = package.xml("content.xml", reading) else { return Err(Unread::Broken) };
    let mut body = Body::new(reading.text_left());
    body.hide_styles(&content);
    let mut broken = body.read(&content, Part::Content);
    drop(content);
    let letters = body.finish(reading);
    if let Some(styles) = package.xml("styles.xml", reading) {
        let mut masters = Body::new(reading.text_left());
        broken |= masters.read(&styles, Part::Masters);
        masters.finish_masters(reading);
    }
    if let Some(meta) = package.xml("meta.xml", reading) {
        self::meta(&meta, reading);
    }
    let inside: Vec<String> = package.names().iter().filter(|name| is_object(name)).cloned().collect();
    for name in inside {
        if name.ends_with("content.xml") {
            let Some(text) = package.xml(&name, reading) else { continue };
            let mut object = Body::new(reading.text_left());
            object.read(&text, Part::Content);
            object.finish(reading);
        } else if let Some(content) = package.part(&name, reading) {
            super::ole::embedded(&name, content, reading);
        }
    }
    let has_pictures = package.names().iter().any(|name| name.starts_with("Pictures/") && name.len() > 9);
    super::docx::finish(&package, broken, has_pictures && letters == 0)
}

/// Objects within: `Object 1/content.xml`, or a file of another kind.
fn is_object(name: &str) -> bool {
    let inner = name.starts_with("Object ") && name.ends_with("/content.xml");
    inner || (name.starts_with("Object ") && !name.contains('/'))
}

/// Which part is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Content,
    /// Styles: only headers, footers and what stands on every page of a master.
    Masters,
}

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    Shown,
    Note,
    Comment,
    Deleted,
    Hidden,
    Marked,
}

/// A document that is being read.
#[derive(Debug)]
struct Body {
    shown: Flow,
    notes: Flow,
    comments: Flow,
    deleted: Flow,
    hidden: Flow,
    marked: Flow,
    described: BTreeSet<String>,
    links: BTreeSet<String>,
    pieces: Vec<(PieceKind, Vec<String>, Flow)>,
    sheets: Vec<(PieceKind, Sheet)>,
    hidden_styles: BTreeSet<String>,
    /// Paragraphs that are open.
    lines: Vec<String>,
    /// Where text goes now and went before.
    to: Vec<(To, usize)>,
    counted: u32,
    slides: u32,
    is_sheet: bool,
    sheet: Option<Sheet>,
    letters: usize,
    text_left: usize,
}

impl Body {
    fn new(text_left: usize) -> Body {
        Body {
            shown: Flow::default(),
            notes: Flow::default(),
            comments: Flow::default(),
            deleted: Flow::default(),
            hidden: Flow::default(),
            marked: Flow::default(),
            described: BTreeSet::new(),
            links: BTreeSet::new(),
            pieces: Vec::new(),
            sheets: Vec::new(),
            hidden_styles: BTreeSet::new(),
            lines: Vec::new(),
            to: Vec::new(),
            counted: 0,
            slides: 0,
            is_sheet: false,
            sheet: None,
            letters: 0,
            text_left,
        }
    }

    /// Finds the styles whose text or table is not shown.
    fn hide_styles(&mut self, text: &str) {
        let (mut xml, mut style) = (Xml::new(text), String::new());
        while let Some(node) = xml.next() {
            match node {
                Node::Open(element) if element.name() == "style" => {
                    style = element.get("name").unwrap_or_default().into_owned();
                }
                Node::Open(element)
                    if matches!(
                        element.name(),
                        "text-properties" | "table-properties" | "drawing-page-properties"
                    ) =>
                {
                    let is = |name: &str, value: &str| element.get(name).is_some_and(|own| own == value);
                    let no_text = element.name() == "text-properties" && is("display", "none");
                    let no_table = element.name() == "table-properties" && is("display", "false");
                    if no_text || no_table || is("visibility", "hidden") {
                        self.hidden_styles.insert(style.clone());
                    }
                }
                Node::Close("automatic-styles") => return,
                _ => {}
            }
        }
    }

    fn read(&mut self, text: &str, part: Part) -> bool {
        let mut xml = Xml::new(text);
        let (mut depth, mut masters) = (0_usize, 0_usize);
        while let Some(node) = xml.next() {
            match node {
                Node::Open(element) => {
                    depth += 1;
                    if element.name() == "master-styles" {
                        masters = depth;
                    }
                    if part == Part::Content || masters > 0 {
                        self.open(&element, depth);
                    }
                }
                Node::Close(name) => {
                    if part == Part::Content || masters > 0 {
                        self.close(name, depth);
                    }
                    if masters == depth {
                        masters = 0;
                    }
                    depth = depth.saturating_sub(1);
                }
                Node::Text(text) => {
                    if let Some(line) = self.lines.last_mut() {
                        // White space is written as one space; more has elements of its own.
                        line.push_str(&text.replace(['\n', '\r', '\t'], " "));
                    }
                }
            }
        }
        xml.is_broken()
    }

    fn target(&self) -> To {
        self.to.last().map_or(To::Shown, |(to, _)| *to)
    }

    fn open(&mut self, element: &Element<'_>, depth: usize) {
        let number = |name: &str| element.get(name).and_then(|value| value.parse::<u32>().ok()).unwrap_or(1);
        let style_is_hidden =
            element.get("style-name").is_some_and(|style| self.hidden_styles.contains(&*style));
        match element.name() {
            "p" | "h" => {
                self.lines.push(String::new());
                if self.sheet.is_none()
                    && !self.shown.is_in_table()
                    && self.lines.len() == 1
                    && self.target() == To::Shown
                {
                    self.counted += 1;
                }
                if style_is_hidden {
                    self.to.push((To::Hidden, depth));
                }
            }
            "span" if style_is_hidden => {
                // A hidden stretch is a line of its own, behind the words that lead to it.
                let before = self.lines.last().map(|line| lead(line).to_owned()).unwrap_or_default();
                self.lines.push(before);
                self.to.push((To::Hidden, depth));
            }
            "hidden-text" | "hidden-paragraph" => {
                if let Some(value) = element.get("string-value") {
                    self.hidden.paragraph(&value, Some(self.counted));
                }
            }
            // What a picture shows, in words.
            "title" | "desc" => self.lines.push(String::new()),
            "s" => self.add(&" ".repeat(number("c").min(100) as usize)),
            "tab" => self.add("\t"),
            "line-break" => self.add("\n"),
            "spreadsheet" => self.is_sheet = true,
            "table" if self.is_sheet && self.sheet.is_none() => {
                let name = element.get("name").unwrap_or_default().into_owned();
                self.sheet = Some(Sheet::new(name, style_is_hidden));
            }
            "table" => self.shown.open_table(),
            "table-row" => match &mut self.sheet {
                Some(sheet) => sheet.open_row(number("number-rows-repeated")),
                None => self.shown.open_row(),
            },
            "table-cell" | "covered-table-cell" => match &mut self.sheet {
                Some(sheet) => sheet.open_cell(element, number("number-columns-repeated")),
                None => {
                    self.shown.open_cell();
                    self.shown.widen(number("number-columns-repeated").saturating_sub(1));
                }
            },
            "note" => self.to.push((To::Note, depth)),
            "annotation" => self.to.push((To::Comment, depth)),
            "tracked-changes" => self.to.push((To::Deleted, depth)),
            "header" | "footer" | "header-left" | "footer-left" | "header-first" | "footer-first" => {
                self.to.push((To::Marked, depth));
            }
            "master-page" => self.to.push((To::Marked, depth)),
            "page" => {
                self.slides += 1;
                let is_hidden = style_is_hidden;
                self.pieces.push((
                    if is_hidden { PieceKind::Hidden } else { PieceKind::Body },
                    Vec::new(),
                    Flow::default(),
                ));
            }
            "notes" => {
                self.flush_slide("");
                self.to.push((To::Note, depth));
            }
            "a" => self.links.extend(
                element.get("href").filter(|href| !href.starts_with('#')).map(|href| href.into_owned()),
            ),
            "named-range" | "named-expression" => {
                let name = element.get("name").unwrap_or_default();
                let of = element
                    .get("cell-range-address")
                    .or_else(|| element.get("expression"))
                    .unwrap_or_default();
                self.links.insert(format!("{name}: {of}"));
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str, depth: usize) {
        match name {
            "p" | "h" => self.close_line(),
            "span" if self.to.last().is_some_and(|(to, at)| *to == To::Hidden && *at == depth) => {
                self.close_line();
            }
            "table-cell" | "covered-table-cell" => match &mut self.sheet {
                Some(sheet) => sheet.close_cell(),
                None => self.shown.close_cell(),
            },
            "table-row" => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.close_row(self.text_left);
                }
            }
            "table" => match self.sheet.take() {
                Some(sheet) => {
                    self.letters += sheet.len();
                    let kind = if sheet.is_hidden { PieceKind::Hidden } else { PieceKind::Body };
                    self.sheets.push((kind, sheet));
                }
                None => self.shown.close_table(),
            },
            "title" | "desc" => {
                self.described.extend(self.lines.pop().filter(|line| !line.trim().is_empty()));
            }
            "notes" => self.flush_slide("notes"),
            "page" => self.flush_slide(""),
            _ => {}
        }
        if self.to.last().is_some_and(|(_, at)| *at == depth) {
            self.to.pop();
        }
    }

    fn add(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.push_str(text);
        }
    }

    /// A paragraph ends.
    fn close_line(&mut self) {
        let Some(line) = self.lines.pop() else { return };
        let number = (self.slides == 0).then_some(self.counted);
        let to = self.target();
        if to == To::Shown
            && let Some(sheet) = self.sheet.as_mut().filter(|sheet| sheet.is_in_cell)
        {
            return sheet.add_line(&line);
        }
        if line.trim().is_empty() {
            return;
        }
        let flow = match to {
            To::Shown => &mut self.shown,
            To::Note => &mut self.notes,
            To::Comment => &mut self.comments,
            To::Deleted => &mut self.deleted,
            To::Hidden => &mut self.hidden,
            To::Marked => &mut self.marked,
        };
        let is_inner = flow.is_in_table();
        flow.paragraph(&line, number.filter(|_| !is_inner));
    }

    /// Ends the text of a slide or of its notes.
    fn flush_slide(&mut self, what: &str) {
        let Some((kind, ..)) = self.pieces.iter().rev().find(|(_, place, _)| place.is_empty()) else {
            return;
        };
        let kind = *kind;
        let flow = std::mem::take(if what.is_empty() { &mut self.shown } else { &mut self.notes });
        self.letters += flow.len();
        let hidden = if kind == PieceKind::Hidden { ", hidden" } else { "" };
        let name = if what.is_empty() {
            format!("slide {}{hidden}", self.slides)
        } else {
            format!("slide {}, {what}", self.slides)
        };
        if !flow.is_empty() {
            self.pieces.push((kind, vec![name], flow));
        }
        if !self.comments.is_empty() {
            let comments = std::mem::take(&mut self.comments);
            self.pieces.push((PieceKind::Hidden, vec![format!("slide {}, comments", self.slides)], comments));
        }
    }

    /// Hands on all that was read; how much text it was.
    fn finish(mut self, reading: &mut Reading<'_>) -> usize {
        let letters = self.letters + self.shown.len();
        for (kind, place, flow) in std::mem::take(&mut self.pieces) {
            let place: Vec<&str> = place.iter().map(String::as_str).collect();
            reading.extend([flow.finish(kind, &place)]);
        }
        for (kind, sheet) in std::mem::take(&mut self.sheets) {
            sheet.finish(kind, reading);
        }
        let (mut links, mut described) = (Flow::default(), Flow::default());
        for (lines, flow) in [(&self.links, &mut links), (&self.described, &mut described)] {
            for line in lines {
                flow.paragraph(line, None);
            }
        }
        reading.extend([
            self.shown.finish(PieceKind::Body, &[]),
            self.notes.finish(PieceKind::Body, &["notes"]),
            self.comments.finish(PieceKind::Hidden, &["comments"]),
            self.deleted.finish(PieceKind::Hidden, &["tracked deletion"]),
            self.hidden.finish(PieceKind::Hidden, &["hidden text"]),
            self.marked.finish(PieceKind::Marked, &["header and footer"]),
            described.finish(PieceKind::Property, &["alternative text"]),
            links.finish(PieceKind::Property, &["links and names"]),
        ]);
        letters
    }

    /// Hands on what stands on every page.
    fn finish_masters(self, reading: &mut Reading<'_>) {
        let mut seen = BTreeSet::new();
        let mut flow = Flow::default();
        for line in self.marked.text().lines().chain(self.shown.text().lines()) {
            // Fields for what every page has of its own.
            let is_field = line.trim().starts_with('<') && line.trim().ends_with('>');
            if !line.trim().is_empty() && !is_field && seen.insert(line) {
                flow.paragraph(line, None);
            }
        }
        reading.extend([flow.finish(PieceKind::Marked, &["header and footer"])]);
    }
}

/// Properties, among them those that a person named.
fn meta(text: &str, reading: &mut Reading<'_>) {
    let (mut xml, mut name, mut value, mut flow) =
        (Xml::new(text), String::new(), String::new(), Flow::default());
    while let Some(node) = xml.next() {
        match node {
            Node::Open(element) => {
                name = if element.name() == "user-defined" {
                    element.get("name").unwrap_or_default().into_owned()
                } else {
                    element.name().to_owned()
                };
                value.clear();
            }
            Node::Text(text) => value.push_str(&text),
            Node::Close(closed) => {
                let is_written = matches!(
                    closed,
                    "title"
                        | "subject"
                        | "description"
                        | "keyword"
                        | "creator"
                        | "initial-creator"
                        | "user-defined"
                );
                if is_written {
                    properties::property(&name, &value, &mut flow);
                }
                value.clear();
            }
        }
    }
    reading.extend([flow.finish(PieceKind::Property, &["properties"])]);
}
