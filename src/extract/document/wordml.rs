//! WordprocessingML: a story (body, header, notes, comments) as text, with what is deleted, hidden or a watermark set apart.
//!
//! A tracked insertion is text, a tracked deletion is not seen but sent. What stands right before a hidden value in its paragraph goes with it: it
//! may name the value. ECMA-376 part 1, chapter 17.

use std::{borrow::Cow, collections::BTreeSet};

use super::{
    flow::Flow,
    xml::{Element, Node, Xml},
};

/// What a story holds.
#[derive(Debug, Default)]
pub(super) struct Story {
    /// What is shown.
    pub(super) shown: Flow,
    /// Tracked deletions.
    pub(super) deleted: Flow,
    /// Hidden text.
    pub(super) hidden: Flow,
    /// Text drawn across pages.
    pub(super) watermarks: BTreeSet<String>,
    /// Descriptions of pictures.
    pub(super) described: BTreeSet<String>,
    /// Field instructions.
    pub(super) fields: BTreeSet<String>,
    /// Relations of chunks of other formats.
    pub(super) chunks: Vec<String>,
    /// Whether the XML broke off.
    pub(super) is_broken: bool,
}

/// A paragraph that is open.
#[derive(Debug, Default)]
struct Paragraph {
    number: Option<u32>,
    shown: String,
    /// Text that is not shown, since the last that is.
    aside: Option<(Aside, String)>,
    is_hidden: bool,
}

/// Why text is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aside {
    Deleted,
    Hidden,
}

/// How the paragraphs of a story are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// One by one.
    Paragraphs,
    /// By the note or comment that they are in: elements of this name.
    Elements(&'static str),
}

/// Reads a story. `hidden_styles`: styles whose text is hidden.
pub(super) fn read(text: &str, count: Count, hidden_styles: &BTreeSet<String>) -> Story {
    let mut xml = Xml::new(text);
    let mut reader = Reader { count, ..Reader::new(hidden_styles) };
    while let Some(node) = xml.next() {
        match node {
            Node::Open(element) => reader.open(&element),
            Node::Close(name) => reader.close(name),
            Node::Text(text) => reader.text(&text),
        }
    }
    while !reader.paragraphs.is_empty() {
        reader.close_paragraph();
    }
    Story { is_broken: xml.is_broken(), ..reader.story }
}

/// Styles whose text is hidden, by their ids.
pub(super) fn hidden_styles(styles: &str) -> BTreeSet<String> {
    let (mut xml, mut hidden, mut style) = (Xml::new(styles), BTreeSet::new(), String::new());
    while let Some(node) = xml.next() {
        match node {
            Node::Open(element) if element.name() == "style" => {
                style = element.get("styleId").unwrap_or_default().into_owned();
            }
            Node::Open(element) if element.name() == "vanish" && element.is_on() && !style.is_empty() => {
                hidden.insert(style.clone());
            }
            Node::Close("style") => style.clear(),
            _ => {}
        }
    }
    hidden
}

/// Text as high as this or less is not there for a reader, in half points.
const TINY: u32 = 4;

struct Reader<'s> {
    count: Count,
    hidden_styles: &'s BTreeSet<String>,
    story: Story,
    paragraphs: Vec<Paragraph>,
    counted: u32,
    /// Whether the text between tags is text: in `t`, `delText` or a field instruction.
    takes: Takes,
    deletions: u32,
    run_is_hidden: bool,
    in_paragraph_properties: bool,
    in_tab_stops: bool,
    /// Text of the choice that programs show, against which its fallback is held.
    choice: String,
    choices: u32,
    fallback: Option<String>,
    instruction: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    Text,
    Deleted,
    Instruction,
}

