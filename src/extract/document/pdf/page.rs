//! The text of a page from its content streams: strings placed by their matrices, joined to words and lines by where they stand. ISO 32000-2, 8.3, 9.4.
//!
//! The order is the one in which the page was written. A gap is a space, a wide one sets cells apart, another baseline is another line. What is
//! drawn twice to look bold is read once.

use std::{collections::HashMap, rc::Rc};

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::{
    font::Font,
    lexer::{Lexer, Token},
};

/// Forms within forms.
const DEPTH: usize = 12;
/// Operations of a page; more is no page but an attack.
const MOST_OPERATIONS: usize = 20_000_000;
/// Bytes of text of a page.
const MOST_TEXT: usize = 32 << 20;
/// A gap in ems from which on there is a space.
const SPACE: f32 = 0.2;
/// The same between CJK characters, which are set apart to fill a line.
const WIDE_SPACE: f32 = 0.6;
/// A gap in ems that sets cells apart.
const CELL: f32 = 1.8;
/// A shift in ems that a glyph drawn twice has at most.
const SAME: f32 = 0.08;
/// A shift of the baseline in ems that is another line; less is an index or an exponent.
const LINE: f32 = 0.6;

/// What a page shows.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Its text.
    pub(super) text: String,
    /// Codes whose meaning nobody knows.
    pub(super) unknown: usize,
    /// The part of the page that its largest picture covers, 0 to 1.
    pub(super) picture: f32,
    /// Lines and curves drawn.
    pub(super) strokes: usize,
    /// Whether it was left before its end.
    pub(super) is_cut: bool,
}

/// Fonts by where their dictionaries lie in memory, made once for all pages.
#[derive(Debug, Default)]
pub(super) struct Fonts(HashMap<usize, Rc<Font>>);

impl Fonts {
    fn get(&mut self, resources: &[&Dictionary], name: &[u8], document: &Document) -> Option<Rc<Font>> {
        // Resources of a form, else those of the page.
        let font = resources.iter().rev().find_map(|one| {
            let fonts = one.get_deref(b"Font", document).and_then(Object::as_dict).ok()?;
            fonts.get(name).ok()
        })?;
        let font = document.dereference(font).ok()?.1.as_dict().ok()?;
        let key = std::ptr::from_ref(font).addr();
        Some(Rc::clone(self.0.entry(key).or_insert_with(|| Rc::new(Font::read(font, document)))))
    }
}

/// A matrix `[a b c d e f]`.
type Matrix = [f32; 6];

const UNMOVED: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

fn times(m: &Matrix, n: &Matrix) -> Matrix {
    [
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    ]
}

/// The part of the graphics state that text depends on.
#[derive(Clone, Debug)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f32,
    char_spacing: f32,
    word_spacing: f32,
    scale: f32,
    leading: f32,
    rise: f32,
}

/// Where the last glyph ended.
#[derive(Clone, Copy, Debug)]
struct End {
    at: (f32, f32),
    /// The direction of its line.
    along: (f32, f32),
    size: f32,
}

/// Reads pages.
pub(super) struct Reader<'d> {
    document: &'d Document,
    fonts: &'d mut Fonts,
    page: Page,
    state: State,
    saved: Vec<State>,
    text_matrix: Matrix,
    line_matrix: Matrix,
    end: Option<End>,
    /// Where each glyph stands, by what it is and about where: the same again is the same glyph made bold.
    drawn: HashMap<(u64, i32, i32), (f32, f32)>,
    forms: Vec<ObjectId>,
    operations: usize,
    area: f32,
    bytes_left: usize,
}

