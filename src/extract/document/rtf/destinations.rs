//! The destinations of rich text that hold text, and those that hold none.

use crate::extract::attached::PieceKind;

/// Where the text of a group belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Destination {
    Body,
    Header,
    Footer,
    Note,
    Comment,
    Hidden,
    Fonts,
    Field,
    Object,
    ShapeName,
    ShapeValue,
    PropertyName,
    PropertyValue,
    /// A property of this name.
    Info(&'static str),
    Skipped,
}

/// Stories beside the body, with what they are called.
pub(super) const STORIES: &[(Destination, PieceKind, &str)] = &[
    (Destination::Header, PieceKind::Marked, "header"),
    (Destination::Footer, PieceKind::Marked, "footer"),
    (Destination::Note, PieceKind::Body, "footnotes"),
    (Destination::Comment, PieceKind::Hidden, "comments"),
    (Destination::Hidden, PieceKind::Hidden, "hidden or deleted text"),
];

/// Control words and where the text behind them belongs.
const NAMED: &[(&str, Destination)] = &[
    ("header", Destination::Header),
    ("headerl", Destination::Header),
    ("headerr", Destination::Header),
    ("headerf", Destination::Header),
    ("footer", Destination::Footer),
    ("footerl", Destination::Footer),
    ("footerr", Destination::Footer),
    ("footerf", Destination::Footer),
    ("footnote", Destination::Note),
    ("annotation", Destination::Comment),
    ("fonttbl", Destination::Fonts),
    ("fldinst", Destination::Field),
    ("objdata", Destination::Object),
    // Shapes and their text are marked as to be passed over, yet every program shows them.
    ("shpinst", Destination::Body),
    ("shptxt", Destination::Body),
    ("ud", Destination::Body),
    ("sn", Destination::ShapeName),
    ("sv", Destination::ShapeValue),
    ("propname", Destination::PropertyName),
    ("staticval", Destination::PropertyValue),
    ("userprops", Destination::Info("")),
    ("title", Destination::Info("title")),
    ("subject", Destination::Info("subject")),
    ("author", Destination::Info("author")),
    ("manager", Destination::Info("manager")),
    ("company", Destination::Info("company")),
    ("operator", Destination::Info("operator")),
    ("category", Destination::Info("category")),
    ("keywords", Destination::Info("keywords")),
    ("comment", Destination::Info("comment")),
    ("doccomm", Destination::Info("comment")),
    ("docvar", Destination::Info("variable")),
    ("colortbl", Destination::Skipped),
    ("stylesheet", Destination::Skipped),
    ("pict", Destination::Skipped),
    ("info", Destination::Info("")),
    ("listtable", Destination::Skipped),
    ("nonesttables", Destination::Skipped),
    ("bkmkstart", Destination::Skipped),
    ("bkmkend", Destination::Skipped),
    ("htmltag", Destination::Skipped),
    ("nonshppict", Destination::Skipped),
    ("xe", Destination::Skipped),
    ("tc", Destination::Skipped),
    ("creatim", Destination::Skipped),
    ("revtim", Destination::Skipped),
    ("printim", Destination::Skipped),
    ("objclass", Destination::Skipped),
    ("objname", Destination::Skipped),
    ("atnid", Destination::Skipped),
    ("atnauthor", Destination::Skipped),
];

impl Destination {
    /// The destination that this control word opens.
    pub(super) fn named(word: &str) -> Option<Destination> {
        NAMED.iter().find(|(name, _)| *name == word).map(|(_, destination)| *destination)
    }

    /// Whether it holds paragraphs.
    pub(super) fn is_story(self) -> bool {
        self == Destination::Body || STORIES.iter().any(|(story, ..)| *story == self)
    }

    /// Whether its text is one value.
    pub(super) fn is_value(self) -> bool {
        use Destination::{Field, Info, PropertyName, PropertyValue, ShapeName, ShapeValue};
        matches!(self, Field | Info(_) | PropertyName | PropertyValue | ShapeName | ShapeValue)
    }
}
