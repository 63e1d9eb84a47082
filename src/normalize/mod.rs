//! Zoned segments in, [`Text`]s out: one folded text per segment with its offset map, the only thing that detectors read.
//!
//! Folding undoes what differs in writing but not in meaning: width, case, digits of other scripts, dashes, quotes and spaces, invisible
//! characters, traditional characters, look-alikes in mixed words, soft line breaks. Policy terms go through the same fold.

mod unicode;

pub(crate) use self::unicode::numeral;

use std::{borrow::Cow, collections::HashMap};

use memchr::memmem;

use crate::{
    extract::Kind,
    span::{Span, SpanMap},
    zone::{Zone, Zoned},
};

/// A folded text.
#[derive(Debug)]
pub struct Text<'m> {
    /// What it was folded from, with its zones.
    pub zoned: Zoned<'m>,
    /// The folded text: lower case, ASCII digits, single spaces, `\t` between cells, `\n` between lines that are lines.
    pub folded: String,
    map: SpanMap,
}

impl Text<'_> {
    /// The span of the segment's text that a span of the folded text was made from.
    pub fn original_span(&self, folded: Span) -> Span {
        self.map.source(folded)
    }

    /// Where in the folded text that begins which was made from byte `original` of the segment's text.
    pub fn folded_from(&self, original: usize) -> usize {
        self.map.made_from(original)
    }

    /// The segment's text from which a span of the folded text was made.
    pub fn original(&self, folded: Span) -> &str {
        self.original_span(folded).of_str(&self.zoned.segment.text)
    }

    /// The zone at a byte of the folded text.
    pub fn zone_at(&self, folded: usize) -> Zone {
        // Most texts are of one zone.
        let [(_, zone)] = *self.zoned.zones else {
            return self.zoned.zone_at(self.map.source(Span::new(folded, folded + 1)).start);
        };
        zone
    }
}

/// Folds every segment of a message.
pub fn all(zoned: Vec<Zoned<'_>>) -> Vec<Text<'_>> {
    zoned
        .into_iter()
        .map(|zoned| {
            let wrapped =
                matches!(zoned.segment.kind, Kind::Plain | Kind::Hidden | Kind::Subject | Kind::Label);
            let (mut folded, map) = fold(&zoned.segment.text, wrapped);
            if zoned.segment.kind == Kind::FileName {
                // In file names it stands for a space.
                folded = folded.replace('_', " ");
            }
            Text { zoned, folded, map }
        })
        .collect()
}

/// Folds a term of a policy as the texts are folded.
pub fn fold_term(term: &str) -> String {
    fold(term, false).0.trim().to_owned()
}

/// A line at least so many columns wide was probably broken by the mail client, not by the writer.
const WRAP: usize = 52;

/// Folds `text`. `wrapped`: a line break after a long line is a space.
fn fold(text: &str, wrapped: bool) -> (String, SpanMap) {
    let mut folder = Folder {
        out: String::with_capacity(text.len() + 1),
        map: SpanMap::builder_for(text.len()),
        normalized: HashMap::new(),
    };
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |len| start + len);
        let line = text[start..end].strip_suffix('\r').unwrap_or(&text[start..end]);
        let line_end = start + line.len();
        let indent = if start == 0 { 0 } else { indent(line) };
        if line.is_ascii() {
            folder.ascii(&line[indent..], start + indent);
        } else {
            unicode::fold(&line[indent..], start + indent, &mut folder);
        }
        if end < text.len() {
            let next = &text[end + 1..];
            match line_break(line, next, wrapped) {
                Break::Line => folder.push("\n", Span::new(line_end, end + 1)),
                Break::Space => folder.space(Span::new(line_end, end + 1)),
                Break::Nothing => {}
            }
        }
        start = end + 1;
    }
    folder.out.make_ascii_lowercase();
    (folder.out, folder.map)
}

/// What a line break means.
enum Break {
    Line,
    Space,
    Nothing,
}

