//! Position and form: whether a word stands as markings do, and how surely. A word that does not is prose.
//!
//! In a title it stands at an edge or in brackets; in a text on a short line of its own, behind a label, or in brackets before a paragraph; in a file name at an
//! edge; in a header field it is the value. Capitals stand out only where the rest is not in capitals.

use super::{
    Role, Word,
    line::Line,
    site::{Brackets, Site, Style, bare, brackets, is_assignment, is_ticked, letters, skip_prefixes},
};
use crate::{detect::Confidence, normalize::Text, span::Span};

/// A line longer than this is prose, in characters.
const SHORT_LINE: usize = 60;
/// A line that a marking in capitals begins may be so long.
const HEADLINE: usize = 100;
/// What else a line with a marking may say, in letters: at most, and where nothing but a space stands between.
const STRANGERS: usize = 72;
const UNDIVIDED: usize = 6;
/// The same at the head or foot of a text, where the name of a company may stand before it.
const OWNER: usize = 14;
/// What else a value behind a label may say, in letters.
const VALUE: usize = 16;

/// In a line that is longer, bytes, a marking stands behind a label or at the start.
const LONG_LINE: usize = 400;
/// So many words that are labels are tried for a marking, the nearest.
const LABELS: usize = 8;
/// A label stands no further before its value there, bytes.
const NEAR: usize = 24;
/// Two levels of a list are no further apart, bytes.
const BETWEEN: usize = 12;

/// How markings stand in a kind of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// A title: the subject.
    Title,
    /// Lines.
    Line,
    /// The name of a file.
    Name,
    /// A value by itself: a header field, a property.
    Value,
}

/// The words of a text.
pub(super) struct Words<'w, 'm> {
    pub(super) text: &'w Text<'m>,
    pub(super) marks: &'w [Word<'w>],
    pub(super) released: &'w [Word<'w>],
    pub(super) labels: &'w [Span],
    pub(super) titles: &'w [Span],
}

impl Words<'_, '_> {
    /// How sure it is that `word` is a marking; `None`: it is prose.
    pub(super) fn form(&self, stand: Stand, word: &Word<'_>) -> Option<Confidence> {
        let folded = &*self.text.folded;
        // 机密★10年: the star is the mark of state secrets wherever it stands.
        if word.span.of_str(folded).contains(['★', '☆']) {
            return Some(Confidence::High);
        }
        let around = Line::around(folded, word.span);
        match stand {
            Stand::Title => self.title(&self.site(word, around)),
            Stand::Name => {
                let ending = folded[word.span.end..around.end].rfind('.');
                let end = ending.map_or(around.end, |dot| word.span.end + dot);
                self.site(word, Line { end, ..around }).name()
            }
            Stand::Value => self.value(word, around),
            Stand::Line => self.line(word),
        }
    }

    /// In a title.
    fn title(&self, site: &Site<'_>) -> Option<Confidence> {
        let first = letters(skip_prefixes(site.before)) == 0;
        let last = letters(site.after) == 0;
        if self.is_one_of_levels(site) || last && site.after.contains('?') {
            return None;
        }
        match brackets(site) {
            Some(Brackets::Square) => return Some(Confidence::High),
            Some(Brackets::Wide) if site.is_sure() => return Some(Confidence::High),
            Some(Brackets::Round) if first || last || site.role == Role::Open => {
                return Some(if site.is_sure() { Confidence::High } else { Confidence::Medium });
            }
            _ => {}
        }
        let is_clear = site.is_sure() || site.style == Style::Capitals;
        if first && last {
            return is_clear.then_some(Confidence::High);
        }
        let (set_off_before, set_off_after) = (site.is_set_off_before(), site.is_set_off_after());
        let stands_out = match site.style {
            Style::Capitals => !site.is_loud,
            Style::Caseless => site.is_sure(),
            Style::Mixed => false,
        };
        let is_edge = (first && (set_off_after || stands_out && site.after.starts_with(' ')))
            || (last && (set_off_before || stands_out && site.before.ends_with(' ')))
            || (set_off_before && set_off_after);
        let goes_on = site.role == Role::Open && (first || set_off_before);
        ((is_edge && is_clear) || goes_on).then_some(Confidence::High)
    }

    /// In a text.
    fn line(&self, word: &Word<'_>) -> Option<Confidence> {
        let folded = &*self.text.folded;
        let line = Line::of(folded, word.span);
        let begins = || !folded[line.start..word.span.start].contains(char::is_alphanumeric);
        // Most of what is found stands in prose, and is done with here.
        if line.end - line.start > LONG_LINE && !self.has_label_near(word.span) && !begins() {
            return None;
        }
        let site = self.site(word, line);
        if let Some(is_chosen) = is_ticked(&site) {
            return is_chosen.then_some(Confidence::High);
        }
        if self.is_one_of_levels(&site) {
            return None;
        }
        if self.labelled(&site, line) {
            return Some(Confidence::High);
        }
        let from = self.titles.partition_point(|title| title.start < line.start);
        let mut titles = self.titles[from..].iter().take_while(|title| title.end < word.span.start);
        if let Some(title) = titles.find(|title| line.begins_with(&self.text.folded, **title)) {
            return self.title(&self.site(word, Line { start: title.end + 1, end: line.end }));
        }
        self.on_line(&site, line).or_else(|| self.on_line(&site.of_word(self.text, word), line))
    }

