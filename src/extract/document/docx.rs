//! Word documents (docx, docm, dotx, dotm): every story of the document, properties, charts, and the files put into it.
//!
//! Which parts there are is told by the relations of the document; a header counts once although each section repeats it.

use std::collections::BTreeSet;

use super::{
    drawing::{self, Shapes},
    flow::Flow,
    ole,
    package::{Package, Relation},
    properties,
    wordml::{self, Count, Story},
};
use crate::{
    extract::{attached::PieceKind, reading::Reading},
    message::Unread,
};

/// Stories beside the body: relation, how its paragraphs are counted, kind, name.
const STORIES: &[(&str, Count, PieceKind, &str)] = &[
    ("header", Count::Paragraphs, PieceKind::Marked, "header"),
    ("footer", Count::Paragraphs, PieceKind::Marked, "footer"),
    ("footnotes", Count::Elements("footnote"), PieceKind::Body, "footnotes"),
    ("endnotes", Count::Elements("endnote"), PieceKind::Body, "endnotes"),
    ("comments", Count::Elements("comment"), PieceKind::Hidden, "comments"),
];

/// Fewer letters than this beside pictures are a caption: the document is its pictures.
const CAPTION: usize = 20;

/// Reads a Word document.
pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut package = Package::open(bytes)?;
    let main = main_part(&mut package, "word/document.xml", reading);
    let Some(text) = package.xml(&main, reading) else { return Err(Unread::Broken) };
    let relations = package.relations(&main, reading);
    let styles = relations.iter().find(|relation| relation.kind == "styles");
    let styles = styles.and_then(|relation| package.xml(&relation.target, reading));
    let hidden_styles = styles.map(|styles| wordml::hidden_styles(&styles)).unwrap_or_default();

    let body = wordml::read(&text, Count::Paragraphs, &hidden_styles);
    drop(text);
    let mut broken = body.is_broken;
    let chunks: BTreeSet<String> = body.chunks.iter().cloned().collect();
    let letters = body.shown.len();
    let mut beside = Beside::default();
    beside.add(body, PieceKind::Body, "", reading);

    let mut seen = BTreeSet::new();
    for (kind, count, of, name) in STORIES {
        for relation in related(&relations, kind) {
            let Some(text) = package.xml(&relation.target, reading) else { continue };
            let story = wordml::read(&text, *count, &hidden_styles);
            broken |= story.is_broken;
            if seen.insert((*name, text)) {
                beside.add(story, *of, name, reading);
            }
            beside.links.extend(links(&package.relations(&relation.target, reading)));
        }
    }
    beside.links.extend(links(&relations));
    beside.finish(reading);
    drawings(&mut package, "word/", reading);
    properties::read(&mut package, reading);
    custom_xml(&mut package, reading);
    for relation in relations.iter().filter(|relation| chunks.contains(&relation.id) && !relation.is_external)
    {
        if let Some(content) = package.part(&relation.target, reading) {
            let name = relation.target.rsplit('/').next().unwrap_or("chunk");
            reading.member(name, content);
        }
    }
    embeddings(&mut package, reading);
    let has_pictures = package.names().iter().any(|name| name.starts_with("word/media/"));
    finish(&package, broken, has_pictures && letters < CAPTION)
}

/// What stands beside the text of all stories, each said once.
#[derive(Debug, Default)]
struct Beside {
    watermarks: BTreeSet<String>,
    described: BTreeSet<String>,
    links: BTreeSet<String>,
}

impl Beside {
    /// Hands on a story and keeps what is said once.
    fn add(&mut self, story: Story, kind: PieceKind, name: &str, reading: &mut Reading<'_>) {
        let place: &[&str] = if name.is_empty() { &[] } else { &[name] };
        let within = |what: &'static str| if name.is_empty() { vec![what] } else { vec![name, what] };
        reading.extend([
            story.shown.finish(kind, place),
            story.deleted.finish(PieceKind::Hidden, &within("tracked deletion")),
            story.hidden.finish(PieceKind::Hidden, &within("hidden text")),
        ]);
        self.watermarks.extend(story.watermarks);
        self.described.extend(story.described);
        self.links.extend(story.fields);
    }