impl<'s> Reader<'s> {
    fn new(hidden_styles: &'s BTreeSet<String>) -> Reader<'s> {
        Reader {
            count: Count::Paragraphs,
            hidden_styles,
            story: Story::default(),
            paragraphs: Vec::new(),
            counted: 0,
            takes: Takes::Nothing,
            deletions: 0,
            run_is_hidden: false,
            in_paragraph_properties: false,
            in_tab_stops: false,
            choice: String::new(),
            choices: 0,
            fallback: None,
            instruction: String::new(),
        }
    }

    fn open(&mut self, element: &Element<'_>) {
        let number = |name: &str| element.get(name).and_then(|value| value.trim().parse::<u32>().ok());
        let name = element.name();
        // Lines that set notes apart are notes of their own type.
        if name == self.count.element() {
            self.counted += u32::from(element.get("type").is_none_or(|kind| kind == "normal"));
        }
        match name {
            "p" => self.open_paragraph(),
            "t" => self.takes = Takes::Text,
            "delText" => self.takes = Takes::Deleted,
            "instrText" | "delInstrText" => self.takes = Takes::Instruction,
            "fldSimple" => {
                self.story.fields.extend(element.get("instr").map(|instr| instr.trim().to_owned()));
            }
            "tabs" => self.in_tab_stops = true,
            "tab" if !self.in_tab_stops => self.push(" "),
            "ptab" => self.push(" "),
            "br" | "cr" => self.push("\n"),
            "noBreakHyphen" => self.push("-"),
            "sym" => {
                let code = element.get("char").and_then(|code| u32::from_str_radix(&code, 16).ok());
                // Private characters are pictures of a symbol font.
                let known = code.and_then(char::from_u32).filter(|c| !('\u{e000}'..='\u{f8ff}').contains(c));
                self.push(&known.map(String::from).unwrap_or_default());
            }
            "del" | "moveFrom" => self.deletions += 1,
            "pPr" => self.in_paragraph_properties = true,
            "vanish" => self.run_is_hidden |= !self.in_paragraph_properties && element.is_on(),
            "sz" => {
                self.run_is_hidden |=
                    !self.in_paragraph_properties && number("val").is_some_and(|size| size <= TINY);
            }
            "rStyle" => self.run_is_hidden |= self.is_hidden_style(element),
            "pStyle" => {
                let is_hidden = self.is_hidden_style(element);
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.is_hidden |= is_hidden;
                }
            }
            "tbl" => self.story.shown.open_table(),
            "tr" => self.story.shown.open_row(),
            "tc" => self.story.shown.open_cell(),
            "gridSpan" => self.story.shown.widen(number("val").unwrap_or(1).saturating_sub(1)),
            "gridBefore" => self.story.shown.widen(number("val").unwrap_or(0)),
            "textpath" => self.story.watermarks.extend(element.get("string").map(Cow::into_owned)),
            "Choice" => self.choices += 1,
            "Fallback" => self.fallback = Some(String::new()),
            "docPr" | "cNvPr" => {
                for name in ["descr", "title"] {
                    self.story.described.extend(element.get(name).map(Cow::into_owned));
                }
            }
            "altChunk" => self.story.chunks.extend(element.get_prefixed("id").map(Cow::into_owned)),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" => self.close_paragraph(),
            "t" | "delText" | "instrText" | "delInstrText" => self.takes = Takes::Nothing,
            "fldChar" => {
                let instruction = std::mem::take(&mut self.instruction);
                if !instruction.trim().is_empty() {
                    self.story.fields.insert(instruction.trim().to_owned());
                }
            }
            "tabs" => self.in_tab_stops = false,
            "del" | "moveFrom" => self.deletions = self.deletions.saturating_sub(1),
            "pPr" => self.in_paragraph_properties = false,
            "r" => self.run_is_hidden = false,
            "tc" => self.story.shown.close_cell(),
            "tbl" => self.story.shown.close_table(),
            "Choice" => self.choices = self.choices.saturating_sub(1),
            "Fallback" => self.close_fallback(),
            "AlternateContent" => self.choice.clear(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        match self.takes {
            Takes::Nothing => {}
            Takes::Instruction => self.instruction.push_str(text),
            Takes::Text => self.push(text),
            Takes::Deleted => self.push_aside(Aside::Deleted, text),
        }
    }

    fn push(&mut self, text: &str) {
        if let Some(fallback) = &mut self.fallback {
            return fallback.push_str(text);
        }
        if self.choices > 0 {
            self.choice.push_str(text);
        }
        let is_hidden =
            self.run_is_hidden || self.paragraphs.last().is_some_and(|paragraph| paragraph.is_hidden);
        if self.deletions > 0 {
            self.push_aside(Aside::Deleted, text);
        } else if is_hidden {
            self.push_aside(Aside::Hidden, text);
        } else {
            self.end_aside();
            if let Some(paragraph) = self.paragraphs.last_mut() {
                paragraph.shown.push_str(text);
            }
        }
    }

    fn push_aside(&mut self, why: Aside, text: &str) {
        if self
            .paragraphs
            .last()
            .is_some_and(|one| one.aside.as_ref().is_some_and(|(other, _)| *other != why))
        {
            self.end_aside();
        }
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.aside.get_or_insert_with(|| (why, String::new())).1.push_str(text);
        }
    }

    /// Writes out what is not shown, behind the words that lead to it.
    fn end_aside(&mut self) {
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        let Some((why, text)) = paragraph.aside.take() else { return };
        if text.trim().is_empty() {
            return;
        }
        let line = format!("{}{text}", lead(&paragraph.shown));
        let flow = if why == Aside::Deleted { &mut self.story.deleted } else { &mut self.story.hidden };
        flow.paragraph(&line, paragraph.number);
    }

    fn open_paragraph(&mut self) {
        let is_nested = !self.paragraphs.is_empty();
        let number = match self.count {
            Count::Elements(_) => Some(self.counted),
            Count::Paragraphs if is_nested => self.paragraphs.first().and_then(|outer| outer.number),
            Count::Paragraphs if self.story.shown.is_in_table() => None,
            Count::Paragraphs => {
                self.counted += 1;
                Some(self.counted)
            }
        };
        self.paragraphs.push(Paragraph { number, ..Paragraph::default() });
    }

    fn close_paragraph(&mut self) {
        self.end_aside();
        if let Some(paragraph) = self.paragraphs.pop()
            && !paragraph.shown.is_empty()
        {
            self.story.shown.paragraph(&paragraph.shown, paragraph.number);
        }
    }

    /// A fallback repeats its choice for older programs; where it says something else, that is text too.
    fn close_fallback(&mut self) {
        let Some(fallback) = self.fallback.take() else { return };
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        if !fallback.trim().is_empty() && !bare(&self.choice).contains(&bare(&fallback)) {
            self.push_aside(Aside::Hidden, &fallback);
            self.end_aside();
        }
        // A choice has one fallback.
        self.choice.clear();
    }

    fn is_hidden_style(&self, element: &Element<'_>) -> bool {
        element.get("val").is_some_and(|style| self.hidden_styles.contains(&*style))
    }
}

impl Count {
    /// The element that is counted; none has an empty name.
    fn element(self) -> &'static str {
        match self {
            Count::Paragraphs => "",
            Count::Elements(name) => name,
        }
    }
}

/// The words right before the end of `text`: back to a digit or the end of a sentence.
pub(super) fn lead(text: &str) -> &str {
    const LONGEST: usize = 24;
    let stops =
        |c: char| c.is_ascii_digit() || matches!(c, '\n' | '.' | '。' | '!' | '！' | '?' | '？' | ';' | '；');
    let mut from = text.len();
    for (at, c) in text.char_indices().rev().take(LONGEST) {
        if stops(c) {
            break;
        }
        from = at;
    }
    &text[from..]
}
