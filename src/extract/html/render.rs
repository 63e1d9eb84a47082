//! The renderer: open elements and what they hand on, from tags and texts to the streams of a page.
//!
//! It keeps no tree. What a tag changes is known when it opens; what a stretch was is recorded when it closes.

use std::collections::HashMap;

use super::{
    page::Page,
    reference,
    style::{self, Background},
    table::{Place, Tables},
    tag::{self, Attribute, Name, Tag},
};
use crate::{
    extract::{Cell, Markup},
    span::Span,
};

/// Renders a source, told of its tags and texts in order.
#[derive(Debug)]
pub(super) struct Renderer<'s> {
    source: &'s str,
    markup: &'s Markup,
    /// What the canvas is.
    canvas: Inherited,
    page: Page,
    stack: Vec<Element>,
    /// Open elements by tag, so that an end tag without a start costs nothing.
    open: OpenTags,
    tables: Tables,
    /// The tag whose attributes are being read, and the attribute whose value is.
    tag: Tag,
    attribute: Attribute,
}

impl<'s> Renderer<'s> {
    pub(super) fn new(source: &'s str, markup: &'s Markup) -> Renderer<'s> {
        Renderer {
            source,
            markup,
            canvas: Inherited::canvas(source),
            page: Page::default(),
            stack: Vec::new(),
            open: OpenTags::default(),
            tables: Tables::default(),
            tag: Tag::default(),
            attribute: Attribute::default(),
        }
    }

    /// The page, all that is open closed.
    pub(super) fn finish(mut self) -> Page {
        while self.pop().is_some() {}
        self.page
    }

    pub(super) fn open_tag(&mut self, name: &[u8]) {
        self.tag = Tag::new(name);
    }

    pub(super) fn close_tag(&mut self, name: &[u8]) {
        self.end_tag(Name::of(name), tag::id(name));
    }

    /// Takes note of an attribute; whether its value matters.
    pub(super) fn attribute_name(&mut self, name: &[u8]) -> bool {
        self.attribute = Attribute::of(name);
        self.tag.style.hides |= self.attribute == Attribute::Hidden;
        !matches!(self.attribute, Attribute::Other | Attribute::Hidden)
    }

    pub(super) fn attribute_value(&mut self, value: &[u8], span: Span) {
        self.tag.set(self.attribute, value, span, self.markup);
    }

    pub(super) fn start_tag(&mut self) {
        let tag = std::mem::take(&mut self.tag);
        self.close_implied(tag.name);
        let parent = self.inherited();
        let inherited = Inherited {
            hidden: parent.hidden || tag.style.hides,
            tiny: tag.style.tiny.unwrap_or(parent.tiny),
            skipped: parent.skipped || tag.name == Name::Skipped,
            preformatted: parent.preformatted || tag.name == Name::Preformatted,
            colour: tag.style.colour.unwrap_or(parent.colour),
            background: tag.style.background.unwrap_or(parent.background),
        };
        let mut cell = None;
        match tag.name {
            Name::Break => return self.line_break(),
            Name::Table => {
                self.line_break_once();
                self.tables.open();
            }
            Name::Row => {
                self.line_break_once();
                self.tables.row();
            }
            Name::Cell => cell = self.open_cell(tag.columns),
            Name::Block | Name::Paragraph | Name::Item | Name::Preformatted => self.line_break_once(),
            Name::Inline | Name::Skipped | Name::Void => {}
        }
        self.attribute_texts(&tag, inherited);
        if tag.name == Name::Void {
            return;
        }
        *self.open.count(tag.id) += 1;
        let start = self.page.shown.text.len();
        let (quotes, signs) = (tag.quotes, tag.signs);
        self.stack.push(Element { name: tag.name, id: tag.id, inherited, start, quotes, signs, cell });
    }

    /// Keeps what an image is described by and where a link leads.
    fn attribute_texts(&mut self, tag: &Tag, inherited: Inherited) {
        if let Some((text, span)) = &tag.alt
            && !inherited.skipped
            && !text.trim().is_empty()
        {
            let stream = if inherited.is_hidden() { &mut self.page.hidden } else { &mut self.page.shown };
            stream.push_reference(&format!(" {} ", text.trim()), *span);
        }
        if let Some((text, span)) = &tag.link {
            self.page.links.push_reference(text, *span);
            self.page.links.push_reference("\n", Span::new(span.end, span.end));
        }
    }

    /// What the innermost open element hands on.
    fn inherited(&self) -> Inherited {
        self.stack.last().map_or(self.canvas, |element| element.inherited)
    }

    /// Closes what a start tag ends without an end tag: a cell before a cell, an item before an item, a paragraph before a block.
    fn close_implied(&mut self, name: Name) {
        let (closes, stops): (&[Name], &[Name]) = match name {
            Name::Cell => (&[Name::Cell], &[Name::Table, Name::Row]),
            Name::Row => (&[Name::Row, Name::Cell], &[Name::Table]),
            Name::Item => (&[Name::Item], &[Name::Block, Name::Table, Name::Cell]),
            Name::Block | Name::Paragraph | Name::Table | Name::Preformatted => {
                // Only a paragraph that is still the innermost block.
                if self.stack.last().is_some_and(|element| element.name == Name::Paragraph) {
                    self.pop();
                }
                return;
            }
            _ => return,
        };
        let bound = self.stack.len().saturating_sub(64);
        let found = self.stack[bound..]
            .iter()
            .rev()
            .take_while(|element| !stops.contains(&element.name) || closes.contains(&element.name))
            .enumerate()
            .filter(|(_, element)| closes.contains(&element.name))
            .map(|(depth, _)| depth + 1)
            .last();
        for _ in 0..found.unwrap_or(0) {
            self.pop();
        }
    }

    fn end_tag(&mut self, name: Name, id: u64) {
        if name == Name::Break {
            return self.line_break();
        }
        if *self.open.count(id) == 0 {
            return;
        }
        while let Some(closed) = self.pop() {
            if closed == id {
                break;
            }
        }
    }

    /// Closes the innermost element; its tag.
    fn pop(&mut self) -> Option<u64> {
        let element = self.stack.pop()?;
        *self.open.count(element.id) -= 1;
        let span = Span::new(element.start, self.page.shown.text.len());
        if element.quotes {
            self.page.quoted.push(span);
        }
        if element.signs {
            self.page.signature.push(span);
        }
        match element.name {
            Name::Cell => {
                if let Some(cell) = element.cell {
                    self.page.cells[cell].span.end = self.page.shown.text.trim_end().len().max(element.start);
                }
            }
            Name::Table => {
                self.tables.close();
                self.line_break_once();
            }
            Name::Block | Name::Paragraph | Name::Item | Name::Row | Name::Preformatted => {
                self.line_break_once();
            }
            _ => {}
        }
        Some(element.id)
    }

    /// Starts a cell of the innermost table; its index.
    fn open_cell(&mut self, columns: u32) -> Option<usize> {
        let Place { table, row, column, is_first } = self.tables.cell(columns)?;
        if !is_first {
            self.separate_cells();
        }
        let at = self.page.shown.text.len();
        self.page.cells.push(Cell { span: Span::new(at, at), table, row, column });
        Some(self.page.cells.len() - 1)
    }

    fn separate_cells(&mut self) {
        let shown = &mut self.page.shown;
        if !shown.text.ends_with('\n') && !shown.text.is_empty() {
            shown.push_made("\t");
        }
    }

    fn line_break(&mut self) {
        self.page.shown.trim_blank();
        self.page.shown.push_made("\n");
        if !self.page.hidden.text.is_empty() {
            self.page.hidden.push_made("\n");
        }
    }

    fn line_break_once(&mut self) {
        for stream in [&mut self.page.shown, &mut self.page.hidden] {
            stream.trim_blank();
            if !stream.text.is_empty() && !stream.text.ends_with('\n') {
                stream.push_made("\n");
            }
        }
    }

    /// Copies the text between two tags.
    pub(super) fn text(&mut self, span: Span) {
        let inherited = self.inherited();
        if inherited.skipped {
            return;
        }
        let source = self.source;
        let text = source.get(span.start..span.end.min(source.len())).unwrap_or_default();
        let hidden = inherited.is_hidden();
        let stream = if hidden { &mut self.page.hidden } else { &mut self.page.shown };
        let mut at = 0;
        while at < text.len() {
            let next = memchr::memchr(b'&', &text.as_bytes()[at..]).map_or(text.len(), |found| at + found);
            stream.push_copy(&text[at..next], span.start + at, inherited.preformatted);
            at = next;
            if at < text.len() {
                let (decoded, len) = reference::decode(&text[at..]);
                stream.push_reference(&decoded, Span::new(span.start + at, span.start + at + len));
                at += len;
            }
        }
    }
}