/// Decides what the break between `line` and what follows is.
fn line_break(line: &str, next: &str, wrapped: bool) -> Break {
    if !wrapped || line.len() < WRAP {
        return Break::Line;
    }
    if line.is_ascii() && next.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) {
        return Break::Space;
    }
    let after = next[indent(next)..].chars().next().unwrap_or('\n');
    // A blank line, a list item or a label begins something new.
    if matches!(after, '\n' | '\r' | '-' | '*' | '•' | '·' | '=' | '_' | '#') {
        return Break::Line;
    }
    let before = line.trim_end().chars().next_back().unwrap_or(' ');
    if is_wide(before) && is_wide(after) {
        // Chinese is wrapped at a fixed width, without a space; a short line of Chinese was ended on purpose.
        return if line.chars().count() >= 30 { Break::Nothing } else { Break::Line };
    }
    if line.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum::<usize>() < WRAP {
        Break::Line
    } else {
        Break::Space
    }
}

/// Bytes of quote marks and spaces at the start of a line.
fn indent(line: &str) -> usize {
    line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'>')).count()
}

/// Han, kana, Hangul and full-width punctuation: written without spaces.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3fffd}')
}

/// Folded text being built; letters of ASCII are made lower case in the end.
struct Folder {
    out: String,
    map: SpanMap,
    /// What slow characters fold to.
    normalized: HashMap<char, String>,
}

impl Folder {
    /// Appends text made from `source` as a whole.
    fn push(&mut self, text: &str, source: Span) {
        self.out.push_str(text);
        self.map.units(source.start, text.len(), source.len(), text.len());
    }

    /// Appends a space unless there is white space already.
    fn space(&mut self, source: Span) {
        if !self.out.ends_with([' ', '\n', '\t']) {
            self.push(" ", source);
        }
    }

    /// Appends a line of ASCII: one copy, unless it has runs of white space.
    fn ascii(&mut self, line: &str, at: usize) {
        let bytes = line.as_bytes();
        let Some(behind) = bytes.get(1..) else { return self.copy_ascii(line, at) };
        let (doubled, controls) =
            bytes.iter().zip(behind).fold((0, 0), |(doubled, controls), (one, next)| {
                (
                    doubled | (u8::from(*one == b' ') & u8::from(*next == b' ')),
                    controls | u8::from(*next < b' '),
                )
            });
        if doubled | controls == 0 && bytes[0] > b' ' {
            self.copy_ascii(line, at);
            return;
        }
        let has_controls = controls != 0 || bytes[0] < b' ';
        // White space behind white space that stood on the other side of nothing, such as a zero-width space.
        let mut from = usize::from(bytes[0] == b' ' && self.out.ends_with([' ', '\n', '\t']));
        while from < bytes.len() {
            // Single spaces belong to the copy.
            let rest = &bytes[from..];
            let len = if has_controls {
                rest.windows(2).position(|pair| (pair[0] == b' ' && pair[1] <= b' ') || pair[0] < b' ')
            } else {
                memmem::find(rest, b"  ")
            };
            let len = len.unwrap_or(rest.len());
            self.copy_ascii(&line[from..from + len], at + from);
            from += len;
            let blank = bytes[from..].iter().take_while(|byte| **byte <= b' ').count();
            if blank > 0 {
                let source = Span::new(at + from, at + from + blank);
                if bytes[from..from + blank].contains(&b'\t') {
                    self.push("\t", source);
                } else {
                    self.space(source);
                }
                from += blank;
            }
        }
    }

    fn copy_ascii(&mut self, text: &str, at: usize) {
        self.out.push_str(text);
        self.map.copy(at, text.len());
    }
}

