//! Text for a terminal: what must not reach one is escaped or replaced, lines are wrapped and cut by display width.
//!
//! Widths are counted character by character, as annotate-snippets counts them for its carets.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

use crate::span::{Span, ceil_boundary};

/// What stands for a cut. ASCII: terminals differ on the width of `…`.
const CUT: &str = "...";

/// Columns of a text.
pub(in crate::report) fn width(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

fn columns_of(c: char) -> usize {
    c.width().unwrap_or(1)
}

/// A name or value in one line, its control and invisible characters written out: `\u{202e}`.
pub(in crate::report) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| c.is_control() || is_invisible(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.extend(c.escape_default()),
            c if c.is_control() || is_invisible(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A line as a reader sees it, with no power over the terminal, and where `span` of it is now.
///
/// Spaces of all kinds, however many, become a space, controls of the terminal and of writing direction the replacement character; what is
/// invisible goes.
pub(in crate::report) fn visible(line: &str, span: Span) -> (String, Span) {
    let before = plain(Span::new(0, span.start).of_str(line));
    let shown = plain(span.of_str(line));
    let behind = plain(&line[ceil_boundary(line, span.end)..]);
    let at = Span::new(before.len(), before.len() + shown.len());
    (before + &shown + &behind, at)
}

fn plain(text: &str) -> String {
    let mut last = None;
    text.chars()
        .filter_map(|c| match c {
            c if c.is_whitespace() => Some(' '),
            '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                Some('\u{fffd}')
            }
            c if c.is_control() => Some('\u{fffd}'),
            c if is_invisible(c) => None,
            c => Some(c),
        })
        .filter(|c| last.replace(*c) != Some(' ') || *c != ' ')
        .collect()
}

/// Format characters (Unicode Cf), line separators, fillers and variation selectors: they take no place and may change what stands around them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}'
        | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1345f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A text cut to `columns`.
pub(in crate::report) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}{CUT}", head(text, columns.saturating_sub(CUT.len()))))
}

/// The characters at the start that fit into `columns`.
fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let over = text.char_indices().find(|(_, c)| {
        used += columns_of(*c);
        used > columns
    });
    &text[..over.map_or(text.len(), |(at, _)| at)]
}

/// The characters at the end that fit into `columns`.
fn tail(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let over = text.char_indices().rev().find(|(_, c)| {
        used += columns_of(*c);
        used > columns
    });
    &text[over.map_or(0, |(at, c)| at + c.len_utf8())..]
}

/// The lines of a text: Chinese breaks anywhere but before closing and after opening punctuation, the rest at spaces. A word that is
/// wider than `columns` stands over.
pub fn wrap(text: &str, columns: usize) -> Vec<&str> {
    lines(text, columns).into_iter().map(|span| &text[span.start..span.end]).collect()
}

/// The lines of a text as [`wrap`] breaks it, as spans of it.
pub(in crate::report) fn lines(text: &str, columns: usize) -> Vec<Span> {
    let mut lines = Vec::new();
    let mut push =
        |start: usize, end: usize| lines.push(Span::new(start, start + text[start..end].trim_end().len()));
    let (mut start, mut used, mut breakable, mut previous) = (0, 0, None, ' ');
    for (at, c) in text.char_indices() {
        if c == '\n' {
            push(start, at);
            (start, used, breakable) = (at + 1, 0, None);
            continue;
        }
        if at > start && may_break(previous, c) {
            breakable = Some(at);
        }
        used += columns_of(c);
        if used > columns
            && c != ' '
            && let Some(next) = breakable.take()
        {
            push(start, next);
            start = next;
            used = width(&text[start..at]) + columns_of(c);
        }
        previous = c;
    }
    push(start, text.len());
    lines
}

fn may_break(before: char, behind: char) -> bool {
    match (before, behind) {
        (_, ' ') => false,
        (' ', _) => true,
        _ => {
            (columns_of(before) > 1 || columns_of(behind) > 1)
                && !"，。、；：？！）》】」』”’…%,.;:?!)]}".contains(behind)
                && !"（《【「『“‘([{".contains(before)
        }
    }
}

/// A stretch of a line of the message.
#[derive(Debug)]
pub(super) struct Stretch {
    /// Its text, with no power over the terminal.
    pub(super) text: String,
    /// Whether the line goes on before and behind it.
    pub(super) cut: (bool, bool),
}

/// What of a stretch fits on the screen.
#[derive(Debug)]
pub(super) struct Window {
    /// The text, with marks where it was cut.
    pub(super) text: String,
    /// Bytes of the stretch that are shown.
    shown: Span,
    /// Bytes of the mark before them.
    mark: usize,
    /// Whether the label has room right of what was found.
    pub(super) labelled: bool,
}

impl Stretch {
    /// Cuts the stretch to `columns` so that `found` stays in them and, where there is room, `label` columns right of it.
    pub(super) fn window(&self, found: Span, label: usize, columns: usize) -> Window {
        let window = self.cut_to(found, label, columns);
        if window.labelled { window } else { Window { labelled: false, ..self.cut_to(found, 0, columns) } }
    }