/// An open element.
#[derive(Debug)]
struct Element {
    name: Name,
    id: u64,
    inherited: Inherited,
    /// Where in the shown text it starts, for what is recorded when it ends.
    start: usize,
    quotes: bool,
    signs: bool,
    /// The table cell that it is.
    cell: Option<usize>,
}

/// How many elements of each tag are open: a short list for the tags that mail has, a map for pages that make up thousands.
#[derive(Debug, Default)]
struct OpenTags {
    few: Vec<(u64, u32)>,
    many: HashMap<u64, u32>,
}

impl OpenTags {
    fn count(&mut self, id: u64) -> &mut u32 {
        const FEW: usize = 48;
        match self.few.iter().position(|(known, _)| *known == id) {
            Some(index) => &mut self.few[index].1,
            None if self.few.len() < FEW => {
                self.few.push((id, 0));
                &mut self.few.last_mut().expect("it was just pushed").1
            }
            None => self.many.entry(id).or_default(),
        }
    }
}

/// What an element's children take over.
#[derive(Clone, Copy, Debug)]
struct Inherited {
    hidden: bool,
    tiny: bool,
    skipped: bool,
    preformatted: bool,
    colour: u32,
    background: Background,
}

impl Inherited {
    /// The canvas is black on white. Only without a style sheet do we know every background.
    fn canvas(source: &str) -> Inherited {
        let styled = [&b"<style"[..], b"<STYLE"]
            .iter()
            .any(|tag| memchr::memmem::find(source.as_bytes(), tag).is_some());
        Inherited {
            hidden: false,
            tiny: false,
            skipped: false,
            preformatted: false,
            colour: 0,
            background: if styled { Background::Unknown } else { Background::Colour(0xff_ff_ff) },
        }
    }

    fn is_hidden(self) -> bool {
        self.hidden
            || self.tiny
            || matches!(self.background, Background::Colour(behind) if style::alike(self.colour, behind))
    }
}
