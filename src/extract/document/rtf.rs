//! Rich text (rtf): text, tables, headers and footers, notes, comments, tracked deletions, hidden text, watermarks, properties, and the objects put in.
//!
//! A destination that is not known is passed over as its star asks, but for those that hold text. Rich Text Format Specification 1.9.1.

use crate::{
    extract::{attached::PieceKind, reading::Reading},
    message::Unread,
};
pub(super) mod charsets;
mod destinations;
mod objects;

use std::collections::{BTreeSet, HashMap};

use encoding_rs::Encoding;

use self::destinations::Destination;
use super::{flow::Flow, properties::property};

/// Groups within groups; deeper ones are read without their state.
const DEPTH: usize = 10_000;

/// Reads an RTF file.
pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    if !bytes.trim_ascii_start().starts_with(b"{\\rtf") {
        return Err(Unread::Broken);
    }
    let mut rtf = Rtf::new(bytes);
    rtf.run(reading);
    rtf.finish(reading)
}

/// What a group sets and its end sets back.
#[derive(Clone, Copy, Debug)]
struct State {
    destination: Destination,
    encoding: &'static Encoding,
    /// Bytes or characters that stand for programs that do not know the character before.
    skip_after_unicode: usize,
    is_hidden: bool,
    is_deleted: bool,
    /// Whether the text is the RTF twin of text that stands as HTML.
    is_twin: bool,
}

/// A file that is being read.
struct Rtf<'b> {
    bytes: &'b [u8],
    at: usize,
    state: State,
    saved: Vec<State>,
    default_encoding: &'static Encoding,
    fonts: HashMap<i32, &'static Encoding>,
    font: i32,
    /// Bytes of a charset that wait for their character to be whole.
    pending: Vec<u8>,
    surrogate: Option<u16>,
    skip: usize,
    /// The star of `{\*\destination`.
    is_starred: bool,
    line: String,
    aside: String,
    flows: HashMap<Destination, Flow>,
    body: Flow,
    in_row: bool,
    /// Whether the paragraph says that it stands in a cell.
    in_table: bool,
    counted: u32,
    values: HashMap<Destination, String>,
    properties: Flow,
    watermarks: BTreeSet<String>,
    links: BTreeSet<String>,
    object: Vec<u8>,
    has_picture: bool,
    is_over: bool,
}

