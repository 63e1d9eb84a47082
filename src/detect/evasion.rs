//! How a value was disguised: read off the text that it was folded from.

use crate::{extract::Kind, normalize::Text, span::Span};

/// A disguise that was folded away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evasion {
    /// Full-width digits or letters.
    FullWidth,
    /// Digits of another script or style.
    ForeignDigits,
    /// Characters that are not seen stand between.
    Invisible,
    /// Letters that look like digits, or like other letters.
    LookAlikes,
    /// Digits written out in Chinese.
    ChineseNumerals,
    /// Spaces or signs stand between where none belong.
    Separators,
    /// It runs over the end of a line.
    LineBreaks,
    /// It is spread over the cells of a row.
    Cells,
    /// Tags or character references stand between.
    Tags,
    /// It begins in the subject and ends in the text.
    SubjectAndText,
    /// It is encoded once more, as base64 or with per cent signs.
    Encoded,
}

impl Evasion {
    /// Every disguise.
    pub const ALL: [Evasion; 11] = [
        Evasion::FullWidth,
        Evasion::ForeignDigits,
        Evasion::Invisible,
        Evasion::LookAlikes,
        Evasion::ChineseNumerals,
        Evasion::Separators,
        Evasion::LineBreaks,
        Evasion::Cells,
        Evasion::Tags,
        Evasion::SubjectAndText,
        Evasion::Encoded,
    ];

    /// The name in JSON and in `policies/messages.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Evasion::FullWidth => "full-width",
            Evasion::ForeignDigits => "foreign-digits",
            Evasion::Invisible => "invisible",
            Evasion::LookAlikes => "look-alikes",
            Evasion::ChineseNumerals => "chinese-numerals",
            Evasion::Separators => "separators",
            Evasion::LineBreaks => "line-breaks",
            Evasion::Cells => "cells",
            Evasion::Tags => "tags",
            Evasion::SubjectAndText => "subject-and-text",
            Evasion::Encoded => "encoded",
        }
    }
}

/// The disguise of what stands at `span` of the folded text, if it wears one.
pub(super) fn of(text: &Text<'_>, span: Span) -> Option<Evasion> {
    let original = text.original(span);
    if original.is_ascii() {
        return is_split_by_tags(text, span, original).then_some(Evasion::Tags);
    }
    let folded = span.of_str(&text.folded);
    // A value of letters beyond ASCII is written as it is.
    original.chars().filter(|c| !c.is_ascii() && !folded.contains(*c)).find_map(|c| match c {
        '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
            Some(Evasion::FullWidth)
        }
        '\u{3007}' | '\u{4e00}'..='\u{9fff}' => Some(Evasion::ChineseNumerals),
        '\u{370}'..='\u{52f}' => Some(Evasion::LookAlikes),
        c if c.is_numeric() => Some(Evasion::ForeignDigits),
        c if c.is_whitespace() || c.is_alphabetic() => None,
        '\u{ad}'
        | '\u{34f}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}' => Some(Evasion::Invisible),
        _ => None,
    })
}

/// Whether markup stands within a value of HTML; white space is folded there, so what holds some does not tell.
fn is_split_by_tags(text: &Text<'_>, span: Span, original: &str) -> bool {
    let segment = &text.zoned.segment;
    segment.kind == Kind::Html
        && !original.contains([' ', '\t', '\n'])
        && segment.map.source(text.original_span(span)).len() > original.len()
}
