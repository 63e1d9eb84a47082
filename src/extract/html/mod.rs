//! HTML: rendered as a reader sees it, with what the reader does not see in a stream of its own.
//!
//! Inline tags leave no trace (`110<b></b>101` is one number), blocks break the line, cells keep table, row and column. Text between tags is
//! copied from the source so that it maps byte by byte; a character reference maps as a whole.

mod events;
mod reference;
mod style;

use std::{borrow::Cow, collections::HashMap};

use html5gum::Tokenizer;

use self::{
    events::Events,
    style::{Background, Style},
};
use super::{Cell, Extracted, Extractor, Kind, Markup, Segment, text_kind, text_place};
use crate::{
    message::{Body, Part},
    span::{Span, SpanMap},
};

/// Takes HTML parts.
pub(super) const EXTRACTOR: Extractor = Extractor {
    knows: |part| matches!(part.body, Body::Html(_)),
    read: |part, markup, extracted| {
        if let Body::Html(source) = &part.body {
            let page = render(&source.text, markup);
            page.into_segments(part, &source.map, extracted);
        }
    },
};

/// A rendered page: what is seen, what is hidden, where links lead.
#[derive(Debug, Default)]
struct Page {
    shown: Stream,
    hidden: Stream,
    links: Stream,
    cells: Vec<Cell>,
    quoted: Vec<Span>,
    signature: Vec<Span>,
}

/// Text being rendered, with its map to the source.
#[derive(Debug, Default)]
struct Stream {
    text: String,
    map: SpanMap,
    /// Where in the source the last text came from.
    source_end: usize,
}

impl Page {
    fn into_segments<'m>(self, part: &'m Part<'m>, under: &'m SpanMap, extracted: &mut Extracted<'m>) {
        let segment = |kind, stream: Stream| Segment {
            kind,
            part: &part.number,
            place: text_place(part),
            text: Cow::Owned(stream.text),
            map: stream.map,
            under: Some(under),
            buffer: part.buffer,
            cells: Vec::new(),
            heads: HashMap::new(),
            quoted: Vec::new(),
            signature: Vec::new(),
        };
        let heads = self.cells.iter().enumerate().filter(|(_, cell)| cell.row == 1);
        let heads = heads.map(|(index, cell)| ((cell.table, cell.column), index)).collect();
        extracted.segments.push(Segment {
            heads,
            cells: self.cells,
            quoted: self.quoted,
            signature: self.signature,
            ..segment(text_kind(part, Kind::Html), self.shown)
        });
        for (kind, stream) in [(Kind::Hidden, self.hidden), (Kind::Links, self.links)] {
            if !stream.text.trim().is_empty() {
                extracted.segments.push(segment(kind, stream));
            }
        }
    }
}

/// Renders HTML source.
fn render(source: &str, markup: &Markup) -> Page {
    // Only without a style sheet do we know every background.
    let styled =
        [&b"<style"[..], b"<STYLE"].iter().any(|tag| memchr::memmem::find(source.as_bytes(), tag).is_some());
    let mut renderer =
        Renderer { source, markup: Some(markup), knows_backgrounds: !styled, ..Renderer::default() };
    let Ok(()) = Tokenizer::new_with_emitter(source, Events::new(&mut renderer)).finish();
    while renderer.pop().is_some() {}
    renderer.page
}

/// What the renderer remembers of a tag while its attributes are read.
#[derive(Debug, Default)]
struct Tag {
    name: Name,
    id: u64,
    style: Style,
    columns: u32,
    link: Option<(String, Span)>,
    alt: Option<(String, Span)>,
    quotes: bool,
    signs: bool,
}

/// Tags that change the rendering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Name {
    #[default]
    Inline,
    Block,
    Paragraph,
    Break,
    Table,
    Row,
    Cell,
    Item,
    Preformatted,
    Skipped,
    Void,
}

/// Attributes that change the rendering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Attribute {
    Style,
    Class,
    Colour,
    Background,
    Hidden,
    Href,
    Alt,
    ColumnSpan,
    #[default]
    Other,
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
    skipped: bool,
    preformatted: bool,
    colour: u32,
    background: Background,
}

impl Inherited {
    fn is_hidden(self) -> bool {
        self.hidden
            || matches!(self.background, Background::Colour(behind) if style::alike(self.colour, behind))
    }
}

#[derive(Debug)]
struct Table {
    number: u32,
    row: u32,
    column: u32,
}

