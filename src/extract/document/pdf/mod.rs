//! PDF files: text of every page, form fields, annotations, bookmarks, properties, and the files attached. ISO 32000-2.
//!
//! A page that shows pictures instead of text, or glyphs that have no meaning, is listed as not read.

mod cids;
mod cmap;
mod font;
mod lexer;
mod objects;
mod page;

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

use self::page::{Fonts, Page, Reader};
use super::flow::Flow;
use crate::{
    extract::{attached::PieceKind, reading::Reading},
    message::Unread,
};

/// Fewer letters than this beside a picture that covers most of a page are a stamp on a scan.
const STAMP: usize = 80;
/// The part of a page that a picture covers to be the page.
const MOST_OF_PAGE: f32 = 0.5;
/// So many lines and curves on a page without text are letters drawn as shapes.
const DRAWN: usize = 400;

/// Reads a PDF file.
pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let document = open(bytes, reading)?;
    let pages = pages(&document);
    let mut fonts = Fonts::default();
    let mut unread = Ranges::default();
    let (mut result, mut links) = (Ok(()), BTreeSet::new());
    for (index, id) in pages.iter().enumerate() {
        let number = index as u32 + 1;
        let Ok(page) = document.get_dictionary(*id) else {
            unread.broken.push(number);
            continue;
        };
        let read = page_text(&document, *id, page, &mut fonts, reading);
        if read.is_cut {
            result = Err(Unread::OverLimit);
        }
        unread.judge(number, &read);
        let mut flow = Flow::default();
        for line in read.text.lines() {
            flow.paragraph(line, None);
        }
        reading.extend([flow.finish(PieceKind::Body, &[&format!("page {number}")])]);
        objects::annotations(&document, page, number, &mut fonts, &mut links, reading);
        if reading.text_left() == 0 {
            result = Err(Unread::OverLimit);
            break;
        }
    }
    if pages.is_empty() {
        result = Err(Unread::Broken);
    }
    unread.tell(reading);
    objects::fields(&document, reading);
    objects::outlines(&document, reading);
    objects::properties(&document, reading);
    let mut flow = Flow::default();
    for link in links {
        flow.paragraph(&link, None);
    }
    reading.extend([flow.finish(PieceKind::Property, &["links"])]);
    objects::attached(&document, reading);
    result
}

/// Opens a file; an encrypted one with no password, as every reader does, else with one that the message says.
fn open(bytes: &[u8], reading: &mut Reading<'_>) -> Result<Document, Unread> {
    let most = reading.bytes_left().min(64 << 20);
    let load = |password: Option<String>| {
        let options = LoadOptions { password, ..LoadOptions::with_max_decompressed_size(most) };
        Document::load_mem_with_options(bytes, options)
    };
    let mut document = load(None).map_err(|_| Unread::Broken)?;
    if !document.is_encrypted() || document.was_encrypted() || document.decrypt("").is_ok() {
        return Ok(document);
    }
    // Objects are read only once there is a password.
    let mut opened = reading.passwords().into_iter().filter_map(|password| load(Some(password)).ok());
    let document = opened.find(Document::was_encrypted).ok_or(Unread::Encrypted)?;
    reading.opened_with_password();
    Ok(document)
}

/// Pages in their order; where the tree of pages is damaged, every page that there is.
fn pages(document: &Document) -> Vec<ObjectId> {
    let mut pages: Vec<ObjectId> = document.page_iter().collect();
    if pages.is_empty() {
        let is_page = |object: &Object| object.as_dict().is_ok_and(|dictionary| dictionary.has_type(b"Page"));
        pages.extend(document.objects.iter().filter(|(_, object)| is_page(object)).map(|(id, _)| *id));
    }
    pages
}

/// The text of a page.
fn page_text(
    document: &Document,
    id: ObjectId,
    page: &Dictionary,
    fonts: &mut Fonts,
    reading: &mut Reading<'_>,
) -> Page {
    let most = reading.bytes_left().min(64 << 20);
    let resources = inherited(document, page, b"Resources").and_then(|object| object.as_dict().ok());
    let area =
        inherited(document, page, b"MediaBox").and_then(|object| object.as_array().ok()).and_then(|area| {
            let side = |at: usize| area.get(at).and_then(|side| side.as_float().ok());
            Some(((side(2)? - side(0)?) * (side(3)? - side(1)?)).abs())
        });
    let mut reader = Reader::new(document, fonts, area.unwrap_or(595.0 * 842.0), most);
    let mut is_cut = false;
    match document.get_page_content_with_limit(id, most) {
        Ok(content) => {
            reading.spend(content.len());
            reader.content(&content, &resources.into_iter().collect::<Vec<_>>());
        }
        Err(_) => is_cut = true,
    }
    reading.spend(most.saturating_sub(reader.bytes_left()));
    let mut read = reader.finish();
    read.is_cut |= is_cut;
    read
}

/// An entry of a page or of the nodes above it.
fn inherited<'d>(document: &'d Document, page: &'d Dictionary, key: &[u8]) -> Option<&'d Object> {
    let mut node = page;
    for _ in 0..64 {
        if let Ok(object) = node.get_deref(key, document) {
            return Some(object);
        }
        node = node.get_deref(b"Parent", document).and_then(Object::as_dict).ok()?;
    }
    None
}

/// Pages that could not be read, by the reason.
#[derive(Debug, Default)]
struct Ranges {
    pictures: Vec<u32>,
    broken: Vec<u32>,
}

impl Ranges {
    fn judge(&mut self, number: u32, page: &Page) {
        let letters = page.text.chars().filter(|c| c.is_alphanumeric()).count();
        if page.unknown > letters {
            self.broken.push(number);
        } else if letters < STAMP && page.picture >= MOST_OF_PAGE
            || letters == 0 && (page.picture > 0.0 || page.strokes >= DRAWN)
        {
            self.pictures.push(number);
        }
    }

    fn tell(&self, reading: &mut Reading<'_>) {
        for (pages, why) in [(&self.pictures, Unread::ImageOnly), (&self.broken, Unread::Broken)] {
            if !pages.is_empty() {
                reading.unread(&[&ranges(pages)], why);
            }
        }
    }
}

/// Numbers as a person writes them: `page 3`, `pages 1-4, 7`.
fn ranges(pages: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &page in pages {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == page => *last = page,
            _ => runs.push((page, page)),
        }
    }
    let shown = runs
        .iter()
        .take(10)
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    let shown: Vec<String> = shown.collect();
    let more = if runs.len() > 10 { ", ..." } else { "" };
    format!("{} {}{more}", if pages.len() == 1 { "page" } else { "pages" }, shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_written_as_ranges() {
        assert_eq!(ranges(&[3]), "page 3");
        assert_eq!(ranges(&[1, 2, 3, 7]), "pages 1-3, 7");
    }
}
