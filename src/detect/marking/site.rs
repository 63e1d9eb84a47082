//! What stands around a marking on its line, and what that says: brackets, separators, boxes, capitals.

use super::{Role, Word, form::Words, line::Line};
use crate::{detect::Confidence, normalize::Text, span::Span};

/// What else may stand in brackets with a marking, in letters: before it, and behind it.
const IN_BRACKETS: (usize, usize) = (16, 40);

/// A marking and what stands around it.
pub(super) struct Site<'s> {
    pub(super) role: Role,
    pub(super) line: Line,
    /// The marking with the markings that it goes on with.
    pub(super) phrase: Span,
    /// How many those are.
    pub(super) levels: usize,
    /// Before the phrase, and behind it, to the ends of the line.
    pub(super) before: &'s str,
    pub(super) after: &'s str,
    pub(super) style: Style,
    /// Whether all else that the line says is in capitals, too.
    pub(super) is_loud: bool,
}

/// The letters of a marking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// All capitals.
    Capitals,
    /// Not all capitals.
    Mixed,
    /// Of a script that has none.
    Caseless,
}

/// Brackets around a marking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brackets {
    /// Such as nothing but markings stands in: `[ ]`, 【 】.
    Square,
    /// The same, with other words in them.
    Wide,
    /// Such as asides stand in.
    Round,
}