impl<'b> Rtf<'b> {
    fn new(bytes: &'b [u8]) -> Rtf<'b> {
        let encoding = encoding_rs::WINDOWS_1252;
        Rtf {
            bytes,
            at: 0,
            state: State {
                destination: Destination::Body,
                encoding,
                skip_after_unicode: 1,
                is_hidden: false,
                is_deleted: false,
                is_twin: false,
            },
            saved: Vec::new(),
            default_encoding: encoding,
            fonts: HashMap::new(),
            font: 0,
            pending: Vec::new(),
            surrogate: None,
            skip: 0,
            is_starred: false,
            line: String::new(),
            aside: String::new(),
            flows: HashMap::new(),
            body: Flow::default(),
            in_row: false,
            in_table: false,
            counted: 0,
            values: HashMap::new(),
            properties: Flow::default(),
            watermarks: BTreeSet::new(),
            links: BTreeSet::new(),
            object: Vec::new(),
            has_picture: false,
            is_over: false,
        }
    }

    fn run(&mut self, reading: &mut Reading<'_>) {
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'{' => {
                    self.flush();
                    self.saved.push(self.state);
                    if self.saved.len() > DEPTH {
                        self.is_over = true;
                        return;
                    }
                    self.skip = 0;
                }
                b'}' => {
                    self.flush();
                    self.skip = 0;
                    if let Some(outer) = self.saved.pop() {
                        let inner = self.state;
                        self.state = outer;
                        self.close(inner.destination, reading);
                    }
                }
                b'\\' => self.control(),
                b'\r' | b'\n' => {}
                byte => self.byte(byte),
            }
        }
        self.flush();
    }

    /// A control word or symbol, behind its backslash.
    fn control(&mut self) {
        let Some(&byte) = self.bytes.get(self.at) else { return };
        if !byte.is_ascii_alphabetic() {
            self.at += 1;
            return self.symbol(byte);
        }
        let rest = &self.bytes[self.at..];
        let letters = rest.iter().take(32).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let word = std::str::from_utf8(&rest[..letters]).unwrap_or_default();
        let minus = usize::from(rest.get(letters) == Some(&b'-'));
        let digits = rest[letters + minus..].iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
        let minus = if digits == 0 { 0 } else { minus };
        let end = letters + minus + digits;
        let number =
            std::str::from_utf8(&rest[letters..end]).ok().and_then(|number| number.parse::<i32>().ok());
        self.at += end + usize::from(rest.get(end) == Some(&b' '));
        if word != "u" {
            self.flush();
        }
        if word == "bin" {
            self.at = self.at.saturating_add(usize::try_from(number.unwrap_or(0)).unwrap_or(0));
            return;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        self.word(word, number);
        self.is_starred = false;
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'\'' => {
                let hex = self.bytes.get(self.at..self.at + 2).and_then(|hex| std::str::from_utf8(hex).ok());
                if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                    self.at += 2;
                    self.byte(byte);
                }
            }
            b'*' => self.is_starred = true,
            b'~' => self.push(" "),
            b'_' => self.push("-"),
            b'\\' | b'{' | b'}' => self.byte(symbol),
            b'\r' | b'\n' => self.paragraph(),
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>) {
        let is_on = number != Some(0);
        match word {
            "par" | "sect" | "page" => self.paragraph(),
            "line" => self.push("\n"),
            "tab" => self.push("\t"),
            "cell" | "nestcell" => self.cell(),
            "row" | "nestrow" => self.end_row(),
            "intbl" => self.in_table = true,
            "pard" => self.in_table = false,
            "emdash" => self.push("—"),
            "endash" => self.push("–"),
            "bullet" => self.push("•"),
            "lquote" => self.push("‘"),
            "rquote" => self.push("’"),
            "ldblquote" => self.push("“"),
            "rdblquote" => self.push("”"),
            "emspace" | "enspace" | "qmspace" => self.push(" "),
            "u" => self.unicode(number.unwrap_or(0)),
            "uc" => self.state.skip_after_unicode = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(16),
            "v" => self.state.is_hidden = is_on,
            "deleted" => self.state.is_deleted = is_on,
            "plain" => (self.state.is_hidden, self.state.is_deleted) = (false, false),
            "htmlrtf" => self.state.is_twin = is_on,
            "ansicpg" => {
                if let Some(encoding) = charsets::of_codepage(number.unwrap_or(1252)) {
                    (self.default_encoding, self.state.encoding) = (encoding, encoding);
                }
            }
            "f" if self.state.destination == Destination::Fonts => self.font = number.unwrap_or(0),
            "fcharset" => {
                if let Some(encoding) = charsets::of_font(number.unwrap_or(0)) {
                    self.fonts.insert(self.font, encoding);
                }
            }
            "f" | "af" => {
                let font = self.fonts.get(&number.unwrap_or(0));
                // A font without a charset of its own says nothing about the bytes.
                self.state.encoding = font.copied().unwrap_or(self.default_encoding);
            }
            _ => self.destination(word),
        }
    }

    fn destination(&mut self, word: &str) {
        // What is passed over stays so whatever is in it.
        if self.state.destination == Destination::Skipped {
            return;
        }
        if word == "pict" {
            self.has_picture = true;
        }
        match Destination::named(word) {
            Some(destination) => {
                if destination.is_story() {
                    self.end_aside();
                }
                self.state.destination = destination;
            }
            None if self.is_starred => self.state.destination = Destination::Skipped,
            None => {}
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        if self.state.destination == Destination::Object {
            self.object.push(byte);
        } else {
            self.pending.push(byte);
            if self.pending.len() > 4096 {
                self.flush();
            }
        }
    }

    fn unicode(&mut self, number: i32) {
        self.flush();
        let unit = number as u16;
        match (self.surrogate.take(), unit) {
            (_, 0xd800..=0xdbff) => self.surrogate = Some(unit),
            (high, unit) => {
                let units: Vec<u16> = high.into_iter().chain([unit]).collect();
                let text = String::from_utf16_lossy(&units);
                self.push(&text);
            }
        }
        self.skip = self.state.skip_after_unicode;
    }

    /// Decodes the bytes that are whole.
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.pending);
        let (text, _) = self.state.encoding.decode_without_bom_handling(&bytes);
        self.push(&text);
    }

    fn push(&mut self, text: &str) {
        if self.state.is_twin {
            return;
        }
        match self.state.destination {
            Destination::Skipped | Destination::Fonts | Destination::Object => {}
            destination if destination.is_value() => {
                self.values.entry(destination).or_default().push_str(text);
            }
            Destination::Body if self.state.is_hidden || self.state.is_deleted => self.aside.push_str(text),
            Destination::Body => {
                self.end_aside();
                self.line.push_str(text);
            }
            story => {
                let line = self.values.entry(story).or_default();
                line.push_str(text);
            }
        }
    }

    /// Writes out hidden or deleted text, behind the words that lead to it.
    fn end_aside(&mut self) {
        let aside = std::mem::take(&mut self.aside);
        if !aside.trim().is_empty() {
            let line = format!("{}{aside}", super::wordml::lead(&self.line));
            self.flows.entry(Destination::Hidden).or_default().paragraph(&line, Some(self.counted + 1));
        }
    }

    fn paragraph(&mut self) {
        match self.state.destination {
            Destination::Body => {
                self.end_aside();
                if self.in_row || self.in_table {
                    return self.line.push('\n');
                }
                if self.body.is_in_table() {
                    self.body.close_table();
                }
                self.counted += 1;
                let line = std::mem::take(&mut self.line);
                if !line.trim().is_empty() {
                    self.body.paragraph(&line, Some(self.counted));
                }
            }
            destination if destination.is_story() => self.end_story(destination),
            _ => self.push("\n"),
        }
    }

    fn end_story(&mut self, story: Destination) {
        if let Some(line) = self.values.remove(&story).filter(|line| !line.trim().is_empty()) {
            self.flows.entry(story).or_default().paragraph(&line, None);
        }
    }

    fn cell(&mut self) {
        if self.state.destination != Destination::Body {
            return self.push("\t");
        }
        self.end_aside();
        if !self.body.is_in_table() {
            self.body.open_table();
        }
        if !self.in_row {
            self.body.open_row();
            self.in_row = true;
        }
        self.body.open_cell();
        let line = std::mem::take(&mut self.line);
        self.body.paragraph(line.trim_end(), None);
        self.body.close_cell();
    }

    fn end_row(&mut self) {
        self.in_row = false;
    }

    /// A group of this destination ended, and the one around it goes on.
    fn close(&mut self, destination: Destination, reading: &mut Reading<'_>) {
        if destination == self.state.destination {
            return;
        }
        match destination {
            Destination::Object => objects::hand_on(&std::mem::take(&mut self.object), reading),
            Destination::ShapeValue => {
                let value = self.values.remove(&Destination::ShapeValue).unwrap_or_default();
                let name = self.values.remove(&Destination::ShapeName).unwrap_or_default();
                match name.trim() {
                    "gtextUNICODE" => drop(self.watermarks.insert(value)),
                    "wzDescription" => property("alternative text", &value, &mut self.properties),
                    _ => {}
                }
            }
            Destination::PropertyValue => {
                let value = self.values.remove(&Destination::PropertyValue).unwrap_or_default();
                let name = self.values.remove(&Destination::PropertyName).unwrap_or_default();
                property(name.trim(), &value, &mut self.properties);
            }
            Destination::Info(name) => {
                let value = self.values.remove(&destination).unwrap_or_default();
                property(name, &value, &mut self.properties);
            }
            Destination::Field => {
                let field = self.values.remove(&destination).unwrap_or_default();
                self.links.insert(field.trim().to_owned());
            }
            story if story.is_story() && story != Destination::Body => self.end_story(story),
            _ => {}
        }
    }

    fn finish(mut self, reading: &mut Reading<'_>) -> Result<(), Unread> {
        (self.in_row, self.in_table) = (false, false);
        self.state.destination = Destination::Body;
        self.paragraph();
        let is_empty = self.body.is_empty();
        reading.extend([self.body.finish(PieceKind::Body, &[])]);
        for (destination, kind, name) in destinations::STORIES {
            if let Some(flow) = self.flows.remove(destination) {
                reading.extend([flow.finish(*kind, &[name])]);
            }
        }
        for (lines, kind, name) in [
            (self.watermarks, PieceKind::Marked, "watermark"),
            (self.links, PieceKind::Property, "links and fields"),
        ] {
            let mut flow = Flow::default();
            for line in lines.iter().filter(|line| !line.trim().is_empty()) {
                flow.paragraph(line, None);
            }
            reading.extend([flow.finish(kind, &[name])]);
        }
        reading.extend([self.properties.finish(PieceKind::Property, &["properties"])]);
        if self.is_over {
            Err(Unread::OverLimit)
        } else if !self.saved.is_empty() {
            // Cut off before its groups ended.
            Err(Unread::Broken)
        } else if is_empty && self.has_picture {
            Err(Unread::ImageOnly)
        } else {
            Ok(())
        }
    }
}