impl<'d> Reader<'d> {
    /// A reader for a page that covers `area`; forms may have `bytes_left` bytes together.
    pub(super) fn new(
        document: &'d Document,
        fonts: &'d mut Fonts,
        area: f32,
        bytes_left: usize,
    ) -> Reader<'d> {
        let state = State {
            matrix: UNMOVED,
            font: None,
            size: 1.0,
            char_spacing: 0.0,
            word_spacing: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        Reader {
            document,
            fonts,
            page: Page::default(),
            state,
            saved: Vec::new(),
            text_matrix: UNMOVED,
            line_matrix: UNMOVED,
            end: None,
            drawn: HashMap::new(),
            forms: Vec::new(),
            operations: 0,
            area: area.max(1.0),
            bytes_left,
        }
    }

    /// What was read.
    pub(super) fn finish(self) -> Page {
        self.page
    }

    /// Bytes that forms may still have.
    pub(super) fn bytes_left(&self) -> usize {
        self.bytes_left
    }

    /// Reads a content stream.
    pub(super) fn content(&mut self, bytes: &[u8], resources: &[&'d Dictionary]) {
        let mut lexer = Lexer::new(bytes);
        let (mut operands, mut array): (Vec<Token<'_>>, Option<usize>) = (Vec::new(), None);
        while let Some(token) = lexer.next() {
            match token {
                Token::Word(b"BI") => operands.clear(),
                Token::Word(b"ID") => {
                    lexer.skip_image();
                    self.picture();
                    operands.clear();
                }
                Token::Word(operator) => {
                    self.operations += 1;
                    if self.operations > MOST_OPERATIONS {
                        self.page.is_cut = true;
                        return;
                    }
                    self.operate(operator, &operands, resources);
                    operands.clear();
                    array = None;
                }
                Token::ArrayStart => array = Some(operands.len()),
                Token::ArrayEnd | Token::Dictionary => {}
                operand => {
                    // No operator takes more; long arrays of text are the exception.
                    if operands.len() < 64 || array.is_some_and(|start| operands.len() - start < 100_000) {
                        operands.push(operand);
                    }
                }
            }
        }
    }

    fn operate(&mut self, operator: &[u8], operands: &[Token<'_>], resources: &[&'d Dictionary]) {
        let number =
            |at: usize| if let Some(Token::Number(number)) = operands.get(at) { *number } else { 0.0 };
        let six = || {
            let all = operands.len() >= 6;
            all.then(|| [number(0), number(1), number(2), number(3), number(4), number(5)])
        };
        match operator {
            b"q" if self.saved.len() < 512 => self.saved.push(self.state.clone()),
            b"Q" => {
                if let Some(state) = self.saved.pop() {
                    self.state = state;
                }
            }
            b"cm" => {
                if let Some(matrix) = six() {
                    self.state.matrix = times(&matrix, &self.state.matrix);
                }
            }
            b"BT" => (self.text_matrix, self.line_matrix) = (UNMOVED, UNMOVED),
            b"Tf" => {
                if let (Some(Token::Name(name)), Some(Token::Number(size))) =
                    (operands.first(), operands.get(1))
                {
                    self.state.font = self.fonts.get(resources, name, self.document);
                    self.state.size = *size;
                }
            }
            b"Tc" => self.state.char_spacing = number(0),
            b"Tw" => self.state.word_spacing = number(0),
            b"Tz" => self.state.scale = number(0) / 100.0,
            b"TL" => self.state.leading = number(0),
            b"Ts" => self.state.rise = number(0),
            b"Td" => self.move_line(number(0), number(1)),
            b"TD" => {
                self.state.leading = -number(1);
                self.move_line(number(0), number(1));
            }
            b"T*" => self.move_line(0.0, -self.state.leading),
            b"Tm" => {
                if let Some(matrix) = six() {
                    (self.text_matrix, self.line_matrix) = (matrix, matrix);
                }
            }
            b"Tj" | b"TJ" => self.show_all(operands),
            b"'" => {
                self.move_line(0.0, -self.state.leading);
                self.show_all(operands);
            }
            b"\"" => {
                (self.state.word_spacing, self.state.char_spacing) = (number(0), number(1));
                self.move_line(0.0, -self.state.leading);
                self.show_all(operands.get(2..).unwrap_or_default());
            }
            b"Do" => {
                if let Some(Token::Name(name)) = operands.first() {
                    self.draw(name, resources);
                }
            }
            b"l" | b"c" | b"v" | b"y" => self.page.strokes += 1,
            _ => {}
        }
    }

    fn move_line(&mut self, x: f32, y: f32) {
        self.line_matrix = times(&[1.0, 0.0, 0.0, 1.0, x, y], &self.line_matrix);
        self.text_matrix = self.line_matrix;
    }

    fn show_all(&mut self, operands: &[Token<'_>]) {
        for operand in operands {
            match operand {
                Token::String(text) => self.show(text),
                Token::Number(back) => self.advance(-back / 1000.0 * self.state.size),
                _ => {}
            }
        }
    }

    /// Moves on along the line, in units of text space.
    fn advance(&mut self, by: f32) {
        let is_vertical = self.state.font.as_ref().is_some_and(|font| font.is_vertical());
        let (x, y) = if is_vertical { (0.0, by) } else { (by * self.state.scale, 0.0) };
        self.text_matrix = times(&[1.0, 0.0, 0.0, 1.0, x, y], &self.text_matrix);
    }

    fn show(&mut self, bytes: &[u8]) {
        let Some(font) = self.state.font.clone() else {
            self.page.unknown += bytes.len();
            return;
        };
        font.glyphs(bytes, |glyph| {
            let placed = times(
                &[1.0, 0.0, 0.0, 1.0, 0.0, self.state.rise],
                &times(&self.text_matrix, &self.state.matrix),
            );
            match glyph.text {
                Some(text) => self.place(&text, &placed, font.is_vertical()),
                None => self.page.unknown += 1,
            }
            let spacing =
                self.state.char_spacing + if glyph.is_space { self.state.word_spacing } else { 0.0 };
            let width = if font.is_vertical() { -1.0 } else { glyph.width };
            self.advance(width * self.state.size + spacing);
            let ended = times(&self.text_matrix, &self.state.matrix);
            if let Some(end) = &mut self.end {
                end.at = (ended[4], ended[5]);
            }
        });
    }

    /// Adds the text of a glyph that stands at the origin of `at`.
    fn place(&mut self, text: &str, at: &Matrix, is_vertical: bool) {
        let (x, y) = (at[4], at[5]);
        let along = if is_vertical { (-at[2], -at[3]) } else { (at[0], at[1]) };
        let length = along.0.hypot(along.1);
        let size = (length * self.state.size.abs()).max(1e-3);
        if !(x.is_finite() && y.is_finite() && size.is_finite()) {
            return self.page.text.push_str(text);
        }
        let along = if length > 0.0 { (along.0 / length, along.1 / length) } else { (1.0, 0.0) };
        if self.page.text.len() > MOST_TEXT {
            self.page.is_cut = true;
            return;
        }
        if !text.trim().is_empty() && self.drawn.len() < MOST_TEXT / 32 && self.is_drawn(text, (x, y), size) {
            return;
        }
        if let Some(end) = self.end {
            let moved = (x - end.at.0, y - end.at.1);
            let size = size.max(end.size * 0.5).min(size * 4.0);
            let ahead = (moved.0 * along.0 + moved.1 * along.1) / size;
            let aside = (moved.0 * along.1 - moved.1 * along.0).abs() / size;
            let turned = (along.0 * end.along.0 + along.1 * end.along.1) < 0.9;
            self.separate(ahead, aside, turned, text);
        }
        self.end = Some(End { at: (x, y), along, size });
        self.page.text.push_str(text);
    }

    /// Whether the same glyph was drawn here already; remembers that it is now.
    fn is_drawn(&mut self, text: &str, at: (f32, f32), size: f32) -> bool {
        let near = size * SAME;
        let (text, cell) = (hash(text), |value: f32| (value / (4.0 * near)).floor() as i32);
        for x in cell(at.0 - near)..=cell(at.0 + near) {
            for y in cell(at.1 - near)..=cell(at.1 + near) {
                let other = self.drawn.get(&(text, x, y));
                if other.is_some_and(|other| (other.0 - at.0).abs() < near && (other.1 - at.1).abs() < near) {
                    return true;
                }
            }
        }
        self.drawn.insert((text, cell(at.0), cell(at.1)), at);
        false
    }

    fn separate(&mut self, ahead: f32, aside: f32, turned: bool, next: &str) {
        let Some(last) = self.page.text.chars().next_back() else { return };
        if turned || aside > LINE {
            if last != '\n' {
                self.page.text.push('\n');
            }
            return;
        }
        let is_wide = |c: char| c >= '\u{2e80}';
        let space =
            if is_wide(last) && next.chars().next().is_some_and(is_wide) { WIDE_SPACE } else { SPACE };
        if ahead.abs() > CELL {
            if !matches!(last, '\t' | '\n') {
                self.page.text.push('\t');
            }
        } else if ahead.abs() > space && !last.is_whitespace() && !next.starts_with(char::is_whitespace) {
            // A small step back is an overlap, and no space.
            if !(-1.0..=0.0).contains(&ahead) {
                self.page.text.push(' ');
            }
        }
    }

    /// Draws a form or a picture.
    fn draw(&mut self, name: &[u8], resources: &[&'d Dictionary]) {
        let object = resources.iter().rev().find_map(|one| {
            let objects = one.get_deref(b"XObject", self.document).and_then(Object::as_dict).ok()?;
            objects.get(name).ok()
        });
        let Some((Some(id), object)) = object.and_then(|object| self.document.dereference(object).ok())
        else {
            return;
        };
        let Ok(stream) = object.as_stream() else { return };
        if stream
            .dict
            .get_deref(b"Subtype", self.document)
            .and_then(Object::as_name)
            .is_ok_and(|kind| kind == b"Image")
        {
            return self.picture();
        }
        if self.forms.len() >= DEPTH || self.forms.contains(&id) {
            return;
        }
        self.form(id, stream, resources);
    }

    /// Reads a form: a content stream with its own resources.
    pub(super) fn form(&mut self, id: ObjectId, stream: &'d lopdf::Stream, resources: &[&'d Dictionary]) {
        let Ok(content) = stream.get_plain_content_with_limit(self.bytes_left.min(64 << 20)) else {
            self.page.is_cut = true;
            return;
        };
        // A form that is drawn over and over is paid for each time.
        self.bytes_left = self.bytes_left.saturating_sub(content.len() + 64);
        let matrix = stream.dict.get_deref(b"Matrix", self.document).and_then(Object::as_array).ok();
        let matrix = matrix.filter(|matrix| matrix.len() == 6).map(|matrix| {
            let mut six = UNMOVED;
            for (place, number) in six.iter_mut().zip(matrix) {
                *place = number.as_float().unwrap_or(0.0);
            }
            six
        });
        let before =
            (self.state.clone(), self.text_matrix, self.line_matrix, std::mem::take(&mut self.saved));
        self.state.matrix = times(&matrix.unwrap_or(UNMOVED), &self.state.matrix);
        let own = stream.dict.get_deref(b"Resources", self.document).and_then(Object::as_dict).ok();
        let all: Vec<&Dictionary> = resources.iter().copied().chain(own).collect();
        self.forms.push(id);
        self.content(&content, &all);
        self.forms.pop();
        (self.state, self.text_matrix, self.line_matrix, self.saved) = before;
    }

    /// A picture fills the unit square of the current matrix.
    fn picture(&mut self) {
        let m = &self.state.matrix;
        let covered = (m[0] * m[3] - m[1] * m[2]).abs() / self.area;
        self.page.picture = self.page.picture.max(covered.min(1.0));
    }
}

/// A number that tells texts apart.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