/// The folded text of a term or a short string, without its map.
pub fn folded(text: &str) -> Cow<'_, str> {
    let changed = |c: char| !c.is_ascii() || c.is_ascii_uppercase() || c.is_ascii_control();
    if text.contains(changed) || text.contains("  ") {
        Cow::Owned(fold(text, false).0)
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folds() {
        for (text, want) in [
            ("Click  HERE\tnow", "click here\tnow"),
            ("６２２２　ＡＢＣ：（１）", "6222 abc:(1)"),
            ("身\u{200b}份\u{ad}证", "身份证"),
            ("統一編號、機密★10年", "统一编号、机密★10年"),
            ("１３８–００１３—８０００", "138-0013-8000"),
            ("“quoted” ‘it’s’", "\"quoted\" 'it's'"),
            ("٣٤ ०१ 𝟔𝟐", "34 01 62"),
            ("①号 ㎏ ﬁne ﹩", "1号 kg fine $"),
            ("❷➂➍⓿ 1\u{fe0f}\u{20e3}2\u{20e3}", "2340 12"),
            ("45О7 4512О7889", "45о7 4512o7889"),
            ("pаypаl", "paypal"),
            ("пароль", "пароль"),
            ("Ｃаsh", "cash"),
            ("e\u{301}te\u{301} ÉTÉ", "été été"),
            ("ｶﾞｲﾄﾞ", "ガイド"),
            ("한국", "한국"),
            ("a\r\nb\n\nc", "a\nb\n\nc"),
            ("> quoted\n> > twice", "> quoted\ntwice"),
            (" \u{200b} a\n\u{200b} b", " a\nb"),
        ] {
            assert_eq!(fold(text, false).0, want, "{text:?}");
        }
    }

    #[test]
    fn soft_line_breaks_are_spaces_and_hard_ones_are_not() {
        let long = "This line was broken by the mail client since it is limited time";
        assert!(fold(&format!("{long}\noffer ends"), true).0.contains("limited time offer"));
        assert!(fold(&format!("> {long}\r\n> offer ends"), true).0.contains("limited time offer"));
        assert!(fold("limited time\noffer", true).0.contains("time\noffer"));
        assert!(fold(&format!("{long}\n\noffer"), true).0.contains("time\n\noffer"));
        let chinese = "这一行是由邮件客户端在固定宽度处折断的，因此中间没有空格，这里是限时抢";
        assert!(fold(&format!("{chinese}\n购活动"), true).0.contains("限时抢购"));
        assert!(fold("最\n近", true).0.contains('\n'));
    }

    #[test]
    fn spans_cover_what_they_were_made_from() {
        let text = "证件  号\u{200b}码：１１０１０１\u{200d}199003071233";
        let (folded, map) = fold(text, false);
        let at = folded.find("110101199003071233").expect("folded");
        assert_eq!(map.source(Span::new(at, at + 18)).of_str(text), "１１０１０１\u{200d}199003071233");
    }

    proptest! {
        /// Folding a piece that a span maps to yields at least the folded text of that span.
        #[test]
        fn a_mapped_span_holds_its_source(text in "[a-zA-Z0-9 \t\n你好機密６１。，：а-яé\u{200b}\u{301}\u{ad}🙂가힣ﬁ①>-]{0,80}", from in 0usize..80, len in 1usize..20) {
            let (folded, map) = fold(&text, false);
            let from = crate::span::floor_boundary(&folded, from.min(folded.len()));
            let to = crate::span::ceil_boundary(&folded, (from + len).min(folded.len()));
            let wanted = &folded[from..to];
            let source = map.source(Span::new(from, to)).of_str(&text);
            for c in wanted.chars().filter(|c| c.is_ascii_digit() || is_wide(*c)) {
                prop_assert!(fold(source, false).0.contains(c), "{wanted:?} from {source:?}");
            }
        }

        #[test]
        fn folding_twice_changes_nothing(text in "[ -~你好機密６１。，а-яё가🙂é\u{200b}-]{0,60}") {
            let once = fold(&text, false).0;
            prop_assert_eq!(&fold(&once, false).0, &once);
        }
    }
}