    /// On a line, for neither a choice of levels nor behind a label.
    fn on_line(&self, site: &Site<'_>, line: Line) -> Option<Confidence> {
        let (first, last) = (letters(site.before) == 0, letters(site.after) == 0);
        let is_short = line.len(&self.text.folded) <= SHORT_LINE;
        if !first && !is_short {
            return None;
        }
        let edge = line.edge(self.text);
        let confidence = if edge.is_some() { Confidence::High } else { Confidence::Medium };
        if (is_short || site.levels > 1 && line.len(&self.text.folded) <= 2 * SHORT_LINE) && first && last {
            return self.alone(site, line, edge.is_some());
        }
        let is_open = site.role == Role::Open && first && line.len(&self.text.folded) <= 2 * SHORT_LINE;
        if is_open && (site.style == Style::Capitals || letters(site.after) <= VALUE) {
            return Some(confidence);
        }
        // [机密] 各位：..., (S//NF) The convoy ...
        let begins = first || last && is_short;
        match brackets(site) {
            Some(Brackets::Square | Brackets::Wide) if first && site.is_sure() => return Some(confidence),
            Some(_) if begins && site.style == Style::Capitals => return Some(confidence),
            Some(Brackets::Square) if last && begins && site.style == Style::Caseless && site.is_sure() => {
                return Some(Confidence::Medium);
            }
            _ => {}
        }
        // TLP:AMBER - limited disclosure, ...
        let is_headline = site.style == Style::Capitals && first && site.is_set_off_after();
        let fits = is_short || is_headline && line.len(&self.text.folded) <= HEADLINE;
        if !fits || site.is_sentence() {
            return None;
        }
        self.beside_others(site, edge.is_some())
    }

    /// On a line that holds nothing else.
    fn alone(&self, site: &Site<'_>, line: Line, at_edge: bool) -> Option<Confidence> {
        if site.after.contains('?') || line.is_among_levels(self) || self.goes_on_above(site) {
            return None;
        }
        if self.is_below_label(line) {
            return Some(Confidence::High);
        }
        let is_bracketed = brackets(site).is_some();
        match (site.is_sure(), site.style) {
            (true, Style::Mixed) if !at_edge => Some(Confidence::Medium),
            (true, _) => Some(Confidence::High),
            (false, Style::Capitals) if at_edge => Some(Confidence::High),
            (false, _) if is_bracketed && at_edge => Some(Confidence::High),
            (false, Style::Caseless) if at_edge => Some(Confidence::Medium),
            _ => None,
        }
    }

    /// Whether the line is the end of a sentence that was broken there: keep this\nstrictly confidential.
    fn goes_on_above(&self, site: &Site<'_>) -> bool {
        let folded = &*self.text.folded;
        let above = site.line.above(folded).filter(|above| above.end + 1 == site.line.start);
        let ends = above.and_then(|above| above.of_text(folded).trim_end().chars().next_back());
        ends.is_some_and(|c| c.is_alphanumeric() || c == ',')
            && self.text.original(site.phrase).starts_with(char::is_lowercase)
    }

    /// On a short line that says something else as well.
    fn beside_others(&self, site: &Site<'_>, at_edge: bool) -> Option<Confidence> {
        let (before, after) = (letters(site.before), letters(site.after));
        let in_row = site.before.contains('\t') || site.after.contains('\t');
        if before + after > STRANGERS || in_row || site.line.is_among_levels(self) {
            return None;
        }
        let is_clear = match site.style {
            Style::Capitals => true,
            Style::Caseless => site.is_sure(),
            // In lower case a colon makes it the name of what follows.
            Style::Mixed => site.is_sure() && at_edge && !site.after.trim_start().starts_with(':'),
        };
        let confidence = if at_edge { Confidence::High } else { Confidence::Medium };
        let (set_off_before, set_off_after) = (site.is_set_off_before(), site.is_set_off_after());
        if (before == 0 || set_off_before) && (after == 0 || set_off_after) {
            return is_clear.then_some(confidence);
        }
        if site.style == Style::Caseless && site.is_sure() {
            // 内部资料 注意保存; 示例科技有限公司 机密; 本资料请勿外传
            let leads = before == 0 && site.after.starts_with(' ') && after <= UNDIVIDED;
            let most = if at_edge { OWNER } else { UNDIVIDED };
            let ends = after == 0 && site.before.ends_with(' ') && before <= most;
            return (leads || ends || site.speaks_of_itself()).then_some(Confidence::Medium);
        }
        // Harbour Foods Confidential
        let is_owned = after == 0 && at_edge && site.is_sure() && self.is_name_of_owner(site);
        is_owned.then_some(Confidence::Medium)
    }

