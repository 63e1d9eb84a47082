//! Tags and attributes, as far as they change the rendering: a name in bytes comes in, what it means goes out.
//!
//! What is not named here is an inline tag, or an attribute whose value is not even kept.

use super::style::{self, Background, Style};
use crate::{extract::Markup, span::Span};

/// What the renderer remembers of a tag while its attributes are read.
#[derive(Debug, Default)]
pub(super) struct Tag {
    pub(super) name: Name,
    pub(super) id: u64,
    pub(super) style: Style,
    pub(super) columns: u32,
    pub(super) link: Option<(String, Span)>,
    pub(super) alt: Option<(String, Span)>,
    pub(super) quotes: bool,
    pub(super) signs: bool,
}

/// Tags that change the rendering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Name {
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
pub(super) enum Attribute {
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

impl Tag {
    pub(super) fn new(name: &[u8]) -> Tag {
        let mut tag = Tag { name: Name::of(name), id: id(name), columns: 1, ..Tag::default() };
        tag.quotes = name == b"blockquote";
        tag.style.hides = matches!(name, b"template" | b"noframes" | b"iframe" | b"noembed");
        tag
    }

    /// Takes note of an attribute's value, which stands at `span`.
    pub(super) fn set(&mut self, attribute: Attribute, value: &[u8], span: Span, markup: &Markup) {
        let text = || String::from_utf8_lossy(value).into_owned();
        match attribute {
            Attribute::Style => self.style.apply(&text()),
            Attribute::Class => {
                let value = text().to_ascii_lowercase();
                self.quotes |= markup.quote.iter().any(|name| names(&value, name));
                self.signs |= markup.signature.iter().any(|name| names(&value, name));
            }
            Attribute::Colour => self.style.colour = style::colour(&text()),
            Attribute::Background => {
                self.style.background =
                    Some(style::colour(&text()).map_or(Background::Unknown, Background::Colour));
            }
            Attribute::Href => self.link = Some((text(), span)),
            Attribute::Alt => self.alt = Some((text(), span)),
            Attribute::ColumnSpan => {
                self.columns = text().trim().parse().unwrap_or(1).clamp(1, 1000);
            }
            Attribute::Hidden | Attribute::Other => {}
        }
    }
}

impl Name {
    pub(super) fn of(name: &[u8]) -> Name {
        // Most tags of mail are one of these.
        match name {
            b"a" | b"b" | b"i" | b"u" | b"font" | b"span" | b"strong" | b"em" => return Name::Inline,
            _ => {}
        }
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
}

impl Attribute {
    pub(super) fn of(name: &[u8]) -> Attribute {
        match name {
            b"style" => Attribute::Style,
            b"class" | b"id" => Attribute::Class,
            b"color" => Attribute::Colour,
            b"bgcolor" | b"background" => Attribute::Background,
            b"hidden" => Attribute::Hidden,
            b"href" => Attribute::Href,
            b"alt" => Attribute::Alt,
            b"colspan" => Attribute::ColumnSpan,
            _ => Attribute::Other,
        }
    }
}

/// Whether a class or id list has a name; clients prefix them (`x_gmail_quote`).
fn names(value: &str, name: &str) -> bool {
    value.split_ascii_whitespace().any(|word| word.strip_prefix("x_").unwrap_or(word) == name)
}

/// A tag's identity: a hash is enough to pair starts with ends.
pub(super) fn id(name: &[u8]) -> u64 {
    name.iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
