//! PowerPoint presentations (pptx, pptm, ppsx): slides in the order in which they are shown, speaker notes, comments, hidden slides, what stands on every
//! slide, properties, and the files put into it. ECMA-376 part 1, chapter 19.

use std::collections::{BTreeSet, HashMap};

use super::{
    docx::{drawings, embeddings, finish, links, main_part, related},
    drawing::{self, Shapes},
    flow::Flow,
    package::Package,
    properties,
    xml::{Node, Xml},
};
use crate::{
    extract::{attached::PieceKind, reading::Reading},
    message::Unread,
};

/// What is met on many slides and said once.
#[derive(Debug, Default)]
struct Beside {
    described: BTreeSet<String>,
    links: BTreeSet<String>,
    letters: usize,
    is_broken: bool,
}

/// Reads a presentation.
pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut package = Package::open(bytes)?;
    let main = main_part(&mut package, "ppt/presentation.xml", reading);
    let Some(text) = package.xml(&main, reading) else { return Err(Unread::Broken) };
    let relations = package.relations(&main, reading);
    let by_id: HashMap<&str, &str> = related(&relations, "slide")
        .map(|relation| (relation.id.as_str(), relation.target.as_str()))
        .collect();
    let ids = slide_ids(&text);
    let mut slides: Vec<&str> = ids.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
    // A slide that the presentation does not list is still in the file.
    let listed: BTreeSet<&str> = slides.iter().copied().collect();
    let others = related(&relations, "slide").map(|relation| relation.target.as_str());
    slides.extend(others.filter(|target| !listed.contains(target)));
    let mut beside = Beside::default();
    for (index, part) in slides.iter().enumerate() {
        slide(&mut package, part, index + 1, &mut beside, reading);
    }
    on_every_slide(&mut package, reading);
    beside.links.extend(links(&relations));
    for (lines, name) in [(beside.described, "alternative text"), (beside.links, "links")] {
        let mut flow = Flow::default();
        for line in lines {
            flow.paragraph(&line, None);
        }
        reading.extend([flow.finish(PieceKind::Property, &[name])]);
    }
    drawings(&mut package, "ppt/", reading);
    properties::read(&mut package, reading);
    embeddings(&mut package, reading);
    let has_pictures = package.names().iter().any(|name| name.starts_with("ppt/media/"));
    finish(&package, beside.is_broken, has_pictures && beside.letters == 0)
}

/// Relations of the slides in the order in which they are shown.
fn slide_ids(text: &str) -> Vec<String> {
    let (mut xml, mut ids) = (Xml::new(text), Vec::new());
    while let Some(node) = xml.next() {
        if let Node::Open(element) = node
            && element.name() == "sldId"
        {
            ids.extend(element.get_prefixed("id").map(|id| id.into_owned()));
        }
    }
    ids
}

/// A slide with its notes and comments.
fn slide(
    package: &mut Package<'_>,
    part: &str,
    number: usize,
    beside: &mut Beside,
    reading: &mut Reading<'_>,
) {
    let Some(text) = package.xml(part, reading) else { return };
    let mut flow = Flow::default();
    let drawn = drawing::read(&text, Shapes::All, &mut flow);
    beside.letters += flow.len();
    beside.is_broken |= drawn.is_broken;
    beside.described.extend(drawn.described);
    let (kind, name) = if drawn.is_hidden {
        (PieceKind::Hidden, format!("slide {number}, hidden"))
    } else {
        (PieceKind::Body, format!("slide {number}"))
    };
    reading.extend([flow.finish(kind, &[&name])]);
    let relations = package.relations(part, reading);
    beside.links.extend(links(&relations));
    for relation in relations.iter().filter(|relation| !relation.is_external) {
        let (what, of) = match relation.kind.as_str() {
            "notesSlide" => ("notes", kind),
            "comments" => ("comments", PieceKind::Hidden),
            _ => continue,
        };
        let Some(text) = package.xml(&relation.target, reading) else { continue };
        let mut flow = Flow::default();
        if what == "notes" {
            drawing::read(&text, Shapes::All, &mut flow);
        } else {
            comments(&text, &mut flow);
        }
        reading.extend([flow.finish(of, &[&format!("slide {number}, {what}")])]);
    }
}

/// Comments of both kinds: text as such, or paragraphs of a drawing.
fn comments(text: &str, flow: &mut Flow) {
    let (mut xml, mut takes, mut line) = (Xml::new(text), false, String::new());
    while let Some(node) = xml.next() {
        match node {
            Node::Open(element) => takes |= matches!(element.name(), "text" | "t"),
            Node::Text(text) if takes => line.push_str(&text),
            Node::Text(_) => {}
            Node::Close(name) => {
                takes &= !matches!(name, "text" | "t");
                if matches!(name, "text" | "p") && !line.trim().is_empty() {
                    flow.paragraph(&line, None);
                    line.clear();
                }
            }
        }
    }
}

/// Text that masters and layouts put on slides.
fn on_every_slide(package: &mut Package<'_>, reading: &mut Reading<'_>) {
    let is_shared = |part: &&String| {
        (part.starts_with("ppt/slideMasters/slide") || part.starts_with("ppt/slideLayouts/slide"))
            && part.ends_with(".xml")
    };
    let parts: Vec<String> = package.names().iter().filter(is_shared).cloned().collect();
    let (mut flow, mut seen) = (Flow::default(), BTreeSet::new());
    for part in parts {
        let Some(text) = package.xml(&part, reading) else { continue };
        let mut own = Flow::default();
        drawing::read(&text, Shapes::Fixed, &mut own);
        for line in own.text().lines().filter(|line| !line.trim().is_empty()) {
            if seen.insert(line.to_owned()) {
                flow.paragraph(line, None);
            }
        }
    }
    reading.extend([flow.finish(PieceKind::Marked, &["slide master"])]);
}