impl Words<'_, '_> {
    /// What stands around `word` on `line`.
    pub(super) fn site(&self, word: &Word<'_>, line: Line) -> Site<'_> {
        let folded = &*self.text.folded;
        let mut phrase = self.with_tail(word.span, line);
        let mut levels = 1;
        let at = self.marks.partition_point(|mark| mark.span.start < word.span.start);
        for mark in self.marks[at..].iter().take_while(|mark| mark.span.end <= line.end) {
            if mark.span.start < phrase.end {
                continue;
            }
            if !is_glue(&folded[phrase.end..mark.span.start]) {
                break;
            }
            phrase.end = self.with_tail(mark.span, line).end;
            levels += 1;
        }
        for mark in self.marks[..at].iter().rev().take_while(|mark| mark.span.start >= line.start) {
            if mark.span.end > phrase.start || !is_glue(&folded[mark.span.end..phrase.start]) {
                break;
            }
            phrase.start = mark.span.start;
            levels += 1;
        }
        let (before, after) = (Span::new(line.start, phrase.start), Span::new(phrase.end, line.end));
        let style = style(self.text.original(word.span));
        let others = [style_of(self.text, before), style_of(self.text, after)];
        Site {
            role: word.role,
            line,
            phrase,
            levels,
            before: before.of_str(folded),
            after: after.of_str(folded),
            style,
            is_loud: others.contains(&Style::Capitals) && !others.contains(&Style::Mixed),
        }
    }

    /// A marking with the capitals behind a double slash: SECRET//REL TO USA, FVEY.
    fn with_tail(&self, span: Span, line: Line) -> Span {
        let folded = &*self.text.folded;
        let rest = &folded[span.end..line.end];
        if !rest.starts_with("//") && !span.of_str(folded).ends_with("//") {
            return span;
        }
        let original = self.text.original(Span::new(span.end, line.end));
        if original.len() != rest.len() {
            return span;
        }
        let tail = original.find(|c: char| c.is_lowercase() || !c.is_ascii()).unwrap_or(original.len());
        let whole = if tail < original.len() { original[..tail].rfind(' ').unwrap_or(0) } else { tail };
        let kept = original[..whole].trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        Span::new(span.start, span.end + kept.len())
    }
}

impl Site<'_> {
    /// The site of the word alone, without the markings that it goes on with.
    pub(super) fn of_word<'s>(&self, text: &'s Text<'_>, word: &Word<'_>) -> Site<'s> {
        let (start, end) = (self.line.start, self.line.end);
        Site {
            phrase: word.span,
            levels: 1,
            before: &text.folded[start..word.span.start],
            after: &text.folded[word.span.end..end],
            ..*self
        }
    }

    /// Whether its words alone make a marking.
    pub(super) fn is_sure(&self) -> bool {
        self.role != Role::Weak
    }

    /// Whether a sign parts it from what stands before.
    pub(super) fn is_set_off_before(&self) -> bool {
        let trimmed = self.before.trim_end_matches([' ', '*']);
        let is_word_part = trimmed.len() == self.before.len() && self.style == Style::Mixed;
        match trimmed.chars().next_back() {
            Some('-') => !is_word_part,
            Some(c) => matches!(c, ':' | '|' | '/' | '·' | '•' | ';' | '>' | '】' | ']' | '》' | '。'),
            None => false,
        }
    }

    /// Whether a sign parts it from what stands behind.
    pub(super) fn is_set_off_after(&self) -> bool {
        let trimmed = self.after.trim_start_matches([' ', '*']);
        let is_word_part = trimmed.len() == self.after.len() && self.style == Style::Mixed;
        match trimmed.chars().next() {
            Some('-') => !is_word_part,
            Some(c) => {
                matches!(c, ':' | '|' | '/' | '·' | '•' | ';' | ',' | '!' | '、' | '>' | '【' | '[' | '《')
            }
            None => false,
        }
    }

    /// Whether a line says nothing but that this document is so: 本资料请勿外传.
    pub(super) fn speaks_of_itself(&self) -> bool {
        const THIS: &[&str] = &["本", "此", "该", "以上", "附件", "上述"];
        let subject = self.before.trim().rsplit([':', ',']).next().unwrap_or("").trim();
        letters(self.after) == 0
            && letters(self.before) <= 8
            && subject.chars().count() <= 6
            && THIS.iter().any(|this| subject.starts_with(this))
    }

    /// Whether the line ends as a sentence does, or as what a list follows.
    pub(super) fn is_sentence(&self) -> bool {
        let end = if letters(self.after) > 0 { self.after } else { self.before };
        let end = if self.after.trim().is_empty() { end } else { self.after };
        end.trim_end().ends_with(['.', '。', '?', ',', ':', ';'])
            && !end.trim_end().ends_with("...")
            && (letters(self.after) > 0 || !self.after.trim().is_empty())
    }

    /// In the name of a file, which the line is without its ending.
    pub(super) fn name(&self) -> Option<Confidence> {
        let is_alphabetic = |side: &str| side.chars().any(char::is_alphabetic);
        let is_version = |side: &str| {
            side.chars().filter(|c| c.is_alphabetic()).count() <= 3
                && side.contains(|c: char| c.is_ascii_digit())
        };
        let is_apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let first = !is_alphabetic(self.before) && is_apart(self.after.chars().next());
        let last = (!is_alphabetic(self.after) || is_version(self.after))
            && is_apart(self.before.chars().next_back());
        let sure = if self.is_sure() { Confidence::High } else { Confidence::Medium };
        match brackets(self) {
            Some(Brackets::Wide) if !self.is_sure() => None,
            Some(_) => Some(sure),
            None if !first && !last => None,
            None if self.style == Style::Capitals => Some(sure),
            None => self.is_sure().then_some(Confidence::Medium),
        }
    }
}

/// The style of a text.
fn style(text: &str) -> Style {
    let upper = text.chars().filter(|c| c.is_uppercase()).count();
    let lower = text.chars().filter(|c| c.is_lowercase()).count();
    match (upper, lower) {
        (0, 0) => Style::Caseless,
        // VS-NfD is written so.
        _ if lower * 4 <= upper => Style::Capitals,
        _ => Style::Mixed,
    }
}

fn style_of(text: &Text<'_>, span: Span) -> Style {
    if span.is_empty() { Style::Caseless } else { style(text.original(span)) }
}

/// Letters and digits of a text, counted until they are too many for any use.
pub(super) fn letters(text: &str) -> usize {
    const MANY: usize = 80;
    // Asking the tables of Unicode about every Han character is slow.
    let is_letter = |c: &char| matches!(c, '\u{4e00}'..='\u{9fff}') || c.is_alphanumeric();
    text.chars().filter(is_letter).take(MANY).count()
}

/// A text without the signs around it.
pub(super) fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// What forms put before each choice.
const BOXES: &[char] = &['☐', '□', '☑', '☒', '✓', '✔', '√', '■'];