    fn cut_to(&self, found: Span, label: usize, columns: usize) -> Window {
        let (before, behind) = (&self.text[..found.start], &self.text[found.end..]);
        let value = head(&self.text[found.start..found.end], columns.saturating_sub(2 * CUT.len()).max(1));
        let is_whole = value.len() == found.len();
        let room = columns.saturating_sub(width(value));
        let wanted = width(behind) + if self.cut.1 || !is_whole { CUT.len() } else { 0 };
        let right = wanted.min(room / 2).max(label.min(room));
        let (lead, before) = if !self.cut.0 && width(before) <= room - right {
            ("", before)
        } else {
            (CUT, tail(before, (room - right).saturating_sub(CUT.len())))
        };
        let right = room.saturating_sub(lead.len() + width(before));
        let (behind, trail) = if is_whole && !self.cut.1 && width(behind) <= right {
            (behind, "")
        } else {
            (head(if is_whole { behind } else { "" }, right.saturating_sub(CUT.len())), CUT)
        };
        Window {
            text: [lead, before, value, behind, trail].concat(),
            shown: Span::new(found.start - before.len(), found.start + value.len() + behind.len()),
            mark: lead.len(),
            labelled: lead.len() + width(before) + width(value) + label <= columns,
        }
    }
}

impl Window {
    /// Where a span of the stretch is in the window.
    pub(super) fn place(&self, span: Span) -> Span {
        let at = |byte: usize| byte.clamp(self.shown.start, self.shown.end) - self.shown.start + self.mark;
        Span::new(at(span.start), at(span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_wrap_by_columns() {
        let cases: &[(&str, usize, &[&str])] = &[
            ("", 10, &[""]),
            ("one two three", 7, &["one two", "three"]),
            ("one two three", 8, &["one two", "three"]),
            ("one\ntwo three", 9, &["one", "two three"]),
            ("incomprehensibilities are long", 10, &["incomprehensibilities", "are long"]),
            ("身份证号属于敏感信息", 8, &["身份证号", "属于敏感", "信息"]),
            ("身份证号，属于", 8, &["身份证", "号，属于"]),
            ("参见（附件）", 6, &["参见", "（附", "件）"]),
            ("仅保留后四位 or the rest", 12, &["仅保留后四位", "or the rest"]),
            ("仅保留后四位（***-**-4399）或", 12, &["仅保留后四位", "（***-**-4399）", "或"]),
        ];
        for (text, columns, want) in cases {
            assert_eq!(wrap(text, *columns), *want, "{text:?} at {columns}");
        }
    }

    #[test]
    fn names_show_what_they_hide() {
        let cases = [
            ("名单.xlsx", "名单.xlsx"),
            ("a\u{1b}[31mb", "a\\u{1b}[31mb"),
            ("exe.\u{202e}fdp", "exe.\\u{202e}fdp"),
            ("a\nb\u{9b}c\u{7f}", "a\\nb\\u{9b}c\\u{7f}"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
        ];
        for (name, want) in cases {
            assert_eq!(escaped(name), want);
        }
    }

    #[test]
    fn lines_keep_their_span() {
        let cases = [
            ("ab cd", 3, 5, "ab cd", "cd"),
            ("a\u{200b}b\tcd\u{1b}", 7, 9, "ab cd\u{fffd}", "d\u{fffd}"),
            ("\u{202e}价格", 3, 6, "\u{fffd}价格", "价"),
            ("\u{200b}", 0, 3, "", ""),
        ];
        for (line, start, end, want, found) in cases {
            let (text, span) = visible(line, Span::new(start, end));
            assert_eq!((text.as_str(), &text[span.start..span.end]), (want, found), "{line:?}");
        }
    }

    #[test]
    fn windows_hold_what_was_found() {
        let id = "110101********1233";
        let cases = [
            ("short line", (false, false), "line", 40, "short line"),
            ("short line", (true, true), "line", 40, "...short line..."),
            (
                "a line that is much longer than the window that shows it",
                (false, false),
                "longer",
                20,
                "...uch longer tha...",
            ),
            (
                "张三的身份证号是110101********1233请登记并归档",
                (false, false),
                id,
                40,
                "...份证号是110101********1233请登记并...",
            ),
            ("110101********1233请登记", (false, false), id, 40, "110101********1233请登记"),
            ("to: 110101********1233", (false, false), id, 20, "...110101********..."),
            (
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                (false, false),
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                16,
                "aaaaaaaaaa...",
            ),
        ];
        for (line, cut, found, columns, want) in cases {
            let start = line.find(found).expect("it is in the line");
            let span = Span::new(start, start + found.len());
            let window = Stretch { text: line.to_owned(), cut }.window(span, 5, columns);
            assert_eq!(window.text, want);
            assert!(width(&window.text) <= columns, "{line}");
            let shown = window.place(span);
            assert!(found.starts_with(&window.text[shown.start..shown.end]) && !shown.is_empty());
        }
    }
}