    /// Whether what stands before a marking can be the name of a company: few words, all with a capital.
    fn is_name_of_owner(&self, site: &Site<'_>) -> bool {
        let start = site.phrase.start - site.before.len();
        let owner = self.text.original(Span::new(start, site.phrase.start));
        let marking = self.text.original(site.phrase);
        let words: Vec<&str> = owner.split_whitespace().collect();
        let has_capital = |word: &&str| word.starts_with(|c: char| c.is_uppercase() || c == '&');
        (1..=3).contains(&words.len())
            && words.iter().all(has_capital)
            && marking.starts_with(char::is_uppercase)
            && site.style != Style::Caseless
            && owner.ends_with(' ')
    }

    /// As the value of a header field: all of it, or all of an entry.
    fn value(&self, word: &Word<'_>, around: Line) -> Option<Confidence> {
        let folded = &*self.text.folded;
        let ends = |c: char| matches!(c, ';' | ',' | '\n' | '\t' | '|');
        let start = folded[around.start..word.span.start].rfind(ends);
        let start = start.map_or(around.start, |at| around.start + at + 1);
        let end = folded[word.span.end..around.end].find(ends).map_or(around.end, |at| word.span.end + at);
        let site = self.site(word, Line { start, end });
        let key = site.before.trim_end_matches(['"', '\'', ' ', '[', '(']);
        let begins = letters(key) == 0 || key.ends_with(['=', ':', '/', '-']);
        let ends = letters(site.after) == 0 || site.after.trim_start().starts_with(['/', '(', '-', '+', ':']);
        (begins && ends).then_some(Confidence::High)
    }

    /// Whether a label and a colon stand before the marking, and little stands behind it.
    fn labelled(&self, site: &Site<'_>, line: Line) -> bool {
        let folded = &*self.text.folded;
        let first = self.labels.partition_point(|label| label.start < line.start);
        let behind = self.labels.partition_point(|label| label.start < site.phrase.start);
        let nearest = self.labels[first..behind].iter().rev().take(LABELS);
        nearest.filter(|label| label.end <= site.phrase.start).any(|label| {
            let lead = &folded[line.start..label.start];
            let lead = lead.rsplit(['|', ';', '\t', '[', '(', '【', '{', '<', '/']).next().unwrap_or(lead);
            let cells = folded[line.start..label.start].matches('\t').count();
            let value_end =
                site.after.find([',', '，', '。', ';', '；', '\t', '|']).unwrap_or(site.after.len());
            let is_last = letters(site.after) == 0;
            letters(lead) <= 8
                && letters(&site.after[..value_end]) <= VALUE
                && !site.after.contains('?')
                && is_assignment(&folded[label.end..site.phrase.start], is_last, cells)
                && site.levels < 3
        })
    }

    /// Whether a label stands just before a word.
    fn has_label_near(&self, span: Span) -> bool {
        let before = self.labels.partition_point(|label| label.start < span.start);
        self.labels[..before].last().is_some_and(|label| label.end + NEAR >= span.start)
    }

    /// Whether the line above is a label that waits for its value.
    fn is_below_label(&self, line: Line) -> bool {
        let Some(above) = line.above(&self.text.folded) else { return false };
        let text = above.of_text(&self.text.folded).trim_end();
        let from = self.labels.partition_point(|label| label.start < above.start);
        text.ends_with(':')
            && self.labels[from..].iter().take_while(|label| label.end <= above.end).any(|label| {
                letters(&self.text.folded[above.start..label.start]) <= 8
                    && letters(&self.text.folded[label.end..above.end]) == 0
            })
    }

    /// Whether a public marking stands directly beside it: then the levels are listed, and none is meant.
    fn is_one_of_levels(&self, site: &Site<'_>) -> bool {
        let folded = &*self.text.folded;
        let reach = |word: &&Word<'_>| word.span.start <= site.phrase.end + BETWEEN;
        let from = self.released.partition_point(|word| word.span.end + BETWEEN < site.phrase.start);
        self.released[from..].iter().take_while(reach).any(|word| {
            let between = if word.span.end <= site.phrase.start {
                Span::new(word.span.end, site.phrase.start)
            } else if word.span.start >= site.phrase.end {
                Span::new(site.phrase.end, word.span.start)
            } else {
                return false;
            };
            // CONFIDENTIAL - public procurement: a level stands by itself.
            let outer = if word.span.end <= site.phrase.start {
                folded[..word.span.start].trim_end().chars().next_back()
            } else {
                folded[word.span.end..].trim_start_matches(' ').chars().next()
            };
            between.len() <= BETWEEN && outer.is_none_or(|c| !c.is_alphanumeric()) && {
                let between = between.of_str(folded);
                !between.contains(['\n', '\t']) && matches!(bare(between), "" | "or" | "oder" | "ou" | "或")
            }
        })
    }
}