#[derive(Debug, Default)]
struct Renderer<'s> {
    source: &'s str,
    markup: Option<&'s Markup>,
    knows_backgrounds: bool,
    page: Page,
    stack: Vec<Element>,
    /// Open elements by tag, so that an end tag without a start costs nothing.
    open: OpenTags,
    tables: Vec<Table>,
    table_count: u32,
    tag: Tag,
    attribute: Attribute,
}

impl Renderer<'_> {
    fn open_tag(&mut self, name: &[u8]) {
        self.tag = Tag { name: classify(name), id: id(name), columns: 1, ..Tag::default() };
        self.tag.quotes = name == b"blockquote";
        self.tag.style.hides = matches!(name, b"template" | b"noframes" | b"iframe" | b"noembed");
    }

    fn close_tag(&mut self, name: &[u8]) {
        self.end_tag(classify(name), id(name));
    }

    /// Takes note of an attribute; whether its value matters.
    fn attribute_name(&mut self, name: &[u8]) -> bool {
        self.attribute = match name {
            b"style" => Attribute::Style,
            b"class" | b"id" => Attribute::Class,
            b"color" => Attribute::Colour,
            b"bgcolor" | b"background" => Attribute::Background,
            b"hidden" => {
                self.tag.style.hides = true;
                Attribute::Hidden
            }
            b"href" => Attribute::Href,
            b"alt" => Attribute::Alt,
            b"colspan" => Attribute::ColumnSpan,
            _ => Attribute::Other,
        };
        !matches!(self.attribute, Attribute::Other | Attribute::Hidden)
    }

    fn attribute_value(&mut self, value: &[u8], span: Span) {
        let text = || String::from_utf8_lossy(value).into_owned();
        match self.attribute {
            Attribute::Style => self.tag.style.apply(&text()),
            Attribute::Class => {
                let value = text().to_ascii_lowercase();
                if let Some(markup) = self.markup {
                    self.tag.quotes |= markup.quote.iter().any(|name| names(&value, name));
                    self.tag.signs |= markup.signature.iter().any(|name| names(&value, name));
                }
            }
            Attribute::Colour => self.tag.style.colour = style::colour(&text()),
            Attribute::Background => {
                self.tag.style.background =
                    Some(style::colour(&text()).map_or(Background::Unknown, Background::Colour));
            }
            Attribute::Href => self.tag.link = Some((text(), span)),
            Attribute::Alt => self.tag.alt = Some((text(), span)),
            Attribute::ColumnSpan => {
                self.tag.columns = text().trim().parse().unwrap_or(1).clamp(1, 1000);
            }
            Attribute::Hidden | Attribute::Other => {}
        }
    }

    fn start_tag(&mut self) {
        let tag = std::mem::take(&mut self.tag);
        self.close_implied(tag.name);
        let parent = self.inherited();
        let inherited = Inherited {
            hidden: parent.hidden || tag.style.hides,
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
                self.table_count += 1;
                self.tables.push(Table { number: self.table_count, row: 0, column: 0 });
            }
            Name::Row => {
                self.line_break_once();
                if let Some(table) = self.tables.last_mut() {
                    table.row += 1;
                    table.column = 0;
                }
            }
            Name::Cell => cell = self.open_cell(tag.columns),
            Name::Block | Name::Paragraph | Name::Item | Name::Preformatted => self.line_break_once(),
            Name::Inline | Name::Skipped | Name::Void => {}
        }
        if let Some((text, span)) = &tag.alt
            && !inherited.skipped
            && !text.trim().is_empty()
        {
            let stream = if inherited.is_hidden() { &mut self.page.hidden } else { &mut self.page.shown };
            stream.push_block(&format!(" {} ", text.trim()), *span);
        }
        if let Some((text, span)) = &tag.link {
            self.page.links.push_block(text, *span);
            self.page.links.push_block("\n", Span::new(span.end, span.end));
        }
        if tag.name == Name::Void {
            return;
        }
        *self.open.count(tag.id) += 1;
        let start = self.page.shown.text.len();
        let (quotes, signs) = (tag.quotes, tag.signs);
        self.stack.push(Element { name: tag.name, id: tag.id, inherited, start, quotes, signs, cell });
    }

    /// What the innermost open element hands on; the canvas is black on white.
    fn inherited(&self) -> Inherited {
        let canvas = Inherited {
            hidden: false,
            skipped: false,
            preformatted: false,
            colour: 0,
            background: if self.knows_backgrounds {
                Background::Colour(0xff_ff_ff)
            } else {
                Background::Unknown
            },
        };
        self.stack.last().map_or(canvas, |element| element.inherited)
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
                self.tables.pop();
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
        let table = self.tables.last_mut()?;
        let is_first = table.column == 0;
        table.row = table.row.max(1);
        table.column += 1;
        let (number, row, column) = (table.number, table.row, table.column);
        table.column += columns - 1;
        if !is_first {
            self.separate_cells();
        }
        let at = self.page.shown.text.len();
        self.page.cells.push(Cell { span: Span::new(at, at), table: number, row, column });
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
    fn text(&mut self, span: Span) {
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

impl Stream {
    /// Appends source text, white space folded to one space unless it is preformatted.
    fn push_copy(&mut self, text: &str, at: usize, preformatted: bool) {
        if preformatted {
            self.text.push_str(text);
            self.map.copy(at, text.len());
            self.source_end = at + text.len();
            return;
        }
        let bytes = text.as_bytes();
        let mut from = 0;
        while from < bytes.len() {
            // Single spaces between words belong to the copy.
            let folds = |pair: &[u8]| is_space(pair[0]) && (pair[0] != b' ' || is_space(pair[1]));
            let rest = &bytes[from..];
            let len = if from == 0 && is_space(rest[0]) {
                0
            } else {
                rest.windows(2).position(folds).unwrap_or(rest.len())
            };
            let len = if len == rest.len() && len > 1 && is_space(rest[len - 1]) { len - 1 } else { len };
            self.text.push_str(&text[from..from + len]);
            self.map.copy(at + from, len);
            from += len;
            let blank = bytes[from..].iter().take_while(|byte| is_space(**byte)).count();
            if blank > 0 {
                if !self.ends_blank() {
                    self.text.push(' ');
                    self.map.block(at + from, blank, 1);
                }
                from += blank;
            }
        }
        self.source_end = at + text.len();
    }

    /// Appends a decoded character reference.
    fn push_reference(&mut self, decoded: &str, source: Span) {
        self.text.push_str(decoded);
        self.map.block(source.start, source.len(), decoded.len());
        self.source_end = source.end;
    }

    /// Appends text that maps as a whole to `source`.
    fn push_block(&mut self, text: &str, source: Span) {
        self.push_reference(text, source);
    }

    /// Appends layout that stands nowhere in the source; it maps to the place where the source goes on.
    fn push_made(&mut self, text: &str) {
        self.text.push_str(text);
        self.map.block(self.source_end, 0, text.len());
    }

    fn ends_blank(&self) -> bool {
        self.text.is_empty() || self.text.ends_with([' ', '\n', '\t'])
    }

    /// Drops the space before a line break.
    fn trim_blank(&mut self) {
        if self.text.ends_with(' ') {
            self.text.pop();
            self.map.truncate(self.text.len());
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b'\x0c')
}

/// Whether a class or id list has a name; clients prefix them (`x_gmail_quote`).
fn names(value: &str, name: &str) -> bool {
    value.split_ascii_whitespace().any(|word| word.strip_prefix("x_").unwrap_or(word) == name)
}

/// A tag's identity: a hash is enough to pair starts with ends.
fn id(name: &[u8]) -> u64 {
    name.iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn classify(name: &[u8]) -> Name {
    match name {
        b"br" => Name::Break,
        b"p" => Name::Paragraph,
        b"table" => Name::Table,
        b"tr" => Name::Row,
        b"td" | b"th" => Name::Cell,
        b"li" | b"dt" | b"dd" | b"option" => Name::Item,
        b"pre" | b"listing" | b"textarea" => Name::Preformatted,
        b"script" | b"style" | b"title" => Name::Skipped,
        b"img" | b"input" | b"meta" | b"link" | b"base" | b"area" | b"col" | b"embed" | b"source"
        | b"wbr" | b"track" | b"param" | b"bgsound" | b"frame" => Name::Void,
        b"hr" | b"div" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"ul" | b"ol" | b"dl"
        | b"blockquote" | b"center" | b"form" | b"fieldset" | b"section" | b"article" | b"header"
        | b"footer" | b"nav" | b"main" | b"aside" | b"address" | b"figure" | b"caption" | b"body"
        | b"html" | b"tbody" | b"thead" | b"tfoot" | b"menu" => Name::Block,
        _ => Name::Inline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markup() -> Markup {
        Markup { quote: vec!["gmail_quote".into()], signature: vec!["gmail_signature".into()] }
    }

    fn shown(source: &str) -> String {
        render(source, &markup()).shown.text
    }

    #[test]
    fn renders_as_a_reader_sees_it() {
        for (source, want) in [
            ("<p>1<b></b>38<i>0</i>0</p>", "13800\n"),
            ("<div>a</div><div>b<br>c</div>", "a\nb\nc\n"),
            ("a\r\n  b\t c", "a b c"),
            ("a&nbsp;b &lt;c&gt; &#x597d;&copy2024 &bogus; &amp", "a\u{a0}b <c> 好©2024 &bogus; &"),
            ("<table><tr><td>a<td>b<tr><td>c<td>d</table>e", "a\tb\nc\td\ne"),
            ("<ul><li>a<li>b</ul>", "a\nb\n"),
            ("<pre>a  b\nc</pre>", "a  b\nc\n"),
            ("<head><title>t</title><style>p{}</style></head><body>x<script>y</script>z", "xz\n"),
            ("<img alt='logo of us'>hi", " logo of us hi"),
            ("a<!-- no -->b</span></i>c<", "abc<"),
            ("<p>a<p>b", "a\nb\n"),
        ] {
            assert_eq!(shown(source), want, "{source}");
        }
    }

    #[test]
    fn hidden_text_goes_to_its_own_stream() {
        for source in [
            "<span style='display: none'>secret</span>seen",
            "<span style='FONT-SIZE:0px'>secret</span>seen",
            "<div style='opacity:0'><b>secret</b></div>seen",
            "<font color=white>secret</font>seen",
            "<font color='#FFFFFF'>secret</font>seen",
            "<p style='color:#fefefe;background-color:#fff'>secret</p>seen",
            "<div hidden>secret</div>seen",
            "<div style='position:absolute;left:-9999px'>secret</div>seen",
            "<div style='max-height:0;overflow:hidden'>secret</div>seen",
            "<td style='mso-hide:all'>secret</td>seen",
            "<template>secret</template>seen",
        ] {
            let page = render(source, &markup());
            assert_eq!((page.hidden.text.trim(), page.shown.text.trim()), ("secret", "seen"), "{source}");
        }
        for source in [
            "<table bgcolor=black><tr><td><font color=white>seen</font></table>",
            "<div style='background:url(x.png)'><span style='color:#fff'>seen</span></div>",
            "<style>.a{background:#000}</style><div class=a><span style='color:#fff'>seen</span></div>",
            "<span style='font-size:10px'>seen</span>",
            "<span style='opacity:0.9'>seen</span>",
        ] {
            let page = render(source, &markup());
            assert_eq!((page.hidden.text.trim(), page.shown.text.trim()), ("", "seen"), "{source}");
        }
    }

    #[test]
    fn cells_know_their_table_row_and_column() {
        let source = "<table><tr><th colspan=2>姓名<th>身份证号</tr><tr><td>张<td>三<td><table><tr><td>x</table></tr></table>";
        let page = render(source, &markup());
        let got: Vec<_> = page
            .cells
            .iter()
            .map(|cell| (cell.table, cell.row, cell.column, cell.span.of_str(&page.shown.text).trim()))
            .collect();
        let want = [
            (1, 1, 1, "姓名"),
            (1, 1, 3, "身份证号"),
            (1, 2, 1, "张"),
            (1, 2, 2, "三"),
            (1, 2, 3, "x"),
            (2, 1, 1, "x"),
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn spans_lead_back_into_the_source() {
        let source = "<p>号码\r\n 11&nbsp;<b>01</b>01&#49;</p>";
        let page = render(source, &markup());
        let text = &page.shown.text;
        let at = text.find("01011").expect("rendered");
        let span = page.shown.map.source(Span::new(at, at + 5));
        assert_eq!(span.of_str(source), "01</b>01&#49;");
        let at = text.find('码').expect("rendered");
        assert_eq!(page.shown.map.source(Span::new(at, at + 3)).of_str(source), "码");
    }

    #[test]
    fn quotes_and_signatures_of_the_markup_are_marked() {
        let source = "new<div class='gmail_signature'>me</div><div class=\"x_gmail_quote\">old<blockquote>older</blockquote></div>";
        let page = render(source, &markup());
        let of = |spans: &[Span]| -> Vec<String> {
            spans.iter().map(|span| span.of_str(&page.shown.text).trim().to_owned()).collect()
        };
        assert_eq!(of(&page.signature), ["me"]);
        assert_eq!(of(&page.quoted), ["older", "old\nolder"]);
    }
}