    fn finish(self, reading: &mut Reading<'_>) {
        for (lines, kind, name) in [
            (self.watermarks, PieceKind::Marked, "watermark"),
            (self.described, PieceKind::Property, "alternative text"),
            (self.links, PieceKind::Property, "links and fields"),
        ] {
            let mut flow = Flow::default();
            for line in lines {
                flow.paragraph(&line, None);
            }
            reading.extend([flow.finish(kind, &[name])]);
        }
    }
}

/// The main part of a package: what the package itself refers to, else where it usually is.
pub(super) fn main_part(package: &mut Package<'_>, usual: &str, reading: &mut Reading<'_>) -> String {
    let relations = package.relations("", reading);
    let main =
        relations.into_iter().find(|relation| relation.kind == "officeDocument" && !relation.is_external);
    main.map(|relation| relation.target).filter(|name| package.has(name)).unwrap_or_else(|| usual.to_owned())
}

/// Relations of a kind that lead to parts.
pub(super) fn related<'r>(relations: &'r [Relation], kind: &'r str) -> impl Iterator<Item = &'r Relation> {
    relations.iter().filter(move |relation| relation.kind == kind && !relation.is_external)
}

/// Addresses that a part links to.
pub(super) fn links(relations: &[Relation]) -> impl Iterator<Item = String> {
    relations.iter().filter(|relation| relation.is_external).map(|relation| relation.target.clone())
}

/// Text of charts and diagrams.
pub(super) fn drawings(package: &mut Package<'_>, folder: &str, reading: &mut Reading<'_>) {
    for (inside, name) in [("charts/chart", "chart"), ("diagrams/data", "diagram")] {
        let wanted = format!("{folder}{inside}");
        let parts = package.names().iter().filter(|part| part.starts_with(&wanted) && part.ends_with(".xml"));
        let parts: Vec<String> = parts.cloned().collect();
        for (index, part) in parts.iter().enumerate() {
            let Some(text) = package.xml(part, reading) else { continue };
            let mut flow = Flow::default();
            drawing::read(&text, Shapes::All, &mut flow);
            reading.extend([flow.finish(PieceKind::Body, &[&format!("{name} {}", index + 1)])]);
        }
    }
}

/// Data that the document is filled from.
fn custom_xml(package: &mut Package<'_>, reading: &mut Reading<'_>) {
    let is_data = |part: &&String| part.starts_with("customXml/item") && !part.contains("Props");
    let parts: Vec<String> = package.names().iter().filter(is_data).cloned().collect();
    let mut flow = Flow::default();
    for part in parts.iter().filter(|part| part.ends_with(".xml")) {
        let Some(text) = package.xml(part, reading) else { continue };
        let mut xml = super::xml::Xml::new(&text);
        while let Some(node) = xml.next() {
            if let super::xml::Node::Text(text) = node
                && !text.trim().is_empty()
            {
                flow.paragraph(text.trim(), None);
            }
        }
    }
    reading.extend([flow.finish(PieceKind::Property, &["custom data"])]);
}

/// Files that were put into the document.
pub(super) fn embeddings(package: &mut Package<'_>, reading: &mut Reading<'_>) {
    let parts: Vec<String> =
        package.names().iter().filter(|part| part.to_lowercase().contains("/embeddings/")).cloned().collect();
    for part in parts.iter().filter(|part| !part.ends_with('/')) {
        if let Some(bytes) = package.part(part, reading) {
            ole::embedded(part, bytes, reading);
        }
    }
}

/// What was not read of a package, if anything.
pub(super) fn finish(package: &Package<'_>, broken: bool, only_pictures: bool) -> Result<(), Unread> {
    match package.unread() {
        Some(reason) => Err(reason),
        None if broken => Err(Unread::Broken),
        None if only_pictures => Err(Unread::ImageOnly),
        None => Ok(()),
    }
}