/// Whether two markings with this between them are one.
fn is_glue(between: &str) -> bool {
    between.chars().count() <= 8
        && !between.contains(['\n', '\t', '.', '。', '?', ':'])
        && !between.contains(BOXES)
        && matches!(
            bare(between),
            "" | "and" | "und" | "et" | "y" | "e" | "en" | "и" | "及" | "和" | "与" | "和其"
        )
}

/// What stands before a marking in a title, without what mail clients put before subjects.
pub(super) fn skip_prefixes(before: &str) -> &str {
    let mut rest = before.trim_start();
    while let Some(colon) = rest.find(':').filter(|colon| *colon <= 12 && letters(&rest[..*colon]) <= 5) {
        rest = rest[colon + 1..].trim_start();
    }
    rest
}

/// The brackets that stand around a marking.
pub(super) fn brackets(site: &Site<'_>) -> Option<Brackets> {
    const SQUARE: &[(char, char)] =
        &[('[', ']'), ('【', '】'), ('〔', '〕'), ('〖', '〗'), ('{', '}'), ('<', '>'), ('*', '*')];
    const ROUND: &[(char, char)] = &[('(', ')'), ('「', '」'), ('『', '』')];
    let signs = [' ', '*', '★', '!', '-', '='];
    let (before, after) = (site.before.trim_end_matches(signs), site.after.trim_start_matches(signs));
    let direct = |pairs: &[(char, char)]| {
        pairs.iter().any(|(open, close)| {
            before.ends_with(*open) && after.starts_with(*close)
                || site.before.ends_with(*open) && site.after.starts_with(*close)
        })
    };
    if direct(SQUARE) {
        return Some(Brackets::Square);
    }
    if direct(ROUND) {
        return Some(Brackets::Round);
    }
    let is_open = site.role == Role::Open;
    if is_open
        && before.ends_with('(')
        && after.find(')').is_some_and(|at| letters(&after[..at]) <= IN_BRACKETS.1)
    {
        return Some(Brackets::Round);
    }
    let is_within = |(open, close): &(char, char)| {
        let opened = before.rfind(*open).map(|at| &before[at + open.len_utf8()..]);
        let closed = after.find(*close).map(|at| &after[..at]);
        let fits = |side: Option<&str>, other: char, most: usize| {
            side.is_some_and(|side| !side.contains(other) && letters(side) <= most)
        };
        open != close && fits(opened, *close, IN_BRACKETS.0) && fits(closed, *open, IN_BRACKETS.1)
    };
    SQUARE.iter().any(is_within).then_some(Brackets::Wide)
}

/// Whether the box before a marking is ticked; `None`: there is no box.
pub(super) fn is_ticked(site: &Site<'_>) -> Option<bool> {
    const EMPTY: &[&str] = &["☐", "□", "[ ]", "( )", "[]", "()"];
    const TICKED: &[&str] = &["☑", "☒", "✓", "✔", "√", "■", "[x]", "(x)", "[√]", "(√)"];
    let before = site.before.trim_end();
    let ends = |boxes: &[&str]| boxes.iter().any(|shape| before.ends_with(shape));
    let is_choice = || EMPTY.iter().any(|shape| site.before.contains(shape) || site.after.contains(shape));
    if ends(EMPTY) {
        Some(false)
    } else if ends(TICKED) && is_choice() {
        Some(true)
    } else {
        None
    }
}

/// Whether what stands between a label and a marking gives the label that value. `is_last`: nothing follows; `cells`: table cells before the label.
pub(super) fn is_assignment(between: &str, is_last: bool, cells: usize) -> bool {
    const SUFFIXES: &[&str] = &["", "level", "等级", "级别", "为", "是", "s", "标识", "标志"];
    const NEGATORS: &[&str] = &["no", "not", "non", "un", "kein", "nicht", "pas", "非", "不", "无", "未"];
    let Some(sign) = between.find([':', '=', '-']) else {
        let is_plain = letters(between) == 0;
        return is_plain
            && (between.contains('\t') && cells.is_multiple_of(2)
                || is_last && between.contains([' ', ']', '】', ')']));
    };
    let (suffix, value) = (bare(&between[..sign]), bare(&between[sign + 1..]));
    SUFFIXES.contains(&suffix)
        && letters(value) <= 4
        && !NEGATORS.iter().any(|negator| value.starts_with(negator) || value.ends_with(negator))
}
